/* command_diffsettings.c: diffsettings: what differs from the defaults; secrets are hidden. */
#include "cli/commands.h"
#include <clef/conf/table.h>

static void diffsettings(CommandCall *c)
{
    Buf b = BUF_INIT(c->cx.arena, 1 << 20);
    settings_print(c->settings, &b, option_flag(c, "all"));
    command_write(c, buf_view(&b));
}

const Command diffsettings_command = {
    .name = "diffsettings",
    .help = "Shows the settings that differ from their defaults.",
    .options = OPTIONS({ .name = "all", .help = "Also those that do not, behind ###." }),
    .unchecked = true,
    .run = diffsettings,
};
