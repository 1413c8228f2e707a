#include "harness.h"
#include <clef/base/map.h>

typedef struct Raised {
    Request *r;
    void (*fn)(Request *r);
} Raised;
static void call(Context *cx, void *arg)
{
    (void)cx;
    Raised *c = arg;
    c->fn(c->r);
}
static const char *raised(Request *r, void (*fn)(Request *r))
{
    const Error *e = attempt(&r->cx, call, &(Raised){ r, fn });
    return e ? e->code : "";
}
#define CHECK_RAISED(fn, code) CHECK_STR(str_c(raised(test_get("/", "", test_settings()), (fn))), STR(code))

TEST(response, kinds_and_their_headers)
{
    Request *r = test_get("/", "", test_settings());
    Response *response = HttpResponse(r, "x", .status = 201, .charset = "latin-1");
    CHECK_EQ(response->status, 201);
    CHECK_STR(response_header(response, STR("Content-Type")), STR("text/html; charset=latin-1"));
    /* A type that is given stands as it is. */
    response = HttpResponse(r, "x", .content_type = "text/plain", .charset = "latin-1");
    CHECK_STR(response_header(response, STR("Content-Type")), STR("text/plain"));
    CHECK_EQ(HttpResponseNotFound(r, "x")->status, 404);
    CHECK_EQ(HttpResponseServerError(r, STR("x"), .content_type = "text/plain")->status, 500);
    response = HttpResponseNotAllowed(r, "GET", "HEAD");
    CHECK_EQ(response->status, 405);
    CHECK_STR(response_header(response, STR("allow")), STR("GET, HEAD"));
    response = HttpResponseRedirect(r, "/caf\u00e9/?a=1");
    CHECK_EQ(response->status, 302);
    CHECK_STR(response_header(response, STR("location")), STR("/caf%C3%A9/?a=1"));
    CHECK_EQ(HttpResponsePermanentRedirect(r, "/")->status, 301);
    CHECK_EQ(HttpResponsePermanentRedirect(r, "/", .preserve_request = true)->status, 308);
}

static const Response *made; /* what the functions below never come to */

static void to_script(Request *r) { made = HttpResponseRedirect(r, "javascript:alert(1)"); }
static void too_long(Request *r)
{
    Buf b = BUF_INIT(r->cx.arena, 65536);
    buf_byte(&b, '/');
    buf_fill(&b, 'a', 16384);
    made = HttpResponseRedirect(r, buf_view(&b));
}
static void split(Request *r) { SET_HEADER(r, HttpResponse(r, ""), "X", "a\r\nSet-Cookie: b"); }
static void bad_name(Request *r) { SET_HEADER(r, HttpResponse(r, ""), "X: y", "a"); }
static void bad_cookie(Request *r) { SET_COOKIE(r, HttpResponse(r, ""), "a b", "c"); }
static void bad_samesite(Request *r) { SET_COOKIE(r, HttpResponse(r, ""), "a", "c", .samesite = "No"); }
static void bad_status(Request *r) { made = HttpResponse(r, "", .status = 600); }
static void list_at_the_top(Request *r) { made = JsonResponse(r, value_int(1)); }
static void no_file(Request *r) { made = FileResponse(r, "/nowhere/at/all"); }
static void a_nul(Request *r) { made = FileResponse(r, STR("/proc/self/stat\0.txt")); }
static void a_folder(Request *r) { made = FileResponse(r, test_dir()); }

TEST(response, a_redirect_takes_as_many_characters_as_the_limit)
{
    Request *r = test_get("/", "", test_settings());
    Buf b = BUF_INIT(r->cx.arena, 65536);
    buf_byte(&b, '/');
    for (int i = 1; i < 16384; i++)
        BUF_LIT(&b, "\u00e9"); /* characters, not bytes */
    CHECK_EQ(HttpResponseRedirect(r, buf_view(&b))->status, 302);
}

TEST(response, what_cannot_be_is_refused)
{
    CHECK_RAISED(to_script, "disallowed_redirect");
    CHECK_RAISED(too_long, "disallowed_redirect");
    CHECK_RAISED(split, "bad_header");
    CHECK_RAISED(bad_name, "bad_header");
    CHECK_RAISED(bad_cookie, "bad_cookie");
    CHECK_RAISED(bad_samesite, "bad_cookie");
    CHECK_RAISED(bad_status, "bad_status");
    CHECK_RAISED(list_at_the_top, "json");
    CHECK_RAISED(no_file, "file");
    CHECK_RAISED(a_nul, "file");
    CHECK_RAISED(a_folder, "file");
}

static void call_no_file(Context *cx, void *arg)
{
    (void)cx;
    no_file(arg);
}

TEST(response, the_folders_of_a_server_are_told_to_developers_only)
{
    Settings *s = test_settings();
    Request *r = test_get("/", "", s);
    const Error *e = attempt(&r->cx, call_no_file, r);
    REQUIRE(e != NULL);
    CHECK_STR(e->message, STR("\"all\" cannot be opened: No such file or directory"));
    s->debug = true;
    e = attempt(&r->cx, call_no_file, r);
    REQUIRE(e != NULL);
    CHECK_STR(e->message, STR("\"/nowhere/at/all\" cannot be opened: No such file or directory"));
}

TEST(response, headers_replace_add_and_go)
{
    Request *r = test_get("/", "", test_settings());
    Response *response = HttpResponse(r, "");
    SET_HEADER(r, response, "x-a", "1");
    SET_HEADER(r, response, "X-A", "2");
    SET_HEADER(r, response, "vary", "Accept");
    response_vary_on(r, response, STR("Cookie, accept"));
    CHECK_STR(response_header(response, STR("VARY")), STR("Accept, Cookie"));
    CHECK_STR(response_header(response, STR("x-a")), STR("2"));
    headers_add(&r->cx, &response->headers, STR("X-A"), STR("3"));
    CHECK_EQ(response->headers.n, 4);
    CHECK(headers_delete(&response->headers, STR("X-a")));
    CHECK(!headers_delete(&response->headers, STR("X-a")));
    CHECK_EQ(response->headers.n, 2);
    CHECK(headers_delete(&response->headers, STR("vary")));
    CHECK(!headers_has_id(&response->headers, HEADER_VARY));
    headers_set_default(&r->cx, &response->headers, STR("Server"), STR("a"));
    headers_set_default(&r->cx, &response->headers, STR("server"), STR("b"));
    CHECK_STR(headers_get_id(&response->headers, HEADER_SERVER), STR("a"));
}

TEST(response, json_as_django_writes_it)
{
    Request *r = test_get("/", "", test_settings());
    Map *m = map_create(r->cx.arena, 10);
    map_set(m, STR("b"), value_str(STR("\u20ac<")));
    map_set(m, STR("a"), value_int(1));
    Response *response = JsonResponse(r, VALUE(m));
    CHECK_STR(response->content, STR("{\"b\": \"\\u20ac<\", \"a\": 1}"));
    CHECK_STR(response_header(response, STR("content-type")), STR("application/json"));
    response = JsonResponse(r, VALUE(m), .sort_keys = true, .utf8 = true, .status = 202);
    CHECK_STR(response->content, STR("{\"a\": 1, \"b\": \"\u20ac<\"}"));
    CHECK_EQ(response->status, 202);
    CHECK_STR(JsonResponse(r, value_int(5), .any = true)->content, STR("5"));
}
