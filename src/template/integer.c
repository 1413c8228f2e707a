/* integer.c: Python's int(): of numbers, of text, of any size. */
#include "codec/text.h"
#include "template/template.h"
#include <clef/base/decimal.h>
#include <clef/base/utf8.h>
#include <clef/i18n/text.h>

#include <math.h>

/* What Python converts from text at most. */
enum { DIGITS_MAX = 4300 };

static bool integer_of_text(Arena *a, Str s, Value *out)
{
    int64_t i;
    s = text_strip(s);
    if (!utf8_is_ascii(s))
        s = text_ascii_digits(a, s);
    if (str_find_byte(s, '_') != STR_NPOS) { /* one at a time, between digits */
        for (size_t k = 0; k < s.n; k++)
            if (s.p[k] == '_' && (k == 0 || k + 1 == s.n || s.p[k - 1] < '0' || s.p[k - 1] > '9' || s.p[k + 1] == '_'))
                return false;
        s = str_replace(a, s, STR("_"), STR(""));
    }
    if (str_to_i64(s, &i)) {
        *out = value_int(i);
        return true;
    }
    for (size_t k = 0; k < s.n; k++)
        if ((s.p[k] < '0' || s.p[k] > '9') && (k > 0 || (s.p[k] != '-' && s.p[k] != '+')))
            return false;
    Decimal *d = NEW(a, Decimal);
    if (s.n < 2 || s.n > DIGITS_MAX || decimal_parse(a, s, d) != DECIMAL_OK)
        return false;
    *out = value_bigint(d);
    return true;
}

static bool integer_of_decimal(Arena *a, Decimal from, Value *out)
{
    int64_t i;
    Decimal *d = NEW(a, Decimal);
    if (!decimal_is_finite(from) || decimal_quantize(a, from, 0, ROUND_DOWN, d) != DECIMAL_OK)
        return false;
    if (decimal_to_i64(*d, &i) == DECIMAL_OK)
        *out = value_int(i);
    else
        *out = value_bigint(d);
    return true;
}

bool python_integer(TemplateRender *r, Value v, Value *out)
{
    switch ((ValueTag)v.tag) {
    case VALUE_BOOL:
        *out = value_int(v.b);
        return true;
    case VALUE_INT:
    case VALUE_BIGINT:
        *out = v;
        return true;
    case VALUE_DOUBLE:
        if (!isfinite(v.d))
            return false;
        if (v.d >= 9.2e18 || v.d <= -9.2e18)
            return integer_of_decimal(r->arena, decimal_from_double(r->arena, v.d), out);
        *out = value_int((int64_t)v.d);
        return true;
    case VALUE_DECIMAL:
        return integer_of_decimal(r->arena, *v.decimal, out);
    case VALUE_STR:
    case VALUE_SAFE:
    case VALUE_BYTES:
        return integer_of_text(r->arena, v.s, out);
    default:
        return false;
    }
}

bool python_int(TemplateRender *r, Value v, int64_t *out)
{
    Value i;
    if (!python_integer(r, v, &i) || i.tag != VALUE_INT)
        return false;
    *out = i.i;
    return true;
}

static int64_t clamped(Value i) { return i.tag == VALUE_INT ? i.i : i.decimal->negative ? INT64_MIN : INT64_MAX; }

bool python_clamped(TemplateRender *r, Value v, int64_t *out)
{
    Value i;
    if (!python_integer(r, v, &i))
        return false;
    *out = clamped(i);
    return true;
}

int64_t need_clamped(TemplateRender *r, Value v) { return clamped(need_integer(r, v)); }

static void not_an_int(TemplateRender *r, Value v) CLEF_NORETURN CLEF_COLD;
static void not_an_int(TemplateRender *r, Value v)
{
    Buf b = BUF_INIT(r->arena, 1 << 16);
    if (value_is_text(v) || v.tag == VALUE_BYTES) {
        write_repr(&b, r->arena, v);
        template_raise(r, "ValueError", "invalid literal for int() with base 10: %.*s", STR_FMT(buf_view(&b)));
    }
    if (v.tag == VALUE_DOUBLE)
        template_raise(r, isnan(v.d) ? "ValueError" : "OverflowError", "cannot convert float %s to integer",
                       isnan(v.d) ? "NaN" : "infinity");
    if (v.tag == VALUE_DECIMAL)
        template_raise(r, decimal_is_finite(*v.decimal) ? "OverflowError" : "ValueError",
                       "cannot convert this Decimal to an integer");
    template_raise(r, "TypeError", "int() argument must be a string, a bytes-like object or a real number, not '%s'",
                   value_type_name(v));
}

Value need_integer(TemplateRender *r, Value v)
{
    Value i;
    if (!python_integer(r, v, &i))
        not_an_int(r, v);
    return i;
}

int64_t need_int(TemplateRender *r, Value v)
{
    Value i = need_integer(r, v);
    if (i.tag != VALUE_INT)
        template_raise(r, "OverflowError", "Python int too large to convert to C ssize_t");
    return i.i;
}

Decimal integer_decimal(Value v) { return v.tag == VALUE_BIGINT ? *v.decimal : decimal_from_i64(v.i); }

Str integer_text(Arena *a, Value v)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    buf_decimal_plain(&b, integer_decimal(v));
    return buf_view(&b);
}
