/*
 * sql.c: statements from querysets. What a statement reads may join further tables (the order, related rows), so that is
 * worked out first, on a copy; then conditions and expressions are written behind the tables that they name.
 */
#include "orm/sql.h"
#include "orm/shape.h"

/* --- tables */

static const Str *name_tables(const Writer *w)
{
    Arena *a = w->cx->arena;
    const QuerySet *q = w->q;
    Str *aliases = NEW_ARRAY(a, Str, q->njoins);
    for (uint32_t i = 0; i < q->njoins; i++) {
        if (w->level) {
            aliases[i] = str_format(a, "\"%c%u\"", (char)('U' + w->level - 1), i);
            continue;
        }
        const Filtered *filtered = q->joins[i].filtered;
        aliases[i] = filtered ? str_format(a, "\"%.*s\"", STR_FMT(filtered->name))
                     : i      ? hop_to(q->joins[i].hop)->quoted
                              : q->info->quoted;
        for (uint32_t j = 0; j < i; j++)
            if (str_eq(aliases[j], aliases[i]))
                aliases[i] = str_format(a, "\"T%u\"", i + 1);
    }
    return aliases;
}

static void write_table(Buf *b, const ModelInfo *info, Str alias)
{
    buf_str(b, info->quoted);
    if (!str_eq(alias, info->quoted)) {
        buf_byte(b, ' ');
        buf_str(b, alias);
    }
}

/* Of a FilteredRelation: about its own columns, or, when it needs other tables, its key among theirs. */
static void write_filter_of_join(const Writer *w, Buf *b, uint32_t join, const Filtered *f)
{
    const Str aliases[] = { w->aliases[join] };
    Writer in = *w;
    in.q = f->on;
    in.aliases = aliases;
    size_t begin = b->n;
    BUF_LIT(b, " AND (");
    Truth t;
    if (f->on->njoins == 1) {
        t = node_write(&in, b, f->on->where, false);
    } else {
        buf_printf(b, "%.*s.%.*s IN (", STR_FMT(aliases[0]), STR_FMT(f->to->pk->quoted));
        t = subquery_write(&in, b, f->on, NULL, SELECT_KEYS) ? UNKNOWN : NEVER;
        BUF_LIT(b, ")");
    }
    BUF_LIT(b, ")");
    if (t != UNKNOWN) {
        buf_truncate(b, begin);
        buf_c(b, t == ALWAYS ? "" : " AND 1 = 0");
    }
}

static void write_from(const Writer *w, Buf *b)
{
    const QuerySet *q = w->q;
    BUF_LIT(b, " FROM ");
    write_table(b, q->info, w->aliases[0]);
    for (uint32_t i = 1; i < q->njoins; i++) {
        const Join *j = &q->joins[i];
        buf_c(b, j->left ? " LEFT OUTER JOIN " : " INNER JOIN ");
        write_table(b, hop_to(j->hop), w->aliases[i]);
        BUF_LIT(b, " ON (");
        buf_str(b, w->aliases[j->parent]);
        buf_byte(b, '.');
        buf_str(b, hop_left(j->hop)->quoted);
        BUF_LIT(b, " = ");
        buf_str(b, w->aliases[i]);
        buf_byte(b, '.');
        buf_str(b, hop_right(j->hop)->quoted);
        if (j->hop.field->type)
            buf_printf(b, " AND %.*s.%.*s = %lld", STR_FMT(w->aliases[j->hop.reverse ? i : j->parent]),
                       STR_FMT(j->hop.field->type->quoted), (long long)generic_type(w->cx, q->alias, j->hop.field));
        if (j->filtered)
            write_filter_of_join(w, b, i, j->filtered);
        BUF_LIT(b, ")");
    }
}

/* --- one SELECT */

bool column_is_same(const Node *a, const Node *b)
{
    return a == b || (a->kind == NODE_COLUMN && b->kind == NODE_COLUMN && a->join == b->join && a->field == b->field);
}

/* The place of what is selected already, counted from 1; 0: it is not. */
static size_t place_of(const Select *s, const Node *n)
{
    for (size_t i = 0; i < s->n; i++)
        if (column_is_same(s->nodes[i].node, n))
            return s->first + i + 1;
    return 0;
}

