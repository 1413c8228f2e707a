/* project.c: the project that the current folder holds. */
#define _GNU_SOURCE
#include "tool/tool.h"

#include <clef/rt/file.h>
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAKEFILE_MAX = 1 << 20 };

bool project_here(Arena *a, ToolProject *out, const char **why)
{
    Str text, line;
    int outcome = file_read(a, "Makefile", MAKEFILE_MAX, &text);
    *out = (ToolProject){ 0 };
    *why = "This folder is not a Clef project: it has no Makefile that includes clef.mk. Go to the project's folder, "
           "or make "
           "a project: clef startproject NAME";
    if (outcome < 0 || !(str_contains(text, STR("clef.mk")) || str_contains(text, STR("--variable=makefile clef"))))
        return false;
    while (str_cut(&text, '\n', &line)) {
        Str name = line;
        if (str_cut(&name, '=', &line) && str_eq(str_trim_set(str_trim(line), STR(":?")), STR("APP")) &&
            str_trim(name).n)
            out->name = str_copy(a, str_trim(name));
        if (!str_is_null(name))
            line = name;
    }
    *why = "The Makefile does not name the program: it needs a line APP = NAME before the include.";
    if (!out->name.n)
        return false;
    out->program = str_format(a, "build/dev/%.*s", STR_FMT(out->name));
    return true;
}

char **project_make(Arena *a, bool colour)
{
    static char *const words[] = {
        "flock", "build/.dev.lock", "make", "-rs", "--no-print-directory", "CLEF_LOCKED=dev"
    };
    char **argv = NEW_ARRAY(a, char *, CLEF_COUNT(words) + 3);
    size_t n = CLEF_COUNT(words);
    (void)mkdir("build", 0777); /* flock says why it cannot be */
    memcpy(argv, words, sizeof words);
    argv[n++] = str_dup_c(a, str_format(a, "-j%ld", sysconf(_SC_NPROCESSORS_ONLN)));
    if (colour)
        argv[n] = "CLEF_COLOUR=1";
    return argv;
}

int project_run(Arena *a, char **argv)
{
    ToolProject project;
    const char *problem = NULL;
    if (!project_here(a, &project, &problem))
        return tool_fail("There is no command '%s' ('clef help' lists them). %s", argv[0], problem);
    problem = machine_problem(a);
    if (problem)
        return tool_fail("%s", problem);
    pid_t pid;
    int status = -1;
    char **make = project_make(a, false);
    if (posix_spawnp(&pid, make[0], NULL, NULL, make, environ) != 0)
        return tool_fail("%s could not be started", make[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status != 0)
        return 1;
    size_t n = 0;
    while (argv[n])
        n++;
    char **with = NEW_ARRAY(a, char *, n + 2);
    with[0] = str_dup_c(a, project.program);
    memcpy(with + 1, argv, n * sizeof *argv);
    execv(with[0], with);
    return tool_fail("%s could not be started: %s", with[0], strerror(errno));
}
