/* HTTPS over a socket: versions, names, tickets, large and broken conversations, reload. The client is OpenSSL's own. */
#include "certificates.h"
#include "harness.h"

#include <clef/net/http_tls.h>
#include <clef/test.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define HOST      "Host: localhost\r\n\r\n"
#define GET(path) STR("GET " path " HTTP/1.1\r\n" HOST)

static void handle(HttpExchange *x, void *arg)
{
    (void)arg;
    Str path = x->head->path, body;
    const Tls *t = http_tls_of(x);
#define IS(text) str_eq(path, STR(text))
    if (IS("/about")) {
        CHECK(http_is_secure(x) == (t != NULL));
        http_respond(x, 200, STR(""), t ? str_concat(x->arena, tls_version(t), tls_protocol(t)) : STR("plain"));
    } else if (IS("/echo")) {
        if (http_body_all(x, 1 << 24, &body))
            http_respond(x, 200, STR(""), body);
    } else if (IS("/file")) {
        int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        http_respond_file(x, 200, STR(""), fd, 0, 3000000);
        close(fd);
    } else if (IS("/stream")) {
        http_stream_start(x, 200, STR(""), -1);
        for (int i = 0; i < 200; i++)
            http_stream_write(x, str_format(x->arena, "%0*d", 1 + i * 97, i));
        http_stream_finish(x, NULL, 0);
    } else {
        http_respond(x, 404, STR(""), STR(""));
    }
}

/* ---- the server ---- */

typedef struct Site {
    Running *running;
    HttpTls *tls;
    uint16_t port;
} Site;

static TlsCertificate pair(const char *base, const char *name)
{
    return (TlsCertificate){ .name = str_c(name),
                             .certificate = certificate_path(base, ".crt"),
                             .key = certificate_path(base, ".key") };
}

static TlsContext *context(const TlsServerOptions *o)
{
    TlsFindings f = { .arena = test_arena() };
    TlsContext *cx = tls_server_context(o, &f);
    CHECK_STR(f.error, STR(""));
    REQUIRE(cx != NULL);
    return cx;
}

static void listen_tls(HttpServer *s, void *arg)
{
    Site *site = arg;
    Address at, bound;
    REQUIRE(address_parse(STR("127.0.0.1:0"), &at));
    int fd = address_listen(&at, NULL);
    REQUIRE(fd >= 0 && address_of_socket(fd, &bound) == 0);
    site->port = address_port(&bound);
    REQUIRE(http_server_listen_tls(s, fd, site->tls) == 0);
}

static Site start_with(const TlsServerOptions *o, HttpLimits limits)
{
    signal(SIGPIPE, SIG_IGN);
    Site s = { .running = server_start(&(HttpServerOptions){ .handler = { handle, NULL }, .limits = limits }) };
    s.tls = http_tls_create(s.running->arena, context(o));
    server_call(s.running, listen_tls, &s);
    return s;
}

static Site start(void)
{
    const char *a = certificate_make("localhost", &(CertificateOptions){ .names = "DNS:localhost" });
    return start_with(&(TlsServerOptions){ .certificate = pair(a, NULL) }, (HttpLimits){ 0 });
}

/* ---- the client ---- */

typedef struct PeerOptions {
    int version; /* only this one */
    const char *name, *alpn;
    SSL_SESSION *session;
    bool staple;
    int receive_buffer;
} PeerOptions;

typedef struct Peer {
    SSL_CTX *cx;
    SSL *ssl;
    int fd;
    bool up; /* the handshake succeeded */
    Buf in;
} Peer;

