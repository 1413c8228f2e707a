/* client.c: the test client and the checks of responses, on a small site of their own. */
#include <clef/clef.h>
#include <clef/test/client.h>

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Note {
    MODEL_HEAD;
    Str text;
} Note;
extern const Model Note_model;
const Model Note_model = { MODEL(Note), FIELDS(Note, CharField(text, .max_length = 50)) };

static Response *index_page(Request *r)
{
    EACH (Note, note, OBJECTS(r, Note))
        (void)note;
    return RENDER(r, "child.html", "title", "Notes & more", "count", (int64_t)COUNT(OBJECTS(r, Note)));
}

static Response *add(Request *r)
{
    if (r->method == HTTP_POST) {
        CREATE(r, Note, .text = POST(r, "text"));
        Response *response = HttpResponseRedirect(r, "/");
        SET_COOKIE(r, response, "last", POST(r, "text"));
        return response;
    }
    return HttpResponse(r, str_format(r->cx.arena, "q=%.*s", STR_FMT(GET(r, "q"))));
}

static Response *echo(Request *r)
{
    return HttpResponse(r, str_format(r->cx.arena, "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s", STR_FMT(r->method_name),
                                      STR_FMT(request_body(r)), STR_FMT(request_content_type(r)),
                                      STR_FMT(HEADER(r, "X-Mine")), STR_FMT(request_scheme(r)),
                                      STR_FMT(request_remote_addr(r))));
}

static Response *forget(Request *r)
{
    Response *response = HttpResponse(r, COOKIE(r, "last"));
    response_delete_cookie(r, response, STR("last"), (CookieOptions){ .path = NULL });
    return response;
}

static Response *hop(Request *r)
{
    int64_t n = url_int(r, "n");
    return n ? HttpResponseRedirect(r, str_format(r->cx.arena, "../%lld/?from=%lld", (long long)n - 1, (long long)n),
                                    .preserve_request = n == 1)
             : HttpResponse(
                   r, str_format(r->cx.arena, "%.*s at 0 from %.*s", STR_FMT(r->method_name), STR_FMT(GET(r, "from"))));
}

static Response *loop_page(Request *r) { return HttpResponseRedirect(r, "/loop/"); }
static Response *broken(Request *r) { RAISE(r, 500, "broken", "broken on purpose"); }
static Response *missing(Request *r) { RAISE(r, 404, "missing", "not here"); }
static Response *json(Request *r)
{
    Map *map = map_new(r->cx.arena);
    map_set(map, STR("n"), VALUE(7));
    return JsonResponse(r, VALUE(map));
}
static Response *csrf(Request *r) { return HttpResponse(r, r->dont_enforce_csrf_checks ? "off" : "on"); }

static void rows(Request *r, ResponseStream *stream, void *arg)
{
    (void)r, (void)arg;
    response_write(stream, STR("one "));
    response_flush(stream);
    response_write(stream, STR("two"));
}
static Response *stream(Request *r) { return StreamingHttpResponse(r, rows, NULL); }
static Response *file(Request *r) { return FileResponse(r, GET(r, "path")); }
static Response *waits(Request *r)
{
    fiber_sleep(1000000);
    return HttpResponse(r, fiber_self() ? "waited" : "no fiber");
}

static Response *upload(Request *r)
{
    const UploadedFile *f = FILES(r, "photo");
    return HttpResponse(r, f ? str_format(r->cx.arena, "%.*s %.*s %.*s %.*s", STR_FMT(f->name),
                                          STR_FMT(f->content_type), STR_FMT(f->content), STR_FMT(POST(r, "title")))
                             : STR("none"));
}

static const Url urls[] = {
    PATH("upload/", upload),  PATH("", index_page),    PATH("add/", add),
    PATH("echo/", echo),      PATH("forget/", forget), PATH("hop/<int:n>/", hop),
    PATH("loop/", loop_page), PATH("broken/", broken), PATH("missing/", missing),
    PATH("json/", json),      PATH("csrf/", csrf),     PATH("stream/", stream),
    PATH("file/", file),      PATH("waits/", waits),   URLS_END,
};

static const App notes_app = { .label = "notes", .models = MODELS(Note) };

static void settings(Settings *s)
{
    s->secret_key = STR("test");
    s->allowed_hosts = STRS("example.com");
    s->root_urlconf = urls;
    s->installed_apps = APPS(&notes_app);
    s->middleware = MIDDLEWARE(&common_middleware);
    Str *dirs = NEW(s->arena, Str);
    *dirs = str_c(test_dir());
    s->template_dirs = (StrList){ dirs, 1 };
    env_database(s, "default", "", STR("sqlite:////nowhere/at/all.sqlite3"));
    test_file("base.html", STR("<h1>{{ title }}</h1>{% block body %}{% endblock %}"));
    test_file("child.html", STR("{% extends 'base.html' %}{% block body %}{{ count }} {% include 'inc.html' with "
                                "x=5 %}{% endblock %}"));
    test_file("inc.html", STR("[{{ x }}]"));
}

static const Project project = { .name = "notes", .settings = SETTINGS(settings) };

