#include <clef/test.h>

#include "codec/regex.h"

static Str translated(const char *pattern)
{
    static Str names[REGEX_MAX_GROUPS + 1];
    uint32_t ngroups, flags;
    Str error, out = regex_translate(test_arena(), str_c(pattern), names, &ngroups, &flags, &error);
    return str_is_null(out) ? error : out;
}
#define CHECK_TRANSLATED(from, to) CHECK_STR(translated(from), STR(to))

TEST(regex, python_becomes_pcre)
{
    CHECK_TRANSLATED("^a(?P<n>\\d+)\\Z", "^a(\\d+)\\z");
    CHECK_TRANSLATED("(?P<x>a)(?P=x)\\1", "(a)\\g{1}\\g{1}");
    CHECK_TRANSLATED("\\u0041\\x41\\v\\0\\101", "\\x{41}\\x{41}\\x0b\\x{0}\\x{41}");
    CHECK_TRANSLATED("[[a]\\b][]x]", "[\\[a]\\b][\\]x]");
    CHECK_TRANSLATED("[[:alpha:]]", "[\\[:alpha:]]");
    CHECK_TRANSLATED("a{,3}b{2}c{2,}d{x}{}", "a{0,3}b{2}c{2,}d\\{x}\\{}");
    CHECK_TRANSLATED("(?i)a(?#note)b(?s:c)", "(?i)ab(?s:c)");
    CHECK_TRANSLATED("(?x) a b # c (\n d", "abd");
    CHECK_TRANSLATED("(a)(?(1)b|c)", "(a)(?(1)b|c)");
    CHECK_TRANSLATED("\\q", "bad escape \\q at position 0");
    CHECK_TRANSLATED("(?P<a>x)(?P<a>y)", "redefinition of group name a at position 8");
    CHECK_TRANSLATED("(?P=z)", "unknown group name z at position 0");
    CHECK_TRANSLATED("(?<n>x)", "unknown extension ?< at position 0");
    CHECK_TRANSLATED("(*VERB)", "nothing to repeat at position 1");
    CHECK_TRANSLATED("a(?i)b", "global flags not at the start of the expression at position 1");
    CHECK_TRANSLATED("[a", "unterminated character set at position 0");
    CHECK_TRANSLATED("a\\", "bad escape (end of pattern) at position 1");
    CHECK_TRANSLATED("(a)\\2", "invalid group reference 2 at position 4");
}

static RegexResult run(const char *pattern, bool full, Str subject)
{
    Str error = STR("");
    const Regex *x = regex_compile(test_arena(), str_c(pattern), full, &error);
    CHECK_STR(error, STR(""));
    REQUIRE(x != NULL);
    return regex_match(x, regex_scratch_create(test_arena()), subject);
}

TEST(regex, classes_know_unicode)
{
    CHECK_EQ(run("^\\w+$", true, STR("Юникод")), REGEX_YES);
    CHECK_EQ(run("^\\d$", true, STR("\xd9\xa3")), REGEX_YES); /* ARABIC-INDIC DIGIT THREE */
    CHECK_EQ(run("(?a)^\\w+$", true, STR("Юникод")), REGEX_NO);
    CHECK_EQ(run("(?i)^É$", true, STR("é")), REGEX_YES);
    CHECK_EQ(run("^.$", true, STR("é")), REGEX_YES);
    CHECK_EQ(run("^.+$", true,
                 STR("a\xff"
                     "b")),
             REGEX_NO); /* not UTF-8 */
    CHECK_EQ(run("a$", false, STR("a\n")), REGEX_YES);
    CHECK_EQ(run("a$", true, STR("a\n")), REGEX_NO);
    CHECK_EQ(run("a\\Z", false, STR("a\n")), REGEX_NO);
    CHECK_EQ(run("b", false, STR("abc")), REGEX_YES);
    CHECK_EQ(run("b", true, STR("abc")), REGEX_NO);
}

TEST(regex, literal_prefixes_never_say_too_much)
{
    static const char *const cases[][2] = {
        { "^abc/(x)", "abc/" }, { "^ab*", "a" },  { "^ab+", "a" }, { "^ab?c", "a" },      { "^a\\.b\\d", "a.b" },
        { "^a|b", "" },         { "^(a|b)", "" }, { "abc", "" },   { "^abc$", "abc" },    { "^a[|]b", "a" },
        { "^aé?", "a" },        { "^é/", "é/" },  { "^a{2}", "" }, { "^ab(?:|c)", "ab" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++)
        CHECK_STR(regex_literal_prefix(test_arena(), str_c(cases[i][0])), str_c(cases[i][1]));
}
