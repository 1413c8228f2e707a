/* postgresql.h: what the files of the PostgreSQL driver share. */
#ifndef DB_POSTGRESQL_H
#define DB_POSTGRESQL_H

#include <clef/db/connection.h>
#include <clef/rt/loop.h>
#include <libpq-fe.h>

/* What is used of libpq. It is looked up for each connection: that costs some microseconds, and needs no variable. */
#define PG_FUNCTIONS(F)                                                                                           \
    F(libVersion), F(connectdbParams), F(finish), F(status), F(errorMessage), F(socket), F(setnonblocking),       \
        F(enterPipelineMode), F(exitPipelineMode), F(pipelineSync), F(sendPrepare), F(sendQueryPrepared),         \
        F(sendQueryParams), F(setSingleRowMode), F(consumeInput), F(isBusy), F(flush), F(getResult), F(clear),    \
        F(resultStatus), F(resultErrorField), F(resultErrorMessage), F(ntuples), F(nfields), F(fname), F(ftype),  \
        F(fformat), F(getvalue), F(getlength), F(getisnull), F(cmdTuples), F(cmdStatus), F(transactionStatus),    \
        F(setNoticeReceiver), F(getCancel), F(cancel), F(freeCancel), F(putCopyData), F(putCopyEnd), F(sslInUse), \
        F(gssEncInUse), F(serverVersion), F(parameterStatus)

typedef struct PgLibrary {
    __typeof__(PQlibVersion) *libVersion;
    __typeof__(PQconnectdbParams) *connectdbParams;
    __typeof__(PQfinish) *finish;
    __typeof__(PQstatus) *status;
    __typeof__(PQerrorMessage) *errorMessage;
    __typeof__(PQsocket) *socket;
    __typeof__(PQsetnonblocking) *setnonblocking;
    __typeof__(PQenterPipelineMode) *enterPipelineMode;
    __typeof__(PQexitPipelineMode) *exitPipelineMode;
    __typeof__(PQpipelineSync) *pipelineSync;
    __typeof__(PQsendPrepare) *sendPrepare;
    __typeof__(PQsendQueryPrepared) *sendQueryPrepared;
    __typeof__(PQsendQueryParams) *sendQueryParams;
    __typeof__(PQsetSingleRowMode) *setSingleRowMode;
    __typeof__(PQconsumeInput) *consumeInput;
    __typeof__(PQisBusy) *isBusy;
    __typeof__(PQflush) *flush;
    __typeof__(PQgetResult) *getResult;
    __typeof__(PQclear) *clear;
    __typeof__(PQresultStatus) *resultStatus;
    __typeof__(PQresultErrorField) *resultErrorField;
    __typeof__(PQresultErrorMessage) *resultErrorMessage;
    __typeof__(PQntuples) *ntuples;
    __typeof__(PQnfields) *nfields;
    __typeof__(PQfname) *fname;
    __typeof__(PQftype) *ftype;
    __typeof__(PQfformat) *fformat;
    __typeof__(PQgetvalue) *getvalue;
    __typeof__(PQgetlength) *getlength;
    __typeof__(PQgetisnull) *getisnull;
    __typeof__(PQcmdTuples) *cmdTuples;
    __typeof__(PQcmdStatus) *cmdStatus;
    __typeof__(PQtransactionStatus) *transactionStatus;
    __typeof__(PQsetNoticeReceiver) *setNoticeReceiver;
    __typeof__(PQgetCancel) *getCancel;
    __typeof__(PQcancel) *cancel;
    __typeof__(PQfreeCancel) *freeCancel;
    __typeof__(PQputCopyData) *putCopyData;
    __typeof__(PQputCopyEnd) *putCopyEnd;
    __typeof__(PQsslInUse) *sslInUse;
    __typeof__(PQgssEncInUse) *gssEncInUse;
    __typeof__(PQserverVersion) *serverVersion;
    __typeof__(PQparameterStatus) *parameterStatus;
} PgLibrary;

/* Types that are sent or read in binary. */
enum {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_CHAR = 18,
    PG_NAME = 19,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_OID = 26,
    PG_JSON = 114,
    PG_XML = 142,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_UNKNOWN = 705,
    PG_INET = 869,
    PG_BPCHAR = 1042,
    PG_VARCHAR = 1043,
    PG_DATE = 1082,
    PG_TIME = 1083,
    PG_TIMESTAMP = 1114,
    PG_TIMESTAMPTZ = 1184,
    PG_INTERVAL = 1186,
    PG_NUMERIC = 1700,
    PG_UUID = 2950,
    PG_JSONB = 3802,
};

