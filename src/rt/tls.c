/*
 * tls.c: the bytes of a connection. OpenSSL reads the socket through a BIO of ours, and writes to the context's `wire`:
 * whatever one call produces (a flight of the handshake, four records, an alert) leaves by one send. What the socket does
 * not take is kept with the connection, so that OpenSSL never has to be asked twice to write the same bytes.
 */
#include "rt/tls.h"
#include "base/fault.h"
#include <clef/base/assert.h>

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

/* ---- the socket ---- */

static int fail(Tls *t, int error, const char *reason)
{
    if (!t->error) {
        t->error = error;
        t->reason = reason;
    }
    return t->error;
}

static ssize_t send_some(Tls *t, const char *p, size_t n)
{
    ssize_t sent;
    do
        sent = FAULT_CALL(EPIPE, send(t->fd, p, n, MSG_NOSIGNAL));
    while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return sent;
    return errno == EAGAIN ? 0 : fail(t, -errno, "the connection is gone");
}

/* Sends the wire; what does not go becomes pending. */
static void send_wire(Tls *t)
{
    TlsContext *cx = t->cx;
    size_t at = 0;
    bool speaks = !t->error || t->error == -EPROTO; /* the alert goes out */
    if (cx->wire_n && speaks && t->pending.n == 0) {
        ssize_t sent = send_some(t, cx->wire, cx->wire_n);
        at = sent > 0 ? (size_t)sent : 0;
    }
    if (at < cx->wire_n && !t->error && !buf_add(&t->pending, cx->wire + at, cx->wire_n - at))
        (void)fail(t, -ENOBUFS, "more bytes wait for the peer than the limit of 1 MiB");
    cx->wire_n = 0;
}

int tls_flush(Tls *t)
{
    while (t->pending.n) {
        ssize_t sent = send_some(t, t->pending.p, t->pending.n);
        if (sent < 0)
            return (int)sent;
        if (sent == 0)
            return -EAGAIN;
        buf_consume(&t->pending, (size_t)sent);
    }
    if (t->pending.cap)
        buf_finish(&t->pending);
    return t->error;
}

static int bio_write(BIO *b, const char *p, int n)
{
    Tls *t = BIO_get_data(b);
    TlsContext *cx = t->cx;
    for (size_t left = (size_t)n; left;) {
        size_t room = TLS_WIRE - cx->wire_n, part = left < room ? left : room;
        memcpy(cx->wire + cx->wire_n, p, part);
        cx->wire_n += part;
        p += part;
        left -= part;
        if (cx->wire_n == TLS_WIRE)
            send_wire(t);
    }
    return n;
}

static int bio_read(BIO *b, char *p, int n)
{
    Tls *t = BIO_get_data(b);
    ssize_t got;
    BIO_clear_retry_flags(b);
    do
        got = FAULT_CALL(ECONNRESET, recv(t->fd, p, (size_t)n, 0));
    while (got < 0 && errno == EINTR);
    t->drained = got < n;
    if (got > 0) {
        if (CLEF_UNLIKELY(!t->begun)) {
            t->begun = true;
            t->foreign = p[0] >= 'A' && p[0] <= 'Z';
        }
        return (int)got;
    }
    if (got == 0) {
        t->peer_gone = true;
        return 0;
    }
    if (errno == EAGAIN)
        BIO_set_retry_read(b);
    else
        (void)fail(t, -errno, "the connection is gone");
    return -1;
}

static long bio_ctrl(BIO *b, int command, long n, void *p)
{
    (void)n, (void)p;
    if (command == BIO_CTRL_EOF)
        return ((Tls *)BIO_get_data(b))->peer_gone;
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP || command == BIO_CTRL_PUSH || command == BIO_CTRL_POP;
}

BIO_METHOD *tls_bio_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "clef");
    if (!m)
        return NULL;
    BIO_meth_set_write(m, bio_write);
    BIO_meth_set_read(m, bio_read);
    BIO_meth_set_ctrl(m, bio_ctrl);
    return m;
}

/* ---- life ---- */

