/* forms.h: inside of forms, between their files. */
#ifndef FORMS_FORMS_H
#define FORMS_FORMS_H

#include "codec/text.h"
#include <clef/base/buf.h>
#include <clef/base/vec.h>
#include <clef/forms.h>
#include <clef/forms/class.h>
#include <clef/i18n/locale.h>
#include <clef/i18n/numberformat.h>
#include <clef/template/engine.h>

#define FORM_TEXT_MAX ((size_t)16 << 20)

/* A field of one form. */
struct BoundField {
    Form *form;
    const FormField *f;
    Str name;      /* "title" */
    Str html_name; /* "contact-title" */
    Str id;        /* auto_id: "id_contact-title"; empty: none */
    FieldRun run;
    WidgetRun widget;
    ChoiceList choices;
    Value initial, data; /* worked out at the first call */
    bool has_initial, has_data;
    Value cleaned;
    bool is_cleaned;
    ValidationErrors errors;
    bool removed;
};

struct Form {
    Context *cx;
    Request *r; /* NULL: none */
    Arena *arena;
    const FormClass *cls;
    FormOptions o;
    Str prefix, auto_id, label_suffix;
    FormData data;
    bool bound, checked, checking;
    bool use_required_attribute;
    BoundField **fields; /* in order */
    size_t nfields;
    Map *initial;
    void *cleaned; /* the struct */
    size_t size;
    ValidationErrors non_field;
    VEC(BoundField *) failed; /* in the order of their first error; NULL: the form as a whole */
    const TimeZone *zone;
    bool use_tz;
    void *row; /* of a model form */
};

/* kinds.c: what a kind can do. */
/* field_choice.c: the rows that a field of relations offers. */
CLEF_PRIVATE(QuerySet *, field_rows, const FieldRun *run);
CLEF_PRIVATE(const FormFieldClass *, kind_class, FormFieldKind kind) CLEF_NONNULL;
CLEF_PRIVATE_DATA(const FormFieldClass, char_field);
CLEF_PRIVATE_DATA(const FormFieldClass, email_field);
CLEF_PRIVATE_DATA(const FormFieldClass, url_field);
CLEF_PRIVATE_DATA(const FormFieldClass, slug_field);
CLEF_PRIVATE_DATA(const FormFieldClass, ip_field);
CLEF_PRIVATE_DATA(const FormFieldClass, regex_field);
CLEF_PRIVATE_DATA(const FormFieldClass, file_path_field);
CLEF_PRIVATE_DATA(const FormFieldClass, integer_field);
CLEF_PRIVATE_DATA(const FormFieldClass, float_field);
CLEF_PRIVATE_DATA(const FormFieldClass, decimal_field);
CLEF_PRIVATE_DATA(const FormFieldClass, boolean_field);
CLEF_PRIVATE_DATA(const FormFieldClass, null_boolean_field);
CLEF_PRIVATE_DATA(const FormFieldClass, date_field);
CLEF_PRIVATE_DATA(const FormFieldClass, time_field);
CLEF_PRIVATE_DATA(const FormFieldClass, datetime_field);
CLEF_PRIVATE_DATA(const FormFieldClass, split_datetime_field);
CLEF_PRIVATE_DATA(const FormFieldClass, duration_field);
CLEF_PRIVATE_DATA(const FormFieldClass, uuid_field);
CLEF_PRIVATE_DATA(const FormFieldClass, choice_field);
CLEF_PRIVATE_DATA(const FormFieldClass, typed_choice_field);
CLEF_PRIVATE_DATA(const FormFieldClass, multiple_choice_field);
CLEF_PRIVATE_DATA(const FormFieldClass, typed_multiple_choice_field);
CLEF_PRIVATE_DATA(const FormFieldClass, file_field);
CLEF_PRIVATE_DATA(const FormFieldClass, image_field);
CLEF_PRIVATE_DATA(const FormFieldClass, json_field);
CLEF_PRIVATE_DATA(const FormFieldClass, combo_field);
CLEF_PRIVATE_DATA(const FormFieldClass, multi_value_field);
CLEF_PRIVATE_DATA(const FormFieldClass, model_choice_field);
CLEF_PRIVATE_DATA(const FormFieldClass, model_multiple_choice_field);

