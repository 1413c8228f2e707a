/* http_response.c: heads formatted by hand, bodies behind them, streams, files, upgrades. */
#include "base/copy.h"
#include "base/fault.h"
#include "net/http_server.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <unistd.h>

/* Bytes of HttpServer.head: its first line, with the Date line, and with "Content-Length: " behind them. */
enum { STATUS_N = 17, DATE_N = STATUS_N + 37, LENGTH_N = DATE_N + 16 };

typedef enum Framing { FRAME_LENGTH, FRAME_CHUNKED, FRAME_CLOSE, FRAME_NONE } Framing;

#define PUT(at, literal) (memcpy((at), "" literal, sizeof(literal) - 1), (at) + sizeof(literal) - 1)

static inline char *put_str(char *at, Str s)
{
    if (s.n)
        memcpy(at, s.p, s.n);
    return at + s.n;
}

/* Apart, because its array would have the compiler guard the frame of whoever it is inlined into. */
static __attribute__((noinline)) char *put_u64(char *at, uint64_t v)
{
    char digits[20], *end = digits + sizeof digits, *p = end;
    do
        *--p = (char)('0' + v % 10);
    while (v /= 10);
    memcpy(at, p, (size_t)(end - p));
    return at + (end - p);
}

static inline char *put_length(char *at, uint64_t v)
{
    if (CLEF_UNLIKELY(v >= 100))
        return put_u64(at, v);
    unsigned n = (unsigned)v, tens = n / 10;
    *at = (char)('0' + tens);
    at += tens > 0;
    *at = (char)('0' + (n - 10 * tens));
    return at + 1;
}

static CLEF_COLD char *put_status(char *at, int status, Str reason)
{
    at = PUT(at, "HTTP/1.1 ");
    at = put_u64(at, (unsigned)status);
    *at++ = ' ';
    return PUT(put_str(at, reason.n ? reason : http_status_phrase(status)), "\r\n");
}

/* The head up to the caller's block. */
static inline __attribute__((always_inline)) char *put_head(HttpConn *c, char *at, int status, Str reason,
                                                            Framing framing, uint64_t length, bool minor)
{
    HttpServer *s = c->server;
    if (CLEF_UNLIKELY(loop_now(s->loop) >= s->date_until))
        http_date_render(s);
    memcpy(at, s->head, LENGTH_N);
    if (CLEF_UNLIKELY(status != 200 || reason.n)) {
        at = put_status(at, status, reason);
        memcpy(at, s->head + STATUS_N, LENGTH_N - STATUS_N);
        at -= STATUS_N;
    }
    if (CLEF_LIKELY(framing == FRAME_LENGTH)) {
        at = PUT(put_length(at + LENGTH_N, length), "\r\n");
    } else {
        at += DATE_N;
        if (framing == FRAME_CHUNKED)
            at = PUT(at, "Transfer-Encoding: chunked\r\n");
    }
    if (CLEF_UNLIKELY(c->last))
        at = PUT(at, "Connection: close\r\n");
    else if (CLEF_UNLIKELY(!minor))
        at = PUT(at, "Connection: keep-alive\r\n");
    return at;
}

char *http_put_refusal(HttpConn *c, char *at, int status, const char *why)
{
    Str text = str_slice(str_c(why), 0, 200);
    at = put_head(c, at, status, (Str){ 0 }, FRAME_LENGTH, text.n + 1, true);
    at = PUT(at, "Content-Type: text/plain; charset=utf-8\r\n\r\n");
    at = put_str(at, text);
    *at++ = '\n';
    return at;
}

/* Answers that never have a body, whatever the method. */
static inline bool bodiless(int status) { return status == 204 || status == 304 || status < 200; }

/* The client would wait for the rest of a request that nobody reads: what is left of it decides before the head is made. */
static inline void decide_last(Exchange *x)
{
    if (CLEF_UNLIKELY(x->body_open) && (x->await_continue || x->body_status ||
                                        (!x->pub.head->chunked && x->body_left > x->pub.conn->server->o.limits.drain)))
        x->pub.conn->last = true;
    if (CLEF_UNLIKELY(x->pub.conn->server->stopping))
        x->pub.conn->last = true;
}

/*
 * Begins an answer: writes the head into the send buffer, up to the caller's block of so many bytes. Returns where the
 * block and CR LF go, behind what counts in the buffer; `more` bytes have room as well. NULL: broken.
 */
static inline __attribute__((always_inline)) char *begin(Exchange *x, int status, Framing framing, uint64_t length,
                                                         size_t block, size_t more)
{
    HttpConn *c = x->pub.conn;
    ASSERT(x->state == ANSWER_NONE);
    decide_last(x);
    size_t room = HTTP_HEAD_ROOM + x->reason.n;
    if (CLEF_UNLIKELY(block > HTTP_BUFFER - room)) {
        x->state = ANSWER_DONE;
        http_conn_break(c); /* the caller's headers do not fit: a bug above, but never an overrun */
        return NULL;
    }
    char *at = http_conn_room(c, room + block + more);
    return CLEF_LIKELY(at != NULL) ? put_head(c, at, status, x->reason, framing, length, x->pub.head->minor) : NULL;
}

