/*
 * expr_equal.c: are expressions and conditions the same as they are written? What the database makes of them does not
 * count.
 */
#include "orm/ddl.h"
#include "orm/node.h"

static bool same_text(const char *x, const char *y) { return str_eq(str_c(x), str_c(y)) && !x == !y; }

static bool exprs_equal_at(Arena *a, const Expr *x, const Expr *y, unsigned depth);
static bool preds_equal_at(Arena *a, const Pred *x, const Pred *y, unsigned depth);

static bool values_equal_at(Arena *a, const Value *v, const Value *w, unsigned depth)
{
    const Expr *x = expr_of(*v), *y = expr_of(*w);
    if (x || y)
        return x && y && exprs_equal_at(a, x, y, depth + 1);
    if (v->tag == VALUE_LIST && w->tag == VALUE_LIST) {
        if (v->list->n != w->list->n || depth > QUERY_MAX_DEPTH)
            return false;
        for (size_t i = 0; i < v->list->n; i++)
            if (!values_equal_at(a, &v->list->p[i], &w->list->p[i], depth + 1))
                return false;
        return true;
    }
    return v->tag == w->tag && (v->tag == VALUE_NULL || value_eq(*v, *w));
}

static bool boxed_equal_at(Arena *a, Boxed x, Boxed y, unsigned depth)
{
    if (!x.box || !y.box)
        return !x.box == !y.box;
    Value v = x.box(a, x.at), w = y.box(a, y.at);
    return values_equal_at(a, &v, &w, depth);
}

static size_t count(const Pred *preds)
{
    size_t n = 0;
    while (preds && (preds[n].path || preds[n].lookup || preds[n].connector))
        n++;
    return n;
}

static bool exprs_equal_at(Arena *a, const Expr *x, const Expr *y, unsigned depth)
{
    if (!x || !y)
        return !x == !y;
    if (depth > QUERY_MAX_DEPTH || x->kind != y->kind || x->n != y->n || !same_text(x->name, y->name) ||
        !same_text(x->detail, y->detail) || x->distinct != y->distinct || x->output != y->output ||
        x->descending != y->descending || x->nulls_first != y->nulls_first || x->nulls_last != y->nulls_last ||
        x->query != y->query || !boxed_equal_at(a, x->otherwise, y->otherwise, depth) ||
        count(x->where) != count(y->where))
        return false;
    for (size_t i = 0; i < x->n; i++)
        if (!boxed_equal_at(a, x->args[i], y->args[i], depth))
            return false;
    for (size_t i = 0; i < count(x->where); i++)
        if (!preds_equal_at(a, &x->where[i], &y->where[i], depth + 1))
            return false;
    return true;
}

Str pred_lookup(Arena *a, const Pred *p)
{
    if (!p->path)
        return str_c(p->lookup);
    Str path = str_replace(a, str_c(p->path), STR("->"), STR("__"));
    return p->op == OP_EQ ? path : str_format(a, "%.*s__%s", STR_FMT(path), op_name(p->op));
}

static bool preds_equal_at(Arena *a, const Pred *x, const Pred *y, unsigned depth)
{
    if (!x || !y)
        return !x == !y;
    if (x->connector != y->connector || depth > QUERY_MAX_DEPTH)
        return false;
    if (!x->connector)
        return str_eq(pred_lookup(a, x), pred_lookup(a, y)) && boxed_equal_at(a, x->value, y->value, depth);
    if (x->nchildren != y->nchildren)
        return false;
    for (size_t i = 0; i < x->nchildren; i++)
        if (!preds_equal_at(a, &x->children[i], &y->children[i], depth + 1))
            return false;
    return true;
}

bool expr_equal(Arena *a, const Expr *x, const Expr *y) { return exprs_equal_at(a, x, y, 0); }
bool expr_boxed_equal(Arena *a, Boxed x, Boxed y) { return boxed_equal_at(a, x, y, 0); }
bool preds_equal(Arena *a, const Pred *x, const Pred *y) { return preds_equal_at(a, x, y, 0); }

bool exprs_equal(Arena *a, const Expr *const *x, const Expr *const *y)
{
    if (!x || !*x || !y || !*y)
        return (!x || !*x) == (!y || !*y);
    for (; *x && *y; x++, y++)
        if (!expr_equal(a, *x, *y))
            return false;
    return !*x && !*y;
}
