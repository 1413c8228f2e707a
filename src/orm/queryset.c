/* queryset.c: querysets made from each other, and asked. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/assert.h>
#include <clef/orm/row.h>

QuerySet *queryset_bare(Context *cx, const ModelInfo *info)
{
    QuerySet *q = arena_alloc(cx->arena, sizeof *q);
    Join *base = arena_alloc(cx->arena, sizeof *base);
    *base = (Join){ .parent = 0 };
    *q = (QuerySet){ .cx = cx, .info = info, .joins = base, .njoins = 1, .to = QUERY_ALL, .ordered = true };
    return q;
}

QuerySet *queryset_of(Context *cx, const Model *m)
{
    const ModelInfo *info = model_info(cx, m);
    info_check_swapped(cx, info);
    QuerySet *q = queryset_bare(cx, info);
    q->ordered = false;
    return q;
}

const Model *queryset_model(const QuerySet *q) { return q->info->m; }

/* A copy that was not asked yet. */
QuerySet *queryset_copy(const QuerySet *q)
{
    QuerySet *copy = arena_alloc(q->cx->arena, sizeof *copy); /* all of it is written here */
    *copy = *q;
    copy->result = NULL;
    copy->siblings = NULL;
    copy->was_read = false;
    copy->sticky = false;
    copy->values = NULL;
    return copy;
}

static CLEF_COLD CLEF_NORETURN void is_sliced(const QuerySet *q, const char *what)
{
    RAISE(q->cx, 500, "type_error", "Cannot %s a query once a slice has been taken.", what);
}

static QuerySet *narrowed(QuerySet *q, const Pred *preds, Connector connector)
{
    QuerySet *copy = queryset_copy(q);
    if (!preds || !(preds->path || preds->lookup || preds->connector))
        return copy;
    if (q->sliced)
        is_sliced(q, "filter");
    check_not_combined(q, connector == CONNECT_NOT ? "exclude" : "filter");
    if (q->raw)
        RAISE(q->cx, 500, "type_error", "A raw query cannot be filtered: its SQL stands.");
    bool used[32] = { false };
    for (size_t i = 1; q->sticky && connector == CONNECT_AND && i < q->njoins && i < sizeof used; i++)
        used[i] = true;
    Resolving r = { .q = copy, .used = used, .nused = sizeof used };
    const Node *where = where_resolve(&r, preds, connector);
    copy->where = node_and(q->cx, copy->where, where);
    return copy;
}

QuerySet *queryset_filter(QuerySet *q, const Pred *preds) { return narrowed(q, preds, CONNECT_AND); }
QuerySet *queryset_exclude(QuerySet *q, const Pred *preds) { return narrowed(q, preds, CONNECT_NOT); }
QuerySet *queryset_all(QuerySet *q)
{
    QuerySet *copy = queryset_copy(q);
    copy->siblings = q->siblings;
    copy->sticky = q->sticky;
    copy->was_read = q->was_read;
    copy->result = q->was_read ? q->result : NULL;
    return copy;
}

/* Is there such a name? Names may join tables, which is done when the statement is made. */
static void check_order_name(QuerySet *q, Str name)
{
    if (str_starts(name, STR("-")) || str_starts(name, STR("+")))
        name = str_from_byte(name, 1);
    if (str_eq(name, STR("?")))
        return;
    const QuerySet *of = q->combinator ? q->parts[0] : q;
    for (size_t i = 0; i < of->nselected; i++)
        if (of->mode != MODE_ROWS && str_eq(of->selected[i].name, name))
            return;
    Resolving r = { .q = queryset_copy(of) };
    (void)name_resolve(&r, name);
}

