/* csrf.c: whether a request that changes something came from a page of ours. */
#include "http/csrf.h"
#include "http/request.h"
#include <clef/base/log.h>
#include <clef/codec/host.h>
#include <clef/codec/html.h>
#include <clef/codec/url.h>
#include <clef/conf/settings.h>
#include <clef/http/cache_headers.h>
#include <clef/http/view_options.h>
#include <clef/middleware/builtin.h>

/* One of CSRF_TRUSTED_ORIGINS, taken apart. */
typedef struct TrustedOrigin {
    Str origin;       /* "https://example.com" */
    Str scheme, host; /* "https", ".example.com" */
    bool subdomains;  /* it began with "*" */
} TrustedOrigin;

typedef struct Csrf {
    TrustedOrigin *trusted;
    size_t ntrusted;
    LogComponent *log;
} Csrf;

static Str without_stars(Str netloc)
{
    while (str_starts(netloc, STR("*")))
        netloc = str_from_byte(netloc, 1);
    return netloc;
}

static bool init(Context *cx, const Settings *s, void **state)
{
    if (s->csrf_use_sessions)
        RAISE(cx, 500, "settings",
              "CSRF_USE_SESSIONS keeps the secret in the session, and this version has no sessions: leave it false");
    Csrf *csrf = NEW(cx->arena, Csrf);
    csrf->log = s->logger ? logger_component(s->logger, STR("security.csrf")) : NULL;
    csrf->trusted = NEW_ARRAY(cx->arena, TrustedOrigin, s->csrf_trusted_origins.n + 1);
    for (size_t i = 0; i < s->csrf_trusted_origins.n; i++) {
        Str origin = s->csrf_trusted_origins.p[i];
        UrlParts parts;
        if (!url_split(cx->arena, origin, &parts) || !parts.scheme.n || !parts.netloc.n)
            RAISE(cx, 500, "settings",
                  "CSRF_TRUSTED_ORIGINS: '%.*s' is no origin: it has a scheme and a host, as in "
                  "'https://*.example.com'",
                  STR_FMT(origin));
        csrf->trusted[csrf->ntrusted++] = (TrustedOrigin){ .origin = origin,
                                                           .scheme = parts.scheme,
                                                           .host = str_lower(cx->arena, without_stars(parts.netloc)),
                                                           .subdomains = str_contains(origin, STR("*")) };
    }
    *state = csrf;
    return true;
}

/* --- where it came from */

typedef struct HostCall {
    Request *r;
    Str host; /* NULL string: not an allowed one */
} HostCall;

static void ask_host(Context *cx, void *arg)
{
    (void)cx;
    HostCall *call = arg;
    call->host = request_host(call->r);
}

static Str good_host(Request *r)
{
    HostCall call = { .r = r };
    return attempt(&r->cx, ask_host, &call) ? (Str){ 0 } : call.host;
}

static bool origin_is_ours(Request *r, const Csrf *csrf, Str origin)
{
    Arena *a = r->cx.arena;
    Str host = good_host(r);
    if (!str_is_null(host)) {
        Str scheme = request_scheme(r), rest = str_from_byte(origin, scheme.n);
        if (str_starts(origin, scheme) && str_starts(rest, STR("://")) && str_eq(str_from_byte(rest, 3), host))
            return true;
    }
    for (size_t i = 0; i < csrf->ntrusted; i++)
        if (!csrf->trusted[i].subdomains && str_eq(csrf->trusted[i].origin, origin))
            return true;
    UrlParts parts;
    if (!url_split(a, origin, &parts))
        return false;
    for (size_t i = 0; i < csrf->ntrusted; i++) {
        const TrustedOrigin *t = &csrf->trusted[i];
        if (t->subdomains && str_eq(t->scheme, parts.scheme) && is_same_domain(parts.netloc, t->host))
            return true;
    }
    return false;
}

static Str bad_referer(Request *r, const UrlParts *parts)
{
    return str_format(r->cx.arena, "Referer checking failed - %.*s does not match any trusted origins.",
                      STR_FMT(url_unsplit(r->cx.arena, parts)));
}

