/*
 * sql.c: statements from querysets. The order may join further tables, so it is resolved first, on a copy; then conditions and
 * expressions are written behind the tables that they name.
 */
#include "orm/queryset.h"
#include <clef/base/vec.h>

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
        aliases[i] = i ? hop_to(q->joins[i].hop)->quoted : q->info->quoted;
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
        BUF_LIT(b, ")");
    }
}

/* --- the order */

typedef struct Ordering {
    const Node *node; /* NULL: by chance */
    bool descending;
} Ordering;
typedef VEC(Ordering) Orderings;

static void resolve_order(Resolving *r, Orderings *out, const ModelInfo *info, const Names *prefix,
                          const char *const *names, bool reversed);

/* A name of `info`, to which the hops of `prefix` lead (NULL: the queryset's own model). */
static void resolve_order_name(Resolving *r, Orderings *out, const ModelInfo *info, const Names *prefix, Str name,
                               bool reversed)
{
    Context *cx = r->q->cx;
    if (str_eq(name, STR("?"))) {
        VEC_PUSH(cx->arena, out, (Ordering){ NULL, false });
        return;
    }
    bool descending = str_starts(name, STR("-"));
    if (descending || str_starts(name, STR("+")))
        name = str_from_byte(name, 1);
    descending ^= reversed;
    if (!prefix && annotation_find(r->q, name)) {
        VEC_PUSH(cx->arena, out, (Ordering){ annotation_find(r->q, name), descending });
        return;
    }
    Names way;
    names_resolve(cx, info, name, &way);
    if (prefix) {
        if (prefix->n + way.n > QUERY_MAX_DEPTH)
            RAISE(cx, 500, "field_error", "Infinite loop caused by ordering.");
        memmove(way.hops + prefix->n, way.hops, way.n * sizeof *way.hops);
        memcpy(way.hops, prefix->hops, prefix->n * sizeof *way.hops);
        way.n += prefix->n;
    }
    /* Ordering by a relation means by the order of its rows; by its key member or by "pk", by the key. */
    const FieldInfo *field = way.field;
    if (field->to && way.asked == field && field->to->meta->ordering && !way.rest.p && str_ends(name, field->name)) {
        if (way.n == QUERY_MAX_DEPTH || r->depth >= QUERY_MAX_DEPTH / 4)
            RAISE(cx, 500, "field_error", "Infinite loop caused by ordering.");
        way.hops[way.n++] = (Hop){ field, false };
        r->depth++;
        resolve_order(r, out, field->to, &way, field->to->meta->ordering, descending);
        r->depth--;
        return;
    }
    const Node *node = way.rest.p && !prefix ? name_resolve(r, name) : join_column(r, &way);
    VEC_PUSH(cx->arena, out, (Ordering){ node, descending });
}

static void resolve_order(Resolving *r, Orderings *out, const ModelInfo *info, const Names *prefix,
                          const char *const *names, bool reversed)
{
    for (size_t i = 0; names && names[i]; i++)
        resolve_order_name(r, out, info, prefix, str_c(names[i]), reversed);
}

static void write_order(Writer *w, Buf *b, const Orderings *order)
{
    for (size_t i = 0; i < order->n; i++) {
        buf_c(b, i ? ", " : " ORDER BY ");
        if (!order->p[i].node) {
            buf_c(b, w->d->random);
            continue;
        }
        node_write(w, b, order->p[i].node, false);
        buf_c(b, order->p[i].descending ? " DESC" : " ASC");
    }
}

/* --- the other clauses */

/* Which of the tables is that of the model, or of a base of it. */
static uint32_t joined_base(const QuerySet *q, const ModelInfo *owner)
{
    uint32_t at = 0;
    for (const ModelInfo *m = q->info; m && m->concrete != owner->concrete; m = m->base)
        for (uint32_t i = 1; i < q->njoins; i++)
            if (q->joins[i].parent == at && q->joins[i].hop.field == m->parent_link && !q->joins[i].hop.reverse) {
                at = i;
                break;
            }
    return at;
}

static void write_limit(const Writer *w, const QuerySet *q, Buf *b)
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

static void write_group_node(Writer *w, Buf *b, const Node *n, bool *first)
{
    if (!n || n->aggregate || n->kind == NODE_VALUE || n->kind == NODE_OUTER)
        return;
    buf_c(b, *first ? " GROUP BY " : ", ");
    *first = false;
    node_write(w, b, n, false);
}

static void write_group(Writer *w, Buf *b, const Orderings *order)
{
    const QuerySet *q = w->q;
    bool first = true;
    if (q->grouping == GROUP_NOT)
        return;
    if (q->grouping == GROUP_BY_KEY) {
        buf_printf(b, " GROUP BY %.*s.%.*s", STR_FMT(w->aliases[0]), STR_FMT(q->info->pk->quoted));
        first = false;
        for (const ModelInfo *base = q->mode == MODE_ROWS ? q->info->base : NULL; base; base = base->base)
            if (joined_base(q, base))
                buf_printf(b, ", %.*s.%.*s", STR_FMT(w->aliases[joined_base(q, base)]), STR_FMT(base->pk->quoted));
        for (size_t i = 0; i < q->nannotations; i++)
            write_group_node(w, b, q->annotations[i].node, &first);
    }
    for (size_t i = 0; i < q->ngroup; i++)
        write_group_node(w, b, q->group[i], &first);
    for (size_t i = 0; i < order->n; i++)
        if (q->grouping == GROUP_BY_NODES || (order->p[i].node && order->p[i].node->join))
            write_group_node(w, b, order->p[i].node, &first);
}

