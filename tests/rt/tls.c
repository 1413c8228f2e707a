/* TLS contexts and what is said about bad files; streams of both sides over a socket pair. */
#include "../net/certificates.h"
#include "base/fault.h"

#include <clef/rt.h>
#include <clef/test.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCAL "DNS:localhost,DNS:*.example.org,IP:127.0.0.1"

static TlsCertificate pair(const char *base)
{
    return (TlsCertificate){ .certificate = certificate_path(base, ".crt"), .key = certificate_path(base, ".key") };
}

static TlsContext *server(TlsServerOptions o)
{
    TlsFindings f = { .arena = test_arena() };
    TlsContext *cx = tls_server_context(&o, &f);
    CHECK_STR(f.error, STR(""));
    REQUIRE(cx != NULL);
    return cx;
}

static TlsContext *client(TlsClientOptions o)
{
    TlsFindings f = { .arena = test_arena() };
    TlsContext *cx = tls_client_context(&o, &f);
    CHECK_STR(f.error, STR(""));
    REQUIRE(cx != NULL);
    return cx;
}

/* Why this server cannot be; "" when it can. */
static Str refusal(TlsServerOptions o)
{
    TlsFindings f = { .arena = test_arena() };
    TlsContext *cx = tls_server_context(&o, &f);
    CHECK((cx == NULL) == (f.error.n > 0));
    tls_context_release(cx);
    return f.error;
}

TEST(tls, a_bad_file_is_named_with_the_way_out)
{
    const char *a = certificate_make("a", &(CertificateOptions){ .names = LOCAL });
    const char *b = certificate_make("b", &(CertificateOptions){ .names = LOCAL });
    TlsCertificate good = pair(a), c;
    CHECK_STR(refusal((TlsServerOptions){ .certificate = good }), STR(""));
    CHECK_STR_CONTAINS(refusal((TlsServerOptions){ 0 }), STR("No certificate file was named"));

    c = good;
    c.certificate = STR("/nowhere/x.crt");
    Str e = refusal((TlsServerOptions){ .certificate = c });
    CHECK_STR_CONTAINS(e, STR("certificate file /nowhere/x.crt cannot be read: No such file or directory"));
    CHECK_STR_CONTAINS(e, STR("Give the path"));
    c = good;
    c.key = str_c(test_dir());
    CHECK_STR_CONTAINS(refusal((TlsServerOptions){ .certificate = c }), STR("is no file"));
    c.key = str_c(test_file("junk", STR("junk")));
    e = refusal((TlsServerOptions){ .certificate = c });
    CHECK_STR_CONTAINS(e, STR("junk cannot be used"));
    CHECK_STR_CONTAINS(e, STR("private key in PEM"));
    c = good;
    c.certificate = str_c(test_file("junk", STR("junk")));
    CHECK_STR_CONTAINS(refusal((TlsServerOptions){ .certificate = c }), STR("junk cannot be used: no start line"));
    c = good;
    c.key = pair(b).key;
    e = refusal((TlsServerOptions){ .certificate = c });
    CHECK_STR_CONTAINS(e, STR("b.key does not belong to the certificate"));
    c = good;
    c.ocsp = str_c(test_file("junk", STR("junk")));
    CHECK_STR_CONTAINS(refusal((TlsServerOptions){ .certificate = c }), STR("OCSP file"));
    c = good;
    c.certificate = str_from("a\0b", 3);
    CHECK_STR_CONTAINS(refusal((TlsServerOptions){ .certificate = c }), STR("NUL"));
}

TEST(tls, a_key_with_a_passphrase_is_refused_without_asking)
{
    const char *a = certificate_make("a", &(CertificateOptions){ .names = LOCAL });
    EVP_PKEY *key = EVP_EC_gen("P-256");
    const char *path = test_file("locked.key", STR(""));
    FILE *f = fopen(path, "w");
    REQUIRE(f && PEM_write_PrivateKey(f, key, EVP_aes_256_cbc(), (const unsigned char *)"secret", 6, NULL, NULL) == 1);
    fclose(f);
    EVP_PKEY_free(key);
    TlsCertificate c = pair(a);
    c.key = str_c(path);
    CHECK_STR_CONTAINS(refusal((TlsServerOptions){ .certificate = c }), STR("locked by a passphrase"));
}

