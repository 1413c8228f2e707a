/* nearest.c: which name was meant. */
#include "orm/info.h"

enum { LONGEST = 64 };

/* How many letters must be changed, put in, left out or swapped; LONGEST when it is not worth counting. */
static size_t distance(Str a, Str b)
{
    uint8_t rows[3][LONGEST + 1];
    if (a.n > LONGEST - 1 || b.n > LONGEST - 1)
        return LONGEST;
    for (size_t j = 0; j <= b.n; j++)
        rows[1][j] = (uint8_t)j;
    for (size_t i = 1; i <= a.n; i++) {
        uint8_t *row = rows[(i + 1) % 3], *last = rows[i % 3], *before = rows[(i + 2) % 3];
        row[0] = (uint8_t)i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = last[j - 1] + (size_t)(a.p[i - 1] != b.p[j - 1]);
            if (last[j] + 1u < best)
                best = last[j] + 1u;
            if (row[j - 1] + 1u < best)
                best = row[j - 1] + 1u;
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] && before[j - 2] + 1u < best)
                best = before[j - 2] + 1u;
            row[j] = (uint8_t)best;
        }
    }
    return rows[(a.n + 1) % 3][b.n];
}

Str nearest_of(Str name, const Str *candidates, size_t n)
{
    Str best = { 0 };
    size_t least = name.n / 3 + 2;
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(name, candidates[i]);
        if (d < least) {
            least = d;
            best = candidates[i];
        }
    }
    return best;
}
