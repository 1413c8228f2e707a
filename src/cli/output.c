/*
 * output.c: what commands print. Each call is one write, so that nothing is lost at a fork and nothing waits in a
 * buffer.
 */
#define _GNU_SOURCE
#include "cli/commands.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1 << 20 };

void output_write(int fd, Str text)
{
    while (text.n) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno == EAGAIN) {
            (void)poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 1000);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        text = str_from_byte(text, (size_t)n);
    }
}

CLEF_PRINTF(2, 0) static void write_line(int fd, const char *format, va_list args)
{
    Buf b = BUF_INIT(NULL, LINE_MAX_BYTES);
    buf_vprintf(&b, format, args);
    buf_byte(&b, '\n');
    output_write(fd, buf_view(&b));
    buf_finish(&b);
}

void command_say(CommandCall *c, const char *format, ...)
{
    if (c->verbosity == 0)
        return;
    va_list args;
    va_start(args, format);
    write_line(STDOUT_FILENO, format, args);
    va_end(args);
}

void command_write(CommandCall *c, Str text)
{
    (void)c;
    output_write(STDOUT_FILENO, text);
}

void command_warn(CommandCall *c, const char *format, ...)
{
    (void)c;
    va_list args;
    va_start(args, format);
    write_line(STDERR_FILENO, format, args);
    va_end(args);
}

void command_fail(CommandCall *c, const char *format, ...)
{
    c->status = 1;
    va_list args;
    va_start(args, format);
    write_line(STDERR_FILENO, format, args);
    va_end(args);
}

void command_progress(CommandCall *c, const char *name, uint64_t done, uint64_t total)
{
    /* Shown ten times a second at most; the clock is looked at for every 64th row. */
    static int64_t next_ms;
    bool last = total && done >= total;
    if (c->verbosity == 0 || (!last && done % 64 != 0))
        return;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    int64_t now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    if ((!last && now < next_ms) || !isatty(STDERR_FILENO))
        return;
    next_ms = now + 100;
    Buf b = BUF_INIT(c->cx.arena, 1024);
    buf_printf(&b, "\r%s: %llu", name, (unsigned long long)done);
    if (total)
        buf_printf(&b, " of %llu (%llu %%)", (unsigned long long)total, (unsigned long long)(done * 100 / total));
    buf_c(&b, last ? "\033[K\n" : "\033[K");
    output_write(STDERR_FILENO, buf_view(&b));
}
