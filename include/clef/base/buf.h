/*
 * buf.h: text and bytes under construction. A Buf grows up to a maximum that its owner must name; an append that would
 * pass it changes nothing, sets `failed` for good, and returns false, so that a run of appends needs one check at its
 * end. The bytes at p are always NUL-terminated once anything was appended.
 *
 * With an arena the memory is the arena's (nothing to finish; the limit handler of the arena applies as well). Without
 * one it comes from the heap, an exhausted heap counts as failed, and buf_finish frees it.
 */
#ifndef CLEF_BASE_BUF_H
#define CLEF_BASE_BUF_H

#include <clef/base/arena.h>
#include <clef/base/str.h>
#include <stdarg.h>

typedef struct Buf {
    char *p;      /* read-only for users: the bytes, p[n] == 0; NULL while nothing was appended */
    size_t n;     /* length; may be lowered by hand (buf_truncate) */
    size_t cap;   /* private: bytes at p */
    size_t max;   /* the largest n */
    Arena *arena; /* NULL: heap */
    bool failed;  /* an append did not fit */
} Buf;

#define BUF_INIT(arena_, max_) ((Buf){ .arena = (arena_), .max = (max_) })

/* Room for n more bytes at p + b->n without a further check; the caller then raises b->n. False when it cannot be. */
CLEF_API(bool, buf_reserve_slow, Buf *b, size_t n) CLEF_COLD;
static inline bool buf_reserve(Buf *b, size_t n)
{
    return CLEF_LIKELY(b->cap > b->n && n < b->cap - b->n && !b->failed) || buf_reserve_slow(b, n);
}
static inline bool buf_add(Buf *b, const void *p, size_t n)
{
    if (CLEF_UNLIKELY(!buf_reserve(b, n)))
        return false;
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = 0;
    return true;
}
static inline bool buf_str(Buf *b, Str s) { return buf_add(b, s.p, s.n); }
static inline bool buf_byte(Buf *b, char c)
{
    if (CLEF_UNLIKELY(!buf_reserve(b, 1)))
        return false;
    b->p[b->n++] = c;
    b->p[b->n] = 0;
    return true;
}
#define BUF_LIT(b, literal) buf_add((b), "" literal, sizeof(literal) - 1)

CLEF_API(bool, buf_c, Buf *b, const char *text);
CLEF_API(bool, buf_printf, Buf *b, const char *format, ...) CLEF_PRINTF(2, 3);
CLEF_API(bool, buf_vprintf, Buf *b, const char *format, va_list args) CLEF_PRINTF(2, 0);
CLEF_API(bool, buf_i64, Buf *b, int64_t v);
CLEF_API(bool, buf_u64, Buf *b, uint64_t v);
/* The digits of v, with its sign, at `to`: room for I64_TEXT_MAX bytes; behind them. No NUL. */
#define I64_TEXT_MAX 20
CLEF_API(char *, i64_put, char *to, int64_t v);
CLEF_API(bool, buf_fill, Buf *b, char c, size_t n);
/* Takes the first n bytes away. */
CLEF_API(void, buf_consume, Buf *b, size_t n);
static inline void buf_truncate(Buf *b, size_t n)
{
    if (n < b->n)
        b->p[b->n = n] = 0;
}
static inline Str buf_view(const Buf *b) { return b->p ? (Str){ b->p, b->n } : (Str){ "", 0 }; }
/* Forgets the bytes and the failure, keeps the memory. */
static inline void buf_clear(Buf *b)
{
    b->n = 0;
    b->failed = false;
}
/* Frees heap memory and empties the Buf; nothing to do with an arena. */
CLEF_API(void, buf_finish, Buf *b);

#endif
