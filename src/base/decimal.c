/* decimal.c: making decimals, what they are, comparing and hashing them, and the other number types. */
#include "base/decimal_limbs.h"
#include <clef/base/double.h>

#include <math.h>

Limbs decimal_limbs(const Decimal *x, uint32_t room[LIMBS_OF_U64])
{
    if (x->nlimbs)
        return (Limbs){ x->limbs, x->nlimbs };
    uint32_t n = 0;
    for (uint64_t v = x->coefficient; v; v /= LIMB_BASE)
        room[n++] = (uint32_t)(v % LIMB_BASE);
    return (Limbs){ room, n };
}

DecimalStatus decimal_make(const uint32_t *limbs, size_t n, int64_t exponent, bool negative, Decimal *out)
{
    while (n && limbs[n - 1] == 0)
        n--;
    if (n > DECIMAL_MAX_DIGITS / LIMB_DIGITS + 1)
        return DECIMAL_TOO_LARGE;
    uint32_t digits = limbs_digits((Limbs){ limbs, (uint32_t)n });
    if (digits > DECIMAL_MAX_DIGITS || exponent < -DECIMAL_MAX_EXPONENT ||
        exponent + (digits ? digits - 1 : 0) > DECIMAL_MAX_EXPONENT)
        return DECIMAL_TOO_LARGE;
    Decimal d = { .exponent = (int32_t)exponent, .negative = negative };
    unsigned __int128 small = 0;
    if (n <= LIMBS_OF_U64)
        for (size_t i = n; i-- > 0;)
            small = small * LIMB_BASE + limbs[i];
    if (n > LIMBS_OF_U64 || small > UINT64_MAX) {
        d.limbs = limbs;
        d.nlimbs = (uint32_t)n;
    } else {
        d.coefficient = (uint64_t)small;
    }
    *out = d;
    return DECIMAL_OK;
}

uint32_t decimal_digits(Decimal x)
{
    uint32_t room[LIMBS_OF_U64], n = limbs_digits(decimal_limbs(&x, room));
    return n ? n : 1;
}

int32_t decimal_adjusted(Decimal x) { return (int32_t)(x.exponent + (int64_t)decimal_digits(x) - 1); }

/* Zeros at the end of a coefficient that is not 0. */
static uint32_t trailing_zeros(Limbs x)
{
    uint32_t i = 0, n = 0;
    while (x.p[i] == 0)
        i++;
    for (uint32_t limb = x.p[i]; limb % 10 == 0; limb /= 10)
        n++;
    return i * LIMB_DIGITS + n;
}

bool decimal_is_integer(Decimal x)
{
    if (x.kind != DECIMAL_FINITE)
        return false;
    if (x.exponent >= 0 || decimal_is_zero(x))
        return true;
    uint32_t room[LIMBS_OF_U64];
    return trailing_zeros(decimal_limbs(&x, room)) >= (uint32_t)-x.exponent;
}

Decimal decimal_copy(Arena *a, Decimal x)
{
    if (x.nlimbs) {
        uint32_t *limbs = arena_alloc(a, x.nlimbs * sizeof *limbs);
        memcpy(limbs, x.limbs, x.nlimbs * sizeof *limbs);
        x.limbs = limbs;
    }
    return x;
}

Decimal decimal_normalize(Arena *a, Decimal x)
{
    if (x.kind != DECIMAL_FINITE)
        return x;
    if (decimal_is_zero(x))
        return (Decimal){ .negative = x.negative };
    uint32_t room[LIMBS_OF_U64], small[LIMBS_OF_U64];
    Limbs limbs = decimal_limbs(&x, room);
    uint32_t zeros = trailing_zeros(limbs);
    if (zeros == 0)
        return x;
    uint32_t *out = x.nlimbs ? arena_alloc(a, x.nlimbs * sizeof *out) : small;
    LimbsRest rest;
    uint32_t n = limbs_shift_down(out, limbs, zeros, &rest);
    Decimal result = x;
    /* Cannot fail: neither the digits nor the exponents of the first and last one grow. */
    (void)!decimal_make(out, n, (int64_t)x.exponent + zeros, x.negative, &result);
    return result;
}

