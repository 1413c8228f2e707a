"""Writes src/codec/double_powers.c: the powers of ten by which shortest decimal texts of doubles are found.

    python3 tools/double_powers.py > src/codec/double_powers.c
"""
from fractions import Fraction

LOW, HIGH = -292, 324


def floor_log2_pow10(k):
    return (k * 1741647) >> 19


print('/* double_powers.c: 10^k for k = -292 to 324, rounded up to 128 bits; written by tools/double_powers.py. */')
print('#include "codec/double_powers.h"\n')
print('/* clang-format off */')
print('DoublePowers double_powers = {')
for k in range(LOW, HIGH + 1):
    exact = Fraction(10) ** k * Fraction(2) ** (127 - floor_log2_pow10(k))
    g = -((-exact.numerator) // exact.denominator)
    assert g.bit_length() == 128
    print('    { 0x%016x, 0x%016x },' % (g >> 64, g & (2**64 - 1)))
print('};')
