/* The runner, run on the program victim.c. */
#include "base/sanitizer.h"
#include <clef/base/buf.h>
#include <clef/test.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the victim prints with these arguments; *status is its exit status. */
static Str run(const char *arguments, int *status)
{
    Arena *a = test_arena();
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self);
    REQUIRE(n > 0 && n < (ssize_t)sizeof self);
    Str dir = str_slice((Str){ self, (size_t)n }, 0, str_rfind_byte((Str){ self, (size_t)n }, '/'));
    Str command = str_format(a, "CLEF_TEST_SCALE=1 %.*s/clef-tests-victim %s 2>&1", STR_FMT(dir), arguments);
    FILE *f = popen(command.p, "r");
    REQUIRE(f != NULL);
    Buf out = BUF_INIT(a, 1 << 20);
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, f)) > 0;)
        buf_add(&out, block, got);
    int ended = pclose(f);
    *status = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
    /* A report of the victim's is not a report of this test. */
    fflush(stdout);
    return buf_view(&out);
}

TEST(runner, counts_what_passed_and_shows_no_output_of_it)
{
    int status;
    CHECK_STR(run("good", &status), STR("2 passed, 0 failed\n"));
    CHECK_EQ(status, 0);
}

TEST(runner, names_each_failure_with_its_reason, .seconds = 60)
{
    static const struct {
        const char *name;
        Str reason, output;
    } table[] = {
        { "check", STR("2 checks failed"), STR("  got      2\n      expected 3\n") },
        { "check", STR("2 checks failed"), STR("got      \"a\\tb\"\n      expected \"a b\"\n") },
        { "check", STR("2 checks failed"), STR("printed after the failures") },
        { "contains", STR("1 check failed"), STR("should contain \"needle\"") },
        { "null", STR("1 check failed"), STR("\"not null\"") },
        { "require", STR("1 check failed"), STR("not true: 1 > 2") },
        { "row", STR("2 checks failed"), STR("(row 2)") },
        { "killed", STR("killed by SIGKILL (Killed)"), STR("") },
        { "aborts", STR("killed by SIGABRT (Aborted)"), STR("") },
        { "leaves_early", STR("ended the process with status 0 before its end"), STR("") },
        { "hangs", STR("timed out after 1 s"), STR("") },
        { "hangs_with_children", STR("timed out after 1 s"), STR("") },
        { "leaves_a_child", STR("left processes running, which were killed"), STR("") },
        { "check_in_child", STR("1 check failed"), STR("") },
        { "prints_without_end", STR("printed more than 64 MiB"), STR("bytes more") },
        { "report_but_goes_on", STR("runtime error: signed integer overflow"), STR("x.c:1:2") },
#if CLEF_ASAN
        { "segfault", STR("AddressSanitizer: SEGV"), STR("") },
#elif !defined(__SANITIZE_THREAD__)
        { "segfault", STR("killed by SIGSEGV (Segmentation fault)"), STR("") },
#endif
    };
    EACH_ROW (row, table) {
        int status;
        Str out = run(str_format(test_arena(), "--filter bad.%s", row->name).p, &status);
        CHECK_EQ(status, 1);
        CHECK_STR_CONTAINS(out, str_format(test_arena(), "FAILED bad.%s (tests/test/victim.c:", row->name));
        CHECK_STR_CONTAINS(out, str_format(test_arena(), "): %.*s", STR_FMT(row->reason)));
        CHECK_STR_CONTAINS(out, row->output);
        CHECK(str_ends(out, STR("0 passed, 1 failed\n")));
        CHECK(!str_contains(out, STR("not reached")));
    }
}

#if CLEF_ASAN
TEST(runner, a_sanitizer_report_or_a_leak_fails_the_test, .seconds = 30)
{
    static const struct {
        const char *name;
        Str reason;
    } table[] = {
        { "leak", STR("LeakSanitizer: detected memory leaks") },
        { "use_after_free", STR("AddressSanitizer: heap-use-after-free") },
        { "overflow", STR("runtime error: signed integer overflow") },
    };
    EACH_ROW (row, table) {
        int status;
        Str out = run(str_format(test_arena(), "memory.%s", row->name).p, &status);
        CHECK_EQ(status, 1);
        CHECK_STR_CONTAINS(out, row->reason);
        CHECK_STR_CONTAINS(out, STR("victim.c"));
        CHECK(str_ends(out, STR("0 passed, 1 failed\n")));
    }
}
#endif

