/* shortcuts.c: questions that are made of others: get_or_create, in_bulk, dates, earliest and latest, contains. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/map.h>
#include <clef/base/vec.h>
#include <clef/orm/row.h>
#include <clef/orm/transaction.h>

/* --- get_or_create */

static size_t count_exprs(const NamedExpr *exprs)
{
    size_t n = 0;
    while (exprs && exprs[n].name)
        n++;
    return n;
}

static const Pred *conditions_of(Context *cx, const NamedExpr *exprs)
{
    size_t n = count_exprs(exprs);
    Pred *preds = NEW_ARRAY(cx->arena, Pred, n + 1);
    for (size_t i = 0; i < n; i++)
        preds[i] = (Pred){ .lookup = exprs[i].name, .value = exprs[i].value };
    preds[n] = (Pred){ .path = NULL };
    return preds;
}

static Value value_in(Context *cx, const Boxed *b) { return b->box ? b->box(cx->arena, b->at) : value_null(); }

void row_assign(Context *cx, const ModelInfo *info, void *row, const NamedExpr *e)
{
    const FieldInfo *field = info_field(info, str_c(e->name));
    if (!field)
        RAISE(cx, 500, "field_error", "Invalid field name(s) for model %s: '%s'.", info->m->name, e->name);
    Value v = value_in(cx, &e->value);
    if (field->to && field_has_pointer(field->f))
        *(void **)((char *)row + field->f->to_offset) =
            v.tag == VALUE_OBJECT && v.cls == &row_class ? (void *)v.object : NULL;
    v = value_copy(cx->arena, value_for_field(cx, field, v));
    if (!member_store(cx->arena, field->f, field->stored, row, &v, false))
        RAISE(cx, 500, "value_error", "%s.%s cannot hold a %s.", info->m->name, e->name, value_type_name(v));
}

/* Lookups with a transform or an operator find a row, and say nothing of a new one. */
static void assign_lookups(Context *cx, const ModelInfo *info, void *row, const NamedExpr *lookups)
{
    for (; lookups && lookups->name; lookups++)
        if (!str_contains(str_c(lookups->name), STR("__")))
            row_assign(cx, info, row, lookups);
}

static void *find_row(QuerySet *q, const Pred *conditions)
{
    QuerySet *found = queryset_slice(queryset_unordered(queryset_filter(q, conditions)), 0, QUERY_MAX_GET);
    size_t n = queryset_length(found);
    if (n > 1)
        RAISE(q->cx, 500, "multiple_objects_returned", "get() returned more than one %s -- it returned %s%zu!",
              q->info->m->name, n >= QUERY_MAX_GET ? "more than " : "", n >= QUERY_MAX_GET ? n - 1 : n);
    return n ? result_at(found->result, 0) : NULL;
}

typedef struct Creating {
    QuerySet *q;
    const NamedExpr *lookups, *defaults;
    void *row;
} Creating;

static void create(Context *cx, void *arg)
{
    Creating *c = arg;
    ATOMIC(cx, .using = c->q->alias)
    {
        void *row = model_new(cx, c->q->info->m);
        assign_lookups(cx, c->q->info, row, c->lookups);
        for (const NamedExpr *e = c->defaults; e && e->name; e++)
            row_assign(cx, c->q->info, row, e);
        SaveOptions o = { .force_insert = true, .using = c->q->alias };
        model_save(cx, c->q->info->m, row, &o);
        c->row = row;
    }
}

/* Creates the row; when another has done so meanwhile, that one is found. */
static void *create_or_find(QuerySet *q, const NamedExpr *lookups, const NamedExpr *defaults, const Pred *conditions,
                            bool *created)
{
    Creating c = { q, lookups, defaults, NULL };
    const Error *e = attempt(q->cx, create, &c);
    *created = !e;
    if (!e)
        return c.row;
    Error again = *e;
    void *row = str_eq(str_c(e->code), STR("integrity_error")) ? find_row(q, conditions) : NULL;
    if (!row)
        context_raise_error(q->cx, &again);
    return row;
}

void *queryset_get_or_create(QuerySet *q, const NamedExpr *lookups, const NamedExpr *defaults, bool *created)
{
    bool dummy;
    const Pred *conditions = conditions_of(q->cx, lookups);
    void *row = find_row(q, conditions);
    created = created ? created : &dummy;
    *created = false;
    return row ? row : create_or_find(q, lookups, defaults, conditions, created);
}

