/* expr.c: from expressions as users write them to nodes over a queryset's columns. */
#include "orm/queryset.h"

static Str expr_str(Arena *a, const void *self)
{
    (void)self;
    return str_copy(a, STR("expression"));
}
const ValueClass expr_class = { .name = "Expression", .str = expr_str };

Node *node_new(Context *cx, NodeKind kind, size_t nargs)
{
    Node *n = NEW(cx->arena, Node);
    *n = (Node){ .kind = kind, .n = nargs, .args = NEW_ARRAY(cx->arena, const Node *, nargs ? nargs : 1) };
    return n;
}

static const FieldInfo *type_of_value(Value v)
{
    switch ((ValueTag)v.tag) {
    case VALUE_BOOL:
        return type_field(FIELD_BOOLEAN);
    case VALUE_INT:
    case VALUE_BIGINT:
        return type_field(FIELD_INTEGER);
    case VALUE_DOUBLE:
        return type_field(FIELD_FLOAT);
    case VALUE_DECIMAL:
        return type_field(FIELD_DECIMAL);
    case VALUE_STR:
    case VALUE_SAFE:
        return type_field(FIELD_CHAR);
    case VALUE_BYTES:
        return type_field(FIELD_BINARY);
    case VALUE_DATE:
        return type_field(FIELD_DATE);
    case VALUE_TIME:
        return type_field(FIELD_TIME);
    case VALUE_DATETIME:
        return type_field(FIELD_DATETIME);
    case VALUE_DURATION:
        return type_field(FIELD_DURATION);
    case VALUE_UUID:
        return type_field(FIELD_UUID);
    default:
        return NULL;
    }
}

const Node *node_value(Context *cx, Value v, const FieldInfo *out)
{
    Node *n = node_new(cx, NODE_VALUE, 0);
    n->value = v;
    n->out = out ? out : type_of_value(v);
    n->nullable = v.tag == VALUE_NULL;
    return n;
}

const Node *node_subquery(Resolving *r, NodeKind kind, const QuerySet *q)
{
    Context *cx = r->q->cx;
    if (q->cx != cx)
        RAISE(cx, 500, "value_error", "A QuerySet of another context cannot be part of this one.");
    Node *n = node_new(cx, kind, 1);
    n->n = 0;
    n->query = q;
    n->nullable = true;
    for (const OuterAsked *asked = q->outer_asked; asked; asked = asked->next) {
        OuterName *name = NEW(cx->arena, OuterName);
        *name = (OuterName){ .next = n->outers, .name = asked->name, .node = name_resolve(r, asked->name) };
        n->outers = name;
    }
    if (kind == NODE_SUBQUERY)
        n->out = q->nselected ? q->selected[0].node->out : q->info->pk;
    else if (kind == NODE_EXISTS)
        n->out = type_field(FIELD_BOOLEAN);
    return n;
}

const Node *boxed_resolve(Resolving *r, const Boxed *b, bool names, const FieldInfo *like)
{
    Context *cx = r->q->cx;
    Value v = b->box ? b->box(cx->arena, b->at) : value_null();
    if (v.tag == VALUE_OBJECT && v.cls == &expr_class)
        return expr_resolve(r, v.object);
    if (v.tag == VALUE_OBJECT && v.cls == &queryset_class)
        return node_subquery(r, NODE_SUBQUERY, v.object);
    if (names && value_is_text(v))
        return name_resolve(r, v.s);
    if (like && v.tag != VALUE_NULL)
        v = value_for_field(cx, like, v);
    else if (v.tag == VALUE_LIST || v.tag == VALUE_MAP || v.tag == VALUE_OBJECT)
        RAISE(cx, 500, "type_error", "A %s cannot be a part of an expression.", value_type_name(v));
    return node_value(cx, v, like && v.tag == VALUE_NULL ? like : NULL);
}

