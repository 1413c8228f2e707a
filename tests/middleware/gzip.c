#include "answer.h"
#include <clef/base/rand.h>
#include <clef/codec/gzip.h>
#include <clef/http/gzip.h>

static size_t length;
static bool noise;
static const char *own_name, *own_value;

static Response *page(Request *r)
{
    char *p = arena_alloc(r->cx.arena, length + 1);
    memset(p, 'a', length);
    if (noise)
        REQUIRE(rand_bytes(p, length));
    Response *response = HttpResponse(r, str_from(p, length));
    if (own_name)
        SET_HEADER(r, response, own_name, own_value);
    return response;
}

static Str unpacked(Str packed)
{
    Buf out = BUF_INIT(test_arena(), (size_t)1 << 24);
    GzipOutcome outcome = gzip_decompress(&out, packed, GZIP_GZIP, (size_t)1 << 24);
    CHECK_STR(str_c(gzip_outcome_text(outcome)), str_c(gzip_outcome_text(GZIP_OK)));
    return buf_view(&out);
}

static Settings *packing(void)
{
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&gzip_middleware);
    return s;
}

/* As Django 6.0, but for the q of 0, which it takes for a yes, and "*", which it takes for a no. */
TEST(middleware, gzip_what_is_worth_it)
{
    static const struct {
        size_t length;
        const char *accept, *name, *value;
        bool packed;
        const char *vary, *etag;
    } rows[] = {
        { GZIP_PAGE_MIN - 1, "gzip", NULL, NULL, false, NULL, NULL },
        { GZIP_PAGE_MIN, "gzip", NULL, NULL, true, "Accept-Encoding", NULL },
        { 200, NULL, NULL, NULL, false, "Accept-Encoding", NULL },
        { 200, "br", NULL, NULL, false, "Accept-Encoding", NULL },
        { 200, "deflate, gzip;q=0.5", NULL, NULL, true, "Accept-Encoding", NULL },
        { 200, "gzip;q=0", NULL, NULL, false, "Accept-Encoding", NULL },
        { 200, "*", NULL, NULL, true, "Accept-Encoding", NULL },
        { 200, "gzip", "Content-Encoding", "br", false, NULL, NULL },
        { 200, "gzip", "Content-Range", "bytes 0-199/300", false, NULL, NULL },
        { 300, "gzip", "ETag", "\"e\"", true, "Accept-Encoding", "W/\"e\"" },
        { 300, "gzip", "ETag", "W/\"e\"", true, "Accept-Encoding", "W/\"e\"" },
        { 300, "identity", "ETag", "\"e\"", false, "Accept-Encoding", "\"e\"" },
        { 300, "gzip", "Vary", "Cookie", true, "Cookie, Accept-Encoding", NULL },
        { 300, "gzip", "Content-Length", "300", true, "Accept-Encoding", NULL },
    };
    EACH_ROW (row, rows) {
        length = row->length;
        own_name = row->name;
        own_value = row->value;
        Str line = row->accept ? str_format(test_arena(), "Accept-Encoding: %s\r\n", row->accept) : STR("");
        Response *response = answer_view(packing(), page, (Asked){ .headers = line.p });
        CHECK_STR(response_header(response, STR("Vary")), str_c(row->vary));
        CHECK_STR(response_header(response, STR("ETag")), str_c(row->etag));
        CHECK_EQ(str_eq(response_header(response, STR("Content-Encoding")), STR("gzip")), row->packed);
        CHECK_EQ(response->content.n < row->length, row->packed);
        if (row->packed) {
            CHECK_EQ(unpacked(response->content).n, row->length);
            CHECK_NO_HEADER(response, "Content-Length");
        }
    }
}

TEST(middleware, gzip_leaves_what_does_not_get_smaller)
{
    static const size_t sizes[] = { 500, GZIP_PAGE_OFFLOAD + 1 };
    EACH_ROW (size, sizes) {
        length = *size;
        noise = true;
        Response *response = answer_view(packing(), page, (Asked){ .headers = "Accept-Encoding: gzip\r\n" });
        CHECK_NO_HEADER(response, "Content-Encoding");
        CHECK_HEADER(response, "Vary", "Accept-Encoding");
        CHECK_EQ(response->content.n, *size);
        request_finish(answered_request());
        noise = false;
    }
}

