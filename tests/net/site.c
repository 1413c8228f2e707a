#include "site.h"

#include <clef/test.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

Str large; /* 300,000 bytes that count */
int seen_status;
static uint64_t seen_n;
bool seen_closed;
Fiber *parked;

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

void handle(HttpExchange *x, void *arg)
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
        __atomic_store_n(&seen_closed, true, __ATOMIC_RELAXED);
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

Running *start_with(HttpLimits limits)
{
    char *p = arena_alloc(test_arena(), 300001);
    for (size_t i = 0; i < 300000; i++)
        p[i] = (char)('a' + i % 26);
    large = str_from(p, 300000);
    return server_start(&(HttpServerOptions){ .handler = { handle, NULL }, .limits = limits });
}

Running *start(void) { return start_with((HttpLimits){ 0 }); }
