#include <clef/base/map.h>
#include <clef/conf.h>
#include <clef/test.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* A base directory of the test's own, with a .env of that text (NULL: none). */
static const char *base_with(const char *dotenv)
{
    static char dir[] = "/tmp/clef-conf-XXXXXX";
    REQUIRE(mkdtemp(dir) != NULL);
    setenv("CLEF_BASE_DIR", dir, 1);
    if (dotenv) {
        int fd = open(str_format(test_arena(), "%s/.env", dir).p, O_CREAT | O_WRONLY, 0600);
        REQUIRE(write(fd, dotenv, strlen(dotenv)) == (ssize_t)strlen(dotenv));
        close(fd);
    }
    return dir;
}

static void base(Settings *s)
{
    s->secret_key = env_required(s, "APP_KEY");
    s->allowed_hosts = env_list(s, "APP_HOSTS", STRS("localhost"));
    s->workers = env_int(s, "APP_WORKERS", 3);
    s->debug = env_bool(s, "APP_DEBUG", false);
    env_database(s, "default", "DATABASE_URL", STR("sqlite:///site.db"));
}
static void production(Settings *s)
{
    base(s);
    s->secure_ssl_redirect = true;
}
static const SettingsProfile profiles[] = { { "development", base }, { "production", production }, { 0 } };

static SettingsProblems load(Settings *s, const char *chosen)
{
    return settings_load(s, test_arena(), profiles, chosen);
}
static void check_problem(SettingsProblems p, const char *text)
{
    for (size_t i = 0; i < p.n; i++)
        if (str_eq(p.p[i].text, str_c(text)))
            return;
    for (size_t i = 0; i < p.n; i++)
        CHECK_STR(p.p[i].text, str_c(text));
    CHECK(p.n > 0);
}

TEST(conf, the_environment_goes_before_the_file_and_overrides_before_the_function)
{
    base_with("APP_KEY=from-file\nAPP_WORKERS=5\nAPP_HOSTS=a.org, b.org\n");
    setenv("APP_WORKERS", "7", 1);
    setenv("CLEF_LANGUAGE_CODE", "nl", 1);
    setenv("CLEF_TIME_ZONE", "UTC", 1);
    Settings s;
    SettingsProblems p = load(&s, NULL);
    CHECK_EQ(p.n, 0);
    CHECK_STR(s.profile, STR("development"));
    CHECK_STR(s.secret_key, STR("from-file"));
    CHECK_EQ(s.workers, 7);
    CHECK_EQ(s.allowed_hosts.n, 2);
    CHECK_STR(s.language_code, STR("nl"));
    CHECK(!s.secure_ssl_redirect);
    REQUIRE(s.ndatabases == 1);
    CHECK_STR(s.databases[0].name, STR("site.db"));
    setenv("CLEF_SETTINGS", "production", 1);
    CHECK_EQ(load(&s, NULL).n, 0);
    CHECK(s.secure_ssl_redirect);
    CHECK_EQ(load(&s, "development").n, 0);
    CHECK(!s.secure_ssl_redirect);
    check_problem(load(&s, "staging"),
                  "CLEF_SETTINGS: there are no settings called 'staging'; there are: development, production");
}

TEST(conf, all_problems_are_collected)
{
    base_with("not understood\n");
    setenv("APP_WORKERS", "many", 1);
    setenv("APP_DEBUG", "perhaps", 1);
    setenv("DATABASE_URL", "oracle://u:hush@h/n", 1);
    setenv("CLEF_SERVER_MAX_HEADERS", "0", 1);
    setenv("CLEF_X_FRAME_OPTIONS", "ALLOW", 1);
    setenv("CLEF_STATIC_URL", "static", 1);
    setenv("CLEF_TIME_ZONE", "Mars/Base", 1);
    setenv("CLEF_MIDDLEWARE_CLASSES", "x", 1);
    setenv("CLEF_EMAIL_PORT", "none", 1);
    setenv("CLEF_DATABASES", "x", 1);
    setenv("CLEF_TLS_KEY", "key.pem", 1);
    setenv("CLEF_SWAPPED_MODELS", "A_MODEL=a.B,shop.Customer,AUTH_USER_MODEL=shop.Customer", 1);
    Settings s;
    SettingsProblems p = load(&s, NULL);
    CHECK_EQ(p.n, 16);
    check_problem(
        p,
        "APP_KEY: the variable is not set: put APP_KEY=... into the environment or into .env, or its value into a file "
        "that APP_KEY_FILE names");
    check_problem(p, "APP_WORKERS: the variable must be an integer");
    check_problem(p, "SERVER_MAX_HEADERS: 0 is too small: at least 1");
    check_problem(p, "X_FRAME_OPTIONS: 'ALLOW' is none of its values: DENY|SAMEORIGIN");
    check_problem(p, "STATIC_URL: 'static' must end in a slash: 'static/'");
    check_problem(
        p, "CLEF_MIDDLEWARE_CLASSES: there is no setting MIDDLEWARE_CLASSES: it was replaced by MIDDLEWARE: list the "
           "middleware in Settings.middleware");
    check_problem(p, "CLEF_EMAIL_PORT: 'none' must be an integer");
    check_problem(p, "TLS_CERTIFICATE: certificate and key go together: set both or none");
    check_problem(p, "SWAPPED_MODELS: 'shop.Customer' is no pair: 'NAME=app.Model'");
    check_problem(p, "SWAPPED_MODELS: AUTH_USER_MODEL is a setting of its own: set that");
    for (size_t i = 0; i < p.n; i++)
        CHECK(!str_contains(p.p[i].text, STR("hush")));
}

