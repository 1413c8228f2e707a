/* hello: the smallest project. */
#include <clef/clef.h>

static Response *hello(Request *r) { return HttpResponse(r, "Hello, World!"); }

static const Url urls[] = { PATH("", hello, .name = "hello"), URLS_END };

static void production(Settings *s)
{
    s->root_urlconf = urls;
    s->middleware = MIDDLEWARE(&security_middleware, &common_middleware, &clickjacking_middleware);
    s->secret_key = env_str(s, "SECRET_KEY");
    s->allowed_hosts = env_list(s, "ALLOWED_HOSTS", STRS("localhost"));
}

static void development(Settings *s)
{
    production(s);
    s->debug = true;
    s->secret_key = STR("only for development");
}

int main(int argc, char **argv)
{
    return clef_main(argc, argv, &(Project){ .name = "hello", .settings = SETTINGS(development, production) });
}
