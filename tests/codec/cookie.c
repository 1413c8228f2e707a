#include <clef/codec/cookie.h>
#include <clef/test.h>

/* "name=value|name=value" as they were read. */
static Str read_all(const char *header)
{
    Buf b = BUF_INIT(test_arena(), 1 << 16);
    QueryDict *cookies = cookies_parse(test_arena(), str_c(header));
    for (QueryName at = { 0 }; query_next(cookies, &at);) {
        if (b.n)
            buf_byte(&b, '|');
        buf_str(&b, at.name);
        buf_byte(&b, '=');
        buf_str(&b, query_get(cookies, at.name));
    }
    return buf_view(&b);
}

TEST(cookie, headers_are_read_leniently)
{
    static const char *const cases[][2] = {
        { "a=1; b=2", "a=1|b=2" },
        { "a=b=c;d", "a=b=c|=d" },
        { "  a  =  x y  ;; ; =v", "a=x y|=v" },
        { "a:b=1; c[d]=2; e f=3", "a:b=1|c[d]=2|e f=3" },
        { "a=1; b=2; a=3", "a=3|b=2" },
        { "a=\"\\012\\\"\\\\\\x\"; b=\"open; c=\"\"", "a=\n\"\\x|b=\"open|c=" },
        { "a=\"\\303\\251\"", "a=\xc3\x83\xc2\xa9" },
        { "a=\xff", "a=\xef\xbf\xbd" },
        { "", "" },
        { ";;", "" },
        { "a", "=a" },
        { "a=\"\\777\"", "a=777" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++)
        CHECK_STR(read_all(cases[i][0]), str_c(cases[i][1]));
}

TEST(cookie, one_is_found_without_reading_all)
{
    Arena *a = test_arena();
    Str header = STR("x=0; sessionid=abc; sessionid=def");
    CHECK_STR(cookie_find(a, header, STR("sessionid")), STR("def"));
    CHECK_PTR(cookie_find(a, header, STR("x")).p, header.p + 2);
    CHECK(str_is_null(cookie_find(a, header, STR("y"))));
    CHECK_STR(cookie_find(a, STR("q=\"a b\""), STR("q")), STR("a b"));
}

TEST(cookie, the_number_is_limited)
{
    Buf b = BUF_INIT(test_arena(), 1 << 20);
    for (int i = 0; i < COOKIES_MAX + 5; i++)
        buf_printf(&b, "n%d=v;", i);
    QueryDict *cookies = cookies_parse(test_arena(), buf_view(&b));
    CHECK_EQ(query_names(cookies), (unsigned)COOKIES_MAX);
    CHECK(query_has(cookies, str_format(test_arena(), "n%d", COOKIES_MAX - 1)));
    CHECK(!query_has(cookies, str_format(test_arena(), "n%d", COOKIES_MAX)));
}

static Str written(SetCookie c)
{
    Buf b = BUF_INIT(test_arena(), 4096);
    CHECK_EQ(cookie_write(&b, &c), COOKIE_OK);
    return buf_view(&b);
}

TEST(cookie, all_attributes_in_order)
{
    CHECK_STR(written((SetCookie){ .name = STR("n"),
                                   .value = STR("v"),
                                   .domain = STR(".example.com"),
                                   .path = STR("/"),
                                   .expires = STR("Thu, 01 Jan 1970 00:00:00 GMT"),
                                   .samesite = STR("Lax"),
                                   .max_age = 3600,
                                   .has_max_age = true,
                                   .secure = true,
                                   .httponly = true,
                                   .partitioned = true }),
              STR("n=v; Domain=.example.com; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=3600; "
                  "Partitioned; Path=/; SameSite=Lax; Secure"));
    CHECK_STR(written((SetCookie){ .name = STR("n"), .has_max_age = true }), STR("n=\"\"; Max-Age=0"));
    CHECK_STR(written(cookie_deletion(STR("__Host-x"), STR("/"), (Str){ 0 }, (Str){ 0 })),
              STR("__Host-x=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; Secure"));
}

TEST(cookie, values_are_quoted_as_python_does)
{
    Arena *a = test_arena();
    CHECK_STR(cookie_quote(a, STR("a.b:c~")), STR("a.b:c~"));
    CHECK_STR(cookie_quote(a, STR("a b")), STR("\"a b\""));
    CHECK_STR(cookie_quote(a, STR("a;b,c\"d\\e\r\n")), STR("\"a\\073b\\054c\\\"d\\\\e\\015\\012\""));
    CHECK_STR(cookie_quote(a, STR("\xc3\xa9\xe2\x99\xa5")), STR("\"\\351\xe2\x99\xa5\""));
    CHECK_STR(cookie_quote(a, STR("{\"a\": [1]}")), STR("\"{\\\"a\\\": [1]}\""));
}

TEST(cookie, nothing_can_be_injected)
{
    Buf b = BUF_INIT(test_arena(), 64);
    static const char *const names[] = { "", "a b", "a=b", "a;b", "a\n", "Path", "expires", "\xc3\xa9", "\"a\"" };
    for (size_t i = 0; i < CLEF_COUNT(names); i++)
        CHECK_EQ(cookie_write(&b, &(SetCookie){ .name = str_c(names[i]) }), COOKIE_BAD_NAME);
    CHECK_EQ(cookie_write(&b, &(SetCookie){ .name = STR("a"), .value = STR("\xff") }), COOKIE_BAD_VALUE);
    CHECK_EQ(cookie_write(&b, &(SetCookie){ .name = STR("a"), .path = STR("/;x") }), COOKIE_BAD_ATTRIBUTE);
    CHECK_EQ(cookie_write(&b, &(SetCookie){ .name = STR("a"), .domain = STR("x\r\nSet-Cookie: y") }),
             COOKIE_BAD_ATTRIBUTE);
    CHECK_EQ(cookie_write(&b, &(SetCookie){ .name = STR("a"), .expires = STR("\x7f") }), COOKIE_BAD_ATTRIBUTE);
    CHECK_EQ(cookie_write(&b, &(SetCookie){ .name = STR("a"), .samesite = STR("maybe") }), COOKIE_BAD_SAMESITE);
    CHECK_EQ(b.n, 0u);
    Str long_value = STR("0123456789012345678901234567890123456789012345678901234567890123456789");
    CHECK_EQ(cookie_write(&b, &(SetCookie){ .name = STR("a"), .value = long_value }), COOKIE_FULL);
    CHECK_EQ(b.n, 0u);
}
