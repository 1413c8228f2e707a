/* command_migrate.c: migrate, showmigrations, sqlmigrate. */
#include "cli/commands.h"
#include "migrations/graph.h"
#include <clef/migrations.h>
#include <clef/orm/databases.h>

static void run_migrate(CommandCall *c);
static void run_show(CommandCall *c);
static void run_sql(CommandCall *c);

#define DATABASE_OPTION                                                                   \
    {                                                                                     \
        .name = "database", .kind = OPTION_TEXT, .value = "ALIAS", .fallback = "default", \
        .help = "The database, by its alias in DATABASES."                                \
    }

const Command migrate_command = {
    .name = "migrate",
    .help = "Brings the database to the state of the migrations.",
    .description =
        "Without arguments all applications are brought to their newest migration; with an application, that "
        "one. With a migration's name (its beginning, if that is enough) forwards or back to it; zero takes "
        "back all of the application.",
    .arguments = ARGUMENTS({ .name = "app_label", .optional = true, .help = "The application." },
                           { .name = "migration_name", .optional = true, .help = "The migration, or zero." }),
    .options = OPTIONS(
        DATABASE_OPTION, { .name = "fake", .help = "Only write down that the migrations were run." },
        { .name = "fake-initial", .help = "Likewise for an initial migration whose tables are there." },
        { .name = "plan", .help = "Show what would be done, and do nothing." },
        { .name = "check", .help = "Exit with 1 when there is something to do, and do nothing." },
        { .name = "run-syncdb", .help = "For Django's sake: applications without migrations always get their tables." },
        { .name = "no-input", .help = "For Django's sake: migrate asks nothing." },
        { .name = "prune", .help = "Forget applied migrations that the application lists no more." }),
    .run = run_migrate,
};

const Command showmigrations_command = {
    .name = "showmigrations",
    .help = "Shows the migrations, those that were applied with a mark.",
    .arguments = ARGUMENTS({ .name = "app_label", .optional = true, .many = true, .help = "Only these applications." }),
    .options =
        OPTIONS(DATABASE_OPTION, { .name = "list", .letter = 'l', .help = "By application. This is what it does." },
                { .name = "plan", .letter = 'p', .help = "In the order in which they are applied." }),
    .run = run_show,
};

const Command sqlmigrate_command = {
    .name = "sqlmigrate",
    .help = "Prints the SQL of a migration.",
    .arguments = ARGUMENTS({ .name = "app_label", .help = "The application." },
                           { .name = "migration_name", .help = "The migration." }),
    .options = OPTIONS(DATABASE_OPTION, { .name = "backwards", .help = "The SQL that takes it back." }),
    .run = run_sql,
};

static const char *argument(const CommandCall *c, size_t i)
{
    return i < c->arguments.n ? str_dup_c(c->cx.arena, c->arguments.p[i]) : NULL;
}

static Graph *graph_of(CommandCall *c, bool history)
{
    const App *const *apps = c->settings->installed_apps;
    return history ? graph_with_history(&c->cx, apps, option_text(c, "database")) : graph_create(&c->cx, apps);
}

/* --- migrate */

static void tell(void *arg, const MigrateProgress *now)
{
    CommandCall *c = arg;
    if (c->verbosity < 1)
        return;
    if (now->done)
        command_write(c, now->faked ? STR(" FAKED\n") : STR(" OK\n"));
    else
        command_write(c, str_format(c->cx.arena, "  %s %s.%s...", now->backwards ? "Unapplying" : "Applying",
                                    now->app_label, now->name));
}

static void show_plan(CommandCall *c, Graph *g, const PlanStep *plan, size_t n)
{
    Str vendor = migration_vendor(&c->cx, option_text(c, "database"));
    command_say(c, "Planned operations:");
    if (!n)
        command_say(c, "  No planned migration operations.");
    for (size_t i = 0; i < n; i++) {
        const Migration *m = plan[i].node->m;
        ProjectState *state = graph_state(g, false, plan[i].node);
        command_say(c, "%s.%s", m->app, m->name);
        for (const Operation *op = m->operations; op && op->kind; op++) {
            command_say(c, "    %s%.*s", plan[i].backwards ? "Undo " : "",
                        STR_FMT(operation_describe(c->cx.arena, op)));
            Str why = plan[i].backwards ? (Str){ 0 } : operation_lint(&c->cx, vendor, m->app, op, state);
            if (why.n)
                command_say(c, "        careful: %.*s", STR_FMT(why));
            state_apply(&c->cx, state, m->app, op);
        }
    }
}

