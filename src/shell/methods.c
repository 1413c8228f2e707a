/* methods.c: what querysets, and the managers of relations, can be asked. */
#include "orm/node.h"
#include "shell/eval.h"
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

const Pred *shell_conditions(Shell *s, Args args)
{
    Arena *a = s->cx->arena;
    Pred *preds = NEW_ARRAY(a, Pred, args.n + args.nkeywords + 1);
    size_t n = 0;
    for (size_t i = 0; i < args.n; i++) {
        if (is_a(args.p[i], &shell_q_class))
            preds[n++] = *(const Pred *)args.p[i].object;
        else if (is_a(args.p[i], &expr_class) && ((const Expr *)args.p[i].object)->kind == EXPR_EXISTS)
            RAISE(s->cx, 500, "type_error", "Annotate Exists() first, and filter by its name.");
        else
            RAISE(s->cx, 500, "type_error", "conditions are Q objects and keywords, not a %s",
                  value_type_name(args.p[i]));
    }
    for (size_t i = 0; i < args.nkeywords; i++)
        preds[n++] =
            (Pred){ .lookup = str_dup_c(a, args.keywords[i].name), .value = shell_boxed(s, args.keywords[i].value) };
    return preds;
}

static const char *const *names_of(Shell *s, Args args, const char *what)
{
    const char **names = NEW_ARRAY(s->cx->arena, const char *, args.n + 1);
    for (size_t i = 0; i < args.n; i++)
        names[i] = shell_text(s, args.p[i], what);
    return names;
}

/* Count("tags") without a name is "tags__count". */
static const char *default_name(Shell *s, Value v)
{
    const Expr *e = is_a(v, &expr_class) ? v.object : NULL;
    Value of = e && e->n == 1 ? e->args[0].box(s->cx->arena, e->args[0].at) : value_null();
    if (!e || e->kind != EXPR_AGGREGATE || !value_is_text(of))
        RAISE(s->cx, 500, "type_error", "Complex aggregates require an alias");
    return str_format(s->cx->arena, "%.*s__%.*s", STR_FMT(of.s), STR_FMT(str_lower(s->cx->arena, str_c(e->name)))).p;
}

static const NamedExpr *named(Shell *s, Args args)
{
    NamedExpr *exprs = NEW_ARRAY(s->cx->arena, NamedExpr, args.n + args.nkeywords + 1);
    for (size_t i = 0; i < args.n; i++)
        exprs[i] = (NamedExpr){ default_name(s, args.p[i]), shell_boxed(s, args.p[i]) };
    for (size_t i = 0; i < args.nkeywords; i++)
        exprs[args.n + i] =
            (NamedExpr){ str_dup_c(s->cx->arena, args.keywords[i].name), shell_boxed(s, args.keywords[i].value) };
    return exprs;
}

static Value row_or_none(void *row) { return value_object(row, &row_class); }
static Value of_query(QuerySet *q) { return value_object(q, &queryset_class); }

static Args without(Shell *s, Args args, const char *name)
{
    Keyword *kept = NEW_ARRAY(s->cx->arena, Keyword, args.nkeywords + 1);
    size_t n = 0;
    for (size_t i = 0; i < args.nkeywords; i++)
        if (!str_eq(args.keywords[i].name, str_c(name)))
            kept[n++] = args.keywords[i];
    return (Args){ args.p, args.n, kept, n };
}

/* The entries of a map as keywords, after those that are there. */
static Args with(Shell *s, Args args, Value map)
{
    VEC(Keyword) all = { 0 };
    MapEntry *e;
    size_t cursor = 0;
    for (size_t i = 0; i < args.nkeywords; i++)
        VEC_PUSH(s->cx->arena, &all, args.keywords[i]);
    while (map.tag == VALUE_MAP && (e = map_next(map.map, &cursor)) != NULL)
        VEC_PUSH(s->cx->arena, &all, (Keyword){ e->key, e->value });
    return (Args){ args.p, args.n, all.p, all.n };
}

/* --- what writes */

