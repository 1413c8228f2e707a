#include "urls/views.h"

#include <clef/base/decimal.h>

static const Url basics[] = {
    PATH("", view_a, .name = "home"),
    PATH("blog/", view_a, .name = "blog"),
    PATH("blog/<int:year>/", view_b, .name = "year"),
    PATH("blog/<int:year>/<int:month>/", view_b, .name = "month", .kwargs = KWARGS("day", 1)),
    PATH("blog/<slug:slug>/", view_c, .name = "post"),
    PATH("id/<uuid:id>/", view_a, .name = "uuid"),
    PATH("file/<path:rest>", view_a, .name = "file"),
    PATH("any/<name>/", view_a, .name = "any"),
    URLS_END,
};

TEST(urls, converters_take_what_djangos_take)
{
    UrlConf *conf = compiled(basics, NULL);
    CHECK_RESOLVES(conf, "/", "home");
    CHECK_RESOLVES(conf, "", "-");
    CHECK_RESOLVES(conf, "blog/", "-");
    CHECK_RESOLVES(conf, "/blog/", "blog");
    CHECK_RESOLVES(conf, "/blog", "-");
    CHECK_RESOLVES(conf, "/blog/2026/", "year year=#2026");
    CHECK_RESOLVES(conf, "/blog/007/", "year year=#7");
    CHECK_RESOLVES(conf, "/blog/-7/", "post slug=-7");
    CHECK_RESOLVES(conf, "/blog/2026/7/", "month year=#2026 month=#7 day=#1");
    CHECK_RESOLVES(conf, "/blog/a-b_c/", "post slug=a-b_c");
    CHECK_RESOLVES(conf, "/blog/a.b/", "-");
    CHECK_RESOLVES(conf, "/blog//", "-");
    CHECK_RESOLVES(conf, "/blog/2026/\n", "-");
    CHECK_RESOLVES(conf, "/id/39da9369-838e-4750-91a5-f7805cd82839/", "uuid id=uuid3939");
    CHECK_RESOLVES(conf, "/id/39DA9369-838e-4750-91a5-f7805cd82839/", "-");
    CHECK_RESOLVES(conf, "/id/39da9369-838e-4750-91a5-f7805cd8283/", "-");
    CHECK_RESOLVES(conf, "/file/a/b//c", "file rest=a/b//c");
    CHECK_RESOLVES(conf, "/file/", "-");
    CHECK_RESOLVES(conf, "/file/a\nb", "-");
    CHECK_RESOLVES(conf, "/any/a b\xc3\xa9\n/", "any name=a b\xc3\xa9\n");
    CHECK_RESOLVES(conf, "/any/a/b/", "-");
}

static const Url plain_inner[] = { PATH("", view_a, .name = "inner"), PATH("a/", view_a, .name = "inner-a"), URLS_END };
static const Url plain_last[] = { PATH("b/", view_a, .name = "last-b"), URLS_END };
static const Url plain_paths[] = {
    PATH("first/", view_a, .name = "first"),
    PATH("<slug:s>/", view_a, .name = "slug"),
    PATH("hidden/", view_a, .name = "hidden"),
    RE_PATH("^regex/.*$", view_a, .name = "regex"),
    PATH("regex/hidden/", view_a, .name = "regex-hidden"),
    PATH("in/same/", view_a, .name = "same"),
    INCLUDE("in/", plain_inner),
    PATH("in/a/", view_a, .name = "in-a"),
    PATH("in/same/", view_a, .name = "same-again"),
    INCLUDE("in/", plain_last),
    URLS_END,
};

TEST(urls, a_path_without_parameters_keeps_its_place_in_the_table)
{
    UrlConf *conf = compiled(plain_paths, NULL);
    CHECK_RESOLVES(conf, "/first/", "first");
    CHECK_RESOLVES(conf, "/hidden/", "slug s=hidden");
    CHECK_RESOLVES(conf, "/regex/hidden/", "regex");
    CHECK_RESOLVES(conf, "/in/", "slug s=in");
    CHECK_RESOLVES(conf, "/in/a/", "inner-a");
    CHECK_RESOLVES(conf, "/in/same/", "same");
    CHECK_RESOLVES(conf, "/in/b/", "last-b");
    CHECK_RESOLVES(conf, "/in/c/", "-");
    ResolverMatch m;
    CHECK_EQ(urlconf_resolve(conf, test_arena(), str_from("/first/x", 7), &m), URL_FOUND);
    CHECK_EQ(urlconf_resolve(conf, test_arena(), (Str){ 0 }, &m), URL_NOT_FOUND);
}

