#include <clef/codec/url.h>
#include <clef/test.h>

TEST(url, quote_keeps_the_unreserved_and_the_safe)
{
    Arena *a = test_arena();
    CHECK_STR(url_quote(a, STR("a b/c~d_e.f-g?\xc3\xa9"), STR("/")), STR("a%20b/c~d_e.f-g%3F%C3%A9"));
    CHECK_STR(url_quote(a, STR("/&"), STR("")), STR("%2F%26"));
    CHECK_STR(url_quote_plus(a, STR("a b+c"), STR("")), STR("a+b%2Bc"));
    CHECK_STR(url_quote_plus(a, STR("a b+c"), STR("+")), STR("a+b+c"));
    Str plain = STR("nothing-to-do");
    CHECK_PTR(url_quote(a, plain, STR("")).p, plain.p);
    CHECK_STR(url_quote(a, str_from("\0\xff", 2), STR("")), STR("%00%FF"));
}

TEST(url, unquote_keeps_bad_escapes)
{
    Arena *a = test_arena();
    CHECK_STR(url_unquote(a, STR("a%20b%zz%4%")), STR("a b%zz%4%"));
    CHECK_STR(url_unquote(a, STR("a+b%2b")), STR("a+b+"));
    CHECK_STR(url_unquote_plus(a, STR("a+b%2B%41")), STR("a b+A"));
    CHECK_STR(url_unquote(a, STR("%E2%99%A5%FF")), STR("\xe2\x99\xa5\xef\xbf\xbd"));
    CHECK_STR(url_unquote_bytes(a, STR("%fF%00")), str_from("\xff\0", 2));
    Str plain = STR("plain");
    CHECK_PTR(url_unquote_plus(a, plain).p, plain.p);
}

TEST(url, iri_and_uri)
{
    Arena *a = test_arena();
    CHECK_STR(iri_to_uri(a, STR("/I \xe2\x99\xa5/?a=b&c=%20#x")), STR("/I%20%E2%99%A5/?a=b&c=%20#x"));
    CHECK_STR(uri_to_iri(a, STR("/%E2%99%A5%41%31%2F%ff%E2%99/")), STR("/\xe2\x99\xa5"
                                                                       "A%31%2F%FF%E2%99/"));
    CHECK(str_is_null(uri_to_iri(a, (Str){ 0 })));
    CHECK_STR(repercent_broken_unicode(a, STR("a\xfc\xc3\xa9")), STR("a%FC\xc3\xa9"));
    CHECK_STR(escape_uri_path(a, STR("/a;b=c?d:e@f")), STR("/a%3Bb%3Dc%3Fd:e@f"));
    CHECK_STR(filepath_to_uri(a, STR("dir\\na me#1'.txt")), STR("dir/na%20me%231'.txt"));
    CHECK_STR(escape_leading_slashes(a, STR("//example.com/")), STR("/%2Fexample.com/"));
    CHECK_STR(escape_leading_slashes(a, STR("/ok//")), STR("/ok//"));
}

static void check_split(const char *url, const char *scheme, const char *netloc, const char *path, const char *query,
                        const char *fragment)
{
    UrlParts u;
    REQUIRE(url_split(test_arena(), str_c(url), &u));
    CHECK_STR(u.scheme, str_c(scheme));
    CHECK_STR(u.netloc, str_c(netloc));
    CHECK_STR(u.path, str_c(path));
    CHECK_STR(u.query, str_c(query));
    CHECK_STR(u.fragment, str_c(fragment));
}

TEST(url, split_into_five_parts)
{
    check_split("HTTP://u:p@Host:80/p/a?q=1?2#f#g", "http", "u:p@Host:80", "/p/a", "q=1?2", "f#g");
    check_split("//host?x", "", "host", "", "x", "");
    check_split("path/with:colon", "", "", "path/with:colon", "", "");
    check_split("mailto:a@b", "mailto", "", "a@b", "", "");
    check_split("1a:b", "", "", "1a:b", "", "");
    check_split(":b", "", "", ":b", "", "");
    check_split("", "", "", "", "", "");
    check_split("http://[::1%eth0]:8/", "http", "[::1%eth0]:8", "/", "", "");
    check_split("http://[v1.a]/", "http", "[v1.a]", "/", "", "");
}

TEST(url, split_takes_controls_out)
{
    check_split(" \x01ht\ttp://ho\nst/\r", "http", "host", "/", "", "");
    check_split("java\nscript:x ", "javascript", "", "x ", "", "");
}

