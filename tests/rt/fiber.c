#include "base/sanitizer.h"
#include "rt/loop.h"
#include <clef/rt.h>
#include <clef/test.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

static char trace[256];
static size_t ntrace;
static void put(char c)
{
    if (ntrace < sizeof trace - 1)
        trace[ntrace++] = c;
}

static Loop *new_loop(void)
{
    Loop *loop = loop_create(test_arena());
    REQUIRE(loop != NULL);
    return loop;
}

static Fiber *first;
static void a_fiber(void *arg)
{
    (void)arg;
    first = fiber_self();
    put('b');
    fiber_park();
    put('d');
}

TEST(fiber, starts_at_once_and_comes_back_at_its_first_wait)
{
    Loop *loop = new_loop();
    put('a');
    Fiber *f = fiber_start(loop, a_fiber, NULL);
    put('c');
    CHECK_PTR(f, first);
    CHECK_PTR(fiber_self(), NULL);
    CHECK_EQ(loop_fibers(loop), 1);
    fiber_wake(f);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_STR(str_c(trace), STR("abcd"));
    CHECK_EQ(loop_fibers(loop), 0);
    loop_destroy(loop);
}

static void inner(void *arg)
{
    put('2');
    fiber_yield();
    put((char)(intptr_t)arg);
}
static void outer(void *arg)
{
    Loop *loop = arg;
    Fiber *me = fiber_self();
    CHECK_PTR(loop_current(), loop);
    put('1');
    fiber_start(loop, inner, (void *)'5');
    put('3');
    CHECK_PTR(fiber_self(), me);
    fiber_spawn(loop, inner, (void *)'6');
    put('4');
    fiber_yield();
    put('7');
}

TEST(fiber, fibers_start_fibers)
{
    Loop *loop = new_loop();
    fiber_start(loop, outer, loop);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_STR(str_c(trace), STR("12342576"));
    loop_destroy(loop);
}

static void early(void *arg)
{
    (void)arg;
    fiber_wake(fiber_self());
    fiber_wake(fiber_self());
    fiber_park(); /* taken at once: and only one is kept */
    put('x');
    CHECK(!fiber_park_until(loop_clock() + 2000000));
    put('y');
}

TEST(fiber, one_early_wake_up_is_kept)
{
    Loop *loop = new_loop();
    fiber_start(loop, early, NULL);
    CHECK_STR(str_c(trace), STR("x"));
    CHECK_EQ(loop_run(loop), 0);
    CHECK_STR(str_c(trace), STR("xy"));
    loop_destroy(loop);
}

static int64_t slept;
static void sleeper(void *arg)
{
    int64_t before = loop_clock();
    first = fiber_self();
    fiber_sleep((int64_t)(intptr_t)arg);
    slept = loop_clock() - before;
    fiber_park(); /* the wake-up during the sleep was kept */
    CHECK(!fiber_park_until(1));
    CHECK(!fiber_park_until(loop_now(loop_current())));
}
static void wake_first(void *arg)
{
    (void)arg;
    fiber_sleep(1000000);
    fiber_wake(first);
}

TEST(fiber, sleeps_at_least_so_long_and_keeps_a_wake_up)
{
    Loop *loop = new_loop();
    fiber_start(loop, sleeper, (void *)(intptr_t)20000000);
    fiber_start(loop, wake_first, NULL);
    CHECK_EQ(loop_run(loop), 0);
    CHECK(slept >= 20000000);
    loop_destroy(loop);
}

static int timeouts, wakes;
static void timed(void *arg)
{
    (void)arg;
    if (fiber_park_until(loop_now(loop_current()) + 500000000))
        wakes++;
    else
        timeouts++;
    if (fiber_park_until(loop_now(loop_current()) + 1000000))
        wakes++;
    else
        timeouts++;
}

TEST(fiber, a_wake_up_stops_the_deadline)
{
    Loop *loop = new_loop();
    int64_t before = loop_clock();
    Fiber *f = fiber_start(loop, timed, NULL);
    fiber_wake(f);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(wakes, 1);
    CHECK_EQ(timeouts, 1);
    CHECK(loop_clock() - before < 400000000);
    loop_destroy(loop);
}

