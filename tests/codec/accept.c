#include <clef/codec/accept.h>
#include <clef/test.h>

static MediaType type(const char *text)
{
    MediaType t;
    REQUIRE(media_type_parse(test_arena(), str_c(text), &t));
    return t;
}
static bool match(const char *x, const char *y)
{
    MediaType a = type(x), b = type(y);
    return media_type_match(&a, &b);
}

TEST(accept, media_types)
{
    CHECK_STR(media_type_text(test_arena(), &(MediaType){ .main = STR("x") }), STR("x"));
    MediaType t = type("Text/HTML; Level=1;q=0.75");
    CHECK_STR(media_type_text(test_arena(), &t), STR("text/html; level=1; q=0.75"));
    CHECK_EQ(t.quality, 750u);
    CHECK_EQ(t.specificity, 3u);
    CHECK_EQ(type("text/html;q=0").specificity, 2u);
    CHECK_EQ(type("text/*").specificity, 1u);
    CHECK_EQ(type("*/*").specificity, 0u);
    static const struct {
        const char *text;
        unsigned quality;
    } qualities[] = { { "a/b;q=", 1000 },    { "a/b;q=x", 1000 },          { "a/b;q=1.1", 1000 },
                      { "a/b;q=-1", 1000 },  { "a/b;q=0.1234", 123 },      { "a/b;q=.5", 500 },
                      { "a/b;q=1e-1", 100 }, { "a/b;q=0.9999", 1000 },     { "a/b;q=nan", 1000 },
                      { "a/b;q=0", 0 },      { "a/b;q=1e999999999", 1000 } };
    for (size_t i = 0; i < CLEF_COUNT(qualities); i++)
        CHECK_EQ(type(qualities[i].text).quality, qualities[i].quality);
}

TEST(accept, matching)
{
    CHECK(match("text/html", "text/html"));
    CHECK(match("text/html", "*/*"));
    CHECK(match("text/html", "text/*"));
    CHECK(!match("text/html", "image/*"));
    CHECK(!match("text/html", "text/plain"));
    CHECK(!match("text", "text"));
    CHECK(!match("", "*/*"));
    CHECK(match("text/html; level=1", "text/html"));
    CHECK(!match("text/html", "text/html; level=1"));
    CHECK(match("text/html; level=1; q=0.5", "text/html; q=0.7; level=1"));
    CHECK(!match("text/html; level=1", "text/html; level=2"));
    CHECK(!match("text/html; level=1", "text/html; level=1; x=2"));
}

static Str order(const char *header)
{
    Accept accept = accept_parse(test_arena(), str_c(header));
    Buf b = BUF_INIT(test_arena(), 4096);
    for (size_t i = 0; i < accept.n; i++) {
        if (i)
            buf_byte(&b, ',');
        buf_str(&b, media_type_text(test_arena(), &accept.types[i]));
    }
    return buf_view(&b);
}

TEST(accept, order_of_preference)
{
    CHECK_STR(order(NULL), STR("*/*"));
    CHECK_STR(order(""), STR(""));
    CHECK_STR(order("text/*;q=0.5, */*, text/html, a/b;q=0, text/html;v=1"),
              STR("text/html; v=1,text/html,*/*,text/*; q=0.5"));
    CHECK_STR(order("a/1,b/2 , ,c/3"), STR("a/1,b/2,c/3"));
}

static Str preferred(const char *header, const char *x, const char *y)
{
    Arena *a = test_arena();
    Accept accept = accept_parse(a, str_c(header));
    const Str offers[] = { str_c(x), str_c(y) };
    size_t i = accept_preferred(a, &accept, offers, 2);
    return i == STR_NPOS ? STR("none") : offers[i];
}

