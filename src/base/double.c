/*
 * double.c: <clef/base/double.h>. The shortest digits are found by Schubfach (Raffaello Giulietti, "The Schubfach way to
 * render doubles", 2020): three products with a 128-bit power of ten bound the decimals that read back as v.
 */
#define _GNU_SOURCE /* strtod_l */
#include "base/decimal_limbs.h"
#include "base/double_powers.h"
#include <clef/base/double.h>

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 Wide;

enum { FRACTION_BITS = 52, EXPONENT_BIAS = 1023 + FRACTION_BITS };

static int floor_log2_pow10(int k) { return (k * 1741647) >> 19; }

/* The high part of g * c, with the lowest bit set when anything was cut off (round to odd). */
static uint64_t scale(const uint64_t g[2], uint64_t c)
{
    Wide low = (Wide)g[1] * c;
    Wide high = (Wide)g[0] * c + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

int double_shortest(double v, uint64_t *digits)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    uint64_t fraction = bits & (((uint64_t)1 << FRACTION_BITS) - 1), s;
    int raw = (int)(bits >> FRACTION_BITS & 0x7ff), exponent;
    uint64_t c = raw ? fraction | (uint64_t)1 << FRACTION_BITS : fraction;
    int q = (raw ? raw : 1) - EXPONENT_BIAS;
    if (q <= 0 && q > -FRACTION_BITS - 1 && (c & (((uint64_t)1 << -q) - 1)) == 0) {
        s = c >> -q;
        exponent = 0;
    } else {
        bool closer = fraction == 0 && raw > 1; /* the gap below is half the gap above */
        int k = (q * 1262611 - (closer ? 524031 : 0)) >> 22;
        int h = q + floor_log2_pow10(-k) + 1;
        const uint64_t *g = double_powers[-k - DOUBLE_POWER_MIN];
        uint64_t below = scale(g, (4 * c - 2 + closer) << h), at = scale(g, (4 * c) << h),
                 above = scale(g, (4 * c + 2) << h);
        uint64_t lower = below + (c & 1), upper = above - (c & 1);
        s = at / 4;
        exponent = k;
        uint64_t tens = s / 10;
        bool down = lower <= 40 * tens, up = 40 * tens + 40 <= upper;
        if (s >= 10 && down != up) {
            s = tens + up;
            exponent = k + 1;
        } else {
            down = lower <= 4 * s;
            up = 4 * s + 4 <= upper;
            uint64_t middle = 4 * s + 2;
            s += down != up ? up : at > middle || (at == middle && (s & 1));
        }
    }
    while (s % 10 == 0) {
        s /= 10;
        exponent++;
    }
    *digits = s;
    return exponent;
}

size_t double_format(double v, char p[static DOUBLE_TEXT_MAX])
{
    char *at = p;
    if (__builtin_isnan(v)) {
        memcpy(p, "nan", 3);
        return 3;
    }
    if (__builtin_signbit(v)) {
        *at++ = '-';
        v = -v;
    }
    if (__builtin_isinf(v) || v == 0) {
        memcpy(at, v == 0 ? "0.0" : "inf", 3);
        return (size_t)(at + 3 - p);
    }
    uint64_t s;
    int exponent = double_shortest(v, &s);
    char digits[20], *end = digits + sizeof digits, *first = end;
    do
        *--first = (char)('0' + s % 10);
    while (s /= 10);
    int n = (int)(end - first), point = n + exponent; /* where the point stands, from the first digit on */
    if (point > 16 || point < -3) {
        *at++ = *first++;
        if (--n) {
            *at++ = '.';
            memcpy(at, first, (size_t)n);
            at += n;
        }
        *at++ = 'e';
        *at++ = --point < 0 ? '-' : '+';
        unsigned e = (unsigned)(point < 0 ? -point : point);
        if (e >= 100)
            *at++ = (char)('0' + e / 100);
        *at++ = (char)('0' + e / 10 % 10);
        *at++ = (char)('0' + e % 10);
    } else if (point <= 0) {
        memcpy(at, "0.000", 5);
        at += 2 - point;
        memcpy(at, first, (size_t)n);
        at += n;
    } else if (point >= n) {
        memcpy(at, first, (size_t)n);
        memset(at + n, '0', (size_t)(point - n));
        at += point;
        *at++ = '.';
        *at++ = '0';
    } else {
        memcpy(at, first, (size_t)point);
        at[point] = '.';
        memcpy(at + point + 1, first + point, (size_t)(n - point));
        at += n + 1;
    }
    return (size_t)(at - p);
}

bool buf_double(Buf *b, double v)
{
    if (!buf_reserve(b, DOUBLE_TEXT_MAX)) {
        /* The text may still fit, when it is shorter. */
        if (b->max - b->n >= DOUBLE_TEXT_MAX)
            return false;
        char text[DOUBLE_TEXT_MAX];
        size_t n = double_format(v, text);
        if (n > b->max - b->n)
            return false;
        b->failed = false;
        return buf_add(b, text, n);
    }
    b->n += double_format(v, b->p + b->n);
    b->p[b->n] = 0;
    return true;
}

