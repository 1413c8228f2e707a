#include <clef/base.h>
#include <clef/test.h>

static Str text(Uuid u)
{
    Buf b = BUF_INIT(test_arena(), 100);
    buf_uuid(&b, u);
    return buf_view(&b);
}

TEST(uuid, reads_what_python_reads)
{
    static const char *const good[] = {
        "12345678-1234-5678-9abc-DEF012345678",      "12345678123456789abcdef012345678",
        "{12345678-1234-5678-9abc-def012345678}",    "urn:uuid:12345678-1234-5678-9abc-def012345678",
        "uuid:12345678123456789abcdef012345678",     "{urn:uuid:12345678123456789abcdef012345678}",
        "1-2-3-4-5678123456789abcdef012345678-",     "{{12345678123456789abcdef012345678",
        "uurn:uid:12345678123456789abcdef012345678",
    };
    static const char *const bad[] = {
        "",
        "12345678-1234-5678-9abc-def01234567",
        "12345678-1234-5678-9abc-def0123456789",
        "g2345678-1234-5678-9abc-def012345678",
        " 12345678-1234-5678-9abc-def012345678",
        "0x345678123456789abcdef012345678",
        "12345678_1234_5678_9abc_def01234567",
        "URN:UUID:12345678123456789abcdef012345678",
        "(12345678123456789abcdef012345678)",
        "-{12345678123456789abcdef012345678}",
    };
    Uuid u;
    for (size_t i = 0; i < CLEF_COUNT(good); i++) {
        u = (Uuid){ { 0 } };
        CHECK(uuid_parse(str_c(good[i]), &u));
        CHECK_STR(text(u), STR("12345678-1234-5678-9abc-def012345678"));
        CHECK_EQ(uuid_parse_strict(str_c(good[i]), &u), i == 0);
    }
    for (size_t i = 0; i < CLEF_COUNT(bad); i++) {
        u = (Uuid){ { 77 } };
        if (uuid_parse(str_c(bad[i]), &u))
            CHECK_STR(str_c(bad[i]), STR("refused"));
        CHECK_EQ(u.b[0], 77);
    }
    Buf b = BUF_INIT(test_arena(), 1000);
    buf_fill(&b, '-', UUID_PARSE_MAX - 32);
    BUF_LIT(&b, "12345678123456789abcdef012345678");
    CHECK(uuid_parse(buf_view(&b), &u));
    buf_byte(&b, '-');
    CHECK(!uuid_parse(buf_view(&b), &u));
    CHECK(!uuid_parse((Str){ 0 }, &u));
}

TEST(uuid, versions_and_comparison)
{
    Uuid a, b;
    REQUIRE(uuid_v4(&a) && uuid_v4(&b));
    CHECK_EQ(uuid_version(a), 4);
    CHECK_EQ(a.b[8] >> 6, 2);
    CHECK(!uuid_eq(a, b));
    CHECK(uuid_is_nil((Uuid){ { 0 } }) && !uuid_is_nil(a));
    /* Python: uuid.uuid5(uuid.NAMESPACE_DNS, "python.org"), and the empty name. */
    REQUIRE(uuid_v5(UUID_NAMESPACE_DNS, STR("python.org"), &a));
    CHECK_STR(text(a), STR("886313e1-3b8a-5372-9b90-0c9aee199e5d"));
    REQUIRE(uuid_v5(UUID_NAMESPACE_X500, (Str){ 0 }, &a));
    CHECK_STR(text(a), STR("b4bdf874-8c03-5bd8-8fd7-5e409dfd82c0"));
    CHECK(uuid_cmp((Uuid){ { 1 } }, (Uuid){ { 2 } }) < 0);
}

TEST(uuid, version_7_rises_within_a_millisecond_and_when_the_clock_goes_back)
{
    UuidSequence sequence = { 0 };
    Uuid last = { { 0 } }, u;
    for (int i = 0; i < 20000; i++) {
        uint64_t ms = i < 10000 ? 1700000000123 : i < 15000 ? 1700000000124 : 1600000000000;
        REQUIRE(uuid_v7_at(&sequence, ms, &u));
        CHECK_EQ(uuid_version(u), 7);
        CHECK_EQ(u.b[8] >> 6, 2);
        REQUIRE(uuid_cmp(last, u) < 0);
        if (i == 0 || i == 10000)
            CHECK_EQ(uuid_v7_ms(u), ms);
        last = u;
    }
    /* A full counter is carried into the time. */
    memset(&sequence.last, 0xff, sizeof u);
    sequence.last.b[0] = 0;
    sequence.last.b[6] = 0x7f;
    sequence.last.b[8] = 0xbf;
    uint64_t before = uuid_v7_ms(sequence.last);
    REQUIRE(uuid_v7_at(&sequence, 5, &u));
    CHECK_EQ(uuid_v7_ms(u), before + 1);
    CHECK_EQ(uuid_version(u), 7);
    CHECK(!uuid_v7_at(NULL, (uint64_t)1 << 48, &u));
    Uuid now;
    REQUIRE(uuid_v7(&sequence, &now));
    sequence = (UuidSequence){ 0 };
    REQUIRE(uuid_v7(&sequence, &now));
    CHECK(uuid_v7_ms(now) > 1700000000000);
    REQUIRE(uuid_v7(NULL, &u));
    CHECK(uuid_v7_ms(u) >= uuid_v7_ms(now));
}
