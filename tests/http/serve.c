#include "harness.h"
#include <clef/net/http_server.h>
#include <clef/rt.h>

#include <sys/socket.h>
#include <unistd.h>

static Response *page(Request *r)
{
    Response *response = HttpResponse(r, STR("hello"));
    SET_COOKIE(r, response, "a", "b", .httponly = true);
    return response;
}
static void numbers(Request *r, ResponseStream *stream, void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++) {
        response_write(stream, str_format(r->cx.arena, "%d,", i));
        fiber_sleep(1000000);
    }
    if (GET(r, "break").n)
        RAISE(r, 500, "broken", "in the middle");
}
static Response *stream(Request *r) { return StreamingHttpResponse(r, numbers, NULL, .content_type = "text/csv"); }
static Response *file(Request *r)
{
    return FileResponse(r, str_format(r->cx.arena, "%s/f.txt", test_dir()), .as_attachment = true);
}
static Response *echo(Request *r) { return HttpResponse(r, request_body(r), .content_type = "text/plain"); }

static int number(Str s)
{
    int64_t i = 0;
    CHECK(str_to_i64(s, &i));
    return (int)i;
}
static Response *reasoned(Request *r)
{
    Response *response = HttpResponse(r, "x", .status = number(GET(r, "status")), .reason = "As You Like It");
    Str other = GET(r, "reason");
    if (other.n)
        response->reason = other;
    if (GET(r, "long").n) {
        size_t n = (size_t)number(GET(r, "long"));
        char *p = arena_alloc(r->cx.arena, n + 1);
        memset(p, 'r', n);
        p[n] = 0;
        return HttpResponse(r, "x", .reason = p);
    }
    return response;
}

static ViewFn *resolve(Request *r, const void *conf)
{
    (void)conf;
    if (str_eq(r->path, STR("/reason")))
        return reasoned;
    return str_eq(r->path, STR("/stream")) ? stream
           : str_eq(r->path, STR("/file")) ? file
           : str_eq(r->path, STR("/echo")) ? echo
                                           : page;
}
static const SiteRouter router = { .resolve = resolve };

typedef struct Client {
    Loop *loop;
    int fd;
    Str request;
    Buf answer;
    HttpServer *server;
} Client;

static void talk(void *arg)
{
    Client *c = arg;
    Io io;
    io_init(&io, c->fd);
    CHECK_EQ(io_write(&io, c->request.p, c->request.n, 0), 0);
    char piece[4096];
    for (ssize_t got; (got = io_read(&io, piece, sizeof piece, loop_clock() + 3000000000)) > 0;)
        buf_add(&c->answer, piece, (size_t)got);
    io_close(&io);
    http_server_stop(c->server, 0, 1, NULL, NULL);
}

/* What the site answers to the bytes, which must end with the connection's close. */
static Str ask(const char *request)
{
    Settings *s = test_settings();
    Context cx;
    context_init(&cx, test_arena());
    Loop *loop = loop_create(test_arena());
    Site *site = site_create(&cx, s, NULL, &router, NULL);
    HttpServer *server =
        http_server_create(loop, test_arena(), &(HttpServerOptions){ .handler = { site_handle, site } });
    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    Client c = { .loop = loop,
                 .fd = pair[1],
                 .request = str_c(request),
                 .answer = BUF_INIT(test_arena(), 1 << 20),
                 .server = server };
    http_server_adopt(server, pair[0], NULL);
    fiber_spawn(loop, talk, &c);
    CHECK_EQ(loop_run(loop), 0);
    http_server_destroy(server);
    loop_destroy(loop);
    return buf_view(&c.answer);
}
#define ASK(line, headers) ask(line " HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n" headers "\r\n")

TEST(serve, a_page_with_a_cookie)
{
    Str answer = ASK("GET /", "");
    CHECK_STR_CONTAINS(answer, STR("HTTP/1.1 200 OK\r\n"));
    CHECK_STR_CONTAINS(answer, STR("\r\nContent-Type: text/html; charset=utf-8\r\n"));
    CHECK_STR_CONTAINS(answer, STR("\r\nSet-Cookie: a=b; HttpOnly; Path=/\r\n"));
    CHECK_STR_CONTAINS(answer, STR("\r\nContent-Length: 5\r\n"));
    CHECK(str_ends(answer, STR("\r\n\r\nhello")));
    CHECK(str_ends(ASK("HEAD /", ""), STR("\r\n\r\n")));
}

