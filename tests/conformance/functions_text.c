/* functions_text.c: rows of django.utils.text and django.utils.html. */
#include "conformance/functions.h"

#include <clef/codec/html.h>
#include <clef/codec/json.h>
#include <clef/template/format.h>

static int64_t number(Value v, int64_t fallback) { return v.tag == VALUE_INT ? v.i : fallback; }

/* --- html */

static void call_conditional_escape(Call *c)
{
    Value v = value_argument(c, 0, "text");
    c->result = v.tag == VALUE_SAFE ? v : value_safe(html_escape(c->arena, value_text_of(c, v)));
}
static void call_escape(Call *c)
{
    give_safe(c, html_escape(c->arena, value_text_of(c, value_argument(c, 0, "text"))).s);
}
static void call_escapejs(Call *c)
{
    Buf b = BUF_INIT(c->arena, 1 << 20);
    html_escapejs_add(&b, text_argument(c, 0));
    give_safe(c, buf_view(&b));
}
static void call_linebreaks(Call *c)
{
    Buf b = BUF_INIT(c->arena, 1 << 20);
    html_linebreaks_add(&b, text_argument(c, 0), value_truth(argument(c, 1, "autoescape")));
    give(c, buf_view(&b));
}
static void call_strip_tags(Call *c)
{
    Str out, text = value_text_of(c, value_argument(c, 0, "value"));
    html_strip_tags(c->arena, text, &out) ? give(c, out) : fail(c, "SuspiciousOperation", STR(""));
}
static void call_urlize(Call *c)
{
    Value env = record_get(c->record, "env"), limit = argument(c, 1, "trim_url_limit"),
          v = value_argument(c, 0, "text");
    Value settings = env.tag == VALUE_MAP ? record_get(env.map, "settings") : value_null();
    UrlizeOptions o = { .trim = limit.tag == VALUE_INT,
                        .trim_limit = number(limit, 0),
                        .nofollow = value_truth(argument(c, 2, "nofollow")),
                        .escape = value_truth(argument(c, 3, "autoescape")) && v.tag != VALUE_SAFE };
    o.assume_https = settings.tag == VALUE_MAP && value_truth(record_get(settings.map, "URLIZE_ASSUME_HTTPS"));
    give(c, urlize(c->arena, v.s, o));
}
static void call_smart_urlquote(Call *c) { give(c, smart_urlquote(c->arena, text_argument(c, 0))); }
static void call_json_script(Call *c)
{
    Buf json = BUF_INIT(c->arena, 1 << 20), b = BUF_INIT(c->arena, 1 << 20);
    if (!json_write(&json, value_argument(c, 0, "value"), (JsonStyle){ .forms = JSON_DJANGO }))
        return;
    Str id = text_argument(c, 1);
    html_json_script_add(&b, buf_view(&json), id.p ? html_escape(c->arena, id) : (SafeStr){ { 0 } });
    give_safe(c, buf_view(&b));
}
static void formatted(Call *c, FormatOutcome outcome, SafeStr out)
{
    static const char *const errors[] = { [FORMAT_MALFORMED] = "ValueError",
                                          [FORMAT_NO_ARGUMENT] = "IndexError",
                                          [FORMAT_NO_NAME] = "KeyError",
                                          [FORMAT_TOO_LONG] = "MemoryError" };
    if (outcome)
        fail(c, errors[outcome], (Str){ 0 });
    else
        give_safe(c, out.s);
}
static void call_format_html(Call *c)
{
    SafeStr out;
    FormatArguments args = { .p = c->values + 1, .n = c->nargs ? c->nargs - 1 : 0, .named = c->named };
    if (!args.n && (!c->named || !map_count(c->named)))
        fail(c, "TypeError", STR("args or kwargs must be provided."));
    else
        formatted(c, format_html(c->arena, text_argument(c, 0), &args, &out), out);
}
static void call_format_html_join(Call *c)
{
    Value rows = c->nargs > 2 ? c->values[2] : value_null();
    Buf b = BUF_INIT(c->arena, 1 << 20);
    buf_add(&b, "", 0);
    for (size_t i = 0; rows.tag == VALUE_LIST && i < rows.list->n; i++) {
        Value row = rows.list->p[i];
        SafeStr out = { 0 };
        FormatArguments args = { 0 };
        if (row.tag == VALUE_MAP)
            args.named = row.map;
        else if (row.tag == VALUE_LIST)
            args = (FormatArguments){ .p = row.list->p, .n = row.list->n };
        formatted(c, format_html(c->arena, text_argument(c, 1), &args, &out), out);
        if (c->error)
            return;
        if (i)
            html_escape_add(&b, text_argument(c, 0));
        buf_str(&b, out.s);
    }
    give_safe(c, buf_view(&b));
}

/* --- text */

