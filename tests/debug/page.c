#include "debug/page.h"
#include "base/config.h"

#include "../http/harness.h"

#include <clef/debug.h>
#include <clef/template.h>
#include <clef/urls.h>
#include <signal.h>

static Response *home(Request *r) { return HttpResponse(r, "<!doctype html><body><h1>home</h1></body>"); }
static Response *failing(Request *r) { RAISE(r, 500, "broken", "it is <b>broken</b> & \"bad\""); }
static Response *missing(Request *r) { RAISE(r, 404, "no_ticket", "no ticket 7"); }
static Response *forbidden(Request *r) { RAISE(r, 403, "forbidden", "not you"); }
static Response *reads(Request *r)
{
    char c;
    (void)request_read(r, &c, 1);
    RAISE(r, 500, "late", "after a read");
}

static const Url inner[] = { PATH("<slug:name>/", home, .name = "inner"), URLS_END };
static const Url site_urls[] = { PATH("", home),
                                 PATH("failing/", failing),
                                 PATH("missing/", missing),
                                 PATH("forbidden/", forbidden),
                                 PATH("reads/", reads),
                                 INCLUDE("in<ner>/", inner),
                                 URLS_END };

static Site *site_of(Request *r, const Middleware *const *middleware)
{
    Str error;
    UrlConf *conf = urlconf_compile(test_arena(), site_urls, NULL, &error);
    REQUIRE(conf != NULL);
    SiteRouter *router = NEW(test_arena(), SiteRouter);
    *router = debug_router(&urls_router);
    return site_create(&r->cx, r->settings, middleware ? middleware : MIDDLEWARE(NULL), router, conf);
}

static Settings *debug_settings(void)
{
    Settings *s = test_settings();
    s->debug = true;
    s->secret_key = STR("not"
                        "-to-be-seen");
    return s;
}

static Response *ask(Str text, const Settings *s)
{
    Request *r = test_request(text, s);
    return site_respond(site_of(r, NULL), r);
}

static Response *get(const char *path, const char *lines, const Settings *s)
{
    return ask(str_format(test_arena(), "GET %s HTTP/1.1\r\nHost: testserver\r\n%s\r\n", path, lines), s);
}

/* Functions and lines come from libdw. */
static void needs_names(void)
{
    if (!CLEF_HAVE_DW)
        test_skip("Clef was built without libdw");
}

TEST(debug, an_error_shows_what_where_and_the_source)
{
    needs_names();
    Response *response = get("/failing/?a=1&a=%3Cscript%3E",
                             "Cookie: sessionid=abc"
                             "123; colour=blue\r\n",
                             debug_settings());
    Str page = response->content;
    CHECK_EQ(response->status, 500);
    CHECK_STR(response_header(response, STR("Content-Type")), STR("text/html; charset=utf-8"));
    CHECK_STR_CONTAINS(page, STR("<h1>it is &lt;b&gt;broken&lt;/b&gt; &amp; &quot;bad&quot;</h1>"));
    CHECK_STR_CONTAINS(page, STR("<dt>Error</dt><dd><code>broken</code>"));
    CHECK_STR_CONTAINS(page, STR("GET /failing/?a=1&amp;a=%3Cscript%3E"));
    CHECK_STR_CONTAINS(page, STR("<dt>View</dt><dd><code>failing</code>"));
    CHECK_STR_CONTAINS(page, STR("<tr><th scope=\"row\">a</th><td>1</td></tr>"));
    CHECK_STR_CONTAINS(page, STR("<tr><th scope=\"row\">a</th><td>&lt;script&gt;</td></tr>"));
    CHECK(!str_contains(page, STR("<script")));
    /* the line that raised, marked, and the line before it */
    CHECK_STR_CONTAINS(page, STR("<li class=\"at\" aria-current=\"true\">static Response *failing(Request *r) { "
                                 "RAISE(r, 500, &quot;broken&quot;"));
    CHECK_STR_CONTAINS(page, STR("<li>static Response *home(Request *r)"));
    CHECK_STR_CONTAINS(page, STR("<details open><summary><code>failing</code>"));
    CHECK_STR_CONTAINS(page, STR("<code>site_respond</code>"));
}

