/* tls_server.c: what only servers have: certificates by name, the choice of a protocol, tickets. */
#include "rt/tls.h"
#include <clef/base/assert.h>
#include <clef/base/rand.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <stdlib.h>
#include <time.h>

/* ---- names ---- */

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const TlsName *)a)->name, ((const TlsName *)b)->name);
}

static SSL_CTX *find(const TlsContext *cx, Str name)
{
    TlsName key = { .name = name };
    const TlsName *found = bsearch(&key, cx->names, cx->nnames, sizeof key, by_name);
    return found ? found->ssl : NULL;
}

static int choose_name(SSL *ssl, int *alert, void *arg)
{
    (void)alert;
    TlsContext *cx = arg;
    Str given = str_c(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    char lower[256];
    if (given.n == 0 || given.n >= sizeof lower || cx->nnames == 0)
        return SSL_TLSEXT_ERR_OK;
    if (given.n > 1 && given.p[given.n - 1] == '.')
        given.n--;
    for (size_t i = 0; i < given.n; i++)
        lower[i] = (char)(given.p[i] >= 'A' && given.p[i] <= 'Z' ? given.p[i] | 0x20 : given.p[i]);
    Str name = str_from(lower, given.n);
    SSL_CTX *found = find(cx, name);
    size_t dot = found ? STR_NPOS : str_find_byte(name, '.');
    if (dot != STR_NPOS && dot > 0) {
        lower[dot - 1] = '*';
        found = find(cx, str_from_byte(name, dot - 1));
    }
    if (found)
        SSL_set_SSL_CTX(ssl, found);
    return SSL_TLSEXT_ERR_OK;
}

static bool name_fits(Str name)
{
    Str rest = str_starts(name, STR("*.")) ? str_from_byte(name, 2) : name;
    return rest.n > 0 && name.n < 256 && str_find_byte(rest, '*') == STR_NPOS;
}

static bool load_names(TlsContext *cx, const TlsServerOptions *o, TlsFindings *f)
{
    cx->names = NEW_ARRAY(cx->arena, TlsName, o->nnames ? o->nnames : 1);
    for (size_t i = 0; i < o->nnames; i++) {
        const TlsCertificate *c = &o->names[i];
        if (!name_fits(c->name))
            return tls_refuse(f, "\"%.*s\" is no name of a server. Write example.org or *.example.org.",
                              STR_FMT(c->name));
        SSL_CTX *ssl = tls_base_context(TLS_server_method(), o->min_version, o->ciphers, f);
        if (!ssl)
            return false;
        cx->names[cx->nnames++] = (TlsName){ str_lower(cx->arena, c->name), ssl };
        if (!tls_load(cx->arena, ssl, c, f))
            return false;
    }
    if (cx->nnames > 1)
        qsort(cx->names, cx->nnames, sizeof *cx->names, by_name);
    for (size_t i = 1; i < cx->nnames; i++)
        if (str_eq(cx->names[i - 1].name, cx->names[i].name))
            return tls_refuse(f, "The name %.*s has two certificates. Leave one out.", STR_FMT(cx->names[i].name));
    return true;
}

/* ---- the protocol ---- */

/* The first of ours that the client offers; a client with none of them is refused, as RFC 7301 asks. */
static int choose_protocol(SSL *ssl, const uint8_t **out, uint8_t *out_n, const uint8_t *offered, unsigned n, void *arg)
{
    (void)ssl;
    const TlsContext *cx = arg;
    Str ours = cx->protocols;
    for (size_t i = 0; i < ours.n; i += 1 + (uint8_t)ours.p[i])
        for (size_t j = 0; j < n && j + offered[j] < n; j += 1 + (size_t)offered[j])
            if (offered[j] == (uint8_t)ours.p[i] && memcmp(offered + j + 1, ours.p + i + 1, offered[j]) == 0) {
                *out = (const uint8_t *)ours.p + i + 1;
                *out_n = offered[j];
                return SSL_TLSEXT_ERR_OK;
            }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* ---- tickets ---- */

static bool derive(const TlsContext *cx, int64_t period, TicketKey *key)
{
    uint8_t out[sizeof key->name + sizeof key->aes + sizeof key->mac];
    char info[16] = "clef tic";
    for (int i = 0; i < 8; i++)
        info[8 + i] = (char)(period >> (56 - 8 * i));
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, cx->ticket_secret, cx->ticket_secret_n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof info),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *k = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    bool ok = k && EVP_KDF_derive(k, out, sizeof out, parameters) == 1;
    EVP_KDF_CTX_free(k);
    EVP_KDF_free(kdf);
    if (ok) {
        key->period = period;
        memcpy(key->name, out, sizeof key->name);
        memcpy(key->aes, out + sizeof key->name, sizeof key->aes);
        memcpy(key->mac, out + sizeof key->name + sizeof key->aes, sizeof key->mac);
    }
    OPENSSL_cleanse(out, sizeof out);
    return ok;
}

/* Keys of the running period and of the one before. */
static bool current_keys(TlsContext *cx)
{
    int64_t period = (int64_t)time(NULL) / TLS_TICKET_PERIOD;
    if (CLEF_LIKELY(cx->tickets[0].period == period))
        return true;
    return derive(cx, period, &cx->tickets[0]) && derive(cx, period - 1, &cx->tickets[1]);
}

static bool arm(const TicketKey *key, uint8_t *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypts)
{
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)(uintptr_t)key->mac, sizeof key->mac),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, parameters) == 1 &&
           EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->aes, iv, encrypts) == 1;
}

