/* language.c: the language on values of C: a case or two for each thing; the recorded cases go into the corners. */
#include "template/harness.h"

static List *numbers(int n)
{
    List *l = list_new(test_arena());
    for (int i = 1; i <= n; i++)
        list_push(test_arena(), l, value_int(i));
    return l;
}

TEST(template, variables_are_boxed_by_type_and_escaped)
{
    CHECK_STR(rendered("{{ s }} {{ n }} {{ b }} {{ d }}", PAIRS("s", "<b>", "n", 3, "b", true, "d", 1.5)),
              STR("&lt;b&gt; 3 True 1.5"));
    CHECK_STR(rendered("{{ s }}|{{ s|safe }}", PAIRS("s", ((SafeStr){ STR("<i>") }))), STR("<i>|<i>"));
    CHECK_STR(rendered("{{ missing }}{{ missing.deep }}", NULL), STR(""));
    Date day = { 0 };
    CHECK_STR(rendered("{{ day }} {{ day.year }} {{ day|date:'d.m.Y' }}", PAIRS("day", day)),
              STR("Jan. 1, 1970 1970 01.01.1970"));
}

TEST(template, lookups_go_through_maps_and_lists)
{
    Map *m = map_new(test_arena());
    map_set(m, STR("list"), value_list(numbers(3)));
    map_set(m, STR("items"), value_int(9));
    CHECK_STR(rendered("{{ m.list.1 }} {{ m.list.7 }} {{ m.items }} {{ m.keys|join:'-' }}", PAIRS("m", m)),
              STR("2  9 list-items"));
}

TEST(template, conditions_have_pythons_precedence)
{
    static const struct {
        const char *condition;
        bool truth;
    } rows[] = {
        { "1 or 0 and 0", true },     { "not 0 and 0", false },    { "1 == 1 and 2 > 1", true },
        { "not 1 == 2", true },       { "2 in l", true },          { "5 not in l", true },
        { "None is None", true },     { "1 is not None", true },   { "'a' < 'b'", true },
        { "l and missing", false },   { "missing|length", false }, { "s|add:x == 1", false },
        { "'ell' in 'hello'", true }, { "1.0 == 1", true },        { "'1' == 1", false },
    };
    EACH_ROW (row, rows) {
        Str text = str_format(test_arena(), "{%% if %s %%}yes{%% else %%}no{%% endif %%}", row->condition);
        CHECK_STR(rendered(text.p, PAIRS("l", numbers(3))), row->truth ? STR("yes") : STR("no"));
    }
}

TEST(template, loops_count_unpack_reverse_and_have_an_empty_part)
{
    CHECK_STR(rendered("{% for x in l %}{{ forloop.counter }}{{ x }}{% if forloop.last %}.{% endif %}{% endfor %}",
                       PAIRS("l", numbers(3))),
              STR("112233."));
    CHECK_STR(
        rendered("{% for x in l reversed %}{{ x }}{{ forloop.revcounter0 }} {% endfor %}", PAIRS("l", numbers(3))),
        STR("32 21 10 "));
    CHECK_STR(rendered("{% for x in none %}{{ x }}{% empty %}nothing{% endfor %}", NULL), STR("nothing"));
    Map *m = map_new(test_arena());
    map_set(m, STR("a"), value_int(1));
    map_set(m, STR("b"), value_int(2));
    CHECK_STR(rendered("{% for k, v in m.items %}{{ k }}={{ v }};{% endfor %}", PAIRS("m", m)), STR("a=1;b=2;"));
    CHECK_STR(rendered("{% for a, b in l %}{% endfor %}", PAIRS("l", numbers(1))),
              STR("ValueError: Need 2 values to unpack in for loop; got 1. "));
    CHECK_STR(rendered("{% for x in n %}{% endfor %}", PAIRS("n", 3)), STR("TypeError: 'int' object is not iterable"));
    CHECK_STR(rendered("{% for x in l %}{% for y in l %}{{ forloop.parentloop.counter }}{% endfor %}{% endfor %}",
                       PAIRS("l", numbers(2))),
              STR("1122"));
}

