/*
 * signing.c: the suite `signing`. What carries a time is signed at the recorded one. Where the recording says that zlib may
 * differ, a text that is another is read by what it unfolds to.
 */
#include "conformance/template_values.h"

#include <clef/base/double.h>
#include <clef/codec/base64.h>
#include <clef/http/csrf.h>
#include <clef/signing.h>

static DateTime case_time;
static DateTime case_now(void) { return case_time; }

static double number_of(Value v)
{
    double d = 0;
    return value_to_double(v, &d) ? d : 0;
}

static Digest digest_of(const Map *record)
{
    Digest d = DIGEST_SHA256;
    Str name = record_text(record, "algorithm");
    return name.n && digest_by_name(name, &d) ? d : DIGEST_SHA256;
}

static Value text_or_null(Str s) { return str_is_null(s) ? value_null() : value_str(s); }

/* Texts that signed_by gave: the same, or with the same inside. */
static Value same_object(Arena *a, const Signer *s, Str got, Str recorded, bool timed)
{
    Value x, y;
    bool same = !str_eq(got, recorded) && str_starts(got, STR(".")) && str_starts(recorded, STR(".")) &&
                (timed ? signing_loads(a, s, got, ANY_AGE, &x, NULL) && signing_loads(a, s, recorded, ANY_AGE, &y, NULL)
                       : signer_unsign_object(a, s, got, &x, NULL) && signer_unsign_object(a, s, recorded, &y, NULL)) &&
                value_eq(x, y);
    return same ? value_str(recorded) : text_or_null(got);
}

static void refused(Arena *a, const SignatureError *e, Value *got)
{
    *got = error_value(a, e->expired ? "SignatureExpired" : "BadSignature", e->message);
}

/* What MessageEncoder makes of messages: [key, safe, level, text] and the extra tags where there are some. */
static Value messages_value(Arena *a, Value messages)
{
    List *out = list_new(a);
    for (size_t i = 0; i < messages.list->n; i++) {
        const Map *m = messages.list->p[i].map;
        Value text = from_notation(a, record_get(m, "message")), tags = record_get(m, "extra_tags");
        Value raw = record_get(m, "message");
        List *l = list_new(a);
        list_push(a, l, value_str(STR("__json_message")));
        list_push(a, l, value_int(raw.tag == VALUE_MAP));
        list_push(a, l, record_get(m, "level"));
        list_push(a, l, value_str(text.s));
        if (!value_is_null(tags))
            list_push(a, l, tags);
        list_push(a, out, value_list(l));
    }
    return value_list(out);
}

static bool answer(Run *run, const Map *record, Value *got, Value *expected)
{
    Arena *a = run->scratch;
    Str op = record_text(record, "op"), value = record_text(record, "value"), text = record_text(record, "signed");
    Value object = from_notation(a, record_get(record, "object")), time = record_get(record, "time");
    case_time = (DateTime){ (int64_t)(number_of(time) * 1e6 + 0.5) };
    Signer s = { .key = record_text(record, "key"),
                 .salt = record_text(record, "salt"),
                 .algorithm = digest_of(record),
                 .now = case_now };
    SignatureError e = { 0 };
    *expected = record_get(record, "signed");
    if (str_eq(op, STR("Signer.sign")))
        *got = text_or_null(signer_sign(a, &s, value));
    else if (str_eq(op, STR("TimestampSigner.sign")))
        *got = text_or_null(signer_sign_timed(a, &s, value));
    else if (str_eq(op, STR("Signer.sign_object")))
        *got = same_object(a, &s, signer_sign_object(a, &s, object, value_truth(record_get(record, "compress"))), text,
                           false);
    else if (str_eq(op, STR("signing.dumps")))
        *got =
            same_object(a, &s, signing_dumps(a, &s, object, value_truth(record_get(record, "compress"))), text, true);
    else if (str_eq(op, STR("Signer.unsign")) || str_eq(op, STR("TimestampSigner.unsign"))) {
        Value age = record_get(record, "max_age");
        bool timed = op.p[0] == 'T';
        bool ok = timed ? signer_unsign_timed(a, &s, text, value_is_null(age) ? ANY_AGE : number_of(age), &value, &e)
                        : signer_unsign(a, &s, text, &value, &e);
        Str type = record_text(record, "error");
        *expected =
            type.n ? error_value(a, str_dup_c(a, type), record_text(record, "message")) : record_get(record, "result");
        if (ok)
            *got = value_str(value);
        else
            refused(a, &e, got);
    } else if (str_eq(op, STR("session.encode"))) {
        *expected = record_get(record, "encoded");
        *got = same_object(a, &s, signing_dumps(a, &s, object, true), expected->s, true);
    } else if (str_eq(op, STR("session.decode"))) {
        s.salt = STR("django.contrib.sessions.SessionStore");
        *expected = record_get(record, "object");
        if (!signing_loads(a, &s, record_text(record, "encoded"), ANY_AGE, got, NULL))
            *got = value_map(map_new(a));
    } else if (str_eq(op, STR("salted_hmac")) || str_eq(op, STR("session_auth_hash"))) {
        uint8_t mac[DIGEST_MAX];
        bool auth = op.p[1] == 'e';
        Str salt = auth ? STR("django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash")
                        : record_text(record, "key_salt");
        *expected = record_get(record, auth ? "hash" : "hexdigest");
        if (!salted_hmac(s.algorithm, salt, auth ? record_text(record, "password") : value,
                         record_text(record, "secret"), mac))
            return false;
        *got = value_str(hex_encode(a, (Str){ (char *)mac, digest_size(s.algorithm) }));
    } else if (str_eq(op, STR("set_signed_cookie"))) {
        Settings settings = { .secret_key = STR("oracle-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz") };
        s = cookie_signer_of(&settings, str_concat(a, record_text(record, "name"), s.salt));
        s.now = case_now;
        *expected = record_get(record, "cookie");
        *got = text_or_null(signer_sign_timed(a, &s, value));
    } else if (str_eq(op, STR("messages.cookie"))) {
        Settings settings = { .secret_key = record_text(record, "secret") };
        Str encoded = record_text(record, "encoded");
        s = cookie_signer_of(&settings, STR("django.contrib.messages"));
        *expected = messages_value(a, record_get(record, "messages"));
        if (!signing_loads(a, &s, encoded, ANY_AGE, got, &e))
            refused(a, &e, got);
    } else if (str_eq(op, STR("csrf_mask"))) {
        char token[CSRF_TOKEN_LENGTH], secret[CSRF_SECRET_LENGTH];
        csrf_mask(record_text(record, "secret"), record_text(record, "mask"), token);
        csrf_unmask((Str){ token, CSRF_TOKEN_LENGTH }, secret);
        List *g = list_new(a), *x = list_new(a);
        list_push(a, g, value_str(str_copy(a, (Str){ token, CSRF_TOKEN_LENGTH })));
        list_push(a, g, value_str(str_copy(a, (Str){ secret, CSRF_SECRET_LENGTH })));
        list_push(a, x, record_get(record, "token"));
        list_push(a, x, record_get(record, "unmasked"));
        *got = value_list(g);
        *expected = value_list(x);
    } else if (str_eq(op, STR("csrf_token_format"))) {
        const char *problem = csrf_token_problem(record_text(record, "token"));
        *expected = record_get(record, "reason");
        *got = value_c(problem);
    } else {
        return false;
    }
    return true;
}

const Suite signing_suite = { .name = "signing", .answer = answer };
