/* compare.c: are two fields, indexes, constraints, conditions the same, as far as a migration can say? */
#include "migrations/state.h"
#include <clef/validators.h>

static bool validators_equal(Arena *a, const Validator *x, const Validator *y)
{
    static const Validator none = { .check = NULL };
    x = x ? x : &none;
    y = y ? y : &none;
    for (; x->check && y->check; x++, y++) {
        Value v = x->limit ? *x->limit : value_null(), w = y->limit ? *y->limit : value_null();
        if (x->limit_box)
            v = x->limit_box(a, x->limit_at);
        if (y->limit_box)
            w = y->limit_box(a, y->limit_at);
        bool own = !x->name && !y->name; /* functions of the code */
        if ((own && x->check != y->check) || !same_c(x->name, y->name) || !same_c(x->message, y->message) ||
            !same_c(x->code, y->code) || !same_c(x->pattern, y->pattern) || x->inverse_match != y->inverse_match ||
            x->ignore_case != y->ignore_case || x->max_digits != y->max_digits ||
            x->decimal_places != y->decimal_places || !names_equal(x->words, y->words) || v.tag != w.tag ||
            (v.tag != VALUE_NULL && !value_eq(v, w)))
            return false;
    }
    return !x->check && !y->check;
}

static bool choices_equal(Arena *a, const Choice *x, const Choice *y)
{
    if (!x || !y)
        return !x == !y;
    for (; x->display && y->display; x++, y++)
        if (!same_c(x->display, y->display) || !expr_boxed_equal(a, x->value, y->value) ||
            !choices_equal(a, x->group, y->group)) /* groups are of one level */
            return false;
    return !x->display && !y->display;
}

static bool messages_equal(const ErrorMessage *x, const ErrorMessage *y)
{
    static const ErrorMessage none = { NULL, NULL };
    x = x ? x : &none;
    y = y ? y : &none;
    for (; x->code && y->code; x++, y++)
        if (!same_c(x->code, y->code) || !same_c(x->message, y->message))
            return false;
    return !x->code && !y->code;
}

/* auto_now and auto_now_add say by themselves that nobody else writes the field. */
static bool sets_itself(const Field *f) { return f->auto_now || f->auto_now_add; }

/* Of two that a table has: whether a relation to the own model goes both ways is nothing that it has. */
bool fields_equal(Arena *a, const Field *x, const Field *y)
{
    return x->kind == y->kind && x->null == y->null && (x->blank == y->blank || sets_itself(x)) &&
           x->unique == y->unique && x->db_index == y->db_index && x->primary_key == y->primary_key &&
           x->no_db_index == y->no_db_index && (x->not_editable == y->not_editable || sets_itself(x)) &&
           x->auto_now == y->auto_now && x->auto_now_add == y->auto_now_add && x->no_constraint == y->no_constraint &&
           x->parent_link == y->parent_link && field_max_length(x) == field_max_length(y) &&
           x->max_digits == y->max_digits && x->decimal_places == y->decimal_places &&
           expr_boxed_equal(a, x->default_value, y->default_value) &&
           expr_boxed_equal(a, x->db_default, y->db_default) && choices_equal(a, x->choices, y->choices) &&
           x->on_delete == y->on_delete && same_c(x->related_name, y->related_name) &&
           same_c(x->related_query_name, y->related_query_name) && same_c(x->to_field, y->to_field) &&
           same_c(x->db_column, y->db_column) && same_c(x->db_table, y->db_table) &&
           same_c(x->db_comment, y->db_comment) && same_c(x->verbose_name, y->verbose_name) &&
           same_c(x->help_text, y->help_text) && same_c(x->unique_for_date, y->unique_for_date) &&
           same_c(x->unique_for_month, y->unique_for_month) && same_c(x->unique_for_year, y->unique_for_year) &&
           same_c(x->protocol, y->protocol) && same_c(x->db_collation, y->db_collation) &&
           expr_boxed_equal(a, x->set_to, y->set_to) && messages_equal(x->error_messages, y->error_messages) &&
           validators_equal(a, x->validators, y->validators) && expr_equal(a, x->expression, y->expression) &&
           x->db_persist == y->db_persist && same_c(x->upload_to, y->upload_to) && same_c(x->path, y->path) &&
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

bool constraints_match(Arena *a, const Constraint *x, const Constraint *y)
{
    return same_c(x->name, y->name) && constraint_is_unique(x) == constraint_is_unique(y) &&
           names_equal(x->unique, y->unique) && exprs_equal(a, x->expressions, y->expressions) &&
           preds_equal(a, x->check, y->check) && x->deferrable == y->deferrable &&
           x->deferrable_immediate == y->deferrable_immediate && x->nulls_distinct == y->nulls_distinct &&
           x->nulls_not_distinct == y->nulls_not_distinct && names_equal(x->include, y->include) &&
           names_equal(x->opclasses, y->opclasses);
}

bool constraints_equal(Arena *a, const Constraint *x, const Constraint *y)
{
    return constraints_match(a, x, y) && same_c(x->violation_error_code, y->violation_error_code) &&
           same_c(x->violation_error_message, y->violation_error_message);
}

bool indexes_alike(Arena *a, const Index *x, const Index *y)
{
    return names_equal(x->fields, y->fields) && preds_equal(a, x->condition, y->condition) &&
           exprs_equal(a, x->expressions, y->expressions) && names_equal(x->opclasses, y->opclasses) &&
           names_equal(x->include, y->include) && same_c(x->using, y->using);
}

static bool permissions_equal(const PermissionName *x, const PermissionName *y)
{
    static const PermissionName none = { NULL, NULL };
    x = x ? x : &none;
    y = y ? y : &none;
    for (; x->codename && y->codename; x++, y++)
        if (!same_c(x->codename, y->codename) || !same_c(x->name, y->name))
            return false;
    return !x->codename && !y->codename;
}

bool options_equal(const Model *x, const Model *y)
{
    return names_equal(x->ordering, y->ordering) && same_c(x->get_latest_by, y->get_latest_by) &&
           same_c(x->verbose_name, y->verbose_name) && same_c(x->verbose_name_plural, y->verbose_name_plural) &&
           x->unmanaged == y->unmanaged && same_c(x->base_manager_name, y->base_manager_name) &&
           same_c(x->default_manager_name, y->default_manager_name) &&
           same_c(x->default_related_name, y->default_related_name) && x->select_on_save == y->select_on_save &&
           permissions_equal(x->permissions, y->permissions) && !x->default_permissions == !y->default_permissions &&
           names_equal(x->default_permissions, y->default_permissions);
}
