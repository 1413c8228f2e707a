/* python_expr.c: the recordings' constants, expressions and conditions as Clef's. */
#include "conformance/python_models.h"
#include "orm/node.h"

#include <clef/base/map.h>

/* --- values */

bool py_constant(Context *cx, const Py *p, Value *out)
{
    Arena *a = cx->arena;
    if (p->kind == PY_VALUE) {
        *out = p->v;
        return true;
    }
    if (p->kind == PY_SEQUENCE || p->kind == PY_DICT) {
        List *list = list_new(a);
        Map *map = map_new(a);
        for (size_t i = 0; i < p->n; i++) {
            Value v, key;
            if (!py_constant(cx, p->items[i], &v))
                return false;
            list_push(a, list, v);
            if (p->kind == PY_DICT && i % 2 && py_constant(cx, p->items[i - 1], &key) && key.tag == VALUE_STR)
                map_set(map, key.s, v);
        }
        *out = p->kind == PY_DICT || (p->open == '{' && !p->n) ? value_map(map) : value_list(list);
        return true;
    }
    Str name = py_last(p->name);
    if (p->kind == PY_CALL && (str_eq(name, STR("D")) || str_eq(name, STR("Decimal"))) && p->n == 1) {
        Decimal *d = NEW(a, Decimal);
        *out = value_decimal(d);
        return p->items[0]->kind == PY_VALUE && p->items[0]->v.tag == VALUE_STR &&
               decimal_parse(a, p->items[0]->v.s, d) == DECIMAL_OK;
    }
    if (p->kind == PY_CALL && str_eq(name, STR("UUID")) && p->n == 1) {
        Uuid *u = NEW(a, Uuid);
        Value v = p->items[0]->v;
        *out = value_uuid(u);
        if (str_eq(p->keys[0], STR("int")) && v.tag == VALUE_INT)
            return uuid_parse(str_format(a, "%032llx", (unsigned long long)v.i), u);
        return v.tag == VALUE_STR && uuid_parse(v.s, u);
    }
    if (p->kind == PY_CALL && str_eq(name, STR("timedelta"))) {
        static const struct {
            const char *name;
            int64_t us;
        } parts[] = { { "days", 86400000000 },  { "seconds", 1000000 },  { "microseconds", 1 },
                      { "milliseconds", 1000 }, { "minutes", 60000000 }, { "hours", 3600000000 },
                      { "weeks", 604800000000 } };
        int64_t us = 0;
        for (size_t i = 0; i < CLEF_COUNT(parts); i++) {
            const Py *part = py_argument(p, parts[i].name, (int)i);
            if (part && part->kind == PY_VALUE && part->v.tag == VALUE_INT)
                us += part->v.i * parts[i].us;
        }
        *out = value_duration((Duration){ us });
        return true;
    }
    if (p->kind == PY_CALL && str_eq(name, STR("date")) && p->n == 3) {
        Date d;
        *out = value_null();
        if (!date_parse_iso(
                str_format(a, "%04d-%02d-%02d", (int)p->items[0]->v.i, (int)p->items[1]->v.i, (int)p->items[2]->v.i),
                &d))
            return false;
        *out = value_date(d);
        return true;
    }
    if (p->kind == PY_CALL && str_eq(name, STR("time")) && p->n <= 4) {
        Time t;
        int64_t n[4] = { 0 };
        for (size_t i = 0; i < p->n; i++)
            n[i] = p->items[i]->v.i;
        if (!time_parse_iso(str_format(a, "%02d:%02d:%02d.%06d", (int)n[0], (int)n[1], (int)n[2], (int)n[3]), &t))
            return false;
        *out = value_time(t);
        return true;
    }
    if (p->kind == PY_CALL && str_eq(name, STR("datetime")) && p->n >= 3) {
        Date d;
        Time t;
        int64_t n[7] = { 0 };
        for (size_t i = 0; i < p->n && i < 7; i++)
            if (!p->keys[i].n && p->items[i]->kind == PY_VALUE)
                n[i] = p->items[i]->v.i;
        if (!date_parse_iso(str_format(a, "%04d-%02d-%02d", (int)n[0], (int)n[1], (int)n[2]), &d) ||
            !time_parse_iso(str_format(a, "%02d:%02d:%02d.%06d", (int)n[3], (int)n[4], (int)n[5], (int)n[6]), &t))
            return false;
        NaiveDateTime at = naive_combine(d, t);
        *out = py_argument(p, "tzinfo", -1) ? value_datetime((DateTime){ at.us }, NULL) : value_naive(at);
        return true;
    }
    return false;
}

Value py_box_tuple(Arena *a, const void *at) { return box_value(a, at); }

Value py_box_callable(Arena *a, const void *at) { return box_c(a, at); }

