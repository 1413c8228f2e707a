/* mysql_bind.c: values as parameters in the forms in which Django stores them, and columns as values. */
#include "db/mysql.h"
#include <clef/base/decimal.h>
#include <clef/base/double.h>
#include <clef/codec/json.h>

enum { JSON_MAX = 1 << 28, BINARY_CHARSET = 63 };

static void set_text(MYSQL_BIND *b, enum enum_field_types type, const char *p, size_t n)
{
    b->buffer_type = type;
    b->buffer = (void *)(uintptr_t)(p ? p : "");
    b->buffer_length = n;
}

static bool set_one(Arena *a, MYSQL_BIND *b, Value v, bool mariadb, const char **why)
{
    char text[DATETIME_TEXT_MAX + UUID_TEXT_LEN];
    Str s;
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        b->buffer_type = MYSQL_TYPE_NULL;
        return true;
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_DURATION: {
        long long *i = NEW(a, long long);
        *i = v.tag == VALUE_BOOL ? v.b : v.i;
        b->buffer_type = MYSQL_TYPE_LONGLONG;
        b->buffer = i;
        return true;
    }
    case VALUE_DOUBLE: {
        double *d = NEW(a, double);
        *d = v.d;
        b->buffer_type = MYSQL_TYPE_DOUBLE;
        b->buffer = d;
        return true;
    }
    case VALUE_BIGINT:
    case VALUE_DECIMAL: {
        Buf out = BUF_INIT(a, 1 << 20);
        if (!decimal_is_finite(*v.decimal) || !buf_decimal_plain(&out, *v.decimal)) {
            *why = "MariaDB has no form for a decimal that is no number";
            return false;
        }
        set_text(b, MYSQL_TYPE_NEWDECIMAL, out.p, out.n);
        return true;
    }
    case VALUE_STR:
    case VALUE_SAFE:
        set_text(b, MYSQL_TYPE_STRING, v.s.p, v.s.n);
        return true;
    case VALUE_BYTES:
        set_text(b, MYSQL_TYPE_BLOB, v.s.p, v.s.n);
        return true;
    case VALUE_DATE:
        date_format_iso((Date){ (int32_t)v.us }, text);
        s = str_copy(a, str_from(text, DATE_TEXT_LEN));
        set_text(b, MYSQL_TYPE_STRING, s.p, s.n);
        return true;
    case VALUE_TIME:
        s = str_copy(a, str_from(text, time_format_iso((Time){ .us = v.us }, text)));
        set_text(b, MYSQL_TYPE_STRING, s.p, s.n);
        return true;
    case VALUE_DATETIME:
        s = str_copy(a, str_from(text, naive_format_iso((NaiveDateTime){ v.us }, ' ', text)));
        set_text(b, MYSQL_TYPE_STRING, s.p, s.n);
        return true;
    case VALUE_UUID: { /* MariaDB has a type for it; MySQL has char(32) */
        char *p = arena_alloc(a, UUID_TEXT_LEN);
        size_t n = 0;
        uuid_format(*v.uuid, text);
        for (size_t i = 0; i < UUID_TEXT_LEN; i++)
            if (mariadb || text[i] != '-')
                p[n++] = text[i];
        set_text(b, MYSQL_TYPE_STRING, p, n);
        return true;
    }
    case VALUE_LIST:
    case VALUE_MAP: {
        Buf out = BUF_INIT(a, JSON_MAX);
        if (!json_write(&out, v, (JsonStyle){ .nan = false })) {
            *why = "a value has a part that JSON cannot hold";
            return false;
        }
        set_text(b, MYSQL_TYPE_STRING, out.p, out.n);
        return true;
    }
    default:
        *why = "MariaDB has no form for this kind of value";
        return false;
    }
}

bool my_bind(Arena *a, const Value *params, size_t n, bool mariadb, MYSQL_BIND *out, const char **why)
{
    for (size_t i = 0; i < n; i++)
        if (!set_one(a, &out[i], params[i], mariadb, why))
            return false;
    return true;
}

/* --- results */

static bool is_integer(enum enum_field_types type)
{
    return type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_SHORT || type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_INT24 ||
           type == MYSQL_TYPE_LONGLONG || type == MYSQL_TYPE_YEAR;
}

static bool is_moment(enum enum_field_types type)
{
    return type == MYSQL_TYPE_DATE || type == MYSQL_TYPE_TIME || type == MYSQL_TYPE_DATETIME ||
           type == MYSQL_TYPE_TIMESTAMP;
}

