/* runner.c: runs registered tests, each in a process of its own. */
#include <clef/base/arena.h>
#include <clef/test.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static TestCase *cases;
static int failures;
static Arena *arena;

void test_register(TestCase *t)
{
    t->next = cases;
    cases = t;
}

bool test_check(bool ok, const char *file, int line, const char *expression)
{
    if (!ok) {
        fprintf(stderr, "%s:%d: not true: %s\n", file, line, expression);
        failures++;
    }
    return ok;
}

static void differ(const char *file, int line, const char *expression)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, expression);
    failures++;
}

bool test_check_int(const char *file, int line, const char *expression, int64_t got, int64_t expected)
{
    if (got == expected)
        return true;
    differ(file, line, expression);
    fprintf(stderr, "  got      %lld\n  expected %lld\n", (long long)got, (long long)expected);
    return false;
}

bool test_check_uint(const char *file, int line, const char *expression, uint64_t got, uint64_t expected)
{
    if (got == expected)
        return true;
    differ(file, line, expression);
    fprintf(stderr, "  got      %llu\n  expected %llu\n", (unsigned long long)got, (unsigned long long)expected);
    return false;
}

bool test_check_double(const char *file, int line, const char *expression, double got, double expected)
{
    if (memcmp(&got, &expected, sizeof got) == 0)
        return true;
    differ(file, line, expression);
    fprintf(stderr, "  got      %.17g\n  expected %.17g\n", got, expected);
    return false;
}

bool test_check_str(const char *file, int line, const char *expression, Str got, Str expected)
{
    if (str_eq(got, expected))
        return true;
    differ(file, line, expression);
    fprintf(stderr, "  got      \"%.*s\"\n  expected \"%.*s\"\n", STR_FMT(got), STR_FMT(expected));
    return false;
}

bool test_check_ptr(const char *file, int line, const char *expression, const void *got, const void *expected)
{
    if (got == expected)
        return true;
    differ(file, line, expression);
    fprintf(stderr, "  got      %p\n  expected %p\n", got, expected);
    return false;
}

void test_stop(void) { exit(1); }

void test_skip(const char *reason)
{
    fprintf(stderr, "skipped: %s\n", reason);
    exit(77);
}

Arena *test_arena(void)
{
    if (!arena)
        arena = arena_create(NULL, 0, 0);
    return arena;
}

int test_main(int argc, char **argv)
{
    const char *filter = argc == 3 && strcmp(argv[1], "--filter") == 0 ? argv[2] : "";
    int passed = 0, failed = 0;
    for (TestCase *t = cases; t; t = t->next) {
        char name[256];
        snprintf(name, sizeof name, "%s.%s", t->area, t->name);
        if (!strstr(name, filter))
            continue;
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            t->run();
            arena_destroy(arena);
            exit(failures != 0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (!ok)
            printf("FAILED %s\n", name);
        ok ? passed++ : failed++;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
