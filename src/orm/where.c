/*
 * where.c: from Q and LOOKUP to conditions on columns. Under a NOT, a condition over a way that leads to many rows becomes
 * a subquery: "has no such row", where a join would say "has another row".
 */
#include "orm/queryset.h"

const Node *node_and(Context *cx, const Node *a, const Node *b)
{
    if (!a || !b)
        return a ? a : b;
    Node *n = node_new(cx, NODE_AND, 2);
    n->args[0] = a;
    n->args[1] = b;
    n->aggregate = a->aggregate || b->aggregate;
    n->window = a->window || b->window;
    return n;
}

const Node *node_not(Context *cx, const Node *a)
{
    Node *n = node_new(cx, NODE_NOT, 1);
    n->args[0] = a;
    n->aggregate = a->aggregate;
    n->window = a->window;
    return n;
}

/* --- names: of annotations, of filtered relations, of the model */

/* The annotation that the text begins with ("price__avg__gt"), and what follows it. */
static const Node *annotation_before(const QuerySet *q, Str text, Str *rest)
{
    const Node *found = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < q->nannotations; i++) {
        Str name = q->annotations[i].name;
        if (name.n < longest || !str_starts(text, name))
            continue;
        Str after = str_from_byte(text, name.n);
        if (after.n && !str_starts(after, STR("__")))
            continue;
        found = q->annotations[i].node;
        longest = name.n;
        *rest = after.n ? str_from_byte(after, 2) : (Str){ 0 };
    }
    return found;
}

bool annotation_begins(const QuerySet *q, Str text)
{
    Str rest;
    return annotation_before(q, text, &rest) != NULL;
}

/* The way over the model's names; one that begins at a FilteredRelation starts at its table. */
static void way_of(Resolving *r, Str text, Names *out)
{
    Context *cx = r->q->cx;
    Str rest = text, first;
    (void)names_cut(&rest, &first);
    const Filtered *filtered = filtered_find(r->q, first);
    if (!filtered) {
        names_resolve(cx, r->q->info, text, out);
        return;
    }
    uint32_t from = join_filtered(r, filtered);
    const FieldInfo *field;
    Str after = rest, next = { 0 };
    (void)names_cut(&after, &next);
    if (next.n && (info_field(filtered->to, next) || names_between(filtered->to, next) ||
                   names_reverse(filtered->to, next, &field)))
        names_resolve(cx, filtered->to, rest, out);
    else /* the relation itself */
        *out = (Names){ .field = filtered->to->pk, .asked = filtered->to->pk, .rest = rest };
    out->from = from;
}

const Node *name_resolve(Resolving *r, Str name)
{
    Str rest;
    const Node *annotation = annotation_before(r->q, name, &rest);
    if (annotation)
        return transformed(r, annotation, rest, NULL);
    Names names;
    way_of(r, name, &names);
    return transformed(r, join_column(r, &names), names.rest, NULL);
}

/* --- one condition */

static Node *same_value(Context *cx, const Node *a, const Node *b)
{
    Node *n = node_new(cx, NODE_COMPARE, 2);
    n->args[0] = a;
    n->args[1] = b;
    n->op = OP_EQ;
    n->unguarded = true;
    n->out = type_field(FIELD_BOOLEAN);
    return n;
}

static Node *outer_named(Context *cx, Str name)
{
    Node *n = node_new(cx, NODE_OUTER, 0);
    n->name = name;
    return n;
}

static OuterName *outers_with(Context *cx, OuterName *next, Str name, const Node *node)
{
    OuterName *outer = NEW(cx->arena, OuterName);
    *outer = (OuterName){ .next = next, .name = name, .node = node };
    return outer;
}

/* The join of this hop that the same call went over before; 0: none. */
static uint32_t same_way(const Resolving *r, const Names *names, size_t k)
{
    uint32_t at = names->from;
    for (size_t i = 0; i <= k; i++) {
        uint32_t found = 0;
        for (uint32_t j = 1; !found && j < r->q->njoins; j++) {
            const Join *join = &r->q->joins[j];
            bool may = i < k || (r->used && j < r->nused && r->used[j]);
            if (join->parent == at && join->hop.field == names->hops[i].field &&
                join->hop.reverse == names->hops[i].reverse && may)
                found = j;
        }
        if (!found)
            return 0;
        at = found;
    }
    return at;
}

