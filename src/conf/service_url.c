/* service_url.c: the three kinds of URLs, one table of schemes each. */
#include <clef/conf/service_url.h>

#include "conf/words.h"

#include <clef/base/vec.h>
#include <clef/codec/url.h>

typedef struct Scheme {
    const char *name, *gives;
    int port;
} Scheme;

typedef struct Options {
    DatabaseOption *p;
    size_t n, cap;
} Options;

static const Scheme database_schemes[] = {
    { "postgres", "postgresql", 0 }, { "postgresql", "postgresql", 0 }, { "psql", "postgresql", 0 },
    { "pgsql", "postgresql", 0 },    { "postgis", "postgresql", 0 },    { "mysql", "mysql", 0 },
    { "mysql2", "mysql", 0 },        { "mariadb", "mariadb", 0 },       { "sqlite", "sqlite3", 0 },
    { "sqlite3", "sqlite3", 0 },
};
static const Scheme cache_schemes[] = {
    { "dbcache", "db", 0 },
    { "dummycache", "dummy", 0 },
    { "filecache", "file", 0 },
    { "locmemcache", "locmem", 0 },
    { "redis", "redis", 0 },
    { "rediss", "redis", 0 },
    { "rediscache", "redis", 0 },
    { "memcache", "memcached", 11211 },
    { "pymemcache", "memcached", 11211 },
    { "pylibmc", "memcached", 11211 },
};
static const Scheme email_schemes[] = {
    { "smtp", "smtp", 25 },        { "smtps", "smtp", 587 },        { "smtp+tls", "smtp", 587 },
    { "smtp+ssl", "smtp", 465 },   { "consolemail", "console", 0 }, { "filemail", "filebased", 0 },
    { "memorymail", "locmem", 0 }, { "dummymail", "dummy", 0 },     { "submission", "smtp", 587 },
};

static const Scheme *find_scheme(const Scheme *list, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, str_c(list[i].name)))
            return &list[i];
    return NULL;
}

typedef struct Parsed {
    const Scheme *scheme;
    UrlParts parts;
    UrlAuthority authority;
    Options options;
} Parsed;

static bool fail(Str *error, Str sentence)
{
    *error = sentence;
    return false;
}

/* Pairs of the query, percent-decoded. */
static bool read_options(Arena *a, Str query, Options *out)
{
    Str rest = query, pair;
    while (query.n && str_cut(&rest, '&', &pair)) {
        Str name;
        if (pair.n == 0)
            continue;
        if (out->n == SERVICE_URL_MAX_OPTIONS)
            return false;
        (void)str_cut(&pair, '=', &name);
        Str value = str_is_null(pair) ? STR("") : url_unquote_plus(a, pair);
        VEC_PUSH(a, out, (DatabaseOption){ .name = url_unquote_plus(a, name), .value = value });
    }
    return true;
}

static bool parse(Arena *a, Str url, const char *kind, const Scheme *schemes, size_t n, Parsed *out, Str *error)
{
    *out = (Parsed){ 0 };
    if (url.n > SERVICE_URL_MAX)
        return fail(error, str_format(a, "the %s URL is longer than %u bytes", kind, SERVICE_URL_MAX));
    size_t colon = str_find(url, STR("://"));
    Str name = str_lower(a, colon == STR_NPOS ? STR("") : str_slice(url, 0, colon));
    out->scheme = find_scheme(schemes, n, name);
    if (!out->scheme) {
        Buf b = BUF_INIT(a, 4096);
        for (size_t i = 0; i < n; i++)
            buf_printf(&b, "%s%s://", i ? ", " : "", schemes[i].name);
        return fail(error, str_format(a, "the %s URL must begin with one of %.*s", kind, STR_FMT(buf_view(&b))));
    }
    /* urlsplit knows the grammar of "//": the scheme's own '+' and digits are no matter to it. */
    if (!url_split(a, str_concat(a, STR("x"), str_from_byte(url, colon)), &out->parts))
        return fail(error, str_format(a, "the %s URL has a host that cannot be read", kind));
    if (!str_eq(out->parts.netloc, STR(":memory:")) && !url_authority(a, out->parts.netloc, &out->authority))
        return fail(error,
                    str_format(a,
                               "the %s URL's port is no number up to 65535; a ':', '/' or '@' in the password is "
                               "written %%3A, %%2F, %%40",
                               kind));
    if (!read_options(a, out->parts.query, &out->options))
        return fail(error, str_format(a, "the %s URL has more than %u options", kind, SERVICE_URL_MAX_OPTIONS));
    return true;
}

static Str unquoted(Arena *a, Str s) { return s.n ? url_unquote(a, s) : STR(""); }

/* Takes an option out by its name, in any case. */
static bool take_option(Options *o, const char *name, Str *value)
{
    for (size_t i = 0; i < o->n; i++)
        if (str_ieq(o->p[i].name, str_c(name))) {
            *value = o->p[i].value;
            memmove(o->p + i, o->p + i + 1, (o->n - i - 1) * sizeof *o->p);
            o->n--;
            return true;
        }
    return false;
}

