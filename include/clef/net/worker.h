/*
 * worker.h: the worker's side of the supervisor: what it is told (by signals, and by the end of its channel), and what it
 * tells (bytes on the channel). All of it on the worker's loop.
 */
#ifndef CLEF_NET_WORKER_H
#define CLEF_NET_WORKER_H

#include <clef/net/http_crash.h>
#include <clef/net/http_server.h>
#include <clef/net/supervisor.h>
#include <clef/rt/loop.h>
#include <clef/rt/tls.h>

typedef struct Worker Worker;

typedef struct WorkerHooks {
    /*
     * SIGTERM, or the supervisor has died: finish what runs and leave. `quick` (SIGINT, SIGQUIT): leave now; it may follow
     * a graceful one. A second SIGTERM changes nothing: a service manager may send it to every process as well.
     */
    void (*stop)(void *arg, bool quick);
    void (*reopen)(void *arg); /* SIGUSR1: open logs anew; NULL: nothing */
    void *arg;
} WorkerHooks;

/*
 * Watches signals and channel on the loop, in the background: they do not keep it running. NULL with errno set. SIGTERM,
 * SIGINT, SIGQUIT, SIGHUP and SIGUSR1 are blocked in a worker; this reads them.
 */
CLEF_API(Worker *, worker_attach, const WorkerSeat *seat, Loop *loop, Arena *arena, const WorkerHooks *hooks)
CLEF_MUST_USE;
/* Before the loop is destroyed. NULL is fine. */
CLEF_API(void, worker_detach, Worker *w);

typedef enum WorkerWord {
    WORKER_IS_READY = 'r',
    WORKER_HAD_REQUESTS = 'q', /* replace me: the limit of requests is reached */
    WORKER_HAD_MEMORY = 'm',   /* replace me: the limit of memory is reached */
    WORKER_HAS_CRASHED = 'c',  /* replace me: I go on after a crash, and should not for long */
} WorkerWord;

/* One write(2) that does not wait; fine in a signal handler. */
CLEF_API(void, worker_tell, const WorkerSeat *seat, WorkerWord word);

typedef struct HttpWorkerOptions {
    HttpServerOptions server;
    TlsContext *tls; /* made before the fork, so that all workers take each other's tickets; unix sockets stay plain */
    uint64_t
        max_requests; /* answered; then the worker asks to be replaced (each seat a little later than the one before) */
    uint64_t max_memory; /* resident bytes; the same. 0: no limit, both */
    uint32_t grace_ms;   /* that idle connections are kept in a graceful stop: 2,000 */
    uint32_t limit_ms;   /* after which a graceful stop closes what is left: 30,000 */
    /* Before the first accept, on the loop's stack: limits of the loop, what the handler needs. False: the worker ends. */
    bool (*begin)(void *arg, Loop *loop, HttpServer *server, const WorkerSeat *seat);
    /*
     * A handler has crashed (http_crash.h): for the log, and the page that is the answer. The worker then accepts
     * nothing more, asks to be replaced, finishes what it has within limit_ms, and leaves. NULL: a trace on standard
     * error, a plain 500.
     */
    void (*crashed)(void *arg, const HttpCrash *crash);
    bool (*crash_page)(void *arg, const HttpCrash *crash, Arena *arena, Str *block, Str *body);
    bool no_survival; /* a crash ends the worker: for a debugger, a fuzzer, a core dump */
    /* A stop begins: what would keep a graceful one waiting (event streams) may be ended. */
    void (*stopping)(void *arg);
    /* After the last request; may be NULL, as all of these. */
    void (*end)(void *arg);
    void (*reopen)(void *arg);
    void *arg;
} HttpWorkerOptions;

/*
 * Serves HTTP on the seat's listeners until it is told to stop: a whole worker. Its exit status: 0, or 1 when it could not
 * begin.
 */
CLEF_API(int, http_worker_run, const WorkerSeat *seat, const HttpWorkerOptions *options) CLEF_MUST_USE;

#endif