/* The same with the block and the end of the head. */
static bool begin_with(Exchange *x, int status, Framing framing, uint64_t length, Str block)
{
    HttpConn *c = x->pub.conn;
    char *at = begin(x, status, framing, length, block.n, 0);
    if (!at)
        return false;
    c->out->n = (uint32_t)(PUT(put_str(at, block), "\r\n") - c->out->p);
    return true;
}

/* Bytes lie in the send buffer; whoever serves the connection writes them, unless it has waited. */
static inline void sent_later(HttpConn *c)
{
    if (CLEF_UNLIKELY(c->detached))
        http_conn_flush_later(c);
}

/* The head of an answer with a known body, up to its block; NULL when the connection is broken. */
static inline char *open_answer(Exchange *x, int status, size_t block, uint64_t length)
{
    bool none = bodiless(status);
    x->stream_mute = none || x->pub.head->method == HTTP_HEAD;
    /* A small body is copied behind the head: both need room at once, where that can be. */
    size_t more = x->stream_mute || length > HTTP_COPY_MAX ? 0 : (size_t)length;
    if (CLEF_UNLIKELY(HTTP_HEAD_ROOM + x->reason.n + block + more > HTTP_BUFFER))
        more = 0;
    /* A length beside 304 would be that of the body that is not sent: RFC 9110 section 8.6 lets it go. */
    char *at = begin(x, status, none ? FRAME_NONE : FRAME_LENGTH, length, block, more);
    x->state = ANSWER_DONE;
    return at;
}

/* A body that is not copied behind its head. */
static __attribute__((noinline)) bool send_behind(HttpConn *c, Str body)
{
    struct iovec piece = { (char *)(uintptr_t)body.p, body.n };
    return http_conn_send(c, &piece, 1);
}

/* Ends the head whose block ends at `at`, and sends the body behind it. */
static inline bool close_answer(Exchange *x, char *at, Str body)
{
    HttpConn *c = x->pub.conn;
    at = PUT(at, "\r\n");
    c->out->n = (uint32_t)(at - c->out->p);
    if (CLEF_LIKELY(body.n && !x->stream_mute)) {
        if (CLEF_UNLIKELY(body.n > HTTP_COPY_MAX || c->out->cap - c->out->n < body.n))
            return send_behind(c, body);
        c->out->n = (uint32_t)(copy_text(at, body.p, body.n) - c->out->p);
    }
    sent_later(c);
    return true;
}

bool http_respond_reason(HttpExchange *pub, Str reason)
{
    Exchange *x = exchange_of(pub);
    ASSERT(x->state == ANSWER_NONE);
    if (reason.n > HTTP_REASON_MAX || !http_is_value(reason))
        return false;
    x->reason = reason;
    return true;
}

char *http_respond_open(HttpExchange *x, int status, size_t block, uint64_t length)
{
    return open_answer(exchange_of(x), status, block, length);
}

bool http_respond_close(HttpExchange *x, char *at, Str body)
{
    ASSERT(at <= x->conn->out->p + x->conn->out->cap - 2);
    return close_answer(exchange_of(x), at, body);
}

bool http_respond(HttpExchange *pub, int status, Str block, Str body)
{
    Exchange *x = exchange_of(pub);
    char *at = open_answer(x, status, block.n, body.n);
    return CLEF_LIKELY(at != NULL) && close_answer(x, put_str(at, block), body);
}

static bool headers_fit(const HttpHeader *headers, size_t n, size_t *bytes)
{
    *bytes = 0;
    for (size_t i = 0; i < n; i++) {
        if (!http_is_token(headers[i].name) || !http_is_value(headers[i].value))
            return false;
        *bytes += headers[i].name.n + headers[i].value.n + 4;
    }
    return *bytes <= HTTP_BUFFER - HTTP_HEAD_ROOM;
}

static void put_headers(char *at, const HttpHeader *headers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        at = PUT(put_str(at, headers[i].name), ": ");
        at = PUT(put_str(at, headers[i].value), "\r\n");
    }
}

bool http_respond_headers(HttpExchange *x, int status, const HttpHeader *headers, size_t n, Str body)
{
    size_t bytes;
    if (!headers_fit(headers, n, &bytes)) {
        (void)http_respond(x, 500, STR(""), STR(""));
        return false;
    }
    char *block = arena_try_alloc(x->arena, bytes);
    if (!block) {
        (void)http_respond(x, 503, STR(""), STR(""));
        return false;
    }
    put_headers(block, headers, n);
    return http_respond(x, status, str_from(block, bytes), body);
}