TEST(urls, an_int_of_any_size_is_exact)
{
    UrlConf *conf = compiled(basics, NULL);
    ResolverMatch m;
    CHECK_RESOLVES(conf, "/blog/9223372036854775807/", "year year=#9223372036854775807");
    REQUIRE(urlconf_resolve(conf, test_arena(), STR("/blog/12345678901234567890123/"), &m) == URL_FOUND);
    REQUIRE(m.kwargs.n == 1 && m.kwargs.p[0].value.tag == VALUE_BIGINT);
    const Decimal *d = m.kwargs.p[0].value.decimal;
    CHECK_EQ(d->nlimbs, 3);
    CHECK_EQ(d->limbs[0], 567890123);
    CHECK_EQ(d->limbs[2], 12345);
    Str out, error;
    UrlReverse what = { .name = STR("year"), .kwargs = m.kwargs };
    REQUIRE(urlconf_reverse(conf, test_arena(), &what, &out, &error) == URL_REVERSED);
    CHECK_STR(out, STR("/blog/12345678901234567890123/"));
}

static const Url inner[] = {
    PATH("", view_a, .name = "list"),
    RE_PATH("^(?P<n>[0-9]+)/$", view_b, .name = "number"),
    RE_PATH("^pair/(\\w+)-(\\w+)/$", view_c, .name = "pair"),
    PATH("extra/<b>/", view_c, .name = "extra", .kwargs = KWARGS("b", "default", "on", (bool)true)),
    URLS_END,
};
static const Url outer[] = {
    INCLUDE("one/", inner, .namespace = "one", .app_name = "inner"),
    INCLUDE("two/<a>/", inner, .namespace = "two", .app_name = "inner", .kwargs = KWARGS("z", 5)),
    RE_INCLUDE("^three/([a-z]+)/", inner),
    PATH("one/late/", view_a, .name = "late"),
    URLS_END,
};

TEST(urls, includes_carry_names_captures_and_defaults)
{
    UrlConf *conf = compiled(outer, NULL);
    CHECK_RESOLVES(conf, "/one/", "one:list");
    CHECK_RESOLVES(conf, "/one/12/", "one:number n=12");
    CHECK_RESOLVES(conf, "/one/late/", "late");
    CHECK_RESOLVES(conf, "/two/x/", "two:list a=x z=#5");
    CHECK_RESOLVES(conf, "/two/x/12/", "two:number a=x z=#5 n=12");
    CHECK_RESOLVES(conf, "/two/x/pair/a-b/", "two:pair a b a=x z=#5");
    CHECK_RESOLVES(conf, "/three/abc/pair/a-b/", "pair abc a b");
    CHECK_RESOLVES(conf, "/three/abc/12/", "number n=12");
    CHECK_RESOLVES(conf, "/one/extra/v/", "one:extra b=default on=tag1");
    ResolverMatch m;
    REQUIRE(urlconf_resolve(conf, test_arena(), STR("/two/x/extra/v/"), &m) == URL_FOUND);
    CHECK_STR(m.route, STR("two/<a>/extra/<b>/"));
    CHECK_EQ(m.captured_kwargs.n, 1);
    CHECK_STR(m.captured_kwargs.p[0].value.s, STR("v"));
    CHECK_EQ(m.extra_kwargs.n, 3);
    CHECK_EQ(m.kwargs.n, 4);
    CHECK_STR(m.app_names[0], STR("inner"));
    CHECK_STR(m.namespaces[0], STR("two"));
    CHECK(m.function == view_c);
    CHECK(m.url == &inner[3]);
    REQUIRE(urlconf_resolve(conf, test_arena(), STR("/three/q/12/"), &m) == URL_FOUND);
    CHECK_STR(m.route, STR("^three/([a-z]+)/(?P<n>[0-9]+)/$"));
    CHECK_EQ(m.nnamespaces, 0);
}

