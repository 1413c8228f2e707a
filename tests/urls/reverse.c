#include "urls/views.h"

static const Url comments[] = {
    PATH("", view_a, .name = "list"),
    PATH("<int:id>/", view_a, .name = "detail"),
    URLS_END,
};
static const Url plain[] = { PATH("inner/<slug:s>/", view_a, .name = "inner"), URLS_END };
static const Url table[] = {
    PATH("", view_a, .name = "home"),
    PATH("item/", view_a, .name = "item"),
    PATH("item/<int:id>/", view_a, .name = "item"),
    PATH("text/<str:t>/", view_a, .name = "text"),
    PATH("with/<slug:s>/", view_a, .name = "with", .kwargs = KWARGS("n", 1)),
    PATH("with2/<slug:s>/", view_a, .name = "with", .kwargs = KWARGS("n", 2)),
    PATH("file/<path:p>", view_a, .name = "file"),
    PATH("two/<str:a>/<path:b>/", view_a, .name = "two"),
    RE_PATH("^old/([0-9]+)/$", view_a, .name = "old"),
    RE_PATH("^opt/(?:(?P<p>\\w+)/)?$", view_a, .name = "optional"),
    RE_PATH("^esc/\\$\\{(?P<x>[^}]+)\\}$", view_a, .name = "escaped"),
    INCLUDE("c1/", comments, .app_name = "comments", .namespace = "first"),
    INCLUDE("c2/<int:owner>/", comments, .app_name = "comments", .namespace = "second"),
    INCLUDE("p/<slug:q>/", plain),
    URLS_END,
};

static Str reversed(const char *name, const Value *args, size_t nargs, UrlArgs kwargs, const char *app)
{
    Str out, error;
    UrlReverse what = {
        .name = str_c(name), .args = args, .nargs = nargs, .kwargs = kwargs, .current_app = str_c(app)
    };
    return urlconf_reverse(compiled(table, NULL), test_arena(), &what, &out, &error) == URL_REVERSED ? out : error;
}
#define REV(name, ...) \
    reversed((name), (Value[]){ __VA_ARGS__ }, sizeof((Value[]){ __VA_ARGS__ }) / sizeof(Value), (UrlArgs){ 0 }, NULL)
#define REV0(name, app) reversed((name), NULL, 0, (UrlArgs){ 0 }, (app))
#define REVK(name, ...)                                                                                            \
    reversed((name), NULL, 0,                                                                                      \
             (UrlArgs){ .p = (UrlArg[]){ __VA_ARGS__ }, .n = sizeof((UrlArg[]){ __VA_ARGS__ }) / sizeof(UrlArg) }, \
             NULL)
#define K(n, v)     \
    {               \
        STR(n), (v) \
    }
#define I(v) value_int(v)
#define S(v) value_str(STR(v))

TEST(reverse, paths_of_names)
{
    CHECK_STR(REV0("home", NULL), STR("/"));
    CHECK_STR(REV0("item", NULL), STR("/item/"));
    CHECK_STR(REV("item", I(5)), STR("/item/5/"));
    CHECK_STR(REV("item", S("7")), STR("/item/7/"));
    CHECK_STR(REVK("item", K("id", I(-5))),
              STR("Reverse for 'item' with keyword arguments '{'id': -5}' not found. 2 pattern(s) tried: "
                  "['item/(?P<id>[0-9]+)/\\\\Z', 'item/\\\\Z']"));
    CHECK_STR(REV("text", S("a b/\xc3\xa9")),
              STR("Reverse for 'text' with arguments '('a b/\xc3\xa9',)' not found. 1 pattern(s) tried: "
                  "['text/(?P<t>[^/]+)/\\\\Z']"));
    CHECK_STR(REV("text", S("a b?\xc3\xa9:@~")), STR("/text/a%20b%3F%C3%A9:@~/"));
    CHECK_STR(REV("file", S("x//y")), STR("/file/x//y"));
    CHECK_STR(REV("two", S("x/y"), S("z")), STR("/two/x/y/z/"));
    CHECK_STR(REV("old", I(12)), STR("/old/12/"));
    CHECK_STR(REV("old", S("x")),
              STR("Reverse for 'old' with arguments '('x',)' not found. 1 pattern(s) tried: ['old/([0-9]+)/$']"));
    CHECK_STR(REV0("optional", NULL), STR("/opt/"));
    CHECK_STR(REVK("optional", K("p", S("v"))), STR("/opt/v/"));
    CHECK_STR(REV("escaped", S("a")), STR("/esc/$%7Ba%7D"));
    CHECK_STR(REVK("inner", K("q", S("a")), K("s", S("b"))), STR("/p/a/inner/b/"));
    CHECK_STR(REV0("nothing", NULL),
              STR("Reverse for 'nothing' not found. 'nothing' is not a valid view function or pattern name."));
    CHECK_STR(REV0("inner", NULL), STR("Reverse for 'inner' with no arguments not found. 1 pattern(s) tried: "
                                       "['p/(?P<q>[-a-zA-Z0-9_]+)/inner/(?P<s>[-a-zA-Z0-9_]+)/\\\\Z']"));
}

