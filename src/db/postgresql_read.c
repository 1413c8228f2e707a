/*
 * postgresql_read.c: what PostgreSQL gives, as boxed values: binary, or text where a statement is new or a type is
 * strange.
 */
#include "db/postgresql.h"
#include <clef/base/decimal.h>
#include <clef/base/double.h>

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static uint64_t get_u64(const uint8_t *p) { return (uint64_t)get_u32(p) << 32 | get_u32(p + 4); }
static unsigned get_u16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }

bool pg_has_binary(Oid type)
{
    switch (type) {
    case PG_BOOL:
    case PG_BYTEA:
    case PG_NAME:
    case PG_INT8:
    case PG_INT2:
    case PG_INT4:
    case PG_TEXT:
    case PG_OID:
    case PG_JSON:
    case PG_FLOAT4:
    case PG_FLOAT8:
    case PG_UNKNOWN:
    case PG_BPCHAR:
    case PG_VARCHAR:
    case PG_DATE:
    case PG_TIME:
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ:
    case PG_INTERVAL:
    case PG_NUMERIC:
    case PG_UUID:
    case PG_JSONB:
        return true;
    default:
        return false;
    }
}

static Value boxed_decimal(Arena *a, Decimal d)
{
    Decimal *kept = NEW(a, Decimal);
    *kept = d;
    return value_decimal(kept);
}

/*
 * Numeric: how many digits of base 10,000, the weight of the first, the sign, the digits behind the point that are
 * shown, the digits. It keeps its zeros: 12.50 has the exponent -2.
 */
static Value numeric(Arena *a, const uint8_t *p, size_t n)
{
    enum {
        POSITIVE = 0,
        NEGATIVE = 0x4000,
        NAN_ = 0xC000,
        INFINITE = 0xD000,
        MINUS_INFINITE = 0xF000,
        FAST_DIGITS = 4
    };
    if (n < 8)
        return value_null();
    int ndigits = (int)get_u16(p), weight = (int16_t)get_u16(p + 2), scale = (int)get_u16(p + 6);
    unsigned sign = get_u16(p + 4);
    if (n < 8 + 2 * (size_t)ndigits)
        return value_null();
    if (sign != POSITIVE && sign != NEGATIVE) {
        DecimalKind kind = sign == NAN_ ? DECIMAL_NAN : DECIMAL_INFINITY;
        return boxed_decimal(a, (Decimal){ .kind = (uint8_t)kind, .negative = sign == MINUS_INFINITE });
    }
    p += 8;
    /* The digits as one integer, whose last group stands at this power of ten. */
    int exponent = 4 * (weight - ndigits + 1);
    if (ndigits <= FAST_DIGITS && scale <= 18) {
        uint64_t c = 0;
        for (int i = 0; i < ndigits; i++)
            c = c * 10000 + get_u16(p + 2 * i);
        while (c && exponent < -scale) { /* zeros that fill the last group */
            c /= 10;
            exponent++;
        }
        while (c && exponent > -scale && c < UINT64_MAX / 10) {
            c *= 10;
            exponent--;
        }
        if (!c || exponent == -scale)
            return boxed_decimal(a,
                                 (Decimal){ .coefficient = c, .exponent = -scale, .negative = sign == NEGATIVE && c });
    }
    Buf b = BUF_INIT(a, 4 * (size_t)(ndigits + 4) + (size_t)scale + 4 * (size_t)(weight > 0 ? weight + 1 : 0) + 64);
    if (sign == NEGATIVE)
        buf_byte(&b, '-');
    if (weight < 0)
        buf_byte(&b, '0');
    for (int i = 0; i <= weight; i++) {
        unsigned digit = i < ndigits ? get_u16(p + 2 * i) : 0;
        buf_printf(&b, i ? "%04u" : "%u", digit);
    }
    if (scale) {
        buf_byte(&b, '.');
        size_t point = b.n;
        for (int i = weight + 1; (int)(b.n - point) < scale; i++)
            buf_printf(&b, "%04u", i >= 0 && i < ndigits ? get_u16(p + 2 * i) : 0);
        buf_truncate(&b, point + (size_t)scale);
    }
    Decimal d;
    return decimal_parse(a, buf_view(&b), &d) == DECIMAL_OK ? boxed_decimal(a, d) : value_str(buf_view(&b));
}