/* The rows at the end of the hops from `k` on, of one row of the table that hop k starts from. */
static const Node *exists_behind(Resolving *r, const Names *names, size_t k, const Pred *p, Op op, Right right,
                                 bool is_any)
{
    Context *cx = r->q->cx;
    Hop hop = names->hops[k];
    Names way = *names, column = { .field = hop_right(hop) };
    way.n = k;
    way.field = hop_left(hop);
    QuerySet *inner = queryset_bare(cx, hop_to(hop));
    Resolving in = { .q = inner };
    OuterName *outers;
    uint32_t joined = same_way(r, names, k);
    if (joined) { /* beside a condition over the same way: about the same row */
        Node *there = node_new(cx, NODE_COLUMN, 0);
        there->join = joined;
        there->field = there->out = inner->info->pk;
        outers = outers_with(cx, NULL, STR("#left"), there);
        column.field = inner->info->pk;
    } else {
        outers = outers_with(cx, NULL, STR("#left"), join_column(r, &way));
    }
    inner->where = same_value(cx, join_column(&in, &column), outer_named(cx, STR("#left")));
    if (hop.field->type && !joined)
        inner->where = node_and(cx, inner->where, generic_node(cx, 0, hop.field));
    if (!is_any) {
        Names tail = *names;
        tail.from = 0;
        tail.n = names->n - k - 1;
        memmove(tail.hops, names->hops + k + 1, tail.n * sizeof *tail.hops);
        Op lookup = op;
        const Node *left = transformed(&in, join_column(&in, &tail), names->rest, p->path ? NULL : &lookup);
        const Node *condition;
        if (right.expr) { /* of the query around */
            const Node *there = expr_resolve(r, right.expr);
            outers = outers_with(cx, outers, STR("#right"), there);
            const Node *outer = outer_named(cx, STR("#right"));
            Node *n =
                op_is_custom(lookup) ? (Node *)custom_condition(&in, lookup, left, outer) : same_value(cx, left, outer);
            if (!op_is_custom(lookup))
                n->op = lookup;
            condition = n;
        } else {
            condition = compare(&in, left, lookup, names->asked, right);
        }
        inner->where = node_and(cx, inner->where, condition);
    }
    Node *exists = (Node *)node_subquery(r, NODE_EXISTS, inner);
    for (const OuterName *o = exists->outers; o; o = o->next)
        outers = outers_with(cx, outers, o->name, o->node);
    exists->outers = outers;
    return exists;
}

/* An expression that is true or false by itself. */
static const Node *condition_of(Resolving *r, const Boxed *b)
{
    Context *cx = r->q->cx;
    const Expr *e = expr_of(b->box ? b->box(cx->arena, b->at) : value_null());
    if (!e)
        RAISE(cx, 500, "type_error", "Cannot filter against a non-conditional expression.");
    const Node *n = expr_resolve(r, e);
    switch (n->kind) {
    case NODE_COMPARE:
    case NODE_AND:
    case NODE_OR:
    case NODE_XOR:
    case NODE_NOT:
    case NODE_EXISTS:
        return n;
    case NODE_RAW:
        if (!n->out)
            return n;
        break;
    default:
        break;
    }
    const FieldInfo *type = node_type(cx, n);
    if (!type || type->kind != FIELD_BOOLEAN)
        RAISE(cx, 500, "type_error", "Cannot filter against a non-conditional expression.");
    Node *same = (Node *)compare(r, n, OP_EQ, NULL, (Right){ .value = value_bool(true) });
    same->unguarded = true;
    return same;
}

