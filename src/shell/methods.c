/* methods.c: what querysets, and the managers of relations, can be asked. */
#include "orm/queryset.h"
#include "shell/eval.h"
#include <clef/base/utf8.h>
#include <clef/base/vec.h>

static const char *const of_querysets[] = {
    "all",
    "filter",
    "exclude",
    "order_by",
    "reverse",
    "distinct",
    "values",
    "values_list",
    "annotate",
    "alias",
    "aggregate",
    "count",
    "exists",
    "first",
    "last",
    "get",
    "none",
    "update",
    "delete",
    "create",
    "get_or_create",
    "update_or_create",
    "using",
    "earliest",
    "latest",
    "contains",
    "in_bulk",
    "iterator",
    "bulk_create",
    "bulk_update",
    "dates",
    "datetimes",
    "select_related",
    "prefetch_related",
    "only",
    "defer",
    "select_for_update",
    "union",
    "intersection",
    "difference",
    "raw",
    "extra",
    "explain",
    "complex_filter",
    "get_queryset",
    "sql",
    NULL,
};
static const char *const of_managers[] = { "add", "remove", "set", "clear", NULL };

static bool is_among(Str name, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        if (str_eq(str_c(names[i]), name))
            return true;
    return false;
}

bool shell_has_method(Str name, bool related)
{
    return is_among(name, of_querysets) || (related && is_among(name, of_managers));
}
const char *shell_method_at(size_t i)
{
    return i < sizeof of_querysets / sizeof *of_querysets ? of_querysets[i] : NULL;
}

/* --- querysets as values */

QuerySet *shell_related_set(Shell *s, const RelatedManager *r) { return related_set(s->cx, r->row, r->name); }

QuerySet *shell_queryset(Shell *s, Value v)
{
    if (is_a(v, &queryset_class))
        return (QuerySet *)v.object;
    return is_a(v, &shell_related_class) ? shell_related_set(s, v.object) : NULL;
}

static Value named_tuple(Shell *s, QuerySet *q, List *values)
{
    const char **names = NEW_ARRAY(s->cx->arena, const char *, values->n + 1);
    NamedTuple *t = NEW(s->cx->arena, NamedTuple);
    for (size_t i = 0; i < values->n; i++)
        names[i] = str_dup_c(s->cx->arena, queryset_value_name(q, i));
    *t = (NamedTuple){ names, values };
    return value_object(t, &shell_named_class);
}

/* Keys of several columns are tuples. */
static void key_as_tuple(Value *v)
{
    if (v->tag == VALUE_LIST)
        *v = value_object(v->list, &shell_tuple_class);
}

static void keys_as_tuples(QuerySet *q, List *rows)
{
    for (size_t k = 0; k < q->nselected; k++) {
        Str name = queryset_value_name(q, k);
        for (size_t i = 0; str_eq(name, STR("pk")) && i < rows->n; i++) {
            Value *row = &rows->p[i], *inside = row->tag == VALUE_MAP ? map_get(row->map, name) : NULL;
            if (q->mode == MODE_FLAT)
                key_as_tuple(row);
            else if (inside)
                key_as_tuple(inside);
            else if (row->tag == VALUE_LIST && k < row->list->n)
                key_as_tuple(&row->list->p[k]);
        }
    }
}

List *shell_rows(Shell *s, QuerySet *q)
{
    List *rows = queryset_list(q);
    if (q->mode != MODE_ROWS && q->info->pk->f->kind == FIELD_COMPOSITE)
        keys_as_tuples(q, rows);
    if (q->mode != MODE_LISTS)
        return rows;
    List *out = list_new(s->cx->arena);
    for (size_t i = 0; i < rows->n; i++) {
        List *row = rows->p[i].tag == VALUE_LIST ? rows->p[i].list : NULL;
        list_push(s->cx->arena, out,
                  !row                   ? rows->p[i]
                  : queryset_is_named(q) ? named_tuple(s, q, row)
                                         : value_object(row, &shell_tuple_class));
    }
    return out;
}

