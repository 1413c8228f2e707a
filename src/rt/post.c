/* post.c: the queue behind loop_post. */
#include "rt/post.h"

#include <errno.h>
#include <unistd.h>

void postqueue_init(PostQueue *q, PostCell *cells, int event)
{
    *q = (PostQueue){ .cells = cells, .event = event };
    for (uint32_t i = 0; i < POSTS_MAX; i++)
        cells[i].ticket = i;
}

/* Cell i is free for the writer of position p when its ticket is p, and full for the reader when it is p + 1. */
bool postqueue_push(PostQueue *q, void (*fn)(void *arg), void *arg)
{
    int error = errno;
    uint32_t at = __atomic_load_n(&q->tail, __ATOMIC_RELAXED);
    PostCell *c;
    for (;;) {
        c = &q->cells[at % POSTS_MAX];
        int32_t turn = (int32_t)(__atomic_load_n(&c->ticket, __ATOMIC_ACQUIRE) - at);
        if (turn < 0)
            return false;
        if (turn > 0)
            at = __atomic_load_n(&q->tail, __ATOMIC_RELAXED);
        else if (__atomic_compare_exchange_n(&q->tail, &at, at + 1, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            break;
    }
    c->fn = fn;
    c->arg = arg;
    __atomic_store_n(&c->ticket, at + 1, __ATOMIC_RELEASE);
    /* The loop clears `rung` before it reads the cells, so a call is either seen by that reading or rings again. */
    if (!__atomic_exchange_n(&q->rung, true, __ATOMIC_SEQ_CST)) {
        uint64_t one = 1;
        while (write(q->event, &one, sizeof one) < 0 && errno == EINTR)
            continue;
    }
    errno = error;
    return true;
}

void postqueue_run(PostQueue *q)
{
    /* An exchange, not a store: it also orders the reads below after it. */
    (void)__atomic_exchange_n(&q->rung, false, __ATOMIC_SEQ_CST);
    for (int i = 0; i < POSTS_MAX; i++) {
        PostCell *c = &q->cells[q->head % POSTS_MAX];
        if (__atomic_load_n(&c->ticket, __ATOMIC_ACQUIRE) != q->head + 1)
            return;
        void (*fn)(void *) = c->fn;
        void *arg = c->arg;
        __atomic_store_n(&c->ticket, q->head + POSTS_MAX, __ATOMIC_RELEASE);
        q->head++;
        fn(arg);
    }
    /* The rest in the next turn, which must not sleep. */
    if (!__atomic_exchange_n(&q->rung, true, __ATOMIC_SEQ_CST)) {
        uint64_t one = 1;
        (void)!write(q->event, &one, sizeof one);
    }
}
