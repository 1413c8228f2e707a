/* widget_select.c: widgets of choices. */
#include "forms/forms.h"

static Value choice_format(const WidgetRun *w, Value v)
{
    List *list = list_new(w->arena);
    if (value_is_null(v) && w->cls->multiple)
        return value_list(list);
    if (v.tag != VALUE_LIST) {
        list_push(w->arena, list, value_str(value_is_null(v) ? STR("") : value_python_str(w->arena, v)));
        return value_list(list);
    }
    for (size_t i = 0; i < v.list->n; i++) {
        Value one = v.list->p[i];
        list_push(w->arena, list, value_str(value_is_null(one) ? STR("") : value_python_str(w->arena, one)));
    }
    return value_list(list);
}

static Value null_boolean_format(const WidgetRun *w, Value v)
{
    Str s = value_is_text(v) ? v.s : STR("");
    double number;
    if (!value_to_double(v, &number))
        number = -1; /* neither 0 nor 1 */
    Str out = STR("unknown");
    if (number == 1 || str_eq(s, STR("true")) || str_eq(s, STR("2")))
        out = STR("true");
    else if (number == 0 || str_eq(s, STR("false")) || str_eq(s, STR("3")))
        out = STR("false");
    List *list = list_new(w->arena);
    list_push(w->arena, list, value_str(out));
    return value_list(list);
}

static bool is_among(const List *values, Str text)
{
    for (size_t i = 0; i < values->n; i++)
        if (str_eq(values->p[i].s, text))
            return true;
    return false;
}

static bool is_check(const WidgetRun *w) { return w->cls->input_type != NULL; }

/* The map of one option, as the template sees it. */
static Map *option_of(const WidgetRun *w, Str name, const BoundChoice *c, Str label, bool selected, Str index,
                      const Map *attrs)
{
    Arena *a = w->arena;
    Map *own = map_new(a), *m = map_new(a);
    if (is_check(w))
        attrs_merge(own, attrs);
    if (selected)
        map_set(own, is_check(w) ? STR("checked") : STR("selected"), value_bool(true));
    Value *id = map_get(own, STR("id"));
    if (id && value_is_text(*id))
        map_set(own, STR("id"), value_str(str_format(a, "%.*s_%.*s", STR_FMT(id->s), STR_FMT(index))));
    map_set(m, STR("name"), value_str(name));
    map_set(m, STR("value"), value_is_null(c->value) ? value_str(STR("")) : c->value);
    map_set(m, STR("label"), value_str(label));
    map_set(m, STR("selected"), value_bool(selected));
    map_set(m, STR("index"), value_str(index));
    map_set(m, STR("attrs"), value_map(own));
    map_set(m, STR("type"), value_c(w->cls->input_type ? w->cls->input_type : "select"));
    map_set(m, STR("template_name"), value_c(w->cls->option_template_name));
    map_set(m, STR("wrap_label"), value_bool(true));
    return m;
}

static Value triple(Arena *a, Value x, Value y, Value z)
{
    List *l = list_new(a);
    list_push(a, l, x);
    list_push(a, l, y);
    list_push(a, l, z);
    return value_list(l);
}

static void choice_context(const WidgetRun *w, Str name, Value v, Map *attrs, Map *widget)
{
    Arena *a = w->arena;
    List *groups = list_new(a), *open = NULL;
    const List *values = map_get(widget, STR("value"))->list;
    Str group = { 0 };
    size_t at = 0, inner = 0;
    bool has_selected = false;
    (void)v;
    for (size_t i = 0; w->choices && i < w->choices->n; i++) {
        const BoundChoice *c = &w->choices->p[i];
        bool grouped = !str_is_null(c->group), same = open && grouped && c->group.p == group.p;
        if (!same) {
            if (i)
                at++;
            inner = 0;
            open = list_new(a);
            group = c->group;
            list_push(a, groups,
                      triple(a, grouped ? value_str(group) : value_null(), value_list(open), value_int((int64_t)at)));
        }
        Str text = value_is_null(c->value) ? STR("") : value_python_str(a, c->value);
        bool selected = (!has_selected || w->cls->multiple) && is_among(values, text);
        has_selected |= selected;
        Str index = grouped ? str_format(a, "%zu_%zu", at, inner++) : str_format(a, "%zu", at);
        list_push(a, open, value_map(option_of(w, name, c, c->label, selected, index, attrs)));
        if (!grouped)
            open = NULL;
    }
    map_set(widget, STR("optgroups"), value_list(groups));
    if (w->cls->multiple && !is_check(w))
        map_set(attrs, STR("multiple"), value_bool(true));
}

