/* cancel.c: statements that are ended from outside, and neighbours that are not. */
#include "servers.h"

static DbPool *pool;
static DbConfig config;
static DbConnection *busy;
static DbCursor *asked;
static const char *slow;
static DbErrorKind kind;
static int64_t took;

static void waits(void *shared)
{
    const DbError *e;
    DbCursor cursor;
    int64_t began = loop_clock();
    busy = db_acquire_until(pool, shared != NULL, 0, &e);
    REQUIRE(busy != NULL);
    CHECK_EQ(busy->shared, shared != NULL);
    asked = &cursor;
    DbStep step = DB_FAILED;
    if (db_query(busy, &cursor, str_c(slow), NULL, 0))
        while ((step = db_step(&cursor)) == DB_ROW)
            ;
    took = loop_clock() - began;
    kind = step == DB_FAILED ? busy->error.kind : DB_ERROR_NONE;
    asked = NULL;
    db_finish(&cursor);
    db_release(busy);
}

static void cancels(void *arg)
{
    (void)arg;
    fiber_sleep(100000000);
    REQUIRE(busy && asked);
    db_cancel(busy, asked);
    db_cancel(busy, asked); /* twice does no more than once */
}

static void cancelled(const char *vendor, const char *sql, bool shared)
{
    config = test_database(vendor);
    pool = db_pool_create(test_arena(), &config);
    slow = sql;
    Loop *loop = loop_create(test_arena());
    REQUIRE(fiber_start(loop, waits, shared ? loop : NULL) && fiber_start(loop, cancels, NULL));
    CHECK_EQ(loop_run(loop), 0);
    CHECK_STR(str_c(db_error_word(kind)), STR("timeout"));
    CHECK(took < INT64_C(3000000000));
    CHECK_EQ(db_pool_open(pool), 0u); /* the word may come late: nobody else gets that connection */
    db_pool_destroy(pool);
    loop_destroy(loop);
}

TEST(postgresql, a_statement_is_cancelled)
{
    cancelled("postgresql", "SELECT pg_sleep(10)", false);
}
TEST(postgresql_lane, a_statement_is_cancelled)
{
    cancelled("postgresql", "SELECT pg_sleep(10)", true);
}
TEST(mariadb, a_statement_is_cancelled)
{
    cancelled("mariadb", "SELECT sleep(10) FROM seq_1_to_100", false);
}

/* --- neighbours on a shared connection */

static int answered;

static void neighbour(void *arg)
{
    const DbError *e;
    DbCursor cursor;
    Value n = value_int((intptr_t)arg), cell = value_null();
    DbConnection *c = db_acquire_shared(pool, &e);
    REQUIRE(c != NULL);
    bool same = c == busy;
    if (db_query(c, &cursor, STR("SELECT ?::int FROM pg_sleep(0.002)"), &n, 1) && db_step(&cursor) == DB_ROW)
        db_row(&cursor, &cell);
    CHECK(cell.tag == VALUE_INT && cell.i == n.i);
    if (cell.tag != VALUE_INT)
        CHECK_STR(c->error.message, STR(""));
    db_finish(&cursor);
    db_release(c);
    answered += same;
}

static void among(void *arg)
{
    const DbError *e;
    DbConnection *first = db_acquire_shared(pool, &e); /* so that all find it open */
    REQUIRE(first != NULL && first->shared);
    REQUIRE(fiber_start(loop_current(), waits, arg) != NULL);
    for (intptr_t i = 1; i <= 20; i++) /* behind it on the same connection, for they come before its patience ends */
        REQUIRE(fiber_start(loop_current(), neighbour, (void *)i) != NULL);
    fiber_sleep(30000000);
    REQUIRE(asked != NULL);
    db_cancel(busy, asked);
    db_release(first);
}

