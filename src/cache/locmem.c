/*
 * locmem.c: a cache in this process's memory: a hash table whose entries also stand in a list, the most recently used
 * first. Keys and values are heap memory, given back when an entry goes; the entries themselves are used again.
 */
#include <clef/base/buf.h>
#include <clef/base/hash.h>
#include <clef/cache/driver.h>

#include <stdio.h>

typedef struct Entry {
    struct Entry *chain;         /* of its slot, or of the spare ones */
    struct Entry *newer, *older; /* in the list of use */
    uint64_t hash;
    int64_t ends; /* on the clock; INT64_MAX: never */
    Buf bytes;    /* the key, then the data */
    uint32_t nkey;
} Entry;

typedef struct Store {
    Arena *arena;
    const CacheOptions *options;
    HashKey key;
    Entry **slots;
    uint32_t nslots, n;
    Entry *newest, *oldest, *spare;
    uint64_t bytes;
} Store;

static Str key_of(const Entry *e) { return str_slice(buf_view(&e->bytes), 0, e->nkey); }
static Str data_of(const Entry *e) { return str_from_byte(buf_view(&e->bytes), e->nkey); }

/* --- the list of use */

static void unlink_entry(Store *s, Entry *e)
{
    *(e->newer ? &e->newer->older : &s->newest) = e->older;
    *(e->older ? &e->older->newer : &s->oldest) = e->newer;
}

static void link_newest(Store *s, Entry *e)
{
    e->newer = NULL;
    e->older = s->newest;
    *(s->newest ? &s->newest->newer : &s->oldest) = e;
    s->newest = e;
}

/* --- the table */

static Entry **slot_of(const Store *s, uint64_t hash) { return &s->slots[hash & (s->nslots - 1)]; }

static void drop(Store *s, Entry *e)
{
    Entry **at = slot_of(s, e->hash);
    while (*at != e)
        at = &(*at)->chain;
    *at = e->chain;
    unlink_entry(s, e);
    s->bytes -= e->bytes.cap;
    s->n--;
    buf_finish(&e->bytes);
    e->chain = s->spare;
    s->spare = e;
}

/* The entry that still counts; NULL. */
static Entry *find(Store *s, Str key)
{
    uint64_t hash = hash_str(s->key, key);
    for (Entry *e = *slot_of(s, hash); e; e = e->chain)
        if (e->hash == hash && str_eq(key_of(e), key)) {
            if (e->ends > s->options->clock())
                return e;
            drop(s, e);
            return NULL;
        }
    return NULL;
}

static void grow_table(Store *s)
{
    uint32_t n = s->nslots ? s->nslots * 2 : 64;
    Entry **slots = NEW_ARRAY(s->arena, Entry *, n);
    s->slots = slots;
    s->nslots = n;
    for (Entry *e = s->newest; e; e = e->older) {
        Entry **at = slot_of(s, e->hash);
        e->chain = *at;
        *at = e;
    }
}

static void cull(Store *s)
{
    uint32_t n = s->options->cull_frequency == CACHE_CULL_ALL ? s->n : s->n / s->options->cull_frequency;
    for (; n && s->oldest; n--)
        drop(s, s->oldest);
}

static bool fill(Entry *e, Str key, Str data)
{
    e->bytes = BUF_INIT(NULL, key.n + data.n + 1);
    e->nkey = (uint32_t)key.n;
    return buf_reserve(&e->bytes, key.n + data.n) && buf_str(&e->bytes, key) && buf_str(&e->bytes, data);
}

static int64_t end_of(const Store *s, int64_t ttl)
{
    int64_t ns, end;
    if (ttl == CACHE_TTL_FOREVER || __builtin_mul_overflow(ttl, 1000000, &ns) ||
        __builtin_add_overflow(s->options->clock(), ns, &end))
        return INT64_MAX;
    return end;
}

/* --- the driver */

static void close_store(void *arg)
{
    Store *s = arg;
    while (s->oldest)
        drop(s, s->oldest);
}

static void *locmem_open(Arena *a, Cache *c, const CacheOptions *options)
{
    (void)c;
    Store *s = NEW(a, Store);
    s->arena = a;
    s->options = options;
    s->key = hash_key(0x6361636865);
    grow_table(s);
    arena_defer(a, close_store, s);
    return s;
}

static CacheStatus locmem_get(Cache *c, void *state, Arena *a, Str key, Str *out)
{
    (void)c, (void)a;
    Store *s = state;
    Entry *e = find(s, key);
    if (!e)
        return CACHE_MISSING;
    unlink_entry(s, e);
    link_newest(s, e);
    *out = data_of(e);
    return CACHE_OK;
}

