/* supervisor.c: what the supervisor says and reads. That it serves is tested by tests/integration/supervisor.py. */
#include "net/supervisor.h"

#include <clef/test.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static int no_work(const WorkerSeat *seat, void *arg)
{
    (void)seat, (void)arg;
    return 0;
}

static void keep_event(const SupervisorEvent *e, void *arg)
{
    SupervisorEvent *last = arg;
    if (last->kind != SUPERVISOR_LISTEN_FAILED)
        *last = *e;
    last->why = str_copy(test_arena(), e->why);
}

TEST(supervisor, says_what_happened)
{
    static const struct {
        SupervisorEvent e;
        const char *text;
    } table[] = {
        { { .kind = SUPERVISOR_LISTENS, .address = STR("127.0.0.1:8000") }, "listening on 127.0.0.1:8000" },
        { { .kind = SUPERVISOR_WORKER_DIED, .seat = 2, .pid = 77, .status = 11 },
          "worker 3 (process 77) died: it was ended by signal 11 (Segmentation fault)" },
        { { .kind = SUPERVISOR_WORKER_DIED, .pid = 77, .status = 9 },
          "worker 1 (process 77) died: it was ended by signal 9 (Killed); when nobody sent it, the system was out of "
          "memory: "
          "see dmesg" },
        { { .kind = SUPERVISOR_WORKER_LEFT, .pid = 77, .status = 3 << 8 },
          "worker 1 (process 77) left: it ended with status 3" },
        { { .kind = SUPERVISOR_READY, .count = 1 }, "serving with 1 worker" },
        { { .kind = SUPERVISOR_READY, .count = 4 }, "serving with 4 workers" },
        { { .kind = SUPERVISOR_LISTEN_FAILED, .address = STR("unix:/x/y"), .error = ENOENT },
          "cannot listen on unix:/x/y: No such file or directory (the folder of the socket is not there: make it "
          "first)" },
        { { .kind = SUPERVISOR_FAILED, .why = STR("signalfd"), .error = EMFILE }, "signalfd: Too many open files" },
    };
    EACH_ROW (row, table) {
        Buf b = BUF_INIT(test_arena(), 1024);
        CHECK(supervisor_event_text(&b, &row->e));
        CHECK_STR(buf_view(&b), str_c(row->text));
    }
    Buf small = BUF_INIT(test_arena(), 8);
    CHECK(!supervisor_event_text(&small, &table[0].e));
}

TEST(supervisor, reads_the_environment)
{
    char *const environment[] = { "A=1", "AB=2", "EMPTY=", "A=3", NULL };
    CHECK_STR(environment_find(environment, STR("A")), STR("1"));
    CHECK_STR(environment_find(environment, STR("AB")), STR("2"));
    CHECK(environment_find(environment, STR("EMPTY")).p != NULL);
    CHECK(str_is_null(environment_find(environment, STR("B"))));
    CHECK(str_is_null(environment_find(NULL, STR("A"))));
}

TEST(supervisor, refuses_what_is_no_address)
{
    const struct {
        Str listen;
        int error;
    } table[] = {
        { STR("localhost:80000"), EINVAL },
        { STR("8000"), EINVAL },
        { STR("unix:a\nb"), EINVAL },
        { STR(""), EINVAL },
        { STR("unix:/nowhere/at/all.sock"), ENOENT },
        { STR("203.0.113.7:8000"), EADDRNOTAVAIL },
    };
    EACH_ROW (row, table) {
        SupervisorEvent last = { 0 };
        CHECK_EQ(supervisor_run(&(SupervisorConfig){
                     .listen = &row->listen, .nlisten = 1, .work = no_work, .event = keep_event, .arg = &last }),
                 1);
        CHECK_EQ((int)last.kind, SUPERVISOR_LISTEN_FAILED);
        CHECK_EQ(last.error, row->error);
    }
    SupervisorEvent last = { 0 };
    CHECK_EQ(supervisor_run(&(SupervisorConfig){ .work = no_work, .event = keep_event, .arg = &last }), 1);
    CHECK_EQ(last.error, EDESTADDRREQ);
}

TEST(supervisor, takes_sixty_four_addresses)
{
    Str listen[SUPERVISOR_ADDRESSES_MAX + 1];
    for (size_t i = 0; i < CLEF_COUNT(listen); i++)
        listen[i] = str_format(test_arena(), "unix:%s/%zu", test_dir(), i);
    SupervisorEvent last = { 0 };
    CHECK_EQ(supervisor_run(&(SupervisorConfig){
                 .listen = listen, .nlisten = CLEF_COUNT(listen), .work = no_work, .event = keep_event, .arg = &last }),
             1);
    CHECK_EQ(last.error, E2BIG);
    CHECK(access(str_dup_c(test_arena(), str_format(test_arena(), "%s/0", test_dir())), F_OK) != 0);
}

/* What a damaged or foreign variable says is not taken for a supervisor's. */
TEST(supervisor, takes_over_only_from_itself)
{
    int me = getpid();
    const struct {
        Str text;
        bool fine;
    } table[] = {
        { str_format(test_arena(), "1 %d 4 -1\n", me), true },
        { str_format(test_arena(), "1 %d 4 -1\nworker 99 -1 0 4 1\n", me), true },
        { str_format(test_arena(), "2 %d 4 -1\n", me), false },
        { str_format(test_arena(), "1 %d 4 -1\n", me + 1), false },
        { str_format(test_arena(), "1 %d 0 -1\n", me), false },
        { str_format(test_arena(), "1 %d 4 -1\nworker 99\n", me), false },
        { str_format(test_arena(), "1 %d 4 -1\nworker 99 -1 0 4 9\n", me), false },
        { str_format(test_arena(), "1 %d 4 -1\nlistener 9999 t 0 0 0 127.0.0.1:1\n", me), false },
        { STR("1"), false },
        { STR(""), false },
    };
    EACH_ROW (row, table) {
        static const SupervisorConfig config = { 0 };
        Supervisor s = { .config = &config, .arena = test_arena() };
        CHECK_EQ(reload_take_over(&s, row->text, false), row->fine);
        if (row->fine)
            CHECK_EQ(s.generation, 5u);
    }
}

TEST(supervisor, reads_the_watchdog)
{
    char pid[32], other[32];
    snprintf(pid, sizeof pid, "WATCHDOG_PID=%d", (int)getpid());
    snprintf(other, sizeof other, "WATCHDOG_PID=%d", (int)getpid() + 1);
    char *usec = "WATCHDOG_USEC=30000000";
    CHECK_EQ(notify_watchdog((char *[]){ usec, pid, NULL }), INT64_C(15000000000));
    CHECK_EQ(notify_watchdog((char *[]){ usec, NULL }), INT64_C(15000000000));
    CHECK_EQ(notify_watchdog((char *[]){ usec, other, NULL }), 0);
    CHECK_EQ(notify_watchdog((char *[]){ "WATCHDOG_USEC=soon", pid, NULL }), 0);
    CHECK_EQ(notify_watchdog((char *[]){ pid, NULL }), 0);
}
