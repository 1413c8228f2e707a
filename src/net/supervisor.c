/* supervisor.c: the supervisor's loop: signals, channels, time, the stop. */
#define _GNU_SOURCE
#include "net/supervisor.h"
#include "base/fault.h"
#include <clef/rt/loop.h>

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* SETTLE: for handshakes that are under way when a graceful stop begins. */
static const int64_t MS = 1000000, QUICK_NS = 3000000000, SETTLE_NS = 50000000;
enum { GRACEFUL_MS = 30000, MANY_SIGNALS = 32 };

void supervisor_tell(const Supervisor *s, SupervisorEvent e)
{
    if (s->config->event)
        s->config->event(&e, s->config->arg);
}

static int64_t graceful_ns(const Supervisor *s)
{
    return (s->config->graceful_ms ? s->config->graceful_ms : GRACEFUL_MS) * MS;
}

void supervisor_give_up(Supervisor *s, Str why)
{
    supervisor_tell(s, (SupervisorEvent){ .kind = SUPERVISOR_FAILED, .why = why });
    s->gave_up = s->stopping = true;
    s->quick = !s->reloading; /* after a reload the workers of the program before are serving */
    s->stop_ns = loop_clock() + (s->quick ? QUICK_NS : graceful_ns(s));
}

Str environment_find(char *const *environment, Str name)
{
    for (; environment && *environment; environment++) {
        Str line = str_c(*environment);
        if (line.n > name.n && line.p[name.n] == '=' && memcmp(line.p, name.p, name.n) == 0)
            return str_from_byte(line, name.n + 1);
    }
    return (Str){ 0 };
}

/* ---- signals ---- */

static void stop(Supervisor *s, bool quick, Str why)
{
    if (s->quick || (s->stopping && !quick))
        return;
    s->stopping = true;
    s->quick = quick;
    s->stop_ns = loop_clock() + (quick ? QUICK_NS : graceful_ns(s));
    reload_abandon(s);
    notify_send(s->notify, s->config->environment, STR("STOPPING=1\nSTATUS=stopping"));
    supervisor_tell(
        s, (SupervisorEvent){ .kind = SUPERVISOR_STOPPING, .why = why, .delay_ms = (s->stop_ns - loop_clock()) / MS });
    /* From here on the workers alone hold the listeners. They are told to stop when nothing new can come any more. */
    if (!quick) {
        listeners_quiet(s);
        s->settle_ns = loop_clock() + SETTLE_NS;
    }
    listeners_close(s, true);
    if (quick)
        workers_signal(s, SIGINT);
}

static void take_signals(Supervisor *s, int64_t now)
{
    struct signalfd_siginfo infos[MANY_SIGNALS];
    ssize_t n = read(s->signals, infos, sizeof infos);
    for (ssize_t i = 0; n > 0 && i < n / (ssize_t)sizeof infos[0]; i++)
        switch (infos[i].ssi_signo) {
        case SIGTERM:
            stop(s, false, STR("SIGTERM"));
            break;
        case SIGINT:
            stop(s, true, STR("SIGINT"));
            break;
        case SIGQUIT:
            stop(s, true, STR("SIGQUIT"));
            break;
        case SIGHUP:
            if (!s->stopping)
                reload_begin(s, now);
            break;
        case SIGUSR1:
            supervisor_tell(s, (SupervisorEvent){ .kind = SUPERVISOR_REOPEN });
            workers_signal(s, SIGUSR1);
            break;
        default:
            break; /* SIGCHLD: every turn looks */
        }
}

/* ---- the loop ---- */

/* Descriptors to poll: the signals, the two pipes of a check run, the channels. */
static uint32_t fill_polls(Supervisor *s)
{
    uint32_t n = 3;
    for (const WorkerProcess *w = s->workers; w; w = w->next)
        n++;
    if (n > s->polls_cap) {
        s->polls_cap = n * 2;
        s->polls = NEW_ARRAY(s->arena, struct pollfd, s->polls_cap);
        s->polled = NEW_ARRAY(s->arena, WorkerProcess *, s->polls_cap);
    }
    n = 0;
    const int first[] = { s->signals, s->check.said, s->check.ok };
    for (size_t i = 0; i < CLEF_COUNT(first); i++)
        s->polls[n++] = (struct pollfd){ .fd = first[i], .events = POLLIN };
    for (WorkerProcess *w = s->workers; w; w = w->next) {
        s->polled[n] = w;
        s->polls[n++] = (struct pollfd){ .fd = w->channel, .events = POLLIN };
    }
    return n;
}

