/* command_squashmigrations.c: squashmigrations and optimizemigration. */
#include "cli/migration_files.h"
#include "migrations/graph.h"
#include "migrations/writer.h"
#include <clef/base/vec.h>

#include <unistd.h>

static void run_squash(CommandCall *c);
static void run_optimize(CommandCall *c);

const Command squashmigrations_command = {
    .name = "squashmigrations",
    .help = "Writes one migration that stands for several.",
    .description =
        "The migrations of an application up to the named one (from START on, if that is given) become one that "
        "replaces them: new databases take it, others take it as soon as they have had all of them.",
    .arguments = ARGUMENTS({ .name = "app_label", .help = "The application." },
                           { .name = "start_migration_name", .optional = true, .help = "The first to squash." },
                           { .name = "migration_name", .optional = true, .help = "The last to squash." }),
    .options =
        OPTIONS({ .name = "no-optimize", .help = "Keep every operation as it is." },
                { .name = "no-input", .help = "Ask nothing." },
                { .name = "squashed-name", .kind = OPTION_TEXT, .value = "NAME", .help = "The name of the new one." }),
    .run = run_squash,
};

const Command optimizemigration_command = {
    .name = "optimizemigration",
    .help = "Writes a migration anew in fewer operations.",
    .arguments = ARGUMENTS({ .name = "app_label", .help = "The application." },
                           { .name = "migration_name", .help = "The migration." }),
    .options = OPTIONS({ .name = "check", .help = "Exit with 1 when it can be optimized, and write nothing." }),
    .run = run_optimize,
};

static const char *argument(const CommandCall *c, size_t i)
{
    return i < c->arguments.n ? str_dup_c(c->cx.arena, c->arguments.p[i]) : NULL;
}

static void tell_of_functions(CommandCall *c, const Migration *m)
{
    if (operations_need_hands(m->operations))
        command_warn(
            c,
            "Your migrations contained functions that must be manually copied over: put their names in the places "
            "of COPY_THE_FUNCTION_HERE of %s.c.",
            m->name);
}

static void run_squash(CommandCall *c)
{
    Arena *a = c->cx.arena;
    Graph *g = graph_create(&c->cx, c->settings->installed_apps);
    const char *label = argument(c, 0), *first = argument(c, 1), *last = argument(c, 2);
    if (!first)
        RAISE(&c->cx, 500, "usage",
              "squashmigrations takes an application and a migration: squashmigrations APP [START] LAST");
    if (!last) {
        last = first;
        first = NULL;
    }
    const App *app = migration_app(c, g->apps, str_c(label));
    Node *end = graph_find(g, label, last), *start = first ? graph_find(g, label, first) : NULL;
    VEC(const Node *) nodes = { 0 };
    for (size_t i = 0; i < g->n; i++)
        if (same_c(g->nodes[i].m->app, label) && graph_follows(g, end, &g->nodes[i]) &&
            (!start || graph_follows(g, &g->nodes[i], start)))
            VEC_PUSH(a, &nodes, &g->nodes[i]);
    if (!nodes.n)
        RAISE(&c->cx, 500, "migration_error",
              "The migration '%s.%s' cannot be found. Maybe it comes after the migration '%s.%s'?", label, first, label,
              end->m->name);
    command_say(c, "Will squash the following migrations:");
    for (size_t i = 0; i < nodes.n; i++)
        command_say(c, " - %s", nodes.p[i]->m->name);
    if (!option_flag(c, "no-input") && isatty(STDIN_FILENO)) {
        Str answer;
        command_write(c, STR("Do you wish to proceed? [y/N] "));
        if (!answer_read(c, &answer) || !str_istarts(answer, STR("y")))
            return;
    }
    const char *name;
    if (option_given(c, "squashed-name"))
        name = str_format(a, "%.4s_%.*s", nodes.p[0]->m->name, STR_FMT(option_text(c, "squashed-name"))).p;
    else
        name = str_format(a, "%s_squashed_%s", nodes.p[0]->m->name, end->m->name).p;
    size_t before, after;
    Migration *m = migration_squash(g, nodes.p, nodes.n, name, !option_flag(c, "no-optimize"), &before, &after);
    if (option_flag(c, "no-optimize"))
        command_say(c, "(Skipping optimization.)");
    else if (before == after)
        command_say(c, "Optimizing...\n  No optimizations possible.");
    else
        command_say(c, "Optimizing...\n  Optimized from %zu operations to %zu operations.", before, after);
    Str path = migration_write(c, app, m->name, migration_source(a, m));
    migration_index_write(c, app, &m->name, 1);
    command_say(c,
                "Created new squashed migration %.*s\n"
                "  You should commit this migration but leave the old ones in place;\n"
                "  the new migration will be used for new installs. Once you are sure\n"
                "  all instances of the codebase have applied the migrations you squashed,\n"
                "  you can delete them.",
                STR_FMT(path));
    tell_of_functions(c, m);
}

static void run_optimize(CommandCall *c)
{
    Arena *a = c->cx.arena;
    Graph *g = graph_create(&c->cx, c->settings->installed_apps);
    const Node *node = graph_find(g, argument(c, 0), argument(c, 1));
    Migration m = *node->m;
    size_t before = operations_count(m.operations);
    Operation *settled = NEW_ARRAY(a, Operation, before + 1);
    for (size_t i = 0; i <= before; i++)
        settled[i] = i < before ? *operation_settled(&c->cx, &m.operations[i]) : (Operation){ .kind = OPERATION_NONE };
    m.operations = operations_optimize(a, m.app, settled);
    if (operations_count(m.operations) == before) {
        command_say(c, "No optimizations possible.");
        return;
    }
    command_say(c, "Optimizing from %zu operations to %zu operations.", before, operations_count(m.operations));
    if (option_flag(c, "check")) {
        c->status = 1;
        return;
    }
    Str path = migration_write(c, migration_app(c, g->apps, str_c(m.app)), m.name, migration_source(a, &m));
    command_say(c, "Optimized migration %.*s", STR_FMT(path));
    tell_of_functions(c, &m);
}