TEST(conf, a_secret_may_come_from_a_file)
{
    const char *dir = base_with("X=1\n");
    Str path = str_format(test_arena(), "%s/key", dir);
    int fd = open(path.p, O_CREAT | O_WRONLY, 0600);
    REQUIRE(write(fd, "from a file\n", 12) == 12);
    close(fd);
    setenv("APP_KEY_FILE", path.p, 1);
    setenv("CLEF_TIME_ZONE", "UTC", 1);
    Settings s;
    CHECK_EQ(load(&s, NULL).n, 0);
    CHECK_STR(s.secret_key, STR("from a file"));
    setenv("APP_KEY_FILE", "/nonexistent/key", 1);
    SettingsProblems p = load(&s, NULL);
    CHECK(p.n >= 1);
    CHECK(str_contains(p.p[0].text, STR("/nonexistent/key")));
}

static void services(Settings *s)
{
    base(s);
    CHECK(!env_cache(s, "none", "APP_NO_CACHE", STR("")));
    CHECK(env_cache(s, "default", "APP_CACHE", STR("")));
    CHECK(env_cache(s, "sessions", "APP_NO_CACHE", STR("locmemcache://sessions")));
    CHECK(!env_cache(s, "bad", "APP_BAD_CACHE", STR("")));
    CHECK(env_email(s, "APP_MAIL", STR("")));
    CHECK(!env_email(s, "APP_NO_MAIL", STR("")));
    CHECK(!env_email(s, "APP_BAD_MAIL", STR("")));
}
static const SettingsProfile with_services[] = { { "development", services }, { 0 } };

TEST(conf, caches_and_mail_come_from_variables)
{
    base_with(
        "APP_KEY=x\nAPP_CACHE=redis://h:6379/2?timeout=60\nAPP_BAD_CACHE=nowhere\nAPP_MAIL=smtp+tls://u:pw@m.org\n"
        "APP_BAD_MAIL=pigeon://m.org\n");
    setenv("CLEF_TIME_ZONE", "UTC", 1);
    Settings s;
    SettingsProblems p = settings_load(&s, test_arena(), with_services, NULL);
    REQUIRE(s.ncaches == 2);
    CHECK_STR(s.caches[0].alias, STR("default"));
    CHECK_STR(s.caches[0].backend, STR("redis"));
    CHECK_EQ(s.caches[0].timeout, 60);
    CHECK_STR(s.caches[1].alias, STR("sessions"));
    CHECK_STR(s.caches[1].location, STR("sessions"));
    CHECK_STR(s.email_host, STR("m.org"));
    CHECK_EQ(s.email_port, 587);
    bool cache = false, mail = false;
    for (size_t i = 0; i < p.n; i++) {
        cache |= str_contains(p.p[i].text, STR("APP_BAD_CACHE"));
        mail |= str_contains(p.p[i].text, STR("APP_BAD_MAIL"));
        CHECK(!str_contains(p.p[i].text, STR("pw")));
    }
    CHECK(cache && mail);
}

static Str ids(const Settings *s, DeployFacts facts)
{
    const DeployFinding *f;
    size_t n = settings_check_deploy(s, facts, test_arena(), &f);
    Str out = STR("");
    for (size_t i = 0; i < n; i++) {
        CHECK(f[i].text.n > 20);
        CHECK_EQ(f[i].error, f[i].id[9] == 'E');
        out = str_format(test_arena(), "%.*s%s%s", STR_FMT(out), i ? " " : "", f[i].id + 9);
    }
    return out;
}

