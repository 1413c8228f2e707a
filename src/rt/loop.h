/*
 * loop.h: the inside of a Loop, shared by loop.c, timer.c, post.c and fiber.c. The public contract is in
 * <clef/rt/loop.h>.
 */
#ifndef CLEF_SRC_RT_LOOP_H
#define CLEF_SRC_RT_LOOP_H

#include "rt/fiber.h"
#include "rt/pool.h"
#include "rt/post.h"
#include <clef/rt/loop.h>

/*
 * What is watched, by descriptor. An event names a descriptor and the generation of its slot, never a pointer: an event
 * that was on its way when its watcher went finds another generation and is dropped, however the memory or the number
 * has been used since.
 */
typedef struct WatchSlot {
    Watcher *watcher;
    uint32_t generation;
} WatchSlot;

typedef struct TimerHeap {
    Timer *first; /* the earliest */
    size_t n;
} TimerHeap;

enum { HOOKS_MIN = 64 }; /* room for so many from the start */

typedef struct Hook {
    void (*fn)(void *arg);
    void *arg;
} Hook;

struct Loop {
    Arena *arena;
    int64_t now_ns;
    FiberSet fibers;
    Hook *hooks;
    uint32_t nhooks, hooks_cap;
    TimerHeap timers;
    WatchSlot *slots;
    uint32_t nslots;
    int epoll;
    int64_t holds; /* watchers, and what loop_hold added */
    bool running, stopped;
    PostQueue posts;
    Watcher post_watcher;
    Pool *pool; /* NULL until the first offload */
};

#define LOOP_OF(fibers_) CLEF_CONTAINER((fibers_), Loop, fibers)

/* Which loop loop_current() answers; returns the one before. */
CLEF_PRIVATE(Loop *, loop_enter, Loop *loop);

/* The time of the earliest timer, or INT64_MAX; runs those that are due. */
CLEF_PRIVATE(int64_t, timers_next, const Loop *loop);
CLEF_PRIVATE(void, timers_run, Loop *loop);

#endif
