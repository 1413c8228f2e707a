/* limits.c: no template and no data can crash or hang a rendering: each limit at its edge. */
#include "template/harness.h"

#include <clef/rt/fiber.h>
#include <clef/rt/loop.h>

static Str repeated(const char *text, size_t n)
{
    Buf b = BUF_INIT(test_arena(), (size_t)64 << 20);
    for (size_t i = 0; i < n; i++)
        buf_c(&b, text);
    return buf_view(&b);
}

TEST(template, a_hundred_thousand_nested_ifs_end_in_an_error)
{
    Trial t = { .text = repeated("{% if 1 %}", 100000) };
    trial_run(&t);
    REQUIRE(t.error != NULL);
    CHECK_STR_CONTAINS(t.error->message, STR("nested deeper than 100 levels at 'if'"));
}

TEST(template, nesting_at_the_limit_renders)
{
    Str text = str_concat(test_arena(), repeated("{% if 1 %}", 100),
                          str_concat(test_arena(), STR("x"), repeated("{% endif %}", 100)));
    Trial t = { .text = text };
    trial_run(&t);
    CHECK_STR(t.output, STR("x"));
}

TEST(template, operators_within_each_other_are_bounded)
{
    Str nots = repeated("not ", 1000);
    CHECK_STR_CONTAINS(rendered(str_format(test_arena(), "{%% if %.*s1 %%}{%% endif %%}", STR_FMT(nots)).p, NULL),
                       STR("more than 100 operators within each other"));
    Str ors = repeated("0 or ", 1000);
    CHECK_STR_CONTAINS(rendered(str_format(test_arena(), "{%% if %.*s1 %%}{%% endif %%}", STR_FMT(ors)).p, NULL),
                       STR("more than 100 operators within each other"));
}

TEST(template, a_template_that_includes_or_extends_itself_ends_in_an_error)
{
    static const TemplateSource table[] = { { STR("self.html"), STR("x{% include 'self.html' %}") },
                                            { STR("up.html"), STR("{% extends 'up.html' %}") } };
    Trial t = { .options = { .loaders = TEMPLATE_LOADERS(TEMPLATE_TABLE(table)) }, .name = STR("self.html") };
    trial_run(&t);
    REQUIRE(t.error != NULL);
    CHECK_STR_CONTAINS(t.error->message, STR("more than 120 levels within each other (the engine's limits.depth)"));
    t = (Trial){ .options = t.options, .name = STR("up.html") };
    trial_run(&t);
    REQUIRE(t.error != NULL);
    CHECK(strcmp(t.error->type, "TemplateDoesNotExist") == 0);
    REQUIRE(t.error->ntried == 1);
    CHECK_STR(t.error->tried[0], STR("up.html (Skipped to avoid recursion)"));
}

TEST(template, output_and_steps_are_bounded, .seconds = 60)
{
    List *l = list_new(test_arena());
    for (int i = 0; i < 1000; i++)
        list_push(test_arena(), l, value_int(i));
    Str big = repeated("0123456789", 100);
    Str text =
        str_format(test_arena(), "{%% for a in l %%}{%% for b in l %%}%.*s{%% endfor %%}{%% endfor %%}", STR_FMT(big));
    Trial t = { .text = text, .pairs = PAIRS("l", l) };
    trial_run(&t);
    REQUIRE(t.error != NULL);
    CHECK_STR_CONTAINS(t.error->message, STR("limits.output_bytes"));
    t = (Trial){ .options = { .limits = { .loop_steps = 999 } },
                 .text = STR("{% for a in l %}{% endfor %}"),
                 .pairs = PAIRS("l", l) };
    trial_run(&t);
    REQUIRE(t.error != NULL);
    CHECK_STR_CONTAINS(t.error->message, STR("more than 999 steps (the engine's limits.loop_steps)"));
    t = (Trial){ .options = { .limits = { .loop_steps = 1000 } },
                 .text = STR("{% for a in l %}{% endfor %}"),
                 .pairs = PAIRS("l", l) };
    trial_run(&t);
    CHECK(!t.error);
}

TEST(template, a_cycle_in_the_context_is_shown_with_an_end)
{
    List *l = list_new(test_arena());
    list_push(test_arena(), l, value_list(l));
    CHECK_STR_CONTAINS(rendered("{{ l }}", PAIRS("l", l)), STR("[[...]]"));
    list_push(test_arena(), l, value_list(l));
    CHECK_STR_CONTAINS(rendered("{{ l|unordered_list }}", PAIRS("l", l)), STR("RecursionError"));
}

static void on_fiber(void *arg) { trial_run(arg); }

TEST(template, the_deepest_rendering_fits_a_fibers_stack)
{
    static const TemplateSource table[] = {
        { STR("self.html"), STR("{% with a=1 %}{% for x in 'a' %}{% if 1 %}{% block b %}{% include 'self.html' %}"
                                "{% endblock %}{% endif %}{% endfor %}{% endwith %}") },
    };
    Trial t = { .options = { .loaders = TEMPLATE_LOADERS(TEMPLATE_TABLE(table)) }, .name = STR("self.html") };
    Loop *loop = loop_create(test_arena());
    fiber_spawn(loop, on_fiber, &t);
    loop_run(loop);
    REQUIRE(t.error != NULL);
    CHECK(strcmp(t.error->type, "RecursionError") == 0);
}

