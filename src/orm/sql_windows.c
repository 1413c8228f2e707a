/* sql_windows.c: conditions over windows: the rows are computed first, and chosen from then. */
#include "orm/sql.h"

typedef struct Masking {
    Context *cx;
    VEC(Named) columns;
} Masking;

static const Node *masked_column(Masking *m, const Node *n)
{
    size_t at = 0;
    while (at < m->columns.n && !column_is_same(m->columns.p[at].node, n))
        at++;
    if (at == m->columns.n)
        VEC_PUSH(m->cx->arena, &m->columns, (Named){ STR("column"), n, false });
    Node *alias = node_new(m->cx, NODE_ALIAS, 0);
    alias->name = str_format(m->cx->arena, "__col%zu", at + 1);
    alias->out = n->out;
    return alias;
}

/* The condition in terms of the columns of the query inside. */
static const Node *masked(Masking *m, const Node *n)
{
    if (n->kind == NODE_VALUE || n->kind == NODE_OUTER)
        return n;
    bool logical = n->kind == NODE_AND || n->kind == NODE_OR || n->kind == NODE_XOR || n->kind == NODE_NOT;
    if (!logical && n->kind != NODE_COMPARE)
        return masked_column(m, n);
    Node *copy = node_new(m->cx, n->kind, n->n);
    const Node **args = copy->args;
    *copy = *n;
    copy->args = args;
    for (size_t i = 0; i < n->n; i++)
        args[i] = logical                                                            ? masked(m, n->args[i])
                  : n->args[i]->kind == NODE_VALUE || n->args[i]->kind == NODE_OUTER ? n->args[i]
                                                                                     : masked_column(m, n->args[i]);
    if (n->guard)
        copy->guard = masked_column(m, n->guard);
    return copy;
}

bool qualify_write(Writer *w, Buf *b, Select *s)
{
    Context *cx = w->cx;
    Masking m = { .cx = cx };
    QuerySet *inner = queryset_copy(w->q);
    bool rows = inner->mode == MODE_ROWS && s->what == SELECT_ROWS;
    if (rows)
        columns_of_rows(inner, s->out, &m.columns.p, &m.columns.n, &m.columns.cap);
    for (size_t i = 0; i < s->n && s->what != SELECT_EXISTS; i++)
        VEC_PUSH(cx->arena, &m.columns, s->nodes[i]);
    if (s->what == SELECT_KEYS && !s->nodes) {
        Resolving r = { .q = inner };
        VEC_PUSH(cx->arena, &m.columns,
                 ((Named){ STR("pk"), join_column(&r, &(Names){ .field = inner->info->pk }), false }));
    }
    size_t shown = m.columns.n;
    const Node *condition = masked(&m, s->qualify);
    const Node **order = NEW_ARRAY(cx->arena, const Node *, s->order.n + 1);
    for (size_t i = 0; i < s->order.n; i++)
        order[i] = s->order.p[i].node ? masked_column(&m, s->order.p[i].node) : NULL;
    inner->where = node_and(cx, s->where, s->having);
    inner->ordered = true;
    inner->norder = 0;
    inner->sliced = false;
    inner->from = 0, inner->to = QUERY_ALL;
    inner->lock = (LockOptions){ .on = false };
    Buf text = BUF_INIT(cx->arena, QUERY_SQL_MAX);
    Writer in = *w;
    in.q = inner;
    Select inside = { .what = SELECT_NODES, .nodes = m.columns.p, .n = m.columns.n, .numbered = true };
    if (!select_write(&in, &text, &inside))
        return false;
    BUF_LIT(b, "SELECT ");
    for (size_t i = 0; i < shown; i++)
        buf_printf(b, s->numbered ? "%s\"__col%zu\" AS \"__col%zu\"" : "%s\"__col%zu\"", i ? ", " : "", i + 1, i + 1);
    if (!shown)
        BUF_LIT(b, "1 AS \"a\"");
    BUF_LIT(b, " FROM (");
    buf_str(b, buf_view(&text));
    BUF_LIT(b, ") \"qualify\" WHERE ");
    Truth t = node_write(w, b, condition, false);
    if (t == NEVER)
        return false;
    if (t == ALWAYS)
        BUF_LIT(b, "1 = 1");
    for (size_t i = 0; i < s->order.n; i++) {
        buf_c(b, i ? ", " : " ORDER BY ");
        if (!order[i]) {
            buf_c(b, w->d->random);
            continue;
        }
        const Node *args[] = { order[i] };
        Node n = { .kind = NODE_ORDER,
                   .args = args,
                   .n = 1,
                   .descending = s->order.p[i].descending,
                   .nulls = s->order.p[i].nulls };
        order_write(w, b, &n, false);
    }
    if (s->what == SELECT_EXISTS && !w->q->sliced)
        BUF_LIT(b, " LIMIT 1");
    else
        limit_write(w, w->q, b);
    sql_check_size(w, b);
    return true;
}
