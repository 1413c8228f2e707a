/* not_found.c: the page for 404: the routes that were tried, or where the view said so. */
#include "debug/page.h"

#include <clef/urls/conf.h>

static void tried_routes(DebugPage *p, const UrlConf *conf, Str path)
{
    const Str *tried;
    size_t n = urlconf_tried(conf, p->a, path, &tried);
    page_section(p, "routes", "URL patterns that were tried, in this order");
    buf_c(&p->b, p->plain ? "" : n ? "<ol class=\"routes\">\n" : "<p class=\"none\">The URL table is empty.</p>\n");
    for (size_t i = 0; i < n; i++) {
        buf_c(&p->b, p->plain ? "    " : "<li>");
        page_text(p, tried[i]);
        buf_c(&p->b, p->plain ? "\n" : "</li>\n");
    }
    buf_c(&p->b, p->plain || !n ? "" : "</ol>\n");
    page_section_end(p);
}

Str not_found_page(DebugPage *p, Request *r, const void *conf, const Error *e)
{
    const ResolverMatch *match = r->resolver_match;
    const UrlConf *table = r->urlconf ? r->urlconf : conf;
    Str hint = e->hint;
    if (!hint.n && !match)
        hint = STR("The path did not match any pattern of the URL table. Add a PATH to urls.c, or mend the link.");
    page_begin(p, STR("404 Not Found"), e->message.n ? e->message : STR("Not Found"), hint);
    page_facts_begin(p);
    page_fact(p, "Error", str_c(e->code));
    page_fact(p, "Request", str_format(p->a, "%.*s %.*s", STR_FMT(r->method_name), STR_FMT(r->source->head->target)));
    if (match) {
        page_fact(p, "Raised by", match->view_name);
        page_fact(p, "Route", match->route);
    }
    page_facts_end(p);
    if (match)
        page_main(p, (const char *const[]){ "trace", "Where it happened", "request", "Request", NULL });
    else
        page_main(p, (const char *const[]){ "routes", "URL patterns", "request", "Request", NULL });
    if (match)
        page_frames(p, e->frames, e->nframes, e->file, e->line, e->function);
    else if (table)
        tried_routes(p, table, r->path_info);
    page_request(p, r);
    return page_end(p);
}