bool py_boxed(Context *cx, const Py *p, Boxed *out)
{
    Value *v = NEW(cx->arena, Value);
    if (!py_constant(cx, p, v))
        return false;
    *out = (Boxed){ p->kind == PY_SEQUENCE && p->open == '(' ? py_box_tuple : box_value, v };
    return true;
}

/* --- expressions */

const Expr *py_call(Context *cx, const char *name, const Py *const *args, size_t n, bool *ok)
{
    Expr *e = NEW(cx->arena, Expr);
    Boxed *boxes = NEW_ARRAY(cx->arena, Boxed, n);
    for (size_t i = 0; i < n; i++)
        *ok = *ok && py_boxed_expr(cx, args[i], &boxes[i]);
    *e = (Expr){ .kind = EXPR_CALL, .name = name, .args = boxes, .n = n };
    return e;
}

static bool is_flag(const Py *call, const char *name)
{
    const Py *p = py_argument(call, name, -1);
    return p && value_truth(p->v);
}

static const Expr *order_of(Context *cx, const Py *call, const Py *on, bool descending, bool *ok)
{
    Expr *e = (Expr *)py_call(cx, NULL, &on, 1, ok);
    e->kind = EXPR_ORDER;
    e->descending = descending;
    e->nulls_first = is_flag(call, "nulls_first");
    e->nulls_last = is_flag(call, "nulls_last");
    return e;
}

static const Expr *case_of(Context *cx, const Py *p, bool *ok)
{
    Expr *e = NEW(cx->arena, Expr);
    Boxed *whens = NEW_ARRAY(cx->arena, Boxed, p->n);
    *e = (Expr){ .kind = EXPR_CASE, .args = whens };
    for (size_t i = 0; i < p->n; i++) {
        const Py *item = p->items[i];
        if (p->keys[i].n) {
            if (str_eq(p->keys[i], STR("default")))
                *ok = *ok && py_boxed_expr(cx, item, &e->otherwise);
            continue;
        }
        const Py *then = py_argument(item, "then", 1);
        Expr *when = NEW(cx->arena, Expr);
        Pred *where = NEW_ARRAY(cx->arena, Pred, item->n + 1);
        Boxed *result = NEW(cx->arena, Boxed);
        const Expr **at = NEW(cx->arena, const Expr *);
        size_t n = 0;
        for (size_t j = 0; j < item->n; j++) {
            if (str_eq(item->keys[j], STR("then")) || (!item->keys[j].n && j == 1))
                continue;
            where[n] = (Pred){ .lookup = item->keys[j].n ? c_of(cx->arena, item->keys[j]) : NULL };
            *ok = *ok && (item->keys[j].n ? py_boxed_expr(cx, item->items[j], &where[n].value)
                                          : py_pred(cx, item->items[j], &where[n]));
            n++;
        }
        *ok = *ok && then && py_boxed_expr(cx, then, result);
        *when = (Expr){ .kind = EXPR_WHEN, .where = where, .args = result, .n = 1 };
        *at = when;
        whens[e->n++] = (Boxed){ box_expr, at };
    }
    return e;
}

static const struct {
    const char *name;
    Op op;
} lookup_classes[] = { { "Exact", OP_EQ },
                       { "IExact", OP_IEXACT },
                       { "GreaterThan", OP_GT },
                       { "GreaterThanOrEqual", OP_GTE },
                       { "LessThan", OP_LT },
                       { "LessThanOrEqual", OP_LTE },
                       { "In", OP_IN },
                       { "IsNull", OP_ISNULL },
                       { "Contains", OP_CONTAINS },
                       { "IContains", OP_ICONTAINS },
                       { "StartsWith", OP_STARTSWITH },
                       { "IStartsWith", OP_ISTARTSWITH },
                       { "EndsWith", OP_ENDSWITH },
                       { "IEndsWith", OP_IENDSWITH },
                       { "Range", OP_RANGE },
                       { "Regex", OP_REGEX },
                       { "IRegex", OP_IREGEX } };

/* GreaterThan(F("a"), 3) */
static bool lookup_class(Str name, Op *op)
{
    for (size_t i = 0; i < CLEF_COUNT(lookup_classes); i++)
        if (str_eq(name, str_c(lookup_classes[i].name))) {
            *op = lookup_classes[i].op;
            return true;
        }
    return false;
}

const char *py_lookup_class(const char *lookup)
{
    Op op;
    for (size_t i = 0; op_find(str_c(lookup), &op) && i < CLEF_COUNT(lookup_classes); i++)
        if (lookup_classes[i].op == op)
            return lookup_classes[i].name;
    return lookup;
}

