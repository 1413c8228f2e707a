/* tls.h: the inside of contexts and connections. tls_context.c makes contexts, tls_server.c is what only servers have,
 * tls.c moves the bytes, tls_stream.c waits. */
#ifndef CLEF_SRC_RT_TLS_H
#define CLEF_SRC_RT_TLS_H

#include <clef/base/buf.h>
#include <clef/rt/tls.h>
#include <openssl/ssl.h>

enum {
    TLS_RECORD = 16384,
    TLS_BATCH = 4 * TLS_RECORD,        /* plain bytes of one tls_writev */
    TLS_WIRE = 4 * (TLS_RECORD + 256), /* the same on the wire */
    TLS_PENDING_MAX = 1 << 20,         /* bytes that wait for one socket */
    TLS_TICKET_SECRET = 32,            /* bytes */
    TLS_TICKET_PERIOD = 6 * 3600,      /* seconds */
};

typedef struct TicketKey {
    int64_t period; /* 0: none */
    uint8_t name[16], aes[32], mac[32];
} TicketKey;

/* A certificate that is chosen by name. */
typedef struct TlsName {
    Str name; /* in lower case */
    SSL_CTX *ssl;
} TlsName;

struct TlsContext {
    Arena *arena; /* holds this too */
    SSL_CTX *ssl;
    BIO_METHOD *method;
    TlsName *names; /* sorted */
    size_t nnames;
    Str protocols; /* ALPN, each with its length before it */
    uint8_t *ticket_secret;
    size_t ticket_secret_n;
    TicketKey tickets[2]; /* of this period, and of the one before or none */
    size_t references;    /* connections included */
    Tls *spare;           /* structs to use again, by `next` */
    char *plain;          /* TLS_RECORD bytes: small pieces become one record */
    char *wire;           /* TLS_WIRE bytes: what one call has to send, in one go */
    size_t wire_n;
};

struct Tls {
    SSL *ssl;
    TlsContext *cx;
    Tls *next;
    Buf pending; /* what the socket did not take */
    size_t owed; /* plain bytes in there that the caller was not told of */
    int fd;
    int error;          /* kept */
    const char *reason; /* static */
    bool begun;         /* a byte has come */
    bool complete;      /* the handshake was seen to be */
    bool foreign;       /* it was no TLS */
    bool drained;       /* the last read found fewer bytes than it asked for */
    bool peer_gone;     /* the socket has ended */
    bool ended;         /* close_notify was made */
};

/* Adds a warning, or sets the error. */
CLEF_PRIVATE(void, tls_warn, TlsFindings *f, const char *format, ...) CLEF_PRINTF(2, 3) CLEF_COLD;
CLEF_PRIVATE(bool, tls_refuse, TlsFindings *f, const char *format, ...) CLEF_PRINTF(2, 3) CLEF_COLD;
/* The first error of OpenSSL in words; empties its queue. */
CLEF_PRIVATE(const char *, tls_openssl_error, void) CLEF_COLD;

/* tls_context.c. What `a` gets lives as long as the context. */
CLEF_PRIVATE(bool, tls_load, Arena *a, SSL_CTX *ssl, const TlsCertificate *c, TlsFindings *f) CLEF_MUST_USE;
/* A context with the rules that clients and servers share. NULL with the error. */
CLEF_PRIVATE(SSL_CTX *, tls_base_context, const SSL_METHOD *method, Str min_version, Str ciphers, TlsFindings *f)
CLEF_MUST_USE;
CLEF_PRIVATE(TlsContext *, tls_context_new, SSL_CTX *ssl) CLEF_NONNULL;
CLEF_PRIVATE(bool, tls_set_protocols, TlsContext *cx, const Str *protocols, size_t n, TlsFindings *f) CLEF_MUST_USE;

/* tls.c */
CLEF_PRIVATE(BIO_METHOD *, tls_bio_method, void);

#endif
