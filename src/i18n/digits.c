/* digits.c: decimal digits of other scripts. Unicode's general category Nd comes in runs of ten from a zero on. */
#include "codec/text.h"
#include <clef/i18n/text.h>

static const uint32_t zeros[] = {
    0x660,   0x6f0,   0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,   0xb66,   0xbe6,   0xc66,   0xce6,   0xd66,   0xde6,
    0xe50,   0xed0,   0xf20,   0x1040,  0x1090,  0x17e0,  0x1810,  0x1946,  0x19d0,  0x1a80,  0x1a90,  0x1b50,  0x1bb0,
    0x1c40,  0x1c50,  0xa620,  0xa8d0,  0xa900,  0xa9d0,  0xa9f0,  0xaa50,  0xabf0,  0xff10,  0x104a0, 0x10d30, 0x11066,
    0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50,
    0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0
};

/* 0 to 9, or -1. */
static int digit_of(uint32_t c)
{
    size_t lo = 0, hi = CLEF_COUNT(zeros);
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (c < zeros[middle])
            hi = middle;
        else if (c < zeros[middle] + 10)
            return (int)(c - zeros[middle]);
        else
            lo = middle + 1;
    }
    return -1;
}

Str text_ascii_digits(Arena *a, Str s)
{
    size_t i = 0;
    while (i < s.n && (unsigned char)s.p[i] < 0x80)
        i++;
    if (i == s.n)
        return s;
    Buf b = BUF_INIT(a, s.n + 1);
    buf_add(&b, s.p, i);
    while (i < s.n) {
        uint32_t c;
        size_t step = text_char(s.p + i, s.n - i, &c);
        int digit = c == TEXT_BAD ? -1 : digit_of(c);
        if (digit >= 0)
            buf_byte(&b, (char)('0' + digit));
        else
            buf_add(&b, s.p + i, step);
        i += step;
    }
    return buf_view(&b);
}