static bool is_ordered(const QuerySet *q)
{
    const char *const *order = q->info->meta->ordering;
    return q->ordered ? q->norder > 0 : q->grouping == GROUP_NOT && order && order[0];
}

bool shell_queryset_attribute(Shell *s, QuerySet *q, Str name, Value *out)
{
    (void)s;
    if (str_eq(name, STR("query")))
        *out = value_object(q, &shell_query_class);
    else if (str_eq(name, STR("ordered")))
        *out = value_bool(q->none || is_ordered(q));
    else if (str_eq(name, STR("model")))
        *out = value_object(q->info->m, &shell_model_class);
    else if (str_eq(name, STR("db")))
        *out = value_str(q->alias.n ? q->alias : STR("default"));
    else
        return false;
    return true;
}

static Value of_query(QuerySet *q) { return value_object(q, &queryset_class); }
static Value row_or_none(void *row) { return value_object(row, &row_class); }

/* --- arguments */

const Pred *shell_conditions(Shell *s, Args args)
{
    Arena *a = s->cx->arena;
    Pred *preds = NEW_ARRAY(a, Pred, args.n + args.nkeywords + 1);
    size_t n = 0;
    for (size_t i = 0; i < args.n; i++, n++) {
        if (is_a(args.p[i], &expr_class) && ((const Expr *)args.p[i].object)->kind == EXPR_FIELD)
            RAISE(s->cx, 500, "type_error", "Cannot filter against a non-conditional expression.");
        const List *pair = is_a(args.p[i], &shell_tuple_class) ? list_of(args.p[i]) : NULL;
        if (pair && pair->n == 2 && value_is_text(pair->p[0])) /* Q(("pages__lt", 50)) */
            preds[n] = (Pred){ .lookup = str_dup_c(a, pair->p[0].s), .value = shell_boxed(s, pair->p[1]) };
        else if (value_is_text(args.p[i]))
            RAISE(s->cx, 500, "value_error", "not enough values to unpack (expected 2, got %zu)",
                  utf8_count(args.p[i].s));
        else if (!shell_condition(s, args.p[i], &preds[n]))
            RAISE(s->cx, 500, "type_error", "cannot unpack non-iterable %s object", value_type_name(args.p[i]));
    }
    for (size_t i = 0; i < args.nkeywords; i++)
        preds[n++] =
            (Pred){ .lookup = str_dup_c(a, args.keywords[i].name), .value = shell_boxed(s, args.keywords[i].value) };
    return preds;
}

const char *const *shell_names(Shell *s, Args args, const char *what)
{
    const char **names = NEW_ARRAY(s->cx->arena, const char *, args.n + 1);
    for (size_t i = 0; i < args.n; i++)
        names[i] = shell_text(s, args.p[i], what);
    return names;
}

/* Count("tags") without a name is "tags__count". */
static const char *default_name(Shell *s, Value v, const char *method)
{
    const Expr *e = is_a(v, &expr_class) ? v.object : NULL;
    Value of = e && e->n == 1 ? e->args[0].box(s->cx->arena, e->args[0].at) : value_null();
    if (is_a(of, &expr_class) && ((const Expr *)of.object)->kind == EXPR_FIELD)
        of = value_c(((const Expr *)of.object)->name);
    if (!e || e->kind != EXPR_AGGREGATE || !value_is_text(of) || e->where || e->order.n || str_eq(of.s, STR("*")))
        RAISE(s->cx, 500, "type_error", "Complex %s require an alias",
              str_eq(str_c(method), STR("aggregate")) ? "aggregates" : "annotations");
    return str_format(s->cx->arena, "%.*s__%.*s", STR_FMT(of.s), STR_FMT(str_lower(s->cx->arena, str_c(e->name)))).p;
}

/* A Q among expressions is whether it holds; a queryset a subquery. */
static Boxed expression(Shell *s, Value v)
{
    if (is_a(v, &shell_q_class))
        v = shell_expr(s, &(Expr){ .kind = EXPR_CONDITION, .where = shell_conditions(s, (Args){ .p = &v, .n = 1 }) });
    return shell_boxed(s, v);
}

