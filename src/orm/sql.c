/*
 * sql.c: SELECT from a queryset. Names are quoted, values are parameters. Conditions and order are written first, because
 * they say which joins are needed; then the statement is put together.
 */
#include "orm/queryset.h"
#include <clef/base/vec.h>

enum { SQL_MAX = 1 << 20, SUBQUERY_MAX = 8 };

typedef struct Join {
    size_t parent; /* index + 1 of the join that it starts from; 0: the queryset's table */
    const FieldInfo *hop;
    Str alias; /* quoted */
    bool left;
} Join;

typedef struct Compiling {
    Context *cx;
    const QuerySet *q;
    Str base; /* quoted alias of the queryset's own table */
    VEC(Join) joins;
    VEC(Value) params;
    unsigned level; /* of subqueries */
} Compiling;

/* What a condition came to: text, or something that is known without asking. */
typedef enum Truth { UNKNOWN, ALWAYS, NEVER } Truth;

static Str add_join(Compiling *c, size_t *at, const FieldInfo *hop)
{
    for (size_t i = 0; i < c->joins.n; i++)
        if (c->joins.p[i].parent == *at && c->joins.p[i].hop == hop) {
            *at = i + 1;
            return c->joins.p[i].alias;
        }
    bool left = hop->f->null || (*at && c->joins.p[*at - 1].left);
    Str alias = hop->to->quoted;
    bool used = c->level > 0 || str_eq(alias, c->base);
    for (size_t i = 0; i < c->joins.n; i++)
        used |= str_eq(alias, c->joins.p[i].alias);
    if (used)
        alias = str_format(c->cx->arena, "\"%c%zu\"", c->level ? (char)('U' + c->level - 1) : 'T', c->joins.n + 2);
    VEC_PUSH(c->cx->arena, &c->joins, (Join){ *at, hop, alias, left });
    *at = c->joins.n;
    return alias;
}

/* Writes the column of a path; *nullable: it can be NULL in a result, by itself or for want of a row. */
static void write_column(Compiling *c, Buf *b, const Path *path, bool *nullable)
{
    size_t at = 0;
    Str alias = c->base;
    for (size_t i = 0; i < path->n; i++)
        alias = add_join(c, &at, path->hops[i]);
    buf_str(b, alias);
    buf_byte(b, '.');
    buf_str(b, path->field->quoted);
    if (nullable)
        *nullable = path->field->f->null || (at && c->joins.p[at - 1].left);
}

static void write_param(Compiling *c, Buf *b, Value v)
{
    VEC_PUSH(c->cx->arena, &c->params, v);
    buf_byte(b, '?');
}

static bool compile_into(Compiling *c, Buf *b, SelectWhat what);

static Truth write_in(Compiling *c, Buf *b, const Where *w)
{
    if (w->subquery) {
        if (c->level + 1 > SUBQUERY_MAX)
            RAISE(c->cx, 500, "field_error", "Querysets are nested deeper than %d.", SUBQUERY_MAX);
        Compiling inner = { .cx = c->cx, .q = w->subquery, .level = c->level + 1 };
        inner.base = str_format(c->cx->arena, "\"%c0\"", (char)('U' + c->level));
        inner.params.p = c->params.p, inner.params.n = c->params.n, inner.params.cap = c->params.cap;
        Buf text = BUF_INIT(c->cx->arena, SQL_MAX);
        if (!compile_into(&inner, &text, SELECT_KEYS))
            return NEVER;
        c->params.p = inner.params.p, c->params.n = inner.params.n, c->params.cap = inner.params.cap;
        write_column(c, b, &w->path, NULL);
        BUF_LIT(b, " IN (");
        buf_str(b, buf_view(&text));
        BUF_LIT(b, ")");
        return UNKNOWN;
    }
    const List *list = w->value.list;
    if (!list->n)
        return NEVER;
    write_column(c, b, &w->path, NULL);
    BUF_LIT(b, " IN (");
    for (size_t i = 0; i < list->n; i++) {
        if (i)
            BUF_LIT(b, ", ");
        write_param(c, b, list->p[i]);
    }
    BUF_LIT(b, ")");
    return UNKNOWN;
}

