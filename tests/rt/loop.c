#define _GNU_SOURCE
#include <clef/rt.h>
#include <clef/test.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static Loop *new_loop(void)
{
    Loop *loop = loop_create(test_arena());
    REQUIRE(loop != NULL);
    return loop;
}

TEST(loop, ends_when_nothing_is_left)
{
    Loop *loop = new_loop();
    CHECK_EQ(loop_run(loop), 0);
    CHECK_PTR(loop_current(), NULL);
    loop_destroy(loop);
    loop_destroy(NULL);
}

typedef struct TestTimer {
    Timer timer;
    int64_t wanted, fired;
} TestTimer;
static int nfired;
static int64_t last_due;
static bool in_order = true;

static void note_timer(Loop *loop, Timer *t)
{
    TestTimer *x = CLEF_CONTAINER(t, TestTimer, timer);
    CHECK_EQ(t->due_ns, 0);
    in_order &= x->wanted >= last_due && loop_now(loop) >= x->wanted;
    last_due = x->wanted;
    x->fired++;
    nfired++;
}

TEST(loop, a_hundred_thousand_timers_fire_once_and_in_order)
{
    enum { N = 100000 };
    Loop *loop = new_loop();
    TestTimer *t = NEW_ARRAY(test_arena(), TestTimer, N);
    uint64_t seed = 12345;
    int64_t base = loop_now(loop);
    int expected = 0;
    for (int round = 0; round < 2; round++) /* the second round moves every one of them */
        for (int i = 0; i < N; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            t[i].timer.fn = note_timer;
            t[i].wanted = base + (int64_t)(seed >> 33) % 200000000;
            timer_set(loop, &t[i].timer, t[i].wanted);
        }
    for (int i = 0; i < N; i++)
        if (i % 3 == 0)
            timer_stop(loop, &t[i].timer);
        else
            expected++;
    timer_stop(loop, &t[0].timer);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(nfired, expected);
    CHECK(in_order);
    for (int i = 0; i < N; i++)
        if (t[i].fired != (i % 3 != 0) || t[i].timer.due_ns)
            REQUIRE(false);
    loop_destroy(loop);
}

static int rounds;
static void set_again(Loop *loop, Timer *t)
{
    if (++rounds < 5)
        timer_set(loop, t, -3); /* in the past: the next turn */
}

TEST(loop, a_timer_may_set_itself_again)
{
    Loop *loop = new_loop();
    Timer t = { .fn = set_again };
    timer_set(loop, &t, 1);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(rounds, 5);
    loop_destroy(loop);
}

typedef struct Pair {
    Watcher w;
    int other;
    int calls;
    uint32_t last;
    struct Pair *victim;
} Pair;

