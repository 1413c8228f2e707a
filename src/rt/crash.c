/*
 * crash.c: the signals of a crash, leaving the fiber, and the watchdog afterwards. The contract is in <clef/rt/crash.h>.
 *
 * The handler runs on an alternative stack, since the fiber's own may be what ran out, and stays unmasked, so that a
 * fault of the handler comes to itself and is seen for what it is. It allocates nothing and takes no lock.
 */
#include "rt/crash.h"
#include "base/assert.h"
#include "rt/loop.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if CLEF_ASAN
#include <sanitizer/asan_interface.h>
#endif

enum { ALTERNATIVE_STACK = 128 << 10, STACK_GUARD_BELOW = 16 << 10 };

static const int caught[CRASH_SIGNALS] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static __thread CrashSeat *seat __attribute__((tls_model("initial-exec")));

CrashSeat *crash_seat(void) { return seat; }

/* ---- after a crash ---- */

static void restore(const CrashSeat *s)
{
    for (size_t i = 0; i < CRASH_SIGNALS; i++)
        (void)sigaction(caught[i], &s->before[i], NULL);
}

/* On the loop's stack. */
static void deliver(void *arg)
{
    CrashSeat *s = arg;
    for (size_t i = 0; i < CRASH_RECORDS; i++) {
        CrashRecord *r = &s->records[i];
        if (!r->taken)
            continue;
        loop_release(s->loop);
        if (s->o.crashed)
            s->o.crashed(s->loop, &r->crash, s->o.arg);
        r->taken = false;
    }
}

/*
 * Handlers that left a fiber never returned, and their frames' marks are still on the alternative stack. Not
 * instrumented, as its own frame lies there too.
 */
static __attribute__((no_sanitize("address"), noinline)) void forget_old_frames(const CrashSeat *s)
{
#if CLEF_ASAN
    if (s)
        __asan_unpoison_memory_region((char *)s->map + STACK_GUARD_BELOW, ALTERNATIVE_STACK);
#else
    (void)s;
#endif
}