/* Under a NOT a NULL would make the condition unknown instead of false, so it is said to be false: as Django does. */
static Truth write_leaf(Compiling *c, Buf *b, const Where *w, bool negated)
{
    static const char *const operators[OP_COUNT] = {
        [OP_EQ] = " = ", [OP_GT] = " > ", [OP_GTE] = " >= ", [OP_LT] = " < ", [OP_LTE] = " <= "
    };
    bool nullable = false;
    size_t begin = b->n;
    bool guard = false;
    if (negated && w->op != OP_ISNULL) {
        Buf nothing = BUF_INIT(c->cx->arena, SQL_MAX);
        write_column(c, &nothing, &w->path, &nullable);
        guard = nullable;
    }
    if (guard)
        BUF_LIT(b, "(");
    switch (w->op) {
    case OP_ISNULL:
        write_column(c, b, &w->path, &nullable);
        buf_c(b, w->value.b ? " IS NULL" : " IS NOT NULL");
        return UNKNOWN;
    case OP_IN: {
        Truth truth = write_in(c, b, w);
        if (truth != UNKNOWN) {
            buf_truncate(b, begin);
            return truth;
        }
        break;
    }
    case OP_RANGE:
        write_column(c, b, &w->path, NULL);
        BUF_LIT(b, " BETWEEN ");
        write_param(c, b, w->value.list->p[0]);
        BUF_LIT(b, " AND ");
        write_param(c, b, w->value.list->p[1]);
        break;
    default:
        write_column(c, b, &w->path, NULL);
        if (operators[w->op]) {
            buf_c(b, operators[w->op]);
            write_param(c, b, w->value);
        } else {
            BUF_LIT(b, " LIKE ");
            write_param(c, b, w->value);
            BUF_LIT(b, " ESCAPE '\\'");
        }
    }
    if (guard) {
        BUF_LIT(b, " AND ");
        write_column(c, b, &w->path, NULL);
        BUF_LIT(b, " IS NOT NULL)");
    }
    return UNKNOWN;
}

static Truth negate(Truth t) { return t == ALWAYS ? NEVER : t == NEVER ? ALWAYS : UNKNOWN; }

static Truth write_where(Compiling *c, Buf *b, const Where *w, bool negated)
{
    if (!w->connector)
        return write_leaf(c, b, w, negated);
    bool is_or = w->connector == CONNECT_OR, is_not = w->connector == CONNECT_NOT;
    size_t begin = b->n, written = 0, params = c->params.n;
    if (is_not)
        BUF_LIT(b, "NOT ");
    BUF_LIT(b, "(");
    Truth decided = is_or ? ALWAYS : NEVER; /* the answer of a part that settles all */
    for (size_t i = 0; i < w->nchildren; i++) {
        size_t before = b->n;
        if (written)
            buf_c(b, is_or ? " OR " : " AND ");
        Truth t = write_where(c, b, &w->children[i], negated != is_not);
        if (t == UNKNOWN) {
            written++;
            continue;
        }
        buf_truncate(b, before);
        if (t == decided) {
            buf_truncate(b, begin);
            c->params.n = params;
            return is_not ? negate(t) : t;
        }
    }
    if (!written) {
        buf_truncate(b, begin);
        /* An empty AND holds; an OR of parts that all fail fails; Django leaves an empty OR out. */
        Truth t = is_or && w->nchildren ? NEVER : ALWAYS;
        return is_not && w->nchildren ? negate(t) : t;
    }
    BUF_LIT(b, ")");
    return UNKNOWN;
}

static Truth write_filters(Compiling *c, Buf *b)
{
    size_t n = 0;
    for (const Filter *f = c->q->filters; f; f = f->older)
        n++;
    const Filter **filters = NEW_ARRAY(c->cx->arena, const Filter *, n ? n : 1);
    size_t i = n;
    for (const Filter *f = c->q->filters; f; f = f->older)
        filters[--i] = f;
    for (i = 0; i < n; i++) {
        size_t before = b->n;
        if (before)
            BUF_LIT(b, " AND ");
        Truth t = write_where(c, b, filters[i]->where, false);
        if (t == NEVER)
            return NEVER;
        if (t == ALWAYS)
            buf_truncate(b, before);
    }
    return b->n ? UNKNOWN : ALWAYS;
}

/* --- the order */

static void write_order(Compiling *c, Buf *b, const ModelInfo *info, const FieldInfo *const *prefix, size_t nprefix,
                        const char *const *names, bool reversed, unsigned depth);

static void write_order_name(Compiling *c, Buf *b, const ModelInfo *info, const FieldInfo *const *prefix,
                             size_t nprefix, Str name, bool reversed, unsigned depth)
{
    if (str_eq(name, STR("?"))) {
        buf_c(b, b->n ? ", RANDOM()" : "RANDOM()");
        return;
    }
    bool descending = str_starts(name, STR("-"));
    if (descending || str_starts(name, STR("+")))
        name = str_from_byte(name, 1);
    Path path = path_resolve(c->cx, info, name, NULL);
    if (nprefix) {
        const FieldInfo **hops = NEW_ARRAY(c->cx->arena, const FieldInfo *, nprefix + path.n);
        memcpy(hops, prefix, nprefix * sizeof *hops);
        if (path.n)
            memcpy(hops + nprefix, path.hops, path.n * sizeof *hops);
        path.hops = hops;
        path.n += nprefix;
    }
    descending ^= reversed;
    const FieldInfo *field = path.field;
    /* Ordering by a relation means by the order of its rows; by its key member, by the key. */
    bool by_row = field->to && field->to->m->ordering && str_ends(name, field->name) && depth < QUERY_MAX_DEPTH / 4;
    if (by_row) {
        const FieldInfo **hops = NEW_ARRAY(c->cx->arena, const FieldInfo *, path.n + 1);
        if (path.n)
            memcpy(hops, path.hops, path.n * sizeof *hops);
        hops[path.n] = field;
        write_order(c, b, field->to, hops, path.n + 1, field->to->m->ordering, descending, depth + 1);
        return;
    }
    if (b->n)
        BUF_LIT(b, ", ");
    write_column(c, b, &path, NULL);
    buf_c(b, descending ? " DESC" : " ASC");
}

