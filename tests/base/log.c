#include <clef/base.h>
#include <clef/test.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

/* A place for this test's files, removed at its end. */
static void remove_directory(void *arg)
{
    static const char *const names[] = { "log", "log.1", "socket" };
    for (size_t i = 0; i < CLEF_COUNT(names); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", (char *)arg, names[i]);
        unlink(path);
    }
    rmdir(arg);
}
static const char *place(const char *name)
{
    static char directory[64];
    if (!directory[0]) {
        strcpy(directory, "/tmp/clef-log-XXXXXX");
        REQUIRE(mkdtemp(directory) != NULL);
        arena_defer(test_arena(), remove_directory, directory);
    }
    return str_format(test_arena(), "%s/%s", directory, name).p;
}

static Str contents(const char *path)
{
    char *p = arena_alloc(test_arena(), 1 << 20);
    int fd = open(path, O_RDONLY);
    REQUIRE(fd >= 0);
    ssize_t n = read(fd, p, 1 << 20);
    close(fd);
    return (Str){ p, n > 0 ? (size_t)n : 0 };
}

/* The last line of the file, without the "\n" and the 24 bytes of the time. */
static Str last_line(const char *path, size_t time)
{
    Str s = contents(path);
    REQUIRE(s.n && s.p[s.n - 1] == '\n');
    s.n--;
    size_t at = str_rfind_byte(s, '\n');
    return str_from_byte(s, (at == STR_NPOS ? 0 : at + 1) + time);
}

/* The last bytes of a file that only grows, without the "\n". */
static Str contents_tail(const char *path)
{
    enum { TAIL = 256 };
    static char tail[TAIL];
    int fd = open(path, O_RDONLY);
    REQUIRE(fd >= 0);
    off_t size = lseek(fd, 0, SEEK_END);
    ssize_t n = pread(fd, tail, TAIL, size > TAIL ? size - TAIL : 0);
    close(fd);
    REQUIRE(n > 0 && tail[n - 1] == '\n');
    return (Str){ tail, (size_t)n - 1 };
}

static LogComponent *file_log(LogFormat format, const char **path)
{
    *path = place("log");
    Logger *l = logger_create(test_arena(), &(LoggerOptions){ .format = format, .path = *path });
    REQUIRE(l != NULL);
    return logger_component(l, STR("http.server"));
}

TEST(log, text_lines)
{
    const char *path;
    LogComponent *log = file_log(LOG_FORMAT_TEXT, &path);
    LOGGER_INFO(log, "started");
    CHECK_STR(last_line(path, 24), STR("INFO     http.server: started"));
    Decimal price = decimal_of(1250, -2);
    Uuid u = { { 1 } };
    LOGGER_WARNING(log, "request finished", "path", "/a", "status", 200, "seconds", 0.5, "ok", (bool)true, "price",
                   price, "id", u, "none", (OptInt){ 0 }, "two", "two words", "empty", "", "at", (DateTime){ 0 },
                   "took", DURATION_SECONDS(90), "big", UINT64_MAX, "raw", value_bytes(STR("\0\1")));
    CHECK_STR(last_line(path, 24),
              STR("WARNING  http.server: request finished path=/a status=200 seconds=0.5 ok=true price=12.50 "
                  "id=01000000-0000-0000-0000-000000000000 none=null two=\"two words\" empty=\"\" "
                  "at=1970-01-01T00:00:00+00:00 took=P0DT00H01M30S big=18446744073709551615 raw=<2 bytes>"));
    Str all = contents(path);
    CHECK_EQ(all.p[4], '-');
    CHECK_EQ(all.p[10], ' ');
    CHECK_EQ(all.p[19], '.');
    CHECK_EQ(all.p[23], ' ');
    struct stat st;
    CHECK(stat(path, &st) == 0 && (st.st_mode & 07137) == 0);
}