/* Every second. A tick ends a sleep of the loop, so a loop that made no turn between two ticks is not asleep. */
static void handle_tick(int signal, void *context)
{
    CrashSeat *s = seat;
    int error = errno;
    if (s && s->watched && s->pid == getpid()) {
        if (s->seen_ns != s->loop->now_ns) {
            s->seen_ns = s->loop->now_ns;
            s->stale = 0;
        } else if (++s->stale >= s->o.hang_seconds) {
            Crash *c = &s->spare.crash;
            *c = (Crash){ .signal = signal };
            RawText t = RAW_TEXT(c->what);
            raw_signal(&t, signal);
            raw_str(&t, ": the loop hangs since a crash; the process is ended");
            restore(s);
            crash_walk(s, c, context, fiber_self());
            crash_write_raw(STDERR_FILENO, c);
            if (s->o.dying)
                s->o.dying(c, s->o.arg);
            (void)sigaction(SIGALRM, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
            (void)syscall(SYS_tgkill, s->pid, syscall(SYS_gettid), SIGALRM);
        }
    }
    errno = error;
}

static __attribute__((no_sanitize("address"))) void on_tick(int signal, siginfo_t *info, void *context)
{
    (void)info;
    forget_old_frames(seat);
    handle_tick(signal, context);
}

static void watch(CrashSeat *s)
{
    if (s->watched)
        return;
    s->watched = true;
    s->stale = 0;
    s->seen_ns = s->loop->now_ns;
    struct sigaction action = { .sa_sigaction = on_tick, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART };
    (void)sigaction(SIGALRM, &action, &s->alarm_before);
    struct itimerspec every = { { 1, 0 }, { 1, 0 } };
    (void)timer_settime(s->watchdog, 0, &every, NULL);
}

/* ---- the crash ---- */

static void keep_message(CrashRecord *r, const char *p, size_t n)
{
    RawText t = RAW_TEXT(r->message);
    raw_add(&t, p, n);
    r->crash.message = (Str){ t.p, t.n };
}

/* What a panic or glibc ("*** stack smashing detected ***") said before the abort; the latter once only. */
static void take_abort_message(CrashSeat *s, CrashRecord *r)
{
    struct {
        unsigned size;
        char text[];
    } const *said = s->abort_message ? *s->abort_message : NULL;
    const char *panic = panic_message();
    if (panic)
        keep_message(r, panic, strlen(panic));
    else if (said)
        keep_message(r, said->text, strnlen(said->text, said->size < 4096 ? said->size : 4096));
    if (s->abort_message)
        *s->abort_message = NULL;
}

static CrashRecord *free_record(CrashSeat *s)
{
    for (size_t i = 0; i < CRASH_RECORDS; i++)
        if (!s->records[i].taken)
            return &s->records[i];
    return NULL;
}

/* The fiber that may be left for this crash; NULL: none. */
static Fiber *may_leave(const CrashSeat *s)
{
    if (loop_current() != s->loop || s->survived >= s->o.most)
        return NULL;
    return s->loop->fibers.current;
}

/* Has `crashed` called soon; false when there is no way. */
static bool announce(CrashSeat *s, CrashRecord *r)
{
    Loop *loop = s->loop;
    r->taken = true;
    /* A table that is full would have to grow, which a handler of signals must not do. */
    if (!loop_post(loop, deliver, s) && (loop->nhooks == loop->hooks_cap || !loop_defer(loop, deliver, s))) {
        r->taken = false;
        return false;
    }
    loop_hold(loop);
    return true;
}

static bool leave(CrashSeat *s, CrashRecord *r)
{
    r->crash.number = ++s->survived;
    if (!announce(s, r))
        return false;
    watch(s);
    return true;
}

static void last_words(const CrashSeat *s, const Crash *c)
{
    crash_write_raw(STDERR_FILENO, c);
    if (s->o.dying)
        s->o.dying(c, s->o.arg);
}

/* From another process, and so no fault of what runs. */
static bool was_sent(const siginfo_t *info) { return info->si_code <= 0 && info->si_pid != getpid(); }

/*
 * Another thread, or a child of the process: the trace goes out, and the signal does what it does by default. A fault comes
 * again by itself when the handler returns; what was sent is sent again.
 */
static CLEF_COLD void die_elsewhere(int signal, const siginfo_t *info, void *context)
{
    Crash c = { 0 };
    crash_describe(&c, signal, info, context, NULL);
    (void)sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
    crash_walk(NULL, &c, context, NULL);
    crash_write_raw(STDERR_FILENO, &c);
    if (info->si_code <= 0)
        (void)syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal);
}

static void handle_crash(int signal, siginfo_t *info, void *context)
{
    CrashSeat *s = seat;
    int error = errno;
    if (s && s->walking && signal != SIGABRT)
        _longjmp(s->walked, 1);
    if (!s || s->pid != getpid()) {
        die_elsewhere(signal, info, context);
        errno = error;
        return;
    }
    Fiber *f = s->busy || was_sent(info) ? NULL : may_leave(s);
    CrashRecord *r = f ? free_record(s) : NULL;
    bool again = s->busy;
    s->busy = true;
    if (!r)
        r = &s->spare;
    r->crash = (Crash){ 0 };
    crash_describe(&r->crash, signal, info, context, fiber_self());
    if (signal == SIGABRT)
        take_abort_message(s, r);
    crash_walk(s, &r->crash, context, fiber_self());
    r->crash.task = fiber_task();
    if (r != &s->spare && leave(s, r)) {
        s->busy = false;
        sigset_t mask = ((const ucontext_t *)context)->uc_sigmask;
        sigdelset(&mask, SIGALRM);
        fiber_abandon(&mask);
    }
    if (again)
        raw_write(STDERR_FILENO, "clef: a crash while one was being handled\n", 42);
    else
        last_words(s, &r->crash);
    restore(s);
    if (info->si_code <= 0)
        (void)syscall(SYS_tgkill, s->pid, syscall(SYS_gettid), signal);
    errno = error;
}

