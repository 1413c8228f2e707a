#include "answer.h"
#include <clef/base/log.h>
#include <clef/codec/json.h>

#include <fcntl.h>
#include <unistd.h>

static const char *log_path;

static Settings *logging(void)
{
    Settings *s = test_settings();
    log_path = str_format(test_arena(), "%s/log", test_dir()).p;
    unlink(log_path);
    s->logger = logger_create(test_arena(), &(LoggerOptions){ .format = LOG_FORMAT_JSON, .path = log_path });
    REQUIRE(s->logger != NULL);
    s->middleware = MIDDLEWARE(&request_log_middleware);
    return s;
}

/* What was logged so far. */
static Str logged(void)
{
    Buf b = BUF_INIT(test_arena(), 1 << 20);
    int fd = open(log_path, O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0 && buf_reserve(&b, 1 << 16));
    ssize_t n = read(fd, b.p, 1 << 16);
    close(fd);
    return str_from(b.p, n > 0 ? (size_t)n : 0);
}

/* A member of the one line, as text. */
static Str member(const char *name)
{
    Str line = logged();
    CHECK_EQ(str_find_byte(line, '\n'), line.n - 1); /* one line */
    Str mark = str_format(test_arena(), "\"%s\":", name);
    size_t at = str_find(line, mark);
    if (at == STR_NPOS)
        return (Str){ 0 };
    Str rest = str_from_byte(line, at + mark.n);
    bool quoted = rest.n && rest.p[0] == '"';
    size_t end = 0;
    while (end < rest.n && (quoted ? end == 0 || rest.p[end] != '"' : rest.p[end] != ',' && rest.p[end] != '}'))
        end += rest.p[end] == '\\' ? 2 : 1;
    return quoted ? str_slice(rest, 1, end) : str_slice(rest, 0, end);
}

static int status;
static Response *page(Request *r)
{
    if (status == 418)
        RAISE(r, 418, "teapot", "secret words");
    return HttpResponse(r, "12345", .status = status);
}

TEST(middleware, a_line_for_each_answer)
{
    static const struct {
        const char *method, *path;
        int status;
        const char *level, *bytes;
    } rows[] = {
        { "GET", "/a/?token=secret", 200, "INFO", "5" },
        { "HEAD", "/a/", 200, "INFO", "0" },
        { "POST", "/a/", 302, "INFO", "5" },
        { "GET", "/a/", 304, "INFO", "5" },
        { "GET", "/a/", 400, "WARNING", "5" },
        { "GET", "/a/", 404, "WARNING", "5" },
        { "GET", "/a/", 418, "WARNING", NULL },
        { "GET", "/a/", 500, "ERROR", "5" },
        { "GET", "/a/", 503, "ERROR", "5" },
    };
    EACH_ROW (row, rows) {
        Settings *s = logging();
        status = row->status;
        answer_view(s, page, (Asked){ .method = row->method, .path = row->path, .headers = "Cookie: secret=1\r\n" });
        CHECK_STR(member("level"), str_c(row->level));
        CHECK_STR(member("component"), STR("request"));
        CHECK_STR(member("method"), str_c(row->method));
        CHECK_STR(member("path"), STR("/a/"));
        CHECK_STR(member("status"), str_format(test_arena(), "%d", row->status));
        if (row->bytes)
            CHECK_STR(member("bytes"), str_c(row->bytes));
        CHECK(member("duration").n > 0 && member("duration").p[0] != '-');
        CHECK(!str_contains(logged(), STR("secret")));
        CHECK(!str_contains(logged(), STR("12345")));
    }
}

TEST(middleware, a_path_cannot_forge_a_line)
{
    Settings *s = logging();
    status = 200;
    answer_view(s, page, (Asked){ .path = "/a%0A%7B%22level%22:%22ERROR%22%7D%0D%E2%80%A8%FF%00x" });
    Str line = logged();
    CHECK_EQ(str_find_byte(line, '\n'), line.n - 1);
    CHECK_STR(member("level"), STR("INFO"));
    Value v;
    JsonError error;
    CHECK(json_read(test_arena(), str_slice(line, 0, line.n - 1), (JsonOptions){ 0 }, &v, &error));
}

TEST(middleware, excluded_paths_are_logged_when_they_fail)
{
    static const struct {
        const char *path;
        int status;
        bool line;
    } rows[] = {
        { "/health", 200, false },       { "/health", 404, false },
        { "/health", 500, true },        { "/health/x", 200, true },
        { "/static/a.css", 200, false }, { "/static/", 200, false },
        { "/static", 200, true },        { "/", 200, true },
    };
    EACH_ROW (row, rows) {
        Settings *s = logging();
        s->request_log_exclude = STRS("/health", "/static/");
        status = row->status;
        answer_view(s, page, (Asked){ .path = row->path });
        CHECK_EQ(logged().n > 0, row->line);
    }
}

TEST(middleware, further_fields_of_the_log)
{
    Settings *s = logging();
    s->request_log_fields = STRS("remote_addr", "user_agent", "referer", "host", "request_id", "query");
    status = 200;
    answer_view(
        s, page,
        (Asked){ .path = "/?q=1", .headers = "User-Agent: u \"a\"\r\nReferer: http://r/\r\nX-Request-ID: 77\r\n" });
    CHECK_STR(member("remote_addr"), STR("127.0.0.1"));
    CHECK_STR(member("user_agent"), STR("u \\\"a\\\""));
    CHECK_STR(member("referer"), STR("http://r/"));
    CHECK_STR(member("host"), STR("testserver"));
    CHECK_STR(member("request_id"), STR("77"));
    CHECK_STR(member("query"), STR("q=1"));
    s = logging();
    s->request_log_fields = STRS("cookie");
    CHECK_STR_CONTAINS(site_error(s), STR("REQUEST_LOG_FIELDS: there is no field 'cookie'"));
}

TEST(middleware, levels_keep_lines_out)
{
    Settings *s = logging();
    logger_set_level(s->logger, STR("request"), LEVEL_WARNING);
    status = 200;
    answer_view(s, page, (Asked){ 0 });
    CHECK_EQ(logged().n, 0);
    s->logger = NULL;
    CHECK_STR(site_error(s), STR(""));
    CHECK_EQ(answer_view(s, page, (Asked){ 0 })->status, 200);
}

static void two(Request *r, ResponseStream *stream, void *arg)
{
    (void)r, (void)arg;
    response_write(stream, STR("abc"));
    response_flush(stream);
    response_write(stream, STR("de"));
}
static Response *streaming(Request *r) { return StreamingHttpResponse(r, two, NULL); }

TEST(middleware, a_stream_is_logged_at_its_end)
{
    Settings *s = logging();
    int flushes;
    Response *response = answer_view(s, streaming, (Asked){ 0 });
    CHECK_EQ(logged().n, 0);
    CHECK_STR(streamed(response, &flushes), STR("abcde"));
    CHECK_EQ(flushes, 1);
    request_finish(answered_request());
    CHECK_STR(member("bytes"), STR("5"));
    CHECK_STR(member("status"), STR("200"));
}
