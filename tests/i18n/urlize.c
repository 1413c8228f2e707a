#include <clef/base.h>
#include <clef/i18n.h>
#include <clef/test.h>

TEST(urlize, finds_addresses_and_leaves_punctuation_out)
{
    static const struct {
        Str text, html;
    } rows[] = {
        { STR("see http://a.example/b."), STR("see <a href=\"http://a.example/b\">http://a.example/b</a>.") },
        { STR("(www.example.org)"), STR("(<a href=\"http://www.example.org\">www.example.org</a>)") },
        { STR("https://x.y/a_(b)"), STR("<a href=\"https://x.y/a_(b)\">https://x.y/a_(b)</a>") },
        { STR("example.com/x?a=b&c"), STR("<a href=\"http://example.com/x?a=b&amp;c=\">example.com/x?a=b&amp;c</a>") },
        { STR("me@example.org"), STR("<a href=\"mailto:me@example.org\">me@example.org</a>") },
        { STR("a.b <b> 1:2"), STR("a.b &lt;b&gt; 1:2") },
        { STR("http://"), STR("http://") },
    };
    EACH_ROW (row, rows)
        CHECK_STR(urlize(test_arena(), row->text, (UrlizeOptions){ .escape = true }), row->html);
}

TEST(urlize, options)
{
    Arena *a = test_arena();
    CHECK_STR(urlize(a, STR("www.example.org/long"),
                     (UrlizeOptions){ .trim = true, .trim_limit = 5, .nofollow = true, .assume_https = true }),
              STR("<a href=\"https://www.example.org/long\" rel=\"nofollow\">www.\xe2\x80\xa6</a>"));
    CHECK_STR(urlize(a, STR("www.x.org&amp;"), (UrlizeOptions){ .trim = false }),
              STR("<a href=\"http://www.x.org&amp;\">www.x.org&amp;</a>"));
}

TEST(urlize, quotes_once)
{
    Arena *a = test_arena();
    CHECK_STR(smart_urlquote(a, STR("http://\xc3\xb6.com/\xc3\xb6%C3%B6/?x=\xc3\xb6&y")),
              STR("http://%C3%B6.com/%C3%B6%C3%B6/?x=%C3%B6&y="));
    CHECK_STR(smart_urlquote(a, STR("http://[bad/")), STR("http://[bad/"));
}

TEST(urlize, hostile_words_end_soon)
{
    Buf b = BUF_INIT(test_arena(), 1 << 22);
    for (int i = 0; i < 50000; i++)
        buf_c(&b, ".;)");
    Str s = urlize(test_arena(), buf_view(&b), (UrlizeOptions){ .escape = true });
    CHECK_EQ(s.n, b.n);
}
