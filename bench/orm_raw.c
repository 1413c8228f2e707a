/*
 * orm_raw.c: the yardstick of `./dev bench orm`: the same answers as orm_site.c by hand, on the same HTTP core, straight on
 * libsqlite3 and libpq. Statements are prepared once; PostgreSQL has one connection in pipeline mode, binary results, and a
 * Sync for each request.
 *
 *     orm_raw PORT sqlite FILE | postgresql CONNINFO
 */
#include <clef/base.h>
#include <clef/net.h>
#include <clef/rt.h>

#include <libpq-fe.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { WORLDS = 10000, FIRST = 10001, QUERIES = 20, UPDATES = 5, BULK = 100000, LISTED = 100, MOST = 32 };

static const char *const statements[] = {
    "SELECT id, number FROM world WHERE id = ",
    "SELECT id, name, category, price, stock, weight, active, created FROM item ORDER BY id LIMIT 100",
    "SELECT id, message FROM fortune",
    "UPDATE world SET number = ",
    "INSERT INTO loaded (name, price, created) VALUES ",
};
enum { ONE, LIST, FORTUNES, UPDATE, INSERT, STATEMENTS };

static uint32_t next_random(void)
{
    static uint32_t state = 2463534242u;
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    return state;
}
static int32_t some_key(void) { return (int32_t)(FIRST + next_random() % WORLDS); }
static int32_t some_number(void) { return (int32_t)(10000 + next_random() % 90000); }

static void stop(const char *what)
{
    fprintf(stderr, "orm_raw: %s\n", what);
    exit(1);
}

/* --- the answers, whatever they come from */

typedef struct Row {
    int64_t id, number;
} Row;
typedef struct Fortune {
    int64_t id;
    Str message;
} Fortune;

static void put_row(Buf *b, Row r)
{
    BUF_LIT(b, "{\"id\": ");
    buf_u64(b, (uint64_t)r.id);
    BUF_LIT(b, ", \"number\": ");
    buf_u64(b, (uint64_t)r.number);
    BUF_LIT(b, "}");
}

static void answer_json(HttpExchange *x, const Buf *b)
{
    (void)http_respond(x, 200, STR("Content-Type: application/json\r\n"), buf_view(b));
}

static void answer_rows(HttpExchange *x, const Row *rows, int n)
{
    Buf b = BUF_INIT(x->arena, 1 << 16);
    BUF_LIT(&b, "[");
    for (int i = 0; i < n; i++) {
        if (i)
            BUF_LIT(&b, ", ");
        put_row(&b, rows[i]);
    }
    BUF_LIT(&b, "]");
    answer_json(x, &b);
}

static void put_text(Buf *b, Str s)
{
    buf_byte(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_byte(b, '\\');
        buf_byte(b, s.p[i]);
    }
    buf_byte(b, '"');
}

static void put_item(Buf *b, const int64_t *n, Str name, Str category, Str created)
{
    static const char *const names[] = { "{\"id\": ", ", \"price\": ", ", \"stock\": ", ", \"weight\": " };
    buf_c(b, names[0]);
    buf_u64(b, (uint64_t)n[0]);
    BUF_LIT(b, ", \"name\": ");
    put_text(b, name);
    BUF_LIT(b, ", \"category\": ");
    put_text(b, category);
    for (int i = 1; i < 4; i++) {
        buf_c(b, names[i]);
        buf_u64(b, (uint64_t)n[i]);
    }
    buf_c(b, n[4] ? ", \"active\": true" : ", \"active\": false");
    BUF_LIT(b, ", \"created\": \"");
    buf_add(b, created.p, 10);
    buf_byte(b, 'T');
    buf_add(b, created.p + 11, created.n - 11);
    BUF_LIT(b, "Z\"}");
}

