/* model_form.c: a form of a model's fields; the row is the struct that takes the cleaned values. */
#include "forms/forms.h"
#include <clef/base/assert.h>
#include <clef/i18n/text.h>
#include <clef/orm/row.h>
#include <clef/orm/validate.h>

static const struct {
    FieldKind model;
    FormFieldKind form;
} kinds[] = {
    { FIELD_CHAR, FORM_FIELD_CHAR },
    { FIELD_SLUG, FORM_FIELD_SLUG },
    { FIELD_TEXT, FORM_FIELD_CHAR },
    { FIELD_EMAIL, FORM_FIELD_EMAIL },
    { FIELD_URL, FORM_FIELD_URL },
    { FIELD_GENERIC_IP, FORM_FIELD_GENERIC_IP },
    { FIELD_INTEGER, FORM_FIELD_INTEGER },
    { FIELD_BIG_INTEGER, FORM_FIELD_INTEGER },
    { FIELD_SMALL_INTEGER, FORM_FIELD_INTEGER },
    { FIELD_POSITIVE_INTEGER, FORM_FIELD_INTEGER },
    { FIELD_POSITIVE_BIG_INTEGER, FORM_FIELD_INTEGER },
    { FIELD_POSITIVE_SMALL_INTEGER, FORM_FIELD_INTEGER },
    { FIELD_BOOLEAN, FORM_FIELD_BOOLEAN },
    { FIELD_FLOAT, FORM_FIELD_FLOAT },
    { FIELD_DECIMAL, FORM_FIELD_DECIMAL },
    { FIELD_DATE, FORM_FIELD_DATE },
    { FIELD_TIME, FORM_FIELD_TIME },
    { FIELD_DATETIME, FORM_FIELD_DATETIME },
    { FIELD_DURATION, FORM_FIELD_DURATION },
    { FIELD_UUID, FORM_FIELD_UUID },
    { FIELD_FOREIGN_KEY, FORM_FIELD_MODEL_CHOICE },
    { FIELD_ONE_TO_ONE, FORM_FIELD_MODEL_CHOICE },
};

static FormFieldKind kind_of(const Field *f)
{
    for (size_t i = 0; i < CLEF_COUNT(kinds); i++)
        if (kinds[i].model == f->kind)
            return kinds[i].form;
    return FORM_FIELD_NONE;
}

static Boxed constant(Arena *a, int64_t n)
{
    int64_t *at = NEW(a, int64_t);
    *at = n;
    return (Boxed){ box_int64, at };
}

/* What Django's SQLite backend takes of integers, and no less than 0 of the positive kinds. */
static void integer_limits(Arena *a, const Field *f, FormField *out)
{
    int64_t least = INT64_MIN, most = INT64_MAX;
    if (f->kind == FIELD_POSITIVE_INTEGER || f->kind == FIELD_POSITIVE_BIG_INTEGER ||
        f->kind == FIELD_POSITIVE_SMALL_INTEGER)
        least = 0;
    if (f->member == MEMBER_INT16)
        least = least ? INT16_MIN : 0, most = INT16_MAX;
    else if (f->member == MEMBER_INT32)
        least = least ? INT32_MIN : 0, most = INT32_MAX;
    if (f->kind == FIELD_BIG_INTEGER || least == 0 || most != INT64_MAX) {
        out->min_value = constant(a, least);
        out->max_value = constant(a, most);
    }
}

/* The form's field for a column: rules from the model, looks from `own` where the form names it itself. */
static FormField field_of_column(Form *form, const Field *f, const FormField *own)
{
    Arena *a = form->arena;
    FormField out = own ? *own : (FormField){ .kind = kind_of(f) };
    out.name = f->name;
    out.member = (uint8_t)f->member;
    out.offset = f->offset;
    out.size = f->size;
    if (f->to) {
        out.model = f->to;
        out.member = FORM_MEMBER_ROW;
        out.offset = f->to_offset;
        out.to_field_name = f->to_field;
        out.limited_by = f;
    }
    if (own)
        return out;
    bool has_default = f->default_value.box || f->default_fn;
    out.optional = f->blank || f->kind == FIELD_BOOLEAN;
    out.label = f->verbose_name ? str_dup_c(a, text_capfirst(a, str_c(f->verbose_name))) : NULL;
    out.help_text = f->help_text;
    out.max_length = field_max_length(f);
    out.max_digits = f->max_digits;
    out.decimal_places = f->decimal_places;
    out.has_decimal_places = f->kind == FIELD_DECIMAL;
    if (f->kind == FIELD_TEXT) {
        static const Widget area = { .cls = &textarea_class };
        out.widget = &area;
        out.max_length = f->max_length;
    }
    if (f->kind == FIELD_BOOLEAN && f->member == MEMBER_OPT_BOOL)
        out.kind = FORM_FIELD_NULL_BOOLEAN;
    if (out.kind == FORM_FIELD_INTEGER)
        integer_limits(a, f, &out);
    if (f->choices) {
        size_t n = 0;
        while (f->choices[n].display)
            n++;
        /* An empty choice stands first unless the column must have a value and says which. */
        Choice *choices = NEW_ARRAY(a, Choice, n + 2);
        bool blank = f->blank || !has_default;
        static const char *const empty = "";
        if (blank)
            choices[0] = (Choice){ .value = { box_c, &empty }, .display = "---------" };
        memcpy(choices + blank, f->choices, n * sizeof *choices);
        out.kind = FORM_FIELD_TYPED_CHOICE;
        out.choices = choices;
        out.max_length = 0;
    }
    return out;
}

