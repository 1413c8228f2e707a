#include "urls/views.h"

static Str compile_error(const Url *table)
{
    Str error = STR("");
    return urlconf_compile(test_arena(), table, NULL, &error) ? STR("") : error;
}
#define CHECK_REFUSED(text, ...) CHECK_STR(compile_error((const Url[]){ __VA_ARGS__, URLS_END }), STR(text))

TEST(urls, a_wrong_route_is_named_with_the_remedy)
{
    CHECK_REFUSED(
        "URL table, entry 1 at '<sulg:x>/': URL route '<sulg:x>/' uses invalid converter 'sulg': str, int, slug, uuid "
        "and path are built in, others are listed in UrlOptions.converters",
        PATH("<sulg:x>/", view_a));
    CHECK_REFUSED(
        "URL table, entry 1 at '<x>/<int:x>/': URL route '<x>/<int:x>/' uses parameter name 'x' more than once: rename "
        "one of them",
        PATH("<x>/<int:x>/", view_a));
    CHECK_REFUSED(
        "URL table, entry 1 at '<1x>': URL route '<1x>' uses parameter name '1x' which isn't a valid identifier: take "
        "letters, digits and '_', a letter first",
        PATH("<1x>", view_a));
    CHECK_REFUSED(
        "URL table, entry 1 at '<int: x>': URL route '<int: x>' cannot contain whitespace in angle brackets: 'int: x'; "
        "take it out",
        PATH("<int: x>", view_a));
    CHECK_REFUSED("URL table, entry 2 at 'x': it has no view: PATH(route, view) or INCLUDE(route, table)",
                  PATH("", view_a), { .route = "x" });
    Str error = compile_error((const Url[]){ RE_PATH("^a(b$", view_a), URLS_END });
    CHECK(str_starts(error,
                     STR("URL table, entry 1 at '^a(b$': \"^a(b$\" is not a valid regular expression: missing closing "
                         "parenthesis at position 5")));
    static const Url inner[] = { PATH("<bad:x>", view_a), URLS_END };
    CHECK(str_starts(compile_error((const Url[]){ INCLUDE("in/", inner), URLS_END }),
                     STR("URL table, entry 1 at 'in/' > '<bad:x>': URL route")));
    CHECK_REFUSED("URL table, entry 1 at '': there is no HANDLER for 418: 400, 403, 404 and 500 have one",
                  HANDLER(418, view_a));
}

TEST(urls, a_language_prefix_in_an_included_table_is_refused)
{
    static const Url inside[] = { PATH("", view_a), URLS_END };
    static const Url middle[] = { LOCALE_PREFIX(inside), URLS_END };
    CHECK(str_contains(compile_error((const Url[]){ INCLUDE("x/", middle), URLS_END }),
                       STR("Using i18n_patterns in an included URLconf is not allowed.")));
}

TEST(urls, a_table_that_includes_itself_is_refused)
{
    static Url self[2];
    self[0] = (Url){ .route = "x/", .include = self };
    CHECK(str_ends(compile_error(self), STR("INCLUDEs are nested more than 16 deep: does a table include itself?")));
}

/* A chain of `depth` tables around one entry. */
static const Url *chain(unsigned depth)
{
    Url *inside = NULL;
    for (unsigned i = 0; i <= depth; i++) {
        Url *level = NEW_ARRAY(test_arena(), Url, 2);
        level[0] = inside ? (Url){ .route = "x/", .include = inside } : (Url){ .route = "end", .function = view_a };
        inside = level;
    }
    return inside;
}

TEST(urls, limits_hold_at_the_limit)
{
    CHECK_STR(compile_error(chain(URL_MAX_DEPTH - 1)), STR(""));
    CHECK(!str_empty(compile_error(chain(URL_MAX_DEPTH))));
    Str route = STR("");
    for (unsigned i = 0; i < URL_MAX_CAPTURES; i++)
        route = str_format(test_arena(), "%.*s<int:p%u>/", STR_FMT(route), i);
    Url table[] = { { .route = str_dup_c(test_arena(), route), .function = view_a }, URLS_END };
    CHECK_STR(compile_error(table), STR(""));
    table[0].route = str_dup_c(test_arena(), str_concat(test_arena(), route, STR("<last>")));
    CHECK(str_contains(compile_error(table), STR("captures too many values")));
    char *longest = NEW_ARRAY(test_arena(), char, URL_MAX_ROUTE + 2);
    memset(longest, 'x', URL_MAX_ROUTE);
    table[0].route = longest;
    CHECK_STR(compile_error(table), STR(""));
    longest[URL_MAX_ROUTE] = 'x';
    CHECK(str_contains(compile_error(table), STR("longer than 4096 bytes")));
}

TEST(urls, warnings_are_djangos)
{
    static const Url inner[] = { PATH("", view_a), URLS_END };
    static const Url table[] = {
        PATH("/slash", view_a, .name = "s"),
        PATH("colon/", view_a, .name = "a:b"),
        RE_INCLUDE("^dollar/$", inner),
        PATH("^caret/", view_a),
        PATH("open<x/", view_a),
        INCLUDE("n1/", inner, .namespace = "n"),
        INCLUDE("n2/", inner, .namespace = "n"),
        INCLUDE("glued", inner),
        RE_PATH("^(?i)x", view_a),
        URLS_END,
    };
    static const Url good[] = { PATH("x/", view_a, .name = "x"), INCLUDE("", inner), INCLUDE("y/", inner), URLS_END };
    size_t n;
    Str ignored;
    CHECK(urlconf_compile(test_arena(), table, NULL, &ignored) == NULL); /* flags in the middle */
    Url copy[CLEF_COUNT(table)];
    memcpy(copy, table, sizeof table);
    copy[8] = (Url)RE_PATH("(?i)x", view_a, .name = "flag");
    const UrlWarning *w = urlconf_warnings(compiled(copy, NULL), &n);
    REQUIRE(n == 8);
    static const char *const ids[] = { "urls.W002", "urls.W003",      "urls.W001",      "2_0.W001",
                                       "urls.W010", "clef.urls.W001", "clef.urls.W002", "urls.W005" };
    for (size_t i = 0; i < n; i++)
        CHECK_STR(str_c(w[i].id), str_c(ids[i]));
    CHECK(str_starts(w[0].text, STR("Your URL pattern '/slash' [name='s'] has a route beginning with a '/'.")));
    CHECK_STR(w[4].text, STR("Your URL pattern 'open<x/' has an unmatched '<' bracket."));
    urlconf_warnings(compiled(good, NULL), &n);
    CHECK_EQ(n, 0);
}
