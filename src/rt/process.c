/*
 * process.c: starting, waiting for and ending children. vfork: the parent's memory is not copied, whatever its size;
 * until the child executes it borrows that memory, so it makes system calls only.
 */
#define _GNU_SOURCE
#include "base/fault.h"
#include <clef/rt/fiber.h>
#include <clef/rt/process.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* What the child needs, prepared before it is there. */
typedef struct Start {
    const char *const *argv;
    const ProcessOptions *o;
    int fd[3];    /* what becomes its descriptor 0, 1, 2, all above 2; -1: stays */
    bool ours[3]; /* and is closed here afterwards */
    int end[3];   /* this side of the pipes; -1 */
    int failed;   /* the end of a pipe for the errno of a child that could not execute */
    pid_t parent;
} Start;

static CLEF_NORETURN void child_fails(const Start *s)
{
    int error = errno;
    (void)!write(s->failed, &error, sizeof error);
    _exit(127);
}

/* Signals are blocked while this runs: no handler of the parent's may run on its memory. */
static CLEF_NORETURN __attribute__((noinline, no_sanitize("address", "thread", "undefined"))) void child(const Start *s)
{
    struct sigaction action = { .sa_handler = SIG_DFL };
    for (int signal = 1; signal < NSIG; signal++)
        if (signal != SIGKILL && signal != SIGSTOP)
            (void)sigaction(signal, &action, NULL);
    if (s->o->own_group && setpgid(0, 0) != 0)
        child_fails(s);
    if (!s->o->outlives) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != s->parent)
            _exit(127);
    }
    for (int i = 0; i < 3; i++)
        if (s->fd[i] >= 0 && dup2(s->fd[i], i) < 0)
            child_fails(s);
    if (s->o->err.kind == PROCESS_TO_OUT && dup2(1, 2) < 0)
        child_fails(s);
    /* Also those that a library has opened without the mark. */
    (void)close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    if (s->o->directory && chdir(s->o->directory) != 0)
        child_fails(s);
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)execvpe(s->argv[0], (char *const *)(uintptr_t)s->argv, s->o->environment ? s->o->environment : environ);
    child_fails(s);
}

/* The descriptor itself, or a copy above the standard ones, which it might be overwritten by. */
static int above_standard(int fd)
{
    if (fd > STDERR_FILENO)
        return fd;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error = errno;
    close(fd);
    errno = error;
    return copy;
}

static int prepare_pipe(Start *s, int i)
{
    int ends[2];
    if (fault_fails(FAULT_SYSTEM))
        return -EMFILE;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    s->end[i] = ends[i == 0];
    s->ours[i] = true;
    s->fd[i] = above_standard(ends[i != 0]);
    if (s->fd[i] < 0)
        return -errno;
    (void)fcntl(s->end[i], F_SETFL, O_NONBLOCK);
    return 0;
}

