/*
 * supervisor_reload.c: one program replaces another in the same process. First the program file runs once as a child, to
 * see that it starts (settings, urls, new addresses); then exec. What must survive the exec goes through it by descriptor,
 * and its description by one variable of the environment:
 *
 *     1 PID GENERATION OK_FD
 *     listener FD KIND SEAT DEV INO ADDRESS
 *     worker PID FD SEAT GENERATION STATE
 *
 * a line each. The first line has the version of this text and the process it is meant for, so that neither another version
 * nor a child that inherits the variable takes it for its own.
 */
#define _GNU_SOURCE
#include "base/fault.h"
#include "net/supervisor.h"
#include <clef/rt/loop.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t MS = 1000000;
enum { VERSION = 1, CHECK_MS = 60000, SAID_MAX = 4096, TEXT_MAX = 130000 /* MAX_ARG_STRLEN less a little */ };

/* ---- the text ---- */

static Str describe(const Supervisor *s, Arena *a, pid_t from, int ok)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    buf_printf(&b, "%d %d %u %d\n", VERSION, (int)from, (unsigned)s->generation, ok);
    for (uint32_t i = 0; i < s->nlisteners; i++) {
        const SeatListener *l = &s->listeners[i];
        const ListenAddress *at = &s->addresses[l->address];
        buf_printf(&b, "listener %d %c %u %llu %llu %.*s\n", l->fd, (char)at->kind, (unsigned)l->seat,
                   (unsigned long long)at->dev, (unsigned long long)at->ino, STR_FMT(at->text));
    }
    for (const WorkerProcess *w = s->workers; w; w = w->next)
        buf_printf(&b, "worker %d %d %u %u %u\n", (int)w->pid, w->channel, (unsigned)w->seat, (unsigned)w->generation,
                   (unsigned)w->state);
    return b.failed ? (Str){ 0 } : buf_view(&b);
}

static bool number(Str *line, int64_t least, int64_t most, int64_t *out)
{
    Str word;
    return str_cut(line, ' ', &word) && str_to_i64(word, out) && *out >= least && *out <= most;
}

static bool take_listener(Supervisor *s, Str line, bool check_only)
{
    int64_t fd, seat, dev, ino;
    Str kind;
    if (!number(&line, 0, INT32_MAX, &fd) || !str_cut(&line, ' ', &kind) || kind.n != 1 ||
        !number(&line, 0, SUPERVISOR_WORKERS_MAX, &seat) || !number(&line, 0, INT64_MAX, &dev) ||
        !number(&line, 0, INT64_MAX, &ino))
        return false;
    uint32_t i = 0;
    while (i < s->naddresses && !str_eq(s->addresses[i].text, line))
        i++;
    if (i == SUPERVISOR_ADDRESSES_MAX)
        return false;
    if (i == s->naddresses) {
        s->addresses[s->naddresses++] =
            (ListenAddress){ .text = line, .kind = (ListenKind)kind.p[0], .dev = (uint64_t)dev, .ino = (uint64_t)ino };
    }
    if (check_only)
        return true;
    if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0 || address_of_socket((int)fd, &s->addresses[i].at) != 0)
        return false;
    listeners_add(s, (int)fd, i, (uint32_t)seat);
    return true;
}

static bool take_worker(Supervisor *s, Str line)
{
    int64_t pid, fd, seat, generation, state, now = loop_clock();
    if (!number(&line, 1, INT32_MAX, &pid) || !number(&line, -1, INT32_MAX, &fd) ||
        !number(&line, 0, SUPERVISOR_WORKERS_MAX, &seat) || !number(&line, 0, UINT32_MAX, &generation) ||
        !number(&line, 0, WORKER_KILLED, &state))
        return false;
    WorkerProcess *w = worker_add(s);
    w->pid = (pid_t)pid;
    w->channel = (int)fd;
    w->seat = (uint32_t)seat;
    w->generation = (uint32_t)generation;
    w->state = (WorkerState)state;
    w->started_ns = now;
    if (w->channel >= 0)
        (void)fcntl(w->channel, F_SETFD, FD_CLOEXEC);
    /* One that is on its way out keeps a limit. */
    if (w->state == WORKER_LEAVING)
        w->deadline_ns = now + (s->config->graceful_ms ? s->config->graceful_ms : 30000) * MS;
    return true;
}

