/*
 * faults.c: a live server whose n-th system call, or n-th request for memory, is refused, for n = 1, 2, ... until the
 * scenario comes through. Each time every client gets whole answers, an error with a status, or the end of its
 * connection, and soon; the server goes on for the next one; and nothing stays behind: no connection, no buffer, no
 * descriptor.
 */
#include "base/fault.h"
#include "harness.h"

#include <clef/rt.h>
#include <clef/test.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILE_BYTES = 300000, PIECES = 3 };
static const int64_t HANG_NS = 4500000000; /* the client waits five seconds for an answer */

static const char *file_path;

static void handle(HttpExchange *x, void *arg)
{
    (void)arg;
    Str path = x->head->path, body;
    if (str_eq(path, STR("/body"))) {
        HttpHeader sum;
        char text[24]; /* this handler asks the arena for nothing itself: it has no context to raise in */
        if (!http_body_all(x, 1 << 20, &body))
            http_respond(x, http_body_status(x), STR(""), STR("no body"));
        else if (http_body_trailers(x, &sum, 1))
            http_respond(x, 200, STR(""), sum.value);
        else
            http_respond(x, 200, STR(""), str_from(text, (size_t)snprintf(text, sizeof text, "%zu", body.n)));
    } else if (str_eq(path, STR("/headers"))) {
        HttpHeader many[20];
        for (size_t i = 0; i < CLEF_COUNT(many); i++)
            many[i] = (HttpHeader){ STR("X-Long"), http_header(x->head, STR("X-Part")) };
        (void)http_respond_headers(x, 200, many, CLEF_COUNT(many), STR("headers"));
    } else if (str_eq(path, STR("/upgrade"))) {
        HttpTaken taken;
        if (http_upgrade(x, STR("Upgrade: echo\r\n"), &taken)) {
            (void)!send(taken.fd, taken.unread.p, taken.unread.n, MSG_NOSIGNAL);
            close(taken.fd);
        }
    } else if (str_eq(path, STR("/file"))) {
        int fd = open(file_path, O_RDONLY | O_CLOEXEC);
        REQUIRE(fd >= 0);
        (void)http_respond_file(x, 200, STR(""), fd, 0, FILE_BYTES);
        close(fd);
    } else if (str_eq(path, STR("/stream"))) {
        bool ok = http_stream_start(x, 200, STR(""), -1);
        for (int i = 0; i < PIECES && ok; i++) {
            fiber_sleep(1000000);
            ok = http_stream_write(x, STR("piece")) && http_stream_flush(x);
        }
        if (ok)
            http_stream_finish(x, NULL, 0);
    } else {
        http_respond(x, 200, STR(""), STR("hello"));
    }
}

/* A whole answer, and the right one; or a part of it, or an error that is told, or the end: false. */
static bool good(Client *c, Str want)
{
    Reply reply = client_reply(c, false);
    if (reply.status == 200) {
        if (str_eq(reply.body, STR("(cut)"))) /* a last chunk was missing */
            return false;
        bool part = reply.body.n <= want.n && memcmp(reply.body.p, want.p, reply.body.n) == 0;
        if (!part)
            CHECK_STR(reply.body, want);
        return reply.body.n == want.n;
    }
    CHECK(reply.status == 0 || (reply.status >= 400 && reply.head.n > 0));
    return false;
}

#define HEAD(line) line " HTTP/1.1\r\nHost: x\r\n"

static Str repeated(char c, size_t n)
{
    char *p = arena_alloc(test_arena(), n);
    memset(p, c, n);
    return str_from(p, n);
}

/*
 * What asks for memory: bodies of both kinds that do not fit a buffer, a head that does not, an answer with many
 * headers.
 */
static bool large_exchange(const Running *r)
{
    Client kept = client_open(r), upgraded = client_open(r);
    Str body = repeated('b', 40000), part = repeated('p', 400);
    client_send(&kept, STR(HEAD("POST /body") "Content-Length: 40000\r\n\r\n"));
    client_send(&kept, body);
    bool ok = good(&kept, STR("40000"));
    client_send(&kept, STR(HEAD("POST /body") "Transfer-Encoding: chunked\r\n\r\n9c40\r\n"));
    client_send(&kept, body);
    client_send(&kept, STR("\r\n0\r\nX-Sum: seven\r\n\r\n"));
    ok = ok && good(&kept, STR("seven"));
    client_send(&kept, STR(HEAD("GET /") "X-Large: "));
    client_send(&kept, repeated('l', 20000));
    client_send(&kept, STR("\r\n\r\n"));
    ok = ok && good(&kept, STR("hello"));
    client_send(&kept, str_format(test_arena(), HEAD("GET /headers") "X-Part: %.*s\r\n\r\n", STR_FMT(part)));
    ok = ok && good(&kept, STR("headers"));
    client_send(&upgraded, STR(HEAD("GET /upgrade") "Connection: upgrade\r\nUpgrade: echo\r\n\r\nping"));
    Reply reply = client_reply(&upgraded, false);
    CHECK(reply.status == 101 || reply.status == 0 || reply.status >= 400);
    ok = reply.status == 101 && str_eq(client_read(&upgraded, 4), STR("ping")) && ok;
    client_close(&kept);
    client_close(&upgraded);
    return ok;
}

