#include "db/library.h"

#include <dlfcn.h>
#include <string.h>

static void *open_library(const char *so) { return dlopen(so, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE); }

LibraryOutcome library_load(const char *so, const LibraryFunction *functions, size_t n, void *table)
{
    void *library = open_library(so);
    if (!library)
        return LIBRARY_ABSENT;
    for (size_t i = 0; i < n; i++) {
        void *f = dlsym(library, functions[i].name);
        if (!f)
            return LIBRARY_TOO_OLD;
        memcpy((char *)table + functions[i].at, &f, sizeof f);
    }
    return LIBRARY_FOUND;
}

#if CLEF_FAULTS
void *library_function(const char *so, const char *name)
{
    void *library = open_library(so);
    return library ? dlsym(library, name) : NULL;
}
#endif
