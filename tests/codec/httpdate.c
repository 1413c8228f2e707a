#include <clef/codec/httpdate.h>
#include <clef/test.h>

static DateTime now_of(int year)
{
    NaiveDateTime t = { 0 };
    CHECK(naive_make((DateTimeParts){ year, 6, 15, 12, 0, 0, 0 }, &t));
    return (DateTime){ t.us };
}

static Str written(DateTime t)
{
    Buf b = BUF_INIT(test_arena(), 64);
    CHECK(buf_httpdate(&b, t));
    return buf_view(&b);
}

TEST(httpdate, writes_imf_fixdate)
{
    CHECK_STR(written((DateTime){ 0 }), STR("Thu, 01 Jan 1970 00:00:00 GMT"));
    CHECK_STR(written((DateTime){ 784111777999999 }), STR("Sun, 06 Nov 1994 08:49:37 GMT"));
    CHECK_STR(written((DateTime){ -1 }), STR("Wed, 31 Dec 1969 23:59:59 GMT"));
    CHECK_STR(written(DATETIME_MIN), STR("Mon, 01 Jan 0001 00:00:00 GMT"));
    CHECK_STR(written(DATETIME_MAX), STR("Fri, 31 Dec 9999 23:59:59 GMT"));
    for (int64_t day = -719162; day < 2932896; day += 997) {
        DateTime t = { day * US_PER_DAY + (day & 0xffff) * US_PER_SECOND }, back = { 0 };
        if (naive_parts(datetime_utc(t)).year < 100)
            continue;
        CHECK_EQ(httpdate_parse(written(t), t, &back), PARSE_OK);
        CHECK_EQ(back.us, t.us);
    }
}

TEST(httpdate, reads_three_forms)
{
    static const struct {
        const char *text;
        int now;
        ParseOutcome outcome;
        int64_t seconds;
    } cases[] = {
        { "Mon, 07 Nov 1994 08:49:37 GMT", 2026, PARSE_OK, 784198177 },
        { "Mon, 07 nov 1994 08:49:37 GMT", 2026, PARSE_OK, 784198177 },
        { "xyz, 07 Nov 1994 08:49:37 GMT", 2026, PARSE_OK, 784198177 },
        { "Monday, 07-Nov-94 08:49:37 GMT", 2026, PARSE_OK, 784198177 },
        { "Wednesday, 07-Nov-94 08:49:37 GMT", 2026, PARSE_OK, 784198177 },
        { "Mon Nov  7 08:49:37 1994", 2026, PARSE_OK, 784198177 },
        { "Mon Nov 07 08:49:37 1994", 2026, PARSE_OK, 784198177 },
        { "Mon Nov  7 08:49:37 0094", 2026, PARSE_OK, 784198177 },
        /* Two digits: at most 50 years ahead. */
        { "Sunday, 01-Jan-76 00:00:00 GMT", 2026, PARSE_OK, 3345062400 },
        { "Sunday, 01-Jan-77 00:00:00 GMT", 2026, PARSE_OK, 220924800 },
        { "Sunday, 01-Jan-00 00:00:00 GMT", 2049, PARSE_OK, 946684800 },
        { "Sunday, 01-Jan-99 00:00:00 GMT", 2048, PARSE_OK, 915148800 },
        { "Sunday, 01-Jan-99 00:00:00 GMT", 2049, PARSE_OK, 4070908800 },
        { "Mon, 31 Feb 1994 08:49:37 GMT", 2026, PARSE_OUT_OF_RANGE, 0 },
        { "Mon, 07 Nox 1994 08:49:37 GMT", 2026, PARSE_OUT_OF_RANGE, 0 },
        { "Mon, 07 Nov 1994 24:00:00 GMT", 2026, PARSE_OUT_OF_RANGE, 0 },
        { "Mon, 07 Nov 1994 08:49:60 GMT", 2026, PARSE_OUT_OF_RANGE, 0 },
        { "Mon Nov  0 08:49:37 1994", 2026, PARSE_OUT_OF_RANGE, 0 },
        { "Mon, 7 Nov 1994 08:49:37 GMT", 2026, PARSE_NO_MATCH, 0 },
        { "Mon, 07 Nov 1994 08:49:37 UTC", 2026, PARSE_NO_MATCH, 0 },
        { "Mon, 07 Nov 1994 08:49:37 GMT ", 2026, PARSE_NO_MATCH, 0 },
        { "Mon, 07 Nov 1994 08:49:37 +0000", 2026, PARSE_NO_MATCH, 0 },
        { "Mon, 07 Nov 94 08:49:37 GMT", 2026, PARSE_NO_MATCH, 0 },
        { "Mon, 07-Nov-94 08:49:37 GMT", 2026, PARSE_NO_MATCH, 0 },
        { "Mo-day, 07-Nov-94 08:49:37 GMT", 2026, PARSE_NO_MATCH, 0 },
        { "Mondaymond, 07-Nov-94 08:49:37 GMT", 2026, PARSE_NO_MATCH, 0 },
        { "Mon Nov 7 08:49:37 1994", 2026, PARSE_NO_MATCH, 0 },
        { "1994-11-07T08:49:37Z", 2026, PARSE_NO_MATCH, 0 },
        { "", 2026, PARSE_NO_MATCH, 0 },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        DateTime t = { 0 };
        ParseOutcome outcome = httpdate_parse(str_c(cases[i].text), now_of(cases[i].now), &t);
        if (!test_check(outcome == cases[i].outcome && t.us == cases[i].seconds * US_PER_SECOND, CLEF_TEST_AT,
                        cases[i].text))
            continue;
    }
    DateTime t = { 0 };
    CHECK_EQ(httpdate_parse((Str){ 0 }, t, &t), PARSE_NO_MATCH);
}

