/* postgresql.c: the driver's table: connecting, running, reading. */
#include "db/postgresql.h"
#include "base/fault.h"
#include <clef/db/postgresql.h>
#include <clef/rt/pool.h>

#include <poll.h>

enum {
    CACHED_STATEMENTS = 128,
    POOL_SIZE = 16,
    MAX_PARAMETERS = 65535,
    FETCH_ROWS = 1000,
    OPTIONS_MAX = 64,
    RESULT_LIMIT_MOST = 2000000000
};

/* --- connecting */

typedef struct Connecting {
    PgLibrary *lib;
    const char **names, **values;
    PGconn *conn;
    const char *missing;
} Connecting;

/* On a thread: looking the host up blocks, and the handshakes of TLS and SCRAM compute for milliseconds. */
static void connect_there(void *arg)
{
    Connecting *c = arg;
    if (pg_library_load(c->lib, &c->missing))
        c->conn = c->lib->connectdbParams(c->names, c->values, 0);
}

/* What is ours among the options, and no parameter of libpq. */
static bool is_own(Str name)
{
    static const char *const own[] = {
        "statement_timeout",   "lock_timeout", "isolation_level", "cached_statements",  "assume_role",
        "init_command",        "options",      "connect_timeout", "client_encoding",    "pool",
        "server_side_binding", "pool_size",    "pool_wait",       "shared_connections", "result_limit"
    };
    for (size_t i = 0; i < CLEF_COUNT(own); i++)
        if (str_eq(name, str_c(own[i])))
            return true;
    return false;
}

static bool bad_option(DbConnection *c, const char *name, const char *what)
{
    return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                  .message = str_format(c->arena, "the option \"%s\" is %s", name, what) });
}

/* " -c name=value", the value a number. */
static bool add_number(DbConnection *c, Buf *b, const char *name)
{
    Str text = db_option(c->config, name);
    int64_t n;
    if (!text.n)
        return true;
    if (!str_to_i64(text, &n) || n < 0 || n > INT32_MAX)
        return bad_option(c, name, "a number of milliseconds");
    buf_printf(b, " -c %s=%lld", name, (long long)n);
    return true;
}

static bool session_options(DbConnection *c, Buf *b)
{
    Str level = db_option(c->config, "isolation_level"), more = db_option(c->config, "options");
    BUF_LIT(b, "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c standard_conforming_strings=on");
    if (!add_number(c, b, "statement_timeout") || !add_number(c, b, "lock_timeout"))
        return false;
    if (level.n) {
        static const char *const levels[][2] = { { "READ COMMITTED", "read\\ committed" },
                                                 { "REPEATABLE READ", "repeatable\\ read" },
                                                 { "SERIALIZABLE", "serializable" } };
        size_t i = 0;
        while (i < CLEF_COUNT(levels) && !str_ieq(level, str_c(levels[i][0])))
            i++;
        if (i == CLEF_COUNT(levels))
            return bad_option(c, "isolation_level", "READ COMMITTED, REPEATABLE READ or SERIALIZABLE");
        buf_printf(b, " -c default_transaction_isolation=%s", levels[i][1]);
    }
    if (more.n)
        buf_printf(b, " %.*s", STR_FMT(more));
    return true;
}

static void on_notice(void *arg, const PGresult *r)
{
    Pg *pg = arg;
    const char *severity = pg->lib.resultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED),
               *message = pg->lib.resultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    if (pg->config->on_notice && message)
        pg->config->on_notice(pg->config->on_notice_arg, pg->config->alias, str_c(severity ? severity : "NOTICE"),
                              str_c(message));
}

static bool open_session(DbConnection *c, Pg *pg)
{
    Str role = db_option(c->config, "assume_role"), init = db_option(c->config, "init_command");
    if (role.n) {
        Str sql =
            str_format(c->arena, "SET ROLE \"%.*s\"", STR_FMT(str_replace(c->arena, role, STR("\""), STR("\"\""))));
        if (!db_execute(c, sql, NULL, 0, NULL))
            return false;
    }
    (void)pg;
    return !init.n || db_execute(c, init, NULL, 0, NULL);
}

