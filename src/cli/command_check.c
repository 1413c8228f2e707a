/* command_check.c: check: settings, urls and applications, without serving; with --deploy, what production needs. */
#include "cli/commands.h"
#include <clef/http/middleware.h>
#include <clef/urls.h>

static void check(CommandCall *c);

const Command check_command = {
    .name = "check",
    .help = "Checks settings, urls and applications.",
    .options = OPTIONS({ .name = "deploy", .help = "Also what matters in production." },
                       { .name = "fail-level",
                         .kind = OPTION_CHOICE,
                         .choices = "CRITICAL|ERROR|WARNING|INFO|DEBUG",
                         .value = "LEVEL",
                         .fallback = "ERROR",
                         .help = "The exit code is 1 from this level on." }),
    .unchecked = true,
    .run = check,
};

typedef struct Finding {
    LogLevel level;
    Str id, text;
} Finding;

typedef struct Findings {
    Finding *p;
    size_t n, cap;
    Arena *arena;
} Findings;

static void add(Findings *f, LogLevel level, Str id, Str text)
{
    if (f->n == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 32;
        f->p = arena_grow(f->arena, f->p, f->cap * sizeof *f->p, cap * sizeof *f->p);
        f->cap = cap;
    }
    f->p[f->n++] = (Finding){ level, id, text };
}

/* Known by the first word of its name: "SecurityMiddleware" and "security" alike. */
static bool has(const Settings *s, Str name)
{
    for (const Middleware *const *m = s->middleware; m && *m; m++)
        if (str_istarts(str_c((*m)->name), name))
            return true;
    return false;
}

static void build(Context *cx, void *arg)
{
    CommandCall *c = arg;
    (void)project_site(cx, c->settings);
}

static void check_urls(CommandCall *c, Findings *f)
{
    Str error;
    UrlConf *conf =
        c->settings->root_urlconf ? urlconf_compile(c->cx.arena, c->settings->root_urlconf, NULL, &error) : NULL;
    size_t n = 0;
    const UrlWarning *w = conf ? urlconf_warnings(conf, &n) : NULL;
    for (size_t i = 0; i < n; i++)
        add(f, LEVEL_WARNING, str_c(w[i].id), w[i].text);
}

static void collect(CommandCall *c, Findings *f)
{
    Settings *s = c->settings;
    for (size_t i = 0; i < c->problems.n; i++)
        add(f, LEVEL_ERROR, STR("settings.E001"), c->problems.p[i].text);
    check_urls(c, f);
    const Error *e = c->problems.n ? NULL : attempt(&c->cx, build, c);
    if (e)
        add(f, LEVEL_ERROR, str_c(e->code), str_copy(c->cx.arena, e->message));
    if (!option_flag(c, "deploy"))
        return;
    DeployFacts facts = { .security = has(s, STR("security")),
                          .clickjacking = has(s, STR("xframe")) || has(s, STR("clickjacking")),
                          .csrf = has(s, STR("csrf")),
                          .sessions = has(s, STR("session")),
                          .csp = has(s, STR("csp")) || has(s, STR("contentsecurity")) };
    for (const App *const *app = s->installed_apps; app && *app; app++)
        facts.session_app = facts.session_app || strcmp((*app)->label, "sessions") == 0;
    const DeployFinding *found;
    size_t n = settings_check_deploy(s, facts, c->cx.arena, &found);
    for (size_t i = 0; i < n; i++)
        add(f, found[i].error ? LEVEL_ERROR : LEVEL_WARNING, str_c(found[i].id), found[i].text);
}

static void show(Buf *b, const Findings *f)
{
    static const struct {
        LogLevel level;
        const char *title;
    } groups[] = { { LEVEL_CRITICAL, "CRITICALS" }, { LEVEL_ERROR, "ERRORS" }, { LEVEL_WARNING, "WARNINGS" } };
    if (f->n == 0) {
        BUF_LIT(b, "System check identified no issues (0 silenced).\n");
        return;
    }
    BUF_LIT(b, "System check identified some issues:\n");
    for (size_t g = 0; g < CLEF_COUNT(groups); g++) {
        bool titled = false;
        for (size_t i = 0; i < f->n; i++) {
            if (f->p[i].level != groups[g].level)
                continue;
            if (!titled)
                buf_printf(b, "\n%s:\n", groups[g].title);
            titled = true;
            buf_printf(b, "?: (%.*s) %.*s\n", STR_FMT(f->p[i].id), STR_FMT(f->p[i].text));
        }
    }
    buf_printf(b, "\nSystem check identified %zu issue%s (0 silenced).\n", f->n, f->n == 1 ? "" : "s");
}

static void check(CommandCall *c)
{
    Findings f = { .arena = c->cx.arena };
    LogLevel fails;
    if (!log_level_parse(option_text(c, "fail-level"), &fails))
        fails = LEVEL_ERROR;
    collect(c, &f);
    for (size_t i = 0; i < f.n; i++)
        if (f.p[i].level >= fails)
            c->status = 1;
    Buf b = BUF_INIT(c->cx.arena, 1 << 20);
    show(&b, &f);
    if (c->status)
        command_warn(c, "%.*s", STR_FMT(str_trim(buf_view(&b))));
    else if (c->verbosity)
        command_write(c, buf_view(&b));
}