TEST(tls, options_that_cannot_be_are_refused)
{
    const char *a = certificate_make("a", &(CertificateOptions){ .names = LOCAL });
    TlsCertificate good = pair(a), names[2] = { good, good };
    CHECK_STR_CONTAINS(refusal((TlsServerOptions){ .certificate = good, .min_version = STR("1.1") }),
                       STR("Say 1.2 or 1.3"));
    CHECK_STR(refusal((TlsServerOptions){ .certificate = good, .min_version = STR("1.2") }), STR(""));
    CHECK_STR_CONTAINS(refusal((TlsServerOptions){ .certificate = good, .ciphers = STR("NOPE") }),
                       STR("openssl ciphers"));
    CHECK_STR_CONTAINS(refusal((TlsServerOptions){ .certificate = good, .ticket_secret = STR("short") }),
                       STR("5 bytes"));
    CHECK_STR_CONTAINS(
        refusal((TlsServerOptions){ .certificate = good, .protocols = &(Str){ "", 0 }, .nprotocols = 1 }),
        STR("1 to 255"));
    names[0].name = STR("*.a.*");
    CHECK_STR_CONTAINS(refusal((TlsServerOptions){ .certificate = good, .names = names, .nnames = 1 }), STR("no name"));
    names[0].name = STR("localhost");
    names[1].name = STR("LOCALHOST");
    CHECK_STR_CONTAINS(refusal((TlsServerOptions){ .certificate = good, .names = names, .nnames = 2 }),
                       STR("two certificates"));
    TlsFindings f = { .arena = test_arena() };
    CHECK_NULL(tls_client_context(&(TlsClientOptions){ .ca_file = STR("/nowhere") }, &f));
    CHECK_STR_CONTAINS(f.error, STR("/nowhere cannot be read"));
}

TEST(tls, what_is_only_odd_is_a_warning)
{
    const char *a = certificate_make("a", &(CertificateOptions){ .names = LOCAL });
    const char *old = certificate_make("old", &(CertificateOptions){ .names = LOCAL, .from = -7200, .until = -3600 });
    const char *early = certificate_make("early", &(CertificateOptions){ .names = LOCAL, .from = 3600, .until = 7200 });
    TlsCertificate names[3] = { pair(old), pair(early), pair(a) };
    names[0].name = STR("localhost");
    names[1].name = STR("*.example.org");
    names[2].name = STR("example.com");
    TlsServerOptions o = { .certificate = pair(a), .names = names, .nnames = 3 };
    REQUIRE(chmod(o.certificate.key.p, 0640) == 0);
    TlsFindings f = { .arena = test_arena() };
    tls_context_release(tls_server_context(&o, &f));
    REQUIRE(f.nwarnings == 3);
    CHECK_STR_CONTAINS(f.warnings[0], STR("old.crt has expired"));
    CHECK_STR_CONTAINS(f.warnings[1], STR("early.crt is not valid yet"));
    CHECK_STR_CONTAINS(f.warnings[2], STR("a.crt is not for the name example.com"));
    REQUIRE(chmod(o.certificate.key.p, 0644) == 0);
    f.nwarnings = 0;
    o.nnames = 0;
    tls_context_release(tls_server_context(&o, &f));
    REQUIRE(f.nwarnings == 1);
    CHECK_STR_CONTAINS(f.warnings[0],
                       STR("a.key can be read by every user of this machine (mode 0644). Run: chmod 600"));
}

/* ---- streams ---- */

typedef struct Side {
    TlsContext *cx;
    IoStream carrier;
    TlsStream tls;
    char plain_room[256], room[8192];
    const char *host;
    void (*talk)(struct Side *s);
    int64_t deadline;
    int result, seen;
    const char *reason;
    bool serves;
} Side;

