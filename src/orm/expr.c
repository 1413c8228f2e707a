/* expr.c: from expressions as users write them to nodes over a queryset's columns. */
#include "orm/queryset.h"
#include <clef/base/vec.h>

static Str expr_str(Arena *a, const void *self)
{
    (void)self;
    return str_copy(a, STR("expression"));
}
const ValueClass expr_class = { .name = "Expression", .str = expr_str };

Node *node_new(Context *cx, NodeKind kind, size_t nargs)
{
    Node *n = NEW(cx->arena, Node);
    *n = (Node){ .kind = kind, .n = nargs };
    if (nargs)
        n->args = NEW_ARRAY(cx->arena, const Node *, nargs);
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

static const Node *outer_ref(Resolving *r, Str name)
{
    Node *n = node_new(r->q->cx, NODE_OUTER, 0);
    n->name = name;
    n->nullable = true;
    OuterAsked *asked = NEW(r->q->cx->arena, OuterAsked);
    *asked = (OuterAsked){ r->q->outer_asked, n->name };
    r->q->outer_asked = asked;
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
        /* "^pk": of the query around the one around. */
        const Node *there = str_starts(asked->name, STR("^")) ? outer_ref(r, str_from_byte(asked->name, 1))
                                                              : name_resolve(r, asked->name);
        *name = (OuterName){ .next = n->outers, .name = asked->name, .node = there };
        n->outers = name;
    }
    if (kind == NODE_SUBQUERY)
        n->out = q->mode != MODE_ROWS && q->nselected ? q->selected[0].node->out : q->info->pk;
    else if (kind == NODE_EXISTS)
        n->out = type_field(FIELD_BOOLEAN);
    return n;
}

static const Node *literal(Context *cx, Value v, const FieldInfo *type)
{
    Node *n = (Node *)node_value(cx, v, type);
    n->literal = true;
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
        return node_value(cx, value_for_column(cx, like, v), like);
    if (v.tag == VALUE_LIST || v.tag == VALUE_MAP || v.tag == VALUE_OBJECT)
        RAISE(cx, 500, "type_error", "A %s cannot be a part of an expression.", value_type_name(v));
    return literal(cx, value_copy(cx->arena, v), like && v.tag == VALUE_NULL ? like : NULL);
}

static const Node *resolve_case(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    Node *n = node_new(cx, NODE_CASE, 2 * e->n + 1);
    const Node **results = NEW_ARRAY(cx->arena, const Node *, e->n + 1);
    n->nullable = true;
    for (size_t i = 0; i < e->n; i++) {
        const Expr *when = expr_of(e->args[i].box(cx->arena, e->args[i].at));
        if (!when || when->kind != EXPR_WHEN)
            RAISE(cx, 500, "type_error", "Positional arguments must all be When objects.");
        n->args[2 * i] = where_resolve(r, when->where, CONNECT_AND);
        results[i] = n->args[2 * i + 1] = boxed_resolve(r, when->args, false, NULL);
    }
    results[e->n] = n->args[2 * e->n] = boxed_resolve(r, &e->otherwise, false, NULL);
    for (size_t i = 0; i < n->n; i++) {
        n->aggregate |= n->args[i]->aggregate;
        n->window |= n->args[i]->window;
    }
    type_of_same(cx, n, results, e->n + 1);
    if (!n->out && !n->trouble.p)
        n->trouble = STR("Cannot resolve expression type, unknown output_field");
    return n;
}

/* --- orders and windows */

/* "-placed", "placed", ASC(...), DESC(...), any expression. */
const Node *term_resolve(Resolving *r, const Boxed *b)
{
    Context *cx = r->q->cx;
    Value v = b->box(cx->arena, b->at);
    const Expr *e = expr_of(v);
    Node *n = node_new(cx, NODE_ORDER, 1);
    if (value_is_text(v)) {
        n->descending = str_starts(v.s, STR("-"));
        n->args[0] = name_resolve(r, n->descending || str_starts(v.s, STR("+")) ? str_from_byte(v.s, 1) : v.s);
    } else if (e && e->kind == EXPR_ORDER) {
        n->descending = e->descending;
        n->nulls = e->nulls_first ? NULLS_FIRST : e->nulls_last ? NULLS_LAST : NULLS_ANYWHERE;
        if (e->nulls_first && e->nulls_last)
            RAISE(cx, 500, "value_error", "nulls_first and nulls_last are mutually exclusive");
        n->args[0] = boxed_resolve(r, &e->args[0], true, NULL);
    } else {
        n->args[0] = boxed_resolve(r, b, false, NULL);
    }
    n->aggregate = n->args[0]->aggregate;
    n->window = n->args[0]->window;
    n->out = n->args[0]->out;
    return n;
}

