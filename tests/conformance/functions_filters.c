/* functions_filters.c: rows of django.template.defaultfilters: the filters, called from a tag of this file. */
#include "conformance/functions.h"

#include "template/template.h"

typedef struct Invocation {
    Call *call;
    TemplateEngine *engine;
    TemplateContext context;
} Invocation;

static Invocation *current;

static const TemplateFilter *find_filter(const TemplateEngine *e, Str name, bool humanize)
{
    if (humanize) {
        for (const TemplateFilter *f = template_humanize_library.filters; f->name; f++)
            if (str_eq(name, str_c(f->name)))
                return f;
        return NULL;
    }
    for (size_t i = e->builtins.n; i-- > 0;)
        for (const TemplateFilter *f = e->builtins.p[i]->filters; f && f->name; f++)
            if (str_eq(name, str_c(f->name)))
                return f;
    return NULL;
}

/* Tuples within lists, too. */
static Value with_tuples(Arena *a, Value v)
{
    if (v.tag == VALUE_MAP) {
        Map *m = map_new(a);
        MapEntry *e;
        for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;)
            map_set(m, e->key, with_tuples(a, e->value));
        return value_map(m);
    }
    if (v.tag != VALUE_LIST)
        return v;
    List *l = list_new(a);
    for (size_t i = 0; i < v.list->n; i++)
        list_push(a, l, with_tuples(a, v.list->p[i]));
    return v.flags & LIST_TUPLE ? notation_of(a, "$tuple", value_list(l)) : value_list(l);
}

/* What Python's decorators do around the function: text for a filter of texts, and safe text back. */
static Value invoke(TemplateTagCall *t)
{
    Call *c = current->call;
    Str name = str_from_byte(c->fn, str_rfind_byte(c->fn, '.') + 1);
    if (str_ends(name, STR("_filter")))
        name.n -= 7;
    const TemplateFilter *f = find_filter(current->engine, name, str_starts(c->fn, STR("django.contrib.humanize.")));
    Value autoescape = argument(c, 9, "autoescape"), v = c->nargs ? c->values[0] : value_null();
    if (!f) {
        c->result = value_str(STR("<no such filter>"));
        return value_null();
    }
    TemplateFilterCall call = { .r = t->r, .filter = f, .autoescape = autoescape.tag != VALUE_BOOL || autoescape.b };
    if (c->nargs > 1) {
        call.has_arg = true;
        call.arg = c->values[1];
    }
    bool safe = v.tag == VALUE_SAFE;
    if (f->text)
        v = template_text(t->r, v);
    v = f->fn(&call, v);
    if (f->text && f->is_safe && safe && v.tag == VALUE_STR)
        v.tag = VALUE_SAFE;
    c->result = with_tuples(c->arena, v);
    return value_null();
}

static const TemplateSimpleTag tags[] = { { .name = "invoke", .fn = invoke }, { .name = NULL } };
static const TemplateLibrary library = { .name = "invoke", .simple_tags = tags };

static void render(Context *cx, void *arg)
{
    Invocation *i = arg;
    i->engine = call_engine(i->call, cx);
    VEC_PUSH(cx->arena, &i->engine->builtins, &library);
    const Template *t = template_of_text(cx, i->engine, (Str){ 0 }, STR("{% invoke %}"));
    (void)template_render_text(cx, t, &i->context);
}

static void call_filter(Call *c)
{
    Invocation i = { .call = c };
    Context *cx = NEW(c->arena, Context);
    context_init(cx, c->arena);
    template_context_init(&i.context, c->arena, NULL);
    current = &i;
    const Error *e = attempt(cx, render, &i);
    if (e) {
        const TemplateError *t = template_error_of(e);
        fail(c, t ? t->type : e->code, (Str){ 0 });
    }
    context_finish(cx);
}

const Row filter_rows[] = {
    { .name = "django.contrib.humanize.templatetags.humanize.apnumber", .call = call_filter },
    { .name = "django.contrib.humanize.templatetags.humanize.intcomma", .call = call_filter },
    { .name = "django.contrib.humanize.templatetags.humanize.intword", .call = call_filter },
    { .name = "django.contrib.humanize.templatetags.humanize.naturalday", .call = call_filter },
    { .name = "django.contrib.humanize.templatetags.humanize.ordinal", .call = call_filter },
    { .name = "django.template.defaultfilters.", .call = call_filter },
    { .name = NULL },
};
