/* response.c: a request, a template's name and some values become a response. */
#include "template/template.h"
#include <clef/conf.h>
#include <clef/conf/files.h>
#include <clef/http/csrf.h>

#include <sys/stat.h>

static const TemplateProcessor *const default_processors[] = { &template_request_processor, &template_csrf_processor,
                                                               &template_debug_processor, NULL };

/* A relative path is meant from the project's folder, wherever the program was started. */
static const char *below_base_dir(const Settings *s, Str path)
{
    if (str_starts(path, STR("/")) || !s->base_dir.n)
        return str_dup_c(s->arena, path);
    return str_format(s->arena, "%.*s/%.*s", STR_FMT(s->base_dir), STR_FMT(path)).p;
}

static const TemplateLibrary **libraries_of(const Settings *s)
{
    VEC(const TemplateLibrary *) all = { 0 };
    for (const App *const *app = s->installed_apps; app && *app; app++)
        for (const TemplateLibrary *const *l = (*app)->template_libraries; l && *l; l++)
            VEC_PUSH(s->arena, &all, *l);
    VEC_PUSH(s->arena, &all, NULL);
    return all.p;
}

/* What the release build put into the program of a folder. */
static bool in_program(Arena *a, Str folder, TemplateLoader *loader)
{
    const ProjectFile *f = project_files();
    size_t n = 0;
    Str prefix = str_concat(a, str_trim_set(folder, STR("/")), STR("/"));
    for (const ProjectFile *at = f; at && at->path; at++)
        n += str_starts(str_c(at->path), prefix);
    if (!n)
        return false;
    TemplateSource *sources = NEW_ARRAY(a, TemplateSource, n);
    *loader = (TemplateLoader){ .sources = sources, .nsources = n };
    for (n = 0; f->path; f++)
        if (str_starts(str_c(f->path), prefix))
            sources[n++] = (TemplateSource){ str_from_byte(str_c(f->path), prefix.n), f->text };
    return true;
}

/* `optional`: an application need not have the folder. */
static TemplateLoader *add_folder(const Settings *s, Str folder, bool optional, TemplateLoader *loader)
{
    struct stat found;
    const char *path = below_base_dir(s, folder);
    if (in_program(s->arena, folder, loader))
        loader++;
    if (!optional || (stat(path, &found) == 0 && S_ISDIR(found.st_mode)))
        *loader++ = TEMPLATE_DIR(path);
    return loader;
}

/* The directories, then the folder of that name in each application (NULL: none). */
static const TemplateLoader *loaders_of(const Settings *s, StrList dirs, const char *app_folder)
{
    Arena *a = s->arena;
    size_t apps = 0;
    while (app_folder && s->installed_apps && s->installed_apps[apps])
        apps++;
    TemplateLoader *loaders = NEW_ARRAY(a, TemplateLoader, 2 * (dirs.n + apps) + 1), *loader = loaders;
    for (size_t i = 0; i < dirs.n; i++)
        loader = add_folder(s, dirs.p[i], false, loader);
    for (size_t i = 0; i < apps; i++) {
        const App *app = s->installed_apps[i];
        loader =
            add_folder(s, str_format(a, "%s/%s", app->folder ? app->folder : app->label, app_folder), true, loader);
    }
    return loaders;
}

static const TemplateLoader *const *backend_loaders_of(const Settings *s)
{
    VEC(const TemplateLoader *) all = { 0 };
    for (const TemplateBackend *const *b = s->template_backends; b && *b; b++)
        VEC_PUSH(s->arena, &all, loaders_of(s, (*b)->dirs, (*b)->app_folder));
    return all.p;
}

/* `i18n` and `caches` NULL: of the engine's own. */
static TemplateEngine *engine_of(const Settings *s, I18n *i18n, const Caches *caches)
{
    TemplateEngineOptions o = { .loaders = loaders_of(s, s->template_dirs, "templates"),
                                .compiled = program_templates,
                                .debug = s->debug,
                                .urlize_assume_https = s->urlize_assume_https,
                                .reload = s->debug,
                                .libraries = libraries_of(s),
                                .i18n = i18n,
                                .use_tz = s->use_tz,
                                .caches = caches,
                                .static_url = s->static_url,
                                .media_url = s->media_url,
                                .processors = s->context_processors ? s->context_processors : default_processors,
                                .backends = s->template_backends,
                                .backend_loaders = backend_loaders_of(s) };
    return template_engine_create(s->arena, &o);
}

