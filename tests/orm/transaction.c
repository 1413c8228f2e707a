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
    sqlite_only();
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

/* --- 64 writers on one counter, on every database */

enum { COUNTERS = 64, STEPS = 3 };
static int way;

static void count_one(Context *cx, void *arg)
{
    (void)arg;
    if (way == 0) { /* the database counts */
        UPDATE(OBJECTS(cx, Post), Q(Post, slug, EQ, "first"), SET("views", ADD(F("views"), 1)));
        written++;
        return;
    }
    /* A lock on the row; SQLite has one on the whole database already. */
    const char *lock = str_eq(str_c(test_vendor()), STR("sqlite")) ? "" : " FOR UPDATE";
    ATOMIC(cx)
    {
        SqlRows rows = sql_query(
            cx, STR(""), str_format(cx->arena, "SELECT \"views\" FROM \"blog_post\" WHERE \"slug\" = 'first'%s", lock),
            NULL, 0);
        REQUIRE(rows.n == 1);
        fiber_yield();
        Value n = value_int(rows.rows[0][0].i + 1);
        sql_execute(cx, STR(""), STR("UPDATE \"blog_post\" SET \"views\" = ? WHERE \"slug\" = 'first'"), &n, 1);
    }
    written++;
}

static void counter(void *arg)
{
    (void)arg;
    for (int i = 0; i < STEPS; i++) {
        Arena *arena = arena_create(NULL, 0, 0);
        Context cx;
        context_init(&cx, arena);
        cx.databases = databases;
        const Error *e = attempt(&cx, count_one, NULL);
        if (e)
            CHECK_STR(e->message, STR(""));
        context_finish(&cx);
        arena_destroy(arena);
    }
}

static void count_in_crowd(Context *cx)
{
    schema_create(cx, STR(""), &blog_app);
    fill_blog(cx);
    databases = cx->databases;
    int64_t before = 10;
    for (way = 0; way < 2; way++) {
        Loop *loop = loop_create(test_arena());
        written = 0;
        for (int i = 0; i < COUNTERS; i++)
            REQUIRE(fiber_start(loop, counter, NULL) != NULL);
        CHECK_EQ(loop_run(loop), 0);
        loop_destroy(loop);
        databases_close_idle(databases); /* their loop is gone */
        before += COUNTERS * STEPS;
        CHECK_EQ(written, COUNTERS * STEPS);
        CHECK_EQ(GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, "first"))->views, before);
    }
}
TEST(transaction, sixty_four_writers_lose_no_update, .seconds = 120)
{
    with_database(str_format(test_arena(), "%s/db.sqlite3", test_dir()).p, count_in_crowd);
}

/* --- again */

static int tries;
static void conflicts(Context *cx, void *arg)
{
    const int *wins_at = arg;
    make(cx, "try");
    if (++tries < *wins_at)
        RAISE(cx, 500, TRANSACTION_CONFLICT, "deadlock detected");
}

static void never_enough(Context *cx) { transaction_retry(cx, conflicts, &(int){ 99 }, &(RetryOptions){ .tries = 3 }); }
static void inside_another(Context *cx)
{
    ATOMIC(cx) { transaction_retry(cx, conflicts, &(int){ 2 }, NULL); }
}

static void tries_again(Context *cx)
{
    tries = 0;
    transaction_retry(cx, conflicts, &(int){ 3 }, NULL);
    CHECK_EQ(tries, 3);
    CHECK_EQ(tags(cx), 1u);
    tries = 0;
    CHECK_STR(str_c(raised(cx, never_enough)->code), STR(TRANSACTION_CONFLICT));
    CHECK_EQ(tries, 3);
    tries = 0;
    raised(cx, inside_another);
    CHECK_EQ(tries, 1);
    CHECK_EQ(tags(cx), 1u);
}
TEST(transaction, is_run_again_after_a_conflict)
{
    with_blog(tries_again);
}

static int hooks_run;
static void bad_hook(Context *cx, void *arg)
{
    (void)arg;
    RAISE(cx, 500, "hook", "it fails");
}
static void good_hook(Context *cx, void *arg)
{
    (void)cx, (void)arg;
    hooks_run++;
}
static void robust_hooks(Context *cx)
{
    ATOMIC(cx, .isolation = ISOLATION_SERIALIZABLE)
    {
        make(cx, "a");
        on_commit_robust(cx, bad_hook, NULL);
        on_commit(cx, good_hook, NULL);
    }
    CHECK_EQ(hooks_run, 1);
    CHECK_EQ(tags(cx), 1u);
}
TEST(transaction, a_robust_hook_hurts_nobody)
{
    with_blog(robust_hooks);
}

/* The connection was taken before anybody wanted to know. */
static void log_inside(Context *cx)
{
    ATOMIC(cx)
    {
        make(cx, "a");
        sql_log_start(cx);
        make(cx, "b");
    }
    const LoggedQuery *q = sql_log(cx);
    REQUIRE(q != NULL);
    CHECK(str_starts(q->sql, STR("INSERT")));
}
TEST(transaction, a_log_that_starts_inside_is_kept)
{
    with_blog(log_inside);
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
    sqlite_only();
    with_database(str_format(test_arena(), "%s/db.sqlite3", test_dir()).p, count_together);
}
