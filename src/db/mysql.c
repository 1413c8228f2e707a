/* mysql.c: the driver's tables: connecting, running, reading. */
#include "db/mysql.h"
#include "base/fault.h"
#include <clef/base/hash.h>
#include <clef/db/mysql.h>
#include <clef/rt/pool.h>

#include <errmsg.h>
#include <poll.h>

enum { CACHED_STATEMENTS = 128, POOL_SIZE = 16, MAX_PARAMETERS = 65535, SESSION_MAX = 2048, KILL_SECONDS = 10 };

/* A call that does not block, to its end: starts it, and goes on as often as it must wait. */
#define MY_CALL(my, result, call, handle, ...)                                             \
    do {                                                                                   \
        int wait_ = (my)->lib.call##_start(&(result), (handle)__VA_OPT__(, ) __VA_ARGS__); \
        while (wait_)                                                                      \
            wait_ = (my)->lib.call##_cont(&(result), (handle), my_wait((my), wait_));      \
    } while (0)

/* --- connecting */

typedef struct Connecting {
    My *my;
    const char *host, *user, *password, *name, *socket;
    unsigned port;
    const char *session, *missing;
    Str ssl[3], ssl_mode;
    unsigned connect_timeout, read_timeout;
    bool connected;
} Connecting;

static const char *or_null(Arena *a, Str s) { return s.n ? str_dup_c(a, s) : NULL; }

/* On a thread: looking the host up and the handshake of TLS block. */
static void connect_there(void *arg)
{
    Connecting *c = arg;
    My *my = c->my;
    const MyLibrary *l = &my->lib;
    my_bool on = 1;
    if (!my_library_load(&my->lib, &c->missing))
        return;
    my->db = l->mysql_init(NULL);
    if (!my->db)
        return;
    l->mysql_options(my->db, MYSQL_OPT_NONBLOCK, NULL);
    l->mysql_options(my->db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    l->mysql_options(my->db, MYSQL_INIT_COMMAND, c->session);
    l->mysql_options(my->db, MYSQL_OPT_CONNECT_TIMEOUT, &c->connect_timeout);
    l->mysql_options(my->db, MYSQL_REPORT_DATA_TRUNCATION, &(my_bool){ 1 });
    if (c->read_timeout)
        l->mysql_options(my->db, MYSQL_OPT_READ_TIMEOUT, &c->read_timeout);
    static const enum mysql_option files[] = { MYSQL_OPT_SSL_CA, MYSQL_OPT_SSL_CERT, MYSQL_OPT_SSL_KEY };
    for (size_t i = 0; i < 3; i++)
        if (c->ssl[i].n)
            l->mysql_optionsv(my->db, files[i], c->ssl[i].p);
    if (c->ssl_mode.n && !str_ieq(c->ssl_mode, STR("DISABLED")))
        l->mysql_optionsv(my->db, MYSQL_OPT_SSL_ENFORCE, &on);
    if (str_ieq(c->ssl_mode, STR("VERIFY_IDENTITY")) || str_ieq(c->ssl_mode, STR("VERIFY_CA")))
        l->mysql_optionsv(my->db, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &on);
    c->connected = l->mysql_real_connect(my->db, c->host, c->user, c->password, c->name, c->port, c->socket,
                                         CLIENT_FOUND_ROWS) != NULL;
}

static bool bad_option(DbConnection *c, const char *name, const char *what)
{
    return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                  .message = str_format(c->arena, "the option \"%s\" is %s", name, what) });
}

static bool number_option(DbConnection *c, const char *name, int64_t most, int64_t *out)
{
    Str text = db_option(c->config, name);
    if (text.n && (!str_to_i64(text, out) || *out < 0 || *out > most))
        return bad_option(c, name, "not a number that is small enough");
    return true;
}

static bool is_words(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z') && s.p[i] != '_' && s.p[i] != ',' && s.p[i] != ' ')
            return false;
    return true;
}

