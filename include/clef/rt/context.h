/*
 * context.h: a piece of work (a request, a task, a command, a test) and how it goes wrong. A Context owns an arena, the
 * stack of deferred clean-ups and the one error slot. RAISE leaves the running function for the innermost attempt() of
 * the same context, running the clean-ups deferred since on the way; there is always one, because whoever starts a piece
 * of work starts it by attempt().
 *
 *     static void load(Context *cx, void *arg)
 *     {
 *         int fd = open(...);
 *         DEFER(cx, close_fd, (void *)(intptr_t)fd);
 *         if (...)
 *             RAISE(cx, 404, "not_found", "no ticket %lld", id);
 *     }
 *     const Error *e = attempt(cx, load, &arg);
 *
 * A clean-up is taken off the stack before it runs. A raise inside one (that no attempt of its own catches) ends that
 * clean-up only: the others still run, and the first error is the one that is kept. Clean-ups run on the stack of the
 * attempt, after the jump, so a raise from a deep stack needs no more of it.
 *
 * Only floors 3 and above raise. Nothing may raise through a frame of a foreign library (a callback of SQLite or qsort).
 * A context is used by one fiber at a time, and an attempt ends on the fiber on which it began.
 *
 * A function that takes an `r` takes a Request, or any Context: CX() turns both into the context.
 */
#ifndef CLEF_RT_CONTEXT_H
#define CLEF_RT_CONTEXT_H

#include <clef/base/arena.h>
#include <clef/base/str.h>

typedef struct Context Context;
typedef struct Request Request;
typedef struct Databases Databases;
typedef struct Locale Locale;

/* What was raised. The strings live in the context's arena. */
typedef struct Error {
    int status;       /* as of HTTP: 404, 403, 500, ... */
    const char *code; /* a word for programs: "not_found" */
    Str message;      /* a sentence for people */
    Str hint;         /* the way out, or empty */
    const char *file; /* where */
    int line;
    const char *function;
    void **frames; /* return addresses, innermost first, when the context captures them (Context.backtraces) */
    size_t nframes;
    const void *payload; /* of the raiser's choice: a response, validation errors */
} Error;

typedef void DeferFn(void *arg);
typedef void AttemptFn(Context *cx, void *arg);

struct Context {
    Arena *arena;           /* read-only: memory that ends with the work */
    bool backtraces;        /* capture frames at a raise (settings: DEBUG) */
    Databases *databases;   /* what the work reads and writes (the db domain); set by who starts it; NULL: nothing */
    const Locale *locale;   /* language, formats and time zone in force (the i18n domain); NULL: English, UTC */
    struct DbWork *db_work; /* private: of the orm domain */
    /* Until when (loop_clock) it should be done, and what is raised then; 0: no such time. Set by who starts it. */
    int64_t deadline_ns;
    const Error *deadline_error;
    const Error *interruption;       /* read-only: why the work is to end; NULL: it is not */
    void (*on_interrupt)(void *arg); /* private: of the orm domain: ends what is waited for */
    void *on_interrupt_arg;          /* private */
    struct Attempt *attempt;         /* private: the innermost one */
    struct Deferred *deferred;       /* private: newest first */
    struct Deferred *spare;          /* private: records to use again */
    Error error;                     /* private: the slot; attempt() returns it */
};

#define CX(r) ((Context *)_Generic((r), Request * : (r), Context * : (r)))

/*
 * Makes *cx a context over the arena, whose limit handler becomes a raise of 413 ("memory_limit"). The arena should not be
 * another context's as well.
 */
CLEF_API(void, context_init, Context *cx, Arena *arena);
/* Runs the clean-ups that are left, newest first. Not the arena's. What they raise is dropped. Call it outside attempts. */
CLEF_API(void, context_finish, Context *cx);

/*
 * Runs fn(cx, arg). NULL when it returned, else what was raised, valid until the next raise of this context. Clean-ups
 * deferred inside have run when a raise ended it; after a normal return they stay until the context's end (or the
 * enclosing attempt's raise).
 */
CLEF_API(const Error *, attempt, Context *cx, AttemptFn *fn, void *arg) CLEF_MUST_USE;

/*
 * Ends the work from outside, from the loop's stack or another fiber of the loop: the statement that it waits for in a
 * database is cancelled, and it and every later one raise *why (which must live as long; the first one counts). Other
 * waits go on; clean-ups and rollbacks are not touched.
 */
CLEF_API(void, context_interrupt, Context *cx, const Error *why);

/* A message is cut at 16 KiB. Without an attempt, or on another fiber than the attempt's, a raise is a bug: a panic. */
CLEF_API(void, context_raise, Context *cx, const char *file, int line, const char *function, int status,
         const char *code, const char *format, ...)
CLEF_NORETURN CLEF_PRINTF(7, 8) CLEF_COLD;
/* Raises e again, or an error made by hand; its place and frames are kept when it has them. */
CLEF_API(void, context_raise_error, Context *cx, const Error *e) CLEF_NORETURN CLEF_COLD;
#define RAISE(r, status, code, ...) context_raise(CX(r), __FILE__, __LINE__, __func__, (status), (code), __VA_ARGS__)

/* When there is no memory left for the record, fn(arg) runs at once and 413 is raised: nothing leaks. */
CLEF_API(void, context_defer, Context *cx, DeferFn *fn, void *arg);
/* Takes the newest clean-up with this fn and arg back, without running it; false when there is none. */
CLEF_API(bool, context_undefer, Context *cx, DeferFn *fn, void *arg);
#define DEFER(r, fn, arg) context_defer(CX(r), (fn), (arg))

#endif
