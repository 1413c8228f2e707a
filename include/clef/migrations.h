/* migrations.h: from models to the tables of a database, and the history of that. */
#ifndef CLEF_MIGRATIONS_H
#define CLEF_MIGRATIONS_H

#include <clef/migrations/migrate.h>
#include <clef/migrations/migration.h>

#endif
