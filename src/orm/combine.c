/*
 * combine.c: querysets made of several: unions, intersections, differences, and the conditions of two joined by and,
 * or, xor.
 */
#include "orm/queryset.h"

void check_not_combined(const QuerySet *q, const char *method)
{
    static const char *const names[] = { "", "union", "intersection", "difference" };
    if (CLEF_UNLIKELY(q->combinator))
        RAISE(q->cx, 500, "not_supported_error", "Calling QuerySet.%s%s after %s() is not supported.", method,
              str_eq(str_c(method), STR("get")) ? "(...) with filters" : "()", names[q->combinator]);
}

/* --- compounds */

static QuerySet *compound(Combinator how, QuerySet *const *all, size_t n, bool keep_all)
{
    const QuerySet *first = all[0];
    Context *cx = first->cx;
    const QuerySet **parts = NEW_ARRAY(cx->arena, const QuerySet *, n);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->cx != cx)
            RAISE(cx, 500, "value_error", "A QuerySet of another context cannot be part of this one.");
        parts[i] = all[i];
    }
    QuerySet *q = queryset_bare(cx, first->info);
    q->alias = first->alias;
    q->mode = first->mode;
    q->named = first->named;
    q->selected = first->selected;
    q->nselected = first->nselected;
    q->combinator = how;
    q->union_all = keep_all;
    q->parts = parts;
    q->nparts = n;
    return q;
}

/* Those that may have rows, the first of all in front. */
static QuerySet *const *with_rows(QuerySet *first, QuerySet *const *others, size_t n, size_t *out)
{
    QuerySet **all = NEW_ARRAY(first->cx->arena, QuerySet *, n + 1);
    *out = 0;
    if (!first->none)
        all[(*out)++] = first;
    for (size_t i = 0; i < n; i++)
        if (!others[i]->none)
            all[(*out)++] = others[i];
    return all;
}

QuerySet *queryset_union(QuerySet *q, QuerySet *const *others, size_t n, bool all)
{
    size_t some;
    QuerySet *const *parts = with_rows(q, others, n, &some);
    if (q->none)
        return some ? (some == 1 ? parts[0] : compound(COMBINE_UNION, parts, some, all)) : queryset_copy(q);
    QuerySet **whole = NEW_ARRAY(q->cx->arena, QuerySet *, n + 1);
    whole[0] = q;
    for (size_t i = 0; i < n; i++)
        whole[i + 1] = others[i];
    return compound(COMBINE_UNION, whole, n + 1, all);
}

QuerySet *queryset_intersection(QuerySet *q, QuerySet *const *others, size_t n)
{
    QuerySet **whole = NEW_ARRAY(q->cx->arena, QuerySet *, n + 1);
    whole[0] = q;
    for (size_t i = 0; i < n; i++) {
        if (others[i]->none)
            return others[i];
        whole[i + 1] = others[i];
    }
    return q->none ? queryset_copy(q) : compound(COMBINE_INTERSECTION, whole, n + 1, false);
}

QuerySet *queryset_difference(QuerySet *q, QuerySet *const *others, size_t n)
{
    QuerySet **whole = NEW_ARRAY(q->cx->arena, QuerySet *, n + 1);
    whole[0] = q;
    for (size_t i = 0; i < n; i++)
        whole[i + 1] = others[i];
    return q->none ? queryset_copy(q) : compound(COMBINE_DIFFERENCE, whole, n + 1, false);
}

/* --- q1 & q2, q1 | q2, q1 ^ q2 */

/* A node of the other queryset with its joins renumbered. */
static const Node *moved(Context *cx, const Node *n, const uint32_t *joins, unsigned depth)
{
    if (!n)
        return NULL;
    if (depth > 4 * QUERY_MAX_DEPTH)
        RAISE(cx, 500, "field_error", "Conditions are nested deeper than %d.", QUERY_MAX_DEPTH);
    Node *copy = NEW(cx->arena, Node);
    *copy = *n;
    copy->args = NEW_ARRAY(cx->arena, const Node *, n->n + 1);
    for (size_t i = 0; i < n->n; i++)
        copy->args[i] = moved(cx, n->args[i], joins, depth + 1);
    if (n->kind == NODE_COLUMN)
        copy->join = joins[n->join];
    copy->where = moved(cx, n->where, joins, depth + 1);
    copy->guard = moved(cx, n->guard, joins, depth + 1);
    const OuterName **last = &copy->outers;
    for (const OuterName *o = n->outers; o; o = o->next) {
        OuterName *outer = NEW(cx->arena, OuterName);
        *outer = (OuterName){ .name = o->name, .node = moved(cx, o->node, joins, depth + 1) };
        *last = outer;
        last = (const OuterName **)&outer->next;
    }
    return copy;
}