void *queryset_update_or_create(QuerySet *q, const NamedExpr *lookups, const NamedExpr *defaults,
                                const NamedExpr *create_defaults, bool *created)
{
    Context *cx = q->cx;
    const Pred *conditions = conditions_of(cx, lookups);
    bool dummy;
    void *row = NULL;
    created = created ? created : &dummy;
    *created = false;
    ATOMIC(cx, .using = q->alias)
    {
        row = find_row(queryset_select_for_update(q, NULL), conditions);
        if (!row) {
            row = create_or_find(q, lookups, create_defaults ? create_defaults : defaults, conditions, created);
        }
        if (!*created && count_exprs(defaults)) {
            size_t n = count_exprs(defaults);
            const char **names = NEW_ARRAY(cx->arena, const char *, n + row_columns(q->info) + 1);
            size_t named = 0;
            for (size_t i = 0; i < n; i++) {
                row_assign(cx, q->info, row, &defaults[i]);
                names[named++] = info_field(q->info, str_c(defaults[i].name))->f->name;
            }
            for (size_t i = 0; i < row_columns(q->info); i++)
                if (row_column(q->info, i)->f->auto_now)
                    names[named++] = row_column(q->info, i)->f->name;
            SaveOptions o = { .update_fields = names, .using = q->alias };
            model_save(cx, q->info->m, row, &o);
        } else if (!*created) {
            SaveOptions o = { .using = q->alias };
            model_save(cx, q->info->m, row, &o);
        }
    }
    return row;
}

/* --- in_bulk */

static bool is_unique(const ModelInfo *info, const FieldInfo *field)
{
    if (field == info->pk || field->f->unique || field->f->primary_key || field->f->kind == FIELD_ONE_TO_ONE)
        return true;
    for (size_t i = 0; i < info->meta->nconstraints; i++) {
        const Constraint *c = &info->meta->constraints[i];
        if (c->unique && c->unique[0] && !c->unique[1] && !c->check && info_field(info, str_c(c->unique[0])) == field)
            return true;
    }
    return false;
}

List *queryset_in_bulk(QuerySet *q, const List *keys, const char *field_name)
{
    Context *cx = q->cx;
    const char *name = field_name ? field_name : "pk";
    List *out = list_new(cx->arena);
    if (q->sliced)
        RAISE(cx, 500, "type_error", "Cannot use 'limit' or 'offset' with in_bulk().");
    if (q->mode != MODE_ROWS)
        RAISE(cx, 500, "type_error", "in_bulk() cannot be used with values() or values_list().");
    const FieldInfo *field = info_field(q->info, str_c(name));
    if (!field)
        names_unknown(cx, q->info, str_c(name), NULL);
    bool distinct = q->ndistinct_on == 1 && str_eq(q->distinct_on[0], str_c(name));
    if (!is_unique(q->info, field) && !distinct)
        RAISE(cx, 500, "value_error", "in_bulk()'s field_name must be a unique field but '%s' isn't.", name);
    if (keys && !keys->n)
        return out;
    if (keys) {
        Value list = value_list((List *)keys);
        q = FILTER(q, { .lookup = str_format(cx->arena, "%s__in", name).p, .value = { box_value, &list } });
    }
    q = queryset_unordered(q);
    for (size_t i = 0, n = queryset_length(q); i < n; i++) {
        void *row = result_at(q->result, i);
        List *pair = list_new(cx->arena);
        list_push(cx->arena, pair, value_copy(cx->arena, member_load(cx->arena, field->f, row)));
        list_push(cx->arena, pair, value_object(row, &row_class));
        list_push(cx->arena, out, value_list(pair));
    }
    return out;
}

/* --- dates */

static bool is_kind(const char *kind, const char *const *kinds)
{
    for (size_t i = 0; kinds[i]; i++)
        if (str_eq(str_c(kind), str_c(kinds[i])))
            return true;
    return false;
}

