/* result.c: rows of a statement, decoded column by column into structs of the context's memory. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/map.h>
#include <clef/signals/builtin.h>

void *result_add(ResultSet *set, size_t expected)
{
    size_t i = set->n, size = set->row_size;
    unsigned k = 63 - (unsigned)__builtin_clzll(i / CHUNK_ROWS + 1);
    size_t first = CHUNK_ROWS * (((size_t)1 << k) - 1);
    if (i == first && !set->chunks[k]) {
        size_t rows = (size_t)CHUNK_ROWS << k;
        if (expected && expected - i < rows && expected > i)
            rows = expected - i;
        set->chunks[k] = arena_array(set->cx->arena, rows, size);
    }
    void *row = set->chunks[k] + (i - first) * size;
    *row_state_of(row) = &set->state;
    set->n++;
    return row;
}

static CLEF_COLD CLEF_NORETURN void bad_column(Context *cx, const FieldInfo *field, const Value *v)
{
    Str text;
    if (!value_to_str(*v, &text))
        text = str_c(value_type_name(*v));
    RAISE(cx, 500, "data_error", "The column %.*s of the table %.*s holds '%.*s', which is no value of a %s.",
          STR_FMT(field->column), STR_FMT(field->model->table), STR_FMT(str_slice(text, 0, 80)), field_class(field->f));
}

static ResultSet *set_new(Context *cx, const ModelInfo *info, Str alias, const Named *extra, size_t nextra)
{
    ResultSet *set = arena_alloc(cx->arena, sizeof *set);
    size_t size = (info->m->size + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
    *set = (ResultSet){ .cx = cx, .info = info, .alias = alias, .extra = extra, .nextra = nextra };
    set->row_size = nextra ? size + nextra * sizeof(Value) : info->m->size;
    set->state = (RowState){ .info = info, .set = set };
    return set;
}

/* Fills the members of a row with the cells; how many cells that took. */
static size_t store_row(Context *cx, const ModelInfo *info, const uint64_t *deferred, void *row, const Value *cells)
{
    size_t used = 0;
    for (size_t i = 0; i < row_columns(info); i++) {
        const FieldInfo *field = row_column(info, i);
        if (CLEF_UNLIKELY(is_deferred(deferred, i)))
            continue;
        if (CLEF_UNLIKELY(!member_store(cx->arena, field->f, field->stored, row, &cells[used], true)))
            bad_column(cx, field, &cells[used]);
        used++;
    }
    return used;
}

/* --- related rows, read with those that they belong to */

typedef struct Beside {
    const Related *related;
    ResultSet *set;
    size_t columns, key; /* how many cells, and which of them has the primary key */
    void *row;           /* of the current row; NULL: there is none */
    Str kept;            /* the name under which rows without a pointer to them are kept */
} Beside;

static Beside *besides_of(QuerySet *q, const Sql *sql)
{
    Context *cx = q->cx;
    Beside *all = NEW_ARRAY(cx->arena, Beside, sql->nrelated);
    for (size_t i = 0; i < sql->nrelated; i++) {
        const Related *r = &sql->related[i];
        Beside *b = &all[i];
        *b = (Beside){ .related = r, .set = set_new(cx, r->info, q->alias, NULL, 0) };
        b->set->deferred = r->deferred;
        b->set->fetch = q->fetch_mode;
        for (size_t k = 0; k < row_columns(r->info); k++) {
            if (is_deferred(r->deferred, k))
                continue;
            if (row_column(r->info, k) == r->info->pk)
                b->key = b->columns;
            b->columns++;
        }
        if (r->reverse || !field_has_pointer(r->field->f))
            b->kept = r->reverse ? reverse_name_of(r->field) : r->field->name;
    }
    return all;
}

static size_t store_beside(Context *cx, Beside *all, size_t i, void *row, const Value *cells)
{
    Beside *b = &all[i];
    const Related *r = b->related;
    Beside *parent = r->parent ? &all[r->parent - 1] : NULL;
    void *from = parent ? parent->row : row;
    b->row = NULL;
    if (from && cells[b->key].tag != VALUE_NULL) {
        b->row = result_add(b->set, 0);
        (void)store_row(cx, r->info, r->deferred, b->row, cells);
        /* A row reached against a relation knows the one that it belongs to. */
        if (field_has_pointer(r->field->f))
            *(void **)((r->reverse ? (char *)b->row : (char *)from) + r->field->f->to_offset) =
                r->reverse ? from : b->row;
    }
    if (b->kept.p && from)
        prefetched_keep_row(cx, from, b->kept, b->row);
    return b->columns;
}

/* --- rows */

/* The database that the rows are of, which routers may have chosen. */
static void came_from(ResultSet *set, Beside *besides, size_t n, const Reading *r)
{
    set->state.alias = r->c->config->alias;
    for (size_t i = 0; i < n; i++)
        besides[i].set->state.alias = set->state.alias;
}

