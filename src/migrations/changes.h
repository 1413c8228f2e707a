/*
 * changes.h: what has changed between two states, as operations in migrations: Django's autodetector, with its order, its
 * names and its questions.
 */
#ifndef MIGRATIONS_CHANGES_H
#define MIGRATIONS_CHANGES_H

#include "migrations/operation.h"

/* Who answers what cannot be seen from two states. Any member may be NULL: no, or no default. */
typedef struct Questioner {
    bool (*renamed_model)(void *arg, const char *app, const char *old_name, const char *new_name);
    bool (*renamed_field)(void *arg, const char *model, const char *old_name, const char *new_name, const Field *field);
    /* A column that may not be NULL, for rows that are there. False: none; the column is made without, for new rows. */
    bool (*default_for_new)(void *arg, const char *model, const Field *field, Value *out);
    /* A column that may no longer be NULL. False: the rows are left to a RunFunction or RunSQL. */
    bool (*default_for_null)(void *arg, const char *model, const Field *field, Value *out);
    void *arg;
} Questioner;

typedef struct Change {
    const char *app;
    const char *name; /* "0002_post_rank" */
    bool initial;
    const Operation *operations; /* ends at OPERATION_NONE */
    const MigrationKey *dependencies;
    Migration migration; /* all of it as one */
} Change;

/* What is known of migrations that exist. */
typedef struct KnownMigrations {
    /* The name of the last migration of an application; NULL: it has none. */
    const char *(*leaf)(void *arg, const char *app);
    void *arg;
} KnownMigrations;

/*
 * The migrations that lead from one state to the other, an application's in order. `name`: for all of them; NULL: Django's.
 * Raises 500 "migration_error" when dependencies go in a circle.
 */
CLEF_PRIVATE(size_t, changes_detect, Context *cx, ProjectState *from, ProjectState *to, const Questioner *q,
             const KnownMigrations *known, const char *name, Change **out);

/* optimizer.c: the same in fewer operations. `operations` ends at OPERATION_NONE; so does what it returns. */
CLEF_PRIVATE(const Operation *, operations_optimize, Arena *a, const char *app, const Operation *operations);
CLEF_PRIVATE(size_t, operations_count, const Operation *operations);
/* "initial", "post_rank", ...: without the number. */
CLEF_PRIVATE(Str, operations_name, Arena *a, const Operation *operations, bool initial);
/* The application and the lowered name of "app.Model". */
CLEF_PRIVATE(void, label_split, Arena *a, const char *label, const char **app, const char **lower);

#endif