static __attribute__((no_sanitize("address"))) void on_crash(int signal, siginfo_t *info, void *context)
{
    forget_old_frames(seat);
    handle_crash(signal, info, context);
}

void crash_reported(const char *what, const char *report)
{
    CrashSeat *s = seat;
    if (!s || s->pid != getpid() || s->busy)
        return;
    Fiber *f = may_leave(s);
    CrashRecord *r = f ? free_record(s) : NULL;
    if (!r)
        r = &s->spare;
    s->busy = true;
    r->crash = (Crash){ 0 };
    RawText t = RAW_TEXT(r->crash.what);
    raw_str(&t, what);
    if (report)
        keep_message(r, report, strlen(report));
    crash_walk(s, &r->crash, NULL, f);
    r->crash.task = fiber_task();
    s->busy = false;
    if (r != &s->spare && leave(s, r)) {
        sigset_t mask;
        (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
        sigdelset(&mask, SIGALRM);
        fiber_abandon(&mask);
    }
    /* The report itself has been printed. */
    if (s->o.dying)
        s->o.dying(&r->crash, s->o.arg);
}

/* ---- coming and going ---- */

static size_t mapped(void) { return STACK_GUARD_BELOW + ALTERNATIVE_STACK + sizeof(CrashSeat) + 64; }

static void put_back(CrashSeat *s)
{
    restore(s);
    if (s->watched) {
        struct itimerspec never = { 0 };
        (void)timer_settime(s->watchdog, 0, &never, NULL);
        (void)sigaction(SIGALRM, &s->alarm_before, NULL);
    }
    (void)timer_delete(s->watchdog);
    s->stack_before.ss_flags &= ~SS_ONSTACK;
    (void)sigaltstack(&s->stack_before, NULL);
    seat = NULL;
    (void)munmap(s->map, s->map_size);
}

static bool is_installed(void)
{
    struct sigaction now;
    return sigaction(SIGSEGV, NULL, &now) == 0 && now.sa_flags & SA_SIGINFO && now.sa_sigaction == on_crash;
}

int crash_install(Loop *loop, const CrashOptions *options)
{
    if (seat || is_installed())
        return -EALREADY;
    size_t n = mapped();
    char *map = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
        return -errno;
    char *stack = map + STACK_GUARD_BELOW;
    CrashSeat *s = (CrashSeat *)(void *)(stack + ALTERNATIVE_STACK);
    *s = (CrashSeat){ .loop = loop, .o = *options, .pid = getpid(), .map = map, .map_size = n };
    if (s->o.most == 0)
        s->o.most = CRASH_DEFAULT_MOST;
    if (s->o.hang_seconds == 0)
        s->o.hang_seconds = CRASH_DEFAULT_HANG_SECONDS;
    s->abort_message = dlvsym(RTLD_DEFAULT, "__abort_msg", "GLIBC_PRIVATE");
    struct sigevent tick = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM };
    tick._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    stack_t alternative = { .ss_sp = stack, .ss_size = ALTERNATIVE_STACK };
    if (mprotect(map, STACK_GUARD_BELOW, PROT_NONE) != 0 || timer_create(CLOCK_MONOTONIC, &tick, &s->watchdog) != 0) {
        int error = -errno;
        (void)munmap(map, n);
        return error;
    }
    if (sigaltstack(&alternative, &s->stack_before) != 0) {
        int error = -errno;
        (void)timer_delete(s->watchdog);
        (void)munmap(map, n);
        return error;
    }
    crash_walk_prepare();
    seat = s;
    struct sigaction action = { .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    for (size_t i = 0; i < CRASH_SIGNALS; i++)
        (void)sigaction(caught[i], &action, &s->before[i]);
    crash_reports_begin();
    return 0;
}

void crash_uninstall(Loop *loop)
{
    CrashSeat *s = seat;
    if (!s || s->loop != loop)
        return;
    crash_reports_end();
    for (size_t i = 0; i < CRASH_RECORDS; i++)
        if (s->records[i].taken)
            loop_release(loop);
    put_back(s);
}