static void *created(Shell *s, QuerySet *q, const Related *related, Args args)
{
    const Model *m = queryset_model(q);
    const FieldInfo *back;
    if (related && names_reverse(model_info(s->cx, row_model(related->row)), str_c(related->name), &back) &&
        back->f->kind != FIELD_MANY_TO_MANY) {
        Map *map = map_new(s->cx->arena);
        map_set(map, back->name, value_object(related->row, &row_class));
        return model_create(s->cx, m, shell_new_row(s, m, with(s, args, value_map(map))));
    }
    void *row = model_create(s->cx, m, shell_new_row(s, m, args));
    if (related)
        related_add(s->cx, related->row, related->name, VALUES(value_object(row, &row_class)));
    return row;
}

static void *found(QuerySet *q, const Pred *conditions)
{
    QuerySet *narrowed = queryset_filter(q, conditions);
    return queryset_length(narrowed) ? queryset_get(narrowed, queryset_model(q), NULL) : NULL;
}

static Value get_or_create(Shell *s, QuerySet *q, const Related *related, Args args, bool update)
{
    Value defaults = shell_keyword(args, "defaults", value_null());
    Value create_defaults = shell_keyword(args, "create_defaults", defaults);
    Args lookups = without(s, without(s, args, "defaults"), "create_defaults");
    Value out[2];
    ATOMIC(s->cx)
    {
        void *row = found(q, shell_conditions(s, lookups));
        MapEntry *e;
        size_t cursor = 0;
        out[1] = value_bool(!row);
        if (!row) {
            row = created(s, q, related, with(s, lookups, create_defaults));
        } else if (update) {
            while (defaults.tag == VALUE_MAP && (e = map_next(defaults.map, &cursor)) != NULL)
                shell_row_assign(s, row, e->key, e->value);
            model_save(s->cx, NULL, row, NULL);
        }
        out[0] = row_or_none(row);
    }
    return shell_tuple(s, 2, out);
}

static Value bulk_create(Shell *s, Args args)
{
    List *rows = args.n ? shell_elements(s, args.p[0]) : list_new(s->cx->arena);
    ATOMIC(s->cx)
    for (size_t i = 0; i < rows->n; i++) {
        if (!is_a(rows->p[i], &row_class))
            RAISE(s->cx, 500, "type_error", "bulk_create() takes a list of instances.");
        model_create(s->cx, row_model(rows->p[i].object), (void *)rows->p[i].object);
    }
    return value_list(rows);
}

static Value change_links(Shell *s, const Related *r, Str name, Args args)
{
    bool set = str_eq(name, STR("set"));
    List *given = set && args.n ? shell_elements(s, args.p[0]) : NULL;
    size_t n = given ? given->n : args.n;
    Boxed *boxed = NEW_ARRAY(s->cx->arena, Boxed, n ? n : 1);
    for (size_t i = 0; i < n; i++)
        boxed[i] = shell_boxed(s, given ? given->p[i] : args.p[i]);
    Values values = { boxed, n };
    if (set)
        related_replace(s->cx, r->row, r->name, values);
    else if (str_eq(name, STR("add")))
        related_add(s->cx, r->row, r->name, values);
    else if (str_eq(name, STR("remove")))
        related_remove(s->cx, r->row, r->name, values);
    else
        related_clear(s->cx, r->row, r->name);
    return value_null();
}

/* --- what reads */

static Value extreme(Shell *s, QuerySet *q, Args args, bool latest)
{
    const Model *m = queryset_model(q);
    const char *const *names = names_of(s, args, "earliest()"), *latest_by = model_get_latest_by(m);
    if (!args.n && !latest_by)
        RAISE(s->cx, 500, "value_error",
              "earliest() and latest() require either fields as positional arguments or 'get_latest_by' in the model's "
              "Meta.");
    q = queryset_order_by(q, args.n ? names : ORDER(latest_by));
    void *row = queryset_first(latest ? queryset_reverse(q) : q, m);
    if (!row)
        RAISE(s->cx, 500, "does_not_exist", "%s matching query does not exist.", m->name);
    return row_or_none(row);
}

static Value in_bulk(Shell *s, QuerySet *q, Args args)
{
    Map *map = map_new(s->cx->arena);
    Value keys = args.n ? args.p[0] : value_null();
    List *list = keys.tag == VALUE_NULL ? NULL : shell_elements(s, keys);
    if (list)
        q = FILTER(q, LOOKUP("pk__in", list));
    const Model *m = queryset_model(q);
    for (size_t i = 0, n = queryset_length(q); i < n; i++) {
        void *row = queryset_at(q, m, i);
        Value pk = row_pk(s->cx->arena, m, row);
        Str key = pk.tag == VALUE_INT ? str_format(s->cx->arena, "%lld", (long long)pk.i) : pk.s;
        map_set(map, key, row_or_none(row));
    }
    return value_map(map);
}

