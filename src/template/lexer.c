/*
 * lexer.c: a template's text as tokens, one at a time. A tag begins at "{%", "{{" or "{#" and ends at the first
 * matching end on the same line; what has none is text. Inside of {% verbatim %} everything is text up to its end tag.
 */
#include "codec/text.h"
#include "template/template.h"

/* Where the tag that begins at s.p[at] ends (behind its braces); 0 when it does not end on its line. */
static size_t tag_end(Str s, size_t at)
{
    char kind = s.p[at + 1], close = kind == '{' ? '}' : kind;
    const char *newline = memchr(s.p + at + 2, '\n', s.n - at - 2);
    size_t line_end = newline ? (size_t)(newline - s.p) : s.n;
    for (size_t i = at + 2; i + 1 < line_end; i++)
        if (s.p[i] == close && s.p[i + 1] == '}')
            return i + 2;
    return 0;
}

/* The next place from `from` on where a whole tag stands; s.n when there is none. */
static size_t next_tag(Str s, size_t from, size_t *end)
{
    size_t dead[3] = { 0 }; /* on this line no tag of the kind ends behind a place */
    for (size_t i = from; i + 1 < s.n; i++) {
        const char *brace = memchr(s.p + i, '{', s.n - 1 - i);
        if (!brace)
            break;
        i = (size_t)(brace - s.p);
        char kind = s.p[i + 1];
        int k = kind == '%' ? 0 : kind == '{' ? 1 : kind == '#' ? 2 : -1;
        if (k < 0 || i < dead[k])
            continue;
        if ((*end = tag_end(s, i)) != 0)
            return i;
        const char *newline = memchr(s.p + i, '\n', s.n - i);
        dead[k] = newline ? (size_t)(newline - s.p) : s.n;
    }
    return s.n;
}

static uint32_t newlines(Str s)
{
    uint32_t n = 0;
    for (const char *p = s.p, *end = s.p + s.n; p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
        n++;
    return n;
}

bool lexer_next(TemplateParser *p, TemplateToken *out)
{
    if (p->has_pending) {
        *out = p->pending;
        p->has_pending = false;
        return true;
    }
    Str s = p->t->source;
    if (p->at >= s.n)
        return false;
    size_t start = p->at, end = 0, tag = next_tag(s, start, &end);
    *out = (TemplateToken){ .line = p->line, .start = (uint32_t)start };
    if (tag > start) {
        out->contents = str_slice(s, start, tag);
        out->end = (uint32_t)tag;
        p->at = tag;
        p->line += newlines(out->contents);
        return true;
    }
    Str whole = str_slice(s, start, end), inside = text_strip(str_slice(s, start + 2, end - 2));
    p->at = end;
    out->end = (uint32_t)end;
    char kind = s.p[start + 1];
    bool ends_verbatim = p->verbatim.p && kind == '%' && str_eq(inside, p->verbatim);
    if (p->verbatim.p && !ends_verbatim) {
        out->contents = whole;
        return true;
    }
    out->contents = inside;
    out->kind = kind == '%' ? TEMPLATE_BLOCK : kind == '{' ? TEMPLATE_VAR : TEMPLATE_COMMENT;
    if (ends_verbatim)
        p->verbatim = (Str){ 0 };
    else if (kind == '%' && (str_eq(inside, STR("verbatim")) || str_starts(inside, STR("verbatim "))))
        p->verbatim = str_concat(p->arena, STR("end"), inside);
    return true;
}

TemplateWords template_split_plain(TemplateParser *p, Str s)
{
    VEC(Str) words = { 0 };
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t from = i;
        while (i < s.n) {
            size_t step = text_char(s.p + i, s.n - i, &c);
            if (text_is_space(c))
                break;
            i += step;
        }
        if (i > from)
            VEC_PUSH(p->arena, &words, str_slice(s, from, i));
        while (i < s.n) {
            size_t step = text_char(s.p + i, s.n - i, &c);
            if (!text_is_space(c))
                break;
            i += step;
        }
    }
    return (TemplateWords){ words.p, words.n };
}

TemplateWords template_split(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords words = smart_split(p->arena, token->contents);
    /* _("two words") is one word */
    size_t n = 0;
    for (size_t i = 0; i < words.n; i++) {
        Str w = words.p[i];
        if (str_starts(w, STR("_(\"")) || str_starts(w, STR("_('"))) {
            char end[2] = { w.p[2], ')' };
            while (!str_ends(w, (Str){ end, 2 })) {
                if (++i == words.n)
                    template_parse_error(p, "StopIteration", STR(""));
                w.n = (size_t)(words.p[i].p + words.p[i].n - w.p);
            }
        }
        words.p[n++] = w;
    }
    words.n = n;
    return words;
}
