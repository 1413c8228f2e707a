#include <clef/base.h>
#include <clef/test.h>

TEST(duration, parts_are_as_python_normalises_them)
{
    DurationParts p = duration_parts((Duration){ -1 });
    CHECK_EQ(p.days, -1);
    CHECK_EQ(p.seconds, 86399);
    CHECK_EQ(p.microseconds, 999999);
    p = duration_parts(DURATION_DAYS(-1));
    CHECK_EQ(p.days, -1);
    CHECK_EQ(p.seconds, 0);
    Duration d;
    CHECK(duration_make(1, -1, 1, &d));
    CHECK_EQ(d.us, 86399000001);
    CHECK_EQ(duration_seconds(DURATION_MILLISECONDS(1500)), 1.5);
    CHECK_EQ(duration_microseconds(d), 86399000001);
}

TEST(duration, overflow_is_an_outcome)
{
    Duration d = { 7 };
    CHECK(!duration_make(106751992, 0, 0, &d));
    CHECK(!duration_make(INT64_MAX, INT64_MAX, INT64_MAX, &d));
    CHECK(!duration_add(DURATION_MAX, (Duration){ 1 }, &d));
    CHECK(!duration_sub(DURATION_MIN, (Duration){ 1 }, &d));
    CHECK(!duration_mul(DURATION_MIN, -1, &d));
    CHECK_EQ(d.us, 7);
    CHECK(duration_make(106751991, 14454, 775807, &d));
    CHECK(duration_eq(d, DURATION_MAX));
    CHECK(duration_mul(DURATION_HOURS(2), -3, &d));
    CHECK(duration_eq(d, DURATION_HOURS(-6)));
    CHECK(duration_cmp(DURATION_MINUTES(59), DURATION_HOURS(1)) < 0);
}

static Str text(bool (*fn)(Buf *, Duration), int64_t us)
{
    Buf b = BUF_INIT(test_arena(), 64);
    CHECK(fn(&b, (Duration){ us }));
    return buf_view(&b);
}

TEST(duration, texts)
{
    CHECK_STR(text(duration_string, 0), STR("00:00:00"));
    CHECK_STR(text(duration_string, 93784000005), STR("1 02:03:04.000005"));
    CHECK_STR(text(duration_string, -1), STR("-1 23:59:59.999999"));
    CHECK_STR(text(duration_iso_string, 0), STR("P0DT00H00M00S"));
    CHECK_STR(text(duration_iso_string, 93784000005), STR("P1DT02H03M04.000005S"));
    CHECK_STR(text(duration_iso_string, -93784000005), STR("-P1DT02H03M04.000005S"));
    CHECK_STR(text(duration_iso_string, INT64_MIN), STR("-P106751991DT04H00M54.775808S"));
    CHECK_STR(text(duration_python_string, 0), STR("0:00:00"));
    CHECK_STR(text(duration_python_string, 86400000000), STR("1 day, 0:00:00"));
    CHECK_STR(text(duration_python_string, -1), STR("-1 day, 23:59:59.999999"));
    CHECK_STR(text(duration_python_string, 172800000000 + 36000000000), STR("2 days, 10:00:00"));
    Buf full = BUF_INIT(test_arena(), 5);
    CHECK(!duration_string(&full, (Duration){ 0 }));
}
