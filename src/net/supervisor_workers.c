/* supervisor_workers.c: who sits on which seat: starting, hearing, replacing, burying. */
#define _GNU_SOURCE
#include "base/fault.h"
#include "net/supervisor.h"
#include <clef/net/worker.h>

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t MS = 1000000;
static const int64_t EARLY_NS = 5000000000; /* an end before this age counts as early */
static const int64_t DELAY_NS = 250000000;  /* after the second early end; doubled with each further one */
static const int64_t DELAY_MAX_NS = 15000000000;
static const int64_t KILL_NS = 1000000000; /* past the limit that the worker holds itself to */
enum { START_MS = 60000, GRACEFUL_MS = 30000, HOPELESS = 5 };

static SupervisorEvent about(const WorkerProcess *w, SupervisorEventKind kind)
{
    return (SupervisorEvent){ .kind = kind, .seat = w->seat, .pid = w->pid, .generation = w->generation };
}

WorkerProcess *worker_add(Supervisor *s)
{
    WorkerProcess *w = s->spare;
    if (w)
        s->spare = w->next;
    else
        w = NEW(s->arena, WorkerProcess);
    *w = (WorkerProcess){ .next = s->workers, .channel = -1 };
    s->workers = w;
    return w;
}

static void close_channel(WorkerProcess *w)
{
    if (w->channel >= 0)
        close(w->channel);
    w->channel = -1;
}

void workers_signal(const Supervisor *s, int signal)
{
    for (const WorkerProcess *w = s->workers; w; w = w->next)
        kill(w->pid, signal);
}

/* ---- starting ---- */

/* In the child: nothing of the supervisor's is left open but what the worker needs. */
static int be_worker(Supervisor *s, uint32_t number, int channel)
{
    int *fds = NEW_ARRAY(s->arena, int, s->nlisteners + 1);
    size_t n = listeners_of_seat(s, number, fds);
    for (uint32_t i = 0; i < s->nlisteners; i++) {
        bool mine = false;
        for (size_t k = 0; k < n; k++)
            mine = mine || fds[k] == s->listeners[i].fd;
        if (!mine)
            close(s->listeners[i].fd);
    }
    for (WorkerProcess *w = s->workers; w; w = w->next)
        close_channel(w);
    const int others[] = { s->signals, s->notify, s->check.said, s->check.ok };
    for (size_t i = 0; i < CLEF_COUNT(others); i++)
        if (others[i] >= 0)
            close(others[i]);
    /* SIGCHLD is the worker's own again; the signals that stop it stay blocked until worker_attach reads them. */
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_UNBLOCK, &children, NULL);
    const WorkerSeat seat = { .number = number,
                              .count = s->count,
                              .generation = s->generation,
                              .listeners = fds,
                              .nlisteners = n,
                              .channel = channel };
    return s->config->work(&seat, s->config->arg);
}

static void start(Supervisor *s, uint32_t number, int64_t now)
{
    int pair[2], error = 0;
    pid_t pid = -1;
    if (FAULT_CALL(EMFILE, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair)) != 0) {
        error = errno;
    } else if ((pid = FAULT_CALL(EAGAIN, fork())) < 0) {
        error = errno;
        close(pair[0]);
        close(pair[1]);
    }
    if (error) {
        s->seats[number].start_ns = now + 4 * DELAY_NS;
        supervisor_tell(
            s, (SupervisorEvent){
                   .kind = SUPERVISOR_FORK_FAILED, .seat = number, .error = error, .delay_ms = 4 * DELAY_NS / MS });
        return;
    }
    if (pid == 0) {
        close(pair[0]);
        _exit(be_worker(s, number, pair[1]));
    }
    close(pair[1]);
    WorkerProcess *w = worker_add(s);
    w->pid = pid;
    w->channel = pair[0];
    w->seat = number;
    w->generation = s->generation;
    w->started_ns = now;
    w->deadline_ns = now + (s->config->start_ms ? s->config->start_ms : START_MS) * MS;
    supervisor_tell(s, about(w, SUPERVISOR_WORKER_STARTED));
}

