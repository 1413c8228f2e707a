#include "urls/views.h"

#include "urls/normalize.h"

static Str normalized(const char *pattern)
{
    Forms forms;
    Str error;
    if (!normalize(test_arena(), str_c(pattern), &forms, &error))
        return error;
    Str out = STR("");
    for (size_t i = 0; i < forms.n; i++) {
        out = str_format(test_arena(), "%.*s%s%.*s", STR_FMT(out), i ? " | " : "",
                         STR_FMT(form_text(test_arena(), &forms.p[i])));
        for (size_t k = 0; k < forms.p[i].params.n; k++)
            out = str_format(test_arena(), "%.*s,%.*s", STR_FMT(out), STR_FMT(forms.p[i].params.p[k]));
    }
    return out;
}
#define CHECK_NORMALIZED(from, to) CHECK_STR(normalized(from), STR(to))

TEST(urls, normalize_gives_the_texts_behind_an_expression)
{
    CHECK_NORMALIZED("", "");
    CHECK_NORMALIZED("^a/(\\d+)/(?P<n>x(y)z)/$", "a/%(_0)s/%(n)s/,_0,n");
    CHECK_NORMALIZED("a*b+c?d{2}e{0,3}f{1,}", "bddf");
    CHECK_NORMALIZED("(?:x(?P<a>1))?y", "y | x%(a)sy,a");
    CHECK_NORMALIZED("(?P<a>1)?(?P<b>2)?", " | %(b)s,b | %(a)s,a | %(a)s%(b)s,a,b");
    CHECK_NORMALIZED("(?:(?P<a>1)/)?(?:x)+", "x | %(a)s/x,a");
    CHECK_NORMALIZED("[abc]\\w\\d\\.(?=look)(?<!back)z", "ax0.z");
    CHECK_NORMALIZED("a|b", "");
    CHECK_NORMALIZED("(?P<n>.*)-(?P=n)", "%(n)s-%(n)s,n");
    CHECK_NORMALIZED("(?i)x", "Non-reversible reg-exp portion: '(?i'");
    CHECK_NORMALIZED("(?P>x)", "Non-reversible reg-exp portion: '(?P>'");
    CHECK_NORMALIZED("(?:a{271}b){271}", "the expression's repetitions make too long a text to be reversed");
    CHECK_NORMALIZED("(?:(?:(?:(?:(?:(?:){90}){90}){90}){90}){90}){90}",
                     "the expression's repetitions make too long a text to be reversed");
    CHECK_NORMALIZED("a{9999999}", "the expression has too many parts to be reversed");
    CHECK_NORMALIZED("(a)?(b)?(c)?(d)?(e)?(f)?(g)?", "the expression has too many optional groups to be reversed");
}

TEST(urls, backtracking_that_explodes_is_a_limit)
{
    static const Url table[] = { RE_PATH("^(a+)+$", view_a), PATH("<path:p>", view_b), URLS_END };
    Str path = STR("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
    CHECK_STR(resolved(compiled(table, NULL), path.p), STR("limit"));
}
