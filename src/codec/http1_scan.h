/*
 * http1_scan.h: how http1_head.c walks over bytes. Each function returns the first place at or behind p that does not
 * belong to a class; it has no end, because every class excludes the 0 that stands behind the buffer. Up to HTTP1_PAD
 * bytes from there on are loaded.
 *
 * SSE2 is the baseline of x86-64 and NEON that of aarch64; AVX2 is taken when the whole build asks for it. Elsewhere a
 * table walks byte by byte.
 */
#ifndef CLEF_CODEC_HTTP1_SCAN_H
#define CLEF_CODEC_HTTP1_SCAN_H

#include <clef/base/api.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { CLASS_TOKEN = 1, CLASS_TARGET = 2, CLASS_VALUE = 4, CLASS_HOST = 8, CLASS_HEX = 16 };
typedef uint8_t Http1Classes[256];
CLEF_PRIVATE_DATA(const Http1Classes, http1_class);

static inline bool http1_is(char c, unsigned class) { return http1_class[(uint8_t)c] & class; }

static inline uint32_t http1_load32(const char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline bool http1_is_crlf(const char *p) { return memcmp(p, "\r\n", 2) == 0; }

static inline uint64_t http1_load64(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

#if defined(__SSE2__)
static inline __m128i http1_load(const char *p) { return _mm_loadu_si128((const __m128i *)(const void *)p); }
/* 0xff where the byte minus `from` is at most `width`, as unsigned numbers. */
static inline __m128i http1_in_range(__m128i v, char from, char width)
{
    __m128i d = _mm_sub_epi8(v, _mm_set1_epi8(from));
    return _mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(width)), d);
}
#elif defined(__aarch64__)
/* Four bits per byte of a comparison's result. */
static inline uint64_t http1_nibbles(uint8x16_t m)
{
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(m), 4)), 0);
}
#endif

/* The bytes of a token: names that use more than letters, digits and dashes take the table. */
static inline const char *http1_skip_token(const char *p)
{
#if defined(__SSE2__)
    __m128i v = http1_load(p);
    __m128i alpha = http1_in_range(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 25);
    __m128i plain = _mm_or_si128(alpha, _mm_or_si128(http1_in_range(v, '0', 9), _mm_cmpeq_epi8(v, _mm_set1_epi8('-'))));
    unsigned other = ~(unsigned)_mm_movemask_epi8(plain); /* never 0: the high half is set */
    p += (unsigned)__builtin_ctz(other);
    if (CLEF_LIKELY(*p == ':'))
        return p;
#elif defined(__aarch64__)
    uint8x16_t v = vld1q_u8((const uint8_t *)p);
    uint8x16_t alpha = vcleq_u8(vsubq_u8(vorrq_u8(v, vdupq_n_u8(0x20)), vdupq_n_u8('a')), vdupq_n_u8(25));
    uint8x16_t digit = vcleq_u8(vsubq_u8(v, vdupq_n_u8('0')), vdupq_n_u8(9));
    uint64_t other = ~http1_nibbles(vorrq_u8(vorrq_u8(alpha, digit), vceqq_u8(v, vdupq_n_u8('-'))));
    p += other ? __builtin_ctzll(other) / 4 : 16;
    if (CLEF_LIKELY(*p == ':'))
        return p;
#endif
    while (http1_is(*p, CLASS_TOKEN))
        p++;
    return p;
}

#if defined(__SSE2__)
/* A bit for each control character; a tab is none. */
static inline unsigned http1_controls(__m128i v)
{
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
    low = _mm_andnot_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\t')), low);
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f))));
}
#endif

#if defined(__SSE2__)
/* A bit for each byte that is no visible ASCII and no space: control characters, tabs, and bytes from 0x80 on. */
static inline unsigned http1_unusual(__m128i v)
{
    __m128i next = _mm_add_epi8(v, _mm_set1_epi8(1)); /* 0x7f becomes negative as well */
    return (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(next, _mm_set1_epi8(0x20))) ^ 0xffff;
}
#endif

