/*
 * timer.c: timers, in a pairing heap that is threaded through the timers themselves: setting one asks for no memory, and so
 * cannot fail. A timer's `prev` is its left sibling, or its parent for the first of its children.
 */
#include "rt/loop.h"

/* Of two heaps the one whose root is due later becomes the first child of the other. Either may be NULL. */
static Timer *meld(Timer *a, Timer *b)
{
    if (!a || !b)
        return a ? a : b;
    if (b->due_ns < a->due_ns) {
        Timer *earlier = b;
        b = a;
        a = earlier;
    }
    b->prev = a;
    b->next = a->child;
    if (b->next)
        b->next->prev = b;
    a->child = b;
    return a;
}

/* One heap of a list of siblings: two by two from the left, and these together from the right. */
static Timer *meld_all(Timer *first)
{
    Timer *pairs = NULL;
    while (first) {
        Timer *a = first, *b = a->next;
        first = b ? b->next : NULL;
        a->next = a->prev = NULL;
        if (b)
            b->next = b->prev = NULL;
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    Timer *root = NULL;
    while (pairs) {
        Timer *a = pairs;
        pairs = a->next;
        a->next = NULL;
        root = meld(root, a);
    }
    return root;
}

static void take_out(TimerHeap *h, Timer *t)
{
    Timer *below = meld_all(t->child);
    if (h->first == t) {
        h->first = below;
    } else {
        if (t->prev->child == t)
            t->prev->child = t->next;
        else
            t->prev->next = t->next;
        if (t->next)
            t->next->prev = t->prev;
        h->first = meld(h->first, below);
    }
    t->child = t->next = t->prev = NULL;
}

void timer_set(Loop *loop, Timer *t, int64_t due_ns)
{
    TimerHeap *h = &loop->timers;
    if (t->due_ns)
        take_out(h, t);
    else
        h->n++;
    t->due_ns = due_ns < 1 ? 1 : due_ns;
    h->first = meld(h->first, t);
}

void timer_stop(Loop *loop, Timer *t)
{
    if (!t->due_ns)
        return;
    take_out(&loop->timers, t);
    loop->timers.n--;
    t->due_ns = 0;
}

int64_t timers_next(const Loop *loop) { return loop->timers.first ? loop->timers.first->due_ns : INT64_MAX; }

/* A timer set by a callback to a time that has passed already waits for the next turn: a turn ends. */
void timers_run(Loop *loop)
{
    for (size_t left = loop->timers.n; left > 0 && timers_next(loop) <= loop->now_ns; left--) {
        Timer *t = loop->timers.first;
        timer_stop(loop, t);
        t->fn(loop, t);
    }
}
