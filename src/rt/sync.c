/* sync.c: mutexes, conditions, semaphores, groups and channels of the fibers of one loop. */
#include <clef/base/assert.h>
#include <clef/rt/loop.h>
#include <clef/rt/sync.h>

#include <errno.h>
#include <string.h>

/* On the stack of the one who waits. Whoever gives it what it waits for takes it off the list and sets `result`. */
typedef struct Waiter {
    struct Waiter *next, *prev;
    Fiber *fiber;
    void *value; /* of a channel: where the value is or goes */
    int result;
} Waiter;

enum { WAITING = 1 };

static void list_push(WaitList *l, Waiter *w)
{
    w->next = NULL;
    w->prev = l->last;
    if (l->last)
        l->last->next = w;
    else
        l->first = w;
    l->last = w;
}

static void list_remove(WaitList *l, Waiter *w)
{
    if (w->prev)
        w->prev->next = w->next;
    else
        l->first = w->next;
    if (w->next)
        w->next->prev = w->prev;
    else
        l->last = w->prev;
}

/* Ends the wait of the first in the list, which is not empty. */
static Fiber *give(WaitList *l, int result)
{
    Waiter *w = l->first;
    list_remove(l, w);
    w->result = result;
    fiber_wake(w->fiber);
    return w->fiber;
}

static void give_all(WaitList *l, int result)
{
    while (l->first)
        give(l, result);
}

/* What give() said, or -ETIMEDOUT. Other wake-ups of the fiber do not end the wait. */
static int wait_in(WaitList *l, void *value, int64_t deadline_ns)
{
    Waiter w = { .fiber = fiber_self(), .value = value, .result = WAITING };
    if (CLEF_UNLIKELY(!w.fiber))
        PANIC("only a fiber may wait; start one by fiber_start()");
    if (deadline_ns && deadline_ns <= loop_now(loop_current()))
        return -ETIMEDOUT;
    list_push(l, &w);
    while (w.result == WAITING)
        if (!fiber_park_until(deadline_ns) && w.result == WAITING) {
            list_remove(l, &w);
            return -ETIMEDOUT;
        }
    return w.result;
}

bool mutex_try_lock(Mutex *m)
{
    if (m->owner)
        return false;
    m->owner = fiber_self();
    ASSERT(m->owner != NULL);
    return true;
}

bool mutex_lock_until(Mutex *m, int64_t deadline_ns)
{
    if (mutex_try_lock(m))
        return true;
    if (m->owner == fiber_self())
        PANIC("mutex_lock: this fiber holds the mutex already");
    return wait_in(&m->waiting, NULL, deadline_ns) == 0;
}

void mutex_lock(Mutex *m) { ASSERT(mutex_lock_until(m, 0)); }

void mutex_unlock(Mutex *m)
{
    if (!m->owner || m->owner != fiber_self())
        PANIC("mutex_unlock: this fiber does not hold the mutex");
    m->owner = m->waiting.first ? give(&m->waiting, 0) : NULL;
}

bool condition_wait(Condition *c, Mutex *m, int64_t deadline_ns)
{
    if (m)
        mutex_unlock(m);
    bool signalled = wait_in(&c->waiting, NULL, deadline_ns) == 0;
    if (m)
        mutex_lock(m);
    return signalled;
}

bool condition_signal(Condition *c)
{
    if (!c->waiting.first)
        return false;
    give(&c->waiting, 0);
    return true;
}

void condition_broadcast(Condition *c) { give_all(&c->waiting, 0); }

bool semaphore_try(Semaphore *s)
{
    if (s->count == 0)
        return false;
    s->count--;
    return true;
}

bool semaphore_wait(Semaphore *s, int64_t deadline_ns)
{
    return semaphore_try(s) || wait_in(&s->waiting, NULL, deadline_ns) == 0;
}

void semaphore_post(Semaphore *s)
{
    if (s->waiting.first)
        give(&s->waiting, 0);
    else
        s->count++;
}

void group_add(Group *g, size_t n) { ASSERT(!__builtin_add_overflow(g->left, n, &g->left)); }

void group_done(Group *g)
{
    ASSERT(g->left > 0);
    if (--g->left == 0)
        give_all(&g->waiting, 0);
}

bool group_wait(Group *g, int64_t deadline_ns) { return g->left == 0 || wait_in(&g->waiting, NULL, deadline_ns) == 0; }

void channel_init(Channel *c, void *room, size_t capacity, size_t size)
{
    size_t bytes;
    ASSERT(size > 0 && !__builtin_mul_overflow(capacity, size, &bytes));
    *c = (Channel){ .size = size, .capacity = capacity, .p = room };
}

static void put(Channel *c, const void *value)
{
    size_t at = c->head + c->n;
    memcpy(c->p + (at < c->capacity ? at : at - c->capacity) * c->size, value, c->size);
    c->n++;
}

int channel_try_send(Channel *c, const void *value)
{
    if (c->closed)
        return -EPIPE;
    if (c->receivers.first) { /* then the queue is empty */
        memcpy(c->receivers.first->value, value, c->size);
        give(&c->receivers, 0);
        return 0;
    }
    if (c->n == c->capacity)
        return -EAGAIN;
    put(c, value);
    return 0;
}

int channel_send(Channel *c, const void *value, int64_t deadline_ns)
{
    int result = channel_try_send(c, value);
    /* Only read through: a waiter's value is one type for both directions. */
    return result == -EAGAIN ? wait_in(&c->senders, (void *)(uintptr_t)value, deadline_ns) : result;
}

int channel_try_receive(Channel *c, void *value)
{
    if (c->n) {
        memcpy(value, c->p + c->head * c->size, c->size);
        c->head = c->head + 1 < c->capacity ? c->head + 1 : 0;
        c->n--;
        if (c->senders.first) { /* its value takes the place that became free, behind all others */
            put(c, c->senders.first->value);
            give(&c->senders, 0);
        }
        return 0;
    }
    if (c->senders.first) { /* a channel with room for none */
        memcpy(value, c->senders.first->value, c->size);
        give(&c->senders, 0);
        return 0;
    }
    return c->closed ? -EPIPE : -EAGAIN;
}

int channel_receive(Channel *c, void *value, int64_t deadline_ns)
{
    int result = channel_try_receive(c, value);
    return result == -EAGAIN ? wait_in(&c->receivers, value, deadline_ns) : result;
}

void channel_close(Channel *c)
{
    c->closed = true;
    give_all(&c->senders, -EPIPE);
    give_all(&c->receivers, -EPIPE);
}
