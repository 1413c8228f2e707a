#include "harness.h"
#include <clef/base/datetime.h>
#include <clef/codec/httpdate.h>
#include <clef/http/cache_headers.h>

static Response *with(Request *r, const char *name, const char *value)
{
    Response *response = HttpResponse(r, "hello");
    if (value)
        SET_HEADER(r, response, name, value);
    return response;
}

/* Recorded from Django 6.0. */
TEST(http, vary_is_patched)
{
    static const struct {
        const char *old, *names, *want;
    } rows[] = {
        { NULL, "Accept-Encoding", "Accept-Encoding" },
        { "Accept-Encoding", "accept-encoding", "Accept-Encoding" },
        { "Cookie", "Accept-Encoding, COOKIE", "Cookie, Accept-Encoding" },
        { "Cookie, Accept-Encoding", "Accept-Encoding, cookie", "Cookie, Accept-Encoding" },
        { "Cookie    ,     Accept-Encoding", "Accept-Encoding, cookie", "Cookie, Accept-Encoding" },
        { NULL, "*", "*" },
        { "*", "Cookie", "*" },
        { "Cookie, *", "Accept-Language, Cookie", "*" },
        { "Cookie", "*, Accept-Language", "*" },
    };
    Request *r = test_get("/", "", test_settings());
    EACH_ROW (row, rows) {
        Response *response = with(r, "Vary", row->old);
        patch_vary_headers(r, response, str_c(row->names));
        CHECK_STR(response_header(response, STR("Vary")), str_c(row->want));
    }
    Response *response = with(r, "Vary", "Cookie, Accept-Language");
    CHECK(has_vary_header(response, STR("accept-language")));
    CHECK(!has_vary_header(response, STR("Accept")));
}

TEST(http, cache_control_is_patched)
{
    static const struct {
        const char *old, *directives, *want;
    } rows[] = {
        { NULL, "private", "private" },
        { "", "private", "private" },
        { "public", "private", "private" },
        { "private", "public", "public" },
        { "max-age=60", "max-age=30", "max-age=30" },
        { "max-age=30", "max-age=60", "max-age=30" },
        { "max-age=60, private", "public, max-age=0", "max-age=0, public" },
        { "must-revalidate, max-age=60", "max-age=0, no-cache, no-store, must-revalidate, private",
          "must-revalidate, max-age=0, no-cache, no-store, private" },
        { "no-cache=Set-Cookie", "no-cache", "no-cache" },
        { "no-cache=Set-Cookie", "no-cache=Link", "no-cache=Set-Cookie, no-cache=Link" },
        { "PRIVATE", "max-age=5", "private, max-age=5" },
        { NULL, "s-maxage=10, stale-while-revalidate=5", "s-maxage=10, stale-while-revalidate=5" },
        { NULL, " private ,, max-age = 5 ", "private, max-age=5" },
    };
    Request *r = test_get("/", "", test_settings());
    EACH_ROW (row, rows) {
        Response *response = with(r, "Cache-Control", row->old);
        patch_cache_control(r, response, str_c(row->directives));
        CHECK_STR(response_header(response, STR("Cache-Control")), str_c(row->want));
    }
}

static void many_directives(Context *cx, void *arg)
{
    Request *r = (Request *)cx;
    patch_cache_control(r, HttpResponse(r, ""), *(Str *)arg);
}

TEST(http, cache_control_takes_32_directives)
{
    Request *r = test_get("/", "", test_settings());
    Buf b = BUF_INIT(test_arena(), 4096);
    for (int i = 0; i < 32; i++)
        buf_printf(&b, "%sa%d", i ? "," : "", i);
    Str most = buf_view(&b);
    CHECK(attempt(&r->cx, many_directives, &most) == NULL);
    buf_c(&b, ",one-more");
    most = buf_view(&b);
    const Error *e = attempt(&r->cx, many_directives, &most);
    REQUIRE(e != NULL);
    CHECK_STR(str_c(e->code), STR("cache_control"));
}

