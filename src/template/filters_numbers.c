/* filters_numbers.c: filters of numbers, and those that choose a text by a value. */
#include "template/filters.h"
#include <clef/base/double.h>
#include <clef/base/utf8.h>
#include <clef/i18n.h>

#include <math.h>

/* --- add */

static bool join_lists(TemplateFilterCall *c, Value a, Value b, Value *out)
{
    if (a.flags != b.flags)
        return false;
    List *l = list_new(c->r->arena);
    for (size_t i = 0; i < a.list->n; i++)
        list_push(c->r->arena, l, a.list->p[i]);
    for (size_t i = 0; i < b.list->n; i++)
        list_push(c->r->arena, l, b.list->p[i]);
    *out = (Value){ .tag = VALUE_LIST, .flags = a.flags, .list = l };
    return true;
}

static bool is_decimal(Value v) { return v.tag == VALUE_DECIMAL || v.tag == VALUE_BIGINT; }

static bool add_numbers(TemplateFilterCall *c, Value a, Value b, Value *out)
{
    double x, y;
    int64_t i, j, sum;
    if (value_to_int(a, &i) && value_to_int(b, &j) && !__builtin_add_overflow(i, j, &sum)) {
        *out = value_int(sum);
        return true;
    }
    if ((is_decimal(a) || value_to_int(a, &i)) && (is_decimal(b) || value_to_int(b, &j))) {
        Decimal *d = NEW(c->r->arena, Decimal);
        Decimal da = is_decimal(a) ? *a.decimal : decimal_from_i64(i),
                db = is_decimal(b) ? *b.decimal : decimal_from_i64(j);
        if (decimal_add(c->r->arena, da, db, d) != DECIMAL_OK)
            return false;
        bool big = a.tag != VALUE_DECIMAL && b.tag != VALUE_DECIMAL;
        *out = big ? value_bigint(d) : value_decimal(d);
        return true;
    }
    if (value_to_double(a, &x) && value_to_double(b, &y)) {
        *out = value_double(x + y);
        return true;
    }
    return false;
}

/* Python's a + b; false for a TypeError and the like. */
static bool add_values(TemplateFilterCall *c, Value a, Value b, Value *out)
{
    if (value_is_text(a) && value_is_text(b)) {
        Str s = str_concat(c->r->arena, a.s, b.s);
        *out = a.tag == VALUE_SAFE && b.tag == VALUE_SAFE ? safe(s) : value_str(s);
        return true;
    }
    if (a.tag == VALUE_LIST && b.tag == VALUE_LIST)
        return join_lists(c, a, b, out);
    if (a.tag == VALUE_BYTES && b.tag == VALUE_BYTES) {
        *out = value_bytes(str_concat(c->r->arena, a.s, b.s));
        return true;
    }
    if (b.tag == VALUE_DURATION && a.tag != VALUE_DURATION) {
        Value swap = a;
        a = b;
        b = swap;
    }
    if (a.tag == VALUE_DURATION) {
        Duration d = { a.us };
        if (b.tag == VALUE_DURATION) {
            *out = b;
            return !__builtin_add_overflow(a.us, b.us, &out->us);
        }
        if (b.tag == VALUE_DATETIME) {
            DateTime t;
            *out = b;
            if (!datetime_add((DateTime){ b.us }, d, &t))
                return false;
            out->us = t.us;
            return true;
        }
        if (b.tag == VALUE_DATE) {
            Date day;
            if (!date_add_days((Date){ (int32_t)b.us }, duration_parts(d).days, &day))
                return false;
            *out = value_date(day);
            return true;
        }
        return false;
    }
    return add_numbers(c, a, b, out);
}

FILTER(add)
{
    Value i, j, out;
    if (v.tag == VALUE_DOUBLE && isinf(v.d))
        (void)need_integer(c->r, v);
    if (python_integer(c->r, v, &i) && python_integer(c->r, c->arg, &j))
        return add_numbers(c, i, j, &out) ? out : value_str(STR(""));
    return add_values(c, v, c->arg, &out) ? out : value_str(STR(""));
}

/* Whether the division leaves no rest, for numbers of any size. */
static bool divides(TemplateFilterCall *c, Decimal a, Decimal b)
{
    Decimal q, back;
    Arena *arena = c->r->arena;
    return decimal_is_zero(a) || (decimal_div(arena, a, b, decimal_digits(a) + 1, ROUND_DOWN, &q) == DECIMAL_OK &&
                                  decimal_quantize(arena, q, 0, ROUND_DOWN, &q) == DECIMAL_OK &&
                                  decimal_mul(arena, q, b, &back) == DECIMAL_OK && decimal_eq(back, a));
}

FILTER(divisibleby)
{
    Value a = need_integer(c->r, v), b = need_integer(c->r, c->arg);
    if (b.tag == VALUE_INT && b.i == 0)
        template_raise(c->r, "ZeroDivisionError", "integer modulo by zero");
    if (a.tag == VALUE_INT && b.tag == VALUE_INT)
        return value_bool(b.i == -1 || a.i % b.i == 0);
    return value_bool(divides(c, integer_decimal(a), integer_decimal(b)));
}

