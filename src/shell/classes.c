/* classes.c: the values that the language has beside those of base. */
#include "shell/eval.h"

static Str model_class_str(Arena *a, const void *self)
{
    return str_format(a, "<class '%s'>", ((const Model *)self)->name);
}
static Str function_class_str(Arena *a, const void *self)
{
    return str_format(a, "<function %s>", ((const ShellFunction *)self)->name);
}
static Str method_class_str(Arena *a, const void *self)
{
    return str_format(a, "<method %.*s>", STR_FMT(((const Method *)self)->name));
}
static Str q_class_str(Arena *a, const void *self) { return str_format(a, "<Q object%s>", self ? "" : " ()"); }
static Str related_class_str(Arena *a, const void *self)
{
    return str_format(a, "<RelatedManager %s>", ((const RelatedManager *)self)->name);
}
static Str module_class_str(Arena *a, const void *self)
{
    return str_format(a, "<module '%.*s'>", STR_FMT(((const Module *)self)->name));
}
static Str error_class_str(Arena *a, const void *self)
{
    return str_format(a, "<class '%.*s'>", STR_FMT(((const ErrorType *)self)->name));
}
static Str raised_class_str(Arena *a, const void *self)
{
    (void)a;
    return ((const Error *)self)->message;
}
static Str field_class_str(Arena *a, const void *self)
{
    return str_format(a, "<%s>", ((const FieldType *)self)->name);
}

static bool list_length(const List *list, size_t *out) { return *out = list->n, true; }
static bool list_next(const List *list, size_t *cursor, Value *out)
{
    if (*cursor >= list->n)
        return false;
    *out = list->p[(*cursor)++];
    return true;
}
static bool list_item(const List *list, Value key, Value *out)
{
    int64_t i = key.tag != VALUE_INT ? -1 : key.i < 0 ? key.i + (int64_t)list->n : key.i;
    if (i < 0 || i >= (int64_t)list->n)
        return false;
    *out = list->p[i];
    return true;
}

static bool tuple_class_length(const void *self, size_t *out) { return list_length(self, out); }
static bool tuple_class_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    return list_next(self, cursor, out);
}
static bool tuple_class_item(Arena *a, const void *self, Value key, Value *out)
{
    (void)a;
    return list_item(self, key, out);
}
static bool tuple_class_equal(const void *a, const void *b)
{
    return value_eq(value_list((List *)a), value_list((List *)b));
}

static bool named_class_length(const void *self, size_t *out)
{
    return list_length(((const NamedTuple *)self)->values, out);
}
static bool named_class_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    return list_next(((const NamedTuple *)self)->values, cursor, out);
}
static bool named_class_item(Arena *a, const void *self, Value key, Value *out)
{
    const NamedTuple *t = self;
    (void)a;
    for (size_t i = 0; value_is_text(key) && i < t->values->n; i++)
        if (str_eq(key.s, str_c(t->names[i])))
            return *out = t->values->p[i], true;
    return list_item(t->values, key, out);
}
static bool named_class_equal(const void *a, const void *b)
{
    return tuple_class_equal(((const NamedTuple *)a)->values, ((const NamedTuple *)b)->values);
}

static bool has(const List *list, Value v)
{
    for (size_t i = 0; i < list->n; i++)
        if (value_eq(list->p[i], v))
            return true;
    return false;
}
static bool set_class_equal(const void *a, const void *b)
{
    const List *x = a, *y = b;
    for (size_t i = 0; i < x->n; i++)
        if (!has(y, x->p[i]))
            return false;
    return x->n == y->n;
}

static bool dict_class_length(const void *self, size_t *out) { return list_length(((const Dict *)self)->keys, out); }
static bool dict_class_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    return list_next(((const Dict *)self)->keys, cursor, out);
}
static bool dict_class_item(Arena *a, const void *self, Value key, Value *out)
{
    const Dict *d = self;
    (void)a;
    for (size_t i = 0; i < d->keys->n; i++)
        if (value_eq(d->keys->p[i], key))
            return *out = d->values->p[i], true;
    return false;
}
static bool dict_class_equal(const void *a, const void *b)
{
    const Dict *x = a, *y = b;
    for (size_t i = 0; i < x->keys->n; i++) {
        Value v;
        if (!dict_class_item(NULL, y, x->keys->p[i], &v) || !value_eq(v, x->values->p[i]))
            return false;
    }
    return x->keys->n == y->keys->n;
}

const ValueClass shell_model_class = { .name = "ModelBase", .str = model_class_str };
const ValueClass shell_function_class = { .name = "function", .str = function_class_str };
const ValueClass shell_method_class = { .name = "method", .str = method_class_str };
const ValueClass shell_lambda_class = { .name = "function" };
const ValueClass shell_q_class = { .name = "Q", .str = q_class_str };
const ValueClass shell_related_class = { .name = "RelatedManager", .str = related_class_str };
const ValueClass shell_tuple_class = { .name = "tuple",
                                       .length = tuple_class_length,
                                       .next = tuple_class_next,
                                       .item = tuple_class_item,
                                       .equal = tuple_class_equal };
const ValueClass shell_named_class = { .name = "Row",
                                       .length = named_class_length,
                                       .next = named_class_next,
                                       .item = named_class_item,
                                       .equal = named_class_equal };
const ValueClass shell_set_class = {
    .name = "set", .length = tuple_class_length, .next = tuple_class_next, .equal = set_class_equal
};
const ValueClass shell_dict_class = { .name = "dict",
                                      .length = dict_class_length,
                                      .next = dict_class_next,
                                      .item = dict_class_item,
                                      .equal = dict_class_equal };
const ValueClass shell_module_class = { .name = "module", .str = module_class_str };
const ValueClass shell_scope_class = { .name = "context manager" };
const ValueClass shell_field_class = { .name = "Field", .str = field_class_str };
const ValueClass shell_query_class = { .name = "Query" };
const ValueClass shell_error_class = { .name = "type", .str = error_class_str };
const ValueClass shell_raised_class = { .name = "Exception", .str = raised_class_str };
