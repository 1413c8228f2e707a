/* row.c: rows by themselves: made, inserted, updated, read again; and what templates see of them. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/vec.h>
#include <clef/codec/json.h>
#include <clef/orm/row.h>
#include <clef/signals/builtin.h>

enum { SQL_MAX = 1 << 16 };

static const ModelInfo *info_of(Context *cx, const Model *m, const void *row)
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

Str row_str(Context *cx, const Model *m, const void *row)
{
    if (m->str)
        return m->str(cx, row);
    Value pk = row_pk(cx->arena, m, row);
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
    else
        return;
    if (v.tag == VALUE_NULL)
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
    for (size_t i = 0; i < info->n; i++) {
        const FieldInfo *field = &info->fields[i];
        if (field->f->default_fn || field->f->default_value.box)
            apply_default(cx, field, row);
        else if (field->f->member == MEMBER_STR && !field->f->null && !field->to)
            *(Str *)((char *)row + field->f->offset) = STR("");
    }
    return row;
}

/* --- saving */

static bool is_auto(const FieldInfo *field)
{
    return field->f->kind >= FIELD_AUTO && field->f->kind <= FIELD_SMALL_AUTO;
}

static bool pk_is_set(Context *cx, const ModelInfo *info, const void *row)
{
    Value pk = member_load(cx->arena, info->pk->f, row);
    if (pk.tag == VALUE_UUID)
        return !uuid_is_nil(*pk.uuid);
    return pk.tag != VALUE_NULL && !(pk.tag == VALUE_INT && pk.i == 0 && (is_auto(info->pk) || info->pk->to)) &&
           !(pk.tag == VALUE_STR && pk.s.n == 0);
}

/* A relation whose pointer was set, and whose key was not. */
static void take_key(Context *cx, const FieldInfo *field, void *row)
{
    void *to = *(void **)((char *)row + field->f->to_offset);
    if (!to || !member_is_null(field->f, row))
        return;
    Value key = member_load(cx->arena, field->to_field->f, to);
    if (key.tag == VALUE_NULL || (key.tag == VALUE_INT && key.i == 0))
        RAISE(cx, 500, "value_error", "save() prohibited to prevent data loss due to unsaved related object '%.*s'.",
              STR_FMT(field->name));
    (void)member_store(cx->arena, field->f, field->stored, row, &key, false);
}

static void set_now(const FieldInfo *field, void *row, bool adding)
{
    const Field *f = field->f;
    if (!f->auto_now && !(f->auto_now_add && adding))
        return;
    DateTime now = datetime_now();
    Value v = f->kind == FIELD_DATE   ? value_date(naive_date(datetime_utc(now)))
              : f->kind == FIELD_TIME ? value_time(naive_time(datetime_utc(now)))
                                      : value_datetime(now, NULL);
    (void)member_store(NULL, f, f, row, &v, false);
}

static Value json_text(Context *cx, Value v)
{
    Buf b = BUF_INIT(cx->arena, SQL_MAX);
    if (!json_write(&b, v, (JsonStyle){ .nan = true }))
        RAISE(cx, 500, "value_error", "The value of a JSONField has a part that JSON cannot hold, or is too large.");
    return value_str(buf_view(&b));
}

/* What is written for a member: a text that is not nullable is never NULL, whether it was set or not. */
static Value stored_value(Context *cx, const FieldInfo *field, const void *row)
{
    Value v = member_load(cx->arena, field->f, row);
    if (v.tag == VALUE_NULL && !(field->kind == FIELD_JSON && !field->f->null)) {
        if (field->f->member == MEMBER_STR && !field->f->null && !field->to)
            return field->kind == FIELD_BINARY ? value_bytes(STR("")) : value_str(STR(""));
        return v;
    }
    if (field->kind == FIELD_JSON)
        return json_text(cx, v);
    return field->kind == FIELD_DECIMAL ? value_for_field(cx, field, v) : v;
}

static void insert(Context *cx, const ModelInfo *info, void *row, Str using)
{
    Arena *a = cx->arena;
    bool with_pk = pk_is_set(cx, info, row) || !is_auto(info->pk);
    Buf b = BUF_INIT(a, SQL_MAX);
    VEC(Value) params = { 0 };
    BUF_LIT(&b, "INSERT INTO ");
    buf_str(&b, info->quoted);
    for (size_t i = 0; i < info->n; i++) {
        const FieldInfo *field = &info->fields[i];
        if (field == info->pk && !with_pk)
            continue;
        buf_c(&b, params.n ? ", " : " (");
        buf_str(&b, field->quoted);
        VEC_PUSH(a, &params, stored_value(cx, field, row));
    }
    if (params.n) {
        BUF_LIT(&b, ") VALUES (");
        for (size_t i = 0; i < params.n; i++)
            buf_c(&b, i ? ", ?" : "?");
        BUF_LIT(&b, ")");
    } else {
        BUF_LIT(&b, " DEFAULT VALUES");
    }
    DbDone done = work_execute(cx, using, info, buf_view(&b), params.p, params.n);
    if (!with_pk) {
        Value id = value_int(done.insert_id);
        (void)member_store(a, info->pk->f, info->pk->stored, row, &id, false);
    }
}

static bool is_named(const ModelInfo *info, const char *const *names, const FieldInfo *field)
{
    for (size_t i = 0; names[i]; i++)
        if (info_field(info, str_c(names[i])) == field)
            return true;
    return false;
}

