/* migrate.c: the history in django_migrations, and what is not in it yet. */
#include <clef/migrations/migrate.h>
#include <clef/orm/databases.h>
#include <clef/orm/schema.h>
#include <clef/orm/transaction.h>
#include <clef/signals/builtin.h>

static void make_history(Context *cx, Str alias)
{
    sql_execute(
        cx, alias,
        STR("CREATE TABLE IF NOT EXISTS \"django_migrations\" (\"id\" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "
            "\"app\" varchar(255) NOT NULL, \"name\" varchar(255) NOT NULL, \"applied\" datetime NOT NULL)"),
        NULL, 0);
}

static bool has_history(Context *cx, Str alias)
{
    return sql_query(cx, alias, STR("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'django_migrations'"),
                     NULL, 0)
               .n > 0;
}

static bool is_recorded(Context *cx, Str alias, Str app_label, Str name)
{
    Value params[] = { value_str(app_label), value_str(name) };
    return sql_query(cx, alias, STR("SELECT 1 FROM \"django_migrations\" WHERE \"app\" = ? AND \"name\" = ?"), params,
                     2)
               .n > 0;
}

bool migration_is_applied(Context *cx, Str alias, Str app_label, Str name)
{
    return has_history(cx, alias) && is_recorded(cx, alias, app_label, name);
}

static void apply(Context *cx, Str alias, const App *app, Str name)
{
    Value params[] = { value_str(str_c(app->label)), value_str(name), value_datetime(datetime_now(), NULL) };
    ATOMIC(cx, .using = alias)
    {
        schema_create(cx, alias, app);
        sql_execute(cx, alias,
                    STR("INSERT INTO \"django_migrations\" (\"app\", \"name\", \"applied\") VALUES (?, ?, ?)"), params,
                    3);
    }
}

size_t migrate(Context *cx, Str alias, const App *const *apps, MigrateProgressFn *progress, void *arg)
{
    size_t applied = 0;
    Str name = STR("0001_initial");
    make_history(cx, alias);
    for (size_t i = 0; apps && apps[i]; i++) {
        const App *app = apps[i];
        if (!app->models || !app->models[0])
            continue;
        MigrateSignal event = { .app_label = app->label, .using = alias.n ? str_dup_c(cx->arena, alias) : "default" };
        signal_send(cx, &pre_migrate, app, &event);
        if (!is_recorded(cx, alias, str_c(app->label), name)) {
            if (progress)
                progress(arg, app->label, name.p, false);
            apply(cx, alias, app, name);
            applied++;
            if (progress)
                progress(arg, app->label, name.p, true);
        }
        signal_send(cx, &post_migrate, app, &event);
    }
    return applied;
}
