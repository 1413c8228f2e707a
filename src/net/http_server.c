/* http_server.c: the server's life: listeners and accepting, the pools, the wheel of deadlines, the stop. */
#include "net/http_server.h"
#include "base/fault.h"
#include <clef/net/http_tls.h>

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { ACCEPTS_PER_TURN = 64, ACCEPTS_AT_STOP = 65536, CONNS_PER_SLAB = 64, OVER_LIMIT = 64 };
static const int64_t RETRY_NS = 100000000, MS = 1000000;

/* ---- pools: last in, first out, so that what is taken is warm ---- */

HttpBuffer *http_buffer_take(HttpServer *s, uint32_t cap)
{
    HttpBuffer *b = s->buffers;
    if (CLEF_LIKELY(b && cap <= HTTP_BUFFER)) {
        s->buffers = b->next;
        s->nbuffers--;
    } else {
        if (cap < HTTP_BUFFER)
            cap = HTTP_BUFFER;
        size_t size = sizeof *b + cap + HTTP1_PAD;
        Arena *a = arena_try_create(s->arena, 0, size + HTTP_ARENA_OWN);
        if (!a)
            return NULL;
        b = arena_alloc(a, size);
        b->arena = a;
        b->cap = cap;
    }
    b->from = b->n = 0;
    return b;
}

void http_buffer_give(HttpServer *s, HttpBuffer *b)
{
    if (!b)
        return;
    if (CLEF_UNLIKELY(s->nbuffers >= HTTP_BUFFERS_KEPT || b->cap > HTTP_BUFFER)) {
        arena_destroy(b->arena);
        return;
    }
    b->next = s->buffers;
    s->buffers = b;
    s->nbuffers++;
}

bool http_exchange_make(HttpConn *c)
{
    HttpServer *s = c->server;
    uint64_t memory = s->o.limits.memory;
    size_t headers = s->o.limits.head.headers * sizeof(HttpHeader);
    Arena *a = arena_try_create(s->arena, memory >= SIZE_MAX ? 0 : (size_t)memory, 8192);
    Arena *own = a ? arena_try_create(s->arena, 0, sizeof(Exchange) + headers + HTTP_ARENA_OWN) : NULL;
    HttpBuffer *in = own ? http_buffer_take(s, 0) : NULL, *out = c->out ? c->out : in ? http_buffer_take(s, 0) : NULL;
    if (!in || !out) {
        http_buffer_give(s, in);
        arena_destroy(own);
        arena_destroy(a);
        return false;
    }
    Exchange *x = arena_zalloc(own, sizeof *x + headers);
    x->pub.arena = a;
    x->pub.head = &x->parser.head;
    x->own = own;
    http1_parser_init(&x->parser, &s->o.limits.head, x->headers);
    c->x = x;
    c->in = in;
    c->out = out;
    return true;
}

/* With clean buffers, for the next connection. False: there is no memory for those. */
static bool keep(HttpConn *c, Exchange *x)
{
    HttpServer *s = c->server;
    bool usual = c->in->cap == HTTP_BUFFER, pending = c->out->n > 0;
    HttpBuffer *in = usual ? c->in : http_buffer_take(s, 0), *out = pending ? NULL : c->out;
    if (pending && in)
        out = http_buffer_take(s, 0);
    if (!in || !out) {
        http_buffer_give(s, usual ? NULL : in);
        return false;
    }
    x->in = in;
    x->in->from = x->in->n = 0;
    x->out = out;
    c->in = usual ? NULL : c->in;
    c->out = pending ? c->out : NULL;
    http1_parser_reset(&x->parser);
    x->next = s->exchanges;
    s->exchanges = x;
    s->nexchanges++;
    return true;
}

void http_exchange_drop(HttpConn *c)
{
    HttpServer *s = c->server;
    Exchange *x = c->x;
    c->x = NULL;
    if (x && (s->nexchanges >= HTTP_BUFFERS_KEPT || !keep(c, x))) {
        arena_destroy(x->pub.arena);
        arena_destroy(x->own);
    }
    http_buffer_give(s, c->in);
    c->in = NULL;
    if (c->out && c->out->n == 0) {
        http_buffer_give(s, c->out);
        c->out = NULL;
    }
}

/* ---- the wheel ---- */

