/* sqlite.c: the driver's table: opening, running, reading. */
#include "db/sqlite.h"
#include "base/fault.h"
#include <clef/base/double.h>
#include <clef/base/rand.h>
#include <clef/db/sqlite.h>
#include <clef/rt/loop.h>

enum {
    TIMEOUT_SECONDS = 5,
    CACHED_STATEMENTS = 128,
    POOL_SIZE = 16,
    MAX_PARAMETERS = 32766,
    STEPS_BETWEEN_LOOKS = 4000 /* instructions of SQLite's machine: some tens of microseconds */
};

static bool in_memory(const DbConfig *config)
{
    return config->name.n == 0 || str_eq(config->name, STR(":memory:")) ||
           (str_starts(config->name, STR("file:")) && str_contains(config->name, STR("mode=memory")));
}

/* Another connection would see another, empty database. */
static unsigned most_connections(const DbConfig *config) { return in_memory(config) ? 1 : 0; }

/*
 * The first tries come soon, because most locks are held for microseconds; later ones are spread, so that no one
 * starves.
 */
bool sqlite_wait(DbConnection *c, int code, SqliteWait *wait)
{
    Sqlite *s = c->state;
    if (s->interrupted || (code & 0xff) != SQLITE_BUSY || code == SQLITE_BUSY_SNAPSHOT || code == SQLITE_BUSY_TIMEOUT)
        return false;
    int64_t now = loop_clock();
    if (!wait->deadline_ns)
        wait->deadline_ns = now + s->timeout_ns;
    if (now >= wait->deadline_ns || (c->deadline_ns && now >= c->deadline_ns))
        return false;
    unsigned steps = wait->tries < 6 ? wait->tries : 6;
    wait->tries++;
    s->jitter = s->jitter * 6364136223846793005u + 1442695040888963407u;
    int64_t most = INT64_C(200000) << steps; /* 0.2 ms to 12.8 ms */
    int64_t pause = most / 2 + (int64_t)((s->jitter >> 33) % (uint64_t)(most / 2));
    if (pause > wait->deadline_ns - now)
        pause = wait->deadline_ns - now;
    db_wait(pause);
    return true;
}

/* SQLite asks now and then whether it shall go on. */
static int is_too_late(void *arg)
{
    const Sqlite *s = arg;
    return s->limit_ns && loop_clock() > s->limit_ns;
}

static bool run(DbConnection *c, Str sql) { return db_execute(c, sql, NULL, 0, NULL); }

static bool pragma(DbConnection *c, const char *name, Str value)
{
    char text[96];
    Buf b = { .p = text, .cap = sizeof text, .max = sizeof text - 1 };
    BUF_LIT(&b, "PRAGMA ");
    buf_c(&b, name);
    BUF_LIT(&b, " = ");
    for (size_t i = 0; i < value.n; i++)
        if (!((value.p[i] | 32) >= 'a' && (value.p[i] | 32) <= 'z') && !(value.p[i] >= '0' && value.p[i] <= '9'))
            b.failed = true;
    buf_str(&b, value);
    if (b.failed)
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                      .message = STR("an option of the SQLite database is not a word") });
    return run(c, buf_view(&b));
}

static Str option_or(const DbConnection *c, const char *name, Str otherwise)
{
    Str value = db_option(c->config, name);
    return value.n ? value : otherwise;
}

static bool read_options(DbConnection *c, Sqlite *s)
{
    double seconds = TIMEOUT_SECONDS;
    int64_t cached = CACHED_STATEMENTS;
    Str timeout = db_option(c->config, "timeout"), statements = db_option(c->config, "cached_statements");
    if (timeout.n && (!double_parse(timeout, &seconds) || !(seconds >= 0) || seconds > 86400))
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                      .message = STR("the option \"timeout\" is a number of seconds, at most 86400") });
    if (statements.n && (!str_to_i64(statements, &cached) || cached < 0 || cached > 10000))
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                      .message = STR("the option \"cached_statements\" is a number up to 10000") });
    Str limit = db_option(c->config, "statement_timeout");
    int64_t ms = 0;
    if (limit.n && (!str_to_i64(limit, &ms) || ms < 0 || ms > INT32_MAX))
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                      .message = STR("the option \"statement_timeout\" is a number of milliseconds") });
    s->patience_ns = ms * 1000000;
    s->timeout_ns = (int64_t)(seconds * 1e9);
    s->most_cached = (unsigned)cached;
    Str mode = option_or(c, "transaction_mode", STR("IMMEDIATE"));
    s->begin = str_ieq(mode, STR("IMMEDIATE"))   ? STR("BEGIN IMMEDIATE")
               : str_ieq(mode, STR("DEFERRED"))  ? STR("BEGIN DEFERRED")
               : str_ieq(mode, STR("EXCLUSIVE")) ? STR("BEGIN EXCLUSIVE")
                                                 : STR("");
    if (!s->begin.n)
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                      .message = STR("the option \"transaction_mode\" is IMMEDIATE, DEFERRED or "
                                                     "EXCLUSIVE") });
    return true;
}

