/* db.h: connections, pools and drivers of databases. */
#ifndef CLEF_DB_H
#define CLEF_DB_H

#include <clef/db/config.h>
#include <clef/db/connection.h>
#include <clef/db/driver.h>
#include <clef/db/error.h>
#include <clef/db/mysql.h>
#include <clef/db/pool.h>
#include <clef/db/postgresql.h>
#include <clef/db/sqlite.h>

#endif
