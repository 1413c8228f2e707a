#include "../middleware/answer.h"
#include <clef/http/cache_headers.h>

static Buf trail;
static void note(const char *what)
{
    if (trail.n)
        buf_byte(&trail, ' ');
    buf_c(&trail, what);
}

static Response *page(Request *r)
{
    note("view");
    return HttpResponse(r, "page");
}
static Response *raising(Request *r)
{
    note("view");
    RAISE(r, 403, "forbidden", "no");
}
static Response *private_page(Request *r)
{
    Response *response = HttpResponse(r, "page");
    SET_HEADER(r, response, "Vary", "Accept-Language");
    SET_HEADER(r, response, "Cache-Control", "public, max-age=60");
    SET_HEADER(r, response, "X-Frame-Options", "DENY");
    SET_HEADER(r, response, "ETag", "\"own\"");
    return response;
}
static Response *nothing(Request *r) { return (void)r, NULL; }

static Response *outer(Request *r, Next *next)
{
    note("outer>");
    CHECK_NULL(decorator_arg(next));
    Response *response = next_call(next, r);
    note("<outer");
    return response;
}
static Response *named(Request *r, Next *next)
{
    note(decorator_arg(next));
    return next_call(next, r);
}
static Response *stops(Request *r, Next *next)
{
    (void)next;
    return HttpResponse(r, "stopped", .status = 402);
}
static void undo(void *arg) { note(arg); }
static Response *undoes(Request *r, Next *next)
{
    DEFER(r, undo, "undone");
    Response *response = next_call(next, r);
    note("never");
    return response;
}

static Str tag(Request *r)
{
    note("tag");
    return GET(r, "none").n ? (Str){ 0 } : STR("v1");
}
static OptDateTime modified(Request *r)
{
    return GET(r, "none").n ? (OptDateTime){ 0 } : OPT(OptDateTime, { .us = 1445412480 * 1000000ll + 7 });
}

static void render(Request *r, Response *response)
{
    (void)r;
    note("render");
    response->content = STR("rendered");
}
static Response *rendered_later(Request *r)
{
    Response *response = HttpResponse(r, "");
    response->render = render;
    return response;
}

static const Url table[] = {
    PATH("get/", page, VIEW_OPTIONS(.methods = REQUIRE_GET)),
    PATH("post/", page, VIEW_OPTIONS(.methods = REQUIRE_POST, .never_cache = true, .decorators = DECORATORS(outer))),
    PATH("safe/", page, VIEW_OPTIONS(.methods = REQUIRE_SAFE)),
    PATH("two/", page, VIEW_OPTIONS(.methods = METHODS(PUT, DELETE))),
    PATH("headers/", private_page,
         VIEW_OPTIONS(.vary_on = "Cookie, accept-language", .cache_control = "private, max-age=90",
                      .xframe_options = "SAMEORIGIN")),
    PATH("never/", private_page, VIEW_OPTIONS(.never_cache = true)),
    PATH("frame/", page, VIEW_OPTIONS(.xframe_options = "SAMEORIGIN")),
    PATH("exempt/", page, VIEW_OPTIONS(.xframe_options_exempt = true)),
    PATH("list/", page, VIEW_OPTIONS(.decorators = DECORATORS(outer, (named, "first"), (named, "second")))),
    PATH("stops/", page, VIEW_OPTIONS(.etag = tag, .decorators = DECORATORS(outer, stops, outer))),
    PATH("raise/", raising, VIEW_OPTIONS(.decorators = DECORATORS(outer, undoes))),
    PATH("nothing/", nothing, VIEW_OPTIONS(.decorators = DECORATORS(outer))),
    PATH("etag/", page, VIEW_OPTIONS(.etag = tag)),
    PATH("both/", page, VIEW_OPTIONS(.etag = tag, .last_modified = modified)),
    PATH("own/", private_page, VIEW_OPTIONS(.etag = tag)),
    PATH("conditional/", page, VIEW_OPTIONS(.conditional_page = true)),
    PATH("later/", rendered_later, VIEW_OPTIONS(.conditional_page = true, .vary_on = "Cookie")),
    URLS_END,
};

static Response *ask(const char *method, const char *path, const char *headers)
{
    trail = BUF_INIT(test_arena(), 4096);
    return answer(test_settings(), table, (Asked){ .method = method, .path = path, .headers = headers });
}

TEST(http, only_the_methods_of_a_view_reach_it)
{
    static const struct {
        const char *method, *path;
        int status;
        const char *allow;
    } rows[] = {
        { "GET", "/get/", 200, NULL },
        { "HEAD", "/get/", 405, "GET" },
        { "POST", "/get/", 405, "GET" },
        { "GET", "/post/", 405, "POST" },
        { "POST", "/post/", 200, NULL },
        { "GET", "/safe/", 200, NULL },
        { "HEAD", "/safe/", 200, NULL },
        { "OPTIONS", "/safe/", 405, "GET, HEAD" },
        { "PUT", "/two/", 200, NULL },
        { "GET", "/two/", 405, "PUT, DELETE" },
        { "PROPFIND", "/two/", 405, "PUT, DELETE" },
    };
    EACH_ROW (row, rows) {
        Response *response = ask(row->method, row->path, "");
        CHECK_EQ(response->status, row->status);
        CHECK_STR(response_header(response, STR("Allow")), str_c(row->allow));
        CHECK_EQ(str_contains(buf_view(&trail), STR("view")), row->status == 200);
    }
    /* A refusal meets no decorator, and has the headers of the page. */
    Response *response = ask("GET", "/post/", "");
    CHECK_STR(buf_view(&trail), STR(""));
    CHECK_STR_CONTAINS(response_header(response, STR("Cache-Control")), STR("no-store"));
}

