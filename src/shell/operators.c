/* operators.c: of numbers, texts and collections as Python has them, of expressions and conditions as Django has them. */
#include "shell/eval.h"
#include <clef/base/decimal.h>
#include <math.h>

/* --- conditions */

Value shell_q(Shell *s, Connector connector, const Pred *const *parts, size_t n)
{
    Pred *children = NEW_ARRAY(s->cx->arena, Pred, n), *q = NEW(s->cx->arena, Pred);
    for (size_t i = 0; i < n; i++)
        children[i] = *parts[i];
    *q = (Pred){ .connector = connector, .children = children, .nchildren = n };
    return value_object(q, &shell_q_class);
}

bool shell_condition(Shell *s, Value v, Pred *out)
{
    if (is_a(v, &shell_q_class)) {
        *out = *(const Pred *)v.object;
        return true;
    }
    if (!is_a(v, &expr_class))
        return false;
    const Expr **e = NEW(s->cx->arena, const Expr *);
    *e = v.object;
    *out = (Pred){ .lookup = "", .value = { box_expr, e } };
    return true;
}

/* An empty Q() changes nothing. */
static bool is_empty(const Pred *p) { return p->connector == CONNECT_AND && !p->nchildren; }

static bool combine(Shell *s, char sign, Value a, Value b, Value *out)
{
    Pred *p = NEW_ARRAY(s->cx->arena, Pred, 2);
    if (!shell_condition(s, a, &p[0]) || !shell_condition(s, b, &p[1]))
        return false;
    const Pred *const parts[] = { &p[0], &p[1] };
    if (is_empty(&p[0]) || is_empty(&p[1]))
        *out = value_object(is_empty(&p[0]) ? &p[1] : &p[0], &shell_q_class);
    else
        *out = shell_q(s, sign == '&' ? CONNECT_AND : sign == '|' ? CONNECT_OR : CONNECT_XOR, parts, 2);
    return true;
}

static bool is_conditional(Value v)
{
    if (!is_a(v, &expr_class))
        return false;
    const Expr *e = v.object;
    return e->kind == EXPR_EXISTS || e->kind == EXPR_LOOKUP || e->kind == EXPR_CONDITION || e->kind == EXPR_CASE ||
           e->output == FIELD_BOOLEAN;
}

/* --- numbers */

static bool as_double(Value v, double *out)
{
    if (v.tag == VALUE_INT || v.tag == VALUE_BOOL)
        *out = v.tag == VALUE_INT ? (double)v.i : v.b;
    else if (v.tag == VALUE_DOUBLE)
        *out = v.d;
    else if (v.tag == VALUE_BIGINT)
        *out = decimal_to_double(*v.decimal);
    else
        return false;
    return true;
}

static bool as_decimal(Value v, Decimal *out)
{
    if (v.tag == VALUE_INT || v.tag == VALUE_BOOL)
        *out = decimal_from_i64(v.tag == VALUE_INT ? v.i : v.b);
    else if (v.tag == VALUE_DECIMAL || v.tag == VALUE_BIGINT)
        *out = *v.decimal;
    else
        return false;
    return true;
}

static Value integer_of(Shell *s, Decimal d)
{
    int64_t i;
    Decimal *kept = NEW(s->cx->arena, Decimal);
    if (decimal_to_i64(d, &i) == DECIMAL_OK)
        return value_int(i);
    *kept = d;
    return value_bigint(kept);
}

/* Sums and products of any size; false: another operator. */
static bool big(Shell *s, char sign, Decimal a, Decimal b, bool whole, Value *out)
{
    enum { PYTHON_PRECISION = 28 };
    Arena *arena = s->cx->arena;
    Decimal d;
    DecimalStatus status;
    if (sign == '+')
        status = decimal_add(arena, a, b, &d);
    else if (sign == '-')
        status = decimal_sub(arena, a, b, &d);
    else if (sign == '*')
        status = decimal_mul(arena, a, b, &d);
    else if (sign == '/' && !whole)
        status = decimal_div(arena, a, b, PYTHON_PRECISION, ROUND_HALF_EVEN, &d);
    else
        return false;
    if (status == DECIMAL_DIVISION_BY_ZERO)
        RAISE(s->cx, 500, "zero_division_error", "division by zero");
    if (status == DECIMAL_OK && !whole)
        status = decimal_round(arena, d, PYTHON_PRECISION, ROUND_HALF_EVEN, &d);
    if (status != DECIMAL_OK || (whole && decimal_digits(d) > 4000))
        RAISE(s->cx, 500, "overflow_error", "the number is too large");
    if (whole) {
        *out = integer_of(s, d);
        return true;
    }
    Decimal *kept = NEW(arena, Decimal);
    *kept = d;
    *out = value_decimal(kept);
    return true;
}

