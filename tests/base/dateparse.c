#include <clef/base.h>
#include <clef/test.h>

static const Str no_match = STR("no match"), out_of_range = STR("out of range");

static Str outcome(ParseOutcome o, Buf *b)
{
    return o == PARSE_OK ? buf_view(b) : o == PARSE_NO_MATCH ? no_match : out_of_range;
}

static Str parsed_date(Str s)
{
    Date d = { 0 };
    ParseOutcome o = date_parse(s, &d);
    Buf b = BUF_INIT(test_arena(), 64);
    buf_date(&b, d);
    return outcome(o, &b);
}

static Str parsed_time(Str s)
{
    Time t = { 0 };
    ParseOutcome o = time_parse(s, &t);
    Buf b = BUF_INIT(test_arena(), 64);
    buf_time(&b, t);
    return outcome(o, &b);
}

/* isoformat(), and the name of the zone. */
static Str parsed_datetime(Str s)
{
    ParsedDateTime p = { 0 };
    ParseOutcome o = datetime_parse(s, &p);
    Buf b = BUF_INIT(test_arena(), 64);
    buf_naive(&b, p.local);
    if (p.aware) {
        buf_offset(&b, p.offset);
        buf_c(&b, p.short_name ? " short" : "");
    }
    return outcome(o, &b);
}

static Str parsed_duration(Str s)
{
    Duration d = { 0 };
    ParseOutcome o = duration_parse(s, &d);
    Buf b = BUF_INIT(test_arena(), 64);
    buf_i64(&b, d.us);
    return outcome(o, &b);
}

typedef struct ParseCase {
    const char *text, *expected;
} ParseCase;

#define CHECK_PARSE(parse, cases)                                                        \
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {                                     \
        Str got = parse(str_c(cases[i].text));                                           \
        if (!test_check_str(CLEF_TEST_AT, cases[i].text, got, str_c(cases[i].expected))) \
            continue;                                                                    \
    }

#define NO  "no match"
#define OUT "out of range"

TEST(dateparse, dates)
{
    static const ParseCase cases[] = {
        { "2031-05-06", "2031-05-06" },
        { "2031-5-6", "2031-05-06" },
        { "20310506", "2031-05-06" },
        { "2031-W19", "2031-05-05" },
        { "2031-W19-2", "2031-05-06" },
        { "2031W192", "2031-05-06" },
        { "2031W19", "2031-05-05" },
        { "2031-5-6\n", "2031-05-06" },
        { "2031-02-29", OUT },
        { "0000-01-01", OUT },
        { "2031-13-01", OUT },
        { "20310229", NO },
        { "2031-W54", NO },
        { "2031-W192", NO },
        { "2031W19-2", NO },
        { "203105", NO },
        { "31-05-06", NO },
        { " 2031-05-06", NO },
        { "2031-05-06 ", NO },
        { "2031-05-06T", NO },
        { "2031-005-06", NO },
        { "", NO },
        { "2031-05", NO },
        { "2031-0506", NO },
        { "203105-06", NO },
        { "2031050600", NO },
        { "-031-05-06", NO },
    };
    CHECK_PARSE(parsed_date, cases)
}

TEST(dateparse, times)
{
    static const ParseCase cases[] = {
        { "11:25:05", "11:25:05" },
        { "1:2:3", "01:02:03" },
        { "11:25", "11:25:00" },
        { "112505", "11:25:05" },
        { "1125", "11:25:00" },
        { "11", "11:00:00" },
        { "T11:25", "11:25:00" },
        { "11:25:05.5", "11:25:05.500000" },
        { "11:25:05,25", "11:25:05.250000" },
        { "11:25:05.12345678", "11:25:05.123456" },
        { "1:25:05.1234567890120", NO },
        { "1:25:05.123456789012", "01:25:05.123456" },
        { "112505.25", "11:25:05.250000" },
        { "11:25+02:00", "11:25:00" },
        { "11:25Z", "11:25:00" },
        { "11:25:05-0530", "11:25:05" },
        { "11:25+24:00", NO },
        { "11:25:05\n", "11:25:05" },
        { "24:00", OUT },
        { "11:60", OUT },
        { "11:25:61", OUT },
        { "246000", NO },
        { "1:2:3+02", NO },
        { "11:25:05.", NO },
        { "11:25:", NO },
        { "1", NO },
        { "", NO },
        { "11.5", NO },
        { "11:2505", NO },
        { "1125:05", NO },
        { "11:25 ", NO },
        { "11:25Zx", NO },
    };
    CHECK_PARSE(parsed_time, cases)
}

