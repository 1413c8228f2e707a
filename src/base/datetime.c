/* datetime.c: instants, wall times and times of day: members, arithmetic and texts. */
#include "base/timetext.h"

#include <clef/base/datetime.h>
#include <time.h>

DateTime datetime_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (DateTime){ now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000 };
}

bool time_make(int hour, int minute, int second, int microsecond, Time *out)
{
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || microsecond < 0 ||
        microsecond > 999999)
        return false;
    *out = (Time){ .us = (hour * 3600 + minute * 60 + second) * US_PER_SECOND + microsecond };
    return true;
}

TimeParts time_parts(Time t)
{
    int32_t second = (int32_t)(t.us / US_PER_SECOND), microsecond = (int32_t)(t.us % US_PER_SECOND);
    return (TimeParts){ second / 3600, second / 60 % 60, second % 60, microsecond };
}

bool naive_make(DateTimeParts p, NaiveDateTime *out)
{
    Date d;
    Time t;
    if (!date_make(p.year, p.month, p.day, &d) || !time_make(p.hour, p.minute, p.second, p.microsecond, &t))
        return false;
    *out = naive_combine(d, t);
    return true;
}

/* Both stay unsigned after the shift to 0001-01-01, so that a division rounds the right way without a branch. */
static uint64_t since_year_1(int64_t us) { return (uint64_t)(us - DATETIME_MIN.us); }

Date naive_date(NaiveDateTime t) { return (Date){ (int32_t)(since_year_1(t.us) / US_PER_DAY) + DATE_MIN.days }; }
Time naive_time(NaiveDateTime t) { return (Time){ .us = (int64_t)(since_year_1(t.us) % US_PER_DAY) }; }

DateTimeParts naive_parts(NaiveDateTime t)
{
    DateParts d = date_parts(naive_date(t));
    TimeParts p = time_parts(naive_time(t));
    return (DateTimeParts){ d.year, d.month, d.day, p.hour, p.minute, p.second, p.microsecond };
}

/* us + more when that is a time of the years 1 to 9999. */
static bool shift(int64_t us, int64_t more, int64_t *out)
{
    int64_t sum;
    if (__builtin_add_overflow(us, more, &sum) || sum < DATETIME_MIN.us || sum > DATETIME_MAX.us)
        return false;
    *out = sum;
    return true;
}

static bool shift_back(int64_t us, int64_t less, int64_t *out)
{
    int64_t difference;
    if (__builtin_sub_overflow(us, less, &difference) || difference < DATETIME_MIN.us || difference > DATETIME_MAX.us)
        return false;
    *out = difference;
    return true;
}

bool datetime_add(DateTime t, Duration d, DateTime *out) { return shift(t.us, d.us, &out->us); }
bool datetime_sub(DateTime t, Duration d, DateTime *out) { return shift_back(t.us, d.us, &out->us); }
bool naive_add(NaiveDateTime t, Duration d, NaiveDateTime *out) { return shift(t.us, d.us, &out->us); }
bool naive_sub(NaiveDateTime t, Duration d, NaiveDateTime *out) { return shift_back(t.us, d.us, &out->us); }

bool datetime_to_naive(DateTime t, int32_t offset, NaiveDateTime *out)
{
    return shift(t.us, offset * US_PER_SECOND, &out->us);
}

bool datetime_from_naive(NaiveDateTime t, int32_t offset, DateTime *out)
{
    return shift_back(t.us, offset * US_PER_SECOND, &out->us);
}

bool datetime_from_unix(int64_t seconds, DateTime *out)
{
    int64_t us;
    return !__builtin_mul_overflow(seconds, US_PER_SECOND, &us) && shift(us, 0, &out->us);
}

int64_t datetime_to_unix(DateTime t)
{
    return (int64_t)(since_year_1(t.us) / US_PER_SECOND) + DATETIME_MIN.us / US_PER_SECOND;
}

