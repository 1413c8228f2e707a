/* functions.c: the names that are always known: Django's expressions, and a few of Python's functions. */
#include "shell/eval.h"
#include <clef/base/decimal.h>
#include <clef/base/uuid.h>

static void expect(Shell *s, const ShellFunction *f, Args args, size_t least, size_t most)
{
    if (args.n < least || args.n > most)
        RAISE(s->cx, 500, "type_error", "%s() takes %zu to %zu arguments, not %zu", f->name, least, most, args.n);
}

/* --- conditions and expressions */

static Value call_q(Shell *s, const ShellFunction *f, Args args)
{
    (void)f;
    const Pred *parts = shell_conditions(s, args);
    size_t n = 0;
    while (parts[n].lookup || parts[n].connector)
        n++;
    Pred *q = NEW(s->cx->arena, Pred);
    *q = n == 1 ? parts[0] : (Pred){ .connector = CONNECT_AND, .children = parts, .nchildren = n };
    return value_object(q, &shell_q_class);
}

static Value call_expr(Shell *s, const ShellFunction *f, Args args)
{
    static const struct {
        const char *name;
        ExprKind kind;
    } kinds[] = { { "F", EXPR_FIELD },           { "Value", EXPR_VALUE },   { "OuterRef", EXPR_OUTER },
                  { "Subquery", EXPR_SUBQUERY }, { "Exists", EXPR_EXISTS }, { "Case", EXPR_CASE } };
    Arena *a = s->cx->arena;
    Expr *e = NEW(a, Expr);
    *e = (Expr){ .kind = EXPR_CALL, .name = f->name };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(str_c(f->name), str_c(kinds[i].name)))
            e->kind = kinds[i].kind;
    if (e->kind == EXPR_FIELD || e->kind == EXPR_OUTER) {
        expect(s, f, args, 1, 1);
        e->name = shell_text(s, args.p[0], f->name);
        return value_object(e, &expr_class);
    }
    if (e->kind == EXPR_SUBQUERY || e->kind == EXPR_EXISTS) {
        expect(s, f, args, 1, 1);
        if (!is_a(args.p[0], &queryset_class))
            RAISE(s->cx, 500, "type_error", "%s takes a queryset.", f->name);
        e->query = (QuerySet *)args.p[0].object;
        return value_object(e, &expr_class);
    }
    if (e->kind == EXPR_VALUE)
        expect(s, f, args, 1, 1);
    if (e->kind == EXPR_CASE)
        e->otherwise = shell_boxed(s, shell_keyword(args, "default", value_null()));
    Boxed *boxed = NEW_ARRAY(a, Boxed, args.n ? args.n : 1);
    for (size_t i = 0; i < args.n; i++)
        boxed[i] = shell_boxed(s, args.p[i]);
    e->args = boxed;
    e->n = args.n;
    return value_object(e, &expr_class);
}

static Value call_aggregate(Shell *s, const ShellFunction *f, Args args)
{
    expect(s, f, args, 1, 1);
    Expr *e = NEW(s->cx->arena, Expr);
    Boxed *arg = NEW(s->cx->arena, Boxed);
    *arg = shell_boxed(s, args.p[0]);
    *e = (Expr){ .kind = EXPR_AGGREGATE, .name = f->name, .args = arg, .n = 1 };
    for (size_t i = 0; i < args.nkeywords; i++) {
        const Keyword *k = &args.keywords[i];
        if (str_eq(k->name, STR("distinct")))
            e->distinct = value_truth(k->value);
        else if (str_eq(k->name, STR("default")))
            e->otherwise = shell_boxed(s, k->value);
        else if (str_eq(k->name, STR("filter")))
            e->where = shell_conditions(s, (Args){ .p = &k->value, .n = 1 });
        else
            RAISE(s->cx, 500, "type_error", "%s() got an unexpected keyword argument '%.*s'", f->name,
                  STR_FMT(k->name));
    }
    return value_object(e, &expr_class);
}

