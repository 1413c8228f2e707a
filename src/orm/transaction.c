/*
 * transaction.c: scopes of statements that happen together. A scope is left by its end (the compiler's clean-up calls
 * atomic_leave) or by a raise (a deferred clean-up rolls back); whichever comes takes the other away.
 */
#include "orm/work.h"

typedef struct CommitHook {
    struct CommitHook *next;
    OnCommitFn *fn;
    void *arg;
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
    s->c = outer ? outer->c : work_take(cx, pool, NULL);
    bool begun = s->depth == 0 ? db_begin(s->c) : s->no_savepoint || db_savepoint(s->c, s->depth);
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
        hook->fn(cx, hook->arg);
}

void transaction_set_rollback(Context *cx)
{
    AtomicScope *s = db_work(cx)->innermost;
    if (!s)
        RAISE(cx, 500, "transaction_management_error", "The rollback flag doesn't work outside of an 'atomic' block.");
    s->rollback = true;
}

bool transaction_is_open(Context *cx) { return cx->db_work && cx->db_work->innermost; }

void transaction_on_commit(Context *cx, OnCommitFn *fn, void *arg)
{
    AtomicScope *s = db_work(cx)->innermost;
    if (!s) {
        fn(cx, arg);
        return;
    }
    CommitHook *hook = NEW(cx->arena, CommitHook);
    *hook = (CommitHook){ .fn = fn, .arg = arg };
    *(s->last_hook ? &s->last_hook->next : &s->hooks) = hook;
    s->last_hook = hook;
}
