#include <clef/base/utf8.h>
#include <clef/codec/charset.h>
#include <clef/test.h>

TEST(charset, names_are_found_in_any_spelling)
{
    CHECK_EQ(charset_find(STR("UTF-8")), CHARSET_UTF8);
    CHECK_EQ(charset_find(STR("utf_8")), CHARSET_UTF8);
    CHECK_EQ(charset_find(STR("ISO_8859-1")), CHARSET_LATIN1);
    CHECK_EQ(charset_find(STR("Windows-1252")), CHARSET_CP1252);
    CHECK_EQ(charset_find(STR("")), CHARSET_UNKNOWN);
    CHECK_EQ(charset_find(STR("koi8-zz")), CHARSET_UNKNOWN);
    CHECK_EQ(charset_find(STR("utf-8-with-a-name-far-too-long")), CHARSET_UNKNOWN);
}

TEST(charset, valid_text_is_not_copied)
{
    Str s = STR("caf\xc3\xa9 \xe2\x99\xa5 \xf0\x9f\x98\x80");
    CHECK(utf8_valid(s));
    CHECK_PTR(charset_decode(test_arena(), s, CHARSET_UTF8).p, s.p);
    s = STR("plain");
    CHECK_PTR(charset_decode(test_arena(), s, CHARSET_LATIN1).p, s.p);
}

/* One replacement for each maximal ill-formed part, as Unicode's chapter 3.9 tells it. */
TEST(charset, ill_formed_parts_become_replacement_characters)
{
    Arena *a = test_arena();
#define BAD "\xef\xbf\xbd"
    CHECK_STR(charset_decode(a,
                             STR("a\xf1\x80\x80\xe1\x80\xc2"
                                 "b\x80"
                                 "c"),
                             CHARSET_UTF8),
              STR("a" BAD BAD BAD "b" BAD "c"));
    CHECK_STR(charset_decode(a, STR("\xed\xa0\x80"), CHARSET_UTF8), STR(BAD BAD BAD)); /* a surrogate */
    CHECK_STR(charset_decode(a, STR("\xc0\xaf"), CHARSET_UTF8), STR(BAD BAD));         /* overlong */
    CHECK_STR(charset_decode(a, STR("\xf4\x90\x80\x80"), CHARSET_UTF8), STR(BAD BAD BAD BAD));
    CHECK_STR(charset_decode(a, STR("x\xe2\x99"), CHARSET_UTF8), STR("x" BAD));
    CHECK(!utf8_valid(STR("0123456789abcdef\xff")));
}

TEST(charset, single_byte_encodings)
{
    Arena *a = test_arena();
    CHECK_STR(charset_decode(a, STR("a\xe9\x80"), CHARSET_LATIN1), STR("a\xc3\xa9\xc2\x80"));
    CHECK_STR(charset_decode(a, STR("\x80\x81"), CHARSET_CP1252), STR("\xe2\x82\xac" BAD));
    CHECK_STR(charset_decode(a, STR("\xa4\xe9"), CHARSET_LATIN9), STR("\xe2\x82\xac\xc3\xa9"));
    CHECK_STR(charset_decode(a, STR("\xcf\xf0\xb8"), CHARSET_CP1251), STR("\xd0\x9f\xd1\x80\xd1\x91"));
    CHECK_STR(charset_decode(a, STR("ab\xe9\xc3\xa9"), CHARSET_ASCII), STR("ab" BAD BAD BAD));
}

TEST(charset, utf_16_with_surrogates)
{
    Arena *a = test_arena();
    CHECK_STR(charset_decode(a, str_from("a\0\x3d\xd8\x00\xde", 6), CHARSET_UTF16LE), STR("a\xf0\x9f\x98\x80"));
    CHECK_STR(charset_decode(a, str_from("\0a\xd8\x3d\0b\0", 7), CHARSET_UTF16BE), STR("a" BAD "b" BAD));
}