TEST(template, the_deepest_template_compiles_on_a_fibers_stack)
{
    static const char *const tags[][2] = {
        { "{% if 1 %}", "{% endif %}" },
        { "{% for x in l %}", "{% endfor %}" },
        { "{% with a=1 %}", "{% endwith %}" },
        { "{% filter upper %}", "{% endfilter %}" },
        { "{% autoescape off %}", "{% endautoescape %}" },
        { "{% ifchanged %}", "{% endifchanged %}" },
        { "{% spaceless %}", "{% endspaceless %}" },
    };
    Loop *loop = loop_create(test_arena());
    EACH_ROW (tag, tags) {
        List *l = list_new(test_arena());
        list_push(test_arena(), l, value_int(1));
        Str text = str_concat(test_arena(), repeated((*tag)[0], 100),
                              str_concat(test_arena(), STR("x"), repeated((*tag)[1], 100)));
        Trial t = { .text = text, .pairs = PAIRS("l", l) };
        fiber_spawn(loop, on_fiber, &t);
        loop_run(loop);
        CHECK(!t.error);
        CHECK(str_ieq(t.output, STR("x")));
    }
}

TEST(template, a_hundred_megabytes_are_right_where_the_limit_allows_them, .seconds = 60)
{
    List *l = list_new(test_arena());
    for (int i = 0; i < 1000; i++)
        list_push(test_arena(), l, value_int(i));
    Str text = str_format(test_arena(), "{%% for a in l %%}%.*s{%% endfor %%}", STR_FMT(repeated("0123456789", 10000)));
    Trial t = { .text = text, .pairs = PAIRS("l", l), .options.limits.output_bytes = 100000000 };
    trial_run(&t);
    CHECK(!t.error);
    CHECK_EQ(t.output.n, 100000000);
    t = (Trial){ .text = text, .pairs = PAIRS("l", l), .options.limits.output_bytes = 99999999 };
    trial_run(&t);
    REQUIRE(t.error != NULL);
    CHECK_STR_CONTAINS(t.error->message, STR("larger than 99999999 bytes (the engine's limits.output_bytes)"));
}

TEST(template, joins_of_joins_end_at_the_output_limit)
{
    Trial t = { .text = STR("{{ s|join:'0123456789'|join:'0123456789'|join:'0123456789'|join:'0123456789'|length }}"),
                .pairs = PAIRS("s", STR("0123456789")),
                .options.limits.output_bytes = 20000 };
    trial_run(&t);
    REQUIRE(t.error != NULL);
    CHECK(strcmp(t.error->type, "OutputError") == 0);
}

/* What a filter makes may have the size of the limit, and not one byte more; it is never cut. */
TEST(template, no_filter_makes_more_than_the_output_limit)
{
    static const char *const rows[] = {
        "{{ s|addslashes|length }}",
        "{{ s|ljust:20|length }}",
        "{{ s|rjust:20|length }}",
        "{{ s|center:20|length }}",
        "{{ s|title|length }}",
        "{{ s|escapejs|length }}",
        "{{ s|urlencode|length }}",
        "{{ s|force_escape|length }}",
        "{{ s|linebreaks|length }}",
        "{{ s|linebreaksbr|length }}",
        "{{ s|linenumbers|length }}",
        "{{ s|urlize|length }}",
        "{{ s|join:'ab'|length }}",
        "{{ s|stringformat:'20s'|length }}",
        "{{ s|stringformat:'.10s'|length }}",
        "{{ s|pprint|length }}",
        "{{ s|json_script|length }}",
        "{{ l|unordered_list|length }}",
        "{{ l|join:'aaaa'|length }}",
        "{{ 1.5|floatformat:20|length }}",
        "{{ d|date:'Y-m-d Y-m-d'|length }}",
    };
    List *l = list_new(test_arena());
    list_push(test_arena(), l, value_int(1));
    list_push(test_arena(), l, value_int(2));
    EACH_ROW (row, rows) {
        Trial t = { .text = str_c(*row), .pairs = PAIRS("s", STR("ab\\\"c d'efg"), "l", l, "d", ((Date){ 12345 })) };
        trial_run(&t);
        Str whole = t.output;
        uint64_t bytes;
        REQUIRE(str_to_u64(whole, &bytes));
        t.options.limits.output_bytes = bytes;
        t.engine = NULL;
        trial_run(&t);
        CHECK_STR(t.output, whole);
        t.options.limits.output_bytes = bytes - 1;
        t.engine = NULL;
        trial_run(&t);
        REQUIRE(t.error != NULL);
        CHECK(strcmp(t.error->type, "OutputError") == 0);
    }
}

TEST(template, a_slice_of_a_wide_text_walks_it_once)
{
    Str wide = repeated("\xc3\xa9-", 500000);
    Trial t = { .text =
                    STR("{{ s|slice:'::-1'|slice:':4' }} {{ s|slice:'1::2'|length }} {{ s|slice:'-3:1:-2'|length }}"),
                .pairs = PAIRS("s", wide) };
    trial_run(&t);
    CHECK_STR(t.output, STR("-\xc3\xa9-\xc3\xa9 500000 499998"));
}
