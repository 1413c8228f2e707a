/* html.c: escaping and unescaping, declared in <clef/codec/html.h>. */
#include <clef/codec/html.h>

#include "codec/html_entities.h"
#include "codec/simd.h"

enum { ENTITY_MAX = 6 }; /* the longest text that escaping puts for one byte */

static Str entity(char c)
{
    switch (c) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '"':
        return STR("&quot;");
    case '\'':
        return STR("&#x27;");
    default:
        return (Str){ 0 };
    }
}

static inline uint64_t special_bytes(Bytes16 v)
{
    /* & and ', < and > differ by one bit. */
    return bytes16_mask(((v | (uint8_t)('&' ^ '\'')) == (uint8_t)'\'') | ((v | (uint8_t)('<' ^ '>')) == (uint8_t)'>') |
                        (v == (uint8_t)'"'));
}

static inline bool is_special(char c) { return c == '&' || c == '<' || c == '>' || c == '"' || c == '\''; }

/* Where the first byte to be escaped stands from `from` on; s.n when there is none. */
static size_t next_special(Str s, size_t from)
{
    size_t i = from;
    for (; s.n - i >= 16; i += 16) {
        uint64_t hits = special_bytes(bytes16_load(s.p + i));
        if (hits)
            return i + bytes16_first(hits);
    }
    while (i < s.n && !is_special(s.p[i]))
        i++;
    return i;
}

/* Close to the Buf's maximum: append run by run, so that exactly what fits is accepted. */
static CLEF_COLD bool escape_exact(Buf *out, Str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t clean = next_special(s, i);
        if (!buf_add(out, s.p + i, clean - i))
            return false;
        if (clean < s.n && !buf_str(out, entity(s.p[clean])))
            return false;
        i = clean + 1;
    }
    return !out->failed;
}

typedef uint64_t Halves __attribute__((vector_size(16)));

/*
 * Copies and says whether there was nothing to escape: else it stopped somewhere, and what it wrote is written over.
 * What does not fill the vectors is done by loads and stores that overlap.
 */
__attribute__((always_inline)) static inline bool copy_clean(char *to, Str s)
{
    if (s.n >= 16) {
        size_t i = 0;
        for (; i + 16 <= s.n; i += 16) {
            Bytes16 v = bytes16_load(s.p + i);
            bytes16_store(to + i, v);
            if (special_bytes(v))
                return false;
        }
        Bytes16 last = bytes16_load(s.p + s.n - 16);
        bytes16_store(to + s.n - 16, last);
        return special_bytes(last) == 0;
    }
    if (s.n >= 8) {
        uint64_t first, last;
        memcpy(&first, s.p, 8);
        memcpy(&last, s.p + s.n - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + s.n - 8, &last, 8);
        return special_bytes((Bytes16)(Halves){ first, last }) == 0;
    }
    if (s.n >= 4) {
        uint32_t first, last;
        memcpy(&first, s.p, 4);
        memcpy(&last, s.p + s.n - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + s.n - 4, &last, 4);
        return special_bytes((Bytes16)(Halves){ first | (uint64_t)last << 32, 0 }) == 0;
    }
    for (size_t i = 0; i < s.n; i++) {
        to[i] = s.p[i];
        if (is_special(s.p[i]))
            return false;
    }
    return true;
}

/*
 * The loop below writes whole vectors, of blocks of BLOCK bytes: beside the rest of s it wants this much room at any
 * time.
 */
enum { BLOCK = 16, SLACK = BLOCK * ENTITY_MAX + 16 };

/* An entity's bytes from the lowest up, and how many they are in the highest byte. */
#define ENTITY(a, b, c, d, e, f, n)                                                                         \
    ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | (uint64_t)(e) << 32 | \
     (uint64_t)(f) << 40 | (uint64_t)(n) << 56)
