/* template_parse.c: any text as a template: compiled, or refused with an error that has a place. */
#include <clef/template.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

typedef struct Job {
    Str text;
    TemplateEngine *engine;
} Job;

static void run(Context *cx, void *arg)
{
    Job *job = arg;
    (void)template_of_text(cx, job->engine, STR("t.html"), job->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, (size_t)64 << 20, 0);
    Job job = { .text = { (const char *)data, n },
                .engine = template_engine_create(a, &(TemplateEngineOptions){ .debug = true }) };
    Context cx;
    context_init(&cx, a);
    const TemplateError *e = template_error_of(attempt(&cx, run, &job));
    TemplateErrorLine lines[5];
    if (e)
        (void)template_error_lines(e, 2, lines);
    context_finish(&cx);
    arena_destroy(a);
    return 0;
}
