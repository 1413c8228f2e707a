/*
 * http_server.h: the HTTP/1.1 server of one event loop. It accepts connections, reads and judges requests, and calls one
 * handler for each; what a path means is not its subject. A worker process has one HttpServer on its loop.
 *
 *     static void hello(HttpExchange *x, void *arg)
 *     {
 *         http_respond(x, 200, STR("Content-Type: text/plain\r\n"), STR("Hello, World!"));
 *     }
 *     HttpServer *s = http_server_create(loop, arena, &(HttpServerOptions){ .handler = { hello, NULL } });
 *     http_server_listen(s, address_listen(&address, NULL));
 *     loop_run(loop);
 *
 * The handler runs on a fiber and may wait. Requests of one connection are handled one after the other, in order; all
 * answers to what one read brought leave in one write. While a handler waits nothing more is read from its connection.
 * An idle connection holds a HttpConn and nothing else: no stack, no buffer, no arena.
 *
 * What the client may make the server hold or wait for is limited by HttpLimits. What breaks a rule is answered with its
 * status and the connection closed, the client being given time to read the answer. Specification: RFC 9110, RFC 9112.
 */
#ifndef CLEF_NET_HTTP_SERVER_H
#define CLEF_NET_HTTP_SERVER_H

#include <clef/base/arena.h>
#include <clef/codec/http1.h>
#include <clef/rt/address.h>
#include <clef/rt/loop.h>

typedef struct HttpServer HttpServer;
typedef struct HttpConn HttpConn;
typedef struct HttpTls HttpTls; /* see <clef/net/http_tls.h> */

/* One request and its answer. Valid until the handler returns. */
typedef struct HttpExchange {
    const HttpHead *head; /* views that live as long as the exchange */
    Arena *arena;         /* of this request; reset when the handler has returned */
    HttpConn *conn;       /* private */
    void *user;           /* the handler's */
} HttpExchange;

typedef struct HttpHandler {
    void (*handle)(HttpExchange *x, void *arg);
    void *arg;
} HttpHandler;

/* Zero means the default that stands behind each; UINT32_MAX (UINT64_MAX) means no limit. */
typedef struct HttpLimits {
    Http1Limits head;       /* 414, 431 */
    uint64_t body;          /* bytes of a request's body, 1 GiB: 413 */
    uint64_t memory;        /* bytes of a request's arena: 256 MiB; past it the arena's limit handler runs */
    uint32_t drain;         /* bytes of an unread body that are read and dropped to keep the connection: 65,536 */
    uint32_t connections;   /* 20,000: 503 */
    uint32_t requests;      /* answered on one connection, which is then closed: 100,000 */
    uint32_t pipeline;      /* requests of a connection handled in a row before others have their turn: 64 */
    uint32_t first_byte_ms; /* from the accept to the first byte: 10,000; closed without an answer */
    uint32_t header_ms;     /* from the first byte to the end of the head: 15,000; 408 */
    uint32_t request_ms;    /* from the first byte to the end of the body: 300,000; 408 */
    uint32_t idle_ms;       /* between two requests: 65,000 */
    uint32_t write_ms;      /* that the client takes no byte of an answer: 60,000; closed */
    uint32_t linger_ms;     /* that a closed connection waits for the client's end: 2,000 */
} HttpLimits;

typedef struct HttpStats {
    uint64_t accepted, requests, refused, timed_out, bytes_in, bytes_out;
    uint32_t connections; /* open now, closing ones included */
    uint32_t running;     /* requests in a handler now */
} HttpStats;

/*
 * Bytes by another way than the plain socket: TLS. Returns as of recv(2) and writev(2), with negative errno; -EAGAIN when
 * the socket must become readable or writable first, whichever it was: both are tried again after either. recv gives all
 * that it holds before it says -EAGAIN. A handshake belongs to the first calls of recv, which says -EPROTOTYPE when the
 * client speaks plain text instead: the server closes the transport and tells it so.
 */
