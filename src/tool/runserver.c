/*
 * runserver.c: a project while it is written. This process owns the listening socket and never lets it go, so a browser
 * is never refused; whoever can answer takes connections from it: the project's program (`develop`), or, when the build
 * failed or the program ended, this process with a page that says why. While neither does, connections wait in the
 * socket's queue.
 *
 * A change of a file: the program is told to stop, make builds, a new program is started. A change during a build ends that
 * build and begins another.
 */
#define _GNU_SOURCE
#include "debug/page.h"
#include "tool/failure.h"
#include "tool/said.h"
#include "tool/tool.h"
#include "tool/watch.h"

#include <clef/rt/address.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SHOWN_MAX = 256 << 10,
    LISTENER_FD = 3,
    CHANNEL_FD = 4,
    STOP_MS = 3000,
    SETTLE_MS = 8,
    AGAIN_MS = 250,
    AGAIN_MAX = 3
};
static const int64_t MS = 1000000;

/* A process of ours: its end by a pidfd, what it says by a pipe. */
typedef struct Child {
    Watcher end, output;
    pid_t pid; /* 0: none */
    Said said;
    struct Run *run;
} Child;

typedef struct Program {
    Child child; /* first */
    Watcher channel;
    Timer kill;
    bool ready, told;
    int64_t started_ns;
    struct Program *next;
} Program;

typedef struct Run {
    Arena *arena;
    Loop *loop;
    ToolProject project;
    int listener;
    Child make;
    Program *program; /* the one that shall answer; NULL: none */
    Program *leaving; /* those that were told to stop */
    Failure *failure;
    TreeWatch *watch;
    Watcher signals;
    Timer settle, retry;
    Arena *scratch;
    bool build, restart, stopping;
    int again;     /* builds since the last change because there was no program to start */
    bool terminal; /* standard error shows colours; the page always does */
    uint64_t number;
    int64_t changed_ns, build_ns;
    char changed[256];
} Run;

static void begin_work(Run *r);

/* What epoll refuses for want of memory cannot be mended here. */
static void watch(Loop *loop, Watcher *w, uint32_t events)
{
    int error = loop_watch(loop, w, events);
    if (error)
        _exit(tool_fail("cannot watch a descriptor: %s", strerror(-error)));
}

/* ---- processes */

/* What is for the person at the terminal. */
static void show(Run *r, Str text)
{
    if (!r->terminal)
        text = terminal_plain(r->scratch, text);
    for (ssize_t k; text.n && (k = write(STDERR_FILENO, text.p, text.n)) > 0;)
        text = str_from_byte(text, (size_t)k);
    arena_reset(r->scratch);
}

static void on_output(Loop *loop, Watcher *w, uint32_t events)
{
    (void)events;
    Child *c = CLEF_CONTAINER(w, Child, output);
    char bytes[16384];
    ssize_t n;
    while ((n = read(w->fd, bytes, sizeof bytes)) > 0) {
        Buf shown = BUF_INIT(c->run->scratch, SHOWN_MAX);
        said_add(&c->said, c->run->scratch, str_from(bytes, (size_t)n), &shown);
        show(c->run, buf_view(&shown));
    }
    if (n == 0)
        loop_close(loop, w);
}

