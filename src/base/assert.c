/* assert.c: how a bug is reported. */
#include "base/assert.h"
#include <clef/base/assert.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGE_MAX = 1024 };

/* The one writable thing of this floor: the handler of the abort runs below panic(), and cannot be given an argument. */
static __thread const char *message __attribute__((tls_model("initial-exec")));

const char *panic_message(void) { return message; }

/* No stdio stream and no heap: either may be what is broken. */
void panic(const char *file, int line, const char *format, ...)
{
    char text[MESSAGE_MAX];
    int head = snprintf(text, sizeof text, "%s:%d: ", file, line);
    size_t n = head < 0 ? 0 : (size_t)head < sizeof text ? (size_t)head : sizeof text - 1;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text + n, sizeof text - n, format, args);
    va_end(args);
    n = strlen(text);
    message = text;
    char end = text[n];
    text[n] = '\n';
    for (size_t at = 0; at < n + 1;) {
        ssize_t written = write(STDERR_FILENO, text + at, n + 1 - at);
        if (written < 0 && errno != EINTR)
            break;
        at += written > 0 ? (size_t)written : 0;
    }
    text[n] = end;
    abort();
}
