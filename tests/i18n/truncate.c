#include <clef/base.h>
#include <clef/i18n.h>
#include <clef/test.h>

#define DOTS "\xe2\x80\xa6"

TEST(truncate, characters_count_the_mark_and_not_the_accents)
{
    Arena *a = test_arena();
    CHECK_STR(text_truncate_chars(a, STR("joel is a slug"), 5, (Str){ 0 }), STR("joel" DOTS));
    CHECK_STR(text_truncate_chars(a, STR("abc"), 3, (Str){ 0 }), STR("abc"));
    CHECK_STR(text_truncate_chars(a, STR("abc"), 0, (Str){ 0 }), STR(""));
    CHECK_STR(text_truncate_chars(a, STR("abcdef"), 4, STR("...")), STR("a..."));
    CHECK_STR(text_truncate_chars(a, STR("abcdef"), 2, STR("...")), STR("..."));
    CHECK_STR(text_truncate_chars(a, STR("abcdef"), 4, STR("<%(truncated_text)s>")), STR("<ab>"));
    CHECK_STR(text_truncate_chars(a,
                                  STR("-B\xcc\x8a"
                                      "B\xcc\x8a----8"),
                                  5, (Str){ 0 }),
              STR("-B\xcc\x8a"
                  "B\xcc\x8a-" DOTS));
}

TEST(truncate, words_lose_their_spaces)
{
    Arena *a = test_arena();
    CHECK_STR(text_truncate_words(a, STR("one  two\nthree four"), 3, STR(" " DOTS)), STR("one two three " DOTS));
    CHECK_STR(text_truncate_words(a, STR(" one "), 3, (Str){ 0 }), STR("one"));
    CHECK_STR(text_truncate_words(a, STR("one"), -1, (Str){ 0 }), STR(""));
}

TEST(truncate, markup_keeps_its_tags_and_closes_them)
{
    Arena *a = test_arena();
    CHECK_STR(html_truncate_chars(a, STR("<p>one <b class='x>y'>two</b></p>"), 6, (Str){ 0 }),
              STR("<p>one <b class='x>y'>t" DOTS "</b></p>"));
    CHECK_STR(html_truncate_chars(a, STR("a<br/>b<img>cdef"), 3, (Str){ 0 }), STR("a<br/>b<img>" DOTS));
    CHECK_STR(html_truncate_words(a, STR("<i>d&iacute;as y noches</i>"), 2, (Str){ 0 }), STR("<i>d\xc3\xad"
                                                                                             "as y" DOTS "</i>"));
    CHECK_STR(html_truncate_chars(a, STR("<!-- a comment --><a>bc</a>"), 3, (Str){ 0 }), STR("<a>bc</a>"));
    /* what is not complete at the end is left out */
    CHECK_STR(html_truncate_chars(a, STR("ab<i"), 9, (Str){ 0 }), STR("ab"));
}
