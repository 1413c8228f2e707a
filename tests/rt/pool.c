#include <clef/base.h>
#include <clef/rt/pool.h>
#include <clef/test.h>

#include <errno.h>
#include <pthread.h>
#include <time.h>

typedef struct Work {
    pthread_t thread;
    int answer, result;
} Work;

static int finished, refused;

static void block(void *arg)
{
    Work *w = arg;
    nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
    w->thread = pthread_self();
    w->answer = 42;
}

static void waits(void *arg)
{
    Work *w = arg;
    w->result = offload(block, w);
    if (w->result == 0) {
        CHECK_EQ(w->answer, 42);
        CHECK(!pthread_equal(w->thread, pthread_self()));
        finished++;
    } else {
        CHECK_EQ(w->result, -EAGAIN);
        refused++;
    }
}

TEST(pool, fibers_wait_while_threads_work)
{
    Loop *loop = loop_create(test_arena());
    Work work[20] = { 0 };
    for (int i = 0; i < 20; i++)
        fiber_spawn(loop, waits, &work[i]);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(finished, 20);
    loop_destroy(loop);
}

TEST(pool, jobs_past_the_limit_are_refused)
{
    Loop *loop = loop_create(test_arena());
    loop_limit_pool(loop, 2, 3);
    Work work[40] = { 0 };
    for (int i = 0; i < 40; i++)
        fiber_spawn(loop, waits, &work[i]);
    CHECK_EQ(loop_run(loop), 0);
    CHECK(finished >= 3 && finished <= 5);
    CHECK_EQ(finished + refused, 40);
    loop_destroy(loop);
}

TEST(pool, outside_a_fiber_the_work_is_done_in_place)
{
    Work w = { 0 };
    CHECK_EQ(offload(block, &w), 0);
    CHECK(pthread_equal(w.thread, pthread_self()));
}
