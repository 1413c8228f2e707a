/* row.c: rows by themselves: made, read again; and what templates see of them. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/orm/row.h>
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

Str row_str(Context *cx, const Model *m, const void *row)
{
    const ModelInfo *info = m->slot->info;
    if (info && info->meta->str)
        return info->meta->str(cx, row);
    Value pk = row_pk(cx->arena, m, row);
    if (pk.tag == VALUE_LIST)
        return str_format(cx->arena, "%s object (%.*s)", m->name, STR_FMT(tuple_text(cx->arena, pk.list)));
    Str text = pk.tag == VALUE_INT   ? str_format(cx->arena, "%lld", (long long)pk.i)
               : pk.tag == VALUE_STR ? pk.s
                                     : STR("None");
    if (pk.tag == VALUE_UUID) {
        Buf b = BUF_INIT(cx->arena, UUID_TEXT_LEN + 1);
        buf_uuid(&b, *pk.uuid);
        text = buf_view(&b);
    }
    return str_format(cx->arena, "%s object (%.*s)", m->name, STR_FMT(text));
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

void *model_new(Context *cx, const Model *m)
{
    const ModelInfo *info = model_info(cx, m);
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

void model_refresh(Context *cx, const Model *m, void *row)
{
    const ModelInfo *info = row_info(cx, m, row);
    Value pk = member_load(cx->arena, info->pk->f, row);
    Pred by_pk[] = { { .lookup = "pk", .value = { box_value, &pk } }, { .path = NULL } };
    void *fresh = queryset_get(queryset_of(cx, info->m), info->m, by_pk);
    for (size_t i = 0; i < info->nall; i++) {
        const Field *f = info->all[i]->f;
        memcpy((char *)row + f->offset, (char *)fresh + f->offset, f->size);
        if (field_has_pointer(f))
            *(void **)((char *)row + f->to_offset) = NULL;
    }
}

/* --- rows as values */

/* The parent's part of a row, as a row of the parent. */
static void *row_as_base(Arena *a, const void *row, const ModelInfo *base)
{
    RowState *state = NEW(a, RowState);
    char *copy = arena_alloc(a, base->m->size);
    memcpy(copy, row, base->m->size);
    *state = (RowState){ .info = base };
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