TEST(middleware, gzip_large_bodies_too)
{
    static const size_t sizes[] = { GZIP_PAGE_OFFLOAD - 1, GZIP_PAGE_OFFLOAD, 3 << 20 };
    EACH_ROW (size, sizes) {
        length = *size;
        Response *response = answer_view(packing(), page, (Asked){ .headers = "Accept-Encoding: gzip\r\n" });
        CHECK_HEADER(response, "Content-Encoding", "gzip");
        Str text = unpacked(response->content);
        CHECK_EQ(text.n, *size);
        CHECK(text.n && text.p[0] == 'a' && text.p[text.n - 1] == 'a');
        request_finish(answered_request());
    }
}

/* The same page has many lengths. */
TEST(middleware, gzip_hides_the_length)
{
    size_t least = SIZE_MAX, most = 0;
    length = 400;
    for (int i = 0; i < 60; i++) {
        size_t n = answer_view(packing(), page, (Asked){ .headers = "Accept-Encoding: gzip\r\n" })->content.n;
        least = n < least ? n : least;
        most = n > most ? n : most;
    }
    CHECK(most - least > 20); /* all 60 within 20 bytes of each other: less than once in 10^35 */
    CHECK(most - least <= GZIP_PAGE_RANDOM);
}

static void numbers(Request *r, ResponseStream *stream, void *arg)
{
    (void)arg;
    for (int i = 0; i < 20000; i++)
        response_write(stream, str_format(r->cx.arena, "%d,", i));
    response_flush(stream);
    char *big = arena_alloc(r->cx.arena, 100000);
    memset(big, 'x', 100000);
    response_write(stream, (Str){ big, 100000 });
}
static Response *streaming(Request *r) { return StreamingHttpResponse(r, numbers, NULL); }

TEST(middleware, gzip_streams)
{
    int flushes;
    Response *response = answer_view(packing(), streaming, (Asked){ .headers = "Accept-Encoding: gzip\r\n" });
    CHECK_HEADER(response, "Content-Encoding", "gzip");
    Str packed = streamed(response, &flushes), text = unpacked(packed);
    CHECK_EQ(flushes, 1);
    CHECK_EQ(text.n, 108890 + 100000);
    CHECK(packed.n < text.n / 2);
    CHECK(str_starts(text, STR("0,1,2,3,")));
    CHECK(str_ends(text, STR("xxx")));
    response = answer_view(packing(), streaming, (Asked){ 0 });
    CHECK_NO_HEADER(response, "Content-Encoding");
    CHECK_EQ(streamed(response, NULL).n, 108890 + 100000);
}

static const char *path;
static Response *file(Request *r) { return FileResponse(r, path); }

TEST(middleware, gzip_files_that_get_smaller)
{
    char *text = arena_alloc(test_arena(), 50000);
    memset(text, 'b', 50000);
    static const struct {
        const char *name, *headers;
        int status;
        bool packed;
    } rows[] = {
        { "a.css", "Accept-Encoding: gzip\r\n", 200, true },
        { "a.json", "Accept-Encoding: gzip\r\n", 200, true },
        { "a.png", "Accept-Encoding: gzip\r\n", 200, false },
        { "a.css", "", 200, false },
        { "a.css", "Accept-Encoding: gzip\r\nRange: bytes=0-999\r\n", 206, false },
    };
    EACH_ROW (row, rows) {
        path = test_file(row->name, str_from(text, 50000));
        Response *response = answer_view(packing(), file, (Asked){ .headers = row->headers });
        CHECK_EQ(response->status, row->status);
        CHECK_EQ(str_eq(response_header(response, STR("Content-Encoding")), STR("gzip")), row->packed);
        if (row->packed) {
            CHECK_NO_HEADER(response, "Accept-Ranges");
            Str whole = unpacked(streamed(response, NULL));
            CHECK_EQ(whole.n, 50000);
            CHECK(whole.n && whole.p[49999] == 'b');
        }
        request_finish(answered_request());
    }
}

static const Url table[] = { PATH("packed/", page, VIEW_OPTIONS(.gzip_page = true)), PATH("plain/", page), URLS_END };

TEST(middleware, gzip_of_one_view)
{
    length = 500;
    CHECK_HEADER(answer(test_settings(), table, (Asked){ .path = "/packed/", .headers = "Accept-Encoding: gzip\r\n" }),
                 "Content-Encoding", "gzip");
    CHECK_NO_HEADER(
        answer(test_settings(), table, (Asked){ .path = "/plain/", .headers = "Accept-Encoding: gzip\r\n" }),
        "Content-Encoding");
}
