/* command_check.c: check: settings, urls and applications, without serving; with --deploy, what production needs. */
#include "cli/commands.h"
#include <clef/conf/table.h>
#include <clef/http/middleware.h>
#include <clef/orm/checks.h>
#include <clef/urls.h>

static void check(CommandCall *c);

const Command check_command = {
    .name = "check",
    .help = "Checks settings, urls and applications.",
    .options = OPTIONS({ .name = "deploy", .help = "Also what matters in production." },
                       { .name = "database",
                         .kind = OPTION_LIST,
                         .value = "ALIAS",
                         .help = "Also what this database does not have, and models ask for." },
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
    Str object, hint; /* may be empty */
} Finding;

typedef struct Findings {
    Finding *p;
    size_t n, cap;
    size_t silenced; /* by SILENCED_SYSTEM_CHECKS, and taken out */
    Arena *arena;
} Findings;

static void add(Findings *f, LogLevel level, Str id, Str text)
{
    if (f->n == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 32;
        f->p = arena_grow(f->arena, f->p, f->cap * sizeof *f->p, cap * sizeof *f->p);
        f->cap = cap;
    }
    f->p[f->n++] = (Finding){ .level = level, .id = id, .text = text };
}

static bool is_alnum(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

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

typedef struct Compiled {
    const Settings *settings;
    const UrlConf *conf;
} Compiled;

static void compile(Context *cx, void *arg)
{
    Compiled *compiled = arg;
    compiled->conf = project_urls(cx, compiled->settings);
}

/* What keeps the table from working is said by who builds the site. */
static void check_urls(CommandCall *c, Findings *f)
{
    Compiled compiled = { .settings = c->settings };
    size_t n = 0;
    bool fails = attempt(&c->cx, compile, &compiled) != NULL;
    const UrlWarning *w = fails ? NULL : urlconf_warnings(compiled.conf, &n);
    for (size_t i = 0; i < n; i++)
        add(f, LEVEL_WARNING, str_c(w[i].id), w[i].text);
}

/* Django's pattern: "de", "zh-hans", "sr@latin". */
static bool is_language_code(Str code)
{
    Str parts = code, part, script;
    bool first = true;
    if (str_cut(&parts, '@', &part) && !str_is_null(parts)) {
        script = parts;
        code = part;
        for (size_t i = 0; i < script.n; i++)
            if (!is_alnum(script.p[i]))
                return false;
        if (!script.n || script.n > 20)
            return false;
    }
    for (parts = code; str_cut(&parts, '-', &part); first = false) {
        if (part.n == 0 || part.n > 8)
            return false;
        for (size_t i = 0; i < part.n; i++)
            if (!is_alnum(part.p[i]) || (first && part.p[i] <= '9'))
                return false;
    }
    return code.n > 0;
}

/* The site has the language itself, what it is a variant of, or another variant of that. */
static bool has_language(const Settings *s, Str code)
{
    Str generic = str_slice(code, 0, str_find_byte(code, '-'));
    for (size_t i = 0; i < s->languages.n; i++) {
        Str one = s->languages.p[i];
        bool is_variant = one.n > generic.n && str_istarts(one, generic) && one.p[generic.n] == '-';
        if (str_ieq(one, generic) || is_variant)
            return true;
    }
    return false;
}

static void check_languages(CommandCall *c, Findings *f)
{
    const Settings *s = c->settings;
    for (size_t i = 0; i < s->languages.n; i++)
        if (!is_language_code(s->languages.p[i]))
            add(f, LEVEL_ERROR, STR("translation.E002"),
                str_format(c->cx.arena, "You have provided an invalid language code in the LANGUAGES setting: '%.*s'.",
                           STR_FMT(s->languages.p[i])));
    if (!is_language_code(s->language_code))
        add(f, LEVEL_ERROR, STR("translation.E001"),
            str_format(c->cx.arena, "You have provided an invalid value for the LANGUAGE_CODE setting: '%.*s'.",
                       STR_FMT(s->language_code)));
    else if (!has_language(s, s->language_code))
        add(f, LEVEL_ERROR, STR("translation.E004"),
            STR("You have provided a value for the LANGUAGE_CODE setting that is not in the LANGUAGES setting."));
}

/* A variable that was meant for a setting; other variables may be called CLEF_ something. */
static void check_variables(CommandCall *c, Findings *f)
{
    size_t n;
    const Setting *rows = settings_table(&n);
    const char **names = NEW_ARRAY(c->cx.arena, const char *, n);
    for (size_t i = 0; i < n; i++)
        names[i] = rows[i].name;
    StrList unknown = settings_unknown_variables(c->settings);
    for (size_t i = 0; i < unknown.n; i++) {
        Str name = str_from_byte(unknown.p[i], 5);
        const char *near = nearest_name(name, names, n);
        if (near)
            add(f, LEVEL_WARNING, STR("settings.W001"),
                str_format(c->cx.arena, "The variable %.*s names no setting. Did you mean CLEF_%s?",
                           STR_FMT(unknown.p[i]), near));
    }
}

static void silence(CommandCall *c, Findings *f)
{
    size_t kept = 0;
    const StrList *ids = &c->settings->silenced_system_checks;
    for (size_t i = 0; i < f->n; i++) {
        bool quiet = false;
        for (size_t k = 0; k < ids->n && !quiet; k++)
            quiet = str_eq(ids->p[k], f->p[i].id);
        if (!quiet)
            f->p[kept++] = f->p[i];
    }
    f->silenced = f->n - kept;
    f->n = kept;
}

static void add_warnings(Findings *f, const ModelWarning *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        add(f, LEVEL_WARNING, str_c(w[i].id), w[i].text);
        f->p[f->n - 1].object = w[i].object;
        f->p[f->n - 1].hint = w[i].hint;
    }
}

/* What is odd in models that are right. */
static void check_models(CommandCall *c, Findings *f)
{
    const ModelWarning *w;
    StrList aliases = option_list(c, "database");
    size_t n = models_warnings(c->cx.arena, &w);
    add_warnings(f, w, n);
    for (size_t i = 0; i < aliases.n; i++) {
        n = models_database_warnings(&c->cx, aliases.p[i], &w);
        add_warnings(f, w, n);
    }
}

static void collect(CommandCall *c, Findings *f)
{
    Settings *s = c->settings;
    for (size_t i = 0; i < c->problems.n; i++)
        add(f, LEVEL_ERROR, STR("settings.E001"), c->problems.p[i].text);
    check_languages(c, f);
    check_variables(c, f);
    check_urls(c, f);
    const Error *e = c->problems.n ? NULL : attempt(&c->cx, build, c);
    if (!e && !c->problems.n)
        check_models(c, f);
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
        buf_printf(b, "System check identified no issues (%zu silenced).\n", f->silenced);
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
            Str object = f->p[i].object.n ? f->p[i].object : STR("?"), hint = f->p[i].hint;
            buf_printf(b, "%.*s: (%.*s) %.*s\n", STR_FMT(object), STR_FMT(f->p[i].id), STR_FMT(f->p[i].text));
            if (hint.n)
                buf_printf(b, "\tHINT: %.*s\n", STR_FMT(hint));
        }
    }
    buf_printf(b, "\nSystem check identified %zu issue%s (%zu silenced).\n", f->n, f->n == 1 ? "" : "s", f->silenced);
}

static void check(CommandCall *c)
{
    Findings f = { .arena = c->cx.arena };
    LogLevel fails;
    if (!log_level_parse(option_text(c, "fail-level"), &fails))
        fails = LEVEL_ERROR;
    collect(c, &f);
    silence(c, &f);
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
