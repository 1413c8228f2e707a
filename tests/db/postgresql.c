#include "servers.h"

#include <clef/base/decimal.h>

static DbConnection *c;
static DbConfig config;

static void begin(void) { c = test_open("postgresql", &config); }
static void run(const char *sql) { test_run(c, sql); }
static Value one(const char *sql, const Value *params, size_t n) { return test_one(c, sql, params, n); }

static Str text(const char *sql)
{
    Value v = one(sql, NULL, 0);
    return v.tag == VALUE_STR ? v.s : STR("no text");
}

TEST(postgresql, opens_a_session_in_utc)
{
    begin();
    CHECK_STR(text("SHOW TimeZone"), STR("UTC"));
    CHECK_STR(text("SHOW client_encoding"), STR("UTF8"));
    CHECK_STR(text("SHOW application_name"), STR("clef"));
    db_close(c);
}

/* The first time as text, then prepared, then in binary. */
TEST(postgresql, values_come_back_as_they_went)
{
    begin();
    Uuid u;
    REQUIRE(uuid_parse(STR("0123456789abcdef0123456789abcdef"), &u));
    Decimal ds[6];
    static const char *const texts[] = { "12.50", "-0.000123", "123456789012345678901234567890.123456789",
                                         "0",     "10000",     "1E+5" };
    for (size_t i = 0; i < 6; i++)
        REQUIRE(decimal_parse(test_arena(), str_c(texts[i]), &ds[i]) == DECIMAL_OK);
    run("CREATE TABLE t (a int2, b int4, c int8, d float8, e bool, f text, g bytea, h date, i time, j timestamptz, k "
        "interval, "
        "l uuid, m jsonb, n numeric, o varchar(10), p timestamp)");
    Date day = { 19000 };
    DateTime now = { INT64_C(1700000000123456) };
    for (int round = 0; round < 4; round++) {
        run("DELETE FROM t");
        const Value in[] = { value_int(-3),
                             value_int(70000),
                             value_int(INT64_MIN),
                             value_double(-0.1),
                             value_bool(true),
                             value_str(STR("zu\xc3\xa9 'x' ?")),
                             value_bytes(str_from("a\0b\xff", 4)),
                             value_date(day),
                             value_time((Time){ .us = 86399999999 }),
                             value_datetime(now, NULL),
                             value_duration((Duration){ -90000000001 }),
                             value_uuid(&u),
                             value_str(STR("{\"a\": [1, null]}")),
                             value_decimal(&ds[round]),
                             value_null(),
                             value_naive((NaiveDateTime){ -62135596800000000 }) };
        DbDone done;
        if (!db_execute(c, STR("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"), in, 16, &done))
            CHECK_STR(c->error.message, STR(""));
        CHECK_EQ(done.changes, 1);
        DbCursor cursor;
        Value out[16];
        REQUIRE(db_query(c, &cursor, STR("SELECT * FROM t WHERE a = ?"), in, 1));
        CHECK_EQ(cursor.columns, 16u);
        CHECK_STR(db_column_name(&cursor, 2), STR("c"));
        REQUIRE(db_step(&cursor) == DB_ROW);
        db_row(&cursor, out);
        for (size_t i = 0; i < 16; i++) {
            CHECK_EQ((int)out[i].tag, (int)in[i].tag);
            CHECK(value_eq(out[i], in[i]));
        }
        CHECK_STR(decimal_str(test_arena(), *out[13].decimal), decimal_str(test_arena(), ds[round]));
        CHECK(db_step(&cursor) == DB_END);
        db_finish(&cursor);
    }
    db_close(c);
}

TEST(postgresql, numbers_keep_their_zeros)
{
    begin();
    static const char *const texts[] = { "0",
                                         "0.00",
                                         "1",
                                         "10",
                                         "100000",
                                         "1.10",
                                         "0.0001",
                                         "0.00010",
                                         "-99999999.9999",
                                         "NaN",
                                         "12345678.90000",
                                         "9999999999999999999999999.5",
                                         "0.000000000000000000000000000012",
                                         "1234567890123456",
                                         "12345678901234567.8" };
    for (size_t i = 0; i < CLEF_COUNT(texts); i++)
        for (int round = 0; round < 3; round++) {
            Value v = one("SELECT (?::text)::numeric", &(Value){ .tag = VALUE_STR, .s = str_c(texts[i]) }, 1);
            REQUIRE(v.tag == VALUE_DECIMAL);
            Buf b = BUF_INIT(test_arena(), 1000);
            CHECK(decimal_is_finite(*v.decimal) ? buf_decimal_plain(&b, *v.decimal) : buf_decimal(&b, *v.decimal));
            CHECK_STR(buf_view(&b), str_c(texts[i]));
        }
    db_close(c);
}

