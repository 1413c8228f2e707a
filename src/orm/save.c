/*
 * save.c: rows into tables, as Django's save(): the tables of the parents first, each by UPDATE when the row has a key
 * and may be there, by INSERT when it is not.
 */
#include "orm/dialect.h"
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/vec.h>
#include <clef/codec/json.h>
#include <clef/orm/router.h>
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

bool row_key_is_set(Context *cx, const FieldInfo *field, const void *row)
{
    Value pk = member_load(cx->arena, field->f, row);
    if (pk.tag == VALUE_UUID)
        return !uuid_is_nil(*pk.uuid);
    return pk.tag != VALUE_NULL && !(pk.tag == VALUE_INT && pk.i == 0 && (field_is_auto(field->f) || field->to)) &&
           !(pk.tag == VALUE_STR && pk.s.n == 0);
}

void row_take_keys(Context *cx, const ModelInfo *info, void *row, bool lenient)
{
    for (size_t i = 0; i < info->nall; i++) {
        const FieldInfo *field = info->all[i];
        if (!field_has_pointer(field->f))
            continue;
        void *to = *(void **)(void *)((char *)row + field->f->to_offset);
        if (!to || !member_is_null(field->f, row))
            continue;
        if (!rows_may_relate(cx, row, to))
            RAISE(cx, 500, "value_error",
                  "Cannot assign \"<%s: %.*s>\": the current database router prevents this relation.",
                  field->to->m->name, STR_FMT(row_str(cx, field->to->m, to)));
        Value key = member_load(cx->arena, field->to_field->f, to);
        bool unsaved = key.tag == VALUE_NULL || (key.tag == VALUE_INT && key.i == 0);
        if (unsaved && lenient)
            continue;
        if (unsaved)
            RAISE(cx, 500, "value_error",
                  "save() prohibited to prevent data loss due to unsaved related object '%.*s'.", STR_FMT(field->name));
        (void)member_store(cx->arena, field->f, field->stored, row, &key, false);
    }
    generic_take_keys(cx, info, row, lenient);
}

void row_set_now(const FieldInfo *field, void *row, bool adding)
{
    const Field *f = field->f;
    if (CLEF_LIKELY(!f->auto_now && !(f->auto_now_add && adding)))
        return;
    DateTime now = datetime_now();
    Value v = f->kind == FIELD_DATE   ? value_date(naive_date(datetime_utc(now)))
              : f->kind == FIELD_TIME ? value_time(naive_time(datetime_utc(now)))
                                      : value_datetime(now, NULL);
    (void)member_store(NULL, f, f, row, &v, false);
}

static void set_now(const Saving *s, const FieldInfo *field, bool adding)
{
    if (!s->o->raw)
        row_set_now(field, s->row, adding);
}

static Value json_text(Context *cx, Value v)
{
    Buf b = BUF_INIT(cx->arena, SQL_MAX);
    if (!json_write(&b, v, (JsonStyle){ .nan = true }))
        RAISE(cx, 500, "value_error", "The value of a JSONField has a part that JSON cannot hold, or is too large.");
    return value_str(buf_view(&b));
}

