/* reverse.c: from a name and values to a path. */
#include <clef/urls/reverse.h>

#include "urls/urlconf.h"
#include <clef/base/buf.h>
#include <clef/codec/url.h>

enum { MAX_URL = 1 << 20 };

typedef struct Reversing {
    const UrlConf *conf;
    Arena *arena;
    const UrlReverse *what;
    Str prefix;
    Str *error;
} Reversing;

static const UrlArg *find_arg(UrlArgs args, Str name)
{
    for (size_t i = 0; i < args.n; i++)
        if (str_eq(args.p[i].name, name))
            return &args.p[i];
    return NULL;
}

static bool has_param(const Form *f, Str name)
{
    for (size_t i = 0; i < f->params.n; i++)
        if (str_eq(f->params.p[i], name))
            return true;
    return false;
}

static Str text_of(Arena *a, Value v)
{
    Str s = { 0 };
    return value_url_text(a, v, &s) ? s : (Str){ 0 };
}

static bool same_value(Arena *a, Value x, Value y)
{
    bool numbers = (x.tag == VALUE_INT || x.tag == VALUE_BOOL) && (y.tag == VALUE_INT || y.tag == VALUE_BOOL);
    if (numbers)
        return (x.tag == VALUE_BOOL ? x.b : x.i) == (y.tag == VALUE_BOOL ? y.b : y.i);
    return x.tag == y.tag && str_eq(text_of(a, x), text_of(a, y));
}

/* May the given values fill this form? Django's rule: what is missing or too much must be a default, and agree with it. */
static bool fits(const Reversing *r, const Possibility *p, const Form *f)
{
    UrlArgs kwargs = r->what->kwargs;
    if (r->what->nargs)
        return r->what->nargs == f->params.n;
    for (size_t i = 0; i < kwargs.n; i++)
        if (!has_param(f, kwargs.p[i].name) && !find_arg(p->defaults, kwargs.p[i].name))
            return false;
    for (size_t i = 0; i < f->params.n; i++)
        if (!find_arg(kwargs, f->params.p[i]) && !find_arg(p->defaults, f->params.p[i]))
            return false;
    for (size_t i = 0; i < p->defaults.n; i++) {
        const UrlArg *d = &p->defaults.p[i], *given = find_arg(kwargs, d->name);
        if (given && !has_param(f, d->name) && !same_value(r->arena, given->value, d->value))
            return false;
    }
    return true;
}

/* The converter of a parameter: the innermost of that name. Unnamed ones have none. */
static const Converter *converter_of(const Possibility *p, Str name)
{
    for (size_t i = p->nconverters; i-- > 0;)
        if (str_eq(p->converters[i].name, name))
            return p->converters[i].converter;
    return NULL;
}

static bool given_value(const Reversing *r, const Form *f, Str name, Value *out)
{
    if (!r->what->nargs) {
        const UrlArg *arg = find_arg(r->what->kwargs, name);
        if (arg)
            *out = arg->value;
        return arg != NULL;
    }
    for (size_t i = f->params.n; i-- > 0;) /* of two of the same name the last counts, as in a dict */
        if (str_eq(f->params.p[i], name)) {
            *out = r->what->args[i];
            return true;
        }
    return false;
}

/* The path, not yet encoded. *plain: every value matches its built-in converter, so that the whole will match. */
static bool write_form(const Reversing *r, const Possibility *p, const Form *f, Buf *b, bool *plain)
{
    for (size_t i = 0; i < f->pieces.n; i++) {
        FormPiece piece = f->pieces.p[i];
        Str text = piece.text;
        Value v;
        if (piece.param) {
            const Converter *c = converter_of(p, piece.text);
            if (!given_value(r, f, piece.text, &v) || !converter_to_url(c, r->arena, v, &text))
                return false;
            *plain &= c && c->kind != CONVERT_USER && text.n && converter_take(c->kind, text) == text.n;
        }
        buf_str(b, text);
    }
    return !b->failed;
}

