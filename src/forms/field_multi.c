/* field_multi.c: fields made of fields, and JSON. */
#include "forms/forms.h"
#include <clef/codec/json.h>

/* A part of a field, cleaned by itself; its errors join those of the whole, each sentence once. */
static bool clean_part(FieldRun *run, const FormField *part, bool required, Value in, Value *out)
{
    FieldRun sub = *run;
    ChoiceList choices;
    sub.f = part;
    sub.cls = part->cls ? part->cls : kind_class(part->kind);
    sub.required = required;
    choices_of_field(&sub, part->widget, &choices);
    sub.choices = &choices;
    if (field_clean(&sub, in, value_null(), out))
        return true;
    for (size_t i = 0; i < sub.errors.n; i++) {
        bool known = false;
        Str text = validation_error_text(run->arena, &sub.errors.p[i]);
        for (size_t k = 0; k < run->errors.n; k++)
            known |= str_eq(validation_error_text(run->arena, &run->errors.p[k]), text);
        if (!known)
            validation_errors_add(run->arena, &run->errors, sub.errors.p[i]);
    }
    return false;
}

static bool is_required(const FormField *f) { return !f->optional && !f->null; }

/* --- ComboField: one value, through several fields */

static bool combo_clean(FieldRun *run, Value in, Value initial, Value *out)
{
    (void)initial;
    Value v;
    if (run->required && field_value_empty(in))
        return field_fail(run, "required", "This field is required.", NULL);
    v = in;
    run_own_validators(run, v);
    if (run->errors.n)
        return false;
    for (size_t i = 0; i < run->f->nfields; i++) {
        Value next;
        if (!clean_part(run, &run->f->fields[i], false, v, &next))
            return false;
        v = next;
    }
    *out = v;
    return true;
}

/* --- MultiValueField: several values, one field each, into one */

typedef struct Parts {
    const FormField *p;
    size_t n;
} Parts;

static Parts parts_of(const FieldRun *run, FormField room[static 2])
{
    const FormField *f = run->f;
    if (f->kind != FORM_FIELD_SPLIT_DATETIME)
        return (Parts){ f->fields, f->nfields };
    room[0] = (FormField){ .kind = FORM_FIELD_DATE, .input_formats = f->input_date_formats, .localize = f->localize };
    room[1] = (FormField){ .kind = FORM_FIELD_TIME, .input_formats = f->input_time_formats, .localize = f->localize };
    const char *date = field_message(run, "invalid_date", NULL), *time = field_message(run, "invalid_time", NULL);
    if (date) {
        ErrorMessage *m = NEW_ARRAY(run->arena, ErrorMessage, 2);
        m[0] = (ErrorMessage){ "invalid", date };
        room[0].error_messages = m;
    }
    if (time) {
        ErrorMessage *m = NEW_ARRAY(run->arena, ErrorMessage, 2);
        m[0] = (ErrorMessage){ "invalid", time };
        room[1].error_messages = m;
    }
    return (Parts){ room, 2 };
}

static bool compress(FieldRun *run, const List *values, Value *out)
{
    *out = value_null();
    if (run->f->kind != FORM_FIELD_SPLIT_DATETIME) {
        *out = run->f->compress ? run->f->compress(run->arena, values->p, values->n) : value_null();
        return true;
    }
    if (!values->n)
        return true;
    if (values->n < 1 || values->p[0].tag != VALUE_DATE)
        return field_fail(run, "invalid_date", "Enter a valid date.", NULL);
    if (values->n < 2 || values->p[1].tag != VALUE_TIME)
        return field_fail(run, "invalid_time", "Enter a valid time.", NULL);
    Date date = { (int32_t)values->p[0].us };
    return to_current_zone(run, naive_combine(date, (Time){ values->p[1].us, values->p[1].flags }), out);
}

static bool has_something(const List *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (!field_value_empty(list->p[i]))
            return true;
    return false;
}

static bool multi_clean(FieldRun *run, Value in, Value initial, Value *out)
{
    (void)initial;
    FormField room[2];
    Parts parts = parts_of(run, room);
    const FormField *f = run->f;
    if (f->disabled && in.tag != VALUE_LIST)
        in = datetime_parts(run->arena, in);
    List *values = list_new(run->arena);
    if (value_truth(in) && in.tag != VALUE_LIST)
        return field_fail(run, "invalid", "Enter a list of values.", NULL);
    if (!value_truth(in) || !has_something(in.list))
        return run->required ? field_fail(run, "required", "This field is required.", NULL)
                             : compress(run, values, out);
    for (size_t i = 0; i < parts.n; i++) {
        Value one = i < in.list->n ? in.list->p[i] : value_null(), cleaned;
        if (field_value_empty(one)) {
            if (!f->no_require_all_fields) {
                if (run->required)
                    return run->errors.n = 0, field_fail(run, "required", "This field is required.", NULL);
            } else if (is_required(&parts.p[i])) {
                const char *text = field_message(&(FieldRun){ .f = &parts.p[i] }, "incomplete",
                                                 field_message(run, "incomplete", "Enter a complete value."));
                Str shown = form_message(run->cx, str_c(text), NULL);
                bool known = false;
                for (size_t k = 0; k < run->errors.n; k++)
                    known |= str_eq(run->errors.p[k].message, shown);
                if (!known)
                    validation_errors_add(run->arena, &run->errors,
                                          (ValidationError){ .message = shown, .code = STR("incomplete") });
                continue;
            }
        }
        bool required = f->no_require_all_fields && is_required(&parts.p[i]);
        if (clean_part(run, &parts.p[i], required, one, &cleaned))
            list_push(run->arena, values, cleaned);
    }
    if (run->errors.n || !compress(run, values, out))
        return false;
    if (run->required && field_value_empty(*out))
        return field_fail(run, "required", "This field is required.", NULL);
    if (!field_value_empty(*out))
        run_own_validators(run, *out);
    return run->errors.n == 0;
}