static int done;
static void park_once(void *arg)
{
    char frame[200];
    memset(frame, (int)(intptr_t)arg, sizeof frame);
    fiber_park();
    for (size_t i = 0; i < sizeof frame; i++)
        if (frame[i] != (char)(intptr_t)arg)
            return;
    done++;
}

TEST(fiber, ten_thousand_parked_at_once, .seconds = 60)
{
    enum { N = CLEF_TSAN ? 1000 : 10000 }; /* that sanitizer has room for 8,128 flows */
    Loop *loop = new_loop();
    Fiber **f = NEW_ARRAY(test_arena(), Fiber *, N);
    for (int round = 0; round < 2; round++) {
        done = 0;
        for (int i = 0; i < N; i++) {
            f[i] = fiber_start(loop, park_once, (void *)(intptr_t)i);
            REQUIRE(f[i] != NULL);
        }
        CHECK_EQ(loop_fibers(loop), N);
        for (int i = 0; i < N; i++)
            fiber_wake(f[i]);
        CHECK_EQ(loop_run(loop), 0);
        CHECK_EQ(done, N);
    }
    loop_destroy(loop);
}

TEST(fiber, the_limit_is_an_outcome)
{
    Loop *loop = new_loop();
    loop_limit_fibers(loop, 2);
    Fiber *a = fiber_start(loop, park_once, NULL), *b = fiber_start(loop, park_once, NULL);
    REQUIRE(a && b);
    errno = 0;
    CHECK_PTR(fiber_start(loop, park_once, NULL), NULL);
    CHECK_EQ(errno, EAGAIN);
    CHECK_PTR(fiber_spawn(loop, park_once, NULL), NULL);
    fiber_wake(a);
    fiber_wake(b);
    CHECK_EQ(loop_run(loop), 0);
    CHECK(fiber_spawn(loop, inner, (void *)'z') != NULL);
    CHECK_EQ(loop_run(loop), 0);
    loop_destroy(loop);
}

static void nothing(void *arg) { (void)arg; }
static void hog(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100000 && !done; i++)
        fiber_yield();
}
static void finish_it(Loop *loop, Timer *t)
{
    (void)loop, (void)t;
    done = 1;
}

TEST(fiber, yielding_fibers_do_not_starve_timers)
{
    Loop *loop = new_loop();
    Timer t = { .fn = finish_it };
    timer_set(loop, &t, loop_clock() + 1000000);
    fiber_start(loop, hog, NULL);
    fiber_start(loop, hog, NULL);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(done, 1);
    loop_destroy(loop);
}

static Fiber *players[2];
static void ping(void *arg)
{
    int me = (int)(intptr_t)arg;
    while (!done) {
        fiber_wake(players[1 - me]);
        fiber_park();
    }
    fiber_wake(players[1 - me]);
}

TEST(fiber, ping_pong_does_not_starve_timers)
{
    Loop *loop = new_loop();
    Timer t = { .fn = finish_it };
    timer_set(loop, &t, loop_clock() + 1000000);
    players[0] = fiber_spawn(loop, ping, (void *)0);
    players[1] = fiber_spawn(loop, ping, (void *)1);
    fiber_spawn(loop, nothing, NULL);
    CHECK_EQ(loop_run(loop), 0);
    loop_destroy(loop);
}

static double numbers(double x, double y) { return x * y + x / y; }
static void arithmetic(void *arg)
{
    double x = 1.5 + (double)(intptr_t)arg, y = x / 3, sum = 0;
    long a = 1, b = 2, c = 3, d = 4, e = 5, g = 6;
    for (int i = 0; i < 50; i++) {
        sum += numbers(x, y + i);
        a += b * i, b ^= c + i, c -= d, d += e, e ^= g, g += i;
        fiber_yield();
    }
    double expected = 0;
    long p = 1, q = 2, r = 3, s = 4, t = 5, u = 6;
    for (int i = 0; i < 50; i++) {
        expected += numbers(x, y + i);
        p += q * i, q ^= r + i, r -= s, s += t, t ^= u, u += i;
    }
    CHECK_EQ(sum, expected);
    CHECK(a == p && b == q && c == r && d == s && e == t && g == u);
    done++;
}

