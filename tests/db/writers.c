/* writers.c: many writers on one SQLite file: nobody is told that the database is locked, and no increment is lost. */
#include "db/sqlite.h"

#include <clef/base.h>
#include <clef/db.h>
#include <clef/rt.h>
#include <clef/test.h>

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 16, WRITES = 25 };

static DbConfig config;
static const DbOption options[] = { { { "synchronous", 11 }, { "NORMAL", 6 } }, { { "timeout", 7 }, { "30", 2 } } };
static DbPool *pool;
static int64_t turns; /* of a fiber that wants the loop for itself now and then */
static int writing;

static bool increment(DbConnection *c, bool with_transaction)
{
    if (!with_transaction)
        return db_execute(c, STR("UPDATE counter SET n = n + 1"), NULL, 0, NULL);
    DbCursor cursor;
    Value n = { 0 };
    if (!db_begin(c))
        return false;
    bool ok = db_query(c, &cursor, STR("SELECT n FROM counter"), NULL, 0) && db_step(&cursor) == DB_ROW;
    if (ok)
        db_row(&cursor, &n);
    db_finish(&cursor);
    n.i++;
    fiber_self() ? fiber_yield() : (void)0;
    return ok && db_execute(c, STR("UPDATE counter SET n = ?"), &n, 1, NULL) && db_commit(c);
}

static void prepare(void)
{
    config = (DbConfig){ .driver = &sqlite_driver,
                         .name = str_format(test_arena(), "%s/counter", test_dir()),
                         .options = options,
                         .noptions = CLEF_COUNT(options) };
    DbConnection *c = db_open(test_arena(), &config);
    REQUIRE(db_execute(c, STR("CREATE TABLE counter (n integer NOT NULL)"), NULL, 0, NULL));
    REQUIRE(db_execute(c, STR("INSERT INTO counter VALUES (0)"), NULL, 0, NULL));
    db_close(c);
}

static int64_t counted(void)
{
    DbConnection *c = db_open(test_arena(), &config);
    DbCursor cursor;
    Value n = { 0 };
    if (db_query(c, &cursor, STR("SELECT n FROM counter"), NULL, 0) && db_step(&cursor) == DB_ROW)
        db_row(&cursor, &n);
    db_finish(&cursor);
    db_close(c);
    return n.i;
}

static void write_some(void *arg)
{
    const DbError *e;
    writing++;
    for (int i = 0; i < WRITES; i++) {
        DbConnection *c = db_acquire(pool, &e);
        REQUIRE(c != NULL);
        if (!increment(c, ((intptr_t)arg + i) % 2))
            CHECK_STR(c->error.message, STR(""));
        db_release(c);
        fiber_yield();
    }
    writing--;
}

static void turn(void *arg)
{
    (void)arg;
    while (writing) {
        turns++;
        fiber_sleep(1000000);
    }
}

TEST(sqlite_writers, fibers_of_one_loop, .seconds = 60)
{
    prepare();
    pool = db_pool_create(test_arena(), &config);
    Loop *loop = loop_create(test_arena());
    for (intptr_t i = 0; i < WRITERS; i++)
        REQUIRE(fiber_start(loop, write_some, (void *)i) != NULL);
    REQUIRE(fiber_start(loop, turn, NULL) != NULL);
    CHECK_EQ(loop_run(loop), 0);
    CHECK(turns > 1);
    CHECK(db_pool_open(pool) > 1);
    db_pool_destroy(pool);
    loop_destroy(loop);
    CHECK_EQ(counted(), WRITERS * WRITES);
}

TEST(sqlite_writers, processes, .seconds = 60)
{
    prepare();
    for (int i = 0; i < WRITERS; i++)
        if (fork() == 0) {
            Arena *arena = arena_create(NULL, 0, 0);
            DbConnection *c = db_open(arena, &config);
            bool ok = !c->broken;
            for (int k = 0; k < WRITES && ok; k++)
                ok = increment(c, k % 2);
            db_close(c);
            arena_destroy(arena);
            _exit(ok ? 0 : 1);
        }
    int status;
    while (wait(&status) > 0)
        CHECK_EQ(status, 0);
    CHECK_EQ(counted(), WRITERS * WRITES);
}

static void reads_locked(void *arg)
{
    (void)arg;
    const DbError *e;
    DbConnection *a = db_acquire(pool, &e), *b = db_acquire(pool, &e);
    REQUIRE(a && b && db_begin(a));
    CHECK(!db_begin(b));
    CHECK_EQ(b->error.kind, DB_ERROR_BUSY);
    CHECK_STR(b->error.message, STR("database is locked"));
    CHECK(db_execute(b, STR("SELECT n FROM counter"), NULL, 0, NULL));
    REQUIRE(db_commit(a));
    CHECK(db_begin(b));
    db_release(b);
    db_release(a);
}

