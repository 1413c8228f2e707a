/*
 * http_crash.h: a crash of a handler costs its own request. What rt/crash.h does for a fiber, this does for the
 * exchange that the fiber, or one that it started, was answering: 500, and the connection closed; an answer that had
 * begun is cut off. Requests that follow it on the connection are not handled.
 *
 * The server goes on for what it has, and should be stopped and its process replaced; http_worker_run does all of that.
 */
#ifndef CLEF_NET_HTTP_CRASH_H
#define CLEF_NET_HTTP_CRASH_H

#include <clef/net/http_server.h>
#include <clef/rt/backtrace.h>

typedef struct HttpCrash {
    const Crash *crash;
    const Frame *frames;
    size_t nframes;
    const HttpExchange *x; /* what was being answered, to be read only; NULL: a fiber of no request */
} HttpCrash;

typedef struct HttpCrashOptions {
    /* Right after a crash, on the loop's stack, before anything else: stop accepting, ask to be replaced. */
    void (*begun)(void *arg, const Crash *crash);
    /*
     * Once the names are known, on a fiber (when none can be had: on the loop's stack, without frames). Each `begun` is
     * followed by one. NULL: http_crash_trace.
     */
    void (*log)(void *arg, const HttpCrash *crash);
    /*
     * Makes the answer, in the arena, once the names are known; on a fiber. False, or NULL: the plain one, which does not
     * wait for the names. Header lines as of http_respond.
     */
    bool (*page)(void *arg, const HttpCrash *crash, Arena *arena, Str *block, Str *body);
    void *arg;
    unsigned most, hang_seconds; /* as of CrashOptions */
} HttpCrashOptions;

/* The trace on standard error. */
CLEF_API(void, http_crash_trace, const HttpCrash *crash);
/*
 * For the loop's one server, until crash_uninstall, which comes before the server's end. 0 or -errno, as of
 * crash_install.
 */
CLEF_API(int, http_server_survive, HttpServer *s, const HttpCrashOptions *options) CLEF_MUST_USE;

#endif