TEST(serve, streams_end_or_are_cut)
{
    Str answer = ASK("GET /stream", "");
    CHECK_STR_CONTAINS(answer, STR("Transfer-Encoding: chunked"));
    CHECK(str_ends(answer, STR("2\r\n2,\r\n0\r\n\r\n")));
    answer = ASK("GET /stream?break=1", "");
    CHECK_STR_CONTAINS(answer, STR("\r\n2\r\n0,\r\n"));
    CHECK(!str_ends(answer, STR("0\r\n\r\n")));
    answer = ASK("HEAD /stream", "");
    CHECK(str_ends(answer, STR("\r\n\r\n")));
}

TEST(serve, files_and_their_ranges)
{
    test_file("f.txt", STR("0123456789"));
    Str answer = ASK("GET /file", "");
    CHECK_STR_CONTAINS(answer, STR("Content-Disposition: attachment; filename=\"f.txt\""));
    CHECK_STR_CONTAINS(answer, STR("Accept-Ranges: bytes"));
    CHECK_STR_CONTAINS(answer, STR("Content-Type: text/plain; charset=utf-8"));
    CHECK(str_ends(answer, STR("\r\n\r\n0123456789")));
    answer = ASK("GET /file", "Range: bytes=2-4\r\n");
    CHECK_STR_CONTAINS(answer, STR("HTTP/1.1 206 "));
    CHECK_STR_CONTAINS(answer, STR("Content-Range: bytes 2-4/10\r\n"));
    CHECK(str_ends(answer, STR("\r\n\r\n234")));
    answer = ASK("GET /file", "Range: bytes=10-\r\n");
    CHECK_STR_CONTAINS(answer, STR("HTTP/1.1 416 "));
    CHECK_STR_CONTAINS(answer, STR("Content-Range: bytes */10\r\n"));
    answer = ASK("GET /file", "Range: bytes=0-1,3-4\r\n"); /* nearer to each other than a head between them is long */
    CHECK_STR_CONTAINS(answer, STR("Content-Range: bytes 0-4/10\r\n"));
    CHECK(str_ends(answer, STR("\r\n\r\n01234")));
    answer = ASK("HEAD /file", "Range: bytes=2-4\r\n"); /* only a GET has ranges */
    CHECK_STR_CONTAINS(answer, STR("HTTP/1.1 200 "));
    CHECK_STR_CONTAINS(answer, STR("Content-Length: 10\r\n"));
    answer = ASK("GET /file", "Range: bytes=-1\r\nIf-Range: \"x\"\r\n");
    CHECK_STR_CONTAINS(answer, STR("HTTP/1.1 200 "));
}

/* A Range of n pieces of ten bytes, 300 bytes apart, the last one first. */
static const char *many_ranges(int n)
{
    Buf b = BUF_INIT(test_arena(), 4096);
    buf_printf(&b, "GET /file HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\nRange: bytes=-10");
    for (int i = 1; i < n; i++)
        buf_printf(&b, ",%d-%d", (i - 1) * 300, (i - 1) * 300 + 9);
    buf_str(&b, STR("\r\n\r\n"));
    return str_dup_c(test_arena(), buf_view(&b));
}

static size_t count(Str s, Str what)
{
    size_t n = 0;
    for (size_t at; (at = str_find(s, what)) != STR_NPOS; n++)
        s = str_from_byte(s, at + what.n);
    return n;
}

