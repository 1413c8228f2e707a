/*
 * vec.h: growing arrays in an arena. VEC(T) is a struct type; {0} is the empty vector.
 *
 *     VEC(int) v = { 0 };
 *     VEC_PUSH(arena, &v, 3);
 *     for (size_t i = 0; i < v.n; i++) ... v.p[i] ...
 *
 * The elements may move when the vector grows; the memory is the arena's.
 */
#ifndef CLEF_BASE_VEC_H
#define CLEF_BASE_VEC_H

#include <clef/base/arena.h>

#define VEC(T)         \
    struct {           \
        T *p;          \
        size_t n, cap; \
    }

/* Appends a value; the vector is evaluated more than once. */
#define VEC_PUSH(arena, v, ...)                                                                            \
    ((v)->n == (v)->cap ? (void)((v)->p = vec_grow((arena), (v)->p, &(v)->cap, sizeof *(v)->p)) : (void)0, \
     (void)((v)->p[(v)->n++] = (__VA_ARGS__)))
#define VEC_LAST(v) ((v)->p[(v)->n - 1])

/* Doubles the room (8 at first) of an array of *cap elements; the product is checked. */
CLEF_API(void *, vec_grow, Arena *a, void *p, size_t *cap, size_t element) CLEF_NONNULL;

#endif
