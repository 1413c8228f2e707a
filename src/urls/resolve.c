/* resolve.c: from a path to an entry. */
#include "urls/urlconf.h"

#include <clef/base/buf.h>

Str urlconf_language_prefix(const UrlConf *conf, Arena *a, const Entry *e)
{
    Str fallback = conf->options.language_code;
    Str code = conf->options.language ? conf->options.language(conf->options.language_arg) : fallback;
    if (code.n == 0)
        code = fallback;
    return e->url->unprefixed_default && str_eq(code, fallback) ? STR("") : str_concat(a, code, STR("/"));
}

static bool capture(Captures *c, Str name, Value v)
{
    if (c->nkwargs == URL_MAX_CAPTURES)
        return false;
    c->kwargs[c->nkwargs++] = (UrlArg){ .name = name, .value = v };
    return true;
}

static bool match_params(const Entry *e, Arena *a, Str path, Captures *c, Str *rest)
{
    if (!str_starts(path, e->literal))
        return false;
    path = str_from_byte(path, e->literal.n);
    for (uint32_t i = 0; i < e->nparams; i++) {
        const Param *p = &e->params[i];
        size_t n = converter_take(p->converter->kind, path);
        Str text = { path.p, n };
        path = str_from_byte(path, n);
        if (n == 0 || !str_starts(path, p->after))
            return false;
        path = str_from_byte(path, p->after.n);
        Value v;
        if (!converter_to_value(p->converter, a, text, &v) || !capture(c, p->name, v))
            return false;
    }
    *rest = path;
    return path.n == 0 || !e->endpoint;
}

static const Converter *converter_of(const Entry *e, Str name)
{
    for (uint32_t i = 0; i < e->nparams; i++)
        if (str_eq(e->params[i].name, name))
            return e->params[i].converter;
    return NULL;
}

static UrlOutcome match_regex(const UrlConf *conf, const Entry *e, Arena *a, Str path, Captures *c, Str *rest)
{
    RegexResult r = regex_match(e->regex, conf->scratch, path);
    if (r != REGEX_YES)
        return r == REGEX_NO ? URL_NOT_FOUND : URL_LIMIT;
    Str whole = regex_group(conf->scratch, path, 0);
    *rest = str_from_byte(path, (size_t)(whole.p - path.p) + whole.n);
    bool route = e->url->kind == URL_PATH;
    for (uint32_t i = 1; i <= e->regex->ngroups; i++) {
        Str name = e->regex->names[i], text = regex_group(conf->scratch, path, i);
        Value v = str_is_null(text) ? (Value){ 0 } : (Value){ .tag = VALUE_STR, .s = text };
        if (e->regex->named || route) {
            const Converter *converter = route ? converter_of(e, name) : NULL;
            if (!name.n || str_is_null(text) || (route && !converter))
                continue;
            if ((converter && !converter_to_value(converter, a, text, &v)) || !capture(c, name, v))
                return URL_NOT_FOUND;
        } else if (c->nargs < URL_MAX_CAPTURES) {
            c->args[c->nargs++] = v;
        }
    }
    return URL_FOUND;
}

UrlOutcome entry_match(const UrlConf *conf, const Entry *e, Arena *a, Str path, Captures *c, Str *rest)
{
    bool ok = false;
    switch (e->how) {
    case HOW_LITERAL:
        *rest = str_from_byte(path, e->literal.n);
        ok = e->endpoint ? str_eq(path, e->literal) : str_starts(path, e->literal);
        break;
    case HOW_PARAMS:
        ok = match_params(e, a, path, c, rest);
        break;
    case HOW_LOCALE: {
        Str prefix = urlconf_language_prefix(conf, a, e);
        *rest = str_from_byte(path, prefix.n);
        ok = str_starts(path, prefix);
        break;
    }
    case HOW_REGEX:
        return match_regex(conf, e, a, path, c, rest);
    }
    return ok ? URL_FOUND : URL_NOT_FOUND;
}

/* Where the captures of each entry of the way begin. */
typedef struct Step {
    const Entry *entry;
    uint32_t kwargs_from, args_from;
} Step;

