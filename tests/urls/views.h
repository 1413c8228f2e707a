/* views.h: views for tables of the tests. */
#ifndef TESTS_URLS_VIEWS_H
#define TESTS_URLS_VIEWS_H

#include <clef/test.h>
#include <clef/urls.h>

static inline Response *view_a(Request *r) { return (void)r, NULL; }
static inline Response *view_b(Request *r) { return (void)r, NULL; }
static inline Response *view_c(Request *r) { return (void)r, NULL; }

static inline UrlConf *compiled(const Url *table, const UrlOptions *options)
{
    Str error = STR("");
    UrlConf *conf = urlconf_compile(test_arena(), table, options, &error);
    CHECK_STR(error, STR(""));
    REQUIRE(conf != NULL);
    return conf;
}

/* "name a=1 b=two" of what a path resolves to: for one check each; "-" when nothing matches. */
static inline Str resolved(const UrlConf *conf, const char *path)
{
    ResolverMatch m;
    Arena *a = test_arena();
    switch (urlconf_resolve(conf, a, str_c(path), &m)) {
    case URL_NOT_FOUND:
        return STR("-");
    case URL_LIMIT:
        return STR("limit");
    case URL_FOUND:
        break;
    }
    Str out = m.view_name;
    for (size_t i = 0; i < m.nargs; i++)
        out = str_format(a, "%.*s %.*s", STR_FMT(out), STR_FMT(m.args[i].tag == VALUE_STR ? m.args[i].s : STR("None")));
    for (size_t i = 0; i < m.kwargs.n; i++) {
        Value v = m.kwargs.p[i].value;
        Str text = v.tag == VALUE_STR    ? v.s
                   : v.tag == VALUE_INT  ? str_format(a, "#%lld", (long long)v.i)
                   : v.tag == VALUE_UUID ? str_format(a, "uuid%02x%02x", v.uuid->b[0], v.uuid->b[15])
                                         : str_format(a, "tag%d", v.tag);
        out = str_format(a, "%.*s %.*s=%.*s", STR_FMT(out), STR_FMT(m.kwargs.p[i].name), STR_FMT(text));
    }
    return out;
}
#define CHECK_RESOLVES(conf, path, expected) CHECK_STR(resolved((conf), (path)), STR(expected))

#endif
