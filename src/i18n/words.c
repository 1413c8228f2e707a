/* words.c: text split, wrapped and joined. */
#include <clef/i18n/normalize.h>
#include <clef/i18n/text.h>
#include <clef/i18n/words.h>

#include "codec/text.h"
#include <clef/base/utf8.h>
#include <clef/base/vec.h>

static Buf text_buf(Arena *a)
{
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    buf_add(&b, "", 0);
    return b;
}

/* --- splitting */

static bool space_at(Str s, size_t i, size_t *step)
{
    uint32_t c;
    *step = text_char(s.p + i, s.n - i, &c);
    return c != TEXT_BAD && text_is_space(c);
}

TextWords text_words(Arena *a, Str s)
{
    VEC(Str) words = { 0 };
    for (size_t i = 0, from = 0, step = 1; i <= s.n; i += step) {
        if (i < s.n && !space_at(s, i, &step))
            continue;
        if (i > from)
            VEC_PUSH(a, &words, str_slice(s, from, i));
        from = i + step;
        step = i < s.n ? step : 1;
    }
    return (TextWords){ words.p, words.n };
}

/* The end of the quoted string that begins at i, or 0. A backslash takes the next character along, but not a newline. */
static size_t quoted_end(Str s, size_t i)
{
    char quote = s.p[i];
    for (i++; i < s.n; i++) {
        if (s.p[i] == quote)
            return i + 1;
        if (s.p[i] == '\\') {
            if (i + 1 >= s.n || s.p[i + 1] == '\n')
                return 0;
            i++;
        }
    }
    return 0;
}

TextWords smart_split(Arena *a, Str s)
{
    VEC(Str) words = { 0 };
    for (size_t i = 0, step; i < s.n;) {
        if (space_at(s, i, &step)) {
            i += step;
            continue;
        }
        size_t from = i, good = 0, end;
        for (;;) { /* runs without quotes, each followed by a quoted string */
            while (i < s.n && s.p[i] != '"' && s.p[i] != '\'' && !space_at(s, i, &step))
                i += step;
            if (good)
                good = i;
            if (i >= s.n || (s.p[i] != '"' && s.p[i] != '\'') || !(end = quoted_end(s, i)))
                break;
            good = i = end;
        }
        if (good) {
            i = good;
        } else {
            i = from;
            while (i < s.n && !space_at(s, i, &step))
                i += step;
        }
        VEC_PUSH(a, &words, str_slice(s, from, i));
    }
    return (TextWords){ words.p, words.n };
}

bool unescape_string_literal(Arena *a, Str s, Str *out)
{
    if (!s.n || (s.p[0] != '"' && s.p[0] != '\'') || s.p[s.n - 1] != s.p[0])
        return false;
    char escaped[2] = { '\\', s.p[0] };
    Str inside = str_slice(s, 1, s.n - 1);
    if (str_find_byte(inside, '\\') != STR_NPOS) {
        inside = str_replace(a, inside, (Str){ escaped, 2 }, str_slice(s, 0, 1));
        inside = str_replace(a, inside, STR("\\\\"), STR("\\"));
    }
    *out = inside;
    return true;
}

/* --- wrapping: Python's textwrap without breaking words */

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* `whole`: the line as it stood; it stays when nothing but white space is on it. */
static void wrap_line(Buf *b, Str line, Str whole, int64_t width, bool *first)
{
    bool any = false;
    size_t i = 0;
    while (i < line.n) {
        if (any)
            while (i < line.n && is_blank(line.p[i]))
                i++;
        if (i >= line.n)
            break;
        size_t end = i, keep = i, used = 0;
        while (end < line.n) { /* runs of white space and runs of the rest */
            size_t chunk = end;
            bool space = is_blank(line.p[end]);
            while (chunk < line.n && is_blank(line.p[chunk]) == space)
                chunk++;
            size_t n = utf8_count(str_slice(line, end, chunk));
            if (used + n > (uint64_t)width && !(end == i && n > (uint64_t)width))
                break;
            used += n;
            end = chunk;
            if (!space)
                keep = end;
            if (used > (uint64_t)width)
                break;
        }
        if (keep > i) {
            if (!*first)
                buf_byte(b, '\n');
            *first = false;
            any = true;
            buf_str(b, str_slice(line, i, keep));
        }
        i = end;
    }
    if (!any) {
        if (!*first)
            buf_byte(b, '\n');
        *first = false;
        buf_str(b, whole);
    }
}

