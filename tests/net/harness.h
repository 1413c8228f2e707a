/* harness.h: a server on a thread of its own, and a blocking client. */
#ifndef CLEF_TESTS_NET_HARNESS_H
#define CLEF_TESTS_NET_HARNESS_H

#include <clef/base.h>
#include <clef/net/http_server.h>
#include <pthread.h>

typedef struct Running {
    Arena *arena;
    Loop *loop;
    HttpServer *server;
    uint16_t port;
    pthread_t thread;
    Timer awake; /* the loop runs on when the server has stopped */
} Running;

/* Listens on a free port of 127.0.0.1 and runs; the handler is called on the thread. */
Running *server_start(const HttpServerOptions *options);
/* Stops at once, and checks that every connection went and that no buffer or exchange is missing. */
void server_end(Running *r);
/* Runs fn(server, arg) on the loop's thread, and waits for it. */
void server_call(Running *r, void (*fn)(HttpServer *s, void *arg), void *arg);

typedef struct Client {
    int fd;
    char *p; /* what has come and was not read yet */
    size_t n, cap;
} Client;

typedef struct Reply {
    int status; /* 0: the connection ended first */
    Str head, body;
    HttpHead parsed;
    HttpHeader headers[40];
} Reply;

Client client_open(const Running *r);
void client_close(Client *c);
void client_send(Client *c, Str bytes);
/* The next answer, `head_only` for one to HEAD. Waits at most 5 seconds. */
Reply client_reply(Client *c, bool head_only);
/* True when the server ends the connection within 5 seconds, without more bytes. */
bool client_ended(Client *c);
/* Nothing comes within these milliseconds, not even the end. */
bool client_silent(Client *c, int ms);
/* Reads exactly n bytes, or fewer at the end. */
Str client_read(Client *c, size_t n);
/* One request on a connection of its own. */
Reply client_ask(const Running *r, Str request);

#endif
