/*
 * test.h: tests. A test is a function that registers itself; the runner runs each in a process of its own, under a time
 * limit, and a failed check, a crash, a sanitizer report or a leak fails that test by name, with what it printed.
 *
 *     TEST(str, trim_takes_white_space_at_both_ends)
 *     {
 *         CHECK_STR(str_trim(STR("  a b\n")), STR("a b"));
 *     }
 *
 * CHECK… records a failure and goes on; REQUIRE… ends the test. Both print the expression, both values and the place. They
 * may be called from any thread, fiber or child process of the test. A test must come to its end (or be stopped or skipped
 * by the calls below): one that calls exit() fails. What a test prints is shown only when it fails.
 *
 * A test may not leave processes behind, and has 10 seconds unless it says otherwise: TEST(db, big, .seconds = 60). A
 * test of a project (test/project.h) may begin with rows: TEST(blog, lists, .fixtures = FIXTURES("posts")).
 */
#ifndef CLEF_TEST_H
#define CLEF_TEST_H

#include <clef/base/arena.h>
#include <clef/base/str.h>

typedef struct TestCase TestCase;
struct TestCase {
    const char *area, *name, *file;
    int line;
    void (*run)(void);
    int seconds; /* time limit; 0: the runner's */
    /*
     * FIXTURES("blog", "users.json"): of a test of a project: what loaddata puts into its databases before the test
     * begins.
     */
    const char *const *fixtures;
    TestCase *next;
};

CLEF_API(void, test_register, TestCase *t);

#define TEST(area_, name_, ...)                                                                                        \
    static void test_##area_##_##name_(void);                                                                          \
    static TestCase case_##area_##_##name_ = {                                                                         \
        .area = #area_, .name = #name_, .file = __FILE__, .line = __LINE__, .run = test_##area_##_##name_, __VA_ARGS__ \
    };                                                                                                                 \
    __attribute__((constructor)) static void register_##area_##_##name_(void)                                          \
    {                                                                                                                  \
        test_register(&case_##area_##_##name_);                                                                        \
    }                                                                                                                  \
    static void test_##area_##_##name_(void)
#define FIXTURES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* What the check macros call: all return `ok`; a failure is printed and counted. */
CLEF_API(bool, test_check, bool ok, const char *file, int line, const char *expression);
CLEF_API(bool, test_check_int, const char *file, int line, const char *expression, int64_t got, int64_t expected);
CLEF_API(bool, test_check_uint, const char *file, int line, const char *expression, uint64_t got, uint64_t expected);
CLEF_API(bool, test_check_str, const char *file, int line, const char *expression, Str got, Str expected);
CLEF_API(bool, test_check_contains, const char *file, int line, const char *expression, Str got, Str part);
CLEF_API(bool, test_check_double, const char *file, int line, const char *expression, double got, double expected);
CLEF_API(bool, test_check_ptr, const char *file, int line, const char *expression, const void *got,
         const void *expected);
CLEF_API(bool, test_row, size_t row, size_t rows);

/* Ends the test, as failed when a check failed. Not after fork() in a child that means to go on. */
CLEF_API(void, test_stop, void) CLEF_NORETURN;
/* Ends the test as skipped, with the reason; the runner counts and prints it. */
CLEF_API(void, test_skip, const char *reason) CLEF_NORETURN;

/* An arena of this test, destroyed at its end. */
CLEF_API(Arena *, test_arena, void) CLEF_NONNULL;
/* The path of an empty folder of this test, made at the first call; the runner removes it with all that is in it. */
CLEF_API(const char *, test_dir, void) CLEF_NONNULL;
/* Writes the file `name` in test_dir() and returns its path, which lives in test_arena(). */
CLEF_API(const char *, test_file, const char *name, Str text) CLEF_NONNULL;
/*
 * A TCP port of 127.0.0.1 that nothing listens on. It stays reserved for this test, so that no other test gets it: a server
 * can bind it with SO_REUSEADDR.
 */
CLEF_API(int, test_free_port, void);

#define CLEF_TEST_AT     __FILE__, __LINE__
#define CHECK(condition) ((void)test_check((condition), CLEF_TEST_AT, #condition))
#define CHECK_EQ(got, expected)                           \
    ((void)_Generic((got), unsigned long                  \
                    : test_check_uint, unsigned long long \
                    : test_check_uint, unsigned           \
                    : test_check_uint, float              \
                    : test_check_double, double           \
                    : test_check_double, default          \
                    : test_check_int)(CLEF_TEST_AT, #got, (got), (expected)))
#define CHECK_STR(got, expected)      ((void)test_check_str(CLEF_TEST_AT, #got, (got), (expected)))
#define CHECK_STR_CONTAINS(got, part) ((void)test_check_contains(CLEF_TEST_AT, #got, (got), (part)))
#define CHECK_PTR(got, expected)      ((void)test_check_ptr(CLEF_TEST_AT, #got, (got), (expected)))
#define CHECK_NULL(got)               ((void)test_check_ptr(CLEF_TEST_AT, #got, (got), NULL))
#define REQUIRE(condition)            (test_check((condition), CLEF_TEST_AT, #condition) ? (void)0 : test_stop())

/*
 * Visits every row of an array; a check that fails inside says the row's number.
 *
 *     static const struct { Str in, out; } table[] = { { STR(" a"), STR("a") }, ... };
 *     EACH_ROW (row, table)
 *         CHECK_STR(str_trim(row->in), row->out);
 */
#define EACH_ROW(row, table) \
    for (const __typeof__((table)[0]) *row = (table); test_row((size_t)(row - (table)), CLEF_COUNT(table)); row++)

/*
 * The runner: `main` of a test program is `return test_main(argc, argv);`. Options: --help says them. Ends with the line
 * `N passed, N failed` (and `, N skipped`); returns 0 when nothing failed. The environment variable CLEF_TEST_SCALE
 * multiplies every time limit.
 */
CLEF_API(int, test_main, int argc, char **argv);

#endif
