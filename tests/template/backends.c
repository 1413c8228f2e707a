/* backends.c: another engine beside Clef's: a small one, whose pages say [[name]], [[!markup]] and [[<other page]]. */
#include "../http/harness.h"
#include "template/harness.h"
#include <clef/debug.h>

#include <sys/stat.h>

/* --- the engine */

static void bracket_error(TemplateCall *call, const TemplateFound *found, Str at, Str message)
{
    size_t start = (size_t)(at.p - found->text.p);
    uint32_t line = 1;
    for (size_t i = 0; i < start; i++)
        line += found->text.p[i] == '\n';
    template_error_raise(call->cx, &(TemplateError){ .type = "BracketError",
                                                     .message = message,
                                                     .place = { call->name, found->origin, line },
                                                     .source = found->text,
                                                     .start = start,
                                                     .end = start + at.n });
}

static bool bracket_page(TemplateCall *call, Str name, int depth);

static void bracket_word(TemplateCall *call, const TemplateFound *found, Str word, int depth)
{
    Value v;
    if (str_eq(word, STR("*"))) {
        template_call_process(call);
    } else if (str_starts(word, STR("<"))) {
        if (depth == 8 || !bracket_page(call, str_from_byte(word, 1), depth + 1))
            bracket_error(call, found, word, STR("no such page"));
    } else if (str_starts(word, STR("!"))) {
        if (template_call_lookup(call, str_from_byte(word, 1), &v))
            buf_str(call->out, template_call_text(call, v).s);
    } else if (template_call_lookup(call, word, &v)) {
        template_call_write(call, v);
    } else {
        bracket_error(call, found, word, str_format(call->cx->arena, "'%.*s' is undefined", STR_FMT(word)));
    }
}

static bool bracket_page(TemplateCall *call, Str name, int depth)
{
    TemplateFound found;
    if (!template_call_source(call, name, &found))
        return false;
    Str rest = found.text;
    for (size_t at; (at = str_find(rest, STR("[["))) != STR_NPOS;) {
        buf_str(call->out, str_slice(rest, 0, at));
        rest = str_from_byte(rest, at + 2);
        size_t end = str_find(rest, STR("]]"));
        if (end == STR_NPOS)
            bracket_error(call, &found, rest, STR("'[[' is not closed"));
        bracket_word(call, &found, str_slice(rest, 0, end), depth);
        rest = str_from_byte(rest, end + 2);
    }
    buf_str(call->out, rest);
    return true;
}

static bool render_brackets(TemplateCall *call, void *arg)
{
    if (arg)
        ++*(int *)arg;
    return bracket_page(call, call->name, 0);
}

static const Str bracket_dirs[] = { STR("brackets") };
static const TemplateBackend brackets = {
    .name = "brackets", .dirs = { bracket_dirs, 1 }, .app_folder = "brackets", .render = render_brackets
};

/* Has only one page, and writes before it looks. */
static bool render_table(TemplateCall *call, void *arg)
{
    (void)arg;
    BUF_LIT(call->out, "from the table");
    if (str_eq(call->name, STR("table.html")))
        return true;
    if (str_starts(call->name, STR("raise")))
        RAISE(call->cx, 500, "table_fell", "the table fell over");
    if (!str_starts(call->name, STR("quiet")))
        template_call_tried(call, str_format(call->cx->arena, "table:%.*s", STR_FMT(call->name)), "not laid");
    return false;
}
static const TemplateBackend table = { .name = "table", .render = render_table };

/* --- a site with it */

static ViewFn *the_view;
static ViewFn *resolve(Request *r, const void *conf)
{
    (void)r;
    (void)conf;
    return the_view;
}
static const SiteRouter router = { .resolve = resolve };

typedef struct Setup {
    Settings *settings;
    const Middleware *const *middleware;
    const SiteRouter *router;
    Site *site;
} Setup;

static void make_site(Context *cx, void *arg)
{
    Setup *s = arg;
    s->site = site_create(cx, s->settings, s->middleware, s->router, NULL);
}