bool http_respond_interim(HttpExchange *pub, int status, Str block)
{
    Exchange *x = exchange_of(pub);
    HttpConn *c = pub->conn;
    ASSERT(x->state == ANSWER_NONE && status >= 100 && status < 200 && status != 101);
    if (pub->head->minor == 0)
        return true;
    char *at = block.n > HTTP_BUFFER - HTTP_HEAD_ROOM ? NULL : http_conn_room(c, block.n + HTTP_HEAD_ROOM);
    if (!at)
        return false;
    c->out->n = (uint32_t)(PUT(put_str(put_status(at, status, (Str){ 0 }), block), "\r\n") - c->out->p);
    return http_conn_try_flush(c) || !c->broken;
}

/* ---- streams ---- */

bool http_stream_start(HttpExchange *pub, int status, Str block, int64_t length)
{
    Exchange *x = exchange_of(pub);
    bool none = bodiless(status), sized = length >= 0;
    Framing framing = none ? FRAME_NONE : sized ? FRAME_LENGTH : pub->head->minor ? FRAME_CHUNKED : FRAME_CLOSE;
    if (framing == FRAME_CLOSE)
        pub->conn->last = true;
    x->stream_mute = none || pub->head->method == HTTP_HEAD;
    x->stream_chunked = framing == FRAME_CHUNKED;
    x->stream_sized = sized && !x->stream_mute;
    x->stream_left = sized ? (uint64_t)length : 0;
    bool ok = begin_with(x, status, framing, x->stream_left, block);
    x->state = ANSWER_STREAM;
    if (ok)
        sent_later(pub->conn);
    return ok;
}

/* The size line of a chunk; its end. */
static char *put_chunk_size(char *at, size_t n)
{
    char digits[16], *end = digits + sizeof digits, *p = end;
    do
        *--p = "0123456789abcdef"[n & 15];
    while (n >>= 4);
    memcpy(at, p, (size_t)(end - p));
    at += end - p;
    return PUT(at, "\r\n");
}

bool http_stream_write(HttpExchange *pub, Str piece)
{
    Exchange *x = exchange_of(pub);
    HttpConn *c = pub->conn;
    ASSERT(x->state == ANSWER_STREAM);
    if (x->stream_mute || piece.n == 0)
        return !c->broken;
    if (x->stream_sized) {
        ASSERT(piece.n <= x->stream_left);
        x->stream_left -= piece.n;
    }
    if (piece.n <= HTTP_COPY_MAX) {
        char *at = http_conn_room(c, piece.n + 24);
        if (!at)
            return false;
        if (x->stream_chunked)
            at = put_chunk_size(at, piece.n);
        at = put_str(at, piece);
        if (x->stream_chunked)
            at = PUT(at, "\r\n");
        c->out->n = (uint32_t)(at - c->out->p);
        http_conn_flush_later(c);
        return true;
    }
    char size[24];
    struct iovec pieces[3] = { { size, 0 },
                               { (char *)(uintptr_t)piece.p, piece.n },
                               { (char *)(uintptr_t) "\r\n", 0 } };
    if (x->stream_chunked) {
        pieces[0].iov_len = (size_t)(put_chunk_size(size, piece.n) - size);
        pieces[2].iov_len = 2;
    }
    return http_conn_send(c, pieces, 3);
}

bool http_stream_flush(HttpExchange *x) { return http_conn_send(x->conn, NULL, 0); }

bool http_stream_finish(HttpExchange *pub, const HttpHeader *trailers, size_t n)
{
    Exchange *x = exchange_of(pub);
    HttpConn *c = pub->conn;
    ASSERT(x->state == ANSWER_STREAM);
    x->state = ANSWER_DONE;
    if (x->stream_sized && x->stream_left) {
        /* The client was promised more: only a cut connection tells it. */
        (void)http_conn_try_flush(c);
        http_conn_break(c);
        return false;
    }
    if (!x->stream_chunked || x->stream_mute)
        return !c->broken;
    size_t bytes = 0;
    bool fit = headers_fit(trailers, n, &bytes);
    for (size_t i = 0; fit && i < n; i++)
        fit = http1_trailer_allowed(trailers[i].name);
    if (!fit)
        n = bytes = 0;
    char *at = http_conn_room(c, bytes + 8);
    if (!at)
        return false;
    at = PUT(at, "0\r\n");
    put_headers(at, trailers, n);
    at = PUT(at + bytes, "\r\n");
    c->out->n = (uint32_t)(at - c->out->p);
    sent_later(c);
    return fit;
}

/* ---- files ---- */

