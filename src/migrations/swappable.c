/* swappable.c: what migrations leave to a setting: the model that a relation leads to. */
#include "migrations/state.h"
#include <clef/orm/swap.h>

const char *label_settled(Context *cx, const char *label)
{
    Str rest = str_c(label), app;
    if (!label || !str_cut(&rest, '.', &app) || !str_eq(app, STR(SWAPPABLE_APP)))
        return label;
    Str value = swap_setting(rest);
    if (str_find_byte(value, '.') == STR_NPOS)
        RAISE(cx, 500, "migration_error",
              "A migration leaves a model to the setting %.*s, which names none: set it to 'app.Model'%s.",
              STR_FMT(rest), str_eq(rest, STR("AUTH_USER_MODEL")) ? "" : " in SWAPPED_MODELS");
    return str_dup_c(cx->arena, value);
}

static bool is_open(const Field *f) { return f->to_label && str_starts(str_c(f->to_label), STR(SWAPPABLE_APP ".")); }

const Operation *operation_settled(Context *cx, const Operation *op)
{
    Arena *a = cx->arena;
    bool any = op->field && is_open(op->field);
    bool creates = op->kind == OPERATION_CREATE_MODEL;
    for (size_t i = 0; creates && i < op->table->nfields; i++)
        any |= is_open(&op->table->fields[i]);
    if (!any)
        return op;
    Operation *out = NEW(a, Operation);
    *out = *op;
    size_t n = creates ? op->table->nfields : 1;
    Field *fields = NEW_ARRAY(a, Field, n);
    memcpy(fields, creates ? op->table->fields : op->field, n * sizeof *fields);
    for (size_t i = 0; i < n; i++)
        fields[i].to_label = label_settled(cx, fields[i].to_label);
    if (!creates) {
        out->field = fields;
        return out;
    }
    Model *table = NEW(a, Model);
    *table = *op->table;
    table->fields = fields;
    out->table = table;
    return out;
}