bool reload_take_over(Supervisor *s, Str text, bool check_only)
{
    Str rest = str_copy(s->arena, text), line, kind;
    int64_t version, pid, generation, ok;
    if (!str_cut(&rest, '\n', &line) || !number(&line, VERSION, VERSION, &version) ||
        !number(&line, 1, INT32_MAX, &pid) || pid != (check_only ? getppid() : getpid()) ||
        !number(&line, 1, UINT32_MAX - 1, &generation) || !number(&line, -1, INT32_MAX, &ok))
        return false;
    while (str_cut(&rest, '\n', &line) && line.n) {
        str_cut(&line, ' ', &kind);
        bool fine =
            str_eq(kind, STR("listener")) ? take_listener(s, line, check_only) : check_only || take_worker(s, line);
        if (!fine)
            return false;
    }
    s->generation = (uint32_t)generation + 1;
    s->reloading = true;
    s->check.ok = check_only ? (int)ok : -1;
    return true;
}

bool supervisor_is_check(char *const *environment)
{
    /* "1 PID ...": of the parent, else it is an inherited variable without a meaning. */
    Str text = environment_find(environment, STR(CHECK_VARIABLE)), word;
    int64_t pid;
    return str_cut(&text, ' ', &word) && str_cut(&text, ' ', &word) && str_to_i64(word, &pid) && pid == getppid();
}

bool reload_check_passed(Supervisor *s) { return write(s->check.ok, "ok", 2) == 2; }

/* ---- running the program ---- */

static bool is_ours(const char *variable)
{
    static const Str names[] = { { RELOAD_VARIABLE "=", sizeof RELOAD_VARIABLE },
                                 { CHECK_VARIABLE "=", sizeof CHECK_VARIABLE },
                                 { "LISTEN_PID=", 11 },
                                 { "LISTEN_FDS=", 11 },
                                 { "LISTEN_FDNAMES=", 15 } };
    for (size_t i = 0; i < CLEF_COUNT(names); i++)
        if (str_starts(str_c(variable), names[i]))
            return true;
    return false;
}

/* The environment without what was meant for this program alone, with `extra`. */
static char **environment_with(const Supervisor *s, Arena *a, Str name, Str value)
{
    char *const *from = s->config->environment;
    size_t n = 0, k = 0;
    while (from && from[n])
        n++;
    char **to = NEW_ARRAY(a, char *, n + 2);
    for (size_t i = 0; i < n; i++)
        if (!is_ours(from[i]))
            to[k++] = from[i];
    to[k] = str_dup_c(a, str_format(a, "%.*s=%.*s", STR_FMT(name), STR_FMT(value)));
    return to;
}

static void refuse(Supervisor *s, Str why)
{
    supervisor_tell(s, (SupervisorEvent){ .kind = SUPERVISOR_RELOAD_REFUSED, .why = why });
    notify_send(s->notify, s->config->environment, STR("READY=1\nSTATUS=serving; the last reload was refused"));
}

static void refuse_errno(Supervisor *s, const char *what, int error)
{
    refuse(s, str_format(s->check.text.arena, "%s: %s", what, strerrordesc_np(error)));
}

