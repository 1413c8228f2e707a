/* loop.c: the event loop over epoll. */
#include "rt/loop.h"
#include "base/fault.h"
#include <clef/base/assert.h>

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 256, SLOTS_MIN = 64 };

static __thread Loop *current __attribute__((tls_model("initial-exec")));

Loop *loop_current(void) { return current; }

Loop *loop_enter(Loop *loop)
{
    Loop *before = current;
    current = loop;
    return before;
}

int64_t loop_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t loop_now(const Loop *loop) { return loop->now_ns; }

static void on_post(Loop *loop, Watcher *w, uint32_t events)
{
    (void)w, (void)events;
    postqueue_run(&loop->posts);
}

Loop *loop_create(Arena *parent)
{
    int epoll = FAULT_CALL(EMFILE, epoll_create1(EPOLL_CLOEXEC));
    if (epoll < 0)
        return NULL;
    int event = FAULT_CALL(EMFILE, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (event < 0) {
        int error = errno;
        close(epoll);
        errno = error;
        return NULL;
    }
    Arena *arena = arena_create(parent, 0, 0);
    /* PostQueue keeps its two ends on cache lines of their own. */
    char *room = arena_zalloc(arena, sizeof(Loop) + _Alignof(Loop));
    Loop *loop = (Loop *)(((uintptr_t)room + _Alignof(Loop) - 1) & ~(uintptr_t)(_Alignof(Loop) - 1));
    loop->arena = arena;
    loop->epoll = epoll;
    loop->now_ns = loop_clock();
    loop->hooks = NEW_ARRAY(arena, Hook, HOOKS_MIN);
    loop->hooks_cap = HOOKS_MIN;
    fiberset_init(&loop->fibers);
    postqueue_init(&loop->posts, NEW_ARRAY(arena, PostCell, POSTS_MAX), event);
    loop->post_watcher = (Watcher){ .fd = event, .fn = on_post };
    int error = loop_watch(loop, &loop->post_watcher, EPOLLIN);
    loop->holds = 0;
    if (error < 0) {
        loop_destroy(loop);
        errno = -error;
        return NULL;
    }
    return loop;
}

void loop_destroy(Loop *loop)
{
    if (!loop)
        return;
    ASSERT(!loop->running);
    if (loop->fibers.alive)
        PANIC("loop_destroy: %zu fibers have not ended", loop->fibers.alive);
    pool_destroy(loop->pool);
    fiberset_finish(&loop->fibers);
    close(loop->posts.event);
    close(loop->epoll);
    arena_destroy(loop->arena);
}

static uint64_t tag(const Loop *loop, int fd) { return (uint64_t)loop->slots[fd].generation << 32 | (uint32_t)fd; }

int loop_watch(Loop *loop, Watcher *w, uint32_t events)
{
    if (w->fd < 0)
        return -EBADF;
    uint32_t fd = (uint32_t)w->fd;
    if (fd >= loop->nslots) {
        uint32_t n = loop->nslots ? loop->nslots : SLOTS_MIN;
        while (n <= fd)
            n *= 2;
        WatchSlot *more =
            arena_try_grow(loop->arena, loop->slots, loop->nslots * sizeof *loop->slots, n * sizeof *loop->slots);
        if (!more)
            return -ENOMEM;
        loop->slots = more;
        memset(loop->slots + loop->nslots, 0, (n - loop->nslots) * sizeof *loop->slots);
        loop->nslots = n;
    }
    if (loop->slots[fd].watcher)
        return -EEXIST;
    struct epoll_event e = { .events = events | EPOLLET, .data.u64 = tag(loop, w->fd) };
    if (FAULT_CALL(ENOSPC, epoll_ctl(loop->epoll, EPOLL_CTL_ADD, w->fd, &e)) < 0)
        return -errno;
    loop->slots[fd].watcher = w;
    w->events = events;
    loop->holds++;
    return 0;
}

static bool watches(const Loop *loop, const Watcher *w)
{
    return w->fd >= 0 && (uint32_t)w->fd < loop->nslots && loop->slots[w->fd].watcher == w;
}

int loop_rewatch(Loop *loop, Watcher *w, uint32_t events)
{
    if (!watches(loop, w))
        return -ENOENT;
    struct epoll_event e = { .events = events | EPOLLET, .data.u64 = tag(loop, w->fd) };
    if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, w->fd, &e) < 0)
        return -errno;
    w->events = events;
    return 0;
}