TEST(postgresql, strange_types_come_as_text)
{
    begin();
    run("CREATE TYPE mood AS ENUM ('sad', 'glad')");
    for (int round = 0; round < 3; round++) {
        CHECK_STR(text("SELECT 'glad'::mood"), STR("glad"));
        CHECK_STR(text("SELECT '10.0.0.1'::inet"), STR("10.0.0.1"));
        CHECK_STR(text("SELECT ARRAY[1, 2]"), STR("{1,2}"));
        CHECK_STR(text("SELECT 'infinity'::timestamptz"), STR("infinity"));
        CHECK_EQ(one("SELECT '1 year 2 mons 3 days'::interval", NULL, 0).us, (365 + 60 + 3) * US_PER_DAY);
    }
    db_close(c);
}

TEST(postgresql, placeholders_are_numbered_outside_of_texts)
{
    begin();
    const Value v[] = { value_int(7), value_str(STR("b")) };
    CHECK_STR(one("SELECT 'a?' || ?::int || E'\\'?' || $$?$$ || $x$ $$?$x$ /* ? /* ? */ */ || (? || '') -- ?", v, 2).s,
              STR("a?7'?? $$?b"));
    CHECK_EQ(one("SELECT 1 AS \"a?\" WHERE '{\"b\": 1}'::jsonb ?? ?", &v[1], 1).i, 1);
    DbCursor cursor;
    CHECK(!db_query(c, &cursor, STR("SELECT ?"), NULL, 0));
    CHECK_EQ(c->error.kind, DB_ERROR_SYNTAX);
    db_finish(&cursor);
    db_close(c);
}

TEST(postgresql, errors_have_kinds)
{
    begin();
    run("CREATE TABLE p (id int PRIMARY KEY, a int NOT NULL, b int CHECK (b > 0), c varchar(2), CONSTRAINT two UNIQUE "
        "(a, b))");
    run("CREATE TABLE q (p int REFERENCES p (id))");
    run("INSERT INTO p VALUES (1, 1, 1, 'x')");
    static const struct {
        const char *sql;
        DbErrorKind kind;
        const char *table, *columns, *constraint;
    } cases[] = {
        { "INSERT INTO p VALUES (1, 2, 2)", DB_ERROR_UNIQUE, "p", "id", "p_pkey" },
        { "INSERT INTO p VALUES (2, 1, 1)", DB_ERROR_UNIQUE, "p", "a, b", "two" },
        { "INSERT INTO p VALUES (3, NULL, 1)", DB_ERROR_NOT_NULL, "p", "a", "" },
        { "INSERT INTO p VALUES (3, 3, 0)", DB_ERROR_CHECK, "p", "", "p_b_check" },
        { "INSERT INTO q VALUES (9)", DB_ERROR_FOREIGN_KEY, "q", "p", "q_p_fkey" },
        { "INSERT INTO p VALUES (4, 4, 4, 'xyz')", DB_ERROR_DATA, "", "", "" },
        { "SELECT 1 / 0", DB_ERROR_DATA, "", "", "" },
        { "SELECT * FROM nowhere", DB_ERROR_NO_TABLE, "nowhere", "", "" },
        { "SELECT nothing FROM p", DB_ERROR_NO_COLUMN, "", "", "" },
        { "SELEC 1", DB_ERROR_SYNTAX, "", "", "" },
        { "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", DB_ERROR_SERIALIZATION, "", "", "" },
        { "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$", DB_ERROR_DEADLOCK, "", "", "" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        CHECK(!db_execute(c, str_c(cases[i].sql), NULL, 0, NULL));
        CHECK_STR(str_c(db_error_word(c->error.kind)), str_c(db_error_word(cases[i].kind)));
        CHECK_STR(c->error.table, str_c(cases[i].table));
        CHECK_STR(c->error.columns, str_c(cases[i].columns));
        CHECK_STR(c->error.constraint, str_c(cases[i].constraint));
        CHECK(!c->broken);
    }
    REQUIRE(db_begin(c));
    CHECK(!db_execute(c, STR("SELECT 1 / 0"), NULL, 0, NULL));
    CHECK(!db_execute(c, STR("SELECT 1"), NULL, 0, NULL));
    CHECK_EQ(c->error.kind, DB_ERROR_ABORTED);
    db_rollback(c);
    CHECK_EQ(one("SELECT 2", NULL, 0).i, 2);
    db_close(c);
}

TEST(postgresql, statements_take_their_time)
{
    config = test_database("postgresql");
    test_database_option(&config, "statement_timeout", "50");
    c = db_open(test_arena(), &config);
    CHECK(!db_execute(c, STR("SELECT pg_sleep(5)"), NULL, 0, NULL));
    CHECK_EQ(c->error.kind, DB_ERROR_TIMEOUT);
    CHECK_EQ(one("SELECT 2", NULL, 0).i, 2);
    db_close(c);
}

TEST(postgresql, prepared_statements_are_kept_and_go)
{
    config = test_database("postgresql");
    test_database_option(&config, "cached_statements", "3");
    c = db_open(test_arena(), &config);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 5; i++)
            CHECK_EQ(one(str_format(test_arena(), "SELECT %d + 0", i).p, NULL, 0).i, i);
    CHECK(one("SHOW TimeZone", NULL, 0).tag == VALUE_STR);
    Value n = one("SELECT count(*) FROM pg_prepared_statements", NULL, 0);
    CHECK_EQ(n.i, 3);
    /* Types: a NULL fits any, a small integer a large one. */
    const Value params[] = { value_int(1), value_int(INT64_MAX), value_null(), value_str(STR("3")) };
    for (size_t i = 0; i < 4; i++)
        CHECK_EQ((int)one("SELECT ?::bigint", &params[i], 1).tag, i == 2 ? (int)VALUE_NULL : (int)VALUE_INT);
    db_close(c);
}

