/* member.c: between the members of a model's struct and boxed values. */
#include "orm/info.h"
#include <clef/base/double.h>
#include <clef/codec/json.h>

size_t member_align(MemberType type)
{
    switch (type) {
    case MEMBER_BOOL:
    case MEMBER_UUID:
    case MEMBER_OPT_BOOL:
    case MEMBER_OPT_UUID:
        return 1;
    case MEMBER_INT16:
        return 2;
    case MEMBER_INT32:
    case MEMBER_DATE:
    case MEMBER_OPT_DATE:
        return 4;
    default:
        return 8;
    }
}

static bool is_relation(const Field *f) { return f->kind == FIELD_FOREIGN_KEY || f->kind == FIELD_ONE_TO_ONE; }

bool member_is_null(const Field *f, const void *row)
{
    const char *p = (const char *)row + f->offset;
    switch (f->member) {
    case MEMBER_STR:
        return ((const Str *)p)->p == NULL;
    case MEMBER_VALUE:
        return ((const Value *)p)->tag == VALUE_NULL && f->null;
    case MEMBER_INT64:
        return is_relation(f) && *(const int64_t *)p == 0;
    case MEMBER_UUID:
        return is_relation(f) && uuid_is_nil(*(const Uuid *)p);
    case MEMBER_OPT_INT:
        return !((const OptInt *)p)->set;
    case MEMBER_OPT_BOOL:
        return !((const OptBool *)p)->set;
    case MEMBER_OPT_DOUBLE:
        return !((const OptDouble *)p)->set;
    case MEMBER_OPT_DECIMAL:
        return !((const OptDecimal *)p)->set;
    case MEMBER_OPT_DATE:
        return !((const OptDate *)p)->set;
    case MEMBER_OPT_TIME:
        return !((const OptTime *)p)->set;
    case MEMBER_OPT_DATETIME:
        return !((const OptDateTime *)p)->set;
    case MEMBER_OPT_DURATION:
        return !((const OptDuration *)p)->set;
    case MEMBER_OPT_UUID:
        return !((const OptUuid *)p)->set;
    default:
        return false;
    }
}

/* A list of the parts; null when one of them is. */
static Value load_composite(Arena *a, const Field *f, const void *row)
{
    List *parts = list_new(a);
    for (size_t i = 0; f->key_parts && f->key_parts[i]; i++) {
        Value part = member_load(a, f->key_parts[i], row);
        if (part.tag == VALUE_NULL)
            return part;
        list_push(a, parts, part);
    }
    return value_list(parts);
}

Value member_load(Arena *a, const Field *f, const void *row)
{
    const char *p = (const char *)row + f->offset;
    if (f->kind == FIELD_COMPOSITE)
        return load_composite(a, f, row);
    if (member_is_null(f, row))
        return value_null();
    switch (f->member) {
    case MEMBER_STR:
        return f->kind == FIELD_BINARY ? value_bytes(*(const Str *)p) : value_str(*(const Str *)p);
    case MEMBER_BOOL:
        return value_bool(*(const bool *)p);
    case MEMBER_INT16:
        return value_int(*(const int16_t *)p);
    case MEMBER_INT32:
        return value_int(*(const int32_t *)p);
    case MEMBER_INT64:
        return value_int(*(const int64_t *)p);
    case MEMBER_DOUBLE:
        return value_double(*(const double *)p);
    case MEMBER_DECIMAL:
        return value_decimal((const Decimal *)p);
    case MEMBER_DATE:
        return value_date(*(const Date *)p);
    case MEMBER_TIME:
        return value_time(*(const Time *)p);
    case MEMBER_DATETIME:
        return value_datetime(*(const DateTime *)p, NULL);
    case MEMBER_DURATION:
        return value_duration(*(const Duration *)p);
    case MEMBER_UUID:
        return value_uuid((const Uuid *)p);
    case MEMBER_VALUE:
        return *(const Value *)p;
    case MEMBER_OPT_INT:
        return value_int(((const OptInt *)p)->value);
    case MEMBER_OPT_BOOL:
        return value_bool(((const OptBool *)p)->value);
    case MEMBER_OPT_DOUBLE:
        return value_double(((const OptDouble *)p)->value);
    case MEMBER_OPT_DECIMAL:
        return value_decimal(&((const OptDecimal *)p)->value);
    case MEMBER_OPT_DATE:
        return value_date(((const OptDate *)p)->value);
    case MEMBER_OPT_TIME:
        return value_time(((const OptTime *)p)->value);
    case MEMBER_OPT_DATETIME:
        return value_datetime(((const OptDateTime *)p)->value, NULL);
    case MEMBER_OPT_DURATION:
        return value_duration(((const OptDuration *)p)->value);
    case MEMBER_OPT_UUID:
        return value_uuid(&((const OptUuid *)p)->value);
    default:
        return value_null();
    }
}

