/* bulk.c: many rows by few statements: bulk_create and bulk_update. No signals are sent, and save() is not called. */
#include "orm/bulk.h"
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/vec.h>
#include <clef/orm/row.h>
#include <clef/orm/transaction.h>

enum { COPY_ROWS_LEAST = 100, UNNEST_ROWS_LEAST = 2, UNNEST_ROWS_MAX = 20000, UNNEST_COLUMNS_MAX = 64 };

typedef struct Columns {
    const FieldInfo **p;
    size_t n;
} Columns;

static Columns columns_of(Context *cx, const ModelInfo *info, const char *const *names, const char *what)
{
    Columns c = { .p = NEW_ARRAY(cx->arena, const FieldInfo *, info->n + 1) };
    for (size_t i = 0; names && names[i]; i++) {
        const FieldInfo *field = info_field(info, str_c(names[i])), *other;
        if (!field && !names_between(info, str_c(names[i])) && !names_reverse(info, str_c(names[i]), &other))
            names_no_field(cx, info, str_c(names[i]));
        if (!field || c.n >= info->n)
            RAISE(cx, 500, "value_error", "%s can only be used with concrete fields, not with '%s'.", what, names[i]);
        c.p[c.n++] = field;
    }
    return c;
}

static const Str *quoted_names(Context *cx, const Columns *c)
{
    Str *names = NEW_ARRAY(cx->arena, Str, c->n + 1);
    for (size_t i = 0; i < c->n; i++)
        names[i] = c->p[i]->quoted;
    return names;
}

/* --- bulk_create */

typedef struct Creating {
    Context *cx;
    const ModelInfo *info;
    const Dialect *d;
    Str alias;
    const BulkCreate *o;
    Columns update, unique;
} Creating;

static void check_create(const Creating *c)
{
    Context *cx = c->cx;
    const BulkCreate *o = c->o;
    if (o->batch_size < 0)
        RAISE(cx, 500, "value_error", "Batch size must be a positive integer.");
    if (c->info->base)
        RAISE(cx, 500, "value_error", "Can't bulk create a multi-table inherited model");
    if (o->ignore_conflicts && o->update_conflicts)
        RAISE(cx, 500, "value_error", "ignore_conflicts and update_conflicts are mutually exclusive.");
    if (o->ignore_conflicts && !c->d->has.supports_ignore_conflicts)
        RAISE(cx, 500, "not_supported_error", "This database backend does not support ignoring conflicts.");
    if (!o->update_conflicts)
        return;
    if (!c->d->has.supports_update_conflicts)
        RAISE(cx, 500, "not_supported_error", "This database backend does not support updating conflicts.");
    if (!c->update.n)
        RAISE(cx, 500, "value_error",
              "Fields that will be updated when a row insertion fails on conflicts must be provided.");
    if (c->unique.n && !c->d->has.supports_update_conflicts_with_target)
        RAISE(
            cx, 500, "not_supported_error",
            "This database backend does not support updating conflicts with specifying unique fields that can trigger "
            "the upsert.");
    if (!c->unique.n && c->d->has.supports_update_conflicts_with_target)
        RAISE(cx, 500, "value_error", "Unique fields that can trigger the upsert must be provided.");
    for (size_t i = 0; i < c->update.n; i++)
        if (c->update.p[i] == c->info->pk)
            RAISE(cx, 500, "value_error", "bulk_create() cannot be used with primary keys in update_fields.");
}

/* What is written for a member: what save() would write. */
Value bulk_value(Context *cx, const FieldInfo *field, void *row, bool adding)
{
    const Field *f = field->f;
    row_set_now(field, row, adding);
    if (field->to && field_has_pointer(f)) {
        void *to = *(void **)((char *)row + f->to_offset);
        if (to && member_is_null(f, row)) {
            Value key = member_load(cx->arena, field->to_field->f, to);
            if (key.tag == VALUE_NULL || (key.tag == VALUE_INT && key.i == 0))
                RAISE(cx, 500, "value_error",
                      "bulk_create() prohibited to prevent data loss due to unsaved related object '%.*s'.",
                      STR_FMT(field->name));
            (void)member_store(cx->arena, f, field->stored, row, &key, false);
        }
    }
    return row_stored_value(cx, field, row);
}

bool bulk_writes(const FieldInfo *field, const ModelInfo *info, bool with_key)
{
    return !(field == info->pk && !with_key && field_is_auto(field->f)) && !field_is_generated(field->f);
}

