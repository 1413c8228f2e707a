/*
 * timezones.c: the zones that a program asked for, by name. A chained hash table that only grows: an entry is complete
 * before it is linked in by a release store, so readers need no lock.
 */
#define _GNU_SOURCE /* secure_getenv */
#include "base/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUCKETS = 256 };

typedef struct Entry Entry;
struct Entry {
    const TimeZone *zone;
    Entry *next;
};

struct TimeZones {
    Arena *arena;
    Str directory;
    size_t n;
    _Atomic(Entry *) bucket[BUCKETS];
};

TimeZones *timezones_create(Arena *a, Str directory)
{
    TimeZones *zones = NEW(a, TimeZones);
    if (str_is_null(directory)) {
        const char *set = secure_getenv("TZDIR");
        directory = set && set[0] == '/' ? str_c(set) : STR(TIMEZONE_DIRECTORY);
    }
    zones->arena = a;
    zones->directory = str_copy(a, directory);
    return zones;
}

bool timezone_name_valid(Str name)
{
    if (name.n == 0 || name.n > TIMEZONE_NAME_MAX)
        return false;
    char before = '/';
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i], lower = (char)(c | 0x20);
        if (before == '/' && (c == '.' || c == '/'))
            return false;
        if (!((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' ||
              c == '+' || c == '.'))
            return false;
        before = c;
    }
    return before != '/';
}

static size_t bucket_of(Str name)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < name.n; i++)
        h = (h ^ (unsigned char)name.p[i]) * 16777619u;
    return (h ^ h >> 16) % BUCKETS;
}

const TimeZone *timezones_find(const TimeZones *zones, Str name)
{
    Entry *e = atomic_load_explicit(&zones->bucket[bucket_of(name)], memory_order_acquire);
    for (; e; e = e->next)
        if (str_eq(e->zone->name, name))
            return e->zone;
    return str_eq(name, STR("UTC")) ? timezone_utc() : NULL;
}

/* The file's bytes into p, which has room for TIMEZONE_FILE_MAX + 1. */
static TimeZoneOutcome read_file(const char *path, char *p, size_t *n)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return TIMEZONE_UNKNOWN;
    struct stat st;
    TimeZoneOutcome outcome = TIMEZONE_OK;
    *n = 0;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        outcome = TIMEZONE_UNKNOWN;
    while (outcome == TIMEZONE_OK && *n <= TIMEZONE_FILE_MAX) {
        ssize_t got = read(fd, p + *n, TIMEZONE_FILE_MAX + 1 - *n);
        if (got == 0)
            break;
        if (got > 0)
            *n += (size_t)got;
        else if (errno != EINTR)
            outcome = TIMEZONE_BAD_FILE;
    }
    close(fd);
    return outcome;
}

TimeZoneOutcome timezones_get(TimeZones *zones, Str name, const TimeZone **out)
{
    const TimeZone *zone = timezones_find(zones, name);
    if (zone) {
        *out = zone;
        return TIMEZONE_OK;
    }
    if (!timezone_name_valid(name))
        return TIMEZONE_BAD_NAME;
    if (zones->n == TIMEZONES_MAX)
        return TIMEZONE_FULL;
    Arena *scratch = arena_create(zones->arena, 0, TIMEZONE_FILE_MAX + 4096);
    Str path = str_concat(scratch, zones->directory, str_concat(scratch, STR("/"), name));
    char *file = arena_alloc(scratch, TIMEZONE_FILE_MAX + 1);
    size_t n;
    TimeZoneOutcome outcome = read_file(path.p, file, &n);
    if (outcome == TIMEZONE_OK)
        outcome = timezone_read(zones->arena, name, (Str){ file, n }, &zone);
    arena_destroy(scratch);
    if (outcome != TIMEZONE_OK)
        return outcome;
    Entry *e = NEW(zones->arena, Entry);
    _Atomic(Entry *) *bucket = &zones->bucket[bucket_of(name)];
    e->zone = zone;
    e->next = atomic_load_explicit(bucket, memory_order_relaxed);
    atomic_store_explicit(bucket, e, memory_order_release);
    zones->n++;
    *out = zone;
    return TIMEZONE_OK;
}
