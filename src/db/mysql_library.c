/* mysql_library.c: Connector/C, loaded when first needed. */
#include "db/library.h"
#include "db/mysql.h"

bool my_library_load(MyLibrary *lib, const char **missing)
{
#define NAME(f)                    \
    {                              \
#f, offsetof(MyLibrary, f) \
    }
    static const LibraryFunction functions[] = { MY_FUNCTIONS(NAME) };
    _Static_assert(sizeof functions / sizeof functions[0] * sizeof(void *) == sizeof(MyLibrary),
                   "every function is looked up");
    LibraryOutcome outcome = library_load(MY_LIBRARY, functions, CLEF_COUNT(functions), lib);
    if (outcome == LIBRARY_ABSENT)
        *missing = "MariaDB and MySQL need libmariadb.so.3, which is not installed (Debian: libmariadb3)";
    else if (outcome == LIBRARY_TOO_OLD)
        *missing = "MariaDB and MySQL need Connector/C 3.1 or newer; this one lacks a function";
    else
        return my_library_faults(lib), true;
    return false;
}
