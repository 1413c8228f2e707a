/*
 * fiber.h: what a fiber is made of, for the loop and for the handling of crashes. The public contract is in
 * <clef/rt/fiber.h>.
 *
 * A Fiber lies at the top of its own stack. A stack goes back to the loop's pool with its flow of control standing in
 * fiber_main's cycle, so that starting a pooled fiber is one switch and touches no memory but the stack's top.
 */
#ifndef CLEF_SRC_RT_FIBER_H
#define CLEF_SRC_RT_FIBER_H

#include "rt/stack.h"
#include "rt/switch.h"
#include <clef/rt/fiber.h>
#include <clef/rt/loop.h>
#include <signal.h>

typedef enum FiberState {
    FIBER_POOLED,
    FIBER_RUNNING, /* or waiting for a fiber that it has started to come back */
    FIBER_PARKED,
    FIBER_READY,
    FIBER_ABANDONED,
} FiberState;

struct Fiber {
    Side side;
    Loop *loop;
    Fiber *next, *prev; /* ready queue (next), pool (both) */
    Fiber *back;        /* who goes on at the next wait; NULL: the loop */
    FiberFn *fn;        /* NULL tells a pooled fiber to leave its stack for good */
    void *arg;
    uint64_t task;
    Timer timer;
    uint8_t state;
    bool woken;     /* a wake-up that came while it was not parked */
    bool timed_out; /* of the park that has just ended */
    bool trimmed;
    Stack stack;
};

/* A first-in first-out queue through Fiber.next. */
typedef struct FiberQueue {
    Fiber *first, **end;
} FiberQueue;

static inline void fiberqueue_push(FiberQueue *q, Fiber *f)
{
    f->next = NULL;
    if (!q->first)
        q->end = &q->first;
    *q->end = f;
    q->end = &f->next;
}

static inline Fiber *fiberqueue_pop(FiberQueue *q)
{
    Fiber *f = q->first;
    if (f)
        q->first = f->next;
    return f;
}

/* The fibers of one loop. */
typedef struct FiberSet {
    FiberQueue ready;   /* run in this turn */
    FiberQueue yielded; /* run in the next turn */
    Fiber *current;     /* NULL: the loop's own side */
    Side main;
    Fiber *pool, *pool_last; /* newest first */
    size_t pooled, pool_low; /* how many there are; the fewest since the last trim */
    size_t alive, limit;
    size_t abandoned;
    uint64_t tasks;  /* given so far */
    int64_t trim_ns; /* when the pool is looked at next; 0 while there is nothing to give back */
} FiberSet;

CLEF_PRIVATE(void, fiberset_init, FiberSet *s);
/* Unmaps the pool. */
CLEF_PRIVATE(void, fiberset_finish, FiberSet *s);
/* Runs ready fibers, at most a turn's share. */
CLEF_PRIVATE(void, fiberset_run, FiberSet *s);
/* Gives stacks that nobody needed for a while back to the kernel. */
CLEF_PRIVATE(void, fiberset_trim, FiberSet *s, int64_t now_ns);

/* The part of a stack that is the fiber's: [*low, *low + result); the guard is the fiber_guard_size() bytes below. */
CLEF_PRIVATE(size_t, fiber_stack_bounds, const Fiber *f, const char **low);
CLEF_PRIVATE(size_t, fiber_guard_size, void);
/*
 * For a signal handler, on the alternative stack: leaves the running fiber for good. Its stack is kept out of use until the
 * process ends, its deferred clean-ups do not run, what it holds stays held. The signal mask becomes *mask (the one of the
 * interrupted code), and whoever started or resumed the fiber goes on. There must be a running fiber (fiber_self).
 */
CLEF_PRIVATE(void, fiber_abandon, const sigset_t *mask) CLEF_NORETURN;
/*
 * On the loop's stack: leaves a fiber that waits (or is ready to go on) in the same way. What would wake it finds nobody; a
 * lock that is handed to it stays locked.
 */
CLEF_PRIVATE(void, fiber_drop, Fiber *f);

#endif
