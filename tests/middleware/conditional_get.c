/* Entity tags for all pages, and 304 for who has them already. */
#include "answer.h"

static Response *with_cookie(Request *r)
{
    Response *response = HttpResponse(r, "page");
    SET_COOKIE(r, response, "a", "b");
    SET_HEADER(r, response, "Cache-Control", "private");
    return response;
}
static Response *not_stored(Request *r)
{
    Response *response = HttpResponse(r, "page");
    SET_HEADER(r, response, "Cache-Control", "private, no-store");
    return response;
}
static Response *tagged(Request *r)
{
    Response *response = HttpResponse(r, "page");
    SET_HEADER(r, response, "ETag", "\"mine\"");
    return response;
}
static void one_piece(Request *r, ResponseStream *stream, void *arg)
{
    (void)r, (void)arg;
    response_write(stream, STR("piece"));
}
static Response *stream(Request *r) { return StreamingHttpResponse(r, one_piece, NULL); }
static Response *missing(Request *r) { RAISE(r, 404, "not_found", "nothing here"); }

#define TAG "\"71860c77c6745379b0d44304d66b6a13\"" /* the MD5 of "page" */

TEST(middleware, conditional_get)
{
    static const struct {
        ViewFn *view;
        const char *method, *headers;
        int status;
        const char *etag; /* NULL: none; "*": any */
    } cases[] = {
        { with_cookie, "GET", "", 200, TAG },
        { with_cookie, "GET", "If-None-Match: " TAG "\r\n", 304, TAG },
        { with_cookie, "GET", "If-None-Match: \"x\", W/" TAG "\r\n", 304, TAG },
        { with_cookie, "GET", "If-None-Match: \"x\"\r\nIf-None-Match: " TAG "\r\n", 304, TAG },
        { with_cookie, "GET", "If-None-Match: \"x\"\r\n", 200, TAG },
        { with_cookie, "GET", "If-Match: \"x\"\r\n", 412, NULL },
        { with_cookie, "POST", "If-None-Match: " TAG "\r\nContent-Length: 0\r\n", 200, NULL },
        { not_stored, "GET", "If-None-Match: " TAG "\r\n", 200, NULL },
        { tagged, "GET", "", 200, "\"mine\"" },
        { tagged, "GET", "If-None-Match: \"mine\"\r\n", 304, "\"mine\"" },
        { stream, "GET", "", 200, NULL },
        { missing, "GET", "If-None-Match: *\r\n", 404, "*" },
    };
    EACH_ROW (row, cases) {
        Settings *s = test_settings();
        s->middleware = MIDDLEWARE(&conditional_get_middleware);
        Response *response = answer_view(s, row->view, (Asked){ .method = row->method, .headers = row->headers });
        CHECK_EQ(response->status, row->status);
        Str etag = response_header(response, STR("ETag"));
        if (row->etag && *row->etag == '*')
            CHECK(etag.n > 2);
        else
            CHECK_STR(etag, str_c(row->etag));
        if (row->status == 304) {
            CHECK_EQ(response->content.n, 0u);
            CHECK_NO_HEADER(response, "Content-Type");
            CHECK_EQ(response->cookies != NULL, row->view == with_cookie); /* a 304 sets cookies too */
        }
    }
}
