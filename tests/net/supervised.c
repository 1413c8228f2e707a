/*
 * supervised.c: a small program under a supervisor, for tests/integration/supervisor.py. Options as NAME=VALUE; the file
 * `version` in the working folder has words: what it shows as its version, then "bad" (the start fails), "die" (the workers
 * do), a number (of workers), +ADDRESS (to listen on too).
 */
#define _GNU_SOURCE
#include <clef/net.h>
#include <clef/rt.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

typedef struct Program {
    HttpWorkerOptions http;
    const WorkerSeat *seat;
    char version[128];
    const char *shown;
    bool die;
} Program;

static Program program;

static char *volatile hogged;

static void hog(void)
{
    hogged = malloc(64 << 20);
    memset(hogged, 1, 64 << 20);
}

static void handle(HttpExchange *x, void *arg)
{
    const Program *p = arg;
    struct stat exe = { 0 };
    Str path = x->head->path;
    int64_t ms;
    if (str_starts(path, STR("/sleep/")) && str_to_i64(str_from_byte(path, 7), &ms))
        fiber_sleep(ms * 1000000);
    else if (str_eq(path, STR("/crash")))
        abort();
    else if (str_eq(path, STR("/limp")))
        worker_tell(p->seat, WORKER_HAS_CRASHED);
    else if (str_eq(path, STR("/hog")))
        hog();
    else if (str_eq(path, STR("/hang")))
        for (;;)
            pause();
    (void)stat("/proc/self/exe", &exe);
    Str body = str_format(x->arena, "%d %u %s %llu %u %d\n", (int)getpid(), (unsigned)p->seat->generation, p->shown,
                          (unsigned long long)exe.st_ino, (unsigned)p->seat->number, (int)p->seat->nlisteners);
    http_respond(x, 200, STR("Content-Type: text/plain\r\n"), body);
}

static void reopened(void *arg)
{
    (void)arg;
    fprintf(stderr, "process %d reopens\n", (int)getpid());
}

static int work(const WorkerSeat *seat, void *arg)
{
    Program *p = arg;
    p->seat = seat;
    if (p->die)
        return 7;
    return http_worker_run(seat, &p->http);
}

static void event(const SupervisorEvent *e, void *arg)
{
    (void)arg;
    Buf b = BUF_INIT(NULL, 1 << 16);
    (void)supervisor_event_text(&b, e);
    fprintf(stderr, "%s\n", b.p);
    buf_finish(&b);
}

static uint32_t number(Str value)
{
    int64_t n;
    return str_to_i64(value, &n) ? (uint32_t)n : 0;
}

int main(int argc, char **argv)
{
    static Str listen[8];
    SupervisorConfig c = { .listen = listen,
                           .work = work,
                           .event = event,
                           .arg = &program,
                           .argv = argv,
                           .environment = environ,
                           .workers = 2 };
    program.http =
        (HttpWorkerOptions){ .server.handler = { handle, &program }, .reopen = reopened, .no_survival = true };
    for (int i = 1; i < argc; i++) {
        Str value = str_c(argv[i]), name;
        str_cut(&value, '=', &name);
        if (str_eq(name, STR("listen")) && c.nlisten < CLEF_COUNT(listen))
            listen[c.nlisten++] = value;
        else if (str_eq(name, STR("workers")))
            c.workers = number(value);
        else if (str_eq(name, STR("mode")))
            c.unix_mode = number(value);
        else if (str_eq(name, STR("requests")))
            program.http.max_requests = number(value);
        else if (str_eq(name, STR("memory")))
            program.http.max_memory = number(value);
        else if (str_eq(name, STR("limit")))
            program.http.limit_ms = c.graceful_ms = number(value);
        else if (str_eq(name, STR("grace")))
            program.http.grace_ms = number(value);
    }
    int fd = open("version", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, program.version, sizeof program.version - 1);
    if (fd >= 0)
        close(fd);
    Str rest = str_trim(str_from(program.version, n > 0 ? (size_t)n : 0)), word;
    bool first = true;
    while (str_cut(&rest, ' ', &word)) {
        if (str_eq(word, STR("bad"))) {
            fprintf(stderr, "the settings are bad\n");
            return 1;
        }
        if (str_eq(word, STR("die")))
            program.die = true;
        else if (word.p[0] == '+' && c.nlisten < CLEF_COUNT(listen))
            listen[c.nlisten++] = str_from_byte(word, 1);
        else if (!first)
            c.workers = number(word);
        first = false;
    }
    char shown[sizeof program.version];
    snprintf(shown, sizeof shown, "%.*s", (int)strcspn(program.version, " \n"), program.version);
    program.shown = shown;
    return supervisor_run(&c);
}
