#include <clef/base/decimal.h>
#include <clef/i18n.h>
#include <clef/test.h>

static const Locale *locale(const char *code, bool thousands)
{
    Arena *a = test_arena();
    Context *cx = NEW(a, Context);
    context_init(cx, a);
    cx->locale = i18n_locale(i18n_create(a, &(I18nOptions){ .use_thousand_separator = thousands, .use_tz = true }));
    return locale_language(cx, str_c(code));
}

static Str number(Value v, NumberFormat f)
{
    Buf b = BUF_INIT(test_arena(), 100000);
    buf_add(&b, "", 0);
    number_format_add(&b, test_arena(), v, &f);
    return buf_view(&b);
}

static Value decimal(const char *text)
{
    Decimal *d = NEW(test_arena(), Decimal);
    REQUIRE(decimal_parse(test_arena(), str_c(text), d) == DECIMAL_OK);
    return value_decimal(d);
}

static Value moment(const char *text, const TimeZone *zone)
{
    DateTime t;
    REQUIRE(datetime_parse_rfc3339(str_c(text), &t));
    return zone ? value_datetime(t, zone) : value_naive((NaiveDateTime){ t.us });
}

TEST(i18n, numbers_are_cut_filled_and_grouped)
{
    NumberFormat f = { .decimal_separator = STR(","), .thousand_separator = STR("."), .grouping = { 3 } };
    CHECK_STR(number(value_int(1234567), f), STR("1234567"));
    f.grouped = true;
    static const struct {
        int64_t n;
        const char *text;
    } rows[] = { { 0, "0" },       { 999, "999" },          { 1000, "1.000" },
                 { -100, "-100" }, { -123456, "-123.456" }, { INT64_MIN, "-9.223.372.036.854.775.808" } };
    EACH_ROW (row, rows)
        CHECK_STR(number(value_int(row->n), f), str_c(row->text));
    f.fixed = true;
    f.places = 2;
    CHECK_STR(number(value_double(1234.567), f), STR("1.234,56"));
    CHECK_STR(number(value_int(5), f), STR("5,00"));
    CHECK_STR(number(decimal("0.001"), f), STR("0,00"));
    CHECK_STR(number(decimal("-0.001"), f), STR("0,00"));
    CHECK_STR(number(decimal("-0.01"), f), STR("-0,01"));
    CHECK_STR(number(value_c("1234.5"), f), STR("1.234,50"));
    f = (NumberFormat){
        .decimal_separator = STR("."), .thousand_separator = STR(","), .grouping = { 3, 2 }, .grouped = true
    };
    CHECK_STR(number(value_int(1234567890), f), STR("1,23,45,67,890"));
    f.grouping[1] = 0;
    f.grouping[0] = 0;
    CHECK_STR(number(value_int(1234567890), f), STR("1234567890"));
}

TEST(i18n, numbers_with_too_many_digits_have_an_exponent)
{
    NumberFormat f = { .decimal_separator = STR(".") };
    CHECK_STR(number(value_double(1e16), f), STR("10000000000000000"));
    CHECK_STR(number(value_double(1.5e-7), f), STR("0.00000015"));
    CHECK_EQ(number(decimal("1E+199"), f).n, 200u);
    CHECK_STR(number(decimal("1E+200"), f), STR("1e+200"));
    CHECK_STR(number(decimal("1.25E-300"), f), STR("1.25e-300"));
    f.fixed = true;
    f.places = NUMBER_PLACES_MAX + 5;
    Str long_one = number(value_int(1), (NumberFormat){ .fixed = true, .places = 50000 });
    CHECK_EQ(long_one.n, 50001u);
    CHECK_STR(number(value_double(1.0 / 0.0), (NumberFormat){ .decimal_separator = STR(".") }), STR("inf"));
}

static Str localized(const char *code, Value v, bool on)
{
    Buf b = BUF_INIT(test_arena(), 100000);
    buf_add(&b, "", 0);
    CHECK(localize_add(&b, test_arena(), v, locale(code, true), on));
    return buf_view(&b);
}