static void pair_init(Pair *p, WatcherFn *fn)
{
    int fds[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    *p = (Pair){ .w = { .fd = fds[0], .fn = fn }, .other = fds[1] };
}

static void stop_when_read(Loop *loop, Watcher *w, uint32_t events)
{
    Pair *p = CLEF_CONTAINER(w, Pair, w);
    p->last = events;
    if (++p->calls == 1)
        REQUIRE(write(p->other, "b", 1) == 1); /* a second edge, though the first byte was not read */
    else
        loop_stop(loop);
}

TEST(loop, events_are_edges_and_rewatch_changes_them)
{
    Loop *loop = new_loop();
    Pair p;
    pair_init(&p, stop_when_read);
    REQUIRE(loop_watch(loop, &p.w, EPOLLIN) == 0);
    CHECK_EQ(loop_watch(loop, &p.w, EPOLLIN), -EEXIST);
    REQUIRE(write(p.other, "a", 1) == 1);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(p.calls, 2);
    CHECK_EQ(p.last, EPOLLIN);
    REQUIRE(loop_rewatch(loop, &p.w, EPOLLOUT) == 0);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(p.last, EPOLLOUT);
    loop_unwatch(loop, &p.w);
    CHECK_EQ(loop_rewatch(loop, &p.w, EPOLLIN), -ENOENT);
    CHECK_EQ(loop_run(loop), 0); /* nothing left */
    close(p.w.fd);
    close(p.other);
    Watcher bad = { .fd = -1, .fn = stop_when_read };
    CHECK_EQ(loop_watch(loop, &bad, EPOLLIN), -EBADF);
    bad.fd = 900;
    CHECK_EQ(loop_watch(loop, &bad, EPOLLIN), -EBADF);
    loop_destroy(loop);
}

static void on_newcomer(Loop *loop, Watcher *w, uint32_t events)
{
    (void)loop, (void)events;
    CLEF_CONTAINER(w, Pair, w)->calls++;
}

/* The first of two whose event comes frees the other, takes its descriptor's number, and watches that. */
static Pair *newcomer;
static void kill_other(Loop *loop, Watcher *w, uint32_t events)
{
    (void)events;
    Pair *p = CLEF_CONTAINER(w, Pair, w);
    p->calls++;
    if (!p->victim)
        return;
    Pair *v = p->victim;
    v->victim = NULL;
    int number = v->w.fd;
    loop_close(loop, &v->w);
    CHECK_EQ(v->w.fd, -1);
    v->w.fn = NULL; /* a call would crash */
    Pair fresh;
    pair_init(&fresh, on_newcomer);
    *newcomer = fresh;
    REQUIRE(dup3(fresh.w.fd, number, O_CLOEXEC) == number || number == fresh.w.fd);
    if (number != fresh.w.fd)
        close(fresh.w.fd);
    newcomer->w.fd = number;
    REQUIRE(loop_watch(loop, &newcomer->w, EPOLLIN) == 0);
    loop_stop(loop);
}

TEST(loop, an_event_on_its_way_does_not_reach_a_closed_watcher_nor_its_successor)
{
    Loop *loop = new_loop();
    Pair a, b, n = { 0 };
    newcomer = &n;
    pair_init(&a, kill_other);
    pair_init(&b, kill_other);
    a.victim = &b;
    b.victim = &a;
    REQUIRE(loop_watch(loop, &a.w, EPOLLIN) == 0 && loop_watch(loop, &b.w, EPOLLIN) == 0);
    REQUIRE(write(a.other, "x", 1) == 1 && write(b.other, "x", 1) == 1);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(a.calls + b.calls, 1);
    CHECK_EQ(n.calls, 0);
    loop_close(loop, &n.w);
    loop_close(loop, &a.w);
    loop_close(loop, &b.w);
    close(a.other);
    close(b.other);
    close(n.other);
    loop_destroy(loop);
}

static char order[64];
static size_t norder;
static void put(char c)
{
    if (norder < sizeof order - 1)
        order[norder++] = c;
}
static void hook_again(void *arg)
{
    put('h');
    if (arg)
        CHECK(loop_defer(loop_current(), hook_again, NULL));
}
static void fiber_hook(void *arg)
{
    put('f');
    CHECK(loop_defer(arg, hook_again, arg));
    fiber_yield();
    put('g');
}

TEST(loop, hooks_run_at_the_end_of_the_turn)
{
    Loop *loop = new_loop();
    fiber_spawn(loop, fiber_hook, loop);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_STR(str_c(order), STR("fhgh"));
    loop_destroy(loop);
}

enum { POSTERS = 4, POSTS_EACH = 5000 };
typedef struct Poster {
    Loop *loop;
    int64_t next; /* what the loop expects from it */
    int id;
} Poster;
static int nposted;
typedef struct Note {
    Poster *poster;
    int64_t number;
} Note;

static void on_note(void *arg)
{
    Note *n = arg;
    if (n->poster->next++ != n->number)
        test_check(false, __FILE__, __LINE__, "posts of one thread come in order");
    if (++nposted == POSTERS * POSTS_EACH)
        loop_release(n->poster->loop);
}

static Note notes[POSTERS][POSTS_EACH];
static void *poster(void *arg)
{
    Poster *p = arg;
    for (int i = 0; i < POSTS_EACH; i++) {
        notes[p->id][i] = (Note){ p, i };
        while (!loop_post(p->loop, on_note, &notes[p->id][i]))
            sched_yield();
    }
    return NULL;
}

TEST(loop, threads_post_in_order_and_nothing_is_lost, .seconds = 60)
{
    Loop *loop = new_loop();
    Poster p[POSTERS];
    pthread_t t[POSTERS];
    loop_hold(loop);
    for (int i = 0; i < POSTERS; i++) {
        p[i] = (Poster){ .loop = loop, .id = i };
        REQUIRE(pthread_create(&t[i], NULL, poster, &p[i]) == 0);
    }
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(nposted, POSTERS * POSTS_EACH);
    for (int i = 0; i < POSTERS; i++)
        pthread_join(t[i], NULL);
    loop_destroy(loop);
}

static void count_post(void *arg) { ++*(int *)arg; }

TEST(loop, a_full_queue_of_posts_says_so_and_works_on)
{
    Loop *loop = new_loop();
    int n = 0, accepted = 0;
    while (loop_post(loop, count_post, &n))
        accepted++;
    CHECK_EQ(accepted, 1024);
    loop_hold(loop);
    for (int round = 0; round < 3; round++) {
        CHECK(loop_defer(loop, (void (*)(void *))loop_stop, loop));
        CHECK_EQ(loop_run(loop), 0);
        if (n == accepted && round == 0)
            while (loop_post(loop, count_post, &n))
                accepted++;
    }
    CHECK_EQ(n, accepted);
    CHECK_EQ(accepted, 2048);
    loop_destroy(loop);
}

static Loop *signalled;
static int nsignals;
static void stop_it(void *arg)
{
    nsignals++;
    loop_stop(arg);
}
static void on_signal(int signal)
{
    (void)signal;
    (void)!loop_post(signalled, stop_it, signalled);
}

TEST(loop, a_signal_handler_may_post)
{
    signalled = new_loop();
    loop_hold(signalled);
    signal(SIGALRM, on_signal);
    alarm(1);
    CHECK_EQ(loop_run(signalled), 0);
    CHECK_EQ(nsignals, 1);
    loop_destroy(signalled);
}

TEST(loop, a_released_watcher_is_of_the_background)
{
    Loop *loop = new_loop();
    Pair p;
    pair_init(&p, on_newcomer);
    REQUIRE(loop_watch(loop, &p.w, EPOLLIN) == 0);
    loop_release(loop);
    CHECK_EQ(loop_run(loop), 0);
    loop_hold(loop);
    loop_close(loop, &p.w);
    close(p.other);
    loop_destroy(loop);
}
