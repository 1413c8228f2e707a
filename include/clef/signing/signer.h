/*
 * signer.h: signed texts and values, byte for byte those of django.core.signing: what one of the two frameworks signed, the
 * other accepts. A signed text is readable by anybody; it cannot be changed without the key.
 *
 *     Signer signer = signer_of(r->settings, STR("tickets.unsubscribe"));
 *     Str token = signer_sign(a, &signer, STR("ticket 5"));              "ticket 5:bMVuG11x..."
 *     SignatureError error;
 *     Str value;
 *     if (!signer_unsign(a, &signer, token, &value, &error))
 *         ... error.message ...                                   Signature "..." does not match
 *
 * The salt keeps purposes apart: what was signed under one salt is refused under another, so give each purpose its own. The
 * timed functions add the time of signing (in seconds), and refuse what is older than max_age.
 *
 *     Str link = signing_dumps(a, &signer, VALUE(map), true);
 *     if (!signing_loads(a, &signer, link, 3600, &v, &error)) ...
 *
 * Objects are JSON without blanks, in base64 (URL alphabet, no padding), with a "." in front when they are compressed by
 * zlib. Keys and salts are borrowed; results are new memory of the arena. Nothing here raises.
 *
 * Django's page: "Cryptographic signing".
 */
#ifndef CLEF_SIGNING_SIGNER_H
#define CLEF_SIGNING_SIGNER_H

#include <clef/base/datetime.h>
#include <clef/base/value.h>
#include <clef/codec/crypto.h>
#include <clef/conf/settings.h>

/* What a signed object may unfold to, when it is compressed. Signed by us, but by an older program perhaps. */
#define SIGNED_OBJECT_MAX ((size_t)16 << 20)
/* Bytes of a salt and of a key that are used; more is a bug (ASSERT). */
#define SIGNER_SALT_MAX 512u
#define SIGNER_KEY_MAX  4096u

typedef struct Signer {
    Str key;               /* SECRET_KEY */
    StrList fallbacks;     /* keys that are accepted, never used for signing: SECRET_KEY_FALLBACKS */
    Str key_prefix;        /* put before each key: "django.http.cookies" for cookies; empty: nothing */
    Str salt;              /* empty: Django's for the function: "django.core.signing.Signer", ".TimestampSigner", ... */
    Str sep;               /* empty: ":". It may not consist of letters, digits, "-", "_" and "=" only. */
    Digest algorithm;      /* 0: SHA-256 */
    DateTime (*now)(void); /* NULL: the system's clock */
} Signer;

/* The signer of a project: its SECRET_KEY, its fallbacks, and a salt of yours. */
CLEF_API(Signer, signer_of, const Settings *s, Str salt);
/* The same with keys of their own for cookies, as Django's get_cookie_signer. */
CLEF_API(Signer, cookie_signer_of, const Settings *s, Str salt);

/* Why a text was refused. */
typedef struct SignatureError {
    bool expired; /* the signature is right, but too old: Django's SignatureExpired */
    Str message;  /* Django's words */
} SignatureError;

/* max_age of the functions below, in seconds, when age does not matter (Django's None). */
#define ANY_AGE (-1.0)

/* "value:signature". The NULL string when OpenSSL refuses the algorithm. */
CLEF_API(Str, signer_sign, Arena *a, const Signer *s, Str value) CLEF_MUST_USE;
/* What was signed, a view into `text`; false with *error (NULL: not wanted) for anything that was not signed so. */
CLEF_API(bool, signer_unsign, Arena *a, const Signer *s, Str text, Str *value, SignatureError *error) CLEF_MUST_USE;

/* Django's TimestampSigner: "value:time:signature". */
CLEF_API(Str, signer_sign_timed, Arena *a, const Signer *s, Str value) CLEF_MUST_USE;
CLEF_API(bool, signer_unsign_timed, Arena *a, const Signer *s, Str text, double max_age, Str *value,
         SignatureError *error)
CLEF_MUST_USE;

/*
 * With `compress`: by zlib, where that makes it shorter. Values that JSON can hold: null, bool, numbers, text, lists,
 * maps. Other values give the NULL string.
 */
CLEF_API(Str, signer_sign_object, Arena *a, const Signer *s, Value v, bool compress) CLEF_MUST_USE;
CLEF_API(bool, signer_unsign_object, Arena *a, const Signer *s, Str text, Value *v, SignatureError *error)
CLEF_MUST_USE;

/*
 * The same with the time: Django's signing.dumps and loads (whose salt is "django.core.signing" when the signer has
 * none).
 */
CLEF_API(Str, signing_dumps, Arena *a, const Signer *s, Value v, bool compress) CLEF_MUST_USE;
CLEF_API(bool, signing_loads, Arena *a, const Signer *s, Str text, double max_age, Value *v, SignatureError *error)
CLEF_MUST_USE;

#endif