/* Names and constants are no expressions here: F("pages"), Value(1). */
static void check_expressions(Shell *s, Args args, const char *method)
{
    Buf b = BUF_INIT(s->cx->arena, 1 << 14);
    for (size_t i = 0; i < args.n + args.nkeywords; i++) {
        Value v = i < args.n ? args.p[i] : args.keywords[i - args.n].value;
        if (is_a(v, &expr_class) || is_a(v, &shell_q_class) || is_a(v, &queryset_class))
            continue;
        buf_c(&b, b.n ? ", " : "");
        buf_str(&b, shell_str(s, v));
    }
    if (b.n)
        RAISE(s->cx, 500, "type_error", "QuerySet.%s() received non-expression(s): %.*s.", method,
              STR_FMT(buf_view(&b)));
}

const NamedExpr *shell_named(Shell *s, Args args, const char *method)
{
    if (method)
        check_expressions(s, args, method);
    NamedExpr *exprs = NEW_ARRAY(s->cx->arena, NamedExpr, args.n + args.nkeywords + 1);
    for (size_t i = 0; i < args.n; i++)
        exprs[i] = (NamedExpr){ default_name(s, args.p[i], method ? method : "annotate"), expression(s, args.p[i]) };
    for (size_t i = 0, n = args.n; i < args.nkeywords; i++) {
        const char *name = str_dup_c(s->cx->arena, args.keywords[i].name);
        bool twice = false; /* its own name wins */
        for (size_t k = 0; k < args.n; k++)
            twice |= str_eq(str_c(exprs[k].name), str_c(name));
        if (!twice)
            exprs[n++] = (NamedExpr){ name, expression(s, args.keywords[i].value) };
    }
    return exprs;
}

static CLEF_NORETURN void not_implemented(Shell *s, Str name)
{
    RAISE(s->cx, 500, "not_implemented_error", "%.*s() is not implemented.", STR_FMT(name));
}

/* --- what reads */

static Value extreme(Shell *s, QuerySet *q, Args args, bool latest)
{
    const Model *m = queryset_model(q);
    const char *const *names = shell_names(s, args, "earliest()");
    const char *by = model_info(s->cx, m)->meta->get_latest_by;
    if (!args.n && !by)
        RAISE(s->cx, 500, "value_error",
              "earliest() and latest() require either fields as positional arguments or 'get_latest_by' in the model's "
              "Meta.");
    if (q->sliced)
        RAISE(s->cx, 500, "type_error", "Cannot change a query once a slice has been taken.");
    q = queryset_order_by(q, args.n ? names : ORDER(by));
    if (q->mode != MODE_ROWS) {
        const List *rows = shell_rows(s, SLICE(latest ? queryset_reverse(q) : q, 0, 1));
        if (!rows->n)
            RAISE(s->cx, 500, "does_not_exist", "%s matching query does not exist.", m->name);
        return rows->p[0];
    }
    void *row = queryset_first(latest ? queryset_reverse(q) : q, m);
    if (!row)
        RAISE(s->cx, 500, "does_not_exist", "%s matching query does not exist.", m->name);
    return row_or_none(row);
}

static bool is_unique(const ModelInfo *info, const FieldInfo *field)
{
    if (field->f->unique || field->f->primary_key || field == info->pk)
        return true;
    for (size_t i = 0; i < info->meta->nconstraints; i++) {
        const Constraint *c = &info->meta->constraints[i];
        if (c->unique && c->unique[0] && !c->unique[1] && !c->check && str_eq(str_c(c->unique[0]), field->name))
            return true;
    }
    return false;
}