static void write_order(Writer *w, Buf *b, const Select *s)
{
    for (size_t i = 0; i < s->order.n; i++) {
        const Ordering *o = &s->order.p[i];
        buf_c(b, i ? ", " : " ORDER BY ");
        if (!o->node) {
            buf_c(b, w->d->random);
            continue;
        }
        size_t place = o->node->kind == NODE_COLUMN ? 0 : place_of(s, o->node);
        if (place && o->nulls == NULLS_ANYWHERE) {
            buf_u64(b, place);
            order_tail_write(w, b, o->descending, o->nulls);
        } else if (o->node->kind != NODE_VALUE) {
            const Node *args[] = { o->node };
            Node n = { .kind = NODE_ORDER, .args = args, .n = 1, .descending = o->descending, .nulls = o->nulls };
            order_write(w, b, &n, false);
        } else { /* a constant sorts nothing, and a number would be a place */
            BUF_LIT(b, "NULL");
        }
    }
}

void limit_write(const Writer *w, const QuerySet *q, Buf *b)
{
    if (q->to != QUERY_ALL) {
        BUF_LIT(b, " LIMIT ");
        buf_u64(b, q->to - q->from);
    } else if (q->from && *w->d->no_limit) {
        BUF_LIT(b, " LIMIT ");
        buf_c(b, w->d->no_limit);
    }
    if (q->from) {
        BUF_LIT(b, " OFFSET ");
        buf_u64(b, q->from);
    }
}

static bool has_values(const Node *n)
{
    bool some = n->kind == NODE_VALUE;
    for (size_t i = 0; !some && i < n->n; i++)
        some = has_values(n->args[i]);
    return some;
}

static void write_group_node(Writer *w, Buf *b, const Select *s, const Node *n, bool *first);

/*
 * Of a condition over groups, which are those of a row: the columns of its expressions. An expression with a value in
 * it would be another one for a database that numbers its parameters.
 */
static void write_group_columns(Writer *w, Buf *b, const Select *s, const Node *n, bool *first)
{
    bool computed = n && !n->aggregate && (n->kind == NODE_CALL || n->kind == NODE_CASE) && has_values(n);
    bool inside = n && n->kind != NODE_AGGREGATE && (n->aggregate || computed || n->kind == NODE_COMPARE);
    if (n && n->query) { /* what it asks of this query */
        for (const OuterName *o = n->outers; o; o = o->next)
            write_group_node(w, b, s, o->node, first);
        for (size_t i = 0; i < n->n; i++)
            write_group_columns(w, b, s, n->args[i], first);
        return;
    }
    if (!inside && n) {
        write_group_node(w, b, s, n, first);
        return;
    }
    for (size_t i = 0; n && i < n->n; i++)
        write_group_columns(w, b, s, n->args[i], first);
}

/* What rows must agree in, for this to have one value among them: the columns outside of aggregates. */
static void write_group_node(Writer *w, Buf *b, const Select *s, const Node *n, bool *first)
{
    if (!n || n->kind == NODE_VALUE || n->kind == NODE_OUTER || n->kind == NODE_AGGREGATE)
        return;
    if (n->kind == NODE_WINDOW) { /* RANK() OVER (ORDER BY COUNT(x)): not the function, what it is told */
        for (size_t i = 0; i < n->args[0]->n; i++)
            write_group_node(w, b, s, n->args[0]->args[i], first);
        for (size_t i = 1; i < n->n; i++)
            write_group_node(w, b, s, n->args[i], first);
        return;
    }
    if (n->aggregate || n->window || n->kind == NODE_ORDER || n->kind == NODE_COMPARE || n->kind == NODE_AND ||
        n->kind == NODE_OR || n->kind == NODE_XOR || n->kind == NODE_NOT) {
        size_t selected = n->aggregate || n->window || n->kind == NODE_ORDER ? 0 : place_of(s, n);
        if (selected) {
            buf_c(b, *first ? " GROUP BY " : ", ");
            buf_u64(b, selected);
            *first = false;
            return;
        }
        for (size_t i = 0; i < n->n; i++)
            write_group_node(w, b, s, n->args[i], first);
        return;
    }
    buf_c(b, *first ? " GROUP BY " : ", ");
    *first = false;
    size_t place = n->kind == NODE_COLUMN ? 0 : place_of(s, n);
    size_t begin = b->n;
    if (place)
        buf_u64(b, place);
    else if (node_write(w, b, n, false) != UNKNOWN) {
        buf_truncate(b, begin);
        BUF_LIT(b, "NULL");
    }
}

