/* The corpus of requests against a running server. */
#include "harness.h"
#include "requests.h"

#include <clef/test.h>
#include <stdio.h>

static void echo(HttpExchange *x, void *arg)
{
    (void)arg;
    Str body;
    if (http_body_all(x, 1 << 20, &body))
        (void)http_respond(x, 200, STR(""), body);
}

static void play(Arena *a, const RequestCase *c, void *arg)
{
    (void)a;
    const Running *r = arg;
    Client client = client_open(r);
    bool closed = false, right = true;
    size_t i = 0;
    client_send(&client, c->send);
    for (; i < c->n && right; i++) {
        Answer want = c->answers[i];
        if (want.status == 0) {
            right = client_silent(&client, 10);
            closed = true;
            break;
        }
        Reply got = client_reply(&client, false);
        closed = want.close;
        if (want.reason != HTTP1_OK)
            right = got.status == want.status && (str_starts(got.body, str_c(http1_reason_text(want.reason))) ||
                                                  http1_reason_status(want.reason) == 0);
        else
            right = got.status == 200 && str_eq(got.body, want.body);
        right = right && got.parsed.keep_alive == !want.close;
        if (!right)
            fprintf(stderr, "got %d \"%.*s\"\n", got.status, STR_FMT(got.body));
    }
    if (right && closed && c->answers[c->n - 1].status)
        right = client_ended(&client);
    if (right && !closed) {
        client_send(&client, STR("GET /alive HTTP/1.1\r\nHost: a\r\n\r\n"));
        right = client_reply(&client, false).status == 200;
    }
    if (!right) {
        fprintf(stderr, "%.*s: %.*s: answer %zu\n", STR_FMT(c->file), STR_FMT(c->name), i);
        CHECK(!"the answer that the case wants");
    }
    client_close(&client);
}

TEST(http_server, corpus_of_requests, .seconds = 60)
{
    Running *r = server_start(&(HttpServerOptions){ .handler = { echo, NULL } });
    CHECK(request_cases(test_arena(), play, r) >= 250);
    server_end(r);
}
