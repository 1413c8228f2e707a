/* simple_tags.c: tags that are functions, and Django's own that are. */
#include "template/harness.h"
#include <clef/codec/query.h>
#include <clef/template/library.h>

static Value greet(TemplateTagCall *c)
{
    Value who = template_text(c->r, c->args[0]), times = c->args[1];
    return value_str(str_format(c->r->arena, "<%.*s %lld>", STR_FMT(who.s), (long long)times.i));
}

static Value count(TemplateTagCall *c)
{
    Buf b = BUF_INIT(c->r->arena, 4096);
    buf_printf(&b, "%lld+%zu+%zu", (long long)c->args[0].i, c->nrest, c->nnamed);
    for (size_t i = 0; i < c->nnamed; i++)
        buf_printf(&b, " %.*s", STR_FMT(c->named[i].name));
    return value_str(buf_view(&b));
}

static Value only(TemplateTagCall *c) { return c->args[0]; }

static Value box(TemplateTagCall *c)
{
    return value_safe((SafeStr){ str_format(c->r->arena, "[%.*s]", STR_FMT(c->content.s)) });
}

static void menu(TemplateTagCall *c, TemplateContext *inner) { template_set(inner, STR("items"), c->args[0]); }

static const TemplateSimpleTag simple[] = {
    { .name = "greet", .fn = greet, .parameters = TEMPLATE_PARAMETERS("who", "times=1") },
    { .name = "count", .fn = count, .parameters = TEMPLATE_PARAMETERS("first", "*args", "**kwargs") },
    { .name = "only", .fn = only, .parameters = TEMPLATE_PARAMETERS("*", "kw", "other=2") },
    { .name = "box", .fn = box, .block = true, .end = "unbox" },
    { .name = "menu", .inclusion = menu, .template_name = "menu.html", .parameters = TEMPLATE_PARAMETERS("list") },
    { .name = NULL },
};
static const TemplateLibrary library = { .name = "own", .simple_tags = simple };
static const TemplateSource sources[] = {
    { STR("menu.html"), STR("{% for i in items %}<{{ i }}>{% endfor %}{{ hidden }}{{ csrf_token }}") },
};

static Str run(const char *text, const TemplatePair *pairs)
{
    Trial t = { .text = str_concat(test_arena(), STR("{% load own %}"), str_c(text)), .pairs = pairs };
    t.options.libraries = TEMPLATE_LIBRARIES(&library);
    t.options.loaders = TEMPLATE_LOADERS(TEMPLATE_TABLE(sources));
    trial_run(&t);
    if (t.error)
        return str_format(test_arena(), "%s: %.*s", t.error->type, STR_FMT(t.error->message));
    return t.output;
}

TEST(simple_tags, arguments_are_bound_as_pythons)
{
    static const struct {
        const char *text;
        Str output;
    } rows[] = {
        { "{% greet 'you' %}", STR("&lt;you 1&gt;") },
        { "{% greet times=n who='me' %}", STR("&lt;me 7&gt;") },
        { "{% greet 'a' as g %}{{ g|safe }}", STR("<a 1>") },
        { "{% autoescape off %}{% greet 'a' 2 %}{% endautoescape %}", STR("<a 2>") },
        { "{% count 1 2 3 x=4 %}", STR("1+2+1 x") },
        { "{% count first=5 %}", STR("5+0+0") },
        { "{% only kw=3 %}", STR("3") },
        { "{% box %}a{{ n }}{% unbox %}", STR("[a7]") },
        { "{% box as b %}x{% unbox %}{{ b }}{{ b }}", STR("[x][x]") },
        { "{% menu l %}", STR("<1><2>t") },
        { "{% greet %}", STR("TemplateSyntaxError: 'greet' did not receive value(s) for the argument(s): 'who'") },
        { "{% greet 1 2 3 %}", STR("TemplateSyntaxError: 'greet' received too many positional arguments") },
        { "{% greet 1 nope=2 %}", STR("TemplateSyntaxError: 'greet' received unexpected keyword argument 'nope'") },
        { "{% greet who=1 2 %}",
          STR("TemplateSyntaxError: 'greet' received some positional argument(s) after some keyword argument(s)") },
        { "{% greet 1 who=2 %}",
          STR("TemplateSyntaxError: 'greet' received multiple values for keyword argument 'who'") },
        { "{% only 1 %}", STR("TemplateSyntaxError: 'only' received too many positional arguments") },
        { "{% only %}", STR("TemplateSyntaxError: 'only' did not receive value(s) for the argument(s): 'kw'") },
        { "{% box 1 %}{% unbox %}", STR("TemplateSyntaxError: 'box' received too many positional arguments") },
    };
    List *l = list_new(test_arena());
    list_push(test_arena(), l, value_int(1));
    list_push(test_arena(), l, value_int(2));
    EACH_ROW (row, rows)
        CHECK_STR(run(row->text, PAIRS("n", 7, "l", l, "hidden", "h", "csrf_token", "t")), row->output);
}

