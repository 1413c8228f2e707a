/* absent.h: drivers of a build without the headers of their client library: they say so. */
#ifndef DB_ABSENT_H
#define DB_ABSENT_H

#include <clef/db/connection.h>

CLEF_PRIVATE(bool, absent_open, DbConnection *c);
CLEF_PRIVATE(void, absent_close, DbConnection *c);
CLEF_PRIVATE(bool, absent_query, DbCursor *cursor, Str sql, const Value *params, size_t n);
CLEF_PRIVATE(Str, absent_begin, const DbConnection *c);
CLEF_PRIVATE(bool, absent_in_transaction, const DbConnection *c);

#define ABSENT_DRIVER(vendor_, display_name_)                                                          \
    {                                                                                                  \
        .vendor = (vendor_), .display_name = (display_name_), .pool_size = 1, .max_parameters = 65535, \
        .open = absent_open, .close = absent_close, .query = absent_query, .begin = absent_begin,      \
        .in_transaction = absent_in_transaction,                                                       \
    }

#endif
