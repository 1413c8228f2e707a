#include <clef/i18n.h>
#include <clef/test.h>

static unsigned form(const char *expression, int64_t n)
{
    const PluralForms *p;
    REQUIRE(plural_read(test_arena(), str_c(expression), &p) == PLURAL_OK);
    return plural_form(p, n);
}

TEST(i18n, a_plural_expression_says_which_form_a_number_takes)
{
    const char *russian = "(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)";
    static const struct {
        int64_t n;
        unsigned form;
    } rows[] = { { 1, 0 }, { 2, 1 }, { 5, 2 }, { 11, 2 }, { 21, 0 }, { 22, 1 }, { 112, 2 } };
    EACH_ROW (row, rows)
        CHECK_EQ(form(russian, row->n), row->form);
    CHECK_EQ(plural_form(NULL, 1), 0u);
    CHECK_EQ(plural_form(NULL, 0), 1u);
}

TEST(i18n, plural_expressions_bind_as_in_C)
{
    static const struct {
        const char *text;
        int64_t n;
        unsigned form;
    } rows[] = {
        { "n", 7, 7 },
        { "1 + 2 * 3", 0, 7 },
        { "(1 + 2) * 3", 0, 9 },
        { "10 - 3 - 2", 0, 5 },
        { "!n", 0, 1 },
        { "!!n", 5, 1 },
        { "n==1 || n==2 && n==3", 1, 1 },
        { "n > 1 == 1", 5, 1 },
        { "n ? 1 ? 2 : 3 : 4", 1, 2 },
        { "n ? 1 : n ? 2 : 3", 0, 3 },
        { "n / 2", 7, 3 },
        { "n % 10", -1, 9 }, /* down, as Python's */
        { "n / 0", 1, 0 },
        { "1 % n", 0, 0 },
        { "0 - 5", 0, 0 },
        { "0 && 1 / n", 0, 0 },
        { "1 || 1 / n", 0, 1 },
        { "\t n >= 2 ", 2, 1 },
        { "n <= 2", 3, 0 },
        { "n != 2", 2, 0 },
    };
    EACH_ROW (row, rows)
        CHECK_EQ(form(row->text, row->n), row->form);
}

TEST(i18n, what_is_no_plural_expression_is_refused)
{
    static const struct {
        const char *text;
    } rows[] = { { "" },      { "m" },       { "n n" }, { "n +" },     { "(n" },         { "n)" },
                 { "n ? 1" }, { "n ? : 1" }, { "-n" },  { "n = 1" },   { "n & 1" },      { "1n" },
                 { "nn" },    { "n_" },      { "%" },   { "n % % 2" }, { "9999999999" }, { "n; 1" },
                 { "()" },    { "?:" },      { "n\n" }, { "0x1" },     { "n==1?" },      { "n ||| 1" } };
    const PluralForms *p;
    EACH_ROW (row, rows)
        CHECK_EQ((int)plural_read(test_arena(), str_c(row->text), &p), PLURAL_BAD);
}

TEST(i18n, plural_expressions_have_limits)
{
    const PluralForms *p;
    Arena *a = test_arena();
    Buf b = BUF_INIT(a, 100000);
    for (int i = 0; i < PLURAL_TEXT_MAX; i++)
        buf_byte(&b, i % 2 ? '+' : 'n');
    buf_truncate(&b, PLURAL_TEXT_MAX - 1);
    CHECK_EQ((int)plural_read(a, buf_view(&b), &p), PLURAL_TOO_DEEP);
    buf_c(&b, "nn");
    CHECK_EQ((int)plural_read(a, buf_view(&b), &p), PLURAL_TOO_LONG);
    for (int depth = PLURAL_DEPTH; depth <= PLURAL_DEPTH + 1; depth++) {
        buf_clear(&b);
        buf_fill(&b, '(', (size_t)depth);
        buf_byte(&b, 'n');
        buf_fill(&b, ')', (size_t)depth);
        CHECK_EQ((int)plural_read(a, buf_view(&b), &p), depth > PLURAL_DEPTH ? PLURAL_TOO_DEEP : PLURAL_OK);
        buf_clear(&b);
        buf_c(&b, "n");
        for (int i = 0; i < depth; i++)
            buf_c(&b, "+n");
        CHECK_EQ((int)plural_read(a, buf_view(&b), &p), depth > PLURAL_DEPTH ? PLURAL_TOO_DEEP : PLURAL_OK);
    }
}
