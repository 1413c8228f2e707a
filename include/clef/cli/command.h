/*
 * command.h: commands of a program's command line: Django's management commands. A command is a const table with a
 * function; its options are described once, and from that description come the reading, the help text and the completion.
 *
 *     static void import(CommandCall *c)
 *     {
 *         for (size_t i = 0; i < c->arguments.n; i++) {
 *             if (option_flag(c, "dry-run")) ...
 *             command_say(c, "%.*s: %d rows", STR_FMT(c->arguments.p[i]), rows);
 *         }
 *     }
 *     const Command import_command = {
 *         .name = "import", .help = "Reads products from CSV files.", .run = import,
 *         .options = OPTIONS({ .name = "dry-run", .letter = 'n', .help = "Only look." },
 *                            { .name = "batch", .kind = OPTION_INT, .fallback = "500", .least = 1, .help = "Rows at once." }),
 *         .arguments = ARGUMENTS({ .name = "file", .many = true, .help = "CSV files." }),
 *     };
 *
 * It is listed by COMMANDS(&import_command) in an App or a Project. The models of the installed applications may be used at
 * once: the command's Context has the databases of the settings. Exit codes: 0; 1 when the command raised an error, which
 * is printed with its hint, or called command_fail; 2 when the command line was not understood. Every command has --help,
 * --settings, --verbosity and --no-color. Django's page: "How to create custom django-admin commands".
 */
#ifndef CLEF_CLI_COMMAND_H
#define CLEF_CLI_COMMAND_H

#include <clef/conf/app.h>
#include <clef/conf/load.h>
#include <clef/rt/context.h>

typedef struct Project Project;

typedef enum OptionKind {
    OPTION_FLAG, /* is there, or not */
    OPTION_TEXT,
    OPTION_INT,
    OPTION_LIST, /* of texts: given once for each */
    OPTION_CHOICE,
} OptionKind;

typedef struct CommandOption {
    const char *name; /* "dry-run" is given as --dry-run; NULL ends a list */
    char letter;      /* 'n' is given as -n */
    OptionKind kind;
    const char *value;    /* what the help calls the value; NULL: the kind's word */
    const char *fallback; /* when it is not given, as it would be given; NULL: none */
    const char *choices;  /* OPTION_CHOICE: separated by '|' */
    int64_t least, most;  /* OPTION_INT; both 0: any */
    const char *help;     /* a sentence */
} CommandOption;

typedef struct CommandArgument {
    const char *name; /* NULL ends a list */
    bool optional;    /* may be absent; only the last ones */
    bool many;        /* one or more (with optional: or none); only the last one */
    const char *help;
} CommandArgument;

/* A command that is run. Its memory (cx.arena) ends with it. */
typedef struct CommandCall {
    Context cx; /* first: RAISE(&c->cx, ...) and DEFER(&c->cx, ...) */
    const Project *project;
    const Command *command;
    Settings *settings; /* NULL for a command without settings */
    StrList arguments;
    int verbosity; /* 0 to 3; 1 is ordinary */
    bool colour;   /* standard output is a terminal that takes colours */
    int argc;      /* as the program got them */
    char **argv;
    SettingsProblems problems;       /* of the settings; only a command that is `unchecked` sees any */
    int status;                      /* the exit code; 0 unless the command or command_fail sets it */
    const struct GivenOption *given; /* private */
    size_t ngiven;
} CommandCall;

struct Command {
    const char *name;
    const char *help;        /* a sentence, for the list of commands */
    const char *description; /* more, for --help; NULL: none */
    const CommandOption *options;
    const CommandArgument *arguments;
    bool no_settings; /* runs where settings cannot be loaded */
    bool hidden;      /* not in the list */
    bool unchecked;   /* gets settings that have problems too (check) */
    void (*run)(CommandCall *c);
};

/* clang-format off */
#define OPTIONS(...)   ((const CommandOption[]){ __VA_ARGS__, { 0 } })
#define ARGUMENTS(...) ((const CommandArgument[]){ __VA_ARGS__, { 0 } })
#define COMMANDS(...)  ((const Command *const[]){ __VA_ARGS__, NULL })
/* clang-format on */

/*
 * What was given, else the fallback: false, the NULL string, 0, an empty list without one. An option that the command does
 * not have is a bug.
 */
CLEF_API(bool, option_flag, const CommandCall *c, const char *name);
CLEF_API(Str, option_text, const CommandCall *c, const char *name);
CLEF_API(int64_t, option_int, const CommandCall *c, const char *name);
CLEF_API(StrList, option_list, const CommandCall *c, const char *name);
CLEF_API(bool, option_given, const CommandCall *c, const char *name);

/* A line on standard output; nothing when verbosity is 0. And always, without an end of line. */
CLEF_API(void, command_say, CommandCall *c, const char *format, ...) CLEF_PRINTF(2, 3);
CLEF_API(void, command_write, CommandCall *c, Str text);
/* A line on standard error. */
CLEF_API(void, command_warn, CommandCall *c, const char *format, ...) CLEF_PRINTF(2, 3);
/* The same, and the exit code becomes 1; the command goes on. */
CLEF_API(void, command_fail, CommandCall *c, const char *format, ...) CLEF_PRINTF(2, 3);
/*
 * Progress of long work, on standard error when that is a terminal and verbosity is not 0: "name: done of total". Cheap
 * to call for each row; `total` 0: not known. The last call has done == total.
 */
CLEF_API(void, command_progress, CommandCall *c, const char *name, uint64_t done, uint64_t total);

#endif
