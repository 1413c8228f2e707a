/* postgresql_library.c: libpq, loaded when first needed: a program that uses no PostgreSQL does without it. */
#include "db/postgresql.h"

#include <dlfcn.h>

enum { OLDEST = 150000 };

bool pg_library_load(PgLibrary *lib, const char **missing)
{
    void *so = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!so) {
        *missing = "PostgreSQL needs libpq.so.5, which is not installed (Debian: libpq5)";
        return false;
    }
#define NAME(f)                         \
    {                                   \
        "PQ" #f, offsetof(PgLibrary, f) \
    }
    static const struct {
        const char *name;
        size_t at;
    } functions[] = { PG_FUNCTIONS(NAME) };
    _Static_assert(sizeof functions / sizeof functions[0] * sizeof(void *) == sizeof(PgLibrary),
                   "every function is looked up");
    for (size_t i = 0; i < CLEF_COUNT(functions); i++) {
        void *f = dlsym(so, functions[i].name);
        if (!f) {
            *missing = "PostgreSQL needs libpq 15 or newer; this one lacks a function";
            return false;
        }
        memcpy((char *)lib + functions[i].at, &f, sizeof f);
    }
    if (lib->libVersion() < OLDEST) {
        *missing = "PostgreSQL needs libpq 15 or newer";
        return false;
    }
    return true;
}
