#include <clef/rt.h>
#include <clef/test.h>

#include <errno.h>

static char trace[256];
static size_t ntrace;
static void put(char c)
{
    if (ntrace < sizeof trace - 1)
        trace[ntrace++] = c;
}

static Loop *loop;
static void start(FiberFn *fn, void *arg) { REQUIRE(fiber_start(loop, fn, arg) != NULL); }
static void begin(void) { loop = loop_create(test_arena()); }
static void end(void)
{
    CHECK_EQ(loop_run(loop), 0);
    loop_destroy(loop);
}
static int64_t in_ms(int64_t ms) { return loop_clock() + ms * 1000000; }

static Mutex mutex;
static void locks(void *arg)
{
    mutex_lock(&mutex);
    put((char)(intptr_t)arg);
    fiber_yield();
    put((char)(intptr_t)arg);
    mutex_unlock(&mutex);
    /* Somebody waits, so the lock is not free even now. */
    if ((char)(intptr_t)arg == 'a')
        CHECK(!mutex_try_lock(&mutex));
}
static bool has_given_up;
static void gives_up(void *arg)
{
    (void)arg;
    CHECK(!mutex_lock_until(&mutex, 1));
    CHECK(!mutex_lock_until(&mutex, in_ms(1)));
    put('t');
    has_given_up = true;
}
/* Until the other one's deadline has passed, however slow the machine is. */
static void holds_long(void *arg)
{
    (void)arg;
    mutex_lock(&mutex);
    while (!has_given_up)
        fiber_sleep(1000000);
    put('u');
    mutex_unlock(&mutex);
}

TEST(sync, a_mutex_goes_to_the_one_who_waited_longest)
{
    begin();
    start(locks, (void *)'a');
    start(locks, (void *)'b');
    start(locks, (void *)'c');
    end();
    CHECK_STR(str_c(trace), STR("aabbcc"));
    CHECK_PTR(mutex.owner, NULL);
}

TEST(sync, a_wait_for_a_mutex_ends_at_its_deadline)
{
    begin();
    start(holds_long, NULL);
    start(gives_up, NULL);
    start(locks, (void *)'d');
    end();
    CHECK_STR(str_c(trace), STR("tudd"));
}

static Condition condition;
static int queue;
static void consumes(void *arg)
{
    mutex_lock(&mutex);
    while (queue == 0)
        CHECK(condition_wait(&condition, &mutex, 0));
    queue--;
    put((char)(intptr_t)arg);
    mutex_unlock(&mutex);
}
static void produces(void *arg)
{
    (void)arg;
    mutex_lock(&mutex);
    queue = 1;
    CHECK(condition_signal(&condition));
    mutex_unlock(&mutex);
    fiber_yield();
    fiber_yield();
    queue = 2;
    condition_broadcast(&condition);
    fiber_yield();
    CHECK(!condition_signal(&condition));
    CHECK(!condition_wait(&condition, NULL, in_ms(2)));
    mutex_lock(&mutex);
    CHECK(!condition_wait(&condition, &mutex, in_ms(2)));
    CHECK_PTR(mutex.owner, fiber_self());
    mutex_unlock(&mutex);
}

TEST(sync, conditions_signal_broadcast_and_time_out)
{
    begin();
    start(consumes, (void *)'1');
    start(consumes, (void *)'2');
    start(consumes, (void *)'3');
    start(produces, NULL);
    end();
    CHECK_STR(str_c(trace), STR("123"));
}

static Semaphore semaphore;
static int inside, most;
static Group group;
static void enters(void *arg)
{
    (void)arg;
    CHECK(semaphore_wait(&semaphore, 0));
    if (++inside > most)
        most = inside;
    fiber_yield();
    fiber_yield();
    inside--;
    semaphore_post(&semaphore);
    group_done(&group);
}
static void waits_for_group(void *arg)
{
    (void)arg;
    CHECK(group_wait(&group, 0));
    group_add(&group, 10);
    for (int i = 0; i < 10; i++)
        fiber_spawn(loop, enters, NULL);
    CHECK(!group_wait(&group, 1));
    CHECK(group_wait(&group, 0));
    CHECK_EQ(inside, 0);
    CHECK_EQ(semaphore.count, 3);
    CHECK(semaphore_try(&semaphore) && semaphore_try(&semaphore) && semaphore_try(&semaphore));
    CHECK(!semaphore_try(&semaphore));
    CHECK(!semaphore_wait(&semaphore, in_ms(2)));
    semaphore_post(&semaphore);
    CHECK_EQ(semaphore.count, 1);
    put('.');
}

