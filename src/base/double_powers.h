/*
 * double_powers.h: 10^k in 128 bits, rounded up, the top bit set: 10^k is about { high, low } * 2^(floor(log2(10^k)) -
 * 127).
 */
#ifndef CLEF_BASE_DOUBLE_POWERS_H
#define CLEF_BASE_DOUBLE_POWERS_H

#include <clef/base/api.h>

enum { DOUBLE_POWER_MIN = -292, DOUBLE_POWER_MAX = 324 };

typedef const uint64_t DoublePowers[DOUBLE_POWER_MAX - DOUBLE_POWER_MIN + 1][2];
CLEF_PRIVATE_DATA(DoublePowers, double_powers);

#endif
