/* charset.c: names of character encodings, and decoding to UTF-8 (see charset.h). */
#include <clef/base/utf8.h>
#include <clef/codec/charset.h>

#include "codec/text.h"

enum { CHARSET_NAME_MAX = 24 };

static const struct {
    const char *name;
    Charset charset;
} names[] = {
    { "utf-8", CHARSET_UTF8 },        { "utf8", CHARSET_UTF8 },           { "u8", CHARSET_UTF8 },
    { "utf", CHARSET_UTF8 },          { "cp65001", CHARSET_UTF8 },        { "us-ascii", CHARSET_ASCII },
    { "ascii", CHARSET_ASCII },       { "646", CHARSET_ASCII },           { "ansi-x3.4-1968", CHARSET_ASCII },
    { "iso-8859-1", CHARSET_LATIN1 }, { "iso8859-1", CHARSET_LATIN1 },    { "latin-1", CHARSET_LATIN1 },
    { "latin1", CHARSET_LATIN1 },     { "latin", CHARSET_LATIN1 },        { "l1", CHARSET_LATIN1 },
    { "8859", CHARSET_LATIN1 },       { "cp819", CHARSET_LATIN1 },        { "iso-8859-15", CHARSET_LATIN9 },
    { "iso8859-15", CHARSET_LATIN9 }, { "latin-9", CHARSET_LATIN9 },      { "latin9", CHARSET_LATIN9 },
    { "l9", CHARSET_LATIN9 },         { "windows-1252", CHARSET_CP1252 }, { "cp1252", CHARSET_CP1252 },
    { "1252", CHARSET_CP1252 },       { "windows-1251", CHARSET_CP1251 }, { "cp1251", CHARSET_CP1251 },
    { "1251", CHARSET_CP1251 },       { "utf-16le", CHARSET_UTF16LE },    { "utf-16-le", CHARSET_UTF16LE },
    { "utf-16be", CHARSET_UTF16BE },  { "utf-16-be", CHARSET_UTF16BE },
};

/* 0x80 to 0x9f of Windows-1252, 0x80 to 0xbf of Windows-1251; 0: not assigned. */
static const uint16_t cp1252[32] = {
    0x20ac, 0,      0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0,      0x17d,  0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0,      0x17e,  0x178,
};
static const uint16_t cp1251[64] = {
    0x402, 0x403,  0x201a, 0x453, 0x201e, 0x2026, 0x2020, 0x2021, 0x20ac, 0x2030, 0x409,  0x2039, 0x40a,
    0x40c, 0x40b,  0x40f,  0x452, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0,      0x2122,
    0x459, 0x203a, 0x45a,  0x45c, 0x45b,  0x45f,  0xa0,   0x40e,  0x45e,  0x408,  0xa4,   0x490,  0xa6,
    0xa7,  0x401,  0xa9,   0x404, 0xab,   0xac,   0xad,   0xae,   0x407,  0xb0,   0xb1,   0x406,  0x456,
    0x491, 0xb5,   0xb6,   0xb7,  0x451,  0x2116, 0x454,  0xbb,   0x458,  0x405,  0x455,  0x457,
};

Charset charset_find(Str name)
{
    char folded[CHARSET_NAME_MAX];
    if (name.n > sizeof folded)
        return CHARSET_UNKNOWN;
    for (size_t i = 0; i < name.n; i++)
        folded[i] = name.p[i] == '_' || name.p[i] == ' ' ? '-' : name.p[i];
    for (size_t i = 0; i < CLEF_COUNT(names); i++)
        if (str_ieq(str_from(folded, name.n), str_c(names[i].name)))
            return names[i].charset;
    return CHARSET_UNKNOWN;
}

static bool utf8_add(Buf *out, Str s)
{
    for (;;) {
        size_t good = utf8_valid_prefix(s);
        buf_add(out, s.p, good);
        s = str_from_byte(s, good);
        if (s.n == 0)
            return !out->failed;
        uint32_t code;
        s = str_from_byte(s, text_char(s.p, s.n, &code));
        text_add(out, 0xfffd);
    }
}

static uint32_t code_of_byte(unsigned char c, Charset charset)
{
    uint32_t code = c;
    switch (charset) {
    case CHARSET_ASCII:
        code = c < 0x80 ? c : 0;
        break;
    case CHARSET_LATIN9: {
        static const unsigned char from[] = { 0xa4, 0xa6, 0xa8, 0xb4, 0xb8, 0xbc, 0xbd, 0xbe };
        static const uint16_t to[] = { 0x20ac, 0x160, 0x161, 0x17d, 0x17e, 0x152, 0x153, 0x178 };
        for (size_t i = 0; i < CLEF_COUNT(from); i++)
            if (c == from[i])
                code = to[i];
        break;
    }
    case CHARSET_CP1252:
        code = c >= 0x80 && c < 0xa0 ? cp1252[c - 0x80] : c;
        break;
    case CHARSET_CP1251:
        code = c >= 0xc0 ? 0x410u + (c - 0xc0u) : c >= 0x80 ? cp1251[c - 0x80] : c;
        break;
    default:
        break;
    }
    return code || c == 0 ? code : 0xfffd;
}

static bool utf16_add(Buf *out, Str s, bool big)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0;
    while (s.n - i >= 2) {
        uint32_t code = big ? (uint32_t)p[i] << 8 | p[i + 1] : (uint32_t)p[i + 1] << 8 | p[i];
        i += 2;
        if (code >= 0xd800 && code < 0xe000) {
            uint32_t low = 0;
            if (code < 0xdc00 && s.n - i >= 2)
                low = big ? (uint32_t)p[i] << 8 | p[i + 1] : (uint32_t)p[i + 1] << 8 | p[i];
            if (low >= 0xdc00 && low < 0xe000) {
                i += 2;
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            } else
                code = 0xfffd;
        }
        text_add(out, code);
    }
    if (i < s.n)
        text_add(out, 0xfffd);
    return !out->failed;
}

bool charset_decode_add(Buf *out, Str s, Charset charset)
{
    if (charset == CHARSET_UTF8 || charset == CHARSET_UNKNOWN)
        return utf8_add(out, s);
    if (charset == CHARSET_UTF16LE || charset == CHARSET_UTF16BE)
        return utf16_add(out, s, charset == CHARSET_UTF16BE);
    while (s.n) {
        size_t run = text_ascii_run(s);
        buf_add(out, s.p, run);
        s = str_from_byte(s, run);
        if (s.n) {
            text_add(out, code_of_byte((unsigned char)s.p[0], charset));
            s = str_from_byte(s, 1);
        }
    }
    return !out->failed;
}

Str charset_decode(Arena *a, Str s, Charset charset)
{
    if (charset != CHARSET_UTF16LE && charset != CHARSET_UTF16BE) {
        size_t good = charset == CHARSET_UTF8 || charset == CHARSET_UNKNOWN ? utf8_valid_prefix(s) : text_ascii_run(s);
        if (good == s.n)
            return s;
    }
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    charset_decode_add(&b, s, charset);
    return buf_view(&b);
}
