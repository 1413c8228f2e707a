/* render.c: forms through templates. */
#include "forms/forms.h"
#include <clef/template.h>

/* For forms without a site: an engine of the thread's own, which knows nothing but the templates of forms. */
static __thread TemplateEngine *plain_engine;

static TemplateLoader form_loader(void)
{
    return (TemplateLoader){ .sources = form_templates, .nsources = nform_templates };
}

static bool knows_forms(const TemplateEngine *engine)
{
    const TemplateLoader *l = template_engine_options(engine)->loaders;
    for (; l && (l->directory || l->sources || l->load); l++)
        if (l->sources == form_templates)
            return true;
    return false;
}

static TemplateEngine *engine_of(Request *r)
{
    if (r && r->site) {
        TemplateEngine *engine = request_templates(r);
        if (!knows_forms(engine))
            template_engine_add_loader(engine, form_loader());
        return engine;
    }
    if (!plain_engine) {
        static const TemplateLoader none[] = { { .directory = NULL } };
        plain_engine = template_engine_create(arena_create(NULL, 0, 0), &(TemplateEngineOptions){ .loaders = none });
        template_engine_add_loader(plain_engine, form_loader());
    }
    return plain_engine;
}

Str forms_render(Context *cx, Request *r, Str template_name, const Map *context)
{
    TemplateContext c;
    const Template *t = template_get(cx, engine_of(r), template_name);
    template_context_init(&c, cx->arena, NULL);
    template_set_map(&c, context);
    return template_render_text(cx, t, &c);
}

/* --- forms */

/* A hidden field has no place of its own for its errors: they go on top. */
static ValidationErrors top_errors(Form *form)
{
    ValidationErrors top = { 0 };
    Arena *a = form->arena;
    for (size_t i = 0; i < form->non_field.n; i++)
        validation_errors_add(a, &top, form->non_field.p[i]);
    for (size_t i = 0; i < form->nfields; i++) {
        BoundField *b = form->fields[i];
        for (size_t k = 0; bound_field_is_hidden(b) && k < b->errors.n; k++) {
            Str text = validation_error_text(a, &b->errors.p[k]);
            ValidationError e = { .message =
                                      str_format(a, "(Hidden field %.*s) %.*s", STR_FMT(b->name), STR_FMT(text)) };
            validation_errors_add(a, &top, e);
        }
    }
    return top;
}

static Map *form_map(Form *form)
{
    form_check(form);
    Arena *a = form->arena;
    Map *context = map_new(a);
    List *fields = list_new(a), *hidden = list_new(a);
    ValidationErrors *top = NEW(a, ValidationErrors);
    *top = top_errors(form);
    for (size_t i = 0; i < form->nfields; i++) {
        BoundField *b = form->fields[i];
        if (bound_field_is_hidden(b)) {
            list_push(a, hidden, value_bound_field(b));
            continue;
        }
        List *pair = list_new(a);
        list_push(a, pair, value_bound_field(b));
        list_push(a, pair, value_safe(bound_field_errors_html(b)));
        list_push(a, fields, value_list(pair));
    }
    map_set(context, STR("form"), value_form(form));
    map_set(context, STR("fields"), value_list(fields));
    map_set(context, STR("hidden_fields"), value_list(hidden));
    map_set(context, STR("errors"), value_safe(errors_html(form, top, "errorlist nonfield", STR(""))));
    return context;
}

SafeStr form_render(Form *form, const char *template_name)
{
    return (SafeStr){ forms_render(form->cx, form->r, str_c(template_name), form_map(form)) };
}

SafeStr form_as_div(Form *form) { return form_render(form, "django/forms/div.html"); }
SafeStr form_as_p(Form *form) { return form_render(form, "django/forms/p.html"); }
SafeStr form_as_table(Form *form) { return form_render(form, "django/forms/table.html"); }
SafeStr form_as_ul(Form *form) { return form_render(form, "django/forms/ul.html"); }
SafeStr form_html(Form *form)
{
    return form_render(form, form->cls->template_name ? form->cls->template_name : "django/forms/div.html");
}

/* --- as a value of templates */

static Value fields_value(Form *form, bool hidden)
{
    List *list = list_new(form->arena);
    for (size_t i = 0; i < form->nfields; i++)
        if (bound_field_is_hidden(form->fields[i]) == hidden)
            list_push(form->arena, list, value_bound_field(form->fields[i]));
    return value_list(list);
}

