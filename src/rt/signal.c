/* signal.c: signals as events. The contract is in <clef/rt/signal.h>. */
#include <clef/rt/signal.h>

#include <errno.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static void on_signals(Loop *loop, Watcher *watcher, uint32_t events)
{
    (void)events;
    SignalWatch *w = CLEF_CONTAINER(watcher, SignalWatch, watcher);
    struct signalfd_siginfo info;
    /* The callback may end the watch. */
    while (watcher->fd >= 0 && read(watcher->fd, &info, sizeof info) == (ssize_t)sizeof info)
        w->fn(loop, (int)info.ssi_signo, (pid_t)info.ssi_pid, w->arg);
}

static bool can_wait_for(int signal)
{
    static const int never[] = { SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
    for (size_t i = 0; i < CLEF_COUNT(never); i++)
        if (signal == never[i])
            return false;
    return signal > 0 && signal <= SIGRTMAX;
}

int signals_watch(SignalWatch *w, Loop *loop, const int *signals, size_t n, SignalWatchFn *fn, void *arg)
{
    sigset_t set, before;
    *w = (SignalWatch){ .watcher.fd = -1, .loop = loop, .fn = fn, .arg = arg };
    sigemptyset(&set);
    sigemptyset(&w->blocked);
    for (size_t i = 0; i < n; i++) {
        if (!can_wait_for(signals[i]))
            return -EINVAL;
        sigaddset(&set, signals[i]);
    }
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    w->watcher = (Watcher){ .fd = fd, .fn = on_signals };
    int error = loop_watch(loop, &w->watcher, EPOLLIN);
    if (error < 0) {
        close(fd);
        w->watcher.fd = -1;
        return error;
    }
    loop_release(loop);
    (void)pthread_sigmask(SIG_BLOCK, &set, &before);
    for (size_t i = 0; i < n; i++)
        if (!sigismember(&before, signals[i]))
            sigaddset(&w->blocked, signals[i]);
    return 0;
}

void signals_unwatch(SignalWatch *w)
{
    if (w->watcher.fd < 0)
        return;
    loop_hold(w->loop); /* what the end of the watching takes back was given back at its start */
    loop_close(w->loop, &w->watcher);
    /* One that is pending would do what it does by default now. */
    struct timespec now = { 0 };
    while (sigtimedwait(&w->blocked, NULL, &now) > 0)
        ;
    (void)pthread_sigmask(SIG_UNBLOCK, &w->blocked, NULL);
}
