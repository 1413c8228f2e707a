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

const Filtered *filtered_find(const QuerySet *q, Str name)
{
    for (size_t i = 0; i < q->nfiltered; i++)
        if (str_eq(q->filtered[i].name, name))
            return &q->filtered[i];
    return NULL;
}

const Named *annotations_shown(const QuerySet *q, size_t *n)
{
    size_t hidden = 0;
    for (size_t i = 0; i < q->nannotations; i++)
        hidden += q->annotations[i].hidden;
    *n = q->nannotations - hidden;
    if (!hidden)
        return q->annotations;
    Named *shown = NEW_ARRAY(q->cx->arena, Named, *n + 1);
    for (size_t i = 0, k = 0; i < q->nannotations; i++)
        if (!q->annotations[i].hidden)
            shown[k++] = q->annotations[i];
    return shown;
}

/* With `more` behind them, whatever their names are: rows of values_list may have one twice. */
static const Named *listed(Context *cx, const Named *old, size_t *n, Named more)
{
    Named *all = NEW_ARRAY(cx->arena, Named, *n + 1);
    if (*n)
        memcpy(all, old, *n * sizeof *all);
    all[(*n)++] = more;
    return all;
}

/* With `more`, in place of what had its name. */
static const Named *appended(Context *cx, const Named *old, size_t *n, Named more)
{
    Named *all = NEW_ARRAY(cx->arena, Named, *n + 1);
    if (*n)
        memcpy(all, old, *n * sizeof *all);
    for (size_t i = 0; i < *n; i++)
        if (str_eq(all[i].name, more.name)) {
            all[i] = more;
            return all;
        }
    all[(*n)++] = more;
    return all;
}

/* --- annotations */

static void check_name(const QuerySet *q, Str name)
{
    const FieldInfo *field;
    bool conflict = q->mode == MODE_ROWS && (info_field(q->info, name) || names_reverse(q->info, name, &field)) &&
                    !str_eq(name, STR("pk"));
    conflict |= q->mode == MODE_ROWS && names_between(q->info, name);
    for (size_t i = 0; i < q->nselected; i++)
        conflict |= str_eq(q->selected[i].name, name) && !annotation_find(q, name);
    if (conflict)
        RAISE(q->cx, 500, "value_error", "The annotation '%.*s' conflicts with a field on the model.", STR_FMT(name));
    bool bad =
        !name.n || str_contains(name, STR("--")) || str_contains(name, STR("/*")) || str_contains(name, STR("*/"));
    for (size_t i = 0; i < name.n; i++)
        bad |= (unsigned char)name.p[i] <= ' ' || str_find_byte(STR("'`\"];[#%"), name.p[i]) != STR_NPOS;
    if (bad)
        RAISE(q->cx, 500, "value_error",
              "Column aliases cannot contain whitespace characters, hashes, quotation marks, semicolons, percent "
              "signs, or SQL comments.");
}

/* The conditions of a FilteredRelation without the relation's name before each. */
static const Pred *without_prefix(Context *cx, const Pred *preds, size_t n, Str relation, Str name, unsigned depth)
{
    Pred *out = NEW_ARRAY(cx->arena, Pred, n + 1);
    if (depth > QUERY_MAX_DEPTH)
        RAISE(cx, 500, "field_error", "Conditions are nested deeper than %d.", QUERY_MAX_DEPTH);
    for (size_t i = 0; i < n; i++) {
        out[i] = preds[i];
        if (preds[i].connector) {
            out[i].children = without_prefix(cx, preds[i].children, preds[i].nchildren, relation, name, depth + 1);
            continue;
        }
        Str text = str_c(preds[i].path ? preds[i].path : preds[i].lookup);
        Str rest = str_starts(text, relation) ? str_from_byte(text, relation.n) : (Str){ 0 };
        if (!str_starts(rest, STR("__")) && !str_starts(rest, STR("->")))
            RAISE(cx, 500, "value_error",
                  "FilteredRelation's condition doesn't support relations outside the '%.*s' (got '%.*s').",
                  STR_FMT(name), STR_FMT(text));
        const char *shorter = str_dup_c(cx->arena, str_from_byte(rest, 2));
        if (preds[i].path)
            out[i].path = shorter;
        else
            out[i].lookup = shorter;
    }
    out[n] = (Pred){ .path = NULL };
    return out;
}

