/* signer.h: between the files of signing. */
#ifndef SIGNING_SIGNER_H
#define SIGNING_SIGNER_H

#include <clef/signing/signer.h>

/* A copy whose empty salt is `salt`. */
static inline Signer signer_with_salt(const Signer *s, Str salt)
{
    Signer out = *s;
    if (!out.salt.n)
        out.salt = salt;
    return out;
}
/* False, always; words for *error where it is wanted. */
CLEF_PRIVATE(bool, signature_refused, SignatureError *error, Str message);

#endif
