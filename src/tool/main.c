/* main.c: the program `clef`. */
#include "tool/tool.h"

#include <string.h>

static const char help[] =
    "clef: projects of the web framework Clef\n"
    "\n"
    "    clef startproject NAME [FOLDER]   a new project, in FOLDER or in a new folder NAME\n"
    "\n"
    "In the folder of a project:\n"
    "\n"
    "    clef runserver [[ADDRESS:]PORT]   serves it while it is written: a file that is saved is compiled, and the "
    "page\n"
    "                                      in the browser is loaded anew. 127.0.0.1:8000 unless it is said otherwise\n"
    "    clef startapp NAME                one more application\n"
    "    clef COMMAND ...                  a command of the project's own program, which is built first: check, "
    "showurls,\n"
    "                                      diffsettings, serve, and those of its applications\n"
    "\n"
    "    clef help, clef version           `clef runserver --help` says more about one command\n";

int main(int argc, char **argv)
{
    Arena *a = arena_create(NULL, 0, 0);
    const char *command = argc > 1 ? argv[1] : "help";
    bool asks = argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0);
    int status;
    if (strcmp(command, "startproject") == 0 && !asks)
        status = create_project(a, argc - 2, argv + 2);
    else if (strcmp(command, "startapp") == 0 && !asks)
        status = create_app(a, argc - 2, argv + 2);
    else if (strcmp(command, "runserver") == 0)
        status = runserver(a, argc - 2, argv + 2);
    else if (strcmp(command, "version") == 0 || strcmp(command, "--version") == 0)
        status = (tool_say("%s", CLEF_VERSION), 0);
    else if (strcmp(command, "help") == 0 || command[0] == '-' || asks)
        status =
            (tool_say("%s", help), command[0] == '-' && strcmp(command, "--help") && strcmp(command, "-h") ? 2 : 0);
    else
        status = project_run(a, argv + 1);
    arena_destroy(a);
    return status;
}
