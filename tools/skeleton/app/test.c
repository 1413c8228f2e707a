#include "@app@/@app@.h"

#include <clef/test.h>

TEST(@app@, the_index_is_where_its_name_says)
{
    Str url, error;
    UrlConf *conf = urlconf_compile(test_arena(), @app@_urls, NULL, &error);
    REQUIRE(conf != NULL);
    CHECK(urlconf_reverse(conf, test_arena(), &(UrlReverse){ .name = STR("index") }, &url, &error) == URL_REVERSED);
    CHECK_STR(url, STR("/"));

    ResolverMatch match;
    CHECK(urlconf_resolve(conf, test_arena(), url, &match) == URL_FOUND);
    CHECK(match.function == @app@_index);
}
