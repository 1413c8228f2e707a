#include "answer.h"

static Settings *open_to(StrList origins)
{
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&cors_middleware, &common_middleware);
    s->cors_allowed_origins = origins;
    return s;
}

TEST(middleware, cors_answers_allowed_origins)
{
    static const struct {
        const char *origin, *allowed; /* NULL: no header */
    } rows[] = {
        { "https://app.example.com", "https://app.example.com" },
        { "https://APP.example.com", "https://APP.example.com" },
        { "http://app.example.com", NULL },
        { "https://app.example.com:8443", NULL },
        { "https://app.example.com.evil.org", NULL },
        { "https://a1.example.net", "https://a1.example.net" },
        { "https://a1.example.net.evil.org", NULL },
        { "null", NULL },
        { NULL, NULL },
    };
    EACH_ROW (row, rows) {
        Settings *s = open_to(STRS("https://app.example.com"));
        s->cors_allowed_origin_regexes = STRS("https://\\w+\\.example\\.net");
        s->cors_allow_credentials = true;
        s->cors_expose_headers = STRS("X-Total", "Link");
        Str line = row->origin ? str_format(test_arena(), "Origin: %s\r\n", row->origin) : STR("");
        Response *response = answer_view(s, plain, (Asked){ .headers = line.p });
        CHECK_EQ(response->status, 200);
        CHECK_HEADER(response, "Vary", "origin");
        CHECK_STR(response_header(response, STR("Access-Control-Allow-Origin")), str_c(row->allowed));
        CHECK_STR(response_header(response, STR("Access-Control-Allow-Credentials")),
                  row->allowed ? STR("true") : (Str){ 0 });
        CHECK_STR(response_header(response, STR("Access-Control-Expose-Headers")),
                  row->allowed ? STR("X-Total, Link") : (Str){ 0 });
        CHECK_NO_HEADER(response, "Access-Control-Allow-Methods");
    }
}

static Response *never(Request *r)
{
    CHECK(!"a preflight met the view");
    return HttpResponse(r, "");
}

TEST(middleware, cors_answers_preflights)
{
    Settings *s = open_to(STRS("https://app.example.com", "null"));
    const char *lines = "Origin: https://app.example.com\r\nAccess-Control-Request-Method: PUT\r\n";
    Response *response = answer_view(s, never, (Asked){ .method = "OPTIONS", .headers = lines });
    CHECK_EQ(response->status, 200);
    CHECK_EQ(response->content.n, 0);
    CHECK_HEADER(response, "Access-Control-Allow-Origin", "https://app.example.com");
    CHECK_HEADER(response, "Access-Control-Allow-Methods", "DELETE, GET, OPTIONS, PATCH, POST, PUT");
    CHECK_HEADER(response, "Access-Control-Allow-Headers",
                 "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with");
    CHECK_HEADER(response, "Access-Control-Max-Age", "86400");
    /* Another origin learns nothing, and still meets no view. */
    lines = "Origin: https://evil.org\r\nAccess-Control-Request-Method: PUT\r\n";
    response = answer_view(s, never, (Asked){ .method = "OPTIONS", .headers = lines });
    CHECK_EQ(response->status, 200);
    CHECK_NO_HEADER(response, "Access-Control-Allow-Origin");
    CHECK_NO_HEADER(response, "Access-Control-Allow-Methods");
    response = answer_view(s, plain, (Asked){ .method = "OPTIONS", .headers = "Origin: null\r\n" });
    CHECK_STR(response->content, STR("plain"));
    CHECK_HEADER(response, "Access-Control-Allow-Origin", "null");
    s->cors_preflight_max_age = 0;
    CHECK_NO_HEADER(answer_view(s, never, (Asked){ .method = "OPTIONS", .headers = lines }), "Access-Control-Max-Age");
}

TEST(middleware, cors_for_all_and_for_some_paths)
{
    Settings *s = open_to((StrList){ 0 });
    s->cors_allow_all_origins = true;
    s->cors_urls_regex = STR("^/api/");
    const Asked api = { .path = "/api/x", .headers = "Origin: https://any.org\r\n" };
    CHECK_HEADER(answer_view(s, plain, api), "Access-Control-Allow-Origin", "*");
    Response *response = answer_view(s, plain, (Asked){ .path = "/x", .headers = "Origin: https://any.org\r\n" });
    CHECK_NO_HEADER(response, "Access-Control-Allow-Origin");
    CHECK_NO_HEADER(response, "Vary");
}

TEST(middleware, cors_refuses_bad_settings)
{
    Settings *s = open_to(STRS("https://a.example.com/"));
    CHECK_STR_CONTAINS(site_error(s), STR("'https://a.example.com/' is no origin"));
    s = open_to(STRS("a.example.com"));
    CHECK_STR_CONTAINS(site_error(s), STR("is no origin"));
    s = open_to((StrList){ 0 });
    s->cors_allow_all_origins = s->cors_allow_credentials = true;
    CHECK_STR_CONTAINS(site_error(s), STR("CORS_ALLOW_ALL_ORIGINS together with CORS_ALLOW_CREDENTIALS"));
    s = open_to((StrList){ 0 });
    s->cors_allow_headers = STRS("x y");
    CHECK_STR_CONTAINS(site_error(s), STR("CORS_ALLOW_HEADERS: 'x y'"));
    s = open_to((StrList){ 0 });
    s->cors_allowed_origin_regexes = STRS("[");
    CHECK_STR_CONTAINS(site_error(s), STR("CORS_ALLOWED_ORIGIN_REGEXES: '['"));
}