TEST(template, tags_that_remember)
{
    CHECK_STR(rendered("{% for x in l %}{% cycle 'a' 'b' %}{% endfor %}", PAIRS("l", numbers(3))), STR("aba"));
    CHECK_STR(rendered("{% for x in l %}{% ifchanged x|divisibleby:3 %}{{ x }}{% endifchanged %}{% endfor %}",
                       PAIRS("l", numbers(4))),
              STR("134"));
    CHECK_STR(rendered("{% with x=1 y='<' %}{{ x }}{{ y }}{% endwith %}{{ x }}", NULL), STR("1<"));
    CHECK_STR(rendered("{% firstof a b '<c>' %}", PAIRS("a", 0)), STR("<c>"));
    CHECK_STR(rendered("{% autoescape off %}{{ s }}{% endautoescape %}{{ s }}", PAIRS("s", "<")), STR("<&lt;"));
    CHECK_STR(rendered("{% filter upper %}a{{ s }}{% endfilter %}", PAIRS("s", "b")), STR("AB"));
    CHECK_STR(rendered("{% verbatim %}{{ a }}{% endverbatim %}{# no #}{% comment %}{% x %}{% endcomment %}", NULL),
              STR("{{ a }}"));
    CHECK_STR(rendered("{% spaceless %} <p> <b>x y</b> </p> {% endspaceless %}", NULL), STR("<p><b>x y</b></p>"));
    CHECK_STR(rendered("{% widthratio 175 200 100 %}", NULL), STR("88"));
    CHECK_STR(rendered("{% csrf_token %}", PAIRS("csrf_token", "t\"")),
              STR("<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"t&quot;\">"));
}

TEST(template, syntax_errors_have_djangos_words)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        { "a\n{{ }}", "Empty variable tag on line 2" },
        { "{% if x %}", "Unclosed tag on line 1: 'if'. Looking for one of: elif, else, endif." },
        { "{% nope %}", "Invalid block tag on line 1: 'nope'. Did you forget to register or load this tag?" },
        { "{% if 1 %}{% endfor %}",
          "Invalid block tag on line 1: 'endfor', expected 'elif', 'else' or 'endif'. Did you "
          "forget to register or load this tag?" },
        { "{{ a|nope }}", "Invalid filter: 'nope'" },
        { "{{ a|upper:1 }}", "upper requires 1 arguments, 2 provided" },
        { "{{ _a }}", "Variables and attributes may not begin with underscores: '_a'" },
        { "{{ a b }}", "Could not parse the remainder: ' b' from 'a b'" },
        { "{% if 1 == %}{% endif %}", "Unexpected end of expression in if tag." },
        { "{% if 1 2 %}{% endif %}", "Unused '2' at end of if expression." },
        { "{% block a %}{% endblock %}{% block a %}{% endblock %}",
          "'block' tag with name 'a' appears more than once" },
        { "{% load nope %}",
          "'nope' is not a registered tag library. Must be one of:\ncache\nhumanize\ni18n\nl10n\nstatic\ntz" },
    };
    EACH_ROW (row, rows)
        CHECK_STR(rendered(row->text, NULL), str_format(test_arena(), "TemplateSyntaxError: %s", row->message));
}

static Value shout(TemplateFilterCall *c, Value v) { return value_str(str_concat(c->r->arena, v.s, STR("!"))); }

static void render_hello(TemplateRender *r, const TemplateNode *node)
{
    (void)node;
    BUF_LIT(r->out, "hello");
}
static TemplateNode *compile_hello(TemplateParser *p, const TemplateToken *token)
{
    (void)token;
    return TEMPLATE_NODE(p, TemplateNode, render_hello);
}

TEST(template, own_filters_and_tags_come_by_load)
{
    static const TemplateFilter filters[] = { { "shout", shout, .text = true, .is_safe = true }, { .name = NULL } };
    static const TemplateTag tags[] = { { "hello", compile_hello }, { NULL, NULL } };
    static const TemplateLibrary own = { .name = "own", .filters = filters, .tags = tags };
    Trial t = { .options = { .libraries = TEMPLATE_LIBRARIES(&own) },
                .text = STR("{% load own %}{% hello %} {{ s|shout }}"),
                .pairs = PAIRS("s", "<you>") };
    trial_run(&t);
    CHECK_STR(t.output, STR("hello &lt;you&gt;!"));
    t = (Trial){ .options = t.options, .text = STR("{% load hello from own %}{% hello %}{{ s|shout }}") };
    trial_run(&t);
    REQUIRE(t.error != NULL);
    CHECK_STR(t.error->message, STR("Invalid filter: 'shout'"));
}

