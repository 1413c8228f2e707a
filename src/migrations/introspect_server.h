/* introspect_server.h: the part of introspect.c that asks PostgreSQL, MariaDB and MySQL. */
#ifndef MIGRATIONS_INTROSPECT_SERVER_H
#define MIGRATIONS_INTROSPECT_SERVER_H

#include "migrations/introspect.h"
#include <clef/orm/databases.h>

/* A statement: names, and 't', 'v' or 'p'. */
CLEF_PRIVATE(const char *, introspect_server_tables, const char *vendor);
CLEF_PRIVATE(void, introspect_server, Context *cx, Str alias, const char *vendor, TableShown *t);

/* introspect.c: a cell as text (the NULL string: none), as a number (0: none). */
CLEF_PRIVATE(Str, introspect_text, const SqlRows *rows, size_t row, size_t column);
CLEF_PRIVATE(int64_t, introspect_number, const SqlRows *rows, size_t row, size_t column);
CLEF_PRIVATE(TableColumn *, introspect_column, TableShown *t, Str name);

#endif
