/*
 * urls.c: urls COUNT: resolves COUNT times in a table of 1,000 routes (ten tables of a hundred, behind prefixes, and the
 * same number of parameters first), for bench/urls.sh, which counts the instructions.
 */
#include <clef/urls/conf.h>
#include <stdio.h>
#include <stdlib.h>

enum { TABLES = 10, EACH_TABLE = 100 };

static Response *view(Request *r) { return (void)r, NULL; }

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    Arena *a = arena_create(NULL, 0, 0), *request = arena_create(a, 0, 0);
    Url *root = NEW_ARRAY(a, Url, TABLES + 1);
    for (int t = 0; t < TABLES; t++) {
        Url *table = NEW_ARRAY(a, Url, EACH_TABLE + 1);
        for (int i = 0; i < EACH_TABLE; i++)
            table[i] =
                (Url){ .route = str_format(a, "%s%d/", i % 2 ? "<int:id>/action" : "thing", i).p, .function = view };
        root[t] = (Url){ .route = str_format(a, "app%d/", t).p, .include = table };
    }
    Str error;
    UrlConf *conf = urlconf_compile(a, root, NULL, &error);
    if (!conf)
        return fprintf(stderr, "%.*s\n", STR_FMT(error)), 1;
    static const char *const paths[] = { "/app0/thing0/", "/app9/thing98/", "/app9/12345/action99/",
                                         "/app5/7/nothing/" };
    ResolverMatch m;
    long found = 0;
    for (long i = 0; i < count; i++) {
        found += urlconf_resolve(conf, request, str_c(paths[i % 4]), &m) == URL_FOUND;
        arena_reset(request);
    }
    printf("found %ld of %ld\n", found, count);
    arena_destroy(a);
    return found != count / 4 * 3;
}