typedef struct HttpTransport {
    /* *drained: the socket was seen empty in this call, and nothing is left in the transport. */
    ssize_t (*recv)(void *state, char *p, size_t n, bool *drained);
    ssize_t (*writev)(void *state, const struct iovec *pieces, int n);
    /* Sends the closing alert: nothing is written after it. NULL: there is none. */
    void (*end)(void *state);
    /* Frees the state; the descriptor is the server's. */
    void (*close)(void *state);
} HttpTransport;

/* A connection that leaves the server: after an upgrade, or to another protocol. Who gets it closes it. */
typedef struct HttpTaken {
    int fd;
    const HttpTransport *transport; /* NULL: the plain socket */
    void *state;
    Str unread; /* bytes that came already */
} HttpTaken;

typedef struct HttpServerOptions {
    HttpHandler handler;
    HttpLimits limits;
    /* A transport for an accepted socket, its state in *state; NULL for a plain one. -1 in *state refuses it. */
    const HttpTransport *(*open)(void *arg, int fd, void **state);
    /* A client began with the preface of HTTP/2. Without it: 505. */
    void (*http2)(void *arg, HttpTaken taken);
    /* A request was refused before any handler saw it: for logs and counters. */
    void (*refused)(void *arg, const Address *peer, int status, const char *why);
    void *arg; /* of these three */
} HttpServerOptions;

/*
 * Under `parent`. The loop must outlive it. SIGPIPE becomes ignored when the program left it at its default, because
 * sendfile(2) has no other way to say that the client has gone.
 */
CLEF_API(HttpServer *, http_server_create, Loop *loop, Arena *parent, const HttpServerOptions *options) CLEF_NONNULL;
/* Closes every connection at once; no handler may be running, nor the loop. NULL is fine. */
CLEF_API(void, http_server_destroy, HttpServer *s);
/* Takes a listening, nonblocking socket over. Several are fine. 0 or -errno (of fd itself when that is negative). */
CLEF_API(int, http_server_listen, HttpServer *s, int fd) CLEF_MUST_USE;
/* The same, for a listener whose connections speak TLS. */
CLEF_API(int, http_server_listen_tls, HttpServer *s, int fd, HttpTls *tls) CLEF_MUST_USE;
/* A connection that somebody else accepted. False when it was refused and closed. */
CLEF_API(bool, http_server_adopt, HttpServer *s, int fd, const Address *peer);
/*
 * Stops: no more accepts; requests still coming are answered with Connection: close; idle connections go after grace_ms,
 * everything else after limit_ms (0: never). done(arg) runs on the loop once no connection is left. Once only.
 */
CLEF_API(void, http_server_stop, HttpServer *s, uint32_t grace_ms, uint32_t limit_ms, void (*done)(void *arg),
         void *arg);
CLEF_API(const HttpStats *, http_server_stats, const HttpServer *s);

/* Who asks; n == 0 when unknown. */
CLEF_API(const Address *, http_peer, const HttpExchange *x);
/* Which address of this machine was asked; n == 0 when the kernel does not say. */
CLEF_API(Address, http_local, const HttpExchange *x);
/* The connection has a transport of its own (TLS). */
CLEF_API(bool, http_is_secure, const HttpExchange *x);
/* The client has closed its side or gone. It may still read the answer. */
CLEF_API(bool, http_peer_closed, const HttpExchange *x);
/* fn(arg) on the loop's stack when that happens, at once when it has; NULL takes it back. Gone after the handler. */
CLEF_API(void, http_on_peer_closed, HttpExchange *x, void (*fn)(void *arg), void *arg);

/*
 * The body. At least one byte and at most n; 0 at the end; -1 when there is no more and the body is not complete: then
 * http_body_status() is the status to answer with (400, 408, 413, 431, 503 without memory, or 499 when the client
 * went). The first read answers "Expect: 100-continue". What a handler leaves unread is dropped.
 */