static Response *respond_with(ViewFn *view, Settings *s, const Middleware *const *middleware)
{
    SiteRouter *debug = NEW(test_arena(), SiteRouter);
    *debug = debug_router(&router);
    Setup setup = { .settings = s, .middleware = middleware, .router = debug };
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    REQUIRE(attempt(cx, make_site, &setup) == NULL);
    the_view = view;
    return site_respond(setup.site, test_get("/x/", "", s));
}

static Str content(ViewFn *view, Settings *s)
{
    Response *response = respond_with(view, s, NULL);
    CHECK_EQ(response->status, 200);
    return response->content;
}

static void folder(const char *name)
{
    REQUIRE(mkdir(str_format(test_arena(), "%s/%s", test_dir(), name).p, 0700) == 0);
}

static Settings *settings(void)
{
    static const Str own[] = { STR("own") };
    Settings *s = test_settings();
    s->base_dir = str_c(test_dir());
    s->template_dirs = (StrList){ own, 1 };
    s->template_backends = TEMPLATE_BACKENDS(&brackets);
    folder("own");
    folder("brackets");
    (void)test_file("own/both.html", STR("own {{ name }}"));
    (void)test_file("own/parts.html", STR("{% partialdef a %}A{% endpartialdef %}"));
    (void)test_file("brackets/both.html", STR("brackets [[name]]"));
    (void)test_file("brackets/only.html", STR("only [[name]] [[!name]] [[safe]] [[map.a]]"));
    return s;
}

static Response *both(Request *r) { return RENDER(r, "both.html", "name", "a<b"); }
static Response *only(Request *r)
{
    Map *map = map_new(r->cx.arena);
    map_set(map, STR("a"), value_int(7));
    return RENDER(r, "only.html", "name", "a<b", "safe", ((SafeStr){ STR("<i>") }), "map", map);
}

TEST(template, engines_are_asked_in_their_order)
{
    Settings *s = settings();
    CHECK_STR(content(both, s), STR("own a&lt;b"));
    CHECK_STR(content(only, s), STR("only a&lt;b a<b <i> 7"));
    s->template_backends = TEMPLATE_BACKENDS(&brackets, &template_own_backend);
    CHECK_STR(content(both, s), STR("brackets a&lt;b"));
    (void)test_file("own/last.html", STR("last"));
    s->template_backends = TEMPLATE_BACKENDS(&table, &brackets, &template_own_backend);
    CHECK_STR(content(both, s), STR("brackets a&lt;b")); /* without what the table wrote */
    s->template_backends = NULL;
    CHECK_STR(content(both, s), STR("own a&lt;b"));
    CHECK_EQ(respond_with(only, s, NULL)->status, 500);
}

static Response *in_brackets(Request *r) { return RENDER_USING(r, "brackets", "both.html", "name", "a<b"); }
static Response *in_clef(Request *r) { return RENDER_USING(r, "clef", "both.html", "name", 1); }
static Response *in_django(Request *r) { return RENDER_USING(r, "django", "both.html", "name", 2); }
static Response *in_text(Request *r)
{
    return HttpResponse(r, RENDER_TO_STRING_USING(r, "brackets", "both.html", "name", "text"));
}
static Response *in_late(Request *r) { return TEMPLATE_RESPONSE_USING(r, "brackets", "both.html", "name", "late"); }
static Response *late(Request *r) { return TEMPLATE_RESPONSE(r, "both.html", "name", "late"); }
static Response *in_nothing(Request *r) { return RENDER_USING(r, "mustache", "both.html", "name", 1); }
static Response *not_in_clef(Request *r) { return RENDER_USING(r, "clef", "only.html"); }

static Response *use_brackets(Request *r, Response *response)
{
    (void)r;
    response_template_of(response)->using = STR("brackets");
    return response;
}
static const Middleware changer = { .name = "changer", .process_template_response = use_brackets };

