/*
 * http_conn.c: one connection: its events, its reads and writes, and the order of its requests. A connection is served
 * on the loop's stack while a head is being read, and on a fiber from the first complete head until nothing complete is
 * left; the answers of that stretch leave in one write.
 */
#include "base/fault.h"
#include "net/http_server.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

typedef enum Step { STEP_READY, STEP_WAIT, STEP_END } Step;

/* ---- bytes in and out ---- */

/* Nothing came, or something went wrong. */
static CLEF_COLD ssize_t recv_failed(HttpConn *c, ssize_t got)
{
    c->readable = false;
    if (got == -EAGAIN)
        return 0;
    if (got == -EPROTOTYPE) {
        c->transport->close(c->state);
        c->transport = NULL;
        c->mistaken = true;
        return -1;
    }
    c->peer_done = true;
    c->broken |= got < 0;
    return -1;
}

static __attribute__((noinline)) ssize_t recv_transport(HttpConn *c, char *p, size_t n)
{
    bool drained = false;
    ssize_t got = c->transport->recv(c->state, p, n, &drained);
    if (drained)
        c->readable = c->peer_done;
    return got;
}

static inline ssize_t conn_recv(HttpConn *c, char *p, size_t n)
{
    ssize_t got;
    if (CLEF_LIKELY(!c->transport)) {
        do
            got = FAULT_CALL(ECONNRESET, recv(c->watcher.fd, p, n, 0));
        while (CLEF_UNLIKELY(got < 0 && errno == EINTR));
        if (CLEF_UNLIKELY(got < 0))
            got = -errno;
        /* A short read says that the socket is empty, unless its end stands behind. */
        else if ((size_t)got < n)
            c->readable = c->peer_done;
    } else {
        got = recv_transport(c, p, n);
    }
    if (CLEF_UNLIKELY(got <= 0))
        return recv_failed(c, got);
    c->server->stats.bytes_in += (uint64_t)got;
    return got;
}

ssize_t http_conn_recv(HttpConn *c, char *p, size_t n) { return conn_recv(c, p, n); }

static ssize_t write_some(HttpConn *c, const struct iovec *pieces, int n)
{
    ssize_t sent;
    if (CLEF_UNLIKELY(c->transport != NULL)) {
        sent = c->transport->writev(c->state, pieces, n);
    } else if (CLEF_LIKELY(n == 1)) {
        sent = FAULT_CALL(EPIPE, send(c->watcher.fd, pieces->iov_base, pieces->iov_len, MSG_NOSIGNAL));
        sent = sent < 0 ? -errno : sent;
    } else {
        struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)pieces, .msg_iovlen = (size_t)n };
        sent = FAULT_CALL(EPIPE, sendmsg(c->watcher.fd, &m, MSG_NOSIGNAL));
        sent = sent < 0 ? -errno : sent;
    }
    if (CLEF_LIKELY(sent >= 0)) {
        c->server->stats.bytes_out += (uint64_t)sent;
        return sent;
    }
    if (sent == -EINTR)
        return 0;
    if (sent == -EAGAIN)
        c->writable = false;
    else
        http_conn_break(c);
    return -1;
}

void http_conn_break(HttpConn *c)
{
    c->broken = c->last = true;
    if (c->out)
        c->out->from = c->out->n = 0;
}

bool http_conn_try_flush(HttpConn *c)
{
    HttpBuffer *out = c->out;
    if (!out)
        return !c->broken;
    while (out->from < out->n) {
        struct iovec piece = { out->p + out->from, out->n - out->from };
        if (!c->writable)
            return false;
        ssize_t sent = write_some(c, &piece, 1);
        if (sent < 0)
            return false;
        out->from += (uint32_t)sent;
    }
    out->from = out->n = 0;
    return !c->broken;
}

/* The same, for the usual case: all of it, to a plain socket that has room. */
static inline bool flush(HttpConn *c)
{
    HttpBuffer *out = c->out;
    if (CLEF_UNLIKELY(!c->writable || c->transport || out->from == out->n))
        return http_conn_try_flush(c);
    size_t n = out->n - out->from;
    ssize_t sent = send(c->watcher.fd, out->p + out->from, n, MSG_NOSIGNAL);
    if (CLEF_UNLIKELY(sent != (ssize_t)n)) {
        if (sent > 0) {
            c->server->stats.bytes_out += (uint64_t)sent;
            out->from += (uint32_t)sent;
        }
        return http_conn_try_flush(c);
    }
    c->server->stats.bytes_out += n;
    out->from = out->n = 0;
    return !c->broken;
}

