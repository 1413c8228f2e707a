/* writes.c: what querysets, and the managers of relations, write: rows made, changed, linked, deleted. */
#include "orm/queryset.h"
#include "shell/eval.h"

/* Values of defaults may be functions. */
static Value called(Shell *s, Value v)
{
    bool callable = is_a(v, &shell_lambda_class) || is_a(v, &shell_function_class) || is_a(v, &shell_method_class);
    return callable ? shell_call(s, v, (Args){ 0 }) : v;
}

/* The pairs of through_defaults. */
static const NamedExpr *through_of(Shell *s, Args args)
{
    List *keys, *values;
    Value given = shell_keyword(args, "through_defaults", value_null());
    if (given.tag == VALUE_NULL || !shell_pairs(s, given, &keys, &values))
        return NULL;
    NamedExpr *out = NEW_ARRAY(s->cx->arena, NamedExpr, keys->n + 1);
    for (size_t i = 0; i < keys->n; i++)
        out[i] = (NamedExpr){ shell_text(s, keys->p[i], "through_defaults"), shell_boxed(s, called(s, values->p[i])) };
    out[keys->n] = (NamedExpr){ .name = NULL };
    return out;
}

static void *made(Shell *s, const Model *m, void *row)
{
    shell_check_nulls(s, row);
    return model_create(s->cx, m, row);
}

static void *created(Shell *s, QuerySet *q, const RelatedManager *related, Args args)
{
    const Model *m = queryset_model(q);
    const FieldInfo *back;
    const NamedExpr *through = through_of(s, args);
    args = shell_without(s, args, "through_defaults");
    if (related && !names_between(model_info(s->cx, row_model(related->row)), str_c(related->name)) &&
        names_reverse(model_info(s->cx, row_model(related->row)), str_c(related->name), &back) &&
        back->f->kind != FIELD_MANY_TO_MANY) {
        Map *map = map_new(s->cx->arena);
        map_set(map, back->name, value_object(related->row, &row_class));
        return made(s, m, shell_new_row(s, m, shell_with(s, args, value_map(map))));
    }
    void *row = made(s, m, shell_new_row(s, m, args));
    if (related)
        related_add_through(s->cx, related->row, related->name, through, VALUES(value_object(row, &row_class)));
    return row;
}

/* The one row that meets them, or NULL. */
static void *found(Shell *s, QuerySet *q, const Pred *conditions)
{
    QuerySet *narrowed = queryset_filter(q, conditions);
    const List *rows = queryset_list(narrowed->sliced ? narrowed : SLICE(narrowed, 0, QUERY_MAX_GET));
    if (rows->n > 1)
        (void)queryset_get(narrowed, queryset_model(q), NULL);
    (void)s;
    return rows->n ? (void *)rows->p[0].object : NULL;
}

static Args with_defaults(Shell *s, Args lookups, Value defaults)
{
    Args all = shell_with(s, (Args){ 0 }, defaults);
    Keyword *keywords = NEW_ARRAY(s->cx->arena, Keyword, lookups.nkeywords + all.nkeywords + 1);
    size_t n = 0;
    for (size_t i = 0; i < lookups.nkeywords; i++) /* those with a lookup are no values */
        if (!str_contains(lookups.keywords[i].name, STR("__")))
            keywords[n++] = lookups.keywords[i];
    for (size_t i = 0; i < all.nkeywords; i++) {
        size_t k = 0;
        while (k < n && !str_eq(keywords[k].name, all.keywords[i].name))
            k++;
        keywords[k] = (Keyword){ all.keywords[i].name, called(s, all.keywords[i].value) };
        n += k == n;
    }
    return (Args){ .keywords = keywords, .nkeywords = n };
}

static Value get_or_create(Shell *s, QuerySet *q, const RelatedManager *related, Args args, bool update)
{
    Value defaults = shell_keyword(args, "defaults", value_null());
    Value create_defaults = update ? shell_keyword(args, "create_defaults", defaults) : defaults;
    Args lookups = shell_without(s, args, "defaults");
    if (update)
        lookups = shell_without(s, lookups, "create_defaults");
    Value out[2];
    ATOMIC(s->cx)
    {
        void *row = found(s, q, shell_conditions(s, lookups));
        List *keys, *values;
        out[1] = value_bool(!row);
        if (!row) {
            row = created(s, q, related, with_defaults(s, lookups, create_defaults));
        } else if (update && shell_pairs(s, defaults, &keys, &values)) {
            const char **names = NEW_ARRAY(s->cx->arena, const char *, keys->n + 1);
            for (size_t i = 0; i < keys->n; i++) {
                names[i] = shell_text(s, keys->p[i], "defaults");
                shell_row_assign(s, row, keys->p[i].s, called(s, values->p[i]));
            }
            names[keys->n] = NULL;
            shell_row_save(s, row, keys->n ? names : NULL);
        }
        out[0] = value_object(row, &row_class);
    }
    return shell_tuple(s, 2, out);
}

