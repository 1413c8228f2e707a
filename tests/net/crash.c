/* A handler that crashes costs its own request. */
#include "base/config.h"
#include "harness.h"

#include <clef/net.h>
#include <clef/rt.h>
#include <clef/test.h>

#include <stdlib.h>
#include <string.h>

#define HOST  "Host: a\r\n\r\n"
#define PLAIN __attribute__((noinline, no_sanitize("address", "undefined")))

static char *volatile nowhere;
static int handled;

PLAIN static void crash(void *arg)
{
    (void)arg;
    *nowhere = 1;
}

static void crash_later(void *arg)
{
    fiber_sleep(1000000);
    crash(arg);
}

/* Waits for a fiber of its own that crashes: it would wait for good. */
static void with_child(FiberFn *fn)
{
    Group g = { 0 };
    group_add(&g, 1);
    fiber_start(loop_current(), fn, NULL);
    (void)group_wait(&g, 0);
}

static void handle(HttpExchange *x, void *arg)
{
    (void)arg;
    Str path = x->head->path;
    char piece[100];
    handled++;
    if (str_eq(path, STR("/null"))) {
        crash(NULL);
    } else if (str_eq(path, STR("/abort"))) {
        abort();
    } else if (str_eq(path, STR("/later"))) {
        fiber_sleep(5000000);
        crash(NULL);
    } else if (str_eq(path, STR("/child"))) {
        with_child(crash);
    } else if (str_eq(path, STR("/later-child"))) {
        with_child(crash_later);
    } else if (str_eq(path, STR("/stream"))) {
        http_stream_start(x, 200, STR(""), -1);
        http_stream_write(x, STR("some"));
        http_stream_flush(x);
        crash(NULL);
    } else if (str_eq(path, STR("/answered"))) {
        http_respond(x, 200, STR(""), STR("said"));
        crash(NULL);
    } else if (str_eq(path, STR("/body"))) {
        CHECK_EQ(http_body_read(x, piece, 10), 10);
        crash(NULL);
    } else if (str_eq(path, STR("/slow"))) {
        fiber_sleep(300000000);
    }
    http_respond(x, 200, STR("Content-Type: text/plain\r\n"), STR("fine"));
}

typedef struct Said {
    int begun, logged, pages;
    bool pages_crash;
    char what[200], path[100], trace[8192];
} Said;

static Said said;

static void begun(void *arg, const Crash *c)
{
    Said *s = arg;
    (void)c;
    CHECK_PTR(fiber_self(), NULL);
    s->begun++;
}

static void logged(void *arg, const HttpCrash *c)
{
    Said *s = arg;
    Buf b = BUF_INIT(NULL, sizeof s->trace - 1);
    (void)crash_format(&b, c->crash, c->frames, c->nframes);
    memcpy(s->trace, b.p, b.n + 1);
    buf_finish(&b);
    CHECK(fiber_self() != NULL);
    s->logged++;
}

static bool page(void *arg, const HttpCrash *c, Arena *arena, Str *block, Str *body)
{
    Said *s = arg;
    s->pages++;
    REQUIRE(c->x != NULL);
    CHECK(c->nframes > 0);
    if (s->pages_crash)
        crash(NULL);
    *block = STR("Content-Type: text/html\r\n");
    /* Longer than what is copied behind the head. */
    Buf b = BUF_INIT(arena, 1 << 20);
    buf_printf(&b, "<h1>%s at %.*s</h1>", c->crash->what, STR_FMT(c->x->head->path));
    buf_fill(&b, '.', 100000);
    *body = buf_view(&b);
    return true;
}

static bool with_page;

static void survive(HttpServer *s, void *arg)
{
    (void)arg;
    HttpCrashOptions o = { .begun = begun, .log = logged, .page = with_page ? page : NULL, .arg = &said };
    CHECK_EQ(http_server_survive(s, &o), 0);
}

static Running *running;
static Running *start(void)
{
    said.begun = 0;
    running = server_start(&(HttpServerOptions){ .handler = { handle, NULL } });
    server_call(running, survive, NULL);
    return running;
}

static void look(HttpServer *s, void *arg)
{
    (void)s;
    memcpy(arg, &said, sizeof said);
}

/* The report is made after the answer. */
static Said wait_for_log(Running *r, int times)
{
    Said now;
    do
        server_call(r, look, &now);
    while (now.logged < times);
    return now;
}

static void forget(HttpServer *s, void *arg)
{
    (void)s;
    crash_uninstall(arg);
}

static void end(Running *r)
{
    server_call(r, forget, r->loop);
    server_end(r);
}

