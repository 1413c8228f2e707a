/* response.c: the page for what was raised: which page, for whom, or none. */
#include "debug/page.h"

#include <clef/codec/http1.h>
#include <clef/template/error.h>

SiteRouter debug_router(const SiteRouter *router)
{
    SiteRouter with = *router;
    with.debug_response = debug_response;
    return with;
}

static Str place_of(Arena *a, const Error *e)
{
    return e->file ? str_format(a, "%s:%d in %s", e->file, e->line, e->function ? e->function : "?") : (Str){ 0 };
}

static Str technical_page(DebugPage *p, Request *r, const Error *e)
{
    Arena *a = p->a;
    Str phrase = http_status_phrase(e->status);
    page_begin(p, str_format(a, "%d %.*s", e->status, STR_FMT(phrase)), e->message.n ? e->message : phrase, e->hint);
    page_facts_begin(p);
    page_fact(p, "Error", str_c(e->code));
    page_fact(p, "Request", str_format(a, "%.*s %.*s", STR_FMT(r->method_name), STR_FMT(r->source->head->target)));
    page_fact(p, "Raised at", place_of(a, e));
    if (r->resolver_match) {
        page_fact(p, "View", r->resolver_match->view_name);
        page_fact(p, "Route", r->resolver_match->route);
    }
    page_facts_end(p);
    static const char *const sections[] = { "template", "In the template", "trace",   "Where it happened", "sql",
                                            "SQL",      "request",         "Request", "settings",          "Settings",
                                            NULL };
    page_main(p, template_error_of(e) ? sections : sections + 2);
    page_template(p, e);
    page_frames(p, e->frames, e->nframes, e->file, e->line, e->function);
    page_queries(p, CX(r));
    page_request(p, r);
    page_settings(p);
    return page_end(p);
}

Response *debug_response(Request *r, const void *conf, const Error *e)
{
    static const char *const types[] = { "text/html", "application/json", NULL };
    if (!r->settings || !r->settings->debug || e->status == 401 || e->status == 403 || e->status == 499)
        return NULL;
    if (str_eq(request_preferred_type(r, types), STR("application/json")))
        return NULL;
    Error kept = *e; /* the request's slot is used again while the page is made */
    DebugPage p = { .b = BUF_INIT(r->cx.arena, DEBUG_PAGE_MAX), .a = r->cx.arena, .settings = r->settings };
    p.plain = !request_accepts(r, STR("text/html"));
    Str text = kept.status == 404 ? not_found_page(&p, r, conf, &kept) : technical_page(&p, r, &kept);
    Response *response =
        HttpResponse(r, text, .status = kept.status, .content_type = p.plain ? "text/plain; charset=utf-8" : NULL);
    response->csp_overridden = response->csp_report_only_overridden = true; /* its style stands in the page */
    return response;
}
