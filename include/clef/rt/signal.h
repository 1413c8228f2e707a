/*
 * signal.h: signals of the process as events of the loop. A watched signal is blocked and read from a descriptor, so
 * its function runs on the loop's stack like any other callback and may do anything.
 *
 * Threads inherit what is blocked: watch before any is started that does not block them itself (the loop's pool does).
 * Child processes made by process_spawn get every signal back as it is by default.
 */
#ifndef CLEF_RT_SIGNAL_H
#define CLEF_RT_SIGNAL_H

#include <clef/rt/loop.h>
#include <signal.h>

/* `sender` is 0 when the kernel sent it. Signals of one number that come close together may be told once. */
typedef void SignalWatchFn(Loop *loop, int signal, pid_t sender, void *arg);

typedef struct SignalWatch {
    Watcher watcher; /* private, as all of it */
    Loop *loop;
    SignalWatchFn *fn;
    void *arg;
    sigset_t blocked; /* by this watch */
} SignalWatch;

/*
 * fn for each of these signals from now on, in the background: it does not keep the loop running. 0 or -errno; -EINVAL for
 * those that cannot be waited for (SIGKILL, SIGSTOP, and the faults: SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT).
 */
CLEF_API(int, signals_watch, SignalWatch *w, Loop *loop, const int *signals, size_t n, SignalWatchFn *fn, void *arg)
CLEF_MUST_USE;
/* They do again what they did before. One that is on its way is dropped. */
CLEF_API(void, signals_unwatch, SignalWatch *w);

#endif
