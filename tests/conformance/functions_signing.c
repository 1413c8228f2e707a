/* functions_signing.c: rows of django.core.signing and of the CSRF tokens. */
#include "conformance/functions.h"

#include <clef/http/csrf.h>
#include <clef/signing.h>

static DateTime call_time;
static DateTime now(void) { return call_time; }

/* The signer that the recording names; false, with the error set, for an algorithm that does not exist. */
static bool signer_argument(Call *c, Signer *out)
{
    Value v = record_get(c->record, "signer"), time = record_get(c->record, "time");
    *out = (Signer){ .algorithm = DIGEST_SHA256, .key = STR("django_tests_secret_key") };
    if (time.tag == VALUE_INT) {
        call_time.us = time.i * US_PER_SECOND;
        out->now = now;
    } else if (time.tag == VALUE_DOUBLE) {
        call_time.us = (int64_t)(time.d * (double)US_PER_SECOND);
        out->now = now;
    }
    if (v.tag != VALUE_MAP)
        return true;
    Value keys = record_get(v.map, "fallback_keys");
    Str algorithm = record_text(v.map, "algorithm");
    out->key = from_notation(c->arena, record_get(v.map, "key")).s;
    out->sep = record_text(v.map, "sep");
    out->salt = record_text(v.map, "salt");
    if (keys.tag == VALUE_LIST) {
        Str *p = NEW_ARRAY(c->arena, Str, keys.list->n + 1);
        for (size_t i = 0; i < keys.list->n; i++)
            p[i] = keys.list->p[i].s;
        out->fallbacks = (StrList){ p, keys.list->n };
    }
    if (algorithm.n && !digest_by_name(algorithm, &out->algorithm)) {
        fail(c, "InvalidAlgorithm",
             str_format(c->arena, "'%.*s' is not an algorithm accepted by the hashlib module.", STR_FMT(algorithm)));
        return false;
    }
    return true;
}
static double age(Call *c)
{
    double d;
    return value_to_double(argument(c, 1, "max_age"), &d) ? d : ANY_AGE;
}
static void refused(Call *c, const SignatureError *e)
{
    fail(c, e->expired ? "SignatureExpired" : "BadSignature", e->message);
}

static void call_sign(Call *c)
{
    Signer s;
    if (!signer_argument(c, &s))
        return;
    bool timed = str_ends(c->fn, STR("TimestampSigner.sign"));
    Str text = value_text_of(c, value_argument(c, 0, "value"));
    give(c, timed ? signer_sign_timed(c->arena, &s, text) : signer_sign(c->arena, &s, text));
}
static void call_signature(Call *c)
{
    Signer s;
    if (!signer_argument(c, &s))
        return;
    Str text = text_argument(c, 0), signed_ = signer_sign(c->arena, &s, text);
    give(c, str_from_byte(signed_, text.n + (s.sep.n ? s.sep.n : 1)));
}
static void call_unsign(Call *c)
{
    Signer s;
    SignatureError e;
    Str out;
    if (!signer_argument(c, &s))
        return;
    bool timed = str_ends(c->fn, STR("TimestampSigner.unsign"));
    if (timed ? signer_unsign_timed(c->arena, &s, text_argument(c, 0), age(c), &out, &e)
              : signer_unsign(c->arena, &s, text_argument(c, 0), &out, &e))
        give(c, out);
    else
        refused(c, &e);
}
static void call_sign_object(Call *c)
{
    Signer s;
    if (signer_argument(c, &s))
        give(c, signer_sign_object(c->arena, &s, c->args[0], value_truth(argument(c, 2, "compress"))));
}
static void call_unsign_object(Call *c)
{
    Signer s;
    SignatureError e;
    if (!signer_argument(c, &s))
        return;
    if (!signer_unsign_object(c->arena, &s, text_argument(c, 0), &c->result, &e))
        refused(c, &e);
}
static void call_loads(Call *c)
{
    Signer s;
    SignatureError e;
    Value key = argument(c, 1, "key");
    if (!signer_argument(c, &s))
        return;
    if (key.tag == VALUE_STR)
        s.key = key.s;
    if (!signing_loads(c->arena, &s, text_argument(c, 0), ANY_AGE, &c->result, &e))
        refused(c, &e);
}

static void call_unmask(Call *c)
{
    char secret[CSRF_SECRET_LENGTH];
    csrf_unmask(text_argument(c, 0), secret);
    give(c, str_copy(c->arena, str_from(secret, sizeof secret)));
}
static void call_token_matches(Call *c)
{
    Str token = text_argument(c, 0), secret = text_argument(c, 1);
    char plain[CSRF_SECRET_LENGTH];
    if (secret.n == CSRF_TOKEN_LENGTH) {
        csrf_unmask(secret, plain);
        secret = str_from(plain, sizeof plain);
    }
    if (secret.n != CSRF_SECRET_LENGTH || (token.n != CSRF_TOKEN_LENGTH && token.n != CSRF_SECRET_LENGTH))
        fail(c, "AssertionError", (Str){ 0 });
    else
        c->result = value_bool(csrf_token_matches(token, secret));
}

const Row signing_rows[] = {
    { .name = "django.core.signing.Signer.sign", .call = call_sign },
    { .name = "django.core.signing.Signer.sign_object", .call = call_sign_object },
    { .name = "django.core.signing.Signer.signature", .call = call_signature },
    { .name = "django.core.signing.Signer.unsign", .call = call_unsign },
    { .name = "django.core.signing.Signer.unsign_object", .call = call_unsign_object },
    { .name = "django.core.signing.TimestampSigner.sign", .call = call_sign },
    { .name = "django.core.signing.TimestampSigner.unsign", .call = call_unsign },
    { .name = "django.core.signing.loads", .call = call_loads },
    { .name = "django.middleware.csrf._does_token_match", .call = call_token_matches },
    { .name = "django.middleware.csrf._unmask_cipher_token", .call = call_unmask },
    { .name = NULL },
};
