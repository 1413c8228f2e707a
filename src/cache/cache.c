/* cache.c: keys, times and values, the same for every backend. */
#include "cache/pack.h"
#include <clef/base/vec.h>
#include <clef/cache/driver.h>
#include <clef/rt/loop.h>

#include <stdio.h>

struct Cache {
    const CacheDriver *driver;
    void *state;
    CacheOptions options;
    char error[256];
    size_t error_n;
};

Cache *cache_create(Arena *a, const CacheDriver *driver, const CacheOptions *options)
{
    Cache *c = NEW(a, Cache);
    c->driver = driver;
    c->options = *options;
    CacheOptions *o = &c->options;
    o->key_prefix = str_copy(a, options->key_prefix);
    o->location = str_copy(a, options->location);
    o->version = o->version ? o->version : 1;
    o->timeout = o->timeout ? o->timeout : 300;
    o->max_entries = o->max_entries ? o->max_entries : 300;
    o->cull_frequency = o->cull_frequency ? o->cull_frequency : 3;
    o->max_bytes = o->max_bytes ? o->max_bytes : (uint64_t)64 << 20;
    o->clock = o->clock ? o->clock : loop_clock;
    c->state = driver->open(a, c, o);
    return c->state ? c : NULL;
}

Str cache_error(const Cache *c) { return (Str){ c->error, c->error_n }; }

CacheStatus cache_fail(Cache *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(c->error, sizeof c->error, format, args);
    va_end(args);
    c->error_n = n < 0 ? 0 : (size_t)n < sizeof c->error ? (size_t)n : sizeof c->error - 1;
    return CACHE_FAILED;
}

/* --- keys */

typedef struct Key {
    char text[CACHE_KEY_MAX];
    Str s; /* p NULL: it would be too long */
} Key;

static void key_init(Cache *c, Key *k, Str key, int64_t version)
{
    const CacheOptions *o = &c->options;
    int n = snprintf(k->text, sizeof k->text, "%.*s:%lld:", STR_FMT(o->key_prefix),
                     (long long)(version ? version : o->version));
    size_t head = n < 0 ? sizeof k->text : (size_t)n;
    c->error_n = 0;
    k->s = (Str){ 0 };
    if (head + key.n > sizeof k->text - 1) {
        (void)cache_fail(c, "The key is longer than %d bytes", CACHE_KEY_MAX - 1);
        return;
    }
    if (key.n)
        memcpy(k->text + head, key.p, key.n);
    k->s = (Str){ k->text, head + key.n };
}

Str cache_make_key(Arena *a, const Cache *c, Str key, int64_t version)
{
    return str_format(a, "%.*s:%lld:%.*s", STR_FMT(c->options.key_prefix),
                      (long long)(version ? version : c->options.version), STR_FMT(key));
}

/* --- single values */

static int64_t ttl_of(const Cache *c, CacheCall call)
{
    int64_t seconds = call.timeout ? call.timeout : c->options.timeout, ms;
    if (seconds < 0)
        return 0;
    return seconds == CACHE_FOREVER || __builtin_mul_overflow(seconds, 1000, &ms) ? CACHE_TTL_FOREVER : ms;
}

static bool store(Cache *c, Str key, Value v, CacheCall call, bool only_new)
{
    Key k;
    Buf data = BUF_INIT(NULL, CACHE_VALUE_MAX);
    key_init(c, &k, key, call.version);
    if (!k.s.p)
        return false;
    bool ok = false;
    if (cache_pack(&data, v))
        ok = c->driver->set(c, c->state, k.s, buf_view(&data), ttl_of(c, call), only_new) == CACHE_OK;
    else if (!only_new)
        (void)c->driver->remove(c, c->state, k.s);
    buf_finish(&data);
    return ok;
}

bool cache_get(Cache *c, Arena *a, Str key, CacheCall call, Value *out)
{
    Key k;
    Str data;
    key_init(c, &k, key, call.version);
    return k.s.p && c->driver->get(c, c->state, a, k.s, &data) == CACHE_OK && cache_unpack(a, data, out);
}

bool cache_set(Cache *c, Str key, Value v, CacheCall call) { return store(c, key, v, call, false); }
bool cache_add(Cache *c, Str key, Value v, CacheCall call) { return store(c, key, v, call, true); }

