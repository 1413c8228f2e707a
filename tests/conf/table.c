#include <clef/conf.h>
#include <clef/test.h>

#include <fcntl.h>
#include <unistd.h>

static Settings *fresh(void)
{
    Settings *s = NEW(test_arena(), Settings);
    settings_init(s, test_arena());
    return s;
}

TEST(conf, defaults_are_djangos)
{
    Settings *s = fresh();
    CHECK(!s->debug);
    CHECK(s->append_slash);
    CHECK(s->use_tz);
    CHECK_STR(s->language_code, STR("en-us"));
    CHECK_STR(s->time_zone, STR("America/Chicago"));
    CHECK_STR(s->x_frame_options, STR("DENY"));
    CHECK_STR(s->session_cookie_samesite, STR("Lax"));
    CHECK_EQ(s->session_cookie_age, 1209600);
    CHECK_EQ(s->data_upload_max_memory_size, 2621440);
    CHECK_EQ(s->file_upload_permissions, 0644);
    CHECK_EQ(s->languages.n, 100);
    CHECK_EQ(s->allowed_hosts.n, 0);
    CHECK_STR(s->listen.p[0], STR("127.0.0.1:8000"));
    CHECK(s->base_dir.n > 0);
}

TEST(conf, each_setting_stands_once_and_takes_its_default)
{
    size_t n;
    const Setting *rows = settings_table(&n);
    CHECK(n > 100);
    for (size_t i = 0; i < n; i++) {
        CHECK(rows[i].help && rows[i].help[0]);
        for (size_t k = 0; k < i; k++) {
            CHECK(strcmp(rows[i].name, rows[k].name) != 0);
            CHECK(rows[i].offset != rows[k].offset);
        }
    }
    CHECK(setting_find(STR("DEBUG")) != NULL);
    CHECK(setting_find(STR("NOTHING")) == NULL);
}

TEST(conf, a_text_must_be_of_the_type)
{
    Settings *s = fresh();
    CHECK(setting_set(s, setting_find(STR("DEBUG")), STR("Yes")));
    CHECK(s->debug);
    CHECK(!setting_set(s, setting_find(STR("DEBUG")), STR("maybe")));
    CHECK(s->debug);
    CHECK(!setting_set(s, setting_find(STR("WORKERS")), STR("four")));
    CHECK(setting_set(s, setting_find(STR("LISTEN_UNIX_MODE")), STR("0o660")));
    CHECK_EQ(s->listen_unix_mode, 0660);
    static const char *const not_octal[] = { "0o", "0o8", "0o-1", "0o000000000000000000001" };
    EACH_ROW (text, not_octal)
        CHECK(!setting_set(s, setting_find(STR("LISTEN_UNIX_MODE")), str_c(*text)));
    CHECK(setting_set(s, setting_find(STR("ALLOWED_HOSTS")), STR(" a.org, ,b.org")));
    CHECK_EQ(s->allowed_hosts.n, 2);
    CHECK_STR(s->allowed_hosts.p[1], STR("b.org"));
    CHECK(setting_set(s, setting_find(STR("SECURE_PROXY_SSL_HEADER")), STR("HTTP_X_FORWARDED_PROTO,https")));
    CHECK_STR(s->secure_proxy_ssl_header.value, STR("https"));
    CHECK(!setting_set(s, setting_find(STR("SECURE_PROXY_SSL_HEADER")), STR("only-one")));
    CHECK(!setting_set(s, setting_find(STR("ROOT_URLCONF")), STR("x")));
}

/* A row of docs/settings.md. */
static Str row_of(const Setting *setting)
{
    enum { LONG = 60 };
    Str fallback = setting->fallback ? str_c(setting->fallback) : STR("");
    Str shown = fallback.n > LONG ? STR("many")
                : fallback.n      ? str_format(test_arena(), "`%.*s`", STR_FMT(fallback))
                                  : STR("");
    return str_format(test_arena(), "\n| `%s`%s | %.*s | %s |\n", setting->name,
                      setting->flags & SETTING_CLEF ? " +" : "", STR_FMT(shown), setting->help);
}

TEST(conf, each_setting_stands_in_the_documentation)
{
    int fd = open(CLEF_TESTS "/../docs/settings.md", O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    enum { MOST = 1 << 20 };
    char *text = arena_alloc(test_arena(), MOST);
    ssize_t got = read(fd, text, MOST);
    close(fd);
    REQUIRE(got > 0);
    Str all = { text, (size_t)got };
    size_t n;
    const Setting *rows = settings_table(&n);
    for (size_t i = 0; i < n; i++) {
        Str row = row_of(&rows[i]);
        CHECK_STR(str_contains(all, row) ? row : STR("no such line in docs/settings.md"), row);
    }
}

TEST(conf, secrets_are_never_printed)
{
    Settings *s = fresh();
    DatabaseOption option = { STR("sslpassword"), STR("hush1") };
    DatabaseSettings db = { .alias = STR("default"),
                            .engine = STR("postgresql"),
                            .name = STR("site"),
                            .password = STR("hush2"),
                            .options = &option,
                            .noptions = 1 };
    CacheSettings cache = { .alias = STR("default"),
                            .backend = STR("redis"),
                            .location = STR("redis://me:hush3@h:6379/1") };
    s->secret_key = STR("hush4");
    s->secret_key_fallbacks = STRS("hush5", "hush6");
    s->email_host_password = STR("hush7");
    s->databases = &db;
    s->ndatabases = 1;
    s->caches = &cache;
    s->ncaches = 1;
    s->debug = true;
    for (int all = 0; all < 2; all++) {
        Buf out = BUF_INIT(test_arena(), 1 << 20);
        settings_print(s, &out, all);
        CHECK(!str_contains(buf_view(&out), STR("hush")));
        CHECK(str_contains(buf_view(&out), STR("DEBUG = True\n")));
        CHECK(str_contains(buf_view(&out), STR("SECRET_KEY = '********************'\n")));
        CHECK(str_contains(buf_view(&out), STR("redis://me:****@h:6379/1")));
        CHECK(str_contains(buf_view(&out), STR("### APPEND_SLASH = True\n")) == all);
    }
}