static void close_pipe(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void forget_check(Supervisor *s)
{
    close_pipe(&s->check.said);
    close_pipe(&s->check.ok);
    Arena *a = s->check.text.arena;
    s->check = (ReloadCheck){ .said = -1, .ok = -1 };
    arena_destroy(a);
}

void reload_abandon(Supervisor *s)
{
    if (s->check.pid && !s->check.ended)
        kill(s->check.pid, SIGKILL);
    if (s->check.text.arena)
        forget_check(s);
    s->reload_again = false;
}

/* In the child. */
CLEF_NORETURN static void run_check(Supervisor *s, int said, int ok)
{
    Str text = describe(s, s->check.text.arena, getppid(), ok);
    char **environment = environment_with(s, s->check.text.arena, STR(CHECK_VARIABLE), text);
    sigprocmask(SIG_SETMASK, &s->before, NULL);
    (void)fcntl(ok, F_SETFD, 0);
    if (dup2(said, STDOUT_FILENO) >= 0 && dup2(said, STDERR_FILENO) >= 0)
        execvpe(s->config->argv[0], s->config->argv, environment);
    Str why = str_format(s->check.text.arena, "%s cannot be run: %s", s->config->argv[0], strerrordesc_np(errno));
    (void)!write(said, why.p, why.n);
    _exit(126);
}

void reload_begin(Supervisor *s, int64_t now)
{
    if (s->check.pid) {
        s->reload_again = true;
        return;
    }
    s->check.text = BUF_INIT(arena_create(s->arena, 0, 0), SAID_MAX);
    supervisor_tell(s, (SupervisorEvent){ .kind = SUPERVISOR_RELOAD_BEGUN });
    Str text = str_format(s->check.text.arena, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=reloading",
                          (long long)(loop_clock() / 1000));
    notify_send(s->notify, s->config->environment, text);
    if (!s->config->argv || !s->config->environment) {
        refuse(s, STR("this program does not know its own command line"));
        forget_check(s);
        return;
    }
    int said[2] = { -1, -1 }, ok[2] = { -1, -1 };
    pid_t pid = -1;
    if (FAULT_CALL(EMFILE, pipe2(said, O_CLOEXEC)) == 0 && FAULT_CALL(EMFILE, pipe2(ok, O_CLOEXEC)) == 0)
        pid = FAULT_CALL(EAGAIN, fork());
    int error = errno;
    if (pid == 0)
        run_check(s, said[1], ok[1]);
    close_pipe(&said[1]);
    close_pipe(&ok[1]);
    s->check.said = said[0];
    s->check.ok = ok[0];
    if (pid < 0) {
        refuse_errno(s, "the check run could not be started", error);
        forget_check(s);
        return;
    }
    (void)fcntl(said[0], F_SETFL, O_NONBLOCK);
    (void)fcntl(ok[0], F_SETFL, O_NONBLOCK);
    s->check.pid = pid;
    s->check.deadline_ns = now + (s->config->check_ms ? s->config->check_ms : CHECK_MS) * MS;
}

/* ---- the exec ---- */

static void keep_descriptors(const Supervisor *s, bool keep)
{
    int flag = keep ? 0 : FD_CLOEXEC;
    for (uint32_t i = 0; i < s->nlisteners; i++)
        (void)fcntl(s->listeners[i].fd, F_SETFD, flag);
    for (const WorkerProcess *w = s->workers; w; w = w->next)
        if (w->channel >= 0)
            (void)fcntl(w->channel, F_SETFD, flag);
}

/* Signals stay blocked through the exec, so that one that comes meanwhile waits for the new program. */
static void replace(Supervisor *s)
{
    Str text = describe(s, s->check.text.arena, getpid(), -1);
    int error = E2BIG;
    if (!str_is_null(text)) {
        char **environment = environment_with(s, s->check.text.arena, STR(RELOAD_VARIABLE), text);
        keep_descriptors(s, true);
        execvpe(s->config->argv[0], s->config->argv, environment);
        error = errno;
        keep_descriptors(s, false);
    }
    refuse_errno(s, "the program could not be replaced", error);
}

static void hear(ReloadCheck *c)
{
    char bytes[512];
    ssize_t n;
    while (c->said >= 0 && (n = read(c->said, bytes, sizeof bytes)) != -1) {
        if (n == 0)
            close_pipe(&c->said);
        else if (c->text.n + (size_t)n < SAID_MAX)
            buf_add(&c->text, bytes, (size_t)n);
    }
    while (c->ok >= 0 && (n = read(c->ok, bytes, sizeof bytes)) != -1) {
        if (n == 0)
            close_pipe(&c->ok);
        else
            c->passed = true;
    }
}

static Str why_refused(const ReloadCheck *c)
{
    Arena *a = c->text.arena;
    Str said = str_trim(buf_view(&c->text));
    if (c->killed)
        return str_format(a, "the check run did not end in time%s%.*s", said.n ? ": " : "", STR_FMT(said));
    if (said.n)
        return said;
    if (WIFSIGNALED(c->status))
        return str_format(a, "the check run was ended by signal %d", WTERMSIG(c->status));
    if (WEXITSTATUS(c->status) == 0)
        return STR("the program ended without having come to the point where it would serve");
    return str_format(a, "the check run ended with status %d", WEXITSTATUS(c->status));
}

void reload_go_on(Supervisor *s, int64_t now)
{
    ReloadCheck *c = &s->check;
    hear(c);
    if (!c->ended) {
        if (now >= c->deadline_ns && !c->killed) {
            c->killed = true;
            kill(c->pid, SIGKILL);
        }
        return;
    }
    bool again = s->reload_again;
    s->reload_again = false;
    if (!again && c->passed && WIFEXITED(c->status) && WEXITSTATUS(c->status) == 0)
        replace(s);
    else if (!again)
        refuse(s, why_refused(c));
    forget_check(s);
    if (again)
        reload_begin(s, now);
}