static const ChoiceList *null_choices(const WidgetRun *w)
{
    Arena *a = w->arena;
    ChoiceList *list = NEW(a, ChoiceList);
    list->arena = a;
    choices_add(list, value_c("unknown"), widget_text(w, "Unknown").s);
    choices_add(list, value_c("true"), widget_text(w, "Yes").s);
    choices_add(list, value_c("false"), widget_text(w, "No").s);
    return list;
}

static void null_boolean_context(const WidgetRun *w, Str name, Value v, Map *attrs, Map *widget)
{
    WidgetRun own = *w;
    own.choices = null_choices(w);
    choice_context(&own, name, v, attrs, widget);
}

static Value null_boolean_from_data(const WidgetRun *w, const FormData *data, Str name)
{
    (void)w;
    Str s = data->values ? query_get(data->values, name) : STR("");
    if (str_eq(s, STR("True")) || str_eq(s, STR("true")) || str_eq(s, STR("2")))
        return value_bool(true);
    if (str_eq(s, STR("False")) || str_eq(s, STR("false")) || str_eq(s, STR("3")))
        return value_bool(false);
    return value_null();
}

static Value many_from_data(const WidgetRun *w, const FormData *data, Str name)
{
    return multiple_hidden_input_class.from_data(w, data, name);
}

/* HTML wants an empty first choice in a select that is required. */
static bool select_may_require(const WidgetRun *w, Value initial)
{
    (void)initial;
    if (w->cls->multiple)
        return true;
    const BoundChoice *first = w->choices && w->choices->n ? &w->choices->p[0] : NULL;
    return first && str_is_null(first->group) &&
           (value_is_null(first->value) || (value_is_text(first->value) && !first->value.s.n));
}

static bool never_required(const WidgetRun *w, Value initial)
{
    (void)w, (void)initial;
    return false;
}

static Str no_id(const WidgetRun *w, Str id)
{
    (void)w, (void)id;
    return STR("");
}

#define WIDGETS "django/forms/widgets/"
const WidgetClass select_class = { .name = "Select",
                                   .template_name = WIDGETS "select.html",
                                   .option_template_name = WIDGETS "select_option.html",
                                   .format = choice_format,
                                   .context = choice_context,
                                   .may_require = select_may_require };
const WidgetClass null_boolean_select_class = { .name = "NullBooleanSelect",
                                                .template_name = WIDGETS "select.html",
                                                .option_template_name = WIDGETS "select_option.html",
                                                .format = null_boolean_format,
                                                .context = null_boolean_context,
                                                .from_data = null_boolean_from_data,
                                                .may_require = never_required };
const WidgetClass select_multiple_class = { .name = "SelectMultiple",
                                            .template_name = WIDGETS "select.html",
                                            .option_template_name = WIDGETS "select_option.html",
                                            .multiple = true,
                                            .format = choice_format,
                                            .context = choice_context,
                                            .from_data = many_from_data,
                                            .may_require = select_may_require };
const WidgetClass radio_select_class = { .name = "RadioSelect",
                                         .template_name = WIDGETS "radio.html",
                                         .option_template_name = WIDGETS "radio_option.html",
                                         .input_type = "radio",
                                         .fieldset = true,
                                         .format = choice_format,
                                         .context = choice_context,
                                         .id_for_label = no_id };
const WidgetClass checkbox_select_multiple_class = { .name = "CheckboxSelectMultiple",
                                                     .template_name = WIDGETS "checkbox_select.html",
                                                     .option_template_name = WIDGETS "checkbox_option.html",
                                                     .input_type = "checkbox",
                                                     .multiple = true,
                                                     .fieldset = true,
                                                     .format = choice_format,
                                                     .context = choice_context,
                                                     .from_data = many_from_data,
                                                     .id_for_label = no_id,
                                                     .may_require = never_required };