typedef struct Resolving {
    const UrlConf *conf;
    Arena *arena;
    uint32_t nsteps;
    Step steps[URL_MAX_DEPTH + 1];
    Captures captures;
} Resolving;

static UrlOutcome resolve_level(Resolving *r, const Level *level, Str path);

static UrlOutcome try_entry(Resolving *r, const Entry *e, Str path)
{
    Captures *c = &r->captures;
    Step step = { .entry = e, .kwargs_from = c->nkwargs, .args_from = c->nargs };
    Str rest = path;
    UrlOutcome outcome = entry_match(r->conf, e, r->arena, path, c, &rest);
    if (outcome == URL_FOUND) {
        r->steps[r->nsteps++] = step;
        if (!e->inside)
            return URL_FOUND;
        outcome = resolve_level(r, e->inside, rest);
        if (outcome == URL_FOUND)
            return URL_FOUND;
        r->nsteps--;
    }
    c->nkwargs = step.kwargs_from;
    c->nargs = step.args_from;
    return outcome;
}

static UrlOutcome resolve_level(Resolving *r, const Level *level, Str path)
{
    Candidates candidates;
    candidates.n = 0;
    bool some = trie_find(level->trie, path, &candidates);
    uint32_t n = some ? candidates.n : level->n;
    for (uint32_t i = 0; i < n; i++) {
        const Entry *e = &level->entries[some ? candidates.at[i] : i];
        if (e->url->kind == URL_HANDLER)
            continue;
        UrlOutcome outcome = try_entry(r, e, path);
        if (outcome != URL_NOT_FOUND)
            return outcome;
    }
    return URL_NOT_FOUND;
}

/* Adds or replaces, as a Python dict does. */
static void merge(UrlArg *p, size_t *n, const UrlArg *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < *n && !str_eq(p[at].name, from[i].name))
            at++;
        p[at] = from[i];
        *n += at == *n;
    }
}

static void fill_captures(Resolving *r, const Entry *leaf, ResolverMatch *out)
{
    const Captures *c = &r->captures;
    uint32_t own = r->steps[r->nsteps - 1].kwargs_from;
    size_t most = c->nkwargs + out->extra_kwargs.n, n = 0;
    if (c->nkwargs) {
        UrlArg *p = NEW_ARRAY(r->arena, UrlArg, most);
        for (uint32_t i = 0; i < r->nsteps; i++) {
            uint32_t from = r->steps[i].kwargs_from, to = i + 1 < r->nsteps ? r->steps[i + 1].kwargs_from : c->nkwargs;
            merge(p, &n, c->kwargs + from, to - from);
            merge(p, &n, r->steps[i].entry->defaults.p, r->steps[i].entry->defaults.n);
        }
        out->kwargs = (UrlArgs){ .p = p, .n = n };
        if (own == 0 && out->extra_kwargs.n == 0) {
            out->captured_kwargs = out->kwargs;
        } else if (c->nkwargs > own) {
            UrlArg *captured = NEW_ARRAY(r->arena, UrlArg, c->nkwargs - own);
            memcpy(captured, c->kwargs + own, (c->nkwargs - own) * sizeof *captured);
            out->captured_kwargs = (UrlArgs){ .p = captured, .n = c->nkwargs - own };
        }
    }
    if (c->nargs == 0)
        return;
    /* Unnamed values of an INCLUDE count only while nothing from there inwards has a name. */
    uint32_t from = r->steps[r->nsteps - 1].args_from;
    bool named = c->nkwargs > own || leaf->defaults.n;
    for (uint32_t i = r->nsteps - 1; i-- > 0;) {
        named |= r->steps[i + 1].kwargs_from > r->steps[i].kwargs_from || r->steps[i].entry->defaults.n;
        if (named)
            break;
        from = r->steps[i].args_from;
    }
    out->nargs = c->nargs - from;
    if (out->nargs) {
        Value *args = NEW_ARRAY(r->arena, Value, out->nargs);
        memcpy(args, c->args + from, out->nargs * sizeof *args);
        out->args = args;
    }
}