TEST(conf, check_deploy_finds_what_django_finds)
{
    Settings s;
    settings_init(&s, test_arena());
    s.debug = true;
    CHECK_STR(ids(&s, (DeployFacts){ 0 }), STR("W001 W002 W003 W009 W018 W020"));
    DeployFacts all = { .security = true, .clickjacking = true, .csrf = true, .sessions = true, .session_app = true };
    s.x_frame_options = STR("SAMEORIGIN");
    s.secure_content_type_nosniff = false;
    s.session_cookie_httponly = false;
    s.secure_referrer_policy = STR("");
    CHECK_STR(ids(&s, all), STR("W004 W006 W008 W012 W015 W016 W009 W018 W019 W020 W022"));
    s.secure_hsts_seconds = 60;
    s.secure_referrer_policy = STR("same-origin, nonsense");
    s.secure_cross_origin_opener_policy = STR("nonsense");
    s.secret_key_fallbacks = STRS("short");
    CHECK_STR(ids(&s, all), STR("W005 W006 W008 W021 W012 W015 W016 W009 W025 W018 W019 W020 E023 E024"));
    settings_init(&s, test_arena());
    s.secret_key = STR("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwx");
    s.allowed_hosts = STRS("example.com");
    s.secure_hsts_seconds = 60;
    s.secure_hsts_include_subdomains = s.secure_hsts_preload = s.secure_ssl_redirect = true;
    s.session_cookie_secure = s.csrf_cookie_secure = true;
    CHECK_STR(ids(&s, all), STR(""));
    s.secret_key = str_slice(s.secret_key, 0, 49);
    CHECK_STR(ids(&s, all), STR("W009"));
}

static Value limits;
static double ratio;
static void readers(Settings *s)
{
    base(s);
    ratio = env_double(s, "APP_RATIO", 0.5);
    limits = env_json(s, "APP_LIMITS");
}
static const SettingsProfile reading[] = { { "only", readers }, { 0 } };

TEST(conf, numbers_and_json_come_from_variables)
{
    base_with("APP_KEY=x\n");
    setenv("CLEF_TIME_ZONE", "UTC", 1);
    Settings s;
    CHECK_EQ(settings_load(&s, test_arena(), reading, NULL).n, 0);
    CHECK(ratio == 0.5);
    CHECK_EQ(limits.tag, VALUE_NULL);
    setenv("APP_RATIO", " 2.25 ", 1);
    setenv("APP_LIMITS", "{\"day\": [1, 2]}", 1);
    CHECK_EQ(settings_load(&s, test_arena(), reading, NULL).n, 0);
    CHECK(ratio == 2.25);
    REQUIRE(limits.tag == VALUE_MAP);
    CHECK_EQ(map_get(limits.map, STR("day"))->list->n, 2);
    setenv("APP_RATIO", "half", 1);
    setenv("APP_LIMITS", "{", 1);
    SettingsProblems p = settings_load(&s, test_arena(), reading, NULL);
    CHECK_EQ(p.n, 2);
    check_problem(p, "APP_RATIO: the variable must be a number");
    check_problem(p, "APP_LIMITS: the variable must be JSON: Expecting property name enclosed in double quotes: line 1 "
                     "column 2 (char 1)");
    CHECK(ratio == 0.5);
}

TEST(conf, misspelt_variables_are_found)
{
    base_with("APP_KEY=x\nCLEF_ALOWED_HOSTS=a.org\nCLEF_DEBUG=true\n");
    setenv("CLEF_TIME_ZONE", "UTC", 1);
    setenv("CLEF_WORKER", "2", 1);
    setenv("CLEF_SECRET_KEY_FILE", "/nowhere", 1);
    Settings s;
    (void)load(&s, NULL);
    StrList unknown = settings_unknown_variables(&s);
    bool worker = false, hosts = false;
    for (size_t i = 0; i < unknown.n; i++) {
        worker |= str_eq(unknown.p[i], STR("CLEF_WORKER"));
        hosts |= str_eq(unknown.p[i], STR("CLEF_ALOWED_HOSTS"));
        CHECK(!str_starts(unknown.p[i], STR("CLEF_SECRET")) && !str_eq(unknown.p[i], STR("CLEF_DEBUG")));
    }
    CHECK(worker && hosts);
}

TEST(conf, the_folder_of_uploads_must_be_there)
{
    base_with("APP_KEY=x\n");
    setenv("CLEF_TIME_ZONE", "UTC", 1);
    setenv("CLEF_FILE_UPLOAD_TEMP_DIR", "/nowhere/at/all", 1);
    Settings s;
    check_problem(load(&s, NULL), "FILE_UPLOAD_TEMP_DIR: '/nowhere/at/all' is no folder: make it, or name another one");
    setenv("CLEF_FILE_UPLOAD_TEMP_DIR", "/tmp", 1);
    CHECK_EQ(load(&s, NULL).n, 0);
}
