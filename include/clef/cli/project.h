/*
 * project.h: a project and its main program.
 *
 *     int main(int argc, char **argv)
 *     {
 *         return clef_main(argc, argv, &(Project){ .name = "shop", .settings = SETTINGS(development, production) });
 *     }
 *
 * The program then has the commands of Clef (serve, check, showurls, ...; `help` lists them), those of its
 * applications, and its own. Which settings function is called is chosen by --settings or CLEF_SETTINGS, by the
 * function's name; the first is the default.
 */
#ifndef CLEF_CLI_PROJECT_H
#define CLEF_CLI_PROJECT_H

#include <clef/cli/command.h>
#include <clef/conf/load.h>
#include <clef/http/site.h>

struct Project {
    const char *name;                /* in messages and logs; NULL: the program's file name */
    const char *version;             /* of the project, shown by `version`; NULL: none */
    const SettingsProfile *settings; /* SETTINGS(...) */
    const Command *const *commands;  /* COMMANDS(...): the project's own; NULL: none */
};

/* Settings functions; each is known by its name. */
#define SETTINGS(...) ((const SettingsProfile[]){ CLEF_EACH(CLEF_SETTINGS_ONE, , __VA_ARGS__){ 0 } })
#define CLEF_SETTINGS_ONE(unused, fn) \
    {                                 \
#fn, fn                       \
    }

/* Runs the command that the arguments name. The exit code: 0, 1 (it failed), 2 (the command line was not understood). */
CLEF_API(int, clef_main, int argc, char **argv, const Project *project) CLEF_MUST_USE;

/*
 * Django's call_command: runs a command of the project as a part of this work, with its databases; words[0] is its
 * name, and NULL ends them. Returns the exit code; raises what the command raises, and 500 "command_error" for words
 * that are not understood. What it prints goes where the program's output goes.
 */
CLEF_API(int, call_command, Context *cx, const Project *project, Settings *settings, const char *const *words);
#define CALL_COMMAND(cx, project, settings, ...) \
    call_command((cx), (project), (settings), (const char *const[]){ __VA_ARGS__, NULL })

/*
 * What serving needs, from settings that have been checked: the compiled urls, the middleware, the applications made ready,
 * the site. Raises what is wrong, with the remedy. For programs with a main of their own.
 */
CLEF_API(Site *, project_site, Context *cx, Settings *settings) CLEF_NONNULL;

#endif
