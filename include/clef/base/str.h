/*
 * str.h: strings by value. A Str is a view of bytes that somebody else owns (a literal, an arena, a receive buffer); it
 * is passed and returned by value and lives as long as those bytes. {0} is the NULL string, different from "" only where
 * a function says so (str_is_null). What Clef allocates is NUL-terminated too, so s.p may go to a C function when the
 * string came from an arena; a slice of a longer string is not terminated.
 *
 * Functions that take no arena return a view into their argument. Functions that take one return new, terminated memory
 * in it. Indexes and lengths are in bytes; case folding here is ASCII only (text of a language belongs to i18n).
 */
#ifndef CLEF_BASE_STR_H
#define CLEF_BASE_STR_H

#include <clef/base/api.h>
#include <string.h>

typedef struct Arena Arena;
typedef struct Str {
    const char *p;
    size_t n;
} Str;

/* HTML-safe text: a type of its own, so that text cannot get into markup unescaped by mistake. */
typedef struct SafeStr {
    Str s;
} SafeStr;

/* A literal as a Str, in expressions and in static tables. */
#define STR(literal) ((Str){ "" literal, sizeof(literal) - 1 })

/* For "%.*s": printf("%.*s", STR_FMT(s)). Shows at most INT_MAX bytes. */
#define STR_FMT(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), (s).p ? (s).p : ""

#define STR_NPOS ((size_t)-1)

static inline Str str_from(const char *p, size_t n) { return (Str){ p, n }; }
static inline Str str_c(const char *p) { return (Str){ p, p ? strlen(p) : 0 }; }
static inline bool str_is_null(Str s) { return s.p == NULL; }
static inline bool str_empty(Str s) { return s.n == 0; }

/* memcmp(a, b, n) == 0 without a call for names and other short texts: up to 16 bytes are two loads that may overlap. */
static inline bool bytes_same(const char *a, const char *b, size_t n)
{
    uint64_t x8, y8;
    uint32_t x4, y4;
    uint16_t x2, y2;
    if (n > 16)
        return memcmp(a, b, n) == 0;
    if (n >= 8) {
        uint64_t diff = (memcpy(&x8, a, 8), memcpy(&y8, b, 8), x8 ^ y8);
        return (diff | (memcpy(&x8, a + n - 8, 8), memcpy(&y8, b + n - 8, 8), x8 ^ y8)) == 0;
    }
    if (n >= 4) {
        uint32_t diff = (memcpy(&x4, a, 4), memcpy(&y4, b, 4), x4 ^ y4);
        return (diff | (memcpy(&x4, a + n - 4, 4), memcpy(&y4, b + n - 4, 4), x4 ^ y4)) == 0;
    }
    if (n >= 2) {
        unsigned diff = (unsigned)((memcpy(&x2, a, 2), memcpy(&y2, b, 2), x2 ^ y2));
        return (diff | (unsigned)((memcpy(&x2, a + n - 2, 2), memcpy(&y2, b + n - 2, 2), x2 ^ y2))) == 0;
    }
    return n == 0 || *a == *b;
}

static inline bool str_eq(Str a, Str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
static inline bool str_starts(Str s, Str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}
static inline bool str_ends(Str s, Str suffix)
{
    return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}
/* The part from byte `from` up to byte `to`; both are cut to the length. */
static inline Str str_slice(Str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    return from >= to ? (Str){ s.p ? s.p + (from < s.n ? from : s.n) : NULL, 0 } : (Str){ s.p + from, to - from };
}
static inline Str str_from_byte(Str s, size_t from) { return str_slice(s, from, s.n); }

/* Order by bytes, then by length: negative, 0 or positive, as memcmp. */
CLEF_API(int, str_cmp, Str a, Str b) CLEF_PURE;
/* Equal when ASCII letters are folded. */
CLEF_API(bool, str_ieq, Str a, Str b) CLEF_PURE;
CLEF_API(bool, str_istarts, Str s, Str prefix) CLEF_PURE;
/* Where `needle` (or the byte) first or last stands in s, or STR_NPOS. An empty needle is found at 0. */
CLEF_API(size_t, str_find, Str s, Str needle) CLEF_PURE;
CLEF_API(size_t, str_find_byte, Str s, char byte) CLEF_PURE;
CLEF_API(size_t, str_rfind_byte, Str s, char byte) CLEF_PURE;
static inline bool str_contains(Str s, Str needle) { return str_find(s, needle) != STR_NPOS; }

/* Without ASCII white space (space, \t \n \v \f \r) at both ends; without the bytes of `set`. */
CLEF_API(Str, str_trim, Str s) CLEF_PURE;
CLEF_API(Str, str_trim_set, Str s, Str set) CLEF_PURE;

/*
 * Cuts s at the first `separator` byte: *head is what stands before it, *s becomes what follows. At the last piece *s
 * becomes the NULL string. False when *s was the NULL string already. So `while (str_cut(&rest, ',', &piece))` visits
 * every piece, the empty ones too, and visits "" once.
 */
CLEF_API(bool, str_cut, Str *s, char separator, Str *head);

/* A terminated copy in the arena. The NULL string stays NULL. */
CLEF_API(Str, str_copy, Arena *a, Str s);
/* The same as a C string; a NULL string gives "". */
CLEF_API(char *, str_dup_c, Arena *a, Str s) CLEF_NONNULL;
CLEF_API(Str, str_lower, Arena *a, Str s);
CLEF_API(Str, str_upper, Arena *a, Str s);
CLEF_API(Str, str_concat, Arena *a, Str x, Str y);
CLEF_API(Str, str_replace, Arena *a, Str s, Str from, Str to);
CLEF_API(Str, str_format, Arena *a, const char *format, ...) CLEF_PRINTF(2, 3);

/*
 * A decimal integer over the whole of s: an optional sign, then digits. False (and *out unchanged) for anything else,
 * and for what does not fit.
 */
CLEF_API(bool, str_to_i64, Str s, int64_t *out) CLEF_MUST_USE;
CLEF_API(bool, str_to_u64, Str s, uint64_t *out) CLEF_MUST_USE;

/* Equal, compared in time that depends on the lengths only: for secrets and signatures. */
CLEF_API(bool, str_eq_secret, Str a, Str b);

#endif