/* --- from a value */

static bool to_int(const Value *v, int64_t least, int64_t most, int64_t *out)
{
    int64_t i;
    if (v->tag == VALUE_INT)
        i = v->i;
    else if (v->tag == VALUE_BOOL)
        i = v->b;
    else if (v->tag == VALUE_DOUBLE && v->d >= -9e15 && v->d <= 9e15 && (double)(int64_t)v->d == v->d)
        i = (int64_t)v->d;
    else if (v->tag != VALUE_DECIMAL || decimal_to_i64(*v->decimal, &i) != DECIMAL_OK) /* a sum of bigints */
        return false;
    if (i < least || i > most)
        return false;
    *out = i;
    return true;
}

static bool to_double(const Value *v, double *out)
{
    if (v->tag == VALUE_DOUBLE)
        *out = v->d;
    else if (v->tag == VALUE_INT)
        *out = (double)v->i;
    else if (v->tag == VALUE_DECIMAL) /* an average of integers */
        *out = decimal_to_double(*v->decimal);
    else
        return false;
    return true;
}

/* SQLite gives decimals as binary numbers; as Django does, 15 digits of them count, and the column's places. */
static bool to_decimal(Arena *a, const Field *stored, const Value *v, Decimal *out)
{
    Decimal d;
    switch ((ValueTag)v->tag) {
    case VALUE_DECIMAL:
    case VALUE_BIGINT:
        *out = decimal_copy(a, *v->decimal);
        return true;
    case VALUE_INT:
        d = decimal_from_i64(v->i);
        break;
    case VALUE_DOUBLE:
        d = decimal_from_double_short(v->d);
        if (decimal_is_finite(d) && decimal_digits(d) > 15 &&
            decimal_round(a, d, 15, ROUND_HALF_EVEN, &d) != DECIMAL_OK)
            return false;
        break;
    case VALUE_STR:
        if (decimal_parse(a, v->s, &d) != DECIMAL_OK)
            return false;
        break;
    default:
        return false;
    }
    if (stored->max_digits && decimal_is_finite(d) &&
        decimal_quantize(a, d, -stored->decimal_places, ROUND_HALF_EVEN, &d) != DECIMAL_OK)
        return false;
    *out = d;
    return true;
}

static bool to_date(const Value *v, Date *out)
{
    if (v->tag == VALUE_DATE) {
        *out = (Date){ (int32_t)v->us };
        return true;
    }
    return v->tag == VALUE_STR && v->s.n >= DATE_TEXT_LEN && date_parse_iso(str_slice(v->s, 0, DATE_TEXT_LEN), out) &&
           (v->s.n == DATE_TEXT_LEN || v->s.p[DATE_TEXT_LEN] == ' ' || v->s.p[DATE_TEXT_LEN] == 'T');
}

static bool to_time(const Value *v, Time *out)
{
    if (v->tag == VALUE_TIME) {
        *out = (Time){ .us = v->us, .fold = v->flags };
        return true;
    }
    return v->tag == VALUE_STR && time_parse_iso(v->s, out);
}

/* "2026-01-15 10:20:30.000123", in UTC; with an offset where somebody else wrote it so. */
static bool to_datetime(const Value *v, DateTime *out)
{
    Date d;
    Time t;
    ParsedDateTime parsed;
    if (v->tag == VALUE_DATETIME) {
        *out = (DateTime){ v->us };
        return true;
    }
    if (v->tag != VALUE_STR)
        return false;
    if (v->s.n > 11 && date_parse_iso(str_slice(v->s, 0, 10), &d) && time_parse_iso(str_from_byte(v->s, 11), &t)) {
        *out = (DateTime){ naive_combine(d, t).us };
        return true;
    }
    if (v->s.n == 10 && date_parse_iso(v->s, &d)) {
        *out = (DateTime){ naive_combine(d, (Time){ 0 }).us };
        return true;
    }
    return datetime_parse(v->s, &parsed) == PARSE_OK &&
           datetime_from_naive(parsed.local, parsed.aware ? parsed.offset : 0, out);
}

static bool to_duration(const Value *v, Duration *out)
{
    if (v->tag != VALUE_DURATION && v->tag != VALUE_INT)
        return v->tag == VALUE_STR && duration_parse(v->s, out) == PARSE_OK;
    *out = (Duration){ v->i };
    return true;
}

static bool to_uuid(const Value *v, Uuid *out)
{
    if (v->tag == VALUE_UUID) {
        *out = *v->uuid;
        return true;
    }
    return v->tag == VALUE_STR && uuid_parse(v->s, out);
}