TEST(postgresql_lane, neighbours_of_one_that_is_cancelled_get_their_answers)
{
    config = test_database("postgresql");
    slow = "SELECT pg_sleep(10)";
    for (int round = 0; round < 3; round++) {
        pool = db_pool_create(test_arena(), &config);
        Loop *loop = loop_create(test_arena());
        answered = 0;
        REQUIRE(fiber_start(loop, among, loop) != NULL);
        CHECK_EQ(loop_run(loop), 0);
        CHECK_EQ(kind, DB_ERROR_TIMEOUT);
        CHECK(answered > 0);
        db_pool_destroy(pool);
        loop_destroy(loop);
    }
}

/* --- more rows than memory should hold */

static void too_many(void *arg)
{
    const DbError *e;
    DbDone done;
    (void)arg;
    DbConnection *c = db_acquire_shared(pool, &e);
    REQUIRE(c != NULL && c->shared);
    /* A row of 1,000 bytes stands there with its head: 1,010 + 4. At the limit, and past it. */
    CHECK(db_execute(c, STR("SELECT repeat('x', 1000) FROM generate_series(1, 64)"), NULL, 0, &done));
    CHECK(!db_execute(c, STR("SELECT repeat('x', 1000) FROM generate_series(1, 66)"), NULL, 0, &done));
    CHECK_STR(str_c(db_error_word(c->error.kind)), STR("memory"));
    CHECK_STR_CONTAINS(c->error.message, STR("result_limit"));
    CHECK_STR_CONTAINS(c->error.message, STR("iterator"));
    CHECK(!c->broken);
    db_release(c);
    c = db_acquire_shared(pool, &e);
    REQUIRE(c != NULL && c->shared);
    CHECK(!db_execute(c, STR("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)"), NULL, 0, &done));
    db_release(c);
    c = db_acquire_shared(pool, &e);
    REQUIRE(c != NULL);
    CHECK(!db_execute(c, STR("SELECT repeat('x', 30000000)"), NULL, 0, &done)); /* one row */
    CHECK_STR(str_c(db_error_word(c->error.kind)), STR("memory"));
    db_release(c);
    c = db_acquire_shared(pool, &e);
    REQUIRE(c != NULL);
    CHECK(db_execute(c, STR("SELECT 1"), NULL, 0, &done));
    db_release(c);
    /* As a stream there may be any number. */
    DbCursor cursor;
    size_t n = 0;
    c = db_acquire(pool, &e);
    REQUIRE(c != NULL);
    if (db_query_streaming(c, &cursor, STR("SELECT repeat('x', 1000) FROM generate_series(1, 1000)"), NULL, 0))
        while (db_step(&cursor) == DB_ROW)
            n++;
    CHECK_EQ(n, 1000u);
    db_finish(&cursor);
    db_release(c);
}

TEST(postgresql_lane, a_result_has_a_limit)
{
    config = test_database("postgresql");
    test_database_option(&config, "result_limit", "65536");
    pool = db_pool_create(test_arena(), &config);
    Loop *loop = loop_create(test_arena());
    REQUIRE(fiber_start(loop, too_many, NULL) != NULL);
    CHECK_EQ(loop_run(loop), 0);
    db_pool_destroy(pool);
    loop_destroy(loop);
    test_database_option(&config, "result_limit", "7");
    config.options++;
    config.noptions = 1;
    DbConnection *c = db_open(test_arena(), &config);
    CHECK_STR_CONTAINS(c->error.message, STR("result_limit"));
    db_close(c);
}

/* --- SQLite: it runs on the loop's thread, so a time ends it; what waits for a lock is cancelled */

TEST(sqlite_cancel, a_statement_ends_at_its_deadline)
{
    config = (DbConfig){ .driver = &sqlite_driver, .name = STR(":memory:") };
    DbConnection *c = db_open(test_arena(), &config);
    test_run(c, "SELECT 1");
    c->deadline_ns = loop_clock() + 50000000;
    CHECK(!db_execute(c,
                      STR("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 1000000000) SELECT "
                          "max(i) FROM s"),
                      NULL, 0, NULL));
    CHECK_STR(str_c(db_error_word(c->error.kind)), STR("timeout"));
    CHECK(loop_clock() - c->deadline_ns < INT64_C(1000000000));
    c->deadline_ns = 0;
    CHECK_EQ(test_one(c, "SELECT 2", NULL, 0).i, 2);
    db_close(c);
}

