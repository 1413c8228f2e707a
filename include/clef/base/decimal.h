/*
 * decimal.h: exact decimal numbers by value, as Python's decimal module and the General Decimal Arithmetic Specification
 * have them: a sign, a coefficient and an exponent of ten, so that 1.20 and 1.2 are equal and print differently; Infinity,
 * NaN and signalling NaN. {0} is 0. A coefficient that fits 64 bits stands in the struct and costs no memory; a longer one
 * stands in limbs that the arena of the call that made it owns. What PostgreSQL's numeric holds fits.
 *
 * There is no context: add, subtract and multiply are exact, divide and round take their precision, quantize its exponent.
 * What goes wrong is a DecimalStatus, and *out is then untouched. A NaN operand gives that NaN, a signalling one
 * DECIMAL_INVALID. Parsing, formatting, adding and comparing cost time linear in the digits (131,072 of them: a few
 * milliseconds), multiplying and dividing the product of both lengths (two factors of 73,000 digits: a third of a second; a
 * quotient of 131,072 digits: two thirds; a limit for what comes from outside belongs where it comes in).
 */
#ifndef CLEF_BASE_DECIMAL_H
#define CLEF_BASE_DECIMAL_H

#include <clef/base/arena.h>
#include <clef/base/buf.h>
#include <clef/base/hash.h>
#include <clef/base/str.h>

/* Digits of a coefficient: as many as PostgreSQL allows before (131072) and after (16383) the point. */
#define DECIMAL_MAX_DIGITS 147455
/* The exponent of the first digit (the "adjusted" one), and of the last, are within plus and minus this. */
#define DECIMAL_MAX_EXPONENT 999999999

typedef enum DecimalKind { DECIMAL_FINITE, DECIMAL_INFINITY, DECIMAL_NAN, DECIMAL_SNAN } DecimalKind;

/* Read it freely; make it with the functions. */
typedef struct Decimal {
    union {
        uint64_t coefficient;  /* when nlimbs is 0; a NaN's payload too */
        const uint32_t *limbs; /* base 10^9, least first, the last not 0; more than 64 bits in all */
    };
    int32_t exponent;
    uint32_t nlimbs;
    bool negative;
    uint8_t kind; /* DecimalKind */
} Decimal;

_Static_assert(sizeof(Decimal) == 24, "a Decimal is three words");

typedef enum DecimalStatus {
    DECIMAL_OK,
    DECIMAL_SYNTAX,           /* the text is no number */
    DECIMAL_TOO_LARGE,        /* past DECIMAL_MAX_DIGITS or DECIMAL_MAX_EXPONENT, or the target type */
    DECIMAL_INVALID,          /* 0/0, Infinity - Infinity, a signalling NaN, ... */
    DECIMAL_DIVISION_BY_ZERO, /* of something else than 0 */
} DecimalStatus;

/* Python's rounding modes. */
typedef enum DecimalRounding {
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_HALF_DOWN,
    ROUND_UP, /* away from 0 */
    ROUND_DOWN,
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_05UP, /* away from 0 when the last digit would be 0 or 5 */
} DecimalRounding;

/* coefficient * 10^exponent; |exponent| at most DECIMAL_MAX_EXPONENT - 19. */
static inline Decimal decimal_of(int64_t coefficient, int32_t exponent)
{
    return (Decimal){ .coefficient = coefficient < 0 ? 0 - (uint64_t)coefficient : (uint64_t)coefficient,
                      .exponent = exponent,
                      .negative = coefficient < 0 };
}
static inline Decimal decimal_from_i64(int64_t v) { return decimal_of(v, 0); }
static inline Decimal decimal_from_u64(uint64_t v) { return (Decimal){ .coefficient = v }; }

/*
 * Python's grammar: [sign] digits with an optional point and exponent, "inf", "infinity", "nan", "snan" with optional
 * payload digits, all without regard to case; ASCII white space around is ignored. No underscores, ASCII digits only.
 */
CLEF_API(DecimalStatus, decimal_parse, Arena *a, Str text, Decimal *out) CLEF_MUST_USE;

