/*
 * postgresql.h: the driver for PostgreSQL 12 and newer, by libpq (15 or newer), which a process loads when it opens its
 * first connection. Statements are prepared once for each connection and kept by their text; parameters and results
 * travel in binary where PostgreSQL has a form for them. A fiber that waits for the server is parked. Sessions are in
 * UTF-8 and in UTC.
 *
 * An idle connection whose server went away is noticed and not used again. A statement that was running then fails with
 * DB_ERROR_CONNECTION; the next one gets a new connection.
 *
 * Placeholders are `?` as everywhere; an operator with a question mark is written `??`. Texts and NULLs are sent without a
 * type, so that PostgreSQL takes that of their place; write a cast where it has none (`?::text`).
 *
 * Options are libpq's parameters (sslmode, sslrootcert, connect_timeout, application_name, service, keepalives, ...) and:
 *   connect_timeout      seconds, "10"
 *   statement_timeout    milliseconds that a statement may take; absent: the server's setting
 *   lock_timeout         milliseconds to wait for a lock
 *   isolation_level      READ COMMITTED, REPEATABLE READ or SERIALIZABLE
 *   cached_statements    "128"
 *   result_limit         bytes that the rows of one statement may take on a connection that fibers share, "268435456"; past it the
 *                        statement is cancelled, DB_ERROR_MEMORY. What is streamed has no such limit.
 *   assume_role          SET ROLE after connecting
 *   init_command         SQL that each new connection runs
 */
#ifndef CLEF_DB_POSTGRESQL_H
#define CLEF_DB_POSTGRESQL_H

#include <clef/db/driver.h>

#define DB_RESULT_LIMIT (INT64_C(256) << 20)

CLEF_DATA(const DbDriver, postgresql_driver);

#endif
