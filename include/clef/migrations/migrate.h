/*
 * migrate.h: bringing a database to the state of the models. For now an application has one migration, "0001_initial", made of
 * its models: it creates their tables as Django's schema editor does, and is recorded in django_migrations as Django records
 * it, so that Django finds the same history.
 */
#ifndef CLEF_MIGRATIONS_MIGRATE_H
#define CLEF_MIGRATIONS_MIGRATE_H

#include <clef/conf/app.h>
#include <clef/rt/context.h>

/* Is told of each migration before it is applied and after. */
typedef void MigrateProgressFn(void *arg, const char *app_label, const char *name, bool applied);

/*
 * Applies what the database of the alias ("": the default one) has not had yet, for the applications in their order (a list
 * that ends at NULL), each in a transaction of its own with its record. How many were applied. `progress` may be NULL.
 * Sends pre_migrate and post_migrate for each application with models. Raises what the database says.
 */
CLEF_API(size_t, migrate, Context *cx, Str alias, const App *const *apps, MigrateProgressFn *progress, void *arg);
/* Has the migration been applied? False also in a database without a history. */
CLEF_API(bool, migration_is_applied, Context *cx, Str alias, Str app_label, Str name);

#endif
