/* lane.c: connections to PostgreSQL that several fibers use at once. */
#include "servers.h"

#include <clef/base/decimal.h>

enum { ASKERS = 64, ROUNDS = 20 };

static DbConfig config;
static DbPool *pool;
static int answered, refused, lost;

static void in_loop(FiberFn *fn, int n)
{
    Loop *loop = loop_create(test_arena());
    for (intptr_t i = 0; i < n; i++)
        REQUIRE(fiber_start(loop, fn, (void *)i) != NULL);
    CHECK_EQ(loop_run(loop), 0);
    db_pool_destroy(pool);
    loop_destroy(loop);
}

static void begin(void)
{
    config = test_database("postgresql");
    answered = refused = lost = 0;
}

static void open_pool(void) { pool = db_pool_create(test_arena(), &config); }

static DbConnection *take(void)
{
    const DbError *e;
    DbConnection *c = db_acquire_shared(pool, &e);
    if (!c)
        CHECK_STR(e->message, STR(""));
    REQUIRE(c != NULL);
    return c;
}

/* The first cell; null when it fails, and *kind says how. */
static Value one(const char *sql, const Value *params, size_t n, DbErrorKind *kind)
{
    DbConnection *c = take();
    DbCursor cursor;
    Value cells[8], v = value_null();
    *kind = DB_ERROR_NONE;
    if (!db_query(c, &cursor, str_c(sql), params, n) || db_step(&cursor) == DB_FAILED) {
        *kind = c->error.kind;
    } else {
        db_row(&cursor, cells);
        v = value_copy(test_arena(), cells[0]);
        CHECK(db_step(&cursor) == DB_END);
    }
    db_finish(&cursor);
    db_release(c);
    return v;
}

static void asks(void *arg)
{
    DbErrorKind kind;
    for (int i = 0; i < ROUNDS; i++) {
        Value n = value_int((intptr_t)arg * 1000 + i), found = one("SELECT ?::int + 1", &n, 1, &kind);
        answered += found.tag == VALUE_INT && found.i == n.i + 1;
        CHECK(db_pool_open(pool) <= DB_SHARED_MAX);
    }
}

TEST(postgresql_lane, fibers_share_connections_and_get_their_own_answers)
{
    begin();
    open_pool();
    in_loop(asks, ASKERS);
    CHECK_EQ(answered, ASKERS * ROUNDS);
}

/* Every third one fails, in four ways; nobody else does. */
static void errs(void *arg)
{
    static const struct {
        const char *sql;
        DbErrorKind kind;
    } wrong[] = { { "SELECT 1 / (?::int - ?)", DB_ERROR_DATA },
                  { "SELECT no_column + ? + ?", DB_ERROR_NO_COLUMN },
                  { "INSERT INTO once VALUES (?::int - ?)", DB_ERROR_UNIQUE },
                  { "SELECT ?::int +* ?", DB_ERROR_SYNTAX } };
    intptr_t me = (intptr_t)arg;
    DbErrorKind kind;
    for (int i = 0; i < ROUNDS; i++) {
        const Value params[] = { value_int(me), value_int(me) };
        if (me % 3 == 0) {
            size_t way = (size_t)(me / 3 + i) % CLEF_COUNT(wrong);
            (void)one(wrong[way].sql, params, 2, &kind);
            CHECK_EQ(kind, wrong[way].kind);
            refused += kind == wrong[way].kind;
        } else {
            Value found = one("SELECT ?::int + ?", params, 2, &kind);
            CHECK_EQ(kind, DB_ERROR_NONE);
            answered += found.i == 2 * me;
        }
    }
}

TEST(postgresql_lane, an_error_in_the_middle_fails_only_its_own)
{
    begin();
    DbConnection *c = db_open(test_arena(), &config);
    REQUIRE(db_execute(c, STR("CREATE TABLE once (n int PRIMARY KEY)"), NULL, 0, NULL));
    REQUIRE(db_execute(c, STR("INSERT INTO once VALUES (0)"), NULL, 0, NULL));
    open_pool();
    in_loop(errs, ASKERS);
    CHECK_EQ(refused, (ASKERS + 2) / 3 * ROUNDS);
    CHECK_EQ(answered, (ASKERS - (ASKERS + 2) / 3) * ROUNDS);
    db_close(c);
}