static Value call_when(Shell *s, const ShellFunction *f, Args args)
{
    (void)f;
    Keyword *others = NEW_ARRAY(s->cx->arena, Keyword, args.nkeywords + 1);
    Args conditions = { .p = args.p, .n = args.n, .keywords = others };
    for (size_t i = 0; i < args.nkeywords; i++)
        if (!str_eq(args.keywords[i].name, STR("then")))
            others[conditions.nkeywords++] = args.keywords[i];
    if (!conditions.n && !conditions.nkeywords)
        RAISE(s->cx, 500, "type_error", "An empty Q() can't be used as a When() condition.");
    Boxed *then = NEW(s->cx->arena, Boxed);
    Expr *e = NEW(s->cx->arena, Expr);
    *then = shell_boxed(s, shell_keyword(args, "then", value_null()));
    *e = (Expr){ .kind = EXPR_WHEN, .where = shell_conditions(s, conditions), .args = then, .n = 1 };
    return value_object(e, &expr_class);
}

/* --- dates and numbers */

static int64_t whole(Shell *s, const ShellFunction *f, Value v)
{
    if (v.tag != VALUE_INT || v.i > INT32_MAX || v.i < INT32_MIN)
        RAISE(s->cx, 500, "type_error", "%s() takes integers.", f->name);
    return v.i;
}

static Value call_date(Shell *s, const ShellFunction *f, Args args)
{
    int64_t p[7] = { 0 };
    bool date = *f->name == 'd', only_date = str_eq(str_c(f->name), STR("date"));
    expect(s, f, args, date ? 3 : 0, only_date ? 3 : date ? 7 : 4);
    for (size_t i = 0; i < args.n; i++)
        p[i] = whole(s, f, args.p[i]);
    Date d;
    Time t;
    NaiveDateTime n;
    bool right;
    if (only_date)
        right = date_make((int)p[0], (int)p[1], (int)p[2], &d);
    else if (date)
        right = naive_make(
            (DateTimeParts){ (int)p[0], (int)p[1], (int)p[2], (int)p[3], (int)p[4], (int)p[5], (int)p[6] }, &n);
    else
        right = time_make((int)p[0], (int)p[1], (int)p[2], (int)p[3], &t);
    if (!right)
        RAISE(s->cx, 500, "value_error", "there is no such %s", f->name);
    if (!date)
        return value_time(t);
    if (only_date)
        return value_date(d);
    Value zone = shell_keyword(args, "tzinfo", value_null());
    return zone.tag == VALUE_NULL ? value_naive(n) : value_datetime((DateTime){ n.us }, timezone_utc());
}

static Value call_timedelta(Shell *s, const ShellFunction *f, Args args)
{
    static const struct {
        const char *name;
        double us;
    } units[] = { { "days", 86400e6 }, { "seconds", 1e6 },  { "microseconds", 1 }, { "milliseconds", 1e3 },
                  { "minutes", 60e6 }, { "hours", 3600e6 }, { "weeks", 604800e6 } };
    double us = 0;
    expect(s, f, args, 0, 3);
    for (size_t i = 0; i < 7; i++) {
        Value v = i < args.n ? args.p[i] : shell_keyword(args, units[i].name, value_int(0));
        if (v.tag != VALUE_INT && v.tag != VALUE_DOUBLE)
            RAISE(s->cx, 500, "type_error", "timedelta() takes numbers.");
        us += units[i].us * (v.tag == VALUE_INT ? (double)v.i : v.d);
    }
    if (!(us > -8e18 && us < 8e18))
        RAISE(s->cx, 500, "overflow_error", "the duration is too long");
    return value_duration((Duration){ (int64_t)us });
}

static Value call_decimal(Shell *s, const ShellFunction *f, Args args)
{
    expect(s, f, args, 1, 1);
    Decimal *d = NEW(s->cx->arena, Decimal);
    Value v = args.p[0];
    if (v.tag == VALUE_INT)
        *d = decimal_of(v.i, 0);
    else if (!value_is_text(v) || decimal_parse(s->cx->arena, v.s, d) != DECIMAL_OK)
        RAISE(s->cx, 500, "value_error", "Decimal() takes a text that is a number, or an integer.");
    return value_decimal(d);
}

/* --- Python's */

static Value call_len(Shell *s, const ShellFunction *f, Args args)
{
    expect(s, f, args, 1, 1);
    if (is_a(args.p[0], &queryset_class))
        return value_int((int64_t)queryset_length((QuerySet *)args.p[0].object));
    size_t n;
    if (!value_length(args.p[0], &n))
        RAISE(s->cx, 500, "type_error", "object of type '%s' has no len()", value_type_name(args.p[0]));
    return value_int((int64_t)n);
}

