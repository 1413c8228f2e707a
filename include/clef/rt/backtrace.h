/*
 * backtrace.h: where a call came from, in names. A backtrace is taken as return addresses, which is cheap, and is
 * resolved to functions, files and lines only when somebody wants to read it.
 *
 * Names and lines come from the debugging symbols of the program, by libdw. It is loaded at the first use, in a child
 * process: nothing of it stays in this one, a damaged heap does not matter much, and a fiber waits while other fibers run.
 * Without libdw, or symbols, a frame has its file and the place in it, which `addr2line -e MODULE OFFSET` understands.
 */
#ifndef CLEF_RT_BACKTRACE_H
#define CLEF_RT_BACKTRACE_H

#include <clef/base/buf.h>
#include <clef/rt/crash.h>

enum { BACKTRACE_MAX = 256 }; /* addresses that are resolved at once */

typedef struct Frame {
    size_t at;       /* which of the addresses; several frames share one that was inlined */
    uintptr_t pc;    /* inside the call */
    Str function;    /* empty: unknown */
    Str file;        /* absolute where the symbols say so; empty: unknown */
    int line;        /* 0: unknown */
    Str module;      /* the program or library, its path */
    uint64_t offset; /* of pc, as the module counts */
    bool inlined;    /* into the next frame */
} Frame;

/* Return addresses, innermost first, without the `skip` innermost frames (0: the caller comes first). How many. */
CLEF_API(size_t, backtrace_capture, void **frames, size_t most, size_t skip);

/*
 * The frames of n return addresses (Crash.frames, Error.frames), at least one of each, in *out. How many; 0 when there
 * is no memory. Waits, at most five seconds; outside a fiber it blocks.
 */
CLEF_API(size_t, backtrace_resolve, Arena *a, void *const *frames, size_t n, Frame **out);

/* A line for each frame: "  #1 0x55d0c2 post_detail at /srv/blog/views.c:41". */
CLEF_API(bool, backtrace_format, Buf *b, const Frame *frames, size_t n);
/* What happened, what was said, and the frames. */
CLEF_API(bool, crash_format, Buf *b, const Crash *c, const Frame *frames, size_t n);

typedef struct SourceLine {
    int number;
    Str text; /* without the line end */
} SourceLine;

/*
 * The lines of the frame's file from `around` before its line to `around` after it. How many; 0 when there is no such
 * file, it has more than 4 MiB, or the line is not in it. Reads on the pool's threads when called on a fiber.
 */
CLEF_API(size_t, backtrace_source, Arena *a, const Frame *f, int around, SourceLine **out);

#endif
