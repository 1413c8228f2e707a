/*
 * faults.c: a request whose n-th chunk of memory or n-th system call is refused, for n = 1, 2, ... until it comes
 * through. Each time there is an answer, and nothing stays behind: no file, no descriptor, no half-written upload.
 */
#include "base/fault.h"
#include "harness.h"

#include <clef/middleware.h>
#include <clef/rt/file.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *temporary_folder, *target;

/* Reads a field, a file in memory and one on disk, keeps the latter, and answers with a cookie. */
static Response *upload_view(Request *r)
{
    Str title = POST(r, "t");
    const UploadedFile *small = FILES(r, "small"), *large = FILES(r, "large");
    if (!small || !large)
        RAISE(r, 400, "no_file", "two files are wanted");
    int outcome = uploaded_file_save(r, large, str_c(target));
    if (outcome < 0)
        RAISE(r, 500, "save", "%s", strerrordesc_np(-outcome));
    Buf b = BUF_INIT(r->cx.arena, 1 << 16);
    buf_printf(&b, "%.*s %.*s ", STR_FMT(title), STR_FMT(small->content));
    buf_fill(&b, '.', 3000);
    if (b.failed)
        RAISE(r, 503, "memory", "no memory is left");
    Response *response = HttpResponse(r, buf_view(&b));
    SET_COOKIE(r, response, "seen", title, .httponly = true);
    return response;
}

static Response *json_view(Request *r)
{
    Value v = request_json(r);
    Str host = request_build_absolute_uri(r, STR("/next/?a=1"));
    Response *response = JsonResponse(r, v);
    SET_HEADER(r, response, "Location", host);
    return response;
}

static Response *file_view(Request *r) { return FileResponse(r, target, .as_attachment = true); }

static ViewFn *the_view;
static ViewFn *resolve(Request *r, const void *conf)
{
    (void)r, (void)conf;
    return the_view;
}
static const SiteRouter router = { .resolve = resolve };

static size_t entries(const char *folder)
{
    FileEntry *list;
    ssize_t n = file_list(test_arena(), folder, 100, &list);
    REQUIRE(n >= 0);
    return (size_t)n;
}

static Site *make_site(Settings *s)
{
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    return site_create(cx, s,
                       MIDDLEWARE(&security_middleware, &common_middleware, &clickjacking_middleware, &gzip_middleware),
                       &router, NULL);
}

/*
 * Rounds until nothing is refused any more; how many. `status` is what comes then, `makes_target` whether the target is
 * there. The bytes that are used up beforehand shift which allocations need a chunk.
 */
static int rounds(const char *text, unsigned kinds, Settings *s, int status, bool makes_target, size_t used)
{
    Site *site = make_site(s);
    size_t open_before = entries("/proc/self/fd");
    int n = 0;
    for (bool fired = true; fired;) {
        n++;
        REQUIRE(n < 1000);
        Request *template = test_request(str_c(text), s);
        Arena *a = arena_create(NULL, 1 << 20, 256);
        (void)arena_alloc(a, used + 1);
        Request r;
        request_init(&r, a, template->source, s);
        if (makes_target)
            unlink(target);
        fault_arm(kinds, (uint64_t)n);
        Response *response = site_respond(site, &r);
        fired = fault_fired();
        fault_arm(0, 0);
        REQUIRE(response != NULL);
        CHECK(response->status == status || (fired && (response->status == 413 || response->status >= 500)));
        if (makes_target) {
            struct stat st;
            bool there = stat(target, &st) == 0;
            CHECK(!there || st.st_size == 2000); /* whole or not at all */
            CHECK(there || response->status != status);
        }
        request_finish(&r);
        arena_destroy(a);
        CHECK_EQ(entries(temporary_folder), 0);
        CHECK_EQ(entries("/proc/self/fd"), open_before);
    }
    return n;
}

#define LARGE_2(x)       x x
#define LARGE_10(x)      LARGE_2(x) LARGE_2(x) LARGE_2(x) LARGE_2(x) LARGE_2(x)
#define LARGE(x)         LARGE_10(LARGE_10(LARGE_10(x)))
#define PART(what, body) "--B\r\nContent-Disposition: form-data; " what "\r\n\r\n" body "\r\n"
#define FORM                                        \
    PART("name=\"t\"", "hello")                     \
    PART("name=\"small\"; filename=\"s.txt\"", "s") \
    PART("name=\"large\"; filename=\"l.txt\"", LARGE_2(LARGE("x"))) "--B--\r\n"

static Settings *settings_of_rounds(void)
{
    Settings *s = test_settings();
    s->file_upload_max_memory_size = 1000;
    temporary_folder = str_dup_c(test_arena(), str_format(test_arena(), "%s/temporary", test_dir()));
    target = str_dup_c(test_arena(), str_format(test_arena(), "%s/kept", test_dir()));
    REQUIRE(mkdir(temporary_folder, 0700) == 0);
    s->file_upload_temp_dir = str_c(temporary_folder);
    s->file_upload_permissions = 0600;
    return s;
}

enum { SHIFTS = 24, SHIFT = 88 };

TEST(http, an_upload_survives_each_refusal, .seconds = 60)
{
    Settings *s = settings_of_rounds();
    the_view = upload_view;
    Str head = str_format(test_arena(),
                          "POST /u/ HTTP/1.1\r\nHost: testserver\r\nAccept-Encoding: gzip\r\n"
                          "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %zu\r\n\r\n",
                          sizeof FORM - 1);
    const char *text = str_dup_c(test_arena(), str_format(test_arena(), "%.*s%s", STR_FMT(head), FORM));
    CHECK_EQ(rounds(text, FAULT_SYSTEM, s, 200, true, 0), CLEF_FAULTS ? 5 : 1);
    int n = 0;
    for (size_t i = 0; i < SHIFTS; i++)
        n += rounds(text, FAULT_MEMORY, s, 200, true, i * SHIFT);
    CHECK(n > (CLEF_FAULTS ? 2 * SHIFTS : 0));
}

TEST(http, a_json_body_survives_each_refusal, .seconds = 60)
{
    Settings *s = settings_of_rounds();
    the_view = json_view;
    const char *text = "POST /j/?a=1&b=2 HTTP/1.1\r\nHost: testserver\r\nContent-Length: 51\r\n\r\n"
                       "{\"a\": [1, 2, {\"b\": \"\\u00e9 and more\"}], \"c\": 1234567}";
    int n = 0;
    for (size_t i = 0; i < SHIFTS; i++)
        n += rounds(text, FAULT_MEMORY | FAULT_SYSTEM, s, 200, false, i * SHIFT);
    CHECK(n > (CLEF_FAULTS ? 2 * SHIFTS : 0));
}

TEST(http, a_file_survives_each_refusal, .seconds = 60)
{
    Settings *s = settings_of_rounds();
    the_view = file_view;
    REQUIRE(file_write_atomic(target, STR("content"), 0) == 0);
    int n = 0;
    for (size_t i = 0; i < SHIFTS; i++)
        n += rounds("GET /f/ HTTP/1.1\r\nHost: testserver\r\n\r\n", FAULT_MEMORY | FAULT_SYSTEM, s, 200, false,
                    i * SHIFT);
    CHECK(n > (CLEF_FAULTS ? 2 * SHIFTS : 0));
}
