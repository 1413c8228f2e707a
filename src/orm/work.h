/* work.h: what a context has open on its databases, and statements in its name. */
#ifndef ORM_WORK_H
#define ORM_WORK_H

#include "orm/info.h"
#include <clef/orm/databases.h>
#include <clef/orm/transaction.h>

typedef struct AtomicScope AtomicScope;

/* Of one context; made when it first asks a database. */
typedef struct DbWork {
    Context *cx;
    AtomicScope *innermost, *spare_scopes;
    struct Reading *spare_readings;
    LoggedQuery *oldest, *newest;
    size_t queries, kept;
    bool keep;
    struct DbWork *root;   /* of the work that this is a part of; itself mostly */
    DbConnection *waits;   /* of the root: on which it waits; NULL: on none */
    DbCursor *waits_for;   /* the statement */
    DbConnection *guarded; /* whose memory may run out now */
    struct Fiber *fiber;   /* that works for it */
    struct OneByOneCount *one_by_one;
} DbWork;

struct AtomicScope {
    AtomicScope *outer; /* of any database */
    Context *cx;
    DbPool *pool;
    DbConnection *c;
    unsigned depth; /* 0: the transaction; else the number of the savepoint */
    bool no_savepoint, rollback;
    struct CommitHook *hooks, *last_hook;
};

/* A statement in progress. */
typedef struct Reading {
    Context *cx;
    DbConnection *c;
    DbCursor cursor;
    bool held; /* by a transaction */
    struct Reading *next;
} Reading;

CLEF_PRIVATE(DbWork *, db_work, Context *cx) CLEF_NONNULL;
CLEF_PRIVATE(DbPool *, work_pool, Context *cx, Str alias) CLEF_NONNULL;
/* The innermost scope of the pool's database; NULL outside of transactions. */
CLEF_PRIVATE(AtomicScope *, work_scope, const DbWork *w, const DbPool *pool);
/* `shared`: for one statement, so others may use the connection, too. */
CLEF_PRIVATE(DbConnection *, work_take, Context *cx, DbPool *pool, const ModelInfo *info, bool shared) CLEF_NONNULL;

/*
 * Runs a statement; raises what goes wrong (`info` may be NULL: whose statement it is, for the message). After
 * reading_begin, reading_step until false, then reading_end. A raise in between closes it.
 */
CLEF_PRIVATE(Reading *, reading_begin, Context *cx, Str alias, const ModelInfo *info, Str sql, const Value *params,
             size_t n)
CLEF_NONNULL;
/* For more rows than should stand in memory: they come from the server as they are read. */
CLEF_PRIVATE(Reading *, reading_begin_streaming, Context *cx, Str alias, const ModelInfo *info, Str sql,
             const Value *params, size_t n)
CLEF_NONNULL;
CLEF_PRIVATE(bool, reading_step, Reading *r, const ModelInfo *info);
CLEF_PRIVATE(DbDone, reading_end, Reading *r);
CLEF_PRIVATE(DbDone, work_execute, Context *cx, Str alias, const ModelInfo *info, Str sql, const Value *params,
             size_t n);

/* Rows by db_copy, into the model's table; how many. Nothing may leave `rows` by a jump. */
CLEF_PRIVATE(size_t, work_copy, Context *cx, Str alias, const ModelInfo *info, const Str *columns, size_t ncolumns,
             DbRowsFn *rows, void *arg);

/* Raises when the work has been interrupted, or its time is over. */
CLEF_PRIVATE(void, work_check, Context *cx);
/* Around what may wait on a connection: an interruption cancels it. */
static inline void work_waits(DbWork *w, DbConnection *c, DbCursor *cursor)
{
    w->root->waits = c;
    w->root->waits_for = cursor;
}

CLEF_PRIVATE(void, work_raise, Context *cx, const DbError *e, const ModelInfo *info) CLEF_NORETURN;

#endif