static Str escape_regex(Arena *a, Str s)
{
    Buf b = BUF_INIT(a, s.n * 2);
    buf_add(&b, "", 0);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] && strchr("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", s.p[i]))
            buf_byte(&b, '\\');
        buf_byte(&b, s.p[i]);
    }
    return buf_view(&b);
}

/* Does the table's own expression match what was written behind the prefix? */
static bool verify(const Reversing *r, Possibility *p, Str path)
{
    if (!p->regex) {
        Arena *a = r->conf->arena;
        Str ignored;
        p->regex = regex_compile(a, str_concat(a, STR("^"), p->pattern), false, &ignored);
    }
    return p->regex && regex_match(p->regex, r->conf->scratch, path) == REGEX_YES;
}

static bool try_possibility(Reversing *r, Possibility *p, Str *out)
{
    for (size_t i = 0; i < p->forms.n; i++) {
        const Form *f = &p->forms.p[i];
        if (!fits(r, p, f))
            continue;
        Buf b = BUF_INIT(r->arena, MAX_URL);
        bool plain = p->only_paths;
        buf_str(&b, r->prefix);
        if (!write_form(r, p, f, &b, &plain))
            continue;
        Str candidate = buf_view(&b);
        if (!plain && !verify(r, p, str_from_byte(candidate, r->prefix.n)))
            continue;
        *out = escape_leading_slashes(r->arena, url_quote(r->arena, candidate, STR("!$&'()*+,;=/~:@")));
        return true;
    }
    return false;
}

static Str arguments_text(const Reversing *r)
{
    Arena *a = r->arena;
    Buf b = BUF_INIT(a, MAX_URL);
    if (r->what->nargs) {
        BUF_LIT(&b, "arguments '(");
        for (size_t i = 0; i < r->what->nargs; i++) {
            buf_c(&b, i ? ", " : "");
            buf_str(&b, value_python_repr(a, r->what->args[i]));
        }
        buf_c(&b, r->what->nargs == 1 ? ",)'" : ")'");
    } else if (r->what->kwargs.n) {
        BUF_LIT(&b, "keyword arguments '{");
        for (size_t i = 0; i < r->what->kwargs.n; i++) {
            const UrlArg *k = &r->what->kwargs.p[i];
            buf_c(&b, i ? ", " : "");
            buf_str(&b, value_python_repr(a, (Value){ .tag = VALUE_STR, .s = k->name }));
            buf_c(&b, ": ");
            buf_str(&b, value_python_repr(a, k->value));
        }
        BUF_LIT(&b, "}'");
    } else {
        BUF_LIT(&b, "no arguments");
    }
    return buf_view(&b);
}

static UrlReverseError no_match(const Reversing *r, Str name, const Possibilities *list)
{
    Arena *a = r->arena;
    if (!list || list->n == 0) {
        *r->error = str_format(a, "Reverse for '%.*s' not found. '%.*s' is not a valid view function or pattern name.",
                               STR_FMT(name), STR_FMT(name));
        return URL_NO_REVERSE_MATCH;
    }
    Buf b = BUF_INIT(a, MAX_URL);
    for (size_t i = 0; i < list->n; i++) {
        Str pattern = list->p[i].pattern;
        if (list->p[i].in_locale && r->prefix.n > r->conf->options.script_prefix.n)
            pattern =
                str_concat(a, escape_regex(a, str_from_byte(r->prefix, r->conf->options.script_prefix.n)), pattern);
        buf_c(&b, i ? ", " : "");
        buf_str(&b, value_python_repr(a, (Value){ .tag = VALUE_STR, .s = pattern }));
    }
    *r->error = str_format(a, "Reverse for '%.*s' with %.*s not found. %zu pattern(s) tried: [%.*s]", STR_FMT(name),
                           STR_FMT(arguments_text(r)), list->n, STR_FMT(buf_view(&b)));
    return URL_NO_REVERSE_MATCH;
}

/* The n-th of names separated by ':'; the NULL string past the last. */
static Str nth_word(Str s, size_t n)
{
    Str head = { 0 };
    for (size_t i = 0; i <= n; i++)
        if (!str_cut(&s, ':', &head))
            return (Str){ 0 };
    return head;
}

