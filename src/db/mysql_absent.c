/* mysql_absent.c: the drivers of a build without the headers of Connector/C: they say so. */
#include <clef/db/connection.h>
#include <clef/db/mysql.h>

static bool absent_open(DbConnection *c)
{
    return db_fail(
        c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                       .message = STR("this build of Clef has no MariaDB and MySQL: build it where libmariadb-dev is "
                                      "installed") });
}
static void absent_close(DbConnection *c) { (void)c; }
static bool absent_query(DbCursor *cursor, Str sql, const Value *params, size_t n)
{
    (void)sql, (void)params, (void)n;
    return absent_open(cursor->connection);
}
static Str absent_begin(const DbConnection *c)
{
    (void)c;
    return STR("START TRANSACTION");
}
static bool absent_in_transaction(const DbConnection *c)
{
    (void)c;
    return false;
}

const DbDriver mysql_driver = {
    .vendor = "mysql",
    .display_name = "MySQL",
    .pool_size = 1,
    .max_parameters = 65535,
    .open = absent_open,
    .close = absent_close,
    .query = absent_query,
    .begin = absent_begin,
    .in_transaction = absent_in_transaction,
};

const DbDriver mariadb_driver = {
    .vendor = "mariadb",
    .display_name = "MariaDB",
    .pool_size = 1,
    .max_parameters = 65535,
    .open = absent_open,
    .close = absent_close,
    .query = absent_query,
    .begin = absent_begin,
    .in_transaction = absent_in_transaction,
};
