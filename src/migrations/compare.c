/* compare.c: are two fields, indexes, constraints, conditions the same, as far as a migration can say? */
#include "migrations/state.h"
#include "orm/node.h"

Str pred_lookup(Arena *a, const Pred *p)
{
    if (!p->path)
        return str_c(p->lookup);
    Str path = str_replace(a, str_c(p->path), STR("->"), STR("__"));
    return p->op == OP_EQ ? path : str_format(a, "%.*s__%s", STR_FMT(path), op_name(p->op));
}

static bool boxed_equal(Arena *a, Boxed x, Boxed y)
{
    if (!x.box || !y.box)
        return !x.box == !y.box;
    Value v = x.box(a, x.at), w = y.box(a, y.at);
    return v.tag == w.tag && (v.tag == VALUE_NULL || value_eq(v, w));
}

static bool choices_equal(Arena *a, const Choice *x, const Choice *y)
{
    if (!x || !y)
        return !x == !y;
    for (; x->display && y->display; x++, y++)
        if (!same_c(x->display, y->display) || !boxed_equal(a, x->value, y->value))
            return false;
    return !x->display && !y->display;
}

bool fields_equal(Arena *a, const Field *x, const Field *y)
{
    return x->kind == y->kind && x->null == y->null && x->blank == y->blank && x->unique == y->unique &&
           x->db_index == y->db_index && x->primary_key == y->primary_key && x->no_db_index == y->no_db_index &&
           x->not_editable == y->not_editable && x->auto_now == y->auto_now && x->auto_now_add == y->auto_now_add &&
           x->symmetrical == y->symmetrical && x->no_constraint == y->no_constraint &&
           x->parent_link == y->parent_link && field_max_length(x) == field_max_length(y) &&
           x->max_digits == y->max_digits && x->decimal_places == y->decimal_places &&
           boxed_equal(a, x->default_value, y->default_value) && boxed_equal(a, x->db_default, y->db_default) &&
           choices_equal(a, x->choices, y->choices) && x->on_delete == y->on_delete &&
           same_c(x->related_name, y->related_name) && same_c(x->related_query_name, y->related_query_name) &&
           same_c(x->to_field, y->to_field) && same_c(x->db_column, y->db_column) && same_c(x->db_table, y->db_table) &&
           same_c(x->db_comment, y->db_comment) && same_c(x->verbose_name, y->verbose_name) &&
           same_c(x->help_text, y->help_text) && same_c(x->unique_for_date, y->unique_for_date) &&
           same_c(x->unique_for_month, y->unique_for_month) && same_c(x->unique_for_year, y->unique_for_year) &&
           same_c(x->protocol, y->protocol) && same_c(x->upload_to, y->upload_to) && same_c(x->path, y->path) &&
           same_ic(x->to_label, y->to_label) && same_ic(x->through_label, y->through_label);
}

bool names_equal(const char *const *x, const char *const *y)
{
    if (!x || !*x || !y || !*y)
        return (!x || !*x) == (!y || !*y);
    for (; *x && *y; x++, y++)
        if (!same_c(*x, *y))
            return false;
    return !*x && !*y;
}

static bool has_set(const char *const *const *sets, const char *const *set)
{
    for (; sets && *sets; sets++)
        if (names_equal(*sets, set))
            return true;
    return false;
}

bool sets_equal(const char *const *const *x, const char *const *const *y)
{
    for (const char *const *const *s = x; s && *s; s++)
        if (!has_set(y, *s))
            return false;
    for (const char *const *const *s = y; s && *s; s++)
        if (!has_set(x, *s))
            return false;
    return true;
}

static bool preds_equal_at(Arena *a, const Pred *x, const Pred *y, unsigned depth)
{
    if (!x || !y)
        return !x == !y;
    if (x->connector != y->connector || depth > QUERY_MAX_DEPTH)
        return false;
    if (!x->connector)
        return str_eq(pred_lookup(a, x), pred_lookup(a, y)) && boxed_equal(a, x->value, y->value);
    if (x->nchildren != y->nchildren)
        return false;
    for (size_t i = 0; i < x->nchildren; i++)
        if (!preds_equal_at(a, &x->children[i], &y->children[i], depth + 1))
            return false;
    return true;
}

bool preds_equal(Arena *a, const Pred *x, const Pred *y) { return preds_equal_at(a, x, y, 0); }

bool constraints_equal(Arena *a, const Constraint *x, const Constraint *y)
{
    return same_c(x->name, y->name) && !x->unique == !y->unique && names_equal(x->unique, y->unique) &&
           preds_equal(a, x->check, y->check) && x->deferrable == y->deferrable &&
           x->nulls_not_distinct == y->nulls_not_distinct;
}

bool indexes_alike(Arena *a, const Index *x, const Index *y)
{
    return names_equal(x->fields, y->fields) && preds_equal(a, x->condition, y->condition);
}

bool options_equal(const Model *x, const Model *y)
{
    return names_equal(x->ordering, y->ordering) && same_c(x->get_latest_by, y->get_latest_by) &&
           same_c(x->verbose_name, y->verbose_name) && same_c(x->verbose_name_plural, y->verbose_name_plural) &&
           x->unmanaged == y->unmanaged;
}