#define PG_EPOCH_DAYS 10957 /* 2000-01-01 */
#define PG_EPOCH_US   INT64_C(946684800000000)

typedef struct PgStatement PgStatement;
typedef struct PgRequest PgRequest;

/* A prepared statement. Of one text there are several when their parameters have other types. */
struct PgStatement {
    PgStatement *chain;         /* in the same bucket */
    PgStatement *newer, *older; /* by last use */
    Arena *arena;
    uint64_t hash;
    Str sql;    /* as it was given */
    char *text; /* with $1 for ? */
    char name[16];
    Oid *types;
    unsigned nparams, users;
    bool prepared;            /* the server knows it, or is about to be told */
    bool known, binary;       /* whether its columns can be read in binary, and so are asked for */
    bool once;                /* not kept */
    struct PgColumn *columns; /* of its rows, when a lane has asked for them */
    unsigned ncolumns;
    bool described, asked; /* `columns` is filled; the server was asked */
    Str tail;              /* of a lane: what follows the parameters, the same each time */
};

/* A column of the rows of a statement. */
typedef struct PgColumn {
    Str name;
    Oid type;
    bool binary;
} PgColumn;

#define PG_BUCKETS 128u

/* A statement on its way. They are answered in order. */
struct PgRequest {
    PgRequest *next;
    PgStatement *statement;
    Fiber *waiter;
    unsigned commands; /* that have not been answered yet; then comes the synchronisation */
    bool prepares;     /* the first of them, or the one behind BEGIN, is a preparation */
    bool got;          /* a result of the command in turn */
    bool failed, done, abandoned;
    bool streams;             /* a row, or some, at a time */
    PGresult *result, *error; /* what came: rows, or what went wrong */
    struct PgRows {           /* streamed rows that were not taken yet */
        PGresult *result;
        struct PgRows *next;
    } * rows, *last_row, *spare_rows;
    int row;         /* of `result`, the next one is after it */
    unsigned cursor; /* of the server, in a transaction: its number; 0: none */
    Arena *scratch;  /* of the current row's values */
};

typedef struct Pg {
    Watcher watcher;
    PgLibrary lib;
    PGconn *conn;
    Arena *arena;
    Loop *loop;              /* that watches */
    PgRequest *first, *last; /* sent, not answered whole */
    PgRequest *spare;
    PgStatement *buckets[PG_BUCKETS];
    PgStatement *newest, *oldest;
    unsigned cached, most_cached, names, cursors;
    Arena *scratch; /* of one statement's parameters */
    bool dead;      /* the connection is gone */
    bool pumping;
    bool begins;         /* BEGIN leaves with the next statement */
    bool copying;        /* out of pipeline mode, for COPY */
    Fiber *copier;       /* waits for the socket meanwhile */
    size_t result_limit; /* bytes of the rows of a statement, on a shared connection */
    int64_t patience_ns; /* how long an answer may take at most; 0: for ever */
    const DbConfig *config;
    struct PgLane *lane; /* not NULL: several fibers use it at once */
    char gone[256];      /* what was said last */
} Pg;

/* The parameters of one statement. */
typedef struct PgParams {
    const char **values;
    int *lengths, *formats;
    Oid *types;
} PgParams;

#define PG_LIBRARY "libpq.so.5"
/* postgresql_library.c: false: *missing says what. It may take some milliseconds and a deep stack. */
CLEF_PRIVATE(bool, pg_library_load, PgLibrary *lib, const char **missing);
/* postgresql_faults.c: puts functions into the table that fail when a test says so. */
#if CLEF_FAULTS
CLEF_PRIVATE(void, pg_library_faults, PgLibrary *lib);
#else
static inline void pg_library_faults(PgLibrary *lib) { (void)lib; }
#endif

/* postgresql_bind.c: false when a value has no form; *why says so. Memory is the arena's. */
CLEF_PRIVATE(bool, pg_bind, Arena *a, const Value *params, size_t n, PgParams *out, const char **why);
/* The same value in the form of another type: an int4 as int8. */
CLEF_PRIVATE(void, pg_widen, Arena *a, PgParams *params, size_t i, Oid to);