TEST(i18n, values_are_written_in_the_formats_of_a_language)
{
    Date day;
    Time hour;
    REQUIRE(date_parse_iso(STR("2009-12-31"), &day) && time_parse_iso(STR("20:50:00"), &hour));
    CHECK_STR(localized("de", value_date(day), true), STR("31. Dezember 2009"));
    CHECK_STR(localized("de", value_time(hour), true), STR("20:50"));
    CHECK_STR(localized("de", moment("2009-12-31T20:50:00Z", NULL), true), STR("31. Dezember 2009 20:50"));
    CHECK_STR(localized("ca", value_date(day), true), STR("31 desembre de 2009"));
    CHECK_STR(localized("ja", value_date(day), true), STR("2009年12月31日"));
    CHECK_STR(localized("en", value_time(hour), true), STR("8:50 p.m."));
    CHECK_STR(localized("de", value_int(12345), true), STR("12.345"));
    CHECK_STR(localized("de", value_double(12345.5), true), STR("12.345,5"));
    CHECK_STR(localized("de", value_int(12345), false), STR("12345"));
    CHECK_STR(localized("de", decimal("12345.5"), false), STR("12345.5"));
    /* not localised: the settings' format, and still the names of the language */
    CHECK_STR(localized("de", value_date(day), false), STR("Dez. 31, 2009"));
    Buf b = BUF_INIT(test_arena(), 100);
    CHECK(!localize_add(&b, test_arena(), value_c("x"), locale("de", true), true));
    CHECK(!localize_add(&b, test_arena(), value_bool(true), locale("de", true), true));
}

TEST(i18n, date_letters_and_backslashes)
{
    const TimeZone *chicago;
    REQUIRE(timezones_get(timezones_create(test_arena(), (Str){ 0 }), STR("America/Chicago"), &chicago) == TIMEZONE_OK);
    Locale l = *locale("en", false);
    l.default_zone = chicago;
    static const struct {
        const char *format, *text;
    } rows[] = { { "\\Y Y", "Y 2005" },
                 { "\\\\Y", "\\Y" },
                 { "Y\\", "2005\\" },
                 { "M b N F E", "Oct oct Oct. October October" },
                 { "e|O|T|Z|I", "||||" }, /* 01:30 was twice in that night */
                 { "D l w W z", "Sun Sunday 0 43 303" } };
    EACH_ROW (row, rows) {
        Buf b = BUF_INIT(test_arena(), 1000);
        char letter;
        buf_add(&b, "", 0);
        Value v = moment("2005-10-30T01:30:00Z", NULL);
        CHECK_EQ((int)date_format_add(&b, v, str_c(row->format), false, &l, &letter), DATE_FORMAT_OK);
        CHECK_STR(buf_view(&b), str_c(row->text));
    }
}

TEST(i18n, inputs_are_read_and_written_as_people_type_them)
{
    const Locale *de = locale("de", true);
    CHECK_STR(sanitize_separators(test_arena(), de, STR("1.234,50")), STR("1234.50"));
    CHECK_STR(sanitize_separators(test_arena(), de, STR("1.5")), STR("1.5")); /* a point meant for a comma */
    CHECK_STR(sanitize_separators(test_arena(), de, STR("1.500")), STR("1500"));
    CHECK_STR(sanitize_separators(test_arena(), locale("fr", true), STR("12 345,6")), STR("12345.6"));
    Buf b = BUF_INIT(test_arena(), 1000);
    Date day;
    REQUIRE(date_parse_iso(STR("0009-02-03"), &day));
    CHECK(localize_input_add(&b, test_arena(), value_date(day), de));
    buf_byte(&b, ' ');
    CHECK(localize_input_add(&b, test_arena(), moment("2009-12-31T06:07:08Z", NULL), de));
    buf_byte(&b, ' ');
    CHECK(localize_input_add(&b, test_arena(), decimal("0.5"), de));
    CHECK_STR(buf_view(&b), STR("03.02.0009 31.12.2009 06:07:08 0,5"));
    Str list = de->formats->input[INPUT_DATE], one, last = STR("");
    size_t n = 0;
    for (; input_format_next(&list, &one); n++)
        last = one;
    CHECK_EQ(n, 3u);
    CHECK_STR(last, STR("%Y-%m-%d"));
}

static Str since(const char *code, const char *from, const char *to, TimeSinceOptions o)
{
    Buf b = BUF_INIT(test_arena(), 1000);
    CHECK(timesince_add(&b, locale(code, false), moment(from, NULL), moment(to, NULL), o));
    return str_replace(test_arena(), buf_view(&b), STR("\xc2\xa0"), STR("_"));
}

