/* The HTTP client against our own server in this process: what it sends, what it takes, and each way to fail. */
#include "base/config.h"
#include <clef/net/client.h>

#include "certificates.h"
#include "harness.h"

#include <clef/net/http_tls.h>
#include <clef/rt.h>
#include <clef/test.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static Str large; /* 400,000 bytes */

static void redirect(HttpExchange *x, const char *to)
{
    http_respond(x, 302, str_format(x->arena, "Location: %s\r\n", to), STR("elsewhere"));
}

static void handle(HttpExchange *x, void *arg)
{
    (void)arg;
    const HttpHead *h = x->head;
    Str path = h->path, body;
#define IS(text) str_eq(path, STR(text))
    if (IS("/hello")) {
        http_respond(x, 200, STR("X-One: 1\r\nx-one: again\r\n"), STR("hello"));
    } else if (IS("/echo")) {
        Buf b = BUF_INIT(x->arena, 1 << 24);
        if (http_body_all(x, 1 << 22, &body)) {
            Str type = http_header(h, STR("Content-Type"));
            buf_printf(&b, "%.*s|%.*s|%.*s|%s|", STR_FMT(h->method_name), STR_FMT(http_header(h, STR("X-Test"))),
                       STR_FMT(type), h->chunked ? "chunked" : "");
            buf_str(&b, body);
            http_respond(x, 200, STR(""), buf_view(&b));
        }
    } else if (IS("/lines")) {
        Buf b = BUF_INIT(x->arena, 1 << 20);
        for (size_t i = 0; i < h->nheaders; i++)
            buf_printf(&b, "%.*s: %.*s\n", STR_FMT(h->headers[i].name), STR_FMT(h->headers[i].value));
        http_respond(x, 200, STR(""), buf_view(&b));
    } else if (IS("/large")) {
        http_respond(x, 200, STR(""), large);
    } else if (IS("/chunks")) {
        http_stream_start(x, 200, STR("X-Kind: chunks\r\n"), -1);
        for (size_t i = 0; i < 40; i++)
            http_stream_write(x, str_slice(large, i * 10000, (i + 1) * 10000));
        http_stream_finish(x, NULL, 0);
    } else if (IS("/sleep")) {
        fiber_sleep(300000000);
        http_respond(x, 200, STR(""), STR("slept"));
    } else if (IS("/short")) {
        http_stream_start(x, 200, STR(""), 100);
        http_stream_write(x, STR("only this"));
    } else if (IS("/head")) {
        Buf b = BUF_INIT(x->arena, 1 << 20);
        for (int i = 0; i < 8; i++) {
            buf_printf(&b, "X-%d: ", i);
            buf_fill(&b, 'x', 1800);
            buf_c(&b, "\r\n");
        }
        for (int i = 0; i < 5; i++)
            http_respond_interim(x, 103, buf_view(&b));
        http_respond(x, 200, buf_view(&b), STR(""));
    } else if (IS("/302")) {
        redirect(x, "/hello");
    } else if (IS("/loop")) {
        redirect(x, "/loop");
    } else if (IS("/ftp")) {
        redirect(x, "ftp://127.0.0.1/");
    } else {
        http_respond(x, 404, STR(""), STR("no"));
    }
}

/* ---- a client's loop beside the server's thread ---- */

typedef struct Web {
    Running *running;
    HttpTls *tls;
    uint16_t tls_port;
} Web;

static Web web;

static Web start(void)
{
    char *p = arena_alloc(test_arena(), 400000);
    for (size_t i = 0; i < 400000; i++)
        p[i] = (char)(i * 13 % 249);
    large = str_from(p, 400000);
    return (Web){ .running = server_start(&(HttpServerOptions){ .handler = { handle, NULL } }) };
}

static Str at(const char *path)
{
    return str_format(test_arena(), "http://127.0.0.1:%u%s", (unsigned)web.running->port, path);
}

typedef struct Main {
    HttpClient *client;
    void (*fn)(HttpClient *client);
} Main;

static void run_main(void *arg)
{
    Main *m = arg;
    m->fn(m->client);
}

/* Runs fn on a fiber. A Web runs beside it. */
static void on_fiber(void (*fn)(HttpClient *client))
{
    if (!CLEF_HAVE_CURL)
        test_skip("Clef was built without libcurl");
    web = start();
    Loop *loop = loop_create(test_arena());
    Main m = { http_client_create(loop, test_arena()), fn };
    REQUIRE(fiber_spawn(loop, run_main, &m) != NULL);
    CHECK_EQ(loop_run(loop), 0);
    CHECK(fiber_stack_watermark() < 56 * 1024);
    http_client_destroy(m.client);
    loop_destroy(loop);
    server_end(web.running);
}

