#include "i18n/mo.h"
#include <clef/i18n.h>
#include <clef/rt/context.h>
#include <clef/test.h>

#include <sys/stat.h>

static Context *context(void)
{
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    return cx;
}

static void activate(Context *cx, const char *code) { LANGUAGE_ACTIVATE(cx, str_c(code)); }

TEST(i18n, a_context_begins_in_English_and_utc)
{
    Context *cx = context();
    CHECK_STR(GETTEXT(cx, "Page not found"), STR("Page not found"));
    CHECK_STR(NGETTEXT(cx, "%(num)d day", "%(num)d days", 2), STR("%(num)d days"));
    CHECK_STR(locale_language_code(LOCALE(cx)), STR("en-us"));
    CHECK_STR(LOCALE(cx)->formats->text[FORMAT_DATE], STR("N j, Y"));
    CHECK(LOCALE(cx)->zone == timezone_utc());
}

TEST(i18n, clef_speaks_what_it_says_in_other_languages)
{
    Context *cx = context();
    activate(cx, "de");
    CHECK_STR(GETTEXT(cx, "Page not found"), STR("Seite nicht gefunden"));
    CHECK_STR(PGETTEXT(cx, "alt. month", "May"), STR("Mai"));
    CHECK_STR(GETTEXT(cx, "Something of the program"), STR("Something of the program"));
    activate(cx, "ru");
    CHECK_STR(NGETTEXT(cx, "%(counter)s result", "%(counter)s results", 1), STR("%(counter)s результат"));
    CHECK_STR(NGETTEXT(cx, "%(counter)s result", "%(counter)s results", 3), STR("%(counter)s результата"));
    CHECK_STR(NGETTEXT(cx, "%(counter)s result", "%(counter)s results", 5), STR("%(counter)s результатов"));
    activate(cx, "de-at"); /* of the base language */
    CHECK_STR(GETTEXT(cx, "Yes"), STR("Ja"));
    CHECK_STR(locale_language_code(LOCALE(cx)), STR("de-at"));
    activate(cx, "");
    CHECK_STR(GETTEXT(cx, "Yes"), STR("Yes"));
    activate(cx, "xx-nope");
    CHECK_STR(GETTEXT(cx, "Yes"), STR("Yes"));
    activate(cx, "../../etc");
    CHECK_STR(GETTEXT(cx, "Yes"), STR("Yes"));
    activate(cx, "ar");
    CHECK(locale_is_bidi(LOCALE(cx)));
}

static void change_and_raise(Context *cx, void *arg)
{
    (void)arg;
    activate(cx, "fr");
    RAISE(cx, 500, "x", "x");
}

static void override_and_raise(Context *cx, void *arg)
{
    (void)arg;
    LOCALE_OVERRIDE(cx, locale_with_language(cx, STR("nl")))
    change_and_raise(cx, NULL);
}

TEST(i18n, an_override_ends_with_its_block_and_with_a_raise)
{
    Context *cx = context();
    activate(cx, "de");
    LOCALE_OVERRIDE(cx, locale_with_language(cx, STR("nl")))
    CHECK_STR(GETTEXT(cx, "Yes"), STR("Ja"));
    LOCALE_OVERRIDE(cx, locale_with_language(cx, STR("fr")))
    {
        CHECK_STR(GETTEXT(cx, "Yes"), STR("Oui"));
        break;
    }
    CHECK_STR(locale_language_code(LOCALE(cx)), STR("de"));
    CHECK(attempt(cx, override_and_raise, NULL) != NULL);
    CHECK_STR(locale_language_code(LOCALE(cx)), STR("de"));
    /* what was activated stays: the page about an error is in the user's language */
    CHECK(attempt(cx, change_and_raise, NULL) != NULL);
    CHECK_STR(locale_language_code(LOCALE(cx)), STR("fr"));
    activate(cx, "de");
    const TimeZone *paris;
    REQUIRE(locale_find_zone(cx, STR("Europe/Paris"), &paris) == TIMEZONE_OK);
    TIMEZONE_ACTIVATE(cx, paris);
    CHECK(LOCALE(cx)->zone == paris);
    CHECK_STR(locale_language_code(LOCALE(cx)), STR("de"));
    TIMEZONE_ACTIVATE(cx, NULL);
    CHECK(LOCALE(cx)->zone == timezone_utc());
}

static const char *warned;
static void warn(void *arg, Str file, const char *why)
{
    (void)arg;
    (void)file;
    warned = why;
}

