/*
 * crash.h: a crash costs one piece of work. When code on a fiber dereferences what is not there, divides by zero, runs
 * off its stack, aborts (an ASSERT, a check of glibc, of the stack protector or of _FORTIFY_SOURCE), or, in a sanitised
 * build, is reported by AddressSanitizer or UndefinedBehaviorSanitizer, that fiber is left for good and the loop goes
 * on. What happened is noted, and the owner of the loop is told on the loop's own stack.
 *
 *     static void crashed(Loop *loop, const Crash *crash, void *arg) { ... answer 500, log, ask to be replaced ... }
 *     crash_install(loop, &(CrashOptions){ .crashed = crashed });
 *
 * The process should not go on for long: the fiber's clean-ups do not run, its locks stay locked, its memory is not given
 * back, and the heap may be damaged. It finishes what is under way and leaves. Meanwhile a watchdog ends it when the loop
 * makes no turn for some seconds, as when the crash came inside malloc with its lock held.
 *
 * What cannot be survived ends the process, after a trace on standard error, as if there were no handler: a crash on the
 * loop's own stack or on another thread, one that comes while a crash is being handled, and more crashes than `most`.
 *
 * One loop of a process at a time; a child made by fork() dies of its crashes.
 */
#ifndef CLEF_RT_CRASH_H
#define CLEF_RT_CRASH_H

#include <clef/base/str.h>
#include <clef/rt/loop.h>

enum {
    CRASH_FRAMES_MAX = 64, /* the innermost 48 and the outermost 16 of a deeper stack */
    CRASH_MESSAGE_MAX = 8192,
    CRASH_DEFAULT_MOST = 16,
    CRASH_DEFAULT_HANG_SECONDS = 10,
};

typedef struct Crash {
    int signal; /* SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT; 0: a sanitizer's report */
    bool stack_overflow;
    const void *address; /* what was accessed (SIGSEGV, SIGBUS), or where the instruction is (SIGFPE, SIGILL) */
    char what[160];      /* a line for people: "SIGSEGV: write at 0x0, where no memory is" */
    Str message;         /* what a panic, glibc or a sanitizer said, cut at CRASH_MESSAGE_MAX; may be empty */
    /* As return addresses, innermost first: the first is one past the start of the instruction that failed. */
    void *frames[CRASH_FRAMES_MAX];
    size_t nframes;
    size_t left_out; /* frames of a deep stack that stood between frames[47] and frames[48] */
    uint64_t task;   /* fiber_task() of the fiber */
    unsigned number; /* 1: the first that this process lived through */
} Crash;

typedef struct CrashOptions {
    /* On the loop's stack, in the turn after the crash. The record is valid until it returns. */
    void (*crashed)(Loop *loop, const Crash *crash, void *arg);
    /*
     * The process is about to end by this crash. In the signal handler: only what signal-safety(7) allows. May be NULL.
     */
    void (*dying)(const Crash *crash, void *arg);
    void *arg;
    unsigned most;         /* crashes to live through; 0: the default */
    unsigned hang_seconds; /* after a crash, without a turn of the loop; 0: the default */
} CrashOptions;

/*
 * On the loop's thread. 0, or -errno; -EALREADY when the process has a handler of this kind. The options are copied.
 */
CLEF_API(int, crash_install, Loop *loop, const CrashOptions *options) CLEF_MUST_USE;
/* Before the loop is destroyed. Puts back the actions that were there. Nothing when there is none. */
CLEF_API(void, crash_uninstall, Loop *loop);

#endif
