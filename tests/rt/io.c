#define _GNU_SOURCE
#include <clef/rt.h>
#include <clef/test.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static Loop *loop;
static int finished;
static void start(FiberFn *fn, void *arg) { REQUIRE(fiber_start(loop, fn, arg) != NULL); }
static void begin(void) { loop = loop_create(test_arena()); }
static void end(void)
{
    CHECK_EQ(loop_run(loop), 0);
    loop_destroy(loop);
}
static int64_t in_ms(int64_t ms) { return loop_clock() + ms * 1000000; }

static void make_pair(Io *a, Io *b)
{
    int fds[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    io_init(a, fds[0]);
    io_init(b, fds[1]);
}

typedef struct Server {
    Io listener;
    Address address;
    int connections;
} Server;

static void echo(void *arg)
{
    Io io;
    io_init(&io, (int)(intptr_t)arg);
    char p[1000];
    for (ssize_t n; (n = io_read(&io, p, sizeof p, 0)) > 0;)
        CHECK_EQ(io_write(&io, p, (size_t)n, 0), 0);
    io_close(&io);
}
static void serve(void *arg)
{
    Server *s = arg;
    Address peer;
    for (int i = 0; i < s->connections; i++) {
        int fd = io_accept(&s->listener, &peer, 0);
        REQUIRE(fd >= 0);
        CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
        CHECK(peer.any.sa_family == s->address.any.sa_family);
        start(echo, (void *)(intptr_t)fd);
    }
    CHECK_EQ(io_accept(&s->listener, NULL, in_ms(5)), -ETIMEDOUT);
    io_close(&s->listener);
}
static bool listens(Server *s, Str text, int connections)
{
    Address a;
    REQUIRE(address_parse(text, &a));
    int fd = address_listen(&a, NULL);
    if (fd < 0)
        return false;
    io_init(&s->listener, fd);
    REQUIRE(address_of_socket(fd, &s->address) == 0);
    s->connections = connections;
    return true;
}

enum { MUCH = 3000000 };
static void writes_much(void *arg)
{
    char *p = malloc(MUCH);
    for (size_t i = 0; i < MUCH; i++)
        p[i] = (char)(i * 7 % 251);
    struct iovec v[5] = {
        { p, 1 }, { p + 1, 0 }, { p + 1, 1000 }, { p + 1001, MUCH - 2001 }, { p + MUCH - 1000, 1000 }
    };
    CHECK_EQ(io_writev(arg, v, 5, in_ms(20000)), 0);
    CHECK_EQ(io_shutdown(arg, SHUT_WR), 0);
    free(p);
}
static void client(void *arg)
{
    Server *s = arg;
    Io io;
    REQUIRE(io_connect(&io, &s->address, in_ms(5000)) == 0);
    start(writes_much, &io);
    size_t n = 0;
    bool same = true;
    char p[70000 / 4];
    for (ssize_t k; (k = io_read(&io, p, sizeof p, in_ms(20000))) > 0;)
        for (ssize_t i = 0; i < k; i++, n++)
            same &= p[i] == (char)(n * 7 % 251);
    CHECK(same);
    CHECK_EQ(n, MUCH);
    io_close(&io);
    io_close(&io);
    finished++;
}

static void exchange(Str text)
{
    Server s;
    begin();
    if (!listens(&s, text, 3)) {
        loop_destroy(loop);
        test_skip("no such address family here");
    }
    start(serve, &s);
    for (int i = 0; i < 3; i++)
        start(client, &s);
    end();
    CHECK_EQ(finished, 3);
}

TEST(io, megabytes_go_both_ways_over_ipv4, .seconds = 60)
{
    exchange(STR("127.0.0.1:0"));
}
TEST(io, megabytes_go_both_ways_over_ipv6, .seconds = 60)
{
    exchange(STR("[::1]:0"));
}
TEST(io, megabytes_go_both_ways_over_a_unix_socket, .seconds = 60)
{
    char name[64];
    snprintf(name, sizeof name, "unix:@clef-io-%d", (int)getpid());
    exchange(str_c(name));
}

static void times_out(void *arg)
{
    (void)arg;
    Io a, b;
    make_pair(&a, &b);
    char p[4096];
    CHECK_EQ(io_read(&a, p, sizeof p, 1), -ETIMEDOUT);
    CHECK_EQ(io_read(&a, p, sizeof p, in_ms(3)), -ETIMEDOUT);
    memset(p, 'x', sizeof p);
    int error = 0;
    for (int i = 0; i < 100000 && !error; i++)
        error = io_write(&a, p, sizeof p, in_ms(3));
    CHECK_EQ(error, -ETIMEDOUT);
    CHECK_EQ(io_read(&b, p, sizeof p, in_ms(3)), 4096);
    io_close(&b);
    CHECK_EQ(io_write(&a, p, 1, 0), -EPIPE); /* and no SIGPIPE */
    io_close(&a);
    CHECK_EQ(io_read(&a, p, 1, 0), -EBADF);
    CHECK_EQ(io_wait(&a, EPOLLIN, 0), -EBADF);
    finished++;
}

TEST(io, deadlines_and_gone_peers_are_outcomes)
{
    begin();
    start(times_out, NULL);
    end();
    CHECK_EQ(finished, 1);
}

static void reads_until_closed(void *arg)
{
    char p[10];
    CHECK_EQ(io_read(arg, p, sizeof p, 0), -ECANCELED);
    finished++;
}
static void waits_for_both(void *arg)
{
    CHECK_EQ(io_wait(arg, EPOLLIN | EPOLLOUT, 0), -ECANCELED);
    finished++;
}

TEST(io, a_close_wakes_who_waits_and_the_io_may_go_at_once)
{
    begin();
    Io *a = malloc(sizeof *a), *b = malloc(sizeof *b);
    make_pair(a, b);
    start(reads_until_closed, a);
    io_close(a);
    free(a);
    io_close(b);
    make_pair(b, b);
    char p[4096] = { 0 };
    while (write(io_fd(b), p, sizeof p) > 0)
        continue;
    start(waits_for_both, b);
    io_close(b);
    free(b);
    end();
    CHECK_EQ(finished, 2);
}

static void pipes(void *arg)
{
    (void)arg;
    int fds[2];
    REQUIRE(pipe(fds) == 0);
    Io in, out;
    REQUIRE(io_adopt(&in, fds[0]) == 0 && io_adopt(&out, fds[1]) == 0);
    char p[10];
    CHECK_EQ(io_read(&in, p, sizeof p, in_ms(2)), -ETIMEDOUT);
    CHECK_EQ(io_write(&out, "hello", 5, 0), 0);
    CHECK_EQ(io_wait(&in, EPOLLIN, 0), EPOLLIN);
    CHECK_EQ(io_wait(&in, EPOLLIN, 0), EPOLLIN); /* not only at the edge */
    CHECK_EQ(io_wait_fd(fds[0], EPOLLIN, 0), EPOLLIN);
    CHECK_EQ(io_read(&in, p, sizeof p, 0), 5);
    CHECK_EQ(io_wait(&in, EPOLLIN, in_ms(2)), -ETIMEDOUT);
    io_close(&in);
    CHECK_EQ(io_write(&out, "x", 1, 0), -EPIPE);
    io_close(&out);
    CHECK_EQ(io_adopt(&in, -1), -EBADF);
    CHECK_EQ(io_wait_fd(-1, EPOLLIN, 0), -EBADF);
    REQUIRE(pipe(fds) == 0);
    CHECK_EQ(io_wait_fd(fds[0], EPOLLIN, in_ms(2)), -ETIMEDOUT);
    CHECK_EQ(io_wait_fd(fds[0], EPOLLIN, in_ms(2)), -ETIMEDOUT);
    close(fds[0]);
    close(fds[1]);
    finished++;
}

TEST(io, pipes_work_and_raise_no_signal)
{
    begin();
    start(pipes, NULL);
    end();
    CHECK_EQ(finished, 1);
}

static void refused(void *arg)
{
    Io io;
    CHECK_EQ(io_connect(&io, arg, in_ms(1000)), -ECONNREFUSED);
    CHECK_EQ(io_fd(&io), -1);
    Address none;
    REQUIRE(address_parse(STR("unix:/nonexistent/socket"), &none));
    CHECK_EQ(io_connect(&io, &none, 0), -ENOENT);
    CHECK_EQ(io_connect(&io, &(Address){ 0 }, 0), -EINVAL);
    CHECK_EQ(io_connect_host(&io, STR("127.0.0.1"), address_port(arg), in_ms(1000)), -ECONNREFUSED);
    finished++;
}

TEST(io, a_refused_connection_is_an_outcome)
{
    Server s;
    begin();
    REQUIRE(listens(&s, STR("127.0.0.1:0"), 0));
    io_close(&s.listener);
    start(refused, &s.address);
    end();
    CHECK_EQ(finished, 1);
}

static void full_queue(void *arg)
{
    Server *s = arg;
    Io io[40];
    int n = 0, error = 0;
    while (n < 40 && (error = io_connect(&io[n], &s->address, in_ms(10))) == 0)
        n++;
    CHECK(n > 0 && n < 40);
    CHECK_EQ(error, -ETIMEDOUT);
    int fd = accept4(io_fd(&s->listener), NULL, NULL, 0);
    CHECK(fd >= 0);
    close(fd);
    CHECK_EQ(io_connect(&io[n], &s->address, in_ms(1000)), 0); /* there is room again */
    for (int i = 0; i <= n; i++)
        io_close(&io[i]);
    io_close(&s->listener);
}

TEST(io, a_full_unix_queue_is_asked_again)
{
    Server s = { 0 };
    char name[64];
    snprintf(name, sizeof name, "unix:@clef-io-%d", (int)getpid());
    REQUIRE(address_parse(str_c(name), &s.address));
    begin();
    int fd = address_listen(&s.address, &(ListenOptions){ .backlog = 2 });
    REQUIRE(fd >= 0);
    io_init(&s.listener, fd);
    start(full_queue, &s);
    end();
}

static void by_name(void *arg)
{
    Server *s = arg;
    Io io;
    REQUIRE(io_connect_host(&io, STR("127.0.0.1"), address_port(&s->address), in_ms(5000)) == 0);
    Address peer;
    CHECK(address_of_peer(io_fd(&io), &peer) == 0 && address_eq(&peer, &s->address));
    CHECK_EQ(io_write(&io, "hi", 2, 0), 0);
    char p[2];
    CHECK_EQ(io_read(&io, p, 2, in_ms(5000)), 2);
    io_close(&io);
    finished++;
}

TEST(io, connects_by_host_and_port)
{
    Server s;
    begin();
    REQUIRE(listens(&s, STR("127.0.0.1:0"), 1));
    start(serve, &s);
    start(by_name, &s);
    end();
    CHECK_EQ(finished, 1);
}

static void other_end(void *arg)
{
    Io *io = arg;
    CHECK_EQ(io_write(io, "one\r\ntw", 7, 0), 0);
    fiber_yield();
    fiber_yield();
    CHECK_EQ(io_write(io, "o\r", 2, 0), 0);
    fiber_sleep(2000000);
    CHECK_EQ(io_write(io, "\nthree four", 11, 0), 0);
    char p[700];
    size_t n = 0;
    for (ssize_t k; n < sizeof p && (k = io_read(io, p + n, sizeof p - n, 0)) > 0;)
        n += (size_t)k;
    CHECK_EQ(n, 5 + 3 + 600);
    CHECK(memcmp(p, "hello...zzz", 11) == 0);
    char big[300];
    memset(big, 'q', sizeof big);
    CHECK_EQ(io_write(io, big, sizeof big, 0), 0);
    io_close(io);
    finished++;
}

static void streams(void *arg)
{
    (void)arg;
    Io far;
    IoStream is;
    char room[256], p[700];
    iostream_init(&is, room, sizeof room);
    make_pair(&is.io, &far);
    Stream *s = &is.stream;
    s->deadline_ns = in_ms(5000);
    start(other_end, &far);
    Str line;
    CHECK_EQ(stream_read_until(s, STR("\r\n"), &line), 0);
    CHECK_STR(line, STR("one"));
    CHECK_EQ(stream_read_until(s, STR("\r\n"), &line), 0);
    CHECK_STR(line, STR("two"));
    CHECK_EQ(stream_read_all(s, p, 6), 0);
    CHECK(memcmp(p, "three ", 6) == 0);
    CHECK_STR(stream_peek(s), STR("four"));
    stream_consume(s, 1);
    CHECK_EQ(stream_read(s, p, sizeof p), 3);
    memset(p, 'z', sizeof p);
    CHECK_EQ(stream_write(s, "hello", 5), 0);
    CHECK_EQ(stream_write(s, "...", 3), 0);
    CHECK_EQ(stream_write(s, p, 600), 0);
    CHECK_EQ(stream_flush(s), 0);
    CHECK_EQ(stream_shutdown(s), 0);
    CHECK_EQ(stream_read_until(s, STR("\n"), &line), -ENOBUFS);
    CHECK_EQ(stream_peek(s).n, 192);
    stream_consume(s, 192);
    CHECK_EQ(stream_read_until(s, STR("\n"), &line), -ENODATA);
    CHECK_EQ(stream_read_all(s, p, 200), -ENODATA);
    CHECK(s->ended);
    CHECK_EQ(stream_read(s, p, 1), 0);
    CHECK_EQ(stream_write(s, p, 10), 0);
    CHECK_EQ(stream_flush(s), -EPIPE);
    CHECK_EQ(stream_write(s, p, 10), -EPIPE);
    stream_close(s);
    finished++;
}

TEST(stream, buffers_lines_and_ends)
{
    begin();
    start(streams, NULL);
    end();
    CHECK_EQ(finished, 2);
}
