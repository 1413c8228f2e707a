#include "urls/views.h"

#include <clef/urls/request.h>

static Response *object_get(Request *r)
{
    return HttpResponse(r, str_format(r->cx.arena, "#%d", (int)url_int(r, "id")));
}
static const View object_view = View(.get = object_get);
static Response *refused(Request *r) { return HttpResponse(r, "no", .status = 403); }
static const View refused_view = View(.get = refused);
static const View framed_view = View(.get = object_get, VIEW_OPTIONS(.csrf_exempt = true));

static const Url inner[] = { PATH("<int:id>/", view_a, .name = "one"), URLS_END };
static const Url table[] = {
    PATH("post/<slug:slug>/", view_a, .name = "post"),
    PATH("n/<int:n>/", view_b, .name = "n"),
    PATH("u/<uuid:u>/", view_b),
    RE_PATH("^r/([a-z]+)/$", view_c),
    INCLUDE("a/", inner, .namespace = "a", .app_name = "app"),
    INCLUDE("b/", inner, .namespace = "b", .app_name = "app"),
    PATH("object/<int:id>/", object_view),
    PATH("other/", framed_view, VIEW_OPTIONS(.vary_on = "Cookie")),
    HANDLER(404, view_c),
    HANDLER(403, refused_view),
    URLS_END,
};

static Request *request(const char *path)
{
    Request *r = NEW(test_arena(), Request);
    context_init(&r->cx, test_arena());
    r->method = HTTP_GET;
    r->path_info = str_c(path);
    return r;
}

typedef struct Trial {
    const char *path;
    void (*then)(Request *r);
} Trial;

static void route(Context *cx, void *arg)
{
    Trial *t = arg;
    (void)cx;
    Request *r = (Request *)cx;
    CHECK(urls_router.resolve(r, r->urlconf) != NULL);
    if (t->then)
        t->then(r);
}

static const Error *routed(const char *path, void (*then)(Request *r))
{
    Request *r = request(path);
    r->urlconf = compiled(table, NULL);
    return attempt(&r->cx, route, &(Trial){ path, then });
}

static void read_slug(Request *r)
{
    CHECK_STR(url_str(r, "slug"), STR("a-b"));
    CHECK(str_is_null(url_str(r, "none")));
    CHECK_STR(REVERSE(r, "post", "slug", "x-y"), STR("/post/x-y/"));
    CHECK_STR(REVERSE(r, "n", "n", 5), STR("/n/5/"));
    CHECK_STR(REVERSE_ARGS(r, "n", 7), STR("/n/7/"));
    CHECK_STR(REVERSE(r, "app:one", "id", 1), STR("/b/1/"));
    CHECK_STR(REVERSE_VIEW(r, view_a, "slug", "x-y"), STR("/post/x-y/"));
    CHECK_STR(REVERSE_VIEW(r, view_b, "n", 5), STR("/n/5/"));
    CHECK_STR(REVERSE_VIEW(r, object_view, "id", 9), STR("/object/9/"));
    (void)url_int(r, "slug");
}
static void read_number(Request *r)
{
    CHECK_EQ(url_int(r, "n"), 12);
    CHECK_STR(url_str(r, "n"), STR("12"));
    (void)REVERSE(r, "nothing");
}
static void read_uuid(Request *r)
{
    CHECK_EQ(url_uuid(r, "u").b[15], 0x39);
    (void)url_uuid(r, "none");
}
static void read_big(Request *r) { (void)url_int(r, "n"); }
static void read_args(Request *r)
{
    CHECK_STR(url_arg(r, 0), STR("abc"));
    CHECK(str_is_null(url_arg(r, 1)));
}
static void read_view(Request *r) { (void)REVERSE_VIEW(r, view_a); }
static void read_unknown_view(Request *r) { (void)REVERSE_VIEW(r, object_get); }
static void in_namespace(Request *r) { CHECK_STR(REVERSE(r, "app:one", "id", 2), STR("/a/2/")); }

TEST(urls, views_read_values_and_reverse_names)
{
    const Error *e = routed("/post/a-b/", read_slug);
    REQUIRE(e && e->status == 404);
    e = routed("/n/12/", read_number);
    REQUIRE(e && e->status == 500);
    CHECK_STR(e->message,
              STR("Reverse for 'nothing' not found. 'nothing' is not a valid view function or pattern name."));
    e = routed("/u/39da9369-838e-4750-91a5-f7805cd82839/", read_uuid);
    REQUIRE(e && e->status == 404);
    e = routed("/n/99999999999999999999/", read_big);
    REQUIRE(e && e->status == 404);
    CHECK(routed("/r/abc/", read_args) == NULL);
    CHECK(routed("/a/1/", in_namespace) == NULL);
}

TEST(urls, the_router_of_a_site)
{
    const Error *e = routed("/nowhere/", NULL);
    REQUIRE(e && e->status == 404);
    const UrlConf *conf = compiled(table, NULL);
    Request *r = request("/post/x");
    ResolverMatch m;
    CHECK(!urls_router.is_valid_path(r, conf, STR("/post/x"), &m));
    CHECK(urls_router.is_valid_path(r, conf, STR("/post/x/"), &m));
    CHECK_STR(m.url_name, STR("post"));
    const ResolverMatch *shown = r->resolver_match;
    CHECK(urls_router.error_view(r, conf, 500) == NULL);
    CHECK(urls_router.error_view(r, conf, 403) != NULL);
    CHECK(r->resolver_match == shown && r->view == NULL);
    CHECK(str_starts(urls_router.describe(r, conf), STR("post/<slug:slug>/ [name='post']\nn/<int:n>/ [name='n']\n")));
}

/* A view in a namespace, or in none, is found there only, as in Django. */
TEST(urls, views_are_reversed_by_themselves)
{
    const Error *e = routed("/post/a-b/", read_view);
    REQUIRE(e && e->status == 500);
    CHECK_STR(e->message, STR("Reverse for 'view_a' with no arguments not found. 1 pattern(s) tried: "
                              "['post/(?P<slug>[-a-zA-Z0-9_]+)/\\\\Z']"));
    e = routed("/post/a-b/", read_unknown_view);
    REQUIRE(e && e->status == 500);
    CHECK_STR(e->message,
              STR("Reverse for 'object_get' not found. 'object_get' is not a valid view function or pattern name."));
}

static void read_object(Request *r)
{
    CHECK(r->resolver_match->view == &object_view && r->resolver_match->options == NULL);
    Response *response = r->resolver_match->function(r);
    CHECK_STR(response->content, STR("#12"));
    CHECK(r->view == NULL);
}
static void read_framed(Request *r)
{
    const ViewOptions *o = r->resolver_match->options;
    REQUIRE(o != NULL);
    CHECK(o->csrf_exempt);
    CHECK_STR(str_c(o->vary_on), STR("Cookie"));
}

TEST(urls, view_objects_stand_beside_functions)
{
    CHECK(routed("/object/12/", read_object) == NULL);
    CHECK(routed("/other/", read_framed) == NULL);
}
