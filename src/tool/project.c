/* project.c: the project that the current folder holds. */
#define _GNU_SOURCE
#include "debug/page.h"
#include "tool/said.h"
#include "tool/tool.h"

#include <clef/rt/file.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAKEFILE_MAX = 1 << 20, SHOWN_MAX = 256 << 10 };

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

const char *project_build_problem(Arena *a, bool *busy)
{
    static const char lock[] = "build/.dev.lock";
    const char *wrong = NULL;
    *busy = false;
    if (mkdir("build", 0777) < 0 && errno != EEXIST)
        wrong = "The folder build cannot be made in the project's folder";
    int fd = wrong ? -1 : open(lock, O_RDONLY | O_CREAT | O_CLOEXEC, 0666);
    if (!wrong && fd < 0)
        wrong = "The lock of the build, build/.dev.lock, cannot be opened";
    if (fd >= 0 && mkdir("build/dev", 0777) < 0 && errno != EEXIST)
        wrong = "The folder build/dev cannot be made";
    if (fd >= 0 && !wrong && access("build/dev", W_OK | X_OK) < 0)
        wrong = "The folder build/dev cannot be written to";
    int error = errno;
    if (fd >= 0) {
        *busy = flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
        close(fd);
    }
    if (!wrong)
        return NULL;
    const char *remedy =
        error == ENOSPC || error == EDQUOT ? "Make room: df -h . says how much there is."
        : access("build", F_OK) == 0
            ? "Another user (root?) has built here: remove the folder (sudo rm -r build), or work on a "
              "copy of the project that is your own."
            : "Work on a copy of the project in a folder that you may write to.";
    return str_format(a, "%s: %s. %s", wrong, strerror(error), remedy).p;
}

char **project_make(Arena *a, bool colour)
{
    static char *const words[] = {
        "flock", "build/.dev.lock", "make", "-rs", "--no-print-directory", "CLEF_LOCKED=dev"
    };
    char **argv = NEW_ARRAY(a, char *, CLEF_COUNT(words) + 3);
    size_t n = CLEF_COUNT(words);
    memcpy(argv, words, sizeof words);
    argv[n++] = str_dup_c(a, str_format(a, "-j%ld", sysconf(_SC_NPROCESSORS_ONLN)));
    if (colour)
        argv[n] = "CLEF_COLOUR=1";
    return argv;
}

static void show(Arena *scratch, const Buf *shown)
{
    for (Str rest = buf_view(shown); rest.n;) {
        ssize_t n = write(STDERR_FILENO, rest.p, rest.n);
        if (n <= 0)
            return;
        rest = str_from_byte(rest, (size_t)n);
    }
    arena_reset(scratch);
}

/* Reads what make says, shows it without the steps in Clef's macros, and behind it the remedy when one is known. */
static void listen_to_make(Arena *a, int from, pid_t pid, int *status)
{
    Arena *scratch = arena_create(a, 0, 65536);
    Said said = { .gone = 0 };
    char bytes[16384];
    ssize_t n;
    said_begin(&said, true);
    while ((n = read(from, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR)) {
        Buf shown = BUF_INIT(scratch, SHOWN_MAX);
        if (n > 0)
            said_add(&said, scratch, str_from(bytes, (size_t)n), &shown);
        show(scratch, &shown);
    }
    Buf shown = BUF_INIT(scratch, SHOWN_MAX);
    said_end(&said, scratch, &shown);
    show(scratch, &shown);
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
    Str remedy = *status ? machine_remedy(scratch, terminal_plain(scratch, said_text(scratch, &said))) : (Str){ 0 };
    if (remedy.n)
        tool_fail("%.*s", STR_FMT(remedy));
    said_finish(&said);
    arena_destroy(scratch);
}

/* False: it could not be built, and that was said. */
static bool build(Arena *a)
{
    pid_t pid;
    int status = -1, pipes[2];
    posix_spawn_file_actions_t actions;
    char **make = project_make(a, isatty(STDERR_FILENO));
    bool busy;
    const char *problem = project_build_problem(a, &busy);
    if (problem) {
        tool_fail("%s", problem);
        return false;
    }
    if (busy)
        tool_fail("another build of this project is running; this one begins when it has ended");
    if (pipe2(pipes, O_CLOEXEC) < 0) {
        tool_fail("the build could not be started: %s", strerror(errno));
        return false;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDERR_FILENO);
    int error = posix_spawnp(&pid, make[0], &actions, NULL, make, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    if (error)
        tool_fail("%s could not be started: %s", make[0], strerror(error));
    else
        listen_to_make(a, pipes[0], pid, &status);
    close(pipes[0]);
    return status == 0;
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
    if (!build(a))
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
