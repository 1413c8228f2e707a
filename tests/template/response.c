/* response.c: RENDER and TEMPLATE_RESPONSE through a site. */
#include "http/harness.h"
#include "template/harness.h"

static const TemplateSource table[] = {
    { STR("page.html"), STR("<h1>{{ title }}</h1>{% for t in tags %}{{ t }},{% endfor %}{{ request.path }}") },
    { STR("form.html"), STR("{% csrf_token %}") },
};

static Response *page(Request *r)
{
    List *tags = list_new(r->cx.arena);
    list_push(r->cx.arena, tags, value_int(1));
    return RENDER(r, "page.html", "title", "a < b", "tags", tags);
}
static Response *late(Request *r) { return TEMPLATE_RESPONSE(r, "page.html", "title", "first"); }
static Response *form(Request *r) { return RENDER(r, "form.html"); }
static Response *missing(Request *r) { return RENDER(r, "missing.html"); }

static ViewFn *the_view;
static ViewFn *resolve(Request *r, const void *conf)
{
    (void)r;
    (void)conf;
    return the_view;
}
static const SiteRouter router = { .resolve = resolve };

static Response *change_title(Request *r, Response *response)
{
    TemplateResponse *t = response_template_of(response);
    REQUIRE(t != NULL);
    map_set(t->context, STR("title"), value_str(STR("second")));
    (void)r;
    return response;
}
static const Middleware changer = { .name = "changer", .process_template_response = change_title };

typedef struct Setup {
    Settings *settings;
    const Middleware *const *middleware;
    Site *site;
} Setup;

static void make_site(Context *cx, void *arg)
{
    Setup *s = arg;
    s->site = site_create(cx, s->settings, s->middleware, &router, NULL);
}

static Response *respond(ViewFn *view, const Middleware *const *middleware)
{
    Setup s = { .settings = test_settings(), .middleware = middleware };
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    REQUIRE(attempt(cx, make_site, &s) == NULL);
    static const TemplateProcessor *const processors[] = { &template_request_processor, &template_csrf_processor,
                                                           NULL };
    site_set_templates(
        s.site, template_engine_create(test_arena(),
                                       &(TemplateEngineOptions){ .loaders = TEMPLATE_LOADERS(TEMPLATE_TABLE(table)),
                                                                 .processors = processors }));
    the_view = view;
    return site_respond(s.site, test_get("/x/", "", s.settings));
}

TEST(template, render_makes_a_response_of_values)
{
    Response *response = respond(page, NULL);
    CHECK_EQ(response->status, 200);
    CHECK_STR(response->content, STR("<h1>a &lt; b</h1>1,/x/"));
    CHECK_STR(response_header(response, STR("Content-Type")), STR("text/html; charset=utf-8"));
    Str token = respond(form, NULL)->content;
    CHECK(str_starts(token, STR("<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"")));
    CHECK_EQ(token.n, 55u + 64u + 2u);
    CHECK_EQ(respond(missing, NULL)->status, 500);
}

TEST(template, a_template_response_is_rendered_after_the_middleware)
{
    CHECK_STR(respond(late, (const Middleware *const[]){ &changer, NULL })->content, STR("<h1>second</h1>/x/"));
}
