/* copy.c: many rows at once, on every database. */
#include "servers.h"

#include <clef/base/decimal.h>

static DbConnection *c;
static DbConfig config;
static const Str names[] = { { "\"a\"", 3 }, { "\"b\"", 3 } };

typedef struct Rows {
    int64_t at, n, bad; /* the row whose value is refused; 0: none */
    size_t length;      /* of the text */
} Rows;

static bool some(void *arg, Value *cells)
{
    Rows *rows = arg;
    if (rows->at == rows->n)
        return false;
    rows->at++;
    char *text = arena_alloc(test_arena(), rows->length + 1);
    memset(text, 'a' + (int)(rows->at % 26), rows->length);
    cells[0] = value_int(rows->at);
    cells[1] = rows->at == rows->bad ? value_str(str_from("a\0b", 3)) : value_str(str_from(text, rows->length));
    return true;
}

static void loads(const char *create)
{
    test_run(c, create);
    int64_t n = 7;
    CHECK(db_copy(c, STR("t"), names, 2, some, &(Rows){ .n = 0 }, &n));
    CHECK_EQ(n, 0);
    if (!db_copy(c, STR("t"), names, 2, some, &(Rows){ .n = 250, .length = 3 }, &n))
        CHECK_STR(c->error.message, STR(""));
    CHECK_EQ(n, 250);
    CHECK_EQ(test_one(c, "SELECT count(*) FROM t WHERE b = 'bbb'", NULL, 0).i, 10);
    /* One that is there already: none of them is written, and it is told as an INSERT tells it. */
    CHECK(!db_copy(c, STR("t"), names, 2, some, &(Rows){ .at = 248, .n = 252, .length = 3 }, &n));
    CHECK_STR(str_c(db_error_word(c->error.kind)), STR("unique"));
    CHECK(!c->broken);
    CHECK_EQ(test_one(c, "SELECT count(*) FROM t", NULL, 0).i, 250);
    /* In a transaction it is undone with the rest. */
    REQUIRE(db_begin(c));
    test_run(c, "DELETE FROM t WHERE a > 200");
    CHECK(db_copy(c, STR("t"), names, 2, some, &(Rows){ .at = 300, .n = 310, .length = 1 }, &n));
    CHECK_EQ(n, 10);
    CHECK_EQ(test_one(c, "SELECT count(*) FROM t", NULL, 0).i, 210);
    REQUIRE(db_savepoint(c, 1));
    CHECK(!db_copy(c, STR("t"), names, 2, some, &(Rows){ .at = 308, .n = 320, .length = 1 }, &n));
    REQUIRE(db_savepoint_rollback(c, 1));
    CHECK_EQ(test_one(c, "SELECT count(*) FROM t", NULL, 0).i, 210);
    db_rollback(c);
    CHECK_EQ(test_one(c, "SELECT count(*) FROM t", NULL, 0).i, 250);
    CHECK(!db_copy(c, STR("nowhere"), names, 2, some, &(Rows){ .n = 3 }, &n));
    CHECK_EQ(c->error.kind, DB_ERROR_NO_TABLE);
    CHECK_EQ(test_one(c, "SELECT 2", NULL, 0).i, 2);
}

TEST(db_copy, sqlite)
{
    config = (DbConfig){ .driver = &sqlite_driver, .name = STR(":memory:") };
    c = db_open(test_arena(), &config);
    loads("CREATE TABLE t (a integer PRIMARY KEY, b text)");
    db_close(c);
}

TEST(mariadb, rows_are_copied)
{
    c = test_open("mariadb", &config);
    loads("CREATE TABLE t (a integer PRIMARY KEY, b varchar(20))");
    db_close(c);
}

TEST(postgresql, rows_are_copied)
{
    c = test_open("postgresql", &config);
    loads("CREATE TABLE t (a integer PRIMARY KEY, b text)");
    int64_t n;
    CHECK(!db_copy(c, STR("t"), names, 2, some, &(Rows){ .at = 100, .n = 101 }, &n));
    CHECK_STR(c->error.constraint, STR("t_pkey"));
    CHECK_STR(c->error.table, STR("t"));
    CHECK_STR(c->error.columns, STR("a"));
    CHECK_STR_CONTAINS(c->error.message, STR("Key (a)=(101) already exists"));
    CHECK_STR(c->error.sql, STR("COPY t (\"a\", \"b\") FROM STDIN"));
    /* A value that no column takes ends it, whatever was sent before. */
    CHECK(!db_copy(c, STR("t"), names, 2, some, &(Rows){ .at = 1000, .n = 1100, .bad = 1050 }, &n));
    CHECK_EQ(c->error.kind, DB_ERROR_DATA);
    CHECK_STR_CONTAINS(c->error.message, STR("NUL"));
    CHECK(!db_copy(c, STR("t"), names, 2, some, &(Rows){ .at = 1000, .n = 90000, .bad = 80000, .length = 20 }, &n));
    CHECK_EQ(c->error.kind, DB_ERROR_DATA);
    CHECK_EQ(test_one(c, "SELECT max(a) FROM t", NULL, 0).i, 250);
    db_close(c);
}

static const Value *given;
static size_t ngiven;
static bool one_row(void *arg, Value *cells)
{
    bool *done = arg;
    memcpy(cells, given, ngiven * sizeof *given);
    return *done ? false : (*done = true);
}

