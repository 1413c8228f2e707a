#include <clef/codec/http1.h>
#include <clef/test.h>
#include <stdio.h>

static HttpHeader room[HTTP1_HEADERS_MAX];

static Http1Result parse(Http1Parser *ps, const Http1Limits *limits, Str s)
{
    char *p = arena_zalloc(test_arena(), s.n + HTTP1_PAD);
    memcpy(p, s.p, s.n);
    http1_parser_init(ps, limits, room);
    return http1_request_parse(ps, p, s.n);
}

TEST(http1, every_known_name_is_found_in_any_case)
{
    for (unsigned id = 1; id < HDR_COUNT; id++) {
        Str name = http_known_name(id);
        CHECK(name.n > 0);
        CHECK_EQ((int)http_known_find(name), (int)id);
        CHECK_EQ((int)http_known_find(str_upper(test_arena(), name)), (int)id);
        Str longer = str_concat(test_arena(), name, STR("x")), shorter = str_slice(name, 0, name.n - 1);
        CHECK_EQ((int)http_known_find(longer), HDR_UNKNOWN);
        CHECK_EQ((int)http_known_find(shorter), HDR_UNKNOWN);
        char *other = str_dup_c(test_arena(), name);
        for (size_t i = 0; i < name.n; i++) {
            other[i] ^= 1;
            CHECK_EQ((int)http_known_find(str_from(other, name.n)), HDR_UNKNOWN);
            other[i] ^= 1;
        }
    }
    CHECK_EQ((int)http_known_find(STR("")), HDR_UNKNOWN);
    CHECK_EQ((int)http_known_find(STR("hos\x14")), HDR_UNKNOWN);
}

TEST(http1, a_head_is_taken_apart)
{
    Http1Parser ps;
    Str s = STR("POST /a/b?c=d HTTP/1.1\r\nHost: www.example.org:80\r\nContent-Length: 12\r\nX-Twice: 1\r\n"
                "Cookie: a=b\r\nx-twice: 2\r\nCookie: c=d\r\nExpect: 100-Continue\r\nConnection: Upgrade\r\n"
                "Upgrade: websocket\r\n\r\nbody");
    REQUIRE(parse(&ps, NULL, s) == HTTP1_DONE);
    const HttpHead *h = &ps.head;
    CHECK_EQ(h->method, HTTP_POST);
    CHECK_STR(h->method_name, STR("POST"));
    CHECK_STR(h->target, STR("/a/b?c=d"));
    CHECK_STR(h->path, STR("/a/b"));
    CHECK_STR(h->query, STR("c=d"));
    CHECK_STR(h->host, STR("www.example.org:80"));
    CHECK_EQ(h->nheaders, 9);
    CHECK_EQ(h->size, s.n - 4);
    CHECK(h->has_length && h->content_length == 12);
    CHECK(h->keep_alive && h->expect_continue && h->upgrade && !h->chunked && !h->absolute && !h->escaped);
    CHECK_STR(http_known(h, HDR_COOKIE), STR("a=b"));
    CHECK(h->repeated == 1ull << HDR_COOKIE);
    CHECK_STR(http_header(h, STR("COOKIE")), STR("a=b"));
    CHECK_STR(http_header(h, STR("X-TWICE")), STR("1"));
    CHECK(str_is_null(http_header(h, STR("X-Thrice"))));
    CHECK(str_is_null(http_known(h, HDR_ORIGIN)));
    size_t at = 0;
    CHECK_STR(http_header_next(h, STR("x-twice"), &at)->value, STR("1"));
    CHECK_STR(http_header_next(h, STR("x-twice"), &at)->value, STR("2"));
    CHECK(!http_header_next(h, STR("x-twice"), &at));
}

