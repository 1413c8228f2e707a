/*
 * live.h: live reload. `clef runserver` starts the program with a number in the environment variable CLEF_LIVE, a new
 * one after each build; pages then carry a small script that listens to an event stream, and loads the page anew when
 * the number that it hears is not the one that the page came with. Without the variable, or with DEBUG off, nothing of
 * this is there.
 *
 *     /__clef__/live.js?N    the script
 *     /__clef__/live         the stream: the number, and a comment every 15 seconds
 *
 * Only documents are changed: an HTML response with an end of body, to a request that is not a script's own. They lose
 * their validators, so that a browser does not keep a page with an old number.
 */
#ifndef CLEF_DEBUG_LIVE_H
#define CLEF_DEBUG_LIVE_H

#include <clef/http/middleware.h>

/* To be the outermost one. It does not take part (init is false) unless DEBUG is on and CLEF_LIVE is set. */
CLEF_DATA(const Middleware, live_middleware);

/*
 * The list with live_middleware in front, in the arena; the list itself when it would not take part. NULL: the empty
 * list.
 */
CLEF_API(const Middleware *const *, live_list, Arena *a, const Settings *settings, const Middleware *const *list);

/* Ends the event streams of this process, which would keep a graceful stop waiting. On the loop's thread. */
CLEF_API(void, live_stop, void);

/* The script's tag for a page with the number, and the script itself. */
CLEF_API(Str, live_tag, Arena *a, Str number);
CLEF_API(Str, live_script, void) CLEF_PURE;

#endif
