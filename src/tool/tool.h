/*
 * tool.h: the inside of the program `clef`: it makes projects and applications, and runs a project while it is written.
 * What a project itself can do (serve, check, its own commands) is in the project's program, which `clef NAME` builds
 * and calls.
 */
#ifndef CLEF_SRC_TOOL_TOOL_H
#define CLEF_SRC_TOOL_TOOL_H

#include "base/embedded.h"
#include <clef/base/arena.h>
#include <clef/base/buf.h>

CLEF_PRIVATE_DATA(const EmbeddedFile *const, skeleton_files); /* "project/...", "app/..." */

/* --- say.c: to the person at the terminal. No line end is needed. */
CLEF_PRIVATE(void, tool_say, const char *format, ...) CLEF_PRINTF(1, 2);
/* "clef: ..." on standard error; always 1, the exit code. */
CLEF_PRIVATE(int, tool_fail, const char *format, ...) CLEF_PRINTF(1, 2);

/*
 * --- names.c: why a name will not do, as a sentence with the way out; NULL: it will. `what` is "project" or
 * "application".
 */
CLEF_PRIVATE(const char *, name_problem, Arena *a, const char *what, Str name);

/* --- machine.c: what a machine needs to build a project, and has not */

/* Is there such a program in PATH? A name with a slash is the file itself. */
CLEF_PRIVATE(bool, machine_has, Str program);
/*
 * Compiler, make, pkg-config, and the installed Clef: what is missing and how to install it, in sentences. NULL:
 * nothing.
 */
CLEF_PRIVATE(const char *, machine_problem, Arena *a);
/* The remedy for what a compiler, a linker or pkg-config said it did not find; the NULL string when nothing is known. */
CLEF_PRIVATE(Str, machine_remedy, Arena *a, Str said);

/* --- create.c: startproject and startapp; the arguments behind the command's name. The exit code. */
CLEF_PRIVATE(int, create_project, Arena *a, int argc, char **argv);
CLEF_PRIVATE(int, create_app, Arena *a, int argc, char **argv);

/* --- project.c: the project of the current folder */
typedef struct ToolProject {
    Str name;    /* APP of its Makefile */
    Str program; /* build/dev/NAME */
} ToolProject;
/* False, with a sentence in *why, when the current folder is none. */
CLEF_PRIVATE(bool, project_here, Arena *a, ToolProject *out, const char **why);
/*
 * The command that builds it: it waits for who builds the same just now (clef.mk's lock), and leaves out clef.mk's
 * first step.
 */
CLEF_PRIVATE(char **, project_make, Arena *a, bool colour);
/*
 * Why no build can begin here, in sentences; NULL: it can, and *busy tells whether another one runs, which is waited
 * for.
 */
CLEF_PRIVATE(const char *, project_build_problem, Arena *a, bool *busy);
/* Builds it, then becomes its program with the arguments. The exit code when that cannot be. */
CLEF_PRIVATE(int, project_run, Arena *a, char **argv);

/* --- runserver.c */
CLEF_PRIVATE(int, runserver, Arena *a, int argc, char **argv);

#endif
