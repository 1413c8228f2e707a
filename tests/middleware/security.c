#include "answer.h"

/* What Django 6.0 sends; NULL: no such header. */
static const struct {
    int64_t hsts;
    bool subdomains, preload, nosniff_off, tls;
    const char *referrer, *opener; /* of the settings; NULL: their defaults */
    const char *want_hsts, *want_nosniff, *want_referrer, *want_opener;
} rows[] = {
    { .want_nosniff = "nosniff", .want_referrer = "same-origin", .want_opener = "same-origin" },
    { .tls = true, .want_nosniff = "nosniff", .want_referrer = "same-origin", .want_opener = "same-origin" },
    { .hsts = 3600, .want_nosniff = "nosniff", .want_referrer = "same-origin", .want_opener = "same-origin" },
    { .hsts = 3600,
      .tls = true,
      .want_hsts = "max-age=3600",
      .want_nosniff = "nosniff",
      .want_referrer = "same-origin",
      .want_opener = "same-origin" },
    { .hsts = 10,
      .subdomains = true,
      .tls = true,
      .want_hsts = "max-age=10; includeSubDomains",
      .want_nosniff = "nosniff",
      .want_referrer = "same-origin",
      .want_opener = "same-origin" },
    { .hsts = 10,
      .subdomains = true,
      .preload = true,
      .tls = true,
      .want_hsts = "max-age=10; includeSubDomains; preload",
      .want_nosniff = "nosniff",
      .want_referrer = "same-origin",
      .want_opener = "same-origin" },
    { .hsts = 10,
      .preload = true,
      .tls = true,
      .want_hsts = "max-age=10; preload",
      .want_nosniff = "nosniff",
      .want_referrer = "same-origin",
      .want_opener = "same-origin" },
    { .nosniff_off = true, .want_referrer = "same-origin", .want_opener = "same-origin" },
    { .referrer = "", .want_nosniff = "nosniff", .want_opener = "same-origin" },
    { .referrer = "no-referrer, strict-origin",
      .want_nosniff = "nosniff",
      .want_referrer = "no-referrer,strict-origin",
      .want_opener = "same-origin" },
    { .opener = "", .want_nosniff = "nosniff", .want_referrer = "same-origin" },
    { .opener = "unsafe-none",
      .want_nosniff = "nosniff",
      .want_referrer = "same-origin",
      .want_opener = "unsafe-none" },
};

TEST(middleware, security_headers)
{
    EACH_ROW (row, rows) {
        Settings *s = test_settings();
        s->middleware = MIDDLEWARE(&security_middleware);
        s->secure_hsts_seconds = row->hsts;
        s->secure_hsts_include_subdomains = row->subdomains;
        s->secure_hsts_preload = row->preload;
        s->secure_content_type_nosniff = !row->nosniff_off;
        if (row->referrer)
            s->secure_referrer_policy = str_c(row->referrer);
        if (row->opener)
            s->secure_cross_origin_opener_policy = str_c(row->opener);
        Response *response = answer_view(s, plain, (Asked){ .tls = row->tls });
        CHECK_STR(response_header(response, STR("Strict-Transport-Security")), str_c(row->want_hsts));
        CHECK_STR(response_header(response, STR("X-Content-Type-Options")), str_c(row->want_nosniff));
        CHECK_STR(response_header(response, STR("Referrer-Policy")), str_c(row->want_referrer));
        CHECK_STR(response_header(response, STR("Cross-Origin-Opener-Policy")), str_c(row->want_opener));
    }
}

static Response *with_headers(Request *r)
{
    Response *response = HttpResponse(r, "x");
    SET_HEADER(r, response, "strict-transport-security", "max-age=1");
    SET_HEADER(r, response, "x-content-type-options", "foo");
    SET_HEADER(r, response, "referrer-policy", "unsafe-url");
    SET_HEADER(r, response, "cross-origin-opener-policy", "unsafe-none");
    return response;
}