static void put_html(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n; i++)
        switch (s.p[i]) {
        case '<':
            BUF_LIT(b, "&lt;");
            break;
        case '>':
            BUF_LIT(b, "&gt;");
            break;
        case '&':
            BUF_LIT(b, "&amp;");
            break;
        case '"':
            BUF_LIT(b, "&quot;");
            break;
        case '\'':
            BUF_LIT(b, "&#x27;");
            break;
        default:
            buf_byte(b, s.p[i]);
        }
}

static int by_message(const void *a, const void *b)
{
    return str_cmp(((const Fortune *)a)->message, ((const Fortune *)b)->message);
}

static void answer_fortunes(HttpExchange *x, Fortune *f, int n)
{
    Buf b = BUF_INIT(x->arena, 1 << 16);
    f[n++] = (Fortune){ 0, STR("Additional fortune added at request time.") };
    qsort(f, (size_t)n, sizeof *f, by_message);
    BUF_LIT(&b, "<!DOCTYPE html>\n<html>\n<head><title>Fortunes</title></head>\n<body>\n<table>\n"
                "<tr><th>id</th><th>message</th></tr>\n");
    for (int i = 0; i < n; i++) {
        BUF_LIT(&b, "<tr><td>");
        buf_u64(&b, (uint64_t)f[i].id);
        BUF_LIT(&b, "</td><td>");
        put_html(&b, f[i].message);
        BUF_LIT(&b, "</td></tr>\n");
    }
    BUF_LIT(&b, "</table>\n</body>\n</html>\n");
    (void)http_respond(x, 200, STR("Content-Type: text/html; charset=utf-8\r\n"), buf_view(&b));
}

/* --- SQLite */

static sqlite3 *lite;
static sqlite3_stmt *prepared[STATEMENTS];

static void lite_run(const char *sql)
{
    if (sqlite3_exec(lite, sql, NULL, NULL, NULL) != SQLITE_OK)
        stop(sqlite3_errmsg(lite));
}

static void lite_open(const char *path)
{
    static const char *const ends[] = { "?", "", "", "? WHERE id = ?", "(?, ?, ?)" };
    if (sqlite3_open_v2(path, &lite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        stop("no database");
    sqlite3_busy_timeout(lite, 5000);
    lite_run("PRAGMA journal_mode = WAL");
    lite_run("PRAGMA synchronous = FULL");
    for (int i = 0; i < STATEMENTS; i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "%s%s", statements[i], ends[i]);
        if (sqlite3_prepare_v3(lite, sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared[i], NULL) != SQLITE_OK)
            stop(sqlite3_errmsg(lite));
    }
}

static Row lite_row(void)
{
    sqlite3_stmt *s = prepared[ONE];
    sqlite3_bind_int(s, 1, some_key());
    if (sqlite3_step(s) != SQLITE_ROW)
        stop(sqlite3_errmsg(lite));
    Row r = { sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1) };
    sqlite3_reset(s);
    return r;
}

static Str lite_text(sqlite3_stmt *s, int i)
{
    const char *p = (const char *)sqlite3_column_text(s, i);
    return str_from(p, (size_t)sqlite3_column_bytes(s, i));
}

static void lite_done(sqlite3_stmt *s)
{
    if (sqlite3_step(s) != SQLITE_DONE)
        stop(sqlite3_errmsg(lite));
    sqlite3_reset(s);
}