static inline Value boxed_value(Arena *a, Boxed b) { return b.box ? b.box(a, b.at) : value_null(); }
static inline bool boxed_given(Boxed b) { return b.box != NULL; }

/* field.c */
CLEF_PRIVATE(void, run_validator, FieldRun *run, const Validator *v, Value value);
CLEF_PRIVATE(void, run_own_validators, FieldRun *run, Value value);
CLEF_PRIVATE(Map *, value_param, Arena *a, Value v);
/* A sentence in the language in force; where a number among the parameters chooses between two, that one. */
CLEF_PRIVATE(Str, form_message, const Context *cx, Str message, const Map *params);
/* The sentence for a code: the field's own, else `fallback`. */
CLEF_PRIVATE(const char *, field_message, const FieldRun *run, const char *code, const char *fallback);

/* field_time.c: Python's datetime.strptime; false when the text is not of the format. */
CLEF_PRIVATE(bool, time_scan, Str text, Str format, NaiveDateTime *out);
/* Python's strftime, of the directives that forms use. */
CLEF_PRIVATE(Str, time_text, Arena *a, NaiveDateTime t, Str format);
CLEF_PRIVATE(bool, to_current_zone, FieldRun *run, NaiveDateTime t, Value *out);

/* choices.c */
CLEF_PRIVATE(void, choices_of_field, FieldRun *run, const Widget *widget, ChoiceList *out);
CLEF_PRIVATE(bool, choices_have, const ChoiceList *list, Arena *a, Value v);

/* member.c: between the struct and boxed values. */
CLEF_PRIVATE(bool, form_member_store, Arena *a, const FormField *f, void *data, Value v);
CLEF_PRIVATE(Value, form_member_load, Arena *a, const FormField *f, const void *data);

/* form.c */
CLEF_PRIVATE(BoundField *, form_find, const Form *form, Str name);
CLEF_PRIVATE(Value, bound_field_initial, BoundField *f);
CLEF_PRIVATE(Value, bound_field_data, BoundField *f);
CLEF_PRIVATE(void, form_check, Form *form);
CLEF_PRIVATE(bool, bound_field_has_changed, BoundField *f);

/* widget.c */
CLEF_PRIVATE(const WidgetClass *, widget_class_of, const FormField *f, const FormFieldClass *cls);
CLEF_PRIVATE(void, widget_run_init, WidgetRun *w, BoundField *f, const Widget *widget, const WidgetClass *cls);
CLEF_PRIVATE(Value, widget_from_data, const WidgetRun *w, const FormData *data, Str name);
CLEF_PRIVATE(Map *, widget_context, const WidgetRun *w, Str name, Value v, const Map *attrs);
/* A text in the language in force. */
CLEF_PRIVATE(Value, widget_text, const WidgetRun *w, const char *text);
CLEF_PRIVATE(bool, widget_is_hidden, const WidgetRun *w);
CLEF_PRIVATE(bool, widget_may_require, const WidgetRun *w, Value initial);
CLEF_PRIVATE(Str, widget_id_for_label, const WidgetRun *w, Str id);
CLEF_PRIVATE(Map *, attrs_map, Arena *a, const Attr *attrs);
CLEF_PRIVATE(void, attrs_merge, Map *to, const Map *from);
CLEF_PRIVATE(SafeStr, widget_html, const WidgetRun *w, Context *cx, Request *r, Str name, Value v, const Map *attrs);
/* widget_multi.c: the parts of a date and time for its two inputs. */
CLEF_PRIVATE(Value, datetime_parts, Arena *a, Value v);

/* render.c: a template of this name over one context. */
CLEF_PRIVATE(Str, forms_render, Context *cx, Request *r, Str template_name, const Map *context);
CLEF_PRIVATE(SafeStr, errors_html, Form *form, const ValidationErrors *errors, const char *css, Str field_id);
/* bound_field.c: errors that show themselves as markup. */
CLEF_PRIVATE(Value, errors_value, Form *form, const ValidationErrors *errors, const char *css, Str id);
CLEF_PRIVATE_DATA(const TemplateSource *const, form_templates);
CLEF_PRIVATE_DATA(const size_t, nform_templates);

/* model_form.c */
CLEF_PRIVATE(void, model_form_fields, Form *form);
CLEF_PRIVATE(void, model_form_post_clean, Form *form);

#endif