TEST(log, a_value_cannot_forge_a_line_or_a_field)
{
    const char *path;
    LogComponent *log = file_log(LOG_FORMAT_TEXT, &path);
    LOGGER_INFO(log, "login", "user", "bob\n2026-01-01 00:00:00.000 INFO admin: login", "x", "a=b", "q",
                "say \"hi\" \\", "bad", "\xff\xc3", "esc", "\033[31mred\177", "sep",
                "a\xe2\x80\xa8"
                "b\xc2\x85"
                "c\xe2\x80\xae"
                "d",
                "a b\n=", 1);
    CHECK_STR(last_line(path, 24),
              STR("INFO     http.server: login user=\"bob\\n2026-01-01 00:00:00.000 INFO admin: login\" x=\"a=b\" "
                  "q=\"say \\\"hi\\\" \\\\\" bad=\"\xef\xbf\xbd\xef\xbf\xbd\" esc=\"\\u001b[31mred\\u007f\" "
                  "sep=\"a\\u2028b\\u0085c\\u202ed\" a_b__=1"));
    LOGGER_INFO(log, "a\nb");
    CHECK_STR(last_line(path, 24), STR("INFO     http.server: a\\nb"));
}

TEST(log, json_lines)
{
    const char *path;
    LogComponent *log = file_log(LOG_FORMAT_JSON, &path);
    Arena *a = test_arena();
    List *list = list_new(a);
    Map *map = map_new(a);
    map_set(map, STR("k\"\n"), value_double(__builtin_nan("")));
    list_push(a, list, value_map(map));
    list_push(a, list, value_null());
    LOGGER_ERROR(log, "it \"broke\"\n", "path", "a\tb\xff", "n", -5, "list", list, "inf", __builtin_inf());
    CHECK_STR(last_line(path, 36), STR("\",\"level\":\"ERROR\",\"component\":\"http.server\",\"message\":\"it "
                                       "\\\"broke\\\"\\n\",\"path\":\"a\\tb\xef\xbf\xbd\","
                                       "\"n\":-5,\"list\":[{\"k\\\"\\n\":\"nan\"},null],\"inf\":\"inf\"}"));
    Value deep = value_int(1);
    for (unsigned i = 0; i <= LOG_DEPTH_MAX; i++) {
        List *outer = list_new(a);
        list_push(a, outer, deep);
        deep = value_list(outer);
    }
    LOGGER_ERROR(log, "deep", "v", deep);
    CHECK(str_ends(last_line(path, 0), STR("\"v\":[[[[[[[[\"...\"]]]]]]]]}")));
}

/* <syslog.h> is included above: both have their names. */
TEST(log, stands_beside_syslog)
{
    const char *path;
    LogComponent *log = file_log(LOG_FORMAT_TEXT, &path);
    LOGGER_WARNING(log, "both", "syslog", LOG_WARNING, "info", LOG_INFO, "debug", LOG_DEBUG);
    CHECK_STR(last_line(path, 24), STR("WARNING  http.server: both syslog=4 info=6 debug=7"));
}

TEST(log, secrets_are_not_shown)
{
    const char *path;
    LogComponent *log = file_log(LOG_FORMAT_TEXT, &path);
    LOGGER_INFO(log, "login", "password", SECRET("hunter2"), "pin", SECRET(1234));
    CHECK_STR(last_line(path, 24), STR("INFO     http.server: login password=******** pin=********"));
}

TEST(log, long_values_and_lines_are_cut_and_stay_whole)
{
    const char *path;
    LogComponent *log = file_log(LOG_FORMAT_JSON, &path);
    Buf b = BUF_INIT(test_arena(), 1 << 20);
    buf_fill(&b, 'x', LOG_VALUE_MAX);
    LOGGER_INFO(log, "m", "v", buf_view(&b));
    Str exact = last_line(path, 0);
    CHECK(str_ends(exact, STR("xxx\"}")));
    buf_byte(&b, 'x');
    LOGGER_INFO(log, "m", "v", buf_view(&b));
    CHECK(str_ends(last_line(path, 0), STR("xxx...\"}")));
    CHECK_EQ(last_line(path, 0).n, exact.n + 3);
    Str v = buf_view(&b);
    LOGGER_INFO(log, "m", "a", v, "b", v, "c", v, "d", v, "e", 1);
    Str line = last_line(path, 0);
    CHECK(str_ends(line, STR("xxx...\",\"truncated\":true}")));
    CHECK(!str_contains(line, STR("\"d\"")));
    CHECK(line.n < LOG_LINE_MAX);
    /* Each control character becomes six bytes. */
    Buf control = BUF_INIT(test_arena(), 1 << 20);
    buf_fill(&control, 1, 20000);
    LOGGER_INFO(log, control.p, "a", buf_view(&control), "b", buf_view(&control), "c", buf_view(&control), "d", 1);
    line = last_line(path, 0);
    CHECK(str_ends(line, STR("\"truncated\":true}")));
    CHECK(line.n < LOG_LINE_MAX);
}

