/*
 * fiber.h: code that may wait. A fiber is a stack of its own on which a function runs until it waits; then its thread's
 * loop runs other fibers. Waiting is written as a plain call (fiber_sleep, io_read, mutex_lock): no callback, no second
 * dialect. Fibers of one loop never run at the same time, so memory shared between them needs no lock as long as nothing
 * waits in between.
 *
 * Stacks come from the loop's pool, have a guard page below, and are small (64 KiB; 256 KiB in sanitised builds): keep
 * large arrays off them. Everything here is called on a loop's thread; fiber_wake only on the thread of the fiber's loop
 * (from another thread: loop_post).
 */
#ifndef CLEF_RT_FIBER_H
#define CLEF_RT_FIBER_H

#include <clef/base/api.h>

typedef struct Loop Loop;
typedef struct Fiber Fiber;
typedef void FiberFn(void *arg);

/*
 * Starts fn(arg) on a fiber. fiber_start runs it at once, until it first waits or ends, and then returns to the caller
 * (the loop or another fiber). fiber_spawn only queues it for this turn of the loop. NULL (nothing started) when the
 * loop's limit of fibers or memory is reached (errno: EAGAIN, ENOMEM). The Fiber is valid until fn returns.
 */
CLEF_API(Fiber *, fiber_start, Loop *loop, FiberFn *fn, void *arg);
CLEF_API(Fiber *, fiber_spawn, Loop *loop, FiberFn *fn, void *arg);

/* The running fiber; NULL on the loop's own stack. */
CLEF_API(Fiber *, fiber_self, void);
/*
 * The piece of work that the running fiber belongs to: a number that its loop gives to a fiber started on the loop's
 * own stack, and never again; the fibers that it starts have the same. 0 outside a fiber.
 */
CLEF_API(uint64_t, fiber_task, void);
/*
 * Waits until fiber_wake(); one wake-up that came earlier, since the last park, is taken at once. Such a one may have
 * been meant for an earlier wait: park in a loop that checks what is waited for.
 */
CLEF_API(void, fiber_park, void);
/* The same, at most until the monotonic time `deadline_ns` (loop_now); false when that passed first. 0: no deadline. */
CLEF_API(bool, fiber_park_until, int64_t deadline_ns);
/* Queues a parked fiber to run in this turn of its loop. */
CLEF_API(void, fiber_wake, Fiber *f);
/* Lets every other ready fiber, and what the descriptors have brought meanwhile, run first. */
CLEF_API(void, fiber_yield, void);
/* At least so long; a wake-up that comes meanwhile is kept for the next park. */
CLEF_API(void, fiber_sleep, int64_t nanoseconds);
/* Most bytes of stack that any fiber of this process used so far; 0 unless the build measures it (dev builds do). */
CLEF_API(size_t, fiber_stack_watermark, void);
CLEF_API(size_t, fiber_stack_size, void);

#endif
