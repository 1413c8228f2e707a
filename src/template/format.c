/* format.c: format_html: a text with fields in braces. */
#include <clef/template/format.h>

#include "template/template.h"
#include <clef/base/assert.h>
#include <clef/codec/html.h>

static const Value *field(Str name, const FormatArguments *args, size_t *next)
{
    uint64_t i;
    if (name.n == 0)
        i = (*next)++;
    else if (!str_to_u64(name, &i))
        return args->named ? map_get(args->named, name) : NULL;
    return i < args->n ? &args->p[i] : NULL;
}

static void add_value(Arena *a, Buf *b, Value v)
{
    Buf text = BUF_INIT(a, TEXT_MAX);
    if (v.tag == VALUE_SAFE) {
        buf_str(b, v.s);
    } else if (v.tag == VALUE_STR) {
        html_escape_add(b, v.s);
    } else {
        write_str(&text, a, v);
        html_escape_add(b, buf_view(&text));
    }
}

bool format_html(Arena *a, Str format, const FormatArguments *args, SafeStr *out)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    size_t next = 0;
    buf_add(&b, "", 0);
    for (size_t i = 0; i < format.n; i++) {
        char c = format.p[i];
        if (c != '{' && c != '}') {
            buf_byte(&b, c);
            continue;
        }
        if (i + 1 < format.n && format.p[i + 1] == c) {
            buf_byte(&b, c);
            i++;
            continue;
        }
        size_t end = str_find_byte(str_from_byte(format, i), '}');
        const Value *v = c == '{' && end != STR_NPOS ? field(str_slice(format, i + 1, i + end), args, &next) : NULL;
        if (!v)
            return false;
        add_value(a, &b, *v);
        i += end;
    }
    *out = (SafeStr){ buf_view(&b) };
    return !b.failed;
}

SafeStr format_html_or_die(Arena *a, const char *format, const Value *args, size_t n)
{
    SafeStr out = { 0 };
    FormatArguments arguments = { .p = args, .n = n };
    ASSERT(format_html(a, str_c(format), &arguments, &out));
    return out;
}
