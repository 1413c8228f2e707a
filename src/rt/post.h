/*
 * post.h: calls that other threads ask of a loop. A bounded queue for many writers and one reader without locks: each cell
 * has a ticket that says whose turn it is, so a writer that is interrupted (by a signal whose handler posts too) blocks
 * nobody but the reader, and that only for its own cell.
 */
#ifndef CLEF_SRC_RT_POST_H
#define CLEF_SRC_RT_POST_H

#include <clef/base/api.h>

enum { POSTS_MAX = 1024 }; /* calls that may wait; a power of two */

typedef struct PostCell {
    uint32_t ticket; /* atomic */
    void (*fn)(void *arg);
    void *arg;
} PostCell;

typedef struct PostQueue {
    PostCell *cells;
    uint32_t tail __attribute__((aligned(64))); /* atomic: the writers' */
    uint32_t head __attribute__((aligned(64))); /* the reader's */
    int event;                                  /* eventfd */
    bool rung;                                  /* atomic: the event is on its way */
} PostQueue;

CLEF_PRIVATE(void, postqueue_init, PostQueue *q, PostCell *cells, int event);
CLEF_PRIVATE(bool, postqueue_push, PostQueue *q, void (*fn)(void *arg), void *arg);
/* Runs what is there, at most POSTS_MAX calls. */
CLEF_PRIVATE(void, postqueue_run, PostQueue *q);

#endif