static int connect_to(uint16_t port, int receive_buffer)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct timeval limit = { .tv_sec = 5 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (receive_buffer)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    REQUIRE(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    return fd;
}

static Peer peer_open(uint16_t port, PeerOptions o)
{
    Peer p = { .cx = SSL_CTX_new(TLS_client_method()), .in = BUF_INIT(test_arena(), 1 << 26) };
    if (o.version) {
        SSL_CTX_set_security_level(p.cx, 0);
        SSL_CTX_set_min_proto_version(p.cx, o.version);
        SSL_CTX_set_max_proto_version(p.cx, o.version);
    }
    p.ssl = SSL_new(p.cx);
    p.fd = connect_to(port, o.receive_buffer);
    SSL_set_fd(p.ssl, p.fd);
    REQUIRE(SSL_ctrl(p.ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     (void *)(uintptr_t)(o.name ? o.name : "localhost")) == 1);
    if (o.alpn)
        SSL_set_alpn_protos(p.ssl, (const unsigned char *)o.alpn, (unsigned)strlen(o.alpn));
    if (o.session)
        SSL_set_session(p.ssl, o.session);
    if (o.staple)
        SSL_set_tlsext_status_type(p.ssl, TLSEXT_STATUSTYPE_ocsp);
    p.up = SSL_connect(p.ssl) == 1;
    return p;
}

static void peer_close(Peer *p)
{
    if (p->up)
        SSL_shutdown(p->ssl);
    SSL_free(p->ssl);
    SSL_CTX_free(p->cx);
    close(p->fd);
}

static void peer_send(Peer *p, Str s)
{
    ERR_clear_error();
    CHECK(SSL_write(p->ssl, s.p, (int)s.n) == (int)s.n);
}

static bool peer_more(Peer *p)
{
    static char piece[20000];
    ERR_clear_error();
    int n = SSL_read(p->ssl, piece, sizeof piece);
    return n > 0 && buf_add(&p->in, piece, (size_t)n);
}

/* The body of the next answer with a length; its status in *status, 0 at the end. */
static Str peer_reply(Peer *p, int *status)
{
    size_t head;
    uint64_t n = 0;
    *status = 0;
    while ((head = str_find(buf_view(&p->in), STR("\r\n\r\n"))) == STR_NPOS)
        if (!peer_more(p))
            return STR("");
    Str lines = str_slice(buf_view(&p->in), 0, head),
        length = str_from_byte(lines, str_find(lines, STR("Length: ")) + 8);
    Str first;
    (void)str_cut(&length, '\r', &first);
    CHECK(str_to_u64(first, &n));
    *status = (lines.p[9] - '0') * 100 + (lines.p[10] - '0') * 10 + lines.p[11] - '0';
    while (p->in.n < head + 4 + n)
        if (!peer_more(p))
            return STR("(cut)");
    Str body = str_copy(test_arena(), str_from(p->in.p + head + 4, (size_t)n));
    buf_consume(&p->in, head + 4 + (size_t)n);
    return body;
}

/* The server ended TLS properly, and then the connection. */
static bool peer_ended(Peer *p)
{
    char byte;
    ERR_clear_error();
    int n = SSL_read(p->ssl, &byte, 1);
    return n == 0 && SSL_get_error(p->ssl, n) == SSL_ERROR_ZERO_RETURN && recv(p->fd, &byte, 1, 0) == 0;
}

static Str peer_ask(Peer *p, Str request)
{
    int status;
    peer_send(p, request);
    Str body = peer_reply(p, &status);
    CHECK_EQ(status, 200);
    return body;
}

static Str subject(const Peer *p)
{
    char *name = arena_alloc(test_arena(), 100);
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(p->ssl)), NID_commonName, name, 100);
    return str_c(name);
}

/* ---- agreeing ---- */

TEST(https, speaks_1_2_and_1_3_and_nothing_older)
{
    Site s = start();
    Peer p = peer_open(s.port, (PeerOptions){ .version = TLS1_3_VERSION });
    CHECK_STR(peer_ask(&p, GET("/about")), STR("TLSv1.3"));
    peer_close(&p);
    p = peer_open(s.port, (PeerOptions){ .version = TLS1_2_VERSION });
    CHECK_STR(peer_ask(&p, GET("/about")), STR("TLSv1.2"));
    peer_close(&p);
    p = peer_open(s.port, (PeerOptions){ .version = TLS1_1_VERSION });
    CHECK(!p.up);
    peer_close(&p);
    CHECK_STR(client_ask(s.running, GET("/about")).body, STR("plain"));
    server_end(s.running);
}

TEST(https, min_version_and_ciphers_bind)
{
    const char *a = certificate_make("localhost", &(CertificateOptions){ .names = "DNS:localhost" });
    Site s =
        start_with(&(TlsServerOptions){ .certificate = pair(a, NULL), .min_version = STR("1.3") }, (HttpLimits){ 0 });
    Peer p = peer_open(s.port, (PeerOptions){ .version = TLS1_2_VERSION });
    CHECK(!p.up);
    peer_close(&p);
    server_end(s.running);
    s = start_with(&(TlsServerOptions){ .certificate = pair(a, NULL), .ciphers = STR("ECDHE-ECDSA-AES128-GCM-SHA256") },
                   (HttpLimits){ 0 });
    p = peer_open(s.port, (PeerOptions){ .version = TLS1_2_VERSION });
    CHECK_STR(str_c(SSL_get_cipher_name(p.ssl)), STR("ECDHE-ECDSA-AES128-GCM-SHA256"));
    peer_close(&p);
    server_end(s.running);
}