TEST(accept, the_most_specific_range_decides)
{
    CHECK_STR(preferred("text/html;q=0.2, */*;q=0.5", "text/html", "text/plain"), STR("text/plain"));
    CHECK_STR(preferred("*/*", "text/html", "application/json"), STR("text/html"));
    CHECK_STR(preferred("application/json, */*;q=0.1", "text/html", "application/json"), STR("application/json"));
    CHECK_STR(preferred("image/png", "text/html", "application/json"), STR("none"));
    CHECK_STR(preferred("text/html;level=1, text/html;q=0.3", "text/html;level=1", "text/html"),
              STR("text/html;level=1"));
    Accept accept = accept_parse(test_arena(), STR("text/html, application/xml;q=0"));
    CHECK(accept_has(test_arena(), &accept, STR("text/html")));
    CHECK(!accept_has(test_arena(), &accept, STR("application/xml")));
    CHECK(!accept_has(test_arena(), &accept, STR("")));
}

TEST(accept, the_number_of_types_is_limited)
{
    Buf b = BUF_INIT(test_arena(), 4096);
    for (int i = 0; i < ACCEPT_MAX + 1; i++)
        buf_printf(&b, "%sa/%d", i ? "," : "", i);
    CHECK_EQ(accept_parse(test_arena(), buf_view(&b)).n, (size_t)ACCEPT_MAX);
}

TEST(accept, codings)
{
    CHECK_EQ(accept_coding((Str){ 0 }, STR("gzip")), 1000u);
    CHECK_EQ(accept_coding(STR(""), STR("gzip")), 0u);
    CHECK_EQ(accept_coding(STR(""), STR("identity")), 1000u);
    Str header = STR("br;q=1.0, GZIP; q=0.8 , *;q=0.1, zstd;q=0");
    CHECK_EQ(accept_coding(header, STR("gzip")), 800u);
    CHECK_EQ(accept_coding(header, STR("br")), 1000u);
    CHECK_EQ(accept_coding(header, STR("zstd")), 0u);
    CHECK_EQ(accept_coding(header, STR("deflate")), 100u);
    CHECK_EQ(accept_coding(STR("gzip, *;q=0"), STR("identity")), 0u);
    CHECK_EQ(accept_coding(STR("gzip, identity;q=0.5, *;q=0"), STR("identity")), 500u);
    CHECK_EQ(accept_coding(STR("gzipped"), STR("gzip")), 0u);
}

static Str languages(Str header)
{
    size_t n;
    const AcceptLanguage *list = parse_accept_lang_header(test_arena(), header, &n);
    Buf b = BUF_INIT(test_arena(), 1 << 16);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%.*s:%u", i ? "," : "", STR_FMT(list[i].tag), list[i].quality);
    return buf_view(&b);
}

TEST(accept, languages)
{
    static const char *const cases[][2] = {
        { "de,en-AU;q=0.75,en;q=0.8", "de:1000,en:800,en-au:750" },
        { "en ; q=0.5 , fr", "fr:1000,en:500" },
        { "*;q=1.000", "*:1000" },
        { "es-419,", "es-419:1000" },
        { "x-y-z;q=0.125", "x-y-z:125" },
        { "en;q=1.0000", "" },
        { "en;q=.2", "" },
        { "en;q=2.0", "" },
        { "en;q=1.5", "" },
        { "en;q=", "" },
        { "en;x=1", "" },
        { "**", "" },
        { ",en", "" },
        { "en fr", "" },
        { "en,,fr", "" },
        { "12-345", "" },
        { "en-", "" },
        { "abcdefghi", "" },
        { "en-abcdefghi", "" },
        { "en ", "" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++)
        CHECK_STR(languages(str_c(cases[i][0])), str_c(cases[i][1]));
    Buf b = BUF_INIT(test_arena(), 4096);
    BUF_LIT(&b, "de");
    while (b.n <= ACCEPT_LANGUAGE_MAX)
        BUF_LIT(&b, ",en");
    CHECK_EQ(languages(buf_view(&b)).n, STR("de:1000").n + (ACCEPT_LANGUAGE_MAX - 3) / 3 * STR(",en:1000").n);
    b.n = 0;
    buf_fill(&b, 'x', ACCEPT_LANGUAGE_MAX + 1);
    CHECK_STR(languages(buf_view(&b)), STR(""));
}
