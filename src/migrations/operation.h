/* operation.h: what operations do to a database, and how people read them. */
#ifndef MIGRATIONS_OPERATION_H
#define MIGRATIONS_OPERATION_H

#include "migrations/state.h"

/* Who runs operations of one application against one database. */
typedef struct OperationRun {
    Context *cx;
    SchemaEditor *editor;
    const char *app;
    Str alias;
    bool atomic;       /* inside a transaction */
    bool concurrently; /* the operation that runs wants its index made while others write */
    bool collect;      /* nothing runs: functions are left out, and said to be */
} OperationRun;

/*
 * Runs one; `from` and `to` are the states before and after in the direction of travel. Raises "irreversible" for what
 * cannot be taken back.
 */
CLEF_PRIVATE(void, operation_forwards, OperationRun *run, const Operation *op, ProjectState *from, ProjectState *to);
CLEF_PRIVATE(void, operation_backwards, OperationRun *run, const Operation *op, ProjectState *from, ProjectState *to);
CLEF_PRIVATE(bool, operation_is_reversible, const Operation *op);
/* A statement of the editor as the operation that runs wants it: CREATE INDEX CONCURRENTLY, where the database has that. */
CLEF_PRIVATE(Str, operation_statement, const OperationRun *run, Str sql);

/*
 * lint.c: why the operation hurts users of a large table on this kind of database, and what is gentler; the NULL string: it
 * does not. `before`: the state before it.
 */
CLEF_PRIVATE(Str, operation_lint, Context *cx, Str vendor, const char *app, const Operation *op,
             const ProjectState *before);
/* migrate.c: the kind of the database. */
CLEF_PRIVATE(Str, migration_vendor, Context *cx, Str alias);

/* "AddField": Django's name of the kind, and the macro's but for RunFunction (RunPython); NULL for OPERATION_NONE. */
CLEF_PRIVATE(const char *, operation_name, OperationKind kind);
/* "Add field rank to post", as Django's migrate --plan shows it. */
CLEF_PRIVATE(Str, operation_describe, Arena *a, const Operation *op);
/* '+', '-', '~', '>' of Django's list of changes. */
CLEF_PRIVATE(char, operation_symbol, const Operation *op);
/* "post_rank": its part of a migration's name; NULL Str: it has none. */
CLEF_PRIVATE(Str, operation_fragment, Arena *a, const Operation *op);

#endif