/* Columns of SQLite hold any type: a number in a text column is its text. */
static bool to_str(Arena *a, const Value *v, bool copy, Str *out)
{
    char digits[DOUBLE_TEXT_MAX];
    switch ((ValueTag)v->tag) {
    case VALUE_STR:
    case VALUE_SAFE:
    case VALUE_BYTES:
        *out = copy ? str_copy(a, v->s) : v->s;
        if (!out->p)
            *out = STR("");
        return true;
    case VALUE_INT:
        *out = str_format(a, "%lld", (long long)v->i);
        return true;
    case VALUE_DOUBLE: {
        size_t n = double_format(v->d, digits);
        *out = str_copy(a, str_from(digits, n));
        return true;
    }
    default:
        return false;
    }
}

/* A column of JSON gives its text, anybody else the value itself. */
static bool to_json(Arena *a, const Value *v, bool copy, Value *out)
{
    if (v->tag == VALUE_STR && copy)
        return json_read(a, v->s, (JsonOptions){ .nan = true }, out, NULL);
    *out = copy ? value_copy(a, *v) : *v;
    return true;
}

#define OPT_INTO(T, call)         \
    do {                          \
        T *o = (T *)p;            \
        *o = (T){ .set = false }; \
        if (v->tag == VALUE_NULL) \
            return true;          \
        o->set = call;            \
        return o->set;            \
    } while (0)

bool member_store(Arena *a, const Field *f, const Field *stored, void *row, const Value *v, bool copy)
{
    char *p = (char *)row + f->offset;
    int64_t i;
    if (v->tag == VALUE_NULL && f->member < MEMBER_OPT_INT) {
        memset(p, 0, f->size);
        return true;
    }
    switch (f->member) {
    case MEMBER_STR:
        return to_str(a, v, copy, (Str *)p);
    case MEMBER_BOOL:
        if (!to_int(v, 0, 1, &i))
            return false;
        *(bool *)p = i != 0;
        return true;
    case MEMBER_INT16:
        if (!to_int(v, INT16_MIN, INT16_MAX, &i))
            return false;
        *(int16_t *)p = (int16_t)i;
        return true;
    case MEMBER_INT32:
        if (!to_int(v, INT32_MIN, INT32_MAX, &i))
            return false;
        *(int32_t *)p = (int32_t)i;
        return true;
    case MEMBER_INT64:
        return to_int(v, INT64_MIN, INT64_MAX, (int64_t *)p);
    case MEMBER_DOUBLE:
        return to_double(v, (double *)p);
    case MEMBER_DECIMAL:
        return to_decimal(a, stored, v, (Decimal *)p);
    case MEMBER_DATE:
        return to_date(v, (Date *)p);
    case MEMBER_TIME:
        return to_time(v, (Time *)p);
    case MEMBER_DATETIME:
        return to_datetime(v, (DateTime *)p);
    case MEMBER_DURATION:
        return to_duration(v, (Duration *)p);
    case MEMBER_UUID:
        return to_uuid(v, (Uuid *)p);
    case MEMBER_VALUE:
        return to_json(a, v, copy, (Value *)p);
    case MEMBER_OPT_INT:
        OPT_INTO(OptInt, to_int(v, INT64_MIN, INT64_MAX, &o->value));
    case MEMBER_OPT_BOOL:
        OPT_INTO(OptBool, to_int(v, 0, 1, &i) && ((o->value = i != 0), true));
    case MEMBER_OPT_DOUBLE:
        OPT_INTO(OptDouble, to_double(v, &o->value));
    case MEMBER_OPT_DECIMAL:
        OPT_INTO(OptDecimal, to_decimal(a, stored, v, &o->value));
    case MEMBER_OPT_DATE:
        OPT_INTO(OptDate, to_date(v, &o->value));
    case MEMBER_OPT_TIME:
        OPT_INTO(OptTime, to_time(v, &o->value));
    case MEMBER_OPT_DATETIME:
        OPT_INTO(OptDateTime, to_datetime(v, &o->value));
    case MEMBER_OPT_DURATION:
        OPT_INTO(OptDuration, to_duration(v, &o->value));
    case MEMBER_OPT_UUID:
        OPT_INTO(OptUuid, to_uuid(v, &o->value));
    default:
        return false;
    }
}

Value field_get(Arena *a, const Field *f, const void *row) { return member_load(a, f, row); }
bool field_set(Arena *a, const Field *f, void *row, Value v) { return member_store(a, f, f, row, &v, false); }

static Str text_of(Arena *a, Value v)
{
    Str out;
    if (to_str(a, &v, false, &out))
        return out;
    return v.tag == VALUE_BOOL ? (v.b ? STR("True") : STR("False")) : STR("");
}

Str field_display(Arena *a, const Field *f, const void *row)
{
    Value v = member_load(a, f, row);
    for (const Choice *c = f->choices; c && c->display; c++)
        if (value_eq(c->value.box(a, c->value.at), v))
            return str_c(c->display);
    return text_of(a, v);
}
