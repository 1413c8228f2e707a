/* row.c: rows by themselves: made, read again; and what templates see of them. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/orm/router.h>
#include <clef/orm/row.h>
#include <clef/signals/builtin.h>
#include <clef/validators/error.h>

const ModelInfo *row_info(Context *cx, const Model *m, const void *row)
{
    RowState *state = *row_state_of((void *)row);
    if (m)
        return model_info(cx, m);
    if (!state)
        RAISE(cx, 500, "row_without_model",
              "The row was made by hand, so its model is not known: make it by NEW_ROW, CREATE or a query, or call "
              "model_save(cx, &X_model, row, NULL).");
    return state->info;
}

const Model *row_model(const void *row)
{
    RowState *state = *row_state_of((void *)row);
    return state ? state->info->m : NULL;
}

Str row_database(const void *row)
{
    const RowState *state = *row_state_of((void *)(uintptr_t)row);
    return state ? state->alias : (Str){ 0 };
}

void row_came_from(Context *cx, void *row, Str alias)
{
    RowState *state = *row_state_of(row);
    if (str_eq(state->alias, alias))
        return;
    if (state->set) { /* the siblings stay where they were */
        RowState *own = NEW(cx->arena, RowState);
        *own = *state;
        *row_state_of(row) = state = own;
    }
    state->alias = str_copy(cx->arena, alias);
}

Value row_pk(Arena *a, const Model *m, const void *row) { return member_load(a, model_info_known(m)->pk->f, row); }

/* As Python shows a tuple. */
static Str tuple_text(Arena *a, const List *parts)
{
    Buf b = BUF_INIT(a, 1 << 12);
    for (size_t i = 0; i < parts->n; i++) {
        buf_c(&b, i ? ", " : "(");
        buf_printf(&b, value_is_text(parts->p[i]) ? "'%.*s'" : "%.*s", STR_FMT(value_python_str(a, parts->p[i])));
    }
    buf_byte(&b, ')');
    return buf_view(&b);
}

/* What a model's str reads, and only() or defer() left out. */
static void read_for_str(Context *cx, const ModelInfo *info, void *row)
{
    const RowState *state = *row_state_of(row);
    const char *const *asked = info->meta->str_fields;
    if (CLEF_LIKELY(!state || !state->set || !state->set->deferred))
        return;
    size_t n = 0;
    const char **names = NEW_ARRAY(cx->arena, const char *, info->nall + 1);
    const FieldInfo *first = NULL;
    for (size_t i = 0; i < info->nall; i++) {
        bool wanted = !asked;
        for (size_t k = 0; asked && asked[k]; k++)
            wanted |= str_eq(info->all[i]->name, str_c(asked[k])) || str_eq(info->all[i]->attname, str_c(asked[k]));
        if (!wanted || !row_is_unread(row, info->all[i]))
            continue;
        first = first ? first : info->all[i];
        names[n++] = str_dup_c(cx->arena, info->all[i]->attname);
    }
    if (n == 1 || (n && fetch_mode_of(state->set) == FETCH_RAISE))
        row_read_field(cx, row, first);
    else if (n)
        model_refresh_fields(cx, info->m, row, names);
}

Str row_str(Context *cx, const Model *m, const void *row)
{
    const ModelInfo *info = m->slot->info;
    if (info && info->meta->str) {
        read_for_str(cx, info, (void *)(uintptr_t)row);
        return info->meta->str(cx, row);
    }
    Value pk = row_pk(cx->arena, m, row);
    if (pk.tag == VALUE_LIST)
        return str_format(cx->arena, "%s object (%.*s)", m->name, STR_FMT(tuple_text(cx->arena, pk.list)));
    Str text = pk.tag == VALUE_INT && !pk.i ? STR("None") /* not saved yet */
               : pk.tag == VALUE_INT        ? str_format(cx->arena, "%lld", (long long)pk.i)
               : pk.tag == VALUE_STR        ? pk.s
                                            : STR("None");
    if (pk.tag == VALUE_UUID) {
        Buf b = BUF_INIT(cx->arena, UUID_TEXT_LEN + 1);
        buf_uuid(&b, *pk.uuid);
        text = buf_view(&b);
    }
    return str_format(cx->arena, "%s object (%.*s)", m->name, STR_FMT(text));
}

