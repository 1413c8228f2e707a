#include "answer.h"

static const CspConfig with_nonce = {
    .default_src = CSP(CSP_SELF),
    .script_src = CSP(CSP_SELF, CSP_NONCE),
    .upgrade_insecure_requests = true,
};
static const CspConfig only_nonce = { .script_src = CSP(CSP_NONCE) };
static const CspConfig several = {
    .default_src = CSP(CSP_NONE),
    .img_src = CSP(CSP_SELF, "data:"),
    .sandbox = CSP(CSP_ALONE),
    .more = CSP_MORE({ "fenced-frame-src", CSP("https:") }, { "child-src", NULL }),
};
static const CspConfig empty_list = { .default_src = CSP(), .style_src = CSP(CSP_SELF) };

TEST(middleware, csp_policies_as_text)
{
    static const struct {
        const CspConfig *config;
        const char *without, *with;
    } rows[] = {
        { &with_nonce, "default-src 'self'; script-src 'self'; upgrade-insecure-requests",
          "default-src 'self'; script-src 'self' 'nonce-N'; upgrade-insecure-requests" },
        { &only_nonce, "", "script-src 'nonce-N'" },
        { &several, "default-src 'none'; img-src 'self' data:; sandbox; fenced-frame-src https:",
          "default-src 'none'; img-src 'self' data:; sandbox; fenced-frame-src https:" },
        { &empty_list, "style-src 'self'", "style-src 'self'" },
        { &csp_off, "", "" },
    };
    EACH_ROW (row, rows) {
        CHECK_STR(csp_build_policy(test_arena(), row->config, (Str){ 0 }), str_c(row->without));
        CHECK_STR(csp_build_policy(test_arena(), row->config, STR("N")), str_c(row->with));
        CHECK(str_is_null(csp_check(test_arena(), row->config)));
    }
}

static Response *with_script(Request *r)
{
    Str nonce = request_csp_nonce(r);
    CHECK_STR(nonce, request_csp_nonce(r));
    CHECK_EQ(nonce.n, 22);
    return HttpResponse(r, nonce);
}

static Settings *guarded(void)
{
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&csp_middleware);
    s->secure_csp = &with_nonce;
    s->secure_csp_report_only = &several;
    return s;
}

TEST(middleware, csp_headers_name_the_nonce_only_when_it_was_used)
{
    Response *response = answer_view(guarded(), plain, (Asked){ 0 });
    CHECK_HEADER(response, "Content-Security-Policy",
                 "default-src 'self'; script-src 'self'; upgrade-insecure-requests");
    CHECK_HEADER(response, "Content-Security-Policy-Report-Only",
                 "default-src 'none'; img-src 'self' data:; sandbox; fenced-frame-src https:");
    response = answer_view(guarded(), with_script, (Asked){ 0 });
    CHECK_STR(response_header(response, STR("Content-Security-Policy")),
              str_format(test_arena(), "default-src 'self'; script-src 'self' 'nonce-%.*s'; upgrade-insecure-requests",
                         STR_FMT(response->content)));
    Response *other = answer_view(guarded(), with_script, (Asked){ 0 });
    CHECK(!str_eq(response->content, other->content));
    Settings *s = guarded();
    s->secure_csp = &only_nonce;
    CHECK_NO_HEADER(answer_view(s, plain, (Asked){ 0 }), "Content-Security-Policy");
    s->secure_csp = NULL;
    CHECK_NO_HEADER(answer_view(s, plain, (Asked){ 0 }), "Content-Security-Policy");
}

static Response *own_header(Request *r)
{
    Response *response = HttpResponse(r, "x");
    SET_HEADER(r, response, "Content-Security-Policy", "default-src https:");
    return response;
}

static const CspConfig strict = { .default_src = CSP(CSP_NONE), .script_src = CSP(CSP_NONCE) };
static const Url table[] = {
    PATH("strict/", plain, VIEW_OPTIONS(.csp = &strict)),
    PATH("nonce/", with_script, VIEW_OPTIONS(.csp = &strict, .csp_report_only = &csp_off)),
    PATH("off/", plain, VIEW_OPTIONS(.csp = &csp_off)),
    PATH("own/", own_header, VIEW_OPTIONS(.csp = &strict)),
    URLS_END,
};

TEST(middleware, csp_of_one_view)
{
    Response *response = answer(guarded(), table, (Asked){ .path = "/strict/" });
    CHECK_HEADER(response, "Content-Security-Policy", "default-src 'none'");
    CHECK(!str_is_null(response_header(response, STR("Content-Security-Policy-Report-Only"))));
    response = answer(guarded(), table, (Asked){ .path = "/nonce/" });
    CHECK_STR(response_header(response, STR("Content-Security-Policy")),
              str_format(test_arena(), "default-src 'none'; script-src 'nonce-%.*s'", STR_FMT(response->content)));
    CHECK_NO_HEADER(response, "Content-Security-Policy-Report-Only");
    CHECK_NO_HEADER(answer(guarded(), table, (Asked){ .path = "/off/" }), "Content-Security-Policy");
    CHECK_HEADER(answer(guarded(), table, (Asked){ .path = "/own/" }), "Content-Security-Policy", "default-src https:");
    /* An error page has the site's policy. */
    response = answer(guarded(), table, (Asked){ .path = "/nowhere/" });
    CHECK_HEADER(response, "Content-Security-Policy",
                 "default-src 'self'; script-src 'self'; upgrade-insecure-requests");
}

static const CspConfig unquoted = { .script_src = CSP("self") };
static const CspConfig two_in_one = { .img_src = CSP("https://a https://b") };
static const CspConfig injected = { .img_src = CSP("data:; script-src *") };
static const CspConfig odd_name = { .more = CSP_MORE({ "img src", CSP("*") }) };

TEST(middleware, csp_mistakes_are_found_at_start)
{
    static const struct {
        const CspConfig *config;
        const char *part;
    } rows[] = {
        { &unquoted, "SECURE_CSP: script-src: the keyword self needs quotes of its own: \"'self'\"" },
        { &two_in_one, "img-src: \"https://a https://b\"" },
        { &injected, "img-src: \"data:; script-src *\"" },
        { &odd_name, "\"img src\" is not the name" },
    };
    EACH_ROW (row, rows) {
        Settings *s = guarded();
        s->secure_csp = row->config;
        CHECK_STR_CONTAINS(site_error(s), str_c(row->part));
    }
}

/* 16384 bytes are the limit of a policy. */
TEST(middleware, csp_length_has_a_limit)
{
    static char value[16384];
    const char *const values[] = { value, NULL };
    CspConfig config = { .img_src = values };
    memset(value, 'a', sizeof value);
    value[16384 - strlen("img-src ")] = 0;
    CHECK(str_is_null(csp_check(test_arena(), &config)));
    value[16384 - strlen("img-src ")] = 'a';
    value[16384 - strlen("img-src ") + 1] = 0;
    CHECK_STR_CONTAINS(csp_check(test_arena(), &config), STR("longer than 16384 bytes"));
}
