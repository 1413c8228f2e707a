/* rand.c: getrandom(2) and what is made of it. */
#include <clef/base/arena.h>
#include <clef/base/rand.h>

#include <errno.h>
#include <sys/random.h>

bool rand_bytes(void *p, size_t n)
{
    unsigned char *at = p;
    while (n) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

bool rand_below(uint64_t n, uint64_t *out)
{
    if (n == 0)
        return false;
    /* The first 2^64 mod n numbers are refused: what is left is a whole number of times n. */
    uint64_t refused = (0 - n) % n, v;
    do {
        if (!rand_bytes(&v, sizeof v))
            return false;
    } while (v < refused);
    *out = v % n;
    return true;
}

bool rand_str(Arena *a, size_t n, Str alphabet, Str *out)
{
    if (n > RAND_STR_MAX || alphabet.n == 0 || alphabet.n > 256)
        return false;
    char *p = arena_alloc(a, n + 1);
    unsigned usable = 256 - 256 % (unsigned)alphabet.n;
    size_t done = 0;
    while (done < n) {
        unsigned char pool[128];
        size_t want = n - done + (n - done) / 4 + 4;
        if (want > sizeof pool)
            want = sizeof pool;
        if (!rand_bytes(pool, want))
            return false;
        for (size_t i = 0; i < want && done < n; i++)
            if (pool[i] < usable)
                p[done++] = alphabet.p[pool[i] % alphabet.n];
    }
    p[n] = 0;
    *out = (Str){ p, n };
    return true;
}
