#include "blog.h"

static size_t tags(Context *cx) { return COUNT(OBJECTS(cx, Tag)); }
static void make(Context *cx, const char *name) { CREATE(cx, Tag, .name = str_c(name)); }

static int leaves_by_return(Context *cx)
{
    ATOMIC(cx)
    {
        make(cx, "a");
        if (tags(cx) == 1)
            return 7;
    }
    return 8;
}

static void raises_inside(Context *cx)
{
    ATOMIC(cx)
    {
        make(cx, "lost");
        RAISE(cx, 409, "conflict", "no");
    }
}

static void raises_in_inner(Context *cx)
{
    ATOMIC(cx)
    {
        make(cx, "inner lost");
        RAISE(cx, 409, "conflict", "no");
    }
}

static void ends(Context *cx)
{
    CHECK_EQ(leaves_by_return(cx), 7);
    CHECK(!transaction_is_open(cx));
    ATOMIC(cx)
    {
        make(cx, "b");
        CHECK(transaction_is_open(cx));
        break;
    }
    for (int i = 0; i < 3; i++) {
        ATOMIC(cx)
        {
            make(cx, "c");
            if (i < 5)
                continue; /* leaves the block only */
            make(cx, "never");
        }
    }
    CHECK_EQ(tags(cx), 5u);
    CHECK_STR(str_c(raised(cx, raises_inside)->code), STR("conflict"));
    CHECK(!transaction_is_open(cx));
    CHECK_EQ(tags(cx), 5u);
    ATOMIC(cx)
    {
        make(cx, "undone");
        transaction_set_rollback(cx);
    }
    CHECK_EQ(tags(cx), 5u);
}
TEST(transaction, commits_by_end_break_and_return_and_rolls_back_by_raise)
{
    with_blog(ends);
}

static void nested(Context *cx)
{
    ATOMIC(cx)
    {
        make(cx, "kept");
        CHECK_STR(str_c(raised(cx, raises_in_inner)->code), STR("conflict"));
        ATOMIC(cx)
        {
            make(cx, "kept too");
            ATOMIC(cx)
            {
                make(cx, "undone");
                transaction_set_rollback(cx);
            }
        }
        CHECK_EQ(tags(cx), 2u);
    }
    CHECK_EQ(tags(cx), 2u);
}
TEST(transaction, nesting_makes_savepoints)
{
    with_blog(nested);
}

static char trace[64];
static void note(Context *cx, void *arg)
{
    CHECK(!transaction_is_open(cx));
    strncat(trace, arg, sizeof trace - strlen(trace) - 1);
}
static void hooks_of_inner(Context *cx)
{
    ATOMIC(cx)
    {
        on_commit(cx, note, "x");
        RAISE(cx, 409, "conflict", "no");
    }
}
static void hooks(Context *cx)
{
    on_commit(cx, note, "0");
    ATOMIC(cx)
    {
        on_commit(cx, note, "1");
        (void)raised(cx, hooks_of_inner);
        ATOMIC(cx)
        on_commit(cx, note, "2");
        on_commit(cx, note, "3");
        CHECK_STR(str_c(trace), STR("0"));
    }
    CHECK_STR(str_c(trace), STR("0123"));
    (void)raised(cx, hooks_of_inner);
    CHECK_STR(str_c(trace), STR("0123"));
}
TEST(transaction, on_commit_runs_after_the_outermost_commit)
{
    with_blog(hooks);
}

static void durable_inside(Context *cx)
{
    ATOMIC(cx)
    ATOMIC(cx, .durable = true)
    make(cx, "never");
}
static void fails_at_commit(Context *cx)
{
    ATOMIC(cx)
    {
        make(cx, "never");
        CREATE(cx, Author, .email = STR("x"), .mentor_id = 99); /* deferred until the commit */
        CHECK_EQ(tags(cx), 1u);
    }
}
static void rules(Context *cx)
{
    CHECK_STR(str_c(raised(cx, durable_inside)->code), STR("durable_atomic"));
    CHECK_STR(str_c(raised(cx, fails_at_commit)->code), STR("integrity_error"));
    CHECK(!transaction_is_open(cx));
    CHECK_EQ(tags(cx), 0u);
    ATOMIC(cx, .durable = true)
    make(cx, "fine");
    CHECK_EQ(tags(cx), 1u);
}
TEST(transaction, a_commit_that_fails_rolls_back)
{
    with_blog(rules);
}

static void logged(Context *cx)
{
    sql_log_start(cx);
    make(cx, "seen");
    const LoggedQuery *q = sql_log(cx);
    REQUIRE(q != NULL);
    CHECK_STR(q->sql, STR("INSERT INTO \"blog_tag\" (\"name\") VALUES (?) RETURNING \"blog_tag\".\"id\""));
    CHECK(q->nparams == 1 && str_eq(q->params[0].s, STR("seen")) && !q->failed && !q->next);
}
TEST(transaction, queries_are_kept_when_asked_for)
{
    with_blog(logged);
}

/* --- fibers that write at once */

enum { WRITERS = 16, WRITES = 10 };
static Databases *databases;
static int64_t written;

static void write_one(Context *cx, void *arg)
{
    (void)arg;
    ATOMIC(cx)
    {
        Tag *tag = GET_ROW(OBJECTS(cx, Tag), Tag, Q(Tag, id, EQ, 1));
        int64_t n;
        REQUIRE(str_to_i64(tag->name, &n));
        fiber_yield();
        tag->name = str_format(cx->arena, "%lld", (long long)n + 1);
        SAVE(cx, tag);
    }
    written++;
}

static void writer(void *arg)
{
    (void)arg;
    for (int i = 0; i < WRITES; i++) {
        Arena *arena = arena_create(NULL, 0, 0);
        Context cx;
        context_init(&cx, arena);
        cx.databases = databases;
        const Error *e = attempt(&cx, write_one, NULL);
        if (e)
            CHECK_STR(e->message, STR(""));
        context_finish(&cx);
        arena_destroy(arena);
    }
}

static void count_together(Context *cx)
{
    schema_create(cx, STR(""), &blog_app);
    make(cx, "0");
    databases = cx->databases;
    Loop *loop = loop_create(test_arena());
    for (int i = 0; i < WRITERS; i++)
        REQUIRE(fiber_start(loop, writer, NULL) != NULL);
    CHECK_EQ(loop_run(loop), 0);
    loop_destroy(loop);
    CHECK_EQ(written, WRITERS * WRITES);
    CHECK_STR(GET_ROW(OBJECTS(cx, Tag), Tag, Q(Tag, id, EQ, 1))->name, STR("160"));
}
TEST(transaction, sixteen_fibers_lose_no_update, .seconds = 60)
{
    with_database(str_format(test_arena(), "%s/db.sqlite3", test_dir()).p, count_together);
}
