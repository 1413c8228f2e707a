/* command_version.c: version. */
#include "cli/commands.h"

static void version(CommandCall *c)
{
    Str name = project_name(c->project, c->argv);
    Str text = c->project->version
                   ? str_format(c->cx.arena, "%.*s %s (Clef %s)\n", STR_FMT(name), c->project->version, CLEF_VERSION)
                   : str_format(c->cx.arena, "Clef %s\n", CLEF_VERSION);
    command_write(c, text);
}

const Command version_command = {
    .name = "version",
    .help = "Shows the versions of the project and of Clef.",
    .no_settings = true,
    .run = version,
};
