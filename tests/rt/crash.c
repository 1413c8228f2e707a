#include "rt/crash.h"
#include "rt/loop.h"
#include <clef/base/assert.h>
#include <clef/rt.h>
#include <clef/test.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLAIN __attribute__((noinline, no_sanitize("address", "undefined")))

static Crash seen[8];
static char messages[8][CRASH_MESSAGE_MAX];
static size_t nseen;

static void crashed(Loop *loop, const Crash *c, void *arg)
{
    CHECK_PTR(loop_current(), loop);
    CHECK_PTR(fiber_self(), NULL);
    CHECK_PTR(arg, seen);
    REQUIRE(nseen < CLEF_COUNT(seen));
    seen[nseen] = *c;
    memcpy(messages[nseen], c->message.p ? c->message.p : "", c->message.n);
    seen[nseen].message.p = messages[nseen];
    nseen++;
}

static Loop *guarded(void)
{
    Loop *loop = loop_create(test_arena());
    REQUIRE(loop != NULL);
    REQUIRE(crash_install(loop, &(CrashOptions){ .crashed = crashed, .arg = seen }) == 0);
    return loop;
}

static void end(Loop *loop)
{
    crash_uninstall(loop);
    loop_destroy(loop);
}

static int came_back;
static volatile int zero;
static char *volatile nowhere;

PLAIN static void null_view(void *arg)
{
    (void)arg;
    *nowhere = 1;
    came_back++;
}
PLAIN static void division_view(void *arg)
{
    (void)arg;
    came_back += 7 / zero;
}
PLAIN static void bad_call_view(void *arg)
{
    void (*volatile fn)(void *) = NULL;
    fn(arg);
    came_back++;
}
PLAIN static void abort_view(void *arg)
{
    (void)arg;
    abort();
}
static void assert_view(void *arg)
{
    ASSERT(arg == (void *)&came_back);
    came_back++;
}
PLAIN static void ill_view(void *arg)
{
    (void)arg;
    __builtin_trap();
}
PLAIN static int bottomless(volatile char *up)
{
    volatile char frame[512];
    frame[0] = up ? up[0] : 0;
    return came_back > 1000 ? 0 : bottomless(frame) + frame[0];
}
PLAIN static void overflow_view(void *arg)
{
    (void)arg;
    came_back += bottomless(NULL);
}
PLAIN static void raise_view(void *arg)
{
    (void)arg;
    raise(SIGABRT);
    came_back++;
}

static bool has_frame(const Crash *c, FiberFn *fn)
{
    for (size_t i = 0; i < c->nframes; i++)
        if ((uintptr_t)c->frames[i] > (uintptr_t)fn && (uintptr_t)c->frames[i] < (uintptr_t)fn + 1500)
            return true;
    return false;
}

static void good_view(void *arg) { ++*(int *)arg; }
static void sleeping_view(void *arg)
{
    fiber_sleep(20000000);
    ++*(int *)arg;
}

TEST(crash, each_kind_costs_its_fiber_and_is_described)
{
    static const struct {
        FiberFn *view;
        int signal;
        const char *what;
    } table[] = {
        { null_view, SIGSEGV, "SIGSEGV: " },
        { division_view, SIGFPE, "SIGFPE: integer division by zero" },
        { bad_call_view, SIGSEGV, "SIGSEGV: " },
        { abort_view, SIGABRT, "SIGABRT: aborted" },
        { assert_view, SIGABRT, "SIGABRT: aborted" },
        { ill_view, SIGILL, "SIGILL: illegal instruction" },
        { overflow_view, SIGSEGV, "SIGSEGV: stack overflow: the " },
        { raise_view, SIGABRT, "SIGABRT: aborted" },
    };
    Loop *loop = guarded();
    EACH_ROW (row, table) {
        int others = 0;
        nseen = 0;
        fiber_start(loop, sleeping_view, &others);
        CHECK(fiber_start(loop, row->view, NULL) != NULL);
        fiber_start(loop, good_view, &others);
        CHECK_EQ(loop_run(loop), 0);
        CHECK_EQ(others, 2);
        REQUIRE(nseen == 1);
        const Crash *c = &seen[0];
        CHECK_EQ(c->signal, row->signal);
        CHECK(str_starts(str_c(c->what), str_c(row->what)));
        CHECK_EQ(c->stack_overflow, row->view == overflow_view);
        CHECK_EQ(c->number, (unsigned)(row - table) + 1);
        CHECK(c->task != 0);
        CHECK(c->nframes >= 2);
        /* What calls a function that never returns may lie apart, with other cold code. */
        CHECK(has_frame(c, row->view) || row->view == assert_view);
        CHECK_EQ(loop_fibers(loop), 0);
    }
    CHECK_EQ(came_back, 0);
    end(loop);
}