static void run_side(void *arg)
{
    Side *s = arg;
    Io *io = &s->carrier.io;
    s->result = s->serves ? tlsstream_accept(&s->tls, io, s->cx, s->room, sizeof s->room, s->deadline)
                          : tlsstream_connect(&s->tls, io, s->cx, str_c(s->host), s->room, sizeof s->room, s->deadline);
    s->reason = str_dup_c(test_arena(), str_c(s->tls.reason));
    if (s->result == 0) {
        s->tls.stream.deadline_ns = loop_clock() + 8000000000;
        if (s->talk)
            s->talk(s);
        stream_close(&s->tls.stream);
    }
}

static void run_sides(Side *c, Side *s)
{
    int fds[2];
    Side *sides[2] = { c, s };
    Loop *loop = loop_create(test_arena());
    REQUIRE(loop || fault_fired());
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    s->serves = true;
    for (int i = 0; i < 2; i++) {
        iostream_init(&sides[i]->carrier, sides[i]->plain_room, sizeof sides[i]->plain_room);
        io_init(&sides[i]->carrier.io, fds[i]);
        if (!sides[i]->deadline)
            sides[i]->deadline = loop_clock() + 8000000000;
        sides[i]->result = -ENOMEM;
        sides[i]->reason = "";
        if (!loop || !fiber_spawn(loop, run_side, sides[i])) {
            CHECK(fault_fired());
            io_close(&sides[i]->carrier.io);
        }
    }
    if (loop)
        CHECK_EQ(loop_run(loop), 0);
    loop_destroy(loop);
    tls_context_release(c->cx);
    tls_context_release(s->cx);
}

enum { MANY = 1500000 };

static void send_many(Side *s)
{
    char piece[10007];
    for (size_t at = 0, n; at < MANY; at += n) {
        n = MANY - at < sizeof piece ? MANY - at : sizeof piece;
        for (size_t i = 0; i < n; i++)
            piece[i] = (char)((at + i) * 7 % 251);
        if (stream_write(&s->tls.stream, piece, n) < 0)
            return;
    }
    s->seen = stream_shutdown(&s->tls.stream);
}

static void receive_many(Side *s)
{
    char piece[5003];
    ssize_t n;
    size_t at = 0;
    while ((n = stream_read(&s->tls.stream, piece, sizeof piece)) > 0)
        for (ssize_t i = 0; i < n; i++, at++)
            if (piece[i] != (char)(at * 7 % 251)) {
                s->seen = -1;
                return;
            }
    s->seen = n == 0 ? (int)at : (int)n;
}

static void client_talks(Side *s)
{
    CHECK_STR(tls_protocol(s->tls.tls), STR("two"));
    CHECK_STR(tls_version(s->tls.tls), STR("TLSv1.3"));
    CHECK(tls_cipher(s->tls.tls).n > 0 && tls_established(s->tls.tls));
    send_many(s);
    CHECK_EQ(s->seen, 0);
    receive_many(s);
    CHECK_EQ(s->seen, MANY);
}

static void server_talks(Side *s)
{
    CHECK_STR(tls_server_name(s->tls.tls), STR("localhost"));
    receive_many(s);
    CHECK_EQ(s->seen, MANY);
    send_many(s);
    CHECK_EQ(s->seen, 0);
}

TEST(tls, streams_carry_large_texts_both_ways_and_end_properly)
{
    const char *a = certificate_make("a", &(CertificateOptions){ .names = LOCAL });
    Str ours[] = { STR("one"), STR("two") }, theirs[] = { STR("three"), STR("two") };
    Side c = { .cx =
                   client((TlsClientOptions){ .ca_file = certificate_authority(), .protocols = ours, .nprotocols = 2 }),
               .host = "localhost",
               .talk = client_talks };
    Side s = { .cx = server((TlsServerOptions){ .certificate = pair(a), .protocols = theirs, .nprotocols = 2 }),
               .talk = server_talks };
    run_sides(&c, &s);
    CHECK_EQ(c.result, 0);
    CHECK_EQ(s.result, 0);
    CHECK(fiber_stack_watermark() < 56 * 1024);
}