static int sleep_ms(const Supervisor *s, int64_t now)
{
    int64_t until = workers_due(s);
    if (s->check.pid && s->check.deadline_ns < until)
        until = s->check.deadline_ns;
    if (s->watchdog_ns && s->watchdog_due_ns < until)
        until = s->watchdog_due_ns;
    if (until == INT64_MAX)
        return -1;
    int64_t ms = until <= now ? 0 : (until - now - 1) / MS + 1;
    return ms > 3600000 ? 3600000 : (int)ms;
}

static void watchdog(Supervisor *s, int64_t now)
{
    if (!s->watchdog_ns || now < s->watchdog_due_ns)
        return;
    s->watchdog_due_ns = now + s->watchdog_ns;
    notify_send(s->notify, s->config->environment, STR("WATCHDOG=1"));
}

static bool turn(Supervisor *s)
{
    int64_t now = loop_clock();
    workers_settle(s, now);
    watchdog(s, now);
    if (s->stopping && !s->workers)
        return false;
    uint32_t n = fill_polls(s);
    int ready = poll(s->polls, n, sleep_ms(s, now));
    now = loop_clock();
    if (ready > 0) {
        for (uint32_t i = 3; i < n; i++)
            if (s->polls[i].revents)
                worker_heard(s, s->polled[i], now);
        if (s->polls[0].revents)
            take_signals(s, now);
    }
    workers_reap(s, now);
    if (s->check.pid)
        reload_go_on(s, now);
    return true;
}

/* ---- begin and end ---- */

static uint32_t cores(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : (uint32_t)n;
}

static bool block_signals(Supervisor *s)
{
    static const int taken[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGCHLD };
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < CLEF_COUNT(taken); i++)
        sigaddset(&set, taken[i]);
    sigprocmask(SIG_BLOCK, &set, &s->before);
    for (size_t i = 0; i < CLEF_COUNT(taken) && s->reloading; i++)
        sigdelset(&s->before, taken[i]); /* the program before blocked them */
    s->signals = FAULT_CALL(EMFILE, signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    return s->signals >= 0;
}

static int serve(Supervisor *s)
{
    s->notify = notify_open(s->config->environment);
    s->watchdog_ns = notify_watchdog(s->config->environment);
    s->watchdog_due_ns = loop_clock();
    while (turn(s))
        ;
    listeners_close(s, true);
    if (s->notify >= 0)
        close(s->notify);
    supervisor_tell(s, (SupervisorEvent){ .kind = SUPERVISOR_STOPPED });
    return s->gave_up;
}

/* The run that only looks whether this program could take over: `text` says from whom. */
static int check(Supervisor *s, Str text)
{
    if (!reload_take_over(s, text, true)) {
        supervisor_tell(s,
                        (SupervisorEvent){
                            .kind = SUPERVISOR_FAILED,
                            .why = STR("this program cannot take over from the one that runs: restart the service") });
        return 1;
    }
    return !listeners_open(s, true) || !reload_check_passed(s);
}

static int run(Supervisor *s)
{
    char *const *environment = s->config->environment;
    if (supervisor_is_check(environment))
        return check(s, environment_find(environment, STR(CHECK_VARIABLE)));
    Str before = environment_find(environment, STR(RELOAD_VARIABLE));
    bool over = !str_is_null(before) && reload_take_over(s, before, false);
    if (!over && !listeners_from_systemd(s))
        return 1;
    if (!listeners_open(s, false)) {
        listeners_close(s, !over);
        if (!over)
            return 1;
        supervisor_give_up(s, STR("the new addresses cannot be served; the service must be started again"));
    }
    if (!block_signals(s)) {
        supervisor_tell(s, (SupervisorEvent){ .kind = SUPERVISOR_FAILED, .error = errno, .why = STR("signalfd") });
        sigprocmask(SIG_SETMASK, &s->before, NULL);
        listeners_close(s, true);
        return 1;
    }
    int status = serve(s);
    close(s->signals);
    sigprocmask(SIG_SETMASK, &s->before, NULL);
    return status;
}

int supervisor_run(const SupervisorConfig *config)
{
    Arena *arena = arena_create(NULL, 0, 16384);
    Supervisor *s = NEW(arena, Supervisor);
    *s = (Supervisor){ .config = config,
                       .arena = arena,
                       .count = config->workers ? config->workers : cores(),
                       .generation = 1,
                       .signals = -1,
                       .notify = -1,
                       .check = { .said = -1, .ok = -1 } };
    if (s->count > SUPERVISOR_WORKERS_MAX)
        s->count = SUPERVISOR_WORKERS_MAX;
    s->seats = NEW_ARRAY(arena, Seat, s->count);
    int status = run(s);
    arena_destroy(arena);
    return status;
}
