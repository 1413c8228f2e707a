/*
 * double.c: <clef/codec/double.h>. The shortest digits are found by Schubfach (Raffaello Giulietti, "The Schubfach way to
 * render doubles", 2020): three products with a 128-bit power of ten bound the decimals that read back as v.
 */
#define _GNU_SOURCE /* strtod_l */
#include <clef/codec/double.h>

#include "codec/double_powers.h"

#include <locale.h>
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

/* strtod of the C locale; s is a number already. */
static CLEF_COLD double parse_slow(Str s)
{
    char few[64], *text = s.n < sizeof few ? few : NULL;
    Arena *a = text ? NULL : arena_create(NULL, 0, s.n + 512);
    if (!text)
        text = arena_alloc(a, s.n + 1);
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double v = c ? strtod_l(text, NULL, c) : strtod(text, NULL);
    if (c)
        freelocale(c);
    arena_destroy(a);
    return v;
}

bool double_parse(Str s, double *out)
{
    static const double tens[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    if (s.n == 0 || s.n > DOUBLE_PARSE_MAX)
        return false;
    const char *p = s.p, *end = p + s.n;
    bool negative = *p == '-';
    if (*p == '-' || *p == '+')
        p++;
    uint64_t v = 0;
    int digits = 0, significant = 0, exponent = 0;
    bool point = false;
    for (; p < end; p++) {
        unsigned digit = (unsigned char)*p - (unsigned)'0';
        if (digit <= 9) {
            digits++;
            exponent -= point;
            if (significant || digit)
                significant++;
            if (significant <= 19)
                v = v * 10 + digit;
        } else if (*p == '.' && !point) {
            point = true;
        } else {
            break;
        }
    }
    if (digits == 0)
        return false;
    if (p < end) {
        if (*p != 'e' && *p != 'E')
            return false;
        p++;
        bool minus = p < end && *p == '-';
        if (p < end && (*p == '-' || *p == '+'))
            p++;
        if (p == end)
            return false;
        int e = 0;
        for (; p < end; p++) {
            unsigned digit = (unsigned char)*p - (unsigned)'0';
            if (digit > 9)
                return false;
            if (e < 100000)
                e = e * 10 + (int)digit;
        }
        exponent += minus ? -e : e;
    }
    /* Both factors are exact doubles, so that one rounding gives the nearest (William Clinger). */
    if (significant <= 19 && v <= (uint64_t)1 << 53 && exponent >= -22 && exponent <= 22) {
        double d = (double)v;
        d = exponent < 0 ? d / tens[-exponent] : d * tens[exponent];
        *out = negative ? -d : d;
        return true;
    }
    *out = parse_slow(s);
    return true;
}