TEST(postgresql, copied_values_come_back_as_they_went)
{
    c = test_open("postgresql", &config);
    Uuid u;
    REQUIRE(uuid_parse(STR("0123456789abcdef0123456789abcdef"), &u));
    Decimal d;
    REQUIRE(decimal_parse(test_arena(), STR("-12345678901234567890.0050"), &d) == DECIMAL_OK);
    test_run(c, "CREATE TABLE v (a int2, b int8, c float8, d bool, e text, f bytea, g date, h time, i timestamptz, j "
                "timestamp, k interval, l interval, m uuid, n numeric, o text, p text, q jsonb)");
    const Value in[] = { value_int(-3),
                         value_int(INT64_MIN),
                         value_double(-0.1),
                         value_bool(false),
                         value_str(STR("a\tb\\N\nzu\xc3\xa9\r\\.")),
                         value_bytes(str_from("a\0\xff\\\n", 5)),
                         value_date((Date){ -719162 }),
                         value_time((Time){ .us = 86399999999 }),
                         value_datetime((DateTime){ INT64_C(1700000000123456) }, NULL),
                         value_naive((NaiveDateTime){ INT64_C(-62135596800000000) }),
                         value_duration((Duration){ -90000000001 }),
                         value_duration((Duration){ INT64_C(86400000000) * 1000 + 5 }),
                         value_uuid(&u),
                         value_decimal(&d),
                         value_null(),
                         value_str(STR("")),
                         value_str(STR("{\"a\": \"\\\\n\"}")) };
    Str columns[CLEF_COUNT(in)];
    for (size_t i = 0; i < CLEF_COUNT(in); i++)
        columns[i] = str_format(test_arena(), "%c", (char)('a' + i));
    bool done = false;
    given = in;
    ngiven = CLEF_COUNT(in);
    if (!db_copy(c, STR("v"), columns, ngiven, one_row, &done, NULL))
        CHECK_STR(c->error.message, STR(""));
    DbCursor cursor;
    Value out[CLEF_COUNT(in)];
    REQUIRE(db_query(c, &cursor, STR("SELECT * FROM v"), NULL, 0) && db_step(&cursor) == DB_ROW);
    db_row(&cursor, out);
    for (size_t i = 0; i < CLEF_COUNT(in); i++) {
        CHECK_EQ((int)out[i].tag, (int)in[i].tag);
        CHECK(value_eq(out[i], in[i]));
    }
    db_finish(&cursor);
    db_close(c);
}

static DbPool *pool;
static int turns;
static bool copied;

static void copier(void *arg)
{
    const DbError *e;
    int64_t n = 0;
    (void)arg;
    DbConnection *mine = db_acquire(pool, &e);
    REQUIRE(mine != NULL);
    /* More than the sockets hold: the server's pace is waited for. */
    CHECK(db_copy(mine, STR("t"), names, 2, some, &(Rows){ .n = 30000, .length = 1000 }, &n));
    CHECK_EQ(n, 30000);
    CHECK_EQ(test_one(mine, "SELECT count(*) FROM t", NULL, 0).i, 30000);
    db_release(mine);
    copied = true;
}
static void other(void *arg)
{
    (void)arg;
    for (; !copied; turns++)
        fiber_sleep(1000000);
}

TEST(postgresql, copying_parks_the_fiber, .seconds = 60)
{
    c = test_open("postgresql", &config);
    test_run(c, "CREATE TABLE t (a integer, b text)");
    db_close(c);
    pool = db_pool_create(test_arena(), &config);
    Loop *loop = loop_create(test_arena());
    REQUIRE(fiber_start(loop, copier, NULL) && fiber_start(loop, other, NULL));
    CHECK_EQ(loop_run(loop), 0);
    CHECK(turns > 2);
    db_pool_destroy(pool);
    loop_destroy(loop);
}

static bool lost_midway(void *arg, Value *cells)
{
    Rows *rows = arg;
    if (rows->at == 2000) {
        DbConnection *other_one = db_open(test_arena(), &config);
        test_run(other_one, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                            "datname = current_database()");
        db_close(other_one);
        db_wait(50000000);
    }
    return some(arg, cells);
}

TEST(postgresql, a_connection_that_is_lost_while_copying_is_said)
{
    c = test_open("postgresql", &config);
    test_run(c, "CREATE TABLE t (a integer, b text)");
    CHECK(!db_copy(c, STR("t"), names, 2, lost_midway, &(Rows){ .n = 9000, .length = 100 }, NULL));
    CHECK_EQ(c->error.kind, DB_ERROR_CONNECTION);
    CHECK(c->broken);
    db_close(c);
}

static bool asks(void *arg, Value *cells)
{
    CHECK(!db_execute(c, STR("SELECT 1"), NULL, 0, NULL));
    CHECK_STR_CONTAINS(c->error.message, STR("rows are being copied over this connection"));
    return some(arg, cells);
}

TEST(postgresql, who_copies_cannot_be_asked)
{
    c = test_open("postgresql", &config);
    test_run(c, "CREATE TABLE t (a integer, b text)");
    CHECK(db_copy(c, STR("t"), names, 2, asks, &(Rows){ .n = 2 }, NULL));
    CHECK_EQ(test_one(c, "SELECT count(*) FROM t", NULL, 0).i, 2);
    db_close(c);
}
