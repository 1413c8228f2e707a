#include <clef/base.h>
#include <clef/i18n.h>
#include <clef/test.h>

TEST(normalize, forms_c_and_kc)
{
    static const struct {
        Str text, nfc, nfkc;
    } rows[] = {
        { STR("plain"), STR("plain"), STR("plain") },
        { STR("e\xcc\x81"), STR("\xc3\xa9"), STR("\xc3\xa9") },
        { STR("\xef\xac\x81"), STR("\xef\xac\x81"), STR("fi") },
        /* marks are put in order before they compose */
        { STR("a\xcc\x81\xcc\xa3"), STR("\xe1\xba\xa1\xcc\x81"), STR("\xe1\xba\xa1\xcc\x81") },
        /* two marks of one class: the second is blocked */
        { STR("a\xcc\x81\xcc\x80"), STR("\xc3\xa1\xcc\x80"), STR("\xc3\xa1\xcc\x80") },
        /* Hangul: leading, vowel, trailing */
        { STR("\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8"), STR("\xea\xb0\x81"), STR("\xea\xb0\x81") },
        /* excluded from composition */
        { STR("\xe0\xa5\x98"), STR("\xe0\xa4\x95\xe0\xa4\xbc"), STR("\xe0\xa4\x95\xe0\xa4\xbc") },
        { STR("\xc3\xa9\xff"
              "e\xcc\x81"),
          STR("\xc3\xa9\xff\xc3\xa9"), STR("\xc3\xa9\xff\xc3\xa9") },
    };
    EACH_ROW (row, rows) {
        CHECK_STR(text_normalize(test_arena(), row->text, TEXT_NFC), row->nfc);
        CHECK_STR(text_normalize(test_arena(), row->text, TEXT_NFKC), row->nfkc);
    }
}

TEST(normalize, a_long_run_of_marks_is_sorted_and_not_slow)
{
    Buf b = BUF_INIT(test_arena(), 1 << 22);
    buf_byte(&b, 'a');
    for (int i = 0; i < 100000; i++)
        buf_c(&b, i % 2 ? "\xcc\xa3" : "\xcc\x81");
    Str s = text_normalize(test_arena(), buf_view(&b), TEXT_NFC);
    CHECK(str_starts(s, STR("\xe1\xba\xa1\xcc\xa3")));
    CHECK(str_ends(s, STR("\xcc\x81\xcc\x81")));
}

TEST(normalize, classes_of_characters)
{
    CHECK_EQ(text_combining(0x301), 230);
    CHECK_EQ(text_combining('a'), 0);
    CHECK(text_is_alnum('z') && text_is_alnum(0xe9) && text_is_alnum(0x4e00) && text_is_alnum(0xb2));
    CHECK(!text_is_alnum('_') && !text_is_alnum(0xd7) && !text_is_alnum(0x20ac));
    CHECK(text_is_word('_'));
}

TEST(text, titles_of_scripts_without_title_case_stay)
{
    Arena *a = test_arena();
    CHECK_STR(text_title(a, STR("\xe1\x83\x9d\xe1\x83\xa5\xe1\x83\xa2")), STR("\xe1\x83\x9d\xe1\x83\xa5\xe1\x83\xa2"));
    CHECK_STR(text_upper(a, STR("\xe1\x83\x9d")), STR("\xe1\xb2\x9d"));
}
