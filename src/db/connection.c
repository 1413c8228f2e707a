/* connection.c: what all drivers share: the life of a connection, cursors, transactions, errors, the query hook. */
#include <clef/base/vec.h>
#include <clef/db/connection.h>
#include <clef/rt/loop.h>

#include <time.h>

enum { FIRST_CHUNK = 24 << 10 }; /* what opening takes is there, or the connection is not */

const char *db_error_word(DbErrorKind kind)
{
    static const char *const words[] = {
        [DB_ERROR_NONE] = "none",           [DB_ERROR_CONNECTION] = "connection",
        [DB_ERROR_BUSY] = "busy",           [DB_ERROR_POOL] = "pool",
        [DB_ERROR_TIMEOUT] = "timeout",     [DB_ERROR_SERIALIZATION] = "serialization",
        [DB_ERROR_DEADLOCK] = "deadlock",   [DB_ERROR_ABORTED] = "aborted",
        [DB_ERROR_SYNTAX] = "syntax",       [DB_ERROR_NO_TABLE] = "no_table",
        [DB_ERROR_NO_COLUMN] = "no_column", [DB_ERROR_UNIQUE] = "unique",
        [DB_ERROR_NOT_NULL] = "not_null",   [DB_ERROR_FOREIGN_KEY] = "foreign_key",
        [DB_ERROR_EXCLUSION] = "exclusion", [DB_ERROR_CHECK] = "check",
        [DB_ERROR_DATA] = "data",           [DB_ERROR_READ_ONLY] = "read_only",
        [DB_ERROR_FULL] = "full",           [DB_ERROR_CORRUPT] = "corrupt",
        [DB_ERROR_MEMORY] = "memory",       [DB_ERROR_OTHER] = "other",
    };
    return kind < CLEF_COUNT(words) ? words[kind] : "other";
}

const ValueClass db_array_class = { .name = "array" };

Str db_option(const DbConfig *config, const char *name)
{
    for (size_t i = 0; i < config->noptions; i++)
        if (str_eq(config->options[i].name, str_c(name)))
            return config->options[i].value;
    return (Str){ 0 };
}

DbError db_error_copy(Arena *a, const DbError *error)
{
    DbError e = *error;
    e.message = str_copy(a, e.message);
    e.sql = str_copy(a, e.sql);
    e.table = str_copy(a, e.table);
    e.columns = str_copy(a, e.columns);
    e.constraint = str_copy(a, e.constraint);
    return e;
}

bool db_fail(DbConnection *c, const DbError *error)
{
    arena_reset(c->error_arena);
    DbError e = c->error = db_error_copy(c->error_arena, error);
    if (e.kind == DB_ERROR_CONNECTION || e.kind == DB_ERROR_CORRUPT)
        c->broken = true;
    return false;
}

void db_wait(int64_t nanoseconds)
{
    if (fiber_self()) {
        fiber_sleep(nanoseconds);
        return;
    }
    struct timespec t = { nanoseconds / 1000000000, nanoseconds % 1000000000 };
    nanosleep(&t, NULL);
}

DbConnection *db_open(Arena *parent, const DbConfig *config)
{
    Arena *arena = arena_try_create(parent, 0, FIRST_CHUNK);
    if (!arena)
        return NULL;
    DbConnection *c = NEW(arena, DbConnection);
    *c = (DbConnection){ .driver = config->driver, .config = config, .arena = arena, .opened_ns = loop_clock() };
    c->error_arena = arena_create(arena, 0, 1024);
    if (!c->driver->open(c)) {
        c->broken = true;
        if (!c->error.kind)
            db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION, .message = STR("the database could not be opened") });
    }
    return c;
}

void db_close(DbConnection *c)
{
    if (!c)
        return;
    c->driver->close(c);
    arena_destroy(c->arena);
}

bool db_query(DbConnection *c, DbCursor *cursor, Str sql, const Value *params, size_t n)
{
    *cursor = (DbCursor){ .connection = c, .sql = sql, .params = params, .nparams = n };
    if (c->on_query) {
        cursor->on_query = c->on_query;
        cursor->on_query_arg = c->on_query_arg;
        cursor->began_ns = loop_clock();
    }
    c->error.kind = DB_ERROR_NONE;
    if (CLEF_UNLIKELY(c->broken)) {
        cursor->done = cursor->failed = true;
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                      .message = STR("the connection was lost; the next statement gets a new one"),
                                      .sql = sql });
    }
    if (CLEF_UNLIKELY(c->copying)) {
        cursor->done = cursor->failed = true;
        return db_fail(c, &(DbError){ .kind = DB_ERROR_OTHER,
                                      .message = STR("rows are being copied over this connection: what they need must "
                                                     "be read before, or by another one"),
                                      .sql = sql });
    }
    bool ok = c->driver->query(cursor, sql, params, n);
    cursor->failed = !ok;
    return ok;
}