TEST(url, split_refuses_bad_hosts)
{
    static const char *const bad[] = { "http://[::1/",
                                       "http://::1]/",
                                       "http://[1.2.3.4]/",
                                       "http://[v1]/",
                                       "http://a[::1]/",
                                       "http://[::1]a/",
                                       "http://[]/",
                                       "http://[::1%]/",
                                       "http://[a%b%c]/",
                                       "http://a\xe2\x84\x80"
                                       "b/",
                                       "http://a\xef\xbc\x8f"
                                       "b/" };
    for (size_t i = 0; i < CLEF_COUNT(bad); i++) {
        UrlParts u;
        CHECK(!url_split(test_arena(), str_c(bad[i]), &u));
    }
}

TEST(url, authority)
{
    Arena *a = test_arena();
    UrlAuthority u;
    REQUIRE(url_authority(a, STR("us%40er:p:w@Ex.COM:080"), &u));
    CHECK_STR(u.user, STR("us%40er"));
    CHECK_STR(u.password, STR("p:w"));
    CHECK_STR(u.host, STR("ex.com"));
    CHECK_EQ(u.port, 80);
    REQUIRE(url_authority(a, STR("[FE80::1%Eth0]"), &u));
    CHECK_STR(u.host, STR("fe80::1%Eth0"));
    CHECK_EQ(u.port, -1);
    CHECK(str_is_null(u.user));
    REQUIRE(url_authority(a, STR(":65535"), &u));
    CHECK(str_is_null(u.host));
    CHECK_EQ(u.port, 65535);
    CHECK(!url_authority(a, STR("h:65536"), &u));
    CHECK(!url_authority(a, STR("h:+80"), &u));
    CHECK(!url_authority(a, STR("h:8x"), &u));
}

/* The examples of RFC 3986, 5.4, as Python resolves them. */
TEST(url, join_as_the_rfc)
{
    static const char *const cases[][2] = {
        { "g:h", "g:h" },
        { "g", "http://a/b/c/g" },
        { "./g", "http://a/b/c/g" },
        { "g/", "http://a/b/c/g/" },
        { "/g", "http://a/g" },
        { "//g", "http://g" },
        { "?y", "http://a/b/c/d;p?y" },
        { "g?y", "http://a/b/c/g?y" },
        { "#s", "http://a/b/c/d;p?q#s" },
        { "g#s", "http://a/b/c/g#s" },
        { ";x", "http://a/b/c/;x" },
        { "g;x=1/../y", "http://a/b/c/y" },
        { "", "http://a/b/c/d;p?q" },
        { ".", "http://a/b/c/" },
        { "..", "http://a/b/" },
        { "../..", "http://a/" },
        { "../../../g", "http://a/g" },
        { "/../g", "http://a/g" },
        { "g.", "http://a/b/c/g." },
        { "..g", "http://a/b/c/..g" },
        { "./g/.", "http://a/b/c/g/" },
        { "g/../h", "http://a/b/c/h" },
        { "http:g", "http://a/b/c/g" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        Str joined;
        REQUIRE(url_join(test_arena(), STR("http://a/b/c/d;p?q"), str_c(cases[i][0]), &joined));
        CHECK_STR(joined, str_c(cases[i][1]));
    }
    Str joined;
    CHECK(!url_join(test_arena(), STR("http://a/"), STR("//[x"), &joined));
}

TEST(url, a_path_cannot_leave_its_root)
{
    Arena *a = test_arena();
    Str path;
    REQUIRE(url_path_inside(a, STR("//css/./x/../site.css"), &path));
    CHECK_STR(path, STR("css/site.css"));
    REQUIRE(url_path_inside(a, STR("/css/"), &path));
    CHECK_STR(path, STR("css/"));
    REQUIRE(url_path_inside(a, STR(""), &path));
    CHECK_STR(path, STR(""));
    REQUIRE(url_path_inside(a, STR("a/..b/..."), &path));
    CHECK_STR(path, STR("a/..b/..."));
    CHECK(!url_path_inside(a, STR("../x"), &path));
    CHECK(!url_path_inside(a, STR("a/../../x"), &path));
    CHECK(!url_path_inside(a, STR("a\\..\\x"), &path));
    CHECK(!url_path_inside(a, str_from("a\0b", 3), &path));
    CHECK_STR(url_remove_dots(a, STR("/a/b/c/./../../g")), STR("/a/g"));
    CHECK_STR(url_remove_dots(a, STR("/../a//b/..")), STR("/a//"));
}