static void write_key_of(Writer *w, Buf *b, uint32_t join, const ModelInfo *info, bool *first)
{
    for (size_t i = 0; i < info->nkeys; i++) {
        buf_printf(b, "%s%.*s.%.*s", *first ? " GROUP BY " : ", ", STR_FMT(w->aliases[join]),
                   STR_FMT(info->keys[i]->quoted));
        *first = false;
    }
}

static void write_group(Writer *w, Buf *b, const Select *s)
{
    const QuerySet *q = w->q;
    bool first = true;
    if (q->grouping == GROUP_NOT)
        return;
    if (q->grouping == GROUP_BY_KEY) {
        write_key_of(w, b, 0, q->info, &first);
        for (uint32_t i = 1; i < q->njoins && q->mode == MODE_ROWS; i++)
            if (q->joins[i].hop.field->f->parent_link && !q->joins[i].hop.reverse)
                write_key_of(w, b, i, hop_to(q->joins[i].hop), &first);
        for (size_t i = 0; s->out && i < s->out->nrelated; i++)
            write_key_of(w, b, s->out->related[i].join, s->out->related[i].info, &first);
        for (size_t i = 0; i < q->nannotations; i++)
            write_group_node(w, b, s, q->annotations[i].node, &first);
    }
    for (size_t i = 0; i < q->ngroup; i++)
        write_group_node(w, b, s, q->group[i], &first);
    if (s->what == SELECT_ROWS || s->what == SELECT_KEYS)
        for (size_t i = 0; q->mode != MODE_ROWS && i < q->nselected; i++)
            if (q->grouping == GROUP_BY_NODES || !q->selected[i].node->aggregate)
                write_group_node(w, b, s, q->selected[i].node, &first);
    for (size_t i = 0; i < s->order.n; i++)
        write_group_node(w, b, s, s->order.p[i].node, &first);
    if (q->grouping == GROUP_BY_KEY)
        write_group_columns(w, b, s, s->having, &first);
    else
        write_group_node(w, b, s, s->having, &first);
}

static void write_nodes(Writer *w, Buf *b, const Named *nodes, size_t n, size_t number)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            BUF_LIT(b, ", ");
        size_t begin = b->n;
        const Node *node = nodes[i].node;
        if (node->kind == NODE_COLUMN && node->field->kind == FIELD_COMPOSITE) { /* its columns, one by one */
            const ModelInfo *info = node->field->model;
            for (size_t k = 0; k < info->nkeys; k++)
                buf_printf(b, "%s%.*s.%.*s", k ? ", " : "", STR_FMT(w->aliases[node->join]),
                           STR_FMT(info->keys[k]->quoted));
            continue;
        }
        Truth t = node_write(w, b, node, false);
        if (t != UNKNOWN) {
            buf_truncate(b, begin);
            buf_c(b, t == ALWAYS ? w->d->true_literal : w->d->false_literal);
        }
        if (number)
            buf_printf(b, " AS \"__col%zu\"", number + i);
    }
}

static void write_row(Writer *w, Buf *b, const ModelInfo *info, uint32_t join, const uint64_t *deferred, bool *first)
{
    Resolving r = { .q = (QuerySet *)w->q };
    for (size_t i = 0; i < row_columns(info); i++) {
        const FieldInfo *field = row_column(info, i);
        if (is_deferred(deferred, i))
            continue;
        uint32_t at = join_to_owner(&r, join, info, field->model);
        buf_printf(b, "%s%.*s.%.*s", *first ? "" : ", ", STR_FMT(w->aliases[at]), STR_FMT(field->quoted));
        *first = false;
    }
}

static void write_distinct(Writer *w, Buf *b)
{
    QuerySet *q = (QuerySet *)w->q;
    if (!q->distinct)
        return;
    BUF_LIT(b, "DISTINCT ");
    if (!q->ndistinct_on)
        return;
    if (!w->d->has.supports_distinct_on)
        RAISE(w->cx, 500, "not_supported_error", "DISTINCT ON fields is not supported by this database backend");
    Resolving r = { .q = q };
    for (size_t i = 0; i < q->ndistinct_on; i++) {
        buf_c(b, i ? ", " : "ON (");
        node_write(w, b, name_resolve(&r, q->distinct_on[i]), false);
    }
    BUF_LIT(b, ") ");
}

