/*
 * http_tls.h: HTTPS: the transport of an HttpServer that speaks TLS.
 *
 *     TlsContext *cx = tls_server_context(&options, &findings);
 *     HttpTls *tls = http_tls_create(arena, cx);
 *     http_server_listen_tls(server, address_listen(&address, NULL), tls);
 *     ...
 *     http_tls_swap(tls, tls_server_context(&options, &findings));     the files have changed
 *
 * The handshake is part of the time that a client has for its first byte (HttpLimits.first_byte_ms). A client that speaks
 * plain HTTP is answered 400 in plain text. TLS that a client ends without close_notify counts as ended: HTTP knows by
 * itself when bytes are missing.
 */
#ifndef CLEF_NET_HTTP_TLS_H
#define CLEF_NET_HTTP_TLS_H

#include <clef/net/http_server.h>
#include <clef/rt/tls.h>

/* Takes the caller's reference to the context, and gives it back when the arena ends. The servers must be gone by then. */
CLEF_API(HttpTls *, http_tls_create, Arena *arena, TlsContext *context) CLEF_NONNULL;
/*
 * From now on connections are accepted under this one, whose reference is taken. Those there are keep theirs to their
 * end.
 */
CLEF_API(void, http_tls_swap, HttpTls *tls, TlsContext *context);
/* The TLS under a request, for its version, cipher and names; NULL: there is none. */
CLEF_API(const Tls *, http_tls_of, const HttpExchange *x);
/* As HttpServerOptions.open, with an HttpTls as arg. */
CLEF_API(const HttpTransport *, http_tls_open, void *tls, int fd, void **state);

#endif
