#include "answer.h"

static const Url table[] = {
    PATH("slash/", plain),
    PATH("noslash", plain),
    PATH("sensitive/", plain, VIEW_OPTIONS(.no_append_slash = true)),
    PATH("caf\u00e9/", plain),
    PATH("/evil.com/", plain),
    URLS_END,
};

/* As Django 6.0 answers. */
static const struct {
    bool www, no_slash, debug;
    const char *method, *path;
    int status;
    const char *to;
} rows[] = {
    { .path = "/slash/", .status = 200 },
    { .path = "/slash", .status = 301, .to = "/slash/" },
    { .path = "/noslash", .status = 200 },
    { .path = "/unknown", .status = 404 },
    { .path = "/unknown/", .status = 404 },
    { .path = "/sensitive", .status = 404 },
    { .path = "/slash?a=b&c=%C3%A9", .status = 301, .to = "/slash/?a=b&c=%C3%A9" },
    { .path = "/caf%C3%A9", .status = 301, .to = "/caf%C3%A9/" },
    { .path = "//evil.com", .status = 301, .to = "/%2Fevil.com/" },
    { .no_slash = true, .path = "/slash", .status = 404 },
    { .www = true, .path = "/slash/", .status = 301, .to = "http://www.testserver/slash/" },
    { .www = true, .path = "/slash", .status = 301, .to = "http://www.testserver/slash/" },
    { .www = true, .path = "/sensitive", .status = 301, .to = "http://www.testserver/sensitive" },
    { .www = true, .path = "/unknown?x=1", .status = 301, .to = "http://www.testserver/unknown?x=1" },
    { .www = true, .no_slash = true, .path = "/slash", .status = 301, .to = "http://www.testserver/slash" },
    { .method = "POST", .path = "/slash", .status = 301, .to = "/slash/" },
    { .debug = true, .method = "POST", .path = "/slash", .status = 500 },
    { .debug = true, .method = "PUT", .path = "/slash", .status = 500 },
    { .debug = true, .method = "PATCH", .path = "/slash", .status = 500 },
    { .debug = true, .method = "DELETE", .path = "/slash", .status = 500 },
    { .debug = true, .www = true, .method = "POST", .path = "/slash", .status = 500 },
    { .debug = true, .path = "/slash", .status = 301, .to = "/slash/" },
    { .debug = true, .method = "POST", .path = "/unknown", .status = 404 },
};

TEST(middleware, common_finds_the_way)
{
    EACH_ROW (row, rows) {
        Settings *s = test_settings();
        s->middleware = MIDDLEWARE(&common_middleware);
        s->prepend_www = row->www;
        s->append_slash = !row->no_slash;
        s->debug = row->debug;
        Response *response = answer(s, table, (Asked){ .method = row->method, .path = row->path });
        CHECK_EQ(response->status, row->status);
        CHECK_STR(response_header(response, STR("Location")), str_c(row->to));
    }
}

TEST(middleware, a_lost_body_is_said_with_the_way_out)
{
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&common_middleware);
    s->debug = true;
    Response *response = answer(s, table, (Asked){ .method = "POST", .path = "/slash?x=1" });
    CHECK_EQ(response->status, 500);
    CHECK_STR_CONTAINS(request_error(answered_request())->message, STR("testserver/slash/?x=1"));
    CHECK_STR_CONTAINS(request_error(answered_request())->message, STR("APPEND_SLASH"));
}

TEST(middleware, www_stays)
{
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&common_middleware);
    s->prepend_www = true;
    s->allowed_hosts = STRS("www.testserver");
    Request *r = test_request(STR("GET /slash/ HTTP/1.1\r\nHost: www.testserver\r\n\r\n"), s);
    Str error = STR("");
    Site *site =
        site_create(&r->cx, s, s->middleware, &urls_router, urlconf_compile(test_arena(), table, NULL, &error));
    CHECK_EQ(site_respond(site, r)->status, 200);
}

TEST(middleware, user_agents_are_kept_out)
{
    static const struct {
        const char *header;
        int status;
    } agents[] = {
        { "User-Agent: good\r\n", 200 },
        { "User-Agent: badbot\r\n", 403 },
        { "User-Agent: a bad\r\n", 200 },
        { "User-Agent: xspamx\r\n", 403 },
        { "User-Agent:\r\n", 200 },
        { "", 200 },
        /* A name made to stop the regular expression is not let in. */
        { "User-Agent: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\r\n", 403 },
    };
    EACH_ROW (row, agents) {
        Settings *s = test_settings();
        s->middleware = MIDDLEWARE(&common_middleware);
        s->disallowed_user_agents = STRS("^bad", "spam", "^(a+)+$");
        CHECK_EQ(answer(s, table, (Asked){ .path = "/slash/", .headers = row->header })->status, row->status);
    }
}

TEST(middleware, a_bad_host_is_refused_before_the_view)
{
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&common_middleware);
    s->allowed_hosts = STRS("example.com");
    CHECK_EQ(answer(s, table, (Asked){ .path = "/slash/" })->status, 400);
}

/* A site remembers the last good host; that lets no other in, nor a longer or shorter one. */
TEST(middleware, every_host_of_a_site_is_checked)
{
    static const struct {
        const char *host;
        int status;
    } hosts[] = {
        { "testserver", 200 }, { "testserver", 200 },      { "testserverx", 400 }, { "testserve", 400 },
        { "testserver", 200 }, { "testserver:8000", 200 }, { "evil.org", 400 },    { "testserver:8000", 200 },
        { "TESTSERVER", 200 }, { "evil.org", 400 },
    };
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&common_middleware);
    Context cx;
    context_init(&cx, test_arena());
    Str error = STR("");
    Site *site = site_create(&cx, s, s->middleware, &urls_router, urlconf_compile(test_arena(), table, NULL, &error));
    EACH_ROW (row, hosts) {
        Request *r = test_request(str_format(test_arena(), "GET /slash/ HTTP/1.1\r\nHost: %s\r\n\r\n", row->host), s);
        CHECK_EQ(site_respond(site, r)->status, row->status);
        if (row->status == 200)
            CHECK_STR(request_host(r), str_c(row->host));
    }
}
