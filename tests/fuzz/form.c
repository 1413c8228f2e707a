/*
 * form: whatever is posted, each field either passes, and its member is filled, or has an error; and the form can be shown
 * with what was posted.
 */
#include <clef/base.h>
#include <clef/codec/query.h>
#include <clef/forms.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

typedef struct Everything {
    Str text, email, url, slug, ip, choice, regex;
    int64_t integer;
    int16_t small;
    double real;
    Decimal money;
    bool yes;
    OptBool maybe;
    OptDate day, chosen;
    Time at;
    DateTime when, split;
    Duration length;
    Uuid id;
    StrList several;
    Value json;
    double typed;
} Everything;

static const Choice letters[] = { CHOICE("a", "A"), CHOICE_GROUP("More", CHOICE("b", "<B>")), { .display = NULL } };

/* clang-format off */
static const FormClass Everything_form = {
    FORM_FIELDS(Everything, CharField(text, .max_length = 9, .show_hidden_initial = true), EmailField(email), URLField(url), SlugField(slug, .allow_unicode = true),
                GenericIPAddressField(ip, .unpack_ipv4 = true), ChoiceField(choice, .choices = letters, .widget = RadioSelect()),
                RegexField(regex, "^(a|b)*$"), IntegerField(integer, .min_value = LIMIT(-5), .step_size = LIMIT(3)), IntegerField(small), FloatField(real),
                DecimalField(money, .max_digits = 5, .decimal_places = 2), BooleanField(yes), NullBooleanField(maybe),
                OptDateField(day), OptDateField(chosen, .widget = SelectDateWidget()), TimeField(at), DateTimeField(when), SplitDateTimeField(split),
                DurationField(length), UUIDField(id), MultipleChoiceField(several, .choices = letters, .widget = CheckboxSelectMultiple()),
                JSONField(json), TypedChoiceField(typed, .choices = CHOICES(CHOICE(1.5, "x")))),
};
/* clang-format on */

typedef struct Call {
    const QueryDict *q;
} Call;

static void run(Context *cx, void *arg)
{
    const Call *call = arg;
    Form *form = FORM(cx, Everything, .data = call->q);
    bool valid = form_is_valid(form);
    size_t failed = 0;
    for (size_t i = 0; form_field_at(form, i); i++) {
        BoundField *f = form_field_at(form, i);
        failed += bound_field_errors(f)->n > 0;
        ASSERT(bound_field_html(f).s.n > 0);
    }
    ASSERT(valid == (failed == 0));
    ASSERT(form_as_p(form).s.n && form_as_div(form).s.n);
    (void)form_changed_data(form);
    (void)form_errors_json(form, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    Context cx;
    context_init(&cx, a);
    QueryDict *q = query_parse(a, str_from((const char *)data, n), NULL);
    if (q) {
        const Error *e = attempt(&cx, run, &(Call){ q });
        ASSERT(e == NULL);
    }
    context_finish(&cx);
    arena_destroy(a);
    return 0;
}
