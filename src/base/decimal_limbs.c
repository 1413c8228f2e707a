/* decimal_limbs.c: schoolbook arithmetic in base 10^9, where shifts by digits and text are linear. */
#include "base/decimal_limbs.h"

const LimbPowers limb_pow10 = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, LIMB_BASE };

static uint32_t trim(const uint32_t *p, size_t n)
{
    while (n && p[n - 1] == 0)
        n--;
    return (uint32_t)n;
}

uint32_t limbs_digits(Limbs x)
{
    if (x.n == 0)
        return 0;
    uint32_t top = 1;
    while (top < LIMB_DIGITS && x.p[x.n - 1] >= limb_pow10[top])
        top++;
    return (x.n - 1) * LIMB_DIGITS + top;
}

int limbs_cmp(Limbs x, Limbs y)
{
    if (x.n != y.n)
        return x.n < y.n ? -1 : 1;
    for (uint32_t i = x.n; i-- > 0;)
        if (x.p[i] != y.p[i])
            return x.p[i] < y.p[i] ? -1 : 1;
    return 0;
}

uint32_t limbs_add(uint32_t *out, Limbs x, Limbs y)
{
    uint32_t n = x.n > y.n ? x.n : y.n, carry = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t sum = limb_at(x, i) + limb_at(y, i) + carry;
        carry = sum >= LIMB_BASE;
        out[i] = carry ? sum - LIMB_BASE : sum;
    }
    if (carry)
        out[n++] = 1;
    return n;
}

uint32_t limbs_sub(uint32_t *out, Limbs x, Limbs y)
{
    uint32_t borrow = 0;
    for (uint32_t i = 0; i < x.n; i++) {
        uint32_t take = limb_at(y, i) + borrow;
        borrow = x.p[i] < take;
        out[i] = borrow ? x.p[i] + LIMB_BASE - take : x.p[i] - take;
    }
    return trim(out, x.n);
}

uint32_t limbs_mul(uint32_t *out, Limbs x, Limbs y)
{
    if (x.n == 0 || y.n == 0)
        return 0;
    memset(out, 0, ((size_t)x.n + y.n) * sizeof *out);
    for (uint32_t i = 0; i < x.n; i++) {
        uint64_t carry = 0, factor = x.p[i];
        for (uint32_t j = 0; j < y.n; j++) {
            uint64_t v = out[i + j] + factor * y.p[j] + carry;
            carry = v / LIMB_BASE;
            out[i + j] = (uint32_t)(v % LIMB_BASE);
        }
        out[i + y.n] = (uint32_t)carry;
    }
    return trim(out, (size_t)x.n + y.n);
}

uint32_t limbs_shift_up(uint32_t *out, Limbs x, uint32_t digits)
{
    if (x.n == 0)
        return 0;
    uint32_t whole = digits / LIMB_DIGITS, by = limb_pow10[digits % LIMB_DIGITS];
    memset(out, 0, whole * sizeof *out);
    uint64_t carry = 0;
    for (uint32_t i = 0; i < x.n; i++) {
        uint64_t v = (uint64_t)x.p[i] * by + carry;
        out[whole + i] = (uint32_t)(v % LIMB_BASE);
        carry = v / LIMB_BASE;
    }
    out[whole + x.n] = (uint32_t)carry;
    return trim(out, (size_t)whole + x.n + 1);
}

uint32_t limbs_shift_down(uint32_t *out, Limbs x, uint64_t digits, LimbsRest *rest)
{
    uint64_t whole = digits / LIMB_DIGITS;
    uint32_t part = (uint32_t)(digits % LIMB_DIGITS);
    *rest = REST_NONE;
    if (digits) {
        uint32_t first = part ? limb_at(x, whole) % limb_pow10[part] : limb_at(x, whole - 1);
        uint32_t half = (part ? limb_pow10[part] : LIMB_BASE) / 2;
        uint64_t below = part ? whole : whole - 1;
        bool more = false;
        for (uint64_t i = 0; i < below && i < x.n && !more; i++)
            more = x.p[i] != 0;
        *rest = first > half || (first == half && more) ? REST_ABOVE_HALF
                : first == half                         ? REST_HALF
                : first || more                         ? REST_BELOW_HALF
                                                        : REST_NONE;
    }
    if (whole >= x.n)
        return 0;
    uint32_t n = x.n - (uint32_t)whole, low = limb_pow10[part], high = limb_pow10[LIMB_DIGITS - part];
    for (uint32_t i = 0; i < n; i++)
        out[i] = x.p[whole + i] / low + (part ? limb_at(x, whole + i + 1) % low * high : 0);
    return trim(out, n);
}

static uint32_t div_by_limb(uint32_t *quotient, Limbs x, uint32_t by, bool *exact)
{
    uint64_t rest = 0;
    for (uint32_t i = x.n; i-- > 0;) {
        uint64_t v = rest * LIMB_BASE + x.p[i];
        quotient[i] = (uint32_t)(v / by);
        rest = v % by;
    }
    *exact = rest == 0;
    return trim(quotient, x.n);
}

static uint32_t scale(uint32_t *out, Limbs x, uint32_t by)
{
    uint64_t carry = 0;
    for (uint32_t i = 0; i < x.n; i++) {
        uint64_t v = (uint64_t)x.p[i] * by + carry;
        out[i] = (uint32_t)(v % LIMB_BASE);
        carry = v / LIMB_BASE;
    }
    return (uint32_t)carry;
}

/* Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D. */
uint32_t limbs_div(uint32_t *quotient, uint32_t *work, Limbs x, Limbs y, bool *exact)
{
    if (limbs_cmp(x, y) < 0) {
        *exact = x.n == 0;
        return 0;
    }
    if (y.n == 1)
        return div_by_limb(quotient, x, y.p[0], exact);
    uint32_t factor = LIMB_BASE / (y.p[y.n - 1] + 1);
    uint32_t *u = work, *v = work + x.n + 1, n = y.n;
    u[x.n] = scale(u, x, factor);
    (void)scale(v, y, factor); /* carries nothing out */
    for (uint32_t j = x.n - n + 1; j-- > 0;) {
        uint64_t head = (uint64_t)u[j + n] * LIMB_BASE + u[j + n - 1];
        uint64_t guess = head / v[n - 1], rest = head % v[n - 1];
        while (guess >= LIMB_BASE || guess * v[n - 2] > rest * LIMB_BASE + u[j + n - 2]) {
            guess--;
            rest += v[n - 1];
            if (rest >= LIMB_BASE)
                break;
        }
        uint64_t over = 0;
        int64_t borrow = 0;
        for (uint32_t i = 0; i < n; i++) {
            uint64_t product = guess * v[i] + over;
            over = product / LIMB_BASE;
            int64_t d = (int64_t)u[i + j] - (int64_t)(product % LIMB_BASE) - borrow;
            borrow = d < 0;
            u[i + j] = (uint32_t)(d < 0 ? d + LIMB_BASE : d);
        }
        int64_t d = (int64_t)u[j + n] - (int64_t)over - borrow;
        if (d < 0) { /* the guess was one too many */
            guess--;
            uint32_t back = 0;
            for (uint32_t i = 0; i < n; i++) {
                uint32_t sum = u[i + j] + v[i] + back;
                back = sum >= LIMB_BASE;
                u[i + j] = back ? sum - LIMB_BASE : sum;
            }
            d += back;
        }
        u[j + n] = (uint32_t)d;
        quotient[j] = (uint32_t)guess;
    }
    *exact = trim(u, n) == 0;
    return trim(quotient, x.n - n + 1);
}
