/* bench: what `./dev bench` measures: the profile `bare` has no middleware, `default` has that of a new project. */
#include <clef/clef.h>

static Response *plaintext(Request *r) { return HttpResponse(r, "Hello, World!", .content_type = "text/plain"); }

static Response *json(Request *r)
{
    Map *object = map_create(r->cx.arena, 1);
    map_set(object, STR("message"), value_str(STR("Hello, World!")));
    return JsonResponse(r, VALUE(object));
}

static Str path; /* of a file to send */

static Response *file(Request *r) { return FileResponse(r, path); }

static const Url urls[] = {
    PATH("plaintext", plaintext, .name = "plaintext"),
    PATH("json", json, .name = "json"),
    PATH("file", file, .name = "file"),
    URLS_END,
};

static void bare(Settings *s)
{
    s->secret_key = STR("this server answers benchmarks, and nothing in it is secret");
    s->allowed_hosts = STRS("*");
    s->root_urlconf = urls;
    s->server_max_connections = 20000;
    path = env_str(s, "CLEF_BENCH_FILE");
}

static void full(Settings *s)
{
    bare(s);
    s->middleware = MIDDLEWARE(&security_middleware, &common_middleware, &clickjacking_middleware);
}

int main(int argc, char **argv)
{
    static const SettingsProfile profiles[] = { { "bare", bare }, { "default", full }, { 0 } };
    return clef_main(argc, argv, &(Project){ .name = "bench", .settings = profiles });
}
