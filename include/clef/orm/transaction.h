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

typedef enum IsolationLevel {
    ISOLATION_DEFAULT, /* of the database's settings */
    ISOLATION_READ_COMMITTED,
    ISOLATION_REPEATABLE_READ,
    ISOLATION_SERIALIZABLE
} IsolationLevel;

typedef struct AtomicOptions {
    Str using;                /* the database's alias */
    IsolationLevel isolation; /* of the outermost; SQLite is always serializable */
    bool read_only;           /* of the outermost, where the database knows it */
    bool durable;             /* a bug (500 "durable_atomic") inside another ATOMIC */
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
/* Marks every scope that is open, of all databases. */
CLEF_API(void, transaction_set_rollback_all, Context *cx);
CLEF_API(bool, transaction_is_open, Context *cx);

/* ATOMIC(r, .durable = true) { ... } */
#define ATOMIC(r, ...)                       CLEF_ATOMIC(__COUNTER__, r, __VA_ARGS__)
#define CLEF_ATOMIC(number, r, ...)          CLEF_ATOMIC_NUMBERED(number, r, __VA_ARGS__)
#define CLEF_ATOMIC_NUMBERED(number, r, ...) CLEF_ATOMIC_(clef_atomic_##number, r, __VA_ARGS__)
#define CLEF_ATOMIC_(name, r, ...)                                                                                  \
    for (Atomic name __attribute__((cleanup(atomic_leave))) = atomic_enter(CX(r), &(AtomicOptions){ __VA_ARGS__ }); \
         !name.left; name.left = true)

typedef void OnCommitFn(Context *cx, void *arg);
/*
 * Runs fn(cx, arg) in an ATOMIC, again and again when the database says that the transaction must be run again: a
 * deadlock that it has cut, a snapshot that is stale. Between the tries the fiber sleeps a little, longer each time.
 * What fn has done elsewhere than in the database it must be able to do again. Inside another ATOMIC it is run once:
 * only the outermost can be run again. What remains is raised.
 */
typedef struct RetryOptions {
    AtomicOptions atomic;
    unsigned tries; /* 0: TRANSACTION_TRIES */
} RetryOptions;
#define TRANSACTION_TRIES 5
CLEF_API(void, transaction_retry, Context *cx, AttemptFn *fn, void *arg, const RetryOptions *options);

/*
 * Runs fn(cx, arg) after the outermost commit, in the order of the calls; at once when no transaction is open; never
 * when it is rolled back.
 */
CLEF_API(void, transaction_on_commit, Context *cx, OnCommitFn *fn, void *arg);
#define on_commit(r, fn, arg) transaction_on_commit(CX(r), (fn), (arg))
/*
 * The same, and what fn raises is dropped: neither the caller nor the other functions suffer from it. Django's
 * robust=True.
 */
CLEF_API(void, transaction_on_commit_robust, Context *cx, OnCommitFn *fn, void *arg);
#define on_commit_robust(r, fn, arg) transaction_on_commit_robust(CX(r), (fn), (arg))

#endif
