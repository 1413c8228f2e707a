#include "servers.h"

#include <clef/base/decimal.h>

static DbConnection *c;
static DbConfig config;

static void begin(void) { c = test_open("mariadb", &config); }
static void run(const char *sql) { test_run(c, sql); }
static Value one(const char *sql, const Value *params, size_t n) { return test_one(c, sql, params, n); }

TEST(mariadb, opens_a_session_as_the_others_are)
{
    begin();
    CHECK_STR(one("SELECT @@time_zone", NULL, 0).s, STR("+00:00"));
    CHECK_STR(one("SELECT @@character_set_client", NULL, 0).s, STR("utf8mb4"));
    CHECK_STR(one("SELECT @@tx_isolation", NULL, 0).s, STR("READ-COMMITTED"));
    CHECK_STR(one("SELECT 'a\\' || ? || 'b'", &(Value){ .tag = VALUE_STR, .s = STR("?") }, 1).s, STR("a\\?b"));
    CHECK_EQ(one("SELECT 1 AS \"a b\"", NULL, 0).i, 1);
    db_close(c);
}

TEST(mariadb, values_come_back_as_they_went)
{
    begin();
    Uuid u;
    REQUIRE(uuid_parse(STR("0123456789ab4def8123456789abcdef"), &u));
    Decimal ds[4];
    static const char *const texts[] = { "12.50", "-0.01", "12345678901234567890.10", "0.00" };
    for (size_t i = 0; i < 4; i++)
        REQUIRE(decimal_parse(test_arena(), str_c(texts[i]), &ds[i]) == DECIMAL_OK);
    run("CREATE TABLE t (a smallint, b integer, c bigint, d double, e bool, f longtext, g longblob, h date, i time(6), "
        "j datetime(6), "
        "l uuid, n numeric(30, 2), o varchar(10), p bigint unsigned)");
    Date day = { 19000 };
    Buf big = BUF_INIT(test_arena(), 100000);
    for (int i = 0; i < 3000; i++)
        buf_c(&big, "zu\xc3\xa9 'x\\' ");
    for (int round = 0; round < 4; round++) {
        run("DELETE FROM t");
        const Value in[] = { value_int(-3),
                             value_int(70000),
                             value_int(INT64_MIN),
                             value_double(-0.1),
                             value_bool(true),
                             value_str(buf_view(&big)),
                             value_bytes(str_from("a\0b\xff", 4)),
                             value_date(day),
                             value_time((Time){ .us = 86399999999 }),
                             value_naive((NaiveDateTime){ INT64_C(1700000000123456) }),
                             value_uuid(&u),
                             value_decimal(&ds[round]),
                             value_null(),
                             value_int(INT64_MAX) };
        DbDone done;
        if (!db_execute(c, STR("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"), in, 14, &done))
            CHECK_STR(c->error.message, STR(""));
        CHECK_EQ(done.changes, 1);
        DbCursor cursor;
        Value out[14];
        REQUIRE(
            db_query(c, &cursor, STR("SELECT * FROM t WHERE j = ? AND l = ?"), (const Value[]){ in[9], in[10] }, 2));
        CHECK_EQ(cursor.columns, 14u);
        CHECK_STR(db_column_name(&cursor, 2), STR("c"));
        REQUIRE(db_step(&cursor) == DB_ROW);
        db_row(&cursor, out);
        for (size_t i = 0; i < 14; i++)
            if (i == 10)
                CHECK_STR(out[i].s, STR("01234567-89ab-4def-8123-456789abcdef"));
            else if (i == 4)
                CHECK_EQ(out[i].i, 1);
            else {
                CHECK_EQ((int)out[i].tag, (int)in[i].tag);
                CHECK(value_eq(out[i], in[i]));
            }
        CHECK(db_step(&cursor) == DB_END);
        db_finish(&cursor);
    }
    db_close(c);
}