static Str expand_tabs(Arena *a, Str s)
{
    if (str_find_byte(s, '\t') == STR_NPOS)
        return s;
    Buf b = text_buf(a);
    size_t column = 0;
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        if (utf8_next(s, &i) == '\t') {
            buf_fill(&b, ' ', 8 - column % 8);
            column += 8 - column % 8;
        } else {
            buf_add(&b, s.p + from, i - from);
            column++;
        }
    }
    return buf_view(&b);
}

/* The end of the line at i, as Python's splitlines has it; *behind is where the next one begins. */
static size_t line_end(Str s, size_t i, size_t *behind)
{
    for (size_t step; i < s.n; i += step) {
        uint32_t c;
        step = text_char(s.p + i, s.n - i, &c);
        if ((c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029) {
            *behind = i + step + (c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n');
            return i;
        }
    }
    *behind = s.n;
    return s.n;
}

bool text_wrap(Arena *a, Str s, int64_t width, Str *out)
{
    Buf b = text_buf(a);
    bool first = true;
    if (s.n && width <= 0)
        return false;
    for (size_t i = 0, behind; i < s.n; i = behind) {
        size_t end = line_end(s, i, &behind);
        Str line = str_slice(s, i, end);
        wrap_line(&b, expand_tabs(a, line), line, width, &first);
    }
    if (str_ends(s, STR("\n")))
        buf_byte(&b, '\n');
    *out = buf_view(&b);
    return true;
}

Str normalize_newlines(Arena *a, Str s)
{
    if (str_find_byte(s, '\r') == STR_NPOS)
        return s;
    Buf b = text_buf(a);
    for (size_t i = 0; i < s.n; i++) {
        bool cr = s.p[i] == '\r';
        buf_byte(&b, cr ? '\n' : s.p[i]);
        i += cr && i + 1 < s.n && s.p[i + 1] == '\n';
    }
    return buf_view(&b);
}

/* --- names and lists */

Str get_text_list(Arena *a, const Str *items, size_t n, Str comma, Str last)
{
    if (n < 2)
        return n ? items[0] : STR("");
    Buf b = text_buf(a);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 == n) {
            buf_byte(&b, ' ');
            buf_str(&b, last);
            buf_byte(&b, ' ');
        } else if (i) {
            buf_str(&b, comma);
        }
        buf_str(&b, items[i]);
    }
    return buf_view(&b);
}

Str phone2numeric(Arena *a, Str s)
{
    static const char digits[] = "22233344455566677778889999";
    Buf b = text_buf(a);
    s = text_lower(a, s);
    for (size_t i = 0; i < s.n; i++)
        buf_byte(&b, s.p[i] >= 'a' && s.p[i] <= 'z' ? digits[s.p[i] - 'a'] : s.p[i]);
    return buf_view(&b);
}

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

Str camel_case_to_spaces(Arena *a, Str s)
{
    Buf b = text_buf(a);
    for (size_t i = 0; i < s.n; i++) {
        bool after_lower = i && s.p[i - 1] >= 'a' && s.p[i - 1] <= 'z';
        bool at_end = i + 1 == s.n || (i + 2 == s.n && s.p[i + 1] == '\n');
        if (is_upper(s.p[i]) && (after_lower || (!at_end && !is_upper(s.p[i + 1]))))
            buf_byte(&b, ' ');
        buf_byte(&b, s.p[i]);
    }
    return text_lower(a, text_strip(buf_view(&b)));
}

bool get_valid_filename(Arena *a, Str s, Str *out)
{
    Buf b = text_buf(a);
    s = text_strip(s);
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t step = text_char(s.p + i, s.n - i, &c);
        if (c == ' ')
            buf_byte(&b, '_');
        else if (c == '-' || c == '.' || (c != TEXT_BAD && text_is_word(c)))
            buf_add(&b, s.p + i, step);
        i += step;
    }
    *out = buf_view(&b);
    return out->n && !str_eq(*out, STR(".")) && !str_eq(*out, STR(".."));
}

Str slugify_unicode(Arena *a, Str s)
{
    s = text_lower(a, text_normalize(a, s, TEXT_NFKC));
    Buf b = text_buf(a);
    bool gap = false;
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t step = text_char(s.p + i, s.n - i, &c);
        if (c == '-' || (c != TEXT_BAD && text_is_space(c))) {
            gap = true;
        } else if (c != TEXT_BAD && text_is_word(c)) {
            if (gap)
                buf_byte(&b, '-');
            gap = false;
            buf_add(&b, s.p + i, step);
        }
        i += step;
    }
    return str_trim_set(buf_view(&b), STR("-_"));
}
