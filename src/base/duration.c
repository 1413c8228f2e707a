/* duration.c: lengths of time: arithmetic, and the texts of Django, ISO 8601 and PostgreSQL. */
#include "base/timetext.h"

#include <clef/base/duration.h>
#include <math.h>
#include <stdlib.h>

bool duration_make(int64_t days, int64_t seconds, int64_t microseconds, Duration *out)
{
    __int128 us = (__int128)days * US_PER_DAY + (__int128)seconds * US_PER_SECOND + microseconds;
    if (us < INT64_MIN || us > INT64_MAX)
        return false;
    *out = (Duration){ (int64_t)us };
    return true;
}

DurationParts duration_parts(Duration d)
{
    int64_t days = d.us / US_PER_DAY, rest = d.us % US_PER_DAY;
    if (rest < 0)
        days--, rest += US_PER_DAY;
    return (DurationParts){ days, (int32_t)(rest / US_PER_SECOND), (int32_t)(rest % US_PER_SECOND) };
}

bool duration_add(Duration a, Duration b, Duration *out)
{
    int64_t us;
    return !__builtin_add_overflow(a.us, b.us, &us) && (*out = (Duration){ us }, true);
}

bool duration_sub(Duration a, Duration b, Duration *out)
{
    int64_t us;
    return !__builtin_sub_overflow(a.us, b.us, &us) && (*out = (Duration){ us }, true);
}

bool duration_mul(Duration d, int64_t factor, Duration *out)
{
    int64_t us;
    return !__builtin_mul_overflow(d.us, factor, &us) && (*out = (Duration){ us }, true);
}

/* ".000005", or nothing. */
static bool add_fraction(Buf *b, int32_t microseconds)
{
    char text[7] = ".";
    put6(text + 1, microseconds);
    return microseconds == 0 || buf_add(b, text, sizeof text);
}

/* "02:03:04" */
static bool add_clock(Buf *b, int32_t seconds)
{
    char text[8] = "00:00:00";
    put2(text, seconds / 3600);
    put2(text + 3, seconds / 60 % 60);
    put2(text + 6, seconds % 60);
    return buf_add(b, text, sizeof text);
}

bool duration_string(Buf *b, Duration d)
{
    DurationParts p = duration_parts(d);
    bool ok = p.days == 0 || (buf_i64(b, p.days) && buf_byte(b, ' '));
    return ok && add_clock(b, p.seconds) && add_fraction(b, p.microseconds);
}

bool duration_iso_string(Buf *b, Duration d)
{
    /* The smallest Duration has no opposite: its parts are worked out from the unsigned one. */
    uint64_t us = d.us < 0 ? 0 - (uint64_t)d.us : (uint64_t)d.us;
    uint64_t days = us / (uint64_t)US_PER_DAY, rest = us % (uint64_t)US_PER_DAY;
    int seconds = (int)(rest / (uint64_t)US_PER_SECOND);
    char clock[] = "DT00H00M00";
    put2(clock + 2, seconds / 3600);
    put2(clock + 5, seconds / 60 % 60);
    put2(clock + 8, seconds % 60);
    return (d.us >= 0 || buf_byte(b, '-')) && buf_byte(b, 'P') && buf_u64(b, days) && buf_add(b, clock, 10) &&
           add_fraction(b, (int32_t)(rest % (uint64_t)US_PER_SECOND)) && buf_byte(b, 'S');
}

bool duration_python_string(Buf *b, Duration d)
{
    DurationParts p = duration_parts(d);
    if (p.days && !(buf_i64(b, p.days) && (p.days == 1 || p.days == -1 ? BUF_LIT(b, " day, ") : BUF_LIT(b, " days, "))))
        return false;
    char clock[6] = ":00:00";
    put2(clock + 1, p.seconds / 60 % 60);
    put2(clock + 4, p.seconds % 60);
    return buf_i64(b, p.seconds / 3600) && buf_add(b, clock, sizeof clock) && add_fraction(b, p.microseconds);
}

