/* compile.c: from the tables as they are written to levels of entries, everything checked on the way. */
#include "urls/urlconf.h"

#include <clef/base/buf.h>
#include <clef/http/view.h>

typedef struct Compiler {
    UrlConf *conf;
    Str *error;
} Compiler;

static bool compile_level(Compiler *c, const Url *table, Entry *parent, uint32_t depth, Level *out);

/* "at 'blog/' > 'comments/'": the way to an entry. */
static Str place(Arena *a, const Entry *e)
{
    Str way = str_format(a, "'%.*s'", STR_FMT(e->route));
    for (const Entry *up = e->parent; up; up = up->parent)
        way = str_format(a, "'%.*s' > %.*s", STR_FMT(up->route), STR_FMT(way));
    return way;
}

static bool fail(Compiler *c, const Entry *e, Str problem)
{
    Arena *a = c->conf->arena;
    *c->error =
        str_format(a, "URL table, entry %u at %.*s: %.*s", e->index + 1, STR_FMT(place(a, e)), STR_FMT(problem));
    return false;
}

static UrlArgs make_defaults(Arena *a, const UrlDefault *list)
{
    size_t n = 0;
    while (list && list[n].name)
        n++;
    if (n == 0)
        return (UrlArgs){ 0 };
    UrlArg *p = NEW_ARRAY(a, UrlArg, n);
    for (size_t i = 0; i < n; i++) {
        const UrlDefault *d = &list[i];
        p[i].name = str_c(d->name);
        switch (d->kind) {
        case VALUE_STR:
            p[i].value = (Value){ .tag = VALUE_STR, .s = str_c(d->text) };
            break;
        case VALUE_DOUBLE:
            p[i].value = (Value){ .tag = VALUE_DOUBLE, .d = d->real };
            break;
        case VALUE_BOOL:
            p[i].value = (Value){ .tag = VALUE_BOOL, .b = d->number != 0 };
            break;
        case VALUE_OBJECT:
            p[i].value = d->value ? *d->value : (Value){ 0 };
            break;
        default:
            p[i].value = (Value){ .tag = VALUE_INT, .i = d->number };
        }
    }
    return (UrlArgs){ .p = p, .n = n };
}

/* The same expression is compiled once, however many entries have it. */
static const Regex *shared_regex(Compiler *c, Str pattern, bool full, Str *error)
{
    Arena *a = c->conf->arena;
    Str key = str_format(a, "%c%.*s", full ? 'f' : 's', STR_FMT(pattern));
    const Regex *x = names_get(&c->conf->regexes, key);
    if (!x) {
        x = regex_compile(a, pattern, full, error);
        if (x)
            names_set(a, &c->conf->regexes, key, (void *)(uintptr_t)x);
    }
    return x;
}

static bool compile_regex(Compiler *c, Entry *e)
{
    Arena *a = c->conf->arena;
    Str problem, pattern = e->route;
    bool full = e->endpoint && str_ends(pattern, STR("$"));
    e->how = HOW_REGEX;
    e->regex = shared_regex(c, pattern, full, &problem);
    if (!e->regex)
        return fail(
            c, e,
            str_format(a, "\"%.*s\" is not a valid regular expression: %.*s", STR_FMT(pattern), STR_FMT(problem)));
    e->literal = regex_literal_prefix(a, pattern);
    e->pattern = str_starts(pattern, STR("^")) ? str_from_byte(pattern, 1) : pattern;
    e->ncaptures = e->regex->ngroups;
    return true;
}

static bool compile_path(Compiler *c, Entry *e)
{
    Arena *a = c->conf->arena;
    Str problem;
    if (!route_parse(c->conf, e, &problem))
        return fail(c, e, problem);
    if (e->how != HOW_REGEX)
        return true;
    e->regex = shared_regex(c, str_concat(a, STR("^"), e->pattern), false, &problem);
    if (!e->regex)
        return fail(c, e,
                    str_format(a, "a converter's regex is not valid: %.*s (in \"%.*s\")", STR_FMT(problem),
                               STR_FMT(e->pattern)));
    return true;
}

static bool compile_handler(Compiler *c, Entry *e, uint32_t depth)
{
    int status = e->url->status;
    if (depth)
        return fail(c, e, STR("a HANDLER stands in an included table: move it to the root table"));
    if (status != 400 && status != 403 && status != 404 && status != 500)
        return fail(c, e,
                    str_format(c->conf->arena, "there is no HANDLER for %d: 400, 403, 404 and 500 have one", status));
    c->conf->handlers[status == 400 ? 0 : status == 500 ? 3 : status - 402] = e->url;
    return true;
}

/* As Django joins the routes of an include and of what is inside. */
static Str join_routes(Arena *a, Str outer, Str inner)
{
    if (outer.n == 0)
        return inner;
    return str_concat(a, outer, str_starts(inner, STR("^")) ? str_from_byte(inner, 1) : inner);
}

static Str name_of_namespace(const Url *u)
{
    const char *s = u->namespace && *u->namespace ? u->namespace : u->app_name;
    return str_c(s && *s ? s : NULL);
}
static Str name_of_app(const Url *u)
{
    const char *s = u->app_name && *u->app_name ? u->app_name : u->namespace;
    return str_c(s && *s ? s : NULL);
}