/* The reason to refuse, or the NULL string. */
static Str check_referer(Request *r, const Csrf *csrf)
{
    Arena *a = r->cx.arena;
    Str referer = HEADER(r, "Referer");
    UrlParts parts;
    if (str_is_null(referer))
        return STR("Referer checking failed - no Referer.");
    if (!url_split(a, referer, &parts) || !parts.scheme.n || !parts.netloc.n)
        return STR("Referer checking failed - Referer is malformed.");
    if (!str_eq(parts.scheme, STR("https")))
        return STR("Referer checking failed - Referer is insecure while host is secure.");
    for (size_t i = 0; i < csrf->ntrusted; i++)
        if (is_same_domain(parts.netloc, csrf->trusted[i].host))
            return (Str){ 0 };
    Str good = r->settings->csrf_cookie_domain;
    if (!good.n) {
        good = good_host(r);
        if (str_is_null(good))
            return bad_referer(r, &parts);
    } else {
        Str port = request_port(r);
        if (!str_eq(port, STR("443")) && !str_eq(port, STR("80")))
            good = str_format(a, "%.*s:%.*s", STR_FMT(good), STR_FMT(port));
    }
    return is_same_domain(parts.netloc, str_lower(a, good)) ? (Str){ 0 } : bad_referer(r, &parts);
}

/* --- the token */

typedef struct PostCall {
    Request *r;
    Str token;
} PostCall;

static void ask_post(Context *cx, void *arg)
{
    (void)cx;
    PostCall *call = arg;
    call->token = POST(call->r, "csrfmiddlewaretoken");
}

/* "X-Csrftoken" of HTTP_X_CSRFTOKEN. */
static Str name_of_meta(Arena *a, Str key)
{
    Str name = str_starts(key, STR("HTTP_")) ? str_from_byte(key, 5) : key;
    char *p = str_dup_c(a, name);
    bool first = true;
    for (size_t i = 0; i < name.n; i++) {
        bool upper = p[i] >= 'A' && p[i] <= 'Z';
        if (p[i] == '_')
            p[i] = '-';
        else if (upper && !first)
            p[i] = (char)(p[i] - 'A' + 'a');
        first = p[i] == '-';
    }
    return (Str){ p, name.n };
}

static Str bad_token(Request *r, bool posted, const char *problem)
{
    Arena *a = r->cx.arena;
    if (posted)
        return str_format(a, "CSRF token from POST %s.", problem);
    return str_format(a, "CSRF token from the '%.*s' HTTP header %s.",
                      STR_FMT(name_of_meta(a, r->settings->csrf_header_name)), problem);
}

static Str check_token(Request *r)
{
    const CsrfState *state = csrf_state(r);
    if (state->problem)
        return str_format(r->cx.arena, "CSRF cookie %s.", state->problem);
    if (str_is_null(state->cookie))
        return STR("CSRF cookie not set.");
    PostCall call = { .r = r };
    if (r->method == HTTP_POST) {
        const Error *e = attempt(&r->cx, ask_post, &call);
        if (e && e->status != 400) /* what the client sent is malformed: as if it sent no token */
            context_raise_error(&r->cx, e);
    }
    bool posted = call.token.n != 0;
    Str token = posted ? call.token : request_meta(r, r->settings->csrf_header_name);
    if (str_is_null(token))
        return STR("CSRF token missing.");
    const char *problem = csrf_token_problem(token);
    if (!problem && !csrf_token_matches(token, state->cookie))
        problem = "incorrect";
    return problem ? bad_token(r, posted, problem) : (Str){ 0 };
}

/* --- the answer */

