/* tls_context.c: contexts: files read, rules set, and what is wrong with either told in sentences. */
#include "rt/tls.h"
#include <clef/base/assert.h>

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_N = 4096 };

static CLEF_PRINTF(2, 0) Str format(TlsFindings *f, const char *text, va_list args)
{
    Buf b = BUF_INIT(f->arena, 8192);
    (void)buf_vprintf(&b, text, args);
    return buf_view(&b);
}

void tls_warn(TlsFindings *f, const char *text, ...)
{
    va_list args;
    va_start(args, text);
    if (f->nwarnings < TLS_WARNINGS_MAX)
        f->warnings[f->nwarnings++] = format(f, text, args);
    va_end(args);
}

bool tls_refuse(TlsFindings *f, const char *text, ...)
{
    va_list args;
    va_start(args, text);
    f->error = format(f, text, args);
    va_end(args);
    return false;
}

const char *tls_openssl_error(void)
{
    unsigned long e = ERR_peek_error();
    const char *why = ERR_reason_error_string(e);
    if (!why)
        why = ERR_SYSTEM_ERROR(e) ? strerror(ERR_GET_REASON(e)) : "an error without a name";
    ERR_clear_error();
    return why;
}

/* ---- files ---- */

/* The path as a C string, of a file that can be read. */
static const char *readable(Str path, const char *what, struct stat *st, TlsFindings *f)
{
    if (path.n >= PATH_N || memchr(path.p, 0, path.n)) {
        (void)tls_refuse(f, "The path of the %s is longer than %d bytes or has a NUL in it.", what, PATH_N - 1);
        return NULL;
    }
    const char *p = str_dup_c(f->arena, path);
    if (access(p, R_OK) != 0 || stat(p, st) != 0) {
        const char *way =
            errno == EACCES ? "Let the user that the server runs as read it" : "Give the path of a file that is there";
        (void)tls_refuse(f, "The %s %s cannot be read: %s. %s.", what, p, strerror(errno), way);
        return NULL;
    }
    if (!S_ISREG(st->st_mode)) {
        (void)tls_refuse(f, "The %s %s is no file. Give the path of a PEM file.", what, p);
        return NULL;
    }
    return p;
}

/* Instead of asking at the terminal. */
static int no_passphrase(char *p, int n, int writes, void *asked)
{
    (void)p, (void)n, (void)writes;
    *(bool *)asked = true;
    return -1;
}