static void add_filtered(QuerySet *q, Str name, const Expr *e)
{
    Context *cx = q->cx;
    Str relation = str_copy(cx->arena, str_c(e->name));
    Names way;
    names_resolve(cx, q->info, relation, &way);
    if (!way.asked || way.rest.p)
        RAISE(cx, 500, "value_error", "FilteredRelation's relation_name cannot contain lookups (got '%.*s').",
              STR_FMT(relation));
    const ModelInfo *to = names_end_ahead(&way) ? way.field->to : way.field->model;
    size_t n = 0;
    while (e->where && (e->where[n].path || e->where[n].lookup || e->where[n].connector))
        n++;
    if (!n)
        RAISE(cx, 500, "value_error", "FilteredRelation needs a condition.");
    QuerySet *on = queryset_filter(queryset_bare(cx, to), without_prefix(cx, e->where, n, relation, relation, 0));
    Filtered *all = NEW_ARRAY(cx->arena, Filtered, q->nfiltered + 1);
    if (q->nfiltered)
        memcpy(all, q->filtered, q->nfiltered * sizeof *all);
    all[q->nfiltered] = (Filtered){ name, relation, on, to };
    q->filtered = all;
    q->nfiltered++;
}

/* What values() selected, and what was annotated by other things than aggregates, is what the groups have in common. */
static void group_by_selected(QuerySet *q)
{
    const Node **group = NEW_ARRAY(q->cx->arena, const Node *, q->nselected + 1);
    for (size_t i = 0; i < q->nselected; i++)
        group[i] = q->selected[i].node;
    q->group = group;
    q->ngroup = q->nselected;
    q->grouping = GROUP_BY_NODES;
}

static QuerySet *annotated(QuerySet *q, const NamedExpr *exprs, bool hidden)
{
    Context *cx = q->cx;
    QuerySet *copy = queryset_copy(q);
    bool aggregates = false;
    check_not_combined(q, hidden ? "alias" : "annotate");
    for (; exprs->name; exprs++) {
        Str name = str_copy(cx->arena, str_c(exprs->name));
        check_name(copy, name);
        Value v = exprs->value.box ? exprs->value.box(cx->arena, exprs->value.at) : value_null();
        const Expr *e = expr_of(v);
        if (e && e->kind == EXPR_FILTERED) {
            add_filtered(copy, name, e);
            continue;
        }
        Resolving r = { .q = copy };
        Named named = { name, boxed_resolve(&r, &exprs->value, true, NULL), hidden };
        if (!hidden)
            (void)node_type(cx, named.node);
        if (!hidden && named.node->kind == NODE_VALUE && named.node->value.tag == VALUE_NULL && !named.node->out)
            RAISE(cx, 500, "output_field_is_none_error", "Cannot resolve expression type, unknown output_field");
        aggregates |= named.node->aggregate;
        copy->annotations = appended(cx, copy->annotations, &copy->nannotations, named);
        if (copy->mode != MODE_ROWS && !hidden)
            copy->selected = appended(cx, copy->selected, &copy->nselected, named);
    }
    if (aggregates && copy->mode == MODE_ROWS)
        copy->grouping = GROUP_BY_KEY;
    else if (aggregates)
        group_by_selected(copy);
    return copy;
}

QuerySet *queryset_annotate(QuerySet *q, const NamedExpr *exprs) { return annotated(q, exprs, false); }
QuerySet *queryset_alias(QuerySet *q, const NamedExpr *exprs) { return annotated(q, exprs, true); }

/* --- values */

