/* scope.c: what can be reversed, by namespace, in the order in which Django tries. */
#include "urls/urlconf.h"

static Str namespace_of(const Entry *e)
{
    const Url *u = e->url;
    return str_c(u->namespace && *u->namespace ? u->namespace : u->app_name);
}

static void set_default(UrlArg *p, size_t *n, UrlArg d)
{
    size_t at = 0;
    while (at < *n && !str_eq(p[at].name, d.name))
        at++;
    p[at] = d;
    *n += at == *n;
}

/* Everything about the endpoint e seen from the namespace whose INCLUDE is `within` (NULL: the root). */
static Possibility make_possibility(UrlConf *conf, const Entry *e, const Entry *within)
{
    Arena *a = conf->arena;
    const Entry *way[URL_MAX_DEPTH + 1];
    uint32_t n = 0;
    Possibility p = { .entry = e, .pattern = STR(""), .only_paths = true };
    size_t nparams = 0, ndefaults = 0;
    for (const Entry *at = e; at; at = at->parent) {
        way[n++] = at;
        nparams += at->nparams;
        ndefaults += at->defaults.n;
    }
    Param *params = NEW_ARRAY(a, Param, nparams ? nparams : 1);
    UrlArg *defaults = NEW_ARRAY(a, UrlArg, ndefaults ? ndefaults : 1);
    for (uint32_t i = n; i-- > 0;) {
        p.pattern = str_concat(a, p.pattern, way[i]->pattern);
        p.in_locale |= way[i]->how == HOW_LOCALE;
        p.only_paths &= way[i]->url->kind != URL_REGEX;
        for (uint32_t k = 0; k < way[i]->nparams; k++) {
            params[p.nconverters++] = way[i]->params[k];
            p.only_paths &= way[i]->params[k].converter->kind != CONVERT_USER;
        }
    }
    for (uint32_t i = 0; i < n && way[i] != within; i++) /* the outer one counts */
        for (size_t k = 0; k < way[i]->defaults.n; k++)
            set_default(defaults, &p.defaults.n, way[i]->defaults.p[k]);
    p.converters = params;
    p.defaults.p = defaults;
    Str problem;
    if (!normalize(a, p.pattern, &p.forms, &problem)) {
        p.forms = (Forms){ 0 };
        if (e->url->name) /* without one, hardly anybody means to */
            VEC_PUSH(a, &conf->warnings,
                     (UrlWarning){ .id = "clef.urls.W002",
                                   .text = str_format(a, "Your URL pattern '%.*s' [name='%s'] cannot be reversed: %.*s",
                                                      STR_FMT(e->route), e->url->name, STR_FMT(problem)) });
    }
    return p;
}

static void offer(Arena *a, Names *names, Str key, Possibility p)
{
    Possibilities *list = names_get(names, key);
    if (!list)
        names_set(a, names, key, list = NEW(a, Possibilities));
    VEC_PUSH(a, list, p);
}

static void collect(UrlConf *conf, const Level *level, const Entry *within, Scope *scope, Str place)
{
    Arena *a = conf->arena;
    for (uint32_t i = level->n; i-- > 0;) {
        const Entry *e = &level->entries[i];
        Str space = namespace_of(e);
        if (e->endpoint) {
            bool by_view = scope == &conf->scope;
            if (e->url->kind == URL_HANDLER || (!e->url->name && !by_view))
                continue;
            Possibility p = make_possibility(conf, e, within);
            if (by_view)
                offer(a, &scope->views, view_key(&e->url->view, &e->url->function), p);
            if (e->url->name)
                offer(a, &scope->names, str_c(e->url->name), p);
        } else if (space.n == 0) {
            collect(conf, e->inside, within, scope, place);
        } else {
            Str app = str_c(e->url->app_name && *e->url->app_name ? e->url->app_name : e->url->namespace);
            Strs *instances = names_get(&scope->apps, app);
            if (!instances)
                names_set(a, &scope->apps, app, instances = NEW(a, Strs));
            VEC_PUSH(a, instances, space);
            Str full = place.n ? str_format(a, "%.*s:%.*s", STR_FMT(place), STR_FMT(space)) : space;
            if (names_get(&scope->namespaces, space))
                VEC_PUSH(a, &conf->warnings,
                         (UrlWarning){ .id = "urls.W005",
                                       .text = str_format(a,
                                                          "URL namespace '%.*s' isn't unique. You may not be able to "
                                                          "reverse all URLs in this namespace",
                                                          STR_FMT(full)) });
            Scope *inside = NEW(a, Scope);
            names_set(a, &scope->namespaces, space, inside);
            collect(conf, e->inside, e, inside, full);
        }
    }
}

void scopes_build(UrlConf *conf) { collect(conf, &conf->root, NULL, &conf->scope, STR("")); }