static bool load_key(SSL_CTX *ssl, const char *path, const struct stat *st, TlsFindings *f)
{
    bool asked = false;
    SSL_CTX_set_default_passwd_cb(ssl, no_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(ssl, &asked);
    int ok = SSL_CTX_use_PrivateKey_file(ssl, path, SSL_FILETYPE_PEM);
    SSL_CTX_set_default_passwd_cb_userdata(ssl, NULL);
    SSL_CTX_set_default_passwd_cb(ssl, NULL);
    if (ok != 1 && asked)
        return tls_refuse(
            f,
            "The key file %s is locked by a passphrase. A server cannot type one: write the key without it "
            "(openssl pkey -in %s -out FILE) and keep that file readable by the server only.",
            path, path);
    unsigned long e = ERR_peek_error();
    if (ok != 1 && ERR_GET_LIB(e) == ERR_LIB_X509 && ERR_GET_REASON(e) == X509_R_KEY_VALUES_MISMATCH) {
        ERR_clear_error();
        return tls_refuse(f,
                          "The key in %s does not belong to the certificate. Give the key that the certificate was "
                          "requested with.",
                          path);
    }
    if (ok != 1)
        return tls_refuse(f, "The key file %s cannot be used: %s. It must hold a private key in PEM.", path,
                          tls_openssl_error());
    if (st->st_mode & 07)
        tls_warn(f, "The key file %s can be read by every user of this machine (mode %04o). Run: chmod 600 %s", path,
                 (unsigned)st->st_mode & 07777, path);
    return true;
}

/* ---- OCSP ---- */

typedef struct Staple {
    int n;
    uint8_t p[];
} Staple;

static int give_staple(SSL *ssl, void *arg)
{
    const Staple *s = arg;
    uint8_t *copy = OPENSSL_memdup(s->p, (size_t)s->n);
    if (!copy || SSL_set_tlsext_status_ocsp_resp(ssl, copy, s->n) != 1) {
        OPENSSL_free(copy);
        return SSL_TLSEXT_ERR_NOACK;
    }
    return SSL_TLSEXT_ERR_OK;
}

/* The single answer says until when it holds. */
static bool is_fresh(OCSP_RESPONSE *r)
{
    OCSP_BASICRESP *basic = OCSP_response_get1_basic(r);
    OCSP_SINGLERESP *single = basic ? OCSP_resp_get0(basic, 0) : NULL;
    ASN1_GENERALIZEDTIME *from = NULL, *until = NULL;
    if (single)
        (void)OCSP_single_get0_status(single, NULL, NULL, &from, &until);
    bool ok = from && OCSP_check_validity(from, until, 300, -1) == 1;
    OCSP_BASICRESP_free(basic);
    ERR_clear_error();
    return ok;
}

static bool staple(Arena *a, SSL_CTX *ssl, const TlsCertificate *c, TlsFindings *f)
{
    struct stat st;
    const char *path = readable(c->ocsp, "OCSP file", &st, f);
    if (!path)
        return false;
    BIO *in = BIO_new_file(path, "rb");
    OCSP_RESPONSE *r = in ? d2i_OCSP_RESPONSE_bio(in, NULL) : NULL;
    BIO_free(in);
    int n = r && OCSP_response_status(r) == OCSP_RESPONSE_STATUS_SUCCESSFUL ? i2d_OCSP_RESPONSE(r, NULL) : 0;
    if (n <= 0) {
        OCSP_RESPONSE_free(r);
        ERR_clear_error();
        return tls_refuse(
            f, "The OCSP file %s holds no good answer in DER. Fetch it anew (openssl ocsp ... -respout FILE).", path);
    }
    if (!is_fresh(r))
        tls_warn(f, "The answer in the OCSP file %s is out of date. Fetch it anew and reload.", path);
    Staple *s = arena_alloc(a, sizeof *s + (size_t)n);
    uint8_t *at = s->p;
    s->n = i2d_OCSP_RESPONSE(r, &at);
    OCSP_RESPONSE_free(r);
    SSL_CTX_set_tlsext_status_cb(ssl, give_staple);
    SSL_CTX_set_tlsext_status_arg(ssl, s);
    return true;
}

/* ---- certificates ---- */

bool tls_load(Arena *a, SSL_CTX *ssl, const TlsCertificate *c, TlsFindings *f)
{
    struct stat st;
    if (c->certificate.n == 0)
        return tls_refuse(f, "No certificate file was named. Give the path of a PEM file.");
    const char *path = readable(c->certificate, "certificate file", &st, f);
    if (!path)
        return false;
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(ssl, path) != 1)
        return tls_refuse(
            f,
            "The certificate file %s cannot be used: %s. It must hold the certificate in PEM, and behind it "
            "those that lead to its root.",
            path, tls_openssl_error());
    const char *key = path;
    if (c->key.n && !(key = readable(c->key, "key file", &st, f)))
        return false;
    if (!load_key(ssl, key, &st, f))
        return false;
    if (SSL_CTX_check_private_key(ssl) != 1) {
        ERR_clear_error();
        return tls_refuse(
            f,
            "The key in %s does not belong to the certificate in %s. Give the key that the certificate was "
            "requested with.",
            key, path);
    }
    X509 *x = SSL_CTX_get0_certificate(ssl);
    if (X509_cmp_current_time(X509_get0_notAfter(x)) < 0)
        tls_warn(f, "The certificate in %s has expired. Renew it.", path);
    else if (X509_cmp_current_time(X509_get0_notBefore(x)) > 0)
        tls_warn(f, "The certificate in %s is not valid yet. Check the clock of this machine.", path);
    if (c->name.n) {
        Str probe = c->name;
        if (probe.p[0] == '*')
            probe = str_concat(f->arena, STR("any"), str_from_byte(probe, 1));
        if (X509_check_host(x, probe.p, probe.n, 0, NULL) != 1)
            tls_warn(f, "The certificate in %s is not for the name %.*s. Clients will refuse it.", path,
                     STR_FMT(c->name));
    }
    TlsCertificate own = *c;
    if (!own.ocsp.n) {
        own.ocsp = str_concat(f->arena, c->certificate, STR(".ocsp"));
        if (access(own.ocsp.p, F_OK) != 0)
            return true;
    }
    return staple(a, ssl, &own, f);
}

/* ---- rules ---- */

