/* options.c: command lines read by the descriptions of their options. */
#include "cli/commands.h"

#include <clef/test.h>

static void nothing(CommandCall *c) { (void)c; }

static const Command sample = {
    .name = "sample",
    .help = "A sample.",
    .options = OPTIONS({ .name = "dry-run", .letter = 'n', .help = "Only look." },
                       { .name = "force", .letter = 'f', .help = "At any rate." },
                       { .name = "batch", .letter = 'b', .kind = OPTION_INT, .least = 1, .most = 9, .fallback = "5" },
                       { .name = "from", .kind = OPTION_INT }, { .name = "file", .kind = OPTION_LIST },
                       { .name = "format", .kind = OPTION_CHOICE, .choices = "json|table", .fallback = "json" },
                       { .name = "title", .kind = OPTION_TEXT }),
    .arguments = ARGUMENTS({ .name = "first" }, { .name = "rest", .optional = true, .many = true }),
    .run = nothing,
};

/* The words are separated by spaces. */
static bool read_line(CommandCall *c, GeneralOptions *general, const char *line, Str *error)
{
    char *words[32];
    size_t n = 0;
    Str rest = str_c(line), word;
    while (str_cut(&rest, ' ', &word))
        words[n++] = str_dup_c(test_arena(), word);
    *c = (CommandCall){ .command = &sample };
    *general = (GeneralOptions){ .verbosity = 1 };
    context_init(&c->cx, test_arena());
    return options_read(c, words, n, general, error);
}

TEST(cli, reads_options_of_every_kind)
{
    CommandCall c;
    GeneralOptions g;
    Str error;
    REQUIRE(read_line(&c, &g, "a -n --batch 3 --from=-7 --file x --file=y --format table b --title= c", &error));
    CHECK(option_flag(&c, "dry-run"));
    CHECK(!option_flag(&c, "force"));
    CHECK_EQ(option_int(&c, "batch"), 3);
    CHECK_EQ(option_int(&c, "from"), -7);
    REQUIRE(option_list(&c, "file").n == 2);
    CHECK_STR(option_list(&c, "file").p[1], STR("y"));
    CHECK_STR(option_text(&c, "format"), STR("table"));
    CHECK(option_given(&c, "title") && option_text(&c, "title").n == 0);
    REQUIRE(c.arguments.n == 3);
    CHECK_STR(c.arguments.p[2], STR("c"));
}

TEST(cli, gives_fallbacks)
{
    CommandCall c;
    GeneralOptions g;
    Str error;
    REQUIRE(read_line(&c, &g, "a", &error));
    CHECK_EQ(option_int(&c, "batch"), 5);
    CHECK_EQ(option_int(&c, "from"), 0);
    CHECK_STR(option_text(&c, "format"), STR("json"));
    CHECK(str_is_null(option_text(&c, "title")));
    CHECK_EQ(option_list(&c, "file").n, (size_t)0);
    CHECK(!option_given(&c, "batch"));
}

TEST(cli, reads_letters_together)
{
    CommandCall c;
    GeneralOptions g;
    Str error;
    REQUIRE(read_line(&c, &g, "-nfb7 a -v3", &error));
    CHECK(option_flag(&c, "dry-run") && option_flag(&c, "force"));
    CHECK_EQ(option_int(&c, "batch"), 7);
    CHECK_EQ(g.verbosity, 3);
    REQUIRE(read_line(&c, &g, "-fb 8 -- -n --force", &error));
    CHECK_EQ(option_int(&c, "batch"), 8);
    CHECK(!option_flag(&c, "dry-run"));
    CHECK_EQ(c.arguments.n, (size_t)2);
    REQUIRE(read_line(&c, &g, "- a", &error));
    CHECK_STR(c.arguments.p[0], STR("-"));
}

TEST(cli, reads_general_options_anywhere)
{
    CommandCall c;
    GeneralOptions g;
    Str error;
    REQUIRE(read_line(&c, &g, "--settings production a --no-color -v 0", &error));
    CHECK_STR(str_c(g.settings), STR("production"));
    CHECK(g.no_colour);
    CHECK_EQ(g.verbosity, 0);
    REQUIRE(read_line(&c, &g, "--help", &error));
    CHECK(g.help);
}

TEST(cli, says_what_is_wrong)
{
    static const struct {
        const char *line, *error;
    } table[] = {
        { "", "the argument first is missing" },
        { "a --dryrun", "there is no option --dryrun; did you mean --dry-run?" },
        { "a --quite-another=1", "there is no option --quite-another=1" },
        { "a --batch", "-b, --batch needs a value" },
        { "a --batch 0", "-b, --batch needs a whole number from 1 to 9, not '0'" },
        { "a --batch 10", "-b, --batch needs a whole number from 1 to 9, not '10'" },
        { "a -bx", "-b, --batch needs a whole number from 1 to 9, not 'x'" },
        { "a --from 1.5", "--from needs a whole number, not '1.5'" },
        { "a --force=yes", "-f, --force takes no value" },
        { "a --format xml", "--format is one of json, table, not 'xml'" },
        { "a -nx", "there is no option -nx" },
        { "a -v 4", "-v, --verbosity needs a whole number from 0 to 3, not '4'" },
    };
    EACH_ROW (row, table) {
        CommandCall c;
        GeneralOptions g = { 0 };
        Str error = { 0 };
        /* An empty word is an argument, so the first row has none at all. */
        if (!*row->line) {
            c = (CommandCall){ .command = &sample };
            context_init(&c.cx, test_arena());
            CHECK(!options_read(&c, NULL, 0, &g, &error));
        } else {
            CHECK(!read_line(&c, &g, row->line, &error));
        }
        CHECK_STR(error, str_c(row->error));
    }
}

TEST(cli, finds_the_nearest_name)
{
    static const char *const names[] = { "check", "diffsettings", "migrate", "makemigrations", "serve", "showurls" };
    static const struct {
        const char *typed, *near;
    } table[] = { { "srve", "serve" },
                  { "sevre", "serve" },
                  { "migarte", "migrate" },
                  { "makemigration", "makemigrations" },
                  { "diff", "diffsettings" },
                  { "urls", NULL },
                  { "xyz", NULL },
                  { "", NULL } };
    EACH_ROW (row, table) {
        const char *near = nearest_name(str_c(row->typed), names, CLEF_COUNT(names));
        CHECK_STR(str_c(near ? near : "-"), str_c(row->near ? row->near : "-"));
    }
    char long_name[200];
    memset(long_name, 'a', sizeof long_name);
    CHECK_NULL(nearest_name(str_from(long_name, sizeof long_name), names, CLEF_COUNT(names)));
}

TEST(cli, helps_from_the_description)
{
    Buf b = BUF_INIT(test_arena(), 65536);
    help_of_command(&b, STR("prog"), &sample);
    CHECK_STR_CONTAINS(buf_view(&b),
                       STR("usage: prog sample [--dry-run] [--force] [--batch N] [--from N] [--file TEXT]... "
                           "[--format WORD] [--title TEXT] first [rest]...\n\nA sample.\n"));
    CHECK_STR_CONTAINS(buf_view(&b), STR("  -n, --dry-run           Only look.\n"));
    CHECK_STR_CONTAINS(buf_view(&b), STR("One of: json, table. Default: json."));
    CHECK_STR_CONTAINS(buf_view(&b), STR("--settings NAME"));
}
