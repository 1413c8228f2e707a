/*
 * sqlite_functions.c: the SQL functions that Django adds to SQLite, under its names: a database that Django made may
 * use them in indexes, constraints and generated columns. Dates are texts; a NULL or a text that is none gives NULL.
 */
#include "codec/regex.h"
#include "db/sqlite.h"
#include <clef/base/datetime.h>
#include <clef/base/timezone.h>
#include <clef/codec/crypto.h>
#include <stdio.h>

enum { REGEX_ARENA = 4096 };

static Str text_of(sqlite3_value *v)
{
    const unsigned char *p = sqlite3_value_text(v);
    return p ? str_from((const char *)p, (size_t)sqlite3_value_bytes(v)) : (Str){ 0 };
}

static void give_text(sqlite3_context *cx, const char *p, size_t n)
{
    sqlite3_result_text64(cx, p, n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* --- dates and instants */

/* A date, an instant or a time of day, in the wall time of a zone where one is given. */
typedef struct Moment {
    bool has_date, has_time;
    NaiveDateTime t;
} Moment;

static const int64_t DAY_US = 86400000000;

/* Python's sqlite3 says the first part alone of whatever a function raised. */
static void fail(sqlite3_context *cx, const char *why)
{
    char text[256];
    int n = snprintf(text, sizeof text, "user-defined function raised exception: %s", why);
    sqlite3_result_error(cx, text, n < (int)sizeof text ? n : (int)sizeof text - 1);
}

/* A text with a day and no time. */
static bool is_day(sqlite3_value *v)
{
    Date d;
    Str text = text_of(v);
    return text.p && date_parse_iso(text, &d);
}

static bool zone_of(sqlite3_context *cx, Str name, const TimeZone **out)
{
    DbConnection *c = sqlite3_user_data(cx);
    Sqlite *s = c->state;
    *out = timezone_utc();
    if (!name.n || str_eq(name, STR("UTC")))
        return true;
    if (!s->zones)
        s->zones = timezones_create(c->arena, (Str){ 0 });
    if (timezones_get(s->zones, name, out) == TIMEZONE_OK)
        return true;
    fail(cx, "no such time zone");
    return false;
}

/* The instant stands in `from` (NULL: what is read is a wall time already), and is wanted in `to`. */
static bool read_moment(sqlite3_context *cx, sqlite3_value *v, sqlite3_value *to, sqlite3_value *from, Moment *out)
{
    Str text = text_of(v);
    Date d;
    Time time;
    ParsedDateTime p;
    if (!text.p)
        return false;
    *out = (Moment){ 0 };
    if (date_parse_iso(text, &d)) {
        *out = (Moment){ .has_date = true, .t = naive_combine(d, (Time){ 0 }) };
        return true;
    }
    if (time_parse(text, &time) == PARSE_OK) {
        *out = (Moment){ .has_time = true, .t = { time.us } };
        return true;
    }
    if (datetime_parse(text, &p) != PARSE_OK)
        return false;
    *out = (Moment){ .has_date = true, .has_time = true, .t = p.local };
    if (!to || sqlite3_value_type(to) == SQLITE_NULL)
        return true;
    const TimeZone *there, *here;
    DateTime instant;
    int fold;
    if (!zone_of(cx, from ? text_of(from) : STR("UTC"), &here) || !zone_of(cx, text_of(to), &there))
        return false;
    return timezone_instant(here, p.local, 0, &instant) && timezone_local(there, instant, &out->t, &fold);
}

static bool extract(const Moment *m, Str part, int64_t *out)
{
    DateTimeParts p = naive_parts(m->t);
    Date d = naive_date(m->t);
    if (m->has_time || !m->has_date) {
        if (str_eq(part, STR("hour")))
            return *out = p.hour, true;
        if (str_eq(part, STR("minute")))
            return *out = p.minute, true;
        if (str_eq(part, STR("second")))
            return *out = p.second, true;
        if (str_eq(part, STR("microsecond")))
            return *out = p.microsecond, true;
    }
    if (!m->has_date)
        return false;
    if (str_eq(part, STR("year")))
        return *out = p.year, true;
    if (str_eq(part, STR("month")))
        return *out = p.month, true;
    if (str_eq(part, STR("day")))
        return *out = p.day, true;
    if (str_eq(part, STR("week_day"))) /* Sunday is 1 */
        return *out = (date_weekday(d) + 1) % 7 + 1, true;
    if (str_eq(part, STR("iso_week_day")))
        return *out = date_weekday(d) + 1, true;
    if (str_eq(part, STR("week")))
        return *out = date_iso_week(d).week, true;
    if (str_eq(part, STR("quarter")))
        return *out = (p.month + 2) / 3, true;
    if (str_eq(part, STR("iso_year")))
        return *out = date_iso_week(d).year, true;
    return false;
}

static bool truncate(Moment *m, Str part)
{
    DateTimeParts p = naive_parts(m->t);
    if (str_eq(part, STR("week"))) {
        Date d = naive_date(m->t), monday;
        return date_add_days(d, -date_weekday(d), &monday) && (m->t = naive_combine(monday, (Time){ 0 }), true);
    }
    static const char *const parts[] = { "second", "minute", "hour", "day", "month", "quarter", "year" };
    size_t level = 0;
    while (level < 7 && !str_eq(str_c(parts[level]), part))
        level++;
    if (level == 7)
        return false;
    p.microsecond = 0;
    if (level >= 1)
        p.second = 0;
    if (level >= 2)
        p.minute = 0;
    if (level >= 3)
        p.hour = 0;
    if (level >= 4)
        p.day = 1;
    if (level == 5)
        p.month = (p.month - 1) / 3 * 3 + 1;
    if (level == 6)
        p.month = 1;
    return naive_make(p, &m->t);
}

static void fn_extract(sqlite3_context *cx, int n, sqlite3_value **v)
{
    Moment m;
    int64_t out;
    if (!read_moment(cx, v[1], n > 2 ? v[2] : NULL, n > 3 ? v[3] : NULL, &m))
        return;
    if (extract(&m, text_of(v[0]), &out))
        sqlite3_result_int64(cx, out);
}

static void give_moment(sqlite3_context *cx, NaiveDateTime t, bool date, bool time)
{
    char text[DATETIME_TEXT_MAX];
    if (date && time) {
        give_text(cx, text, naive_format_iso(t, ' ', text));
    } else if (date) {
        date_format_iso(naive_date(t), text);
        give_text(cx, text, DATE_TEXT_LEN);
    } else {
        give_text(cx, text, time_format_iso(naive_time(t), text));
    }
}

static void fn_date_trunc(sqlite3_context *cx, int n, sqlite3_value **v)
{
    Moment m;
    if (read_moment(cx, v[1], n > 2 ? v[2] : NULL, n > 3 ? v[3] : NULL, &m) && truncate(&m, text_of(v[0])))
        give_moment(cx, m.t, true, false);
}

static void fn_datetime_trunc(sqlite3_context *cx, int n, sqlite3_value **v)
{
    Moment m;
    (void)n;
    if (read_moment(cx, v[1], v[2], v[3], &m) && truncate(&m, text_of(v[0])))
        give_moment(cx, m.t, true, true);
}

static void fn_time_trunc(sqlite3_context *cx, int n, sqlite3_value **v)
{
    Moment m;
    (void)n;
    if (read_moment(cx, v[1], v[2], v[3], &m) && truncate(&m, text_of(v[0])))
        give_moment(cx, m.t, false, true);
}

static void fn_cast_date(sqlite3_context *cx, int n, sqlite3_value **v)
{
    Moment m;
    (void)n;
    if (is_day(v[0]))
        fail(cx, "a date has no zone to be looked at in");
    else if (read_moment(cx, v[0], v[1], v[2], &m))
        give_moment(cx, m.t, true, false);
}

static void fn_cast_time(sqlite3_context *cx, int n, sqlite3_value **v)
{
    Moment m;
    (void)n;
    if (read_moment(cx, v[0], v[1], v[2], &m))
        give_moment(cx, m.t, false, true);
}

static void fn_difference(sqlite3_context *cx, int n, sqlite3_value **v)
{
    Moment a, b;
    (void)n;
    if (read_moment(cx, v[0], NULL, NULL, &a) && read_moment(cx, v[1], NULL, NULL, &b))
        sqlite3_result_int64(cx, a.t.us - b.t.us);
}

/* An instant, or a duration, plus or minus a duration in microseconds. */
static void fn_format_dtdelta(sqlite3_context *cx, int n, sqlite3_value **v)
{
    Str operator= text_of(v[0]);
    bool minus = str_eq(str_trim(operator), STR("-"));
    int64_t spans[2];
    Moment m = { 0 };
    int moment = -1;
    (void)n;
    for (int i = 0; i < 2; i++) {
        int type = sqlite3_value_type(v[i + 1]);
        if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
            spans[i] = sqlite3_value_int64(v[i + 1]);
        else if (moment < 0 && read_moment(cx, v[i + 1], NULL, NULL, &m))
            moment = i, spans[i] = 0;
        else
            return;
    }
    if (moment < 0) {
        int64_t out;
        if (minus ? !__builtin_sub_overflow(spans[0], spans[1], &out)
                  : !__builtin_add_overflow(spans[0], spans[1], &out))
            sqlite3_result_int64(cx, out);
        return;
    }
    NaiveDateTime t;
    Duration d = { spans[1 - moment] };
    if (!m.has_time) /* a day plus whole days is a day, as in Python */
        d.us = (d.us / DAY_US - (d.us % DAY_US < 0)) * DAY_US;
    if (!m.has_date)
        return;
    if (minus ? naive_sub(m.t, d, &t) : naive_add(m.t, d, &t))
        give_moment(cx, t, true, true);
}

/* --- texts */

typedef struct CachedRegex {
    Arena *arena;
    const Regex *regex;
    RegexScratch *scratch;
} CachedRegex;

static void drop_regex(void *p) { arena_destroy(((CachedRegex *)p)->arena); }

/* `text REGEXP pattern` calls regexp(pattern, text), with Python's patterns. Compiled once for a statement's pattern. */
static void fn_regexp(sqlite3_context *cx, int n, sqlite3_value **v)
{
    (void)n;
    if (sqlite3_value_type(v[0]) == SQLITE_NULL || sqlite3_value_type(v[1]) == SQLITE_NULL)
        return;
    CachedRegex *cached = sqlite3_get_auxdata(cx, 0), *fresh = NULL;
    if (!cached) {
        Str error = { 0 };
        Arena *arena = arena_create(NULL, 0, REGEX_ARENA);
        cached = fresh = NEW(arena, CachedRegex);
        *fresh =
            (CachedRegex){ arena, regex_compile(arena, text_of(v[0]), false, &error), regex_scratch_create(arena) };
        if (!fresh->regex) {
            fail(cx, str_dup_c(arena, error));
            arena_destroy(arena);
            return;
        }
    }
    RegexResult result = regex_match(cached->regex, cached->scratch, text_of(v[1]));
    if (result == REGEX_LIMIT)
        sqlite3_result_error(cx, "the regular expression takes too many steps", -1);
    else
        sqlite3_result_int(cx, result == REGEX_YES);
    if (fresh)
        sqlite3_set_auxdata(cx, 0, fresh, drop_regex);
}

static void give_digest(sqlite3_context *cx, Digest kind, size_t size, sqlite3_value *v)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[DIGEST_MAX];
    char text[2 * DIGEST_MAX];
    if (sqlite3_value_type(v) == SQLITE_NULL || !digest_bytes(kind, text_of(v), bytes))
        return;
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    give_text(cx, text, 2 * size);
}
#define DIGEST_FUNCTION(name, kind, size)                           \
    static void name(sqlite3_context *cx, int n, sqlite3_value **v) \
    {                                                               \
        (void)n;                                                    \
        give_digest(cx, kind, size, v[0]);                          \
    }
DIGEST_FUNCTION(fn_md5, DIGEST_MD5, 16)
DIGEST_FUNCTION(fn_sha1, DIGEST_SHA1, 20)
DIGEST_FUNCTION(fn_sha224, DIGEST_SHA224, 28)
DIGEST_FUNCTION(fn_sha256, DIGEST_SHA256, 32)
DIGEST_FUNCTION(fn_sha384, DIGEST_SHA384, 48)
DIGEST_FUNCTION(fn_sha512, DIGEST_SHA512, 64)

bool sqlite_add_functions(DbConnection *c)
{
    static const struct {
        const char *name;
        int n;
        void (*fn)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        { "django_date_extract", 2, fn_extract },
        { "django_date_trunc", 4, fn_date_trunc },
        { "django_datetime_cast_date", 3, fn_cast_date },
        { "django_datetime_cast_time", 3, fn_cast_time },
        { "django_datetime_extract", 4, fn_extract },
        { "django_datetime_trunc", 4, fn_datetime_trunc },
        { "django_time_extract", 2, fn_extract },
        { "django_time_trunc", 4, fn_time_trunc },
        { "django_time_diff", 2, fn_difference },
        { "django_timestamp_diff", 2, fn_difference },
        { "django_format_dtdelta", 3, fn_format_dtdelta },
        { "regexp", 2, fn_regexp },
        { "MD5", 1, fn_md5 },
        { "SHA1", 1, fn_sha1 },
        { "SHA224", 1, fn_sha224 },
        { "SHA256", 1, fn_sha256 },
        { "SHA384", 1, fn_sha384 },
        { "SHA512", 1, fn_sha512 },
    };
    Sqlite *s = c->state;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        int code = sqlite3_create_function_v2(s->db, functions[i].name, functions[i].n,
                                              SQLITE_UTF8 | SQLITE_DETERMINISTIC, c, functions[i].fn, NULL, NULL, NULL);
        if (code != SQLITE_OK)
            return sqlite_fail(c, code, (Str){ 0 });
    }
    int code = sqlite_add_text_functions(s->db);
    if (code != SQLITE_OK)
        return sqlite_fail(c, code, (Str){ 0 });
    return true;
}
