/* annotate.c: querysets that compute: annotations, values, aggregates, and UPDATE. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/map.h>

const Node *annotation_find(const QuerySet *q, Str name)
{
    for (size_t i = 0; i < q->nannotations; i++)
        if (str_eq(q->annotations[i].name, name))
            return q->annotations[i].node;
    return NULL;
}

static const Named *appended(Context *cx, const Named *old, size_t *n, Named more)
{
    Named *all = NEW_ARRAY(cx->arena, Named, *n + 1);
    if (*n)
        memcpy(all, old, *n * sizeof *all);
    all[(*n)++] = more;
    return all;
}

/* --- annotations */

static void check_name(const QuerySet *q, Str name)
{
    const FieldInfo *field;
    if (info_field(q->info, name) || names_reverse(q->info, name, &field))
        RAISE(q->cx, 500, "value_error", "The annotation '%.*s' conflicts with a field on the model.", STR_FMT(name));
    if (!name.n || str_contains(name, STR(" ")) || str_contains(name, STR("__")))
        RAISE(q->cx, 500, "value_error", "'%.*s' cannot be the name of an annotation.", STR_FMT(name));
}

QuerySet *queryset_annotate(QuerySet *q, const NamedExpr *exprs)
{
    Context *cx = q->cx;
    QuerySet *copy = queryset_copy(q);
    if (q->sliced)
        RAISE(cx, 500, "type_error", "Cannot annotate a query once a slice has been taken.");
    for (; exprs->name; exprs++) {
        Str name = str_copy(cx->arena, str_c(exprs->name));
        if (q->mode == MODE_ROWS)
            check_name(q, name);
        Resolving r = { .q = copy };
        Named named = { name, boxed_resolve(&r, &exprs->value, true, NULL) };
        if (named.node->aggregate && copy->grouping == GROUP_NOT) {
            copy->grouping = copy->mode == MODE_ROWS ? GROUP_BY_KEY : GROUP_BY_NODES;
            if (copy->mode != MODE_ROWS) {
                const Node **group = NEW_ARRAY(cx->arena, const Node *, copy->nselected + 1);
                for (size_t i = 0; i < copy->nselected; i++)
                    group[i] = copy->selected[i].node;
                copy->group = group;
                copy->ngroup = copy->nselected;
            }
        }
        copy->annotations = appended(cx, copy->annotations, &copy->nannotations, named);
        if (copy->mode != MODE_ROWS)
            copy->selected = appended(cx, copy->selected, &copy->nselected, named);
    }
    return copy;
}

/* --- values */

static QuerySet *selecting(QuerySet *q, const char *const *names, QueryMode mode)
{
    Context *cx = q->cx;
    QuerySet *copy = queryset_copy(q);
    copy->mode = mode;
    copy->selected = NULL;
    copy->nselected = 0;
    Resolving r = { .q = copy };
    for (size_t i = 0; names && names[i]; i++) {
        Str name = str_copy(cx->arena, str_c(names[i]));
        copy->selected = appended(cx, copy->selected, &copy->nselected, (Named){ name, name_resolve(&r, name) });
    }
    if (names && names[0])
        return copy;
    for (size_t i = 0; i < q->info->nall; i++) {
        Str name = q->info->all[i]->attname;
        copy->selected = appended(cx, copy->selected, &copy->nselected, (Named){ name, name_resolve(&r, name) });
    }
    for (size_t i = 0; i < q->nannotations; i++)
        copy->selected = appended(cx, copy->selected, &copy->nselected, q->annotations[i]);
    return copy;
}

QuerySet *queryset_values(QuerySet *q, const char *const *names) { return selecting(q, names, MODE_MAPS); }

QuerySet *queryset_values_list(QuerySet *q, const char *const *names, bool flat)
{
    if (flat && names && names[0] && names[1])
        RAISE(q->cx, 500, "type_error", "'flat' is not valid when values_list is called with more than one field.");
    return selecting(q, names, flat ? MODE_FLAT : MODE_LISTS);
}

QuerySet *queryset_distinct(QuerySet *q)
{
    if (q->sliced)
        RAISE(q->cx, 500, "type_error", "Cannot create distinct fields once a slice has been taken.");
    QuerySet *copy = queryset_copy(q);
    copy->distinct = true;
    return copy;
}

/* --- aggregates over all rows */

/* What an aggregate gives when there is nothing to ask. */
static Value of_nothing(const Node *n)
{
    if (n->kind == NODE_AGGREGATE)
        return *n->fn->name == 'C' ? value_int(0) : value_null();
    for (size_t i = 0; n->fn && str_eq(str_c(n->fn->name), STR("Coalesce")) && i < n->n; i++) {
        Value v = n->args[i]->kind == NODE_VALUE ? n->args[i]->value : of_nothing(n->args[i]);
        if (v.tag != VALUE_NULL)
            return v;
    }
    return value_null();
}