static Values boxed_values(Shell *s, const List *list)
{
    Boxed *boxed = NEW_ARRAY(s->cx->arena, Boxed, list->n + 1);
    for (size_t i = 0; i < list->n; i++)
        boxed[i] = shell_boxed(s, list->p[i]);
    return (Values){ boxed, list->n };
}

/* The rows of the other side refer to this one by themselves: by a ForeignKey. NULL: by a table between. */
static const FieldInfo *referring(Shell *s, const RelatedManager *r)
{
    const ModelInfo *info = model_info(s->cx, row_model(r->row));
    const FieldInfo *back = NULL;
    bool plain = !names_between(info, str_c(r->name)) && names_reverse(info, str_c(r->name), &back) &&
                 back->f->kind != FIELD_MANY_TO_MANY && !back->type;
    return plain ? back : NULL;
}

/* What add() and remove() take of a relation by ForeignKey: instances, and for remove() those that are related. */
static void check_instances(Shell *s, const RelatedManager *r, const FieldInfo *back, const List *given, bool related)
{
    for (size_t i = 0; i < given->n; i++) {
        Value v = given->p[i];
        if (!is_a(v, &row_class) || !info_is_a(model_info(s->cx, row_model(v.object)), back->model))
            RAISE(s->cx, 500, "type_error", "'%s' instance expected, got %.*s", back->model->m->name,
                  STR_FMT(shell_repr(s, v)));
        Value key = member_load(s->cx->arena, back->f, v.object),
              ours = member_load(s->cx->arena, back->to_field->f, r->row);
        if (related && !value_eq(key, ours))
            RAISE(s->cx, 500, "does_not_exist", "%.*s is not related to %.*s.", STR_FMT(shell_repr(s, v)),
                  STR_FMT(shell_repr(s, value_object(r->row, &row_class))));
    }
}

static Value change_links(Shell *s, const RelatedManager *r, Str name, Args args)
{
    const FieldInfo *back = referring(s, r);
    bool removes = str_eq(name, STR("remove")), bulk = shell_truth(s, shell_keyword(args, "bulk", value_bool(true)));
    if (back && !back->f->null && (removes || str_eq(name, STR("clear"))))
        shell_no_attribute(s, "RelatedManager", name, NULL, 0);
    List given = { .p = (Value *)args.p, .n = args.n };
    bool set = str_eq(name, STR("set"));
    if (back && (removes || str_eq(name, STR("add"))))
        check_instances(s, r, back, &given, removes);
    if (back && str_eq(name, STR("add")) && !bulk) {
        for (size_t i = 0; i < given.n; i++) {
            void *row = (void *)given.p[i].object;
            shell_row_assign(s, row, back->name, value_object(r->row, &row_class));
            shell_row_save(s, row, NULL);
        }
        return value_null();
    }
    Value objects = shell_argument(args, 0, "objs", value_null());
    Values values = boxed_values(s, set ? shell_elements(s, objects) : &given);
    if (set && back && !back->f->null) /* nothing can be taken out */
        related_add_through(s->cx, r->row, r->name, NULL, values);
    else if (set)
        related_replace_through(s->cx, r->row, r->name, through_of(s, args), values);
    else if (str_eq(name, STR("add")))
        related_add_through(s->cx, r->row, r->name, through_of(s, args), values);
    else if (str_eq(name, STR("remove")))
        related_remove(s->cx, r->row, r->name, values);
    else
        related_clear(s->cx, r->row, r->name);
    return value_null();
}

