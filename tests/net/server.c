/* What the HTTP server promises, over a socket. The handler does what the path says. */
#include "harness.h"

#include <clef/rt/fiber.h>
#include <clef/test.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST              "Host: a\r\n\r\n"
#define GET(path)         STR("GET " path " HTTP/1.1\r\n" HOST)
#define ASK(r, path, ...) client_ask((r), STR("GET " path " HTTP/1.1\r\n" __VA_ARGS__ HOST))

static Str large; /* 300,000 bytes that count */
static int seen_status;
static uint64_t seen_n;
static bool seen_closed;
static Fiber *parked;

static bool add_piece(void *arg, Str piece)
{
    (void)piece;
    *(int *)arg += 1;
    seen_n += piece.n;
    return true;
}

static void closed(void *arg)
{
    seen_closed = true;
    fiber_wake(arg);
}

static void handle(HttpExchange *x, void *arg)
{
    (void)arg;
    const HttpHead *h = x->head;
    Str path = h->path, body, block = STR("X-Test: 1\r\n");
#define IS(text) str_eq(path, STR(text))
    if (IS("/hello")) {
        http_respond(x, 200, block, STR("hello"));
    } else if (IS("/query")) {
        http_respond(x, 200, block, h->query);
    } else if (IS("/sleep")) {
        fiber_sleep(20000000);
        http_respond(x, 200, block, STR("slept"));
    } else if (IS("/echo")) {
        if (http_body_all(x, 1 << 20, &body))
            http_respond(x, 200, block, body);
    } else if (IS("/small")) {
        if (!http_body_all(x, 10, &body))
            http_respond(x, http_body_status(x), block, STR("sorry"));
        else
            http_respond(x, 200, block, body);
    } else if (IS("/read")) {
        char p[7];
        Buf b = BUF_INIT(x->arena, 1 << 20);
        ssize_t n;
        while ((n = http_body_read(x, p, sizeof p)) > 0)
            buf_add(&b, p, (size_t)n);
        seen_status = http_body_status(x);
        if (n == 0)
            http_respond(x, 200, block, buf_view(&b));
    } else if (IS("/count")) {
        int pieces = 0;
        seen_n = 0;
        if (http_body_each(x, add_piece, &pieces))
            http_respond(x, 200, block, str_format(x->arena, "%llu", (unsigned long long)seen_n));
    } else if (IS("/trailers")) {
        HttpHeader t[4];
        CHECK(http_body_all(x, 1 << 20, &body));
        size_t n = http_body_trailers(x, t, 4);
        http_respond(x, 200, block, n ? t[0].value : STR("none"));
    } else if (IS("/large")) {
        http_respond(x, 200, block, large);
    } else if (IS("/none")) {
        http_respond(x, 204, block, STR(""));
    } else if (IS("/same")) {
        http_respond(x, 304, block, STR(""));
    } else if (IS("/odd")) {
        http_respond(x, 418, block, STR("tea"));
    } else if (IS("/silent")) {
        return;
    } else if (IS("/headers")) {
        HttpHeader hs[] = { { STR("A"), STR("b") }, { STR("C"), STR("d e") } };
        http_respond_headers(x, 201, hs, 2, STR("made"));
    } else if (IS("/inject")) {
        HttpHeader hs[] = { { STR("A"), STR("b\r\nSet-Cookie: x") } };
        CHECK(!http_respond_headers(x, 200, hs, 1, STR("made")));
    } else if (IS("/stream")) {
        http_stream_start(x, 200, block, -1);
        for (int i = 0; i < 3; i++) {
            http_stream_write(x, str_format(x->arena, "piece %d\n", i));
            fiber_sleep(1000000);
        }
        http_stream_write(x, str_slice(large, 0, 9000));
        HttpHeader t = { STR("X-Sum"), STR("7") };
        http_stream_finish(x, &t, 1);
    } else if (IS("/sized")) {
        http_stream_start(x, 200, block, 10);
        http_stream_write(x, STR("01234"));
        http_stream_write(x, STR("56789"));
    } else if (IS("/short")) {
        http_stream_start(x, 200, block, 10);
        http_stream_write(x, STR("01234"));
    } else if (IS("/endless")) {
        http_stream_start(x, 200, block, -1);
        while (http_stream_write(x, large))
            ;
        seen_closed = true;
    } else if (IS("/early")) {
        http_respond_interim(x, 103, STR("Link: </a.css>\r\n"));
        http_respond(x, 200, block, STR("late"));
    } else if (IS("/file")) {
        int fd = open(CLEF_TESTS "/net/server.c", O_RDONLY | O_CLOEXEC);
        http_respond_file(x, 206, block, fd, 3, 8);
        close(fd);
    } else if (IS("/whole")) {
        int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        http_respond_file(x, 200, block, fd, 0, 3000000);
        close(fd);
    } else if (IS("/wait")) {
        parked = fiber_self();
        http_on_peer_closed(x, closed, parked);
        fiber_park();
        http_respond(x, 200, block, http_peer_closed(x) ? STR("closed") : STR("open"));
    } else if (IS("/upgrade")) {
        HttpTaken t;
        CHECK(h->upgrade);
        if (http_upgrade(x, STR("Upgrade: echo\r\n"), &t)) {
            CHECK(!t.transport);
            ssize_t n = send(t.fd, t.unread.p, t.unread.n, MSG_NOSIGNAL);
            CHECK_EQ(n, (ssize_t)t.unread.n);
            close(t.fd);
        }
    } else {
        http_respond(x, 404, block, STR(""));
    }
}

