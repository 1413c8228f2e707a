/*
 * driver.h: what a kind of database must be able to do. A driver is a const table; db/connection.h is what the rest of
 * the house calls. Drivers stand on floor 2: they return outcomes and never raise, and nothing of ours is jumped through
 * while the database's library is on the stack. A wait parks the calling fiber (outside a fiber it sleeps).
 *
 * Parameters are Values. A driver writes each in its database's storage form, which is Django's: SQLite keeps an
 * instant as the text "YYYY-MM-DD HH:MM:SS.ffffff" in UTC, a decimal as a number, a bool as 0 or 1, a UUID as 32
 * hexadecimal digits, a duration as microseconds. Results come back as the database has them (INT, DOUBLE, STR, BYTES,
 * null); who reads a column knows what it should be.
 */
#ifndef CLEF_DB_DRIVER_H
#define CLEF_DB_DRIVER_H

#include <clef/base/value.h>
#include <clef/db/config.h>
#include <clef/db/error.h>

typedef struct DbConnection DbConnection;
typedef struct DbCursor DbCursor;

/* Fills the values of the next row, which live until the next call; false: that was the last one. It may not wait. */
typedef bool DbRowsFn(void *arg, Value *cells);

/*
 * A parameter that has many values, where the database has arrays: value_object(&array, &db_array_class). The elements
 * are null or of the kind's own tag; texts live as long as other parameters do.
 */
typedef enum DbArrayKind {
    DB_ARRAY_TEXT,
    DB_ARRAY_INT,
    DB_ARRAY_BOOL,
    DB_ARRAY_DOUBLE,
    DB_ARRAY_BYTES,
    DB_ARRAY_DATE,
    DB_ARRAY_TIME,
    DB_ARRAY_DATETIME,
    DB_ARRAY_DURATION,
    DB_ARRAY_UUID
} DbArrayKind;
typedef struct DbArray {
    DbArrayKind kind;
    const Value *p;
    size_t n;
} DbArray;
CLEF_DATA(const ValueClass, db_array_class);

typedef enum DbStep { DB_ROW, DB_END, DB_FAILED } DbStep;

struct DbDriver {
    const char *vendor;       /* "sqlite": Django's connection.vendor */
    const char *display_name; /* "SQLite" */
    unsigned pool_size;       /* connections of a loop, unless the config says */
    unsigned max_parameters;  /* of one statement */
    /* Connections that may exist to this database; 0: no limit (a database in memory has one). */
    unsigned (*most_connections)(const DbConfig *config);
    /* Fills c->state; false: c->error says why. */
    bool (*open)(DbConnection *c);
    /* Frees c->state, whatever its condition. */
    void (*close)(DbConnection *c);
    /* Prepares (or finds prepared) one statement and binds. Texts and bytes of the parameters live until `finish`. */
    bool (*query)(DbCursor *cursor, Str sql, const Value *params, size_t n);
    DbStep (*step)(DbCursor *cursor);
    /* The current row: cursor->columns values; texts point into the driver's memory until the next step. */
    void (*row)(DbCursor *cursor, Value *cells);
    /* The name of a result column, until `finish`. */
    Str (*column_name)(DbCursor *cursor, size_t column);
    void (*finish)(DbCursor *cursor);
    /* What starts a transaction; commit, rollback and savepoints are standard SQL. */
    Str (*begin)(const DbConnection *c);
    /*
     * What starts a transaction leaves with its first statement: one round trip less. `begin`: from now on; false: it
     * cannot. Not `begin`: true when nothing was sent yet, and nothing will be. NULL: no such thing.
     */
    bool (*begin_later)(DbConnection *c, bool begin);
    /* Does the database say that a transaction is open? */
    bool (*in_transaction)(const DbConnection *c);
    /* False when an idle connection was found to be gone, without asking the server. NULL: it never is. */
    bool (*alive)(DbConnection *c);
    /*
     * Makes a connection that nobody uses one that several fibers of the loop use at once, each for statements outside of
     * transactions; false: it cannot be. NULL: none can.
     */
    bool (*share)(DbConnection *c);
    /* Of such a connection: since when (loop_now) its server has worked on the statement in turn; 0: on none. */
    int64_t (*waiting_since)(const DbConnection *c);
    /*
     * Asks the server to end what the connection does: the statement of the cursor (NULL: any) fails with DB_ERROR_TIMEOUT,
     * soon. It may not wait: it is called on a loop, from its own stack or another fiber.
     */
    void (*cancel)(DbConnection *c, DbCursor *cursor);
    /* Rows by the fastest way there is; NULL: by INSERT. See db_copy. */
    bool (*copy)(DbConnection *c, Str table, const Str *columns, size_t ncolumns, DbRowsFn *rows, void *arg,
                 int64_t *n);
};

#endif