static int prepare(Start *s, int i, const ProcessStream *stream)
{
    switch (stream->kind) {
    case PROCESS_INHERIT:
    case PROCESS_TO_OUT:
        return 0;
    case PROCESS_PIPE:
        return prepare_pipe(s, i);
    case PROCESS_FD:
        s->fd[i] = stream->fd;
        if (stream->fd > STDERR_FILENO)
            return 0;
        s->ours[i] = true;
        s->fd[i] = fcntl(stream->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        return s->fd[i] < 0 ? -errno : 0;
    default:
        s->ours[i] = true;
        s->fd[i] = fault_fails(FAULT_SYSTEM) ? (errno = EMFILE, -1) : open("/dev/null", O_RDWR | O_CLOEXEC);
        if (s->fd[i] >= 0)
            s->fd[i] = above_standard(s->fd[i]);
        return s->fd[i] < 0 ? -errno : 0;
    }
}

static void close_if(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void close_theirs(const Start *s)
{
    for (int i = 0; i < 3; i++)
        if (s->ours[i])
            close_if(s->fd[i]);
}

/* The child's process id, or -errno of what it could not do. */
static pid_t start(Start *s)
{
    int said[2];
    if (pipe2(said, O_CLOEXEC) != 0)
        return -errno;
    int spare = above_standard(said[1]);
    if (spare < 0) {
        int error = -errno;
        close(said[0]);
        return error;
    }
    s->failed = spare;
    s->parent = getpid();
    sigset_t all, before;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fault_fails(FAULT_SYSTEM) ? (errno = EAGAIN, -1) : vfork();
    if (pid == 0)
        child(s);
    int error = pid < 0 ? -errno : 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(s->failed);
    int reason;
    ssize_t n = 0;
    while (pid > 0 && (n = read(said[0], &reason, sizeof reason)) < 0 && errno == EINTR)
        ;
    close(said[0]);
    if (n == (ssize_t)sizeof reason) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        error = -reason;
    }
    return error ? error : pid;
}

int process_spawn(Process *p, const char *const *argv, const ProcessOptions *options)
{
    static const ProcessOptions none;
    Start s = { .argv = argv, .o = options ? options : &none, .fd = { -1, -1, -1 }, .end = { -1, -1, -1 } };
    *p = (Process){ .code = -1, .own_group = s.o->own_group, .ended = true };
    const ProcessStream *streams[] = { &s.o->in, &s.o->out, &s.o->err };
    Io *io[] = { &p->in, &p->out, &p->err };
    int error = argv[0] && s.o->in.kind != PROCESS_TO_OUT && s.o->out.kind != PROCESS_TO_OUT ? 0 : -EINVAL;
    for (int i = 0; i < 3 && !error; i++)
        error = prepare(&s, i, streams[i]);
    pid_t pid = error ? error : start(&s);
    close_theirs(&s);
    int fd = -1;
    if (pid > 0) {
        fd = fault_fails(FAULT_SYSTEM) ? (errno = EMFILE, -1) : (int)syscall(SYS_pidfd_open, pid, 0);
        if (fd < 0) {
            error = -errno;
            (void)kill(pid, SIGKILL);
            while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
            pid = error;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (pid < 0)
            close_if(s.end[i]);
        io_init(io[i], pid < 0 ? -1 : s.end[i]);
    }
    io_init(&p->exit, fd);
    if (pid < 0)
        return (int)pid;
    p->pid = pid;
    p->ended = false;
    return 0;
}

/* 1: it has ended and is no more; 0: it runs. */
static bool reap(Process *p)
{
    siginfo_t info = { 0 };
    int result;
    do
        result = waitid((idtype_t)P_PIDFD, (id_t)io_fd(&p->exit), &info, WEXITED | WNOHANG);
    while (result != 0 && errno == EINTR);
    if (result == 0 && info.si_pid == 0)
        return false;
    /* Somebody else has waited for it, against the contract: how it ended is not known. */
    if (result == 0) {
        p->code = info.si_code == CLD_EXITED ? info.si_status : -1;
        p->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
    }
    p->ended = true;
    io_close(&p->exit);
    return true;
}

/* Blocks until the child has ended or the time is over. */
static int block(const Process *p, int64_t deadline_ns)
{
    struct pollfd wait = { .fd = io_fd(&p->exit), .events = POLLIN };
    int64_t left = deadline_ns ? (deadline_ns - loop_clock() + 999999) / 1000000 : -1;
    if (deadline_ns && left <= 0)
        return -ETIMEDOUT;
    int n = poll(&wait, 1, left > INT32_MAX ? INT32_MAX : (int)left);
    return n < 0 && errno != EINTR ? -errno : 0;
}

int process_wait(Process *p, int64_t deadline_ns)
{
    while (!p->ended && !reap(p)) {
        int came = fiber_self() ? io_wait(&p->exit, EPOLLIN, deadline_ns) : block(p, deadline_ns);
        if (came == -ETIMEDOUT && reap(p))
            break;
        if (came < 0)
            return came;
    }
    return 0;
}

int process_kill(Process *p, int signal)
{
    if (p->ended)
        return 0;
    /* It has not been waited for: its number is still its own. */
    return kill(p->own_group ? -p->pid : p->pid, signal) == 0 ? 0 : -errno;
}

void process_close(Process *p)
{
    io_close(&p->in);
    io_close(&p->out);
    io_close(&p->err);
    if (p->ended)
        return;
    (void)process_kill(p, SIGKILL);
    while (process_wait(p, 0) != 0)
        ;
}