/* What is no constant: F, functions, operators; NULL when it is none of those either. */
const Expr *py_expr(Context *cx, const Py *p, bool *ok)
{
    Arena *a = cx->arena;
    if (p->kind == PY_BINARY)
        return py_call(cx, c_of(a, p->name), (const Py *const *)p->items, 2, ok);
    if (p->kind == PY_UNARY && str_eq(p->name, STR("-"))) {
        Py *minus = NEW(a, Py);
        *minus = (Py){ .kind = PY_VALUE, .v = value_int(-1) };
        return py_call(cx, "*", (const Py *const[]){ p->items[0], minus }, 2, ok);
    }
    if (p->kind != PY_CALL)
        return NULL;
    Str name = py_last(p->name);
    if (p->on && (str_eq(name, STR("asc")) || str_eq(name, STR("desc"))))
        return order_of(cx, p, p->on, str_eq(name, STR("desc")), ok);
    if (str_eq(name, STR("OrderBy")))
        return order_of(cx, p, p->items[0], is_flag(p, "descending"), ok);
    if (str_eq(name, STR("Case")))
        return case_of(cx, p, ok);
    if (str_eq(name, STR("Q"))) {
        Pred *where = NEW_ARRAY(a, Pred, 2);
        Expr *e = NEW(a, Expr);
        *ok = *ok && py_pred(cx, p, where);
        *e = (Expr){ .kind = EXPR_CONDITION, .where = where };
        return e;
    }
    if (str_eq(name, STR("F"))) {
        Expr *e = NEW(a, Expr);
        *e = (Expr){ .kind = EXPR_FIELD, .name = c_of(a, p->items[0]->v.s) };
        return e;
    }
    if (str_eq(name, STR("Value"))) {
        Expr *e = (Expr *)py_call(cx, NULL, (const Py *const *)p->items, 1, ok);
        const Py *output = py_argument(p, "output_field", -1);
        e->kind = EXPR_VALUE;
        if (output)
            e->output = py_kind(py_last(output->name));
        return e;
    }
    if (p->on || name.p[0] < 'A' || name.p[0] > 'Z' || str_eq(name, STR("Decimal")) || str_eq(name, STR("D")) ||
        str_eq(name, STR("UUID")))
        return NULL;
    if (str_eq(name, STR("ExpressionWrapper"))) {
        const Py *inner = py_argument(p, "expression", 0), *output = py_argument(p, "output_field", 1);
        Expr *e = (Expr *)py_call(cx, NULL, &inner, 1, ok);
        e->kind = EXPR_WRAPPED;
        e->output = output ? py_kind(py_last(output->name)) : FIELD_NONE;
        return e;
    }
    Str part = str_starts(name, STR("Extract")) ? str_from_byte(name, 7)
               : str_starts(name, STR("Trunc")) ? str_from_byte(name, 5)
                                                : (Str){ 0 };
    if (part.n) {
        static const char *const parts[][2] = {
            { "Day", "day" },          { "Hour", "hour" },     { "IsoWeekDay", "iso_week_day" },
            { "IsoYear", "iso_year" }, { "Minute", "minute" }, { "Month", "month" },
            { "Quarter", "quarter" },  { "Second", "second" }, { "Week", "week" },
            { "WeekDay", "week_day" }, { "Year", "year" },     { "Date", "date" },
            { "Time", "time" }
        };
        for (size_t i = 0; i < CLEF_COUNT(parts); i++)
            if (str_eq(part, str_c(parts[i][0]))) {
                const Py *on = py_argument(p, "expression", 0);
                Expr *e = (Expr *)py_call(cx, name.p[0] == 'E' ? "Extract" : i < 11 ? "Trunc" : "Convert", &on, 1, ok);
                e->detail = parts[i][1];
                return e;
            }
    }
    Op op;
    if (lookup_class(name, &op) && p->n >= 2) {
        Expr *e = (Expr *)py_call(cx, op_name(op), (const Py *const *)p->items, 2, ok);
        e->kind = EXPR_LOOKUP;
        return e;
    }
    size_t n = 0;
    while (n < p->n && !p->keys[n].n)
        n++;
    bool typed = str_eq(name, STR("Cast")), collates = str_eq(name, STR("Collate"));
    Expr *e = (Expr *)py_call(cx, c_of(a, name), (const Py *const *)p->items, typed || collates ? 1 : n, ok);
    const Py *output = typed ? py_argument(p, "output_field", 1) : py_argument(p, "output_field", -1);
    if (output)
        e->output = py_kind(py_last(output->name));
    const Py *function = py_argument(p, "function", -1);
    if (function && str_eq(name, STR("Func")))
        e->detail = c_of(a, function->v.s);
    if (output && output->kind == PY_CALL) {
        const Py *length = py_argument(output, "max_length", -1), *digits = py_argument(output, "max_digits", -1),
                 *places = py_argument(output, "decimal_places", -1);
        e->max_length = length ? (int)length->v.i : 0;
        e->max_digits = digits ? (int)digits->v.i : 0;
        e->decimal_places = places ? (int)places->v.i : 0;
    }
    if (collates)
        e->detail = c_of(a, py_argument(p, "collation", 1)->v.s);
    return e;
}

