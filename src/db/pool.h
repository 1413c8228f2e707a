/* pool.h: what drivers ask of the pool that a connection is of. */
#ifndef DB_POOL_H
#define DB_POOL_H

#include <clef/db/pool.h>
#include <clef/rt/sync.h>

/* Taken by the fiber of the loop that writes now, where a database lets only one write. */
CLEF_PRIVATE(Semaphore *, db_pool_writers, DbPool *pool);

#endif