static const Node *resolve_window(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    const Expr *inner = e->n ? expr_of(e->args[0].box(cx->arena, e->args[0].at)) : NULL;
    const Function *fn =
        inner && inner->kind == EXPR_CALL ? function_find(str_c(inner->name ? inner->name : "")) : NULL;
    if (!inner || !(inner->kind == EXPR_AGGREGATE || (fn && (fn->flags & FN_WINDOW))))
        RAISE(cx, 500, "value_error", "Expression '%s' isn't compatible with OVER clauses.",
              !inner                        ? "str"
              : inner->kind == EXPR_FIELD   ? "F"
              : inner->kind == EXPR_WRAPPED ? "ExpressionWrapper"
              : inner->name                 ? inner->name
                                            : "expression");
    r->in_window++;
    const Node *of = expr_resolve(r, inner);
    r->in_window--;
    Node *n = node_new(cx, NODE_WINDOW, 1 + e->partition.n + e->order.n);
    WindowParts *parts = NEW(cx->arena, WindowParts);
    *parts = (WindowParts){ e->partition.n, e->order.n, e->frame };
    if (e->frame.kind && !e->frame.from_first && !e->frame.to_last && e->frame.start > e->frame.end)
        RAISE(cx, 500, "value_error", "start cannot be greater than end.");
    n->parts = parts;
    n->args[0] = of;
    for (size_t i = 0; i < e->partition.n; i++)
        n->args[1 + i] = boxed_resolve(r, &e->partition.p[i], true, NULL);
    for (size_t i = 0; i < e->order.n; i++)
        n->args[1 + e->partition.n + i] = term_resolve(r, &e->order.p[i]);
    n->window = true;
    n->nullable = true;
    n->out = of->out;
    n->trouble = of->trouble;
    for (size_t i = 0; i < of->n; i++) /* of what is summed up; the sum over a window is none */
        n->aggregate |= of->args[i]->aggregate;
    for (size_t i = 1; i < n->n; i++)
        n->aggregate |= n->args[i]->aggregate;
    return n;
}

/* --- aggregates */

/* A key of several columns is counted by one of them: none is NULL. */
static const Node *first_of_key(Context *cx, const Node *key)
{
    Node *n = NEW(cx->arena, Node);
    *n = *key;
    n->field = n->out = key->field->model->keys[0];
    return n;
}

