/*
 * where.c: from Q and LOOKUP to conditions on columns. Under a NOT, a condition over a way that leads to many rows becomes
 * a subquery: "has no such row", where a join would say "has another row".
 */
#include "orm/queryset.h"

static const char *const op_names[OP_COUNT] = {
    [OP_EQ] = "exact",
    [OP_IEXACT] = "iexact",
    [OP_CONTAINS] = "contains",
    [OP_ICONTAINS] = "icontains",
    [OP_STARTSWITH] = "startswith",
    [OP_ISTARTSWITH] = "istartswith",
    [OP_ENDSWITH] = "endswith",
    [OP_IENDSWITH] = "iendswith",
    [OP_GT] = "gt",
    [OP_GTE] = "gte",
    [OP_LT] = "lt",
    [OP_LTE] = "lte",
    [OP_IN] = "in",
    [OP_ISNULL] = "isnull",
    [OP_RANGE] = "range",
    [OP_REGEX] = "regex",
    [OP_IREGEX] = "iregex",
};

const char *op_name(Op op) { return op_names[op]; }

bool op_find(Str name, Op *op)
{
    for (size_t i = 0; i < OP_COUNT; i++)
        if (str_eq(str_c(op_names[i]), name)) {
            *op = (Op)i;
            return true;
        }
    return false;
}

static bool op_takes_text(Op op)
{
    return (op >= OP_IEXACT && op <= OP_IENDSWITH) || op == OP_REGEX || op == OP_IREGEX;
}

static CLEF_COLD CLEF_NORETURN void no_lookup(Context *cx, const FieldInfo *field, const ModelInfo *at, Str name)
{
    Str names[OP_COUNT], near_field = { 0 };
    for (size_t i = 0; i < OP_COUNT; i++)
        names[i] = str_c(op_names[i]);
    Str near = nearest_of(name, names, OP_COUNT);
    if (!near.n && at) {
        Str *fields = NEW_ARRAY(cx->arena, Str, at->nall);
        for (size_t i = 0; i < at->nall; i++)
            fields[i] = at->all[i]->name;
        near_field = nearest_of(name, fields, at->nall);
    }
    RAISE(cx, 500, "field_error", "Unsupported lookup '%.*s' for %s or join on the field not permitted%s%.*s%s%s%.*s%s",
          STR_FMT(name), field_class(field->f), near.n ? ", perhaps you meant " : "", STR_FMT(near), near.n ? "?" : ".",
          near_field.n ? " Did you mean '" : "", STR_FMT(near_field), near_field.n ? "'?" : "");
}

const Node *node_and(Context *cx, const Node *a, const Node *b)
{
    if (!a || !b)
        return a ? a : b;
    Node *n = node_new(cx, NODE_AND, 2);
    n->args[0] = a;
    n->args[1] = b;
    n->aggregate = a->aggregate || b->aggregate;
    return n;
}

static const Node *node_not(Context *cx, const Node *a)
{
    Node *n = node_new(cx, NODE_NOT, 1);
    n->args[0] = a;
    n->aggregate = a->aggregate;
    return n;
}

/* --- one condition */

/* What a condition compares with, before it is known what it compares. */
typedef struct Right {
    const Expr *expr;
    const QuerySet *query;
    Value value;
} Right;

static Right right_of(Resolving *r, const Boxed *b)
{
    Right right = { .value = b->box ? b->box(r->q->cx->arena, b->at) : value_null() };
    if (right.value.tag == VALUE_OBJECT && right.value.cls == &expr_class)
        right.expr = right.value.object;
    else if (right.value.tag == VALUE_OBJECT && right.value.cls == &queryset_class)
        right.query = right.value.object;
    return right;
}

/* A row of the model that a relation was followed to, against the relation: its primary key. */
static Value key_of_related(Resolving *r, Value v, const FieldInfo *asked, const FieldInfo *field)
{
    if (v.tag == VALUE_LIST) {
        List *keys = list_new(r->q->cx->arena);
        for (size_t i = 0; i < v.list->n; i++)
            list_push(r->q->cx->arena, keys, key_of_related(r, v.list->p[i], asked, field));
        return value_list(keys);
    }
    if (v.tag != VALUE_OBJECT || v.cls != &row_class || !asked || field->to)
        return v;
    RowState *state = *row_state_of((void *)v.object);
    if (state && !info_is_a(state->info, field->model))
        RAISE(r->q->cx, 500, "value_error", "Cannot query \"%.*s\": Must be \"%.*s\" instance.",
              STR_FMT(row_str(r->q->cx, state->info->m, v.object)), STR_FMT(field->model->name));
    return member_load(r->q->cx->arena, field->f, v.object);
}

