/* bound_field.c: one field of one form, as templates and programs see it. */
#include "forms/forms.h"
#include <clef/i18n/text.h>

Str bound_field_html_name(const BoundField *b) { return b->html_name; }
Str bound_field_auto_id(const BoundField *b) { return b->id; }

/* Choices of rows are read when they are first shown. */
static void need_choices(BoundField *b)
{
    if (!b->choices.arena)
        choices_of_field(&b->run, b->f->widget, &b->choices);
}

/* The id of the widget's own attributes, or the automatic one. */
static Str id_of(const BoundField *b)
{
    const Value *own = map_get(b->widget.attrs, STR("id"));
    return own && value_is_text(*own) && own->s.n ? own->s : b->id;
}

Str bound_field_id_for_label(const BoundField *b) { return widget_id_for_label(&b->widget, id_of(b)); }

/* "cc_myself" is "Cc myself". */
Str bound_field_label(const BoundField *b)
{
    if (b->f->label)
        return GETTEXT(b->form->cx, b->f->label);
    Str s = str_replace(b->form->arena, b->name, STR("_"), STR(" "));
    return text_capfirst(b->form->arena, s);
}

Str bound_field_help_text(const BoundField *b)
{
    return b->f->help_text && *b->f->help_text ? GETTEXT(b->form->cx, b->f->help_text) : STR("");
}
bool bound_field_is_hidden(const BoundField *b) { return widget_is_hidden(&b->widget); }

const ValidationErrors *bound_field_errors(BoundField *b)
{
    form_check(b->form);
    return &b->errors;
}

Value bound_field_value(BoundField *b)
{
    Value v = bound_field_initial(b);
    if (b->form->bound && !b->f->disabled)
        v = b->run.cls->bound ? b->run.cls->bound(&b->run, bound_field_data(b), v) : bound_field_data(b);
    return b->run.cls->prepare ? b->run.cls->prepare(&b->run, v) : v;
}

static bool has_word(Str words, Str word)
{
    Str one;
    while (str_cut(&words, ' ', &one))
        if (str_eq(one, word))
            return true;
    return false;
}

Str bound_field_css_classes(BoundField *b, const char *extra)
{
    Arena *a = b->form->arena;
    const FormClass *cls = b->form->cls;
    const char *more[] = { b->f->bound_css, bound_field_errors(b)->n ? cls->error_css_class : NULL,
                           b->run.required ? cls->required_css_class : NULL };
    Str out = str_c(extra ? extra : "");
    for (size_t i = 0; i < CLEF_COUNT(more); i++)
        if (more[i] && !has_word(out, str_c(more[i])))
            out = out.n ? str_format(a, "%.*s %s", STR_FMT(out), more[i]) : str_c(more[i]);
    return out;
}

static Str aria_describedby(BoundField *b)
{
    if (map_has(b->widget.attrs, STR("aria-describedby")) || !b->id.n || bound_field_is_hidden(b))
        return STR("");
    Arena *a = b->form->arena;
    Str out = STR("");
    if (b->f->help_text && *b->f->help_text)
        out = str_concat(a, b->id, STR("_helptext"));
    if (bound_field_errors(b)->n)
        out = str_format(a, "%.*s%s%.*s_error", STR_FMT(out), out.n ? " " : "", STR_FMT(b->id));
    return out;
}

/* What the form's state adds to the widget's attributes. */
static Map *widget_attrs(BoundField *b, const WidgetRun *w, const Attr *given)
{
    Arena *a = b->form->arena;
    Map *attrs = attrs_map(a, given);
    if (b->form->use_required_attribute && b->run.required && widget_may_require(w, bound_field_initial(b)))
        map_set(attrs, STR("required"), value_bool(true));
    if (b->f->disabled)
        map_set(attrs, STR("disabled"), value_bool(true));
    bool described = map_has(attrs, STR("aria-describedby")) || map_has(w->attrs, STR("aria-describedby"));
    bool hidden = widget_is_hidden(w), invalid = bound_field_errors(b)->n > 0;
    if (invalid && !hidden && !map_has(attrs, STR("aria-invalid")) && !map_has(w->attrs, STR("aria-invalid")))
        map_set(attrs, STR("aria-invalid"), value_str(STR("true")));
    if (!described && !w->cls->fieldset && !hidden) {
        Str text = aria_describedby(b);
        if (text.n)
            map_set(attrs, STR("aria-describedby"), value_str(text));
    }
    return attrs;
}