static const FormField *own_field(const FormClass *cls, const char *name)
{
    for (size_t i = 0; i < cls->nfields; i++)
        if (strcmp(cls->fields[i].name, name) == 0)
            return &cls->fields[i];
    return NULL;
}

void model_form_fields(Form *form)
{
    const FormClass *cls = form->cls;
    size_t n = 0;
    while (cls->model_fields && cls->model_fields[n].path)
        n++;
    form->fields = NEW_ARRAY(form->arena, BoundField *, n + 1);
    form->row = form->o.instance ? form->o.instance : model_new(form->cx, cls->model);
    form->cleaned = form->row;
    for (size_t i = 0; i < n; i++) {
        const char *name = cls->model_fields[i].path;
        const Field *f = model_field(cls->model, str_c(name));
        const FormField *own = own_field(cls, name);
        if (!f || (!own && kind_of(f) == FORM_FIELD_NONE))
            RAISE(form->cx, 500, "improperly_configured", "The model form %s cannot have the field '%s': %s", cls->name,
                  name, f ? "no form field shows this kind" : "the model has no such column");
        FormField *table = NEW(form->arena, FormField);
        *table = field_of_column(form, f, own);
        BoundField *b = NEW(form->arena, BoundField);
        *b = (BoundField){
            .form = form, .f = table, .name = str_c(table->name), .html_name = form_add_prefix(form, str_c(table->name))
        };
        form->fields[form->nfields++] = b;
        if (!map_has(form->initial, b->name)) {
            Value v = field_get(form->arena, f, form->row);
            bool fresh = !form->o.instance && !f->default_value.box && !f->default_fn;
            if (!fresh)
                map_set(form->initial, b->name, value_copy(form->arena, v));
        }
    }
}

/* --- what the model says of the row */

static BoundField *bound_of(Form *form, Str name)
{
    for (size_t i = 0; i < form->nfields; i++)
        if (str_eq(form->fields[i]->name, name))
            return form->fields[i];
    return NULL;
}

/* Fields that the form does not show, that it found wrong, or that it lets be empty where the model does not. */
static const char *const *excluded(Form *form)
{
    const Model *m = form->cls->model;
    size_t n = 0, all = model_field_count(m);
    const char **names = NEW_ARRAY(form->arena, const char *, all + 1);
    for (size_t i = 0; i < all; i++) {
        const Field *f = model_field_at(m, i);
        const BoundField *b = bound_of(form, str_c(f->name));
        bool empty = b && b->f->optional && !f->blank && field_value_empty(form_cleaned_value(form, b->f->name));
        if (!b || !b->is_cleaned || b->errors.n || empty)
            names[n++] = f->name;
    }
    return names;
}

/* The key beside a relation's pointer follows the row that was chosen. */
static void set_key(Form *form, BoundField *b, const Field *f)
{
    void *row = *(void **)(void *)((char *)form->row + f->to_offset);
    if (!row) {
        memset((char *)form->row + f->offset, 0, f->size);
        return;
    }
    const Field *to = f->to_field ? model_field(f->to, str_c(f->to_field)) : model_pk(f->to);
    Value key = field_get(form->arena, to, row);
    if (!field_set(form->arena, f, form->row, key))
        form_add_error_code(form, b->f->name, "invalid_choice",
                            "Select a valid choice. That choice is not one of the available choices.");
}

void model_form_post_clean(Form *form)
{
    for (size_t i = 0; i < form->nfields; i++) {
        BoundField *b = form->fields[i];
        const Field *f = model_field(form->cls->model, b->name);
        if (b->is_cleaned && f && f->to)
            set_key(form, b, f);
    }
    RowErrors *errors =
        row_full_clean(form->cx, form->cls->model, form->row, &(CleanOptions){ .exclude = excluded(form) });
    for (size_t i = 0; errors && i < errors->n; i++) {
        const BoundField *b = bound_of(form, errors->p[i].field);
        for (size_t j = 0; j < errors->p[i].errors.n; j++)
            form_add_validation_error(form, b ? b->f->name : NULL, errors->p[i].errors.p[j]);
    }
}

void *form_instance(Form *form)
{
    ASSERT(form->row != NULL);
    form_check(form);
    return form->row;
}

void *form_save(Form *form)
{
    ASSERT(form->row != NULL);
    if (!form_is_valid(form))
        RAISE(form->cx, 500, "form_not_valid", "The %s could not be %s because the data didn't validate.",
              form->cls->model->name, form->o.instance ? "changed" : "created");
    model_save(form->cx, form->cls->model, form->row, NULL);
    return form->row;
}