static QuerySet *moments(QuerySet *q, const char *field, const char *kind, bool descending, FieldKind output,
                         const TimeZone *zone)
{
    const char *name = field;
    Boxed column = { box_c, &name };
    const Expr trunc = {
        .kind = EXPR_CALL, .name = "Trunc", .args = &column, .n = 1, .detail = kind, .zone = zone, .output = output
    };
    const Expr *e = &trunc, *plain = F(field);
    const NamedExpr exprs[] = { { "datefield", { box_expr, &e } },
                                { "plain_field", { box_expr, &plain } },
                                { .name = NULL } };
    q = queryset_annotate(q, exprs);
    q = queryset_distinct(queryset_values_list(q, ORDER("datefield"), true));
    q = FILTER(q, LOOKUP("plain_field__isnull", false));
    return queryset_order_by(q, descending ? ORDER("-datefield") : ORDER("datefield"));
}

QuerySet *queryset_dates(QuerySet *q, const char *field, const char *kind, bool descending)
{
    static const char *const kinds[] = { "year", "month", "week", "day", NULL };
    if (!is_kind(kind, kinds))
        RAISE(q->cx, 500, "value_error", "'kind' must be one of 'year', 'month', 'week', or 'day'.");
    return moments(q, field, kind, descending, FIELD_DATE, NULL);
}

QuerySet *queryset_datetimes(QuerySet *q, const char *field, const char *kind, bool descending, const TimeZone *zone)
{
    static const char *const kinds[] = { "year", "month", "week", "day", "hour", "minute", "second", NULL };
    if (!is_kind(kind, kinds))
        RAISE(q->cx, 500, "value_error",
              "'kind' must be one of 'year', 'month', 'week', 'day', 'hour', 'minute', or 'second'.");
    return moments(q, field, kind, descending, FIELD_DATETIME, zone);
}

/* --- earliest, latest, contains */

static void *extreme(QuerySet *q, const Model *m, const char *const *names, bool latest)
{
    Context *cx = q->cx;
    const char *const of_model[] = { q->info->meta->get_latest_by, NULL };
    if (q->sliced)
        RAISE(cx, 500, "type_error", "Cannot change a query once a slice has been taken.");
    if (!names || !names[0]) {
        if (!of_model[0])
            RAISE(cx, 500, "value_error",
                  "earliest() and latest() require either fields as positional arguments or 'get_latest_by' in the "
                  "model's Meta.");
        names = of_model;
    }
    QuerySet *one = queryset_order_by(q, names);
    if (latest)
        one = queryset_reverse(one);
    void *row = queryset_at(queryset_slice(one, 0, 1), m, 0);
    if (!row)
        RAISE(cx, 500, "does_not_exist", "%s matching query does not exist.", q->info->m->name);
    return row;
}

void *queryset_earliest(QuerySet *q, const Model *m, const char *const *names) { return extreme(q, m, names, false); }
void *queryset_latest(QuerySet *q, const Model *m, const char *const *names) { return extreme(q, m, names, true); }

bool queryset_contains(QuerySet *q, const void *row)
{
    Context *cx = q->cx;
    const RowState *state = *row_state_of((void *)row);
    check_not_combined(q, "contains");
    if (q->mode != MODE_ROWS)
        RAISE(cx, 500, "type_error", "Cannot call QuerySet.contains() after .values() or .values_list().");
    if (!state || state->info->concrete != q->info->concrete)
        return false;
    Value pk = member_load(cx->arena, q->info->pk->f, row);
    if (state->adding || pk.tag == VALUE_NULL)
        RAISE(cx, 500, "value_error", "QuerySet.contains() cannot be used on unsaved objects.");
    for (size_t i = 0; q->result && i < q->result->n; i++)
        if (value_eq(member_load(cx->arena, q->info->pk->f, result_at(q->result, i)), pk))
            return true;
    return !q->result && queryset_exists(FILTER(q, LOOKUP("pk", pk)));
}

/* --- what may be chosen */

QuerySet *choices_limited(QuerySet *q, const Field *relation)
{
    if (relation->limit_choices_to)
        q = queryset_filter(q, relation->limit_choices_to);
    return relation->limit_choices_fn ? relation->limit_choices_fn(q) : q;
}

QuerySet *queryset_limit_choices(QuerySet *q, const Field *relation)
{
    if (!relation->limit_choices_to && !relation->limit_choices_fn)
        return q;
    /* A condition may go over many rows: a subquery gives no row twice. */
    QuerySet *allowed = choices_limited(queryset_using(queryset_bare(q->cx, q->info), q->alias), relation);
    return FILTER(q, LOOKUP("pk__in", allowed));
}
