/*
 * postgresql_copy.c: rows by COPY FROM STDIN, as texts, so that any column takes them. libpq knows no COPY in pipeline
 * mode: the connection leaves it for that time. What is not sent yet stays small: the server's pace is waited for.
 */
#include "db/postgresql.h"
#include <clef/base/decimal.h>
#include <clef/base/double.h>
#include <clef/codec/json.h>

#include <poll.h>

enum { PIECE = 1 << 15, ROW_MAX = 1 << 30 };

/* --- a row as text: columns between tabs, backslashes before what means something */

static void put_escaped(Buf *b, Str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        char letter = c == '\\' ? '\\' : c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : 0;
        if (CLEF_LIKELY(!letter))
            continue;
        buf_add(b, s.p + from, i - from);
        buf_byte(b, '\\');
        buf_byte(b, letter);
        from = i + 1;
    }
    buf_add(b, s.p + from, s.n - from);
}

static void put_hex(Buf *b, Str s)
{
    static const char digits[] = "0123456789abcdef";
    BUF_LIT(b, "\\\\x");
    if (!buf_reserve(b, 2 * s.n))
        return;
    char *p = b->p + b->n;
    for (size_t i = 0; i < s.n; i++) {
        *p++ = digits[(uint8_t)s.p[i] >> 4];
        *p++ = digits[s.p[i] & 15];
    }
    b->n += 2 * s.n;
}

/* Days apart, as where it is a parameter. */
static void put_interval(Buf *b, int64_t us)
{
    int64_t days = us / US_PER_DAY, rest = us - days * US_PER_DAY;
    Time t = { .us = rest < 0 ? -rest : rest };
    buf_i64(b, days);
    buf_c(b, rest < 0 ? " days -" : " days ");
    buf_time(b, t);
}

static const char *put_value(Buf *b, Value v)
{
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        BUF_LIT(b, "\\N");
        return NULL;
    case VALUE_BOOL:
        buf_byte(b, v.b ? 't' : 'f');
        return NULL;
    case VALUE_INT:
        buf_i64(b, v.i);
        return NULL;
    case VALUE_DOUBLE:
        buf_double(b, v.d);
        return NULL;
    case VALUE_BIGINT:
    case VALUE_DECIMAL:
        if (decimal_is_finite(*v.decimal))
            buf_decimal_plain(b, *v.decimal);
        else
            buf_decimal(b, *v.decimal);
        return NULL;
    case VALUE_STR:
    case VALUE_SAFE:
        if (memchr(v.s.p ? v.s.p : "", 0, v.s.n))
            return "PostgreSQL text fields cannot contain NUL (0x00) bytes";
        put_escaped(b, v.s);
        return NULL;
    case VALUE_BYTES:
        put_hex(b, v.s);
        return NULL;
    case VALUE_DATE:
        buf_date(b, (Date){ (int32_t)v.us });
        return NULL;
    case VALUE_TIME:
        buf_time(b, (Time){ .us = v.us });
        return NULL;
    case VALUE_DATETIME:
        if (v.zone)
            buf_datetime(b, (DateTime){ v.us }, 0);
        else
            buf_naive(b, (NaiveDateTime){ v.us });
        return NULL;
    case VALUE_DURATION:
        put_interval(b, v.us);
        return NULL;
    case VALUE_UUID:
        buf_uuid(b, *v.uuid);
        return NULL;
    case VALUE_LIST:
    case VALUE_MAP: {
        Buf json = BUF_INIT(NULL, ROW_MAX);
        bool ok = json_write(&json, v, (JsonStyle){ .nan = false });
        if (ok)
            put_escaped(b, buf_view(&json));
        buf_finish(&json);
        return ok ? NULL : "a value has a part that JSON cannot hold";
    }
    default:
        return "PostgreSQL has no form for this kind of value";
    }
}

/* --- the connection, out of pipeline mode */

typedef struct Copying {
    DbConnection *c;
    Str sql;
    Buf piece;
    const char *why; /* a value had no form */
    bool lost;
} Copying;

/* What was asked before is answered first. */
static void answer_others(Pg *pg)
{
    while (pg->first && !pg->dead) {
        PgRequest *last = pg->last;
        bool abandoned = last->abandoned;
        last->abandoned = false;
        pg_wait(pg, last);
        if (abandoned)
            pg_request_drop(pg, last);
    }
}

/* All of it is with the system. */
static bool send_all(Pg *pg)
{
    int left;
    while ((left = pg->lib.flush(pg->conn)) == 1)
        pg_wait_turn(pg, true);
    return left == 0;
}

/* The next result; NULL: there is none, or the connection is lost. */
static PGresult *next_result(Copying *copying)
{
    Pg *pg = copying->c->state;
    while (pg->lib.isBusy(pg->conn)) {
        if (!pg->lib.consumeInput(pg->conn)) {
            copying->lost = true;
            return NULL;
        }
        if (!pg->lib.isBusy(pg->conn))
            break;
        struct pollfd p = { .fd = pg->lib.socket(pg->conn), .events = POLLIN };
        if (poll(&p, 1, 0) <= 0)
            pg_wait_turn(pg, false);
    }
    return pg->lib.getResult(pg->conn);
}

