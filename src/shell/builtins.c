/* builtins.c: Python's functions. */
#include "orm/info.h"
#include "shell/eval.h"
#include <clef/base/decimal.h>
#include <clef/base/double.h>
#include <math.h>

/* --- texts */

static Value call_str(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, *f->name == 's' ? 0 : 1, 1);
    if (!args.n)
        return value_str(STR(""));
    return value_str(*f->name == 's' ? shell_str(s, args.p[0]) : shell_repr(s, args.p[0]));
}

static Value call_format(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 2);
    return value_str(shell_format(s, args.p[0], args.n > 1 ? str_c(shell_text(s, args.p[1], "format()")) : STR("")));
}

/* --- numbers */

static Value call_int(Shell *s, const ShellFunction *f, Args args)
{
    int64_t i;
    shell_expect(s, f->name, args, 0, 1);
    Value v = args.n ? args.p[0] : value_int(0);
    if (v.tag == VALUE_BOOL || v.tag == VALUE_INT || v.tag == VALUE_BIGINT)
        return v.tag == VALUE_BOOL ? value_int(v.b) : v;
    if (v.tag == VALUE_DOUBLE && fabs(v.d) < 9e18)
        return value_int((int64_t)v.d);
    if (v.tag == VALUE_DECIMAL) {
        Decimal whole;
        if (decimal_quantize(s->cx->arena, *v.decimal, 0, ROUND_DOWN, &whole) == DECIMAL_OK &&
            decimal_to_i64(whole, &i) == DECIMAL_OK)
            return value_int(i);
    }
    if (value_is_text(v) && str_to_i64(str_trim(v.s), &i))
        return value_int(i);
    if (value_is_text(v))
        RAISE(s->cx, 500, "value_error", "invalid literal for int() with base 10: %.*s", STR_FMT(shell_repr(s, v)));
    RAISE(s->cx, 500, "type_error", "int() takes a number or a text, not %s", value_type_name(v));
}

static Value call_float(Shell *s, const ShellFunction *f, Args args)
{
    double d;
    shell_expect(s, f->name, args, 0, 1);
    Value v = args.n ? args.p[0] : value_double(0);
    if (v.tag == VALUE_DECIMAL || v.tag == VALUE_BIGINT)
        return value_double(decimal_to_double(*v.decimal));
    if (value_to_double(v, &d))
        return value_double(d);
    if (value_is_text(v) && double_parse(str_trim(v.s), &d))
        return value_double(d);
    RAISE(s->cx, 500, value_is_text(v) ? "value_error" : "type_error", "float() takes a number, not %.*s",
          STR_FMT(shell_repr(s, v)));
}

static Value call_bool(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 0, 1);
    return value_bool(args.n && shell_truth(s, args.p[0]));
}

static Value call_abs(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 1);
    Value v = args.p[0], zero = v.tag == VALUE_DURATION ? value_duration((Duration){ 0 }) : value_int(0);
    return shell_compare(s, STR("<"), v, zero) ? shell_unary(s, STR("-"), v) : v;
}

static Value call_round(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 2);
    Value v = args.p[0], digits = shell_argument(args, 1, "ndigits", value_null());
    if (v.tag == VALUE_INT)
        return v;
    if (v.tag == VALUE_DECIMAL || v.tag == VALUE_DOUBLE) {
        Decimal *out = NEW(s->cx->arena, Decimal);
        Decimal of = v.tag == VALUE_DOUBLE ? decimal_from_double(s->cx->arena, v.d) : *v.decimal;
        int32_t exponent = digits.tag == VALUE_INT && digits.i > -300 && digits.i < 300 ? -(int32_t)digits.i : 0;
        if (decimal_quantize(s->cx->arena, of, exponent, ROUND_HALF_EVEN, out) == DECIMAL_OK) {
            if (digits.tag == VALUE_NULL)
                return call_int(s, f, (Args){ .p = (Value[]){ value_decimal(out) }, .n = 1 });
            return v.tag == VALUE_DOUBLE ? value_double(decimal_to_double(*out)) : value_decimal(out);
        }
    }
    RAISE(s->cx, 500, "type_error", "type %s doesn't define __round__ method", value_type_name(v));
}

/* --- collections */

