/*
 * http1_names.h: known header names. A name's slot comes from its first four bytes and its last three with the colon,
 * by one multiplication; the slot's name is then compared as vectors, colon included, so that its length needs no look.
 */
#ifndef CLEF_CODEC_HTTP1_NAMES_H
#define CLEF_CODEC_HTTP1_NAMES_H

#include <clef/codec/http1.h>

#include "codec/http1_scan.h"

enum { HTTP1_NAME_MAX = 31, HTTP1_SLOT_BITS = 7 };

typedef struct Http1Name {
    _Alignas(32) char text[HTTP1_NAME_MAX]; /* lower case, a colon and zeros behind it */
    uint8_t n;
} Http1Name;

_Static_assert(sizeof(Http1Name) == 32, "one shift finds a name");

typedef Http1Name Http1Names[HDR_COUNT];
typedef uint8_t Http1Slots[1 << HTTP1_SLOT_BITS]; /* HttpKnown */

CLEF_PRIVATE_DATA(const Http1Names, http1_names);
CLEF_PRIVATE_DATA(const Http1Slots, http1_slots);

/* Bit 0x20 is set behind the exclusive or: the two cases of a letter differ in it alone. */
#define HTTP1_SLOT(first, last) ((uint32_t)((((first) ^ (last)) | 0x20202020u) * 0x9a175881u) >> (32 - HTTP1_SLOT_BITS))

/* The slot of the name at p, n bytes and a colon. Three bytes in front of p are readable when n < 3. */
static inline unsigned http1_slot(const char *p, size_t n)
{
    uint32_t first = http1_load32(p), last = http1_load32(p + n - 3);
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) {
        first = __builtin_bswap32(first);
        last = __builtin_bswap32(last);
    }
    return HTTP1_SLOT(first, last);
}

/* The number of the token at p, n > 0 bytes and a colon, with HTTP1_PAD readable bytes behind it. */
static inline HttpKnown http1_known(const char *p, size_t n)
{
    if (CLEF_UNLIKELY(n < 4 || n > HTTP1_NAME_MAX))
        return HDR_UNKNOWN;
    unsigned id = http1_slots[http1_slot(p, n)];
    const Http1Name *name = &http1_names[id];
    if (name->n != n)
        return HDR_UNKNOWN;
        /*
         * A token's byte that 0x20 turns into a letter, a digit or a dash is that letter in upper case, or the byte
         * itself.
         */
#if defined(__SSE2__)
    __m128i fold = _mm_set1_epi8(0x20);
    __m128i differ = _mm_xor_si128(_mm_or_si128(http1_load(p), fold), http1_load(name->text));
    unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(differ, _mm_setzero_si128()));
    if (CLEF_UNLIKELY(n > 16)) {
        if (same != 0xffff)
            return HDR_UNKNOWN;
        /* The last sixteen bytes: they overlap the first. */
        differ = _mm_xor_si128(_mm_or_si128(http1_load(p + n - 16), fold), http1_load(name->text + n - 16));
        same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(differ, _mm_setzero_si128()));
        return same == 0xffff ? (HttpKnown)id : HDR_UNKNOWN;
    }
    return (~same & ((1u << n) - 1)) == 0 ? (HttpKnown)id : HDR_UNKNOWN;
#else
    for (size_t i = 0; i < n; i++)
        if ((p[i] | 0x20) != name->text[i])
            return HDR_UNKNOWN;
    return (HttpKnown)id;
#endif
}

#endif
