/* site.c: from checked settings to a site. */
#include "cli/commands.h"
#include <clef/base/vec.h>
#include <clef/core.h>
#include <clef/debug.h>
#include <clef/orm/databases.h>
#include <clef/urls.h>

/* Once for every error that becomes a response: what is not the client's doing goes to the log with its place. */
static void report(Request *r, const Error *e)
{
    LogComponent *log = r->settings ? logging_component(r->settings, STR("request")) : NULL;
    if (e->status >= 500)
        LOGGER_ERROR(log, "a request failed", "status", e->status, "method", r->method_name, "path", r->path, "code",
                     e->code, "error", e->message, "file", e->file ? e->file : "", "line", e->line, "function",
                     e->function ? e->function : "");
    else
        LOGGER_DEBUG(log, "a request was refused", "status", e->status, "method", r->method_name, "path", r->path,
                     "code", e->code, "error", e->message);
}

/* Those of the settings, then those of each application. */
static const UrlConverter *const *project_converters(Arena *a, const Settings *s)
{
    VEC(const UrlConverter *) all = { 0 };
    for (size_t i = 0; s->url_converters && s->url_converters[i]; i++)
        VEC_PUSH(a, &all, s->url_converters[i]);
    for (const App *const *app = s->installed_apps; app && *app; app++)
        for (size_t i = 0; (*app)->url_converters && (*app)->url_converters[i]; i++)
            VEC_PUSH(a, &all, (*app)->url_converters[i]);
    if (all.n)
        VEC_PUSH(a, &all, NULL);
    return all.p;
}

UrlConf *project_urls(Context *cx, const Settings *settings)
{
    if (!settings->root_urlconf)
        RAISE(cx, 500, "improperly_configured",
              "ROOT_URLCONF is not set: give the settings function a line `s->root_urlconf = urls;`");
    UrlOptions options = { .converters = project_converters(cx->arena, settings),
                           .script_prefix = settings->force_script_name,
                           .no_append_slash = !settings->append_slash,
                           .language_code = settings->language_code };
    Str error;
    UrlConf *conf = urlconf_compile(cx->arena, settings->root_urlconf, &options, &error);
    if (!conf)
        RAISE(cx, 500, "improperly_configured", "the urls cannot be used: %.*s", STR_FMT(error));
    return conf;
}

void project_labels(Context *cx, const App *const *apps)
{
    for (size_t i = 0; apps && apps[i]; i++) {
        if (!apps[i]->label || !*apps[i]->label)
            RAISE(cx, 500, "improperly_configured", "the application at place %zu of INSTALLED_APPS has no label",
                  i + 1);
        for (size_t k = 0; k < i; k++)
            if (strcmp(apps[k]->label, apps[i]->label) == 0)
                RAISE(cx, 500, "improperly_configured",
                      "two applications of INSTALLED_APPS have the label '%s': labels must be unique", apps[i]->label);
    }
}

void project_start(Context *cx, Settings *settings)
{
    const App *const *apps = settings->installed_apps;
    if (cx->databases) /* somebody did it before, for the command that runs here */
        return;
    databases_start(cx, settings);
    for (size_t i = 0; apps && apps[i]; i++)
        if (apps[i]->ready)
            apps[i]->ready(cx, settings);
}

Site *project_site(Context *cx, Settings *settings)
{
    const App *const *apps = settings->installed_apps;
    project_labels(cx, apps);
    project_start(cx, settings);
    UrlConf *conf = project_urls(cx, settings);
    SiteRouter *router = NEW(cx->arena, SiteRouter);
    *router = settings->debug ? debug_router(&urls_router) : urls_router;
    if (!router->report)
        router->report = report;
    const Middleware *const *list =
        query_log_list(cx->arena, settings, atomic_requests_list(cx->arena, settings, settings->middleware));
    return site_create(cx, settings, live_list(cx->arena, settings, list), router, conf);
}

bool site_crash_page(const Settings *settings, const HttpCrash *crash, Arena *a, Str *block, Str *body)
{
    *block = STR("Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n");
    *body = debug_crash_page(a, settings, crash);
    return !str_is_null(*body);
}
