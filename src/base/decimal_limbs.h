/* decimal_limbs.h: natural numbers in base 10^9, least limb first: what the decimal files share. */
#ifndef BASE_DECIMAL_LIMBS_H
#define BASE_DECIMAL_LIMBS_H

#include <clef/base/decimal.h>

#define LIMB_BASE   1000000000u
#define LIMB_DIGITS 9u
/* Limbs that hold any coefficient of 64 bits; every digit of any double. */
#define LIMBS_OF_U64    3u
#define LIMBS_OF_DOUBLE 90u

typedef uint32_t LimbPowers[LIMB_DIGITS + 1];
CLEF_PRIVATE_DATA(const LimbPowers, limb_pow10);

/* A number to read: its limbs, the highest not 0; n is 0 for 0. */
typedef struct Limbs {
    const uint32_t *p;
    uint32_t n;
} Limbs;

static inline uint32_t limb_at(Limbs x, uint64_t i) { return i < x.n ? x.p[i] : 0; }

/* The coefficient of x, in `room` when it stands in the struct. */
CLEF_PRIVATE(Limbs, decimal_limbs, const Decimal *x, uint32_t room[LIMBS_OF_U64]);
/*
 * A finite number of n limbs (leading zeros allowed): they are kept, and must be the arena's, when 64 bits are not enough;
 * else they are copied into the struct. Checks the limits.
 */
CLEF_PRIVATE(DecimalStatus, decimal_make, const uint32_t *limbs, size_t n, int64_t exponent, bool negative,
             Decimal *out);
/* The exact value of a finite double; limbs, if any, in `room`. */
CLEF_PRIVATE(Decimal, decimal_of_double, double v, uint32_t room[LIMBS_OF_DOUBLE]);

/* How many digits: 0 for 0. */
CLEF_PRIVATE(uint32_t, limbs_digits, Limbs x);
/* out has room for max(x.n, y.n) + 1; x.n + y.n; x.n. x >= y for sub. They return the limbs used. */
CLEF_PRIVATE(uint32_t, limbs_add, uint32_t *out, Limbs x, Limbs y);
CLEF_PRIVATE(uint32_t, limbs_sub, uint32_t *out, Limbs x, Limbs y);
CLEF_PRIVATE(uint32_t, limbs_mul, uint32_t *out, Limbs x, Limbs y);
CLEF_PRIVATE(int, limbs_cmp, Limbs x, Limbs y);
/* x * 10^digits; room for x.n + digits / 9 + 1. */
CLEF_PRIVATE(uint32_t, limbs_shift_up, uint32_t *out, Limbs x, uint32_t digits);
/* What was cut off, against half a unit of the last digit kept. */
typedef enum LimbsRest { REST_NONE, REST_BELOW_HALF, REST_HALF, REST_ABOVE_HALF } LimbsRest;
/* x / 10^digits, rounded down; room for x.n. */
CLEF_PRIVATE(uint32_t, limbs_shift_down, uint32_t *out, Limbs x, uint64_t digits, LimbsRest *rest);
/*
 * quotient (room x.n) = x / y, y not 0. `work` has room for x.n + 1 + y.n limbs. *exact: no remainder.
 */
CLEF_PRIVATE(uint32_t, limbs_div, uint32_t *quotient, uint32_t *work, Limbs x, Limbs y, bool *exact);

#endif
