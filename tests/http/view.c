#include "harness.h"

#include <clef/http/view.h>

static Response *said(Request *r, const char *text)
{
    Response *response = HttpResponse(r, text);
    if (r->view)
        SET_HEADER(r, response, "X-Class", r->view->type->name);
    return response;
}
static Response *show(Request *r) { return said(r, "get"); }
static Response *save(Request *r) { return said(r, "post"); }
static Response *peek(Request *r) { return said(r, "head"); }
static Response *nothing(Request *r) { return (void)r, NULL; }

static void refuse_guests(Request *r)
{
    if (!HEADER(r, "X-Member").n)
        RAISE(r, 403, "permission_denied", "members only");
}
static Response *framed(Request *r, Next *next)
{
    Response *response = next_call(next, r);
    SET_HEADER(r, response, "X-Framed", (const char *)decorator_arg(next));
    return response;
}

/* A class as the generic views have them. */
typedef struct ListConfig {
    VIEW_HEAD;
    const char *template_name;
    int paginate_by;
} ListConfig;
static Response *list_get(Request *r, const View *view)
{
    const ListConfig *list = VIEW_CONFIG(view, ListConfig);
    return said(r, str_format(r->cx.arena, "%s by %d", list->template_name, list->paginate_by).p);
}
static const ViewClass list_view_class = { .name = "ListView", .methods = { [HTTP_GET] = list_get } };
#define ListView(...) VIEW_OF(list_view_class, ListConfig, __VA_ARGS__)

static Response *traced(Request *r, const View *view)
{
    Response *response = view_dispatch(r, view);
    SET_HEADER(r, response, "X-Traced", "yes");
    return response;
}
static const ViewClass traced_class = { .name = "Traced", .dispatch = traced };

static const View reading = View(.get = show);
static const View editing = View(.get = show, .post = save, .head = peek);
static const View only_post = View(.get = show, .post = save, .http_method_names = METHODS(POST));
static const View guarded = View(.get = show, .setup = refuse_guests);
static const View empty = View(.get = nothing);
static const View list = ListView(.template_name = "posts.html", .paginate_by = 20, .post = save);
static const View own_dispatch = VIEW_OF(traced_class, BaseViewConfig, .get = show);
static const View decorated =
    View(.get = show, VIEW_OPTIONS(.never_cache = true, .decorators = DECORATORS((framed, "inner"))));

static const View *the_view;
static Response *run(Request *r) { return view_call(r, the_view); }
static ViewFn *resolve(Request *r, const void *conf) { return (void)r, (void)conf, run; }
static const SiteRouter router = { .resolve = resolve };

static Response *answer(const View *view, const char *method, const char *headers)
{
    the_view = view;
    Arena *a = test_arena();
    Settings *s = test_settings();
    Context cx;
    context_init(&cx, a);
    Site *site = site_create(&cx, s, NULL, &router, NULL);
    Str head = str_format(a, "%s / HTTP/1.1\r\nHost: testserver\r\n%s\r\n", method, headers);
    return site_respond(site, test_request(head, s));
}

TEST(view, the_method_chooses_the_function)
{
    static const struct {
        const View *view;
        const char *method;
        int status;
        const char *content, *allow;
    } rows[] = {
        { &reading, "GET", 200, "get", NULL },
        { &reading, "HEAD", 200, "get", NULL },
        { &reading, "POST", 405, "", "GET, HEAD, OPTIONS" },
        { &reading, "BREW", 405, "", "GET, HEAD, OPTIONS" },
        { &reading, "OPTIONS", 200, "", "GET, HEAD, OPTIONS" },
        { &editing, "POST", 200, "post", NULL },
        { &editing, "HEAD", 200, "head", NULL },
        { &editing, "DELETE", 405, "", "GET, POST, HEAD, OPTIONS" },
        { &only_post, "GET", 405, "", "POST" },
        { &only_post, "OPTIONS", 405, "", "POST" },
        { &only_post, "POST", 200, "post", NULL },
        { &list, "GET", 200, "posts.html by 20", NULL },
        { &list, "HEAD", 200, "posts.html by 20", NULL },
        { &list, "POST", 200, "post", NULL },
        { &list, "PUT", 405, "", "GET, POST, HEAD, OPTIONS" },
        { &guarded, "GET", 403, NULL, NULL },
        { &empty, "GET", 500, NULL, NULL },
    };
    EACH_ROW (row, rows) {
        Response *response = answer(row->view, row->method, "");
        CHECK_EQ(response->status, row->status);
        if (row->content)
            CHECK_STR(response->content, str_c(row->content));
        CHECK_STR(response_header(response, STR("Allow")), str_c(row->allow));
    }
    CHECK_EQ(answer(&guarded, "GET", "X-Member: 7\r\n")->status, 200);
}

TEST(view, the_object_that_runs_stands_on_the_request)
{
    CHECK_STR(response_header(answer(&list, "POST", ""), STR("X-Class")), STR("ListView"));
    CHECK_STR(response_header(answer(&own_dispatch, "GET", ""), STR("X-Class")), STR("Traced"));
    CHECK_STR(response_header(answer(&own_dispatch, "GET", ""), STR("X-Traced")), STR("yes"));
}

TEST(view, options_stand_around_the_object)
{
    Response *response = answer(&decorated, "GET", "");
    CHECK_STR(response_header(response, STR("X-Framed")), STR("inner"));
    CHECK(str_contains(response_header(response, STR("Cache-Control")), STR("no-store")));
}

TEST(view, options_of_url_and_object_become_one_set)
{
    static const Decorator outer[] = { { .call = framed, .arg = "outer" }, { .call = NULL } };
    static const Decorator within[] = { { .call = framed, .arg = "inner" }, { .call = NULL } };
    static const ViewOptions url = { .methods = METHODS(GET, POST),
                                     .cache_control = "private",
                                     .decorators = outer,
                                     .csrf_exempt = true },
                             object = { .methods = METHODS(POST, PUT),
                                        .cache_control = "public",
                                        .vary_on = "Cookie",
                                        .never_cache = true,
                                        .decorators = within },
                             other = { .methods = METHODS(PUT) }, flags = { .gzip_page = true };
    Arena *a = test_arena();
    CHECK(view_options_join(a, &url, NULL) == &url);
    CHECK(view_options_join(a, NULL, &object) == &object);
    const ViewOptions *o = view_options_join(a, &url, &object);
    CHECK_EQ(o->methods & ~(1u << 31), METHODS(POST));
    CHECK_EQ(view_options_join(a, &url, &other)->methods & METHODS(GET, POST, PUT), 0u);
    CHECK(view_options_join(a, &url, &other)->methods != 0);
    CHECK_EQ(view_options_join(a, &url, &flags)->methods, url.methods);
    CHECK_STR(str_c(o->cache_control), STR("private"));
    CHECK_STR(str_c(o->vary_on), STR("Cookie"));
    CHECK(o->never_cache && o->csrf_exempt && !o->gzip_page);
    CHECK_STR(str_c((const char *)o->decorators[0].arg), STR("outer"));
    CHECK_STR(str_c((const char *)o->decorators[1].arg), STR("inner"));
    CHECK(o->decorators[2].call == NULL);
}
