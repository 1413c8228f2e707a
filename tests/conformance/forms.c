/* forms.c: the suite `forms`: forms, formsets and single widgets as HTML and as data. Told apart by the file's name. */
#include "conformance/form_tables.h"

#include <clef/codec/json.h>
#include <string.h>

typedef struct Case {
    Arena *arena;
    TimeZones *zones;
    const Map *record;
    Value got, expected;
    bool known;
} Case;

/* --- widgets */

static void one_widget(Context *cx, void *arg)
{
    Case *c = arg;
    const Widget *w = form_table_widget(c->arena, c->zones, record_get(c->record, "widget").map);
    if (!w)
        return;
    c->known = true;
    Value attrs = record_get(c->record, "attrs"),
          value = template_case_value(c->arena, c->zones, record_get(c->record, "value"));
    SafeStr html =
        widget_render(cx, NULL, w, record_text(c->record, "name"), value, attrs.tag == VALUE_MAP ? attrs.map : NULL);
    c->got = value_str(form_table_markup(c->arena, html.s));
    c->expected = value_str(form_table_markup(c->arena, record_text(c->record, "html")));
}

/* --- forms */

typedef struct Files {
    Arena *arena;
    const Map *data;
} Files;

static const UploadedFile *file_of(void *arg, Str name)
{
    Files *files = arg;
    const Value *v = files->data ? map_get(files->data, name) : NULL;
    return v && v->tag == VALUE_MAP && map_has(v->map, STR("$file")) ? form_table_file(files->arena, v->map) : NULL;
}

static QueryDict *data_of(Arena *a, Value v)
{
    if (v.tag != VALUE_MAP)
        return NULL;
    QueryDict *q = query_create(a);
    MapEntry *e;
    for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;) {
        if (e->value.tag == VALUE_LIST)
            for (size_t i = 0; i < e->value.list->n; i++)
                query_append(q, e->key, value_python_str(a, e->value.list->p[i]));
        else if (e->value.tag != VALUE_MAP)
            query_set(q, e->key, value_python_str(a, e->value));
    }
    return q;
}

static bool class_of(Case *c, FormClass *cls)
{
    Arena *a = c->arena;
    const List *fields = record_get(c->record, "fields").list;
    FormField *table = NEW_ARRAY(a, FormField, fields->n + 1);
    for (size_t i = 0; i < fields->n; i++)
        if (!form_table_field(a, c->zones, fields->p[i].map, i, &table[i]))
            return false;
    *cls = (FormClass){
        .name = "Recorded", .size = (fields->n + 1) * sizeof(Value), .fields = table, .nfields = fields->n
    };
    Value attrs = record_get(c->record, "class_attrs");
    if (attrs.tag == VALUE_MAP) {
        if (record_text(attrs.map, "error_css_class").n)
            cls->error_css_class = str_dup_c(a, record_text(attrs.map, "error_css_class"));
        if (record_text(attrs.map, "required_css_class").n)
            cls->required_css_class = str_dup_c(a, record_text(attrs.map, "required_css_class"));
    }
    return true;
}

static FormOptions options_of(Case *c, const Map *o)
{
    Arena *a = c->arena;
    FormOptions out = { .unbound = true };
    Value auto_id = record_get(o, "auto_id"), suffix = record_get(o, "label_suffix"),
          required = record_get(o, "use_required_attribute"), order = record_get(o, "field_order"),
          initial = record_get(o, "initial");
    if (auto_id.tag == VALUE_BOOL)
        out.auto_id = auto_id.b ? "True" : "";
    else if (auto_id.tag == VALUE_STR)
        out.auto_id = str_dup_c(a, auto_id.s);
    if (suffix.tag == VALUE_STR)
        out.label_suffix = str_dup_c(a, suffix.s);
    if (record_text(o, "prefix").n)
        out.prefix = str_dup_c(a, record_text(o, "prefix"));
    out.no_use_required_attribute = required.tag == VALUE_BOOL && !required.b;
    if (order.tag == VALUE_LIST) {
        const char **p = NEW_ARRAY(a, const char *, order.list->n + 1);
        for (size_t i = 0; i < order.list->n; i++)
            p[i] = str_dup_c(a, order.list->p[i].s);
        out.field_order = p;
    }
    if (initial.tag == VALUE_MAP)
        out.initial_map = template_case_value(a, c->zones, initial).map;
    return out;
}

static void put(Map *m, const char *name, Value v) { map_set(m, str_c(name), v); }
static Value markup(Arena *a, SafeStr html) { return value_str(form_table_markup(a, html.s)); }

/* Only what was recorded is compared. */
static Map *recorded_html(Arena *a, Value v)
{
    Map *m = map_new(a);
    MapEntry *e;
    for (size_t at = 0; v.tag == VALUE_MAP && (e = map_next(v.map, &at)) != NULL;)
        map_set(m, e->key, e->value.tag == VALUE_STR ? value_str(form_table_markup(a, e->value.s)) : e->value);
    return m;
}

