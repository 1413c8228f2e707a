/* clients.c: tests of a project that pass and that fail in every way that tests/test/client.c knows. */
#include <clef/clef.h>
#include <clef/test/client.h>

typedef struct Note {
    MODEL_HEAD;
    Str text;
} Note;
extern const Model Note_model;
const Model Note_model = { MODEL(Note), FIELDS(Note, CharField(text, .max_length = 50)) };

static Response *page(Request *r) { return HttpResponse(r, "a page"); }
static Response *moved(Request *r) { return HttpResponseRedirect(r, "/"); }
static Response *loop_page(Request *r) { return HttpResponseRedirect(r, "/loop/"); }
static Response *away(Request *r) { return HttpResponseRedirect(r, "http://example.org/"); }
static Response *broken(Request *r) { RAISE(r, 500, "broken", "broken on purpose"); }
static Response *waits(Request *r)
{
    fiber_sleep(1000000);
    return HttpResponse(r, fiber_self() ? "waited" : "no fiber");
}

static const FormClass NoteForm_form = { MODEL_FORM(Note, text) };
static Response *form_page(Request *r)
{
    Form *form = FORM(r, NoteForm);
    return form_is_valid(form) ? HttpResponse(r, "good") : RENDER(r, "form.html", "form", form);
}
static const Url urls[] = { PATH("form/", form_page), PATH("", page),
                            PATH("moved/", moved),    PATH("loop/", loop_page),
                            PATH("away/", away),      PATH("broken/", broken),
                            PATH("waits/", waits),    URLS_END };

static void count_notes(Context *cx, const SignalEvent *event)
{
    (void)cx;
    ++*(int *)event->arg;
}
static int saved;
static void ready(Context *cx, Settings *s)
{
    (void)cx, (void)s;
    signal_connect(&post_save, count_notes, .arg = &saved);
}
static void add_note(CommandCall *c)
{
    CREATE(&c->cx, Note, .text = c->arguments.p[0]);
    command_say(c, "added %.*s", STR_FMT(c->arguments.p[0]));
    if (str_eq(c->arguments.p[0], STR("bad")))
        RAISE(&c->cx, 500, "bad_note", "a bad note");
    if (str_eq(c->arguments.p[0], STR("failing")))
        command_fail(c, "it failed");
}
static const Command add_command = {
    .name = "add", .help = "Adds a note.", .arguments = ARGUMENTS({ .name = "text" }), .run = add_note
};
static const App notes_app = {
    .label = "notes", .models = MODELS(Note), .ready = ready, .commands = COMMANDS(&add_command)
};

static void settings(Settings *s)
{
    s->secret_key = STR("test");
    s->allowed_hosts = STRS("example.com");
    s->root_urlconf = urls;
    s->installed_apps = APPS(&notes_app);
    Str *dirs = NEW(s->arena, Str);
    *dirs = str_c(test_dir());
    s->template_dirs = (StrList){ dirs, 1 };
    test_file("form.html", STR("{{ form }}"));
    env_database(s, "default", "", STR("sqlite:///x.sqlite3"));
}

TEST(good, waits_on_its_fiber)
{
    fiber_sleep(1000000);
    CHECK_CONTAINS(CLIENT_GET(TestClient(), "/waits/"), "waited");
}
TEST(good, begins_with_an_empty_database)
{
    saved = 0;
    CHECK_EQ(COUNT(OBJECTS(test_context(), Note)), 0u);
    CREATE(test_context(), Note, .text = STR("x"));
    CHECK_EQ(saved, 1);
}
TEST(good, begins_with_an_empty_database_again)
{
    CHECK_EQ(COUNT(OBJECTS(test_context(), Note)), 0u);
    CREATE(test_context(), Note, .text = STR("y"));
    CHECK_NUM_QUERIES(test_context(), 1)
    CHECK_EQ(COUNT(OBJECTS(test_context(), Note)), 1u);
}
static void get_nothing(Context *cx, void *arg)
{
    (void)arg;
    (void)GET_OR_404(OBJECTS(cx, Note), Note, Q(Note, text, EQ, "none"));
}
TEST(good, says_what_is_raised)
{
    CHECK_RAISES("not_found", get_nothing, NULL);
    test_site_settings();
}

