#include "../http/harness.h"

#include <clef/codec/gzip.h>
#include <clef/debug.h>
#include <clef/rt/loop.h>
#include <stdlib.h>

static Str body;
static const char *type, *encoding;

static Response *view(Request *r)
{
    Response *response = HttpResponse(r, body, .content_type = type);
    if (encoding)
        SET_HEADER(r, response, "Content-Encoding", encoding);
    SET_HEADER(r, response, "ETag", "\"1\"");
    return response;
}
static ViewFn *resolve(Request *r, const void *conf)
{
    (void)r, (void)conf;
    return view;
}
static const SiteRouter router = { .resolve = resolve };

static Response *ask(const char *path, const char *lines, bool debug)
{
    Settings *s = test_settings();
    s->debug = debug;
    Request *r = test_get(path, lines, s);
    const Middleware *const *list = live_list(test_arena(), s, NULL);
    return site_respond(site_create(&r->cx, s, list, &router, NULL), r);
}

static void serve_html(void)
{
    body = STR("<html><body>x</body><!-- </BODY> --></html>");
    type = encoding = NULL;
    setenv("CLEF_LIVE", "17", 1);
}

TEST(live, a_document_gets_the_script_with_the_number)
{
    serve_html();
    Response *response = ask("/", "", true);
    CHECK_STR(response->content,
              STR("<html><body>x</body><!-- <script src=\"/__clef__/live.js?17\"></script>\n</BODY> --></html>"));
    CHECK(str_is_null(response_header(response, STR("ETag"))));
    CHECK_STR(response_header(response, STR("Cache-Control")), STR("no-store"));
}

TEST(live, nothing_else_is_changed)
{
    serve_html();
    CHECK_STR(ask("/", "Sec-Fetch-Dest: empty\r\n", true)->content, body);
    CHECK_STR(ask("/", "", false)->content, body);
    type = "text/plain";
    CHECK_STR(ask("/", "", true)->content, body);
    type = NULL;
    encoding = "br";
    CHECK_STR(ask("/", "", true)->content, body);
    encoding = NULL;
    body = STR("<p>a piece</p>");
    Response *piece = ask("/", "", true);
    CHECK_STR(piece->content, body);
    CHECK_STR(response_header(piece, STR("ETag")), STR("\"1\""));
    serve_html();
    setenv("CLEF_LIVE", "\"><script>", 1);
    CHECK_STR(ask("/", "", true)->content, body);
    unsetenv("CLEF_LIVE");
    CHECK_STR(ask("/", "", true)->content, body);
}

TEST(live, a_compressed_document_is_unfolded)
{
    serve_html();
    Buf b = BUF_INIT(test_arena(), 4096);
    REQUIRE(gzip_compress(&b, body, (GzipOptions){ 0 }));
    body = buf_view(&b);
    encoding = "gzip";
    Response *response = ask("/", "", true);
    CHECK_STR_CONTAINS(response->content, STR("live.js?17"));
    CHECK(str_is_null(response_header(response, STR("Content-Encoding"))));
}

TEST(live, the_script_is_served)
{
    serve_html();
    Response *response = ask("/__clef__/live.js?17", "", true);
    CHECK_STR(response_header(response, STR("Content-Type")), STR("text/javascript; charset=utf-8"));
    CHECK_STR_CONTAINS(response->content, STR("EventSource"));
    CHECK_STR(ask("/__clef__/other", "", true)->content.p ? STR("view") : STR(""), STR("view"));
}

/* --- the stream, as a client reads it */

typedef struct Client {
    ResponseStream stream;
    Buf got;
    Request *r;
    Response *response;
    bool ended;
} Client;

static void client_write(ResponseStream *stream, Str bytes)
{
    buf_str(&CLEF_CONTAINER(stream, Client, stream)->got, bytes);
}
static void client_flush(ResponseStream *stream) { (void)stream; }

static void read_stream(void *arg)
{
    Client *c = arg;
    c->response->stream(c->r, &c->stream, c->response->stream_arg);
    c->ended = true;
}

static void stop_soon(Loop *loop, Timer *t)
{
    (void)loop, (void)t;
    live_stop();
}

TEST(live, the_stream_says_the_number_and_ends_at_a_stop)
{
    serve_html();
    Settings *s = test_settings();
    s->debug = true;
    Request *r = test_get("/__clef__/live", "", s);
    const Middleware *const *list = live_list(test_arena(), s, NULL);
    Client c = { .stream = { client_write, client_flush }, .got = BUF_INIT(test_arena(), 4096), .r = r };
    c.response = site_respond(site_create(&r->cx, s, list, &router, NULL), r);
    REQUIRE(c.response->stream != NULL);
    CHECK_STR(response_header(c.response, STR("Content-Type")), STR("text/event-stream"));
    Loop *loop = loop_create(test_arena());
    Timer t = { .fn = stop_soon };
    REQUIRE(fiber_start(loop, read_stream, &c) != NULL);
    CHECK(!c.ended);
    CHECK_STR(buf_view(&c.got), STR("retry: 100\ndata: 17\n\n"));
    timer_set(loop, &t, loop_clock() + 20000000);
    CHECK_EQ(loop_run(loop), 0);
    CHECK(c.ended);
    loop_destroy(loop);
}