TEST(crash, a_null_write_names_its_address)
{
    Loop *loop = guarded();
    fiber_start(loop, null_view, NULL);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_PTR(seen[0].address, NULL);
#if defined(__x86_64__)
    CHECK_STR(str_c(seen[0].what), STR("SIGSEGV: write at 0x0, where no memory is"));
#endif
    end(loop);
}

TEST(crash, what_a_bug_said_is_kept)
{
    Loop *loop = guarded();
    fiber_start(loop, assert_view, NULL);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_STR_CONTAINS(seen[0].message, STR("tests/rt/crash.c:"));
    CHECK_STR_CONTAINS(seen[0].message, STR("assertion failed: arg == (void *)&came_back"));
    end(loop);
}

TEST(crash, a_deep_stack_keeps_both_ends)
{
    Loop *loop = guarded();
    fiber_start(loop, overflow_view, NULL);
    CHECK_EQ(loop_run(loop), 0);
    const Crash *c = &seen[0];
    CHECK_EQ(c->nframes, (size_t)CRASH_FRAMES_MAX);
    CHECK(c->left_out > 0);
    CHECK(has_frame(c, overflow_view));
    uintptr_t in = (uintptr_t)c->frames[0], deep = (uintptr_t)bottomless;
    CHECK(in > deep && in < deep + 400);
    end(loop);
}

static void starts(void *arg)
{
    fiber_start(loop_current(), null_view, NULL);
    fiber_yield();
    ++*(int *)arg;
}

TEST(crash, who_started_the_fiber_goes_on_and_shares_its_task)
{
    Loop *loop = guarded();
    int others = 0;
    fiber_start(loop, good_view, &others);
    fiber_start(loop, starts, &others);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(others, 2);
    CHECK_EQ(nseen, 1u);
    CHECK_EQ(seen[0].task, 2u);
    end(loop);
}

TEST(crash, several_in_one_turn)
{
    Loop *loop = guarded();
    for (int i = 0; i < CRASH_RECORDS; i++)
        fiber_spawn(loop, null_view, NULL);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(nseen, (size_t)CRASH_RECORDS);
    CHECK_EQ(seen[0].task, 1u);
    CHECK_EQ(seen[CRASH_RECORDS - 1].number, (unsigned)CRASH_RECORDS);
    end(loop);
}

/* Something that only a debugger could have written over the saved frames. */
PLAIN static void smashing_view(void *arg)
{
    (void)arg;
    uintptr_t *volatile frame = __builtin_frame_address(0);
    frame[0] = 16;
    frame[1] = (uintptr_t)nowhere;
    *nowhere = 1;
}

TEST(crash, a_damaged_stack_gives_what_can_be_read)
{
    Loop *loop = guarded();
    fiber_start(loop, smashing_view, NULL);
    CHECK_EQ(loop_run(loop), 0);
    REQUIRE(nseen == 1);
    CHECK(seen[0].nframes >= 1);
    CHECK(has_frame(&seen[0], smashing_view));
    end(loop);
}

