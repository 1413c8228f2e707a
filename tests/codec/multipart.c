#include <clef/base/buf.h>
#include <clef/codec/multipart.h>
#include <clef/test.h>

/* What the parser said: "field NAME=DATA;" and "file NAME(FILENAME,TYPE)=DATA;", a ~ in place of ; for no end. */
typedef struct Log {
    Buf b;
    bool open;
    MultipartAction answer;
} Log;

static MultipartAction on_begin(void *arg, const MultipartPart *part)
{
    Log *log = arg;
    if (part->is_file)
        buf_printf(&log->b, "file %.*s(%.*s,%.*s)=", STR_FMT(part->name), STR_FMT(part->filename),
                   STR_FMT(part->content_type));
    else
        buf_printf(&log->b, "field %.*s=", STR_FMT(part->name));
    log->open = log->answer == MULTIPART_TAKE;
    return log->answer;
}
static MultipartAction on_data(void *arg, Str bytes)
{
    buf_str(&((Log *)arg)->b, bytes);
    return MULTIPART_TAKE;
}
static MultipartAction on_end(void *arg)
{
    Log *log = arg;
    log->open = false;
    buf_byte(&log->b, ';');
    return MULTIPART_TAKE;
}

/* Fed in pieces of `step` bytes (0: at once). */
static MultipartStatus run(Str body, size_t step, const MultipartLimits *limits, Log *log)
{
    log->b = BUF_INIT(test_arena(), 1 << 20);
    log->open = false;
    MultipartHandler handler = { log, on_begin, on_data, on_end };
    MultipartParser *p = multipart_create(test_arena(), STR("B"), &handler, limits);
    MultipartStatus status = MULTIPART_OK;
    for (size_t i = 0; i < body.n && status == MULTIPART_OK; i += step ? step : body.n)
        status = multipart_feed(p, str_slice(body, i, step ? i + step : body.n));
    status = multipart_finish(p);
    if (log->open)
        buf_byte(&log->b, '~');
    return status;
}

static void check(const char *body, MultipartStatus status, const char *want)
{
    static const size_t steps[] = { 0, 1, 2, 3, 7, 16 };
    for (size_t i = 0; i < CLEF_COUNT(steps); i++) {
        Log log = { 0 };
        CHECK_EQ(run(str_c(body), steps[i], NULL, &log), status);
        CHECK_STR(buf_view(&log.b), str_c(want));
    }
}

#define FIELD(name) "--B\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_(name, fn)                                                                 \
    "--B\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" fn "\"\r\n" \
    "Content-Type: Text/Plain; charset=x\r\n\r\n"
#define BASE64(name, fn)                                                 \
    "--B\r\nContent-Disposition: form-data; name=\"" name "\"" fn "\r\n" \
    "Content-Transfer-Encoding: Base64\r\n\r\n"

TEST(multipart, fields_and_files)
{
    check(FIELD("a") "1\r\n" FILE_("f", "x.txt") "line\r\nline\r\n\r\n" FIELD("a") "\r\n--B--\r\n", MULTIPART_OK,
          "field a=1;file f(x.txt,text/plain)=line\r\nline\r\n;field a=;");
    check("--B--", MULTIPART_OK, "");
    check("preamble\r\n" FIELD("a") "1\r\n--B--epilogue\r\n" FIELD("b") "2\r\n--B--", MULTIPART_OK, "field a=1;");
    check("--B\nContent-Disposition: form-data; name=a\n\n1\n--B--\n", MULTIPART_OK, "field a=1;");
}

TEST(multipart, what_only_looks_like_a_delimiter_is_data)
{
    check(FIELD("a") "x--B\r\n--Bx\r\n--B-x\r\n--B \t x\r\r\n-\r\n--\r\n\r\n--B--", MULTIPART_OK,
          "field a=x--B\r\n--Bx\r\n--B-x\r\n--B \t x\r\r\n-\r\n--\r\n;");
    check(FIELD("a") "1\r\n--B \t \r\nContent-Disposition: form-data; name=b\r\n\r\n2\r\n--B--", MULTIPART_OK,
          "field a=1;field b=2;");
    check(FIELD("a") "\r\n\r\n--B\rx\r\n--B--", MULTIPART_OK, "field a=\r\n\r\n--B\rx;");
    check(FIELD("a") "--B--", MULTIPART_OK, "field a=;"); /* the blank line ends the headers and begins the delimiter */
    /* MULTIPART_PADDING blanks are a delimiter's, one more are data. */
#define BLANKS "                                "
    _Static_assert(sizeof BLANKS == MULTIPART_PADDING + 1, "as many as the limit");
    check(FIELD("a") "1\r\n--B" BLANKS "\r\n\r\n\r\n--B--", MULTIPART_OK, "field a=1;");
    check(FIELD("a") "1\r\n--B" BLANKS " \r\n--B--", MULTIPART_OK, "field a=1\r\n--B" BLANKS " ;");
}