TEST(postgresql, a_table_that_changed_is_read_anew)
{
    begin();
    run("CREATE TABLE t (a int)");
    run("INSERT INTO t VALUES (1)");
    for (int i = 0; i < 3; i++)
        CHECK_EQ(one("SELECT * FROM t", NULL, 0).i, 1);
    run("ALTER TABLE t ALTER a TYPE text");
    CHECK_STR(one("SELECT * FROM t", NULL, 0).s, STR("1"));
    db_close(c);
}

TEST(postgresql, transactions_and_savepoints)
{
    begin();
    run("CREATE TABLE t (a int)");
    REQUIRE(db_begin(c));
    CHECK(c->driver->in_transaction(c));
    run("INSERT INTO t VALUES (1)");
    REQUIRE(db_savepoint(c, 1));
    run("INSERT INTO t VALUES (2)");
    CHECK(!db_execute(c, STR("SELECT 1 / 0"), NULL, 0, NULL));
    REQUIRE(db_savepoint_rollback(c, 1));
    run("INSERT INTO t VALUES (3)");
    REQUIRE(db_commit(c));
    CHECK(!c->driver->in_transaction(c));
    CHECK_EQ(one("SELECT sum(a) FROM t", NULL, 0).i, 4);
    DbDone done;
    REQUIRE(db_execute(c, STR("UPDATE t SET a = a + 1"), NULL, 0, &done));
    CHECK_EQ(done.changes, 2);
    REQUIRE(db_execute(c, STR("INSERT INTO t VALUES (40) RETURNING a"), NULL, 0, &done));
    CHECK_EQ(done.insert_id, 40);
    db_close(c);
}

static int64_t sum_of(bool stop_early, int64_t *rows)
{
    DbCursor cursor;
    Value cell;
    int64_t sum = 0;
    *rows = 0;
    DbStep step = DB_FAILED;
    if (db_query_streaming(c, &cursor, STR("SELECT g FROM generate_series(1, ?) g"),
                           &(Value){ .tag = VALUE_INT, .i = 5000 }, 1))
        while ((step = db_step(&cursor)) == DB_ROW) {
            db_row(&cursor, &cell);
            sum += cell.i;
            if (++*rows == 1500 && stop_early)
                break;
            if (c->transaction && *rows == 700)
                CHECK_EQ(one("SELECT 9", NULL, 0).i, 9);
        }
    if (step == DB_FAILED)
        CHECK_STR(c->error.message, STR(""));
    db_finish(&cursor);
    return sum;
}

TEST(postgresql, rows_stream)
{
    begin();
    int64_t rows;
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(sum_of(false, &rows), 12502500);
        CHECK_EQ(rows, 5000);
        sum_of(true, &rows);
        CHECK_EQ(rows, 1500);
        CHECK_EQ(one("SELECT 2", NULL, 0).i, 2);
    }
    REQUIRE(db_begin(c));
    CHECK_EQ(sum_of(false, &rows), 12502500);
    sum_of(true, &rows);
    CHECK_EQ(rows, 1500);
    REQUIRE(db_commit(c));
    db_close(c);
}