Map *queryset_aggregate(QuerySet *q, const NamedExpr *exprs)
{
    Context *cx = q->cx;
    Map *out = map_new(cx->arena);
    QuerySet *copy = queryset_copy(q);
    bool over = q->sliced || q->distinct || q->grouping != GROUP_NOT;
    const Named *nodes = NULL;
    size_t n = 0;
    for (; exprs->name; exprs++) {
        Resolving r = { .q = copy, .summarizes = over };
        const Node *node = boxed_resolve(&r, &exprs->value, true, NULL);
        if (!node->aggregate)
            RAISE(cx, 500, "type_error", "%s is not an aggregate expression", exprs->name);
        nodes = appended(cx, nodes, &n, (Named){ str_copy(cx->arena, str_c(exprs->name)), node });
    }
    if (!n)
        return out;
    Sql sql = queryset_compile_nodes(copy, nodes, n, over);
    List *rows = values_read(copy, &sql, nodes, n, MODE_MAPS);
    if (rows->n)
        return rows->p[0].map;
    for (size_t i = 0; i < n; i++)
        map_set(out, nodes[i].name, of_nothing(nodes[i].node));
    return out;
}

/* --- UPDATE */

static bool reads_other_tables(const Node *n)
{
    if (n->kind == NODE_COLUMN && n->join)
        return true;
    for (size_t i = 0; i < n->n; i++)
        if (reads_other_tables(n->args[i]))
            return true;
    return false;
}

/* One column that is set, in the terms of the table that it belongs to. */
static Named resolve_set(QuerySet *copy, const FieldInfo *field, const NamedExpr *set)
{
    Context *cx = copy->cx;
    Resolving r = { .q = copy };
    Value v = set->value.box ? set->value.box(cx->arena, set->value.at) : value_null();
    const Node *node;
    if (v.tag == VALUE_OBJECT && v.cls == &row_class)
        node = node_value(cx, value_for_field(cx, field, v), field);
    else
        node = boxed_resolve(&r, &set->value, false, field);
    if (node->aggregate)
        RAISE(cx, 500, "field_error", "Aggregate functions are not allowed in this query (%s).", set->name);
    if (reads_other_tables(node))
        RAISE(cx, 500, "field_error", "Joined field references are not permitted in this query");
    return (Named){ field->quoted, node };
}

static size_t update_table(QuerySet *q, const NamedExpr *set)
{
    QuerySet *copy = queryset_copy(q);
    const Named *nodes = NULL;
    size_t n = 0;
    for (; set->name; set++)
        nodes = appended(q->cx, nodes, &n, resolve_set(copy, info_field(q->info, str_c(set->name)), set));
    if (!n)
        return 0;
    Sql sql = queryset_compile_update(copy, nodes, n);
    if (sql.empty)
        return 0;
    return (size_t)work_execute(q->cx, q->alias, q->info, sql.text, sql.params, sql.nparams).changes;
}

/* Of a model that inherits: the keys are read first, then each table is updated. */
static size_t update_bases(QuerySet *q, const NamedExpr *set, size_t n)
{
    enum { KEYS_MAX = 500 };
    Context *cx = q->cx;
    size_t total = 0;
    ATOMIC(cx, .using = q->alias)
    {
        List *keys = queryset_list(queryset_order_by(VALUES_FLAT(q, "pk"), NULL));
        total = keys->n;
        for (const ModelInfo *table = q->info; table; table = table->base) {
            NamedExpr *own = NEW_ARRAY(cx->arena, NamedExpr, n + 1);
            size_t nown = 0;
            for (size_t i = 0; i < n; i++)
                if (info_field(q->info, str_c(set[i].name))->model->concrete == table->concrete)
                    own[nown++] = set[i];
            for (size_t at = 0; nown && at < keys->n; at += KEYS_MAX) {
                List *some = list_new(cx->arena);
                for (size_t i = at; i < keys->n && i < at + KEYS_MAX; i++)
                    list_push(cx->arena, some, keys->p[i]);
                QuerySet *rows = queryset_using(queryset_bare(cx, table), q->alias);
                (void)update_table(FILTER(rows, LOOKUP("pk__in", some)), own);
            }
        }
    }
    return total;
}

size_t queryset_update(QuerySet *q, const NamedExpr *set)
{
    Context *cx = q->cx;
    bool inherited = false;
    size_t n = 0;
    if (q->sliced)
        RAISE(cx, 500, "type_error", "Cannot update a query once a slice has been taken.");
    if (q->mode != MODE_ROWS)
        RAISE(cx, 500, "type_error", "Cannot call update() after .values() or .values_list()");
    for (; set[n].name; n++) {
        const FieldInfo *field = info_field(q->info, str_c(set[n].name));
        if (!field)
            names_unknown(cx, q->info, str_c(set[n].name), NULL);
        inherited |= field->model->concrete != q->info->concrete;
    }
    return inherited ? update_bases(q, set, n) : update_table(q, set);
}