/* Conditions on annotations are taken as they are; those on columns mind NULL under a NOT. */
static const Node *with_guard(const Node *condition, const Node *column, bool unguarded, const Right *right)
{
    if (condition->kind != NODE_COMPARE)
        return condition;
    Node *n = (Node *)condition;
    /* None as a value of JSON is asked as it is: a column that is NULL answers neither yes nor no. */
    unguarded |= right->value.tag == VALUE_NULL && !right->expr && !right->query;
    n->unguarded = unguarded;
    n->guard = !unguarded && column->nullable ? column : NULL;
    return n;
}

static const Node *leaf(Resolving *r, const Pred *p)
{
    Op op = p->path ? p->op : OP_EQ;
    if (p->lookup && !*p->lookup)
        return condition_of(r, &p->value);
    Str text = p->path ? names_without_parts(r->q->cx->arena, str_c(p->path)) : str_c(p->lookup), rest;
    Right right = right_side(r, &p->value);
    const Node *annotation = annotation_before(r->q, text, &rest);
    if (annotation) {
        const Node *computed = transformed(r, annotation, rest, p->path ? NULL : &op);
        return with_guard(compare(r, computed, op, NULL, right), computed, true, &right);
    }
    Names names;
    way_of(r, text, &names);
    size_t many = 0;
    while (many < names.n && !hop_is_many(names.hops[many]))
        many++;
    if (r->negated && many < names.n && !names.from) {
        Str name, tail = names.rest;
        Op last = op;
        while (names_cut(&tail, &name))
            (void)op_find(name, &last);
        if (last == OP_ISNULL && right.value.tag == VALUE_BOOL && right.value.b) {
            /* No row at all, or one without that value. */
            Node *either = node_new(r->q->cx, NODE_OR, 2);
            either->args[0] = node_not(r->q->cx, exists_behind(r, &names, many, p, op, right, true));
            either->args[1] = exists_behind(r, &names, many, p, op, right, false);
            return either;
        }
        return exists_behind(r, &names, many, p, op, right, false);
    }
    const Node *column = join_column(r, &names);
    const Node *left = transformed(r, column, names.rest, p->path ? NULL : &op);
    const Node *condition = compare(r, left, op, names.asked, right);
    if (op_is_custom(op) && r->negated && column->nullable) /* NULL is not what was asked for, so NOT takes it */
        return node_and(r->q->cx, condition,
                        compare(r, column, OP_ISNULL, NULL, (Right){ .value = value_bool(false) }));
    return with_guard(condition, column, false, &right);
}

/* --- several */

static bool is_empty(const Node *n)
{
    return !n->n && (n->kind == NODE_AND || n->kind == NODE_OR || n->kind == NODE_XOR);
}

/* An empty Q says nothing, under a NOT either: it is left out. */
static const Node *joined(Resolving *r, const Pred *preds, size_t n, Connector connector)
{
    Context *cx = r->q->cx;
    if (r->depth >= QUERY_MAX_DEPTH)
        RAISE(cx, 500, "field_error", "Conditions are nested deeper than %d.", QUERY_MAX_DEPTH);
    bool negated = r->negated;
    r->negated |= connector == CONNECT_NOT;
    r->depth++;
    NodeKind kind = connector == CONNECT_OR ? NODE_OR : connector == CONNECT_XOR ? NODE_XOR : NODE_AND;
    Node *node = node_new(cx, kind, n);
    node->n = 0;
    for (size_t i = 0; i < n; i++) {
        const Node *part = preds[i].connector ? joined(r, preds[i].children, preds[i].nchildren, preds[i].connector)
                                              : leaf(r, &preds[i]);
        bool says_nothing = preds[i].connector && is_empty(part);
        if (says_nothing)
            continue;
        node->args[node->n++] = part;
        node->aggregate |= part->aggregate;
        node->window |= part->window;
    }
    r->depth--;
    r->negated = negated;
    return connector == CONNECT_NOT && node->n ? node_not(cx, node) : node;
}

const Node *where_resolve(Resolving *r, const Pred *preds, Connector connector)
{
    size_t n = 0;
    while (preds && (preds[n].path || preds[n].lookup || preds[n].connector))
        n++;
    return joined(r, preds, n, connector);
}