TEST(serve, several_ranges_of_a_file)
{
    enum { SIZE = 6000 };
    char *text = arena_alloc(test_arena(), SIZE);
    for (int i = 0; i < SIZE; i++)
        text[i] = (char)('a' + i / 10 % 26);
    test_file("f.txt", str_from(text, SIZE));
    Str answer = ASK("GET /file", "Range: bytes=5000-5004,0-4,5002-5012\r\n"), before, boundary;
    CHECK_STR_CONTAINS(answer, STR("HTTP/1.1 206 "));
    REQUIRE(str_find(answer, STR("multipart/byteranges; boundary=")) != STR_NPOS);
    before = str_from_byte(answer, str_find(answer, STR("boundary=")) + 9);
    REQUIRE(str_cut(&before, '\r', &boundary));
    CHECK_EQ(boundary.n, 32);
    CHECK_STR_CONTAINS(answer, str_format(test_arena(),
                                          "--%.*s\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                          "Content-Range: bytes 5000-5012/6000\r\n\r\n",
                                          STR_FMT(boundary)));
    CHECK_STR_CONTAINS(answer, STR("gggggggggghhh"));
    CHECK_STR_CONTAINS(answer, STR("Content-Range: bytes 0-4/6000\r\n\r\n"));
    CHECK_STR_CONTAINS(answer, STR("aaaaa"));
    CHECK_STR_CONTAINS(answer, str_format(test_arena(), "\r\n--%.*s--\r\n", STR_FMT(boundary)));
    CHECK_STR_CONTAINS(answer, STR("Transfer-Encoding: chunked\r\n"));
    CHECK(str_find(str_slice(answer, 0, str_find(answer, STR("\r\n\r\n"))), STR("Content-Range")) == STR_NPOS);
    CHECK(str_find(ASK("GET /file", "Range: bytes=0-4,5000-5004\r\n"), boundary) == STR_NPOS); /* another each time */
    /* at the limit, and past it: the whole file */
    answer = ask(many_ranges(16));
    CHECK_STR_CONTAINS(answer, STR("HTTP/1.1 206 "));
    CHECK_EQ(count(answer, STR("Content-Range: bytes ")), 16);
    CHECK(str_find(answer, STR("bytes 5990-5999/6000")) < str_find(answer, STR("bytes 0-9/6000")));
    answer = ask(many_ranges(17));
    CHECK_STR_CONTAINS(answer, STR("HTTP/1.1 200 "));
    CHECK_STR_CONTAINS(answer, STR("Content-Length: 6000\r\n"));
}

TEST(serve, the_server_as_a_whole_is_asked_for_its_options)
{
    Str answer = ASK("OPTIONS *", "");
    CHECK_STR_CONTAINS(answer, STR("HTTP/1.1 200 OK\r\n"));
    CHECK_STR_CONTAINS(answer, STR("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"));
    CHECK_STR_CONTAINS(answer, STR("Content-Length: 0\r\n"));
    CHECK(str_ends(answer, STR("\r\n\r\n")));
    /* The absolute form without a path means the same (RFC 9112 section 3.2.4); with one, the view's own business. */
    CHECK_STR_CONTAINS(ASK("OPTIONS http://testserver", ""), STR("Allow: GET, HEAD,"));
    CHECK(str_ends(ASK("OPTIONS http://testserver/", ""), STR("hello")));
    CHECK(str_ends(ASK("OPTIONS /", ""), STR("hello")));
}

TEST(serve, bodies_arrive)
{
    Str answer = ASK("POST /echo", "Content-Length: 3\r\n\r\nabc");
    CHECK_STR_CONTAINS(answer, STR("\r\n\r\nabc"));
    answer = ASK("POST /echo", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n");
    CHECK_STR_CONTAINS(answer, STR("\r\n\r\nabcde"));
}

TEST(serve, the_reason_of_a_response_is_sent)
{
    CHECK(str_starts(ASK("GET /reason?status=200", ""), STR("HTTP/1.1 200 As You Like It\r\nDate: ")));
    CHECK(str_starts(ASK("GET /reason?status=404", ""), STR("HTTP/1.1 404 As You Like It\r\nDate: ")));
    /* What would break the head is not sent. */
    CHECK(str_starts(ASK("GET /reason?status=404&reason=a%0d%0aX:y", ""), STR("HTTP/1.1 404 Not Found\r\nDate: ")));
    /* The next request of the connection has its own. */
    Str answer = ask("GET /reason?status=200 HTTP/1.1\r\nHost: testserver\r\n\r\n"
                     "GET / HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n\r\n");
    CHECK(str_starts(answer, STR("HTTP/1.1 200 As You Like It\r\n")));
    CHECK_STR_CONTAINS(answer, STR("HTTP/1.1 200 OK\r\n"));
    CHECK(str_starts(ASK("GET /reason?status=200&long=256", ""), STR("HTTP/1.1 200 rrrrrrrr")));
    CHECK(str_starts(ASK("GET /reason?status=200&long=257", ""), STR("HTTP/1.1 500 ")));
}
