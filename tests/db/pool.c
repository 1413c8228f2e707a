#include <clef/base.h>
#include <clef/db.h>
#include <clef/rt.h>
#include <clef/test.h>

static DbPool *pool;

static void begin(const char *name, unsigned size)
{
    DbConfig config = { .alias = STR("default"), .driver = &sqlite_driver, .name = str_c(name), .pool_size = size };
    config.pool_wait_ms = 20;
    pool = db_pool_create(test_arena(), &config);
}

TEST(db_pool, opens_when_asked_and_uses_again)
{
    begin(str_format(test_arena(), "%s/a", test_dir()).p, 2);
    const DbError *e;
    CHECK_EQ(db_pool_open(pool), 0u);
    DbConnection *a = db_acquire(pool, &e), *b = db_acquire(pool, &e);
    REQUIRE(a && b);
    CHECK_EQ(db_pool_open(pool), 2u);
    CHECK_NULL(db_acquire(pool, &e));
    CHECK_EQ(e->kind, DB_ERROR_POOL);
    db_release(b);
    CHECK_PTR(db_acquire(pool, &e), b);
    b->broken = true;
    db_release(b);
    CHECK_EQ(db_pool_open(pool), 1u);
    db_release(a);
    CHECK_EQ(db_pool_idle(pool), 1u);
    db_pool_close_idle(pool);
    CHECK_EQ(db_pool_open(pool), 0u);
    db_pool_destroy(pool);
}

TEST(db_pool, what_cannot_be_opened_is_said_and_tried_again)
{
    begin("/nowhere/at/all", 1);
    const DbError *e;
    for (int i = 0; i < 3; i++) {
        CHECK_NULL(db_acquire(pool, &e));
        CHECK_EQ(e->kind, DB_ERROR_CONNECTION);
        CHECK_STR_CONTAINS(e->message, STR("/nowhere/at/all"));
    }
    CHECK_EQ(db_pool_open(pool), 0u);
    db_pool_destroy(pool);
}

static int order[3], norder;
static void holds(void *arg)
{
    (void)arg;
    const DbError *e;
    DbConnection *c = db_acquire(pool, &e);
    REQUIRE(c != NULL);
    fiber_sleep(2000000);
    order[norder++] = 1;
    db_release(c);
}
static void waits(void *arg)
{
    (void)arg;
    const DbError *e;
    DbConnection *c = db_acquire(pool, &e);
    REQUIRE(c != NULL);
    order[norder++] = 2;
    REQUIRE(db_begin(c));
    db_release(c);
}
static void gives_up(void *arg)
{
    (void)arg;
    const DbError *e;
    DbConnection *c = db_acquire(pool, &e);
    REQUIRE(c != NULL);
    CHECK(!c->driver->in_transaction(c));
    CHECK_NULL(db_acquire(pool, &e));
    CHECK_EQ(e->kind, DB_ERROR_POOL);
    order[norder++] = 3;
    db_release(c);
}

TEST(db_pool, a_fiber_waits_its_turn_but_not_for_ever)
{
    begin(":memory:", 8); /* a database in memory has one connection, whatever is asked for */
    Loop *loop = loop_create(test_arena());
    REQUIRE(fiber_start(loop, holds, NULL) && fiber_start(loop, waits, NULL) && fiber_start(loop, gives_up, NULL));
    CHECK_EQ(loop_run(loop), 0);
    CHECK(order[0] == 1 && order[1] == 2 && order[2] == 3);
    loop_destroy(loop);
    db_pool_destroy(pool);
}

TEST(db_pool, databases_are_found_by_alias)
{
    DbConfig configs[] = { { .alias = STR("first"), .driver = &sqlite_driver },
                           { .alias = STR("default"), .driver = &sqlite_driver } };
    Databases *d = databases_create(test_arena(), configs, 2);
    CHECK_PTR(databases_pool(d, STR("")), databases_at(d, 1));
    CHECK_PTR(databases_pool(d, STR("first")), databases_at(d, 0));
    CHECK_NULL(databases_pool(d, STR("other")));
    CHECK_EQ(databases_count(d), 2u);
    databases_destroy(d);
    d = databases_create(test_arena(), configs, 1);
    CHECK_PTR(databases_pool(d, STR("")), databases_at(d, 0));
    databases_destroy(d);
    configs[0].alias = STR("");
    d = databases_create(test_arena(), configs, 1);
    CHECK_PTR(databases_pool(d, STR("default")), databases_at(d, 0));
    databases_destroy(d);
}
