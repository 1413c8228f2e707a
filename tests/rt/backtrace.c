#include "base/config.h"
#include <clef/rt.h>
#include <clef/test.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define APART __attribute__((noinline))

static void *frames[32];
static size_t nframes;

APART static void innermost(volatile int *n)
{
    nframes = backtrace_capture(frames, CLEF_COUNT(frames), 0);
    ++*n;
}
static inline __attribute__((always_inline)) void in_between(volatile int *n)
{
    innermost(n);
    ++*n;
}
enum { OUTER_LINE = __LINE__ + 4 };
APART static void outermost(void)
{
    volatile int n = 0;
    in_between(&n);
    CHECK_EQ(n, 2);
}

static const Frame *find(const Frame *list, size_t n, const char *function)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].function, str_c(function)))
            return &list[i];
    return NULL;
}

static void check_names(void)
{
    Frame *list;
    outermost();
    CHECK(nframes >= 3);
    size_t n = backtrace_resolve(test_arena(), frames, nframes, &list);
    REQUIRE(n >= nframes);
    CHECK_EQ(list[0].at, 0u);
    CHECK_EQ(list[n - 1].at, nframes - 1);
    for (size_t i = 0; i < n; i++)
        CHECK_EQ(list[i].pc, (uintptr_t)frames[list[i].at] - 1);
    CHECK(str_ends(list[0].module, STR("/clef-tests")) && list[0].offset != 0);
#if CLEF_HAVE_DW
    Buf shown = BUF_INIT(test_arena(), 1 << 16);
    CHECK(backtrace_format(&shown, list, n));
    printf("%s", shown.p); /* seen when something below fails */
    CHECK_STR(list[0].function, STR("innermost"));
    CHECK(str_ends(list[0].file, STR("/tests/rt/backtrace.c")));
    CHECK(list[0].file.n && list[0].file.p[0] == '/');
    const Frame *between = find(list, n, "in_between"), *outer = find(list, n, "outermost");
    REQUIRE(between && outer);
    CHECK(between->inlined && !outer->inlined);
    CHECK_EQ(between->at, outer->at);
    CHECK_EQ(outer->line, OUTER_LINE);
    CHECK(str_ends(outer->file, STR("/tests/rt/backtrace.c")));
#else
    (void)find;
#endif
}

TEST(backtrace, names_files_lines_and_what_was_inlined, .seconds = 60)
{
    check_names();
}

static bool other_ran;
static void other(void *arg)
{
    (void)arg;
    other_ran = true;
}
static void on_fiber(void *arg)
{
    fiber_spawn(arg, other, NULL);
    check_names();
    CHECK(other_ran);
}

TEST(backtrace, a_fiber_waits_for_the_names, .seconds = 60)
{
    Loop *loop = loop_create(test_arena());
    fiber_start(loop, on_fiber, loop);
    CHECK_EQ(loop_run(loop), 0);
    loop_destroy(loop);
}

static int count_fds(void)
{
    FileEntry *list;
    return (int)file_list(test_arena(), "/proc/self/fd", 1000, &list);
}

TEST(backtrace, nothing_of_it_stays_in_the_process, .seconds = 60)
{
    int before = count_fds();
    outermost();
    Frame *list;
    CHECK(backtrace_resolve(test_arena(), frames, nframes, &list) >= nframes);
    CHECK_EQ(count_fds(), before);
    CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1);
    Str maps;
    REQUIRE(file_read(test_arena(), "/proc/self/maps", 1 << 22, &maps) == 0);
    CHECK(!str_contains(maps, STR("libdw")));
}

TEST(backtrace, what_is_no_code_has_a_frame_too, .seconds = 60)
{
    Frame *list;
    void *nowhere[] = { (void *)17, (void *)(uintptr_t)check_names };
    size_t n = backtrace_resolve(test_arena(), nowhere, 2, &list);
    REQUIRE(n >= 2);
    CHECK_EQ(list[0].pc, 16u);
    CHECK_EQ(list[0].function.n, 0u);
    CHECK_EQ(list[0].line, 0);
    CHECK_EQ(backtrace_resolve(test_arena(), NULL, 0, &list), 0u);
}

TEST(backtrace, is_shown_as_lines)
{
    static const Frame list[] = {
        { .at = 0, .pc = 0x1000, .function = STR("f"), .file = STR("/a/b.c"), .line = 7, .inlined = true },
        { .at = 0, .pc = 0x1000, .function = STR("g"), .file = STR("/a/b.c"), .line = 9 },
        { .at = 1, .pc = 0x2000, .module = STR("/lib/x.so"), .offset = 0x20 },
        { .at = 2, .pc = 0x3000 },
    };
    Buf b = BUF_INIT(test_arena(), 4096);
    CHECK(backtrace_format(&b, list, CLEF_COUNT(list)));
    CHECK_STR(buf_view(&b), STR("  #0 0x1000 f (inlined) at /a/b.c:7\n"
                                "  #0 0x1000 g at /a/b.c:9\n"
                                "  #1 0x2000 ? in /lib/x.so+0x20\n"
                                "  #2 0x3000 ?\n"));
    Crash c = { .what = "SIGSEGV: read at 0x0", .message = STR("because") };
    buf_clear(&b);
    CHECK(crash_format(&b, &c, list + 2, 1));
    CHECK_STR(buf_view(&b), STR("SIGSEGV: read at 0x0\nbecause\n  #1 0x2000 ? in /lib/x.so+0x20\n"));
    Buf small = BUF_INIT(test_arena(), 10);
    CHECK(!backtrace_format(&small, list, 1));
}

TEST(backtrace, the_lines_around)
{
    const char *path = test_file("some.c", STR("one\ntwo\r\nthree\nfour\n"));
    Frame f = { .file = str_c(path), .line = 2 };
    SourceLine *lines;
    REQUIRE(backtrace_source(test_arena(), &f, 1, &lines) == 3);
    CHECK_EQ(lines[0].number, 1);
    CHECK_STR(lines[1].text, STR("two"));
    CHECK_STR(lines[2].text, STR("three"));
    f.line = 4;
    REQUIRE(backtrace_source(test_arena(), &f, 2, &lines) >= 3);
    CHECK_EQ(lines[0].number, 2);
    f.line = 40;
    CHECK_EQ(backtrace_source(test_arena(), &f, 2, &lines), 0u);
    f.file = STR("/no/such/file.c");
    CHECK_EQ(backtrace_source(test_arena(), &f, 2, &lines), 0u);
    CHECK_EQ(backtrace_source(test_arena(), &(Frame){ 0 }, 2, &lines), 0u);
}
