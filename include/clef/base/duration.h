/*
 * duration.h: a length of time in whole microseconds, negative too. A Duration reaches from about -292,271 to +292,271
 * years (int64_t microseconds); Python's timedelta goes ten times further, and what does not fit is an outcome here:
 * the function returns false, or PARSE_OUT_OF_RANGE, and leaves *out as it was.
 */
#ifndef CLEF_BASE_DURATION_H
#define CLEF_BASE_DURATION_H

#include <clef/base/date.h>

typedef struct Duration {
    int64_t us;
} Duration;

/* As Python's timedelta keeps it: only `days` may be negative. */
typedef struct DurationParts {
    int64_t days;
    int32_t seconds;      /* 0 to 86399 */
    int32_t microseconds; /* 0 to 999999 */
} DurationParts;

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY    (INT64_C(86400) * US_PER_SECOND)

#define DURATION_MIN ((Duration){ INT64_MIN })
#define DURATION_MAX ((Duration){ INT64_MAX })
/* For constants: DURATION_HOURS(2). The argument must be small enough for the product. */
#define DURATION_DAYS(n)         ((Duration){ (int64_t)(n)*US_PER_DAY })
#define DURATION_HOURS(n)        ((Duration){ (int64_t)(n)*3600 * US_PER_SECOND })
#define DURATION_MINUTES(n)      ((Duration){ (int64_t)(n)*60 * US_PER_SECOND })
#define DURATION_SECONDS(n)      ((Duration){ (int64_t)(n)*US_PER_SECOND })
#define DURATION_MILLISECONDS(n) ((Duration){ (int64_t)(n)*1000 })
#define DURATION_MICROSECONDS(n) ((Duration){ (int64_t)(n) })

/* A text longer than this is not parsed (PARSE_OUT_OF_RANGE). */
#define DURATION_PARSE_MAX 255

CLEF_API(bool, duration_make, int64_t days, int64_t seconds, int64_t microseconds, Duration *out) CLEF_MUST_USE;
CLEF_API(DurationParts, duration_parts, Duration d) __attribute__((const));
static inline double duration_seconds(Duration d) { return (double)d.us / 1e6; }
/* Django's duration_microseconds. */
static inline int64_t duration_microseconds(Duration d) { return d.us; }
static inline int duration_cmp(Duration a, Duration b) { return (a.us > b.us) - (a.us < b.us); }
static inline bool duration_eq(Duration a, Duration b) { return a.us == b.us; }
CLEF_API(bool, duration_add, Duration a, Duration b, Duration *out) CLEF_MUST_USE;
CLEF_API(bool, duration_sub, Duration a, Duration b, Duration *out) CLEF_MUST_USE;
CLEF_API(bool, duration_mul, Duration d, int64_t factor, Duration *out) CLEF_MUST_USE;

/* Django's duration_string: "1 02:03:04.000005"; days only when not 0, the fraction only when not 0. */
CLEF_API(bool, duration_string, Buf *b, Duration d);
/* Django's duration_iso_string: "P1DT02H03M04.000005S", with a leading "-" when negative. */
CLEF_API(bool, duration_iso_string, Buf *b, Duration d);
/* Python's str(): "1 day, 2:03:04.000005". */
CLEF_API(bool, duration_python_string, Buf *b, Duration d);

/*
 * Django's parse_duration: "[days[ days,] ][-][[hours:]minutes:]seconds[.fraction]", ISO 8601 with days and smaller units
 * ("-P4DT1H", fractions allowed) and PostgreSQL's day-time intervals ("4 days -15:00:30"). As there, "" is zero, and
 * fractions go through a double and are rounded half to even. ASCII digits only.
 */
CLEF_API(ParseOutcome, duration_parse, Str s, Duration *out) CLEF_MUST_USE;

#endif
