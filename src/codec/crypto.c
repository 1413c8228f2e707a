/* crypto.c: digests, HMAC and key derivation of <clef/codec/crypto.h>. */
#include "codec/crypto.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <stdatomic.h>

static const struct {
    const char *name, *openssl;
    size_t size;
} digests[DIGESTS] = {
    [DIGEST_SHA256] = { "sha256", "SHA2-256", 32 },
    [DIGEST_SHA224] = { "sha224", "SHA2-224", 28 },
    [DIGEST_SHA384] = { "sha384", "SHA2-384", 48 },
    [DIGEST_SHA512] = { "sha512", "SHA2-512", 64 },
    [DIGEST_SHA3_224] = { "sha3_224", "SHA3-224", 28 },
    [DIGEST_SHA3_256] = { "sha3_256", "SHA3-256", 32 },
    [DIGEST_SHA3_384] = { "sha3_384", "SHA3-384", 48 },
    [DIGEST_SHA3_512] = { "sha3_512", "SHA3-512", 64 },
    [DIGEST_BLAKE2B] = { "blake2b", "BLAKE2B-512", 64 },
    [DIGEST_BLAKE2S] = { "blake2s", "BLAKE2S-256", 32 },
    [DIGEST_SHA1] = { "sha1", "SHA1", 20 },
    [DIGEST_MD5] = { "md5", "MD5", 16 },
};

/*
 * Looking an algorithm up takes OpenSSL some thousand instructions and a lock. These are filled once and only read from
 * then on: they hold no state of ours, and end with the process.
 */
static _Atomic(EVP_MD *) fetched_digests[DIGESTS];
static _Atomic(EVP_MAC_CTX *) hmac_models[DIGESTS];

size_t digest_size(Digest d) { return (unsigned)d < DIGESTS ? digests[d].size : 0; }
const char *digest_name(Digest d) { return (unsigned)d < DIGESTS ? digests[d].name : "unknown"; }

bool digest_by_name(Str name, Digest *out)
{
    for (unsigned i = 0; i < DIGESTS; i++)
        if (str_ieq(name, str_c(digests[i].name))) {
            *out = (Digest)i;
            return true;
        }
    return false;
}

bool crypto_failed(void)
{
    ERR_clear_error();
    return false;
}

const EVP_MD *crypto_digest(Digest d)
{
    if ((unsigned)d >= DIGESTS)
        return NULL;
    EVP_MD *md = atomic_load_explicit(&fetched_digests[d], memory_order_acquire);
    if (CLEF_LIKELY(md != NULL))
        return md;
    md = EVP_MD_fetch(NULL, digests[d].openssl, NULL);
    EVP_MD *first = NULL;
    if (!md) {
        crypto_failed();
    } else if (!atomic_compare_exchange_strong(&fetched_digests[d], &first, md)) {
        EVP_MD_free(md);
        md = first;
    }
    return md;
}

bool digest_bytes(Digest d, Str data, uint8_t out[static DIGEST_MAX])
{
    const EVP_MD *md = crypto_digest(d);
    return md && (EVP_Digest(data.p ? data.p : "", data.n, out, NULL, md, NULL) || crypto_failed());
}

struct Hasher {
    EVP_MD_CTX *ctx;
    const EVP_MD *md;
    bool failed;
};

static void free_digest(void *ctx) { EVP_MD_CTX_free(ctx); }

Hasher *hasher_create(Arena *a, Digest d)
{
    Hasher *h = NEW(a, Hasher);
    h->md = crypto_digest(d);
    h->ctx = h->md ? EVP_MD_CTX_new() : NULL;
    if (!h->ctx)
        return NULL;
    if (!EVP_DigestInit_ex(h->ctx, h->md, NULL)) {
        EVP_MD_CTX_free(h->ctx);
        crypto_failed();
        return NULL;
    }
    arena_defer(a, free_digest, h->ctx);
    return h;
}

bool hasher_add(Hasher *h, Str data)
{
    if (data.n && !EVP_DigestUpdate(h->ctx, data.p, data.n))
        h->failed = true;
    return !h->failed;
}

bool hasher_end(Hasher *h, uint8_t out[static DIGEST_MAX])
{
    bool ok = EVP_DigestFinal_ex(h->ctx, out, NULL) && !h->failed;
    h->failed = !EVP_DigestInit_ex(h->ctx, h->md, NULL);
    return ok || crypto_failed();
}

/* A context that knows its digest and has no key yet, to be copied. */
static const EVP_MAC_CTX *hmac_model(Digest d)
{
    if ((unsigned)d >= DIGESTS)
        return NULL;
    EVP_MAC_CTX *model = atomic_load_explicit(&hmac_models[d], memory_order_acquire);
    if (CLEF_LIKELY(model != NULL))
        return model;
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    model = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);
    OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                             (char *)(uintptr_t)digests[d].openssl, 0),
                            OSSL_PARAM_construct_end() };
    if (!model || !EVP_MAC_CTX_set_params(model, params)) {
        EVP_MAC_CTX_free(model);
        crypto_failed();
        return NULL;
    }
    EVP_MAC_CTX *first = NULL;
    if (!atomic_compare_exchange_strong(&hmac_models[d], &first, model)) {
        EVP_MAC_CTX_free(model);
        model = first;
    }
    return model;
}