/*
 * The other's tables behind ours. Ways to many rows are the same only in a conjunction's other half: they are joined
 * anew.
 */
static const uint32_t *take_joins(QuerySet *q, const QuerySet *other, bool conjunction)
{
    Context *cx = q->cx;
    uint32_t *joins = NEW_ARRAY(cx->arena, uint32_t, other->njoins);
    bool *taken = NEW_ARRAY(cx->arena, bool, QUERY_MAX_JOINS + 1);
    Resolving r = { .q = q };
    joins[0] = 0;
    for (uint32_t i = 1; i < other->njoins; i++) {
        const Join *j = &other->joins[i];
        if (!conjunction || !hop_is_many(j->hop)) {
            /* In a disjunction each of ours is used by one of theirs. */
            bool *used = NEW_ARRAY(cx->arena, bool, QUERY_MAX_JOINS + 1);
            for (uint32_t k = 0; k <= QUERY_MAX_JOINS; k++)
                used[k] = !taken[k];
            r.used = used;
            r.nused = QUERY_MAX_JOINS + 1;
        } else {
            r.used = NEW_ARRAY(cx->arena, bool, QUERY_MAX_JOINS + 1);
            r.nused = QUERY_MAX_JOINS + 1;
        }
        joins[i] = j->filtered ? join_filtered(&r, j->filtered) : join_add(&r, joins[j->parent], j->hop);
        taken[joins[i]] = true;
    }
    return joins;
}

static void check_combinable(const QuerySet *a, const QuerySet *b)
{
    Context *cx = a->cx;
    if (a->info != b->info)
        RAISE(cx, 500, "type_error", "Cannot combine queries on two different base models.");
    if (a->distinct != b->distinct)
        RAISE(cx, 500, "type_error", "Cannot combine a unique query with a non-unique query.");
    if (a->mode != b->mode)
        RAISE(cx, 500, "type_error", "Merging 'QuerySet' classes must involve the same values in each case.");
}

/* A slice takes part as the rows whose keys it has. */
static QuerySet *without_slice(QuerySet *q)
{
    if (!q->sliced || q->combinator)
        return q;
    QuerySet *keys = queryset_values_list(q, ORDER("pk"), false);
    return FILTER(queryset_using(queryset_of(q->cx, q->info->m), q->alias), LOOKUP("pk__in", keys));
}

QuerySet *queryset_combine(QuerySet *a, QuerySet *b, Connector connector)
{
    Context *cx = a->cx;
    a = without_slice(a);
    b = without_slice(b);
    if (a->cx != b->cx)
        RAISE(cx, 500, "value_error", "A QuerySet of another context cannot be part of this one.");
    check_not_combined(a, connector == CONNECT_AND ? "__and__" : connector == CONNECT_OR ? "__or__" : "__xor__");
    check_not_combined(b, connector == CONNECT_AND ? "__and__" : connector == CONNECT_OR ? "__or__" : "__xor__");
    check_combinable(a, b);
    if (a->none || b->none)
        return queryset_copy(connector == CONNECT_AND ? (a->none ? a : b) : a->none ? b : a);
    QuerySet *q = queryset_copy(a);
    const uint32_t *joins = take_joins(q, b, connector == CONNECT_AND);
    const Node *where = moved(cx, b->where, joins, 0);
    if (connector == CONNECT_AND) {
        q->where = node_and(cx, q->where, where);
    } else {
        /* A queryset without conditions is all rows. */
        Node *always = node_new(cx, NODE_AND, 0), *both = node_new(cx, connector == CONNECT_OR ? NODE_OR : NODE_XOR, 2);
        both->args[0] = q->where ? q->where : always;
        both->args[1] = where ? where : always;
        both->aggregate = both->args[0]->aggregate || both->args[1]->aggregate;
        both->window = both->args[0]->window || both->args[1]->window;
        q->where = both;
    }
    if (b->ordered && b->norder) {
        q->order = b->order;
        q->norder = b->norder;
        q->ordered = true;
    }
    return q;
}
