/*
 * supervisor.h: the process that keeps worker processes serving. It opens the listeners and never serves itself; a
 * worker is a fork of it that gets its own listeners by its seat.
 *
 *     static int work(const WorkerSeat *seat, void *arg) { return http_worker_run(seat, arg); }
 *     return supervisor_run(&(SupervisorConfig){ .listen = list, .nlisten = 1, .workers = 4, .work = work,
 *                                                .argv = argv, .environment = environ, .event = log_event });
 *
 * No connection is lost when a worker goes: for TCP each seat has a SO_REUSEPORT listener that the supervisor keeps
 * open, so what queued at a dead worker is taken by the next one on that seat; a unix socket has one listener that all
 * share. A worker that is replaced is told to stop only when the new one is ready.
 *
 * Signals, as gunicorn has them:
 *     TERM       graceful stop: requests are finished, then the workers leave; past the limit they are killed
 *     INT, QUIT  quick stop, also of a graceful one that goes on
 *     HUP        reload: the program file is run once to check itself; when that passes, it replaces this one in place
 *                (same process id, same listeners), starts new workers, and then has the old ones stop. So a reload is a
 *                new binary, new settings and new workers in one; one that fails leaves everything as it was
 *     USR1       logs are opened anew
 *
 * Under systemd: readiness, reload, stop, status and watchdog are told to NOTIFY_SOCKET (sd_notify(3)); sockets that
 * come by LISTEN_FDS (sd_listen_fds(3)) are served in the place of `listen`. A supervisor that dies takes its workers
 * with it: they stop gracefully. Workers that die early again and again are started at growing distances.
 */
#ifndef CLEF_NET_SUPERVISOR_H
#define CLEF_NET_SUPERVISOR_H

#include <clef/base/buf.h>
#include <clef/base/str.h>
#include <sys/types.h>

enum {
    SUPERVISOR_WORKERS_MAX = 1024,
    SUPERVISOR_ADDRESSES_MAX = 64, /* LISTEN_FDS included */
};

/* What a worker gets. Valid in `work` only. */
typedef struct WorkerSeat {
    uint32_t number, count; /* from 0; of how many */
    uint32_t generation;    /* 1, and one more with each reload */
    const int *listeners;   /* nonblocking, closed on exec; the worker's own */
    size_t nlisteners;
    int channel; /* to the supervisor: see worker.h */
} WorkerSeat;

typedef enum SupervisorEventKind {
    SUPERVISOR_LISTENS,        /* address */
    SUPERVISOR_LISTEN_FAILED,  /* address, error */
    SUPERVISOR_WORKER_STARTED, /* seat and pid, as in all of WORKER */
    SUPERVISOR_WORKER_READY,
    SUPERVISOR_WORKER_ASKS,    /* to be replaced: why */
    SUPERVISOR_WORKER_DIED,    /* nobody had asked it to: status, as of waitpid(2) */
    SUPERVISOR_WORKER_LEFT,    /* as it was asked to: status */
    SUPERVISOR_WORKER_LATE,    /* not ready, or not gone, within the limit (why, delay_ms), and killed */
    SUPERVISOR_WORKER_DELAYED, /* died early `count` times in a row; the next is started after delay_ms */
    SUPERVISOR_FORK_FAILED,    /* error; tried again after delay_ms */
    SUPERVISOR_READY,          /* every seat has a ready worker; count */
    SUPERVISOR_RELOAD_BEGUN,
    SUPERVISOR_RELOAD_REFUSED, /* why: what the new program said */
    SUPERVISOR_RELOAD_DONE,    /* the new workers are ready; generation */
    SUPERVISOR_REOPEN,         /* SIGUSR1: open logs anew */
    SUPERVISOR_STOPPING,       /* why: the signal's name; delay_ms: the limit */
    SUPERVISOR_STOPPED,
    SUPERVISOR_FAILED, /* why; error may be 0. supervisor_run returns 1 */
} SupervisorEventKind;

typedef struct SupervisorEvent {
    SupervisorEventKind kind;
    uint32_t seat, count, generation;
    pid_t pid;
    int status, error; /* error: an errno */
    int64_t delay_ms;
    Str address, why;
} SupervisorEvent;

typedef struct SupervisorConfig {
    const Str *listen; /* texts as of address_parse */
    size_t nlisten;
    uint32_t workers;   /* 0: one per core that this process may use */
    unsigned unix_mode; /* of unix sockets: permission bits; 0: as the umask says */
    /* In the child. What it returns (0 to 255) becomes its exit status, without atexit handlers. */
    int (*work)(const WorkerSeat *seat, void *arg);
    /* In the supervisor, which must not wait long in it. */
    void (*event)(const SupervisorEvent *e, void *arg);
    void *arg;
    char **argv;          /* of this program, for a reload; NULL: SIGHUP is refused */
    char **environment;   /* environ; NULL: no NOTIFY_SOCKET, no LISTEN_FDS, no reload */
    uint32_t graceful_ms; /* from TERM to KILL: 30,000; a worker gets it as its own limit by the caller */
    uint32_t start_ms;    /* from the fork to being ready: 60,000 */
    uint32_t check_ms;    /* for the check run of a reload: 60,000 */
} SupervisorConfig;

/*
 * Serves until a signal ends it. 0 when that happened as it should, 1 when it could not serve (an event said why). No
 * other thread may run at the call. In the check run of a reload it returns at once: 0 when this program could take over.
 */
CLEF_API(int, supervisor_run, const SupervisorConfig *config) CLEF_MUST_USE;

/* True when the environment says that this process is the check run of a reload: nothing will be served. */
CLEF_API(bool, supervisor_is_check, char *const *environment) CLEF_PURE;

/* A sentence for people, without a full stop; false when it did not fit. */
CLEF_API(bool, supervisor_event_text, Buf *b, const SupervisorEvent *e);

#endif