static Tls *create(TlsContext *cx, int fd)
{
    if (!cx->plain && !(cx->plain = arena_try_alloc(cx->arena, TLS_RECORD)))
        return NULL;
    if (!cx->wire && !(cx->wire = arena_try_alloc(cx->arena, TLS_WIRE)))
        return NULL;
    Tls *t = cx->spare;
    if (t)
        cx->spare = t->next;
    else if (!(t = arena_try_alloc(cx->arena, sizeof *t)))
        return NULL;
    *t = (Tls){ .cx = tls_context_keep(cx), .fd = fd, .reason = "", .pending = BUF_INIT(NULL, TLS_PENDING_MAX) };
    ERR_clear_error();
    t->ssl = SSL_new(cx->ssl);
    BIO *b = t->ssl && cx->method ? BIO_new(cx->method) : NULL;
    if (!b) {
        tls_close(t);
        return NULL;
    }
    BIO_set_data(b, t);
    BIO_set_init(b, 1);
    SSL_set_bio(t->ssl, b, b);
    (void)SSL_set_app_data(t->ssl, t);
    return t;
}

Tls *tls_accept(TlsContext *cx, int fd)
{
    Tls *t = create(cx, fd);
    if (t)
        SSL_set_accept_state(t->ssl);
    return t;
}

Tls *tls_connect(TlsContext *cx, int fd, Str host)
{
    char name[256];
    uint8_t address[16];
    if (host.n >= sizeof name || memchr(host.p ? host.p : "", 0, host.n)) {
        errno = EINVAL;
        return NULL;
    }
    Tls *t = create(cx, fd);
    if (!t)
        return NULL;
    SSL_set_connect_state(t->ssl);
    memcpy(name, host.p ? host.p : "", host.n);
    name[host.n] = 0;
    bool is_address = inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1, ok = true;
    if (is_address) {
        ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(t->ssl), name) == 1;
    } else if (host.n) {
        SSL_set_hostflags(t->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        ok = SSL_set1_host(t->ssl, name) == 1 && SSL_set_tlsext_host_name(t->ssl, name) == 1;
    } else {
        ok = SSL_get_verify_mode(t->ssl) == SSL_VERIFY_NONE;
    }
    if (!ok) {
        tls_close(t);
        errno = EINVAL;
        return NULL;
    }
    return t;
}

void tls_close(Tls *t)
{
    if (!t)
        return;
    TlsContext *cx = t->cx;
    if (t->ssl) {
        (void)tls_end(t);
        SSL_free(t->ssl);
    }
    buf_finish(&t->pending);
    *t = (Tls){ .next = cx->spare };
    cx->spare = t;
    tls_context_release(cx);
}

/* ---- reading and writing ---- */

/* What a call of OpenSSL that did not succeed means. */
static int outcome(Tls *t)
{
    int what = SSL_get_error(t->ssl, 0);
    if (what == SSL_ERROR_WANT_READ)
        return -EAGAIN;
    if (what == SSL_ERROR_ZERO_RETURN)
        return 0;
    unsigned long e = ERR_peek_error();
    ERR_clear_error();
    if (t->error)
        return t->error;
    if (t->foreign && !t->complete) {
        t->cx->wire_n = 0;
        return fail(t, -EPROTOTYPE, "plain text came where TLS was expected");
    }
    if (t->peer_gone)
        return fail(t, -ECONNRESET,
                    t->complete ? "the peer closed the connection without ending TLS"
                                : "the peer closed the connection during the handshake");
    long verdict = SSL_get_verify_result(t->ssl);
    if (verdict != X509_V_OK && SSL_get_verify_mode(t->ssl) != SSL_VERIFY_NONE)
        return fail(t, -EPROTO, X509_verify_cert_error_string(verdict));
    const char *reason = ERR_reason_error_string(e);
    return fail(t, -EPROTO, reason ? reason : "TLS failed");
}

/* Before and after each call of OpenSSL. */
static inline void enter(Tls *t)
{
    ERR_clear_error();
    t->drained = false;
    t->complete = SSL_is_init_finished(t->ssl);
    t->cx->wire_n = 0;
}

int tls_handshake(Tls *t)
{
    if (t->error)
        return t->error;
    int pending = tls_flush(t);
    if (pending < 0 && pending != -EAGAIN)
        return pending;
    enter(t);
    int result = SSL_do_handshake(t->ssl) == 1 ? 0 : outcome(t);
    if (result == 0 && !SSL_is_init_finished(t->ssl))
        result = fail(t, -ECONNRESET, "the peer ended TLS during the handshake");
    send_wire(t);
    return result == 0 && t->pending.n ? -EAGAIN : result;
}

