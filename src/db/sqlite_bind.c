/* sqlite_bind.c: from boxed values to SQLite's, in the forms in which Django stores them. */
#include "db/sqlite.h"
#include <clef/base/decimal.h>

static int bind_text(sqlite3_stmt *stmt, int at, const char *p, size_t n)
{
    return sqlite3_bind_text64(stmt, at, p, n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* "2026-01-15 10:20:30" and, when it is not 0, ".000123". */
static int bind_instant(sqlite3_stmt *stmt, int at, int64_t us)
{
    char text[DATETIME_TEXT_MAX];
    return bind_text(stmt, at, text, naive_format_iso((NaiveDateTime){ us }, ' ', text));
}

/* With all its digits: SQLite's columns of type decimal turn the text into a number when that loses nothing. */
static int bind_decimal(DbConnection *c, sqlite3_stmt *stmt, int at, const Decimal *d)
{
    Buf b = BUF_INIT(NULL, 1 << 20);
    bool ok = decimal_is_finite(*d) ? buf_decimal_plain(&b, *d) : buf_decimal(&b, *d);
    (void)c;
    int code = ok ? bind_text(stmt, at, b.p, b.n) : SQLITE_TOOBIG;
    buf_finish(&b);
    return code;
}

static int bind_uuid(sqlite3_stmt *stmt, int at, const Uuid *u)
{
    static const char digits[] = "0123456789abcdef";
    char text[32];
    for (size_t i = 0; i < 16; i++) {
        text[2 * i] = digits[u->b[i] >> 4];
        text[2 * i + 1] = digits[u->b[i] & 15];
    }
    return bind_text(stmt, at, text, sizeof text);
}

int sqlite_bind(DbConnection *c, sqlite3_stmt *stmt, int at, Value v)
{
    char text[DATETIME_TEXT_MAX];
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        return sqlite3_bind_null(stmt, at);
    case VALUE_BOOL:
        return sqlite3_bind_int(stmt, at, v.b);
    case VALUE_INT:
    case VALUE_DURATION:
        return sqlite3_bind_int64(stmt, at, v.i);
    case VALUE_DOUBLE:
        return sqlite3_bind_double(stmt, at, v.d);
    case VALUE_BIGINT:
    case VALUE_DECIMAL:
        return bind_decimal(c, stmt, at, v.decimal);
    case VALUE_STR:
    case VALUE_SAFE:
        return sqlite3_bind_text64(stmt, at, v.s.p ? v.s.p : "", v.s.n, SQLITE_STATIC, SQLITE_UTF8);
    case VALUE_BYTES:
        return sqlite3_bind_blob64(stmt, at, v.s.p ? v.s.p : "", v.s.n, SQLITE_STATIC);
    case VALUE_DATE:
        date_format_iso((Date){ (int32_t)v.us }, text);
        return bind_text(stmt, at, text, DATE_TEXT_LEN);
    case VALUE_TIME:
        return bind_text(stmt, at, text, time_format_iso((Time){ .us = v.us }, text));
    case VALUE_DATETIME:
        return bind_instant(stmt, at, v.us);
    case VALUE_UUID:
        return bind_uuid(stmt, at, v.uuid);
    default:
        return SQLITE_MISMATCH;
    }
}