static void announce_set(Context *cx, const ResultSet *set)
{
    const Model *m = set->info->m;
    ModelSignal event = { .model = m, .using = str_dup_c(cx->arena, set->state.alias) };
    for (size_t i = 0; i < set->n; i++) {
        event.row = NULL;
        signal_send(cx, &pre_init, m, &event);
        event.row = result_at(set, i);
        signal_send(cx, &post_init, m, &event);
    }
}

/* pre_init and post_init, when somebody listens; once the statement is over, for a receiver may run others. */
static void announce(Context *cx, const ResultSet *set, const Beside *besides, size_t n)
{
    if (CLEF_LIKELY(!pre_init.first && !post_init.first))
        return;
    for (size_t i = 0; i <= n; i++) {
        const ResultSet *of = i ? besides[i - 1].set : set;
        if (signal_has_listeners(&pre_init, of->info->m) || signal_has_listeners(&post_init, of->info->m))
            announce_set(cx, of);
    }
}

/* A row of `set`, of what the cursor stands at. */
static void read_row(QuerySet *q, const Sql *sql, ResultSet *set, Beside *besides, const Value *cells, size_t expected)
{
    char *row = result_add(set, expected);
    size_t at = store_row(q->cx, set->info, set->deferred, row, cells);
    for (size_t i = 0; i < sql->nrelated; i++)
        at += store_beside(q->cx, besides, i, row, cells + at);
    Value *extra = (Value *)(row + set->row_size) - set->nextra;
    for (size_t i = 0; i < set->nextra; i++)
        extra[i] = value_from_node(q->cx, set->extra[i].node, &cells[at + i]);
}

/* An empty set for the rows of that statement. */
static ResultSet *set_of(const QuerySet *q, const Sql *sql)
{
    size_t nextra;
    const Named *extra = annotations_shown(q->combinator ? q->parts[0] : q, &nextra);
    ResultSet *set = set_new(q->cx, q->info, q->alias, extra, nextra);
    set->deferred = sql->deferred;
    set->fetch = q->fetch_mode;
    return set;
}

ResultSet *result_read(QuerySet *q, const Sql *sql, size_t expected)
{
    Context *cx = q->cx;
    ResultSet *set = set_of(q, sql);
    if (sql->empty)
        return set;
    Beside *besides = sql->nrelated ? besides_of(q, sql) : NULL;
    Reading *r = reading_begin(cx, q->alias, q->info, sql->text, sql->params, sql->nparams);
    Value *cells = NULL;
    while (reading_step(r, q->info)) {
        if (!cells)
            cells = NEW_ARRAY(cx->arena, Value, r->cursor.columns);
        db_row(&r->cursor, cells);
        read_row(q, sql, set, besides, cells, expected);
    }
    came_from(set, besides, sql->nrelated, r);
    reading_end(r);
    announce(cx, set, besides, sql->nrelated);
    return set;
}

ResultSet *result_chunk(QuerySet *q, const Sql *sql, Reading *r, size_t most, bool *more)
{
    Context *cx = q->cx;
    ResultSet *set = set_of(q, sql);
    Beside *besides = sql->nrelated ? besides_of(q, sql) : NULL;
    Value *cells = NEW_ARRAY(cx->arena, Value, r->cursor.columns);
    while (set->n < most && (*more = reading_step(r, q->info))) {
        db_row(&r->cursor, cells);
        read_row(q, sql, set, besides, cells, 0);
    }
    came_from(set, besides, sql->nrelated, r);
    announce(cx, set, besides, sql->nrelated);
    return set;
}

/* Which column of the model a column of a raw statement is; SIZE_MAX: another one. */
static size_t column_named(const ModelInfo *info, Str name)
{
    for (size_t i = 0; i < row_columns(info); i++)
        if (str_eq(row_column(info, i)->column, name) || str_eq(row_column(info, i)->attname, name))
            return i;
    return SIZE_MAX;
}

/* The column of the field that a name of the statement stands for; a name of no field stays an annotation's. */
static Str field_translated(Context *cx, const ModelInfo *info, const NamedExpr *t)
{
    Value v = t->value.box(cx->arena, t->value.at);
    if (!value_is_text(v))
        RAISE(cx, 500, "type_error", "The translation of '%s' is the name of a field, not a %s.", t->name,
              value_type_name(v));
    const FieldInfo *field = info_field(info, v.s);
    return field ? field->column : str_copy(cx->arena, v.s);
}

