/* truncate.c: text and markup cut to a length. */
#include <clef/i18n/normalize.h>
#include <clef/i18n/truncate.h>
#include <clef/i18n/words.h>

#include "codec/html_tokens.h"
#include "codec/text.h"
#include <clef/base/utf8.h>
#include <clef/base/vec.h>
#include <clef/codec/html.h>

#define PLACE STR("%(truncated_text)s")

static Str with_mark(Arena *a, Str s, Str mark)
{
    if (str_is_null(mark))
        mark = STR("\xe2\x80\xa6");
    if (str_contains(mark, PLACE))
        return str_replace(a, mark, PLACE, s);
    return str_ends(s, mark) ? s : str_concat(a, s, mark);
}

/* The length that is left beside the mark. */
static int64_t without_mark(Arena *a, int64_t length, Str mark)
{
    Str s = with_mark(a, STR(""), mark);
    for (size_t i = 0; i < s.n && length > 0;)
        length -= text_combining(utf8_next(s, &i)) == 0;
    return length;
}

Str text_truncate_chars(Arena *a, Str s, int64_t length, Str mark)
{
    if (length <= 0)
        return STR("");
    s = text_normalize(a, s, TEXT_NFC);
    if (s.n <= (uint64_t)length)
        return s;
    int64_t room = without_mark(a, length, mark), n = 0;
    size_t cut = 0;
    bool have = false;
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        if (text_combining(utf8_next(s, &i)))
            continue;
        n++;
        if (!have && n > room) {
            cut = from;
            have = true;
        }
        if (n > length)
            return with_mark(a, str_slice(s, 0, cut), mark);
    }
    return s;
}

static Str join_words(Arena *a, TextWords w, uint64_t most)
{
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    buf_add(&b, "", 0);
    for (size_t i = 0; i < w.n && i < most; i++) {
        if (i)
            buf_byte(&b, ' ');
        buf_str(&b, w.p[i]);
    }
    return buf_view(&b);
}

Str text_truncate_words(Arena *a, Str s, int64_t length, Str mark)
{
    if (length <= 0)
        return STR("");
    TextWords w = text_words(a, s);
    Str kept = join_words(a, w, (uint64_t)length);
    return w.n > (uint64_t)length ? with_mark(a, kept, mark) : kept;
}

/* --- markup */

typedef struct Cut {
    Arena *arena;
    Buf out;
    size_t out_chars; /* of `out`, counted up to out_seen */
    size_t out_seen;
    VEC(Str) open; /* elements */
    int64_t length, left;
    uint64_t seen; /* characters of text so far */
    size_t source_chars;
    Str mark;
    bool words;
} Cut;

/* Parts at white space that stands between other characters; white space at the ends stays with its part. */
static TextWords parts_of(Arena *a, Str s)
{
    VEC(Str) parts = { 0 };
    size_t from = 0;
    bool black = false;
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t start = i;
        i += text_char(s.p + i, s.n - i, &c);
        if (c == TEXT_BAD || !text_is_space(c)) {
            black = true;
            continue;
        }
        bool ends = false;
        while (i < s.n) {
            size_t step = text_char(s.p + i, s.n - i, &c);
            if (c == TEXT_BAD || !text_is_space(c)) {
                ends = true;
                break;
            }
            i += step;
        }
        if (black && ends) {
            VEC_PUSH(a, &parts, str_slice(s, from, start));
            from = i;
        }
    }
    VEC_PUSH(a, &parts, str_from_byte(s, from));
    return (TextWords){ parts.p, parts.n };
}

static size_t count_out(Cut *c)
{
    c->out_chars += utf8_count(str_slice(buf_view(&c->out), c->out_seen, c->out.n));
    c->out_seen = c->out.n;
    return c->out_chars;
}

/* False when the length is reached. */
static bool take_text(Cut *c, Str s)
{
    uint64_t n;
    Str kept;
    if (c->words) {
        TextWords parts = parts_of(c->arena, s);
        n = parts.n;
        kept = join_words(c->arena, parts, (uint64_t)c->left);
    } else {
        n = utf8_count(s);
        c->seen += n;
        if (c->seen == (uint64_t)c->length && count_out(c) + n == c->source_chars) {
            buf_str(&c->out, s);
            return false;
        }
        kept = utf8_slice(s, 0, (uint64_t)c->left < n ? (size_t)c->left : (size_t)n);
    }
    kept = html_escape(c->arena, kept).s;
    if ((uint64_t)c->left < n) {
        buf_str(&c->out, with_mark(c->arena, kept, c->mark));
        return false;
    }
    c->left -= (int64_t)n;
    buf_str(&c->out, kept);
    return true;
}

static void add_end(Cut *c, Str name)
{
    Str lower = str_lower(c->arena, name);
    BUF_LIT(&c->out, "</");
    buf_str(&c->out, lower);
    buf_byte(&c->out, '>');
    if (c->open.n && str_eq(VEC_LAST(&c->open), lower))
        c->open.n--;
}

static bool take_token(Cut *c, const HtmlToken *t)
{
    switch (t->kind) {
    case HTML_TEXT:
        return take_text(c, html_unescape(c->arena, t->source));
    case HTML_RAW_TEXT:
        return take_text(c, t->source);
    case HTML_START:
    case HTML_START_END:
        buf_str(&c->out, t->source);
        if (!html_is_void(t->name))
            VEC_PUSH(c->arena, &c->open, str_lower(c->arena, t->name));
        if (t->kind == HTML_START_END && !html_is_void(t->name))
            add_end(c, t->name);
        return true;
    case HTML_END:
        if (!html_is_void(t->name))
            add_end(c, t->name);
        return true;
    default:
        return true;
    }
}

static Str truncate_html(Arena *a, Str s, int64_t length, Str mark, bool words)
{
    if (length <= 0)
        return STR("");
    if (!words)
        s = text_normalize(a, s, TEXT_NFC);
    Cut c = { .arena = a, .out = BUF_INIT(a, TEXT_SIZE_MAX), .length = length, .mark = mark, .words = words };
    c.left = words ? length : without_mark(a, length, mark);
    c.source_chars = words ? 0 : utf8_count(s);
    buf_reserve(&c.out, s.n < 4096 ? s.n + 1 : 4096);
    buf_add(&c.out, "", 0);
    HtmlTokens tokens = { .s = s };
    for (HtmlToken t; html_tokens_next(&tokens, &t);)
        if (!take_token(&c, &t)) {
            while (c.open.n) {
                BUF_LIT(&c.out, "</");
                buf_str(&c.out, c.open.p[--c.open.n]);
                buf_byte(&c.out, '>');
            }
            break;
        }
    return buf_view(&c.out);
}

Str html_truncate_chars(Arena *a, Str s, int64_t length, Str mark) { return truncate_html(a, s, length, mark, false); }
Str html_truncate_words(Arena *a, Str s, int64_t length, Str mark) { return truncate_html(a, s, length, mark, true); }
