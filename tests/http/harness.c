#include "harness.h"

static ptrdiff_t read_body(void *from, char *to, size_t n)
{
    TestRequest *t = from;
    if (n > t->body.n)
        n = t->body.n;
    memcpy(to, t->body.p, n);
    t->body = str_from_byte(t->body, n);
    return (ptrdiff_t)n;
}

static int all_body(void *from, uint64_t limit, Str *out)
{
    TestRequest *t = from;
    if (t->body.n > limit)
        return -413;
    *out = t->body;
    t->body = STR("");
    return 0;
}

static bool disconnected(void *from) { return ((TestRequest *)from)->gone; }

static void remote(void *from, Arena *a, Str *name, Str *port)
{
    (void)from, (void)a;
    *name = STR("127.0.0.1");
    *port = STR("5000");
}

static void server(void *from, Arena *a, Str *name, Str *port)
{
    (void)from, (void)a;
    *name = STR("testserver");
    *port = STR("80");
}

static const RequestSourceOps ops = { read_body, all_body, disconnected, remote, server };

Settings *test_settings(void)
{
    Settings *s = NEW(test_arena(), Settings);
    settings_init(s, test_arena());
    s->allowed_hosts = STRS("testserver");
    s->secret_key = STR("test");
    return s;
}

Request *test_request(Str text, const Settings *settings)
{
    Arena *a = test_arena();
    char *padded = arena_zalloc(a, text.n + HTTP1_PAD);
    memcpy(padded, text.p, text.n);
    TestRequest *t = NEW(a, TestRequest);
    Http1Parser ps;
    http1_parser_init(&ps, &(Http1Limits){ .headers = 64 }, t->headers);
    REQUIRE(http1_request_parse(&ps, padded, text.n) == HTTP1_DONE);
    t->head = ps.head;
    t->body = (Str){ padded + ps.head.size, text.n - ps.head.size };
    t->source = (RequestSource){ .head = &t->head, .ops = &ops, .from = t };
    request_init(&t->r, a, &t->source, settings);
    return &t->r;
}

Request *test_get(const char *path, const char *header_lines, const Settings *settings)
{
    return test_request(str_format(test_arena(), "GET %s HTTP/1.1\r\nHost: testserver\r\n%s\r\n", path, header_lines),
                        settings);
}
