/* copy.h: copies of a few bytes, where a call of memcpy() would be most of the work. */
#ifndef CLEF_SRC_BASE_COPY_H
#define CLEF_SRC_BASE_COPY_H

#include <clef/base/api.h>
#include <string.h>

/* Copies n bytes that do not overlap; returns the end. Names and values of headers mostly have 8 to 32. */
static inline char *copy_text(char *to, const char *from, size_t n)
{
    struct Half {
        char p[16];
    } a, b;
    if (CLEF_LIKELY(n - 8 <= 8)) {
        uint64_t first, last; /* which may overlap each other */
        memcpy(&first, from, 8);
        memcpy(&last, from + n - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + n - 8, &last, 8);
    } else if (n - 16 <= 16) {
        memcpy(&a, from, 16);
        memcpy(&b, from + n - 16, 16);
        memcpy(to, &a, 16);
        memcpy(to + n - 16, &b, 16);
    } else if (n) {
        memcpy(to, from, n);
    }
    return to + n;
}

#endif
