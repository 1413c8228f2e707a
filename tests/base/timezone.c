#define _GNU_SOURCE /* tm_gmtoff, nftw */
#include <clef/base.h>
#include <clef/test.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const TimeZone *zone(const char *name)
{
    static TimeZones *zones;
    if (!zones)
        zones = timezones_create(test_arena(), (Str){ 0 });
    const TimeZone *z = NULL;
    if (timezones_get(zones, str_c(name), &z) != TIMEZONE_OK)
        test_skip("tzdata is not installed");
    return z;
}

static DateTime at(const char *text)
{
    DateTime t = { 0 };
    CHECK(datetime_parse_rfc3339(str_c(text), &t));
    return t;
}

static NaiveDateTime wall(const char *text)
{
    ParsedDateTime p = { 0 };
    CHECK_EQ(datetime_parse(str_c(text), &p), PARSE_OK);
    return p.local;
}

/* "2026-01-15T11:20:30+01:00 CET", with " dst" and " fold" when they hold. */
static Str shown(const TimeZone *z, DateTime t)
{
    Buf b = BUF_INIT(test_arena(), 128);
    NaiveDateTime local;
    int fold;
    if (!timezone_local(z, t, &local, &fold))
        return STR("out of range");
    TimeOffset o = timezone_offset(z, t);
    buf_naive(&b, local);
    buf_offset(&b, o.seconds);
    buf_byte(&b, ' ');
    buf_str(&b, o.abbreviation);
    buf_c(&b, o.dst ? " dst" : "");
    buf_c(&b, fold ? " fold" : "");
    return buf_view(&b);
}

/* The instant of a reading, in UTC. */
static Str instant(const TimeZone *z, const char *text, int fold)
{
    DateTime t;
    if (!timezone_instant(z, wall(text), fold, &t))
        return STR("out of range");
    Buf b = BUF_INIT(test_arena(), 64);
    buf_datetime(&b, t, 0);
    return buf_view(&b);
}