QuerySet *queryset_order_by_terms(QuerySet *q, Values terms)
{
    Context *cx = q->cx;
    if (q->sliced)
        is_sliced(q, "reorder");
    OrderTerm *order = NEW_ARRAY(cx->arena, OrderTerm, terms.n + 1);
    for (size_t i = 0; i < terms.n; i++) {
        Value v = terms.p[i].box(cx->arena, terms.p[i].at);
        const Expr *e = expr_of(v);
        if (value_is_text(v)) {
            order[i].name = str_copy(cx->arena, v.s);
            check_order_name(q, order[i].name);
        } else if (e) {
            order[i].expr = expr_copy(cx->arena, e);
        } else {
            RAISE(cx, 500, "field_error", "Invalid order_by arguments: [%s]", value_type_name(v));
        }
    }
    QuerySet *ordered = queryset_copy(q);
    ordered->order = order;
    ordered->norder = terms.n;
    ordered->ordered = true;
    ordered->reversed = false;
    return ordered;
}

QuerySet *queryset_order_by(QuerySet *q, const char *const *names)
{
    QuerySet *ordered = queryset_copy(q);
    if (q->sliced)
        is_sliced(q, "reorder");
    ordered->order = order_of_names(q->cx, names, &ordered->norder);
    for (size_t i = 0; i < ordered->norder; i++)
        check_order_name(q, ordered->order[i].name);
    ordered->ordered = true;
    ordered->reversed = false;
    return ordered;
}

QuerySet *queryset_unordered(const QuerySet *q)
{
    QuerySet *copy = queryset_copy(q);
    copy->order = NULL;
    copy->norder = 0;
    copy->ordered = true;
    return copy;
}

QuerySet *queryset_reverse(QuerySet *q)
{
    if (q->sliced)
        is_sliced(q, "reverse");
    QuerySet *copy = queryset_copy(q);
    copy->reversed = !q->reversed;
    return copy;
}

QuerySet *queryset_slice(QuerySet *q, size_t from, size_t to)
{
    QuerySet *copy = queryset_copy(q);
    /* Relative to the slice that it is taken of, and never beyond it. */
    size_t length = q->to == QUERY_ALL ? QUERY_ALL : q->to - q->from;
    if (to > length)
        to = length;
    if (from > to)
        from = to;
    if (from > (size_t)INT64_MAX - q->from)
        from = 0, to = 0;
    copy->to = to == QUERY_ALL || to > (size_t)INT64_MAX - q->from ? QUERY_ALL : q->from + to;
    copy->from = q->from + from;
    copy->sliced = true;
    return copy;
}

QuerySet *queryset_none(QuerySet *q)
{
    QuerySet *copy = queryset_copy(q);
    copy->none = true;
    return copy;
}

QuerySet *queryset_using(QuerySet *q, Str alias)
{
    QuerySet *copy = queryset_copy(q);
    copy->alias = str_copy(q->cx->arena, alias);
    return copy;
}

QuerySet *queryset_raw_translated(const QuerySet *q, const NamedExpr *translations)
{
    Context *cx = q->cx;
    size_t n = 0;
    if (!q->raw)
        RAISE(cx, 500, "type_error", "Only raw querysets have translations.");
    while (translations[n].name)
        n++;
    NamedExpr *all = NEW_ARRAY(cx->arena, NamedExpr, n + 1);
    for (size_t i = 0; i < n; i++) {
        Value *v = NEW(cx->arena, Value);
        *v = value_copy(cx->arena, translations[i].value.box(cx->arena, translations[i].value.at));
        all[i] = (NamedExpr){ str_dup_c(cx->arena, str_c(translations[i].name)), { box_value, v } };
    }
    RawQuery *raw = NEW(cx->arena, RawQuery);
    *raw = *q->raw;
    raw->translations = all;
    QuerySet *copy = queryset_copy(q);
    copy->raw = raw;
    return copy;
}

QuerySet *queryset_raw(Context *cx, const Model *m, Str sql, const Value *params, size_t n)
{
    QuerySet *q = queryset_of(cx, m);
    RawQuery *raw = NEW(cx->arena, RawQuery);
    Value *copy = NEW_ARRAY(cx->arena, Value, n + 1);
    for (size_t i = 0; i < n; i++)
        copy[i] = value_copy(cx->arena, params[i]);
    *raw = (RawQuery){ str_copy(cx->arena, sql), copy, n, NULL };
    q->raw = raw;
    return q;
}

/* --- asking */

