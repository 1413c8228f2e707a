/*
 * loop.h: one event loop, over epoll. A loop belongs to one thread. Each turn waits for events, calls the watchers whose
 * descriptors are ready, fires the timers that are due, and runs the fibers that were woken; hooks at the turn's end let
 * a layer write once what the turn produced.
 *
 * Watchers and timers are embedded in their owner's struct; nothing is allocated per event. Descriptors are watched
 * edge-triggered: a callback reads until EAGAIN or a short read, or remembers that there may be more.
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
    int64_t due_ns;  /* read-only: monotonic; 0 while idle */
    uint32_t at;     /* private: place in the heap + 1; 0 while idle */
};

/* NULL with errno set when the kernel refuses. The loop's memory is under `parent`. */
CLEF_API(Loop *, loop_create, Arena *parent) CLEF_MUST_USE;
/* All fibers must have ended. NULL is fine. */
CLEF_API(void, loop_destroy, Loop *loop);
/* The loop that runs on this thread; NULL outside one. */
CLEF_API(Loop *, loop_current, void);

/* Runs until loop_stop, or until nothing is left to wait for. 0, or -errno of a failing epoll_wait. */
CLEF_API(int, loop_run, Loop *loop);
CLEF_API(void, loop_stop, Loop *loop);

/* Monotonic time in nanoseconds, read once a turn (loop_now) or now (loop_clock). */
CLEF_API(int64_t, loop_now, const Loop *loop);
CLEF_API(int64_t, loop_clock, void);

/* Watch w->fd edge-triggered; change the events; stop. 0 or -errno. After loop_unwatch no callback of w runs. */
CLEF_API(int, loop_watch, Loop *loop, Watcher *w, uint32_t events) CLEF_MUST_USE;
CLEF_API(int, loop_rewatch, Loop *loop, Watcher *w, uint32_t events) CLEF_MUST_USE;
CLEF_API(void, loop_unwatch, Loop *loop, Watcher *w);

/* Sets (or moves) the timer to a monotonic time; stops it. A timer is idle again when its fn runs. */
CLEF_API(void, timer_set, Loop *loop, Timer *t, int64_t due_ns);
CLEF_API(void, timer_stop, Loop *loop, Timer *t);

/* fn(arg) once, at the end of this turn, on the loop's stack. */
CLEF_API(void, loop_defer, Loop *loop, void (*fn)(void *arg), void *arg);
/* From any thread (and from a signal handler, when the queue has room): fn(arg) on the loop's thread, soon. */
CLEF_API(bool, loop_post, Loop *loop, void (*fn)(void *arg), void *arg);

#endif
