/* operators.c: of numbers and texts as Python has them, of expressions and conditions as Django has them. */
#include "shell/eval.h"
#include <clef/base/decimal.h>

static Value q_of(Shell *s, Connector connector, const Pred *const *parts, size_t n)
{
    Pred *children = NEW_ARRAY(s->cx->arena, Pred, n), *q = NEW(s->cx->arena, Pred);
    for (size_t i = 0; i < n; i++)
        children[i] = *parts[i];
    *q = (Pred){ .connector = connector, .children = children, .nchildren = n };
    return value_object(q, &shell_q_class);
}

Value shell_unary(Shell *s, Str sign, Value v)
{
    if (str_eq(sign, STR("not")))
        return value_bool(!value_truth(v));
    if (str_eq(sign, STR("~"))) {
        if (!is_a(v, &shell_q_class))
            RAISE(s->cx, 500, "type_error", "bad operand type for unary ~: '%s'", value_type_name(v));
        return q_of(s, CONNECT_NOT, (const Pred *const[]){ v.object }, 1);
    }
    if (str_eq(sign, STR("+")))
        return v;
    if (is_a(v, &expr_class))
        return shell_binary(s, STR("*"), v, value_int(-1));
    if (v.tag == VALUE_INT && v.i != INT64_MIN)
        return value_int(-v.i);
    if (v.tag == VALUE_DOUBLE)
        return value_double(-v.d);
    if (v.tag == VALUE_DURATION)
        return value_duration((Duration){ -v.us });
    return shell_binary(s, STR("-"), value_int(0), v);
}

static bool integers(Shell *s, char sign, int64_t a, int64_t b, Value *out)
{
    int64_t i;
    switch (sign) {
    case '+':
        return !__builtin_add_overflow(a, b, &i) && (*out = value_int(i), true);
    case '-':
        return !__builtin_sub_overflow(a, b, &i) && (*out = value_int(i), true);
    case '*':
        return !__builtin_mul_overflow(a, b, &i) && (*out = value_int(i), true);
    case 'p':
        for (i = 1; b > 0; b--)
            if (__builtin_mul_overflow(i, a, &i))
                return false;
        *out = value_int(i);
        return b == 0;
    default:
        if (!b)
            RAISE(s->cx, 500, "zero_division_error", "division by zero");
        if (sign == '/') {
            *out = value_double((double)a / (double)b);
            return true;
        }
        if (b == -1) { /* the least integer has no opposite */
            *out = value_int(0);
            return sign == '%' || integers(s, '-', 0, a, out);
        }
        i = a / b - (a % b != 0 && (a < 0) != (b < 0)); /* towards minus infinity */
        *out = value_int(sign == '%' ? a - i * b : i);
        return true;
    }
}

static bool doubles(Shell *s, char sign, double a, double b, Value *out)
{
    if ((sign == '/' || sign == '%' || sign == 'f') && b == 0)
        RAISE(s->cx, 500, "zero_division_error", "float division by zero");
    double d = sign == '+' ? a + b : sign == '-' ? a - b : sign == '*' ? a * b : sign == '/' ? a / b : 0;
    *out = value_double(d);
    return sign == '+' || sign == '-' || sign == '*' || sign == '/';
}

static bool as_double(Value v, double *out)
{
    if (v.tag == VALUE_INT || v.tag == VALUE_BOOL)
        *out = v.tag == VALUE_INT ? (double)v.i : v.b;
    else if (v.tag == VALUE_DOUBLE)
        *out = v.d;
    else
        return false;
    return true;
}

static bool compare(Str sign, Value a, Value b, bool *out)
{
    if (str_eq(sign, STR("==")) || str_eq(sign, STR("!="))) {
        *out = value_eq(a, b) == (sign.p[0] == '=');
        return true;
    }
    if (sign.p[0] != '<' && sign.p[0] != '>')
        return false;
    ValueOrder order = value_cmp(a, b);
    if (order == VALUE_INCOMPARABLE)
        return false;
    bool equal = order == VALUE_EQUAL && sign.n == 2;
    *out = equal || order == (sign.p[0] == '<' ? VALUE_LESS : VALUE_GREATER);
    return true;
}

