#include "db/absent.h"
#include <clef/db/postgresql.h>

bool absent_open(DbConnection *c)
{
    const char *package = c->driver == &postgresql_driver ? "libpq-dev" : "libmariadb-dev";
    return db_fail(
        c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                       .message = str_format(c->arena, "this build of Clef has no %s: build it where %s is installed",
                                             c->driver->display_name, package) });
}

void absent_close(DbConnection *c) { (void)c; }

bool absent_query(DbCursor *cursor, Str sql, const Value *params, size_t n)
{
    (void)sql, (void)params, (void)n;
    return absent_open(cursor->connection);
}

Str absent_begin(const DbConnection *c)
{
    (void)c;
    return STR("BEGIN");
}

bool absent_in_transaction(const DbConnection *c)
{
    (void)c;
    return false;
}