static HttpFetched fetch(HttpClient *client, HttpFetch q)
{
    HttpFetched got;
    bool ok = http_fetch(client, test_arena(), &q, &got);
    CHECK(ok == (got.result == FETCH_OK));
    CHECK((got.error.n == 0) == ok);
    if (got.result == FETCH_UNAVAILABLE)
        test_skip("libcurl is not here");
    return got;
}

/* Checks result and a part of the sentence. */
static void fails(HttpClient *client, HttpFetch q, FetchResult result, const char *part)
{
    HttpFetched got = fetch(client, q);
    CHECK_STR(str_c(fetch_result_name(got.result)), str_c(fetch_result_name(result)));
    CHECK_STR_CONTAINS(got.error, str_c(part));
}

static void simple(HttpClient *client)
{
    HttpFetched got = fetch(client, (HttpFetch){ .url = at("/hello") });
    CHECK_EQ(got.status, 200);
    CHECK_STR(got.body, STR("hello"));
    CHECK_STR(got.url, at("/hello"));
    CHECK(!got.reused);
    CHECK_STR(http_fetched_header(&got, STR("content-length")), STR("5"));
    CHECK_STR(http_fetched_header(&got, STR("X-One")), STR("1"));
    CHECK(str_is_null(http_fetched_header(&got, STR("X-Two"))));
    size_t ones = 0;
    for (size_t i = 0; i < got.nheaders; i++)
        ones += str_ieq(got.headers[i].name, STR("X-One"));
    CHECK_EQ(ones, 2u);
    got = fetch(client, (HttpFetch){ .url = at("/nothing") });
    CHECK_EQ(got.status, 404);
    CHECK(got.reused);
    got = fetch(client, (HttpFetch){ .url = at("/hello"), .method = STR("HEAD") });
    CHECK_EQ(got.status, 200);
    CHECK_STR(got.body, STR(""));
    CHECK(str_eq(fetch(client, (HttpFetch){ .url = at("/large") }).body, large));
    CHECK(str_eq(fetch(client, (HttpFetch){ .url = at("/chunks") }).body, large));
    CHECK_EQ(http_server_stats(web.running->server)->accepted, 1u);
}

TEST(http_client, fetches_over_one_connection)
{
    on_fiber(simple);
}

static void sending(HttpClient *client)
{
    HttpHeader h[] = { { STR("X-Test"), STR("a b") }, { STR("Content-Type"), STR("text/plain") } };
    static const struct {
        Str method, body;
        size_t nheaders;
        Str answer;
    } table[] = {
        { STR(""), { 0 }, 1, STR("GET|a b|||") },         { STR(""), STR("text"), 2, STR("POST|a b|text/plain||text") },
        { STR("POST"), { 0 }, 0, STR("POST||||") },       { STR("PUT"), STR("a\0b"), 0, STR("PUT||||a\0b") },
        { STR("DELETE"), { 0 }, 0, STR("DELETE||||") },   { STR("PATCH"), STR("x"), 0, STR("PATCH||||x") },
        { STR("QUERY"), STR("x"), 0, STR("QUERY||||x") },
    };
    EACH_ROW (row, table)
        CHECK_STR(fetch(client, (HttpFetch){ .url = at("/echo"),
                                             .method = row->method,
                                             .body = row->body,
                                             .headers = h,
                                             .nheaders = row->nheaders })
                      .body,
                  row->answer);
    HttpFetched got = fetch(client, (HttpFetch){ .url = at("/echo"), .body = large });
    CHECK(str_eq(str_from_byte(got.body, got.body.n - large.n), large));
    HttpHeader more[] = { { STR("X-Empty"), STR("") }, { STR("user-agent"), STR("me") } };
    Str lines = fetch(client, (HttpFetch){ .url = at("/lines"), .headers = more, .nheaders = 2 }).body;
    CHECK_STR_CONTAINS(lines, STR("X-Empty: \n"));
    CHECK_STR_CONTAINS(lines, STR("user-agent: me\n"));
    CHECK(!str_contains(lines, STR("User-Agent: clef")));
}

