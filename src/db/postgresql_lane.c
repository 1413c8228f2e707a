/*
 * postgresql_lane.c: a connection that several fibers use at once. libpq opens it; then the protocol (version 3.0,
 * extended queries) is spoken here, because libpq sends each synchronisation by itself, asks for the columns of every
 * result anew and copies rows twice. Each question is Bind, Execute and Sync (Parse and Describe the first time), so
 * that one that fails takes no other with it: what stands between two Syncs is a transaction of its own. Questions of
 * one turn of the loop leave in one write; answers come in the order of the questions.
 */
#include "base/fault.h"
#include "db/postgresql.h"
#include <clef/rt/fiber.h>

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { LANE_WRITE_AT = 1 << 16, LANE_READ = 1 << 14, LANE_KEPT = 1 << 16, LANE_TRIES = 100 };
#define LANE_BUFFER_MAX ((size_t)1 << 31)

typedef struct LaneRequest {
    struct LaneRequest *next;
    PgStatement *statement; /* NULL: nobody waits for the answer */
    Fiber *waiter;
    int64_t sent_ns;
    bool prepares, parsed, binary, done, failed, abandoned, cancelled;
    Buf rows;       /* as they came, each behind its length */
    size_t at, row; /* the next row; the current one */
    char tag[64];   /* "INSERT 0 1" */
    Buf complaint;  /* fields of an ErrorResponse */
    DbError why;    /* it was cancelled */
    Arena *scratch; /* of the current row's values */
} LaneRequest;

/* Outlives a lane that is closed while the loop still has to call it. */
typedef struct LaneHook {
    Arena *arena;
    struct PgLane *lane;
    bool queued;
} LaneHook;

typedef struct PgLane {
    Pg *pg;
    DbConnection *c;
    Buf out, in;
    size_t at; /* of `in`: what was read up to here */
    LaneRequest *first, *last, *spare;
    LaneHook *hook;
    unsigned cancels; /* words that end a statement, which may come late, for a neighbour's */
    size_t skip;      /* bytes that are still to come of a row that is too large */
} PgLane;

/* --- writing */

static char *put_u16(char *p, unsigned v)
{
    p[0] = (char)(v >> 8), p[1] = (char)v;
    return p + 2;
}
static char *put_u32(char *p, uint32_t v)
{
    v = __builtin_bswap32(v);
    memcpy(p, &v, 4);
    return p + 4;
}
static uint32_t get_u32(const char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return __builtin_bswap32(v);
}
static unsigned get_u16(const char *p) { return (unsigned)(uint8_t)p[0] << 8 | (uint8_t)p[1]; }
static char *put_text(char *p, const char *text, size_t n)
{
    memcpy(p, text, n);
    p[n] = 0;
    return p + n + 1;
}

static void fail_all(PgLane *l, const char *why);

static void flush(PgLane *l)
{
    while (l->out.n && !l->pg->dead) {
        ssize_t n = send(l->pg->watcher.fd, l->out.p, l->out.n, MSG_NOSIGNAL);
        if (n > 0) {
            if ((size_t)n == l->out.n)
                l->out.n = 0;
            else
                buf_consume(&l->out, (size_t)n);
        } else if (errno == EAGAIN) {
            break; /* the loop says when there is room */
        } else if (errno != EINTR) {
            fail_all(l, strerror(errno));
        }
    }
    if (!l->out.n && l->out.cap > LANE_KEPT) {
        buf_finish(&l->out);
        l->out = BUF_INIT(NULL, LANE_BUFFER_MAX);
    }
}

static void on_turn_end(void *arg)
{
    LaneHook *hook = arg;
    hook->queued = false;
    if (hook->lane)
        flush(hook->lane);
    else
        arena_destroy(hook->arena);
}

static void flush_soon(PgLane *l)
{
    if (l->out.n > LANE_WRITE_AT)
        flush(l);
    if (!l->hook->queued && l->out.n) {
        l->hook->queued = loop_defer(l->pg->loop, on_turn_end, l->hook);
        if (!l->hook->queued) /* no memory to wait for more */
            flush(l);
    }
}