TEST(mariadb, errors_have_kinds)
{
    begin();
    run("CREATE TABLE p (id int PRIMARY KEY, a int NOT NULL, b int, c varchar(2), CONSTRAINT two UNIQUE (a, b), "
        "CONSTRAINT some CHECK (b > 0))");
    run("CREATE TABLE q (p int, CONSTRAINT to_p FOREIGN KEY (p) REFERENCES p (id))");
    run("INSERT INTO p VALUES (1, 1, 1, 'x')");
    static const struct {
        const char *sql;
        DbErrorKind kind;
        const char *table, *columns, *constraint;
    } cases[] = {
        { "INSERT INTO p VALUES (1, 2, 2, 'a')", DB_ERROR_UNIQUE, "", "", "PRIMARY" },
        { "INSERT INTO p VALUES (2, 1, 1, 'a')", DB_ERROR_UNIQUE, "", "", "two" },
        { "INSERT INTO p VALUES (3, NULL, 1, 'a')", DB_ERROR_NOT_NULL, "", "a", "" },
        { "INSERT INTO p VALUES (3, 3, 0, 'a')", DB_ERROR_CHECK, "p", "", "some" },
        { "INSERT INTO q VALUES (9)", DB_ERROR_FOREIGN_KEY, "q", "p", "to_p" },
        { "INSERT INTO p VALUES (4, 4, 4, 'xyz')", DB_ERROR_DATA, "", "", "" },
        { "SELECT * FROM nowhere", DB_ERROR_NO_TABLE, "nowhere", "", "" },
        { "SELECT nothing FROM p", DB_ERROR_NO_COLUMN, "", "nothing", "" },
        { "SELEC 1", DB_ERROR_SYNTAX, "", "", "" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        CHECK(!db_execute(c, str_c(cases[i].sql), NULL, 0, NULL));
        CHECK_STR(str_c(db_error_word(c->error.kind)), str_c(db_error_word(cases[i].kind)));
        CHECK_STR(c->error.table, str_c(cases[i].table));
        CHECK_STR(c->error.columns, str_c(cases[i].columns));
        CHECK_STR(c->error.constraint, str_c(cases[i].constraint));
        CHECK(!c->broken);
    }
    CHECK_EQ(one("SELECT 2", NULL, 0).i, 2);
    db_close(c);
}

TEST(mariadb, transactions_and_savepoints)
{
    begin();
    run("CREATE TABLE t (id integer AUTO_INCREMENT PRIMARY KEY, a int)");
    REQUIRE(db_begin(c));
    CHECK(c->driver->in_transaction(c));
    run("INSERT INTO t (a) VALUES (1)");
    REQUIRE(db_savepoint(c, 1));
    run("INSERT INTO t (a) VALUES (2)");
    REQUIRE(db_savepoint_rollback(c, 1));
    run("INSERT INTO t (a) VALUES (3)");
    REQUIRE(db_commit(c));
    CHECK(!c->driver->in_transaction(c));
    CHECK_EQ(one("SELECT count(*) FROM t WHERE a IN (1, 3)", NULL, 0).i, 2);
    DbDone done;
    /* Found, though not changed. */
    REQUIRE(db_execute(c, STR("UPDATE t SET a = a"), NULL, 0, &done));
    CHECK_EQ(done.changes, 2);
    REQUIRE(db_execute(c, STR("INSERT INTO t (a) VALUES (?)"), &(Value){ .tag = VALUE_INT, .i = 40 }, 1, &done));
    CHECK_EQ(done.insert_id, 4);
    db_close(c);
}

/* While it is prepared the server says nothing of its columns. */
TEST(mariadb, an_insert_gives_rows_back)
{
    begin();
    run("CREATE TABLE t (id bigint AUTO_INCREMENT PRIMARY KEY, a int)");
    for (int i = 1; i <= 3; i++) {
        CHECK_EQ(one("INSERT INTO t (a) VALUES (?) RETURNING id, a", &(Value){ .tag = VALUE_INT, .i = 40 }, 1).i, i);
        CHECK_EQ(one("SELECT count(*) FROM t", NULL, 0).i, i);
    }
    db_close(c);
}

TEST(mariadb, an_insert_that_fails_behind_its_columns_runs_again)
{
    begin();
    run("CREATE TABLE t (id bigint AUTO_INCREMENT PRIMARY KEY, a int UNIQUE)");
    static const char *const sql = "INSERT INTO t (a) VALUES (?) RETURNING id";
    Value seven = value_int(7), eight = value_int(8);
    CHECK_EQ(one(sql, &seven, 1).i, 1);
    for (int i = 0; i < 3; i++) {
        CHECK(!db_execute(c, str_c(sql), &seven, 1, NULL));
        CHECK_EQ(c->error.kind, DB_ERROR_UNIQUE);
        CHECK(!c->broken);
    }
    CHECK(one(sql, &eight, 1).i > 1);
    CHECK_EQ(one("SELECT count(*) FROM t", NULL, 0).i, 2);
    db_close(c);
}

TEST(mariadb, statements_take_their_time)
{
    config = test_database("mariadb");
    test_database_option(&config, "statement_timeout", "50");
    c = db_open(test_arena(), &config);
    CHECK(!db_execute(c, STR("SELECT sleep(5) FROM seq_1_to_100"), NULL, 0, NULL));
    CHECK_EQ(c->error.kind, DB_ERROR_TIMEOUT);
    CHECK_EQ(one("SELECT 2", NULL, 0).i, 2);
    db_close(c);
}

TEST(mariadb, prepared_statements_are_kept_and_go)
{
    config = test_database("mariadb");
    test_database_option(&config, "cached_statements", "3");
    c = db_open(test_arena(), &config);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 5; i++)
            CHECK_EQ(one(str_format(test_arena(), "SELECT %d + 0", i).p, NULL, 0).i, i);
    run("CREATE TABLE t (a int)");
    run("INSERT INTO t VALUES (1)");
    for (int i = 0; i < 3; i++)
        CHECK_EQ(one("SELECT * FROM t", NULL, 0).i, 1);
    run("ALTER TABLE t MODIFY a varchar(20)");
    run("ALTER TABLE t ADD b int");
    CHECK_STR(one("SELECT * FROM t", NULL, 0).s, STR("1"));
    db_close(c);
}