static bool power(Shell *s, Value a, Value b, Value *out)
{
    double x, y;
    if (a.tag == VALUE_INT && b.tag == VALUE_INT && b.i > 4000)
        RAISE(s->cx, 500, "overflow_error", "the number is too large");
    if (a.tag == VALUE_INT && b.tag == VALUE_INT && b.i >= 0) {
        *out = value_int(1);
        for (int64_t i = 0; i < b.i; i++)
            *out = shell_binary(s, STR("*"), *out, a);
        return true;
    }
    return as_double(a, &x) && as_double(b, &y) && (*out = value_double(pow(x, y)), true);
}

/* Integers of 64 bits; false: the result has more. */
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
    case '&':
        return *out = value_int(a & b), true;
    case '|':
        return *out = value_int(a | b), true;
    case '^':
        return *out = value_int(a ^ b), true;
    case '<':
        if (b < 0 || b > 62 || (a && __builtin_clrsbll(a) < b))
            RAISE(s->cx, 500, "overflow_error", "the shift is too far");
        return *out = value_int((int64_t)((uint64_t)a << b)), true;
    case '>':
        if (b < 0)
            RAISE(s->cx, 500, "value_error", "negative shift count");
        return *out = value_int(a >> (b > 63 ? 63 : b)), true;
    default:
        if (!b)
            RAISE(s->cx, 500, "zero_division_error", "division by zero");
        if (sign == '/')
            return *out = value_double((double)a / (double)b), true;
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
    double d = sign == '+'   ? a + b
               : sign == '-' ? a - b
               : sign == '*' ? a * b
               : sign == '/' ? a / b
               : sign == 'f' ? floor(a / b)
                             : a - b * floor(a / b);
    *out = value_double(d);
    return strchr("+-*/%f", sign) != NULL;
}

static bool numbers(Shell *s, char sign, Value a, Value b, Value *out)
{
    double x, y;
    Decimal p, q;
    bool whole = a.tag != VALUE_DECIMAL && b.tag != VALUE_DECIMAL;
    if (sign == 'p')
        return power(s, a, b, out);
    if ((a.tag == VALUE_INT || a.tag == VALUE_BOOL) && (b.tag == VALUE_INT || b.tag == VALUE_BOOL)) {
        int64_t i = a.tag == VALUE_INT ? a.i : a.b, k = b.tag == VALUE_INT ? b.i : b.b;
        if (integers(s, sign, i, k, out))
            return true;
    }
    if (as_decimal(a, &p) && as_decimal(b, &q) && big(s, sign, p, q, whole, out))
        return true;
    return as_double(a, &x) && as_double(b, &y) && doubles(s, sign, x, y, out);
}

/* --- moments */

