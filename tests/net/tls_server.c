/*
 * A server for tests/integration/tls.sh and for measuring: clef-tests-tls CERTIFICATE KEY [NAME=CERTIFICATE KEY]. Says its
 * TLS port and its plain port, answers "hello" to everything, reads the files again at SIGHUP, leaves at SIGTERM.
 */
#include <clef/net/http_tls.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

typedef struct Program {
    Arena *arena;
    TlsServerOptions options;
    TlsCertificate name;
    HttpTls *tls;
} Program;

static Program program;

static TlsContext *make_context(void)
{
    TlsFindings f = { .arena = program.arena };
    TlsContext *cx = tls_server_context(&program.options, &f);
    for (size_t i = 0; i < f.nwarnings; i++)
        fprintf(stderr, "warning: %.*s\n", STR_FMT(f.warnings[i]));
    if (!cx)
        fprintf(stderr, "error: %.*s\n", STR_FMT(f.error));
    return cx;
}

static void hello(HttpExchange *x, void *arg)
{
    (void)arg;
    if (x->head->content_length) {
        Str body;
        if (http_body_all(x, 1 << 26, &body))
            http_respond(x, 200, STR(""), body);
        return;
    }
    http_respond(x, 200, STR("Content-Type: text/plain\r\n"), STR("hello\n"));
}

static void on_signal(Loop *loop, Watcher *w, uint32_t events)
{
    (void)events;
    struct signalfd_siginfo s;
    while (read(w->fd, &s, sizeof s) == sizeof s) {
        if (s.ssi_signo == SIGTERM) {
            loop_stop(loop);
            return;
        }
        TlsContext *cx = make_context();
        if (cx)
            http_tls_swap(program.tls, cx);
        fprintf(stderr, "%s\n", cx ? "reloaded" : "kept");
    }
}

static int listen_at(uint16_t *port)
{
    Address a;
    int fd = address_parse(STR("127.0.0.1:0"), &a) ? address_listen(&a, NULL) : -1;
    *port = fd >= 0 && address_of_socket(fd, &a) == 0 ? address_port(&a) : 0;
    return fd;
}

int main(int argc, char **argv)
{
    uint16_t port = 0, plain = 0;
    program.arena = arena_create(NULL, 0, 0);
    Loop *loop = loop_create(program.arena);
    HttpServer *server = http_server_create(loop, program.arena, &(HttpServerOptions){ .handler = { hello, NULL } });
    if (argc >= 3) {
        program.options.certificate = (TlsCertificate){ .certificate = str_c(argv[1]), .key = str_c(argv[2]) };
        if (argc >= 5) {
            Str rest = str_c(argv[3]);
            (void)str_cut(&rest, '=', &program.name.name);
            program.name.certificate = rest;
            program.name.key = str_c(argv[4]);
            program.options.names = &program.name;
            program.options.nnames = 1;
        }
        TlsContext *cx = make_context();
        if (!cx)
            return 1;
        program.tls = http_tls_create(program.arena, cx);
        if (http_server_listen_tls(server, listen_at(&port), program.tls) < 0)
            return 1;
    }
    if (http_server_listen(server, listen_at(&plain)) < 0)
        return 1;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    Watcher signals = { .fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), .fn = on_signal };
    if (loop_watch(loop, &signals, EPOLLIN) < 0)
        return 1;
    printf("%u %u\n", (unsigned)port, (unsigned)plain);
    fflush(stdout);
    int result = loop_run(loop);
    loop_close(loop, &signals);
    http_server_destroy(server);
    loop_destroy(loop);
    arena_destroy(program.arena);
    return result != 0;
}
