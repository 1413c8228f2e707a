/*
 * watch.h: which files of a project changed. A folder with all that is below it, but what is built and what editors
 * leave.
 */
#ifndef CLEF_SRC_TOOL_WATCH_H
#define CLEF_SRC_TOOL_WATCH_H

#include <clef/base/str.h>
#include <clef/rt/loop.h>

typedef enum WatchKind {
    WATCH_NOTHING,
    WATCH_FILE,    /* templates, static files, .env: the program need only start anew */
    WATCH_SOURCE,  /* .c, .h, Makefile, .mk */
    WATCH_REMOVED, /* a source went: what was linked with it must be linked again */
} WatchKind;

typedef struct TreeWatch TreeWatch;

/*
 * Watches the current folder in the background of the loop. changed(kind, name, arg) for each file, its name as text of the
 * folder ("pages/views.c"); names may come several times. NULL with errno set. It ends with the process.
 */
CLEF_PRIVATE(TreeWatch *, watch_start, Loop *loop, Arena *a,
             void (*changed)(WatchKind kind, const char *name, void *arg), void *arg);
/* What a change of that file means. */
CLEF_PRIVATE(WatchKind, watch_kind, Str name) CLEF_PURE;

#endif