static const Node *resolve_aggregate(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    Str name = str_c(e->name);
    if (e->sample && (str_eq(name, STR("StdDev")) || str_eq(name, STR("Variance"))))
        name = str_concat(cx->arena, name, STR("Sample"));
    const Function *fn = aggregate_find(name);
    if (!fn)
        RAISE(cx, 500, "field_error", "There is no aggregate '%s'.", e->name);
    bool all = e->n == 1 && str_eq(name, STR("Count"));
    if (all) { /* Count("*") */
        Value v = e->args[0].box(cx->arena, e->args[0].at);
        all = value_is_text(v) && str_eq(v.s, STR("*"));
    }
    if (all && e->where)
        RAISE(cx, 500, "value_error", "Star cannot be used with filter. Please specify a field.");
    const Node **args = NEW_ARRAY(cx->arena, const Node *, e->n + 1);
    for (size_t i = 0; !all && i < e->n; i++) {
        args[i] = boxed_resolve(r, &e->args[i], true, NULL);
        if (args[i]->kind == NODE_COLUMN && args[i]->field->kind == FIELD_COMPOSITE)
            args[i] = first_of_key(cx, args[i]);
        Value v = e->args[i].box(cx->arena, e->args[i].at);
        for (size_t k = 0; r->summarizes && value_is_text(v) && k < r->q->nannotations; k++)
            if (r->q->annotations[k].hidden && str_eq(r->q->annotations[k].name, v.s))
                RAISE(cx, 500, "field_error", "Cannot aggregate over the '%.*s' alias. Use annotate() to promote it.",
                      STR_FMT(v.s));
        if (args[i]->aggregate && !r->summarizes && value_is_text(v))
            RAISE(cx, 500, "field_error", "Cannot compute %s('%.*s'): '%.*s' is an aggregate", e->name, STR_FMT(v.s),
                  STR_FMT(v.s));
    }
    Node *n;
    if (all) {
        n = node_new(cx, NODE_AGGREGATE, 0);
        n->fn = fn;
        n->out = type_field(FIELD_INTEGER);
        n->aggregate = true;
    } else {
        n = (Node *)function_sum_up(r, fn, args, e->n);
    }
    n->distinct = e->distinct;
    n->sorted = NEW_ARRAY(cx->arena, const Node *, e->order.n + 1);
    for (; n->nsorted < e->order.n; n->nsorted++)
        n->sorted[n->nsorted] = term_resolve(r, &e->order.p[n->nsorted]);
    if (e->where && (e->where->path || e->where->lookup || e->where->connector))
        n->where = where_resolve(r, e->where, CONNECT_AND);
    if (e->otherwise.box) {
        if (str_eq(name, STR("Count")))
            RAISE(cx, 500, "type_error", "Count does not allow default.");
        const FieldInfo *like = node_type(cx, n);
        Value given = e->otherwise.box(cx->arena, e->otherwise.at);
        bool fits = like && like->kind == FIELD_DECIMAL && given.tag != VALUE_DECIMAL; /* that has its own places */
        const Node *both[] = { n, boxed_resolve(r, &e->otherwise, false, fits ? like : NULL) };
        Node *coalesce = (Node *)function_call(r, function_find(STR("Coalesce")), both, 2, NULL);
        coalesce->out = like;
        coalesce->trouble = (Str){ 0 };
        return coalesce;
    }
    return n;
}

/* --- calls */

/* "metadata__origin": a text among the keys. */
static const Node *resolve_key_text(Resolving *r, const Expr *e)
{
    const Node *n = name_resolve(r, str_c(e->detail));
    if (n->kind != NODE_KEY)
        RAISE(r->q->cx, 500, "value_error", "Lookup must contain key or index transforms.");
    Node *text = NEW(r->q->cx->arena, Node);
    *text = *n;
    text->as_text = true;
    text->out = type_field(FIELD_TEXT);
    return text;
}

static const Node *resolve_object(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    VEC(const Node *) args = { 0 };
    for (const NamedExpr *pair = e->pairs; pair && pair->name; pair++) {
        VEC_PUSH(cx->arena, &args, node_value(cx, value_str(str_copy(cx->arena, str_c(pair->name))), NULL));
        VEC_PUSH(cx->arena, &args, boxed_resolve(r, &pair->value, true, NULL));
    }
    return function_call(r, function_find(STR("JSONObject")), args.p, args.n, NULL);
}

static const Node *resolve_call(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    Str name = str_c(e->name ? e->name : "");
    if (str_eq(name, STR("KT")))
        return resolve_key_text(r, e);
    if (str_eq(name, STR("JSONObject")))
        return resolve_object(r, e);
    if (str_eq(name, STR("Extract")) || str_eq(name, STR("Trunc"))) {
        if (e->n != 1)
            RAISE(cx, 500, "type_error", "%s takes one expression, not %zu.", e->name, e->n);
        return function_of_date(r, e, boxed_resolve(r, &e->args[0], true, NULL));
    }
    const Function *fn = function_find(name);
    if (!fn)
        RAISE(cx, 500, "field_error", "There is no function '%s'.", e->name ? e->name : "");
    if ((fn->flags & FN_WINDOW) && !r->in_window)
        RAISE(cx, 500, "field_error", "%s stands in a Window only.", e->name);
    const Node **args = NEW_ARRAY(cx->arena, const Node *, e->n ? e->n : 1);
    for (size_t i = 0; i < e->n; i++)
        args[i] = boxed_resolve(r, &e->args[i], !(fn->flags & FN_TEXTS), NULL);
    return function_call(r, fn, args, e->n, e);
}