static TestClient *client(void)
{
    test_use_project(&project);
    return TestClient();
}

TEST(client, a_form_is_posted_and_its_redirect_shows_it)
{
    TestClient *c = client();
    TestResponse *response = CLIENT_POST(c, "/add/", .data = DATA("text", "a & b=é"));
    CHECK_STATUS(response, 302);
    CHECK_REDIRECTS(response, "/");
    CHECK_STR(FIRST(OBJECTS(test_context(), Note), Note)->text, STR("a & b=é"));
    response = CLIENT_POST(c, "/add/", .data = DATA("text", "second"), .follow = true);
    CHECK_REDIRECTS(response, "/");
    CHECK_CONTAINS(response, "2 [5]", .count = 1);
    CHECK_CONTAINS(response, "<h1>Notes &amp; more</h1>");
    CHECK_NOT_CONTAINS(response, "3 [5]");
    CHECK_EQ(response->nredirects, 1u);
    CHECK_EQ(response->redirects[0].status, 302);
    CHECK_EQ(response->nqueries, 2u);
}

TEST(client, a_test_has_a_database_of_its_own)
{
    client();
    CHECK_EQ(COUNT(OBJECTS(test_context(), Note)), 0u);
    CHECK_STR(test_site_settings()->databases[0].name, STR(":memory:"));
    CHECK(!test_site_settings()->debug);
    CHECK_PTR(test_context()->databases, test_context()->databases);
    CREATE(test_context(), Note, .text = STR("x"));
    CHECK_CONTAINS(CLIENT_GET(TestClient(), "/"), "1 [5]");
}

TEST(client, templates_and_their_names)
{
    TestResponse *response = CLIENT_GET(client(), "/");
    CHECK_TEMPLATE_USED(response, "child.html");
    CHECK_TEMPLATE_USED(response, "base.html");
    CHECK_TEMPLATE_USED(response, "inc.html");
    CHECK_TEMPLATE_NOT_USED(response, "other.html");
    REQUIRE(response->ntemplates == 3);
    CHECK_STR(response->templates[0], STR("child.html"));
    Value v;
    REQUIRE(test_response_context(response, STR("title"), &v));
    CHECK_STR(v.s, STR("Notes & more"));
    REQUIRE(test_response_context(response, STR("x"), &v));
    CHECK_EQ(v.i, 5);
    CHECK(!test_response_context(response, STR("nothing"), &v));
}

TEST(client, methods_bodies_headers)
{
    static const struct {
        TestRequestOptions options;
        Str content;
    } table[] = {
        { { .method = "GET", .path = "/echo/" }, STR("GET||||http|127.0.0.1") },
        { { .method = "PUT", .path = "/echo/", .body = "{}", .content_type = "application/json" },
          STR("PUT|{}|application/json||http|127.0.0.1") },
        { { .method = "PATCH", .path = "/echo/", .bytes = STR("raw"), .secure = true },
          STR("PATCH|raw|application/x-www-form-urlencoded||https|127.0.0.1") },
        { { .method = "DELETE", .path = "/echo/" }, STR("DELETE||||http|127.0.0.1") },
    };
    TestClient *c = client();
    EACH_ROW (row, table)
        CHECK_STR(test_client_send(c, &row->options)->content, row->content);
    CHECK_STR(
        CLIENT_POST(c, "/echo/", .data = DATA("a", 1, "b", true, "c", 1.5), .headers = DATA("X-Mine", "yes"))->content,
        STR("POST|a=1&b=True&c=1.5|application/x-www-form-urlencoded|yes|http|127.0.0.1"));
    c = TestClient(.headers = DATA("X-Mine", "always"), .remote_addr = "10.0.0.9");
    CHECK_STR(CLIENT_GET(c, "/echo/")->content, STR("GET|||always|http|10.0.0.9"));
    CHECK_STR(CLIENT_GET(c, "/add/", .data = DATA("q", "x y"))->content, STR("q=x y"));
    CHECK_STR(CLIENT_GET(c, "/add/?a=1", .query = DATA("q", "é"))->content, STR("q=é"));
    CHECK_STR(CLIENT_HEAD(c, "/add/")->content, STR(""));
    CHECK_STR(TEST_HEADER(CLIENT_GET(c, "/add/"), "Content-Type"), STR("text/html; charset=utf-8"));
}

TEST(client, files_are_sent_as_a_browser_sends_them)
{
    TestResponse *response = CLIENT_POST(client(), "/upload/", .data = DATA("title", "A dog"),
                                         .files = UPLOADS({ "photo", "dog.png", STR("woof\r\n--x"), "image/png" }));
    CHECK_STR(response->content, STR("dog.png image/png woof\r\n--x A dog"));
}

TEST(client, cookies_are_kept_and_deleted)
{
    TestClient *c = client();
    CHECK(str_is_null(test_client_cookie(c, STR("last"))));
    CLIENT_POST(c, "/add/", .data = DATA("text", "crumb; \"x\""));
    CHECK(!str_is_null(test_client_cookie(c, STR("last"))));
    test_client_set_cookie(c, STR("other"), STR("1"));
    CHECK_STR(CLIENT_GET(c, "/forget/")->content, STR("crumb; \"x\""));
    CHECK(str_is_null(test_client_cookie(c, STR("last"))));
    CHECK_STR(test_client_cookie(c, STR("other")), STR("1"));
    CHECK_STR(CLIENT_GET(c, "/forget/")->content, STR(""));
}