static void write_nodes(Writer *w, Buf *b, const Named *nodes, size_t n, bool numbered)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            BUF_LIT(b, ", ");
        size_t begin = b->n;
        Truth t = node_write(w, b, nodes[i].node, false);
        if (t != UNKNOWN) {
            buf_truncate(b, begin);
            buf_c(b, t == ALWAYS ? w->d->true_literal : w->d->false_literal);
        }
        if (numbered)
            buf_printf(b, " AS \"__col%zu\"", i + 1);
    }
}

static void write_columns(Writer *w, Buf *b, SelectWhat what, const Named *nodes, size_t n)
{
    const QuerySet *q = w->q;
    if (q->distinct)
        BUF_LIT(b, "DISTINCT ");
    if ((what == SELECT_EXISTS && !q->distinct) || what == SELECT_ONES) {
        BUF_LIT(b, "1 AS \"a\"");
        return;
    }
    if (nodes) {
        write_nodes(w, b, nodes, n, what == SELECT_NODES);
        return;
    }
    if (q->mode != MODE_ROWS && what != SELECT_NODES) {
        write_nodes(w, b, q->selected, q->nselected, false);
        return;
    }
    if (what == SELECT_KEYS)
        buf_printf(b, "%.*s.%.*s", STR_FMT(w->aliases[0]), STR_FMT(q->info->pk->quoted));
    for (size_t i = 0; i < q->info->nall && what != SELECT_KEYS; i++) {
        const FieldInfo *field = q->info->all[i];
        if (i)
            BUF_LIT(b, ", ");
        buf_printf(b, "%.*s.%.*s", STR_FMT(w->aliases[joined_base(q, field->model)]), STR_FMT(field->quoted));
    }
    if (what == SELECT_ROWS && q->nannotations) {
        BUF_LIT(b, ", ");
        write_nodes(w, b, q->annotations, q->nannotations, false);
    }
}

/* False when no row can match. */
static bool select_write(Writer *w, Buf *b, SelectWhat what, const Named *nodes, size_t n)
{
    const QuerySet *q = w->q;
    Arena *a = w->cx->arena;
    if (q->none || (q->sliced && q->to <= q->from))
        return false;
    Orderings order = { 0 };
    bool ordered = what == SELECT_ROWS || q->sliced;
    /* The columns of its bases are selected, too. */
    bool bases = q->info->base && q->mode == MODE_ROWS && !nodes &&
                 (what == SELECT_ROWS || (what == SELECT_EXISTS && q->distinct));
    if (ordered || bases) {
        QuerySet *joined = queryset_copy(q);
        Resolving r = { .q = joined };
        for (const ModelInfo *base = bases ? q->info->base : NULL; base; base = base->base)
            (void)join_base(&r, base);
        bool by_model = !q->ordered && q->grouping == GROUP_NOT; /* what is grouped has no order of the model's */
        const char *const *names = q->ordered ? q->order : by_model ? q->info->meta->ordering : NULL;
        resolve_order(&r, &order, q->info, NULL, ordered ? names : NULL, q->reversed);
        w->q = q = joined;
    }
    w->aliases = name_tables(w);
    /* The values of the columns come first among the parameters, so they are written first. */
    Buf columns = BUF_INIT(a, QUERY_SQL_MAX), where = BUF_INIT(a, QUERY_SQL_MAX), rest = BUF_INIT(a, QUERY_SQL_MAX);
    write_columns(w, &columns, what, nodes, n);
    if (where_write(w, &where, q->where, false) == NEVER)
        return false;
    write_group(w, &rest, &order);
    if (q->where && q->where->aggregate) {
        size_t begin = rest.n;
        BUF_LIT(&rest, " HAVING ");
        Buf having = BUF_INIT(a, QUERY_SQL_MAX);
        Truth t = where_write(w, &having, q->where, true);
        if (t == NEVER)
            return false;
        if (t == ALWAYS)
            buf_truncate(&rest, begin);
        else
            buf_str(&rest, buf_view(&having));
    }
    write_order(w, &rest, &order);
    if (what == SELECT_EXISTS && !q->sliced)
        BUF_LIT(&rest, " LIMIT 1");
    else
        write_limit(w, q, &rest);
    BUF_LIT(b, "SELECT ");
    buf_str(b, buf_view(&columns));
    write_from(w, b);
    if (where.n) {
        BUF_LIT(b, " WHERE ");
        buf_str(b, buf_view(&where));
    }
    buf_str(b, buf_view(&rest));
    if (b->failed || where.failed || columns.failed || rest.failed)
        RAISE(w->cx, 500, "query_too_large", "The SQL of a query is larger than %d bytes.", QUERY_SQL_MAX);
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
    if (!select_write(&inner, &text, what, NULL, 0))
        return false;
    return buf_str(b, buf_view(&text));
}

