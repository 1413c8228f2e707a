/* format.c: format_html: a text with fields in braces, as Python's str.format has them for texts. */
#include <clef/template/format.h>

#include "template/template.h"
#include <clef/base/assert.h>
#include <clef/base/utf8.h>
#include <clef/codec/html.h>

/* How a field wants its text: what stands in it behind the name. */
typedef struct Spec {
    Str fill;    /* one character; empty: a space */
    char align;  /* '<', '>' or '^' */
    bool quoted; /* !r */
    size_t width, precision;
} Spec;

/* One format's way through its arguments. */
typedef struct Walk {
    Arena *a;
    const FormatArguments *args;
    Buf out;
    size_t next;          /* of {} */
    bool counts, numbers; /* {} was seen; {0} was seen */
} Walk;

static FormatOutcome find(Walk *w, Str name, const Value **out)
{
    uint64_t i;
    bool number = name.n && name.p[0] >= '0' && name.p[0] <= '9';
    if (number && !str_to_u64(name, &i))
        return FORMAT_MALFORMED;
    if (name.n && !number) {
        *out = w->args->named ? map_get(w->args->named, name) : NULL;
        return *out ? FORMAT_OK : FORMAT_NO_NAME;
    }
    w->counts |= !number;
    w->numbers |= number;
    if (w->counts && w->numbers)
        return FORMAT_MALFORMED;
    if (!number)
        i = w->next++;
    *out = i < w->args->n ? &w->args->p[i] : NULL;
    return *out ? FORMAT_OK : FORMAT_NO_ARGUMENT;
}

static bool is_align(char c) { return c == '<' || c == '>' || c == '^'; }

/* Digits, which may be absent: then *out stays. */
static bool size_at(Str *s, size_t *out)
{
    size_t n = 0;
    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        n++;
    uint64_t v = *out;
    if (n && (!str_to_u64(str_slice(*s, 0, n), &v) || v > TEXT_MAX))
        return false;
    *out = (size_t)v;
    *s = str_from_byte(*s, n);
    return true;
}

/* "[!r|!s][:[[fill]align][0][width][.precision][s]]", as far as Python has that for texts. */
static bool parse_spec(Str s, Spec *out)
{
    *out = (Spec){ .align = '<', .precision = SIZE_MAX };
    if (s.n && s.p[0] == '!') {
        if (s.n < 2 || (s.p[1] != 'r' && s.p[1] != 's'))
            return false;
        out->quoted = s.p[1] == 'r';
        s = str_from_byte(s, 2);
    }
    if (s.n == 0)
        return true;
    if (s.p[0] != ':')
        return false;
    s = str_from_byte(s, 1);
    size_t one = s.n ? utf8_offset(s, 1) : 0;
    if (one < s.n && is_align(s.p[one])) {
        out->fill = str_slice(s, 0, one);
        out->align = s.p[one];
        s = str_from_byte(s, one + 1);
    } else if (s.n && is_align(s.p[0])) {
        out->align = s.p[0];
        s = str_from_byte(s, 1);
    }
    if (s.n && s.p[0] == '0' && !out->fill.n)
        out->fill = STR("0");
    if (!size_at(&s, &out->width))
        return false;
    if (s.n && s.p[0] == '.') {
        size_t before = s.n;
        s = str_from_byte(s, 1);
        out->precision = 0;
        if (!size_at(&s, &out->precision) || s.n + 1 == before)
            return false;
    }
    return s.n == 0 || str_eq(s, STR("s"));
}

static void fill(Buf *b, const Spec *f, size_t n)
{
    for (; n && !b->failed; n--)
        buf_str(b, f->fill.n ? f->fill : STR(" "));
}

static void add_value(Walk *w, const Spec *f, Value v)
{
    Buf b = BUF_INIT(w->a, TEXT_MAX), escaped = BUF_INIT(w->a, TEXT_MAX), quoted = BUF_INIT(w->a, TEXT_MAX);
    if (!value_is_text(v)) {
        write_str(&b, w->a, v);
        v = value_str(buf_view(&b));
    }
    if (v.tag == VALUE_STR)
        html_escape_add(&escaped, v.s);
    Str text = v.tag == VALUE_SAFE ? v.s : buf_view(&escaped);
    if (f->quoted) {
        write_repr(&quoted, w->a, value_str(text));
        text = buf_view(&quoted);
    }
    if (f->precision != SIZE_MAX)
        text = utf8_slice(text, 0, f->precision);
    size_t n = f->width ? utf8_count(text) : 0, pad = f->width > n ? f->width - n : 0;
    size_t left = f->align == '<' ? 0 : f->align == '>' ? pad : pad / 2;
    fill(&w->out, f, left);
    buf_str(&w->out, text);
    fill(&w->out, f, pad - left);
}

/* The field whose braces hold `inside`. */
static FormatOutcome add_field(Walk *w, Str inside)
{
    size_t n = 0;
    while (n < inside.n && inside.p[n] != '!' && inside.p[n] != ':')
        n++;
    const Value *v = NULL;
    Spec f;
    FormatOutcome outcome = find(w, str_slice(inside, 0, n), &v);
    if (outcome)
        return outcome;
    if (!parse_spec(str_from_byte(inside, n), &f))
        return FORMAT_MALFORMED;
    add_value(w, &f, *v);
    return FORMAT_OK;
}

FormatOutcome format_html(Arena *a, Str format, const FormatArguments *args, SafeStr *out)
{
    Walk w = { .a = a, .args = args, .out = BUF_INIT(a, TEXT_MAX) };
    buf_add(&w.out, "", 0);
    for (size_t i = 0; i < format.n; i++) {
        char c = format.p[i];
        if (c != '{' && c != '}') {
            buf_byte(&w.out, c);
            continue;
        }
        if (i + 1 < format.n && format.p[i + 1] == c) {
            buf_byte(&w.out, c);
            i++;
            continue;
        }
        size_t end = str_find_byte(str_from_byte(format, i), '}');
        Str inside = c == '{' && end != STR_NPOS ? str_slice(format, i + 1, i + end) : (Str){ 0 };
        if (str_is_null(inside) || str_find_byte(inside, '{') != STR_NPOS)
            return FORMAT_MALFORMED;
        FormatOutcome outcome = add_field(&w, inside);
        if (outcome)
            return outcome;
        i += end;
    }
    if (w.out.failed)
        return FORMAT_TOO_LONG;
    *out = (SafeStr){ buf_view(&w.out) };
    return FORMAT_OK;
}

SafeStr format_html_or_die(Arena *a, const char *format, const Value *args, size_t n)
{
    SafeStr out = { 0 };
    FormatArguments arguments = { .p = args, .n = n };
    ASSERT(format_html(a, str_c(format), &arguments, &out) == FORMAT_OK);
    return out;
}
