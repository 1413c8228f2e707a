/* filters_format.c: stringformat: Python's % operator with one value. */
#include "template/filters.h"
#include <clef/base/double.h>
#include <clef/base/map.h>
#include <clef/base/utf8.h>

typedef struct Spec {
    bool minus, plus, space, zero, alternate;
    int width, precision; /* -1: none */
    char type;
    Str key; /* %(key)s; NULL: none */
} Spec;

/* The widest and the most precise that is written; what is wider or more precise is cut down to that. */
enum { NUMBER_MAX = 1000000 };

/* False for more than Python takes, which is a ValueError of it. */
static bool digits_at(Str s, size_t *i, uint64_t most, int *out)
{
    uint64_t n = 0;
    for (; *i < s.n && s.p[*i] >= '0' && s.p[*i] <= '9'; ++*i)
        if (__builtin_mul_overflow(n, (uint64_t)10, &n) || (n += (uint64_t)(s.p[*i] - '0')) > most)
            return false;
    *out = n < NUMBER_MAX ? (int)n : NUMBER_MAX;
    return true;
}

static bool parse_spec(Str s, Spec *out, size_t *used)
{
    size_t i = 0;
    *out = (Spec){ .precision = -1 };
    if (s.n && s.p[0] == '(') {
        size_t end = str_find_byte(s, ')');
        if (end == STR_NPOS)
            return false;
        out->key = str_slice(s, 1, end);
        i = end + 1;
    }
    for (; i < s.n && strchr("-+ 0#", s.p[i]) && s.p[i]; i++) {
        out->minus |= s.p[i] == '-';
        out->plus |= s.p[i] == '+';
        out->space |= s.p[i] == ' ';
        out->zero |= s.p[i] == '0';
        out->alternate |= s.p[i] == '#';
    }
    if (!digits_at(s, &i, INT64_MAX, &out->width))
        return false;
    if (i < s.n && s.p[i] == '.') {
        i++;
        if (!digits_at(s, &i, INT32_MAX, &out->precision))
            return false;
    }
    while (i < s.n && (s.p[i] == 'l' || s.p[i] == 'h' || s.p[i] == 'L'))
        i++;
    if (i >= s.n)
        return false;
    out->type = s.p[i++];
    *used = i;
    return true;
}

static void pad(Buf *b, const Spec *f, Str sign, Str body)
{
    size_t n = utf8_count(body) + sign.n, width = (size_t)f->width;
    size_t fill = width > n ? width - n : 0;
    bool zeros = f->zero && !f->minus;
    if (!f->minus && !zeros)
        buf_fill(b, ' ', fill);
    buf_str(b, sign);
    if (zeros)
        buf_fill(b, '0', fill);
    buf_str(b, body);
    if (f->minus)
        buf_fill(b, ' ', fill);
}

static Str sign_of(const Spec *f, bool negative)
{
    return negative ? STR("-") : f->plus ? STR("+") : f->space ? STR(" ") : STR("");
}

/* Decimal digits in another base, by repeated division; the digits are at most those that int() reads. */
static Str in_base(Arena *a, Str digits, unsigned base, bool upper)
{
    const char *names = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    unsigned bits = base == 8 ? 3 : 4;
    char *from = str_dup_c(a, digits);
    size_t n = digits.n, at = n * 4 / bits + 2;
    char *out = arena_alloc(a, at + 1);
    out[at] = 0;
    size_t end = at;
    do {
        unsigned rest = 0;
        bool zero = true;
        for (size_t i = 0; i < n; i++) {
            rest = rest * 10 + (unsigned)(from[i] - '0');
            from[i] = (char)('0' + rest / base);
            rest %= base;
            zero &= from[i] == '0';
        }
        out[--at] = names[rest];
        if (zero)
            break;
    } while (at);
    return (Str){ out + at, end - at };
}

static bool format_integer(TemplateFilterCall *c, Buf *b, const Spec *f, Value v)
{
    bool decimal = f->type == 'd' || f->type == 'i' || f->type == 'u';
    bool real = v.tag == VALUE_DOUBLE || v.tag == VALUE_DECIMAL;
    bool whole = v.tag == VALUE_INT || v.tag == VALUE_BOOL || v.tag == VALUE_BIGINT;
    if (!whole && !(decimal && real))
        return false;
    Value i;
    if (!python_integer(c->r, v, &i)) {
        if (v.tag == VALUE_DOUBLE && __builtin_isinf(v.d))
            (void)need_integer(c->r, v);
        return false;
    }
    Str text = integer_text(c->r->arena, i), sign = sign_of(f, text.n && text.p[0] == '-');
    if (text.n && text.p[0] == '-')
        text = str_from_byte(text, 1);
    if (!decimal)
        text = in_base(c->r->arena, text, f->type == 'o' ? 8 : 16, f->type == 'X');
    Buf digits = filter_buf(c);
    for (size_t k = text.n; f->precision > 0 && k < (size_t)f->precision; k++)
        buf_byte(&digits, '0');
    buf_str(&digits, text);
    if (f->alternate && !decimal)
        sign = str_format(c->r->arena, "%.*s0%c", STR_FMT(sign), f->type);
    pad(b, f, sign, filter_text(c, &digits));
    return true;
}

