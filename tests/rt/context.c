#include "base/fault.h"
#include <clef/rt.h>
#include <clef/test.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char trace[256];
static size_t ntrace;
static void put(char c)
{
    if (ntrace < sizeof trace - 1)
        trace[ntrace++] = c;
}
static void put_arg(void *arg) { put((char)(intptr_t)arg); }

static Context cx;
static void fresh(void) { context_init(&cx, arena_create(test_arena(), 0, 0)); }

static void fails(Context *c, void *arg)
{
    DEFER(c, put_arg, (void *)'1');
    DEFER(c, put_arg, (void *)'2');
    DEFER(c, put_arg, (void *)'3');
    CHECK(context_undefer(c, put_arg, (void *)'2'));
    CHECK(!context_undefer(c, put_arg, (void *)'2'));
    RAISE(c, 404, "not_found", "no ticket %d", *(int *)arg);
}
static void works(Context *c, void *arg)
{
    DEFER(c, put_arg, (void *)'w');
    *(int *)arg = 7;
}

TEST(context, a_raise_runs_the_clean_ups_and_is_returned)
{
    fresh();
    int n = 5;
    DEFER(&cx, put_arg, (void *)'o');
    const Error *e = attempt(&cx, fails, &n);
    REQUIRE(e != NULL);
    CHECK_EQ(e->status, 404);
    CHECK_STR(str_c(e->code), STR("not_found"));
    CHECK_STR(e->message, STR("no ticket 5"));
    CHECK_STR(str_c(e->function), STR("fails"));
    CHECK(str_ends(str_c(e->file), STR("context.c")) && e->line > 0);
    CHECK_PTR(e->frames, NULL);
    CHECK_STR(str_c(trace), STR("31"));
    CHECK_PTR(attempt(&cx, works, &n), NULL);
    CHECK_EQ(n, 7);
    CHECK_STR(str_c(trace), STR("31"));
    context_finish(&cx);
    CHECK_STR(str_c(trace), STR("31wo"));
}

static void nests(Context *c, void *arg)
{
    int n = 9;
    DEFER(c, put_arg, (void *)'a');
    const Error *e = attempt(c, fails, &n);
    REQUIRE(e != NULL);
    CHECK_EQ(e->status, 404);
    put('-');
    DEFER(c, put_arg, (void *)'b');
    if (arg)
        context_raise_error(c, e);
    RAISE(c, 500, "second", "another");
}

TEST(context, attempts_nest)
{
    fresh();
    const Error *e = attempt(&cx, nests, NULL);
    REQUIRE(e != NULL);
    CHECK_EQ(e->status, 500);
    CHECK_STR(str_c(trace), STR("31-ba"));
    e = attempt(&cx, nests, &cx);
    REQUIRE(e != NULL);
    CHECK_EQ(e->status, 404);
    CHECK_STR(str_c(e->function), STR("fails"));
    context_finish(&cx);
}

static void undefers_outer(Context *c, void *arg)
{
    (void)arg;
    DEFER(c, put_arg, (void *)'i');
    CHECK(context_undefer(c, put_arg, (void *)'q'));
    DEFER(c, put_arg, (void *)'j'); /* uses the record of the one above again */
    RAISE(c, 500, "x", "x");
}

TEST(context, an_outer_clean_up_may_be_taken_back_inside)
{
    fresh();
    DEFER(&cx, put_arg, (void *)'p');
    DEFER(&cx, put_arg, (void *)'q');
    CHECK(attempt(&cx, undefers_outer, NULL) != NULL);
    CHECK_STR(str_c(trace), STR("ji"));
    context_finish(&cx);
    CHECK_STR(str_c(trace), STR("jip"));
}

static void raising(void *arg)
{
    put((char)(intptr_t)arg);
    RAISE(&cx, 503, "in_clean_up", "from the clean-up");
}
static void attempting(void *arg)
{
    int n = 1;
    put((char)(intptr_t)arg);
    CHECK(attempt(&cx, fails, &n) != NULL);
    put(')');
}
static void deferring(void *arg) { DEFER(&cx, put_arg, arg); }
static void bad_clean_ups(Context *c, void *arg)
{
    (void)arg;
    DEFER(c, put_arg, (void *)'l');
    DEFER(c, raising, (void *)'k');
    DEFER(c, attempting, (void *)'(');
    DEFER(c, deferring, (void *)'d');
    DEFER(c, raising, (void *)'j');
    RAISE(c, 418, "first", "the first");
}

