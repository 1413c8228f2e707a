/* context.c: attempts, raises and deferred clean-ups. The contract is in <clef/rt/context.h>. */
#include "base/sanitizer.h"
#include <clef/base/assert.h>
#include <clef/rt/backtrace.h>
#include <clef/rt/context.h>
#include <clef/rt/fiber.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

enum { MESSAGE_MAX = 16 << 10, FRAMES_MAX = 64 };

/*
 * The jump of a raise. The compilers' own form saves three words, and has the function that calls it save the registers
 * that it would save anyway; setjmp() saves all of them, and the pointers of it encrypted. The sanitizers know only the
 * library's.
 */
#if defined(__x86_64__) && !CLEF_ASAN && !CLEF_TSAN
typedef void *Jump[5];
#define JUMP_MARK(jump) __builtin_setjmp(jump)
#define JUMP_GO(jump)   __builtin_longjmp((jump), 1)
#else
typedef jmp_buf Jump;
#define JUMP_MARK(jump) _setjmp(jump)
#define JUMP_GO(jump)   _longjmp((jump), 1)
#endif

struct Deferred {
    struct Deferred *next;
    DeferFn *fn;
    void *arg;
};

/* Lies in the frame of attempt(). */
struct Attempt {
    struct Attempt *outer;
    struct Deferred *until; /* the clean-ups from here on are the outer ones' */
    Fiber *fiber;
    bool raised;
    Error error; /* of its own, so that attempts made by clean-ups do not overwrite it */
    Jump back;
};

static CLEF_NORETURN void on_memory_limit(Arena *arena, size_t wanted, void *arg)
{
    Context *cx = arg;
    if (arena_has_room(arena, wanted)) /* no limit of ours: the machine's */
        context_raise(cx, __FILE__, __LINE__, __func__, 503, "no_memory",
                      "The system has no memory left: %zu bytes were asked for.", wanted);
    context_raise(cx, __FILE__, __LINE__, __func__, 413, "memory_limit",
                  "The memory limit was reached: %zu bytes are in use, %zu more were asked for.", arena_used(arena),
                  wanted);
}

void context_init(Context *cx, Arena *arena)
{
    cx->arena = arena;
    cx->backtraces = false;
    cx->databases = NULL;
    cx->locale = NULL;
    cx->db_work = NULL;
    cx->deadline_ns = 0;
    cx->deadline_error = cx->interruption = NULL;
    cx->on_interrupt = NULL;
    cx->attempt = NULL;
    cx->deferred = cx->spare = NULL; /* `error` is written before it is read */
    arena_on_limit(arena, on_memory_limit, cx);
}

void context_interrupt(Context *cx, const Error *why)
{
    if (cx->interruption)
        return;
    cx->interruption = why;
    if (cx->on_interrupt)
        cx->on_interrupt(cx->on_interrupt_arg);
}

/* Runs clean-ups until `until` is the newest. Each is taken off first: if it leaves by a raise it does not run again. */
static void run_deferred(Context *cx, struct Deferred *until)
{
    while (cx->deferred != until) {
        struct Deferred *d = cx->deferred;
        DeferFn *fn = d->fn;
        void *arg = d->arg;
        cx->deferred = d->next;
        d->next = cx->spare;
        cx->spare = d;
        fn(arg);
    }
}

/* An attempt that, when it fails, runs the clean-ups down to `until`. */
static inline const Error *attempt_until(Context *cx, struct Deferred *until, AttemptFn *fn, void *arg)
{
    struct Attempt a;
    a.outer = cx->attempt;
    a.until = until;
    a.fiber = fiber_self();
    a.raised = false;
    cx->attempt = &a;
    if (CLEF_LIKELY(JUMP_MARK(a.back) == 0)) {
        fn(cx, arg);
        cx->attempt = a.outer;
        return NULL;
    }
    /* A clean-up that raises jumps to the same place, and the rest of them run from here. */
    run_deferred(cx, a.until);
    cx->attempt = a.outer;
    cx->error = a.error;
    return &cx->error;
}

const Error *attempt(Context *cx, AttemptFn *fn, void *arg) { return attempt_until(cx, cx->deferred, fn, arg); }

