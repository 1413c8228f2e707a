/* hello: the smallest project. */
#include <clef/clef.h>

static Response *hello(Request *r) { return HttpResponse(r, "Hello, World!"); }

static const Url urls[] = { PATH("", hello, .name = "hello"), URLS_END };

static void development(Settings *s)
{
    s->debug = true;
    s->secret_key = STR("only for development");
    s->root_urlconf = urls;
}

static void production(Settings *s)
{
    s->secret_key = env_required(s, "SECRET_KEY");
    s->allowed_hosts = env_list(s, "ALLOWED_HOSTS", STRS("localhost"));
    s->root_urlconf = urls;
}

int main(int argc, char **argv)
{
    return clef_main(argc, argv, &(Project){ .name = "hello", .settings = SETTINGS(development, production) });
}
