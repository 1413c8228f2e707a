/*
 * crash.h: the inside of crash handling, shared by crash.c (signals, leaving the fiber), crash_text.c (words, without the
 * heap), crash_walk.c (frames) and crash_report.c (the sanitizers' reports).
 */
#ifndef CLEF_SRC_RT_CRASH_H
#define CLEF_SRC_RT_CRASH_H

#include "rt/fiber.h"
#include <clef/rt/crash.h>
#include <setjmp.h>
#include <signal.h>
#include <time.h>

/* Text in a fixed room, cut at its end, terminated: for signal handlers. */
typedef struct RawText {
    char *p;
    size_t n, cap;
} RawText;

#define RAW_TEXT(array) ((RawText){ .p = (array), .cap = sizeof(array) })

CLEF_PRIVATE(void, raw_str, RawText *t, const char *s);
CLEF_PRIVATE(void, raw_add, RawText *t, const char *p, size_t n);
CLEF_PRIVATE(void, raw_u64, RawText *t, uint64_t v);
CLEF_PRIVATE(void, raw_hex, RawText *t, uint64_t v);
/* Writes everything, or gives up. */
CLEF_PRIVATE(void, raw_write, int fd, const char *p, size_t n);

/* "SIGSEGV", or "signal 99". */
CLEF_PRIVATE(void, raw_signal, RawText *t, int signal);
/* Fills in signal, address and what. `context` is the handler's third argument. */
CLEF_PRIVATE(void, crash_describe, Crash *c, int signal, const siginfo_t *info, const void *context,
             const Fiber *fiber);
/* what, message and frames, each with the file it is in and the place there: for addr2line. */
CLEF_PRIVATE(void, crash_write_raw, int fd, const Crash *c);

typedef struct CrashRecord {
    Crash crash;
    bool taken; /* atomic: from the handler until `crashed` has returned */
    char message[CRASH_MESSAGE_MAX];
} CrashRecord;

enum { CRASH_RECORDS = 4, CRASH_SIGNALS = 5 }; /* crashes of one turn; signals that are caught */

/* What a thread whose loop is guarded has. In mapped memory, since the heap is what may be broken. */
typedef struct CrashSeat {
    Loop *loop;
    CrashOptions o;
    pid_t pid;
    unsigned survived;
    bool busy;    /* a crash is being handled */
    bool walking; /* frames are being read, which may fault: then to `walked` */
    jmp_buf walked;
    void *map;
    size_t map_size;
    stack_t stack_before;
    struct sigaction before[CRASH_SIGNALS], alarm_before;
    timer_t watchdog;
    bool watched; /* the watchdog runs */
    int64_t seen_ns;
    unsigned stale; /* ticks since the loop's last turn */
    void **abort_message;
    CrashRecord spare; /* of a crash that ends the process */
    CrashRecord records[CRASH_RECORDS];
} CrashSeat;

/* Of this thread; NULL. */
CLEF_PRIVATE(CrashSeat *, crash_seat, void);

/*
 * Notes the frames. With a signal's context they begin at the interrupted instruction; without one, with the caller's. A
 * stack that is damaged gives as many as could be read. Without a seat a fault of the walk is not caught.
 */
CLEF_PRIVATE(void, crash_walk, CrashSeat *seat, Crash *c, void *context, const Fiber *fiber);
/* A first walk, so that the unwinder has prepared itself before a crash. */
CLEF_PRIVATE(void, crash_walk_prepare, void);

/* The sanitizers tell the seat of their reports. Nothing in a build without them. */
CLEF_PRIVATE(void, crash_reports_begin, void);
CLEF_PRIVATE(void, crash_reports_end, void);
/*
 * A sanitizer has reported and would end the process: leaves the fiber when there is one that may be left, returns else.
 * `report` is kept, cut.
 */
CLEF_PRIVATE(void, crash_reported, const char *what, const char *report) CLEF_COLD;

#endif
