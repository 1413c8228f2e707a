/*
 * driver.h: what a backend of the cache is: a const table of functions over keys and bytes. Keys have their prefix and
 * version already; bytes are packed values, whole numbers as decimal digits, so that a server can count.
 */
#ifndef CLEF_CACHE_DRIVER_H
#define CLEF_CACHE_DRIVER_H

#include <clef/cache/cache.h>

typedef enum CacheStatus {
    CACHE_OK,
    CACHE_MISSING, /* no such key; for `set` with only_new: it is there */
    CACHE_REFUSED, /* not kept: too large, no number */
    CACHE_FAILED,  /* the backend; it said why by cache_fail */
} CacheStatus;

/* Milliseconds; CACHE_TTL_FOREVER: no end. */
#define CACHE_TTL_FOREVER INT64_MAX

struct CacheDriver {
    const char *name; /* "locmem" */
    /* Makes the backend's state, in the arena; NULL when it cannot be opened. What must be closed goes to arena_defer. */
    void *(*open)(Arena *a, Cache *c, const CacheOptions *options);
    /* The bytes are in the arena, or the backend's own until its next call. */
    CacheStatus (*get)(Cache *c, void *state, Arena *a, Str key, Str *out);
    CacheStatus (*set)(Cache *c, void *state, Str key, Str data, int64_t ttl, bool only_new);
    CacheStatus (*touch)(Cache *c, void *state, Str key, int64_t ttl);
    CacheStatus (*remove)(Cache *c, void *state, Str key);
    CacheStatus (*incr)(Cache *c, void *state, Str key, int64_t delta, int64_t *out);
    CacheStatus (*clear)(Cache *c, void *state);
    /* May be NULL: one after the other. out[i].p NULL: missing. */
    CacheStatus (*get_many)(Cache *c, void *state, Arena *a, const Str *keys, size_t n, Str *out);
};

/* In this process's memory: each worker has its own. The least recently used go when it is full. */
CLEF_DATA(const CacheDriver, cache_locmem);
/* Keeps nothing: for development. */
CLEF_DATA(const CacheDriver, cache_dummy);

/* For drivers: says what went wrong; the text is copied. Returns CACHE_FAILED. */
CLEF_API(CacheStatus, cache_fail, Cache *c, const char *format, ...) CLEF_PRINTF(2, 3);

#endif
