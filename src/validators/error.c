/* error.c: messages with places for parameters. */
#include <clef/base/buf.h>
#include <clef/base/double.h>
#include <clef/base/vec.h>
#include <clef/validators/error.h>

enum { MESSAGE_MAX = 1 << 20 };

Str value_python_str(Arena *a, Value v)
{
    if (value_is_text(v))
        return v.s;
    Buf b = BUF_INIT(a, MESSAGE_MAX);
    buf_add(&b, "", 0);
    if (buf_scalar(&b, v))
        return buf_view(&b);
    switch ((ValueTag)v.tag) {
    case VALUE_BYTES:
        buf_printf(&b, "b'%.*s'", STR_FMT(v.s));
        break;
    case VALUE_LIST:
    case VALUE_MAP: {
        /* As repr() shows plain elements; what needs more of Python's escapes is rare in a message. */
        bool is_map = v.tag == VALUE_MAP, first = true;
        Value item;
        buf_byte(&b, is_map ? '{' : '[');
        for (size_t at = 0; value_next(a, v, &at, &item); first = false) {
            if (!first)
                BUF_LIT(&b, ", ");
            buf_printf(
                &b, value_is_text(item) ? "'%.*s'" : "%.*s",
                STR_FMT(item.tag == VALUE_LIST || item.tag == VALUE_MAP ? STR("...") : value_python_str(a, item)));
        }
        buf_byte(&b, is_map ? '}' : ']');
        break;
    }
    case VALUE_OBJECT:
        return v.cls->str ? v.cls->str(a, v.object) : str_c(v.cls->name);
    default:
        break;
    }
    return buf_view(&b);
}

void validation_errors_add(Arena *a, ValidationErrors *errors, ValidationError e) { VEC_PUSH(a, errors, e); }

static bool is_conversion(char c) { return c == 's' || c == 'd' || c == 'r'; }

Str message_format(Arena *a, Str message, const Map *params)
{
    if (!params || str_find_byte(message, '%') == STR_NPOS)
        return message;
    Buf b = BUF_INIT(a, MESSAGE_MAX);
    buf_add(&b, "", 0);
    for (size_t i = 0; i < message.n; i++) {
        Str rest = str_from_byte(message, i);
        size_t close = str_find_byte(rest, ')');
        if (message.p[i] != '%') {
            buf_byte(&b, message.p[i]);
        } else if (str_starts(rest, STR("%%"))) {
            buf_byte(&b, '%');
            i++;
        } else if (str_starts(rest, STR("%(")) && close != STR_NPOS && close + 1 < rest.n &&
                   is_conversion(rest.p[close + 1])) {
            const Value *v = map_get(params, str_slice(rest, 2, close));
            if (v)
                buf_str(&b, value_python_str(a, *v));
            i += close + 1;
        } else {
            buf_byte(&b, '%');
        }
    }
    return buf_view(&b);
}

Str validation_error_text(Arena *a, const ValidationError *e) { return message_format(a, e->message, e->params); }
