/*
 * crypto.h: the front over OpenSSL 3: digests, HMAC, key derivation, AES-GCM, signatures. Nothing cryptographic is written
 * here but Django's way of deriving a key (salted_hmac); this header narrows OpenSSL down to calls that are hard to get
 * wrong and that tell by a bool whether they worked. They fail when OpenSSL does (no memory, an algorithm that a FIPS
 * configuration forbids) or when an argument is out of range; outputs are then not to be used.
 *
 * Algorithm objects are looked up in OpenSSL once per process and kept. All functions may be called from any thread; a
 * Hasher, an HmacKey or a CryptoKey is used by one thread at a time. Password hashing (pbkdf2, scrypt) takes tens of
 * milliseconds and more: call it by offload().
 *
 * Random bytes are in <clef/base/rand.h>, the comparison for secrets is str_eq_secret (<clef/base/str.h>).
 */
#ifndef CLEF_CODEC_CRYPTO_H
#define CLEF_CODEC_CRYPTO_H

#include <clef/base/buf.h>

typedef enum Digest {
    DIGEST_SHA256,
    DIGEST_SHA224,
    DIGEST_SHA384,
    DIGEST_SHA512,
    DIGEST_SHA3_224,
    DIGEST_SHA3_256,
    DIGEST_SHA3_384,
    DIGEST_SHA3_512,
    DIGEST_BLAKE2B, /* 512 bits */
    DIGEST_BLAKE2S, /* 256 bits */
    DIGEST_SHA1,    /* for what is signed so already; broken for new signatures of documents */
    DIGEST_MD5,     /* for ETags and old password hashes; broken */
    DIGESTS,        /* how many there are */
} Digest;

/* Bytes of the longest digest. */
#define DIGEST_MAX 64

CLEF_API(size_t, digest_size, Digest d) __attribute__((const));
/* The name that Python's hashlib has for it: "sha256". */
CLEF_API(const char *, digest_name, Digest d) CLEF_NONNULL;
CLEF_API(bool, digest_by_name, Str name, Digest *out) CLEF_MUST_USE;

/* Writes digest_size(d) bytes. */
CLEF_API(bool, digest_bytes, Digest d, Str data, uint8_t out[static DIGEST_MAX]) CLEF_MUST_USE;

/* A digest of data that comes in pieces. Ends with the arena. NULL when OpenSSL refuses. */
typedef struct Hasher Hasher;
CLEF_API(Hasher *, hasher_create, Arena *a, Digest d) CLEF_MUST_USE;
CLEF_API(bool, hasher_add, Hasher *h, Str data);
/* Writes the digest and starts anew. False when this or an earlier call failed. */
CLEF_API(bool, hasher_end, Hasher *h, uint8_t out[static DIGEST_MAX]) CLEF_MUST_USE;

/* HMAC (RFC 2104). A prepared key costs about half of a one-shot call for short data; see the README for figures. */
CLEF_API(bool, hmac_bytes, Digest d, Str key, Str data, uint8_t out[static DIGEST_MAX]) CLEF_MUST_USE;
typedef struct HmacKey HmacKey;
CLEF_API(HmacKey *, hmac_key_create, Arena *a, Digest d, Str key) CLEF_MUST_USE;
/* The HMAC of the parts, one behind the other. */
CLEF_API(bool, hmac_key_bytes, HmacKey *k, const Str *parts, size_t nparts, uint8_t out[static DIGEST_MAX])
CLEF_MUST_USE;
/*
 * Django's salted_hmac: the HMAC of `value` under the key digest(salt + secret), so that one secret serves many purposes.
 * Django's default digest for it is SHA-1, its signer's is SHA-256.
 */
CLEF_API(bool, salted_hmac, Digest d, Str salt, Str value, Str secret, uint8_t out[static DIGEST_MAX]) CLEF_MUST_USE;
/* The key of salted_hmac, prepared. */
CLEF_API(HmacKey *, salted_hmac_key, Arena *a, Digest d, Str salt, Str secret) CLEF_MUST_USE;

/* PBKDF2 (RFC 8018) with HMAC: n bytes to `out`. At least one round. */
CLEF_API(bool, pbkdf2_bytes, Digest d, Str password, Str salt, uint32_t rounds, void *out, size_t n) CLEF_MUST_USE;
/* scrypt (RFC 7914): `cost` is a power of two above 1. False when it would take more than `memory_max` bytes. */
typedef struct ScryptOptions {
    uint64_t cost;       /* N */
    uint32_t block_size; /* r */
    uint32_t parallel;   /* p */
    uint64_t memory_max; /* 0: 64 MiB */
} ScryptOptions;
CLEF_API(bool, scrypt_bytes, Str password, Str salt, ScryptOptions options, void *out, size_t n) CLEF_MUST_USE;
/* HKDF (RFC 5869), extract and expand. n is at most 255 digests. */
CLEF_API(bool, hkdf_bytes, Digest d, Str key, Str salt, Str info, void *out, size_t n) CLEF_MUST_USE;

/*
 * AES-GCM (NIST SP 800-38D). The key has 16, 24 or 32 bytes; the nonce AES_GCM_NONCE bytes, never twice under one key.
 * Sealing appends the ciphertext and a tag of AES_GCM_TAG bytes; opening appends the text, or fails (and appends
 * nothing) when anything was changed. `extra` is authenticated, not encrypted.
 */
enum { AES_GCM_NONCE = 12, AES_GCM_TAG = 16 };
CLEF_API(bool, aes_gcm_seal, Buf *out, Str key, Str nonce, Str extra, Str text) CLEF_MUST_USE;
CLEF_API(bool, aes_gcm_open, Buf *out, Str key, Str nonce, Str extra, Str sealed) CLEF_MUST_USE;

/* Overwrites n bytes in a way that the compiler does not leave out. */
CLEF_API(void, crypto_wipe, void *p, size_t n);

/* A public or private key. */
typedef struct CryptoKey CryptoKey;
typedef enum CryptoKeyKind { CRYPTO_KEY_OTHER, CRYPTO_KEY_RSA, CRYPTO_KEY_EC, CRYPTO_KEY_ED25519 } CryptoKeyKind;

/*
 * The key in a PEM text (PKCS #8, PKCS #1, SEC 1; a public key; the public key of a certificate), decrypted by the
 * passphrase when it is encrypted. NULL when there is none or it cannot be read. Ends with the arena.
 */
CLEF_API(CryptoKey *, crypto_key_read, Arena *a, Str pem, Str passphrase) CLEF_MUST_USE;
CLEF_API(CryptoKeyKind, crypto_key_kind, const CryptoKey *k) CLEF_PURE;
CLEF_API(bool, crypto_key_is_private, const CryptoKey *k) CLEF_PURE;
/* The size of the modulus or of the curve, in bits. */
CLEF_API(int, crypto_key_bits, const CryptoKey *k) CLEF_PURE;

typedef struct SignOptions {
    Digest digest;  /* not for Ed25519, which has its own */
    bool pss;       /* RSA: PSS padding with a salt of the digest's length (JWT's PS256); else PKCS #1 v1.5 (RS256) */
    bool raw_ecdsa; /* EC: r and s side by side (JWT's ES256); else DER */
} SignOptions;

/* Appends the signature of data. */
CLEF_API(bool, crypto_sign, CryptoKey *k, SignOptions options, Str data, Buf *out) CLEF_MUST_USE;
/* True when the signature is right; false when it is not, or anything else is wrong. */
CLEF_API(bool, crypto_verify, CryptoKey *k, SignOptions options, Str data, Str signature) CLEF_MUST_USE;

#endif