/* The rows of author.posts know their author. */
static void set_known(const QuerySet *q)
{
    for (size_t i = 0; q->known_row && i < q->result->n; i++)
        *(void **)((char *)result_at(q->result, i) + q->known->f->to_offset) = q->known_row;
}

static ResultSet *fetch(QuerySet *q)
{
    if (q->mode != MODE_ROWS)
        RAISE(q->cx, 500, "type_error", "The queryset gives values, not rows of %s.", q->info->m->name);
    if (!q->result && q->siblings) {
        q->result = siblings_read(q);
        if (q->result)
            set_known(q);
    }
    if (!q->result && q->raw) {
        q->result = result_raw(q);
        if (q->nprefetch && q->result->n)
            prefetch_run(q->cx, q->result, q->prefetch, q->nprefetch);
    }
    if (!q->result) {
        if (q->lock.on && dialect_of(q->cx, q->alias)->has.has_select_for_update &&
            !work_scope(db_work(q->cx), work_pool(q->cx, q->alias)))
            RAISE(q->cx, 500, "transaction_management_error",
                  "select_for_update cannot be used outside of a transaction.");
        if (q->via)
            fetch_one_by_one(q->cx, ONE_SET, q->via);
        Sql sql = queryset_compile(q, SELECT_ROWS);
        size_t expected = q->to == QUERY_ALL ? 0 : q->to - q->from;
        q->result = result_read(q, &sql, expected <= CHUNK_ROWS ? expected : 0);
        set_known(q);
        if (q->nprefetch && q->result->n)
            prefetch_run(q->cx, q->result, q->prefetch, q->nprefetch);
    }
    return q->result;
}

static void check_model(const QuerySet *q, const Model *m)
{
    if (CLEF_UNLIKELY(m && q->info->m != m))
        RAISE(q->cx, 500, "type_error", "A queryset of %s was asked for rows of %s.", q->info->m->name, m->name);
}

List *queryset_list(QuerySet *q)
{
    if (q->values)
        return q->values;
    if (q->mode != MODE_ROWS) {
        Sql sql = queryset_compile(q, SELECT_ROWS);
        return q->values = values_read(q, &sql, q->selected, q->nselected, q->mode);
    }
    List *rows = list_new(q->cx->arena);
    ResultSet *set = fetch(q);
    for (size_t i = 0; i < set->n; i++)
        list_push(q->cx->arena, rows, value_object(result_at(set, i), &row_class));
    return q->values = rows;
}

size_t queryset_length(QuerySet *q) { return q->mode == MODE_ROWS ? fetch(q)->n : queryset_list(q)->n; }

void *queryset_at(QuerySet *q, const Model *m, size_t i)
{
    check_model(q, m);
    ResultSet *set = fetch(q);
    return i < set->n ? result_at(set, i) : NULL;
}

void *queryset_next(QuerySet *q, const Model *m, size_t *cursor)
{
    void *row = queryset_at(q, m, *cursor);
    *cursor += row != NULL;
    return row;
}

static QuerySet *first_rows(QuerySet *q, size_t n)
{
    QuerySet *few = queryset_slice(q, 0, n);
    return few;
}

static void *get(QuerySet *q, const Model *m, const Pred *preds)
{
    check_model(q, m);
    QuerySet *found = narrowed(q, preds, CONNECT_AND);
    if (!found->sliced) { /* the order of one row does not matter; nobody else has this copy */
        found->order = NULL;
        found->norder = 0;
        found->ordered = found->sliced = true;
        found->from = 0;
        found->to = QUERY_MAX_GET;
    }
    ResultSet *set = fetch(found);
    if (set->n > 1)
        RAISE(q->cx, 500, "multiple_objects_returned", "get() returned more than one %s -- it returned %s%zu!",
              q->info->m->name, set->n >= QUERY_MAX_GET ? "more than " : "",
              set->n >= QUERY_MAX_GET ? set->n - 1 : set->n);
    return set->n ? result_at(set, 0) : NULL;
}

void *queryset_get(QuerySet *q, const Model *m, const Pred *preds)
{
    void *row = get(q, m, preds);
    if (!row)
        RAISE(q->cx, 500, "does_not_exist", "%s matching query does not exist.", q->info->m->name);
    return row;
}

