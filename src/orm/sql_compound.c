/* sql_compound.c: unions, intersections, differences. */
#include "orm/sql.h"

/* The place among the columns of what the whole is sorted by. */
static size_t compound_place(const Writer *w, const OrderTerm *term, bool *descending)
{
    const QuerySet *q = w->q, *first = q->parts[0];
    Context *cx = w->cx;
    Str name = term->name;
    const Node *node = NULL;
    if (term->expr) {
        const Expr *e = term->expr;
        const Boxed boxed = { box_expr, &e };
        Resolving r = { .q = queryset_copy(first) };
        const Node *n = term_resolve(&r, &boxed);
        *descending = n->descending;
        node = n->args[0];
    } else {
        *descending = str_starts(name, STR("-"));
        if (*descending || str_starts(name, STR("+")))
            name = str_from_byte(name, 1);
        for (size_t i = 0; q->mode != MODE_ROWS && i < first->nselected; i++)
            if (str_eq(first->selected[i].name, name))
                return i + 1;
        Resolving r = { .q = queryset_copy(first) };
        node = name_resolve(&r, name);
    }
    if (q->mode == MODE_ROWS) {
        for (size_t i = 0; node->kind == NODE_COLUMN && i < row_columns(q->info); i++)
            if (row_column(q->info, i) == node->field)
                return i + 1;
        size_t n;
        const Named *shown = annotations_shown(first, &n);
        for (size_t i = 0; i < n; i++)
            if (shown[i].node == node)
                return row_columns(q->info) + i + 1;
    }
    for (size_t i = 0; q->mode != MODE_ROWS && i < first->nselected; i++)
        if (column_is_same(first->selected[i].node, node))
            return i + 1;
    RAISE(cx, 500, "database_error", "ORDER BY term does not match any column in the result set.");
}

static bool has_order(const QuerySet *q)
{
    return q->ordered ? q->norder > 0 : q->grouping == GROUP_NOT && q->info->ordering && q->info->ordering[0];
}

/* One part; false when it has no row. */
static bool part_write(Writer *w, Buf *b, const QuerySet *part, SelectWhat what, bool numbered)
{
    bool plain = w->d->has.supports_slicing_ordering_in_compound, brackets = w->d->has.supports_parentheses_in_compound;
    if (!plain && part->sliced)
        RAISE(w->cx, 500, "database_error", "LIMIT/OFFSET not allowed in subqueries of compound statements.");
    if (!plain && has_order(part))
        RAISE(w->cx, 500, "database_error", "ORDER BY not allowed in subqueries of compound statements.");
    Writer in = *w;
    in.q = part;
    in.compound = true;
    Select s = { .what = what == SELECT_ROWS ? SELECT_ROWS : what, .numbered = numbered };
    Named *columns = NULL;
    size_t n = 0, cap = 0;
    if (numbered) {
        QuerySet *copy = queryset_copy(part);
        if (part->mode == MODE_ROWS && !part->combinator) {
            columns_of_rows(copy, NULL, &columns, &n, &cap);
            size_t shown;
            const Named *annotations = annotations_shown(part, &shown);
            VEC(Named) all = { columns, n, cap };
            for (size_t i = 0; i < shown; i++)
                VEC_PUSH(w->cx->arena, &all, annotations[i]);
            columns = all.p, n = all.n;
            in.q = copy;
            s = (Select){ .what = SELECT_NODES, .nodes = columns, .n = n, .numbered = true };
        } else if (!part->combinator) {
            s.nodes = part->selected;
            s.n = part->nselected;
        }
    }
    Buf text = BUF_INIT(w->cx->arena, QUERY_SQL_MAX);
    size_t params = w->params->n;
    if (!select_write(&in, &text, &s)) {
        w->params->n = params;
        return false;
    }
    bool nested = part->combinator != COMBINE_NOT;
    buf_c(b, brackets ? "(" : nested ? "SELECT * FROM (" : "");
    buf_str(b, buf_view(&text));
    buf_c(b, brackets || nested ? ")" : "");
    return true;
}

bool compound_write(Writer *w, Buf *b, SelectWhat what, bool numbered)
{
    static const char *const words[] = { "", " UNION ", " INTERSECT ", " EXCEPT " };
    const QuerySet *q = w->q;
    size_t written = 0;
    SelectWhat inner = what == SELECT_EXISTS || what == SELECT_ONES ? SELECT_ROWS : what;
    if (q->combinator == COMBINE_INTERSECTION && !w->d->has.supports_select_intersection)
        RAISE(w->cx, 500, "not_supported_error", "intersection is not supported on this database backend.");
    if (q->combinator == COMBINE_DIFFERENCE && !w->d->has.supports_select_difference)
        RAISE(w->cx, 500, "not_supported_error", "difference is not supported on this database backend.");
    Buf text = BUF_INIT(w->cx->arena, QUERY_SQL_MAX);
    for (size_t i = 0; i < q->nparts; i++) {
        size_t begin = text.n;
        if (written) {
            buf_c(&text, words[q->combinator]);
            if (q->union_all)
                BUF_LIT(&text, "ALL ");
        }
        if (part_write(w, &text, q->parts[i], inner, numbered)) {
            written++;
            continue;
        }
        buf_truncate(&text, begin);
        if (q->combinator == COMBINE_INTERSECTION || (q->combinator == COMBINE_DIFFERENCE && i == 0))
            return false;
    }
    if (!written)
        return false;
    bool alone = what == SELECT_EXISTS || what == SELECT_ONES;
    if (alone)
        BUF_LIT(b, "SELECT 1 AS \"a\" FROM (");
    buf_str(b, buf_view(&text));
    for (size_t i = 0; q->ordered && i < q->norder; i++) {
        bool descending;
        size_t place = compound_place(w, &q->order[i], &descending);
        buf_c(b, i ? ", " : " ORDER BY ");
        buf_u64(b, place);
        buf_c(b, descending != q->reversed ? " DESC" : " ASC");
    }
    limit_write(w, q, b);
    if (alone)
        BUF_LIT(b, ") subquery");
    if (what == SELECT_EXISTS && !q->sliced)
        BUF_LIT(b, " LIMIT 1");
    sql_check_size(w, b);
    return true;
}
