/* commands.h: the inside of the command line: what its files offer each other, and the list of Clef's own commands. */
#ifndef CLEF_SRC_CLI_COMMANDS_H
#define CLEF_SRC_CLI_COMMANDS_H

#include <clef/base/buf.h>
#include <clef/base/log.h>
#include <clef/cli/project.h>
#include <clef/net/http_crash.h>

/* What was given for an option; several for a list. */
typedef struct GivenOption {
    const CommandOption *option;
    Str text;
    int64_t number;
} GivenOption;

/* Options of every command. */
typedef struct GeneralOptions {
    const char *settings;
    int verbosity;
    bool help, version, no_colour, force_colour;
} GeneralOptions;

enum { EXIT_USAGE = 2, DISTANCE_WORD_MAX = 64 };

/* main.c: Clef's commands, NULL-terminated; all that the project has: own, its applications', Clef's. */
CLEF_PRIVATE_DATA(const Command *const *const, builtin_commands);
CLEF_PRIVATE(const Command *const *, project_commands, const Project *project, const Settings *settings, Arena *a);
CLEF_PRIVATE(const Command *, command_find, const Command *const *commands, Str name);
CLEF_PRIVATE(Str, project_name, const Project *project, char **argv);

/* options.c */
CLEF_PRIVATE_DATA(const CommandOption *const, general_options);
/* Reads the words behind the command's name into the call. False: *error is a sentence. */
CLEF_PRIVATE(bool, options_read, CommandCall *c, char **words, size_t n, GeneralOptions *general, Str *error);
/* Reads one general option at words[0]; how many words it took, 0: it is none, -1: *error. */
CLEF_PRIVATE(int, general_option_read, Arena *a, char **words, size_t n, GeneralOptions *general, Str *error);
/* The name nearest to a mistyped one; NULL when none is near. */
CLEF_PRIVATE(const char *, nearest_name, Str typed, const char *const *names, size_t n);

/* help.c */
CLEF_PRIVATE(void, help_of_program, Buf *b, Str program, const Command *const *commands);
CLEF_PRIVATE(void, help_of_command, Buf *b, Str program, const Command *command);

/* output.c */
CLEF_PRIVATE(void, output_write, int fd, Str text);

/* site.c: HTTP routes of urls_router, errors reported to the log. */
CLEF_PRIVATE(UrlConf *, project_urls, Context *cx, const Settings *settings) CLEF_NONNULL;

/* Raises 500 "improperly_configured" when an application has no label, or two have the same. */
CLEF_PRIVATE(void, project_labels, Context *cx, const App *const *apps);
/* site.c: databases and models of the context, and the applications made ready; once for a context. */
CLEF_PRIVATE(void, project_start, Context *cx, Settings *settings);

/* logging.c: the logger that the settings describe, in settings->logger. Raises when its file cannot be opened. */
CLEF_PRIVATE(void, logging_start, Context *cx, Settings *settings, Str program);
CLEF_PRIVATE(LogComponent *, logging_component, const Settings *settings, Str name);

/* command_serve.c */
CLEF_PRIVATE(HttpLimits, serve_limits, const Settings *settings);
/* site.c: as HttpWorkerOptions.crash_page; the page shows itself only while DEBUG is on. */
CLEF_PRIVATE(bool, site_crash_page, const Settings *settings, const HttpCrash *crash, Arena *a, Str *block, Str *body);

CLEF_PRIVATE_DATA(const Command, check_command);
CLEF_PRIVATE_DATA(const Command, compilemessages_command);
CLEF_PRIVATE_DATA(const Command, compiletemplates_command);
CLEF_PRIVATE_DATA(const Command, completion_command);
CLEF_PRIVATE_DATA(const Command, develop_command);
CLEF_PRIVATE_DATA(const Command, diffsettings_command);
CLEF_PRIVATE_DATA(const Command, help_command);
CLEF_PRIVATE_DATA(const Command, makemessages_command);
CLEF_PRIVATE_DATA(const Command, makemigrations_command);
CLEF_PRIVATE_DATA(const Command, migrate_command);
CLEF_PRIVATE_DATA(const Command, remove_stale_contenttypes_command);
CLEF_PRIVATE_DATA(const Command, runserver_command);
CLEF_PRIVATE_DATA(const Command, serve_command);
CLEF_PRIVATE_DATA(const Command, shell_command);
CLEF_PRIVATE_DATA(const Command, showmigrations_command);
CLEF_PRIVATE_DATA(const Command, showurls_command);
CLEF_PRIVATE_DATA(const Command, sqlmigrate_command);
CLEF_PRIVATE_DATA(const Command, squashmigrations_command);
CLEF_PRIVATE_DATA(const Command, optimizemigration_command);
CLEF_PRIVATE_DATA(const Command, flush_command);
CLEF_PRIVATE_DATA(const Command, dumpdata_command);
CLEF_PRIVATE_DATA(const Command, inspectdb_command);
CLEF_PRIVATE_DATA(const Command, loaddata_command);
CLEF_PRIVATE_DATA(const Command, sqlflush_command);
CLEF_PRIVATE_DATA(const Command, sqlsequencereset_command);
CLEF_PRIVATE_DATA(const Command, dbshell_command);
CLEF_PRIVATE_DATA(const Command, test_project_command);
CLEF_PRIVATE_DATA(const Command, version_command);

#endif
