/*
 * simd.h: sixteen bytes at a time, for scans that look for the next byte of a small set. Compares are written with the
 * compiler's vector types; only the step from a vector of 0x00/0xff bytes to a bit mask differs by machine.
 *
 *     uint64_t hits = bytes16_mask(v == (uint8_t)'"' | v < (uint8_t)' ');
 *     if (hits)
 *         p += bytes16_first(hits);
 */
#ifndef CLEF_CODEC_SIMD_H
#define CLEF_CODEC_SIMD_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

typedef uint8_t Bytes16 __attribute__((vector_size(16)));

static inline Bytes16 bytes16_load(const void *p)
{
    Bytes16 v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline void bytes16_store(void *p, Bytes16 v) { memcpy(p, &v, sizeof v); }

#if defined(__SSE2__)
enum { BYTES16_SHIFT = 0 }; /* log2 of the mask's bits per byte */
static inline uint64_t bytes16_bits(Bytes16 v) { return (uint64_t)(unsigned)_mm_movemask_epi8((__m128i)v); }
#elif defined(__ARM_NEON) && defined(__aarch64__)
enum { BYTES16_SHIFT = 2 };
static inline uint64_t bytes16_bits(Bytes16 v)
{
    uint16x8_t wide = vreinterpretq_u16_u8((uint8x16_t)v);
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(wide, 4)), 0);
}
#else
enum { BYTES16_SHIFT = 0 };
static inline uint64_t bytes16_bits(Bytes16 v)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < 16; i++)
        bits |= (uint64_t)(v[i] >> 7) << i;
    return bits;
}
#endif

/* The mask of a comparison's result; the index of its first byte and the mask without that, when it is not 0. */
#define bytes16_mask(comparison) bytes16_bits((Bytes16)(comparison))
static inline unsigned bytes16_first(uint64_t mask) { return (unsigned)__builtin_ctzll(mask) >> BYTES16_SHIFT; }
static inline uint64_t bytes16_rest(uint64_t mask)
{
    uint64_t byte = (UINT64_C(1) << (1 << BYTES16_SHIFT)) - 1; /* the bits of one */
    return mask & (mask - 1) & ~(byte << __builtin_ctzll(mask));
}

#endif