/*
 * An end, or a wish to be replaced, soon after the start: the next one waits a little, so that a loop of crashes costs
 * little.
 */
static void count_early(Supervisor *s, const WorkerProcess *w, int64_t now, int64_t delay_max)
{
    if (w->seat >= s->count || w->generation != s->generation)
        return;
    Seat *seat = &s->seats[w->seat];
    if (now - w->started_ns >= EARLY_NS) {
        *seat = (Seat){ 0 };
        return;
    }
    seat->failures++;
    if (!s->was_ready && !s->reloading && seat->failures >= HOPELESS && !s->stopping) {
        supervisor_give_up(s, STR("no worker has become ready; what the first ones said stands above"));
        return;
    }
    if (seat->failures < 2)
        return;
    uint32_t doublings = seat->failures - 2 < 8 ? seat->failures - 2 : 8;
    int64_t delay = DELAY_NS << doublings;
    delay = delay < delay_max ? delay : delay_max;
    seat->start_ns = now + delay;
    SupervisorEvent e = about(w, SUPERVISOR_WORKER_DELAYED);
    e.count = seat->failures;
    e.delay_ms = delay / MS;
    if (!s->stopping)
        supervisor_tell(s, e);
}

/* ---- ending ---- */

static void tell_to_leave(Supervisor *s, WorkerProcess *w, int64_t now)
{
    if (w->state >= WORKER_LEAVING)
        return;
    w->state = WORKER_LEAVING;
    w->deadline_ns = now + (s->config->graceful_ms ? s->config->graceful_ms : GRACEFUL_MS) * MS + KILL_NS;
    kill(w->pid, SIGTERM);
}

static void kill_late(Supervisor *s, WorkerProcess *w, int64_t now, Str why)
{
    SupervisorEvent e = about(w, SUPERVISOR_WORKER_LATE);
    e.why = why;
    e.delay_ms = (now - w->started_ns) / MS;
    supervisor_tell(s, e);
    w->deadline_ns = 0;
    if (w->state == WORKER_STARTING)
        count_early(s, w, w->started_ns, DELAY_MAX_NS);
    w->state = WORKER_KILLED;
    kill(w->pid, SIGKILL);
}

static void bury(Supervisor *s, WorkerProcess **at, int status, int64_t now)
{
    WorkerProcess *w = *at;
    /* One that survived a crash leaves by itself once it has finished what it had. */
    bool asked = w->state >= WORKER_LEAVING || s->stopping || (w->state == WORKER_SPENT && status == 0);
    SupervisorEvent e = about(w, asked ? SUPERVISOR_WORKER_LEFT : SUPERVISOR_WORKER_DIED);
    e.status = status;
    supervisor_tell(s, e);
    if (w->state < WORKER_SPENT)
        count_early(s, w, now, DELAY_MAX_NS);
    close_channel(w);
    *at = w->next;
    w->next = s->spare;
    s->spare = w;
}

void workers_reap(Supervisor *s, int64_t now)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == s->check.pid) {
            s->check.ended = true;
            s->check.status = status;
            continue;
        }
        for (WorkerProcess **at = &s->workers; *at; at = &(*at)->next)
            if ((*at)->pid == pid) {
                bury(s, at, status, now);
                break;
            }
    }
}

/* ---- what they say ---- */

static void asks(Supervisor *s, WorkerProcess *w, Str why, int64_t now, int64_t delay_max)
{
    if (w->state != WORKER_READY)
        return;
    w->state = WORKER_SPENT;
    SupervisorEvent e = about(w, SUPERVISOR_WORKER_ASKS);
    e.why = why;
    supervisor_tell(s, e);
    count_early(s, w, now, delay_max);
}