TEST(mariadb, rows_stream)
{
    begin();
    for (int round = 0; round < 2; round++) {
        DbCursor cursor;
        Value cell;
        int64_t sum = 0, rows = 0;
        REQUIRE(db_query_streaming(c, &cursor, STR("SELECT seq FROM seq_1_to_5000"), NULL, 0));
        while (db_step(&cursor) == DB_ROW) {
            db_row(&cursor, &cell);
            sum += cell.i;
            if (++rows == 1500 && round)
                break;
        }
        db_finish(&cursor);
        if (!round)
            CHECK_EQ(sum, 12502500);
        CHECK_EQ(one("SELECT 2", NULL, 0).i, 2);
    }
    db_close(c);
}

TEST(mariadb, a_lost_connection_is_said_and_healed)
{
    begin();
    const DbError *e;
    DbPool *pool = db_pool_create(test_arena(), &config);
    DbConnection *a = db_acquire(pool, &e), *idle = db_acquire(pool, &e);
    REQUIRE(a && idle);
    REQUIRE(db_execute(a, STR("SELECT 1"), NULL, 0, NULL));
    for (int i = 0; i < 2; i++) {
        DbConnection *victim = i ? idle : a;
        DbCursor cursor;
        Value id = value_null();
        REQUIRE(db_query(victim, &cursor, STR("SELECT connection_id()"), NULL, 0) && db_step(&cursor) == DB_ROW);
        db_row(&cursor, &id);
        db_finish(&cursor);
        if (i)
            db_release(idle);
        run(str_format(test_arena(), "KILL %lld", (long long)id.i).p);
    }
    db_wait(100000000);
    CHECK(!db_execute(a, STR("SELECT 1"), NULL, 0, NULL));
    CHECK_EQ(a->error.kind, DB_ERROR_CONNECTION);
    db_release(a);
    a = db_acquire(pool, &e);
    REQUIRE(a != NULL);
    CHECK(db_execute(a, STR("SELECT 1"), NULL, 0, NULL));
    db_release(a);
    CHECK_EQ(db_pool_open(pool), 1u);
    db_pool_destroy(pool);
    db_close(c);
}

/* --- on fibers */

TEST(mariadb, waits_park_the_fiber)
{
    test_waits_park("mariadb", "SELECT sleep(0.2)");
}
