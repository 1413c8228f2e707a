/* filters_strings.c: filters from text to text. */
#include "template/filters.h"
#include <clef/base/double.h>
#include <clef/base/utf8.h>
#include <clef/codec/html.h>
#include <clef/codec/url.h>
#include <clef/i18n.h>

FILTER(addslashes)
{
    Buf b = filter_buf(c);
    for (size_t i = 0; i < v.s.n; i++) {
        if (v.s.p[i] == '\\' || v.s.p[i] == '"' || v.s.p[i] == '\'')
            buf_byte(&b, '\\');
        buf_byte(&b, v.s.p[i]);
    }
    return value_str(buf_view(&b));
}

FILTER(capfirst) { return value_str(text_capfirst(c->r->arena, v.s)); }
FILTER(lower) { return value_str(text_lower(c->r->arena, v.s)); }
FILTER(upper) { return value_str(text_upper(c->r->arena, v.s)); }
FILTER(slug) { return value_str(slugify(c->r->arena, v.s)); }
FILTER(iriencode) { return value_str(iri_to_uri(c->r->arena, v.s)); }

/* Title case, but "Joe'S" stays "Joe's" and "3Rd" stays "3rd". */
FILTER(title)
{
    Str s = text_title(c->r->arena, v.s);
    Buf b = filter_buf(c);
    for (size_t i = 0; i < s.n; i++) {
        char x = s.p[i], before = i ? s.p[i - 1] : 0, before2 = i > 1 ? s.p[i - 2] : 0;
        bool upper_letter = x >= 'A' && x <= 'Z';
        bool after_quote = before == '\'' && before2 >= 'a' && before2 <= 'z';
        bool after_digit = before >= '0' && before <= '9';
        buf_byte(&b, (char)(upper_letter && (after_quote || after_digit) ? x + 32 : x));
    }
    return value_str(buf_view(&b));
}

FILTER(escapejs)
{
    Buf b = filter_buf(c);
    for (size_t i = 0; i < v.s.n; i++) {
        unsigned char x = (unsigned char)v.s.p[i];
        if (x < 32 || strchr("\\'\"><&=-;`", x))
            buf_printf(&b, "\\u%04X", x);
        else if (x == 0xe2 && i + 2 < v.s.n && (unsigned char)v.s.p[i + 1] == 0x80 &&
                 ((unsigned char)v.s.p[i + 2] & 0xfe) == 0xa8) {
            buf_printf(&b, "\\u%04X", 0x2000 + 0x28 + (v.s.p[i + 2] & 1));
            i += 2;
        } else
            buf_byte(&b, (char)x);
    }
    return safe(buf_view(&b));
}

FILTER(linenumbers)
{
    bool escape = c->autoescape && v.tag != VALUE_SAFE;
    size_t lines = 1, width = 0, number = 0;
    for (size_t i = 0; i < v.s.n; i++)
        lines += v.s.p[i] == '\n';
    for (size_t n = lines; n; n /= 10)
        width++;
    Buf b = filter_buf(c);
    Str rest = v.s.p ? v.s : STR(""), line;
    while (str_cut(&rest, '\n', &line)) {
        if (number++)
            buf_byte(&b, '\n');
        buf_printf(&b, "%0*zu. ", (int)width, number);
        escape ? html_escape_add(&b, line) : buf_str(&b, line);
    }
    return safe(buf_view(&b));
}

FILTER(make_list)
{
    List *l = list_new(c->r->arena);
    Value item;
    for (size_t at = 0; value_next(c->r->arena, v, &at, &item);)
        list_push(c->r->arena, l, item);
    return value_list(l);
}

FILTER(urlencode)
{
    return value_str(url_quote(c->r->arena, v.s, c->has_arg && !value_is_null(c->arg) ? text_of(c, c->arg) : STR("/")));
}

static TemplateWords words_of(TemplateFilterCall *c, Str s)
{
    VEC(Str) words = { 0 };
    for (size_t i = 0, from = 0; i <= s.n;) {
        uint32_t code = ' ';
        size_t step = i < s.n ? text_char(s.p + i, s.n - i, &code) : 1;
        if (text_is_space(code)) {
            if (i > from)
                VEC_PUSH(c->r->arena, &words, str_slice(s, from, i));
            from = i + step;
        }
        i += step;
    }
    return (TemplateWords){ words.p, words.n };
}