TEST(template, an_engine_may_be_named)
{
    Settings *s = settings();
    CHECK_STR(content(in_brackets, s), STR("brackets a&lt;b"));
    CHECK_STR(content(in_clef, s), STR("own 1"));
    CHECK_STR(content(in_django, s), STR("own 2"));
    CHECK_STR(content(in_text, s), STR("brackets text"));
    CHECK_STR(content(in_late, s), STR("brackets late"));
    CHECK_STR(content(late, s), STR("own late"));
    CHECK_STR(respond_with(late, s, (const Middleware *const[]){ &changer, NULL })->content, STR("brackets late"));
    CHECK_EQ(respond_with(not_in_clef, s, NULL)->status, 500);
    s->debug = true;
    CHECK_STR_CONTAINS(respond_with(in_nothing, s, NULL)->content,
                       STR("Could not find config for &#x27;mustache&#x27; in settings.TEMPLATE_BACKENDS"));
    s->template_backends = NULL;
    CHECK_STR(content(in_clef, s), STR("own 1"));
    CHECK_STR_CONTAINS(respond_with(in_brackets, s, NULL)->content, STR("InvalidTemplateEngineError"));
}

static Response *missing(Request *r) { return RENDER(r, "missing.html"); }
static Response *outside(Request *r) { return RENDER(r, "../own/both.html", "name", 1); }
static Response *quiet(Request *r) { return RENDER(r, "quiet.html"); }

TEST(template, what_no_engine_has_lists_where_each_looked)
{
    Settings *s = settings();
    s->template_backends = TEMPLATE_BACKENDS(&brackets, &table);
    CHECK_EQ(respond_with(missing, s, NULL)->status, 500);
    s->debug = true;
    Str page = respond_with(missing, s, NULL)->content;
    CHECK_STR_CONTAINS(page, STR("<h1>missing.html</h1>"));
    CHECK_STR_CONTAINS(page, str_format(test_arena(),
                                        "<tr><th scope=\"row\">clef</th><td>%s/own/missing.html (Source does not exist)"
                                        "</td></tr>\n<tr><th scope=\"row\">brackets</th><td>%s/brackets/missing.html "
                                        "(Source does not exist)</td></tr>\n<tr><th scope=\"row\">table</th><td>"
                                        "table:missing.html (not laid)</td></tr>",
                                        test_dir(), test_dir()));
    CHECK_STR_CONTAINS(respond_with(quiet, s, NULL)->content,
                       STR("<th scope=\"row\">table</th><td>quiet.html (Source does not exist)</td>"));
    /* a name that leaves the directory of each is nowhere */
    CHECK_STR_CONTAINS(respond_with(outside, s, NULL)->content, STR("<h1>../own/both.html</h1>"));
}

static Response *wrong(Request *r) { return RENDER(r, "wrong.html", "name", "here"); }
static Response *open_end(Request *r) { return RENDER(r, "open.html"); }
static Response *raises(Request *r) { return RENDER(r, "raise.html"); }
static Response *own_wrong(Request *r) { return RENDER(r, "syntax.html"); }

TEST(template, what_a_backend_raises_is_the_page_of_development)
{
    Settings *s = settings();
    s->template_backends = TEMPLATE_BACKENDS(&brackets, &table);
    (void)test_file("brackets/wrong.html", STR("<p>\n[[name]]\n<b>[[title]]</b>\n"));
    (void)test_file("brackets/open.html", STR("[[name"));
    (void)test_file("own/syntax.html", STR("{% if %}"));
    (void)test_file("brackets/syntax.html", STR("never"));
    Response *response = respond_with(wrong, s, NULL);
    CHECK_EQ(response->status, 500);
    CHECK(!str_contains(response->content, STR("undefined")));
    s->debug = true;
    Str page = respond_with(wrong, s, NULL)->content;
    CHECK_STR_CONTAINS(page, STR("<h1>&#x27;title&#x27; is undefined</h1>"));
    CHECK_STR_CONTAINS(page, STR("BracketError in template wrong.html, line 3"));
    CHECK_STR_CONTAINS(page, STR("&lt;b&gt;[[<mark>title</mark>]]&lt;/b&gt;"));
    CHECK_STR_CONTAINS(page, str_format(test_arena(), "%s/brackets/wrong.html", test_dir()));
    CHECK_STR_CONTAINS(respond_with(open_end, s, NULL)->content, STR("&#x27;[[&#x27; is not closed"));
    CHECK_STR_CONTAINS(respond_with(raises, s, NULL)->content, STR("<h1>the table fell over</h1>"));
    /* a template that is there but wrong is no reason to ask the next engine */
    response = respond_with(own_wrong, s, NULL);
    CHECK_EQ(response->status, 500);
    CHECK_STR_CONTAINS(response->content, STR("TemplateSyntaxError"));
}

