/*
 * engine.h: where templates come from, and what they may use. An engine is made once per worker from its options, finds
 * templates by name through its loaders, compiles each one once, and keeps it. Compiled templates are read-only and
 * shared by all requests of the worker; an engine is used by one thread.
 *
 *     TemplateEngine *engine = template_engine_create(arena, &(TemplateEngineOptions){
 *         .loaders = TEMPLATE_LOADERS(TEMPLATE_DIR("templates"), TEMPLATE_TABLE(embedded)) });
 *     const Template *t = template_get(cx, engine, STR("blog/post.html"));
 *     Str page = template_render_text(cx, t, &context);
 *
 * Django's pages: "The Django template language: for Python programmers", "Templates".
 */
#ifndef CLEF_TEMPLATE_ENGINE_H
#define CLEF_TEMPLATE_ENGINE_H

#include <clef/base/macro.h>
#include <clef/cache/cache.h>
#include <clef/http/resolver_match.h>
#include <clef/i18n/locale.h>
#include <clef/rt/context.h>
#include <clef/template/context.h>

typedef struct Template Template;
typedef struct TemplateEngine TemplateEngine;
typedef struct TemplateLibrary TemplateLibrary;
typedef struct TemplateLoader TemplateLoader;
typedef struct TemplateProcessor TemplateProcessor;
typedef struct TemplateBackend TemplateBackend;
typedef struct CompiledTemplate CompiledTemplate;

/* A template as text in the program: an embedded table, or one made by hand. */
typedef struct TemplateSource {
    Str name, text;
} TemplateSource;

/* What a loader found. */
typedef struct TemplateFound {
    Str text;
    Str origin;          /* the file's path, or the name */
    int64_t mtime, size; /* of the file, for reloading; 0: it never changes */
} TemplateFound;

/*
 * One place to look in, of these kinds: a directory, a table, or a function of the program. `load` returns false when the
 * place does not have the name; *found's origin is filled in both cases (what was tried), and texts live in the arena.
 */
struct TemplateLoader {
    const char *directory;
    const TemplateSource *sources;
    size_t nsources;
    bool (*load)(Arena *a, Str name, TemplateFound *found, void *arg);
    void *arg;
};

#define TEMPLATE_DIR(path)    ((TemplateLoader){ .directory = (path) })
#define TEMPLATE_TABLE(table) ((TemplateLoader){ .sources = (table), .nsources = CLEF_COUNT(table) })
#define TEMPLATE_LOADERS(...)              \
    (const TemplateLoader[])               \
    {                                      \
        __VA_ARGS__, { .directory = NULL } \
    }
#define TEMPLATE_LIBRARIES(...) \
    (const TemplateLibrary *const[]) { __VA_ARGS__, NULL }

/* The limits; 0 takes the default. Each has an error of its own that names it. */
typedef struct TemplateLimits {
    uint32_t nesting;      /* block tags within each other in one template: 100 */
    uint32_t depth;        /* node lists being rendered within each other, includes and blocks too: 120 */
    uint64_t output_bytes; /* of one rendering: 64 MiB */
    uint64_t loop_steps;   /* of all loops of one rendering: 10,000,000 */
    uint64_t source_bytes; /* of one template's text: 8 MiB */
} TemplateLimits;

#define TEMPLATE_NESTING      100u
#define TEMPLATE_DEPTH        120u
#define TEMPLATE_OUTPUT_BYTES ((uint64_t)64 << 20)
#define TEMPLATE_LOOP_STEPS   ((uint64_t)10000000)
#define TEMPLATE_SOURCE_BYTES ((uint64_t)8 << 20)
/* Operators within each other in one {% if %}; filters behind one variable. */
#define TEMPLATE_IF_DEPTH     100u
#define TEMPLATE_NAME_LOOKUPS 32u

