/*
 * floors.c: what a request for "Hello, World!" costs on each floor of the house, in one process and on one loop.
 *
 *     floors ADDRESS FLOOR [REQUESTS]
 *
 * FLOOR is net (a handler of the server, nothing above it), http (a site whose router knows one view), urls (the site
 * with a compiled table of urls), middleware (with the default middleware as well) or log (and a line of the request log
 * for each, to /dev/null). Ends after so many requests, when a number is given: a run of a fixed length, whose instructions
 * can be counted.
 */
#include <clef/base.h>
#include <clef/conf.h>
#include <clef/http/site.h>
#include <clef/middleware.h>
#include <clef/net.h>
#include <clef/rt.h>
#include <clef/urls.h>

#include <stdio.h>
#include <string.h>

static HttpServer *server;
static Loop *loop;
static uint64_t last;

static void stopped(void *arg) { loop_stop(arg); }

static void count(void)
{
    if (CLEF_UNLIKELY(http_server_stats(server)->requests == last))
        http_server_stop(server, 0, 1000, stopped, loop);
}

static void handle(HttpExchange *x, void *arg)
{
    (void)arg;
    (void)http_respond(x, 200, STR("Content-Type: text/plain\r\n"), STR("Hello, World!"));
    count();
}

static Response *hello(Request *r)
{
    count();
    return HttpResponse(r, STR("Hello, World!"), .content_type = "text/plain");
}

static const Url urlpatterns[] = { PATH("plaintext", hello), PATH("other/", hello), URLS_END };

static ViewFn *only_view(Request *r, const void *conf)
{
    (void)r, (void)conf;
    return hello;
}
static const SiteRouter one_view = { .resolve = only_view };

static const Middleware *const logged_layers[] = { &request_log_middleware, &security_middleware, &common_middleware,
                                                   &clickjacking_middleware, NULL };
static const Middleware *const *const layers = logged_layers + 1;

int main(int argc, char **argv)
{
    Address at;
    int64_t requests = 0;
    if (argc < 3 || !address_parse(str_c(argv[1]), &at) || (argc > 3 && !str_to_i64(str_c(argv[3]), &requests))) {
        fprintf(stderr, "usage: floors ADDRESS net|http|urls|middleware|log [REQUESTS]\n");
        return 2;
    }
    last = (uint64_t)requests;
    Arena *a = arena_create(NULL, 0, 0);
    loop = loop_create(a);
    Settings settings;
    settings_init(&settings, a);
    settings.allowed_hosts = STRS("localhost", "127.0.0.1");
    Context cx;
    context_init(&cx, a);
    HttpHandler handler = { handle, NULL };
    Str error = { 0 }, floor = str_c(argv[2]);
    if (!str_eq(floor, STR("net"))) {
        bool log = str_eq(floor, STR("log")), middleware = log || str_eq(floor, STR("middleware"));
        bool urls = middleware || str_eq(floor, STR("urls"));
        settings.logger = logger_create(a, &(LoggerOptions){ .path = "/dev/null" });
        const void *conf = urls ? urlconf_compile(a, urlpatterns, NULL, &error) : NULL;
        handler = (HttpHandler){ site_handle, site_create(&cx, &settings,
                                                          log          ? logged_layers
                                                          : middleware ? layers
                                                                       : NULL,
                                                          urls ? &urls_router : &one_view, conf) };
    }
    server = http_server_create(loop, a, &(HttpServerOptions){ .handler = handler, .limits.requests = UINT32_MAX });
    int failed = http_server_listen(server, address_listen(&at, NULL));
    if (failed < 0) {
        fprintf(stderr, "floors: %s: %s\n", argv[1], strerror(-failed));
        return 1;
    }
    (void)loop_run(loop);
    http_server_destroy(server);
    context_finish(&cx);
    loop_destroy(loop);
    arena_destroy(a);
    return 0;
}