/* One member of a duration's text, "12" or, where a fraction is read, "12.5" or "12,5". */
typedef struct Number {
    Str whole, fraction; /* whole NULL: absent */
} Number;

enum { DAYS, HOURS, MINUTES, SECONDS, MICROSECONDS, UNITS };

typedef struct DurationText {
    Number part[UNITS];
    bool days_negative; /* days are counted back from zero by a sign of their own */
    bool negative;      /* the rest is */
} DurationText;

static bool read_digits(Reader *r, Str *out)
{
    const char *from = r->p;
    while (r->p != r->end && is_digit(*r->p))
        r->p++;
    *out = (Str){ from, (size_t)(r->p - from) };
    return out->n != 0;
}

/* "day" or "days", then the rest of `after`, or nothing is read. */
static bool read_days_word(Reader *r, Str after)
{
    Reader at = *r;
    if (!reader_byte(&at, 'd') || !reader_byte(&at, 'a') || !reader_byte(&at, 'y'))
        return false;
    reader_byte(&at, 's');
    for (size_t i = 0; i < after.n; i++)
        if (!reader_byte(&at, after.p[i]))
            return false;
    *r = at;
    return true;
}

/* "-3 " at r. */
static bool read_day_count(Reader *r, DurationText *t)
{
    Reader at = *r;
    bool negative = reader_byte(&at, '-');
    Str digits;
    if (!read_digits(&at, &digits) || !reader_byte(&at, ' '))
        return false;
    t->part[DAYS].whole = digits;
    t->days_negative = negative;
    *r = at;
    return true;
}

/* [days [days, ]][-][[hours:]minutes:]seconds[.fraction] */
static bool match_standard(Reader r, DurationText *t)
{
    if (read_day_count(&r, t))
        read_days_word(&r, STR(", "));
    t->negative = reader_byte(&r, '-');
    Str member[3];
    int n = 0;
    do
        if (!read_digits(&r, &member[n]))
            return false;
    while (++n < 3 && reader_byte(&r, ':'));
    for (int i = 0; i < n; i++)
        t->part[SECONDS - (n - 1) + i].whole = member[i];
    if (reader_byte(&r, '.') || reader_byte(&r, ',')) {
        if (!read_digits(&r, &t->part[MICROSECONDS].whole) || t->part[MICROSECONDS].whole.n > 12)
            return false;
    }
    return reader_at_dollar(&r);
}

/* "4.5D": *present says whether it was there. False for a number that the unit does not follow. */
static bool read_iso_member(Reader *r, char unit, Number *out)
{
    Reader at = *r;
    Number n = { 0 };
    if (!read_digits(&at, &n.whole))
        return true;
    if ((reader_byte(&at, '.') || reader_byte(&at, ',')) && !read_digits(&at, &n.fraction))
        return false;
    if (!reader_byte(&at, unit))
        return true; /* it may be the next smaller unit's */
    *out = n;
    *r = at;
    return true;
}

static bool match_iso(Reader r, DurationText *t)
{
    t->negative = reader_byte(&r, '-');
    if (!t->negative)
        reader_byte(&r, '+');
    t->days_negative = t->negative;
    if (!reader_byte(&r, 'P') || !read_iso_member(&r, 'D', &t->part[DAYS]))
        return false;
    if (reader_byte(&r, 'T') &&
        !(read_iso_member(&r, 'H', &t->part[HOURS]) && read_iso_member(&r, 'M', &t->part[MINUTES]) &&
          read_iso_member(&r, 'S', &t->part[SECONDS])))
        return false;
    return reader_at_dollar(&r);
}