static void lite_handle(HttpExchange *x, void *arg)
{
    Str path = x->head->path;
    Buf b = BUF_INIT(x->arena, 1 << 20);
    (void)arg;
    if (str_eq(path, STR("/one"))) {
        put_row(&b, lite_row());
        answer_json(x, &b);
    } else if (str_eq(path, STR("/twenty"))) {
        Row rows[QUERIES];
        for (int i = 0; i < QUERIES; i++)
            rows[i] = lite_row();
        answer_rows(x, rows, QUERIES);
    } else if (str_eq(path, STR("/list"))) {
        sqlite3_stmt *s = prepared[LIST];
        BUF_LIT(&b, "[");
        for (int k = 0; sqlite3_step(s) == SQLITE_ROW; k++) {
            const int64_t n[] = { sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 3), sqlite3_column_int64(s, 4),
                                  sqlite3_column_int64(s, 5), sqlite3_column_int64(s, 6) };
            if (k)
                BUF_LIT(&b, ", ");
            put_item(&b, n, lite_text(s, 1), lite_text(s, 2), lite_text(s, 7));
        }
        sqlite3_reset(s);
        BUF_LIT(&b, "]");
        answer_json(x, &b);
    } else if (str_eq(path, STR("/fortunes"))) {
        Fortune f[MOST];
        int n = 0;
        sqlite3_stmt *s = prepared[FORTUNES];
        while (n < MOST - 1 && sqlite3_step(s) == SQLITE_ROW) {
            f[n++] = (Fortune){ sqlite3_column_int64(s, 0), str_copy(x->arena, lite_text(s, 1)) };
        }
        sqlite3_reset(s);
        answer_fortunes(x, f, n);
    } else if (str_eq(path, STR("/updates"))) {
        Row rows[UPDATES];
        lite_run("BEGIN IMMEDIATE");
        for (int i = 0; i < UPDATES; i++) {
            rows[i] = lite_row();
            rows[i].number = some_number();
            sqlite3_bind_int64(prepared[UPDATE], 1, rows[i].number);
            sqlite3_bind_int64(prepared[UPDATE], 2, rows[i].id);
            lite_done(prepared[UPDATE]);
        }
        lite_run("COMMIT");
        answer_rows(x, rows, UPDATES);
    } else if (str_eq(path, STR("/bulk"))) {
        lite_run("BEGIN IMMEDIATE");
        for (int i = 0; i < BULK; i++) {
            sqlite3_bind_text(prepared[INSERT], 1, "a row of many", -1, SQLITE_STATIC);
            sqlite3_bind_int(prepared[INSERT], 2, i);
            sqlite3_bind_text(prepared[INSERT], 3, "2026-01-15 10:20:30.123456", -1, SQLITE_STATIC);
            lite_done(prepared[INSERT]);
        }
        lite_run("COMMIT");
        (void)http_respond(x, 200, STR(""), STR("done"));
    } else {
        lite_run("DELETE FROM loaded");
        (void)http_respond(x, 200, STR(""), STR("done"));
    }
}

/* --- PostgreSQL */

typedef struct Ask {
    struct Ask *next;
    Fiber *waiter;
    PGresult *results[MOST];
    int n;
    bool done;
} Ask;

static PGconn *pg;
static Loop *loop;
static Ask *first, *last;
static bool deferred;
static Watcher watcher;

static void pg_result(PGresult *r)
{
    Ask *a = first;
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_PIPELINE_SYNC) {
        PQclear(r);
        first = a->next;
        if (!first)
            last = NULL;
        a->done = true;
        fiber_wake(a->waiter);
    } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        stop(PQresultErrorMessage(r));
    } else {
        a->results[a->n++] = r;
    }
}

static void pg_event(Loop *l, Watcher *w, uint32_t events)
{
    (void)l, (void)w;
    if (events & EPOLLOUT)
        PQflush(pg);
    struct pollfd more = { .fd = PQsocket(pg), .events = POLLIN };
    do { /* the arrival of what one call leaves in the socket is not told again */
        if (!PQconsumeInput(pg))
            stop(PQerrorMessage(pg));
        for (int nothing = 0; first && !PQisBusy(pg) && nothing < 2;) {
            PGresult *r = PQgetResult(pg);
            nothing = r ? 0 : nothing + 1;
            if (r)
                pg_result(r);
        }
    } while (first && poll(&more, 1, 0) > 0);
}

static void flush(void *arg)
{
    (void)arg;
    deferred = false;
    PQflush(pg);
}

static void put_i32(char *p, int32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (char)((uint32_t)v >> (24 - 8 * i));
}
static int64_t get(const PGresult *r, int row, int column)
{
    const uint8_t *p = (const uint8_t *)PQgetvalue(r, row, column);
    uint64_t v = 0;
    for (int i = 0, n = PQgetlength(r, row, column); i < n; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}
static Str pg_text(const PGresult *r, int row, int column)
{
    return str_from(PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column));
}

