/*
 * delete.c: deleting rows and what refers to them, as on_delete says. Keys are gathered level by level, in one transaction;
 * the references are then set to NULL or deleted from the leaves to the root.
 */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/map.h>
#include <clef/base/vec.h>
#include <clef/orm/row.h>
#include <clef/signals/builtin.h>

enum { KEYS_MAX = 500, LEVELS_MAX = 64 };

typedef VEC(Value) Keys;

typedef struct Deleting {
    Context *cx;
    Str alias;
    size_t deleted;
    Map *seen; /* keys that are being deleted: "table:key" */
} Deleting;

static Str seen_name(Arena *a, const ModelInfo *info, Value key)
{
    if (key.tag == VALUE_INT)
        return str_format(a, "%.*s:%lld", STR_FMT(info->table), (long long)key.i);
    if (key.tag == VALUE_UUID)
        return str_concat(a, info->table, str_from((const char *)key.uuid->b, 16));
    return str_format(a, "%.*s:%.*s", STR_FMT(info->table), STR_FMT(key.s));
}

static void write_in(Buf *b, const FieldInfo *field, size_t n)
{
    BUF_LIT(b, " WHERE ");
    buf_str(b, field->quoted);
    BUF_LIT(b, " IN (");
    for (size_t i = 0; i < n; i++)
        buf_c(b, i ? ", ?" : "?");
    BUF_LIT(b, ")");
}

/* The column as a Value of its kind: SQLite gives a UUID as text. */
static Value key_of_cell(Deleting *d, const FieldInfo *pk, Value cell)
{
    return value_for_field(d->cx, pk, value_copy(d->cx->arena, cell));
}

/* Primary keys of the rows whose relation `field` leads to one of these keys. */
static Keys referring(Deleting *d, const FieldInfo *field, const Value *keys, size_t n)
{
    const ModelInfo *info = field->model;
    Keys found = { 0 };
    Buf b = BUF_INIT(d->cx->arena, QUERY_SQL_MAX);
    BUF_LIT(&b, "SELECT ");
    buf_str(&b, info->pk->quoted);
    BUF_LIT(&b, " FROM ");
    buf_str(&b, info->quoted);
    write_in(&b, field, n);
    Reading *r = reading_begin(d->cx, d->alias, info, buf_view(&b), keys, n);
    while (reading_step(r, info)) {
        Value cell;
        db_row(&r->cursor, &cell);
        VEC_PUSH(d->cx->arena, &found, key_of_cell(d, info->pk, cell));
    }
    reading_end(r);
    return found;
}

static void set_references(Deleting *d, const FieldInfo *field, const Value *keys, size_t n, Value to)
{
    Keys params = { 0 };
    VEC_PUSH(d->cx->arena, &params, to);
    for (size_t i = 0; i < n; i++)
        VEC_PUSH(d->cx->arena, &params, keys[i]);
    Buf b = BUF_INIT(d->cx->arena, QUERY_SQL_MAX);
    BUF_LIT(&b, "UPDATE ");
    buf_str(&b, field->model->quoted);
    BUF_LIT(&b, " SET ");
    buf_str(&b, field->quoted);
    BUF_LIT(&b, " = ?");
    write_in(&b, field, n);
    work_execute(d->cx, d->alias, field->model, buf_view(&b), params.p, params.n);
}

static void delete_keys(Deleting *d, const ModelInfo *info, const Value *keys, size_t n, unsigned depth);

static CLEF_COLD CLEF_NORETURN void is_protected(Deleting *d, const ModelInfo *info, const FieldInfo *field)
{
    bool restricted = field->f->on_delete == RESTRICT;
    RAISE(d->cx, 500, restricted ? "restricted_error" : "protected_error",
          "Cannot delete some instances of model '%s' because they are referenced through %s foreign keys: '%s.%s'.",
          info->m->name, restricted ? "restricted" : "protected", field->model->m->name, field->f->name);
}

static void follow(Deleting *d, const ModelInfo *info, const FieldInfo *field, const Value *keys, size_t n,
                   unsigned depth)
{
    Value to = value_null();
    switch (field->f->on_delete) {
    case DO_NOTHING:
        return;
    case SET_NULL:
        break;
    case SET_DEFAULT:
        if (field->f->default_fn)
            to = field->f->default_fn(d->cx);
        else if (field->f->default_value.box)
            to = field->f->default_value.box(d->cx->arena, field->f->default_value.at);
        to = value_for_field(d->cx, field, to);
        break;
    default: {
        Keys found = referring(d, field, keys, n);
        if (found.n && field->f->on_delete != CASCADE)
            is_protected(d, info, field);
        delete_keys(d, field->model, found.p, found.n, depth + 1);
        return;
    }
    }
    set_references(d, field, keys, n, to);
}

static void clear_between(Deleting *d, const ModelInfo *owner, const FieldInfo *between, const ModelInfo *info,
                          const Value *keys, size_t n);

