/*
 * http_crash.c: the exchange of a fiber that crashed. The fiber that serves a connection is known to it; the crash
 * names the task, which a fiber shares with those that it started.
 *
 * What the crashed handler used (its exchange, arena and receive buffer) is not used again: other fibers and threads may
 * still have views of it.
 */
#include "net/http_server.h"
#include "rt/fiber.h"
#include <clef/net/http_crash.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRACE_MAX = 64 << 10 };

struct HttpSurvival {
    HttpServer *server;
    HttpCrashOptions o;
};

/* What the answering fiber gets; in an arena of its own. */
typedef struct Report {
    struct HttpSurvival *survival;
    Arena *arena;
    HttpConn *conn; /* NULL: no request */
    Crash crash;
} Report;

static HttpConn *conn_of(const HttpServer *s, uint64_t task)
{
    for (size_t i = 0; task && i < WHEEL; i++)
        for (HttpConn *c = s->wheel[i]; c; c = c->next)
            if (c->running && c->fiber && c->fiber->task == task)
                return c;
    return NULL;
}

/* The handler will not go on: its fiber is left where it waits, or has been already. */
static void seize(HttpConn *c)
{
    if (c->fiber->state == FIBER_PARKED || c->fiber->state == FIBER_READY)
        fiber_drop(c->fiber);
    c->fiber = NULL;
    c->waiter = NULL;
    c->deadline = 0;
    c->last = c->detached = true;
    if (c->x) {
        c->x->on_closed = NULL;
        c->x->pub.conn = c;
        c->x->crashes++;
    }
    /* Nobody knows how much of the send buffer the write that was waiting has sent. */
    if (c->write_waits || !c->x || c->x->state == ANSWER_STREAM || c->x->state == ANSWER_TAKEN)
        http_conn_break(c);
    c->write_waits = false;
}

static void release(HttpConn *c)
{
    HttpServer *s = c->server;
    if (s->stats.running)
        s->stats.running--;
    c->x = NULL;
    c->in = NULL;
    c->fiber = NULL;
    c->running = c->detached = false;
    http_conn_linger(c);
}

static void answer(Report *r, const HttpCrash *crash)
{
    HttpConn *c = r->conn;
    Exchange *x = c->x;
    if (x && x->state == ANSWER_NONE && !c->broken) {
        const HttpCrashOptions *o = &r->survival->o;
        Str block = { 0 }, body = { 0 };
        /* A page that crashes itself is not asked again. */
        if (!crash || x->crashes > 1 || !o->page(o->arg, crash, r->arena, &block, &body)) {
            block = STR("Content-Type: text/plain; charset=utf-8\r\n");
            body = STR("Internal Server Error\n");
        }
        if (x->crashes < 3)
            (void)http_respond(&x->pub, 500, block, body);
        else
            http_conn_break(c);
    }
    if (!http_conn_try_flush(c) && !c->broken)
        (void)http_conn_send(c, NULL, 0);
    release(c);
}

void http_crash_trace(const HttpCrash *c)
{
    Buf b = BUF_INIT(NULL, TRACE_MAX);
    (void)crash_format(&b, c->crash, c->frames, c->nframes);
    for (size_t at = 0; at < b.n;) {
        ssize_t n = write(STDERR_FILENO, b.p + at, b.n - at);
        if (n < 0 && errno != EINTR)
            break;
        at += n > 0 ? (size_t)n : 0;
    }
    buf_finish(&b);
}

static void tell(const HttpCrashOptions *o, const HttpCrash *c)
{
    if (o->log)
        o->log(o->arg, c);
    else
        http_crash_trace(c);
}

static void report(void *arg)
{
    Report *r = arg;
    const HttpCrashOptions *o = &r->survival->o;
    HttpCrash crash = { .crash = &r->crash };
    HttpConn *c = r->conn;
    Frame *frames = NULL;
    if (c) {
        c->fiber = fiber_self();
        crash.x = c->x ? &c->x->pub : NULL;
        if (!o->page)
            answer(r, NULL);
    }
    crash.nframes = backtrace_resolve(r->arena, r->crash.frames, r->crash.nframes, &frames);
    crash.frames = frames;
    if (c && o->page)
        answer(r, &crash);
    tell(o, &crash);
    arena_destroy(r->arena);
}

static void crashed(Loop *loop, const Crash *crash, void *arg)
{
    struct HttpSurvival *survival = arg;
    const HttpCrashOptions *o = &survival->o;
    HttpConn *c = conn_of(survival->server, crash->task);
    if (c)
        seize(c);
    if (o->begun)
        o->begun(o->arg, crash);
    Arena *arena = arena_try_create(survival->server->arena, 0, sizeof(Report) + crash->message.n + HTTP_ARENA_OWN);
    if (!arena) {
        if (c) {
            http_conn_break(c);
            release(c);
        }
        tell(o, &(HttpCrash){ .crash = crash });
        return;
    }
    Report *r = NEW(arena, Report);
    *r = (Report){ .survival = survival, .arena = arena, .conn = c, .crash = *crash };
    r->crash.message = str_copy(arena, crash->message);
    if (fiber_start(loop, report, r))
        return;
    if (c) {
        http_conn_break(c);
        release(c);
    }
    tell(o, &(HttpCrash){ .crash = &r->crash });
    arena_destroy(arena);
}

/* In a signal handler: a few words for the client, if the socket takes them. */
static void dying(const Crash *crash, void *arg)
{
    static const char text[] = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    const struct HttpSurvival *survival = arg;
    const HttpConn *c = conn_of(survival->server, crash->task);
    if (!c || !c->x || c->x->state != ANSWER_NONE || c->broken || c->transport || c->write_waits)
        return;
    const HttpBuffer *out = c->out;
    if (out && out->from < out->n &&
        send(c->watcher.fd, out->p + out->from, out->n - out->from, MSG_NOSIGNAL | MSG_DONTWAIT) !=
            (ssize_t)(out->n - out->from))
        return;
    (void)!send(c->watcher.fd, text, sizeof text - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int http_server_survive(HttpServer *s, const HttpCrashOptions *options)
{
    struct HttpSurvival *survival = NEW(s->arena, struct HttpSurvival);
    *survival = (struct HttpSurvival){ .server = s, .o = *options };
    return crash_install(s->loop, &(CrashOptions){ .crashed = crashed,
                                                   .dying = dying,
                                                   .arg = survival,
                                                   .most = options->most,
                                                   .hang_seconds = options->hang_seconds });
}