/* Folders with catalogues: the first has "de" and "de_AT", the second "de". */
static I18n *with_folders(I18nOptions o)
{
    Arena *a = test_arena();
    static Str paths[2];
    const char *dir = test_dir();
    static const char *const made[] = { "a", "a/de", "a/de/LC_MESSAGES", "a/de_AT", "a/de_AT/LC_MESSAGES",
                                        "b", "b/de", "b/de/LC_MESSAGES", "b/fr",    "b/fr/LC_MESSAGES" };
    for (size_t i = 0; i < CLEF_COUNT(made); i++)
        (void)mkdir(str_dup_c(a, str_format(a, "%s/%s", dir, made[i])), 0700);
    (void)test_file("a/de/LC_MESSAGES/django.mo", MO_MAKE(a, { STR("A"), STR("a-de") }, { STR("AB"), STR("a-de") }));
    (void)test_file("a/de_AT/LC_MESSAGES/django.mo", MO_MAKE(a, { STR("Yes"), STR("Jo") }, { STR("A"), STR("a-at") }));
    (void)test_file("b/de/LC_MESSAGES/django.mo",
                    MO_MAKE(a, { STR("AB"), STR("b-de") }, { STR("B"), STR("b-de") }, { STR("No"), STR("Na") }));
    (void)test_file("b/fr/LC_MESSAGES/django.mo", STR("this is no catalogue, and more than 28 bytes long"));
    paths[0] = str_format(a, "%s/a", dir);
    paths[1] = str_format(a, "%s/b", dir);
    o.locale_paths = paths;
    o.nlocale_paths = 2;
    o.warn = warn;
    return i18n_create(a, &o);
}

TEST(i18n, a_message_comes_from_the_first_catalogue_that_has_it)
{
    Context *cx = context();
    static const I18nEmbedded none[1];
    cx->locale = i18n_locale(with_folders((I18nOptions){ .embedded = none }));
    activate(cx, "de");
    CHECK_STR(GETTEXT(cx, "A"), STR("a-de"));
    CHECK_STR(GETTEXT(cx, "AB"), STR("a-de"));
    CHECK_STR(GETTEXT(cx, "B"), STR("b-de"));
    CHECK_STR(GETTEXT(cx, "No"), STR("Na")); /* before Clef's own */
    CHECK_STR(GETTEXT(cx, "Yes"), STR("Ja"));
    activate(cx, "de-at");
    CHECK_STR(GETTEXT(cx, "A"), STR("a-at"));
    CHECK_STR(GETTEXT(cx, "AB"), STR("b-de")); /* a place without de-at has de instead */
    CHECK_STR(GETTEXT(cx, "Yes"), STR("Jo"));
    warned = NULL;
    activate(cx, "fr");
    CHECK_STR(GETTEXT(cx, "Yes"), STR("Oui"));
    CHECK(warned && strstr(warned, "not a .mo file"));
}

TEST(i18n, what_is_not_translated_falls_back_on_the_default_language)
{
    Context *cx = context();
    cx->locale = i18n_locale(with_folders((I18nOptions){ .language_code = STR("de") }));
    CHECK_STR(GETTEXT(cx, "B"), STR("b-de"));
    activate(cx, "fr");
    CHECK_STR(GETTEXT(cx, "B"), STR("b-de"));
    CHECK_STR(GETTEXT(cx, "Yes"), STR("Oui"));
    activate(cx, "en-gb");
    CHECK_STR(GETTEXT(cx, "B"), STR("B"));
}

TEST(i18n, catalogues_can_be_part_of_the_program)
{
    Context *cx = context();
    I18nEmbedded embedded[] = { { STR("de"), MO_MAKE(test_arena(), { STR("Ticket"), STR("Vorgang") }) } };
    cx->locale = i18n_locale(i18n_create(test_arena(), &(I18nOptions){ .embedded = embedded, .nembedded = 1 }));
    activate(cx, "de");
    CHECK_STR(GETTEXT(cx, "Ticket"), STR("Vorgang"));
    cx->locale = i18n_locale(
        i18n_create(test_arena(), &(I18nOptions){ .embedded = embedded, .nembedded = 1, .translations_off = true }));
    activate(cx, "de");
    CHECK_STR(GETTEXT(cx, "Ticket"), STR("Ticket"));
    CHECK_STR(LOCALE(cx)->formats->text[FORMAT_DATE], STR("N j, Y"));
}

TEST(i18n, languages_loaded_by_one_I18n_have_a_limit)
{
    Context *cx = context();
    cx->locale = i18n_locale(i18n_create(test_arena(), &(I18nOptions){ 0 }));
    for (int i = 1; i < I18N_LANGUAGES_MAX; i++)
        activate(cx, str_dup_c(test_arena(), str_format(test_arena(), "x-%d", i)));
    CHECK_STR(locale_language_code(LOCALE(cx)), STR("x-255"));
    activate(cx, "x-last");
    CHECK_STR(locale_language_code(LOCALE(cx)), STR("en-us"));
    activate(cx, "x-7");
    CHECK_STR(locale_language_code(LOCALE(cx)), STR("x-7"));
}