static Running *start_with(HttpLimits limits)
{
    char *p = arena_alloc(test_arena(), 300001);
    for (size_t i = 0; i < 300000; i++)
        p[i] = (char)('a' + i % 26);
    large = str_from(p, 300000);
    return server_start(&(HttpServerOptions){ .handler = { handle, NULL }, .limits = limits });
}

static Running *start(void) { return start_with((HttpLimits){ 0 }); }

static Str header(const Reply *r, const char *name) { return http_header(&r->parsed, str_c(name)); }

TEST(http_server, an_answer_has_status_date_length_and_block)
{
    Running *r = start();
    Reply a = ASK(r, "/hello");
    CHECK_EQ(a.status, 200);
    CHECK_STR(a.body, STR("hello"));
    CHECK_STR(header(&a, "Content-Length"), STR("5"));
    CHECK_STR(header(&a, "X-Test"), STR("1"));
    CHECK(str_is_null(header(&a, "Connection")));
    Str date = header(&a, "Date");
    CHECK_EQ(date.n, 29u);
    CHECK(str_ends(date, STR(" GMT")) && date.p[3] == ',' && date.p[7] == ' ');
    a = ASK(r, "/odd");
    CHECK_EQ(a.status, 418);
    CHECK_STR(a.parsed.phrase, STR("I'm a Teapot"));
    a = ASK(r, "/silent");
    CHECK_EQ(a.status, 500);
    a = ASK(r, "/headers");
    CHECK_EQ(a.status, 201);
    CHECK_STR(header(&a, "C"), STR("d e"));
    a = ASK(r, "/inject");
    CHECK_EQ(a.status, 500);
    CHECK(str_is_null(header(&a, "Set-Cookie")));
    server_end(r);
}

TEST(http_server, head_204_and_304_have_no_body)
{
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, STR("HEAD /hello HTTP/1.1\r\n" HOST "HEAD /large HTTP/1.1\r\n" HOST "GET /none HTTP/1.1\r\n" HOST
                        "GET /same HTTP/1.1\r\n" HOST "HEAD /stream HTTP/1.1\r\n" HOST "HEAD /file HTTP/1.1\r\n" HOST
                        "GET /hello HTTP/1.1\r\n" HOST));
    Reply a = client_reply(&c, true);
    CHECK_STR(header(&a, "Content-Length"), STR("5"));
    a = client_reply(&c, true);
    CHECK_STR(header(&a, "Content-Length"), STR("300000"));
    a = client_reply(&c, false);
    CHECK_EQ(a.status, 204);
    CHECK(str_is_null(header(&a, "Content-Length")));
    a = client_reply(&c, false);
    CHECK_EQ(a.status, 304);
    CHECK_EQ(client_reply(&c, true).status, 200);
    a = client_reply(&c, true);
    CHECK_EQ(a.status, 206);
    CHECK_STR(header(&a, "Content-Length"), STR("8"));
    CHECK_STR(client_reply(&c, false).body, STR("hello"));
    client_close(&c);
    server_end(r);
}

