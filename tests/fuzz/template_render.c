/* template_render.c: any text as a template, rendered over a context with a value of every kind, with small limits. */
#include <clef/template.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

typedef struct Job {
    Str text;
    TemplateEngine *engine;
} Job;

static void fill(Arena *a, TemplateContext *c)
{
    Map *m = map_new(a);
    List *l = list_new(a), *cycle = list_new(a);
    list_push(a, cycle, value_list(cycle));
    for (int i = 0; i < 3; i++)
        list_push(a, l, value_int(3 - i));
    map_set(m, STR("a"), value_str(STR("x<y")));
    map_set(m, STR("l"), value_list(l));
    list_push(a, l, value_map(m));
    Decimal *d = NEW(a, Decimal);
    *d = decimal_of(-12345, -2);
    TEMPLATE_SET(c, "s", "Some \"text\" & more\nlines\t\xc3\x9f");
    TEMPLATE_SET(c, "n", 42);
    TEMPLATE_SET(c, "f", 1.5e300);
    template_set(c, STR("d"), value_decimal(d));
    TEMPLATE_SET(c, "m", m);
    TEMPLATE_SET(c, "l", l);
    TEMPLATE_SET(c, "c", cycle);
    TEMPLATE_SET(c, "t", datetime_now());
    TEMPLATE_SET(c, "day", ((Date){ 12345 }));
    TEMPLATE_SET(c, "td", DURATION_HOURS(50));
    TEMPLATE_SET(c, "html", ((SafeStr){ STR("<p>a &amp; b</p>") }));
    TEMPLATE_SET(c, "bad", "\xff\xc3(\xf0\x9f");
    TEMPLATE_SET(c, "none", value_null());
}

static void run(Context *cx, void *arg)
{
    Job *job = arg;
    TemplateContext c;
    template_context_init(&c, cx->arena, NULL);
    fill(cx->arena, &c);
    (void)template_render_text(cx, template_of_text(cx, job->engine, STR("t.html"), job->text), &c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const TemplateSource table[] = {
        { STR("base"),
          STR("{% block a %}A{{ s }}{% endblock %}{% block b %}{% for x in l %}{{ x }}{% endfor %}{% endblock %}") },
        { STR("inc"), STR("{{ s|upper }}{% cycle 1 2 %}{% ifchanged %}{{ n }}{% endifchanged %}") },
    };
    Arena *a = arena_create(NULL, (size_t)256 << 20, 0);
    Job job = { .text = { (const char *)data, n },
                .engine = template_engine_create(
                    a, &(TemplateEngineOptions){ .loaders = TEMPLATE_LOADERS(TEMPLATE_TABLE(table)),
                                                 .string_if_invalid = STR("?%s"),
                                                 .limits = { .loop_steps = 2000, .output_bytes = 1 << 20 } }) };
    Context cx;
    context_init(&cx, a);
    (void)!attempt(&cx, run, &job);
    context_finish(&cx);
    arena_destroy(a);
    return 0;
}
