/*
 * mysql.h: the driver for MariaDB 10.6 and newer, and MySQL 8, by MariaDB's Connector/C, which a process loads when it
 * opens its first connection. Two names for one driver: they differ in the SQL that the orm writes for them. Statements
 * are prepared once for each connection and kept by their text; a fiber that waits for the server is parked.
 *
 * Sessions are in utf8mb4 and in UTC, with READ COMMITTED as Django has it, in strict mode, and with ANSI_QUOTES,
 * PIPES_AS_CONCAT and NO_BACKSLASH_ESCAPES: "name", 'text', a || b, as on the other databases. An UPDATE counts the
 * rows that it found, changed or not.
 *
 * Options:
 *   connect_timeout, read_timeout    seconds, "10" and none
 *   isolation_level      read committed (also: repeatable read, serializable, read uncommitted)
 *   sql_mode             more modes, separated by commas
 *   statement_timeout    milliseconds that a statement may take
 *   lock_timeout         seconds to wait for a lock
 *   unix_socket          its path (a host that is a path is one too)
 *   ssl_ca, ssl_cert, ssl_key, ssl_mode (REQUIRED, VERIFY_IDENTITY)
 *   cached_statements    "128"
 *   init_command         SQL that each new connection runs
 */
#ifndef CLEF_DB_MYSQL_H
#define CLEF_DB_MYSQL_H

#include <clef/db/driver.h>

CLEF_DATA(const DbDriver, mysql_driver);
CLEF_DATA(const DbDriver, mariadb_driver);

#endif
