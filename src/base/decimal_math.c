/* decimal_math.c: arithmetic and rounding. Small numbers go by 64-bit integers; the rest by limbs in the caller's arena. */
#include "base/decimal_limbs.h"

static uint32_t *room_for(Arena *a, size_t n) { return arena_alloc(a, (n + 1) * sizeof(uint32_t)); }

/* Settles what a NaN among the operands decides; true when there was one. */
static bool nan_operand(Decimal x, Decimal y, Decimal *out, DecimalStatus *status)
{
    if (CLEF_LIKELY(!decimal_is_nan(x) && !decimal_is_nan(y)))
        return false;
    *status = x.kind == DECIMAL_SNAN || y.kind == DECIMAL_SNAN ? DECIMAL_INVALID : DECIMAL_OK;
    if (*status == DECIMAL_OK)
        *out = decimal_is_nan(x) ? x : y;
    return true;
}

/* The coefficient of x with the lower exponent `exponent`. False when it would have too many digits. */
static bool aligned(Arena *a, const Decimal *x, int32_t exponent, uint32_t small[LIMBS_OF_U64], Limbs *out)
{
    Limbs limbs = decimal_limbs(x, small);
    int64_t by = (int64_t)x->exponent - exponent;
    *out = limbs;
    if (by == 0 || limbs.n == 0)
        return true;
    if (by + limbs_digits(limbs) > DECIMAL_MAX_DIGITS)
        return false;
    uint32_t *p = room_for(a, limbs.n + (size_t)by / LIMB_DIGITS + 1);
    *out = (Limbs){ p, limbs_shift_up(p, limbs, (uint32_t)by) };
    return true;
}

DecimalStatus decimal_add(Arena *a, Decimal x, Decimal y, Decimal *out)
{
    DecimalStatus status;
    if (nan_operand(x, y, out, &status))
        return status;
    if (x.kind == DECIMAL_INFINITY || y.kind == DECIMAL_INFINITY) {
        if (x.kind == y.kind && x.negative != y.negative)
            return DECIMAL_INVALID;
        *out = x.kind == DECIMAL_INFINITY ? x : y;
        return DECIMAL_OK;
    }
    uint64_t sum;
    if (x.exponent == y.exponent && !x.nlimbs && !y.nlimbs && x.negative == y.negative &&
        !__builtin_add_overflow(x.coefficient, y.coefficient, &sum) && x.exponent < DECIMAL_MAX_EXPONENT - 20) {
        *out = (Decimal){ .coefficient = sum, .exponent = x.exponent, .negative = x.negative };
        return DECIMAL_OK;
    }
    int32_t exponent = x.exponent < y.exponent ? x.exponent : y.exponent;
    uint32_t small_x[LIMBS_OF_U64], small_y[LIMBS_OF_U64];
    Limbs p, q;
    if (!aligned(a, &x, exponent, small_x, &p) || !aligned(a, &y, exponent, small_y, &q))
        return DECIMAL_TOO_LARGE;
    uint32_t *r = room_for(a, (size_t)(p.n > q.n ? p.n : q.n) + 1);
    if (x.negative == y.negative)
        return decimal_make(r, limbs_add(r, p, q), exponent, x.negative, out);
    int order = limbs_cmp(p, q);
    uint32_t n = order >= 0 ? limbs_sub(r, p, q) : limbs_sub(r, q, p);
    return decimal_make(r, n, exponent, order == 0 ? false : order > 0 ? x.negative : y.negative, out);
}

DecimalStatus decimal_sub(Arena *a, Decimal x, Decimal y, Decimal *out)
{
    return decimal_add(a, x, decimal_is_nan(y) ? y : decimal_negate(y), out);
}