TEST(multipart, parts_without_a_name_are_passed_over)
{
    check("--B\r\n\r\nraw\r\n" FIELD("a") "1\r\n--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n"
                                          "--B\r\nContent-Type: text/plain\r\n\r\ny\r\n--B--",
          MULTIPART_OK, "field a=1;");
    check("--B\r\nno end of headers\r\n" FIELD("a") "1\r\n--B\r\nX: y\r\n--B--", MULTIPART_OK, "field a=1;");
    check("--B\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--B--", MULTIPART_OK, "field =x;");
}

TEST(multipart, file_names)
{
    check(FILE_("f", "C:\\\\dir\\\\x.txt") "\r\n--B--", MULTIPART_OK, "file f(x.txt,text/plain)=;");
    check(FILE_("f", "../../etc/passwd") "\r\n--B--", MULTIPART_OK, "file f(passwd,text/plain)=;");
    check(FILE_("f", "..") "x\r\n--B--", MULTIPART_OK, "");
    check(FILE_("f", "") "x\r\n--B--", MULTIPART_OK, "field f=x;");
    check("--B\r\nContent-Disposition: form-data; name=f; filename*=UTF-8''%E2%99%A5.txt\r\n\r\nx\r\n--B--",
          MULTIPART_OK, "file f(\xe2\x99\xa5.txt,)=x;");
    Arena *a = test_arena();
    CHECK_STR(multipart_filename(a, STR("a&#x2F;b&amp;c\x01\xc2\xa0.txt")), STR("b&c.txt"));
    CHECK_STR(multipart_filename(a, STR("/x/\xff y")), STR(" y"));
    static const struct {
        unsigned letters; /* \u00e9, before the rest */
        const char *rest;
        unsigned kept; /* of the letters */
        const char *end;
    } names[] = { { 251, ".txt", 251, ".txt" },
                  { 252, ".txt", 251, ".txt" },
                  { 300, ".tar.gz", 252, ".gz" },
                  { 256, "", 255, "" },
                  { 255, "", 255, "" } };
    for (size_t i = 0; i < CLEF_COUNT(names); i++) {
        Buf sent = BUF_INIT(a, 4096), kept = BUF_INIT(a, 4096);
        for (unsigned k = 0; k < names[i].letters; k++) {
            BUF_LIT(&sent, "\u00e9");
            if (k < names[i].kept)
                BUF_LIT(&kept, "\u00e9");
        }
        buf_c(&sent, names[i].rest);
        buf_c(&kept, names[i].end);
        CHECK_STR(multipart_filename(a, buf_view(&sent)), buf_view(&kept));
    }
    CHECK(str_is_null(multipart_filename(a, STR("a/."))));
    CHECK(str_is_null(multipart_filename(a, STR("a\\"))));
    CHECK(str_is_null(multipart_filename(a, STR("\x01"))));
}

TEST(multipart, base64)
{
    check(BASE64("f", "; filename=x") "aGVsbG8g\r\nd29ybGQ=\r\n--B--", MULTIPART_OK, "file f(x,)=hello world;");
    check(BASE64("f", "; filename=x") "aGVsbG8\r\n--B--", MULTIPART_BAD_BASE64, "file f(x,)=hel~");
    check(BASE64("a", "") "aGVsbG8=\r\n--B--", MULTIPART_OK, "field a=hello;");
    check(BASE64("a", "") "aGVsbG8\r\n--B--", MULTIPART_OK, "field a=aGVsbG8;");
    check(BASE64("f", "; filename=x") "\r\n--B--", MULTIPART_OK, "file f(x,)=;");
}

TEST(multipart, a_body_that_ends_early_says_so)
{
    check("", MULTIPART_TRUNCATED, "");
    check("no delimiter", MULTIPART_TRUNCATED, "");
    check(FIELD("a") "1\r\n--B", MULTIPART_TRUNCATED, "field a=1~");
    check(FIELD("a") "1\r\n--B\r\n", MULTIPART_TRUNCATED, "field a=1;");
    check(FIELD("a") "1", MULTIPART_TRUNCATED, "field a=1~");
    check("--B\r\nContent-Disposition: form-da", MULTIPART_TRUNCATED, "");
}