static void call_normalize_newlines(Call *c) { give(c, normalize_newlines(c->arena, text_argument(c, 0))); }
static void call_phone2numeric(Call *c) { give(c, phone2numeric(c->arena, text_argument(c, 0))); }
static void call_slugify(Call *c)
{
    bool unicode = value_truth(argument(c, 1, "allow_unicode"));
    give(c, unicode ? slugify_unicode(c->arena, text_argument(c, 0)) : slugify(c->arena, text_argument(c, 0)));
}
static void call_unescape(Call *c)
{
    Str out;
    if (unescape_string_literal(c->arena, text_argument(c, 0), &out))
        give(c, out);
    else
        fail(c, "ValueError", (Str){ 0 });
}
static void call_wrap(Call *c)
{
    Str out;
    if (text_wrap(c->arena, text_argument(c, 0), number(argument(c, 1, "width"), 0), &out))
        give(c, out);
    else
        fail(c, "ValueError", (Str){ 0 });
}
static void call_text_list(Call *c)
{
    Value list = argument(c, 0, "list_"), last = argument(c, 1, "last_word");
    size_t n = list.tag == VALUE_LIST ? list.list->n : 0;
    Str *items = NEW_ARRAY(c->arena, Str, n + 1);
    for (size_t i = 0; i < n; i++)
        items[i] = list.list->p[i].s;
    const Locale *l = locale_of_call(c);
    Str or = last.tag == VALUE_STR ? last.s : locale_gettext(l, (Str){ 0 }, STR("or"));
    give(c, get_text_list(c->arena, items, n, locale_gettext(l, (Str){ 0 }, STR(", ")), or));
}
static void call_valid_filename(Call *c)
{
    Str out, name = text_argument(c, 0);
    if (get_valid_filename(c->arena, name, &out))
        give(c, out);
    else
        fail(c, "SuspiciousFileOperation",
             str_format(c->arena, "Could not derive file name from '%.*s'", STR_FMT(name)));
}
static void call_camel_case(Call *c) { give(c, camel_case_to_spaces(c->arena, text_argument(c, 0))); }
static void call_smart_split(Call *c)
{
    TextWords w = smart_split(c->arena, text_argument(c, 0));
    List *l = list_new(c->arena);
    for (size_t i = 0; i < w.n; i++)
        list_push(c->arena, l, value_str(w.p[i]));
    c->result = value_list(l);
}
static void call_truncate(Call *c)
{
    Value mark = argument(c, 2, "truncate");
    bool html = value_truth(argument(c, 3, "html")), words = str_ends(c->fn, STR(".words"));
    Str text = text_argument(c, 0), m = mark.s;
    if (mark.tag != VALUE_STR)
        m = locale_gettext(locale_of_call(c), STR("String to return when truncating text"),
                           STR("%(truncated_text)s\xe2\x80\xa6"));
    int64_t n = number(argument(c, 1, "num"), 0);
    Str (*fn)(Arena *, Str, int64_t, Str) = html ? (words ? html_truncate_words : html_truncate_chars)
                                                 : (words ? text_truncate_words : text_truncate_chars);
    give(c, fn(c->arena, text, n, m));
}

const Row text_rows[] = {
    { .name = "django.utils.html.conditional_escape", .call = call_conditional_escape },
    { .name = "django.utils.html.escape", .call = call_escape, .lazy = true },
    { .name = "django.utils.html.escapejs", .call = call_escapejs, .lazy = true },
    { .name = "django.utils.html.format_html", .call = call_format_html },
    { .name = "django.utils.html.format_html_join", .call = call_format_html_join },
    { .name = "django.utils.html.json_script", .call = call_json_script },
    { .name = "django.utils.html.linebreaks", .call = call_linebreaks, .lazy = true },
    { .name = "django.utils.html.smart_urlquote", .call = call_smart_urlquote },
    { .name = "django.utils.html.strip_tags", .call = call_strip_tags, .lazy = true },
    { .name = "django.utils.html.urlize", .call = call_urlize, .lazy = true },
    { .name = "django.utils.text.Truncator.chars", .call = call_truncate },
    { .name = "django.utils.text.Truncator.words", .call = call_truncate },
    { .name = "django.utils.text.camel_case_to_spaces", .call = call_camel_case },
    { .name = "django.utils.text.get_text_list", .call = call_text_list, .lazy = true },
    { .name = "django.utils.text.get_valid_filename", .call = call_valid_filename, .lazy = true },
    { .name = "django.utils.text.normalize_newlines", .call = call_normalize_newlines, .lazy = true },
    { .name = "django.utils.text.phone2numeric", .call = call_phone2numeric, .lazy = true },
    { .name = "django.utils.text.slugify", .call = call_slugify, .lazy = true },
    { .name = "django.utils.text.smart_split", .call = call_smart_split },
    { .name = "django.utils.text.unescape_string_literal", .call = call_unescape, .lazy = true },
    { .name = "django.utils.text.wrap", .call = call_wrap, .lazy = true },
    { .name = NULL },
};