TEST(crash, one_handler_at_a_time_and_the_actions_come_back)
{
    struct sigaction before, after;
    stack_t stack_before, stack_after;
    sigaction(SIGSEGV, NULL, &before);
    sigaltstack(NULL, &stack_before);
    Loop *loop = guarded();
    CHECK_EQ(crash_install(loop, &(CrashOptions){ 0 }), -EALREADY);
    crash_uninstall(loop);
    crash_uninstall(loop);
    sigaction(SIGSEGV, NULL, &after);
    sigaltstack(NULL, &stack_after);
    CHECK(before.sa_sigaction == after.sa_sigaction);
    CHECK_PTR(stack_after.ss_sp, stack_before.ss_sp);
    CHECK_EQ(crash_install(loop, &(CrashOptions){ .crashed = crashed, .arg = seen }), 0);
    end(loop);
}

/* ---- what ends the process: in a child, whose standard error is read ---- */

static char output[16384];

static void dying(const Crash *c, void *arg)
{
    (void)arg;
    RawText t = RAW_TEXT(output);
    raw_str(&t, "last words: ");
    raw_str(&t, c->what);
    raw_str(&t, "\n");
    raw_write(STDERR_FILENO, t.p, t.n);
}

/* Runs fn in a child; its wait status, and what it wrote in `output`. */
static int in_child(void (*fn)(void))
{
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        fn();
        _exit(0);
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got; n < sizeof output - 1 && (got = read(ends[0], output + n, sizeof output - 1 - n)) > 0;)
        n += (size_t)got;
    output[n] = 0;
    close(ends[0]);
    int status;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    return status;
}

static bool ended_by(int status, int signal)
{
    /* AddressSanitizer's own handler, which was there before ours, ends by an exit. */
    return CLEF_ASAN || CLEF_TSAN ? WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) != 0)
                                  : WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

static void crash_in_child(Loop *loop, FiberFn *fn, unsigned most, int times)
{
    REQUIRE(crash_install(loop, &(CrashOptions){ .dying = dying, .most = most, .hang_seconds = 1 }) == 0);
    for (int i = 0; i < times; i++)
        fiber_spawn(loop, fn, NULL);
    (void)loop_run(loop);
}

static void on_the_loop(void)
{
    Loop *loop = loop_create(test_arena());
    crash_in_child(loop, good_view, 0, 0);
    null_view(NULL);
}

TEST(crash, on_the_loops_stack_it_ends_the_process_with_a_trace)
{
    int status = in_child(on_the_loop);
    CHECK(ended_by(status, SIGSEGV));
    Str text = str_c(output);
    CHECK_STR_CONTAINS(text, STR("clef: crash: SIGSEGV: "));
    CHECK_STR_CONTAINS(text, STR("  #0 0x"));
    CHECK_STR_CONTAINS(text, STR("clef-tests+0x"));
    CHECK_STR_CONTAINS(text, STR("last words: SIGSEGV: "));
}

static void too_often(void) { crash_in_child(loop_create(test_arena()), abort_view, 2, 3); }

TEST(crash, more_than_the_most_end_the_process)
{
    int status = in_child(too_often);
    CHECK(ended_by(status, SIGABRT));
    CHECK_STR_CONTAINS(str_c(output), STR("last words: SIGABRT: aborted"));
    status = in_child(too_often);
    CHECK(status != 0);
}

static void just_enough(void) { crash_in_child(loop_create(test_arena()), abort_view, 2, 2); }

TEST(crash, the_most_are_survived)
{
    CHECK_EQ(in_child(just_enough), 0);
}

static void *thread(void *arg)
{
    null_view(arg);
    return NULL;
}
static void on_a_thread(void)
{
    crash_in_child(loop_create(test_arena()), good_view, 0, 0);
    pthread_t t;
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, NULL);
}

TEST(crash, on_another_thread_it_ends_the_process_with_a_trace)
{
    int status = in_child(on_a_thread);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    CHECK_STR_CONTAINS(str_c(output), STR("clef: crash: SIGSEGV: "));
}

static void forks(void *arg)
{
    (void)arg;
    pid_t pid = fork();
    if (pid == 0)
        null_view(NULL);
    int status = 0;
    waitpid(pid, &status, 0);
    _exit(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV ? 7 : 8);
}
static void in_a_child_of_a_fiber(void) { crash_in_child(loop_create(test_arena()), forks, 0, 1); }

