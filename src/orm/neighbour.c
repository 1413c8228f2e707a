/* neighbour.c: the neighbours of a row, and the order of the rows of one parent. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/vec.h>
#include <clef/orm/neighbour.h>

enum { PLACES_MAX = 200 }; /* of one statement */

static Value key_of(Context *cx, const ModelInfo *info, const void *row, const char *what)
{
    const RowState *state = *row_state_of((void *)row);
    Value pk = member_load(cx->arena, info->pk->f, row);
    if (state->adding || pk.tag == VALUE_NULL)
        RAISE(cx, 500, "value_error", "%s cannot be used on unsaved objects.", what);
    return pk;
}

static QuerySet *rows_of(Context *cx, const ModelInfo *info, const void *row)
{
    const RowState *state = *row_state_of((void *)row);
    return queryset_using(queryset_of(cx, info->m), state->set ? state->set->alias : state->alias);
}

void *row_next_by(Context *cx, const void *row, const char *name, bool previous, const Pred *preds)
{
    const ModelInfo *info = row_info(cx, NULL, row);
    Arena *a = cx->arena;
    Value pk = key_of(cx, info, row, "get_next/get_previous");
    const FieldInfo *field = info_field(info, str_c(name));
    if (!field || (field->kind != FIELD_DATE && field->kind != FIELD_DATETIME))
        RAISE(cx, 500, "field_error", "%s has no date or time '%s'.", info->m->name, name);
    Value v = member_load(a, field->f, row);
    if (v.tag == VALUE_NULL)
        return NULL;
    const char *op = previous ? "lt" : "gt";
    const Pred further = { .lookup = str_format(a, "%s__%s", name, op).p, .value = { box_value, &v } };
    const Pred same = { .lookup = name, .value = { box_value, &v } };
    const Pred key = { .lookup = str_format(a, "pk__%s", op).p, .value = { box_value, &pk } };
    QuerySet *q = rows_of(cx, info, row);
    if (preds)
        q = queryset_filter(q, preds);
    q = FILTER(q, Q_OR(Q_AND(same, key), further));
    const char *order = str_format(a, "%s%s", previous ? "-" : "", name).p;
    q = queryset_order_by(q, ORDER(order, previous ? "-pk" : "pk"));
    return queryset_at(queryset_slice(q, 0, 1), NULL, 0);
}

static const FieldInfo *parent_of(Context *cx, const ModelInfo *info)
{
    if (!info->order)
        RAISE(cx, 500, "field_error", "%s has no order_with_respect_to.", info->m->name);
    return info_field(info, str_c(info->meta->order_with_respect_to));
}

void *row_next_in_order(Context *cx, const void *row, bool previous)
{
    const ModelInfo *info = row_info(cx, NULL, row);
    const FieldInfo *parent = parent_of(cx, info);
    Value pk = key_of(cx, info, row, "get_next_in_order"), of = member_load(cx->arena, parent->f, row);
    QuerySet *own =
        VALUES_OF(FILTER(rows_of(cx, info, row), { .lookup = "pk", .value = { box_value, &pk } }), "_order");
    const Expr *place = Subquery(own);
    const Pred same = { .lookup = str_dup_c(cx->arena, parent->attname), .value = { box_value, &of } };
    const Pred further = { .lookup = previous ? "_order__lt" : "_order__gt", .value = { box_expr, &place } };
    QuerySet *q = FILTER(rows_of(cx, info, row), same, further);
    q = queryset_order_by(q, ORDER(previous ? "-_order" : "_order"));
    return queryset_at(queryset_slice(q, 0, 1), NULL, 0);
}

/* The rows of `of` that belong to the row. */
static const FieldInfo *belonging(Context *cx, const void *row, const ModelInfo *of, Value *key)
{
    const ModelInfo *info = row_info(cx, NULL, row);
    const FieldInfo *parent = parent_of(cx, of);
    if (!info_is_a(info, parent->to))
        RAISE(cx, 500, "field_error", "The order of %s is with respect to %s, not to %s.", of->m->name,
              parent->to->m->name, info->m->name);
    *key = member_load(cx->arena, parent->to_field->f, row);
    return parent;
}

List *related_order(Context *cx, const void *row, const Model *of)
{
    const ModelInfo *info = model_info(cx, of);
    Value key;
    const FieldInfo *parent = belonging(cx, row, info, &key);
    QuerySet *q = FILTER(rows_of(cx, info, row),
                         { .lookup = str_dup_c(cx->arena, parent->attname), .value = { box_value, &key } });
    return queryset_list(VALUES_FLAT(q, "pk"));
}

void related_set_order(Context *cx, const void *row, const Model *of, Values keys)
{
    const ModelInfo *info = model_info(cx, of);
    const RowState *state = *row_state_of((void *)row);
    Str alias = state->set ? state->set->alias : state->alias;
    Value key;
    const FieldInfo *parent = belonging(cx, row, info, &key);
    ATOMIC(cx, .using = alias)
    for (size_t at = 0; at < keys.n; at += PLACES_MAX) {
        size_t n = keys.n - at < PLACES_MAX ? keys.n - at : PLACES_MAX;
        Buf b = BUF_INIT(cx->arena, QUERY_SQL_MAX);
        VEC(Value) params = { 0 };
        Value *pks = NEW_ARRAY(cx->arena, Value, n);
        buf_printf(&b, "UPDATE %.*s SET %.*s = CASE %.*s", STR_FMT(info->quoted), STR_FMT(info->order->quoted),
                   STR_FMT(info->pk->quoted));
        for (size_t i = 0; i < n; i++) {
            pks[i] = value_for_field(cx, info->pk, keys.p[at + i].box(cx->arena, keys.p[at + i].at));
            buf_printf(&b, " WHEN ? THEN %zu", at + i);
            VEC_PUSH(cx->arena, &params, pks[i]);
        }
        buf_printf(&b, " END WHERE %.*s = ? AND %.*s IN (", STR_FMT(parent->quoted), STR_FMT(info->pk->quoted));
        VEC_PUSH(cx->arena, &params, key);
        for (size_t i = 0; i < n; i++) {
            buf_c(&b, i ? ", ?" : "?");
            VEC_PUSH(cx->arena, &params, pks[i]);
        }
        BUF_LIT(&b, ")");
        work_execute(cx, alias, info, buf_view(&b), params.p, params.n);
    }
}
