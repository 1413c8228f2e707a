/* check.c: the checks of a test, and what they print. */
#include "test/runner.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 2000 }; /* bytes of a string */

static __thread size_t row = SIZE_MAX;

bool test_row(size_t at, size_t rows)
{
    row = at < rows ? at : SIZE_MAX;
    return at < rows;
}

/* One line of "file:line: what", counted as a failure. */
void test_fail(const char *file, int line, const char *what, const char *expression)
{
    atomic_fetch_add(&test_page->failures, 1);
    fprintf(stderr, "%s:%d: %s%s", file, line, what, expression);
    if (row != SIZE_MAX)
        fprintf(stderr, " (row %zu)", row);
    fputc('\n', stderr);
}

/* A quoted string with escapes, as one would type it in C. */
void test_show(const char *label, Str s)
{
    fprintf(stderr, "  %s", label);
    if (str_is_null(s)) {
        fputs("the NULL string\n", stderr);
        return;
    }
    fputc('"', stderr);
    for (size_t i = 0; i < s.n && i < SHOWN; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            fprintf(stderr, "\\%c", c);
        else if (c == '\n' || c == '\r' || c == '\t')
            fprintf(stderr, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        else if (c < 0x20 || c == 0x7f)
            fprintf(stderr, "\\%03o", c);
        else
            fputc(c, stderr);
    }
    fprintf(stderr, s.n > SHOWN ? "... (%zu bytes)\n" : "\"\n", s.n);
}

bool test_check(bool ok, const char *file, int line, const char *expression)
{
    if (!ok)
        test_fail(file, line, "not true: ", expression);
    return ok;
}

bool test_check_int(const char *file, int line, const char *expression, int64_t got, int64_t expected)
{
    if (got == expected)
        return true;
    test_fail(file, line, "", expression);
    fprintf(stderr, "  got      %" PRId64 "\n  expected %" PRId64 "\n", got, expected);
    return false;
}

bool test_check_uint(const char *file, int line, const char *expression, uint64_t got, uint64_t expected)
{
    if (got == expected)
        return true;
    test_fail(file, line, "", expression);
    fprintf(stderr, "  got      %" PRIu64 "\n  expected %" PRIu64 "\n", got, expected);
    return false;
}

bool test_check_double(const char *file, int line, const char *expression, double got, double expected)
{
    /* By bits: NaN is itself, and 0 is not -0. */
    uint64_t got_bits, expected_bits;
    memcpy(&got_bits, &got, sizeof got);
    memcpy(&expected_bits, &expected, sizeof expected);
    if (got_bits == expected_bits)
        return true;
    test_fail(file, line, "", expression);
    fprintf(stderr, "  got      %.17g\n  expected %.17g\n", got, expected);
    return false;
}

bool test_check_str(const char *file, int line, const char *expression, Str got, Str expected)
{
    if (str_eq(got, expected))
        return true;
    test_fail(file, line, "", expression);
    test_show("got      ", got);
    test_show("expected ", expected);
    size_t at = 0;
    while (at < got.n && at < expected.n && got.p[at] == expected.p[at])
        at++;
    fprintf(stderr, "  they differ from byte %zu on (%zu bytes, %zu expected)\n", at, got.n, expected.n);
    return false;
}

bool test_check_contains(const char *file, int line, const char *expression, Str got, Str part)
{
    if (str_contains(got, part))
        return true;
    test_fail(file, line, "", expression);
    test_show("got            ", got);
    test_show("should contain ", part);
    return false;
}

bool test_check_ptr(const char *file, int line, const char *expression, const void *got, const void *expected)
{
    if (got == expected)
        return true;
    test_fail(file, line, "", expression);
    fprintf(stderr, "  got      %p\n  expected %p\n", got, expected);
    return false;
}
