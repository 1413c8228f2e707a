#include <clef/base/map.h>
#include <clef/codec/json.h>
#include <clef/conf.h>
#include <clef/signing.h>
#include <clef/test.h>

static DateTime at_signing(void) { return (DateTime){ INT64_C(1768472430123000) }; }
static DateTime ten_seconds_later(void) { return (DateTime){ INT64_C(1768472440123000) }; }

static Signer a_signer(const char *salt)
{
    return (Signer){ .key = STR("a key of tests"), .salt = str_c(salt), .now = at_signing };
}

/* The signatures were made by Python's hmac and hashlib. */
TEST(signing, a_text_and_its_signature)
{
    Arena *a = test_arena();
    Signer s = a_signer(""), other = a_signer("other");
    CHECK_STR(signer_sign(a, &s, STR("ticket 5")), STR("ticket 5:LafUMVV5WdjCaSxaPB9buGvbZFKARLnQU30JBIcyoxI"));
    other.algorithm = DIGEST_SHA1;
    CHECK_STR(signer_sign(a, &other, STR("ticket 5")), STR("ticket 5:gJCyRkHKG0_z3O0VgKHZv0FZ2JU"));
    Str value;
    CHECK(signer_unsign(a, &s, STR("ticket 5:LafUMVV5WdjCaSxaPB9buGvbZFKARLnQU30JBIcyoxI"), &value, NULL));
    CHECK_STR(value, STR("ticket 5"));
    Str colons = signer_sign(a, &s, STR("a:b:"));
    CHECK(signer_unsign(a, &s, colons, &value, NULL));
    CHECK_STR(value, STR("a:b:"));
}

TEST(signing, what_was_changed_is_refused)
{
    Arena *a = test_arena();
    Signer s = a_signer(""), other = a_signer("other"), stranger = a_signer("");
    stranger.key = STR("another key");
    Str text = signer_sign(a, &s, STR("ticket 5")), value = STR("untouched");
    SignatureError error;
    for (size_t i = 0; i < text.n; i++) {
        char *changed = str_dup_c(a, text);
        changed[i] = changed[i] == 'x' ? 'y' : 'x';
        CHECK(!signer_unsign(a, &s, (Str){ changed, text.n }, &value, NULL));
        CHECK(!signer_unsign(a, &s, str_slice(text, 0, i), &value, NULL));
    }
    CHECK(!signer_unsign(a, &other, text, &value, NULL));
    CHECK(!signer_unsign(a, &stranger, text, &value, NULL));
    CHECK(!signer_unsign(a, &s, STR("no signature"), &value, &error));
    CHECK_STR(error.message, STR("No \":\" found in value"));
    CHECK(!signer_unsign(a, &s, STR("x:y"), &value, &error));
    CHECK_STR(error.message, STR("Signature \"y\" does not match"));
    CHECK(!error.expired);
    CHECK_STR(value, STR("untouched"));
}

TEST(signing, an_old_key_still_opens_and_does_not_sign)
{
    Arena *a = test_arena();
    Settings settings;
    settings_init(&settings, a);
    settings.secret_key = STR("a key of tests");
    Signer old = signer_of(&settings, STR("s"));
    Str text = signer_sign(a, &old, STR("v")), value;
    settings.secret_key = STR("the new key");
    Signer fresh = signer_of(&settings, STR("s"));
    CHECK(!signer_unsign(a, &fresh, text, &value, NULL));
    settings.secret_key_fallbacks = STRS("of a year ago", "a key of tests");
    Signer rotating = signer_of(&settings, STR("s"));
    CHECK(signer_unsign(a, &rotating, text, &value, NULL));
    CHECK_STR(value, STR("v"));
    CHECK_STR(signer_sign(a, &rotating, STR("v")), signer_sign(a, &fresh, STR("v")));
}

