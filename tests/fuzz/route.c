/* route.c: a table of two routes and a path, from the bytes: compile, resolve, list what was tried, reverse. */
#include <clef/urls.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static Response *view(Request *r) { return (void)r, NULL; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2)
        return 0;
    Arena *a = arena_create(NULL, (size_t)64 << 20, 0);
    uint8_t kinds = data[0];
    Str rest = { (const char *)data + 1, n - 1 }, route, other, path;
    if (str_cut(&rest, '\n', &route) && str_cut(&rest, '\n', &other)) {
        path = str_is_null(rest) ? STR("/") : rest;
        Url inner[] = {
            { .route = str_dup_c(a, other), .kind = kinds & 2 ? URL_REGEX : URL_PATH, .function = view, .name = "x" },
            URLS_END
        };
        Url table[] = { { .route = str_dup_c(a, route), .kind = kinds & 1 ? URL_REGEX : URL_PATH, .name = "y" },
                        URLS_END };
        if (kinds & 4)
            table[0].include = inner;
        else
            table[0].function = view;
        Str error, out;
        UrlConf *conf = urlconf_compile(a, table, NULL, &error);
        ResolverMatch m;
        const Str *tried;
        if (conf) {
            (void)urlconf_tried(conf, a, path, &tried);
            Value args[] = { value_str(path), value_int(7) };
            UrlReverse what = { .name = kinds & 4 ? STR("x") : STR("y"), .args = args, .nargs = (kinds >> 3) & 1 };
            UrlReverse again = what;
            again.nargs = 2;
            (void)!urlconf_reverse(conf, a, &what, &out, &error);
            (void)!urlconf_reverse(conf, a, &again, &out, &error);
            if (urlconf_resolve(conf, a, path, &m) == URL_FOUND) {
                what = (UrlReverse){
                    .name = m.url_name, .args = m.args, .nargs = m.nargs, .kwargs = m.nargs ? (UrlArgs){ 0 } : m.kwargs
                };
                (void)!urlconf_reverse(conf, a, &what, &out, &error);
            }
        }
    }
    arena_destroy(a);
    return 0;
}