static bool pg_open(DbConnection *c)
{
    Pg *pg = NEW(c->arena, Pg);
    Arena *a = c->arena;
    const DbConfig *config = c->config;
    Connecting connecting = { .lib = &pg->lib };
    int64_t cached = CACHED_STATEMENTS;
    Str statements = db_option(config, "cached_statements"), timeout = db_option(config, "connect_timeout");
    c->state = pg;
    *pg = (Pg){ .arena = a, .config = config };
    if (statements.n && (!str_to_i64(statements, &cached) || cached < 0 || cached > 10000))
        return bad_option(c, "cached_statements", "a number up to 10000");
    pg->most_cached = (unsigned)cached;
    Str limit = db_option(config, "result_limit");
    int64_t bytes = DB_RESULT_LIMIT;
    if (limit.n && (!str_to_i64(limit, &bytes) || bytes < 1024 || bytes > RESULT_LIMIT_MOST))
        return bad_option(c, "result_limit", "a number of bytes from 1024 to 2000000000");
    pg->result_limit = (size_t)bytes;
    pg->scratch = arena_create(a, 0, 1024);
    Buf options = BUF_INIT(a, 4096);
    if (!session_options(c, &options))
        return false;
    const char **names = NEW_ARRAY(a, const char *, OPTIONS_MAX), **values = NEW_ARRAY(a, const char *, OPTIONS_MAX);
    size_t n = 0;
#define PARAMETER(name, value)                                 \
    do {                                                       \
        Str v_ = (value);                                      \
        if (v_.n)                                              \
            names[n] = (name), values[n++] = str_dup_c(a, v_); \
    } while (0)
    PARAMETER("host", config->host);
    PARAMETER("port", config->port);
    PARAMETER("user", config->user);
    PARAMETER("password", config->password);
    PARAMETER("dbname", config->name);
    PARAMETER("client_encoding", STR("UTF8"));
    PARAMETER("connect_timeout", timeout.n ? timeout : STR("10"));
    PARAMETER("options", buf_view(&options));
    PARAMETER("fallback_application_name", STR("clef"));
    for (size_t i = 0; i < config->noptions && n + 2 < OPTIONS_MAX; i++)
        if (!is_own(config->options[i].name))
            PARAMETER(str_dup_c(a, config->options[i].name), config->options[i].value);
    connecting.names = names;
    connecting.values = values;
    if (fault_fails(FAULT_DATABASE))
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION, .message = STR("no connection, on purpose") });
    if (offload(connect_there, &connecting) != 0)
        connect_there(&connecting);
    pg->conn = connecting.conn;
    if (!pg->conn)
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                      .message = str_c(connecting.missing ? connecting.missing : "out of memory") });
    if (pg->lib.status(pg->conn) != CONNECTION_OK)
        return db_fail(
            c, &(DbError){ .kind = DB_ERROR_CONNECTION, .message = str_trim(str_c(pg->lib.errorMessage(pg->conn))) });
    pg->lib.setNoticeReceiver(pg->conn, on_notice, pg);
    if (pg->lib.setnonblocking(pg->conn, 1) != 0 || !pg->lib.enterPipelineMode(pg->conn))
        return db_fail(
            c, &(DbError){ .kind = DB_ERROR_CONNECTION, .message = str_trim(str_c(pg->lib.errorMessage(pg->conn))) });
    return open_session(c, pg);
}

static void pg_close(DbConnection *c)
{
    Pg *pg = c->state;
    if (!pg)
        return;
    pg_lane_close(pg);
    /* Outside its loop the watcher just goes with the descriptor: it does not count among those that the loop waits for. */
    if (pg->loop && pg->loop == loop_current()) {
        loop_hold(pg->loop);
        loop_unwatch(pg->loop, &pg->watcher);
    }
    pg->loop = NULL;
    pg_gone(pg, "the connection was closed");
    for (PgRequest *r = pg->spare; r; r = r->next)
        r->spare_rows = NULL;
    if (pg->conn)
        pg->lib.finish(pg->conn);
    pg->conn = NULL;
}

/* --- running */

