/*
 * serve.c: between the server's exchanges and the site's requests. The request lies on the fiber's stack; the response's
 * headers are written where they leave from, its body goes out as it lies.
 */
#include "base/copy.h"
#include "http/response.h"
#include "http/site.h"
#include <clef/conf/settings.h>
#include <clef/net/http_server.h>
#include <clef/rt/address.h>
#include <clef/rt/loop.h>

/* --- the exchange as a source */

static ptrdiff_t read_body(void *from, char *to, size_t n)
{
    ssize_t got = http_body_read(from, to, n);
    return got < 0 ? -http_body_status(from) : got;
}

static int whole_body(void *from, uint64_t limit, Str *out)
{
    return http_body_all(from, limit, out) ? 0 : -http_body_status(from);
}

static bool is_disconnected(void *from) { return http_peer_closed(from); }

static void name_address(const Address *address, Arena *a, Str *name, Str *port)
{
    Buf b = BUF_INIT(a, ADDRESS_TEXT_MAX);
    address_host(&b, address);
    unsigned number = address_port(address);
    *name = buf_view(&b);
    *port = number ? str_format(a, "%u", number) : STR("");
}

static void remote(void *from, Arena *a, Str *name, Str *port) { name_address(http_peer(from), a, name, port); }

static void server(void *from, Arena *a, Str *name, Str *port)
{
    Address local = http_local(from);
    name_address(&local, a, name, port);
    if (!name->n)
        *name = STR("localhost");
}

static const RequestSourceOps exchange_ops = { read_body, whole_body, is_disconnected, remote, server };

/* --- writing out */

typedef struct ClientStream {
    ResponseStream stream;
    Request *r;
    Response *response;
    HttpExchange *x;
} ClientStream;

static const char set_cookie[] = "Set-Cookie: ";

/* Content-Length is the server's to write. */
static bool is_written(const Header *h) { return h->id != HEADER_CONTENT_LENGTH; }

/* Bytes of all header lines. */
static size_t block_size(const Response *response)
{
    size_t n = 0;
    for (uint32_t i = 0; i < response->headers.n; i++) {
        const Header *h = &response->headers.p[i];
        n += h->name.n + h->value.n + 4;
    }
    for (const ResponseCookie *c = response->cookies; c; c = c->next)
        n += sizeof set_cookie - 1 + c->line.n + 2;
    return n;
}

/* Writes the lines, at most block_size() bytes; returns their end. */
static char *put_block(char *p, const Response *response)
{
    for (uint32_t i = 0; i < response->headers.n; i++) {
        const Header *h = &response->headers.p[i];
        if (CLEF_UNLIKELY(!is_written(h)))
            continue;
        p = copy_text(p, h->name.p, h->name.n);
        *p++ = ':', *p++ = ' ';
        p = copy_text(p, h->value.p, h->value.n);
        *p++ = '\r', *p++ = '\n';
    }
    for (const ResponseCookie *c = response->cookies; c; c = c->next) {
        p = mempcpy(p, set_cookie, sizeof set_cookie - 1);
        p = mempcpy(p, c->line.p, c->line.n);
        *p++ = '\r', *p++ = '\n';
    }
    return p;
}

static Str header_block(Arena *a, const Response *response)
{
    char *block = arena_alloc(a, block_size(response) + 1);
    return (Str){ block, (size_t)(put_block(block, response) - block) };
}

static void client_write(ResponseStream *stream, Str bytes)
{
    ClientStream *client = CLEF_CONTAINER(stream, ClientStream, stream);
    if (!http_stream_write(client->x, bytes))
        RAISE(client->r, 499, "client_closed", "The client closed the connection.");
}

static void client_flush(ResponseStream *stream)
{
    ClientStream *client = CLEF_CONTAINER(stream, ClientStream, stream);
    if (!http_stream_flush(client->x))
        RAISE(client->r, 499, "client_closed", "The client closed the connection.");
}

static void run_stream(Context *cx, void *arg)
{
    (void)cx;
    ClientStream *client = arg;
    client->response->stream(client->r, &client->stream, client->response->stream_arg);
}