static void **rows_of(Shell *s, Value list, const Model *m, const char *what, size_t *n)
{
    const List *of = shell_elements(s, list);
    void **rows = NEW_ARRAY(s->cx->arena, void *, of->n + 1);
    for (size_t i = 0; i < of->n; i++) {
        if (!is_a(of->p[i], &row_class) || row_model(of->p[i].object) != m)
            RAISE(s->cx, 500, "type_error", "%s takes instances of %s.", what, m->name);
        rows[i] = (void *)of->p[i].object;
    }
    *n = of->n;
    return rows;
}

static const char *const *field_list(Shell *s, Value v)
{
    if (v.tag == VALUE_NULL)
        return NULL;
    const List *list = shell_elements(s, v);
    return shell_names(s, (Args){ .p = list->p, .n = list->n }, "a list of fields");
}

static int batch_of(Shell *s, Args args, size_t at)
{
    Value v = shell_argument(args, at, "batch_size", value_null());
    if (v.tag != VALUE_NULL && (v.tag != VALUE_INT || v.i <= 0 || v.i > INT32_MAX))
        RAISE(s->cx, 500, "value_error", "Batch size must be a positive integer.");
    return v.tag == VALUE_INT ? (int)v.i : 0;
}

static Value bulk_create(Shell *s, QuerySet *q, Args args)
{
    size_t n;
    Value list = shell_argument(args, 0, "objs", value_null()), no = value_bool(false);
    void **rows = rows_of(s, list, queryset_model(q), "bulk_create()", &n);
    BulkCreate options = { .batch_size = batch_of(s, args, 1),
                           .ignore_conflicts = shell_truth(s, shell_argument(args, 2, "ignore_conflicts", no)),
                           .update_conflicts = shell_truth(s, shell_argument(args, 3, "update_conflicts", no)),
                           .update_fields = field_list(s, shell_argument(args, 4, "update_fields", value_null())),
                           .unique_fields = field_list(s, shell_argument(args, 5, "unique_fields", value_null())),
                           .using = q->alias };
    for (size_t i = 0; i < n && !q->info->base; i++)
        shell_check_nulls(s, rows[i]);
    model_bulk_create(s->cx, queryset_model(q), rows, n, &options);
    return value_list(shell_elements(s, list));
}

static bool pending_value(void *arg, const void *row, const Field *f, Value *out)
{
    const Expr *e = shell_pending(arg, row, f);
    if (e)
        *out = value_object(e, &expr_class);
    return e != NULL;
}

static Value bulk_update(Shell *s, QuerySet *q, Args args)
{
    size_t n;
    void **rows = rows_of(s, shell_argument(args, 0, "objs", value_null()), queryset_model(q), "bulk_update()", &n);
    const char *const *fields = field_list(s, shell_argument(args, 1, "fields", value_null()));
    BulkUpdate options = { .batch_size = batch_of(s, args, 2), .value = pending_value, .arg = s };
    if (!fields || !fields[0])
        RAISE(s->cx, 500, "value_error", "Field names must be given to bulk_update().");
    return value_int((int64_t)queryset_bulk_update(q, rows, n, fields, &options));
}

#define IS(text) str_eq(name, STR(text))
/* (how many rows, {"app.Model": how many of it}) */
static Value deleted(Shell *s, QuerySet *q)
{
    Map *counts = NULL;
    check_not_combined(q, "delete");
    if (q->ndistinct_on)
        RAISE(s->cx, 500, "type_error", "Cannot call delete() after .distinct(*fields).");
    size_t n = queryset_delete_with(q, &(DeleteOptions){ .counts = &counts });
    return shell_tuple(s, 2, (Value[]){ value_int((int64_t)n), value_map(counts ? counts : map_new(s->cx->arena)) });
}

bool shell_write(Shell *s, QuerySet *q, const RelatedManager *related, Str name, Args args, Value *out)
{
    if (related && (IS("add") || IS("remove") || IS("set") || IS("clear")))
        *out = change_links(s, related, name, args);
    else if (IS("update"))
        *out = value_int((int64_t)queryset_update(q, shell_named(s, args, NULL)));
    else if (IS("delete"))
        *out = deleted(s, q);
    else if (IS("create"))
        *out = value_object(created(s, q, related, args), &row_class);
    else if (IS("get_or_create") || IS("update_or_create"))
        *out = get_or_create(s, q, related, args, name.p[0] == 'u');
    else if (IS("bulk_create"))
        *out = bulk_create(s, q, args);
    else if (IS("bulk_update"))
        *out = bulk_update(s, q, args);
    else
        return false;
    return true;
}
#undef IS
