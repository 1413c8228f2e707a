/* settings.c: the databases that settings describe, and the log of slow statements. */
#include "orm/shape.h"
#include "orm/work.h"
#include <clef/base/log.h>
#include <clef/db/mysql.h>
#include <clef/db/postgresql.h>
#include <clef/db/sqlite.h>
#include <clef/orm/databases.h>
#include <clef/orm/fetch.h>
#include <clef/orm/model.h>
#include <clef/orm/router.h>
#include <clef/orm/swap.h>

enum { LOGGED_SQL_MAX = 4000 };

/* Django's dotted names too: "django.db.backends.sqlite3". */
static const DbDriver *driver_of(Str engine)
{
    static const struct {
        const char *word;
        const DbDriver *driver;
    } drivers[] = { { "sqlite3", &sqlite_driver },        { "sqlite", &sqlite_driver },
                    { "postgresql", &postgresql_driver }, { "postgres", &postgresql_driver },
                    { "psycopg", &postgresql_driver },    { "mysql", &mysql_driver },
                    { "mariadb", &mariadb_driver } };
    size_t dot = str_rfind_byte(engine, '.');
    Str word = dot == STR_NPOS ? engine : str_from_byte(engine, dot + 1);
    for (size_t i = 0; i < CLEF_COUNT(drivers); i++)
        if (str_eq(word, str_c(drivers[i].word)))
            return drivers[i].driver;
    return NULL;
}

static LogComponent *log_of(const Settings *s) { return s->logger ? logger_component(s->logger, STR("db")) : NULL; }

static void log_notice(void *arg, Str alias, Str severity, Str message)
{
    LogComponent *log = arg;
    if (str_eq(severity, STR("WARNING")))
        LOGGER_WARNING(log, "the database remarks", "database", alias, "remark", message);
    else
        LOGGER_DEBUG(log, "the database remarks", "database", alias, "severity", severity, "remark", message);
}

/* Without parameters, which may be anybody's secrets. */
static void log_slow(void *arg, const DbQueryEvent *event)
{
    LogComponent *log = arg;
    LOGGER_WARNING(log, "slow query", "database", event->connection->config->alias, "ms", event->duration_ns / 1000000,
                   "sql", str_slice(event->sql, 0, LOGGED_SQL_MAX), "parameters", (int64_t)event->nparams);
}

static void log_one_by_one(void *arg, const OneByOne *what)
{
    LogComponent *log = arg;
    LOGGER_WARNING(log, "a relation is loaded row by row (N+1)", "model", str_c(what->model->name), "member",
                   what->member, "statements", (int64_t)what->statements, "file", str_c(what->file ? what->file : ""),
                   "line", (int64_t)what->line, "remedy", what->remedy);
}

static FetchMode fetch_mode_named(Str name)
{
    return str_eq(name, STR("raise")) ? FETCH_RAISE : str_eq(name, STR("one")) ? FETCH_ONE : FETCH_PEERS;
}

static bool take_number(Arena *a, const DatabaseSettings *s, const char *name, int64_t most, int64_t *out, Str *error)
{
    for (size_t i = 0; i < s->noptions; i++)
        if (str_eq(s->options[i].name, str_c(name)) &&
            (!str_to_i64(s->options[i].value, out) || *out < 1 || *out > most)) {
            *error = str_format(a, "DATABASES: the option '%s' of '%.*s' is a number from 1 to %lld.", name,
                                STR_FMT(s->alias), (long long)most);
            return false;
        }
    return true;
}

static bool read_config(Arena *a, const DatabaseSettings *s, LogComponent *log, DbConfig *out, Str *error)
{
    const DbDriver *driver = driver_of(s->engine);
    int64_t pool_size = 0, pool_wait = 0;
    if (!driver) {
        *error = str_format(
            a,
            "DATABASES: '%.*s' of the database '%.*s' isn't an available database engine: there are sqlite3, "
            "postgresql, mysql and mariadb.",
            STR_FMT(s->engine), STR_FMT(s->alias));
        return false;
    }
    if (!take_number(a, s, "pool_size", 10000, &pool_size, error) ||
        !take_number(a, s, "pool_wait", 86400, &pool_wait, error))
        return false;
    DbOption *options = NEW_ARRAY(a, DbOption, s->noptions ? s->noptions : 1);
    for (size_t j = 0; j < s->noptions; j++)
        options[j] = (DbOption){ s->options[j].name, s->options[j].value };
    *out = (DbConfig){ .alias = s->alias.n ? s->alias : STR("default"),
                       .driver = driver,
                       .name = s->name,
                       .user = s->user,
                       .password = s->password,
                       .host = s->host,
                       .port = s->port,
                       .options = options,
                       .noptions = s->noptions,
                       .max_age_ms =
                           s->conn_max_age > 0 && s->conn_max_age < INT64_MAX / 1000 ? s->conn_max_age * 1000 : 0,
                       .pool_size = (unsigned)pool_size,
                       .pool_wait_ms = pool_wait * 1000,
                       .health_checks = s->conn_health_checks,
                       .on_notice = log_notice,
                       .on_notice_arg = log };
    return true;
}

Databases *databases_from_settings(Arena *a, const Settings *settings, Str *error)
{
    DbConfig *configs = NEW_ARRAY(a, DbConfig, settings->ndatabases ? settings->ndatabases : 1);
    for (size_t i = 0; i < settings->ndatabases; i++)
        if (!read_config(a, &settings->databases[i], log_of(settings), &configs[i], error))
            return NULL;
    return databases_create(a, configs, settings->ndatabases);
}

static void forget_swaps(void *nothing)
{
    (void)nothing;
    swaps_install((Str){ 0 }, (StrList){ 0 });
}

static void destroy(void *databases) { databases_destroy(databases); }

void databases_start(Context *cx, const Settings *settings)
{
    Str error;
    if (cx->databases)
        return;
    routers_install(settings->database_routers); /* models may share tables then */
    swaps_install(settings->auth_user_model, settings->swapped_models);
    DEFER(cx, forget_swaps, NULL); /* the settings' texts end with their arena */
    if (!apps_populate(cx->arena, settings->installed_apps, &error))
        RAISE(cx, 500, "improperly_configured", "The models cannot be used: %.*s", STR_FMT(error));
    Databases *databases = databases_from_settings(cx->arena, settings, &error);
    if (!databases)
        RAISE(cx, 500, "improperly_configured", "%.*s", STR_FMT(error));
    DEFER(cx, destroy, databases);
    cx->databases = databases;
    if (settings->slow_query_ms >= 0 && settings->logger)
        sql_on_slow(settings->slow_query_ms * 1000000, log_slow, log_of(settings));
    if (settings->debug && settings->one_by_one_limit > 0 && settings->logger)
        fetch_on_one_by_one((size_t)settings->one_by_one_limit, log_one_by_one, log_of(settings));
    shapes_limit((size_t)settings->cached_queries);
    fetch_mode_install(fetch_mode_named(settings->fetch_mode));
}