bool cache_touch(Cache *c, Str key, CacheCall call)
{
    Key k;
    key_init(c, &k, key, call.version);
    return k.s.p && c->driver->touch(c, c->state, k.s, ttl_of(c, call)) == CACHE_OK;
}

bool cache_delete(Cache *c, Str key, CacheCall call)
{
    Key k;
    key_init(c, &k, key, call.version);
    return k.s.p && c->driver->remove(c, c->state, k.s) == CACHE_OK;
}

bool cache_has(Cache *c, Str key, CacheCall call)
{
    Key k;
    Str data;
    key_init(c, &k, key, call.version);
    if (!k.s.p)
        return false;
    Arena *scratch = arena_create(NULL, 0, 0);
    bool found = c->driver->get(c, c->state, scratch, k.s, &data) == CACHE_OK;
    arena_destroy(scratch);
    return found;
}

bool cache_incr(Cache *c, Str key, int64_t delta, CacheCall call, int64_t *out)
{
    Key k;
    key_init(c, &k, key, call.version);
    return k.s.p && c->driver->incr(c, c->state, k.s, delta, out) == CACHE_OK;
}

bool cache_incr_version(Cache *c, Str key, int64_t delta, CacheCall call)
{
    Value v;
    int64_t version = call.version ? call.version : c->options.version;
    Arena *scratch = arena_create(NULL, 0, 0);
    bool ok = cache_get(c, scratch, key, call, &v) &&
              cache_set(c, key, v, (CacheCall){ .timeout = call.timeout, .version = version + delta });
    if (ok)
        (void)cache_delete(c, key, (CacheCall){ .version = version });
    arena_destroy(scratch);
    return ok;
}

bool cache_clear(Cache *c)
{
    c->error_n = 0;
    return c->driver->clear(c, c->state) == CACHE_OK;
}

Value cache_get_or_set(Cache *c, Arena *a, Str key, CacheMakeFn *make, void *arg, CacheCall call)
{
    Value v;
    if (cache_get(c, a, key, call, &v))
        return v;
    v = make(a, arg);
    (void)cache_add(c, key, v, call);
    return v;
}

/* --- many */

Map *cache_get_many(Cache *c, Arena *a, const Str *keys, size_t n, CacheCall call)
{
    Map *out = map_new(a);
    Value v;
    if (!c->driver->get_many) {
        for (size_t i = 0; i < n; i++)
            if (cache_get(c, a, keys[i], call, &v))
                map_set(out, keys[i], v);
        return out;
    }
    Str *made = NEW_ARRAY(a, Str, n + 1), *data = NEW_ARRAY(a, Str, n + 1);
    c->error_n = 0;
    for (size_t i = 0; i < n; i++)
        made[i] = cache_make_key(a, c, keys[i], call.version);
    if (c->driver->get_many(c, c->state, a, made, n, data) == CACHE_OK)
        for (size_t i = 0; i < n; i++)
            if (data[i].p && cache_unpack(a, data[i], &v))
                map_set(out, keys[i], v);
    return out;
}

size_t cache_set_many(Cache *c, const Map *values, CacheCall call)
{
    size_t failed = 0;
    const MapEntry *e;
    for (size_t at = 0; (e = map_next(values, &at)) != NULL;)
        failed += !cache_set(c, e->key, e->value, call);
    return failed;
}

void cache_delete_many(Cache *c, const Str *keys, size_t n, CacheCall call)
{
    for (size_t i = 0; i < n; i++)
        (void)cache_delete(c, keys[i], call);
}

/* --- by alias */

typedef struct Alias {
    Str name;
    Cache *cache;
} Alias;

struct Caches {
    Arena *arena;
    VEC(Alias) list;
};

Caches *caches_create(Arena *a)
{
    Caches *all = NEW(a, Caches);
    all->arena = a;
    return all;
}

void caches_add(Caches *all, Str alias, Cache *c)
{
    VEC_PUSH(all->arena, &all->list, (Alias){ str_copy(all->arena, alias), c });
}

Cache *caches_find(const Caches *all, Str alias)
{
    for (size_t i = 0; i < all->list.n; i++)
        if (str_eq(all->list.p[i].name, alias))
            return all->list.p[i].cache;
    return NULL;
}