static void put_parse(Buf *b, const PgStatement *s, const PgParams *params, size_t n)
{
    size_t name = strlen(s->name), text = strlen(s->text);
    if (!buf_reserve(b, 2 * name + text + 4 * n + 32))
        return;
    char *p = b->p + b->n, *begin = p;
    *p++ = 'P';
    p += 4;
    p = put_text(p, s->name, name);
    p = put_text(p, s->text, text);
    p = put_u16(p, (unsigned)n);
    for (size_t i = 0; i < n; i++)
        p = put_u32(p, params->types[i]);
    put_u32(begin + 1, (uint32_t)(p - begin - 1));
    *p++ = 'D'; /* Describe: what its columns are */
    p = put_u32(p, (uint32_t)(4 + 1 + name + 1));
    *p++ = 'S';
    p = put_text(p, s->name, name);
    b->n = (size_t)(p - b->p);
}

/* Execute and Sync. */
static char *put_execute(char *p)
{
    static const char execute[] = "E\0\0\0\11\0\0\0\0\0S\0\0\0\4";
    memcpy(p, execute, sizeof execute - 1);
    return p + sizeof execute - 1;
}

static void put_bind(Buf *b, const PgStatement *s, const PgParams *params, size_t n)
{
    size_t name = strlen(s->name), size = 0;
    for (size_t i = 0; i < n; i++)
        size += params->values[i] ? (size_t)params->lengths[i] : 0;
    if (!buf_reserve(b, name + size + 6 * n + s->tail.n + 64))
        return;
    char *p = b->p + b->n, *begin = p;
    *p++ = 'B';
    p += 4;
    *p++ = 0; /* the portal has no name */
    p = put_text(p, s->name, name);
    p = put_u16(p, (unsigned)n);
    for (size_t i = 0; i < n; i++)
        p = put_u16(p, (unsigned)params->formats[i]);
    p = put_u16(p, (unsigned)n);
    for (size_t i = 0; i < n; i++) {
        if (!params->values[i]) {
            p = put_u32(p, UINT32_MAX);
            continue;
        }
        size_t length = (size_t)params->lengths[i];
        p = put_u32(p, (uint32_t)length);
        memcpy(p, params->values[i], length);
        p += length;
    }
    if (s->described) {
        memcpy(p, s->tail.p, s->tail.n);
        p += s->tail.n;
    } else { /* as texts */
        p = put_u16(p, 0);
    }
    put_u32(begin + 1, (uint32_t)(p - begin - 1));
    p = put_execute(p);
    b->n += (size_t)(p - begin);
}

/* --- requests */

static LaneRequest *request_new(PgLane *l)
{
    LaneRequest *r = l->spare;
    if (r)
        l->spare = r->next;
    else {
        r = NEW(l->pg->arena, LaneRequest);
        r->rows = BUF_INIT(NULL, LANE_BUFFER_MAX);
        r->complaint = BUF_INIT(NULL, 1 << 20);
    }
    r->next = NULL;
    r->statement = NULL;
    r->waiter = NULL;
    r->prepares = r->parsed = r->binary = r->done = r->failed = r->abandoned = r->cancelled = false;
    r->at = r->row = 0;
    r->tag[0] = 0;
    return r;
}

static void recycle(PgLane *l, LaneRequest *r)
{
    if (r->statement)
        pg_statement_release(l->pg, r->statement);
    r->statement = NULL;
    if (r->rows.cap > LANE_KEPT) {
        buf_finish(&r->rows);
        r->rows = BUF_INIT(NULL, LANE_BUFFER_MAX);
    }
    r->rows.n = r->complaint.n = 0;
    if (r->scratch)
        arena_reset(r->scratch);
    r->next = l->spare;
    l->spare = r;
}

static void drop(PgLane *l, LaneRequest *r)
{
    r->waiter = NULL;
    if (r->done)
        recycle(l, r);
    else
        r->abandoned = true;
}

static void queue(PgLane *l, LaneRequest *r)
{
    r->sent_ns = loop_now(l->pg->loop);
    *(l->last ? &l->last->next : &l->first) = r;
    l->last = r;
    flush_soon(l);
}

static const char *field_of(const Buf *complaint, char which)
{
    for (size_t i = 0; i < complaint->n && complaint->p[i]; i += strlen(complaint->p + i) + 1)
        if (complaint->p[i] == which)
            return complaint->p + i + 1;
    return NULL;
}

static bool was_cancelled(const LaneRequest *r)
{
    const char *state = field_of(&r->complaint, 'C');
    return state && str_eq(str_c(state), STR("57014"));
}

static void send_cancel(PgLane *l)
{
    if (l->pg->dead)
        return;
    l->cancels += 2; /* the server signals the process and its group, which may come as two */
    pg_cancel_later(l->pg);
}

