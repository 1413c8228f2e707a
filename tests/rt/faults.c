/* faults.c: a loop, two fibers and a connection between them, with each system call refused in its turn. */
#include "base/fault.h"

#include <clef/rt.h>
#include <clef/test.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static Io listener;
static Address address;
static bool echoed, answered;
static int64_t deadline;

static void echo(void *arg)
{
    (void)arg;
    Io io;
    char text[16];
    int fd = io_accept(&listener, NULL, deadline);
    if (fd >= 0) {
        io_init(&io, fd);
        ssize_t n = io_read(&io, text, sizeof text, deadline);
        echoed = n > 0 && io_write(&io, text, (size_t)n, deadline) == 0;
        io_close(&io);
    }
    io_close(&listener);
}

static void ask(void *arg)
{
    (void)arg;
    Io io;
    char text[16];
    int error = io_connect(&io, &address, deadline);
    if (!error)
        error = io_write(&io, "hello", 5, deadline);
    answered = !error && io_read(&io, text, sizeof text, deadline) == 5 && memcmp(text, "hello", 5) == 0;
    io_close(&io);
}

static size_t open_files(void)
{
    FileEntry *list;
    ssize_t n = file_list(test_arena(), "/proc/self/fd", 1000, &list);
    REQUIRE(n >= 0);
    return (size_t)n;
}

TEST(fault, a_connection_between_fibers_survives_each_refusal, .seconds = 60)
{
    size_t before = open_files();
    int rounds = 0;
    REQUIRE(address_parse(str_format(test_arena(), "unix:@clef-faults-%d", getpid()), &address));
    FAULT_LOOP (FAULT_SYSTEM) {
        rounds++;
        echoed = answered = false;
        int fd = address_listen(&address, NULL);
        if (fd < 0) {
            CHECK(fault_fired());
            CHECK_EQ(open_files(), before);
            continue;
        }
        REQUIRE(io_adopt(&listener, fd) == 0);
        deadline = loop_clock() + 300000000;
        Loop *loop = loop_create(test_arena());
        if (!loop)
            CHECK(fault_fired() && (errno == EMFILE || errno == ENOSPC));
        if (!loop || !fiber_start(loop, echo, NULL))
            io_close(&listener);
        else
            (void)fiber_start(loop, ask, NULL);
        if (loop) {
            CHECK_EQ(loop_run(loop), 0);
            CHECK_EQ(loop_fibers(loop), 0);
            loop_destroy(loop);
        }
        CHECK((echoed && answered) || fault_fired());
        CHECK_EQ(open_files(), before);
    }
    CHECK(rounds > (CLEF_FAULTS ? 10 : 0));
}

static size_t hooked;
static void count_hook(void *arg) { (void)arg, hooked++; }
static void on_time(Loop *loop, Timer *t) { (void)loop, (void)t; }

TEST(fault, hooks_without_memory_are_refused_and_timers_need_none)
{
    enum { TIMERS = 5000, MOST = 1000000 };
    Loop *loop = loop_create(test_arena());
    REQUIRE(loop != NULL);
    Timer *timers = NEW_ARRAY(test_arena(), Timer, TIMERS);
    fault_arm(FAULT_MEMORY, 1);
    for (size_t i = 0; i < TIMERS; i++) {
        timers[i].fn = on_time;
        timer_set(loop, &timers[i], (int64_t)(i % 7) + 1);
    }
    CHECK(!fault_fired());
    size_t n = 0;
    while (n < MOST && loop_defer(loop, count_hook, NULL))
        n++;
    CHECK(n >= 64);
    CHECK(fault_fired() || n == MOST);
    CHECK(loop_defer(loop, count_hook, NULL)); /* there is memory again */
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(hooked, n + 1);
    loop_destroy(loop);
}
