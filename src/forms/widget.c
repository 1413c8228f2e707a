/* widget.c: what all widgets do: attributes, the context of the template, values from posted data. */
#include "forms/forms.h"

enum { DAYS_TO_1900 = -25567 }; /* from 1970: the day that Python's strftime gives to a time of day */

Map *attrs_map(Arena *a, const Attr *attrs)
{
    Map *m = map_new(a);
    for (; attrs && attrs->name; attrs++)
        map_set(m, str_c(attrs->name), attrs->value ? value_str(str_c(attrs->value)) : value_bool(true));
    return m;
}

void attrs_merge(Map *to, const Map *from)
{
    MapEntry *e;
    for (size_t at = 0; from && (e = map_next(from, &at)) != NULL;)
        map_set(to, e->key, e->value);
}

const WidgetClass *widget_class_of(const FormField *f, const FormFieldClass *cls)
{
    if (f->widget)
        return f->widget->cls;
    const WidgetClass *usual = cls->widget ? cls->widget : &text_input_class;
    return f->localize && usual == &number_input_class ? &text_input_class : usual;
}

/* The attributes that a class gives before those of the widget. */
static Map *first_attrs(Arena *a, const WidgetClass *cls, const Widget *widget)
{
    Map *m = map_new(a);
    if (cls == &textarea_class) {
        map_set(m, STR("cols"), value_str(STR("40")));
        map_set(m, STR("rows"), value_str(STR("10")));
    }
    attrs_merge(m, attrs_map(a, widget ? widget->attrs : NULL));
    return m;
}

static ChoiceList *choices_of_widget(Arena *a, const Widget *widget)
{
    if (!widget || !widget->choices)
        return NULL;
    ChoiceList *list = NEW(a, ChoiceList);
    FormField f = { .name = "" };
    choices_of_field(&(FieldRun){ .arena = a, .f = &f }, widget, list);
    return list;
}

void widget_run_init(WidgetRun *w, BoundField *b, const Widget *widget, const WidgetClass *cls)
{
    static const Widget plain;
    Arena *a = b->form->arena;
    Map *attrs = first_attrs(a, cls, widget);
    *w = (WidgetRun){ .arena = a,
                      .widget = widget ? widget : &plain,
                      .cls = cls,
                      .choices = &b->choices,
                      .attrs = attrs,
                      .field = &b->run,
                      .required = b->run.required };
    if (b->run.cls->attrs) {
        Map *more = map_new(a);
        b->run.cls->attrs(&b->run, w, more);
        attrs_merge(attrs, more);
    }
}

/* A widget inside another one, or by itself. */
static WidgetRun sub_run(Arena *a, const Widget *widget, bool required)
{
    return (WidgetRun){ .arena = a,
                        .widget = widget,
                        .cls = widget->cls,
                        .choices = choices_of_widget(a, widget),
                        .attrs = first_attrs(a, widget->cls, widget),
                        .required = required };
}

static Str input_type_of(const WidgetRun *w)
{
    return str_c(w->widget->input_type ? w->widget->input_type : w->cls->input_type);
}

bool widget_is_hidden(const WidgetRun *w) { return w->cls->is_hidden || str_eq(input_type_of(w), STR("hidden")); }

bool widget_may_require(const WidgetRun *w, Value initial)
{
    return !widget_is_hidden(w) && (!w->cls->may_require || w->cls->may_require(w, initial));
}

Str widget_id_for_label(const WidgetRun *w, Str id) { return w->cls->id_for_label ? w->cls->id_for_label(w, id) : id; }

static Value plain_format(const WidgetRun *w, Value v)
{
    if (value_is_null(v) || (value_is_text(v) && !v.s.n))
        return value_null();
    if (value_is_text(v))
        return v;
    const FieldRun *run = w->field;
    Buf b = BUF_INIT(w->arena, FORM_TEXT_MAX);
    if (run && run->f->localize && localize_input_add(&b, w->arena, v, locale_of(run->cx)))
        return value_str(buf_view(&b));
    return value_str(value_python_str(w->arena, v));
}

Map *widget_context(const WidgetRun *w, Str name, Value v, const Map *attrs)
{
    Map *m = map_new(w->arena), *all = map_new(w->arena);
    attrs_merge(all, w->attrs);
    attrs_merge(all, attrs);
    map_set(m, STR("name"), value_str(name));
    map_set(m, STR("is_hidden"), value_bool(widget_is_hidden(w)));
    map_set(m, STR("required"), value_bool(w->required));
    map_set(m, STR("value"), w->cls->format ? w->cls->format(w, v) : plain_format(w, v));
    map_set(m, STR("attrs"), value_map(all));
    map_set(m, STR("template_name"),
            value_c(w->widget->template_name ? w->widget->template_name : w->cls->template_name));
    if (w->cls->input_type || w->widget->input_type)
        map_set(m, STR("type"), value_str(input_type_of(w)));
    if (w->cls->context)
        w->cls->context(w, name, v, all, m);
    /* Django lets an attribute `type` of the widget take the place of its own. */
    Value *type = map_get(all, STR("type"));
    if (type && map_has(m, STR("type"))) {
        map_set(m, STR("type"), *type);
        map_delete(all, STR("type"));
    }
    return m;
}

