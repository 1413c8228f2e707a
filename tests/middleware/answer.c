#include "answer.h"
#include "http/response.h"

static Request *last;

Response *answer(Settings *s, const Url *table, Asked asked)
{
    Arena *a = test_arena();
    Str error = STR("");
    UrlConf *conf = urlconf_compile(a, table, NULL, &error);
    CHECK_STR(error, STR(""));
    REQUIRE(conf != NULL);
    Str text =
        str_format(a, "%s %s HTTP/1.1\r\nHost: testserver\r\n%s\r\n%s", asked.method ? asked.method : "GET",
                   asked.path ? asked.path : "/", asked.headers ? asked.headers : "", asked.body ? asked.body : "");
    last = test_request(text, s);
    ((TestRequest *)last)->source.tls = asked.tls;
    Context cx;
    context_init(&cx, a);
    Site *site = site_create(&cx, s, s->middleware, &urls_router, conf);
    return site_respond(site, last);
}

Request *answered_request(void) { return last; }

static ViewFn *the_view;
static Response *call_the_view(Request *r) { return the_view(r); }

Response *answer_view(Settings *s, ViewFn *view, Asked asked)
{
    static const Url table[] = { RE_PATH("", call_the_view), URLS_END };
    the_view = view;
    return answer(s, table, asked);
}

static void create(Context *cx, void *arg)
{
    Settings *s = arg;
    Site *site = site_create(cx, s, s->middleware, &urls_router, NULL);
    (void)site;
}

Str site_error(Settings *s)
{
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    const Error *e = attempt(cx, create, s);
    return e ? e->message : STR("");
}

typedef struct Collector {
    ResponseStream stream;
    Response *response;
    Buf out;
    int flushes;
} Collector;

static void collect(ResponseStream *stream, Str bytes)
{
    buf_str(&CLEF_CONTAINER(stream, Collector, stream)->out, bytes);
}
static void count_flush(ResponseStream *stream) { CLEF_CONTAINER(stream, Collector, stream)->flushes++; }
static void run(Context *cx, void *arg)
{
    (void)cx;
    Collector *c = arg;
    c->response->stream(last, &c->stream, c->response->stream_arg);
}

Str streamed(Response *response, int *flushes)
{
    Collector c = { .stream = { collect, count_flush }, .response = response, .out = BUF_INIT(test_arena(), 1 << 24) };
    REQUIRE(response->stream != NULL);
    const Error *e = attempt(&last->cx, run, &c);
    CHECK_STR(e ? e->message : STR(""), STR(""));
    if (flushes)
        *flushes = c.flushes;
    return buf_view(&c.out);
}

Response *plain(Request *r) { return HttpResponse(r, "plain"); }
