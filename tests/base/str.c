#include <clef/base.h>
#include <clef/test.h>

TEST(str, cut_visits_every_piece)
{
    Str rest = STR("a,,b"), piece;
    CHECK(str_cut(&rest, ',', &piece));
    CHECK_STR(piece, STR("a"));
    CHECK(str_cut(&rest, ',', &piece));
    CHECK_STR(piece, STR(""));
    CHECK(str_cut(&rest, ',', &piece));
    CHECK_STR(piece, STR("b"));
    CHECK(!str_cut(&rest, ',', &piece));
    rest = STR("");
    CHECK(str_cut(&rest, ',', &piece));
    CHECK(!str_cut(&rest, ',', &piece));
}

TEST(str, numbers_are_whole_and_bounded)
{
    int64_t v = 7;
    CHECK(str_to_i64(STR("-9223372036854775808"), &v));
    CHECK(v == INT64_MIN);
    CHECK(str_to_i64(STR("+42"), &v));
    CHECK_EQ(v, 42);
    CHECK(!str_to_i64(STR("9223372036854775808"), &v));
    CHECK(!str_to_i64(STR("-9223372036854775809"), &v));
    CHECK(!str_to_i64(STR(""), &v));
    CHECK(!str_to_i64(STR("-"), &v));
    CHECK(!str_to_i64(STR("-+1"), &v));
    CHECK(!str_to_i64(STR("1 "), &v));
    CHECK_EQ(v, 42);
    uint64_t u;
    CHECK(str_to_u64(STR("18446744073709551615"), &u));
    CHECK(u == UINT64_MAX);
    CHECK(!str_to_u64(STR("18446744073709551616"), &u));
}

TEST(str, find_slice_trim_replace)
{
    Arena *a = test_arena();
    CHECK_EQ(str_find(STR("abcabc"), STR("ca")), 2);
    CHECK(str_find(STR("abc"), STR("abcd")) == STR_NPOS);
    CHECK_STR(str_slice(STR("hello"), 1, 3), STR("el"));
    CHECK_STR(str_slice(STR("hello"), 4, 99), STR("o"));
    CHECK_STR(str_slice(STR("hello"), 9, 99), STR(""));
    CHECK_STR(str_trim(STR(" \t x y \r\n")), STR("x y"));
    CHECK_STR(str_replace(a, STR("a-b-c"), STR("-"), STR("--")), STR("a--b--c"));
    CHECK_STR(str_lower(a, STR("ÄbC")), STR("Äbc"));
    CHECK(str_ieq(STR("Content-Length"), STR("content-length")));
    CHECK(str_cmp(STR("ab"), STR("abc")) < 0);
}

TEST(buf, a_maximum_holds)
{
    Buf b = BUF_INIT(NULL, 10);
    CHECK(buf_add(&b, "0123456789", 10));
    CHECK(!buf_byte(&b, 'x'));
    CHECK(b.failed);
    CHECK_STR(buf_view(&b), STR("0123456789"));
    buf_clear(&b);
    CHECK(buf_i64(&b, -123456789));
    CHECK(!buf_i64(&b, 1234));
    CHECK_STR(buf_view(&b), STR("-123456789"));
    buf_finish(&b);
}

TEST(buf, formats_of_any_length)
{
    Buf b = BUF_INIT(test_arena(), 1 << 20);
    CHECK(buf_printf(&b, "%d-%1000s", 5, "x"));
    CHECK_EQ(b.n, 1002);
    buf_consume(&b, 1001);
    CHECK_STR(buf_view(&b), STR("x"));
    buf_clear(&b);
    buf_i64(&b, INT64_MIN);
    CHECK_STR(buf_view(&b), STR("-9223372036854775808"));
}

TEST(str, bytes_same_at_every_length_and_place)
{
    char a[40], b[40];
    for (size_t n = 0; n <= 33; n++) {
        memset(a, 'x', sizeof a);
        memset(b, 'x', sizeof b);
        b[n] = 'y'; /* behind the end */
        CHECK(bytes_same(a, b, n));
        for (size_t i = 0; i < n; i++) {
            b[i] = 'z';
            CHECK(!bytes_same(a, b, n));
            b[i] = 'x';
        }
    }
}

TEST(buf, integers_have_their_digits)
{
    static const struct {
        int64_t v;
        const char *text;
    } rows[] = {
        { 0, "0" },
        { 7, "7" },
        { 10, "10" },
        { 99, "99" },
        { 100, "100" },
        { 12345, "12345" },
        { 99999999, "99999999" },
        { -1, "-1" },
        { -100, "-100" },
        { INT64_MAX, "9223372036854775807" },
        { INT64_MIN, "-9223372036854775808" },
    };
    EACH_ROW (row, rows) {
        Buf b = BUF_INIT(test_arena(), 64);
        CHECK(buf_i64(&b, row->v));
        CHECK_STR(buf_view(&b), str_c(row->text));
    }
    Buf b = BUF_INIT(test_arena(), 64);
    CHECK(buf_u64(&b, UINT64_MAX));
    CHECK_STR(buf_view(&b), STR("18446744073709551615"));
    for (uint64_t v = 1, n = 1; n < 20; v *= 10, n++) {
        buf_clear(&b);
        CHECK(buf_u64(&b, v - 1));
        CHECK_EQ(b.n, v == 1 ? 1 : n - 1);
        CHECK(buf_u64(&b, v));
        CHECK_EQ(b.n, (v == 1 ? 1 : n - 1) + n);
    }
}