static bool moments(Shell *s, char sign, Value a, Value b, Value *out)
{
    NaiveDateTime t;
    Duration d = { sign == '-' ? -b.us : b.us };
    double factor;
    if (sign == '+' && a.tag == VALUE_DURATION && (b.tag == VALUE_DATE || b.tag == VALUE_DATETIME))
        return moments(s, sign, b, a, out);
    if (a.tag == VALUE_DURATION && b.tag == VALUE_DURATION && (sign == '+' || sign == '-'))
        return *out = value_duration((Duration){ a.us + d.us }), true;
    if (a.tag == VALUE_DURATION && b.tag == VALUE_DURATION && sign == '/' && b.us)
        return *out = value_double((double)a.us / (double)b.us), true;
    if (a.tag == VALUE_DURATION && as_double(b, &factor) && (sign == '*' || (sign == '/' && factor != 0)))
        return *out = value_duration((Duration){ llrint((double)a.us * (sign == '*' ? factor : 1 / factor)) }), true;
    if (b.tag == VALUE_DURATION && as_double(a, &factor) && sign == '*')
        return *out = value_duration((Duration){ llrint((double)b.us * factor) }), true;
    if (sign != '+' && sign != '-')
        return false;
    if (a.tag == VALUE_DATETIME && b.tag == VALUE_DURATION && naive_add((NaiveDateTime){ a.us }, d, &t))
        return *out = (Value){ .tag = VALUE_DATETIME, .us = t.us, .zone = a.zone }, true;
    if (a.tag == VALUE_DATE && b.tag == VALUE_DURATION) {
        int64_t days = d.us / US_PER_DAY - (d.us % US_PER_DAY < 0);
        return *out = value_date((Date){ (int32_t)(a.us + days) }), true;
    }
    if (a.tag == VALUE_DATE && b.tag == VALUE_DATE && sign == '-')
        return *out = value_duration((Duration){ (a.us - b.us) * US_PER_DAY }), true;
    if (a.tag == VALUE_DATETIME && b.tag == VALUE_DATETIME && sign == '-') {
        if (!a.zone != !b.zone)
            RAISE(s->cx, 500, "type_error", "can't subtract offset-naive and offset-aware datetimes");
        return *out = value_duration((Duration){ a.us - b.us }), true;
    }
    return false;
}

/* --- collections */

static bool without_or_with(Shell *s, char sign, Value a, Value b, Value *out)
{
    const List *x = list_of(a), *y = list_of(b);
    List *all = list_new(s->cx->arena);
    for (size_t i = 0; i < x->n; i++)
        if (sign == '|' || shell_contains(s, b, x->p[i]).b == (sign == '&'))
            list_push(s->cx->arena, all, x->p[i]);
    for (size_t i = 0; (sign == '|' || sign == '^') && i < y->n; i++)
        if (!shell_contains(s, a, y->p[i]).b)
            list_push(s->cx->arena, all, y->p[i]);
    *out = value_object(all, &shell_set_class);
    return true;
}

static bool collections(Shell *s, char sign, Value a, Value b, Value *out)
{
    Arena *arena = s->cx->arena;
    List *keys, *values, *k, *v;
    if (is_a(a, &shell_set_class) && is_a(b, &shell_set_class) && strchr("&|^-", sign))
        return without_or_with(s, sign, a, b, out);
    if (sign == '|' && shell_pairs(s, a, &keys, &values) && shell_pairs(s, b, &k, &v)) {
        List *all_keys = list_new(arena), *all = list_new(arena);
        for (size_t i = 0; i < keys->n + k->n; i++) {
            list_push(arena, all_keys, i < keys->n ? keys->p[i] : k->p[i - keys->n]);
            list_push(arena, all, i < keys->n ? values->p[i] : v->p[i - keys->n]);
        }
        return *out = shell_dict(s, all_keys, all), true;
    }
    if (value_is_text(a) && value_is_text(b) && sign == '+')
        return *out = value_str(str_concat(arena, a.s, b.s)), true;
    if (sign == '*' && a.tag == VALUE_INT && (value_is_text(b) || b.tag == VALUE_LIST))
        return collections(s, sign, b, a, out);
    if (sign == '*' && value_is_text(a) && b.tag == VALUE_INT) {
        Buf buf = BUF_INIT(arena, (size_t)16 << 20);
        for (int64_t i = 0; i < b.i && !buf.failed; i++)
            buf_str(&buf, a.s);
        if (buf.failed || b.i > INT32_MAX)
            RAISE(s->cx, 500, "overflow_error", "the text is too long");
        return *out = value_str(buf_view(&buf)), true;
    }
    bool repeat = sign == '*' && is_list(a) && b.tag == VALUE_INT, same = is_list(a) && is_list(b) && a.cls == b.cls;
    if (!repeat && !(sign == '+' && same && a.tag == b.tag && !is_a(a, &shell_set_class)))
        return false;
    List *all = list_new(arena);
    for (int64_t n = repeat ? b.i : 1; n > 0; n--)
        for (size_t i = 0; i < list_of(a)->n; i++) {
            if (all->n >= SHELL_LIST_MAX)
                RAISE(s->cx, 500, "overflow_error", "the list is too long");
            list_push(arena, all, list_of(a)->p[i]);
        }
    for (size_t i = 0; !repeat && i < list_of(b)->n; i++)
        list_push(arena, all, list_of(b)->p[i]);
    *out = a.tag == VALUE_LIST ? value_list(all) : value_object(all, &shell_tuple_class);
    return true;
}

