#include "urls/views.h"

#include "urls/normalize.h"
#include "urls/regex.h"

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

TEST(regex, backtracking_that_explodes_is_a_limit)
{
    static const Url table[] = { RE_PATH("^(a+)+$", view_a), PATH("<path:p>", view_b), URLS_END };
    Str path = STR("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
    CHECK_STR(resolved(compiled(table, NULL), path.p), STR("limit"));
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

static Str normalized(const char *pattern)
{
    Forms forms;
    Str error;
    if (!normalize(test_arena(), str_c(pattern), &forms, &error))
        return error;
    Str out = STR("");
    for (size_t i = 0; i < forms.n; i++) {
        out = str_format(test_arena(), "%.*s%s%.*s", STR_FMT(out), i ? " | " : "",
                         STR_FMT(form_text(test_arena(), &forms.p[i])));
        for (size_t k = 0; k < forms.p[i].params.n; k++)
            out = str_format(test_arena(), "%.*s,%.*s", STR_FMT(out), STR_FMT(forms.p[i].params.p[k]));
    }
    return out;
}
#define CHECK_NORMALIZED(from, to) CHECK_STR(normalized(from), STR(to))

TEST(regex, normalize_gives_the_texts_behind_an_expression)
{
    CHECK_NORMALIZED("", "");
    CHECK_NORMALIZED("^a/(\\d+)/(?P<n>x(y)z)/$", "a/%(_0)s/%(n)s/,_0,n");
    CHECK_NORMALIZED("a*b+c?d{2}e{0,3}f{1,}", "bddf");
    CHECK_NORMALIZED("(?:x(?P<a>1))?y", "y | x%(a)sy,a");
    CHECK_NORMALIZED("(?P<a>1)?(?P<b>2)?", " | %(b)s,b | %(a)s,a | %(a)s%(b)s,a,b");
    CHECK_NORMALIZED("(?:(?P<a>1)/)?(?:x)+", "x | %(a)s/x,a");
    CHECK_NORMALIZED("[abc]\\w\\d\\.(?=look)(?<!back)z", "ax0.z");
    CHECK_NORMALIZED("a|b", "");
    CHECK_NORMALIZED("(?P<n>.*)-(?P=n)", "%(n)s-%(n)s,n");
    CHECK_NORMALIZED("(?i)x", "Non-reversible reg-exp portion: '(?i'");
    CHECK_NORMALIZED("(?P>x)", "Non-reversible reg-exp portion: '(?P>'");
    CHECK_NORMALIZED("a{9999999}", "the expression has too many parts to be reversed");
    CHECK_NORMALIZED("(a)?(b)?(c)?(d)?(e)?(f)?(g)?", "the expression has too many optional groups to be reversed");
}
