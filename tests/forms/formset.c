#include "../http/harness.h"
#include <clef/forms.h>

typedef struct ChoiceForm {
    Str choice;
    OptInt votes;
} ChoiceForm;
static const FormClass ChoiceForm_form = { FORM_FIELDS(ChoiceForm, CharField(choice), OptIntegerField(votes)) };

static FormSet *set_of(const char *text, FormSetOptions o)
{
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    if (text)
        o.form.data = query_parse(test_arena(), str_c(text), NULL);
    return formset_create(cx, NULL, &ChoiceForm_form, o);
}

#define MANAGEMENT "form-TOTAL_FORMS=2&form-INITIAL_FORMS=0&"

TEST(formset, forms_are_cleaned_one_by_one)
{
    FormSet *set =
        set_of(MANAGEMENT "form-0-choice=a&form-0-votes=3&form-1-choice=&form-1-votes=", (FormSetOptions){ 0 });
    CHECK(formset_is_valid(set));
    REQUIRE(formset_count(set) == 2);
    const ChoiceForm *first = FORMSET_CLEANED(set, 0, ChoiceForm);
    CHECK_STR(first->choice, STR("a"));
    CHECK(first->votes.set && first->votes.value == 3);
}

TEST(formset, an_empty_extra_form_is_no_error_and_a_half_filled_one_is)
{
    CHECK(formset_is_valid(set_of(MANAGEMENT, (FormSetOptions){ 0 })));
    FormSet *set = set_of(MANAGEMENT "form-1-votes=3", (FormSetOptions){ 0 });
    CHECK(!formset_is_valid(set));
    CHECK_STR(form_errors_text(formset_form(set, 1)), STR("* choice\n  * This field is required."));
}

TEST(formset, no_more_forms_than_the_limit)
{
    FormSet *set = set_of("form-TOTAL_FORMS=999999999&form-INITIAL_FORMS=0", (FormSetOptions){ .max_num = 2 });
    CHECK_EQ(formset_count(set), 2u + FORMSET_EXTRA_MAX);
    CHECK(!formset_is_valid(set));
    CHECK_STR(formset_non_form_errors(set)->p[0].message, STR("Please submit at most 2 forms."));
    CHECK(!formset_is_valid(set_of("form-0-choice=a", (FormSetOptions){ 0 })));
}

TEST(formset, deleting_and_ordering)
{
    FormSet *set =
        set_of("form-TOTAL_FORMS=3&form-INITIAL_FORMS=0&form-0-choice=a&form-0-ORDER=2&form-1-choice=b&form-1-ORDER=1&"
               "form-2-choice=c&form-2-DELETE=on",
               (FormSetOptions){ .can_delete = true, .can_order = true });
    CHECK(formset_is_valid(set));
    CHECK(formset_is_deleted(set, 2) && !formset_is_deleted(set, 0));
    size_t n;
    const size_t *order = formset_ordered(set, &n);
    REQUIRE(n == 2);
    CHECK(order[0] == 1 && order[1] == 0);
}

TEST(formset, an_empty_one_is_rendered_with_its_management_form)
{
    FormSet *set = set_of(NULL, (FormSetOptions){ .extra = 2 });
    CHECK_EQ(formset_count(set), 2u);
    Str html = formset_html(set).s;
    CHECK_STR_CONTAINS(html,
                       STR("<input type=\"hidden\" name=\"form-TOTAL_FORMS\" value=\"2\" id=\"id_form-TOTAL_FORMS\">"));
    CHECK_STR_CONTAINS(html, STR("name=\"form-1-votes\""));
    CHECK_STR_CONTAINS(form_as_p(formset_empty_form(set)).s, STR("name=\"form-__prefix__-choice\""));
}

static void no_two_of_a_kind(FormSet *set)
{
    if (str_eq(FORMSET_CLEANED(set, 0, ChoiceForm)->choice, FORMSET_CLEANED(set, 1, ChoiceForm)->choice))
        formset_add_error(set, "twice", "\"%.*s\" stands twice.", STR_FMT(FORMSET_CLEANED(set, 0, ChoiceForm)->choice));
}

TEST(formset, its_own_clean_speaks_of_the_forms_together)
{
    FormSetOptions o = { .clean = no_two_of_a_kind };
    CHECK(formset_is_valid(set_of(MANAGEMENT "form-0-choice=a&form-1-choice=b", o)));
    FormSet *set = set_of(MANAGEMENT "form-0-choice=a&form-1-choice=a", o);
    CHECK(!formset_is_valid(set));
    REQUIRE(formset_non_form_errors(set)->n == 1);
    CHECK_STR(formset_non_form_errors(set)->p[0].message, STR("\"a\" stands twice."));
    CHECK_STR(formset_non_form_errors(set)->p[0].code, STR("twice"));
}

TEST(formset, one_changes_when_a_form_does)
{
    CHECK(!formset_has_changed(set_of(MANAGEMENT "form-0-choice=&form-1-votes=", (FormSetOptions){ 0 })));
    FormSet *set = set_of(MANAGEMENT "form-0-choice=&form-1-votes=2", (FormSetOptions){ 0 });
    CHECK(formset_has_changed(set));
    CHECK_STR_CONTAINS(form_as_p(formset_management_form(set)).s, STR("name=\"form-TOTAL_FORMS\" value=\"2\""));
}
