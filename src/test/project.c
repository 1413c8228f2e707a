/* project.c: what stands around each test of a project: a loop and a fiber, an attempt, settings, a database, a site. */
#include "test/project.h"
#include "test/runner.h"
#include <clef/migrations.h>
#include <clef/orm/databases.h>
#include <clef/rt.h>
#include <clef/serializers.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static const Project *project;

/* Of the running test. Ends with the test. */
static struct {
    Context cx;      /* the test's own */
    Context site_cx; /* holds what the site and the databases need, whatever the test raises */
    bool began, has_settings;
    Settings settings;
    Site *site;
} own;

void test_use_project(const Project *p) { project = p; }

/* --- beginning and end */

/* Also a clean-up of the test's arena, for tests that nothing is put around. */
static void end(void *unused)
{
    (void)unused;
    if (!own.began)
        return;
    context_finish(&own.cx);
    context_finish(&own.site_cx);
    arena_destroy(own.cx.arena);
    arena_destroy(own.site_cx.arena);
    memset(&own, 0, sizeof own);
}

/* Arenas without a parent: clean-ups of databases run when all memory is there still. */
static void begin(void)
{
    if (own.began)
        return;
    own.began = true;
    context_init(&own.cx, arena_create(NULL, 0, 0));
    context_init(&own.site_cx, arena_create(NULL, 0, 0));
    arena_defer(test_arena(), end, NULL);
}

static void tell_error(const char *what, const Error *e)
{
    test_fail(e->file ? e->file : "?", e->line, what, str_dup_c(test_arena(), e->message));
    if (e->hint.n)
        test_show("", e->hint);
}

/* --- settings, databases, site */

static CLEF_NORETURN void cannot_begin(const char *what, Str why)
{
    fprintf(stderr, "%s: %.*s\n", what, STR_FMT(why));
    test_fail("tests", 0, what, "");
    test_stop();
}

static bool is_sqlite(Str engine) { return str_contains(engine, STR("sqlite")); }

static void change_for_tests(Settings *s)
{
    Arena *a = own.site_cx.arena;
    s->debug = false;
    s->logger = NULL;
    DatabaseSettings *databases = NEW_ARRAY(a, DatabaseSettings, s->ndatabases ? s->ndatabases : 1);
    for (size_t i = 0; i < s->ndatabases; i++) {
        databases[i] = s->databases[i];
        databases[i].name =
            is_sqlite(databases[i].engine) ? STR(":memory:") : str_concat(a, STR("test_"), databases[i].name);
    }
    s->databases = databases;
    Str *hosts = NEW_ARRAY(a, Str, s->allowed_hosts.n + 1);
    for (size_t i = 0; i < s->allowed_hosts.n; i++)
        hosts[i] = s->allowed_hosts.p[i];
    hosts[s->allowed_hosts.n] = STR("testserver");
    s->allowed_hosts = (StrList){ hosts, s->allowed_hosts.n + 1 };
}

Settings *test_site_settings(void)
{
    begin();
    if (own.has_settings)
        return &own.settings;
    if (!project)
        cannot_begin("the test has no project", STR("the main program of a project's tests calls clef_test_main"));
    SettingsProblems problems = settings_load(&own.settings, own.site_cx.arena, project->settings, NULL);
    if (problems.n)
        cannot_begin("the settings cannot be used", problems.p[0].text);
    change_for_tests(&own.settings);
    own.has_settings = true;
    return &own.settings;
}

static void load_fixtures(Context *cx, const Settings *s, Str alias)
{
    const TestCase *test = test_running();
    FixtureSearch where = { .settings = s, .using = alias };
    FixtureTexts texts = { 0 };
    if (!test || !test->fixtures)
        return;
    for (const char *const *name = test->fixtures; *name; name++)
        fixtures_find(cx, &where, str_c(*name), &texts);
    fixtures_load(cx, texts.p, texts.n, &(FixtureLoad){ .using = alias });
}

