/* copy.c: many rows at once: by the driver's own way where it has one, else by INSERTs of many rows in one transaction. */
#include <clef/base/vec.h>
#include <clef/db/connection.h>
#include <clef/rt/loop.h>

enum { ROWS_OF_INSERT = 100, INSERT_SQL_MAX = 1 << 20 };

typedef struct Inserting {
    DbConnection *c;
    Arena *arena, *rows; /* of the texts; of the values of the next INSERT */
    Str begin, row;      /* INSERT INTO t (a, b) VALUES; (?, ?) */
    size_t ncolumns, most;
    Value *values;
} Inserting;

static Str text_of_insert(const Inserting *in, size_t nrows)
{
    Buf b = BUF_INIT(in->arena, INSERT_SQL_MAX);
    buf_str(&b, in->begin);
    for (size_t i = 0; i < nrows; i++) {
        buf_c(&b, i ? ", " : " ");
        buf_str(&b, in->row);
    }
    return buf_view(&b);
}

static bool insert_all(Inserting *in, DbRowsFn *rows, void *arg, int64_t *n)
{
    Value *cells = NEW_ARRAY(in->arena, Value, in->ncolumns + 1);
    Str whole = text_of_insert(in, in->most);
    bool more = true;
    while (more) {
        size_t have = 0;
        arena_reset(in->rows);
        while (have < in->most && (more = rows(arg, cells))) {
            for (size_t i = 0; i < in->ncolumns; i++)
                in->values[have * in->ncolumns + i] = value_copy(in->rows, cells[i]);
            have++;
        }
        if (!have)
            break;
        DbDone done;
        Str sql = have == in->most ? whole : text_of_insert(in, have);
        if (!db_execute(in->c, sql, in->values, have * in->ncolumns, &done))
            return false;
        *n += done.changes;
    }
    return true;
}

static bool insert_rows(DbConnection *c, Str table, const Str *columns, size_t ncolumns, DbRowsFn *rows, void *arg,
                        int64_t *n)
{
    Inserting in = { .c = c, .arena = arena_create(c->arena, 0, 0), .ncolumns = ncolumns };
    in.rows = arena_create(in.arena, 0, 0);
    in.most = c->driver->max_parameters / (ncolumns ? ncolumns : 1);
    in.most = in.most > ROWS_OF_INSERT ? ROWS_OF_INSERT : in.most ? in.most : 1;
    in.values = NEW_ARRAY(in.arena, Value, in.most * ncolumns + 1);
    Buf begin = BUF_INIT(in.arena, INSERT_SQL_MAX), row = BUF_INIT(in.arena, INSERT_SQL_MAX);
    buf_printf(&begin, "INSERT INTO %.*s (", STR_FMT(table));
    buf_byte(&row, '(');
    for (size_t i = 0; i < ncolumns; i++) {
        buf_printf(&begin, "%s%.*s", i ? ", " : "", STR_FMT(columns[i]));
        buf_c(&row, i ? ", ?" : "?");
    }
    BUF_LIT(&begin, ") VALUES");
    buf_byte(&row, ')');
    in.begin = buf_view(&begin);
    in.row = buf_view(&row);
    bool mine = !c->transaction, ok = !mine || db_begin(c);
    if (ok) {
        ok = insert_all(&in, rows, arg, n) && (!mine || db_commit(c));
        if (!ok && mine) {
            Arena *kept = arena_create(c->arena, 0, 512); /* the rollback empties the error */
            DbError e = db_error_copy(kept, &c->error);
            db_rollback(c);
            db_fail(c, &e);
            arena_destroy(kept);
        }
    }
    arena_destroy(in.arena);
    return ok;
}

bool db_copy(DbConnection *c, Str table, const Str *columns, size_t ncolumns, DbRowsFn *rows, void *arg, int64_t *n)
{
    int64_t count = 0;
    if (n)
        *n = 0;
    if (CLEF_UNLIKELY(c->broken))
        return db_fail(c, &(DbError){ .kind = DB_ERROR_CONNECTION,
                                      .message = STR("the connection was lost; the next statement gets a new one") });
    if (!c->driver->copy || c->shared) {
        if (!insert_rows(c, table, columns, ncolumns, rows, arg, &count))
            return false;
        if (n)
            *n = count;
        return true;
    }
    int64_t began = c->on_query ? loop_clock() : 0;
    if (c->driver->begin_later && c->driver->begin_later(c, false) &&
        !db_execute(c, c->driver->begin(c), NULL, 0, NULL))
        return false;
    c->copying = true;
    bool ok = c->driver->copy(c, table, columns, ncolumns, rows, arg, &count);
    c->copying = false;
    if (c->on_query) {
        Arena *a = arena_create(c->arena, 0, 512);
        DbQueryEvent event = { .connection = c,
                               .sql = str_format(a, "COPY %.*s FROM STDIN", STR_FMT(table)),
                               .duration_ns = loop_clock() - began,
                               .error = ok ? NULL : &c->error };
        c->on_query(c->on_query_arg, &event);
        arena_destroy(a);
    }
    if (n)
        *n = count;
    return ok;
}