TEST(http_client, sends_methods_headers_and_bodies)
{
    on_fiber(sending);
}

/* ---- bodies that come and go in pieces ---- */

typedef struct Pieces {
    size_t sent, most, seen;
    int status;
    bool wrong, stop, slow, early;
} Pieces;

static ssize_t give(void *arg, char *p, size_t n)
{
    Pieces *s = arg;
    size_t part = s->most - s->sent;
    if (s->early && s->sent > 50000)
        return -1;
    part = part < n ? part : n;
    part = part < 7001 ? part : 7001;
    memcpy(p, large.p + s->sent, part);
    s->sent += part;
    if (s->slow)
        fiber_sleep(1000000);
    return (ssize_t)part;
}

static bool take(void *arg, const HttpFetched *out, Str piece)
{
    Pieces *s = arg;
    s->status = out->status;
    s->wrong |= !str_eq(piece, str_slice(large, s->seen, s->seen + piece.n));
    s->wrong |= !str_eq(http_fetched_header(out, STR("X-Kind")), STR("chunks"));
    s->seen += piece.n;
    if (s->slow)
        fiber_sleep(5000000);
    return !s->stop;
}

static void pieces(HttpClient *client)
{
    for (int slow = 0; slow < 2; slow++) {
        Pieces s = { .slow = slow };
        HttpFetched got = fetch(client, (HttpFetch){ .url = at("/chunks"), .piece = take, .arg = &s });
        CHECK_EQ(s.seen, large.n);
        CHECK(!s.wrong);
        CHECK_EQ(s.status, 200);
        CHECK_EQ(got.status, 200);
        CHECK_STR(got.body, STR(""));
        static const int64_t lengths[] = { -1, 400000 };
        for (int i = 0; i < 2; i++) {
            s = (Pieces){ .slow = slow, .most = 400000 };
            got = fetch(client, (HttpFetch){ .url = at("/echo"), .read = give, .read_n = lengths[i], .arg = &s });
            CHECK(str_starts(got.body, i ? STR("POST||||") : STR("POST|||chunked|")));
            CHECK(str_ends(got.body, large));
        }
    }
    Pieces s = { .stop = true };
    fails(client, (HttpFetch){ .url = at("/chunks"), .piece = take, .arg = &s }, FETCH_STOPPED, "stopped");
    CHECK(s.seen > 0 && s.seen < large.n);
    s = (Pieces){ .most = 400000, .early = true };
    fails(client, (HttpFetch){ .url = at("/echo"), .read = give, .read_n = -1, .arg = &s }, FETCH_STOPPED, "gave up");
    s = (Pieces){ .most = 100 };
    fails(client, (HttpFetch){ .url = at("/echo"), .read = give, .read_n = 200, .arg = &s }, FETCH_STOPPED,
          "shorter than its length");
    CHECK_STR(fetch(client, (HttpFetch){ .url = at("/hello") }).body, STR("hello"));
}

TEST(http_client, carries_bodies_in_pieces_with_waits, .seconds = 30)
{
    on_fiber(pieces);
}

/* Raises out of a fetch: the arena ends it. */
static bool raise_out(void *arg, const HttpFetched *out, Str piece)
{
    (void)out, (void)piece;
    RAISE((Context *)arg, 500, "no", "no");
}

static void fetch_and_raise(Context *cx, void *arg)
{
    HttpFetched got;
    (void)http_fetch(arg, cx->arena, &(HttpFetch){ .url = at("/chunks"), .piece = raise_out, .arg = cx }, &got);
}

static void raising(HttpClient *client)
{
    Arena *a = arena_create(test_arena(), 0, 0);
    Context cx;
    context_init(&cx, a);
    CHECK(attempt(&cx, fetch_and_raise, client) != NULL);
    fiber_sleep(20000000);
    context_finish(&cx);
    arena_destroy(a);
    CHECK_STR(fetch(client, (HttpFetch){ .url = at("/hello") }).body, STR("hello"));
}

TEST(http_client, a_raise_out_of_a_piece_ends_the_fetch_with_its_arena)
{
    on_fiber(raising);
}

/* ---- many at once ---- */

static HttpClient *shared;
static int answered;

static void one_of_many(void *arg)
{
    HttpFetched got = fetch(shared, (HttpFetch){ .url = at("/sleep") });
    answered += str_eq(got.body, STR("slept"));
    group_done(arg);
}