/* The nine digits of coefficient * 10^exponent that stand at 10^at to 10^(at + 8). */
static uint32_t chunk(Limbs x, int32_t exponent, int64_t at)
{
    int64_t from = at - exponent;
    if (from <= -(int64_t)LIMB_DIGITS)
        return 0;
    if (from < 0)
        return limb_at(x, 0) % limb_pow10[LIMB_DIGITS + from] * limb_pow10[-from];
    uint64_t whole = (uint64_t)from / LIMB_DIGITS;
    uint32_t part = (uint32_t)((uint64_t)from % LIMB_DIGITS);
    uint32_t low = limb_at(x, whole) / limb_pow10[part];
    return part ? low + limb_at(x, whole + 1) % limb_pow10[part] * limb_pow10[LIMB_DIGITS - part] : low;
}

static int compare_finite(Decimal x, Decimal y)
{
    uint32_t room_x[LIMBS_OF_U64], room_y[LIMBS_OF_U64];
    Limbs a = decimal_limbs(&x, room_x), b = decimal_limbs(&y, room_y);
    if (a.n == 0 || b.n == 0)
        return (a.n != 0) - (b.n != 0);
    int64_t top = (int64_t)x.exponent + limbs_digits(a), other = (int64_t)y.exponent + limbs_digits(b);
    if (top != other)
        return top < other ? -1 : 1;
    int32_t lowest = x.exponent < y.exponent ? x.exponent : y.exponent;
    for (int64_t at = top - LIMB_DIGITS; at + (int64_t)LIMB_DIGITS > lowest; at -= LIMB_DIGITS) {
        uint32_t p = chunk(a, x.exponent, at), q = chunk(b, y.exponent, at);
        if (p != q)
            return p < q ? -1 : 1;
    }
    return 0;
}

bool decimal_cmp(Decimal x, Decimal y, int *order)
{
    if (decimal_is_nan(x) || decimal_is_nan(y))
        return false;
    int sign_x = decimal_is_zero(x) ? 0 : x.negative ? -1 : 1, sign_y = decimal_is_zero(y) ? 0 : y.negative ? -1 : 1;
    if (sign_x != sign_y)
        *order = sign_x < sign_y ? -1 : 1;
    else if (x.kind == DECIMAL_INFINITY || y.kind == DECIMAL_INFINITY)
        *order = sign_x * ((x.kind == DECIMAL_INFINITY) - (y.kind == DECIMAL_INFINITY));
    else
        *order = sign_x == 0 ? 0 : sign_x * compare_finite(x, y);
    return true;
}

bool decimal_eq(Decimal x, Decimal y)
{
    int order;
    return decimal_cmp(x, y, &order) && order == 0;
}

uint64_t decimal_hash(HashKey key, Decimal x)
{
    if (decimal_is_zero(x))
        return hash_u64(key, 0);
    uint64_t h = hash_u64(key, 1 + (uint64_t)x.kind * 2 + x.negative);
    if (x.kind != DECIMAL_FINITE)
        return h;
    uint32_t room[LIMBS_OF_U64];
    Limbs limbs = decimal_limbs(&x, room);
    int64_t top = (int64_t)x.exponent + limbs_digits(limbs);
    h ^= (uint64_t)top;
    for (int64_t at = top - LIMB_DIGITS; at + (int64_t)LIMB_DIGITS > x.exponent; at -= LIMB_DIGITS) {
        uint32_t digits = chunk(limbs, x.exponent, at);
        uint64_t block[2] = { h, (uint64_t)(top - at) << 32 | digits };
        if (digits) /* zeros at the end must not count, so none do: the place does */
            h = hash_bytes(key, block, sizeof block);
    }
    return h;
}

