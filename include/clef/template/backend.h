/*
 * backend.h: another template engine beside Clef's: one for Jinja's language, mustache, or whatever a program has. It is a
 * const table with one function; TEMPLATE_BACKENDS of the settings lists such tables, and RENDER, RENDER_TO_STRING and
 * TEMPLATE_RESPONSE ask the engines in order until one has the template, or the one that `using` names.
 *
 *     static bool render(TemplateCall *call, void *arg)
 *     {
 *         TemplateFound found;
 *         if (!template_call_source(call, call->name, &found))
 *             return false;
 *         ... found.text, with template_call_lookup(call, name, &value), into call->out ...
 *         return true;
 *     }
 *     const TemplateBackend jinja2_backend = { .name = "jinja2", .app_folder = "jinja2", .render = render };
 *
 *     s->template_backends = TEMPLATE_BACKENDS(&jinja2_backend);
 *
 * Clef's own engine is asked first; where &template_own_backend stands in the list, it is asked there. A template belongs
 * to its engine: {% include %} and {% extends %} do not reach another's.
 *
 * Escaping is the backend's task: what it puts into call->out goes to the client as it is. template_call_write escapes
 * as {{ }} does; a backend that writes values by other means must escape every one that is not VALUE_SAFE (or an object
 * whose class says is_markup), unless the language's author asked for it raw.
 *
 * Django's page: "Templates", section "Support for template engines".
 */
#ifndef CLEF_TEMPLATE_BACKEND_H
#define CLEF_TEMPLATE_BACKEND_H

#include <clef/conf/settings.h>
#include <clef/template/engine.h>

typedef struct TemplateBackend TemplateBackend;

/* One template asked of one backend. It ends when .render returns. */
typedef struct TemplateCall {
    Context *cx;
    Request *request; /* NULL: rendered without one */
    Str name;
    /* The variables: those of the caller and, with a request, `request`, `csrf_token` and `csrf_input` (the hidden field as
     * markup). Context processors have not run: see template_call_process. */
    TemplateContext *context;
    Buf *out; /* empty; its bound is the engine's limits.output_bytes, and passing it is an error */
    const TemplateBackend *backend;
    /* private */
    TemplateEngine *engine;
    const TemplateLoader *loaders;
    struct TemplateTrials *trials;
} TemplateCall;

struct TemplateBackend {
    const char *name;       /* what `using` says; unique, and neither "clef" nor "django" */
    StrList dirs;           /* directories of its templates, searched first */
    const char *app_folder; /* the folder of its templates in each application; NULL: none */
    /*
     * False: there is no such template; what was written is dropped, and the next engine is asked. Else the page is in
     * call->out. What goes wrong in a template that is there is raised: template_error_raise shows its lines on the
     * page of development, any other error is one as ever. Called on the fiber of the request, by one thread of each
     * worker.
     */
    bool (*render)(TemplateCall *call, void *arg);
    void *arg;
};

/* Clef's engine, as an entry of the list. Its names for `using` are "clef" and "django". */
CLEF_DATA(const TemplateBackend, template_own_backend);

/* Static, so it may be stored. For use inside functions. */
#define TEMPLATE_BACKENDS(...)                                                       \
    ({                                                                               \
        static const TemplateBackend *const clef_backends[] = { __VA_ARGS__, NULL }; \
        clef_backends;                                                               \
    })

/*
 * The text of a template in the backend's places: its .dirs, then .app_folder of each application, in the order of
 * INSTALLED_APPS. False when none has it. For templates that a template names too. A name never leaves its directory.
 * *found is in the arena of cx; what is made of it may be kept by origin, mtime and size.
 */
CLEF_API(bool, template_call_source, TemplateCall *call, Str name, TemplateFound *found) CLEF_MUST_USE;
/* For backends that look elsewhere: one line of what a page about a missing template lists, "origin (why)". */
CLEF_API(void, template_call_tried, TemplateCall *call, Str origin, const char *why);
/*
 * Runs the engine's context processors; the names they set are below those that are in the context. Nothing without a
 * request.
 */
CLEF_API(void, template_call_process, TemplateCall *call);

/* The value of "a.b.0" as {{ a.b.0 }} finds it. False, and *out unchanged, when it is not there. */
CLEF_API(bool, template_call_lookup, TemplateCall *call, Str path, Value *out) CLEF_MUST_USE;
/* Python's str(value): SAFE for markup, else STR. */
CLEF_API(Value, template_call_text, TemplateCall *call, Value v);
/* That text into call->out, escaped for HTML unless it is markup. */
CLEF_API(void, template_call_write, TemplateCall *call, Value v);

/* What is rendered, for render_select. */
typedef struct RenderOptions {
    Request *request;          /* NULL: no context processors, no CSRF token */
    Str using;                 /* the one engine to ask; empty: all, in order */
    const Map *map;            /* variables; NULL: none */
    const TemplatePair *pairs; /* further ones, over those of the map; NULL: none */
} RenderOptions;

/*
 * The text of the first of the names that an engine has; each name is asked of all engines before the next name.
 * `engine` is Clef's, which knows the backends. Raises what rendering raises; TemplateDoesNotExist with what each
 * engine tried; InvalidTemplateEngineError for a `using` that no engine has; ImproperlyConfigured when two have the
 * same name.
 */
CLEF_API(Str, render_select, Context *cx, TemplateEngine *engine, const Str *names, size_t n,
         const RenderOptions *options);

#endif