static void write_columns(Writer *w, Buf *b, Select *s)
{
    const QuerySet *q = w->q;
    bool first = true;
    write_distinct(w, b);
    if ((s->what == SELECT_EXISTS && !q->distinct) || s->what == SELECT_ONES) {
        BUF_LIT(b, "1 AS \"a\"");
        return;
    }
    if (s->what == SELECT_KEYS && !s->nodes) {
        for (size_t i = 0; i < q->info->nkeys; i++)
            buf_printf(b, "%s%.*s.%.*s", i ? ", " : "", STR_FMT(w->aliases[0]), STR_FMT(q->info->keys[i]->quoted));
        return;
    }
    if (q->mode == MODE_ROWS && s->what != SELECT_NODES && s->what != SELECT_KEYS) {
        write_row(w, b, q->info, 0, s->out ? s->out->deferred : NULL, &first);
        for (size_t i = 0; s->out && i < s->out->nrelated; i++) {
            const Related *r = &s->out->related[i];
            write_row(w, b, r->info, r->join, r->deferred, &first);
        }
    }
    if (s->n && !first)
        BUF_LIT(b, ", ");
    write_nodes(w, b, s->nodes, s->n, s->numbered ? 1 : 0);
    for (size_t i = 0; i < s->nmore; i++) {
        BUF_LIT(b, ", ");
        write_nodes(w, b, &s->more[i], 1, s->numbered ? s->n + i + 1 : 0);
    }
}

/* The parts of a condition that belong to a clause. */
static const Node *part_of(Context *cx, const Node *n, WhereClause clause)
{
    if (!n || !(n->aggregate || n->window))
        return clause == CLAUSE_WHERE ? n : NULL;
    if (n->kind != NODE_AND) {
        WhereClause own = n->window ? CLAUSE_QUALIFY : CLAUSE_HAVING;
        return own == clause ? n : NULL;
    }
    const Node *out = NULL;
    for (size_t i = 0; i < n->n; i++)
        out = node_and(cx, out, part_of(cx, n->args[i], clause));
    return out;
}

/* Distinct rows are sorted by what is selected: what is not is selected, too. */
static void select_what_sorts(Writer *w, Select *s)
{
    const QuerySet *q = w->q;
    Named *more = NEW_ARRAY(w->cx->arena, Named, s->order.n + 1);
    for (size_t i = 0; q->distinct && !q->ndistinct_on && i < s->order.n; i++) {
        const Node *n = s->order.p[i].node;
        bool own = n && n->kind == NODE_COLUMN && !n->join && q->mode == MODE_ROWS && s->what != SELECT_NODES;
        if (n && !own && !place_of(s, n) && n->kind != NODE_VALUE)
            more[s->nmore++] = (Named){ STR("order"), n, false };
    }
    s->more = more;
}

static size_t count_columns(const Select *s, const ModelInfo *info)
{
    size_t n = 0;
    for (size_t i = 0; i < row_columns(info); i++)
        n += !is_deferred(s->out ? s->out->deferred : NULL, i);
    for (size_t k = 0; s->out && k < s->out->nrelated; k++)
        for (size_t i = 0; i < row_columns(s->out->related[k].info); i++)
            n += !is_deferred(s->out->related[k].deferred, i);
    return n;
}

void sql_check_size(const Writer *w, const Buf *b)
{
    if (b->failed)
        RAISE(w->cx, 500, "query_too_large", "The SQL of a query is larger than %d bytes.", QUERY_SQL_MAX);
}

static void prepare(Writer *w, Select *s)
{
    const QuerySet *q = w->q;
    bool sorted = s->what == SELECT_ROWS || s->what == SELECT_NODES || q->sliced || q->ndistinct_on;
    bool rows = q->mode == MODE_ROWS && (s->what == SELECT_ROWS || (s->what == SELECT_EXISTS && q->distinct));
    QuerySet *copy = queryset_copy(q);
    if (s->what == SELECT_NODES && !q->sliced)
        sorted = false;
    if (rows && s->out)
        related_resolve(copy, s->out);
    if (rows) {
        Resolving r = { .q = copy };
        for (size_t i = 0; i < row_columns(q->info); i++)
            if (!is_deferred(s->out ? s->out->deferred : NULL, i))
                (void)join_to_owner(&r, 0, q->info, row_column(q->info, i)->model);
    }
    if (sorted)
        order_resolve(copy, &s->order);
    for (size_t i = 0; i < q->ndistinct_on; i++) {
        Resolving r = { .q = copy };
        (void)name_resolve(&r, q->distinct_on[i]);
    }
    w->q = q = copy;
    if (!s->nodes && q->mode != MODE_ROWS && s->what != SELECT_NODES && s->what != SELECT_ONES &&
        (s->what != SELECT_EXISTS || q->distinct)) {
        s->nodes = q->selected;
        s->n = q->nselected;
    } else if (!s->nodes && rows) {
        s->nodes = annotations_shown(q, &s->n);
        s->first = count_columns(s, q->info);
    }
    select_what_sorts(w, s);
    s->where = part_of(w->cx, q->where, CLAUSE_WHERE);
    s->having = part_of(w->cx, q->where, CLAUSE_HAVING);
    s->qualify = part_of(w->cx, q->where, CLAUSE_QUALIFY);
}