TEST(https, the_name_chooses_the_certificate)
{
    TlsCertificate names[3] = {
        pair(certificate_make("exact", &(CertificateOptions){ .names = "DNS:www.example.org" }), "WWW.example.org"),
        pair(certificate_make("wild", &(CertificateOptions){ .names = "DNS:*.example.org" }), "*.example.org"),
        pair(certificate_make("com", &(CertificateOptions){ .names = "DNS:example.com" }), "example.com"),
    };
    TlsServerOptions o = {
        .certificate = pair(certificate_make("default", &(CertificateOptions){ .names = "DNS:localhost" }), NULL),
        .names = names,
        .nnames = 3,
    };
    Site s = start_with(&o, (HttpLimits){ 0 });
    static const struct {
        const char *name, *subject;
    } table[] = {
        { "www.example.org", "exact" },   { "WwW.Example.ORG", "exact" }, { "api.example.org", "wild" },
        { "a.b.example.org", "default" }, { "example.org", "default" },   { "example.com", "com" },
        { "x.example.com", "default" },   { ".example.org", "default" },  { "localhost", "default" },
    };
    EACH_ROW (row, table) {
        Peer p = peer_open(s.port, (PeerOptions){ .name = row->name });
        CHECK(p.up);
        CHECK_STR(subject(&p), str_c(row->subject));
        CHECK_STR(peer_ask(&p, GET("/about")), STR("TLSv1.3"));
        peer_close(&p);
    }
    server_end(s.running);
}

TEST(https, alpn_gives_http_1_1_or_refuses)
{
    Site s = start();
    Peer p = peer_open(s.port, (PeerOptions){ .alpn = "\2h2\10http/1.1" });
    CHECK_STR(peer_ask(&p, GET("/about")), STR("TLSv1.3http/1.1"));
    peer_close(&p);
    p = peer_open(s.port, (PeerOptions){ .alpn = "\2h2\10spdy/3.1" });
    CHECK(!p.up);
    peer_close(&p);
    server_end(s.running);
}

/* ---- tickets ---- */

/* Whether a session of the first port is taken up at the second. */
static bool resumes(uint16_t first, uint16_t second, int version)
{
    Peer p = peer_open(first, (PeerOptions){ .version = version });
    REQUIRE(p.up);
    CHECK(!SSL_session_reused(p.ssl));
    (void)peer_ask(&p, GET("/about"));
    SSL_SESSION *session = SSL_get1_session(p.ssl);
    peer_close(&p);
    p = peer_open(second, (PeerOptions){ .version = version, .session = session });
    REQUIRE(p.up);
    bool result = SSL_session_reused(p.ssl);
    (void)peer_ask(&p, GET("/about"));
    SSL_SESSION_free(session);
    peer_close(&p);
    return result;
}

TEST(https, tickets_are_taken_by_every_worker_with_the_secret)
{
    const char *a = certificate_make("localhost", &(CertificateOptions){ .names = "DNS:localhost" });
    TlsServerOptions o = { .certificate = pair(a, NULL), .ticket_secret = STR("0123456789abcdef0123456789abcdef") };
    Site one = start_with(&o, (HttpLimits){ 0 }), two = start_with(&o, (HttpLimits){ 0 });
    o.ticket_secret = STR("another secret of thirty-two byt");
    Site other = start_with(&o, (HttpLimits){ 0 });
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    EACH_ROW (v, versions) {
        CHECK(resumes(one.port, one.port, *v));
        CHECK(resumes(one.port, two.port, *v));
        CHECK(!resumes(one.port, other.port, *v));
    }
    server_end(one.running);
    server_end(two.running);
    server_end(other.running);
}

/* ---- conversations ---- */

