/* command_database.c: flush, sqlflush, sqlsequencereset, dbshell. */
#define _GNU_SOURCE
#include "cli/migration_files.h"
#include "migrations/graph.h"
#include "orm/info.h"
#include <clef/base/vec.h>
#include <clef/orm/databases.h>
#include <clef/orm/transaction.h>
#include <clef/signals/builtin.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void run_flush(CommandCall *c);
static void run_sqlflush(CommandCall *c);
static void run_sequences(CommandCall *c);
static void run_shell(CommandCall *c);

#define DATABASE_OPTION                                                                   \
    {                                                                                     \
        .name = "database", .kind = OPTION_TEXT, .value = "ALIAS", .fallback = "default", \
        .help = "The database, by its alias in DATABASES."                                \
    }

const Command flush_command = {
    .name = "flush",
    .help = "Removes all rows of the models' tables.",
    .description = "The tables stay, and so does the history of migrations. Keys begin at 1 again.",
    .options = OPTIONS(DATABASE_OPTION, { .name = "no-input", .help = "Do not ask." }),
    .run = run_flush,
};

const Command sqlflush_command = {
    .name = "sqlflush",
    .help = "Prints the SQL of flush.",
    .options = OPTIONS(DATABASE_OPTION),
    .run = run_sqlflush,
};

const Command sqlsequencereset_command = {
    .name = "sqlsequencereset",
    .help = "Prints the SQL that lets the keys of applications go on behind the greatest one.",
    .arguments = ARGUMENTS({ .name = "app_label", .many = true, .help = "The applications." }),
    .options = OPTIONS(DATABASE_OPTION),
    .run = run_sequences,
};

const Command dbshell_command = {
    .name = "dbshell",
    .help = "Runs the database's own program: sqlite3, psql, mariadb.",
    .arguments =
        ARGUMENTS({ .name = "parameters", .optional = true, .many = true, .help = "Passed to it; behind a --." }),
    .options = OPTIONS(DATABASE_OPTION),
    .run = run_shell,
};

typedef VEC(Str) Texts;

static bool is_among(const Texts *texts, Str text)
{
    for (size_t i = 0; i < texts->n; i++)
        if (str_eq(texts->p[i], text))
            return true;
    return false;
}

static void add_table(CommandCall *c, Texts *out, const ModelInfo *info, Str alias)
{
    if (!info->m->unmanaged && !info->m->proxy && !info->m->abstract && !is_among(out, info->table) &&
        table_exists(&c->cx, alias, info->table))
        VEC_PUSH(c->cx.arena, out, info->table);
}

/* Those of the models that are there, in the order of the models. */
static Texts tables_of(CommandCall *c, Str alias)
{
    Texts tables = { 0 };
    for (size_t i = 0; model_at(i); i++) {
        const ModelInfo *info = model_at(i)->slot->info;
        add_table(c, &tables, info, alias);
        for (size_t j = 0; j < info->nbetween; j++)
            if (info->between[j].through)
                add_table(c, &tables, info->between[j].through, alias);
    }
    return tables;
}

static Str quoted(Arena *a, Str name) { return ddl_quoted(a, name); }

static Texts flush_statements(CommandCall *c, Str alias)
{
    Arena *a = c->cx.arena;
    Texts tables = tables_of(c, alias), out = { 0 };
    Str vendor = migration_vendor(&c->cx, alias);
    Buf names = BUF_INIT(a, 1 << 20);
    if (!tables.n)
        return out;
    bool sqlite = str_eq(vendor, STR("sqlite")), postgresql = str_eq(vendor, STR("postgresql"));
    if (!sqlite && !postgresql)
        VEC_PUSH(a, &out, STR("SET FOREIGN_KEY_CHECKS = 0;"));
    for (size_t i = 0; i < tables.n; i++) {
        Str name = quoted(a, tables.p[i]);
        buf_printf(&names, sqlite ? "%s'%.*s'" : "%s%.*s", i ? ", " : "",
                   STR_FMT(sqlite ? str_replace(a, tables.p[i], STR("'"), STR("''")) : name));
        if (sqlite)
            VEC_PUSH(a, &out, str_format(a, "DELETE FROM %.*s;", STR_FMT(name)));
        else if (!postgresql)
            VEC_PUSH(a, &out, str_format(a, "TRUNCATE %.*s;", STR_FMT(name)));
    }
    if (postgresql)
        VEC_PUSH(a, &out, str_format(a, "TRUNCATE %.*s RESTART IDENTITY;", STR_FMT(buf_view(&names))));
    else if (!sqlite)
        VEC_PUSH(a, &out, STR("SET FOREIGN_KEY_CHECKS = 1;"));
    else if (table_exists(&c->cx, alias, STR("sqlite_sequence")))
        VEC_PUSH(a, &out,
                 str_format(a, "UPDATE \"sqlite_sequence\" SET \"seq\" = 0 WHERE \"name\" IN (%.*s);",
                            STR_FMT(buf_view(&names))));
    return out;
}

static void print(CommandCall *c, const Texts *statements)
{
    command_write(c, STR("BEGIN;\n"));
    for (size_t i = 0; i < statements->n; i++)
        command_write(c, str_concat(c->cx.arena, statements->p[i], STR("\n")));
    command_write(c, STR("COMMIT;\n"));
}

