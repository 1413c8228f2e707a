/*
 * datetime.h: instants, wall times and times of day, in microseconds.
 *
 * - DateTime is an instant: microseconds since 1970-01-01T00:00:00 UTC, leap seconds not counted. It has no zone; a zone is
 *   an argument of what shows or reads it (timezone.h). This is what Django calls an aware datetime.
 * - NaiveDateTime is what a calendar and a clock on some wall show: the same count, of that wall's own microseconds since
 *   its own 1970-01-01T00:00. It is an instant only together with a zone, and, in the hour that a clock is set back, a
 *   `fold`: 0 for the first pass, 1 for the second (PEP 495).
 * - Time is a time of day, with its fold.
 *
 * In a Value (value.h) VALUE_DATETIME holds `us` of a DateTime and the zone to show it in, or, with the zone NULL, `us` of
 * a NaiveDateTime; VALUE_TIME holds `us` of the day, the fold in `flags`; VALUE_DATE the days.
 *
 * All three stay within the years 1 to 9999; functions that could leave them return false and leave *out as it was.
 */
#ifndef CLEF_BASE_DATETIME_H
#define CLEF_BASE_DATETIME_H

#include <clef/base/date.h>
#include <clef/base/duration.h>

typedef struct DateTime {
    int64_t us; /* since 1970-01-01T00:00:00Z */
} DateTime;

typedef struct NaiveDateTime {
    int64_t us; /* since 1970-01-01T00:00:00 of the wall in question */
} NaiveDateTime;

typedef struct Time {
    int64_t us;   /* since midnight, 0 to 86399999999 */
    uint8_t fold; /* 0 or 1; no part of comparisons */
} Time;

typedef struct TimeParts {
    int32_t hour, minute, second, microsecond;
} TimeParts;

typedef struct DateTimeParts {
    int32_t year, month, day, hour, minute, second, microsecond;
} DateTimeParts;

#define DATETIME_MIN ((DateTime){ INT64_C(-62135596800000000) })
#define DATETIME_MAX ((DateTime){ INT64_C(253402300799999999) })

/* An offset from UTC, in seconds east, is less than a day. */
#define OFFSET_MAX 86399

/* Room for the longest text of the format functions below: "2026-01-15T10:20:30.000123+05:30:15". */
#define DATETIME_TEXT_MAX 35
#define TIME_TEXT_MAX     15

/* The system's clock. A vDSO call, some 30 ns. */
CLEF_API(DateTime, datetime_now, void);

static inline bool datetime_valid(DateTime t) { return t.us >= DATETIME_MIN.us && t.us <= DATETIME_MAX.us; }
static inline bool naive_valid(NaiveDateTime t) { return t.us >= DATETIME_MIN.us && t.us <= DATETIME_MAX.us; }
static inline bool time_valid(Time t) { return t.us >= 0 && t.us < US_PER_DAY && t.fold <= 1; }
static inline int datetime_cmp(DateTime a, DateTime b) { return (a.us > b.us) - (a.us < b.us); }
static inline int naive_cmp(NaiveDateTime a, NaiveDateTime b) { return (a.us > b.us) - (a.us < b.us); }
static inline int time_cmp(Time a, Time b) { return (a.us > b.us) - (a.us < b.us); }
static inline bool datetime_eq(DateTime a, DateTime b) { return a.us == b.us; }
static inline bool naive_eq(NaiveDateTime a, NaiveDateTime b) { return a.us == b.us; }
static inline bool time_eq(Time a, Time b) { return a.us == b.us; }

CLEF_API(bool, time_make, int hour, int minute, int second, int microsecond, Time *out) CLEF_MUST_USE;
CLEF_API(TimeParts, time_parts, Time t) __attribute__((const));

CLEF_API(bool, naive_make, DateTimeParts parts, NaiveDateTime *out) CLEF_MUST_USE;
CLEF_API(DateTimeParts, naive_parts, NaiveDateTime t) __attribute__((const));
static inline NaiveDateTime naive_combine(Date d, Time t) { return (NaiveDateTime){ d.days * US_PER_DAY + t.us }; }
CLEF_API(Date, naive_date, NaiveDateTime t) __attribute__((const));
/* The time of day; fold is 0. */
CLEF_API(Time, naive_time, NaiveDateTime t) __attribute__((const));