/* Months count 30 days and years 365, as Django's driver has them. */
static Value interval(int64_t us, int32_t days, int32_t months)
{
    int64_t all = (int64_t)(months / 12) * 365 + (int64_t)(months % 12) * 30 + days, span;
    if (__builtin_mul_overflow(all, (int64_t)US_PER_DAY, &span) || __builtin_add_overflow(span, us, &span))
        return value_null();
    return value_duration((Duration){ span });
}

static Value moment(int64_t us, bool aware)
{
    /* "infinity" is no time of the calendar. */
    if (us == INT64_MAX || us == INT64_MIN)
        return value_str(us > 0 ? STR("infinity") : STR("-infinity"));
    us += PG_EPOCH_US;
    return aware ? value_datetime((DateTime){ us }, NULL) : value_naive((NaiveDateTime){ us });
}

static Value binary_cell(Arena *scratch, Oid type, const uint8_t *p, size_t n)
{
    double d;
    float f;
    uint64_t bits;
    uint32_t half;
    switch (type) {
    case PG_BOOL:
        return value_bool(n && p[0]);
    case PG_INT2:
        return value_int(n == 2 ? (int16_t)get_u16(p) : 0);
    case PG_INT4:
        return value_int(n == 4 ? (int32_t)get_u32(p) : 0);
    case PG_OID:
        return value_int(n == 4 ? get_u32(p) : 0);
    case PG_INT8:
        return value_int(n == 8 ? (int64_t)get_u64(p) : 0);
    case PG_FLOAT4:
        half = n == 4 ? get_u32(p) : 0;
        memcpy(&f, &half, sizeof f);
        return value_double((double)f);
    case PG_FLOAT8:
        bits = n == 8 ? get_u64(p) : 0;
        memcpy(&d, &bits, sizeof d);
        return value_double(d);
    case PG_BYTEA:
        return value_bytes(str_from((const char *)p, n));
    case PG_DATE: {
        int32_t days = n == 4 ? (int32_t)get_u32(p) : 0;
        if (days == INT32_MAX || days == INT32_MIN)
            return value_str(days > 0 ? STR("infinity") : STR("-infinity"));
        return value_date((Date){ days + PG_EPOCH_DAYS });
    }
    case PG_TIME:
        return value_time((Time){ .us = n == 8 ? (int64_t)get_u64(p) : 0 });
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ:
        return moment(n == 8 ? (int64_t)get_u64(p) : 0, type == PG_TIMESTAMPTZ);
    case PG_INTERVAL:
        return n == 16 ? interval((int64_t)get_u64(p), (int32_t)get_u32(p + 8), (int32_t)get_u32(p + 12))
                       : value_null();
    case PG_NUMERIC:
        return numeric(scratch, p, n);
    case PG_UUID:
        return n == 16 ? value_uuid((const Uuid *)(const void *)p) : value_null();
    case PG_JSONB: /* a version, then the text */
        return n ? value_str(str_from((const char *)p + 1, n - 1)) : value_null();
    default:
        return value_str(str_from((const char *)p, n));
    }
}

static Value hex_bytes(Arena *scratch, Str s)
{
    if (!str_starts(s, STR("\\x")))
        return value_bytes(s);
    char *out = arena_alloc(scratch, s.n / 2 + 1);
    size_t n = 0;
    for (size_t i = 2; i + 1 < s.n; i += 2) {
        int high = s.p[i] <= '9' ? s.p[i] - '0' : (s.p[i] | 32) - 'a' + 10;
        int low = s.p[i + 1] <= '9' ? s.p[i + 1] - '0' : (s.p[i + 1] | 32) - 'a' + 10;
        out[n++] = (char)(high << 4 | low);
    }
    return value_bytes(str_from(out, n));
}