/* The bytes of a header's value: everything but control characters; a tab is none. */
static inline const char *http1_skip_value(const char *p)
{
#if defined(__AVX2__)
    for (;; p += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1f)), v);
        low = _mm256_andnot_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\t')), low);
        unsigned stop =
            (unsigned)_mm256_movemask_epi8(_mm256_or_si256(low, _mm256_cmpeq_epi8(v, _mm256_set1_epi8(0x7f))));
        if (stop)
            return p + (unsigned)__builtin_ctz(stop);
    }
#elif defined(__SSE2__)
    for (;; p += 16) {
        unsigned stop = http1_controls(http1_load(p));
        if (stop)
            return p + (unsigned)__builtin_ctz(stop);
    }
#elif defined(__aarch64__)
    for (;; p += 16) {
        uint8x16_t v = vld1q_u8((const uint8_t *)p);
        uint8x16_t low = vbicq_u8(vcltq_u8(v, vdupq_n_u8(0x20)), vceqq_u8(v, vdupq_n_u8('\t')));
        uint64_t stop = http1_nibbles(vorrq_u8(low, vceqq_u8(v, vdupq_n_u8(0x7f))));
        if (stop)
            return p + __builtin_ctzll(stop) / 4;
    }
#else
    while (http1_is(*p, CLASS_VALUE))
        p++;
    return p;
#endif
}

/*
 * The visible ASCII bytes of a request target, "#" excluded. *query becomes the place of the first "?", if any, and
 * *escaped true when there is a "%".
 */
static inline const char *http1_skip_target(const char *p, const char **query, bool *escaped)
{
#if defined(__SSE2__)
    /* The usual target has no mark, and a space behind it. "#" and "%" are found with two others that are as rare. */
    unsigned stop;
    do {
        __m128i v = http1_load(p);
        __m128i good = _mm_cmpgt_epi8(_mm_add_epi8(v, _mm_set1_epi8(1)), _mm_set1_epi8(0x21));
        __m128i mark = _mm_cmpeq_epi8(_mm_and_si128(v, _mm_set1_epi8((char)0xf9)), _mm_set1_epi8(0x21));
        mark = _mm_or_si128(mark, _mm_cmpeq_epi8(v, _mm_set1_epi8('?')));
        stop = (unsigned)_mm_movemask_epi8(_mm_andnot_si128(mark, good)) ^ 0xffff;
        p += stop ? (unsigned)__builtin_ctz(stop) : 16;
    } while (!stop);
    if (CLEF_LIKELY(*p == ' '))
        return p;
    for (;; p += 16) {
        __m128i v = http1_load(p);
        __m128i good = _mm_cmpgt_epi8(v, _mm_set1_epi8(0x20)); /* signed: bytes from 0x80 on are negative */
        __m128i bad = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)), _mm_cmpeq_epi8(v, _mm_set1_epi8('#')));
        stop = ~(unsigned)_mm_movemask_epi8(_mm_andnot_si128(bad, good)) & 0xffff;
        __m128i mark = _mm_cmpeq_epi8(v, _mm_set1_epi8('?')), percent = _mm_cmpeq_epi8(v, _mm_set1_epi8('%'));
        if (CLEF_UNLIKELY(_mm_movemask_epi8(_mm_or_si128(mark, percent)))) {
            unsigned before = stop ? (stop & -stop) - 1 : 0xffff;
            unsigned marks = (unsigned)_mm_movemask_epi8(mark) & before;
            if (marks && !*query)
                *query = p + __builtin_ctz(marks);
            *escaped |= ((unsigned)_mm_movemask_epi8(percent) & before) != 0;
        }
        if (stop)
            return p + (unsigned)__builtin_ctz(stop);
    }
#else
    for (; http1_is(*p, CLASS_TARGET); p++) {
        if (*p == '?' && !*query)
            *query = p;
        *escaped |= *p == '%';
    }
    return p;
#endif
}

/* The first LF in [p, end), or NULL. */
static inline const char *http1_find_lf(const char *p, const char *end)
{
    return p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
}

#endif
