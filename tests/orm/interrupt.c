/* interrupt.c: requests whose time is over, or whose client has gone: what they ask of a database ends. */
#include "../http/harness.h"
#include "blog.h"
#include <clef/net/http_server.h>

#include <sys/socket.h>
#include <unistd.h>

static Site *site;
static HttpServer *server;
static int64_t began, ended;
static Str code;

static const char *slow_sql(void)
{
    Str vendor = str_c(test_vendor());
    return str_eq(vendor, STR("postgresql")) ? "SELECT pg_sleep(10)"
           : str_eq(vendor, STR("mariadb"))
               ? "SELECT sleep(10) FROM seq_1_to_100"
               : "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < "
                 "3000000000) SELECT max(i) FROM s";
}

static void writes_slowly(Context *cx, void *arg)
{
    (void)arg;
    ATOMIC(cx)
    {
        (void)CREATE(cx, Tag, .name = STR("half"));
        (void)sql_query(cx, STR(""), str_c(slow_sql()), NULL, 0);
    }
}
static void asks_again(Context *cx, void *arg)
{
    (void)arg;
    (void)COUNT(OBJECTS(cx, Tag));
}
static void reads_slowly(Context *cx, void *arg)
{
    (void)arg;
    (void)sql_query(cx, STR(""), str_c(slow_sql()), NULL, 0);
}

static Response *view(Request *r)
{
    bool writes = str_eq(r->path, STR("/writes"));
    const Error *e = attempt(CX(r), writes ? writes_slowly : reads_slowly, NULL);
    REQUIRE(e != NULL);
    code = str_copy(test_arena(), str_c(e->code));
    ended = loop_clock();
    /* From now on nothing is asked any more. */
    e = attempt(CX(r), asks_again, NULL);
    REQUIRE(e != NULL);
    CHECK_STR(str_c(e->code), code);
    context_raise_error(CX(r), e);
}

/* It takes its time, and nobody ends it. */
static Response *posted(Request *r)
{
    ATOMIC(r)
    {
        (void)CREATE(r, Tag, .name = STR("whole"));
        fiber_sleep(300000000);
        (void)CREATE(r, Tag, .name = STR("other"));
    }
    ended = loop_clock();
    return HttpResponse(r, "done");
}

static ViewFn *resolve(Request *r, const void *conf)
{
    (void)conf;
    return r->method == HTTP_POST ? posted : view;
}
static const SiteRouter router = { .resolve = resolve };

typedef struct Client {
    int fd;
    const char *request;
    int64_t patience_ns; /* then it goes; 0: it waits for the answer */
    Buf answer;
} Client;

static void talk(void *arg)
{
    Client *c = arg;
    Io io;
    io_init(&io, c->fd);
    CHECK_EQ(io_write(&io, c->request, strlen(c->request), 0), 0);
    char piece[4096];
    if (c->patience_ns)
        fiber_sleep(c->patience_ns);
    else
        for (ssize_t got; (got = io_read(&io, piece, sizeof piece, loop_clock() + INT64_C(9000000000))) > 0;)
            buf_add(&c->answer, piece, (size_t)got);
    io_close(&io);
    for (int i = 0; i < 300 && !ended; i++)
        fiber_sleep(10000000);
    http_server_stop(server, 0, 1, NULL, NULL);
}

static Str ask(Context *cx, const char *request, int64_t patience_ns, int64_t seconds)
{
    Settings *s = test_settings();
    s->server_response_timeout = seconds;
    ended = 0;
    code = STR("");
    Loop *loop = loop_create(test_arena());
    site = site_create(cx, s, NULL, &router, NULL);
    server = http_server_create(loop, test_arena(), &(HttpServerOptions){ .handler = { site_handle, site } });
    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    Client c = {
        .fd = pair[1], .request = request, .patience_ns = patience_ns, .answer = BUF_INIT(test_arena(), 1 << 20)
    };
    http_server_adopt(server, pair[0], NULL);
    fiber_spawn(loop, talk, &c);
    began = loop_clock();
    CHECK_EQ(loop_run(loop), 0);
    http_server_destroy(server);
    if (!str_eq(str_c(test_vendor()), STR("sqlite"))) /* a database in memory would end with its connection */
        databases_close_idle(cx->databases);
    loop_destroy(loop);
    CHECK(ended > began && ended - began < INT64_C(4000000000));
    return buf_view(&c.answer);
}
#define REQUEST(line) line " HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