static const Node *compare(Resolving *r, const Node *left, Op op, const FieldInfo *asked, Right right)
{
    Context *cx = r->q->cx;
    const FieldInfo *field = left->out;
    if (op == OP_ISNULL) {
        Value v = right.value;
        if (v.tag != VALUE_BOOL && v.tag != VALUE_INT)
            RAISE(cx, 500, "value_error", "The QuerySet value for an isnull lookup must be True or False.");
        Node *n = node_new(cx, NODE_COMPARE, 1);
        n->args[0] = left;
        n->op = op;
        n->value = value_bool(v.tag == VALUE_BOOL ? v.b : v.i != 0);
        n->aggregate = left->aggregate;
        return n;
    }
    if (right.query) {
        if (op != OP_IN)
            RAISE(cx, 500, "value_error", "A QuerySet is a value for the lookup in only.");
        Node *n = (Node *)node_subquery(r, NODE_COMPARE, right.query);
        n->args[0] = left;
        n->n = 1;
        n->op = op;
        n->aggregate = left->aggregate;
        return n;
    }
    if (right.expr) {
        Node *n = node_new(cx, NODE_COMPARE, 2);
        const Node *e = expr_resolve(r, right.expr);
        n->args[0] = left;
        n->args[1] = e;
        n->op = op;
        n->aggregate = left->aggregate || e->aggregate;
        n->nullable = e->nullable;
        return n;
    }
    Value v = field ? key_of_related(r, right.value, asked, field) : right.value;
    if (v.tag == VALUE_NULL && (op == OP_EQ || op == OP_IEXACT))
        return compare(r, left, OP_ISNULL, asked, (Right){ .value = value_bool(true) });
    if (v.tag == VALUE_NULL)
        RAISE(cx, 500, "value_error", "Cannot use None as a query value");
    List *values = NULL;
    if (op == OP_IN || op == OP_RANGE)
        values = values_for_field(cx, field, op, v);
    else if (op_takes_text(op))
        v = value_for_pattern(cx, op, v);
    else if (field)
        v = value_for_field(cx, field, v);
    Node *n = node_new(cx, NODE_COMPARE, values ? values->n + 1 : 2);
    n->args[0] = left;
    for (size_t i = 1; i < n->n; i++)
        n->args[i] = node_value(cx, values ? values->p[i - 1] : v, field);
    n->op = op;
    n->aggregate = left->aggregate;
    return n;
}

/* Transforms and the lookup that follow a column; the last name is the lookup when it is one. */
static const Node *transformed(Resolving *r, const Node *left, const FieldInfo *asked, Str rest, Op *op)
{
    Str name;
    while (names_cut(&rest, &name)) {
        const Function *fn = left->out ? transform_find(name, left->out) : NULL;
        if (!rest.p && op && op_find(name, op))
            break;
        if (!fn)
            no_lookup(r->q->cx, asked ? asked : left->out, asked && !asked->to ? NULL : asked ? asked->to : NULL, name);
        left = function_call(r, fn, &left, 1);
    }
    return left;
}

const Node *name_resolve(Resolving *r, Str name)
{
    Str rest = name, first;
    (void)names_cut(&rest, &first);
    const Node *annotation = annotation_find(r->q, first);
    if (annotation)
        return transformed(r, annotation, NULL, rest, NULL);
    Names names;
    names_resolve(r->q->cx, r->q->info, name, &names);
    return transformed(r, join_column(r, &names), names.asked, names.rest, NULL);
}

