/*
 * http_server.h: the inside of the HTTP server, shared by http_server.c (life, accepting, time), http_conn.c (reading,
 * writing, the order of requests), http_body.c and http_response.c.
 *
 * A connection goes through phases, each with its deadline. A deadline is a word in the HttpConn that costs one store; no
 * timer is touched for a request. The wheel visits every connection at least once in the shortest of the limits, so that
 * a deadline that was set after the last visit cannot pass unseen.
 */
#ifndef CLEF_SRC_NET_HTTP_SERVER_H
#define CLEF_SRC_NET_HTTP_SERVER_H

#include <clef/base/assert.h>
#include <clef/base/buf.h>
#include <clef/net/http_server.h>
#include <sys/uio.h>

enum {
    HTTP_BUFFER = 16384,    /* bytes of a connection's receive or send buffer */
    HTTP_BUFFERS_KEPT = 64, /* free ones that a server keeps; likewise exchanges, each with two more */
    HTTP_COPY_MAX = 8192,   /* a body up to this is copied behind its head */
    HTTP_HEAD_ROOM = 256,   /* bytes of a response head beside the caller's block */
    HTTP_REFUSAL_MAX = 1024,
    HTTP_ARENA_OWN =
        512, /* of an arena's first chunk, besides the one allocation that it is made for; with room to spare */
    WHEEL = 64,
};

typedef enum HttpPhase {
    PHASE_FIRST_BYTE,
    PHASE_HEADER,
    PHASE_RUN, /* a handler runs; with a deadline while the body is not complete */
    PHASE_IDLE,
    PHASE_LINGER,
    PHASE_GONE, /* in the list of free ones */
} HttpPhase;

typedef struct HttpBuffer HttpBuffer;
struct HttpBuffer {
    HttpBuffer *next; /* free list */
    Arena *arena;     /* that holds it */
    uint32_t cap;     /* bytes at p; HTTP1_PAD more behind them */
    uint32_t from, n; /* p[from..n) counts */
    char p[];
};

typedef struct Exchange Exchange;

struct HttpConn {
    Watcher watcher;
    HttpServer *server;
    Exchange *x; /* while a request is being read or handled */
    HttpBuffer *in,
        *out; /* both, whenever there is an exchange; `out` alone while the end of an answer waits for room */
    Fiber *waiter;
    Fiber *fiber;     /* that serves it, while `running` */
    int64_t deadline; /* monotonic ns; 0: none */
    int64_t began;    /* when the request's first byte came */
    const HttpTransport *transport;
    void *state;
    HttpConn *prev, *next; /* of its bucket in the wheel */
    uint32_t requests;
    uint16_t bucket;
    uint8_t phase; /* HttpPhase */
    bool readable; /* there may be more to read */
    bool writable;
    bool peer_done; /* the client has closed its side */
    bool broken;    /* nothing can be written any more */
    bool running;   /* a fiber serves it */
    bool detached;  /* that fiber has waited: nobody writes when it waits again */
    bool last;      /* no request after this one */
    bool mistaken;  /* plain text came where TLS was expected */
    bool flush_queued;
    bool write_waits; /* a fiber waits to write, until write_deadline */
    int64_t write_deadline;
    Address peer;
};

_Static_assert(sizeof(HttpConn) <= 512, "an idle connection is small");

typedef enum ExchangeState { ANSWER_NONE, ANSWER_STREAM, ANSWER_DONE, ANSWER_TAKEN } ExchangeState;

struct Exchange {
    HttpExchange pub;
    Exchange *next;       /* free list */
    HttpBuffer *in, *out; /* of a free one: clean ones, for the connection that takes it */
    Arena *own;           /* that holds it */
    Http1Parser parser;
    HttpBuffer *head_buffer; /* that holds the head, when conn->in is another by now */
    uint64_t body_left;      /* of a body with a length */
    uint64_t body_seen;
    uint64_t stream_left;
    void (*on_closed)(void *arg);
    void *on_closed_arg;
    Http1Chunks chunks;
    Buf trailers;
    const char *body_why;
    Str reason; /* of the status line; empty: the usual one */
    uint16_t body_status;
    uint8_t state;       /* ExchangeState */
    uint8_t crashes;     /* of its handler, and of what then answers in its place */
    bool has_body;       /* the request came with one: http_body_end */
    bool body_open;      /* there is more of it */
    bool await_continue; /* 100 was not sent yet */
    bool stream_chunked, stream_mute, stream_sized;
    HttpHeader headers[];
};

static inline Exchange *exchange_of(const HttpExchange *x) { return (Exchange *)(uintptr_t)x; }

typedef struct Listener Listener;
struct Listener {
    Watcher watcher;
    HttpServer *server;
    HttpTls *tls; /* NULL: as the options say */
    Listener *next;
    Timer retry;
};

struct HttpServer {
    Loop *loop;
    Arena *arena;
    HttpServerOptions o; /* the limits with their defaults filled in */
    HttpBuffer *buffers;
    Exchange *exchanges;
    HttpConn *conns; /* free list by `next` */
    uint32_t nbuffers, nexchanges;
    HttpStats stats;
    int64_t date_until;
    char head[72]; /* "HTTP/1.1 200 OK\r\nDate: ...\r\nContent-Length: " */
    Listener *listeners;
    Timer wheel_timer;
    Timer drained; /* due when a stopped server has lost its last connection */
    int64_t tick_ns;
    int64_t reach_ns; /* the shortest limit: no connection goes unvisited for longer */
    uint32_t hand;
    bool stopping, destroying;
    void (*done)(void *arg);
    void *done_arg;
    int64_t stop_idle_at, stop_all_at;
    HttpConn *wheel[WHEEL];
};

