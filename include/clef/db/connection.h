/*
 * connection.h: one connection to a database, used by one fiber at a time, and cursors over what a statement gives.
 *
 *     DbCursor cursor;
 *     if (db_query(c, &cursor, STR("SELECT \"id\", \"title\" FROM \"blog_post\" WHERE \"views\" > ?"), params, 1)) {
 *         Value cells[2];
 *         while (db_step(&cursor) == DB_ROW) {
 *             db_row(&cursor, cells);
 *             ...
 *         }
 *     }
 *     db_finish(&cursor);
 *     if (c->error.kind) ...
 *
 * Every function that can fail says so by its result and fills c->error (message, SQL, kind), which stays until the next
 * statement of the connection. Placeholders are `?`. Nothing here raises.
 */
#ifndef CLEF_DB_CONNECTION_H
#define CLEF_DB_CONNECTION_H

#include <clef/db/driver.h>

typedef struct DbPool DbPool;

/* A statement that was run. The pointers live as long as the call. */
typedef struct DbQueryEvent {
    const DbConnection *connection;
    Str sql;
    const Value *params;
    size_t nparams;
    int64_t duration_ns;  /* from the preparation to the end of the last row */
    const DbError *error; /* NULL: it went well */
} DbQueryEvent;
typedef void DbQueryFn(void *arg, const DbQueryEvent *event);

struct DbConnection {
    const DbDriver *driver; /* read-only, as the members below */
    const DbConfig *config;
    Arena *arena;  /* ends with the connection */
    DbError error; /* of the last statement; kind 0: it went well */
    bool broken;   /* not to be used again: the pool closes it */
    /* Is told of every statement when set (log for development, slow queries). It must not use the connection nor raise. */
    DbQueryFn *on_query;
    void *on_query_arg;
    int64_t
        deadline_ns; /* until when (loop_clock) its statements may run, where the driver looks at it (SQLite); 0: for ever */
    bool retiring;      /* private: it was told to cancel something, and the word may come late: nobody else gets it */
    bool streams;       /* private: the statement that is begun may give more rows than memory holds */
    void *state;        /* the driver's */
    Arena *error_arena; /* private: holds the texts of `error` */
    DbPool *pool;       /* private; NULL: not of a pool */
    DbConnection *next; /* private: in the pool's list */
    int64_t opened_ns;  /* private */
    int64_t used_ns;    /* private: when it was given back, with health checks */
    unsigned transaction; /* private: 0, 1 in a transaction */
    bool copying;         /* private: rows of db_copy are on their way */
    bool shared;          /* private: several fibers use it at once */
    unsigned users;       /* private: how many have it now */
};

struct DbCursor {
    DbConnection *connection;
    size_t columns;    /* of a row; 0: the statement gives none */
    int64_t changes;   /* rows inserted, updated or deleted; right after DB_END */
    int64_t insert_id; /* the id of the last inserted row; right after DB_END of an INSERT */
    /* private */
    void *statement;
    Str sql;
    const Value *params;
    size_t nparams;
    int64_t began_ns;
    DbQueryFn *on_query; /* the connection's when the statement began: others may use it meanwhile */
    void *on_query_arg;
    bool failed;
    bool done, cached;
    unsigned steps;
};

/* Opens a connection of its own, without a pool; NULL: there is no memory. Look at c->error.kind: it may be unusable. */
CLEF_API(DbConnection *, db_open, Arena *parent, const DbConfig *config) CLEF_MUST_USE;
/* NULL is fine. */
CLEF_API(void, db_close, DbConnection *c);

/* Ready to step, or false. Either way db_finish must follow. SQL, texts and params are borrowed until then. */
CLEF_API(bool, db_query, DbConnection *c, DbCursor *cursor, Str sql, const Value *params, size_t n) CLEF_MUST_USE;
/*
 * The same for a statement with more rows than should stand in memory: they come from the server as they are read.
 * Meanwhile the connection takes other statements only inside a transaction.
 */
CLEF_API(bool, db_query_streaming, DbConnection *c, DbCursor *cursor, Str sql, const Value *params, size_t n)
CLEF_MUST_USE;
CLEF_API(DbStep, db_step, DbCursor *cursor) CLEF_MUST_USE;
/* Reads the current row in place: `cells` has room for cursor->columns; texts are valid until the next step. */
CLEF_API(void, db_row, DbCursor *cursor, Value *cells);
CLEF_API(Str, db_column_name, DbCursor *cursor, size_t column);
/* Safe to call twice. */
CLEF_API(void, db_finish, DbCursor *cursor);

typedef struct DbDone {
    int64_t changes, insert_id;
} DbDone;
/* Runs one statement to its end, dropping its rows. `done` may be NULL. */
CLEF_API(bool, db_execute, DbConnection *c, Str sql, const Value *params, size_t n, DbDone *done) CLEF_MUST_USE;

/*
 * Many rows into a table by the fastest way that the database has: COPY on PostgreSQL, else INSERTs of many rows. All
 * of them are written or none. Names are quoted already; `rows` fills the values of one row after the other. `n` (may
 * be NULL): how many there were. A shared connection takes INSERTs. A rows function that leaves by a jump leaves a
 * connection that is broken.
 */
CLEF_API(bool, db_copy, DbConnection *c, Str table, const Str *columns, size_t ncolumns, DbRowsFn *rows, void *arg,
         int64_t *n)
CLEF_MUST_USE;

/*
 * Ends the statement of the cursor that another fiber waits for; NULL: whatever the connection does. It then fails with
 * DB_ERROR_TIMEOUT. What was done before stays as it is in its transaction. The connection is closed when it is given back.
 */
CLEF_API(void, db_cancel, DbConnection *c, DbCursor *cursor);

/* A transaction; they do not nest: savepoints do, numbered by the caller. */
CLEF_API(bool, db_begin, DbConnection *c) CLEF_MUST_USE;
CLEF_API(bool, db_commit, DbConnection *c) CLEF_MUST_USE;
/* Ends the transaction whatever happens; when that cannot be done the connection is broken. */
CLEF_API(void, db_rollback, DbConnection *c);
CLEF_API(bool, db_savepoint, DbConnection *c, unsigned number) CLEF_MUST_USE;
CLEF_API(bool, db_savepoint_release, DbConnection *c, unsigned number) CLEF_MUST_USE;
/* Undoes what was done since, and forgets the savepoint. */
CLEF_API(bool, db_savepoint_rollback, DbConnection *c, unsigned number) CLEF_MUST_USE;

/* For drivers: fills c->error; the texts are copied. Always false. */
CLEF_API(bool, db_fail, DbConnection *c, const DbError *error);
/* The error with texts of the arena's. */
CLEF_API(DbError, db_error_copy, Arena *a, const DbError *error);
/* For drivers: parks the fiber (or sleeps) so long. */
CLEF_API(void, db_wait, int64_t nanoseconds);

#endif