static Value call_len(Shell *s, const ShellFunction *f, Args args)
{
    size_t n;
    shell_expect(s, f->name, args, 1, 1);
    QuerySet *q = shell_queryset(s, args.p[0]);
    if (q)
        return value_int((int64_t)shell_rows(s, q)->n);
    if (!value_length(args.p[0], &n))
        RAISE(s->cx, 500, "type_error", "object of type '%s' has no len()", value_type_name(args.p[0]));
    return value_int((int64_t)n);
}

static Value call_list(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 0, 1);
    List *out = list_new(s->cx->arena), *of = args.n ? shell_elements(s, args.p[0]) : out;
    for (size_t i = 0; of != out && i < of->n; i++)
        list_push(s->cx->arena, out, of->p[i]);
    if (*f->name == 's' || *f->name == 'f')
        return shell_set(s, out);
    return *f->name == 't' ? value_object(out, &shell_tuple_class) : value_list(out);
}

static Value call_dict(Shell *s, const ShellFunction *f, Args args)
{
    List *keys = list_new(s->cx->arena), *values = list_new(s->cx->arena), *k, *v;
    shell_expect(s, f->name, args, 0, 1);
    if (args.n && shell_pairs(s, args.p[0], &k, &v)) {
        for (size_t i = 0; i < k->n; i++) {
            list_push(s->cx->arena, keys, k->p[i]);
            list_push(s->cx->arena, values, v->p[i]);
        }
    } else if (args.n) {
        const List *pairs = shell_elements(s, args.p[0]);
        for (size_t i = 0; i < pairs->n; i++) {
            const List *pair = shell_elements(s, pairs->p[i]);
            if (pair->n != 2)
                RAISE(s->cx, 500, "value_error",
                      "dictionary update sequence element #%zu has length %zu; 2 is required", i, pair->n);
            list_push(s->cx->arena, keys, pair->p[0]);
            list_push(s->cx->arena, values, pair->p[1]);
        }
    }
    for (size_t i = 0; i < args.nkeywords; i++) {
        list_push(s->cx->arena, keys, value_str(args.keywords[i].name));
        list_push(s->cx->arena, values, args.keywords[i].value);
    }
    return shell_dict(s, keys, values);
}

static int64_t whole(Shell *s, const ShellFunction *f, Value v)
{
    if (v.tag != VALUE_INT || v.i > INT32_MAX || v.i < INT32_MIN)
        RAISE(s->cx, 500, "type_error", "%s() takes integers.", f->name);
    return v.i;
}

static Value call_range(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 3);
    int64_t from = args.n > 1 ? whole(s, f, args.p[0]) : 0, to = whole(s, f, args.p[args.n > 1]);
    int64_t by = args.n > 2 ? whole(s, f, args.p[2]) : 1;
    List *out = list_new(s->cx->arena);
    if (!by || (to - from) / by > SHELL_LIST_MAX)
        RAISE(s->cx, 500, "value_error", "range() gives at most %d numbers here.", SHELL_LIST_MAX);
    for (int64_t i = from; by > 0 ? i < to : i > to; i += by)
        list_push(s->cx->arena, out, value_int(i));
    return value_list(out);
}

static Value key_of(Shell *s, Value key, Value v)
{
    return key.tag == VALUE_NULL ? v : shell_call(s, key, (Args){ .p = &v, .n = 1 });
}

void shell_sort(Shell *s, List *list, Value key, bool reverse)
{
    Arena *a = s->cx->arena;
    size_t n = list->n;
    Value *keys = NEW_ARRAY(a, Value, n + 1), *from = NEW_ARRAY(a, Value, n + 1), *to = NEW_ARRAY(a, Value, n + 1);
    size_t *at = NEW_ARRAY(a, size_t, n + 1), *other = NEW_ARRAY(a, size_t, n + 1);
    Str less = reverse ? STR(">") : STR("<");
    (void)to;
    for (size_t i = 0; i < n; i++) {
        keys[i] = key_of(s, key, list->p[i]);
        from[i] = list->p[i];
        at[i] = i;
    }
    for (size_t width = 1; width < n; width *= 2) { /* a merge sort, stable as Python's */
        for (size_t begin = 0; begin < n; begin += 2 * width) {
            size_t middle = begin + width < n ? begin + width : n, end = begin + 2 * width < n ? begin + 2 * width : n;
            for (size_t i = begin, j = middle, k = begin; k < end; k++) {
                bool right = i == middle || (j < end && shell_compare(s, less, keys[at[j]], keys[at[i]]));
                other[k] = right ? at[j++] : at[i++];
            }
        }
        size_t *t = at;
        at = other;
        other = t;
    }
    for (size_t i = 0; i < n; i++)
        list->p[i] = from[at[i]];
}

