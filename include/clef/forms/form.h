/*
 * form.h: forms: what a posted form must look like, in one const table beside a plain struct that takes the cleaned values.
 *
 *     typedef struct ContactForm {
 *         Str subject, message, sender;
 *         bool cc_myself;
 *     } ContactForm;
 *
 *     const FormClass ContactForm_form = {
 *         FORM_FIELDS(ContactForm,
 *             CharField(subject, .max_length = 100),
 *             CharField(message, .widget = Textarea()),
 *             EmailField(sender),
 *             BooleanField(cc_myself, .optional = true)),
 *         .clean = check_contact,
 *     };
 *
 *     Response *contact(Request *r)
 *     {
 *         Form *form = FORM(r, ContactForm);
 *         if (form_is_valid(form)) {
 *             const ContactForm *contact = CLEANED(form, ContactForm);
 *             send(r, contact->sender, contact->subject, contact->message);
 *             return HttpResponseRedirect(r, "/thanks/");
 *         }
 *         return RENDER(r, "contact.html", "form", form);
 *     }
 *
 * FORM binds the form to request.POST and FILES when the method is POST or PUT, as Django's generic views do; at any other
 * method it is unbound, which is never valid. A field is checked in this order: its own conversion and rules, its
 * validators, its .clean; then the form's .clean; then, of a model form, what the model demands. Forms and all that they
 * give live in the request's memory.
 *
 * Django's page: "Working with forms", "The Forms API".
 */
#ifndef CLEF_FORMS_FORM_H
#define CLEF_FORMS_FORM_H

#include <clef/forms/field.h>
#include <clef/http/request.h>
#include <clef/template/response.h>

typedef struct FormClass FormClass;
typedef struct BoundField BoundField;

struct FormClass {
    const char *name; /* "ContactForm" */
    size_t size;      /* of the struct */
    const FormField *fields;
    size_t nfields;
    FormCleanFn *clean; /* Django's clean(): sees all that was cleaned */
    /* Before the form is used: may change the fields of this one form (form_edit_field and the like). Django's __init__. */
    void (*init)(Form *form);
    const char *const *field_order; /* FORMATS("b", "a"): these first */
    const char *prefix, *label_suffix, *error_css_class, *required_css_class;
    const char *template_name; /* of {{ form }}; NULL: "django/forms/div.html" */
    bool no_use_required_attribute;
    /* of a model form: see model_form.h */
    const Model *model;
    const Ref *model_fields, *exclude;
};

#define FORM_FIELDS(T, ...)                                                                                     \
    .name = #T, .size = sizeof(T), .fields = (const FormField[]){ CLEF_EACH(CLEF_FORM_FIELD, T, __VA_ARGS__) }, \
    .nfields = sizeof((const char[]){ CLEF_EACH(CLEF_FIELD_COUNTED, T, __VA_ARGS__) })

typedef struct FormOptions {
    const QueryDict *data; /* bound to this instead of the request's POST (a search form: request_get(r)) */
    bool unbound;          /* whatever the method is */
    const char *prefix;
    const TemplatePair *initial; /* PAIRS("title", "Hello", "views", 3) */
    const Map *initial_map;      /* the same, made at run time; both may be given */
    const char *auto_id;         /* "id_%s"; "": no ids */
    const char *label_suffix;    /* NULL: ":" */
    bool empty_permitted, no_use_required_attribute;
    const char *const *field_order;
    void *instance;                                   /* of a model form: the row that it edits */
    const UploadedFile *(*file)(void *arg, Str name); /* files that are not the request's */
    void *file_arg;
} FormOptions;

/* Values by name, boxed by their types. */
#define PAIRS(...) ((const TemplatePair[]){ CLEF_TEMPLATE_PAIRS(__VA_ARGS__){ .name = NULL } })

