/*
 * supervisor_faults.c: a supervisor whose n-th system call is refused, while it starts, replaces a worker and stops,
 * for n = 1, 2, ... until all of it comes through. Either it says in an event why it cannot serve and returns 1, or the
 * service came up, whatever happened on the way; no process and no descriptor stays behind.
 */
#include "base/fault.h"

#include <clef/net.h>
#include <clef/rt.h>
#include <clef/test.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

typedef struct Seen {
    unsigned ready; /* workers that became so */
    bool told, failed, asked, stopped;
    Str why;
} Seen;

/* The first worker of each round asks to be replaced; all leave when they are told. */
static int work(const WorkerSeat *seat, void *arg)
{
    Seen *seen = arg;
    fault_arm(0, 0); /* what is refused here is the supervisor's alone */
    sigset_t set;
    int signal_number;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    worker_tell(seat, WORKER_IS_READY);
    if (seen->ready == 0)
        worker_tell(seat, WORKER_HAD_REQUESTS);
    sigwait(&set, &signal_number);
    return 0;
}

static void event(const SupervisorEvent *e, void *arg)
{
    Seen *seen = arg;
    Buf b = BUF_INIT(test_arena(), 4096);
    (void)supervisor_event_text(&b, e);
    printf("%s\n", b.p); /* seen when something fails */
    if (e->kind == SUPERVISOR_WORKER_READY && ++seen->ready == 2)
        kill(getpid(), SIGTERM); /* blocked: the supervisor reads it */
    seen->told |= e->kind == SUPERVISOR_FORK_FAILED || e->kind == SUPERVISOR_WORKER_DIED;
    seen->failed |= e->kind == SUPERVISOR_FAILED || e->kind == SUPERVISOR_LISTEN_FAILED;
    if (e->kind == SUPERVISOR_FAILED || e->kind == SUPERVISOR_LISTEN_FAILED)
        CHECK(b.n > 0 && (e->error || e->why.n));
    seen->asked |= e->kind == SUPERVISOR_WORKER_ASKS;
    seen->stopped |= e->kind == SUPERVISOR_STOPPED;
}

static size_t open_files(void)
{
    FileEntry *list;
    ssize_t n = file_list(test_arena(), "/proc/self/fd", 1000, &list);
    REQUIRE(n >= 0);
    return (size_t)n;
}

TEST(fault, a_supervisor_survives_each_refusal, .seconds = 120)
{
    int rounds = 0;
    for (bool fired = true; fired;) {
        REQUIRE(++rounds < 200);
        size_t before = open_files();
        Seen seen = { .ready = 0 };
        Str listen[] = { STR("127.0.0.1:0"), str_format(test_arena(), "unix:%s/s.sock", test_dir()) };
        fault_arm(FAULT_SYSTEM, (uint64_t)rounds);
        int status = supervisor_run(&(SupervisorConfig){ .listen = listen,
                                                         .nlisten = CLEF_COUNT(listen),
                                                         .workers = 1,
                                                         .work = work,
                                                         .event = event,
                                                         .arg = &seen,
                                                         .environment = environ });
        fired = fault_fired();
        fault_arm(0, 0);
        printf("round %d: status %d\n", rounds, status);
        if (status) {
            CHECK(fired && seen.failed);
        } else {
            CHECK(seen.ready >= 2 && seen.asked && seen.stopped);
        }
        CHECK(waitpid(-1, NULL, WNOHANG) == -1);
        CHECK_EQ(open_files(), before);
    }
    CHECK(rounds > (CLEF_FAULTS ? 5 : 0));
}
