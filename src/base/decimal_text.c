/* decimal_text.c: reading and writing decimals. */
#include "base/decimal_limbs.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Digits in two runs, before and after the point, as one number. */
typedef struct Runs {
    const char *first, *second;
    size_t first_n, second_n;
} Runs;

static char digit_at(const Runs *r, size_t i) { return i < r->first_n ? r->first[i] : r->second[i - r->first_n]; }

static DecimalStatus make_from_digits(Arena *a, Runs r, int64_t exponent, bool negative, Decimal *out)
{
    size_t total = r.first_n + r.second_n, zeros = 0;
    while (zeros < total && digit_at(&r, zeros) == '0')
        zeros++;
    size_t digits = total - zeros;
    if (digits <= 19) {
        uint64_t v = 0;
        for (size_t i = zeros; i < total; i++)
            v = v * 10 + (uint64_t)(digit_at(&r, i) - '0');
        if (exponent < -DECIMAL_MAX_EXPONENT || exponent + (int64_t)(digits ? digits - 1 : 0) > DECIMAL_MAX_EXPONENT)
            return DECIMAL_TOO_LARGE;
        *out = (Decimal){ .coefficient = v, .exponent = (int32_t)exponent, .negative = negative };
        return DECIMAL_OK;
    }
    if (digits > DECIMAL_MAX_DIGITS)
        return DECIMAL_TOO_LARGE;
    uint32_t n = (uint32_t)((digits + LIMB_DIGITS - 1) / LIMB_DIGITS);
    uint32_t *limbs = arena_alloc(a, n * sizeof *limbs);
    size_t end = total;
    for (uint32_t i = 0; i < n; i++) {
        size_t from = end - zeros > LIMB_DIGITS ? end - LIMB_DIGITS : zeros;
        uint32_t limb = 0;
        for (size_t k = from; k < end; k++)
            limb = limb * 10 + (uint32_t)(digit_at(&r, k) - '0');
        limbs[i] = limb;
        end = from;
    }
    return decimal_make(limbs, n, exponent, negative, out);
}

static size_t count_digits(Str s)
{
    size_t n = 0;
    while (n < s.n && is_digit(s.p[n]))
        n++;
    return n;
}

static DecimalStatus parse_special(Arena *a, Str s, bool negative, Decimal *out)
{
    Decimal d = { .negative = negative };
    if (str_ieq(s, STR("inf")) || str_ieq(s, STR("infinity"))) {
        d.kind = DECIMAL_INFINITY;
        *out = d;
        return DECIMAL_OK;
    }
    bool signalling = s.n && (s.p[0] | 0x20) == 's';
    if (signalling)
        s = str_from_byte(s, 1);
    if (!str_istarts(s, STR("nan")))
        return DECIMAL_SYNTAX;
    s = str_from_byte(s, 3);
    if (count_digits(s) != s.n)
        return DECIMAL_SYNTAX;
    DecimalStatus status = make_from_digits(a, (Runs){ .first = s.p, .first_n = s.n }, 0, negative, &d);
    if (status != DECIMAL_OK)
        return status;
    d.kind = signalling ? DECIMAL_SNAN : DECIMAL_NAN;
    *out = d;
    return DECIMAL_OK;
}

DecimalStatus decimal_parse(Arena *a, Str text, Decimal *out)
{
    Str s = str_trim(text);
    bool negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_from_byte(s, 1);
    if (s.n && !is_digit(s.p[0]) && s.p[0] != '.')
        return parse_special(a, s, negative, out);
    Runs r = { .first = s.p, .first_n = count_digits(s) };
    s = str_from_byte(s, r.first_n);
    if (s.n && s.p[0] == '.') {
        s = str_from_byte(s, 1);
        r.second = s.p;
        r.second_n = count_digits(s);
        s = str_from_byte(s, r.second_n);
    }
    if (r.first_n + r.second_n == 0)
        return DECIMAL_SYNTAX;
    int64_t exponent = 0;
    if (s.n) {
        if ((s.p[0] | 0x20) != 'e')
            return DECIMAL_SYNTAX;
        s = str_from_byte(s, 1);
        bool down = s.n && s.p[0] == '-';
        if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
            s = str_from_byte(s, 1);
        if (s.n == 0 || count_digits(s) != s.n)
            return DECIMAL_SYNTAX;
        for (size_t i = 0; i < s.n; i++)
            if (exponent < INT64_MAX / 100) /* far beyond any limit already */
                exponent = exponent * 10 + (s.p[i] - '0');
        if (down)
            exponent = -exponent;
    }
    return make_from_digits(a, r, exponent - (int64_t)r.second_n, negative, out);
}

