/*
 * sync.h: how fibers of one loop wait for each other. Since fibers of a loop never run at the same time, plain memory needs
 * no lock between two waits; these are for what spans a wait. All of them are plain structs in their owner's memory, {0}
 * is ready for use unless said otherwise, and nothing is allocated: who waits is noted on the waiting fiber's stack.
 *
 * Every wait is first come, first served, and what is given is handed over to the one who waited longest: nobody who comes
 * later gets in between. Deadlines are monotonic nanoseconds (loop_now); 0 means none; a wait whose deadline has passed
 * fails at once, but only when it would have had to wait.
 *
 * None of this may be used from another thread than the loop's (loop_post is for that), nor outside a fiber where a call
 * may wait. The try and give functions (mutex_unlock, semaphore_post, ...) never wait.
 */
#ifndef CLEF_RT_SYNC_H
#define CLEF_RT_SYNC_H

#include <clef/rt/fiber.h>

/* Private: who waits, in order. */
typedef struct WaitList {
    struct Waiter *first, *last;
} WaitList;

typedef struct Mutex {
    Fiber *owner; /* read-only; NULL: free */
    WaitList waiting;
} Mutex;

/* Not recursive: a fiber that locks its own mutex again is a bug, as is unlocking that of another. */
CLEF_API(void, mutex_lock, Mutex *m);
/* False when the deadline passed first. */
CLEF_API(bool, mutex_lock_until, Mutex *m, int64_t deadline_ns) CLEF_MUST_USE;
CLEF_API(bool, mutex_try_lock, Mutex *m) CLEF_MUST_USE;
CLEF_API(void, mutex_unlock, Mutex *m);

typedef struct Condition {
    WaitList waiting;
} Condition;

/*
 * Gives the mutex up (NULL: there is none), waits for a signal, takes the mutex again, past the deadline too. False when no
 * signal came before the deadline. As ever, what is waited for is checked in a loop.
 */
CLEF_API(bool, condition_wait, Condition *c, Mutex *m, int64_t deadline_ns);
/* Wakes the one who waited longest; false when nobody waited. */
CLEF_API(bool, condition_signal, Condition *c);
CLEF_API(void, condition_broadcast, Condition *c);

typedef struct Semaphore {
    size_t count; /* what may be taken; set it at the start */
    WaitList waiting;
} Semaphore;

/* Takes one; false when the deadline passed first. */
CLEF_API(bool, semaphore_wait, Semaphore *s, int64_t deadline_ns) CLEF_MUST_USE;
CLEF_API(bool, semaphore_try, Semaphore *s) CLEF_MUST_USE;
CLEF_API(void, semaphore_post, Semaphore *s);

/* Waits until a number of jobs is done: group_add before each starts, group_done at its end. */
typedef struct Group {
    size_t left; /* read-only */
    WaitList waiting;
} Group;

CLEF_API(void, group_add, Group *g, size_t n);
/* One less; the one that makes it 0 wakes everybody. More of them than were added is a bug. */
CLEF_API(void, group_done, Group *g);
/* Until none is left; at once when there is none. False when the deadline passed first. */
CLEF_API(bool, group_wait, Group *g, int64_t deadline_ns);

/*
 * A bounded queue of values of one size. With room for none (capacity 0) a sender waits until a receiver takes the value
 * from its hands.
 */
typedef struct Channel {
    size_t size;     /* of a value, in bytes */
    size_t capacity; /* values */
    size_t n;        /* read-only: values in the queue */
    bool closed;     /* read-only */
    char *p;         /* private: a ring */
    size_t head;     /* private */
    WaitList senders, receivers;
} Channel;

/* `room` holds capacity * size bytes and lives as long as the channel. */
CLEF_API(void, channel_init, Channel *c, void *room, size_t capacity, size_t size);
#define CHANNEL_INIT(c, array) channel_init((c), (array), CLEF_COUNT(array), sizeof((array)[0]))
/* 0; -ETIMEDOUT; -EPIPE when the channel is or gets closed. */
CLEF_API(int, channel_send, Channel *c, const void *value, int64_t deadline_ns) CLEF_MUST_USE;
/* 0 and the value in *value; -ETIMEDOUT; -EPIPE when the channel is closed and empty. */
CLEF_API(int, channel_receive, Channel *c, void *value, int64_t deadline_ns) CLEF_MUST_USE;
/* The same without waiting: -EAGAIN when they would have to. */
CLEF_API(int, channel_try_send, Channel *c, const void *value) CLEF_MUST_USE;
CLEF_API(int, channel_try_receive, Channel *c, void *value) CLEF_MUST_USE;
/* No more sends: who waits is woken. What is in the queue can still be received. */
CLEF_API(void, channel_close, Channel *c);

#endif
