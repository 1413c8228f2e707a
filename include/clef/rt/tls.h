/*
 * tls.h: TLS 1.2 and 1.3 by OpenSSL. A TlsContext is what many connections share (certificates, rules, ticket keys); a Tls
 * is one connection over a nonblocking socket; a TlsStream is one as a Stream, for what waits on a fiber.
 *
 * The library is prepared at the first context: a program without one pays nothing. Renegotiation, compression and early
 * data are off. A context is used by one thread at a time, its connections included, and lives until the last reference
 * to it and the last connection are gone: a reload makes a new one, hands it to whoever accepts, and releases the old.
 *
 * Session resumption is by tickets alone, so that no server keeps a session. Their keys are derived (HKDF-SHA256) from
 * `ticket_secret` and the current period of six hours; a ticket is good in its period and the next, in which it is renewed.
 * Workers that were given the same secret so take each other's tickets without a word between them, as do a context and
 * its successor after a reload. Without a secret each context draws its own, which the copies of the context in forked
 * workers share.
 */
#ifndef CLEF_RT_TLS_H
#define CLEF_RT_TLS_H

#include <clef/base/arena.h>
#include <clef/rt/stream.h>

typedef struct TlsContext TlsContext;
typedef struct Tls Tls;

enum { TLS_WARNINGS_MAX = 16 };

/* What was found while a context was made. The texts are sentences that name the file and the remedy. */
typedef struct TlsFindings {
    Arena *arena; /* set by the caller: of the texts */
    Str error;    /* why there is no context; empty when there is one */
    Str warnings[TLS_WARNINGS_MAX];
    size_t nwarnings;
} TlsFindings;

/* Files are PEM, but `ocsp`. */
typedef struct TlsCertificate {
    Str name;        /* "example.org", or "*.example.org" for any one label; not looked at in the default one */
    Str certificate; /* the certificate, and behind it those that lead to its root */
    Str key;         /* without a passphrase; empty: in the same file */
    Str ocsp;        /* DER: the responder's answer, to be stapled; empty: CERTIFICATE.ocsp, if it is there */
} TlsCertificate;

typedef struct TlsServerOptions {
    TlsCertificate certificate;  /* for clients that name no server, or one that is not in the table */
    const TlsCertificate *names; /* SNI */
    size_t nnames;
    Str min_version;      /* "1.2" (when empty) or "1.3" */
    Str ciphers;          /* OpenSSL's list for TLS 1.2; empty: its default */
    const Str *protocols; /* ALPN, best first; none: "http/1.1" */
    size_t nprotocols;
    Str ticket_secret; /* at least 32 random bytes; empty: drawn */
} TlsServerOptions;

/* NULL, with findings->error. Needs no loop. Reads the files: not for a loop that serves, other than at a reload. */
CLEF_API(TlsContext *, tls_server_context, const TlsServerOptions *options, TlsFindings *findings) CLEF_MUST_USE;

typedef struct TlsClientOptions {
    Str ca_file;     /* PEM: whom to trust; empty: the system's store */
    Str certificate; /* PEM: our own, for servers that ask; with key as above */
    Str key;
    Str min_version;
    Str ciphers;
    const Str *protocols; /* ALPN; none: not offered */
    size_t nprotocols;
    bool insecure; /* take any certificate of any name */
} TlsClientOptions;

CLEF_API(TlsContext *, tls_client_context, const TlsClientOptions *options, TlsFindings *findings) CLEF_MUST_USE;

CLEF_API(TlsContext *, tls_context_keep, TlsContext *cx) CLEF_NONNULL;
/* The last one frees it, once its connections have ended. NULL is fine. */
CLEF_API(void, tls_context_release, TlsContext *cx);

/* ---- a connection; nothing here waits ---- */

/*
 * Over a connected, nonblocking socket, which stays the caller's. Nothing is sent or received yet. The client checks the
 * certificate for `host` (a name, or an address) and sends it as SNI. NULL: out of memory.
 */
CLEF_API(Tls *, tls_accept, TlsContext *cx, int fd) CLEF_MUST_USE;
CLEF_API(Tls *, tls_connect, TlsContext *cx, int fd, Str host) CLEF_MUST_USE;
/* Ends the connection properly when it can at once, and frees it; not the socket. NULL is fine. */
CLEF_API(void, tls_close, Tls *t);

/*
 * Outcomes are as of recv(2) and writev(2), negative errno, and:
 *
 *     -EAGAIN      when the socket has become readable, or writable, call again
 *     -EPROTO      TLS failed; tls_reason() says why; the peer has been sent the alert
 *     -EPROTOTYPE  the client did not begin with TLS but with text, as of HTTP; nothing was sent
 *     -ECONNRESET  also: the peer closed the socket without ending TLS first, so that bytes may be missing
 *
 * A failure is kept: every later call returns it. Reading carries a server's handshake on.
 */
CLEF_API(int, tls_handshake, Tls *t) CLEF_MUST_USE;
/* 0 at the end. *drained, which may be NULL: the socket was seen empty and nothing is left in here. */
CLEF_API(ssize_t, tls_recv, Tls *t, void *p, size_t n, bool *drained) CLEF_MUST_USE;
/*
 * At most 64 KiB at a time. After -EAGAIN the same bytes must come again, more may follow them. -ENOTCONN before the end of
 * the handshake.
 */
CLEF_API(ssize_t, tls_writev, Tls *t, const struct iovec *pieces, size_t n) CLEF_MUST_USE;
/* 0 when everything has gone to the socket. */
CLEF_API(int, tls_flush, Tls *t) CLEF_MUST_USE;
/* Tells the peer that nothing more comes (close_notify); reading goes on. As tls_flush. */
CLEF_API(int, tls_end, Tls *t);

/* About a connection whose handshake is complete; the strings live as long as it. */
CLEF_API(bool, tls_established, const Tls *t);
CLEF_API(Str, tls_version, const Tls *t);     /* "TLSv1.3" */
CLEF_API(Str, tls_cipher, const Tls *t);      /* "TLS_AES_256_GCM_SHA384" */
CLEF_API(Str, tls_protocol, const Tls *t);    /* ALPN; empty: none */
CLEF_API(Str, tls_server_name, const Tls *t); /* SNI, as the client gave it; empty: none */
/* Why it failed, a few words; "" when it has not. */
CLEF_API(const char *, tls_reason, const Tls *t) CLEF_NONNULL;

/* ---- a connection that waits ---- */

/*
 * `io` is connected, and is waited on by nobody else; it is the stream's from tlsstream_connect or _accept on: stream_close
 * closes it. A protocol that begins in plain text (STARTTLS) talks over an IoStream first and gives its io.
 */
typedef struct TlsStream {
    Stream stream;
    Io *io;
    Tls *tls;           /* NULL: closed */
    const char *reason; /* why a call failed with -EPROTO; "" */
} TlsStream;

/*
 * The handshake, by the stream's deadline, which is taken from `deadline_ns`. 0 or -errno: then s->reason, and *io is
 * closed.
 */
CLEF_API(int, tlsstream_connect, TlsStream *s, Io *io, TlsContext *cx, Str host, void *room, size_t n,
         int64_t deadline_ns)
CLEF_MUST_USE;
CLEF_API(int, tlsstream_accept, TlsStream *s, Io *io, TlsContext *cx, void *room, size_t n, int64_t deadline_ns)
CLEF_MUST_USE;

#endif
