/* sqlite.h: what the files of the SQLite driver share. */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include "db/pool.h"
#include <sqlite3.h>

typedef struct SqliteStatement SqliteStatement;

/* What a statement does to the transaction that it runs in. */
typedef enum SqliteVerb { SQLITE_OTHER, SQLITE_READS, SQLITE_CHANGES, SQLITE_BEGINS, SQLITE_COMMITS } SqliteVerb;

/* A prepared statement: in the cache, or used once. */
struct SqliteStatement {
    sqlite3_stmt *stmt;
    uint64_t hash;
    SqliteStatement *chain;         /* in the same bucket */
    SqliteStatement *newer, *older; /* by last use */
    bool busy, cached;
    SqliteVerb verb;
};

#define SQLITE_CACHE_BUCKETS 256u

typedef struct Sqlite {
    sqlite3 *db;
    int64_t timeout_ns;
    int64_t patience_ns, limit_ns; /* how long a statement may run, 0: for ever; and until when the one that runs may */
    Str begin;
    SqliteStatement *buckets[SQLITE_CACHE_BUCKETS];
    SqliteStatement *newest, *oldest, *spare;
    unsigned cached, most_cached;
    uint64_t jitter;
    bool durable;            /* a commit waits for the disk */
    bool watched;            /* SQLite asks now and then whether it shall go on */
    bool interrupted;        /* the statement that runs is to end */
    bool implicit;           /* a transaction for one statement is open */
    bool turn;               /* it is this connection's turn to write */
    struct TimeZones *zones; /* that functions were asked for; NULL: none yet */
} Sqlite;

/* The time from which on a lock is not waited for any more. */
typedef struct SqliteWait {
    int64_t deadline_ns;
    unsigned tries;
} SqliteWait;

/*
 * Waits a little when `code` says that somebody else holds a lock; false when it is something else, or has waited
 * enough.
 */
CLEF_PRIVATE(bool, sqlite_wait, DbConnection *c, int code, SqliteWait *wait);

/*
 * sqlite_commit.c: runs BEGIN IMMEDIATE, COMMIT and statements that change rows: writers of a loop take turns, and what
 * waits for the disk runs on a thread. SQLite's code.
 */
CLEF_PRIVATE(int, sqlite_step_first, DbConnection *c, SqliteStatement *s);
/* After the last step: commits what was begun for one statement, and lets the next writer in. */
CLEF_PRIVATE(int, sqlite_step_last, DbConnection *c, int code);
/* The statement ends before its last row, or has failed. */
CLEF_PRIVATE(void, sqlite_step_ended, DbConnection *c, bool failed);

/* The statement of this text, ready to bind; NULL: c->error says why. */
CLEF_PRIVATE(SqliteStatement *, sqlite_statement, DbConnection *c, Str sql);
/* Ready for its next use; freed when it is not of the cache. */
CLEF_PRIVATE(void, sqlite_statement_release, DbConnection *c, SqliteStatement *s);
CLEF_PRIVATE(void, sqlite_cache_clear, DbConnection *c);

/* sqlite_functions.c: makes Django's SQL functions known to an open connection. */
CLEF_PRIVATE(bool, sqlite_add_functions, DbConnection *c);
/* sqlite_text_functions.c: a part of them; SQLite's code. */
CLEF_PRIVATE(int, sqlite_add_text_functions, sqlite3 *db);

/* Binds parameter `at` (from 1). SQLITE_OK, or the code; SQLITE_MISMATCH: a value that SQLite has no form for. */
CLEF_PRIVATE(int, sqlite_bind, DbConnection *c, sqlite3_stmt *stmt, int at, Value v);

/*
 * sqlite_explain.c: SQLite's sentence, and when it is about the database's file: the file's name, and what can be done. The
 * message itself where nothing is to be added.
 */
CLEF_PRIVATE(Str, sqlite_explain, Arena *a, int code, Str message, Str name);

/* Fills c->error from the connection's last error. Always false. */
CLEF_PRIVATE(bool, sqlite_fail, DbConnection *c, int code, Str sql);

#endif