static const char *verdict(TlsClientOptions o, const char *host, const char *base, int *result)
{
    Side c = { .cx = client(o), .host = host };
    Side s = { .cx = server((TlsServerOptions){ .certificate = pair(base) }) };
    run_sides(&c, &s);
    *result = c.result;
    /* The server of TLS 1.3 ends its handshake first, unless an alert comes. */
    CHECK(c.result == 0 || s.result == -EPROTO);
    return c.reason;
}

TEST(tls, a_client_takes_only_the_certificate_of_the_host)
{
    const char *good = certificate_make("good", &(CertificateOptions){ .names = LOCAL });
    const char *strange = certificate_make("strange", &(CertificateOptions){ .names = LOCAL, .strange = true });
    const char *old = certificate_make("old", &(CertificateOptions){ .names = LOCAL, .from = -7200, .until = -3600 });
    TlsClientOptions o = { .ca_file = certificate_authority() };
    const struct {
        const char *host, *base;
        int result;
        const char *reason;
    } table[] = {
        { "localhost", good, 0, "" },
        { "www.example.org", good, 0, "" },
        { "127.0.0.1", good, 0, "" },
        { "127.0.0.2", good, -EPROTO, "IP address mismatch" },
        { "example.org", good, -EPROTO, "hostname mismatch" },
        { "a.b.example.org", good, -EPROTO, "hostname mismatch" },
        { "localhost", strange, -EPROTO, "self-signed certificate" },
        { "localhost", old, -EPROTO, "certificate has expired" },
    };
    EACH_ROW (row, table) {
        int result;
        CHECK_STR(str_c(verdict(o, row->host, row->base, &result)), str_c(row->reason));
        CHECK_EQ(result, row->result);
    }
    int result;
    (void)verdict((TlsClientOptions){ .insecure = true }, "example.net", strange, &result);
    CHECK_EQ(result, 0);
    /* The system's store knows nothing of the test's authority. */
    CHECK(strlen(verdict((TlsClientOptions){ 0 }, "localhost", good, &result)) > 0);
    CHECK_EQ(result, -EPROTO);
}

TEST(tls, versions_and_protocols_without_a_common_one_fail)
{
    const char *a = certificate_make("a", &(CertificateOptions){ .names = LOCAL });
    Str h2 = STR("h2");
    Side c = { .cx = client((TlsClientOptions){ .insecure = true, .protocols = &h2, .nprotocols = 1 }),
               .host = "localhost" };
    Side s = { .cx = server((TlsServerOptions){ .certificate = pair(a) }) };
    run_sides(&c, &s);
    CHECK_EQ(c.result, -EPROTO);
    CHECK_STR_CONTAINS(str_c(c.reason), STR("no application protocol"));
    CHECK_EQ(s.result, -EPROTO);
}

/* Cuts the socket, without ending TLS. */
static void cut(Side *s) { (void)io_shutdown(s->tls.io, SHUT_RDWR); }

static void expect_cut(Side *s)
{
    char p[8];
    s->seen = (int)stream_read(&s->tls.stream, p, sizeof p);
    CHECK_STR(str_c(s->tls.reason), STR("the peer closed the connection without ending TLS"));
}

TEST(tls, a_cut_stream_is_not_an_end)
{
    const char *a = certificate_make("a", &(CertificateOptions){ .names = LOCAL });
    Side c = { .cx = client((TlsClientOptions){ .insecure = true }), .host = "localhost", .talk = expect_cut };
    Side s = { .cx = server((TlsServerOptions){ .certificate = pair(a) }), .talk = cut };
    run_sides(&c, &s);
    CHECK_EQ(c.seen, -ECONNRESET);
}

static void silent(void *arg)
{
    Io *io = arg;
    CHECK(io_wait(io, EPOLLIN, 0) > 0);
    fiber_sleep(200000000);
    io_close(io);
}