static Response *with_request(Request *r) { return RENDER(r, "request.html", "STATIC_URL", "mine", "request", 1); }

TEST(template, a_backend_is_given_the_request_and_asks_for_processors)
{
    Settings *s = settings();
    s->context_processors =
        TEMPLATE_PROCESSORS(&template_static_processor, &template_media_processor, &template_tz_processor);
    s->media_url = STR("/m/");
    (void)test_file("brackets/request.html", STR("[[request.path]] [[!MEDIA_URL]][[STATIC_URL]] [[csrf_input]] "
                                                 "[[csrf_token]]"));
    Str page = content(with_request, s);
    CHECK_STR_CONTAINS(page, STR("/x/ mine <input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\""));
    CHECK_EQ(page.n, 9u + 55u + 64u + 2u + 1u + 64u);
    (void)test_file("brackets/request.html", STR("[[*]][[request.path]] [[MEDIA_URL]] [[STATIC_URL]]"));
    CHECK_STR(content(with_request, s), STR("/x/ /m/ mine"));
}

static Response *of_app(Request *r) { return RENDER(r, "shop/own.html", "n", 3); }

TEST(template, applications_bring_templates_of_a_backend)
{
    static const App shop = { .label = "shop" }, other = { .label = "other", .folder = "apps_other" };
    static const App *const apps[] = { &other, &shop, NULL };
    Settings *s = settings();
    s->installed_apps = apps;
    static const char *const folders[] = { "shop",       "shop/brackets",       "shop/brackets/shop",
                                           "apps_other", "apps_other/brackets", "apps_other/brackets/shop" };
    EACH_ROW (name, folders)
        folder(*name);
    (void)test_file("shop/brackets/shop/own.html", STR("own [[n]][[<shop/row.html]]"));
    (void)test_file("apps_other/brackets/shop/row.html", STR(" row [[n]]"));
    CHECK_STR(content(of_app, s), STR("own 3 row 3"));
    (void)test_file("apps_other/brackets/shop/own.html", STR("first [[n]]"));
    CHECK_STR(content(of_app, s), STR("first 3"));
}

/* --- without a site */

static const TemplateSource own_pages[] = { { STR("parts.html"), STR("{% partialdef a %}A{{ n }}{% endpartialdef %}") },
                                            { STR("both.html"), STR("own {{ n }}") } };
static const TemplateSource bracket_pages[] = { { STR("parts.html#b"), STR("B[[n]]") },
                                                { STR("both.html"), STR("brackets [[n]]") },
                                                { STR("second.html"), STR("second [[n]]") },
                                                { STR("csrf.html"), STR("[[*]][[csrf_token]]") } };

typedef struct Job {
    const TemplateBackend *const *backends;
    RenderOptions options;
    const Str *names;
    size_t n;
    uint64_t output_bytes;
    Str text;
} Job;

static void run(Context *cx, void *arg)
{
    Job *j = arg;
    const TemplateLoader *places = TEMPLATE_LOADERS(TEMPLATE_TABLE(bracket_pages));
    TemplateEngine *e = template_engine_create(
        cx->arena,
        &(TemplateEngineOptions){ .loaders = TEMPLATE_LOADERS(TEMPLATE_TABLE(own_pages)),
                                  .limits.output_bytes = j->output_bytes,
                                  .backends = j->backends,
                                  .backend_loaders = (const TemplateLoader *const[]){ places, places, places } });
    j->text = render_select(cx, e, j->names, j->n, &j->options);
}

/* The text, or "Type: message". */
static Str selected(Job j)
{
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    if (!j.backends)
        j.backends = TEMPLATE_BACKENDS(&brackets);
    const TemplatePair *five = PAIRS("n", 5);
    if (!j.options.pairs)
        j.options.pairs = five;
    const Error *e = attempt(cx, run, &j);
    const TemplateError *t = template_error_of(e);
    return e ? str_format(test_arena(), "%s: %.*s", t ? t->type : "?", STR_FMT(e->message)) : j.text;
}
#define SELECTED(...)                                                \
    ({                                                               \
        static const Str names_[] = { __VA_ARGS__ };                 \
        selected((Job){ .names = names_, .n = CLEF_COUNT(names_) }); \
    })

