#include "base/fault.h"
#include <clef/rt.h>
#include <clef/test.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SH(text) ((const char *const[]){ "/bin/sh", "-c", text, NULL })

static int open_files(void)
{
    FileEntry *list;
    return (int)file_list(test_arena(), "/proc/self/fd", 4096, &list);
}

/* Runs fn on a fiber; afterwards no descriptor and no child is left. */
static void on_fiber(FiberFn *fn)
{
    Loop *loop = loop_create(test_arena());
    int before = open_files();
    fiber_start(loop, fn, loop);
    CHECK_EQ(loop_run(loop), 0);
    CHECK_EQ(open_files(), before);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    loop_destroy(loop);
}

static int64_t in_ms(int ms) { return loop_clock() + (int64_t)ms * 1000000; }

static void runs(void *arg)
{
    (void)arg;
    ProcessResult r;
    CHECK_EQ(process_run(test_arena(), SH("echo out; echo err >&2; exit 3"), NULL, &r), 0);
    CHECK_EQ(r.code, 3);
    CHECK_EQ(r.signal, 0);
    CHECK_STR(r.out, STR("out\n"));
    CHECK_STR(r.err, STR("err\n"));
    CHECK_EQ(process_run(test_arena(), SH("echo out; echo err >&2"), &(ProcessRun){ .merge = true }, &r), 0);
    CHECK_STR(r.out, STR("out\nerr\n"));
    CHECK_STR(r.err, STR(""));
    CHECK_EQ(process_run(test_arena(), SH("kill -9 $$"), NULL, &r), 0);
    CHECK_EQ(r.code, -1);
    CHECK_EQ(r.signal, SIGKILL);
    const char *const plain[] = { "printf", "%s|", "a b", "$HOME", "", NULL }; /* found in PATH, and no shell */
    CHECK_EQ(process_run(test_arena(), plain, NULL, &r), 0);
    CHECK_STR(r.out, STR("a b|$HOME||"));
    char *environment[] = { (char *)(uintptr_t) "PATH=/bin:/usr/bin", (char *)(uintptr_t) "COLOUR=red", NULL };
    ProcessRun o = { .directory = "/", .environment = environment };
    CHECK_EQ(process_run(test_arena(), SH("pwd; echo $COLOUR$HOME; cat"), &o, &r), 0);
    CHECK_STR(r.out, STR("/\nred\n"));
}

TEST(process, a_program_runs_and_says)
{
    on_fiber(runs);
}

static void cannot(void *arg)
{
    (void)arg;
    ProcessResult r;
    CHECK_EQ(process_run(test_arena(), (const char *const[]){ "/no/such/program", NULL }, NULL, &r), -ENOENT);
    CHECK_EQ(process_run(test_arena(), (const char *const[]){ "no-such-program", NULL }, NULL, &r), -ENOENT);
    CHECK_EQ(process_run(test_arena(), (const char *const[]){ "/etc/passwd", NULL }, NULL, &r), -EACCES);
    CHECK_EQ(process_run(test_arena(), SH("true"), &(ProcessRun){ .directory = "/no/such" }, &r), -ENOENT);
    CHECK_EQ(process_run(test_arena(), (const char *const[]){ NULL }, NULL, &r), -EINVAL);
}

TEST(process, what_does_not_start_is_an_outcome)
{
    on_fiber(cannot);
}

static void moves_much(void *arg)
{
    (void)arg;
    enum { N = 3 << 20 };
    char *p = arena_alloc(test_arena(), N);
    for (int i = 0; i < N; i++)
        p[i] = (char)(i * 7 + i / 251);
    ProcessResult r;
    ProcessRun o = { .input = { p, N }, .output_max = N };
    CHECK_EQ(process_run(test_arena(), SH("tee /dev/stderr"), &o, &r), 0);
    CHECK(str_eq(r.out, o.input));
    CHECK(str_eq(r.err, o.input));
    /* One that does not read its input. */
    CHECK_EQ(process_run(test_arena(), SH("exec <&-; sleep 0.05; echo no"), &o, &r), 0);
    CHECK_STR(r.out, STR("no\n"));
}