TEST(signing, time)
{
    Arena *a = test_arena();
    Signer s = a_signer("");
    Str text = signer_sign_timed(a, &s, STR("ticket 5")), value;
    CHECK_STR(text, STR("ticket 5:1vgKSs:hdBWq1ej8dWD20e4ZEP9KNzHyxvcdaDbjJ_3fmGgRQs"));
    SignatureError error;
    s.now = ten_seconds_later; /* 10.123 seconds, since the time of signing is in whole seconds */
    CHECK(signer_unsign_timed(a, &s, text, ANY_AGE, &value, &error));
    CHECK(signer_unsign_timed(a, &s, text, 10.2, &value, &error));
    CHECK_STR(value, STR("ticket 5"));
    CHECK(!signer_unsign_timed(a, &s, text, 10, &value, &error));
    CHECK(error.expired);
    CHECK_STR(error.message, STR("Signature age 10.122999906539917 > 10 seconds"));
    CHECK(!signer_unsign_timed(a, &s, text, 0, &value, NULL));
    /* signed rightly, but without a time, or with none that is a number */
    Signer timed = a_signer("django.core.signing.TimestampSigner");
    CHECK(!signer_unsign_timed(a, &timed, signer_sign(a, &timed, STR("x")), ANY_AGE, &value, &error));
    CHECK_STR(error.message, STR("No \":\" found in value"));
    CHECK(!signer_unsign_timed(a, &timed, signer_sign(a, &timed, STR("x:!")), ANY_AGE, &value, &error));
    CHECK_STR(error.message, STR("The signed value has no time"));
}

static Value json(const char *text)
{
    Value v = { 0 };
    REQUIRE(json_read(test_arena(), str_c(text), (JsonOptions){ 0 }, &v, NULL));
    return v;
}

TEST(signing, objects)
{
    Arena *a = test_arena();
    Signer s = a_signer("");
    Value v = json("{\"id\": 5, \"name\": \"h\u00e9\", \"list\": [1, null, true]}"), back;
    Str text = signing_dumps(a, &s, v, true);
    CHECK_STR(text, STR("eyJpZCI6NSwibmFtZSI6ImhcdTAwZTkiLCJsaXN0IjpbMSxudWxsLHRydWVdfQ:1vgKSs:"
                        "SDrruLbNgEz1F3r_VCUxKfYAMcJPIGHU_1Vab97itMs"));
    REQUIRE(signing_loads(a, &s, text, ANY_AGE, &back, NULL));
    CHECK(value_eq(v, back));
    char *xs = arena_zalloc(a, 201);
    memset(xs, 'x', 200);
    Map *m = map_new(a);
    map_set(m, STR("text"), value_str(str_c(xs)));
    text = signing_dumps(a, &s, value_map(m), true);
    CHECK_STR(text, STR(".eJyrVipJrShRslKqGCZAqRYA4g5hQA:1vgKSs:Uue_gGnW3fYcpx0kXPVtZ_JlcRAthNefupp-PnUmc5M"));
    REQUIRE(signing_loads(a, &s, text, ANY_AGE, &back, NULL));
    CHECK(value_eq(value_map(m), back));
    text = signer_sign_object(a, &s, v, false);
    REQUIRE(signer_unsign_object(a, &s, text, &back, NULL));
    CHECK(value_eq(v, back));
    CHECK(str_is_null(signing_dumps(a, &s, value_bytes(STR("x")), false)));
}

/* What is inside was signed by us, and may be damaged all the same. */
TEST(signing, what_is_no_object_is_refused)
{
    Arena *a = test_arena();
    Signer s = a_signer("");
    static const char *const rows[] = { "!", "bm8ganNvbg", ".bm8gemxpYg", "." };
    EACH_ROW (row, rows) {
        Value v;
        SignatureError error = { 0 };
        CHECK(!signer_unsign_object(a, &s, signer_sign(a, &s, str_c(*row)), &v, &error));
        CHECK(error.message.n > 0);
    }
}
