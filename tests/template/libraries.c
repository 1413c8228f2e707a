#include "template/harness.h"
#include <clef/cache.h>
#include <clef/i18n.h>

/* Rendered in a language, with thousands grouped. */
static Str in_language(const char *code, const char *text, const TemplatePair *pairs)
{
    Arena *a = test_arena();
    const TimeZone *chicago = NULL;
    TimeZones *zones = timezones_create(a, (Str){ 0 });
    REQUIRE(timezones_get(zones, STR("America/Chicago"), &chicago) == TIMEZONE_OK);
    I18n *i18n = i18n_create(a, &(I18nOptions){ .language_code = str_c(code),
                                                .time_zone = chicago,
                                                .zones = zones,
                                                .use_tz = true,
                                                .use_thousand_separator = true });
    Trial t = { .text = str_c(text),
                .pairs = pairs,
                .options = { .i18n = i18n, .static_url = STR("/s/"), .media_url = STR("/m/") } };
    trial_run(&t);
    if (!t.raised)
        return t.output;
    return str_format(a, "%s: %.*s", t.error ? t.error->type : "?", STR_FMT(t.raised->message));
}

typedef struct Row {
    const char *language, *text, *output;
} Row;

TEST(template, the_library_i18n_translates)
{
    LazyText days = { .message = STR("%(num)d day"), .plural = STR("%(num)d days"), .number = 2, .name = STR("num") };
    const TemplatePair pairs[] = { { "title", VALUE("Page not found") },
                                   { "lazy", GETTEXT_LAZY("Page not found") },
                                   { "days", value_lazy(&days) },
                                   { "n", VALUE(3) },
                                   { "name", VALUE("<b>") },
                                   { NULL, value_null() } };
    static const Row rows[] = {
        { "de", "{% load i18n %}{% translate \"Page not found\" %}", "Seite nicht gefunden" },
        { "de", "{% load i18n %}{% trans title|upper %}", "SEITE NICHT GEFUNDEN" },
        { "de", "{% load i18n %}{% translate title noop as x %}[{{ x }}]", "[Page not found]" },
        { "de", "{% load i18n %}{% translate \"May\" context \"abbrev. month\" %}", "Mai" },
        { "en", "{% load i18n %}{% translate \"100%\" %} {% translate \"<a>\" %}", "100% <a>" },
        { "de", "{{ lazy }} {{ lazy|length }} {{ days }}", "Seite nicht gefunden 20 2 Tage" },
        { "de", "{{ _(\"Yes\") }} {{ 1|yesno:_(\"yes,no,maybe\") }} {{ 0|yesno }}", "Ja Ja Nein" },
        { "ru",
          "{% load i18n %}{% blocktranslate count counter=n %}{{ counter }} result{% plural %}{{ counter }} results{% "
          "endblocktranslate %}",
          "3 результата" },
        { "en",
          "{% load i18n %}{% blocktranslate with who=name trimmed %}\n  Hi {{ who }},\n  100% {{ none }}.\n{% "
          "endblocktranslate %}",
          "Hi &lt;b&gt;, 100% ." },
        { "de", "{% load i18n %}{% blocktrans asvar x %}Page not found{% endblocktrans %}-{{ x }}",
          "-Seite nicht gefunden" },
        { "en", "{% load i18n %}{% language \"de\" %}{% translate \"Yes\" %}{% endlanguage %} {% translate \"Yes\" %}",
          "Ja Yes" },
        { "de", "{% load i18n %}{% get_current_language as c %}{{ c }} {% get_current_language_bidi as b %}{{ b }}",
          "de False" },
        { "de",
          "{% load i18n %}{% get_language_info for \"fr\" as f %}{{ f.code }} {{ f.name }} {{ f.name_local }} "
          "{{ f.name_translated }} {{ f.bidi }}",
          "fr French français Französisch False" },
        { "de",
          "{% load i18n %}{% get_available_languages as ls %}{% for c, n in ls %}{% if c == \"nl\" %}{{ n }}{% endif "
          "%}{% "
          "endfor %}",
          "Niederländisch" },
        { "de",
          "{% load i18n %}{{ \"ar\"|language_name_local }} {{ \"ar\"|language_bidi }} {{ \"ar\"|language_name }} "
          "{{ \"ar\"|language_name_translated }}",
          "العربيّة True Arabic Arabisch" },
        { "en", "{% load i18n %}{{ \"xx\"|language_name }}", "KeyError: 'Unknown language code xx.'" },
        { "en", "{% load i18n %}{% translate n %}", "AttributeError: 'int' object has no attribute 'replace'" },
        { "en", "{% load i18n %}{% blocktranslate count c=name %}a{% plural %}b{% endblocktranslate %}",
          "TemplateSyntaxError: 'c' argument to 'blocktranslate' tag must be a number." },
    };
    EACH_ROW (row, rows)
        CHECK_STR(in_language(row->language, row->text, pairs), str_c(row->output));
}