TEST(tls, a_handshake_ends_at_its_deadline)
{
    int fds[2];
    Side c = { .cx = client((TlsClientOptions){ .insecure = true }), .host = "localhost" };
    Io peer;
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    Loop *loop = loop_create(test_arena());
    io_init(&peer, fds[1]);
    iostream_init(&c.carrier, c.plain_room, sizeof c.plain_room);
    io_init(&c.carrier.io, fds[0]);
    c.deadline = loop_clock() + 50000000;
    REQUIRE(fiber_spawn(loop, silent, &peer) && fiber_spawn(loop, run_side, &c));
    CHECK_EQ(loop_run(loop), 0);
    loop_destroy(loop);
    CHECK_EQ(c.result, -ETIMEDOUT);
    tls_context_release(c.cx);
}

/* ---- refusals ---- */

static void *refusing_malloc(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return fault_fails(FAULT_LIBRARY) ? NULL : malloc(n);
}
static void *refusing_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return fault_fails(FAULT_LIBRARY) ? NULL : realloc(p, n);
}
static void plain_free(void *p, const char *file, int line)
{
    (void)file, (void)line;
    free(p);
}

static int say(Side *s, const char *five)
{
    int error = stream_write(&s->tls.stream, five, 5);
    return error ? error : stream_flush(&s->tls.stream);
}

static void says_hello(Side *s)
{
    char p[16] = "";
    ssize_t n = 0, got = 1;
    if (!s->serves)
        s->seen = say(s, "hello");
    while (n < 5 && got > 0 && s->seen == 0)
        n += got = stream_read(&s->tls.stream, p + n, (size_t)(5 - n));
    if (s->serves && n == 5)
        s->seen = say(s, p);
    if (n == 5 && s->seen == 0 && memcmp(p, "hello", 5) == 0)
        s->seen = (int)n;
}

/* Two contexts, a handshake, five bytes there and back. True when all of it came through; what did not has said why. */
static bool hello_round(const char *base)
{
    TlsFindings f = { .arena = test_arena() };
    Side c = { .host = "localhost", .talk = says_hello }, s = { .talk = says_hello };
    c.cx = tls_client_context(&(TlsClientOptions){ .ca_file = certificate_authority() }, &f);
    CHECK(c.cx || f.error.n);
    f.error = STR("");
    s.cx = tls_server_context(&(TlsServerOptions){ .certificate = pair(base) }, &f);
    CHECK(s.cx || f.error.n);
    if (!c.cx || !s.cx) {
        tls_context_release(c.cx);
        tls_context_release(s.cx);
        return false;
    }
    run_sides(&c, &s);
    Side *const sides[] = { &c, &s };
    EACH_ROW (side, sides) {
        CHECK((*side)->result <= 0);
        CHECK((*side)->result != -EPROTO || strlen((*side)->reason) > 0); /* any other errno speaks for itself */
    }
    return c.result == 0 && s.result == 0 && c.seen == 5 && s.seen == 5;
}

/*
 * The system's calls one by one; of OpenSSL's thousands of allocations every one at first, then at growing distances,
 * so that each part of a handshake has its turn.
 */
static int refuse_each(FaultKind kind, const char *base, bool sparsely)
{
    int rounds = 0;
    uint64_t n = 1;
    for (bool fired = true; fired; rounds++, n += sparsely ? 1 + n / 24 : 1) {
        REQUIRE(rounds < 2000);
        fault_arm(kind, n);
        bool ok = hello_round(base);
        fired = fault_fired();
        fault_arm(0, 0);
        CHECK(ok || fired);
    }
    return rounds;
}

TEST(tls, each_refused_call_is_an_outcome, .seconds = 60)
{
    const char *a = certificate_make("a", &(CertificateOptions){ .names = LOCAL });
    CHECK(refuse_each(FAULT_SYSTEM, a, false) > (CLEF_FAULTS ? 8 : 0));
}

TEST(tls, each_refused_allocation_of_the_library_is_an_outcome, .seconds = 120)
{
    if (CRYPTO_set_mem_functions(refusing_malloc, refusing_realloc, plain_free) != 1)
        test_skip("OpenSSL has allocated something before the test");
    const char *a = certificate_make("a", &(CertificateOptions){ .names = LOCAL });
    CHECK(hello_round(a));
    CHECK(refuse_each(FAULT_LIBRARY, a, true) > (CLEF_FAULTS ? 50 : 0));
}
