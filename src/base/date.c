/*
 * date.c: days to year, month and day, and back. Both directions count from 1 March of year 0, so that the leap day is
 * the last of its year, and divide by multiplying, after Neri and Schneider, "Euclidean affine functions and their
 * application to calendar algorithms" (2022).
 */
#include "base/timetext.h"

#include <clef/base/date.h>

enum { EPOCH_FROM_MARCH_0 = 719468 }; /* 0000-03-01 to 1970-01-01, in days */

static const uint8_t lengths[13] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char weekdays[] = "MonTueWedThuFriSatSun";

int month_length(int year, int month)
{
    if (month < 1 || month > 12)
        return 0;
    return lengths[month] + (month == 2 && year_is_leap(year));
}

Str month_abbreviation(int month)
{
    return month < 1 || month > 12 ? (Str){ 0 } : (Str){ months + 3 * (month - 1), 3 };
}

Str weekday_abbreviation(int weekday)
{
    return weekday < 0 || weekday > 6 ? (Str){ 0 } : (Str){ weekdays + 3 * weekday, 3 };
}

/* For a date that exists. */
static int32_t days_of(int year, int month, int day)
{
    bool before_march = month <= 2;
    uint32_t y = (uint32_t)(year - before_march), m = (uint32_t)(before_march ? month + 12 : month);
    uint32_t century = y / 100;
    uint32_t days = 1461 * y / 4 - century + century / 4 + (979 * m - 2919) / 32 + (uint32_t)day - 1;
    return (int32_t)days - EPOCH_FROM_MARCH_0;
}

bool date_make(int year, int month, int day, Date *out)
{
    if (year < YEAR_MIN || year > YEAR_MAX || day < 1 || day > month_length(year, month))
        return false;
    *out = (Date){ days_of(year, month, day) };
    return true;
}

DateParts date_parts(Date d)
{
    uint32_t n = 4 * (uint32_t)(d.days + EPOCH_FROM_MARCH_0) + 3;
    uint32_t century = n / 146097, in_century = n % 146097 | 3;
    uint64_t scaled = UINT64_C(2939745) * in_century;
    uint32_t year = (uint32_t)(scaled >> 32), in_year = (uint32_t)scaled / 2939745 / 4;
    uint32_t month_and_day = 2141 * in_year + 197913;
    bool after_december = in_year >= 306;
    uint32_t month = month_and_day >> 16;
    return (DateParts){ .year = (int32_t)(100 * century + year + after_december),
                        .month = (int32_t)(after_december ? month - 12 : month),
                        .day = (int32_t)((month_and_day & 0xffff) / 2141) + 1 };
}

int date_year_day(Date d) { return d.days - days_of(date_parts(d).year, 1, 1) + 1; }

/* The Monday that begins week 1 of an ISO year: the one of the week with 4 January in it. */
static int32_t iso_year_start(int year)
{
    int32_t fourth = days_of(year, 1, 4);
    return fourth - (fourth + 719162) % 7;
}

IsoWeek date_iso_week(Date d)
{
    int weekday = date_weekday(d);
    int32_t thursday = d.days - weekday + 3;
    int year = date_parts((Date){ thursday }).year;
    return (IsoWeek){ .year = year, .week = (thursday - days_of(year, 1, 1)) / 7 + 1, .weekday = weekday + 1 };
}

bool date_from_iso_week(IsoWeek w, Date *out)
{
    if (w.year < YEAR_MIN || w.year > YEAR_MAX || w.week < 1 || w.week > 53 || w.weekday < 1 || w.weekday > 7)
        return false;
    int32_t start = iso_year_start(w.year);
    if (w.week == 53 && start + 52 * 7 >= iso_year_start(w.year + 1))
        return false;
    Date d = { start + (w.week - 1) * 7 + w.weekday - 1 };
    if (!date_valid(d))
        return false;
    *out = d;
    return true;
}

bool date_add_days(Date d, int64_t days, Date *out)
{
    int64_t sum;
    if (__builtin_add_overflow((int64_t)d.days, days, &sum) || sum < DATE_MIN.days || sum > DATE_MAX.days)
        return false;
    *out = (Date){ (int32_t)sum };
    return true;
}

bool date_add_months(Date d, int64_t count, Date *out)
{
    DateParts p = date_parts(d);
    int64_t month; /* since January of year 0 */
    if (__builtin_add_overflow((int64_t)p.year * 12 + p.month - 1, count, &month) || month < YEAR_MIN * 12 ||
        month >= (YEAR_MAX + 1) * 12)
        return false;
    int year = (int)(month / 12), in_year = (int)(month % 12) + 1, length = month_length(year, in_year);
    *out = (Date){ days_of(year, in_year, p.day < length ? p.day : length) };
    return true;
}

void date_format_iso(Date d, char p[static DATE_TEXT_LEN])
{
    DateParts parts = date_parts(d);
    put4(p, parts.year);
    p[4] = '-';
    put2(p + 5, parts.month);
    p[7] = '-';
    put2(p + 8, parts.day);
}

bool buf_date(Buf *b, Date d)
{
    char text[DATE_TEXT_LEN];
    date_format_iso(d, text);
    return buf_add(b, text, sizeof text);
}

bool date_parse_iso(Str s, Date *out)
{
    Reader r = reader_of(s);
    int year, month, day;
    return reader_int(&r, 4, 4, &year) && reader_byte(&r, '-') && reader_int(&r, 2, 2, &month) &&
           reader_byte(&r, '-') && reader_int(&r, 2, 2, &day) && reader_done(&r) && date_make(year, month, day, out);
}
