/* tools.c: arguments, elements, sets and maps: what every part of the evaluator needs. */
#include "orm/info.h"
#include "shell/eval.h"

void shell_no_attribute(Shell *s, const char *type, Str name, const Str *candidates, size_t n)
{
    Str near = nearest_of(name, candidates, n);
    RAISE(s->cx, 500, "attribute_error", "'%s' object has no attribute '%.*s'%s%.*s%s", type, STR_FMT(name),
          near.n ? ". Did you mean: '" : "", STR_FMT(near), near.n ? "'?" : "");
}

/* --- arguments */

const char *shell_text(Shell *s, Value v, const char *what)
{
    if (!value_is_text(v))
        RAISE(s->cx, 500, "type_error", "%s takes a text here, not a %s.", what, value_type_name(v));
    return str_dup_c(s->cx->arena, v.s);
}

/* Tuples and sets are lists to the ORM, managers querysets. */
static Value plain(Shell *s, Value v)
{
    if (is_a(v, &shell_related_class))
        return value_object(shell_related_set(s, v.object), &queryset_class);
    v = shell_simple(v);
    if (v.tag != VALUE_LIST && !is_list(v))
        return v;
    List *out = list_new(s->cx->arena), *of = list_of(v);
    for (size_t i = 0; i < of->n; i++)
        list_push(s->cx->arena, out, plain(s, of->p[i]));
    return value_list(out);
}

Boxed shell_boxed(Shell *s, Value v)
{
    Value *kept = NEW(s->cx->arena, Value);
    *kept = plain(s, v);
    return (Boxed){ box_value, kept };
}

Value shell_keyword(Args args, const char *name, Value otherwise)
{
    for (size_t i = 0; i < args.nkeywords; i++)
        if (str_eq(args.keywords[i].name, str_c(name)))
            return args.keywords[i].value;
    return otherwise;
}

Value shell_argument(Args args, size_t i, const char *name, Value otherwise)
{
    return i < args.n ? args.p[i] : shell_keyword(args, name, otherwise);
}

Args shell_without(Shell *s, Args args, const char *name)
{
    Keyword *kept = NEW_ARRAY(s->cx->arena, Keyword, args.nkeywords + 1);
    size_t n = 0;
    for (size_t i = 0; i < args.nkeywords; i++)
        if (!str_eq(args.keywords[i].name, str_c(name)))
            kept[n++] = args.keywords[i];
    return (Args){ args.p, args.n, kept, n };
}

Args shell_with(Shell *s, Args args, Value map)
{
    List *keys, *values;
    if (map.tag == VALUE_NULL)
        return args;
    if (!shell_pairs(s, map, &keys, &values))
        RAISE(s->cx, 500, "type_error", "argument after ** must be a mapping, not %s", value_type_name(map));
    Keyword *all = NEW_ARRAY(s->cx->arena, Keyword, args.nkeywords + keys->n + 1);
    if (args.nkeywords)
        memcpy(all, args.keywords, args.nkeywords * sizeof *all);
    for (size_t i = 0; i < keys->n; i++) {
        if (!value_is_text(keys->p[i]))
            RAISE(s->cx, 500, "type_error", "keywords must be strings");
        all[args.nkeywords + i] = (Keyword){ keys->p[i].s, values->p[i] };
    }
    return (Args){ args.p, args.n, all, args.nkeywords + keys->n };
}

void shell_expect(Shell *s, const char *name, Args args, size_t least, size_t most)
{
    if (args.n < least || args.n > most)
        RAISE(s->cx, 500, "type_error", "%s() takes %zu to %zu arguments, not %zu", name, least, most, args.n);
}

/* --- elements */

Value shell_tuple(Shell *s, size_t n, const Value *p)
{
    List *list = list_new(s->cx->arena);
    for (size_t i = 0; i < n; i++)
        list_push(s->cx->arena, list, p[i]);
    return value_object(list, &shell_tuple_class);
}

Value shell_method(Shell *s, Value self, Str name)
{
    Method *m = NEW(s->cx->arena, Method);
    *m = (Method){ self, name };
    return value_object(m, &shell_method_class);
}

