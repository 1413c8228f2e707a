/*
 * save.c: rows into tables, as Django's save(): the tables of the parents first, each by UPDATE when the row has a key and may
 * be there, by INSERT when it is not.
 */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/vec.h>
#include <clef/codec/json.h>
#include <clef/orm/row.h>
#include <clef/signals/builtin.h>

enum { SQL_MAX = 1 << 16 };

typedef struct Saving {
    Context *cx;
    const ModelInfo *info;
    char *row;
    const SaveOptions *o;
    bool adding;
} Saving;

/* --- values */

static bool pk_is_set(Context *cx, const FieldInfo *field, const void *row)
{
    Value pk = member_load(cx->arena, field->f, row);
    if (pk.tag == VALUE_UUID)
        return !uuid_is_nil(*pk.uuid);
    return pk.tag != VALUE_NULL && !(pk.tag == VALUE_INT && pk.i == 0 && (field_is_auto(field->f) || field->to)) &&
           !(pk.tag == VALUE_STR && pk.s.n == 0);
}

/* A relation whose pointer was set, and whose key was not. */
static void take_key(const Saving *s, const FieldInfo *field)
{
    void *to = *(void **)(void *)(s->row + field->f->to_offset);
    if (!to || !member_is_null(field->f, s->row))
        return;
    Value key = member_load(s->cx->arena, field->to_field->f, to);
    if (key.tag == VALUE_NULL || (key.tag == VALUE_INT && key.i == 0))
        RAISE(s->cx, 500, "value_error", "save() prohibited to prevent data loss due to unsaved related object '%.*s'.",
              STR_FMT(field->name));
    (void)member_store(s->cx->arena, field->f, field->stored, s->row, &key, false);
}

/* Django's pre_save of a column: what is set at the moment of writing. */
static void set_now(const Saving *s, const FieldInfo *field, bool adding)
{
    const Field *f = field->f;
    if (!f->auto_now && !(f->auto_now_add && adding))
        return;
    DateTime now = datetime_now();
    Value v = f->kind == FIELD_DATE   ? value_date(naive_date(datetime_utc(now)))
              : f->kind == FIELD_TIME ? value_time(naive_time(datetime_utc(now)))
                                      : value_datetime(now, NULL);
    (void)member_store(NULL, f, f, s->row, &v, false);
}

static Value json_text(Context *cx, Value v)
{
    Buf b = BUF_INIT(cx->arena, SQL_MAX);
    if (!json_write(&b, v, (JsonStyle){ .nan = true }))
        RAISE(cx, 500, "value_error", "The value of a JSONField has a part that JSON cannot hold, or is too large.");
    return value_str(buf_view(&b));
}

/* What is written for a member: a text that is not nullable is never NULL, whether it was set or not. */
static Value stored_value(const Saving *s, const FieldInfo *field)
{
    Value v = member_load(s->cx->arena, field->f, s->row);
    if (v.tag == VALUE_NULL && !(field->kind == FIELD_JSON && !field->f->null)) {
        if (field->f->member == MEMBER_STR && !field->f->null && !field->to)
            return field->kind == FIELD_BINARY ? value_bytes(STR("")) : value_str(STR(""));
        return v;
    }
    if (field->kind == FIELD_JSON)
        return json_text(s->cx, v);
    return field->kind == FIELD_DECIMAL ? value_for_field(s->cx, field, v) : v;
}

/* --- one table */

static void insert(const Saving *s, const ModelInfo *table)
{
    Arena *a = s->cx->arena;
    bool with_pk = pk_is_set(s->cx, table->pk, s->row) || !field_is_auto(table->pk->f);
    Buf b = BUF_INIT(a, SQL_MAX);
    VEC(Value) params = { 0 };
    BUF_LIT(&b, "INSERT INTO ");
    buf_str(&b, table->quoted);
    for (size_t i = 0; i < table->n; i++) {
        const FieldInfo *field = &table->fields[i];
        if (field == table->pk && !with_pk)
            continue;
        set_now(s, field, true);
        buf_c(&b, params.n ? ", " : " (");
        buf_str(&b, field->quoted);
        VEC_PUSH(a, &params, stored_value(s, field));
    }
    if (params.n) {
        BUF_LIT(&b, ") VALUES (");
        for (size_t i = 0; i < params.n; i++)
            buf_c(&b, i ? ", ?" : "?");
        BUF_LIT(&b, ")");
    } else {
        BUF_LIT(&b, " DEFAULT VALUES");
    }
    DbDone done = work_execute(s->cx, s->o->using, table, buf_view(&b), params.p, params.n);
    if (!with_pk) {
        Value id = value_int(done.insert_id);
        (void)member_store(a, table->pk->f, table->pk->stored, s->row, &id, false);
    }
}

static bool is_named(const SaveOptions *o, const FieldInfo *field)
{
    for (size_t i = 0; o->update_fields[i]; i++)
        if (str_eq(field->name, str_c(o->update_fields[i])) || str_eq(field->attname, str_c(o->update_fields[i])))
            return true;
    return false;
}

static bool is_there(const Saving *s, const ModelInfo *table, Value pk)
{
    Buf b = BUF_INIT(s->cx->arena, SQL_MAX);
    buf_printf(&b, "SELECT 1 AS \"a\" FROM %.*s WHERE %.*s.%.*s = ? LIMIT 1", STR_FMT(table->quoted),
               STR_FMT(table->quoted), STR_FMT(table->pk->quoted));
    Reading *r = reading_begin(s->cx, s->o->using, table, buf_view(&b), &pk, 1);
    bool there = reading_step(r, table);
    reading_end(r);
    return there;
}