static Named selected_name(QuerySet *q, Str name)
{
    for (size_t i = 0; i < q->nannotations; i++)
        if (q->annotations[i].hidden && str_eq(q->annotations[i].name, name))
            RAISE(q->cx, 500, "field_error", "Cannot select the '%.*s' alias. Use annotate() to promote it.",
                  STR_FMT(name));
    Resolving r = { .q = q };
    return (Named){ name, name_resolve(&r, name), false };
}

static void select_all(QuerySet *q)
{
    Context *cx = q->cx;
    size_t n;
    for (size_t i = 0; i < row_columns(q->info); i++)
        q->selected = appended(cx, q->selected, &q->nselected, selected_name(q, row_column(q->info, i)->attname));
    const Named *shown = annotations_shown(q, &n);
    for (size_t i = 0; i < n; i++)
        q->selected = appended(cx, q->selected, &q->nselected, shown[i]);
}

/* Terms without a name of their own get one, as Django gives it: "upper1". */
static Str name_of_term(QuerySet *q, const Expr *e, size_t at)
{
    Str base = e->name ? str_lower(q->cx->arena, str_c(e->name)) : STR("expression");
    return str_format(q->cx->arena, "%.*s%zu", STR_FMT(base), at + 1);
}

/* A union selects the same of each of its parts. */
static void select_in_parts(QuerySet *q, Values terms)
{
    const QuerySet **parts = NEW_ARRAY(q->cx->arena, const QuerySet *, q->nparts);
    for (size_t i = 0; i < q->nparts; i++) {
        const QuerySet *part = q->parts[i];
        parts[i] = part->mode == MODE_ROWS && terms.n
                       ? queryset_values_terms((QuerySet *)part, terms, NULL, VALUES_AS_LISTS)
                       : part;
    }
    q->parts = parts;
}

QuerySet *queryset_values_terms(QuerySet *q, Values terms, const NamedExpr *exprs, ValuesShape shape)
{
    static const QueryMode modes[] = { MODE_MAPS, MODE_LISTS, MODE_LISTS, MODE_FLAT };
    Context *cx = q->cx;
    size_t nexprs = 0;
    while (exprs && exprs[nexprs].name)
        nexprs++;
    if (shape == VALUES_AS_FLAT && terms.n + nexprs > 1)
        RAISE(cx, 500, "type_error", "'flat' is not valid when values_list is called with more than one field.");
    QuerySet *copy = nexprs ? queryset_annotate(q, exprs) : queryset_copy(q);
    copy->mode = modes[shape];
    copy->named = shape == VALUES_AS_NAMED;
    copy->selected = NULL;
    copy->nselected = 0;
    copy->nrelated = 0;
    copy->related_all = false;
    copy->deferring = (Deferring){ .n = 0 };
    const Named *own = copy->annotations;
    size_t nown = copy->nannotations, unnamed = 0;
    if (q->combinator) { /* the names are those of its parts */
        copy->annotations = q->parts[0]->annotations;
        copy->nannotations = q->parts[0]->nannotations;
    }
    for (size_t i = 0; i < terms.n; i++) {
        Value v = terms.p[i].box(cx->arena, terms.p[i].at);
        const Expr *e = expr_of(v);
        if (e) {
            const char *name = str_dup_c(cx->arena, name_of_term(copy, e, unnamed++));
            QuerySet *more = queryset_annotate(copy, (const NamedExpr[]){ { name, terms.p[i] }, { .name = NULL } });
            *copy = *more;
            continue;
        }
        if (!value_is_text(v))
            RAISE(cx, 500, "type_error", "values() takes names and expressions, not a %s.", value_type_name(v));
        Named one = selected_name(copy, str_copy(cx->arena, v.s));
        copy->selected = shape == VALUES_AS_LISTS && !q->combinator
                             ? listed(cx, copy->selected, &copy->nselected, one)
                             : appended(cx, copy->selected, &copy->nselected, one);
    }
    for (size_t i = 0; i < nexprs; i++)
        copy->selected = appended(cx, copy->selected, &copy->nselected,
                                  selected_name(copy, str_copy(cx->arena, str_c(exprs[i].name))));
    if (!terms.n && !nexprs)
        select_all(copy);
    if (shape == VALUES_AS_FLAT && copy->nselected > 1)
        copy->nselected = 1;
    for (size_t i = 0; i < copy->nselected; i++)
        (void)node_type(cx, copy->selected[i].node);
    if (q->combinator) {
        copy->annotations = own;
        copy->nannotations = nown;
        select_in_parts(copy, terms);
    }
    return copy;
}