TEST(fiber, registers_survive_switches)
{
    Loop *loop = new_loop();
    for (intptr_t i = 0; i < 20; i++)
        fiber_start(loop, arithmetic, (void *)i);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(done, 20);
    loop_destroy(loop);
}

static _Unwind_Reason_Code count_frame(struct _Unwind_Context *at, void *arg)
{
    if (_Unwind_GetIP(at))
        ++*(int *)arg;
    return *(int *)arg > 50 ? _URC_END_OF_STACK : _URC_NO_REASON;
}
static void unwinder(void *arg)
{
    CHECK_EQ((uintptr_t)__builtin_frame_address(0) % 16, 0);
    *(int *)arg = 0;
    CHECK_EQ(_Unwind_Backtrace(count_frame, arg), _URC_END_OF_STACK);
}

TEST(fiber, a_backtrace_ends_at_the_base)
{
    Loop *loop = new_loop();
    int frames = 0;
    fiber_start(loop, unwinder, &frames);
    CHECK(frames >= 2 && frames <= 6);
    loop_destroy(loop);
}

/* Each frame is known to the next, so that no compiler makes a loop of it. */
static __attribute__((noinline)) int deep(int n, volatile char *up)
{
    volatile char frame[1024];
    frame[0] = frame[1023] = (char)(up ? up[0] : 0);
    return n == 0 ? 0 : deep(n - 1, frame) + frame[0] + frame[1023] + 1;
}
static void dive(void *arg) { CHECK_EQ(deep((int)(intptr_t)arg, NULL), (intptr_t)arg); }

TEST(fiber, the_watermark_knows_the_deepest_stack)
{
    Loop *loop = new_loop();
    fiber_start(loop, nothing, NULL);
    size_t before = fiber_stack_watermark();
    fiber_start(loop, dive, (void *)20);
    if (before)
        CHECK(fiber_stack_watermark() >= before + 20 * 1024 && fiber_stack_watermark() < fiber_stack_size());
    else
        CHECK_EQ(fiber_stack_watermark(), 0);
    loop_destroy(loop);
}

/* Mappings of this process: stacks in the pool are two each. */
static int mappings(void)
{
    FILE *f = fopen("/proc/self/maps", "r");
    REQUIRE(f != NULL);
    int n = 0;
    for (int c; (c = fgetc(f)) != EOF;)
        n += c == '\n';
    fclose(f);
    return n;
}
static void keep_going(Loop *loop, Timer *t)
{
    fiber_start(loop, nothing, NULL);
    if (!done)
        timer_set(loop, t, loop_now(loop) + 50000000);
}

TEST(fiber, the_pool_gives_idle_stacks_back, .seconds = 60)
{
    Loop *loop = new_loop();
    int before = mappings();
    Fiber *f[400];
    for (int i = 0; i < 400; i++)
        f[i] = fiber_start(loop, park_once, NULL);
    for (int i = 0; i < 400; i++)
        fiber_wake(f[i]);
    int high = mappings();
    done = 0;
    Timer t = { .fn = keep_going }, end = { .fn = finish_it };
    timer_set(loop, &t, 1);
    timer_set(loop, &end, loop_clock() + 3500000000);
    CHECK_EQ(loop_run(loop), 0);
    int low = mappings();
    CHECK(loop->fibers.pooled < 200);
    if (!CLEF_TSAN) { /* which maps memory of its own for each fiber */
        CHECK(high - before >= 400);
        CHECK(low - before < (high - before) / 2);
    }
    fiber_start(loop, dive, (void *)20); /* a trimmed stack works */
    loop_destroy(loop);
}

