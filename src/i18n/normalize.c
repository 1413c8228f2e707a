/*
 * normalize.c: decompose, put marks into their order, compose. A starter with the marks behind it is worked on as a
 * whole in one growing array of code points, so that a long run of marks costs n log n, not n squared.
 */
#include <clef/i18n/normalize.h>

#include "codec/text.h"
#include "i18n/unicode_forms.h"
#include <clef/base/vec.h>

enum {
    HANGUL = 0xac00,
    HANGUL_L = 0x1100,
    HANGUL_V = 0x1161,
    HANGUL_T = 0x11a7,
    HANGUL_LS = 19,
    HANGUL_VS = 21,
    HANGUL_TS = 28,
    HANGUL_SYLLABLES = HANGUL_LS * HANGUL_VS * HANGUL_TS
};

static uint32_t find_range(const UnicodeRange *p, size_t n, uint32_t c)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (p[middle].to < c)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo < n && p[lo].from <= c ? p[lo].value : 0;
}

unsigned text_combining(uint32_t c) { return c < 0x300 ? 0 : find_range(unicode_combining, unicode_combining_n, c); }

bool text_is_alnum(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return find_range(unicode_alnum, unicode_alnum_n, c) != 0;
}

typedef struct Mark {
    uint32_t c, class;
} Mark;

typedef struct Run {
    Arena *arena;
    VEC(Mark) marks; /* one starter and what follows it; or marks alone */
    VEC(Mark) room;
    Buf *out;
} Run;

static uint32_t compose(uint32_t a, uint32_t b)
{
    if (a >= HANGUL_L && a < HANGUL_L + HANGUL_LS && b >= HANGUL_V && b < HANGUL_V + HANGUL_VS)
        return HANGUL + ((a - HANGUL_L) * HANGUL_VS + (b - HANGUL_V)) * HANGUL_TS;
    if (a >= HANGUL && a < HANGUL + HANGUL_SYLLABLES && (a - HANGUL) % HANGUL_TS == 0 && b > HANGUL_T &&
        b < HANGUL_T + HANGUL_TS)
        return a + (b - HANGUL_T);
    size_t lo = 0, hi = unicode_compositions_n;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        const UnicodeComposition *x = &unicode_compositions[middle];
        if (x->first < a || (x->first == a && x->second < b))
            lo = middle + 1;
        else
            hi = middle;
    }
    const UnicodeComposition *x = &unicode_compositions[lo];
    return lo < unicode_compositions_n && x->first == a && x->second == b ? x->to : 0;
}

/* Stable, by class: from the bottom up, between two arrays. */
static void sort_marks(Run *r, size_t from)
{
    size_t n = r->marks.n - from;
    bool sorted = true;
    for (size_t i = 1; i < n && sorted; i++)
        sorted = r->marks.p[from + i - 1].class <= r->marks.p[from + i].class;
    if (sorted)
        return;
    while (r->room.n < n)
        VEC_PUSH(r->arena, &r->room, (Mark){ 0, 0 });
    Mark *a = r->marks.p + from, *b = r->room.p;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width) {
            size_t x = i, middle = i + width < n ? i + width : n, y = middle,
                   end = i + 2 * width < n ? i + 2 * width : n;
            for (size_t k = i; k < end; k++)
                b[k] = x < middle && (y >= end || a[x].class <= a[y].class) ? a[x++] : a[y++];
        }
        Mark *swap = a;
        a = b;
        b = swap;
    }
    if (a != r->marks.p + from)
        memcpy(r->marks.p + from, a, n * sizeof *a);
}

/* Sorts and composes what is there. */
static void settle(Run *r)
{
    Mark *m = r->marks.p;
    bool starter = m[0].class == 0;
    sort_marks(r, starter ? 1 : 0);
    if (!starter)
        return;
    size_t kept = 1;
    uint32_t last = 0; /* the class of the last mark that was kept */
    for (size_t i = 1; i < r->marks.n; i++) {
        uint32_t to = kept == 1 || last < m[i].class ? compose(m[0].c, m[i].c) : 0;
        if (to) {
            m[0].c = to;
        } else {
            last = m[i].class;
            m[kept++] = m[i];
        }
    }
    r->marks.n = kept;
}

static void write_marks(Run *r)
{
    for (size_t i = 0; i < r->marks.n; i++)
        text_add(r->out, r->marks.p[i].c);
    r->marks.n = 0;
}

static void flush(Run *r)
{
    if (r->marks.n)
        settle(r);
    write_marks(r);
}

static void take(Run *r, uint32_t c)
{
    Mark m = { c, text_combining(c) };
    if (m.class == 0 && r->marks.n) {
        settle(r);
        uint32_t to = r->marks.n == 1 && r->marks.p[0].class == 0 ? compose(r->marks.p[0].c, c) : 0;
        if (to) {
            r->marks.p[0].c = to;
            return;
        }
        write_marks(r);
    }
    VEC_PUSH(r->arena, &r->marks, m);
}

static void decompose(Run *r, uint32_t c, TextForm form)
{
    if (c >= HANGUL && c < HANGUL + HANGUL_SYLLABLES) {
        take(r, c);
        return;
    }
    size_t lo = 0, hi = unicode_decompositions_n;
    while (c >= 0x80 && lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (unicode_decompositions[middle].from < c)
            lo = middle + 1;
        else
            hi = middle;
    }
    const UnicodeForm *found = NULL;
    for (; c >= 0x80 && lo < unicode_decompositions_n && unicode_decompositions[lo].from == c; lo++)
        if (form == TEXT_NFKC || !unicode_decompositions[lo].compatibility)
            found = &unicode_decompositions[lo];
    if (!found)
        take(r, c);
    for (size_t i = 0; found && i < found->n; i++)
        take(r, unicode_pool[found->at + i]);
}

Str text_normalize(Arena *a, Str s, TextForm form)
{
    if (text_ascii_run(s) == s.n)
        return s;
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    buf_reserve(&b, s.n + 1);
    buf_add(&b, "", 0);
    Run r = { .arena = a, .out = &b };
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t step = text_char(s.p + i, s.n - i, &c);
        if (c == TEXT_BAD) {
            flush(&r);
            buf_add(&b, s.p + i, step);
        } else {
            decompose(&r, c, form);
        }
        i += step;
    }
    flush(&r);
    return buf_view(&b);
}
