/* form_tables.c: recorded fields and widgets as the const tables of forms. */
#include "conformance/form_tables.h"

#include <clef/base/double.h>

static const struct {
    const char *name;
    FormFieldKind kind;
} field_kinds[] = {
    { "CharField", FORM_FIELD_CHAR },
    { "EmailField", FORM_FIELD_EMAIL },
    { "URLField", FORM_FIELD_URL },
    { "SlugField", FORM_FIELD_SLUG },
    { "GenericIPAddressField", FORM_FIELD_GENERIC_IP },
    { "RegexField", FORM_FIELD_REGEX },
    { "IntegerField", FORM_FIELD_INTEGER },
    { "FloatField", FORM_FIELD_FLOAT },
    { "DecimalField", FORM_FIELD_DECIMAL },
    { "BooleanField", FORM_FIELD_BOOLEAN },
    { "NullBooleanField", FORM_FIELD_NULL_BOOLEAN },
    { "DateField", FORM_FIELD_DATE },
    { "TimeField", FORM_FIELD_TIME },
    { "DateTimeField", FORM_FIELD_DATETIME },
    { "SplitDateTimeField", FORM_FIELD_SPLIT_DATETIME },
    { "DurationField", FORM_FIELD_DURATION },
    { "UUIDField", FORM_FIELD_UUID },
    { "ChoiceField", FORM_FIELD_CHOICE },
    { "TypedChoiceField", FORM_FIELD_TYPED_CHOICE },
    { "MultipleChoiceField", FORM_FIELD_MULTIPLE_CHOICE },
    { "TypedMultipleChoiceField", FORM_FIELD_TYPED_MULTIPLE_CHOICE },
    { "FileField", FORM_FIELD_FILE },
    { "ImageField", FORM_FIELD_IMAGE },
    { "JSONField", FORM_FIELD_JSON },
    { "ComboField", FORM_FIELD_COMBO },
    { "MultiValueField", FORM_FIELD_MULTI_VALUE },
};

static const WidgetClass *const widget_classes[] = {
    &text_input_class,
    &number_input_class,
    &email_input_class,
    &url_input_class,
    &color_input_class,
    &search_input_class,
    &tel_input_class,
    &password_input_class,
    &hidden_input_class,
    &multiple_hidden_input_class,
    &file_input_class,
    &clearable_file_input_class,
    &textarea_class,
    &date_input_class,
    &datetime_input_class,
    &time_input_class,
    &checkbox_input_class,
    &select_class,
    &null_boolean_select_class,
    &select_multiple_class,
    &radio_select_class,
    &checkbox_select_multiple_class,
    &multi_widget_class,
    &split_datetime_widget_class,
    &split_hidden_datetime_widget_class,
    &select_date_widget_class,
};

static Boxed boxed(Arena *a, Value v)
{
    Value *at = NEW(a, Value);
    *at = v;
    return (Boxed){ box_value, at };
}

/* The elements of a list, or of a $tuple. */
static List *elements(Value v)
{
    Str name;
    Value inside;
    if (notation(v, &name, &inside))
        v = inside;
    return v.tag == VALUE_LIST ? v.list : NULL;
}

static const char *const *words(Arena *a, Value v)
{
    const List *list = elements(v);
    if (!list)
        return NULL;
    const char **out = NEW_ARRAY(a, const char *, list->n + 1);
    for (size_t i = 0; i < list->n; i++)
        out[i] = str_dup_c(a, list->p[i].s);
    return out;
}

/* A dict of choices is a list of pairs. */
static Value pairs_of(Arena *a, Value v)
{
    Str name;
    Value inside;
    if (v.tag != VALUE_MAP || notation(v, &name, &inside))
        return v;
    List *out = list_new(a);
    MapEntry *e;
    for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;) {
        List *pair = list_new(a);
        list_push(a, pair, value_str(e->key));
        list_push(a, pair, pairs_of(a, e->value));
        list_push(a, out, value_list(pair));
    }
    return value_list(out);
}

static const Choice *choices_of(Arena *a, TimeZones *zones, Value v)
{
    const List *list = elements(pairs_of(a, v));
    if (!list)
        return NULL;
    Choice *out = NEW_ARRAY(a, Choice, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        const List *pair = elements(list->p[i]);
        Value label = template_case_value(a, zones, pair->p[1]);
        if (label.tag == VALUE_LIST)
            out[i] = (Choice){ .display = str_dup_c(a, pair->p[0].s), .group = choices_of(a, zones, pair->p[1]) };
        else
            out[i] = (Choice){ .value = boxed(a, template_case_value(a, zones, pair->p[0])),
                               .display = str_dup_c(a, value_python_str(a, label)) };
    }
    return out;
}