static bool send_piece(Copying *copying)
{
    Pg *pg = copying->c->state;
    int sent;
    while ((sent = pg->lib.putCopyData(pg->conn, copying->piece.p, (int)copying->piece.n)) == 0)
        pg_wait_turn(pg, true);
    copying->piece.n = 0;
    copying->lost = sent < 0 || !send_all(pg);
    return !copying->lost;
}

/* False: a value has no form, memory or the connection is gone. */
static bool send_rows(Copying *copying, size_t ncolumns, DbRowsFn *rows, void *arg)
{
    Arena *a = arena_create(copying->c->arena, 0, 1024);
    Value *cells = NEW_ARRAY(a, Value, ncolumns + 1);
    bool ok = true;
    while (ok && rows(arg, cells)) {
        for (size_t i = 0; i < ncolumns && !copying->why; i++) {
            if (i)
                buf_byte(&copying->piece, '\t');
            copying->why = put_value(&copying->piece, cells[i]);
        }
        buf_byte(&copying->piece, '\n');
        if (copying->piece.failed && !copying->why)
            copying->why = "a row is larger than 1 GiB, or memory ran out";
        ok = !copying->why && (copying->piece.n < PIECE || send_piece(copying));
    }
    arena_destroy(a);
    return ok && (!copying->piece.n || send_piece(copying));
}

/* The first complaint among the results that are left; into c->error. */
static bool take_results(Copying *copying, bool failed, int64_t *n)
{
    DbConnection *c = copying->c;
    Pg *pg = c->state;
    PGresult *r;
    while ((r = next_result(copying)) != NULL) {
        bool ok = pg->lib.resultStatus(r) == PGRES_COMMAND_OK;
        if (ok && n)
            (void)!str_to_i64(str_c(pg->lib.cmdTuples(r)), n);
        if (!ok && !failed)
            pg_fail(c, r, copying->sql);
        failed |= !ok;
        pg->lib.clear(r);
    }
    return !failed;
}

static bool begin_copy(Copying *copying)
{
    Pg *pg = copying->c->state;
    if (!pg->lib.sendQueryParams(pg->conn, copying->sql.p, 0, NULL, NULL, NULL, NULL, 0) || !send_all(pg)) {
        copying->lost = true;
        return false;
    }
    PGresult *r = next_result(copying);
    bool ready = r && pg->lib.resultStatus(r) == PGRES_COPY_IN;
    copying->lost = !r;
    if (r && !ready)
        pg_fail(copying->c, r, copying->sql);
    pg->lib.clear(r);
    if (r && !ready)
        take_results(copying, true, NULL);
    return ready;
}

bool pg_copy(DbConnection *c, Str table, const Str *columns, size_t ncolumns, DbRowsFn *rows, void *arg, int64_t *n)
{
    Pg *pg = c->state;
    Arena *a = arena_create(c->arena, 0, 1024);
    Buf text = BUF_INIT(a, 1 << 16);
    if (pg->dead) {
        arena_destroy(a);
        return pg_fail_gone(c, (Str){ 0 });
    }
    buf_printf(&text, "COPY %.*s (", STR_FMT(table));
    for (size_t i = 0; i < ncolumns; i++)
        buf_printf(&text, "%s%.*s", i ? ", " : "", STR_FMT(columns[i]));
    BUF_LIT(&text, ") FROM STDIN");
    Copying copying = { .c = c, .piece = BUF_INIT(a, ROW_MAX) }; /* the arena's: rows may leave by a jump */
    copying.sql = str_from(str_dup_c(a, buf_view(&text)), text.n);
    c->error.kind = DB_ERROR_NONE;
    answer_others(pg);
    bool ok = false;
    if (!pg->dead && pg->lib.exitPipelineMode(pg->conn)) {
        pg->copying = true;
        ok = begin_copy(&copying);
        if (ok) {
            bool sent = send_rows(&copying, ncolumns, rows, arg);
            const char *reason = sent ? NULL : copying.why ? copying.why : "it was given up";
            if (!copying.lost && (pg->lib.putCopyEnd(pg->conn, reason) < 0 || !send_all(pg)))
                copying.lost = true;
            if (copying.why)
                db_fail(c, &(DbError){ .kind = DB_ERROR_DATA, .message = str_c(copying.why), .sql = copying.sql });
            ok = !copying.lost && take_results(&copying, copying.why != NULL, n);
        }
        pg->copying = false;
        copying.lost |= !pg->lib.enterPipelineMode(pg->conn);
    } else {
        copying.lost = true;
    }
    if (copying.lost && !pg->dead)
        pg_gone(pg, pg->lib.errorMessage(pg->conn));
    if (copying.lost)
        pg_fail_gone(c, copying.sql);
    arena_destroy(a);
    return ok && !copying.lost;
}
