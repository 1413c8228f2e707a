/*
 * decimal.h: exact decimal numbers by value, as Python's decimal module has them: a sign, a coefficient and an exponent
 * of ten, so that 1.20 and 1.2 are equal and print differently; Infinity, NaN and signalling NaN. {0} is 0. A coefficient
 * that fits 64 bits stands in the struct; a longer one in limbs that the arena of the call that made it owns.
 */
#ifndef CLEF_BASE_DECIMAL_H
#define CLEF_BASE_DECIMAL_H

#include <clef/base/arena.h>
#include <clef/base/str.h>

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

#endif