static Value in_bulk(Shell *s, QuerySet *q, Args args)
{
    List *by = list_new(s->cx->arena), *rows = list_new(s->cx->arena);
    Value ids = shell_argument(args, 0, "id_list", value_null());
    const char *name = shell_text(s, shell_keyword(args, "field_name", value_str(STR("pk"))), "in_bulk()");
    const FieldInfo *field = info_field(q->info, str_c(name));
    if (q->sliced)
        RAISE(s->cx, 500, "type_error", "Cannot use 'limit' or 'offset' with in_bulk().");
    if (q->mode != MODE_ROWS)
        RAISE(s->cx, 500, "type_error", "in_bulk() cannot be used with values() or values_list().");
    if (!field)
        names_no_field(s->cx, q->info, str_c(name));
    if ((!is_unique(q->info, field) && !str_eq(str_c(name), STR("pk"))))
        RAISE(s->cx, 500, "value_error", "in_bulk()'s field_name must be a unique field but '%s' isn't.", name);
    if (ids.tag != VALUE_NULL) {
        List *keys = shell_elements(s, ids);
        if (!keys->n)
            return value_map(map_new(s->cx->arena));
        Value list = value_list(keys);
        Pred in[] = { { .lookup = str_format(s->cx->arena, "%s__in", name).p, .value = shell_boxed(s, list) },
                      { .path = NULL } };
        q = queryset_order_by(queryset_filter(q, in), ORDER(NULL));
    }
    const List *all = queryset_list(q);
    for (size_t i = 0; i < all->n; i++) {
        list_push(s->cx->arena, by, shell_row_attribute(s, (void *)all->p[i].object, str_c(name)));
        list_push(s->cx->arena, rows, all->p[i]);
    }
    return shell_dict(s, by, rows);
}

Values shell_terms(Shell *s, Args args)
{
    Boxed *boxed = NEW_ARRAY(s->cx->arena, Boxed, args.n + 1);
    for (size_t i = 0; i < args.n; i++)
        boxed[i] = expression(s, args.p[i]);
    return (Values){ boxed, args.n };
}

static Value values_list(Shell *s, QuerySet *q, Args args)
{
    bool flat = shell_truth(s, shell_keyword(args, "flat", value_bool(false)));
    bool name = shell_truth(s, shell_keyword(args, "named", value_bool(false)));
    if (flat && name)
        RAISE(s->cx, 500, "type_error", "'flat' and 'named' can't be used together.");
    if (flat && args.n > 1)
        RAISE(s->cx, 500, "type_error", "'flat' is not valid when values_list is called with more than one field.");
    return of_query(queryset_values_terms(q, shell_terms(s, args), NULL,
                                          flat   ? VALUES_AS_FLAT
                                          : name ? VALUES_AS_NAMED
                                                 : VALUES_AS_LISTS));
}

static Value values(Shell *s, QuerySet *q, Args args)
{
    const NamedExpr *exprs =
        shell_named(s, (Args){ .keywords = args.keywords, .nkeywords = args.nkeywords }, "annotate");
    return of_query(queryset_values_terms(q, shell_terms(s, args), exprs, VALUES_AS_MAPS));
}

static Value contains(Shell *s, QuerySet *q, Args args)
{
    Value v = shell_argument(args, 0, "obj", value_null());
    check_not_combined(q, "contains");
    if (q->mode != MODE_ROWS)
        RAISE(s->cx, 500, "type_error", "Cannot call QuerySet.contains() after .values() or .values_list().");
    if (!is_a(v, &row_class))
        RAISE(s->cx, 500, "type_error", "'obj' must be a model instance.");
    const Model *m = queryset_model(q);
    if (row_model(v.object) != m)
        return value_bool(false);
    Value pk = row_pk(s->cx->arena, m, v.object);
    if (pk.tag == VALUE_NULL || (pk.tag == VALUE_INT && !pk.i && (*row_state_of((void *)v.object))->adding))
        RAISE(s->cx, 500, "value_error", "QuerySet.contains() cannot be used on unsaved objects.");
    return value_bool(queryset_exists(FILTER(q, LOOKUP("pk", pk))));
}

