/* fiber.c: starting, parking, waking and pooling fibers. */
#include "rt/fiber.h"
#include "rt/loop.h"
#include <clef/base/assert.h>

#include <errno.h>

enum {
    FIBERS_MAX =
        20000, /* per loop, unless loop_limit_fibers says otherwise: two mappings each, of the kernel's 65,530 */
    RUNS_PER_TURN = 4096, /* fibers that ping-pong must not keep the loop from its descriptors */
    STACKS_KEPT = 16,     /* an idle loop keeps so many stacks, trimmed */
};
static const int64_t TRIM_EVERY_NS = 1000000000;

#if STACK_MEASURED
static size_t watermark; /* atomic */

static void measure(const Fiber *f)
{
    size_t used = stack_used(&f->stack);
    for (size_t most = __atomic_load_n(&watermark, __ATOMIC_RELAXED); used > most;)
        if (__atomic_compare_exchange_n(&watermark, &most, used, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            break;
}
size_t fiber_stack_watermark(void) { return __atomic_load_n(&watermark, __ATOMIC_RELAXED); }
#else
static void measure(const Fiber *f) { (void)f; }
size_t fiber_stack_watermark(void) { return 0; }
#endif

size_t fiber_stack_size(void) { return STACK_SIZE; }

size_t fiber_stack_bounds(const Fiber *f, const char **low)
{
    *low = f->stack.p;
    return (size_t)((const char *)f - f->stack.p);
}

size_t fiber_guard_size(void) { return stack_guard(); }

Fiber *fiber_self(void)
{
    Loop *loop = loop_current();
    return loop ? loop->fibers.current : NULL;
}

uint64_t fiber_task(void)
{
    Fiber *f = fiber_self();
    return f ? f->task : 0;
}

/* Gives the control back: to the fiber that started this one just now, or to the loop. */
static inline void leave(Fiber *f, bool for_good)
{
    Fiber *back = f->back;
    f->back = NULL;
    side_switch(&f->side, back ? &back->side : &f->loop->fibers.main, for_good);
}

static inline void resume(FiberSet *s, Fiber *f)
{
    Fiber *before = s->current;
    s->current = f;
    f->state = FIBER_RUNNING;
    side_switch(before ? &before->side : &s->main, &f->side, false);
    s->current = before;
}

static void pool_push(FiberSet *s, Fiber *f)
{
    f->state = FIBER_POOLED;
    f->prev = NULL;
    f->next = s->pool;
    if (f->next)
        f->next->prev = f;
    else
        s->pool_last = f;
    s->pool = f;
    s->pooled++;
}

static void pool_remove(FiberSet *s, Fiber *f)
{
    if (f->prev)
        f->prev->next = f->next;
    else
        s->pool = f->next;
    if (f->next)
        f->next->prev = f->prev;
    else
        s->pool_last = f->prev;
    if (--s->pooled < s->pool_low)
        s->pool_low = s->pooled;
}

static void fiber_main(void *arg)
{
    Fiber *f = arg;
    side_arrived(&f->side);
    while (f->fn) {
        f->fn(f->arg);
        timer_stop(f->loop, &f->timer);
        measure(f);
        FiberSet *s = &f->loop->fibers;
        s->alive--;
        f->woken = false;
        pool_push(s, f);
        if (!s->trim_ns)
            s->trim_ns = f->loop->now_ns + TRIM_EVERY_NS;
        leave(f, false);
    }
    leave(f, true);
    __builtin_unreachable();
}

/* A timed park's end. When a wake-up came in the same turn the fiber is ready already, and was woken. */
static void on_deadline(Loop *loop, Timer *t)
{
    Fiber *f = CLEF_CONTAINER(t, Fiber, timer);
    if (f->state != FIBER_PARKED)
        return;
    f->timed_out = true;
    f->state = FIBER_READY;
    fiberqueue_push(&loop->fibers.ready, f);
}

static CLEF_COLD Fiber *fiber_map(Loop *loop)
{
    Stack stack;
    if (!stack_map(&stack))
        return NULL;
    /* One line further down for each of the next stacks: the tops of all stacks would share their cache sets else. */
    size_t colour = (size_t)((uintptr_t)stack.p / STACK_SIZE % 8) * 64;
    size_t top = (stack.n - sizeof(Fiber) - colour) & ~(size_t)63;
    Fiber *f = (Fiber *)(void *)(stack.p + top);
    *f = (Fiber){ .stack = stack, .loop = loop, .timer.fn = on_deadline };
    f->side.stack = stack.p;
    f->side.size = top;
#if CLEF_TSAN
    f->side.tsan = __tsan_create_fiber(0);
    __tsan_set_fiber_name(f->side.tsan, "fiber");
#endif
    machine_init(&f->side.machine, stack.p, top, fiber_main, f);
    return f;
}

/* The flow that stands in a pooled stack ends first, so that the sanitizers forget it too. */
static CLEF_COLD void fiber_unmap(FiberSet *s, Fiber *f)
{
    f->fn = NULL;
#if CLEF_ASAN
    resume(s, f);
#else
    (void)s;
#endif
#if CLEF_TSAN
    __tsan_destroy_fiber(f->side.tsan);
#endif
    Stack stack = f->stack;
    stack_unmap(&stack);
}

static inline Fiber *take(Loop *loop, FiberFn *fn, void *arg)
{
    FiberSet *s = &loop->fibers;
    if (CLEF_UNLIKELY(s->alive >= s->limit)) {
        errno = EAGAIN;
        return NULL;
    }
    Fiber *f = s->pool;
    if (CLEF_LIKELY(f))
        pool_remove(s, f);
    else if (!(f = fiber_map(loop)))
        return NULL;
    f->trimmed = false;
    s->alive++;
    f->fn = fn;
    f->arg = arg;
    f->task = s->current ? s->current->task : ++s->tasks;
    return f;
}

static CLEF_COLD void name_main(FiberSet *s)
{
#if CLEF_TSAN
    s->main.tsan = __tsan_get_current_fiber();
#else
    (void)s;
#endif
}

Fiber *fiber_start(Loop *loop, FiberFn *fn, void *arg)
{
    Fiber *f = take(loop, fn, arg);
    if (CLEF_UNLIKELY(!f))
        return NULL;
    FiberSet *s = &loop->fibers;
    f->back = s->current;
    Loop *before = loop_enter(loop);
    if (CLEF_TSAN && !s->current)
        name_main(s);
    resume(s, f);
    loop_enter(before);
    return f;
}

Fiber *fiber_spawn(Loop *loop, FiberFn *fn, void *arg)
{
    Fiber *f = take(loop, fn, arg);
    if (CLEF_UNLIKELY(!f))
        return NULL;
    f->state = FIBER_READY;
    fiberqueue_push(&loop->fibers.ready, f);
    return f;
}

static Fiber *running(const char *what)
{
    Fiber *f = fiber_self();
    if (CLEF_UNLIKELY(!f))
        PANIC("%s: only a fiber may wait; start one by fiber_start()", what);
    return f;
}

void fiber_park(void)
{
    Fiber *f = running("fiber_park");
    if (!f->woken) {
        f->state = FIBER_PARKED;
        leave(f, false);
    }
    f->woken = false;
}

bool fiber_park_until(int64_t deadline_ns)
{
    if (deadline_ns == 0) {
        fiber_park();
        return true;
    }
    Fiber *f = running("fiber_park_until");
    if (!f->woken) {
        if (deadline_ns <= f->loop->now_ns)
            return false;
        f->timed_out = false;
        f->state = FIBER_PARKED;
        timer_set(f->loop, &f->timer, deadline_ns);
        leave(f, false);
        if (f->timed_out)
            return false;
        timer_stop(f->loop, &f->timer);
    }
    f->woken = false;
    return true;
}

void fiber_wake(Fiber *f)
{
    if (f->state == FIBER_PARKED) {
        f->state = FIBER_READY;
        f->timed_out = false;
        fiberqueue_push(&f->loop->fibers.ready, f);
    } else {
        f->woken = true;
    }
}

void fiber_yield(void)
{
    Fiber *f = running("fiber_yield");
    f->state = FIBER_READY;
    fiberqueue_push(&f->loop->fibers.yielded, f);
    leave(f, false);
}

void fiber_sleep(int64_t nanoseconds)
{
    Fiber *f = running("fiber_sleep");
    int64_t now = loop_clock(), deadline;
    if (nanoseconds < 0)
        nanoseconds = 0;
    if (__builtin_add_overflow(now, nanoseconds, &deadline))
        deadline = INT64_MAX;
    bool woken = false;
    while (fiber_park_until(deadline))
        woken = true;
    f->woken |= woken;
}

/* A wake-up that comes for it later changes a flag that nobody reads. */
static void forget(Fiber *f)
{
    FiberSet *s = &f->loop->fibers;
    f->state = FIBER_ABANDONED;
    s->alive--;
    s->abandoned++;
    timer_stop(f->loop, &f->timer);
}

void fiber_drop(Fiber *f)
{
    ASSERT(f->state == FIBER_PARKED || f->state == FIBER_READY);
    forget(f);
}

void fiber_abandon(const sigset_t *mask)
{
    Fiber *f = running("fiber_abandon");
    forget(f);
    if (mask)
        (void)pthread_sigmask(SIG_SETMASK, mask, NULL);
    /* Not for good in the eyes of ASan: its frames, and the handler's, stay as they are. */
    leave(f, false);
    __builtin_unreachable();
}

void fiberset_init(FiberSet *s) { s->limit = FIBERS_MAX; }

void fiberset_run(FiberSet *s)
{
    if (CLEF_TSAN)
        name_main(s);
    /* Who yielded in the last turn runs now; who yields from here on runs in the next. */
    while (CLEF_UNLIKELY(s->yielded.first != NULL))
        fiberqueue_push(&s->ready, fiberqueue_pop(&s->yielded));
    for (int i = 0; i < RUNS_PER_TURN; i++) {
        Fiber *f = fiberqueue_pop(&s->ready);
        if (!f)
            return;
        if (CLEF_LIKELY(f->state == FIBER_READY)) /* not dropped meanwhile */
            resume(s, f);
    }
}

/*
 * Between two looks at the pool at least pool_low stacks lay idle all the time, and they are the oldest of the list.
 * Half of them go back to the kernel, so that a load that comes in waves finds the rest warm; the last few lose only
 * the pages below what stands in them.
 */
void fiberset_trim(FiberSet *s, int64_t now_ns)
{
    size_t surplus = (s->pool_low + 1) / 2;
    for (; surplus && s->pooled > STACKS_KEPT; surplus--) {
        Fiber *f = s->pool_last;
        pool_remove(s, f);
        fiber_unmap(s, f);
    }
    if (s->pooled <= STACKS_KEPT)
        surplus = s->pool_low;
    bool more = s->pooled > STACKS_KEPT;
    for (Fiber *f = s->pool_last; f; f = f->prev) {
        if (surplus && !f->trimmed) {
            surplus--;
#ifndef CLEF_FIBERS_UCONTEXT
            stack_trim(&f->stack, f->side.machine.sp);
#endif
            f->trimmed = true;
        }
        more |= !f->trimmed;
    }
    s->pool_low = s->pooled;
    s->trim_ns = more ? now_ns + TRIM_EVERY_NS : 0;
}

void fiberset_finish(FiberSet *s)
{
    if (CLEF_TSAN)
        name_main(s);
    while (s->pool) {
        Fiber *f = s->pool;
        pool_remove(s, f);
        fiber_unmap(s, f);
    }
}