static bool sqlite_open(DbConnection *c)
{
    Sqlite *s = NEW(c->arena, Sqlite);
    c->state = s;
    if (!rand_bytes(&s->jitter, sizeof s->jitter))
        s->jitter = (uint64_t)loop_clock();
    if (!read_options(c, s))
        return false;
    const char *path = in_memory(c->config) && !str_starts(c->config->name, STR("file:"))
                           ? ":memory:"
                           : str_dup_c(c->arena, c->config->name);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
    int code = sqlite3_open_v2(path, &s->db, flags, NULL);
    if (code != SQLITE_OK) {
        Str why = str_c(s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(code));
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                      .code = code,
                                      .message = sqlite_explain(c->arena, code, why, c->config->name) });
    }
    sqlite3_extended_result_codes(s->db, 1);
    Str init = db_option(c->config, "init_command");
    if (!run(c, STR("PRAGMA foreign_keys = ON")))
        return false;
    if (!in_memory(c->config) && !pragma(c, "journal_mode", option_or(c, "journal_mode", STR("WAL"))))
        return false;
    Str synchronous = option_or(c, "synchronous", STR("FULL"));
    if (!pragma(c, "synchronous", synchronous))
        return false;
    s->durable = !in_memory(c->config) && !str_ieq(synchronous, STR("OFF")) && !str_eq(synchronous, STR("0"));
    return sqlite_add_functions(c) && (!init.n || run(c, init));
}

static void sqlite_close(DbConnection *c)
{
    Sqlite *s = c->state;
    if (!s)
        return;
    sqlite_cache_clear(c);
    sqlite3_close(s->db);
    s->db = NULL;
    if (s->turn)
        semaphore_post(db_pool_writers(c->pool));
}

/* Until when the statement may run. */
static void set_limit(const DbConnection *c, Sqlite *db)
{
    int64_t patience = db->patience_ns ? loop_clock() + db->patience_ns : 0;
    db->limit_ns = !c->deadline_ns || (patience && patience < c->deadline_ns) ? patience : c->deadline_ns;
    if (db->watched)
        return;
    db->watched = true;
    sqlite3_progress_handler(db->db, STEPS_BETWEEN_LOOKS, is_too_late, db);
}

/* It runs on the loop's own thread: what can be cancelled waits for a lock, or commits on another. */
static void sqlite_cancel(DbConnection *c, DbCursor *cursor)
{
    Sqlite *db = c->state;
    (void)cursor;
    db->interrupted = true;
    sqlite3_interrupt(db->db);
}

static bool sqlite_query(DbCursor *cursor, Str sql, const Value *params, size_t n)
{
    DbConnection *c = cursor->connection;
    SqliteStatement *s = sqlite_statement(c, sql);
    if (!s)
        return false;
    cursor->statement = s;
    Sqlite *db = c->state;
    db->interrupted = false;
    if (CLEF_UNLIKELY(db->patience_ns || c->deadline_ns || db->limit_ns))
        set_limit(c, db);
    size_t wanted = (size_t)sqlite3_bind_parameter_count(s->stmt);
    if (wanted != n)
        return db_fail(c, &(DbError){ .kind = DB_ERROR_SYNTAX,
                                      .message = STR("the statement has another number of placeholders than parameters "
                                                     "were given"),
                                      .sql = sql });
    for (size_t i = 0; i < n; i++) {
        int code = sqlite_bind(c, s->stmt, (int)i + 1, params[i]);
        if (code == SQLITE_MISMATCH)
            return db_fail(c, &(DbError){ .kind = DB_ERROR_DATA,
                                          .code = code,
                                          .message = STR("SQLite has no storage form for this kind of value"),
                                          .sql = sql });
        if (code != SQLITE_OK)
            return sqlite_fail(c, code, sql);
    }
    cursor->columns = (size_t)sqlite3_column_count(s->stmt);
    return true;
}

