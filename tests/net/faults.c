/*
 * faults.c: a live server whose n-th system call is refused, for n = 1, 2, ... until the scenario comes through. Each time every
 * client gets whole answers, an error with a status, or the end of its connection; the server goes on for the next
 * one; and nothing stays behind: no connection, no buffer, no descriptor.
 */
#include "base/fault.h"
#include "harness.h"

#include <clef/rt.h>
#include <clef/test.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { FILE_BYTES = 300000, PIECES = 3 };

static const char *file_path;

static void handle(HttpExchange *x, void *arg)
{
    (void)arg;
    Str path = x->head->path, body;
    if (str_eq(path, STR("/body"))) {
        if (http_body_all(x, 1 << 20, &body))
            http_respond(x, 200, STR(""), str_format(x->arena, "%zu", body.n));
        else
            http_respond(x, http_body_status(x), STR(""), STR("no body"));
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

TEST(fault, a_server_survives_each_refusal, .seconds = 120)
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
        fault_arm(FAULT_SYSTEM, (uint64_t)rounds);
        bool ok = exchange(r, file);
        fired = fault_fired();
        fault_arm(0, 0);
        CHECK(ok || fired);
        /* Whatever it was, the next client is served. */
        CHECK_EQ(client_ask(r, STR(HEAD("GET /") "Connection: close\r\n\r\n")).status, 200);
        server_end(r);
        CHECK_EQ(open_files(), before);
    }
    CHECK(rounds > (CLEF_FAULTS ? 10 : 0));
}