TEST(timezone, instants_in_zones)
{
    static const struct {
        const char *zone, *at, *shown;
    } cases[] = {
        { "Europe/Berlin", "2026-01-15T10:20:30.5Z", "2026-01-15T11:20:30.500000+01:00 CET" },
        { "Europe/Berlin", "2026-07-15T10:20:30Z", "2026-07-15T12:20:30+02:00 CEST dst" },
        { "Europe/Berlin", "2026-03-29T00:59:59.999999Z", "2026-03-29T01:59:59.999999+01:00 CET" },
        { "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00 CEST dst" },
        { "Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25T02:59:59+02:00 CEST dst" },
        { "Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00+01:00 CET fold" },
        { "Europe/Berlin", "2026-10-25T01:59:59Z", "2026-10-25T02:59:59+01:00 CET fold" },
        { "Europe/Berlin", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00+01:00 CET" },
        { "Europe/Berlin", "1890-01-01T00:00:00Z", "1890-01-01T00:53:28+00:53:28 LMT" },
        { "Europe/Berlin", "9999-07-01T00:00:00Z", "9999-07-01T02:00:00+02:00 CEST dst" },
        { "Europe/Berlin", "9999-12-31T22:59:59Z", "9999-12-31T23:59:59+01:00 CET" },
        { "Europe/Berlin", "9999-12-31T23:00:00Z", "out of range" },
        { "America/New_York", "0001-01-01T04:56:02Z", "0001-01-01T00:00:00-04:56:02 LMT" },
        { "America/New_York", "0001-01-01T04:56:01Z", "out of range" },
        { "America/New_York", "2090-07-04T12:00:00Z", "2090-07-04T08:00:00-04:00 EDT dst" },
        { "Asia/Kolkata", "2026-01-15T10:20:30Z", "2026-01-15T15:50:30+05:30 IST" },
        { "Asia/Kathmandu", "2026-01-15T10:20:30Z", "2026-01-15T16:05:30+05:45 +0545" },
        { "America/Sao_Paulo", "2080-01-15T10:20:30Z", "2080-01-15T07:20:30-03:00 -03" },
        { "Australia/Lord_Howe", "2060-01-15T10:20:30Z", "2060-01-15T21:20:30+11:00 +11 dst" },
        { "Australia/Lord_Howe", "2060-07-15T10:20:30Z", "2060-07-15T20:50:30+10:30 +1030" },
        { "Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59-10:00 -10 dst" },
        { "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00+14:00 +14 dst" },
        { "UTC", "2026-01-15T10:20:30Z", "2026-01-15T10:20:30+00:00 UTC" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++)
        CHECK_STR(shown(zone(cases[i].zone), at(cases[i].at)), str_c(cases[i].shown));
}

TEST(timezone, readings_in_gaps_and_folds)
{
    const TimeZone *berlin = zone("Europe/Berlin"), *howe = zone("Australia/Lord_Howe");
    CHECK_STR(instant(berlin, "2026-10-25T02:30", 0), STR("2026-10-25T00:30:00+00:00"));
    CHECK_STR(instant(berlin, "2026-10-25T02:30", 1), STR("2026-10-25T01:30:00+00:00"));
    CHECK_STR(instant(berlin, "2026-10-25T03:00", 1), STR("2026-10-25T02:00:00+00:00"));
    CHECK_STR(instant(berlin, "2026-03-29T02:30", 0), STR("2026-03-29T01:30:00+00:00"));
    CHECK_STR(instant(berlin, "2026-03-29T02:30", 1), STR("2026-03-29T00:30:00+00:00"));
    /* The same by the rule, past the file's last transition. */
    CHECK_STR(instant(berlin, "2090-10-29T02:30", 0), STR("2090-10-29T00:30:00+00:00"));
    CHECK_STR(instant(berlin, "2090-10-29T02:30", 1), STR("2090-10-29T01:30:00+00:00"));
    CHECK_STR(instant(berlin, "2090-03-26T02:30", 0), STR("2090-03-26T01:30:00+00:00"));
    CHECK_STR(instant(berlin, "2090-03-26T02:30", 1), STR("2090-03-26T00:30:00+00:00"));
    CHECK_EQ(timezone_local_kind(berlin, wall("2026-10-25T01:59:59")), LOCAL_ONCE);
    CHECK_EQ(timezone_local_kind(berlin, wall("2026-10-25T02:00")), LOCAL_TWICE);
    CHECK_EQ(timezone_local_kind(berlin, wall("2026-10-25T02:59:59.999999")), LOCAL_TWICE);
    CHECK_EQ(timezone_local_kind(berlin, wall("2026-10-25T03:00")), LOCAL_ONCE);
    CHECK_EQ(timezone_local_kind(berlin, wall("2026-03-29T01:59:59.999999")), LOCAL_ONCE);
    CHECK_EQ(timezone_local_kind(berlin, wall("2026-03-29T02:00")), LOCAL_NEVER);
    CHECK_EQ(timezone_local_kind(berlin, wall("2026-03-29T03:00")), LOCAL_ONCE);
    CHECK_EQ(timezone_local_kind(berlin, wall("2090-10-29T02:00")), LOCAL_TWICE);
    CHECK_EQ(timezone_local_kind(berlin, wall("2090-03-26T02:00")), LOCAL_NEVER);
    CHECK_EQ(timezone_local_kind(howe, wall("2026-10-04T02:15")), LOCAL_NEVER);
    CHECK_EQ(timezone_local_kind(howe, wall("2026-10-04T02:30")), LOCAL_ONCE);
    CHECK_EQ(timezone_local_kind(zone("Pacific/Apia"), wall("2011-12-30T12:00")), LOCAL_NEVER);
    /* Ireland's data may call winter the daylight-saving time; its clock is set all the same. */
    CHECK_EQ(timezone_local_kind(zone("Europe/Dublin"), wall("2090-10-29T01:30")), LOCAL_TWICE);
    CHECK_STR(instant(zone("Asia/Tokyo"), "0001-01-01T00:00", 0), STR("out of range"));
}

TEST(timezone, fixed_offsets)
{
    Arena *a = test_arena();
    const TimeZone *z = timezone_fixed(a, 19800, (Str){ 0 });
    CHECK_STR(timezone_name(z), STR("UTC+05:30"));
    CHECK_STR(shown(z, at("2026-01-15T10:20:30Z")), STR("2026-01-15T15:50:30+05:30 UTC+05:30"));
    CHECK_STR(instant(z, "2026-01-15T15:50:30", 1), STR("2026-01-15T10:20:30+00:00"));
    CHECK_STR(timezone_name(timezone_fixed(a, -15, (Str){ 0 })), STR("UTC-00:00:15"));
    CHECK_STR(timezone_name(timezone_fixed(a, 3600, STR("here"))), STR("here"));
    CHECK_PTR(timezone_fixed(a, 0, (Str){ 0 }), timezone_utc());
    CHECK(timezone_fixed(a, OFFSET_MAX, (Str){ 0 }) != NULL);
    CHECK(timezone_fixed(a, -OFFSET_MAX, (Str){ 0 }) != NULL);
    CHECK(!timezone_fixed(a, OFFSET_MAX + 1, (Str){ 0 }));
    CHECK(!timezone_fixed(a, -OFFSET_MAX - 1, (Str){ 0 }));
    static const struct {
        const char *text, *name;
    } cases[] = {
        { "2026-01-15T10:20:30Z", "UTC" },         { "2026-01-15T10:20:30+00:00", "UTC" },
        { "2026-01-15T10:20:30-02", "UTC-02:00" }, { "2026-01-15T10:20:30 +0230", "+0230" },
        { "2026-01-15T10:20:30 -02:30", "-0230" }, { "2026-01-15T10:20:30 +00", "+0000" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        ParsedDateTime p;
        REQUIRE(datetime_parse(str_c(cases[i].text), &p) == PARSE_OK);
        CHECK_STR(timezone_name(timezone_of_parsed(a, &p)), str_c(cases[i].name));
    }
}

TEST(timezone, names_cannot_leave_the_directory)
{
    static const char *const bad[] = {
        "",          "/etc/passwd", "../zoneinfo/UTC", "Europe/../UTC", "Europe//Berlin", "Europe/", ".hidden",
        "Europe/.x", "Euro pe",     "Europe\\Berlin",  "\xc3\xa9tat",   "a\nb",           "a:b"
    };
    TimeZones *zones = timezones_create(test_arena(), (Str){ 0 });
    const TimeZone *z = NULL;
    for (size_t i = 0; i < CLEF_COUNT(bad); i++)
        CHECK_EQ(timezones_get(zones, str_c(bad[i]), &z), TIMEZONE_BAD_NAME);
    CHECK_EQ(timezones_get(zones, (Str){ "UTC\0x", 5 }, &z), TIMEZONE_BAD_NAME);
    char name[TIMEZONE_NAME_MAX + 1];
    memset(name, 'a', sizeof name);
    CHECK_EQ(timezones_get(zones, (Str){ name, sizeof name }, &z), TIMEZONE_BAD_NAME);
    CHECK_EQ(timezones_get(zones, (Str){ name, sizeof name - 1 }, &z), TIMEZONE_UNKNOWN);
    CHECK_EQ(timezones_get(zones, STR("Europe/Atlantis"), &z), TIMEZONE_UNKNOWN);
    CHECK(!z);
    CHECK(timezone_name_valid(STR("America/Argentina/Buenos_Aires")));
    CHECK(timezone_name_valid(STR("Etc/GMT+12")));
}

/* A file of one zone under a directory of the test's own. */
static void put_file(const char *directory, const char *name, const char *bytes, size_t n)
{
    FILE *f = fopen(str_format(test_arena(), "%s/%s", directory, name).p, "wb");
    REQUIRE(f != NULL);
    CHECK_EQ(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

/* A version 2 file without transitions; n stays below 200. */
static Str small_file(const char *footer)
{
    static const char header1[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    static const char block2[] =
        "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x04"
        "\0\0\0\0\0\0ABC";
    Buf b = BUF_INIT(test_arena(), 256);
    buf_add(&b, header1, 44);
    buf_add(&b, block2, 44 + 6 + 4);
    buf_printf(&b, "\n%s\n", footer);
    return buf_view(&b);
}

static const TimeZone *ruled(const char *footer)
{
    const TimeZone *z = NULL;
    return timezone_read(test_arena(), STR("x"), small_file(footer), &z) == TIMEZONE_OK ? z : NULL;
}

TEST(timezone, rules_of_every_form)
{
    static const struct {
        const char *rule, *at, *shown;
    } cases[] = {
        { "<+03>-3", "2026-01-15T10:00:00Z", "2026-01-15T13:00:00+03:00 +03" },
        { "XYZ4:30:15", "2026-01-15T10:00:00Z", "2026-01-15T05:29:45-04:30:15 XYZ" },
        /* Rule times before midnight and past a day's end. */
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2090-03-26T00:59:59Z", "2090-03-25T22:59:59-02:00 -02" },
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2090-03-26T01:00:00Z", "2090-03-26T00:00:00-01:00 -01 dst" },
        { "EET-2EEST,M3.4.4/50,M10.4.4/50", "2090-03-24T23:59:59Z", "2090-03-25T01:59:59+02:00 EET" },
        { "EET-2EEST,M3.4.4/50,M10.4.4/50", "2090-03-25T00:00:00Z", "2090-03-25T03:00:00+03:00 EEST dst" },
        /* Winter as the daylight-saving time with a negative difference. */
        { "IST-1GMT0,M10.5.0,M3.5.0/1", "2090-01-01T00:00:00Z", "2090-01-01T00:00:00+00:00 GMT dst" },
        { "IST-1GMT0,M10.5.0,M3.5.0/1", "2090-07-01T00:00:00Z", "2090-07-01T01:00:00+01:00 IST" },
        /* The southern half, over the new year. */
        { "AEST-10AEDT,M10.1.0,M4.1.0/3", "2089-12-31T23:00:00Z", "2090-01-01T10:00:00+11:00 AEDT dst" },
        { "AEST-10AEDT,M10.1.0,M4.1.0/3", "2090-04-01T16:00:00Z", "2090-04-02T02:00:00+10:00 AEST fold" },
        /* Days by number: J60 is 1 March in every year, 59 is 29 February in a leap year. */
        { "AAA0BBB,J60/0,J61/0", "2028-02-29T12:00:00Z", "2028-02-29T12:00:00+00:00 AAA" },
        { "AAA0BBB,J60/0,J62/0", "2028-03-01T12:00:00Z", "2028-03-01T13:00:00+01:00 BBB dst" },
        { "AAA0BBB,59/0,60/0", "2028-02-29T12:00:00Z", "2028-02-29T13:00:00+01:00 BBB dst" },
        { "AAA0BBB,59/0,60/0", "2027-03-01T12:00:00Z", "2027-03-01T13:00:00+01:00 BBB dst" },
        /* Daylight-saving time all the year round, as RFC 9636 writes it. */
        { "EST5EDT,0/0,J365/25", "2026-01-01T04:59:59Z", "2026-01-01T00:59:59-04:00 EDT dst" },
        { "EST5EDT,0/0,J365/25", "2026-01-01T05:00:00Z", "2026-01-01T01:00:00-04:00 EDT dst" },
        { "EST5EDT,0/0,J365/25", "2026-07-01T05:00:00Z", "2026-07-01T01:00:00-04:00 EDT dst" },
        /* A change on the last day of the year before the rule's own. */
        { "AAA0BBB,0/-5,J32/0", "2025-12-31T18:59:59Z", "2025-12-31T18:59:59+00:00 AAA" },
        { "AAA0BBB,0/-5,J32/0", "2025-12-31T19:00:00Z", "2025-12-31T20:00:00+01:00 BBB dst" },
        { "AAA0BBB,J1/0,J365/30", "2026-01-01T04:59:59Z", "2026-01-01T05:59:59+01:00 BBB dst" },
        /* A year 1 and a year 9999. */
        { "AAA1BBB,M3.2.0,M11.1.0", "0001-01-01T00:00:00Z", "out of range" },
        { "AAA1BBB,M3.2.0,M11.1.0", "0001-07-01T00:00:00Z", "0001-07-01T00:00:00+00:00 BBB dst" },
        { "AAA1BBB,M3.2.0,M11.1.0", "9999-12-31T23:59:59Z", "9999-12-31T22:59:59-01:00 AAA" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        const TimeZone *z = ruled(cases[i].rule);
        if (!z) {
            test_check(false, CLEF_TEST_AT, cases[i].rule);
            continue;
        }
        CHECK_STR(shown(z, at(cases[i].at)), str_c(cases[i].shown));
    }
    static const char *const bad[] = {
        "AB1",
        "A1",
        "ABC",
        "ABC25",
        "ABC1:60",
        "ABC1:00:60",
        "<AB1",
        "<ABC1",
        "ABC1DEF",
        "ABC1DEF,M3.2.0",
        "ABC1DEF,M13.1.0,J1",
        "ABC1DEF,M1.0.0,J1",
        "ABC1DEF,M1.6.0,J1",
        "ABC1DEF,M1.1.7,J1",
        "ABC1DEF,J0,J1",
        "ABC1DEF,J366,J1",
        "ABC1DEF,366,J1",
        "ABC1DEF,J1,J2/168",
        "ABC1DEF,J1,J2x",
        "ABC1 ",
        ":ABC1",
        "ABC1DEF,J1/,J2",
        "<A B>1",
    };
    for (size_t i = 0; i < CLEF_COUNT(bad); i++)
        if (ruled(bad[i]))
            test_check(false, CLEF_TEST_AT, bad[i]);
    CHECK(ruled("ABC1DEF,J1,J2/167") != NULL);
    CHECK(ruled("ABC24DEF-24,J1,J2/-167") != NULL);
    CHECK_STR(shown(ruled(""), at("2026-01-01T00:00:00Z")), STR("2026-01-01T00:00:00+00:00 ABC"));
}

TEST(timezone, broken_files_are_refused)
{
    Arena *a = test_arena();
    const TimeZone *z = NULL;
    Str good = small_file("ABC0");
    REQUIRE(timezone_read(a, STR("x"), good, &z) == TIMEZONE_OK);
    for (size_t n = 0; n < good.n; n++) {
        char *cut = malloc(n ? n : 1); /* of its own, so that the sanitizer sees a read past its end */
        memcpy(cut, good.p, n);
        CHECK_EQ(timezone_read(a, STR("x"), (Str){ cut, n }, &z), TIMEZONE_BAD_FILE);
        free(cut);
    }
    /* Counts that reach past the end, each of the six, in both headers. */
    for (size_t header = 0; header <= 44; header += 44)
        for (size_t count = 20; count < 44; count += 4) {
            char *bad = str_dup_c(a, good);
            memset(bad + header + count, 0xff, 4);
            CHECK_EQ(timezone_read(a, STR("x"), (Str){ bad, good.n }, &z), TIMEZONE_BAD_FILE);
        }
    static const struct {
        size_t at;
        char byte;
    } bytes[] = {
        { 0, 't' },  { 4, '1' }, { 44, 't' }, { 88, 0x7f }, /* an offset of years */
        { 92, 2 },                                          /* neither standard nor daylight-saving */
        { 93, 4 },                                          /* a name past the names */
        { 97, 'D' },                                        /* a name without an end */
        { 98, 'x' },                                        /* no newline before the rule */
    };
    for (size_t i = 0; i < CLEF_COUNT(bytes); i++) {
        char *bad = str_dup_c(a, good);
        bad[bytes[i].at] = bytes[i].byte;
        CHECK_EQ(timezone_read(a, STR("x"), (Str){ bad, good.n }, &z), TIMEZONE_BAD_FILE);
    }
    char *large = arena_zalloc(a, TIMEZONE_FILE_MAX + 1);
    memcpy(large, good.p, good.n);
    CHECK_EQ(timezone_read(a, STR("x"), (Str){ large, TIMEZONE_FILE_MAX }, &z), TIMEZONE_OK);
    CHECK_EQ(timezone_read(a, STR("x"), (Str){ large, TIMEZONE_FILE_MAX + 1 }, &z), TIMEZONE_BAD_FILE);
}

TEST(timezone, transitions_of_version_1_ascend)
{
    static const char file[] =
        "TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\x02\0\0\0\x04"
        "\xff\xff\xff\xff\0\0\x27\x10"
        "\x01\0"
        "\0\0\0\0\0\0\0\0\x0e\x10\x01\0"
        "ABC";
    enum { SIZE = sizeof file };
    Arena *a = test_arena();
    const TimeZone *z = NULL;
    REQUIRE(timezone_read(a, STR("x"), (Str){ file, SIZE }, &z) == TIMEZONE_OK);
    CHECK_STR(shown(z, (DateTime){ -1000001 }), STR("1969-12-31T23:59:58.999999+00:00 ABC"));
    CHECK_STR(shown(z, (DateTime){ -1000000 }), STR("1970-01-01T00:59:59+01:00 ABC dst"));
    CHECK_STR(shown(z, (DateTime){ 9999999999 }), STR("1970-01-01T03:46:39.999999+01:00 ABC dst"));
    CHECK_STR(shown(z, (DateTime){ 10000000000 }), STR("1970-01-01T02:46:40+00:00 ABC fold"));
    char *bad = arena_alloc(a, SIZE);
    memcpy(bad, file, SIZE);
    memcpy(bad + 44, "\0\0\x27\x10", 4); /* twice the same instant */
    CHECK_EQ(timezone_read(a, STR("x"), (Str){ bad, SIZE }, &z), TIMEZONE_BAD_FILE);
    memcpy(bad, file, SIZE);
    bad[52] = 2; /* a type that is not there */
    CHECK_EQ(timezone_read(a, STR("x"), (Str){ bad, SIZE }, &z), TIMEZONE_BAD_FILE);
}

TEST(timezone, a_set_reads_each_file_once)
{
    char directory[] = "/tmp/clef-zones-XXXXXX";
    REQUIRE(mkdtemp(directory) != NULL);
    Str file = small_file("ABC-1");
    put_file(directory, "Here", file.p, file.n);
    put_file(directory, "notes.txt", "no zone", 7);
    TimeZones *zones = timezones_create(test_arena(), str_c(directory));
    const TimeZone *first = NULL, *again = NULL, *none = NULL;
    CHECK(!timezones_find(zones, STR("Here")));
    CHECK_EQ(timezones_get(zones, STR("Here"), &first), TIMEZONE_OK);
    CHECK_EQ(unlink(str_format(test_arena(), "%s/Here", directory).p), 0);
    CHECK_EQ(timezones_get(zones, STR("Here"), &again), TIMEZONE_OK);
    CHECK_PTR(again, first);
    CHECK_PTR(timezones_find(zones, STR("Here")), first);
    CHECK_STR(timezone_name(first), STR("Here"));
    CHECK_EQ(timezones_get(zones, STR("notes.txt"), &none), TIMEZONE_BAD_FILE);
    CHECK_EQ(timezones_get(zones, STR("UTC"), &none), TIMEZONE_OK);
    CHECK_PTR(none, timezone_utc());
    for (int i = 0; i < TIMEZONES_MAX; i++) {
        Str name = str_format(test_arena(), "Z%d", i);
        put_file(directory, name.p, file.p, file.n);
        CHECK_EQ(timezones_get(zones, name, &none), i < TIMEZONES_MAX - 1 ? TIMEZONE_OK : TIMEZONE_FULL);
        unlink(str_format(test_arena(), "%s/%s", directory, name.p).p);
    }
    CHECK_EQ(timezones_get(zones, STR("Here"), &again), TIMEZONE_OK);
    unlink(str_format(test_arena(), "%s/notes.txt", directory).p);
    rmdir(directory);
    zones = timezones_create(test_arena(), STR("/usr/share"));
    CHECK_EQ(timezones_get(zones, STR("doc"), &none), TIMEZONE_UNKNOWN);
}

/* The names of all the files under the system's directory. */
static Arena *names_arena;
static VEC(Str) names;

static int note_name(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)where;
    Str name = str_from_byte(str_c(path), sizeof TIMEZONE_DIRECTORY);
    /* glibc counts leap seconds with the files under "right". */
    if (kind == FTW_F && !str_starts(name, STR("right/")) && timezone_name_valid(name))
        VEC_PUSH(names_arena, &names, str_copy(names_arena, name));
    return 0;
}

/* What the C library says of an instant in the zone that TZ names. */
static bool agrees(const TimeZone *z, int64_t seconds)
{
    DateTime t = { seconds * US_PER_SECOND }, back = { 0 };
    time_t s = (time_t)seconds;
    struct tm tm;
    localtime_r(&s, &tm);
    TimeOffset o = timezone_offset(z, t);
    NaiveDateTime local;
    int fold;
    bool ok = o.seconds == tm.tm_gmtoff && o.dst == (tm.tm_isdst > 0) && str_eq(o.abbreviation, str_c(tm.tm_zone));
    ok = ok && timezone_local(z, t, &local, &fold) && timezone_instant(z, local, fold, &back) && back.us == t.us;
    if (!ok)
        fprintf(stderr, "%s at %lld: %d %d %s, expected %ld %d %s\n", timezone_name(z).p, (long long)seconds, o.seconds,
                o.dst, o.abbreviation.p, tm.tm_gmtoff, tm.tm_isdst, tm.tm_zone);
    return ok;
}

TEST(timezone, every_zone_of_the_system_agrees_with_the_c_library, .seconds = 120)
{
    names_arena = test_arena();
    if (access(TIMEZONE_DIRECTORY, R_OK) != 0)
        test_skip("tzdata is not installed");
    nftw(TIMEZONE_DIRECTORY, note_name, 16, FTW_PHYS);
    size_t loaded = 0, wrong = 0;
    TimeZones *zones = timezones_create(test_arena(), STR(TIMEZONE_DIRECTORY));
    for (size_t i = 0; i < names.n && wrong < 20; i++) {
        const TimeZone *z = NULL;
        TimeZoneOutcome outcome = timezones_get(zones, names.p[i], &z);
        if (outcome == TIMEZONE_BAD_FILE) /* zone.tab and its like */
            continue;
        CHECK_EQ(outcome, TIMEZONE_OK);
        loaded++;
        setenv("TZ", str_format(test_arena(), ":%s/%s", TIMEZONE_DIRECTORY, names.p[i].p).p, 1);
        tzset();
        int32_t last = 0;
        /* From 1900 to 2100 by some 37 days, and to the second around each change of the offset that shows. */
        for (int64_t s = -2208988800, step = 3200017; s < INT64_C(4102444800); s += step) {
            wrong += !agrees(z, s);
            int32_t offset = timezone_offset(z, (DateTime){ s * US_PER_SECOND }).seconds;
            if (offset != last) {
                int64_t low = s - step, high = s;
                while (high - low > 1) {
                    int64_t middle = low + (high - low) / 2;
                    if (timezone_offset(z, (DateTime){ middle * US_PER_SECOND }).seconds == offset)
                        high = middle;
                    else
                        low = middle;
                }
                for (int64_t near = -7201; near <= 7201; near += 3600)
                    wrong += !agrees(z, high + near) + !agrees(z, high + near + 1) + !agrees(z, high + near + 2);
                last = offset;
            }
        }
    }
    CHECK_EQ(wrong, 0);
    CHECK(loaded > 300);
}