TEST(runner, one_failure_does_not_touch_the_others)
{
    int status;
    Str out = run("-j 4 good odd bad.aborts bad.require", &status);
    CHECK_EQ(status, 1);
    CHECK_STR_CONTAINS(out, STR("skipped odd.skipped: the moon is not full\n"));
    CHECK_STR_CONTAINS(out, STR("3 passed, 2 failed, 1 skipped\n"));
}

TEST(runner, filters_are_globs_of_areas_and_names)
{
    static const struct {
        const char *arguments;
        Str out;
    } table[] = {
        { "--list good", STR("good.passes\ngood.passes_and_prints\n") },
        { "--list -f goo", STR("no test matches; --list prints the names\n") },
        { "--list -f 'g*.*prints'", STR("good.passes_and_prints\n") },
        { "--list -f 'odd.s*' -f good.passes", STR("good.passes\nodd.skipped\n") },
        { "--no-fork odd.skipped good.passes",
          STR("good.passes\nodd.skipped\nskipped odd.skipped: the moon is not full\n"
              "1 passed, 0 failed, 1 skipped\n") },
        { "--repeat 3 -j 2 good", STR("6 passed, 0 failed\n") },
        { "--jobs 0", STR("--jobs takes a number from 1 to 256, not \"0\"\n") },
    };
    EACH_ROW (row, table) {
        int status;
        CHECK_STR(run(row->arguments, &status), row->out);
    }
    int status;
    run("--filter nothing", &status);
    CHECK_EQ(status, 2);
}

TEST(runner, writes_junit)
{
    int status;
    const char *path = str_format(test_arena(), "%s/junit.xml", test_dir()).p;
    run(str_format(test_arena(), "--junit %s good.passes bad.require odd.skipped", path).p, &status);
    char text[4096] = "";
    FILE *f = fopen(path, "r");
    REQUIRE(f != NULL);
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    Str xml = { text, n };
    CHECK_STR_CONTAINS(xml, STR("<testsuite name=\"clef\" tests=\"3\" failures=\"1\" skipped=\"1\""));
    CHECK_STR_CONTAINS(xml, STR("<testcase classname=\"good\" name=\"passes\" file=\"tests/test/victim.c\""));
    CHECK_STR_CONTAINS(xml, STR("<failure message=\"1 check failed\">"));
    CHECK_STR_CONTAINS(xml, STR("not true: 1 &gt; 2"));
    CHECK_STR_CONTAINS(xml, STR("<skipped message=\"the moon is not full\">"));
    run("--junit /nonexistent/x good", &status);
    CHECK_EQ(status, 1);
}

TEST(runner, removes_the_folder_of_a_test)
{
    int status;
    Str out = run("folder", &status);
    size_t at = str_find(out, STR("    /"));
    REQUIRE(at != STR_NPOS);
    Str path = str_from_byte(out, at + 4);
    path = str_slice(path, 0, str_find_byte(path, '\n'));
    CHECK(str_ends(path, STR("/x")));
    CHECK(access(str_dup_c(test_arena(), path), F_OK) != 0);
    CHECK(access(str_dup_c(test_arena(), str_slice(path, 0, str_rfind_byte(path, '/'))), F_OK) != 0);
}

TEST(runner, a_test_has_a_folder_and_files)
{
    struct stat st;
    CHECK_EQ(stat(test_dir(), &st), 0);
    CHECK(S_ISDIR(st.st_mode));
    CHECK_EQ(stat(test_file("empty", STR("")), &st), 0);
    CHECK_EQ(st.st_size, 0);
    CHECK_EQ(stat(test_file("text", STR("four")), &st), 0);
    CHECK_EQ(st.st_size, 4);
}

TEST(runner, a_free_port_can_be_listened_on)
{
    int port = test_free_port();
    CHECK(port != test_free_port());
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)), 0);
    CHECK_EQ(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    CHECK_EQ(listen(fd, 1), 0);
    close(fd);
}
