#include <clef/base.h>
#include <clef/codec/html.h>
#include <clef/test.h>

TEST(html, escapes_as_django)
{
    Arena *a = test_arena();
    CHECK_STR(html_escape(a, STR("<a href=\"x\">it's & that</a>")).s,
              STR("&lt;a href=&quot;x&quot;&gt;it&#x27;s &amp; that&lt;/a&gt;"));
    CHECK_STR(html_escape(a, STR("&lt;")).s, STR("&amp;lt;"));
    CHECK_STR(html_escape(a, STR("")).s, STR(""));
    CHECK_STR(html_escape(a, STR("`=/\302\240")).s, STR("`=/\302\240"));
    Str clean = STR("nothing to do in this text of more than sixteen bytes");
    CHECK_PTR(html_escape(a, clean).s.p, clean.p);
}

/* The obvious way, to hold the vector one against. */
static Str slow_escape(Arena *a, Str s)
{
    s = str_replace(a, s, STR("&"), STR("&amp;"));
    s = str_replace(a, s, STR("<"), STR("&lt;"));
    s = str_replace(a, s, STR(">"), STR("&gt;"));
    s = str_replace(a, s, STR("\""), STR("&quot;"));
    return str_replace(a, s, STR("'"), STR("&#x27;"));
}

TEST(html, escapes_at_every_place_and_length)
{
    Arena *a = test_arena();
    static const char bytes[] = "&<>\"'a";
    uint32_t seed = 1;
    for (size_t n = 0; n < 80; n++)
        for (int round = 0; round < 12; round++) {
            char text[80];
            for (size_t i = 0; i < n; i++) {
                seed = seed * 1103515245u + 12345u;
                unsigned pick = seed >> 16;
                text[i] = pick % 12 < (unsigned)round ? bytes[pick / 12 % 6] : (char)(pick % 26 + 'a');
            }
            Str s = str_from(text, n), expected = slow_escape(a, s);
            REQUIRE(str_eq(html_escape(a, s).s, expected));
            Buf b = BUF_INIT(NULL, 1000);
            buf_c(&b, "<p>");
            REQUIRE(html_escape_add(&b, s));
            REQUIRE(str_eq(str_from_byte(buf_view(&b), 3), expected));
            buf_finish(&b);
            /* With a maximum of exactly what is needed, and of one less. */
            b = BUF_INIT(NULL, expected.n);
            REQUIRE(html_escape_add(&b, s));
            REQUIRE(str_eq(buf_view(&b), expected));
            buf_finish(&b);
            if (expected.n) {
                b = BUF_INIT(NULL, expected.n - 1);
                REQUIRE(!html_escape_add(&b, s));
                REQUIRE(b.failed && b.n < expected.n);
                buf_finish(&b);
            }
        }
}

/* What Python's html.unescape answers. */
static const struct {
    Str text, plain;
} references[] = {
    { STR("&amp;"), STR("&") },
    { STR("&ampx"), STR("&x") },
    { STR("&notit;"), STR("\302\254it;") },
    { STR("&notin;"), STR("\342\210\211") },
    { STR("&#0;"), STR("\357\277\275") },
    { STR("&#128;"), STR("\342\202\254") },
    { STR("&#x1;"), STR("") },
    { STR("&#xD800;"), STR("\357\277\275") },
    { STR("&#1114112;"), STR("\357\277\275") },
    { STR("&#99999999999999;"), STR("\357\277\275") },
    { STR("&"), STR("&") },
    { STR("&#"), STR("&#") },
    { STR("&#x"), STR("&#x") },
    { STR("&#xg"), STR("&#xg") },
    { STR("&#;"), STR("&#;") },
    { STR("&lt"), STR("<") },
    { STR("&LT;"), STR("<") },
    { STR("&NotEqualTilde;"), STR("\342\211\202\314\270") },
    { STR("&CounterClockwiseContourIntegral;"), STR("\342\210\263") },
    { STR("&CounterClockwiseContourIntegra;"), STR("&CounterClockwiseContourIntegra;") },
    { STR("&xyz;"), STR("&xyz;") },
    { STR("&amp;amp;"), STR("&amp;") },
    { STR("&#65x"), STR("Ax") },
    { STR("&#13;"), STR("\015") },
    { STR("&#12;"), STR("\014") },
    { STR("&#11;"), STR("") },
    { STR("&#xfdd0;"), STR("") },
    { STR("&#x1ffff;"), STR("") },
    { STR("&& &lt&gt"), STR("&& <>") },
    { STR("&fjlig;"), STR("fj") },
    { STR("&a"), STR("&a") },
    { STR("&Aacute&Aacut;"), STR("\303\201&Aacut;") },
    { STR("&#8364"), STR("\342\202\254") },
    { STR("&#xe9;"), STR("\303\251") },
    { STR("&copy2"), STR("\302\2512") },
    { STR("&\303\251;"), STR("&\303\251;") },
    { STR("&nGg;"), STR("\342\213\231\314\270") },
    { STR("&#127;"), STR("") },
    { STR("&#x80;"), STR("\342\202\254") },
    { STR("&#X41;"), STR("A") },
    { STR("&#10;"), STR("\012") },
    { STR("a &lt b"), STR("a < b") },
    { STR("&#159;"), STR("\305\270") },
    { STR("&quot;&apos;&#x27;"), STR("\042''") },
    { STR("plain"), STR("plain") },
};

