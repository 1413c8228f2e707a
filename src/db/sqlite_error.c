/* sqlite_error.c: SQLite's codes and sentences as kinds, tables and columns. */
#include "db/sqlite.h"

static DbErrorKind kind_of(int code, Str message)
{
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return DB_ERROR_UNIQUE;
    case SQLITE_CONSTRAINT_NOTNULL:
        return DB_ERROR_NOT_NULL;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return DB_ERROR_FOREIGN_KEY;
    case SQLITE_BUSY_SNAPSHOT:
        return DB_ERROR_SERIALIZATION;
    }
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
        return DB_ERROR_CHECK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return DB_ERROR_BUSY;
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
    case SQLITE_PERM:
        return DB_ERROR_CONNECTION;
    case SQLITE_READONLY:
        return DB_ERROR_READ_ONLY;
    case SQLITE_FULL:
        return DB_ERROR_FULL;
    case SQLITE_IOERR: /* the file that readers and writers share has no room on a full disk either */
        return code == SQLITE_IOERR_SHMSIZE ? DB_ERROR_FULL : DB_ERROR_OTHER;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return DB_ERROR_CORRUPT;
    case SQLITE_NOMEM:
        return DB_ERROR_MEMORY;
    case SQLITE_INTERRUPT: /* by the option "statement_timeout" */
        return DB_ERROR_TIMEOUT;
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
        return DB_ERROR_DATA;
    case SQLITE_ERROR:
        return str_starts(message, STR("no such table: ")) ? DB_ERROR_NO_TABLE
               : str_starts(message, STR("no such column: ")) || str_contains(message, STR("has no column named"))
                   ? DB_ERROR_NO_COLUMN
                   : DB_ERROR_SYNTAX;
    default:
        return DB_ERROR_OTHER;
    }
}

/* "UNIQUE constraint failed: blog_post.slug, blog_post.day" or "...: index 'name'". */
static void read_constraint(Arena *a, Str message, DbError *e)
{
    size_t at = str_find(message, STR(" failed: "));
    if (at == STR_NPOS)
        return;
    Str rest = str_from_byte(message, at + 9), column;
    if (e->kind == DB_ERROR_CHECK || str_starts(rest, STR("index '"))) {
        e->constraint = str_starts(rest, STR("index '")) ? str_trim_set(str_from_byte(rest, 6), STR("'")) : rest;
        return;
    }
    Buf b = BUF_INIT(a, 1 << 16);
    while (str_cut(&rest, ',', &column)) {
        column = str_trim(column);
        size_t dot = str_rfind_byte(column, '.');
        if (dot == STR_NPOS)
            continue;
        e->table = str_slice(column, 0, dot);
        if (b.n)
            BUF_LIT(&b, ", ");
        buf_str(&b, str_from_byte(column, dot + 1));
    }
    e->columns = buf_view(&b);
}

bool sqlite_fail(DbConnection *c, int code, Str sql)
{
    Sqlite *s = c->state;
    Str message =
        str_c(s->db && sqlite3_extended_errcode(s->db) == code ? sqlite3_errmsg(s->db) : sqlite3_errstr(code));
    DbError e = { .kind = kind_of(code, message), .code = code, .message = message, .sql = sql };
    Arena *scratch = arena_create(c->arena, 0, 1024);
    if (db_error_is_integrity(e.kind))
        read_constraint(scratch, message, &e);
    else if (e.kind == DB_ERROR_NO_TABLE)
        e.table = str_from_byte(message, sizeof "no such table: " - 1);
    else if (e.kind == DB_ERROR_NO_COLUMN && str_starts(message, STR("no such column: ")))
        e.columns = str_from_byte(message, sizeof "no such column: " - 1);
    else
        e.message = sqlite_explain(scratch, code, message, c->config->name);
    db_fail(c, &e);
    arena_destroy(scratch);
    return false;
}