TEST(postgresql, a_lost_backend_is_said_and_healed)
{
    begin();
    const DbError *e;
    DbPool *pool = db_pool_create(test_arena(), &config);
    DbConnection *a = db_acquire(pool, &e), *idle = db_acquire(pool, &e);
    REQUIRE(a && idle);
    db_release(idle);
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
        "current_database()");
    CHECK(!db_execute(a, STR("SELECT 1"), NULL, 0, NULL));
    CHECK_EQ(a->error.kind, DB_ERROR_CONNECTION);
    CHECK(a->broken);
    db_release(a);
    fiber_self() ? fiber_sleep(50000000) : db_wait(50000000);
    a = db_acquire(pool, &e);
    REQUIRE(a != NULL);
    CHECK(db_execute(a, STR("SELECT 1"), NULL, 0, NULL));
    db_release(a);
    CHECK_EQ(db_pool_open(pool), 1u);
    db_pool_destroy(pool);
    db_close(c);
}

TEST(postgresql, who_cannot_be_reached_is_named)
{
    begin();
    DbConfig nobody = config;
    nobody.port = STR("1");
    DbConnection *none = db_open(test_arena(), &nobody);
    CHECK_EQ(none->error.kind, DB_ERROR_CONNECTION);
    CHECK_STR_CONTAINS(none->error.message, STR("127.0.0.1"));
    db_close(none);
    nobody = config;
    nobody.name = STR("no_such_database");
    none = db_open(test_arena(), &nobody);
    CHECK_STR_CONTAINS(none->error.message, STR("no_such_database"));
    db_close(none);
    db_close(c);
}

/* --- on fibers */

TEST(postgresql, waits_park_the_fiber)
{
    test_waits_park("postgresql", "SELECT pg_sleep(0.2)");
}

/* --- BEGIN leaves with the first statement */

static int64_t transactions(DbConnection *watch)
{
    return test_one(watch,
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT "
                    "NULL AND pid <> pg_backend_pid()",
                    NULL, 0)
        .i;
}

TEST(postgresql, a_transaction_begins_with_its_first_statement)
{
    begin();
    DbConnection *watch = db_open(test_arena(), &config);
    run("CREATE TABLE t (a int UNIQUE)");
    REQUIRE(db_begin(c));
    CHECK(c->driver->in_transaction(c));
    CHECK_EQ(transactions(watch), 0);
    REQUIRE(db_commit(c)); /* nothing was asked: nothing is sent */
    CHECK(!c->driver->in_transaction(c));
    REQUIRE(db_begin(c));
    db_rollback(c);
    for (int i = 0; i < 3; i++) { /* prepared with it, and known before */
        REQUIRE(db_begin(c));
        CHECK(db_execute(c, STR("INSERT INTO t VALUES (?)"), &(Value){ .tag = VALUE_INT, .i = 1 }, 1, NULL));
        CHECK_EQ(transactions(watch), 1);
        db_rollback(c);
    }
    CHECK_EQ(test_one(watch, "SELECT count(*) FROM t", NULL, 0).i, 0);
    for (int i = 0; i < 3; i++) { /* the first one fails: it is a transaction all the same */
        REQUIRE(db_begin(c));
        CHECK(!db_execute(c, i ? STR("SELECT 1 / 0") : STR("SELEC 1"), NULL, 0, NULL));
        CHECK(!db_execute(c, STR("INSERT INTO t VALUES (2)"), NULL, 0, NULL));
        CHECK_EQ(c->error.kind, DB_ERROR_ABORTED);
        db_rollback(c);
        CHECK(db_execute(c, STR("SELECT 1"), NULL, 0, NULL));
    }
    REQUIRE(db_begin(c));
    REQUIRE(db_savepoint(c, 1)); /* may be the first */
    run("INSERT INTO t VALUES (5)");
    REQUIRE(db_savepoint_rollback(c, 1));
    run("INSERT INTO t VALUES (6)");
    REQUIRE(db_commit(c));
    CHECK_EQ(test_one(watch, "SELECT sum(a) FROM t", NULL, 0).i, 6);
    REQUIRE(db_begin(c));
    run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
    CHECK_STR(text("SHOW transaction_isolation"), STR("serializable"));
    REQUIRE(db_commit(c));
    CHECK_STR(text("SHOW transaction_isolation"), STR("read committed"));
    db_close(watch);
    db_close(c);
}
