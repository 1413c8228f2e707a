/* crypto_key.c: AES-GCM and signatures of <clef/codec/crypto.h>. */
#include "codec/crypto.h"

#include <limits.h>
#include <openssl/decoder.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdatomic.h>

/* As the digests in crypto.c: looked up once, by the key's length. */
static _Atomic(EVP_CIPHER *) fetched_gcm[3];

static const EVP_CIPHER *gcm(size_t key_size)
{
    static const char *const names[] = { "AES-128-GCM", "AES-192-GCM", "AES-256-GCM" };
    if (key_size != 16 && key_size != 24 && key_size != 32)
        return NULL;
    size_t i = key_size / 8 - 2;
    EVP_CIPHER *cipher = atomic_load_explicit(&fetched_gcm[i], memory_order_acquire);
    if (CLEF_LIKELY(cipher != NULL))
        return cipher;
    cipher = EVP_CIPHER_fetch(NULL, names[i], NULL);
    EVP_CIPHER *first = NULL;
    if (!cipher) {
        crypto_failed();
    } else if (!atomic_compare_exchange_strong(&fetched_gcm[i], &first, cipher)) {
        EVP_CIPHER_free(cipher);
        cipher = first;
    }
    return cipher;
}

static bool good_sizes(Str nonce, Str extra, Str text)
{
    return nonce.n == AES_GCM_NONCE && extra.n <= INT_MAX && text.n <= INT_MAX - AES_GCM_TAG;
}

/* One pass over the text, to out->p + out->n, where there is room for it. */
static bool gcm_run(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, bool seal, Str key, Str nonce, Str extra, Str text,
                    Buf *out)
{
    int n;
    return EVP_CipherInit_ex2(ctx, cipher, (const unsigned char *)key.p, (const unsigned char *)nonce.p, seal, NULL) &&
           (extra.n == 0 || EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)extra.p, (int)extra.n)) &&
           (text.n == 0 ||
            EVP_CipherUpdate(ctx, (unsigned char *)out->p + out->n, &n, (const unsigned char *)text.p, (int)text.n));
}

bool aes_gcm_seal(Buf *out, Str key, Str nonce, Str extra, Str text)
{
    const EVP_CIPHER *cipher = gcm(key.n);
    if (!cipher || !good_sizes(nonce, extra, text) || !buf_reserve(out, text.n + AES_GCM_TAG))
        return false;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    unsigned char *tag = (unsigned char *)out->p + out->n + text.n;
    int n;
    bool ok = ctx && gcm_run(ctx, cipher, true, key, nonce, extra, text, out) && EVP_CipherFinal_ex(ctx, tag, &n) &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, AES_GCM_TAG, tag) > 0;
    EVP_CIPHER_CTX_free(ctx);
    if (ok)
        out->n += text.n + AES_GCM_TAG;
    out->p[out->n] = 0;
    return ok || crypto_failed();
}

bool aes_gcm_open(Buf *out, Str key, Str nonce, Str extra, Str sealed)
{
    const EVP_CIPHER *cipher = gcm(key.n);
    if (!cipher || sealed.n < AES_GCM_TAG)
        return false;
    Str text = str_slice(sealed, 0, sealed.n - AES_GCM_TAG), tag = str_from_byte(sealed, text.n);
    if (!good_sizes(nonce, extra, text) || !buf_reserve(out, text.n + 1))
        return false;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    unsigned char none[AES_GCM_TAG];
    int n;
    bool ok = ctx && gcm_run(ctx, cipher, false, key, nonce, extra, text, out) &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, AES_GCM_TAG, (void *)(uintptr_t)tag.p) > 0 &&
              EVP_CipherFinal_ex(ctx, none, &n) > 0;
    EVP_CIPHER_CTX_free(ctx);
    if (ok)
        out->n += text.n;
    else
        crypto_wipe(out->p + out->n, text.n);
    out->p[out->n] = 0;
    return ok || crypto_failed();
}

struct CryptoKey {
    EVP_PKEY *key;
    CryptoKeyKind kind;
    bool is_private;
};

/* Never asks at a terminal: without a passphrase an encrypted key cannot be read. */
static int give_passphrase(char *p, int size, int writing, void *arg)
{
    const Str *passphrase = arg;
    (void)writing;
    if (passphrase->n == 0 || size < 0 || passphrase->n > (size_t)size)
        return -1;
    memcpy(p, passphrase->p, passphrase->n);
    return (int)passphrase->n;
}

static void free_key(void *key) { EVP_PKEY_free(key); }

static EVP_PKEY *certificate_key(Str pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    EVP_PKEY *key = certificate ? X509_get_pubkey(certificate) : NULL;
    X509_free(certificate);
    BIO_free(bio);
    return key;
}

