/* hash.c: SipHash with one round per block and three at the end. */
#include <clef/base/hash.h>
#include <clef/base/rand.h>

#include <sys/auxv.h>

typedef struct Sip {
    uint64_t v0, v1, v2, v3;
} Sip;

static inline uint64_t rotate(uint64_t v, int by) { return v << by | v >> (64 - by); }

static inline void sip_round(Sip *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

static inline uint64_t load_le(const unsigned char *p, size_t n)
{
    uint64_t v = 0;
    if (n == 8) {
        memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        v = __builtin_bswap64(v);
#endif
        return v;
    }
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

uint64_t hash_bytes(HashKey key, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    Sip s = { key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261,
              key.k1 ^ 0x7465646279746573 };
    uint64_t last = (uint64_t)n << 56;
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t block = load_le(p, 8);
        s.v3 ^= block;
        sip_round(&s);
        s.v0 ^= block;
    }
    last |= load_le(p, n);
    s.v3 ^= last;
    sip_round(&s);
    s.v0 ^= last;
    s.v2 ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

HashKey hash_key(uint64_t salt)
{
    HashKey root = { 0 };
    const void *kernel = (const void *)(uintptr_t)getauxval(AT_RANDOM);
    if (kernel)
        memcpy(&root, kernel, sizeof root);
    else if (!rand_bytes(&root, sizeof root))
        root.k0 = (uint64_t)(uintptr_t)&root;
    /* C libraries make their stack canary of the same bytes: only a hash of them leaves this function. */
    uint64_t first[2] = { salt, 0 }, second[2] = { salt, 1 };
    return (HashKey){ hash_bytes(root, first, sizeof first), hash_bytes(root, second, sizeof second) };
}
