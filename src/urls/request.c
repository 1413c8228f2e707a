/* request.c: the urls domain as requests see it. */
#include <clef/urls/request.h>

#include "urls/urlconf.h"

Value url_value(const Request *r, const char *name)
{
    const ResolverMatch *m = r->resolver_match;
    size_t n = strlen(name);
    for (size_t i = 0; m && i < m->kwargs.n; i++)
        if (m->kwargs.p[i].name.n == n && memcmp(m->kwargs.p[i].name.p, name, n) == 0)
            return m->kwargs.p[i].value;
    return value_null();
}

Str url_str(Request *r, const char *name)
{
    Value v = url_value(r, name);
    Str s;
    if (CLEF_LIKELY(v.tag == VALUE_STR))
        return v.s;
    return v.tag != VALUE_NULL && value_url_text(r->cx.arena, v, &s) ? s : (Str){ 0 };
}

int64_t url_int(Request *r, const char *name)
{
    Value v = url_value(r, name);
    int64_t i;
    if (v.tag == VALUE_INT)
        return v.i;
    if (v.tag != VALUE_STR || !str_to_i64(v.s, &i))
        RAISE(r, 404, "not_found", "the URL has no integer '%s'", name);
    return i;
}

Uuid url_uuid(Request *r, const char *name)
{
    static const Converter uuid = { .kind = CONVERT_UUID };
    Value v = url_value(r, name);
    if (v.tag == VALUE_STR && v.s.n == 36 && converter_take(CONVERT_UUID, v.s) == 36)
        (void)converter_to_value(&uuid, r->cx.arena, v.s, &v);
    if (v.tag != VALUE_UUID)
        RAISE(r, 404, "not_found", "the URL has no UUID '%s'", name);
    return *v.uuid;
}

Str url_arg(const Request *r, size_t i)
{
    const ResolverMatch *m = r->resolver_match;
    return m && i < m->nargs && m->args[i].tag == VALUE_STR ? m->args[i].s : (Str){ 0 };
}

/* The namespaces of the page that is shown, outermost first. */
static Str current_app(Request *r)
{
    const ResolverMatch *m = r->resolver_match;
    Str app = { 0 };
    for (size_t i = 0; m && i < m->nnamespaces; i++)
        app = i ? str_format(r->cx.arena, "%.*s:%.*s", STR_FMT(app), STR_FMT(m->namespaces[i])) : m->namespaces[i];
    return app;
}

static Str reverse(Request *r, UrlReverse what)
{
    const ResolverMatch *m = r->resolver_match;
    const UrlConf *conf = m ? m->conf : r->urlconf;
    Str out, error;
    if (!conf)
        RAISE(r, 500, "no_reverse_match", "'%.*s' cannot be reversed: the request has no URL table yet",
              STR_FMT(what.name));
    what.current_app = current_app(r);
    if (urlconf_reverse(conf, r->cx.arena, &what, &out, &error) != URL_REVERSED)
        RAISE(r, 500, "no_reverse_match", "%.*s", STR_FMT(error));
    return out;
}

static UrlArgs until_empty(const UrlArg *p)
{
    size_t n = 0;
    while (p[n].name.n)
        n++;
    return (UrlArgs){ .p = p, .n = n };
}

Str url_reverse(Request *r, const char *name, const UrlArg *kwargs)
{
    return reverse(r, (UrlReverse){ .name = str_c(name), .kwargs = until_empty(kwargs) });
}

Str url_reverse_view(Request *r, UrlView view, const UrlArg *kwargs)
{
    return reverse(r, (UrlReverse){ .name = str_c(view.view_name), .view = &view, .kwargs = until_empty(kwargs) });
}

Str url_reverse_args(Request *r, const char *name, const Value *args, size_t nargs)
{
    return reverse(r, (UrlReverse){ .name = str_c(name), .args = args, .nargs = nargs });
}

/* Apart from the short way, which needs no frame. */
static __attribute__((noinline)) const ResolverMatch *search(Request *r, const UrlConf *conf)
{
    UrlOutcome outcome;
    const ResolverMatch *m = urlconf_find(conf, r->cx.arena, r->path_info, &outcome);
    if (m)
        return m;
    if (outcome == URL_LIMIT)
        RAISE(r, 400, "url_limit", "a regular expression of the URL table gave up on the path");
    RAISE(r, 404, "not_found", "no URL pattern matches '%.*s'", STR_FMT(r->path_info));
}

static ViewFn *route_request(Request *r, const void *conf)
{
    r->urlconf = conf; /* so that error pages can reverse */
    const Entry *e = literals_find(conf, r->path_info);
    const ResolverMatch *m = CLEF_LIKELY(e != NULL) ? &e->match : search(r, conf);
    r->resolver_match = m;
    return m->function;
}

static bool is_valid_path(Request *r, const void *conf, Str path_info, ResolverMatch *match)
{
    return urlconf_resolve(conf, r->cx.arena, path_info, match) == URL_FOUND;
}

static Str describe(Request *r, const void *conf)
{
    const Str *tried;
    size_t n = urlconf_tried(conf, r->cx.arena, r->path_info, &tried);
    Buf b = BUF_INIT(r->cx.arena, (size_t)1 << 20);
    buf_add(&b, "", 0);
    for (size_t i = 0; i < n; i++) {
        buf_str(&b, tried[i]);
        buf_byte(&b, '\n');
    }
    return buf_view(&b);
}

static bool try_reverse(Request *r, const void *conf, Str name, const Value *args, size_t nargs, UrlArgs kwargs,
                        Str *path, Str *error)
{
    UrlReverse what = { .name = name, .args = args, .nargs = nargs, .kwargs = kwargs, .current_app = current_app(r) };
    const ResolverMatch *m = r->resolver_match;
    return urlconf_reverse(m ? m->conf : conf, r->cx.arena, &what, path, error) == URL_REVERSED;
}

static Response *error_view(Request *r, const void *conf, int status)
{
    const Url *u = urlconf_handler(conf, status);
    if (!u)
        return NULL;
    return u->view ? view_call(r, u->view) : u->function(r);
}

const SiteRouter urls_router = {
    .resolve = route_request,
    .is_valid_path = is_valid_path,
    .describe = describe,
    .error_view = error_view,
    .reverse = try_reverse,
};