Value row_stored_value(Context *cx, const FieldInfo *field, const void *row)
{
    row_read_field(cx, (void *)(uintptr_t)row, field); /* what was never read must not be overwritten */
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

static Value stored_value(const Saving *s, const FieldInfo *field) { return row_stored_value(s->cx, field, s->row); }

/* --- expressions */

static bool is_key(const ModelInfo *table, const FieldInfo *field)
{
    for (size_t i = 0; i < table->nkeys; i++)
        if (table->keys[i] == field)
            return true;
    return false;
}

/* What the database computes for the column; NULL: nothing. */
static const Expr *expr_of_column(const Saving *s, const FieldInfo *field)
{
    for (const NamedExpr *e = s->o->set; e && e->name; e++)
        if (str_eq(field->name, str_c(e->name)) || str_eq(field->attname, str_c(e->name)))
            return expr_of(e->value.box ? e->value.box(s->cx->arena, e->value.at) : value_null());
    return NULL;
}

static bool asks_columns(const Node *n, unsigned depth)
{
    bool some = n->kind == NODE_COLUMN;
    for (size_t i = 0; i < n->n && depth < QUERY_MAX_DEPTH && !some; i++)
        some = asks_columns(n->args[i], depth + 1);
    return some;
}

static void write_expr(const Saving *s, const ModelInfo *table, const FieldInfo *field, const Expr *e, Buf *b,
                       Params *params, bool is_insert)
{
    Context *cx = s->cx;
    QuerySet *q = queryset_using(queryset_bare(cx, table), s->o->using);
    Resolving r = { .q = q };
    const Node *n = expr_resolve(&r, e);
    if (is_insert && asks_columns(n, 0))
        RAISE(cx, 500, "value_error",
              "Failed to insert expression on %.*s.%s.%.*s. F() expressions can only be used to update, not to insert.",
              STR_FMT(table->label), table->m->name, STR_FMT(field->name));
    if (n->aggregate || n->window)
        RAISE(cx, 500, "field_error", "%s expressions are not allowed in this query (%.*s).",
              n->window ? "Window" : "Aggregate", STR_FMT(field->name));
    if (r.q->njoins > 1)
        RAISE(cx, 500, "field_error", "Joined field references are not permitted in this query");
    Writer w = { .cx = cx, .d = dialect_of(cx, s->o->using), .q = r.q, .aliases = &table->quoted, .params = params };
    size_t begin = b->n;
    Truth t = node_write(&w, b, n, false);
    if (t != UNKNOWN) {
        buf_truncate(b, begin);
        buf_c(b, t == ALWAYS ? w.d->true_literal : w.d->false_literal);
    }
}

/* Values that are no expressions stand in the row like any other. */
static void take_values(const Saving *s)
{
    for (const NamedExpr *e = s->o->set; e && e->name; e++) {
        const FieldInfo *field = info_field(s->info, str_c(e->name));
        if (!field || is_key(field->model, field) || field_is_generated(field->f))
            RAISE(s->cx, 500, "field_error", "%s has no field '%s' that could be set by an expression.",
                  s->info->m->name, e->name);
        if (!expr_of(e->value.box ? e->value.box(s->cx->arena, e->value.at) : value_null()))
            row_assign(s->cx, s->info, s->row, e);
        row_set_read(s->cx, s->row, field);
    }
}

/* --- one table */

/* WHERE the row has its primary key; the values go behind the others. */
static void write_key(const Saving *s, const ModelInfo *table, Buf *b, Params *params)
{
    for (size_t i = 0; i < table->nkeys; i++) {
        buf_printf(b, "%s%.*s.%.*s = ?", i ? " AND " : " WHERE ", STR_FMT(table->quoted),
                   STR_FMT(table->keys[i]->quoted));
        VEC_PUSH(s->cx->arena, params, member_load(s->cx->arena, table->keys[i]->f, s->row));
    }
}

typedef struct Columns {
    const FieldInfo **p;
    size_t n, cap;
} Columns;

/*
 * Is the column left to the database's own default, which is computed? One that is constant stands in the row from the
 * start.
 */
static bool is_left_out(const Saving *s, const FieldInfo *field)
{
    const Field *f = field->f;
    if (!f->db_default.box || f->default_value.box || f->default_fn)
        return false;
    Value v = f->db_default.box(s->cx->arena, f->db_default.at);
    for (size_t i = 0; i < f->size; i++)
        if (s->row[f->offset + i])
            return false;
    return v.tag == VALUE_OBJECT && v.cls == &expr_class;
}

static void write_list(Buf *b, const ModelInfo *table, const Columns *columns)
{
    for (size_t i = 0; i < columns->n; i++)
        buf_printf(b, "%s%.*s.%.*s", i ? ", " : "", STR_FMT(table->quoted), STR_FMT(columns->p[i]->quoted));
}

/* What the database made of the columns, into the row. False when there is no row. */
static bool read_back(const Saving *s, const ModelInfo *table, Reading *r, const Columns *columns)
{
    Value *cells = NEW_ARRAY(s->cx->arena, Value, columns->n);
    bool some = false;
    while (reading_step(r, table)) {
        some = true;
        db_row(&r->cursor, cells);
        for (size_t i = 0; i < columns->n; i++)
            if (!member_store(s->cx->arena, columns->p[i]->f, columns->p[i]->stored, s->row, &cells[i], true))
                RAISE(s->cx, 500, "data_error", "%s.%.*s: the database computed what is no value of a %s.",
                      table->m->name, STR_FMT(columns->p[i]->name), field_class(columns->p[i]->f));
    }
    return some;
}

static void select_back(const Saving *s, const ModelInfo *table, const Columns *columns)
{
    Buf b = BUF_INIT(s->cx->arena, SQL_MAX);
    Params key = { 0 };
    BUF_LIT(&b, "SELECT ");
    write_list(&b, table, columns);
    buf_printf(&b, " FROM %.*s", STR_FMT(table->quoted));
    write_key(s, table, &b, &key);
    Reading *r = reading_begin(s->cx, s->o->using, table, buf_view(&b), key.p, key.n);
    (void)read_back(s, table, r, columns);
    reading_end(r);
}

static void forget(const Saving *s, const ModelInfo *table, const Columns *columns)
{
    Columns rest = { 0 };
    for (size_t i = 0; i < columns->n; i++)
        if (!row_set_unread(s->cx, s->row, columns->p[i]))
            VEC_PUSH(s->cx->arena, &rest, columns->p[i]);
    if (rest.n)
        select_back(s, table, &rest);
}

/* Runs the INSERT or UPDATE; what `columns` are afterwards goes into the row. How many rows there were. */
static size_t run(const Saving *s, const ModelInfo *table, Buf *b, const Value *params, size_t n,
                  const Columns *columns, bool is_insert)
{
    const DialectFeatures *has = &dialect_of(s->cx, s->o->using)->has;
    if (columns->n && (is_insert ? has->can_return_columns_from_insert : has->can_return_rows_from_update)) {
        BUF_LIT(b, " RETURNING ");
        write_list(b, table, columns);
        Reading *r = reading_begin(s->cx, s->o->using, table, buf_view(b), params, n);
        bool some = read_back(s, table, r, columns);
        reading_end(r);
        return some;
    }
    DbDone done = work_execute(s->cx, s->o->using, table, buf_view(b), params, n);
    Columns rest = { 0 };
    for (size_t i = 0; i < columns->n; i++) {
        if (is_insert && columns->p[i] == table->pk && field_is_auto(table->pk->f)) {
            Value id = value_int(done.insert_id);
            (void)member_store(s->cx->arena, table->pk->f, table->pk->stored, s->row, &id, false);
        } else {
            VEC_PUSH(s->cx->arena, &rest, columns->p[i]);
        }
    }
    if (rest.n && done.changes > 0)
        (s->o->read_later && !is_insert ? forget : select_back)(s, table, &rest);
    return (size_t)done.changes;
}

/* The next place among the rows of the same parent. */
static void take_place(const Saving *s, const ModelInfo *table)
{
    const FieldInfo *by = info_field(table, str_c(table->meta->order_with_respect_to));
    Value key = stored_value(s, by), place = value_int(0);
    Buf b = BUF_INIT(s->cx->arena, SQL_MAX);
    buf_printf(&b, "SELECT COALESCE(MAX(%.*s.%.*s) + 1, 0) AS \"_order__max\" FROM %.*s WHERE %.*s.%.*s = ?",
               STR_FMT(table->quoted), STR_FMT(table->order->quoted), STR_FMT(table->quoted), STR_FMT(table->quoted),
               STR_FMT(by->quoted));
    Reading *r = reading_begin(s->cx, s->o->using, table, buf_view(&b), &key, 1);
    if (reading_step(r, table))
        db_row(&r->cursor, &place);
    (void)member_store(s->cx->arena, table->order->f, table->order->stored, s->row, &place, false);
    reading_end(r);
}

static void insert(const Saving *s, const ModelInfo *table)
{
    Arena *a = s->cx->arena;
    bool with_pk = row_key_is_set(s->cx, table->pk, s->row) || !field_is_auto(table->pk->f);
    Buf b = BUF_INIT(a, SQL_MAX);
    Buf values = BUF_INIT(a, SQL_MAX);
    Params params = { 0 };
    Columns back = { 0 };
    size_t columns = 0;
    if (table->order)
        take_place(s, table);
    BUF_LIT(&b, "INSERT INTO ");
    buf_str(&b, table->quoted);
    for (size_t i = 0; i < table->n; i++) {
        const FieldInfo *field = &table->fields[i];
        if ((field == table->pk && !with_pk) || field_is_generated(field->f) || is_left_out(s, field)) {
            VEC_PUSH(a, &back, field);
            continue;
        }
        set_now(s, field, true);
        buf_c(&b, columns++ ? ", " : " (");
        buf_str(&b, field->quoted);
        const Expr *e = s->o->set ? expr_of_column(s, field) : NULL;
        buf_c(&values, columns > 1 ? ", " : "");
        if (e) {
            write_expr(s, table, field, e, &values, &params, true);
            VEC_PUSH(a, &back, field);
            continue;
        }
        BUF_LIT(&values, "?");
        VEC_PUSH(a, &params, stored_value(s, field));
    }
    if (columns) {
        BUF_LIT(&b, ") VALUES (");
        buf_str(&b, buf_view(&values));
        BUF_LIT(&b, ")");
    } else {
        buf_c(&b, dialect_of(s->cx, s->o->using)->default_values);
    }
    (void)run(s, table, &b, params.p, params.n, &back, true);
}

static bool is_named(const SaveOptions *o, const FieldInfo *field)
{
    for (size_t i = 0; o->update_fields[i]; i++)
        if (str_eq(field->name, str_c(o->update_fields[i])) || str_eq(field->attname, str_c(o->update_fields[i])))
            return true;
    return false;
}

static bool is_there(const Saving *s, const ModelInfo *table)
{
    Buf b = BUF_INIT(s->cx->arena, SQL_MAX);
    Params key = { 0 };
    buf_printf(&b, "SELECT 1 AS \"a\" FROM %.*s", STR_FMT(table->quoted));
    write_key(s, table, &b, &key);
    BUF_LIT(&b, " LIMIT 1");
    Reading *r = reading_begin(s->cx, s->o->using, table, buf_view(&b), key.p, key.n);
    bool there = reading_step(r, table);
    reading_end(r);
    return there;
}

/* False when there was no such row. */
static bool update(const Saving *s, const ModelInfo *table)
{
    Arena *a = s->cx->arena;
    Buf b = BUF_INIT(a, SQL_MAX);
    Params params = { 0 };
    BUF_LIT(&b, "UPDATE ");
    buf_str(&b, table->quoted);
    Columns back = { 0 };
    size_t columns = 0;
    for (size_t i = 0; i < table->n; i++) {
        const FieldInfo *field = &table->fields[i];
        if (field_is_generated(field->f))
            VEC_PUSH(a, &back, field);
        if (is_key(table, field) || field_is_generated(field->f) || (s->o->update_fields && !is_named(s->o, field)))
            continue;
        set_now(s, field, false);
        buf_c(&b, columns++ ? ", " : " SET ");
        buf_str(&b, field->quoted);
        const Expr *e = s->o->set ? expr_of_column(s, field) : NULL;
        if (e) {
            BUF_LIT(&b, " = ");
            write_expr(s, table, field, e, &b, &params, false);
            VEC_PUSH(a, &back, field);
            continue;
        }
        BUF_LIT(&b, " = ?");
        VEC_PUSH(a, &params, stored_value(s, field));
    }
    if (!columns) /* nothing but a key, or nothing of this table was named */
        return s->o->update_fields || is_there(s, table);
    write_key(s, table, &b, &params);
    return run(s, table, &b, params.p, params.n, &back, false) > 0;
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
    bool has_pk = row_key_is_set(s->cx, table->pk, s->row);
    bool must_exist = force_update || s->o->update_fields;
    if (!has_pk && must_exist)
        RAISE(s->cx, 500, "value_error", "Cannot force an update in save() with no primary key.");
    bool default_pk = true;
    for (size_t i = 0; i < table->nkeys; i++) {
        const Field *f = table->keys[i]->f;
        default_pk &= f->default_fn || f->default_value.box || f->db_default.box;
    }
    /* A new row whose key has a default is inserted without looking. */
    if (!s->o->raw && !force_insert && !force_update && s->adding && default_pk)
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
        if (field && !is_key(field->model, field) && field->kind != FIELD_COMPOSITE)
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
    if (!s->info->base || s->o->raw)
        return save_table(s, s->info, s->o->force_insert, s->o->force_update);
    ATOMIC(s->cx, .using = s->o->using, .no_savepoint = true)
    {
        inserted = save_bases(s, s->info);
        updated = save_table(s, s->info, s->o->force_insert || inserted, s->o->force_update);
    }
    return updated;
}

/*
 * Of a row that only() or defer() read in part: the names of what was read or set since, as if update_fields said so.
 * NULL: all is known, or nothing but the key is.
 */
static const char *const *known_fields(const Saving *s)
{
    const RowState *state = *row_state_of(s->row);
    if (CLEF_LIKELY(!state || !state->set || !state->set->deferred))
        return NULL;
    const char **names = NEW_ARRAY(s->cx->arena, const char *, row_columns(s->info) + 1);
    size_t n = 0;
    bool unread = false;
    for (size_t i = 0; i < row_columns(s->info); i++) {
        const FieldInfo *field = row_column(s->info, i);
        if (is_key(field->model, field) || field_is_generated(field->f))
            continue;
        if (row_is_unread(s->row, field)) {
            unread = true;
            continue;
        }
        row_set_read(s->cx, s->row, field); /* also when it is zero the next time */
        names[n++] = field->f->name;
    }
    names[n] = NULL;
    return unread && n ? names : NULL;
}

void model_save(Context *cx, const Model *m, void *row, const SaveOptions *options)
{
    static const SaveOptions none = { .using = { 0 } };
    const ModelInfo *info = row_info(cx, m, row);
    info_check_swapped(cx, info);
    if (CLEF_UNLIKELY(info->meta->save != NULL) && !(options && options->raw))
        info->meta->save(cx, row, options ? options : &none);
    else
        model_save_base(cx, m, row, options);
}

void model_save_base(Context *cx, const Model *m, void *row, const SaveOptions *options)
{
    SaveOptions o = options ? *options : (SaveOptions){ .using = { 0 } };
    Saving s = { .cx = cx, .info = row_info(cx, m, row), .row = row, .o = &o };
    const ModelInfo *origin = s.info;
    RowState *state = *row_state_of(row);
    s.adding = !state || state->adding;
    row_take_keys(cx, origin, row, false);
    check_options(cx, origin, s.o);
    if (s.o->update_fields && !s.o->update_fields[0])
        return;
    s.info = origin->concrete;
    o.using = router_db_for_write(cx, o.using, origin->m, row);
    if (o.set)
        take_values(&s);
    bool at_home = state && (!o.using.n || str_eq(o.using, state->alias));
    if (!o.update_fields && !o.force_insert && !s.adding && at_home)
        o.update_fields = known_fields(&s);
    ModelSignal event = {
        .model = origin->m, .row = row, .using = "default", .update_fields = s.o->update_fields, .raw = s.o->raw
    };
    if (s.o->using.n)
        event.using = str_dup_c(cx->arena, s.o->using);
    signal_send(cx, &pre_save, origin->m, &event);
    bool updated = save_all(&s);
    state = *row_state_of(row);
    if (!state) {
        state = NEW(cx->arena, RowState);
        *state = (RowState){ .info = origin };
        *row_state_of(row) = state;
    } else if (state->adding) {
        state->adding = false;
    }
    row_came_from(cx, row, o.using.n ? o.using : STR("default"));
    event.created = !updated;
    signal_send(cx, &post_save, origin->m, &event);
}

void *model_create(Context *cx, const Model *m, void *row)
{
    model_save(cx, m, row, &(SaveOptions){ .force_insert = true });
    return row;
}