TEST(template, filters_of_text_and_markup)
{
    CHECK_STR(rendered("{{ s|urlize }}", PAIRS("s", "a www.x.org <b>")),
              STR("a <a href=\"http://www.x.org\" rel=\"nofollow\">www.x.org</a> &lt;b&gt;"));
    CHECK_STR(rendered("{{ s|truncatewords_html:2 }}", PAIRS("s", ((SafeStr){ STR("<b>one two three</b>") }))),
              STR("<b>one two \xe2\x80\xa6</b>"));
    CHECK_STR(rendered("{{ big|add:1 }} {{ big|divisibleby:10 }} {{ big|get_digit:2 }}",
                       PAIRS("big", "100000000000000000000")),
              STR("100000000000000000001 True 0"));
    CHECK_STR(rendered("{{ 255|stringformat:'#x' }} {{ big|stringformat:'x' }} {{ m|stringformat:'(a)03d' }}",
                       PAIRS("big", value_u64(test_arena(), UINT64_MAX))),
              STR("0xff ffffffffffffffff "));
    CHECK_STR(rendered("{{ a-b }}", NULL), STR("TemplateSyntaxError: Invalid character ('-') in variable name: 'a-b'"));
}

TEST(template, numbers_in_arguments_are_pythons)
{
    static const char *const cases[][2] = {
        /* digits of every script, and underscores */
        { "{{ 'ab'|center:'\xd9\xa4' }}|", " ab |" },
        { "{{ 'hello world'|truncatechars:'\xd9\xa3' }}", "he\xe2\x80\xa6" },
        { "{{ '\xd9\xa3'|add:1 }} {{ '1_0'|add:1 }} {{ '1__0'|add:1 }}", "4 11 " },
        { "{{ '\xd9\xa3.\xd9\xa5'|floatformat:2 }} {{ '1_000'|floatformat:1 }}", "3.50 1000.0" },
        { "{{ '\xd9\xa3'|filesizeformat }}", "3\xc2\xa0"
                                             "bytes" },
        /* past 64 bits, where they are only compared */
        { "{{ 'abc'|truncatechars:'99999999999999999999' }}", "abc" },
        { "{{ 'abc'|truncatewords:'-99999999999999999999' }}|", "|" },
        { "{{ 123|get_digit:'99999999999999999999' }} {{ 123|get_digit:'-99999999999999999999' }}", "0 123" },
        { "{{ 'a b'|wordwrap:'99999999999999999999' }}", "a b" },
        { "{{ 'www.a.org'|urlizetrunc:'99999999999999999999' }}",
          "<a href=\"http://www.a.org\" rel=\"nofollow\">www.a.org</a>" },
        { "{{ 'abc'|slice:'99999999999999999999:' }}|{{ 'abc'|slice:'-99999999999999999999:' }}", "|abc" },
        { "{{ 'abc'|slice:':99999999999999999999' }}|{{ 'abc'|slice:'::99999999999999999999' }}", "abc|a" },
        { "{{ 'abc'|center:'-99999999999999999999' }}", "abc" },
        { "{{ 'abc'|ljust:'99999999999999999999' }}", "OverflowError: Python int too large to convert to C ssize_t" },
        /* more than Python takes is a ValueError, and that is no text */
        { "{{ 1.5|stringformat:'.2147483648f' }}|{{ 1|stringformat:'99999999999999999999d' }}|", "||" },
        { "{% load humanize %}{{ '\xd9\xa1\xd9\xa2'|ordinal }} {{ 1_0|ordinal }} {{ '99999999999999999999'|ordinal }}",
          "12th 10th 99999999999999999999th" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++)
        CHECK_STR(rendered(cases[i][0], NULL), str_c(cases[i][1]));
}

TEST(template, format_html_escapes_its_arguments)
{
    Arena *a = test_arena();
    CHECK_STR(FORMAT_HTML(a, "<b>{0}</b>{{{1}}}{1}", "<", ((SafeStr){ STR("<i>") })).s, STR("<b>&lt;</b>{<i>}<i>"));
    CHECK_STR(FORMAT_HTML(a, "{}", 3).s, STR("3"));
    SafeStr out;
    Map *named = map_new(a);
    map_set(named, STR("x"), value_str(STR("&")));
    CHECK_EQ(format_html(a, STR("{x}"), &(FormatArguments){ .named = named }, &out), FORMAT_OK);
    CHECK_STR(out.s, STR("&amp;"));
    static const struct {
        const char *format;
        FormatOutcome outcome;
    } bad[] = {
        { "{}", FORMAT_NO_ARGUMENT },
        { "{7}", FORMAT_NO_ARGUMENT },
        { "{y}", FORMAT_NO_NAME },
        { "{x.y}", FORMAT_NO_NAME },
        { "{", FORMAT_MALFORMED },
        { "}", FORMAT_MALFORMED },
        { "{x}}", FORMAT_MALFORMED },
        { "{x:", FORMAT_MALFORMED },
        { "{x!}", FORMAT_MALFORMED },
        { "{x!q}", FORMAT_MALFORMED },
        { "{x!rr}", FORMAT_MALFORMED },
        { "{x:d}", FORMAT_MALFORMED },
        { "{x:5.}", FORMAT_MALFORMED },
        { "{x:{y}}", FORMAT_MALFORMED },
        { "{x:99999999999999999999}", FORMAT_MALFORMED },
        { "{99999999999999999999}", FORMAT_MALFORMED },
        { "{x:67108864}{x}", FORMAT_TOO_LONG },
    };
    out = (SafeStr){ STR("kept") };
    for (size_t i = 0; i < CLEF_COUNT(bad); i++) {
        CHECK_EQ(format_html(a, str_c(bad[i].format), &(FormatArguments){ .named = named }, &out), bad[i].outcome);
        CHECK_STR(out.s, STR("kept"));
    }
    const Value one = value_str(STR("a<"));
    CHECK_EQ(format_html(a, STR("{0}{}"), &(FormatArguments){ .p = &one, .n = 1 }, &out), FORMAT_MALFORMED);
    CHECK_EQ(format_html(a, STR("{}{0}"), &(FormatArguments){ .p = &one, .n = 1 }, &out), FORMAT_MALFORMED);
}

TEST(template, format_html_lays_texts_out_as_python_does)
{
    static const char *const cases[][2] = {
        { "{!s}", "a\xc3\xa9&lt;" },
        { "{!r}", "'a\xc3\xa9&lt;'" },
        { "{:9}|", "a\xc3\xa9&lt;   |" },
        { "{:>9}", "   a\xc3\xa9&lt;" },
        { "{:^9}|", " a\xc3\xa9&lt;  |" },
        { "{:*^9}", "*a\xc3\xa9&lt;**" },
        { "{:\xc3\xa9>8}", "\xc3\xa9\xc3\xa9"
                           "a\xc3\xa9&lt;" },
        { "{:08}", "a\xc3\xa9&lt;00" },
        { "{:.2}", "a\xc3\xa9" },
        { "{:4.1}|", "a   |" },
        { "{:.0}|", "|" },
        { "{:s}", "a\xc3\xa9&lt;" },
        { "{:}", "a\xc3\xa9&lt;" },
        { "{!r:>10}", "  'a\xc3\xa9&lt;'" },
        { "{:2}", "a\xc3\xa9&lt;" },
        { "{:<>7}", "<a\xc3\xa9&lt;" },
    };
    const Value one = value_str(STR("a\xc3\xa9<"));
    SafeStr out;
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        REQUIRE(format_html(test_arena(), str_c(cases[i][0]), &(FormatArguments){ .p = &one, .n = 1 }, &out) ==
                FORMAT_OK);
        CHECK_STR(out.s, str_c(cases[i][1]));
    }
}

