/*
 * widget.h: how a field looks in HTML and how its value is taken from a posted form. A widget is a const table with
 * Django's class name and options; a field without one gets Django's default for its kind.
 *
 *     CharField(body, .widget = Textarea(.attrs = ATTRS("rows", "5", "autofocus", NULL)))
 *     CharField(secret, .widget = PasswordInput())
 *
 * A widget renders through a template, "django/forms/widgets/text.html" and so on, with Django's names in its context; a
 * template of that name in TEMPLATE_DIRS replaces Clef's own, .template_name replaces it for one widget.
 *
 * Django's page: "Widgets".
 */
#ifndef CLEF_FORMS_WIDGET_H
#define CLEF_FORMS_WIDGET_H

#include <clef/base/macro.h>
#include <clef/base/map.h>
#include <clef/codec/query.h>
#include <clef/http/request.h>
#include <clef/orm/field.h>

typedef struct Widget Widget;
typedef struct WidgetClass WidgetClass;
typedef struct Form Form;

/* An HTML attribute. A value of NULL: the bare name, as Python's True. */
typedef struct Attr {
    const char *name; /* NULL ends a list */
    const char *value;
} Attr;
/* clang-format off */
#define ATTRS(...)           ((const Attr[]){ CLEF_PAIRS(CLEF_ATTR, , __VA_ARGS__) { .name = NULL } })
#define CLEF_ATTR(unused, n, v) { (n), (v) }
/* clang-format on */

/* The members that a class does not use are ignored by it. */
struct Widget {
    const WidgetClass *cls;
    const Attr *attrs;
    const Choice *choices;                 /* of selects; a field's own choices go first */
    const char *template_name;             /* NULL: the class's */
    const char *input_type;                /* NULL: the class's */
    const char *format;                    /* of dates and times, as strftime has it; NULL: by the locale */
    const char *date_format, *time_format; /* SplitDateTimeWidget */
    const Attr *date_attrs, *time_attrs;
    bool render_value;               /* PasswordInput: show what was posted again */
    bool supports_microseconds;      /* private: of the field */
    const char *const *empty_label;  /* SelectDateWidget: one, or three */
    const int *years, *months;       /* SelectDateWidget; end at 0 */
    const char *const *month_names;  /* with .months */
    const Widget *const *widgets;    /* MultiWidget; ends at NULL */
    const char *const *widget_names; /* MultiWidget: suffixes; NULL: "_0", "_1" */
    bool allow_multiple_selected;    /* FileInput: several files */
};

/* What the classes are: a table each; own ones are made the same way (see the README of forms). */
CLEF_DATA(const WidgetClass, text_input_class);
CLEF_DATA(const WidgetClass, number_input_class);
CLEF_DATA(const WidgetClass, email_input_class);
CLEF_DATA(const WidgetClass, url_input_class);
CLEF_DATA(const WidgetClass, color_input_class);
CLEF_DATA(const WidgetClass, search_input_class);
CLEF_DATA(const WidgetClass, tel_input_class);
CLEF_DATA(const WidgetClass, password_input_class);
CLEF_DATA(const WidgetClass, hidden_input_class);
CLEF_DATA(const WidgetClass, multiple_hidden_input_class);
CLEF_DATA(const WidgetClass, file_input_class);
CLEF_DATA(const WidgetClass, clearable_file_input_class);
CLEF_DATA(const WidgetClass, textarea_class);
CLEF_DATA(const WidgetClass, date_input_class);
CLEF_DATA(const WidgetClass, datetime_input_class);
CLEF_DATA(const WidgetClass, time_input_class);
CLEF_DATA(const WidgetClass, checkbox_input_class);
CLEF_DATA(const WidgetClass, select_class);
CLEF_DATA(const WidgetClass, null_boolean_select_class);
CLEF_DATA(const WidgetClass, select_multiple_class);
CLEF_DATA(const WidgetClass, radio_select_class);
CLEF_DATA(const WidgetClass, checkbox_select_multiple_class);
CLEF_DATA(const WidgetClass, multi_widget_class);
CLEF_DATA(const WidgetClass, split_datetime_widget_class);
CLEF_DATA(const WidgetClass, split_hidden_datetime_widget_class);
CLEF_DATA(const WidgetClass, select_date_widget_class);

