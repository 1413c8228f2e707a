/*
 * assert.h: bugs. An ASSERT that does not hold is a bug of the program, in release builds too: it prints what was expected
 * and where, and aborts. In a worker the abort costs the request in hand and is answered with 500 (see the rt domain).
 * Bad input is never a bug: it gets an outcome or a raise.
 */
#ifndef CLEF_BASE_ASSERT_H
#define CLEF_BASE_ASSERT_H

#include <clef/base/api.h>

#define ASSERT(condition) \
    (CLEF_LIKELY(condition) ? (void)0 : panic(__FILE__, __LINE__, "assertion failed: %s", #condition))

/* Ends the process by SIGABRT after writing "file:line: message" to standard error. Never returns. */
CLEF_API(void, panic, const char *file, int line, const char *format, ...) CLEF_NORETURN CLEF_PRINTF(3, 4) CLEF_COLD;
#define PANIC(...) panic(__FILE__, __LINE__, __VA_ARGS__)

#endif