static CacheStatus locmem_set(Cache *c, void *state, Str key, Str data, int64_t ttl, bool only_new)
{
    Store *s = state;
    Entry *e = find(s, key);
    if (e && only_new)
        return CACHE_MISSING;
    if (e)
        drop(s, e);
    if (ttl <= 0)
        return CACHE_OK;
    if (key.n + data.n > s->options->max_bytes / 2)
        return CACHE_REFUSED;
    if (s->n >= s->options->max_entries)
        cull(s);
    while (s->oldest && s->bytes + key.n + data.n + 1 > s->options->max_bytes)
        drop(s, s->oldest);
    if (s->n >= s->nslots)
        grow_table(s);
    e = s->spare;
    if (e)
        s->spare = e->chain;
    else
        e = NEW(s->arena, Entry);
    if (!fill(e, key, data)) {
        buf_finish(&e->bytes);
        e->chain = s->spare;
        s->spare = e;
        return cache_fail(c, "There is no memory left");
    }
    e->hash = hash_str(s->key, key);
    e->ends = end_of(s, ttl);
    Entry **at = slot_of(s, e->hash);
    e->chain = *at;
    *at = e;
    link_newest(s, e);
    s->bytes += e->bytes.cap;
    s->n++;
    return CACHE_OK;
}

static CacheStatus locmem_touch(Cache *c, void *state, Str key, int64_t ttl)
{
    (void)c;
    Store *s = state;
    Entry *e = find(s, key);
    if (!e)
        return CACHE_MISSING;
    if (ttl <= 0)
        drop(s, e);
    else
        e->ends = end_of(s, ttl);
    return CACHE_OK;
}

static CacheStatus locmem_remove(Cache *c, void *state, Str key)
{
    (void)c;
    Store *s = state;
    Entry *e = find(s, key);
    if (!e)
        return CACHE_MISSING;
    drop(s, e);
    return CACHE_OK;
}

static CacheStatus locmem_incr(Cache *c, void *state, Str key, int64_t delta, int64_t *out)
{
    (void)c;
    Store *s = state;
    Entry *e = find(s, key);
    int64_t i;
    char digits[32];
    if (!e)
        return CACHE_MISSING;
    if (!str_to_i64(data_of(e), &i) || __builtin_add_overflow(i, delta, &i))
        return CACHE_REFUSED;
    int n = snprintf(digits, sizeof digits, "%lld", (long long)i);
    s->bytes -= e->bytes.cap;
    buf_truncate(&e->bytes, e->nkey);
    e->bytes.max = e->nkey + sizeof digits;
    bool ok = buf_add(&e->bytes, digits, (size_t)n);
    s->bytes += e->bytes.cap;
    unlink_entry(s, e);
    link_newest(s, e);
    *out = i;
    return ok ? CACHE_OK : cache_fail(c, "There is no memory left");
}

static CacheStatus locmem_clear(Cache *c, void *state)
{
    (void)c;
    close_store(state);
    return CACHE_OK;
}

const CacheDriver cache_locmem = { .name = "locmem",
                                   .open = locmem_open,
                                   .get = locmem_get,
                                   .set = locmem_set,
                                   .touch = locmem_touch,
                                   .remove = locmem_remove,
                                   .incr = locmem_incr,
                                   .clear = locmem_clear };

/* --- the one that keeps nothing */

static void *dummy_open(Arena *a, Cache *c, const CacheOptions *options)
{
    (void)options;
    (void)a;
    return c;
}
static CacheStatus dummy_get(Cache *c, void *state, Arena *a, Str key, Str *out)
{
    (void)c, (void)state, (void)a, (void)key, (void)out;
    return CACHE_MISSING;
}
static CacheStatus dummy_set(Cache *c, void *state, Str key, Str data, int64_t ttl, bool only_new)
{
    (void)c, (void)state, (void)key, (void)data, (void)ttl, (void)only_new;
    return CACHE_OK;
}
static CacheStatus dummy_touch(Cache *c, void *state, Str key, int64_t ttl)
{
    (void)c, (void)state, (void)key, (void)ttl;
    return CACHE_MISSING;
}
static CacheStatus dummy_remove(Cache *c, void *state, Str key)
{
    (void)c, (void)state, (void)key;
    return CACHE_MISSING;
}
static CacheStatus dummy_incr(Cache *c, void *state, Str key, int64_t delta, int64_t *out)
{
    (void)c, (void)state, (void)key, (void)delta, (void)out;
    return CACHE_MISSING;
}
static CacheStatus dummy_clear(Cache *c, void *state)
{
    (void)c, (void)state;
    return CACHE_OK;
}

const CacheDriver cache_dummy = { .name = "dummy",
                                  .open = dummy_open,
                                  .get = dummy_get,
                                  .set = dummy_set,
                                  .touch = dummy_touch,
                                  .remove = dummy_remove,
                                  .incr = dummy_incr,
                                  .clear = dummy_clear };
