/*
 * pack.c: a byte that says the type, then the value; lengths are four bytes, little-endian. A whole number by itself is
 * plain digits, which begin with no such byte.
 */
#include "cache/pack.h"
#include <clef/base/decimal.h>

enum {
    PACK_NULL = 'n',
    PACK_TRUE = 't',
    PACK_FALSE = 'f',
    PACK_DOUBLE = 'd',
    PACK_DECIMAL = 'D',
    PACK_BIGINT = 'I',
    PACK_TEXT = 's',
    PACK_SAFE = 'S',
    PACK_BYTES = 'b',
    PACK_DATE = 'y',
    PACK_TIME = 'h',
    PACK_NAIVE = 'w',
    PACK_DATETIME = 'z',
    PACK_DURATION = 'p',
    PACK_UUID = 'u',
    PACK_LIST = 'l',
    PACK_MAP = 'm',
    PACK_WHOLE = '=', /* within a list or map */
};

static void add_u32(Buf *b, uint64_t n)
{
    uint8_t p[4] = { (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24) };
    buf_add(b, p, 4);
}

static bool add_text(Buf *b, char kind, Str s)
{
    if (s.n > CACHE_VALUE_MAX)
        return false;
    buf_byte(b, kind);
    add_u32(b, s.n);
    return buf_str(b, s);
}

static bool add_fixed(Buf *b, char kind, const void *p, size_t n)
{
    buf_byte(b, kind);
    return buf_add(b, p, n);
}

/* The number's digits behind its length, which is filled in at the end. */
static bool add_decimal(Buf *b, char kind, Decimal d)
{
    size_t at = b->n + 1;
    buf_byte(b, kind);
    add_u32(b, 0);
    if (!buf_decimal(b, d))
        return false;
    size_t n = b->n - at - 4;
    for (size_t i = 0; i < 4; i++)
        b->p[at + i] = (char)(n >> (8 * i));
    return true;
}

static bool pack_at(Buf *b, Value v, unsigned depth)
{
    MapEntry *e;
    if (depth > CACHE_DEPTH)
        return false;
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        return buf_byte(b, PACK_NULL);
    case VALUE_BOOL:
        return buf_byte(b, v.b ? PACK_TRUE : PACK_FALSE);
    case VALUE_INT:
        return depth ? add_fixed(b, PACK_WHOLE, &v.i, 8) : buf_i64(b, v.i);
    case VALUE_BIGINT:
        return add_decimal(b, PACK_BIGINT, *v.decimal);
    case VALUE_DECIMAL:
        return add_decimal(b, PACK_DECIMAL, *v.decimal);
    case VALUE_DOUBLE:
        return add_fixed(b, PACK_DOUBLE, &v.d, 8);
    case VALUE_STR:
        return add_text(b, PACK_TEXT, v.s);
    case VALUE_SAFE:
        return add_text(b, PACK_SAFE, v.s);
    case VALUE_BYTES:
        return add_text(b, PACK_BYTES, v.s);
    case VALUE_DATE:
        return add_fixed(b, PACK_DATE, &v.us, 8);
    case VALUE_TIME:
        return add_fixed(b, PACK_TIME, &v.us, 8);
    case VALUE_DATETIME:
        return add_fixed(b, v.zone ? PACK_DATETIME : PACK_NAIVE, &v.us, 8);
    case VALUE_DURATION:
        return add_fixed(b, PACK_DURATION, &v.us, 8);
    case VALUE_UUID:
        return add_fixed(b, PACK_UUID, v.uuid->b, 16);
    case VALUE_LIST:
        buf_byte(b, PACK_LIST);
        add_u32(b, v.list->n);
        for (size_t i = 0; i < v.list->n; i++)
            if (!pack_at(b, v.list->p[i], depth + 1))
                return false;
        return !b->failed;
    case VALUE_MAP:
        buf_byte(b, PACK_MAP);
        add_u32(b, map_count(v.map));
        for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;)
            if (!add_text(b, PACK_TEXT, e->key) || !pack_at(b, e->value, depth + 1))
                return false;
        return !b->failed;
    default:
        return false;
    }
}

bool cache_pack(Buf *b, Value v) { return pack_at(b, v, 0) && !b->failed; }

/* --- back */

typedef struct Reader {
    Arena *a;
    Str s;
} Reader;

static bool take(Reader *r, void *to, size_t n)
{
    if (r->s.n < n)
        return false;
    memcpy(to, r->s.p, n);
    r->s = str_from_byte(r->s, n);
    return true;
}

