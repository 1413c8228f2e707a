/*
 * victim.c: a program of tests that end in every way, for the tests of the runner. They are not part of the project's
 * own tests.
 */
#include "base/sanitizer.h"
#include <clef/test.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

TEST(good, passes)
{
    CHECK_EQ(1 + 1, 2);
}
TEST(good, passes_and_prints)
{
    puts("nobody sees this");
}

TEST(bad, check)
{
    CHECK_EQ(1 + 1, 3);
    CHECK_STR(STR("a\tb"), STR("a b"));
    puts("printed after the failures");
}
TEST(bad, contains)
{
    CHECK_STR_CONTAINS(STR("haystack"), STR("needle"));
}
TEST(bad, null)
{
    CHECK_NULL("not null");
}
TEST(bad, require)
{
    REQUIRE(1 > 2);
    puts("not reached");
}
TEST(bad, row)
{
    static const int table[] = { 1, 2, 4 };
    EACH_ROW (row, table)
        CHECK_EQ(*row, 1 << (row - table) % 2);
    CHECK(false);
}
TEST(bad, segfault)
{
    raise(SIGSEGV);
}
TEST(bad, aborts)
{
    abort();
}
TEST(bad, killed)
{
    raise(SIGKILL);
}
TEST(bad, leaves_early)
{
    exit(0);
}
TEST(bad, hangs, .seconds = 1)
{
    pause();
}
TEST(bad, hangs_with_children, .seconds = 1)
{
    if (fork() == 0)
        pause();
    pause();
}
TEST(bad, leaves_a_child)
{
    if (fork() == 0)
        pause();
}
TEST(bad, check_in_child)
{
    if (fork() == 0) {
        CHECK(false);
        _exit(0);
    }
    usleep(50000);
}
TEST(bad, prints_without_end, .seconds = 60)
{
    static char block[1 << 20];
    for (int i = 0; i < 200; i++) {
        fwrite(block, 1, sizeof block, stdout);
        usleep(10000);
    }
    pause();
}
/* The headline of UBSan when it is told to go on, so that this needs no sanitizer. */
TEST(bad, report_but_goes_on)
{
    fputs("x.c:1:2: runtime error: signed integer overflow\n", stderr);
}

TEST(odd, skipped)
{
    test_skip("the moon is not full");
}
TEST(odd, child_that_ends_by_itself)
{
    if (fork() == 0) {
        usleep(20000);
        _exit(0);
    }
}

#if CLEF_ASAN
static void *volatile kept;

TEST(memory, leak)
{
    kept = malloc(1234);
    kept = NULL;
}
TEST(memory, use_after_free)
{
    char *p = malloc(10);
    kept = p;
    free(p);
    printf("%d\n", *(char *)kept);
}
TEST(memory, overflow)
{
    volatile int n = 0x7fffffff;
    n = n + 1;
}
#endif

TEST(folder, is_made)
{
    printf("%s\n", test_file("x", STR("text"))), CHECK(false);
}

int main(int argc, char **argv) { return test_main(argc, argv); }