static bool lists(const Strs *list, Str s)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->p[i], s))
            return true;
    return false;
}

/* Walks the namespaces of the name. *name becomes its last word. NULL with *error when one is not registered. */
static const Scope *find_scope(const Reversing *r, Str *name)
{
    const Scope *scope = &r->conf->scope;
    Str rest = *name, app = r->what->current_app, way = { 0 };
    bool follow = app.n > 0;
    for (size_t i = 0; str_find_byte(rest, ':') != STR_NPOS; i++) {
        Str space;
        (void)str_cut(&rest, ':', &space);
        Str current = follow ? nth_word(app, i) : (Str){ 0 };
        const Strs *instances = names_get(&scope->apps, space);
        if (instances && current.n && lists(instances, current))
            space = current;
        else if (instances && !lists(instances, space))
            space = instances->p[0];
        follow &= str_eq(space, current);
        const Scope *inside = names_get(&scope->namespaces, space);
        if (!inside) {
            *r->error = way.n ? str_format(r->arena, "'%.*s' is not a registered namespace inside '%.*s'",
                                           STR_FMT(space), STR_FMT(way))
                              : str_format(r->arena, "'%.*s' is not a registered namespace", STR_FMT(space));
            return NULL;
        }
        scope = inside;
        way = way.n ? str_format(r->arena, "%.*s:%.*s", STR_FMT(way), STR_FMT(space)) : space;
    }
    *name = rest;
    return scope;
}

static void add_pair(const Reversing *r, Buf *b, size_t *count, Str name, Value v)
{
    Str text = v.tag == VALUE_BYTES ? v.s : text_of(r->arena, v);
    buf_byte(b, (*count)++ ? '&' : '?');
    url_quote_plus_add(b, name, STR(""));
    buf_byte(b, '=');
    url_quote_plus_add(b, text, STR(""));
}

static Str with_query(const Reversing *r, Str url)
{
    if (!r->what->query.n && str_is_null(r->what->fragment))
        return url;
    Buf b = BUF_INIT(r->arena, MAX_URL * 4);
    size_t count = 0;
    buf_str(&b, url);
    for (size_t i = 0; i < r->what->query.n; i++) {
        const UrlArg *q = &r->what->query.p[i];
        if (q->value.tag == VALUE_LIST)
            for (size_t k = 0; k < q->value.list->n; k++)
                add_pair(r, &b, &count, q->name, q->value.list->p[k]);
        else
            add_pair(r, &b, &count, q->name, q->value);
    }
    if (!str_is_null(r->what->fragment)) {
        buf_byte(&b, '#');
        buf_str(&b, r->what->fragment);
    }
    return buf_view(&b);
}

UrlReverseError urlconf_reverse(const UrlConf *conf, Arena *a, const UrlReverse *what, Str *out, Str *error)
{
    Reversing r = { .conf = conf, .arena = a, .what = what, .error = error };
    Str script = str_is_null(what->script_prefix) ? conf->options.script_prefix : what->script_prefix;
    r.prefix = script;
    if (what->nargs && what->kwargs.n) {
        *error = STR("Don't mix *args and **kwargs in call to reverse()!");
        return URL_MIXED_ARGUMENTS;
    }
    Str name = what->view ? str_c(what->view->view_name) : what->name;
    const Scope *scope = what->view ? &conf->scope : find_scope(&r, &name);
    if (!scope)
        return URL_NO_REVERSE_MATCH;
    Possibilities *list = what->view ? names_get(&scope->views, view_key(&what->view->view, &what->view->function))
                                     : names_get(&scope->names, name);
    for (size_t i = 0; list && i < list->n; i++) {
        Possibility *p = &list->p[i];
        if (p->in_locale) {
            const Entry *locale = p->entry;
            while (locale->parent)
                locale = locale->parent;
            r.prefix = str_concat(a, script, urlconf_language_prefix(conf, a, locale));
        } else {
            r.prefix = script;
        }
        if (try_possibility(&r, p, out)) {
            *out = with_query(&r, *out);
            return URL_REVERSED;
        }
    }
    return no_match(&r, name, list);
}