TEST(http_crash, the_request_is_answered_500_and_others_go_on, .seconds = 60)
{
    static const char *const paths[] = { "/null", "/abort", "/later", "/child", "/later-child" };
    Running *r = start();
    int times = 0;
    EACH_ROW (path, paths) {
        Client slow = client_open(r), c = client_open(r);
        client_send(&slow, STR("GET /slow HTTP/1.1\r\n" HOST));
        client_send(&c, str_format(test_arena(), "GET %s HTTP/1.1\r\n" HOST, *path));
        Reply a = client_reply(&c, false);
        CHECK_EQ(a.status, 500);
        CHECK_STR(a.body, STR("Internal Server Error\n"));
        CHECK_STR(http_header(&a.parsed, STR("Connection")), STR("close"));
        CHECK(client_ended(&c));
        a = client_reply(&slow, false);
        CHECK_EQ(a.status, 200);
        client_close(&c);
        client_close(&slow);
        Said s = wait_for_log(r, ++times);
        CHECK_EQ(s.begun, times);
        CHECK_STR_CONTAINS(str_c(s.trace), strcmp(*path, "/abort") ? STR("SIGSEGV: ") : STR("SIGABRT: aborted"));
#if CLEF_HAVE_DW
        CHECK_STR_CONTAINS(str_c(s.trace), STR("tests/net/crash.c:"));
#endif
    }
    CHECK_EQ(client_ask(r, STR("GET / HTTP/1.1\r\n" HOST)).status, 200);
    end(r);
}

TEST(http_crash, what_came_before_on_the_connection_is_answered_first, .seconds = 60)
{
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, STR("GET /a HTTP/1.1\r\n" HOST "GET /b HTTP/1.1\r\n" HOST "GET /null HTTP/1.1\r\n" HOST
                        "GET /c HTTP/1.1\r\n" HOST));
    CHECK_EQ(client_reply(&c, false).status, 200);
    CHECK_EQ(client_reply(&c, false).status, 200);
    CHECK_EQ(client_reply(&c, false).status, 500);
    CHECK(client_ended(&c));
    wait_for_log(r, 1);
    CHECK_EQ(handled, 3);
    client_close(&c);
    end(r);
}

TEST(http_crash, an_answer_that_had_begun_is_cut_off, .seconds = 60)
{
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, STR("GET /stream HTTP/1.1\r\n" HOST));
    Str got = client_read(&c, 100000);
    CHECK_STR_CONTAINS(got, STR("some"));
    CHECK(!str_contains(got, STR("\r\n0\r\n")));
    CHECK(!str_contains(got, STR("500")));
    client_close(&c);
    c = client_open(r);
    client_send(&c, STR("GET /answered HTTP/1.1\r\n" HOST));
    Reply a = client_reply(&c, false);
    CHECK_EQ(a.status, 200);
    CHECK_STR(a.body, STR("said"));
    CHECK(client_ended(&c));
    client_close(&c);
    wait_for_log(r, 2);
    end(r);
}

TEST(http_crash, an_unread_body_and_head, .seconds = 60)
{
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, STR("POST /body HTTP/1.1\r\nContent-Length: 100000\r\n" HOST "0123456789"));
    CHECK_EQ(client_reply(&c, false).status, 500);
    client_close(&c);
    c = client_open(r);
    client_send(&c, STR("HEAD /null HTTP/1.1\r\n" HOST));
    Reply a = client_reply(&c, true);
    CHECK_EQ(a.status, 500);
    CHECK(client_ended(&c));
    client_close(&c);
    wait_for_log(r, 2);
    end(r);
}

TEST(http_crash, a_client_that_has_gone, .seconds = 60)
{
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, STR("GET /later HTTP/1.1\r\n" HOST));
    client_close(&c);
    wait_for_log(r, 1);
    CHECK_EQ(client_ask(r, STR("GET / HTTP/1.1\r\n" HOST)).status, 200);
    end(r);
}

TEST(http_crash, a_page_may_be_the_answer, .seconds = 60)
{
    with_page = true;
    Running *r = start();
    Client c = client_open(r);
    client_send(&c, STR("GET /null HTTP/1.1\r\n" HOST));
    Reply a = client_reply(&c, false);
    CHECK_EQ(a.status, 500);
    CHECK_STR(http_header(&a.parsed, STR("Content-Type")), STR("text/html"));
    CHECK(str_starts(a.body, STR("<h1>SIGSEGV: ")));
    CHECK_STR_CONTAINS(a.body, STR(" at /null</h1>"));
    CHECK(a.body.n > 100000);
    CHECK(client_ended(&c));
    client_close(&c);
    wait_for_log(r, 1);
    end(r);
}

TEST(http_crash, a_page_that_crashes_is_not_asked_again, .seconds = 60)
{
    with_page = said.pages_crash = true;
    Running *r = start();
    Reply a = client_ask(r, STR("GET /null HTTP/1.1\r\n" HOST));
    CHECK_EQ(a.status, 500);
    CHECK_STR(a.body, STR("Internal Server Error\n"));
    Said s = wait_for_log(r, 1);
    CHECK_EQ(s.pages, 1);
    CHECK_EQ(s.begun, 2);
    end(r);
}
