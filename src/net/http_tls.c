/* http_tls.c: TLS as a transport of the HTTP server. */
#include "net/http_server.h"
#include <clef/net/http_tls.h>

#include <errno.h>

struct HttpTls {
    TlsContext *context;
};

static ssize_t tls_transport_recv(void *state, char *p, size_t n, bool *drained)
{
    ssize_t got = tls_recv(state, p, n, drained);
    /* Cut short, or ended before it began: the end, as of a socket. */
    return got == -ECONNRESET ? 0 : got;
}

static ssize_t tls_transport_writev(void *state, const struct iovec *pieces, int n)
{
    return tls_writev(state, pieces, (size_t)n);
}

static void tls_transport_end(void *state) { (void)tls_end(state); }
static void tls_transport_close(void *state) { tls_close(state); }

static const HttpTransport transport = {
    .recv = tls_transport_recv,
    .writev = tls_transport_writev,
    .end = tls_transport_end,
    .close = tls_transport_close,
};

static void release(void *arg) { tls_context_release(((HttpTls *)arg)->context); }

HttpTls *http_tls_create(Arena *arena, TlsContext *context)
{
    HttpTls *tls = NEW(arena, HttpTls);
    tls->context = context;
    arena_defer(arena, release, tls);
    return tls;
}

void http_tls_swap(HttpTls *tls, TlsContext *context)
{
    tls_context_release(tls->context);
    tls->context = context;
}

const HttpTransport *http_tls_open(void *arg, int fd, void **state)
{
    HttpTls *tls = arg;
    Tls *t = tls_accept(tls->context, fd);
    *state = t ? (void *)t : (void *)-1;
    return t ? &transport : NULL;
}

const Tls *http_tls_of(const HttpExchange *x) { return x->conn->transport == &transport ? x->conn->state : NULL; }
