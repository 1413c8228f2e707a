/* names.h: a table from names to pointers, filled at start and then only read. Its names are the program's own. */
#ifndef URLS_NAMES_H
#define URLS_NAMES_H

#include <clef/base/arena.h>
#include <clef/base/str.h>

typedef struct Name {
    Str key; /* p NULL: free */
    void *value;
} Name;

typedef struct Names {
    Name *p;
    size_t n, cap; /* cap: a power of two, or 0 */
} Names;

CLEF_PRIVATE(void *, names_get, const Names *t, Str key);
/* Adds or replaces. The key is borrowed. */
CLEF_PRIVATE(void, names_set, Arena *a, Names *t, Str key, void *value);

#endif