DecimalStatus decimal_to_i64(Decimal x, int64_t *out)
{
    if (!decimal_is_integer(x))
        return DECIMAL_INVALID;
    uint64_t v = 0;
    if (!decimal_is_zero(x)) {
        uint32_t room[LIMBS_OF_U64];
        Limbs limbs = decimal_limbs(&x, room);
        if ((int64_t)x.exponent + limbs_digits(limbs) > 19)
            return DECIMAL_TOO_LARGE;
        v = ((uint64_t)chunk(limbs, x.exponent, 9)) * LIMB_BASE + chunk(limbs, x.exponent, 0);
        v += (uint64_t)chunk(limbs, x.exponent, 18) * LIMB_BASE * LIMB_BASE; /* one digit: at most 9 * 10^18 */
    }
    if (v > (uint64_t)INT64_MAX + x.negative)
        return DECIMAL_TOO_LARGE;
    *out = x.negative ? (int64_t)(0 - v) : (int64_t)v;
    return DECIMAL_OK;
}

static uint32_t scale(uint32_t *limbs, uint32_t n, uint32_t by)
{
    uint64_t carry = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t v = (uint64_t)limbs[i] * by + carry;
        limbs[i] = (uint32_t)(v % LIMB_BASE);
        carry = v / LIMB_BASE;
    }
    for (; carry; carry /= LIMB_BASE)
        limbs[n++] = (uint32_t)(carry % LIMB_BASE);
    return n;
}

Decimal decimal_of_double(double v, uint32_t room[LIMBS_OF_DOUBLE])
{
    int exponent;
    double fraction = frexp(fabs(v), &exponent);
    uint64_t mantissa = (uint64_t)ldexp(fraction, 53);
    exponent -= 53;
    Decimal d = { .negative = signbit(v) != 0 };
    if (mantissa == 0)
        return d;
    int even = __builtin_ctzll(mantissa);
    mantissa >>= even;
    exponent += even;
    d.coefficient = mantissa;
    uint32_t small[LIMBS_OF_U64];
    Limbs start = decimal_limbs(&d, small);
    memcpy(room, start.p, start.n * sizeof *room);
    uint32_t n = start.n;
    if (exponent >= 0) {
        for (int left = exponent; left > 0; left -= 29)
            n = scale(room, n, (uint32_t)1 << (left < 29 ? left : 29));
        exponent = 0;
    } else {
        /* m / 2^k is m * 5^k / 10^k */
        static const uint32_t pow5[13] = { 1,     5,      25,      125,     625,      3125,     15625,
                                           78125, 390625, 1953125, 9765625, 48828125, 244140625 };
        for (int left = -exponent; left > 0; left -= 12)
            n = scale(room, n, pow5[left < 12 ? left : 12]);
    }
    (void)!decimal_make(room, n, exponent, d.negative, &d); /* a double has at most 767 digits */
    return d;
}

static bool special_double(double v, Decimal *out)
{
    if (isfinite(v))
        return false;
    *out = (Decimal){ .kind = isnan(v) ? DECIMAL_NAN : DECIMAL_INFINITY, .negative = signbit(v) != 0 };
    return true;
}

Decimal decimal_from_double(Arena *a, double v)
{
    Decimal d;
    if (special_double(v, &d))
        return d;
    uint32_t room[LIMBS_OF_DOUBLE];
    return decimal_copy(a, decimal_of_double(v, room));
}

Decimal decimal_from_double_short(double v)
{
    Decimal d = { 0 };
    if (special_double(v, &d))
        return d;
    if (v == 0)
        return (Decimal){ .exponent = -1, .negative = signbit(v) != 0 };
    uint64_t digits;
    int exponent = double_shortest(fabs(v), &digits);
    /* repr() shows 3.0 and 30.0, but 3e+16. */
    for (bool plain = exponent >= 0 && fabs(v) < 1e16; plain && exponent > -1; exponent--)
        digits *= 10;
    return (Decimal){ .coefficient = digits, .exponent = exponent, .negative = v < 0 };
}