/* A constant, or an expression of them. */
bool py_boxed_expr(Context *cx, const Py *p, Boxed *out)
{
    bool ok = true;
    if (py_boxed(cx, p, out))
        return true;
    const Expr **at = NEW(cx->arena, const Expr *);
    if (p->kind == PY_SEQUENCE) {
        Boxed *all = NEW_ARRAY(cx->arena, Boxed, p->n);
        Values *values = NEW(cx->arena, Values);
        for (size_t i = 0; i < p->n; i++)
            ok = ok && py_boxed_expr(cx, p->items[i], &all[i]);
        *values = (Values){ all, p->n };
        *out = (Boxed){ box_values, values };
        return ok;
    }
    *at = py_expr(cx, p, &ok);
    *out = (Boxed){ box_expr, at };
    return *at && ok;
}

/* --- conditions */

/* Q sorts its keywords. */
static void sort_children(const Py *p, Pred *children, size_t n)
{
    size_t first = 0;
    while (first < p->n && !p->keys[first].n)
        first++;
    for (size_t i = first + 1; i < n; i++)
        for (size_t j = i; j > first && str_cmp(str_c(children[j].lookup), str_c(children[j - 1].lookup)) < 0; j--) {
            Pred t = children[j];
            children[j] = children[j - 1];
            children[j - 1] = t;
        }
}

bool py_pred(Context *cx, const Py *p, Pred *out)
{
    Arena *a = cx->arena;
    if (p->kind == PY_UNARY && str_eq(p->name, STR("~"))) {
        Pred *inner = NEW(a, Pred);
        *out = (Pred){ .connector = CONNECT_NOT, .children = inner, .nchildren = 1 };
        if (!py_pred(cx, p->items[0], inner))
            return false;
        if (inner->connector == CONNECT_NOT) /* twice is not at all */
            *out = inner->nchildren == 1
                       ? inner->children[0]
                       : (Pred){ .connector = CONNECT_AND, .children = inner->children, .nchildren = inner->nchildren };
        return true;
    }
    if (p->kind == PY_BINARY && strchr("|&^", p->name.p[0]) && p->name.n == 1) {
        Connector how = p->name.p[0] == '|' ? CONNECT_OR : p->name.p[0] == '^' ? CONNECT_XOR : CONNECT_AND;
        Pred two[2];
        for (size_t i = 0; i < 2; i++)
            if (!py_pred(cx, p->items[i], &two[i]))
                return false;
        /* a | b | c is one level. */
        Pred *children = NEW_ARRAY(a, Pred, two[0].nchildren + two[1].nchildren + 2);
        size_t n = 0;
        for (size_t i = 0; i < 2; i++) {
            bool same = two[i].connector == how;
            for (size_t j = 0; j < (same ? two[i].nchildren : 1); j++)
                children[n++] = same ? two[i].children[j] : two[i];
        }
        *out = (Pred){ .connector = how, .children = children, .nchildren = n };
        return true;
    }
    if (p->kind == PY_CALL && !str_eq(py_last(p->name), STR("Q"))) { /* an expression that is true or false */
        *out = (Pred){ .lookup = "" };
        return py_boxed_expr(cx, p, &out->value);
    }
    if (p->kind != PY_CALL || !p->n)
        return false;
    Pred *children = NEW_ARRAY(a, Pred, p->n);
    Connector how = CONNECT_AND;
    bool negated = false;
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        const Py *item = p->items[i];
        if (str_eq(p->keys[i], STR("_connector"))) {
            how = str_eq(item->v.s, STR("OR")) ? CONNECT_OR : str_eq(item->v.s, STR("XOR")) ? CONNECT_XOR : CONNECT_AND;
            continue;
        }
        if (str_eq(p->keys[i], STR("_negated"))) {
            negated = value_truth(item->v);
            continue;
        }
        Pred *child = &children[n++];
        *child = (Pred){ .lookup = c_of(a, p->keys[i]) };
        bool pair = !p->keys[i].n && item->kind == PY_SEQUENCE && item->n == 2; /* ('a__gt', 1) */
        if (pair)
            child->lookup = c_of(a, item->items[0]->v.s);
        if (!(p->keys[i].n || pair) ? !py_pred(cx, item, child)
                                    : !py_boxed_expr(cx, pair ? item->items[1] : item, &child->value))
            return false;
    }
    sort_children(p, children, n);
    *out = n == 1 ? children[0] : (Pred){ .connector = how, .children = children, .nchildren = n };
    if (negated) {
        Pred *inner = NEW(a, Pred);
        *inner = *out;
        *out = (Pred){ .connector = CONNECT_NOT, .children = inner, .nchildren = 1 };
    }
    return true;
}