static void wheel_add(HttpServer *s, HttpConn *c, int64_t at)
{
    int64_t ticks = (at - loop_now(s->loop)) / s->tick_ns + 1;
    if (ticks < 1)
        ticks = 1;
    if (ticks > WHEEL / 2)
        ticks = WHEEL / 2;
    c->bucket = (uint16_t)((s->hand + (uint64_t)ticks) % WHEEL);
    c->prev = NULL;
    c->next = s->wheel[c->bucket];
    if (c->next)
        c->next->prev = c;
    s->wheel[c->bucket] = c;
}

static void wheel_remove(HttpServer *s, HttpConn *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        s->wheel[c->bucket] = c->next;
    if (c->next)
        c->next->prev = c->prev;
}

/* The earliest time at which this connection may have to be seen to. */
static int64_t due(const HttpServer *s, const HttpConn *c)
{
    int64_t at = c->deadline ? c->deadline : INT64_MAX;
    if (c->write_waits && c->write_deadline && c->write_deadline < at)
        at = c->write_deadline;
    if (CLEF_UNLIKELY(s->stopping)) {
        if ((c->phase == PHASE_IDLE || c->phase == PHASE_FIRST_BYTE) && s->stop_idle_at < at)
            at = s->stop_idle_at;
        if (s->stop_all_at && s->stop_all_at < at)
            at = s->stop_all_at;
    }
    return at;
}

static void on_tick(Loop *loop, Timer *t)
{
    HttpServer *s = CLEF_CONTAINER(t, HttpServer, wheel_timer);
    int64_t now = loop_now(loop);
    s->hand = (s->hand + 1) % WHEEL;
    HttpConn *list = s->wheel[s->hand];
    s->wheel[s->hand] = NULL;
    while (list) {
        HttpConn *c = list;
        list = c->next;
        if (list)
            list->prev = NULL;
        int64_t at = due(s, c), next = now + s->reach_ns;
        wheel_add(s, c, at < next ? at : next);
        if (at <= now)
            http_conn_expired(c);
    }
    if (s->stats.connections)
        timer_set(loop, t, now + s->tick_ns);
}

/* ---- connections ---- */

static HttpConn *conn_take(HttpServer *s)
{
    if (!s->conns) {
        HttpConn *slab = arena_try_alloc(s->arena, CONNS_PER_SLAB * sizeof *slab);
        if (!slab)
            return NULL;
        memset(slab, 0, CONNS_PER_SLAB * sizeof *slab);
        for (size_t i = 0; i < CONNS_PER_SLAB; i++) {
            slab[i].phase = PHASE_GONE;
            slab[i].next = s->conns;
            s->conns = &slab[i];
        }
    }
    HttpConn *c = s->conns;
    s->conns = c->next;
    bool queued = c->flush_queued; /* a hook of this turn still names this memory */
    *c = (HttpConn){ .server = s, .flush_queued = queued };
    return c;
}

static void on_drained(Loop *loop, Timer *t)
{
    (void)loop;
    HttpServer *s = CLEF_CONTAINER(t, HttpServer, drained);
    void (*done)(void *arg) = s->done;
    s->done = NULL;
    if (done && s->stats.connections == 0)
        done(s->done_arg);
}

void http_conn_free(HttpConn *c)
{
    HttpServer *s = c->server;
    wheel_remove(s, c);
    if (c->watcher.fd >= 0) {
        if (c->transport)
            c->transport->close(c->state);
        loop_close(s->loop, &c->watcher);
    }
    if (c->out)
        c->out->from = c->out->n = 0;
    http_exchange_give(c);
    c->phase = PHASE_GONE;
    c->next = s->conns;
    s->conns = c;
    if (--s->stats.connections == 0) {
        timer_stop(s->loop, &s->wheel_timer);
        if (s->stopping && s->done)
            timer_set(s->loop, &s->drained, loop_now(s->loop));
    }
}

static bool adopt(HttpServer *s, int fd, const Address *peer, HttpTls *tls)
{
    uint64_t open = s->stats.connections, most = s->o.limits.connections;
    void *state = NULL;
    const HttpTransport *transport = tls         ? http_tls_open(tls, fd, &state)
                                     : s->o.open ? s->o.open(s->o.arg, fd, &state)
                                                 : NULL;
    HttpConn *c = open >= most + OVER_LIMIT || state == (void *)-1 ? NULL : conn_take(s);
    if (!c) {
        if (transport)
            transport->close(state);
        close(fd);
        return false;
    }
    c->watcher = (Watcher){ .fd = fd, .fn = http_conn_event };
    c->transport = transport;
    c->state = state;
    c->writable = true;
    c->deadline = http_in_ms(s, s->o.limits.first_byte_ms);
    if (peer)
        c->peer = *peer;
    if (s->stats.connections++ == 0)
        timer_set(s->loop, &s->wheel_timer, loop_now(s->loop) + s->tick_ns);
    s->stats.accepted++;
    wheel_add(s, c, c->deadline ? c->deadline : loop_now(s->loop) + s->reach_ns);
    if (loop_watch(s->loop, &c->watcher, EPOLLIN | EPOLLOUT | EPOLLRDHUP) < 0) {
        http_conn_free(c);
        return false;
    }
    if (open >= most)
        http_conn_refuse(c, 503, "more connections than the limit `connections`");
    return true;
}

