/* http_worker.c: a whole worker process: a loop, an HttpServer, its limits. */
#define _GNU_SOURCE
#include <clef/net/http_tls.h>
#include <clef/net/worker.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const int64_t LOOK_NS = 500000000; /* how often the limits are looked at */
enum { GRACE_MS = 2000, LIMIT_MS = 30000, QUICK_MS = 500 };

typedef struct HttpWorker {
    const WorkerSeat *seat;
    const HttpWorkerOptions *o;
    Arena *arena;
    Loop *loop;
    HttpServer *server;
    Timer look, leave;
    uint64_t max_requests;
    int statm;
    bool stopping;
    bool limping; /* a handler has crashed */
    bool drained;
    unsigned reports; /* of crashes that are not logged yet */
} HttpWorker;

static void left(void *arg)
{
    HttpWorker *w = arg;
    w->drained = true;
    if (w->reports == 0)
        loop_stop(w->loop);
}

static void on_leave(Loop *loop, Timer *t)
{
    (void)t;
    loop_stop(loop);
}

static void on_stop(void *arg, bool quick)
{
    HttpWorker *w = arg;
    uint32_t grace = w->o->grace_ms ? w->o->grace_ms : GRACE_MS, limit = w->o->limit_ms ? w->o->limit_ms : LIMIT_MS;
    if (w->limping && !quick)
        return; /* it is on its way out */
    if (quick)
        grace = 0, limit = QUICK_MS;
    timer_stop(w->loop, &w->look);
    if (w->o->stopping)
        w->o->stopping(w->o->arg);
    /* The server's own limit closes what is left; a fiber that does not notice is left behind a little later. */
    timer_set(w->loop, &w->leave, loop_now(w->loop) + (limit + QUICK_MS) * INT64_C(1000000));
    if (!w->stopping)
        http_server_stop(w->server, grace < limit ? grace : limit, limit, left, w);
    else
        timer_set(w->loop, &w->leave, loop_now(w->loop) + 1);
    w->stopping = true;
}

/* The crash came on a fiber of its own; what else is under way may well be sound. */
static void on_crash(void *arg, const Crash *crash)
{
    HttpWorker *w = arg;
    (void)crash;
    w->reports++;
    if (w->limping)
        return;
    worker_tell(w->seat, WORKER_HAS_CRASHED);
    if (!w->stopping)
        on_stop(w, false);
    w->limping = true;
}

static void on_crash_known(void *arg, const HttpCrash *crash)
{
    HttpWorker *w = arg;
    if (w->o->crashed)
        w->o->crashed(w->o->arg, crash);
    else
        http_crash_trace(crash);
    if (--w->reports == 0 && w->drained)
        loop_stop(w->loop);
}

static bool on_crash_page(void *arg, const HttpCrash *crash, Arena *arena, Str *block, Str *body)
{
    const HttpWorker *w = arg;
    return w->o->crash_page(w->o->arg, crash, arena, block, body);
}

static bool survive(HttpWorker *w)
{
    HttpCrashOptions o = {
        .begun = on_crash, .log = on_crash_known, .page = w->o->crash_page ? on_crash_page : NULL, .arg = w
    };
    return w->o->no_survival || http_server_survive(w->server, &o) == 0;
}

static void on_reopen(void *arg)
{
    const HttpWorker *w = arg;
    if (w->o->reopen)
        w->o->reopen(w->o->arg);
}

/* Pages that are resident, the second number of statm; 0 when it cannot be read. */
static uint64_t resident(int statm)
{
    char text[128];
    ssize_t n = pread(statm, text, sizeof text, 0);
    Str rest = str_from(text, n > 0 ? (size_t)n : 0), word;
    uint64_t pages = 0;
    if (!str_cut(&rest, ' ', &word) || !str_cut(&rest, ' ', &word) || !str_to_u64(word, &pages))
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void on_look(Loop *loop, Timer *t)
{
    HttpWorker *w = CLEF_CONTAINER(t, HttpWorker, look);
    if (w->max_requests && http_server_stats(w->server)->requests >= w->max_requests)
        worker_tell(w->seat, WORKER_HAD_REQUESTS);
    else if (w->o->max_memory && resident(w->statm) >= w->o->max_memory)
        worker_tell(w->seat, WORKER_HAD_MEMORY);
    else
        timer_set(loop, t, loop_now(loop) + LOOK_NS);
}

static bool begin(HttpWorker *w)
{
    const HttpWorkerOptions *o = w->o;
    HttpTls *tls = o->tls ? http_tls_create(w->arena, tls_context_keep(o->tls)) : NULL;
    for (size_t i = 0; i < w->seat->nlisteners; i++) {
        int fd = w->seat->listeners[i];
        Address at;
        bool plain = !tls || (address_of_socket(fd, &at) == 0 && at.any.sa_family == AF_UNIX);
        if ((plain ? http_server_listen(w->server, fd) : http_server_listen_tls(w->server, fd, tls)) != 0)
            return false;
    }
    if (o->begin && !o->begin(o->arg, w->loop, w->server, w->seat))
        return false;
    /* Workers that began together do not ask together. */
    if (o->max_requests)
        w->max_requests = o->max_requests + o->max_requests / 10 * w->seat->number / w->seat->count;
    if (o->max_memory)
        w->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    w->look.fn = on_look;
    if (o->max_requests || o->max_memory)
        timer_set(w->loop, &w->look, loop_now(w->loop) + LOOK_NS);
    worker_tell(w->seat, WORKER_IS_READY);
    return true;
}

int http_worker_run(const WorkerSeat *seat, const HttpWorkerOptions *options)
{
    signal(SIGPIPE, SIG_IGN); /* sendfile(2) has no flag against it */
    Arena *arena = arena_create(NULL, 0, 16384);
    HttpWorker *w = NEW(arena, HttpWorker);
    *w = (HttpWorker){ .seat = seat, .o = options, .arena = arena, .statm = -1, .leave.fn = on_leave };
    w->loop = loop_create(arena);
    if (!w->loop)
        return 1;
    w->server = http_server_create(w->loop, arena, &options->server);
    WorkerHooks hooks = { .stop = on_stop, .reopen = on_reopen, .arg = w };
    Worker *attached = worker_attach(seat, w->loop, arena, &hooks);
    bool served = attached && survive(w) && begin(w) && loop_run(w->loop) == 0;
    if (served && options->end)
        options->end(options->arg);
    /* Requests that would not end are still on their fibers: the process ends under them. */
    if (!w->limping && http_server_stats(w->server)->running == 0 && loop_fibers(w->loop) == 0) {
        worker_detach(attached);
        crash_uninstall(w->loop);
        http_server_destroy(w->server);
        loop_destroy(w->loop);
        arena_destroy(arena);
    }
    return !served;
}