TEST(httpdate, cookie_dates_are_read_leniently)
{
    static const char *const same[] = {
        "Mon, 07 Nov 1994 08:49:37 GMT", "Monday, 07-Nov-94 08:49:37 GMT",
        "Mon Nov  7 08:49:37 1994",      "7 Nov 1994 8:49:37",
        "08:49:37 1994 November 7th",    "07-NOV-1994 08:49:37abc",
    };
    for (size_t i = 0; i < CLEF_COUNT(same); i++) {
        DateTime t = { 0 };
        if (!cookiedate_parse(str_c(same[i]), &t) || t.us != 784198177 * US_PER_SECOND)
            test_check(false, CLEF_TEST_AT, same[i]);
    }
    static const char *const wrong[] = {
        "",
        "Nov 1994 08:49:37",
        "7 1994 08:49:37",
        "7 Nov 08:49:37",
        "7 Nov 1994",
        "7 Nov 1994 08:49",
        "7 Nov 1994 08:60:00",
        "7 Nov 1994 24:00:00",
        "31 Feb 1994 08:49:37",
        "7 Nov 1600 08:49:37",
        "94 08:49:37 nov 7 1994",
        "7 Nov 19941 08:49:37",
    };
    DateTime t = { 7 };
    for (size_t i = 0; i < CLEF_COUNT(wrong); i++)
        if (cookiedate_parse(str_c(wrong[i]), &t))
            test_check(false, CLEF_TEST_AT, wrong[i]);
    CHECK_EQ(t.us, 7);
    CHECK(cookiedate_parse(STR("1 Jan 69 00:00:00"), &t));
    CHECK_EQ(t.us, 3124224000 * US_PER_SECOND);
    CHECK(cookiedate_parse(STR("1 Jan 70 00:00:00"), &t));
    CHECK_EQ(t.us, 0);
    CHECK(cookiedate_parse(STR("1 Jan 1601 00:00:00"), &t));
    char text[COOKIEDATE_MAX + 1];
    memset(text, ' ', sizeof text);
    memcpy(text, "1 Jan 70 00:00:01", 17);
    CHECK(cookiedate_parse((Str){ text, COOKIEDATE_MAX }, &t));
    CHECK(!cookiedate_parse((Str){ text, COOKIEDATE_MAX + 1 }, &t));
}

TEST(httpdate, mail_dates)
{
    Buf b = BUF_INIT(test_arena(), 256);
    DateTime t = { 784111777000000 };
    buf_maildate(&b, t, 3600);
    buf_byte(&b, '|');
    buf_maildate(&b, t, -34215);
    buf_byte(&b, '|');
    buf_maildate(&b, t, 0);
    buf_byte(&b, '|');
    buf_maildate_naive(&b, datetime_utc(t));
    buf_byte(&b, '|');
    buf_maildate(&b, DATETIME_MAX, 60);
    CHECK_STR(buf_view(&b), STR("Sun, 06 Nov 1994 09:49:37 +0100|Sat, 05 Nov 1994 23:19:22 -0930|"
                                "Sun, 06 Nov 1994 08:49:37 +0000|Sun, 06 Nov 1994 08:49:37 -0000|"
                                "Fri, 31 Dec 9999 23:59:59 +0000"));
}
