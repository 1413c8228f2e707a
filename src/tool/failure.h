/*
 * failure.h: pages for as long as there is no program that could answer: the build failed, or the program ended. All paths
 * give the same page, and the browser is told when there is something new.
 */
#ifndef CLEF_SRC_TOOL_FAILURE_H
#define CLEF_SRC_TOOL_FAILURE_H

#include <clef/base/str.h>
#include <clef/rt/loop.h>

typedef struct Failure Failure;

typedef struct FailureText {
    Str kind;   /* "The build failed" */
    Str said;   /* what was printed, colours included */
    Str remedy; /* may be empty */
    Str number; /* of live reload */
} FailureText;

/*
 * Answers what comes to the listener, until failure_end. The texts are copied. `shown` (may be NULL) is called on the
 * loop when the page was given to somebody.
 */
CLEF_PRIVATE(Failure *, failure_begin, Loop *loop, int listener, const FailureText *text, void (*shown)(void *arg),
             void *arg);
/* NULL is fine. The memory goes when the last connection has. */
CLEF_PRIVATE(void, failure_end, Failure *f);
/* The page by itself. */
CLEF_PRIVATE(Str, failure_page, Arena *a, const FailureText *text);

#endif
