/* validate.c: whether the settings can work: each by its row of the table, then what rows cannot say. */
#include "conf/loading.h"

#include <clef/base/timezone.h>
#include <clef/conf/table.h>

#include <sys/stat.h>

static void check_text(Settings *s, const Setting *row, Str v)
{
    if (row->choices) {
        Str rest = str_c(row->choices), choice;
        bool ok = false;
        while (!ok && str_cut(&rest, '|', &choice))
            ok = str_eq(v, choice);
        if (!ok)
            settings_problem(s, row->name, "'%.*s' is none of its values: %s", STR_FMT(v), row->choices);
    }
    if (row->flags & SETTING_SLASH && v.n && !str_ends(v, STR("/")))
        settings_problem(s, row->name, "'%.*s' must end in a slash: '%.*s/'", STR_FMT(v), STR_FMT(v));
    if (str_find_byte(v, 0) != STR_NPOS)
        settings_problem(s, row->name, "the value has a NUL byte in it: take it out");
}

static void check_rows(Settings *s)
{
    size_t n;
    const Setting *rows = settings_table(&n);
    for (size_t i = 0; i < n; i++) {
        const void *at = (const char *)s + rows[i].offset;
        if (rows[i].type == SETTING_STR)
            check_text(s, &rows[i], *(const Str *)at);
        if (rows[i].type != SETTING_INT || (!rows[i].least && !rows[i].most))
            continue;
        int64_t v = *(const int64_t *)at;
        if (v < rows[i].least)
            settings_problem(s, rows[i].name, "%lld is too small: at least %lld", (long long)v,
                             (long long)rows[i].least);
        if (v > rows[i].most)
            settings_problem(s, rows[i].name, "%lld is too large: at most %lld", (long long)v, (long long)rows[i].most);
    }
}

static void check_databases(Settings *s)
{
    static const char *const engines[] = { "sqlite3",
                                           "postgresql",
                                           "mysql",
                                           "mariadb",
                                           "django.db.backends.sqlite3",
                                           "django.db.backends.postgresql",
                                           "django.db.backends.mysql" };
    bool has_default = false;
    for (size_t i = 0; i < s->ndatabases; i++) {
        const DatabaseSettings *d = &s->databases[i];
        bool known = false;
        for (size_t k = 0; k < CLEF_COUNT(engines); k++)
            known |= str_eq(d->engine, str_c(engines[k]));
        has_default |= str_eq(d->alias, STR("default"));
        if (!known)
            settings_problem(s, "DATABASES",
                             "the engine '%.*s' of '%.*s' is not known: sqlite3, postgresql, mysql or mariadb",
                             STR_FMT(d->engine), STR_FMT(d->alias));
        if (d->name.n == 0)
            settings_problem(s, "DATABASES", "'%.*s' has no name: set .name", STR_FMT(d->alias));
        for (size_t k = 0; k < i; k++)
            if (str_eq(d->alias, s->databases[k].alias))
                settings_problem(s, "DATABASES", "the alias '%.*s' stands twice: rename one", STR_FMT(d->alias));
    }
    if (s->ndatabases && !has_default)
        settings_problem(s, "DATABASES", "You must define a 'default' database.");
    has_default = false;
    for (size_t i = 0; i < s->ncaches; i++)
        has_default |= str_eq(s->caches[i].alias, STR("default"));
    if (s->ncaches && !has_default)
        settings_problem(s, "CACHES", "You must define a 'default' cache.");
}

SettingsProblems settings_validate(Settings *s)
{
    SettingsLoading *l = settings_loading(s);
    check_rows(s);
    check_databases(s);
    if (s->secret_key.n == 0)
        settings_problem(s, "SECRET_KEY",
                         "The SECRET_KEY setting must not be empty: make one of 50 random characters and put it "
                         "into the environment, not into the code");
    if (!s->debug && s->allowed_hosts.n == 0)
        settings_problem(s, "ALLOWED_HOSTS",
                         "You must set settings.ALLOWED_HOSTS if DEBUG is False: name the hosts of the site");
    if (s->email_use_tls && s->email_use_ssl)
        settings_problem(
            s, "EMAIL_USE_TLS",
            "EMAIL_USE_TLS/EMAIL_USE_SSL are mutually exclusive, so only set one of those settings to True.");
    if ((s->tls_certificate.n != 0) != (s->tls_key.n != 0))
        settings_problem(s, s->tls_key.n ? "TLS_CERTIFICATE" : "TLS_KEY",
                         "certificate and key go together: set both or none");
    const TimeZone *zone;
    if (!timezone_name_valid(s->time_zone) ||
        timezones_get(timezones_create(s->arena, (Str){ 0 }), s->time_zone, &zone) != TIMEZONE_OK)
        settings_problem(s, "TIME_ZONE",
                         "Incorrect timezone setting: '%.*s'; take a name of the tz database (UTC, Europe/Berlin)",
                         STR_FMT(s->time_zone));
    for (size_t i = 0; i < s->csrf_trusted_origins.n; i++)
        if (!str_contains(s->csrf_trusted_origins.p[i], STR("://")))
            settings_problem(s, "CSRF_TRUSTED_ORIGINS",
                             "the values must start with a scheme (usually http:// or https://) but found %.*s",
                             STR_FMT(s->csrf_trusted_origins.p[i]));
    for (size_t i = 0; i < s->swapped_models.n; i++) {
        Str rest = s->swapped_models.p[i], name;
        if (!str_cut(&rest, '=', &name) || !name.n || str_is_null(rest))
            settings_problem(s, "SWAPPED_MODELS", "'%.*s' is no pair: 'NAME=app.Model'",
                             STR_FMT(s->swapped_models.p[i]));
        else if (str_eq(str_trim(name), STR("AUTH_USER_MODEL")))
            settings_problem(s, "SWAPPED_MODELS", "AUTH_USER_MODEL is a setting of its own: set that");
    }
    for (size_t i = 0; i < s->allowed_hosts.n; i++)
        if (str_contains(s->allowed_hosts.p[i], STR("/")))
            settings_problem(s, "ALLOWED_HOSTS", "'%.*s' is no host: without scheme and path, as 'example.com'",
                             STR_FMT(s->allowed_hosts.p[i]));
    struct stat st;
    Str temporary = s->file_upload_temp_dir;
    if (temporary.n && (stat(str_dup_c(s->arena, temporary), &st) < 0 || !S_ISDIR(st.st_mode)))
        settings_problem(s, "FILE_UPLOAD_TEMP_DIR", "'%.*s' is no folder: make it, or name another one",
                         STR_FMT(temporary));
    if (s->force_script_name.n && s->force_script_name.p[0] != '/')
        settings_problem(s, "FORCE_SCRIPT_NAME", "'%.*s' must begin with a slash", STR_FMT(s->force_script_name));
    if (s->listen.n == 0)
        settings_problem(s, "LISTEN", "there is no address to listen on: '127.0.0.1:8000'");
    if (str_eq(s->session_cookie_samesite, STR("None")) && !s->session_cookie_secure)
        settings_problem(s, "SESSION_COOKIE_SAMESITE",
                         "browsers refuse SameSite=None without Secure: set SESSION_COOKIE_SECURE");
    return (SettingsProblems){ .p = l->problems.p, .n = l->problems.n };
}
