/* run.c: runs tests in processes of their own, several at once, and judges how each ended. */
#include "test/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_OUTPUT = 64 << 20, /* a test that prints more is stopped */
    KEPT_OUTPUT = 1 << 20, /* bytes of a failed test's output that the report gets */
    LINGER_MS = 300,       /* for processes of the test to follow it */
};
#define TICK_SECONDS 0.2

typedef struct Slot {
    pid_t pid; /* 0: free */
    const TestCase *test;
    TestPage *page;
    int output;
    double began, limit;
    bool timed_out, too_long;
} Slot;

typedef struct Run {
    const TestOptions *options;
    TestReport *report;
    Slot *slots;
    size_t nslots;
    char root[200]; /* the folder of the tests' folders */
    unsigned serial;
    sigset_t waited, before;
    Arena *scratch;
} Run;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    remove(path);
    return 0;
}

static void remove_tree(const char *path) { nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT); }

static void clear_page(Run *run, TestPage *page)
{
    memset(page, 0, sizeof *page);
    snprintf(page->dir, sizeof page->dir, "%s/%u", run->root, run->serial++);
}

static CLEF_NORETURN void child(Run *run, Slot *s, pid_t parent)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
    int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    close(null);
    dup2(s->output, STDOUT_FILENO);
    dup2(s->output, STDERR_FILENO);
    sigprocmask(SIG_SETMASK, &run->before, NULL);
    test_call(s->test, s->page, true);
    /* exit, not _exit: LeakSanitizer looks at what is left then. */
    exit(atomic_load(&s->page->failures) != 0);
}

static void start(Run *run, Slot *s, const TestCase *test)
{
    clear_page(run, s->page);
    s->test = test;
    s->timed_out = s->too_long = false;
    s->limit = test->seconds ? test->seconds * run->options->scale : run->options->seconds;
    if (ftruncate(s->output, 0) != 0 || lseek(s->output, 0, SEEK_SET) != 0)
        PANIC("the memory file for a test's output: %s", strerror(errno));
    fflush(NULL);
    s->began = now();
    pid_t self = getpid();
    s->pid = fork();
    if (s->pid < 0)
        PANIC("no process for the test %s.%s: %s", test->area, test->name, strerror(errno));
    if (s->pid == 0)
        child(run, s, self);
    setpgid(s->pid, s->pid);
}