RowState *row_state_kept(Arena *a, const Model *m, Str alias)
{
    RowState *state = NEW(a, RowState);
    *state = (RowState){ .info = model_info_known(m), .alias = alias };
    return state;
}

/* --- making */

static void apply_default(Context *cx, const FieldInfo *field, void *row)
{
    const Field *f = field->f;
    Value v;
    if (f->default_fn)
        v = f->default_fn(cx);
    else if (f->default_value.box)
        v = f->default_value.box(cx->arena, f->default_value.at);
    else /* the database's own; one that is computed comes when the row is saved */
        v = f->db_default.box(cx->arena, f->db_default.at);
    if (v.tag == VALUE_NULL || (v.tag == VALUE_OBJECT && v.cls == &expr_class))
        return;
    v = value_for_field(cx, field, v);
    if (!member_store(cx->arena, f, field->stored, row, &v, false))
        RAISE(cx, 500, "value_error", "The default of %s.%s is no value of a %s.", field->model->m->name, f->name,
              field_class(f));
}

void *model_new(Context *cx, const Model *m) { return model_made(cx, m, model_begin(cx, m)); }

void *model_made(Context *cx, const Model *m, void *row)
{
    if (CLEF_UNLIKELY(post_init.first != NULL))
        signal_send(cx, &post_init, m, &(ModelSignal){ .model = m, .row = row, .using = "default" });
    return row;
}

void *model_begin(Context *cx, const Model *m)
{
    const ModelInfo *info = model_info(cx, m);
    if (CLEF_UNLIKELY(pre_init.first != NULL))
        signal_send(cx, &pre_init, m, &(ModelSignal){ .model = m, .using = "default" });
    void *row = arena_zalloc(cx->arena, m->size);
    RowState *state = NEW(cx->arena, RowState);
    *state = (RowState){ .info = info, .adding = true };
    *row_state_of(row) = state;
    for (size_t i = 0; i < info->nall; i++) {
        const FieldInfo *field = info->all[i];
        if (field->f->default_fn || field->f->default_value.box || field->f->db_default.box)
            apply_default(cx, field, row);
        else if (field->f->member == MEMBER_STR && !field->f->null && !field->to)
            *(Str *)((char *)row + field->f->offset) = STR("");
    }
    return row;
}

/* --- read again */

static bool is_asked(const char *const *names, const FieldInfo *field)
{
    for (size_t i = 0; names[i]; i++)
        if (str_eq(field->name, str_c(names[i])) || str_eq(field->attname, str_c(names[i])) ||
            (field->f->primary_key && str_eq(STR("pk"), str_c(names[i]))))
            return true;
    return false;
}

/* The names among them that are columns; what was prefetched under the others is forgotten. */
static const char *const *columns_named(Context *cx, const ModelInfo *info, void *row, const char *const *names)
{
    size_t n = 0, k = 0;
    while (names[n])
        n++;
    const char **columns = NEW_ARRAY(cx->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        Str name = str_c(names[i]);
        const FieldInfo *field = info_field(info, name);
        if (str_find(name, STR("__")) != STR_NPOS)
            RAISE(cx, 500, "value_error",
                  "Found \"__\" in fields argument. Relations and transforms are not allowed in fields.");
        if (field)
            columns[k++] = names[i];
        else if (!names_between(info, name) && !names_reverse(info, name, &field))
            names_no_field(cx, info, name);
        else
            prefetched_forget(row, name);
    }
    return columns;
}

