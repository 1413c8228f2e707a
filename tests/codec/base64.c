#include <clef/base.h>
#include <clef/codec/base64.h>
#include <clef/test.h>

/* The vectors of RFC 4648, section 10. */
static const struct {
    Str data, padded, unpadded;
} rfc[] = {
    { STR(""), STR(""), STR("") },
    { STR("f"), STR("Zg=="), STR("Zg") },
    { STR("fo"), STR("Zm8="), STR("Zm8") },
    { STR("foo"), STR("Zm9v"), STR("Zm9v") },
    { STR("foob"), STR("Zm9vYg=="), STR("Zm9vYg") },
    { STR("fooba"), STR("Zm9vYmE="), STR("Zm9vYmE") },
    { STR("foobar"), STR("Zm9vYmFy"), STR("Zm9vYmFy") },
};

TEST(base64, rfc_vectors_both_ways)
{
    Arena *a = test_arena();
    for (size_t i = 0; i < CLEF_COUNT(rfc); i++) {
        Str out;
        CHECK_STR(base64_encode(a, rfc[i].data, 0), rfc[i].padded);
        CHECK_STR(base64_encode(a, rfc[i].data, BASE64_UNPADDED), rfc[i].unpadded);
        REQUIRE(base64_decode(a, rfc[i].padded, 0, &out));
        CHECK_STR(out, rfc[i].data);
        REQUIRE(base64_decode(a, rfc[i].unpadded, BASE64_UNPADDED, &out));
        CHECK_STR(out, rfc[i].data);
        REQUIRE(base64_decode(a, rfc[i].padded, BASE64_UNPADDED, &out));
        CHECK_STR(out, rfc[i].data);
    }
}

TEST(base64, each_alphabet_takes_its_own_digits_only)
{
    Arena *a = test_arena();
    Str data = STR("\373\377\277"), out;
    CHECK_STR(base64_encode(a, data, BASE64_STANDARD), STR("+/+/"));
    CHECK_STR(base64_encode(a, data, BASE64_URL), STR("-_-_"));
    CHECK(base64_decode(a, STR("-_-_"), BASE64_URL, &out));
    CHECK_STR(out, data);
    CHECK(!base64_decode(a, STR("+/+/"), BASE64_URL, &out));
    CHECK(!base64_decode(a, STR("-_-_"), BASE64_STANDARD, &out));
}

TEST(base64, strict_refuses)
{
    static const Str bad[] = {
        STR("Z"),       STR("Zg"),   STR("Zg="),  STR("Zg==="),  STR("Zg==Zg=="), STR("Z==="),
        STR("===="),    STR("Zh=="), STR("Zm9="), STR("Zm 8="),  STR("Zm8=\n"),   STR("Zm8*"),
        STR("Z\377m8"), STR("Z=m8"), STR("="),    STR("Zm9vYg"), STR("Zm\0008="), STR("Zm9v="),
    };
    static const Str bad_unpadded[] = {
        STR("Z"), STR("Zg="), STR("Zh"), STR("Zm9"), STR("Zm9vZ"), STR("Zg=a"), STR("=")
    };
    Buf b = BUF_INIT(test_arena(), 100);
    buf_c(&b, "kept");
    for (size_t i = 0; i < CLEF_COUNT(bad); i++)
        if (!test_check(!base64_decode_add(&b, bad[i], 0), CLEF_TEST_AT, bad[i].p))
            buf_truncate(&b, 4);
    for (size_t i = 0; i < CLEF_COUNT(bad_unpadded); i++)
        if (!test_check(!base64_decode_add(&b, bad_unpadded[i], BASE64_UNPADDED), CLEF_TEST_AT, bad_unpadded[i].p))
            buf_truncate(&b, 4);
    CHECK_STR(buf_view(&b), STR("kept"));
    CHECK_EQ(strlen(b.p), 4);
    CHECK(!b.failed);
}

/* What Python's binascii.a2b_base64 answers. */
static const struct {
    Str text;
    bool ok;
    Str data;
} mime[] = {
    { STR(""), true, STR("") },
    { STR("YQ=="), true, STR("\141") },
    { STR("YQ"), false, { 0 } },
    { STR("YQ="), false, { 0 } },
    { STR("Y"), false, { 0 } },
    { STR("="), true, STR("") },
    { STR("===="), true, STR("") },
    { STR("YWI="), true, STR("\141\142") },
    { STR("YW I=\012"), true, STR("\141\142") },
    { STR("YWJj"), true, STR("\141\142\143") },
    { STR("YWJjZ"), false, { 0 } },
    { STR("YWJjZA=="), true, STR("\141\142\143\144") },
    { STR("YWJj===="), true, STR("\141\142\143") },
    { STR("YQ==YQ=="), true, STR("\141") },
    { STR("Y=Q="), false, { 0 } },
    { STR("Y=Q=="), true, STR("\141") },
    { STR("YQ=a="), true, STR("\141\006") },
    { STR("YQ=aa"), true, STR("\141\006\232") },
    { STR("YQ=aa="), true, STR("\141\006\232") },
    { STR("!Y*Q\377=="), true, STR("\141") },
    { STR("YR=="), true, STR("\141") },
    { STR("YQ=A"), false, { 0 } },
    { STR("YWI=YWI="), true, STR("\141\142") },
    { STR("YWJ="), true, STR("\141\142") },
    { STR("=YQ=="), true, STR("\141") },
};

