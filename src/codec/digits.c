/* digits.c: hexadecimal, base-62 and base-36, declared in <clef/codec/base64.h>. */
#include <clef/codec/base64.h>

bool hex_add(Buf *out, Str data)
{
    static const char digits[] = "0123456789abcdef";
    if (data.n > SIZE_MAX / 2) {
        out->failed = true;
        return false;
    }
    if (!buf_reserve(out, data.n * 2))
        return false;
    char *at = out->p + out->n;
    for (size_t i = 0; i < data.n; i++) {
        unsigned char c = (unsigned char)data.p[i];
        *at++ = digits[c >> 4];
        *at++ = digits[c & 15];
    }
    *at = 0;
    out->n += data.n * 2;
    return true;
}

static unsigned hex_digit(unsigned char c)
{
    unsigned decimal = c - (unsigned)'0', letter = (c | 0x20u) - 'a';
    return decimal < 10 ? decimal : letter < 6 ? letter + 10 : 16;
}

bool hex_decode_add(Buf *out, Str text)
{
    if (text.n % 2 || !buf_reserve(out, text.n / 2))
        return false;
    char *at = out->p + out->n;
    for (size_t i = 0; i < text.n; i += 2) {
        unsigned high = hex_digit((unsigned char)text.p[i]), low = hex_digit((unsigned char)text.p[i + 1]);
        if ((high | low) & 16) {
            out->p[out->n] = 0;
            return false;
        }
        *at++ = (char)(high << 4 | low);
    }
    *at = 0;
    out->n += text.n / 2;
    return true;
}

Str hex_encode(Arena *a, Str data)
{
    Buf b = BUF_INIT(a, SIZE_MAX - 1);
    hex_add(&b, data);
    return buf_view(&b);
}

bool hex_decode(Arena *a, Str text, Str *out)
{
    Buf b = BUF_INIT(a, SIZE_MAX - 1);
    if (!hex_decode_add(&b, text))
        return false;
    *out = buf_view(&b);
    return true;
}

static const char base62_digits[63] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char base36_digits[37] = "0123456789abcdefghijklmnopqrstuvwxyz";

bool base62_add(Buf *out, int64_t v)
{
    char text[12], *end = text + sizeof text, *at = end; /* 62^11 > 2^63: eleven digits and the sign */
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do
        *--at = base62_digits[rest % 62];
    while (rest /= 62);
    if (v < 0)
        *--at = '-';
    return buf_add(out, at, (size_t)(end - at));
}

bool base62_decode(Str text, int64_t *out)
{
    bool negative = text.n && text.p[0] == '-';
    uint64_t v = 0;
    for (size_t i = negative; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        unsigned letter = (c | 0x20u) - 'a';
        uint64_t digit = c - (unsigned)'0' < 10 ? c - (unsigned)'0'
                         : letter < 26          ? letter + (c & 0x20 ? 36u : 10u)
                                                : 62;
        if (digit > 61 || __builtin_mul_overflow(v, (uint64_t)62, &v) || __builtin_add_overflow(v, digit, &v))
            return false;
    }
    if (v > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool base36_add(Buf *out, uint64_t v)
{
    char text[BASE36_DIGITS_MAX], *end = text + sizeof text, *at = end; /* 36^13 > 2^64 */
    do
        *--at = base36_digits[v % 36];
    while (v /= 36);
    return buf_add(out, at, (size_t)(end - at));
}

bool base36_decode(Str text, uint64_t *out)
{
    if (text.n == 0 || text.n > BASE36_DIGITS_MAX)
        return false;
    uint64_t v = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        unsigned letter = (c | 0x20u) - 'a';
        uint64_t digit = c - (unsigned)'0' < 10 ? c - (unsigned)'0' : letter < 26 ? letter + 10 : 36;
        if (digit > 35 || __builtin_mul_overflow(v, (uint64_t)36, &v) || __builtin_add_overflow(v, digit, &v))
            return false;
    }
    *out = v;
    return true;
}
