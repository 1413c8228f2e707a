/* view.c: View objects: from the request's method to the function that answers it, as <clef/http/view.h> says. */
#include <clef/http/view.h>

#include "http/view_options.h"
#include <clef/base/log.h>
#include <clef/conf/settings.h>

/* In the order in which Django lists them in Allow. */
static const HttpMethod django_order[] = { HTTP_GET,    HTTP_POST, HTTP_PUT,     HTTP_PATCH,
                                           HTTP_DELETE, HTTP_HEAD, HTTP_OPTIONS, HTTP_TRACE };

const ViewClass base_view_class = { .name = "View" };

/* What the project's view has for a method. */
static ViewFn *own_function(const ViewConfig *c, HttpMethod m)
{
    switch (m) {
    case HTTP_GET:
        return c->get;
    case HTTP_HEAD:
        return c->head;
    case HTTP_POST:
        return c->post;
    case HTTP_PUT:
        return c->put;
    case HTTP_PATCH:
        return c->patch;
    case HTTP_DELETE:
        return c->delete;
    case HTTP_OPTIONS:
        return c->on_options;
    case HTTP_TRACE:
        return c->trace;
    default:
        return NULL;
    }
}

static bool has_function(const View *view, HttpMethod m)
{
    return own_function(view->config, m) || view->type->methods[m];
}

uint32_t view_methods(const View *view)
{
    uint32_t bits = 1u << HTTP_OPTIONS;
    for (HttpMethod m = HTTP_GET; m <= HTTP_TRACE; m++)
        if (has_function(view, m) || (m == HTTP_HEAD && has_function(view, HTTP_GET)))
            bits |= 1u << m;
    return view->config->http_method_names ? bits & view->config->http_method_names : bits;
}

static Str allowed(Arena *a, const View *view)
{
    uint32_t bits = view_methods(view);
    Buf b = BUF_INIT(a, 128);
    buf_add(&b, "", 0);
    for (size_t i = 0; i < CLEF_COUNT(django_order); i++)
        if (bits >> django_order[i] & 1) {
            buf_c(&b, b.n ? ", " : "");
            buf_str(&b, http_method_text(django_order[i]));
        }
    return buf_view(&b);
}

static CLEF_COLD Response *not_allowed(Request *r, const View *view)
{
    if (r->settings && r->settings->logger)
        LOGGER_WARNING(logger_component(r->settings->logger, STR("request")), "Method Not Allowed", "method",
                       r->method_name, "path", r->path);
    Response *response = HttpResponse(r, "", .status = 405);
    SET_HEADER(r, response, "Allow", allowed(r->cx.arena, view));
    return response;
}

static Response *answer_options(Request *r, const View *view)
{
    Response *response = HttpResponse(r, "");
    SET_HEADER(r, response, "Allow", allowed(r->cx.arena, view));
    SET_HEADER(r, response, "Content-Length", "0");
    return response;
}

Response *view_dispatch(Request *r, const View *view)
{
    const ViewConfig *c = view->config;
    HttpMethod m = r->method;
    if (c->http_method_names && !(c->http_method_names >> m & 1))
        return not_allowed(r, view);
    if (m == HTTP_HEAD && !has_function(view, HTTP_HEAD))
        m = HTTP_GET;
    ViewFn *own = own_function(c, m);
    if (own)
        return own(r);
    if (view->type->methods[m])
        return view->type->methods[m](r, view);
    return m == HTTP_OPTIONS ? answer_options(r, view) : not_allowed(r, view);
}

/* The view that stands on the request, without its options. */
static Response *run_bare(Request *r)
{
    const View *view = r->view;
    if (view->config->setup)
        view->config->setup(r);
    ViewHandler *dispatch = view->type->dispatch;
    Response *response = dispatch ? dispatch(r, view) : view_dispatch(r, view);
    if (CLEF_UNLIKELY(!response))
        RAISE(r, 500, "no_response", "The view %s didn't return a response. It returned NULL instead.",
              view->type->name);
    return response;
}

/* r->view goes back to what it was; after a raise it stays, so that error pages can tell which view it was. */
static Response *run_on(Request *r, const View *view, const ViewOptions *options)
{
    const View *before = r->view;
    r->view = view;
    Response *response = options ? view_run(r, run_bare, options) : run_bare(r);
    r->view = before;
    if (CLEF_UNLIKELY(!response)) /* a decorator's */
        RAISE(r, 500, "no_response", "The view %s didn't return a response. It returned NULL instead.",
              view->type->name);
    return response;
}

Response *view_call(Request *r, const View *view) { return run_on(r, view, view->config->options); }

Response *view_resolved(Request *r) { return run_on(r, r->resolver_match->view, NULL); }

/* --- the options of an entry and of its view */

static size_t decorator_count(const Decorator *d)
{
    size_t n = 0;
    while (d && d[n].call)
        n++;
    return n;
}

static const Decorator *join_decorators(Arena *a, const Decorator *outer, const Decorator *inner)
{
    size_t n = decorator_count(outer), m = decorator_count(inner);
    if (!n || !m)
        return n ? outer : inner;
    Decorator *all = NEW_ARRAY(a, Decorator, n + m + 1);
    memcpy(all, outer, n * sizeof *all);
    memcpy(all + n, inner, m * sizeof *all);
    all[n + m] = (Decorator){ .call = NULL };
    return all;
}

const ViewOptions *view_options_join(Arena *a, const ViewOptions *entry, const ViewOptions *view)
{
    if (!entry || !view)
        return entry ? entry : view;
    ViewOptions *o = NEW(a, ViewOptions);
    *o = *entry;
    /* The last bit is no method's: two sets that have none in common refuse every method. */
    if (view->methods)
        o->methods = entry->methods ? (entry->methods & view->methods) | 1u << 31 : view->methods;
    o->etag = entry->etag ? entry->etag : view->etag;
    o->last_modified = entry->last_modified ? entry->last_modified : view->last_modified;
    o->vary_on = entry->vary_on ? entry->vary_on : view->vary_on;
    o->cache_control = entry->cache_control ? entry->cache_control : view->cache_control;
    o->xframe_options = entry->xframe_options ? entry->xframe_options : view->xframe_options;
    o->csp = entry->csp ? entry->csp : view->csp;
    o->csp_report_only = entry->csp_report_only ? entry->csp_report_only : view->csp_report_only;
    o->decorators = join_decorators(a, entry->decorators, view->decorators);
    o->never_cache |= view->never_cache;
    o->gzip_page |= view->gzip_page;
    o->conditional_page |= view->conditional_page;
    o->xframe_options_exempt |= view->xframe_options_exempt;
    o->no_append_slash |= view->no_append_slash;
    o->csrf_exempt |= view->csrf_exempt;
    o->csrf_protect |= view->csrf_protect;
    o->requires_csrf_token |= view->requires_csrf_token;
    o->ensure_csrf_cookie |= view->ensure_csrf_cookie;
    return o;
}