TEST(i18n, time_between_is_said_in_neighbouring_units)
{
    static const struct {
        const char *from, *to, *text;
    } rows[] = {
        { "2020-01-01T00:00:00Z", "2020-01-01T00:00:59Z", "0_minutes" },
        { "2020-01-01T00:00:00Z", "2019-01-01T00:00:00Z", "0_minutes" },
        { "2020-01-01T00:00:00Z", "2020-01-01T00:01:00Z", "1_minute" },
        { "2020-01-01T00:00:00Z", "2020-01-09T01:00:00Z", "1_week, 1_day" },
        { "2020-01-01T00:00:00Z", "2020-01-08T01:00:00Z", "1_week" },
        { "2020-01-31T00:00:00Z", "2020-03-01T00:00:00Z", "1_month" },
        { "2019-12-31T12:00:00Z", "2021-12-31T11:59:59Z", "1_year, 11_months" },
    };
    EACH_ROW (row, rows)
        CHECK_STR(since("en", row->from, row->to, (TimeSinceOptions){ 0 }), str_c(row->text));
    CHECK_STR(since("de", "2020-01-01T00:00:00Z", "2022-02-09T00:00:00Z", (TimeSinceOptions){ .depth = 3 }),
              STR("2_Jahre, 1_Monat, 1_Woche"));
    CHECK_STR(since("en", "2022-01-01T00:00:00Z", "2020-01-01T00:00:00Z", (TimeSinceOptions){ .until = true }),
              STR("2_years"));
    Buf b = BUF_INIT(test_arena(), 1000);
    CHECK(!timesince_add(&b, locale("en", false), moment("2020-01-01T00:00:00Z", NULL),
                         moment("2020-01-01T00:00:00Z", timezone_utc()), (TimeSinceOptions){ 0 }));
    CHECK(!timesince_add(&b, locale("en", false), value_int(1), value_int(2), (TimeSinceOptions){ 0 }));
}

TEST(i18n, numbers_and_days_are_said_as_people_say_them)
{
    Arena *a = test_arena();
    const Locale *en = locale("en", false), *de = locale("de", false);
    static const struct {
        int64_t n;
        const char *text;
    } ordinals[] = { { 0, "0th" },   { 1, "1st" },   { 2, "2nd" },     { 3, "3rd" }, { 11, "11th" },
                     { 12, "12th" }, { 21, "21st" }, { 111, "111th" }, { -1, "-1" } };
    EACH_ROW (row, ordinals)
        CHECK_STR(humanize_ordinal(a, en, value_int(row->n)).s, str_c(row->text));
    CHECK_STR(humanize_intword(a, en, value_int(1200000)).s, STR("1.2 million"));
    CHECK_STR(humanize_intword(a, en, value_int(-1000000000)).s, STR("-1.0 billion"));
    CHECK_STR(humanize_intword(a, de, value_int(2000000)).s, STR("2,0 Millionen"));
    CHECK_EQ(humanize_intword(a, en, value_int(999999)).i, 999999);
    CHECK_STR(humanize_intcomma(a, de, value_int(-1234567), true).s, STR("-1.234.567"));
    CHECK_STR(humanize_intcomma(a, en, value_c("1234567.125"), true).s, STR("1,234,567.125"));
    CHECK_STR(humanize_intcomma(a, en, value_c("1000 green bottles"), true).s, STR("1,000 green bottles"));
    CHECK_STR(humanize_intcomma(a, de, value_c("-1234567"), false).s, STR("-1,234,567"));
    CHECK_STR(humanize_intcomma(a, en, value_c("１２３４"), true).s, STR("1,234"));
    CHECK_STR(humanize_apnumber(de, 9).s, STR("neun"));
    CHECK_EQ(humanize_apnumber(en, 10).i, 10);
    Date day;
    REQUIRE(date_parse_iso(STR("2020-03-01"), &day));
    Date before, far;
    REQUIRE(date_add_days(day, -1, &before) && date_add_days(day, 2, &far));
    CHECK_STR(humanize_naturalday(en, before, day), STR("yesterday"));
    CHECK_STR(humanize_naturalday(de, day, before), STR("morgen"));
    CHECK(!humanize_naturalday(en, far, day).p);
    DateTime now;
    REQUIRE(datetime_parse_rfc3339(STR("2020-03-01T12:00:00Z"), &now));
    static const struct {
        const char *at, *text;
    } times[] = { { "2020-03-01T12:00:00Z", "now" },
                  { "2020-03-01T11:59:30Z", "30\xc2\xa0seconds ago" },
                  { "2020-03-01T11:59:00Z", "a minute ago" },
                  { "2020-03-01T14:00:00Z", "2\xc2\xa0hours from now" },
                  { "2020-02-28T12:00:00Z", "2\xc2\xa0"
                                            "days ago" },
                  { "2020-03-08T13:00:00Z", "1\xc2\xa0week from now" } };
    EACH_ROW (row, times)
        CHECK_STR(humanize_naturaltime(a, en, moment(row->at, timezone_utc()), now).s, str_c(row->text));
    CHECK_STR(humanize_naturaltime(a, locale("cs", false), moment("2020-02-28T12:00:00Z", timezone_utc()), now).s,
              STR("před 2\xc2\xa0"
                  "dny"));
}

TEST(i18n, digits_of_any_script_are_read)
{
    CHECK_STR(text_ascii_digits(test_arena(), STR("-１٢३.x")), STR("-123.x"));
    CHECK_STR(text_ascii_digits(test_arena(), STR("12")), STR("12"));
    CHECK_STR(text_ascii_digits(test_arena(), STR("é\xff")), STR("é\xff"));
}