static bool is_listed(const Graph *g, Str app, Str name)
{
    for (size_t i = 0; i < g->n; i++)
        if (str_eq(app, str_c(g->nodes[i].m->app)) && str_eq(name, str_c(g->nodes[i].m->name)))
            return true;
    for (const App *const *a = g->apps; *a; a++) /* those that a squashed one stands for are in no graph */
        for (size_t i = 0; (*a)->migrations && (*a)->migrations[i]; i++)
            if (str_eq(app, str_c((*a)->migrations[i]->app)) && str_eq(name, str_c((*a)->migrations[i]->name)))
                return true;
    return false;
}

/* A squashed migration that still says what it replaces needs their records, to be known as applied. */
static void check_squashed(CommandCall *c, const Graph *g, const char *app, const SqlRows *rows)
{
    Buf names = BUF_INIT(c->cx.arena, 1 << 14);
    for (const App *const *a = g->apps; *a; a++)
        for (size_t i = 0; (*a)->migrations && (*a)->migrations[i]; i++) {
            const Migration *m = (*a)->migrations[i];
            bool goes = false;
            for (const MigrationKey *k = m->replaces; k && k->app; k++)
                for (size_t j = 0; j < rows->n; j++)
                    goes |= same_c(k->app, app) && str_eq(str_c(k->name), rows->rows[j][0].s) &&
                            !is_listed(g, str_c(app), rows->rows[j][0].s);
            if (goes)
                buf_printf(&names, "\n  %s.%s", m->app, m->name);
        }
    if (names.n)
        RAISE(
            &c->cx, 500, "usage",
            "Cannot use --prune because the following squashed migrations have their .replaces and may not be recorded "
            "as applied:%.*s\nRun 'migrate' again if they are not marked as applied, and take .replaces out of them.",
            STR_FMT(buf_view(&names)));
}

static void prune(CommandCall *c, const Graph *g, const char *app)
{
    Str alias = option_text(c, "database");
    if (!app)
        RAISE(&c->cx, 500, "usage", "Migrations can be pruned only when an app is specified: migrate APP --prune");
    Value label = value_str(str_c(app));
    SqlRows rows =
        history_exists(&c->cx, alias)
            ? sql_query(&c->cx, alias, STR("SELECT \"name\" FROM \"django_migrations\" WHERE \"app\" = ?"), &label, 1)
            : (SqlRows){ 0 };
    size_t n = 0;
    check_squashed(c, g, app, &rows);
    command_say(c, "Pruning migrations:");
    for (size_t i = 0; i < rows.n; i++) {
        if (is_listed(g, str_c(app), rows.rows[i][0].s))
            continue;
        Value params[] = { label, rows.rows[i][0] };
        sql_execute(&c->cx, alias, STR("DELETE FROM \"django_migrations\" WHERE \"app\" = ? AND \"name\" = ?"), params,
                    2);
        command_say(c, "  Pruning %s.%.*s OK", app, STR_FMT(rows.rows[i][0].s));
        n++;
    }
    if (!n)
        command_say(c, "  No migrations to prune.");
}

/* What the code has and no migration makes. */
static void tell_of_changes(CommandCall *c, Graph *g)
{
    const Questioner nobody = { 0 };
    Change *changes;
    size_t n = changes_detect(&c->cx, graph_state(g, false, NULL), state_of_apps(&c->cx, c->settings->installed_apps),
                              &nobody, NULL, NULL, &changes);
    if (!n)
        return;
    Buf b = BUF_INIT(c->cx.arena, 1 << 14);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || !same_c(changes[i].app, changes[i - 1].app))
            buf_printf(&b, "%s'%s'", b.n ? ", " : "", changes[i].app);
    command_say(c,
                "  Your models in app(s): %.*s have changes that are not yet reflected in a migration, and so won't be "
                "applied.\n  Run 'makemigrations' to make new migrations, and then run 'migrate' again to apply "
                "them.",
                STR_FMT(buf_view(&b)));
}

