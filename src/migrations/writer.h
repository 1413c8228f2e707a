/* writer.h: migrations as C files. */
#ifndef MIGRATIONS_WRITER_H
#define MIGRATIONS_WRITER_H

#include "migrations/changes.h"

CLEF_PRIVATE(Str, migration_source, Arena *a, const Migration *m);
/* The list of an application's migrations: migrations/index.c. */
CLEF_PRIVATE(Str, migration_index_source, Arena *a, const char *app, const char *const *names, size_t n);
/* A value as an initialiser of DEFAULT; false when C has no constant for it. */
CLEF_PRIVATE(bool, migration_value_source, Arena *a, Buf *b, Value v);

#endif