/* When the function raises, the end of the body is missing, and the client can see that: nothing is finished. */
static void write_stream(Site *site, Request *r, HttpExchange *x, Response *response, Str block)
{
    ClientStream client = { .stream = { client_write, client_flush }, .r = r, .response = response, .x = x };
    if (!http_stream_start(x, response->status, block, -1))
        return;
    const Error *e = r->method == HTTP_HEAD ? NULL : attempt(&r->cx, run_stream, &client);
    if (!e)
        http_stream_finish(x, NULL, 0);
    else if (e->status != 499 && site->router->report)
        site->router->report(r, e);
}

typedef struct Writing {
    Site *site;
    Request *r;
    HttpExchange *x;
    Response *response;
} Writing;

/* A stream or a file: needs memory, and a stream runs the project's code. */
static void write_special(Context *cx, void *arg)
{
    Writing *w = arg;
    Response *response = w->response;
    Str block = header_block(cx->arena, response);
    if (response->stream)
        write_stream(w->site, w->r, w->x, response, block);
    else
        http_respond_file(w->x, response->status, block, response->file->fd, (int64_t)response->file->from,
                          (int64_t)response->file->size);
}

static void write_response(Writing *w)
{
    Response *response = w->response;
    if (CLEF_UNLIKELY(response->reason.n) && !http_respond_reason(w->x, response->reason))
        response->reason = STR(""); /* set to no line of text: the usual one goes out */
    if (CLEF_LIKELY(!response->stream && !response->file)) {
        char *at = http_respond_open(w->x, response->status, block_size(response), response->content.n);
        if (CLEF_LIKELY(at != NULL))
            http_respond_close(w->x, put_block(at, response), response->content);
    } else if (attempt(&w->r->cx, write_special, w)) { /* no memory for the headers: an answer without */
        (void)http_respond_reason(w->x, STR(""));
        http_respond(w->x, 500, STR(""), STR(""));
    }
}

/* --- what ends a request from outside: its time, and its client */

typedef struct Limit {
    Timer timer;
    Context *cx;
} Limit;

static const Error too_long = { .status = 503,
                                .code = "response_timeout",
                                .message = STR("The response took longer than SERVER_RESPONSE_TIMEOUT."),
                                .hint = STR("What it asked of a database was cancelled.") };
static const Error gone = { .status = 499,
                            .code = "client_closed",
                            .message = STR("The client closed the connection.") };

static void on_time(Loop *loop, Timer *t)
{
    (void)loop;
    context_interrupt(CLEF_CONTAINER(t, Limit, timer)->cx, &too_long);
}

static void on_gone(void *arg) { context_interrupt(arg, &gone); }

static void watch_request(const Settings *settings, HttpExchange *x, Request *r, Limit *limit)
{
    if (settings->server_response_timeout > 0) {
        r->cx.deadline_ns = loop_clock() + settings->server_response_timeout * 1000000000;
        r->cx.deadline_error = &too_long;
        timer_set(loop_current(), &limit->timer, r->cx.deadline_ns);
    }
    /* Who has sent his last byte with the request waits for its answer all the same. */
    if (settings->server_cancel_disconnected && (r->method == HTTP_GET || r->method == HTTP_HEAD) &&
        !http_peer_closed(x))
        http_on_peer_closed(x, on_gone, &r->cx);
}

void site_handle(HttpExchange *x, void *arg)
{
    Site *site = arg;
    RequestSource source = { .head = x->head, .ops = &exchange_ops, .from = x, .tls = http_is_secure(x) };
    Request r;
    request_init(&r, x->arena, &source, site->settings);
    Limit limit = { .timer.fn = on_time, .cx = &r.cx };
    bool watched = site->databases != NULL;
    if (watched)
        watch_request(site->settings, x, &r, &limit);
    Writing w = { .site = site, .r = &r, .x = x, .response = site_respond(site, &r) };
    write_response(&w);
    if (watched) {
        timer_stop(loop_current(), &limit.timer);
        http_on_peer_closed(x, NULL, NULL);
    }
    request_finish(&r);
}
