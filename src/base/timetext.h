/* timetext.h: small readers and writers that the date and time files share. */
#ifndef CLEF_BASE_TIMETEXT_H
#define CLEF_BASE_TIMETEXT_H

#include <clef/base/datetime.h>

/* Two digits of v (0 to 99), at p. */
static inline void put2(char *p, int v)
{
    p[0] = (char)('0' + v / 10);
    p[1] = (char)('0' + v % 10);
}

static inline void put4(char *p, int v)
{
    put2(p, v / 100);
    put2(p + 2, v % 100);
}

static inline void put6(char *p, int v)
{
    put2(p, v / 10000);
    put4(p + 2, v % 10000);
}

static inline bool is_digit(char c) { return (unsigned char)(c - '0') <= 9; }

/* A place in a text; a reader that fails leaves it as it was. */
typedef struct Reader {
    const char *p, *end;
} Reader;

static inline Reader reader_of(Str s) { return (Reader){ s.p, s.n ? s.p + s.n : s.p }; }
static inline bool reader_done(const Reader *r) { return r->p == r->end; }
/* At the end, or before a final newline: where `$` matches in Python's patterns. */
static inline bool reader_at_dollar(const Reader *r) { return r->p == r->end || (r->end - r->p == 1 && *r->p == '\n'); }
static inline bool reader_byte(Reader *r, char c)
{
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}
/* From `least` to `most` digits, as many as there are, into *out; `most` is at most 9. */
static inline bool reader_int(Reader *r, int least, int most, int *out)
{
    int v = 0, n = 0;
    while (n < most && r->p + n != r->end && is_digit(r->p[n])) {
        v = v * 10 + (r->p[n] - '0');
        n++;
    }
    if (n < least)
        return false;
    r->p += n;
    *out = v;
    return true;
}
/* 1 to `most` digits of a fraction of a second, in microseconds; those past the sixth are read and dropped. */
static inline bool reader_fraction(Reader *r, size_t most, int *out)
{
    int v = 0;
    size_t n = 0;
    while (n < most && r->p + n != r->end && is_digit(r->p[n])) {
        if (n < 6)
            v = v * 10 + (r->p[n] - '0');
        n++;
    }
    if (n == 0)
        return false;
    for (size_t i = n; i < 6; i++)
        v *= 10;
    r->p += n;
    *out = v;
    return true;
}

#endif
