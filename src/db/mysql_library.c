/* mysql_library.c: Connector/C, loaded when first needed. */
#include "db/mysql.h"

#include <dlfcn.h>

bool my_library_load(MyLibrary *lib, const char **missing)
{
    void *so = dlopen("libmariadb.so.3", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!so) {
        *missing = "MariaDB and MySQL need libmariadb.so.3, which is not installed (Debian: libmariadb3)";
        return false;
    }
#define NAME(f)                    \
    {                              \
#f, offsetof(MyLibrary, f) \
    }
    static const struct {
        const char *name;
        size_t at;
    } functions[] = { MY_FUNCTIONS(NAME) };
    _Static_assert(sizeof functions / sizeof functions[0] * sizeof(void *) == sizeof(MyLibrary),
                   "every function is looked up");
    for (size_t i = 0; i < CLEF_COUNT(functions); i++) {
        void *f = dlsym(so, functions[i].name);
        if (!f) {
            *missing = "MariaDB and MySQL need Connector/C 3.1 or newer; this one lacks a function";
            return false;
        }
        memcpy((char *)lib + functions[i].at, &f, sizeof f);
    }
    return true;
}
