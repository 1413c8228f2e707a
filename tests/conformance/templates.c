/*
 * templates.c: the suite `templates`: each case is compiled and rendered by an engine of its own over the recorded sources.
 * An error is compared by its type and, where Django words the message, by that.
 */
#include "conformance/environment.h"
#include "conformance/template_compiled.h"
#include "conformance/template_values.h"

#include <clef/cache.h>
#include <clef/codec/http1.h>
#include <clef/conf.h>
#include <clef/http/request.h>
#include <clef/template.h>
#include <clef/urls.h>

static DateTime case_clock;
static DateTime case_now(void) { return case_clock; }

typedef struct Case {
    Run *run;
    const Map *record;
    TemplateEngine *engine;
    TemplateContext context;
    Str output;
    TimeZones *zones;
} Case;

/* {% url %} in the table of ROOT_URLCONF; the request of the case names the current application. */
static bool reverse(TemplateContext *context, void *arg, Str name, const Value *args, size_t nargs, UrlArgs kwargs,
                    Str *path, Str *error)
{
    const Case *c = arg;
    Value env = record_get(c->record, "env"), request = record_get(c->record, "request");
    Value settings = env.tag == VALUE_MAP ? record_get(env.map, "settings") : value_null();
    Str table = settings.tag == VALUE_MAP ? record_text(settings.map, "ROOT_URLCONF") : (Str){ 0 };
    UrlReverse what = { .name = name, .args = args, .nargs = nargs, .kwargs = kwargs };
    if (request.tag == VALUE_MAP) {
        what.current_app = record_text(request.map, "current_app");
        if (str_is_null(what.current_app))
            what.current_app = record_text(request.map, "namespace");
    }
    const UrlConf *conf = recorded_urlconf(c->run, table, error);
    return conf && urlconf_reverse(conf, context->arena, &what, path, error) == URL_REVERSED;
}

/* The tests of Django share one cache. */
static const Caches *caches_of(Run *run)
{
    static const Caches *shared;
    if (!shared) {
        Caches *all = caches_create(run->arena);
        caches_add(all, STR("default"), cache_create(run->arena, &cache_locmem, &(CacheOptions){ 0 }));
        shared = all;
    }
    return shared;
}

/* The engine of a recording knew these libraries; that of the matrix all but `cache`. */
static const TemplateLibrary *const *libraries_of(Arena *a, Value options)
{
    static const TemplateLibrary *const all[] = { &template_humanize_library, &template_i18n_library,
                                                  &template_l10n_library,     &template_static_library,
                                                  &template_tz_library,       &template_cache_library };
    Value named = options.tag == VALUE_MAP ? record_get(options.map, "libraries") : value_null();
    const TemplateLibrary **out = NEW_ARRAY(a, const TemplateLibrary *, CLEF_COUNT(all) + 1);
    size_t n = 0;
    for (size_t i = 0; i < CLEF_COUNT(all); i++)
        if (named.tag == VALUE_MAP ? map_has(named.map, str_c(all[i]->name)) : all[i] != &template_cache_library)
            out[n++] = all[i];
    return out;
}

static TemplateEngine *engine_of(Case *c)
{
    Arena *a = c->run->scratch;
    const Map *sources = record_get(c->record, "templates").map;
    Value options = record_get(c->record, "options"), env = record_get(c->record, "env");
    TemplateSource *table = NEW_ARRAY(a, TemplateSource, map_count(sources) + 1);
    size_t n = 0;
    MapEntry *e;
    for (size_t at = 0; (e = map_next(sources, &at)) != NULL;)
        table[n++] = (TemplateSource){ e->key, e->value.s };
    TemplateLoader *loaders = NEW_ARRAY(a, TemplateLoader, 2);
    loaders[0] = (TemplateLoader){ .sources = table, .nsources = n };
    TemplateEngineOptions o = { .loaders = loaders, .now = case_now, .i18n = case_i18n(a, c->zones, env) };
    o.libraries = libraries_of(a, options);
    o.only_these_libraries = true;
    o.caches = caches_of(c->run);
    o.reverse = reverse;
    o.reverse_arg = c;
    if (options.tag == VALUE_MAP) {
        Value v = record_get(options.map, "autoescape"), w = record_get(options.map, "context_autoescape");
        o.autoescape_off = (v.tag == VALUE_BOOL && !v.b) || (w.tag == VALUE_BOOL && !w.b);
        o.debug = value_truth(record_get(options.map, "debug"));
        o.string_if_invalid = record_text(options.map, "string_if_invalid");
        v = record_get(options.map, "use_l10n");
        o.localize_off = v.tag == VALUE_BOOL && !v.b;
    }
    Value settings = env.tag == VALUE_MAP ? record_get(env.map, "settings") : value_null();
    if (settings.tag == VALUE_MAP) {
        o.static_url = record_text(settings.map, "STATIC_URL");
        o.media_url = record_text(settings.map, "MEDIA_URL");
    }
    o.compiled = c->run->state ? compiled_case(c->run->state, c->record) : NULL;
    return template_engine_create(a, &o);
}