static QuerySet *selecting(QuerySet *q, const char *const *names, ValuesShape shape)
{
    size_t n = 0;
    while (names && names[n])
        n++;
    Boxed *terms = NEW_ARRAY(q->cx->arena, Boxed, n + 1);
    for (size_t i = 0; i < n; i++)
        terms[i] = (Boxed){ box_c, &names[i] };
    return queryset_values_terms(q, (Values){ terms, n }, NULL, shape);
}

QuerySet *queryset_values(QuerySet *q, const char *const *names) { return selecting(q, names, VALUES_AS_MAPS); }

QuerySet *queryset_values_list(QuerySet *q, const char *const *names, bool flat)
{
    return selecting(q, names, flat ? VALUES_AS_FLAT : VALUES_AS_LISTS);
}

Str queryset_value_name(const QuerySet *q, size_t i) { return i < q->nselected ? q->selected[i].name : (Str){ 0 }; }
bool queryset_is_named(const QuerySet *q) { return q->named; }

QuerySet *queryset_distinct(QuerySet *q)
{
    if (q->sliced)
        RAISE(q->cx, 500, "type_error", "Cannot create distinct fields once a slice has been taken.");
    check_not_combined(q, "distinct");
    QuerySet *copy = queryset_copy(q);
    copy->distinct = true;
    return copy;
}

QuerySet *queryset_distinct_on(QuerySet *q, const char *const *names)
{
    QuerySet *copy = queryset_distinct(q);
    size_t n = 0;
    while (names && names[n])
        n++;
    Str *all = NEW_ARRAY(q->cx->arena, Str, n + 1);
    for (size_t i = 0; i < n; i++) {
        all[i] = str_copy(q->cx->arena, str_c(names[i]));
        Resolving r = { .q = queryset_copy(copy) };
        (void)name_resolve(&r, all[i]);
    }
    copy->distinct_on = all;
    copy->ndistinct_on = n;
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
    bool over = q->sliced || q->distinct || q->grouping != GROUP_NOT || q->combinator || (q->where && q->where->window);
    for (size_t i = 0; i < q->nannotations; i++)
        over |= q->annotations[i].node->window;
    if (q->combinator) { /* names are those of its parts */
        copy = queryset_copy(q->parts[0]);
        copy->parts = q->parts;
        copy->nparts = q->nparts;
        copy->combinator = q->combinator;
        copy->union_all = q->union_all;
        copy->order = q->order, copy->norder = q->norder, copy->ordered = q->ordered, copy->reversed = q->reversed;
        copy->from = q->from, copy->to = q->to, copy->sliced = q->sliced;
        copy->none = q->none;
    }
    if (q->distinct && q->ndistinct_on)
        RAISE(cx, 500, "not_implemented_error", "aggregate() + distinct(fields) not implemented.");
    const Named *nodes = NULL, *annotations = copy->annotations;
    size_t n = 0, nannotations = copy->nannotations;
    for (; exprs->name; exprs++) {
        Resolving r = { .q = copy, .summarizes = over };
        const Node *node = boxed_resolve(&r, &exprs->value, true, NULL);
        if (!node->aggregate)
            RAISE(cx, 500, "type_error", "%s is not an aggregate expression", exprs->name);
        (void)node_type(cx, node);
        const Named named = { str_copy(cx->arena, str_c(exprs->name)), node, false };
        nodes = appended(cx, nodes, &n, named);
        if (!over && !info_field(q->info, named.name)) /* those behind it may name it; a column's name is the column */
            copy->annotations = appended(cx, copy->annotations, &copy->nannotations, named);
    }
    copy->annotations = annotations;
    copy->nannotations = nannotations;
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
    return (Named){ field->quoted, node, false };
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

/* The keys, where the conditions do nothing but name one; else NULL. */
static List *keys_named(const QuerySet *q)
{
    const Node *n = q->where;
    while (n && n->kind == NODE_AND && n->n == 1)
        n = n->args[0];
    bool named = n && n->kind == NODE_COMPARE && n->op == OP_EQ && !n->query && n->args[0]->kind == NODE_COLUMN &&
                 n->args[0]->join == 0 && n->args[0]->field == q->info->pk && n->args[1]->kind == NODE_VALUE;
    if (!named || q->njoins > 1 || q->combinator || q->none)
        return NULL;
    List *keys = list_new(q->cx->arena);
    list_push(q->cx->arena, keys, n->args[1]->value);
    return keys;
}

/* Of a model that inherits: the keys are read first, unless they are known, then each table is updated. */
static size_t update_bases(QuerySet *q, const NamedExpr *set, size_t n)
{
    enum { KEYS_MAX = 500 };
    Context *cx = q->cx;
    size_t total = 0;
    ATOMIC(cx, .using = q->alias)
    {
        const List *named = keys_named(q),
                   *keys = named ? named : queryset_list(queryset_order_by(VALUES_FLAT(q, "pk"), ORDER("pk")));
        if (!named) { /* a row that the conditions meet twice is one row */
            List *once = list_new(cx->arena);
            for (size_t i = 0; i < keys->n; i++)
                if (!i || !value_eq(keys->p[i], once->p[once->n - 1]))
                    list_push(cx->arena, once, keys->p[i]);
            keys = once;
        }
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
                size_t changed = update_table(FILTER(rows, LOOKUP("pk__in", some)), own);
                if (named)
                    total = changed;
            }
        }
    }
    return total;
}

