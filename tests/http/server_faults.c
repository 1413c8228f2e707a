/*
 * server_faults.c: a site on a live server whose n-th request for memory, or n-th system call, is refused, for n = 1,
 * 2, ... until everything comes through: a form, a page that is compressed, a stream, a file, on one connection. Each
 * client gets the right answer, or an error with a status, or sees that the answer was cut; the next one is served.
 */
#include "../net/harness.h"
#include "base/fault.h"
#include "harness.h"

#include <clef/middleware.h>
#include <clef/rt.h>

#include <stdio.h>
#include <string.h>

enum { FORM_BYTES = 30000, PAGE_BYTES = 20000, FILE_BYTES = 50000, PIECES = 3 };
static const int64_t HANG_NS = 4500000000; /* the client waits five seconds for an answer */

static const char *file_path;
static int streams_open;

static Response *form_view(Request *r)
{
    return HttpResponse(r, str_format(r->cx.arena, "%zu of %u", POST(r, "text").n, query_names(request_post(r))));
}

static Response *page_view(Request *r)
{
    Buf b = BUF_INIT(r->cx.arena, PAGE_BYTES);
    for (int i = 0; i < PAGE_BYTES / 10; i++)
        buf_printf(&b, "%9d\n", i);
    Response *response = HttpResponse(r, buf_view(&b));
    SET_COOKIE(r, response, "seen", "1");
    return response;
}

static void closed(void *arg) { --*(int *)arg; }

static void write_pieces(Request *r, ResponseStream *stream, void *arg)
{
    (void)arg;
    streams_open++;
    DEFER(r, closed, &streams_open);
    for (int i = 0; i < PIECES; i++) {
        response_write(stream, str_format(r->cx.arena, "piece %5000d\n", i));
        response_flush(stream);
        fiber_sleep(1000000);
    }
}

static Response *stream_view(Request *r) { return StreamingHttpResponse(r, write_pieces, NULL); }
static Response *file_view(Request *r) { return FileResponse(r, file_path); }

static ViewFn *resolve(Request *r, const void *conf)
{
    (void)conf;
    return str_eq(r->path, STR("/form/"))     ? form_view
           : str_eq(r->path, STR("/page/"))   ? page_view
           : str_eq(r->path, STR("/stream/")) ? stream_view
                                              : file_view;
}
static const SiteRouter router = { .resolve = resolve };

/* Whether the answer is the one with that many bytes of body; false for an error, and for one that ends too early. */
static bool came(Client *c, size_t n)
{
    Reply reply = client_reply(c, false);
    if (reply.status != 200) {
        CHECK(reply.status == 0 || (reply.status >= 400 && reply.head.n > 0));
        return false;
    }
    if (str_eq(reply.body, STR("(cut)")) || (reply.parsed.has_length && reply.body.n < reply.parsed.content_length))
        return false;
    if (n)
        CHECK_EQ(reply.body.n, n);
    return true;
}

#define HEAD(line) line " HTTP/1.1\r\nHost: testserver\r\n"

static bool visit(const Running *r, Str form)
{
    Client c = client_open(r);
    client_send(&c, str_format(test_arena(),
                               HEAD("POST /form/") "Content-Type: application/x-www-form-urlencoded\r\n"
                                                   "Content-Length: %zu\r\n\r\n",
                               form.n));
    client_send(&c, form);
    bool ok = came(&c, sizeof "29995 of 1" - 1);
    client_send(&c, STR(HEAD("GET /page/") "Accept-Encoding: gzip\r\n\r\n"));
    ok = ok && came(&c, 0);
    client_send(&c, STR(HEAD("GET /page/") "\r\n" HEAD("GET /stream/") "\r\n"));
    ok = ok && came(&c, PAGE_BYTES);
    ok = ok && came(&c, (size_t)PIECES * 5007);
    client_send(&c, STR(HEAD("GET /file/") "\r\n"));
    ok = ok && came(&c, FILE_BYTES);
    client_close(&c);
    return ok;
}

static int each_refusal(unsigned kinds)
{
    Settings *s = test_settings();
    char *text = arena_alloc(test_arena(), FORM_BYTES);
    memset(text, 'x', FORM_BYTES);
    memcpy(text, "text=", 5);
    file_path = str_dup_c(test_arena(), str_format(test_arena(), "%s/served", test_dir()));
    REQUIRE(file_write_atomic(file_path, str_format(test_arena(), "%*d", FILE_BYTES, 7), 0) == 0);
    int rounds = 0;
    for (bool fired = true; fired;) {
        REQUIRE(++rounds < 1000);
        Arena *a = arena_create(test_arena(), 0, 0);
        Context cx;
        context_init(&cx, a);
        Site *site = site_create(&cx, s,
                                 MIDDLEWARE(&security_middleware, &common_middleware, &gzip_middleware,
                                            &conditional_get_middleware, &clickjacking_middleware),
                                 &router, NULL);
        Running *r = server_start(&(HttpServerOptions){ .handler = { site_handle, site } });
        int64_t began = loop_clock();
        fault_spare_thread(true);
        fault_arm(kinds, (uint64_t)rounds);
        bool ok = visit(r, str_from(text, FORM_BYTES));
        fired = fault_fired();
        fault_arm(0, 0);
        CHECK(loop_clock() - began < HANG_NS);
        CHECK(ok || fired);
        CHECK_EQ(client_ask(r, STR(HEAD("GET /page/") "Connection: close\r\n\r\n")).status, 200);
        server_end(r);
        CHECK_EQ(streams_open, 0);
        arena_destroy(a);
    }
    fault_spare_thread(false);
    return rounds;
}

TEST(http, a_site_survives_each_lack_of_memory, .seconds = 240)
{
    CHECK(each_refusal(FAULT_MEMORY) > (CLEF_FAULTS ? 10 : 0));
}

TEST(http, a_site_survives_each_refusal_of_the_system, .seconds = 240)
{
    CHECK(each_refusal(FAULT_SYSTEM) > (CLEF_FAULTS ? 15 : 0));
}