static void delete_some(Deleting *d, const ModelInfo *info, const Value *keys, size_t n, unsigned depth)
{
    for (const FieldInfo *field = info->referrers; field; field = field->next_referrer)
        follow(d, info, field, keys, n, depth);
    const Model *m;
    for (size_t i = 0; (m = model_at(i)) != NULL; i++) {
        const ModelInfo *owner = model_info(d->cx, m);
        for (size_t j = 0; j < owner->nbetween && owner->concrete == owner; j++)
            if (!owner->between[j].f->through && (owner == info || owner->between[j].to->concrete == info))
                clear_between(d, owner, &owner->between[j], info, keys, n);
    }
    Buf b = BUF_INIT(d->cx->arena, QUERY_SQL_MAX);
    BUF_LIT(&b, "DELETE FROM ");
    buf_str(&b, info->quoted);
    write_in(&b, info->pk, n);
    d->deleted += (size_t)work_execute(d->cx, d->alias, info, buf_view(&b), keys, n).changes;
    if (info->base) /* the other part of the rows */
        delete_keys(d, info->base, keys, n, depth + 1);
}

static void delete_keys(Deleting *d, const ModelInfo *of, const Value *keys, size_t n, unsigned depth)
{
    const ModelInfo *info = of->concrete;
    if (depth > LEVELS_MAX)
        RAISE(d->cx, 500, "delete_too_deep", "Deleting reaches rows through more than %d relations.", LEVELS_MAX);
    Keys fresh = { 0 };
    for (size_t i = 0; i < n; i++) {
        Str name = seen_name(d->cx->arena, info, keys[i]);
        if (map_has(d->seen, name))
            continue;
        map_set(d->seen, name, value_bool(true));
        VEC_PUSH(d->cx->arena, &fresh, keys[i]);
    }
    for (size_t i = 0; i < fresh.n; i += KEYS_MAX)
        delete_some(d, info, fresh.p + i, fresh.n - i < KEYS_MAX ? fresh.n - i : KEYS_MAX, depth);
}

/* The rows of a many-to-many table that lead to what goes. */
static void clear_between(Deleting *d, const ModelInfo *owner, const FieldInfo *between, const ModelInfo *info,
                          const Value *keys, size_t n)
{
    bool self = owner == between->to;
    Str table = between->f->db_table ? str_c(between->f->db_table)
                                     : str_format(d->cx->arena, "%.*s_%s", STR_FMT(owner->table), between->f->name);
    for (int side = 0; side < 2; side++) {
        const ModelInfo *of = side ? between->to : owner;
        if (of != info)
            continue;
        Buf b = BUF_INIT(d->cx->arena, QUERY_SQL_MAX);
        buf_printf(&b, "DELETE FROM \"%.*s\" WHERE \"%s%.*s_id\" IN (", STR_FMT(table),
                   self ? (side ? "to_" : "from_") : "", STR_FMT(of->lower));
        for (size_t i = 0; i < n; i++)
            buf_c(&b, i ? ", ?" : "?");
        BUF_LIT(&b, ")");
        d->deleted += (size_t)work_execute(d->cx, d->alias, info, buf_view(&b), keys, n).changes;
    }
}

static size_t delete_all(Context *cx, const ModelInfo *info, Str alias, const Value *keys, size_t n)
{
    Deleting d = { .cx = cx, .alias = alias, .seen = map_new(cx->arena) };
    ATOMIC(cx, .using = alias)
    delete_keys(&d, info, keys, n, 0);
    return d.deleted;
}

size_t queryset_delete(QuerySet *q)
{
    Context *cx = q->cx;
    if (q->sliced)
        RAISE(cx, 500, "type_error", "Cannot use 'limit' or 'offset' with delete().");
    Keys keys = { 0 };
    Sql sql = queryset_compile(q, SELECT_KEYS);
    if (sql.empty)
        return 0;
    Deleting d = { .cx = cx };
    Reading *r = reading_begin(cx, q->alias, q->info, sql.text, sql.params, sql.nparams);
    while (reading_step(r, q->info)) {
        Value cell;
        db_row(&r->cursor, &cell);
        VEC_PUSH(cx->arena, &keys, key_of_cell(&d, q->info->pk, cell));
    }
    reading_end(r);
    return keys.n ? delete_all(cx, q->info, q->alias, keys.p, keys.n) : 0;
}

size_t model_delete(Context *cx, const Model *m, void *row)
{
    RowState *state = *row_state_of(row);
    const ModelInfo *info = m ? model_info(cx, m) : state ? state->info : NULL;
    if (!info)
        RAISE(cx, 500, "row_without_model", "The row was made by hand: call model_delete(cx, &X_model, row).");
    Value pk = member_load(cx->arena, info->pk->f, row);
    if (pk.tag == VALUE_NULL || (pk.tag == VALUE_INT && pk.i == 0))
        RAISE(cx, 500, "value_error", "%s object can't be deleted because its %.*s attribute is set to None.",
              info->m->name, STR_FMT(info->pk->name));
    Str alias = state && state->set ? state->set->alias : (Str){ 0 };
    ModelSignal event = { .model = info->m, .row = row, .using = "default" };
    signal_send(cx, &pre_delete, info->m, &event);
    size_t n = delete_all(cx, info, alias, &pk, 1);
    signal_send(cx, &post_delete, info->m, &event);
    if (info->pk->f->kind >= FIELD_AUTO && info->pk->f->kind <= FIELD_SMALL_AUTO) {
        Value none = value_null();
        (void)member_store(cx->arena, info->pk->f, info->pk->stored, row, &none, false);
    }
    return n;
}
