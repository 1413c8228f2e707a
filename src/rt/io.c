/* io.c: reading, writing, connecting and accepting on fibers. The contract is in <clef/rt/io.h>. */
#define _GNU_SOURCE
#include "base/fault.h"

#include <clef/base/assert.h>
#include <clef/rt/io.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP,
               "events of epoll and of poll are the same bits");

enum { HOST_ADDRESSES_MAX = 8 }; /* of one name, that io_connect_host tries */

/* On the stack of the one who waits, so that a closed Io may be freed before the one who waited has run. */
typedef struct IoWait {
    Fiber *fiber;
    uint32_t events; /* what has come */
    bool closed;
} IoWait;

static void on_events(Loop *loop, Watcher *w, uint32_t events)
{
    (void)loop;
    Io *io = CLEF_CONTAINER(w, Io, watcher);
    if (io->reader && (events & ~(uint32_t)EPOLLOUT)) {
        io->reader->events |= events;
        fiber_wake(io->reader->fiber);
    }
    if (io->writer && (events & ~(uint32_t)(EPOLLIN | EPOLLRDHUP | EPOLLPRI))) {
        io->writer->events |= events;
        fiber_wake(io->writer->fiber);
    }
}

void io_init(Io *io, int fd) { *io = (Io){ .watcher = { .fd = fd, .fn = on_events } }; }

int io_adopt(Io *io, int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    io_init(io, fd);
    return 0;
}