const Str *bulk_columns(Context *cx, const ModelInfo *info, bool with_key, size_t *n)
{
    Str *names = NEW_ARRAY(cx->arena, Str, info->n + 1);
    for (size_t i = 0; i < info->n; i++)
        if (bulk_writes(&info->fields[i], info, with_key))
            names[(*n)++] = info->fields[i].quoted;
    return names;
}

/* --- PostgreSQL: a column as one parameter, so that the statement is the same for any number of rows */

static bool array_kind(const FieldInfo *field, DbArrayKind *kind)
{
    switch (field->kind) {
    case FIELD_BOOLEAN:
        *kind = DB_ARRAY_BOOL;
        return true;
    case FIELD_FLOAT:
        *kind = DB_ARRAY_DOUBLE;
        return true;
    case FIELD_DATE:
        *kind = DB_ARRAY_DATE;
        return true;
    case FIELD_TIME:
        *kind = DB_ARRAY_TIME;
        return true;
    case FIELD_DATETIME:
        *kind = DB_ARRAY_DATETIME;
        return true;
    case FIELD_DURATION:
        *kind = DB_ARRAY_DURATION;
        return true;
    case FIELD_UUID:
        *kind = DB_ARRAY_UUID;
        return true;
    case FIELD_BINARY:
        *kind = DB_ARRAY_BYTES;
        return true;
    case FIELD_CHAR:
    case FIELD_TEXT:
    case FIELD_SLUG:
    case FIELD_EMAIL:
    case FIELD_URL:
        *kind = DB_ARRAY_TEXT;
        return true;
    default:
        *kind = DB_ARRAY_INT;
        return field_is_auto(field->f) || field->kind == FIELD_INTEGER || field->kind == FIELD_BIG_INTEGER ||
               field->kind == FIELD_SMALL_INTEGER || field->kind == FIELD_POSITIVE_INTEGER;
    }
}

static bool fits_array(Value v, DbArrayKind kind)
{
    static const uint8_t tags[] = {
        [DB_ARRAY_TEXT] = VALUE_STR,      [DB_ARRAY_INT] = VALUE_INT,           [DB_ARRAY_BOOL] = VALUE_BOOL,
        [DB_ARRAY_DOUBLE] = VALUE_DOUBLE, [DB_ARRAY_BYTES] = VALUE_BYTES,       [DB_ARRAY_DATE] = VALUE_DATE,
        [DB_ARRAY_TIME] = VALUE_TIME,     [DB_ARRAY_DATETIME] = VALUE_DATETIME, [DB_ARRAY_DURATION] = VALUE_DURATION,
        [DB_ARRAY_UUID] = VALUE_UUID
    };
    return v.tag == VALUE_NULL || v.tag == tags[kind];
}

typedef struct Unnested {
    DbArray arrays[UNNEST_COLUMNS_MAX];
    size_t n;
} Unnested;

/* The values of the rows by columns; false when a column has none that stands in an array. */
static bool unnest(const Creating *c, void *const *rows, size_t n, bool with_key, Unnested *out)
{
    const ModelInfo *info = c->info;
    if (!c->d->unnests || n < UNNEST_ROWS_LEAST || info->n > UNNEST_COLUMNS_MAX)
        return false;
    out->n = 0;
    for (size_t i = 0; i < info->n; i++) {
        if (bulk_writes(&info->fields[i], info, with_key) && !array_kind(&info->fields[i], &out->arrays[out->n++].kind))
            return false;
    }
    for (size_t i = 0, k = 0; i < info->n; i++) {
        if (!bulk_writes(&info->fields[i], info, with_key))
            continue;
        Value *values = NEW_ARRAY(c->cx->arena, Value, n);
        for (size_t r = 0; r < n; r++) {
            values[r] = bulk_value(c->cx, &info->fields[i], rows[r], true);
            if (!fits_array(values[r], out->arrays[k].kind))
                return false;
        }
        out->arrays[k].p = values;
        out->arrays[k++].n = n;
    }
    return out->n > 0;
}

static bool has_generated(const ModelInfo *info)
{
    for (size_t i = 0; i < info->n; i++)
        if (field_is_generated(info->fields[i].f))
            return true;
    return false;
}

