#include <clef/base.h>
#include <clef/test.h>

TEST(date, every_day_of_the_calendar_goes_there_and_back, .seconds = 60)
{
    int year = 1, month = 1, day = 1, year_day = 1, weekday = 0; /* 0001-01-01 is a Monday */
    int wrong = 0;
    for (int32_t days = DATE_MIN.days; days <= DATE_MAX.days; days++) {
        Date d = { days }, made = { 0 };
        DateParts p = date_parts(d);
        wrong += p.year != year || p.month != month || p.day != day;
        wrong += !date_make(year, month, day, &made) || made.days != days;
        wrong += date_weekday(d) != weekday || date_year_day(d) != year_day;
        weekday = (weekday + 1) % 7;
        year_day++;
        if (++day > month_length(year, month)) {
            day = 1;
            if (++month > 12)
                month = 1, year++, year_day = 1;
        }
    }
    CHECK_EQ(wrong, 0);
    CHECK_EQ(year, 10000);
}

TEST(date, only_days_that_exist_are_made)
{
    Date d = { 77 };
    CHECK(!date_make(2026, 2, 29, &d));
    CHECK(!date_make(1900, 2, 29, &d));
    CHECK(!date_make(2026, 0, 1, &d));
    CHECK(!date_make(2026, 13, 1, &d));
    CHECK(!date_make(2026, 1, 0, &d));
    CHECK(!date_make(2026, 4, 31, &d));
    CHECK(!date_make(0, 12, 31, &d));
    CHECK(!date_make(10000, 1, 1, &d));
    CHECK_EQ(d.days, 77);
    CHECK(date_make(2000, 2, 29, &d));
    CHECK_EQ(d.days, 11016);
    CHECK(date_make(1, 1, 1, &d));
    CHECK(date_eq(d, DATE_MIN));
    CHECK(date_make(9999, 12, 31, &d));
    CHECK(date_eq(d, DATE_MAX));
    CHECK_EQ(month_length(2024, 2), 29);
    CHECK_EQ(month_length(2100, 2), 28);
    CHECK_EQ(month_length(2024, 13), 0);
}

TEST(date, iso_weeks)
{
    static const struct {
        int year, month, day;
        IsoWeek week;
    } cases[] = {
        { 1, 1, 1, { 1, 1, 1 } },        { 2004, 12, 31, { 2004, 53, 5 } }, { 2005, 1, 1, { 2004, 53, 6 } },
        { 2005, 1, 3, { 2005, 1, 1 } },  { 2008, 12, 29, { 2009, 1, 1 } },  { 2010, 1, 3, { 2009, 53, 7 } },
        { 2026, 1, 15, { 2026, 3, 4 } }, { 9999, 12, 31, { 9999, 52, 5 } },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        Date d, back;
        REQUIRE(date_make(cases[i].year, cases[i].month, cases[i].day, &d));
        IsoWeek w = date_iso_week(d);
        CHECK_EQ(w.year, cases[i].week.year);
        CHECK_EQ(w.week, cases[i].week.week);
        CHECK_EQ(w.weekday, cases[i].week.weekday);
        CHECK(date_from_iso_week(w, &back));
        CHECK_EQ(back.days, d.days);
    }
    Date d;
    CHECK(!date_from_iso_week((IsoWeek){ 2026 + 1, 53, 1 }, &d));
    CHECK(date_from_iso_week((IsoWeek){ 2026, 53, 1 }, &d));
    CHECK(!date_from_iso_week((IsoWeek){ 2026, 0, 1 }, &d));
    CHECK(!date_from_iso_week((IsoWeek){ 2026, 1, 8 }, &d));
    CHECK(!date_from_iso_week((IsoWeek){ 9999, 52, 6 }, &d));
    CHECK(!date_from_iso_week((IsoWeek){ 0, 52, 6 }, &d));
    int wrong = 0;
    for (int32_t days = DATE_MIN.days; days <= DATE_MAX.days; days += 3) {
        Date back;
        wrong += !date_from_iso_week(date_iso_week((Date){ days }), &back) || back.days != days;
    }
    CHECK_EQ(wrong, 0);
}