bool http_conn_wait(HttpConn *c, bool write)
{
    Fiber *self = fiber_self();
    bool stray = false, ok;
    if (write) {
        c->write_waits = true;
        c->write_deadline = http_in_ms(c->server, c->server->o.limits.write_ms);
    }
    c->waiter = self;
    for (;;) {
        ok = !c->broken && (write || !c->x->body_status);
        if (!ok || (write ? c->writable : c->readable || c->peer_done))
            break;
        fiber_park();
        stray |= c->waiter != NULL;
        c->waiter = self;
    }
    c->waiter = NULL;
    c->write_waits = false;
    /* A wake-up that was meant for the handler is kept for it. */
    if (stray)
        fiber_wake(self);
    return ok;
}

bool http_conn_send(HttpConn *c, struct iovec *pieces, int n)
{
    struct iovec all[6];
    HttpBuffer *out = c->out;
    int count = 0, at = 0;
    if (out && out->from < out->n)
        all[count++] = (struct iovec){ out->p + out->from, out->n - out->from };
    for (int i = 0; i < n; i++)
        if (pieces[i].iov_len)
            all[count++] = pieces[i];
    while (at < count && !c->broken) {
        if (!c->writable && !http_conn_wait(c, true))
            break;
        ssize_t sent = write_some(c, all + at, count - at);
        for (; sent > 0 && at < count; at++) {
            if ((size_t)sent < all[at].iov_len) {
                all[at].iov_base = (char *)all[at].iov_base + sent;
                all[at].iov_len -= (size_t)sent;
                break;
            }
            sent -= (ssize_t)all[at].iov_len;
        }
    }
    if (out)
        out->from = out->n = 0;
    return !c->broken;
}

char *http_conn_make_room(HttpConn *c, size_t n)
{
    if (CLEF_UNLIKELY(c->broken))
        return NULL;
    if (CLEF_UNLIKELY(c->out->cap - c->out->n < n) && !http_conn_send(c, NULL, 0))
        return NULL;
    return c->out->p + c->out->n;
}

static void flush_hook(void *arg)
{
    HttpConn *c = arg;
    c->flush_queued = false;
    if (c->phase == PHASE_GONE || c->write_waits)
        return;
    (void)http_conn_try_flush(c);
}

void http_conn_flush_later(HttpConn *c)
{
    if (c->flush_queued)
        return;
    c->flush_queued = loop_defer(c->server->loop, flush_hook, c);
    if (CLEF_UNLIKELY(!c->flush_queued) && !c->write_waits) /* no memory to wait for more */
        (void)http_conn_try_flush(c);
}

/* ---- the end ---- */

void http_conn_linger(HttpConn *c)
{
    bool pending = c->out && c->out->n && !c->broken;
    if (c->broken || (!pending && c->peer_done && !c->readable)) {
        http_conn_free(c);
        return;
    }
    c->phase = PHASE_LINGER;
    c->deadline = http_in_ms(c->server, c->server->o.limits.linger_ms);
    http_exchange_give(c);
    if (pending)
        return; /* the end follows when the rest has gone */
    if (c->transport && c->transport->end)
        c->transport->end(c->state);
    (void)shutdown(c->watcher.fd, SHUT_WR);
}

static void linger_event(HttpConn *c)
{
    static __thread char nowhere[16384];
    if (c->out) {
        if (!http_conn_try_flush(c) && !c->broken)
            return;
        http_conn_linger(c);
        return;
    }
    /* One turn's worth: a client that sends without end meets the deadline. */
    for (int i = 0; i < 16 && c->readable; i++)
        if (http_conn_recv(c, nowhere, sizeof nowhere) < 0)
            break;
    if (c->peer_done)
        http_conn_free(c);
}