static void parallel(HttpClient *client)
{
    Group g = { 0 };
    int64_t began = loop_clock();
    shared = client;
    answered = 0;
    group_add(&g, 50);
    for (int i = 0; i < 50; i++)
        REQUIRE(fiber_spawn(loop_current(), one_of_many, &g) != NULL);
    (void)group_wait(&g, 0);
    CHECK_EQ(answered, 50);
    CHECK(loop_clock() - began < 5000000000); /* one after the other they would take 15 seconds */
}

TEST(http_client, many_fibers_fetch_at_the_same_time)
{
    on_fiber(parallel);
}

/* ---- failures ---- */

static void bad_requests(HttpClient *client)
{
    static const struct {
        HttpFetch q;
        const char *part;
    } table[] = {
        { { .url = STR("ftp://127.0.0.1/") }, "http://" },
        { { .url = STR("file:///etc/passwd") }, "http://" },
        { { .url = STR("") }, "http://" },
        { { .url = STR("http://127.0.0.1/a b") }, "space" },
        { { .url = STR("http://127.0.0.1/\r\nX: y") }, "control character" },
        { { .url = STR("http://127.0.0.1/\0x") }, "control character" },
        { { .url = STR("http://127.0.0.1/"), .method = STR("GET /x") }, "method" },
        { { .url = STR("http://127.0.0.1/"), .method = STR("CONNECT") }, "CONNECT" },
        { { .url = STR("http://127.0.0.1/"), .method = STR("HEAD"), .body = STR("x") }, "HEAD" },
        { { .url = STR("http://127.0.0.1/"), .redirects = 101 }, "limit of 100" },
        { { .url = STR("http://127.0.0.1/"), .body = STR("x"), .read = give }, "a function" },
        { { .url = STR("http://127.0.0.1/"), .unix_socket = STR("/a\0b") }, "NUL" },
        { { .url = STR("http://127.0.0.1/"), .unix_socket = STR("/a"), .public_only = true }, "unix socket" },
        { { .url = STR("http://127.0.0.1/"), .proxy = STR("http://a"), .public_only = true }, "proxy" },
    };
    EACH_ROW (row, table)
        fails(client, row->q, FETCH_BAD_REQUEST, row->part);
    static const struct {
        HttpHeader h;
        const char *part;
    } headers[] = {
        { { STR("X"), STR("a\r\nY: b") }, "line end" },
        { { STR("X"), STR("a\nb") }, "line end" },
        { { STR("X"), STR("a\0b") }, "line end" },
        { { STR("X Y"), STR("a") }, "no token" },
        { { STR("X:"), STR("a") }, "no token" },
        { { STR(""), STR("a") }, "no token" },
        { { STR("content-length"), STR("3") }, "the client's" },
        { { STR("Transfer-Encoding"), STR("x") }, "the client's" },
        { { STR("Connection"), STR("x") }, "the client's" },
    };
    EACH_ROW (row, headers)
        fails(client, (HttpFetch){ .url = at("/hello"), .headers = &row->h, .nheaders = 1 }, FETCH_BAD_REQUEST,
              row->part);
    CHECK_EQ(http_server_stats(web.running->server)->accepted, 0u);
    fails(client, (HttpFetch){ .url = STR("http://[bad/") }, FETCH_BAD_REQUEST, "URL");
}

TEST(http_client, refuses_what_cannot_be_sent)
{
    on_fiber(bad_requests);
}

