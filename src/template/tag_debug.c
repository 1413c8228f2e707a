/* tag_debug.c: {% debug %}: what the context holds, for a page in development. */
#include "template/tags.h"
#include <clef/codec/html.h>

static void render_debug(TemplateRender *r, const TemplateNode *node)
{
    (void)node;
    if (!r->engine->options.debug)
        return;
    Buf b = render_buf(r);
    const TemplateContext *c = r->context;
    const char *comma = "{";
    for (uint32_t i = c->floor; i < c->n; i++) {
        const TemplateBinding *one = &c->p[i];
        buf_c(&b, one->name.p ? comma : "");
        if (one->name.p) {
            write_repr(&b, r->arena, value_str(one->name));
            buf_c(&b, ": ");
        }
        write_repr(&b, r->arena, one->value);
        comma = one->name.p ? ",\n " : "\n{";
    }
    buf_c(&b, c->n > c->floor && c->p[c->n - 1].name.p ? "}" : "");
    BUF_LIT(&b, "{'False': False, 'None': None, 'True': True}\n\n");
    html_escape_add(r->out, render_text_of(r, &b));
}

TemplateNode *compile_debug(TemplateParser *p, const TemplateToken *token)
{
    (void)token;
    return TEMPLATE_NODE(p, TemplateNode, render_debug);
}
