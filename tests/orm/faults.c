/* faults.c: every call of the database fails once, while rows are written, read and deleted: nothing is ever half there. */
#include "blog.h"

#include "base/fault.h"
#include <clef/rt.h>

static void scenario(Context *cx, void *arg)
{
    (void)arg;
    ATOMIC(cx)
    {
        Author *ada = CREATE(cx, Author, .name = STR("Ada"), .email = STR("ada@example.org"));
        for (int i = 0; i < 2; i++) {
            char *slug = str_dup_c(cx->arena, str_format(cx->arena, "post-%d", i));
            ATOMIC(cx) { CREATE(cx, Post, .title = str_c(slug), .slug = str_c(slug), .author = ada); }
        }
        UPDATE(OBJECTS(cx, Post), Q(Post, views, EQ, 0), SET("views", ADD(F("views"), 1)));
    }
    CHECK_EQ(COUNT(OBJECTS(cx, Post)), 2u);
    QuerySet *posts = OBJECTS(cx, Post);
    Post *post;
    size_t seen = 0;
    for (size_t cursor = 0; (post = queryset_next(posts, &Post_model, &cursor)) != NULL;)
        seen += str_eq(RELATED(cx, post, author)->name, STR("Ada"));
    CHECK_EQ(seen, 2u);
    ATOMIC(cx) { queryset_delete(FILTER(OBJECTS(cx, Author), Q(Author, name, EQ, "Ada"))); }
}

static int64_t number(Context *cx, const char *sql)
{
    Value v = sql_query(cx, STR(""), str_c(sql), NULL, 0).rows[0][0];
    int64_t n = 0;
    return v.tag == VALUE_DECIMAL && decimal_to_i64(*v.decimal, &n) == DECIMAL_OK ? n : v.tag == VALUE_INT ? v.i : 0;
}

/* A COMMIT whose connection was lost is still on its way: waits until nobody else is there. */
static void settle(Context *cx)
{
    const char *others = str_eq(str_c(test_vendor()), STR("postgresql"))
                             ? "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                               "pg_backend_pid() AND (state <> 'idle' OR xact_start IS NOT NULL)"
                             : "SELECT count(*) FROM information_schema.innodb_trx JOIN "
                               "information_schema.processlist p ON p.id = trx_mysql_thread_id WHERE p.db = "
                               "DATABASE() AND p.id <> connection_id()";
    for (int i = 0; i < 2000 && number(cx, others) > 0; i++)
        fiber_self() ? fiber_sleep(1000000) : db_wait(1000000);
}

/* All of it, or nothing. */
static void looks(Context *cx, void *arg)
{
    (void)arg;
    if (!str_eq(str_c(test_vendor()), STR("sqlite")))
        settle(cx);
    int64_t authors = number(cx, "SELECT count(*) FROM blog_author");
    CHECK(authors == 0 || authors == 1);
    CHECK_EQ(number(cx, "SELECT count(*) FROM blog_post"), 2 * authors);
    CHECK_EQ(number(cx, "SELECT coalesce(sum(views), 0) FROM blog_post"), 2 * authors);
    sql_execute(cx, STR(""), STR("DELETE FROM blog_post"), NULL, 0);
    sql_execute(cx, STR(""), STR("DELETE FROM blog_author"), NULL, 0);
}

/* In a context and memory of its own. */
static bool in_context(Context *around, AttemptFn *fn)
{
    Arena *arena = arena_create(NULL, 0, 256); /* small, so that it asks for more often */
    Context cx;
    context_init(&cx, arena);
    cx.databases = around->databases;
    const Error *e = attempt(&cx, fn, NULL);
    if (e && !fault_fired())
        CHECK_STR(e->message, STR(""));
    context_finish(&cx);
    arena_destroy(arena);
    return !e;
}

/* Does the scenario once with this request failing; false when it came through without. */
static bool one_fails(Context *cx, bool in_memory)
{
    if (!in_memory) /* connecting is a part of it */
        databases_close_idle(cx->databases);
    fault_spare_thread(false);
    bool done = in_context(cx, scenario);
    fault_spare_thread(true);
    bool fired = fault_fired();
    CHECK(done || fired);
    fault_arm(0, 0); /* nothing shall fail behind it */
    CHECK(in_context(cx, looks));
    return fired;
}

static void each_allocation_fails(Context *cx)
{
    bool in_memory = str_eq(str_c(test_vendor()), STR("sqlite"));
    size_t rounds = 0;
    fault_spare_thread(true);
    for (uint64_t n = 1;; n++, rounds++) {
        fault_arm(FAULT_MEMORY, n);
        if (!one_fails(cx, in_memory))
            break;
    }
    CHECK(rounds > 3);
    fault_spare_thread(false);
}
TEST(orm_faults, every_allocation_may_fail, .seconds = 300)
{
    with_blog(each_allocation_fails);
}

static void each_fails(Context *cx)
{
    size_t rounds = 0;
    bool in_memory = str_eq(str_c(test_vendor()), STR("sqlite"));
    fault_spare_thread(true);
    for (uint64_t n = 1;; n++, rounds++) {
        fault_arm(FAULT_DATABASE, n);
        if (!one_fails(cx, in_memory))
            break;
    }
    CHECK(rounds > 20);
    fault_spare_thread(false);
}
TEST(orm_faults, every_call_of_the_database_may_fail, .seconds = 300)
{
    with_blog(each_fails);
}

static Context *around;
static void on_fiber(void *arg)
{
    void (*fn)(Context *) = arg ? each_allocation_fails : each_fails;
    fn(around);
}
static void on_loop(Context *cx, void *allocations)
{
    around = cx;
    Loop *loop = loop_create(test_arena());
    REQUIRE(fiber_start(loop, on_fiber, allocations) != NULL);
    CHECK_EQ(loop_run(loop), 0);
    databases_close_idle(cx->databases);
    loop_destroy(loop);
}
static void calls_on_loop(Context *cx) { on_loop(cx, NULL); }
static void allocations_on_loop(Context *cx) { on_loop(cx, cx); }
TEST(orm_faults, every_call_may_fail_on_a_fiber, .seconds = 300)
{
    with_blog(calls_on_loop);
}
TEST(orm_faults, every_allocation_may_fail_on_a_fiber, .seconds = 300)
{
    with_blog(allocations_on_loop);
}
