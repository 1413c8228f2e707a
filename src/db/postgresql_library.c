/* postgresql_library.c: libpq, loaded when first needed. */
#include "db/library.h"
#include "db/postgresql.h"

enum { OLDEST = 150000 };

bool pg_library_load(PgLibrary *lib, const char **missing)
{
#define NAME(f)                         \
    {                                   \
        "PQ" #f, offsetof(PgLibrary, f) \
    }
    static const LibraryFunction functions[] = { PG_FUNCTIONS(NAME) };
    _Static_assert(sizeof functions / sizeof functions[0] * sizeof(void *) == sizeof(PgLibrary),
                   "every function is looked up");
    LibraryOutcome outcome = library_load(PG_LIBRARY, functions, CLEF_COUNT(functions), lib);
    if (outcome == LIBRARY_ABSENT)
        *missing = "PostgreSQL needs libpq.so.5, which is not installed (Debian: libpq5)";
    else if (outcome == LIBRARY_TOO_OLD)
        *missing = "PostgreSQL needs libpq 15 or newer; this one lacks a function";
    else if (lib->libVersion() < OLDEST)
        *missing = "PostgreSQL needs libpq 15 or newer";
    else
        return pg_library_faults(lib), true;
    return false;
}