TEST(process, input_and_outputs_at_once, .seconds = 60)
{
    on_fiber(moves_much);
}

static void limits(void *arg)
{
    (void)arg;
    ProcessResult r;
    int64_t before = loop_clock();
    CHECK_EQ(process_run(test_arena(), SH("printf 12345"), &(ProcessRun){ .output_max = 5 }, &r), 0);
    CHECK_STR(r.out, STR("12345"));
    CHECK_EQ(process_run(test_arena(), SH("printf 123456; sleep 60"), &(ProcessRun){ .output_max = 5 }, &r), -ENOBUFS);
    CHECK_STR(r.out, STR("12345"));
    CHECK_EQ(r.signal, SIGKILL);
    CHECK_EQ(process_run(test_arena(), SH("yes"), &(ProcessRun){ .output_max = 100000 }, &r), -ENOBUFS);
    CHECK_EQ(r.out.n, 100000u);
    /* Its own children too. */
    ProcessRun o = { .deadline_ns = in_ms(100) };
    CHECK_EQ(process_run(test_arena(), SH("echo a; sleep 60 & sleep 60"), &o, &r), -ETIMEDOUT);
    CHECK_STR(r.out, STR("a\n"));
    CHECK(loop_clock() - before < 20000000000);
    Arena *small = arena_create(NULL, 8192, 4096);
    CHECK_EQ(process_run(small, SH("head -c 50000 /dev/zero"), NULL, &r), -ENOMEM);
    arena_destroy(small);
}

TEST(process, limits_of_output_and_time, .seconds = 60)
{
    on_fiber(limits);
}

static void others(void *arg) { ++*(int *)arg; }
static void waits(void *arg)
{
    int ran = 0;
    Loop *loop = arg;
    ProcessResult r;
    fiber_spawn(loop, others, &ran);
    CHECK_EQ(process_run(test_arena(), SH("sleep 0.05"), NULL, &r), 0);
    CHECK_EQ(ran, 1);
}

TEST(process, others_run_meanwhile)
{
    on_fiber(waits);
}

static void spawns(void *arg)
{
    (void)arg;
    Process p;
    char line[64];
    ProcessOptions o = { .in.kind = PROCESS_PIPE, .out.kind = PROCESS_PIPE, .own_group = true };
    REQUIRE(process_spawn(&p, SH("while read x; do echo got $x; done; exit 5"), &o) == 0);
    CHECK_EQ(process_wait(&p, in_ms(20)), -ETIMEDOUT);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(io_write(&p.in, "me\n", 3, 0), 0);
        ssize_t n = io_read(&p.out, line, sizeof line, 0);
        CHECK_STR(str_from(line, n > 0 ? (size_t)n : 0), STR("got me\n"));
    }
    io_close(&p.in);
    CHECK_EQ(process_wait(&p, 0), 0);
    CHECK_EQ(process_wait(&p, 0), 0);
    CHECK_EQ(p.code, 5);
    CHECK_EQ(process_kill(&p, SIGTERM), 0);
    process_close(&p);

    REQUIRE(process_spawn(&p, SH("sleep 60"), &o) == 0);
    CHECK_EQ(process_kill(&p, SIGTERM), 0);
    CHECK_EQ(process_wait(&p, 0), 0);
    CHECK(p.code == -1 && p.signal == SIGTERM);
    process_close(&p);

    REQUIRE(process_spawn(&p, SH("sleep 60"), &o) == 0);
    process_close(&p); /* kills */
    CHECK_EQ(p.signal, SIGKILL);

    ProcessOptions wrong = { .in.kind = PROCESS_TO_OUT };
    CHECK_EQ(process_spawn(&p, SH("true"), &wrong), -EINVAL);
    process_close(&p);
}

TEST(process, a_conversation)
{
    on_fiber(spawns);
}