TEST(good, runs_commands)
{
    TestCommand c = TEST_COMMAND("add", "hello");
    CHECK_EQ(c.status, 0);
    CHECK_STR(c.out, STR("added hello\n"));
    CHECK_EQ(COUNT(OBJECTS(test_context(), Note)), 1u);
    c = TEST_COMMAND("add", "failing");
    CHECK_EQ(c.status, 1);
    CHECK_STR_CONTAINS(c.err, STR("it failed"));
    c = TEST_COMMAND("add", "bad", "-v", "0");
    CHECK_EQ(c.status, 1);
    CHECK_STR(c.out, STR(""));
    REQUIRE(c.error != NULL);
    CHECK_STR(c.error->message, STR("a bad note"));
    CHECK_STR(TEST_COMMAND("nothing").error->message, STR("Unknown command: 'nothing'"));
    CHECK_STR_CONTAINS(TEST_COMMAND("add", "--loud", "x").error->message, STR("--loud"));
}

TEST(good, looks_at_the_errors_of_forms)
{
    TestResponse *response = CLIENT_POST(TestClient(), "/form/");
    CHECK_FORM_ERROR(response, "form", "text", "This field is required.");
    CHECK_FORM_ERROR(response, "form", NON_FIELD_ERRORS, NULL);
    CHECK_CONTAINS(CLIENT_POST(TestClient(), "/form/", .data = DATA("text", "x")), "good");
}

TEST(bad, form_error)
{
    CHECK_FORM_ERROR(CLIENT_POST(TestClient(), "/form/"), "form", "text", "Wrong.");
}
TEST(bad, form_is_fine)
{
    CHECK_FORM_ERROR(CLIENT_POST(TestClient(), "/form/"), "form", "text", NULL);
}
TEST(bad, no_form)
{
    CHECK_FORM_ERROR(CLIENT_POST(TestClient(), "/"), "form", "text", NULL);
}
TEST(bad, contains)
{
    CHECK_CONTAINS(CLIENT_GET(TestClient(), "/"), "something else");
}
TEST(bad, count)
{
    CHECK_CONTAINS(CLIENT_GET(TestClient(), "/"), "page", .count = 3);
}
TEST(bad, lacks)
{
    CHECK_NOT_CONTAINS(CLIENT_GET(TestClient(), "/"), "page");
}
TEST(bad, status)
{
    CHECK_STATUS(CLIENT_GET(TestClient(), "/"), 404);
}
TEST(bad, redirects)
{
    CHECK_REDIRECTS(CLIENT_GET(TestClient(), "/moved/"), "/elsewhere/");
}
TEST(bad, redirect_status)
{
    CHECK_REDIRECTS(CLIENT_GET(TestClient(), "/moved/"), "/", .status = 301);
}
TEST(bad, template)
{
    CHECK_TEMPLATE_USED(CLIENT_GET(TestClient(), "/"), "x.html");
}
TEST(bad, error)
{
    CLIENT_GET(TestClient(), "/broken/");
}
TEST(bad, raises)
{
    RAISE(test_context(), 404, "none", "nothing matches");
}
static void nothing(Context *cx, void *arg) { (void)cx, (void)arg; }
TEST(bad, raises_nothing)
{
    CHECK_RAISES("not_found", nothing, NULL);
}
TEST(bad, raises_other)
{
    CHECK_RAISES("other", get_nothing, NULL);
}
TEST(bad, queries)
{
    sql_log_start(test_context());
    CHECK_NUM_QUERIES(test_context(), 2)
    CHECK_EQ(COUNT(OBJECTS(test_context(), Note)), 0u);
}
TEST(bad, too_many)
{
    CLIENT_GET(TestClient(), "/loop/", .follow = true);
}
TEST(bad, outside)
{
    CLIENT_GET(TestClient(), "/away/", .follow = true);
}
TEST(bad, bad_header)
{
    CLIENT_GET(TestClient(), "/", .headers = DATA("X-Bad", "a\r\nb"));
}
TEST(bad, bad_data)
{
    CLIENT_POST(TestClient(), "/", .data = DATA("d", ((Date){ 1 })));
}
TEST(bad, stops)
{
    (void)test_context();
    REQUIRE(1 > 2);
}
TEST(bad, no_setting)
{
    DatabaseSettings *d = (DatabaseSettings *)(uintptr_t)test_site_settings()->databases;
    d->engine = STR("oracle");
    (void)test_context();
}

int main(int argc, char **argv)
{
    return clef_test_main(argc, argv, &(Project){ .name = "notes", .settings = SETTINGS(settings) });
}
