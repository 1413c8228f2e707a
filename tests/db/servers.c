#include "servers.h"
#include <clef/conf/service_url.h>

#include <stdlib.h>
#include <unistd.h>

static DbConfig server_of(const char *vendor)
{
    bool mariadb = str_eq(str_c(vendor), STR("mariadb"));
    const char *url = getenv(mariadb ? "CLEF_TEST_MARIADB" : "CLEF_TEST_POSTGRESQL");
    if (!url)
        test_skip(mariadb ? "no server: tests/with-databases mariadb -- ... starts one"
                          : "no server: tests/with-databases postgresql -- ... starts one");
    DatabaseSettings s;
    Str error = { 0 };
    REQUIRE(database_url_parse(test_arena(), str_c(url), &s, &error));
    DbConfig config = { .alias = STR("default"), .driver = mariadb ? &mariadb_driver : &postgresql_driver };
    config.name = s.name;
    config.user = s.user;
    config.password = s.password;
    config.host = s.host;
    config.port = s.port;
    return config;
}

typedef struct Dropping {
    DbConfig server;
    Str sql;
} Dropping;

static void run(const DbConfig *server, Str sql)
{
    DbConnection *c = db_open(test_arena(), server);
    REQUIRE(!c->error.kind);
    if (!db_execute(c, sql, NULL, 0, NULL))
        CHECK_STR(c->error.message, STR(""));
    db_close(c);
}

static void drop(void *arg)
{
    Dropping *d = arg;
    DbConnection *c = db_open(test_arena(), &d->server);
    (void)!db_execute(c, d->sql, NULL, 0, NULL);
    db_close(c);
}

DbConfig test_database(const char *vendor)
{
    static unsigned number;
    DbConfig config = server_of(vendor);
    Str name = str_format(test_arena(), "t%d_%u", (int)getpid(), ++number);
    run(&config, str_format(test_arena(), "CREATE DATABASE \"%.*s\"", STR_FMT(name)));
    Dropping *d = NEW(test_arena(), Dropping);
    *d = (Dropping){ .server = config };
    d->sql = str_format(test_arena(),
                        config.driver == &postgresql_driver ? "DROP DATABASE \"%.*s\" WITH (FORCE)"
                                                            : "DROP DATABASE \"%.*s\"",
                        STR_FMT(name));
    arena_defer(test_arena(), drop, d);
    config.name = name;
    return config;
}

void test_database_option(DbConfig *config, const char *name, const char *value)
{
    DbOption *options = NEW_ARRAY(test_arena(), DbOption, config->noptions + 1);
    if (config->noptions)
        memcpy(options, config->options, config->noptions * sizeof *options);
    options[config->noptions] = (DbOption){ str_c(name), str_c(value) };
    config->options = options;
    config->noptions++;
}

DbConnection *test_open(const char *vendor, DbConfig *config)
{
    *config = test_database(vendor);
    DbConnection *c = db_open(test_arena(), config);
    if (c->error.kind)
        CHECK_STR(c->error.message, STR(""));
    return c;
}

void test_run(DbConnection *c, const char *sql)
{
    if (!db_execute(c, str_c(sql), NULL, 0, NULL))
        CHECK_STR(c->error.message, str_c(sql));
}

Value test_one(DbConnection *c, const char *sql, const Value *params, size_t n)
{
    DbCursor cursor;
    Value cells[8], v = value_null();
    if (!db_query(c, &cursor, str_c(sql), params, n))
        CHECK_STR(c->error.message, str_c(sql));
    else if (db_step(&cursor) == DB_ROW) {
        db_row(&cursor, cells);
        v = value_copy(test_arena(), cells[0]);
    }
    db_finish(&cursor);
    return v;
}

static struct {
    DbPool *pool;
    const char *sql;
    int finished;
} sleeping;

static void sleeper(void *arg)
{
    const DbError *e;
    (void)arg;
    DbConnection *mine = db_acquire(sleeping.pool, &e);
    REQUIRE(mine != NULL);
    CHECK(db_execute(mine, str_c(sleeping.sql), NULL, 0, NULL));
    db_release(mine);
    sleeping.finished++;
}

void test_waits_park(const char *vendor, const char *sql)
{
    DbConfig config = test_database(vendor);
    sleeping.pool = db_pool_create(test_arena(), &config);
    sleeping.sql = sql;
    Loop *loop = loop_create(test_arena());
    int64_t before = loop_clock();
    for (int i = 0; i < 8; i++)
        REQUIRE(fiber_spawn(loop, sleeper, NULL) != NULL);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(sleeping.finished, 8);
    CHECK(loop_clock() - before < INT64_C(1500000000)); /* not 1.6 s, one after the other */
    db_pool_destroy(sleeping.pool);
    loop_destroy(loop);
}