CLEF_API(ssize_t, http_body_read, HttpExchange *x, char *p, size_t n) CLEF_MUST_USE;
/* The whole of it, at most `limit` bytes, without a copy when it has arrived already. False as -1 above; 413 past it. */
CLEF_API(bool, http_body_all, HttpExchange *x, uint64_t limit, Str *out) CLEF_MUST_USE;
/* fn for each piece as it comes, without a copy, until fn returns false. False as -1 above. */
CLEF_API(bool, http_body_each, HttpExchange *x, bool (*fn)(void *arg, Str piece), void *arg) CLEF_MUST_USE;
CLEF_API(int, http_body_status, const HttpExchange *x);
/* After the end of a chunked body: its trailers. */
CLEF_API(size_t, http_body_trailers, HttpExchange *x, HttpHeader *out, size_t n);

/*
 * Answers. `block` is header lines, each with its CR LF, of a caller who vouches for them; Date, Content-Length,
 * Transfer-Encoding and Connection are the server's. 1xx and 204 have no length; 304 and HEAD no body. All of these
 * return false when the client can no longer be reached, and wait when it is slow. A handler that returns without an
 * answer has answered 500; one that answers twice is a bug.
 */
CLEF_API(bool, http_respond, HttpExchange *x, int status, Str block, Str body);
/*
 * The same in two steps, for a caller who writes the block where it leaves from: http_respond_open() returns the place
 * for at most `block` bytes of header lines; http_respond_close() takes the place behind the last one and the body, of
 * `length` bytes as promised. Nothing may wait or raise in between. NULL: the client can no longer be reached.
 */
CLEF_API(char *, http_respond_open, HttpExchange *x, int status, size_t block, uint64_t length) CLEF_MUST_USE;
CLEF_API(bool, http_respond_close, HttpExchange *x, char *at, Str body);
/*
 * Before any of these: the status line of the answer says this instead of the usual phrase. It is borrowed until the
 * head is written; clients need not read it. False, and nothing changes, for one that is longer than HTTP_REASON_MAX or
 * has control characters.
 */
#define HTTP_REASON_MAX 256u /* bytes */
CLEF_API(bool, http_respond_reason, HttpExchange *x, Str reason);
/* The same with headers that are checked: a name that is no token, or a value with a line end, makes it a 500. */
CLEF_API(bool, http_respond_headers, HttpExchange *x, int status, const HttpHeader *headers, size_t n, Str body);
/* `n` bytes of fd from `offset`; fewer there: the connection is cut. */
CLEF_API(bool, http_respond_file, HttpExchange *x, int status, Str block, int fd, int64_t offset, int64_t n);
/*
 * In pieces: `length` bytes, or -1: chunked (HTTP/1.0: until the close). Pieces leave at the end of the loop's turn, or
 * at http_stream_flush. A handler that returns without http_stream_finish cuts a chunked stream. Trailers only when
 * chunked. A stream shorter than its length cuts the connection; longer is a bug.
 */
CLEF_API(bool, http_stream_start, HttpExchange *x, int status, Str block, int64_t length);
CLEF_API(bool, http_stream_write, HttpExchange *x, Str piece);
CLEF_API(bool, http_stream_flush, HttpExchange *x);
CLEF_API(bool, http_stream_finish, HttpExchange *x, const HttpHeader *trailers, size_t n);
/* An interim answer (103), before the final one. */
CLEF_API(bool, http_respond_interim, HttpExchange *x, int status, Str block);
/*
 * 101 with these lines (Connection: Upgrade is added, the Upgrade line is the caller's), sent at once; then the connection
 * is the caller's, and the exchange only memory. False when it could not be sent. taken->unread lives in x->arena.
 */
CLEF_API(bool, http_upgrade, HttpExchange *x, Str block, HttpTaken *taken);

#endif