static Response *failure_page(Request *r, Str reason)
{
    Buf b = BUF_INIT(r->cx.arena, 1 << 16);
    bool secure = request_is_secure(r);
    BUF_LIT(&b, "<!doctype html>\n<html lang=\"en\">\n<head>\n  <meta charset=\"utf-8\">\n"
                "  <meta name=\"robots\" content=\"noindex\">\n  <title>403 Forbidden</title>\n</head>\n<body>\n"
                "  <h1>Forbidden <span>(403)</span></h1>\n  <p>CSRF verification failed. Request aborted.</p>\n");
    if (str_starts(reason, STR("Referer checking failed - no Referer")) && secure)
        BUF_LIT(&b, "  <p>This site asks browsers to say, by the header Referer, from which page a form was sent, so "
                    "that no other site can send one in your name. Yours sent none: if it was told not to, allow it "
                    "for this site.</p>\n");
    else if (str_eq(reason, STR("CSRF cookie not set.")))
        BUF_LIT(&b, "  <p>This site needs a cookie when a form is sent, so that no other site can send one in your "
                    "name. If your browser was told to refuse cookies, allow them for this site.</p>\n");
    else
        BUF_LIT(&b, "  <p>Go back, load the page with the form again, and send it once more.</p>\n");
    if (r->settings->debug) {
        BUF_LIT(&b, "  <h2>Help</h2>\n  <p>The reason was:</p>\n  <pre>");
        html_escape_add(&b, reason);
        BUF_LIT(&b, "</pre>\n  <p>A form that is posted to this site needs <code>{% csrf_token %}</code> between its "
                    "tags, in a template that was rendered with the request. A script sends the token in the header "
                    "X-CSRFToken. A page of another origin must stand in CSRF_TRUSTED_ORIGINS. A form that was open "
                    "before a login needs to be loaded again. This part of the page shows only while DEBUG is "
                    "on.</p>\n");
    }
    BUF_LIT(&b, "</body>\n</html>\n");
    return HttpResponseForbidden(r, buf_view(&b));
}

static Response *refuse(Request *r, const Csrf *csrf, Str reason)
{
    LOGGER_WARNING(csrf->log, "a request was refused", "reason", reason, "method", r->method_name, "path", r->path);
    return r->settings->csrf_failure_view ? r->settings->csrf_failure_view(r, reason) : failure_page(r, reason);
}

static Response *process_request(Request *r)
{
    if (http_known(r->source->head, HDR_COOKIE).n)
        (void)csrf_state(r); /* a malformed cookie is replaced, whatever the view does */
    return NULL;
}

static Response *process_view(Request *r, ViewFn *view)
{
    (void)view;
    const Csrf *csrf = middleware_state(r);
    const ViewOptions *options = request_view_options(r);
    if (options && options->ensure_csrf_cookie)
        (void)csrf_get_token(r);
    bool harmless =
        r->method == HTTP_GET || r->method == HTTP_HEAD || r->method == HTTP_OPTIONS || r->method == HTTP_TRACE;
    if (harmless || r->csrf_processing_done || (options && options->csrf_exempt) || r->dont_enforce_csrf_checks) {
        r->csrf_processing_done |= !(options && options->csrf_exempt);
        return NULL;
    }
    Str origin = HEADER(r, "Origin"), reason = { 0 };
    if (!str_is_null(origin)) {
        if (!origin_is_ours(r, csrf, origin))
            reason = str_format(r->cx.arena, "Origin checking failed - %.*s does not match any trusted origins.",
                                STR_FMT(origin));
    } else if (request_is_secure(r)) {
        reason = check_referer(r, csrf);
    }
    if (str_is_null(reason))
        reason = check_token(r);
    if (!str_is_null(reason))
        return refuse(r, csrf, reason);
    r->csrf_processing_done = true;
    return NULL;
}

static const char *c_or_null(Request *r, Str s) { return s.n ? str_dup_c(r->cx.arena, s) : NULL; }

static Response *process_response(Request *r, Response *response)
{
    if (!r->parts || !r->parts->csrf) /* nobody asked for a token */
        return response;
    CsrfState *state = csrf_state(r);
    if (!state->needs_update)
        return response;
    const Settings *s = r->settings;
    response_set_cookie(r, response, s->csrf_cookie_name, state->secret,
                        (CookieOptions){ .max_age = s->csrf_cookie_age,
                                         .domain = c_or_null(r, s->csrf_cookie_domain),
                                         .path = c_or_null(r, s->csrf_cookie_path),
                                         .secure = s->csrf_cookie_secure,
                                         .httponly = s->csrf_cookie_httponly,
                                         .samesite = c_or_null(r, s->csrf_cookie_samesite) });
    patch_vary_headers(r, response, STR("Cookie"));
    state->needs_update = false;
    return response;
}

const Middleware csrf_middleware = { .name = "csrf",
                                     .init = init,
                                     .process_request = process_request,
                                     .process_view = process_view,
                                     .process_response = process_response };