/*
 * No double, and no middle between two, has more digits than this; what follows only says "a little more", and one digit
 * says that as well.
 */
#define DIGITS_MAX 770

static const double exact_powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

typedef struct Digits {
    char text[DIGITS_MAX + 32];
    size_t n;
    bool more; /* digits other than 0 were left out */
} Digits;

/* d->text * 10^exponent as a double. */
static double digits_to_double(Digits *d, int64_t exponent, bool negative)
{
    if (d->n == 0)
        return negative ? -0.0 : 0.0;
    if (d->more) {
        d->text[d->n++] = '1';
        exponent--;
    }
    double v;
    uint64_t whole = 0;
    if (FLT_EVAL_METHOD == 0 && d->n <= 19 && exponent >= -22 && exponent <= 22)
        for (size_t i = 0; i < d->n; i++)
            whole = whole * 10 + (uint64_t)(d->text[i] - '0');
    if (whole && whole <= (uint64_t)1 << 53) {
        /* Both operands are exact, so that one rounding gives the nearest (William Clinger). */
        v = exponent < 0 ? (double)whole / exact_powers[-exponent] : (double)whole * exact_powers[exponent];
    } else {
        int64_t limit = 20000; /* beyond it the value is 0 or infinite, whatever the digits */
        exponent = exponent > limit ? limit : exponent < -limit ? -limit : exponent;
        char *end = d->text + d->n;
        *end++ = 'e';
        if (exponent < 0)
            *end++ = '-';
        for (int64_t unit = 10000, left = exponent < 0 ? -exponent : exponent; unit; unit /= 10)
            *end++ = (char)('0' + left / unit % 10);
        *end = 0;
        /* The C library has "C" at hand: this allocates nothing, and there is nothing to free. */
        v = strtod_l(d->text, NULL, newlocale(LC_ALL_MASK, "C", (locale_t)0));
    }
    return negative ? -v : v;
}

/* Takes one more digit; false when there was no room and it counts by its place only. */
static bool digits_add(Digits *d, char c)
{
    if (d->n == 0 && c == '0')
        return true;
    if (d->n < DIGITS_MAX) {
        d->text[d->n++] = c;
        return true;
    }
    d->more = d->more || c != '0';
    return false;
}

bool double_parse(Str s, double *out)
{
    Digits d;
    d.n = 0;
    d.more = false;
    int64_t exponent = 0;
    size_t i = 0, seen = 0;
    bool negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        i++;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++, seen++)
        exponent += !digits_add(&d, s.p[i]);
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++, seen++)
            exponent -= digits_add(&d, s.p[i]);
    if (seen == 0)
        return false;
    if (i < s.n) {
        if ((s.p[i++] | 0x20) != 'e')
            return false;
        bool down = i < s.n && s.p[i] == '-';
        if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
            i++;
        if (i == s.n)
            return false;
        int64_t given = 0;
        for (; i < s.n; i++) {
            if (s.p[i] < '0' || s.p[i] > '9')
                return false;
            if (given < INT64_MAX / 100)
                given = given * 10 + (s.p[i] - '0');
        }
        exponent += down ? -given : given;
    }
    *out = digits_to_double(&d, exponent, negative);
    return true;
}

bool double_parse_any(Str s, double *out)
{
    if (double_parse(s, out))
        return true;
    double sign = s.n && s.p[0] == '-' ? -1 : 1;
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_from_byte(s, 1);
    if (str_ieq(s, STR("inf")) || str_ieq(s, STR("infinity")))
        *out = copysign(HUGE_VAL, sign);
    else if (str_ieq(s, STR("nan")))
        *out = copysign((double)NAN, sign);
    else
        return false;
    return true;
}

double decimal_to_double(Decimal x)
{
    if (x.kind == DECIMAL_INFINITY)
        return x.negative ? -HUGE_VAL : HUGE_VAL;
    if (x.kind != DECIMAL_FINITE)
        return copysign((double)NAN, x.negative ? -1 : 1);
    uint32_t room[LIMBS_OF_U64];
    Limbs limbs = decimal_limbs(&x, room);
    Digits d;
    d.n = 0;
    d.more = false;
    int64_t exponent = x.exponent;
    for (uint32_t i = limbs.n; i-- > 0;) {
        if (d.n == DIGITS_MAX && d.more) {
            exponent += (int64_t)LIMB_DIGITS * (i + 1);
            break;
        }
        for (unsigned k = LIMB_DIGITS; k-- > 0;)
            exponent += !digits_add(&d, (char)('0' + limbs.p[i] / limb_pow10[k] % 10));
    }
    return digits_to_double(&d, exponent, x.negative);
}
