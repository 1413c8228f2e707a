/* buf.c: growth and formatting of <clef/base/buf.h>. */
#include <clef/base/buf.h>

#include "base/fault.h"

#include <stdio.h>
#include <stdlib.h>

bool buf_reserve_slow(Buf *b, size_t n)
{
    if (b->failed)
        return false;
    if (n > b->max || b->n > b->max - n || b->max == SIZE_MAX) {
        b->failed = true;
        return false;
    }
    size_t need = b->n + n + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    if (cap > b->max + 1)
        cap = b->max + 1;
    char *p = NULL;
    if (b->arena)
        p = arena_grow(b->arena, b->p, b->cap, cap);
    else if (!fault_fails(FAULT_MEMORY))
        p = realloc(b->p, cap);
    if (!p) {
        b->failed = true;
        return false;
    }
    if (!b->p)
        p[0] = 0;
    b->p = p;
    b->cap = cap;
    return true;
}

bool buf_c(Buf *b, const char *text) { return buf_add(b, text, strlen(text)); }

bool buf_vprintf(Buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    char small[256];
    int n = vsnprintf(small, sizeof small, format, args);
    bool ok = n >= 0;
    if (!ok)
        b->failed = true;
    else if ((size_t)n < sizeof small)
        ok = buf_add(b, small, (size_t)n);
    else if ((ok = buf_reserve(b, (size_t)n))) {
        vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
    va_end(again);
    return ok;
}

bool buf_printf(Buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool ok = buf_vprintf(b, format, args);
    va_end(args);
    return ok;
}

static const char two_digits[201] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                    "8081828384858687888990919293949596979899";

static unsigned digits_of(uint64_t v)
{
    unsigned n = 1;
    for (; v >= 10000; v /= 10000)
        n += 4;
    return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/* The digits of v at `to`, n of them. */
static void put_digits(char *to, uint64_t v, unsigned n)
{
    for (; n > 2; n -= 2, v /= 100)
        memcpy(to + n - 2, two_digits + v % 100 * 2, 2);
    if (n == 2)
        memcpy(to, two_digits + v * 2, 2);
    else
        *to = (char)('0' + v);
}

/* Below 10,000, which is most: the end of its digits. */
static inline char *put_small(char *to, unsigned v)
{
    unsigned high = v / 100, low = v - high * 100;
    if (v >= 1000) {
        memcpy(to, two_digits + (size_t)high * 2, 2);
        to += 2;
    } else if (v >= 100) {
        *to++ = (char)('0' + high);
    } else if (v < 10) {
        *to = (char)('0' + v);
        return to + 1;
    }
    memcpy(to, two_digits + (size_t)low * 2, 2);
    return to + 2;
}

static bool add_any(Buf *b, uint64_t v, bool negative)
{
    unsigned n = digits_of(v);
    if (!buf_reserve(b, n + negative))
        return false;
    if (negative)
        b->p[b->n++] = '-';
    put_digits(b->p + b->n, v, n);
    b->n += n;
    b->p[b->n] = 0;
    return true;
}

bool buf_u64(Buf *b, uint64_t v)
{
    enum { ROOM = 8 };
    if (CLEF_UNLIKELY(v >= 10000 || b->cap < ROOM || b->n > b->cap - ROOM || b->failed))
        return add_any(b, v, false);
    char *end = put_small(b->p + b->n, (unsigned)v);
    *end = 0;
    b->n = (size_t)(end - b->p);
    return true;
}

bool buf_i64(Buf *b, int64_t v) { return v >= 0 ? buf_u64(b, (uint64_t)v) : add_any(b, 0 - (uint64_t)v, true); }

char *i64_put(char *to, int64_t v)
{
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    if (v < 0)
        *to++ = '-';
    if (CLEF_LIKELY(u < 10000))
        return put_small(to, (unsigned)u);
    unsigned n = digits_of(u);
    put_digits(to, u, n);
    return to + n;
}

bool buf_fill(Buf *b, char c, size_t n)
{
    if (!buf_reserve(b, n))
        return false;
    memset(b->p + b->n, c, n);
    b->n += n;
    b->p[b->n] = 0;
    return true;
}

void buf_consume(Buf *b, size_t n)
{
    if (n > b->n)
        n = b->n;
    if (n == 0)
        return;
    b->n -= n;
    memmove(b->p, b->p + n, b->n + 1);
}

void buf_finish(Buf *b)
{
    if (!b->arena)
        free(b->p);
    *b = (Buf){ .arena = b->arena, .max = b->max };
}
