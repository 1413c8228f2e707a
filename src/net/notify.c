/* notify.c: sd_notify(3): datagrams of NAME=value lines to the socket that the service manager names. */
#define _GNU_SOURCE
#include "net/supervisor.h"

#include <unistd.h>

static socklen_t destination(char *const *environment, struct sockaddr_un *out)
{
    Str path = environment_find(environment, STR("NOTIFY_SOCKET"));
    if (path.n < 2 || path.n >= sizeof out->sun_path || (path.p[0] != '/' && path.p[0] != '@'))
        return 0;
    *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(out->sun_path, path.p, path.n);
    if (path.p[0] == '@')
        out->sun_path[0] = 0;
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n);
}

int notify_open(char *const *environment)
{
    struct sockaddr_un to;
    return destination(environment, &to) ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
}

void notify_send(int fd, char *const *environment, Str text)
{
    struct sockaddr_un to;
    socklen_t n = fd >= 0 ? destination(environment, &to) : 0;
    if (n)
        (void)sendto(fd, text.p, text.n, MSG_NOSIGNAL, (struct sockaddr *)&to, n);
}

int64_t notify_watchdog(char *const *environment)
{
    int64_t usec = 0, pid = 0;
    Str who = environment_find(environment, STR("WATCHDOG_PID"));
    if (!str_to_i64(environment_find(environment, STR("WATCHDOG_USEC")), &usec) || usec < 2 || usec > INT64_MAX / 1000)
        return 0;
    if (!str_is_null(who) && (!str_to_i64(who, &pid) || pid != getpid()))
        return 0;
    return usec * 1000 / 2;
}
