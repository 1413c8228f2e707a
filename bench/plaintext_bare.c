/*
 * plaintext_bare.c: the server with a handler and nothing above it, on one loop: what a request costs below the framework.
 *
 *     plaintext_bare ADDRESS [REQUESTS]
 *
 * Ends after so many requests, when a number is given: a run of a fixed length, whose instructions can be counted.
 */
#include <clef/net.h>
#include <clef/rt.h>

#include <stdio.h>
#include <string.h>

typedef struct Bench {
    HttpServer *server;
    Loop *loop;
    uint64_t last;
} Bench;

static void stopped(void *arg) { loop_stop(arg); }

static void hello(HttpExchange *x, void *arg)
{
    Bench *b = arg;
    (void)http_respond(x, 200, STR("Content-Type: text/plain\r\nServer: clef\r\n"), STR("Hello, World!"));
    if (CLEF_UNLIKELY(http_server_stats(b->server)->requests == b->last))
        http_server_stop(b->server, 0, 1000, stopped, b->loop);
}

int main(int argc, char **argv)
{
    Address at;
    int64_t last = 0;
    if (argc < 2 || !address_parse(str_c(argv[1]), &at) || (argc > 2 && !str_to_i64(str_c(argv[2]), &last))) {
        fprintf(stderr, "usage: plaintext_bare ADDRESS [REQUESTS]\n");
        return 2;
    }
    Arena *a = arena_create(NULL, 0, 0);
    Bench b = { .loop = loop_create(a), .last = (uint64_t)last };
    b.server =
        http_server_create(b.loop, a, &(HttpServerOptions){ .handler = { hello, &b }, .limits.requests = UINT32_MAX });
    int error = http_server_listen(b.server, address_listen(&at, NULL));
    if (error < 0) {
        fprintf(stderr, "plaintext_bare: %s: %s\n", argv[1], strerror(-error));
        return 1;
    }
    (void)loop_run(b.loop);
    http_server_destroy(b.server);
    loop_destroy(b.loop);
    arena_destroy(a);
    return 0;
}
