/* What the HTTP server promises of answers, bodies and streams, over a socket. */
#include "site.h"

#include <clef/test.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

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
