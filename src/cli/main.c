/* main.c: the main program of a project: which command, with which settings, and what its end means. */
#define _GNU_SOURCE
#include "cli/commands.h"
#include <clef/orm/databases.h>

#include <stdlib.h>
#include <unistd.h>

/* clang-format off */
static const Command *const builtin[] = {
    &check_command,
    &compilemessages_command,
    &compiletemplates_command,
    &completion_command,
    &dbshell_command,
    &develop_command,
    &diffsettings_command,
    &dumpdata_command,
    &flush_command,
    &help_command,
    &inspectdb_command,
    &loaddata_command,
    &makemessages_command,
    &makemigrations_command,
    &migrate_command,
    &optimizemigration_command,
    &remove_stale_contenttypes_command,
    &runserver_command,
    &serve_command,
    &shell_command,
    &showmigrations_command,
    &showurls_command,
    &sqlflush_command,
    &sqlmigrate_command,
    &sqlsequencereset_command,
    &squashmigrations_command,
    &test_project_command,
    &version_command,
    NULL,
};
/* clang-format on */
const Command *const *const builtin_commands = builtin;

enum { COMMANDS_MAX = 512 };

/* ---- commands ---- */

const Command *command_find(const Command *const *commands, Str name)
{
    for (; commands && *commands; commands++)
        if (str_eq(str_c((*commands)->name), name))
            return *commands;
    return NULL;
}

static size_t add_commands(const Command **to, size_t n, const Command *const *from)
{
    for (; from && *from && n < COMMANDS_MAX; from++)
        if (!command_find(to, str_c((*from)->name))) /* the first of a name is the one, as in Django */
            to[n++] = *from;
    return n;
}

const Command *const *project_commands(const Project *project, const Settings *settings, Arena *a)
{
    const Command **all = NEW_ARRAY(a, const Command *, COMMANDS_MAX + 1);
    size_t n = add_commands(all, 0, project->commands);
    for (const App *const *app = settings ? settings->installed_apps : NULL; app && *app; app++)
        n = add_commands(all, n, (*app)->commands);
    add_commands(all, n, builtin_commands);
    return all;
}

Str project_name(const Project *project, char **argv)
{
    if (project->name)
        return str_c(project->name);
    Str program = str_c(argv && argv[0] ? argv[0] : "clef");
    size_t slash = str_rfind_byte(program, '/');
    return slash == STR_NPOS ? program : str_from_byte(program, slash + 1);
}

/* ---- a run ---- */

typedef struct Run {
    const Project *project;
    Arena *arena;
    Str program;
    GeneralOptions general;
    Settings settings;
    SettingsProblems problems;
    bool loaded;
} Run;

static void load(Run *r)
{
    if (r->loaded)
        return;
    r->loaded = true;
    r->problems = settings_load(&r->settings, r->arena, r->project->settings, r->general.settings);
}

static void complain(Run *r, Str text)
{
    output_write(STDERR_FILENO, str_format(r->arena, "%.*s: %.*s\n", STR_FMT(r->program), STR_FMT(text)));
}

static void tell_problems(Run *r)
{
    complain(r, STR("the settings cannot be used:"));
    for (size_t i = 0; i < r->problems.n; i++)
        output_write(STDERR_FILENO, str_format(r->arena, "  %.*s\n", STR_FMT(r->problems.p[i].text)));
}

static int unknown_command(Run *r, Str name)
{
    const char *names[COMMANDS_MAX];
    size_t n = 0;
    for (const Command *const *c = project_commands(r->project, r->loaded ? &r->settings : NULL, r->arena); *c; c++)
        names[n++] = (*c)->name;
    const char *near = nearest_name(name, names, n);
    complain(r, near ? str_format(r->arena, "there is no command '%.*s'; did you mean '%s'?", STR_FMT(name), near)
                     : str_format(r->arena, "there is no command '%.*s'; '%.*s help' lists them", STR_FMT(name),
                                  STR_FMT(r->program)));
    return EXIT_USAGE;
}

static bool wants_colour(const GeneralOptions *g)
{
    if (g->no_colour || g->force_colour)
        return g->force_colour && !g->no_colour;
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return (!no || !*no) && isatty(STDOUT_FILENO) && (!term || strcmp(term, "dumb") != 0);
}

static void run_command(Context *cx, void *arg)
{
    (void)cx;
    CommandCall *c = arg;
    if (c->settings && !c->command->unchecked) {
        project_labels(&c->cx, c->settings->installed_apps);
        project_start(&c->cx, c->settings);
    }
    c->command->run(c);
}

