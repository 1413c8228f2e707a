/* field_choice.c: fields of choices: texts, several texts, rows. */
#include "forms/forms.h"
#include <clef/orm/row.h>

#define NOT_A_CHOICE "Select a valid choice. %(value)s is not one of the available choices."

static bool choice_to_python(FieldRun *run, Value in, Value *out)
{
    *out = value_str(field_value_empty(in) ? STR("") : value_python_str(run->arena, in));
    return true;
}

static bool choice_validate(FieldRun *run, Value v)
{
    if (!field_value_empty(v) && !choices_have(run->choices, run->arena, v))
        return field_fail(run, "invalid_choice", NOT_A_CHOICE, value_param(run->arena, v));
    return true;
}

/* --- typed choices: by .coerce, else by the type of the member */

static FormFieldKind kind_of_member(uint8_t member)
{
    switch (member) {
    case MEMBER_INT16:
    case MEMBER_INT32:
    case MEMBER_INT64:
    case MEMBER_OPT_INT:
        return FORM_FIELD_INTEGER;
    case MEMBER_DOUBLE:
    case MEMBER_OPT_DOUBLE:
        return FORM_FIELD_FLOAT;
    case MEMBER_DECIMAL:
    case MEMBER_OPT_DECIMAL:
        return FORM_FIELD_DECIMAL;
    case MEMBER_BOOL:
    case MEMBER_OPT_BOOL:
        return FORM_FIELD_NULL_BOOLEAN;
    case MEMBER_DATE:
    case MEMBER_OPT_DATE:
        return FORM_FIELD_DATE;
    case MEMBER_TIME:
    case MEMBER_OPT_TIME:
        return FORM_FIELD_TIME;
    case MEMBER_DATETIME:
    case MEMBER_OPT_DATETIME:
        return FORM_FIELD_DATETIME;
    case MEMBER_UUID:
    case MEMBER_OPT_UUID:
        return FORM_FIELD_UUID;
    default:
        return FORM_FIELD_CHAR;
    }
}

static bool coerce(FieldRun *run, Value v, Value *out)
{
    if (field_value_empty(v)) {
        *out = boxed_given(run->f->empty_value) ? boxed_value(run->arena, run->f->empty_value) : value_str(STR(""));
        return true;
    }
    if (run->f->coerce) {
        *out = run->f->coerce(run->arena, v);
        return !value_is_null(*out) || field_fail(run, "invalid_choice", NOT_A_CHOICE, value_param(run->arena, v));
    }
    FieldRun quiet = *run;
    quiet.cls = kind_class(kind_of_member(run->f->member));
    quiet.errors = (ValidationErrors){ 0 };
    *out = v;
    if (quiet.cls == &char_field || quiet.cls->to_python(&quiet, v, out))
        return true;
    return field_fail(run, "invalid_choice", NOT_A_CHOICE, value_param(run->arena, v));
}

static bool typed_clean(FieldRun *run, Value in, Value initial, Value *out)
{
    const FormFieldClass *own = run->cls;
    Value v;
    run->cls = own == &typed_choice_field ? &choice_field : &multiple_choice_field;
    bool ok = field_clean(run, in, initial, &v);
    run->cls = own;
    if (!ok)
        return false;
    if (own == &typed_choice_field)
        return coerce(run, v, out);
    if (field_value_empty(v)) {
        *out = boxed_given(run->f->empty_value) ? boxed_value(run->arena, run->f->empty_value) : v;
        return true;
    }
    List *list = list_new(run->arena);
    for (size_t i = 0; i < v.list->n; i++) {
        Value one;
        if (!coerce(run, v.list->p[i], &one))
            return false;
        list_push(run->arena, list, one);
    }
    *out = value_list(list);
    return true;
}

static bool typed_has_changed(FieldRun *run, Value initial, Value data)
{
    Value x, y;
    run->errors = (ValidationErrors){ 0 };
    Value text = field_value_empty(data) ? value_str(STR("")) : value_str(value_python_str(run->arena, data));
    return !coerce(run, text, &y) || !coerce(run, initial, &x) || !value_eq(x, y);
}

/* --- several */

static bool multiple_to_python(FieldRun *run, Value in, Value *out)
{
    List *list = list_new(run->arena);
    *out = value_list(list);
    if (!value_truth(in))
        return true;
    if (in.tag != VALUE_LIST)
        return field_fail(run, "invalid_list", "Enter a list of values.", NULL);
    for (size_t i = 0; i < in.list->n; i++)
        list_push(run->arena, list, value_str(value_python_str(run->arena, in.list->p[i])));
    return true;
}

static bool multiple_validate(FieldRun *run, Value v)
{
    for (size_t i = 0; i < v.list->n; i++)
        if (!choices_have(run->choices, run->arena, v.list->p[i]))
            return field_fail(run, "invalid_choice", NOT_A_CHOICE, value_param(run->arena, v.list->p[i]));
    return true;
}

static bool list_has_text(Arena *a, const List *list, Str text)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(value_python_str(a, list->p[i]), text))
            return true;
    return false;
}

/* The same texts, in whatever order. */
static bool multiple_has_changed(FieldRun *run, Value initial, Value data)
{
    static List none;
    const List *x = initial.tag == VALUE_LIST ? initial.list : &none, *y = data.tag == VALUE_LIST ? data.list : &none;
    if (x->n != y->n)
        return true;
    for (size_t i = 0; i < x->n; i++)
        if (!list_has_text(run->arena, y, value_python_str(run->arena, x->p[i])) ||
            !list_has_text(run->arena, x, value_python_str(run->arena, y->p[i])))
            return true;
    return false;
}