/* postgresql_read.c */
CLEF_PRIVATE(bool, pg_has_binary, Oid type);
CLEF_PRIVATE(Value, pg_value, Arena *scratch, Oid type, bool binary, const char *p, size_t n);
CLEF_PRIVATE(Value, pg_cell, Pg *pg, Arena *scratch, const PGresult *r, int row, int column);

/* postgresql_statements.c: the statement of this text for parameters of these types, found or new; NULL: c->error. */
CLEF_PRIVATE(PgStatement *, pg_statement, DbConnection *c, Str sql, PgParams *params, size_t n);
CLEF_PRIVATE(void, pg_statement_release, Pg *pg, PgStatement *s);
/* It is not to be used again: the server does not have it, or what it gives has changed. */
CLEF_PRIVATE(void, pg_statement_forget, Pg *pg, PgStatement *s);

/* postgresql_wire.c */
CLEF_PRIVATE(PgRequest *, pg_request_new, Pg *pg);
CLEF_PRIVATE(void, pg_request_queue, Pg *pg, PgRequest *r);
/* Gives it back: at once, or when its answer has come. */
CLEF_PRIVATE(void, pg_request_drop, Pg *pg, PgRequest *r);
/* Until it is answered (its first row, when it streams). False when the connection is gone. */
CLEF_PRIVATE(bool, pg_wait, Pg *pg, PgRequest *r);
/* Reads what has come. */
CLEF_PRIVATE(void, pg_pump, Pg *pg);
CLEF_PRIVATE(void, pg_gone, Pg *pg, const char *why);
/* Asks the server to end what it is doing, and waits until it is told. */
CLEF_PRIVATE(void, pg_cancel, Pg *pg);
/* The same by a fiber of its own: nobody waits. */
CLEF_PRIVATE(void, pg_cancel_later, Pg *pg);
/* Drops the first of the streamed rows. */
CLEF_PRIVATE(void, pg_drop_row, Pg *pg, PgRequest *r);
/* For COPY: waits until something happens to the socket. */
CLEF_PRIVATE(void, pg_wait_turn, Pg *pg, bool write);
/* Waits until the socket can be read or written; false past the deadline (0: none). */
CLEF_PRIVATE(bool, pg_wait_socket, Pg *pg, bool write, int64_t deadline_ns);

/* postgresql_copy.c: as DbDriver.copy. */
CLEF_PRIVATE(bool, pg_copy, DbConnection *c, Str table, const Str *columns, size_t ncolumns, DbRowsFn *rows, void *arg,
             int64_t *n);

/* What the server complains of; NULL: it does not say. */
typedef struct PgComplaint {
    const char *state, *message, *detail, *table, *column, *constraint;
} PgComplaint;

/*
 * postgresql_lane.c: a connection that fibers share, for statements outside of transactions: what they ask in one turn
 * of the loop leaves in one write, each question with a synchronisation of its own. False when this connection cannot
 * be one.
 */
CLEF_PRIVATE(bool, pg_lane_open, DbConnection *c);
CLEF_PRIVATE(void, pg_lane_close, Pg *pg);
/* Its asker gets no answer; the server is told when it works on it. */
CLEF_PRIVATE(void, pg_lane_cancel, Pg *pg, DbCursor *cursor);
CLEF_PRIVATE(int64_t, pg_lane_waiting_since, const DbConnection *c);
CLEF_PRIVATE(bool, pg_lane_query, DbCursor *cursor, Str sql, const Value *params, size_t n);
CLEF_PRIVATE(DbStep, pg_lane_step, DbCursor *cursor);
CLEF_PRIVATE(void, pg_lane_row, DbCursor *cursor, Value *cells);
CLEF_PRIVATE(Str, pg_lane_column_name, DbCursor *cursor, size_t column);
CLEF_PRIVATE(void, pg_lane_finish, DbCursor *cursor);
/* Tells the server to forget a prepared statement. */
CLEF_PRIVATE(void, pg_lane_deallocate, Pg *pg, const char *name);

/* postgresql_error.c: fills c->error. Always false. */
CLEF_PRIVATE(bool, pg_fail_of, DbConnection *c, const PgComplaint *what, Str sql);
CLEF_PRIVATE(bool, pg_fail, DbConnection *c, const PGresult *r, Str sql);
CLEF_PRIVATE(bool, pg_fail_gone, DbConnection *c, Str sql);

#endif
