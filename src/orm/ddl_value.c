/* ddl_value.c: values as SQL: DDL takes no parameters. */
#include "orm/ddl.h"
#include <clef/base/double.h>
#include <clef/codec/json.h>

/* --- literals */

static Str text_literal(Arena *a, Str s)
{
    return str_format(a, "'%.*s'", STR_FMT(str_replace(a, s, STR("'"), STR("''"))));
}

static Str hex_of(Arena *a, Str s)
{
    Buf b = BUF_INIT(a, DDL_MAX);
    for (size_t i = 0; i < s.n; i++)
        buf_printf(&b, "%02x", (unsigned char)s.p[i]);
    return buf_view(&b);
}

static Str bytes_literal(Arena *a, Str s) { return str_format(a, "X'%.*s'", STR_FMT(hex_of(a, s))); }

/* Days are days, and no 24 hours: '-1 day 22:30:00.5'. */
static Str interval_literal(Arena *a, int64_t us)
{
    const int64_t day = INT64_C(86400000000);
    int64_t days = us / day - (us % day < 0), rest = us - days * day, seconds = rest / 1000000;
    Buf b = BUF_INIT(a, 64);
    BUF_LIT(&b, "'");
    if (days)
        buf_printf(&b, "%lld day%s ", (long long)days, days == 1 || days == -1 ? "" : "s");
    buf_printf(&b, "%lld:%02lld:%02lld", (long long)(seconds / 3600), (long long)(seconds / 60 % 60),
               (long long)(seconds % 60));
    if (rest % 1000000)
        buf_printf(&b, ".%06lld", (long long)(rest % 1000000));
    BUF_LIT(&b, "'::interval");
    return buf_view(&b);
}

Str ddl_literal(Context *cx, const Dialect *d, Value v)
{
    Arena *a = cx->arena;
    char text[DATETIME_TEXT_MAX + UUID_TEXT_LEN];
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        return STR("NULL");
    case VALUE_BOOL:
        return str_c(v.b ? d->true_literal : d->false_literal);
    case VALUE_INT:
        return str_format(a, "%lld", (long long)v.i);
    case VALUE_STR:
    case VALUE_SAFE:
        return text_literal(a, v.s);
    case VALUE_BYTES:
        return d->has.supports_identity ? str_format(a, "'\\x%.*s'", STR_FMT(hex_of(a, v.s))) : bytes_literal(a, v.s);
    case VALUE_DOUBLE: {
        char digits[DOUBLE_TEXT_MAX];
        Str text_of = str_copy(a, str_from(digits, double_format(v.d, digits)));
        /* Digits with a point are decimals there. */
        bool decimal = d == &dialect_mysql || d == &dialect_mariadb;
        return decimal && str_find_byte(text_of, 'e') == STR_NPOS ? str_concat(a, text_of, STR("e0")) : text_of;
    }
    case VALUE_BIGINT:
        return decimal_str(a, *v.decimal);
    case VALUE_DECIMAL: /* a text would be a double, or unknown, elsewhere */
        if (d != &dialect_sqlite)
            return decimal_str(a, *v.decimal);
        return text_literal(a, decimal_str(a, *v.decimal));
    case VALUE_UUID:
        uuid_format(*v.uuid, text);
        if (d->has.has_native_uuid_field)
            return text_literal(a, str_from(text, UUID_TEXT_LEN));
        return text_literal(a, str_replace(a, str_from(text, UUID_TEXT_LEN), STR("-"), STR("")));
    case VALUE_DURATION:
        if (d->has.has_native_duration_field)
            return interval_literal(a, v.us);
        return str_format(a, "%lld", (long long)v.us);
    case VALUE_DATE:
        date_format_iso((Date){ (int32_t)v.us }, text);
        return text_literal(a, str_from(text, DATE_TEXT_LEN));
    case VALUE_TIME:
        return text_literal(a, str_from(text, time_format_iso((Time){ .us = v.us }, text)));
    case VALUE_DATETIME:
        return text_literal(a, str_from(text, naive_format_iso((NaiveDateTime){ v.us }, ' ', text)));
    case VALUE_LIST:
    case VALUE_MAP: {
        Buf b = BUF_INIT(a, DDL_MAX);
        if (json_write(&b, v, (JsonStyle){ .nan = true }))
            return text_literal(a, buf_view(&b));
        break;
    }
    default:
        break;
    }
    RAISE(cx, 500, "schema_error", "A %s cannot stand in a statement that defines a table.", value_type_name(v));
}

Value ddl_json(Context *cx, Value v)
{
    Buf b = BUF_INIT(cx->arena, DDL_MAX);
    if (!json_write(&b, v, (JsonStyle){ .nan = true }))
        RAISE(cx, 500, "schema_error", "The default of a JSONField has a part that JSON cannot hold.");
    return value_str(buf_view(&b));
}

Value ddl_default(Context *cx, const FieldInfo *field)
{
    const Field *f = field->f;
    if (f->default_fn || f->default_value.box) {
        Value v = f->default_fn ? f->default_fn(cx) : f->default_value.box(cx->arena, f->default_value.at);
        if (field->kind == FIELD_FLOAT && v.tag == VALUE_INT)
            return value_double((double)v.i);
        if (field->kind == FIELD_DECIMAL && v.tag == VALUE_INT) {
            Decimal *d = NEW(cx->arena, Decimal);
            *d = decimal_from_i64(v.i);
            return value_decimal(d);
        }
        return field->kind == FIELD_JSON ? ddl_json(cx, v) : v;
    }
    if (!f->null && f->blank && f->kind == FIELD_BINARY)
        return value_bytes(STR(""));
    if (!f->null && f->blank && f->member == MEMBER_STR && !field->to)
        return value_str(STR(""));
    if (f->auto_now || f->auto_now_add) {
        NaiveDateTime now = datetime_utc(datetime_now());
        return f->kind == FIELD_DATE   ? value_date(naive_date(now))
               : f->kind == FIELD_TIME ? value_time(naive_time(now))
                                       : value_datetime(datetime_now(), NULL);
    }
    return value_null();
}