static const Attr *attrs_of(Arena *a, Value v)
{
    if (v.tag != VALUE_MAP)
        return NULL;
    Attr *out = NEW_ARRAY(a, Attr, map_count(v.map) + 1);
    size_t n = 0;
    MapEntry *e;
    for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;) {
        if (e->value.tag == VALUE_BOOL && !e->value.b)
            continue; /* Python's False: no attribute at all */
        out[n++] = (Attr){ str_dup_c(a, e->key),
                           e->value.tag == VALUE_BOOL ? NULL : str_dup_c(a, value_python_str(a, e->value)) };
    }
    return out;
}

const Widget *form_table_widget(Arena *a, TimeZones *zones, const Map *m)
{
    Widget *w = NEW(a, Widget);
    Str name = record_text(m, "$widget");
    for (size_t i = 0; i < CLEF_COUNT(widget_classes); i++)
        if (str_eq(str_c(widget_classes[i]->name), name))
            w->cls = widget_classes[i];
    Value format = record_get(m, "format"), years = record_get(m, "years"), empty = record_get(m, "empty_label"),
          widgets = record_get(m, "widgets");
    w->attrs = attrs_of(a, record_get(m, "attrs"));
    w->choices = choices_of(a, zones, record_get(m, "choices"));
    w->render_value = value_truth(record_get(m, "render_value"));
    if (format.tag == VALUE_STR)
        w->format = str_dup_c(a, format.s);
    const List *list = elements(years);
    if (list) {
        int *p = NEW_ARRAY(a, int, list->n + 1);
        for (size_t i = 0; i < list->n; i++)
            p[i] = (int)list->p[i].i;
        w->years = p;
    }
    w->empty_label = words(a, empty);
    if (empty.tag == VALUE_STR) {
        const char **p = NEW_ARRAY(a, const char *, 2);
        p[0] = str_dup_c(a, empty.s);
        w->empty_label = p;
    }
    if (widgets.tag == VALUE_LIST) {
        const Widget **p = NEW_ARRAY(a, const Widget *, widgets.list->n + 1);
        for (size_t i = 0; i < widgets.list->n; i++)
            p[i] = form_table_widget(a, zones, widgets.list->p[i].map);
        w->widgets = p;
    }
    return w->cls ? w : NULL;
}

const UploadedFile *form_table_file(Arena *a, const Map *m)
{
    UploadedFile *file = NEW(a, UploadedFile);
    file->name = record_text(m, "$file");
    file->content = from_notation(a, record_get(m, "content")).s;
    if (str_is_null(file->content))
        file->content = STR("");
    Value size = record_get(m, "size");
    file->size = size.tag == VALUE_INT ? (uint64_t)size.i : file->content.n;
    return file;
}

/* Python's int and float, which recorded typed choices are made with. */
static Value coerce_int(Arena *a, Value v)
{
    int64_t n;
    (void)a;
    return str_to_i64(v.s, &n) ? value_int(n) : value_null();
}
static Value coerce_float(Arena *a, Value v)
{
    double d;
    (void)a;
    return double_parse(v.s, &d) ? value_double(d) : value_null();
}
static Value coerce_bool(Arena *a, Value v)
{
    (void)a;
    return value_bool(value_truth(v));
}
static Value coerce_str(Arena *a, Value v)
{
    (void)a;
    return v;
}

static void coercion(FormField *f, Value v)
{
    Str name = v.tag == VALUE_STR ? v.s : STR("");
    if (str_contains(name, STR("int")))
        f->coerce = coerce_int;
    else if (str_contains(name, STR("float")))
        f->coerce = coerce_float;
    else if (str_contains(name, STR("bool")))
        f->coerce = coerce_bool;
    else
        f->coerce = coerce_str;
}

static int int_of(const Map *o, const char *name)
{
    Value v = record_get(o, name);
    return v.tag == VALUE_INT ? (int)v.i : 0;
}

static const char *text_of(Arena *a, const Map *o, const char *name)
{
    Value v = from_notation(a, record_get(o, name));
    return value_is_text(v) ? str_dup_c(a, v.s) : NULL;
}