TEST(dateparse, datetimes)
{
    static const ParseCase cases[] = {
        { "2031-05-06", "2031-05-06T00:00:00" },
        { "2031-05-06T11:25:05", "2031-05-06T11:25:05" },
        { "2031-05-06x11:25:05", "2031-05-06T11:25:05" },
        { "2031-05-06\xe2\x82\xac"
          "11:25",
          "2031-05-06T11:25:00" },
        { "20310506T112505", "2031-05-06T11:25:05" },
        { "2031W192T1125", "2031-05-06T11:25:00" },
        { "2031-W19-2 11", "2031-05-06T11:00:00" },
        { "2031-W19T11", "2031-05-05T11:00:00" },
        { "2031-W19-11", "2031-05-05T11:00:00" },
        { "2031W1921125", "2031-05-05T11:25:00" },
        { "2031-5-6 1:2:3", "2031-05-06T01:02:03" },
        { "2031-05-06T11:25:05Z", "2031-05-06T11:25:05+00:00" },
        { "2031-05-06T11:25:05.3+05:45", "2031-05-06T11:25:05.300000+05:45" },
        { "2031-05-06T11:25:05-03", "2031-05-06T11:25:05-03:00" },
        { "2031-05-06T11:25:05+01:02:03", "2031-05-06T11:25:05+01:02:03" },
        { "2031-05-06T11:25:05,3 -0330", "2031-05-06T11:25:05.300000-03:30 short" },
        { "2031-5-6 1:2 +01", "2031-05-06T01:02:00+01:00 short" },
        { "2031-5-6 1:2+01:30\n", "2031-05-06T01:02:00+01:30 short" },
        { "2031-5-6 1:2 Z", "2031-05-06T01:02:00+00:00" },
        { "2031-5-6 1:2 +00", "2031-05-06T01:02:00+00:00 short" },
        { "2031-5-6 1:2 ", "2031-05-06T01:02:00" },
        { "2031-05-06T24:00", OUT },
        { "2031-02-30T11:25", OUT },
        { "2031-05-06T11:25:05+24:00", OUT },
        { "2031-05-06T", NO },
        { "2031-05-06T11:25:05.", NO },
        { "2031-05-06T11:25:05 +1", NO },
        { "2031-05-06T11:25:05+01:02:03.5", NO },
        { "20310506112505", NO },
        { "2031-5-6", NO },
        { "2031-05-06\xe2", NO },
        { "2031-05", NO },
        { "2031W", NO },
        { "", NO },
    };
    CHECK_PARSE(parsed_datetime, cases)
}

TEST(dateparse, durations)
{
    static const ParseCase cases[] = {
        { "45", "45000000" },
        { "-45", "-45000000" },
        { "2:45", "165000000" },
        { "1:02:45", "3765000000" },
        { "1:02:45.5", "3765500000" },
        { "1:02:45,000007", "3765000007" },
        { "1:02:45.0000079", "3765000007" },
        { "45.123456789012", "45123456" },
        { "45.1234567890123", NO },
        { "120:90:75", "437475000000" },
        { "3 1:00", "259260000000" },
        { "-3 1:00", "-259140000000" },
        { "3 -1:00", "259140000000" },
        { "3 days, 0:01:00", "259260000000" },
        { "-1 day, 23:59:59.999999", "-1" },
        { "3 days", "259200000000" },
        { "1 day", "86400000000" },
        { "-2 day ", "-172800000000" },
        { "2 days 01:02:03.25", "176523250000" },
        { "2 days01:02:03", "176523000000" },
        { "2 days -01:02:03", "169077000000" },
        { "-2 days +01:02:03", "-169077000000" },
        { "+01:02:03", "3723000000" },
        { "", "0" },
        { "P", "0" },
        { "PT", "0" },
        { "P2D", "172800000000" },
        { "+P2D", "172800000000" },
        { "-P2DT6H", "-194400000000" },
        { "P1,5D", "129600000000" },
        { "PT1.5H30.25M0.000001S", "7215000001" },
        { "PT0.0000005S", "0" },
        { "PT0.0000015S", "2" },
        { "PT0.0000025S", "2" },
        { "-PT0.0000015S", "-2" },
        { "P1DT", "86400000000" },
        { "PT36H", "129600000000" },
        { "45\n", "45000000" },
        { "P1Y", NO },
        { "P1W", NO },
        { "P1M", NO },
        { "PT5", NO },
        { "PT1S1M", NO },
        { "PT.5S", NO },
        { "PT5.S", NO },
        { "1:02:45.", NO },
        { "1:-2", NO },
        { "1 week", NO },
        { "1 day, 1 day", NO },
        { "1:2:3:4", NO },
        { "--1", NO },
        { " 1", NO },
        { "1h", NO },
        { "106751991 04:00:54.775807", "9223372036854775807" },
        { "106751991 04:00:54.775808", OUT },
        { "-106751992 19:59:05.224192", "-9223372036854775808" },
        { "-106751992 19:59:05.224191", OUT },
        { "999999999999999999999999999999", OUT },
        { "P999999999999999999999999999999D", OUT },
    };
    CHECK_PARSE(parsed_duration, cases)
    char *text = arena_alloc(test_arena(), DURATION_PARSE_MAX + 1);
    memset(text, '0', DURATION_PARSE_MAX + 1);
    CHECK_STR(parsed_duration((Str){ text, DURATION_PARSE_MAX + 1 }), out_of_range);
    CHECK_STR(parsed_duration((Str){ text, DURATION_PARSE_MAX }), STR("0"));
    memcpy(text, "PT0.", 4);
    text[DURATION_PARSE_MAX - 1] = 'S';
    CHECK_STR(parsed_duration((Str){ text, DURATION_PARSE_MAX }), STR("0"));
    CHECK_STR(parsed_duration((Str){ 0 }), STR("0"));
}