static void run_all(Context *cx, void *arg)
{
    (void)arg;
    run_deferred(cx, NULL);
}

void context_finish(Context *cx)
{
    ASSERT(cx->attempt == NULL);
    if (cx->deferred)
        (void)attempt_until(cx, NULL, run_all, NULL);
    arena_on_limit(cx->arena, NULL, NULL);
    cx->spare = NULL;
}

/* The attempt that a raise goes to. */
static struct Attempt *target(const Context *cx, const char *file, int line, int status, const char *code,
                              const char *message)
{
    struct Attempt *a = cx->attempt;
    if (CLEF_UNLIKELY(!a))
        panic(file, line, "RAISE outside of an attempt(): %d %s: %s", status, code ? code : "", message);
    if (CLEF_UNLIKELY(a->fiber != fiber_self()))
        panic(file, line, "RAISE on another fiber than the one of its attempt(): %d %s: %s", status, code ? code : "",
              message);
    return a;
}

/* The raiser's frame comes first: this function and the one that raises are left out. */
static CLEF_COLD void capture_frames(Context *cx, Error *e)
{
    void *walked[FRAMES_MAX];
    size_t n = backtrace_capture(walked, FRAMES_MAX, 2);
    void **frames = n ? arena_try_alloc(cx->arena, n * sizeof *frames) : NULL;
    if (!frames)
        return;
    memcpy(frames, walked, n * sizeof *frames);
    e->frames = frames;
    e->nframes = n;
}

/* Formats without the limit handler: a raise for want of memory must not ask for memory and raise again. */
static CLEF_PRINTF(2, 0) Str format_message(Arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0)
        return str_c(format);
    size_t room = (size_t)n < MESSAGE_MAX ? (size_t)n + 1 : MESSAGE_MAX;
    char *p = arena_try_alloc(arena, room);
    if (!p)
        return STR("The memory limit was reached.");
    vsnprintf(p, room, format, args);
    return (Str){ p, room - 1 };
}

static CLEF_NORETURN void leave(struct Attempt *a) { JUMP_GO(a->back); }

void context_raise(Context *cx, const char *file, int line, const char *function, int status, const char *code,
                   const char *format, ...)
{
    struct Attempt *a = target(cx, file, line, status, code, format);
    if (a->raised)
        leave(a);
    va_list args;
    va_start(args, format);
    Error e = { .status = status, .code = code, .file = file, .line = line, .function = function };
    e.message = format_message(cx->arena, format, args);
    va_end(args);
    if (cx->backtraces)
        capture_frames(cx, &e);
    a->error = e;
    a->raised = true;
    leave(a);
}

void context_raise_error(Context *cx, const Error *e)
{
    char message[200];
    snprintf(message, sizeof message, "%.*s", STR_FMT(e->message));
    struct Attempt *a =
        target(cx, e->file ? e->file : __FILE__, e->file ? e->line : __LINE__, e->status, e->code, message);
    if (a->raised)
        leave(a);
    a->error = *e;
    if (cx->backtraces && !e->frames)
        capture_frames(cx, &a->error);
    a->raised = true;
    leave(a);
}

void context_defer(Context *cx, DeferFn *fn, void *arg)
{
    struct Deferred *d = cx->spare;
    if (d) {
        cx->spare = d->next;
    } else {
        d = arena_try_alloc(cx->arena, sizeof *d);
        if (CLEF_UNLIKELY(!d)) {
            fn(arg);
            on_memory_limit(cx->arena, sizeof *d, cx); /* never goes on, even if there is memory again */
        }
    }
    *d = (struct Deferred){ cx->deferred, fn, arg };
    cx->deferred = d;
}

bool context_undefer(Context *cx, DeferFn *fn, void *arg)
{
    for (struct Deferred **at = &cx->deferred; *at; at = &(*at)->next) {
        struct Deferred *d = *at;
        if (d->fn == fn && d->arg == arg) {
            *at = d->next;
            for (struct Attempt *a = cx->attempt; a; a = a->outer)
                if (a->until == d)
                    a->until = d->next;
            d->next = cx->spare;
            cx->spare = d;
            return true;
        }
    }
    return false;
}
