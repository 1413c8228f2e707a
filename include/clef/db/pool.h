/*
 * pool.h: the connections of one loop to one database, and the databases of a process by their aliases. Nothing is opened
 * before it is asked for, so a process may build its Databases, fork workers, and each worker opens connections of its own.
 *
 * A connection is taken for one statement or one transaction and given back. When all are taken, the fiber waits its turn,
 * at most `pool_wait_ms`; outside a fiber it fails at once. An idle connection past its age, and a broken one, is closed.
 */
#ifndef CLEF_DB_POOL_H
#define CLEF_DB_POOL_H

#include <clef/db/connection.h>

typedef struct Databases Databases;

/* The config is copied (its texts are not). */
CLEF_API(DbPool *, db_pool_create, Arena *parent, const DbConfig *config) CLEF_NONNULL CLEF_MUST_USE;
/* Connections that were not given back stay open. */
CLEF_API(void, db_pool_destroy, DbPool *pool);
CLEF_API(const DbConfig *, db_pool_config, const DbPool *pool) CLEF_NONNULL;
/* An open connection, or NULL and *error (valid until the pool's next failure). */
CLEF_API(DbConnection *, db_acquire, DbPool *pool, const DbError **error) CLEF_MUST_USE;
/* The same, at most until the deadline (loop_clock; 0: none); `shared` as below. */
CLEF_API(DbConnection *, db_acquire_until, DbPool *pool, bool shared, int64_t deadline_ns, const DbError **error)
CLEF_MUST_USE;
/*
 * A connection for one statement outside of a transaction, which other fibers may use at the same time (where the
 * driver can); c->error is to be read right when the statement has failed. One whose server has worked on a statement
 * for longer than DB_SHARED_PATIENCE_NS holds nobody up: then there is another one, or db_acquire's.
 */
CLEF_API(DbConnection *, db_acquire_shared, DbPool *pool, const DbError **error) CLEF_MUST_USE;
#define DB_SHARED_MAX         2u /* of a loop */
#define DB_SHARED_POOL_LEAST  4u /* smaller pools share none: transactions must find a connection */
#define DB_SHARED_PATIENCE_NS INT64_C(10000000)
/* Gives it back; an open transaction is rolled back. */
CLEF_API(void, db_release, DbConnection *c);
/* Connections that are open, and of those, idle. */
CLEF_API(unsigned, db_pool_open, const DbPool *pool) CLEF_PURE;
CLEF_API(unsigned, db_pool_idle, const DbPool *pool) CLEF_PURE;
/* Closes the idle connections: before a fork, or when the database's file was replaced. */
CLEF_API(void, db_pool_close_idle, DbPool *pool);

/*
 * Copies the configs (not their texts). The first is what no alias means, unless one is called "default"; without an
 * alias it is.
 */
CLEF_API(Databases *, databases_create, Arena *parent, const DbConfig *configs, size_t n) CLEF_NONNULL CLEF_MUST_USE;
CLEF_API(void, databases_destroy, Databases *databases);
/* The pool of an alias ("" or the NULL string: the default one); NULL when there is none. */
CLEF_API(DbPool *, databases_pool, Databases *databases, Str alias);
CLEF_API(size_t, databases_count, const Databases *databases) CLEF_PURE;
CLEF_API(DbPool *, databases_at, Databases *databases, size_t i);
CLEF_API(void, databases_close_idle, Databases *databases);

#endif