void worker_heard(Supervisor *s, WorkerProcess *w, int64_t now)
{
    char said[64];
    ssize_t n = read(w->channel, said, sizeof said);
    if (n <= 0 && (n == 0 || (errno != EAGAIN && errno != EINTR)))
        close_channel(w); /* it is ending: its death will be seen */
    for (ssize_t i = 0; i < n; i++)
        switch (said[i]) {
        case WORKER_IS_READY:
            if (w->state == WORKER_STARTING) {
                w->state = WORKER_READY;
                w->deadline_ns = 0;
                s->was_ready = s->was_ready || w->generation == s->generation;
                supervisor_tell(s, about(w, SUPERVISOR_WORKER_READY));
            }
            break;
        case WORKER_HAD_REQUESTS:
            asks(s, w, STR("its limit of requests is reached"), now, DELAY_MAX_NS);
            break;
        case WORKER_HAD_MEMORY:
            asks(s, w, STR("its limit of memory is reached"), now, DELAY_MAX_NS);
            break;
        case WORKER_HAS_CRASHED:
            /* It accepts nothing more: a request that crashes must not buy a long pause. */
            asks(s, w, STR("it survived a crash"), now, DELAY_NS);
            break;
        default:
            break;
        }
}

/* ---- the rules ---- */

/* The one that serves, or will serve, the seat. */
static WorkerProcess *holder(const Supervisor *s, uint32_t seat)
{
    for (WorkerProcess *w = s->workers; w; w = w->next)
        if (w->seat == seat && w->generation == s->generation && w->state <= WORKER_READY)
            return w;
    return NULL;
}

static void settle_seat(Supervisor *s, uint32_t number, int64_t now, uint32_t *ready)
{
    const WorkerProcess *w = holder(s, number);
    if (!w && now >= s->seats[number].start_ns) {
        start(s, number, now);
        return;
    }
    if (!w || w->state != WORKER_READY)
        return;
    ++*ready;
    for (WorkerProcess *old = s->workers; old; old = old->next)
        if (old->seat == number && old != w)
            tell_to_leave(s, old, now);
}

static void all_ready(Supervisor *s, int64_t now)
{
    bool old_left = false;
    for (WorkerProcess *w = s->workers; w; w = w->next)
        if (w->generation != s->generation) {
            tell_to_leave(s, w, now); /* also of seats that are no more */
            old_left = true;
        }
    if (!old_left)
        listeners_drop_unwanted(s);
    if (s->announced)
        return;
    s->announced = true;
    Str text = str_format(s->arena, "READY=1\nSTATUS=serving with %u workers", (unsigned)s->count);
    notify_send(s->notify, s->config->environment, text);
    supervisor_tell(s, (SupervisorEvent){ .kind = s->reloading ? SUPERVISOR_RELOAD_DONE : SUPERVISOR_READY,
                                          .count = s->count,
                                          .generation = s->generation });
}

void workers_settle(Supervisor *s, int64_t now)
{
    for (WorkerProcess *w = s->workers; w; w = w->next)
        if (w->deadline_ns && now >= w->deadline_ns)
            kill_late(s, w, now,
                      w->state == WORKER_STARTING ? STR("was not ready in time") : STR("did not leave in time"));
    if (s->stopping) {
        for (WorkerProcess *w = s->workers; w; w = w->next) {
            if (w->state < WORKER_LEAVING && (s->quick || now >= s->settle_ns)) {
                w->state = WORKER_LEAVING;
                w->deadline_ns = 0;
                kill(w->pid, s->quick ? SIGINT : SIGTERM);
            }
            if (now >= s->stop_ns && w->state != WORKER_KILLED)
                kill_late(s, w, now, STR("did not leave in time"));
        }
        return;
    }
    uint32_t ready = 0;
    for (uint32_t i = 0; i < s->count; i++)
        settle_seat(s, i, now, &ready);
    if (ready == s->count)
        all_ready(s, now);
}

int64_t workers_due(const Supervisor *s)
{
    int64_t due = INT64_MAX;
    for (const WorkerProcess *w = s->workers; w; w = w->next) {
        if (w->deadline_ns && w->deadline_ns < due)
            due = w->deadline_ns;
        if (s->stopping && w->state != WORKER_KILLED && s->stop_ns < due)
            due = s->stop_ns;
        if (s->stopping && w->state < WORKER_LEAVING && s->settle_ns < due)
            due = s->settle_ns;
    }
    for (uint32_t i = 0; i < s->count && !s->stopping; i++)
        if (!holder(s, i) && s->seats[i].start_ns < due)
            due = s->seats[i].start_ns;
    return due;
}