TEST(context, a_raise_in_a_clean_up_ends_that_clean_up_only)
{
    fresh();
    const Error *e = attempt(&cx, bad_clean_ups, NULL);
    REQUIRE(e != NULL);
    CHECK_EQ(e->status, 418);
    CHECK_STR(e->message, STR("the first"));
    CHECK_STR(str_c(trace), STR("jd(31)kl"));
    DEFER(&cx, put_arg, (void *)'y');
    DEFER(&cx, raising, (void *)'x');
    DEFER(&cx, raising, (void *)'w');
    context_finish(&cx);
    CHECK_STR(str_c(trace), STR("jd(31)klwxy"));
}

static int bottom; /* a compiler that sees that the end never returns warns */
static __attribute__((noinline)) int dig(Context *c, int n)
{
    volatile char frame[256];
    frame[0] = (char)n;
    if (n == bottom)
        RAISE(c, 500, "deep", "from the bottom");
    return n < -1000 ? 0 : dig(c, n - 1) + frame[0];
}
static void digs(Context *c, void *arg) { dig(c, *(int *)arg); }

static void many_raises(void *arg)
{
    int *count = arg;
    fresh();
    for (int i = 0; i < 1000; i++) {
        int n = 60;
        const Error *e = attempt(&cx, digs, &n);
        *count += e && e->status == 500;
    }
    context_finish(&cx);
}

TEST(context, raises_from_deep_stacks_on_a_fiber)
{
    Loop *loop = loop_create(test_arena());
    int n = 0;
    fiber_start(loop, many_raises, &n);
    CHECK_EQ(n, 1000);
    loop_destroy(loop);
}

typedef struct Job {
    Context cx;
    int id;
    bool caught;
} Job;
static void waits_and_raises(Context *c, void *arg)
{
    Job *j = arg;
    for (int i = 0; i < j->id; i++)
        fiber_yield();
    RAISE(c, 400 + j->id, "mine", "of %d", j->id);
}
static void job(void *arg)
{
    Job *j = arg;
    context_init(&j->cx, arena_create(test_arena(), 0, 0));
    const Error *e = attempt(&j->cx, waits_and_raises, j);
    j->caught = e && e->status == 400 + j->id;
    context_finish(&j->cx);
}

TEST(context, attempts_of_fibers_are_apart)
{
    Loop *loop = loop_create(test_arena());
    Job jobs[20];
    for (int i = 0; i < 20; i++) {
        jobs[i] = (Job){ .id = (i * 7) % 20 };
        REQUIRE(fiber_start(loop, job, &jobs[i]) != NULL);
    }
    CHECK_EQ(loop_run(loop), 0);
    for (int i = 0; i < 20; i++)
        CHECK(jobs[i].caught);
    loop_destroy(loop);
}

/* What a child that must die says; it must die by SIGABRT. */
static void check_dies(void (*fn)(void), const char *says)
{
    int fds[2], status;
    REQUIRE(pipe(fds) == 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(fds[1], 2);
        close(fds[0]);
        close(fds[1]);
        fn();
        _exit(0);
    }
    close(fds[1]);
    char text[4096];
    size_t n = 0;
    for (ssize_t k; n < sizeof text && (k = read(fds[0], text + n, sizeof text - n)) > 0;)
        n += (size_t)k;
    close(fds[0]);
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    if (!str_contains((Str){ text, n }, str_c(says)))
        CHECK_STR(((Str){ text, n }), str_c(says));
}

static void raise_alone(void)
{
    fresh();
    RAISE(&cx, 404, "not_found", "nobody listens");
}
static void raise_foreign(void *arg)
{
    (void)arg;
    RAISE(&cx, 404, "not_found", "from another fiber");
}
static void starts_foreign(Context *c, void *arg)
{
    (void)c, (void)arg;
    fiber_start(loop_create(test_arena()), raise_foreign, NULL);
}
static void raise_across(void)
{
    fresh();
    (void)!attempt(&cx, starts_foreign, NULL);
}
static void park_outside(void) { fiber_park(); }

