/* cors.c: which pages of other origins may call this site (the Fetch standard, section 3.3). */
#include "http/headers.h"
#include "middleware/patterns.h"
#include <clef/codec/http1.h>
#include <clef/codec/url.h>
#include <clef/http/cache_headers.h>
#include <clef/middleware/builtin.h>

typedef struct Cors {
    StrList origins;
    Patterns patterns, urls;
    bool everywhere; /* CORS_URLS_REGEX lets all paths through */
    bool all, credentials;
    Str methods, headers, expose, max_age; /* the values of the headers; empty: not sent */
} Cors;

static Str join(Context *cx, const char *setting, StrList list)
{
    Buf b = BUF_INIT(cx->arena, 1 << 16);
    for (size_t i = 0; i < list.n; i++) {
        if (!http_is_token(list.p[i]))
            RAISE(cx, 500, "settings", "%s: '%.*s' is no name of a method or header", setting, STR_FMT(list.p[i]));
        if (i)
            BUF_LIT(&b, ", ");
        buf_str(&b, list.p[i]);
    }
    return buf_view(&b);
}

static void check_origins(Context *cx, StrList origins)
{
    for (size_t i = 0; i < origins.n; i++) {
        UrlParts parts;
        Str origin = origins.p[i];
        if (str_eq(origin, STR("null")))
            continue;
        if (!url_split(cx->arena, origin, &parts) || !parts.scheme.n || !parts.netloc.n || parts.path.n ||
            parts.query.n || parts.fragment.n)
            RAISE(
                cx, 500, "settings",
                "CORS_ALLOWED_ORIGINS: '%.*s' is no origin: it has a scheme and a host and nothing behind them, as in "
                "'https://app.example.com'",
                STR_FMT(origin));
    }
}

static bool init(Context *cx, const Settings *s, void **state)
{
    check_origins(cx, s->cors_allowed_origins);
    if (s->cors_allow_all_origins && s->cors_allow_credentials)
        RAISE(cx, 500, "settings",
              "CORS_ALLOW_ALL_ORIGINS together with CORS_ALLOW_CREDENTIALS lets every site act as its visitors here: "
              "list "
              "the origins in CORS_ALLOWED_ORIGINS");
    Str urls = s->cors_urls_regex;
    Cors *cors = NEW(cx->arena, Cors);
    *cors = (Cors){
        .origins = s->cors_allowed_origins,
        .patterns = patterns_compile(cx, "CORS_ALLOWED_ORIGIN_REGEXES", s->cors_allowed_origin_regexes, true),
        .everywhere = !urls.n || str_eq(urls, STR("^.*$")),
        .all = s->cors_allow_all_origins,
        .credentials = s->cors_allow_credentials,
        .methods = join(cx, "CORS_ALLOW_METHODS", s->cors_allow_methods),
        .headers = join(cx, "CORS_ALLOW_HEADERS", s->cors_allow_headers),
        .expose = join(cx, "CORS_EXPOSE_HEADERS", s->cors_expose_headers),
    };
    if (!cors->everywhere)
        cors->urls = patterns_compile(cx, "CORS_URLS_REGEX", (StrList){ &s->cors_urls_regex, 1 }, false);
    if (s->cors_preflight_max_age)
        cors->max_age = str_format(cx->arena, "%lld", (long long)s->cors_preflight_max_age);
    *state = cors;
    return true;
}

static bool concerns(const Cors *cors, const Request *r)
{
    return cors->everywhere || patterns_match(&cors->urls, r->path_info, false);
}

static bool allows(const Cors *cors, Str origin)
{
    if (cors->all)
        return true;
    for (size_t i = 0; i < cors->origins.n; i++)
        if (str_ieq(cors->origins.p[i], origin))
            return true;
    return patterns_match(&cors->patterns, origin, false);
}

static Response *process_request(Request *r)
{
    const Cors *cors = middleware_state(r);
    if (r->method != HTTP_OPTIONS || !http_has(r->source->head, HDR_ACCESS_CONTROL_REQUEST_METHOD) ||
        !concerns(cors, r))
        return NULL;
    return HttpResponse(r, "");
}

static void set(Request *r, Response *response, Str name, Str value)
{
    if (value.n)
        headers_set(&r->cx, &response->headers, name, value);
}

static Response *process_response(Request *r, Response *response)
{
    const Cors *cors = middleware_state(r);
    if (!concerns(cors, r))
        return response;
    patch_vary_headers(r, response, STR("origin"));
    Str origin = http_known(r->source->head, HDR_ORIGIN);
    if (!origin.n || !allows(cors, origin))
        return response;
    set(r, response, STR("Access-Control-Allow-Origin"), cors->all ? STR("*") : origin);
    if (cors->credentials)
        set(r, response, STR("Access-Control-Allow-Credentials"), STR("true"));
    set(r, response, STR("Access-Control-Expose-Headers"), cors->expose);
    if (r->method == HTTP_OPTIONS) {
        set(r, response, STR("Access-Control-Allow-Headers"), cors->headers);
        set(r, response, STR("Access-Control-Allow-Methods"), cors->methods);
        set(r, response, STR("Access-Control-Max-Age"), cors->max_age);
    }
    return response;
}

const Middleware cors_middleware = {
    .name = "cors", .init = init, .process_request = process_request, .process_response = process_response
};
