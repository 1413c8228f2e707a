/* worker.c: a worker's signals and its channel, on its loop. */
#define _GNU_SOURCE
#include <clef/net/worker.h>

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct Worker {
    Watcher signals, channel;
    Loop *loop;
    WorkerHooks hooks;
    bool stopping, quick;
};

static void stop(Worker *w, bool quick)
{
    if (w->quick || (w->stopping && !quick))
        return;
    w->stopping = true;
    w->quick = quick;
    w->hooks.stop(w->hooks.arg, quick);
}

static void on_signals(Loop *loop, Watcher *watcher, uint32_t events)
{
    (void)loop, (void)events;
    Worker *w = CLEF_CONTAINER(watcher, Worker, signals);
    struct signalfd_siginfo info;
    while (watcher->fd >= 0 && read(watcher->fd, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo == SIGUSR1) {
            if (w->hooks.reopen)
                w->hooks.reopen(w->hooks.arg);
        } else if (info.ssi_signo != SIGHUP) {
            stop(w, info.ssi_signo != SIGTERM);
        }
}

/* Nothing is ever sent to a worker; the end of the channel is the end of the supervisor. */
static void on_channel(Loop *loop, Watcher *watcher, uint32_t events)
{
    (void)events;
    Worker *w = CLEF_CONTAINER(watcher, Worker, channel);
    char bytes[64];
    ssize_t n;
    while ((n = read(watcher->fd, bytes, sizeof bytes)) > 0)
        ;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    loop_hold(loop); /* what loop_unwatch takes back was given back at the attach */
    loop_unwatch(loop, watcher);
    watcher->fn = NULL;
    stop(w, false);
}

static int watch_in_background(Loop *loop, Watcher *w)
{
    int error = loop_watch(loop, w, EPOLLIN | EPOLLRDHUP);
    if (!error)
        loop_release(loop);
    return error;
}

Worker *worker_attach(const WorkerSeat *seat, Loop *loop, Arena *arena, const WorkerHooks *hooks)
{
    static const int taken[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1 };
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < CLEF_COUNT(taken); i++)
        sigaddset(&set, taken[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    Worker *w = NEW(arena, Worker);
    *w = (Worker){ .loop = loop, .hooks = *hooks };
    w->signals = (Watcher){ .fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), .fn = on_signals };
    if (w->signals.fd < 0)
        return NULL;
    w->channel = (Watcher){ .fd = seat->channel, .fn = on_channel };
    int error = watch_in_background(loop, &w->signals);
    if (!error && (error = watch_in_background(loop, &w->channel)) != 0)
        loop_hold(loop);
    if (error) {
        loop_close(loop, &w->signals);
        errno = -error;
        return NULL;
    }
    return w;
}

void worker_detach(Worker *w)
{
    if (!w)
        return;
    loop_hold(w->loop);
    loop_close(w->loop, &w->signals);
    if (w->channel.fn) {
        loop_hold(w->loop);
        loop_unwatch(w->loop, &w->channel);
    }
}

void worker_tell(const WorkerSeat *seat, WorkerWord word)
{
    int error = errno;
    char byte = (char)word;
    (void)!send(seat->channel, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    errno = error;
}