bool select_write(Writer *w, Buf *b, Select *s)
{
    Arena *a = w->cx->arena;
    if (w->q->none || (w->q->sliced && w->q->to <= w->q->from))
        return false;
    if (w->q->combinator)
        return compound_write(w, b, s->what, s->numbered);
    prepare(w, s);
    if (s->qualify)
        return qualify_write(w, b, s);
    const QuerySet *q = w->q;
    w->aliases = name_tables(w);
    /* The values of the columns come first among the parameters, so they are written first. */
    Buf columns = BUF_INIT(a, QUERY_SQL_MAX), where = BUF_INIT(a, QUERY_SQL_MAX), rest = BUF_INIT(a, QUERY_SQL_MAX),
        from = BUF_INIT(a, QUERY_SQL_MAX);
    write_columns(w, &columns, s);
    write_from(w, &from);
    if (where_write(w, &where, s->where, CLAUSE_WHERE) == NEVER)
        return false;
    write_group(w, &rest, s);
    if (s->having) {
        Buf having = BUF_INIT(a, QUERY_SQL_MAX);
        Truth t = where_write(w, &having, s->having, CLAUSE_HAVING);
        if (t == NEVER)
            return false;
        if (t == UNKNOWN) {
            BUF_LIT(&rest, " HAVING ");
            buf_str(&rest, buf_view(&having));
        }
    }
    write_order(w, &rest, s);
    if (s->what == SELECT_EXISTS && !q->sliced)
        BUF_LIT(&rest, " LIMIT 1");
    else
        limit_write(w, q, &rest);
    if (q->lock.on && !w->level && s->what == SELECT_ROWS)
        w->d->lock(&rest, &q->lock);
    BUF_LIT(b, "SELECT ");
    buf_str(b, buf_view(&columns));
    buf_str(b, buf_view(&from));
    if (where.n) {
        BUF_LIT(b, " WHERE ");
        buf_str(b, buf_view(&where));
    }
    buf_str(b, buf_view(&rest));
    sql_check_size(w, b), sql_check_size(w, &where), sql_check_size(w, &columns), sql_check_size(w, &rest);
    return true;
}

bool subquery_write(Writer *around, Buf *b, const QuerySet *q, const OuterName *outers, SelectWhat what)
{
    if (around->level + 1 > SUBQUERY_MAX)
        RAISE(around->cx, 500, "field_error", "Querysets are nested deeper than %d.", SUBQUERY_MAX);
    Writer inner = { .cx = around->cx,
                     .d = around->d,
                     .q = q,
                     .around = around,
                     .outers = outers,
                     .params = around->params,
                     .level = around->level + 1 };
    Buf text = BUF_INIT(around->cx->arena, QUERY_SQL_MAX);
    Select s = { .what = what };
    if (!select_write(&inner, &text, &s))
        return false;
    return buf_str(b, buf_view(&text));
}

/* --- whole statements */

static Sql finished(const Buf *b, const Params *params, bool some)
{
    return (Sql){ .text = some ? buf_view(b) : STR(""), .params = params->p, .nparams = params->n, .empty = !some };
}

static bool is_grouped_over(const QuerySet *q)
{
    return q->sliced || q->distinct || q->grouping != GROUP_NOT || q->combinator || (q->where && q->where->window);
}

static Sql compiled(const QuerySet *q, SelectWhat what, Params *params)
{
    Writer w = { .cx = q->cx, .d = dialect_of(q->cx, q->alias), .q = q, .params = params };
    Buf b = BUF_INIT(q->cx->arena, QUERY_SQL_MAX);
    Sql plan = { .empty = false };
    Select s = { .what = what, .out = what == SELECT_ROWS ? &plan : NULL };
    Sql sql = finished(&b, params, select_write(&w, &b, &s));
    sql.related = plan.related, sql.nrelated = plan.nrelated, sql.deferred = plan.deferred;
    return sql;
}

