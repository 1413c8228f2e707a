/*
 * date.h: calendar dates, in the proleptic Gregorian calendar, from 0001-01-01 to 9999-12-31. A Date is the number of
 * days since 1970-01-01, so that comparing, subtracting and storing need no calendar; year, month and day are worked out
 * on demand, in some nanoseconds. {0} is 1970-01-01.
 *
 * A Date made by the functions here is always within DATE_MIN and DATE_MAX; functions that could leave that range return
 * false and leave *out as it was. The text forms are ISO 8601's.
 */
#ifndef CLEF_BASE_DATE_H
#define CLEF_BASE_DATE_H

#include <clef/base/buf.h>

typedef struct Date {
    int32_t days; /* since 1970-01-01 */
} Date;

typedef struct DateParts {
    int32_t year; /* 1 to 9999 */
    int32_t month, day;
} DateParts;

/* A date as ISO 8601 counts weeks: the year that holds the week's Thursday, week 1 to 53, weekday 1 (Monday) to 7. */
typedef struct IsoWeek {
    int32_t year, week, weekday;
} IsoWeek;

#define DATE_MIN      ((Date){ -719162 })
#define DATE_MAX      ((Date){ 2932896 })
#define YEAR_MIN      1
#define YEAR_MAX      9999
#define DATE_TEXT_LEN 10

/*
 * What a text was for a parser: a value; not of the form at all (Django's functions return None); of the form, but with
 * a member out of range, such as a 30th of February (Django's functions raise ValueError).
 */
typedef enum ParseOutcome { PARSE_OK, PARSE_NO_MATCH, PARSE_OUT_OF_RANGE } ParseOutcome;

static inline bool date_valid(Date d) { return d.days >= DATE_MIN.days && d.days <= DATE_MAX.days; }
static inline int date_cmp(Date a, Date b) { return (a.days > b.days) - (a.days < b.days); }
static inline bool date_eq(Date a, Date b) { return a.days == b.days; }
/* Days from b to a. */
static inline int64_t date_diff(Date a, Date b) { return (int64_t)a.days - b.days; }

static inline bool year_is_leap(int year) { return (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0); }
/* 28 to 31; 0 when there is no such month. */
CLEF_API(int, month_length, int year, int month) __attribute__((const));
/* The English names as RFC 9110 and RFC 5322 have them; month 1 to 12, weekday 0 (Monday) to 6. Three bytes each. */
CLEF_API(Str, month_abbreviation, int month) __attribute__((const));
CLEF_API(Str, weekday_abbreviation, int weekday) __attribute__((const));

CLEF_API(bool, date_make, int year, int month, int day, Date *out) CLEF_MUST_USE;
CLEF_API(DateParts, date_parts, Date d) __attribute__((const));
/* 0 is Monday, 6 is Sunday, as Python's weekday(). */
static inline int date_weekday(Date d) { return (int)(((int64_t)d.days + 719162) % 7); }
CLEF_API(IsoWeek, date_iso_week, Date d) __attribute__((const));
CLEF_API(bool, date_from_iso_week, IsoWeek w, Date *out) CLEF_MUST_USE;
/* 1 to 366, the day in its year. */
CLEF_API(int, date_year_day, Date d) __attribute__((const));

CLEF_API(bool, date_add_days, Date d, int64_t days, Date *out) CLEF_MUST_USE;
/* The same day `months` later (or earlier), cut to the length of that month: 31 January + 1 is the last of February. */
CLEF_API(bool, date_add_months, Date d, int64_t months, Date *out) CLEF_MUST_USE;

/* "2026-01-15": ten bytes at p, no terminator. */
CLEF_API(void, date_format_iso, Date d, char p[static DATE_TEXT_LEN]);
CLEF_API(bool, buf_date, Buf *b, Date d);
/* Exactly YYYY-MM-DD and a date that exists. */
CLEF_API(bool, date_parse_iso, Str s, Date *out) CLEF_MUST_USE;
/*
 * Django's parse_date: YYYY-MM-DD with one-digit months and days too, and the ISO forms YYYYMMDD, YYYY-Www, YYYY-Www-D,
 * YYYYWww, YYYYWwwD. ASCII digits only.
 */
CLEF_API(ParseOutcome, date_parse, Str s, Date *out) CLEF_MUST_USE;

#endif