/* As Python's str(): 1.20, 1E+3, 0E-10, -Infinity, NaN12. */
CLEF_API(Str, decimal_str, Arena *a, Decimal x);
CLEF_API(bool, buf_decimal, Buf *b, Decimal x);
/* Without an exponent, as Python's format(x, "f"). False when the text would not fit the Buf. */
CLEF_API(bool, buf_decimal_plain, Buf *b, Decimal x);

static inline bool decimal_is_finite(Decimal x) { return x.kind == DECIMAL_FINITE; }
static inline bool decimal_is_nan(Decimal x) { return x.kind >= DECIMAL_NAN; }
static inline bool decimal_is_zero(Decimal x) { return x.kind == DECIMAL_FINITE && !x.nlimbs && !x.coefficient; }
static inline Decimal decimal_negate(Decimal x)
{
    x.negative = !x.negative;
    return x;
}
static inline Decimal decimal_abs(Decimal x)
{
    x.negative = false;
    return x;
}
/* Finite, without a fraction (1.00 is an integer). */
CLEF_API(bool, decimal_is_integer, Decimal x) CLEF_PURE;
/* Digits of the coefficient: 1 for 0. */
CLEF_API(uint32_t, decimal_digits, Decimal x) CLEF_PURE;
/* The exponent of the first digit: 2 for 123.4. Of a finite number. */
CLEF_API(int32_t, decimal_adjusted, Decimal x) CLEF_PURE;

/*
 * By value, exactly, in time linear in the digits whatever the exponents, without memory: *order negative, 0 or positive.
 * False with a NaN.
 */
CLEF_API(bool, decimal_cmp, Decimal x, Decimal y, int *order) CLEF_MUST_USE;
CLEF_API(bool, decimal_eq, Decimal x, Decimal y);
/* Equal numbers have equal hashes: 1.20 and 1.2, 0 and -0. */
CLEF_API(uint64_t, decimal_hash, HashKey key, Decimal x);

CLEF_API(DecimalStatus, decimal_add, Arena *a, Decimal x, Decimal y, Decimal *out) CLEF_MUST_USE;
CLEF_API(DecimalStatus, decimal_sub, Arena *a, Decimal x, Decimal y, Decimal *out) CLEF_MUST_USE;
CLEF_API(DecimalStatus, decimal_mul, Arena *a, Decimal x, Decimal y, Decimal *out) CLEF_MUST_USE;
/* x / y to at most `precision` digits; an exact quotient has the exponent nearest to x's less y's. x / Infinity is 0. */
CLEF_API(DecimalStatus, decimal_div, Arena *a, Decimal x, Decimal y, uint32_t precision, DecimalRounding rounding,
         Decimal *out)
CLEF_MUST_USE;
/* At most `precision` digits (1 to DECIMAL_MAX_DIGITS). */
CLEF_API(DecimalStatus, decimal_round, Arena *a, Decimal x, uint32_t precision, DecimalRounding rounding, Decimal *out)
CLEF_MUST_USE;
/* The exponent made `exponent` (-2: two digits after the point), rounded or filled with zeros. Infinity is INVALID. */
CLEF_API(DecimalStatus, decimal_quantize, Arena *a, Decimal x, int32_t exponent, DecimalRounding rounding, Decimal *out)
CLEF_MUST_USE;
/* Without trailing zeros in the coefficient; 0 of any exponent becomes 0. Takes no memory when x has no limbs. */
CLEF_API(Decimal, decimal_normalize, Arena *a, Decimal x);
/* A copy whose limbs are the arena's. */
CLEF_API(Decimal, decimal_copy, Arena *a, Decimal x);

/* An integer that fits; else DECIMAL_INVALID (a fraction, a NaN, an infinity) or DECIMAL_TOO_LARGE. */
CLEF_API(DecimalStatus, decimal_to_i64, Decimal x, int64_t *out) CLEF_MUST_USE;
/* The nearest double (ties to even), an infinity when it is beyond the largest. */
CLEF_API(double, decimal_to_double, Decimal x);
/* All digits of the double, as Python's Decimal(float): 0.1 has 55 of them. */
CLEF_API(Decimal, decimal_from_double, Arena *a, double v);
/* The shortest number that reads back as the same double, as Decimal(repr(v)). */
CLEF_API(Decimal, decimal_from_double_short, double v);

#endif
