#include <clef/base.h>
#include <clef/test.h>
#include <locale.h>

/* Python's repr() of each. */
static const struct {
    double v;
    Str text;
} reprs[] = {
    { 0.0, STR("0.0") },
    { -0.0, STR("-0.0") },
    { 1.0, STR("1.0") },
    { -1.5, STR("-1.5") },
    { 0.1, STR("0.1") },
    { 0.1 + 0.2, STR("0.30000000000000004") },
    { 1.0 / 3, STR("0.3333333333333333") },
    { 100.0, STR("100.0") },
    { 123456.789, STR("123456.789") },
    { 1e15, STR("1000000000000000.0") },
    { 1e16, STR("1e+16") },
    { 123456789012345680.0, STR("1.2345678901234568e+17") },
    { 9007199254740993.0, STR("9007199254740992.0") },
    { 1e22, STR("1e+22") },
    { 1e23, STR("1e+23") },
    { 0.0001, STR("0.0001") },
    { 0.00001, STR("1e-05") },
    { 0.00012345, STR("0.00012345") },
    { 0x1p-44, STR("5.684341886080802e-14") },
    { 0x1p-1074, STR("5e-324") },
    { 0x0.fffffffffffffp-1022, STR("2.225073858507201e-308") },
    { -0x1p-1022, STR("-2.2250738585072014e-308") },
    { 0x1.fffffffffffffp1023, STR("1.7976931348623157e+308") },
    { 1e100, STR("1e+100") },
    { __builtin_inf(), STR("inf") },
    { -__builtin_inf(), STR("-inf") },
    { __builtin_nan(""), STR("nan") },
};

TEST(double, texts_are_pythons_and_come_back)
{
    for (size_t i = 0; i < CLEF_COUNT(reprs); i++) {
        char text[DOUBLE_TEXT_MAX];
        size_t n = double_format(reprs[i].v, text);
        CHECK_STR(str_from(text, n), reprs[i].text);
        double v = 7;
        if (__builtin_isfinite(reprs[i].v)) {
            CHECK(double_parse(reprs[i].text, &v));
            CHECK_EQ(v, reprs[i].v);
        }
        Buf b = BUF_INIT(NULL, n);
        CHECK(buf_double(&b, reprs[i].v));
        CHECK_STR(buf_view(&b), reprs[i].text);
        buf_finish(&b);
        b = BUF_INIT(NULL, n - 1);
        CHECK(!buf_double(&b, reprs[i].v));
        CHECK(b.failed);
        buf_finish(&b);
    }
}

TEST(double, any_bits_come_back)
{
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 50000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double v, back = 0;
        memcpy(&v, &bits, sizeof v);
        if (!__builtin_isfinite(v))
            continue;
        char text[DOUBLE_TEXT_MAX];
        size_t n = double_format(v, text);
        REQUIRE(double_parse(str_from(text, n), &back));
        CHECK_EQ(back, v);
    }
}

TEST(double, parses_numbers_only)
{
    static const struct {
        Str text;
        double v;
    } good[] = {
        { STR("1"), 1 },
        { STR("+1"), 1 },
        { STR("-1"), -1 },
        { STR(".5"), 0.5 },
        { STR("5."), 5 },
        { STR("007"), 7 },
        { STR("1E3"), 1000 },
        { STR("1e-3"), 0.001 },
        { STR("1e+3"), 1000 },
        { STR("0e999999999999"), 0 },
        { STR("1e400"), __builtin_inf() },
        { STR("-1e400"), -__builtin_inf() },
        { STR("1e-400"), 0 },
        { STR("123456789012345678901234567890"), 123456789012345678901234567890.0 },
        { STR("0.000000000000000000000000000000000000000000000000000000000000000000000000001"), 1e-75 },
        { STR("9007199254740993"), 9007199254740992.0 },
        { STR("2.2250738585072011e-308"), 2.225073858507201e-308 },
    };
    static const Str bad[] = {
        STR(""),      STR("."),   STR("-"),   STR("+-1"),   STR("1e"),  STR("1e+"),
        STR(" 1"),    STR("1 "),  STR("0x1"), STR("inf"),   STR("nan"), STR("1..2"),
        STR("1.2.3"), STR("1,5"), STR("e5"),  STR("1e5.0"), STR("1_0"), STR("1\0002"),
    };
    double v = 7;
    for (size_t i = 0; i < CLEF_COUNT(good); i++) {
        test_check(double_parse(good[i].text, &v), CLEF_TEST_AT, good[i].text.p);
        CHECK_EQ(v, good[i].v);
    }
    v = 7;
    for (size_t i = 0; i < CLEF_COUNT(bad); i++)
        test_check(!double_parse(bad[i], &v), CLEF_TEST_AT, bad[i].p);
    CHECK_EQ(v, 7.0);
}

TEST(double, names_are_read_when_asked_for)
{
    double v = 7;
    CHECK(double_parse_any(STR("-inf"), &v));
    CHECK_EQ(v, -__builtin_inf());
    CHECK(double_parse_any(STR("+Infinity"), &v));
    CHECK_EQ(v, __builtin_inf());
    CHECK(double_parse_any(STR("NaN"), &v));
    CHECK(v != v);
    CHECK(double_parse_any(STR("1.5"), &v));
    CHECK_EQ(v, 1.5);
    CHECK(!double_parse_any(STR("in"), &v));
    CHECK(!double_parse_any(STR("--inf"), &v));
    CHECK(!double_parse_any(STR(""), &v));
    CHECK_EQ(v, 1.5);
}

/* Where a locale with a decimal comma is installed, it must make no difference. */
TEST(double, the_locale_does_not_matter)
{
    if (!setlocale(LC_ALL, "de_DE.UTF-8"))
        test_skip("no locale de_DE.UTF-8 here");
    double v = 7;
    CHECK(double_parse(STR("1234567890.12345678901234567890"), &v));
    CHECK_EQ(v, 1234567890.1234567);
}
