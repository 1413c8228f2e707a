/* signer.c: the signature behind a text, with and without a time. */
#include "signing/signer.h"
#include <clef/base/assert.h>
#include <clef/base/double.h>
#include <clef/codec/base64.h>

#define SIGNER_SALT      STR("django.core.signing.Signer")
#define TIMED_SALT       STR("django.core.signing.TimestampSigner")
#define COOKIE_KEY       STR("django.http.cookies")
#define HARMLESS         STR("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")
#define SIGNATURE_TEXT   ((DIGEST_MAX * 4 + 2) / 3)
#define SIGNED_VALUE_MAX ((size_t)1 << 30)

Signer signer_of(const Settings *s, Str salt)
{
    return (Signer){ .key = s->secret_key, .fallbacks = s->secret_key_fallbacks, .salt = salt };
}

Signer cookie_signer_of(const Settings *s, Str salt)
{
    Signer signer = signer_of(s, salt);
    signer.key_prefix = COOKIE_KEY;
    return signer;
}

bool signature_refused(SignatureError *error, Str message)
{
    if (error)
        *error = (SignatureError){ .message = message };
    return false;
}

static Str separator(const Signer *s)
{
    if (!s->sep.n)
        return STR(":");
    ASSERT(str_trim_set(s->sep, HARMLESS).n); /* a separator that a signature may contain separates nothing */
    return s->sep;
}

static size_t rfind(Str s, Str needle)
{
    for (size_t at = s.n; at >= needle.n; at--)
        if (memcmp(s.p + at - needle.n, needle.p, needle.n) == 0)
            return at - needle.n;
    return STR_NPOS;
}

/* The signature of value under one key, in base64, at `out`; its length, or 0 when OpenSSL refuses. */
static size_t signature(Arena *a, const Signer *s, Str key, Str value, char out[static SIGNATURE_TEXT + 1])
{
    uint8_t mac[DIGEST_MAX];
    Str salt = s->salt.n ? s->salt : SIGNER_SALT;
    ASSERT(salt.n <= SIGNER_SALT_MAX && s->key_prefix.n <= SIGNER_SALT_MAX && key.n <= SIGNER_KEY_MAX);
    char salted[SIGNER_SALT_MAX + sizeof "signer"];
    memcpy(salted, salt.p, salt.n);
    memcpy(salted + salt.n, "signer", 6);
    if (s->key_prefix.n)
        key = str_concat(a, s->key_prefix, key);
    if (!salted_hmac(s->algorithm, (Str){ salted, salt.n + 6 }, value, key, mac))
        return 0;
    Str text = base64_encode(a, (Str){ (char *)mac, digest_size(s->algorithm) }, BASE64_URL | BASE64_UNPADDED);
    memcpy(out, text.p, text.n);
    return text.n;
}

Str signer_sign(Arena *a, const Signer *s, Str value)
{
    char mac[SIGNATURE_TEXT + 1];
    Str sep = separator(s);
    size_t n = signature(a, s, s->key, value, mac);
    if (!n)
        return (Str){ 0 };
    Buf b = BUF_INIT(a, SIGNED_VALUE_MAX);
    buf_reserve(&b, value.n + sep.n + n);
    buf_str(&b, value);
    buf_str(&b, sep);
    return buf_add(&b, mac, n) && !b.failed ? buf_view(&b) : (Str){ 0 };
}

bool signer_unsign(Arena *a, const Signer *s, Str text, Str *value, SignatureError *error)
{
    Str sep = separator(s);
    size_t at = rfind(text, sep);
    if (at == STR_NPOS)
        return signature_refused(error, str_format(a, "No \"%.*s\" found in value", STR_FMT(sep)));
    Str signed_part = str_slice(text, 0, at), given = str_from_byte(text, at + sep.n);
    char mac[SIGNATURE_TEXT + 1];
    for (size_t i = 0; i <= s->fallbacks.n; i++) {
        size_t n = signature(a, s, i ? s->fallbacks.p[i - 1] : s->key, signed_part, mac);
        if (n && str_eq_secret((Str){ mac, n }, given)) {
            *value = signed_part;
            return true;
        }
    }
    return signature_refused(error, str_format(a, "Signature \"%.*s\" does not match", STR_FMT(given)));
}

static DateTime now_of(const Signer *s) { return s->now ? s->now() : datetime_now(); }

Str signer_sign_timed(Arena *a, const Signer *signer, Str value)
{
    Signer s = signer_with_salt(signer, TIMED_SALT);
    Buf b = BUF_INIT(a, SIGNED_VALUE_MAX);
    buf_str(&b, value);
    buf_str(&b, separator(&s));
    return base62_add(&b, datetime_to_unix(now_of(&s))) && !b.failed ? signer_sign(a, &s, buf_view(&b)) : (Str){ 0 };
}

/* Seconds as Python shows them, whole ones without a fraction. */
static Str seconds_text(Arena *a, double seconds)
{
    Buf b = BUF_INIT(a, 64);
    buf_double(&b, seconds);
    Str text = buf_view(&b);
    return str_ends(text, STR(".0")) ? str_slice(text, 0, text.n - 2) : text;
}

bool signer_unsign_timed(Arena *a, const Signer *signer, Str text, double max_age, Str *value, SignatureError *error)
{
    Signer s = signer_with_salt(signer, TIMED_SALT);
    Str timed, sep = separator(&s);
    if (!signer_unsign(a, &s, text, &timed, error))
        return false;
    size_t at = rfind(timed, sep);
    int64_t then;
    if (at == STR_NPOS)
        return signature_refused(error, str_format(a, "No \"%.*s\" found in value", STR_FMT(sep)));
    if (!base62_decode(str_from_byte(timed, at + sep.n), &then))
        return signature_refused(error, STR("The signed value has no time"));
    if (max_age >= 0) {
        double age = (double)now_of(&s).us / 1e6 - (double)then;
        if (age > max_age) {
            Buf b = BUF_INIT(a, 256);
            BUF_LIT(&b, "Signature age ");
            buf_double(&b, age);
            BUF_LIT(&b, " > ");
            buf_str(&b, seconds_text(a, max_age));
            BUF_LIT(&b, " seconds");
            (void)signature_refused(error, buf_view(&b));
            if (error)
                error->expired = true;
            return false;
        }
    }
    *value = str_slice(timed, 0, at);
    return true;
}