static Request *request_of(Case *c, Value v)
{
    static const RequestSourceOps ops;
    Arena *a = c->run->scratch;
    Request *r = NEW(a, Request);
    RequestSource *source = NEW(a, RequestSource);
    Settings *settings = NEW(a, Settings);
    if (v.tag != VALUE_MAP)
        return NULL;
    settings_init(settings, a);
    *source = (RequestSource){ .head = NEW(a, HttpHead), .ops = &ops };
    context_init(&r->cx, a);
    r->source = source;
    r->settings = settings;
    r->method_name = record_text(v.map, "method");
    r->path = r->path_info = record_text(v.map, "path");
    r->query_string = record_text(v.map, "query_string");
    return r;
}

static TemplateEngine *engine_of_record(Run *run, const Map *record)
{
    Case c = { .run = run, .record = record, .zones = timezones_create(run->scratch, (Str){ 0 }) };
    return engine_of(&c);
}

static bool open_file(Run *run)
{
    run->state = NULL;
    return !run->compiled || (run->state = compiled_cases(run, engine_of_record)) != NULL;
}

/* The row of the case's table for a template of that name and text; NULL. */
static const CompiledTemplate *row_of(const Case *c, Str name, Str text)
{
    const CompiledTemplate *row = template_engine_options(c->engine)->compiled;
    for (; row && row->lists; row++)
        if (str_eq(row->name, name) && str_eq(row->source, text))
            return row;
    return NULL;
}

static const Template *of_text(Context *cx, const Case *c, Str text)
{
    const CompiledTemplate *row = row_of(c, (Str){ 0 }, text);
    return row ? template_of_compiled(cx, c->engine, row) : template_of_text(cx, c->engine, (Str){ 0 }, text);
}

static void run_case(Context *cx, void *arg)
{
    Case *c = arg;
    c->engine = engine_of(c);
    cx->locale = case_locale(cx, template_engine_options(c->engine)->i18n, record_get(c->record, "env"));
    Str name = record_text(c->record, "render");
    const Template *t;
    Value names = record_get(c->record, "render");
    if (value_truth(record_get(c->record, "from_string")))
        t = of_text(cx, c, record_text(record_get(c->record, "templates").map, str_dup_c(cx->arena, name)));
    else if (names.tag == VALUE_LIST) {
        Str *list = NEW_ARRAY(cx->arena, Str, names.list->n + 1);
        for (size_t i = 0; i < names.list->n; i++)
            list[i] = names.list->p[i].s;
        t = template_select(cx, c->engine, list, names.list->n);
    } else
        t = template_get(cx, c->engine, name);
    if (c->run->compiled && !template_is_compiled(t) && template_engine_options(c->engine)->compiled)
        RAISE(cx, 500, "interpreted", "The template has C, but is interpreted");
    c->output = template_render_text(cx, t, &c->context);
}

/* Whether Django (not Python) words the messages of an exception. */
static bool is_worded(Str type)
{
    return str_eq(type, STR("TemplateSyntaxError")) || str_eq(type, STR("TemplateDoesNotExist")) ||
           str_eq(type, STR("NoReverseMatch"));
}

static bool has_processor(const Map *options, const char *name)
{
    Value list = record_get(options, "context_processors");
    Str full = str_c(name);
    for (size_t i = 0; list.tag == VALUE_LIST && i < list.list->n; i++)
        if (str_ends(list.list->p[i].s, full))
            return true;
    return false;
}

static bool answer(Run *run, const Map *record, Value *got, Value *expected)
{
    Arena *a = run->scratch;
    Case c = { .run = run, .record = record };
    Value error = record_get(record, "error"), context = record_get(record, "context"), now = record_get(record, "now");
    c.zones = timezones_create(a, (Str){ 0 });
    case_clock = datetime_now();
    if (now.tag == VALUE_STR && !datetime_parse_rfc3339(now.s, &case_clock))
        return false;
    Value request = record_get(record, "request"), options = record_get(record, "options");
    template_context_init(&c.context, a, request_of(&c, request));
    static const TemplateProcessor *const processors[] = { &template_request_processor, &template_csp_processor,
                                                           &template_i18n_processor,    &template_tz_processor,
                                                           &template_auth_processor,    &template_messages_processor };
    for (size_t i = 0; c.context.request && options.tag == VALUE_MAP && i < CLEF_COUNT(processors); i++)
        if (has_processor(options.map, processors[i]->name))
            processors[i]->fn(c.context.request, &c.context);
    if (context.tag == VALUE_MAP)
        template_set_map(&c.context, template_case_value(a, c.zones, context).map);
    (void)template_push(&c.context);
    Context cx;
    context_init(&cx, a);
    const Error *e = attempt(&cx, run_case, &c);
    bool failed = error.tag == VALUE_MAP;
    *expected =
        failed ? error_value(a, str_dup_c(a, record_text(error.map, "type")),
                             is_worded(record_text(error.map, "type")) ? record_text(error.map, "message") : (Str){ 0 })
               : notation_of(a, "output", record_get(record, "output"));
    if (e) {
        const TemplateError *t = template_error_of(e);
        const char *type = t ? t->type : e->code;
        bool worded = !failed || is_worded(record_text(error.map, "type"));
        *got = error_value(a, type, worded ? str_copy(a, e->message) : (Str){ 0 });
    } else {
        *got = notation_of(a, "output", value_str(c.output));
    }
    context_finish(&cx);
    return true;
}

const Suite templates_suite = { .name = "templates", .open = open_file, .answer = answer };
