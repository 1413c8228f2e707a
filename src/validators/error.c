/* error.c: messages with places for parameters. */
#include <clef/base/buf.h>
#include <clef/base/double.h>
#include <clef/base/vec.h>
#include <clef/validators/error.h>

enum { MESSAGE_MAX = 1 << 20 };

static void write_datetime(Buf *b, Value v)
{
    char text[DATETIME_TEXT_MAX];
    if (v.zone) {
        DateTime t = { v.us };
        buf_add(b, text, datetime_format_iso(t, timezone_offset(v.zone, t).seconds, ' ', text));
    } else {
        buf_add(b, text, naive_format_iso((NaiveDateTime){ v.us }, ' ', text));
    }
}

Str value_python_str(Arena *a, Value v)
{
    Buf b = BUF_INIT(a, MESSAGE_MAX);
    buf_add(&b, "", 0);
    switch ((ValueTag)v.tag) {
    case VALUE_STR:
    case VALUE_SAFE:
        return v.s;
    case VALUE_NULL:
        return STR("None");
    case VALUE_BOOL:
        return v.b ? STR("True") : STR("False");
    case VALUE_INT:
        buf_i64(&b, v.i);
        break;
    case VALUE_DOUBLE:
        buf_double(&b, v.d);
        break;
    case VALUE_BIGINT:
    case VALUE_DECIMAL:
        buf_decimal(&b, *v.decimal);
        break;
    case VALUE_DATE:
        buf_date(&b, (Date){ (int32_t)v.us });
        break;
    case VALUE_TIME:
        buf_time(&b, (Time){ v.us, v.flags });
        break;
    case VALUE_DATETIME:
        write_datetime(&b, v);
        break;
    case VALUE_DURATION:
        duration_python_string(&b, (Duration){ v.us });
        break;
    case VALUE_UUID: {
        char text[UUID_TEXT_LEN];
        uuid_format(*v.uuid, text);
        buf_add(&b, text, sizeof text);
        break;
    }
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
