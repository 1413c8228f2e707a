/*
 * transaction.h: ATOMIC, the scope whose statements happen together or not at all.
 *
 *     ATOMIC(r) {
 *         ...
 *         if (!enough)
 *             RAISE(r, 409, "sold_out", "...");     rolled back
 *         on_commit(r, send_mail, order);           after the outermost commit
 *     }                                             committed; by break and return too
 *
 * Inside another ATOMIC it is a savepoint. The block is left by its end, `break` or `continue` (both leave the block only),
 * `return` or a raise. Statements outside of any ATOMIC commit by themselves. The transaction holds its connection, and on
 * SQLite the right to write: keep waits for anything else out of it.
 */
#ifndef CLEF_ORM_TRANSACTION_H
#define CLEF_ORM_TRANSACTION_H

#include <clef/orm/databases.h>

typedef struct AtomicOptions {
    Str using;    /* the database's alias */
    bool durable; /* a bug (500 "durable_atomic") inside another ATOMIC */
    bool no_savepoint;
} AtomicOptions;

typedef struct Atomic {
    struct AtomicScope *scope;
    bool left;
} Atomic;

CLEF_API(Atomic, atomic_enter, Context *cx, const AtomicOptions *options) CLEF_MUST_USE;
/* The scope's end: commits, unless it was marked for rolling back. */
CLEF_API(void, atomic_leave, Atomic *atomic);
/* Marks the innermost scope: its end rolls back instead of committing. Django's set_rollback(True). */
CLEF_API(void, transaction_set_rollback, Context *cx);
CLEF_API(bool, transaction_is_open, Context *cx);

/* ATOMIC(r, .durable = true) { ... } */
#define ATOMIC(r, ...)                       CLEF_ATOMIC(__COUNTER__, r, __VA_ARGS__)
#define CLEF_ATOMIC(number, r, ...)          CLEF_ATOMIC_NUMBERED(number, r, __VA_ARGS__)
#define CLEF_ATOMIC_NUMBERED(number, r, ...) CLEF_ATOMIC_(clef_atomic_##number, r, __VA_ARGS__)
#define CLEF_ATOMIC_(name, r, ...)                                                                                  \
    for (Atomic name __attribute__((cleanup(atomic_leave))) = atomic_enter(CX(r), &(AtomicOptions){ __VA_ARGS__ }); \
         !name.left; name.left = true)

typedef void OnCommitFn(Context *cx, void *arg);
/* Runs fn(cx, arg) after the outermost commit, in the order of the calls; at once when no transaction is open; never when it is rolled back. */
CLEF_API(void, transaction_on_commit, Context *cx, OnCommitFn *fn, void *arg);
#define on_commit(r, fn, arg) transaction_on_commit(CX(r), (fn), (arg))

#endif