static void say_what(CommandCall *c, Graph *g, const char *app, const char *name)
{
    Buf labels = BUF_INIT(c->cx.arena, 1 << 16);
    for (size_t i = 0; g->apps[i]; i++) {
        Node *leaf;
        if (graph_leaves(g, g->apps[i]->label, &leaf, 1))
            buf_printf(&labels, "%s%s", labels.n ? ", " : "", g->apps[i]->label);
    }
    command_say(c, "Operations to perform:");
    if (app && same_c(name, "zero"))
        command_say(c, "  Unapply all migrations: %s", app);
    else if (app && name)
        command_say(c, "  Target specific migration: %s, from %s", graph_find(g, app, name)->m->name, app);
    else if (app)
        command_say(c, "  Apply all migrations: %s", app);
    else
        command_say(c, "  Apply all migrations: %.*s", STR_FMT(labels.n ? buf_view(&labels) : STR("(none)")));
}

static void run_migrate(CommandCall *c)
{
    PlanStep *plan;
    const char *app = argument(c, 0), *name = argument(c, 1);
    Graph *g = graph_of(c, true);
    if (option_flag(c, "prune")) {
        prune(c, g, app);
        return;
    }
    graph_check_history(g, option_text(c, "database"));
    size_t n = migrate_plan(g, app, name, &plan);
    if (option_flag(c, "plan"))
        show_plan(c, g, plan, n);
    if (option_flag(c, "check") && n)
        c->status = 1;
    if (option_flag(c, "plan") || option_flag(c, "check"))
        return;
    say_what(c, g, app, name);
    command_say(c, "Running migrations:");
    MigrateOptions options = { .alias = option_text(c, "database"),
                               .app = app,
                               .name = name,
                               .fake = option_flag(c, "fake"),
                               .fake_initial = option_flag(c, "fake-initial"),
                               .progress = tell,
                               .arg = c };
    if (migrate_to(&c->cx, c->settings->installed_apps, &options) == 0) {
        command_say(c, "  No migrations to apply.");
        tell_of_changes(c, g);
    }
}

/* --- showmigrations */

static bool is_wanted(CommandCall *c, const char *label)
{
    for (size_t i = 0; i < c->arguments.n; i++)
        if (str_eq(c->arguments.p[i], str_c(label)))
            return true;
    return c->arguments.n == 0;
}

static void run_show(CommandCall *c)
{
    Graph *g = graph_of(c, true);
    for (size_t i = 0; i < c->arguments.n; i++) {
        bool known = false;
        for (const App *const *app = g->apps; *app; app++)
            known |= str_eq(c->arguments.p[i], str_c((*app)->label));
        if (!known)
            RAISE(&c->cx, 500, "lookup_error", "No installed app with label '%.*s'.", STR_FMT(c->arguments.p[i]));
    }
    if (option_flag(c, "plan")) {
        for (size_t i = 0; i < g->n; i++)
            if (is_wanted(c, g->nodes[i].m->app))
                command_say(c, "[%s]  %s.%s", g->nodes[i].applied ? "X" : " ", g->nodes[i].m->app, g->nodes[i].m->name);
        return;
    }
    for (const App *const *app = g->apps; *app; app++) {
        bool any = false;
        if (!is_wanted(c, (*app)->label))
            continue;
        command_say(c, "%s", (*app)->label);
        for (size_t i = 0; i < g->n; i++)
            if (same_c(g->nodes[i].m->app, (*app)->label)) {
                command_say(c, " [%s] %s", g->nodes[i].applied ? "X" : " ", g->nodes[i].m->name);
                any = true;
            }
        if (!any)
            command_say(c, " (no migrations)");
    }
}

/* --- sqlmigrate */

static void print(void *arg, Str sql)
{
    CommandCall *c = arg;
    command_write(c, str_concat(c->cx.arena, sql, STR("\n")));
}

static void run_sql(CommandCall *c)
{
    Graph *g = graph_of(c, false);
    Node *node = graph_find(g, argument(c, 0), argument(c, 1));
    migration_sql(g, option_text(c, "database"), node, option_flag(c, "backwards"), print, c);
}