/* Its asker goes on at once; what is left of the answer is dropped as it comes. */
static void give_up(PgLane *l, LaneRequest *r, DbError why)
{
    if (r->done || r->cancelled)
        return;
    r->cancelled = true;
    r->why = why;
    l->c->retiring = true;
    if (r->waiter)
        fiber_wake(r->waiter);
    if (r == l->first)
        send_cancel(l);
}

static void too_large(PgLane *l, LaneRequest *r)
{
    r->rows.n = 0;
    give_up(l, r,
            (DbError){ .kind = DB_ERROR_MEMORY,
                       .message = STR("the rows of the statement take more memory than the option result_limit allows: "
                                      "read fewer of them, or one after the other as a stream (an iterator)") });
}

static void finish_first(PgLane *l)
{
    LaneRequest *r = l->first;
    l->first = r->next;
    if (!l->first)
        l->last = NULL;
    r->next = NULL;
    r->done = true;
    if (CLEF_UNLIKELY(r->cancelled && l->cancels && was_cancelled(r)))
        l->cancels--;
    if (l->first) { /* it is its turn now */
        l->first->sent_ns = loop_now(l->pg->loop);
        if (CLEF_UNLIKELY(l->first->cancelled))
            send_cancel(l);
    }
    if (r->abandoned)
        recycle(l, r);
    else if (r->waiter)
        fiber_wake(r->waiter);
}

static void fail_all(PgLane *l, const char *why)
{
    pg_gone(l->pg, why);
    l->c->broken = true;
    while (l->first) {
        l->first->failed = true;
        finish_first(l);
    }
}

/* --- reading */

/* RowDescription: names and types; from now on what has a binary form is asked for in it. */
static bool take_columns(LaneRequest *r, const char *p, size_t n)
{
    PgStatement *s = r->statement;
    if (!s || s->described || n < 2)
        return true;
    unsigned count = get_u16(p);
    const char *end = p + n;
    /*
     * On the loop's stack: there is nobody to whom a lack of memory could be raised. The names take less than the
     * message.
     */
    PgColumn *columns = arena_try_alloc(s->arena, (count + 1) * sizeof *columns);
    char *names = arena_try_alloc(s->arena, n), *tail = arena_try_alloc(s->arena, 2 + 2 * (size_t)count);
    if (!columns || !names || !tail)
        return false;
    p += 2;
    for (unsigned i = 0; i < count; i++) {
        size_t name = strnlen(p, (size_t)(end - p));
        if ((size_t)(end - p) < name + 19)
            return false;
        memcpy(names, p, name + 1);
        columns[i].name = str_from(names, name);
        names += name + 1;
        p += name + 1;
        columns[i].type = get_u32(p + 6);
        columns[i].binary = pg_has_binary(columns[i].type);
        p += 18;
    }
    char *to = put_u16(tail, count);
    for (unsigned i = 0; i < count; i++)
        to = put_u16(to, columns[i].binary);
    s->columns = columns;
    s->tail = str_from(tail, (size_t)(to - tail));
    s->ncolumns = count;
    s->described = true;
    return true;
}

static void take_notice(PgLane *l, const char *p, size_t n)
{
    const DbConfig *config = l->pg->config;
    Buf fields = { .p = (char *)(uintptr_t)p, .n = n };
    const char *severity = field_of(&fields, 'V'), *message = field_of(&fields, 'M');
    if (config->on_notice && message)
        config->on_notice(config->on_notice_arg, config->alias, str_c(severity ? severity : "NOTICE"), str_c(message));
}

static void take_error(PgLane *l, const char *p, size_t n)
{
    LaneRequest *r = l->first;
    Buf farewell = { .p = (char *)(uintptr_t)p, .n = n };
    const char *message = field_of(&farewell, 'M');
    if (!r) { /* the server ends the session */
        fail_all(l, message ? message : "the server ended the session");
        return;
    }
    r->failed = true;
    r->complaint.n = 0;
    buf_add(&r->complaint, p, n);
    if (r->prepares && !r->parsed && r->statement)
        r->statement->prepared = r->statement->asked = false;
}

