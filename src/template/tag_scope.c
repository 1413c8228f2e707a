/* tag_scope.c: tags around a part of the template: with, autoescape, filter, spaceless, verbatim, comment; and load. */
#include "codec/text.h"
#include "template/nodes.h"
#include "template/tags.h"
#include <clef/codec/html.h>

static void take(TemplateParser *p)
{
    TemplateToken t;
    (void)template_next_token(p, &t);
}

static void render_nothing(TemplateRender *r, const TemplateNode *node)
{
    (void)r;
    (void)node;
}

static void render_with(TemplateRender *r, const TemplateNode *node)
{
    const BodyNode *n = (const BodyNode *)node;
    Value small[4], *values = n->values.n <= 4 ? small : NEW_ARRAY(r->arena, Value, n->values.n);
    for (size_t i = 0; i < n->values.n; i++)
        values[i] = template_eval(r, n->values.p[i].value, false);
    TemplateMark mark = template_push(r->context);
    for (size_t i = 0; i < n->values.n; i++)
        template_set(r->context, n->values.p[i].name, values[i]);
    template_render_nodes(r, n->nodes);
    template_pop(r->context, mark);
}

TemplateNode *compile_with(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    BodyNode *n = TEMPLATE_NODE(p, BodyNode, render_with);
    n->node.kind = NODE_WITH;
    size_t at = 1;
    n->values = parse_assignments(p, w, &at, true);
    if (!n->values.n)
        template_syntax_error(p, "'%.*s' expected at least one variable assignment", STR_FMT(w.p[0]));
    if (at < w.n) {
        Buf b = BUF_INIT(p->arena, TEXT_MAX);
        for (size_t i = at; i < w.n; i++)
            buf_printf(&b, "%s%.*s", i > at ? ", " : "", STR_FMT(repr_text(p->arena, w.p[i])));
        template_syntax_error(p, "%.*s received an invalid token: [%.*s]", STR_FMT(repr_text(p->arena, w.p[0])),
                              STR_FMT(buf_view(&b)));
    }
    n->nodes = TEMPLATE_PARSE(p, "endwith");
    take(p);
    return &n->node;
}

static void render_autoescape(TemplateRender *r, const TemplateNode *node)
{
    const BodyNode *n = (const BodyNode *)node;
    bool outer = r->autoescape;
    r->autoescape = n->on;
    template_render_nodes(r, n->nodes);
    r->autoescape = outer;
}

TemplateNode *compile_autoescape(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split_plain(p, token->contents);
    if (w.n != 2)
        template_syntax_error(p, "'autoescape' tag requires exactly one argument.");
    BodyNode *n = TEMPLATE_NODE(p, BodyNode, render_autoescape);
    n->node.kind = NODE_AUTOESCAPE;
    n->on = str_eq(w.p[1], STR("on"));
    if (!n->on && !str_eq(w.p[1], STR("off")))
        template_syntax_error(p, "'autoescape' argument should be 'on' or 'off'");
    n->nodes = TEMPLATE_PARSE(p, "endautoescape");
    take(p);
    return &n->node;
}

TemplateNode *compile_comment(TemplateParser *p, const TemplateToken *token)
{
    (void)token;
    template_skip_past(p, "endcomment");
    BodyNode *n = TEMPLATE_NODE(p, BodyNode, render_nothing);
    n->node.kind = NODE_NOTHING;
    return &n->node;
}

static void render_body(TemplateRender *r, const TemplateNode *node)
{
    template_render_nodes(r, ((const BodyNode *)node)->nodes);
}

TemplateNode *compile_verbatim(TemplateParser *p, const TemplateToken *token)
{
    (void)token;
    BodyNode *n = TEMPLATE_NODE(p, BodyNode, render_body);
    n->node.kind = NODE_BODY;
    n->nodes = TEMPLATE_PARSE(p, "endverbatim");
    take(p);
    return &n->node;
}

static void render_filter(TemplateRender *r, const TemplateNode *node)
{
    const BodyNode *n = (const BodyNode *)node;
    Str text = template_capture(r, n->nodes);
    TemplateMark mark = template_push(r->context);
    /* what was rendered is markup already when auto-escaping is on */
    template_set(r->context, STR("var"), r->autoescape ? value_safe((SafeStr){ text }) : value_str(text));
    Value v = template_text(r, template_eval(r, n->expr, false));
    buf_str(r->out, v.s);
    template_pop(r->context, mark);
}