TEST(template, the_first_name_that_any_engine_has_is_rendered)
{
    CHECK_STR(SELECTED(STR("none.html"), STR("second.html"), STR("both.html")), STR("second 5"));
    CHECK_STR(SELECTED(STR("both.html"), STR("second.html")), STR("own 5"));
    CHECK_STR(SELECTED(STR("a.html"), STR("b.html")), STR("TemplateDoesNotExist: a.html, b.html"));
    CHECK_STR(selected((Job){ .n = 0 }), STR("TemplateDoesNotExist: No template names provided"));
    static const Str names[] = { STR("second.html"), STR("both.html") };
    CHECK_STR(selected((Job){ .names = names, .n = 2, .options.using = STR("clef") }), STR("own 5"));
    Map *map = map_new(test_arena());
    map_set(map, STR("n"), value_c("map"));
    CHECK_STR(selected((Job){ .names = names, .n = 1, .options = { .map = map, .pairs = PAIRS("m", 1) } }),
              STR("second map"));
    CHECK_STR(selected((Job){ .names = names, .n = 1, .options = { .map = map, .pairs = PAIRS("n", 2) } }),
              STR("second 2"));
    /* a partial that the page does not have may be another engine's page */
    CHECK_STR(SELECTED(STR("parts.html#a")), STR("A5"));
    CHECK_STR(SELECTED(STR("parts.html#b")), STR("B5"));
    CHECK_STR(SELECTED(STR("parts.html#c")), STR("TemplateDoesNotExist: parts.html#c"));
    /* without a request there are neither tokens nor processors */
    CHECK_STR(SELECTED(STR("csrf.html")), STR("BracketError: 'csrf_token' is undefined"));
}

TEST(template, engines_need_names_of_their_own)
{
    static const Str names[] = { STR("both.html") };
    static const TemplateBackend same = { .name = "brackets", .render = render_table },
                                 django = { .name = "django", .render = render_table };
    Job j = { .names = names, .n = 1, .backends = TEMPLATE_BACKENDS(&brackets, &same) };
    CHECK_STR(selected(j),
              STR("ImproperlyConfigured: Two template engines are called 'brackets': TEMPLATE_BACKENDS needs "
                  "a name for each"));
    j.backends = TEMPLATE_BACKENDS(&django);
    CHECK_STR_CONTAINS(selected(j), STR("Two template engines are called"));
    j.backends = TEMPLATE_BACKENDS(&django, &template_own_backend);
    CHECK_STR_CONTAINS(selected(j), STR("Two template engines are called"));
}

TEST(template, the_output_of_a_backend_is_bounded)
{
    static const Str names[] = { STR("second.html") };
    CHECK_STR(selected((Job){ .names = names, .n = 1, .output_bytes = 8 }), STR("second 5"));
    CHECK_STR(selected((Job){ .names = names, .n = 1, .output_bytes = 7 }),
              STR("OutputError: The output is larger than 7 bytes (the engine's limits.output_bytes)"));
}

TEST(template, each_visible_name_is_visited_once)
{
    TemplateContext c;
    template_context_init(&c, test_arena(), NULL);
    TEMPLATE_SET(&c, "hidden", 0);
    (void)template_push_isolated(&c);
    Map *map = map_new(test_arena());
    map_set(map, STR("a"), value_int(1));
    map_set(map, STR("b"), value_int(2));
    TEMPLATE_SET(&c, "a", 3);
    TEMPLATE_SET(&c, "z", 4);
    template_set_map(&c, map);
    (void)template_push(&c);
    TEMPLATE_SET(&c, "b", 5);
    template_set_map(&c, map_new(test_arena()));
    Buf seen = BUF_INIT(test_arena(), 1000);
    Str name;
    Value value;
    for (TemplateCursor at = { 0 }; template_context_next(&c, &at, &name, &value);)
        buf_printf(&seen, "%.*s=%d ", STR_FMT(name), (int)value.i);
    CHECK_STR(buf_view(&seen), STR("b=5 a=1 z=4 "));
}