static bool take_int(Options *o, const char *name, int64_t none, int64_t *out, Arena *a, Str *error)
{
    Str v;
    if (!take_option(o, name, &v))
        return true;
    if (str_ieq(v, STR("none")))
        *out = none;
    else if (!str_to_i64(v, out))
        return fail(error, str_format(a, "the option %s of the URL must be an integer or None", name));
    return true;
}

static bool take_bool(Options *o, const char *name, bool *out, Arena *a, Str *error)
{
    Str v;
    return !take_option(o, name, &v) || word_to_bool(v, out) ||
           fail(error, str_format(a, "the option %s of the URL must be true or false", name));
}

bool database_url_parse(Arena *a, Str url, DatabaseSettings *out, Str *error)
{
    Parsed p;
    if (!parse(a, url, "database", database_schemes, CLEF_COUNT(database_schemes), &p, error))
        return false;
    DatabaseSettings d = { .alias = STR("default"), .engine = str_c(p.scheme->gives) };
    Str path = unquoted(a, p.parts.path);
    if (str_eq(d.engine, STR("sqlite3"))) {
        bool memory = str_eq(p.parts.netloc, STR(":memory:")) || (p.parts.netloc.n == 0 && path.n <= 1);
        if (!memory && p.parts.netloc.n)
            return fail(error,
                        STR("a SQLite URL has three slashes before a relative path and four before an absolute one: "
                            "sqlite:///site.db"));
        d.name = memory ? STR(":memory:") : str_copy(a, str_from_byte(path, 1));
    } else {
        d.user = unquoted(a, p.authority.user);
        d.password = unquoted(a, p.authority.password);
        d.host = unquoted(a, p.authority.host);
        d.port = p.authority.port < 0 ? STR("") : str_format(a, "%d", (int)p.authority.port);
        size_t slash = str_rfind_byte(path, '/');
        if (str_starts(path, STR("//")) && slash > 1) { /* the directory of a socket, then the name */
            d.host = str_slice(path, 1, slash);
            path = str_from_byte(path, slash);
        }
        d.name = str_copy(a, str_from_byte(path, 1));
        if (d.name.n == 0)
            return fail(error, STR("the database URL names no database: put '/name' behind the host"));
    }
    Str zone;
    if (!take_int(&p.options, "conn_max_age", -1, &d.conn_max_age, a, error) ||
        !take_bool(&p.options, "conn_health_checks", &d.conn_health_checks, a, error) ||
        !take_bool(&p.options, "atomic_requests", &d.atomic_requests, a, error))
        return false;
    if (take_option(&p.options, "time_zone", &zone))
        d.time_zone = zone;
    d.options = p.options.p;
    d.noptions = p.options.n;
    *out = d;
    return true;
}

bool cache_url_parse(Arena *a, Str url, CacheSettings *out, Str *error)
{
    Parsed p;
    if (!parse(a, url, "cache", cache_schemes, CLEF_COUNT(cache_schemes), &p, error))
        return false;
    CacheSettings c = { .alias = STR("default"), .backend = str_c(p.scheme->gives), .timeout = 300, .version = 1 };
    Str netloc = p.parts.netloc, path = p.parts.path;
    if (str_eq(c.backend, STR("redis"))) {
        const char *scheme = strcmp(p.scheme->name, "rediss") == 0 ? "rediss" : "redis";
        c.location = netloc.n ? str_format(a, "%s://%.*s%.*s", scheme, STR_FMT(netloc), STR_FMT(path))
                              : str_format(a, "unix:%.*s", STR_FMT(path));
    } else if (str_eq(c.backend, STR("memcached")) && netloc.n == 0) {
        c.location = str_format(a, "unix:%.*s", STR_FMT(path));
    } else {
        c.location = unquoted(a, str_concat(a, netloc, str_eq(path, STR("/")) ? STR("") : path));
    }
    if (!take_int(&p.options, "timeout", -1, &c.timeout, a, error) ||
        !take_int(&p.options, "version", 1, &c.version, a, error))
        return false;
    (void)take_option(&p.options, "key_prefix", &c.key_prefix);
    c.options = p.options.p;
    c.noptions = p.options.n;
    *out = c;
    return true;
}

bool email_url_parse(Settings *s, Str url, Str *error)
{
    Parsed p;
    Arena *a = s->arena;
    if (!parse(a, url, "email", email_schemes, CLEF_COUNT(email_schemes), &p, error))
        return false;
    s->email_backend = str_format(a, "django.core.mail.backends.%s.EmailBackend", p.scheme->gives);
    if (!p.scheme->port)
        return true;
    s->email_host = p.authority.host.n ? unquoted(a, p.authority.host) : STR("localhost");
    s->email_port = p.authority.port < 0 ? p.scheme->port : p.authority.port;
    s->email_host_user = unquoted(a, p.authority.user);
    s->email_host_password = unquoted(a, p.authority.password);
    s->email_use_ssl = p.scheme->port == 465;
    s->email_use_tls = p.scheme->port == 587;
    return true;
}
