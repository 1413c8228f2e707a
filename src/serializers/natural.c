/* natural.c: rows by what people know them by: Django's natural_key and get_by_natural_key. */
#include "serializers/serializers.h"
#include <clef/orm/row.h>

const char *const *natural_key_of(const ModelInfo *info)
{
    const ModelInfo *concrete = info->concrete;
    const char *const *key = info->meta->natural_key ? info->meta->natural_key : concrete->meta->natural_key;
    return key && key[0] ? key : NULL;
}

/* "author__email": the part before the first "__", the rest behind it. */
static Str first_part(Str *path)
{
    size_t at = str_find(*path, STR("__"));
    Str head = *path;
    if (at == STR_NPOS) {
        *path = (Str){ 0 };
        return head;
    }
    head = str_slice(*path, 0, at);
    *path = str_from_byte(*path, at + 2);
    return head;
}

static Value value_of_path(Context *cx, Arena *a, const ModelInfo *info, const void *row, Str path)
{
    for (int depth = 0; depth < FIXTURE_DEPTH; depth++) {
        const FieldInfo *field = info_field(info, first_part(&path));
        if (!field)
            break;
        if (!path.n)
            return member_load(a, field->f, row);
        if (!field->to)
            break;
        const void *to = row;
        if (field_has_pointer(field->f)) {
            to = *(void *const *)(const void *)((const char *)row + field->f->to_offset);
            if (!to)
                to = model_related(cx, (void *)(uintptr_t)row, field->f->to_offset);
        }
        if (!to)
            return value_null();
        info = field->to;
        row = to;
    }
    RAISE(cx, 500, "field_error", "%s: NATURAL_KEY names a field that does not exist.", info->m->name);
}

Value natural_key_value(Context *cx, Arena *a, const ModelInfo *info, const void *row)
{
    List *values = list_new(a);
    for (const char *const *path = natural_key_of(info); path && *path; path++)
        list_push(a, values, value_of_path(cx, a, info, row, str_c(*path)));
    return value_list(values);
}

bool natural_key_find(Context *cx, Str using, const ModelInfo *info, Value key, const FieldInfo *field, Value *out)
{
    const char *const *paths = natural_key_of(info);
    size_t n = 0;
    while (paths[n])
        n++;
    if (key.tag != VALUE_LIST || key.list->n != n)
        RAISE(cx, 500, "value_error", "The natural key of %s is a list of %zu values.", info->m->name, n);
    QuerySet *q = queryset_using(queryset_of(cx, info->m), using);
    for (size_t i = 0; i < n; i++) {
        Value v = key.list->p[i];
        const char *lookup = v.tag == VALUE_NULL ? str_format(cx->arena, "%s__isnull", paths[i]).p : paths[i];
        if (v.tag == VALUE_NULL)
            v = value_bool(true);
        q = queryset_filter(q, (const Pred[]){ { .lookup = lookup, .value = { box_value, &v } }, { .lookup = NULL } });
    }
    void *row = queryset_first(q, info->m);
    if (!row)
        return false;
    *out = value_copy(cx->arena, member_load(cx->arena, field->f, row));
    return true;
}