void model_refresh_fields(Context *cx, const Model *m, void *row, const char *const *fields)
{
    const ModelInfo *info = row_info(cx, m, row);
    RowState *state = *row_state_of(row);
    Value pk = member_load(cx->arena, info->pk->f, row);
    Pred by_pk[] = { { .lookup = "pk", .value = { box_value, &pk } }, { .path = NULL } };
    if (fields) {
        bool some = fields[0] != NULL;
        fields = columns_named(cx, info, row, fields);
        if (!some || !fields[0])
            return;
    } else if (state && state->set && state->set->deferred) {
        const char **known = NEW_ARRAY(cx->arena, const char *, row_columns(info) + 1);
        size_t n = 0;
        for (size_t i = 0; i < row_columns(info); i++)
            if (!row_is_unread(row, row_column(info, i)) || is_deferred(state->set->stale, i))
                known[n++] = row_column(info, i)->f->name;
        known[n] = NULL;
        fields = known;
        prefetched_forget(row, (Str){ 0 });
    } else {
        prefetched_forget(row, (Str){ 0 });
    }
    QuerySet *q = queryset_using(queryset_of(cx, info->m), router_db_for_read(cx, (Str){ 0 }, info->m, row));
    void *fresh = queryset_get(fields ? queryset_only(q, fields) : q, info->m, by_pk);
    for (size_t i = 0; i < info->nall; i++) {
        const FieldInfo *field = info->all[i];
        const Field *f = field->f;
        if (fields && !is_asked(fields, field))
            continue;
        memcpy((char *)row + f->offset, (char *)fresh + f->offset, f->size);
        if (field_has_pointer(f))
            *(void **)((char *)row + f->to_offset) = NULL;
        row_set_read(cx, row, field);
    }
    if (state)
        row_came_from(cx, row, row_database(fresh));
}

void model_refresh(Context *cx, const Model *m, void *row) { model_refresh_fields(cx, m, row, NULL); }

/* --- rows as values */

/* The parent's part of a row, as a row of the parent. */
static void *row_as_base(Arena *a, const void *row, const ModelInfo *base)
{
    RowState *state = NEW(a, RowState);
    char *copy = arena_alloc(a, base->m->size);
    memcpy(copy, row, base->m->size);
    *state = (RowState){ .info = base, .alias = row_database(row) };
    *row_state_of(copy) = state;
    return copy;
}

static Str row_value_str(Arena *a, const void *self)
{
    RowState *state = *row_state_of((void *)self);
    (void)a;
    if (!state)
        return STR("");
    if (state->set)
        return row_str(state->set->cx, state->info->m, self);
    Context cx = { .arena = a };
    return row_str(&cx, state->info->m, self);
}

/* A relation that was not loaded is loaded when a template follows it; a row without a result set has no way to. */
static bool row_value_item(Arena *a, const void *self, Value key, Value *out)
{
    RowState *state = *row_state_of((void *)self);
    Str name;
    if (!state || !value_to_str(key, &name))
        return false;
    const FieldInfo *field = info_field(state->info, name);
    const GenericInfo *generic = field ? NULL : generic_named(state->info, name);
    if (generic) {
        void *to = *(void **)((char *)self + generic->f->to_offset);
        if (!to && state->set)
            to = model_related(state->set->cx, (void *)self, generic->f->to_offset);
        *out = to ? value_object(to, &row_class) : value_null();
        return true;
    }
    if (!field) {
        if (!str_starts(name, STR("get_")) || !str_ends(name, STR("_display")) || name.n <= 12)
            return false;
        field = info_field(state->info, str_slice(name, 4, name.n - 8));
        if (!field || !field->f->choices)
            return false;
        *out = value_str(field_display(a, field->f, self));
        return true;
    }
    if (field->f->parent_link && str_eq(name, field->name)) {
        *out = value_object(row_as_base(a, self, field->to), &row_class);
        return true;
    }
    if (field->to && str_eq(name, field->name) && !str_eq(name, field->attname)) {
        void *to = *(void **)((char *)self + field->f->to_offset);
        if (!to && state->set)
            to = model_related(state->set->cx, (void *)self, field->f->to_offset);
        *out = value_object(to, &row_class);
        return true;
    }
    *out = member_load(a, field->f, self);
    return true;
}

static bool row_value_equal(const void *a, const void *b)
{
    RowState *of_a = *row_state_of((void *)a), *of_b = *row_state_of((void *)b);
    if (a == b || !of_a || !of_b || of_a->info->concrete != of_b->info->concrete)
        return a == b;
    return value_eq(member_load(NULL, of_a->info->pk->f, a), member_load(NULL, of_b->info->pk->f, b));
}

const ValueClass row_class = {
    .name = "Model", .str = row_value_str, .item = row_value_item, .equal = row_value_equal
};