/* --- comparing */

static bool same_row(Value a, Value b)
{
    const Model *m = row_model(a.object);
    Arena *scratch = arena_create(NULL, 0, 0);
    bool same = a.object == b.object;
    if (!same && m && m == row_model(b.object)) {
        Value pk = row_pk(scratch, m, a.object);
        bool unsaved = pk.tag == VALUE_NULL || (pk.tag == VALUE_INT && !pk.i); /* such a row equals itself alone */
        same = !unsaved && value_eq(pk, row_pk(scratch, m, b.object));
    }
    arena_destroy(scratch);
    return same;
}

static bool is_equal(Shell *s, Value a, Value b)
{
    if (is_a(a, &row_class) && is_a(b, &row_class))
        return same_row(a, b);
    if (is_list(a) && is_list(b)) {
        const List *x = list_of(a), *y = list_of(b);
        bool tuples = a.tag != VALUE_LIST && b.tag != VALUE_LIST;
        if (x->n != y->n || (a.tag != b.tag && !tuples))
            return false;
        if (is_a(a, &shell_set_class) || is_a(b, &shell_set_class))
            return is_a(a, &shell_set_class) && is_a(b, &shell_set_class) && value_eq(a, b);
        for (size_t i = 0; i < x->n; i++)
            if (!is_equal(s, x->p[i], y->p[i]))
                return false;
        return true;
    }
    if (a.tag == VALUE_OBJECT && b.tag == VALUE_OBJECT && a.object == b.object && a.cls == b.cls)
        return true;
    if (is_a(a, &shell_q_class) && is_a(b, &shell_q_class))
        return str_eq(shell_q_text(s, a.object), shell_q_text(s, b.object));
    if (is_a(a, &expr_class) && is_a(b, &expr_class))
        return str_eq(shell_expr_text(s, a.object), shell_expr_text(s, b.object));
    return value_eq(a, b);
}

static ValueOrder order_of(Shell *s, Value a, Value b)
{
    if (is_list(a) && is_list(b)) {
        const List *x = list_of(a), *y = list_of(b);
        for (size_t i = 0; i < x->n && i < y->n; i++)
            if (!is_equal(s, x->p[i], y->p[i]))
                return order_of(s, x->p[i], y->p[i]);
        return x->n < y->n ? VALUE_LESS : x->n > y->n ? VALUE_GREATER : VALUE_EQUAL;
    }
    return value_cmp(a, b);
}

/* The class of an expression is that of its function. */
static const char *kind_name(Value v)
{
    const Expr *e = is_a(v, &expr_class) ? v.object : NULL;
    bool named = e && e->name && (e->kind == EXPR_AGGREGATE || e->kind == EXPR_CALL);
    return named && *e->name >= 'A' && *e->name <= 'Z' ? e->name
           : e && e->kind == EXPR_FIELD                ? "F"
                                                       : value_type_name(v);
}

/* Python's `is`: the same object; numbers and times are the same when they are equal. */
static bool is_same(Value a, Value b)
{
    if (a.tag != b.tag)
        return false;
    switch (a.tag) {
    case VALUE_STR:
    case VALUE_SAFE:
    case VALUE_BYTES:
        return a.s.p == b.s.p && a.s.n == b.s.n;
    case VALUE_LIST:
        return a.list == b.list;
    case VALUE_MAP:
        return a.map == b.map;
    case VALUE_OBJECT:
        return a.object == b.object;
    default:
        return value_eq(a, b);
    }
}