static bool exchange(const Running *r, Str file)
{
    Client kept = client_open(r), other = client_open(r);
    client_send(&kept, STR(HEAD("GET /") "\r\n" HEAD("GET /") "\r\n" HEAD("POST /body") "Content-Length: 10\r\n\r\n"));
    bool ok = good(&kept, STR("hello")) && good(&kept, STR("hello"));
    usleep(2000); /* the handler waits for the body */
    client_send(&kept, STR("0123456789"));
    ok = ok && good(&kept, STR("10"));
    if (ok)
        client_send(&kept, STR(HEAD("GET /stream") "\r\n"));
    ok = ok && good(&kept, STR("piecepiecepiece"));
    client_send(&other, STR(HEAD("GET /file") "Connection: close\r\n\r\n"));
    ok = good(&other, file) && ok;
    client_close(&kept);
    client_close(&other);
    return ok;
}

static size_t open_files(void)
{
    FileEntry *list;
    ssize_t n = file_list(test_arena(), "/proc/self/fd", 1000, &list);
    REQUIRE(n >= 0);
    return (size_t)n;
}

static int each_refusal(unsigned kinds)
{
    char *text = arena_alloc(test_arena(), FILE_BYTES);
    for (size_t i = 0; i < FILE_BYTES; i++)
        text[i] = (char)('a' + i % 23);
    Str file = str_from(text, FILE_BYTES);
    file_path = test_file("large", file);
    int rounds = 0;
    for (bool fired = true; fired;) {
        REQUIRE(++rounds < 1000);
        size_t before = open_files();
        Running *r = server_start(&(HttpServerOptions){ .handler = { handle, NULL } });
        int64_t began = loop_clock();
        fault_spare_thread(true);
        fault_arm(kinds, (uint64_t)rounds);
        bool ok = exchange(r, file);
        ok = large_exchange(r) && ok;
        CHECK(loop_clock() - began < HANG_NS); /* nobody waited for what does not come */
        fired = fault_fired();
        fault_arm(0, 0);
        CHECK(ok || fired);
        /* Whatever it was, the next client is served. */
        CHECK_EQ(client_ask(r, STR(HEAD("GET /") "Connection: close\r\n\r\n")).status, 200);
        server_end(r);
        CHECK_EQ(open_files(), before);
    }
    fault_spare_thread(false);
    return rounds;
}

TEST(fault, a_server_survives_each_refusal_of_the_system, .seconds = 240)
{
    CHECK(each_refusal(FAULT_SYSTEM) > (CLEF_FAULTS ? 20 : 0));
}

TEST(fault, a_server_survives_each_lack_of_memory, .seconds = 240)
{
    CHECK(each_refusal(FAULT_MEMORY) > (CLEF_FAULTS ? 12 : 0));
}

static void nothing(void *arg) { (void)arg; }

/* The loop has no place for one more hook and no memory for it: a stream's piece leaves at once instead. */
static void without_hooks(HttpExchange *x, void *arg)
{
    enum { MOST = 1000000 };
    int *refused = arg;
    bool ok = http_stream_start(x, 200, STR(""), -1);
    fault_arm(FAULT_MEMORY, 1);
    for (int i = 0; i < MOST && loop_defer(loop_current(), nothing, NULL);)
        i++;
    fault_arm(FAULT_MEMORY, 1);
    ok = http_stream_write(x, STR("piece")) && ok;
    *refused += fault_fired();
    fault_arm(0, 0);
    CHECK(ok && http_stream_finish(x, NULL, 0));
}

TEST(fault, a_stream_without_memory_for_hooks_is_sent)
{
    int refused = 0;
    Running *r = server_start(&(HttpServerOptions){ .handler = { without_hooks, &refused } });
    fault_spare_thread(true);
    Reply reply = client_ask(r, STR(HEAD("GET /") "\r\n"));
    fault_spare_thread(false);
    CHECK_EQ(reply.status, 200);
    CHECK_STR(reply.body, STR("piece"));
    server_end(r);
    CHECK_EQ(refused, CLEF_FAULTS ? 1 : 0);
}
