/*
 * sqlite_commit.c: writing without holding the loop up. A commit waits for the disk, so it runs on a thread while the fiber
 * waits; a statement that changes rows outside of a transaction gets one of its own, so that only its commit must. SQLite
 * lets one connection write: fibers of one loop queue for it in order, and only locks of others are tried again and again.
 */
#include "base/fault.h"
#include "db/sqlite.h"
#include <clef/rt/loop.h>
#include <clef/rt/pool.h>

typedef struct Stepping {
    sqlite3_stmt *stmt;
    int code;
} Stepping;

static void step_there(void *arg)
{
    Stepping *s = arg;
    s->code = sqlite3_step(s->stmt);
}

/* The last waits for the disk: on a thread, while other fibers run. */
static int step_commit(const Sqlite *db, sqlite3_stmt *stmt)
{
    Stepping s = { .stmt = stmt };
    if (!db->durable || !fiber_self() || offload(step_there, &s) != 0)
        step_there(&s);
    return s.code;
}

static bool take_turn(DbConnection *c)
{
    Sqlite *db = c->state;
    if (db->turn || !c->pool || !fiber_self())
        return true;
    db->turn = semaphore_wait(db_pool_writers(c->pool), loop_clock() + db->timeout_ns);
    return db->turn;
}

static void leave_turn(DbConnection *c)
{
    Sqlite *db = c->state;
    if (!db->turn || !sqlite3_get_autocommit(db->db))
        return;
    db->turn = false;
    semaphore_post(db_pool_writers(c->pool));
}

/* A short statement of ours, tried until it is not locked any more. */
static int run(DbConnection *c, Str sql)
{
    Sqlite *db = c->state;
    SqliteWait wait = { 0 };
    SqliteStatement *s = sqlite_statement(c, sql);
    if (!s)
        return sqlite3_errcode(db->db);
    int code;
    for (;;) {
        code = s->verb == SQLITE_COMMITS ? step_commit(db, s->stmt) : sqlite3_step(s->stmt);
        if (code == SQLITE_DONE || !sqlite_wait(c, code, &wait))
            break;
        sqlite3_reset(s->stmt);
    }
    sqlite_statement_release(c, s);
    return code;
}

int sqlite_step_first(DbConnection *c, SqliteStatement *s)
{
    Sqlite *db = c->state;
    if (fault_fails(FAULT_DATABASE))
        return SQLITE_IOERR;
    switch (s->verb) {
    case SQLITE_BEGINS:
        if (!take_turn(c))
            return SQLITE_BUSY_TIMEOUT;
        break;
    case SQLITE_COMMITS:
        return step_commit(db, s->stmt);
    case SQLITE_CHANGES:
        if (db->durable && !db->implicit && fiber_self() && sqlite3_get_autocommit(db->db)) {
            if (!take_turn(c))
                return SQLITE_BUSY_TIMEOUT;
            int code = run(c, STR("BEGIN IMMEDIATE"));
            if (code != SQLITE_DONE)
                return code;
            db->implicit = true;
        }
        break;
    default:
        break;
    }
    return sqlite3_step(s->stmt);
}

int sqlite_step_last(DbConnection *c, int code)
{
    Sqlite *db = c->state;
    if (CLEF_LIKELY(!db->implicit && !db->turn))
        return code;
    if (db->implicit) {
        db->implicit = false;
        code = run(c, STR("COMMIT"));
        if (code != SQLITE_DONE && !sqlite3_get_autocommit(db->db))
            return code; /* sqlite_step_ended undoes it */
    }
    leave_turn(c);
    return code;
}

void sqlite_step_ended(DbConnection *c, bool failed)
{
    Sqlite *db = c->state;
    if (CLEF_LIKELY(!db->implicit && !db->turn))
        return;
    bool implicit = db->implicit;
    db->implicit = false;
    if (implicit && (failed || run(c, STR("COMMIT")) != SQLITE_DONE) && !sqlite3_get_autocommit(db->db))
        (void)run(c, STR("ROLLBACK"));
    leave_turn(c);
}