TEST(template, i18n_tags_say_what_is_wrong_with_them)
{
    static const struct {
        const char *tag, *message;
    } rows[] = {
        { "{% translate %}", "'translate' takes at least one argument" },
        { "{% translate \"a\" noop noop %}", "The 'noop' option was specified more than once." },
        { "{% translate \"a\" as %}", "No argument provided to the 'translate' tag for the as option." },
        { "{% translate \"a\" context as x %}",
          "Invalid argument 'as' provided to the 'translate' tag for the context option" },
        { "{% translate \"a\" x %}",
          "Unknown argument for 'translate' tag: 'x'. The only options available are 'noop', "
          "'context' \"xxx\", and 'as VAR'." },
        { "{% blocktranslate with %}{% endblocktranslate %}",
          "\"with\" in 'blocktranslate' tag needs at least one keyword argument." },
        { "{% blocktranslate count a=1 b=2 %}{% plural %}{% endblocktranslate %}",
          "\"count\" in 'blocktranslate' tag expected exactly one keyword argument." },
        { "{% blocktranslate context %}{% endblocktranslate %}",
          "\"context\" in 'blocktranslate' tag expected exactly one argument." },
        { "{% blocktranslate asvar %}{% endblocktranslate %}",
          "No argument provided to the 'blocktranslate' tag for the asvar option." },
        { "{% blocktranslate x %}{% endblocktranslate %}", "Unknown argument for 'blocktranslate' tag: 'x'." },
        { "{% blocktranslate trimmed trimmed %}{% endblocktranslate %}",
          "The 'trimmed' option was specified more than once." },
        { "{% blocktranslate %}{% if 1 %}{% endif %}{% endblocktranslate %}",
          "'blocktranslate' doesn't allow other block tags (seen 'if 1') inside it" },
        { "{% blocktranslate count a=1 %}x{% endblocktranslate %}",
          "'blocktranslate' doesn't allow other block tags inside it" },
        { "{% get_current_language %}",
          "'get_current_language' requires 'as variable' (got ['get_current_language'])" },
        { "{% get_language_info as x %}", "'get_language_info' requires 'for string as variable' (got ['as', 'x'])" },
        { "{% language %}{% endlanguage %}", "'language' takes one argument (language)" },
    };
    EACH_ROW (row, rows) {
        Str text = str_format(test_arena(), "{%% load i18n %%}%s", row->tag);
        CHECK_STR(in_language("en", text.p, NULL), str_format(test_arena(), "TemplateSyntaxError: %s", row->message));
    }
}

TEST(template, values_are_written_as_the_language_and_the_zone_say)
{
    DateTime t;
    REQUIRE(datetime_parse_rfc3339(STR("2009-12-31T20:50:00Z"), &t));
    const TimeZone *paris = NULL;
    REQUIRE(timezones_get(timezones_create(test_arena(), (Str){ 0 }), STR("Europe/Paris"), &paris) == TIMEZONE_OK);
    const TemplatePair pairs[] = {
        { "n", VALUE(1234567) },           { "f", VALUE(1234.5) },   { "t", VALUE(t) },
        { "zone", value_timezone(paris) }, { "s", VALUE("1000.5") }, { NULL, value_null() }
    };
    static const Row rows[] = {
        { "de", "{{ n }} {{ f }}", "1.234.567 1.234,5" },
        { "de", "{% load l10n %}{% localize off %}{{ n }} {{ f }}{% endlocalize %} {{ f|unlocalize }} {{ f|localize }}",
          "1234567 1234.5 1234.5 1.234,5" },
        { "de", "{% load l10n %}{% localize off %}{% localize %}{{ f }}{% endlocalize %}{% endlocalize %}", "1.234,5" },
        { "de", "{{ f|floatformat:2 }} {{ f|floatformat:\"2u\" }} {{ n|filesizeformat }}",
          "1.234,50 1234.50 1,2\xc2\xa0MB" },
        { "de", "{{ t }}", "31. Dezember 2009 14:50" },
        { "en", "{{ t|date:\"SHORT_DATETIME_FORMAT\" }} {{ t|time }}", "12/31/2009 2:50 p.m. 2:50 p.m." },
        { "en",
          "{% load tz %}{% timezone \"Europe/Paris\" %}{{ t|time:\"H:i\" }}{% endtimezone %} {{ t|time:\"H:i\" }}",
          "21:50 14:50" },
        { "en", "{% load tz %}{{ t|timezone:zone|time:\"H:i e\" }} {{ t|utc|time:\"H:i\" }} {{ t|timezone:\"Nope\" }}|",
          "21:50 CET 20:50 |" },
        { "en", "{% load tz %}{% localtime off %}{{ t|time:\"H:i\" }} {{ t|localtime|time:\"H:i\" }}{% endlocaltime %}",
          "20:50 14:50" },
        { "en", "{% load tz %}{% timezone zone %}{% get_current_timezone as z %}{{ z }}{% endtimezone %}",
          "Europe/Paris" },
        { "en", "{% load tz %}{% timezone None %}{{ t|time:\"H:i\" }}{% endtimezone %}", "14:50" },
        { "en", "{% load tz %}{% timezone \"Nope/Zone\" %}{% endtimezone %}",
          "ZoneInfoNotFoundError: 'No time zone found with key Nope/Zone'" },
        { "en", "{% load l10n %}{% localize maybe %}{% endlocalize %}",
          "TemplateSyntaxError: 'localize' argument should be 'on' or 'off'" },
        { "en", "{% load tz %}{% timezone %}{% endtimezone %}",
          "TemplateSyntaxError: 'timezone' takes one argument (timezone)" },
        { "de",
          "{% load humanize %}{{ n|intcomma }} {{ s|intcomma }} {{ s|intcomma:False }} {{ n|intword }} {{ 3|apnumber "
          "}}",
          "1.234.567 1.000,5 1,000.5 1,2 Millionen drei" },
        { "en", "{% load humanize %}{{ 23|ordinal }} {{ \"x\"|ordinal }} {{ t|naturalday:\"Y\" }}", "23rd x 2009" },
    };
    EACH_ROW (row, rows)
        CHECK_STR(in_language(row->language, row->text, pairs), str_c(row->output));
}