bool http_server_adopt(HttpServer *s, int fd, const Address *peer) { return adopt(s, fd, peer, NULL); }

/* ---- listeners ---- */

static void accept_some(Listener *l);

static void accept_more(void *arg)
{
    Listener *l = arg;
    if (l->watcher.fd >= 0)
        accept_some(l);
}

static void on_retry(Loop *loop, Timer *t)
{
    (void)loop;
    accept_some(CLEF_CONTAINER(t, Listener, retry));
}

/* At most that many; false when the queue is empty, or for now as good as that. */
static bool accept_most(Listener *l, int most)
{
    HttpServer *s = l->server;
    for (int i = 0; i < most; i++) {
        Address peer = { .n = sizeof peer - offsetof(Address, any) };
        int fd = FAULT_CALL(EMFILE, accept4(l->watcher.fd, &peer.any, &peer.n, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (fd >= 0) {
            (void)adopt(s, fd, &peer, l->tls);
            continue;
        }
        if (errno == EAGAIN || errno == EINVAL) /* empty; empty, and shut down */
            return false;
        /* Out of descriptors or memory: they wait in the kernel's queue until some are free. */
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            timer_set(s->loop, &l->retry, loop_now(s->loop) + RETRY_NS);
            return false;
        }
    }
    return true;
}

static void accept_some(Listener *l)
{
    Loop *loop = l->server->loop;
    if (accept_most(l, ACCEPTS_PER_TURN) && !loop_defer(loop, accept_more, l))
        timer_set(loop, &l->retry, loop_now(loop));
}

static void on_accept(Loop *loop, Watcher *w, uint32_t events)
{
    (void)loop, (void)events;
    accept_some(CLEF_CONTAINER(w, Listener, watcher));
}

int http_server_listen(HttpServer *s, int fd) { return http_server_listen_tls(s, fd, NULL); }

int http_server_listen_tls(HttpServer *s, int fd, HttpTls *tls)
{
    if (fd < 0)
        return fd;
    int on = 1; /* accepted sockets inherit it; a unix socket has no such option */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Listener *l = NEW(s->arena, Listener);
    *l = (Listener){
        .watcher = { .fd = fd, .fn = on_accept }, .server = s, .tls = tls, .next = s->listeners, .retry.fn = on_retry
    };
    /* Other processes may wait for the same listener: one of them is woken, not all. */
    int error = loop_watch(s->loop, &l->watcher, EPOLLIN | EPOLLEXCLUSIVE);
    if (error < 0)
        return error;
    s->listeners = l;
    return 0;
}

static void close_listeners(HttpServer *s)
{
    for (Listener *l = s->listeners; l; l = l->next) {
        timer_stop(s->loop, &l->retry);
        /* Another process may hold the listener too: then the close alone would not end the watching of it. */
        loop_unwatch(s->loop, &l->watcher);
        loop_close(s->loop, &l->watcher);
    }
}

/* ---- life ---- */

static void default_limits(HttpLimits *l)
{
#define DEFAULT(member, value) (l->member = l->member ? l->member : (value))
    DEFAULT(head.line, 8192);
    DEFAULT(head.bytes, 32768);
    DEFAULT(head.headers, 100);
    DEFAULT(body, 1ull << 30);
    DEFAULT(memory, 256ull << 20);
    DEFAULT(drain, 65536);
    DEFAULT(connections, 20000);
    DEFAULT(requests, 100000);
    DEFAULT(pipeline, 64);
    DEFAULT(first_byte_ms, 10000);
    DEFAULT(header_ms, 15000);
    DEFAULT(request_ms, 300000);
    DEFAULT(idle_ms, 65000);
    DEFAULT(write_ms, 60000);
    DEFAULT(linger_ms, 2000);
#undef DEFAULT
    if (l->head.headers > HTTP1_HEADERS_MAX)
        l->head.headers = HTTP1_HEADERS_MAX;
}

static uint32_t shortest(const HttpLimits *l)
{
    const uint32_t all[] = { l->first_byte_ms, l->header_ms, l->request_ms, l->idle_ms, l->write_ms, l->linger_ms };
    uint32_t least = 60000;
    for (size_t i = 0; i < CLEF_COUNT(all); i++)
        if (all[i] < least)
            least = all[i];
    return least;
}

HttpServer *http_server_create(Loop *loop, Arena *parent, const HttpServerOptions *options)
{
    Arena *a = arena_create(parent, 0, 0);
    HttpServer *s = NEW(a, HttpServer);
    s->arena = a;
    s->loop = loop;
    s->o = *options;
    ASSERT(options->handler.handle != NULL);
    default_limits(&s->o.limits);
    s->reach_ns = shortest(&s->o.limits) * MS;
    s->tick_ns = s->reach_ns / (WHEEL / 2);
    if (s->tick_ns < MS)
        s->tick_ns = MS;
    s->wheel_timer.fn = on_tick;
    s->drained.fn = on_drained;
    struct sigaction pipe;
    if (sigaction(SIGPIPE, NULL, &pipe) == 0 && pipe.sa_handler == SIG_DFL && !(pipe.sa_flags & SA_SIGINFO))
        (void)signal(SIGPIPE, SIG_IGN);
    return s;
}

void http_server_destroy(HttpServer *s)
{
    if (!s)
        return;
    close_listeners(s);
    s->done = NULL;
    for (size_t i = 0; i < WHEEL; i++)
        while (s->wheel[i]) {
            ASSERT(!s->wheel[i]->running);
            http_conn_free(s->wheel[i]);
        }
    timer_stop(s->loop, &s->wheel_timer);
    timer_stop(s->loop, &s->drained);
    arena_destroy(s->arena);
}

const HttpStats *http_server_stats(const HttpServer *s) { return &s->stats; }

void http_server_stop(HttpServer *s, uint32_t grace_ms, uint32_t limit_ms, void (*done)(void *arg), void *arg)
{
    int64_t now = loop_now(s->loop);
    /* What has queued would be reset by the close of the last copy of a listener. */
    for (Listener *l = s->listeners; l; l = l->next)
        (void)accept_most(l, ACCEPTS_AT_STOP);
    close_listeners(s);
    s->listeners = NULL;
    s->stopping = true;
    s->done = done;
    s->done_arg = arg;
    s->stop_idle_at = now + grace_ms * MS;
    s->stop_all_at = limit_ms ? now + limit_ms * MS : 0;
    if (s->stats.connections == 0) {
        timer_set(s->loop, &s->drained, now);
        return;
    }
    /* From now on every connection is visited soon: the stop may be nearer than any limit. */
    int64_t near = grace_ms && grace_ms < 1000 ? grace_ms * MS : 1000 * MS;
    if (limit_ms && limit_ms * MS < near)
        near = limit_ms * MS;
    if (near < s->reach_ns)
        s->reach_ns = near;
    s->tick_ns = s->reach_ns / (WHEEL / 2) < MS ? MS : s->reach_ns / (WHEEL / 2);
    HttpConn *all = NULL;
    for (size_t i = 0; i < WHEEL; i++)
        while (s->wheel[i]) {
            HttpConn *c = s->wheel[i];
            wheel_remove(s, c);
            c->next = all;
            all = c;
        }
    while (all) {
        HttpConn *c = all;
        all = c->next;
        wheel_add(s, c, now + s->tick_ns);
    }
    timer_set(s->loop, &s->wheel_timer, now + s->tick_ns);
}

void http_date_render(HttpServer *s)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    struct tm t;
    gmtime_r(&wall.tv_sec, &t);
    Buf b = { .p = s->head, .cap = sizeof s->head, .max = sizeof s->head - 1 };
    buf_printf(&b, "HTTP/1.1 200 OK\r\nDate: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\nContent-Length: ",
               days + (size_t)t.tm_wday * 3, t.tm_mday, months + (size_t)t.tm_mon * 3, t.tm_year + 1900, t.tm_hour,
               t.tm_min, t.tm_sec);
    /* Until the next second of the wall clock begins. */
    s->date_until = loop_now(s->loop) + (1000000000 - wall.tv_nsec);
}
