/* mysql_wait.c: what Connector/C waits for, as waits of the fiber. */
#include "db/mysql.h"
#include <clef/rt/fiber.h>

#include <poll.h>
#include <sys/epoll.h>

static void on_event(Loop *loop, Watcher *w, uint32_t events)
{
    My *my = (My *)(void *)((char *)w - offsetof(My, watcher));
    (void)loop, (void)events;
    if (my->waiter)
        fiber_wake(my->waiter);
}

static bool watch(My *my)
{
    Loop *loop = loop_current();
    if (my->loop)
        return my->loop == loop;
    my->watcher = (Watcher){ .fd = my->lib.mysql_get_socket(my->db), .fn = on_event };
    if (loop_watch(loop, &my->watcher, EPOLLIN | EPOLLOUT | EPOLLRDHUP) != 0)
        return false;
    loop_release(loop); /* an idle connection does not keep the loop running */
    my->loop = loop;
    return true;
}

void my_unwatch(My *my)
{
    if (my->loop && my->loop == loop_current()) {
        loop_hold(my->loop);
        loop_unwatch(my->loop, &my->watcher);
    }
    my->loop = NULL;
}

int my_wait(My *my, int wanted)
{
    struct pollfd p = { .fd = my->lib.mysql_get_socket(my->db) };
    p.events = (short)((wanted & MYSQL_WAIT_READ ? POLLIN : 0) | (wanted & MYSQL_WAIT_WRITE ? POLLOUT : 0) |
                       (wanted & MYSQL_WAIT_EXCEPT ? POLLPRI : 0));
    int64_t deadline =
        wanted & MYSQL_WAIT_TIMEOUT ? loop_clock() + (int64_t)my->lib.mysql_get_timeout_value_ms(my->db) * 1000000 : 0;
    bool parks = fiber_self() != NULL && watch(my);
    for (;;) {
        int64_t left = deadline ? deadline - loop_clock() : 0;
        int timeout = parks ? 0 : deadline ? (left > 0 ? (int)(left / 1000000 + 1) : 0) : -1;
        int n = poll(&p, 1, timeout);
        if (n > 0)
            return (p.revents & (POLLIN | POLLHUP | POLLERR) ? wanted & MYSQL_WAIT_READ : 0) |
                   (p.revents & (POLLOUT | POLLHUP | POLLERR) ? wanted & MYSQL_WAIT_WRITE : 0) |
                   (p.revents & POLLPRI ? wanted & MYSQL_WAIT_EXCEPT : 0);
        if (deadline && loop_clock() >= deadline)
            return MYSQL_WAIT_TIMEOUT;
        if (!parks)
            continue;
        my->waiter = fiber_self();
        (void)fiber_park_until(deadline);
        my->waiter = NULL;
    }
}
