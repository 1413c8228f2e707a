/*
 * runner.h: what the files of the test runner share. A test runs in a process of its own, in a slot: a page of memory
 * shared with the runner, where the process leaves what it knows (failed checks, the reason of a skip), and a memory file
 * that takes its output. The runner judges a test by both and by how the process ended.
 */
#ifndef TEST_RUNNER_H
#define TEST_RUNNER_H

#include <clef/base/arena.h>
#include <clef/base/assert.h>
#include <clef/base/buf.h>
#include <clef/base/str.h>
#include <clef/test.h>

#include <stdatomic.h>

/* What a test's process writes and the runner reads. */
typedef struct TestPage {
    atomic_int failures;
    atomic_bool finished; /* came to its end, or was stopped or skipped */
    atomic_bool skipped;
    atomic_bool has_dir;
    char reason[240]; /* of the skip */
    char dir[240];    /* where test_dir() goes */
} TestPage;

typedef enum TestOutcome { TEST_PASSED, TEST_FAILED, TEST_SKIPPED } TestOutcome;

typedef struct TestResult {
    const TestCase *test;
    TestOutcome outcome;
    double seconds;
    const char *reason; /* why it failed or was skipped */
    Str output;         /* of a failed test */
} TestResult;

typedef struct TestOptions {
    const char **filters; /* globs; none: every test */
    size_t nfilters;
    int jobs, repeat;
    double seconds; /* limit of a test that does not set one; scaled already */
    double scale;
    const char *junit;
    bool list, no_fork;
} TestOptions;

typedef struct TestReport TestReport;

/* Runs the tests. False when it was interrupted. */
CLEF_PRIVATE(bool, test_run_all, TestCase **tests, size_t n, const TestOptions *options, TestReport *report);

/* The report: progress, failures, the closing line, JUnit. */
CLEF_PRIVATE(TestReport *, test_report_create, const TestOptions *options, size_t total);
CLEF_PRIVATE(void, test_report_add, TestReport *report, const TestResult *result);
/* Prints the closing line; returns the number of failures, a JUnit file that cannot be written included. */
CLEF_PRIVATE(int, test_report_finish, TestReport *report);
CLEF_PRIVATE(void, test_report_note, TestReport *report, const char *format, ...) CLEF_PRINTF(2, 3);

/* For checks: one line of "file:line: what", counted as a failure; and a value below it, as one would type it in C. */
CLEF_PRIVATE(void, test_fail, const char *file, int line, const char *what, const char *expression);
CLEF_PRIVATE(void, test_show, const char *label, Str s);

/*
 * What a kind of tests puts around each of them: `run` calls fn, and returns; `leave` ends a test early in a run without
 * processes, and does not return (NULL: a jump). NULL: nothing.
 */
typedef struct TestAround {
    void (*run)(void (*fn)(void));
    void (*leave)(void);
} TestAround;
CLEF_PRIVATE_DATA(const TestAround *, test_around);

/* The running test's page. Without a runner: one of no consequence. */
CLEF_PRIVATE_DATA(TestPage *, test_page);
/* The running test; NULL: there is no runner. */
CLEF_PRIVATE(const TestCase *, test_running, void);
/* Runs the test in this process: sets the page, calls it, destroys its arena. */
CLEF_PRIVATE(void, test_call, const TestCase *test, TestPage *page, bool may_exit);

#endif