TEST(http_server, pipelined_requests_are_answered_in_order)
{
    Running *r = start_with((HttpLimits){ .pipeline = 7 });
    Buf b = BUF_INIT(test_arena(), 1 << 20);
    for (int i = 0; i < 500; i++)
        buf_printf(&b, "GET /query?%d HTTP/1.1\r\n" HOST, i);
    BUF_LIT(&b, "GET /sleep HTTP/1.1\r\n" HOST "GET /hello HTTP/1.1\r\nConnection: close\r\n" HOST);
    Client c = client_open(r);
    client_send(&c, buf_view(&b));
    for (int i = 0; i < 500; i++)
        CHECK_STR(client_reply(&c, false).body, str_format(test_arena(), "%d", i));
    CHECK_STR(client_reply(&c, false).body, STR("slept"));
    Reply a = client_reply(&c, false);
    CHECK_STR(a.body, STR("hello"));
    CHECK_STR(header(&a, "Connection"), STR("close"));
    CHECK(client_ended(&c));
    client_close(&c);
    server_end(r);
}

TEST(http_server, an_answer_does_not_wait_for_the_next_handler)
{
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, STR("GET /hello HTTP/1.1\r\n" HOST "GET /wait HTTP/1.1\r\n" HOST));
    CHECK_STR(client_reply(&c, false).body, STR("hello"));
    CHECK(client_silent(&c, 20));
    shutdown(c.fd, SHUT_WR);
    CHECK_STR(client_reply(&c, false).body, STR("closed"));
    CHECK(client_ended(&c));
    client_close(&c);
    server_end(r);
}

TEST(http_server, bodies_arrive_whole_in_pieces_and_by_callback)
{
    Running *r = start();
    static const char *const paths[] = { "/echo", "/read" };
    for (size_t p = 0; p < 2; p++)
        for (size_t step = 1; step < 200; step *= 5) {
            Str texts[] = {
                str_format(test_arena(), "POST %s HTTP/1.1\r\nContent-Length: 20\r\n" HOST "01234567890123456789",
                           paths[p]),
                str_format(test_arena(),
                           "POST %s HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" HOST
                           "8;x=y\r\n01234567\r\nc\r\n890123456789\r\n0\r\n\r\n",
                           paths[p]),
            };
            for (size_t t = 0; t < 2; t++) {
                Client c = client_open(r);
                for (size_t at = 0; at < texts[t].n; at += step) {
                    client_send(&c, str_slice(texts[t], at, at + step));
                    if (step > 1)
                        usleep(300);
                }
                CHECK_STR(client_reply(&c, false).body, STR("01234567890123456789"));
                client_send(&c, GET("/hello"));
                CHECK_STR(client_reply(&c, false).body, STR("hello"));
                client_close(&c);
            }
        }
    Client c = client_open(r);
    client_send(&c, STR("POST /count HTTP/1.1\r\nContent-Length: 300000\r\n" HOST));
    client_send(&c, large);
    CHECK_STR(client_reply(&c, false).body, STR("300000"));
    client_send(&c, STR("POST /echo HTTP/1.1\r\nContent-Length: 300000\r\n" HOST));
    client_send(&c, large);
    CHECK_STR(client_reply(&c, false).body, large);
    client_send(&c, STR("POST /trailers HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" HOST "0\r\nX-Sum: 9\r\n\r\n"));
    CHECK_STR(client_reply(&c, false).body, STR("9"));
    client_close(&c);
    server_end(r);
}

TEST(http_server, body_limits)
{
    Running *r = start_with((HttpLimits){ .body = 15 });
    CHECK_EQ(client_ask(r, STR("POST /small HTTP/1.1\r\nContent-Length: 10\r\n" HOST "0123456789")).status, 200);
    CHECK_EQ(client_ask(r, STR("POST /small HTTP/1.1\r\nContent-Length: 11\r\n" HOST "01234567890")).status, 413);
    CHECK_EQ(client_ask(r, STR("POST /echo HTTP/1.1\r\nContent-Length: 15\r\n" HOST "012345678901234")).status, 200);
    Client c = client_open(r);
    client_send(&c, STR("POST /echo HTTP/1.1\r\nContent-Length: 16\r\n" HOST));
    Reply a = client_reply(&c, false);
    CHECK_EQ(a.status, 413);
    CHECK(!a.parsed.keep_alive);
    CHECK(client_ended(&c));
    client_close(&c);
    CHECK_EQ(client_ask(r, STR("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" HOST "f\r\n012345678901234\r\n"
                               "0\r\n\r\n"))
                 .status,
             200);
    CHECK_EQ(client_ask(r, STR("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" HOST "f\r\n012345678901234\r\n"
                               "1\r\n0\r\n0\r\n\r\n"))
                 .status,
             413);
    server_end(r);
}