/* What the database says of each row: the key that it made, and what it computed. */
static size_t columns_back(const Creating *c, bool with_key, const FieldInfo **out)
{
    size_t n = 0;
    if (c->o->ignore_conflicts || !c->d->has.can_return_rows_from_bulk_insert)
        return 0;
    if (!with_key)
        out[n++] = c->info->pk;
    for (size_t i = 0; i < c->info->n; i++)
        if (field_is_generated(c->info->fields[i].f))
            out[n++] = &c->info->fields[i];
    return n;
}

/* One INSERT; the keys that the database gave are put in place. */
static void insert_batch(const Creating *c, void *const *rows, size_t n, bool with_key)
{
    Context *cx = c->cx;
    const ModelInfo *info = c->info;
    Buf b = BUF_INIT(cx->arena, BULK_SQL_MAX);
    VEC(Value) params = { 0 };
    buf_c(&b, c->o->ignore_conflicts ? c->d->insert_ignore : "INSERT INTO");
    buf_printf(&b, " %.*s (", STR_FMT(info->quoted));
    for (size_t i = 0, k = 0; i < info->n; i++)
        if (bulk_writes(&info->fields[i], info, with_key))
            buf_printf(&b, "%s%.*s", k++ ? ", " : "", STR_FMT(info->fields[i].quoted));
    Unnested *by_columns = NEW(cx->arena, Unnested);
    bool unnests = unnest(c, rows, n, with_key, by_columns);
    if (unnests) {
        BUF_LIT(&b, ") SELECT * FROM UNNEST(");
        for (size_t k = 0; k < by_columns->n; k++) {
            buf_c(&b, k ? ", ?" : "?");
            VEC_PUSH(cx->arena, &params, value_object(&by_columns->arrays[k], &db_array_class));
        }
        BUF_LIT(&b, ")");
    } else {
        BUF_LIT(&b, ") VALUES ");
    }
    for (size_t r = 0; r < n && !unnests; r++) {
        buf_c(&b, r ? ", (" : "(");
        for (size_t i = 0, k = 0; i < info->n; i++) {
            if (!bulk_writes(&info->fields[i], info, with_key))
                continue;
            buf_c(&b, k++ ? ", ?" : "?");
            VEC_PUSH(cx->arena, &params, bulk_value(cx, &info->fields[i], rows[r], true));
        }
        BUF_LIT(&b, ")");
    }
    if (c->o->ignore_conflicts)
        buf_c(&b, c->d->conflict_ignore);
    if (c->o->update_conflicts)
        c->d->upsert(&b, quoted_names(cx, &c->unique), c->unique.n, quoted_names(cx, &c->update), c->update.n);
    const FieldInfo **back = NEW_ARRAY(cx->arena, const FieldInfo *, info->n + 1);
    size_t nback = columns_back(c, with_key, back);
    for (size_t i = 0; i < nback; i++)
        buf_printf(&b, "%s%.*s", i ? ", " : " RETURNING ", STR_FMT(back[i]->quoted));
    Value *cells = NEW_ARRAY(cx->arena, Value, nback + 1);
    if (b.failed)
        RAISE(cx, 500, "query_too_large", "The SQL of a query is larger than %d bytes.", BULK_SQL_MAX);
    Reading *reading = reading_begin(cx, c->alias, info, buf_view(&b), params.p, params.n);
    size_t at = 0;
    while (reading_step(reading, info)) {
        if (!nback || at >= n)
            continue;
        db_row(&reading->cursor, cells);
        for (size_t i = 0; i < nback; i++)
            (void)member_store(cx->arena, back[i]->f, back[i]->stored, rows[at], &cells[i], true);
        at++;
    }
    reading_end(reading);
    for (size_t r = 0; r < n; r++) {
        RowState *state = *row_state_of(rows[r]);
        if (state)
            state->adding = false;
    }
}

/* --- PostgreSQL: by COPY, where no key has to come back and no conflict is to be met */

typedef struct Copied {
    const Creating *c;
    void *const *rows;
    size_t at, n;
} Copied;

static bool next_values(void *arg, Value *cells)
{
    Copied *copied = arg;
    const ModelInfo *info = copied->c->info;
    if (copied->at == copied->n)
        return false;
    for (size_t i = 0, k = 0; i < info->n; i++)
        if (bulk_writes(&info->fields[i], info, true))
            cells[k++] = bulk_value(copied->c->cx, &info->fields[i], copied->rows[copied->at], true);
    copied->at++;
    return true;
}