DecimalStatus decimal_mul(Arena *a, Decimal x, Decimal y, Decimal *out)
{
    DecimalStatus status;
    if (nan_operand(x, y, out, &status))
        return status;
    bool negative = x.negative != y.negative;
    if (x.kind == DECIMAL_INFINITY || y.kind == DECIMAL_INFINITY) {
        if (decimal_is_zero(x) || decimal_is_zero(y))
            return DECIMAL_INVALID;
        *out = (Decimal){ .kind = DECIMAL_INFINITY, .negative = negative };
        return DECIMAL_OK;
    }
    int64_t exponent = (int64_t)x.exponent + y.exponent;
    uint64_t product;
    if (!x.nlimbs && !y.nlimbs && !__builtin_mul_overflow(x.coefficient, y.coefficient, &product) &&
        exponent >= -DECIMAL_MAX_EXPONENT && exponent < DECIMAL_MAX_EXPONENT - 20) {
        *out = (Decimal){ .coefficient = product, .exponent = (int32_t)exponent, .negative = negative };
        return DECIMAL_OK;
    }
    uint32_t small_x[LIMBS_OF_U64], small_y[LIMBS_OF_U64];
    Limbs p = decimal_limbs(&x, small_x), q = decimal_limbs(&y, small_y);
    if (limbs_digits(p) + limbs_digits(q) > DECIMAL_MAX_DIGITS + 1)
        return DECIMAL_TOO_LARGE;
    uint32_t *r = room_for(a, (size_t)p.n + q.n);
    return decimal_make(r, limbs_mul(r, p, q), exponent, negative, out);
}

/* Does what was cut off make the magnitude one larger? */
static bool rounds_away(DecimalRounding rounding, LimbsRest rest, uint32_t last_digit, bool negative)
{
    if (rest == REST_NONE)
        return false;
    switch (rounding) {
    case ROUND_HALF_EVEN:
        return rest == REST_ABOVE_HALF || (rest == REST_HALF && last_digit % 2);
    case ROUND_HALF_UP:
        return rest >= REST_HALF;
    case ROUND_HALF_DOWN:
        return rest == REST_ABOVE_HALF;
    case ROUND_UP:
        return true;
    case ROUND_DOWN:
        return false;
    case ROUND_CEILING:
        return !negative;
    case ROUND_FLOOR:
        return negative;
    case ROUND_05UP:
        return last_digit % 5 == 0;
    }
    return false;
}

/* x without its last `cut` digits, rounded; p (room x.n + 1) and the return value are the new coefficient. */
static uint32_t cut_digits(uint32_t *p, Limbs x, uint64_t cut, DecimalRounding rounding, bool negative)
{
    LimbsRest rest;
    uint32_t n = limbs_shift_down(p, x, cut, &rest);
    uint32_t one = 1;
    if (rounds_away(rounding, rest, n ? p[0] % 10 : 0, negative))
        n = limbs_add(p, (Limbs){ p, n }, (Limbs){ &one, 1 });
    return n;
}

/* The finite number limbs * 10^exponent to a precision. */
static DecimalStatus round_limbs(Arena *a, Limbs x, int64_t exponent, bool negative, uint32_t precision,
                                 DecimalRounding rounding, Decimal *out)
{
    uint32_t digits = limbs_digits(x);
    if (digits <= precision)
        return decimal_make(x.p, x.n, exponent, negative, out);
    uint32_t *p = room_for(a, (size_t)x.n + 1);
    uint32_t n = cut_digits(p, x, digits - precision, rounding, negative);
    exponent += digits - precision;
    if (limbs_digits((Limbs){ p, n }) > precision) { /* 99.9 became 100 */
        LimbsRest rest;
        n = limbs_shift_down(p, (Limbs){ p, n }, 1, &rest);
        exponent++;
    }
    return decimal_make(p, n, exponent, negative, out);
}

DecimalStatus decimal_round(Arena *a, Decimal x, uint32_t precision, DecimalRounding rounding, Decimal *out)
{
    DecimalStatus status;
    if (precision == 0 || precision > DECIMAL_MAX_DIGITS)
        return DECIMAL_INVALID;
    if (nan_operand(x, x, out, &status))
        return status;
    uint32_t small[LIMBS_OF_U64];
    if (x.kind == DECIMAL_INFINITY || decimal_digits(x) <= precision) {
        *out = x;
        return DECIMAL_OK;
    }
    return round_limbs(a, decimal_limbs(&x, small), x.exponent, x.negative, precision, rounding, out);
}