TEST(sqlite_writers, a_lock_that_stays_is_an_outcome_after_the_timeout)
{
    prepare();
    static const DbOption soon[] = { { { "timeout", 7 }, { "0.05", 4 } } };
    config.options = soon;
    config.noptions = 1;
    pool = db_pool_create(test_arena(), &config);
    Loop *loop = loop_create(test_arena());
    REQUIRE(fiber_start(loop, reads_locked, NULL) != NULL);
    CHECK_EQ(loop_run(loop), 0);
    db_pool_destroy(pool);
    loop_destroy(loop);
}

static pthread_t loop_thread;
static int there, here;

/* SQLite calls it on the thread that commits. */
static int on_commit_hook(void *arg)
{
    (void)arg;
    *(pthread_equal(pthread_self(), loop_thread) ? &here : &there) += 1;
    return 0;
}

static void commits_in(const char *sql)
{
    const DbError *e;
    DbConnection *c = db_acquire(pool, &e);
    REQUIRE(c != NULL);
    sqlite3_commit_hook(((Sqlite *)c->state)->db, on_commit_hook, NULL);
    if (!db_execute(c, str_c(sql), NULL, 0, NULL))
        CHECK_STR(c->error.message, STR(""));
    CHECK(!c->driver->in_transaction(c));
    CHECK(db_begin(c));
    CHECK(db_execute(c, STR("UPDATE counter SET n = n + 1"), NULL, 0, NULL));
    CHECK(db_commit(c));
    sqlite3_commit_hook(((Sqlite *)c->state)->db, NULL, NULL);
    db_release(c);
}

static void commits(void *arg)
{
    (void)arg;
    commits_in("UPDATE counter SET n = n + 1");
    commits_in("INSERT INTO counter VALUES (5) RETURNING n");
    commits_in("DELETE FROM counter WHERE n = 5");
}

/* A commit waits for the disk: that is not the loop's affair. */
TEST(sqlite_writers, commits_run_on_a_thread)
{
    prepare();
    pool = db_pool_create(test_arena(), &config);
    loop_thread = pthread_self();
    Loop *loop = loop_create(test_arena());
    REQUIRE(fiber_start(loop, commits, NULL) != NULL);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(there, 6);
    CHECK_EQ(here, 0);
    db_pool_destroy(pool);
    loop_destroy(loop);
    CHECK_EQ(counted(), 4);
}

static void fails_alone(void *arg)
{
    const DbError *e;
    DbDone done;
    DbCursor cursor;
    Value id;
    (void)arg;
    DbConnection *c = db_acquire(pool, &e);
    REQUIRE(c != NULL);
    REQUIRE(db_execute(c, STR("CREATE TABLE once (n integer PRIMARY KEY)"), NULL, 0, NULL));
    CHECK(db_execute(c, STR("INSERT INTO once VALUES (1), (2)"), NULL, 0, &done));
    CHECK_EQ(done.changes, 2);
    /* All of it is undone, and the next writer is let in. */
    CHECK(!db_execute(c, STR("INSERT INTO once VALUES (3), (1)"), NULL, 0, NULL));
    CHECK_EQ(c->error.kind, DB_ERROR_UNIQUE);
    CHECK(!c->driver->in_transaction(c));
    DbConnection *other = db_acquire(pool, &e);
    REQUIRE(other != NULL);
    CHECK(db_execute(other, STR("INSERT INTO once VALUES (3)"), NULL, 0, &done));
    /* Rows that nobody reads to their end are written all the same. */
    REQUIRE(db_query(other, &cursor, STR("INSERT INTO once VALUES (4), (5) RETURNING n"), NULL, 0));
    CHECK(db_step(&cursor) == DB_ROW);
    db_finish(&cursor);
    CHECK(!other->driver->in_transaction(other));
    REQUIRE(db_query(c, &cursor, STR("SELECT count(*) FROM once"), NULL, 0));
    CHECK(db_step(&cursor) == DB_ROW);
    db_row(&cursor, &id);
    CHECK_EQ(id.i, 5);
    db_finish(&cursor);
    db_release(other);
    db_release(c);
}

TEST(sqlite_writers, a_statement_of_its_own_is_written_whole_or_not)
{
    prepare();
    pool = db_pool_create(test_arena(), &config);
    Loop *loop = loop_create(test_arena());
    REQUIRE(fiber_start(loop, fails_alone, NULL) != NULL);
    CHECK_EQ(loop_run(loop), 0);
    db_pool_destroy(pool);
    loop_destroy(loop);
}