/* dates(), datetimes(): truncated, distinct, in order. */
static Value moments(Shell *s, QuerySet *q, Str name, Args args)
{
    static const char *const kinds[] = { "year", "month", "week", "day", "hour", "minute", "second", NULL };
    bool dates = name.n == 5;
    const char *field = shell_text(s, shell_argument(args, 0, "field_name", value_null()), "dates()");
    const char *kind = shell_text(s, shell_argument(args, 1, "kind", value_null()), "dates()");
    Str order = str_c(shell_text(s, shell_argument(args, 2, "order", value_str(STR("ASC"))), "dates()"));
    size_t k = 0;
    while (kinds[k] && !str_eq(str_c(kinds[k]), str_c(kind)))
        k++;
    if (!kinds[k] || (dates && k > 3))
        RAISE(s->cx, 500, "value_error", "'kind' must be one of 'year', 'month', 'week', %s.",
              dates ? "or 'day'" : "'day', 'hour', 'minute', or 'second'");
    if (!str_eq(order, STR("ASC")) && !str_eq(order, STR("DESC")))
        RAISE(s->cx, 500, "value_error", "'order' must be either 'ASC' or 'DESC'.");
    const FieldInfo *of = info_field(q->info, str_c(field));
    if (of && of->kind != FIELD_DATE && of->kind != FIELD_DATETIME && of->kind != FIELD_TIME)
        RAISE(s->cx, 500, "type_error", "'%s' isn't a DateField, TimeField, or DateTimeField.", field);
    Value by = value_c(field);
    Boxed *arg = NEW(s->cx->arena, Boxed);
    *arg = shell_boxed(s, by);
    Value trunc = shell_expr(s, &(Expr){ .kind = EXPR_CALL,
                                         .name = "Trunc",
                                         .args = arg,
                                         .n = 1,
                                         .detail = kind,
                                         .output = dates ? FIELD_DATE : FIELD_DATETIME,
                                         .zone = shell_zone(s, shell_keyword(args, "tzinfo", value_null())) });
    NamedExpr exprs[] = { { "datefield", shell_boxed(s, trunc) }, { NULL, { NULL, NULL } } };
    q = queryset_annotate(q, exprs);
    q = queryset_values_list(q, ORDER("datefield"), true);
    q = queryset_distinct(q);
    q = FILTER(
        q, { .lookup = str_format(s->cx->arena, "%s__isnull", field).p, .value = shell_boxed(s, value_bool(false)) });
    return of_query(queryset_order_by(q, order.p[0] == 'D' ? ORDER("-datefield") : ORDER("datefield")));
}

/* --- the table of methods */

static QuerySet *const *others_of(Shell *s, Args args, Str what)
{
    QuerySet **others = NEW_ARRAY(s->cx->arena, QuerySet *, args.n + 1);
    for (size_t i = 0; i < args.n; i++)
        if (!(others[i] = shell_queryset(s, args.p[i])))
            RAISE(s->cx, 500, "type_error", "%.*s() takes querysets.", STR_FMT(what));
    return others;
}

static bool combine(Shell *s, QuerySet *q, Str name, Args args, Value *out)
{
#define IS(text) str_eq(name, STR(text))
    if (IS("&") || IS("|") || IS("^"))
        *out = of_query(queryset_combine(q, others_of(s, args, name)[0],
                                         IS("&")   ? CONNECT_AND
                                         : IS("|") ? CONNECT_OR
                                                   : CONNECT_XOR));
    else if (IS("union"))
        *out = of_query(queryset_union(q, others_of(s, args, name), args.n,
                                       shell_truth(s, shell_keyword(args, "all", value_bool(false)))));
    else if ((IS("intersection") || IS("difference")) && args.nkeywords)
        RAISE(s->cx, 500, "type_error", "QuerySet.%.*s() got an unexpected keyword argument '%.*s'", STR_FMT(name),
              STR_FMT(args.keywords[0].name));
    else if (IS("intersection"))
        *out = of_query(queryset_intersection(q, others_of(s, args, name), args.n));
    else if (IS("difference"))
        *out = of_query(queryset_difference(q, others_of(s, args, name), args.n));
    else
        return false;
    return true;
#undef IS
}

const ValueClass shell_prefetch_class = { .name = "Prefetch" };

static QuerySet *prefetch(Shell *s, QuerySet *q, Args args)
{
    Prefetch *terms = NEW_ARRAY(s->cx->arena, Prefetch, args.n + 1);
    if (args.n == 1 && args.p[0].tag == VALUE_NULL)
        return queryset_prefetch_related(q, NULL);
    for (size_t i = 0; i < args.n; i++)
        terms[i] = is_a(args.p[i], &shell_prefetch_class)
                       ? *(const Prefetch *)args.p[i].object
                       : (Prefetch){ .path = shell_text(s, args.p[i], "prefetch_related()") };
    return queryset_prefetch_related(q, terms);
}

