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

#endif