static void run_sqlflush(CommandCall *c)
{
    Texts statements = flush_statements(c, option_text(c, "database"));
    if (!statements.n)
        command_warn(c, "No tables found.");
    else
        print(c, &statements);
}

static void announce(CommandCall *c, Str alias)
{
    for (const App *const *app = c->settings->installed_apps; app && *app; app++) {
        MigrateSignal event = { .app_label = (*app)->label, .using = str_dup_c(c->cx.arena, alias) };
        if ((*app)->models && (*app)->models[0])
            signal_send(&c->cx, &post_migrate, *app, &event);
    }
}

static void run_flush(CommandCall *c)
{
    Str alias = option_text(c, "database"), answer;
    Texts statements = flush_statements(c, alias);
    Str name = db_pool_config(databases_pool(c->cx.databases, alias))->name;
    if (!option_flag(c, "no-input")) {
        command_write(c, str_format(c->cx.arena,
                                    "You have requested a flush of the database.\n"
                                    "This will IRREVERSIBLY DESTROY all data currently in the \"%.*s\" database,\n"
                                    "and return each table to an empty state.\n"
                                    "Are you sure you want to do this?\n\n"
                                    "    Type 'yes' to continue, or 'no' to cancel: ",
                                    STR_FMT(name)));
        if (!answer_read(c, &answer) || !str_eq(answer, STR("yes"))) {
            command_say(c, "Flush cancelled.");
            return;
        }
    }
    /* Rows go in any order: foreign keys are looked at when all are gone. */
    ATOMIC(&c->cx, .using = alias)
    {
        if (str_eq(migration_vendor(&c->cx, alias), STR("sqlite")))
            sql_execute(&c->cx, alias, STR("PRAGMA defer_foreign_keys = ON"), NULL, 0);
        for (size_t i = 0; i < statements.n; i++)
            sql_execute(&c->cx, alias, str_slice(statements.p[i], 0, statements.p[i].n - 1), NULL, 0);
    }
    announce(c, alias);
}

static void run_sequences(CommandCall *c)
{
    Arena *a = c->cx.arena;
    Str alias = option_text(c, "database");
    Texts out = { 0 };
    bool postgresql = str_eq(migration_vendor(&c->cx, alias), STR("postgresql"));
    for (size_t i = 0; i < c->arguments.n; i++)
        (void)migration_app(c, c->settings->installed_apps, c->arguments.p[i]);
    for (size_t i = 0; postgresql && model_at(i); i++) {
        const ModelInfo *info = model_at(i)->slot->info;
        bool wanted = false;
        for (size_t j = 0; j < c->arguments.n; j++)
            wanted |= str_eq(info->label, c->arguments.p[j]);
        if (!wanted || info->m->unmanaged || info->m->proxy || info->m->abstract || !info->pk ||
            !field_is_auto(info->pk->f))
            continue;
        Str table = quoted(a, info->table), key = info->pk->quoted;
        VEC_PUSH(
            a, &out,
            str_format(a,
                       "SELECT setval(pg_get_serial_sequence('%.*s','%.*s'), coalesce(max(%.*s), 1), max(%.*s) IS NOT "
                       "null) FROM %.*s;",
                       STR_FMT(table), STR_FMT(info->pk->column), STR_FMT(key), STR_FMT(key), STR_FMT(table)));
    }
    if (!out.n)
        command_warn(c, "No sequences found.");
    else
        print(c, &out);
}

/* --- dbshell */

static void option(CommandCall *c, Texts *words, const char *format, Str value)
{
    if (!value.n)
        return;
    Str word = str_replace(c->cx.arena, str_c(format), STR("%s"), value);
    VEC_PUSH(c->cx.arena, words, word);
}

static void run_shell(CommandCall *c)
{
    Arena *a = c->cx.arena;
    Str alias = option_text(c, "database"), vendor = migration_vendor(&c->cx, alias);
    const DbConfig *config = db_pool_config(databases_pool(c->cx.databases, alias));
    Texts words = { 0 };
    bool sqlite = str_eq(vendor, STR("sqlite")), postgresql = str_eq(vendor, STR("postgresql"));
    VEC_PUSH(a, &words, sqlite ? STR("sqlite3") : postgresql ? STR("psql") : STR("mariadb"));
    if (!sqlite) {
        option(c, &words, postgresql ? "--username=%s" : "--user=%s", config->user);
        option(c, &words, "--host=%s", config->host);
        option(c, &words, "--port=%s", config->port);
        if (config->password.n) /* not in the list of processes */
            setenv(postgresql ? "PGPASSWORD" : "MYSQL_PWD", str_dup_c(a, config->password), 1);
    }
    if (!sqlite)
        for (size_t i = 0; i < c->arguments.n; i++)
            VEC_PUSH(a, &words, c->arguments.p[i]);
    VEC_PUSH(a, &words, config->name);
    if (sqlite)
        for (size_t i = 0; i < c->arguments.n; i++)
            VEC_PUSH(a, &words, c->arguments.p[i]);
    char **argv = NEW_ARRAY(a, char *, words.n + 1);
    for (size_t i = 0; i < words.n; i++)
        argv[i] = str_dup_c(a, words.p[i]);
    execvp(argv[0], argv);
    RAISE(&c->cx, 500, "cannot_run", "You appear not to have the %s program installed or on your path (%s).", argv[0],
          strerror(errno));
}
