/*
 * migrate.h: bringing a database to a point of the history of migrations, forwards or back. What was applied is recorded in
 * django_migrations as Django records it, so that Django finds the same history.
 *
 * An application that lists no migrations (App.migrations is NULL) has one, "0001_initial", made of its models as they are.
 */
#ifndef CLEF_MIGRATIONS_MIGRATE_H
#define CLEF_MIGRATIONS_MIGRATE_H

#include <clef/conf/app.h>
#include <clef/rt/context.h>

/* A migration before it is run, and after. */
typedef struct MigrateProgress {
    const char *app_label, *name;
    bool done;
    bool backwards; /* it is taken back */
    bool faked;     /* it was only recorded; known when it is done */
} MigrateProgress;
typedef void MigrateProgressFn(void *arg, const MigrateProgress *progress);

typedef struct MigrateOptions {
    Str alias; /* the database; "": the default one */
    const char *app,
        *name;         /* NULL: all applications; the newest of it. A name may be its beginning; "zero": none of it */
    bool fake;         /* only the records */
    bool fake_initial; /* an initial migration whose tables and columns are there is only recorded */
    MigrateProgressFn *progress;
    void *arg;
} MigrateOptions;

/*
 * How many migrations were run, each in a transaction of its own with its record. The applications are in their order, and
 * end at NULL. Sends pre_migrate and post_migrate for each application with models. Raises 500 "migration_error" for what
 * cannot be (no such migration, several newest ones, a circle), "irreversible", and what the database says: the migration
 * that failed has then left nothing behind.
 */
CLEF_API(size_t, migrate_to, Context *cx, const App *const *apps, const MigrateOptions *options);
/* All of it forwards; `progress` may be NULL. */
CLEF_API(size_t, migrate, Context *cx, Str alias, const App *const *apps, MigrateProgressFn *progress, void *arg);
/* Has the migration been applied? False also in a database without a history. */
CLEF_API(bool, migration_is_applied, Context *cx, Str alias, Str app_label, Str name);

#endif