/* False when there was no such row. */
static bool update(Context *cx, const ModelInfo *info, void *row, const SaveOptions *o)
{
    Arena *a = cx->arena;
    Buf b = BUF_INIT(a, SQL_MAX);
    VEC(Value) params = { 0 };
    BUF_LIT(&b, "UPDATE ");
    buf_str(&b, info->quoted);
    for (size_t i = 0; i < info->n; i++) {
        const FieldInfo *field = &info->fields[i];
        if (field == info->pk || (o->update_fields && !is_named(info, o->update_fields, field)))
            continue;
        buf_c(&b, params.n ? ", " : " SET ");
        buf_str(&b, field->quoted);
        BUF_LIT(&b, " = ?");
        VEC_PUSH(a, &params, stored_value(cx, field, row));
    }
    Value pk = member_load(a, info->pk->f, row);
    if (!params.n) { /* nothing but a key: the row is there or not */
        Buf s = BUF_INIT(a, SQL_MAX);
        buf_printf(&s, "SELECT 1 FROM %.*s WHERE %.*s = ?", STR_FMT(info->quoted), STR_FMT(info->pk->quoted));
        Reading *r = reading_begin(cx, o->using, info, buf_view(&s), &pk, 1);
        bool there = reading_step(r, info);
        reading_end(r);
        return there;
    }
    BUF_LIT(&b, " WHERE ");
    buf_str(&b, info->quoted);
    BUF_LIT(&b, ".");
    buf_str(&b, info->pk->quoted);
    BUF_LIT(&b, " = ?");
    VEC_PUSH(a, &params, pk);
    return work_execute(cx, o->using, info, buf_view(&b), params.p, params.n).changes > 0;
}

static void check_update_fields(Context *cx, const ModelInfo *info, const SaveOptions *o)
{
    for (size_t i = 0; o->update_fields && o->update_fields[i]; i++) {
        const FieldInfo *field = info_field(info, str_c(o->update_fields[i]));
        if (!field || field == info->pk)
            RAISE(cx, 500, "value_error",
                  "The following fields do not exist in this model, are m2m fields, primary keys, or are non-concrete "
                  "fields: %s",
                  o->update_fields[i]);
    }
    if (o->force_insert && (o->force_update || o->update_fields))
        RAISE(cx, 500, "value_error", "Cannot force both insert and updating in model saving.");
}

void model_save(Context *cx, const Model *m, void *row, const SaveOptions *options)
{
    static const SaveOptions none = { .using = { 0 } };
    const SaveOptions *o = options ? options : &none;
    const ModelInfo *info = info_of(cx, m, row);
    RowState *state = *row_state_of(row);
    bool adding = !state || state->adding;
    check_update_fields(cx, info, o);
    if (o->update_fields && !o->update_fields[0])
        return;
    for (size_t i = 0; i < info->n; i++) {
        const FieldInfo *field = &info->fields[i];
        if (field->to)
            take_key(cx, field, row);
        if (!o->update_fields || is_named(info, o->update_fields, field))
            set_now(field, row, adding && !o->force_update);
    }
    ModelSignal event = { .model = info->m, .row = row, .using = "default", .update_fields = o->update_fields };
    if (o->using.n)
        event.using = str_dup_c(cx->arena, o->using);
    signal_send(cx, &pre_save, info->m, &event);
    bool has_pk = pk_is_set(cx, info, row);
    bool must_exist = o->force_update || o->update_fields;
    if (must_exist && !has_pk)
        RAISE(cx, 500, "value_error", "Cannot force an update in save() with no primary key.");
    /* Django: a new row whose key has a default is inserted without looking. */
    bool default_pk = info->pk->f->default_fn || info->pk->f->default_value.box;
    bool try_update = has_pk && !o->force_insert && !(adding && default_pk && !must_exist);
    bool updated = try_update && update(cx, info, row, o);
    if (!updated && must_exist)
        RAISE(cx, 500, "database_error", "%s",
              o->update_fields ? "Save with update_fields did not affect any rows."
                               : "Forced update did not affect any rows.");
    if (!updated)
        insert(cx, info, row, o->using);
    if (!state) {
        state = NEW(cx->arena, RowState);
        *state = (RowState){ .info = info };
        *row_state_of(row) = state;
    } else if (state->adding) {
        state->adding = false;
    }
    event.created = !updated;
    signal_send(cx, &post_save, info->m, &event);
}

void *model_create(Context *cx, const Model *m, void *row)
{
    model_save(cx, m, row, &(SaveOptions){ .force_insert = true });
    return row;
}

void model_refresh(Context *cx, const Model *m, void *row)
{
    const ModelInfo *info = info_of(cx, m, row);
    Value pk = member_load(cx->arena, info->pk->f, row);
    Pred by_pk[] = { { .lookup = "pk", .value = { box_value, &pk } }, { .path = NULL } };
    void *fresh = queryset_get(queryset_of(cx, info->m), info->m, by_pk);
    for (size_t i = 0; i < info->n; i++) {
        const Field *f = info->fields[i].f;
        memcpy((char *)row + f->offset, (char *)fresh + f->offset, f->size);
        if (info->fields[i].to)
            *(void **)((char *)row + f->to_offset) = NULL;
    }
}

/* --- rows as values */

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
    if (a == b || !of_a || !of_b || of_a->info != of_b->info)
        return a == b;
    return value_eq(member_load(NULL, of_a->info->pk->f, a), member_load(NULL, of_b->info->pk->f, b));
}

const ValueClass row_class = {
    .name = "Model", .str = row_value_str, .item = row_value_item, .equal = row_value_equal
};