static const Node *resolve_case(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    Node *n = node_new(cx, NODE_CASE, 2 * e->n + 1);
    n->nullable = true;
    for (size_t i = 0; i < e->n; i++) {
        Value v = e->args[i].box(cx->arena, e->args[i].at);
        const Expr *when = v.tag == VALUE_OBJECT && v.cls == &expr_class ? v.object : NULL;
        if (!when || when->kind != EXPR_WHEN)
            RAISE(cx, 500, "type_error", "Positional arguments must all be When objects.");
        n->args[2 * i] = where_resolve(r, when->where, CONNECT_AND);
        n->args[2 * i + 1] = boxed_resolve(r, when->args, false, NULL);
        n->aggregate |= n->args[2 * i]->aggregate || n->args[2 * i + 1]->aggregate;
        if (!n->out)
            n->out = n->args[2 * i + 1]->out;
    }
    n->args[2 * e->n] = boxed_resolve(r, &e->otherwise, false, NULL);
    n->aggregate |= n->args[2 * e->n]->aggregate;
    if (!n->out)
        n->out = n->args[2 * e->n]->out;
    return n;
}

static const Node *resolve_aggregate(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    const Function *fn = aggregate_find(str_c(e->name));
    bool all = e->n == 1 && fn && *fn->name == 'C';
    if (all) { /* Count("*") */
        Value v = e->args[0].box(cx->arena, e->args[0].at);
        all = value_is_text(v) && str_eq(v.s, STR("*"));
    }
    const Node *arg = all ? NULL : boxed_resolve(r, e->args, true, NULL);
    Node *n;
    if (all) {
        n = node_new(cx, NODE_AGGREGATE, 0);
        n->fn = fn;
        n->out = type_field(FIELD_INTEGER);
        n->aggregate = true;
    } else {
        n = (Node *)function_call(r, fn, &arg, 1);
    }
    n->distinct = e->distinct;
    if (e->where)
        n->where = where_resolve(r, e->where, CONNECT_AND);
    if (e->otherwise.box) {
        const Node *both[] = { n, boxed_resolve(r, &e->otherwise, false, NULL) };
        return function_call(r, function_find(STR("Coalesce")), both, 2);
    }
    return n;
}

const Node *expr_resolve(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    if (r->depth >= QUERY_MAX_DEPTH)
        RAISE(cx, 500, "field_error", "Expressions are nested deeper than %d.", QUERY_MAX_DEPTH);
    r->depth++;
    const Node *out = NULL;
    switch (e->kind) {
    case EXPR_FIELD:
        out = name_resolve(r, str_c(e->name));
        break;
    case EXPR_VALUE:
        out = node_value(cx, value_copy(cx->arena, e->args[0].box(cx->arena, e->args[0].at)), NULL);
        break;
    case EXPR_CALL: {
        const Function *fn = function_find(str_c(e->name));
        if (!fn)
            RAISE(cx, 500, "field_error", "There is no function '%s'.", e->name);
        const Node **args = NEW_ARRAY(cx->arena, const Node *, e->n ? e->n : 1);
        for (size_t i = 0; i < e->n; i++)
            args[i] = boxed_resolve(r, &e->args[i], !fn->texts_stand, NULL);
        out = function_call(r, fn, args, e->n);
        break;
    }
    case EXPR_AGGREGATE:
        out = resolve_aggregate(r, e);
        break;
    case EXPR_CASE:
        out = resolve_case(r, e);
        break;
    case EXPR_CONDITION:
        out = where_resolve(r, e->where, CONNECT_AND);
        break;
    case EXPR_SUBQUERY:
    case EXPR_EXISTS:
        out = node_subquery(r, e->kind == EXPR_EXISTS ? NODE_EXISTS : NODE_SUBQUERY, e->query);
        break;
    case EXPR_OUTER: {
        Node *n = node_new(cx, NODE_OUTER, 0);
        n->name = str_copy(cx->arena, str_c(e->name));
        n->nullable = true;
        OuterAsked *asked = NEW(cx->arena, OuterAsked);
        *asked = (OuterAsked){ r->q->outer_asked, n->name };
        r->q->outer_asked = asked;
        out = n;
        break;
    }
    case EXPR_ORDER:
        RAISE(cx, 500, "type_error", "ASC and DESC stand in an ordering or an index only.");
    case EXPR_WHEN:
        RAISE(cx, 500, "type_error", "When stands in a Case only.");
    }
    r->depth--;
    if (e->output != FIELD_NONE && type_field(e->output)) {
        Node *typed = NEW(cx->arena, Node);
        *typed = *out;
        typed->out = type_field(e->output);
        out = typed;
    }
    return out;
}
