/*
 * postgresql_wire.c: statements on their way and their answers, in the order in which they were sent. The connection is
 * in pipeline mode throughout, each statement with a synchronisation of its own, so that one that fails takes no other
 * with it.
 */
#include "db/postgresql.h"
#include <clef/rt/fiber.h>
#include <clef/rt/pool.h>

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

PgRequest *pg_request_new(Pg *pg)
{
    PgRequest *r = pg->spare;
    if (r)
        pg->spare = r->next;
    else
        r = NEW(pg->arena, PgRequest);
    Arena *scratch = r->scratch;
    struct PgRows *rows = r->spare_rows;
    *r = (PgRequest){ .scratch = scratch, .spare_rows = rows };
    return r;
}

void pg_request_queue(Pg *pg, PgRequest *r)
{
    *(pg->last ? &pg->last->next : &pg->first) = r;
    pg->last = r;
    r->waiter = fiber_self();
}

void pg_drop_row(Pg *pg, PgRequest *r)
{
    struct PgRows *rows = r->rows;
    pg->lib.clear(rows->result);
    r->rows = rows->next;
    rows->next = r->spare_rows;
    r->spare_rows = rows;
}

static void recycle(Pg *pg, PgRequest *r)
{
    if (r->statement)
        pg_statement_release(pg, r->statement);
    r->statement = NULL;
    pg->lib.clear(r->result);
    pg->lib.clear(r->error);
    while (r->rows)
        pg_drop_row(pg, r);
    r->result = r->error = NULL;
    if (r->scratch)
        arena_reset(r->scratch);
    r->next = pg->spare;
    pg->spare = r;
}

void pg_request_drop(Pg *pg, PgRequest *r)
{
    r->waiter = NULL;
    if (r->done)
        recycle(pg, r);
    else
        r->abandoned = true;
}

static void finish_first(Pg *pg)
{
    PgRequest *r = pg->first;
    pg->first = r->next;
    if (!pg->first)
        pg->last = NULL;
    r->next = NULL;
    r->done = true;
    if (r->abandoned)
        recycle(pg, r);
    else if (r->waiter)
        fiber_wake(r->waiter);
}

void pg_gone(Pg *pg, const char *why)
{
    if (!pg->dead) {
        Buf b = { .p = pg->gone, .cap = sizeof pg->gone, .max = sizeof pg->gone - 1 };
        Str text = str_trim(str_c(why));
        size_t line = str_find_byte(text, '\n');
        buf_str(&b, str_slice(text, 0, line == STR_NPOS || line > 200 ? (text.n < 200 ? text.n : 200) : line));
        if (!text.n)
            BUF_LIT(&b, "the connection to the server was lost");
    }
    pg->dead = true;
    while (pg->first) {
        pg->first->failed = true;
        finish_first(pg);
    }
}

static void keep_rows(Pg *pg, PgRequest *r, PGresult *result)
{
    struct PgRows *rows = r->spare_rows;
    if (rows)
        r->spare_rows = rows->next;
    else
        rows = arena_try_alloc(pg->arena, sizeof *rows); /* on the loop's stack nobody can be told by a raise */
    if (!rows) {
        pg->lib.clear(result);
        pg_gone(pg, "out of memory");
        return;
    }
    *rows = (struct PgRows){ .result = result };
    *(r->rows ? &r->last_row->next : &r->rows) = rows;
    r->last_row = rows;
    if (r->waiter)
        fiber_wake(r->waiter);
}

static void take(Pg *pg, PgRequest *r, PGresult *result)
{
    switch (pg->lib.resultStatus(result)) {
    case PGRES_PIPELINE_SYNC:
        pg->lib.clear(result);
        finish_first(pg);
        return;
    case PGRES_SINGLE_TUPLE:
        r->got = true;
        if (r->abandoned)
            pg->lib.clear(result);
        else
            keep_rows(pg, r, result);
        return;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
        r->got = true;
        if (r->commands > 1) { /* of the preparation */
            pg->lib.clear(result);
            return;
        }
        pg->lib.clear(r->result);
        r->result = result;
        return;
    case PGRES_PIPELINE_ABORTED: /* what follows on the one that failed */
        r->got = true;
        pg->lib.clear(result);
        return;
    default:
        r->got = true;
        r->failed = true;
        if (r->commands > 1 && r->statement && r->prepares)
            r->statement->prepared = false;
        if (r->error)
            pg->lib.clear(result);
        else
            r->error = result;
    }
}

/* Rows that nobody has taken yet wait in the socket, not here. */
static bool is_full(const PgRequest *r) { return r->streams && r->rows && !r->abandoned; }

/* Hands out what is here already. */
static void hand_out(Pg *pg)
{
    const PgLibrary *q = &pg->lib;
    unsigned nothing = 0;
    while (pg->first && !is_full(pg->first) && !q->isBusy(pg->conn)) {
        PGresult *result = q->getResult(pg->conn);
        if (result) {
            nothing = 0;
            take(pg, pg->first, result);
        } else if (pg->first->got) { /* the end of a command */
            pg->first->got = false;
            pg->first->commands -= pg->first->commands > 0;
        } else if (++nothing > 2) {
            break;
        }
    }
}