static sigset_t normal_mask;
static char *fault_at;
static void after_crash(void *arg)
{
    CHECK_PTR(fiber_self(), NULL);
    put(*(char *)arg);
}
/* Its frames are left on the alternative stack, where the next call must not meet their red zones. */
static __attribute__((no_sanitize("address"))) void on_segv(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    static char mark = 'c';
    fault_at = info->si_addr;
    Fiber *f = fiber_self();
    const char *low;
    if (f && fiber_stack_bounds(f, &low) && fault_at < low && fault_at >= low - fiber_guard_size())
        put('g');
    if (!loop_defer(loop_current(), after_crash, &mark))
        put('!');
    fiber_abandon(&normal_mask);
}
static void crash(void *arg)
{
    put('a');
    *(volatile char *)arg = 1;
    put('!');
}
static __attribute__((noinline, no_sanitize("address"))) int bottomless(volatile char *up)
{
    volatile char frame[512];
    frame[0] = up ? up[0] : 0;
    return done > 1000 ? 0 : bottomless(frame) + frame[0];
}
static void overflow(void *arg)
{
    (void)arg;
    put('o');
    bottomless(NULL);
}
static void *nowhere;
static void starts_crash(void *arg)
{
    Fiber *me = fiber_self();
    fiber_start(arg, crash, nowhere);
    CHECK_PTR(fiber_self(), me);
    CHECK_PTR(loop_current(), arg);
    put('s');
    fiber_yield();
    put('t');
}

TEST(fiber, a_crashed_fiber_is_left_behind)
{
    Loop *loop = new_loop();
    static char alternative[64 << 10];
    stack_t s = { .ss_sp = alternative, .ss_size = sizeof alternative };
    REQUIRE(sigaltstack(&s, NULL) == 0);
    struct sigaction action = { .sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    REQUIRE(sigaction(SIGSEGV, &action, NULL) == 0 && sigaction(SIGBUS, &action, NULL) == 0);
    sigprocmask(SIG_SETMASK, NULL, &normal_mask);
    nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    fiber_start(loop, crash, nowhere);
    put('-');
    CHECK_EQ(loop_run(loop), 0);
    CHECK_PTR(fault_at, nowhere);
    CHECK_EQ(loop_fibers(loop), 0);
    fiber_start(loop, overflow, NULL);
    CHECK_EQ(loop_run(loop), 0);
    /* The fiber that started it goes on, at once and at its next turn. */
    fiber_start(loop, starts_crash, loop);
    CHECK_STR(str_c(trace), STR("a-cogcas"));
    CHECK_EQ(loop_fibers(loop), 1);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_STR(str_c(trace), STR("a-cogcastc"));
    fiber_start(loop, a_fiber, NULL);
    fiber_wake(first);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_STR(str_c(trace), STR("a-cogcastcbd"));
    munmap(nowhere, 4096);
    loop_destroy(loop);
}

static void parks(void *arg)
{
    first = fiber_self();
    put('p');
    if (arg)
        fiber_sleep(1000000000);
    else
        fiber_yield();
    put('!');
}

TEST(fiber, a_waiting_fiber_can_be_dropped)
{
    Loop *loop = new_loop();
    int64_t before = loop_clock();
    fiber_start(loop, parks, loop);
    fiber_drop(first);
    fiber_wake(first); /* changes nothing */
    fiber_start(loop, parks, NULL);
    fiber_drop(first);
    CHECK_EQ(loop_fibers(loop), 0);
    CHECK_EQ(loop_run(loop), 0);
    CHECK(loop_clock() - before < 900000000);
    CHECK_STR(str_c(trace), STR("pp"));
    loop_destroy(loop);
}

static uint64_t tasks[4];
static void notes_task(void *arg) { tasks[(intptr_t)arg] = fiber_task(); }
static void starts_noting(void *arg)
{
    tasks[0] = fiber_task();
    fiber_start(arg, notes_task, (void *)1);
    fiber_spawn(arg, notes_task, (void *)2);
}

TEST(fiber, a_task_is_handed_down)
{
    Loop *loop = new_loop();
    CHECK_EQ(fiber_task(), 0u);
    fiber_start(loop, starts_noting, loop);
    CHECK_EQ(loop_run(loop), 0);
    fiber_start(loop, notes_task, (void *)3);
    CHECK(tasks[0] != 0);
    CHECK_EQ(tasks[1], tasks[0]);
    CHECK_EQ(tasks[2], tasks[0]);
    CHECK(tasks[3] != 0 && tasks[3] != tasks[0]);
    loop_destroy(loop);
}
