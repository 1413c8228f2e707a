/* widget_multi.c: widgets made of widgets: several inputs, a date and a time, a date of three selects. */
#include "forms/forms.h"

enum { PARTS_MAX = 16, YEARS_SHOWN = 10 };

Value datetime_parts(Arena *a, Value v)
{
    List *list = list_new(a);
    NaiveDateTime t = { v.us };
    bool good = v.tag == VALUE_DATETIME && (!v.zone || timezone_local(v.zone, (DateTime){ v.us }, &t, NULL));
    list_push(a, list, good ? value_date(naive_date(t)) : value_null());
    list_push(a, list, good ? value_time(naive_time(t)) : value_null());
    return value_list(list);
}

/* The widgets inside: their tables, in `room` where they are made here. */
static size_t parts_of(const WidgetRun *w, Widget room[static 2], const Widget *parts[static PARTS_MAX])
{
    bool hidden = w->cls == &split_hidden_datetime_widget_class;
    if (w->cls != &split_datetime_widget_class && !hidden) {
        size_t n = 0;
        for (; w->widget->widgets && w->widget->widgets[n] && n < PARTS_MAX; n++)
            parts[n] = w->widget->widgets[n];
        return n;
    }
    const char *type = hidden ? "hidden" : NULL;
    room[0] = (Widget){
        .cls = &date_input_class, .format = w->widget->date_format, .attrs = w->widget->date_attrs, .input_type = type
    };
    room[1] = (Widget){
        .cls = &time_input_class, .format = w->widget->time_format, .attrs = w->widget->time_attrs, .input_type = type
    };
    parts[0] = &room[0];
    parts[1] = &room[1];
    return 2;
}

static Str part_name(const WidgetRun *w, Str name, size_t i)
{
    const char *const *names = w->widget->widget_names;
    return names ? str_concat(w->arena, name, str_c(names[i])) : str_format(w->arena, "%.*s_%zu", STR_FMT(name), i);
}

static Value values_of(const WidgetRun *w, Value v)
{
    if (v.tag == VALUE_LIST)
        return v;
    if (w->cls != &multi_widget_class)
        return datetime_parts(w->arena, v);
    List *list = list_new(w->arena);
    if (value_truth(v))
        list_push(w->arena, list, v);
    return value_list(list);
}

static void multi_context(const WidgetRun *w, Str name, Value v, Map *attrs, Map *widget)
{
    Widget room[2];
    const Widget *parts[PARTS_MAX];
    size_t n = parts_of(w, room, parts);
    Arena *a = w->arena;
    const List *values = values_of(w, v).list;
    List *subs = list_new(a);
    const Value *id = map_get(attrs, STR("id"));
    Value type = map_get_or(attrs, STR("type"), value_null());
    map_delete(attrs, STR("type"));
    for (size_t i = 0; i < n; i++) {
        Map *own = map_new(a);
        WidgetRun sub = { .arena = a,
                          .widget = parts[i],
                          .cls = parts[i]->cls,
                          .attrs = attrs_map(a, parts[i]->attrs),
                          .required = w->required };
        ChoiceList choices;
        FormField f = { .name = "" };
        choices_of_field(&(FieldRun){ .arena = a, .f = &f }, parts[i], &choices);
        sub.choices = &choices;
        attrs_merge(own, attrs);
        if (id && value_is_text(*id) && id->s.n)
            map_set(own, STR("id"), value_str(str_format(a, "%.*s_%zu", STR_FMT(id->s), i)));
        if (!value_is_null(type))
            map_set(own, STR("type"), type);
        Value one = i < values->n ? values->p[i] : value_null();
        list_push(a, subs, value_map(widget_context(&sub, part_name(w, name, i), one, own)));
    }
    map_set(widget, STR("subwidgets"), value_list(subs));
}

static Value multi_from_data(const WidgetRun *w, const FormData *data, Str name)
{
    Widget room[2];
    const Widget *parts[PARTS_MAX];
    size_t n = parts_of(w, room, parts);
    List *list = list_new(w->arena);
    for (size_t i = 0; i < n; i++) {
        WidgetRun sub = { .arena = w->arena, .widget = parts[i], .cls = parts[i]->cls };
        list_push(w->arena, list, widget_from_data(&sub, data, part_name(w, name, i)));
    }
    return value_list(list);
}

