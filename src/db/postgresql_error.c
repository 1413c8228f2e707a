/* postgresql_error.c: SQLSTATEs as kinds, tables, columns and constraints. */
#include "db/postgresql.h"

static DbErrorKind kind_of(const char *state)
{
    static const struct {
        const char *state; /* or its first letters */
        DbErrorKind kind;
    } kinds[] = {
        { "23505", DB_ERROR_UNIQUE },      { "23502", DB_ERROR_NOT_NULL },
        { "23503", DB_ERROR_FOREIGN_KEY }, { "23001", DB_ERROR_FOREIGN_KEY },
        { "23P01", DB_ERROR_EXCLUSION },   { "23", DB_ERROR_CHECK },
        { "40P01", DB_ERROR_DEADLOCK },    { "40001", DB_ERROR_SERIALIZATION },
        { "55P03", DB_ERROR_BUSY },        { "57014", DB_ERROR_TIMEOUT },
        { "25P02", DB_ERROR_ABORTED },     { "25006", DB_ERROR_READ_ONLY },
        { "25P03", DB_ERROR_CONNECTION },  { "42P01", DB_ERROR_NO_TABLE },
        { "3F000", DB_ERROR_NO_TABLE },    { "42703", DB_ERROR_NO_COLUMN },
        { "42501", DB_ERROR_OTHER },       { "42", DB_ERROR_SYNTAX },
        { "0A", DB_ERROR_SYNTAX },         { "22", DB_ERROR_DATA },
        { "54", DB_ERROR_DATA },           { "08", DB_ERROR_CONNECTION },
        { "28", DB_ERROR_CONNECTION },     { "3D", DB_ERROR_CONNECTION },
        { "57P", DB_ERROR_CONNECTION },    { "53300", DB_ERROR_CONNECTION },
        { "53100", DB_ERROR_FULL },        { "53200", DB_ERROR_MEMORY },
        { "XX001", DB_ERROR_CORRUPT },     { "XX002", DB_ERROR_CORRUPT },
    };
    for (size_t i = 0; state && i < CLEF_COUNT(kinds); i++)
        if (str_starts(str_c(state), str_c(kinds[i].state)))
            return kinds[i].kind;
    return DB_ERROR_OTHER;
}

static Str text_of(const char *text) { return text ? str_c(text) : (Str){ 0 }; }

/* "Key (slug, day)=(a, b) already exists." */
static Str columns_of(Str detail)
{
    size_t end = str_find(detail, STR(")=("));
    if (!str_starts(detail, STR("Key (")) || end == STR_NPOS)
        return (Str){ 0 };
    return str_slice(detail, 5, end);
}

bool pg_fail(DbConnection *c, const PGresult *r, Str sql)
{
    const PgLibrary *q = &((Pg *)c->state)->lib;
    PgComplaint what = { .state = q->resultErrorField(r, PG_DIAG_SQLSTATE),
                         .message = q->resultErrorField(r, PG_DIAG_MESSAGE_PRIMARY),
                         .detail = q->resultErrorField(r, PG_DIAG_MESSAGE_DETAIL),
                         .table = q->resultErrorField(r, PG_DIAG_TABLE_NAME),
                         .column = q->resultErrorField(r, PG_DIAG_COLUMN_NAME),
                         .constraint = q->resultErrorField(r, PG_DIAG_CONSTRAINT_NAME) };
    if (!what.message)
        what.message = q->resultErrorMessage(r);
    return pg_fail_of(c, &what, sql);
}

bool pg_fail_of(DbConnection *c, const PgComplaint *what, Str sql)
{
    const char *state = what->state;
    Str message = str_trim(text_of(what->message)), detail = text_of(what->detail), column = text_of(what->column);
    DbError e = {
        .kind = kind_of(state), .sql = sql, .table = text_of(what->table), .constraint = text_of(what->constraint)
    };
    e.columns = column.n ? column : columns_of(detail);
    Arena *scratch = arena_create(c->arena, 0, 1024);
    e.message = detail.n ? str_format(scratch, "%.*s: %.*s", STR_FMT(message), STR_FMT(detail)) : message;
    if (e.kind == DB_ERROR_NO_TABLE && !e.table.n) { /* relation "x" does not exist */
        size_t begin = str_find_byte(message, '"'), end = str_rfind_byte(message, '"');
        if (begin != STR_NPOS && end > begin)
            e.table = str_slice(message, begin + 1, end);
    }
    /* Five letters and digits: as a number of base 36. */
    for (const char *s = state; s && *s; s++)
        e.code = e.code * 36 + (*s <= '9' ? *s - '0' : *s - 'A' + 10);
    db_fail(c, &e);
    arena_destroy(scratch);
    return false;
}

bool pg_fail_gone(DbConnection *c, Str sql)
{
    Pg *pg = c->state;
    return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION, .message = str_c(pg->gone), .sql = sql });
}