TEST(log, levels_follow_the_longest_name)
{
    Logger *l = logger_create(test_arena(), &(LoggerOptions){ .path = place("log"), .level = LEVEL_WARNING });
    LogComponent *http = logger_component(l, STR("http")), *server = logger_component(l, STR("http.server")),
                 *other = logger_component(l, STR("httpx")), *root = logger_component(l, STR(""));
    CHECK(!log_enabled(http, LEVEL_INFO) && log_enabled(http, LEVEL_WARNING));
    logger_set_level(l, STR("http"), LEVEL_DEBUG);
    CHECK(log_enabled(http, LEVEL_DEBUG) && log_enabled(server, LEVEL_DEBUG));
    CHECK(!log_enabled(other, LEVEL_INFO) && !log_enabled(root, LEVEL_INFO));
    logger_set_level(l, STR("http.server"), LEVEL_OFF);
    CHECK(!log_enabled(server, LEVEL_CRITICAL) && log_enabled(http, LEVEL_DEBUG));
    logger_set_level(l, STR("http.server"), LEVEL_NOTSET);
    CHECK(log_enabled(server, LEVEL_DEBUG));
    logger_set_level(l, STR(""), LEVEL_ERROR);
    CHECK(!log_enabled(other, LEVEL_WARNING));
    CHECK_PTR(logger_component(l, STR("http")), http);
    CHECK(log_enabled(logger_component(l, STR("http.late")), LEVEL_DEBUG));
    CHECK(!log_enabled(NULL, LEVEL_CRITICAL));
    int evaluated = 0;
    LOGGER_INFO(root, "not evaluated", "n", evaluated++);
    LOGGER_ERROR((LogComponent *)NULL, "nor here", "n", evaluated++);
    CHECK_EQ(evaluated, 0);
    LogLevel level;
    CHECK(log_level_parse(STR("warning"), &level) && level == LEVEL_WARNING);
    CHECK(!log_level_parse(STR("verbose"), &level));
    CHECK_STR(str_c(log_level_name(LEVEL_CRITICAL)), STR("CRITICAL"));
}

TEST(log, a_full_or_closed_pipe_costs_lines_not_time)
{
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    Logger *l = logger_create(test_arena(), &(LoggerOptions){ .fd = ends[1] });
    LogComponent *log = logger_component(l, STR("x"));
    CHECK((fcntl(ends[1], F_GETFL) & O_NONBLOCK) == 0); /* what others share stays as it was */
    Buf b = BUF_INIT(test_arena(), 1 << 20);
    buf_fill(&b, 'x', 3000);
    unsigned sent = 0;
    while (logger_dropped(l) == 0 && sent++ < 1000)
        LOGGER_INFO(log, "fill", "v", buf_view(&b));
    CHECK(sent < 100);
    for (int i = 0; i < 5000 && logger_dropped(l) < 3; i++)
        LOGGER_INFO(log, "short");
    CHECK_EQ(logger_dropped(l), 3ul);
    char *p = arena_alloc(test_arena(), 1 << 17);
    ssize_t n = read(ends[0], p, 1 << 17);
    CHECK(n > 30000);
    LOGGER_INFO(log, "back");
    CHECK_EQ(logger_dropped(l), 0ul);
    n = read(ends[0], p, 1 << 17);
    Str tail = { p, (size_t)n };
    CHECK(str_contains(tail, STR("WARNING  log: log lines were lost dropped=3\n")));
    CHECK(str_ends(tail, STR("INFO     x: back\n")));
    /* Half a line may have got in: it is ended before the next begins. */
    CHECK(tail.p[0] == '2' || tail.p[0] == '\n');
    close(ends[0]);
    LOGGER_INFO(log, "nobody reads"); /* would be SIGPIPE */
    CHECK_EQ(logger_dropped(l), 1ul);
    sigset_t pending;
    sigpending(&pending);
    CHECK(!sigismember(&pending, SIGPIPE));
    close(ends[1]);
}