bool shell_compare(Shell *s, Str sign, Value a, Value b)
{
    a = shell_simple(a);
    b = shell_simple(b);
    if (str_eq(sign, STR("in")) || str_eq(sign, STR("not in")))
        return shell_contains(s, b, a).b == (sign.n == 2);
    if (str_starts(sign, STR("is")))
        return is_same(a, b) == (sign.n == 2);
    if (str_eq(sign, STR("==")) || str_eq(sign, STR("!=")))
        return is_equal(s, a, b) == (sign.p[0] == '=');
    ValueOrder order = order_of(s, a, b);
    if (order == VALUE_INCOMPARABLE || (order == VALUE_EQUAL && a.tag == VALUE_NULL))
        RAISE(s->cx, 500, "type_error", "'%.*s' not supported between instances of '%s' and '%s'", STR_FMT(sign),
              kind_name(a), kind_name(b));
    return (order == VALUE_EQUAL && sign.n == 2) || order == (sign.p[0] == '<' ? VALUE_LESS : VALUE_GREATER);
}

/* --- operators */

static Value expression(Shell *s, const char *sign, Value a, Value b)
{
    Boxed *args = NEW_ARRAY(s->cx->arena, Boxed, 2);
    args[0] = shell_boxed(s, a);
    args[1] = shell_boxed(s, b);
    return shell_expr(s, &(Expr){ .kind = EXPR_CALL, .name = sign, .args = args, .n = 2 });
}

Value shell_unary(Shell *s, Str sign, Value v)
{
    if (str_eq(sign, STR("not")))
        return value_bool(!shell_truth(s, v));
    if (str_eq(sign, STR("~"))) {
        Pred *p = NEW(s->cx->arena, Pred);
        if (v.tag == VALUE_INT)
            return value_int(~v.i);
        if (!shell_condition(s, v, p))
            RAISE(s->cx, 500, "type_error", "bad operand type for unary ~: '%s'", value_type_name(v));
        if (is_empty(p)) /* no condition, negated, is none */
            return v;
        Value q = shell_q(s, CONNECT_NOT, (const Pred *const[]){ p }, 1);
        if (!is_a(v, &expr_class))
            return q;
        Pred *where = NEW_ARRAY(s->cx->arena, Pred, 2);
        where[0] = *(const Pred *)q.object;
        return shell_expr(s, &(Expr){ .kind = EXPR_CONDITION, .where = where, .output = FIELD_BOOLEAN });
    }
    if (str_eq(sign, STR("+")))
        return v;
    if (is_a(v, &expr_class))
        return shell_binary(s, STR("*"), v, value_int(-1));
    if (v.tag == VALUE_DOUBLE)
        return value_double(-v.d);
    if (v.tag == VALUE_DURATION)
        return value_duration((Duration){ -v.us });
    return shell_binary(s, STR("-"), value_int(0), v);
}

Value shell_binary(Shell *s, Str sign, Value a, Value b)
{
    static const char *const operators[] = { "+", "-", "*", "/", "%", "**", "&", "|", "^", "<<", ">>", NULL };
    Value out;
    a = shell_simple(a);
    b = shell_simple(b);
    char letter = str_eq(sign, STR("**")) ? 'p' : str_eq(sign, STR("//")) ? 'f' : sign.p[0];
    bool bits = strchr("&|^", letter) != NULL;
    QuerySet *q = bits ? shell_queryset(s, a) : NULL;
    if (q && shell_queryset(s, b))
        return shell_queryset_call(s, q, NULL, sign, (Args){ .p = &b, .n = 1 });
    if (bits && (is_a(a, &shell_q_class) || is_a(b, &shell_q_class) || (is_conditional(a) && is_conditional(b))) &&
        combine(s, letter, a, b, &out))
        return out;
    for (size_t i = 0; operators[i] && (is_a(a, &expr_class) || is_a(b, &expr_class)); i++)
        if (str_eq(sign, str_c(operators[i]))) {
            if (bits)
                RAISE(s->cx, 500, "not_implemented_error",
                      "Use .bitand(), .bitor(), and .bitxor() for bitwise logical operations.");
            return expression(s, operators[i], a, b);
        }
    if (letter == '%' && value_is_text(a))
        return shell_percent(s, a.s, b);
    if (collections(s, letter, a, b, &out) || moments(s, letter, a, b, &out) || numbers(s, letter, a, b, &out))
        return out;
    RAISE(s->cx, 500, "type_error", "unsupported operand type(s) for %.*s: '%s' and '%s'", STR_FMT(sign),
          value_type_name(a), value_type_name(b));
}
