/* load.c: defaults, environment, profile, overrides. */
#include "conf/loading.h"

#include <clef/conf/table.h>

#include <stdlib.h>
#include <unistd.h>

/* Settings of former Djangos: using one must not pass in silence. */
static const struct {
    const char *name, *remedy;
} removed[] = {
    { "MIDDLEWARE_CLASSES", "it was replaced by MIDDLEWARE: list the middleware in Settings.middleware" },
    { "TEMPLATE_DEBUG", "it is gone: DEBUG decides" },
    { "TEMPLATE_LOADERS", "it is gone: TEMPLATE_DIRS names the directories" },
    { "TEMPLATE_CONTEXT_PROCESSORS", "it is gone: applications bring their context processors" },
    { "USE_L10N", "it is gone: formats always follow the language" },
    { "USE_DEPRECATED_PYTZ", "it is gone: zones come from the system's tz database" },
    { "CSRF_COOKIE_MASKED", "it is gone: the cookie holds the secret, forms a mask of it" },
    { "DEFAULT_FILE_STORAGE", "it was replaced by STORAGES" },
    { "STATICFILES_STORAGE", "it was replaced by STORAGES" },
    { "PASSWORD_RESET_TIMEOUT_DAYS", "it was replaced by PASSWORD_RESET_TIMEOUT, in seconds" },
    { "SECURE_BROWSER_XSS_FILTER", "it is gone: browsers have no such filter any more; use SECURE_CSP" },
    { "DEFAULT_HASHING_ALGORITHM", "it is gone: signatures are SHA-256" },
    { "FORMS_URLFIELD_ASSUME_HTTPS", "it is gone: https is assumed" },
};

static Str lookup_environment(void *arg, Str name) { return str_c(getenv(str_dup_c(arg, name))); }

static void read_dotenv(Settings *s)
{
    SettingsLoading *l = settings_loading(s);
    Str path = str_format(s->arena, "%.*s/.env", STR_FMT(s->base_dir)), text;
    uint32_t bad = 0;
    if (!settings_read_file(s, path, DOTENV_MAX_BYTES, &text))
        return; /* there need not be one */
    if (!dotenv_parse(s->arena, text, lookup_environment, s->arena, &l->dotenv, &bad))
        settings_problem(s, ".env", "%.*s has more than %u entries", STR_FMT(path), DOTENV_MAX_ENTRIES);
    if (bad)
        settings_problem(s, ".env",
                         "line %u of %.*s is not understood: write NAME=value, and quote values with spaces around or "
                         "over several lines",
                         bad, STR_FMT(path));
}

static void apply_overrides(Settings *s)
{
    size_t n;
    const Setting *rows = settings_table(&n);
    for (size_t i = 0; i < n; i++) {
        const char *name = str_format(s->arena, "CLEF_%s", rows[i].name).p;
        Str v = environment_get(s, name);
        if (str_is_null(v))
            continue;
        if (rows[i].type >= SETTING_DATABASES)
            settings_problem(s, name, "%s cannot be set by a variable: set it in the settings function", rows[i].name);
        else if (!setting_set(s, &rows[i], v)) {
            const char *wanted = rows[i].type == SETTING_BOOL  ? "true or false"
                                 : rows[i].type == SETTING_INT ? "an integer"
                                                               : "'HEADER_NAME,value'";
            Str shown = rows[i].flags & SETTING_SECRET ? STR("the value") : str_format(s->arena, "'%.*s'", STR_FMT(v));
            settings_problem(s, name, "%.*s must be %s", STR_FMT(shown), wanted);
        }
    }
    for (size_t i = 0; i < CLEF_COUNT(removed); i++) {
        const char *name = str_format(s->arena, "CLEF_%s", removed[i].name).p;
        if (!str_is_null(environment_get(s, name)))
            settings_problem(s, name, "there is no setting %s: %s", removed[i].name, removed[i].remedy);
    }
}

/* A name behind CLEF_ that the load reads, with the _FILE behind it or without. */
static bool is_read(Str name)
{
    if (str_ends(name, STR("_FILE")) && is_read(str_slice(name, 0, name.n - 5)))
        return true;
    for (size_t i = 0; i < CLEF_COUNT(removed); i++)
        if (str_eq(name, str_c(removed[i].name)))
            return true;
    return setting_find(name) || str_eq(name, STR("SETTINGS")) || str_eq(name, STR("BASE_DIR"));
}

StrList settings_unknown_variables(Settings *s)
{
    const Dotenv *file = &settings_loading(s)->dotenv;
    VEC(Str) found = { 0 };
    for (char **at = environ; at && *at; at++) {
        Str rest = str_c(*at), name;
        if (str_cut(&rest, '=', &name) && str_starts(name, STR("CLEF_")) && !is_read(str_from_byte(name, 5)))
            VEC_PUSH(s->arena, &found, str_copy(s->arena, name));
    }
    for (size_t i = 0; i < file->n; i++)
        if (str_starts(file->p[i].name, STR("CLEF_")) && !is_read(str_from_byte(file->p[i].name, 5)))
            VEC_PUSH(s->arena, &found, file->p[i].name);
    return (StrList){ .p = found.p, .n = found.n };
}

static const SettingsProfile *choose(Settings *s, const SettingsProfile *profiles, const char *chosen)
{
    Str name = chosen && *chosen ? str_c(chosen) : environment_get(s, "CLEF_SETTINGS");
    if (name.n == 0)
        return profiles->name ? profiles : NULL;
    Buf known = BUF_INIT(s->arena, 4096);
    buf_add(&known, "", 0);
    for (const SettingsProfile *p = profiles; p->name; p++) {
        if (str_eq(name, str_c(p->name)))
            return p;
        buf_printf(&known, "%s%s", p == profiles ? "" : ", ", p->name);
    }
    settings_problem(s, "CLEF_SETTINGS", "there are no settings called '%.*s'; there are: %.*s", STR_FMT(name),
                     STR_FMT(buf_view(&known)));
    return NULL;
}

SettingsProblems settings_load(Settings *s, Arena *a, const SettingsProfile *profiles, const char *chosen)
{
    settings_init(s, a);
    read_dotenv(s);
    const SettingsProfile *profile = choose(s, profiles, chosen);
    if (profile) {
        s->profile = str_c(profile->name);
        profile->fn(s);
        apply_overrides(s);
        return settings_validate(s);
    }
    SettingsLoading *l = settings_loading(s);
    return (SettingsProblems){ .p = l->problems.p, .n = l->problems.n };
}
