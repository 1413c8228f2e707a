/* filters_html.c: filters into markup and out of it. */
#include "template/filters.h"
#include <clef/codec/html.h>
#include <clef/codec/json.h>
#include <clef/i18n/urlize.h>

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

FILTER(linebreaksbr)
{
    Buf b = filter_buf(c);
    html_linebreaksbr_add(&b, v.s, c->autoescape && v.tag != VALUE_SAFE);
    return safe(filter_text(c, &b));
}

FILTER(linebreaks)
{
    Buf b = filter_buf(c);
    html_linebreaks_add(&b, v.s, c->autoescape && v.tag != VALUE_SAFE);
    return safe(filter_text(c, &b));
}

FILTER(striptags)
{
    Str out;
    if (!html_strip_tags(c->r->arena, v.s, &out))
        template_raise(c->r, "SuspiciousOperation", "The text hides tags within tags more than %u levels deep",
                       HTML_STRIP_DEPTH);
    return value_str(out);
}

FILTER(json_script)
{
    Buf json = filter_buf(c), b = filter_buf(c);
    JsonWriter w;
    json_writer_init(&w, &json, (JsonStyle){ .forms = JSON_DJANGO, .nan = true });
    json_value(&w, v);
    bool written = json_writer_end(&w);
    if (value_is_view(v))
        template_raise(c->r, "TypeError", "Object of type %s is not JSON serializable", view_name(v));
    Str text = filter_text(c, &json);
    if (!written)
        template_raise(c->r, "TypeError", "Object of type %s is not JSON serializable",
                       w.type ? w.type : value_type_name(v));
    html_json_script_add(&b, text, c->has_arg && value_truth(c->arg) ? escaped(c, c->arg) : (SafeStr){ { 0 } });
    return safe(filter_text(c, &b));
}

/* --- links */

static Value linked(TemplateFilterCall *c, Value v, UrlizeOptions o)
{
    o.nofollow = true;
    o.escape = c->autoescape && v.tag != VALUE_SAFE;
    o.assume_https = c->r->engine->options.urlize_assume_https;
    return safe(urlize(c->r->arena, v.s, o));
}

FILTER(urlize_text) { return linked(c, v, (UrlizeOptions){ .trim = false }); }
FILTER(urlizetrunc) { return linked(c, v, (UrlizeOptions){ .trim = true, .trim_limit = need_clamped(c->r, c->arg) }); }

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
    { "urlize", urlize_text, .text = true, .is_safe = true, .needs_autoescape = true },
    { "urlizetrunc", urlizetrunc, .argument = TEMPLATE_ARGUMENT, .text = true, .is_safe = true,
      .needs_autoescape = true },
    { .name = NULL },
};
