/*
 * mysql_faults.c: functions of Connector/C that fail when a test says so. They stand in the driver's table in builds
 * for tests.
 */
#include "base/fault.h"
#include "db/library.h"
#include "db/mysql.h"

#if CLEF_FAULTS

/* The same call, or its failure. */
#define FAILING(type, f, failure, parameters, arguments)                                     \
    static type failing_##f parameters                                                       \
    {                                                                                        \
        __typeof__(f) *real = NULL;                                                          \
        void *found = fault_fails(FAULT_DATABASE) ? NULL : library_function(MY_LIBRARY, #f); \
        memcpy(&real, &found, sizeof real);                                                  \
        return real ? real arguments : (failure);                                            \
    }
/* Of a call that does not block: the failure is its result, and there is nothing to wait for. */
#define DONE_WITH(value) (*result = (value), 0)

FAILING(MYSQL *, mysql_init, NULL, (MYSQL * db), (db))
FAILING(MYSQL *, mysql_real_connect, NULL,
        (MYSQL * db, const char *host, const char *user, const char *password, const char *name, unsigned port,
         const char *socket, unsigned long flags),
        (db, host, user, password, name, port, socket, flags))
FAILING(int, mysql_real_query_start, DONE_WITH(1), (int *result, MYSQL *db, const char *text, unsigned long n),
        (result, db, text, n))
FAILING(int, mysql_store_result_start, DONE_WITH(NULL), (MYSQL_RES * *result, MYSQL *db), (result, db))
FAILING(MYSQL_STMT *, mysql_stmt_init, NULL, (MYSQL * db), (db))
FAILING(int, mysql_stmt_prepare_start, DONE_WITH(1), (int *result, MYSQL_STMT *s, const char *text, unsigned long n),
        (result, s, text, n))
FAILING(int, mysql_stmt_execute_start, DONE_WITH(1), (int *result, MYSQL_STMT *s), (result, s))
FAILING(int, mysql_stmt_store_result_start, DONE_WITH(1), (int *result, MYSQL_STMT *s), (result, s))
FAILING(int, mysql_stmt_fetch_start, DONE_WITH(1), (int *result, MYSQL_STMT *s), (result, s))
FAILING(my_bool, mysql_stmt_bind_param, 1, (MYSQL_STMT * s, MYSQL_BIND *binds), (s, binds))
FAILING(my_bool, mysql_stmt_bind_result, 1, (MYSQL_STMT * s, MYSQL_BIND *binds), (s, binds))
FAILING(MYSQL_RES *, mysql_stmt_result_metadata, NULL, (MYSQL_STMT * s), (s))

void my_library_faults(MyLibrary *lib)
{
    lib->mysql_init = failing_mysql_init;
    lib->mysql_real_connect = failing_mysql_real_connect;
    lib->mysql_real_query_start = failing_mysql_real_query_start;
    lib->mysql_store_result_start = failing_mysql_store_result_start;
    lib->mysql_stmt_init = failing_mysql_stmt_init;
    lib->mysql_stmt_prepare_start = failing_mysql_stmt_prepare_start;
    lib->mysql_stmt_execute_start = failing_mysql_stmt_execute_start;
    lib->mysql_stmt_store_result_start = failing_mysql_stmt_store_result_start;
    lib->mysql_stmt_fetch_start = failing_mysql_stmt_fetch_start;
    lib->mysql_stmt_bind_param = failing_mysql_stmt_bind_param;
    lib->mysql_stmt_bind_result = failing_mysql_stmt_bind_result;
    lib->mysql_stmt_result_metadata = failing_mysql_stmt_result_metadata;
}

#endif
