/*
 * render.h: forms as HTML, by templates with Django's names ("django/forms/div.html", "django/forms/field.html",
 * "django/forms/errors/list/ul.html", "django/forms/widgets/text.html", ...). In a template: {{ form }}, {{ form.as_p }},
 * {{ form.title }}, {{ form.title.errors }}, {{ form.title.label_tag }}, {{ form.title.as_field_group }},
 * {% for field in form %}, {{ form.non_field_errors }}, {{ form.hidden_fields }}.
 *
 * A template of the same name in TEMPLATE_DIRS takes the place of Clef's own.
 *
 * Django's page: "Working with forms: rendering", "The form rendering API".
 */
#ifndef CLEF_FORMS_RENDER_H
#define CLEF_FORMS_RENDER_H

#include <clef/forms/form.h>

/* Rendering raises what templates raise. */
CLEF_API(SafeStr, form_html, Form *form); /* by the class's template */
CLEF_API(SafeStr, form_as_div, Form *form);
CLEF_API(SafeStr, form_as_p, Form *form);
CLEF_API(SafeStr, form_as_table, Form *form);
CLEF_API(SafeStr, form_as_ul, Form *form);
CLEF_API(SafeStr, form_render, Form *form, const char *template_name);

/* The field of this name with what was posted for it; raises 500 "no_such_field". The i-th in order; NULL past the last. */
CLEF_API(BoundField *, form_field, Form *form, const char *name) CLEF_NONNULL;
CLEF_API(BoundField *, form_field_at, Form *form, size_t i);

CLEF_API(Str, bound_field_html_name, const BoundField *f);
CLEF_API(Str, bound_field_auto_id, const BoundField *f);
CLEF_API(Str, bound_field_id_for_label, const BoundField *f);
CLEF_API(Str, bound_field_label, const BoundField *f);
CLEF_API(Str, bound_field_help_text, const BoundField *f);
CLEF_API(bool, bound_field_is_hidden, const BoundField *f);
CLEF_API(Str, bound_field_css_classes, BoundField *f, const char *extra);
CLEF_API(const ValidationErrors *, bound_field_errors, BoundField *f) CLEF_NONNULL;
/* What the widget shows: the posted value, or the initial one. */
CLEF_API(Value, bound_field_value, BoundField *f);
/* The widget; with more attributes (NULL: none); with another widget (as_text, as_textarea, as_hidden). */
CLEF_API(SafeStr, bound_field_html, BoundField *f);
CLEF_API(SafeStr, bound_field_as_widget, BoundField *f, const Widget *widget, const Attr *attrs, bool only_initial);
CLEF_API(SafeStr, bound_field_label_tag, BoundField *f);
CLEF_API(SafeStr, bound_field_legend_tag, BoundField *f);
CLEF_API(SafeStr, bound_field_errors_html, BoundField *f);
CLEF_API(SafeStr, bound_field_as_field_group, BoundField *f);

/* One widget by itself; choices NULL: the widget's own. */
CLEF_API(SafeStr, widget_render, Context *cx, Request *r, const Widget *widget, Str name, Value value,
         const Map *attrs);

#endif
