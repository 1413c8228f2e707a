#include <clef/conf.h>
#include <clef/test.h>

static Str lookup(void *arg, Str name) { return str_eq(name, STR("OUTSIDE")) ? str_c(arg) : (Str){ 0 }; }

static Dotenv parsed(const char *text, uint32_t *bad)
{
    Dotenv d;
    CHECK(dotenv_parse(test_arena(), str_c(text), lookup, "env", &d, bad));
    return d;
}
#define CHECK_ENV(text, expected)                            \
    do {                                                     \
        uint32_t bad_;                                       \
        Dotenv d_ = parsed(text, &bad_);                     \
        CHECK_EQ(bad_, 0);                                   \
        CHECK_STR(dotenv_get(&d_, STR("A")), STR(expected)); \
    } while (0)

TEST(dotenv, values_are_python_dotenvs)
{
    CHECK_ENV("A=b", "b");
    CHECK_ENV("A=", "");
    CHECK_ENV("  A  =  b c  ", "b c");
    CHECK_ENV("export A=b", "b");
    CHECK_ENV("A=b # comment", "b");
    CHECK_ENV("A=b#no comment", "b#no comment");
    CHECK_ENV("A='b # c'", "b # c");
    CHECK_ENV("A='b\\'c\\\\d\\n'", "b'c\\d\\n");
    CHECK_ENV("A=\"b\\n\\t\\\"c\\q\"", "b\n\t\"c\\q");
    CHECK_ENV("A=\"two\nlines\"\nB=1", "two\nlines");
    CHECK_ENV("'A'=b", "b");
    CHECK_ENV("A=1\r\nA=2\r\n", "2");
    CHECK_ENV("\xef\xbb\xbf"
              "A=b",
              "b");
    CHECK_ENV("# c\n\n\nA=b=c", "b=c");
    CHECK_ENV("B=x\nA=${B}${OUTSIDE}${NONE:-dflt}${NONE}${B", "xenvdflt${B");
    CHECK_ENV("OUTSIDE=file\nA=${OUTSIDE}", "env");
}

TEST(dotenv, lines_that_are_not_understood_are_named_and_skipped)
{
    uint32_t bad;
    Dotenv d = parsed("A=1\nB='open\nC=3\n=x\n", &bad);
    CHECK_EQ(bad, 2);
    CHECK_STR(dotenv_get(&d, STR("A")), STR("1"));
    CHECK_STR(dotenv_get(&d, STR("C")), STR("3"));
    d = parsed("A\nB=2", &bad);
    CHECK_EQ(bad, 0);
    CHECK(str_is_null(dotenv_get(&d, STR("A"))));
    CHECK_EQ(d.p[1].line, 2);
}

TEST(dotenv, limits)
{
    Buf b = BUF_INIT(test_arena(), 1 << 22);
    for (unsigned i = 0; i + 1 < DOTENV_MAX_ENTRIES; i++)
        BUF_LIT(&b, "A=1\n");
    Dotenv d;
    uint32_t bad;
    CHECK(dotenv_parse(test_arena(), buf_view(&b), NULL, NULL, &d, &bad));
    BUF_LIT(&b, "A=1\nA=1\n");
    CHECK(!dotenv_parse(test_arena(), buf_view(&b), NULL, NULL, &d, &bad));
    buf_clear(&b);
    buf_fill(&b, '#', DOTENV_MAX_BYTES);
    CHECK(dotenv_parse(test_arena(), buf_view(&b), NULL, NULL, &d, &bad));
    buf_byte(&b, '#');
    CHECK(!dotenv_parse(test_arena(), buf_view(&b), NULL, NULL, &d, &bad));
}

static DatabaseSettings database(const char *url)
{
    DatabaseSettings d = { 0 };
    Str error = STR("");
    CHECK(database_url_parse(test_arena(), str_c(url), &d, &error));
    CHECK_STR(error, STR(""));
    return d;
}
static Str database_error(const char *url)
{
    DatabaseSettings d;
    Str error = STR("");
    CHECK(!database_url_parse(test_arena(), str_c(url), &d, &error));
    return error;
}

