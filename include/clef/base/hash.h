/*
 * hash.h: the keyed hash behind every table whose keys may come from outside. It is SipHash-1-3 (the hash of Rust's and
 * Python's tables): without the key nobody can choose keys that collide. It is no signature: for those see the crypto
 * part of codec.
 */
#ifndef CLEF_BASE_HASH_H
#define CLEF_BASE_HASH_H

#include <clef/base/str.h>

typedef struct HashKey {
    uint64_t k0, k1;
} HashKey;

/*
 * A key made of the 16 random bytes that the kernel gives each program at its start (AT_RANDOM; where there are none, of
 * getrandom), mixed with `salt`. The same salt gives the same key until the next exec, in forked children too. Costs no
 * system call. The random bytes themselves cannot be computed from the key.
 */
CLEF_API(HashKey, hash_key, uint64_t salt);

CLEF_API(uint64_t, hash_bytes, HashKey key, const void *p, size_t n) CLEF_PURE;
static inline uint64_t hash_str(HashKey key, Str s) { return hash_bytes(key, s.p, s.n); }
static inline uint64_t hash_u64(HashKey key, uint64_t v) { return hash_bytes(key, &v, sizeof v); }

#endif
