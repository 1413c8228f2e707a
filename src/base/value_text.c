/* value_text.c: values as Python's str() writes them. */
#include <clef/base/buf.h>
#include <clef/base/double.h>
#include <clef/base/value.h>

static void add_datetime(Buf *b, Value v)
{
    char text[DATETIME_TEXT_MAX];
    DateTime t = { v.us };
    buf_add(b, text,
            v.zone ? datetime_format_iso(t, timezone_offset(v.zone, t).seconds, ' ', text)
                   : naive_format_iso((NaiveDateTime){ v.us }, ' ', text));
}

bool buf_scalar(Buf *b, Value v)
{
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        BUF_LIT(b, "None");
        return true;
    case VALUE_BOOL:
        buf_str(b, v.b ? STR("True") : STR("False"));
        return true;
    case VALUE_INT:
        buf_i64(b, v.i);
        return true;
    case VALUE_DOUBLE:
        buf_double(b, v.d);
        return true;
    case VALUE_BIGINT:
        buf_decimal_plain(b, *v.decimal);
        return true;
    case VALUE_DECIMAL:
        buf_decimal(b, *v.decimal);
        return true;
    case VALUE_STR:
    case VALUE_SAFE:
        buf_str(b, v.s);
        return true;
    case VALUE_UUID:
        buf_uuid(b, *v.uuid);
        return true;
    case VALUE_DATE:
        buf_date(b, (Date){ (int32_t)v.us });
        return true;
    case VALUE_TIME:
        buf_time(b, (Time){ v.us, v.flags });
        return true;
    case VALUE_DATETIME:
        add_datetime(b, v);
        return true;
    case VALUE_DURATION:
        duration_python_string(b, (Duration){ v.us });
        return true;
    case VALUE_BYTES:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_OBJECT:
        return false;
    }
    return false;
}
