/* percent.c: percent-encoding and its Django conversions (see <clef/codec/url.h>). */
#include <clef/base/utf8.h>
#include <clef/codec/charset.h>
#include <clef/codec/url.h>

#include "codec/text.h"

/* A set of bytes, a bit each. */
typedef struct ByteSet {
    uint64_t w[4];
} ByteSet;

/* Letters, digits and _ . - ~ */
#define UNRESERVED ((ByteSet){ { 0x03ff600000000000, 0x47fffffe87fffffe, 0, 0 } })

static inline bool in_set(const ByteSet *set, char c)
{
    unsigned char b = (unsigned char)c;
    return set->w[b >> 6] >> (b & 63) & 1;
}

static ByteSet set_with(Str safe)
{
    ByteSet set = UNRESERVED;
    for (size_t i = 0; i < safe.n; i++) {
        unsigned char b = (unsigned char)safe.p[i];
        if (b < 0x80)
            set.w[b >> 6] |= (uint64_t)1 << (b & 63);
    }
    return set;
}

static bool percent_add(Buf *out, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    char b[3] = { '%', digits[(unsigned char)c >> 4], digits[(unsigned char)c & 15] };
    return buf_add(out, b, 3);
}

static bool quote_set_add(Buf *out, Str s, const ByteSet *set, bool plus)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (in_set(set, s.p[i]))
            continue;
        buf_add(out, s.p + from, i - from);
        from = i + 1;
        if (plus && s.p[i] == ' ')
            buf_byte(out, '+');
        else
            percent_add(out, s.p[i]);
    }
    return buf_add(out, s.p + from, s.n - from);
}

static Str quote_set(Arena *a, Str s, const ByteSet *set, bool plus)
{
    size_t i = 0;
    while (i < s.n && in_set(set, s.p[i]))
        i++;
    if (i == s.n)
        return s;
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    quote_set_add(&b, s, set, plus);
    return buf_view(&b);
}

bool url_quote_add(Buf *out, Str s, Str safe)
{
    ByteSet set = set_with(safe);
    return quote_set_add(out, s, &set, false);
}

bool url_quote_plus_add(Buf *out, Str s, Str safe)
{
    ByteSet set = set_with(safe);
    return quote_set_add(out, s, &set, str_find_byte(safe, ' ') == STR_NPOS);
}

Str url_quote(Arena *a, Str s, Str safe)
{
    ByteSet set = set_with(safe);
    return quote_set(a, s, &set, false);
}

Str url_quote_plus(Arena *a, Str s, Str safe)
{
    ByteSet set = set_with(safe);
    set.w[0] &= ~((uint64_t)1 << ' ');
    return quote_set(a, s, &set, true);
}

/* Decodes into new memory of s.n bytes at most. */
static Str unquote_bytes(Arena *a, Str s, bool plus)
{
    size_t i = str_find_byte(s, '%');
    if (plus) {
        size_t space = str_find_byte(str_slice(s, 0, i), '+');
        if (space != STR_NPOS)
            i = space;
    }
    if (i == STR_NPOS)
        return s;
    char *out = str_dup_c(a, s);
    size_t n = i;
    while (i < s.n) {
        char c = s.p[i++];
        int high, low;
        if (c == '+' && plus)
            c = ' ';
        else if (c == '%' && s.n - i >= 2 && (high = hex_digit(s.p[i])) >= 0 && (low = hex_digit(s.p[i + 1])) >= 0) {
            c = (char)(high << 4 | low);
            i += 2;
        }
        out[n++] = c;
    }
    out[n] = 0;
    return str_from(out, n);
}

Str url_unquote_bytes(Arena *a, Str s) { return unquote_bytes(a, s, false); }
Str url_unquote(Arena *a, Str s) { return charset_decode(a, unquote_bytes(a, s, false), CHARSET_UTF8); }
Str url_unquote_plus(Arena *a, Str s) { return charset_decode(a, unquote_bytes(a, s, true), CHARSET_UTF8); }

Str iri_to_uri(Arena *a, Str iri) { return url_quote(a, iri, STR("/#%[]=:;$&()+,!?*@'~")); }
Str escape_uri_path(Arena *a, Str path) { return url_quote(a, path, STR("/:@&+$,-_.!~*'()")); }

Str filepath_to_uri(Arena *a, Str path)
{
    if (str_find_byte(path, '\\') != STR_NPOS)
        path = str_replace(a, path, STR("\\"), STR("/"));
    return url_quote(a, path, STR("/~!*()'"));
}

Str escape_leading_slashes(Arena *a, Str url)
{
    return str_starts(url, STR("//")) ? str_concat(a, STR("/%2F"), str_from_byte(url, 2)) : url;
}

Str repercent_broken_unicode(Arena *a, Str path)
{
    if (utf8_valid(path))
        return path;
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    for (size_t i = 0; i < path.n;) {
        uint32_t code;
        size_t n = text_char(path.p + i, path.n - i, &code);
        if (code != TEXT_BAD)
            buf_add(&b, path.p + i, n);
        else
            for (size_t k = 0; k < n; k++)
                percent_add(&b, path.p[i + k]);
        i += n;
    }
    return buf_view(&b);
}

Str uri_to_iri(Arena *a, Str uri)
{
    size_t at = str_find_byte(uri, '%');
    if (at == STR_NPOS)
        return repercent_broken_unicode(a, uri);
    /* Digits stay escaped, as in Django, although RFC 3986 calls them unreserved. */
    ByteSet decoded = UNRESERVED;
    decoded.w[0] &= ~(uint64_t)0x03ff000000000000;
    char *out = str_dup_c(a, uri);
    size_t n = at;
    for (size_t i = at; i < uri.n;) {
        int high, low;
        if (uri.p[i] == '%' && uri.n - i >= 3 && (high = hex_digit(uri.p[i + 1])) >= 0 &&
            (low = hex_digit(uri.p[i + 2])) >= 0) {
            char c = (char)(high << 4 | low);
            if (high >= 8 || in_set(&decoded, c)) {
                out[n++] = c;
                i += 3;
                continue;
            }
        }
        out[n++] = uri.p[i++];
    }
    out[n] = 0;
    return repercent_broken_unicode(a, str_from(out, n));
}