SafeStr bound_field_as_widget(BoundField *b, const Widget *widget, const Attr *given, bool only_initial)
{
    Form *form = b->form;
    WidgetRun w = b->widget;
    need_choices(b);
    if (widget)
        widget_run_init(&w, b, widget, widget->cls);
    Map *attrs = widget_attrs(b, &w, given);
    Str initial = str_concat(form->arena, STR("initial-"), b->html_name), id = b->id;
    if (only_initial && id.n)
        id = str_concat(form->arena, STR("initial-"), id);
    if (id.n && !map_has(w.attrs, STR("id")) && !map_has(attrs, STR("id")))
        map_set(attrs, STR("id"), value_str(id));
    Value v = bound_field_value(b);
    if (only_initial) {
        bool posted = form->data.values && query_count(form->data.values, initial);
        v = posted ? value_str(query_get(form->data.values, initial)) : bound_field_initial(b);
        if (!posted && b->run.cls->prepare)
            v = b->run.cls->prepare(&b->run, v);
    }
    return widget_html(&w, form->cx, form->r, only_initial ? initial : b->html_name, v, attrs);
}

static const WidgetClass *hidden_class(const BoundField *b)
{
    return b->run.cls->hidden_widget ? b->run.cls->hidden_widget : &hidden_input_class;
}

SafeStr bound_field_html(BoundField *b)
{
    SafeStr shown = bound_field_as_widget(b, NULL, NULL, false);
    if (!b->f->show_hidden_initial)
        return shown;
    Widget hidden = { .cls = hidden_class(b) };
    return (SafeStr){ str_concat(b->form->arena, shown.s, bound_field_as_widget(b, &hidden, NULL, true).s) };
}

static SafeStr label(BoundField *b, const char *tag)
{
    Form *form = b->form;
    Arena *a = form->arena;
    Str text = bound_field_label(b), suffix = b->f->label_suffix ? str_c(b->f->label_suffix) : form->label_suffix;
    Map *context = map_new(a), *attrs = map_new(a);
    if (suffix.n && text.n && !strchr(":?.!", text.p[text.n - 1]))
        text = str_concat(a, text, suffix);
    Str id = id_of(b);
    if (id.n) {
        Str target = widget_id_for_label(&b->widget, id);
        if (target.n)
            map_set(attrs, STR("for"), value_str(target));
        if (b->run.required && form->cls->required_css_class)
            map_set(attrs, STR("class"), value_c(form->cls->required_css_class));
    }
    map_set(context, STR("field"), value_bound_field(b));
    map_set(context, STR("label"), value_str(text));
    map_set(context, STR("attrs"), value_map(attrs));
    map_set(context, STR("use_tag"), value_bool(id.n > 0));
    map_set(context, STR("tag"), value_c(tag));
    return (SafeStr){ forms_render(form->cx, form->r, STR("django/forms/label.html"), context) };
}

SafeStr bound_field_label_tag(BoundField *b) { return label(b, "label"); }
SafeStr bound_field_legend_tag(BoundField *b) { return label(b, "legend"); }

SafeStr bound_field_errors_html(BoundField *b)
{
    return errors_html(b->form, bound_field_errors(b), "errorlist", b->id);
}

SafeStr bound_field_as_field_group(BoundField *b)
{
    Map *context = map_new(b->form->arena);
    map_set(context, STR("field"), value_bound_field(b));
    const char *name = b->f->template_name ? b->f->template_name : "django/forms/field.html";
    return (SafeStr){ forms_render(b->form->cx, b->form->r, str_c(name), context) };
}