static Boxed boxed_of(Arena *a, TimeZones *zones, const Map *o, const char *name)
{
    const Value *v = map_get(o, str_c(name));
    return v && !value_is_null(*v) ? boxed(a, template_case_value(a, zones, *v)) : (Boxed){ 0 };
}

bool form_table_field(Arena *a, TimeZones *zones, const Map *recorded, size_t index, FormField *f)
{
    Str cls = record_text(recorded, "field");
    const Map *o = record_get(recorded, "options").map;
    Value args = record_get(recorded, "args"), required = record_get(o, "required"), widget = record_get(o, "widget");
    *f = (FormField){ .member = FORM_MEMBER_VALUE, .offset = (uint16_t)(index * sizeof(Value)), .size = sizeof(Value) };
    for (size_t i = 0; i < CLEF_COUNT(field_kinds); i++)
        if (str_eq(str_c(field_kinds[i].name), cls))
            f->kind = field_kinds[i].kind;
    if (!f->kind)
        return false;
    f->name = str_dup_c(a, record_text(recorded, "name"));
    f->optional = required.tag == VALUE_BOOL && !required.b;
    f->disabled = value_truth(record_get(o, "disabled"));
    f->localize = value_truth(record_get(o, "localize"));
    f->label = text_of(a, o, "label");
    f->label_suffix = text_of(a, o, "label_suffix");
    f->help_text = text_of(a, o, "help_text");
    f->initial = boxed_of(a, zones, o, "initial");
    f->min_length = int_of(o, "min_length");
    f->max_length = int_of(o, "max_length");
    f->no_strip = record_get(o, "strip").tag == VALUE_BOOL && !record_get(o, "strip").b;
    const Value *empty = map_get(o, STR("empty_value"));
    if (empty)
        f->empty_value = boxed(a, template_case_value(a, zones, *empty));
    Value regex = args.tag == VALUE_LIST && args.list->n ? args.list->p[0] : record_get(o, "regex");
    Str name;
    Value inside;
    f->regex = notation(regex, &name, &inside) ? str_dup_c(a, inside.s)
               : value_is_text(regex)          ? str_dup_c(a, regex.s)
                                               : NULL;
    f->allow_unicode = value_truth(record_get(o, "allow_unicode"));
    f->allow_empty_file = value_truth(record_get(o, "allow_empty_file"));
    f->assume_scheme = text_of(a, o, "assume_scheme");
    f->protocol = text_of(a, o, "protocol");
    f->unpack_ipv4 = value_truth(record_get(o, "unpack_ipv4"));
    f->min_value = boxed_of(a, zones, o, "min_value");
    f->max_value = boxed_of(a, zones, o, "max_value");
    f->step_size = boxed_of(a, zones, o, "step_size");
    f->max_digits = int_of(o, "max_digits");
    f->decimal_places = int_of(o, "decimal_places");
    f->has_decimal_places = record_get(o, "decimal_places").tag == VALUE_INT;
    f->input_formats = words(a, record_get(o, "input_formats"));
    f->choices = choices_of(a, zones, record_get(o, "choices"));
    if (f->kind == FORM_FIELD_TYPED_CHOICE || f->kind == FORM_FIELD_TYPED_MULTIPLE_CHOICE)
        coercion(f, record_get(o, "coerce"));
    if (widget.tag == VALUE_MAP)
        f->widget = form_table_widget(a, zones, widget.map);
    Value messages = record_get(o, "error_messages"), fields = record_get(o, "fields");
    if (messages.tag == VALUE_MAP) {
        ErrorMessage *m = NEW_ARRAY(a, ErrorMessage, map_count(messages.map) + 1);
        MapEntry *e;
        size_t n = 0;
        for (size_t at = 0; (e = map_next(messages.map, &at)) != NULL;)
            m[n++] = (ErrorMessage){ str_dup_c(a, e->key), str_dup_c(a, from_notation(a, e->value).s) };
        f->error_messages = m;
    }
    if (fields.tag == VALUE_LIST) {
        FormField *parts = NEW_ARRAY(a, FormField, fields.list->n + 1);
        for (size_t i = 0; i < fields.list->n; i++)
            if (!form_table_field(a, zones, fields.list->p[i].map, 0, &parts[i]))
                return false;
        f->fields = parts;
        f->nfields = fields.list->n;
    }
    return true;
}

static Value named(Arena *a, const char *name, Value v)
{
    return notation_of(a, name, value_str(value_python_str(a, v)));
}