/* One statement that makes the session what the rest of the house expects. */
static bool write_session(DbConnection *c, const My *my, Buf *b)
{
    Str level = db_option(c->config, "isolation_level"), modes = db_option(c->config, "sql_mode");
    int64_t statement = 0, lock = 0;
    if (!is_words(modes))
        return bad_option(c, "sql_mode", "no list of words");
    if (level.n && !str_ieq(level, STR("read committed")) && !str_ieq(level, STR("repeatable read")) &&
        !str_ieq(level, STR("serializable")) && !str_ieq(level, STR("read uncommitted")))
        return bad_option(c, "isolation_level", "read committed, repeatable read, serializable or read uncommitted");
    if (!number_option(c, "statement_timeout", INT32_MAX, &statement) ||
        !number_option(c, "lock_timeout", 1 << 30, &lock))
        return false;
    BUF_LIT(b, "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_TRANS_TABLES,"
               "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION");
    if (modes.n)
        buf_printf(b, ",%.*s", STR_FMT(modes));
    BUF_LIT(b, "', SESSION time_zone = '+00:00', SESSION sql_auto_is_null = 0");
    if (lock)
        buf_printf(b, ", SESSION innodb_lock_wait_timeout = %lld", (long long)lock);
    if (statement && my->mariadb)
        buf_printf(b, ", SESSION max_statement_time = %lld.%03lld", (long long)statement / 1000,
                   (long long)statement % 1000);
    else if (statement)
        buf_printf(b, ", SESSION max_execution_time = %lld", (long long)statement);
    Str word = level.n ? level : STR("read committed");
    Buf dashed = BUF_INIT(c->arena, 64);
    for (size_t i = 0; i < word.n; i++)
        buf_byte(&dashed, word.p[i] == ' ' ? '-' : word.p[i]);
    buf_printf(b, ", SESSION %s = '%.*s'", my->mariadb ? "tx_isolation" : "transaction_isolation",
               STR_FMT(buf_view(&dashed)));
    return true;
}

static Connecting connecting_of(Arena *a, My *my, const DbConfig *config)
{
    bool path = str_starts(config->host, STR("/"));
    return (Connecting){ .my = my,
                         .host = path ? NULL : or_null(a, config->host),
                         .user = or_null(a, config->user),
                         .password = or_null(a, config->password),
                         .name = or_null(a, config->name),
                         .socket = or_null(a, path ? config->host : db_option(config, "unix_socket")),
                         .port = my->port,
                         .ssl = { db_option(config, "ssl_ca"), db_option(config, "ssl_cert"),
                                  db_option(config, "ssl_key") },
                         .ssl_mode = db_option(config, "ssl_mode") };
}

static bool open_kind(DbConnection *c, bool mariadb)
{
    My *my = NEW(c->arena, My);
    Arena *a = c->arena;
    const DbConfig *config = c->config;
    int64_t cached = CACHED_STATEMENTS, port = 0, patience = 10, reading = 0;
    c->state = my;
    *my = (My){ .arena = a, .config = config, .mariadb = mariadb };
    my->scratch = arena_create(a, 0, 1024);
    Buf session = BUF_INIT(a, SESSION_MAX);
    if (!number_option(c, "cached_statements", 10000, &cached) ||
        !number_option(c, "connect_timeout", 3600, &patience) || !number_option(c, "read_timeout", 86400, &reading) ||
        !write_session(c, my, &session))
        return false;
    if (config->port.n && !str_to_i64(config->port, &port))
        return bad_option(c, "port", "no number");
    my->most_cached = (unsigned)cached;
    my->port = (unsigned)port;
    Connecting connecting = connecting_of(a, my, config);
    connecting.session = str_dup_c(a, buf_view(&session));
    connecting.connect_timeout = (unsigned)patience;
    connecting.read_timeout = (unsigned)reading;
    if (fault_fails(FAULT_DATABASE))
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION, .message = STR("no connection, on purpose") });
    if (offload(connect_there, &connecting) != 0)
        connect_there(&connecting);
    if (connecting.missing || !my->db)
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                      .message = str_c(connecting.missing ? connecting.missing : "out of memory") });
    if (!connecting.connected) {
        unsigned code = my->lib.mysql_errno(my->db);
        my_fail(c, code, my->lib.mysql_error(my->db), (Str){ 0 });
        c->error.kind = DB_ERROR_CONNECTION;
        return false;
    }
    Str init = db_option(config, "init_command");
    return !init.n || db_execute(c, init, NULL, 0, NULL);
}