TEST(http, caching_for_a_time_or_never)
{
    Request *r = test_get("/", "", test_settings());
    Response *response = with(r, "Cache-Control", "max-age=10");
    SET_HEADER(r, response, "Expires", "x");
    patch_response_headers(r, response, 60);
    CHECK_STR(response_header(response, STR("Cache-Control")), STR("max-age=10"));
    CHECK_STR(response_header(response, STR("Expires")), STR("x"));
    int64_t seconds = 0;
    CHECK(get_max_age(response, &seconds));
    CHECK_EQ(seconds, 10);

    response = with(r, "", NULL);
    patch_response_headers(r, response, 3600);
    DateTime expires, now = datetime_now();
    REQUIRE(httpdate_parse(response_header(response, STR("Expires")), now, &expires) == PARSE_OK);
    CHECK(expires.us - now.us > 3590 * 1000000ll && expires.us - now.us <= 3600 * 1000000ll);

    response = with(r, "", NULL);
    patch_response_headers(r, response, -5);
    CHECK_STR(response_header(response, STR("Cache-Control")), STR("max-age=0"));
    patch_response_headers(r, with(r, "", NULL), INT64_MAX); /* no overflow */

    response = with(r, "", NULL);
    add_never_cache_headers(r, response);
    CHECK_STR(response_header(response, STR("Cache-Control")),
              STR("max-age=0, no-cache, no-store, must-revalidate, private"));
    REQUIRE(httpdate_parse(response_header(response, STR("Expires")), now, &expires) == PARSE_OK);
    CHECK(expires.us <= datetime_now().us);
    CHECK(!get_max_age(with(r, "Cache-Control", "private, max-age=x"), &seconds));
    CHECK(!get_max_age(with(r, "", NULL), &seconds));
}

/* --- preconditions; the answers are Django's: 2 for 200, 3 for 304, 4 for 412, a column for each entry of `asks` */

#define LM   "Wed, 21 Oct 2015 07:28:00 GMT"
#define OLD  "Wed, 21 Oct 2015 07:27:59 GMT"
#define NEW_ "Wed, 21 Oct 2015 07:28:01 GMT"
enum { LM_SECONDS = 1445412480 };
static const char *const asks[] = {
    "",
    "If-None-Match: \"abc\"\r\n",
    "If-None-Match: W/\"abc\"\r\n",
    "If-None-Match: \"x\", \"abc\"\r\n",
    "If-None-Match: *\r\n",
    "If-None-Match: abc\r\n",
    "If-Match: \"abc\"\r\n",
    "If-Match: W/\"abc\"\r\n",
    "If-Match: \"x\"\r\n",
    "If-Match: *\r\n",
    "If-Modified-Since: " LM "\r\n",
    "If-Modified-Since: " OLD "\r\n",
    "If-Modified-Since: " NEW_ "\r\n",
    "If-Modified-Since: bad\r\n",
    "If-Unmodified-Since: " LM "\r\n",
    "If-Unmodified-Since: " OLD "\r\n",
    "If-Unmodified-Since: " NEW_ "\r\n",
    "If-Unmodified-Since: bad\r\n",
    "If-None-Match: \"x\"\r\nIf-Modified-Since: " LM "\r\n",
    "If-None-Match: \"abc\"\r\nIf-Modified-Since: " OLD "\r\n",
    "If-Match: \"abc\"\r\nIf-Unmodified-Since: " OLD "\r\n",
    "If-Match: \"x\"\r\nIf-Unmodified-Since: " NEW_ "\r\n",
};

TEST(http, preconditions_by_the_rfc)
{
    static const struct {
        const char *method, *etag;
        bool modified;
        const char *answers;
    } rows[] = {
        { "GET", "\"abc\"", true, "2333322442323224222324" },
        { "GET", "\"abc\"", false, "2333322442222244422324" },
        { "GET", "W/\"abc\"", true, "2333324442323224222344" },
        { "GET", "W/\"abc\"", false, "2333324442222244422344" },
        { "GET", NULL, true, "2222224444323224222244" },
        { "GET", NULL, false, "2222224444222244422244" },
        { "HEAD", "\"abc\"", true, "2333322442323224222324" },
        { "HEAD", "\"abc\"", false, "2333322442222244422324" },
        { "HEAD", "W/\"abc\"", true, "2333324442323224222344" },
        { "HEAD", NULL, false, "2222224444222244422244" },
        { "PUT", "\"abc\"", true, "2444422442222224222424" },
        { "PUT", "\"abc\"", false, "2444422442222244422424" },
        { "PUT", "W/\"abc\"", true, "2444424442222224222444" },
        { "PUT", "W/\"abc\"", false, "2444424442222244422444" },
        { "PUT", NULL, true, "2222224444222224222244" },
        { "PUT", NULL, false, "2222224444222244422244" },
    };
    Settings *s = test_settings();
    EACH_ROW (row, rows) {
        char got[CLEF_COUNT(asks) + 1] = "";
        for (size_t i = 0; i < CLEF_COUNT(asks); i++) {
            Request *r =
                test_request(str_format(test_arena(), "%s / HTTP/1.1\r\nHost: a\r\n%s\r\n", row->method, asks[i]), s);
            Response *response =
                get_conditional_response(r, str_c(row->etag), row->modified ? LM_SECONDS : 0, HttpResponse(r, "x"));
            got[i] = (char)('0' + response->status % 10 +
                            (response->status == 200   ? 2
                             : response->status == 304 ? -1
                                                       : 2));
        }
        CHECK_STR(str_c(got), str_c(row->answers));
    }
}

