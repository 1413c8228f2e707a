/* cache.c: content types that were read. There are as many as models, and they hardly ever change. */
#include "contenttypes/contenttypes.h"

/* A list for each database; a process has few of both. */
typedef struct Kept Kept;
struct Kept {
    Kept *next;
    Str alias;
    ContentType row;
};

static struct {
    Arena *arena;
    Kept *first;
} cache;

void content_types_clear_cache(void)
{
    cache.first = NULL;
    arena_destroy(cache.arena);
    cache.arena = NULL;
}

ContentType *cached_by_id(Str alias, int64_t id)
{
    for (Kept *k = cache.first; k; k = k->next)
        if (k->row.id == id && str_eq(k->alias, alias))
            return &k->row;
    return NULL;
}

ContentType *cached_by_name(Str alias, Str app_label, Str model)
{
    for (Kept *k = cache.first; k; k = k->next)
        if (str_eq(k->row.model, model) && str_eq(k->row.app_label, app_label) && str_eq(k->alias, alias))
            return &k->row;
    return NULL;
}

ContentType *cached_keep(Str alias, const ContentType *type)
{
    ContentType *there = cached_by_id(alias, type->id);
    if (there)
        return there;
    if (!cache.arena)
        cache.arena = arena_create(NULL, 0, 0);
    Kept *k = NEW(cache.arena, Kept);
    *k = (Kept){ .next = cache.first, .alias = str_copy(cache.arena, alias), .row = *type };
    k->row.app_label = str_copy(cache.arena, type->app_label);
    k->row.model = str_copy(cache.arena, type->model);
    k->row.row_state = row_state_kept(cache.arena, &ContentType_model, k->alias);
    cache.first = k;
    return &k->row;
}