static Value as_is(const WidgetRun *w, Value v)
{
    (void)w;
    return v;
}

static Str no_id(const WidgetRun *w, Str id)
{
    (void)w, (void)id;
    return STR("");
}

/* --- SelectDateWidget */

static const char *const month_names[] = { "January", "February", "March",     "April",   "May",      "June",
                                           "July",    "August",   "September", "October", "November", "December" };

/* Year, month and day as they are shown; "" for what is not known. */
typedef struct DateChoice {
    Value year, month, day;
} DateChoice;

static Value number_or_empty(int64_t n) { return n ? value_int(n) : value_str(STR("")); }

/* "2024-2-0": with zeros for what was not chosen. */
static bool read_pseudo_date(Str s, DateChoice *out)
{
    Str year, month, rest = s;
    int64_t y, m, d;
    if (!str_cut(&rest, '-', &year) || !str_cut(&rest, '-', &month) || str_is_null(rest))
        return false;
    bool lengths =
        (year.n == 4 || str_eq(year, STR("0"))) && month.n >= 1 && month.n <= 2 && rest.n >= 1 && rest.n <= 2;
    if (!lengths || !str_to_i64(year, &y) || !str_to_i64(month, &m) || !str_to_i64(rest, &d) || y < 0 || m < 0 || d < 0)
        return false;
    *out = (DateChoice){ number_or_empty(y), number_or_empty(m), number_or_empty(d) };
    return true;
}

static DateChoice date_choice(const WidgetRun *w, Value v)
{
    DateChoice c = { 0 };
    NaiveDateTime t = { v.us };
    if (v.tag == VALUE_DATETIME && v.zone && !timezone_local(v.zone, (DateTime){ v.us }, &t, NULL))
        return c;
    if (v.tag == VALUE_DATE || v.tag == VALUE_DATETIME) {
        DateParts p = date_parts(v.tag == VALUE_DATE ? (Date){ (int32_t)v.us } : naive_date(t));
        return (DateChoice){ value_int(p.year), value_int(p.month), value_int(p.day) };
    }
    (void)w;
    if (value_is_text(v) && !read_pseudo_date(v.s, &c) && time_scan(v.s, STR("%Y-%m-%d"), &t)) {
        DateParts p = date_parts(naive_date(t));
        return (DateChoice){ value_int(p.year), value_int(p.month), value_int(p.day) };
    }
    return c;
}

static Value date_choice_value(const WidgetRun *w, Value v)
{
    DateChoice c = date_choice(w, v);
    Map *m = map_new(w->arena);
    map_set(m, STR("year"), c.year);
    map_set(m, STR("month"), c.month);
    map_set(m, STR("day"), c.day);
    return value_map(m);
}

static Value one_select(const WidgetRun *w, Str name, const char *part, const ChoiceList *choices, Value v,
                        const Map *attrs)
{
    static const Widget select = { .cls = &select_class };
    Arena *a = w->arena;
    Map *own = map_new(a);
    Str whole = str_format(a, "%.*s_%s", STR_FMT(name), part);
    attrs_merge(own, attrs);
    map_set(own, STR("id"), value_str(str_concat(a, STR("id_"), whole)));
    WidgetRun sub = { .arena = a,
                      .widget = &select,
                      .cls = &select_class,
                      .choices = choices,
                      .attrs = map_new(a),
                      .required = w->required };
    return value_map(widget_context(&sub, whole, v, own));
}

static void none_choice(const WidgetRun *w, ChoiceList *list, int which)
{
    const char *const *labels = w->widget->empty_label;
    bool three = labels && labels[0] && labels[1] && labels[2];
    *list = (ChoiceList){ .arena = w->arena };
    if (!w->required)
        choices_add(list, value_str(STR("")), labels ? str_c(labels[three ? which : 0]) : STR("---"));
}

