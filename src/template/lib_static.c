/* lib_static.c: {% load static %}: the addresses of static and media files. */
#include "template/libraries.h"
#include <clef/codec/html.h>
#include <clef/codec/url.h>

typedef struct PrefixNode {
    TemplateNode node;
    Str name; /* p NULL: written */
    bool media;
} PrefixNode;

static Str prefix_of(TemplateRender *r, bool media)
{
    const TemplateEngineOptions *o = &r->engine->options;
    return iri_to_uri(r->arena, media ? o->media_url : o->static_url);
}

static void render_prefix(TemplateRender *r, const TemplateNode *node)
{
    const PrefixNode *n = (const PrefixNode *)node;
    Str prefix = prefix_of(r, n->media);
    if (n->name.p)
        template_set(r->context, n->name, value_str(prefix));
    else
        buf_str(r->out, prefix);
}

static TemplateNode *prefix_node(TemplateParser *p, const TemplateToken *token, bool media)
{
    TemplateWords w = template_split_plain(p, token->contents);
    if (w.n > 1 && !str_eq(w.p[1], STR("as")))
        template_syntax_error(p, "First argument in '%.*s' must be 'as'", STR_FMT(w.p[0]));
    if (w.n == 2)
        template_syntax_error(p, "'%.*s' needs a name behind 'as'", STR_FMT(w.p[0]));
    PrefixNode *n = TEMPLATE_NODE(p, PrefixNode, render_prefix);
    n->media = media;
    if (w.n > 2)
        n->name = w.p[2];
    return &n->node;
}

static TemplateNode *compile_static_prefix(TemplateParser *p, const TemplateToken *token)
{
    return prefix_node(p, token, false);
}
static TemplateNode *compile_media_prefix(TemplateParser *p, const TemplateToken *token)
{
    return prefix_node(p, token, true);
}

typedef struct StaticNode {
    TemplateNode node;
    const TemplateExpr *path;
    Str name;
} StaticNode;

static void render_static(TemplateRender *r, const TemplateNode *node)
{
    const StaticNode *n = (const StaticNode *)node;
    const TemplateEngineOptions *o = &r->engine->options;
    Value v = template_eval(r, n->path, false);
    if (!value_is_text(v) && v.tag != VALUE_BYTES)
        template_raise(r, "TypeError", "quote_from_bytes() expected bytes");
    Str path = v.s, quoted, url;
    if (o->static_file) {
        url = o->static_file(r->arena, o->static_file_arg, path);
    } else {
        quoted = url_quote(r->arena, path, STR("/"));
        if (!url_join(r->arena, prefix_of(r, false), quoted, &url))
            url = quoted;
    }
    if (n->name.p)
        template_set(r->context, n->name, r->autoescape ? value_safe(html_escape(r->arena, url)) : value_str(url));
    else if (r->autoescape)
        html_escape_add(r->out, url);
    else
        buf_str(r->out, url);
}

static TemplateNode *compile_static(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n < 2)
        template_syntax_error(p, "'%.*s' takes at least one argument (path to file)", STR_FMT(w.p[0]));
    StaticNode *n = TEMPLATE_NODE(p, StaticNode, render_static);
    n->path = template_compile_expr(p, w.p[1]);
    if (w.n >= 4 && str_eq(w.p[w.n - 2], STR("as")))
        n->name = w.p[3];
    return &n->node;
}

static const TemplateTag tags[] = {
    { "get_media_prefix", compile_media_prefix },
    { "get_static_prefix", compile_static_prefix },
    { "static", compile_static },
    { .name = NULL },
};
const TemplateLibrary template_static_library = { .name = "static", .tags = tags };