TEST(http_server, continue_is_said_when_the_body_is_read)
{
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, STR("POST /echo HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n" HOST));
    CHECK_EQ(client_reply(&c, false).status, 100);
    client_send(&c, STR("hello"));
    CHECK_STR(client_reply(&c, false).body, STR("hello"));
    client_send(&c, STR("POST /hello HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n" HOST));
    Reply a = client_reply(&c, false);
    CHECK_EQ(a.status, 200);
    CHECK(!a.parsed.keep_alive);
    CHECK(client_ended(&c));
    client_close(&c);
    c = client_open(r);
    client_send(&c, STR("POST /echo HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n" HOST "hello"));
    CHECK_EQ(client_reply(&c, false).status, 200);
    client_close(&c);
    server_end(r);
}

TEST(http_server, an_unread_body_is_dropped_or_the_connection_closed)
{
    Running *r = start_with((HttpLimits){ .drain = 10 });
    Client c = client_open(r);
    client_send(&c,
                STR("POST /hello HTTP/1.1\r\nContent-Length: 10\r\n" HOST "0123456789GET /hello HTTP/1.1\r\n" HOST));
    CHECK_EQ(client_reply(&c, false).status, 200);
    CHECK_EQ(client_reply(&c, false).status, 200);
    client_send(&c, STR("POST /hello HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" HOST "5\r\nhello\r\n0\r\n\r\n"
                        "GET /hello HTTP/1.1\r\n" HOST));
    CHECK_EQ(client_reply(&c, false).status, 200);
    CHECK_EQ(client_reply(&c, false).status, 200);
    client_send(&c, STR("POST /hello HTTP/1.1\r\nContent-Length: 11\r\n" HOST));
    Reply a = client_reply(&c, false);
    CHECK(a.status == 200 && !a.parsed.keep_alive);
    CHECK(client_ended(&c));
    client_close(&c);
    server_end(r);
}

TEST(http_server, streams)
{
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, GET("/stream"));
    Reply a = client_reply(&c, false);
    Str expected = str_concat(test_arena(), STR("piece 0\npiece 1\npiece 2\n"), str_slice(large, 0, 9000));
    CHECK(a.parsed.chunked);
    CHECK_STR(a.body, expected);
    client_send(&c, GET("/sized"));
    a = client_reply(&c, false);
    CHECK_STR(a.body, STR("0123456789"));
    CHECK_STR(header(&a, "Content-Length"), STR("10"));
    client_send(&c, GET("/early"));
    CHECK_EQ(client_reply(&c, false).status, 103);
    CHECK_STR(client_reply(&c, false).body, STR("late"));
    client_send(&c, GET("/short"));
    CHECK_STR(client_reply(&c, false).body, STR("01234"));
    CHECK(client_ended(&c));
    client_close(&c);
    a = client_ask(r, STR("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    CHECK(!a.parsed.chunked && !a.parsed.has_length && !a.parsed.keep_alive);
    CHECK_STR(a.body, expected);
    server_end(r);
}

TEST(http_server, large_answers_and_files)
{
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, STR("GET /hello HTTP/1.1\r\n" HOST "GET /large HTTP/1.1\r\n" HOST "GET /file HTTP/1.1\r\n" HOST
                        "GET /large HTTP/1.1\r\n" HOST "GET /whole HTTP/1.1\r\n" HOST));
    usleep(20000);
    CHECK_STR(client_reply(&c, false).body, STR("hello"));
    CHECK_STR(client_reply(&c, false).body, large);
    CHECK_STR(client_reply(&c, false).body, STR("What the"));
    CHECK_STR(client_reply(&c, false).body, large);
    Reply a = client_reply(&c, false);
    CHECK_EQ(a.body.n, 3000000u);
    char *p = arena_alloc(test_arena(), 3000000);
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    REQUIRE(pread(fd, p, 3000000, 0) == 3000000);
    close(fd);
    CHECK(str_eq(a.body, str_from(p, 3000000)));
    client_close(&c);
    server_end(r);
}