TEST(client, redirects_are_followed_as_a_browser_does)
{
    TestClient *c = client();
    TestResponse *response = CLIENT_GET(c, "/hop/3/", .follow = true);
    CHECK_STR(response->content, STR("GET at 0 from 1"));
    REQUIRE(response->nredirects == 3);
    CHECK_STR(response->redirects[0].url, STR("../2/?from=3"));
    CHECK_EQ(response->redirects[2].status, 307);
    CHECK_REDIRECTS(response, "../0/?from=1");
    CHECK_STR(CLIENT_POST(c, "/hop/1/", .data = DATA("a", "b"), .follow = true)->content, STR("POST at 0 from 1"));
    CHECK_STR(CLIENT_POST(c, "/hop/2/", .data = DATA("a", "b"), .follow = true)->content, STR("GET at 0 from 1"));
}

TEST(client, answers_of_every_kind)
{
    TestClient *c = client();
    CHECK_STR(CLIENT_GET(c, "/stream/")->content, STR("one two"));
    const char *path = test_file("page.txt", STR("file's text"));
    CHECK_STR(CLIENT_GET(c, "/file/", .data = DATA("path", path))->content, STR("file's text"));
    Value *n = map_get(test_response_json(CLIENT_GET(c, "/json/")).map, STR("n"));
    CHECK(n && n->i == 7);
    CHECK_STATUS(CLIENT_GET(c, "/missing/"), 404);
    CHECK_STATUS(CLIENT_GET(c, "/nowhere/"), 404);
    CHECK_STATUS(CLIENT_GET(c, "/add"), 301);
    CHECK_STR(CLIENT_GET(c, "/csrf/")->content, STR("off"));
    CHECK_STR(CLIENT_GET(TestClient(.enforce_csrf_checks = true), "/csrf/")->content, STR("on"));
    c = TestClient(.errors_are_answers = true);
    TestResponse *response = CLIENT_GET(c, "/broken/");
    CHECK_STATUS(response, 500);
    REQUIRE(response->error != NULL);
    CHECK_STR(response->error->message, STR("broken on purpose"));
}

/* What the runner prints of a test of a project that fails in this way. */
static Str failure(const char *name)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self);
    REQUIRE(n > 0 && n < (ssize_t)sizeof self);
    Str dir = str_slice((Str){ self, (size_t)n }, 0, str_rfind_byte((Str){ self, (size_t)n }, '/'));
    Arena *a = test_arena();
    FILE *f = popen(str_format(a, "%.*s/clef-tests-clients %s 2>&1", STR_FMT(dir), name).p, "r");
    REQUIRE(f != NULL);
    Buf out = BUF_INIT(a, 1 << 20);
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, f)) > 0;)
        buf_add(&out, block, got);
    pclose(f);
    return buf_view(&out);
}

TEST(client, what_a_failing_check_prints, .seconds = 60)
{
    static const struct {
        const char *name;
        Str output;
    } table[] = {
        { "contains", STR("should contain \"something else\"") },
        { "count", STR("3 times; it does 1 times") },
        { "lacks", STR("should not contain \"page\"") },
        { "status", STR("the status of CLIENT_GET(TestClient(), \"/\")\n      got      200\n      expected 404") },
        { "redirects", STR("got      \"/\"\n      expected \"/elsewhere/\"") },
        { "redirect_status", STR("got      302\n      expected 301") },
        { "template", STR("expected \"x.html\"") },
        { "error", STR("GET /broken/ raised: broken on purpose") },
        { "raises", STR("raised: nothing matches") },
        { "raises_nothing", STR(" raises nothing") },
        { "raises_other", STR(" raises something else") },
        { "form_error", STR("got      \"This field is required.\"\n      expected \"Wrong.\"") },
        { "form_is_fine", STR("expected the NULL string") },
        { "no_form", STR("its context has no such form") },
        { "queries", STR("SELECT COUNT(*)") },
        { "too_many", STR("too many redirects, the last one to /loop/") },
        { "outside", STR("does not leave the site, and cannot go to http://example.org/") },
        { "bad_header", STR("cannot be a header of a request: X-Bad") },
        { "bad_data", STR("takes texts, numbers and truth values, not date") },
        { "stops", STR("not true: 1 > 2") },
        { "no_setting", STR("DATABASES: 'oracle'") },
    };
    EACH_ROW (row, table)
        CHECK_STR_CONTAINS(failure(str_format(test_arena(), "bad.%s", row->name).p), row->output);
    CHECK_STR(failure("good.*"), STR("6 passed, 0 failed\n"));
    CHECK_STR_CONTAINS(failure("--no-fork good.*"), STR("6 passed, 0 failed\n"));
    CHECK_STR_CONTAINS(failure("--no-fork bad.stops bad.raises"), STR("0 passed, 2 failed\n"));
}