static bool mysql_open(DbConnection *c) { return open_kind(c, false); }
static bool mariadb_open(DbConnection *c) { return open_kind(c, true); }

/* --- prepared statements by their text */

static void unlink_use(My *my, MyStatement *s)
{
    *(s->newer ? &s->newer->older : &my->newest) = s->older;
    *(s->older ? &s->older->newer : &my->oldest) = s->newer;
    s->newer = s->older = NULL;
}

static void link_newest(My *my, MyStatement *s)
{
    s->older = my->newest;
    *(my->newest ? &my->newest->newer : &my->oldest) = s;
    my->newest = s;
}

static void close_statement(My *my, MyStatement *s)
{
    if (s->kept) {
        unlink_use(my, s);
        my->cached--;
    }
    *(s->prev ? &s->prev->next : &my->open) = s->next;
    if (s->next)
        s->next->prev = s->prev;
    if (s->meta)
        my->lib.mysql_free_result(s->meta);
    if (s->stmt) {
        my_bool failed = 0;
        if (my->dead)
            my->lib.mysql_stmt_close(s->stmt);
        else
            MY_CALL(my, failed, mysql_stmt_close, s->stmt);
    }
    arena_destroy(s->arena);
}

static bool is_worth_keeping(Str sql)
{
    static const char *const words[] = {
        "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "REPLACE", "(SELECT"
    };
    sql = str_trim(sql);
    for (size_t i = 0; i < CLEF_COUNT(words); i++)
        if (str_ieq(str_slice(sql, 0, strlen(words[i])), str_c(words[i])))
            return true;
    return false;
}

static void make_room(My *my)
{
    MyStatement *s = my->oldest;
    while (my->cached >= my->most_cached && s) {
        MyStatement *newer = s->newer;
        if (!s->busy)
            close_statement(my, s);
        s = newer;
    }
}

static bool lost(unsigned code)
{
    return code == 2006 || code == 2013 || code == 2055 || code == 1927 || code == 4031 || code == 1053;
}

static bool fail_stmt(DbConnection *c, MYSQL_STMT *stmt, Str sql)
{
    My *my = c->state;
    unsigned code = my->lib.mysql_stmt_errno(stmt);
    if (lost(code))
        my->dead = true;
    return my_fail(c, code, my->lib.mysql_stmt_error(stmt), sql);
}

static bool fail_db(DbConnection *c, Str sql)
{
    My *my = c->state;
    unsigned code = my->lib.mysql_errno(my->db);
    if (lost(code))
        my->dead = true;
    return my_fail(c, code, my->lib.mysql_error(my->db), sql);
}

static MyStatement *prepare(DbConnection *c, Str sql, uint64_t hash)
{
    My *my = c->state;
    Arena *arena = arena_create(my->arena, 0, 512);
    MyStatement *s = NEW(arena, MyStatement);
    *s = (MyStatement){ .arena = arena, .hash = hash, .busy = true, .next = my->open };
    if (s->next)
        s->next->prev = s;
    my->open = s;
    s->stmt = my->lib.mysql_stmt_init(my->db);
    int failed = 1;
    if (s->stmt)
        MY_CALL(my, failed, mysql_stmt_prepare, s->stmt, sql.p, sql.n);
    if (failed) {
        if (s->stmt)
            fail_stmt(c, s->stmt, sql);
        else
            db_fail(c, &(DbError){ .kind = DB_ERROR_MEMORY, .message = STR("out of memory"), .sql = sql });
        close_statement(my, s);
        return NULL;
    }
    s->columns = my->lib.mysql_stmt_field_count(s->stmt);
    s->meta = s->columns ? my->lib.mysql_stmt_result_metadata(s->stmt) : NULL;
    return s;
}

static MyStatement *statement(DbConnection *c, Str sql)
{
    My *my = c->state;
    uint64_t hash = hash_str((HashKey){ 0x4d79, 0x5371 }, sql);
    bool running = false;
    for (MyStatement *s = my->newest; s; s = s->older) {
        if (s->hash != hash || !str_eq(s->sql, sql))
            continue;
        if (s->busy) {
            running = true;
            break;
        }
        if (my->newest != s) {
            unlink_use(my, s);
            link_newest(my, s);
        }
        s->busy = true;
        return s;
    }
    MyStatement *s = prepare(c, sql, hash);
    if (!s || running || !my->most_cached || !is_worth_keeping(sql))
        return s;
    make_room(my);
    s->sql = str_copy(s->arena, sql);
    s->kept = true;
    link_newest(my, s);
    my->cached++;
    return s;
}

static void mysql_close_connection(DbConnection *c)
{
    My *my = c->state;
    if (!my)
        return;
    my_unwatch(my);
    my->dead = true;
    while (my->open)
        close_statement(my, my->open);
    if (my->db)
        my->lib.mysql_close(my->db);
    my->db = NULL;
}

/* --- running */

static MyRequest *request_new(My *my)
{
    MyRequest *r = my->spare;
    if (r)
        my->spare = r->next;
    else
        r = NEW(my->arena, MyRequest);
    Arena *scratch = r->scratch ? r->scratch : arena_create(my->arena, 0, 1024);
    *r = (MyRequest){ .scratch = scratch };
    return r;
}

/* Transactions, tables: as text, without parameters. */
static bool run_text(DbCursor *cursor, MyRequest *r, Str sql)
{
    DbConnection *c = cursor->connection;
    My *my = c->state;
    int failed = 0;
    MY_CALL(my, failed, mysql_real_query, my->db, sql.p, sql.n);
    if (failed)
        return fail_db(c, sql);
    if (my->lib.mysql_field_count(my->db)) {
        MY_CALL(my, r->result, mysql_store_result, my->db);
        if (!r->result)
            return fail_db(c, sql);
        cursor->columns = my->lib.mysql_num_fields(r->result);
    } else {
        cursor->changes = (int64_t)my->lib.mysql_affected_rows(my->db);
        cursor->insert_id = (int64_t)my->lib.mysql_insert_id(my->db);
    }
    return true;
}

static bool run_prepared(DbCursor *cursor, MyRequest *r, Str sql, const Value *params, size_t n)
{
    DbConnection *c = cursor->connection;
    My *my = c->state;
    const char *why = NULL;
    MyStatement *s = r->statement = statement(c, sql);
    if (!s)
        return false;
    if (my->lib.mysql_stmt_param_count(s->stmt) != n)
        return db_fail(c, &(DbError){ .kind = DB_ERROR_SYNTAX,
                                      .message = STR("the statement has another number of placeholders than parameters "
                                                     "were given"),
                                      .sql = sql });
    arena_reset(my->scratch);
    MYSQL_BIND *binds = NEW_ARRAY(my->scratch, MYSQL_BIND, n + 1);
    if (!my_bind(my->scratch, params, n, my->mariadb, binds, &why))
        return db_fail(c, &(DbError){ .kind = DB_ERROR_DATA, .message = str_c(why), .sql = sql });
    if (n && my->lib.mysql_stmt_bind_param(s->stmt, binds))
        return fail_stmt(c, s->stmt, sql);
    int failed = 0;
    MY_CALL(my, failed, mysql_stmt_execute, s->stmt);
    if (failed)
        return fail_stmt(c, s->stmt, sql);
    /* Asked after it ran: INSERT ... RETURNING has no columns while it is prepared, and a table may have changed since. */
    unsigned columns = my->lib.mysql_stmt_field_count(s->stmt);
    if (!columns) {
        cursor->changes = (int64_t)my->lib.mysql_stmt_affected_rows(s->stmt);
        cursor->insert_id = (int64_t)my->lib.mysql_stmt_insert_id(s->stmt);
        return true;
    }
    cursor->columns = columns;
    if (columns != s->columns || !s->results) {
        if (s->meta)
            my->lib.mysql_free_result(s->meta);
        s->meta = my->lib.mysql_stmt_result_metadata(s->stmt);
        s->columns = columns;
        if (!s->meta)
            return fail_stmt(c, s->stmt, sql);
        my_bind_results(s, my->lib.mysql_fetch_fields(s->meta));
    }
    if (my->lib.mysql_stmt_bind_result(s->stmt, s->results))
        return fail_stmt(c, s->stmt, sql);
    r->buffered = !c->streams;
    if (r->buffered) {
        MY_CALL(my, failed, mysql_stmt_store_result, s->stmt);
        if (failed) {
            /* INSERT ... RETURNING that failed behind its columns: run again, it would wait for an answer for ever. */
            r->spoilt = true;
            return fail_stmt(c, s->stmt, sql);
        }
        cursor->changes = (int64_t)my->lib.mysql_stmt_affected_rows(s->stmt);
        cursor->insert_id = (int64_t)my->lib.mysql_stmt_insert_id(s->stmt);
    }
    return true;
}

static bool mysql_run(DbCursor *cursor, Str sql, const Value *params, size_t n)
{
    DbConnection *c = cursor->connection;
    My *my = c->state;
    if (n > MAX_PARAMETERS)
        return db_fail(c, &(DbError){ .kind = DB_ERROR_DATA,
                                      .message = STR("a statement has more than 65535 parameters"),
                                      .sql = sql });
    if (fault_fails(FAULT_DATABASE))
        return db_fail(c, &(DbError){ .kind = DB_ERROR_OTHER, .message = STR("it fails on purpose"), .sql = sql });
    MyRequest *r = request_new(my);
    cursor->statement = r;
    if (n == 0 && !is_worth_keeping(sql))
        return run_text(cursor, r, sql);
    if (run_prepared(cursor, r, sql, params, n))
        return true;
    /* Other columns than when it was prepared, because the table has changed: it is prepared anew. */
    if (c->error.code != CR_NEW_STMT_METADATA || !str_ieq(str_slice(str_trim(sql), 0, 6), STR("SELECT")))
        return false;
    close_statement(my, r->statement);
    r->statement = NULL;
    c->error.kind = DB_ERROR_NONE;
    c->broken = false;
    return run_prepared(cursor, r, sql, params, n);
}

static DbStep mysql_step(DbCursor *cursor)
{
    DbConnection *c = cursor->connection;
    My *my = c->state;
    MyRequest *r = cursor->statement;
    MyStatement *s = r->statement;
    if (!s) {
        r->row = r->result ? my->lib.mysql_fetch_row(r->result) : NULL;
        r->lengths = r->row ? my->lib.mysql_fetch_lengths(r->result) : NULL;
        return r->row ? DB_ROW : DB_END;
    }
    if (!s->columns)
        return DB_END;
    int failed = 0;
    MY_CALL(my, failed, mysql_stmt_fetch, s->stmt);
    if (failed == 0 || failed == MYSQL_DATA_TRUNCATED)
        return DB_ROW;
    r->done = true;
    if (failed == MYSQL_NO_DATA)
        return DB_END;
    fail_stmt(c, s->stmt, cursor->sql);
    return DB_FAILED;
}

static void mysql_row(DbCursor *cursor, Value *cells)
{
    My *my = cursor->connection->state;
    MyRequest *r = cursor->statement;
    arena_reset(r->scratch);
    for (unsigned i = 0; i < cursor->columns; i++)
        cells[i] = r->statement
                       ? my_cell(my, r->scratch, r->statement, i)
                       : my_text_cell(r->scratch, &my->lib.mysql_fetch_fields(r->result)[i], r->row[i], r->lengths[i]);
}

static Str mysql_column_name(DbCursor *cursor, size_t column)
{
    My *my = cursor->connection->state;
    MyRequest *r = cursor->statement;
    const MYSQL_FIELD *field = &my->lib.mysql_fetch_fields(r->statement ? r->statement->meta : r->result)[column];
    return str_from(field->name, field->name_length);
}

static void mysql_finish(DbCursor *cursor)
{
    My *my = cursor->connection->state;
    MyRequest *r = cursor->statement;
    MyStatement *s = r->statement;
    if (r->result)
        my->lib.mysql_free_result(r->result);
    if (s) {
        my_bool failed = 0;
        if (s->columns && !my->dead) /* what was not read is read over here */
            MY_CALL(my, failed, mysql_stmt_free_result, s->stmt);
        s->busy = false;
        if (!s->kept || r->spoilt)
            close_statement(my, s);
    }
    arena_reset(r->scratch);
    r->statement = NULL;
    r->next = my->spare;
    my->spare = r;
}

static Str mysql_begin_text(const DbConnection *c)
{
    (void)c;
    return STR("START TRANSACTION");
}

static bool mysql_in_transaction(const DbConnection *c)
{
    const My *my = c->state;
    return !my->dead && my->db && (my->db->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

static bool mysql_alive(DbConnection *c)
{
    My *my = c->state;
    struct pollfd p = { .fd = my->lib.mysql_get_socket(my->db), .events = POLLIN | POLLRDHUP };
    /* An idle server says nothing: what comes is its farewell. */
    if (!my->dead && poll(&p, 1, 0) > 0)
        my->dead = true;
    return !my->dead;
}

/* --- cancelling: by another connection, which is what the server wants */

typedef struct Killing {
    Arena *arena; /* its own: the connection may end meanwhile */
    Connecting connecting;
    My my;
    unsigned long victim;
} Killing;

static void kill_there(void *arg)
{
    Killing *k = arg;
    char text[48];
    Buf b = { .p = text, .cap = sizeof text, .max = sizeof text - 1 };
    buf_printf(&b, "KILL QUERY %lu", k->victim);
    connect_there(&k->connecting);
    if (k->connecting.connected)
        (void)k->my.lib.mysql_real_query(k->my.db, text, b.n);
    if (k->my.db)
        k->my.lib.mysql_close(k->my.db);
}

static void kill_on_fiber(void *arg)
{
    Killing *k = arg;
    (void)!offload(kill_there, k);
    arena_destroy(k->arena);
}

static void mysql_cancel_query(DbConnection *c, DbCursor *cursor)
{
    const My *my = c->state;
    (void)cursor;
    if (my->dead)
        return;
    c->retiring = true;
    Arena *a = arena_try_create(NULL, 0, 0);
    if (!a) /* on the loop's stack; without memory the statement goes on */
        return;
    Killing *k = NEW(a, Killing);
    *k = (Killing){ .arena = a, .my = { .port = my->port }, .victim = my->lib.mysql_thread_id(my->db) };
    k->connecting = connecting_of(a, &k->my, c->config);
    k->connecting.session = "SET SESSION sql_auto_is_null = 0";
    k->connecting.connect_timeout = KILL_SECONDS;
    if (!fiber_spawn(loop_current(), kill_on_fiber, k))
        arena_destroy(a);
}

/* clang-format off */
#define DRIVER_COMMON                        \
    .pool_size = POOL_SIZE,                  \
    .max_parameters = MAX_PARAMETERS,        \
    .close = mysql_close_connection,         \
    .query = mysql_run,                      \
    .step = mysql_step,                      \
    .row = mysql_row,                        \
    .column_name = mysql_column_name,        \
    .finish = mysql_finish,                  \
    .begin = mysql_begin_text,               \
    .in_transaction = mysql_in_transaction,  \
    .alive = mysql_alive,                    \
    .cancel = mysql_cancel_query
/* clang-format on */

const DbDriver mysql_driver = { .vendor = "mysql", .display_name = "MySQL", .open = mysql_open, DRIVER_COMMON };
const DbDriver mariadb_driver = { .vendor = "mariadb", .display_name = "MariaDB", .open = mariadb_open, DRIVER_COMMON };