static void descriptors(void *arg)
{
    (void)arg;
    ProcessResult r;
    int leaky = dup(STDIN_FILENO); /* without the mark */
    CHECK_EQ(process_run(test_arena(), SH("ls /proc/self/fd | tr '\\n' ' '"), NULL, &r), 0);
    CHECK_STR(r.out, STR("0 1 2 3 ")); /* the third is the listing's own */
    close(leaky);
    Process p;
    int file = open(test_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
    ProcessOptions o = { .out = { PROCESS_FD, file }, .err.kind = PROCESS_TO_OUT };
    REQUIRE(process_spawn(&p, SH("echo a; echo b >&2"), &o) == 0);
    CHECK_EQ(process_wait(&p, 0), 0);
    process_close(&p);
    char back[8] = "";
    CHECK_EQ(pread(file, back, sizeof back, 0), 4);
    CHECK_STR(str_c(back), STR("a\nb\n"));
    CHECK(fcntl(file, F_GETFD) & FD_CLOEXEC);
    close(file);
}

TEST(process, no_other_descriptor_is_inherited)
{
    on_fiber(descriptors);
}

static void in_place_of_standard_ones(void *arg)
{
    (void)arg;
    /* The pipes get the numbers that the child's are to have. */
    int kept[3];
    for (int i = 0; i < 3; i++) {
        kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 20);
        close(i);
    }
    ProcessResult r;
    int error = process_run(test_arena(), SH("cat; echo err >&2"), &(ProcessRun){ .input = STR("in") }, &r);
    for (int i = 0; i < 3; i++) {
        dup2(kept[i], i);
        close(kept[i]);
    }
    CHECK_EQ(error, 0);
    CHECK_STR(r.out, STR("in"));
    CHECK_STR(r.err, STR("err\n"));
}

TEST(process, works_without_standard_descriptors)
{
    on_fiber(in_place_of_standard_ones);
}

static void signals(void *arg)
{
    (void)arg;
    sigset_t some, before;
    sigemptyset(&some);
    sigaddset(&some, SIGTERM);
    sigaddset(&some, SIGUSR1);
    sigprocmask(SIG_BLOCK, &some, &before);
    signal(SIGPIPE, SIG_IGN);
    ProcessResult r;
    CHECK_EQ(process_run(test_arena(), SH("exec cat /proc/self/status"), NULL, &r), 0);
    CHECK_STR_CONTAINS(r.out, STR("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000"));
    sigset_t now;
    sigprocmask(SIG_SETMASK, &before, &now);
    CHECK(sigismember(&now, SIGTERM) && !sigismember(&now, SIGUSR2));
}

TEST(process, signals_are_as_by_default)
{
    on_fiber(signals);
}

TEST(process, outside_a_fiber_it_blocks)
{
    Process p;
    int before = open_files();
    REQUIRE(process_spawn(&p, SH("sleep 0.05; exit 4"), NULL) == 0);
    CHECK_EQ(process_wait(&p, in_ms(5)), -ETIMEDOUT);
    CHECK_EQ(process_wait(&p, in_ms(5000)), 0);
    CHECK_EQ(p.code, 4);
    process_close(&p);
    REQUIRE(process_spawn(&p, SH("exec sleep 60"), NULL) == 0);
    process_close(&p);
    CHECK_EQ(open_files(), before);
}

TEST(process, dies_with_who_started_it)
{
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    pid_t parent = fork();
    if (parent == 0) {
        Process p;
        ProcessOptions o = { .out = { PROCESS_FD, ends[1] } };
        (void)!process_spawn(&p, SH("echo on; exec sleep 60"), &o);
        char c;
        (void)!read(ends[0], &c, 1);
        _exit(0);
    }
    close(ends[1]);
    waitpid(parent, NULL, 0);
    char rest[16];
    while (read(ends[0], rest, sizeof rest) > 0)
        ; /* ends only when the sleeper's end of the pipe is closed */
    close(ends[0]);
}

static void every_fault(void *arg)
{
    (void)arg;
    int rounds = 0, before = open_files();
    FAULT_LOOP (FAULT_SYSTEM) {
        ProcessResult r;
        int error = process_run(test_arena(), SH("cat"), &(ProcessRun){ .input = STR("x") }, &r);
        CHECK((error < 0) == fault_fired());
        if (!error)
            CHECK_STR(r.out, STR("x"));
        CHECK_EQ(open_files(), before);
        rounds++;
    }
    CHECK(rounds == 1 || rounds > 6);
}

TEST(process, every_refused_call_is_an_outcome)
{
    on_fiber(every_fault);
}