static bool multi_has_changed(FieldRun *run, Value initial, Value data)
{
    FormField room[2];
    Parts parts = parts_of(run, room);
    if (!value_is_null(initial) && initial.tag != VALUE_LIST && run->f->kind == FORM_FIELD_SPLIT_DATETIME)
        initial = datetime_parts(run->arena, initial);
    for (size_t i = 0; i < parts.n; i++) {
        Value x = initial.tag == VALUE_LIST && i < initial.list->n ? initial.list->p[i] : value_str(STR(""));
        Value y = data.tag == VALUE_LIST && i < data.list->n ? data.list->p[i] : value_null();
        FieldRun sub = *run;
        sub.f = &parts.p[i];
        sub.cls = parts.p[i].cls ? parts.p[i].cls : kind_class(parts.p[i].kind);
        sub.errors = (ValidationErrors){ 0 };
        Value cleaned = x;
        if (sub.cls->to_python && !sub.cls->to_python(&sub, x, &cleaned))
            return true;
        if (field_has_changed(&sub, cleaned, y))
            return true;
    }
    return false;
}

/* --- JSON */

static bool json_to_python(FieldRun *run, Value in, Value *out)
{
    *out = in;
    if (run->f->disabled)
        return true;
    if (field_value_empty(in)) {
        *out = value_null();
        return true;
    }
    if (!value_is_text(in))
        return true;
    if (!json_read(run->arena, in.s, (JsonOptions){ .replace_surrogates = true }, out, NULL))
        return field_fail(run, "invalid", "Enter a valid JSON.", value_param(run->arena, in));
    return true;
}

static Value json_text(FieldRun *run, Value v)
{
    Buf b = BUF_INIT(run->arena, FORM_TEXT_MAX);
    return json_write(&b, v, (JsonStyle){ .unicode = true }) ? value_str(buf_view(&b)) : v;
}

/* What was posted is shown as it was posted, right or wrong: as text that needs no second quotes. */
static Value json_bound(FieldRun *run, Value data, Value initial)
{
    Value v;
    if (run->f->disabled)
        return initial;
    if (value_is_null(data))
        return value_null();
    if (value_is_text(data) && !json_read(run->arena, data.s, (JsonOptions){ .replace_surrogates = true }, &v, NULL))
        return (Value){ .tag = VALUE_SAFE, .s = data.s };
    return value_is_text(data) ? v : data;
}

static Value json_prepare(FieldRun *run, Value v) { return v.tag == VALUE_SAFE ? value_str(v.s) : json_text(run, v); }

static bool json_has_changed(FieldRun *run, Value initial, Value data)
{
    Value v;
    run->errors = (ValidationErrors){ 0 };
    if (!json_to_python(run, data, &v))
        return true;
    Buf x = BUF_INIT(run->arena, FORM_TEXT_MAX), y = BUF_INIT(run->arena, FORM_TEXT_MAX);
    json_write(&x, initial, (JsonStyle){ .sort_names = true });
    json_write(&y, v, (JsonStyle){ .sort_names = true });
    return !str_eq(buf_view(&x), buf_view(&y));
}

const FormFieldClass combo_field = { .name = "ComboField", .widget = &text_input_class, .clean = combo_clean };
const FormFieldClass multi_value_field = {
    .name = "MultiValueField", .widget = &multi_widget_class, .clean = multi_clean, .has_changed = multi_has_changed
};
const FormFieldClass split_datetime_field = { .name = "SplitDateTimeField",
                                              .widget = &split_datetime_widget_class,
                                              .hidden_widget = &split_hidden_datetime_widget_class,
                                              .clean = multi_clean,
                                              .has_changed = multi_has_changed };
const FormFieldClass json_field = { .name = "JSONField",
                                    .widget = &textarea_class,
                                    .to_python = json_to_python,
                                    .has_changed = json_has_changed,
                                    .prepare = json_prepare,
                                    .bound = json_bound };
