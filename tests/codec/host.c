#include <clef/codec/host.h>
#include <clef/test.h>

static void check_host(const char *host, bool ok, const char *domain, const char *port)
{
    Str d, p;
    CHECK(split_domain_port(test_arena(), str_c(host), &d, &p) == ok);
    CHECK_STR(d, str_c(domain));
    CHECK_STR(p, str_c(port));
}

TEST(host, split_domain_and_port)
{
    check_host("Example.COM.:8080", true, "example.com", "8080");
    check_host("localhost", true, "localhost", "");
    check_host("[2001:DB8::1]:80", true, "[2001:db8::1]", "80");
    check_host("[::ffff:127.0.0.1]", true, "[::ffff:127.0.0.1]", "");
    static const char *const bad[] = {
        "",           "a b",         "a_b",    "a:",  "a:b",     "a/b", "[::1", "[]",
        "[12]",       "[::g]",       "[::1]x", "a@b", "a:80:80", "[:]", "a\n",  "example.com:80/badpath",
        "'><script>", "\xc3\xa9.com"
    };
    for (size_t i = 0; i < CLEF_COUNT(bad); i++)
        check_host(bad[i], false, "", "");
}

TEST(host, patterns)
{
    const Str allowed[] = { STR("www.Example.com"), STR(".site.org") };
    CHECK(validate_host(STR("www.example.com"), allowed, 2));
    CHECK(validate_host(STR("site.org"), allowed, 2));
    CHECK(validate_host(STR("a.b.site.org"), allowed, 2));
    CHECK(!validate_host(STR("example.com"), allowed, 2));
    CHECK(!validate_host(STR("evilsite.org"), allowed, 2));
    CHECK(!validate_host(STR("site.org.evil"), allowed, 2));
    const Str any[] = { STR("*") };
    CHECK(validate_host(STR("whatever"), any, 1));
    CHECK(!validate_host(STR("x"), NULL, 0));
    CHECK(!is_same_domain(STR("x"), STR("")));
}

static bool allowed(const char *url)
{
    const Str hosts[] = { STR("testserver"), STR("other:8000") };
    return url_has_allowed_host_and_scheme(test_arena(), str_c(url), hosts, 2, false);
}

TEST(host, redirect_targets)
{
    static const char *const good[] = {
        "/view/?p=http://example.com", "https://testserver/",   "//testserver/x", "HTTP://testserver/", "view?x",
        "http://other:8000/",          "/url%20with%20spaces/", "  /stripped"
    };
    static const char *const bad[] = { "",
                                       " ",
                                       "http://example.com",
                                       "//example.com",
                                       "///example.com",
                                       "http:///example.com",
                                       "/\\example.com",
                                       "\\\\example.com",
                                       "\\/example.com",
                                       "http://testserver\\@example.com",
                                       "http:\\\\testserver\\@example.com",
                                       "ftp://testserver/x",
                                       "javascript:alert(1)",
                                       "java\nscript:alert(1)",
                                       "\x08//example.com",
                                       "\x08/x",
                                       "http://[::1/",
                                       "http:999",
                                       "http://other/",
                                       "\xe2\x80\x8b/x",
                                       "http://testserver:443/" };
    for (size_t i = 0; i < CLEF_COUNT(good); i++)
        if (!allowed(good[i]))
            CHECK_STR(str_c(good[i]), STR("(allowed)"));
    for (size_t i = 0; i < CLEF_COUNT(bad); i++)
        if (allowed(bad[i]))
            CHECK_STR(str_c(bad[i]), STR("(refused)"));
}

TEST(host, redirect_over_https_only_and_length)
{
    const Str host = STR("h");
    CHECK(url_has_allowed_host_and_scheme(test_arena(), STR("https://h/"), &host, 1, true));
    CHECK(!url_has_allowed_host_and_scheme(test_arena(), STR("http://h/"), &host, 1, true));
    CHECK(!url_has_allowed_host_and_scheme(test_arena(), STR("//h/"), &host, 1, true));
    char url[2 * URL_LENGTH_MAX + 2];
    for (size_t i = 0; i < sizeof url; i += 2)
        memcpy(url + i, "\xc3\xa9", 2);
    CHECK(url_has_allowed_host_and_scheme(test_arena(), str_from(url, 2 * URL_LENGTH_MAX), NULL, 0, false));
    CHECK(!url_has_allowed_host_and_scheme(test_arena(), str_from(url, sizeof url), NULL, 0, false));
}

static Str again(const char *text)
{
    uint8_t address[16];
    return ip6_parse(str_c(text), address) ? ip6_format(test_arena(), address, false) : STR("bad");
}

TEST(host, an_address_of_a_field_may_have_a_zone_and_has_a_longest_length)
{
    uint8_t v6[16];
    CHECK(ip6_parse_field(STR("fe80::1%eth0"), v6));
    CHECK_STR(ip6_format(test_arena(), v6, false), STR("fe80::1"));
    CHECK(!ip6_parse(STR("fe80::1%eth0"), v6));
    CHECK(!ip6_parse_field(STR("fe80::1%"), v6));
    CHECK(!ip6_parse_field(STR("fe80::1%a%b"), v6));
    CHECK(!ip6_parse_field(STR("%eth0"), v6));
    CHECK(ip6_parse_field(STR("0001:0002:0003:0004:0005:0006:0007:0008"), v6)); /* 39 */
    CHECK(ip6_parse_field(STR("::1%34567890123456789012345678901234567"), v6));
    CHECK(!ip6_parse_field(STR("::1%345678901234567890123456789012345678"), v6)); /* 40 */
    CHECK(!ip6_parse_field(STR("0001:0002:0003:0004:0005:0006:1.22.33.44"), v6));
}

TEST(host, ip_addresses)
{
    uint8_t v4[4];
    CHECK(ip4_parse(STR("192.168.0.255"), v4));
    CHECK_EQ(v4[3], 255);
    static const char *const bad4[] = { "",       "1.2.3",  "1.2.3.4.5", "256.1.1.1", "01.2.3.4",
                                        "1.2.3.", "1..2.3", " 1.2.3.4",  "0x1.2.3.4" };
    for (size_t i = 0; i < CLEF_COUNT(bad4); i++)
        CHECK(!ip4_parse(str_c(bad4[i]), v4));
    static const char *const good6[][2] = {
        { "::", "::" },
        { "::1", "::1" },
        { "1::", "1::" },
        { "2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
        { "1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8" },
        { "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
        { "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
        { "::ffff:0a0a:0a0a", "::ffff:10.10.10.10" },
        { "64:ff9b::1.2.3.4", "64:ff9b::102:304" },
        { "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" },
    };
    for (size_t i = 0; i < CLEF_COUNT(good6); i++)
        CHECK_STR(again(good6[i][0]), str_c(good6[i][1]));
    static const char *const bad6[] = { "",
                                        ":",
                                        "1",
                                        ":1",
                                        "1:",
                                        "1::2::3",
                                        ":::",
                                        "12345::",
                                        "1:2:3:4:5:6:7",
                                        "1:2:3:4:5:6:7:8:9",
                                        "1:2:3:4:5:6:7:8::",
                                        "::1%a",
                                        "[::1]",
                                        "1:2:3:4:5:6:7:1.2.3.4",
                                        "::1.2.3",
                                        "::1.2.3.4:5",
                                        "g::",
                                        "1::2:" };
    for (size_t i = 0; i < CLEF_COUNT(bad6); i++)
        CHECK_STR(again(bad6[i]), STR("bad"));
}
