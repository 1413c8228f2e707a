#include <clef/base.h>
#include <clef/i18n.h>
#include <clef/test.h>

TEST(words, wrap)
{
    Str out;
    CHECK(text_wrap(test_arena(), STR("1234 67 9"), 8, &out));
    CHECK_STR(out, STR("1234 67\n9"));
    CHECK(text_wrap(test_arena(), STR("a looooong word\n\n  x\n"), 5, &out));
    CHECK_STR(out, STR("a\nlooooong\nword\n\n  x\n"));
    CHECK(text_wrap(test_arena(), STR("a b\n \t\nc"), 1, &out));
    CHECK_STR(out, STR("a\nb\n \t\nc"));
    CHECK(!text_wrap(test_arena(), STR("a"), 0, &out));
    CHECK(text_wrap(test_arena(), STR(""), 0, &out));
}

TEST(words, smart_split_keeps_quotes)
{
    static const char *const expected[] = { "a", "\"b c\"", "x='d \\' e'", "it's", "\"" };
    TextWords w = smart_split(test_arena(), STR("a \"b c\"  x='d \\' e'\tit's \""));
    CHECK_EQ(w.n, CLEF_COUNT(expected));
    for (size_t i = 0; i < w.n && i < CLEF_COUNT(expected); i++)
        CHECK_STR(w.p[i], str_c(expected[i]));
}

TEST(words, string_literals)
{
    Str out;
    CHECK(unescape_string_literal(test_arena(), STR("'it\\'s \\\\ \\n'"), &out));
    CHECK_STR(out, STR("it's \\ \\n"));
    CHECK(!unescape_string_literal(test_arena(), STR("'abc"), &out));
    CHECK(!unescape_string_literal(test_arena(), STR(""), &out));
}

TEST(words, names_and_lists)
{
    Arena *a = test_arena();
    Str out, items[] = { STR("a"), STR("b"), STR("c") };
    CHECK_STR(get_text_list(a, items, 3, STR(", "), STR("or")), STR("a, b or c"));
    CHECK_STR(get_text_list(a, items, 1, STR(", "), STR("or")), STR("a"));
    CHECK_STR(phone2numeric(a, STR("0800 Flowers")), STR("0800 3569377"));
    CHECK_STR(camel_case_to_spaces(a, STR("getHTTPResponse2XMLFile ")), STR("get http response2xml file"));
    CHECK_STR(normalize_newlines(a, STR("a\r\nb\rc\n")), STR("a\nb\nc\n"));
    CHECK_STR(slugify_unicode(a, STR(" \xc3\x89t\xc3\xa9 _Now_ -- \xe2\x82\xac ")), STR("\xc3\xa9t\xc3\xa9-_now"));
    CHECK(get_valid_filename(a, STR(" john's portrait.jpg "), &out));
    CHECK_STR(out, STR("johns_portrait.jpg"));
    CHECK(!get_valid_filename(a, STR("$.$.$"), &out));
}
