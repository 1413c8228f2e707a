/* settings.c: the databases that settings describe. */
#include <clef/db/sqlite.h>
#include <clef/orm/databases.h>
#include <clef/orm/model.h>

/* Django's dotted names too: "django.db.backends.sqlite3". */
static const DbDriver *driver_of(Str engine)
{
    size_t dot = str_rfind_byte(engine, '.');
    Str word = dot == STR_NPOS ? engine : str_from_byte(engine, dot + 1);
    return str_eq(word, STR("sqlite3")) || str_eq(word, STR("sqlite")) ? &sqlite_driver : NULL;
}

Databases *databases_from_settings(Arena *a, const Settings *settings, Str *error)
{
    DbConfig *configs = NEW_ARRAY(a, DbConfig, settings->ndatabases ? settings->ndatabases : 1);
    for (size_t i = 0; i < settings->ndatabases; i++) {
        const DatabaseSettings *s = &settings->databases[i];
        const DbDriver *driver = driver_of(s->engine);
        if (!driver) {
            *error = str_format(
                a, "DATABASES: '%.*s' of the database '%.*s' isn't an available database engine: there is sqlite3.",
                STR_FMT(s->engine), STR_FMT(s->alias));
            return NULL;
        }
        DbOption *options = NEW_ARRAY(a, DbOption, s->noptions ? s->noptions : 1);
        for (size_t j = 0; j < s->noptions; j++)
            options[j] = (DbOption){ s->options[j].name, s->options[j].value };
        configs[i] = (DbConfig){ .alias = s->alias.n ? s->alias : STR("default"),
                                 .driver = driver,
                                 .name = s->name,
                                 .user = s->user,
                                 .password = s->password,
                                 .host = s->host,
                                 .port = s->port,
                                 .options = options,
                                 .noptions = s->noptions };
    }
    return databases_create(a, configs, settings->ndatabases);
}

static void destroy(void *databases) { databases_destroy(databases); }

void databases_start(Context *cx, const Settings *settings)
{
    Str error;
    if (cx->databases)
        return;
    if (!apps_populate(cx->arena, settings->installed_apps, &error))
        RAISE(cx, 500, "improperly_configured", "The models cannot be used: %.*s", STR_FMT(error));
    Databases *databases = databases_from_settings(cx->arena, settings, &error);
    if (!databases)
        RAISE(cx, 500, "improperly_configured", "%.*s", STR_FMT(error));
    DEFER(cx, destroy, databases);
    cx->databases = databases;
}
