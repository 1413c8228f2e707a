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

bool field_fail(FieldRun *run, const char *code, const char *message, const Map *params)
{
    ValidationError e = { .message = str_c(field_message(run, code, message)), .code = str_c(code), .params = params };
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
        e.message = str_c(field_message(run, code, str_dup_c(run->arena, e.message)));
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
