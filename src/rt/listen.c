/* listen.c: listening sockets. The contract is in <clef/rt/address.h>. */
#define _GNU_SOURCE
#include "base/fault.h"

#include <clef/rt/address.h>

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

static int set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0 ? 0 : -errno;
}

/* Is somebody listening at the path? A refusal is the sign of a file that was left behind. */
static bool is_stale(const Address *a)
{
    struct stat s;
    if (a->local.sun_path[0] == 0 || lstat(a->local.sun_path, &s) != 0 || !S_ISSOCK(s.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool refused = connect(fd, &a->any, a->n) != 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static int bind_unix(int fd, const Address *a, const ListenOptions *o)
{
    if (bind(fd, &a->any, a->n) != 0) {
        int error = errno;
        if (error != EADDRINUSE || !is_stale(a))
            return -error;
        if (unlink(a->local.sun_path) != 0 && errno != ENOENT)
            return -errno;
        if (bind(fd, &a->any, a->n) != 0)
            return -errno;
    }
    if (o->mode && a->local.sun_path[0] && chmod(a->local.sun_path, o->mode) != 0)
        return -errno;
    return 0;
}

static int bind_tcp(int fd, const Address *a, const ListenOptions *o)
{
    int error = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (!error && !o->no_reuse_port)
        error = set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (!error && a->any.sa_family == AF_INET6)
        error = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, !o->dual_stack);
    /* Inherited by what is accepted: an answer is one write, and must not wait for the peer's acknowledgement. */
    if (!error)
        error = set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (!error && o->defer_accept)
        error = set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, o->defer_accept);
    if (!error && FAULT_CALL(EADDRINUSE, bind(fd, &a->any, a->n)) != 0)
        error = -errno;
    return error;
}

int address_listen(const Address *a, const ListenOptions *options)
{
    static const ListenOptions defaults = { 0 };
    const ListenOptions *o = options ? options : &defaults;
    if (a->n == 0)
        return -EINVAL;
    int fd = FAULT_CALL(EMFILE, socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd < 0)
        return -errno;
    int error = a->any.sa_family == AF_UNIX ? bind_unix(fd, a, o) : bind_tcp(fd, a, o);
    if (!error && FAULT_CALL(EADDRINUSE, listen(fd, o->backlog > 0 ? o->backlog : 4096)) != 0)
        error = -errno;
    if (error) {
        close(fd);
        return error;
    }
    return fd;
}