/* The wall time at an offset of `offset` seconds east of UTC, and back. */
CLEF_API(bool, datetime_to_naive, DateTime t, int32_t offset, NaiveDateTime *out) CLEF_MUST_USE;
CLEF_API(bool, datetime_from_naive, NaiveDateTime t, int32_t offset, DateTime *out) CLEF_MUST_USE;
/* The wall time of UTC; it never leaves the range. */
static inline NaiveDateTime datetime_utc(DateTime t) { return (NaiveDateTime){ t.us }; }

/* Seconds since 1970, and back; the fraction is cut towards the past. */
CLEF_API(bool, datetime_from_unix, int64_t seconds, DateTime *out) CLEF_MUST_USE;
CLEF_API(int64_t, datetime_to_unix, DateTime t) __attribute__((const));

CLEF_API(bool, datetime_add, DateTime t, Duration d, DateTime *out) CLEF_MUST_USE;
CLEF_API(bool, datetime_sub, DateTime t, Duration d, DateTime *out) CLEF_MUST_USE;
CLEF_API(bool, naive_add, NaiveDateTime t, Duration d, NaiveDateTime *out) CLEF_MUST_USE;
CLEF_API(bool, naive_sub, NaiveDateTime t, Duration d, NaiveDateTime *out) CLEF_MUST_USE;
/* From b to a. Two times of the years 1 to 9999 are never too far apart. */
static inline Duration datetime_diff(DateTime a, DateTime b) { return (Duration){ a.us - b.us }; }
static inline Duration naive_diff(NaiveDateTime a, NaiveDateTime b) { return (Duration){ a.us - b.us }; }

/*
 * Python's isoformat(): "10:20:30", "2026-01-15T10:20:30.000123", and for an instant the wall time and the offset,
 * "2026-01-15T15:50:30.000123+05:30". The fraction has six digits, or is absent when 0. The format functions write at
 * p without a terminator and return the length. An instant that at this offset falls out of the years 1 to 9999 is
 * written in UTC.
 */
CLEF_API(size_t, time_format_iso, Time t, char p[static TIME_TEXT_MAX]);
CLEF_API(size_t, naive_format_iso, NaiveDateTime t, char separator, char p[static DATETIME_TEXT_MAX]);
CLEF_API(size_t, datetime_format_iso, DateTime t, int32_t offset, char separator, char p[static DATETIME_TEXT_MAX]);
CLEF_API(bool, buf_time, Buf *b, Time t);
CLEF_API(bool, buf_naive, Buf *b, NaiveDateTime t);
CLEF_API(bool, buf_datetime, Buf *b, DateTime t, int32_t offset);
/* "+05:30", "-00:00:15". At most 9 bytes. */
CLEF_API(bool, buf_offset, Buf *b, int32_t offset);

/* Exactly HH:MM:SS with an optional fraction; digits past the sixth are dropped. */
CLEF_API(bool, time_parse_iso, Str s, Time *out) CLEF_MUST_USE;
/* RFC 3339: YYYY-MM-DD, "T", "t" or a space, HH:MM:SS[.fraction], "Z", "z" or an offset +HH:MM. No leap second. */
CLEF_API(bool, datetime_parse_rfc3339, Str s, DateTime *out) CLEF_MUST_USE;

/* Django's parse_time: H:MM[:SS[.fraction]] and the ISO forms HH, HHMM, HHMMSS; an offset is read and dropped. */
CLEF_API(ParseOutcome, time_parse, Str s, Time *out) CLEF_MUST_USE;

typedef struct ParsedDateTime {
    NaiveDateTime local; /* what the text says */
    bool aware;          /* it gave an offset */
    int32_t offset;      /* seconds east of UTC */
    bool short_name;     /* the offset's zone is called "+0230", as Django's pattern has it, not "UTC+02:30" */
} ParsedDateTime;

/*
 * Django's parse_datetime: Python's fromisoformat() forms (a date as date_parse has it, optionally any one character and a
 * time, optionally an offset), then Django's own pattern with one-digit members and space before the offset. An offset
 * with a fraction of a second is PARSE_NO_MATCH; Python takes it. ASCII digits only.
 */
CLEF_API(ParseOutcome, datetime_parse, Str s, ParsedDateTime *out) CLEF_MUST_USE;

#endif