static Sql nodes_compiled(const QuerySet *q, const Named *nodes, size_t n, bool over, Params *params);

Sql queryset_compile(const QuerySet *q, SelectWhat what)
{
    Params params = { .tracked = true };
    Shape shape;
    Sql sql;
    shape_of(q, what, &shape);
    if (shape_find(q->cx, &shape, &sql))
        return sql;
    if (what != SELECT_COUNT) {
        sql = compiled(q, what, &params);
    } else {
        Node count = { .kind = NODE_AGGREGATE,
                       .fn = aggregate_find(STR("Count")),
                       .aggregate = true,
                       .out = type_field(FIELD_INTEGER) };
        sql = nodes_compiled(q, &(Named){ STR("__count"), &count, false }, 1, is_grouped_over(q), &params);
    }
    if (params.tracked) /* and no value became a part of the text */
        shape_keep(&shape, &sql, params.from);
    return sql;
}

/* An aggregate's argument, and its condition, become columns of the subquery. */
typedef struct Moving {
    Context *cx;
    const QuerySet *q;
    VEC(Named) inner;
} Moving;

static const Node *moved_column(Moving *m, const Node *n)
{
    if (n->kind == NODE_VALUE)
        return n;
    Node *column = node_new(m->cx, NODE_INNER, 0);
    size_t at = 0;
    while (at < m->inner.n && !column_is_same(m->inner.p[at].node, n) &&
           !(m->q->combinator && m->inner.p[at].node->field && m->inner.p[at].node->field == n->field))
        at++;
    if (at == m->inner.n) {
        if (m->q->combinator)
            RAISE(m->cx, 500, "not_supported_error", "Aggregates over unions are of columns that were selected.");
        VEC_PUSH(m->cx->arena, &m->inner, (Named){ STR("column"), n, false });
    }
    column->join = (uint32_t)at + 1;
    column->out = n->out;
    return column;
}

static const Node *moved_inside(Moving *m, const Node *n)
{
    if (n->kind != NODE_AGGREGATE && !n->aggregate)
        return moved_column(m, n);
    Node *copy = node_new(m->cx, n->kind, n->n);
    const Node **args = copy->args;
    *copy = *n;
    copy->args = args;
    for (size_t i = 0; i < n->n; i++)
        args[i] = n->kind == NODE_AGGREGATE ? moved_column(m, n->args[i]) : moved_inside(m, n->args[i]);
    if (n->kind == NODE_AGGREGATE && n->where)
        copy->where = moved_column(m, n->where);
    return copy;
}

Sql queryset_compile_nodes(const QuerySet *q, const Named *nodes, size_t n, bool over)
{
    Params params = { .tracked = false };
    return nodes_compiled(q, nodes, n, over, &params);
}

static Sql nodes_compiled(const QuerySet *q, const Named *nodes, size_t n, bool over, Params *params)
{
    Context *cx = q->cx;
    Buf b = BUF_INIT(cx->arena, QUERY_SQL_MAX);
    Writer w = { .cx = cx, .d = dialect_of(cx, q->alias), .q = q, .params = params };
    if (!over) {
        Select s = { .what = SELECT_KEYS, .nodes = nodes, .n = n };
        bool some = select_write(&w, &b, &s);
        return finished(&b, params, some);
    }
    Moving m = { .cx = cx, .q = q };
    Named *outer = NEW_ARRAY(cx->arena, Named, n);
    QuerySet *in = queryset_copy(q);
    /* What is distinct, or joined together, is selected whole. */
    if (q->combinator || q->distinct) {
        const QuerySet *of = q->combinator ? q->parts[0] : q;
        size_t shown = 0;
        const Named *annotations = of->mode == MODE_ROWS ? annotations_shown(of, &shown) : NULL;
        if (of->mode == MODE_ROWS)
            columns_of_rows(q->combinator ? queryset_copy(of) : in, NULL, &m.inner.p, &m.inner.n, &m.inner.cap);
        for (size_t i = 0; i < shown; i++)
            VEC_PUSH(cx->arena, &m.inner, annotations[i]);
        for (size_t i = 0; of->mode != MODE_ROWS && i < of->nselected; i++)
            VEC_PUSH(cx->arena, &m.inner, of->selected[i]);
    }
    for (size_t i = 0; i < n; i++)
        outer[i] = (Named){ nodes[i].name, moved_inside(&m, nodes[i].node), false };
    Buf text = BUF_INIT(cx->arena, QUERY_SQL_MAX);
    Writer inside = { .cx = cx, .d = w.d, .q = in, .params = params };
    Params own = { .tracked = params->tracked }; /* those of what is outside come before */
    Writer out = { .cx = cx, .d = w.d, .q = q, .params = &own };
    BUF_LIT(&b, "SELECT ");
    write_nodes(&out, &b, outer, n, 0);
    *params = own;
    Select s = { .what = m.inner.n || q->combinator ? SELECT_NODES : SELECT_ONES,
                 .nodes = m.inner.p,
                 .n = m.inner.n,
                 .numbered = true };
    in->lock = (LockOptions){ .on = false };
    if (q->combinator && !q->sliced) /* nothing depends on its order */
        in->norder = 0;
    if (!select_write(&inside, &text, &s))
        return finished(&b, params, false);
    BUF_LIT(&b, " FROM (");
    buf_str(&b, buf_view(&text));
    BUF_LIT(&b, ") subquery");
    return finished(&b, params, true);
}

