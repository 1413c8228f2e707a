/*
 * loop.h: one event loop, over epoll. A loop belongs to one thread. Each turn waits for events, calls the watchers whose
 * descriptors are ready, fires the timers that are due, and runs the fibers that were woken; hooks at the turn's end let
 * a layer write once what the turn produced.
 *
 * Watchers and timers are embedded in their owner's struct; nothing is allocated per event. Descriptors are watched
 * edge-triggered: a callback reads until EAGAIN or a short read, or remembers that there may be more. Registering costs a
 * system call, so watch once, for all events that will ever matter, and end by loop_close.
 *
 * Within a turn the order is: events, timers, calls of loop_post (they arrive as an event), fibers, hooks. A callback may
 * unwatch and free any watcher, its own too: events on their way to it are dropped.
 */
#ifndef CLEF_RT_LOOP_H
#define CLEF_RT_LOOP_H

#include <clef/base/arena.h>
#include <clef/rt/fiber.h>

typedef struct Watcher Watcher;
typedef struct Timer Timer;
typedef void WatcherFn(Loop *loop, Watcher *w, uint32_t events); /* EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLERR, EPOLLHUP */
typedef void TimerFn(Loop *loop, Timer *t);

struct Watcher {
    int fd;
    uint32_t events; /* private: what is registered */
    WatcherFn *fn;
};

/* {0} with fn set is an idle timer. */
struct Timer {
    TimerFn *fn;
    int64_t due_ns;             /* read-only: monotonic; 0 while idle */
    Timer *child, *next, *prev; /* private: its place in the heap */
};

/* NULL with errno set when the kernel refuses. The loop's memory is under `parent`. */
CLEF_API(Loop *, loop_create, Arena *parent) CLEF_MUST_USE;
/* All fibers must have ended. NULL is fine. */
CLEF_API(void, loop_destroy, Loop *loop);
/* The loop that runs on this thread; NULL outside one. */
CLEF_API(Loop *, loop_current, void);

/*
 * Runs until loop_stop, or until nothing is left to wait for: no watcher, timer, hook, hold, nor fiber (a fiber that is
 * parked for good keeps the loop running). 0, or -errno of a failing epoll_wait. May be called again afterwards.
 */
CLEF_API(int, loop_run, Loop *loop);
CLEF_API(void, loop_stop, Loop *loop);

/*
 * A hold keeps loop_run going, as for a call that a thread will post. Released once too often on purpose, right after a
 * loop_watch, it makes that watcher one of the background, which does not keep the loop running.
 */
CLEF_API(void, loop_hold, Loop *loop);
CLEF_API(void, loop_release, Loop *loop);

/* The most fibers that the loop runs at once (20,000 unless set); how many there are now. */
CLEF_API(void, loop_limit_fibers, Loop *loop, size_t most);
CLEF_API(size_t, loop_fibers, const Loop *loop);

/* Monotonic time in nanoseconds, read once a turn (loop_now) or now (loop_clock). */
CLEF_API(int64_t, loop_now, const Loop *loop);
CLEF_API(int64_t, loop_clock, void);

/*
 * Watch w->fd edge-triggered; change the events; stop. 0 or -errno (-EEXIST: the descriptor has a watcher already). After
 * loop_unwatch no callback of w runs.
 */
CLEF_API(int, loop_watch, Loop *loop, Watcher *w, uint32_t events) CLEF_MUST_USE;
CLEF_API(int, loop_rewatch, Loop *loop, Watcher *w, uint32_t events) CLEF_MUST_USE;
CLEF_API(void, loop_unwatch, Loop *loop, Watcher *w);
/* Closes w->fd, watched or not, which ends the watching without a further system call; w->fd becomes -1. */
CLEF_API(void, loop_close, Loop *loop, Watcher *w);

/*
 * Sets (or moves) the timer to a monotonic time; stops it. A timer is idle again when its fn runs. It fires at its time or
 * up to a millisecond later, plus what the turn takes. Both cost a few compares: no system call, no memory.
 */
CLEF_API(void, timer_set, Loop *loop, Timer *t, int64_t due_ns);
CLEF_API(void, timer_stop, Loop *loop, Timer *t);

/*
 * fn(arg) once, at the end of this turn, on the loop's stack; when a hook defers, at the end of the next. False, and
 * nothing done, when there is no memory for more than the 64 that have room from the start: a timer that is due now
 * needs none.
 */
CLEF_API(bool, loop_defer, Loop *loop, void (*fn)(void *arg), void *arg) CLEF_MUST_USE;
/*
 * From any thread, and from a signal handler: fn(arg) on the loop's thread, soon, in the order of posting. False, and
 * nothing done, when 1,024 calls are waiting already.
 */
CLEF_API(bool, loop_post, Loop *loop, void (*fn)(void *arg), void *arg) CLEF_MUST_USE;

#endif
