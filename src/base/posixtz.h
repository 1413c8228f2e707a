/*
 * posixtz.h: the rule that ends a TZif file, for times after its last transition: POSIX's TZ string with the extensions
 * of RFC 9636 section 3.3 ("CET-1CEST,M3.5.0,M10.5.0/3", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0").
 */
#ifndef CLEF_BASE_POSIXTZ_H
#define CLEF_BASE_POSIXTZ_H

#include <clef/base/str.h>

typedef enum RuleKind {
    RULE_MONTH,  /* Mm.w.d: the w-th weekday d of a month, the last for w = 5 */
    RULE_JULIAN, /* Jn: day 1 to 365, 29 February not counted */
    RULE_DAY     /* n: day 0 to 365, 29 February counted */
} RuleKind;

typedef struct RuleDate {
    RuleKind kind;
    int month, week, weekday; /* weekday 0 is Sunday */
    int day;
    int32_t time; /* seconds after that day's midnight, on the clock before the change; -167 to 167 hours */
} RuleDate;

typedef struct PosixTz {
    int32_t std, dst; /* seconds east of UTC */
    Str std_name, dst_name;
    bool has_dst;
    RuleDate start, end; /* of daylight-saving time */
} PosixTz;

/* The names are views into s. False when s is no such string; daylight-saving time without its two dates is none. */
CLEF_PRIVATE(bool, posixtz_parse, Str s, PosixTz *out) CLEF_MUST_USE;
/* Whether daylight-saving time holds at `seconds` since 1970, UTC; of the years 0 to 10000. */
CLEF_PRIVATE(bool, posixtz_is_dst, const PosixTz *z, int64_t seconds) CLEF_PURE;

#endif