/* 0: no ticket, or none that we made: a full handshake. 2: good, and a fresh one is sent. */
static int ticket_key(SSL *ssl, uint8_t name[16], uint8_t iv[EVP_MAX_IV_LENGTH], EVP_CIPHER_CTX *cipher,
                      EVP_MAC_CTX *mac, int encrypts)
{
    TlsContext *cx = ((Tls *)SSL_get_app_data(ssl))->cx;
    if (!current_keys(cx))
        return 0;
    if (encrypts) {
        if (!rand_bytes(iv, (size_t)EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())))
            return 0;
        memcpy(name, cx->tickets[0].name, sizeof cx->tickets[0].name);
        return arm(&cx->tickets[0], iv, cipher, mac, 1);
    }
    for (int i = 0; i < 2; i++)
        if (memcmp(name, cx->tickets[i].name, sizeof cx->tickets[i].name) == 0)
            return arm(&cx->tickets[i], iv, cipher, mac, 0) ? 1 + i : 0;
    return 0;
}

static bool take_secret(TlsContext *cx, Str secret, TlsFindings *f)
{
    if (secret.n && secret.n < TLS_TICKET_SECRET)
        return tls_refuse(f, "The secret of the session tickets has %zu bytes. Give %d random ones or more.", secret.n,
                          TLS_TICKET_SECRET);
    cx->ticket_secret_n = secret.n ? secret.n : TLS_TICKET_SECRET;
    cx->ticket_secret = arena_alloc(cx->arena, cx->ticket_secret_n);
    if (secret.n)
        memcpy(cx->ticket_secret, secret.p, secret.n);
    else if (!rand_bytes(cx->ticket_secret, cx->ticket_secret_n))
        return tls_refuse(f, "The kernel gives no random bytes.");
    return true;
}

/* ---- the context ---- */

static bool prepare(TlsContext *cx, const TlsServerOptions *o, TlsFindings *f)
{
    static const Str http = { "http/1.1", 8 };
    if (!tls_load(cx->arena, cx->ssl, &o->certificate, f) || !load_names(cx, o, f) ||
        !take_secret(cx, o->ticket_secret, f) ||
        !tls_set_protocols(cx, o->nprotocols ? o->protocols : &http, o->nprotocols ? o->nprotocols : 1, f))
        return false;
    SSL_CTX_set_session_cache_mode(cx->ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(cx->ssl, TLS_TICKET_PERIOD);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(cx->ssl, ticket_key);
    SSL_CTX_set_tlsext_servername_callback(cx->ssl, choose_name);
    SSL_CTX_set_tlsext_servername_arg(cx->ssl, cx);
    SSL_CTX_set_alpn_select_cb(cx->ssl, choose_protocol, cx);
    for (size_t i = 0; i < cx->nnames; i++)
        SSL_CTX_set_alpn_select_cb(cx->names[i].ssl, choose_protocol, cx);
    return true;
}

TlsContext *tls_server_context(const TlsServerOptions *o, TlsFindings *f)
{
    ASSERT(f->arena != NULL);
    f->error = STR("");
    SSL_CTX *ssl = tls_base_context(TLS_server_method(), o->min_version, o->ciphers, f);
    if (!ssl)
        return NULL;
    TlsContext *cx = tls_context_new(ssl);
    if (!prepare(cx, o, f)) {
        tls_context_release(cx);
        return NULL;
    }
    return cx;
}
