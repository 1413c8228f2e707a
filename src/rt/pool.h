/* pool.h: the pool's ends that the loop holds. The public contract is in <clef/rt/pool.h>. */
#ifndef CLEF_SRC_RT_POOL_H
#define CLEF_SRC_RT_POOL_H

#include <clef/rt/pool.h>

typedef struct Pool Pool;

/* Waits for the jobs that run and joins the threads. NULL is fine. */
CLEF_PRIVATE(void, pool_destroy, Pool *pool);

#endif