static Value expression(Shell *s, const char *sign, Value a, Value b)
{
    Boxed *args = NEW_ARRAY(s->cx->arena, Boxed, 2);
    Expr *e = NEW(s->cx->arena, Expr);
    args[0] = shell_boxed(s, a);
    args[1] = shell_boxed(s, b);
    *e = (Expr){ .kind = EXPR_CALL, .name = sign, .args = args, .n = 2 };
    return value_object(e, &expr_class);
}

static Value moments(Shell *s, char sign, Value a, Value b, bool *done)
{
    NaiveDateTime t;
    Duration d = { sign == '-' ? -b.us : b.us };
    *done = true;
    if (a.tag == VALUE_DURATION && b.tag == VALUE_DURATION)
        return value_duration((Duration){ a.us + d.us });
    if (a.tag == VALUE_DATETIME && b.tag == VALUE_DURATION && naive_add((NaiveDateTime){ a.us }, d, &t))
        return (Value){ .tag = VALUE_DATETIME, .us = t.us, .zone = a.zone };
    if (a.tag == VALUE_DATE && b.tag == VALUE_DURATION)
        return value_date((Date){ (int32_t)(a.us + d.us / US_PER_DAY) });
    if (a.tag == VALUE_DATETIME && b.tag == VALUE_DATETIME && sign == '-')
        return value_duration((Duration){ a.us - b.us });
    (void)s;
    *done = false;
    return value_null();
}

Value shell_binary(Shell *s, Str sign, Value a, Value b)
{
    static const char *const operators[] = { "+", "-", "*", "/", "%", "**", NULL };
    Value out;
    double x, y;
    bool truth;
    for (size_t i = 0; operators[i] && (is_a(a, &expr_class) || is_a(b, &expr_class)); i++)
        if (str_eq(sign, str_c(operators[i])))
            return expression(s, operators[i], a, b);
    if (is_a(a, &shell_q_class) && is_a(b, &shell_q_class)) {
        const Pred *const parts[] = { a.object, b.object };
        if (str_eq(sign, STR("&")) || str_eq(sign, STR("|")))
            return q_of(s, sign.p[0] == '&' ? CONNECT_AND : CONNECT_OR, parts, 2);
        if (str_eq(sign, STR("^"))) { /* one of them, not both */
            Value either = q_of(s, CONNECT_OR, parts, 2), both = q_of(s, CONNECT_AND, parts, 2);
            Value not_both = q_of(s, CONNECT_NOT, (const Pred *const[]){ both.object }, 1);
            return q_of(s, CONNECT_AND, (const Pred *const[]){ either.object, not_both.object }, 2);
        }
    }
    if (compare(sign, a, b, &truth))
        return value_bool(truth);
    char letter = str_eq(sign, STR("**")) ? 'p' : str_eq(sign, STR("//")) ? 'f' : sign.p[0];
    if (value_is_text(a) && value_is_text(b) && letter == '+')
        return value_str(str_concat(s->cx->arena, a.s, b.s));
    if (a.tag == VALUE_INT && b.tag == VALUE_INT && sign.p[0] != '&' && sign.p[0] != '|' && sign.p[0] != '^' &&
        (letter != 'p' || (b.i >= 0 && b.i < 64))) {
        if (integers(s, letter, a.i, b.i, &out))
            return out;
        RAISE(s->cx, 500, "overflow_error", "the result has more than 64 bits");
    }
    bool done = false;
    if (letter == '+' || letter == '-')
        out = moments(s, letter, a, b, &done);
    if (done || (as_double(a, &x) && as_double(b, &y) && doubles(s, letter, x, y, &out)))
        return out;
    if (is_list(a) && is_list(b) && letter == '+') {
        List *all = list_new(s->cx->arena);
        for (size_t i = 0; i < list_of(a)->n; i++)
            list_push(s->cx->arena, all, list_of(a)->p[i]);
        for (size_t i = 0; i < list_of(b)->n; i++)
            list_push(s->cx->arena, all, list_of(b)->p[i]);
        return value_list(all);
    }
    RAISE(s->cx, 500, "type_error", "unsupported operand type(s) for %.*s: '%s' and '%s'", STR_FMT(sign),
          value_type_name(a), value_type_name(b));
}