TEST(http, options_set_headers_beside_those_of_the_view)
{
    Response *response = ask("GET", "/headers/", "");
    CHECK_HEADER(response, "Vary", "Accept-Language, Cookie");
    CHECK_HEADER(response, "Cache-Control", "max-age=60, private");
    CHECK_HEADER(response, "X-Frame-Options", "DENY");
    response = ask("GET", "/never/", "");
    CHECK_HEADER(response, "Cache-Control", "max-age=0, no-cache, no-store, must-revalidate, private");
    CHECK_HEADER(ask("GET", "/frame/", ""), "X-Frame-Options", "SAMEORIGIN");
    CHECK(ask("GET", "/exempt/", "")->xframe_options_exempt);
}

TEST(http, decorators_run_in_order)
{
    CHECK_STR(ask("GET", "/list/", "")->content, STR("page"));
    CHECK_STR(buf_view(&trail), STR("outer> first second view <outer"));
    CHECK_EQ(ask("GET", "/stops/", "")->status, 402);
    CHECK_STR(buf_view(&trail), STR("outer> <outer")); /* nor was the tag looked for */
}

TEST(http, a_raise_passes_through_decorators)
{
    CHECK_EQ(ask("GET", "/raise/", "")->status, 403);
    CHECK_STR(buf_view(&trail), STR("outer> view undone"));
    CHECK_EQ(ask("GET", "/nothing/", "")->status, 500);
    CHECK_STR_CONTAINS(request_error(answered_request())->message, STR("didn't return a response"));
}

/* One function is a middleware and a decorator. */
TEST(http, a_decorator_can_be_a_middleware)
{
    static const Middleware outer_middleware = { .name = "outer", .call = outer };
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&outer_middleware);
    trail = BUF_INIT(test_arena(), 4096);
    answer(s, table, (Asked){ .path = "/list/" });
    CHECK_STR(buf_view(&trail), STR("outer> outer> first second view <outer <outer"));
}

TEST(http, conditions_are_met_before_the_view_runs)
{
    static const struct {
        const char *method, *path, *headers;
        int status;
        const char *trail, *etag, *modified;
    } rows[] = {
        { "GET", "/etag/", "", 200, "tag view", "\"v1\"", NULL },
        { "GET", "/etag/", "If-None-Match: \"v1\"\r\n", 304, "tag", "\"v1\"", NULL },
        { "HEAD", "/etag/", "If-None-Match: \"v1\"\r\n", 304, "tag", "\"v1\"", NULL },
        { "GET", "/etag/?none=1", "If-None-Match: \"v1\"\r\n", 200, "tag view", NULL, NULL },
        { "PUT", "/etag/", "If-Match: \"v0\"\r\n", 412, "tag", NULL, NULL },
        { "PUT", "/etag/", "If-Match: \"v1\"\r\n", 200, "tag view", NULL, NULL },
        { "GET", "/both/", "", 200, "tag view", "\"v1\"", "Wed, 21 Oct 2015 07:28:00 GMT" },
        { "GET", "/both/", "If-Modified-Since: Wed, 21 Oct 2015 07:28:00 GMT\r\n", 304, "tag", "\"v1\"",
          "Wed, 21 Oct 2015 07:28:00 GMT" },
        { "GET", "/both/?none=1", "If-Modified-Since: Wed, 21 Oct 2015 07:28:00 GMT\r\n", 200, "tag view", NULL, NULL },
        { "GET", "/own/", "", 200, "tag", "\"own\"", NULL },
    };
    EACH_ROW (row, rows) {
        Response *response = ask(row->method, row->path, row->headers);
        CHECK_EQ(response->status, row->status);
        CHECK_STR(buf_view(&trail), str_c(row->trail));
        CHECK_STR(response_header(response, STR("ETag")), str_c(row->etag));
        CHECK_STR(response_header(response, STR("Last-Modified")), str_c(row->modified));
    }
}

TEST(http, a_page_may_be_conditional_by_its_content)
{
    Response *response = ask("GET", "/conditional/", "");
    CHECK_HEADER(response, "ETag", "\"71860c77c6745379b0d44304d66b6a13\"");
    CHECK_EQ(ask("GET", "/conditional/", "If-None-Match: \"71860c77c6745379b0d44304d66b6a13\"\r\n")->status, 304);
    response = ask("GET", "/later/", "");
    CHECK_STR(response->content, STR("rendered"));
    CHECK_STR(buf_view(&trail), STR("render"));
    CHECK_HEADER(response, "Vary", "Cookie");
    Str etag = response_header(response, STR("ETag"));
    response = ask("GET", "/later/", str_format(test_arena(), "If-None-Match: %.*s\r\n", STR_FMT(etag)).p);
    CHECK_EQ(response->status, 304);
    CHECK_HEADER(response, "Vary", "Cookie");
    CHECK_EQ(response->content.n, 0);
}