/* Sends the statement, after its preparation when the server does not know it yet. */
static bool send_statement(DbConnection *c, PgRequest *r, PgStatement *s, const PgParams *p, size_t n)
{
    Pg *pg = c->state;
    const PgLibrary *q = &pg->lib;
    int count = (int)n, ok = 1;
    if (fault_fails(FAULT_DATABASE))
        return false;
    r->commands = 1;
    if (pg->begins) { /* up to the same Sync: when it fails, the statement does not run */
        pg->begins = false;
        ok = q->sendQueryParams(pg->conn, "BEGIN", 0, NULL, NULL, NULL, NULL, 0);
        r->commands++;
    }
    if (!ok)
        return false;
    if (s->once) {
        ok = q->sendQueryParams(pg->conn, s->text, count, p->types, p->values, p->lengths, p->formats, 0);
    } else {
        if (!s->prepared) {
            ok = q->sendPrepare(pg->conn, s->name, s->text, count, p->types);
            r->commands++;
            r->prepares = s->prepared = true;
        }
        ok = ok && q->sendQueryPrepared(pg->conn, s->name, count, p->values, p->lengths, p->formats, s->binary);
    }
    return ok && q->pipelineSync(pg->conn);
}

/* Of a table whose columns have changed since, the server does not run what it has prepared. */
static bool is_outdated(const Pg *pg, const PgRequest *r)
{
    const char *state = r->error ? pg->lib.resultErrorField(r->error, PG_DIAG_SQLSTATE) : NULL;
    const char *message = r->error ? pg->lib.resultErrorField(r->error, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    return state &&
           ((str_eq(str_c(state), STR("0A000")) && message && str_contains(str_c(message), STR("cached plan"))) ||
            str_eq(str_c(state), STR("26000")));
}

static const PGresult *rows_of(const PgRequest *r) { return r->rows ? r->rows->result : r->result; }

static bool run(DbCursor *cursor, Str sql, const Value *params, size_t n, bool again)
{
    DbConnection *c = cursor->connection;
    Pg *pg = c->state;
    PgParams bound;
    const char *why = NULL;
    if (pg->dead)
        return pg_fail_gone(c, sql);
    arena_reset(pg->scratch);
    if (n > MAX_PARAMETERS || !pg_bind(pg->scratch, params, n, &bound, &why))
        return db_fail(c, &(DbError){ .kind = DB_ERROR_DATA,
                                      .message = str_c(why ? why : "a statement has more than 65535 parameters"),
                                      .sql = sql });
    PgStatement *s = pg_statement(c, sql, &bound, n);
    if (!s)
        return false;
    PgRequest *r = pg_request_new(pg);
    bool streams = c->streams && !s->once;
    r->statement = s;
    if (streams && !s->prepared) { /* alone, so that the rows are the next that come */
        PgRequest *preparation = pg_request_new(pg);
        preparation->commands = 2; /* its result is dropped */
        preparation->prepares = true;
        s->prepared = true;
        if (!pg->lib.sendPrepare(pg->conn, s->name, s->text, (int)n, bound.types) || !pg->lib.pipelineSync(pg->conn)) {
            pg_gone(pg, pg->lib.errorMessage(pg->conn));
        } else {
            pg_request_queue(pg, preparation);
            pg_wait(pg, preparation);
        }
        if (pg->dead || preparation->failed) {
            s->prepared = false;
            bool known = preparation->error != NULL;
            if (known)
                pg_fail(c, preparation->error, sql);
            preparation->done = r->done = true;
            pg_request_drop(pg, preparation);
            pg_request_drop(pg, r);
            return known ? false : pg_fail_gone(c, sql);
        }
        pg_request_drop(pg, preparation);
    }
    if (!send_statement(c, r, s, &bound, n)) {
        pg_gone(pg, pg->lib.errorMessage(pg->conn));
        r->done = true;
        pg_request_drop(pg, r);
        return pg_fail_gone(c, sql);
    }
    pg_request_queue(pg, r);
    if (streams && !pg->first->next)
        r->streams = pg->lib.setSingleRowMode(pg->conn) == 1;
    cursor->statement = r;
    bool there = pg_wait(pg, r);
    if (r->failed || !there) {
        if (r->error && again && is_outdated(pg, r) && pg->lib.transactionStatus(pg->conn) == PQTRANS_IDLE) {
            pg_statement_forget(pg, s);
            pg_request_drop(pg, r);
            cursor->statement = NULL;
            return run(cursor, sql, params, n, false);
        }
        if (r->error && is_outdated(pg, r))
            pg_statement_forget(pg, s);
        return r->error ? pg_fail(c, r->error, sql) : pg_fail_gone(c, sql);
    }
    const PGresult *rows = rows_of(r);
    cursor->columns = rows ? (size_t)pg->lib.nfields(rows) : 0;
    if (!s->known && rows) {
        s->known = s->binary = true;
        for (int i = 0; i < (int)cursor->columns; i++)
            s->binary &= pg_has_binary(pg->lib.ftype(rows, i));
    }
    r->row = -1;
    return true;
}

static bool fetch(DbCursor *cursor, unsigned number)
{
    char text[64];
    Buf b = { .p = text, .cap = sizeof text, .max = sizeof text - 1 };
    buf_printf(&b, "FETCH FORWARD %d FROM clef_%u", FETCH_ROWS, number);
    return run(cursor, buf_view(&b), NULL, 0, false);
}

/* In a transaction, rows that do not fit into memory come by a cursor of the server: other statements may come between. */
static bool run_cursor(DbCursor *cursor, Str sql, const Value *params, size_t n)
{
    DbConnection *c = cursor->connection;
    Pg *pg = c->state;
    Arena *a = arena_create(c->arena, 0, 1024);
    unsigned number = ++pg->cursors;
    Str declare = str_format(a, "DECLARE clef_%u NO SCROLL CURSOR FOR %.*s", number, STR_FMT(sql));
    DbCursor declared = { .connection = c, .sql = sql };
    bool ok = run(&declared, declare, params, n, false);
    if (declared.statement)
        pg_request_drop(pg, declared.statement);
    arena_destroy(a);
    ok = ok && fetch(cursor, number);
    if (ok)
        ((PgRequest *)cursor->statement)->cursor = number;
    return ok;
}

static bool pg_query(DbCursor *cursor, Str sql, const Value *params, size_t n)
{
    DbConnection *c = cursor->connection;
    if (((Pg *)c->state)->lane)
        return pg_lane_query(cursor, sql, params, n);
    if (c->streams && c->transaction)
        return run_cursor(cursor, sql, params, n);
    return run(cursor, sql, params, n, true);
}

/* What a statement did: how many rows, and the key of the first one when it says so by RETURNING. */
static void tell_changes(DbCursor *cursor, Pg *pg, PgRequest *r)
{
    int64_t n;
    if (!r->result)
        return;
    if (str_to_i64(str_c(pg->lib.cmdTuples(r->result)), &n))
        cursor->changes = n;
    if (pg->lib.ntuples(r->result) && str_starts(str_c(pg->lib.cmdStatus(r->result)), STR("INSERT"))) {
        Value id = pg_cell(pg, pg->scratch, r->result, 0, 0);
        cursor->insert_id = id.tag == VALUE_INT ? id.i : 0;
    }
}

static DbStep step_cursor(DbCursor *cursor, PgRequest *r)
{
    DbConnection *c = cursor->connection;
    Pg *pg = c->state;
    if (++r->row < pg->lib.ntuples(r->result))
        return DB_ROW;
    if (pg->lib.ntuples(r->result) < FETCH_ROWS)
        return DB_END;
    DbCursor next = { .connection = c, .sql = cursor->sql };
    if (!fetch(&next, r->cursor)) {
        if (next.statement)
            pg_request_drop(pg, next.statement);
        return DB_FAILED;
    }
    PgRequest *fresh = next.statement;
    fresh->cursor = r->cursor;
    pg_request_drop(pg, r);
    cursor->statement = fresh;
    fresh->row = 0;
    return pg->lib.ntuples(fresh->result) ? DB_ROW : DB_END;
}

static DbStep step_streaming(DbCursor *cursor, PgRequest *r)
{
    DbConnection *c = cursor->connection;
    Pg *pg = c->state;
    if (r->row >= 0 && r->rows) /* the one that was read */
        pg_drop_row(pg, r);
    r->row = 0;
    if (!r->rows && !r->done)
        pg_wait(pg, r);
    if (r->rows)
        return DB_ROW;
    if (r->failed) {
        (void)(r->error ? pg_fail(c, r->error, cursor->sql) : pg_fail_gone(c, cursor->sql));
        return DB_FAILED;
    }
    return DB_END;
}

static DbStep pg_step(DbCursor *cursor)
{
    PgRequest *r = cursor->statement;
    Pg *pg = cursor->connection->state;
    if (pg->lane)
        return pg_lane_step(cursor);
    if (fault_fails(FAULT_DATABASE)) {
        db_fail(cursor->connection, &(DbError){ .kind = DB_ERROR_OTHER, .message = STR("it fails on purpose") });
        return DB_FAILED;
    }
    if (r->cursor)
        return step_cursor(cursor, r);
    if (r->streams)
        return step_streaming(cursor, r);
    if (r->result && ++r->row < pg->lib.ntuples(r->result))
        return DB_ROW;
    tell_changes(cursor, pg, r);
    return DB_END;
}

static void pg_row(DbCursor *cursor, Value *cells)
{
    PgRequest *r = cursor->statement;
    Pg *pg = cursor->connection->state;
    if (pg->lane) {
        pg_lane_row(cursor, cells);
        return;
    }
    const PGresult *rows = rows_of(r);
    if (!r->scratch)
        r->scratch = arena_create(pg->arena, 0, 1024);
    arena_reset(r->scratch);
    for (size_t i = 0; i < cursor->columns; i++)
        cells[i] = pg_cell(pg, r->scratch, rows, r->row, (int)i);
}

static Str pg_column_name(DbCursor *cursor, size_t column)
{
    const Pg *pg = cursor->connection->state;
    if (pg->lane)
        return pg_lane_column_name(cursor, column);
    const PGresult *rows = rows_of(cursor->statement);
    const char *name = rows ? pg->lib.fname(rows, (int)column) : NULL;
    return name ? str_c(name) : STR("");
}

static void pg_finish(DbCursor *cursor)
{
    PgRequest *r = cursor->statement;
    DbConnection *c = cursor->connection;
    Pg *pg = c->state;
    if (pg->lane) {
        pg_lane_finish(cursor);
        return;
    }
    if (r->cursor && !pg->dead && pg->lib.transactionStatus(pg->conn) == PQTRANS_INTRANS) {
        DbCursor close = { .connection = c };
        char text[64];
        Buf b = { .p = text, .cap = sizeof text, .max = sizeof text - 1 };
        buf_printf(&b, "CLOSE clef_%u", r->cursor);
        DbErrorKind kind = c->error.kind;
        if (!kind)
            (void)run(&close, buf_view(&b), NULL, 0, false);
        if (close.statement)
            pg_request_drop(pg, close.statement);
    }
    if (r->streams && !r->done && !pg->dead) { /* the rest is not wanted */
        pg_cancel(pg);
        r->abandoned = false;
        while (!r->done && !pg->dead) {
            while (r->rows)
                pg_drop_row(pg, r);
            pg_wait(pg, r);
        }
    }
    pg_request_drop(pg, r);
}

static Str pg_begin(const DbConnection *c)
{
    (void)c;
    return STR("BEGIN");
}

static bool pg_begin_later(DbConnection *c, bool begin)
{
    Pg *pg = c->state;
    bool pending = pg->begins;
    pg->begins = begin && !pg->dead && !pg->lane;
    return begin ? pg->begins : pending;
}

static bool pg_in_transaction(const DbConnection *c)
{
    const Pg *pg = c->state;
    if (pg->begins && c->transaction)
        return true;
    PGTransactionStatusType status = pg->dead ? PQTRANS_IDLE : pg->lib.transactionStatus(pg->conn);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || (status == PQTRANS_ACTIVE && c->transaction);
}

static bool pg_alive(DbConnection *c)
{
    Pg *pg = c->state;
    if (pg->lane)
        return !pg->dead;
    struct pollfd p = { .fd = pg->lib.socket(pg->conn), .events = POLLIN | POLLRDHUP };
    /* An idle server says nothing: what comes is its farewell (or a notice). */
    if (!pg->dead && poll(&p, 1, 0) > 0)
        pg_pump(pg);
    return !pg->dead;
}

static void pg_cancel_query(DbConnection *c, DbCursor *cursor)
{
    Pg *pg = c->state;
    c->retiring = true;
    if (pg->lane)
        pg_lane_cancel(pg, cursor);
    else
        pg_cancel_later(pg);
}

const DbDriver postgresql_driver = {
    .vendor = "postgresql",
    .display_name = "PostgreSQL",
    .pool_size = POOL_SIZE,
    .max_parameters = MAX_PARAMETERS,
    .open = pg_open,
    .close = pg_close,
    .query = pg_query,
    .step = pg_step,
    .row = pg_row,
    .column_name = pg_column_name,
    .finish = pg_finish,
    .begin = pg_begin,
    .begin_later = pg_begin_later,
    .in_transaction = pg_in_transaction,
    .alive = pg_alive,
    .share = pg_lane_open,
    .waiting_since = pg_lane_waiting_since,
    .cancel = pg_cancel_query,
    .copy = pg_copy,
};
