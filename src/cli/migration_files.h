/* migration_files.h: the folder of an application's migrations, for the commands that write there. */
#ifndef CLEF_SRC_CLI_MIGRATION_FILES_H
#define CLEF_SRC_CLI_MIGRATION_FILES_H

#include "cli/commands.h"
#include "migrations/changes.h"
#include <clef/migrations.h>

/* "blog/migrations". */
CLEF_PRIVATE(Str, migration_folder, CommandCall *c, const App *app);
/* Writes NAME.c there, making the folder; its path. Raises "cannot_write". */
CLEF_PRIVATE(Str, migration_write, CommandCall *c, const App *app, const char *name, Str source);
/* Writes index.c: what the application lists, and these. */
CLEF_PRIVATE(void, migration_index_write, CommandCall *c, const App *app, const char *const *more, size_t n);
/* Writes index.c: what the application lists, another name in the place of one. */
CLEF_PRIVATE(void, migration_index_change, CommandCall *c, const App *app, const char *old_name, const char *new_name);
/* migration_update.c: the chosen changes go into the last migrations of their applications. Raises "migration_error". */
CLEF_PRIVATE(void, migrations_update, CommandCall *c, const Change *changes, const bool *chosen, size_t n);
/* By label; raises "lookup_error". */
CLEF_PRIVATE(const App *, migration_app, CommandCall *c, const App *const *apps, Str label);
/* A line that a person types; false at the end of the input. */
CLEF_PRIVATE(bool, answer_read, CommandCall *c, Str *out);

#endif