static QuerySet *lock(Shell *s, QuerySet *q, Args args)
{
    Value of = shell_keyword(args, "of", value_null()), no = value_bool(false);
    const List *list = of.tag == VALUE_NULL ? NULL : shell_elements(s, of);
    SelectForUpdate options = { .nowait = shell_truth(s, shell_keyword(args, "nowait", no)),
                                .skip_locked = shell_truth(s, shell_keyword(args, "skip_locked", no)),
                                .no_key = shell_truth(s, shell_keyword(args, "no_key", no)) };
    if (options.nowait && options.skip_locked)
        RAISE(s->cx, 500, "value_error", "The nowait option cannot be used with skip_locked.");
    if (list && list->n)
        options.of = shell_names(s, (Args){ .p = list->p, .n = list->n }, "of");
    return queryset_select_for_update(q, &options);
}

static bool has_q(Args args)
{
    for (size_t i = 0; i < args.n; i++)
        if (is_a(args.p[i], &shell_q_class))
            return true;
    return false;
}

/* complex_filter({"pages__lt": 60}), or of a Q. */
static const Pred *complex_conditions(Shell *s, Args args)
{
    List *keys, *values;
    shell_expect(s, "complex_filter", args, 1, 1);
    if (is_a(args.p[0], &shell_q_class) || !shell_pairs(s, args.p[0], &keys, &values))
        return shell_conditions(s, args);
    Pred *preds = NEW_ARRAY(s->cx->arena, Pred, keys->n + 1);
    for (size_t i = 0; i < keys->n; i++)
        preds[i] =
            (Pred){ .lookup = shell_text(s, keys->p[i], "complex_filter()"), .value = shell_boxed(s, values->p[i]) };
    return preds;
}

static bool narrow(Shell *s, QuerySet *q, Str name, Args args, Value *out)
{
#define IS(text) str_eq(name, STR(text))
    if (IS("filter") || IS("exclude"))
        check_not_combined(q, IS("filter") ? "filter" : "exclude");
    if (IS("all") || IS("get_queryset"))
        *out = of_query(queryset_all(q));
    else if (IS("filter"))
        *out = of_query(queryset_filter(q, shell_conditions(s, args)));
    else if (IS("exclude"))
        *out = of_query(queryset_exclude(q, shell_conditions(s, args)));
    else if (IS("complex_filter"))
        *out = of_query(queryset_filter(q, complex_conditions(s, args)));
    else if (IS("order_by") && has_q(args))
        RAISE(s->cx, 500, "attribute_error", "'Q' object has no attribute 'asc'");
    else if (IS("order_by"))
        *out = of_query(queryset_order_by_terms(q, shell_terms(s, args)));
    else if (IS("values_list"))
        *out = values_list(s, q, args);
    else if (IS("values"))
        *out = values(s, q, args);
    else if (IS("annotate"))
        *out = of_query(queryset_annotate(q, shell_named(s, args, "annotate")));
    else if (IS("alias"))
        *out = of_query(queryset_alias(q, shell_named(s, args, "alias")));
    else if (IS("reverse"))
        *out = of_query(queryset_reverse(q));
    else if (IS("distinct"))
        *out = of_query(args.n ? queryset_distinct_on(q, shell_names(s, args, "distinct()")) : queryset_distinct(q));
    else if (IS("none"))
        *out = of_query(queryset_none(q));
    else if (IS("dates") || IS("datetimes"))
        *out = moments(s, q, name, args);
    else if (IS("select_related"))
        *out = of_query(queryset_select_related(
            q, args.n == 1 && args.p[0].tag == VALUE_NULL ? NULL : shell_names(s, args, "select_related()")));
    else if (IS("prefetch_related"))
        *out = of_query(prefetch(s, q, args));
    else if (IS("only")) {
        for (size_t i = 0; i < args.n; i++)
            if (args.p[i].tag == VALUE_NULL)
                RAISE(s->cx, 500, "type_error", "Cannot pass None as an argument to only().");
        *out = of_query(queryset_only(q, shell_names(s, args, "only()")));
    } else if (IS("defer"))
        *out =
            of_query(args.n == 1 && args.p[0].tag == VALUE_NULL ? queryset_defer(q, NULL)
                                                                : queryset_defer(q, shell_names(s, args, "defer()")));
    else if (IS("select_for_update"))
        *out = of_query(lock(s, q, args));
    else if (IS("raw"))
        *out = of_query(shell_raw(s, q, args));
    else if (IS("extra"))
        *out = of_query(shell_extra(s, q, args));
    else if (IS("using"))
        *out = of_query(
            queryset_using(q, str_c(shell_text(s, shell_argument(args, 0, "alias", value_null()), "using()"))));
    else
        return false;
    return true;
}