TEST(https, keeps_alive_and_answers_a_pipeline_in_order)
{
    Site s = start();
    Peer p = peer_open(s.port, (PeerOptions){ 0 });
    for (int i = 0; i < 20; i++)
        CHECK_STR(peer_ask(&p, GET("/about")), STR("TLSv1.3"));
    Buf b = BUF_INIT(test_arena(), 1 << 20);
    for (int i = 0; i < 100; i++)
        buf_printf(&b, "POST /echo HTTP/1.1\r\nContent-Length: 3\r\n" HOST "%03d", i);
    peer_send(&p, buf_view(&b));
    for (int i = 0; i < 100; i++) {
        int status;
        CHECK_STR(peer_reply(&p, &status), str_format(test_arena(), "%03d", i));
    }
    /* Byte by byte, each in its own record. */
    Str request = GET("/about");
    for (size_t i = 0; i < request.n; i++)
        peer_send(&p, str_slice(request, i, i + 1));
    int status;
    CHECK_STR(peer_reply(&p, &status), STR("TLSv1.3"));
    peer_send(&p, STR("GET /about HTTP/1.1\r\nConnection: close\r\n" HOST));
    (void)peer_reply(&p, &status);
    CHECK(peer_ended(&p));
    peer_close(&p);
    server_end(s.running);
}

static Str pattern(size_t n)
{
    char *p = arena_alloc(test_arena(), n);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)(i * 31 % 253);
    return str_from(p, n);
}

TEST(https, carries_large_bodies_both_ways, .seconds = 30)
{
    Site s = start();
    Str body = pattern(5000000);
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    EACH_ROW (v, versions) {
        Peer p = peer_open(s.port, (PeerOptions){ .version = *v });
        int status;
        peer_send(&p, str_format(test_arena(), "POST /echo HTTP/1.1\r\nContent-Length: %zu\r\n" HOST, body.n));
        peer_send(&p, body);
        Str back = peer_reply(&p, &status);
        CHECK_EQ(status, 200);
        CHECK(str_eq(back, body));
        CHECK_EQ(peer_ask(&p, GET("/file")).n, 3000000u);
        peer_close(&p);
    }
    server_end(s.running);
}

TEST(https, a_slow_reader_gets_everything, .seconds = 30)
{
    Site s = start();
    Peer p = peer_open(s.port, (PeerOptions){ .receive_buffer = 4096 });
    peer_send(&p, GET("/file"));
    peer_send(&p, STR("GET /stream HTTP/1.1\r\nConnection: close\r\n" HOST));
    usleep(300000);
    int status;
    CHECK_EQ(peer_reply(&p, &status).n, 3000000u);
    size_t n = 0;
    while (peer_more(&p)) {
        if (n++ % 50 == 0)
            usleep(1000);
    }
    CHECK(str_ends(buf_view(&p.in), STR("\r\n0\r\n\r\n")));
    CHECK(p.in.n > 1900000);
    CHECK(SSL_get_shutdown(p.ssl) & SSL_RECEIVED_SHUTDOWN);
    peer_close(&p);
    server_end(s.running);
}

/* ---- what goes wrong ---- */

static void copy_stats(HttpServer *s, void *arg) { *(HttpStats *)arg = *http_server_stats(s); }

TEST(https, a_slow_handshake_ends_at_the_limit)
{
    const char *a = certificate_make("localhost", &(CertificateOptions){ .names = "DNS:localhost" });
    Site s = start_with(&(TlsServerOptions){ .certificate = pair(a, NULL) }, (HttpLimits){ .first_byte_ms = 300 });
    int silent = connect_to(s.port, 0), half = connect_to(s.port, 0);
    char byte;
    /* The beginning of a record with a ClientHello of 512 bytes. */
    REQUIRE(send(half, "\x16\x03\x01\x02\x00\x01\x00", 7, 0) == 7);
    CHECK_EQ(recv(silent, &byte, 1, 0), 0);
    CHECK_EQ(recv(half, &byte, 1, 0), 0);
    close(silent);
    close(half);
    HttpStats stats;
    server_call(s.running, copy_stats, &stats);
    CHECK_EQ(stats.timed_out, 2u);
    server_end(s.running);
}

static Str all_of(int fd)
{
    Buf b = BUF_INIT(test_arena(), 65536);
    char piece[4096];
    ssize_t n;
    while ((n = recv(fd, piece, sizeof piece, 0)) > 0)
        buf_add(&b, piece, (size_t)n);
    CHECK_EQ(n, 0);
    return buf_view(&b);
}

