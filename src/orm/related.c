/*
 * related.c: following a relation. A row of a result brings the related rows of all its siblings in one query, so that
 * a loop that follows a relation costs two queries, however many rows it has.
 */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/map.h>
#include <clef/base/vec.h>
#include <clef/orm/router.h>
#include <clef/orm/row.h>

/* As many keys as go into one statement. */
enum { KEYS_MAX = 1000 };

Str key_text(Arena *a, Value v)
{
    switch ((ValueTag)v.tag) {
    case VALUE_INT: {
        char *p = arena_alloc(a, sizeof v.i);
        memcpy(p, &v.i, sizeof v.i);
        return (Str){ p, sizeof v.i };
    }
    case VALUE_UUID:
        return (Str){ (const char *)v.uuid->b, sizeof v.uuid->b };
    default:
        return v.s;
    }
}

static void **pointer_of(const FieldInfo *field, void *row) { return (void **)((char *)row + field->f->to_offset); }

/* Reads the rows of these keys and puts them into `found`. */
static void load(Context *cx, const FieldInfo *field, Str alias, FetchMode mode, List *keys, Map *found)
{
    if (!keys->n)
        return;
    const ModelInfo *to = field->to;
    Pred in[] = { { .lookup = str_format(cx->arena, "%.*s__in", STR_FMT(field->to_field->attname)).p,
                    .value = { box_list, &keys } },
                  { .path = NULL } };
    QuerySet *q = queryset_order_by(queryset_using(queryset_filter(queryset_of(cx, to->m), in), alias), NULL);
    q->fetch_mode = mode;
    for (size_t i = 0, n = queryset_length(q); i < n; i++) {
        void *row = queryset_at(q, NULL, i);
        map_set(found, key_text(cx->arena, member_load(cx->arena, field->to_field->f, row)),
                value_object(row, &row_class));
    }
    keys->n = 0;
}

/* The row `to` is what the relation of `row` leads to. */
static void connect_rows(Context *cx, const FieldInfo *field, void *row, void *to)
{
    *pointer_of(field, row) = to;
    if (field->f->kind == FIELD_ONE_TO_ONE) /* the way back is known, too */
        prefetched_keep_row(cx, to, reverse_name_of(field), row);
}

static void load_siblings(Context *cx, const FieldInfo *field, ResultSet *set)
{
    Arena *a = cx->arena;
    Map *wanted = map_new(a), *found = map_new(a);
    List *keys = list_new(a);
    for (size_t i = 0; i < set->n; i++) {
        void *row = result_at(set, i);
        if (*pointer_of(field, row) || member_is_null(field->f, row))
            continue;
        Value key = member_load(a, field->f, row);
        Str text = key_text(a, key);
        if (map_has(wanted, text))
            continue;
        map_set(wanted, text, value_bool(true));
        list_push(a, keys, key);
        if (keys->n == KEYS_MAX)
            load(cx, field, set->alias, set->fetch, keys, found);
    }
    load(cx, field, set->alias, set->fetch, keys, found);
    for (size_t i = 0; i < set->n; i++) {
        void *row = result_at(set, i);
        if (*pointer_of(field, row) || member_is_null(field->f, row))
            continue;
        Value *v = map_get(found, key_text(a, member_load(a, field->f, row)));
        if (v)
            connect_rows(cx, field, row, (void *)v->object);
    }
}

static CLEF_COLD CLEF_NORETURN void is_missing(Context *cx, const FieldInfo *field)
{
    RAISE(cx, 500, "does_not_exist", "%s matching query does not exist.", field->to->m->name);
}

/* Does one statement for the siblings do? Not where their keys were left out. */
static bool has_siblings(Context *cx, const RowState *state, const FieldInfo *field)
{
    const ResultSet *set = state->set;
    return set && set->cx == cx && set->n > 1 && fetch_mode_of(set) == FETCH_PEERS &&
           !is_column_deferred(set->deferred, state->info, field);
}

void *model_related(Context *cx, void *row, size_t offset) { return model_related_at(cx, row, offset, NULL, 0); }

void *model_related_at(Context *cx, void *row, size_t offset, const char *file, int line)
{
    RowState *state = *row_state_of(row);
    void **pointer = (void **)((char *)row + offset);
    if (*pointer && !(state && generic_at(state->info, offset)))
        return *pointer;
    if (!state)
        RAISE(cx, 500, "row_without_model", "The row was made by hand, so its relations are not known.");
    const FieldInfo *field = NULL;
    for (size_t i = 0; i < state->info->nall; i++)
        if (field_has_pointer(state->info->all[i]->f) && state->info->all[i]->f->to_offset == offset)
            field = state->info->all[i];
    const GenericInfo *generic = field ? NULL : generic_at(state->info, offset);
    if (generic)
        return generic_row(cx, row, generic, file, line);
    if (!field)
        RAISE(cx, 500, "field_error", "RELATED was asked for a member of %s that is no relation.",
              state->info->m->name);
    if (*pointer)
        return *pointer;
    row_read_field(cx, row, field);
    if (member_is_null(field->f, row))
        return NULL;
    if (fetch_mode_of(state->set) == FETCH_RAISE)
        fetch_blocked(cx, state->info, field->name);
    if (has_siblings(cx, state, field))
        load_siblings(cx, field, state->set);
    if (!*pointer) { /* a row by itself, or one whose key was changed after it was read */
        fetch_one_by_one(cx, ONE_RELATION,
                         &(Via){ .info = state->info, .name = field->name, .file = file, .line = line });
        Map *found = map_new(cx->arena);
        List *keys = list_new(cx->arena);
        Value key = member_load(cx->arena, field->f, row);
        list_push(cx->arena, keys, key);
        Str alias = router_db_for_read(cx, state->set ? state->set->alias : (Str){ 0 }, field->to->m, row);
        load(cx, field, alias, state->set ? state->set->fetch : FETCH_DEFAULT, keys, found);
        Value *v = map_get(found, key_text(cx->arena, key));
        if (!v)
            is_missing(cx, field);
        connect_rows(cx, field, row, (void *)v->object);
    }
    return *pointer;
}
