/* writer.h: migrations as C files. */
#ifndef MIGRATIONS_WRITER_H
#define MIGRATIONS_WRITER_H

#include "migrations/changes.h"

CLEF_PRIVATE(Str, migration_source, Arena *a, const Migration *m);
/* The list of an application's migrations: migrations/index.c. */
CLEF_PRIVATE(Str, migration_index_source, Arena *a, const char *app, const char *const *names, size_t n);
/* A value as the argument of DEFAULT; false when it is of another kind. */
CLEF_PRIVATE(bool, migration_value_source, Arena *a, Buf *b, Value v);

#endif
