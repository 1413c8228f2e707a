/* compile.c: FOLDER TABLE: the C of the templates in the folder on standard output; with the tests' own library of tags. */
#include "template/testing_tags.h"
#include <clef/base.h>
#include <clef/template.h>

#include <stdio.h>

enum { GENERATED_MAX = 64 << 20 };

typedef struct Job {
    const char *folder, *table;
} Job;

static void generate(Context *cx, void *arg)
{
    const Job *job = arg;
    TemplateEngine *e = template_engine_create(
        cx->arena, &(TemplateEngineOptions){ .loaders = TEMPLATE_LOADERS(TEMPLATE_DIR(job->folder)),
                                             .libraries = TEMPLATE_LIBRARIES(&testing_tags) });
    GeneratedSources sources = template_sources(cx, e);
    Buf out = BUF_INIT(cx->arena, GENERATED_MAX);
    template_generate_head(&out);
    template_generate(cx, e, sources.p, sources.n, job->table, &out);
    fwrite(out.p, 1, out.n, stdout);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return fprintf(stderr, "usage: %s FOLDER TABLE\n", argv[0]), 2;
    Arena *a = arena_create(NULL, 0, 0);
    Context cx;
    context_init(&cx, a);
    const Error *e = attempt(&cx, generate, &(Job){ argv[1], argv[2] });
    if (e)
        fprintf(stderr, "%s: %.*s\n", argv[0], STR_FMT(e->message));
    int status = e != NULL;
    context_finish(&cx);
    arena_destroy(a);
    return status;
}