/* A context with the key, or NULL. */
static EVP_MAC_CTX *hmac_start(Digest d, Str key)
{
    const EVP_MAC_CTX *model = hmac_model(d);
    EVP_MAC_CTX *ctx = model ? EVP_MAC_CTX_dup(model) : NULL;
    if (ctx && EVP_MAC_init(ctx, (const unsigned char *)(key.n ? key.p : ""), key.n, NULL))
        return ctx;
    EVP_MAC_CTX_free(ctx);
    crypto_failed();
    return NULL;
}

bool hmac_bytes(Digest d, Str key, Str data, uint8_t out[static DIGEST_MAX])
{
    EVP_MAC_CTX *ctx = hmac_start(d, key);
    if (!ctx)
        return false;
    bool ok = (data.n == 0 || EVP_MAC_update(ctx, (const unsigned char *)data.p, data.n)) &&
              EVP_MAC_final(ctx, out, NULL, DIGEST_MAX);
    EVP_MAC_CTX_free(ctx);
    return ok || crypto_failed();
}

struct HmacKey {
    EVP_MAC_CTX *ctx;
};

static void free_mac(void *ctx) { EVP_MAC_CTX_free(ctx); }

HmacKey *hmac_key_create(Arena *a, Digest d, Str key)
{
    HmacKey *k = NEW(a, HmacKey);
    k->ctx = hmac_start(d, key);
    if (!k->ctx)
        return NULL;
    arena_defer(a, free_mac, k->ctx);
    return k;
}

bool hmac_key_bytes(HmacKey *k, const Str *parts, size_t nparts, uint8_t out[static DIGEST_MAX])
{
    bool ok = EVP_MAC_init(k->ctx, NULL, 0, NULL);
    for (size_t i = 0; ok && i < nparts; i++)
        ok = parts[i].n == 0 || EVP_MAC_update(k->ctx, (const unsigned char *)parts[i].p, parts[i].n);
    return (ok && EVP_MAC_final(k->ctx, out, NULL, DIGEST_MAX)) || crypto_failed();
}

/* digest(salt + secret) */
static bool salted_key(Digest d, Str salt, Str secret, uint8_t key[static DIGEST_MAX])
{
    const EVP_MD *md = crypto_digest(d);
    EVP_MD_CTX *ctx = md ? EVP_MD_CTX_new() : NULL;
    bool ok = ctx && EVP_DigestInit_ex(ctx, md, NULL) && (salt.n == 0 || EVP_DigestUpdate(ctx, salt.p, salt.n)) &&
              (secret.n == 0 || EVP_DigestUpdate(ctx, secret.p, secret.n)) && EVP_DigestFinal_ex(ctx, key, NULL);
    EVP_MD_CTX_free(ctx);
    return ok || crypto_failed();
}

bool salted_hmac(Digest d, Str salt, Str value, Str secret, uint8_t out[static DIGEST_MAX])
{
    uint8_t key[DIGEST_MAX];
    bool ok = salted_key(d, salt, secret, key) && hmac_bytes(d, (Str){ (char *)key, digest_size(d) }, value, out);
    crypto_wipe(key, sizeof key);
    return ok;
}

HmacKey *salted_hmac_key(Arena *a, Digest d, Str salt, Str secret)
{
    HmacKey *k = NEW(a, HmacKey);
    uint8_t key[DIGEST_MAX];
    if (salted_key(d, salt, secret, key))
        k->ctx = hmac_start(d, (Str){ (char *)key, digest_size(d) });
    crypto_wipe(key, sizeof key);
    if (!k->ctx)
        return NULL;
    arena_defer(a, free_mac, k->ctx);
    return k;
}

bool pbkdf2_bytes(Digest d, Str password, Str salt, uint32_t rounds, void *out, size_t n)
{
    const EVP_MD *md = crypto_digest(d);
    if (!md || password.n > INT_MAX || salt.n > INT_MAX || rounds < 1 || rounds > INT_MAX || n < 1 || n > INT_MAX)
        return false;
    return PKCS5_PBKDF2_HMAC(password.n ? password.p : "", (int)password.n,
                             (const unsigned char *)(salt.n ? salt.p : ""), (int)salt.n, (int)rounds, md, (int)n,
                             out) ||
           crypto_failed();
}

bool scrypt_bytes(Str password, Str salt, ScryptOptions o, void *out, size_t n)
{
    if (n < 1)
        return false;
    return EVP_PBE_scrypt(password.n ? password.p : "", password.n, (const unsigned char *)(salt.n ? salt.p : ""),
                          salt.n, o.cost, o.block_size, o.parallel, o.memory_max ? o.memory_max : (uint64_t)64 << 20,
                          out, n) ||
           crypto_failed();
}

bool hkdf_bytes(Digest d, Str key, Str salt, Str info, void *out, size_t n)
{
    if ((unsigned)d >= DIGESTS || n < 1 || n > 255 * digests[d].size)
        return false;
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    EVP_KDF_free(kdf);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)digests[d].openssl, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)(key.n ? key.p : ""), key.n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)(salt.n ? salt.p : ""), salt.n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)(info.n ? info.p : ""), info.n),
        OSSL_PARAM_construct_end(),
    };
    bool ok = ctx && EVP_KDF_derive(ctx, out, n, params) > 0;
    EVP_KDF_CTX_free(ctx);
    return ok || crypto_failed();
}

void crypto_wipe(void *p, size_t n)
{
    if (n)
        OPENSSL_cleanse(p, n);
}