/* A widget of any class; WIDGET(&my_class, .attrs = ...). */
#define WIDGET(cls_, ...) (&(const Widget){ .cls = (cls_)__VA_OPT__(, ) __VA_ARGS__ })

/* clang-format off */
#define TextInput(...)                 WIDGET(&text_input_class __VA_OPT__(, ) __VA_ARGS__)
#define NumberInput(...)               WIDGET(&number_input_class __VA_OPT__(, ) __VA_ARGS__)
#define EmailInput(...)                WIDGET(&email_input_class __VA_OPT__(, ) __VA_ARGS__)
#define URLInput(...)                  WIDGET(&url_input_class __VA_OPT__(, ) __VA_ARGS__)
#define ColorInput(...)                WIDGET(&color_input_class __VA_OPT__(, ) __VA_ARGS__)
#define SearchInput(...)               WIDGET(&search_input_class __VA_OPT__(, ) __VA_ARGS__)
#define TelInput(...)                  WIDGET(&tel_input_class __VA_OPT__(, ) __VA_ARGS__)
#define PasswordInput(...)             WIDGET(&password_input_class __VA_OPT__(, ) __VA_ARGS__)
#define HiddenInput(...)               WIDGET(&hidden_input_class __VA_OPT__(, ) __VA_ARGS__)
#define MultipleHiddenInput(...)       WIDGET(&multiple_hidden_input_class __VA_OPT__(, ) __VA_ARGS__)
#define FileInput(...)                 WIDGET(&file_input_class __VA_OPT__(, ) __VA_ARGS__)
#define ClearableFileInput(...)        WIDGET(&clearable_file_input_class __VA_OPT__(, ) __VA_ARGS__)
#define Textarea(...)                  WIDGET(&textarea_class __VA_OPT__(, ) __VA_ARGS__)
#define DateInput(...)                 WIDGET(&date_input_class __VA_OPT__(, ) __VA_ARGS__)
#define DateTimeInput(...)             WIDGET(&datetime_input_class __VA_OPT__(, ) __VA_ARGS__)
#define TimeInput(...)                 WIDGET(&time_input_class __VA_OPT__(, ) __VA_ARGS__)
#define CheckboxInput(...)             WIDGET(&checkbox_input_class __VA_OPT__(, ) __VA_ARGS__)
#define Select(...)                    WIDGET(&select_class __VA_OPT__(, ) __VA_ARGS__)
#define NullBooleanSelect(...)         WIDGET(&null_boolean_select_class __VA_OPT__(, ) __VA_ARGS__)
#define SelectMultiple(...)            WIDGET(&select_multiple_class __VA_OPT__(, ) __VA_ARGS__)
#define RadioSelect(...)               WIDGET(&radio_select_class __VA_OPT__(, ) __VA_ARGS__)
#define CheckboxSelectMultiple(...)    WIDGET(&checkbox_select_multiple_class __VA_OPT__(, ) __VA_ARGS__)
#define MultiWidget(...)               WIDGET(&multi_widget_class __VA_OPT__(, ) __VA_ARGS__)
#define SplitDateTimeWidget(...)       WIDGET(&split_datetime_widget_class __VA_OPT__(, ) __VA_ARGS__)
#define SplitHiddenDateTimeWidget(...) WIDGET(&split_hidden_datetime_widget_class __VA_OPT__(, ) __VA_ARGS__)
#define SelectDateWidget(...)          WIDGET(&select_date_widget_class __VA_OPT__(, ) __VA_ARGS__)
/* clang-format on */

#endif
