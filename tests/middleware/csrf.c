#include "answer.h"
#include "http/response.h"
#include <clef/http/csrf.h>
#include <clef/template/response.h>

#define KNOWN    "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
#define SENDS_IT "Cookie: csrftoken=" KNOWN "\r\n"
#define FORM     "Content-Type: application/x-www-form-urlencoded\r\n"

static Response *form(Request *r) { return HttpResponse(r, csrf_get_token(r)); }

static Settings *settings(void)
{
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&csrf_middleware);
    s->debug = true; /* the page says the reason */
    return s;
}

static Str cookie_of(const Response *response) { return response->cookies ? response->cookies->line : (Str){ 0 }; }

static const char *with_length(const char *headers, const char *body)
{
    return str_dup_c(test_arena(), str_format(test_arena(), "%sContent-Length: %zu\r\n", headers, strlen(body)));
}

TEST(csrf, a_page_with_a_token_sets_the_cookie)
{
    Response *response = answer_view(settings(), form, (Asked){ 0 });
    CHECK_EQ(response->status, 200);
    Str line = cookie_of(response);
    CHECK(str_starts(line, STR("csrftoken=")));
    CHECK(csrf_token_matches(response->content, str_slice(line, 10, 42)));
    CHECK_STR_CONTAINS(line, STR("Max-Age=31449600; Path=/; SameSite=Lax"));
    CHECK_HEADER(response, "Vary", "Cookie");
    response = answer_view(settings(), plain, (Asked){ 0 });
    CHECK(str_is_null(cookie_of(response)));
    CHECK_NO_HEADER(response, "Vary");
    /* the client's secret stays, and its cookie lasts longer */
    response = answer_view(settings(), form, (Asked){ .headers = SENDS_IT });
    CHECK(str_starts(cookie_of(response), STR("csrftoken=" KNOWN ";")));
    Settings *s = settings();
    s->csrf_cookie_name = STR("token"), s->csrf_cookie_domain = STR("example.com"), s->csrf_cookie_secure = true;
    s->csrf_cookie_httponly = true, s->csrf_cookie_path = STR("/a/"), s->csrf_cookie_samesite = STR("Strict");
    line = cookie_of(answer_view(s, form, (Asked){ 0 }));
    CHECK(str_starts(line, STR("token=")));
    CHECK_STR_CONTAINS(line, STR("Domain=example.com; expires="));
    CHECK_STR_CONTAINS(line, STR("HttpOnly; Max-Age=31449600; Path=/a/; SameSite=Strict; Secure"));
}

TEST(csrf, a_malformed_cookie_is_replaced)
{
    Response *response = answer_view(settings(), plain, (Asked){ .headers = "Cookie: csrftoken=short\r\n" });
    Str line = cookie_of(response);
    CHECK(str_starts(line, STR("csrftoken=")) && line.n > 42 && line.p[42] == ';');
}

/* What Django answers; NULL: it lets the request through. */
static const struct {
    const char *method, *headers, *body, *reason;
    bool tls;
} rows[] = {
    { "GET", "", "", NULL, false },
    { "HEAD", "", "", NULL, false },
    { "OPTIONS", "", "", NULL, false },
    { "POST", "", "", "CSRF cookie not set.", false },
    { "DELETE", "", "", "CSRF cookie not set.", false },
    { "POST", SENDS_IT, "", "CSRF token missing.", false },
    { "POST", SENDS_IT FORM, "a=b", "CSRF token missing.", false },
    { "POST", SENDS_IT FORM, "csrfmiddlewaretoken=" KNOWN, NULL, false },
    { "POST", SENDS_IT FORM, "csrfmiddlewaretoken=ABC", "CSRF token from POST has incorrect length.", false },
    { "POST", SENDS_IT FORM, "csrfmiddlewaretoken=" KNOWN "x", "CSRF token from POST has incorrect length.", false },
    { "POST", SENDS_IT FORM, "csrfmiddlewaretoken=-BCDEFGHIJKLMNOPQRSTUVWXYZ012345",
      "CSRF token from POST has invalid characters.", false },
    { "POST", SENDS_IT FORM, "csrfmiddlewaretoken=BBCDEFGHIJKLMNOPQRSTUVWXYZ012345", "CSRF token from POST incorrect.",
      false },
    { "POST", SENDS_IT "X-CSRFToken: " KNOWN "\r\n", "", NULL, false },
    { "PUT", SENDS_IT "X-CSRFToken: " KNOWN "\r\n", "", NULL, false },
    { "PATCH", SENDS_IT "X-CSRFToken: A" KNOWN "\r\n", "",
      "CSRF token from the &#x27;X-Csrftoken&#x27; HTTP header has incorrect length.", false },
    { "POST", "Cookie: csrftoken=x\r\nX-CSRFToken: " KNOWN "\r\n", "", "CSRF cookie has incorrect length.", false },
    { "POST", SENDS_IT "Origin: http://testserver\r\nX-CSRFToken: " KNOWN "\r\n", "", NULL, false },
    { "POST", SENDS_IT "Origin: https://testserver\r\nX-CSRFToken: " KNOWN "\r\n", "",
      "Origin checking failed - https://testserver does not match any trusted origins.", false },
    { "POST", SENDS_IT "Origin: null\r\nX-CSRFToken: " KNOWN "\r\n", "",
      "Origin checking failed - null does not match any trusted origins.", false },
    { "POST", SENDS_IT "Origin: https://friend.org\r\nX-CSRFToken: " KNOWN "\r\n", "", NULL, false },
    { "POST", SENDS_IT "Origin: https://a.friend.org\r\nX-CSRFToken: " KNOWN "\r\n", "",
      "Origin checking failed - https://a.friend.org does not match any trusted origins.", false },
    { "POST", SENDS_IT "Origin: http://a.b.many.org\r\nX-CSRFToken: " KNOWN "\r\n", "", NULL, false },
    { "POST", SENDS_IT "Origin: https://a.b.many.org\r\nX-CSRFToken: " KNOWN "\r\n", "",
      "Origin checking failed - https://a.b.many.org does not match any trusted origins.", false },
    { "POST", SENDS_IT "X-CSRFToken: " KNOWN "\r\n", "", "Referer checking failed - no Referer.", true },
    { "POST", SENDS_IT "Referer: x\r\nX-CSRFToken: " KNOWN "\r\n", "",
      "Referer checking failed - Referer is malformed.", true },
    { "POST", SENDS_IT "Referer: http://testserver/\r\nX-CSRFToken: " KNOWN "\r\n", "",
      "Referer checking failed - Referer is insecure while host is secure.", true },
    { "POST", SENDS_IT "Referer: https://evil.org/\r\nX-CSRFToken: " KNOWN "\r\n", "",
      "Referer checking failed - https://evil.org/ does not match any trusted origins.", true },
    { "POST", SENDS_IT "Referer: https://testserver/a?b\r\nX-CSRFToken: " KNOWN "\r\n", "", NULL, true },
    { "POST", SENDS_IT "Referer: https://x.many.org/\r\nX-CSRFToken: " KNOWN "\r\n", "", NULL, true },
};