static int run(Run *r, const Command *command, int argc, char **argv, int at)
{
    CommandCall c = { .project = r->project, .command = command, .argc = argc, .argv = argv };
    Str error;
    context_init(&c.cx, r->arena);
    if (!options_read(&c, argv + at, (size_t)(argc - at), &r->general, &error)) {
        complain(r, error);
        output_write(STDERR_FILENO, str_format(r->arena, "'%.*s %s --help' says how it is used\n", STR_FMT(r->program),
                                               command->name));
        return EXIT_USAGE;
    }
    if (r->general.help) {
        Buf b = BUF_INIT(r->arena, 1 << 20);
        help_of_command(&b, r->program, command);
        output_write(STDOUT_FILENO, buf_view(&b));
        return 0;
    }
    c.verbosity = r->general.verbosity;
    c.colour = wants_colour(&r->general);
    if (!command->no_settings) {
        load(r);
        if (r->problems.n && !command->unchecked) {
            tell_problems(r);
            return 1;
        }
        c.settings = &r->settings;
        c.problems = r->problems;
    }
    const Error *e = attempt(&c.cx, run_command, &c);
    if (e) {
        complain(r, e->message);
        if (e->hint.n)
            output_write(STDERR_FILENO, str_format(r->arena, "  %.*s\n", STR_FMT(e->hint)));
        c.status = c.status ? c.status : 1;
    }
    context_finish(&c.cx);
    return c.status;
}

int call_command(Context *cx, const Project *project, Settings *settings, const char *const *words)
{
    const Command *command = command_find(project_commands(project, settings, cx->arena), str_c(words[0]));
    if (!command)
        RAISE(cx, 500, "command_error", "Unknown command: '%s'", words[0]);
    CommandCall *c = NEW(cx->arena, CommandCall);
    *c = (CommandCall){ .project = project, .command = command, .settings = settings };
    GeneralOptions general = { .verbosity = 1 };
    size_t n = 0;
    while (words[n])
        n++;
    char **copy = NEW_ARRAY(cx->arena, char *, n + 1);
    for (size_t i = 0; i < n; i++)
        copy[i] = str_dup_c(cx->arena, str_c(words[i]));
    c->argc = (int)n;
    c->argv = copy;
    context_init(&c->cx, arena_create(cx->arena, 0, 0));
    c->cx.databases = cx->databases;
    Str error;
    if (!options_read(c, copy + 1, n - 1, &general, &error))
        RAISE(cx, 500, "command_error", "%.*s", STR_FMT(error));
    c->verbosity = general.verbosity;
    const Error *e = attempt(&c->cx, run_command, c);
    context_finish(&c->cx);
    if (e)
        context_raise_error(cx, e);
    return c->status;
}

static int dispatch(Run *r, int argc, char **argv)
{
    int at = 1;
    while (at < argc && argv[at][0] == '-' && argv[at][1]) {
        Str error;
        int took = general_option_read(r->arena, argv + at, (size_t)(argc - at), &r->general, &error);
        if (took == 0 && str_eq(str_c(argv[at]), STR("--version"))) {
            r->general.version = true;
            took = 1;
        } else if (took == 0) {
            error = str_format(r->arena, "there is no option %s; options of a command stand behind its name", argv[at]);
        }
        if (took <= 0) {
            complain(r, error);
            return EXIT_USAGE;
        }
        at += took;
    }
    if (r->general.version)
        return run(r, &version_command, argc, argv, argc);
    bool help = r->general.help;
    r->general.help = false; /* of the program, or of the command that follows */
    if (at == argc)
        return run(r, &help_command, argc, argv, argc);
    Str name = str_c(argv[at]);
    const Command *own = command_find(r->project->commands, name);
    const Command *command = own ? own : command_find(builtin_commands, name);
    /* An application may put a command of its own in the place of one of Clef's. */
    if (!own && (!command || !command->no_settings)) {
        load(r);
        command = command_find(project_commands(r->project, &r->settings, r->arena), name);
    }
    if (!command && r->problems.n) {
        tell_problems(r);
        return 1;
    }
    if (!command)
        return unknown_command(r, name);
    r->general.help = help;
    return run(r, command, argc, argv, at + 1);
}

/* --settings may stand behind the command's name, but which commands there are depends on it: it is looked for first. */
static const char *find_settings(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        Str word = str_c(argv[i]);
        if (str_eq(word, STR("--")))
            break;
        if (str_eq(word, STR("--settings")) && i + 1 < argc)
            return argv[i + 1];
        if (str_starts(word, STR("--settings=")))
            return argv[i] + sizeof "--settings=" - 1;
    }
    return NULL;
}

int clef_main(int argc, char **argv, const Project *project)
{
    static const SettingsProfile none[] = { { 0 } };
    Project p = *project;
    if (!p.settings)
        p.settings = none;
    Arena *arena = arena_create(NULL, 0, 32768);
    Run *r = NEW(arena, Run);
    *r = (Run){ .project = &p, .arena = arena, .program = project_name(project, argv), .general.verbosity = 1 };
    r->general.settings = find_settings(argc, argv);
    int status = dispatch(r, argc, argv);
    arena_destroy(arena);
    return status;
}