/* There is no memory for a send buffer: the shortest answer that there is, if the socket takes it whole. */
static CLEF_COLD void refuse_bare(HttpConn *c)
{
    static const char text[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    struct iovec piece = { (char *)(uintptr_t)text, sizeof text - 1 };
    if (!c->writable || write_some(c, &piece, 1) != (ssize_t)piece.iov_len)
        http_conn_break(c);
}

void http_conn_refuse(HttpConn *c, int status, const char *why)
{
    HttpServer *s = c->server;
    s->stats.refused++;
    if (s->o.refused)
        s->o.refused(s->o.arg, &c->peer, status, why);
    c->last = true;
    if (!c->out && !(c->out = http_buffer_take(s, 0)))
        refuse_bare(c);
    else if (c->out->cap - c->out->n < HTTP_REFUSAL_MAX && !http_conn_try_flush(c))
        http_conn_break(c);
    if (!c->broken && c->out) {
        char *at = c->out->p + c->out->n;
        c->out->n = (uint32_t)(http_put_refusal(c, at, status, why) - c->out->p);
        (void)http_conn_try_flush(c);
    }
    /* A fiber that serves the connection ends it itself. */
    if (c->running)
        c->x->state = ANSWER_DONE;
    else
        http_conn_linger(c);
}

bool http_conn_take(HttpConn *c, Arena *arena, HttpTaken *taken)
{
    size_t n = c->in ? c->in->n - c->in->from : 0;
    char *unread = arena_try_alloc(arena, n + 1);
    if (!unread)
        return false;
    if (n)
        memcpy(unread, c->in->p + c->in->from, n);
    unread[n] = 0;
    *taken =
        (HttpTaken){ .fd = c->watcher.fd, .transport = c->transport, .state = c->state, .unread = str_from(unread, n) };
    loop_unwatch(c->server->loop, &c->watcher);
    c->watcher.fd = -1;
    http_conn_break(c);
    return true;
}

/* ---- requests ---- */

static const char no_memory[] = "no memory is left for the request";

/*
 * The head does not fit behind what lies in front of it: to the front, or into a larger buffer. False: neither can be, and
 * the request is refused.
 */
static CLEF_COLD bool make_room(HttpConn *c)
{
    HttpServer *s = c->server;
    HttpBuffer *in = c->in;
    uint64_t most = (uint64_t)s->o.limits.head.line + s->o.limits.head.bytes + 64;
    if (in->from > 0) {
        memmove(in->p, in->p + in->from, in->n - in->from + 1);
        in->n -= in->from;
        in->from = 0;
        return true;
    }
    if (most > UINT32_MAX / 2)
        most = UINT32_MAX / 2;
    if (in->cap >= most) {
        http_conn_refuse(c, 431, "the head is longer than the limits `line` and `bytes`");
        return false;
    }
    HttpBuffer *b = http_buffer_take(s, (uint32_t)most);
    if (!b) {
        http_conn_refuse(c, 503, no_memory);
        return false;
    }
    memcpy(b->p, in->p, in->n + 1);
    b->n = in->n;
    http_buffer_give(s, in);
    c->in = b;
    return true;
}

/* To whom the preface of HTTP/2 belongs. */
static CLEF_COLD void hand_over(HttpConn *c)
{
    HttpServer *s = c->server;
    Arena *arena = c->x->pub.arena;
    HttpTaken taken;
    if (http_conn_take(c, arena, &taken))
        s->o.http2(s->o.arg, taken);
    else
        http_conn_break(c);
    arena_reset(arena);
}

static CLEF_COLD Step bad_request(HttpConn *c)
{
    Http1Reason reason = c->x->parser.reason;
    if (reason == HTTP1_HTTP2_PREFACE && c->server->o.http2)
        hand_over(c);
    else
        http_conn_refuse(c, http1_reason_status(reason), http1_reason_text(reason));
    return STEP_END;
}

/* The head that has begun goes on in bytes to come. STEP_READY: there is room for them. */
static CLEF_COLD Step half_request(HttpConn *c)
{
    HttpServer *s = c->server;
    HttpBuffer *in = c->in;
    if (http1_parser_begun(&c->x->parser, in->p + in->from, in->n - in->from) && c->phase != PHASE_HEADER) {
        c->phase = PHASE_HEADER;
        c->began = loop_now(s->loop);
        c->deadline = http_in_ms(s, s->o.limits.header_ms);
    }
    return in->n == in->cap && !make_room(c) ? STEP_END : STEP_READY;
}

static CLEF_COLD Step nothing_read(HttpConn *c)
{
    if (c->mistaken)
        http_conn_refuse(c, 400, "a plain HTTP request came to a port that speaks HTTPS");
    else
        c->last = true;
    return STEP_END;
}

/* Up to the next complete head, as far as it goes without waiting. */
static inline Step next_request(HttpConn *c)
{
    for (;;) {
        HttpBuffer *in = c->in;
        if (in && in->from < in->n) {
            Http1Result result = http1_request_parse(&c->x->parser, in->p + in->from, in->n - in->from);
            if (CLEF_LIKELY(result == HTTP1_DONE))
                return STEP_READY;
            Step step = result == HTTP1_BAD ? bad_request(c) : half_request(c);
            if (step != STEP_READY)
                return step;
        } else if (in) {
            in->from = in->n = 0;
        }
        if (!c->readable)
            return STEP_WAIT;
        if (CLEF_LIKELY(!c->x) && CLEF_UNLIKELY(!http_exchange_take(c))) {
            http_conn_refuse(c, 503, no_memory);
            return STEP_END;
        }
        if (CLEF_UNLIKELY(c->out->n) && !http_conn_try_flush(c) && !c->broken)
            return STEP_WAIT; /* answers first: the client must take them before it is read again */
        in = c->in;
        ssize_t got = conn_recv(c, in->p + in->n, in->cap - in->n);
        if (CLEF_UNLIKELY(got < 0))
            return nothing_read(c);
        in->n += (uint32_t)got;
        in->p[in->n] = 0;
    }
}

/* The next request behind one that was answered. */
static inline Step pipelined_request(HttpConn *c)
{
    HttpBuffer *in = c->in;
    Http1Parser *ps = &c->x->parser;
    if (in->from == in->n) {
        if (CLEF_LIKELY(!c->readable))
            return STEP_WAIT;
    } else if (CLEF_LIKELY(!ps->head.chunked && !ps->head.content_length)) {
        Http1Result result = http1_request_parse_next(ps, in->p + in->from, in->n - in->from);
        return CLEF_LIKELY(result == HTTP1_DONE) ? STEP_READY : result == HTTP1_BAD ? bad_request(c) : next_request(c);
    }
    /* The last head's bytes may be gone: a body was read over them, or what comes now is. */
    http1_parser_reset(ps);
    return next_request(c);
}

/* One request, from its complete head to the end of its answer and body. */
static inline void serve(HttpConn *c)
{
    HttpServer *s = c->server;
    Exchange *x = c->x;
    const HttpHead *h = &x->parser.head;
    c->in->from += h->size;
    if (c->phase != PHASE_HEADER)
        c->began = loop_now(s->loop);
    c->phase = PHASE_RUN;
    c->deadline = 0;
    c->requests++;
    c->last = !h->keep_alive || c->requests >= s->o.limits.requests || s->stopping;
    x->pub.conn = c;
    x->state = ANSWER_NONE;
    x->on_closed = NULL;
    x->body_status = 0;
    x->reason.n = 0;
    x->body_open = h->chunked || h->content_length;
    s->stats.requests++;
    s->stats.running++;
    x->has_body = x->body_open;
    if (CLEF_UNLIKELY(x->body_open))
        http_body_begin(x);
    if (CLEF_UNLIKELY(h->has_length && h->content_length > s->o.limits.body))
        http_conn_refuse(c, 413, "the body is longer than the limit `body`");
    else if (CLEF_UNLIKELY(h->method == HTTP_CONNECT))
        http_conn_refuse(c, 501, "this server is no proxy");
    else
        s->o.handler.handle(&x->pub, s->o.handler.arg);
    if (CLEF_UNLIKELY(x->state != ANSWER_DONE))
        http_answer_finish(x);
    if (CLEF_UNLIKELY(x->body_open) && !http_body_finish(x))
        c->last = true;
    if (CLEF_UNLIKELY(x->has_body))
        http_body_end(x);
    s->stats.running--;
    arena_reset(x->pub.arena);
}

static void serve_all(void *arg)
{
    HttpConn *c = arg;
    HttpServer *s = c->server;
    uint32_t row = 0;
    c->fiber = fiber_self();
    for (Step step = STEP_READY;;) {
        while (CLEF_LIKELY(step == STEP_READY)) {
            serve(c);
            if (c->last) {
                step = STEP_END;
                break;
            }
            if (CLEF_UNLIKELY(++row >= s->o.limits.pipeline)) {
                row = 0;
                (void)http_conn_send(c, NULL, 0);
                c->detached = true;
                fiber_yield();
            }
            step = pipelined_request(c);
        }
        if (CLEF_UNLIKELY(!flush(c)) && !c->broken)
            (void)http_conn_send(c, NULL, 0);
        if (CLEF_UNLIKELY(step == STEP_END || c->broken)) {
            c->running = c->detached = false;
            http_conn_linger(c);
            return;
        }
        /* More may have come while the last answer waited for room. */
        if (CLEF_LIKELY(!c->readable))
            break;
        step = pipelined_request(c);
    }
    c->running = c->detached = false;
    if (CLEF_LIKELY(c->phase != PHASE_HEADER)) {
        c->phase = PHASE_IDLE;
        c->deadline = http_in_ms(s, s->o.limits.idle_ms);
        if (CLEF_LIKELY(c->in->from == c->in->n))
            http_exchange_give(c); /* only the HttpConn stays */
    }
}

static CLEF_COLD void no_fiber(HttpConn *c) { http_conn_refuse(c, 503, "no fiber is left for the request"); }

static void closed_by_peer(HttpConn *c)
{
    Exchange *x = c->x;
    void (*fn)(void *arg) = x->on_closed;
    x->on_closed = NULL;
    if (fn)
        fn(x->on_closed_arg);
}

void http_conn_event(Loop *loop, Watcher *w, uint32_t events)
{
    HttpConn *c = CLEF_CONTAINER(w, HttpConn, watcher);
    c->readable |= (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    c->writable |= (events & EPOLLOUT) != 0;
    /* Its reading may have waited for room to write, and the other way round. */
    if (CLEF_UNLIKELY(c->transport != NULL))
        c->readable = c->writable = true;
    if (CLEF_UNLIKELY(events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) {
        c->peer_done = true;
        if (events & (EPOLLHUP | EPOLLERR))
            http_conn_break(c);
    }
    if (c->running) {
        if (c->waiter) {
            Fiber *f = c->waiter;
            c->waiter = NULL;
            fiber_wake(f);
        } else if (c->out && c->out->n && c->writable) {
            (void)http_conn_try_flush(c);
        }
        if (CLEF_UNLIKELY(c->peer_done && c->x))
            closed_by_peer(c);
        return;
    }
    if (CLEF_UNLIKELY(c->phase == PHASE_LINGER)) {
        linger_event(c);
        return;
    }
    Step step = next_request(c);
    if (CLEF_LIKELY(step == STEP_READY)) {
        c->running = true;
        if (CLEF_UNLIKELY(!fiber_start(loop, serve_all, c))) {
            c->running = false;
            no_fiber(c);
            return;
        }
        /* It waits: what is ready goes out now, and what comes later at the end of a turn. */
        if (CLEF_UNLIKELY(c->running)) {
            c->detached = true;
            if (!c->write_waits)
                (void)http_conn_try_flush(c);
        }
    } else if (step == STEP_WAIT) {
        if (c->x && c->in->from == c->in->n)
            http_exchange_give(c);
    } else if (c->phase != PHASE_LINGER && c->phase != PHASE_GONE) {
        http_conn_linger(c);
    }
}

void http_conn_expired(HttpConn *c)
{
    HttpServer *s = c->server;
    int64_t now = loop_now(s->loop);
    if (s->stopping && s->stop_all_at && now >= s->stop_all_at) {
        if (!c->running) {
            http_conn_free(c);
            return;
        }
        http_conn_break(c);
        (void)shutdown(c->watcher.fd, SHUT_RDWR);
        return; /* the event that this causes wakes the fiber */
    }
    s->stats.timed_out++;
    switch (c->phase) {
    case PHASE_HEADER:
        http_conn_refuse(c, 408, "the head took longer than the limit `header_ms`");
        return;
    case PHASE_RUN:
        if (c->write_waits && c->write_deadline && now >= c->write_deadline)
            http_conn_break(c);
        else if (c->deadline && now >= c->deadline && c->x->body_open && !c->x->body_status) {
            c->x->body_status = 408;
            c->x->body_why = "the body took longer than the limit `request_ms`";
        }
        c->deadline = 0;
        if (c->waiter) {
            Fiber *f = c->waiter;
            c->waiter = NULL;
            fiber_wake(f);
        }
        return;
    default:
        http_conn_free(c);
    }
}