TEST(i18n, lazy_text_is_translated_where_it_is_shown)
{
    Context *cx = context();
    Value title = GETTEXT_LAZY("Page not found"), month = PGETTEXT_LAZY("alt. month", "May");
    LazyText days = { .message = STR("%(num)d day"), .plural = STR("%(num)d days"), .number = 3, .name = STR("num") };
    CHECK(value_is_lazy(title) && value_truth(title) && !value_truth(GETTEXT_LAZY("")));
    CHECK_STR(value_translated(LOCALE(cx), cx->arena, title).s, STR("Page not found"));
    activate(cx, "de");
    CHECK_STR(value_translated(LOCALE(cx), cx->arena, title).s, STR("Seite nicht gefunden"));
    CHECK_STR(value_translated(LOCALE(cx), cx->arena, month).s, STR("Mai"));
    CHECK_STR(value_translated(LOCALE(cx), cx->arena, value_lazy(&days)).s, STR("3 Tage"));
    CHECK_STR(value_translated(LOCALE(cx), cx->arena, value_c("Yes")).s, STR("Yes"));
    CHECK_STR(title.cls->str(cx->arena, title.object), STR("Page not found"));
}

TEST(i18n, names_in_a_text_are_replaced)
{
    static const TextArgument args[] = { { STR("a"), STR("1") }, { STR("name"), STR("%(a)s") } };
    static const struct {
        Str in, out;
    } rows[] = {
        { STR("plain"), STR("plain") },    { STR("%(a)s"), STR("1") },          { STR("<%(a)d>"), STR("<1>") },
        { STR("%(name)s"), STR("%(a)s") }, { STR("%(b)s"), STR("%(b)s") },      { STR("100%%"), STR("100%") },
        { STR("100%"), STR("100%") },      { STR("%(a"), STR("%(a") },          { STR("%(a)"), STR("%(a)") },
        { STR("%(a)x"), STR("%(a)x") },    { STR("%(a)s%(a)s%%"), STR("11%") },
    };
    EACH_ROW (row, rows)
        CHECK_STR(text_interpolate(test_arena(), row->in, args, CLEF_COUNT(args)), row->out);
}

TEST(i18n, languages_are_known_by_code)
{
    LanguageInfo info;
    REQUIRE(language_info(STR("de-AT"), &info));
    CHECK_STR(info.code, STR("de"));
    CHECK_STR(info.name_local, STR("Deutsch"));
    REQUIRE(language_info(STR("zh-tw"), &info));
    CHECK_STR(info.code, STR("zh-hant"));
    CHECK(!language_info(STR("xyz-de"), &info) && !language_info(STR(""), &info));
    REQUIRE(language_info(STR("he"), &info));
    CHECK(info.bidi);
    size_t n = 0;
    while (language_at(n, &info))
        n++;
    CHECK(n > 80);
    static const struct {
        const char *code;
        bool valid;
    } codes[] = { { "de", true },         { "pt-BR", true }, { "zh-hans", true }, { "sr-latn-x-informal", true },
                  { "be@tara", true },    { "", false },     { "de-", false },    { "-de", false },
                  { "de_AT", false },     { "a/b", false },  { "..", false },     { "1de", false },
                  { "abcdefghi", false }, { "x-123", true }, { "de--at", false } };
    EACH_ROW (row, codes)
        CHECK_EQ(language_code_valid(str_c(row->code)), row->valid);
    static const struct {
        const char *code, *locale;
    } locales[] = {
        { "de", "de" }, { "pt-br", "pt_BR" }, { "zh-hans", "zh_Hans" }, { "sr-latn-x-informal", "sr_Latn-x-informal" }
    };
    EACH_ROW (row, locales)
        CHECK_STR(language_to_locale(test_arena(), str_c(row->code)), str_c(row->locale));
    CHECK_STR(locale_to_language(test_arena(), STR("zh_Hans")), STR("zh-hans"));
}

TEST(i18n, a_wanted_language_is_served_by_the_nearest_of_the_settings)
{
    static const I18nLanguage list[] = { { .code = STR("en") },
                                         { .code = STR("de") },
                                         { .code = STR("pt-BR") },
                                         { .code = STR("zh-hans") },
                                         { .code = STR("xx") } };
    I18n *i18n = i18n_create(test_arena(), &(I18nOptions){ .languages = list, .nlanguages = CLEF_COUNT(list) });
    static const struct {
        const char *code;
        bool strict;
        const char *out;
    } rows[] = { { "de", false, "de" }, { "de-at", false, "de" },    { "pt", false, "pt-br" },
                 { "pt", true, "" },    { "pt-pt", false, "pt-br" }, { "zh-cn", true, "zh-hans" },
                 { "fr", false, "" },   { "", false, "" },           { "xx", false, "" } };
    EACH_ROW (row, rows) {
        Str out = STR("");
        bool ok = i18n_supported_variant(i18n, test_arena(), str_c(row->code), row->strict, &out);
        CHECK_EQ(ok, *row->out != 0);
        CHECK_STR(out, str_c(row->out));
    }
    I18nLanguage l;
    REQUIRE(i18n_language_at(i18n, 1, &l));
    CHECK_STR(l.name, STR("German"));
    CHECK(!i18n_language_at(i18n, 5, &l));
}
