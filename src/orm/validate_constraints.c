/*
 * validate_constraints.c: does a row that is not written yet keep the constraints of its tables? The database is asked,
 * over the values of the row in place of the table: it knows best what its functions and comparisons give.
 */
#include "orm/dialect.h"
#include "orm/validate.h"
#include "orm/work.h"
#include <clef/base/map.h>
#include <clef/orm/row.h>

enum { FIELDS_MAX = 32 };

/* The row as a table of one row, under the name of its table. */
static void write_row(Writer *w, Buf *b, const Cleaning *c, const ModelInfo *info)
{
    BUF_LIT(b, "(SELECT ");
    bool first = true;
    for (size_t i = 0; i < info->n; i++) {
        const FieldInfo *field = &info->fields[i];
        if (field_is_generated(field->f))
            continue;
        /* Where parameters have types, the columns must have theirs; and decimals are compared as numbers. */
        bool typed = w->d->has.has_native_uuid_field || field->kind == FIELD_DECIMAL;
        Str cast = typed ? w->d->cast(c->cx->arena, field) : STR("$1"), around[2];
        size_t at = str_find(cast, STR("$1"));
        around[0] = str_slice(cast, 0, at);
        around[1] = str_from_byte(cast, at + 2);
        buf_printf(b, "%s%.*s", first ? "" : ", ", STR_FMT(around[0]));
        first = false;
        Value v = row_stored_value(c->cx, field, c->row);
        if (v.tag == VALUE_DECIMAL) /* a number, not a text, where it is compared */
            buf_decimal(b, *v.decimal);
        else
            node_write(w, b, node_value(c->cx, v, field), false);
        buf_str(b, around[1]);
        buf_printf(b, " AS %.*s", STR_FMT(field->quoted));
    }
    buf_printf(b, ") %.*s", STR_FMT(info->quoted));
}

static Writer writer_for(const Cleaning *c, QuerySet *q, Params *params)
{
    Str *aliases = NEW_ARRAY(c->cx->arena, Str, 1);
    aliases[0] = q->info->quoted;
    return (Writer){ .cx = c->cx, .d = dialect_of(c->cx, c->using), .q = q, .aliases = aliases, .params = params };
}

static bool some_row(const Cleaning *c, const ModelInfo *info, const Buf *b, const Params *params)
{
    Reading *r = reading_begin(c->cx, c->using, info, buf_view(b), params->p, params->n);
    bool some = reading_step(r, info);
    reading_end(r);
    return some;
}

/* Names of a condition that are left out, or are not of this table, leave the constraint unjudged. */
static bool can_judge_pred(const Cleaning *c, const ModelInfo *info, const Pred *p, unsigned depth)
{
    if (depth > QUERY_MAX_DEPTH)
        return false;
    for (size_t i = 0; p->connector && i < p->nchildren; i++)
        if (!can_judge_pred(c, info, &p->children[i], depth + 1))
            return false;
    if (p->connector)
        return true;
    Str rest = p->path ? names_without_parts(c->cx->arena, str_c(p->path)) : str_c(p->lookup), name;
    if (!names_cut(&rest, &name))
        return true;
    const FieldInfo *field = info_field(info, name);
    return field && field->model == info && !clean_excludes(c, field);
}

/* Does the row meet it? What is neither true nor false counts when `unless_false`. */
static bool meets(const Cleaning *c, const ModelInfo *info, const Pred *condition, bool unless_false)
{
    QuerySet *q = queryset_bare(c->cx, info);
    Resolving r = { .q = q };
    const Pred list[] = { *condition, { .path = NULL } };
    const Node *where = where_resolve(&r, list, CONNECT_AND);
    Params params = { 0 };
    Writer w = writer_for(c, q, &params);
    Buf b = BUF_INIT(c->cx->arena, QUERY_SQL_MAX);
    BUF_LIT(&b, "SELECT 1 AS \"a\" FROM ");
    write_row(&w, &b, c, info);
    BUF_LIT(&b, " WHERE ");
    buf_byte(&b, '(');
    Truth t = node_write(&w, &b, where, false);
    if (t != UNKNOWN)
        return t == ALWAYS;
    buf_c(&b, unless_false ? ") IS NOT FALSE" : ")");
    return some_row(c, info, &b, &params);
}

static ValidationError violation(const Cleaning *c, const Constraint *k)
{
    Map *params = map_new(c->cx->arena);
    map_set(params, STR("name"), value_c(k->name));
    return (ValidationError){ .message = k->violation_error_message ? str_c(k->violation_error_message)
                                                                    : STR("Constraint “%(name)s” is violated."),
                              .code = str_c(k->violation_error_code),
                              .params = params };
}