bool db_query_streaming(DbConnection *c, DbCursor *cursor, Str sql, const Value *params, size_t n)
{
    c->streams = true;
    bool ok = db_query(c, cursor, sql, params, n);
    c->streams = false;
    return ok;
}

DbStep db_step(DbCursor *cursor)
{
    if (cursor->done || !cursor->statement)
        return cursor->failed ? DB_FAILED : DB_END;
    DbStep step = cursor->connection->driver->step(cursor);
    cursor->done = step != DB_ROW;
    cursor->failed = step == DB_FAILED;
    return step;
}

void db_row(DbCursor *cursor, Value *cells) { cursor->connection->driver->row(cursor, cells); }

Str db_column_name(DbCursor *cursor, size_t column) { return cursor->connection->driver->column_name(cursor, column); }

void db_finish(DbCursor *cursor)
{
    DbConnection *c = cursor->connection;
    if (!c)
        return;
    if (cursor->statement)
        c->driver->finish(cursor);
    cursor->statement = NULL;
    cursor->connection = NULL;
    if (cursor->on_query) {
        DbQueryEvent event = { .connection = c,
                               .sql = cursor->sql,
                               .params = cursor->params,
                               .nparams = cursor->nparams,
                               .duration_ns = loop_clock() - cursor->began_ns,
                               .error = cursor->failed ? &c->error : NULL };
        cursor->on_query(cursor->on_query_arg, &event);
    }
}

bool db_execute(DbConnection *c, Str sql, const Value *params, size_t n, DbDone *done)
{
    DbCursor cursor;
    DbStep step = DB_FAILED;
    if (db_query(c, &cursor, sql, params, n))
        while ((step = db_step(&cursor)) == DB_ROW)
            ;
    if (done)
        *done = (DbDone){ cursor.changes, cursor.insert_id };
    db_finish(&cursor);
    return step == DB_END;
}

void db_cancel(DbConnection *c, DbCursor *cursor)
{
    if (!c->broken && c->driver->cancel)
        c->driver->cancel(c, cursor);
}

/* It has begun, though its answer went astray: nobody would end it. */
static void end_begun(DbConnection *c)
{
    Arena *kept = arena_create(c->arena, 0, 512);
    DbError e = db_error_copy(kept, &c->error);
    db_rollback(c);
    db_fail(c, &e);
    arena_destroy(kept);
}

static void tell(DbConnection *c, Str sql)
{
    DbQueryEvent event = { .connection = c, .sql = sql };
    if (c->on_query)
        c->on_query(c->on_query_arg, &event);
}

/* The transaction has not reached the server: there is nothing to end. */
static bool is_unsent(DbConnection *c) { return c->driver->begin_later && c->driver->begin_later(c, false); }

bool db_begin(DbConnection *c)
{
    if (c->driver->begin_later && !c->broken && !c->copying && c->driver->begin_later(c, true)) {
        c->error.kind = DB_ERROR_NONE;
        c->transaction = 1;
        tell(c, c->driver->begin(c));
        return true;
    }
    if (!db_execute(c, c->driver->begin(c), NULL, 0, NULL)) {
        if (!c->broken && c->driver->in_transaction(c))
            end_begun(c);
        return false;
    }
    c->transaction = 1;
    return true;
}

bool db_commit(DbConnection *c)
{
    if (is_unsent(c)) {
        c->error.kind = DB_ERROR_NONE;
        c->transaction = 0;
        tell(c, STR("COMMIT"));
        return true;
    }
    if (!db_execute(c, STR("COMMIT"), NULL, 0, NULL))
        return false;
    c->transaction = 0;
    return true;
}

void db_rollback(DbConnection *c)
{
    c->transaction = 0;
    c->broken |= c->copying; /* it was left by a jump */
    if (c->broken || is_unsent(c))
        return;
    /* The database may have rolled back by itself, when its disk was full. */
    if (c->driver->in_transaction(c) && !db_execute(c, STR("ROLLBACK"), NULL, 0, NULL))
        c->broken = true;
}

static bool savepoint(DbConnection *c, const char *what, unsigned number)
{
    char text[64];
    Buf b = { .p = text, .cap = sizeof text, .max = sizeof text - 1 };
    buf_c(&b, what);
    BUF_LIT(&b, " \"s");
    buf_u64(&b, number);
    BUF_LIT(&b, "\"");
    return db_execute(c, buf_view(&b), NULL, 0, NULL);
}

bool db_savepoint(DbConnection *c, unsigned number) { return savepoint(c, "SAVEPOINT", number); }
bool db_savepoint_release(DbConnection *c, unsigned number) { return savepoint(c, "RELEASE SAVEPOINT", number); }
bool db_savepoint_rollback(DbConnection *c, unsigned number)
{
    return savepoint(c, "ROLLBACK TO SAVEPOINT", number) && db_savepoint_release(c, number);
}