void pg_pump(Pg *pg)
{
    const PgLibrary *q = &pg->lib;
    if (pg->dead || pg->pumping)
        return;
    pg->pumping = true;
    bool idle = !pg->first;
    for (unsigned turns = 0;; turns++) {
        hand_out(pg);
        if (!idle && (!pg->first || is_full(pg->first)))
            break;
        if (!q->consumeInput(pg->conn) || q->status(pg->conn) != CONNECTION_OK) {
            hand_out(pg); /* what the server said before it left */
            pg_gone(pg, q->errorMessage(pg->conn));
            break;
        }
        hand_out(pg);
        if (pg->first ? is_full(pg->first) : !idle)
            break;
        /* A single call may leave bytes in the socket, whose arrival has been told already. */
        struct pollfd p = { .fd = q->socket(pg->conn), .events = POLLIN };
        if (poll(&p, 1, 0) <= 0 && (turns > 0 || !q->sslInUse(pg->conn)))
            break;
    }
    pg->pumping = false;
}

static void on_event(Loop *loop, Watcher *w, uint32_t events)
{
    Pg *pg = (Pg *)(void *)((char *)w - offsetof(Pg, watcher));
    (void)loop;
    if (CLEF_UNLIKELY(pg->copying)) { /* who waits for the socket itself is the only one */
        if (pg->copier)
            fiber_wake(pg->copier);
        return;
    }
    if (events & EPOLLOUT && !pg->dead)
        pg->lib.flush(pg->conn);
    pg_pump(pg);
}

static bool watch(Pg *pg)
{
    Loop *loop = loop_current();
    if (pg->loop)
        return pg->loop == loop;
    pg->watcher = (Watcher){ .fd = pg->lib.socket(pg->conn), .fn = on_event };
    if (loop_watch(loop, &pg->watcher, EPOLLIN | EPOLLOUT | EPOLLRDHUP) != 0)
        return false;
    /* An idle connection does not keep the loop running. */
    loop_release(loop);
    pg->loop = loop;
    return true;
}

bool pg_wait_socket(Pg *pg, bool write, int64_t deadline_ns)
{
    struct pollfd p = { .fd = pg->lib.socket(pg->conn), .events = (short)(POLLIN | (write ? POLLOUT : 0)) };
    int64_t left = deadline_ns ? deadline_ns - loop_clock() : 0;
    if (deadline_ns && left <= 0)
        return false;
    int n = poll(&p, 1, deadline_ns ? (int)(left / 1000000 + 1) : -1);
    return n != 0;
}

void pg_wait_turn(Pg *pg, bool write)
{
    if (!fiber_self() || !watch(pg)) {
        (void)pg_wait_socket(pg, write, 0);
        return;
    }
    pg->copier = fiber_self();
    fiber_park();
    pg->copier = NULL;
}

/* Is there what the waiting one wants? */
static bool answered(const PgRequest *r) { return r->done || r->rows; }

bool pg_wait(Pg *pg, PgRequest *r)
{
    int64_t deadline = pg->patience_ns ? loop_clock() + pg->patience_ns : 0;
    bool parks = fiber_self() != NULL && watch(pg);
    pg_pump(pg);
    while (!answered(r) && !pg->dead) {
        bool in_time = true;
        if (parks) {
            r->waiter = fiber_self();
            in_time = fiber_park_until(deadline);
        } else {
            int unsent = pg->lib.flush(pg->conn);
            in_time = pg_wait_socket(pg, unsent > 0, deadline);
            pg_pump(pg);
        }
        if (!in_time && !answered(r)) {
            pg_cancel(pg);
            pg_gone(pg, "the server did not answer in time");
        }
    }
    return !pg->dead || (r->done && !r->failed);
}

/* --- cancelling */

typedef struct Cancelling {
    Arena *arena; /* its own: the connection may end meanwhile */
    __typeof__(PQcancel) *send;
    __typeof__(PQfreeCancel) *free;
    PGcancel *cancel;
} Cancelling;

static void send_cancel(void *arg)
{
    Cancelling *c = arg;
    char message[256];
    (void)c->send(c->cancel, message, sizeof message);
}

static Cancelling cancelling_of(Pg *pg)
{
    return (Cancelling){ .send = pg->lib.cancel, .free = pg->lib.freeCancel, .cancel = pg->lib.getCancel(pg->conn) };
}

void pg_cancel(Pg *pg)
{
    Cancelling c = cancelling_of(pg);
    if (!c.cancel)
        return;
    if (offload(send_cancel, &c) != 0)
        send_cancel(&c);
    c.free(c.cancel);
}

static void cancel_there(void *arg)
{
    Cancelling *c = arg;
    (void)!offload(send_cancel, c);
    c->free(c->cancel);
    arena_destroy(c->arena);
}

void pg_cancel_later(Pg *pg)
{
    Cancelling c = cancelling_of(pg);
    if (!c.cancel)
        return;
    c.arena = arena_try_create(NULL, 0, 256); /* on the loop's stack; without memory the statement goes on */
    if (!c.arena) {
        c.free(c.cancel);
        return;
    }
    Cancelling *kept = NEW(c.arena, Cancelling);
    *kept = c;
    if (fiber_spawn(loop_current(), cancel_there, kept))
        return;
    c.free(c.cancel);
    arena_destroy(c.arena);
}
