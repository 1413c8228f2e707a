/* deferred.c: columns that only() and defer() left out, read when they are asked for. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/orm/row.h>

/* Which of the row's columns the field is; SIZE_MAX: none. */
static size_t column_at(const ModelInfo *info, const FieldInfo *field)
{
    for (size_t i = 0; i < row_columns(info); i++)
        if (row_column(info, i) == field)
            return i;
    return SIZE_MAX;
}

static uint64_t *loaded_of(const void *row, size_t *at)
{
    const ResultSet *set = (*row_state_of((void *)row))->set;
    *at = set->loaded ? result_index(set, row) : SIZE_MAX;
    return *at != SIZE_MAX && *at < set->nloaded ? set->loaded[*at] : NULL;
}

/* A member that was left out is all zero: one that is not was set by the program. */
static bool is_set(const Field *f, const void *row)
{
    for (size_t i = 0; i < f->size; i++)
        if (((const char *)row)[f->offset + i])
            return true;
    return false;
}

bool row_is_unread(const void *row, const FieldInfo *field)
{
    const RowState *state = *row_state_of((void *)row);
    const ResultSet *set = state ? state->set : NULL;
    if (CLEF_LIKELY(!set || !set->deferred))
        return false;
    size_t column = column_at(state->info, field), at;
    if (column == SIZE_MAX || !is_deferred(set->deferred, column))
        return false;
    const uint64_t *loaded = loaded_of(row, &at);
    return !is_deferred(loaded, column) && !is_set(field->f, row);
}

static void mark_read(Context *cx, const void *row, size_t column)
{
    const RowState *state = *row_state_of((void *)row);
    ResultSet *set = state->set;
    size_t at = result_index(set, row);
    if (at == SIZE_MAX)
        return;
    if (at >= set->nloaded) {
        uint64_t **all = NEW_ARRAY(cx->arena, uint64_t *, set->n);
        if (set->nloaded)
            memcpy(all, set->loaded, set->nloaded * sizeof *all);
        set->loaded = all;
        set->nloaded = set->n;
    }
    if (!set->loaded[at])
        set->loaded[at] = NEW_ARRAY(cx->arena, uint64_t, row_columns(state->info) / 64 + 1);
    set->loaded[at][column / 64] |= (uint64_t)1 << (column % 64);
}

void row_read_field(Context *cx, void *row, const FieldInfo *field)
{
    const RowState *state = *row_state_of(row);
    if (!row_is_unread(row, field))
        return;
    if (fetch_mode_of(state->set) == FETCH_RAISE)
        fetch_blocked(cx, state->info, field->name);
    fetch_one_by_one(cx, ONE_COLUMN, &(Via){ .info = state->info, .name = field->name });
    Value pk = member_load(cx->arena, state->info->pk->f, row);
    QuerySet *q = queryset_using(queryset_of(cx, state->info->m), state->set->alias);
    const char *name = str_dup_c(cx->arena, field->attname);
    q = queryset_values_list(queryset_unordered(FILTER(q, LOOKUP("pk", pk))), ORDER(name), true);
    List *values = queryset_list(q);
    if (!values->n)
        RAISE(cx, 500, "does_not_exist", "%s matching query does not exist.", state->info->m->name);
    if (!member_store(cx->arena, field->f, field->stored, row, &values->p[0], false))
        RAISE(cx, 500, "data_error", "The database gave a %s for %s.%.*s.", value_type_name(values->p[0]),
              state->info->m->name, STR_FMT(field->name));
    mark_read(cx, row, column_at(state->info, field));
}

void row_set_read(Context *cx, const void *row, const FieldInfo *field)
{
    const RowState *state = *row_state_of((void *)(uintptr_t)row);
    if (CLEF_LIKELY(!state || !state->set || !state->set->deferred))
        return;
    size_t column = column_at(state->info, field);
    if (column != SIZE_MAX && is_deferred(state->set->deferred, column))
        mark_read(cx, row, column);
}

bool row_set_unread(Context *cx, void *row, const FieldInfo *field)
{
    RowState **place = row_state_of(row), *state = *place;
    const ResultSet *set = state ? state->set : NULL;
    size_t column = state ? column_at(state->info, field) : SIZE_MAX, at;
    if (column == SIZE_MAX || (set && (set->prefetched || set->related || set->nextra)))
        return false;
    size_t words = row_columns(state->info) / 64 + 1;
    uint64_t *mask = NEW_ARRAY(cx->arena, uint64_t, words), *stale = NEW_ARRAY(cx->arena, uint64_t, words);
    const uint64_t *loaded = set ? loaded_of(row, &at) : NULL;
    for (size_t i = 0; i < words; i++) {
        mask[i] = (set && set->deferred ? set->deferred[i] : 0) & ~(loaded ? loaded[i] : 0);
        stale[i] = set && set->stale ? set->stale[i] : 0;
    }
    mask[column / 64] |= (uint64_t)1 << (column % 64);
    stale[column / 64] |= (uint64_t)1 << (column % 64);
    ResultSet *own = NEW(cx->arena, ResultSet); /* the siblings stay as they are */
    *own = (ResultSet){ .cx = cx,
                        .info = state->info,
                        .alias = set ? set->alias : state->alias,
                        .n = 1,
                        .fetch = set ? set->fetch : fetch_mode_of(NULL),
                        .deferred = mask,
                        .stale = stale,
                        .view = NEW_ARRAY(cx->arena, void *, 1) };
    own->view[0] = row;
    own->state = *state;
    own->state.set = own;
    *place = &own->state;
    memset((char *)row + field->f->offset, 0, field->f->size);
    return true;
}

static const FieldInfo *field_named(Context *cx, const void *row, const char *name)
{
    const RowState *state = *row_state_of((void *)row);
    if (!state)
        RAISE(cx, 500, "row_without_model", "The row was made by hand, so its columns are not known.");
    const FieldInfo *field = info_field(state->info, str_c(name));
    if (!field)
        names_unknown(cx, state->info, str_c(name), NULL);
    return field;
}

void row_assigned(Context *cx, void *row, const char *name) { row_set_read(cx, row, field_named(cx, row, name)); }

bool row_is_deferred(Context *cx, const void *row, const char *name)
{
    return row_is_unread(row, field_named(cx, row, name));
}

List *row_deferred_fields(Context *cx, const void *row)
{
    const RowState *state = *row_state_of((void *)row);
    List *names = list_new(cx->arena);
    for (size_t i = 0; state && i < row_columns(state->info); i++) {
        const FieldInfo *field = row_column(state->info, i);
        /* The key of a base, whose member the row's own key shares. */
        bool shared = field->model != state->info && field == field->model->pk && state->set &&
                      is_deferred(state->set->deferred, i);
        if (shared || row_is_unread(row, field))
            list_push(cx->arena, names, value_str(field->attname));
    }
    return names;
}

Value row_value(Context *cx, void *row, const char *name)
{
    const FieldInfo *field = field_named(cx, row, name);
    row_read_field(cx, row, field);
    return member_load(cx->arena, field->f, row);
}