TEST(sync, a_semaphore_lets_so_many_in_and_a_group_waits_for_all)
{
    semaphore.count = 3;
    begin();
    start(waits_for_group, NULL);
    end();
    CHECK_EQ(most, 3);
    CHECK_STR(str_c(trace), STR("."));
}

static Channel channel;
static void sends(void *arg)
{
    for (int i = 0; i < 10; i++)
        CHECK_EQ(channel_send(&channel, &i, 0), 0);
    put('s');
    if (arg)
        channel_close(&channel);
}
static void receives(void *arg)
{
    (void)arg;
    int v, expected = 0;
    while (channel_receive(&channel, &v, 0) == 0)
        CHECK_EQ(v, expected++);
    CHECK_EQ(expected, 10);
    CHECK_EQ(channel_send(&channel, &v, 0), -EPIPE);
    CHECK_EQ(channel_try_send(&channel, &v), -EPIPE);
    put('r');
}

TEST(sync, a_channel_keeps_the_order_and_its_bound)
{
    int room[3];
    begin();
    CHANNEL_INIT(&channel, room);
    start(sends, &channel);
    CHECK_EQ(channel.n, 3);
    start(receives, NULL);
    end();
    CHECK_STR(str_c(trace), STR("sr"));
}

TEST(sync, a_channel_without_room_hands_over)
{
    begin();
    channel_init(&channel, NULL, 0, sizeof(int));
    start(receives, NULL);
    start(sends, &channel);
    end();
    CHECK_EQ(ntrace, 2);
}

static bool waits_for_close;
static void channel_deadlines(void *arg)
{
    (void)arg;
    int v = 1;
    CHECK_EQ(channel_try_receive(&channel, &v), -EAGAIN);
    CHECK_EQ(channel_receive(&channel, &v, in_ms(2)), -ETIMEDOUT);
    CHECK_EQ(channel_send(&channel, &v, 0), 0);
    CHECK_EQ(channel_try_send(&channel, &v), -EAGAIN);
    CHECK_EQ(channel_send(&channel, &v, in_ms(2)), -ETIMEDOUT);
    waits_for_close = true;
    CHECK_EQ(channel_send(&channel, &v, 0), -EPIPE); /* closed while it waits */
    CHECK_EQ(channel_receive(&channel, &v, 0), 0);
    CHECK_EQ(channel_receive(&channel, &v, 0), -EPIPE);
    put('.');
}
static void closes(void *arg)
{
    (void)arg;
    /* It runs when the other fiber waits, so what that said before is true by now, however slow the machine is. */
    while (!waits_for_close)
        fiber_sleep(1000000);
    channel_close(&channel);
}

TEST(sync, channel_waits_end_at_deadlines_and_at_the_close)
{
    int room[1];
    waits_for_close = false;
    begin();
    CHANNEL_INIT(&channel, room);
    start(channel_deadlines, NULL);
    start(closes, NULL);
    end();
    CHECK_STR(str_c(trace), STR("."));
}

static void disturbed(void *arg)
{
    (void)arg;
    int v = 0;
    CHECK_EQ(channel_receive(&channel, &v, 0), 0);
    CHECK_EQ(v, 42);
}

TEST(sync, other_wake_ups_do_not_end_a_wait)
{
    int room[1], v = 42;
    begin();
    CHANNEL_INIT(&channel, room);
    Fiber *f = fiber_start(loop, disturbed, NULL);
    fiber_wake(f);
    for (int i = 0; i < 3; i++) {
        CHECK(loop_defer(loop, (void (*)(void *))loop_stop, loop));
        CHECK_EQ(loop_run(loop), 0);
        fiber_wake(f);
    }
    CHECK_EQ(channel_try_send(&channel, &v), 0);
    end();
}