static Sql finished(const Buf *b, const Params *params, bool some)
{
    return (Sql){ .text = some ? buf_view(b) : STR(""), .params = params->p, .nparams = params->n, .empty = !some };
}

Sql queryset_compile(const QuerySet *q, SelectWhat what)
{
    Params params = { 0 };
    Writer w = { .cx = q->cx, .d = dialect_of(q->cx, q->alias), .q = q, .params = &params };
    Buf b = BUF_INIT(q->cx->arena, QUERY_SQL_MAX);
    if (what != SELECT_COUNT)
        return finished(&b, &params, select_write(&w, &b, what, NULL, 0));
    Node count = { .kind = NODE_AGGREGATE, .fn = aggregate_find(STR("Count")), .aggregate = true };
    return queryset_compile_nodes(q, &(Named){ STR("__count"), &count }, 1,
                                  q->sliced || q->distinct || q->grouping != GROUP_NOT);
}

/* An aggregate's argument becomes a column of the subquery. */
static const Node *moved_inside(Context *cx, const Node *n, Named *inner, size_t *ninner, size_t max)
{
    Node *copy = node_new(cx, n->kind, n->n);
    const Node **args = copy->args;
    *copy = *n;
    copy->args = args;
    for (size_t i = 0; i < n->n; i++) {
        if (n->kind != NODE_AGGREGATE) {
            args[i] = moved_inside(cx, n->args[i], inner, ninner, max);
            continue;
        }
        if (*ninner == max)
            RAISE(cx, 500, "field_error", "More than %zu aggregates over a subquery.", max);
        inner[*ninner] = (Named){ STR("column"), n->args[i] };
        Node *column = node_new(cx, NODE_INNER, 0);
        column->join = (uint32_t)++ * ninner;
        args[i] = column;
    }
    if (n->kind == NODE_AGGREGATE && n->where)
        RAISE(cx, 500, "field_error",
              "An aggregate with a condition cannot run over a slice, distinct rows or groups.");
    return copy;
}

Sql queryset_compile_nodes(const QuerySet *q, const Named *nodes, size_t n, bool over)
{
    enum { INNER_MAX = 64 };
    Context *cx = q->cx;
    Params params = { 0 };
    Buf b = BUF_INIT(cx->arena, QUERY_SQL_MAX);
    Writer w = { .cx = cx, .d = dialect_of(cx, q->alias), .q = q, .params = &params };
    if (!over)
        return finished(&b, &params, select_write(&w, &b, SELECT_KEYS, nodes, n));
    Named *inner = NEW_ARRAY(cx->arena, Named, INNER_MAX), *outer = NEW_ARRAY(cx->arena, Named, n);
    size_t ninner = 0;
    for (size_t i = 0; i < n; i++)
        outer[i] = (Named){ nodes[i].name, moved_inside(cx, nodes[i].node, inner, &ninner, INNER_MAX) };
    Buf text = BUF_INIT(cx->arena, QUERY_SQL_MAX);
    bool rows = q->distinct && !ninner; /* what is distinct must be selected */
    Writer in = { .cx = cx, .d = w.d, .q = q, .params = &params };
    if (!select_write(&in, &text,
                      rows     ? SELECT_ROWS
                      : ninner ? SELECT_NODES
                               : SELECT_ONES,
                      ninner ? inner : NULL, ninner))
        return finished(&b, &params, false);
    Writer out = { .cx = cx, .d = w.d, .q = q, .params = &params };
    BUF_LIT(&b, "SELECT ");
    write_nodes(&out, &b, outer, n, false);
    BUF_LIT(&b, " FROM (");
    buf_str(&b, buf_view(&text));
    BUF_LIT(&b, ") subquery");
    return finished(&b, &params, true);
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
        Truth t = node_write(&w, &b, set[i].node, false);
        if (t != UNKNOWN)
            buf_c(&b, t == ALWAYS ? w.d->true_literal : w.d->false_literal);
    }
    Buf where = BUF_INIT(cx->arena, QUERY_SQL_MAX);
    if (q->njoins > 1 || q->grouping != GROUP_NOT || q->distinct) {
        QuerySet *keys = queryset_copy(q);
        keys->distinct = false;
        keys->mode = MODE_ROWS;
        buf_printf(&where, "%.*s.%.*s IN (", STR_FMT(q->info->quoted), STR_FMT(q->info->pk->quoted));
        if (!subquery_write(&w, &where, keys, NULL, SELECT_KEYS))
            return finished(&b, &params, false);
        BUF_LIT(&where, ")");
    } else if (where_write(&w, &where, q->where, false) == NEVER) {
        return finished(&b, &params, false);
    }
    if (where.n) {
        BUF_LIT(&b, " WHERE ");
        buf_str(&b, buf_view(&where));
    }
    if (b.failed || where.failed)
        RAISE(cx, 500, "query_too_large", "The SQL of a query is larger than %d bytes.", QUERY_SQL_MAX);
    return finished(&b, &params, true);
}