/* The rows at the end of the hops from `k` on, of one row of the table that hop k starts from. */
static const Node *exists_behind(Resolving *r, const Names *names, size_t k, const Pred *p, Op op, Right right,
                                 bool is_any)
{
    Context *cx = r->q->cx;
    Hop hop = names->hops[k];
    Names way = *names;
    way.n = k;
    way.field = hop_left(hop);
    QuerySet *inner = queryset_bare(cx, hop_to(hop));
    Node *outer = node_new(cx, NODE_OUTER, 0);
    outer->name = STR("#left");
    Names column = { .field = hop_right(hop) };
    Resolving in = { .q = inner };
    const Node *same =
        compare(&in, join_column(&in, &column), OP_EQ, NULL, (Right){ .expr = NULL, .value = value_int(0) });
    same->args[1] = outer;
    inner->where = same;
    OuterName *outers = NEW(cx->arena, OuterName);
    *outers = (OuterName){ .name = outer->name, .node = join_column(r, &way) };
    if (!is_any) {
        Names tail = *names;
        tail.n = names->n - k - 1;
        memmove(tail.hops, names->hops + k + 1, tail.n * sizeof *tail.hops);
        Op lookup = op;
        const Node *left =
            transformed(&in, join_column(&in, &tail), names->asked, names->rest, p->path ? NULL : &lookup);
        const Node *condition;
        if (right.expr) { /* of the query around */
            Node *there = node_new(cx, NODE_OUTER, 0);
            there->name = STR("#right");
            OuterName *more = NEW(cx->arena, OuterName);
            *more = (OuterName){ .next = outers, .name = there->name, .node = expr_resolve(r, right.expr) };
            outers = more;
            Node *n = node_new(cx, NODE_COMPARE, 2);
            n->args[0] = left;
            n->args[1] = there;
            n->op = lookup;
            condition = n;
        } else {
            condition = compare(&in, left, lookup, names->asked, right);
        }
        inner->where = node_and(cx, inner->where, condition);
    }
    Node *exists = (Node *)node_subquery(r, NODE_EXISTS, inner);
    exists->outers = outers;
    return exists;
}

static const Node *leaf(Resolving *r, const Pred *p)
{
    Context *cx = r->q->cx;
    Str text = p->path ? names_without_parts(cx->arena, str_c(p->path)) : str_c(p->lookup), rest = text, first;
    Op op = p->path ? p->op : OP_EQ;
    Right right = right_of(r, &p->value);
    (void)names_cut(&rest, &first);
    const Node *annotation = annotation_find(r->q, first);
    if (annotation) {
        const Node *computed = transformed(r, annotation, NULL, rest, p->path ? NULL : &op);
        return compare(r, computed, op, NULL, right);
    }
    Names names;
    names_resolve(cx, r->q->info, text, &names);
    size_t many = 0;
    while (many < names.n && !hop_is_many(names.hops[many]))
        many++;
    if (r->negated && many < names.n) {
        Str name, tail = names.rest;
        Op last = op;
        while (names_cut(&tail, &name))
            (void)op_find(name, &last);
        if (last == OP_ISNULL && right.value.tag == VALUE_BOOL && right.value.b) {
            /* No row at all, or one without that value. */
            Node *either = node_new(cx, NODE_OR, 2);
            either->args[0] = node_not(cx, exists_behind(r, &names, many, p, op, right, true));
            either->args[1] = exists_behind(r, &names, many, p, op, right, false);
            return either;
        }
        return exists_behind(r, &names, many, p, op, right, false);
    }
    const Node *left = transformed(r, join_column(r, &names), names.asked, names.rest, p->path ? NULL : &op);
    return compare(r, left, op, names.asked, right);
}

/* --- several */

static const Node *joined(Resolving *r, const Pred *preds, size_t n, Connector connector)
{
    Context *cx = r->q->cx;
    if (r->depth >= QUERY_MAX_DEPTH)
        RAISE(cx, 500, "field_error", "Conditions are nested deeper than %d.", QUERY_MAX_DEPTH);
    bool negated = r->negated;
    r->negated |= connector == CONNECT_NOT;
    r->depth++;
    Node *node = node_new(cx, connector == CONNECT_OR ? NODE_OR : NODE_AND, n);
    for (size_t i = 0; i < n; i++) {
        const Node *part = preds[i].connector ? joined(r, preds[i].children, preds[i].nchildren, preds[i].connector)
                                              : leaf(r, &preds[i]);
        node->args[i] = part;
        node->aggregate |= part->aggregate;
    }
    r->depth--;
    r->negated = negated;
    return connector == CONNECT_NOT ? node_not(cx, node) : node;
}

const Node *where_resolve(Resolving *r, const Pred *preds, Connector connector)
{
    size_t n = 0;
    while (preds && (preds[n].path || preds[n].lookup || preds[n].connector))
        n++;
    return joined(r, preds, n, connector);
}