static const Node *resolve_raw(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    Node *n = node_new(cx, NODE_RAW, e->n);
    n->detail = str_copy(cx->arena, str_c(e->detail ? e->detail : ""));
    n->nullable = true;
    for (size_t i = 0; i < e->n; i++) {
        n->args[i] = boxed_resolve(r, &e->args[i], false, NULL);
        n->aggregate |= n->args[i]->aggregate;
        n->window |= n->args[i]->window;
    }
    return n;
}

static const Node *resolve_lookup(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    Op op;
    Str name = str_c(e->name ? e->name : "");
    const Node *left = e->n == 2 ? boxed_resolve(r, &e->args[0], true, NULL) : NULL;
    if (!left || !(op_find(name, &op) || custom_find(name, left->out, &op)))
        RAISE(cx, 500, "field_error", "There is no lookup '%s' of two expressions.", e->name ? e->name : "");
    Node *n = (Node *)compare(r, left, op, NULL, right_side(r, &e->args[1]));
    n->unguarded = true;
    return n;
}

/* A condition of these kinds has been made for nobody else. */
static const Node *resolve_condition(Resolving *r, const Expr *e)
{
    Node *n = NEW(r->q->cx->arena, Node);
    *n = *where_resolve(r, e->where, CONNECT_AND);
    n->out = type_field(FIELD_BOOLEAN);
    return n;
}

static const Node *resolve(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    switch (e->kind) {
    case EXPR_FIELD:
        return name_resolve(r, str_copy(cx->arena, str_c(e->name)));
    case EXPR_VALUE: {
        Value v = value_copy(cx->arena, e->args[0].box(cx->arena, e->args[0].at));
        const FieldInfo *type = e->output != FIELD_NONE ? type_field(e->output) : NULL;
        if (type && (v.tag != VALUE_NULL || type->kind == FIELD_JSON))
            v = type->kind == FIELD_JSON ? value_as_json(cx, v) : value_for_column(cx, type, v);
        if (!type && (v.tag == VALUE_LIST || v.tag == VALUE_MAP || v.tag == VALUE_OBJECT))
            RAISE(cx, 500, "field_error", "Cannot resolve expression type, unknown output_field");
        return literal(cx, v, type);
    }
    case EXPR_CALL:
        return resolve_call(r, e);
    case EXPR_AGGREGATE:
        return resolve_aggregate(r, e);
    case EXPR_CASE:
        return resolve_case(r, e);
    case EXPR_CONDITION:
        return resolve_condition(r, e);
    case EXPR_SUBQUERY:
    case EXPR_EXISTS:
        return node_subquery(r, e->kind == EXPR_EXISTS ? NODE_EXISTS : NODE_SUBQUERY, e->query);
    case EXPR_OUTER: {
        /* OuterRef(OuterRef("pk")) */
        const Expr *inner = e->n ? expr_of(e->args[0].box(cx->arena, e->args[0].at)) : NULL;
        Str name = str_c(inner ? inner->name : e->name);
        return outer_ref(r, inner ? str_concat(cx->arena, STR("^"), name) : str_copy(cx->arena, name));
    }
    case EXPR_WINDOW:
        return resolve_window(r, e);
    case EXPR_LOOKUP:
        return resolve_lookup(r, e);
    case EXPR_RAW:
        return resolve_raw(r, e);
    case EXPR_WRAPPED:
        return boxed_resolve(r, &e->args[0], true, NULL);
    case EXPR_WHEN:
        RAISE(cx, 500, "type_error", "When stands in a Case only.");
    case EXPR_ORDER:
        RAISE(cx, 500, "type_error", "ASC and DESC stand in an ordering or an index only.");
    case EXPR_FILTERED:
        RAISE(cx, 500, "type_error", "FilteredRelation stands in annotate only.");
    }
    return NULL;
}