TEST(html, unescapes_as_the_standard)
{
    Arena *a = test_arena();
    for (size_t i = 0; i < CLEF_COUNT(references); i++)
        CHECK_STR(html_unescape(a, references[i].text), references[i].plain);
    Str clean = STR("no reference");
    CHECK_PTR(html_unescape(a, clean).p, clean.p);
    CHECK_STR(html_unescape(a, STR("&am\0p;")), STR("&am\0p;"));
}

TEST(html, unescape_undoes_escape)
{
    Arena *a = test_arena();
    Str s = STR("<&>\"'&amp;&#39;\303\251");
    CHECK_STR(html_unescape(a, html_escape(a, s).s), s);
    Buf b = BUF_INIT(a, 3);
    CHECK(!html_unescape_add(&b, STR("&lt;&lt;&lt;&lt;")));
}

TEST(html, strips_tags)
{
    static const struct {
        Str text, stripped;
    } rows[] = {
        { STR("a<p onclick=\"alert('<test>')\">b</p>c"), STR("abc") },
        { STR("hi, <f x"), STR("hi, <f x") },
        { STR("a4<a5 right?"), STR("a4<a5 right?") },
        { STR("&gotcha&#;<>"), STR("&gotcha&#;<>") },
        { STR("X<<<<br>br>br>br>X"), STR("XX") },
        { STR("x<!-- <b> -->y<!DOCTYPE z><?php ?>"), STR("xy") },
        { STR("<script>if (a < b) c();</script>d"), STR("if (a < b) c();d") },
        { STR("q=1&r=2 <b>&amp;&#39;x"), STR("q=1&r;=2 &amp;&#39;x") },
        { STR("<![CDATA[x]]><b/>y</ b>"), STR("y") },
    };
    EACH_ROW (row, rows) {
        Str out = { 0 };
        CHECK(html_strip_tags(test_arena(), row->text, &out));
        CHECK_STR(out, row->stripped);
    }
}

TEST(html, refuses_tags_within_tags_past_the_limit)
{
    Arena *a = test_arena();
    for (unsigned n = HTML_STRIP_DEPTH - 1; n <= HTML_STRIP_DEPTH; n++) {
        Buf b = BUF_INIT(a, 4096);
        Str out;
        buf_fill(&b, '<', n + 1);
        for (unsigned i = 0; i <= n; i++)
            buf_c(&b, "a>");
        CHECK_EQ(html_strip_tags(a, buf_view(&b), &out), n < HTML_STRIP_DEPTH);
    }
    Buf b = BUF_INIT(a, (size_t)1 << 22);
    Str out;
    for (int i = 0; i < 1000000; i++)
        buf_c(&b, "<a");
    buf_byte(&b, '>');
    CHECK(!html_strip_tags(a, buf_view(&b), &out));
}

TEST(html, lines_and_scripts)
{
    Buf b = BUF_INIT(test_arena(), 4096);
    CHECK(html_linebreaks_add(&b, STR("a\r\nb\n\n\r<c>"), true));
    CHECK_STR(buf_view(&b), STR("<p>a<br>b</p>\n\n<p>&lt;c&gt;</p>"));
    buf_clear(&b);
    CHECK(html_linebreaksbr_add(&b, STR("a\rb\n"), false));
    CHECK_STR(buf_view(&b), STR("a<br>b<br>"));
    buf_clear(&b);
    CHECK(html_escapejs_add(&b, STR("</x>\n\x7f\xe2\x80\xa8")));
    CHECK_STR(buf_view(&b), STR("\\u003C/x\\u003E\\u000A\\u007F\\u2028"));
    buf_clear(&b);
    CHECK(html_json_script_add(&b, STR("\"<&>\""), html_escape(test_arena(), STR("a\"b"))));
    CHECK_STR(buf_view(&b),
              STR("<script id=\"a&quot;b\" type=\"application/json\">\"\\u003C\\u0026\\u003E\"</script>"));
    buf_clear(&b);
    CHECK(html_strip_spaces_add(&b, STR("<p> \n<a> x </a>  </p>")));
    CHECK_STR(buf_view(&b), STR("<p><a> x </a></p>"));
}
