/*
 * supervisor.h: the inside of the supervisor, shared by supervisor.c (the loop: signals, time, the stop),
 * supervisor_workers.c (who sits on which seat), supervisor_listeners.c, supervisor_reload.c (the check run, the exec, what
 * is handed over) and notify.c.
 *
 * The heart is workers_settle: called after anything happened, it compares what is with what should be (on each seat one
 * worker of this generation; when it is ready, no other) and does what is missing. So a death, a request for
 * replacement, a reload and a stop are all the same few rules.
 */
#ifndef CLEF_SRC_NET_SUPERVISOR_H
#define CLEF_SRC_NET_SUPERVISOR_H

#include <clef/base/arena.h>
#include <clef/net/supervisor.h>
#include <clef/rt/address.h>
#include <signal.h>

typedef enum WorkerState {
    WORKER_STARTING,
    WORKER_READY,
    WORKER_SPENT,   /* asked to be replaced, serves on */
    WORKER_LEAVING, /* was told to stop */
    WORKER_KILLED,
} WorkerState;

typedef struct WorkerProcess WorkerProcess;
struct WorkerProcess {
    WorkerProcess *next;
    pid_t pid;
    int channel; /* -1: closed */
    uint32_t seat, generation;
    WorkerState state;
    int64_t started_ns;
    int64_t deadline_ns; /* of being ready, or of being gone; 0: none */
};

/* What a seat remembers from one worker to the next. */
typedef struct Seat {
    uint32_t failures; /* early ends in a row */
    int64_t start_ns;  /* not before */
} Seat;

typedef enum ListenKind {
    LISTEN_TCP = 't',    /* a listener for each seat */
    LISTEN_UNIX = 'u',   /* one for all; its file is ours */
    LISTEN_PASSED = 'p', /* one for all, from LISTEN_FDS */
} ListenKind;

typedef struct ListenAddress {
    Str text;   /* as configured */
    Address at; /* as bound: a port 0 has become a real one */
    ListenKind kind;
    bool wanted;       /* by this program; false: left over from the one before */
    uint64_t dev, ino; /* of the unix socket's file */
} ListenAddress;

typedef struct SeatListener {
    int fd;
    uint32_t address; /* index */
    uint32_t seat;    /* of a LISTEN_TCP; one past the last seat goes to seat % count */
} SeatListener;

/* The check run of a reload. */
typedef struct ReloadCheck {
    pid_t pid;    /* 0: none */
    int said, ok; /* pipes: its output, and its word that it got through; -1: closed */
    bool ended, passed, killed;
    int status;
    int64_t deadline_ns;
    Buf text;
} ReloadCheck;

typedef struct Supervisor {
    const SupervisorConfig *config;
    Arena *arena;
    uint32_t count; /* seats */
    uint32_t generation;
    Seat *seats;
    WorkerProcess *workers, *spare;
    ListenAddress addresses[SUPERVISOR_ADDRESSES_MAX];
    uint32_t naddresses;
    SeatListener *listeners;
    uint32_t nlisteners, listeners_cap;
    ReloadCheck check;
    sigset_t before; /* signal mask at the call */
    int signals;     /* signalfd */
    int notify;
    bool announced; /* READY was said */
    bool was_ready; /* some worker of this program was ready once */
    bool reloading; /* the last READY of this program comes from a reload */
    bool reload_again;
    bool stopping, quick, gave_up;
    int64_t stop_ns;   /* when what is left is killed */
    int64_t settle_ns; /* of a graceful stop: when the workers are told */
    int64_t watchdog_ns, watchdog_due_ns;
    struct pollfd *polls;
    WorkerProcess **polled;
    uint32_t polls_cap;
} Supervisor;

/* supervisor.c */
CLEF_PRIVATE(void, supervisor_tell, const Supervisor *s, SupervisorEvent e);
/* Stops for good, with status 1. */
CLEF_PRIVATE(void, supervisor_give_up, Supervisor *s, Str why);
/* The value of NAME in an environment; a null string when it is not there. */
CLEF_PRIVATE(Str, environment_find, char *const *environment, Str name) CLEF_PURE;

/* supervisor_workers.c */
CLEF_PRIVATE(void, workers_settle, Supervisor *s, int64_t now);
/* The next time at which workers_settle has something to do; INT64_MAX: none. */
CLEF_PRIVATE(int64_t, workers_due, const Supervisor *s);
CLEF_PRIVATE(void, workers_reap, Supervisor *s, int64_t now);
CLEF_PRIVATE(void, worker_heard, Supervisor *s, WorkerProcess *w, int64_t now);
CLEF_PRIVATE(void, workers_signal, const Supervisor *s, int signal);
/* A record in the list: new ones and those handed over. */
CLEF_PRIVATE(WorkerProcess *, worker_add, Supervisor *s) CLEF_NONNULL;

/* supervisor_listeners.c. Each false after it told why. */
CLEF_PRIVATE(bool, listeners_from_systemd, Supervisor *s);
/* Opens what the configuration wants and is not there. `probe`: and closes it again. */
CLEF_PRIVATE(bool, listeners_open, Supervisor *s, bool probe);
/* Those of a seat, into `fds` with room for all. */
CLEF_PRIVATE(size_t, listeners_of_seat, const Supervisor *s, uint32_t seat, int *fds);
/* Closes those of addresses that are wanted no more. */
CLEF_PRIVATE(void, listeners_drop_unwanted, Supervisor *s);
/*
 * Before a graceful stop: no client can begin a connection any more, while those that have begun come through to be
 * accepted. A client that tries meanwhile finds nobody, and is refused when the listeners are closed. Sockets that were
 * passed to us stay as they are: they outlive us.
 */
CLEF_PRIVATE(void, listeners_quiet, const Supervisor *s);
CLEF_PRIVATE(void, listeners_close, Supervisor *s, bool remove_files);
CLEF_PRIVATE(void, listeners_add, Supervisor *s, int fd, uint32_t address, uint32_t seat);

/* supervisor_reload.c */
CLEF_PRIVATE(void, reload_begin, Supervisor *s, int64_t now);
/* Something happened to the check run: replaces this program when it passed. Returns when it did not, or not yet. */
CLEF_PRIVATE(void, reload_go_on, Supervisor *s, int64_t now);
CLEF_PRIVATE(void, reload_abandon, Supervisor *s);
/* Takes over from the program before, if there was one. False: the text is not understood. */
CLEF_PRIVATE(bool, reload_take_over, Supervisor *s, Str text, bool check_only);
/* In the check run: says so to the supervisor that started it. */
CLEF_PRIVATE(bool, reload_check_passed, Supervisor *s);
/* The variables of the environment that hold what is handed over, and what is handed to a check run. */
#define RELOAD_VARIABLE "CLEF_SUPERVISOR"
#define CHECK_VARIABLE  "CLEF_SUPERVISOR_CHECK"

/* notify.c */
/* A socket for sd_notify, -1 without a NOTIFY_SOCKET. */
CLEF_PRIVATE(int, notify_open, char *const *environment);
CLEF_PRIVATE(void, notify_send, int fd, char *const *environment, Str text);
/* The distance of WATCHDOG=1 messages in nanoseconds; 0: none wanted. */
CLEF_PRIVATE(int64_t, notify_watchdog, char *const *environment);

#endif
