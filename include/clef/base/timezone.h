/*
 * timezone.h: time zones, from the system's tzdata (TZif files, RFC 9636, versions 1 to 4) and at fixed offsets.
 *
 * A TimeZone is read-only once made: any thread may use it. It answers two questions: what a clock in the zone shows at an
 * instant, and which instant a clock's reading is. The second has no single answer when a clock is set: a reading
 * that was skipped (a gap) or happened twice (a fold) is settled by `fold` as PEP 495 says: 0 takes the offset
 * from before the change, 1 the one from after it.
 *
 * Cost: a binary search over the zone's transitions, at most 8 steps in today's data, some 25 ns for an instant and 60 ns
 * for a reading; past the last transition in the file (2037 where tzdata is built "fat") the dates of the zone's rule are
 * worked out, some 60 ns. No lock, no allocation, no system call.
 *
 * TimeZones keeps the zones that were asked for. The first request for a name reads a file (tens of microseconds, on the
 * calling thread); later ones are a hash lookup.
 */
#ifndef CLEF_BASE_TIMEZONE_H
#define CLEF_BASE_TIMEZONE_H

#include <clef/base/arena.h>
#include <clef/base/datetime.h>

typedef struct TimeZone TimeZone;
typedef struct TimeZones TimeZones;

typedef struct TimeOffset {
    int32_t seconds;  /* east of UTC */
    bool dst;         /* the zone's data calls this daylight-saving time */
    Str abbreviation; /* "CET"; as long as the zone lives */
} TimeOffset;

/* How often a clock in the zone shows a reading. */
typedef enum LocalKind { LOCAL_ONCE, LOCAL_TWICE, LOCAL_NEVER } LocalKind;

typedef enum TimeZoneOutcome {
    TIMEZONE_OK,
    TIMEZONE_BAD_NAME, /* empty, too long, absolute, with "..", a hidden part or an odd byte: no file was opened */
    TIMEZONE_UNKNOWN,  /* no such file */
    TIMEZONE_BAD_FILE, /* not TZif, or not a valid one, or larger than TIMEZONE_FILE_MAX */
    TIMEZONE_FULL,     /* TIMEZONES_MAX zones are loaded */
} TimeZoneOutcome;

#define TIMEZONE_FILE_MAX  (64 * 1024)
#define TIMEZONE_NAME_MAX  64
#define TIMEZONES_MAX      1024
#define TIMEZONE_DIRECTORY "/usr/share/zoneinfo"

/* UTC: the one zone that always exists. */
CLEF_API(const TimeZone *, timezone_utc, void) CLEF_NONNULL __attribute__((const));
/*
 * A zone that is always `seconds` east of UTC (at most OFFSET_MAX either way; NULL beyond). With the NULL string as name it
 * is called as Python's timezone: "UTC", "UTC+05:30", "UTC-00:00:15".
 */
CLEF_API(const TimeZone *, timezone_fixed, Arena *a, int32_t seconds, Str name);
/* The zone of an aware datetime_parse, under the name that Django gives it; timezone_utc() for offset 0 but "+0000". */
CLEF_API(const TimeZone *, timezone_of_parsed, Arena *a, const ParsedDateTime *p);
/*
 * A zone from the bytes of a TZif file; nothing of `file` is kept. Leap seconds are skipped, so files that count them
 * ("right/...") are off by them.
 */
CLEF_API(TimeZoneOutcome, timezone_read, Arena *a, Str name, Str file, const TimeZone **out) CLEF_MUST_USE;

/*
 * An empty set of zones in `a`, over the files in `directory`. With the NULL string it is $TZDIR when that is an absolute
 * path and the program is not set-user-id, else TIMEZONE_DIRECTORY.
 */
CLEF_API(TimeZones *, timezones_create, Arena *a, Str directory) CLEF_NONNULL CLEF_MUST_USE;
/* The zone of that name, read now if need be. "UTC" needs no file. For the thread that owns the arena. */
CLEF_API(TimeZoneOutcome, timezones_get, TimeZones *zones, Str name, const TimeZone **out) CLEF_MUST_USE;
/* The zone if it is loaded, else NULL. Lock-free; any thread, also beside timezones_get. */
CLEF_API(const TimeZone *, timezones_find, const TimeZones *zones, Str name);
/* Whether a name is of the shape that timezones_get looks for a file of. */
CLEF_API(bool, timezone_name_valid, Str name) CLEF_PURE;

/* "Europe/Berlin", "UTC+05:30". Terminated. */
CLEF_API(Str, timezone_name, const TimeZone *zone) CLEF_PURE;

CLEF_API(TimeOffset, timezone_offset, const TimeZone *zone, DateTime t) CLEF_PURE;
CLEF_API(TimeOffset, timezone_offset_local, const TimeZone *zone, NaiveDateTime t, int fold) CLEF_PURE;
/*
 * What a clock in the zone shows at t; *fold (may be NULL) is 1 in the second pass of a fold, and asking for it costs a
 * second lookup. False when that is not in the years 1 to 9999.
 */
CLEF_API(bool, timezone_local, const TimeZone *zone, DateTime t, NaiveDateTime *out, int *fold) CLEF_MUST_USE;
/* The instant at which a clock in the zone shows t. False when it is not in the years 1 to 9999. */
CLEF_API(bool, timezone_instant, const TimeZone *zone, NaiveDateTime t, int fold, DateTime *out) CLEF_MUST_USE;
CLEF_API(LocalKind, timezone_local_kind, const TimeZone *zone, NaiveDateTime t) CLEF_PURE;

#endif