static bool forget(Loop *loop, Watcher *w)
{
    if (!watches(loop, w))
        return false;
    loop->slots[w->fd].watcher = NULL;
    loop->slots[w->fd].generation++;
    loop->holds--;
    return true;
}

void loop_unwatch(Loop *loop, Watcher *w)
{
    if (forget(loop, w))
        (void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, w->fd, NULL);
}

void loop_close(Loop *loop, Watcher *w)
{
    (void)forget(loop, w);
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

void loop_hold(Loop *loop) { loop->holds++; }
void loop_release(Loop *loop) { loop->holds--; }

bool loop_defer(Loop *loop, void (*fn)(void *arg), void *arg)
{
    if (CLEF_UNLIKELY(loop->nhooks == loop->hooks_cap)) {
        size_t had = loop->hooks_cap * sizeof *loop->hooks;
        Hook *more = loop->hooks_cap > UINT32_MAX / 2 ? NULL : arena_try_grow(loop->arena, loop->hooks, had, 2 * had);
        if (!more)
            return false;
        loop->hooks = more;
        loop->hooks_cap *= 2;
    }
    loop->hooks[loop->nhooks++] = (Hook){ fn, arg };
    return true;
}

/* A hook that defers again is called in the next turn: a turn ends. */
static void run_hooks(Loop *loop)
{
    uint32_t n = loop->nhooks;
    if (n == 0)
        return;
    for (uint32_t i = 0; i < n; i++)
        loop->hooks[i].fn(loop->hooks[i].arg);
    loop->nhooks -= n;
    if (loop->nhooks)
        memmove(loop->hooks, loop->hooks + n, loop->nhooks * sizeof *loop->hooks);
}

bool loop_post(Loop *loop, void (*fn)(void *arg), void *arg) { return postqueue_push(&loop->posts, fn, arg); }

void loop_stop(Loop *loop) { loop->stopped = true; }

void loop_limit_fibers(Loop *loop, size_t most) { loop->fibers.limit = most; }
size_t loop_fibers(const Loop *loop) { return loop->fibers.alive; }

static bool anything_left(const Loop *loop)
{
    return loop->holds > 0 || loop->timers.n || loop->fibers.alive || loop->nhooks;
}

/* Milliseconds that the loop may sleep: rounded up, so that no timer finds itself early and the loop turns idly. */
static int may_sleep(const Loop *loop)
{
    const FiberSet *s = &loop->fibers;
    if (s->ready.first || s->yielded.first || loop->nhooks || loop->stopped)
        return 0;
    int64_t until = timers_next(loop);
    if (s->trim_ns && s->trim_ns < until)
        until = s->trim_ns;
    if (until == INT64_MAX)
        return -1;
    int64_t ns = until - loop_clock();
    if (ns <= 0)
        return 0;
    return ns > (int64_t)1000000 * INT32_MAX ? INT32_MAX : (int)((ns - 1) / 1000000 + 1);
}

static int turn(Loop *loop)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int n = epoll_wait(loop->epoll, events, EVENTS_PER_TURN, may_sleep(loop));
    if (n < 0) {
        if (errno != EINTR)
            return -errno;
        n = 0;
    }
    loop->now_ns = loop_clock();
    for (int i = 0; i < n; i++) {
        /* The table may move, and the slot may change hands, in any callback. */
        WatchSlot slot = loop->slots[(uint32_t)events[i].data.u64];
        if (CLEF_LIKELY(slot.generation == events[i].data.u64 >> 32 && slot.watcher))
            slot.watcher->fn(loop, slot.watcher, events[i].events);
    }
    if (loop->timers.n)
        timers_run(loop);
    fiberset_run(&loop->fibers);
    run_hooks(loop);
    if (loop->fibers.trim_ns && loop->fibers.trim_ns <= loop->now_ns)
        fiberset_trim(&loop->fibers, loop->now_ns);
    return 0;
}

int loop_run(Loop *loop)
{
    ASSERT(!loop->running);
    Loop *before = loop_enter(loop);
    loop->running = true;
    int result = 0;
    while (!loop->stopped && result == 0 && anything_left(loop))
        result = turn(loop);
    loop->stopped = false;
    loop->running = false;
    loop_enter(before);
    return result;
}