TEST(debug, secrets_are_hidden)
{
    Settings *s = debug_settings();
    Response *response = ask(STR("POST /failing/ HTTP/1.1\r\nHost: testserver\r\nAuthorization: Basic c3N"
                                 "z\r\n"
                                 "X-Api-Thing: xyz"
                                 "zy\r\nCookie: sessionid=abc"
                                 "123; colour=blue\r\nContent-Length: 45\r\n"
                                 "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
                                 "user=ann&password=hun"
                                 "ter2&new_Token=tok"
                                 "17&x=1"),
                             s);
    Str page = response->content;
    static const Str hidden[] = { STR("not"
                                      "-to-be-seen"),
                                  STR("c3N"
                                      "z"),
                                  STR("xyz"
                                      "zy"),
                                  STR("abc"
                                      "123"),
                                  STR("hun"
                                      "ter2"),
                                  STR("tok"
                                      "17") };
    EACH_ROW (secret, hidden)
        CHECK(!str_contains(page, *secret));
    CHECK_STR_CONTAINS(page, STR("<th scope=\"row\">SECRET_KEY</th><td>****"));
    CHECK_STR_CONTAINS(page, STR("<th scope=\"row\">HTTP_AUTHORIZATION</th><td>****"));
    CHECK_STR_CONTAINS(page, STR("<th scope=\"row\">HTTP_COOKIE</th><td>****"));
    CHECK_STR_CONTAINS(page, STR("<th scope=\"row\">sessionid</th><td>****"));
    CHECK_STR_CONTAINS(page, STR("<th scope=\"row\">password</th><td>****"));
    CHECK_STR_CONTAINS(page, STR("<th scope=\"row\">colour</th><td>blue</td>"));
    CHECK_STR_CONTAINS(page, STR("<th scope=\"row\">user</th><td>ann</td>"));
    CHECK_STR_CONTAINS(page, STR("<th scope=\"row\">DEBUG</th><td>True</td>"));
}

TEST(debug, nothing_is_shown_when_debug_is_off)
{
    static const char *const paths[] = { "/failing/", "/missing/", "/nowhere/" };
    EACH_ROW (path, paths) {
        Str page = get(*path, "", test_settings())->content;
        CHECK(!str_contains(page, STR("META")) && !str_contains(page, STR("Settings")));
        CHECK(!str_contains(page, STR("broken")) && !str_contains(page, STR("no ticket")));
        CHECK(!str_contains(page, STR("ner&gt;")) && page.n < 400);
    }
    Request *r = test_get("/", "", test_settings());
    CHECK_NULL(debug_response(r, NULL, &(Error){ .status = 500, .code = "x", .message = STR("m") }));
    Crash crash = { .signal = SIGSEGV, .what = "SIGSEGV" };
    CHECK(str_is_null(debug_crash_page(test_arena(), test_settings(), &(HttpCrash){ .crash = &crash })));
}

TEST(debug, a_path_without_a_view_shows_the_table)
{
    Response *response = get("/nowhere/", "", debug_settings());
    CHECK_EQ(response->status, 404);
    CHECK_STR_CONTAINS(response->content, STR("<li>failing/"));
    CHECK_STR_CONTAINS(response->content, STR("in&lt;ner&gt;/"));
    CHECK_STR_CONTAINS(response->content, STR("GET /nowhere/"));
    CHECK_STR_CONTAINS(response->content, STR("urls.c"));
}

TEST(debug, a_view_that_says_404_is_named)
{
    needs_names();
    Response *response = get("/missing/", "", debug_settings());
    CHECK_EQ(response->status, 404);
    CHECK_STR_CONTAINS(response->content, STR("<h1>no ticket 7</h1>"));
    CHECK_STR_CONTAINS(response->content, STR("<dt>Raised by</dt><dd><code>missing</code>"));
    CHECK_STR_CONTAINS(response->content, STR("RAISE(r, 404, &quot;no_ticket&quot;"));
    CHECK(!str_contains(response->content, STR("<li>failing/")));
}