static MultipartStatus with(Str body, MultipartLimits limits)
{
    Log log = { 0 };
    MultipartStatus whole = run(body, 0, &limits, &log);
    CHECK_EQ(run(body, 1, &limits, &log), whole);
    return whole;
}

TEST(multipart, limits)
{
    Str two = STR(FIELD("a") "12345\r\n" FIELD("bb") "123\r\n--B--");
    CHECK_EQ(with(two, (MultipartLimits){ .fields = 2 }), MULTIPART_OK);
    CHECK_EQ(with(two, (MultipartLimits){ .fields = 1 }), MULTIPART_TOO_MANY_FIELDS);
    CHECK_EQ(with(two, (MultipartLimits){ .field_bytes = 15 }), MULTIPART_OK);
    CHECK_EQ(with(two, (MultipartLimits){ .field_bytes = 14 }), MULTIPART_FIELDS_TOO_BIG);
    CHECK_EQ(with(two, (MultipartLimits){ .field_bytes = 11 }), MULTIPART_FIELDS_TOO_BIG);
    Str files = STR(FILE_("f", "x") "1234567890\r\n" FILE_("g", "y") "\r\n--B--");
    CHECK_EQ(with(files, (MultipartLimits){ .files = 2, .field_bytes = 1, .fields = 1 }), MULTIPART_OK);
    CHECK_EQ(with(files, (MultipartLimits){ .files = 1 }), MULTIPART_TOO_MANY_FILES);
    Str headers = STR("--B\r\nA: 1\r\nB: 2\r\n\r\n\r\n--B--");
    CHECK_EQ(with(headers, (MultipartLimits){ .headers = 2, .header_bytes = 14 }), MULTIPART_OK);
    CHECK_EQ(with(headers, (MultipartLimits){ .headers = 1 }), MULTIPART_TOO_MANY_HEADERS);
    CHECK_EQ(with(headers, (MultipartLimits){ .header_bytes = 13 }), MULTIPART_HEADER_TOO_BIG);
}

TEST(multipart, a_handler_skips_and_stops)
{
    Str body = STR(FIELD("a") "1\r\n" FIELD("b") "2\r\n--B--");
    Log log = { .answer = MULTIPART_SKIP };
    CHECK_EQ(run(body, 0, NULL, &log), MULTIPART_OK);
    CHECK_STR(buf_view(&log.b), STR("field a=field b="));
    log.answer = MULTIPART_STOP;
    CHECK_EQ(run(body, 0, NULL, &log), MULTIPART_STOPPED);
    CHECK_STR(buf_view(&log.b), STR("field a="));
}

TEST(multipart, boundaries)
{
    Arena *a = test_arena();
    Str b;
    REQUIRE(multipart_boundary(a, STR("multipart/form-data; boundary=\"a b\""), &b));
    CHECK_STR(b, STR("a b"));
    REQUIRE(multipart_boundary(a, STR("multipart/form-data; charset=x; BOUNDARY=----WebKitX"), &b));
    CHECK_STR(b, STR("----WebKitX"));
    CHECK(!multipart_boundary(a, STR("text/plain; boundary=x"), &b));
    CHECK(!multipart_boundary(a, STR("multipart/form-data"), &b));
    CHECK(!multipart_boundary(a, STR("multipart/form-data; boundary="), &b));
    CHECK(!multipart_boundary(a, STR("multipart/form-data; boundary=\"a \""), &b));
    CHECK(!multipart_boundary(a, STR("multipart/form-data; boundary=\xc3\xa9"), &b));
    Buf t = BUF_INIT(a, 1024);
    BUF_LIT(&t, "multipart/form-data; boundary=");
    buf_fill(&t, 'x', MULTIPART_BOUNDARY_MAX);
    CHECK(multipart_boundary(a, buf_view(&t), &b));
    buf_byte(&t, 'x');
    CHECK(!multipart_boundary(a, buf_view(&t), &b));
}

/* Ten megabytes of almost-delimiters in one piece and in small ones: a quadratic search would pass the time limit. */
TEST(multipart, search_is_linear, .seconds = 30)
{
    Buf b = BUF_INIT(test_arena(), 16 << 20);
    BUF_LIT(&b, FILE_("f", "x"));
    while (b.n < (10 << 20))
        BUF_LIT(&b, "\r\n--\n--C\r\n--\r\r\n\n\n\n\n");
    BUF_LIT(&b, "\r\n--B--");
    Log log;
    log.answer = MULTIPART_SKIP;
    CHECK_EQ(run(buf_view(&b), 0, NULL, &log), MULTIPART_OK);
    CHECK_EQ(run(buf_view(&b), 5, NULL, &log), MULTIPART_OK);
}
