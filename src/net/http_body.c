/* http_body.c: reading a request's body, as it comes, without a copy where that can be. */
#include "net/http_server.h"

enum { GATHER_FIRST = 4096 }; /* bytes of memory for a body of unknown length, at first */

void http_body_begin(Exchange *x)
{
    const HttpHead *h = x->pub.head;
    HttpConn *c = x->pub.conn;
    HttpServer *s = c->server;
    x->body_left = h->chunked ? 0 : h->content_length;
    x->body_seen = 0;
    x->await_continue = h->expect_continue && c->in->from == c->in->n;
    x->head_buffer = NULL;
    x->trailers = (Buf){ 0 };
    if (h->chunked) {
        /* Of the heap: the arena may be full, and what is left of a body is read when its limit has no handler any more. */
        x->trailers = BUF_INIT(NULL, s->o.limits.head.bytes);
        x->chunks = (Http1Chunks){ .trailers = &x->trailers };
        if (x->chunks.trailers_max == 0 && s->o.limits.head.bytes < 4096)
            x->chunks.trailers_max = s->o.limits.head.bytes;
    }
    if (s->o.limits.request_ms != UINT32_MAX)
        c->deadline = c->began + (int64_t)s->o.limits.request_ms * 1000000;
}

static void ended(Exchange *x)
{
    x->body_open = false;
    x->pub.conn->deadline = 0;
}

/* No more of it can be read. */
static int fail(Exchange *x, int status, const char *why)
{
    if (!x->body_status) {
        x->body_status = (uint16_t)status;
        x->body_why = why;
    }
    x->pub.conn->last = true;
    return -1;
}

/* The client holds the body back until it hears that it is wanted. */
static bool say_continue(Exchange *x)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    HttpConn *c = x->pub.conn;
    x->await_continue = false;
    if (x->state != ANSWER_NONE)
        return true;
    char *at = http_conn_room(c, sizeof text - 1);
    if (!at)
        return false;
    memcpy(at, text, sizeof text - 1);
    c->out->n += sizeof text - 1;
    return true;
}

/* Waits until more bytes have come: 1, or -1 with the status. Into p when n > 0, else into conn->in; *got says how many. */
static int receive(Exchange *x, char *p, size_t n, size_t *got)
{
    HttpConn *c = x->pub.conn;
    HttpServer *s = c->server;
    if (CLEF_UNLIKELY(x->await_continue) && !say_continue(x))
        return fail(x, 499, "");
    /* The head's views stay: bytes that come now go into another buffer. */
    if (!n) {
        if (!x->head_buffer) {
            HttpBuffer *b = http_buffer_take(s, 0);
            if (!b)
                return fail(x, 503, "no memory is left for the body");
            x->head_buffer = c->in;
            c->in = b;
        }
        c->in->from = c->in->n = 0;
        p = c->in->p;
        n = c->in->cap;
    }
    for (;;) {
        if (c->readable) {
            ssize_t r = http_conn_recv(c, p, n);
            if (r < 0)
                return fail(x, c->broken ? 499 : 400, "the body ended before its length");
            if (r > 0) {
                if (p == c->in->p)
                    c->in->n = (uint32_t)r;
                *got = (size_t)r;
                return 1;
            }
        }
        if (c->peer_done && !c->readable)
            return fail(x, 499, "");
        /* Answers to earlier requests, and the 100, must not wait for the client to send. */
        if (c->out && c->out->n && !http_conn_try_flush(c) && c->broken)
            return fail(x, 499, "");
        if (!http_conn_wait(c, false))
            return fail(x, 499, "");
    }
}

/* The next piece, a view: 1, 0 at the end, -1. */
static int next_piece(Exchange *x, Str *piece)
{
    HttpConn *c = x->pub.conn;
    size_t got;
    for (;;) {
        if (x->body_status)
            return -1;
        if (!x->body_open)
            return 0;
        Str in = str_from(c->in->p + c->in->from, c->in->n - c->in->from);
        if (in.n && !x->pub.head->chunked) {
            *piece = str_slice(in, 0, x->body_left < in.n ? (size_t)x->body_left : in.n);
            c->in->from += (uint32_t)piece->n;
            x->body_left -= piece->n;
            if (x->body_left == 0)
                ended(x);
            return 1;
        }
        if (in.n) {
            Http1Result result = http1_chunks_next(&x->chunks, &in, piece);
            c->in->from = (uint32_t)(in.p - c->in->p);
            if (result == HTTP1_BAD)
                return fail(x, http1_reason_status(x->chunks.reason), http1_reason_text(x->chunks.reason));
            if (result == HTTP1_DONE)
                ended(x);
            x->body_seen += piece->n;
            if (x->body_seen > c->server->o.limits.body)
                return fail(x, 413, "the body is longer than the limit `body`");
            if (piece->n)
                return 1;
            continue;
        }
        if (receive(x, NULL, 0, &got) < 0)
            return -1;
    }
}