TEST(context, misuse_is_a_panic_that_says_what)
{
    check_dies(raise_alone, "RAISE outside of an attempt(): 404 not_found");
    check_dies(raise_across, "RAISE on another fiber");
    check_dies(park_outside, "only a fiber may wait");
}

static int released;
static void release(void *arg) { released += *(int *)arg; }
static void eats(Context *c, void *arg)
{
    DEFER(c, release, arg);
    for (;;)
        memset(arena_alloc(c->arena, 1000), 1, 1000);
}
static void defers_forever(Context *c, void *arg)
{
    for (;;)
        DEFER(c, release, arg);
}

TEST(context, the_memory_limit_raises_413)
{
    Arena *a = arena_create(NULL, 64 << 10, 0);
    context_init(&cx, a);
    int one = 1;
    const Error *e = attempt(&cx, eats, &one);
    REQUIRE(e != NULL);
    CHECK_EQ(e->status, 413);
    CHECK_STR(str_c(e->code), STR("memory_limit"));
    CHECK(str_starts(e->message, STR("The memory limit was reached")));
    CHECK_EQ(released, 1);
    int many = 0;
    e = attempt(&cx, defers_forever, &many);
    REQUIRE(e != NULL);
    CHECK_EQ(e->status, 413);
    context_finish(&cx);
    arena_destroy(a);
}

static void raises_long(Context *c, void *arg)
{
    (void)arg;
    RAISE(c, 500, "long", "%*d", 100000, 1);
}

TEST(context, a_long_message_is_cut)
{
    fresh();
    const Error *e = attempt(&cx, raises_long, NULL);
    REQUIRE(e != NULL);
    CHECK_EQ(e->message.n, (16 << 10) - 1);
    context_finish(&cx);
}

static __attribute__((noinline)) void raise_again(Context *c, void *arg) { context_raise_error(c, arg); }

static void *caller;
static __attribute__((noinline)) void raises_for(Context *c, void *arg)
{
    caller = __builtin_return_address(0);
    RAISE(c, 500, "framed", "%s", (const char *)arg);
}

TEST(context, frames_are_captured_when_asked)
{
    fresh();
    cx.backtraces = true;
    const Error *e = attempt(&cx, raises_for, "x");
    REQUIRE(e != NULL && e->nframes >= 3 && e->nframes <= 64);
    /* The raiser, then who called it. */
    CHECK((char *)e->frames[0] > (char *)raises_for && (char *)e->frames[0] < (char *)raises_for + 4096);
    CHECK_PTR(e->frames[1], caller);
    void *first = e->frames[0];
    Error copy = *e;
    static Error by_hand;
    by_hand = copy;
    e = attempt(&cx, raise_again, &by_hand);
    REQUIRE(e != NULL && e->nframes == copy.nframes);
    CHECK_PTR(e->frames[0], first); /* kept */
    by_hand = (Error){ .status = 400, .code = "by_hand", .message = STR("made by hand") };
    e = attempt(&cx, raise_again, &by_hand);
    REQUIRE(e != NULL && e->nframes >= 3);
    CHECK((char *)e->frames[0] > (char *)raise_again && (char *)e->frames[0] < (char *)raise_again + 4096);
    context_finish(&cx);
}

static bool went_on;
static void defers_without_memory(Context *c, void *arg)
{
    (void)arg;
    fault_arm(FAULT_MEMORY, 1);
    while (arena_try_alloc(c->arena, 1)) /* until the chunk in hand is used up */
        ;
    CHECK(fault_fired());
    fault_arm(FAULT_MEMORY, 1); /* one refusal: there is memory again right behind it */
    DEFER(c, put_arg, (void *)'x');
    went_on = true;
}

TEST(context, a_clean_up_that_cannot_be_kept_runs_once_and_raises)
{
    if (!CLEF_FAULTS)
        test_skip("this build has no faults");
    fresh();
    const Error *e = attempt(&cx, defers_without_memory, NULL);
    fault_arm(0, 0);
    REQUIRE(e != NULL);
    CHECK_EQ(e->status, 503); /* no limit was passed */
    CHECK_STR(str_c(e->code), STR("no_memory"));
    CHECK(!went_on);
    context_finish(&cx);
    CHECK_STR(str_c(trace), STR("x"));
}