static void add_double(Buf *b, const Spec *f, double d)
{
    int n = f->precision < 0 ? 6 : f->precision;
    switch (f->type) {
    case 'e':
        buf_printf(b, f->alternate ? "%#.*e" : "%.*e", n, d);
        break;
    case 'E':
        buf_printf(b, f->alternate ? "%#.*E" : "%.*E", n, d);
        break;
    case 'g':
        buf_printf(b, f->alternate ? "%#.*g" : "%.*g", n, d);
        break;
    case 'G':
        buf_printf(b, f->alternate ? "%#.*G" : "%.*G", n, d);
        break;
    default:
        buf_printf(b, f->alternate ? "%#.*f" : "%.*f", n, d);
    }
}

static bool format_double(TemplateFilterCall *c, Buf *b, const Spec *f, Value v)
{
    double d;
    if (v.tag == VALUE_DECIMAL || v.tag == VALUE_BIGINT)
        d = decimal_to_double(*v.decimal);
    else if (!value_to_double(v, &d))
        return false;
    bool negative = __builtin_signbit(d) && !__builtin_isnan(d);
    Buf digits = filter_buf(c);
    Spec spec = *f;
    if (__builtin_isnan(d) || __builtin_isinf(d)) {
        bool upper = f->type <= 'Z';
        buf_c(&digits, __builtin_isnan(d) ? (upper ? "NAN" : "nan") : upper ? "INF" : "inf");
        spec.zero = false;
    } else {
        add_double(&digits, f, negative ? -d : d);
    }
    pad(b, &spec, sign_of(f, negative), filter_text(c, &digits));
    return true;
}

static bool format_one(TemplateFilterCall *c, Buf *b, const Spec *f, Value v)
{
    Spec plain = *f;
    plain.zero = false;
    Buf text = filter_buf(c);
    int64_t code;
    switch (f->type) {
    case 's':
    case 'r':
    case 'a':
        f->type == 's' ? write_str(&text, c->r->arena, v) : write_repr(&text, c->r->arena, v);
        pad(b, &plain, STR(""),
            f->precision >= 0 ? utf8_slice(filter_text(c, &text), 0, (size_t)f->precision) : filter_text(c, &text));
        return true;
    case 'c':
        if (value_to_int(v, &code) || v.tag == VALUE_BIGINT) {
            if (v.tag == VALUE_BIGINT || code < 0 || code > 0x10ffff)
                template_raise(c->r, "OverflowError", "%%c arg not in range(0x110000)");
            text_add(&text, (uint32_t)code);
            pad(b, &plain, STR(""), filter_text(c, &text));
            return true;
        }
        if (!value_is_text(v) || utf8_count(v.s) != 1)
            return false;
        pad(b, &plain, STR(""), v.s);
        return true;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        return format_integer(c, b, f, v);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        return format_double(c, b, f, v);
    default:
        return false;
    }
}

FILTER(stringformat)
{
    Str s = text_of(c, c->arg);
    Buf b = filter_buf(c);
    bool used = false;
    if (v.tag == VALUE_LIST && v.flags & LIST_TUPLE)
        v = value_str(text_of(c, v));
    s = str_concat(c->r->arena, STR("%"), s);
    for (size_t i = 0; i < s.n; i++) {
        Spec f;
        size_t n;
        if (s.p[i] != '%') {
            buf_byte(&b, s.p[i]);
            continue;
        }
        if (!parse_spec(str_from_byte(s, i + 1), &f, &n))
            return value_str(STR(""));
        i += n;
        if (f.type == '%') {
            buf_byte(&b, '%');
            continue;
        }
        Value one = v;
        if (f.key.p) {
            const Value *found = v.tag == VALUE_MAP ? map_get(v.map, f.key) : NULL;
            if (v.tag != VALUE_MAP)
                return value_str(STR(""));
            if (!found)
                template_raise(c->r, "KeyError", "%.*s", STR_FMT(repr_text(c->r->arena, f.key)));
            one = *found;
        } else if (used) {
            return value_str(STR(""));
        }
        used = true;
        if (!format_one(c, &b, &f, one))
            return value_str(STR(""));
    }
    /* "not all arguments converted", except of what has items */
    bool has_items =
        v.tag == VALUE_MAP || v.tag == VALUE_LIST || v.tag == VALUE_BYTES || (v.tag == VALUE_OBJECT && v.cls->item);
    return used || has_items ? value_str(filter_text(c, &b)) : value_str(STR(""));
}

const TemplateFilter format_filters[] = {
    { "stringformat", stringformat, .argument = TEMPLATE_ARGUMENT, .is_safe = true },
    { .name = NULL },
};