static void ask(int statement, const int32_t *params, int n)
{
    static const char *const names[] = { "one", "list", "fortunes", "update" };
    char room[2][4];
    const char *values[2] = { room[0], room[1] };
    static const int lengths[] = { 4, 4 }, formats[] = { 1, 1 };
    for (int i = 0; i < n; i++)
        put_i32(room[i], params[i]);
    if (!PQsendQueryPrepared(pg, names[statement], n, values, lengths, formats, 1))
        stop(PQerrorMessage(pg));
}

static void await(Ask *a)
{
    if (!PQpipelineSync(pg))
        stop(PQerrorMessage(pg));
    *a = (Ask){ .waiter = fiber_self() };
    *(last ? &last->next : &first) = a;
    last = a;
    if (!deferred) {
        deferred = true;
        if (!loop_defer(loop, flush, NULL))
            flush(NULL);
    }
    while (!a->done)
        fiber_park();
}

static void forget(Ask *a)
{
    for (int i = 0; i < a->n; i++)
        PQclear(a->results[i]);
}

static void pg_prepare(void)
{
    static const char *const ends[] = { "$1", "", "", "$1 WHERE id = $2" };
    static const char *const names[] = { "one", "list", "fortunes", "update" };
    static const Oid types[] = { 23, 23 };
    for (int i = 0; i < INSERT; i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "%s%s", statements[i], ends[i]);
        PGresult *r = PQprepare(pg, names[i], sql, i == ONE ? 1 : i == UPDATE ? 2 : 0, types);
        if (PQresultStatus(r) != PGRES_COMMAND_OK)
            stop(PQerrorMessage(pg));
        PQclear(r);
    }
}

/* The library's fastest way to load rows, on a connection of its own that may block: one request is measured at a time. */
static PGconn *loader;

static void pg_run(const char *sql)
{
    PGresult *r = PQexec(loader, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_COPY_IN)
        stop(PQerrorMessage(loader));
    PQclear(r);
}

static void pg_load(void)
{
    static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
    char row[2 + 4 + 13 + 4 + 4 + 4 + 8];
    pg_run("COPY loaded (name, price, created) FROM STDIN (FORMAT binary)");
    if (PQputCopyData(loader, head, 19) != 1)
        stop(PQerrorMessage(loader));
    memcpy(row, "\0\3\0\0\0\15a row of many\0\0\0\4\0\0\0\0\0\0\0\10\0\2\350\0\0\0\0\0", sizeof row);
    for (int i = 0; i < BULK; i++) {
        put_i32(row + 23, i);
        if (PQputCopyData(loader, row, sizeof row) != 1)
            stop(PQerrorMessage(loader));
    }
    if (PQputCopyData(loader, "\377\377", 2) != 1 || PQputCopyEnd(loader, NULL) != 1)
        stop(PQerrorMessage(loader));
    PGresult *r;
    while ((r = PQgetResult(loader)) != NULL) {
        if (PQresultStatus(r) != PGRES_COMMAND_OK)
            stop(PQerrorMessage(loader));
        PQclear(r);
    }
}

static Row pg_row(const Ask *a, int i) { return (Row){ get(a->results[i], 0, 0), get(a->results[i], 0, 1) }; }

