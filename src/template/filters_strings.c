/* filters_strings.c: filters from text to text. */
#include "template/filters.h"
#include <clef/base/utf8.h>
#include <clef/codec/html.h>
#include <clef/codec/url.h>
#include <clef/i18n.h>

FILTER(addslashes)
{
    Buf b = filter_buf(c);
    for (size_t i = 0; i < v.s.n; i++) {
        if (v.s.p[i] == '\\' || v.s.p[i] == '"' || v.s.p[i] == '\'')
            buf_byte(&b, '\\');
        buf_byte(&b, v.s.p[i]);
    }
    return value_str(filter_text(c, &b));
}

FILTER(capfirst) { return value_str(text_capfirst(c->r->arena, v.s)); }
FILTER(lower) { return value_str(text_lower(c->r->arena, v.s)); }
FILTER(upper) { return value_str(text_upper(c->r->arena, v.s)); }
FILTER(slug) { return value_str(slugify(c->r->arena, v.s)); }
FILTER(iriencode) { return value_str(iri_to_uri(c->r->arena, v.s)); }

/* Title case, but "Joe'S" stays "Joe's" and "3Rd" stays "3rd". */
FILTER(title)
{
    Str s = text_title(c->r->arena, v.s);
    Buf b = filter_buf(c);
    for (size_t i = 0; i < s.n; i++) {
        char x = s.p[i], before = i ? s.p[i - 1] : 0, before2 = i > 1 ? s.p[i - 2] : 0;
        bool upper_letter = x >= 'A' && x <= 'Z';
        bool after_quote = before == '\'' && before2 >= 'a' && before2 <= 'z';
        bool after_digit = before >= '0' && before <= '9';
        buf_byte(&b, (char)(upper_letter && (after_quote || after_digit) ? x + 32 : x));
    }
    return value_str(filter_text(c, &b));
}

FILTER(escapejs)
{
    Buf b = filter_buf(c);
    html_escapejs_add(&b, v.s);
    return safe(filter_text(c, &b));
}

FILTER(linenumbers)
{
    bool escape = c->autoescape && v.tag != VALUE_SAFE;
    size_t lines = 1, width = 0, number = 0;
    for (size_t i = 0; i < v.s.n; i++)
        lines += v.s.p[i] == '\n';
    for (size_t n = lines; n; n /= 10)
        width++;
    Buf b = filter_buf(c);
    Str rest = v.s.p ? v.s : STR(""), line;
    while (str_cut(&rest, '\n', &line)) {
        if (number++)
            buf_byte(&b, '\n');
        buf_printf(&b, "%0*zu. ", (int)width, number);
        escape ? html_escape_add(&b, line) : buf_str(&b, line);
    }
    return safe(filter_text(c, &b));
}

FILTER(make_list)
{
    List *l = list_new(c->r->arena);
    Value item;
    for (size_t at = 0; value_next(c->r->arena, v, &at, &item);)
        list_push(c->r->arena, l, item);
    return value_list(l);
}

FILTER(urlencode)
{
    bool given = c->has_arg && !value_is_null(c->arg);
    if (given && v.s.n && !value_is_text(c->arg) && c->arg.tag != VALUE_BYTES && !value_is_iterable(c->arg))
        template_raise(c->r, "TypeError", "'%s' object is not iterable", value_type_name(c->arg));
    for (size_t i = 0; given && v.s.n && c->arg.tag == VALUE_LIST && i < c->arg.list->n; i++)
        if (c->arg.list->p[i].tag != VALUE_INT)
            template_raise(c->r, "TypeError", "'<' not supported between instances of '%s' and 'int'",
                           value_type_name(c->arg.list->p[i]));
    Str kept = !given ? STR("/") : c->arg.tag == VALUE_BYTES ? c->arg.s : text_of(c, c->arg);
    return value_str(url_quote(c->r->arena, v.s, kept));
}

FILTER(wordcount) { return value_int((int64_t)text_words(c->r->arena, v.s).n); }

static Value justify(TemplateFilterCall *c, Value v, int side)
{
    int64_t width = need_int(c->r, c->arg);
    size_t n = utf8_count(v.s);
    if (width <= 0 || (uint64_t)width <= n)
        return value_str(v.s);
    size_t pad = (size_t)width - n, left = side < 0 ? 0 : side > 0 ? pad : pad / 2;
    Buf b = filter_buf(c);
    buf_fill(&b, ' ', left);
    buf_str(&b, v.s);
    buf_fill(&b, ' ', pad - left);
    return value_str(filter_text(c, &b));
}

