/* postgresql_bind.c: from boxed values to parameters: binary where the type is known, text where its place decides. */
#include "db/postgresql.h"
#include <clef/base/decimal.h>
#include <clef/codec/json.h>

enum { JSON_MAX = 1 << 28 };

static void put_u32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void put_u64(uint8_t *p, uint64_t v)
{
    put_u32(p, (uint32_t)(v >> 32));
    put_u32(p + 4, (uint32_t)v);
}

/* Days apart, as Django's driver sends them: intervals that are the same by value must look the same. */
static void put_interval(uint8_t *p, int64_t us)
{
    int64_t days = us / US_PER_DAY;
    put_u64(p, (uint64_t)(us - days * US_PER_DAY));
    put_u32(p + 8, (uint32_t)(int32_t)days);
    put_u32(p + 12, 0);
}

static void set(PgParams *out, size_t i, Oid type, const void *p, size_t n)
{
    out->types[i] = type;
    out->values[i] = p;
    out->lengths[i] = (int)n;
    out->formats[i] = 1;
}

static void set_u32(Arena *a, PgParams *out, size_t i, Oid type, uint32_t v)
{
    uint8_t *p = arena_alloc(a, 4);
    put_u32(p, v);
    set(out, i, type, p, 4);
}

static void set_u64(Arena *a, PgParams *out, size_t i, Oid type, uint64_t v)
{
    uint8_t *p = arena_alloc(a, 8);
    put_u64(p, v);
    set(out, i, type, p, 8);
}

/* A text whose type its place decides: libpq wants it ended by a NUL. */
static void set_text(Arena *a, PgParams *out, size_t i, Oid type, Str s)
{
    out->types[i] = type;
    out->values[i] = str_dup_c(a, s);
    out->lengths[i] = (int)s.n;
    out->formats[i] = 0;
}

static void set_double(Arena *a, PgParams *out, size_t i, double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    set_u64(a, out, i, PG_FLOAT8, bits);
}

/* One dimension from 1 on: whether some are NULL, the type, then each behind its length. */
static bool set_array(Arena *a, PgParams *out, size_t at, const DbArray *array, const char **why)
{
    static const struct {
        Oid array, element;
    } types[] = { [DB_ARRAY_TEXT] = { 1009, PG_TEXT },         [DB_ARRAY_INT] = { 1016, PG_INT8 },
                  [DB_ARRAY_BOOL] = { 1000, PG_BOOL },         [DB_ARRAY_DOUBLE] = { 1022, PG_FLOAT8 },
                  [DB_ARRAY_BYTES] = { 1001, PG_BYTEA },       [DB_ARRAY_DATE] = { 1182, PG_DATE },
                  [DB_ARRAY_TIME] = { 1183, PG_TIME },         [DB_ARRAY_DATETIME] = { 1185, PG_TIMESTAMPTZ },
                  [DB_ARRAY_DURATION] = { 1187, PG_INTERVAL }, [DB_ARRAY_UUID] = { 2951, PG_UUID } };
    enum { WIDEST = 16 };
    size_t size = 20;
    bool nulls = false;
    for (size_t i = 0; i < array->n; i++) {
        const Value *v = &array->p[i];
        bool text = v->tag == VALUE_STR || v->tag == VALUE_SAFE || v->tag == VALUE_BYTES;
        nulls |= v->tag == VALUE_NULL;
        if (text && array->kind == DB_ARRAY_TEXT && memchr(v->s.p ? v->s.p : "", 0, v->s.n)) {
            *why = "PostgreSQL text fields cannot contain NUL (0x00) bytes";
            return false;
        }
        size += 4 + (text ? v->s.n : WIDEST);
        if (size > INT32_MAX / 2) {
            *why = "a parameter is larger than 1 GiB";
            return false;
        }
    }
    uint8_t *begin = arena_alloc(a, size), *p = begin;
    put_u32(p, 1);
    put_u32(p + 4, nulls);
    put_u32(p + 8, types[array->kind].element);
    put_u32(p + 12, (uint32_t)array->n);
    put_u32(p + 16, 1);
    p += 20;
    for (size_t i = 0; i < array->n; i++) {
        Value v = array->p[i];
        if (v.tag == VALUE_NULL) {
            put_u32(p, UINT32_MAX);
            p += 4;
            continue;
        }
        uint32_t length = 8;
        uint64_t bits;
        switch (array->kind) {
        case DB_ARRAY_TEXT:
        case DB_ARRAY_BYTES:
            length = (uint32_t)v.s.n;
            if (length)
                memcpy(p + 4, v.s.p, length);
            break;
        case DB_ARRAY_INT:
            put_u64(p + 4, (uint64_t)v.i);
            break;
        case DB_ARRAY_BOOL:
            length = 1;
            p[4] = v.b;
            break;
        case DB_ARRAY_DOUBLE:
            memcpy(&bits, &v.d, sizeof bits);
            put_u64(p + 4, bits);
            break;
        case DB_ARRAY_DATE:
            length = 4;
            put_u32(p + 4, (uint32_t)(int32_t)(v.us - PG_EPOCH_DAYS));
            break;
        case DB_ARRAY_TIME:
            put_u64(p + 4, (uint64_t)v.us);
            break;
        case DB_ARRAY_DATETIME:
            put_u64(p + 4, (uint64_t)(v.us - PG_EPOCH_US));
            break;
        case DB_ARRAY_DURATION:
            length = 16;
            put_interval(p + 4, v.us);
            break;
        case DB_ARRAY_UUID:
            length = 16;
            memcpy(p + 4, v.uuid->b, 16);
            break;
        }
        put_u32(p, length);
        p += 4 + length;
    }
    set(out, at, types[array->kind].array, begin, (size_t)(p - begin));
    return true;
}

