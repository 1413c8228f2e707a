/* servers.h: databases on the servers that tests/with-databases has started. */
#ifndef TESTS_DB_SERVERS_H
#define TESTS_DB_SERVERS_H

#include <clef/base.h>
#include <clef/db.h>
#include <clef/rt.h>
#include <clef/test.h>

/* A database of the test's own on this kind of server, dropped at its end. The test is skipped where there is none. */
DbConfig test_database(const char *vendor);
/* One more option of it. */
void test_database_option(DbConfig *config, const char *name, const char *value);

/* A connection to a database of the test's own. */
DbConnection *test_open(const char *vendor, DbConfig *config);
/* Runs it; what goes wrong is a failed check. */
void test_run(DbConnection *c, const char *sql);
/* The first cell of the first row. */
Value test_one(DbConnection *c, const char *sql, const Value *params, size_t n);
/* Eight fibers that run this statement, of 0.2 s, at once. */
void test_waits_park(const char *vendor, const char *sql);

#endif
