/* render.c: nodes into a Buf. Nesting is bounded by a count of levels, because a fiber's stack is small. */
#include "template/template.h"
#include <clef/codec/html.h>
#include <clef/signals/builtin.h>

void render_enter(TemplateRender *r)
{
    if (CLEF_UNLIKELY(++r->depth > r->engine->options.limits.depth)) {
        r->depth = 0;
        template_raise(r, "RecursionError",
                       "The template renders more than %u levels within each other "
                       "(the engine's limits.depth)",
                       (unsigned)r->engine->options.limits.depth);
    }
}

static CLEF_COLD CLEF_NORETURN void too_much_output(TemplateRender *r)
{
    template_raise(r, "OutputError", "The output is larger than %llu bytes (the engine's limits.output_bytes)",
                   (unsigned long long)r->engine->options.limits.output_bytes);
}

void template_render_nodes(TemplateRender *r, TemplateNodes nodes)
{
    const TemplateNode *outer = r->node;
    render_enter(r);
    for (size_t i = 0; i < nodes.n; i++) {
        const TemplateNode *node = nodes.p[i];
        r->node = node;
        node->render(r, node);
    }
    r->node = outer;
    render_leave(r);
    if (CLEF_UNLIKELY(r->out->failed))
        too_much_output(r);
}

Str template_capture(TemplateRender *r, TemplateNodes nodes)
{
    Buf *outer = r->out, b = BUF_INIT(r->arena, r->engine->options.limits.output_bytes);
    buf_add(&b, "", 0);
    r->out = &b;
    template_render_nodes(r, nodes);
    r->out = outer;
    return buf_view(&b);
}

void template_write_value(TemplateRender *r, Value v)
{
    if (CLEF_LIKELY(v.tag == VALUE_STR)) {
        if (CLEF_LIKELY(r->autoescape))
            html_escape_add(r->out, v.s);
        else
            buf_str(r->out, v.s);
    } else if (v.tag == VALUE_SAFE) {
        buf_str(r->out, v.s);
    } else if (v.tag == VALUE_INT) {
        write_localized(r, r->out, v); /* digits and marks need no escaping */
    } else if (r->autoescape) {
        Buf b = BUF_INIT(r->arena, TEXT_MAX);
        Value text = template_text(r, v);
        if (text.tag == VALUE_SAFE) {
            buf_str(r->out, text.s);
            return;
        }
        write_localized(r, &b, v);
        html_escape_add(r->out, buf_view(&b));
    } else {
        write_localized(r, r->out, v);
    }
}

void write_escaped(TemplateRender *r, Buf *b, Value v)
{
    v = template_text(r, v);
    if (v.tag == VALUE_SAFE)
        buf_str(b, v.s);
    else
        html_escape_add(b, v.s);
}

TemplateFrame *frame_state(TemplateRender *r)
{
    TemplateFrame *f = r->frame;
    while (f->shares && f->outer)
        f = f->outer;
    return f;
}

void *template_state(TemplateRender *r, const TemplateNode *node, size_t size)
{
    TemplateFrame *f = frame_state(r);
    for (NodeState *s = f->states; s; s = s->next)
        if (s->node == node)
            return s + 1;
    NodeState *s = arena_zalloc(r->arena, sizeof *s + size);
    s->node = node;
    s->next = f->states;
    f->states = s;
    return s + 1;
}

void render_template_in(TemplateRender *r, const Template *t, TemplateFrame *frame, bool shares)
{
    *frame = (TemplateFrame){ .outer = r->frame, .t = t, .caller = r->node, .shares = shares };
    r->frame = frame;
    if (CLEF_UNLIKELY(template_rendered.first != NULL))
        signal_send(r->cx, &template_rendered, t, &(TemplateSignal){ t, r->context });
    template_render_nodes(r, t->nodes);
    r->frame = frame->outer;
}

void template_render(Context *cx, const Template *t, TemplateContext *c, Buf *out)
{
    TemplateRender r = {
        .cx = cx,
        .arena = cx->arena,
        .out = out,
        .context = c,
        .engine = t->engine,
        .request = c->request,
        .autoescape = !t->engine->options.autoescape_off,
    };
    size_t max = out->max, left = out->max > out->n ? out->max - out->n : 0;
    if (left > t->engine->options.limits.output_bytes)
        out->max = out->n + t->engine->options.limits.output_bytes;
    TemplateFrame frame;
    buf_add(out, "", 0);
    render_template_in(&r, t, &frame, false);
    out->max = max;
}

Str template_render_text(Context *cx, const Template *t, TemplateContext *c)
{
    Buf b = BUF_INIT(cx->arena, SIZE_MAX - 1);
    template_render(cx, t, c, &b);
    return buf_view(&b);
}