static bool set_one(Arena *a, PgParams *out, size_t i, Value v, const char **why)
{
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        out->types[i] = 0;
        out->values[i] = NULL;
        out->lengths[i] = out->formats[i] = 0;
        return true;
    case VALUE_BOOL: {
        uint8_t *p = arena_alloc(a, 1);
        *p = v.b;
        set(out, i, PG_BOOL, p, 1);
        return true;
    }
    case VALUE_INT:
        if (v.i >= INT32_MIN && v.i <= INT32_MAX)
            set_u32(a, out, i, PG_INT4, (uint32_t)(int32_t)v.i);
        else
            set_u64(a, out, i, PG_INT8, (uint64_t)v.i);
        return true;
    case VALUE_DOUBLE:
        set_double(a, out, i, v.d);
        return true;
    case VALUE_BIGINT:
    case VALUE_DECIMAL:
        set_text(a, out, i, PG_NUMERIC, decimal_str(a, *v.decimal));
        return true;
    case VALUE_STR:
    case VALUE_SAFE:
        if (memchr(v.s.p ? v.s.p : "", 0, v.s.n)) {
            *why = "PostgreSQL text fields cannot contain NUL (0x00) bytes";
            return false;
        }
        set_text(a, out, i, 0, v.s);
        return true;
    case VALUE_BYTES:
        set(out, i, PG_BYTEA, v.s.p ? v.s.p : "", v.s.n);
        return true;
    case VALUE_DATE:
        set_u32(a, out, i, PG_DATE, (uint32_t)(int32_t)(v.us - PG_EPOCH_DAYS));
        return true;
    case VALUE_TIME:
        set_u64(a, out, i, PG_TIME, (uint64_t)v.us);
        return true;
    case VALUE_DATETIME:
        set_u64(a, out, i, v.zone ? PG_TIMESTAMPTZ : PG_TIMESTAMP, (uint64_t)(v.us - PG_EPOCH_US));
        return true;
    case VALUE_DURATION: {
        uint8_t *p = arena_alloc(a, 16);
        put_interval(p, v.us);
        set(out, i, PG_INTERVAL, p, 16);
        return true;
    }
    case VALUE_UUID:
        set(out, i, PG_UUID, v.uuid->b, 16);
        return true;
    case VALUE_LIST:
    case VALUE_MAP: {
        Buf b = BUF_INIT(a, JSON_MAX);
        if (!json_write(&b, v, (JsonStyle){ .nan = false })) {
            *why = "a value has a part that JSON cannot hold";
            return false;
        }
        set_text(a, out, i, 0, buf_view(&b));
        return true;
    }
    case VALUE_OBJECT:
        if (v.cls == &db_array_class)
            return set_array(a, out, i, v.object, why);
        __attribute__((fallthrough));
    default:
        *why = "PostgreSQL has no form for this kind of value";
        return false;
    }
}

bool pg_bind(Arena *a, const Value *params, size_t n, PgParams *out, const char **why)
{
    out->values = NEW_ARRAY(a, const char *, n + 1);
    out->lengths = NEW_ARRAY(a, int, n + 1);
    out->formats = NEW_ARRAY(a, int, n + 1);
    out->types = NEW_ARRAY(a, Oid, n + 1);
    for (size_t i = 0; i < n; i++) {
        if ((params[i].tag == VALUE_STR || params[i].tag == VALUE_SAFE || params[i].tag == VALUE_BYTES) &&
            params[i].s.n > INT32_MAX / 2) {
            *why = "a parameter is larger than 1 GiB";
            return false;
        }
        if (!set_one(a, out, i, params[i], why))
            return false;
    }
    return true;
}

void pg_widen(Arena *a, PgParams *params, size_t i, Oid to)
{
    const uint8_t *p = (const uint8_t *)params->values[i];
    if (to == PG_INT8 && params->types[i] == PG_INT4 && p) {
        int32_t v = (int32_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
        set_u64(a, params, i, PG_INT8, (uint64_t)(int64_t)v);
    }
}
