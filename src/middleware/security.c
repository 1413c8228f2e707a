/* security.c: headers that make browsers careful, and the way to HTTPS. Values are made at start, once. */
#include "http/headers.h"
#include "middleware/patterns.h"
#include <clef/codec/http1.h>
#include <clef/middleware/builtin.h>

typedef struct Security {
    Str hsts, referrer_policy, opener_policy; /* empty: not sent */
    bool nosniff, redirect;
    Str redirect_host;
    Patterns exempt;
} Security;

/* "no-referrer, same-origin" becomes "no-referrer,same-origin". */
static Str join_policies(Context *cx, Str list)
{
    Buf b = BUF_INIT(cx->arena, list.n);
    Str piece;
    while (str_cut(&list, ',', &piece)) {
        if (b.n)
            buf_byte(&b, ',');
        buf_str(&b, str_trim(piece));
    }
    return buf_view(&b);
}

static void require_value(Context *cx, const char *setting, Str value)
{
    if (!http_is_value(value))
        RAISE(cx, 500, "settings", "%s: a header's value must not contain a line break or a NUL byte", setting);
}

static bool init(Context *cx, const Settings *s, void **state)
{
    Security *security = NEW(cx->arena, Security);
    *security = (Security){
        .referrer_policy = s->secure_referrer_policy.n ? join_policies(cx, s->secure_referrer_policy) : STR(""),
        .opener_policy = s->secure_cross_origin_opener_policy,
        .nosniff = s->secure_content_type_nosniff,
        .redirect = s->secure_ssl_redirect,
        .redirect_host = s->secure_ssl_host,
        .exempt = patterns_compile(cx, "SECURE_REDIRECT_EXEMPT", s->secure_redirect_exempt, false),
    };
    require_value(cx, "SECURE_REFERRER_POLICY", security->referrer_policy);
    require_value(cx, "SECURE_CROSS_ORIGIN_OPENER_POLICY", security->opener_policy);
    if (s->secure_hsts_seconds)
        security->hsts = str_format(cx->arena, "max-age=%lld%s%s", (long long)s->secure_hsts_seconds,
                                    s->secure_hsts_include_subdomains ? "; includeSubDomains" : "",
                                    s->secure_hsts_preload ? "; preload" : "");
    *state = security;
    return true;
}

static CLEF_COLD Response *redirect(Request *r, const Security *s)
{
    Str path = r->path;
    while (path.n && path.p[0] == '/')
        path = str_from_byte(path, 1);
    if (request_is_secure(r) || patterns_match(&s->exempt, path, false))
        return NULL;
    Str host = s->redirect_host.n ? s->redirect_host : request_host(r);
    Str to = str_format(r->cx.arena, "https://%.*s%.*s", STR_FMT(host), STR_FMT(request_full_path(r, false)));
    return HttpResponsePermanentRedirect(r, to);
}

static Response *process_request(Request *r)
{
    const Security *s = middleware_state(r);
    return CLEF_UNLIKELY(s->redirect) ? redirect(r, s) : NULL;
}

static Response *process_response(Request *r, Response *response)
{
    const Security *s = middleware_state(r);
    Headers *h = &response->headers;
    if (s->hsts.n && !headers_has_id(h, HEADER_STRICT_TRANSPORT_SECURITY) && request_is_secure(r))
        headers_default_checked(&r->cx, h, HEADER_STRICT_TRANSPORT_SECURITY, s->hsts);
    if (s->nosniff)
        headers_default_checked(&r->cx, h, HEADER_X_CONTENT_TYPE_OPTIONS, STR("nosniff"));
    if (s->referrer_policy.n)
        headers_default_checked(&r->cx, h, HEADER_REFERRER_POLICY, s->referrer_policy);
    if (s->opener_policy.n)
        headers_default_checked(&r->cx, h, HEADER_CROSS_ORIGIN_OPENER_POLICY, s->opener_policy);
    return response;
}

const Middleware security_middleware = {
    .name = "security", .init = init, .process_request = process_request, .process_response = process_response
};