SSL_CTX *tls_base_context(const SSL_METHOD *method, Str min_version, Str ciphers, TlsFindings *f)
{
    int least = TLS1_2_VERSION;
    if (str_eq(min_version, STR("1.3"))) {
        least = TLS1_3_VERSION;
    } else if (min_version.n && !str_eq(min_version, STR("1.2"))) {
        (void)tls_refuse(f, "The oldest TLS is \"%.*s\", which is not spoken here. Say 1.2 or 1.3.",
                         STR_FMT(min_version));
        return NULL;
    }
    SSL_CTX *ssl = SSL_CTX_new(method);
    if (!ssl) {
        (void)tls_refuse(f, "OpenSSL cannot start: %s.", tls_openssl_error());
        return NULL;
    }
    SSL_CTX_set_min_proto_version(ssl, least);
    SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_clear_options(ssl, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS); /* an idle connection holds no record buffers */
    SSL_CTX_set_read_ahead(ssl, 1);                  /* one receive brings heads and contents of records alike */
    if (ciphers.n && SSL_CTX_set_cipher_list(ssl, str_dup_c(f->arena, ciphers)) != 1) {
        (void)tls_refuse(f, "The list of ciphers \"%.*s\" names none that OpenSSL has (openssl ciphers -v shows them).",
                         STR_FMT(ciphers));
        ERR_clear_error();
        SSL_CTX_free(ssl);
        return NULL;
    }
    return ssl;
}

bool tls_set_protocols(TlsContext *cx, const Str *protocols, size_t n, TlsFindings *f)
{
    Buf b = BUF_INIT(cx->arena, 1024);
    for (size_t i = 0; i < n; i++) {
        if (protocols[i].n == 0 || protocols[i].n > 255)
            return tls_refuse(f, "The name of a protocol (ALPN) has 1 to 255 bytes; \"%.*s\" has not.",
                              STR_FMT(protocols[i]));
        (void)(buf_byte(&b, (char)protocols[i].n) && buf_str(&b, protocols[i]));
    }
    if (b.failed)
        return tls_refuse(f, "The names of the protocols (ALPN) are longer than 1,024 bytes.");
    cx->protocols = buf_view(&b);
    return true;
}

TlsContext *tls_context_new(SSL_CTX *ssl)
{
    Arena *a = arena_create(NULL, 0, 1024);
    TlsContext *cx = NEW(a, TlsContext);
    cx->arena = a;
    cx->ssl = ssl;
    cx->references = 1;
    cx->method = tls_bio_method();
    return cx;
}

TlsContext *tls_context_keep(TlsContext *cx)
{
    cx->references++;
    return cx;
}

void tls_context_release(TlsContext *cx)
{
    if (!cx || --cx->references)
        return;
    for (size_t i = 0; i < cx->nnames; i++)
        SSL_CTX_free(cx->names[i].ssl);
    SSL_CTX_free(cx->ssl);
    BIO_meth_free(cx->method);
    if (cx->ticket_secret)
        OPENSSL_cleanse(cx->ticket_secret, cx->ticket_secret_n);
    OPENSSL_cleanse(cx->tickets, sizeof cx->tickets);
    arena_destroy(cx->arena);
}

/* ---- clients ---- */

static bool trust(SSL_CTX *ssl, const TlsClientOptions *o, TlsFindings *f)
{
    struct stat st;
    if (o->insecure) {
        SSL_CTX_set_verify(ssl, SSL_VERIFY_NONE, NULL);
        return true;
    }
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    if (o->ca_file.n) {
        const char *path = readable(o->ca_file, "file of trusted certificates", &st, f);
        if (!path)
            return false;
        if (SSL_CTX_load_verify_file(ssl, path) != 1)
            return tls_refuse(
                f, "The file of trusted certificates %s cannot be used: %s. It must hold certificates in PEM.", path,
                tls_openssl_error());
        return true;
    }
    if (SSL_CTX_set_default_verify_paths(ssl) != 1)
        return tls_refuse(f, "The system's trusted certificates cannot be read: %s.", tls_openssl_error());
    return true;
}

TlsContext *tls_client_context(const TlsClientOptions *o, TlsFindings *f)
{
    ASSERT(f->arena != NULL);
    f->error = STR("");
    SSL_CTX *ssl = tls_base_context(TLS_client_method(), o->min_version, o->ciphers, f);
    if (!ssl)
        return NULL;
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    TlsContext *cx = tls_context_new(ssl);
    TlsCertificate own = { .certificate = o->certificate, .key = o->key };
    if (!trust(ssl, o, f) || (own.certificate.n && !tls_load(cx->arena, ssl, &own, f)) ||
        !tls_set_protocols(cx, o->protocols, o->nprotocols, f)) {
        tls_context_release(cx);
        return NULL;
    }
    if (cx->protocols.n)
        (void)SSL_CTX_set_alpn_protos(ssl, (const uint8_t *)cx->protocols.p, (unsigned)cx->protocols.n);
    return cx;
}