/* --- the parts of a widget: {% for radio in form.choice %} */

typedef struct Part {
    BoundField *b;
    Map *widget;
} Part;

static Str part_str(Arena *a, const void *self)
{
    const Part *part = self;
    Map *context = map_new(a);
    map_set(context, STR("widget"), value_map(part->widget));
    return forms_render(part->b->form->cx, part->b->form->r, map_get(part->widget, STR("template_name"))->s, context);
}

static bool part_item(Arena *a, const void *self, Value key, Value *out)
{
    const Part *part = self;
    if (!value_is_text(key))
        return false;
    if (str_eq(key.s, STR("tag"))) {
        map_set(part->widget, STR("wrap_label"), value_bool(false));
        *out = value_safe((SafeStr){ part_str(a, part) });
        map_set(part->widget, STR("wrap_label"), value_bool(true));
        return true;
    }
    if (str_eq(key.s, STR("choice_label")))
        *out = map_get_or(part->widget, STR("label"), value_null());
    else if (str_eq(key.s, STR("data")))
        *out = value_map(part->widget);
    else if (str_eq(key.s, STR("id_for_label")))
        *out = map_get_or(map_get(part->widget, STR("attrs"))->map, STR("id"), value_null());
    else
        return false;
    return true;
}

static const ValueClass part_class = { .name = "BoundWidget", .str = part_str, .item = part_item, .is_markup = true };

static List *parts_of(BoundField *b)
{
    Arena *a = b->form->arena;
    List *out = list_new(a);
    need_choices(b);
    Map *attrs = widget_attrs(b, &b->widget, NULL);
    if (b->id.n)
        map_set(attrs, STR("id"), value_str(b->id));
    Map *widget = widget_context(&b->widget, b->html_name, bound_field_value(b), attrs);
    const Value *groups = map_get(widget, STR("optgroups")), *subs = map_get(widget, STR("subwidgets"));
    for (size_t i = 0; groups && i < groups->list->n; i++) {
        const List *options = groups->list->p[i].list->p[1].list;
        for (size_t k = 0; k < options->n; k++) {
            Part *part = NEW(a, Part);
            *part = (Part){ b, options->p[k].map };
            list_push(a, out, value_object(part, &part_class));
        }
    }
    for (size_t i = 0; subs && i < subs->list->n; i++) {
        Part *part = NEW(a, Part);
        *part = (Part){ b, subs->list->p[i].map };
        list_push(a, out, value_object(part, &part_class));
    }
    if (!groups && !subs)
        list_push(a, out, value_bound_field(b));
    return out;
}

/* --- as a value of templates */

typedef enum FieldName {
    NAME_NONE,
    NAME_ERRORS,
    NAME_LABEL,
    NAME_LABEL_TAG,
    NAME_LEGEND_TAG,
    NAME_HELP_TEXT,
    NAME_ID_FOR_LABEL,
    NAME_AUTO_ID,
    NAME_HTML_NAME,
    NAME_NAME,
    NAME_VALUE,
    NAME_DATA,
    NAME_INITIAL,
    NAME_IS_HIDDEN,
    NAME_CSS_CLASSES,
    NAME_AS_WIDGET,
    NAME_AS_TEXT,
    NAME_AS_TEXTAREA,
    NAME_AS_HIDDEN,
    NAME_AS_FIELD_GROUP,
    NAME_USE_FIELDSET,
    NAME_ARIA,
    NAME_SUBWIDGETS,
    NAME_FIELD,
    NAME_FORM,
    NAME_WIDGET_TYPE,
} FieldName;

