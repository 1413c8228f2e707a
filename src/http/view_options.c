/* view_options.c: the options of a url put around its view, as <clef/http/view_options.h> says. */
#include "http/view_options.h"
#include "http/headers.h"
#include <clef/base/assert.h>
#include <clef/codec/header.h>
#include <clef/codec/httpdate.h>
#include <clef/http/cache_headers.h>
#include <clef/http/gzip.h>

static Response *not_allowed(Request *r, uint32_t methods)
{
    const char *names[16];
    size_t n = 0;
    for (HttpMethod m = HTTP_GET; m <= HTTP_TRACE; m++)
        if (methods >> m & 1)
            names[n++] = http_method_text(m).p;
    names[n] = NULL;
    return response_not_allowed(r, names);
}
_Static_assert(HTTP_TRACE < 15, "all methods fit into the list of not_allowed");

/* The view itself, unless what the client has already is still good. */
static Response *run_condition(Request *r, ViewFn *view, const ViewOptions *o)
{
    if (!o->etag && !o->last_modified)
        return view(r);
    Str etag = o->etag ? o->etag(r) : (Str){ 0 };
    if (!str_is_null(etag))
        etag = quote_etag(r->cx.arena, etag);
    OptDateTime modified = o->last_modified ? o->last_modified(r) : (OptDateTime){ 0 };
    int64_t seconds = modified.set ? modified.value.us / 1000000 : 0;
    Response *response = get_conditional_response(r, etag, seconds, NULL);
    if (!response)
        response = view(r);
    if (!response || (r->method != HTTP_GET && r->method != HTTP_HEAD))
        return response;
    if (seconds && !headers_has_id(&response->headers, HEADER_LAST_MODIFIED)) {
        Buf date = BUF_INIT(r->cx.arena, HTTPDATE_LEN);
        if (buf_httpdate(&date, (DateTime){ .us = seconds * 1000000 }))
            headers_set_id(&r->cx, &response->headers, HEADER_LAST_MODIFIED, buf_view(&date));
    }
    if (etag.n && !headers_has_id(&response->headers, HEADER_ETAG))
        headers_set_id(&r->cx, &response->headers, HEADER_ETAG, etag);
    return response;
}

static Response *run_decorator(Request *r, ViewFn *view, const ViewOptions *o, const Decorator *d)
{
    if (!d || !d->call)
        return run_condition(r, view, o);
    Next next = { .view = view, .options = o, .decorator = d };
    return d->call(r, &next);
}

Response *view_next(Request *r, const Next *next)
{
    return run_decorator(r, next->view, next->options, next->decorator + 1);
}

const void *decorator_arg(const Next *next) { return next->decorator ? next->decorator->arg : NULL; }

/* --- what needs the content */

static Response *finish_content(Request *r, Response *response, const ViewOptions *o)
{
    if (o->conditional_page)
        response = conditional_page(r, response);
    if (o->gzip_page)
        response_gzip(r, response);
    return response;
}

/* A response that is rendered later: the rest is done then. */
typedef struct Later {
    void (*render)(Request *r, Response *response);
    void *arg;
    const ViewOptions *options;
} Later;

static void render_and_finish(Request *r, Response *response)
{
    Later *later = response->render_arg;
    response->render = later->render;
    response->render_arg = later->arg;
    later->render(r, response);
    Response *other = finish_content(r, response, later->options);
    if (other != response)
        *response = *other;
}

static Response *finish_later(Request *r, Response *response, const ViewOptions *o)
{
    Later *later = NEW(r->cx.arena, Later);
    *later = (Later){ response->render, response->render_arg, o };
    response->render = render_and_finish;
    response->render_arg = later;
    return response;
}

/* --- headers and flags */

static void set_headers(Request *r, Response *response, const ViewOptions *o)
{
    if (o->vary_on)
        patch_vary_headers(r, response, str_c(o->vary_on));
    if (o->cache_control)
        patch_cache_control(r, response, str_c(o->cache_control));
    if (o->never_cache)
        add_never_cache_headers(r, response);
    if (o->xframe_options && !headers_has_id(&response->headers, HEADER_X_FRAME_OPTIONS))
        headers_set_id(&r->cx, &response->headers, HEADER_X_FRAME_OPTIONS, str_c(o->xframe_options));
    response->xframe_options_exempt |= o->xframe_options_exempt;
    if (o->csp) {
        response->csp = o->csp;
        response->csp_overridden = true;
    }
    if (o->csp_report_only) {
        response->csp_report_only = o->csp_report_only;
        response->csp_report_only_overridden = true;
    }
}

Response *view_run(Request *r, ViewFn *view, const ViewOptions *o)
{
    Response *response = o->methods && !(o->methods >> r->method & 1) ? not_allowed(r, o->methods)
                                                                      : run_decorator(r, view, o, o->decorators);
    if (!response)
        return NULL;
    if (o->conditional_page || o->gzip_page)
        response = response->render ? finish_later(r, response, o) : finish_content(r, response, o);
    set_headers(r, response, o);
    return response;
}
