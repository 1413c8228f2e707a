/* rows.c: instances of models: made, their attributes, their methods. */
#include "orm/node.h"
#include "shell/eval.h"
#include <clef/base/vec.h>

static const char *const row_methods[] = { "save", "delete", "refresh_from_db", NULL };

static Value method(Shell *s, void *row, Str name)
{
    Method *m = NEW(s->cx->arena, Method);
    *m = (Method){ value_object(row, &row_class), name };
    return value_object(m, &shell_method_class);
}

/* The other side of a one-to-one relation. */
static Value one_on_the_other_side(Shell *s, void *row, const FieldInfo *back)
{
    const ModelInfo *info = back->to;
    Value key = member_load(s->cx->arena, back->to_field->f, row);
    QuerySet *q = FILTER(queryset_of(s->cx, back->model->m),
                         { .lookup = str_dup_c(s->cx->arena, back->attname), .value = { box_value, &key } });
    if (!queryset_length(q))
        RAISE(s->cx, 500, "does_not_exist", "%s has no %s.", info->m->name,
              back->f->related_name ? back->f->related_name : str_dup_c(s->cx->arena, back->model->lower));
    return value_object(queryset_at(q, back->model->m, 0), &row_class);
}

Value shell_row_attribute(Shell *s, void *row, Str name)
{
    const ModelInfo *info = model_info(s->cx, row_model(row));
    Arena *a = s->cx->arena;
    const FieldInfo *field = info_field(info, name);
    Value v;
    if (field && field->to && str_eq(name, field->name) && !str_eq(name, field->attname))
        return value_object(model_related(s->cx, row, field->f->to_offset), &row_class);
    if (field)
        return value_copy(a, member_load(a, field->f, row));
    if (row_annotation(row, str_dup_c(a, name), &v))
        return v;
    for (size_t i = 0; row_methods[i]; i++)
        if (str_eq(name, str_c(row_methods[i])))
            return method(s, row, name);
    if (str_starts(name, STR("get_")) && str_ends(name, STR("_display")) && name.n > 12) {
        field = info_field(info, str_slice(name, 4, name.n - 8));
        if (field && field->f->choices)
            return method(s, row, name);
    }
    bool between = false;
    for (size_t i = 0; i < info->nbetween; i++)
        between |= str_eq(info->between[i].name, name);
    if (between || names_reverse(info, name, &field)) {
        if (!between && field->f->kind == FIELD_ONE_TO_ONE)
            return one_on_the_other_side(s, row, field);
        Related *r = NEW(a, Related);
        *r = (Related){ row, str_dup_c(a, name) };
        return value_object(r, &shell_related_class);
    }
    VEC(Str) known = { 0 };
    for (size_t i = 0; i < info->nall; i++)
        VEC_PUSH(a, &known, info->all[i]->name);
    for (size_t i = 0; row_methods[i]; i++)
        VEC_PUSH(a, &known, str_c(row_methods[i]));
    shell_no_attribute(s, info->m->name, name, known.p, known.n);
}

void shell_row_assign(Shell *s, void *row, Str name, Value v)
{
    const ModelInfo *info = model_info(s->cx, row_model(row));
    const FieldInfo *field = info_field(info, name);
    if (!field) {
        Str *known = NEW_ARRAY(s->cx->arena, Str, info->nall);
        for (size_t i = 0; i < info->nall; i++)
            known[i] = info->all[i]->name;
        Str near = nearest_of(name, known, info->nall);
        RAISE(s->cx, 500, "type_error", "%s() got unexpected keyword arguments: '%.*s'%s%.*s%s", info->m->name,
              STR_FMT(name), near.n ? ". Did you mean: '" : "", STR_FMT(near), near.n ? "'?" : "");
    }
    if (is_a(v, &expr_class))
        RAISE(s->cx, 500, "type_error", "An instance takes values; use update() to compute with F().");
    if (field->to && is_a(v, &row_class)) {
        *(void **)((char *)row + field->f->to_offset) = (void *)v.object;
        v = member_load(s->cx->arena, field->to_field->f, v.object);
    } else if (field->to) {
        *(void **)((char *)row + field->f->to_offset) = NULL;
    }
    if (v.tag != VALUE_NULL)
        v = value_copy(s->cx->arena, value_for_field(s->cx, field, v));
    if (!member_store(s->cx->arena, field->f, field->stored, row, &v, true))
        RAISE(s->cx, 500, "value_error", "%s.%.*s cannot be this value.", info->m->name, STR_FMT(name));
}

void *shell_new_row(Shell *s, const Model *m, Args args)
{
    if (args.n)
        RAISE(s->cx, 500, "type_error", "The fields of %s() are given by name.", m->name);
    void *row = model_new(s->cx, m);
    for (size_t i = 0; i < args.nkeywords; i++)
        shell_row_assign(s, row, args.keywords[i].name, args.keywords[i].value);
    return row;
}

Value shell_row_call(Shell *s, void *row, Str name, Args args)
{
    const Model *m = row_model(row);
    if (str_eq(name, STR("save"))) {
        Value fields = shell_keyword(args, "update_fields", value_null());
        const char **names = NULL;
        if (fields.tag != VALUE_NULL) {
            List *list = shell_elements(s, fields);
            names = NEW_ARRAY(s->cx->arena, const char *, list->n + 1);
            for (size_t i = 0; i < list->n; i++)
                names[i] = shell_text(s, list->p[i], "update_fields");
        }
        model_save(s->cx, m, row, &(SaveOptions){ .update_fields = names });
        return value_null();
    }
    if (str_eq(name, STR("delete")))
        return value_int((int64_t)model_delete(s->cx, m, row));
    if (str_eq(name, STR("refresh_from_db"))) {
        model_refresh(s->cx, m, row);
        return value_null();
    }
    return value_str(field_display(s->cx->arena, model_field(m, str_slice(name, 4, name.n - 8)), row));
}