static Value call_sorted(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 1);
    Value copy = call_list(s, &(ShellFunction){ .name = "list" }, (Args){ .p = args.p, .n = 1 });
    shell_sort(s, copy.list, shell_keyword(args, "key", value_null()),
               shell_truth(s, shell_keyword(args, "reverse", value_bool(false))));
    return copy;
}

static Value call_reversed(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 1);
    const List *of = shell_elements(s, args.p[0]);
    List *out = list_new(s->cx->arena);
    for (size_t i = of->n; i-- > 0;)
        list_push(s->cx->arena, out, of->p[i]);
    return value_list(out);
}

static Value call_extreme(Shell *s, const ShellFunction *f, Args args)
{
    Value key = shell_keyword(args, "key", value_null()), none = shell_keyword(args, "default", value_null());
    bool has_default = shell_keyword(args, "default", value_bool(true)).tag == none.tag && none.tag != VALUE_NULL;
    List values = { .p = (Value *)args.p, .n = args.n };
    const List *of = args.n == 1 ? shell_elements(s, args.p[0]) : &values;
    if (!of->n && has_default)
        return none;
    if (!of->n)
        RAISE(s->cx, 500, "value_error", "%s() iterable argument is empty", f->name);
    Value best = of->p[0];
    for (size_t i = 1; i < of->n; i++)
        if (shell_compare(s, f->name[1] == 'a' ? STR(">") : STR("<"), key_of(s, key, of->p[i]), key_of(s, key, best)))
            best = of->p[i];
    return best;
}

static Value call_sum(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 2);
    const List *of = shell_elements(s, args.p[0]);
    Value sum = shell_argument(args, 1, "start", value_int(0));
    for (size_t i = 0; i < of->n; i++)
        sum = shell_binary(s, STR("+"), sum, of->p[i]);
    return sum;
}

static Value call_all(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 1);
    const List *of = shell_elements(s, args.p[0]);
    bool all = f->name[1] == 'l';
    for (size_t i = 0; i < of->n; i++)
        if (shell_truth(s, of->p[i]) != all)
            return value_bool(!all);
    return value_bool(all);
}

static Value call_enumerate(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 2);
    const List *of = shell_elements(s, args.p[0]);
    Value start = shell_argument(args, 1, "start", value_int(0));
    List *out = list_new(s->cx->arena);
    for (size_t i = 0; i < of->n; i++)
        list_push(s->cx->arena, out,
                  shell_tuple(s, 2, (Value[]){ value_int(whole(s, f, start) + (int64_t)i), of->p[i] }));
    return value_list(out);
}

static Value call_zip(Shell *s, const ShellFunction *f, Args args)
{
    List *out = list_new(s->cx->arena);
    const List **lists = NEW_ARRAY(s->cx->arena, const List *, args.n + 1);
    Value *row = NEW_ARRAY(s->cx->arena, Value, args.n + 1);
    size_t n = args.n ? SIZE_MAX : 0;
    (void)f;
    for (size_t i = 0; i < args.n; i++) {
        lists[i] = shell_elements(s, args.p[i]);
        n = lists[i]->n < n ? lists[i]->n : n;
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < args.n; i++)
            row[i] = lists[i]->p[k];
        list_push(s->cx->arena, out, shell_tuple(s, args.n, row));
    }
    return value_list(out);
}

static Value call_map(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 2, 2);
    const List *of = shell_elements(s, args.p[1]);
    List *out = list_new(s->cx->arena);
    for (size_t i = 0; i < of->n; i++) {
        Value v = key_of(s, args.p[0], of->p[i]);
        if (*f->name == 'm')
            list_push(s->cx->arena, out, v);
        else if (shell_truth(s, v))
            list_push(s->cx->arena, out, of->p[i]);
    }
    return value_list(out);
}