TEST(http_server, an_upgrade_hands_the_connection_over)
{
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, STR("GET /upgrade HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: echo\r\n" HOST "ping"));
    Reply a = client_reply(&c, false);
    CHECK_EQ(a.status, 101);
    CHECK_STR(header(&a, "Upgrade"), STR("echo"));
    CHECK_STR(header(&a, "Connection"), STR("Upgrade"));
    CHECK_STR(client_read(&c, 4), STR("ping"));
    CHECK(client_ended(&c));
    client_close(&c);
    server_end(r);
}

TEST(http_server, a_client_that_goes_is_noticed)
{
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, GET("/wait"));
    CHECK(client_silent(&c, 20));
    struct linger hard = { .l_onoff = 1 };
    setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    client_close(&c);
    c = client_open(r);
    client_send(&c, GET("/endless"));
    CHECK_STR(client_read(&c, 8), STR("HTTP/1.1"));
    client_close(&c);
    c = client_open(r);
    client_send(&c, STR("POST /read HTTP/1.1\r\nContent-Length: 10\r\n" HOST "012"));
    usleep(20000);
    client_close(&c);
    usleep(50000);
    CHECK_EQ(ASK(r, "/hello").status, 200);
    server_end(r);
    CHECK(seen_closed);
    CHECK(seen_status >= 400);
}

TEST(http_server, time_limits)
{
    Running *r = start_with((HttpLimits){ .first_byte_ms = 60, .header_ms = 100, .request_ms = 200, .idle_ms = 80 });
    Client silent = client_open(r), slow = client_open(r), body = client_open(r), idle = client_open(r);
    client_send(&slow, STR("GET /hello HT"));
    client_send(&body, STR("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n" HOST "he"));
    client_send(&idle, GET("/hello"));
    CHECK_EQ(client_reply(&idle, false).status, 200);
    CHECK(client_ended(&silent));
    Reply a = client_reply(&slow, false);
    CHECK_EQ(a.status, 408);
    CHECK(client_ended(&slow));
    CHECK(client_ended(&idle));
    CHECK_EQ(client_reply(&body, false).status, 408);
    CHECK(client_ended(&body));
    client_close(&silent);
    client_close(&slow);
    client_close(&body);
    client_close(&idle);
    server_end(r);
}

TEST(http_server, a_client_that_does_not_read_is_dropped)
{
    Running *r = start_with((HttpLimits){ .write_ms = 100 });
    seen_closed = false;
    Client c = client_open(r);
    client_send(&c, GET("/endless"));
    for (int i = 0; i < 100 && !__atomic_load_n(&seen_closed, __ATOMIC_RELAXED); i++)
        usleep(20000);
    CHECK(__atomic_load_n(&seen_closed, __ATOMIC_RELAXED));
    client_close(&c);
    server_end(r);
}

TEST(http_server, limits_of_requests_and_connections)
{
    Running *r = start_with((HttpLimits){ .requests = 2, .connections = 2 });
    Client a = client_open(r), b = client_open(r);
    client_send(&a, GET("/hello"));
    Reply first = client_reply(&a, false);
    CHECK(first.status == 200 && first.parsed.keep_alive);
    client_send(&b, GET("/hello"));
    CHECK_EQ(client_reply(&b, false).status, 200);
    Client over = client_open(r);
    client_send(&over, GET("/hello"));
    Reply none = client_reply(&over, false);
    CHECK_EQ(none.status, 503);
    CHECK(client_ended(&over));
    client_close(&over);
    client_send(&a, GET("/hello"));
    Reply second = client_reply(&a, false);
    CHECK(second.status == 200 && !second.parsed.keep_alive);
    CHECK(client_ended(&a));
    client_close(&a);
    client_close(&b);
    usleep(50000);
    CHECK_EQ(ASK(r, "/hello").status, 200);
    server_end(r);
}

TEST(http_server, a_refusal_reaches_a_client_that_still_sends)
{
    Running *r = start_with((HttpLimits){ .body = 1000 });
    Client c = client_open(r);
    client_send(&c, STR("POST /echo HTTP/1.1\r\nContent-Length: 300000\r\n" HOST));
    client_send(&c, large);
    CHECK_EQ(client_reply(&c, false).status, 413);
    client_close(&c);
    server_end(r);
}

