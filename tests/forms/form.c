#include "../http/harness.h"
#include <clef/forms.h>
#include <clef/template.h>

typedef struct ContactForm {
    Str subject, message, sender;
    bool cc_myself;
    const UploadedFile *file;
} ContactForm;

/* The order in which the three levels ran. */
static char order[64];
static void note(char c)
{
    size_t n = strlen(order);
    if (n + 1 < sizeof order)
        order[n] = c;
}

static void not_spam(Validation *v)
{
    note('v');
    if (value_is_text(v->value) && str_contains(v->value.s, STR("spam")))
        INVALID(v, "spam", "No spam.");
}

static void clean_subject(Form *form, void *data)
{
    ContactForm *contact = data;
    note('f');
    if (str_eq(contact->subject, STR("taken")))
        ADD_ERROR(form, ContactForm, subject, "\"%.*s\" is taken.", STR_FMT(contact->subject));
    contact->subject = str_upper(form_arena(form), contact->subject);
}

static void clean_contact(Form *form, void *data)
{
    const ContactForm *contact = data;
    note('c');
    if (form_has_cleaned(form, "subject") && str_eq(contact->subject, contact->message))
        form_add_error_code(form, NON_FIELD_ERRORS, "same", "Subject and message are the same.");
}

static const FormClass ContactForm_form = {
    FORM_FIELDS(
        ContactForm,
        CharField(subject, .max_length = 20, .validators = VALIDATORS(VALIDATOR(not_spam)), .clean = clean_subject,
                  .help_text = "In <b>short</b>"),
        CharField(message, .widget = Textarea(.attrs = ATTRS("rows", "3", "autofocus", NULL))),
        EmailField(sender, .label = "Your address", .error_messages = ERROR_MESSAGES("required", "Who are you?")),
        BooleanField(cc_myself, .optional = true), FileField(file, .optional = true)),
    .clean = clean_contact,
};

