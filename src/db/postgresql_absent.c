/* postgresql_absent.c: the driver of a build without libpq's headers. */
#include "db/absent.h"
#include <clef/db/postgresql.h>

const DbDriver postgresql_driver = ABSENT_DRIVER("postgresql", "PostgreSQL");