/* http_server.c */
/* NULL: there is no memory. */
CLEF_PRIVATE(HttpBuffer *, http_buffer_take, HttpServer *s, uint32_t cap);
CLEF_PRIVATE(void, http_buffer_give, HttpServer *s, HttpBuffer *b);
/* Gives the connection, which has none, an exchange and both buffers. False: there is no memory. */
CLEF_PRIVATE(bool, http_exchange_make, HttpConn *c) CLEF_COLD;
static inline bool http_exchange_take(HttpConn *c)
{
    HttpServer *s = c->server;
    Exchange *x = s->exchanges;
    if (CLEF_UNLIKELY(!x || c->out))
        return http_exchange_make(c);
    s->exchanges = x->next;
    s->nexchanges--;
    c->x = x;
    c->in = x->in;
    c->out = x->out;
    return true;
}
/* Takes back what it has, but for a send buffer that is not empty. */
CLEF_PRIVATE(void, http_exchange_drop, HttpConn *c) CLEF_COLD;
static inline void http_exchange_give(HttpConn *c)
{
    HttpServer *s = c->server;
    Exchange *x = c->x;
    if (CLEF_UNLIKELY(!x || c->out->n || c->in->cap != HTTP_BUFFER || s->nexchanges >= HTTP_BUFFERS_KEPT)) {
        http_exchange_drop(c);
        return;
    }
    c->in->from = c->in->n = 0;
    x->in = c->in;
    x->out = c->out;
    c->x = NULL;
    c->in = c->out = NULL;
    http1_parser_reset(&x->parser);
    x->next = s->exchanges;
    s->exchanges = x;
    s->nexchanges++;
}
CLEF_PRIVATE(void, http_date_render, HttpServer *s) CLEF_COLD;
/* The connection is closed and forgotten; its memory goes to the list of free ones. */
CLEF_PRIVATE(void, http_conn_free, HttpConn *c);
static inline int64_t http_in_ms(const HttpServer *s, uint32_t ms)
{
    return ms == UINT32_MAX ? 0 : loop_now(s->loop) + (int64_t)ms * 1000000;
}

/* http_conn.c */
/* Nothing more is handled: the client gets time to read what was sent, then the connection goes. Not while `running`. */
CLEF_PRIVATE(void, http_conn_linger, HttpConn *c);
CLEF_PRIVATE(void, http_conn_event, Loop *loop, Watcher *w, uint32_t events);
CLEF_PRIVATE(void, http_conn_expired, HttpConn *c);
/* Reads into conn->in, which has room. > 0, 0 nothing now, -1 no more will come. */
CLEF_PRIVATE(ssize_t, http_conn_recv, HttpConn *c, char *p, size_t n);
/* Writes what it can without waiting: false when something is left or the connection is broken. */
CLEF_PRIVATE(bool, http_conn_try_flush, HttpConn *c);
/* Writes out and then the pieces, all of it, waiting when it must (on a fiber). False: broken. */
CLEF_PRIVATE(bool, http_conn_send, HttpConn *c, struct iovec *pieces, int n) __attribute__((noinline));
/* Parks the running fiber until the connection can be read (or written), or the phase's deadline passed: false. */
CLEF_PRIVATE(bool, http_conn_wait, HttpConn *c, bool write);
/*
 * Room for n bytes in conn->out, waiting when it must; NULL when the connection is broken. n <= HTTP_BUFFER, with an
 * exchange.
 */
CLEF_PRIVATE(char *, http_conn_make_room, HttpConn *c, size_t n);
static inline char *http_conn_room(HttpConn *c, size_t n)
{
    HttpBuffer *out = c->out;
    if (CLEF_LIKELY(!c->broken && out->cap - out->n >= n))
        return out->p + out->n;
    return http_conn_make_room(c, n);
}
/* What lies in out leaves at the end of this turn. */
CLEF_PRIVATE(void, http_conn_flush_later, HttpConn *c);
CLEF_PRIVATE(void, http_conn_break, HttpConn *c);
/* Answers with a refusal, then lets the connection end. Not while a handler runs. */
CLEF_PRIVATE(void, http_conn_refuse, HttpConn *c, int status, const char *why) CLEF_COLD;
/*
 * Out of the server's hands: unwatched, forgotten, not closed. False, and nothing happens: no memory for the unread
 * bytes.
 */
CLEF_PRIVATE(bool, http_conn_take, HttpConn *c, Arena *arena, HttpTaken *taken);

/* http_response.c */
/* A whole answer, at most HTTP_REFUSAL_MAX bytes; returns its end. */
CLEF_PRIVATE(char *, http_put_refusal, HttpConn *c, char *at, int status, const char *why);
/* What the handler left undone. */
CLEF_PRIVATE(void, http_answer_finish, Exchange *x);

/* http_body.c */
CLEF_PRIVATE(void, http_body_begin, Exchange *x);
/* Drops what was not read; false when the connection must close for it. */
CLEF_PRIVATE(bool, http_body_finish, Exchange *x);
/* Gives back what reading it has taken. */
CLEF_PRIVATE(void, http_body_end, Exchange *x);

#endif
