/* crypto.h: OpenSSL's algorithm objects, looked up once per process. */
#ifndef CLEF_CODEC_CRYPTO_PRIVATE_H
#define CLEF_CODEC_CRYPTO_PRIVATE_H

#include <clef/codec/crypto.h>

#include <openssl/evp.h>

/* NULL when OpenSSL does not offer it; a later call asks again. */
CLEF_PRIVATE(const EVP_MD *, crypto_digest, Digest d);
/* Forgets what OpenSSL noted about a failure, so that no later caller takes it for its own. Returns false. */
CLEF_PRIVATE(bool, crypto_failed, void);

#endif