TemplateNode *compile_filter_tag(TemplateParser *p, const TemplateToken *token)
{
    BodyNode *n = TEMPLATE_NODE(p, BodyNode, render_filter);
    size_t space = 0;
    while (space < token->contents.n && !strchr(" \t\r\v\f", token->contents.p[space]))
        space++;
    Str rest = str_trim(str_from_byte(token->contents, space));
    if (rest.n == 0)
        template_syntax_error(p, "'filter' tag requires at least one filter");
    n->expr = template_compile_expr(p, str_format(p->arena, "var|%.*s", STR_FMT(rest)));
    for (size_t i = 0; i < n->expr->nfilters; i++) {
        const char *name = n->expr->filters[i].filter->name;
        if (strcmp(name, "escape") == 0 || strcmp(name, "safe") == 0)
            template_syntax_error(p, "\"filter %s\" is not permitted. Use the \"autoescape\" tag instead.", name);
    }
    n->nodes = TEMPLATE_PARSE(p, "endfilter");
    take(p);
    return &n->node;
}

static void render_spaceless(TemplateRender *r, const TemplateNode *node)
{
    html_strip_spaces_add(r->out, text_strip(template_capture(r, ((const BodyNode *)node)->nodes)));
}

TemplateNode *compile_spaceless(TemplateParser *p, const TemplateToken *token)
{
    (void)token;
    BodyNode *n = TEMPLATE_NODE(p, BodyNode, render_spaceless);
    n->nodes = TEMPLATE_PARSE(p, "endspaceless");
    take(p);
    return &n->node;
}

/* --- load */

static const TemplateLibrary *find_library(TemplateParser *p, Str name)
{
    for (size_t i = p->engine->libraries.n; i-- > 0;)
        if (str_eq(name, str_c(p->engine->libraries.p[i]->name)))
            return p->engine->libraries.p[i];
    Buf b = BUF_INIT(p->arena, TEXT_MAX);
    const char *last = NULL; /* in order of their names */
    for (size_t i = 0; i < p->engine->libraries.n; i++) {
        const char *next = NULL;
        for (size_t k = 0; k < p->engine->libraries.n; k++) {
            const char *one = p->engine->libraries.p[k]->name;
            if ((!last || strcmp(one, last) > 0) && (!next || strcmp(one, next) < 0))
                next = one;
        }
        if (next)
            buf_printf(&b, "%s%s", last ? "\n" : "", next);
        last = next ? next : last;
    }
    template_syntax_error(p, "'%.*s' is not a registered tag library. Must be one of:\n%.*s", STR_FMT(name),
                          STR_FMT(buf_view(&b)));
}

static void load_one(TemplateParser *p, const TemplateLibrary *l, Str label, Str name)
{
    FoundTag tag;
    bool found = library_tag(l, name, &tag);
    if (found)
        VEC_PUSH(p->arena, &p->loaded_tags, tag);
    for (const TemplateFilter *f = l->filters; f && f->name; f++)
        if (str_eq(name, str_c(f->name))) {
            VEC_PUSH(p->arena, &p->loaded_filters, *f);
            found = true;
        }
    if (!found)
        template_syntax_error(p, "'%.*s' is not a valid tag or filter in tag library '%.*s'", STR_FMT(name),
                              STR_FMT(label));
}

TemplateNode *compile_load(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split_plain(p, token->contents);
    if (w.n >= 4 && str_eq(w.p[w.n - 2], STR("from"))) {
        const TemplateLibrary *l = find_library(p, w.p[w.n - 1]);
        for (size_t i = 1; i < w.n - 2; i++)
            load_one(p, l, w.p[w.n - 1], w.p[i]);
    } else {
        for (size_t i = 1; i < w.n; i++)
            VEC_PUSH(p->arena, &p->loaded, find_library(p, w.p[i]));
    }
    BodyNode *n = TEMPLATE_NODE(p, BodyNode, render_nothing);
    n->node.kind = NODE_NOTHING;
    return &n->node;
}
