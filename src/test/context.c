/* context.c: what a running test has for itself: its end, its arena, its folder, its ports. */
#include "test/runner.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static TestPage no_page;
TestPage *test_page = &no_page;
const TestAround *test_around;
static const TestCase *running;
static Arena *arena;
static bool exits;      /* a process of its own: the test's early end is the process's */
static jmp_buf in_line; /* where it goes otherwise */

void test_call(const TestCase *test, TestPage *page, bool may_exit)
{
    test_page = page;
    running = test;
    exits = may_exit;
    if (may_exit || _setjmp(in_line) == 0) {
        if (test_around)
            test_around->run(test->run);
        else
            test->run();
    }
    test_row(0, 0);
    arena_destroy(arena);
    arena = NULL;
    atomic_store(&page->finished, true);
}

const TestCase *test_running(void) { return running; }

static CLEF_NORETURN void leave(void)
{
    atomic_store(&test_page->finished, true);
    if (!exits && test_around)
        test_around->leave();
    if (!exits)
        _longjmp(in_line, 1);
    fflush(NULL);
    _exit(atomic_load(&test_page->skipped) ? 0 : 1);
}

void test_stop(void) { leave(); }

void test_skip(const char *reason)
{
    snprintf(test_page->reason, sizeof test_page->reason, "%s", reason);
    atomic_store(&test_page->skipped, true);
    leave();
}

Arena *test_arena(void)
{
    if (!arena)
        arena = arena_create(NULL, 0, 0);
    return arena;
}

static CLEF_NORETURN void cannot(const char *what, const char *subject)
{
    fprintf(stderr, "the test cannot %s %s: %s\n", what, subject, strerror(errno));
    atomic_fetch_add(&test_page->failures, 1);
    leave();
}

const char *test_dir(void)
{
    if (!atomic_exchange(&test_page->has_dir, true) && mkdir(test_page->dir, 0700) != 0)
        cannot("make the folder", test_page->dir);
    return test_page->dir;
}

const char *test_file(const char *name, Str text)
{
    const char *path = str_format(test_arena(), "%s/%s", test_dir(), name).p;
    FILE *f = fopen(path, "wb");
    if (!f || (text.n && fwrite(text.p, 1, text.n, f) != text.n) || fclose(f) != 0)
        cannot("write the file", path);
    return path;
}

int test_free_port(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    /* Stays bound, and never listens, until the process ends: the kernel gives the port to nobody who asks for any. */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) != 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        cannot("have", "a TCP port");
    return ntohs(at.sin_port);
}
