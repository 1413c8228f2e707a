/* Limits, time, the stop, and the doors to other transports and protocols, over a socket. */
#include "site.h"

#include <clef/test.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

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
    client_send(&c, GET("/whole"));
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

typedef struct Listening {
    int fd, result;
} Listening;
static void listen_too(HttpServer *s, void *arg)
{
    Listening *l = arg;
    l->result = http_server_listen(s, l->fd);
}

TEST(http_server, unix_sockets_and_several_listeners)
{
    Running *r = start();
    Address at;
    REQUIRE(address_parse(str_format(test_arena(), "unix:@clef-test-%d", getpid()), &at));
    Listening listening = { .fd = address_listen(&at, NULL) };
    REQUIRE(listening.fd >= 0);
    server_call(r, listen_too, &listening);
    REQUIRE(listening.result == 0);
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

static ssize_t flip_recv(void *state, char *p, size_t n, bool *all)
{
    *all = false;
    return flip(*(int *)state, p, n);
}

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

static int ends_said;

static void flip_end(void *state)
{
    (void)state;
    ends_said++;
}

static const HttpTransport flip_transport = { flip_recv, flip_writev, flip_end, flip_close };

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
    CHECK_EQ(ends_said, 4);
}

static void take_http2(void *arg, HttpTaken taken)
{
    Buf *seen = arg; /* not of the test's arena, which its own thread uses */
    CHECK(buf_str(seen, taken.unread));
    CHECK(send(taken.fd, "h2", 2, MSG_NOSIGNAL) == 2);
    close(taken.fd);
}

TEST(http_server, the_preface_of_http2_goes_to_its_hook)
{
    Buf seen = BUF_INIT(NULL, 1000);
    Running *r = server_start(&(HttpServerOptions){ .handler = { handle, NULL }, .http2 = take_http2, .arg = &seen });
    Client c = client_open(r);
    client_send(&c, STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    CHECK_STR(client_read(&c, 2), STR("h2"));
    CHECK(client_ended(&c));
    client_close(&c);
    server_end(r);
    CHECK_STR(buf_view(&seen), STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    buf_finish(&seen);
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

TEST(http_server, a_closed_connection_waits_for_the_client_only_so_long)
{
    Running *r = start_with((HttpLimits){ .linger_ms = 100 });
    Client c = client_open(r);
    HttpStats s;
    client_send(&c, STR("GET /hello HTTP/1.1\r\nConnection: close\r\n" HOST));
    CHECK_EQ(client_reply(&c, false).status, 200);
    CHECK(client_ended(&c));
    server_call(r, copy_stats, &s);
    CHECK_EQ(s.connections, 1u);
    for (int i = 0; i < 100 && s.connections; i++) {
        usleep(10000);
        server_call(r, copy_stats, &s);
    }
    CHECK_EQ(s.connections, 0u);
    client_close(&c);
    server_end(r);
}
