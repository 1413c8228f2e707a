/* html_text.c: between plain text and markup: tags stripped, lines broken, text for scripts. */
#include <clef/codec/html.h>

#include "codec/html_tokens.h"
#include "codec/text.h"

static size_t count(Str s, char c)
{
    size_t n = 0;
    for (const char *p = s.p, *end = s.p + s.n; p < end && (p = memchr(p, c, (size_t)(end - p))) != NULL; p++)
        n++;
    return n;
}

static Str strip_once(Arena *a, Str s)
{
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    buf_reserve(&b, s.n + 1);
    buf_add(&b, "", 0);
    HtmlTokens t = { .s = s, .references = true, .whole = true };
    for (HtmlToken token; html_tokens_next(&t, &token);) {
        if (token.kind == HTML_TEXT || token.kind == HTML_RAW_TEXT || token.kind == HTML_REFERENCE)
            buf_str(&b, token.source);
        if (token.kind == HTML_REFERENCE)
            buf_byte(&b, ';');
    }
    return buf_view(&b);
}

/* Many tags begin and none ends for a thousand characters: what makes reading costly, and no text has. */
static bool is_hostile(Str s)
{
    enum { LONG = 1000 };
    for (size_t i = 0; i + 1 < s.n;) {
        size_t at = str_find_byte(str_from_byte(s, i), '<');
        if (at == STR_NPOS || i + at + 1 >= s.n)
            return false;
        i += at;
        char next = (char)(s.p[i + 1] | 0x20);
        if (next < 'a' || next > 'z') {
            i++;
            continue;
        }
        size_t close = str_find_byte(str_from_byte(s, i + 2), '>'), end = close == STR_NPOS ? s.n : i + 2 + close;
        if (end - i - 2 >= LONG && count(str_slice(s, i, end), '<') >= HTML_STRIP_DEPTH)
            return true;
        i = end;
    }
    return false;
}

bool html_strip_tags(Arena *a, Str s, Str *out)
{
    if (is_hostile(s))
        return false;
    for (unsigned depth = 0; str_find_byte(s, '<') != STR_NPOS && str_find_byte(s, '>') != STR_NPOS; depth++) {
        if (depth >= HTML_STRIP_DEPTH)
            return false;
        Str stripped = strip_once(a, s);
        if (count(stripped, '<') == count(s, '<'))
            break;
        s = stripped;
    }
    *out = s;
    return true;
}

bool html_strip_spaces_add(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t close = str_find_byte(str_from_byte(s, i), '>');
        if (close == STR_NPOS)
            return buf_str(b, str_from_byte(s, i));
        size_t from = i + close + 1, at = from;
        uint32_t c;
        while (at < s.n) {
            size_t step = text_char(s.p + at, s.n - at, &c);
            if (c == TEXT_BAD || !text_is_space(c))
                break;
            at += step;
        }
        buf_str(b, str_slice(s, i, at < s.n && s.p[at] == '<' ? from : at));
        i = at;
    }
    return !b->failed;
}

/* --- lines: CR, LF and CRLF all end one */

static size_t line_end(Str s, size_t i)
{
    while (i < s.n && s.p[i] != '\n' && s.p[i] != '\r')
        i++;
    return i;
}

static size_t behind_end(Str s, size_t i)
{
    return i + 1 < s.n && s.p[i] == '\r' && s.p[i + 1] == '\n' ? i + 2 : i + 1;
}

bool html_linebreaksbr_add(Buf *b, Str s, bool escape)
{
    for (size_t i = 0;;) {
        size_t end = line_end(s, i);
        escape ? html_escape_add(b, str_slice(s, i, end)) : buf_str(b, str_slice(s, i, end));
        if (end >= s.n)
            return !b->failed;
        BUF_LIT(b, "<br>");
        i = behind_end(s, end);
    }
}

bool html_linebreaks_add(Buf *b, Str s, bool escape)
{
    BUF_LIT(b, "<p>");
    for (size_t i = 0;;) {
        size_t end = line_end(s, i), lines = 0;
        escape ? html_escape_add(b, str_slice(s, i, end)) : buf_str(b, str_slice(s, i, end));
        if (end >= s.n)
            return BUF_LIT(b, "</p>");
        for (i = end; i < s.n && (s.p[i] == '\n' || s.p[i] == '\r'); lines++)
            i = behind_end(s, i);
        lines > 1 ? BUF_LIT(b, "</p>\n\n<p>") : BUF_LIT(b, "<br>");
    }
}

/* --- scripts */

bool html_escapejs_add(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t step = text_char(s.p + i, s.n - i, &c);
        bool special = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
                       (c < 0x80 && strchr("\\'\"><&=-;`", (int)c));
        special ? buf_printf(b, "\\u%04X", (unsigned)c) : buf_add(b, s.p + i, step);
        i += step;
    }
    return !b->failed;
}

bool html_json_script_add(Buf *b, Str json, SafeStr id)
{
    BUF_LIT(b, "<script");
    if (!str_is_null(id.s)) {
        BUF_LIT(b, " id=\"");
        buf_str(b, id.s);
        buf_byte(b, '"');
    }
    BUF_LIT(b, " type=\"application/json\">");
    for (size_t i = 0; i < json.n; i++) {
        char c = json.p[i];
        if (c == '<' || c == '>' || c == '&')
            buf_printf(b, "\\u%04X", (unsigned char)c);
        else
            buf_byte(b, c);
    }
    return BUF_LIT(b, "</script>");
}
