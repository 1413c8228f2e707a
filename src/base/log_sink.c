/* log_sink.c: where lines go: files, pipes and terminals, datagram sockets. */
#define _GNU_SOURCE
#include "base/log_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

bool sink_open_fd(Sink *s, int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return false;
    *s = (Sink){ .fd = fd, .kind = SINK_FILE, .terminal = isatty(fd) == 1 };
    if (S_ISSOCK(st.st_mode)) {
        s->kind = SINK_SOCKET;
    } else if (S_ISFIFO(st.st_mode) || s->terminal) {
        /*
         * O_NONBLOCK belongs to the open file, which others (a shell) share: a file opened anew has flags of its own.
         */
        char link[40];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        int again = open(link, O_WRONLY | O_NONBLOCK | O_APPEND | O_CLOEXEC | O_NOCTTY);
        if (again >= 0) {
            s->fd = again;
            s->own = true;
        }
        s->kind = SINK_PIPE;
    }
    return true;
}

bool sink_open_file(Sink *s, const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
    if (fd < 0)
        return false;
    struct stat st;
    bool plain = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    *s = (Sink){
        .fd = fd, .kind = plain ? SINK_FILE : SINK_PIPE, .own = true, .terminal = isatty(fd) == 1, .path = path
    };
    return true;
}

void sink_open_socket(Sink *s, const char *path)
{
    *s = (Sink){ .fd = -1, .kind = SINK_SOCKET, .own = true, .path = path };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t n = strlen(path);
    if (n >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, n + 1);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return;
    }
    s->fd = fd;
}

void sink_close(Sink *s)
{
    if (s->own && s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

/*
 * write(2) to what may have no reader: the SIGPIPE is held back and taken away again. One that was pending before is
 * another's: only where it was held back already can there be one.
 */
static ssize_t write_pipe(int fd, struct iovec *parts, int n)
{
    sigset_t sigpipe, before, pending;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
    bool was_pending =
        sigismember(&before, SIGPIPE) == 1 && sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    ssize_t written = writev(fd, parts, n);
    int error = errno;
    if (written < 0 && error == EPIPE && !was_pending) {
        const struct timespec now = { 0 };
        while (sigtimedwait(&sigpipe, NULL, &now) < 0 && errno == EINTR)
            continue;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return written;
}

static bool send_datagram(Sink *s, const char *p, size_t n)
{
    if (s->fd < 0 && s->path)
        sink_open_socket(s, s->path);
    if (s->fd < 0)
        return false;
    if (send(s->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)n)
        return true;
    bool gone = errno == ECONNREFUSED || errno == ENOTCONN || errno == ECONNRESET || errno == EPIPE;
    if (!gone || !s->path)
        return false;
    /* The daemon was started anew: its socket is another one of the same name. */
    sink_close(s);
    sink_open_socket(s, s->path);
    return s->fd >= 0 && send(s->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)n;
}

bool sink_write(Sink *s, const char *p, size_t n)
{
    if (s->kind == SINK_SOCKET)
        return send_datagram(s, p, n);
    if (s->fd < 0)
        return false;
    struct iovec parts[2] = { { (void *)(uintptr_t) "\n", 1 }, { (void *)(uintptr_t)p, n } };
    struct iovec *from = s->broken_off ? parts : parts + 1;
    size_t all = n + s->broken_off;
    ssize_t written;
    do
        written = s->kind == SINK_PIPE ? write_pipe(s->fd, from, s->broken_off ? 2 : 1)
                                       : writev(s->fd, from, s->broken_off ? 2 : 1);
    while (written < 0 && errno == EINTR);
    if (written == (ssize_t)all) {
        s->broken_off = false;
        return true;
    }
    if (written > 0)
        s->broken_off = true;
    return false;
}