TEST(service_url, databases)
{
    DatabaseSettings d =
        database("postgres://me:p%40s%2Fs@db.example:5433/site?conn_max_age=60&sslmode=require&ATOMIC_REQUESTS=true");
    CHECK_STR(d.engine, STR("postgresql"));
    CHECK_STR(d.user, STR("me"));
    CHECK_STR(d.password, STR("p@s/s"));
    CHECK_STR(d.host, STR("db.example"));
    CHECK_STR(d.port, STR("5433"));
    CHECK_STR(d.name, STR("site"));
    CHECK_EQ(d.conn_max_age, 60);
    CHECK(d.atomic_requests);
    REQUIRE(d.noptions == 1);
    CHECK_STR(d.options[0].name, STR("sslmode"));
    d = database("postgresql:////var/run/postgresql/site");
    CHECK_STR(d.host, STR("/var/run/postgresql"));
    CHECK_STR(d.name, STR("site"));
    d = database("postgres://%2Fvar%2Frun/site?conn_max_age=None");
    CHECK_STR(d.host, STR("/var/run"));
    CHECK_EQ(d.conn_max_age, -1);
    CHECK_STR(database("sqlite:///rel/site.db").name, STR("rel/site.db"));
    CHECK_STR(database("sqlite:////abs/site.db").name, STR("/abs/site.db"));
    CHECK_STR(database("sqlite://:memory:").name, STR(":memory:"));
    CHECK_STR(database("sqlite://").name, STR(":memory:"));
    CHECK_STR(database("mariadb://h/n").engine, STR("mariadb"));
    CHECK(str_contains(database_error("oracle://u:hush@h/n"), STR("must begin with one of postgres://")));
    CHECK(str_contains(database_error("postgres://u:hu/sh@h/n"), STR("%2F")));
    CHECK(str_contains(database_error("postgres://h"), STR("names no database")));
    CHECK(str_contains(database_error("postgres://h/n?conn_max_age=x"), STR("must be an integer")));
    CHECK(!str_contains(database_error("postgres://u:hush:sh@h:x/n"), STR("hush")));
}

TEST(service_url, caches_and_mail)
{
    CacheSettings c;
    Str error;
    REQUIRE(cache_url_parse(test_arena(), STR("rediss://:pw@h:6379/2?timeout=60&key_prefix=p&x=1"), &c, &error));
    CHECK_STR(c.backend, STR("redis"));
    CHECK_STR(c.location, STR("rediss://:pw@h:6379/2"));
    CHECK_EQ(c.timeout, 60);
    CHECK_STR(c.key_prefix, STR("p"));
    CHECK_EQ(c.noptions, 1);
    REQUIRE(cache_url_parse(test_arena(), STR("filecache:///var/cache?timeout=none"), &c, &error));
    CHECK_STR(c.location, STR("/var/cache"));
    CHECK_EQ(c.timeout, -1);
    REQUIRE(cache_url_parse(test_arena(), STR("locmemcache://name"), &c, &error));
    CHECK_STR(c.location, STR("name"));
    CHECK(!cache_url_parse(test_arena(), STR("name"), &c, &error));
    Settings s;
    settings_init(&s, test_arena());
    REQUIRE(email_url_parse(&s, STR("smtp+tls://me%40x.org:pw@mail.example"), &error));
    CHECK_STR(s.email_host, STR("mail.example"));
    CHECK_STR(s.email_host_user, STR("me@x.org"));
    CHECK_EQ(s.email_port, 587);
    CHECK(s.email_use_tls && !s.email_use_ssl);
    REQUIRE(email_url_parse(&s, STR("consolemail://"), &error));
    CHECK_STR(s.email_backend, STR("django.core.mail.backends.console.EmailBackend"));
}