TEST(debug, a_refusal_keeps_its_plain_page)
{
    Response *response = get("/forbidden/", "", debug_settings());
    CHECK_EQ(response->status, 403);
    CHECK(!str_contains(response->content, STR("META")));
}

TEST(debug, clients_get_what_they_understand)
{
    Response *json = get("/failing/", "Accept: application/json\r\n", debug_settings());
    CHECK_STR(response_header(json, STR("Content-Type")), STR("application/json"));
    CHECK_STR_CONTAINS(json->content, STR("\"code\": \"broken\""));
    Response *plain = get("/failing/", "Accept: text/plain\r\n", debug_settings());
    CHECK_STR(response_header(plain, STR("Content-Type")), STR("text/plain; charset=utf-8"));
    CHECK_STR_CONTAINS(plain->content, STR("it is <b>broken</b> & \"bad\""));
    CHECK_STR_CONTAINS(plain->content, STR("SECRET_KEY = ****"));
    CHECK(str_starts(plain->content, STR("500 Internal Server Error\n")));
}

TEST(debug, a_part_that_cannot_be_read_says_so)
{
    Response *response = ask(STR("POST /reads/ HTTP/1.1\r\nHost: testserver\r\nContent-Length: 3\r\n"
                                 "Content-Type: application/x-www-form-urlencoded\r\n\r\na=1"),
                             debug_settings());
    CHECK_STR_CONTAINS(response->content, STR("<h1>after a read</h1>"));
    CHECK_STR_CONTAINS(response->content, STR("<h3>POST</h3>"));
    CHECK_STR_CONTAINS(response->content, STR("<h3>META</h3>"));
}

TEST(debug, long_values_are_cut)
{
    Arena *a = test_arena();
    Buf long_one = BUF_INIT(a, 8000);
    buf_fill(&long_one, 'z', DEBUG_VALUE_MAX + 1);
    Str page =
        get("/failing/", str_format(a, "X-Long: %.*s\r\n", STR_FMT(buf_view(&long_one))).p, debug_settings())->content;
    CHECK(!str_contains(page, buf_view(&long_one)));
    CHECK_STR_CONTAINS(page, STR("zzz... (4097 bytes)"));
}

TEST(debug, a_crash_shows_its_report_and_the_head)
{
    needs_names();
    Settings *s = debug_settings();
    Request *r = test_get("/upload/",
                          "Authorization: Basic c3N"
                          "z\r\n",
                          s);
    Crash crash = { .signal = SIGSEGV,
                    .what = "SIGSEGV: write at 0x0, where no memory is",
                    .message = STR("AddressSanitizer: <heap>") };
    crash.frames[0] = (char *)(uintptr_t)&failing + 4;
    crash.nframes = 1;
    HttpExchange x = { .head = r->source->head, .arena = test_arena() };
    HttpCrash what = { .crash = &crash, .x = &x };
    Frame *frames;
    what.nframes = backtrace_resolve(test_arena(), crash.frames, crash.nframes, &frames);
    what.frames = frames;
    Str page = debug_crash_page(test_arena(), s, &what);
    CHECK_STR_CONTAINS(page, STR("SIGSEGV: write at 0x0"));
    CHECK_STR_CONTAINS(page, STR("AddressSanitizer: &lt;heap&gt;</pre>"));
    CHECK_STR_CONTAINS(page, STR("<code>failing</code>"));
    CHECK_STR_CONTAINS(page, STR("GET /upload/"));
    CHECK(!str_contains(page, STR("c3N"
                                  "z")));
    CHECK(!str_contains(page, STR("not"
                                  "-to-be-seen")));
    crash.stack_overflow = true;
    what = (HttpCrash){ .crash = &crash };
    CHECK_STR_CONTAINS(debug_crash_page(test_arena(), s, &what), STR("endless recursion"));
}

