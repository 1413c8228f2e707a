/* command_completion.c: completion: a script for the shell, which asks the program itself for the words. */
#include "cli/commands.h"

static void add_word(Buf *b, Str typed, const char *before, const char *name)
{
    Str word = str_c(name);
    size_t n = strlen(before);
    if (typed.n > n ? str_starts(word, str_from_byte(typed, n)) : true)
        buf_printf(b, "%s%s\n", before, name);
}

static void add_options(Buf *b, Str typed, const CommandOption *o)
{
    for (; o && o->name; o++)
        add_word(b, typed, "--", o->name);
}

/* The words that may follow the ones given, the last of which is being typed. */
static void candidates(CommandCall *c, Buf *b)
{
    StrList words = c->arguments;
    Settings settings;
    static const SettingsProfile none[] = { { 0 } };
    (void)settings_load(&settings, c->cx.arena, c->project->settings ? c->project->settings : none, NULL);
    const Command *const *commands = project_commands(c->project, &settings, c->cx.arena);
    Str typed = words.n > 1 ? words.p[words.n - 1] : STR("");
    if (words.n <= 2) {
        for (; *commands; commands++)
            if (!(*commands)->hidden && str_starts(str_c((*commands)->name), typed))
                buf_printf(b, "%s\n", (*commands)->name);
        return;
    }
    const Command *command = command_find(commands, words.p[1]);
    Str last = words.p[words.n - 2];
    const CommandOption *lists[] = { command ? command->options : NULL, general_options };
    for (size_t i = 0; i < CLEF_COUNT(lists); i++)
        for (const CommandOption *o = lists[i]; o && o->name; o++)
            if (o->kind == OPTION_CHOICE && str_eq(last, str_format(c->cx.arena, "--%s", o->name))) {
                Str rest = str_c(o->choices), choice;
                while (str_cut(&rest, '|', &choice))
                    if (str_starts(choice, typed))
                        buf_printf(b, "%.*s\n", STR_FMT(choice));
                return;
            }
    if (str_eq(last, STR("--settings"))) {
        for (const SettingsProfile *p = c->project->settings; p && p->name; p++)
            add_word(b, typed, "", p->name);
        return;
    }
    if (typed.n && typed.p[0] == '-')
        for (size_t i = 0; i < CLEF_COUNT(lists); i++)
            add_options(b, typed, lists[i]);
}

static void completion(CommandCall *c)
{
    Buf b = BUF_INIT(c->cx.arena, 1 << 20);
    if (option_flag(c, "words")) {
        candidates(c, &b);
    } else {
        Str program = project_name(&(Project){ 0 }, c->argv);
        buf_printf(&b,
                   "_%1$.*2$s_complete() {\n"
                   "    local IFS=$'\\n'\n"
                   "    COMPREPLY=($(\"${COMP_WORDS[0]}\" completion --words -- \"${COMP_WORDS[@]:0:COMP_CWORD+1}\" "
                   "2>/dev/null))\n"
                   "}\n"
                   "complete -o default -F _%1$.*2$s_complete %1$.*2$s\n",
                   program.p, (int)program.n);
    }
    command_write(c, buf_view(&b));
}

const Command completion_command = {
    .name = "completion",
    .help = "Prints completion for bash: source <(PROGRAM completion).",
    .options = OPTIONS({ .name = "words", .help = "For the script: what may follow these words." }),
    .arguments = ARGUMENTS({ .name = "word", .optional = true, .many = true, .help = "The words so far." }),
    .no_settings = true,
    .run = completion,
};
