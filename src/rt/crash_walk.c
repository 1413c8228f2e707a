/*
 * crash_walk.c: the frames of a crash. The unwinder of the compiler walks from the handler through the signal's frame into
 * the code that failed. It reads the stack that it walks, so a damaged one can make it fault: the handler of that fault
 * jumps back here, and what was read so far counts.
 */
#include "rt/crash.h"

#include <ucontext.h>
#include <unwind.h>

/* Without a context the walk comes from a sanitizer's death callback: crash_reported, and the callback itself. */
enum { CRASH_REPORT_DEPTH = 2 };
enum { INNER = CRASH_FRAMES_MAX * 3 / 4, OUTER = CRASH_FRAMES_MAX - INNER, WALK_MAX = 65536 };

typedef struct CrashWalk {
    Crash *crash;
    uintptr_t from; /* the interrupted instruction; 0: take everything */
    size_t n;       /* seen since then */
    size_t skip, walked;
    bool begun;
} CrashWalk;

/* The innermost ones in order, the outermost in a ring behind them. */
static void note(CrashWalk *w, uintptr_t pc)
{
    Crash *c = w->crash;
    if (w->n < INNER)
        c->frames[w->n] = (void *)pc;
    else
        c->frames[INNER + (w->n - INNER) % OUTER] = (void *)pc;
    w->n++;
}

static _Unwind_Reason_Code on_frame(struct _Unwind_Context *at, void *arg)
{
    CrashWalk *w = arg;
    int exact = 0;
    uintptr_t pc = _Unwind_GetIPInfo(at, &exact);
    if (pc == 0 || w->walked++ == WALK_MAX)
        return _URC_END_OF_STACK;
    if (w->skip) {
        w->skip--;
        return _URC_NO_REASON;
    }
    if (!w->begun) {
        if (pc != w->from)
            return _URC_NO_REASON;
        w->begun = true;
    }
    note(w, pc + (exact != 0));
    return _URC_NO_REASON;
}

static uintptr_t *program_counter(ucontext_t *u)
{
#if defined(__x86_64__)
    return (uintptr_t *)&u->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t *)&u->uc_mcontext.pc;
#else
    (void)u;
    return NULL;
#endif
}

/*
 * A call of what is no code: nothing is known of such a frame, and the walk would end there. As the call has only just
 * happened, returning from it in the noted registers makes them those of the caller.
 */
static bool return_from_nowhere(ucontext_t *u, const Fiber *fiber)
{
    const char *low;
    if (!fiber)
        return false;
    size_t size = fiber_stack_bounds(fiber, &low);
#if defined(__x86_64__)
    uintptr_t sp = (uintptr_t)u->uc_mcontext.gregs[REG_RSP];
    if (sp < (uintptr_t)low || sp > (uintptr_t)low + size - sizeof(uintptr_t) || sp % sizeof(uintptr_t))
        return false;
    u->uc_mcontext.gregs[REG_RIP] = (greg_t) * (const uintptr_t *)sp;
    u->uc_mcontext.gregs[REG_RSP] += (greg_t)sizeof(uintptr_t);
    return true;
#elif defined(__aarch64__)
    (void)low, (void)size;
    u->uc_mcontext.pc = u->uc_mcontext.regs[30];
    return true;
#else
    (void)u, (void)low, (void)size;
    return false;
#endif
}

/* The ring into order, and how many are missing before it. */
static void finish(CrashWalk *w)
{
    Crash *c = w->crash;
    c->nframes = w->n < CRASH_FRAMES_MAX ? w->n : CRASH_FRAMES_MAX;
    if (w->n <= CRASH_FRAMES_MAX)
        return;
    c->left_out = w->n - CRASH_FRAMES_MAX;
    void *ring[OUTER];
    for (size_t i = 0; i < OUTER; i++)
        ring[i] = c->frames[INNER + (w->n - INNER + i) % OUTER];
    for (size_t i = 0; i < OUTER; i++)
        c->frames[INNER + i] = ring[i];
}

/* No variable of this frame changes between the two returns of setjmp. */
static CLEF_COLD void walk_guarded(CrashSeat *seat, CrashWalk *w)
{
    if (!seat) {
        _Unwind_Backtrace(on_frame, w);
        return;
    }
    if (_setjmp(seat->walked) == 0) {
        seat->walking = true;
        _Unwind_Backtrace(on_frame, w);
    }
    seat->walking = false;
}

void crash_walk(CrashSeat *seat, Crash *c, void *context, const Fiber *fiber)
{
    ucontext_t *u = context;
    CrashWalk walk = { .crash = c, .skip = 2 + (context ? 0 : CRASH_REPORT_DEPTH) };
    if (u && program_counter(u)) {
        uintptr_t pc = *program_counter(u);
        if (c->signal == SIGSEGV && (uintptr_t)c->address == pc && !c->stack_overflow) {
            note(&walk, pc + 1);
            if (!return_from_nowhere(u, fiber)) {
                finish(&walk);
                return;
            }
            pc = *program_counter(u);
        }
        walk.from = pc;
    } else {
        walk.begun = true;
    }
    walk_guarded(seat, &walk);
    if (!walk.begun)
        note(&walk, walk.from + 1);
    finish(&walk);
}

static _Unwind_Reason_Code one_frame(struct _Unwind_Context *at, void *arg)
{
    *(uintptr_t *)arg = _Unwind_GetIP(at);
    return _URC_END_OF_STACK;
}

void crash_walk_prepare(void)
{
    uintptr_t pc = 0;
    _Unwind_Backtrace(one_frame, &pc);
}