static Str static_file(Arena *a, void *arg, Str path)
{
    return str_format(a, "%s%.*s?v&1", (const char *)arg, STR_FMT(path));
}

TEST(template, the_library_static_knows_addresses)
{
    static const Row rows[] = {
        { "en", "{% load static %}{% static \"a b/c.css\" %}", "/s/a%20b/c.css" },
        { "en", "{% load static %}{% static \"x&y\" as u %}[{{ u }}]", "[/s/x%26y]" },
        { "en", "{% load static %}{% get_static_prefix %} {% get_media_prefix as m %}{{ m }}", "/s/ /m/" },
        { "en", "{% load static %}{% static %}",
          "TemplateSyntaxError: 'static' takes at least one argument (path to file)" },
        { "en", "{% load static %}{% get_static_prefix x %}",
          "TemplateSyntaxError: First argument in 'get_static_prefix' must be 'as'" },
    };
    EACH_ROW (row, rows)
        CHECK_STR(in_language(row->language, row->text, NULL), str_c(row->output));
    Trial t = { .text = STR("{% load static %}{% static \"x\" %}"),
                .options = { .static_file = static_file, .static_file_arg = (void *)(uintptr_t) "//cdn/" } };
    trial_run(&t);
    CHECK_STR(t.output, STR("//cdn/x?v&amp;1"));
}

TEST(template, the_library_cache_keeps_what_was_rendered)
{
    Arena *a = test_arena();
    Caches *caches = caches_create(a);
    Cache *other = cache_create(a, &cache_locmem, &(CacheOptions){ 0 });
    caches_add(caches, STR("default"), cache_create(a, &cache_locmem, &(CacheOptions){ 0 }));
    caches_add(caches, STR("other"), other);
    TemplateEngine *e = template_engine_create(a, &(TemplateEngineOptions){ .caches = caches });
    static const struct {
        const char *text;
        int x;
        const char *output;
    } rows[] = {
        { "{% load cache %}{% cache 60 part x %}<{{ x }}>{% endcache %}", 1, "<1>" },
        { "{% load cache %}a{% cache 60 part x %}new{% endcache %}b", 1, "a<1>b" },
        { "{% load cache %}{% cache 60 part x %}[{{ x }}]{% endcache %}", 2, "[2]" },
        { "{% load cache %}{% cache 0 none %}{{ x }}{% endcache %}", 3, "3" },
        { "{% load cache %}{% cache 0 none %}{{ x }}{% endcache %}", 4, "4" },
        { "{% load cache %}{% cache None part x using=\"other\" %}other{% endcache %}", 1, "other" },
        { "{% load cache %}{% cache 60 part x using=\"nope\" %}{% endcache %}", 1,
          "TemplateSyntaxError: Invalid cache name specified for cache tag: 'nope'" },
        { "{% load cache %}{% cache y part %}{% endcache %}", 1,
          "TemplateSyntaxError: \"cache\" tag got a non-integer timeout value: ''" },
        { "{% load cache %}{% cache 60 %}{% endcache %}", 1,
          "TemplateSyntaxError: ''cache'' tag requires at least 2 arguments." },
    };
    EACH_ROW (row, rows) {
        const TemplatePair pairs[] = { { "x", VALUE(row->x) }, { NULL, value_null() } };
        Trial t = { .text = str_c(row->text), .pairs = pairs, .engine = e };
        trial_run(&t);
        CHECK_STR(t.raised ? str_format(a, "%s: %.*s", t.error->type, STR_FMT(t.raised->message)) : t.output,
                  str_c(row->output));
    }
    Str key = template_fragment_key(a, STR("part"), (const Str[]){ STR("1") }, 1);
    CHECK_STR(key, STR("template.cache.part.3afcdbfeb6ecfbdd0ba628696e3cc163"));
    CHECK(cache_has(other, key, (CacheCall){ 0 }) && cache_delete(other, key, (CacheCall){ 0 }));
}
