/* languages.c: forms in the language in force: messages, formats of what is typed and of what is shown. */
#include "../http/harness.h"
#include <clef/forms.h>
#include <clef/forms/class.h>
#include <clef/i18n.h>

typedef struct Trip {
    Date day;
    Decimal price;
    Str title;
    bool there_and_back;
} Trip;

static const FormClass Trip_form = {
    FORM_FIELDS(Trip, DateField(day, .label = "Change"), DecimalField(price, .localize = true),
                CharField(title, .max_length = 1, .help_text = "Currently"),
                BooleanField(there_and_back, .optional = true)),
};

/* A form in German, with German numbers. */
static Form *german_form(const char *text, Map *initial)
{
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    I18n *i18n =
        i18n_create(test_arena(), &(I18nOptions){ .language_code = STR("de"), .use_thousand_separator = true });
    cx->locale = i18n_locale(i18n);
    if (!text)
        return FORM(cx, Trip, .initial_map = initial);
    return FORM(cx, Trip, .data = query_parse(test_arena(), str_c(text), NULL));
}

TEST(form_languages, what_is_typed_is_read_in_the_formats_of_the_language)
{
    Form *form = german_form("day=21.12.2010&price=1.001,10&title=a", NULL);
    CHECK(form_is_valid(form));
    const Trip *t = CLEANED(form, Trip);
    DateParts p = date_parts(t->day);
    CHECK_EQ(p.year, 2010);
    CHECK_EQ(p.month, 12);
    CHECK_STR(decimal_str(test_arena(), t->price), STR("1001.10"));
    CHECK(form_is_valid(german_form("day=2010-12-21&price=7&title=a", NULL)));
}

TEST(form_languages, messages_labels_and_help_are_translated)
{
    Form *form = german_form("day=12/21/2010&price=x&title=abc", NULL);
    CHECK(!form_is_valid(form));
    CHECK_STR(
        form_errors_text(form),
        STR("* day\n  * Bitte ein g\xc3\xbcltiges Datum eingeben.\n* price\n  * Bitte eine Zahl eingeben.\n* title\n"
            "  * Bitte sicherstellen, dass der Wert aus h\xc3\xb6"
            "chstens 1 Zeichen besteht. (Er besteht aus 3 Zeichen.)"));
    CHECK_STR(bound_field_label(form_field(form, "day")), STR("\xc3\x84ndern"));
    CHECK_STR(bound_field_help_text(form_field(form, "title")), STR("Derzeit"));
}

TEST(form_languages, widgets_show_values_in_the_formats_of_the_language)
{
    Map *initial = map_new(test_arena());
    Decimal *price = NEW(test_arena(), Decimal);
    *price = decimal_of(123450, -2);
    map_set(initial, STR("day"), value_date((Date){ 14964 }));
    map_set(initial, STR("price"), value_decimal(price));
    SafeStr html = form_as_p(german_form(NULL, initial));
    CHECK_STR_CONTAINS(html.s, STR("value=\"21.12.2010\""));
    CHECK_STR_CONTAINS(html.s, STR("value=\"1.234,50\""));
}