static Str months_later(const char *from, int64_t months)
{
    Date d;
    REQUIRE(date_parse_iso(str_c(from), &d));
    if (!date_add_months(d, months, &d))
        return (Str){ 0 };
    Buf b = BUF_INIT(test_arena(), 64);
    buf_date(&b, d);
    return buf_view(&b);
}

TEST(date, months_are_added_up_to_the_end_of_the_month)
{
    CHECK_STR(months_later("2026-01-31", 1), STR("2026-02-28"));
    CHECK_STR(months_later("2024-01-31", 1), STR("2024-02-29"));
    CHECK_STR(months_later("2026-03-31", -1), STR("2026-02-28"));
    CHECK_STR(months_later("2026-01-15", -13), STR("2024-12-15"));
    CHECK_STR(months_later("2026-12-15", 1), STR("2027-01-15"));
    CHECK_STR(months_later("0001-01-31", 0), STR("0001-01-31"));
    CHECK(str_is_null(months_later("0001-01-31", -1)));
    CHECK_STR(months_later("9999-11-30", 1), STR("9999-12-30"));
    CHECK(str_is_null(months_later("9999-12-01", 1)));
    CHECK(str_is_null(months_later("2026-12-01", INT64_MAX)));
    CHECK(str_is_null(months_later("2026-12-01", INT64_MIN)));
}

TEST(date, days_are_added_within_the_calendar)
{
    Date d = { 0 };
    CHECK(date_add_days(d, DATE_MAX.days, &d));
    CHECK(!date_add_days(d, 1, &d));
    CHECK(!date_add_days(d, INT64_MAX, &d));
    CHECK(date_eq(d, DATE_MAX));
    CHECK(date_add_days(d, -(int64_t)DATE_MAX.days + DATE_MIN.days, &d));
    CHECK(date_eq(d, DATE_MIN));
    CHECK(!date_add_days(d, -1, &d));
    CHECK(!date_add_days(d, INT64_MIN, &d));
    CHECK_EQ(date_diff(DATE_MAX, DATE_MIN), 3652058);
    CHECK(date_cmp(DATE_MIN, DATE_MAX) < 0);
}

TEST(date, strict_iso)
{
    Date d = { 77 };
    static const char *const wrong[] = { "",           "2026-1-15",   "20260115",   "2026-01-15 ", " 2026-01-15",
                                         "2026-02-30", "2026-01-15T", "2026/01/15", "-026-01-15",  "2026-01-1",
                                         "+026-01-15", "0000-01-01",  "2026-W03-4", "2026-01-15\n" };
    for (size_t i = 0; i < CLEF_COUNT(wrong); i++)
        CHECK(!date_parse_iso(str_c(wrong[i]), &d));
    CHECK(!date_parse_iso((Str){ 0 }, &d));
    CHECK_EQ(d.days, 77);
    CHECK(date_parse_iso(STR("2026-01-15"), &d));
    CHECK_EQ(d.days, 20468);
    Buf b = BUF_INIT(test_arena(), 64);
    buf_date(&b, DATE_MIN);
    buf_date(&b, DATE_MAX);
    CHECK_STR(buf_view(&b), STR("0001-01-019999-12-31"));
}

TEST(date, english_abbreviations)
{
    CHECK_STR(month_abbreviation(1), STR("Jan"));
    CHECK_STR(month_abbreviation(12), STR("Dec"));
    CHECK(str_is_null(month_abbreviation(13)));
    CHECK_STR(weekday_abbreviation(0), STR("Mon"));
    CHECK_STR(weekday_abbreviation(6), STR("Sun"));
    CHECK(str_is_null(weekday_abbreviation(7)));
}