static void failures(HttpClient *client)
{
    Str nobody = str_format(test_arena(), "http://127.0.0.1:%d/", test_free_port());
    fails(client, (HttpFetch){ .url = nobody }, FETCH_NO_CONNECTION, "Connection refused");
    fails(client, (HttpFetch){ .url = STR("http://no-such-name.invalid/") }, FETCH_NO_HOST, "no-such-name.invalid");
    int64_t began = loop_clock();
    fails(client, (HttpFetch){ .url = at("/sleep"), .timeout_ms = 50 }, FETCH_TIMEOUT, "timed out");
    CHECK(loop_clock() - began < 250000000);
    fails(client, (HttpFetch){ .url = at("/sleep"), .deadline_ns = loop_clock() + 50000000 }, FETCH_TIMEOUT,
          "timed out");
    fails(client, (HttpFetch){ .url = at("/sleep"), .deadline_ns = loop_clock() - 1 }, FETCH_TIMEOUT, "had passed");
    fails(client, (HttpFetch){ .url = at("/short") }, FETCH_BROKEN, "closed");
    fails(client, (HttpFetch){ .url = at("/large"), .max_body = 399999 }, FETCH_TOO_LARGE, "");
    fails(client, (HttpFetch){ .url = at("/chunks"), .max_body = 399999 }, FETCH_TOO_LARGE, "max_body");
    CHECK_EQ(fetch(client, (HttpFetch){ .url = at("/chunks"), .max_body = 400000 }).body.n, 400000u);
    CHECK_EQ(fetch(client, (HttpFetch){ .url = at("/large"), .max_body = 400000 }).body.n, 400000u);
    CHECK_EQ(fetch(client, (HttpFetch){ .url = at("/head") }).status, 200);
    Arena *small = arena_create(test_arena(), 200000, 0);
    HttpFetched got;
    CHECK(!http_fetch(client, small, &(HttpFetch){ .url = at("/large") }, &got));
    CHECK_EQ(got.result, FETCH_TOO_LARGE);
    CHECK_STR_CONTAINS(got.error, STR("memory"));
    arena_destroy(small);
}

TEST(http_client, each_failure_has_its_name_and_sentence, .seconds = 30)
{
    on_fiber(failures);
}

static void redirects(HttpClient *client)
{
    HttpFetched got = fetch(client, (HttpFetch){ .url = at("/302") });
    CHECK_EQ(got.status, 302);
    CHECK_STR(got.body, STR("elsewhere"));
    got = fetch(client, (HttpFetch){ .url = at("/302"), .redirects = 1 });
    CHECK_EQ(got.status, 200);
    CHECK_STR(got.body, STR("hello"));
    CHECK_STR(got.url, at("/hello"));
    CHECK_EQ(got.redirects, 1u);
    CHECK_STR(http_fetched_header(&got, STR("X-One")), STR("1"));
    CHECK(str_is_null(http_fetched_header(&got, STR("Location"))));
    fails(client, (HttpFetch){ .url = at("/loop"), .redirects = 5 }, FETCH_REDIRECTS, "redirects");
    fails(client, (HttpFetch){ .url = at("/ftp"), .redirects = 5 }, FETCH_BAD_REQUEST, "ftp");
}

TEST(http_client, follows_redirects_only_as_far_as_it_is_told)
{
    on_fiber(redirects);
}

static void public_only(HttpClient *client)
{
    (void)fetch(client, (HttpFetch){ .url = at("/hello") }); /* a connection that must not be used again */
    uint64_t accepted = http_server_stats(web.running->server)->accepted;
    fails(client, (HttpFetch){ .url = at("/hello"), .public_only = true }, FETCH_NOT_PUBLIC, "public internet");
    Str name = str_format(test_arena(), "http://localhost:%u/hello", (unsigned)web.running->port);
    fails(client, (HttpFetch){ .url = name, .public_only = true }, FETCH_NOT_PUBLIC, "public internet");
    CHECK_EQ(http_server_stats(web.running->server)->accepted, accepted);
}

TEST(http_client, public_only_refuses_the_own_machine)
{
    on_fiber(public_only);
}

static void listen_unix(HttpServer *s, void *arg)
{
    Address a;
    REQUIRE(address_parse(str_format(test_arena(), "unix:%s", (const char *)arg), &a));
    REQUIRE(http_server_listen(s, address_listen(&a, NULL)) == 0);
}

static void unix_socket(HttpClient *client)
{
    Str path = str_format(test_arena(), "%s/s", test_dir());
    server_call(web.running, listen_unix, (void *)(uintptr_t)path.p);
    HttpFetched got = fetch(client, (HttpFetch){ .url = STR("http://any.example/lines"), .unix_socket = path });
    CHECK_EQ(got.status, 200);
    CHECK_STR_CONTAINS(got.body, STR("Host: any.example\n"));
}

TEST(http_client, goes_through_a_unix_socket)
{
    on_fiber(unix_socket);
}

/* ---- TLS ---- */

static void listen_tls(HttpServer *s, void *arg)
{
    Web *w = arg;
    Address a, bound;
    REQUIRE(address_parse(STR("127.0.0.1:0"), &a));
    int fd = address_listen(&a, NULL);
    REQUIRE(fd >= 0 && address_of_socket(fd, &bound) == 0);
    w->tls_port = address_port(&bound);
    REQUIRE(http_server_listen_tls(s, fd, w->tls) == 0);
}

