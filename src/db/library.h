/*
 * library.h: a client library of a database, looked up when it is first needed: a program that uses none does without
 * it.
 */
#ifndef DB_LIBRARY_H
#define DB_LIBRARY_H

#include <clef/base/api.h>

/* A function, and where its pointer stands in the driver's table. */
typedef struct LibraryFunction {
    const char *name;
    size_t at;
} LibraryFunction;

typedef enum LibraryOutcome { LIBRARY_FOUND, LIBRARY_ABSENT, LIBRARY_TOO_OLD } LibraryOutcome;

/* Fills the table. It may take some milliseconds and a deep stack. */
CLEF_PRIVATE(LibraryOutcome, library_load, const char *so, const LibraryFunction *functions, size_t n, void *table);

#if CLEF_FAULTS
/* For functions of tests that stand between: the library's own one of this name. */
CLEF_PRIVATE(void *, library_function, const char *so, const char *name);
#endif

#endif