TEST(log, a_full_disk_costs_lines_and_they_are_counted)
{
    signal(SIGXFSZ, SIG_IGN);
    const char *path;
    LogComponent *log = file_log(LOG_FORMAT_TEXT, &path);
    struct rlimit limit = { 100, RLIM_INFINITY };
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    for (int i = 0; i < 5; i++) {
        errno = 77;
        LOGGER_INFO(log, "a line of some length", "i", i);
        CHECK_EQ(errno, 77);
    }
    CHECK_EQ(logger_dropped(log->logger), 4ul);
    limit.rlim_cur = RLIM_INFINITY;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    LOGGER_INFO(log, "room again");
    Str all = contents(path), line;
    unsigned lines = 0;
    for (Str rest = all; str_cut(&rest, '\n', &line) && line.n; lines++)
        if (lines == 2)
            CHECK_STR(str_from_byte(line, 24), STR("WARNING  log: log lines were lost dropped=4"));
        else if (lines == 3)
            CHECK_STR(str_from_byte(line, 24), STR("INFO     http.server: room again"));
    CHECK_EQ(lines, 4u);
}

TEST(log, reopens_after_a_rotation)
{
    const char *path;
    LogComponent *log = file_log(LOG_FORMAT_TEXT, &path);
    LOGGER_INFO(log, "before");
    REQUIRE(rename(path, place("log.1")) == 0);
    LOGGER_INFO(log, "still the old file");
    CHECK(logger_reopen(log->logger));
    LOGGER_INFO(log, "after");
    CHECK_STR(last_line(place("log.1"), 24), STR("INFO     http.server: still the old file"));
    CHECK_STR(last_line(path, 24), STR("INFO     http.server: after"));
    REQUIRE(unlink(path) == 0 && mkdir(path, 0700) == 0);
    CHECK(!logger_reopen(log->logger));
    LOGGER_INFO(log, "goes on");
    CHECK_EQ(logger_dropped(log->logger), 0ul);
    rmdir(path);
    CHECK(!logger_create(test_arena(), &(LoggerOptions){ .path = "/nonexistent/log" }));
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy(address.sun_path, path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    REQUIRE(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}
static Str receive(int fd)
{
    char *p = arena_alloc(test_arena(), 20000);
    ssize_t n = recv(fd, p, 20000, MSG_DONTWAIT);
    return (Str){ p, n > 0 ? (size_t)n : 0 };
}

TEST(log, journal_datagrams)
{
    const char *path = place("socket");
    Logger *l =
        logger_create(test_arena(), &(LoggerOptions){ .format = LOG_FORMAT_JOURNAL, .path = path, .name = "site" });
    LogComponent *log = logger_component(l, STR("http"));
    LOGGER_INFO(log, "nobody is there yet");
    CHECK_EQ(logger_dropped(l), 1ul);
    int fd = listen_at(path);
    LOGGER_ERROR(log, "hello", "user name", "bob\nPRIORITY=0", "9", 5, "_x", "plain");
    CHECK_STR(receive(fd),
              STR("PRIORITY=4\nSYSLOG_IDENTIFIER=site\nCOMPONENT=log\nMESSAGE=log lines were lost\nDROPPED=1\n"));
    CHECK_STR(receive(fd), STR("PRIORITY=3\nSYSLOG_IDENTIFIER=site\nCOMPONENT=http\nMESSAGE=hello\n"
                               "USER_NAME=bob\\nPRIORITY=0\nF_9=5\nF__X=plain\n"));
    close(fd);
    fd = listen_at(path);
    LOGGER_INFO(log, "the daemon was started anew");
    CHECK(str_contains(receive(fd), STR("MESSAGE=the daemon was started anew\n")));
    for (int i = 0; i < 2000 && logger_dropped(l) == 0; i++)
        LOGGER_INFO(log, "full");
    CHECK_EQ(logger_dropped(l), 1ul);
    close(fd);
}

TEST(log, syslog_datagrams)
{
    const char *path = place("socket");
    int fd = listen_at(path);
    Logger *l = logger_create(
        test_arena(), &(LoggerOptions){ .format = LOG_FORMAT_SYSLOG, .path = path, .name = "my site", .facility = 16 });
    LOGGER_CRITICAL(logger_component(l, STR("a b")), "down", "why", "no\nroom");
    Str got = receive(fd);
    CHECK(str_starts(got, STR("<130>1 2")));
    CHECK_STR(str_from_byte(got, 33),
              str_format(test_arena(), "Z - my_site %ld a_b - down why=\"no\\nroom\"", (long)getpid()));
    close(fd);
}

TEST(log, colours_when_asked_for)
{
    Logger *l = logger_create(test_arena(), &(LoggerOptions){ .path = place("log"), .colour = LOG_COLOUR_ALWAYS });
    LOGGER_ERROR(logger_component(l, STR("")), "red");
    CHECK_STR(last_line(place("log"), 24), STR("\033[31mERROR   \033[0m red"));
}

/* What the line must say of a text: the rules, byte by byte. */
static void expect_escaped(Buf *b, Str s, bool quoted)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (quoted && (c == '"' || c == '\\'))
            buf_printf(b, "\\%c", c);
        else if (c == '\n' || c == '\r' || c == '\t')
            buf_printf(b, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        else if (c < 0x20 || c == 0x7f)
            buf_printf(b, "\\u%04x", c);
        else if (c >= 0x80)
            BUF_LIT(b, "\xef\xbf\xbd");
        else
            buf_byte(b, (char)c);
    }
}

/* Text is looked at eight bytes at a time: every byte is found at every place of such a word, and behind it. */
TEST(log, each_byte_is_escaped_wherever_it_stands)
{
    const char *path;
    LogComponent *log = file_log(LOG_FORMAT_TEXT, &path);
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 0; at < 19; at++) {
            char text[19];
            memset(text, 'x', sizeof text);
            text[at] = (char)c;
            Str s = str_from(text, sizeof text);
            LOGGER_INFO(log, "m", "v", s);
            bool bare = c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
            Buf want = BUF_INIT(test_arena(), 4096);
            BUF_LIT(&want, "INFO     http.server: m v=");
            if (!bare)
                buf_byte(&want, '"');
            expect_escaped(&want, s, true);
            if (!bare)
                buf_byte(&want, '"');
            if (!str_ends(contents_tail(path), buf_view(&want))) {
                CHECK_STR(contents_tail(path), buf_view(&want));
                return;
            }
        }
}

