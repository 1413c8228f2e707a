/* form.c: a form: how it is made, bound, checked, and what it says of its values. */
#include "forms/forms.h"
#include <clef/base/assert.h>
#include <clef/conf/settings.h>
#include <clef/i18n/text.h>
#include <clef/template/engine.h>
#include <clef/template/response.h>

#include <stdarg.h>

static const UploadedFile *request_upload(void *r, Str name) { return request_file(r, name); }

static BoundField *add_field(Form *form, const FormField *f)
{
    BoundField *b = NEW(form->arena, BoundField);
    b->form = form;
    b->f = f;
    b->name = str_c(f->name);
    b->html_name = form_add_prefix(form, b->name);
    return b;
}

/* Works out what depends on the field's table: again after the table of this form's field was changed. */
static void prepare_field(BoundField *b)
{
    Form *form = b->form;
    field_run_init(&b->run, form->cx, b->f, form->zone);
    b->run.form = form;
    b->run.use_tz = form->use_tz;
    const Widget *widget = b->f->widget;
    if (!b->f->model) /* rows are read when they are first shown */
        choices_of_field(&b->run, widget, &b->choices);
    b->run.choices = &b->choices;
    widget_run_init(&b->widget, b, widget, widget_class_of(b->f, b->run.cls));
    Str auto_id = form->auto_id;
    if (str_contains(auto_id, STR("%s")))
        b->id = str_replace(form->arena, auto_id, STR("%s"), b->html_name);
    else
        b->id = auto_id.n ? b->html_name : STR("");
}

static size_t place_in(const char *const *order, const char *name)
{
    size_t i = 0;
    while (order[i] && strcmp(order[i], name) != 0)
        i++;
    return i;
}

static void order_fields(Form *form, const char *const *order)
{
    BoundField **sorted = NEW_ARRAY(form->arena, BoundField *, form->nfields + 1);
    size_t n = 0, listed = 0;
    while (order[listed])
        listed++;
    for (size_t i = 0; i <= listed; i++)
        for (size_t k = 0; k < form->nfields; k++)
            if (place_in(order, form->fields[k]->f->name) == i)
                sorted[n++] = form->fields[k];
    form->fields = sorted;
}

static void find_zone(Form *form)
{
    Request *r = form->r;
    form->zone = NULL;
    if (!r || !r->site)
        return;
    const TemplateEngineOptions *o = template_engine_options(request_templates(r));
    form->use_tz = r->settings->use_tz;
    form->zone = o->time_zone ? o->time_zone : timezone_utc();
}

static void bind_form(Form *form)
{
    Request *r = form->r;
    bool posted = r && !form->o.unbound && (r->method == HTTP_POST || r->method == HTTP_PUT);
    form->data.file = form->o.file;
    form->data.file_arg = form->o.file_arg;
    if (form->o.data) {
        form->data.values = form->o.data;
        form->bound = true;
    } else if (posted) {
        form->data.values = request_post(r);
        form->bound = true;
    }
    if (posted && !form->data.file) {
        form->data.file = request_upload;
        form->data.file_arg = r;
    }
}

Form *form_create(Context *cx, Request *r, const FormClass *cls, FormOptions options)
{
    Arena *a = cx->arena;
    Form *form = NEW(a, Form);
    *form = (Form){ .cx = cx,
                    .r = r,
                    .arena = a,
                    .cls = cls,
                    .o = options,
                    .prefix = str_c(options.prefix ? options.prefix : cls->prefix),
                    .auto_id = options.auto_id ? str_c(options.auto_id) : STR("id_%s"),
                    .use_required_attribute = !options.no_use_required_attribute && !cls->no_use_required_attribute,
                    .initial = map_new(a),
                    .size = cls->size };
    const char *suffix = options.label_suffix ? options.label_suffix : cls->label_suffix;
    form->label_suffix = suffix ? str_c(suffix) : STR(":");
    ASSERT(!(options.empty_permitted && form->use_required_attribute)); /* Django refuses the two together, too */
    find_zone(form);
    bind_form(form);
    for (const TemplatePair *p = options.initial; p && p->name; p++)
        map_set(form->initial, str_c(p->name), value_copy(a, p->value));
    MapEntry *e;
    for (size_t at = 0; options.initial_map && (e = map_next(options.initial_map, &at)) != NULL;)
        map_set(form->initial, e->key, e->value);
    if (cls->model) {
        model_form_fields(form);
    } else {
        form->fields = NEW_ARRAY(a, BoundField *, cls->nfields + 1);
        for (size_t i = 0; i < cls->nfields; i++)
            form->fields[form->nfields++] = add_field(form, &cls->fields[i]);
        form->cleaned = arena_zalloc(a, form->size ? form->size : 1);
    }
    const char *const *order = options.field_order ? options.field_order : cls->field_order;
    if (order)
        order_fields(form, order);
    if (cls->init)
        cls->init(form);
    for (size_t i = 0; i < form->nfields; i++)
        prepare_field(form->fields[i]);
    return form;
}