static inline char *put_entity(char *to, char c)
{
    static const uint64_t entities[64] = {
        ['&'] = ENTITY('&', 'a', 'm', 'p', ';', 0, 5),    ['<'] = ENTITY('&', 'l', 't', ';', 0, 0, 4),
        ['>'] = ENTITY('&', 'g', 't', ';', 0, 0, 4),      ['"'] = ENTITY('&', 'q', 'u', 'o', 't', ';', 6),
        ['\''] = ENTITY('&', '#', 'x', '2', '7', ';', 6),
    };
    uint64_t e = entities[c & 63];
    memcpy(to, &e, 8);
    return to + (e >> 56);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bytes are put together from the lowest up");

/* The next 16 bytes of n, the first n of which count: the others are 0. */
static inline Bytes16 load_up_to(const char *p, size_t n)
{
    if (n >= 16)
        return bytes16_load(p);
    uint64_t low = 0, high = 0;
    if (n >= 8) {
        memcpy(&low, p, 8);
        memcpy(&high, p + n - 8, 8);
        high = n == 8 ? 0 : high >> (16 - n) * 8;
    } else if (n >= 4) {
        uint32_t first, last;
        memcpy(&first, p, 4);
        memcpy(&last, p + n - 4, 4);
        low = first | (uint64_t)last << (n - 4) * 8;
    } else {
        for (size_t i = 0; i < n; i++)
            low |= (uint64_t)(unsigned char)p[i] << 8 * i;
    }
    return (Bytes16)(Halves){ low, high };
}

bool html_escape_runs(Buf *out, Str s)
{
    size_t left = out->max > out->n ? out->max - out->n : 0;
    if (CLEF_UNLIKELY(s.n > SIZE_MAX / 16 || left < (s.n + SLACK) * ENTITY_MAX))
        return escape_exact(out, s);
    if (CLEF_UNLIKELY(!buf_reserve(out, s.n + SLACK)))
        return false;
    const char *p = s.p, *end = p + s.n;
    char *at = out->p + out->n, *room_end = out->p + out->cap;
    char tail
        [3 *
         BLOCK]; /* the last bytes, with zeros behind them: a run's copy reads a whole vector from where it begins */
    bool in_tail = false;
    while (p < end) {
        size_t n = (size_t)(end - p);
        if (n < 2 * BLOCK && !in_tail) {
            bytes16_store(tail, load_up_to(p, n));
            bytes16_store(tail + BLOCK, n > BLOCK ? load_up_to(p + BLOCK, n - BLOCK) : (Bytes16){ 0 });
            bytes16_store(tail + 2 * BLOCK, (Bytes16){ 0 });
            p = tail;
            end = tail + n;
            in_tail = true;
        }
        if (CLEF_UNLIKELY((size_t)(room_end - at) <= n + SLACK)) {
            out->n = (size_t)(at - out->p);
            if (!buf_reserve(out, n + SLACK))
                return false;
            at = out->p + out->n;
            room_end = out->p + out->cap;
        }
        size_t block = n < BLOCK ? n : BLOCK;
        Bytes16 v = bytes16_load(p);
        bytes16_store(at, v);
        const char *from = p;
        for (uint64_t hits = special_bytes(v); hits; hits = bytes16_rest(hits)) {
            const char *hit = p + bytes16_first(hits);
            at = put_entity(at + (hit - from), *hit);
            from = hit + 1;
            bytes16_store(at, bytes16_load(from));
        }
        at += block - (size_t)(from - p);
        p += block;
    }
    *at = 0;
    out->n = (size_t)(at - out->p);
    return true;
}

char *html_put_clean(char *to, Str s)
{
    bool clean = copy_clean(to, s);
    char *end = clean ? to + s.n : to;
    *end = 0;
    return clean ? end : NULL;
}

bool html_escape_add(Buf *out, Str s)
{
    /* What has room and nothing to escape needs no more than this, and no call. */
    if (CLEF_LIKELY(out->cap > out->n && s.n < out->cap - out->n && !out->failed)) {
        char *to = out->p + out->n;
        if (CLEF_LIKELY(copy_clean(to, s))) {
            out->n += s.n;
            to[s.n] = 0;
            return true;
        }
        *to = 0;
    }
    return html_escape_runs(out, s);
}

SafeStr html_escape(Arena *a, Str s)
{
    size_t first = next_special(s, 0);
    if (first == s.n)
        return (SafeStr){ s };
    Buf b = BUF_INIT(a, SIZE_MAX - 1);
    buf_reserve(&b, s.n + 64);
    buf_add(&b, s.p, first);
    html_escape_add(&b, str_from_byte(s, first));
    return (SafeStr){ buf_view(&b) };
}

static size_t put_utf8(char out[4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* What a numeric reference to c stands for, by the standard's list of repairs; 0 for nothing at all. */
static uint32_t repaired(uint32_t c)
{
    static const uint16_t windows_1252[32] = {
        0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178,
    };
    if (c >= 0x80 && c < 0xa0)
        return windows_1252[c - 0x80];
    if (c == 0 || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
        return 0xfffd;
    if (c == '\t' || c == '\n' || c == '\f' || c == '\r')
        return c;
    if (c < 0x20 || c == 0x7f || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe)
        return 0;
    return c;
}

/* s begins behind "&#". Returns the bytes that the reference takes there, or 0 when it is none. */
static size_t numeric_reference(Str s, uint32_t *c)
{
    bool hex = s.n && (s.p[0] == 'x' || s.p[0] == 'X');
    size_t i = hex, digits = 0;
    uint32_t v = 0;
    for (; i < s.n; i++, digits++) {
        unsigned char byte = (unsigned char)s.p[i];
        unsigned decimal = byte - (unsigned)'0', letter = (byte | 0x20u) - 'a';
        if (decimal > 9 && !(hex && letter < 6))
            break;
        v = v * (hex ? 16 : 10) + (decimal <= 9 ? decimal : letter + 10);
        if (v > 0x10ffff)
            v = 0x110000; /* stays too large, without a wrap */
    }
    if (digits == 0)
        return 0;
    *c = v;
    return i + (i < s.n && s.p[i] == ';');
}

static unsigned char name_byte(size_t entity_index, size_t at)
{
    return (unsigned char)html_entity_text[html_entity_at[entity_index] + at];
}

/* The first entity of [lo, hi), all alike in their first `at` bytes, whose byte there is c or more. */
static size_t lower_bound(size_t lo, size_t hi, size_t at, unsigned c)
{
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (name_byte(middle, at) < c)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

/* The longest name that s (behind the &) begins with: its length and its text, or 0. */
static size_t named_reference(Str s, Str *text)
{
    size_t lo = 0, hi = HTML_ENTITIES, found = 0;
    for (size_t i = 0; i < s.n && i < HTML_ENTITY_NAME_MAX; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == 0)
            break;
        lo = lower_bound(lo, hi, i, c);
        hi = lower_bound(lo, hi, i, c + 1u);
        if (lo == hi)
            break;
        if (name_byte(lo, i + 1) == 0) {
            found = i + 1;
            *text = str_c(html_entity_text + html_entity_at[lo] + i + 2);
        }
    }
    return found;
}

bool html_unescape_add(Buf *out, Str s)
{
    while (s.n) {
        size_t amp = str_find_byte(s, '&');
        if (amp == STR_NPOS)
            return buf_str(out, s);
        if (!buf_add(out, s.p, amp))
            return false;
        s = str_from_byte(s, amp + 1);
        char bytes[4];
        Str text = { 0 };
        size_t taken;
        if (s.n && s.p[0] == '#') {
            uint32_t c;
            taken = numeric_reference(str_from_byte(s, 1), &c);
            if (taken) {
                taken++;
                c = repaired(c);
                text = (Str){ bytes, c ? put_utf8(bytes, c) : 0 };
            }
        } else {
            taken = named_reference(s, &text);
        }
        if (!(taken ? buf_str(out, text) : buf_byte(out, '&')))
            return false;
        s = str_from_byte(s, taken);
    }
    return !out->failed;
}

Str html_unescape(Arena *a, Str s)
{
    if (str_find_byte(s, '&') == STR_NPOS)
        return s;
    Buf b = BUF_INIT(a, SIZE_MAX - 1);
    html_unescape_add(&b, s);
    return buf_view(&b);
}