FILTER(ljust) { return justify(c, v, -1); }
FILTER(rjust) { return justify(c, v, 1); }
FILTER(center)
{
    /* Django looks at the width before it asks Python, which refuses one past 64 bits. */
    return need_clamped(c->r, c->arg) <= 0 ? value_str(v.s) : justify(c, v, 0);
}

FILTER(cut)
{
    if (!value_is_text(c->arg))
        template_raise(c->r, "TypeError", "replace() argument 1 must be str, not %s", value_type_name(c->arg));
    Str arg = c->arg.s;
    Str s = arg.n ? str_replace(c->r->arena, v.s, arg, STR("")) : v.s;
    return v.tag == VALUE_SAFE && !str_eq(arg, STR(";")) ? safe(s) : value_str(s);
}

FILTER(phone_to_numeric)
{
    if (v.tag == VALUE_BYTES && v.s.n)
        template_raise(c->r, "TypeError", "sequence item 0: expected str instance, int found");
    if (!value_is_text(v) && v.tag != VALUE_BYTES)
        template_raise(c->r, "AttributeError", "'%s' object has no attribute 'lower'", value_type_name(v));
    return value_str(phone2numeric(c->r->arena, v.s));
}

FILTER(wordwrap)
{
    int64_t width = need_clamped(c->r, c->arg);
    Str out;
    if (!text_wrap(c->r->arena, v.s, width, &out))
        template_raise(c->r, "ValueError", "invalid width %lld (must be > 0)", (long long)width);
    return value_str(out);
}

/* --- cutting */

/* That of truncatewords is Django's everywhere, with a space before it. */
#define WORDS_MARK STR(" \xe2\x80\xa6")

/* The catalogue says how a language shows that a text was cut. */
static Str chars_mark(TemplateFilterCall *c)
{
    return locale_gettext(c->r->locale, STR("String to return when truncating text"),
                          STR("%(truncated_text)s\xe2\x80\xa6"));
}

FILTER(truncatechars)
{
    int64_t most;
    return int_argument(c, c->arg, &most) ? value_str(text_truncate_chars(c->r->arena, v.s, most, chars_mark(c))) : v;
}

FILTER(truncatewords)
{
    int64_t most;
    return int_argument(c, c->arg, &most) ? value_str(text_truncate_words(c->r->arena, v.s, most, WORDS_MARK)) : v;
}

FILTER(truncatechars_html)
{
    int64_t most;
    return int_argument(c, c->arg, &most) ? value_str(html_truncate_chars(c->r->arena, v.s, most, chars_mark(c))) : v;
}

FILTER(truncatewords_html)
{
    int64_t most;
    return int_argument(c, c->arg, &most) ? value_str(html_truncate_words(c->r->arena, v.s, most, WORDS_MARK)) : v;
}

const TemplateFilter string_filters[] = {
    { "addslashes", addslashes, .text = true, .is_safe = true },
    { "capfirst", capfirst, .text = true, .is_safe = true },
    { "center", center, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "cut", cut, .argument = TEMPLATE_ARGUMENT, .text = true },
    { "escapejs", escapejs, .text = true },
    { "iriencode", iriencode, .text = true, .is_safe = true },
    { "linenumbers", linenumbers, .text = true, .is_safe = true, .needs_autoescape = true },
    { "ljust", ljust, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "lower", lower, .text = true, .is_safe = true },
    { "make_list", make_list, .text = true },
    { "phone2numeric", phone_to_numeric, .is_safe = true },
    { "rjust", rjust, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "slugify", slug, .text = true, .is_safe = true },
    { "title", title, .text = true, .is_safe = true },
    { "truncatechars", truncatechars, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "truncatechars_html", truncatechars_html, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "truncatewords", truncatewords, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "truncatewords_html", truncatewords_html, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { "upper", upper, .text = true },
    { "urlencode", urlencode, .argument = TEMPLATE_OPTIONAL_ARGUMENT, .text = true },
    { "wordcount", wordcount, .text = true },
    { "wordwrap", wordwrap, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true },
    { .name = NULL },
};
