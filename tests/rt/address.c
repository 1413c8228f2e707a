#include <clef/rt.h>
#include <clef/test.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static Str text_of(const Address *a)
{
    Buf b = BUF_INIT(test_arena(), ADDRESS_TEXT_MAX);
    CHECK(address_format(&b, a));
    return buf_view(&b);
}

TEST(address, texts_are_read_and_written)
{
    static const struct {
        const char *text, *again, *host;
        int port;
    } good[] = {
        { "127.0.0.1:8000", NULL, "127.0.0.1", 8000 },
        { ":8000", "0.0.0.0:8000", "0.0.0.0", 8000 },
        { "[::1]:80", NULL, "::1", 80 },
        { "[::]:0", NULL, "::", 0 },
        { "[::ffff:10.0.0.1]:65535", NULL, "10.0.0.1", 65535 },
        { "[2001:DB8:0:0:0:0:0:1]:00443", "[2001:db8::1]:443", "2001:db8::1", 443 },
        { "[fe80::1%lo]:1", NULL, "fe80::1%lo", 1 },
        { "unix:/run/site.sock", NULL, "", 0 },
        { "unix:relative", NULL, "", 0 },
        { "unix:@clef-test", NULL, "", 0 },
    };
    for (size_t i = 0; i < CLEF_COUNT(good); i++) {
        Address a, b;
        if (!test_check(address_parse(str_c(good[i].text), &a), __FILE__, __LINE__, good[i].text))
            continue;
        CHECK_STR(text_of(&a), str_c(good[i].again ? good[i].again : good[i].text));
        Buf host = BUF_INIT(test_arena(), 100);
        CHECK(address_host(&host, &a));
        CHECK_STR(buf_view(&host), str_c(good[i].host));
        CHECK_EQ(address_port(&a), good[i].port);
        CHECK(address_parse(text_of(&a), &b) && address_eq(&a, &b));
        CHECK(i == 0 || (address_parse(STR("127.0.0.1:8001"), &b) && !address_eq(&a, &b)));
    }
    static const char *const bad[] = { "",
                                       "8000",
                                       "127.0.0.1",
                                       "127.0.0.1:",
                                       "127.0.0.1:65536",
                                       "127.0.0.1:+80",
                                       "127.0.0.1:800000",
                                       "127.0.0.1:8000 ",
                                       "127.1:80",
                                       "256.0.0.1:80",
                                       "localhost:80",
                                       "::1:80",
                                       "[::1:80",
                                       "[::1]80",
                                       "[]:80",
                                       "[127.0.0.1]:80",
                                       "[fe80::1%]:80",
                                       "[fe80::1%nosuchinterface0]:80",
                                       "[1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24]:80",
                                       "unix:" };
    for (size_t i = 0; i < CLEF_COUNT(bad); i++) {
        Address a = { .n = 99 };
        test_check(!address_parse(str_c(bad[i]), &a) && a.n == 99, __FILE__, __LINE__, bad[i]);
    }
    Address a;
    CHECK(!address_parse(STR("unix:/a\0b"), &a));
    CHECK(!address_parse(STR("127.0.0.1\0:80"), &a));
}

TEST(address, a_path_may_have_107_bytes)
{
    char text[5 + 108] = "unix:";
    memset(text + 5, 'p', 108);
    Address a;
    CHECK(!address_parse((Str){ text, 5 + 108 }, &a));
    REQUIRE(address_parse((Str){ text, 5 + 107 }, &a));
    CHECK_EQ(text_of(&a).n, 5 + 107);
    Address none = { 0 };
    CHECK_STR(text_of(&none), STR(""));
    CHECK(address_eq(&none, &none) && !address_eq(&none, &a));
}

TEST(address, two_listeners_share_a_port_unless_told_otherwise)
{
    Address a, bound;
    REQUIRE(address_parse(STR("127.0.0.1:0"), &a));
    int one = address_listen(&a, NULL);
    REQUIRE(one >= 0 && address_of_socket(one, &bound) == 0);
    CHECK(address_port(&bound) != 0);
    int two = address_listen(&bound, NULL);
    CHECK(two >= 0);
    CHECK_EQ(address_listen(&bound, &(ListenOptions){ .no_reuse_port = true }), -EADDRINUSE);
    CHECK_EQ(address_of_peer(one, &a), -ENOTCONN);
    CHECK_EQ(address_listen(&(Address){ 0 }, NULL), -EINVAL);
    close(one);
    close(two);
}

TEST(address, a_unix_socket_left_behind_is_replaced)
{
    char directory[] = "/tmp/clef-address-XXXXXX", path[64], text[80];
    REQUIRE(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/s", directory);
    snprintf(text, sizeof text, "unix:%s", path);
    Address a;
    REQUIRE(address_parse(str_c(text), &a));
    int one = address_listen(&a, &(ListenOptions){ .mode = 0600 });
    REQUIRE(one >= 0);
    struct stat s;
    CHECK(stat(path, &s) == 0 && (s.st_mode & 0777) == 0600);
    CHECK_EQ(address_listen(&a, NULL), -EADDRINUSE); /* somebody listens */
    close(one);
    one = address_listen(&a, NULL); /* nobody does any more */
    CHECK(one >= 0);
    close(one);
    unlink(path);
    FILE *f = fopen(path, "w");
    REQUIRE(f != NULL);
    fclose(f);
    CHECK_EQ(address_listen(&a, NULL), -EADDRINUSE); /* a plain file is not ours to remove */
    CHECK(stat(path, &s) == 0);
    unlink(path);
    rmdir(directory);
}

static void resolves(void *arg)
{
    (void)arg;
    Address found[4];
    CHECK_EQ(address_resolve(STR("127.0.0.2"), 7, found, 4), 1);
    CHECK_STR(text_of(&found[0]), STR("127.0.0.2:7"));
    CHECK_EQ(address_resolve(STR("::1"), 7, found, 4), 1);
    CHECK_STR(text_of(&found[0]), STR("[::1]:7"));
    int n = address_resolve(STR("localhost"), 80, found, 4);
    CHECK(n >= 1);
    CHECK(n < 1 || address_port(&found[0]) == 80);
    CHECK_EQ(address_resolve(STR(""), 80, found, 4), -EINVAL);
    CHECK_EQ(address_resolve(STR("a\0b"), 80, found, 4), -EINVAL);
    CHECK(address_resolve(STR("no such host"), 80, found, 4) < 0);
}

TEST(address, names_are_looked_up_while_the_fiber_waits, .seconds = 30)
{
    Loop *loop = loop_create(test_arena());
    fiber_start(loop, resolves, NULL);
    CHECK_EQ(loop_run(loop), 0);
    loop_destroy(loop);
}