TEST(log, doubles_are_the_shortest_text_whichever_way_they_are_made)
{
    const char *path;
    LogComponent *log = file_log(LOG_FORMAT_TEXT, &path);
    uint64_t seed = 1;
    for (unsigned i = 0; i < 3000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double v = (double)(seed >> 34) / 1e6; /* to 1,073 s, in microseconds */
        v = i % 4 == 1 ? v * 1e6 : i % 4 == 2 ? v / 1e7 : i % 4 == 3 ? v / 3 : v;
        LOGGER_INFO(log, "m", "v", v);
        Buf want = BUF_INIT(test_arena(), 64);
        BUF_LIT(&want, "m v=");
        buf_double(&want, v);
        if (!str_ends(contents_tail(path), buf_view(&want))) {
            CHECK_STR(contents_tail(path), buf_view(&want));
            return;
        }
    }
    for (unsigned m = 0; m < 120; m++) { /* microseconds */
        Buf want = BUF_INIT(test_arena(), 64);
        BUF_LIT(&want, "m v=");
        buf_double(&want, m / 1e6);
        LOGGER_INFO(log, "m", "v", m / 1e6);
        CHECK(str_ends(contents_tail(path), buf_view(&want)));
    }
    static const struct {
        double v;
        const char *text;
    } rows[] = { { 0.0001, "0.0001" },
                 { 0.00009, "9e-05" },
                 { 999999999.999999, "999999999.999999" },
                 { 1000000000.5, "1000000000.5" },
                 { 12, "12.0" },
                 { 0.1 + 0.2, "0.30000000000000004" },
                 { 0, "0.0" },
                 { -1.5, "-1.5" } };
    EACH_ROW (row, rows) {
        LOGGER_INFO(log, "m", "v", row->v);
        CHECK(str_ends(contents_tail(path), str_format(test_arena(), " v=%s", row->text)));
    }
}

/* The text of a second is kept: a line of the next one has its own. */
TEST(log, the_time_goes_on)
{
    const char *path;
    LogComponent *log = file_log(LOG_FORMAT_JSON, &path);
    LOGGER_INFO(log, "a");
    usleep(1100000);
    LOGGER_INFO(log, "b");
    Str both = contents(path), first, second;
    REQUIRE(str_cut(&both, '\n', &first) && str_cut(&both, '\n', &second));
    DateTime from, to;
    REQUIRE(datetime_parse_rfc3339(str_slice(first, 9, 36), &from) &&
            datetime_parse_rfc3339(str_slice(second, 9, 36), &to));
    CHECK(to.us - from.us >= 1100000 && to.us - from.us < 10000000);
    int64_t now = datetime_now().us;
    CHECK(to.us <= now && to.us > now - 10000000);
}
