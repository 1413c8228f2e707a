/* engine.c: loaders, inheritance and includes across templates, errors with their place, reloading. */
#include "template/harness.h"
#include <clef/signals/builtin.h>

#include <stdio.h>

static const TemplateSource table[] = {
    { STR("base.html"), STR("<{% block a %}A{% endblock %}|{% block b %}B{% endblock %}>") },
    { STR("middle.html"), STR("{% extends 'base.html' %}{% block a %}m{{ block.super }}{% endblock %}") },
    { STR("child.html"), STR("{% extends 'middle.html' %}{% block a %}c{{ block.super }}{% endblock %}") },
    { STR("inc.html"), STR("[{{ x }}{{ y }}]") },
    { STR("uses.html"), STR("{% include 'inc.html' with y=2 %}{% include 'inc.html' with y=3 only %}") },
    { STR("bad.html"), STR("line\n{% include 'worse.html' %}\n") },
    { STR("worse.html"), STR("one\ntwo {{ x|divisibleby:0 }} three\nfour") },
    { STR("syntax.html"), STR("\n\n  {% frob %} tail") },
    { STR("dir/rel.html"), STR("{% include './../inc.html' %}") },
};
#define OPTIONS                                            \
    {                                                      \
        .loaders = TEMPLATE_LOADERS(TEMPLATE_TABLE(table)) \
    }

static Trial by_name(const char *name)
{
    Trial t = { .options = OPTIONS, .name = str_c(name), .pairs = PAIRS("x", 1) };
    trial_run(&t);
    return t;
}

TEST(template, blocks_are_replaced_and_super_shows_the_one_below)
{
    CHECK_STR(by_name("child.html").output, STR("<cmA|B>"));
    CHECK_STR(by_name("uses.html").output, STR("[12][3]"));
    CHECK_STR(by_name("dir/rel.html").output, STR("[1]"));
}

TEST(template, an_error_says_where_and_who_included)
{
    Trial t = by_name("bad.html");
    REQUIRE(t.error != NULL);
    CHECK(strcmp(t.error->type, "ZeroDivisionError") == 0);
    CHECK_STR(t.error->place.name, STR("worse.html"));
    CHECK_EQ(t.error->place.line, 2u);
    REQUIRE(t.error->nchain == 1);
    CHECK_STR(t.error->chain[0].name, STR("bad.html"));
    CHECK_EQ(t.error->chain[0].line, 2u);
    TemplateErrorLine lines[3];
    REQUIRE(template_error_lines(t.error, 1, lines) == 3);
    CHECK_STR(lines[1].before, STR("two "));
    CHECK_STR(lines[1].during, STR("{{ x|divisibleby:0 }}"));
    CHECK_STR(lines[1].after, STR(" three"));
    CHECK(lines[1].marked && !lines[0].marked);
    t = by_name("syntax.html");
    REQUIRE(t.error != NULL);
    CHECK_EQ(t.error->place.line, 3u);
    CHECK_STR_CONTAINS(t.error->message, STR("Template: syntax.html, Invalid block tag on line 3: 'frob'."));
}

TEST(template, a_missing_template_lists_what_was_tried)
{
    Trial t = { .options = { .loaders = TEMPLATE_LOADERS(TEMPLATE_DIR(test_dir()), TEMPLATE_TABLE(table)) },
                .name = STR("nope.html") };
    trial_run(&t);
    REQUIRE(t.error != NULL);
    CHECK(strcmp(t.error->type, "TemplateDoesNotExist") == 0);
    CHECK_STR(t.error->message, STR("nope.html"));
    REQUIRE(t.error->ntried == 2);
    CHECK_STR_CONTAINS(t.error->tried[0], STR("/nope.html (Source does not exist)"));
}

TEST(template, a_directory_is_not_left)
{
    test_file("secret.txt", STR("secret"));
    test_file("ok.html", STR("ok"));
    static const char *const names[] = { "../secret.txt", "/etc/passwd", "a/../../secret.txt", "" };
    const char *dir = test_dir();
    Trial t = { .options = { .loaders = TEMPLATE_LOADERS(TEMPLATE_DIR(dir)) }, .name = STR("ok.html") };
    trial_run(&t);
    CHECK_STR(t.output, STR("ok"));
    EACH_ROW (name, names) {
        t = (Trial){ .options = t.options, .name = str_c(*name) };
        trial_run(&t);
        REQUIRE(t.error != NULL);
        CHECK(strcmp(t.error->type, "TemplateDoesNotExist") == 0);
    }
}

TEST(template, a_changed_file_is_read_again_when_asked_for)
{
    test_file("page.html", STR("one"));
    Trial t = { .options = { .loaders = TEMPLATE_LOADERS(TEMPLATE_DIR(test_dir())), .reload = true },
                .name = STR("page.html") };
    trial_run(&t);
    CHECK_STR(t.output, STR("one"));
    test_file("page.html", STR("three"));
    trial_run(&t);
    CHECK_STR(t.output, STR("three"));
}

TEST(template, a_partial_is_a_template_of_its_own)
{
    static const TemplateSource parts[] = {
        { STR("p.html"), STR("{% partialdef row %}<{{ x }}>{% endpartialdef %}{% partial row %}{% partial row %}") },
    };
    Trial t = { .options = { .loaders = TEMPLATE_LOADERS(TEMPLATE_TABLE(parts)) },
                .name = STR("p.html#row"),
                .pairs = PAIRS("x", 1) };
    trial_run(&t);
    CHECK_STR(t.output, STR("<1>"));
    t.name = STR("p.html");
    trial_run(&t);
    CHECK_STR(t.output, STR("<1><1>"));
}

typedef struct Rendered {
    Buf names;
    Str x, origin;
} Rendered;

static void note_rendered(Context *cx, const SignalEvent *event)
{
    const TemplateSignal *data = event->data;
    Rendered *to = event->arg;
    Value x;
    CHECK_PTR(event->sender, data->template);
    buf_str(&to->names, template_name(data->template));
    to->origin = template_origin(data->template);
    buf_byte(&to->names, ' ');
    if (template_lookup(data->context, STR("x"), &x))
        to->x = str_format(cx->arena, "%d", (int)x.i);
}

TEST(template, template_rendered_tells_of_parents_and_includes_too)
{
    Rendered to = { .names = BUF_INIT(test_arena(), 1000) };
    signal_connect(&template_rendered, note_rendered, .arg = &to);
    by_name("child.html");
    by_name("uses.html");
    signal_disconnect(&template_rendered, note_rendered, .arg = &to);
    by_name("inc.html");
    CHECK_STR(buf_view(&to.names), STR("child.html middle.html base.html uses.html inc.html inc.html "));
    CHECK_STR(to.origin, STR("inc.html")); /* of a table: the name; of a folder: the file */
    CHECK_STR(to.x, STR("1"));
    signal_clear(&template_rendered);
}