FILTER(wordcount) { return value_int((int64_t)words_of(c, v.s).n); }

static bool is_combining(uint32_t c)
{
    return (c >= 0x300 && c <= 0x34e) || (c >= 0x350 && c <= 0x36f) || (c >= 0x483 && c <= 0x487) ||
           (c >= 0x591 && c <= 0x5bd) || (c >= 0x610 && c <= 0x61a) || (c >= 0x64b && c <= 0x65f) ||
           (c >= 0x1ab0 && c <= 0x1abd) || (c >= 0x1dc0 && c <= 0x1dff) || (c >= 0x20d0 && c <= 0x20dc) ||
           c == 0x20e1 || c == 0x3099 || c == 0x309a || (c >= 0xfe20 && c <= 0xfe2f);
}

FILTER(truncatechars)
{
    int64_t most, n = 0;
    if (!int_argument(c, c->arg, &most))
        return v;
    if (most <= 0)
        return value_str(STR(""));
    size_t cut = 0;
    bool have = false;
    for (size_t i = 0; i < v.s.n;) {
        size_t from = i;
        if (is_combining(utf8_next(v.s, &i)))
            continue;
        n++;
        if (!have && n > most - 1) {
            cut = from;
            have = true;
        }
        if (n > most)
            return value_str(str_concat(c->r->arena, str_slice(v.s, 0, cut), STR("\xe2\x80\xa6")));
    }
    return value_str(v.s);
}

FILTER(truncatewords)
{
    int64_t most;
    if (!int_argument(c, c->arg, &most))
        return v;
    if (most <= 0)
        return value_str(STR(""));
    TemplateWords w = words_of(c, v.s);
    Buf b = filter_buf(c);
    for (size_t i = 0; i < w.n && i < (uint64_t)most; i++) {
        if (i)
            buf_byte(&b, ' ');
        buf_str(&b, w.p[i]);
    }
    if (w.n > (uint64_t)most && !str_ends(buf_view(&b), STR(" \xe2\x80\xa6")))
        buf_c(&b, " \xe2\x80\xa6");
    return value_str(buf_view(&b));
}

static Value justify(TemplateFilterCall *c, Value v, int side)
{
    int64_t width = need_int(c->r, c->arg);
    size_t n = utf8_count(v.s);
    if (width <= 0 || (uint64_t)width <= n)
        return value_str(v.s);
    size_t pad = (size_t)width - n, left = side < 0 ? 0 : side > 0 ? pad : pad / 2;
    Buf b = filter_buf(c);
    buf_fill(&b, ' ', left);
    buf_str(&b, v.s);
    buf_fill(&b, ' ', pad - left);
    if (b.failed)
        template_raise(c->r, "MemoryError", "The filter %s was asked for %lld characters", c->filter->name,
                       (long long)width);
    return value_str(buf_view(&b));
}

FILTER(ljust) { return justify(c, v, -1); }
FILTER(rjust) { return justify(c, v, 1); }
FILTER(center) { return justify(c, v, 0); }

FILTER(cut)
{
    Str arg = text_of(c, c->arg);
    Str s = arg.n ? str_replace(c->r->arena, v.s, arg, STR("")) : v.s;
    return v.tag == VALUE_SAFE && !str_eq(arg, STR(";")) ? safe(s) : value_str(s);
}

FILTER(phone2numeric)
{
    static const char digits[] = "22233344455566677778889999";
    if (!value_is_text(v))
        template_raise(c->r, "AttributeError", "'%s' object has no attribute 'lower'", value_type_name(v));
    Buf b = filter_buf(c);
    Str s = text_lower(c->r->arena, v.s);
    for (size_t i = 0; i < s.n; i++)
        buf_byte(&b, s.p[i] >= 'a' && s.p[i] <= 'z' ? digits[s.p[i] - 'a'] : s.p[i]);
    return value_str(buf_view(&b));
}

/* --- wordwrap: Python's textwrap without breaking words */

