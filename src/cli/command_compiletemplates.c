/* command_compiletemplates.c: compiletemplates: the project's templates as C, for `make release`. */
#include "cli/commands.h"
#include <clef/rt/file.h>
#include <clef/template.h>

static void compiletemplates(CommandCall *c);

const Command compiletemplates_command = {
    .name = "compiletemplates",
    .help = "Writes the C of all templates of the project.",
    .description =
        "The file defines the table program_templates, which the program finds its templates in when it is linked with "
        "it; "
        "then it needs no template files. With COMPILE_TEMPLATES = 1 in the Makefile, make release does that. A file "
        "whose content would be the same is left as it is.",
    .options = OPTIONS({ .name = "output",
                         .letter = 'o',
                         .kind = OPTION_TEXT,
                         .value = "FILE",
                         .help = "The C file; without it, standard output." }),
    .unchecked = true,
    .run = compiletemplates,
};

enum { GENERATED_MAX = 256 << 20 };

typedef struct Generation {
    TemplateEngine *engine;
    GeneratedSources sources;
    Buf *out;
} Generation;

static void generate(Context *cx, void *arg)
{
    Generation *g = arg;
    template_generate(cx, g->engine, g->sources.p, g->sources.n, "program_templates", g->out);
}

/* As compilers say it, so that editors find the place. */
static void tell(CommandCall *c, const Error *e)
{
    const TemplateError *t = template_error_of(e);
    if (!t || !t->place.origin.n)
        context_raise_error(&c->cx, e);
    command_fail(c, "%.*s:%u: error: %s: %.*s", STR_FMT(t->place.origin), (unsigned)(t->place.line ? t->place.line : 1),
                 t->type, STR_FMT(e->message));
}

/* Every template by itself first, so that all that is wrong is said at once. */
static void check_each(CommandCall *c, const Generation *all)
{
    for (size_t i = 0; i < all->sources.n; i++) {
        Arena *a = arena_create(c->cx.arena, 0, 0);
        Context cx;
        context_init(&cx, a);
        Buf scratch = BUF_INIT(a, GENERATED_MAX);
        Generation one = { all->engine, { &all->sources.p[i], 1, 1 }, &scratch };
        const Error *e = attempt(&cx, generate, &one);
        if (e)
            tell(c, e);
        context_finish(&cx);
        arena_destroy(a);
    }
}

/* Below the project's folder, files are called as they are from there. */
static Str shown_origin(const CommandCall *c, Str origin)
{
    Str base = c->settings->base_dir;
    return base.n && str_starts(origin, base) && origin.n > base.n && origin.p[base.n] == '/'
               ? str_from_byte(origin, base.n + 1)
               : origin;
}

static void compiletemplates(CommandCall *c)
{
    TemplateEngine *engine = settings_templates(c->settings);
    Generation g = { .engine = engine, .sources = template_sources(&c->cx, engine) };
    for (size_t i = 0; i < g.sources.n; i++)
        g.sources.p[i].origin = shown_origin(c, g.sources.p[i].origin);
    check_each(c, &g);
    if (c->status != 0)
        return;
    Buf out = BUF_INIT(c->cx.arena, GENERATED_MAX);
    template_generate_head(&out);
    g.out = &out;
    generate(&c->cx, &g);
    Str file = option_text(c, "output"), old;
    if (!file.n) {
        command_write(c, buf_view(&out));
        return;
    }
    const char *path = str_dup_c(c->cx.arena, file);
    if (file_read(c->cx.arena, path, GENERATED_MAX, &old) >= 0 && str_eq(old, buf_view(&out)))
        return;
    int error = file_write_atomic(path, buf_view(&out), 0644);
    if (error < 0)
        command_fail(c, "%s cannot be written: %s", path, strerror(-error));
    else
        command_say(c, "%s: the C of %zu templates", path, g.sources.n);
}
