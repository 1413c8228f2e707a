/* utf8.c: <clef/base/utf8.h>. ASCII goes by vectors of 16 bytes, four at a time; the rest by one step per sequence. */
#include <clef/base/buf.h>
#include <clef/base/utf8.h>

typedef unsigned char Bytes16 __attribute__((vector_size(16)));

#if defined(__SSE2__)
#include <emmintrin.h>
static inline unsigned high_bits(Bytes16 v) { return (unsigned)_mm_movemask_epi8((__m128i)v); }
#else
static inline bool high_bits(Bytes16 v)
{
    uint64_t half[2];
    memcpy(half, &v, sizeof half);
    return ((half[0] | half[1]) & 0x8080808080808080u) != 0;
}
#endif

static inline Bytes16 load(const unsigned char *p)
{
    Bytes16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* The first byte from p on that is not ASCII, or end. */
static inline const unsigned char *skip_ascii(const unsigned char *p, const unsigned char *end)
{
    while (end - p >= 64) {
        if (high_bits(load(p) | load(p + 16) | load(p + 32) | load(p + 48)))
            break;
        p += 64;
    }
    while (end - p >= 16) {
#if defined(__SSE2__)
        unsigned bits = high_bits(load(p));
        if (bits)
            return p + __builtin_ctz(bits);
#else
        if (high_bits(load(p)))
            break;
#endif
        p += 16;
    }
    while (p < end && *p < 0x80)
        p++;
    return p;
}

/*
 * The length of the sequence at p (its first byte is not ASCII), or, negative, of the ill-formed part: the longest start of
 * some valid sequence, at least one byte.
 */
static inline int sequence(const unsigned char *p, const unsigned char *end)
{
    unsigned lead = p[0];
    unsigned low = 0x80, high = 0xbf;
    int n;
    if (lead < 0xc2 || lead > 0xf4)
        return -1;
    if (lead < 0xe0) {
        n = 2;
    } else if (lead < 0xf0) {
        n = 3;
        if (lead == 0xe0)
            low = 0xa0;
        else if (lead == 0xed)
            high = 0x9f;
    } else {
        n = 4;
        if (lead == 0xf0)
            low = 0x90;
        else if (lead == 0xf4)
            high = 0x8f;
    }
    if (end - p < 2 || p[1] < low || p[1] > high)
        return -1;
    for (int i = 2; i < n; i++)
        if (end - p <= i || (p[i] & 0xc0) != 0x80)
            return -i;
    return n;
}

size_t utf8_valid_prefix(Str s)
{
    if (s.n == 0)
        return 0;
    const unsigned char *start = (const unsigned char *)s.p, *p = start, *end = start + s.n;
    for (;;) {
        p = skip_ascii(p, end);
        while (p < end && *p >= 0x80) {
            int n = sequence(p, end);
            if (n < 0)
                return (size_t)(p - start);
            p += n;
        }
        if (p == end)
            return s.n;
    }
}

bool utf8_valid(Str s) { return utf8_valid_prefix(s) == s.n; }

bool utf8_is_ascii(Str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    return s.n == 0 || skip_ascii(p, p + s.n) == p + s.n;
}

uint32_t utf8_next(Str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.p + *at, *end = (const unsigned char *)s.p + s.n;
    if (*p < 0x80) {
        ++*at;
        return *p;
    }
    int n = sequence(p, end);
    if (n < 0) {
        *at += (size_t)-n;
        return UTF8_REPLACEMENT;
    }
    *at += (size_t)n;
    if (n == 2)
        return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    if (n == 3)
        return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
}

size_t utf8_encode(uint32_t c, char out[UTF8_MAX])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        if (c >= 0xd800 && c < 0xe000)
            return 0;
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    if (c > 0x10ffff)
        return 0;
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* Walks over up to n code points; *walked says how many there were. */
static const unsigned char *walk(Str s, size_t n, size_t *walked)
{
    const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;
    size_t done = 0;
    while (p < end && done < n) {
        size_t room = (size_t)(end - p) < n - done ? (size_t)(end - p) : n - done;
        const unsigned char *ascii_end = skip_ascii(p, p + room);
        done += (size_t)(ascii_end - p);
        p = ascii_end;
        while (p < end && done < n && *p >= 0x80) {
            int length = sequence(p, end);
            p += length < 0 ? -length : length;
            done++;
        }
    }
    *walked = done;
    return p;
}

size_t utf8_count(Str s)
{
    size_t n = 0;
    if (s.n)
        walk(s, SIZE_MAX, &n);
    return n;
}

size_t utf8_offset(Str s, size_t n)
{
    size_t walked;
    return s.n ? (size_t)((const char *)walk(s, n, &walked) - s.p) : 0;
}

Str utf8_slice(Str s, size_t from, size_t to)
{
    size_t start = utf8_offset(s, from);
    Str rest = str_from_byte(s, start);
    return str_slice(rest, 0, to > from ? utf8_offset(rest, to - from) : 0);
}

Str utf8_replace(Arena *a, Str s)
{
    size_t good = utf8_valid_prefix(s);
    if (good == s.n)
        return s;
    Buf b = BUF_INIT(a, SIZE_MAX - 1);
    while (s.n) {
        buf_add(&b, s.p, good);
        s = str_from_byte(s, good);
        if (s.n) {
            size_t at = 0;
            utf8_next(s, &at);
            BUF_LIT(&b, "\xef\xbf\xbd");
            s = str_from_byte(s, at);
        }
        good = utf8_valid_prefix(s);
    }
    return buf_view(&b);
}
