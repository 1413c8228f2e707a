/* expect: nothing */
#include "forms.h"
/* clang-format off */
const FormClass TicketForm_form = {
    FORM_FIELDS(TicketForm, CharField(title, .max_length = 9, .clean = check_title, .widget = TextInput(.attrs = ATTRS("class", "x"))),
                CharField(body, .widget = Textarea(), .validators = VALIDATORS(MinLengthValidator(3), validate_slug)),
                IntegerField(priority, .min_value = LIMIT(0), .initial = INITIAL(1)), OptIntegerField(age), BooleanField(urgent, .optional = true),
                DateField(day, .input_formats = FORMATS("%d.%m.%Y")),
                MultipleChoiceField(tags, .choices = CHOICES(CHOICE("a", "A"), CHOICE_GROUP("More", CHOICE("b", "B")))),
                FileField(file), ModelChoiceField(owner, Author)),
};
/* clang-format on */
Response *right(Request *r);
Response *right(Request *r)
{
    Form *form = FORM(r, TicketForm, .prefix = "t", .initial = PAIRS("title", "x"));
    if (form_is_valid(form))
        ADD_ERROR(form, TicketForm, title, "%d", (int)CLEANED(form, TicketForm)->priority);
    return RENDER(r, "t.html", "form", form);
}