static void times_out(Context *cx)
{
    for (int i = 0; i < 2; i++) {
        Str answer = ask(cx, i ? REQUEST("GET /reads") : REQUEST("GET /writes"), 0, 1);
        CHECK(str_starts(answer, STR("HTTP/1.1 503 ")));
        CHECK_STR(code, STR("response_timeout"));
        CHECK(ended - began >= INT64_C(1000000000));
        CHECK_EQ(COUNT(OBJECTS(cx, Tag)), 0u); /* it was rolled back */
    }
}
TEST(orm_interrupt, the_time_of_a_response_ends_its_statement, .seconds = 30)
{
    with_blog(times_out);
}

static void client_goes(Context *cx)
{
    (void)ask(cx, REQUEST("GET /reads"), 200000000, 0);
    CHECK_STR(code, STR("client_closed"));
    (void)ask(cx, REQUEST("GET /writes"), 200000000, 0);
    CHECK_STR(code, STR("client_closed"));
    CHECK_EQ(COUNT(OBJECTS(cx, Tag)), 0u);
}
TEST(orm_interrupt, the_statement_of_a_client_that_goes_ends, .seconds = 30)
{
    if (str_eq(str_c(test_vendor()), STR("sqlite")))
        test_skip("SQLite runs on the loop's thread, which sees the client go between statements");
    with_blog(client_goes);
}

static Value one(Context *cx, const char *sql)
{
    SqlRows rows = sql_query(cx, STR(""), str_c(sql), NULL, 0);
    return rows.n ? rows.rows[0][0] : value_null();
}

static void leaves_state(Context *cx)
{
    bool postgresql = str_eq(str_c(test_vendor()), STR("postgresql"));
    if (!postgresql) {
        CHECK_EQ(one(cx, "SELECT get_lock('clef', 0)").i, 1);
        CHECK_EQ(one(cx, "SELECT Get_Lock('clef', 5)").i, 1); /* by another connection: the first is gone */
        return;
    }
    sql_execute(cx, STR(""), STR("SET application_name = 'other'"), NULL, 0);
    CHECK_STR(one(cx, "SHOW application_name").s, STR("clef"));
    (void)one(cx, "SELECT set_config('application_name', 'other', false)");
    CHECK_STR(one(cx, "SHOW application_name").s, STR("clef"));
    (void)one(cx, "SELECT PG_ADVISORY_LOCK(7)");
    for (int i = 0; i < 300 && one(cx, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").i; i++)
        fiber_self() ? fiber_sleep(10000000) : db_wait(10000000);
    CHECK_EQ(one(cx, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").i, 0);
    /* In a transaction it is the program's affair. */
    ATOMIC(cx)
    {
        sql_execute(cx, STR(""), STR("SET LOCAL application_name = 'third'"), NULL, 0);
        CHECK_STR(one(cx, "SHOW application_name").s, STR("third"));
    }
    CHECK_STR(one(cx, "SHOW application_name").s, STR("clef"));
}

static Context *around;
static void leaves_state_there(void *arg)
{
    (void)arg;
    leaves_state(around);
}
static void leaves_state_on_fiber(Context *cx)
{
    leaves_state(cx);
    around = cx;
    Loop *loop = loop_create(test_arena());
    REQUIRE(fiber_start(loop, leaves_state_there, NULL) != NULL);
    CHECK_EQ(loop_run(loop), 0);
    databases_close_idle(cx->databases);
    loop_destroy(loop);
}
TEST(orm_interrupt, what_a_statement_leaves_in_its_session_ends_with_it, .seconds = 30)
{
    if (str_eq(str_c(test_vendor()), STR("sqlite")))
        test_skip("it is about servers");
    with_blog(leaves_state_on_fiber);
}

static void post_ends(Context *cx)
{
    (void)ask(cx, REQUEST("POST /"), 100000000, 0);
    CHECK_EQ(COUNT(OBJECTS(cx, Tag)), 2u);
}
TEST(orm_interrupt, what_writes_goes_on_without_its_client, .seconds = 30)
{
    with_blog(post_ends);
}