/* What is no column: a relation to many rows, or nothing that the model knows. */
static CLEF_COLD CLEF_NORETURN void not_updatable(const QuerySet *q, Str name)
{
    const FieldInfo *between = names_between(q->info, name), *reverse = NULL;
    if (between)
        RAISE(q->cx, 500, "field_error",
              "Cannot update model field <django.db.models.fields.related.ManyToManyField: %.*s> (only concrete fields "
              "are permitted).",
              STR_FMT(name));
    if (names_reverse(q->info, name, &reverse))
        RAISE(q->cx, 500, "field_error",
              "Cannot update model field <%s: %.*s.%.*s> (only concrete fields are permitted).",
              reverse->f->kind == FIELD_MANY_TO_MANY ? "ManyToManyRel"
              : reverse->f->kind == FIELD_ONE_TO_ONE ? "OneToOneRel"
                                                     : "ManyToOneRel",
              STR_FMT(reverse->model->label), STR_FMT(reverse->model->lower));
    names_no_field(q->cx, q->info, name);
}

size_t queryset_update(QuerySet *q, const NamedExpr *set)
{
    Context *cx = q->cx;
    bool inherited = false;
    size_t n = 0;
    check_not_combined(q, "update");
    if (q->sliced)
        RAISE(cx, 500, "type_error", "Cannot update a query once a slice has been taken.");
    for (; set[n].name; n++) {
        const FieldInfo *field = info_field(q->info, str_c(set[n].name));
        if (field && str_eq(str_c(set[n].name), STR("pk")) && !str_eq(field->name, STR("pk")))
            field = NULL; /* it is no field's name */
        if (!field)
            not_updatable(q, str_c(set[n].name));
        if (field->kind == FIELD_COMPOSITE)
            RAISE(cx, 500, "field_error", "Composite primary key fields must be updated individually.");
        inherited |= field->model->concrete != q->info->concrete;
    }
    return inherited ? update_bases(q, set, n) : update_table(q, set);
}