/* The digits of the coefficient, `n` of them (as decimal_digits says), at p. */
static void put_digits(char *p, Decimal x, size_t n)
{
    uint32_t room[LIMBS_OF_U64];
    Limbs limbs = decimal_limbs(&x, room);
    for (uint32_t i = 0; n; i++) {
        uint32_t limb = limb_at(limbs, i);
        for (unsigned k = 0; k < LIMB_DIGITS && n; k++, limb /= 10)
            p[--n] = (char)('0' + limb % 10);
    }
}

static bool special(Buf *b, Decimal x)
{
    if (x.negative)
        buf_byte(b, '-');
    if (x.kind == DECIMAL_INFINITY)
        return BUF_LIT(b, "Infinity");
    if (x.kind == DECIMAL_SNAN)
        buf_byte(b, 's');
    bool ok = BUF_LIT(b, "NaN");
    x.kind = DECIMAL_FINITE;
    if (decimal_is_zero(x))
        return ok;
    size_t n = decimal_digits(x);
    if (!buf_reserve(b, n))
        return false;
    put_digits(b->p + b->n, x, n);
    b->n += n;
    b->p[b->n] = 0;
    return true;
}

/*
 * Writes the digits with the point behind the first `point` of them; zeros fill what is missing on either side (a point
 * before or after all the digits).
 */
static bool with_point(Buf *b, Decimal x, size_t digits, int64_t point)
{
    size_t before = point > 0 ? (size_t)point : 1;
    size_t zeros_after_point = point < 0 ? (size_t)-point : 0;
    size_t own_before = point > 0 ? (before < digits ? before : digits) : 0;
    size_t after = zeros_after_point + digits - own_before;
    if (!buf_reserve(b, x.negative + before + (after ? 1 + after : 0)))
        return false;
    char *p = b->p + b->n;
    if (x.negative)
        *p++ = '-';
    if (own_before == 0) {
        *p++ = '0';
        *p++ = '.'; /* there are digits, so there is a fraction */
        memset(p, '0', zeros_after_point);
        p += zeros_after_point;
        put_digits(p, x, digits);
        p += digits;
    } else {
        put_digits(p, x, digits);
        if (own_before < digits) {
            memmove(p + own_before + 1, p + own_before, digits - own_before);
            p[own_before] = '.';
            p++;
        }
        p += digits;
        memset(p, '0', before - own_before);
        p += before - own_before;
    }
    *p = 0;
    b->n = (size_t)(p - b->p);
    return true;
}

bool buf_decimal(Buf *b, Decimal x)
{
    if (x.kind != DECIMAL_FINITE)
        return special(b, x);
    size_t digits = decimal_digits(x);
    int64_t left = x.exponent + (int64_t)digits;
    if (x.exponent <= 0 && left > -6)
        return with_point(b, x, digits, left);
    if (!with_point(b, x, digits, 1))
        return false;
    int64_t exponent = left - 1;
    if (exponent == 0)
        return true;
    buf_byte(b, 'E');
    if (exponent > 0)
        buf_byte(b, '+');
    return buf_i64(b, exponent);
}

bool buf_decimal_plain(Buf *b, Decimal x)
{
    if (x.kind != DECIMAL_FINITE)
        return special(b, x);
    if (decimal_is_zero(x) && x.exponent > 0)
        x.exponent = 0;
    size_t digits = decimal_digits(x);
    return with_point(b, x, digits, x.exponent + (int64_t)digits);
}

Str decimal_str(Arena *a, Decimal x)
{
    Buf b = BUF_INIT(a, DECIMAL_MAX_DIGITS + 32);
    buf_decimal(&b, x);
    return buf_view(&b);
}