static Map *bound_field_map(Case *c, BoundField *b)
{
    Arena *a = c->arena;
    Map *m = map_new(a);
    Value aria;
    put(m, "html", markup(a, bound_field_html(b)));
    put(m, "label_tag", markup(a, bound_field_label_tag(b)));
    put(m, "legend_tag", markup(a, bound_field_legend_tag(b)));
    put(m, "errors", markup(a, bound_field_errors_html(b)));
    put(m, "id_for_label", value_str(bound_field_id_for_label(b)));
    put(m, "css_classes", value_str(bound_field_css_classes(b, NULL)));
    put(m, "html_name", value_str(bound_field_html_name(b)));
    put(m, "auto_id", value_str(bound_field_auto_id(b)));
    put(m, "help_text", value_str(form_table_markup(a, bound_field_help_text(b))));
    put(m, "is_hidden", value_bool(bound_field_is_hidden(b)));
    put(m, "aria_describedby",
        value_item(a, value_bound_field(b), value_str(STR("aria_describedby")), &aria) ? aria : value_null());
    put(m, "value", form_table_notation(a, bound_field_value(b)));
    return m;
}

/* Classes have no order. */
static Value sorted_words(Arena *a, Value v)
{
    if (v.tag != VALUE_STR || !str_contains(v.s, STR(" ")))
        return v;
    Str first, rest = v.s;
    str_cut(&rest, ' ', &first);
    return str_cmp(first, rest) <= 0 ? v : value_str(str_format(a, "%.*s %.*s", STR_FMT(rest), STR_FMT(first)));
}

static void one_form(Context *cx, void *arg)
{
    Case *c = arg;
    Arena *a = c->arena;
    FormClass *cls = NEW(a, FormClass);
    if (!class_of(c, cls))
        return;
    c->known = true;
    FormOptions o = options_of(c, record_get(c->record, "form_options").map);
    Value data = record_get(c->record, "data");
    Files files = { a, data.tag == VALUE_MAP ? data.map : NULL };
    o.data = data_of(a, data);
    o.file = file_of;
    o.file_arg = &files;
    Form *form = form_create(cx, NULL, cls, o);
    Map *g = map_new(a), *x = map_new(a);
    if (map_has(c->record, STR("is_valid"))) {
        put(g, "is_valid", value_bool(form_is_valid(form)));
        put(g, "errors", value_map(form_errors(form)));
        put(g, "errors_json", value_str(form_errors_json(form, false)));
        put(g, "errors_html", markup(a, form_errors_html(form)));
        put(g, "errors_text", value_str(form_errors_text(form)));
        put(g, "cleaned_data", form_table_notation(a, value_map(form_cleaned_data(form))));
        put(g, "changed_data", value_list(form_changed_data(form)));
        static const char *const names[] = { "is_valid", "errors", "errors_json", "errors_text", "changed_data" };
        for (size_t i = 0; i < CLEF_COUNT(names); i++)
            put(x, names[i], record_get(c->record, names[i]));
        put(x, "errors_html", value_str(form_table_markup(a, record_text(c->record, "errors_html"))));
        put(x, "cleaned_data",
            form_table_notation(a, template_case_value(a, c->zones, record_get(c->record, "cleaned_data"))));
    }
    Map *html = map_new(a), *fields = map_new(a), *recorded_fields = map_new(a);
    put(html, "as_p", markup(a, form_as_p(form)));
    put(html, "as_div", markup(a, form_as_div(form)));
    put(html, "as_table", markup(a, form_as_table(form)));
    put(html, "as_ul", markup(a, form_as_ul(form)));
    put(g, "html", value_map(html));
    put(x, "html", value_map(recorded_html(a, record_get(c->record, "html"))));
    MapEntry *e;
    for (size_t at = 0; (e = map_next(record_get(c->record, "bound_fields").map, &at)) != NULL;) {
        Map *mine = bound_field_map(c, form_field(form, str_dup_c(a, e->key))), *theirs = recorded_html(a, e->value);
        Value recorded = record_get(e->value.map, "value"), *shown = map_get(mine, STR("value"));
        Value mine_value = bound_field_value(form_field(form, str_dup_c(a, e->key)));
        if (recorded.tag == VALUE_STR && !value_is_text(mine_value))
            *shown = value_str(form_table_repr(a, mine_value));
        map_set(theirs, STR("value"), form_table_notation(a, template_case_value(a, c->zones, recorded)));
        map_set(mine, STR("css_classes"), sorted_words(a, *map_get(mine, STR("css_classes"))));
        map_set(theirs, STR("css_classes"), sorted_words(a, *map_get(theirs, STR("css_classes"))));
        map_set(fields, e->key, value_map(mine));
        map_set(recorded_fields, e->key, value_map(theirs));
    }
    put(g, "bound_fields", value_map(fields));
    put(x, "bound_fields", value_map(recorded_fields));
    c->got = value_map(g);
    c->expected = value_map(x);
}

/* --- formsets */

static Value form_html_of(Case *c, FormSet *set, const char *how)
{
    Value v;
    return value_item(c->arena, value_formset(set), value_str(str_c(how)), &v)
               ? value_str(form_table_markup(c->arena, v.s))
               : value_null();
}

