/* text.c: letter case, ASCII forms and slugs. */
#include <clef/i18n/text.h>

#include "codec/text.h"
#include "i18n/unicode_tables.h"

static uint32_t find_pair(const UnicodePair *p, size_t n, uint32_t c)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (p[middle].from < c)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo < n && p[lo].from == c ? p[lo].to : 0;
}

static const char *find_special(uint32_t c, UnicodeCase kind)
{
    size_t lo = 0, hi = unicode_special_n;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (unicode_special[middle].from < c)
            lo = middle + 1;
        else
            hi = middle;
    }
    for (; lo < unicode_special_n && unicode_special[lo].from == c; lo++)
        if (unicode_special[lo].kind == kind)
            return unicode_special[lo].text;
    return NULL;
}

static bool is_cased(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return find_pair(unicode_lower, unicode_lower_n, c) || find_pair(unicode_upper, unicode_upper_n, c) ||
           find_special(c, UNICODE_UPPER) || c == 0xaa || c == 0xba || c == 0x138 || c == 0x149;
}

static bool add_mapped(Buf *b, uint32_t c, UnicodeCase kind)
{
    if (c < 0x80) {
        bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
        return buf_byte(b, (char)(kind == UNICODE_LOWER ? (upper ? c + 32 : c) : lower ? c - 32 : c));
    }
    const char *special = find_special(c, kind);
    if (special)
        return buf_c(b, special);
    uint32_t to = 0;
    if (kind == UNICODE_LOWER)
        to = find_pair(unicode_lower, unicode_lower_n, c);
    else if (kind == UNICODE_TITLE)
        to = find_pair(unicode_title, unicode_title_n, c);
    if (kind != UNICODE_LOWER && !to)
        to = find_pair(unicode_upper, unicode_upper_n, c);
    return text_add(b, to ? to : c);
}

/* Whether the sigma that ends at `at` ends its word: a cased letter stands before it, none behind. */
static bool is_final_sigma(Str s, bool after_cased, size_t at)
{
    uint32_t c;
    if (!after_cased || at >= s.n)
        return after_cased;
    text_char(s.p + at, s.n - at, &c);
    return !is_cased(c);
}

static Str mapped(Arena *a, Str s, UnicodeCase first, UnicodeCase rest, bool words)
{
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    buf_reserve(&b, s.n + 1);
    buf_add(&b, "", 0);
    bool inside = false, cased = false;
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t step = text_char(s.p + i, s.n - i, &c);
        UnicodeCase kind = inside ? rest : first;
        if (c == TEXT_BAD)
            buf_add(&b, s.p + i, step);
        else if (c == 0x3a3 && kind == UNICODE_LOWER && is_final_sigma(s, cased, i + step))
            text_add(&b, 0x3c2);
        else
            add_mapped(&b, c, kind);
        cased = c != TEXT_BAD && is_cased(c);
        inside = words ? cased : true;
        i += step;
    }
    return buf_view(&b);
}

Str text_lower(Arena *a, Str s) { return mapped(a, s, UNICODE_LOWER, UNICODE_LOWER, false); }
Str text_upper(Arena *a, Str s) { return mapped(a, s, UNICODE_UPPER, UNICODE_UPPER, false); }
Str text_title(Arena *a, Str s) { return mapped(a, s, UNICODE_TITLE, UNICODE_LOWER, true); }
Str text_capitalize(Arena *a, Str s) { return mapped(a, s, UNICODE_TITLE, UNICODE_LOWER, false); }

Str text_capfirst(Arena *a, Str s)
{
    uint32_t c;
    if (s.n == 0)
        return s;
    size_t step = text_char(s.p, s.n, &c);
    Str first = text_upper(a, str_slice(s, 0, step));
    return str_eq(first, str_slice(s, 0, step)) ? s : str_concat(a, first, str_from_byte(s, step));
}

Str text_to_ascii(Arena *a, Str s)
{
    if (text_ascii_run(s) == s.n)
        return s;
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    buf_add(&b, "", 0);
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t lo = 0, hi = unicode_ascii_n;
        i += text_char(s.p + i, s.n - i, &c);
        if (c < 0x80) {
            buf_byte(&b, (char)c);
            continue;
        }
        while (lo < hi) {
            size_t middle = lo + (hi - lo) / 2;
            if (unicode_ascii[middle].from < c)
                lo = middle + 1;
            else
                hi = middle;
        }
        if (lo < unicode_ascii_n && unicode_ascii[lo].from == c)
            buf_c(&b, unicode_ascii[lo].text);
    }
    return buf_view(&b);
}

Str slugify(Arena *a, Str s)
{
    s = text_to_ascii(a, s);
    Buf b = BUF_INIT(a, s.n + 1);
    buf_add(&b, "", 0);
    bool gap = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (word) {
            if (gap)
                buf_byte(&b, '-');
            gap = false;
            buf_byte(&b, c);
        } else if (c == '-' || c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f)) {
            gap = true;
        }
    }
    if (gap)
        buf_byte(&b, '-');
    return str_trim_set(buf_view(&b), STR("-_"));
}