TEST(csrf, requests_that_change_something_are_checked)
{
    EACH_ROW (row, rows) {
        Settings *s = settings();
        s->csrf_trusted_origins = STRS("https://friend.org", "http://*.many.org");
        Response *response = answer_view(s, plain,
                                         (Asked){ .method = row->method,
                                                  .headers = with_length(row->headers, row->body),
                                                  .body = row->body,
                                                  .tls = row->tls });
        CHECK_EQ(response->status, row->reason ? 403 : 200);
        if (row->reason)
            CHECK_STR_CONTAINS(response->content, str_c(row->reason));
        s->debug = false;
    }
}

TEST(csrf, without_debug_the_page_keeps_the_reason_to_itself)
{
    Settings *s = settings();
    s->debug = false;
    Response *response = answer_view(s, plain, (Asked){ .method = "POST", .headers = SENDS_IT });
    CHECK_EQ(response->status, 403);
    CHECK(!str_contains(response->content, STR("token missing")));
    CHECK_STR_CONTAINS(response->content, STR("CSRF verification failed. Request aborted."));
}

static const Url exceptions[] = { PATH("hook/", plain, VIEW_OPTIONS(.csrf_exempt = true)),
                                  PATH("start/", plain, VIEW_OPTIONS(.ensure_csrf_cookie = true)), URLS_END };

static Response *own_failure(Request *r, Str reason) { return HttpResponse(r, reason, .status = 418); }

TEST(csrf, settings_and_options_of_the_url)
{
    Settings *s = settings();
    s->csrf_failure_view = own_failure;
    Response *response = answer_view(s, plain, (Asked){ .method = "POST" });
    CHECK_EQ(response->status, 418);
    CHECK_STR(response->content, STR("CSRF cookie not set."));
    CHECK_EQ(answer(settings(), exceptions, (Asked){ .method = "POST", .path = "/hook/" })->status, 200);
    CHECK(!str_is_null(cookie_of(answer(settings(), exceptions, (Asked){ .path = "/start/" }))));
    s->csrf_header_name = STR("HTTP_X_MINE");
    CHECK_EQ(answer_view(s, plain, (Asked){ .method = "POST", .headers = SENDS_IT "X-Mine: " KNOWN "\r\n" })->status,
             200);
    s->csrf_use_sessions = true;
    CHECK_STR_CONTAINS(site_error(s), STR("CSRF_USE_SESSIONS"));
    s = settings();
    s->csrf_trusted_origins = STRS("example.com");
    CHECK_STR_CONTAINS(site_error(s), STR("'example.com' is no origin"));
}

static Response *rendered(Request *r) { return RENDER(r, "form.html"); }

TEST(csrf, templates_show_the_token)
{
    Settings *s = settings();
    const char *path = test_file("form.html", STR("<form>{% csrf_token %}</form>"));
    (void)path;
    Str dir = str_c(test_dir());
    s->template_dirs = (StrList){ &dir, 1 };
    Response *response = answer_view(s, rendered, (Asked){ .headers = SENDS_IT });
    Str head = STR("<form><input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"");
    REQUIRE(str_starts(response->content, head));
    CHECK(csrf_token_matches(str_slice(response->content, head.n, head.n + 64), STR(KNOWN)));
    CHECK(!str_is_null(cookie_of(response)));
}