TEST(simple_tags, load_from_takes_one)
{
    Trial t = { .text = STR("{% load greet from own %}{% greet 1 %}{% count 1 %}") };
    t.options.libraries = TEMPLATE_LIBRARIES(&library);
    trial_run(&t);
    REQUIRE(t.error != NULL);
    CHECK_STR(t.error->message,
              STR("Invalid block tag on line 1: 'count'. Did you forget to register or load this tag?"));
}

TEST(simple_tags, querystring)
{
    Map *m = map_new(test_arena());
    map_set(m, STR("a"), value_int(1));
    map_set(m, STR("gone"), value_null());
    const QueryDict *q = query_parse(test_arena(), STR("x=1&x=2&gone=1&a=b%20c"), NULL);
    CHECK_STR(rendered("{% querystring q %}", PAIRS("q", template_query_value(q))),
              STR("?x=1&amp;x=2&amp;gone=1&amp;a=b+c"));
    CHECK_STR(
        rendered("{% querystring q m x=None y='z' as s %}{{ s|safe }}", PAIRS("q", template_query_value(q), "m", m)),
        STR("?a=1&y=z"));
    CHECK_STR(rendered("{% querystring q 3 %}", PAIRS("q", template_query_value(q))),
              STR("TemplateSyntaxError: querystring requires mappings for positional arguments (got 3 instead)."));
    CHECK_STR(
        rendered("{{ q.x }} {{ q|length }} {% for n in q %}{{ n }},{% endfor %}{{ q.lists.0.1 }}{{ q.urlencode }}",
                 PAIRS("q", template_query_value(q))),
        STR("2 3 x,gone,a,[&#x27;1&#x27;, &#x27;2&#x27;]x=1&amp;x=2&amp;gone=1&amp;a=b+c"));
}

TEST(simple_tags, lorem)
{
    CHECK_STR(rendered("{% lorem 3 w %}", NULL), STR("lorem ipsum dolor"));
    CHECK_STR(rendered("{% lorem 0 w %}{% lorem -17 w %}", NULL), STR("lorem ipsum"));
    Str two = rendered("{% lorem 2 p %}", NULL), chance = rendered("{% lorem 2 b random %}", NULL);
    CHECK(str_starts(two, STR("<p>Lorem ipsum dolor sit amet,")) && str_ends(two, STR("</p>")));
    CHECK(str_contains(two, STR("laborum.</p>\n\n<p>")));
    CHECK(chance.n > 8 && chance.p[0] >= 'A' && chance.p[0] <= 'Z' && str_contains(chance, STR("\n\n")));
    CHECK_STR(rendered("{% lorem 1 2 3 4 %}", NULL), STR("TemplateSyntaxError: Incorrect format for 'lorem' tag"));
    Trial t = { .text = STR("{% lorem 99999999999 w %}"), .options.limits.loop_steps = 1000 };
    trial_run(&t);
    REQUIRE(t.error != NULL);
    CHECK(strcmp(t.error->type, "OutputError") == 0);
}

TEST(simple_tags, debug_shows_the_context_in_development_only)
{
    CHECK_STR(rendered("{% debug %}", PAIRS("a", 1)), STR(""));
    Trial t = { .text = STR("{% debug %}"), .pairs = PAIRS("a", "<b>"), .options = { .debug = true } };
    trial_run(&t);
    CHECK(str_contains(t.output, STR("&#x27;a&#x27;: &#x27;&lt;b&gt;&#x27;")));
}