/* How the path of a name is found, for {% url %}: true with *path, false with *error, Django's sentence. */
typedef bool TemplateReverseFn(TemplateContext *c, void *arg, Str name, const Value *args, size_t nargs, UrlArgs kwargs,
                               Str *path, Str *error);

typedef struct TemplateEngineOptions {
    const TemplateLoader *loaders; /* ended by an empty one */
    bool autoescape_off;           /* Django's autoescape=False: nothing is escaped */
    bool debug;                    /* keep what error pages show; the variable `debug` */
    bool reload;                   /* look at each file again before it is used */
    Str string_if_invalid;
    const TemplateLibrary *const *libraries;    /* for {% load %}; Clef's own are always there */
    bool only_these_libraries;                  /* not Clef's own besides */
    const TemplateLibrary *const *builtins;     /* available without {% load %}, after Django's */
    const TemplateProcessor *const *processors; /* for renderings with a request */
    TemplateLimits limits;
    I18n *i18n; /* languages and zones for contexts without a locale; NULL: one of the next two */
    bool use_tz;
    const TimeZone *time_zone; /* NULL: UTC */
    bool localize_off;         /* begin as within {% localize off %} */
    Str static_url, media_url;
    /* The address of a static file, for {% static %}; NULL: static_url and the path. */
    Str (*static_file)(Arena *a, void *arg, Str path);
    void *static_file_arg;
    bool urlize_assume_https;         /* urlize takes "www.example.org" for https; Django 6's default is http */
    const Caches *caches;             /* for {% cache %}; NULL: one of the engine's own, in memory */
    const CompiledTemplate *compiled; /* C made of templates (compiled.h): before the loaders; with .reload behind */
    DateTime (*now)(void);            /* NULL: the system's clock */
    TemplateReverseFn *reverse;       /* NULL: that of the request's site */
    void *reverse_arg;
    /* Other engines beside this one (backend.h), ended by NULL; and where each looks for its templates, NULL: nowhere. */
    const TemplateBackend *const *backends;
    const TemplateLoader *const *backend_loaders;
} TemplateEngineOptions;

/* The engine's memory is a child of the arena's. Options are copied; what they point at is borrowed. */
CLEF_API(TemplateEngine *, template_engine_create, Arena *a, const TemplateEngineOptions *options) CLEF_NONNULL;
CLEF_API(const TemplateEngineOptions *, template_engine_options, const TemplateEngine *engine) CLEF_NONNULL;

/* One more place to look in, after the others: for domains that bring templates of their own. Borrowed. */
CLEF_API(void, template_engine_add_loader, TemplateEngine *engine, TemplateLoader loader);

/* The template of that name. Raises TemplateDoesNotExist, with what was tried, and TemplateSyntaxError. */
CLEF_API(const Template *, template_get, Context *cx, TemplateEngine *engine, Str name) CLEF_NONNULL;
/* The first of several names that exists. */
CLEF_API(const Template *, template_select, Context *cx, TemplateEngine *engine, const Str *names, size_t n)
CLEF_NONNULL;
/* A template of a text, in the arena of cx. `name` may be the NULL string. */
CLEF_API(const Template *, template_of_text, Context *cx, TemplateEngine *engine, Str name, Str text) CLEF_NONNULL;
CLEF_API(Str, template_name, const Template *t);
CLEF_API(Str, template_origin, const Template *t);
/* As a value, for {% include %} and {% extends %} of a variable. */
CLEF_API(Value, template_value, const Template *t);
/* Forgets every compiled template. No rendering may be under way. */
CLEF_API(void, template_engine_reset, TemplateEngine *engine);

/* Renders behind what is in `out`. Raises what goes wrong; then a part may have been written. */
CLEF_API(void, template_render, Context *cx, const Template *t, TemplateContext *c, Buf *out);
/* The same as a text in the arena of cx. */
CLEF_API(Str, template_render_text, Context *cx, const Template *t, TemplateContext *c);

#endif