void *queryset_get_or_404(QuerySet *q, const Model *m, const Pred *preds)
{
    void *row = get(q, m, preds);
    if (!row)
        RAISE(q->cx, 404, "not_found", "No %s matches the given query.", q->info->m->name);
    return row;
}

static QuerySet *with_some_order(QuerySet *q)
{
    bool has = q->ordered ? q->norder > 0 : q->info->ordering != NULL;
    return has || q->sliced ? q : queryset_order_by(q, ORDER("pk"));
}

void *queryset_first(QuerySet *q, const Model *m)
{
    if (q->result)
        return queryset_at(q, m, 0);
    return queryset_at(first_rows(with_some_order(q), 1), m, 0);
}

void *queryset_last(QuerySet *q, const Model *m)
{
    return queryset_at(first_rows(queryset_reverse(with_some_order(q)), 1), m, 0);
}

size_t queryset_count(QuerySet *q)
{
    if (q->result || q->values)
        return queryset_length(q);
    Sql sql = queryset_compile(q, SELECT_COUNT);
    if (sql.empty)
        return 0;
    if (q->via)
        fetch_one_by_one(q->cx, ONE_SET, q->via);
    Value n = value_int(0);
    Reading *r = reading_begin(q->cx, q->alias, q->info, sql.text, sql.params, sql.nparams);
    if (reading_step(r, q->info))
        db_row(&r->cursor, &n);
    reading_end(r);
    return (size_t)n.i;
}

bool queryset_exists(QuerySet *q)
{
    if (q->result || q->values)
        return queryset_length(q) > 0;
    Sql sql = queryset_compile(q, SELECT_EXISTS);
    if (sql.empty)
        return false;
    if (q->via)
        fetch_one_by_one(q->cx, ONE_SET, q->via);
    Reading *r = reading_begin(q->cx, q->alias, q->info, sql.text, sql.params, sql.nparams);
    bool some = reading_step(r, q->info);
    reading_end(r);
    return some;
}

Str queryset_sql(QuerySet *q) { return queryset_compile(q, SELECT_ROWS).text; }

/* --- querysets and rows as values */

static bool queryset_value_length(const void *self, size_t *out)
{
    *out = queryset_length((QuerySet *)self);
    return true;
}

static bool queryset_value_truth(const void *self) { return queryset_length((QuerySet *)self) > 0; }

static bool item_at(QuerySet *q, size_t i, Value *out)
{
    if (q->mode == MODE_ROWS) {
        *out = value_object(queryset_at(q, NULL, i), &row_class);
        return out->tag != VALUE_NULL;
    }
    List *values = queryset_list(q);
    if (i >= values->n)
        return false;
    *out = values->p[i];
    return true;
}

static bool queryset_value_item(Arena *a, const void *self, Value key, Value *out)
{
    (void)a;
    int64_t i;
    if (!value_to_int(key, &i) || i < 0)
        return false;
    return item_at((QuerySet *)self, (size_t)i, out);
}

static bool queryset_value_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    bool some = item_at((QuerySet *)self, *cursor, out);
    *cursor += some;
    return some;
}

static Str queryset_value_str(Arena *a, const void *self)
{
    QuerySet *q = (QuerySet *)self;
    Buf b = BUF_INIT(a, 1 << 16);
    size_t n = queryset_length(q);
    BUF_LIT(&b, "<QuerySet [");
    for (size_t i = 0; i < n && i < 20; i++) {
        buf_printf(&b, "%s<%s: ", i ? ", " : "", q->info->m->name);
        buf_str(&b, row_str(q->cx, q->info->m, queryset_at(q, NULL, i)));
        BUF_LIT(&b, ">");
    }
    buf_c(&b, n > 20 ? ", '...(remaining elements truncated)...']>" : "]>");
    return buf_view(&b);
}

const ValueClass queryset_class = {
    .name = "QuerySet",
    .str = queryset_value_str,
    .truth = queryset_value_truth,
    .length = queryset_value_length,
    .item = queryset_value_item,
    .next = queryset_value_next,
};