FILTER(get_digit)
{
    int64_t at;
    Value i;
    if (!int_argument(c, c->arg, &at))
        return v;
    if (!python_integer(c->r, v, &i)) {
        (void)int_argument(c, v, &at);
        return v;
    }
    if (at < 1)
        return i;
    Str s = integer_text(c->r->arena, i);
    if ((uint64_t)at > s.n)
        return value_int(0);
    char x = s.p[s.n - (size_t)at];
    if (x == '-')
        template_raise(c->r, "ValueError", "invalid literal for int() with base 10: '-'");
    return value_int(x - '0');
}

/* --- floatformat */

/* The digits with so many behind the point, as the locale (or, not `localised`, the settings) writes them. */
static Str number_text(TemplateFilterCall *c, Decimal d, uint32_t places, bool group, bool localised)
{
    NumberFormat f = number_format(c->r->locale, localised, group);
    Buf plain = filter_buf(c), b = filter_buf(c);
    f.fixed = true;
    f.places = places;
    buf_decimal_plain(&plain, decimal_is_zero(d) ? decimal_abs(d) : d);
    number_format_add(&b, c->r->arena, value_str(filter_text(c, &plain)), &f);
    return filter_text(c, &b);
}

static bool floatformat_argument(TemplateFilterCall *c, int64_t *places, bool *group, bool *localised)
{
    Value arg = c->has_arg ? c->arg : value_int(-1);
    if (value_is_text(arg)) {
        Str s = arg.s;
        if (str_ends(s, STR("gu")) || str_ends(s, STR("ug"))) {
            *group = true;
            *localised = false;
            s.n -= 2;
        } else if (s.p[s.n - 1] == 'g') {
            *group = true;
            s.n--;
        } else if (s.p[s.n - 1] == 'u') {
            *localised = false;
            s.n--;
        }
        arg = s.n ? value_str(s) : value_int(-1);
    }
    return int_argument(c, arg, places);
}

/* Python's Decimal(text): digits of every script, and underscores anywhere. */
static bool decimal_of_text(Arena *a, Str s, Decimal *out)
{
    s = text_strip(s);
    if (!utf8_is_ascii(s))
        s = text_ascii_digits(a, s);
    if (str_find_byte(s, '_') != STR_NPOS)
        s = str_replace(a, s, STR("_"), STR(""));
    return decimal_parse(a, s, out) == DECIMAL_OK;
}

FILTER(floatformat)
{
    int64_t places;
    bool group = false, localised = true;
    Str input = text_of(c, v);
    if (c->has_arg && value_is_text(c->arg) && !c->arg.s.n) /* Django looks at its last letter */
        template_raise(c->r, "IndexError", "string index out of range");
    Decimal d, whole, rounded;
    double number;
    if (!decimal_of_text(c->r->arena, input, &d)) {
        Buf b = filter_buf(c);
        if (!value_to_double(v, &number) && !(value_is_text(v) && double_parse_any(text_strip(v.s), &number)))
            return value_str(STR(""));
        buf_double(&b, number);
        if (decimal_parse(c->r->arena, filter_text(c, &b), &d) != DECIMAL_OK)
            return value_str(STR(""));
    }
    if (!floatformat_argument(c, &places, &group, &localised))
        return value_str(input);
    if (!decimal_is_finite(d))
        return value_str(input);
    uint64_t size = (uint64_t)(d.exponent < 0 ? -(int64_t)d.exponent : d.exponent) + decimal_digits(d);
    if (size > 200)
        return value_str(input);
    if (decimal_quantize(c->r->arena, d, 0, ROUND_DOWN, &whole) != DECIMAL_OK)
        return value_str(input);
    if (places <= 0 && decimal_eq(whole, d))
        return safe(number_text(c, whole, 0, group, localised));
    uint64_t digits = places < 0 ? 0 - (uint64_t)places : (uint64_t)places;
    if (digits > 100000 || decimal_quantize(c->r->arena, d, -(int32_t)digits, ROUND_HALF_UP, &rounded) != DECIMAL_OK)
        return value_str(input);
    return safe(number_text(c, rounded, (uint32_t)digits, group, localised));
}

/* A message's text with "%s", or "%(size)d", replaced, in which no blank breaks the line. */
static void add_unbroken(Buf *b, Str message, Str mark, Str value)
{
    for (size_t i = 0; i < message.n; i++) {
        if (str_starts(str_from_byte(message, i), mark)) {
            buf_str(b, value);
            i += mark.n - 1;
        } else if (message.p[i] == ' ') {
            BUF_LIT(b, "\xc2\xa0");
        } else {
            buf_byte(b, message.p[i]);
        }
    }
}