TEST(reverse, defaults_choose)
{
    CHECK_STR(REVK("with", K("s", S("x")), K("n", I(1))), STR("/with/x/"));
    CHECK_STR(REVK("with", K("s", S("x")), K("n", I(2))), STR("/with2/x/"));
    CHECK_STR(REVK("with", K("s", S("x"))), STR("/with2/x/"));
    CHECK(str_starts(REVK("with", K("s", S("x")), K("n", I(3))), STR("Reverse for")));
}

TEST(reverse, namespaces_and_applications)
{
    CHECK_STR(REV0("first:list", NULL), STR("/c1/"));
    CHECK_STR(REV("second:detail", I(1), I(2)), STR("/c2/1/2/"));
    CHECK_STR(REV0("comments:list", "first"), STR("/c1/"));
    CHECK(str_starts(REV0("comments:list", NULL),
                     STR("Reverse for 'list' with no arguments not found. 1 pattern(s) tried: ['c2/")));
    CHECK_STR(REV0("nope:list", NULL), STR("'nope' is not a registered namespace"));
    CHECK_STR(REV0("first:nope:list", NULL), STR("'nope' is not a registered namespace inside 'first'"));
}

TEST(reverse, query_fragment_prefix_and_mixing)
{
    UrlConf *conf = compiled(table, &(UrlOptions){ .script_prefix = STR("/app/") });
    List list = { .p = (Value[]){ I(1), S("b c") }, .n = 2 };
    UrlArg query[] = { K("a b", S("x&y")), { STR("l"), { .tag = VALUE_LIST, .list = &list } } };
    Value five = I(5);
    UrlReverse what = { .name = STR("item"), .args = &five, .nargs = 1, .query = { query, 2 }, .fragment = STR("top") };
    Str out, error;
    REQUIRE(urlconf_reverse(conf, test_arena(), &what, &out, &error) == URL_REVERSED);
    CHECK_STR(out, STR("/app/item/5/?a+b=x%26y&l=1&l=b+c#top"));
    what = (UrlReverse){
        .name = STR("file"), .args = (Value[]){ S("/evil.example/") }, .nargs = 1, .script_prefix = STR("/")
    };
    REQUIRE(urlconf_reverse(conf, test_arena(), &what, &out, &error) == URL_REVERSED);
    CHECK_STR(out, STR("/file//evil.example/"));
    what = (UrlReverse){ .name = STR("home"), .script_prefix = STR("//evil.example/") };
    REQUIRE(urlconf_reverse(conf, test_arena(), &what, &out, &error) == URL_REVERSED);
    CHECK_STR(out, STR("/%2Fevil.example/"));
    UrlArg kwarg = K("id", I(1));
    what = (UrlReverse){ .name = STR("item"), .args = &five, .nargs = 1, .kwargs = { &kwarg, 1 } };
    CHECK_EQ(urlconf_reverse(conf, test_arena(), &what, &out, &error), URL_MIXED_ARGUMENTS);
    CHECK_STR(error, STR("Don't mix *args and **kwargs in call to reverse()!"));
}
