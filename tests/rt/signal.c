#include <clef/rt.h>
#include <clef/test.h>

#include <errno.h>
#include <unistd.h>

static int seen[8], nseen;
static pid_t sender;

static void on_signal(Loop *loop, int signal, pid_t from, void *arg)
{
    CHECK_PTR(loop_current(), loop);
    CHECK_PTR(arg, seen);
    REQUIRE(nseen < 8);
    seen[nseen++] = signal;
    sender = from;
    if (signal == SIGTERM)
        loop_stop(loop);
}

static void sends(Loop *loop, Timer *t)
{
    (void)t, (void)loop;
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGTERM);
}

TEST(signal, comes_as_an_event_of_the_loop)
{
    Loop *loop = loop_create(test_arena());
    SignalWatch w;
    REQUIRE(signals_watch(&w, loop, (const int[]){ SIGTERM, SIGUSR1 }, 2, on_signal, seen) == 0);
    CHECK_EQ(loop_run(loop), 0); /* does not keep it running */
    Timer t = { .fn = sends }, never = { .fn = sends };
    timer_set(loop, &t, loop_clock() + 1000000);
    timer_set(loop, &never, loop_clock() + 5000000000);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(nseen, 2);
    CHECK(seen[0] == SIGUSR1 && seen[1] == SIGTERM);
    CHECK_EQ(sender, getpid());
    timer_stop(loop, &never);
    kill(getpid(), SIGTERM); /* on its way: dropped */
    signals_unwatch(&w);
    signals_unwatch(&w);
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    CHECK(!sigismember(&now, SIGTERM));
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(nseen, 2);
    loop_destroy(loop);
}

TEST(signal, what_was_blocked_before_stays_blocked)
{
    Loop *loop = loop_create(test_arena());
    sigset_t set, now;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    SignalWatch w;
    REQUIRE(signals_watch(&w, loop, (const int[]){ SIGUSR2 }, 1, on_signal, seen) == 0);
    signals_unwatch(&w);
    sigprocmask(SIG_SETMASK, NULL, &now);
    CHECK(sigismember(&now, SIGUSR2));
    loop_destroy(loop);
}

TEST(signal, some_cannot_be_waited_for)
{
    static const int never[] = { SIGKILL, SIGSTOP, SIGSEGV, SIGABRT, 0, -1, 1000 };
    Loop *loop = loop_create(test_arena());
    SignalWatch w;
    EACH_ROW (s, never)
        CHECK_EQ(signals_watch(&w, loop, s, 1, on_signal, seen), -EINVAL);
    loop_destroy(loop);
}