static Value values_list(Shell *s, QuerySet *q, Args args)
{
    return of_query(queryset_values_list(q, names_of(s, args, "values_list()"),
                                         value_truth(shell_keyword(args, "flat", value_bool(false)))));
}

/* values(n=Count("x")) annotates first. */
static Value values(Shell *s, QuerySet *q, Args args)
{
    const char **names = NEW_ARRAY(s->cx->arena, const char *, args.n + args.nkeywords + 1);
    memcpy(names, names_of(s, args, "values()"), args.n * sizeof *names);
    for (size_t i = 0; i < args.nkeywords; i++)
        names[args.n + i] = str_dup_c(s->cx->arena, args.keywords[i].name);
    if (args.nkeywords)
        q = queryset_annotate(q, named(s, (Args){ NULL, 0, args.keywords, args.nkeywords }));
    return of_query(queryset_values(q, names));
}

Value shell_queryset_call(Shell *s, QuerySet *q, const Related *related, Str name, Args args)
{
    const Model *m = queryset_model(q);
#define IS(text) str_eq(name, STR(text))
    if (related && is_among(name, of_managers))
        return change_links(s, related, name, args);
    if (IS("filter"))
        return of_query(queryset_filter(q, shell_conditions(s, args)));
    if (IS("exclude"))
        return of_query(queryset_exclude(q, shell_conditions(s, args)));
    if (IS("order_by"))
        return of_query(queryset_order_by(q, names_of(s, args, "order_by()")));
    if (IS("values_list"))
        return values_list(s, q, args);
    if (IS("values"))
        return values(s, q, args);
    if (IS("annotate") || IS("alias"))
        return of_query(queryset_annotate(q, named(s, args)));
    if (IS("aggregate"))
        return value_map(queryset_aggregate(q, named(s, args)));
    if (IS("count"))
        return value_int((int64_t)queryset_count(q));
    if (IS("exists"))
        return value_bool(queryset_exists(q));
    if (IS("get"))
        return row_or_none(queryset_get(q, m, shell_conditions(s, args)));
    if (IS("first"))
        return row_or_none(queryset_first(q, m));
    if (IS("last"))
        return row_or_none(queryset_last(q, m));
    if (IS("update"))
        return value_int((int64_t)queryset_update(q, named(s, args)));
    if (IS("delete"))
        return value_int((int64_t)queryset_delete(q));
    if (IS("create"))
        return row_or_none(created(s, q, related, args));
    if (IS("get_or_create") || IS("update_or_create"))
        return get_or_create(s, q, related, args, name.p[0] == 'u');
    if (IS("bulk_create"))
        return bulk_create(s, args);
    if (IS("reverse"))
        return of_query(queryset_reverse(q));
    if (IS("distinct"))
        return of_query(queryset_distinct(q));
    if (IS("none"))
        return of_query(queryset_none(q));
    if (IS("earliest") || IS("latest"))
        return extreme(s, q, args, name.p[0] == 'l');
    if (IS("in_bulk"))
        return in_bulk(s, q, args);
    if (IS("sql"))
        return value_str(queryset_sql(q));
    if (IS("iterator"))
        return value_list(queryset_list(q));
    if (IS("using")) {
        if (args.n != 1)
            RAISE(s->cx, 500, "type_error", "using() takes the alias of a database.");
        return of_query(queryset_using(q, str_c(shell_text(s, args.p[0], "using()"))));
    }
    if (IS("contains")) {
        if (args.n != 1 || !is_a(args.p[0], &row_class))
            RAISE(s->cx, 500, "type_error", "'obj' must be a model instance.");
        Value pk = row_pk(s->cx->arena, row_model(args.p[0].object), args.p[0].object);
        return value_bool(row_model(args.p[0].object) == m && queryset_exists(FILTER(q, LOOKUP("pk", pk))));
    }
#undef IS
    return of_query(queryset_all(q));
}