SafeStr widget_html(const WidgetRun *w, Context *cx, Request *r, Str name, Value v, const Map *attrs)
{
    Map *context = map_new(w->arena), *widget = widget_context(w, name, v, attrs);
    map_set(context, STR("widget"), value_map(widget));
    return (SafeStr){ forms_render(cx, r, map_get(widget, STR("template_name"))->s, context) };
}

SafeStr widget_render(Context *cx, Request *r, const Widget *widget, Str name, Value value, const Map *attrs)
{
    WidgetRun w = sub_run(cx->arena, widget, false);
    return widget_html(&w, cx, r, name, value, attrs);
}

/* --- values from posted data */

Value widget_from_data(const WidgetRun *w, const FormData *data, Str name)
{
    if (w->cls->from_data)
        return w->cls->from_data(w, data, name);
    return data->values && query_count(data->values, name) ? value_str(query_get(data->values, name)) : value_null();
}

static Value list_from_data(const WidgetRun *w, const FormData *data, Str name)
{
    List *list = list_new(w->arena);
    size_t n = 0;
    const Str *p = data->values ? query_list(data->values, w->arena, name, &n) : NULL;
    for (size_t i = 0; i < n; i++)
        list_push(w->arena, list, value_str(p[i]));
    return value_list(list);
}

/* --- inputs */

static Value no_value(const WidgetRun *w, Value v)
{
    (void)w, (void)v;
    return value_null();
}

Value widget_text(const WidgetRun *w, const char *text)
{
    return value_str(w->field ? GETTEXT(w->field->cx, text) : str_c(text));
}

static Value password_format(const WidgetRun *w, Value v)
{
    return w->widget->render_value ? plain_format(w, v) : value_null();
}

/* The widget's format, or the first that the locale reads. */
static Value time_format_of(const WidgetRun *w, Value v, InputFormats kind)
{
    Str list = w->field ? locale_of(w->field->cx)->formats->input[kind] : formats_default.input[kind], format;
    NaiveDateTime t;
    if (w->widget->format)
        format = str_c(w->widget->format);
    else if (!input_format_next(&list, &format))
        return plain_format(w, v);
    if (v.tag == VALUE_DATE)
        t = naive_combine((Date){ (int32_t)v.us }, (Time){ 0 });
    else if (v.tag == VALUE_TIME)
        t = naive_combine((Date){ DAYS_TO_1900 }, (Time){ v.us, 0 });
    else if (v.tag == VALUE_DATETIME) {
        t = (NaiveDateTime){ v.us };
        if (v.zone && !timezone_local(v.zone, (DateTime){ v.us }, &t, NULL))
            return plain_format(w, v);
    } else
        return value_is_text(v) ? v : plain_format(w, v); /* the empty text is shown as one */
    return value_str(time_text(w->arena, t, format));
}

/* Python's date has no hours, but strftime shows them as zeros; a time of day is on 1 January 1900. */
static Value date_format_value(const WidgetRun *w, Value v) { return time_format_of(w, v, INPUT_DATE); }
static Value datetime_format_value(const WidgetRun *w, Value v) { return time_format_of(w, v, INPUT_DATETIME); }
static Value time_format_value(const WidgetRun *w, Value v) { return time_format_of(w, v, INPUT_TIME); }

static Value checkbox_format(const WidgetRun *w, Value v)
{
    if (v.tag == VALUE_BOOL)
        return value_null();
    return plain_format(w, v);
}

static void checkbox_context(const WidgetRun *w, Str name, Value v, Map *attrs, Map *widget)
{
    (void)w, (void)name, (void)widget;
    bool off = value_is_null(v) || (v.tag == VALUE_BOOL && !v.b) || (value_is_text(v) && !v.s.n);
    if (!off)
        map_set(attrs, STR("checked"), value_bool(true));
}

static Value checkbox_from_data(const WidgetRun *w, const FormData *data, Str name)
{
    (void)w;
    if (!data->values || !query_count(data->values, name))
        return value_bool(false);
    Str s = query_get(data->values, name);
    return value_bool(!str_ieq(s, STR("false")) && s.n);
}