/* The order of the table decides, also where the tree would find a later entry sooner. */
static const Url order[] = {
    PATH("a/<slug:x>/", view_a, .name = "slug"),
    PATH("a/exact/", view_b, .name = "exact"),
    RE_PATH("^b/.*", view_a, .name = "all-b"),
    PATH("b/<int:n>/", view_b, .name = "int-b"),
    PATH("c/<int:n>/", view_a, .name = "int-c"),
    RE_PATH("^c/[0-9]+/$", view_b, .name = "re-c"),
    PATH("c/<str:s>/", view_c, .name = "str-c"),
    RE_PATH("z/", view_a, .name = "has-z"),
    PATH("q/z/", view_b, .name = "q"),
    PATH("<str:x>-<str:y>/", view_a, .name = "ambiguous"),
    PATH("<int:x><slug:y>/", view_a, .name = "touching"),
    PATH("<path:p>/end/", view_a, .name = "path-end"),
    PATH("<path:p>", view_a, .name = "rest"),
    URLS_END,
};

TEST(urls, the_first_entry_of_the_table_wins)
{
    UrlConf *conf = compiled(order, NULL);
    CHECK_RESOLVES(conf, "/a/exact/", "slug x=exact");
    CHECK_RESOLVES(conf, "/b/12/", "all-b");
    CHECK_RESOLVES(conf, "/c/12/", "int-c n=#12");
    CHECK_RESOLVES(conf, "/c/1x/", "str-c s=1x");
    CHECK_RESOLVES(conf, "/q/z/", "has-z");
    CHECK_RESOLVES(conf, "/one-two-three/", "ambiguous x=one-two y=three");
    CHECK_RESOLVES(conf, "/12ab/", "touching x=#12 y=ab");
    CHECK_RESOLVES(conf, "/123/", "touching x=#12 y=3");
    CHECK_RESOLVES(conf, "/x/end/end/", "path-end p=x/end");
    CHECK_RESOLVES(conf, "/x/other", "rest p=x/other");
}

TEST(urls, more_candidates_than_fit_are_tried_in_order)
{
    enum { N = 100 };
    Url *table = NEW_ARRAY(test_arena(), Url, N + 1);
    for (int i = 0; i < N; i++) {
        char *route = str_dup_c(test_arena(), str_format(test_arena(), "^x/%s%d/", i % 2 ? "" : "(?:)", i));
        table[i] =
            (Url){ .route = i < 60 ? "^x/nothing" : route, .kind = URL_REGEX, .function = view_a, .name = "entry" };
    }
    table[99].name = "last";
    UrlConf *conf = compiled(table, NULL);
    CHECK_RESOLVES(conf, "/x/99/", "last");
    CHECK_RESOLVES(conf, "/x/98/", "entry");
    CHECK_RESOLVES(conf, "/x/1000/", "-");
}

static bool year_value(Arena *a, Str text, Value *out)
{
    int64_t i;
    (void)a;
    if (!str_to_i64(text, &i) || i < 1900)
        return false;
    *out = (Value){ .tag = VALUE_INT, .i = i };
    return true;
}
static bool year_url(Arena *a, Value v, Str *out)
{
    if (v.tag != VALUE_INT)
        return false;
    *out = str_format(a, "%04d", (int)v.i);
    return true;
}
static const UrlConverter year = { .name = "yyyy", .regex = "[0-9]{4}", .to_value = year_value, .to_url = year_url };

TEST(urls, converters_of_the_program)
{
    static const Url table[] = {
        PATH("<yyyy:y>/", view_a, .name = "year"),
        PATH("<int:n>/", view_a, .name = "int"),
        URLS_END,
    };
    UrlConf *conf = compiled(table, &(UrlOptions){ .converters = URL_CONVERTERS(&year) });
    CHECK_RESOLVES(conf, "/2026/", "year y=#2026");
    CHECK_RESOLVES(conf, "/1800/", "int n=#1800");
    CHECK_RESOLVES(conf, "/20266/", "int n=#20266");
}

static Str language(void *arg) { return str_c(*(const char **)arg); }

