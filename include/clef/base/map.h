/*
 * map.h: from strings to values, in the order of insertion: a JSON object, a template's context, a form's data. A Map
 * lives in an arena and is never freed by itself. Keys and values are borrowed: who keeps a map copies them into its
 * arena (str_copy, value_copy) where they would die sooner.
 *
 * Up to MAP_SMALL entries are searched one after the other, without hashing; larger maps have an index by SipHash with a
 * key of their own (see hash.h), so that a client cannot choose names that collide. Setting a name that is there replaces
 * its value in place; deleting keeps the order of the others. The NULL string and "" are the same name.
 */
#ifndef CLEF_BASE_MAP_H
#define CLEF_BASE_MAP_H

#include <clef/base/hash.h>
#include <clef/base/value.h>

#define MAP_SMALL 8u
/* The largest count of any map; map_create may set a smaller one. */
#define MAP_MAX ((uint32_t)1 << 30)

typedef struct MapEntry {
    Str key; /* p NULL: deleted */
    Value value;
} MapEntry;

/* Private: use the functions. */
struct Map {
    Arena *arena;
    MapEntry *entries;
    struct MapIndex *index; /* NULL up to MAP_SMALL entries */
    uint32_t n, cap;        /* entries, the deleted ones included; room for them */
    uint32_t count, max;
};

/* An empty map for at most `max` entries (0 or more than MAP_MAX: MAP_MAX). */
CLEF_API(Map *, map_create, Arena *a, uint32_t max) CLEF_NONNULL CLEF_MUST_USE;
static inline Map *map_new(Arena *a) { return map_create(a, 0); }

/* Adds or replaces. False, and nothing changed, when the map is at its maximum. */
CLEF_API(bool, map_set, Map *m, Str key, Value value);
/* The value, to read or change in place until the next map_set or map_delete; NULL when the name is not there. */
CLEF_API(Value *, map_get, const Map *m, Str key);
/* A copy of the value, or `fallback`. */
static inline Value map_get_or(const Map *m, Str key, Value fallback)
{
    const Value *v = map_get(m, key);
    return v ? *v : fallback;
}
static inline bool map_has(const Map *m, Str key) { return map_get(m, key) != NULL; }
/* False when it was not there. */
CLEF_API(bool, map_delete, Map *m, Str key);
CLEF_API(void, map_clear, Map *m);
static inline uint32_t map_count(const Map *m) { return m->count; }

/*
 * The next entry in order, from *cursor on (0 at first), or NULL. Deleting and replacing in the loop is fine, adding is
 * not.
 *
 *     for (size_t at = 0; (entry = map_next(m, &at)) != NULL;)
 */
CLEF_API(MapEntry *, map_next, const Map *m, size_t *cursor);
/* The i-th entry in order, or NULL. Constant time where nothing was deleted, else it walks. */
CLEF_API(MapEntry *, map_at, const Map *m, uint32_t i);

#endif