/* One message; false: it is none that may come. */
static bool take(PgLane *l, char kind, const char *p, size_t n)
{
    LaneRequest *r = l->first;
    switch (kind) {
    case 'D': {
        if (!r)
            return false;
        if (r->abandoned || r->cancelled)
            return true;
        if (CLEF_UNLIKELY(r->rows.n + n > l->pg->result_limit)) {
            too_large(l, r);
            return true;
        }
        uint32_t length = (uint32_t)n;
        buf_add(&r->rows, (const char *)&length, sizeof length);
        return buf_add(&r->rows, p, n);
    }
    case '2': /* bound */
    case 't': /* types of parameters */
    case 'S': /* a parameter of the session */
    case 'A': /* a notification */
    case '3':
    case 'I':
        return true;
    case '1':
        if (r)
            r->parsed = true;
        return r != NULL;
    case 'C': {
        size_t length = n < sizeof r->tag ? n : sizeof r->tag - 1;
        if (!r)
            return false;
        memcpy(r->tag, p, length);
        r->tag[length] = 0;
        return true;
    }
    case 'Z':
        if (r)
            finish_first(l);
        return r != NULL;
    case 'T':
        return r != NULL && take_columns(r, p, n);
    case 'n':
        if (r && r->statement && !r->statement->described) {
            r->statement->described = true;
            r->statement->tail = str_from("\0", 2);
        }
        return r != NULL;
    case 'E':
        take_error(l, p, n);
        return true;
    case 'N':
        take_notice(l, p, n);
        return true;
    default:
        return false;
    }
}

static void take_messages(PgLane *l)
{
    if (CLEF_UNLIKELY(l->skip)) {
        size_t n = l->in.n - l->at < l->skip ? l->in.n - l->at : l->skip;
        l->at += n;
        l->skip -= n;
    }
    while (l->in.n - l->at >= 5 && !l->pg->dead) {
        const char *p = l->in.p + l->at;
        size_t n = get_u32(p + 1);
        if (n < 4 || n > LANE_BUFFER_MAX - 16) {
            fail_all(l, "the server sent what is no message");
            return;
        }
        if (l->in.n - l->at < n + 1) {
            if (CLEF_UNLIKELY(*p == 'D' && l->first && n > l->pg->result_limit)) {
                too_large(l, l->first);
                l->skip = n + 1 - (l->in.n - l->at);
                l->at = l->in.n;
                break;
            }
            /* Room for the whole of a large one at once. */
            if (n > LANE_READ && !buf_reserve(&l->in, n + 1 - (l->in.n - l->at)))
                fail_all(l, "out of memory");
            break;
        }
        l->at += n + 1;
        if (!take(l, *p, p + 5, n - 4)) {
            fail_all(l, "the server sent a message that was not expected");
            return;
        }
    }
    if (l->at == l->in.n) {
        l->at = l->in.n = 0;
        if (l->in.cap > LANE_KEPT) {
            buf_finish(&l->in);
            l->in = BUF_INIT(NULL, LANE_BUFFER_MAX);
        }
    } else if (l->at > LANE_READ) {
        buf_consume(&l->in, l->at);
        l->at = 0;
    }
}

