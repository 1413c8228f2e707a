/* say.c: lines for the terminal. */
#include "tool/tool.h"

#include <stdarg.h>
#include <unistd.h>

static CLEF_PRINTF(3, 0) void line(int fd, const char *start, const char *format, va_list args)
{
    char bytes[8192];
    Buf b = { .p = bytes, .cap = sizeof bytes, .max = sizeof bytes - 2 };
    (void)(buf_c(&b, start) && buf_vprintf(&b, format, args));
    b.p[b.n++] = '\n';
    for (size_t at = 0; at < b.n;) {
        ssize_t n = write(fd, b.p + at, b.n - at);
        if (n <= 0)
            return;
        at += (size_t)n;
    }
}

void tool_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    line(STDOUT_FILENO, "", format, args);
    va_end(args);
}

int tool_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    line(STDERR_FILENO, "clef: ", format, args);
    va_end(args);
    return 1;
}
