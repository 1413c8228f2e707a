/*
 * class.h: what kinds of widgets and of fields can do, for those who make one of their own. A class is a const table; a
 * member that is NULL is what the kind it stands for does.
 *
 *     static Value stars_value(const WidgetRun *w, Value v) { ... }
 *     const WidgetClass stars_class = { .name = "Stars", .template_name = "shop/stars.html", .input_type = "range",
 *                                       .format = stars_value };
 *     IntegerField(rating, .widget = WIDGET(&stars_class))
 *
 * Values are boxed: null is Python's None. Functions work in w->arena and may raise through the form's context.
 */
#ifndef CLEF_FORMS_CLASS_H
#define CLEF_FORMS_CLASS_H

#include <clef/forms/form.h>

typedef struct FieldRun FieldRun;
typedef struct WidgetRun WidgetRun;

/* What was posted. */
typedef struct FormData {
    const QueryDict *values; /* may be NULL */
    const UploadedFile *(*file)(void *arg, Str name);
    void *file_arg;
} FormData;

/* The choices of a widget, flat: a choice with a group's name belongs to it as long as the group is the same. */
typedef struct BoundChoice {
    Value value;
    Str label;
    Str group; /* NULL string: none */
} BoundChoice;
struct ChoiceList {
    Arena *arena;
    BoundChoice *p;
    size_t n, cap;
    Str group; /* of those that are added now */
};

/* A widget at work: for one field of one form. */
struct WidgetRun {
    Arena *arena;
    const Widget *widget;
    const WidgetClass *cls;
    const Map *attrs;          /* those of the widget, and those that the field gives it */
    const ChoiceList *choices; /* NULL: none */
    FieldRun *field;           /* NULL: a widget by itself */
    bool required;
    bool hidden; /* rendered in the place of a visible one */
};

struct WidgetClass {
    const char *name;          /* Django's: "TextInput" */
    const char *template_name; /* "django/forms/widgets/text.html" */
    const char *option_template_name;
    const char *input_type; /* "text"; "hidden" is a hidden widget */
    bool multiple;          /* shows several values: a select's multiple, checkboxes */
    bool multipart;         /* the form needs multipart/form-data */
    bool fieldset;          /* its label is a legend */
    bool no_microseconds;   /* initial times are cut to seconds */
    bool number;            /* gets min, max and step of the field */
    bool is_hidden;
    /* What the form's data say of it; null: nothing. */
    Value (*from_data)(const WidgetRun *w, const FormData *data, Str name);
    /* How a value is shown; null: not at all. */
    Value (*format)(const WidgetRun *w, Value v);
    /* Adds to the map that the template sees as `widget`. */
    void (*context)(const WidgetRun *w, Str name, Value v, Map *attrs, Map *widget);
    /* The id that a label points to. */
    Str (*id_for_label)(const WidgetRun *w, Str id);
    /* May the HTML say `required`? */
    bool (*may_require)(const WidgetRun *w, Value initial);
};

/* A field at work. */
struct FieldRun {
    Context *cx;
    Arena *arena;
    Form *form; /* NULL: a field by itself */
    const FormField *f;
    const FormFieldClass *cls;
    bool required;
    const ChoiceList *choices;
    const TimeZone *zone; /* of wall times; NULL: UTC, naive times */
    bool use_tz;
    ValidationErrors errors;
};

struct FormFieldClass {
    const char *name; /* Django's: "CharField" */
    const WidgetClass *widget, *hidden_widget;
    /* Python's to_python: false after field_fail. */
    bool (*to_python)(FieldRun *run, Value in, Value *out);
    /* The kind's own validate beyond "required": false after field_fail. */
    bool (*validate)(FieldRun *run, Value v);
    /* The kind's own validators; errors go to the run. `custom` runs the field's list at its place among them. */
    void (*validators)(FieldRun *run, Value v);
    /* All of it: instead of the three above. */
    bool (*clean)(FieldRun *run, Value in, Value initial, Value *out);
    bool (*has_changed)(FieldRun *run, Value initial, Value data);
    /* What the widget shows for a value; for what was posted (null: data as they are). */
    Value (*prepare)(FieldRun *run, Value v);
    Value (*bound)(FieldRun *run, Value data, Value initial);
    /* More attributes for the widget. */
    void (*attrs)(FieldRun *run, const WidgetRun *w, Map *attrs);
    bool keeps_required; /* required by itself is not checked (NullBooleanField) */
};

/* Reports an error of the field by its code: the field's .error_messages, else the kind's sentence. False, always. */
CLEF_API(bool, field_fail, FieldRun *run, const char *code, const char *message, const Map *params);
/* None, "", and empty lists and maps. */
CLEF_API(bool, field_value_empty, Value v);

/* The field's conversion and checks, as Django's field.clean(): false with run->errors. */
CLEF_API(bool, field_clean, FieldRun *run, Value in, Value initial, Value *out);
/* A run of a field that belongs to no form. `zone` NULL: naive times. */
CLEF_API(void, field_run_init, FieldRun *run, Context *cx, const FormField *f, const TimeZone *zone);
CLEF_API(bool, field_has_changed, FieldRun *run, Value initial, Value data);

/* Uploads as values: VALUE_OBJECTs of this class; what Python calls False and FILE_INPUT_CONTRADICTION. */
CLEF_DATA(const ValueClass, uploaded_file_class);
static inline Value value_uploaded_file(const UploadedFile *file) { return value_object(file, &uploaded_file_class); }
CLEF_DATA(const ValueClass, file_contradiction_class);

#endif