static Value file_size(TemplateFilterCall *c, Decimal whole)
{
    static const char *const units[] = { "%s KB", "%s MB", "%s GB", "%s TB", "%s PB" };
    const Locale *l = c->r->locale;
    Buf b = filter_buf(c), number = filter_buf(c);
    int64_t size;
    bool small = decimal_to_i64(decimal_abs(whole), &size) == DECIMAL_OK;
    if (whole.negative && !decimal_is_zero(whole))
        buf_byte(&b, '-');
    if (small && size < 1024) {
        buf_i64(&number, size);
        add_unbroken(&b, locale_ngettext(l, (Str){ 0 }, STR("%(size)d byte"), STR("%(size)d bytes"), size),
                     STR("%(size)d"), filter_text(c, &number));
        return value_str(filter_text(c, &b));
    }
    unsigned unit = 0;
    double x = (small ? (double)size : decimal_to_double(decimal_abs(whole))) / 1024;
    for (; x >= 1024 && unit < 4; unit++)
        x /= 1024;
    NumberFormat f = number_format(l, true, false);
    Buf plain = filter_buf(c);
    f.fixed = true;
    f.places = 1;
    if (x < 1e15)
        buf_printf(&plain, "%.1f", x);
    else /* the shortest digits that mean it, as Python has them */
        buf_decimal_plain(&plain, decimal_from_double_short(x));
    number_format_add(&number, c->r->arena, value_str(filter_text(c, &plain)), &f);
    add_unbroken(&b, locale_gettext(l, (Str){ 0 }, str_c(units[unit])), STR("%s"), filter_text(c, &number));
    return value_str(filter_text(c, &b));
}

FILTER(filesizeformat)
{
    Value n;
    if (!python_integer(c->r, v, &n)) {
        if (v.tag == VALUE_DOUBLE && isinf(v.d))
            (void)need_int(c->r, v);
        return file_size(c, decimal_from_i64(0));
    }
    return file_size(c, integer_decimal(n));
}

/* --- choosing */

FILTER(default_value) { return value_truth(v) ? v : c->arg; }
FILTER(default_if_none) { return value_is_null(v) ? c->arg : v; }

FILTER(yesno)
{
    Str rest = c->has_arg && !value_is_null(c->arg)
                   ? c->arg.tag == VALUE_STR || c->arg.tag == VALUE_SAFE ? c->arg.s : (Str){ 0 }
                   : locale_gettext(c->r->locale, (Str){ 0 }, STR("yes,no,maybe"));
    if (str_is_null(rest))
        template_raise(c->r, "AttributeError", "'%s' object has no attribute 'split'", value_type_name(c->arg));
    Str bits[3], bit;
    size_t n = 0;
    for (; str_cut(&rest, ',', &bit); n++)
        if (n < 3)
            bits[n] = bit;
    if (n < 2)
        return v;
    if (n != 3)
        bits[2] = bits[1];
    return value_str(value_is_null(v) ? bits[2] : value_truth(v) ? bits[0] : bits[1]);
}

FILTER(pluralize)
{
    Str arg = c->has_arg ? value_is_text(c->arg) ? c->arg.s : (Str){ 0 } : STR("s");
    if (str_is_null(arg))
        template_raise(c->r, "TypeError", "argument of type '%s' is not iterable", value_type_name(c->arg));
    Str singular = STR(""), plural = arg, rest = arg, bit;
    size_t n = 0, length;
    if (str_find_byte(arg, ',') != STR_NPOS)
        for (; str_cut(&rest, ',', &bit); n++) {
            if (n == 0)
                singular = bit;
            else
                plural = bit;
        }
    if (n > 2)
        return value_str(STR(""));
    double d;
    bool one;
    if (value_to_double(v, &d) || (value_is_text(v) && double_parse_any(text_strip(v.s), &d)))
        one = d == 1;
    else if (is_decimal(v))
        one = decimal_to_double(*v.decimal) == 1;
    else if (value_is_text(v) || v.tag == VALUE_BYTES || !value_length(v, &length))
        return value_str(STR(""));
    else
        one = length == 1;
    return value_str(one ? singular : plural);
}

const TemplateFilter number_filters[] = {
    { "add", add, .argument = TEMPLATE_ARGUMENT },
    { "default", default_value, .argument = TEMPLATE_ARGUMENT },
    { "default_if_none", default_if_none, .argument = TEMPLATE_ARGUMENT },
    { "divisibleby", divisibleby, .argument = TEMPLATE_ARGUMENT },
    { "filesizeformat", filesizeformat, .is_safe = true },
    { "floatformat", floatformat, .argument = TEMPLATE_OPTIONAL_ARGUMENT, .is_safe = true },
    { "get_digit", get_digit, .argument = TEMPLATE_ARGUMENT },
    { "pluralize", pluralize, .argument = TEMPLATE_OPTIONAL_ARGUMENT },
    { "yesno", yesno, .argument = TEMPLATE_OPTIONAL_ARGUMENT },
    { .name = NULL },
};
