/*
 * double.h: text of floating-point numbers, without regard to the locale. Reading rounds correctly (to nearest, ties to
 * even) at any length; writing gives the shortest text that reads back as the same number, in Python's spelling.
 */
#ifndef CLEF_BASE_DOUBLE_H
#define CLEF_BASE_DOUBLE_H

#include <clef/base/buf.h>

/* Room for the longest text and its NUL: "-1.2345678901234567e-308". */
#define DOUBLE_REPR_MAX 32

/* Python's repr(): 1.0, 0.1, 1e+16, 1.5e-07, inf, -inf, nan. Writes a terminated string and returns its length. */
CLEF_API(size_t, double_repr, double v, char out[DOUBLE_REPR_MAX]);
CLEF_API(bool, buf_double, Buf *b, double v);

enum { DOUBLE_NONFINITE = 1 }; /* "inf", "infinity" and "nan" (any case) are read, and what is too large is infinite */

/*
 * [sign] digits with an optional point and exponent, over the whole of s: 1, -1.5, .5, 5., 1e-7; no white space, no
 * underscore, no hexadecimal. False (and *out unchanged) for anything else, and for what DOUBLE_NONFINITE allows without it.
 */
CLEF_API(bool, str_to_double, Str s, unsigned flags, double *out) CLEF_MUST_USE;

#endif
