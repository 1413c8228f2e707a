/* live.c: the script in the pages, and the event stream that it listens to. */
#include "debug/page.h"

#include <clef/codec/gzip.h>
#include <clef/debug/live.h>
#include <clef/rt/fiber.h>
#include <clef/rt/loop.h>
#include <stdlib.h>

enum { BEAT_SECONDS = 15, NUMBER_MAX = 64 };

/* The streams of this process that wait; each stands on its fiber's stack. */
typedef struct Listener Listener;
struct Listener {
    Fiber *fiber;
    Listener *next;
};
static Listener *listeners;
static bool stopping;

Str live_number(void)
{
    Str number = str_c(getenv("CLEF_LIVE"));
    for (size_t i = 0; i < number.n; i++)
        if (!((number.p[i] | 32) >= 'a' && (number.p[i] | 32) <= 'z') && !(number.p[i] >= '0' && number.p[i] <= '9'))
            return (Str){ 0 };
    return number.n <= NUMBER_MAX ? number : (Str){ 0 };
}

static bool is_on(const Settings *settings) { return settings->debug && live_number().n; }

Str live_script(void) { return debug_assets[1].text; }

Str live_tag(Arena *a, Str number)
{
    return str_format(a, "<script src=\"/__clef__/live.js?%.*s\"></script>\n", STR_FMT(number));
}

void live_stop(void)
{
    stopping = true;
    for (Listener *l = listeners; l; l = l->next)
        fiber_wake(l->fiber);
}

static void leave(void *arg)
{
    for (Listener **at = &listeners; *at; at = &(*at)->next)
        if (*at == arg) {
            *at = (*at)->next;
            return;
        }
}

static void stream(Request *r, ResponseStream *out, void *arg)
{
    Listener self = { .fiber = fiber_self(), .next = listeners };
    listeners = &self;
    DEFER(r, leave, &self);
    response_write(out, *(const Str *)arg);
    response_flush(out);
    while (!stopping && !request_is_disconnected(r)) {
        if (fiber_park_until(loop_clock() + BEAT_SECONDS * INT64_C(1000000000)))
            continue;
        response_write(out, STR(":\n\n"));
        response_flush(out);
    }
    (void)context_undefer(&r->cx, leave, &self);
    leave(&self);
}

static Response *answer_stream(Request *r, Str number)
{
    Str *first = arena_alloc(r->cx.arena, sizeof *first);
    /* A browser that lost the stream asks again at once: the listening socket is always there. */
    *first = str_format(r->cx.arena, "retry: 100\ndata: %.*s\n\n", STR_FMT(number));
    Response *response = StreamingHttpResponse(r, stream, first, .content_type = "text/event-stream");
    SET_HEADER(r, response, "Cache-Control", "no-store");
    return response;
}

static Response *answer_script(Request *r)
{
    Response *response = HttpResponse(r, live_script(), .content_type = "text/javascript; charset=utf-8");
    SET_HEADER(r, response, "Cache-Control", "no-store");
    return response;
}

/* Where the end of the body begins, or STR_NPOS. */
static size_t end_of_body(Str html)
{
    static const Str tag = STR("</body>");
    for (size_t at = html.n >= tag.n ? html.n - tag.n + 1 : 0; at-- > 0;)
        if (html.p[at] == '<' && str_ieq(str_slice(html, at, at + tag.n), tag))
            return at;
    return STR_NPOS;
}

/* Is it a page that a browser shows, and not what a script fetched? */
static bool is_document(Request *r, const Response *response)
{
    Str to = HEADER(r, "Sec-Fetch-Dest"), type = headers_get_id(&response->headers, HEADER_CONTENT_TYPE);
    return !response->streaming && !response->stream && !response->file && response->content.n &&
           (str_empty(to) || str_eq(to, STR("document"))) && str_istarts(type, STR("text/html"));
}

static void insert_script(Request *r, Response *response, Str number)
{
    Arena *a = r->cx.arena;
    Str html = response->content, tag = live_tag(a, number);
    Str encoding = headers_get_id(&response->headers, HEADER_CONTENT_ENCODING);
    Buf unfolded = BUF_INIT(a, DEBUG_PAGE_MAX);
    if (str_eq(encoding, STR("gzip")) && gzip_decompress(&unfolded, html, GZIP_GZIP, DEBUG_PAGE_MAX) == GZIP_OK)
        html = buf_view(&unfolded);
    else if (encoding.n)
        return;
    size_t at = end_of_body(html);
    if (at == STR_NPOS)
        return;
    Buf b = BUF_INIT(a, html.n + tag.n);
    buf_str(&b, str_slice(html, 0, at));
    buf_str(&b, tag);
    buf_str(&b, str_from_byte(html, at));
    response->content = buf_view(&b);
    headers_delete(&response->headers, STR("Content-Encoding"));
    headers_delete(&response->headers, STR("ETag"));
    headers_delete(&response->headers, STR("Last-Modified"));
    SET_HEADER(r, response, "Cache-Control", "no-store");
}

static bool live_init(Context *cx, const Settings *settings, void **state)
{
    (void)cx, (void)state;
    return is_on(settings);
}

static Response *live_call(Request *r, Next *next)
{
    Str number = live_number();
    if (str_starts(r->path_info, STR("/__clef__/"))) {
        if (str_eq(r->path_info, STR("/__clef__/live")))
            return answer_stream(r, number);
        if (str_eq(r->path_info, STR("/__clef__/live.js")))
            return answer_script(r);
    }
    Response *response = next_call(next, r);
    if (is_document(r, response))
        insert_script(r, response, number);
    return response;
}

const Middleware live_middleware = { .name = "live reload", .init = live_init, .call = live_call };

const Middleware *const *live_list(Arena *a, const Settings *settings, const Middleware *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    if (list && !is_on(settings))
        return list;
    const Middleware **with = NEW_ARRAY(a, const Middleware *, n + 2);
    size_t at = 0;
    if (is_on(settings))
        with[at++] = &live_middleware;
    for (size_t i = 0; i < n; i++)
        with[at++] = list[i];
    return with;
}
