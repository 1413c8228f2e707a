/* render.c: nodes into a Buf. Nesting is bounded by a count of levels, because a fiber's stack is small. */
#include "codec/simd.h"
#include "template/nodes.h"
#include <clef/codec/html.h>
#include <clef/signals/builtin.h>

void template_too_deep(TemplateRender *r)
{
    r->depth = 0;
    template_raise(r, "RecursionError",
                   "The template renders more than %u levels within each other "
                   "(the engine's limits.depth)",
                   (unsigned)r->engine->options.limits.depth);
}

void template_too_much_output(TemplateRender *r)
{
    template_raise(r, "OutputError", "The output is larger than %llu bytes (the engine's limits.output_bytes)",
                   (unsigned long long)r->engine->options.limits.output_bytes);
}

/* Short texts are most: two loads and stores that may overlap, and no call. */
static inline void write_text(Buf *b, Str s)
{
    if (CLEF_UNLIKELY(s.n > 32 || s.n < 4 || !buf_reserve(b, s.n))) {
        (void)buf_str(b, s);
        return;
    }
    char *to = b->p + b->n;
    if (s.n >= 16) {
        Bytes16 first = bytes16_load(s.p), last = bytes16_load(s.p + s.n - 16);
        bytes16_store(to, first);
        bytes16_store(to + s.n - 16, last);
    } else if (s.n >= 8) {
        uint64_t first, last;
        memcpy(&first, s.p, 8);
        memcpy(&last, s.p + s.n - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + s.n - 8, &last, 8);
    } else {
        uint32_t first, last;
        memcpy(&first, s.p, 4);
        memcpy(&last, s.p + s.n - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + s.n - 4, &last, 4);
    }
    b->n += s.n;
    b->p[b->n] = 0;
}

void render_text(TemplateRender *r, const TemplateNode *node) { write_text(r->out, ((const TextNode *)node)->text); }

void render_variable(TemplateRender *r, const TemplateNode *node)
{
    const TemplateExpr *e = ((const VariableNode *)node)->expr;
    const Value *found = e->nfilters ? NULL : variable_peek(r->context, &e->variable);
    if (CLEF_LIKELY(found != NULL)) {
        template_write(r, found);
        return;
    }
    Value v = template_eval(r, e, false);
    template_write(r, &v);
}

void render_each(TemplateRender *r, TemplateNodes nodes)
{
    for (size_t i = 0; i < nodes.n; i++) {
        const TemplateNode *node = nodes.p[i];
        if (node->is_text) {
            write_text(r->out, ((const TextNode *)node)->text);
            continue;
        }
        r->node = node;
        if (node->kind == NODE_VARIABLE)
            render_variable(r, node);
        else
            node->render(r, node);
    }
}

void render_list(TemplateRender *r, const TemplateNode *node)
{
    const ListNode *l = (const ListNode *)node;
    if (l->fn)
        l->fn(r, l->unit);
    else
        render_each(r, l->plain);
}

void template_render_nodes(TemplateRender *r, TemplateNodes nodes)
{
    const TemplateNode *outer = r->node;
    template_enter(r);
    render_each(r, nodes);
    template_leave(r, outer);
}

Str template_capture(TemplateRender *r, TemplateNodes nodes)
{
    Buf *outer = r->out, b = render_buf(r);
    r->out = &b;
    template_render_nodes(r, nodes);
    r->out = outer;
    return buf_view(&b);
}

void template_write_value(TemplateRender *r, Value v)
{
    if (v.tag == VALUE_INT) {
        template_write_int(r, v.i);
    } else if (v.tag == VALUE_STR) {
        if (CLEF_LIKELY(r->autoescape))
            html_escape_add(r->out, v.s);
        else
            buf_str(r->out, v.s);
    } else if (v.tag == VALUE_SAFE) {
        buf_str(r->out, v.s);
    } else if (r->autoescape) {
        Buf b = render_buf(r);
        Value text = template_text(r, v);
        if (text.tag == VALUE_SAFE) {
            buf_str(r->out, text.s);
            return;
        }
        write_localized(r, &b, v);
        html_escape_add(r->out, render_text_of(r, &b));
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
    template_render_nodes(r, t->body);
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
        .locale = cx->locale ? cx->locale : i18n_locale(t->engine->options.i18n),
        .localize_off = t->engine->options.localize_off,
        .autoescape = !t->engine->options.autoescape_off,
        .max_depth = t->engine->options.limits.depth,
        .max_steps = t->engine->options.limits.loop_steps,
        .max_text = t->engine->options.limits.output_bytes,
    };
    size_t max = out->max, left = out->max > out->n ? out->max - out->n : 0;
    if (left > t->engine->options.limits.output_bytes)
        out->max = out->n + t->engine->options.limits.output_bytes;
    r.use_tz = r.locale->use_tz;
    TemplateFrame frame;
    size_t from = out->n;
    (void)buf_reserve(out, t->usual_bytes);
    const Locale *outer = cx->locale;
    cx->locale = r.locale;
    buf_add(out, "", 0);
    render_template_in(&r, t, &frame, false);
    cx->locale = outer;
    out->max = max;
    /*
     * Room for the last page and an eighth more spares the next one of the template the growing; an engine has one
     * thread.
     */
    size_t bytes = out->n - from;
    ((Template *)(uintptr_t)t)->usual_bytes = bytes < USUAL_BYTES_MAX ? bytes + bytes / 8 : USUAL_BYTES_MAX;
}

Str template_render_text(Context *cx, const Template *t, TemplateContext *c)
{
    Buf b = BUF_INIT(cx->arena, SIZE_MAX - 1);
    template_render(cx, t, c, &b);
    return buf_view(&b);
}