TEST(http, preconditions_concern_successes_only)
{
    static const int statuses[][2] = { { 200, 304 }, { 204, 304 }, { 206, 304 }, { 299, 304 },
                                       { 300, 300 }, { 302, 302 }, { 404, 404 }, { 500, 500 } };
    EACH_ROW (row, statuses) {
        Request *r = test_get("/", "If-None-Match: \"abc\"\r\n", test_settings());
        Response *response = HttpResponse(r, "x", .status = (*row)[0]);
        CHECK_EQ(get_conditional_response(r, STR("\"abc\""), 0, response)->status, (*row)[1]);
    }
    Request *r = test_get("/", "", test_settings());
    CHECK_NULL(get_conditional_response(r, STR("\"abc\""), 0, NULL));
}

TEST(http, tags_of_repeated_headers_count_together)
{
    Request *r = test_get("/", "If-None-Match: \"x\"\r\nIf-None-Match: \"abc\"\r\n", test_settings());
    CHECK_EQ(get_conditional_response(r, STR("\"abc\""), 0, HttpResponse(r, "x"))->status, 304);
}

TEST(http, a_304_keeps_what_caches_need)
{
    Request *r = test_get("/", "If-None-Match: \"5d41402abc4b2a76b9719d911017c592\"\r\n", test_settings());
    Response *full = with(r, "Vary", "Cookie");
    SET_HEADER(r, full, "Content-Location", "/c");
    SET_HEADER(r, full, "X-Other", "1");
    SET_HEADER(r, full, "Expires", "e");
    SET_HEADER(r, full, "Cache-Control", "private");
    SET_COOKIE(r, full, "a", "b");
    Response *response = conditional_page(r, full);
    CHECK_EQ(response->status, 304);
    CHECK_EQ(response->content.n, 0);
    CHECK_EQ(response->headers.n, 5);
    CHECK_STR(response_header(response, STR("Vary")), STR("Cookie"));
    CHECK_STR(response_header(response, STR("Content-Location")), STR("/c"));
    CHECK_STR(response_header(response, STR("Expires")), STR("e"));
    CHECK_STR(response_header(response, STR("Cache-Control")), STR("private"));
    CHECK_STR(response_header(response, STR("ETag")), STR("\"5d41402abc4b2a76b9719d911017c592\""));
    CHECK(str_is_null(response_header(response, STR("Content-Type"))));
    CHECK_PTR(response->cookies, full->cookies);
}

TEST(http, pages_get_a_tag_when_they_may_be_stored)
{
    static const struct {
        const char *method, *cache_control, *content;
        bool tagged;
    } rows[] = {
        { "GET", NULL, "hello", true },
        { "GET", "no-store", "hello", false },
        { "GET", "private, NO-STORE", "hello", false },
        { "GET", "max-age=0", "hello", true },
        { "GET", "no-storex", "hello", true },
        { "GET", NULL, "", false },
        { "HEAD", NULL, "hello", false },
        { "POST", NULL, "hello", false },
    };
    EACH_ROW (row, rows) {
        Request *r =
            test_request(str_format(test_arena(), "%s / HTTP/1.1\r\nHost: a\r\n\r\n", row->method), test_settings());
        Response *response = HttpResponse(r, row->content);
        if (row->cache_control)
            SET_HEADER(r, response, "Cache-Control", row->cache_control);
        response = conditional_page(r, response);
        CHECK_EQ(response->status, 200);
        CHECK_STR(response_header(response, STR("ETag")),
                  row->tagged ? STR("\"5d41402abc4b2a76b9719d911017c592\"") : (Str){ 0 });
    }
}