/* False when there was no such row. */
static bool update(const Saving *s, const ModelInfo *table)
{
    Arena *a = s->cx->arena;
    Buf b = BUF_INIT(a, SQL_MAX);
    VEC(Value) params = { 0 };
    BUF_LIT(&b, "UPDATE ");
    buf_str(&b, table->quoted);
    for (size_t i = 0; i < table->n; i++) {
        const FieldInfo *field = &table->fields[i];
        if (field == table->pk || (s->o->update_fields && !is_named(s->o, field)))
            continue;
        set_now(s, field, false);
        buf_c(&b, params.n ? ", " : " SET ");
        buf_str(&b, field->quoted);
        BUF_LIT(&b, " = ?");
        VEC_PUSH(a, &params, stored_value(s, field));
    }
    Value pk = member_load(a, table->pk->f, s->row);
    if (!params.n) /* nothing but a key, or nothing of this table was named */
        return s->o->update_fields || is_there(s, table, pk);
    buf_printf(&b, " WHERE %.*s.%.*s = ?", STR_FMT(table->quoted), STR_FMT(table->pk->quoted));
    VEC_PUSH(a, &params, pk);
    return work_execute(s->cx, s->o->using, table, buf_view(&b), params.p, params.n).changes > 0;
}

static CLEF_COLD CLEF_NORETURN void not_updated(const Saving *s)
{
    RAISE(s->cx, 500, "not_updated", "%s",
          s->o->update_fields ? "Save with update_fields did not affect any rows."
                              : "Forced update did not affect any rows.");
}

/* True when the row was there and was updated. */
static bool save_table(const Saving *s, const ModelInfo *table, bool force_insert, bool force_update)
{
    bool has_pk = pk_is_set(s->cx, table->pk, s->row);
    bool must_exist = force_update || s->o->update_fields;
    if (!has_pk && must_exist)
        RAISE(s->cx, 500, "value_error", "Cannot force an update in save() with no primary key.");
    const Field *pk = table->pk->f;
    bool default_pk = pk->default_fn || pk->default_value.box || pk->db_default.box;
    /* A new row whose key has a default is inserted without looking. */
    if (!force_insert && !force_update && s->adding && default_pk)
        force_insert = true;
    if (has_pk && !force_insert) {
        if (update(s, table))
            return true;
        if (must_exist)
            not_updated(s);
    }
    insert(s, table);
    return false;
}

/* The tables of the bases, from the root on. True when one had to be inserted. */
static bool save_bases(const Saving *s, const ModelInfo *info)
{
    if (!info->base)
        return false;
    bool inserted = save_bases(s, info->base);
    if (!save_table(s, info->base, inserted, false))
        inserted = true;
    return inserted;
}

/* --- the whole row */

static void check_options(Context *cx, const ModelInfo *info, const SaveOptions *o)
{
    Buf wrong = BUF_INIT(cx->arena, 1 << 12);
    if (o->force_insert && (o->force_update || o->update_fields))
        RAISE(cx, 500, "value_error", "Cannot force both insert and updating in model saving.");
    for (size_t i = 0; o->update_fields && o->update_fields[i]; i++) {
        const FieldInfo *field = info_field(info, str_c(o->update_fields[i]));
        if (field && !field->f->primary_key)
            continue;
        if (wrong.n)
            BUF_LIT(&wrong, ", ");
        buf_c(&wrong, o->update_fields[i]);
    }
    if (wrong.n)
        RAISE(cx, 500, "value_error",
              "The following fields do not exist in this model, are m2m fields, primary keys, or are non-concrete "
              "fields: %.*s",
              STR_FMT(buf_view(&wrong)));
}

static bool save_all(const Saving *s)
{
    bool inserted = false, updated = false;
    if (!s->info->base)
        return save_table(s, s->info, s->o->force_insert, s->o->force_update);
    ATOMIC(s->cx, .using = s->o->using, .no_savepoint = true)
    {
        inserted = save_bases(s, s->info);
        updated = save_table(s, s->info, s->o->force_insert || inserted, s->o->force_update);
    }
    return updated;
}

void model_save(Context *cx, const Model *m, void *row, const SaveOptions *options)
{
    static const SaveOptions none = { .using = { 0 } };
    Saving s = { .cx = cx, .info = row_info(cx, m, row), .row = row, .o = options ? options : &none };
    const ModelInfo *origin = s.info;
    RowState *state = *row_state_of(row);
    s.adding = !state || state->adding;
    for (size_t i = 0; i < origin->nall; i++)
        if (field_has_pointer(origin->all[i]->f))
            take_key(&s, origin->all[i]);
    check_options(cx, origin, s.o);
    if (s.o->update_fields && !s.o->update_fields[0])
        return;
    s.info = origin->concrete;
    ModelSignal event = { .model = origin->m, .row = row, .using = "default", .update_fields = s.o->update_fields };
    if (s.o->using.n)
        event.using = str_dup_c(cx->arena, s.o->using);
    signal_send(cx, &pre_save, origin->m, &event);
    bool updated = save_all(&s);
    if (!state) {
        state = NEW(cx->arena, RowState);
        *state = (RowState){ .info = origin };
        *row_state_of(row) = state;
    } else if (state->adding) {
        state->adding = false;
    }
    event.created = !updated;
    signal_send(cx, &post_save, origin->m, &event);
}

void *model_create(Context *cx, const Model *m, void *row)
{
    model_save(cx, m, row, &(SaveOptions){ .force_insert = true });
    return row;
}
