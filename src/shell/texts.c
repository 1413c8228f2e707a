/* texts.c: values as Python shows them: repr(), str(), format(). */
#include "orm/info.h"
#include "shell/eval.h"
#include <clef/base/decimal.h>
#include <clef/base/double.h>
#include <clef/base/uuid.h>
#include <math.h>

enum { TEXT_MAX = 1 << 22 }; /* bytes of one value as text */

static Str quoted(Shell *s, Str text)
{
    Buf b = BUF_INIT(s->cx->arena, text.n * 4 + 16);
    char quote = str_find_byte(text, '\'') != STR_NPOS && str_find_byte(text, '"') == STR_NPOS ? '"' : '\'';
    buf_byte(&b, quote);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == quote || c == '\\')
            buf_printf(&b, "\\%c", c);
        else if (c == '\n' || c == '\r' || c == '\t')
            buf_c(&b, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        else if ((unsigned char)c < 32 || c == 127)
            buf_printf(&b, "\\x%02x", (unsigned char)c);
        else
            buf_byte(&b, c);
    }
    buf_byte(&b, quote);
    return buf_view(&b);
}

static void repr_list(Shell *s, Buf *b, const List *list, size_t most)
{
    for (size_t i = 0; i < list->n && i < most; i++) {
        buf_c(b, i ? ", " : "");
        buf_str(b, shell_repr(s, list->p[i]));
    }
    if (list->n > most)
        buf_c(b, ", '...(remaining elements truncated)...'");
}

static void repr_moment(Buf *b, Value v)
{
    if (v.tag == VALUE_DURATION) {
        DurationParts p = duration_parts((Duration){ v.us });
        const char *comma = "";
        buf_c(b, "datetime.timedelta(");
        if (p.days)
            buf_printf(b, "days=%lld", (long long)p.days), comma = ", ";
        if (p.seconds)
            buf_printf(b, "%sseconds=%d", comma, p.seconds), comma = ", ";
        if (p.microseconds)
            buf_printf(b, "%smicroseconds=%d", comma, p.microseconds);
        buf_c(b, p.days || p.seconds || p.microseconds ? ")" : "0)");
        return;
    }
    NaiveDateTime t = { v.us };
    if (v.tag == VALUE_DATETIME && v.zone && !timezone_local(v.zone, (DateTime){ v.us }, &t, NULL))
        t.us = v.us;
    DateTimeParts p = v.tag == VALUE_DATE   ? naive_parts((NaiveDateTime){ v.us * US_PER_DAY })
                      : v.tag == VALUE_TIME ? naive_parts((NaiveDateTime){ v.us })
                                            : naive_parts(t);
    if (v.tag == VALUE_DATE) {
        buf_printf(b, "datetime.date(%d, %d, %d)", p.year, p.month, p.day);
        return;
    }
    if (v.tag == VALUE_TIME)
        buf_printf(b, "datetime.time(%d, %d", p.hour, p.minute);
    else
        buf_printf(b, "datetime.datetime(%d, %d, %d, %d, %d", p.year, p.month, p.day, p.hour, p.minute);
    if (p.second || p.microsecond)
        buf_printf(b, ", %d", p.second);
    if (p.microsecond)
        buf_printf(b, ", %d", p.microsecond);
    if (v.tag == VALUE_DATETIME && v.zone == timezone_utc())
        buf_c(b, ", tzinfo=datetime.timezone.utc");
    else if (v.tag == VALUE_DATETIME && v.zone)
        buf_printf(b, ", tzinfo=zoneinfo.ZoneInfo(key='%.*s')", STR_FMT(timezone_name(v.zone)));
    buf_byte(b, ')');
}

static bool repr_object(Shell *s, Buf *b, Value v)
{
    List *keys, *values;
    if (is_a(v, &row_class)) {
        const Model *m = row_model(v.object);
        buf_printf(b, "<%s: %.*s>", m->name, STR_FMT(row_str(s->cx, m, v.object)));
    } else if (is_a(v, &queryset_class)) {
        buf_c(b, "<QuerySet [");
        repr_list(s, b, shell_rows(s, SLICE((QuerySet *)v.object, 0, 21)), 20);
        buf_c(b, "]>");
    } else if (is_a(v, &shell_named_class)) {
        const NamedTuple *t = v.object;
        buf_c(b, "Row(");
        for (size_t i = 0; i < t->values->n; i++)
            buf_printf(b, "%s%s=%.*s", i ? ", " : "", t->names[i], STR_FMT(shell_repr(s, t->values->p[i])));
        buf_byte(b, ')');
    } else if (is_list(v)) {
        bool tuple = is_a(v, &shell_tuple_class), set = is_a(v, &shell_set_class);
        buf_c(b, set && !list_of(v)->n ? "set(" : tuple ? "(" : set ? "{" : "[");
        repr_list(s, b, list_of(v), SIZE_MAX);
        buf_c(b, set && !list_of(v)->n ? ")" : tuple ? (list_of(v)->n == 1 ? ",)" : ")") : set ? "}" : "]");
    } else if (shell_pairs(s, v, &keys, &values)) {
        buf_byte(b, '{');
        for (size_t i = 0; i < keys->n; i++)
            buf_printf(b, "%s%.*s: %.*s", i ? ", " : "", STR_FMT(shell_repr(s, keys->p[i])),
                       STR_FMT(shell_repr(s, values->p[i])));
        buf_byte(b, '}');
    } else {
        return false;
    }
    return true;
}