static bool can_judge_expr(const Cleaning *c, const ModelInfo *info, const Expr *e, unsigned depth)
{
    if (depth > QUERY_MAX_DEPTH)
        return false;
    if (e->kind == EXPR_FIELD) {
        const FieldInfo *field = info_field(info, str_c(e->name));
        return field && field->model == info && !clean_excludes(c, field);
    }
    for (size_t i = 0; i < e->n; i++) {
        Value v = e->args[i].box(c->cx->arena, e->args[i].at);
        if (v.tag == VALUE_OBJECT && v.cls == &expr_class && !can_judge_expr(c, info, v.object, depth + 1))
            return false;
        const FieldInfo *field = value_is_text(v) && e->kind != EXPR_VALUE ? info_field(info, v.s) : NULL;
        if (field && clean_excludes(c, field))
            return false;
    }
    return true;
}

/* Another row for which the expressions give the same, and which meets the condition. */
static bool same_by_expressions(const Cleaning *c, const ModelInfo *info, const Constraint *k)
{
    QuerySet *q = clean_others(c, info);
    if (k->check)
        q = queryset_filter(q, (const Pred[]){ *k->check, { .path = NULL } });
    Params params = { 0 };
    Writer w = writer_for(c, q, &params);
    Buf b = BUF_INIT(c->cx->arena, QUERY_SQL_MAX);
    Resolving r = { .q = q };
    buf_printf(&b, "SELECT 1 AS \"a\" FROM %.*s WHERE ", STR_FMT(info->quoted));
    for (size_t i = 0; k->expressions[i]; i++) {
        const Expr *e = k->expressions[i];
        if (!can_judge_expr(c, info, e, 0))
            return false;
        if (e->kind == EXPR_ORDER) {
            Value inner = e->args[0].box(c->cx->arena, e->args[0].at);
            if (inner.tag == VALUE_OBJECT && inner.cls == &expr_class)
                e = inner.object;
            else
                e = CLEF_EXPR(.kind = EXPR_FIELD, .name = str_dup_c(c->cx->arena, inner.s));
        }
        const Node *node = expr_resolve(&r, e);
        node_write(&w, &b, node, false);
        BUF_LIT(&b, " = (SELECT ");
        node_write(&w, &b, node, false);
        BUF_LIT(&b, " FROM ");
        write_row(&w, &b, c, info);
        BUF_LIT(&b, ") AND ");
    }
    Buf where = BUF_INIT(c->cx->arena, QUERY_SQL_MAX);
    Truth t = where_write(&w, &where, q->where, CLAUSE_WHERE);
    if (t == NEVER)
        return false;
    buf_str(&b, where.n ? buf_view(&where) : STR("1 = 1"));
    BUF_LIT(&b, " LIMIT 1");
    return some_row(c, info, &b, &params);
}

static void check_unique(Cleaning *c, const ModelInfo *info, const Constraint *k)
{
    Arena *a = c->cx->arena;
    const FieldInfo *fields[FIELDS_MAX];
    Pred same[FIELDS_MAX + 1];
    Value values[FIELDS_MAX];
    size_t n = 0;
    if (k->check && !can_judge_pred(c, info, k->check, 0))
        return;
    for (; k->unique && k->unique[n] && n < FIELDS_MAX; n++) {
        fields[n] = info_field(info, str_c(k->unique[n]));
        if (!fields[n] || clean_excludes(c, fields[n]))
            return;
        values[n] = member_load(a, fields[n]->f, c->row);
        if (values[n].tag == VALUE_NULL && !k->nulls_not_distinct)
            return;
        bool null = values[n].tag == VALUE_NULL;
        static const bool yes = true;
        same[n] = (Pred){ .lookup = null ? str_format(a, "%.*s__isnull", STR_FMT(fields[n]->attname)).p
                                         : str_dup_c(a, fields[n]->attname),
                          .value = { null ? box_bool : box_value, null ? (const void *)&yes : &values[n] } };
    }
    same[n] = (Pred){ .path = NULL };
    if (k->check && !meets(c, info, k->check, false))
        return;
    bool taken;
    if (k->expressions) {
        taken = same_by_expressions(c, info, k);
    } else {
        QuerySet *q = queryset_filter(clean_others(c, info), same);
        if (k->check)
            q = queryset_filter(q, (const Pred[]){ *k->check, { .path = NULL } });
        taken = queryset_exists(q);
    }
    if (!taken)
        return;
    bool plain = !k->check && !k->expressions && !k->violation_error_message;
    row_errors_add(c->errors, plain && n == 1 ? fields[0]->f->name : NULL,
                   plain ? clean_unique_error(c, info, fields, n) : violation(c, k));
}

void clean_constraints(Cleaning *c)
{
    for (const ModelInfo *info = c->info->concrete; info; info = info->base)
        for (size_t i = 0; i < info->meta->nconstraints; i++) {
            const Constraint *k = &info->meta->constraints[i];
            if (constraint_is_unique(k))
                check_unique(c, info, k);
            else if (k->check && can_judge_pred(c, info, k->check, 0) && !meets(c, info, k->check, true))
                row_errors_add(c->errors, NULL, violation(c, k));
        }
}