/* The first one makes the server end the sessions of all that wait; afterwards everybody asks again. */
static void is_cut(void *arg)
{
    DbErrorKind kind;
    intptr_t me = (intptr_t)arg;
    Value n = value_int(me);
    (void)one("SELECT ?::int", &n, 1, &kind);
    CHECK_EQ(kind, DB_ERROR_NONE);
    if (me == 0) {
        fiber_sleep(30000000);
        const DbError *e;
        DbConnection *c = db_acquire(pool, &e);
        REQUIRE(c != NULL);
        CHECK(db_execute(c,
                         STR("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                             "datname = current_database()"),
                         NULL, 0, NULL));
        db_release(c);
    } else {
        (void)one("SELECT pg_sleep(1)", NULL, 0, &kind);
        CHECK_EQ(kind, DB_ERROR_CONNECTION);
        lost += kind == DB_ERROR_CONNECTION;
    }
    Value found = one("SELECT ?::int + 1", &n, 1, &kind);
    CHECK_EQ(kind, DB_ERROR_NONE);
    answered += found.i == me + 1;
}

TEST(postgresql_lane, a_lost_connection_fails_what_was_on_its_way, .seconds = 20)
{
    begin();
    open_pool();
    in_loop(is_cut, 8);
    CHECK_EQ(lost, 7);
    CHECK_EQ(answered, 8);
}

/* Between two statements. */
static void is_cut_idle(void *arg)
{
    DbErrorKind kind;
    (void)arg;
    (void)one("SELECT 1", NULL, 0, &kind);
    const DbError *e;
    DbConnection *c = db_acquire(pool, &e);
    REQUIRE(c != NULL);
    CHECK(db_execute(
        c,
        STR("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
            "current_database()"),
        NULL, 0, NULL));
    db_release(c);
    fiber_sleep(50000000);
    answered += one("SELECT 7", NULL, 0, &kind).i == 7;
}

TEST(postgresql_lane, an_idle_one_that_is_gone_is_replaced)
{
    begin();
    open_pool();
    in_loop(is_cut_idle, 1);
    CHECK_EQ(answered, 1);
}

static int64_t slowest;

static void mixes(void *arg)
{
    DbErrorKind kind;
    intptr_t me = (intptr_t)arg;
    (void)one("SELECT 1", NULL, 0, &kind);
    if (me < 2) { /* as many as there are shared ones */
        (void)one("SELECT pg_sleep(0.7)", NULL, 0, &kind);
        return;
    }
    fiber_sleep(100000000);
    int64_t began = loop_clock();
    answered += one("SELECT 7", NULL, 0, &kind).i == 7;
    if (loop_clock() - began > slowest)
        slowest = loop_clock() - began;
}

TEST(postgresql_lane, what_takes_long_holds_nobody_up)
{
    begin();
    open_pool();
    slowest = 0;
    in_loop(mixes, 6);
    CHECK_EQ(answered, 4);
    CHECK(slowest < INT64_C(500000000));
}

/* More texts than are kept, and of parameters of several types. */
static void evicts(void *arg)
{
    DbErrorKind kind;
    (void)arg;
    for (int i = 0; i < 60; i++) {
        const char *sql = str_format(test_arena(), "SELECT ?::bigint + %d", i % 7).p;
        Value n = value_int(i % 2 ? i : INT64_C(1) << 40);
        answered += one(sql, &n, 1, &kind).i == n.i + i % 7;
        CHECK_EQ(kind, DB_ERROR_NONE);
    }
}

TEST(postgresql_lane, statements_are_evicted)
{
    begin();
    test_database_option(&config, "cached_statements", "3");
    open_pool();
    in_loop(evicts, 4);
    CHECK_EQ(answered, 4 * 60);
}

static void run_alone(const char *sql)
{
    const DbError *e;
    DbConnection *c = db_acquire(pool, &e);
    REQUIRE(c != NULL);
    if (!db_execute(c, str_c(sql), NULL, 0, NULL))
        CHECK_STR(c->error.message, str_c(sql));
    db_release(c);
}

static void alters(void *arg)
{
    DbErrorKind kind;
    (void)arg;
    run_alone("CREATE TABLE changing (a int)");
    run_alone("INSERT INTO changing VALUES (1)");
    for (int i = 0; i < 3; i++)
        CHECK_EQ(one("SELECT * FROM changing", NULL, 0, &kind).i, 1);
    run_alone("ALTER TABLE changing ALTER a TYPE text");
    for (int i = 0; i < 3; i++) {
        CHECK_STR(one("SELECT * FROM changing", NULL, 0, &kind).s, STR("1"));
        CHECK_EQ(kind, DB_ERROR_NONE);
    }
}

TEST(postgresql_lane, a_changed_table_is_looked_at_again)
{
    begin();
    open_pool();
    in_loop(alters, 1);
}

/* First as texts, then in binary. */
static void values(void *arg)
{
    Uuid u;
    Decimal d;
    (void)arg;
    REQUIRE(uuid_parse(STR("0123456789abcdef0123456789abcdef"), &u));
    REQUIRE(decimal_parse(test_arena(), STR("-12345.6700"), &d) == DECIMAL_OK);
    char *large = arena_alloc(test_arena(), 300000);
    memset(large, 'x', 300000);
    const Value in[] = { value_int(-3),
                         value_int(INT64_MIN),
                         value_double(-0.1),
                         value_bool(true),
                         value_str(STR("zu\xc3\xa9 'x' ?")),
                         value_bytes(str_from("a\0b\xff", 4)),
                         value_date((Date){ 19000 }),
                         value_datetime((DateTime){ INT64_C(1700000000123456) }, NULL),
                         value_uuid(&u),
                         value_decimal(&d),
                         value_null(),
                         value_str(str_from(large, 300000)) };
    for (int round = 0; round < 3; round++) {
        DbConnection *c = take();
        DbCursor cursor;
        Value out[12];
        int rows = 0;
        bool ok = db_query(
            c, &cursor,
            STR("SELECT ?::int4 AS first, ?::int8, ?::float8, ?::bool, ?::text, ?::bytea, ?::date, ?::timestamptz, "
                "?::uuid, ?::numeric, ?::text, ?::text AS last FROM generate_series(1, 5)"),
            in, 12);
        if (!ok)
            CHECK_STR(c->error.message, STR(""));
        REQUIRE(ok);
        CHECK_STR(db_column_name(&cursor, 0), STR("first"));
        CHECK_STR(db_column_name(&cursor, 11), STR("last"));
        while (db_step(&cursor) == DB_ROW) {
            db_row(&cursor, out);
            rows++;
            for (size_t i = 0; i < 12; i++) {
                CHECK_EQ((int)out[i].tag, (int)in[i].tag);
                CHECK(value_eq(out[i], in[i]));
            }
        }
        CHECK_EQ(rows, 5);
        db_finish(&cursor);
        db_release(c);
    }
}

TEST(postgresql_lane, values_come_back_as_they_went)
{
    begin();
    open_pool();
    in_loop(values, 3);
}

static void changes(void *arg)
{
    DbDone done;
    (void)arg;
    run_alone("CREATE TABLE kept (id int PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, n int)");
    DbConnection *c = take();
    for (int i = 1; i < 4; i++) {
        CHECK(db_execute(c, STR("INSERT INTO kept (n) VALUES (1), (2) RETURNING id"), NULL, 0, &done));
        CHECK_EQ(done.changes, 2);
        CHECK_EQ(done.insert_id, 2 * i - 1);
    }
    CHECK(db_execute(c, STR("UPDATE kept SET n = 3 WHERE n = 1"), NULL, 0, &done));
    CHECK_EQ(done.changes, 3);
    db_release(c);
}

TEST(postgresql_lane, changes_are_counted)
{
    begin();
    open_pool();
    in_loop(changes, 1);
}

/* Nobody is left without a connection of his own for a transaction. */
static void small(void *arg)
{
    (void)arg;
    DbConnection *c = take();
    CHECK(!c->shared);
    db_release(c);
}

TEST(postgresql_lane, small_pools_share_nothing)
{
    begin();
    config.pool_size = DB_SHARED_POOL_LEAST - 1;
    open_pool();
    in_loop(small, 1);
}