static bool copies(const Creating *c, size_t n)
{
    return c->d->unnests && !has_generated(c->info) && n >= COPY_ROWS_LEAST && !c->o->ignore_conflicts &&
           !c->o->update_conflicts;
}

static void copy_all(const Creating *c, void *const *rows, size_t n)
{
    Copied copied = { .c = c, .rows = rows, .n = n };
    size_t ncolumns = 0;
    const Str *columns = bulk_columns(c->cx, c->info, true, &ncolumns);
    /* What raises does so now, not while the rows are on their way. */
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < c->info->n; k++)
            if (bulk_writes(&c->info->fields[k], c->info, true) && c->info->fields[k].to)
                (void)bulk_value(c->cx, &c->info->fields[k], rows[i], true);
    work_copy(c->cx, c->alias, c->info, columns, ncolumns, next_values, &copied);
    for (size_t i = 0; i < n; i++) {
        RowState *state = *row_state_of(rows[i]);
        if (state)
            state->adding = false;
    }
}

static size_t batch_of(const Dialect *d, size_t columns, size_t wanted)
{
    size_t most = (d->max_parameters ? d->max_parameters : 999) / (columns ? columns : 1);
    if (!most)
        most = 1;
    if (most > BULK_ROWS_MAX)
        most = BULK_ROWS_MAX;
    return wanted && wanted < most ? wanted : most;
}

/* Where a column is one parameter, the number of rows does not count. */
static size_t create_batch(const Creating *c)
{
    DbArrayKind kind;
    bool unnests = c->d->unnests && c->info->n <= UNNEST_COLUMNS_MAX;
    for (size_t i = 0; unnests && i < c->info->n; i++)
        unnests = array_kind(&c->info->fields[i], &kind) || field_is_generated(c->info->fields[i].f);
    size_t wanted = (size_t)c->o->batch_size;
    if (!unnests)
        return batch_of(c->d, c->info->n, wanted);
    return wanted && wanted < UNNEST_ROWS_MAX ? wanted : UNNEST_ROWS_MAX;
}

void model_bulk_create(Context *cx, const Model *m, void *const *rows, size_t n, const BulkCreate *options)
{
    static const BulkCreate none = { .batch_size = 0 };
    Creating c = { .cx = cx, .info = model_info(cx, m), .o = options ? options : &none };
    info_check_swapped(cx, c.info);
    c.alias = c.o->using;
    c.d = dialect_of(cx, c.alias);
    c.update = columns_of(cx, c.info, c.o->update_fields, "update_fields");
    c.unique = columns_of(cx, c.info, c.o->unique_fields, "unique_fields");
    check_create(&c);
    if (!n)
        return;
    void **with = NEW_ARRAY(cx->arena, void *, n), **without = NEW_ARRAY(cx->arena, void *, n);
    size_t nwith = 0, nwithout = 0;
    for (size_t i = 0; i < n; i++) {
        if (row_key_is_set(cx, c.info->pk, rows[i]) || !field_is_auto(c.info->pk->f))
            with[nwith++] = rows[i];
        else
            without[nwithout++] = rows[i];
    }
    if (!nwithout && copies(&c, nwith)) { /* one statement: all of it or nothing */
        copy_all(&c, with, nwith);
        return;
    }
    size_t batch = create_batch(&c);
    if (nwith <= batch && nwithout <= batch && !(nwith && nwithout)) {
        insert_batch(&c, nwith ? with : without, nwith + nwithout, nwith > 0);
        return;
    }
    ATOMIC(cx, .using = c.alias, .no_savepoint = true)
    {
        for (size_t at = 0; at < nwith; at += batch)
            insert_batch(&c, with + at, nwith - at < batch ? nwith - at : batch, true);
        for (size_t at = 0; at < nwithout; at += batch)
            insert_batch(&c, without + at, nwithout - at < batch ? nwithout - at : batch, false);
    }
}

/* --- bulk_update */

