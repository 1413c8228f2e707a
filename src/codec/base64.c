/* base64.c: the encodings of <clef/codec/base64.h>. */
#include <clef/codec/base64.h>

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char standard_digits[65] = ALNUM "+/";
static const char url_digits[65] = ALNUM "-_";

bool base64_add(Buf *out, Str data, unsigned flags)
{
    const char *digits = flags & BASE64_URL ? url_digits : standard_digits;
    if (data.n / 3 > (SIZE_MAX - 8) / 4) {
        out->failed = true;
        return false;
    }
    size_t tail = data.n % 3;
    size_t pad = flags & BASE64_UNPADDED ? 0 : tail ? 3 - tail : 0;
    if (!buf_reserve(out, data.n / 3 * 4 + (tail ? tail + 1 : 0) + pad))
        return false;
    char *at = out->p + out->n;
    const unsigned char *p = (const unsigned char *)data.p, *end = p + (data.n - tail);
    for (; p < end; p += 3) {
        uint32_t v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        *at++ = digits[v >> 18];
        *at++ = digits[v >> 12 & 63];
        *at++ = digits[v >> 6 & 63];
        *at++ = digits[v & 63];
    }
    if (tail) {
        uint32_t v = (uint32_t)p[0] << 16 | (tail == 2 ? (uint32_t)p[1] << 8 : 0);
        *at++ = digits[v >> 18];
        *at++ = digits[v >> 12 & 63];
        if (tail == 2)
            *at++ = digits[v >> 6 & 63];
        while (pad--)
            *at++ = '=';
    }
    *at = 0;
    out->n = (size_t)(at - out->p);
    return true;
}

/* The value of a digit, or 64 and more. */
static unsigned digit_of(unsigned char c, unsigned flags)
{
    unsigned letter = (c | 0x20u) - 'a';
    if (letter < 26)
        return letter + (c & 0x20 ? 26 : 0);
    if (c - (unsigned)'0' < 10)
        return c - (unsigned)'0' + 52;
    if (flags & BASE64_URL)
        return c == '-' ? 62 : c == '_' ? 63 : 64;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

static bool decode_strict(Buf *out, Str text, unsigned flags)
{
    size_t n = text.n;
    if (!(flags & BASE64_UNPADDED) || (n && text.p[n - 1] == '=')) {
        if (n % 4)
            return false;
        if (n && text.p[n - 1] == '=')
            n -= text.p[n - 2] == '=' ? 2 : 1;
    }
    size_t tail = n % 4;
    if (tail == 1)
        return false;
    if (!buf_reserve(out, n / 4 * 3 + (tail ? tail - 1 : 0)))
        return false;
    char *at = out->p + out->n;
    const unsigned char *p = (const unsigned char *)text.p, *end = p + (n - tail);
    for (; p < end; p += 4) {
        unsigned a = digit_of(p[0], flags), b = digit_of(p[1], flags), c = digit_of(p[2], flags),
                 d = digit_of(p[3], flags);
        if ((a | b | c | d) & 64)
            return false;
        uint32_t v = a << 18 | b << 12 | c << 6 | d;
        *at++ = (char)(v >> 16);
        *at++ = (char)(v >> 8);
        *at++ = (char)v;
    }
    if (tail) {
        unsigned a = digit_of(p[0], flags), b = digit_of(p[1], flags), c = tail == 3 ? digit_of(p[2], flags) : 0;
        if ((a | b | c) & 64)
            return false;
        uint32_t v = a << 18 | b << 12 | c << 6;
        if (v & (tail == 3 ? 0xffu : 0xffffu))
            return false;
        *at++ = (char)(v >> 16);
        if (tail == 3)
            *at++ = (char)(v >> 8);
    }
    *at = 0;
    out->n = (size_t)(at - out->p);
    return true;
}

static bool decode_mime(Buf *out, Str text, unsigned flags)
{
    if (!buf_reserve(out, text.n / 4 * 3 + 3))
        return false;
    char *at = out->p + out->n;
    unsigned have = 0, pads = 0;
    uint32_t v = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '=') {
            if (have >= 2 && have + ++pads >= 4) {
                have = 0;
                break;
            }
            continue;
        }
        unsigned digit = digit_of((unsigned char)text.p[i], flags);
        if (digit > 63)
            continue;
        pads = 0;
        v = v << 6 | digit;
        switch (have++) {
        case 1:
            *at++ = (char)(v >> 4);
            break;
        case 2:
            *at++ = (char)(v >> 2);
            break;
        case 3:
            *at++ = (char)v;
            have = 0;
            break;
        }
    }
    if (have) {
        out->p[out->n] = 0;
        return false;
    }
    *at = 0;
    out->n = (size_t)(at - out->p);
    return true;
}

bool base64_decode_add(Buf *out, Str text, unsigned flags)
{
    if (flags & BASE64_MIME)
        return decode_mime(out, text, flags);
    bool ok = decode_strict(out, text, flags);
    if (!ok && out->p)
        out->p[out->n] = 0;
    return ok;
}

Str base64_encode(Arena *a, Str data, unsigned flags)
{
    Buf b = BUF_INIT(a, SIZE_MAX - 1);
    base64_add(&b, data, flags);
    return buf_view(&b);
}

bool base64_decode(Arena *a, Str text, unsigned flags, Str *out)
{
    Buf b = BUF_INIT(a, SIZE_MAX - 1);
    if (!base64_decode_add(&b, text, flags))
        return false;
    *out = buf_view(&b);
    return true;
}