static const struct {
    Str text;
    FieldName name;
} field_names[] = {
    { STR("errors"), NAME_ERRORS },
    { STR("label"), NAME_LABEL },
    { STR("label_tag"), NAME_LABEL_TAG },
    { STR("legend_tag"), NAME_LEGEND_TAG },
    { STR("help_text"), NAME_HELP_TEXT },
    { STR("id_for_label"), NAME_ID_FOR_LABEL },
    { STR("auto_id"), NAME_AUTO_ID },
    { STR("html_name"), NAME_HTML_NAME },
    { STR("name"), NAME_NAME },
    { STR("value"), NAME_VALUE },
    { STR("data"), NAME_DATA },
    { STR("initial"), NAME_INITIAL },
    { STR("is_hidden"), NAME_IS_HIDDEN },
    { STR("css_classes"), NAME_CSS_CLASSES },
    { STR("as_widget"), NAME_AS_WIDGET },
    { STR("as_text"), NAME_AS_TEXT },
    { STR("as_textarea"), NAME_AS_TEXTAREA },
    { STR("as_hidden"), NAME_AS_HIDDEN },
    { STR("as_field_group"), NAME_AS_FIELD_GROUP },
    { STR("use_fieldset"), NAME_USE_FIELDSET },
    { STR("aria_describedby"), NAME_ARIA },
    { STR("subwidgets"), NAME_SUBWIDGETS },
    { STR("field"), NAME_FIELD },
    { STR("form"), NAME_FORM },
    { STR("widget_type"), NAME_WIDGET_TYPE },
};

/* "textinput" of TextInput: without "Widget" and "Input" at the end, in lower case. */
static Str widget_type(const BoundField *b)
{
    Str s = str_c(b->widget.cls->name);
    if (str_ends(s, STR("Widget")))
        s = str_slice(s, 0, s.n - 6);
    if (str_ends(s, STR("Input")))
        s = str_slice(s, 0, s.n - 5);
    return str_lower(b->form->arena, s);
}

static Value field_map(BoundField *b)
{
    Map *m = map_new(b->form->arena), *widget = map_new(b->form->arena);
    map_set(m, STR("required"), value_bool(b->run.required));
    map_set(m, STR("disabled"), value_bool(b->f->disabled));
    map_set(m, STR("label"), value_str(bound_field_label(b)));
    map_set(m, STR("help_text"), value_str(bound_field_help_text(b)));
    map_set(widget, STR("input_type"), value_c(b->widget.cls->input_type));
    map_set(widget, STR("attrs"), value_map((Map *)(uintptr_t)b->widget.attrs));
    map_set(widget, STR("is_hidden"), value_bool(bound_field_is_hidden(b)));
    map_set(m, STR("widget"), value_map(widget));
    return value_map(m);
}

/* Errors as {{ field.errors }}: a list that shows itself as markup. */
typedef struct ErrorsShown {
    Form *form;
    const ValidationErrors *errors;
    const char *css;
    Str id;
} ErrorsShown;

static Str shown_str(Arena *a, const void *self)
{
    (void)a;
    const ErrorsShown *e = self;
    return errors_html(e->form, e->errors, e->css, e->id).s;
}
static bool shown_length(const void *self, size_t *out)
{
    *out = ((const ErrorsShown *)self)->errors->n;
    return true;
}
static bool shown_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    const ErrorsShown *e = self;
    if (*cursor >= e->errors->n)
        return false;
    *out = value_str(validation_error_text(a, &e->errors->p[(*cursor)++]));
    return true;
}
static bool shown_item(Arena *a, const void *self, Value key, Value *out)
{
    const ErrorsShown *e = self;
    int64_t i;
    if (value_is_text(key) && (str_eq(key.s, STR("as_ul")) || str_eq(key.s, STR("as_text")))) {
        *out = value_safe((SafeStr){ shown_str(a, self) });
        return true;
    }
    if (!value_to_int(key, &i) || i < 0 || (uint64_t)i >= e->errors->n)
        return false;
    *out = value_str(validation_error_text(a, &e->errors->p[i]));
    return true;
}
static const ValueClass errors_class = { .name = "ErrorList",
                                         .str = shown_str,
                                         .length = shown_length,
                                         .next = shown_next,
                                         .item = shown_item,
                                         .is_markup = true };

