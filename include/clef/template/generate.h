/*
 * generate.h: templates into C, for compiled.h. `clef compiletemplates` and tests use it.
 *
 * A template is parsed with an engine, so its tags and filters are those of the engine; what it does not know is an
 * error here as it would be when the page is first asked for.
 */
#ifndef CLEF_TEMPLATE_GENERATE_H
#define CLEF_TEMPLATE_GENERATE_H

#include <clef/base/buf.h>
#include <clef/template/engine.h>

/* One file to be compiled; its origin is what error pages call it. */
typedef struct GeneratedSource {
    Str name, origin, text;
} GeneratedSource;

/* What a generated file begins with; several tables may follow it. */
CLEF_API(void, template_generate_head, Buf *out);
/*
 * Adds the C of n templates, and behind them the table `const CompiledTemplate TABLE[]` with a row for each in the same
 * order. `table` is a C name. Raises TemplateSyntaxError with the place.
 */
CLEF_API(void, template_generate, Context *cx, TemplateEngine *engine, const GeneratedSource *sources, size_t n,
         const char *table, Buf *out);

/*
 * All files in the directories of the engine's loaders, and the texts of its tables, in the order in which names are looked
 * for; a name may stand there twice (the second one extends the first). Hidden files, and those that end with a '~', are
 * left out. Raises 500 "template_directory" for a directory that cannot be read.
 */
typedef struct GeneratedSources {
    GeneratedSource *p;
    size_t n, cap;
} GeneratedSources;
CLEF_API(GeneratedSources, template_sources, Context *cx, TemplateEngine *engine);

#endif