static DbConnection *holder;

static void frees(void *arg)
{
    cancels(arg);
    fiber_sleep(50000000);
    db_rollback(holder);
}

TEST(sqlite_cancel, a_wait_for_a_lock_is_cancelled)
{
    config = (DbConfig){ .driver = &sqlite_driver, .name = str_format(test_arena(), "%s/locked", test_dir()) };
    holder = db_open(test_arena(), &config);
    test_run(holder, "CREATE TABLE t (a integer)");
    REQUIRE(db_begin(holder));
    pool = db_pool_create(test_arena(), &config);
    slow = "INSERT INTO t VALUES (1)";
    Loop *loop = loop_create(test_arena());
    REQUIRE(fiber_start(loop, waits, NULL) && fiber_start(loop, frees, NULL));
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(kind, DB_ERROR_BUSY);
    CHECK(took < INT64_C(1500000000)); /* not the 5 s of the time-out */
    CHECK_EQ(test_one(holder, "SELECT count(*) FROM t", NULL, 0).i, 0);
    db_pool_destroy(pool);
    loop_destroy(loop);
    db_close(holder);
}

/* --- all connections in use */

static int refused;
static Str said;

static void holds(void *arg)
{
    const DbError *e;
    (void)arg;
    DbConnection *c = db_acquire(pool, &e);
    REQUIRE(c != NULL);
    CHECK(db_begin(c));
    fiber_sleep(400000000);
    db_release(c);
}
static void gives_up(void *arg)
{
    const DbError *e = NULL;
    int64_t began = loop_clock();
    (void)arg;
    CHECK_NULL(db_acquire(pool, &e));
    CHECK(loop_clock() - began > INT64_C(90000000));
    REQUIRE(e != NULL);
    CHECK_EQ(e->kind, DB_ERROR_POOL);
    said = str_copy(test_arena(), e->message);
    refused++;
    /* Who waits with a deadline of his own gives up by then. */
    began = loop_clock();
    CHECK_NULL(db_acquire_until(pool, false, began + 20000000, &e));
    CHECK(loop_clock() - began < INT64_C(90000000));
}
static void has_patience(void *arg)
{
    const DbError *e;
    (void)arg;
    fiber_sleep(350000000);
    DbConnection *c = db_acquire(pool, &e);
    REQUIRE(c != NULL);
    CHECK(db_execute(c, STR("SELECT 1"), NULL, 0, NULL));
    db_release(c);
    refused--;
}

static void exhausts(const char *vendor)
{
    config = test_database(vendor);
    config.pool_size = 2;
    config.pool_wait_ms = 100;
    pool = db_pool_create(test_arena(), &config);
    refused = 0;
    Loop *loop = loop_create(test_arena());
    for (int i = 0; i < 2; i++)
        REQUIRE(fiber_start(loop, holds, NULL) != NULL);
    REQUIRE(fiber_start(loop, gives_up, NULL) && fiber_start(loop, has_patience, NULL));
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(refused, 0);
    CHECK_STR(said,
              STR("all connections of the database 'default' in this process are in use (2, the option pool_size), and "
                  "none became free in 100 ms (the option pool_wait, in seconds): keep waits for anything else out "
                  "of ATOMIC, or raise pool_size"));
    db_pool_destroy(pool);
    loop_destroy(loop);
}

TEST(postgresql, an_exhausted_pool_waits_then_says_so)
{
    exhausts("postgresql");
}
TEST(mariadb, an_exhausted_pool_waits_then_says_so)
{
    exhausts("mariadb");
}
