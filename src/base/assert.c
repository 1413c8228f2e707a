/* assert.c: how a bug is reported. */
#include <clef/base/assert.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void panic(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    fflush(stderr);
    abort();
}
