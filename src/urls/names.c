/* names.c: open addressing; FNV-1a will do, because nobody outside chooses the names. */
#include "urls/names.h"

static Name *slot(const Names *t, Str key)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (unsigned char)key.p[i]) * 1099511628211u;
    for (size_t i = (size_t)(h ^ (h >> 32));; i++) {
        Name *at = &t->p[i & (t->cap - 1)];
        if (!at->key.p || str_eq(at->key, key))
            return at;
    }
}

void *names_get(const Names *t, Str key) { return t->cap ? slot(t, key)->value : NULL; }

void names_set(Arena *a, Names *t, Str key, void *value)
{
    if (t->n * 2 >= t->cap) {
        Names bigger = { .cap = t->cap ? t->cap * 2 : 8 };
        bigger.p = NEW_ARRAY(a, Name, bigger.cap);
        for (size_t i = 0; i < t->cap; i++)
            if (t->p[i].key.p)
                *slot(&bigger, t->p[i].key) = t->p[i];
        bigger.n = t->n;
        *t = bigger;
    }
    Name *at = slot(t, key);
    t->n += !at->key.p;
    *at = (Name){ .key = key.p ? key : STR(""), .value = value };
}