TEST(https, plain_http_is_told_so_and_tls_on_the_plain_port_is_refused)
{
    Site s = start();
    int fd = connect_to(s.port, 0);
    REQUIRE(send(fd, GET("/about").p, GET("/about").n, 0) > 0);
    Str answer = all_of(fd);
    CHECK(str_starts(answer, STR("HTTP/1.1 400 Bad Request\r\n")));
    CHECK_STR_CONTAINS(answer, STR("speaks HTTPS"));
    CHECK_STR_CONTAINS(answer, STR("Connection: close"));
    close(fd);
    CHECK_EQ(http_server_stats(s.running->server)->refused, 1u);

    Peer p = peer_open(s.running->port, (PeerOptions){ 0 });
    CHECK(!p.up);
    peer_close(&p);
    CHECK_STR(client_ask(s.running, GET("/about")).body, STR("plain"));

    /* Neither TLS nor text. */
    fd = connect_to(s.port, 0);
    REQUIRE(send(fd, "\0\1\2\3\4\5\6\7", 8, 0) == 8);
    answer = all_of(fd);
    CHECK(!str_starts(answer, STR("HTTP")));
    close(fd);
    server_end(s.running);
}

TEST(https, a_cut_connection_hurts_nobody)
{
    Site s = start();
    int status;
    /* In the middle of a body. */
    Peer p = peer_open(s.port, (PeerOptions){ 0 });
    peer_send(&p, STR("POST /echo HTTP/1.1\r\nContent-Length: 100\r\n" HOST "half"));
    p.up = false;
    peer_close(&p);
    /* Behind a whole request: it is answered. */
    p = peer_open(s.port, (PeerOptions){ 0 });
    peer_send(&p, GET("/about"));
    REQUIRE(shutdown(p.fd, SHUT_WR) == 0);
    CHECK_STR(peer_reply(&p, &status), STR("TLSv1.3"));
    p.up = false;
    peer_close(&p);
    /* While an answer is on its way. */
    p = peer_open(s.port, (PeerOptions){ .receive_buffer = 4096 });
    peer_send(&p, GET("/file"));
    CHECK(peer_more(&p));
    p.up = false;
    peer_close(&p);
    /* During the handshake, and with a reset. */
    for (int i = 0; i < 2; i++) {
        int fd = connect_to(s.port, 0);
        REQUIRE(send(fd, "\x16\x03\x01\x02\x00\x01\x00", 7, 0) == 7);
        struct linger hard = { 1, 0 };
        if (i)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        close(fd);
    }
    /* A record that was tampered with. */
    p = peer_open(s.port, (PeerOptions){ 0 });
    REQUIRE(send(p.fd, "\x17\x03\x03\x00\x20 and thirty-two bytes of rubbish..", 37, 0) == 37);
    char byte;
    ERR_clear_error();
    CHECK(SSL_read(p.ssl, &byte, 1) <= 0);
    p.up = false;
    peer_close(&p);
    p = peer_open(s.port, (PeerOptions){ 0 });
    CHECK_STR(peer_ask(&p, GET("/about")), STR("TLSv1.3"));
    peer_close(&p);
    server_end(s.running);
}

TEST(https, a_client_may_end_tls_and_still_read)
{
    Site s = start();
    Peer p = peer_open(s.port, (PeerOptions){ .version = TLS1_3_VERSION });
    int status;
    peer_send(&p, GET("/about"));
    CHECK_EQ(SSL_shutdown(p.ssl), 0);
    CHECK_STR(peer_reply(&p, &status), STR("TLSv1.3"));
    CHECK(peer_ended(&p));
    p.up = false;
    peer_close(&p);
    server_end(s.running);
}

TEST(https, renegotiation_is_refused)
{
    Site s = start();
    Peer p = peer_open(s.port, (PeerOptions){ .version = TLS1_2_VERSION });
    REQUIRE(p.up && SSL_renegotiate(p.ssl) == 1);
    ERR_clear_error();
    CHECK(SSL_do_handshake(p.ssl) != 1);
    p.up = false;
    peer_close(&p);
    server_end(s.running);
}

/* ---- reload ---- */

typedef struct Load {
    uint16_t port;
    atomic_bool stop;
    atomic_int answered, failed, renewed;
} Load;