static EVP_PKEY *plain_key(Str pem, Str passphrase)
{
    EVP_PKEY *key = NULL;
    OSSL_DECODER_CTX *ctx = OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", NULL, NULL, 0, NULL, NULL);
    const unsigned char *at = (const unsigned char *)pem.p;
    size_t left = pem.n;
    if (!ctx || !OSSL_DECODER_CTX_set_pem_password_cb(ctx, give_passphrase, &passphrase) ||
        !OSSL_DECODER_from_data(ctx, &at, &left)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    OSSL_DECODER_CTX_free(ctx);
    return key;
}

CryptoKey *crypto_key_read(Arena *a, Str pem, Str passphrase)
{
    if (pem.n == 0 || pem.n > INT_MAX)
        return NULL;
    CryptoKey *k = NEW(a, CryptoKey);
    bool certificate = str_contains(pem, STR("BEGIN CERTIFICATE")) && !str_contains(pem, STR("PRIVATE KEY-----"));
    k->key = certificate ? certificate_key(pem) : plain_key(pem, passphrase);
    if (!k->key) {
        crypto_failed();
        return NULL;
    }
    arena_defer(a, free_key, k->key);
    k->is_private = str_contains(pem, STR("PRIVATE KEY-----"));
    k->kind = EVP_PKEY_is_a(k->key, "RSA") || EVP_PKEY_is_a(k->key, "RSA-PSS") ? CRYPTO_KEY_RSA
              : EVP_PKEY_is_a(k->key, "EC")                                    ? CRYPTO_KEY_EC
              : EVP_PKEY_is_a(k->key, "ED25519")                               ? CRYPTO_KEY_ED25519
                                                                               : CRYPTO_KEY_OTHER;
    return k;
}

CryptoKeyKind crypto_key_kind(const CryptoKey *k) { return k->kind; }
bool crypto_key_is_private(const CryptoKey *k) { return k->is_private; }
int crypto_key_bits(const CryptoKey *k) { return EVP_PKEY_get_bits(k->key); }

/* Starts signing or verifying. */
static bool start(EVP_MD_CTX *ctx, CryptoKey *k, SignOptions o, bool sign)
{
    EVP_PKEY_CTX *settings;
    bool own_digest = k->kind == CRYPTO_KEY_ED25519;
    const char *digest = own_digest ? NULL : digest_name(o.digest);
    if (!own_digest && !crypto_digest(o.digest))
        return false;
    if (sign ? !EVP_DigestSignInit_ex(ctx, &settings, digest, NULL, NULL, k->key, NULL)
             : !EVP_DigestVerifyInit_ex(ctx, &settings, digest, NULL, NULL, k->key, NULL))
        return false;
    return !(o.pss && k->kind == CRYPTO_KEY_RSA) ||
           (EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) > 0 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) > 0);
}

/* The size of r and of s. */
static int number_size(const CryptoKey *k) { return (EVP_PKEY_get_bits(k->key) + 7) / 8; }

static bool der_to_raw(const CryptoKey *k, const unsigned char *der, size_t n, unsigned char *raw)
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)n);
    int size = number_size(k);
    bool ok = signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, size) == size &&
              BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + size, size) == size;
    ECDSA_SIG_free(signature);
    return ok;
}

/* Allocates *der. Returns its length, or 0. */
static size_t raw_to_der(const CryptoKey *k, Str raw, unsigned char **der)
{
    int size = number_size(k);
    if (raw.n != 2 * (size_t)size)
        return 0;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn((const unsigned char *)raw.p, size, NULL);
    BIGNUM *s = BN_bin2bn((const unsigned char *)raw.p + size, size, NULL);
    int n = 0;
    if (signature && r && s && ECDSA_SIG_set0(signature, r, s)) {
        r = s = NULL; /* the signature's */
        n = i2d_ECDSA_SIG(signature, der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return n > 0 ? (size_t)n : 0;
}

bool crypto_sign(CryptoKey *k, SignOptions o, Str data, Buf *out)
{
    size_t n = (size_t)EVP_PKEY_get_size(k->key);
    if (!k->is_private || !buf_reserve(out, n))
        return false;
    unsigned char *at = (unsigned char *)out->p + out->n;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && start(ctx, k, o, true) &&
              EVP_DigestSign(ctx, at, &n, (const unsigned char *)(data.n ? data.p : ""), data.n) > 0;
    EVP_MD_CTX_free(ctx);
    if (ok && o.raw_ecdsa && k->kind == CRYPTO_KEY_EC) {
        ok = der_to_raw(k, at, n, at); /* never longer than DER, which is read before anything is written */
        n = 2 * (size_t)number_size(k);
    }
    if (ok)
        out->n += n;
    out->p[out->n] = 0;
    return ok || crypto_failed();
}

bool crypto_verify(CryptoKey *k, SignOptions o, Str data, Str signature)
{
    unsigned char *der = NULL;
    const unsigned char *p = (const unsigned char *)(signature.n ? signature.p : "");
    size_t n = signature.n;
    if (o.raw_ecdsa && k->kind == CRYPTO_KEY_EC) {
        n = raw_to_der(k, signature, &der);
        p = der;
        if (n == 0)
            return crypto_failed();
    }
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && start(ctx, k, o, false) &&
              EVP_DigestVerify(ctx, p, n, (const unsigned char *)(data.n ? data.p : ""), data.n) == 1;
    EVP_MD_CTX_free(ctx);
    OPENSSL_free(der);
    return ok || crypto_failed();
}