static Value call_next(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 2);
    const List *of = shell_elements(s, args.p[0]);
    if (of->n)
        return of->p[0];
    if (args.n < 2)
        RAISE(s->cx, 500, "stop_iteration", "there is no next element");
    return args.p[1];
}

/* --- attributes and types */

typedef struct Wanted {
    Shell *s;
    Value of, found;
    Str name;
} Wanted;

static void try_attribute(Context *cx, void *arg)
{
    Wanted *w = arg;
    (void)cx;
    w->found = shell_attribute(w->s, w->of, w->name);
}

/* getattr, hasattr, setattr */
static Value call_attribute(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, *f->name == 's' ? 3 : 2, 3);
    Wanted w = { .s = s, .of = args.p[0], .name = str_c(shell_text(s, args.p[1], f->name)) };
    if (*f->name == 's') {
        if (!is_a(w.of, &row_class))
            RAISE(s->cx, 500, "attribute_error", "the attributes of a %s cannot be assigned to", value_type_name(w.of));
        shell_row_assign(s, (void *)w.of.object, w.name, args.p[2]);
        return value_null();
    }
    unsigned depth = s->depth;
    const Error *e = attempt(s->cx, try_attribute, &w);
    s->depth = depth;
    bool missing = e && (str_eq(str_c(e->code), STR("attribute_error")) || str_eq(str_c(e->code), STR("no_related")));
    if (e && (!missing || (*f->name == 'g' && args.n < 3)))
        context_raise_error(s->cx, e);
    return *f->name == 'h' ? value_bool(!e) : e ? args.p[2] : w.found;
}

static bool is_instance(Shell *s, Value v, Value type)
{
    if (is_a(type, &shell_tuple_class)) {
        for (size_t i = 0; i < list_of(type)->n; i++)
            if (is_instance(s, v, list_of(type)->p[i]))
                return true;
        return false;
    }
    if (is_a(type, &shell_model_class))
        return is_a(v, &row_class) && row_model(v.object) == type.object;
    if (!is_a(type, &shell_function_class))
        return false;
    Str name = str_c(((const ShellFunction *)type.object)->name), of = str_c(value_type_name(v));
    return str_eq(name, of) || (v.tag == VALUE_BOOL && str_eq(name, STR("int"))) ||
           (v.tag == VALUE_DATETIME && str_eq(name, STR("date"))) || (v.tag == VALUE_DECIMAL && str_eq(name, STR("D")));
}

static Value call_isinstance(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 2, 2);
    return value_bool(is_instance(s, args.p[0], args.p[1]));
}

static Value call_type(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 1);
    if (is_a(args.p[0], &row_class))
        return value_object(row_model(args.p[0].object), &shell_model_class);
    const ShellFunction *type = shell_function(str_c(value_type_name(args.p[0])));
    return type ? value_object(type, &shell_function_class) : value_c(value_type_name(args.p[0]));
}

/* Numbers of a model's field are what they are anywhere; a hash has no use here. */
static Value call_print(Shell *s, const ShellFunction *f, Args args)
{
    (void)s, (void)f;
    return args.n == 1 ? args.p[0] : shell_tuple(s, args.n, args.p);
}

static const ShellFunction functions[] = {
    { "len", call_len },
    { "list", call_list },
    { "tuple", call_list },
    { "set", call_list },
    { "frozenset", call_list },
    { "dict", call_dict },
    { "range", call_range },
    { "sorted", call_sorted },
    { "reversed", call_reversed },
    { "min", call_extreme },
    { "max", call_extreme },
    { "sum", call_sum },
    { "any", call_all },
    { "all", call_all },
    { "enumerate", call_enumerate },
    { "zip", call_zip },
    { "map", call_map },
    { "filter", call_map },
    { "next", call_next },
    { "iter", call_list },
    { "str", call_str },
    { "repr", call_str },
    { "format", call_format },
    { "int", call_int },
    { "float", call_float },
    { "bool", call_bool },
    { "abs", call_abs },
    { "round", call_round },
    { "getattr", call_attribute },
    { "hasattr", call_attribute },
    { "setattr", call_attribute },
    { "isinstance", call_isinstance },
    { "type", call_type },
    { "print", call_print },
    { NULL, NULL },
};
const ShellFunction *const shell_builtins = functions;