ResultSet *result_raw(QuerySet *q)
{
    Context *cx = q->cx;
    const ModelInfo *info = q->info;
    const RawQuery *raw = q->raw;
    size_t nmodel = row_columns(info), nextra = 0;
    Reading *r = reading_begin(cx, q->alias, info, raw->sql, raw->params, raw->n);
    size_t n = r->cursor.columns, *places = NEW_ARRAY(cx->arena, size_t, n + 1);
    Named *extra = NEW_ARRAY(cx->arena, Named, n + 1);
    uint64_t *missing = NEW_ARRAY(cx->arena, uint64_t, nmodel / 64 + 1);
    bool some_missing = false, key = false;
    for (size_t i = 0; i < nmodel; i++)
        missing[i / 64] |= (uint64_t)1 << (i % 64);
    for (size_t i = 0; i < n; i++) {
        Str name = str_copy(cx->arena, db_column_name(&r->cursor, i));
        for (const NamedExpr *t = raw->translations; t && t->name; t++)
            if (str_eq(str_c(t->name), name))
                name = field_translated(cx, info, t);
        places[i] = column_named(info, name);
        if (places[i] == SIZE_MAX) {
            extra[nextra++] = (Named){ name, node_new(cx, NODE_RAW, 0), false };
            continue;
        }
        missing[places[i] / 64] &= ~((uint64_t)1 << (places[i] % 64));
        key |= row_column(info, places[i]) == info->pk;
    }
    if (!key)
        RAISE(cx, 500, "field_does_not_exist", "Raw query must include the primary key");
    for (size_t i = 0; i < nmodel; i++)
        some_missing |= is_deferred(missing, i);
    ResultSet *set = set_new(cx, info, q->alias, extra, nextra);
    set->fetch = q->fetch_mode;
    set->deferred = some_missing ? missing : NULL;
    Value *cells = NEW_ARRAY(cx->arena, Value, n + 1);
    while (reading_step(r, info)) {
        db_row(&r->cursor, cells);
        char *row = result_add(set, 0);
        Value *more = (Value *)(row + set->row_size) - nextra;
        for (size_t i = 0, k = 0; i < n; i++) {
            if (places[i] == SIZE_MAX) {
                more[k++] = value_copy(cx->arena, cells[i]);
                continue;
            }
            const FieldInfo *field = row_column(info, places[i]);
            if (!member_store(cx->arena, field->f, field->stored, row, &cells[i], true))
                bad_column(cx, field, &cells[i]);
        }
    }
    came_from(set, NULL, 0, r);
    reading_end(r);
    announce(cx, set, NULL, 0);
    return set;
}

ResultSet *result_view(ResultSet *of, void **rows, size_t n)
{
    ResultSet *view = NEW(of->cx->arena, ResultSet);
    *view = *of;
    view->view = rows;
    view->n = n;
    view->prefetched = NULL;
    view->loaded = NULL;
    return view;
}

size_t result_index(const ResultSet *set, const void *row)
{
    for (size_t k = 0, first = 0; !set->view && k < CHUNKS && first < set->n; k++) {
        size_t rows = (size_t)CHUNK_ROWS << k, here = set->n - first < rows ? set->n - first : rows;
        const char *p = row, *begin = set->chunks[k];
        if (p >= begin && p < begin + here * set->row_size)
            return first + (size_t)(p - begin) / set->row_size;
        first += rows;
    }
    for (size_t i = 0; set->view && i < set->n; i++)
        if (set->view[i] == row)
            return i;
    return SIZE_MAX;
}

bool row_annotation(const void *row, const char *name, Value *out)
{
    const RowState *state = *row_state_of((void *)row);
    const ResultSet *set = state ? state->set : NULL;
    for (size_t i = 0; set && i < set->nextra; i++)
        if (str_eq(set->extra[i].name, str_c(name))) {
            *out = ((const Value *)((const char *)row + set->row_size) - set->nextra)[i];
            return true;
        }
    return false;
}

/* The value of a column, or of the columns of a composite key; moves *at behind it. */
static Value value_of_cells(Context *cx, const Node *node, const Value *cells, size_t *at)
{
    const FieldInfo *out = node->kind == NODE_COLUMN ? node->field : NULL;
    if (!out || out->kind != FIELD_COMPOSITE)
        return value_from_node(cx, node, &cells[(*at)++]);
    List *parts = list_new(cx->arena);
    for (size_t i = 0; i < out->model->nkeys; i++) {
        const Node part = { .kind = NODE_COLUMN, .field = out->model->keys[i], .out = out->model->keys[i] };
        list_push(cx->arena, parts, value_from_node(cx, &part, &cells[(*at)++]));
    }
    return value_list(parts);
}

List *values_read(QuerySet *q, const Sql *sql, const Named *nodes, size_t n, QueryMode mode)
{
    Context *cx = q->cx;
    Arena *a = cx->arena;
    List *rows = list_new(a);
    if (sql->empty)
        return rows;
    Value *cells = NULL;
    Reading *r = reading_begin(cx, q->alias, q->info, sql->text, sql->params, sql->nparams);
    while (reading_step(r, q->info)) {
        if (!cells)
            cells = NEW_ARRAY(a, Value, r->cursor.columns);
        db_row(&r->cursor, cells);
        Map *map = mode == MODE_MAPS ? map_new(a) : NULL;
        List *list = mode == MODE_LISTS ? list_new(a) : NULL;
        for (size_t i = 0, at = 0; i < n; i++) {
            Value v = value_of_cells(cx, nodes[i].node, cells, &at);
            if (map)
                map_set(map, nodes[i].name, v);
            else if (list)
                list_push(a, list, v);
            else
                list_push(a, rows, v);
        }
        if (map || list)
            list_push(a, rows, map ? value_map(map) : value_list(list));
    }
    reading_end(r);
    return rows;
}
