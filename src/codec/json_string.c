/* json_string.c: strings of the JSON writer, with their escapes. */
#include <clef/base/utf8.h>

#include "codec/json_text.h"
#include "codec/simd.h"

enum { ESCAPE = 1, MARKUP = 2, ABOVE_ASCII = 4 };

static const uint8_t kinds[256] = {
    [0 ... 31] = ESCAPE, ['"'] = ESCAPE, ['\\'] = ESCAPE,     ['<'] = MARKUP,
    ['>'] = MARKUP,      ['&'] = MARKUP, [127] = ABOVE_ASCII, [128 ... 255] = ABOVE_ASCII,
};

/* Where the first byte that cannot be copied stands from `from` on; s.n when there is none. */
static size_t next_special(Str s, size_t from, uint8_t mask)
{
    size_t i = from;
    for (; s.n - i >= 16; i += 16) {
        Bytes16 v = bytes16_load(s.p + i);
        uint64_t hits =
            bytes16_mask((v == (uint8_t)'"') | (v == (uint8_t)'\\') | (v < (uint8_t)0x20) | (v >= (uint8_t)0x7f));
        if (CLEF_UNLIKELY(mask & MARKUP))
            hits |= bytes16_mask((v == (uint8_t)'<') | (v == (uint8_t)'>') | (v == (uint8_t)'&'));
        if (hits)
            return i + bytes16_first(hits);
    }
    while (i < s.n && !(kinds[(unsigned char)s.p[i]] & mask))
        i++;
    return i;
}

static bool add_u(Buf *out, uint32_t c)
{
    static const char upper[] = "0123456789ABCDEF", lower[] = "0123456789abcdef";
    /* Django's json_script writes its three escapes in upper case, Python's json in lower case. */
    const char *digits = c == '<' || c == '>' || c == '&' ? upper : lower;
    char text[6] = { '\\', 'u', digits[c >> 12], digits[c >> 8 & 15], digits[c >> 4 & 15], digits[c & 15] };
    return buf_add(out, text, sizeof text);
}

static bool add_escape(Buf *out, char c)
{
    switch (c) {
    case '"':
        return BUF_LIT(out, "\\\"");
    case '\\':
        return BUF_LIT(out, "\\\\");
    case '\n':
        return BUF_LIT(out, "\\n");
    case '\r':
        return BUF_LIT(out, "\\r");
    case '\t':
        return BUF_LIT(out, "\\t");
    case '\b':
        return BUF_LIT(out, "\\b");
    case '\f':
        return BUF_LIT(out, "\\f");
    default:
        return add_u(out, (unsigned char)c);
    }
}

/* The character at s.p[*at], which is not plain ASCII, and *at moved behind it. */
static bool add_character(Buf *out, Str s, size_t *at, const JsonStyle *style)
{
    size_t start = *at;
    uint32_t c = utf8_next(s, at);
    if (!style->unicode) {
        if (c < 0x10000)
            return add_u(out, c);
        return add_u(out, 0xd800 + ((c - 0x10000) >> 10)) && add_u(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
    }
    if (c == UTF8_REPLACEMENT)
        return BUF_LIT(out, "\xef\xbf\xbd");
    if (style->line_separators && (c == 0x2028 || c == 0x2029))
        return add_u(out, c);
    return buf_add(out, s.p + start, *at - start);
}

bool json_string_add(Buf *out, Str s, JsonStyle style)
{
    uint8_t mask = (uint8_t)(ESCAPE | ABOVE_ASCII | (style.html_safe ? MARKUP : 0));
    size_t at = next_special(s, 0, mask);
    if (CLEF_LIKELY(at == s.n) && s.n < SIZE_MAX - 2) {
        if (!buf_reserve(out, s.n + 2))
            return false;
        char *to = out->p + out->n;
        *to++ = '"';
        if (s.n)
            memcpy(to, s.p, s.n);
        to[s.n] = '"';
        to[s.n + 1] = 0;
        out->n += s.n + 2;
        return true;
    }
    buf_byte(out, '"');
    for (size_t from = 0;;) {
        if (!buf_add(out, s.p ? s.p + from : s.p, at - from) || at == s.n)
            break;
        uint8_t kind = kinds[(unsigned char)s.p[at]];
        if (kind & ABOVE_ASCII)
            add_character(out, s, &at, &style);
        else if (kind & ESCAPE)
            add_escape(out, s.p[at++]);
        else
            add_u(out, (unsigned char)s.p[at++]);
        from = at;
        at = next_special(s, from, mask);
    }
    return buf_byte(out, '"');
}
