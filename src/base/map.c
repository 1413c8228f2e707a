/*
 * map.c: entries in one array in order of insertion; beside it, past MAP_SMALL entries, an open-addressing index of
 * (part of the hash, place in the array). A deleted entry keeps its place in both until the array is compacted, which
 * happens when room is needed and at least half of it is deleted entries.
 */
#include <clef/base/map.h>

typedef struct Slot {
    uint32_t hash;
    uint32_t at; /* 1 + the place of the entry; 0: free */
} Slot;

typedef struct MapIndex {
    HashKey key;
    uint32_t mask;
    Slot slots[];
} MapIndex;

#define FIRST_CAP 4u

Map *map_create(Arena *a, uint32_t max)
{
    Map *m = NEW(a, Map);
    m->arena = a;
    m->max = max && max < MAP_MAX ? max : MAP_MAX;
    return m;
}

static inline Str key_of(Str key) { return key.p ? key : (Str){ "", 0 }; }

static MapEntry *find(const Map *m, Str key, uint32_t *hash)
{
    if (!m->index) {
        for (uint32_t i = 0; i < m->n; i++) {
            MapEntry *e = &m->entries[i];
            if (e->key.n == key.n && e->key.p && bytes_same(e->key.p, key.p, key.n))
                return e;
        }
        return NULL;
    }
    const MapIndex *index = m->index;
    *hash = (uint32_t)hash_str(index->key, key);
    for (uint32_t i = *hash & index->mask; index->slots[i].at; i = (i + 1) & index->mask) {
        if (index->slots[i].hash != *hash)
            continue;
        MapEntry *e = &m->entries[index->slots[i].at - 1];
        if (e->key.p && str_eq(e->key, key))
            return e;
    }
    return NULL;
}

static void index_add(MapIndex *index, uint32_t hash, uint32_t place)
{
    uint32_t i = hash & index->mask;
    while (index->slots[i].at)
        i = (i + 1) & index->mask;
    index->slots[i] = (Slot){ hash, place + 1 };
}

/* An index of twice the room or more; the memory of the one before is used again when it suffices. */
static void build_index(Map *m)
{
    size_t size = 32;
    while (size < (size_t)m->cap * 2)
        size *= 2;
    size_t bytes = size * sizeof(Slot);
    if (m->index && (size_t)m->index->mask + 1 >= size) {
        bytes = ((size_t)m->index->mask + 1) * sizeof(Slot);
    } else {
        MapIndex *index = arena_alloc(m->arena, sizeof *index + bytes);
        index->key = hash_key((uint64_t)(uintptr_t)m);
        index->mask = (uint32_t)(size - 1);
        m->index = index;
    }
    memset(m->index->slots, 0, bytes);
    for (uint32_t i = 0; i < m->n; i++)
        if (m->entries[i].key.p)
            index_add(m->index, (uint32_t)hash_str(m->index->key, m->entries[i].key), i);
}

static void compact(Map *m)
{
    uint32_t to = 0;
    for (uint32_t i = 0; i < m->n; i++)
        if (m->entries[i].key.p)
            m->entries[to++] = m->entries[i];
    m->n = to;
}

static void make_room(Map *m)
{
    if (m->count <= m->n / 2 && m->n) {
        compact(m);
    } else {
        uint32_t cap = m->cap ? m->cap * 2 : FIRST_CAP;
        m->entries = arena_grow(m->arena, m->entries, m->cap * sizeof(MapEntry), cap * sizeof(MapEntry));
        m->cap = cap;
    }
    if (m->cap > MAP_SMALL)
        build_index(m);
}

bool map_set(Map *m, Str key, Value value)
{
    key = key_of(key);
    uint32_t hash = 0;
    MapEntry *e = find(m, key, &hash);
    if (e) {
        e->value = value;
        return true;
    }
    if (m->count >= m->max)
        return false;
    if (m->n == m->cap) {
        make_room(m);
        if (m->index)
            hash = (uint32_t)hash_str(m->index->key, key);
    }
    m->entries[m->n] = (MapEntry){ key, value };
    if (m->index)
        index_add(m->index, hash, m->n);
    m->n++;
    m->count++;
    return true;
}

Value *map_get(const Map *m, Str key)
{
    uint32_t hash;
    MapEntry *e = find(m, key_of(key), &hash);
    return e ? &e->value : NULL;
}

bool map_delete(Map *m, Str key)
{
    uint32_t hash;
    MapEntry *e = find(m, key_of(key), &hash);
    if (!e)
        return false;
    *e = (MapEntry){ 0 };
    m->count--;
    return true;
}

void map_clear(Map *m)
{
    m->n = m->count = 0;
    if (m->index)
        memset(m->index->slots, 0, ((size_t)m->index->mask + 1) * sizeof(Slot));
}

MapEntry *map_next(const Map *m, size_t *cursor)
{
    while (*cursor < m->n) {
        MapEntry *e = &m->entries[(*cursor)++];
        if (e->key.p)
            return e;
    }
    return NULL;
}

MapEntry *map_at(const Map *m, uint32_t i)
{
    if (i >= m->count)
        return NULL;
    if (m->count == m->n)
        return &m->entries[i];
    MapEntry *e = NULL;
    for (size_t at = 0; (e = map_next(m, &at)) != NULL && i; i--)
        continue;
    return e;
}
