/* options.c: the words of a command line, read by the descriptions of the options. */
#include "cli/commands.h"
#include <clef/base/assert.h>

static const CommandOption general_table[] = {
    { .name = "help", .letter = 'h', .help = "Shows this help." },
    { .name = "settings",
      .kind = OPTION_TEXT,
      .value = "NAME",
      .help = "The settings function to use; else CLEF_SETTINGS, else the first." },
    { .name = "verbosity",
      .letter = 'v',
      .kind = OPTION_INT,
      .least = 0,
      .most = 3,
      .fallback = "1",
      .help = "0: errors only, 1: ordinary, 2: more, 3: all." },
    { .name = "no-color", .help = "No colours." },
    { .name = "force-color", .help = "Colours, also where the output is no terminal." },
    { 0 },
};
const CommandOption *const general_options = general_table;

/* ---- names that are near ---- */

/* Edits from one word to the other: a letter more, less, another, or two swapped. */
static size_t distance(Str a, Str b)
{
    size_t rows[3][DISTANCE_WORD_MAX + 1];
    if (a.n > DISTANCE_WORD_MAX || b.n > DISTANCE_WORD_MAX)
        return SIZE_MAX;
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.n; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = last[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[b.n];
}

const char *nearest_name(Str typed, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t least = typed.n / 3 + 2; /* farther is another word */
    for (size_t i = 0; i < n; i++) {
        Str name = str_c(names[i]);
        size_t d = typed.n >= 3 && str_starts(name, typed) ? 1 : distance(typed, name);
        if (d < least) {
            least = d;
            best = names[i];
        }
    }
    return best;
}

/* ---- one option ---- */

static const CommandOption *find(const CommandOption *options, Str name, char letter)
{
    for (; options && options->name; options++)
        if (letter ? options->letter == letter : str_eq(str_c(options->name), name))
            return options;
    return NULL;
}

static Str spelled(Arena *a, const CommandOption *o)
{
    return o->letter ? str_format(a, "-%c, --%s", o->letter, o->name) : str_format(a, "--%s", o->name);
}

static bool is_choice(const char *choices, Str text)
{
    Str rest = str_c(choices), choice;
    while (str_cut(&rest, '|', &choice))
        if (str_eq(choice, text))
            return true;
    return false;
}

static bool check_value(Arena *a, GivenOption *g, Str *error)
{
    const CommandOption *o = g->option;
    if (o->kind == OPTION_INT) {
        bool any = o->least == 0 && o->most == 0;
        int64_t most = o->most < o->least ? INT64_MAX : o->most;
        if (!str_to_i64(g->text, &g->number) || (!any && (g->number < o->least || g->number > most))) {
            *error =
                any ? str_format(a, "%.*s needs a whole number, not '%.*s'", STR_FMT(spelled(a, o)), STR_FMT(g->text))
                    : str_format(a, "%.*s needs a whole number from %lld to %lld, not '%.*s'", STR_FMT(spelled(a, o)),
                                 (long long)o->least, (long long)most, STR_FMT(g->text));
            return false;
        }
    }
    if (o->kind == OPTION_CHOICE && !is_choice(o->choices, g->text)) {
        *error = str_format(a, "%.*s is one of %.*s, not '%.*s'", STR_FMT(spelled(a, o)),
                            STR_FMT(str_replace(a, str_c(o->choices), STR("|"), STR(", "))), STR_FMT(g->text));
        return false;
    }
    return true;
}

/*
 * Reads the option at words[0], one of `options`: how many words it took; 0: none of these; -1: *error. A word "-abc" is
 * taken letter by letter: *within is where in it the reading stands (0: at its beginning).
 */
static int read_option(Arena *a, const CommandOption *options, char **words, size_t n, size_t *within, GivenOption *out,
                       Str *error)
{
    Str word = str_c(words[0]), value = { 0 };
    const CommandOption *o;
    bool is_long = word.n > 2 && word.p[1] == '-' && !*within;
    if (is_long) {
        Str name = str_from_byte(word, 2);
        size_t at = str_find_byte(name, '=');
        if (at != STR_NPOS) {
            value = str_from_byte(name, at + 1);
            name = str_slice(name, 0, at);
        }
        o = find(options, name, 0);
    } else {
        size_t at = *within ? *within : 1;
        o = find(options, (Str){ 0 }, word.p[at]);
        if (o && at + 1 < word.n && o->kind != OPTION_FLAG)
            value = str_from_byte(word, at + 1);
        else if (o && at + 1 < word.n) {
            *within = at + 1;
            *out = (GivenOption){ .option = o };
            return 1;
        }
    }
    if (!o)
        return 0;
    *within = 0;
    *out = (GivenOption){ .option = o, .text = value };
    if (o->kind == OPTION_FLAG) {
        if (str_is_null(value))
            return 1;
        *error = str_format(a, "%.*s takes no value", STR_FMT(spelled(a, o)));
        return -1;
    }
    int took = 1;
    if (str_is_null(value)) {
        if (n < 2) {
            *error = str_format(a, "%.*s needs a value", STR_FMT(spelled(a, o)));
            return -1;
        }
        out->text = str_c(words[1]);
        took = 2;
    }
    return check_value(a, out, error) ? took : -1;
}

static void set_general(GeneralOptions *general, const GivenOption *g)
{
    switch (g->option - general_table) {
    case 0:
        general->help = true;
        break;
    case 1:
        general->settings = g->text.p;
        break;
    case 2:
        general->verbosity = (int)g->number;
        break;
    case 3:
        general->no_colour = true;
        break;
    default:
        general->force_colour = true;
        break;
    }
}

int general_option_read(Arena *a, char **words, size_t n, GeneralOptions *general, Str *error)
{
    GivenOption g;
    size_t within = 0;
    int took = read_option(a, general_options, words, n, &within, &g, error);
    if (took > 0 && !within)
        set_general(general, &g);
    return within ? 0 : took;
}

/* ---- the whole line ---- */

static void unknown(Arena *a, const CommandOption *own, Str word, Str *error)
{
    const char *names[256];
    size_t n = 0;
    const CommandOption *lists[] = { own, general_table };
    for (size_t i = 0; i < CLEF_COUNT(lists); i++)
        for (const CommandOption *o = lists[i]; o && o->name && n < CLEF_COUNT(names); o++)
            names[n++] = o->name;
    Str name = str_starts(word, STR("--")) ? str_slice(word, 2, str_find_byte(word, '=')) : (Str){ 0 };
    const char *near = name.n ? nearest_name(name, names, n) : NULL;
    *error = str_format(a, "there is no option %.*s", STR_FMT(word));
    if (near)
        *error = str_format(a, "%.*s; did you mean --%s?", STR_FMT(*error), near);
}

static bool check_arguments(CommandCall *c, Str *error)
{
    size_t least = 0, most = 0;
    bool many = false;
    const char *missing = NULL;
    for (const CommandArgument *p = c->command->arguments; p && p->name; p++) {
        least += !p->optional;
        most++;
        many = many || p->many;
        if (!p->optional && c->arguments.n < least && !missing)
            missing = p->name;
    }
    if (missing)
        *error = str_format(c->cx.arena, "the argument %s is missing", missing);
    else if (c->arguments.n > most && !many)
        *error = str_format(c->cx.arena, "'%.*s' is one argument too many", STR_FMT(c->arguments.p[most]));
    else
        return true;
    return false;
}

bool options_read(CommandCall *c, char **words, size_t n, GeneralOptions *general, Str *error)
{
    Arena *a = c->cx.arena;
    GivenOption *given = NEW_ARRAY(a, GivenOption, n * 2 + 1);
    Str *arguments = NEW_ARRAY(a, Str, n + 1);
    size_t ngiven = 0, narguments = 0, cap = n * 2;
    bool only_arguments = false;
    for (size_t i = 0, within = 0; i < n;) {
        Str word = str_c(words[i]);
        if (only_arguments || word.n < 2 || word.p[0] != '-') {
            arguments[narguments++] = word;
            i++;
            continue;
        }
        if (word.n == 2 && word.p[1] == '-') {
            only_arguments = true;
            i++;
            continue;
        }
        GivenOption g = { 0 };
        bool own = true;
        int took = read_option(a, c->command->options, words + i, n - i, &within, &g, error);
        if (took == 0) {
            own = false;
            took = read_option(a, general_options, words + i, n - i, &within, &g, error);
        }
        if (took == 0)
            unknown(a, c->command->options, word, error);
        if (took <= 0)
            return false;
        if (!own)
            set_general(general, &g);
        else if (ngiven < cap)
            given[ngiven++] = g;
        i += within ? 0 : (size_t)took;
    }
    c->given = given;
    c->ngiven = ngiven;
    c->arguments = (StrList){ .p = arguments, .n = narguments };
    return general->help || check_arguments(c, error);
}

/* ---- what a command asks ---- */

static const CommandOption *own_option(const CommandCall *c, const char *name, OptionKind kind)
{
    const CommandOption *o = find(c->command->options, str_c(name), 0);
    if (!o)
        PANIC("the command %s has no option \"%s\": describe it in its options", c->command->name, name);
    bool text = kind == OPTION_TEXT && o->kind == OPTION_CHOICE;
    if (o->kind != kind && !text)
        PANIC("the option \"%s\" of the command %s is of another kind", name, c->command->name);
    return o;
}

/* The last one given. */
static const GivenOption *given_option(const CommandCall *c, const CommandOption *o)
{
    for (size_t i = c->ngiven; i-- > 0;)
        if (c->given[i].option == o)
            return &c->given[i];
    return NULL;
}

bool option_given(const CommandCall *c, const char *name)
{
    const CommandOption *o = find(c->command->options, str_c(name), 0);
    return o && given_option(c, o);
}

bool option_flag(const CommandCall *c, const char *name)
{
    return given_option(c, own_option(c, name, OPTION_FLAG)) != NULL;
}

Str option_text(const CommandCall *c, const char *name)
{
    const CommandOption *o = own_option(c, name, OPTION_TEXT);
    const GivenOption *g = given_option(c, o);
    return g ? g->text : str_c(o->fallback);
}

int64_t option_int(const CommandCall *c, const char *name)
{
    const CommandOption *o = own_option(c, name, OPTION_INT);
    const GivenOption *g = given_option(c, o);
    int64_t fallback = 0;
    return g ? g->number : str_to_i64(str_c(o->fallback), &fallback) ? fallback : 0;
}

StrList option_list(const CommandCall *c, const char *name)
{
    const CommandOption *o = own_option(c, name, OPTION_LIST);
    Str *list = NEW_ARRAY(c->cx.arena, Str, c->ngiven + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->ngiven; i++)
        if (c->given[i].option == o)
            list[n++] = c->given[i].text;
    if (n == 0 && o->fallback)
        list[n++] = str_c(o->fallback);
    return (StrList){ .p = list, .n = n };
}