static void wrap_line(Buf *b, Str line, int64_t width, bool *first)
{
    bool any = false;
    size_t i = 0;
    while (i < line.n) {
        size_t end = i, used = 0, keep = i;
        /* chunks: runs of white space and runs of the rest */
        if (any)
            while (i < line.n && (line.p[i] == ' ' || (line.p[i] >= '\t' && line.p[i] <= '\r')))
                i++;
        if (i >= line.n)
            break;
        end = keep = i;
        while (end < line.n) {
            size_t chunk = end;
            bool space = line.p[end] == ' ' || (line.p[end] >= '\t' && line.p[end] <= '\r');
            while (chunk < line.n &&
                   (line.p[chunk] == ' ' || (line.p[chunk] >= '\t' && line.p[chunk] <= '\r')) == space)
                chunk++;
            size_t n = utf8_count(str_slice(line, end, chunk));
            if (used + n > (uint64_t)width && !(end == i && n > (uint64_t)width))
                break;
            used += n;
            end = chunk;
            if (!space)
                keep = end;
            if (used > (uint64_t)width)
                break;
        }
        if (keep > i) {
            if (!*first)
                buf_byte(b, '\n');
            *first = false;
            any = true;
            buf_str(b, str_slice(line, i, keep));
        }
        i = end;
    }
    if (!any) {
        if (!*first)
            buf_byte(b, '\n');
        *first = false;
        buf_str(b, line);
    }
}

static Str expand_tabs(TemplateFilterCall *c, Str s)
{
    if (str_find_byte(s, '\t') == STR_NPOS)
        return s;
    Buf b = filter_buf(c);
    size_t column = 0;
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        if (utf8_next(s, &i) == '\t') {
            buf_fill(&b, ' ', 8 - column % 8);
            column += 8 - column % 8;
        } else {
            buf_add(&b, s.p + from, i - from);
            column++;
        }
    }
    return buf_view(&b);
}

FILTER(wordwrap)
{
    int64_t width = need_int(c->r, c->arg);
    Buf b = filter_buf(c);
    bool first = true;
    if (v.s.n && width <= 0)
        template_raise(c->r, "ValueError", "invalid width %lld (must be > 0)", (long long)width);
    for (size_t i = 0; i < v.s.n;) {
        size_t end = i;
        while (end < v.s.n && !(v.s.p[end] >= '\n' && v.s.p[end] <= '\r') &&
               !(v.s.p[end] >= 0x1c && v.s.p[end] <= 0x1e))
            end++;
        wrap_line(&b, expand_tabs(c, str_slice(v.s, i, end)), width, &first);
        i = end + 1;
        if (end + 1 < v.s.n && v.s.p[end] == '\r' && v.s.p[end + 1] == '\n')
            i++;
    }
    if (str_ends(v.s, STR("\n")))
        buf_byte(&b, '\n');
    return value_str(buf_view(&b));
}

/* --- stringformat: Python's % operator */

typedef struct Spec {
    bool minus, plus, space, zero, alternate;
    int width, precision; /* -1: none */
    char type;
} Spec;

static bool parse_spec(Str s, Spec *out, size_t *used)
{
    size_t i = 0;
    *out = (Spec){ .precision = -1 };
    for (; i < s.n && strchr("-+ 0#", s.p[i]); i++) {
        out->minus |= s.p[i] == '-';
        out->plus |= s.p[i] == '+';
        out->space |= s.p[i] == ' ';
        out->zero |= s.p[i] == '0';
        out->alternate |= s.p[i] == '#';
    }
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && out->width < 100000; i++)
        out->width = out->width * 10 + (s.p[i] - '0');
    if (i < s.n && s.p[i] == '.')
        for (out->precision = 0, i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && out->precision < 100000; i++)
            out->precision = out->precision * 10 + (s.p[i] - '0');
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