/* Starts argv in a process group of its own, with up to two descriptors as 3 and 4. 0 or an errno. */
static int start(Run *r, Child *c, char *const *argv, int third, int fourth, WatcherFn *ended)
{
    int pipes[2];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    if (pipe2(pipes, O_CLOEXEC) < 0)
        return errno;
    fcntl(pipes[0], F_SETFL, O_NONBLOCK);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    if (third < 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDERR_FILENO);
    if (third >= 0) {
        posix_spawn_file_actions_adddup2(&actions, third, LISTENER_FD);
        posix_spawn_file_actions_adddup2(&actions, fourth, CHANNEL_FD);
    }
    said_begin(&c->said, third < 0);
    c->run = r;
    int error = posix_spawnp(&c->pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    c->output = (Watcher){ .fd = pipes[0], .fn = on_output };
    c->end = (Watcher){ .fd = -1, .fn = ended };
    if (!error)
        c->end.fd = pidfd_open(c->pid, 0);
    if (!error && c->end.fd < 0)
        error = errno;
    if (error) {
        close(pipes[0]);
        c->pid = 0;
        return error;
    }
    watch(r->loop, &c->output, EPOLLIN);
    watch(r->loop, &c->end, EPOLLIN);
    return 0;
}

/* The process has ended: what it said last is read, its status taken. */
static int take_end(Run *r, Child *c)
{
    int status = 0;
    if (c->output.fd >= 0) {
        on_output(r->loop, &c->output, EPOLLIN);
        if (c->output.fd >= 0)
            loop_close(r->loop, &c->output);
    }
    Buf shown = BUF_INIT(r->scratch, SHOWN_MAX);
    said_end(&c->said, r->scratch, &shown);
    show(r, buf_view(&shown));
    loop_close(r->loop, &c->end);
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    c->pid = 0;
    return status;
}

static Str next_number(Run *r) { return str_format(r->arena, "%llu", (unsigned long long)++r->number); }

static void on_shown(void *arg);

static void fail(Run *r, Str kind, Str said, bool again)
{
    FailureText text = { .kind = kind,
                         .said = said,
                         .remedy = machine_remedy(r->scratch, terminal_plain(r->scratch, said)),
                         .number = next_number(r) };
    failure_end(r->failure);
    r->failure = failure_begin(r->loop, r->listener, &text, again ? on_shown : NULL, r);
    arena_reset(r->scratch);
    tool_say("%.*s. The page in the browser says the same; save a file to try again.", STR_FMT(kind));
}

/* ---- the program */

static Str ended_text(Arena *a, int status)
{
    if (WIFSIGNALED(status))
        return str_format(a, "The program was ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return str_format(a, "The program ended with status %d", WEXITSTATUS(status));
}

static void forget_leaving(Run *r, const Program *p)
{
    for (Program **at = &r->leaving; *at; at = &(*at)->next)
        if (*at == p) {
            *at = p->next;
            return;
        }
}

static void on_program_end(Loop *loop, Watcher *w, uint32_t events)
{
    (void)events;
    Program *p = CLEF_CONTAINER(CLEF_CONTAINER(w, Child, end), Program, child);
    Run *r = p->child.run;
    int status = take_end(r, &p->child);
    if (p->channel.fd >= 0)
        loop_close(loop, &p->channel);
    timer_stop(loop, &p->kill);
    forget_leaving(r, p);
    if (p == r->program) {
        r->program = NULL;
        fail(r, ended_text(r->arena, status), said_text(r->scratch, &p->child.said), p->ready);
    }
    said_finish(&p->child.said);
    if (r->stopping && !r->leaving && !r->make.pid)
        loop_stop(loop);
}

static void on_kill(Loop *loop, Timer *t)
{
    (void)loop;
    Program *p = CLEF_CONTAINER(t, Program, kill);
    if (p->child.pid)
        kill(p->child.pid, SIGKILL);
}

/* It takes no more connections from now on, finishes what it has begun, and ends. */
static void tell_to_stop(Run *r)
{
    Program *p = r->program;
    if (!p)
        return;
    r->program = NULL;
    p->next = r->leaving;
    r->leaving = p;
    kill(p->child.pid, SIGTERM);
    timer_set(r->loop, &p->kill, loop_clock() + STOP_MS * MS);
}

static void on_channel(Loop *loop, Watcher *w, uint32_t events)
{
    (void)events;
    Program *p = CLEF_CONTAINER(w, Program, channel);
    Run *r = p->child.run;
    char bytes[64];
    ssize_t n;
    while ((n = read(w->fd, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < n; i++) {
            if (bytes[i] == 'r' && !p->ready) {
                p->ready = true;
                if (p != r->program)
                    continue;
                if (r->changed_ns)
                    tool_say("%s: built and started in %.2f s", r->changed,
                             (double)(loop_clock() - r->changed_ns) / 1e9);
                r->changed_ns = 0;
            } else if (bytes[i] == 'c' && p == r->program) { /* it lived through a crash: a fresh one takes its place */
                r->restart = true;
                begin_work(r);
                return;
            }
        }
    if (n == 0)
        loop_close(loop, w);
}

static void start_program(Run *r)
{
    int pair[2];
    Program *p = NEW(r->arena, Program);
    p->kill.fn = on_kill;
    p->started_ns = loop_clock();
    failure_end(r->failure);
    r->failure = NULL;
    Str number = next_number(r);
    setenv("CLEF_LIVE", number.p, 1);
    int error = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0 ? errno : 0;
    if (!error) {
        char *argv[] = { (char *)(uintptr_t)r->project.program.p, "develop", NULL };
        error = start(r, &p->child, argv, r->listener, pair[1], on_program_end);
        close(pair[1]);
        if (error)
            close(pair[0]);
    }
    if (error && r->again++ < AGAIN_MAX) { /* who builds or cleans beside us took it away, or is writing it */
        r->build = true;
        timer_set(r->loop, &r->settle, loop_clock() + AGAIN_MS * MS);
        return;
    }
    if (error) {
        fail(r, STR("The program could not be started"),
             str_format(r->arena, "%s: %s", r->project.program.p, strerror(error)), false);
        return;
    }
    p->channel = (Watcher){ .fd = pair[0], .fn = on_channel };
    watch(r->loop, &p->channel, EPOLLIN | EPOLLRDHUP);
    r->program = p;
}

/* The page about the end of a program was seen: whoever asks next may try again. */
static void try_again(Loop *loop, Timer *t)
{
    (void)loop;
    Run *r = CLEF_CONTAINER(t, Run, retry);
    if (r->failure && !r->program && !r->make.pid && !r->stopping)
        start_program(r);
}
static void on_shown(void *arg)
{
    Run *r = arg;
    timer_set(r->loop, &r->retry, loop_now(r->loop));
}

/* ---- the build */

static void on_make_end(Loop *loop, Watcher *w, uint32_t events)
{
    (void)loop, (void)events;
    Run *r = CLEF_CONTAINER(w, Child, end)->run;
    int status = take_end(r, &r->make);
    if (r->stopping) {
        if (!r->leaving)
            loop_stop(loop);
    } else if (r->build || r->restart) {
        begin_work(r);
    } else if (status != 0) {
        fail(r, STR("The build failed"), said_text(r->scratch, &r->make.said), false);
    } else {
        start_program(r);
    }
}

static void begin_work(Run *r)
{
    if (r->make.pid) { /* on_make_end comes back here */
        kill(-r->make.pid, SIGTERM);
        return;
    }
    bool build = r->build;
    r->build = r->restart = false;
    tell_to_stop(r);
    failure_end(r->failure);
    r->failure = NULL;
    if (!build) {
        start_program(r);
        return;
    }
    char **make = project_make(r->scratch, true);
    bool busy;
    const char *problem = project_build_problem(r->scratch, &busy);
    if (problem) {
        fail(r, STR("The build cannot begin"), str_c(problem), false);
        return;
    }
    if (busy)
        tool_say("Another build of this project is running; this one begins when it has ended.");
    int error = start(r, &r->make, make, -1, -1, on_make_end);
    if (error)
        fail(r, STR("The build could not be started"), str_format(r->scratch, "%s: %s", make[0], strerror(error)),
             false);
    else
        arena_reset(r->scratch);
}

static void on_settled(Loop *loop, Timer *t)
{
    (void)loop;
    Run *r = CLEF_CONTAINER(t, Run, settle);
    begin_work(r);
}

static void on_changed(WatchKind kind, const char *name, void *arg)
{
    Run *r = arg;
    if (r->stopping)
        return;
    if (kind == WATCH_REMOVED)
        unlink(r->project.program.p);
    if (kind == WATCH_FILE)
        r->restart = true;
    else
        r->build = true;
    r->again = 0;
    if (!r->settle.due_ns)
        r->changed_ns = loop_clock();
    tell_to_stop(r); /* who asks from now on waits for what was just saved */
    failure_end(r->failure);
    r->failure = NULL;
    Buf b = { .p = r->changed, .cap = sizeof r->changed, .max = sizeof r->changed - 1 };
    buf_str(&b, str_slice(str_c(name), 0, sizeof r->changed - 2));
    timer_set(r->loop, &r->settle, loop_clock() + SETTLE_MS * MS);
}

/* ---- from the start to the end */

static void on_signals(Loop *loop, Watcher *w, uint32_t events)
{
    (void)events;
    Run *r = CLEF_CONTAINER(w, Run, signals);
    struct signalfd_siginfo info;
    while (read(w->fd, &info, sizeof info) == (ssize_t)sizeof info) {
        bool again = r->stopping;
        r->stopping = true;
        timer_stop(loop, &r->settle);
        tell_to_stop(r);
        for (Program *p = r->leaving; p; p = p->next)
            kill(p->child.pid, again ? SIGKILL : SIGINT);
        if (r->make.pid)
            kill(-r->make.pid, SIGTERM);
    }
    if (r->stopping && !r->leaving && !r->make.pid)
        loop_stop(loop);
}

/* "8001", "0.0.0.0:8000", "[::1]:8000": where to listen. */
static bool read_address(Arena *a, const char *text, Address *at)
{
    int64_t port;
    if (str_to_i64(str_c(text), &port))
        return address_parse(str_format(a, "127.0.0.1:%s", text), at);
    if (str_starts(str_c(text), STR("localhost:")))
        return address_parse(str_format(a, "127.0.0.1:%s", text + 10), at);
    return address_parse(str_c(text), at);
}

static int listen_at(Arena *a, const char *text, int *fd)
{
    Address at;
    if (!read_address(a, text, &at)) {
        tool_fail(
            "'%s' is no place to listen: write a port (8001), or an address with a port (0.0.0.0:8000, [::1]:8000).",
            text);
        return 2;
    }
    *fd = address_listen(&at, &(ListenOptions){ .no_reuse_port = true });
    if (*fd == -EADDRINUSE)
        return tool_fail("%s is in use by another program. Stop that, or take another port: clef runserver 8001", text);
    if (*fd == -EACCES)
        return tool_fail("%s is not for you: ports below 1024 need root. Take another port: clef runserver 8001", text);
    if (*fd == -EADDRNOTAVAIL)
        return tool_fail("%s is not an address of this machine. 127.0.0.1 always is; 0.0.0.0 stands for all.", text);
    return *fd < 0 ? tool_fail("cannot listen at %s: %s", text, strerror(-*fd)) : 0;
}

/* What a program in development wants of its surroundings, unless somebody said otherwise. */
static void prepare_environment(void)
{
    signal(SIGPIPE, SIG_IGN);
    setenv("CLEF_LOG_FORMAT", "text", 0);
    setenv("ASAN_OPTIONS", "detect_leaks=0", 0);
}

int runserver(Arena *a, int argc, char **argv)
{
    if (argc > 1 || (argc == 1 && argv[0][0] == '-')) {
        bool asks = strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0;
        tool_say("usage: clef runserver [[ADDRESS:]PORT]\n\n"
                 "Serves the project of this folder at 127.0.0.1:8000, or where it is said, while it is written. When "
                 "a source,\n"
                 "header, template, static file or .env is saved, the program is built and started anew, and the page "
                 "in the\n"
                 "browser is loaded again. What the compiler has against it is shown as the page. Ctrl-C ends it.");
        return asks ? 0 : 2;
    }
    const char *where = argc ? argv[0] : "127.0.0.1:8000", *problem = NULL;
    Run *r = NEW(a, Run);
    *r = (Run){
        .arena = a, .settle.fn = on_settled, .retry.fn = try_again, .number = (uint64_t)loop_clock(), .build = true
    };
    if (!project_here(a, &r->project, &problem) || (problem = machine_problem(a)) != NULL)
        return tool_fail("%s", problem);
    int status = listen_at(a, where, &r->listener);
    if (status)
        return status;
    Address at;
    Buf text = BUF_INIT(a, ADDRESS_TEXT_MAX);
    if (address_of_socket(r->listener, &at) == 0)
        address_format(&text, &at);
    r->loop = loop_create(a);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    r->signals = (Watcher){ .fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), .fn = on_signals };
    if (!r->loop || r->signals.fd < 0 || loop_watch(r->loop, &r->signals, EPOLLIN) != 0)
        return tool_fail("the system refuses what an event loop needs: %s", strerror(errno));
    r->watch = watch_start(r->loop, a, on_changed, r);
    if (!r->watch)
        return tool_fail("files cannot be watched: %s. The limit is in /proc/sys/fs/inotify/max_user_watches.",
                         strerror(errno));
    prepare_environment();
    r->scratch = arena_create(a, 0, 65536);
    r->terminal = isatty(STDERR_FILENO);
    tool_say("%.*s at http://%.*s/ (development; Ctrl-C ends it). The first build may take some seconds.",
             STR_FMT(r->project.name), STR_FMT(buf_view(&text)));
    r->changed_ns = loop_clock();
    memcpy(r->changed, "ready", 6);
    begin_work(r);
    status = loop_run(r->loop) == 0 ? 0 : 1;
    close(r->listener);
    return status;
}