/* By way of memory, where sendfile cannot go: through a transport. */
static bool copy_file(HttpExchange *x, int fd, int64_t offset, int64_t n)
{
    enum { PIECE = 16384 };
    char *p = arena_try_alloc(x->arena, PIECE);
    while (p && n > 0) {
        ssize_t got = pread(fd, p, n < PIECE ? (size_t)n : PIECE, offset);
        if (got <= 0)
            return false;
        struct iovec piece = { p, (size_t)got };
        if (!http_conn_send(x->conn, &piece, 1))
            return false;
        offset += got;
        n -= got;
    }
    return p != NULL;
}

static bool send_file(HttpConn *c, int fd, int64_t offset, int64_t n)
{
    off_t at = offset;
    while (n > 0) {
        if (!c->writable && !http_conn_wait(c, true))
            return false;
        ssize_t sent = FAULT_CALL(EPIPE, sendfile(c->watcher.fd, fd, &at, n < 1 << 20 ? (size_t)n : 1 << 20));
        if (sent > 0) {
            c->server->stats.bytes_out += (uint64_t)sent;
            n -= sent;
        } else if (sent < 0 && errno == EAGAIN) {
            c->writable = false;
        } else if (sent == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

bool http_respond_file(HttpExchange *pub, int status, Str block, int fd, int64_t offset, int64_t n)
{
    Exchange *x = exchange_of(pub);
    HttpConn *c = pub->conn;
    ASSERT(offset >= 0 && n >= 0);
    bool ok = begin_with(x, status, bodiless(status) ? FRAME_NONE : FRAME_LENGTH, (uint64_t)n, block);
    x->state = ANSWER_DONE;
    if (!ok)
        return false;
    if (n == 0 || bodiless(status) || pub->head->method == HTTP_HEAD) {
        sent_later(c);
        return true;
    }
    if (c->transport) {
        ok = copy_file(pub, fd, offset, n);
    } else {
        /* The head waits for the file's first bytes: one packet where it fits. */
        HttpBuffer *out = c->out;
        ssize_t sent = send(c->watcher.fd, out->p + out->from, out->n - out->from, MSG_NOSIGNAL | MSG_MORE);
        if (sent > 0) {
            c->server->stats.bytes_out += (uint64_t)sent;
            out->from += (uint32_t)sent;
        }
        ok = http_conn_send(c, NULL, 0) && send_file(c, fd, offset, n);
    }
    if (!ok)
        http_conn_break(c);
    return ok;
}

/* ---- the end ---- */

void http_answer_finish(Exchange *x)
{
    if (x->state == ANSWER_NONE) {
        if (x->body_status == 499)
            http_conn_break(x->pub.conn);
        else if (x->body_status)
            http_conn_refuse(x->pub.conn, x->body_status, x->body_why);
        else
            (void)http_respond(&x->pub, 500, STR(""), STR(""));
    } else if (x->state == ANSWER_STREAM) {
        if (x->stream_sized || x->stream_mute) {
            (void)http_stream_finish(&x->pub, NULL, 0);
        } else { /* without its last chunk the client sees that the end is missing */
            (void)http_conn_try_flush(x->pub.conn);
            http_conn_break(x->pub.conn);
        }
    }
}

bool http_upgrade(HttpExchange *pub, Str block, HttpTaken *taken)
{
    Exchange *x = exchange_of(pub);
    HttpConn *c = pub->conn;
    ASSERT(x->state == ANSWER_NONE);
    x->state = ANSWER_DONE;
    char *at = block.n > HTTP_BUFFER - HTTP_HEAD_ROOM ? NULL : http_conn_room(c, HTTP_HEAD_ROOM + block.n);
    if (!at)
        return false;
    at = PUT(put_status(at, 101, (Str){ 0 }), "Connection: Upgrade\r\n");
    c->out->n = (uint32_t)(PUT(put_str(at, block), "\r\n") - c->out->p);
    if (!http_conn_send(c, NULL, 0))
        return false;
    x->body_open = false;
    if (http_conn_take(c, pub->arena, taken))
        return true;
    http_conn_break(c);
    return false;
}

const Address *http_peer(const HttpExchange *x) { return &x->conn->peer; }

Address http_local(const HttpExchange *x)
{
    Address a;
    return address_of_socket(x->conn->watcher.fd, &a) == 0 ? a : (Address){ 0 };
}

bool http_is_secure(const HttpExchange *x) { return x->conn->transport != NULL; }

bool http_peer_closed(const HttpExchange *x) { return x->conn->peer_done || x->conn->broken; }

void http_on_peer_closed(HttpExchange *pub, void (*fn)(void *arg), void *arg)
{
    Exchange *x = exchange_of(pub);
    x->on_closed = fn;
    x->on_closed_arg = arg;
    if (fn && http_peer_closed(pub)) {
        x->on_closed = NULL;
        fn(arg);
    }
}
