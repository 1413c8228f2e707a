/*
 * transaction.c: scopes of statements that happen together. A scope is left by its end (the compiler's clean-up calls
 * atomic_leave) or by a raise (a deferred clean-up rolls back); whichever comes takes the other away.
 */
#include "orm/work.h"
#include <clef/rt/loop.h>

typedef struct CommitHook {
    struct CommitHook *next;
    OnCommitFn *fn;
    void *arg;
    bool robust;
} CommitHook;

static void drop(DbWork *w, AtomicScope *s)
{
    w->innermost = s->outer;
    s->outer = w->spare_scopes;
    w->spare_scopes = s;
}

/* Rolls back to where the scope began, and gives the connection back when it was the outermost. */
static void undo(AtomicScope *s)
{
    DbConnection *c = s->c;
    if (s->depth == 0) {
        db_rollback(c);
        db_release(c);
    } else if (s->no_savepoint) {
        for (AtomicScope *o = s->outer; o; o = o->outer)
            if (o->c == c) {
                o->rollback = true;
                break;
            }
    } else if (c->driver->in_transaction(c) && !db_savepoint_rollback(c, s->depth)) {
        c->broken = true;
    }
}

static void undo_by_raise(void *arg)
{
    AtomicScope *s = arg;
    DbWork *w = s->cx->db_work;
    undo(s);
    drop(w, s);
}

/* How the transaction is isolated: MariaDB wants to know before it begins, PostgreSQL right after. */
static bool say_how(DbConnection *c, const AtomicOptions *o, bool before)
{
    static const char *const levels[] = { [ISOLATION_READ_COMMITTED] = "READ COMMITTED",
                                          [ISOLATION_REPEATABLE_READ] = "REPEATABLE READ",
                                          [ISOLATION_SERIALIZABLE] = "SERIALIZABLE" };
    Str vendor = str_c(c->driver->vendor);
    bool first = str_eq(vendor, STR("mysql")) || str_eq(vendor, STR("mariadb"));
    if ((!o->isolation && !o->read_only) || first != before || str_eq(vendor, STR("sqlite")))
        return true;
    char text[96];
    Buf b = { .p = text, .cap = sizeof text, .max = sizeof text - 1 };
    BUF_LIT(&b, "SET TRANSACTION");
    if (o->isolation)
        buf_printf(&b, " ISOLATION LEVEL %s", levels[o->isolation]);
    if (o->read_only)
        buf_c(&b, o->isolation ? ", READ ONLY" : " READ ONLY");
    return db_execute(c, buf_view(&b), NULL, 0, NULL);
}

static bool begin(DbConnection *c, const AtomicOptions *o)
{
    if (CLEF_LIKELY(!o->isolation && !o->read_only))
        return db_begin(c);
    return say_how(c, o, true) && db_begin(c) && say_how(c, o, false);
}

Atomic atomic_enter(Context *cx, const AtomicOptions *options)
{
    DbWork *w = db_work(cx);
    DbPool *pool = work_pool(cx, options->using);
    AtomicScope *outer = work_scope(w, pool);
    if (outer && options->durable)
        RAISE(cx, 500, "durable_atomic", "A durable atomic block cannot be nested within another atomic block.");
    AtomicScope *s = w->spare_scopes;
    if (s)
        w->spare_scopes = s->outer;
    else
        s = NEW(cx->arena, AtomicScope);
    *s = (AtomicScope){ .cx = cx, .pool = pool, .depth = outer ? outer->depth + 1 : 0 };
    s->no_savepoint = outer && options->no_savepoint;
    work_check(cx);
    s->c = outer ? outer->c : work_take(cx, pool, NULL, false);
    work_waits(w, s->c, NULL);
    bool begun = s->depth == 0 ? begin(s->c, options) : s->no_savepoint || db_savepoint(s->c, s->depth);
    work_waits(w, NULL, NULL);
    if (!begun) {
        DbError e = s->c->error;
        e.message = str_copy(cx->arena, e.message);
        e.sql = str_copy(cx->arena, e.sql);
        if (s->depth == 0)
            db_release(s->c);
        s->outer = w->spare_scopes;
        w->spare_scopes = s;
        work_raise(cx, &e, NULL);
    }
    w->queries += !s->no_savepoint;
    s->outer = w->innermost;
    w->innermost = s;
    DEFER(cx, undo_by_raise, s);
    return (Atomic){ .scope = s };
}

