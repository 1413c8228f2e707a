/* check.c: what looks wrong in a table that works: Django's system checks of URLs, by their ids. */
#include "urls/urlconf.h"

static Str describe(Arena *a, const Entry *e)
{
    return e->url->name ? str_format(a, "'%.*s' [name='%s']", STR_FMT(e->route), e->url->name)
                        : str_format(a, "'%.*s'", STR_FMT(e->route));
}

static void warn(UrlConf *conf, const char *id, Str text)
{
    VEC_PUSH(conf->arena, &conf->warnings, (UrlWarning){ .id = id, .text = text });
}

static void check_brackets(UrlConf *conf, const Entry *e)
{
    static const char sentence[] = "Your URL pattern %.*s has an unmatched '%c' bracket.";
    Arena *a = conf->arena;
    int open = 0;
    for (size_t i = 0; i < e->route.n; i++) {
        char c = e->route.p[i];
        open += (c == '<') - (c == '>');
        if (open < 0) {
            warn(conf, "urls.W010", str_format(a, sentence, STR_FMT(describe(a, e)), '>'));
            open = 0;
        }
    }
    if (open > 0)
        warn(conf, "urls.W010", str_format(a, sentence, STR_FMT(describe(a, e)), '<'));
}

void entry_check(UrlConf *conf, const Entry *e)
{
    Arena *a = conf->arena;
    Str route = e->route, shown = describe(a, e);
    if (e->url->kind == URL_LOCALE)
        return;
    bool slash = str_starts(route, STR("/")) || str_starts(route, STR("^/")) || str_starts(route, STR("^\\/"));
    if (slash && !str_ends(route, STR("/")) && !conf->options.no_append_slash)
        warn(conf, "urls.W002",
             str_format(
                 a,
                 "Your URL pattern %.*s has a route beginning with a '/'. Remove this slash as it is unnecessary. "
                 "If this pattern is targeted in an include(), ensure the include() pattern has a trailing '/'.",
                 STR_FMT(shown)));
    if (e->endpoint && e->url->name && strchr(e->url->name, ':'))
        warn(conf, "urls.W003",
             str_format(a,
                        "Your URL pattern %.*s has a name including a ':'. Remove the colon, to avoid ambiguous "
                        "namespace references.",
                        STR_FMT(shown)));
    if (e->url->kind == URL_REGEX) {
        if (!e->endpoint && str_ends(route, STR("$")) && !str_ends(route, STR("\\$")))
            warn(conf, "urls.W001",
                 str_format(a,
                            "Your URL pattern %.*s uses include with a route ending with a '$'. Remove the dollar from "
                            "the route to avoid problems including URLs.",
                            STR_FMT(shown)));
        return;
    }
    check_brackets(conf, e);
    if (str_contains(route, STR("(?P<")) || str_starts(route, STR("^")) || str_ends(route, STR("$")))
        warn(
            conf, "2_0.W001",
            str_format(a,
                       "Your URL pattern %.*s has a route that contains '(?P<', begins with a '^', or ends with a '$'. "
                       "This was likely an oversight when migrating to django.urls.path().",
                       STR_FMT(shown)));
    Str inner = str_from_byte(route, route.n ? route.n - 1 : 0);
    if (!e->endpoint && route.n && !str_eq(inner, STR("/")) && !conf->options.no_append_slash)
        warn(conf, "clef.urls.W001",
             str_format(
                 a,
                 "Your URL pattern %.*s includes a table but does not end with a '/': what is inside continues the "
                 "same word.",
                 STR_FMT(shown)));
}