TEST(template, pprint_breaks_as_python_does)
{
    Arena *a = test_arena();
    Map *m = map_new(a), *inner = map_new(a);
    List *l = list_new(a), *one = list_new(a);
    for (int i = 0; i < 9; i++)
        map_set(inner, str_format(a, "k%d", i), value_int(i * 1000000));
    list_push(a, l, value_str(STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")));
    list_push(a, l, value_str(STR("yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy")));
    list_push(a, one, value_int(1));
    map_set(m, STR("t"), value_list(one));
    map_set(m, STR("s"),
            value_str(STR("the quick brown fox jumps over the lazy dog and then some more words until "
                          "it is too long to fit on one line")));
    map_set(m, STR("a"), value_map(inner));
    map_set(m, STR("b"), value_list(l));
    Trial t = { .text = STR("{% autoescape off %}{{ m|pprint }}{% endautoescape %}"), .pairs = PAIRS("m", m) };
    trial_run(&t);
    CHECK_STR(t.output, STR("{'a': {'k0': 0,\n       'k1': 1000000,\n       'k2': 2000000,\n       'k3': 3000000,\n"
                            "       'k4': 4000000,\n       'k5': 5000000,\n       'k6': 6000000,\n"
                            "       'k7': 7000000,\n       'k8': 8000000},\n"
                            " 'b': ['xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',\n"
                            "       'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'],\n"
                            " 's': 'the quick brown fox jumps over the lazy dog and then some more words '\n"
                            "      'until it is too long to fit on one line',\n 't': [1]}"));
    Str words = str_format(a, "%s%s%s", "word word word word word word word word word word ",
                           "word word word word word word word word word word ", "word word");
    t = (Trial){ .text = STR("{% autoescape off %}{{ s|pprint }}{% endautoescape %}"), .pairs = PAIRS("s", words) };
    trial_run(&t);
    CHECK_STR(t.output, STR("('word word word word word word word word word word word word word word word '\n"
                            " 'word word word word word word word')"));
    map_set(m, STR("self"), value_map(m));
    CHECK_STR_CONTAINS(rendered("{{ m|pprint }}", PAIRS("m", m)), STR("{...}"));
}

/* What Python's types do where a template did not mean them. */
TEST(template, values_of_the_wrong_type_end_as_in_django)
{
    static const char *const rows[][2] = {
        { "{% load i18n %}{{ 5|language_name }}", "TypeError: argument of type 'int' is not iterable" },
        { "{% load i18n %}{{ 'DE'|language_name }}", "KeyError: 'Unknown language code DE.'" },
        { "{% load i18n %}{% get_language_info_list for n as l %}", "TypeError: 'int' object is not iterable" },
        { "{{ _('No')|pprint }}", "&#x27;No&#x27;" },
        { "{{ 1|json_script:'&' }}", "<script id=\"&\" type=\"application/json\">1</script>" },
        { "{{ 1|json_script:s }}", "<script id=\"&lt;&amp;\" type=\"application/json\">1</script>" },
        { "{% widthratio 1|urlizetrunc:'x' 2 3 %}", "TemplateSyntaxError: widthratio final argument must be a number" },
        { "{% widthratio 1 2 10000000000000000000000 %}", "5000000000000000000000" },
        { "{% for x in _('No')|upper %}{% endfor %}", "StopIteration: " },
        { "{% load static %}{% static n %}", "TypeError: quote_from_bytes() expected bytes" },
        { "{{ m.keys }}{{ m.items }}{{ m.values|length }}{{ m.keys.0 }}",
          "dict_keys([&#x27;a&#x27;])dict_items([(&#x27;a&#x27;, 1)])1" },
        { "{{ m.keys|first }}", "TypeError: 'dict_keys' object is not subscriptable" },
        { "{{ m.keys|json_script }}", "TypeError: Object of type dict_keys is not JSON serializable" },
        { "{{ 'a1'|cut:1 }}", "TypeError: replace() argument 1 must be str, not int" },
        { "{{ 'a'|urlencode:2.5 }}", "TypeError: 'float' object is not iterable" },
        { "{% load tz %}{% timezone n %}{% endtimezone %}", "ValueError: Invalid timezone: 7" },
        { "{% load tz %}{% timezone '../x' %}{% endtimezone %}",
          "ValueError: ZoneInfo keys must be normalized relative paths, got: ../x" },
        { "{% load tz %}{% timezone 'a?' %}{% endtimezone %}",
          "ZoneInfoNotFoundError: 'No time zone found with key a?'" },
        { "{% load humanize %}{{ d|naturaltime }}",
          "AttributeError: 'datetime.date' object has no attribute 'utcoffset'" },
        { "{{ 1000000000000000000000000000000000|filesizeformat }}", "888178419700125200.0\xc2\xa0PB" },
        { "{{ inf }}", "TypeError: bad operand type for abs(): 'str'" },
        { "{{ b.title }} {{ b.upper|slice:'1' }}", "b&#x27;Ab C&#x27; b&#x27;A&#x27;" },
        { "{% include 'a#b' %}", "TemplateDoesNotExist: a" },
        { "{% include '' %}", "TemplateDoesNotExist: No template names provided" },
        { "{% include l %}", "TypeError: unhashable type: 'list'" },
        { "{{ 1e999|add:1 }}", "OverflowError: cannot convert float infinity to integer" },
        { "{{ 'x'|floatformat:'' }}", "IndexError: string index out of range" },
        { "{% load i18n %}{% translate d %}", "TypeError: replace() takes no texts of 'date'" },
        { "{{ 'a\"'|urlencode:b }} {{ 'a'|urlencode:l }}",
          "TypeError: '<' not supported between instances of 'list' and 'int'" },
        { "{% partialdef a inline b %}{% endpartialdef %}",
          "TemplateSyntaxError: 'partialdef' tag takes at most 2 arguments" },
    };
    Map *m = map_new(test_arena());
    map_set(m, STR("a"), value_int(1));
    Decimal *infinity = NEW(test_arena(), Decimal);
    REQUIRE(decimal_parse(test_arena(), STR("Infinity"), infinity) == DECIMAL_OK);
    List *l = list_new(test_arena());
    list_push(test_arena(), l, value_list(list_new(test_arena())));
    EACH_ROW (row, rows)
        CHECK_STR(rendered((*row)[0], PAIRS("l", l, "n", 7, "s", "<&", "m", m, "d", ((Date){ 12345 }), "inf",
                                            value_decimal(infinity), "b", value_bytes(STR("aB c")))),
                  str_c((*row)[1]));
}