static bool answer(Shell *s, QuerySet *q, Str name, Args args, Value *out)
{
    const Model *m = queryset_model(q);
    if (IS("aggregate"))
        *out = value_map(queryset_aggregate(q, shell_named(s, args, "aggregate")));
    else if (IS("count"))
        *out = value_int((int64_t)queryset_count(q));
    else if (IS("exists"))
        *out = value_bool(queryset_exists(q));
    else if (IS("first") || IS("last")) {
        if (q->mode == MODE_ROWS) {
            *out = row_or_none(IS("first") ? queryset_first(q, m) : queryset_last(q, m));
            return true;
        }
        q = is_ordered(q) ? q : queryset_order_by(q, ORDER("pk"));
        const List *rows = shell_rows(s, SLICE(IS("first") ? q : queryset_reverse(q), 0, 1));
        *out = rows->n ? rows->p[0] : value_null();
    } else if (IS("get")) {
        if (args.n + args.nkeywords)
            check_not_combined(q, "get");
        if (q->mode == MODE_ROWS) {
            *out = row_or_none(queryset_get(q, m, shell_conditions(s, args)));
            return true;
        }
        const List *rows = shell_rows(s, SLICE(queryset_filter(q, shell_conditions(s, args)), 0, QUERY_MAX_GET));
        if (rows->n != 1)
            RAISE(s->cx, 500, rows->n ? "multiple_objects_returned" : "does_not_exist",
                  rows->n ? "get() returned more than one %s -- it returned %zu!" : "%s matching query does not exist.",
                  m->name, rows->n);
        *out = rows->p[0];
    } else if (IS("earliest") || IS("latest"))
        *out = extreme(s, q, args, name.p[0] == 'l');
    else if (IS("in_bulk"))
        *out = in_bulk(s, q, args);
    else if (IS("contains"))
        *out = contains(s, q, args);
    else if (IS("explain"))
        *out = value_str(
            queryset_explain(q, shell_keyword(args, "format", value_null()).tag == VALUE_NULL
                                    ? NULL
                                    : shell_text(s, shell_keyword(args, "format", value_null()), "explain()")));
    else if (IS("iterator")) {
        Value size = shell_argument(args, 0, "chunk_size", value_null());
        if (size.tag == VALUE_NULL && q->nprefetch)
            RAISE(s->cx, 500, "value_error",
                  "chunk_size must be provided when using QuerySet.iterator() after prefetch_related().");
        if (size.tag == VALUE_INT && size.i <= 0)
            RAISE(s->cx, 500, "value_error", "Chunk size must be strictly positive.");
        *out = value_list(shell_rows(s, q));
    } else if (IS("sql"))
        *out = value_str(queryset_sql(q));
    else
        return false;
    return true;
}

#undef IS

Value shell_queryset_call(Shell *s, QuerySet *q, const RelatedManager *related, Str name, Args args)
{
    Value out;
    if (narrow(s, q, name, args, &out) || combine(s, q, name, args, &out) || answer(s, q, name, args, &out) ||
        shell_write(s, q, related, name, args, &out))
        return out;
    not_implemented(s, name);
}
