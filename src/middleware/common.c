/* common.c: who may come in, and under which URL: user agents, the host, "www." and the slash at the end. */
#include "http/site.h"
#include "middleware/patterns.h"
#include <clef/codec/url.h>
#include <clef/http/view_options.h>
#include <clef/middleware/builtin.h>

typedef struct Common {
    Patterns agents;
    bool prepend_www, append_slash;
} Common;

static bool init(Context *cx, const Settings *s, void **state)
{
    Common *common = NEW(cx->arena, Common);
    *common = (Common){
        .agents = patterns_compile(cx, "DISALLOWED_USER_AGENTS", s->disallowed_user_agents, false),
        .prepend_www = s->prepend_www,
        .append_slash = s->append_slash,
    };
    *state = common;
    return true;
}

/* The path leads nowhere, and with a slash to a view that has nothing against being found so. */
static bool should_append_slash(Request *r, const Common *common)
{
    const SiteRouter *router = r->site->router;
    if (!common->append_slash || !router->is_valid_path || str_ends(r->path_info, STR("/")))
        return false;
    const void *conf = r->urlconf ? r->urlconf : r->site->conf;
    ResolverMatch *match = NEW(r->cx.arena, ResolverMatch);
    if (router->is_valid_path(r, conf, r->path_info, match))
        return false;
    *match = (ResolverMatch){ 0 };
    return router->is_valid_path(r, conf, str_concat(r->cx.arena, r->path_info, STR("/")), match) &&
           !(match->options && match->options->no_append_slash);
}

/* The way to itself with a slash, which keeps to this host whatever the path looks like. */
static Str path_with_slash(Request *r)
{
    Str path = escape_leading_slashes(r->cx.arena, request_full_path(r, true));
    bool has_body =
        r->method == HTTP_POST || r->method == HTTP_PUT || r->method == HTTP_PATCH || r->method == HTTP_DELETE;
    if (r->settings->debug && has_body)
        RAISE(
            r, 500, "append_slash",
            "A %.*s came to a URL without the slash at its end, and APPEND_SLASH is on. A redirect to the URL with the "
            "slash would lose the body of the %.*s. Let the form or the client use %.*s%.*s, or set APPEND_SLASH to "
            "false.",
            STR_FMT(r->method_name), STR_FMT(r->method_name), STR_FMT(request_host(r)), STR_FMT(path));
    return path;
}

static CLEF_COLD Response *redirect_to_www(Request *r, const Common *common, Str host)
{
    Str path = should_append_slash(r, common) ? path_with_slash(r) : request_full_path(r, false);
    Str to = str_format(r->cx.arena, "%.*s://www.%.*s%.*s", STR_FMT(request_scheme(r)), STR_FMT(host), STR_FMT(path));
    return HttpResponsePermanentRedirect(r, to);
}

static Response *process_request(Request *r)
{
    const Common *common = middleware_state(r);
    const HttpHead *head = r->source->head;
    if (CLEF_UNLIKELY(common->agents.n) && http_has(head, HDR_USER_AGENT) &&
        patterns_match(&common->agents, http_known(head, HDR_USER_AGENT), true))
        RAISE(r, 403, "permission_denied", "Forbidden user agent");
    Str host = request_host(r);
    if (CLEF_UNLIKELY(common->prepend_www) && host.n && !str_starts(host, STR("www.")))
        return redirect_to_www(r, common, host);
    return NULL;
}

static Response *process_response(Request *r, Response *response)
{
    const Common *common = middleware_state(r);
    if (CLEF_UNLIKELY(response->status == 404) && should_append_slash(r, common))
        return HttpResponsePermanentRedirect(r, path_with_slash(r));
    return response;
}

const Middleware common_middleware = {
    .name = "common", .init = init, .process_request = process_request, .process_response = process_response
};
