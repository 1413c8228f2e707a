/* command_help.c: help: the list of commands, or one of them. */
#include "cli/commands.h"

static const SettingsProfile no_profiles[] = { { 0 } };

static void help(CommandCall *c)
{
    Buf b = BUF_INIT(c->cx.arena, 1 << 20);
    Str program = project_name(c->project, c->argv);
    /* Applications bring commands; settings that cannot be loaded hide those, and `check` says why. */
    Settings settings;
    const SettingsProfile *profiles = c->project->settings ? c->project->settings : no_profiles;
    (void)settings_load(&settings, c->cx.arena, profiles, NULL);
    const Command *const *commands = project_commands(c->project, &settings, c->cx.arena);
    if (c->arguments.n == 0) {
        help_of_program(&b, program, commands);
    } else {
        const Command *command = command_find(commands, c->arguments.p[0]);
        if (!command)
            RAISE(&c->cx, 404, "command_not_found", "there is no command '%.*s'; '%.*s help' lists them",
                  STR_FMT(c->arguments.p[0]), STR_FMT(program));
        help_of_command(&b, program, command);
    }
    command_write(c, buf_view(&b));
}

const Command help_command = {
    .name = "help",
    .help = "Lists the commands, or explains one.",
    .arguments = ARGUMENTS({ .name = "command", .optional = true, .help = "Its name." }),
    .no_settings = true,
    .run = help,
};
