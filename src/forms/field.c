/* field.c: cleaning one value: conversion, "required", validators, in Django's order. */
#include "forms/forms.h"

bool field_value_empty(Value v)
{
    return v.tag == VALUE_NULL || (value_is_text(v) && v.s.n == 0) || (v.tag == VALUE_LIST && v.list->n == 0) ||
           (v.tag == VALUE_MAP && map_count(v.map) == 0);
}

const char *field_message(const FieldRun *run, const char *code, const char *fallback)
{
    for (const ErrorMessage *m = run->f->error_messages; m && m->code; m++)
        if (strcmp(m->code, code) == 0)
            return m->message;
    return fallback;
}

/* Sentences that a number chooses, and the parameter that holds it. */
static const struct {
    const char *one, *many, *number;
} counted[] = {
    { "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
      "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).", "limit_value" },
    { "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
      "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).", "limit_value" },
    { "Ensure that there are no more than %(max)s digit in total.",
      "Ensure that there are no more than %(max)s digits in total.", "max" },
    { "Ensure that there are no more than %(max)s decimal place.",
      "Ensure that there are no more than %(max)s decimal places.", "max" },
    { "Ensure that there are no more than %(max)s digit before the decimal point.",
      "Ensure that there are no more than %(max)s digits before the decimal point.", "max" },
    { "Ensure this filename has at most %(max)d character (it has %(length)d).",
      "Ensure this filename has at most %(max)d characters (it has %(length)d).", "max" },
};

Str form_message(const Context *cx, Str message, const Map *params)
{
    const Locale *l = locale_of(cx);
    for (size_t i = 0; params && i < CLEF_COUNT(counted); i++) {
        const Value *n = map_get(params, str_c(counted[i].number));
        Str one = str_c(counted[i].one), many = str_c(counted[i].many);
        if (n && n->tag == VALUE_INT && (str_eq(message, one) || str_eq(message, many)))
            return locale_ngettext(l, (Str){ 0 }, one, many, n->i);
    }
    return locale_gettext(l, (Str){ 0 }, message);
}

bool field_fail(FieldRun *run, const char *code, const char *message, const Map *params)
{
    Str text = form_message(run->cx, str_c(field_message(run, code, message)), params);
    ValidationError e = { .message = text, .code = str_c(code), .params = params };
    validation_errors_add(run->arena, &run->errors, e);
    return false;
}

Map *value_param(Arena *a, Value v)
{
    Map *m = map_new(a);
    map_set(m, STR("value"), v);
    return m;
}

void run_validator(FieldRun *run, const Validator *v, Value value)
{
    ValidationErrors errors = validator_run(run->arena, v, value);
    for (size_t i = 0; i < errors.n; i++) {
        ValidationError e = errors.p[i];
        char *code = str_dup_c(run->arena, e.code);
        e.message = form_message(run->cx, str_c(field_message(run, code, str_dup_c(run->arena, e.message))), e.params);
        validation_errors_add(run->arena, &run->errors, e);
    }
}

void run_own_validators(FieldRun *run, Value value)
{
    for (const Validator *v = run->f->validators; v && v->check; v++)
        run_validator(run, v, value);
}

bool field_clean(FieldRun *run, Value in, Value initial, Value *out)
{
    run->errors = (ValidationErrors){ 0 };
    const FormFieldClass *cls = run->cls;
    if (cls->clean)
        return cls->clean(run, in, initial, out);
    Value v = in;
    if (cls->to_python && !cls->to_python(run, in, &v))
        return false;
    if (run->required && !cls->keeps_required && field_value_empty(v))
        return field_fail(run, "required", "This field is required.", NULL);
    if (cls->validate && !cls->validate(run, v))
        return false;
    if (!field_value_empty(v)) {
        if (cls->validators)
            cls->validators(run, v);
        else
            run_own_validators(run, v);
    }
    *out = v;
    return run->errors.n == 0;
}

void field_run_init(FieldRun *run, Context *cx, const FormField *f, const TimeZone *zone)
{
    *run = (FieldRun){ .cx = cx,
                       .arena = cx->arena,
                       .f = f,
                       .cls = f->cls ? f->cls : kind_class(f->kind),
                       .required = !f->optional && !f->null,
                       .zone = zone,
                       .use_tz = zone != NULL };
}

bool field_has_changed(FieldRun *run, Value initial, Value data)
{
    if (run->f->disabled)
        return false;
    if (run->cls->has_changed)
        return run->cls->has_changed(run, initial, data);
    Value v = data;
    run->errors = (ValidationErrors){ 0 };
    if (run->cls->to_python && !run->cls->to_python(run, data, &v))
        return true;
    Value empty = value_str(STR(""));
    return !value_eq(value_is_null(initial) ? empty : initial, value_is_null(v) ? empty : v);
}
