#include <clef/rt/file.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

typedef struct Raised {
    Request *r;
    void (*fn)(Request *r);
} Raised;
static void call(Context *cx, void *arg)
{
    (void)cx;
    Raised *c = arg;
    c->fn(c->r);
}
/* The code that fn raises, or "". */
static const char *raised(Request *r, void (*fn)(Request *r))
{
    const Error *e = attempt(&r->cx, call, &(Raised){ r, fn });
    return e ? e->code : "";
}
static void ask_host(Request *r) { (void)request_host(r); }
static void ask_post(Request *r) { (void)request_post(r); }
static void ask_get(Request *r) { (void)request_get(r); }
static void ask_body(Request *r) { (void)request_body(r); }
static void ask_json(Request *r) { (void)request_json(r); }
#define CHECK_RAISED(r, fn, code) CHECK_STR(str_c(raised((r), (fn))), STR(code))

TEST(request, query_path_headers)
{
    Request *r = test_get("/caf%C3%A9/%ff?a=1&a=2&b=x+y&c", "User-Agent: t\r\nX-Y: 1\r\nX_Z: 2\r\n", test_settings());
    CHECK_EQ(r->method, HTTP_GET);
    CHECK_STR(r->path, STR("/caf\u00e9/%FF"));
    CHECK_STR(GET(r, "a"), STR("2"));
    CHECK_STR(GET(r, "b"), STR("x y"));
    CHECK_STR(GET(r, "c"), STR(""));
    CHECK(str_is_null(GET(r, "d")));
    CHECK_EQ(query_count(request_get(r), STR("a")), 2);
    CHECK_STR(HEADER(r, "user-agent"), STR("t"));
    CHECK_STR(request_meta(r, STR("HTTP_X_Y")), STR("1"));
    Str name, value;
    REQUIRE(request_header_count(r) == 4);
    request_header_at(r, 2, &name, &value);
    CHECK_STR(name, STR("X-Y"));
    CHECK_STR(value, STR("1"));
    CHECK(str_is_null(request_meta(r, STR("HTTP_X_Z"))));
    CHECK_STR(request_meta(r, STR("REQUEST_METHOD")), STR("GET"));
    CHECK_STR(request_meta(r, STR("REMOTE_ADDR")), STR("127.0.0.1"));
    CHECK_STR(request_meta(r, STR("REMOTE_HOST")), STR("127.0.0.1"));
    Str script = request_meta(r, STR("SCRIPT_NAME"));
    CHECK(!str_is_null(script) && script.n == 0); /* there, and empty */
    Request *typed = test_get("/", "Content-Type: text/plain\r\n", test_settings());
    CHECK_STR(request_meta(typed, STR("CONTENT_TYPE")), STR("text/plain"));
    CHECK(str_is_null(request_meta(typed, STR("HTTP_CONTENT_TYPE"))));
    CHECK(!str_is_null(request_meta(typed, STR("QUERY_STRING"))));
    CHECK_STR(request_full_path(r, false), STR("/caf%C3%A9/%25FF?a=1&a=2&b=x+y&c"));
    CHECK_STR(request_full_path(r, true), STR("/caf%C3%A9/%25FF/?a=1&a=2&b=x+y&c"));
    Settings *below = test_settings();
    below->force_script_name = STR("/site");
    Request *prefixed = test_get("/a%20b?c", "", below);
    CHECK_STR(request_full_path(prefixed, true), STR("/site/a%20b/?c"));
    CHECK_STR(request_full_path_info(prefixed, false), STR("/a%20b?c"));
    CHECK_STR(request_build_absolute_uri(r, STR("/b/")), STR("http://testserver/b/"));
    CHECK_STR(request_build_absolute_uri(r, STR("../b")), STR("http://testserver/b"));
    CHECK_STR(request_build_absolute_uri(r, STR("//other/x")), STR("http://other/x"));
    CHECK_STR(request_build_absolute_uri(r, STR("ftp://o/x")), STR("ftp://o/x"));
    CHECK_STR(request_build_absolute_uri(r, STR("///x")), STR("http://testserver/x"));
    CHECK_STR(request_build_absolute_uri(r, STR("//")), STR("http://testserver/caf%C3%A9/%FF"));
    CHECK_STR(request_build_absolute_uri(r, STR("/a/../x/./y")), STR("http://testserver/x/y"));
    CHECK_STR(request_build_absolute_uri(r, STR("?z")), STR("http://testserver/caf%C3%A9/%FF?z"));
    CHECK_STR(request_build_absolute_uri(r, (Str){ 0 }), STR("http://testserver/caf%C3%A9/%25FF?a=1&a=2&b=x+y&c"));
    r = test_get("//evil.example//x/?q", "", test_settings());
    CHECK_STR(request_build_absolute_uri(r, (Str){ 0 }), STR("http://testserver//evil.example//x/?q"));
}