static void multiple_hidden_context(const WidgetRun *w, Str name, Value v, Map *attrs, Map *widget)
{
    List *subs = list_new(w->arena);
    Value formatted = *map_get(widget, STR("value"));
    Str id = STR("");
    Value *given = map_get(attrs, STR("id"));
    (void)v;
    if (given && value_is_text(*given))
        id = given->s;
    for (size_t i = 0; i < formatted.list->n; i++) {
        Map *own = map_new(w->arena);
        attrs_merge(own, attrs);
        if (id.n)
            map_set(own, STR("id"), value_str(str_format(w->arena, "%.*s_%zu", STR_FMT(id), i)));
        static const Widget hidden = { .cls = &hidden_input_class };
        WidgetRun sub = { .arena = w->arena, .widget = &hidden, .cls = &hidden_input_class };
        list_push(w->arena, subs, value_map(widget_context(&sub, name, formatted.list->p[i], own)));
    }
    map_set(widget, STR("subwidgets"), value_list(subs));
}

static Value list_format(const WidgetRun *w, Value v)
{
    List *list = list_new(w->arena);
    Value one;
    for (size_t at = 0; value_is_iterable(v) && value_next(w->arena, v, &at, &one);)
        list_push(w->arena, list, one);
    return value_list(list);
}

/* --- files */

static Value file_from_data(const WidgetRun *w, const FormData *data, Str name)
{
    (void)w;
    return data->file ? value_uploaded_file(data->file(data->file_arg, name)) : value_null();
}

static bool file_may_require(const WidgetRun *w, Value initial)
{
    (void)w;
    return !value_truth(initial);
}

static Str clear_name(Arena *a, Str name) { return str_concat(a, name, STR("-clear")); }

static Value clearable_from_data(const WidgetRun *w, const FormData *data, Str name)
{
    Value upload = file_from_data(w, data, name);
    if (w->required || !value_truth(checkbox_from_data(w, data, clear_name(w->arena, name))))
        return upload;
    static const char contradiction = 0;
    return value_is_null(upload) ? value_bool(false) : value_object(&contradiction, &file_contradiction_class);
}

/* A file that can be shown: it has a URL. */
static bool is_stored(Arena *a, Value v)
{
    Value url;
    return v.tag == VALUE_OBJECT && value_item(a, v, value_str(STR("url")), &url) && value_truth(url);
}

static Value clearable_format(const WidgetRun *w, Value v) { return is_stored(w->arena, v) ? v : value_null(); }

static void clearable_context(const WidgetRun *w, Str name, Value v, Map *attrs, Map *widget)
{
    Str clear = clear_name(w->arena, name);
    (void)attrs;
    map_set(widget, STR("checkbox_name"), value_str(clear));
    map_set(widget, STR("checkbox_id"), value_str(str_concat(w->arena, clear, STR("_id"))));
    map_set(widget, STR("is_initial"), value_bool(is_stored(w->arena, v)));
    map_set(widget, STR("input_text"), widget_text(w, "Change"));
    map_set(widget, STR("initial_text"), widget_text(w, "Currently"));
    map_set(widget, STR("clear_checkbox_label"), widget_text(w, "Clear"));
}

#define WIDGETS "django/forms/widgets/"
#define INPUT(variable, class_name, template_, type, ...)                                       \
    const WidgetClass variable = {                                                              \
        .name = class_name, .template_name = WIDGETS template_, .input_type = type, __VA_ARGS__ \
    }
INPUT(text_input_class, "TextInput", "text.html", "text", );
INPUT(number_input_class, "NumberInput", "number.html", "number", .number = true);
INPUT(email_input_class, "EmailInput", "email.html", "email", );
INPUT(url_input_class, "URLInput", "url.html", "url", );
INPUT(color_input_class, "ColorInput", "color.html", "color", );
INPUT(search_input_class, "SearchInput", "search.html", "search", );
INPUT(tel_input_class, "TelInput", "tel.html", "tel", );
INPUT(password_input_class, "PasswordInput", "password.html", "password", .format = password_format);
INPUT(hidden_input_class, "HiddenInput", "hidden.html", "hidden", );
INPUT(multiple_hidden_input_class, "MultipleHiddenInput", "multiple_hidden.html", "hidden", .format = list_format,
      .context = multiple_hidden_context, .from_data = list_from_data);
INPUT(date_input_class, "DateInput", "date.html", "text", .format = date_format_value, .no_microseconds = true);
INPUT(datetime_input_class, "DateTimeInput", "datetime.html", "text", .format = datetime_format_value,
      .no_microseconds = true);
INPUT(time_input_class, "TimeInput", "time.html", "text", .format = time_format_value, .no_microseconds = true);
INPUT(checkbox_input_class, "CheckboxInput", "checkbox.html", "checkbox", .format = checkbox_format,
      .context = checkbox_context, .from_data = checkbox_from_data);
INPUT(file_input_class, "FileInput", "file.html", "file", .format = no_value, .from_data = file_from_data,
      .may_require = file_may_require, .multipart = true);
INPUT(clearable_file_input_class, "ClearableFileInput", "clearable_file_input.html", "file", .format = clearable_format,
      .context = clearable_context, .from_data = clearable_from_data, .may_require = file_may_require,
      .multipart = true);
const WidgetClass textarea_class = { .name = "Textarea", .template_name = WIDGETS "textarea.html" };