static DbStep sqlite_step(DbCursor *cursor)
{
    DbConnection *c = cursor->connection;
    Sqlite *db = c->state;
    SqliteStatement *s = cursor->statement;
    SqliteWait wait = { 0 };
    for (;;) {
        int code = !cursor->steps && s->verb != SQLITE_READS ? sqlite_step_first(c, s)
                   : fault_fails(FAULT_DATABASE)             ? SQLITE_IOERR
                                                             : sqlite3_step(s->stmt);
        if (CLEF_LIKELY(code == SQLITE_ROW)) {
            cursor->steps++;
            return DB_ROW;
        }
        if (CLEF_LIKELY(code == SQLITE_DONE)) {
            cursor->changes = sqlite3_changes64(db->db);
            cursor->insert_id = sqlite3_last_insert_rowid(db->db);
            code = sqlite_step_last(c, code);
            if (CLEF_LIKELY(code == SQLITE_DONE))
                return DB_END;
            sqlite_fail(c, code, cursor->sql);
            sqlite_step_ended(c, true);
            return DB_FAILED;
        }
        /* Rows that were given cannot be taken back, so only the first step is tried again. */
        if (cursor->steps || !sqlite_wait(c, code, &wait)) {
            sqlite_fail(c, code, cursor->sql);
            sqlite3_reset(s->stmt);
            sqlite_step_ended(c, true);
            return DB_FAILED;
        }
        sqlite3_reset(s->stmt);
    }
}

static void sqlite_row(DbCursor *cursor, Value *cells)
{
    sqlite3_stmt *stmt = ((SqliteStatement *)cursor->statement)->stmt;
    for (size_t i = 0; i < cursor->columns; i++) {
        int at = (int)i;
        switch (sqlite3_column_type(stmt, at)) {
        case SQLITE_INTEGER:
            cells[i] = value_int(sqlite3_column_int64(stmt, at));
            break;
        case SQLITE_FLOAT:
            cells[i] = value_double(sqlite3_column_double(stmt, at));
            break;
        case SQLITE_TEXT: {
            const char *p = (const char *)sqlite3_column_text(stmt, at);
            cells[i] = value_str(str_from(p ? p : "", p ? (size_t)sqlite3_column_bytes(stmt, at) : 0));
            break;
        }
        case SQLITE_BLOB: {
            const char *p = sqlite3_column_blob(stmt, at);
            cells[i] = value_bytes(str_from(p ? p : "", p ? (size_t)sqlite3_column_bytes(stmt, at) : 0));
            break;
        }
        default:
            cells[i] = value_null();
        }
    }
}

static Str sqlite_column_name(DbCursor *cursor, size_t column)
{
    return str_c(sqlite3_column_name(((SqliteStatement *)cursor->statement)->stmt, (int)column));
}

static void sqlite_finish(DbCursor *cursor)
{
    sqlite_statement_release(cursor->connection, cursor->statement);
    sqlite_step_ended(cursor->connection, cursor->failed);
}

static Str sqlite_begin(const DbConnection *c) { return ((const Sqlite *)c->state)->begin; }
static bool sqlite_in_transaction(const DbConnection *c) { return !sqlite3_get_autocommit(((Sqlite *)c->state)->db); }

const DbDriver sqlite_driver = {
    .vendor = "sqlite",
    .display_name = "SQLite",
    .pool_size = POOL_SIZE,
    .max_parameters = MAX_PARAMETERS,
    .most_connections = most_connections,
    .open = sqlite_open,
    .close = sqlite_close,
    .query = sqlite_query,
    .step = sqlite_step,
    .row = sqlite_row,
    .column_name = sqlite_column_name,
    .finish = sqlite_finish,
    .begin = sqlite_begin,
    .in_transaction = sqlite_in_transaction,
    .cancel = sqlite_cancel,
};