TEST(request, fields_of_one_name_are_one_value)
{
    Settings *s = test_settings();
    Request *r =
        test_get("/",
                 "X-Tag: a\r\nAccept: text/html;q=0.5\r\nx-tag:\r\nX-TAG: c\r\nAccept: application/json\r\n"
                 "Cookie: a=1; b=2\r\nCookie: c=3\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\n",
                 s);
    CHECK_STR(HEADER(r, "x-tag"), STR("a,,c"));
    CHECK_STR(request_meta(r, STR("HTTP_X_TAG")), STR("a,,c"));
    CHECK_STR(HEADER(r, "X-Forwarded-For"), STR("10.0.0.1,10.0.0.2"));
    CHECK_STR(HEADER(r, "Cookie"), STR("a=1; b=2; c=3"));
    CHECK_STR(COOKIE(r, "c"), STR("3"));
    CHECK_STR(COOKIE(r, "a"), STR("1"));
    CHECK_EQ(query_names(request_cookies(r)), 3);
    CHECK(request_accepts(r, STR("application/json")));
    static const char *const types[] = { "text/html", "application/json", NULL };
    CHECK_STR(request_preferred_type(r, types), STR("application/json"));
    /* Two hosts of a proxy are none: nobody knows which of them it meant. */
    s->use_x_forwarded_host = true;
    s->allowed_hosts = STRS("a", "b");
    r = test_get("/", "X-Forwarded-Host: a\r\nX-Forwarded-Host: b\r\n", s);
    CHECK_RAISED(r, ask_host, "disallowed_host");
}