ssize_t tls_recv(Tls *t, void *p, size_t n, bool *drained)
{
    size_t got;
    if (drained)
        *drained = false;
    if (CLEF_UNLIKELY(t->error))
        return t->error;
    if (CLEF_UNLIKELY(t->pending.n)) {
        int sent = tls_flush(t);
        if (sent < 0 && sent != -EAGAIN)
            return sent;
    }
    if (n == 0)
        return 0;
    enter(t);
    if (CLEF_LIKELY(SSL_read_ex(t->ssl, p, n, &got) == 1)) {
        if (CLEF_UNLIKELY(t->cx->wire_n))
            send_wire(t);
        if (drained)
            *drained = t->drained && !SSL_has_pending(t->ssl);
        return (ssize_t)got;
    }
    int result = outcome(t);
    if (t->cx->wire_n)
        send_wire(t);
    return result;
}

/* Encrypts from the pieces, at most TLS_BATCH bytes, into the wire. How many, or -errno. */
static ssize_t encrypt(Tls *t, const struct iovec *pieces, size_t n)
{
    size_t done = 0, at = 0;
    for (size_t i = 0; i < n && done < TLS_BATCH;) {
        const char *from = (const char *)pieces[i].iov_base + at;
        size_t left = pieces[i].iov_len - at, most = TLS_BATCH - done < TLS_RECORD ? TLS_BATCH - done : TLS_RECORD;
        size_t part = left < most ? left : most, written;
        if (part == 0) {
            i++;
            at = 0;
            continue;
        }
        at += part;
        if (part < most && i + 1 < n) {
            /* Small ones together in a record. */
            memcpy(t->cx->plain, from, part);
            while (part < most && i + 1 < n) {
                i++;
                at = pieces[i].iov_len < most - part ? pieces[i].iov_len : most - part;
                if (at)
                    memcpy(t->cx->plain + part, pieces[i].iov_base, at);
                part += at;
            }
            from = t->cx->plain;
        }
        if (SSL_write_ex(t->ssl, from, part, &written) != 1) {
            int result = outcome(t);
            return result == 0 || result == -EAGAIN ? fail(t, -EPROTO, "TLS failed") : result;
        }
        done += written;
    }
    return (ssize_t)done;
}

ssize_t tls_writev(Tls *t, const struct iovec *pieces, size_t n)
{
    if (CLEF_UNLIKELY(t->error))
        return t->error;
    if (CLEF_UNLIKELY(t->ended))
        return -EPIPE;
    if (CLEF_UNLIKELY(!SSL_is_init_finished(t->ssl)))
        return -ENOTCONN;
    if (CLEF_UNLIKELY(t->pending.n)) {
        int sent = tls_flush(t);
        if (sent < 0)
            return sent;
    }
    if (CLEF_UNLIKELY(t->owed)) {
        size_t given = 0;
        for (size_t i = 0; i < n && given < t->owed; i++)
            given += pieces[i].iov_len;
        if (given > t->owed)
            given = t->owed;
        t->owed -= given;
        return (ssize_t)given;
    }
    enter(t);
    ssize_t done = encrypt(t, pieces, n);
    send_wire(t);
    if (CLEF_UNLIKELY(t->error))
        return t->error;
    if (CLEF_UNLIKELY(t->pending.n)) {
        t->owed = (size_t)done;
        return -EAGAIN;
    }
    return done;
}

int tls_end(Tls *t)
{
    if (t->error || !SSL_is_init_finished(t->ssl))
        return t->error;
    if (!t->ended) {
        t->ended = true;
        enter(t);
        (void)SSL_shutdown(t->ssl);
        ERR_clear_error();
        send_wire(t);
    }
    return tls_flush(t);
}

/* ---- what it became ---- */

bool tls_established(const Tls *t) { return SSL_is_init_finished(t->ssl); }
Str tls_version(const Tls *t) { return str_c(SSL_get_version(t->ssl)); }
Str tls_cipher(const Tls *t) { return str_c(SSL_get_cipher_name(t->ssl)); }
Str tls_server_name(const Tls *t) { return str_c(SSL_get_servername(t->ssl, TLSEXT_NAMETYPE_host_name)); }
const char *tls_reason(const Tls *t) { return t->reason; }

Str tls_protocol(const Tls *t)
{
    const uint8_t *p = NULL;
    unsigned n = 0;
    SSL_get0_alpn_selected(t->ssl, &p, &n);
    return str_from((const char *)p, n);
}