TEST(urls, a_language_prefix)
{
    static const Url inside[] = { RE_PATH("^users/$", view_a, .name = "users"), URLS_END };
    static const Url table[] = { PATH("plain/", view_b, .name = "plain"), LOCALE_PREFIX(inside), URLS_END };
    const char *active = "nl";
    UrlConf *conf = compiled(table, &(UrlOptions){ .language = language, .language_arg = &active });
    CHECK_RESOLVES(conf, "/nl/users/", "users");
    CHECK_RESOLVES(conf, "/en/users/", "-");
    CHECK_RESOLVES(conf, "/plain/", "plain");
    ResolverMatch m;
    REQUIRE(urlconf_resolve(conf, test_arena(), STR("/nl/users/"), &m) == URL_FOUND);
    CHECK_STR(m.route, STR("nl/users/$"));
    Str out, error;
    active = "e(";
    REQUIRE(urlconf_reverse(conf, test_arena(), &(UrlReverse){ .name = STR("users") }, &out, &error) == URL_REVERSED);
    CHECK_STR(out, STR("/e(/users/"));
}

TEST(urls, append_slash_and_what_was_tried)
{
    UrlConf *conf = compiled(outer, NULL);
    ResolverMatch m;
    CHECK(urlconf_should_append_slash(conf, test_arena(), STR("/one/12"), &m));
    CHECK_STR(m.url_name, STR("number"));
    CHECK(!urlconf_should_append_slash(conf, test_arena(), STR("/one/12/"), NULL));
    CHECK(!urlconf_should_append_slash(conf, test_arena(), STR("/nowhere"), NULL));
    UrlConf *without = compiled(outer, &(UrlOptions){ .no_append_slash = true });
    CHECK(!urlconf_should_append_slash(without, test_arena(), STR("/one/12"), NULL));
    const Str *tried;
    REQUIRE(urlconf_tried(conf, test_arena(), STR("/one/x/"), &tried) == 7);
    CHECK_STR(tried[0], STR("one/  [name='list']"));
    CHECK_STR(tried[1], STR("one/ ^(?P<n>[0-9]+)/$ [name='number']"));
    CHECK_STR(tried[4], STR("two/<a>/"));
    CHECK_STR(tried[6], STR("one/late/ [name='late']"));
}

TEST(urls, handlers)
{
    static const Url table[] = { HANDLER(404, view_b), HANDLER(500, view_c), PATH("", view_a), URLS_END };
    UrlConf *conf = compiled(table, NULL);
    REQUIRE(urlconf_handler(conf, 404) != NULL);
    CHECK(urlconf_handler(conf, 404)->function == view_b);
    CHECK(urlconf_handler(conf, 500)->function == view_c);
    CHECK(urlconf_handler(conf, 400) == NULL);
    CHECK(urlconf_handler(conf, 403) == NULL);
    CHECK(urlconf_handler(conf, 418) == NULL);
    CHECK_RESOLVES(conf, "/", "view_a");
}

/* An oracle: the same table, searched from top to bottom without the tree, on many paths. */
TEST(urls, the_tree_agrees_with_a_search_from_the_top)
{
    static const char *const pieces[] = { "a", "ab",  "b/",       "1",          "12/",       "-",        "x-1/",
                                          "/", "a/b", "<int:%c>", "<slug:%c>/", "<str:%c>/", "<path:%c>" };
    uint64_t seed = 12345;
    Arena *a = test_arena();
    Str error;
    for (int round = 0; round < 40; round++) {
        enum { N = 30 };
        Url *table = NEW_ARRAY(a, Url, N + 1);
        for (int i = 0; i < N; i++) {
            Str route = STR("");
            for (int k = 0; k < 3; k++) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                Str piece = str_c(pieces[(seed >> 33) % CLEF_COUNT(pieces)]);
                char name[2] = { (char)('p' + k), 0 };
                route = str_concat(a, route, str_replace(a, piece, STR("%c"), str_c(name)));
            }
            table[i] = (Url){ .route = str_dup_c(a, route),
                              .function = view_a,
                              .name = str_dup_c(a, str_format(a, "r%d", i)) };
        }
        UrlConf *conf = compiled(table, NULL), *single[N];
        for (int i = 0; i < N; i++) {
            Url *one = NEW_ARRAY(a, Url, 2);
            one[0] = table[i];
            REQUIRE((single[i] = urlconf_compile(a, one, NULL, &error)) != NULL);
        }
        for (int t = 0; t < 60; t++) {
            Str path = STR("/");
            for (int k = 0; k < 4; k++) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                path = str_concat(a, path, str_c(pieces[(seed >> 33) % 9]));
            }
            Str expected = STR("-");
            for (int i = 0; i < N && str_eq(expected, STR("-")); i++)
                expected = resolved(single[i], path.p);
            CHECK_STR(resolved(conf, path.p), expected);
        }
    }
}