TEST(request, hosts_are_checked)
{
    static const struct {
        const char *host;
        const char *allowed; /* one pattern; NULL: none */
        bool debug, ok;
    } cases[] = {
        { "example.com", "example.com", false, true },
        { "EXAMPLE.com:8000", "example.com", false, true },
        { "a.example.com", ".example.com", false, true },
        { "evil.com", "example.com", false, false },
        { "example.com.evil.com", ".example.com", false, false },
        { "anything", "*", false, true },
        { ".", "*", false, false },
        { "localhost", NULL, true, true },
        { "a.localhost:3000", NULL, true, true },
        { "[::1]:8000", NULL, true, true },
        { "example.com", NULL, true, false },
        { "localhost", NULL, false, false },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        Settings *s = test_settings();
        Str pattern = str_c(cases[i].allowed);
        s->allowed_hosts = (StrList){ &pattern, cases[i].allowed != NULL };
        s->debug = cases[i].debug;
        Request *r = test_request(str_format(test_arena(), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", cases[i].host), s);
        CHECK_STR(str_c(raised(r, ask_host)), str_c(cases[i].ok ? "" : "disallowed_host"));
        if (cases[i].ok)
            CHECK_STR(request_host(r), str_c(cases[i].host));
    }
}

TEST(request, proxies_are_believed_only_when_told)
{
    const char *headers = "X-Forwarded-Host: outside\r\nX-Forwarded-Port: 8443\r\nX-Forwarded-Proto: https, http\r\n";
    Settings *s = test_settings();
    Request *r = test_get("/", headers, s);
    CHECK_STR(request_host(r), STR("testserver"));
    CHECK_STR(request_port(r), STR("80"));
    CHECK(!request_is_secure(r));
    s->allowed_hosts = STRS("outside");
    s->use_x_forwarded_host = s->use_x_forwarded_port = true;
    s->secure_proxy_ssl_header = (HeaderMatch){ STR("HTTP_X_FORWARDED_PROTO"), STR("https") };
    r = test_get("/", headers, s);
    CHECK_STR(request_host(r), STR("outside"));
    CHECK_STR(request_port(r), STR("8443"));
    CHECK_STR(request_scheme(r), STR("https"));
}

static Request *post(const char *type, Str body, const Settings *s)
{
    return test_request(
        str_format(test_arena(),
                   "POST /f/ HTTP/1.1\r\nHost: testserver\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%.*s", type,
                   body.n, STR_FMT(body)),
        s);
}
#define FORM "application/x-www-form-urlencoded"

TEST(request, forms_and_their_limits)
{
    Settings *s = test_settings();
    Request *r = post(FORM, STR("a=1&b=%E2%82%AC&a=3"), s);
    CHECK_STR(POST(r, "a"), STR("3"));
    CHECK_STR(POST(r, "b"), STR("\u20ac"));
    CHECK_STR(request_body(r), STR("a=1&b=%E2%82%AC&a=3"));
    r = post("application/json", STR("{\"a\": [1, 2.5]}"), s);
    CHECK(str_is_null(POST(r, "a")));
    Value v = request_json(r);
    CHECK_EQ(v.tag, VALUE_MAP);
    CHECK_RAISED(post("application/json", STR("{"), s), ask_json, "json_parse_error");
    CHECK_RAISED(post(FORM "; charset=latin-1", STR("a=1"), s), ask_post, "bad_charset");
    s->data_upload_max_memory_size = 5;
    CHECK_RAISED(post(FORM, STR("a=123"), s), ask_post, "");
    CHECK_RAISED(post(FORM, STR("a=1234"), s), ask_post, "request_data_too_big");
    s->data_upload_max_memory_size = -1;
    s->data_upload_max_number_fields = 2;
    CHECK_RAISED(post(FORM, STR("a=1&b=2"), s), ask_post, "");
    CHECK_RAISED(post(FORM, STR("a=1&b=2&c=3"), s), ask_post, "too_many_fields");
    CHECK_RAISED(test_get("/?a&b&c", "", s), ask_get, "too_many_fields");
}

TEST(request, a_body_is_read_in_one_way_or_the_other)
{
    Settings *s = test_settings();
    char text[8];
    Request *r = post(FORM, STR("a=1"), s);
    CHECK_EQ(request_read(r, text, 1), 1);
    CHECK_RAISED(r, ask_body, "raw_post_data");
    CHECK_RAISED(r, ask_post, "");
    CHECK(str_is_null(POST(r, "a"))); /* as in Django: what was streamed is no form any more */
    r = post("multipart/form-data; boundary=B",
             STR("--B\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\nx\r\n--B--\r\n"), s);
    CHECK_EQ(request_read(r, text, 1), 1);
    CHECK(str_is_null(POST(r, "t")));
    CHECK(!FILES(r, "t"));
    r = post(FORM, STR("a=12345678"), s);
    CHECK_STR(POST(r, "a"), STR("12345678"));
    CHECK_EQ(request_read(r, text, 8), 8); /* the body that is in memory, from its start */
    CHECK_STR(str_from(text, 8), STR("a=123456"));
    CHECK_EQ(request_read(r, text, 8), 2);
    CHECK_STR(str_from(text, 2), STR("78"));
    CHECK_EQ(request_read(r, text, 8), 0);
    CHECK_STR(request_body(r), STR("a=12345678"));
}

TEST(request, cookies)
{
    Request *r = test_get("/", "Cookie: a=1; b=\"x\\054y\"; a=2\r\n", test_settings());
    CHECK_STR(COOKIE(r, "a"), STR("2"));
    CHECK_STR(COOKIE(r, "b"), STR("x,y"));
    CHECK(str_is_null(COOKIE(r, "c")));
    CHECK_STR(query_get(request_cookies(r), STR("a")), STR("2"));
    CHECK_STR(COOKIE(r, "b"), STR("x,y"));
}

#define MULTIPART                                                                          \
    "--B\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\nhello\r\n"                   \
    "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\\\x\\\\a.txt\"\r\n" \
    "Content-Type: text/plain; charset=utf-8\r\n\r\n0123456789\r\n"                        \
    "--B\r\nContent-Disposition: form-data; name=\"e\"; filename=\"\"\r\n\r\n\r\n--B--\r\n"

TEST(request, uploads_in_memory_and_on_disk)
{
    Settings *s = test_settings();
    for (int64_t limit = 9; limit <= 10; limit++) {
        s->file_upload_max_memory_size = limit;
        Request *r = post("multipart/form-data; boundary=B", STR(MULTIPART), s);
        CHECK_STR(POST(r, "t"), STR("hello"));
        const UploadedFile *f = FILES(r, "f");
        REQUIRE(f);
        CHECK_STR(f->name, STR("a.txt"));
        CHECK_STR(f->content_type, STR("text/plain"));
        CHECK_STR(f->charset, STR("utf-8"));
        CHECK_EQ(f->size, 10);
        CHECK(!FILES(r, "e"));
        CHECK(!request_file_at(r, 1));
        CHECK_EQ(str_is_null(f->content), limit == 9);
        Str to = str_format(test_arena(), "%s/saved-%lld", test_dir(), (long long)limit);
        CHECK_EQ(uploaded_file_save(r, f, to), 0);
        CHECK_EQ(uploaded_file_save(r, f, to), -EEXIST);
        char text[32] = "";
        FILE *saved = fopen(to.p, "r");
        REQUIRE(saved);
        CHECK_EQ(fread(text, 1, sizeof text, saved), 10);
        fclose(saved);
        CHECK_STR(str_c(text), STR("0123456789"));
        Str temporary = f->temporary_path;
        request_finish(r);
        if (limit == 9)
            CHECK(access(temporary.p, F_OK) < 0);
    }
}

TEST(request, uploads_that_cannot_be_stored_are_errors)
{
    Settings *s = test_settings();
    s->file_upload_max_memory_size = 0;
    s->file_upload_temp_dir = STR("/nowhere");
    Request *r = post("multipart/form-data; boundary=B", STR(MULTIPART), s);
    CHECK_RAISED(r, ask_post, "upload");
    CHECK_RAISED(r, ask_post, ""); /* an error page may ask again: the form is then empty */
    CHECK(!FILES(r, "f"));
    CHECK(str_is_null(POST(r, "t")));
    s->data_upload_max_number_files = 1;
    s->file_upload_temp_dir = STR("");
    Str two = STR("--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n1\r\n"
                  "--B\r\nContent-Disposition: form-data; name=\"g\"; filename=\"b\"\r\n\r\n2\r\n--B--\r\n");
    CHECK_RAISED(post("multipart/form-data; boundary=B", two, s), ask_post, "too_many_files");
    CHECK_RAISED(post("multipart/form-data; boundary=B", str_slice(two, 0, 100), s), ask_post, "multipart");
    CHECK_RAISED(post("multipart/form-data", two, s), ask_post, "multipart");
}

TEST(request, an_empty_multipart_body_is_an_empty_form)
{
    Settings *s = test_settings();
    Request *r = post("multipart/form-data; boundary=B", STR(""), s);
    CHECK_RAISED(r, ask_post, "");
    CHECK(!request_file_at(r, 0));
    r = post("multipart/form-data; boundary=B", STR(""), s);
    CHECK_STR(request_body(r), STR(""));
    CHECK_RAISED(r, ask_post, "");
}

TEST(request, uploads_go_to_another_file_system)
{
    struct stat here, there;
    if (stat(test_dir(), &here) < 0 || stat("/dev/shm", &there) < 0 || here.st_dev == there.st_dev ||
        access("/dev/shm", W_OK) < 0)
        test_skip("/dev/shm is no other file system that can be written");
    Settings *s = test_settings();
    s->file_upload_max_memory_size = 0;
    s->file_upload_temp_dir = STR("/dev/shm");
    s->file_upload_permissions = 0640;
    Request *r = post("multipart/form-data; boundary=B", STR(MULTIPART), s);
    const UploadedFile *f = FILES(r, "f");
    REQUIRE(f);
    Str to = str_format(test_arena(), "%s/kept", test_dir()), text;
    CHECK_EQ(uploaded_file_save(r, f, to), 0);
    CHECK_EQ(file_read(test_arena(), to.p, 100, &text), 0);
    CHECK_STR(text, STR("0123456789"));
    REQUIRE(stat(to.p, &here) == 0);
    CHECK_EQ(here.st_mode & 0777, 0640);
    CHECK_EQ(uploaded_file_save(r, f, STR("")), -ENOENT);
    CHECK_EQ(uploaded_file_save(r, f, STR("/tmp/a\0b")), -EINVAL);
    request_finish(r);
}
