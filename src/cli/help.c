/* help.c: the help texts, from the descriptions. */
#include "cli/commands.h"

enum { COLUMN = 26 };

static void pad(Buf *b, size_t from)
{
    size_t n = b->n - from;
    if (n + 2 > COLUMN) {
        buf_byte(b, '\n');
        buf_fill(b, ' ', COLUMN);
    } else {
        buf_fill(b, ' ', COLUMN - n);
    }
}

void help_of_program(Buf *b, Str program, const Command *const *commands)
{
    buf_printf(b, "usage: %.*s COMMAND [OPTIONS]\n\nCommands:\n", STR_FMT(program));
    for (; *commands; commands++) {
        if ((*commands)->hidden)
            continue;
        size_t from = b->n;
        buf_printf(b, "  %s", (*commands)->name);
        pad(b, from);
        buf_printf(b, "%s\n", (*commands)->help ? (*commands)->help : "");
    }
    buf_printf(b, "\n%.*s COMMAND --help says more about a command.\n", STR_FMT(program));
}

static const char *value_word(const CommandOption *o)
{
    if (o->value)
        return o->value;
    return o->kind == OPTION_INT ? "N" : o->kind == OPTION_CHOICE ? "WORD" : "TEXT";
}

static void describe_options(Buf *b, const CommandOption *o)
{
    for (; o && o->name; o++) {
        size_t from = b->n;
        if (o->letter)
            buf_printf(b, "  -%c, --%s", o->letter, o->name);
        else
            buf_printf(b, "      --%s", o->name);
        if (o->kind != OPTION_FLAG)
            buf_printf(b, " %s", value_word(o));
        pad(b, from);
        buf_c(b, o->help ? o->help : "");
        if (o->kind == OPTION_CHOICE) {
            BUF_LIT(b, " One of:");
            Str rest = str_c(o->choices), choice;
            for (const char *before = " "; str_cut(&rest, '|', &choice); before = ", ")
                buf_printf(b, "%s%.*s", before, STR_FMT(choice));
            BUF_LIT(b, ".");
        }
        if (o->kind == OPTION_LIST)
            BUF_LIT(b, " May be repeated.");
        if (o->fallback)
            buf_printf(b, " Default: %s.", o->fallback);
        buf_byte(b, '\n');
    }
}

void help_of_command(Buf *b, Str program, const Command *command)
{
    buf_printf(b, "usage: %.*s %s", STR_FMT(program), command->name);
    for (const CommandOption *o = command->options; o && o->name; o++) {
        buf_printf(b, " [--%s", o->name);
        if (o->kind != OPTION_FLAG)
            buf_printf(b, " %s", value_word(o));
        buf_c(b, o->kind == OPTION_LIST ? "]..." : "]");
    }
    for (const CommandArgument *p = command->arguments; p && p->name; p++) {
        buf_printf(b, p->optional ? " [%s]" : " %s", p->name);
        if (p->many)
            BUF_LIT(b, "...");
    }
    buf_printf(b, "\n\n%s\n", command->help ? command->help : "");
    if (command->description)
        buf_printf(b, "\n%s\n", command->description);
    if (command->arguments && command->arguments->name) {
        BUF_LIT(b, "\nArguments:\n");
        for (const CommandArgument *p = command->arguments; p->name; p++) {
            size_t from = b->n;
            buf_printf(b, "  %s", p->name);
            pad(b, from);
            buf_printf(b, "%s\n", p->help ? p->help : "");
        }
    }
    if (command->options && command->options->name) {
        BUF_LIT(b, "\nOptions:\n");
        describe_options(b, command->options);
    }
    BUF_LIT(b, "\nOptions of every command:\n");
    describe_options(b, general_options);
}
