/*
 * sqlite.h: the driver for SQLite 3, by libsqlite3. Connections use write-ahead logging and enforce foreign keys; prepared
 * statements are cached by their text. What another connection has locked is tried again while the fiber sleeps, up to
 * the time-out: the loop is never blocked by a lock. Transactions begin IMMEDIATE, so that a transaction that reads first
 * and writes later cannot fail half-way for a stale snapshot.
 *
 * Options (Django's OPTIONS where it has them):
 *   timeout            seconds to wait for a lock, "5"
 *   statement_timeout  milliseconds after which a statement is ended, DB_ERROR_TIMEOUT; waits for locks are in them; "0": never
 *   transaction_mode   IMMEDIATE, DEFERRED or EXCLUSIVE
 *   journal_mode       WAL
 *   synchronous        FULL; NORMAL may lose the newest commits when the power fails, and never corrupts
 *   cached_statements  "128"
 *   init_command       SQL that each new connection runs
 */
#ifndef CLEF_DB_SQLITE_H
#define CLEF_DB_SQLITE_H

#include <clef/db/driver.h>

CLEF_DATA(const DbDriver, sqlite_driver);

#endif
