/* environment.c: reading variables, typed. */
#include "conf/loading.h"
#include "conf/words.h"

#include <clef/base/buf.h>
#include <clef/base/double.h>
#include <clef/codec/json.h>
#include <clef/conf/service_url.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

enum { SECRET_FILE_MAX = 65536 };

SettingsLoading *settings_loading(Settings *s)
{
    if (!s->loading)
        s->loading = NEW(s->arena, SettingsLoading);
    return s->loading;
}

void settings_problem(Settings *s, const char *name, const char *format, ...)
{
    SettingsLoading *l = settings_loading(s);
    Buf b = BUF_INIT(s->arena, 65536);
    va_list args;
    if (*name)
        buf_printf(&b, "%s: ", name);
    va_start(args, format);
    buf_vprintf(&b, format, args);
    va_end(args);
    VEC_PUSH(s->arena, &l->problems,
             (SettingsProblem){ .name = str_copy(s->arena, str_c(name)), .text = buf_view(&b) });
}

bool settings_read_file(Settings *s, Str path, size_t max, Str *out)
{
    int fd = open(str_dup_c(s->arena, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    char *p = arena_alloc(s->arena, max + 1);
    size_t n = 0;
    for (;;) {
        ssize_t got = read(fd, p + n, max + 1 - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || (n += (size_t)got) > max)
            break;
    }
    close(fd);
    if (n > max)
        return false;
    *out = (Str){ p, n };
    return true;
}

static Str variable(Settings *s, const char *name)
{
    const char *set = getenv(name);
    return set ? str_c(set) : dotenv_get(&settings_loading(s)->dotenv, str_c(name));
}

Str environment_get(Settings *s, const char *name)
{
    Str v = variable(s, name);
    if (!str_is_null(v))
        return str_copy(s->arena, v);
    Str path = variable(s, str_format(s->arena, "%s_FILE", name).p), text;
    if (path.n == 0)
        return (Str){ 0 };
    if (!settings_read_file(s, path, SECRET_FILE_MAX, &text)) {
        settings_problem(s, name,
                         "the file %.*s that %s_FILE names cannot be read (or is larger than %d bytes): check path and "
                         "permissions",
                         STR_FMT(path), name, SECRET_FILE_MAX);
        return (Str){ 0 };
    }
    while (text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
        text.n--;
    return str_copy(s->arena, text);
}

Str env_str_or(Settings *s, const char *name, Str fallback)
{
    Str v = environment_get(s, name);
    return str_is_null(v) ? fallback : v;
}

Str env_required(Settings *s, const char *name)
{
    Str v = environment_get(s, name);
    if (v.n == 0)
        settings_problem(s, name,
                         "the variable is not set: put %s=... into the environment or into .env, or its value into a "
                         "file that %s_FILE names",
                         name, name);
    return v;
}

/* The value is not repeated: a variable may hold a secret whatever its name is. */
int64_t env_int(Settings *s, const char *name, int64_t fallback)
{
    Str v = environment_get(s, name);
    int64_t i = fallback;
    if (v.n && !str_to_i64(str_trim(v), &i))
        settings_problem(s, name, "the variable must be an integer");
    return i;
}

bool env_bool(Settings *s, const char *name, bool fallback)
{
    Str v = environment_get(s, name);
    bool b = fallback;
    if (!str_is_null(v) && !word_to_bool(v, &b))
        settings_problem(s, name, "the variable must be true or false (on, yes, 1; off, no, 0)");
    return b;
}

double env_double(Settings *s, const char *name, double fallback)
{
    Str v = str_trim(environment_get(s, name));
    double d = fallback;
    if (v.n && !double_parse(v, &d))
        settings_problem(s, name, "the variable must be a number");
    return d;
}

Value env_json(Settings *s, const char *name)
{
    Str v = environment_get(s, name);
    Value out = value_null();
    JsonError error;
    if (v.n && !json_read(s->arena, v, (JsonOptions){ 0 }, &out, &error)) {
        settings_problem(s, name, "the variable must be JSON: %.*s", STR_FMT(json_error_text(s->arena, &error)));
        return value_null();
    }
    return out;
}

StrList env_list(Settings *s, const char *name, StrList fallback)
{
    Str v = environment_get(s, name);
    return str_is_null(v) ? fallback : words_split(s->arena, v);
}

bool env_database(Settings *s, const char *alias, const char *name, Str fallback)
{
    Str url = env_str_or(s, name, fallback), error;
    DatabaseSettings d;
    if (url.n == 0)
        return false;
    if (!database_url_parse(s->arena, url, &d, &error)) {
        settings_problem(s, name, "%.*s", STR_FMT(error));
        return false;
    }
    d.alias = str_copy(s->arena, str_c(alias));
    DatabaseSettings *all = NEW_ARRAY(s->arena, DatabaseSettings, s->ndatabases + 1);
    if (s->ndatabases)
        memcpy(all, s->databases, s->ndatabases * sizeof *all);
    all[s->ndatabases++] = d;
    s->databases = all;
    return true;
}

bool env_cache(Settings *s, const char *alias, const char *name, Str fallback)
{
    Str url = env_str_or(s, name, fallback), error;
    CacheSettings c;
    if (url.n == 0)
        return false;
    if (!cache_url_parse(s->arena, url, &c, &error)) {
        settings_problem(s, name, "%.*s", STR_FMT(error));
        return false;
    }
    c.alias = str_copy(s->arena, str_c(alias));
    CacheSettings *all = NEW_ARRAY(s->arena, CacheSettings, s->ncaches + 1);
    if (s->ncaches)
        memcpy(all, s->caches, s->ncaches * sizeof *all);
    all[s->ncaches++] = c;
    s->caches = all;
    return true;
}

bool env_email(Settings *s, const char *name, Str fallback)
{
    Str url = env_str_or(s, name, fallback), error;
    if (url.n == 0)
        return false;
    if (email_url_parse(s, url, &error))
        return true;
    settings_problem(s, name, "%.*s", STR_FMT(error));
    return false;
}