TEST(base64, mime_reads_what_python_reads)
{
    Arena *a = test_arena();
    for (size_t i = 0; i < CLEF_COUNT(mime); i++) {
        Str out = STR("");
        test_check(base64_decode(a, mime[i].text, BASE64_MIME, &out) == mime[i].ok, CLEF_TEST_AT, mime[i].text.p);
        if (mime[i].ok)
            CHECK_STR(out, mime[i].data);
    }
}

TEST(base64, every_byte_and_length_comes_back)
{
    Arena *a = test_arena();
    char data[300];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 167 + 13);
    for (size_t n = 0; n < sizeof data; n++)
        for (unsigned flags = 0; flags < 4; flags++) {
            Str out = { 0 };
            REQUIRE(base64_decode(a, base64_encode(a, str_from(data, n), flags), flags, &out));
            REQUIRE(str_eq(out, str_from(data, n)));
        }
}

TEST(base64, the_maximum_of_the_buf_holds)
{
    Buf b = BUF_INIT(test_arena(), 8);
    CHECK(base64_add(&b, STR("foobar"), 0));
    CHECK(!base64_add(&b, STR("f"), 0));
    CHECK(b.failed);
    b = BUF_INIT(test_arena(), 6);
    CHECK(base64_decode_add(&b, STR("Zm9vYmFy"), 0));
    CHECK(!base64_decode_add(&b, STR("Zm9vYmFy"), 0));
}

TEST(hex, both_ways_and_what_is_refused)
{
    Arena *a = test_arena();
    Str out;
    CHECK_STR(hex_encode(a, STR("\000\001\177\200\377")), STR("00017f80ff"));
    REQUIRE(hex_decode(a, STR("00017F80fF"), &out));
    CHECK_STR(out, STR("\000\001\177\200\377"));
    REQUIRE(hex_decode(a, STR(""), &out));
    CHECK_EQ(out.n, 0);
    CHECK(!hex_decode(a, STR("0"), &out));
    CHECK(!hex_decode(a, STR("0g"), &out));
    CHECK(!hex_decode(a, STR("g0"), &out));
    CHECK(!hex_decode(a, STR("0 "), &out));
    CHECK(!hex_decode(a, STR("@0"), &out));
    CHECK(!hex_decode(a, STR("`0"), &out));
    Buf b = BUF_INIT(a, 4);
    CHECK(hex_add(&b, STR("ab")));
    CHECK(!hex_add(&b, STR("a")));
}

TEST(base62, as_django_signing)
{
    static const struct {
        int64_t v;
        Str text;
    } cases[] = {
        { 0, STR("0") },
        { -1, STR("-1") },
        { 9, STR("9") },
        { 10, STR("A") },
        { 35, STR("Z") },
        { 36, STR("a") },
        { 61, STR("z") },
        { 62, STR("10") },
        { 1735689600, STR("1tSm9Y") },
        { INT64_MAX, STR("AzL8n0Y58m7") },
        { INT64_MIN, STR("-AzL8n0Y58m8") },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        Buf b = BUF_INIT(test_arena(), 100);
        CHECK(base62_add(&b, cases[i].v));
        CHECK_STR(buf_view(&b), cases[i].text);
        int64_t v = 7;
        CHECK(base62_decode(cases[i].text, &v));
        CHECK(v == cases[i].v);
    }
    int64_t v = 7;
    CHECK(!base62_decode(STR("AzL8n0Y58m8"), &v));
    CHECK(!base62_decode(STR("zzzzzzzzzzzzzzzz"), &v));
    CHECK(!base62_decode(STR("1_"), &v));
    CHECK(!base62_decode(STR("--1"), &v));
    CHECK(!base62_decode(STR("+1"), &v));
    CHECK_EQ(v, 7);
    CHECK(base62_decode(STR(""), &v));
    CHECK_EQ(v, 0);
}

TEST(base36, as_django_reset_tokens)
{
    static const struct {
        uint64_t v;
        Str text;
    } cases[] = {
        { 0, STR("0") },
        { 35, STR("z") },
        { 36, STR("10") },
        { 790000000, STR("d2cfwg") },
        { UINT64_MAX, STR("3w5e11264sgsf") },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        Buf b = BUF_INIT(test_arena(), 100);
        CHECK(base36_add(&b, cases[i].v));
        CHECK_STR(buf_view(&b), cases[i].text);
        uint64_t v = 7;
        CHECK(base36_decode(cases[i].text, &v));
        CHECK(v == cases[i].v);
    }
    uint64_t v = 7;
    CHECK(base36_decode(STR("RS"), &v));
    CHECK(v == 1000);
    CHECK(base36_decode(STR("0000000000001"), &v));
    CHECK(v == 1);
    CHECK(!base36_decode(STR("00000000000001"), &v));
    CHECK(!base36_decode(STR("3w5e11264sgsg"), &v));
    CHECK(!base36_decode(STR(""), &v));
    CHECK(!base36_decode(STR(" 1"), &v));
    CHECK(!base36_decode(STR("#"), &v));
    CHECK(!base36_decode(STR("-1"), &v));
}
