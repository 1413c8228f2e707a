/* timer.c: timers, in a heap with four children to a node. A Timer knows its place in it. */
#include "rt/loop.h"
#include <clef/base/assert.h>

static void put(TimerHeap *h, uint32_t at, TimerEntry e)
{
    h->p[at] = e;
    e.timer->at = at + 1;
}

static void sift_up(TimerHeap *h, uint32_t at, TimerEntry e)
{
    while (at > 0) {
        uint32_t up = (at - 1) / 4;
        if (h->p[up].due_ns <= e.due_ns)
            break;
        put(h, at, h->p[up]);
        at = up;
    }
    put(h, at, e);
}

static void sift_down(TimerHeap *h, uint32_t at, TimerEntry e)
{
    for (;;) {
        uint64_t child = (uint64_t)at * 4 + 1, end = child + 4 < h->n ? child + 4 : h->n;
        if (child >= h->n)
            break;
        uint64_t least = child;
        for (uint64_t i = child + 1; i < end; i++)
            if (h->p[i].due_ns < h->p[least].due_ns)
                least = i;
        if (h->p[least].due_ns >= e.due_ns)
            break;
        put(h, at, h->p[least]);
        at = (uint32_t)least;
    }
    put(h, at, e);
}

static void place(TimerHeap *h, uint32_t at, TimerEntry e)
{
    if (at > 0 && h->p[(at - 1) / 4].due_ns > e.due_ns)
        sift_up(h, at, e);
    else
        sift_down(h, at, e);
}

void timer_set(Loop *loop, Timer *t, int64_t due_ns)
{
    TimerHeap *h = &loop->timers;
    if (due_ns < 1)
        due_ns = 1;
    t->due_ns = due_ns;
    TimerEntry e = { due_ns, t };
    if (t->at) {
        place(h, t->at - 1, e);
        return;
    }
    if (h->n == h->cap) {
        ASSERT(h->cap < UINT32_MAX / 2);
        uint32_t cap = h->cap ? h->cap * 2 : 64;
        h->p = arena_grow(loop->arena, h->p, h->cap * sizeof *h->p, cap * sizeof *h->p);
        h->cap = cap;
    }
    sift_up(h, h->n++, e);
}

void timer_stop(Loop *loop, Timer *t)
{
    if (!t->at)
        return;
    TimerHeap *h = &loop->timers;
    uint32_t at = t->at - 1;
    t->at = 0;
    t->due_ns = 0;
    TimerEntry last = h->p[--h->n];
    if (at < h->n)
        place(h, at, last);
}

int64_t timers_next(const Loop *loop) { return loop->timers.n ? loop->timers.p[0].due_ns : INT64_MAX; }

/* A timer set by a callback to a time that has passed already waits for the next turn: a turn ends. */
void timers_run(Loop *loop)
{
    for (uint32_t left = loop->timers.n; left > 0 && timers_next(loop) <= loop->now_ns; left--) {
        Timer *t = loop->timers.p[0].timer;
        timer_stop(loop, t);
        t->fn(loop, t);
    }
}
