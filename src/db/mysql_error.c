/* mysql_error.c: the codes of MariaDB and MySQL as kinds, tables, columns and constraints. */
#include "db/mysql.h"

static DbErrorKind kind_of(unsigned code)
{
    switch (code) {
    case 1062: /* duplicate entry */
    case 1557:
    case 1586:
    case 1859:
        return DB_ERROR_UNIQUE;
    case 1048:
    case 1364:
    case 1263:
    case 1138:
        return DB_ERROR_NOT_NULL;
    case 1216:
    case 1217:
    case 1451:
    case 1452:
        return DB_ERROR_FOREIGN_KEY;
    case 3819:
    case 4025:
        return DB_ERROR_CHECK;
    case 1213:
        return DB_ERROR_DEADLOCK;
    case 1020: /* the row has changed since it was read */
        return DB_ERROR_SERIALIZATION;
    case 1205:
    case 3572:
        return DB_ERROR_BUSY;
    case 1317:
    case 1969:
    case 3024:
        return DB_ERROR_TIMEOUT;
    case 1051:
    case 1146:
        return DB_ERROR_NO_TABLE;
    case 1054:
        return DB_ERROR_NO_COLUMN;
    case 1290:
    case 1792:
    case 1836:
        return DB_ERROR_READ_ONLY;
    case 1021:
    case 1114:
        return DB_ERROR_FULL;
    case 1037:
    case 1038:
    case 1041:
    case 2008:
        return DB_ERROR_MEMORY;
    case 1034:
    case 1194:
    case 1712:
        return DB_ERROR_CORRUPT;
    case 1040:
    case 1042:
    case 1043:
    case 1044:
    case 1045:
    case 1049:
    case 1053:
    case 1080:
    case 1129:
    case 1130:
    case 1152:
    case 1158:
    case 1159:
    case 1160:
    case 1161:
    case 1203:
    case 1226:
    case 1698:
    case 1927:
    case 4031:
        return DB_ERROR_CONNECTION;
    case 1153:
    case 1264:
    case 1265:
    case 1292:
    case 1365:
    case 1366:
    case 1367:
    case 1406:
    case 1411:
    case 1416:
    case 1425:
    case 1426:
    case 1690:
    case 3140:
    case 4038:
        return DB_ERROR_DATA;
    case 1064:
    case 1096:
    case 1111:
    case 1149:
    case 1210:
    case 1241:
    case 1242:
    case 1235:
    case 1305:
    case 1582:
        return DB_ERROR_SYNTAX;
    default:
        return code >= 2000 && code < 3000 && code != 2057 ? DB_ERROR_CONNECTION : DB_ERROR_OTHER;
    }
}

/* What stands between the n-th pair (from 0) of this quote. */
static Str quoted(Str text, char quote, unsigned n)
{
    for (;; n--) {
        size_t begin = str_find_byte(text, quote);
        if (begin == STR_NPOS)
            return (Str){ 0 };
        text = str_from_byte(text, begin + 1);
        size_t end = str_find_byte(text, quote);
        if (end == STR_NPOS)
            return (Str){ 0 };
        if (n == 0)
            return str_slice(text, 0, end);
        text = str_from_byte(text, end + 1);
    }
}

static Str behind(Str text, const char *what, char quote)
{
    size_t at = str_find(text, str_c(what));
    return at == STR_NPOS ? (Str){ 0 } : quoted(str_from_byte(text, at), quote, 0);
}

static Str last_part(Str name)
{
    size_t dot = str_rfind_byte(name, '.');
    return dot == STR_NPOS ? name : str_from_byte(name, dot + 1);
}

bool my_fail(DbConnection *c, unsigned code, const char *message, Str sql)
{
    Str text = str_c(message && *message ? message : "the connection to the server was lost");
    char quote = str_contains(text, STR("CONSTRAINT \"")) ? '"' : '`'; /* as the session writes names */
    DbError e = { .kind = kind_of(code), .code = (int)code, .message = text, .sql = sql };
    switch (e.kind) {
    case DB_ERROR_UNIQUE: { /* Duplicate entry 'a' for key 'name' */
        size_t at = str_find(text, STR(" for key "));
        while (at != STR_NPOS && str_find(str_from_byte(text, at + 1), STR(" for key ")) != STR_NPOS)
            at += 1 + str_find(str_from_byte(text, at + 1), STR(" for key "));
        e.constraint = at == STR_NPOS ? (Str){ 0 } : last_part(quoted(str_from_byte(text, at), '\'', 0));
        break;
    }
    case DB_ERROR_NOT_NULL: /* Column 'a' cannot be null */
        e.columns = quoted(text, '\'', 0);
        break;
    case DB_ERROR_FOREIGN_KEY: /* (`db`.`t`, CONSTRAINT `name` FOREIGN KEY (`a`) ... */
        e.table = quoted(text, quote, 1);
        e.constraint = behind(text, "CONSTRAINT ", quote);
        e.columns = behind(text, "FOREIGN KEY ", quote);
        break;
    case DB_ERROR_CHECK: /* CONSTRAINT `t.name` failed for `db`.`t` */
        e.constraint = last_part(behind(text, "CONSTRAINT ", quote));
        e.table = last_part(quoted(text, quote, 2));
        break;
    case DB_ERROR_NO_TABLE: /* Table 'db.t' doesn't exist */
        e.table = last_part(quoted(text, '\'', 0));
        break;
    case DB_ERROR_NO_COLUMN:
        e.columns = last_part(quoted(text, '\'', 0));
        break;
    default:
        break;
    }
    return db_fail(c, &e);
}