Str shell_repr(Shell *s, Value v)
{
    Buf b = BUF_INIT(s->cx->arena, TEXT_MAX);
    if (s->depth >= 4 * SHELL_DEPTH_MAX)
        return STR("...");
    v = shell_simple(v);
    if (is_a(v, &shell_q_class))
        return str_format(s->cx->arena, "<Q: %.*s>", STR_FMT(shell_q_text(s, v.object)));
    s->depth++;
    if (value_is_text(v)) {
        buf_str(&b, quoted(s, v.s));
    } else if (v.tag == VALUE_DECIMAL) {
        BUF_LIT(&b, "Decimal('");
        buf_decimal(&b, *v.decimal);
        BUF_LIT(&b, "')");
    } else if (v.tag == VALUE_UUID) {
        BUF_LIT(&b, "UUID('");
        buf_uuid(&b, *v.uuid);
        BUF_LIT(&b, "')");
    } else if (v.tag == VALUE_DATE || v.tag == VALUE_TIME || v.tag == VALUE_DATETIME || v.tag == VALUE_DURATION) {
        repr_moment(&b, v);
    } else if (!repr_object(s, &b, v)) {
        s->depth--;
        return shell_str(s, v);
    }
    s->depth--;
    return buf_view(&b);
}

Str shell_str(Shell *s, Value v)
{
    v = shell_simple(v);
    if (value_is_text(v))
        return v.s;
    if (is_a(v, &shell_q_class))
        return shell_q_text(s, v.object);
    if (is_a(v, &expr_class))
        return shell_expr_text(s, v.object);
    Buf b = BUF_INIT(s->cx->arena, TEXT_MAX);
    if (!buf_scalar(&b, v)) {
        if (v.tag == VALUE_BYTES)
            return str_concat(s->cx->arena, STR("b"), quoted(s, v.s));
        if (is_a(v, &row_class))
            return row_str(s->cx, row_model(v.object), v.object);
        if (is_list(v) || v.tag == VALUE_MAP || is_a(v, &shell_dict_class) || is_a(v, &queryset_class))
            return shell_repr(s, v);
        if (v.tag == VALUE_OBJECT && v.cls->str)
            return v.cls->str(s->cx->arena, v.object);
        buf_printf(&b, "<%s object>", value_type_name(v));
    }
    return buf_view(&b);
}

/* [[fill]align][0][width][,][.precision][type] */
Str shell_format(Shell *s, Value v, Str spec)
{
    char fill = ' ', align = 0, type = 0;
    size_t i = 0;
    int64_t width = 0, precision = -1;
    bool commas = false;
    if (spec.n > 1 && memchr("<>^=", spec.p[1], 4))
        fill = spec.p[0], align = spec.p[1], i = 2;
    else if (spec.n && memchr("<>^=", spec.p[0], 4))
        align = spec.p[0], i = 1;
    if (i < spec.n && spec.p[i] == '0' && !align)
        fill = '0', align = '>';
    for (; i < spec.n && spec.p[i] >= '0' && spec.p[i] <= '9' && width < 1000; i++)
        width = width * 10 + (spec.p[i] - '0');
    if (i < spec.n && spec.p[i] == ',')
        commas = true, i++;
    if (i < spec.n && spec.p[i] == '.')
        for (i++, precision = 0; i < spec.n && spec.p[i] >= '0' && spec.p[i] <= '9' && precision < 1000; i++)
            precision = precision * 10 + (spec.p[i] - '0');
    if (i < spec.n)
        type = spec.p[i++];
    if (i < spec.n || (type && !strchr("dsfxXobe%", type)))
        RAISE(s->cx, 500, "value_error", "Invalid format specifier '%.*s'", STR_FMT(spec));
    Buf b = BUF_INIT(s->cx->arena, 1 << 16);
    double d = v.tag == VALUE_DOUBLE ? v.d : v.tag == VALUE_DECIMAL ? decimal_to_double(*v.decimal) : (double)v.i;
    bool number = v.tag == VALUE_INT || v.tag == VALUE_DOUBLE || v.tag == VALUE_DECIMAL;
    if (number && (type == 'f' || type == 'e' || type == '%' || precision >= 0)) {
        int places = precision < 0 ? 6 : (int)precision;
        type == 'e' ? buf_printf(&b, "%.*e", places, d) : buf_printf(&b, "%.*f", places, type == '%' ? d * 100 : d);
        buf_c(&b, type == '%' ? "%" : "");
    } else if (v.tag == VALUE_INT && (type == 'x' || type == 'X' || type == 'o')) {
        const char *format = type == 'x' ? "%llx" : type == 'X' ? "%llX" : "%llo";
        buf_printf(&b, format[3] == 'x' ? "%llx" : format[3] == 'X' ? "%llX" : "%llo", (unsigned long long)v.i);
    } else {
        Str text = shell_str(s, v);
        buf_str(&b, precision >= 0 ? str_slice(text, 0, (size_t)precision) : text);
    }
    Str text = buf_view(&b);
    if (commas) {
        Buf with = BUF_INIT(s->cx->arena, 1 << 16);
        size_t point = str_find_byte(text, '.'), whole = point == STR_NPOS ? text.n : point;
        for (size_t k = 0; k < text.n; k++) {
            buf_byte(&with, text.p[k]);
            if (k + 1 < whole && (whole - k - 1) % 3 == 0 && text.p[k] != '-')
                buf_byte(&with, ',');
        }
        text = buf_view(&with);
    }
    size_t pad = (size_t)width > text.n ? (size_t)width - text.n : 0;
    char side = align ? align : number ? '>' : '<';
    size_t left = side == '<' ? 0 : side == '^' ? pad / 2 : pad;
    Buf out = BUF_INIT(s->cx->arena, 1 << 16);
    buf_fill(&out, fill, left);
    buf_str(&out, text);
    buf_fill(&out, fill, pad - left);
    return buf_view(&out);
}