ssize_t http_body_read(HttpExchange *pub, char *p, size_t n)
{
    Exchange *x = exchange_of(pub);
    HttpConn *c = pub->conn;
    Str piece = { 0 };
    if (n == 0 || (!x->body_open && !x->body_status))
        return 0;
    if (!pub->head->chunked && !x->body_status && c->in->from == c->in->n) {
        /* Straight into the caller's memory. */
        size_t want = x->body_left < n ? (size_t)x->body_left : n, got;
        if (receive(x, p, want, &got) < 0)
            return -1;
        x->body_left -= got;
        if (x->body_left == 0)
            ended(x);
        return (ssize_t)got;
    }
    int result = next_piece(x, &piece);
    if (result <= 0)
        return result;
    if (piece.n > n) {
        size_t back = piece.n - n;
        if (pub->head->chunked) {
            http1_chunks_unread(&x->chunks, back);
            x->body_seen -= back;
        } else {
            x->body_left += back;
        }
        c->in->from -= (uint32_t)back;
        x->body_open = true;
        piece.n = n;
    }
    memcpy(p, piece.p, piece.n);
    return (ssize_t)piece.n;
}

bool http_body_each(HttpExchange *pub, bool (*fn)(void *arg, Str piece), void *arg)
{
    Exchange *x = exchange_of(pub);
    Str piece;
    int result;
    while ((result = next_piece(x, &piece)) > 0)
        if (!fn(arg, piece))
            return true;
    return result == 0;
}

/* The arena has no room for that much: false. Past the exchange's limit it is the client's doing, else the machine's. */
static bool no_room(Exchange *x, size_t n)
{
    bool machine = arena_has_room(x->pub.arena, n);
    return fail(x, machine ? 503 : 413,
                machine ? "no memory is left for the body" : "the body is longer than the limit `memory`") > 0;
}

/* All pieces of a chunked body, one behind the other. */
static bool gather(Exchange *x, uint64_t limit, Str *out)
{
    size_t n = 0, cap = 0;
    char *p = NULL;
    Str piece;
    int result;
    while ((result = next_piece(x, &piece)) > 0) {
        if (piece.n > limit - n)
            return fail(x, 413, "the body is longer than the handler takes") > 0;
        if (cap - n <= piece.n) { /* one byte more: what ends it */
            size_t want = cap ? cap * 2 : GATHER_FIRST;
            while (want - n <= piece.n)
                want *= 2;
            char *more = arena_try_grow(x->pub.arena, p, cap, want);
            if (!more)
                return no_room(x, want);
            p = more;
            cap = want;
        }
        memcpy(p + n, piece.p, piece.n);
        n += piece.n;
        p[n] = 0;
    }
    if (n)
        *out = str_from(p, n);
    return result == 0;
}

bool http_body_all(HttpExchange *pub, uint64_t limit, Str *out)
{
    Exchange *x = exchange_of(pub);
    HttpConn *c = pub->conn;
    *out = STR("");
    if (!x->body_open)
        return x->body_status == 0;
    if (limit > SIZE_MAX / 2)
        limit = SIZE_MAX / 2;
    if (!pub->head->chunked) {
        if (x->body_left > limit)
            return fail(x, 413, "the body is longer than the handler takes") > 0;
        size_t n = (size_t)x->body_left, at = 0;
        if (c->in->n - c->in->from >= n)
            return next_piece(x, out) > 0;
        char *p = arena_try_alloc(pub->arena, n + 1);
        if (!p)
            return no_room(x, n);
        while (at < n) {
            ssize_t got = http_body_read(pub, p + at, n - at);
            if (got <= 0)
                return false;
            at += (size_t)got;
        }
        p[n] = 0;
        *out = str_from(p, n);
        return true;
    }
    return gather(x, limit, out);
}

int http_body_status(const HttpExchange *x) { return exchange_of(x)->body_status; }

size_t http_body_trailers(HttpExchange *pub, HttpHeader *out, size_t n)
{
    Exchange *x = exchange_of(pub);
    return pub->head->chunked && !x->body_open ? http1_trailers(buf_view(&x->trailers), out, n) : 0;
}

bool http_body_finish(Exchange *x)
{
    HttpConn *c = x->pub.conn;
    uint64_t dropped = 0, most = c->server->o.limits.drain;
    Str piece;
    /* A client that was not told to go on may send the body or not: nobody can tell what comes next. */
    if (x->body_status || c->last || x->await_continue || (!x->pub.head->chunked && x->body_left > most))
        return false;
    while (dropped <= most) {
        int result = next_piece(x, &piece);
        if (result <= 0)
            return result == 0;
        dropped += piece.n;
    }
    return false;
}

void http_body_end(Exchange *x)
{
    http_buffer_give(x->pub.conn->server, x->head_buffer);
    buf_finish(&x->trailers);
}