DecimalStatus decimal_quantize(Arena *a, Decimal x, int32_t exponent, DecimalRounding rounding, Decimal *out)
{
    DecimalStatus status;
    if (nan_operand(x, x, out, &status))
        return status;
    if (x.kind == DECIMAL_INFINITY)
        return DECIMAL_INVALID;
    uint32_t small[LIMBS_OF_U64];
    Limbs limbs;
    if (exponent <= x.exponent) {
        if (!aligned(a, &x, exponent, small, &limbs))
            return DECIMAL_TOO_LARGE;
        return decimal_make(limbs.p, limbs.n, exponent, x.negative, out);
    }
    limbs = decimal_limbs(&x, small);
    uint32_t *p = room_for(a, (size_t)limbs.n + 1);
    uint32_t n = cut_digits(p, limbs, (uint64_t)((int64_t)exponent - x.exponent), rounding, x.negative);
    return decimal_make(p, n, exponent, x.negative, out);
}

static DecimalStatus divide(Arena *a, Decimal x, Decimal y, uint32_t precision, DecimalRounding rounding, Decimal *out)
{
    bool negative = x.negative != y.negative;
    int64_t ideal = (int64_t)x.exponent - y.exponent;
    uint32_t small_x[LIMBS_OF_U64], small_y[LIMBS_OF_U64];
    Limbs p = decimal_limbs(&x, small_x), q = decimal_limbs(&y, small_y);
    if (p.n == 0)
        return decimal_make(NULL, 0, ideal, negative, out);
    /* One digit more than the precision, and a digit that says whether there was a remainder. */
    int64_t shift = (int64_t)limbs_digits(q) - limbs_digits(p) + precision + 1;
    Limbs *scaled = shift >= 0 ? &p : &q;
    uint32_t by = (uint32_t)(shift >= 0 ? shift : -shift);
    uint32_t *wide = room_for(a, (size_t)scaled->n + by / LIMB_DIGITS + 1);
    *scaled = (Limbs){ wide, limbs_shift_up(wide, *scaled, by) };
    uint32_t *quotient = room_for(a, (size_t)p.n + 1);
    bool exact;
    uint32_t n = limbs_div(quotient, room_for(a, (size_t)p.n + q.n + 1), p, q, &exact);
    int64_t exponent = ideal - shift;
    if (!exact) {
        if (quotient[0] % 5 == 0) /* so that the digits cut off are neither nothing nor a half */
            quotient[0]++;
    } else if (exponent < ideal) {
        uint32_t zeros = 0;
        while (zeros < n * LIMB_DIGITS && quotient[zeros / LIMB_DIGITS] / limb_pow10[zeros % LIMB_DIGITS] % 10 == 0 &&
               exponent + zeros < ideal)
            zeros++;
        LimbsRest rest;
        n = limbs_shift_down(quotient, (Limbs){ quotient, n }, zeros, &rest);
        exponent += zeros;
    }
    return round_limbs(a, (Limbs){ quotient, n }, exponent, negative, precision, rounding, out);
}

DecimalStatus decimal_div(Arena *a, Decimal x, Decimal y, uint32_t precision, DecimalRounding rounding, Decimal *out)
{
    DecimalStatus status;
    if (precision == 0 || precision > DECIMAL_MAX_DIGITS)
        return DECIMAL_INVALID;
    if (nan_operand(x, y, out, &status))
        return status;
    bool negative = x.negative != y.negative;
    if (x.kind == DECIMAL_INFINITY) {
        if (y.kind == DECIMAL_INFINITY)
            return DECIMAL_INVALID;
        *out = (Decimal){ .kind = DECIMAL_INFINITY, .negative = negative };
        return DECIMAL_OK;
    }
    if (y.kind == DECIMAL_INFINITY) {
        *out = (Decimal){ .negative = negative };
        return DECIMAL_OK;
    }
    if (decimal_is_zero(y))
        return decimal_is_zero(x) ? DECIMAL_INVALID : DECIMAL_DIVISION_BY_ZERO;
    return divide(a, x, y, precision, rounding, out);
}
