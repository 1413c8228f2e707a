#include "template/harness.h"

void trial_run(Trial *t);
Str rendered(const char *text, const TemplatePair *pairs);

static void run(Context *cx, void *arg)
{
    Trial *t = arg;
    if (!t->engine)
        t->engine = template_engine_create(cx->arena, &t->options);
    const Template *template =
        t->text.p ? template_of_text(cx, t->engine, t->name, t->text) : template_get(cx, t->engine, t->name);
    TemplateContext c;
    template_context_init(&c, cx->arena, NULL);
    if (t->pairs)
        template_set_pairs(&c, t->pairs);
    t->output = template_render_text(cx, template, &c);
}

void trial_run(Trial *t)
{
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    t->raised = attempt(cx, run, t);
    t->error = template_error_of(t->raised);
}

Str rendered(const char *text, const TemplatePair *pairs)
{
    Trial t = { .text = str_c(text), .pairs = pairs };
    trial_run(&t);
    if (!t.raised)
        return t.output;
    return str_format(test_arena(), "%s: %.*s", t.error ? t.error->type : "?", STR_FMT(t.raised->message));
}