static int drained;
static void on_drained(void *arg)
{
    (void)arg;
    __atomic_store_n(&drained, 1, __ATOMIC_RELEASE);
}
static void stop_softly(HttpServer *s, void *arg)
{
    (void)arg;
    http_server_stop(s, 50, 2000, on_drained, NULL);
}
static void wake_parked(HttpServer *s, void *arg)
{
    (void)s, (void)arg;
    fiber_wake(parked);
}

TEST(http_server, a_stop_lets_requests_finish)
{
    Running *r = start();
    Client running = client_open(r), idle = client_open(r);
    client_send(&running, GET("/wait"));
    client_send(&idle, GET("/hello"));
    CHECK_EQ(client_reply(&idle, false).status, 200);
    CHECK(client_silent(&running, 20));
    server_call(r, stop_softly, NULL);
    Client late = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons(r->port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    CHECK(connect(late.fd, (struct sockaddr *)&at, sizeof at) != 0);
    client_close(&late);
    CHECK(client_ended(&idle));
    CHECK(!__atomic_load_n(&drained, __ATOMIC_ACQUIRE));
    server_call(r, wake_parked, NULL);
    Reply a = client_reply(&running, false);
    CHECK_STR(a.body, STR("open"));
    CHECK(!a.parsed.keep_alive);
    CHECK(client_ended(&running));
    client_close(&running);
    client_close(&idle);
    for (int i = 0; i < 100 && !__atomic_load_n(&drained, __ATOMIC_ACQUIRE); i++)
        usleep(10000);
    CHECK(__atomic_load_n(&drained, __ATOMIC_ACQUIRE));
    server_end(r);
}

TEST(http_server, unix_sockets_and_several_listeners)
{
    Running *r = start();
    Address at;
    REQUIRE(address_parse(str_format(test_arena(), "unix:@clef-test-%d", getpid()), &at));
    int listener = address_listen(&at, NULL);
    REQUIRE(listener >= 0 && http_server_listen(r->server, listener) == 0);
    Client c = { .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    REQUIRE(connect(c.fd, &at.any, at.n) == 0);
    client_send(&c, GET("/large"));
    CHECK_STR(client_reply(&c, false).body, large);
    client_send(&c, GET("/hello"));
    CHECK_STR(client_reply(&c, false).body, STR("hello"));
    client_close(&c);
    CHECK_EQ(ASK(r, "/hello").status, 200);
    server_end(r);
}

static void copy_stats(HttpServer *s, void *arg) { *(HttpStats *)arg = *http_server_stats(s); }

TEST(http_server, statistics)
{
    Running *r = start();
    for (int i = 0; i < 3; i++)
        CHECK_EQ(ASK(r, "/hello").status, 200);
    CHECK_EQ(client_ask(r, STR("BAD\r\n\r\n")).status, 400);
    HttpStats s;
    server_call(r, copy_stats, &s);
    CHECK_EQ(s.accepted, 4u);
    CHECK_EQ(s.requests, 3u);
    CHECK_EQ(s.refused, 1u);
    CHECK_EQ(s.running, 0u);
    CHECK_EQ(s.bytes_in, 3 * GET("/hello").n + 7);
    CHECK(s.bytes_out > 400);
    server_end(r);
}

/* ---- transports and other protocols ---- */

static int transports_open;

static ssize_t flip(int fd, char *p, size_t n)
{
    ssize_t got = recv(fd, p, n, 0);
    for (ssize_t i = 0; i < got; i++)
        p[i] ^= 1;
    return got < 0 ? -errno : got;
}

static ssize_t flip_recv(void *state, char *p, size_t n) { return flip(*(int *)state, p, n); }

static ssize_t flip_writev(void *state, const struct iovec *pieces, int n)
{
    char p[4096];
    size_t size = pieces->iov_len < sizeof p ? pieces->iov_len : sizeof p;
    (void)n;
    for (size_t i = 0; i < size; i++)
        p[i] = (char)(((const char *)pieces->iov_base)[i] ^ 1);
    ssize_t sent = send(*(int *)state, p, size, MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

static void flip_close(void *state)
{
    free(state);
    transports_open--;
}

static const HttpTransport flip_transport = { flip_recv, flip_writev, flip_close };

static const HttpTransport *flip_open(void *arg, int fd, void **state)
{
    (void)arg;
    int *own = malloc(sizeof *own);
    *own = fd;
    *state = own;
    transports_open++;
    return &flip_transport;
}

static Str flipped(Str s)
{
    char *p = str_dup_c(test_arena(), s);
    for (size_t i = 0; i < s.n; i++)
        p[i] ^= 1;
    return str_from(p, s.n);
}

TEST(http_server, a_transport_carries_every_byte)
{
    char *p = arena_alloc(test_arena(), 300001);
    memset(p, 'x', 300000);
    large = str_from(p, 300000);
    Running *r = server_start(&(HttpServerOptions){ .handler = { handle, NULL }, .open = flip_open });
    static const struct {
        const char *path;
        size_t n;
    } cases[] = { { "/hello", 5 }, { "/large", 300000 }, { "/file", 8 }, { "/whole", 3000000 } };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        Client c = client_open(r);
        client_send(&c,
                    flipped(str_format(test_arena(), "GET %s HTTP/1.1\r\nConnection: close\r\n" HOST, cases[i].path)));
        Str all = client_read(&c, 4000000);
        all = flipped(all);
        CHECK(str_starts(all, STR("HTTP/1.1 20")));
        size_t head = str_find(all, STR("\r\n\r\n"));
        CHECK_EQ(all.n - head - 4, cases[i].n);
        client_close(&c);
    }
    server_end(r);
    CHECK_EQ(transports_open, 0);
}

static void take_http2(void *arg, HttpTaken taken)
{
    *(Str *)arg = str_copy(test_arena(), taken.unread);
    CHECK(send(taken.fd, "h2", 2, MSG_NOSIGNAL) == 2);
    close(taken.fd);
}

TEST(http_server, the_preface_of_http2_goes_to_its_hook)
{
    Str seen = { 0 };
    Running *r = server_start(&(HttpServerOptions){ .handler = { handle, NULL }, .http2 = take_http2, .arg = &seen });
    Client c = client_open(r);
    client_send(&c, STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    CHECK_STR(client_read(&c, 2), STR("h2"));
    CHECK(client_ended(&c));
    client_close(&c);
    server_end(r);
    CHECK_STR(seen, STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
}

/* ---- many ---- */

TEST(http_server, accepting_goes_on_when_descriptors_are_free_again)
{
    Running *r = start();
    struct rlimit before, low;
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    Client c = client_open(r);
    client_send(&c, GET("/hello"));
    CHECK_EQ(client_reply(&c, false).status, 200);
    Client d = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    low = before;
    low.rlim_cur = (rlim_t)d.fd + 1;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons(r->port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    CHECK(connect(d.fd, (struct sockaddr *)&at, sizeof at) == 0);
    client_send(&d, GET("/hello"));
    CHECK(client_silent(&d, 150));
    client_send(&c, GET("/hello"));
    CHECK_EQ(client_reply(&c, false).status, 200);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK_EQ(client_reply(&d, false).status, 200);
    client_close(&c);
    client_close(&d);
    server_end(r);
}

static void arena_of(HttpServer *s, void *arg)
{
    (void)s;
    size_t **both = arg;
    *both[1] = arena_used(((Running *)(void *)both[0])->arena);
}

TEST(http_server, idle_connections_are_small, .seconds = 60)
{
    enum { MANY = 2000 };
    struct rlimit files;
    REQUIRE(getrlimit(RLIMIT_NOFILE, &files) == 0);
    files.rlim_cur = files.rlim_max;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &files) == 0);
    if (files.rlim_cur < 2 * MANY + 100)
        test_skip("too few descriptors are allowed (ulimit -n)");
    Running *r = start();
    int *fds = NEW_ARRAY(test_arena(), int, MANY);
    size_t before, after;
    CHECK_EQ(ASK(r, "/hello").status, 200);
    server_call(r, arena_of, (void *[]){ r, &before });
    for (size_t i = 0; i < MANY; i++) {
        Client c = client_open(r);
        fds[i] = c.fd;
        char p[512];
        client_send(&c, GET("/hello"));
        CHECK(recv(c.fd, p, sizeof p, 0) > 0);
    }
    server_call(r, arena_of, (void *[]){ r, &after });
    CHECK((after - before) / MANY <= 1024);
    fprintf(stderr, "%zu bytes of memory per idle connection\n", (after - before) / MANY);
    for (size_t i = 0; i < MANY; i++)
        close(fds[i]);
    server_end(r);
}