static void select_date_context(const WidgetRun *w, Str name, Value v, Map *attrs, Map *widget)
{
    ChoiceList years, months, days;
    DateChoice c = date_choice(w, v);
    none_choice(w, &years, 0);
    none_choice(w, &months, 1);
    none_choice(w, &days, 2);
    if (w->widget->years) {
        for (const int *y = w->widget->years; *y; y++)
            choices_add(&years, value_int(*y), str_format(w->arena, "%d", *y));
    } else {
        int this_year = naive_parts(datetime_utc(datetime_now())).year;
        for (int y = this_year; y < this_year + YEARS_SHOWN; y++)
            choices_add(&years, value_int(y), str_format(w->arena, "%d", y));
    }
    for (int i = 1; i <= 12; i++)
        choices_add(&months, value_int(i),
                    str_c((w->widget->month_names ? w->widget->month_names : month_names)[i - 1]));
    for (int i = 1; i <= 31; i++)
        choices_add(&days, value_int(i), str_format(w->arena, "%d", i));
    List *subs = list_new(w->arena);
    list_push(w->arena, subs, one_select(w, name, "month", &months, c.month, attrs));
    list_push(w->arena, subs, one_select(w, name, "day", &days, c.day, attrs));
    list_push(w->arena, subs, one_select(w, name, "year", &years, c.year, attrs));
    map_set(widget, STR("subwidgets"), value_list(subs));
}

static Value select_date_from_data(const WidgetRun *w, const FormData *data, Str name)
{
    Arena *a = w->arena;
    static const char *const parts[] = { "year", "month", "day" };
    Str s[3];
    int64_t n[3];
    bool all = data->values != NULL, numbers = true, empty = true;
    for (size_t i = 0; i < 3 && data->values; i++) {
        s[i] = query_get(data->values, str_format(a, "%.*s_%s", STR_FMT(name), parts[i]));
        all &= !str_is_null(s[i]);
        empty &= !str_is_null(s[i]) && !s[i].n;
        numbers &= !str_is_null(s[i]) && str_to_i64(text_strip(s[i]), &n[i]);
    }
    if (!all)
        return data->values && query_count(data->values, name) ? value_str(query_get(data->values, name))
                                                               : value_null();
    if (empty)
        return value_null();
    Date date;
    if (numbers && n[0] <= YEAR_MAX && n[0] > 0 && n[1] > 0 && n[1] <= 12 && n[2] > 0 && n[2] <= 31 &&
        date_make((int)n[0], (int)n[1], (int)n[2], &date))
        return value_str(value_python_str(a, value_date(date)));
    return value_str(str_format(a, "%.*s-%.*s-%.*s", STR_FMT(s[0].n ? s[0] : STR("0")),
                                STR_FMT(s[1].n ? s[1] : STR("0")), STR_FMT(s[2].n ? s[2] : STR("0"))));
}

static Str select_date_id(const WidgetRun *w, Str id) { return str_concat(w->arena, id, STR("_month")); }

#define WIDGETS "django/forms/widgets/"
const WidgetClass multi_widget_class = { .name = "MultiWidget",
                                         .template_name = WIDGETS "multiwidget.html",
                                         .fieldset = true,
                                         .format = as_is,
                                         .context = multi_context,
                                         .from_data = multi_from_data,
                                         .id_for_label = no_id };
const WidgetClass split_datetime_widget_class = { .name = "SplitDateTimeWidget",
                                                  .template_name = WIDGETS "splitdatetime.html",
                                                  .fieldset = true,
                                                  .no_microseconds = true,
                                                  .format = as_is,
                                                  .context = multi_context,
                                                  .from_data = multi_from_data,
                                                  .id_for_label = no_id };
const WidgetClass split_hidden_datetime_widget_class = { .name = "SplitHiddenDateTimeWidget",
                                                         .template_name = WIDGETS "splithiddendatetime.html",
                                                         .fieldset = true,
                                                         .is_hidden = true,
                                                         .no_microseconds = true,
                                                         .format = as_is,
                                                         .context = multi_context,
                                                         .from_data = multi_from_data,
                                                         .id_for_label = no_id };
const WidgetClass select_date_widget_class = { .name = "SelectDateWidget",
                                               .template_name = WIDGETS "select_date.html",
                                               .fieldset = true,
                                               .format = date_choice_value,
                                               .context = select_date_context,
                                               .from_data = select_date_from_data,
                                               .id_for_label = select_date_id };