static bool take_length(Reader *r, size_t *n)
{
    uint8_t p[4];
    if (!take(r, p, 4))
        return false;
    *n = (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
    return true;
}

static bool take_text(Reader *r, Str *out)
{
    size_t n;
    if (!take_length(r, &n) || n > r->s.n)
        return false;
    *out = str_slice(r->s, 0, n);
    r->s = str_from_byte(r->s, n);
    return true;
}

static bool unpack_at(Reader *r, unsigned depth, Value *out);

static bool unpack_list(Reader *r, unsigned depth, Value *out)
{
    size_t n;
    List *list = list_new(r->a);
    if (!take_length(r, &n) || n > r->s.n)
        return false;
    for (Value v; n; n--) {
        if (!unpack_at(r, depth + 1, &v))
            return false;
        list_push(r->a, list, v);
    }
    *out = value_list(list);
    return true;
}

static bool unpack_map(Reader *r, unsigned depth, Value *out)
{
    size_t n;
    Map *map = map_new(r->a);
    char kind;
    Str key;
    if (!take_length(r, &n) || n > r->s.n)
        return false;
    for (Value v; n; n--) {
        if (!take(r, &kind, 1) || kind != PACK_TEXT || !take_text(r, &key) || !unpack_at(r, depth + 1, &v))
            return false;
        map_set(map, str_copy(r->a, key), v);
    }
    *out = value_map(map);
    return true;
}

/* Times whose number no packing wrote are refused: what shows them trusts their range. */
static bool unpack_time(char kind, int64_t us, Value *out)
{
    switch (kind) {
    case PACK_DATE:
        *out = value_date((Date){ (int32_t)us });
        return us >= DATETIME_MIN.us / US_PER_DAY && us <= DATETIME_MAX.us / US_PER_DAY;
    case PACK_TIME:
        *out = value_time((Time){ us, 0 });
        return us >= 0 && us < US_PER_DAY;
    case PACK_NAIVE:
        *out = value_naive((NaiveDateTime){ us });
        return naive_valid((NaiveDateTime){ us });
    case PACK_DATETIME:
        *out = value_datetime((DateTime){ us }, timezone_utc());
        return datetime_valid((DateTime){ us });
    default:
        *out = value_duration((Duration){ us });
        return true;
    }
}

static bool unpack_at(Reader *r, unsigned depth, Value *out)
{
    char kind;
    Str s;
    int64_t us;
    double d;
    Decimal *decimal;
    Uuid *uuid;
    if (depth > CACHE_DEPTH || !take(r, &kind, 1))
        return false;
    switch (kind) {
    case PACK_NULL:
        *out = value_null();
        return true;
    case PACK_TRUE:
    case PACK_FALSE:
        *out = value_bool(kind == PACK_TRUE);
        return true;
    case PACK_WHOLE:
        *out = take(r, &us, 8) ? value_int(us) : value_null();
        return out->tag == VALUE_INT;
    case PACK_DOUBLE:
        if (!take(r, &d, 8))
            return false;
        *out = value_double(d);
        return true;
    case PACK_DECIMAL:
    case PACK_BIGINT:
        decimal = NEW(r->a, Decimal);
        if (!take_text(r, &s) || decimal_parse(r->a, s, decimal) != DECIMAL_OK)
            return false;
        *out = kind == PACK_DECIMAL ? value_decimal(decimal) : value_bigint(decimal);
        return kind == PACK_DECIMAL || (decimal_is_finite(*decimal) && decimal->exponent == 0);
    case PACK_TEXT:
    case PACK_SAFE:
    case PACK_BYTES:
        if (!take_text(r, &s))
            return false;
        s = str_copy(r->a, s);
        *out = kind == PACK_TEXT ? value_str(s) : kind == PACK_SAFE ? value_safe((SafeStr){ s }) : value_bytes(s);
        return true;
    case PACK_DATE:
    case PACK_TIME:
    case PACK_NAIVE:
    case PACK_DATETIME:
    case PACK_DURATION:
        return take(r, &us, 8) && unpack_time(kind, us, out);
    case PACK_UUID:
        uuid = NEW(r->a, Uuid);
        *out = value_uuid(uuid);
        return take(r, uuid->b, 16);
    case PACK_LIST:
        return unpack_list(r, depth, out);
    case PACK_MAP:
        return unpack_map(r, depth, out);
    default:
        return false;
    }
}

bool cache_unpack(Arena *a, Str data, Value *out)
{
    Reader r = { a, data };
    int64_t i;
    Value v;
    if (data.n && (data.p[0] == '-' || (data.p[0] >= '0' && data.p[0] <= '9'))) {
        if (!str_to_i64(data, &i))
            return false;
        *out = value_int(i);
        return true;
    }
    if (!unpack_at(&r, 0, &v) || r.s.n)
        return false;
    *out = v;
    return true;
}