TEST(crash, a_forked_child_dies_of_its_crash)
{
    int status = in_child(in_a_child_of_a_fiber);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static void is_sent(void *arg)
{
    (void)arg;
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        kill(parent, SIGABRT);
        _exit(0);
    }
    for (;;)
        pause();
}
static void sent_from_outside(void) { crash_in_child(loop_create(test_arena()), is_sent, 0, 1); }

TEST(crash, a_signal_from_outside_is_no_fibers_fault)
{
    CHECK(ended_by(in_child(sent_from_outside), SIGABRT));
}

static void hangs(void *arg)
{
    (void)arg;
    for (;;)
        pause();
}
static void crash_then_hang(void)
{
    Loop *loop = loop_create(test_arena());
    fiber_spawn(loop, null_view, NULL);
    fiber_spawn(loop, hangs, NULL);
    crash_in_child(loop, good_view, 0, 0);
}

TEST(crash, a_hanging_loop_is_ended_by_the_watchdog, .seconds = 20)
{
    int status = in_child(crash_then_hang);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
    CHECK_STR_CONTAINS(str_c(output), STR("the loop hangs since a crash"));
}

static void long_view(void *arg)
{
    fiber_sleep(2500000000);
    ++*(int *)arg;
}
static void crash_then_sleep(void)
{
    Loop *loop = loop_create(test_arena());
    int done = 0;
    fiber_spawn(loop, null_view, NULL);
    fiber_spawn(loop, long_view, &done);
    crash_in_child(loop, good_view, 0, 0);
    _exit(done ? 0 : 1);
}

/* A loop that sleeps is not one that hangs. */
TEST(crash, the_watchdog_lets_others_finish)
{
    CHECK_EQ(in_child(crash_then_sleep), 0);
}

#if CLEF_ASAN
__attribute__((noinline)) static void overrun_view(void *arg)
{
    (void)arg;
    volatile char *volatile p = malloc(8);
    volatile int at = 8;
    p[at] = 1;
    came_back++;
}
__attribute__((noinline)) static void undefined_view(void *arg)
{
    (void)arg;
    volatile int most = 2147483647;
    came_back = most + 1;
    came_back++;
}

static void report_in_child(FiberFn *fn)
{
    Loop *loop = guarded();
    int others = 0;
    fiber_spawn(loop, fn, NULL);
    fiber_spawn(loop, good_view, &others);
    int result = loop_run(loop);
    bool ok =
        result == 0 && others == 1 && nseen == 1 && came_back == 0 && seen[0].signal == 0 && has_frame(&seen[0], fn);
    fprintf(stderr, "what: %s\nkept: %.*s\n", seen[0].what, STR_FMT(seen[0].message));
    _exit(ok ? 0 : 3);
}
static void overrun(void) { report_in_child(overrun_view); }
static void undefined(void) { report_in_child(undefined_view); }

TEST(crash, a_report_of_asan_is_a_crash)
{
    CHECK_EQ(in_child(overrun), 0);
    CHECK_STR_CONTAINS(str_c(output), STR("what: AddressSanitizer: memory error"));
    Str kept = str_from_byte(str_c(output), str_find(str_c(output), STR("\nkept: ")));
    CHECK_STR_CONTAINS(kept, STR("heap-buffer-overflow"));
    CHECK_STR_CONTAINS(kept, STR("overrun_view"));
}

TEST(crash, a_report_of_ubsan_is_a_crash)
{
    CHECK_EQ(in_child(undefined), 0);
    CHECK_STR_CONTAINS(str_c(output), STR("what: UndefinedBehaviorSanitizer: undefined behaviour"));
    Str kept = str_from_byte(str_c(output), str_find(str_c(output), STR("\nkept: ")));
    CHECK_STR_CONTAINS(kept, STR("tests/rt/crash.c:"));
    CHECK_STR_CONTAINS(kept, STR("integer overflow: 2147483647 + 1"));
}
#endif