void my_bind_results(MyStatement *s, const MYSQL_FIELD *fields)
{
    s->results = NEW_ARRAY(s->arena, MYSQL_BIND, s->columns + 1);
    s->cells = NEW_ARRAY(s->arena, MyCell, s->columns + 1);
    for (unsigned i = 0; i < s->columns; i++) {
        MYSQL_BIND *b = &s->results[i];
        MyCell *cell = &s->cells[i];
        enum enum_field_types type = fields[i].type;
        b->length = &cell->length;
        b->is_null = &cell->null;
        b->error = &cell->cut;
        b->buffer = &cell->i;
        if (is_integer(type)) {
            b->buffer_type = MYSQL_TYPE_LONGLONG;
            b->is_unsigned = (fields[i].flags & UNSIGNED_FLAG) != 0;
        } else if (type == MYSQL_TYPE_DOUBLE || type == MYSQL_TYPE_FLOAT) {
            b->buffer_type = MYSQL_TYPE_DOUBLE;
        } else if (is_moment(type)) {
            b->buffer_type = type;
            b->buffer_length = sizeof cell->time;
        } else {
            b->buffer_type = MYSQL_TYPE_STRING;
            b->buffer_length = sizeof cell->text;
        }
    }
}

static Value decimal_value(Arena *scratch, Str s)
{
    Decimal *d = NEW(scratch, Decimal);
    return decimal_parse(scratch, s, d) == DECIMAL_OK ? value_decimal(d) : value_str(s);
}

static Value text_value(Arena *scratch, const MYSQL_FIELD *field, Str s)
{
    switch (field->type) {
    case MYSQL_TYPE_NEWDECIMAL:
    case MYSQL_TYPE_DECIMAL:
        return decimal_value(scratch, s);
    case MYSQL_TYPE_BIT: {
        uint64_t bits = 0;
        for (size_t i = 0; i < s.n && i < 8; i++)
            bits = bits << 8 | (uint8_t)s.p[i];
        return value_u64(scratch, bits);
    }
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_STRING:
        return field->charsetnr == BINARY_CHARSET ? value_bytes(s) : value_str(s);
    default:
        return value_str(s);
    }
}

static Value moment_value(Arena *scratch, const MYSQL_FIELD *field, const MYSQL_TIME *t)
{
    Date d;
    NaiveDateTime naive;
    if (field->type == MYSQL_TYPE_TIME) {
        int64_t us = ((int64_t)t->hour * 3600 + (int64_t)t->minute * 60 + (int64_t)t->second) * 1000000 +
                     (int64_t)t->second_part + (int64_t)t->day * US_PER_DAY;
        return t->neg || us >= US_PER_DAY ? value_duration((Duration){ t->neg ? -us : us })
                                          : value_time((Time){ .us = us });
    }
    (void)scratch;
    if (field->type == MYSQL_TYPE_DATE)
        return date_make((int)t->year, (int)t->month, (int)t->day, &d) ? value_date(d) : value_null();
    DateTimeParts parts = { (int)t->year,   (int)t->month,  (int)t->day,        (int)t->hour,
                            (int)t->minute, (int)t->second, (int)t->second_part };
    return naive_make(parts, &naive) ? value_naive(naive) : value_null();
}

Value my_cell(My *my, Arena *scratch, MyStatement *s, unsigned column)
{
    MyCell *cell = &s->cells[column];
    MYSQL_BIND *b = &s->results[column];
    const MYSQL_FIELD *field = &my->lib.mysql_fetch_fields(s->meta)[column];
    if (cell->null)
        return value_null();
    if (b->buffer_type == MYSQL_TYPE_LONGLONG)
        return b->is_unsigned ? value_u64(scratch, (uint64_t)cell->i) : value_int(cell->i);
    if (b->buffer_type == MYSQL_TYPE_DOUBLE)
        return value_double(cell->d);
    if (is_moment(b->buffer_type))
        return moment_value(scratch, field, &cell->time);
    if (cell->length <= sizeof cell->text)
        return text_value(scratch, field, str_from(cell->text, cell->length));
    char *room = arena_alloc(scratch, cell->length + 1);
    unsigned long length = cell->length;
    my_bool null = 0, cut = 0;
    MYSQL_BIND whole = { .buffer_type = MYSQL_TYPE_STRING, .buffer = room, .buffer_length = cell->length };
    whole.length = &length;
    whole.is_null = &null;
    whole.error = &cut;
    if (my->lib.mysql_stmt_fetch_column(s->stmt, &whole, column, 0) != 0)
        return value_null();
    room[cell->length] = 0;
    return text_value(scratch, field, str_from(room, cell->length));
}

Value my_text_cell(Arena *scratch, const MYSQL_FIELD *field, const char *p, size_t n)
{
    int64_t i;
    double d;
    Str s = str_from(p ? p : "", n);
    if (!p)
        return value_null();
    if (is_integer(field->type) && str_to_i64(s, &i))
        return value_int(i);
    if ((field->type == MYSQL_TYPE_DOUBLE || field->type == MYSQL_TYPE_FLOAT) && double_parse_any(s, &d))
        return value_double(d);
    return text_value(scratch, field, s);
}