/* The search: apart from the short way, because its frame is large. */
static __attribute__((noinline)) const ResolverMatch *search(const UrlConf *conf, Arena *a, Str path,
                                                             UrlOutcome *outcome)
{
    *outcome = URL_NOT_FOUND;
    if (path.n == 0 || path.p[0] != '/')
        return NULL;
    Resolving r; /* not cleared: what counts is counted */
    r.conf = conf;
    r.arena = a;
    r.nsteps = 0;
    r.captures.nkwargs = r.captures.nargs = 0;
    *outcome = resolve_level(&r, &conf->root, str_from_byte(path, 1));
    if (*outcome != URL_FOUND)
        return NULL;
    const Entry *e = r.steps[r.nsteps - 1].entry;
    bool in_locale = r.steps[0].entry->how == HOW_LOCALE;
    if (r.captures.nkwargs == 0 && r.captures.nargs == 0 && !in_locale)
        return &e->match;
    ResolverMatch *out = arena_alloc(a, sizeof *out);
    *out = e->match;
    if (CLEF_UNLIKELY(in_locale)) {
        Str prefix = urlconf_language_prefix(conf, a, r.steps[0].entry);
        if (prefix.n)
            out->route = str_concat(a, prefix, e->full_route_in_locale);
    }
    fill_captures(&r, e, out);
    return out;
}

const ResolverMatch *urlconf_find(const UrlConf *conf, Arena *a, Str path, UrlOutcome *outcome)
{
    const Entry *e = literals_find(conf, path);
    if (CLEF_UNLIKELY(!e))
        return search(conf, a, path, outcome);
    *outcome = URL_FOUND;
    return &e->match;
}

UrlOutcome urlconf_resolve(const UrlConf *conf, Arena *a, Str path, ResolverMatch *out)
{
    UrlOutcome outcome;
    const ResolverMatch *m = urlconf_find(conf, a, path, &outcome);
    if (m)
        *out = *m;
    return outcome;
}

bool urlconf_should_append_slash(const UrlConf *conf, Arena *a, Str path, ResolverMatch *match)
{
    ResolverMatch ignored;
    UrlOutcome outcome;
    if (conf->options.no_append_slash || str_ends(path, STR("/")) || urlconf_find(conf, a, path, &outcome) ||
        outcome != URL_NOT_FOUND)
        return false;
    return urlconf_resolve(conf, a, str_concat(a, path, STR("/")), match ? match : &ignored) == URL_FOUND;
}

const Url *urlconf_handler(const UrlConf *conf, int status)
{
    return status == 400 || status == 500   ? conf->handlers[status == 500 ? 3 : 0]
           : status == 403 || status == 404 ? conf->handlers[status - 402]
                                            : NULL;
}

static Str describe(Arena *a, Str before, const UrlConf *conf, const Entry *e)
{
    Str route = e->how == HOW_LOCALE ? urlconf_language_prefix(conf, a, e) : e->route;
    Str text = before.n ? str_format(a, "%.*s %.*s", STR_FMT(before), STR_FMT(route)) : route;
    return e->url->name ? str_format(a, "%.*s [name='%s']", STR_FMT(text), e->url->name) : text;
}

static void tried_level(const UrlConf *conf, Arena *a, const Level *level, Str path, Str before, Captures *c, Strs *out)
{
    for (uint32_t i = 0; i < level->n; i++) {
        const Entry *e = &level->entries[i];
        if (e->url->kind == URL_HANDLER)
            continue;
        c->nkwargs = c->nargs = 0;
        Str rest, text = describe(a, before, conf, e);
        if (e->inside && e->inside->n && entry_match(conf, e, a, path, c, &rest) == URL_FOUND)
            tried_level(conf, a, e->inside, rest, text, c, out);
        else
            VEC_PUSH(a, out, text);
    }
}

size_t urlconf_tried(const UrlConf *conf, Arena *a, Str path, const Str **tried)
{
    Strs out = { 0 };
    if (path.n && path.p[0] == '/')
        tried_level(conf, a, &conf->root, str_from_byte(path, 1), (Str){ 0 }, NEW(a, Captures), &out);
    *tried = out.p;
    return out.n;
}
