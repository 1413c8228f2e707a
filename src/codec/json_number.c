/* json_number.c: numbers of JSON text as exact decimals, and their text. */
#include "codec/json_text.h"

enum { LIMB_DIGITS = 9 };

static const uint32_t tens[LIMB_DIGITS] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000 };

bool json_exact_number(Arena *a, Str raw, Decimal *out)
{
    Decimal d = { 0 };
    const char *p = raw.p, *end = p + raw.n;
    if (p < end && *p == '-') {
        d.negative = true;
        p++;
    }
    const char *mantissa_end = p, *point = NULL;
    while (mantissa_end < end && (*mantissa_end | 0x20) != 'e') {
        if (*mantissa_end == '.')
            point = mantissa_end;
        mantissa_end++;
    }
    int64_t exponent = 0;
    if (mantissa_end < end) {
        const char *e = mantissa_end + 1;
        bool minus = *e == '-';
        if (*e == '-' || *e == '+')
            e++;
        for (; e < end; e++)
            if (exponent <= JSON_EXPONENT_MAX)
                exponent = exponent * 10 + (*e - '0');
        if (exponent > JSON_EXPONENT_MAX)
            return false;
        if (minus)
            exponent = -exponent;
    }
    if (point)
        exponent -= mantissa_end - point - 1;
    while (p < mantissa_end && (*p == '0' || *p == '.'))
        p++;
    size_t digits = (size_t)(mantissa_end - p) - (point && point >= p);
    d.exponent = (int32_t)exponent;
    if (digits <= 19) {
        for (; p < mantissa_end; p++)
            if (*p != '.')
                d.coefficient = d.coefficient * 10 + (uint64_t)(*p - '0');
    } else {
        d.nlimbs = (uint32_t)((digits + LIMB_DIGITS - 1) / LIMB_DIGITS);
        uint32_t *limbs = NEW_ARRAY(a, uint32_t, d.nlimbs);
        size_t place = 0;
        for (const char *at = mantissa_end; at-- > p;)
            if (*at != '.') {
                limbs[place / LIMB_DIGITS] += (uint32_t)(*at - '0') * tens[place % LIMB_DIGITS];
                place++;
            }
        d.limbs = limbs;
        if (digits == 20) { /* may fit 64 bits, and then has to be there */
            uint64_t v = limbs[2];
            if (!__builtin_mul_overflow(v, (uint64_t)1000000000, &v) && !__builtin_add_overflow(v, limbs[1], &v) &&
                !__builtin_mul_overflow(v, (uint64_t)1000000000, &v) && !__builtin_add_overflow(v, limbs[0], &v)) {
                d.nlimbs = 0;
                d.coefficient = v;
            }
        }
    }
    *out = d;
    return true;
}

static bool add_coefficient(Buf *out, const Decimal *d)
{
    if (!d->nlimbs)
        return buf_u64(out, d->coefficient);
    buf_u64(out, d->limbs[d->nlimbs - 1]);
    for (uint32_t i = d->nlimbs - 1; i-- > 0;) {
        char text[LIMB_DIGITS];
        uint32_t rest = d->limbs[i];
        for (int j = LIMB_DIGITS; j-- > 0; rest /= 10)
            text[j] = (char)('0' + rest % 10);
        buf_add(out, text, sizeof text);
    }
    return !out->failed;
}

bool json_exact_text(Buf *out, const Decimal *d)
{
    if (d->negative)
        buf_byte(out, '-');
    if (d->kind != DECIMAL_FINITE)
        return buf_c(out, d->kind == DECIMAL_INFINITY ? "Infinity" : d->kind == DECIMAL_NAN ? "NaN" : "sNaN");
    size_t start = out->n;
    if (!add_coefficient(out, d))
        return false;
    int64_t n = (int64_t)(out->n - start), left = d->exponent + n; /* digits before the point */
    if (d->exponent == 0)
        return true;
    int64_t point = d->exponent < 0 && left > -6 ? left : 1;
    size_t insert = point <= 0 ? (size_t)(2 - point) : point < n ? 1 : 0;
    if (insert) {
        static const char zeros[] = "0.00000";
        if (!buf_fill(out, '.', insert))
            return false;
        char *at = out->p + start + (point > 0 ? point : 0);
        memmove(at + insert, at, (size_t)(n - (point > 0 ? point : 0)));
        memcpy(at, point > 0 ? "." : zeros, insert);
    }
    return left == point || buf_printf(out, "E%+lld", (long long)(left - point));
}