Value form_table_notation(Arena *a, Value v)
{
    char text[DATETIME_TEXT_MAX];
    switch ((ValueTag)v.tag) {
    case VALUE_DATE:
        return named(a, "$date", v);
    case VALUE_TIME:
        return named(a, "$time", v);
    case VALUE_DECIMAL:
        return named(a, "$decimal", v);
    case VALUE_UUID:
        return named(a, "$uuid", v);
    case VALUE_DURATION:
        return notation_of(
            a, "$timedelta",
            value_str(str_format(a, "%lld.%06lld", (long long)(v.us / 1000000), (long long)(v.us % 1000000))));
    case VALUE_DATETIME: {
        DateTime t = { v.us };
        size_t n = v.zone ? datetime_format_iso(t, timezone_offset(v.zone, t).seconds, 'T', text)
                          : naive_format_iso((NaiveDateTime){ v.us }, 'T', text);
        return notation_of(a, "$datetime", value_str(str_copy(a, (Str){ text, n })));
    }
    case VALUE_OBJECT:
        if (v.cls == &uploaded_file_class)
            return notation_of(a, "$file", value_str(((const UploadedFile *)v.object)->name));
        return value_c(v.cls->name);
    case VALUE_LIST: {
        List *list = list_new(a);
        for (size_t i = 0; i < v.list->n; i++)
            list_push(a, list, form_table_notation(a, v.list->p[i]));
        return value_list(list);
    }
    case VALUE_MAP: {
        Map *m = map_new(a);
        MapEntry *e;
        for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;)
            map_set(m, e->key, form_table_notation(a, e->value));
        return value_map(m);
    }
    default:
        return v;
    }
}

/* Python's repr of what it shows otherwise than JSON does: the value of a bound field was recorded so. */
Str form_table_repr(Arena *a, Value v)
{
    if (v.tag == VALUE_LIST) {
        Buf b = BUF_INIT(a, 1 << 16);
        for (size_t i = 0; i < v.list->n; i++)
            buf_printf(&b, "%s%.*s", i ? ", " : "[", STR_FMT(form_table_repr(a, v.list->p[i])));
        buf_c(&b, v.list->n ? "]" : "[]");
        return buf_view(&b);
    }
    if (value_is_text(v))
        return str_format(a, "'%.*s'", STR_FMT(v.s));
    if (v.tag == VALUE_DECIMAL)
        return str_format(a, "Decimal('%.*s')", STR_FMT(value_python_str(a, v)));
    if (v.tag == VALUE_UUID)
        return str_format(a, "UUID('%.*s')", STR_FMT(value_python_str(a, v)));
    if (v.tag == VALUE_DATE) {
        DateParts p = date_parts((Date){ (int32_t)v.us });
        return str_format(a, "datetime.date(%d, %d, %d)", p.year, p.month, p.day);
    }
    if (v.tag != VALUE_TIME && v.tag != VALUE_DATETIME)
        return value_python_str(a, v);
    Buf b = BUF_INIT(a, 256);
    int32_t second, microsecond;
    if (v.tag == VALUE_TIME) {
        TimeParts p = time_parts((Time){ v.us, 0 });
        buf_printf(&b, "datetime.time(%d, %d", p.hour, p.minute);
        second = p.second, microsecond = p.microsecond;
    } else {
        DateTimeParts p = naive_parts((NaiveDateTime){ v.us });
        buf_printf(&b, "datetime.datetime(%d, %d, %d, %d, %d", p.year, p.month, p.day, p.hour, p.minute);
        second = p.second, microsecond = p.microsecond;
    }
    if (second || microsecond)
        buf_printf(&b, ", %d", second);
    if (microsecond)
        buf_printf(&b, ", %d", microsecond);
    buf_byte(&b, ')');
    return buf_view(&b);
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

Str form_table_markup(Arena *a, Str s)
{
    Buf b = BUF_INIT(a, s.n + 1);
    buf_add(&b, "", 0);
    for (size_t i = 0; i < s.n; i++) {
        if (!is_space(s.p[i])) {
            buf_byte(&b, s.p[i]);
            continue;
        }
        while (i + 1 < s.n && is_space(s.p[i + 1]))
            i++;
        bool at_edge = b.n == 0 || b.p[b.n - 1] == '>' || i + 1 == s.n || s.p[i + 1] == '<';
        if (!at_edge)
            buf_byte(&b, ' ');
    }
    /* Two classes of a field stand in the order of a Python set, which is none. */
    return str_replace(a, buf_view(&b), STR("class=\"req bad\""), STR("class=\"bad req\""));
}