/* [days day[s]][ [+-]hours:mm:ss[.fraction]] */
static bool match_postgresql(Reader r, DurationText *t)
{
    Reader start = r;
    if (read_day_count(&r, t)) {
        if (read_days_word(&r, STR("")))
            reader_byte(&r, ' ');
        else {
            r = start;
            t->part[DAYS] = (Number){ 0 };
        }
    }
    if (reader_at_dollar(&r))
        return true;
    t->negative = reader_byte(&r, '-');
    if (!t->negative)
        reader_byte(&r, '+');
    if (!read_digits(&r, &t->part[HOURS].whole) || !reader_byte(&r, ':') || !read_digits(&r, &t->part[MINUTES].whole) ||
        t->part[MINUTES].whole.n != 2 || !reader_byte(&r, ':') || !read_digits(&r, &t->part[SECONDS].whole) ||
        t->part[SECONDS].whole.n != 2)
        return false;
    if (reader_byte(&r, '.') && (!read_digits(&r, &t->part[MICROSECONDS].whole) || t->part[MICROSECONDS].whole.n > 6))
        return false;
    return reader_at_dollar(&r);
}

/* The number as a double, rounded once. Its text goes to strtod as digits and an exponent: no locale changes those. */
static double number_value(const Number *n)
{
    char text[DURATION_PARSE_MAX + 8];
    size_t at = 0;
    memcpy(text, n->whole.p, n->whole.n);
    at += n->whole.n;
    if (n->fraction.n) {
        memcpy(text + at, n->fraction.p, n->fraction.n);
        at += n->fraction.n;
        text[at++] = 'e';
        text[at++] = '-';
        put4(text + at, (int)n->fraction.n);
        at += 4;
    }
    text[at] = 0;
    return strtod(text, NULL);
}

/* A sum as Python's timedelta makes it: whole units exactly, what is left of fractions in one double. */
typedef struct Sum {
    __int128 us;
    double left;
    bool overflow;
} Sum;

static void sum_number(Sum *s, const Number *n, int64_t us_per_unit)
{
    if (str_is_null(n->whole))
        return;
    double whole, part = modf(number_value(n), &whole);
    if (whole > 1e18) {
        s->overflow = true;
        return;
    }
    s->us += (__int128)whole * us_per_unit;
    if (part != 0) {
        s->left += modf(part * (double)us_per_unit, &whole);
        s->us += (int64_t)whole;
    }
}

/* The whole microseconds, half of one rounded to the even number. `left` is a few at most, and not negative. */
static __int128 sum_round(const Sum *s)
{
    int down = (int)s->left;
    double rest = s->left - down;
    __int128 us = s->us + down;
    return us + (rest > 0.5 || (rest == 0.5 && us % 2 != 0));
}

ParseOutcome duration_parse(Str s, Duration *out)
{
    static const int64_t units[UNITS] = { US_PER_DAY, 3600 * US_PER_SECOND, 60 * US_PER_SECOND, US_PER_SECOND, 1 };
    if (s.n > DURATION_PARSE_MAX)
        return PARSE_OUT_OF_RANGE;
    DurationText t = { 0 };
    if (!match_standard(reader_of(s), &t) && (t = (DurationText){ 0 }, !match_iso(reader_of(s), &t)) &&
        (t = (DurationText){ 0 }, !match_postgresql(reader_of(s), &t)))
        return PARSE_NO_MATCH;
    char microseconds[6];
    Str fraction = t.part[MICROSECONDS].whole;
    if (fraction.n) {
        memset(microseconds, '0', sizeof microseconds);
        memcpy(microseconds, fraction.p, fraction.n < 6 ? fraction.n : 6);
        t.part[MICROSECONDS].whole = (Str){ microseconds, 6 };
    }
    Sum days = { 0 }, rest = { 0 };
    sum_number(&days, &t.part[DAYS], units[DAYS]);
    for (int unit = MICROSECONDS; unit >= HOURS; unit--)
        sum_number(&rest, &t.part[unit], units[unit]);
    __int128 day_us = sum_round(&days), us = sum_round(&rest);
    us = (t.days_negative ? -day_us : day_us) + (t.negative ? -us : us);
    if (days.overflow || rest.overflow || us < INT64_MIN || us > INT64_MAX)
        return PARSE_OUT_OF_RANGE;
    *out = (Duration){ (int64_t)us };
    return PARSE_OK;
}