/* CASE WHEN pk = ? THEN ? ... END, cast where the database would not know the type. */
static const Node *case_of(QuerySet *q, const FieldInfo *field, void *const *rows, size_t n, const BulkUpdate *o)
{
    Context *cx = q->cx;
    Resolving r = { .q = q };
    const Node *pk = join_column(&r, &(Names){ .field = q->info->pk });
    Node *out = node_new(cx, NODE_CASE, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        Node *same = node_new(cx, NODE_COMPARE, 2);
        same->args[0] = pk;
        same->args[1] = node_value(cx, member_load(cx->arena, q->info->pk->f, rows[i]), q->info->pk);
        same->op = OP_EQ;
        out->args[2 * i] = same;
        Value own = value_null();
        bool given = o->value && o->value(o->arg, rows[i], field->f, &own);
        if (given) {
            const Boxed b = { box_value, &own };
            out->args[2 * i + 1] = boxed_resolve(&r, &b, false, field);
        } else {
            out->args[2 * i + 1] = node_value(cx, bulk_value(cx, field, rows[i], false), field);
        }
    }
    out->args[2 * n] = node_value(cx, value_null(), field);
    out->out = field;
    if (!dialect_of(cx, q->alias)->has.has_native_json_field)
        return out;
    /* PostgreSQL takes parameters in a CASE for texts. */
    Node *cast = node_new(cx, NODE_CALL, 1);
    cast->fn = function_find(STR("Cast"));
    cast->args[0] = out;
    cast->out = field;
    return cast;
}

static size_t update_batch(QuerySet *q, const Columns *c, void *const *rows, size_t n, const BulkUpdate *o)
{
    Context *cx = q->cx;
    QuerySet *some = queryset_copy(q);
    Named *set = NEW_ARRAY(cx->arena, Named, c->n);
    Resolving r = { .q = some };
    Node *in = node_new(cx, NODE_COMPARE, n + 1);
    in->args[0] = join_column(&r, &(Names){ .field = q->info->pk });
    in->op = OP_IN;
    for (size_t i = 0; i < n; i++)
        in->args[i + 1] = node_value(cx, member_load(cx->arena, q->info->pk->f, rows[i]), q->info->pk);
    some->where = node_and(cx, some->where, in);
    for (size_t i = 0; i < c->n; i++)
        set[i] = (Named){ c->p[i]->quoted, case_of(some, c->p[i], rows, n, o), false };
    Sql sql = queryset_compile_update(some, set, c->n);
    if (sql.empty)
        return 0;
    return (size_t)work_execute(cx, q->alias, q->info, sql.text, sql.params, sql.nparams).changes;
}

size_t queryset_bulk_update(QuerySet *q, void *const *rows, size_t n, const char *const *fields,
                            const BulkUpdate *options)
{
    static const BulkUpdate none = { .batch_size = 0 };
    Context *cx = q->cx;
    const BulkUpdate *o = options ? options : &none;
    if (o->batch_size < 0)
        RAISE(cx, 500, "value_error", "Batch size must be a positive integer.");
    if (!fields || !fields[0])
        RAISE(cx, 500, "value_error", "Field names must be given to bulk_update().");
    size_t nfields = 0;
    for (; fields[nfields]; nfields++) {
        const FieldInfo *field = info_field(q->info, str_c(fields[nfields]));
        if (!field)
            RAISE(cx, 500, "field_error", "%s has no field named '%s'", q->info->m->name, fields[nfields]);
        if (field == q->info->pk || field->f->primary_key)
            RAISE(cx, 500, "value_error", "bulk_update() cannot be used with primary key fields.");
    }
    for (size_t i = 0; i < n; i++)
        if (!row_key_is_set(cx, q->info->pk, rows[i]))
            RAISE(cx, 500, "value_error", "All bulk_update() objects must have a primary key set.");
    size_t total = 0;
    ATOMIC(cx, .using = q->alias, .no_savepoint = true)
    {
        for (const ModelInfo *table = q->info; table && n; table = table->base) {
            Columns c = { .p = NEW_ARRAY(cx->arena, const FieldInfo *, nfields + 1) };
            for (size_t i = 0; i < nfields; i++) {
                const FieldInfo *field = info_field(q->info, str_c(fields[i]));
                if (field->model->concrete == table->concrete)
                    c.p[c.n++] = field;
            }
            if (!c.n)
                continue;
            size_t batch = batch_of(dialect_of(cx, q->alias), 2 * c.n + 1, (size_t)o->batch_size), changed = 0;
            QuerySet *all =
                table == q->info ? queryset_unordered(q) : queryset_using(queryset_bare(cx, table), q->alias);
            for (size_t at = 0; at < n; at += batch)
                changed += update_batch(all, &c, rows + at, n - at < batch ? n - at : batch, o);
            total = changed > total ? changed : total;
        }
    }
    return total;
}
