/*
 * pool.h: work that blocks. offload() runs a function on a thread of the loop's pool while the calling fiber waits and
 * other fibers run: a library that knows no event loop, a password hash, a name look-up, a read from a slow disk. The
 * hand-over costs some microseconds, so shorter work is better done in place.
 *
 * The function may use anything that is safe on another thread; it must not touch the loop, fibers, an arena that somebody
 * else uses meanwhile, and it must not raise. Threads are started when there is work, and block all signals.
 */
#ifndef CLEF_RT_POOL_H
#define CLEF_RT_POOL_H

#include <clef/rt/loop.h>

typedef void OffloadFn(void *arg);

/*
 * Runs fn(arg) to its end; 0. -EAGAIN, and nothing run, when as many jobs wait as the limit allows, or when no thread can
 * be started. Outside a fiber it calls fn in place.
 */
CLEF_API(int, offload, OffloadFn *fn, void *arg) CLEF_MUST_USE;

/* Most threads (4 unless set) and most jobs waiting for one (1,024). Call before the first offload. */
CLEF_API(void, loop_limit_pool, Loop *loop, unsigned threads, unsigned jobs);

#endif
