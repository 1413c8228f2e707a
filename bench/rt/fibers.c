/*
 * fibers.c: what starting, switching and waking fibers, attempts and timers cost.
 *
 *     fibers [WHAT TIMES]
 *
 * With WHAT (fiber, yield or attempt) it does that so often and nothing else: a run whose instructions can be counted from
 * outside.
 */
#define _GNU_SOURCE
#include "measure.h"
#include <clef/rt.h>

#include <stdlib.h>
#include <string.h>

enum { TIMES = 1000000 };

static Loop *loop;
static Fiber *two[2];

static void nothing(void *arg) { (void)arg; }
static void yields(void *arg)
{
    for (int i = 0; i < (int)(intptr_t)arg; i++)
        fiber_yield();
}
static void ping(void *arg)
{
    int me = (int)(intptr_t)arg;
    for (int i = 0; i < TIMES; i++) {
        fiber_wake(two[1 - me]);
        fiber_park();
    }
    fiber_wake(two[1 - me]);
}
static void works(Context *cx, void *arg) { (void)cx, (void)arg; }
static void raises(Context *cx, void *arg)
{
    (void)arg;
    RAISE(cx, 404, "not_found", "no such thing");
}
static void no_timer(Loop *l, Timer *t) { (void)l, (void)t; }

/* One thing, a number of times. */
static int repeat(Arena *arena, const char *what, int times)
{
    Context cx;
    context_init(&cx, arena_create(arena, 0, 0));
    if (strcmp(what, "yield") == 0)
        fiber_start(loop, yields, (void *)(intptr_t)times);
    for (int i = 0; i < times; i++)
        if (strcmp(what, "fiber") == 0)
            fiber_start(loop, nothing, NULL);
        else if (strcmp(what, "attempt") == 0 && attempt(&cx, works, NULL))
            return 1;
    (void)loop_run(loop);
    context_finish(&cx);
    return 0;
}

int main(int argc, char **argv)
{
    Arena *arena = arena_create(NULL, 0, 0);
    loop = loop_create(arena);
    if (!loop)
        return 1;
    if (argc == 3)
        return repeat(arena, argv[1], atoi(argv[2]));
    fiber_start(loop, nothing, NULL);
    Measure m = measure_begin();
    for (int i = 0; i < TIMES; i++)
        fiber_start(loop, nothing, NULL);
    measure_end(&m, "start and end of a fiber", TIMES);

    two[0] = fiber_spawn(loop, ping, (void *)0);
    two[1] = fiber_spawn(loop, ping, (void *)1);
    m = measure_begin();
    (void)loop_run(loop);
    measure_end(&m, "wake, park, resume", 2 * TIMES);

    for (int i = 0; i < 64; i++)
        fiber_start(loop, yields, (void *)(intptr_t)(TIMES / 64));
    m = measure_begin();
    (void)loop_run(loop);
    measure_end(&m, "yield among 64", (int64_t)64 * (TIMES / 64));

    Context cx;
    context_init(&cx, arena_create(arena, 0, 0));
    m = measure_begin();
    for (int i = 0; i < TIMES; i++)
        if (attempt(&cx, works, NULL))
            return 1;
    measure_end(&m, "attempt", TIMES);
    m = measure_begin();
    for (int i = 0; i < TIMES / 10; i++) {
        if (!attempt(&cx, raises, NULL))
            return 1;
        if (i % 1000 == 0)
            arena_reset(cx.arena);
    }
    measure_end(&m, "attempt and raise", TIMES / 10);
    context_finish(&cx);

    enum { N = 10000 };
    static Timer timers[N];
    for (int i = 0; i < N; i++) {
        timers[i].fn = no_timer;
        timer_set(loop, &timers[i], loop_now(loop) + (int64_t)60e9 + rand());
    }
    m = measure_begin();
    for (int i = 0; i < TIMES; i++)
        timer_set(loop, &timers[rand() % N], loop_now(loop) + (int64_t)60e9 + rand());
    measure_end(&m, "move one of 10,000 timers", TIMES);
    for (int i = 0; i < N; i++)
        timer_stop(loop, &timers[i]);
    loop_destroy(loop);
    arena_destroy(arena);
    return 0;
}
