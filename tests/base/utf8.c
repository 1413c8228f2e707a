#include <clef/base.h>
#include <clef/test.h>

/* The slow reference: what Unicode's table 3-7 says, spelled as a list of ranges. */
static const unsigned char table[][8] = {
    { 0x00, 0x7f },
    { 0xc2, 0xdf, 0x80, 0xbf },
    { 0xe0, 0xe0, 0xa0, 0xbf, 0x80, 0xbf },
    { 0xe1, 0xec, 0x80, 0xbf, 0x80, 0xbf },
    { 0xed, 0xed, 0x80, 0x9f, 0x80, 0xbf },
    { 0xee, 0xef, 0x80, 0xbf, 0x80, 0xbf },
    { 0xf0, 0xf0, 0x90, 0xbf, 0x80, 0xbf, 0x80, 0xbf },
    { 0xf1, 0xf3, 0x80, 0xbf, 0x80, 0xbf, 0x80, 0xbf },
    { 0xf4, 0xf4, 0x80, 0x8f, 0x80, 0xbf, 0x80, 0xbf },
};
static const int lengths[] = { 1, 2, 3, 3, 3, 3, 4, 4, 4 };

/* Length of the sequence at p; negative: of the maximal subpart that is ill-formed. */
static int reference(const unsigned char *p, size_t n)
{
    int best = 1;
    for (size_t row = 0; row < CLEF_COUNT(table); row++)
        for (int i = 0; i < lengths[row]; i++) {
            if ((size_t)i >= n || p[i] < table[row][i * 2] || p[i] > table[row][i * 2 + 1]) {
                if (i > best)
                    best = i;
                break;
            }
            if (i == lengths[row] - 1)
                return i + 1;
        }
    return -best;
}

static void compare(const unsigned char *p, size_t n)
{
    Str s = { (const char *)p, n };
    size_t count = 0, prefix = 0, at = 0;
    bool valid = true;
    while (at < n) {
        int r = reference(p + at, n - at);
        size_t next = at;
        uint32_t c = utf8_next(s, &next);
        size_t step = (size_t)(r < 0 ? -r : r);
        if (next != at + step || (r < 0 && c != UTF8_REPLACEMENT)) {
            CHECK_EQ(next - at, step);
            CHECK(r > 0 || c == UTF8_REPLACEMENT);
            return;
        }
        if (r > 0) {
            char out[UTF8_MAX];
            size_t length = utf8_encode(c, out);
            if (length != step || memcmp(out, p + at, length))
                CHECK_EQ(length, step);
        }
        valid = valid && r > 0;
        at = next;
        if (valid)
            prefix = at;
        count++;
    }
    if (utf8_valid(s) != valid || utf8_valid_prefix(s) != prefix || utf8_count(s) != count) {
        CHECK_EQ(utf8_valid(s), valid);
        CHECK_EQ(utf8_valid_prefix(s), prefix);
        CHECK_EQ(utf8_count(s), count);
    }
}

TEST(utf8, agrees_with_the_table_on_all_short_inputs, .seconds = 60)
{
    unsigned char p[4];
    for (unsigned i = 0; i < 0x1000000; i++) {
        p[0] = (unsigned char)(i >> 16), p[1] = (unsigned char)(i >> 8), p[2] = (unsigned char)i;
        if (p[0] < 0x80 && p[0] != 'a')
            continue; /* one ASCII lead stands for all */
        if (i % 0x10000 == 0)
            compare(p, 1);
        if (i % 0x100 == 0)
            compare(p, 2);
        if (p[0] == 'a' || p[0] >= 0xc0 || p[1] >= 0xc0)
            compare(p, 3);
    }
}

TEST(utf8, agrees_with_the_table_on_four_bytes_at_every_border)
{
    static const unsigned char border[] = { 0x00, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x9f, 0xa0, 0xbe,
                                            0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed,
                                            0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff };
    enum { N = CLEF_COUNT(border) };
    for (unsigned i = 0; i < N * N * N * N; i++) {
        unsigned char p[4] = { border[i % N], border[i / N % N], border[i / N / N % N], border[i / N / N / N] };
        compare(p, 4);
    }
}

TEST(utf8, every_code_point_goes_round)
{
    for (uint32_t c = 0; c <= 0x110000; c++) {
        char out[UTF8_MAX];
        size_t n = utf8_encode(c, out);
        if ((c >= 0xd800 && c < 0xe000) || c > 0x10ffff) {
            if (n)
                CHECK_EQ(n, 0ul);
            continue;
        }
        size_t at = 0;
        if (utf8_next((Str){ out, n }, &at) != c || at != n || !utf8_valid((Str){ out, n }))
            CHECK_EQ(c, 0xffffffffu);
    }
}

TEST(utf8, a_bad_byte_is_found_at_every_place_of_a_vector)
{
    char text[300];
    for (size_t n = 1; n <= sizeof text; n += 7)
        for (size_t at = 0; at < n; at++) {
            memset(text, 'x', n);
            Str s = { text, n };
            text[at] = (char)0xff;
            if (utf8_valid_prefix(s) != at || utf8_is_ascii(s))
                CHECK_EQ(utf8_valid_prefix(s), at);
            if (at + 1 < n) {
                text[at] = (char)0xc3, text[at + 1] = (char)0xa9;
                if (!utf8_valid(s) || utf8_is_ascii(s) || utf8_count(s) != n - 1 || utf8_offset(s, at + 1) != at + 2)
                    CHECK_EQ(utf8_offset(s, at + 1), at + 2);
            }
        }
    CHECK(utf8_valid((Str){ 0 }));
    CHECK(utf8_is_ascii((Str){ 0 }));
    CHECK_EQ(utf8_count((Str){ 0 }), 0ul);
}

TEST(utf8, replaces_each_maximal_part_as_python_does)
{
    /* right: what Python's bytes.decode("utf-8", "replace") gives. */
    static const struct {
        Str in, out;
    } cases[] = {
        { STR("plain"), STR("plain") },
        { STR("a\xff\xfe"
              "b"),
          STR("a\xef\xbf\xbd\xef\xbf\xbd"
              "b") },
        { STR("\xe2\x82"), STR("\xef\xbf\xbd") },
        { STR("\xe2\x82z"), STR("\xef\xbf\xbdz") },
        { STR("\xf0\x9f\x98"), STR("\xef\xbf\xbd") },
        { STR("\xf0\x80\x80\x80"), STR("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
        { STR("\xed\xa0\x80"), STR("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
        { STR("\xc0\xaf"), STR("\xef\xbf\xbd\xef\xbf\xbd") },
        { STR("\xf1\x80\xe1\x80\xc2\x62"), STR("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\x62") },
        { STR("\xf4\x90\x80\x80"), STR("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++)
        CHECK_STR(utf8_replace(test_arena(), cases[i].in), cases[i].out);
}

TEST(utf8, slices_by_code_points)
{
    Str s = STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
    CHECK_STR(utf8_slice(s, 1, 3), STR("\xc3\xa9\xe2\x82\xac"));
    CHECK_STR(utf8_slice(s, 3, 99), STR("\xf0\x9f\x98\x80z"));
    CHECK_STR(utf8_slice(s, 5, 99), STR(""));
    CHECK_STR(utf8_slice(s, 9, 99), STR(""));
    CHECK_STR(utf8_slice(s, 3, 2), STR(""));
    CHECK_STR(utf8_slice(s, 0, SIZE_MAX), s);
}