/* WHERE of a statement that writes: by the conditions, or by key where other tables are read. */
static Sql with_where(Writer *w, Buf *b, const QuerySet *q, const Params *params)
{
    Buf where = BUF_INIT(w->cx->arena, QUERY_SQL_MAX);
    if (q->njoins > 1 || q->grouping != GROUP_NOT || q->distinct || (q->where && q->where->window)) {
        QuerySet *keys = queryset_copy(q);
        keys->distinct = false;
        keys->mode = MODE_ROWS;
        keys->lock = (LockOptions){ .on = false };
        bool wrapped = !w->d->has.update_can_self_select, several = q->info->nkeys > 1;
        for (size_t i = 0; i < q->info->nkeys; i++)
            buf_printf(&where, "%s%.*s.%.*s",
                       i         ? ", "
                       : several ? "("
                                 : "",
                       STR_FMT(q->info->quoted), STR_FMT(q->info->keys[i]->quoted));
        buf_printf(&where, "%s IN (%s", several ? ")" : "", wrapped ? "SELECT * FROM (" : "");
        if (!subquery_write(w, &where, keys, NULL, SELECT_KEYS))
            return finished(b, params, false);
        buf_c(&where, wrapped ? ") found)" : ")");
    } else if (where_write(w, &where, q->where, CLAUSE_WHERE) == NEVER) {
        return finished(b, params, false);
    }
    if (where.n) {
        BUF_LIT(b, " WHERE ");
        buf_str(b, buf_view(&where));
    }
    sql_check_size(w, b), sql_check_size(w, &where);
    return finished(b, params, true);
}

Sql queryset_compile_delete(const QuerySet *q)
{
    Params params = { 0 };
    Buf b = BUF_INIT(q->cx->arena, QUERY_SQL_MAX);
    Writer w = { .cx = q->cx, .d = dialect_of(q->cx, q->alias), .q = q, .params = &params };
    if (q->none)
        return finished(&b, &params, false);
    w.aliases = name_tables(&w);
    BUF_LIT(&b, "DELETE FROM ");
    buf_str(&b, q->info->quoted);
    return with_where(&w, &b, q, &params);
}

Sql queryset_compile_update(const QuerySet *q, const Named *set, size_t n)
{
    Context *cx = q->cx;
    Params params = { 0 };
    Buf b = BUF_INIT(cx->arena, QUERY_SQL_MAX);
    Writer w = { .cx = cx, .d = dialect_of(cx, q->alias), .q = q, .params = &params };
    if (q->none)
        return finished(&b, &params, false);
    w.aliases = name_tables(&w);
    BUF_LIT(&b, "UPDATE ");
    buf_str(&b, q->info->quoted);
    for (size_t i = 0; i < n; i++) {
        buf_c(&b, i ? ", " : " SET ");
        buf_str(&b, set[i].name);
        BUF_LIT(&b, " = ");
        size_t begin = b.n;
        Truth t = node_write(&w, &b, set[i].node, false);
        if (t != UNKNOWN) {
            buf_truncate(&b, begin);
            buf_c(&b, t == ALWAYS ? w.d->true_literal : w.d->false_literal);
        }
    }
    return with_where(&w, &b, q, &params);
}