/* A scope inside a failed one commits nothing; its hooks go with it. */
static void hand_hooks_out(AtomicScope *s)
{
    for (AtomicScope *o = s->outer; o; o = o->outer)
        if (o->c == s->c) {
            if (s->hooks) {
                *(o->last_hook ? &o->last_hook->next : &o->hooks) = s->hooks;
                o->last_hook = s->last_hook;
            }
            return;
        }
}

static void run_hook(Context *cx, void *arg)
{
    const CommitHook *hook = arg;
    hook->fn(cx, hook->arg);
}

static void call_hook(Context *cx, CommitHook *hook)
{
    if (!hook->robust)
        run_hook(cx, hook);
    else
        (void)!attempt(cx, run_hook, hook);
}

void atomic_leave(Atomic *atomic)
{
    AtomicScope *s = atomic->scope;
    if (!s)
        return;
    atomic->scope = NULL;
    Context *cx = s->cx;
    DbWork *w = cx->db_work;
    if (s->rollback) {
        context_undefer(cx, undo_by_raise, s);
        undo(s);
        drop(w, s);
        return;
    }
    if (s->depth > 0) {
        /* When it fails, the deferred clean-up undoes the scope on the way of the raise. */
        if (!s->no_savepoint && !db_savepoint_release(s->c, s->depth))
            work_raise(cx, &s->c->error, NULL);
        context_undefer(cx, undo_by_raise, s);
        hand_hooks_out(s);
        drop(w, s);
        return;
    }
    if (!db_commit(s->c))
        work_raise(cx, &s->c->error, NULL);
    w->queries++;
    context_undefer(cx, undo_by_raise, s);
    db_release(s->c);
    CommitHook *hook = s->hooks;
    drop(w, s);
    for (; hook; hook = hook->next)
        call_hook(cx, hook);
}

void transaction_set_rollback(Context *cx)
{
    AtomicScope *s = db_work(cx)->innermost;
    if (!s)
        RAISE(cx, 500, "transaction_management_error", "The rollback flag doesn't work outside of an 'atomic' block.");
    s->rollback = true;
}

void transaction_set_rollback_all(Context *cx)
{
    for (AtomicScope *s = db_work(cx)->innermost; s; s = s->outer)
        s->rollback = true;
}

bool transaction_is_open(Context *cx) { return cx->db_work && cx->db_work->innermost; }

static void add_hook(Context *cx, OnCommitFn *fn, void *arg, bool robust)
{
    AtomicScope *s = db_work(cx)->innermost;
    if (!s) {
        call_hook(cx, &(CommitHook){ .fn = fn, .arg = arg, .robust = robust });
        return;
    }
    CommitHook *hook = NEW(cx->arena, CommitHook);
    *hook = (CommitHook){ .fn = fn, .arg = arg, .robust = robust };
    *(s->last_hook ? &s->last_hook->next : &s->hooks) = hook;
    s->last_hook = hook;
}

void transaction_on_commit(Context *cx, OnCommitFn *fn, void *arg) { add_hook(cx, fn, arg, false); }
void transaction_on_commit_robust(Context *cx, OnCommitFn *fn, void *arg) { add_hook(cx, fn, arg, true); }

/* --- again */

typedef struct Try {
    AttemptFn *fn;
    void *arg;
    const AtomicOptions *options;
} Try;

static void try_once(Context *cx, void *arg)
{
    Try *t = arg;
    Atomic atomic __attribute__((cleanup(atomic_leave), unused)) = atomic_enter(cx, t->options);
    t->fn(cx, t->arg);
}

void transaction_retry(Context *cx, AttemptFn *fn, void *arg, const RetryOptions *options)
{
    static const RetryOptions none = { .tries = 0 };
    const RetryOptions *o = options ? options : &none;
    unsigned tries = o->tries ? o->tries : TRANSACTION_TRIES;
    Try one = { fn, arg, &o->atomic };
    bool outermost = !work_scope(db_work(cx), work_pool(cx, o->atomic.using));
    uint64_t seed = (uint64_t)loop_clock();
    for (unsigned i = 1;; i++) {
        const Error *e = attempt(cx, try_once, &one);
        if (!e)
            return;
        if (!outermost || i >= tries || !str_eq(str_c(e->code), STR(TRANSACTION_CONFLICT)))
            context_raise_error(cx, e);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        unsigned steps = i < 6 ? i : 6;
        db_wait((INT64_C(1000000) << steps) / 2 + (int64_t)((seed >> 33) % ((UINT64_C(1000000) << steps) / 2)));
    }
}