static Value call_list(Shell *s, const ShellFunction *f, Args args)
{
    expect(s, f, args, 0, 1);
    List *out = list_new(s->cx->arena), *of = args.n ? shell_elements(s, args.p[0]) : NULL;
    for (size_t i = 0; of && i < of->n; i++)
        list_push(s->cx->arena, out, of->p[i]);
    return *f->name == 't' ? value_object(out, &shell_tuple_class) : value_list(out);
}

static Value call_range(Shell *s, const ShellFunction *f, Args args)
{
    expect(s, f, args, 1, 3);
    int64_t from = args.n > 1 ? whole(s, f, args.p[0]) : 0, to = whole(s, f, args.p[args.n > 1]);
    int64_t by = args.n > 2 ? whole(s, f, args.p[2]) : 1;
    List *out = list_new(s->cx->arena);
    if (!by || (to - from) / by > SHELL_LIST_MAX)
        RAISE(s->cx, 500, "value_error", "range() gives at most %d numbers here.", SHELL_LIST_MAX);
    for (int64_t i = from; by > 0 ? i < to : i > to; i += by)
        list_push(s->cx->arena, out, value_int(i));
    return value_list(out);
}

static Value call_sorted(Shell *s, const ShellFunction *f, Args args)
{
    expect(s, f, args, 1, 1);
    Value copy = call_list(s, f, args);
    List *list = list_of(copy);
    for (size_t i = 1; i < list->n; i++) /* stable, as Python's */
        for (size_t j = i; j > 0 && value_cmp(list->p[j], list->p[j - 1]) == VALUE_LESS; j--) {
            Value t = list->p[j];
            list->p[j] = list->p[j - 1];
            list->p[j - 1] = t;
        }
    return value_list(list);
}

static Value call_str(Shell *s, const ShellFunction *f, Args args)
{
    expect(s, f, args, 1, 1);
    Value v = args.p[0];
    if (value_is_text(v) && *f->name == 's')
        return v;
    if (is_a(v, &row_class)) {
        const Model *m = row_model(v.object);
        Str text = row_str(s->cx, m, v.object);
        return value_str(*f->name == 's' ? text : str_format(s->cx->arena, "<%s: %.*s>", m->name, STR_FMT(text)));
    }
    if (v.tag == VALUE_OBJECT && v.cls->str && !is_a(v, &shell_tuple_class))
        return value_str(v.cls->str(s->cx->arena, v.object));
    Buf b = BUF_INIT(s->cx->arena, 1 << 20);
    shell_print(s, &b, v, 0);
    return value_str(str_trim(buf_view(&b)));
}

static const ShellFunction functions[] = {
    { "Q", call_q },
    { "F", call_expr },
    { "Value", call_expr },
    { "OuterRef", call_expr },
    { "Subquery", call_expr },
    { "Exists", call_expr },
    { "Case", call_expr },
    { "When", call_when },
    { "Count", call_aggregate },
    { "Sum", call_aggregate },
    { "Avg", call_aggregate },
    { "Max", call_aggregate },
    { "Min", call_aggregate },
    { "Lower", call_expr },
    { "Upper", call_expr },
    { "Length", call_expr },
    { "Trim", call_expr },
    { "LTrim", call_expr },
    { "RTrim", call_expr },
    { "Abs", call_expr },
    { "Round", call_expr },
    { "Concat", call_expr },
    { "Coalesce", call_expr },
    { "Greatest", call_expr },
    { "Least", call_expr },
    { "NullIf", call_expr },
    { "Substr", call_expr },
    { "Replace", call_expr },
    { "date", call_date },
    { "datetime", call_date },
    { "time", call_date },
    { "timedelta", call_timedelta },
    { "Decimal", call_decimal },
    { "D", call_decimal },
    { "len", call_len },
    { "list", call_list },
    { "tuple", call_list },
    { "range", call_range },
    { "sorted", call_sorted },
    { "str", call_str },
    { "repr", call_str },
};

const ShellFunction *shell_function_at(size_t i)
{
    return i < sizeof functions / sizeof *functions ? &functions[i] : NULL;
}

const ShellFunction *shell_function(Str name)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (str_eq(str_c(functions[i].name), name))
            return &functions[i];
    return NULL;
}
