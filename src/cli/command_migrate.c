/* command_migrate.c: migrate: the tables of the project's models. */
#include "cli/commands.h"
#include <clef/migrations.h>
#include <clef/orm/databases.h>

static void run_migrate(CommandCall *c);

const Command migrate_command = {
    .name = "migrate",
    .help = "Makes the tables of the models that the database has not got yet.",
    .options = OPTIONS({ .name = "database",
                         .kind = OPTION_TEXT,
                         .value = "alias",
                         .fallback = "default",
                         .help = "The database, by its alias in DATABASES." }),
    .run = run_migrate,
};

static void tell(void *arg, const char *app_label, const char *name, bool applied)
{
    CommandCall *c = arg;
    if (c->verbosity > 0 && applied)
        command_say(c, "  Applying %s.%s... OK", app_label, name);
}

static void run_migrate(CommandCall *c)
{
    size_t n = migrate(&c->cx, option_text(c, "database"), c->settings->installed_apps, tell, c);
    if (!n && c->verbosity > 0)
        command_say(c, "  No migrations to apply.");
}