BoundField *form_find(const Form *form, Str name)
{
    for (size_t i = 0; i < form->nfields; i++)
        if (str_eq(form->fields[i]->name, name))
            return form->fields[i];
    return NULL;
}

static BoundField *need_field(const Form *form, const char *name)
{
    BoundField *b = form_find(form, str_c(name));
    if (!b)
        RAISE(form->cx, 500, "no_such_field", "The form %s has no field '%s'", form->cls->name, name);
    return b;
}

BoundField *form_field(Form *form, const char *name) { return need_field(form, name); }
BoundField *form_field_at(Form *form, size_t i) { return i < form->nfields ? form->fields[i] : NULL; }

/* --- initial and posted values */

/* Times that are shown without microseconds are compared without them. */
static Value without_microseconds(const BoundField *b, Value v)
{
    if ((v.tag == VALUE_DATETIME || v.tag == VALUE_TIME) && b->widget.cls->no_microseconds &&
        !(b->f->widget && b->f->widget->supports_microseconds)) {
        int64_t part = v.us % US_PER_SECOND;
        v.us -= part < 0 ? part + US_PER_SECOND : part;
    }
    return v;
}

Value bound_field_initial(BoundField *b)
{
    if (!b->has_initial) {
        Form *form = b->form;
        const Value *given = map_get(form->initial, b->name);
        Value v = given ? *given : b->f->initial_fn ? b->f->initial_fn(form) : boxed_value(form->arena, b->f->initial);
        b->initial = without_microseconds(b, v);
        b->has_initial = true;
    }
    return b->initial;
}

Value bound_field_data(BoundField *b)
{
    if (!b->has_data) {
        b->data = widget_from_data(&b->widget, &b->form->data, b->html_name);
        b->has_data = true;
    }
    return b->data;
}

bool bound_field_has_changed(BoundField *b)
{
    Form *form = b->form;
    Value initial = bound_field_initial(b);
    if (b->f->show_hidden_initial) {
        WidgetRun hidden = b->widget;
        hidden.cls = b->run.cls->hidden_widget ? b->run.cls->hidden_widget : &hidden_input_class;
        Str name = str_concat(form->arena, STR("initial-"), b->html_name);
        Value v = widget_from_data(&hidden, &form->data, name);
        FieldRun run = b->run;
        run.errors = (ValidationErrors){ 0 };
        initial = v;
        if (run.cls->to_python && !run.cls->to_python(&run, v, &initial))
            return true;
    }
    FieldRun run = b->run;
    return field_has_changed(&run, initial, bound_field_data(b));
}

bool form_has_changed(Form *form)
{
    for (size_t i = 0; i < form->nfields; i++)
        if (bound_field_has_changed(form->fields[i]))
            return true;
    return false;
}

List *form_changed_data(Form *form)
{
    List *names = list_new(form->arena);
    for (size_t i = 0; i < form->nfields; i++)
        if (bound_field_has_changed(form->fields[i]))
            list_push(form->arena, names, value_str(form->fields[i]->name));
    return names;
}

/* --- checking */

/* What C's integers cannot hold is refused with the sentence of a limit. */
static void refuse_size(BoundField *b)
{
    Map *m = map_new(b->form->arena);
    int64_t most = b->f->member == MEMBER_INT16 ? INT16_MAX : b->f->member == MEMBER_INT32 ? INT32_MAX : INT64_MAX;
    bool low =
        b->cleaned.tag == VALUE_INT ? b->cleaned.i < 0 : b->cleaned.tag == VALUE_BIGINT && b->cleaned.decimal->negative;
    map_set(m, STR("limit_value"), value_int(low ? -most - 1 : most));
    form_add_validation_error(
        b->form, b->f->name,
        (ValidationError){ .message =
                               form_message(b->form->cx,
                                            low ? STR("Ensure this value is greater than or equal to %(limit_value)s.")
                                                : STR("Ensure this value is less than or equal to %(limit_value)s."),
                                            NULL),
                           .code = low ? STR("min_value") : STR("max_value"),
                           .params = m });
}

