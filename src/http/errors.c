/*
 * errors.c: what was raised becomes a response. A response that was raised is taken as it is; else, in this order: the
 * debug page (when the site has one and DEBUG is on), the project's error view for the status, JSON for a client that
 * prefers it, and the plain page, which shows nothing of the inside. A step that raises itself is skipped for the next.
 */
#include "http/site.h"
#include <clef/base/buf.h>
#include <clef/codec/html.h>
#include <clef/codec/http1.h>
#include <clef/codec/json.h>
#include <clef/conf.h>

typedef struct ErrorCall {
    Site *site;
    Request *r;
    Error e;
    Response *response;
} ErrorCall;

static bool shows_details(const ErrorCall *call) { return call->r->settings && call->r->settings->debug; }

static void debug_response(Context *cx, void *arg)
{
    (void)cx;
    ErrorCall *call = arg;
    if (shows_details(call) && call->site->router->debug_response)
        call->response = call->site->router->debug_response(call->r, call->site->conf, &call->e);
}

static void project_view(Context *cx, void *arg)
{
    (void)cx;
    ErrorCall *call = arg;
    const SiteRouter *router = call->site->router;
    if (router->error_view)
        call->response =
            router->error_view(call->r, call->r->urlconf ? call->r->urlconf : call->site->conf, call->e.status);
}

/*
 * May the client read what was raised? While DEBUG is on, all of it. Else a 4xx, whose message an application writes
 * for its client, as DRF shows it; but no 5xx, and none of Django's SuspiciousOperations, whose messages name settings.
 */
static bool is_for_client(const ErrorCall *call)
{
    static const char *const suspicious[] = { "disallowed_host", "disallowed_redirect",  "too_many_fields",
                                              "too_many_files",  "request_data_too_big", "url_limit" };
    if (shows_details(call))
        return true;
    for (size_t i = 0; call->e.code && i < CLEF_COUNT(suspicious); i++)
        if (strcmp(call->e.code, suspicious[i]) == 0)
            return false;
    return call->e.status < 500;
}

static void json_response(Context *cx, void *arg)
{
    (void)cx;
    ErrorCall *call = arg;
    static const char *const types[] = { "text/html", "application/json", NULL };
    if (!str_eq(request_preferred_type(call->r, types), STR("application/json")))
        return;
    bool open = is_for_client(call);
    Buf b = BUF_INIT(call->r->cx.arena, 1 << 16);
    BUF_LIT(&b, "{\"detail\": ");
    json_string_add(&b, open && call->e.message.n ? call->e.message : http_status_phrase(call->e.status),
                    (JsonStyle){ 0 });
    BUF_LIT(&b, ", \"code\": ");
    json_string_add(&b, open && call->e.code ? str_c(call->e.code) : STR("error"), (JsonStyle){ 0 });
    BUF_LIT(&b, "}");
    call->response = HttpResponse(call->r, buf_view(&b), .status = call->e.status, .content_type = "application/json");
}

/* What people read for the statuses that Django has a page for; the status's phrase says it for the others. */
static Str explanation(int status)
{
    switch (status) {
    case 404:
        return STR("<p>The requested resource was not found on this server.</p>");
    default:
        return (Str){ 0 };
    }
}

static Str page_title(int status)
{
    switch (status) {
    case 400:
        return STR("Bad Request (400)");
    case 403:
        return STR("403 Forbidden");
    case 500:
        return STR("Server Error (500)");
    default:
        return http_status_phrase(status);
    }
}

static void plain_page(Context *cx, void *arg)
{
    (void)cx;
    ErrorCall *call = arg;
    Str title = page_title(call->e.status);
    Buf b = BUF_INIT(call->r->cx.arena, 1 << 16);
    BUF_LIT(&b, "<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>");
    buf_str(&b, title);
    BUF_LIT(&b, "</title>\n</head>\n<body>\n  <h1>");
    buf_str(&b, title);
    BUF_LIT(&b, "</h1>");
    buf_str(&b, explanation(call->e.status));
    if (shows_details(call) && call->e.message.n) {
        BUF_LIT(&b, "<pre>");
        html_escape_add(&b, call->e.message);
        BUF_LIT(&b, "</pre>");
    }
    BUF_LIT(&b, "\n</body>\n</html>\n");
    call->response = HttpResponse(call->r, buf_view(&b), .status = call->e.status);
}

Response *error_response(Site *site, Request *r, const Error *e)
{
    ErrorCall call = { .site = site, .r = r, .e = *e };
    if (call.e.status < 100 || call.e.status > 599)
        call.e.status = 500;
    Error *kept = arena_try_alloc(r->cx.arena, sizeof *kept);
    if (kept) {
        *kept = call.e;
        r->error = kept;
    }
    bool given = call.e.payload && call.e.code && strcmp(call.e.code, RAISED_RESPONSE) == 0;
    if (given)
        return (Response *)(uintptr_t)call.e.payload;
    if (site->router->report)
        site->router->report(r, kept ? kept : &call.e);
    if (call.e.status >= 500) {
        const Error *e2 = request_signal(r, &got_request_exception, kept ? kept : &call.e);
        if (e2 && site->router->report)
            site->router->report(r, e2);
    }
    AttemptFn *const ways[] = { debug_response, project_view, json_response, plain_page };
    for (size_t i = 0; i < CLEF_COUNT(ways); i++)
        if (!attempt(&r->cx, ways[i], &call) && call.response)
            return call.response;
    /* Not even the plain page could be made (no memory is left): an answer that needs none. */
    r->bare_response = (Response){ .status = call.e.status };
    return &r->bare_response;
}

void raise_response(Request *r, Response *response)
{
    Error e = { .status = response->status, .code = RAISED_RESPONSE, .payload = response };
    context_raise_error(&r->cx, &e);
}

const Error *request_error(const Request *r) { return r->error; }