TEST(middleware, security_leaves_the_headers_of_a_view)
{
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&security_middleware);
    s->secure_hsts_seconds = 10;
    Response *response = answer_view(s, with_headers, (Asked){ .tls = true });
    CHECK_HEADER(response, "Strict-Transport-Security", "max-age=1");
    CHECK_HEADER(response, "X-Content-Type-Options", "foo");
    CHECK_HEADER(response, "Referrer-Policy", "unsafe-url");
    CHECK_HEADER(response, "Cross-Origin-Opener-Policy", "unsafe-none");
    CHECK_EQ(response->headers.n, 5);
}

TEST(middleware, security_redirects_to_https)
{
    static const struct {
        const char *host, *exempt, *path;
        bool tls;
        const char *to; /* NULL: no redirect */
    } redirects[] = {
        { .path = "/a?b=c", .to = "https://testserver/a?b=c" },
        { .path = "/a?b=c", .tls = true },
        { .host = "secure.example.com", .path = "/a?b=c", .to = "https://secure.example.com/a?b=c" },
        { .exempt = "^insecure/", .path = "/insecure/page" },
        { .exempt = "^insecure/", .path = "/not/insecure/", .to = "https://testserver/not/insecure/" },
        { .exempt = "^insecure/", .path = "//insecure/" },
        { .path = "/caf%C3%A9/?q=%C3%A9", .to = "https://testserver/caf%C3%A9/?q=%C3%A9" },
    };
    EACH_ROW (row, redirects) {
        Settings *s = test_settings();
        s->middleware = MIDDLEWARE(&security_middleware);
        s->secure_ssl_redirect = true;
        s->secure_ssl_host = str_c(row->host);
        Str exempt = str_c(row->exempt);
        s->secure_redirect_exempt = (StrList){ &exempt, row->exempt ? 1 : 0 };
        Response *response = answer_view(s, plain, (Asked){ .path = row->path, .tls = row->tls });
        CHECK_EQ(response->status, row->to ? 301 : 200);
        CHECK_STR(response_header(response, STR("Location")), str_c(row->to));
        CHECK_HEADER(response, "X-Content-Type-Options", "nosniff");
    }
}

TEST(middleware, https_behind_a_proxy_counts)
{
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&security_middleware);
    s->secure_ssl_redirect = true;
    s->secure_hsts_seconds = 10;
    s->secure_proxy_ssl_header = (HeaderMatch){ STR("HTTP_X_FORWARDED_PROTO"), STR("https") };
    Response *response = answer_view(s, plain, (Asked){ .headers = "X-Forwarded-Proto: https\r\n" });
    CHECK_EQ(response->status, 200);
    CHECK_HEADER(response, "Strict-Transport-Security", "max-age=10");
}

TEST(middleware, security_refuses_bad_settings)
{
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&security_middleware);
    s->secure_redirect_exempt = STRS("^ok$", "(");
    CHECK_STR_CONTAINS(site_error(s), STR("SECURE_REDIRECT_EXEMPT: '('"));
    s = test_settings();
    s->middleware = MIDDLEWARE(&security_middleware);
    s->secure_referrer_policy = STR("same-origin\r\nX: y");
    CHECK_STR_CONTAINS(site_error(s), STR("SECURE_REFERRER_POLICY"));
}

/* --- clickjacking */

static Response *framed(Request *r)
{
    Response *response = HttpResponse(r, "x");
    SET_HEADER(r, response, "X-Frame-Options", "SAMEORIGIN");
    return response;
}
static Response *exempt(Request *r)
{
    Response *response = HttpResponse(r, "x");
    response->xframe_options_exempt = true;
    return response;
}
static Response *missing(Request *r) { RAISE(r, 404, "not_found", "nothing here"); }

TEST(middleware, x_frame_options)
{
    static const struct {
        const char *setting;
        ViewFn *view;
        const char *want;
    } cases[] = {
        { "DENY", plain, "DENY" }, { "sameorigin", plain, "SAMEORIGIN" },
        { "", plain, "DENY" },     { "DENY", framed, "SAMEORIGIN" },
        { "DENY", exempt, NULL },  { "DENY", missing, "DENY" },
    };
    EACH_ROW (row, cases) {
        Settings *s = test_settings();
        s->middleware = MIDDLEWARE(&clickjacking_middleware);
        s->x_frame_options = str_c(row->setting);
        CHECK_STR(response_header(answer_view(s, row->view, (Asked){ 0 }), STR("X-Frame-Options")), str_c(row->want));
    }
}