TemplateEngine *settings_templates(const Settings *s) { return engine_of(s, NULL, NULL); }

TemplateEngine *request_templates(Request *r)
{
    if (!r->site)
        RAISE(r, 500, "no_templates", "The request belongs to no site, so there is no template engine");
    TemplateEngine *e = site_templates(r->site);
    if (CLEF_UNLIKELY(!e)) {
        e = engine_of(r->settings, site_i18n(r->site), site_caches(r->site));
        site_set_templates(r->site, e);
    }
    return e;
}

void request_context_init(Request *r, const TemplateEngine *e, TemplateContext *c)
{
    template_context_init(c, r->cx.arena, r);
    for (const TemplateProcessor *const *p = e->options.processors; p && *p; p++)
        (*p)->fn(r, c);
    (void)template_push(c);
}

static Str render(Request *r, Str name, Str using, const TemplatePair *pairs, const Map *map)
{
    TemplateEngine *e = request_templates(r);
    if (CLEF_UNLIKELY(e->backends.n > 1 || using.n))
        return render_select(&r->cx, e, &name, 1,
                             &(RenderOptions){ .request = r, .using = using, .map = map, .pairs = pairs });
    const Template *t = template_get(&r->cx, e, name);
    TemplateContext c;
    request_context_init(r, e, &c);
    if (map)
        template_set_map(&c, map);
    if (pairs)
        template_set_pairs(&c, pairs);
    Buf out = BUF_INIT(r->cx.arena, SIZE_MAX - 1);
    template_render(&r->cx, t, &c, &out);
    return buf_view(&out);
}

Str render_to_string(Request *r, const char *name, const TemplatePair *pairs)
{
    return render(r, str_c(name), (Str){ 0 }, pairs, NULL);
}

Str render_to_string_using(Request *r, const char *using, const char *name, const TemplatePair *pairs)
{
    return render(r, str_c(name), str_c(using), pairs, NULL);
}

Response *response_render(Request *r, const char *name, const TemplatePair *pairs)
{
    return response_create(r, render_to_string(r, name, pairs), (ResponseOptions){ .status = 200 });
}

Response *response_render_using(Request *r, const char *using, const char *name, const TemplatePair *pairs)
{
    return response_create(r, render_to_string_using(r, using, name, pairs), (ResponseOptions){ .status = 200 });
}

static void render_late(Request *r, Response *response)
{
    const TemplateResponse *t = response->render_arg;
    response->content = render(r, t->template_name, t->using, NULL, t->context);
}

Response *response_template(Request *r, const char *name, const TemplatePair *pairs)
{
    return response_template_using(r, "", name, pairs);
}

Response *response_template_using(Request *r, const char *using, const char *name, const TemplatePair *pairs)
{
    TemplateResponse *t = NEW(r->cx.arena, TemplateResponse);
    t->template_name = str_c(name);
    t->using = str_c(using);
    t->context = map_new(r->cx.arena);
    for (; pairs->name; pairs++)
        map_set(t->context, str_c(pairs->name), value_copy(r->cx.arena, pairs->value));
    Response *response = response_create(r, STR(""), (ResponseOptions){ .status = 200 });
    response->render = render_late;
    response->render_arg = t;
    return response;
}

TemplateResponse *response_template_of(const Response *response)
{
    return response->render == render_late ? response->render_arg : NULL;
}

/* --- context processors */

static void process_request(Request *r, TemplateContext *c)
{
    template_set(c, STR("request"), template_request_value(r));
}

/* Made when a template shows it: a page without a form sets no cookie. */
static Str csrf_token_str(Arena *a, const void *self)
{
    (void)a;
    return csrf_get_token((Request *)(uintptr_t)self);
}
static const ValueClass csrf_token_class = { .name = "CsrfToken", .str = csrf_token_str };

Value csrf_token_value(Request *r) { return value_object(r, &csrf_token_class); }

