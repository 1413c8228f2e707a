/* posixtz.c: reading and applying the TZ string of a TZif footer. */
#include "base/posixtz.h"

#include "base/timetext.h"

/* Three letters or more, or <letters, digits and signs>. */
static bool read_name(Reader *r, Str *out)
{
    bool quoted = reader_byte(r, '<');
    const char *from = r->p;
    while (!reader_done(r)) {
        char c = *r->p, lower = (char)(c | 0x20);
        if (!((lower >= 'a' && lower <= 'z') || (quoted && (is_digit(c) || c == '+' || c == '-'))))
            break;
        r->p++;
    }
    *out = (Str){ from, (size_t)(r->p - from) };
    return out->n >= 3 && out->n <= 32 && (!quoted || reader_byte(r, '>'));
}

/* [+-]h[hh][:mm[:ss]], in seconds. */
static bool read_hours(Reader *r, int most, int32_t *out)
{
    bool negative = reader_byte(r, '-');
    if (!negative)
        reader_byte(r, '+');
    int hours, minutes = 0, seconds = 0;
    if (!reader_int(r, 1, 3, &hours) || hours > most)
        return false;
    if (reader_byte(r, ':')) {
        if (!reader_int(r, 2, 2, &minutes) || minutes > 59)
            return false;
        if (reader_byte(r, ':') && (!reader_int(r, 2, 2, &seconds) || seconds > 59))
            return false;
    }
    *out = (hours * 3600 + minutes * 60 + seconds) * (negative ? -1 : 1);
    return true;
}

/* ",date[/time]" */
static bool read_rule(Reader *r, RuleDate *out)
{
    RuleDate d = { .time = 2 * 3600 };
    if (!reader_byte(r, ','))
        return false;
    if (reader_byte(r, 'M')) {
        d.kind = RULE_MONTH;
        if (!reader_int(r, 1, 2, &d.month) || d.month < 1 || d.month > 12 || !reader_byte(r, '.') ||
            !reader_int(r, 1, 1, &d.week) || d.week < 1 || d.week > 5 || !reader_byte(r, '.') ||
            !reader_int(r, 1, 1, &d.weekday) || d.weekday > 6)
            return false;
    } else {
        d.kind = reader_byte(r, 'J') ? RULE_JULIAN : RULE_DAY;
        if (!reader_int(r, 1, 3, &d.day) || d.day > 365 || (d.kind == RULE_JULIAN && d.day < 1))
            return false;
    }
    if (reader_byte(r, '/') && !read_hours(r, 167, &d.time))
        return false;
    *out = d;
    return true;
}

bool posixtz_parse(Str s, PosixTz *out)
{
    Reader r = reader_of(s);
    PosixTz z = { 0 };
    int32_t west;
    if (!read_name(&r, &z.std_name) || !read_hours(&r, 24, &west))
        return false;
    z.std = -west;
    if (!reader_done(&r)) {
        z.has_dst = true;
        z.dst = z.std + 3600;
        if (!read_name(&r, &z.dst_name))
            return false;
        if (!reader_done(&r) && *r.p != ',') {
            if (!read_hours(&r, 24, &west))
                return false;
            z.dst = -west;
        }
        if (!read_rule(&r, &z.start) || !read_rule(&r, &z.end) || !reader_done(&r))
            return false;
    }
    *out = z;
    return true;
}

/* Days from 1970-01-01 to 1 January of a year from -399 on. */
static int64_t year_start(int year)
{
    int64_t before = (int64_t)year + 399; /* 400 years are 146097 days */
    return before * 365 + before / 4 - before / 100 + before / 400 - 146097 - 719162;
}

/* The rule's moment in a year, in seconds since 1970 on the clock before the change. */
static int64_t rule_moment(const RuleDate *d, int year)
{
    static const int16_t days_before[13] = { 0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    bool leap = year_is_leap(year);
    int64_t day = year_start(year);
    switch (d->kind) {
    case RULE_MONTH: {
        day += days_before[d->month] + (leap && d->month > 2);
        int first = (int)((day + 4 + 7 * 146097) % 7); /* 1970-01-01 was a Thursday */
        int in_month = (d->weekday - first + 7) % 7 + 7 * (d->week - 1);
        day += in_month < month_length(year, d->month) ? in_month : in_month - 7;
        break;
    }
    case RULE_JULIAN:
        day += d->day - 1 + (leap && d->day >= 60);
        break;
    case RULE_DAY:
        day += d->day;
        break;
    }
    return day * 86400 + d->time;
}

/* The two changes of a year, the earlier first. */
typedef struct YearChanges {
    int64_t at[2];
    bool dst[2]; /* what holds from there */
} YearChanges;

static YearChanges changes_of(const PosixTz *z, int year)
{
    int64_t start = rule_moment(&z->start, year) - z->std, end = rule_moment(&z->end, year) - z->dst;
    return start <= end ? (YearChanges){ { start, end }, { true, false } }
                        : (YearChanges){ { end, start }, { false, true } };
}

bool posixtz_is_dst(const PosixTz *z, int64_t seconds)
{
    if (!z->has_dst)
        return false;
    int64_t days = (seconds + z->std + 719468 * INT64_C(86400)) / 86400 - 719468;
    int year = date_parts((Date){ (int32_t)days }).year;
    YearChanges now = changes_of(z, year);
    /* A rule's time may carry a change over the end of its year, so the neighbour years have a say near the ends. */
    if (seconds < now.at[0]) {
        YearChanges last = changes_of(z, year - 1);
        return last.dst[seconds >= last.at[1]];
    }
    if (seconds < now.at[1])
        return now.dst[0];
    YearChanges next = changes_of(z, year + 1);
    return seconds >= next.at[0] ? next.dst[0] : now.dst[1];
}