/* What {{ form.errors }} shows, and what {% for field, errors in form.errors.items %} walks over. */
typedef struct DictShown {
    Form *form;
} DictShown;
static Str dict_str(Arena *a, const void *self)
{
    (void)a;
    return form_errors_html(((const DictShown *)self)->form).s;
}
static bool dict_length(const void *self, size_t *out)
{
    *out = ((const DictShown *)self)->form->failed.n;
    return true;
}
static Value dict_errors(Form *form, BoundField *b)
{
    return errors_value(form, b ? &b->errors : &form->non_field, b ? "errorlist" : "errorlist nonfield",
                        b ? b->id : STR(""));
}
static bool dict_item(Arena *a, const void *self, Value key, Value *out)
{
    Form *form = ((const DictShown *)self)->form;
    if (!value_is_text(key))
        return false;
    if (str_eq(key.s, STR("items"))) {
        List *list = list_new(a);
        for (size_t i = 0; i < form->failed.n; i++) {
            List *pair = list_new(a);
            list_push(a, pair, value_str(form->failed.p[i] ? form->failed.p[i]->name : STR("__all__")));
            list_push(a, pair, dict_errors(form, form->failed.p[i]));
            list_push(a, list, value_list(pair));
        }
        *out = value_list(list);
        return true;
    }
    if (str_eq(key.s, STR("as_json"))) {
        *out = value_str(form_errors_json(form, false));
        return true;
    }
    if (str_eq(key.s, STR("as_text"))) {
        *out = value_str(form_errors_text(form));
        return true;
    }
    for (size_t i = 0; i < form->failed.n; i++)
        if (str_eq(form->failed.p[i] ? form->failed.p[i]->name : STR("__all__"), key.s)) {
            *out = dict_errors(form, form->failed.p[i]);
            return true;
        }
    return false;
}
static const ValueClass dict_class = {
    .name = "ErrorDict", .str = dict_str, .length = dict_length, .item = dict_item, .is_markup = true
};

static bool form_item(Arena *a, const void *self, Value key, Value *out)
{
    Form *form = (Form *)(uintptr_t)self;
    if (!value_is_text(key))
        return false;
    Str k = key.s;
    BoundField *b = form_find(form, k);
    if (b)
        *out = value_bound_field(b);
    else if (str_eq(k, STR("as_p")))
        *out = value_safe(form_as_p(form));
    else if (str_eq(k, STR("as_div")))
        *out = value_safe(form_as_div(form));
    else if (str_eq(k, STR("as_table")))
        *out = value_safe(form_as_table(form));
    else if (str_eq(k, STR("as_ul")))
        *out = value_safe(form_as_ul(form));
    else if (str_eq(k, STR("errors"))) {
        DictShown *d = NEW(a, DictShown);
        form_check(form);
        d->form = form;
        *out = value_object(d, &dict_class);
    } else if (str_eq(k, STR("non_field_errors"))) {
        form_check(form);
        *out = errors_value(form, &form->non_field, "errorlist nonfield", STR(""));
    } else if (str_eq(k, STR("hidden_fields")))
        *out = fields_value(form, true);
    else if (str_eq(k, STR("visible_fields")))
        *out = fields_value(form, false);
    else if (str_eq(k, STR("is_bound")))
        *out = value_bool(form->bound);
    else if (str_eq(k, STR("is_valid")))
        *out = value_bool(form_is_valid(form));
    else if (str_eq(k, STR("is_multipart")))
        *out = value_bool(form_is_multipart(form));
    else if (str_eq(k, STR("has_changed")))
        *out = value_bool(form_has_changed(form));
    else if (str_eq(k, STR("changed_data")))
        *out = value_list(form_changed_data(form));
    else if (str_eq(k, STR("cleaned_data")))
        *out = value_map(form_cleaned_data(form));
    else if (str_eq(k, STR("prefix")))
        *out = form->prefix.n ? value_str(form->prefix) : value_null();
    else if (str_eq(k, STR("instance")) && form->row)
        *out = value_row(form->row);
    else if (str_eq(k, STR("media")))
        *out = value_safe((SafeStr){ STR("") });
    else
        return false;
    return true;
}

static Str form_str(Arena *a, const void *self)
{
    (void)a;
    return form_html((Form *)(uintptr_t)self).s;
}

static bool form_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    const Form *form = self;
    if (*cursor >= form->nfields)
        return false;
    *out = value_bound_field(form->fields[(*cursor)++]);
    return true;
}

static bool always(const void *self)
{
    (void)self;
    return true;
}

const ValueClass form_class = {
    .name = "Form", .str = form_str, .item = form_item, .next = form_next, .truth = always, .is_markup = true
};