static void *make_load(void *arg)
{
    Load *l = arg;
    SSL_CTX *cx = SSL_CTX_new(TLS_client_method());
    while (!atomic_load(&l->stop)) {
        char answer[500], name[100] = "";
        int fd = connect_to(l->port, 0), n = 0;
        SSL *ssl = SSL_new(cx);
        SSL_set_fd(ssl, fd);
        bool ok = SSL_connect(ssl) == 1;
        for (int i = 0; ok && i < 3; i++) {
            ok = SSL_write(ssl, GET("/about").p, (int)GET("/about").n) > 0;
            n = ok ? SSL_read(ssl, answer, sizeof answer) : 0;
            ok = n > 12 && memcmp(answer, "HTTP/1.1 200", 12) == 0;
        }
        atomic_fetch_add(ok ? &l->answered : &l->failed, 1);
        if (ok) {
            X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(ssl)), NID_commonName, name, 100);
            atomic_fetch_add(&l->renewed, strcmp(name, "renewed") == 0);
            SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        close(fd);
    }
    SSL_CTX_free(cx);
    return NULL;
}

typedef struct Swap {
    HttpTls *tls;
    TlsContext *cx;
} Swap;

static void swap(HttpServer *s, void *arg)
{
    (void)s;
    const Swap *w = arg;
    http_tls_swap(w->tls, w->cx);
}

TEST(https, a_reload_under_load_fails_nobody, .seconds = 40)
{
    Site s = start();
    const char *b = certificate_make("renewed", &(CertificateOptions){ .names = "DNS:localhost" });
    TlsServerOptions o = { .certificate = pair(b, NULL) };
    Peer old = peer_open(s.port, (PeerOptions){ 0 });
    CHECK_STR(subject(&old), STR("localhost"));
    Load load = { .port = s.port };
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        REQUIRE(pthread_create(&threads[i], NULL, make_load, &load) == 0);
    for (int i = 0; i < 10; i++) {
        usleep(50000);
        server_call(s.running, swap, &(Swap){ s.tls, context(&o) });
    }
    while (atomic_load(&load.renewed) == 0 && atomic_load(&load.failed) == 0)
        usleep(1000);
    atomic_store(&load.stop, true);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQ(atomic_load(&load.failed), 0);
    CHECK(atomic_load(&load.answered) > 0);
    CHECK_STR(peer_ask(&old, GET("/about")), STR("TLSv1.3"));
    peer_close(&old);
    server_end(s.running);
}

/* ---- OCSP ---- */

static void write_staple(const char *base, const char *path)
{
    FILE *f = fopen(certificate_path(base, ".crt").p, "r"), *k = fopen(certificate_path(base, ".key").p, "r");
    REQUIRE(f && k);
    X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_PrivateKey(k, NULL, NULL, NULL);
    fclose(f);
    fclose(k);
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    ASN1_TIME *from = X509_gmtime_adj(NULL, -60), *until = X509_gmtime_adj(NULL, 3600);
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), x, x);
    REQUIRE(OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, 0, NULL, from, until) != NULL);
    REQUIRE(OCSP_basic_sign(basic, x, key, EVP_sha256(), NULL, 0) == 1);
    OCSP_RESPONSE *r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    BIO *out = BIO_new_file(path, "wb");
    REQUIRE(i2d_OCSP_RESPONSE_bio(out, r) == 1);
    BIO_free(out);
    OCSP_RESPONSE_free(r);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    OCSP_BASICRESP_free(basic);
    EVP_PKEY_free(key);
    X509_free(x);
}

TEST(https, staples_the_ocsp_answer)
{
    const char *a = certificate_make("localhost", &(CertificateOptions){ .names = "DNS:localhost" });
    TlsServerOptions o = { .certificate = pair(a, NULL) };
    write_staple(a, test_file("localhost.crt.ocsp", STR("")));
    Site s = start_with(&o, (HttpLimits){ 0 });
    Peer p = peer_open(s.port, (PeerOptions){ .staple = true });
    const unsigned char *staple = NULL;
    REQUIRE(p.up);
    CHECK(SSL_get_tlsext_status_ocsp_resp(p.ssl, &staple) > 100);
    CHECK_STR(peer_ask(&p, GET("/about")), STR("TLSv1.3"));
    peer_close(&p);
    server_end(s.running);
}