static void on_event(Loop *loop, Watcher *w, uint32_t events)
{
    Pg *pg = (Pg *)(void *)((char *)w - offsetof(Pg, watcher));
    PgLane *l = pg->lane;
    (void)loop;
    if (!l || pg->dead)
        return;
    if (events & EPOLLOUT && l->out.n)
        flush(l);
    while (!pg->dead) {
        if (!buf_reserve(&l->in, LANE_READ)) {
            fail_all(l, "out of memory");
            return;
        }
        size_t room = l->in.cap - l->in.n - 1; /* a Buf has a NUL behind its bytes */
        ssize_t n = recv(w->fd, l->in.p + l->in.n, room, 0);
        if (n > 0) {
            l->in.n += (size_t)n;
            take_messages(l);
            /* The end may have come with these bytes: it is not told again. */
            if ((size_t)n < room && !(events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
                return;
        } else if (n == 0) {
            fail_all(l, "server closed the connection unexpectedly");
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            fail_all(l, strerror(errno));
        }
    }
}

/* --- the driver's functions */

bool pg_lane_open(DbConnection *c)
{
    Pg *pg = c->state;
    Loop *loop = loop_current();
    if (pg->lane || pg->dead || pg->first || !loop || pg->lib.sslInUse(pg->conn) || pg->lib.gssEncInUse(pg->conn) ||
        pg->lib.isBusy(pg->conn))
        return false;
    if (pg->loop && pg->loop != loop)
        return false;
    if (!pg->loop) {
        pg->watcher = (Watcher){ .fd = pg->lib.socket(pg->conn), .fn = on_event };
        if (loop_watch(loop, &pg->watcher, EPOLLIN | EPOLLOUT | EPOLLRDHUP) != 0)
            return false;
        loop_release(loop); /* an idle connection does not keep the loop running */
        pg->loop = loop;
    }
    pg->watcher.fn = on_event;
    PgLane *l = NEW(pg->arena, PgLane);
    *l = (PgLane){ .pg = pg, .c = c, .out = BUF_INIT(NULL, LANE_BUFFER_MAX), .in = BUF_INIT(NULL, LANE_BUFFER_MAX) };
    Arena *arena = arena_create(NULL, 0, 256);
    l->hook = NEW(arena, LaneHook);
    *l->hook = (LaneHook){ .arena = arena, .lane = l };
    pg->lane = l;
    return true;
}

static void free_request(LaneRequest *r)
{
    buf_finish(&r->rows);
    buf_finish(&r->complaint);
}

void pg_lane_close(Pg *pg)
{
    PgLane *l = pg->lane;
    if (!l)
        return;
    if (!pg->dead)
        flush(l);
    if (!pg->dead)
        fail_all(l, "the connection was closed");
    l->hook->lane = NULL;
    if (!l->hook->queued || pg->loop != loop_current())
        arena_destroy(l->hook->arena);
    for (LaneRequest *r = l->spare; r; r = r->next)
        free_request(r);
    buf_finish(&l->out);
    buf_finish(&l->in);
    pg->lane = NULL;
}

void pg_lane_cancel(Pg *pg, DbCursor *cursor)
{
    if (cursor && cursor->statement)
        give_up(pg->lane, cursor->statement,
                (DbError){ .kind = DB_ERROR_TIMEOUT, .message = STR("canceling statement due to user request") });
}

int64_t pg_lane_waiting_since(const DbConnection *c)
{
    const PgLane *l = ((const Pg *)c->state)->lane;
    return l && l->first ? l->first->sent_ns : 0;
}

void pg_lane_deallocate(Pg *pg, const char *name)
{
    PgLane *l = pg->lane;
    size_t n = strlen(name);
    if (pg->dead || !buf_reserve(&l->out, n + 16))
        return;
    char *p = l->out.p + l->out.n, *begin = p;
    *p++ = 'C';
    p = put_u32(p, (uint32_t)(4 + 1 + n + 1));
    *p++ = 'S';
    p = put_text(p, name, n);
    *p++ = 'S';
    p = put_u32(p, 4);
    l->out.n += (size_t)(p - begin);
    LaneRequest *r = request_new(l);
    r->abandoned = true;
    queue(l, r);
}

/* Of a table whose columns have changed since, the server does not run what it has prepared. */
static bool is_outdated(const LaneRequest *r)
{
    const char *state = field_of(&r->complaint, 'C'), *message = field_of(&r->complaint, 'M');
    return state &&
           ((str_eq(str_c(state), STR("0A000")) && message && str_contains(str_c(message), STR("cached plan"))) ||
            str_eq(str_c(state), STR("26000")));
}

static bool fail(DbConnection *c, const LaneRequest *r, Str sql)
{
    if (!r->complaint.n)
        return pg_fail_gone(c, sql);
    return pg_fail_of(c,
                      &(PgComplaint){ .state = field_of(&r->complaint, 'C'),
                                      .message = field_of(&r->complaint, 'M'),
                                      .detail = field_of(&r->complaint, 'D'),
                                      .table = field_of(&r->complaint, 't'),
                                      .column = field_of(&r->complaint, 'c'),
                                      .constraint = field_of(&r->complaint, 'n') },
                      sql);
}

static bool ask(DbCursor *cursor, Str sql, const Value *params, size_t n, unsigned tries)
{
    DbConnection *c = cursor->connection;
    Pg *pg = c->state;
    PgLane *l = pg->lane;
    PgParams bound;
    const char *why = NULL;
    if (pg->dead)
        return pg_fail_gone(c, sql);
    arena_reset(pg->scratch);
    if (n > UINT16_MAX || !pg_bind(pg->scratch, params, n, &bound, &why))
        return db_fail(c, &(DbError){ .kind = DB_ERROR_DATA,
                                      .message = str_c(why ? why : "a statement has more than 65535 parameters"),
                                      .sql = sql });
    PgStatement *s = pg_statement(c, sql, &bound, n);
    if (!s)
        return false;
    LaneRequest *r = request_new(l);
    r->statement = s;
    if (!s->prepared) {
        put_parse(&l->out, s, &bound, n);
        r->prepares = true;
        s->prepared = s->asked = true;
    }
    r->binary = s->described;
    put_bind(&l->out, s, &bound, n);
    if (fault_fails(FAULT_DATABASE) || l->out.failed) {
        fail_all(l, l->out.failed ? "out of memory" : "it fails on purpose");
        r->done = true;
        drop(l, r);
        return pg_fail_gone(c, sql);
    }
    r->waiter = fiber_self();
    cursor->statement = r;
    queue(l, r);
    while (!r->done && !r->cancelled)
        fiber_park();
    /* Another fiber may have failed meanwhile. */
    c->error.kind = DB_ERROR_NONE;
    if (CLEF_UNLIKELY(r->cancelled)) {
        r->why.sql = sql;
        return db_fail(c, &r->why);
    }
    if (CLEF_UNLIKELY(r->failed)) {
        if (l->cancels && tries && was_cancelled(r)) { /* a neighbour's word hit it: it was undone whole */
            l->cancels--;
            drop(l, r);
            cursor->statement = NULL;
            return ask(cursor, sql, params, n, tries - 1);
        }
        if (is_outdated(r)) {
            pg_statement_forget(pg, s);
            /* Whose preparation has failed knows why; who came behind it asks again, to know it too. */
            if (!r->prepares && tries) {
                drop(l, r);
                cursor->statement = NULL;
                return ask(cursor, sql, params, n, tries - 1);
            }
        }
        return fail(c, r, sql);
    }
    cursor->columns = s->ncolumns;
    return true;
}

bool pg_lane_query(DbCursor *cursor, Str sql, const Value *params, size_t n)
{
    return ask(cursor, sql, params, n, LANE_TRIES);
}

/* The last word of the tag is how many rows there were. */
static void tell_changes(DbCursor *cursor, const LaneRequest *r)
{
    Str tag = str_c(r->tag);
    size_t space = str_rfind_byte(tag, ' ');
    if (space != STR_NPOS)
        (void)!str_to_i64(str_from_byte(tag, space + 1), &cursor->changes);
}

DbStep pg_lane_step(DbCursor *cursor)
{
    LaneRequest *r = cursor->statement;
    if (fault_fails(FAULT_DATABASE)) {
        db_fail(cursor->connection, &(DbError){ .kind = DB_ERROR_OTHER, .message = STR("it fails on purpose") });
        return DB_FAILED;
    }
    if (r->at < r->rows.n) {
        uint32_t length;
        memcpy(&length, r->rows.p + r->at, sizeof length);
        r->row = r->at + sizeof length;
        r->at = r->row + length;
        return DB_ROW;
    }
    tell_changes(cursor, r);
    if (r->rows.n && str_starts(str_c(r->tag), STR("INSERT"))) {
        Value *cells = NEW_ARRAY(((Pg *)cursor->connection->state)->scratch, Value, cursor->columns + 1);
        r->row = sizeof(uint32_t);
        pg_lane_row(cursor, cells);
        cursor->insert_id = cells[0].tag == VALUE_INT ? cells[0].i : 0;
    }
    return DB_END;
}

void pg_lane_row(DbCursor *cursor, Value *cells)
{
    LaneRequest *r = cursor->statement;
    Pg *pg = cursor->connection->state;
    const PgColumn *columns = r->statement->columns;
    const char *p = r->rows.p + r->row;
    uint32_t size;
    memcpy(&size, p - sizeof size, sizeof size);
    const char *end = p + size;
    size_t n = size < 2 ? 0 : get_u16(p);
    p += 2;
    if (!r->scratch)
        r->scratch = arena_create(pg->arena, 0, 1024);
    arena_reset(r->scratch);
    for (size_t i = 0; i < cursor->columns; i++) {
        uint32_t length = i < n && end - p >= 4 ? get_u32(p) : UINT32_MAX;
        p += 4;
        if (length == UINT32_MAX || length > (size_t)(end - p)) {
            cells[i] = value_null();
            continue;
        }
        cells[i] = pg_value(r->scratch, columns[i].type, r->binary && columns[i].binary, p, length);
        p += length;
    }
}

Str pg_lane_column_name(DbCursor *cursor, size_t column)
{
    const LaneRequest *r = cursor->statement;
    return column < r->statement->ncolumns ? r->statement->columns[column].name : STR("");
}

void pg_lane_finish(DbCursor *cursor)
{
    PgLane *l = ((Pg *)cursor->connection->state)->lane;
    drop(l, cursor->statement);
}