static void write_order(Compiling *c, Buf *b, const ModelInfo *info, const FieldInfo *const *prefix, size_t nprefix,
                        const char *const *names, bool reversed, unsigned depth)
{
    for (size_t i = 0; names && names[i]; i++)
        write_order_name(c, b, info, prefix, nprefix, str_c(names[i]), reversed, depth);
}

/* --- the statement */

static void write_limit(const QuerySet *q, Buf *b)
{
    if (q->to != QUERY_ALL) {
        BUF_LIT(b, " LIMIT ");
        buf_u64(b, q->to - q->from);
    } else if (q->from) {
        BUF_LIT(b, " LIMIT -1");
    }
    if (q->from) {
        BUF_LIT(b, " OFFSET ");
        buf_u64(b, q->from);
    }
}

static void write_from(Compiling *c, Buf *b)
{
    const ModelInfo *info = c->q->info;
    BUF_LIT(b, " FROM ");
    buf_str(b, info->quoted);
    if (!str_eq(c->base, info->quoted)) {
        buf_byte(b, ' ');
        buf_str(b, c->base);
    }
    for (size_t i = 0; i < c->joins.n; i++) {
        const Join *j = &c->joins.p[i];
        buf_c(b, j->left ? " LEFT OUTER JOIN " : " INNER JOIN ");
        buf_str(b, j->hop->to->quoted);
        if (!str_eq(j->alias, j->hop->to->quoted)) {
            buf_byte(b, ' ');
            buf_str(b, j->alias);
        }
        BUF_LIT(b, " ON (");
        buf_str(b, j->parent ? c->joins.p[j->parent - 1].alias : c->base);
        buf_byte(b, '.');
        buf_str(b, j->hop->quoted);
        BUF_LIT(b, " = ");
        buf_str(b, j->alias);
        buf_byte(b, '.');
        buf_str(b, j->hop->to_field->quoted);
        BUF_LIT(b, ")");
    }
}

static void write_columns(Compiling *c, Buf *b, SelectWhat what)
{
    const ModelInfo *info = c->q->info;
    if (what == SELECT_EXISTS) {
        BUF_LIT(b, "1 AS \"a\"");
        return;
    }
    for (size_t i = 0; i < info->n; i++) {
        if (what == SELECT_KEYS && &info->fields[i] != info->pk)
            continue;
        if (i && what == SELECT_ROWS)
            BUF_LIT(b, ", ");
        buf_str(b, c->base);
        buf_byte(b, '.');
        buf_str(b, info->fields[i].quoted);
    }
}

/* False when no row can match. */
static bool compile_into(Compiling *c, Buf *b, SelectWhat what)
{
    const QuerySet *q = c->q;
    Arena *a = c->cx->arena;
    Buf where = BUF_INIT(a, SQL_MAX), order = BUF_INIT(a, SQL_MAX);
    if (q->none || (q->sliced && q->to <= q->from) || write_filters(c, &where) == NEVER)
        return false;
    bool inner = what == SELECT_COUNT && q->sliced;
    bool needs_order = what == SELECT_ROWS || q->sliced;
    if (needs_order)
        write_order(c, &order, q->info, NULL, 0, q->ordered ? q->order : q->info->m->ordering, q->reversed, 0);
    BUF_LIT(b, "SELECT ");
    if (inner)
        BUF_LIT(b, "COUNT(*) FROM (SELECT ");
    if (what == SELECT_COUNT && !inner)
        BUF_LIT(b, "COUNT(*) AS \"__count\"");
    else
        write_columns(c, b, inner ? SELECT_EXISTS : what);
    write_from(c, b);
    if (where.n) {
        BUF_LIT(b, " WHERE ");
        buf_str(b, buf_view(&where));
    }
    if (order.n) {
        BUF_LIT(b, " ORDER BY ");
        buf_str(b, buf_view(&order));
    }
    if (what == SELECT_EXISTS && !q->sliced)
        BUF_LIT(b, " LIMIT 1");
    else
        write_limit(q, b);
    if (inner)
        BUF_LIT(b, ") subquery");
    if (b->failed || where.failed || order.failed)
        RAISE(c->cx, 500, "query_too_large", "The SQL of a query is larger than %d bytes.", SQL_MAX);
    return true;
}

Sql queryset_compile(const QuerySet *q, SelectWhat what)
{
    Compiling c = { .cx = q->cx, .q = q, .base = q->info->quoted };
    Buf b = BUF_INIT(q->cx->arena, SQL_MAX);
    bool some = compile_into(&c, &b, what);
    return (Sql){ .text = some ? buf_view(&b) : STR(""), .params = c.params.p, .nparams = c.params.n, .empty = !some };
}
