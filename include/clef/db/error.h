/*
 * error.h: what went wrong in a database, in kinds that all drivers share. The text is the database's own; the table, the
 * columns and the constraint are filled in where the database names them.
 */
#ifndef CLEF_DB_ERROR_H
#define CLEF_DB_ERROR_H

#include <clef/base/str.h>

typedef enum DbErrorKind {
    DB_ERROR_NONE,
    DB_ERROR_CONNECTION,    /* cannot be reached or opened, or was lost */
    DB_ERROR_BUSY,          /* locked by others past the time-out */
    DB_ERROR_POOL,          /* no connection became free in time */
    DB_ERROR_TIMEOUT,       /* the statement took longer than it may, or was cancelled */
    DB_ERROR_SERIALIZATION, /* the transaction must be run again: its snapshot is stale */
    DB_ERROR_DEADLOCK,      /* the same: it waited for one that waited for it */
    DB_ERROR_ABORTED,       /* a statement of the transaction has failed before: only a rollback is possible */
    DB_ERROR_SYNTAX,        /* the SQL cannot be understood, or its parameters do not fit */
    DB_ERROR_NO_TABLE,
    DB_ERROR_NO_COLUMN,
    DB_ERROR_UNIQUE,
    DB_ERROR_NOT_NULL,
    DB_ERROR_FOREIGN_KEY,
    DB_ERROR_EXCLUSION,
    DB_ERROR_CHECK,
    DB_ERROR_DATA, /* a value that the column cannot hold, or that is too large */
    DB_ERROR_READ_ONLY,
    DB_ERROR_FULL, /* the disk */
    DB_ERROR_CORRUPT,
    DB_ERROR_MEMORY,
    DB_ERROR_OTHER,
} DbErrorKind;

typedef struct DbError {
    DbErrorKind kind;
    int code;       /* the driver's own; 0 when it is ours */
    Str message;    /* "UNIQUE constraint failed: blog_post.slug" */
    Str sql;        /* the statement; empty when there is none */
    Str table;      /* "blog_post" or empty */
    Str columns;    /* "slug", "a, b" or empty */
    Str constraint; /* its name or empty */
} DbError;

/* Is it worth running the transaction again? */
static inline bool db_error_is_conflict(DbErrorKind kind)
{
    return kind == DB_ERROR_SERIALIZATION || kind == DB_ERROR_DEADLOCK;
}
static inline bool db_error_is_integrity(DbErrorKind kind) { return kind >= DB_ERROR_UNIQUE && kind <= DB_ERROR_CHECK; }
/* "unique", "no_table", ...: a word for logs and tests. */
CLEF_API(const char *, db_error_word, DbErrorKind kind) CLEF_NONNULL;

#endif