static void check_field(BoundField *b)
{
    Form *form = b->form;
    Value initial = bound_field_initial(b), v, in = b->f->disabled ? initial : bound_field_data(b);
    if (!field_clean(&b->run, in, initial, &v)) {
        for (size_t i = 0; i < b->run.errors.n; i++)
            form_add_validation_error(form, b->f->name, b->run.errors.p[i]);
        return;
    }
    b->cleaned = v;
    if (!form_member_store(form->arena, b->f, form->cleaned, v)) {
        refuse_size(b);
        return;
    }
    b->is_cleaned = true;
    if (b->f->clean)
        b->f->clean(form, form->cleaned);
}

void form_check(Form *form)
{
    if (form->checked || form->checking)
        return;
    form->checking = true;
    if (form->bound && !(form->o.empty_permitted && !form_has_changed(form))) {
        for (size_t i = 0; i < form->nfields; i++)
            check_field(form->fields[i]);
        if (form->cls->clean)
            form->cls->clean(form, form->cleaned);
        if (form->cls->model)
            model_form_post_clean(form);
    }
    form->checking = false;
    form->checked = true;
}

bool form_is_bound(const Form *form) { return form->bound; }

bool form_is_valid(Form *form)
{
    form_check(form);
    return form->bound && form->failed.n == 0;
}

void *form_cleaned(Form *form, const FormClass *cls)
{
    ASSERT(form->cls == cls);
    form_check(form);
    return form->cleaned;
}

bool form_has_cleaned(Form *form, const char *field)
{
    form_check(form);
    return need_field(form, field)->is_cleaned;
}

static Value cleaned_value(BoundField *b)
{
    /* A file that was taken away (False) is NULL in the struct. */
    if (!b->is_cleaned || b->f->member == FORM_MEMBER_FILE)
        return b->cleaned;
    return form_member_load(b->form->arena, b->f, b->form->cleaned);
}

Value form_cleaned_value(Form *form, const char *field)
{
    form_check(form);
    BoundField *b = need_field(form, field);
    return b->is_cleaned ? cleaned_value(b) : value_null();
}

Map *form_cleaned_data(Form *form)
{
    form_check(form);
    Map *m = map_new(form->arena);
    for (size_t i = 0; i < form->nfields; i++)
        if (form->fields[i]->is_cleaned)
            map_set(m, form->fields[i]->name, cleaned_value(form->fields[i]));
    return m;
}

bool form_is_multipart(Form *form)
{
    for (size_t i = 0; i < form->nfields; i++)
        if (form->fields[i]->widget.cls->multipart)
            return true;
    return false;
}

Request *form_request(const Form *form) { return form->r; }
Context *form_context(const Form *form) { return form->cx; }
Arena *form_arena(const Form *form) { return form->arena; }

Str form_add_prefix(const Form *form, Str name)
{
    return form->prefix.n ? str_format(form->arena, "%.*s-%.*s", STR_FMT(form->prefix), STR_FMT(name)) : name;
}

/* --- fields of this one form */

bool form_remove_field(Form *form, const char *field)
{
    for (size_t i = 0; i < form->nfields; i++)
        if (str_eq(form->fields[i]->name, str_c(field))) {
            memmove(form->fields + i, form->fields + i + 1, (form->nfields - i - 1) * sizeof *form->fields);
            form->nfields--;
            return true;
        }
    return false;
}

FormField *form_edit_field(Form *form, const char *field)
{
    BoundField *b = form_find(form, str_c(field));
    if (!b)
        return NULL;
    FormField *own = NEW(form->arena, FormField);
    *own = *b->f;
    b->f = own;
    return own;
}

void form_set_initial(Form *form, const char *field, Value v)
{
    BoundField *b = need_field(form, field);
    map_set(form->initial, b->name, value_copy(form->arena, v));
    b->has_initial = false;
}

Value form_initial(Form *form, const char *field) { return bound_field_initial(need_field(form, field)); }