/* --- rows */

QuerySet *field_rows(const FieldRun *run)
{
    const FormField *f = run->f;
    Request *r = run->form ? form_request(run->form) : NULL;
    QuerySet *rows = f->queryset && r ? f->queryset(r) : queryset_of(run->cx, f->model);
    return f->limited_by ? queryset_limit_choices(rows, f->limited_by) : rows;
}

typedef struct FindRow {
    FieldRun *run;
    Value key;
    void *row;
} FindRow;

static void find_row(Context *cx, void *arg)
{
    FindRow *find = arg;
    const FormField *f = find->run->f;
    QuerySet *rows = field_rows(find->run);
    (void)cx;
    Pred preds[] = { { .lookup = f->to_field_name ? f->to_field_name : "pk", .value = { box_value, &find->key } },
                     { .path = NULL } };
    find->row = queryset_first(queryset_filter(rows, preds), f->model);
}

/* The row of this key among those that may be chosen; false when there is none, or the key is of no use to the database. */
static bool row_of_key(FieldRun *run, Value key, Value *out)
{
    FindRow find = { run, key, NULL };
    if (attempt(run->cx, find_row, &find) || !find.row)
        return false;
    *out = value_object(find.row, &row_class);
    return true;
}

static bool row_to_python(FieldRun *run, Value in, Value *out)
{
    *out = value_null();
    if (field_value_empty(in))
        return true;
    if (in.tag == VALUE_OBJECT && in.cls == &row_class) {
        *out = in;
        return true;
    }
    if (!row_of_key(run, in, out))
        return field_fail(run, "invalid_choice",
                          "Select a valid choice. That choice is not one of the available choices.",
                          value_param(run->arena, in));
    return true;
}

static Value key_of_row(FieldRun *run, Value v)
{
    if (v.tag != VALUE_OBJECT || v.cls != &row_class)
        return v;
    const Field *to = run->f->to_field_name ? model_field(run->f->model, str_c(run->f->to_field_name)) : NULL;
    return to ? field_get(run->arena, to, v.object) : row_pk(run->arena, run->f->model, v.object);
}

static bool row_has_changed(FieldRun *run, Value initial, Value data)
{
    Str x = value_is_null(initial) ? STR("") : value_python_str(run->arena, key_of_row(run, initial));
    Str y = value_is_null(data) ? STR("") : value_python_str(run->arena, key_of_row(run, data));
    return !str_eq(x, y);
}

static bool rows_clean(FieldRun *run, Value in, Value initial, Value *out)
{
    (void)initial;
    List *list = list_new(run->arena);
    *out = value_list(list);
    if (!value_truth(in))
        return run->required ? field_fail(run, "required", "This field is required.", NULL) : true;
    if (in.tag != VALUE_LIST)
        return field_fail(run, "invalid_list", "Enter a list of values.", NULL);
    for (size_t i = 0; i < in.list->n; i++) {
        Value row;
        if (!row_of_key(run, in.list->p[i], &row)) {
            Map *m = map_new(run->arena);
            map_set(m, STR("value"), in.list->p[i]);
            map_set(m, STR("pk"), in.list->p[i]);
            return field_fail(run, "invalid_choice", NOT_A_CHOICE, m);
        }
        list_push(run->arena, list, row);
    }
    run_own_validators(run, *out);
    return run->errors.n == 0;
}

static Value keys_of_rows(FieldRun *run, Value v)
{
    if (v.tag != VALUE_LIST)
        return v;
    List *list = list_new(run->arena);
    for (size_t i = 0; i < v.list->n; i++)
        list_push(run->arena, list, key_of_row(run, v.list->p[i]));
    return value_list(list);
}

static bool rows_have_changed(FieldRun *run, Value initial, Value data)
{
    return multiple_has_changed(run, keys_of_rows(run, initial), keys_of_rows(run, data));
}

const FormFieldClass choice_field = {
    .name = "ChoiceField", .widget = &select_class, .to_python = choice_to_python, .validate = choice_validate
};
const FormFieldClass file_path_field = {
    .name = "FilePathField", .widget = &select_class, .to_python = choice_to_python, .validate = choice_validate
};
const FormFieldClass typed_choice_field = { .name = "TypedChoiceField",
                                            .widget = &select_class,
                                            .to_python = choice_to_python,
                                            .clean = typed_clean,
                                            .has_changed = typed_has_changed };
const FormFieldClass multiple_choice_field = { .name = "MultipleChoiceField",
                                               .widget = &select_multiple_class,
                                               .hidden_widget = &multiple_hidden_input_class,
                                               .to_python = multiple_to_python,
                                               .validate = multiple_validate,
                                               .has_changed = multiple_has_changed };
const FormFieldClass typed_multiple_choice_field = { .name = "TypedMultipleChoiceField",
                                                     .widget = &select_multiple_class,
                                                     .hidden_widget = &multiple_hidden_input_class,
                                                     .to_python = multiple_to_python,
                                                     .clean = typed_clean,
                                                     .has_changed = multiple_has_changed };
const FormFieldClass model_choice_field = { .name = "ModelChoiceField",
                                            .widget = &select_class,
                                            .to_python = row_to_python,
                                            .has_changed = row_has_changed,
                                            .prepare = key_of_row };
const FormFieldClass model_multiple_choice_field = { .name = "ModelMultipleChoiceField",
                                                     .widget = &select_multiple_class,
                                                     .hidden_widget = &multiple_hidden_input_class,
                                                     .clean = rows_clean,
                                                     .has_changed = rows_have_changed,
                                                     .prepare = keys_of_rows };