static void over_tls(HttpClient *client)
{
    const char *base = certificate_make("localhost", &(CertificateOptions){ .names = "DNS:localhost" });
    TlsFindings f = { .arena = test_arena() };
    TlsServerOptions o = { .certificate = { .certificate = certificate_path(base, ".crt"),
                                            .key = certificate_path(base, ".key") } };
    TlsContext *cx = tls_server_context(&o, &f);
    REQUIRE(cx != NULL);
    web.tls = http_tls_create(web.running->arena, cx);
    server_call(web.running, listen_tls, &web);
    unsigned port = web.tls_port;
    Str url = str_format(test_arena(), "https://localhost:%u/large", port), ca = certificate_authority();
    HttpFetched got = fetch(client, (HttpFetch){ .url = url, .ca_file = ca });
    CHECK(str_eq(got.body, large));
    CHECK(fetch(client, (HttpFetch){ .url = url, .ca_file = ca }).reused);
    got = fetch(client, (HttpFetch){ .url = str_format(test_arena(), "https://localhost:%u/echo", port),
                                     .ca_file = ca,
                                     .body = large });
    CHECK(str_ends(got.body, large));
    fails(client, (HttpFetch){ .url = url }, FETCH_TLS, "certificate");
    Str wrong = str_format(test_arena(), "https://127.0.0.1:%u/hello", port);
    fails(client, (HttpFetch){ .url = wrong, .ca_file = ca }, FETCH_TLS, "127.0.0.1");
    CHECK_EQ(fetch(client, (HttpFetch){ .url = wrong, .insecure = true }).status, 200);
    fails(client, (HttpFetch){ .url = wrong, .ca_file = STR("/nowhere") }, FETCH_TLS, "/nowhere");
    Str plain = str_format(test_arena(), "https://127.0.0.1:%u/hello", (unsigned)web.running->port);
    fails(client, (HttpFetch){ .url = plain, .insecure = true }, FETCH_TLS, "");
    CHECK_EQ(fetch(client, (HttpFetch){ .url = str_format(test_arena(), "http://127.0.0.1:%u/", port) }).status, 400);
}

TEST(http_client, checks_certificates, .seconds = 30)
{
    on_fiber(over_tls);
}

/* ---- addresses ---- */

TEST(http_client, public_addresses)
{
    static const struct {
        const char *text;
        bool is_public;
    } table[] = {
        { "8.8.8.8:1", true },
        { "1.1.1.1:1", true },
        { "0.0.0.0:1", false },
        { "10.255.255.255:1", false },
        { "11.0.0.0:1", true },
        { "100.63.255.255:1", true },
        { "100.64.0.0:1", false },
        { "100.127.255.255:1", false },
        { "100.128.0.0:1", true },
        { "127.0.0.1:1", false },
        { "169.254.169.254:1", false },
        { "172.15.255.255:1", true },
        { "172.16.0.1:1", false },
        { "172.31.255.255:1", false },
        { "172.32.0.0:1", true },
        { "192.0.0.8:1", false },
        { "192.0.2.1:1", false },
        { "192.168.1.1:1", false },
        { "198.18.0.1:1", false },
        { "198.20.0.1:1", true },
        { "203.0.113.9:1", false },
        { "223.255.255.255:1", true },
        { "224.0.0.1:1", false },
        { "255.255.255.255:1", false },
        { "[::]:1", false },
        { "[::1]:1", false },
        { "[2606:4700::1111]:1", true },
        { "[fe80::1]:1", false },
        { "[fc00::1]:1", false },
        { "[fd12::1]:1", false },
        { "[ff02::1]:1", false },
        { "[2001:db8::1]:1", false },
        { "[2001::1]:1", false },
        { "[2001:4860::8888]:1", true },
        { "[::ffff:10.0.0.1]:1", false },
        { "[::ffff:8.8.8.8]:1", true },
        { "[64:ff9b::a00:1]:1", false },
        { "[64:ff9b::808:808]:1", true },
        { "[2002:a00:1::]:1", false },
        { "[2002:808:808::]:1", true },
        { "[::10.0.0.1]:1", false },
        { "unix:/x", false },
    };
    EACH_ROW (row, table) {
        Address a;
        REQUIRE(address_parse(str_c(row->text), &a));
        CHECK_EQ(address_is_public(&a), row->is_public);
    }
    CHECK(!address_is_public(&(Address){ 0 }));
}
