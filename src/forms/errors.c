/* errors.c: what is wrong with a form, as data, JSON, HTML and text. */
#include "forms/forms.h"
#include <clef/codec/html.h>
#include <clef/codec/json.h>

#include <stdarg.h>

static void note_failed(Form *form, BoundField *b)
{
    for (size_t i = 0; i < form->failed.n; i++)
        if (form->failed.p[i] == b)
            return;
    VEC_PUSH(form->arena, &form->failed, b);
}

static BoundField *field_of(Form *form, const char *field) { return field ? form_field(form, field) : NULL; }

static ValidationErrors *errors_at(Form *form, BoundField *b) { return b ? &b->errors : &form->non_field; }

void form_add_validation_error(Form *form, const char *field, ValidationError e)
{
    form_check(form);
    BoundField *b = field_of(form, field);
    note_failed(form, b);
    validation_errors_add(form->arena, errors_at(form, b), e);
    if (b)
        b->is_cleaned = false;
}

CLEF_PRINTF(4, 0)
static void add(Form *form, const char *field, const char *code, const char *format, va_list args)
{
    Buf b = BUF_INIT(form->arena, 1 << 20);
    buf_add(&b, "", 0);
    buf_vprintf(&b, format, args);
    form_add_validation_error(form, field, (ValidationError){ .message = buf_view(&b), .code = str_c(code) });
}

void form_add_error(Form *form, const char *field, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(form, field, NULL, format, args);
    va_end(args);
}

void form_add_error_code(Form *form, const char *field, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(form, field, code, format, args);
    va_end(args);
}

const ValidationErrors *form_errors_of(Form *form, const char *field)
{
    form_check(form);
    return errors_at(form, field_of(form, field));
}

bool form_has_error(Form *form, const char *field, const char *code)
{
    const ValidationErrors *errors = form_errors_of(form, field);
    for (size_t i = 0; i < errors->n; i++)
        if (!code || str_eq(errors->p[i].code, str_c(code)))
            return true;
    return false;
}

static Str name_of(const BoundField *b) { return b ? b->name : STR("__all__"); }

Map *form_errors(Form *form)
{
    form_check(form);
    Map *m = map_new(form->arena);
    for (size_t i = 0; i < form->failed.n; i++) {
        const ValidationErrors *errors = errors_at(form, form->failed.p[i]);
        List *list = list_new(form->arena);
        for (size_t k = 0; k < errors->n; k++)
            list_push(form->arena, list, value_str(validation_error_text(form->arena, &errors->p[k])));
        map_set(m, name_of(form->failed.p[i]), value_list(list));
    }
    return m;
}

Str form_errors_json(Form *form, bool escape_html)
{
    form_check(form);
    Arena *a = form->arena;
    Buf b = BUF_INIT(a, FORM_TEXT_MAX);
    JsonWriter w;
    json_writer_init(&w, &b, (JsonStyle){ 0 });
    json_object(&w);
    for (size_t i = 0; i < form->failed.n; i++) {
        const ValidationErrors *errors = errors_at(form, form->failed.p[i]);
        json_name(&w, name_of(form->failed.p[i]));
        json_array(&w);
        for (size_t k = 0; k < errors->n; k++) {
            Str text = validation_error_text(a, &errors->p[k]);
            json_object(&w);
            json_name(&w, STR("message"));
            json_str(&w, escape_html ? html_escape(a, text).s : text);
            json_name(&w, STR("code"));
            json_str(&w, errors->p[k].code);
            json_object_end(&w);
        }
        json_array_end(&w);
    }
    json_object_end(&w);
    return buf_view(&b);
}

Str form_errors_text(Form *form)
{
    form_check(form);
    Buf b = BUF_INIT(form->arena, FORM_TEXT_MAX);
    buf_add(&b, "", 0);
    for (size_t i = 0; i < form->failed.n; i++) {
        const ValidationErrors *errors = errors_at(form, form->failed.p[i]);
        buf_printf(&b, "%s* %.*s", i ? "\n" : "", STR_FMT(name_of(form->failed.p[i])));
        for (size_t k = 0; k < errors->n; k++) {
            BUF_LIT(&b, "\n  * ");
            buf_str(&b, validation_error_text(form->arena, &errors->p[k]));
        }
    }
    return buf_view(&b);
}

SafeStr errors_html(Form *form, const ValidationErrors *errors, const char *css, Str field_id)
{
    if (!errors->n)
        return (SafeStr){ STR("") };
    Map *context = map_new(form->arena);
    List *list = list_new(form->arena);
    for (size_t k = 0; k < errors->n; k++)
        list_push(form->arena, list, value_str(validation_error_text(form->arena, &errors->p[k])));
    map_set(context, STR("errors"), value_list(list));
    map_set(context, STR("error_class"), value_c(css));
    map_set(context, STR("field_id"), value_str(field_id));
    return (SafeStr){ forms_render(form->cx, form->r, STR("django/forms/errors/list/ul.html"), context) };
}

SafeStr form_errors_html(Form *form)
{
    form_check(form);
    if (!form->failed.n)
        return (SafeStr){ STR("") };
    Map *context = map_new(form->arena);
    List *list = list_new(form->arena);
    for (size_t i = 0; i < form->failed.n; i++) {
        BoundField *b = form->failed.p[i];
        List *pair = list_new(form->arena);
        list_push(form->arena, pair, value_str(name_of(b)));
        list_push(form->arena, pair,
                  value_safe(errors_html(form, errors_at(form, b), b ? "errorlist" : "errorlist nonfield",
                                         b ? b->id : STR(""))));
        list_push(form->arena, list, value_list(pair));
    }
    map_set(context, STR("errors"), value_list(list));
    map_set(context, STR("error_class"), value_c("errorlist"));
    return (SafeStr){ forms_render(form->cx, form->r, STR("django/forms/errors/dict/ul.html"), context) };
}
