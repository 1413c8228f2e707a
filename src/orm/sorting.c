/*
 * sorting.c: what a queryset is sorted by: names with a sign, expressions, the order of the model. Names are looked up
 * when the statement is made, because they may join further tables.
 */
#include "orm/queryset.h"

static void resolve_names(Resolving *r, Orderings *out, const ModelInfo *info, const Names *prefix,
                          const char *const *names, bool reversed);

static NullsPlace turned(NullsPlace nulls, bool reversed)
{
    return !nulls || !reversed ? nulls : nulls == NULLS_FIRST ? NULLS_LAST : NULLS_FIRST;
}

static CLEF_COLD CLEF_NORETURN void is_endless(Context *cx)
{
    RAISE(cx, 500, "field_error", "Infinite loop caused by ordering.");
}

/* A name of `info`, to which the hops of `prefix` lead (NULL: the queryset's own model). */
static void resolve_name(Resolving *r, Orderings *out, const ModelInfo *info, const Names *prefix, Str name,
                         bool reversed)
{
    Context *cx = r->q->cx;
    if (str_eq(name, STR("?"))) {
        VEC_PUSH(cx->arena, out, (Ordering){ .node = NULL });
        return;
    }
    bool descending = str_starts(name, STR("-"));
    if (descending || str_starts(name, STR("+")))
        name = str_from_byte(name, 1);
    descending ^= reversed;
    /* What values() selects under this name is meant first. */
    for (size_t i = 0; !prefix && r->q->mode != MODE_ROWS && i < r->q->nselected; i++)
        if (str_eq(r->q->selected[i].name, name) &&
            !(r->q->selected[i].node->field && r->q->selected[i].node->field->kind == FIELD_COMPOSITE)) {
            VEC_PUSH(cx->arena, out, ((Ordering){ .node = r->q->selected[i].node, .descending = descending }));
            return;
        }
    const Node *annotation = prefix ? NULL : annotation_find(r->q, name);
    if (annotation) {
        VEC_PUSH(cx->arena, out, (Ordering){ .node = annotation, .descending = descending });
        return;
    }
    Names way;
    Str first, after = name;
    (void)names_cut(&after, &first);
    if (!prefix && (filtered_find(r->q, first) || annotation_begins(r->q, name))) {
        VEC_PUSH(cx->arena, out, (Ordering){ .node = name_resolve(r, name), .descending = descending });
        return;
    }
    names_resolve(cx, info, name, &way);
    if (prefix) {
        if (prefix->n + way.n > QUERY_MAX_DEPTH)
            is_endless(cx);
        memmove(way.hops + prefix->n, way.hops, way.n * sizeof *way.hops);
        memcpy(way.hops, prefix->hops, prefix->n * sizeof *way.hops);
        way.n += prefix->n;
    }
    /* Ordering by a relation means by the order of its rows; by its key member or by "pk", by the key. */
    const FieldInfo *field = way.field;
    const ModelInfo *to = NULL;
    bool ahead = names_end_ahead(&way);
    if (way.asked && !way.rest.p)
        to = ahead ? field->to : field->model;
    if (way.asked == field && (!str_ends(name, field->name) || str_eq(field->name, field->attname)))
        to = NULL;
    if (to && to->ordering) {
        if (way.n == QUERY_MAX_DEPTH || r->depth >= QUERY_MAX_DEPTH / 4)
            is_endless(cx);
        if (ahead)
            way.hops[way.n++] = (Hop){ field, false };
        r->depth++;
        resolve_names(r, out, to, &way, to->ordering, descending);
        r->depth--;
        return;
    }
    if (field->kind == FIELD_COMPOSITE) {
        for (size_t i = 0; i < field->model->nkeys; i++) {
            way.field = field->model->keys[i];
            VEC_PUSH(cx->arena, out, (Ordering){ .node = join_column(r, &way), .descending = descending });
        }
        return;
    }
    const Node *node = transformed(r, join_column(r, &way), way.rest, NULL);
    VEC_PUSH(cx->arena, out, (Ordering){ .node = node, .descending = descending });
}

static void resolve_names(Resolving *r, Orderings *out, const ModelInfo *info, const Names *prefix,
                          const char *const *names, bool reversed)
{
    for (size_t i = 0; names && names[i]; i++)
        resolve_name(r, out, info, prefix, str_c(names[i]), reversed);
}

static void resolve_term(Resolving *r, Orderings *out, const OrderTerm *term, bool reversed)
{
    if (!term->expr) {
        resolve_name(r, out, r->q->info, NULL, term->name, reversed);
        return;
    }
    const Expr *e = term->expr;
    if (e->kind == EXPR_CALL && str_eq(str_c(e->name), STR("Random"))) {
        VEC_PUSH(r->q->cx->arena, out, (Ordering){ .node = NULL });
        return;
    }
    const Boxed boxed = { box_expr, &e };
    const Node *n = term_resolve(r, &boxed);
    VEC_PUSH(
        r->q->cx->arena, out,
        (Ordering){ .node = n->args[0], .descending = n->descending ^ reversed, .nulls = turned(n->nulls, reversed) });
}

void order_resolve(QuerySet *q, Orderings *out)
{
    Resolving r = { .q = q };
    if (q->ordered) {
        for (size_t i = 0; i < q->norder; i++)
            resolve_term(&r, out, &q->order[i], q->reversed);
    } else if (q->grouping == GROUP_NOT) { /* what is grouped has no order of the model's */
        resolve_names(&r, out, q->info, NULL, q->info->ordering, q->reversed);
    }
}

const OrderTerm *order_of_names(Context *cx, const char *const *names, size_t *n)
{
    *n = 0;
    while (names && names[*n])
        ++*n;
    OrderTerm *terms = NEW_ARRAY(cx->arena, OrderTerm, *n + 1);
    for (size_t i = 0; i < *n; i++)
        terms[i] = (OrderTerm){ .name = str_copy(cx->arena, str_c(names[i])) };
    return terms;
}
