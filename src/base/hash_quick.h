/*
 * hash_quick.h: a hash for texts that the program itself makes (SQL, shapes of queries): a multiplication for eight
 * bytes, and no key. What comes from outside goes through hash.h, whose collisions nobody can choose.
 */
#ifndef BASE_HASH_QUICK_H
#define BASE_HASH_QUICK_H

#include <clef/base/str.h>

static inline uint64_t hash_quick(const char *p, size_t n)
{
    const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t h = n * odd, word;
    for (; n >= 8; p += 8, n -= 8) {
        memcpy(&word, p, 8);
        h = (h ^ word) * odd;
        h ^= h >> 32;
    }
    word = 0;
    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)(uint8_t)p[i] << (8 * i);
    h = (h ^ word) * odd;
    return h ^ h >> 29;
}

#endif
