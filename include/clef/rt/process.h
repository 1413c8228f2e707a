/*
 * process.h: child processes. One call runs a program and brings its output; the parts of it are there for what lasts
 * longer:
 *
 *     const char *argv[] = { "git", "rev-parse", "HEAD", NULL };
 *     ProcessResult r;
 *     if (process_run(arena, argv, &(ProcessRun){ .deadline_ns = loop_now(loop) + 5000000000 }, &r) == 0 && r.code == 0)
 *         ... r.out ...
 *
 * A child gets its three standard descriptors and no other one, no blocked signal, and every signal's default action. It is
 * killed when the thread that started it ends, unless it `outlives`. There is no shell: the first word is looked up in
 * PATH unless it holds a slash, and the others are passed as they are.
 *
 * SIGCHLD must not be ignored, and nobody else may wait for any child (waitpid(-1)), while a child runs.
 */
#ifndef CLEF_RT_PROCESS_H
#define CLEF_RT_PROCESS_H

#include <clef/base/arena.h>
#include <clef/rt/io.h>

typedef enum ProcessStreamKind {
    PROCESS_NULL,    /* /dev/null */
    PROCESS_INHERIT, /* this process's */
    PROCESS_PIPE,    /* the other end is in the Process */
    PROCESS_FD,      /* a descriptor, which stays the caller's */
    PROCESS_TO_OUT,  /* standard error: where standard output goes */
} ProcessStreamKind;

typedef struct ProcessStream {
    ProcessStreamKind kind;
    int fd; /* of PROCESS_FD */
} ProcessStream;

typedef struct ProcessOptions {
    const char *directory;    /* to run in; NULL: this one */
    char *const *environment; /* NULL: this process's */
    ProcessStream in, out, err;
    bool own_group; /* a process group of its own, which process_kill reaches as a whole */
    bool outlives;  /* goes on when this process ends */
} ProcessOptions;

typedef struct Process {
    pid_t pid;       /* read-only, as all of it */
    Io in, out, err; /* the ends of pipes: io_close(&p.in) ends the child's input */
    Io exit;         /* private */
    bool own_group;
    bool ended;
    int code;   /* once it has ended: its exit status, or -1 */
    int signal; /* that ended it, or 0 */
} Process;

/* argv ends with NULL. Options may be NULL. 0, or -errno, that of the execution too (-ENOENT, -EACCES). */
CLEF_API(int, process_spawn, Process *p, const char *const *argv, const ProcessOptions *options) CLEF_MUST_USE;
/* Until it has ended: 0, or -ETIMEDOUT. A fiber waits; outside one it blocks. */
CLEF_API(int, process_wait, Process *p, int64_t deadline_ns) CLEF_MUST_USE;
/* 0 or -errno; nothing once it has ended. */
CLEF_API(int, process_kill, Process *p, int signal);
/* Closes the pipes; a child that still runs is killed and waited for. Nothing of it is left. */
CLEF_API(void, process_close, Process *p);

typedef struct ProcessRun {
    const char *directory; /* as of ProcessOptions */
    char *const *environment;
    Str input;           /* what it reads; nothing: /dev/null */
    size_t output_max;   /* bytes of each of its outputs; 0: 1 MiB */
    bool merge;          /* its standard error goes to `out` as well */
    int64_t deadline_ns; /* 0: none */
} ProcessRun;

typedef struct ProcessResult {
    int code;   /* exit status; -1: a signal has ended it */
    int signal; /* or 0 */
    Str out, err;
} ProcessResult;

/*
 * Runs it to its end on the calling fiber's time, in a process group of its own. 0 when it has ended by itself,
 * whatever its code; -ETIMEDOUT, or -ENOBUFS when an output is longer than the limit: it and its group were killed
 * then, and what came before is there; else -errno of the start, -ENOMEM when the arena has no room. Without a deadline
 * it also waits for what the child leaves behind with its outputs open. Options may be NULL.
 */
CLEF_API(int, process_run, Arena *a, const char *const *argv, const ProcessRun *options, ProcessResult *result)
CLEF_MUST_USE;

#endif
