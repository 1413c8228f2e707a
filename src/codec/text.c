/* text.c: code points, white space and what is printable (see text.h). */
#include "codec/text.h"

#include <clef/base/utf8.h>

#include "codec/simd.h"

typedef struct CodeRange {
    uint32_t from, to;
} CodeRange;

/* The general categories Cc, Cf, Cs and Co, without the 16-bit and 24-bit non-characters. */
static const CodeRange other_ranges[] = {
    { 0x0, 0x1f },          { 0x7f, 0x9f },       { 0xad, 0xad },       { 0x600, 0x605 },     { 0x61c, 0x61c },
    { 0x6dd, 0x6dd },       { 0x70f, 0x70f },     { 0x890, 0x891 },     { 0x8e2, 0x8e2 },     { 0x180e, 0x180e },
    { 0x200b, 0x200f },     { 0x202a, 0x202e },   { 0x2060, 0x2064 },   { 0x2066, 0x206f },   { 0xd800, 0xf8ff },
    { 0xfeff, 0xfeff },     { 0xfff9, 0xfffb },   { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
    { 0x1bca0, 0x1bca3 },   { 0x1d173, 0x1d17a }, { 0xe0001, 0xe0001 }, { 0xe0020, 0xe007f }, { 0xf0000, 0xffffd },
    { 0x100000, 0x10fffd },
};

size_t text_char(const char *p, size_t n, uint32_t *code)
{
    size_t at = 0;
    *code = utf8_next(str_from(p, n), &at);
    if (*code == UTF8_REPLACEMENT && (at != 3 || memcmp(p, "\xef\xbf\xbd", 3) != 0))
        *code = TEXT_BAD;
    return at;
}

bool text_add(Buf *out, uint32_t code)
{
    char b[UTF8_MAX];
    return buf_add(out, b, utf8_encode(code, b));
}

bool text_is_space(uint32_t c)
{
    if (c < 0x80)
        return c == ' ' || (c >= 0x9 && c <= 0xd) || (c >= 0x1c && c <= 0x1f);
    return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

Str text_strip(Str s)
{
    uint32_t code;
    while (s.n) {
        size_t n = text_char(s.p, s.n, &code);
        if (!text_is_space(code))
            break;
        s = str_from_byte(s, n);
    }
    while (s.n) {
        size_t back = 1;
        while (back < s.n && back < 4 && ((unsigned char)s.p[s.n - back] & 0xc0) == 0x80)
            back++;
        if (text_char(s.p + s.n - back, back, &code) != back || !text_is_space(code))
            break;
        s.n -= back;
    }
    return s;
}

bool text_is_other(uint32_t c)
{
    if (c >= 0x20 && c < 0x7f)
        return false;
    size_t low = 0, high = CLEF_COUNT(other_ranges);
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (c > other_ranges[mid].to)
            low = mid + 1;
        else
            high = mid;
    }
    return low < CLEF_COUNT(other_ranges) && c >= other_ranges[low].from;
}

bool text_is_printable(uint32_t c) { return c == ' ' || (!text_is_space(c) && !text_is_other(c)); }

size_t text_ascii_run(Str s)
{
    size_t i = 0;
    for (; i + 16 <= s.n; i += 16) {
        uint64_t high = bytes16_mask(bytes16_load(s.p + i) > (uint8_t)0x7f);
        if (high)
            return i + bytes16_first(high);
    }
    while (i < s.n && (unsigned char)s.p[i] < 0x80)
        i++;
    return i;
}