/* A form of the class; `r` may be NULL for a form of a task or a command, which is bound to options.data only. */
CLEF_API(Form *, form_create, Context *cx, Request *r, const FormClass *cls, FormOptions options) CLEF_NONNULL;
#define FORM(r, T, ...)    form_create(CX(r), CLEF_REQUEST_OF(r), &T##_form, (FormOptions){ __VA_ARGS__ })
#define CLEF_REQUEST_OF(r) ((Request *)_Generic((r), Request * : (r), Context * : NULL))

/* --- after it was made */

CLEF_API(bool, form_is_bound, const Form *form) CLEF_PURE;
/* Cleans it when that was not done yet. False for an unbound form. */
CLEF_API(bool, form_is_valid, Form *form);
/* The cleaned struct: complete when the form is valid, else with zeros where a field failed. A wrong class is a bug. */
CLEF_API(void *, form_cleaned, Form *form, const FormClass *cls) CLEF_NONNULL;
#define CLEANED(form, T) ((T *)form_cleaned((form), &T##_form))
/* Whether the field passed its checks (so far, in a clean hook): Django's `name in self.cleaned_data`. */
CLEF_API(bool, form_has_cleaned, Form *form, const char *field);
/* The cleaned value boxed; null where there is none. */
CLEF_API(Value, form_cleaned_value, Form *form, const char *field);
/* All of them, by name. */
CLEF_API(Map *, form_cleaned_data, Form *form) CLEF_NONNULL;
CLEF_API(bool, form_has_changed, Form *form);
/* The names of fields whose value is not the initial one. */
CLEF_API(List *, form_changed_data, Form *form) CLEF_NONNULL;
CLEF_API(bool, form_is_multipart, Form *form);
CLEF_API(Request *, form_request, const Form *form);
CLEF_API(Context *, form_context, const Form *form) CLEF_NONNULL;
CLEF_API(Arena *, form_arena, const Form *form) CLEF_NONNULL;
/* "contact-subject": a field's name in the posted data. */
CLEF_API(Str, form_add_prefix, const Form *form, Str name);

/* --- errors */

#define NON_FIELD_ERRORS NULL
/*
 * Reports what is wrong with a field (NON_FIELD_ERRORS: with the form as a whole); the field counts as not cleaned from
 * then on. The message is a sentence for people; form_add_error_code gives it a word for programs too.
 */
CLEF_API(void, form_add_error, Form *form, const char *field, const char *format, ...) CLEF_PRINTF(3, 4);
CLEF_API(void, form_add_error_code, Form *form, const char *field, const char *code, const char *format, ...)
CLEF_PRINTF(4, 5);
CLEF_API(void, form_add_validation_error, Form *form, const char *field, ValidationError e);
/* The same with the field checked by the compiler: ADD_ERROR(form, ContactForm, sender, "We know no %.*s.", ...). */
#define ADD_ERROR(form, T, m, ...) form_add_error((form), &#m[0 * sizeof(((T *)0)->m)], __VA_ARGS__)
/* Of one field, or of the form as a whole. */
CLEF_API(const ValidationErrors *, form_errors_of, Form *form, const char *field) CLEF_NONNULL;
/* Is there an error with this code? */
CLEF_API(bool, form_has_error, Form *form, const char *field, const char *code);
/* {"title": ["This field is required."]}: names in the order of the errors, "__all__" for the form as a whole. */
CLEF_API(Map *, form_errors, Form *form) CLEF_NONNULL;
/* Django's errors.as_json(), as_ul() and as_text(). */
CLEF_API(Str, form_errors_json, Form *form, bool escape_html);
CLEF_API(SafeStr, form_errors_html, Form *form);
CLEF_API(Str, form_errors_text, Form *form);

/* --- fields of this one form; the first two in .init only */

/* Takes a field out; false when there is none of that name. */
CLEF_API(bool, form_remove_field, Form *form, const char *field);
/* A copy of the field's table for this form only, to change; NULL when there is none. */
CLEF_API(FormField *, form_edit_field, Form *form, const char *field);
CLEF_API(void, form_set_initial, Form *form, const char *field, Value v);
CLEF_API(Value, form_initial, Form *form, const char *field);

#endif