static void make_site(Context *cx, void *arg)
{
    Settings *s = arg;
    own.site = project_site(cx, s);
    for (size_t i = 0; i < s->ndatabases; i++)
        migrate(cx, s->databases[i].alias, s->installed_apps, NULL, NULL);
    for (size_t i = 0; i < s->ndatabases; i++)
        load_fixtures(cx, s, s->databases[i].alias);
}

Site *test_site(void)
{
    Settings *s = test_site_settings();
    if (own.site)
        return own.site;
    /* In a context of its own: its clean-ups run at the test's end, whatever the test raises and catches. */
    const Error *e = attempt(&own.site_cx, make_site, s);
    if (e) {
        tell_error("the test's site cannot be made: ", e);
        test_stop();
    }
    own.cx.databases = own.site_cx.databases;
    return own.site;
}

Context *test_context(void)
{
    begin();
    if (project)
        (void)test_site();
    return &own.cx;
}

/* --- commands */

typedef struct Running {
    const char *const *words;
    int status;
} Running;

static void run_words(Context *cx, void *arg)
{
    Running *running = arg;
    running->status = call_command(cx, project, &own.settings, running->words);
}

/* What is written to the descriptor goes into a memory file from now on; *kept is where it went before. */
static int divert(int fd, int *kept)
{
    fflush(NULL);
    int file = memfd_create("what a command prints", MFD_CLOEXEC);
    *kept = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (file < 0 || *kept < 0 || dup2(file, fd) < 0)
        PANIC("the output of a command cannot be kept: %s", strerror(errno));
    return file;
}

static Str undo(int fd, int kept, int file)
{
    fflush(NULL);
    dup2(kept, fd);
    close(kept);
    off_t end = lseek(file, 0, SEEK_END);
    size_t n = end > 0 ? (size_t)end : 0;
    char *p = arena_alloc(test_arena(), n + 1);
    ssize_t got = pread(file, p, n, 0);
    close(file);
    n = got > 0 ? (size_t)got : 0;
    p[n] = 0;
    return (Str){ p, n };
}

TestCommand test_command(const char *const *words)
{
    Running running = { .words = words };
    int kept[2], out, err;
    Context *cx = test_context();
    out = divert(STDOUT_FILENO, &kept[0]);
    err = divert(STDERR_FILENO, &kept[1]);
    const Error *e = attempt(cx, run_words, &running);
    TestCommand result = { .status = e ? 1 : running.status };
    result.err = undo(STDERR_FILENO, kept[1], err);
    result.out = undo(STDOUT_FILENO, kept[0], out);
    if (e) {
        Error *copy = NEW(test_arena(), Error);
        *copy = *e;
        copy->message = str_copy(test_arena(), e->message);
        result.error = copy;
    }
    return result;
}

/* --- around a test */

static const char stopped[] = "test_stopped";

static void leave(void) { RAISE(&own.cx, 500, stopped, "the test was stopped"); }

typedef struct Call {
    void (*fn)(void);
} Call;

static void call(Context *cx, void *arg)
{
    (void)cx;
    ((Call *)arg)->fn();
}

static void body(void *arg)
{
    begin();
    const Error *e = attempt(&own.cx, call, arg);
    if (e && e->code != stopped)
        tell_error("raised: ", e);
    end(NULL);
}

static void run(void (*fn)(void))
{
    Loop *loop = loop_create(test_arena());
    Call call_fn = { fn };
    if (!loop || !fiber_spawn(loop, body, &call_fn)) {
        test_fail("tests", 0, "no event loop for the test", "");
        return;
    }
    loop_run(loop);
    loop_destroy(loop);
}

static const TestAround around = { run, leave };

int clef_test_main(int argc, char **argv, const Project *p)
{
    project = p;
    test_around = &around;
    return test_main(argc, argv);
}

bool test_check_raised(const char *file, int line, const char *expression, const Error *got, const char *code)
{
    if (got && strcmp(got->code, code) == 0)
        return true;
    test_fail(file, line, expression, got ? " raises something else" : " raises nothing");
    if (got) {
        test_show("got      ", str_c(got->code));
        test_show("message  ", got->message);
    }
    test_show("expected ", str_c(code));
    return false;
}