static void process_csrf(Request *r, TemplateContext *c) { template_set(c, STR("csrf_token"), csrf_token_value(r)); }

static void process_debug(Request *r, TemplateContext *c)
{
    const Settings *s = r->settings;
    Str address = s && s->debug && s->internal_ips.n ? request_remote_addr(r) : (Str){ 0 };
    for (size_t i = 0; address.p && i < s->internal_ips.n; i++)
        if (str_eq(s->internal_ips.p[i], address))
            template_set(c, STR("debug"), value_bool(true));
}

static void process_i18n(Request *r, TemplateContext *c)
{
    const Locale *l = LOCALE(r);
    List *list = list_new(c->arena);
    I18nLanguage one;
    for (size_t i = 0; l->i18n && i18n_language_at(l->i18n, i, &one); i++) {
        List *pair = list_new(c->arena);
        list_push(c->arena, pair, value_str(one.code));
        list_push(c->arena, pair, value_str(one.name));
        list_push(c->arena, list, value_tuple(pair));
    }
    Str code = locale_language_code(l);
    template_set(c, STR("LANGUAGES"), value_list(list));
    template_set(c, STR("LANGUAGE_CODE"), code.n ? value_str(code) : value_null());
    template_set(c, STR("LANGUAGE_BIDI"), value_bool(locale_is_bidi(l)));
}

static void process_tz(Request *r, TemplateContext *c)
{
    template_set(c, STR("TIME_ZONE"), value_str(timezone_name(LOCALE(r)->zone)));
}

/* What a domain above hung on the request, under the name that templates know. */
static void take_state(Request *r, TemplateContext *c, Str name)
{
    Value v = request_state(r, name);
    if (!value_is_null(v))
        template_set(c, name, v);
}

static void process_auth(Request *r, TemplateContext *c)
{
    take_state(r, c, STR("user"));
    take_state(r, c, STR("perms"));
}

static void process_messages(Request *r, TemplateContext *c)
{
    static const struct {
        Str name;
        int level;
    } levels[] = {
        { STR("DEBUG"), 10 }, { STR("INFO"), 20 }, { STR("SUCCESS"), 25 }, { STR("WARNING"), 30 }, { STR("ERROR"), 40 }
    };
    Map *m = map_new(c->arena);
    for (size_t i = 0; i < CLEF_COUNT(levels); i++)
        map_set(m, levels[i].name, value_int(levels[i].level));
    take_state(r, c, STR("messages"));
    template_set(c, STR("DEFAULT_MESSAGE_LEVELS"), value_map(m));
}

static void process_static(Request *r, TemplateContext *c)
{
    template_set(c, STR("STATIC_URL"), value_str(r->settings->static_url));
}

static void process_media(Request *r, TemplateContext *c)
{
    template_set(c, STR("MEDIA_URL"), value_str(r->settings->media_url));
}

/* Asked for by being shown: then it goes into the header too. */
static Str csp_nonce_str(Arena *a, const void *self)
{
    (void)a;
    return request_csp_nonce((Request *)(uintptr_t)self);
}
static const ValueClass csp_nonce_class = { .name = "LazyNonce", .str = csp_nonce_str };

static void process_csp(Request *r, TemplateContext *c)
{
    bool used = r->settings && (r->settings->secure_csp || r->settings->secure_csp_report_only);
    template_set(c, STR("csp_nonce"), used ? value_object(r, &csp_nonce_class) : value_null());
}

const TemplateProcessor template_auth_processor = { "auth", process_auth };
const TemplateProcessor template_i18n_processor = { "i18n", process_i18n };
const TemplateProcessor template_messages_processor = { "messages", process_messages };
const TemplateProcessor template_tz_processor = { "tz", process_tz };
const TemplateProcessor template_csp_processor = { "csp", process_csp };
const TemplateProcessor template_request_processor = { "request", process_request };
const TemplateProcessor template_csrf_processor = { "csrf", process_csrf };
const TemplateProcessor template_debug_processor = { "debug", process_debug };
const TemplateProcessor template_static_processor = { "static", process_static };
const TemplateProcessor template_media_processor = { "media", process_media };