size_t time_format_iso(Time t, char p[static TIME_TEXT_MAX])
{
    TimeParts parts = time_parts(t);
    put2(p, parts.hour);
    p[2] = ':';
    put2(p + 3, parts.minute);
    p[5] = ':';
    put2(p + 6, parts.second);
    if (parts.microsecond == 0)
        return 8;
    p[8] = '.';
    put6(p + 9, parts.microsecond);
    return TIME_TEXT_MAX;
}

size_t naive_format_iso(NaiveDateTime t, char separator, char p[static DATETIME_TEXT_MAX])
{
    date_format_iso(naive_date(t), p);
    p[DATE_TEXT_LEN] = separator;
    return DATE_TEXT_LEN + 1 + time_format_iso(naive_time(t), p + DATE_TEXT_LEN + 1);
}

static size_t format_offset(int32_t offset, char p[static 9])
{
    int32_t seconds = offset < 0 ? -offset : offset;
    p[0] = offset < 0 ? '-' : '+';
    put2(p + 1, seconds / 3600 % 100);
    p[3] = ':';
    put2(p + 4, seconds / 60 % 60);
    if (seconds % 60 == 0)
        return 6;
    p[6] = ':';
    put2(p + 7, seconds % 60);
    return 9;
}

size_t datetime_format_iso(DateTime t, int32_t offset, char separator, char p[static DATETIME_TEXT_MAX])
{
    NaiveDateTime local;
    if (!datetime_to_naive(t, offset, &local)) {
        local = datetime_utc(t);
        offset = 0;
    }
    size_t n = naive_format_iso(local, separator, p);
    return n + format_offset(offset, p + n);
}

bool buf_time(Buf *b, Time t)
{
    char text[TIME_TEXT_MAX];
    return buf_add(b, text, time_format_iso(t, text));
}

bool buf_naive(Buf *b, NaiveDateTime t)
{
    char text[DATETIME_TEXT_MAX];
    return buf_add(b, text, naive_format_iso(t, 'T', text));
}

bool buf_datetime(Buf *b, DateTime t, int32_t offset)
{
    char text[DATETIME_TEXT_MAX];
    return buf_add(b, text, datetime_format_iso(t, offset, 'T', text));
}

bool buf_offset(Buf *b, int32_t offset)
{
    char text[9];
    return buf_add(b, text, format_offset(offset, text));
}

/* HH:MM:SS[.fraction] at r. */
static bool read_time(Reader *r, Time *out)
{
    int hour, minute, second, microsecond = 0;
    if (!reader_int(r, 2, 2, &hour) || !reader_byte(r, ':') || !reader_int(r, 2, 2, &minute) || !reader_byte(r, ':') ||
        !reader_int(r, 2, 2, &second))
        return false;
    if (reader_byte(r, '.') && !reader_fraction(r, SIZE_MAX, &microsecond))
        return false;
    return time_make(hour, minute, second, microsecond, out);
}

bool time_parse_iso(Str s, Time *out)
{
    Reader r = reader_of(s);
    Time t;
    if (!read_time(&r, &t) || !reader_done(&r))
        return false;
    *out = t;
    return true;
}

bool datetime_parse_rfc3339(Str s, DateTime *out)
{
    Date d;
    Time t;
    if (s.n <= DATE_TEXT_LEN || !date_parse_iso(str_slice(s, 0, DATE_TEXT_LEN), &d))
        return false;
    Reader r = reader_of(str_from_byte(s, DATE_TEXT_LEN));
    if (!(reader_byte(&r, 'T') || reader_byte(&r, 't') || reader_byte(&r, ' ')) || !read_time(&r, &t))
        return false;
    int32_t offset = 0;
    if (!reader_byte(&r, 'Z') && !reader_byte(&r, 'z')) {
        bool west = reader_byte(&r, '-');
        int hours, minutes;
        if ((!west && !reader_byte(&r, '+')) || !reader_int(&r, 2, 2, &hours) || !reader_byte(&r, ':') ||
            !reader_int(&r, 2, 2, &minutes) || hours > 23 || minutes > 59)
            return false;
        offset = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    }
    return reader_done(&r) && datetime_from_naive(naive_combine(d, t), offset, out);
}
