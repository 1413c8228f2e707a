/* mysql_absent.c: the drivers of a build without the headers of Connector/C. */
#include "db/absent.h"
#include <clef/db/mysql.h>

const DbDriver mysql_driver = ABSENT_DRIVER("mysql", "MySQL");
const DbDriver mariadb_driver = ABSENT_DRIVER("mariadb", "MariaDB");
