/*
 * command_develop_tools.c: runserver and test: the commands that a Django user looks for in the project's program, and that
 * need the project's sources. The one is `clef runserver`, the other `make test`; these find them, or say where they are.
 */
#define _GNU_SOURCE
#include "cli/commands.h"

#include <errno.h>
#include <unistd.h>

static void run_server(CommandCall *c);
static void run_tests(CommandCall *c);

const Command runserver_command = {
    .name = "runserver",
    .help = "Serves while the project is written: clef runserver.",
    .description = "It is the command of the program `clef`, which builds this one. To serve what is built: serve.",
    .arguments = ARGUMENTS({ .name = "addrport", .optional = true, .help = "PORT or ADDRESS:PORT." }),
    .no_settings = true,
    .run = run_server,
};

const Command test_project_command = {
    .name = "test",
    .help = "Builds and runs the project's tests: make test.",
    .arguments =
        ARGUMENTS({ .name = "filter", .optional = true, .many = true, .help = "Only these: AREA or AREA.NAME." }),
    .no_settings = true,
    .run = run_tests,
};

static void need_sources(CommandCall *c, const char *what)
{
    if (access("Makefile", R_OK) != 0)
        RAISE(&c->cx, 500, "no_sources",
              "There is no Makefile in this folder, so this is not the folder of the project's sources: go there, and "
              "run "
              "%s",
              what);
}

static void become(CommandCall *c, char **words, const char *otherwise)
{
    execvp(words[0], words);
    RAISE(&c->cx, 500, "not_found", "The program %s could not be started: %s. %s", words[0], strerror(errno),
          otherwise);
}

static void run_server(CommandCall *c)
{
    need_sources(c, "clef runserver. (To serve what is built: serve.)");
    char *words[] = { "clef", "runserver", c->arguments.n ? str_dup_c(c->cx.arena, c->arguments.p[0]) : NULL, NULL };
    become(c, words, "Is the folder bin of where Clef is installed in PATH? To serve what is built: serve.");
}

/* The words reach a shell by way of make. */
static bool is_plain(Str word)
{
    for (size_t i = 0; i < word.n; i++) {
        char x = word.p[i];
        if (!((x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9') || strchr("_.*?-", x)))
            return false;
    }
    return word.n > 0;
}

static void run_tests(CommandCall *c)
{
    need_sources(c, "make test.");
    Buf b = BUF_INIT(c->cx.arena, 1 << 16);
    BUF_LIT(&b, "ARGS=");
    for (size_t i = 0; i < c->arguments.n; i++) {
        if (!is_plain(c->arguments.p[i]))
            RAISE(&c->cx, 500, "usage",
                  "'%.*s' is no name of tests: a name has letters, digits, '_', '.', '*' and '?'.",
                  STR_FMT(c->arguments.p[i]));
        buf_printf(&b, " '%.*s'", STR_FMT(c->arguments.p[i]));
    }
    char *words[] = { "make", "-s", "--no-print-directory", "test", str_dup_c(c->cx.arena, buf_view(&b)), NULL };
    become(c, words, "Install make: sudo apt install make");
}
