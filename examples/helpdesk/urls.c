#include "urls.h"

#include "tickets/tickets.h"

static Response *stylesheet(Request *r)
{
    return FileResponse(r, str_concat(r->cx.arena, r->settings->base_dir, STR("/static/helpdesk.css")));
}

static Response *page_not_found(Request *r)
{
    Response *response = RENDER(r, "404.html");
    response->status = 404;
    return response;
}

const Url urls[] = {
    PATH("static/helpdesk.css", stylesheet, .name = "stylesheet", VIEW_OPTIONS(.cache_control = "max-age=3600")),
    INCLUDE("", tickets_urls, .namespace = "tickets"),
    HANDLER(404, page_not_found),
    URLS_END,
};
