/* echo.c: one byte there and back between two fibers over a socket pair: what a wait through the kernel costs. */
#define _GNU_SOURCE
#include "measure.h"
#include <clef/rt.h>

enum { TIMES = 200000 };

static Io ends[2];

static void answers(void *arg)
{
    (void)arg;
    char c;
    while (io_read(&ends[1], &c, 1, 0) == 1)
        if (io_write(&ends[1], &c, 1, 0) != 0)
            break;
    io_close(&ends[1]); /* an open one would keep the loop running */
}
static void asks(void *arg)
{
    (void)arg;
    char c = 'c';
    Measure m = measure_begin();
    for (int i = 0; i < TIMES; i++)
        if (io_write(&ends[0], &c, 1, 0) != 0 || io_read(&ends[0], &c, 1, 0) != 1)
            break;
    measure_end(&m, "round trip of one byte", TIMES);
    io_close(&ends[0]);
}

int main(void)
{
    Arena *arena = arena_create(NULL, 0, 0);
    Loop *loop = loop_create(arena);
    int fds[2];
    if (!loop || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
        return 1;
    io_init(&ends[0], fds[0]);
    io_init(&ends[1], fds[1]);
    fiber_start(loop, answers, NULL);
    fiber_start(loop, asks, NULL);
    (void)loop_run(loop);
    loop_destroy(loop);
    arena_destroy(arena);
    return 0;
}