/* Ends the processes that the test left in its process group. True when there were any that did not end by themselves. */
static bool end_leftovers(pid_t group)
{
    for (int ms = 0;; ms++) {
        while (waitpid(-group, NULL, WNOHANG) > 0)
            continue;
        if (kill(-group, 0) != 0)
            return false;
        if (ms == LINGER_MS)
            break;
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    kill(-group, SIGKILL);
    while (waitpid(-group, NULL, 0) > 0)
        continue;
    return true;
}

static Str read_output(Run *run, Slot *s)
{
    struct stat st;
    if (fstat(s->output, &st) != 0 || st.st_size <= 0)
        return STR("");
    size_t n = st.st_size > KEPT_OUTPUT ? KEPT_OUTPUT : (size_t)st.st_size;
    char *p = arena_alloc(run->scratch, n);
    ssize_t got = pread(s->output, p, n, 0);
    return (Str){ p, got > 0 ? (size_t)got : 0 };
}

/* The headline of the first sanitizer report in the output, or the NULL string. */
static Str sanitizer_report(Str output)
{
    static const Str signs[] = { STR("ERROR: AddressSanitizer"), STR("ERROR: LeakSanitizer"),
                                 STR("WARNING: ThreadSanitizer"), STR("ERROR: ThreadSanitizer"),
                                 STR("ERROR: UndefinedBehaviorSanitizer") };
    Str line;
    while (str_cut(&output, '\n', &line)) {
        size_t at = str_find(line, STR(": runtime error: "));
        if (at != STR_NPOS)
            return str_from_byte(line, at + 2);
        for (size_t i = 0; i < CLEF_COUNT(signs); i++)
            if ((str_starts(line, STR("==")) && str_contains(line, signs[i])) || str_starts(line, signs[i]))
                return str_from_byte(line, str_find(line, STR(": ")) + 2);
    }
    return (Str){ 0 };
}

/* Why the test failed, or NULL. */
static const char *judge(Run *run, Slot *s, int status, Str output)
{
    Arena *a = run->scratch;
    int failures = atomic_load(&s->page->failures);
    Str report = sanitizer_report(output);
    if (s->timed_out)
        return str_format(a, "timed out after %g s", s->limit).p;
    if (s->too_long)
        return str_format(a, "printed more than %d MiB", MAX_OUTPUT >> 20).p;
    if (!str_is_null(report))
        return str_copy(a, report).p;
    if (WIFSIGNALED(status))
        return str_format(a, "killed by SIG%s (%s)", sigabbrev_np(WTERMSIG(status)), strsignal(WTERMSIG(status))).p;
    if (failures)
        return str_format(a, "%d check%s failed", failures, failures == 1 ? "" : "s").p;
    if (!atomic_load(&s->page->finished))
        return str_format(a, "ended the process with status %d before its end", WEXITSTATUS(status)).p;
    if (WEXITSTATUS(status) != 0)
        return str_format(a, "exited with status %d", WEXITSTATUS(status)).p;
    return NULL;
}

static void conclude(Run *run, Slot *s, int status)
{
    TestResult result = { .test = s->test, .seconds = now() - s->began };
    bool left = end_leftovers(s->pid);
    s->pid = 0;
    Str output = read_output(run, s);
    const char *why = judge(run, s, status, output);
    if (left)
        why = str_format(run->scratch, "%s%sleft processes running, which were killed", why ? why : "", why ? "; " : "")
                  .p;
    if (why)
        result.outcome = TEST_FAILED, result.reason = why, result.output = output;
    else if (atomic_load(&s->page->skipped))
        result.outcome = TEST_SKIPPED, result.reason = s->page->reason;
    if (atomic_load(&s->page->has_dir))
        remove_tree(s->page->dir);
    test_report_add(run->report, &result);
    arena_reset(run->scratch);
}

/* Collects the processes that ended. */
static size_t reap(Run *run)
{
    size_t ended = 0;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (size_t i = 0; i < run->nslots; i++)
            if (run->slots[i].pid == pid) {
                conclude(run, &run->slots[i], status);
                ended++;
                break;
            }
    return ended;
}

/* Stops the tests that are past a limit; returns the seconds to wait until the next look. */
static double enforce_limits(Run *run)
{
    double wait = TICK_SECONDS, t = now();
    for (size_t i = 0; i < run->nslots; i++) {
        Slot *s = &run->slots[i];
        struct stat st;
        if (!s->pid)
            continue;
        double left = s->began + s->limit - t;
        s->timed_out |= left <= 0;
        s->too_long |= fstat(s->output, &st) == 0 && st.st_size > MAX_OUTPUT;
        if (s->timed_out || s->too_long)
            kill(-s->pid, SIGKILL);
        else if (left < wait)
            wait = left;
    }
    return wait;
}

/* Processes that left their test's process group end up as ours. */
static void end_strays(Run *run)
{
    int strays = 0;
    for (int tries = 0; tries < 100 && waitpid(-1, NULL, WNOHANG) >= 0; tries++) {
        char path[64], line[4096];
        snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
        FILE *f = fopen(path, "r");
        char *at = f && fgets(line, sizeof line, f) ? line : NULL;
        for (char *end; at && *at; at = end) {
            long pid = strtol(at, &end, 10);
            if (end == at)
                break;
            strays += tries == 0;
            kill((pid_t)pid, SIGKILL);
        }
        if (f)
            fclose(f);
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    }
    if (strays)
        test_report_note(run->report, "%d process%s that left the process group of a test ran on and %s killed", strays,
                         strays == 1 ? "" : "es", strays == 1 ? "was" : "were");
}

static bool run_slots(Run *run, TestCase **tests, size_t n)
{
    size_t next = 0, running = 0;
    while (next < n || running) {
        for (size_t i = 0; i < run->nslots && next < n; i++)
            if (!run->slots[i].pid) {
                start(run, &run->slots[i], tests[next++]);
                running++;
            }
        double wait = enforce_limits(run);
        int got = sigtimedwait(&run->waited, NULL, &(struct timespec){ .tv_nsec = (long)(wait * 1e9) });
        if (got > 0 && got != SIGCHLD) {
            for (size_t i = 0; i < run->nslots; i++)
                if (run->slots[i].pid)
                    kill(-run->slots[i].pid, SIGKILL);
            test_report_note(run->report, "stopped by SIG%s", sigabbrev_np(got));
            return false;
        }
        running -= reap(run);
    }
    return true;
}

/* In this process, for a debugger: output is not captured, and no limit applies. */
static void run_in_line(Run *run, TestCase **tests, size_t n)
{
    static TestPage page;
    for (size_t i = 0; i < n; i++) {
        clear_page(run, &page);
        printf("%s.%s\n", tests[i]->area, tests[i]->name);
        double began = now();
        test_call(tests[i], &page, false);
        TestResult result = { .test = tests[i], .seconds = now() - began };
        if (atomic_load(&page.failures))
            result.outcome = TEST_FAILED, result.reason = "checks failed";
        else if (atomic_load(&page.skipped))
            result.outcome = TEST_SKIPPED, result.reason = page.reason;
        if (atomic_load(&page.has_dir))
            remove_tree(page.dir);
        test_report_add(run->report, &result);
    }
}

bool test_run_all(TestCase **tests, size_t n, const TestOptions *options, TestReport *report)
{
    Arena *arena = arena_create(NULL, 0, 0);
    Run run = { .options = options, .report = report, .nslots = (size_t)options->jobs };
    const char *tmp = getenv("TMPDIR");
    snprintf(run.root, sizeof run.root, "%s/clef-tests-XXXXXX", tmp && *tmp && strlen(tmp) < 150 ? tmp : "/tmp");
    if (!mkdtemp(run.root))
        PANIC("no folder %s for the tests: %s", run.root, strerror(errno));
    bool whole = true;
    if (options->no_fork) {
        run_in_line(&run, tests, n);
    } else {
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        sigemptyset(&run.waited);
        sigaddset(&run.waited, SIGCHLD);
        sigaddset(&run.waited, SIGINT);
        sigaddset(&run.waited, SIGTERM);
        sigaddset(&run.waited, SIGHUP);
        sigprocmask(SIG_BLOCK, &run.waited, &run.before);
        run.scratch = arena_create(arena, 0, 0);
        run.slots = NEW_ARRAY(arena, Slot, run.nslots);
        size_t pages = sizeof(TestPage) * run.nslots;
        TestPage *page = mmap(NULL, pages, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        for (size_t i = 0; i < run.nslots; i++) {
            run.slots[i] = (Slot){ .page = page + i, .output = memfd_create("test output", MFD_CLOEXEC) };
            if (page == MAP_FAILED || run.slots[i].output < 0)
                PANIC("no memory shared with the tests: %s", strerror(errno));
        }
        whole = run_slots(&run, tests, n);
        end_strays(&run);
        for (size_t i = 0; i < run.nslots; i++)
            close(run.slots[i].output);
        munmap(page, pages);
        sigprocmask(SIG_SETMASK, &run.before, NULL);
    }
    remove_tree(run.root);
    arena_destroy(arena);
    return whole;
}
