/*
 * databases.h: how a piece of work reaches its databases, and statements of one's own. A Context (a request, a task, a
 * command) has a pointer to the process's Databases, cx->databases; whoever starts the work sets it (the site does it for
 * requests). A connection is taken from the loop's pool for each statement, or for the time of an ATOMIC.
 *
 * What a database refuses is raised with its message, and the SQL in the hint while DEBUG is on:
 *   500 "integrity_error"     UNIQUE, NOT NULL, FOREIGN KEY, CHECK; the payload is an IntegrityError (row.h)
 *   500 "operational_error"   no such table (the hint names the command), locked past the time-out, disk full, ...
 *   500 "transaction_conflict"  a deadlock was cut, a snapshot is stale: the transaction may be run again (transaction_retry)
 *   500 "statement_timeout" it took longer than it may
 *   500 "programming_error"   SQL that the database does not understand
 *   500 "data_error"          a value that does not fit
 *   503 "database_unavailable"  it cannot be reached, or no connection became free in time
 */
#ifndef CLEF_ORM_DATABASES_H
#define CLEF_ORM_DATABASES_H

#include <clef/conf/settings.h>
#include <clef/db/pool.h>
#include <clef/rt/context.h>

#define TRANSACTION_CONFLICT "transaction_conflict"

/*
 * The Databases that settings describe; nothing is opened. NULL, and *error a sentence, when an engine is not known. The
 * settings must live as long.
 */
CLEF_API(Databases *, databases_from_settings, Arena *a, const Settings *settings, Str *error) CLEF_MUST_USE;

/*
 * For who starts a process's work: populates the installed applications and gives cx the databases of its settings. They
 * end with cx. Nothing is done where cx has databases already. Raises 500 "improperly_configured" with what is wrong.
 */
CLEF_API(void, databases_start, Context *cx, const Settings *settings);

/* Runs one statement with `?` placeholders on the database of the alias ("": the default one). */
CLEF_API(DbDone, sql_execute, Context *cx, Str alias, Str sql, const Value *params, size_t n);

/* Rows of a statement, read whole: each `columns` values, text in the context's memory. */
typedef struct SqlRows {
    Str *names;
    size_t columns;
    Value **rows;
    size_t n;
} SqlRows;
CLEF_API(SqlRows, sql_query, Context *cx, Str alias, Str sql, const Value *params, size_t n);

/* A statement that this work has run. */
typedef struct LoggedQuery {
    Str sql;
    const Value *params;
    size_t nparams;
    int64_t duration_ns;
    bool failed;
    struct LoggedQuery *next;
} LoggedQuery;
/* At most so many are kept; all are counted. */
#define SQL_LOG_MAX 1000
/* From now on keeps what runs (the debug page and tests read it); it costs a copy of each statement. */
CLEF_API(void, sql_log_start, Context *cx);
/* The oldest; NULL when nothing was kept. */
CLEF_API(const LoggedQuery *, sql_log, const Context *cx);
/* Statements run so far, whether kept or not. */
CLEF_API(size_t, sql_count, const Context *cx);

/*
 * Is told of every statement of the process that took at least so long: for the slow-query log. NULL: nobody. Set at
 * start-up. fn must neither raise nor use the database.
 */
CLEF_API(void, sql_on_slow, int64_t threshold_ns, DbQueryFn *fn, void *arg);

#endif
