/* double.c: reading and writing doubles; the C library does the hard cases, in the "C" locale. */
#define _GNU_SOURCE /* strtod_l */
#include "base/decimal_limbs.h"
#include <clef/base/double.h>

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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
    if (FLT_EVAL_METHOD == 0 && d->n <= 15 && exponent >= -22 && exponent <= 22) {
        /* Both operands are exact, so the one rounding is the right one. */
        uint64_t whole = 0;
        for (size_t i = 0; i < d->n; i++)
            whole = whole * 10 + (uint64_t)(d->text[i] - '0');
        v = exponent < 0 ? (double)whole / exact_powers[-exponent] : (double)whole * exact_powers[exponent];
    } else {
        int64_t limit = 20000; /* beyond it the value is 0 or infinite, whatever the digits */
        exponent = exponent > limit ? limit : exponent < -limit ? -limit : exponent;
        snprintf(d->text + d->n, sizeof d->text - d->n, "e%d", (int)exponent);
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

static bool special_double(Str s, double *out)
{
    double sign = 1;
    if (s.n && (s.p[0] == '-' || s.p[0] == '+')) {
        sign = s.p[0] == '-' ? -1 : 1;
        s = str_from_byte(s, 1);
    }
    if (str_ieq(s, STR("inf")) || str_ieq(s, STR("infinity")))
        *out = copysign(HUGE_VAL, sign);
    else if (str_ieq(s, STR("nan")))
        *out = copysign((double)NAN, sign);
    else
        return false;
    return true;
}

bool str_to_double(Str s, unsigned flags, double *out)
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
        return (flags & DOUBLE_NONFINITE) && special_double(s, out);
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
    double v = digits_to_double(&d, exponent, negative);
    if (!isfinite(v) && !(flags & DOUBLE_NONFINITE))
        return false;
    *out = v;
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

/* The `precision` digits of the finite v > 0, correctly rounded, and the exponent of ten of the first. */
static int take_digits(double v, int precision, char digits[20])
{
    char text[48];
    int n = snprintf(text, sizeof text, "%.*e", precision - 1, v), at = 0, done = 0;
    while (done < precision && at < n) { /* the locale may put any point between them */
        if (text[at] >= '0' && text[at] <= '9')
            digits[done++] = text[at];
        at++;
    }
    digits[done] = 0;
    while (at < n && text[at] != 'e')
        at++;
    int exponent = 0, sign = text[at + 1] == '-' ? -1 : 1;
    for (at += 2; at < n; at++)
        exponent = exponent * 10 + (text[at] - '0');
    return sign * exponent;
}

static bool reads_back(const char *digits, int precision, int exponent, double v)
{
    Digits d;
    d.n = (size_t)precision;
    d.more = false;
    memcpy(d.text, digits, d.n);
    return digits_to_double(&d, exponent - (precision - 1), false) == v;
}

/* One more in the last place; false when all were nines. */
static bool increment(char *digits, int n)
{
    while (n-- > 0) {
        if (digits[n] != '9') {
            digits[n]++;
            return true;
        }
        digits[n] = '0';
    }
    return false;
}

/*
 * Most numbers that people write have few digits. When whole / 10^k, both exact, rounds to v, those at most 15 digits read
 * back as v; and the first k that does gives the fewest, for the product of a smaller k with v would have come out whole.
 */
static bool few_digits(double v, char digits[20], int *precision, int *exponent)
{
    if (FLT_EVAL_METHOD != 0 || v < 1e-5 || v >= 1e15)
        return false;
    for (int k = 0; k <= 19; k++) {
        double whole = rint(v * exact_powers[k]);
        if (whole >= 1e15)
            return false;
        if (whole < 1 || whole / exact_powers[k] != v)
            continue;
        char backwards[20];
        int n = 0;
        for (uint64_t w = (uint64_t)whole; w; w /= 10)
            backwards[n++] = (char)('0' + w % 10);
        for (int i = 0; i < n; i++)
            digits[i] = backwards[n - 1 - i];
        *exponent = n - 1 - k;
        while (n > 1 && digits[n - 1] == '0')
            n--;
        *precision = n;
        return true;
    }
    return false;
}

/* The shortest digits that read back as v > 0. */
static int shortest(double v, char digits[20], int *precision)
{
    int quick;
    if (few_digits(v, digits, precision, &quick))
        return quick;
    /* Fifteen digits always survive a double that has its full 53 bits, so trailing zeros tell a shorter text. */
    int exponent = 0, p = v < DBL_MIN ? 1 : 15;
    for (; p < 17; p++) {
        exponent = take_digits(v, p, digits);
        if (reads_back(digits, p, exponent, v))
            break;
        int bits;
        /* A power of two has neighbours twice as near below as above: the text above may do where the nearest does not. */
        if (p == 16 && frexp(v, &bits) == 0.5 && increment(digits, p) && reads_back(digits, p, exponent, v))
            break;
    }
    if (p == 17)
        exponent = take_digits(v, p, digits);
    while (p > 1 && digits[p - 1] == '0')
        p--;
    *precision = p;
    return exponent;
}

size_t double_repr(double v, char out[DOUBLE_REPR_MAX])
{
    char *p = out;
    if (isnan(v)) {
        memcpy(out, "nan", 4);
        return 3;
    }
    if (signbit(v))
        *p++ = '-';
    v = fabs(v);
    if (isinf(v)) {
        memcpy(p, "inf", 4);
        return (size_t)(p + 3 - out);
    }
    char digits[20] = "0";
    int n = 1, exponent = v == 0 ? 0 : shortest(v, digits, &n);
    if (exponent >= -4 && exponent < 16) {
        int at = 0;
        if (exponent < 0) {
            memcpy(p, "0.000", 5);
            p += 1 - exponent;
        } else {
            for (; at <= exponent; at++)
                *p++ = at < n ? digits[at] : '0';
            *p++ = '.';
            if (at >= n)
                *p++ = '0';
        }
        for (; at < n; at++)
            *p++ = digits[at];
        *p = 0;
    } else {
        *p++ = digits[0];
        if (n > 1) {
            *p++ = '.';
            memcpy(p, digits + 1, (size_t)n - 1);
            p += n - 1;
        }
        p += snprintf(p, 8, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
    }
    return (size_t)(p - out);
}

bool buf_double(Buf *b, double v)
{
    char text[DOUBLE_REPR_MAX];
    return buf_add(b, text, double_repr(v, text));
}
