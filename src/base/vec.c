/* vec.c: the growing half of <clef/base/vec.h>. */
#include <clef/base/vec.h>

void *vec_grow(Arena *a, void *p, size_t *cap, size_t element)
{
    size_t old_n = *cap * element;
    size_t new_cap = *cap ? *cap * 2 : 8;
    size_t new_n;
    if (new_cap < *cap || __builtin_mul_overflow(new_cap, element, &new_n))
        new_n = SIZE_MAX; /* no arena can hold it: its limit handler says so */
    void *q = arena_grow(a, p, old_n, new_n);
    *cap = new_cap;
    return q;
}
