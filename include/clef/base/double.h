/*
 * double.h: doubles as text and back, whatever the process's locale is. The text is the shortest one that reads back as
 * the same double, in the form of Python's repr(): "0.1", "1.0", "1e+16", "-0.0", "inf", "nan".
 */
#ifndef CLEF_BASE_DOUBLE_H
#define CLEF_BASE_DOUBLE_H

#include <clef/base/buf.h>

/* The longest text: "-2.2250738585072014e-308". */
#define DOUBLE_TEXT_MAX 24

/* Writes at p, without a terminator; returns the length. */
CLEF_API(size_t, double_format, double v, char p[static DOUBLE_TEXT_MAX]);
CLEF_API(bool, buf_double, Buf *b, double v);

/*
 * The shortest digits: v (finite, not negative, not 0) is *digits * 10^exponent, *digits without trailing zeros and at
 * most 17 digits long. For writers of other forms.
 */
CLEF_API(int, double_shortest, double v, uint64_t *digits);

/*
 * The double nearest to a decimal number over the whole of s, ties to even, at any length: an optional sign, digits with an
 * optional point among, before or behind them, an optional exponent. No blanks, names or hexadecimal forms. Too large a
 * number gives an infinity. False, and *out unchanged, for anything else. Takes no memory.
 */
CLEF_API(bool, double_parse, Str s, double *out) CLEF_MUST_USE;
/*
 * The same, and "inf", "infinity" and "nan" with an optional sign, in any case: what Python's float() reads, less
 * blanks.
 */
CLEF_API(bool, double_parse_any, Str s, double *out) CLEF_MUST_USE;

#endif
