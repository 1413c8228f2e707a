/* project.c: a project with applications and commands of its own, for tests/integration/commands.py. */
#include <clef/clef.h>
#include <stdlib.h>

static Response *page(Request *r) { return HttpResponse(r, "page"); }

static Response *broken(Request *r) { RAISE(r, 500, "broken", "the view is broken on purpose"); }

static volatile int zero;
static Response *crash(Request *r)
{
    if (zero == 0)
        abort();
    return page(r);
}

/* A shelf is called by a number in hexadecimal. */
static bool hex_to_value(Arena *a, Str text, Value *out)
{
    *out = value_int(strtol(str_dup_c(a, text), NULL, 16));
    return true;
}
static bool hex_to_url(Arena *a, Value v, Str *out)
{
    *out = str_format(a, "%llx", (long long)v.i);
    return v.tag == VALUE_INT;
}
static const UrlConverter hex_converter = {
    .name = "hex", .regex = "[0-9a-f]+", .to_value = hex_to_value, .to_url = hex_to_url
};
static const UrlConverter letter_converter = { .name = "letter", .regex = "[A-Z]" };
static const UrlConverter *const converters[] = { &letter_converter, NULL };

static Response *shelf(Request *r)
{
    Str text = str_format(r->cx.arena, "%.*s %lld %.*s", STR_FMT(url_str(r, "room")), (long long)url_int(r, "shelf"),
                          STR_FMT(REVERSE(r, "shelf", "room", "B", "shelf", 255)));
    return HttpResponse(r, text);
}

static const Url shop_urls[] = {
    PATH("<slug:slug>/", page, .name = "product"),
    RE_PATH("^old/(?P<year>[0-9]{4})\\.(?:html|php)$", page, .name = "old"),
    URLS_END,
};

static const Url urls[] = {
    PATH("", page, .name = "index"),
    PATH("broken/", broken, .name = "broken"),
    PATH("crash/", crash, .name = "crash"),
    PATH("<letter:room>/<hex:shelf>/", shelf, .name = "shelf"),
    INCLUDE("shop/", shop_urls, .namespace = "shop"),
    HANDLER(404, page),
    URLS_END,
};

static const Url bad_urls[] = { PATH("<nonsense:x>/", page), URLS_END };

static void greet(CommandCall *c)
{
    Str name = c->arguments.p[0];
    if (option_flag(c, "shout"))
        name = str_upper(c->cx.arena, name);
    for (int64_t i = 0; i < option_int(c, "times"); i++)
        command_say(c, "hello %.*s from %.*s", STR_FMT(name), STR_FMT(c->settings->profile));
}

static const Command greet_command = {
    .name = "greet",
    .help = "Greets somebody.",
    .options = OPTIONS({ .name = "shout", .letter = 's', .help = "In capitals." },
                       { .name = "times", .letter = 't', .kind = OPTION_INT, .least = 1, .most = 3, .fallback = "1" }),
    .arguments = ARGUMENTS({ .name = "name", .help = "Whom." }),
    .run = greet,
};

static void cleaned(void *arg) { command_warn(arg, "cleaned up"); }

static void fail(CommandCall *c)
{
    DEFER(&c->cx, cleaned, c);
    if (option_flag(c, "softly")) {
        command_fail(c, "row 3 could not be read");
        command_say(c, "the others were");
        return;
    }
    RAISE(&c->cx, 500, "command_error", "the file is not there");
}

static const Command fail_command = { .name = "fail", .options = OPTIONS({ .name = "softly" }), .run = fail };

/* In the place of Clef's. */
static void my_version(CommandCall *c) { command_say(c, "version of the project's own"); }
static const Command version_of_project = { .name = "version", .no_settings = true, .run = my_version };

static void ready(Context *cx, Settings *s)
{
    if (str_eq(s->language_code, STR("xx")))
        RAISE(cx, 500, "shop_not_ready", "the shop does not speak xx");
}

static const App shop_app = {
    .label = "shop",
    .urls = shop_urls,
    .url_converters = URL_CONVERTERS(&hex_converter),
    .commands = COMMANDS(&greet_command, &fail_command),
    .ready = ready,
};

static void base(Settings *s)
{
    s->secret_key = STR("a key of fifty characters or more, for these tests only!");
    s->root_urlconf = urls;
    s->url_converters = converters;
    s->installed_apps = APPS(&shop_app);
    s->allowed_hosts = STRS("*");
}

static void second(Settings *s) { base(s); }

static void badurls(Settings *s)
{
    base(s);
    s->root_urlconf = bad_urls;
}

static void nourls(Settings *s)
{
    base(s);
    s->root_urlconf = NULL;
}

static void twice(Settings *s)
{
    base(s);
    s->installed_apps = APPS(&shop_app, &shop_app);
}

int main(int argc, char **argv)
{
    return clef_main(argc, argv,
                     &(Project){ .name = "project",
                                 .version = "7.1",
                                 .settings = SETTINGS(base, second, badurls, nourls, twice),
                                 .commands = COMMANDS(&version_of_project) });
}