static void one_formset(Context *cx, void *arg)
{
    Case *c = arg;
    Arena *a = c->arena;
    FormClass *cls = NEW(a, FormClass);
    if (!class_of(c, cls))
        return;
    c->known = true;
    const Map *factory = record_get(c->record, "factory").map;
    Value initial = template_case_value(a, c->zones, record_get(c->record, "initial"));
    FormSetOptions o = { .form = { .unbound = true, .data = data_of(a, record_get(c->record, "data")) } };
    Value extra = record_get(factory, "extra"), most = record_get(factory, "max_num"),
          least = record_get(factory, "min_num"), absolute = record_get(factory, "absolute_max"),
          delete_extra = record_get(factory, "can_delete_extra");
    if (extra.tag == VALUE_INT)
        o.extra = extra.i ? (int)extra.i : -1;
    if (most.tag == VALUE_INT) {
        o.max_num = (int)most.i;
        o.has_max_num = true;
    }
    o.min_num = least.tag == VALUE_INT ? (int)least.i : 0;
    o.absolute_max = absolute.tag == VALUE_INT ? (int)absolute.i : 0;
    o.validate_min = value_truth(record_get(factory, "validate_min"));
    o.validate_max = value_truth(record_get(factory, "validate_max"));
    o.can_order = value_truth(record_get(factory, "can_order"));
    o.can_delete = value_truth(record_get(factory, "can_delete"));
    o.no_delete_extra = delete_extra.tag == VALUE_BOOL && !delete_extra.b;
    o.initial = initial.tag == VALUE_LIST ? initial.list : NULL;
    FormSet *set = formset_create(cx, NULL, cls, o);
    Map *g = map_new(a), *x = map_new(a);
    if (map_has(c->record, STR("is_valid"))) {
        put(g, "is_valid", value_bool(formset_is_valid(set)));
        put(x, "is_valid", record_get(c->record, "is_valid"));
        List *errors = list_new(a), *cleaned = list_new(a), *deleted = list_new(a), *ordered = list_new(a),
             *top = list_new(a);
        for (size_t i = 0; i < formset_count(set); i++) {
            if (!formset_is_deleted(set, i))
                list_push(a, errors, value_map(form_errors(formset_form(set, i))));
            Value data = form_table_notation(a, value_map(form_cleaned_data(formset_form(set, i))));
            list_push(a, cleaned, data);
            if (formset_is_deleted(set, i) &&
                !(i >= formset_initial_count(set) && !form_has_changed(formset_form(set, i))))
                list_push(a, deleted, value_str(str_format(a, "form-%zu", i)));
        }
        size_t n;
        const size_t *order = formset_ordered(set, &n);
        for (size_t i = 0; i < n; i++)
            list_push(a, ordered, value_str(str_format(a, "form-%zu", order[i])));
        const ValidationErrors *own = formset_non_form_errors(set);
        for (size_t i = 0; i < own->n; i++)
            list_push(a, top, value_str(validation_error_text(a, &own->p[i])));
        put(g, "errors", value_list(errors));
        put(g, "non_form_errors", value_list(top));
        put(g, "cleaned_data", value_list(cleaned));
        put(g, "deleted", value_list(deleted));
        put(g, "ordered", value_list(ordered));
        static const char *const names[] = { "errors", "non_form_errors", "cleaned_data", "deleted", "ordered" };
        for (size_t i = 0; i < CLEF_COUNT(names); i++) {
            if (map_has(c->record, str_c(names[i])))
                put(x, names[i],
                    form_table_notation(a, template_case_value(a, c->zones, record_get(c->record, names[i]))));
            else
                map_delete(g, str_c(names[i]));
        }
    }
    Map *html = map_new(a);
    static const char *const ways[] = { "as_p", "as_div", "as_table", "as_ul" };
    for (size_t i = 0; i < CLEF_COUNT(ways); i++)
        put(html, ways[i], form_html_of(c, set, ways[i]));
    put(g, "html", value_map(html));
    put(x, "html", value_map(recorded_html(a, record_get(c->record, "html"))));
    put(g, "management_form", form_html_of(c, set, "management_form"));
    put(x, "management_form", value_str(form_table_markup(a, record_text(c->record, "management_form"))));
    put(g, "empty_form", markup(a, form_as_p(formset_empty_form(set))));
    put(x, "empty_form", value_str(form_table_markup(a, record_text(c->record, "empty_form"))));
    c->got = value_map(g);
    c->expected = value_map(x);
}

static bool answer(Run *run, const Map *record, Value *got, Value *expected)
{
    Arena *a = run->scratch;
    Case c = { .arena = a, .zones = timezones_create(a, (Str){ 0 }), .record = record };
    Context cx;
    context_init(&cx, a);
    const Error *e = attempt(&cx,
                             map_has(record, STR("widget"))    ? one_widget
                             : map_has(record, STR("factory")) ? one_formset
                                                               : one_form,
                             &c);
    if (e) {
        c.known = true;
        c.got = error_value(a, e->code, str_copy(a, e->message));
        c.expected = value_null();
    }
    *got = c.got;
    *expected = c.expected;
    context_finish(&cx);
    return c.known;
}

const Suite forms_suite = { .name = "forms", .answer = answer };
