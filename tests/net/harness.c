#include "harness.h"

#include <clef/test.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void *run(void *arg)
{
    Running *r = arg;
    (void)loop_run(r->loop);
    return NULL;
}

static void never(Loop *loop, Timer *t) { (void)loop, (void)t; }

Running *server_start(const HttpServerOptions *options)
{
    Arena *a = arena_create(NULL, 0, 0);
    Running *r = NEW(a, Running);
    Address at, bound;
    r->arena = a;
    r->loop = loop_create(a);
    REQUIRE(r->loop != NULL);
    r->server = http_server_create(r->loop, a, options);
    REQUIRE(address_parse(STR("127.0.0.1:0"), &at));
    int fd = address_listen(&at, NULL);
    REQUIRE(fd >= 0 && address_of_socket(fd, &bound) == 0);
    r->port = address_port(&bound);
    REQUIRE(http_server_listen(r->server, fd) == 0);
    r->awake.fn = never;
    timer_set(r->loop, &r->awake, loop_clock() + 600000000000);
    REQUIRE(pthread_create(&r->thread, NULL, run, r) == 0);
    return r;
}

typedef struct Call {
    HttpServer *server;
    void (*fn)(HttpServer *s, void *arg);
    void *arg;
    sem_t done;
} Call;

static void call(void *arg)
{
    Call *c = arg;
    c->fn(c->server, c->arg);
    sem_post(&c->done);
}

void server_call(Running *r, void (*fn)(HttpServer *s, void *arg), void *arg)
{
    Call c = { .server = r->server, .fn = fn, .arg = arg };
    sem_init(&c.done, 0, 0);
    REQUIRE(loop_post(r->loop, call, &c));
    while (sem_wait(&c.done) != 0)
        ;
    sem_destroy(&c.done);
}

static void stop(void *arg) { loop_stop(arg); }

static void stop_all(HttpServer *s, void *arg) { http_server_stop(s, 0, 1, stop, arg); }

void server_end(Running *r)
{
    server_call(r, stop_all, r->loop);
    pthread_join(r->thread, NULL);
    CHECK_EQ(http_server_stats(r->server)->connections, 0u);
    CHECK_EQ(http_server_stats(r->server)->running, 0u);
    http_server_destroy(r->server);
    loop_destroy(r->loop);
    arena_destroy(r->arena);
}

Client client_open(const Running *r)
{
    Client c = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons(r->port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    REQUIRE(c.fd >= 0 && connect(c.fd, (struct sockaddr *)&at, sizeof at) == 0);
    return c;
}

void client_close(Client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

void client_send(Client *c, Str s)
{
    while (s.n) {
        ssize_t n = send(c->fd, s.p, s.n, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        s = str_from_byte(s, (size_t)n);
    }
}

/* More bytes behind p + n: false at the end, at a reset, and after ms milliseconds. */
static bool more(Client *c, int ms, bool *ended)
{
    struct pollfd pfd = { .fd = c->fd, .events = POLLIN };
    *ended = false;
    if (c->cap - c->n < 65536 + HTTP1_PAD) {
        size_t cap = c->cap ? c->cap * 2 : 262144;
        c->p = arena_grow(test_arena(), c->p, c->cap, cap);
        c->cap = cap;
    }
    if (poll(&pfd, 1, ms) <= 0)
        return false;
    ssize_t n = recv(c->fd, c->p + c->n, 65536, 0);
    *ended = n <= 0;
    if (n <= 0)
        return false;
    c->n += (size_t)n;
    c->p[c->n] = 0;
    return true;
}

static void drop(Client *c, size_t n)
{
    c->n -= n;
    memmove(c->p, c->p + n, c->n + 1);
}

Str client_read(Client *c, size_t n)
{
    bool ended;
    while (c->n < n && more(c, 5000, &ended))
        ;
    n = c->n < n ? c->n : n;
    Str s = str_copy(test_arena(), str_from(c->p ? c->p : "", n));
    if (n)
        drop(c, n);
    return s;
}

Reply client_reply(Client *c, bool head_only)
{
    Reply r = { 0 };
    Http1Parser ps;
    Http1Result result = HTTP1_MORE;
    bool ended = false;
    http1_parser_init(&ps, &(Http1Limits){ .headers = 40 }, r.headers);
    while ((result = c->n ? http1_response_parse(&ps, c->p, c->n) : HTTP1_MORE) == HTTP1_MORE)
        if (!more(c, 5000, &ended))
            return r;
    if (!test_check(result == HTTP1_DONE, CLEF_TEST_AT, "the answer's head parses"))
        return r;
    r.head = client_read(c, ps.head.size);
    /* Again over the copy, whose memory stays. */
    char *copy = arena_zalloc(test_arena(), r.head.n + HTTP1_PAD);
    memcpy(copy, r.head.p, r.head.n);
    http1_parser_init(&ps, &(Http1Limits){ .headers = 40 }, r.headers);
    REQUIRE(http1_response_parse(&ps, copy, r.head.n) == HTTP1_DONE);
    r.parsed = ps.head;
    r.status = ps.head.status;
    if (head_only || r.status < 200 || r.status == 204 || r.status == 304)
        return r;
    if (!ps.head.chunked) {
        r.body = client_read(c, ps.head.has_length ? (size_t)ps.head.content_length : SIZE_MAX);
        return r;
    }
    Buf body = BUF_INIT(test_arena(), 1 << 28);
    Http1Chunks chunks = { 0 };
    for (result = HTTP1_MORE; result == HTTP1_MORE;) {
        if (c->n == 0 && !more(c, 5000, &ended))
            break;
        Str in = str_from(c->p, c->n), data;
        result = http1_chunks_next(&chunks, &in, &data);
        buf_str(&body, data);
        drop(c, c->n - in.n);
    }
    r.body = result == HTTP1_DONE ? buf_view(&body) : STR("(cut)");
    return r;
}

bool client_ended(Client *c)
{
    bool ended;
    return c->n == 0 && !more(c, 5000, &ended) && ended;
}

bool client_silent(Client *c, int ms)
{
    bool ended;
    return c->n == 0 && !more(c, ms, &ended) && !ended;
}

Reply client_ask(const Running *r, Str request)
{
    Client c = client_open(r);
    client_send(&c, request);
    Reply reply = client_reply(&c, str_starts(request, STR("HEAD")));
    client_close(&c);
    return reply;
}