/* Waits for the next edge. The events that came, or -errno; after -ECANCELED *io may be gone. */
static int wait_edge(Io *io, uint32_t events, int64_t deadline_ns)
{
    IoWait w = { .fiber = fiber_self() };
    if (CLEF_UNLIKELY(!w.fiber))
        PANIC("only a fiber may wait for a descriptor; start one by fiber_start()");
    if (io->watcher.fd < 0)
        return -EBADF;
    if (!io->watched) {
        io->loop = loop_current();
        int error = loop_watch(io->loop, &io->watcher, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
        if (error == -EPERM) /* a plain file is always ready */
            return (int)events;
        if (error < 0)
            return error;
        io->watched = true;
    }
    ASSERT(io->loop == loop_current());
    bool reads = events & EPOLLIN, writes = events & EPOLLOUT;
    ASSERT(!(reads && io->reader) && !(writes && io->writer));
    IoWait *me = &w;
    __asm__("" : "+r"(me)); /* io_close takes the pointer out again, which a compiler that warns of it cannot see */
    if (reads)
        io->reader = me;
    if (writes)
        io->writer = me;
    bool in_time = true;
    while (!w.events && !w.closed && in_time)
        in_time = fiber_park_until(deadline_ns);
    if (w.closed)
        return -ECANCELED;
    if (reads)
        io->reader = NULL;
    if (writes)
        io->writer = NULL;
    return w.events ? (int)w.events : -ETIMEDOUT;
}

/* After a system call that failed: 0 when it should be tried again, else -errno. */
static int again(Io *io, uint32_t events, int64_t deadline_ns)
{
    if (errno == EINTR)
        return 0;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        return -errno;
    int came = wait_edge(io, events, deadline_ns);
    return came < 0 ? came : 0;
}

static int poll_now(int fd, uint32_t events)
{
    struct pollfd p = { .fd = fd, .events = (short)events };
    int n;
    while ((n = poll(&p, 1, 0)) < 0 && errno == EINTR)
        continue;
    if (n < 0)
        return -errno;
    return p.revents & POLLNVAL ? -EBADF : p.revents;
}

int io_wait(Io *io, uint32_t events, int64_t deadline_ns)
{
    events &= EPOLLIN | EPOLLOUT;
    for (;;) {
        if (io->watcher.fd < 0)
            return -EBADF;
        int ready = poll_now(io->watcher.fd, events);
        if (ready || !events)
            return ready ? ready : -EINVAL;
        int came = wait_edge(io, events, deadline_ns);
        if (came < 0)
            return came;
    }
}

int io_wait_fd(int fd, uint32_t events, int64_t deadline_ns)
{
    Io io;
    io_init(&io, fd);
    int result = io_wait(&io, events, deadline_ns);
    if (io.watched)
        loop_unwatch(io.loop, &io.watcher);
    return result;
}

int io_connect(Io *io, const Address *to, int64_t deadline_ns)
{
    io_init(io, -1);
    if (to->n == 0)
        return -EINVAL;
    int fd = FAULT_CALL(EMFILE, socket(to->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd < 0)
        return -errno;
    io_init(io, fd);
    int one = 1, error = 0;
    if (to->any.sa_family != AF_UNIX)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    /* A unix socket whose queue is full says EAGAIN and never tells when there is room: it is asked again and again. */
    for (int64_t pause = 1000000; !error && FAULT_CALL(ENETUNREACH, connect(fd, &to->any, to->n)) != 0;
         pause *= pause < 64000000 ? 2 : 1) {
        if (errno == EISCONN)
            break;
        if (errno == EINPROGRESS || errno == EINTR || errno == EALREADY) {
            int came = wait_edge(io, EPOLLOUT, deadline_ns);
            socklen_t n = sizeof error;
            if (came == -ECANCELED)
                return came;
            if (came < 0)
                error = came;
            else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0)
                error = -errno;
            else if (error)
                error = -error;
            else
                break;
        } else if (errno == EAGAIN && to->any.sa_family == AF_UNIX) {
            int64_t now = loop_clock();
            if (deadline_ns && now + pause > deadline_ns)
                error = -ETIMEDOUT;
            else
                fiber_sleep(pause);
        } else {
            error = -errno;
        }
    }
    if (error)
        io_close(io);
    return error;
}

int io_connect_host(Io *io, Str host, uint16_t port, int64_t deadline_ns)
{
    Address found[HOST_ADDRESSES_MAX];
    io_init(io, -1);
    int n = address_resolve(host, port, found, HOST_ADDRESSES_MAX);
    if (n <= 0)
        return n < 0 ? n : -ENOENT;
    int error = 0;
    for (int i = 0; i < n; i++) {
        int64_t now = loop_clock(), until = deadline_ns ? now + (deadline_ns - now) / (n - i) : 0;
        error = io_connect(io, &found[i], until);
        if (error == 0 || error == -ECANCELED || (deadline_ns && loop_clock() >= deadline_ns))
            break;
    }
    return error;
}

int io_accept(Io *listener, Address *peer, int64_t deadline_ns)
{
    for (;;) {
        Address a = { .n = sizeof a - offsetof(Address, any) };
        int fd = FAULT_CALL(EMFILE, accept4(listener->watcher.fd, peer ? &a.any : NULL, peer ? &a.n : NULL,
                                            SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (fd >= 0) {
            if (peer)
                *peer = a;
            return fd;
        }
        /* Errors of a connection that was waiting, not of the listener (accept(2)). */
        if (errno == ECONNABORTED || errno == EPROTO || errno == ENETDOWN || errno == EHOSTDOWN ||
            errno == EHOSTUNREACH || errno == ENETUNREACH || errno == ENONET)
            continue;
        int error = again(listener, EPOLLIN, deadline_ns);
        if (error)
            return error;
    }
}

ssize_t io_read(Io *io, void *p, size_t n, int64_t deadline_ns)
{
    for (;;) {
        ssize_t got = FAULT_CALL(ECONNRESET, io->plain ? read(io->watcher.fd, p, n) : recv(io->watcher.fd, p, n, 0));
        if (got >= 0)
            return got;
        if (errno == ENOTSOCK && !io->plain) {
            io->plain = true;
            continue;
        }
        int error = again(io, EPOLLIN, deadline_ns);
        if (error)
            return error;
    }
}

/* A pipe has no MSG_NOSIGNAL: the signal is held back and taken away, unless one was pending before. */
static CLEF_COLD ssize_t write_quietly(int fd, const struct iovec *pieces, int count)
{
    sigset_t pipe_signal, before, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    ssize_t n = writev(fd, pieces, count);
    int error = errno;
    if (n < 0 && error == EPIPE && !sigismember(&pending, SIGPIPE)) {
        struct timespec none = { 0 };
        while (sigtimedwait(&pipe_signal, NULL, &none) < 0 && errno == EINTR)
            continue;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return n;
}

static ssize_t send_some(Io *io, struct iovec *pieces, size_t count)
{
    if (count > IOV_MAX)
        count = IOV_MAX;
    if (!io->plain) {
        struct msghdr m = { .msg_iov = pieces, .msg_iovlen = count };
        ssize_t n = FAULT_CALL(ECONNRESET, sendmsg(io->watcher.fd, &m, MSG_NOSIGNAL));
        if (n >= 0 || errno != ENOTSOCK)
            return n;
        io->plain = true;
    }
    return write_quietly(io->watcher.fd, pieces, (int)count);
}

int io_writev(Io *io, struct iovec *pieces, size_t count, int64_t deadline_ns)
{
    for (;;) {
        while (count && pieces->iov_len == 0)
            pieces++, count--;
        if (count == 0)
            return 0;
        ssize_t n = send_some(io, pieces, count);
        if (n < 0) {
            int error = again(io, EPOLLOUT, deadline_ns);
            if (error)
                return error;
            continue;
        }
        for (size_t left = (size_t)n; left && count;) {
            size_t part = left < pieces->iov_len ? left : pieces->iov_len;
            pieces->iov_base = (char *)pieces->iov_base + part;
            pieces->iov_len -= part;
            left -= part;
            if (left)
                pieces++, count--;
        }
    }
}

int io_write(Io *io, const void *p, size_t n, int64_t deadline_ns)
{
    struct iovec piece = { .iov_base = (void *)(uintptr_t)p, .iov_len = n };
    return io_writev(io, &piece, 1, deadline_ns);
}

int io_shutdown(Io *io, int how) { return shutdown(io->watcher.fd, how) == 0 ? 0 : -errno; }

void io_close(Io *io)
{
    IoWait *waits[2] = { io->reader, io->writer == io->reader ? NULL : io->writer };
    for (int i = 0; i < 2; i++)
        if (waits[i]) {
            waits[i]->closed = true;
            fiber_wake(waits[i]->fiber);
        }
    io->reader = io->writer = NULL;
    if (io->watched)
        loop_close(io->loop, &io->watcher);
    else if (io->watcher.fd >= 0)
        close(io->watcher.fd);
    io->watcher.fd = -1;
    io->watched = false;
}
