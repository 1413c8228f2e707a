/* filters_html.c: filters into markup and out of it. */
#include "template/filters.h"
#include <clef/codec/html.h>
#include <clef/codec/json.h>

static SafeStr escaped(TemplateFilterCall *c, Value v)
{
    Value text = template_text(c->r, v);
    return text.tag == VALUE_SAFE ? (SafeStr){ text.s } : html_escape(c->r->arena, text.s);
}

FILTER(escape) { return value_safe(escaped(c, v)); }
FILTER(force_escape) { return value_safe(html_escape(c->r->arena, v.s)); }
FILTER(mark_safe) { return (void)c, safe(v.s); }

static List *each_text(TemplateFilterCall *c, Value v, bool escape_them)
{
    List *l = list_new(c->r->arena);
    Value item;
    if (!value_is_iterable(v))
        template_raise(c->r, "TypeError", "'%s' object is not iterable", value_type_name(v));
    for (size_t at = 0; value_next(c->r->arena, v, &at, &item);)
        list_push(c->r->arena, l, escape_them ? value_safe(escaped(c, item)) : safe(text_of(c, item)));
    return l;
}

FILTER(escapeseq) { return value_list(each_text(c, v, true)); }
FILTER(safeseq) { return value_list(each_text(c, v, false)); }

static Str normalize_newlines(TemplateFilterCall *c, Str s)
{
    if (str_find_byte(s, '\r') == STR_NPOS)
        return s;
    Buf b = filter_buf(c);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\r') {
            buf_byte(&b, '\n');
            i += i + 1 < s.n && s.p[i + 1] == '\n';
        } else {
            buf_byte(&b, s.p[i]);
        }
    }
    return buf_view(&b);
}

static void add_with_breaks(Buf *b, Str s, bool escape_it)
{
    Str line;
    bool first = true;
    s = s.p ? s : STR("");
    for (; str_cut(&s, '\n', &line); first = false) {
        if (!first)
            buf_c(b, "<br>");
        escape_it ? html_escape_add(b, line) : buf_str(b, line);
    }
}

FILTER(linebreaksbr)
{
    Buf b = filter_buf(c);
    add_with_breaks(&b, normalize_newlines(c, v.s), c->autoescape && v.tag != VALUE_SAFE);
    return safe(buf_view(&b));
}

FILTER(linebreaks)
{
    Buf b = filter_buf(c);
    Str s = normalize_newlines(c, v.s);
    for (size_t from = 0;;) {
        size_t at = str_find(str_from_byte(s, from), STR("\n\n")), end = at == STR_NPOS ? s.n : from + at;
        buf_c(&b, "<p>");
        add_with_breaks(&b, str_slice(s, from, end), c->autoescape && v.tag != VALUE_SAFE);
        buf_c(&b, "</p>");
        if (at == STR_NPOS)
            break;
        buf_c(&b, "\n\n");
        for (from = end; from < s.n && s.p[from] == '\n';)
            from++;
    }
    return safe(buf_view(&b));
}

/* The end of the tag, comment or declaration that begins at i; 0 when there is none. */
static size_t markup_end(Str s, size_t i)
{
    if (i + 1 >= s.n)
        return 0;
    char next = s.p[i + 1];
    bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
    if (!letter && next != '/' && next != '!' && next != '?')
        return 0;
    if (str_starts(str_from_byte(s, i), STR("<!--"))) {
        size_t end = str_find(str_from_byte(s, i + 4), STR("-->"));
        return end == STR_NPOS ? 0 : i + 4 + end + 3;
    }
    char quote = 0;
    for (size_t k = i + 2; k < s.n; k++) {
        if (quote)
            quote = s.p[k] == quote ? 0 : quote;
        else if (letter && (s.p[k] == '"' || s.p[k] == '\'') && s.p[k - 1] == '=')
            quote = s.p[k];
        else if (s.p[k] == '>')
            return k + 1;
    }
    return 0;
}

FILTER(striptags)
{
    enum { ROUNDS = 50 };
    Str s = v.s;
    for (int round = 0; round < ROUNDS && str_find_byte(s, '<') != STR_NPOS; round++) {
        Buf b = filter_buf(c);
        for (size_t i = 0, end; i < s.n;) {
            if (s.p[i] == '<' && (end = markup_end(s, i)) != 0)
                i = end;
            else
                buf_byte(&b, s.p[i++]);
        }
        bool same = b.n == s.n;
        s = buf_view(&b);
        if (same)
            break;
    }
    return value_str(s);
}

FILTER(json_script)
{
    Buf json = filter_buf(c), b = filter_buf(c);
    JsonWriter w;
    json_writer_init(&w, &json, (JsonStyle){ .forms = JSON_DJANGO, .nan = true });
    json_value(&w, v);
    if (!json_writer_end(&w))
        template_raise(c->r, "TypeError", "Object of type %s is not JSON serializable",
                       w.type ? w.type : value_type_name(v));
    buf_c(&b, "<script");
    if (c->has_arg && value_truth(c->arg)) {
        buf_c(&b, " id=\"");
        write_escaped(c->r, &b, c->arg);
        buf_byte(&b, '"');
    }
    buf_c(&b, " type=\"application/json\">");
    for (size_t i = 0; i < json.n; i++) {
        char x = json.p[i];
        if (x == '<' || x == '>' || x == '&')
            buf_printf(&b, "\\u%04X", x);
        else
            buf_byte(&b, x);
    }
    buf_c(&b, "</script>");
    return safe(buf_view(&b));
}

const TemplateFilter html_filters[] = {
    { "escape", escape, .text = true, .is_safe = true },
    { "escapeseq", escapeseq, .is_safe = true },
    { "force_escape", force_escape, .text = true, .is_safe = true },
    { "json_script", json_script, .argument = TEMPLATE_OPTIONAL_ARGUMENT, .is_safe = true },
    { "linebreaks", linebreaks, .text = true, .is_safe = true, .needs_autoescape = true },
    { "linebreaksbr", linebreaksbr, .text = true, .is_safe = true, .needs_autoescape = true },
    { "safe", mark_safe, .text = true, .is_safe = true },
    { "safeseq", safeseq, .is_safe = true },
    { "striptags", striptags, .text = true, .is_safe = true },
    { .name = NULL },
};