/* What depends on the way from the root. */
static bool finish_endpoint(Compiler *c, Entry *e)
{
    Arena *a = c->conf->arena;
    const Entry *way[URL_MAX_DEPTH + 1];
    uint32_t n = 0, captures = 0, depth = 0;
    for (const Entry *at = e; at; at = at->parent)
        depth++;
    n = depth;
    for (const Entry *at = e; at; at = at->parent) {
        way[--depth] = at;
        captures += at->ncaptures;
    }
    if (captures > URL_MAX_CAPTURES)
        return fail(
            c, e,
            str_format(a, "the way to it captures %u values, at most %u are allowed", captures, URL_MAX_CAPTURES));
    Str *apps = NEW_ARRAY(a, Str, n), *namespaces = NEW_ARRAY(a, Str, n), view_name = STR("");
    UrlArg *extra = NULL;
    size_t nextra = 0, room = 0;
    ResolverMatch *m = &e->match;
    *m = (ResolverMatch){ .conf = c->conf,
                          .url = e->url,
                          .function = e->url->view ? view_resolved : e->url->function,
                          .view = e->url->view,
                          .options = e->url->view ? view_options_join(a, e->url->options, e->url->view->config->options)
                                                  : e->url->options,
                          .url_name = str_c(e->url->name) };
    for (uint32_t i = 0; i < n; i++)
        room += way[i]->defaults.n;
    if (room)
        extra = NEW_ARRAY(a, UrlArg, room);
    for (uint32_t i = 0; i < n; i++) {
        Str app = name_of_app(way[i]->url), space = name_of_namespace(way[i]->url);
        if (app.n && i + 1 < n)
            apps[m->napp_names++] = app;
        if (space.n && i + 1 < n) {
            namespaces[m->nnamespaces++] = space;
            view_name = str_format(a, "%.*s%.*s:", STR_FMT(view_name), STR_FMT(space));
        }
        for (size_t k = 0; k < way[i]->defaults.n; k++) {
            UrlArg d = way[i]->defaults.p[k];
            size_t at = 0;
            while (at < nextra && !str_eq(extra[at].name, d.name))
                at++;
            extra[at] = d;
            nextra += at == nextra;
        }
    }
    const char *own = e->url->name ? e->url->name : e->url->view_name;
    m->view_name = str_concat(a, view_name, str_c(own ? own : ""));
    m->app_names = apps;
    m->namespaces = namespaces;
    m->kwargs = m->extra_kwargs = (UrlArgs){ .p = extra, .n = nextra };
    m->route = e->route;
    for (uint32_t i = n - 1; i-- > 0;)
        m->route = join_routes(a, way[i]->route, m->route);
    e->full_route_in_locale = str_starts(m->route, STR("^")) ? str_from_byte(m->route, 1) : m->route;
    return true;
}

static bool compile_entry(Compiler *c, Entry *e, uint32_t depth)
{
    const Url *u = e->url;
    Arena *a = c->conf->arena;
    e->route = u->kind == URL_LOCALE ? STR("") : str_c(u->route); /* the language's prefix is not the table's */
    e->endpoint = !u->include;
    if (++c->conf->nentries > URL_MAX_ENTRIES)
        return fail(c, e, STR("there are too many entries (URL_MAX_ENTRIES)"));
    if (e->route.n > URL_MAX_ROUTE)
        return fail(c, e, str_format(a, "the route is longer than %u bytes", URL_MAX_ROUTE));
    if (u->kind == URL_HANDLER)
        return compile_handler(c, e, depth);
    if (!u->include && !u->function && !u->view)
        return fail(c, e, STR("it has no view: PATH(route, view) or INCLUDE(route, table)"));
    e->defaults = make_defaults(a, u->kwargs);
    if (u->kind == URL_LOCALE) {
        if (depth)
            return fail(
                c, e,
                STR("Using i18n_patterns in an included URLconf is not allowed. Move LOCALE_PREFIX to the root table"));
        e->how = HOW_LOCALE;
        e->literal = e->pattern = STR("");
    } else if (!(u->kind == URL_REGEX ? compile_regex(c, e) : compile_path(c, e)))
        return false;
    entry_check(c->conf, e);
    if (e->endpoint)
        return finish_endpoint(c, e);
    if (depth + 1 >= URL_MAX_DEPTH)
        return fail(
            c, e, str_format(a, "INCLUDEs are nested more than %u deep: does a table include itself?", URL_MAX_DEPTH));
    e->inside = NEW(a, Level);
    return compile_level(c, u->include, e, depth + 1, e->inside);
}

static bool compile_level(Compiler *c, const Url *table, Entry *parent, uint32_t depth, Level *out)
{
    Arena *a = c->conf->arena;
    uint32_t n = 0;
    while (table[n].route && n <= URL_MAX_ENTRIES)
        n++;
    out->entries = NEW_ARRAY(a, Entry, n ? n : 1);
    for (uint32_t i = 0; i < n && i <= URL_MAX_ENTRIES; i++) {
        Entry *e = &out->entries[out->n++];
        *e = (Entry){ .url = &table[i], .parent = parent, .index = i };
        if (!compile_entry(c, e, depth))
            return false;
    }
    out->trie = trie_build(a, out->entries, out->n);
    return true;
}

UrlConf *urlconf_compile(Arena *a, const Url *table, const UrlOptions *options, Str *error)
{
    UrlConf *conf = NEW(a, UrlConf);
    conf->arena = a;
    conf->table = table;
    conf->options = options ? *options : (UrlOptions){ 0 };
    if (conf->options.script_prefix.n == 0)
        conf->options.script_prefix = STR("/");
    if (conf->options.language_code.n == 0)
        conf->options.language_code = STR("en-us");
    conf->converters = converters_make(a, conf->options.converters, &conf->nconverters, error);
    conf->scratch = regex_scratch_create(a);
    Compiler c = { .conf = conf, .error = error };
    if (!conf->converters || !compile_level(&c, table, NULL, 0, &conf->root))
        return NULL;
    scopes_build(conf);
    literals_build(conf);
    return conf;
}

const UrlWarning *urlconf_warnings(const UrlConf *conf, size_t *count)
{
    *count = conf->warnings.n;
    return conf->warnings.p;
}