Value errors_value(Form *form, const ValidationErrors *errors, const char *css, Str id)
{
    ErrorsShown *e = NEW(form->arena, ErrorsShown);
    *e = (ErrorsShown){ form, errors, css, id };
    return value_object(e, &errors_class);
}

static Value other_widget(BoundField *b, const WidgetClass *cls)
{
    Widget *w = NEW(b->form->arena, Widget);
    w->cls = cls;
    return value_safe(bound_field_as_widget(b, w, NULL, false));
}

static Value named(BoundField *b, FieldName name)
{
    switch (name) {
    case NAME_ERRORS:
        return errors_value(b->form, bound_field_errors(b), "errorlist", b->id);
    case NAME_LABEL:
        return value_str(bound_field_label(b));
    case NAME_LABEL_TAG:
        return value_safe(bound_field_label_tag(b));
    case NAME_LEGEND_TAG:
        return value_safe(bound_field_legend_tag(b));
    case NAME_HELP_TEXT:
        return value_str(bound_field_help_text(b));
    case NAME_ID_FOR_LABEL:
        return value_str(bound_field_id_for_label(b));
    case NAME_AUTO_ID:
        return value_str(b->id);
    case NAME_HTML_NAME:
        return value_str(b->html_name);
    case NAME_NAME:
        return value_str(b->name);
    case NAME_VALUE:
        return bound_field_value(b);
    case NAME_DATA:
        return bound_field_data(b);
    case NAME_INITIAL:
        return bound_field_initial(b);
    case NAME_IS_HIDDEN:
        return value_bool(bound_field_is_hidden(b));
    case NAME_CSS_CLASSES:
        return value_str(bound_field_css_classes(b, NULL));
    case NAME_AS_WIDGET:
        return value_safe(bound_field_html(b));
    case NAME_AS_TEXT:
        return other_widget(b, &text_input_class);
    case NAME_AS_TEXTAREA:
        return other_widget(b, &textarea_class);
    case NAME_AS_HIDDEN:
        return other_widget(b, hidden_class(b));
    case NAME_AS_FIELD_GROUP:
        return value_safe(bound_field_as_field_group(b));
    case NAME_USE_FIELDSET:
        return value_bool(b->widget.cls->fieldset);
    case NAME_ARIA:
        return value_str(aria_describedby(b));
    case NAME_SUBWIDGETS:
        return value_list(parts_of(b));
    case NAME_FIELD:
        return field_map(b);
    case NAME_FORM:
        return value_form(b->form);
    case NAME_WIDGET_TYPE:
        return value_str(widget_type(b));
    default:
        return value_null();
    }
}

static bool field_item(Arena *a, const void *self, Value key, Value *out)
{
    (void)a;
    BoundField *b = (BoundField *)(uintptr_t)self;
    int64_t i;
    if (value_to_int(key, &i)) {
        const List *parts = parts_of(b);
        if (i < 0 || (uint64_t)i >= parts->n)
            return false;
        *out = parts->p[i];
        return true;
    }
    for (size_t k = 0; value_is_text(key) && k < CLEF_COUNT(field_names); k++)
        if (str_eq(key.s, field_names[k].text)) {
            *out = named(b, field_names[k].name);
            return true;
        }
    return false;
}

static Str field_str(Arena *a, const void *self)
{
    (void)a;
    return bound_field_html((BoundField *)(uintptr_t)self).s;
}

static bool field_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    const List *parts = parts_of((BoundField *)(uintptr_t)self);
    if (*cursor >= parts->n)
        return false;
    *out = parts->p[(*cursor)++];
    return true;
}

static bool always(const void *self)
{
    (void)self;
    return true;
}

const ValueClass bound_field_class = {
    .name = "BoundField", .str = field_str, .item = field_item, .next = field_next, .truth = always, .is_markup = true
};
