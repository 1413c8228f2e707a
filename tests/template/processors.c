/* processors.c: a site's own engine: its languages, caches and context processors come from the settings. */
#include "http/harness.h"
#include "template/harness.h"
#include <clef/cache.h>

#include <sys/stat.h>

static Response *page(Request *r)
{
    request_set(r, STR("user"), value_c("ann"));
    CHECK(CACHE_SET(CACHE(r), "k", 7));
    return RENDER(r, "page.html", "n", 1234567, "now", 1);
}

static Response *in_french(Request *r)
{
    LANGUAGE_ACTIVATE(r, STR("fr"));
    return RENDER(r, "page.html", "n", 1);
}

static Response *fails(Request *r)
{
    LANGUAGE_ACTIVATE(r, STR("nl"));
    RAISE(r, 404, "not_found", "no");
}
static ViewFn *the_view;
static ViewFn *resolve(Request *r, const void *conf)
{
    (void)r;
    (void)conf;
    return the_view;
}
static Response *error_view(Request *r, const void *conf, int status)
{
    (void)conf;
    return status == 404 ? response_create(r, GETTEXT(r, "Yes"), (ResponseOptions){ .status = 404 }) : NULL;
}
static const SiteRouter router = { .resolve = resolve, .error_view = error_view };

typedef struct Made {
    Settings *settings;
    Site *site;
} Made;
static void make_site(Context *cx, void *arg)
{
    Made *m = arg;
    m->site = site_create(cx, m->settings, NULL, &router, NULL);
}

static Settings *settings(void)
{
    static const TemplateProcessor *const all[] = { &template_request_processor,
                                                    &template_csrf_processor,
                                                    &template_debug_processor,
                                                    &template_auth_processor,
                                                    &template_i18n_processor,
                                                    &template_tz_processor,
                                                    &template_static_processor,
                                                    &template_media_processor,
                                                    &template_messages_processor,
                                                    &template_csp_processor,
                                                    NULL };
    static const Str languages[] = { STR("de"), STR("en=Plain English") };
    Str *dirs = NEW_ARRAY(test_arena(), Str, 1);
    (void)test_file("page.html",
                    STR("{{ n }}|{{ LANGUAGE_CODE }} {{ LANGUAGE_BIDI }} {{ LANGUAGES|length }} {{ LANGUAGES.0.1 }} "
                        "{{ LANGUAGES.1.1 }}|{{ TIME_ZONE }}|{{ STATIC_URL }}{{ MEDIA_URL }}|{{ user }}|"
                        "{{ DEFAULT_MESSAGE_LEVELS.ERROR }}|{{ csp_nonce }}|{{ debug }}"));
    dirs[0] = str_c(test_dir());
    Settings *s = test_settings();
    s->template_dirs = (StrList){ dirs, 1 };
    s->context_processors = all;
    s->language_code = STR("de");
    s->languages = (StrList){ languages, CLEF_COUNT(languages) };
    s->use_thousand_separator = true;
    s->time_zone = STR("Europe/Paris");
    s->static_url = STR("/s/");
    s->media_url = STR("/m/");
    return s;
}

static Response *respond(ViewFn *view, Settings *s)
{
    Made m = { .settings = s };
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    REQUIRE(attempt(cx, make_site, &m) == NULL);
    the_view = view;
    return site_respond(m.site, test_get("/x/", "", s));
}

TEST(template, a_site_makes_languages_and_processors_of_its_settings)
{
    CHECK_STR(respond(page, settings())->content,
              STR("1.234.567|de False 2 German Plain English|Europe/Paris|/s//m/|ann|40|None|"));
    CHECK_STR_CONTAINS(respond(in_french, settings())->content, STR("|fr False"));
    CHECK_STR(respond(fails, settings())->content, STR("Ja")); /* Dutch: what was activated stays */
}

static Response *of_app(Request *r) { return RENDER(r, "shop/own.html", "n", 3); }
static Response *of_both(Request *r) { return RENDER(r, "page.html", "n", 3); }

TEST(template, applications_bring_templates_that_directories_may_replace)
{
    static const App shop = { .label = "shop" }, other = { .label = "other", .folder = "apps/other" };
    static const App *const apps[] = { &other, &shop, NULL };
    Settings *s = settings();
    s->installed_apps = apps;
    s->base_dir = str_c(test_dir());
    static const char *const folders[] = { "shop",       "shop/templates",       "shop/templates/shop",      "apps",
                                           "apps/other", "apps/other/templates", "apps/other/templates/shop" };
    EACH_ROW (folder, folders)
        REQUIRE(mkdir(str_format(test_arena(), "%s/%s", test_dir(), *folder).p, 0700) == 0);
    (void)test_file("shop/templates/shop/own.html", STR("own {{ n }}"));
    (void)test_file("shop/templates/page.html", STR("never"));
    CHECK_STR(respond(of_app, s)->content, STR("own 3"));
    CHECK_STR_CONTAINS(respond(of_both, s)->content, STR("3|de"));
    (void)test_file("apps/other/templates/shop/own.html", STR("first {{ n }}"));
    CHECK_STR(respond(of_app, s)->content, STR("first 3"));
}

TEST(template, the_debug_processor_trusts_internal_addresses_only)
{
    static const Str trusted[] = { STR("127.0.0.1") };
    Settings *s = settings();
    s->debug = true;
    s->languages = (StrList){ 0 };
    CHECK(!str_ends(respond(page, s)->content, STR("|True")));
    s->internal_ips = (StrList){ trusted, 1 };
    Str with = respond(page, s)->content;
    Str address = request_remote_addr(test_get("/x/", "", s));
    CHECK_EQ(str_ends(with, STR("|True")), str_eq(address, trusted[0]));
    CHECK_STR_CONTAINS(with, STR("|de False 100 "));
}

static void expect_failure(CacheSettings c, const char *code)
{
    Settings *s = settings();
    s->caches = &c;
    s->ncaches = 1;
    Made m = { .settings = s };
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    const Error *e = attempt(cx, make_site, &m);
    REQUIRE(e != NULL);
    CHECK_STR(str_c(e->code), str_c(code));
}

TEST(template, caches_come_from_the_settings)
{
    expect_failure((CacheSettings){ .alias = STR("default"), .backend = STR("nope") }, "unknown_cache");
    static const CacheSettings list[] = { { .alias = STR("default"), .backend = STR("dummy") },
                                          { .alias = STR("fast"), .backend = STR("locmem"), .timeout = -1 } };
    Settings *s = settings();
    s->caches = list;
    s->ncaches = 2;
    Made m = { .settings = s };
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    REQUIRE(attempt(cx, make_site, &m) == NULL);
    Cache *fast = caches_find(site_caches(m.site), STR("fast")),
          *dummy = caches_find(site_caches(m.site), STR("default"));
    REQUIRE(fast && dummy);
    CHECK(CACHE_SET(fast, "a", 1) && CACHE_SET(dummy, "a", 1));
    CHECK(cache_has(fast, STR("a"), (CacheCall){ 0 }) && !cache_has(dummy, STR("a"), (CacheCall){ 0 }));
}