List *shell_elements(Shell *s, Value v)
{
    if (is_list(v))
        return list_of(v);
    QuerySet *q = shell_queryset(s, v);
    if (q)
        return shell_rows(s, q);
    List *list = list_new(s->cx->arena);
    Value one;
    size_t at = 0;
    if (!value_is_iterable(v))
        RAISE(s->cx, 500, "type_error", "'%s' object is not iterable", value_type_name(v));
    while (value_next(s->cx->arena, v, &at, &one))
        list_push(s->cx->arena, list, one);
    return list;
}

Value shell_contains(Shell *s, Value in, Value v)
{
    if (value_is_text(in) && value_is_text(v))
        return value_bool(str_contains(in.s, v.s));
    if (in.tag == VALUE_MAP)
        return value_bool(value_is_text(v) && map_has(in.map, v.s));
    const List *list = shell_elements(s, in);
    for (size_t i = 0; i < list->n; i++)
        if (shell_compare(s, STR("=="), list->p[i], v))
            return value_bool(true);
    return value_bool(false);
}

Value shell_set(Shell *s, const List *elements)
{
    List *out = list_new(s->cx->arena);
    for (size_t i = 0; i < elements->n; i++)
        if (!shell_contains(s, value_list(out), elements->p[i]).b)
            list_push(s->cx->arena, out, elements->p[i]);
    return value_object(out, &shell_set_class);
}

Value shell_dict(Shell *s, List *keys, List *values)
{
    Arena *a = s->cx->arena;
    bool texts = true;
    for (size_t i = 0; i < keys->n; i++)
        texts &= keys->p[i].tag == VALUE_STR;
    if (texts) {
        Map *map = map_new(a);
        for (size_t i = 0; i < keys->n; i++)
            map_set(map, keys->p[i].s, values->p[i]);
        return value_map(map);
    }
    Dict *d = NEW(a, Dict);
    *d = (Dict){ list_new(a), list_new(a) };
    for (size_t i = 0; i < keys->n; i++) {
        size_t k = 0;
        while (k < d->keys->n && !value_eq(d->keys->p[k], keys->p[i]))
            k++;
        if (k == d->keys->n) {
            list_push(a, d->keys, keys->p[i]);
            list_push(a, d->values, values->p[i]);
        }
        d->values->p[k] = values->p[i];
    }
    return value_object(d, &shell_dict_class);
}

bool shell_pairs(Shell *s, Value v, List **keys, List **values)
{
    if (is_a(v, &shell_dict_class)) {
        const Dict *d = v.object;
        *keys = d->keys;
        *values = d->values;
        return true;
    }
    if (v.tag != VALUE_MAP)
        return false;
    *keys = list_new(s->cx->arena);
    *values = list_new(s->cx->arena);
    MapEntry *e;
    for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;) {
        list_push(s->cx->arena, *keys, value_str(e->key));
        list_push(s->cx->arena, *values, e->value);
    }
    return true;
}

bool shell_truth(Shell *s, Value v)
{
    v = shell_simple(v);
    if (is_a(v, &shell_q_class)) { /* an empty one says nothing */
        const Pred *p = v.object;
        return p->lookup || p->path || p->nchildren;
    }
    QuerySet *q = is_a(v, &queryset_class) ? shell_queryset(s, v) : NULL;
    return q ? shell_rows(s, q)->n > 0 : value_truth(v);
}

/* --- all tables of functions */

static const ShellFunction *const *const tables[] = { &shell_expressions, &shell_field_types, &shell_builtins,
                                                      &shell_moments };

const ShellFunction *shell_function_at(size_t i)
{
    for (size_t t = 0; t < CLEF_COUNT(tables); t++)
        for (size_t k = 0; (*tables[t])[k].name; k++)
            if (i-- == 0)
                return &(*tables[t])[k];
    return NULL;
}

const ShellFunction *shell_function(Str name)
{
    for (size_t t = 0; t < CLEF_COUNT(tables); t++)
        for (size_t k = 0; (*tables[t])[k].name; k++)
            if (str_eq(str_c((*tables[t])[k].name), name))
                return &(*tables[t])[k];
    return NULL;
}
