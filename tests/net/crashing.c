/* crashing.c: a small program with handlers that crash, under a supervisor, for tests/integration/crash.py. */
#define _GNU_SOURCE
#include <clef/base/assert.h>
#include <clef/net.h>
#include <clef/rt.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

#define APART __attribute__((noinline))
#define PLAIN __attribute__((noinline, no_sanitize("address", "undefined")))

static volatile int zero, sink;
static char *volatile nowhere;

PLAIN static void null_view(void) { *nowhere = 1; }
APART static void abort_view(void) { abort(); }
APART static void assert_view(void) { ASSERT(zero == 1); }
PLAIN static void division_view(void) { sink = 7 / zero; }
PLAIN static int dig(volatile char *up)
{
    volatile char frame[256];
    frame[0] = up ? up[0] : 0;
    return sink > 1000 ? 0 : dig(frame) + frame[0];
}
APART static void overflow_view(void) { sink = dig(NULL); }
PLAIN static void call_view(void)
{
    void (*volatile fn)(void) = NULL;
    fn();
    sink++;
}
/* A sanitiser reports it, glibc aborts else. */
APART static void free_view(void)
{
    void *volatile p = malloc(100);
    free(p);
    free(p);
    sink++;
}
APART static void smash_view(void)
{
    char small[16];
    volatile size_t n = 64;
    for (size_t i = 0; i < n; i++)
        ((volatile char *)small)[i] = 'x';
    sink = small[3];
}

static const struct {
    const char *path;
    void (*fn)(void);
} views[] = {
    { "/null", null_view },         { "/abort", abort_view },       { "/assert", assert_view },
    { "/division", division_view }, { "/overflow", overflow_view }, { "/call", call_view },
    { "/free", free_view },         { "/smash", smash_view },
};

static void handle(HttpExchange *x, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < CLEF_COUNT(views); i++)
        if (str_eq(x->head->path, str_c(views[i].path)))
            views[i].fn();
    if (str_eq(x->head->path, STR("/slow")))
        fiber_sleep(1000000000);
    http_respond(x, 200, STR("Content-Type: text/plain\r\n"), str_format(x->arena, "%d\n", (int)getpid()));
}

static void event(const SupervisorEvent *e, void *arg)
{
    (void)arg;
    Buf b = BUF_INIT(NULL, 1 << 16);
    (void)supervisor_event_text(&b, e);
    fprintf(stderr, "%s\n", b.p);
    buf_finish(&b);
}

static int work(const WorkerSeat *seat, void *arg) { return http_worker_run(seat, arg); }

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s ADDRESS WORKERS\n", argv[0]);
        return 2;
    }
    Str listen = str_c(argv[1]);
    int64_t workers;
    HttpWorkerOptions http = { .server.handler = { handle, NULL } };
    if (!str_to_i64(str_c(argv[2]), &workers))
        return 2;
    return supervisor_run(&(SupervisorConfig){ .listen = &listen,
                                               .nlisten = 1,
                                               .workers = (uint32_t)workers,
                                               .work = work,
                                               .event = event,
                                               .arg = &http,
                                               .argv = argv,
                                               .environment = environ });
}