static bool format_integer(TemplateFilterCall *c, Buf *b, const Spec *f, Value v)
{
    int64_t i;
    Buf digits = filter_buf(c), prefix = filter_buf(c);
    if (f->type == 'd' || f->type == 'i' || f->type == 'u') {
        if (v.tag == VALUE_BIGINT) {
            buf_decimal_plain(&digits, decimal_abs(*v.decimal));
            pad(b, f, sign_of(f, v.decimal->negative), buf_view(&digits));
            return true;
        }
        if (v.tag != VALUE_INT && v.tag != VALUE_BOOL && v.tag != VALUE_DOUBLE && v.tag != VALUE_DECIMAL)
            return false;
    } else if (v.tag != VALUE_INT && v.tag != VALUE_BOOL) {
        return false;
    }
    if (!python_int(c->r, v, &i))
        return false;
    uint64_t size = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    unsigned long long n = size;
    if (f->type == 'x')
        buf_printf(&prefix, "%llx", n);
    else if (f->type == 'X')
        buf_printf(&prefix, "%llX", n);
    else if (f->type == 'o')
        buf_printf(&prefix, "%llo", n);
    else
        buf_printf(&prefix, "%llu", n);
    for (int k = (int)prefix.n; k < f->precision; k++)
        buf_byte(&digits, '0');
    buf_str(&digits, buf_view(&prefix));
    Str sign = sign_of(f, i < 0);
    if (f->alternate && strchr("xXo", f->type))
        sign = str_format(c->r->arena, "%.*s0%c", STR_FMT(sign), f->type);
    pad(b, f, sign, buf_view(&digits));
    return true;
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
        buf_c(&digits, __builtin_isnan(d) ? "nan" : "inf");
        spec.zero = false;
    } else if (f->alternate) {
        buf_printf(&digits, f->type == 'g' ? "%#.*g" : "%#.*f", f->precision < 0 ? 6 : f->precision, negative ? -d : d);
    } else {
        int precision = f->precision < 0 ? 6 : f->precision;
        d = negative ? -d : d;
        switch (f->type) {
        case 'e':
            buf_printf(&digits, "%.*e", precision, d);
            break;
        case 'E':
            buf_printf(&digits, "%.*E", precision, d);
            break;
        case 'g':
            buf_printf(&digits, "%.*g", precision, d);
            break;
        case 'G':
            buf_printf(&digits, "%.*G", precision, d);
            break;
        default:
            buf_printf(&digits, "%.*f", precision, d);
        }
    }
    pad(b, &spec, sign_of(f, negative), buf_view(&digits));
    return true;
}

static bool format_one(TemplateFilterCall *c, Buf *b, const Spec *f, Value v)
{
    Spec plain = *f;
    plain.zero = false;
    Buf text = filter_buf(c);
    switch (f->type) {
    case 's':
    case 'r':
    case 'a':
        f->type == 's' ? write_str(&text, c->r->arena, v) : write_repr(&text, c->r->arena, v);
        pad(b, &plain, STR(""),
            f->precision >= 0 ? utf8_slice(buf_view(&text), 0, (size_t)f->precision) : buf_view(&text));
        return true;
    case 'c':
        if (v.tag == VALUE_INT && v.i >= 0 && v.i < 0x110000) {
            text_add(&text, (uint32_t)v.i);
            pad(b, &plain, STR(""), buf_view(&text));
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
    s = str_concat(c->r->arena, STR("%"), s);
    for (size_t i = 0; i < s.n; i++) {
        Spec f;
        size_t n;
        if (s.p[i] != '%') {
            buf_byte(&b, s.p[i]);
            continue;
        }
        if (i + 1 < s.n && s.p[i + 1] == '%') {
            buf_byte(&b, '%');
            i++;
            continue;
        }
        if (!parse_spec(str_from_byte(s, i + 1), &f, &n) || used || !format_one(c, &b, &f, v))
            return value_str(STR(""));
        used = true;
        i += n;
    }
    /* "not all arguments converted" */
    return used || v.tag == VALUE_MAP ? value_str(buf_view(&b)) : value_str(STR(""));
}

const TemplateFilter string_filters[] = {
    { "addslashes", addslashes, .text = true, .is_safe = true },
    { "capfirst", capfirst, .text = true, .is_safe = true },
    { "center", center, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "cut", cut, .argument = TEMPLATE_ARGUMENT, .text = true },
    { "escapejs", escapejs, .text = true },
    { "iriencode", iriencode, .text = true, .is_safe = true },
    { "linenumbers", linenumbers, .text = true, .is_safe = true, .needs_autoescape = true },
    { "ljust", ljust, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "lower", lower, .text = true, .is_safe = true },
    { "make_list", make_list, .text = true },
    { "phone2numeric", phone2numeric, .is_safe = true },
    { "rjust", rjust, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "slugify", slug, .text = true, .is_safe = true },
    { "stringformat", stringformat, .argument = TEMPLATE_ARGUMENT, .is_safe = true },
    { "title", title, .text = true, .is_safe = true },
    { "truncatechars", truncatechars, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "truncatewords", truncatewords, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "upper", upper, .text = true },
    { "urlencode", urlencode, .argument = TEMPLATE_OPTIONAL_ARGUMENT, .text = true },
    { "wordcount", wordcount, .text = true },
    { "wordwrap", wordwrap, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { .name = NULL },
};
