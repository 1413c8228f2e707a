/* str.c: the functions of <clef/base/str.h> that are not inline. */
#define _GNU_SOURCE /* memmem, memrchr */
#include <clef/base/buf.h>
#include <clef/base/str.h>

#include <stdio.h>

static unsigned char lower_byte(unsigned char c) { return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c; }
static bool is_space(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

int str_cmp(Str a, Str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static bool fold_eq(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i] && lower_byte((unsigned char)a[i]) != lower_byte((unsigned char)b[i]))
            return false;
    return true;
}

bool str_ieq(Str a, Str b) { return a.n == b.n && fold_eq(a.p, b.p, a.n); }
bool str_istarts(Str s, Str prefix) { return s.n >= prefix.n && fold_eq(s.p, prefix.p, prefix.n); }

size_t str_find(Str s, Str needle)
{
    if (needle.n == 0)
        return 0;
    if (needle.n > s.n)
        return STR_NPOS;
    const char *at = memmem(s.p, s.n, needle.p, needle.n);
    return at ? (size_t)(at - s.p) : STR_NPOS;
}

size_t str_find_byte(Str s, char byte)
{
    const char *at = s.n ? memchr(s.p, byte, s.n) : NULL;
    return at ? (size_t)(at - s.p) : STR_NPOS;
}

size_t str_rfind_byte(Str s, char byte)
{
    const char *at = s.n ? memrchr(s.p, byte, s.n) : NULL;
    return at ? (size_t)(at - s.p) : STR_NPOS;
}

Str str_trim(Str s)
{
    while (s.n && is_space((unsigned char)s.p[0]))
        s.p++, s.n--;
    while (s.n && is_space((unsigned char)s.p[s.n - 1]))
        s.n--;
    return s;
}

Str str_trim_set(Str s, Str set)
{
    while (s.n && str_find_byte(set, s.p[0]) != STR_NPOS)
        s.p++, s.n--;
    while (s.n && str_find_byte(set, s.p[s.n - 1]) != STR_NPOS)
        s.n--;
    return s;
}

bool str_cut(Str *s, char separator, Str *head)
{
    if (str_is_null(*s))
        return false;
    size_t at = str_find_byte(*s, separator);
    if (at == STR_NPOS) {
        *head = *s;
        *s = (Str){ 0 };
    } else {
        *head = (Str){ s->p, at };
        *s = (Str){ s->p + at + 1, s->n - at - 1 };
    }
    return true;
}

/* n + 1 bytes with the terminator set. More than memory can hold goes to the arena's limit handler. */
static char *room(Arena *a, size_t n)
{
    if (CLEF_UNLIKELY(n >= PTRDIFF_MAX)) {
        (void)arena_array(a, n, 2);
        __builtin_unreachable();
    }
    char *p = arena_alloc(a, n + 1);
    p[n] = 0;
    return p;
}

char *str_dup_c(Arena *a, Str s)
{
    char *p = room(a, s.n);
    if (s.n)
        memcpy(p, s.p, s.n);
    return p;
}

Str str_copy(Arena *a, Str s) { return str_is_null(s) ? s : (Str){ str_dup_c(a, s), s.n }; }

Str str_lower(Arena *a, Str s)
{
    char *p = room(a, s.n);
    for (size_t i = 0; i < s.n; i++)
        p[i] = (char)lower_byte((unsigned char)s.p[i]);
    return (Str){ p, s.n };
}

Str str_upper(Arena *a, Str s)
{
    char *p = room(a, s.n);
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 'a' + 'A') : s.p[i];
    return (Str){ p, s.n };
}

Str str_concat(Arena *a, Str x, Str y)
{
    size_t n;
    if (__builtin_add_overflow(x.n, y.n, &n))
        n = SIZE_MAX;
    char *p = room(a, n);
    if (x.n)
        memcpy(p, x.p, x.n);
    if (y.n)
        memcpy(p + x.n, y.p, y.n);
    return (Str){ p, n };
}

Str str_replace(Arena *a, Str s, Str from, Str to)
{
    if (from.n == 0)
        return s;
    Buf b = BUF_INIT(a, SIZE_MAX - 1);
    for (;;) {
        size_t at = str_find(s, from);
        if (at == STR_NPOS)
            break;
        buf_add(&b, s.p, at);
        buf_str(&b, to);
        s = str_from_byte(s, at + from.n);
    }
    buf_str(&b, s);
    return buf_view(&b);
}

Str str_format(Arena *a, const char *format, ...)
{
    Buf b = BUF_INIT(a, SIZE_MAX - 1);
    va_list args;
    va_start(args, format);
    buf_vprintf(&b, format, args);
    va_end(args);
    return buf_view(&b);
}

bool str_to_u64(Str s, uint64_t *out)
{
    if (s.n && s.p[0] == '+')
        s = str_from_byte(s, 1);
    if (s.n == 0)
        return false;
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';
        if (digit > 9 || __builtin_mul_overflow(v, (uint64_t)10, &v) || __builtin_add_overflow(v, (uint64_t)digit, &v))
            return false;
    }
    *out = v;
    return true;
}

bool str_to_i64(Str s, int64_t *out)
{
    bool negative = s.n && s.p[0] == '-';
    uint64_t v;
    if (negative && s.n > 1 && s.p[1] == '+')
        return false;
    if (!str_to_u64(negative ? str_from_byte(s, 1) : s, &v))
        return false;
    if (v > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool str_eq_secret(Str a, Str b)
{
    if (a.n != b.n)
        return false;
    volatile unsigned char different = 0;
    for (size_t i = 0; i < a.n; i++)
        different = (unsigned char)(different | ((unsigned char)a.p[i] ^ (unsigned char)b.p[i]));
    return different == 0;
}