/* --- text for terminals */

static Str shown(Str text)
{
    DebugPage p = { .b = BUF_INIT(test_arena(), 4096), .a = test_arena() };
    page_terminal(&p, text);
    return buf_view(&p.b);
}

TEST(debug, colours_of_a_terminal_become_markup)
{
    static const struct {
        Str in, out;
    } table[] = {
        { STR("a <b>"), STR("a &lt;b&gt;") },
        { STR("\033[01m\033[Kv.c:\033[m\033[K x"), STR("<span class=\"c1\">v.c:</span> x") },
        { STR("\033[01;31m\033[Kerror: \033[m\033[K"), STR("<span class=\"c1 c31\">error: </span>") },
        { STR("\033[91mred"), STR("<span class=\"c31\">red</span>") },
        { STR("\033[1;7;33mx\033[22my"), STR("<span class=\"c1\">x</span>y") },
        { STR("\033]8;;file:///x\033\\link\033]8;;\007."), STR("link.") },
        { STR("end\033["), STR("end") },
        { STR("end\033[31"), STR("end") },
        { STR("end\033"), STR("end") },
        { STR("\033]8;;x"), STR("") },
        { STR("\033[99999999999999999999m<"), STR("&lt;") },
    };
    EACH_ROW (row, table) {
        CHECK_STR(shown(row->in), str_format(test_arena(), "<pre tabindex=\"0\">%.*s</pre>\n", STR_FMT(row->out)));
    }
    CHECK_STR(terminal_plain(test_arena(), STR("\033[01m\033[Kv.c:\033[m <x>")), STR("v.c: <x>"));
}

/* --- templates */

static Response *with_template(Request *r)
{
    static const TemplateSource table[] = {
        { STR("base.html"), STR("<main>\n{% block body %}{% endblock %}\n</main>") },
        { STR("page.html"), STR("{% extends 'base.html' %}\n{% block body %}{% include 'row.html' %}{% endblock %}") },
        { STR("row.html"), STR("first line\nsecond line\n<p>{{ l|first|add:1|slice:nope }}</p>\nfourth line") },
    };
    TemplateEngine *e = template_engine_create(
        r->cx.arena, &(TemplateEngineOptions){ .loaders = TEMPLATE_LOADERS(TEMPLATE_TABLE(table)) });
    site_set_templates(r->site, e);
    return RENDER(r, "page.html", "l", 7);
}

TEST(debug, an_error_in_a_template_shows_its_lines_and_what_included_it)
{
    static const Url urls[] = { PATH("", with_template), URLS_END };
    Str error, text = STR("GET / HTTP/1.1\r\nHost: testserver\r\nAccept: text/html\r\n\r\n");
    Request *r = test_request(text, debug_settings());
    UrlConf *conf = urlconf_compile(test_arena(), urls, NULL, &error);
    REQUIRE(conf != NULL);
    SiteRouter *router = NEW(test_arena(), SiteRouter);
    *router = debug_router(&urls_router);
    Response *response = site_respond(site_create(&r->cx, r->settings, MIDDLEWARE(NULL), router, conf), r);
    CHECK_EQ(response->status, 500);
    Str body = response->content;
    CHECK_STR_CONTAINS(body, STR("TypeError"));
    CHECK_STR_CONTAINS(body, STR("row.html, line 3"));
    CHECK_STR_CONTAINS(body, STR("<li>second line</li>"));
    CHECK_STR_CONTAINS(body, STR("<mark>{{ l|first|add:1|slice:nope }}</mark>"));
    CHECK_STR_CONTAINS(body, STR("<li>fourth line</li>"));
    size_t chain = str_find(body, STR("Rendered by, outermost first"));
    REQUIRE(chain != STR_NPOS);
    Str below = str_from_byte(body, chain);
    CHECK_STR_CONTAINS(below, STR("page.html"));
}
