#include <clef/base.h>
#include <clef/test.h>

static Str iso(DateTime t, int32_t offset)
{
    Buf b = BUF_INIT(test_arena(), 64);
    buf_datetime(&b, t, offset);
    return buf_view(&b);
}

TEST(datetime, now_is_now)
{
    DateTime now = datetime_now();
    CHECK(now.us > 1700000000 * US_PER_SECOND);
    CHECK(datetime_cmp(datetime_now(), now) >= 0);
}

TEST(datetime, members_and_back)
{
    static const int64_t instants[] = {
        0, -1, 1, 999999, -1000000, 1768472430000123, -62135596800000000, 253402300799999999
    };
    for (size_t i = 0; i < CLEF_COUNT(instants); i++) {
        NaiveDateTime t = { instants[i] }, back = { 0 };
        CHECK(naive_make(naive_parts(t), &back));
        CHECK_EQ(back.us, t.us);
        CHECK_EQ(naive_combine(naive_date(t), naive_time(t)).us, t.us);
    }
    DateTimeParts p = naive_parts((NaiveDateTime){ -1 });
    CHECK_EQ(p.year, 1969);
    CHECK_EQ(p.hour, 23);
    CHECK_EQ(p.microsecond, 999999);
    NaiveDateTime t = { 5 };
    CHECK(!naive_make((DateTimeParts){ 2026, 1, 15, 24, 0, 0, 0 }, &t));
    CHECK(!naive_make((DateTimeParts){ 2026, 1, 15, 0, 60, 0, 0 }, &t));
    CHECK(!naive_make((DateTimeParts){ 2026, 1, 15, 0, 0, 60, 0 }, &t));
    CHECK(!naive_make((DateTimeParts){ 2026, 1, 15, 0, 0, 0, 1000000 }, &t));
    CHECK(!naive_make((DateTimeParts){ 2026, 1, 15, 0, -1, 0, 0 }, &t));
    CHECK_EQ(t.us, 5);
}

TEST(datetime, isoformat)
{
    DateTime t = { 1768472430000123 };
    CHECK_STR(iso(t, 0), STR("2026-01-15T10:20:30.000123+00:00"));
    CHECK_STR(iso(t, 19800), STR("2026-01-15T15:50:30.000123+05:30"));
    CHECK_STR(iso(t, -19815), STR("2026-01-15T04:50:15.000123-05:30:15"));
    CHECK_STR(iso((DateTime){ -1000000 }, 0), STR("1969-12-31T23:59:59+00:00"));
    CHECK_STR(iso(DATETIME_MIN, -3600), STR("0001-01-01T00:00:00+00:00"));
    CHECK_STR(iso(DATETIME_MAX, OFFSET_MAX), STR("9999-12-31T23:59:59.999999+00:00"));
    CHECK_EQ(iso(DATETIME_MAX, -OFFSET_MAX).n, DATETIME_TEXT_MAX);
    Buf b = BUF_INIT(test_arena(), 256);
    buf_naive(&b, (NaiveDateTime){ 1 });
    Time time;
    REQUIRE(time_make(4, 5, 6, 70, &time));
    buf_byte(&b, ' ');
    buf_time(&b, time);
    buf_byte(&b, ' ');
    buf_offset(&b, -15);
    CHECK_STR(buf_view(&b), STR("1970-01-01T00:00:00.000001 04:05:06.000070 -00:00:15"));
}

TEST(datetime, arithmetic_stays_within_the_calendar)
{
    DateTime t = DATETIME_MAX;
    CHECK(!datetime_add(t, (Duration){ 1 }, &t));
    CHECK(!datetime_add(t, DURATION_MAX, &t));
    CHECK(!datetime_sub(t, DURATION_MIN, &t));
    CHECK(datetime_eq(t, DATETIME_MAX));
    CHECK(datetime_sub(t, datetime_diff(DATETIME_MAX, DATETIME_MIN), &t));
    CHECK(datetime_eq(t, DATETIME_MIN));
    CHECK(!datetime_sub(t, (Duration){ 1 }, &t));
    CHECK(!datetime_add(t, DURATION_MIN, &t));
    NaiveDateTime n = { DATETIME_MIN.us };
    CHECK(!naive_sub(n, DURATION_HOURS(1), &n));
    CHECK(naive_add(n, DURATION_HOURS(1), &n));
    CHECK_EQ(n.us, DATETIME_MIN.us + 3600 * US_PER_SECOND);
    CHECK(!datetime_from_naive(n, 3601, &t));
    CHECK(datetime_from_naive(n, 3600, &t));
    CHECK(datetime_eq(t, DATETIME_MIN));
    CHECK(!datetime_to_naive(t, -1, &n));
}

TEST(datetime, unix_seconds)
{
    DateTime t;
    CHECK(datetime_from_unix(1768472430, &t));
    CHECK_EQ(t.us, 1768472430000000);
    CHECK_EQ(datetime_to_unix((DateTime){ -1 }), -1);
    CHECK_EQ(datetime_to_unix((DateTime){ -1000000 }), -1);
    CHECK_EQ(datetime_to_unix((DateTime){ -1000001 }), -2);
    CHECK_EQ(datetime_to_unix((DateTime){ 1999999 }), 1);
    CHECK(!datetime_from_unix(INT64_MAX, &t));
    CHECK(!datetime_from_unix(253402300800, &t));
    CHECK(datetime_from_unix(-62135596800, &t));
}

TEST(datetime, rfc3339)
{
    DateTime t;
    CHECK(datetime_parse_rfc3339(STR("2026-01-15T10:20:30Z"), &t));
    CHECK_EQ(t.us, 1768472430000000);
    CHECK(datetime_parse_rfc3339(STR("2026-01-15t15:50:30.000123999+05:30"), &t));
    CHECK_EQ(t.us, 1768472430000123);
    CHECK(datetime_parse_rfc3339(STR("2026-01-15 04:50:30.5-05:30"), &t));
    CHECK_EQ(t.us, 1768472430500000);
    static const char *const wrong[] = {
        "2026-01-15",
        "2026-01-15T10:20Z",
        "2026-01-15T10:20:30",
        "2026-01-15T10:20:30+0530",
        "2026-01-15T24:00:00Z",
        "2026-01-15T10:20:60Z",
        "2026-01-15T10:20:30.Z",
        "2026-01-15T10:20:30,5Z",
        "2026-01-15T10:20:30Zx",
        "2026-02-29T10:20:30Z",
        "2026-01-15T10:20:30+24:00",
        "2026-01-15T10:20:30+05:60",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    };
    t.us = 7;
    for (size_t i = 0; i < CLEF_COUNT(wrong); i++)
        CHECK(!datetime_parse_rfc3339(str_c(wrong[i]), &t));
    CHECK_EQ(t.us, 7);
    Time time;
    CHECK(time_parse_iso(STR("10:20:30.5"), &time));
    CHECK_EQ(time.us, 37230500000);
    CHECK(!time_parse_iso(STR("10:20"), &time));
    CHECK(!time_parse_iso(STR("10:20:30Z"), &time));
}

TEST(opt, absent_by_default)
{
    OptInt rating = { 0 };
    CHECK(!rating.set);
    CHECK_EQ(OPT_OR(rating, -1), -1);
    rating = OPT(OptInt, 5);
    CHECK_EQ(OPT_OR(rating, -1), 5);
    OptDateTime when = OPT(OptDateTime, DATETIME_MAX);
    CHECK(datetime_eq(when.value, DATETIME_MAX));
}