TEST(http1, an_escape_in_the_target_is_told)
{
    for (size_t n = 0; n < 40; n++) {
        char text[80];
        snprintf(text, sizeof text, "GET /%.*s%%41?x HTTP/1.0\r\n\r\n%%", (int)n,
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        Http1Parser ps;
        REQUIRE(parse(&ps, NULL, str_c(text)) == HTTP1_DONE);
        CHECK(ps.head.escaped);
        CHECK_STR(ps.head.query, STR("x"));
        *strchr(text, '%') = 'b';
        REQUIRE(parse(&ps, NULL, str_c(text)) == HTTP1_DONE);
        CHECK(!ps.head.escaped);
    }
}

TEST(http1, targets_of_every_form)
{
    static const struct {
        Str line, path, query, host;
    } cases[] = {
        { STR("GET /?"), STR("/"), STR(""), STR("h") },
        { STR("GET //x"), STR("//x"), { 0 }, STR("h") },
        { STR("GET http://a.b:1/x?y?z"), STR("/x"), STR("y?z"), STR("a.b:1") },
        { STR("GET HTTP://a.b?y"), STR("/"), STR("y"), STR("a.b") },
        { STR("GET https://[::1]"), STR("/"), { 0 }, STR("[::1]") },
        { STR("OPTIONS *"), STR("*"), { 0 }, STR("h") },
        { STR("OPTIONS http://a.b"), STR("*"), { 0 }, STR("a.b") },
        { STR("CONNECT a.b:443"), STR(""), { 0 }, STR("a.b:443") },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        Http1Parser ps;
        REQUIRE(parse(&ps, NULL, str_concat(test_arena(), cases[i].line, STR(" HTTP/1.1\r\nHost: h\r\n\r\n"))) ==
                HTTP1_DONE);
        CHECK_STR(ps.head.path, cases[i].path);
        CHECK_STR(ps.head.query, cases[i].query);
        CHECK(str_is_null(ps.head.query) == str_is_null(cases[i].query));
        CHECK_STR(ps.head.host, cases[i].host);
    }
}

TEST(http1, limits_are_exact)
{
    Http1Parser ps;
    CHECK_EQ((int)parse(&ps, &(Http1Limits){ .line = 14 }, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n")), HTTP1_DONE);
    CHECK_EQ((int)parse(&ps, &(Http1Limits){ .line = 13 }, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n")), HTTP1_BAD);
    CHECK_EQ((int)ps.reason, HTTP1_LINE_TOO_LONG);
    CHECK_EQ((int)parse(&ps, &(Http1Limits){ .line = 13 }, STR("GET / HTTP/1.1")), HTTP1_MORE);
    CHECK_EQ((int)parse(&ps, &(Http1Limits){ .line = 12 }, STR("GET / HTTP/1.1")), HTTP1_BAD);
    CHECK_EQ((int)parse(&ps, &(Http1Limits){ .bytes = 11 }, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n")), HTTP1_DONE);
    CHECK_EQ((int)parse(&ps, &(Http1Limits){ .bytes = 10 }, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n")), HTTP1_BAD);
    CHECK_EQ((int)ps.reason, HTTP1_HEADERS_TOO_LARGE);
    CHECK_EQ((int)parse(&ps, &(Http1Limits){ .headers = 2 }, STR("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n")),
             HTTP1_DONE);
    CHECK_EQ((int)parse(&ps, &(Http1Limits){ .headers = 1 }, STR("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n")),
             HTTP1_BAD);
    CHECK_EQ((int)ps.reason, HTTP1_TOO_MANY_HEADERS);
}

/* How the second of two requests that lie in one buffer is read. */
static Http1Result parse_second(Http1Parser *ps, Str first, Str second, const char **at)
{
    Str both = str_concat(test_arena(), first, second);
    REQUIRE(parse(ps, &(Http1Limits){ .line = 40 }, both) == HTTP1_DONE);
    REQUIRE(ps->head.size == first.n);
    *at = ps->base + first.n;
    return http1_request_parse_next(ps, *at, second.n);
}

#define AGENT "User-Agent: a\r\nX: 1\r\nX: 2\r\n\r\n"

TEST(http1, the_lines_of_the_request_before_hold_again)
{
    Http1Parser ps;
    const char *at;
    Str first = STR("GET /a HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n" AGENT);
    Str second = STR("HEAD /b?c%20 HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n" AGENT);
    REQUIRE(parse_second(&ps, first, second, &at) == HTTP1_DONE);
    const HttpHead *h = &ps.head;
    CHECK_EQ(h->method, HTTP_HEAD);
    CHECK_STR(h->path, STR("/b"));
    CHECK_STR(h->query, STR("c%20"));
    CHECK(h->escaped && !h->keep_alive);
    CHECK_EQ(h->size, second.n);
    CHECK_EQ(h->nheaders, 5);
    /* The views lie in the second one. */
    CHECK(h->host.p == at + 29 && str_eq(h->host, STR("h:1")));
    CHECK(http_known(h, HDR_USER_AGENT).p > at);
    CHECK_STR(h->headers[4].value, STR("2"));
}

TEST(http1, other_lines_than_in_the_request_before_are_read)
{
    static const struct {
        const char *first, *second, *host;
        Http1Result result;
        bool keep_alive;
    } cases[] = {
        { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: i\r\n\r\n", "i", HTTP1_DONE, true },
        { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n", "h", HTTP1_DONE, true },
        { "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "h", HTTP1_DONE, true },
        { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.0\r\nHost: h\r\n\r\n", "h", HTTP1_DONE, false },
        { "GET / HTTP/1.0\r\nA: b\r\n\r\n", "GET / HTTP/1.0\r\nA: b\r\n\r\n", "", HTTP1_DONE, false },
        { "GET / HTTP/1.0\r\nA: b\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n\r\n", NULL, HTTP1_BAD, false },
        { "GET http://i/ HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "h", HTTP1_DONE, true },
        { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET http://i/ HTTP/1.1\r\nHost: h\r\n\r\n", "i", HTTP1_DONE, true },
        { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "CONNECT i:1 HTTP/1.1\r\nHost: h\r\n\r\n", "i:1", HTTP1_DONE, true },
        { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r", NULL, HTTP1_MORE, false },
        { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "h", HTTP1_DONE, true },
        { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "\x16\x03", NULL, HTTP1_BAD, false },
        { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET /567890123456789012345678901 HTTP/1.1\r\nHost: h\r\n\r\n", NULL,
          HTTP1_BAD, false },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        Http1Parser ps;
        const char *at;
        Str second = str_c(cases[i].second);
        CHECK_EQ((int)parse_second(&ps, str_c(cases[i].first), second, &at), (int)cases[i].result);
        if (!cases[i].host)
            continue;
        CHECK_STR(ps.head.host, str_c(cases[i].host));
        CHECK_EQ(ps.head.keep_alive, cases[i].keep_alive);
        CHECK_EQ(ps.head.size, second.n);
    }
}

TEST(http1, what_stands_behind_the_buffer_does_not_matter)
{
    char p[256];
    Str s = STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    for (size_t n = 0; n < s.n; n++) {
        Http1Parser ps;
        memset(p, 'a', sizeof p);
        memcpy(p, s.p, s.n);
        p[n] = 0;
        http1_parser_init(&ps, NULL, room);
        CHECK_EQ((int)http1_request_parse(&ps, p, n), HTTP1_MORE);
    }
}

TEST(http1, responses)
{
    Http1Parser ps;
    char p[256] = "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
    http1_parser_init(&ps, NULL, room);
    REQUIRE(http1_response_parse(&ps, p, strlen(p)) == HTTP1_DONE);
    CHECK_EQ(ps.head.status, 404);
    CHECK_STR(ps.head.phrase, STR("Not Found"));
    CHECK(ps.head.content_length == 3 && !ps.head.keep_alive);
    static const char *const bad[] = { "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
                                       "HTTP/1.1 200 O\x01K\r\n\r\n", "HTTP/1.1 2000\r\n\r\n" };
    for (size_t i = 0; i < CLEF_COUNT(bad); i++) {
        memset(p, 0, sizeof p);
        memcpy(p, bad[i], strlen(bad[i]));
        http1_parser_init(&ps, NULL, room);
        CHECK_EQ((int)http1_response_parse(&ps, p, strlen(p)), HTTP1_BAD);
    }
}

TEST(http1, trailers_are_kept)
{
    Buf kept = BUF_INIT(test_arena(), 64);
    Http1Chunks c = { .trailers = &kept };
    Str in = STR("0\r\nA: b \r\nC:\r\n\r\nrest"), data;
    CHECK_EQ((int)http1_chunks_next(&c, &in, &data), HTTP1_DONE);
    CHECK_STR(in, STR("rest"));
    HttpHeader out[4];
    REQUIRE(http1_trailers(buf_view(&kept), out, 4) == 2);
    CHECK_STR(out[0].name, STR("A"));
    CHECK_STR(out[0].value, STR("b"));
    CHECK_STR(out[1].name, STR("C"));
    CHECK_STR(out[1].value, STR(""));
    Buf small = BUF_INIT(test_arena(), 4);
    c = (Http1Chunks){ .trailers = &small };
    in = STR("0\r\nA: b\r\n\r\n");
    CHECK_EQ((int)http1_chunks_next(&c, &in, &data), HTTP1_BAD);
    CHECK_EQ((int)c.reason, HTTP1_TRAILERS_TOO_LARGE);
}

TEST(http1, tokens_values_and_phrases)
{
    CHECK(http_is_token(STR("X-a_b")) && !http_is_token(STR("")) && !http_is_token(STR("a b")));
    CHECK(http_is_value(STR("")) && http_is_value(STR("a\tb\xc3\xa4")) && !http_is_value(STR("a\r\nSet-Cookie: x")));
    /* Every byte at every place of values of every short length: what is scanned in words is judged as by bytes. */
    for (size_t n = 1; n <= 20; n++)
        for (size_t at = 0; at < n; at++)
            for (int c = 0; c < 256; c++) {
                char value[20];
                memset(value, 'x', sizeof value);
                value[at] = (char)c;
                if (http_is_value(str_from(value, n)) != (c == '\t' || (c >= ' ' && c != 0x7f)))
                    CHECK_EQ((int)n * 1000000 + (int)at * 1000 + c, -1);
            }
    CHECK_STR(http_status_phrase(404), STR("Not Found"));
    CHECK_STR(http_status_phrase(299), STR("Unknown"));
    CHECK_STR(http_method_text(HTTP_DELETE), STR("DELETE"));
    for (int r = 1; r < HTTP1_REASON_COUNT; r++) {
        CHECK(http1_reason_status(r) >= 400);
        CHECK(http1_reason_text(r)[0] != 0);
    }
}