const Node *expr_resolve(Resolving *r, const Expr *e)
{
    Context *cx = r->q->cx;
    if (r->depth >= QUERY_MAX_DEPTH)
        RAISE(cx, 500, "field_error", "Expressions are nested deeper than %d.", QUERY_MAX_DEPTH);
    r->depth++;
    const Node *out = resolve(r, e);
    r->depth--;
    bool is_cast = out->fn && str_eq(str_c(out->fn->name), STR("Cast"));
    if (e->output != FIELD_NONE && type_field(e->output) && !is_cast && e->kind != EXPR_VALUE) {
        Node *typed = NEW(cx->arena, Node);
        *typed = *out;
        typed->out = type_with(cx, e->output, e->max_length, e->max_digits, e->decimal_places);
        typed->trouble = (Str){ 0 };
        out = typed;
    }
    return out;
}

/* --- copies that outlive the block */

static const char *copied(Arena *a, const char *s) { return s ? str_dup_c(a, str_c(s)) : NULL; }

static Boxed boxed_copy(Arena *a, Boxed b, unsigned depth);

static const Boxed *boxes_copy(Arena *a, const Boxed *p, size_t n, unsigned depth)
{
    Boxed *out = NEW_ARRAY(a, Boxed, n ? n : 1);
    for (size_t i = 0; i < n; i++)
        out[i] = boxed_copy(a, p[i], depth);
    return out;
}

static const Pred *preds_copied(Arena *a, const Pred *preds, size_t n, unsigned depth)
{
    Pred *out = NEW_ARRAY(a, Pred, n + 1);
    for (size_t i = 0; i < n; i++) {
        out[i] = preds[i];
        out[i].path = copied(a, preds[i].path);
        out[i].lookup = copied(a, preds[i].lookup);
        out[i].value = boxed_copy(a, preds[i].value, depth);
        if (preds[i].connector && depth < QUERY_MAX_DEPTH)
            out[i].children = preds_copied(a, preds[i].children, preds[i].nchildren, depth + 1);
    }
    out[n] = (Pred){ .path = NULL };
    return out;
}

const Pred *preds_copy(Arena *a, const Pred *preds)
{
    size_t n = 0;
    while (preds && (preds[n].path || preds[n].lookup || preds[n].connector))
        n++;
    return preds ? preds_copied(a, preds, n, 0) : NULL;
}

static const Expr *expr_copied(Arena *a, const Expr *e, unsigned depth)
{
    Expr *out = NEW(a, Expr);
    *out = *e;
    if (depth >= QUERY_MAX_DEPTH) /* whoever resolves it says so */
        return out;
    out->name = copied(a, e->name);
    out->detail = copied(a, e->detail);
    out->args = boxes_copy(a, e->args, e->n, depth + 1);
    out->where = preds_copy(a, e->where);
    out->otherwise = boxed_copy(a, e->otherwise, depth + 1);
    out->order.p = boxes_copy(a, e->order.p, e->order.n, depth + 1);
    out->partition.p = boxes_copy(a, e->partition.p, e->partition.n, depth + 1);
    size_t n = 0;
    while (e->pairs && e->pairs[n].name)
        n++;
    if (e->pairs) {
        NamedExpr *pairs = NEW_ARRAY(a, NamedExpr, n + 1);
        for (size_t i = 0; i < n; i++)
            pairs[i] = (NamedExpr){ copied(a, e->pairs[i].name), boxed_copy(a, e->pairs[i].value, depth + 1) };
        pairs[n] = (NamedExpr){ .name = NULL };
        out->pairs = pairs;
    }
    return out;
}

static Boxed boxed_copy(Arena *a, Boxed b, unsigned depth)
{
    if (!b.box)
        return b;
    Value *v = NEW(a, Value);
    *v = value_copy(a, b.box(a, b.at));
    if (expr_of(*v))
        v->object = expr_copied(a, v->object, depth);
    return (Boxed){ box_value, v };
}

const Expr *expr_copy(Arena *a, const Expr *e) { return expr_copied(a, e, 0); }