/* "05:06.789" */
static bool minutes_of(Str s, Time *out)
{
    char text[32] = "00:";
    if (s.n > sizeof text - 4)
        return false;
    memcpy(text + 3, s.p, s.n);
    return time_parse_iso(str_from(text, s.n + 3), out);
}

/* "1 year 2 mons -3 days +04:05:06.789" */
static Value text_interval(Str s)
{
    int64_t us = 0, months = 0, days = 0, n;
    Str rest = s, word;
    while (str_cut(&rest, ' ', &word)) {
        Str unit;
        Time t;
        if (str_contains(word, STR(":"))) {
            bool minus = str_starts(word, STR("-"));
            word = str_from_byte(word, minus || str_starts(word, STR("+")));
            size_t colon = str_find_byte(word, ':');
            if (!str_to_i64(str_slice(word, 0, colon), &n) || n > INT64_C(2562047788) ||
                !minutes_of(str_from_byte(word, colon + 1), &t))
                return value_str(s);
            us = (n * 3600 * 1000000 + t.us) * (minus ? -1 : 1);
        } else if (!str_to_i64(word, &n) || !str_cut(&rest, ' ', &unit) || n > INT32_MAX || n < INT32_MIN) {
            return value_str(s);
        } else if (str_starts(unit, STR("year"))) {
            months += 12 * n;
        } else if (str_starts(unit, STR("mon"))) {
            months += n;
        } else {
            days = n;
        }
    }
    return interval(us, (int32_t)days, (int32_t)months);
}

static Value text_cell(Arena *scratch, Oid type, Str s)
{
    int64_t i;
    double d;
    Date date;
    Time time;
    ParsedDateTime p;
    switch (type) {
    case PG_BOOL:
        return value_bool(s.n && s.p[0] == 't');
    case PG_INT2:
    case PG_INT4:
    case PG_INT8:
    case PG_OID:
        return str_to_i64(s, &i) ? value_int(i) : value_str(s);
    case PG_FLOAT4:
    case PG_FLOAT8:
        return double_parse_any(s, &d) ? value_double(d) : value_str(s);
    case PG_BYTEA:
        return hex_bytes(scratch, s);
    case PG_DATE:
        return date_parse_iso(s, &date) ? value_date(date) : value_str(s);
    case PG_TIME:
        return time_parse_iso(s, &time) ? value_time(time) : value_str(s);
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ: {
        DateTime t;
        if (datetime_parse(s, &p) != PARSE_OK)
            return value_str(s);
        if (type == PG_TIMESTAMP)
            return value_naive(p.local);
        return datetime_from_naive(p.local, p.aware ? p.offset : 0, &t) ? value_datetime(t, NULL) : value_str(s);
    }
    case PG_INTERVAL:
        return text_interval(s);
    case PG_NUMERIC: {
        Decimal x;
        return decimal_parse(scratch, s, &x) == DECIMAL_OK ? boxed_decimal(scratch, x) : value_str(s);
    }
    case PG_UUID: {
        Uuid *u = NEW(scratch, Uuid);
        return uuid_parse(s, u) ? value_uuid(u) : value_str(s);
    }
    default:
        return value_str(s);
    }
}

Value pg_value(Arena *scratch, Oid type, bool binary, const char *p, size_t n)
{
    return binary ? binary_cell(scratch, type, (const uint8_t *)p, n) : text_cell(scratch, type, str_from(p, n));
}

Value pg_cell(Pg *pg, Arena *scratch, const PGresult *r, int row, int column)
{
    const PgLibrary *q = &pg->lib;
    if (q->getisnull(r, row, column))
        return value_null();
    const char *p = q->getvalue(r, row, column);
    size_t n = (size_t)q->getlength(r, row, column);
    return pg_value(scratch, q->ftype(r, column), q->fformat(r, column) != 0, p, n);
}