static void pg_handle(HttpExchange *x, void *arg)
{
    Str path = x->head->path;
    Buf b = BUF_INIT(x->arena, 1 << 20);
    Ask a;
    Row rows[QUERIES];
    (void)arg;
    if (str_eq(path, STR("/one"))) {
        ask(ONE, (int32_t[]){ some_key() }, 1);
        await(&a);
        put_row(&b, pg_row(&a, 0));
        forget(&a);
        answer_json(x, &b);
    } else if (str_eq(path, STR("/twenty"))) {
        /* One after the other, as the program that it is compared with asks: each might depend on the one before. */
        for (int i = 0; i < QUERIES; i++) {
            ask(ONE, (int32_t[]){ some_key() }, 1);
            await(&a);
            rows[i] = pg_row(&a, 0);
            forget(&a);
        }
        answer_rows(x, rows, QUERIES);
    } else if (str_eq(path, STR("/list"))) {
        ask(LIST, NULL, 0);
        await(&a);
        BUF_LIT(&b, "[");
        for (int k = 0; k < PQntuples(a.results[0]); k++) {
            const PGresult *r = a.results[0];
            const int64_t n[] = { get(r, k, 0), get(r, k, 3), get(r, k, 4), get(r, k, 5), get(r, k, 6) };
            char when[DATETIME_TEXT_MAX];
            size_t length = naive_format_iso((NaiveDateTime){ get(r, k, 7) + INT64_C(946684800000000) }, ' ', when);
            if (k)
                BUF_LIT(&b, ", ");
            put_item(&b, n, pg_text(r, k, 1), pg_text(r, k, 2), str_from(when, length));
        }
        BUF_LIT(&b, "]");
        forget(&a);
        answer_json(x, &b);
    } else if (str_eq(path, STR("/fortunes"))) {
        Fortune f[MOST];
        ask(FORTUNES, NULL, 0);
        await(&a);
        int n = PQntuples(a.results[0]);
        for (int i = 0; i < n && i < MOST - 1; i++)
            f[i] = (Fortune){ get(a.results[0], i, 0), pg_text(a.results[0], i, 1) };
        answer_fortunes(x, f, n);
        forget(&a);
    } else if (str_eq(path, STR("/updates"))) {
        for (int i = 0; i < UPDATES; i++)
            ask(ONE, (int32_t[]){ some_key() }, 1);
        await(&a);
        for (int i = 0; i < UPDATES; i++)
            rows[i] = pg_row(&a, i);
        forget(&a);
        for (int i = 0; i < UPDATES; i++) {
            rows[i].number = some_number();
            ask(UPDATE, (int32_t[]){ (int32_t)rows[i].number, (int32_t)rows[i].id }, 2);
        }
        await(&a); /* statements up to a Sync are one transaction */
        forget(&a);
        answer_rows(x, rows, UPDATES);
    } else {
        if (str_eq(path, STR("/bulk")))
            pg_load();
        else
            pg_run("DELETE FROM loaded");
        (void)http_respond(x, 200, STR(""), STR("done"));
    }
}

int main(int argc, char **argv)
{
    if (argc != 4)
        stop("usage: orm_raw PORT sqlite FILE | postgresql CONNINFO");
    Arena *arena = arena_create(NULL, 0, 0);
    Address at;
    char text[32];
    snprintf(text, sizeof text, "127.0.0.1:%s", argv[1]);
    if (!address_parse(str_c(text), &at))
        stop("no address");
    loop = loop_create(arena);
    bool is_lite = strcmp(argv[2], "sqlite") == 0;
    if (is_lite) {
        lite_open(argv[3]);
    } else {
        pg = PQconnectdb(argv[3]);
        loader = PQconnectdb(argv[3]);
        if (PQstatus(pg) != CONNECTION_OK || PQstatus(loader) != CONNECTION_OK)
            stop(PQerrorMessage(pg));
        pg_prepare();
        PQsetnonblocking(pg, 1);
        PQenterPipelineMode(pg);
        watcher = (Watcher){ .fd = PQsocket(pg), .fn = pg_event };
        if (loop_watch(loop, &watcher, EPOLLIN | EPOLLOUT | EPOLLRDHUP) != 0)
            stop("no watcher");
    }
    HttpHandler handler = { is_lite ? lite_handle : pg_handle, NULL };
    HttpServer *server =
        http_server_create(loop, arena, &(HttpServerOptions){ .handler = handler, .limits.requests = UINT32_MAX });
    if (http_server_listen(server, address_listen(&at, NULL)) < 0)
        stop("the port is in use");
    return loop_run(loop);
}