static Request *post(const char *body)
{
    return test_request(
        str_format(test_arena(),
                   "POST / HTTP/1.1\r\nHost: testserver\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   strlen(body), body),
        test_settings());
}

TEST(form, a_posted_form_is_bound_and_cleaned)
{
    Form *form = FORM(post("subject=+hello+&message=text&sender=a@example.org&cc_myself=on"), ContactForm);
    CHECK(form_is_bound(form));
    CHECK(form_is_valid(form));
    const ContactForm *contact = CLEANED(form, ContactForm);
    CHECK_STR(contact->subject, STR("HELLO"));
    CHECK_STR(contact->message, STR("text"));
    CHECK(contact->cc_myself);
    CHECK_NULL(contact->file);
    CHECK_STR(form_cleaned_value(form, "subject").s, STR("HELLO"));
    CHECK_STR(str_c(order), STR("vfc"));
}

TEST(form, one_that_was_not_posted_is_neither_bound_nor_valid)
{
    Form *form = FORM(test_get("/?subject=x", "", test_settings()), ContactForm);
    CHECK(!form_is_bound(form));
    CHECK(!form_is_valid(form));
    CHECK_STR(form_errors_text(form), STR(""));
    Request *r = test_get("/?subject=x&message=y&sender=a@example.org", "", test_settings());
    CHECK(form_is_valid(FORM(r, ContactForm, .data = request_get(r))));
    CHECK(!form_is_bound(FORM(post("subject=x"), ContactForm, .unbound = true)));
}

TEST(form, errors_of_three_levels)
{
    Form *form = FORM(post("subject=spam&message=m&sender="), ContactForm);
    CHECK(!form_is_valid(form));
    CHECK_STR(form_errors_text(form), STR("* subject\n  * No spam.\n* sender\n  * Who are you?"));
    CHECK_STR(
        form_errors_json(form, false),
        STR("{\"subject\": [{\"message\": \"No spam.\", \"code\": \"spam\"}], \"sender\": [{\"message\": \"Who are "
            "you?\", \"code\": \"required\"}]}"));
    CHECK(form_has_error(form, "sender", "required"));
    CHECK(!form_has_error(form, "sender", "invalid"));
    CHECK(!form_has_cleaned(form, "subject"));
    form = FORM(post("subject=taken&message=m&sender=a@example.org"), ContactForm);
    CHECK_STR(form_errors_text(form), STR("* subject\n  * \"taken\" is taken."));
    form = FORM(post("subject=SAME&message=SAME&sender=a@example.org"), ContactForm);
    CHECK_STR(form_errors_text(form), STR("* __all__\n  * Subject and message are the same."));
    CHECK_STR(form_errors_html(form).s,
              STR("<ul class=\"errorlist\"><li>__all__<ul class=\"errorlist nonfield\"><li>Subject and "
                  "message are the same.</li></ul></li></ul>"));
}

typedef struct NoteForm {
    Str title, text;
} NoteForm;

static void shorten(Form *form)
{
    FormField *title = form_edit_field(form, "title");
    title->max_length = 3;
    title->optional = true;
    CHECK_NULL(form_edit_field(form, "other"));
    form_set_initial(form, "text", value_c("begin"));
}
static const FormClass NoteForm_form = { FORM_FIELDS(NoteForm, CharField(title), CharField(text)) };
static const FormClass short_form = { FORM_FIELDS(NoteForm, CharField(title), CharField(text)), .init = shorten };

TEST(form, the_fields_of_one_form_can_be_changed)
{
    Request *r = post("title=long&text=x");
    Form *form = form_create(CX(r), r, &short_form, (FormOptions){ 0 });
    CHECK(!form_is_valid(form));
    CHECK_STR(form_errors_text(form), STR("* title\n  * Ensure this value has at most 3 characters (it has 4)."));
    CHECK_STR(form_initial(form, "text").s, STR("begin"));
    CHECK(value_is_null(form_initial(form, "title")));
    /* the class is as it was */
    CHECK(form_is_valid(FORM(post("title=long&text=x"), NoteForm)));
    CHECK(!form_is_valid(FORM(post("title=&text=x"), NoteForm)));
}

TEST(form, prefix_and_initial)
{
    Form *form = FORM(post("a-subject=x&a-message=m&a-sender=a@example.org"), ContactForm, .prefix = "a",
                      .initial = PAIRS("subject", "x", "message", "old"));
    CHECK(form_is_valid(form));
    CHECK(form_has_changed(form));
    const List *changed = form_changed_data(form);
    REQUIRE(changed->n == 2);
    CHECK_STR(changed->p[0].s, STR("message"));
    CHECK_STR(changed->p[1].s, STR("sender"));
}

static const TemplateSource templates[] = {
    { STR("page.html"),
      STR("{{ form.subject.errors }}|{{ form.subject.label_tag }}|{{ form.subject }}|{{ form.subject.help_text|safe }}|"
          "{% for field in form %}{{ field.html_name }}{% if field.errors %}!{% endif %} {% endfor %}|"
          "{% if form.non_field_errors %}N{% endif %}{{ form.sender.value|default:'-' }}|{{ form.is_multipart }}") },
    { STR("whole.html"), STR("{{ form.as_p }}") },
    { STR("mine.html"), STR("{{ form.message }}") },
    { STR("django/forms/widgets/textarea.html"), STR("<my-editor>{{ widget.value }}</my-editor>") },
};

static Str rendered(Form *form, const char *name)
{
    Context *cx = form_context(form);
    TemplateEngine *e = template_engine_create(
        test_arena(), &(TemplateEngineOptions){ .loaders = TEMPLATE_LOADERS(TEMPLATE_TABLE(templates)) });
    TemplateContext c;
    template_context_init(&c, test_arena(), NULL);
    TEMPLATE_SET(&c, "form", form);
    return template_render_text(cx, template_get(cx, e, str_c(name)), &c);
}

TEST(form, as_a_value_of_templates)
{
    Form *form = FORM(post("subject=spam&message=<b>&sender="), ContactForm);
    CHECK_STR(
        rendered(form, "page.html"),
        STR("<ul class=\"errorlist\" id=\"id_subject_error\"><li>No spam.</li></ul>|<label "
            "for=\"id_subject\">Subject:</label>|"
            "<input type=\"text\" name=\"subject\" value=\"spam\" maxlength=\"20\" required aria-invalid=\"true\" "
            "aria-describedby=\"id_subject_helptext id_subject_error\" id=\"id_subject\">|In <b>short</b>|"
            "subject! message sender! cc_myself file |-|True"));
    Str whole = rendered(form, "whole.html");
    CHECK_STR_CONTAINS(whole, STR("<textarea name=\"message\" cols=\"40\" rows=\"3\" autofocus required "
                                  "id=\"id_message\">\n&lt;b&gt;</textarea>"));
    CHECK_STR_CONTAINS(whole, STR("<input type=\"file\" name=\"file\" id=\"id_file\">"));
}

TEST(form, options_of_one_form)
{
    Request *r = test_get("/", "", test_settings());
    Form *form = FORM(r, ContactForm, .auto_id = "", .label_suffix = "", .no_use_required_attribute = true);
    BoundField *subject = form_field(form, "subject");
    CHECK_STR(bound_field_html(subject).s, STR("<input type=\"text\" name=\"subject\" maxlength=\"20\">"));
    CHECK_STR(bound_field_label_tag(subject).s, STR("Subject"));
    Widget hidden = { .cls = &hidden_input_class };
    CHECK_STR(bound_field_as_widget(subject, &hidden, ATTRS("class", "x"), false).s,
              STR("<input type=\"hidden\" name=\"subject\" class=\"x\">"));
    CHECK(form_remove_field(form, "file"));
    CHECK(!form_remove_field(form, "file"));
    CHECK(!form_is_multipart(form));
    CHECK_NULL(form_field_at(form, 4));
}

typedef struct UploadForm {
    const UploadedFile *file, *image;
} UploadForm;
static const FormClass UploadForm_form = {
    FORM_FIELDS(UploadForm, FileField(file, .max_length = 8, .max_size = 4), ImageField(image, .optional = true)),
};

typedef struct Uploads {
    UploadedFile file, image;
    bool has_image;
} Uploads;

static const UploadedFile *upload(void *arg, Str name)
{
    Uploads *u = arg;
    if (str_eq(name, STR("file")))
        return u->file.name.n ? &u->file : NULL;
    return u->has_image ? &u->image : NULL;
}

static Str upload_errors(Uploads *u)
{
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    Form *form = FORM(cx, UploadForm, .data = query_create(test_arena()), .file = upload, .file_arg = u);
    if (form_is_valid(form))
        CHECK_PTR(CLEANED(form, UploadForm)->file, &u->file);
    return form_errors_text(form);
}

TEST(form, files)
{
    Uploads u = { 0 };
    CHECK_STR(upload_errors(&u), STR("* file\n  * This field is required."));
    u.file = (UploadedFile){ .name = STR("a.txt"), .content = STR("ab"), .size = 2 };
    CHECK_STR(upload_errors(&u), STR(""));
    u.file.size = 0;
    CHECK_STR(upload_errors(&u), STR("* file\n  * The submitted file is empty."));
    u.file.size = 5;
    CHECK_STR(upload_errors(&u), STR("* file\n  * Ensure this file has at most 4 bytes (it has 5)."));
    u.file.size = 4;
    u.file.name = STR("longer-name.txt");
    CHECK_STR(upload_errors(&u), STR("* file\n  * Ensure this filename has at most 8 characters (it has 15)."));
    u.file.name = STR("a.txt");
    u.has_image = true;
    u.image = (UploadedFile){ .name = STR("a.png"), .content = STR("GIF89a...."), .size = 10 };
    CHECK_STR(upload_errors(&u), STR(""));
    u.image.content = STR("no image");
    CHECK_STR_CONTAINS(upload_errors(&u), STR("Upload a valid image."));
    u.image = (UploadedFile){ .name = STR("a.html"), .content = STR("GIF89a...."), .size = 10 };
    CHECK_STR_CONTAINS(upload_errors(&u), STR("File extension \u201chtml\u201d is not allowed."));
}

static void dynamic_choices(Form *form, ChoiceList *out)
{
    (void)form;
    choices_add(out, VALUE("x"), STR("X"));
    choices_group(out, STR("More"));
    choices_add(out, VALUE("y"), STR("Y & Z"));
}

typedef struct PickForm {
    Str pick;
} PickForm;
static const FormClass PickForm_form = { FORM_FIELDS(PickForm, ChoiceField(pick, .choices_fn = dynamic_choices)) };

TEST(form, choices_made_at_run_time)
{
    Form *form = FORM(post("pick=y"), PickForm);
    CHECK(form_is_valid(form));
    CHECK_STR_CONTAINS(bound_field_html(form_field(form, "pick")).s,
                       STR("<optgroup label=\"More\">\n<option value=\"y\" selected>Y &amp; Z</option>"));
    CHECK(!form_is_valid(FORM(post("pick=z"), PickForm)));
}
