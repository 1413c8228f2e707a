/*
 * cache.h: values kept under names, for a time: Django's low-level cache API.
 *
 *     Cache *cache = cache_create(arena, &cache_locmem, &(CacheOptions){ .timeout = 600 });
 *     CACHE_SET(cache, "product_list", products, .timeout = 300);
 *     if (cache_get(cache, arena, STR("product_list"), (CacheCall){ 0 }, &v)) ...
 *
 * What is cached is a copy: null, booleans, numbers, text (safe or not), bytes, dates and times, UUIDs, and lists and maps
 * of those, to CACHE_DEPTH levels. Objects cannot be cached. An aware time comes back as the same instant, in UTC.
 *
 * A cache may forget anything at any time. So a backend that cannot be reached is no error: reading finds nothing, writing
 * returns false, and cache_error says why. Backends behind a network wait: call them on a fiber. A cache belongs to one
 * thread. Nothing here raises. Django's page: "Django's cache framework".
 */
#ifndef CLEF_CACHE_CACHE_H
#define CLEF_CACHE_CACHE_H

#include <clef/base/map.h>
#include <clef/base/value.h>

typedef struct Cache Cache;
typedef struct CacheDriver CacheDriver;

/* Timeouts besides seconds; 0 is the cache's own. */
#define CACHE_FOREVER INT64_MAX
#define CACHE_AT_ONCE INT64_C(-1) /* Django's 0, and all that is less: the value is not kept */

typedef struct CacheOptions {
    Str location;            /* of the backend's choice: an address, a path */
    Str key_prefix;          /* KEY_PREFIX */
    int64_t version;         /* VERSION; 0: 1 */
    int64_t timeout;         /* TIMEOUT, seconds; 0: 300 */
    uint32_t max_entries;    /* MAX_ENTRIES, where the backend culls; 0: 300 */
    uint32_t cull_frequency; /* CULL_FREQUENCY: one in so many goes when it is full; 0: 3; CACHE_CULL_ALL: all */
    uint64_t max_bytes;      /* of a backend in this process; 0: 64 MiB */
    int64_t (*clock)(void);  /* monotonic nanoseconds; NULL: the system's */
} CacheOptions;
#define CACHE_CULL_ALL UINT32_MAX

/* What may differ in one call: seconds to keep, and the version of the key. */
typedef struct CacheCall {
    int64_t timeout, version; /* 0: the cache's */
} CacheCall;

/* Bytes of a key with its prefix and version, and of a packed value. Past them nothing is kept. */
#define CACHE_KEY_MAX   1024
#define CACHE_VALUE_MAX ((size_t)8 << 20)
#define CACHE_DEPTH     32

/* The cache lives in the arena, and is closed with it. NULL when the backend cannot be opened. Options are copied. */
CLEF_API(Cache *, cache_create, Arena *a, const CacheDriver *driver, const CacheOptions *options) CLEF_MUST_USE;
/* What went wrong with the backend at the last call; the empty text: nothing. */
CLEF_API(Str, cache_error, const Cache *c);
/* As the backend sees it: "prefix:version:key". */
CLEF_API(Str, cache_make_key, Arena *a, const Cache *c, Str key, int64_t version);

/* The value, copied into the arena. False, and *out unchanged, when it is not there (any more). */
CLEF_API(bool, cache_get, Cache *c, Arena *a, Str key, CacheCall call, Value *out) CLEF_MUST_USE;
/* False when it was not kept: too large, of a type that cannot be cached, or the backend failed; the old value is gone. */
CLEF_API(bool, cache_set, Cache *c, Str key, Value v, CacheCall call);
#define CACHE_SET(c, key, value, ...) cache_set((c), str_c(key), VALUE(value), (CacheCall){ __VA_ARGS__ })
/* Only when the key is not there. False when it is. */
CLEF_API(bool, cache_add, Cache *c, Str key, Value v, CacheCall call);
/* A new time for what is there. */
CLEF_API(bool, cache_touch, Cache *c, Str key, CacheCall call);
CLEF_API(bool, cache_delete, Cache *c, Str key, CacheCall call);
CLEF_API(bool, cache_has, Cache *c, Str key, CacheCall call);
/* The integer there, `delta` more (or less), without a new time; false when there is none, or it would overflow. */
CLEF_API(bool, cache_incr, Cache *c, Str key, int64_t delta, CacheCall call, int64_t *out);
/* The value moved to version + delta. */
CLEF_API(bool, cache_incr_version, Cache *c, Str key, int64_t delta, CacheCall call);
CLEF_API(bool, cache_clear, Cache *c);

/* The value, or what `make` gives, which is then kept. */
typedef Value CacheMakeFn(Arena *a, void *arg);
CLEF_API(Value, cache_get_or_set, Cache *c, Arena *a, Str key, CacheMakeFn *make, void *arg, CacheCall call);

/* Those that are there, by the names that were asked for. */
CLEF_API(Map *, cache_get_many, Cache *c, Arena *a, const Str *keys, size_t n, CacheCall call) CLEF_NONNULL;
/* How many were not kept. */
CLEF_API(size_t, cache_set_many, Cache *c, const Map *values, CacheCall call);
CLEF_API(void, cache_delete_many, Cache *c, const Str *keys, size_t n, CacheCall call);

/* Caches by their aliases: Django's `caches`. */
typedef struct Caches Caches;
CLEF_API(Caches *, caches_create, Arena *a) CLEF_NONNULL;
CLEF_API(void, caches_add, Caches *all, Str alias, Cache *c);
/* NULL: none of that alias. */
CLEF_API(Cache *, caches_find, const Caches *all, Str alias);

#endif
