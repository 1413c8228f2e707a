/* eval.c: runs the trees: names, attributes, calls, indexes. */
#include "shell/eval.h"
#include "orm/info.h"
#include <clef/base/vec.h>

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
    return str_format(a, "<RelatedManager %s>", ((const Related *)self)->name);
}
static bool tuple_class_length(const void *self, size_t *out) { return *out = ((const List *)self)->n, true; }
static bool tuple_class_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    const List *list = self;
    (void)a;
    if (*cursor >= list->n)
        return false;
    *out = list->p[(*cursor)++];
    return true;
}
static bool tuple_class_equal(const void *a, const void *b)
{
    return value_eq(value_list((List *)a), value_list((List *)b));
}

const ValueClass shell_model_class = { .name = "ModelBase", .str = model_class_str };
const ValueClass shell_function_class = { .name = "function", .str = function_class_str };
const ValueClass shell_method_class = { .name = "method", .str = method_class_str };
const ValueClass shell_q_class = { .name = "Q", .str = q_class_str };
const ValueClass shell_related_class = { .name = "RelatedManager", .str = related_class_str };
const ValueClass shell_tuple_class = {
    .name = "tuple", .length = tuple_class_length, .next = tuple_class_next, .equal = tuple_class_equal
};

/* --- tools */

Shell *shell_create(Context *cx)
{
    Shell *s = NEW(cx->arena, Shell);
    *s = (Shell){ .cx = cx, .variables = map_new(cx->arena) };
    return s;
}

bool shell_is_open(Str text) { return shell_goes_on(text); }

void shell_no_attribute(Shell *s, const char *type, Str name, const Str *candidates, size_t n)
{
    Str near = nearest_of(name, candidates, n);
    RAISE(s->cx, 500, "attribute_error", "'%s' object has no attribute '%.*s'%s%.*s%s", type, STR_FMT(name),
          near.n ? ". Did you mean: '" : "", STR_FMT(near), near.n ? "'?" : "");
}

const char *shell_text(Shell *s, Value v, const char *what)
{
    if (!value_is_text(v))
        RAISE(s->cx, 500, "type_error", "%s takes a text here, not a %s.", what, value_type_name(v));
    return str_dup_c(s->cx->arena, v.s);
}

Boxed shell_boxed(Shell *s, Value v)
{
    Value *kept = NEW(s->cx->arena, Value);
    *kept = is_a(v, &shell_tuple_class) ? value_list((List *)v.object) : v;
    return (Boxed){ box_value, kept };
}

Value shell_keyword(Args args, const char *name, Value otherwise)
{
    for (size_t i = 0; i < args.nkeywords; i++)
        if (str_eq(args.keywords[i].name, str_c(name)))
            return args.keywords[i].value;
    return otherwise;
}

Value shell_tuple(Shell *s, size_t n, const Value *p)
{
    List *list = list_new(s->cx->arena);
    for (size_t i = 0; i < n; i++)
        list_push(s->cx->arena, list, p[i]);
    return value_object(list, &shell_tuple_class);
}

List *shell_elements(Shell *s, Value v)
{
    if (is_list(v))
        return list_of(v);
    if (is_a(v, &queryset_class))
        return queryset_list((QuerySet *)v.object);
    if (is_a(v, &shell_related_class)) {
        const Related *r = v.object;
        return queryset_list(related_set(s->cx, r->row, r->name));
    }
    List *list = list_new(s->cx->arena);
    Value one;
    size_t at = 0;
    if (v.tag != VALUE_MAP && v.tag != VALUE_STR)
        RAISE(s->cx, 500, "type_error", "'%s' object is not iterable", value_type_name(v));
    while (value_next(s->cx->arena, v, &at, &one))
        list_push(s->cx->arena, list, one);
    return list;
}

/* --- names */

/* By its name, or "app.Name"; two applications may have models of one name. */
static const Model *model_named(Shell *s, Str name)
{
    const Model *found = NULL;
    for (size_t i = 0; model_at(i); i++)
        if (str_eq(str_c(model_at(i)->name), name)) {
            if (found)
                RAISE(s->cx, 500, "name_error", "'%.*s' is a model of %.*s and of %.*s: write %.*s.%.*s", STR_FMT(name),
                      STR_FMT(model_app_label(found)), STR_FMT(model_app_label(model_at(i))),
                      STR_FMT(model_app_label(found)), STR_FMT(name));
            found = model_at(i);
        }
    return found;
}

static Value name(Shell *s, Str text)
{
    Value *v = map_get(s->variables, text);
    if (v)
        return *v;
    const ShellFunction *f = shell_function(text);
    if (f)
        return value_object(f, &shell_function_class);
    const Model *m = model_named(s, text);
    if (m)
        return value_object(m, &shell_model_class);
    VEC(Str) known = { 0 };
    MapEntry *e;
    size_t cursor = 0;
    while ((e = map_next(s->variables, &cursor)) != NULL)
        VEC_PUSH(s->cx->arena, &known, e->key);
    for (size_t i = 0; model_at(i); i++)
        VEC_PUSH(s->cx->arena, &known, str_c(model_at(i)->name));
    for (size_t i = 0; shell_function_at(i); i++)
        VEC_PUSH(s->cx->arena, &known, str_c(shell_function_at(i)->name));
    Str near = nearest_of(text, known.p, known.n);
    RAISE(s->cx, 500, "name_error", "name '%.*s' is not defined%s%.*s%s", STR_FMT(text),
          near.n ? ". Did you mean: '" : "", STR_FMT(near), near.n ? "'?" : "");
}

/* --- attributes */

static Value method(Shell *s, Value self, Str text)
{
    Method *m = NEW(s->cx->arena, Method);
    *m = (Method){ self, text };
    return value_object(m, &shell_method_class);
}

static Value attribute(Shell *s, const Ast *a)
{
    const Ast *of = a->parts[0];
    if (of->kind == AST_NAME && !map_get(s->variables, of->text)) { /* app.Model */
        const Model *m = model_find(of->text, a->text);
        if (m && str_eq(str_c(m->name), a->text))
            return value_object(m, &shell_model_class);
    }
    Value v = shell_eval(s, of);
    if (is_a(v, &shell_model_class)) {
        if (str_eq(a->text, STR("objects")) || str_eq(a->text, STR("_default_manager")))
            return value_object(queryset_of(s->cx, v.object), &queryset_class);
        shell_no_attribute(s, ((const Model *)v.object)->name, a->text, (const Str[]){ STR("objects") }, 1);
    }
    if (is_a(v, &row_class))
        return shell_row_attribute(s, (void *)v.object, a->text);
    bool related = is_a(v, &shell_related_class);
    if (related || is_a(v, &queryset_class)) {
        if (shell_has_method(a->text, related))
            return method(s, v, a->text);
        VEC(Str) known = { 0 };
        for (size_t i = 0; shell_method_at(i); i++)
            VEC_PUSH(s->cx->arena, &known, str_c(shell_method_at(i)));
        shell_no_attribute(s, related ? "RelatedManager" : "QuerySet", a->text, known.p, known.n);
    }
    if (value_is_text(v) && (str_eq(a->text, STR("upper")) || str_eq(a->text, STR("lower"))))
        return method(s, v, a->text);
    if (v.tag == VALUE_MAP && (str_eq(a->text, STR("get")) || str_eq(a->text, STR("keys")) ||
                               str_eq(a->text, STR("values")) || str_eq(a->text, STR("items"))))
        return method(s, v, a->text);
    shell_no_attribute(s, value_type_name(v), a->text, NULL, 0);
}

/* --- indexes */

static Value slice(Shell *s, Value v, const Ast *a)
{
    int64_t parts[3] = { 0, -1, 1 };
    for (size_t i = 0; i < 3; i++)
        if (a->parts[i]) {
            Value part = shell_eval(s, a->parts[i]);
            if (part.tag != VALUE_INT)
                RAISE(s->cx, 500, "type_error", "slice indices must be integers or None");
            parts[i] = part.i;
            if (is_a(v, &queryset_class) && part.i < 0)
                RAISE(s->cx, 500, "value_error", "Negative indexing is not supported.");
        }
    if (parts[2] <= 0)
        RAISE(s->cx, 500, "value_error", "A slice's step is a positive number here.");
    if (is_a(v, &queryset_class)) {
        QuerySet *q = SLICE((QuerySet *)v.object, (size_t)parts[0], a->parts[1] ? (size_t)parts[1] : QUERY_ALL);
        if (!a->parts[2])
            return value_object(q, &queryset_class);
        v = value_list(queryset_list(q));
        parts[0] = 0;
        parts[1] = (int64_t)v.list->n;
    }
    List *of = shell_elements(s, v), *out = list_new(s->cx->arena);
    int64_t n = (int64_t)of->n, from = parts[0] < 0 ? parts[0] + n : parts[0];
    int64_t to = !a->parts[1] && parts[1] < 0 ? n : parts[1] < 0 ? parts[1] + n : parts[1];
    for (int64_t i = from < 0 ? 0 : from; i < to && i < n; i += parts[2])
        list_push(s->cx->arena, out, of->p[i]);
    return is_a(v, &shell_tuple_class) ? value_object(out, &shell_tuple_class) : value_list(out);
}

static Value item(Shell *s, const Ast *a)
{
    Value v = shell_eval(s, a->parts[0]);
    if (is_a(v, &shell_related_class))
        v = value_object(related_set(s->cx, ((const Related *)v.object)->row, ((const Related *)v.object)->name),
                         &queryset_class);
    if (a->parts[1]->kind == AST_SLICE)
        return slice(s, v, a->parts[1]);
    Value key = shell_eval(s, a->parts[1]), out;
    if (v.tag == VALUE_MAP) {
        if (!value_item(s->cx->arena, v, key, &out))
            RAISE(s->cx, 500, "key_error", "there is no such key");
        return out;
    }
    if (key.tag != VALUE_INT)
        RAISE(s->cx, 500, "type_error", "indices must be integers or slices, not %s", value_type_name(key));
    if (is_a(v, &queryset_class)) {
        if (key.i < 0)
            RAISE(s->cx, 500, "value_error", "Negative indexing is not supported.");
        List *one = queryset_list(SLICE((QuerySet *)v.object, (size_t)key.i, (size_t)key.i + 1));
        if (!one->n)
            RAISE(s->cx, 500, "index_error", "list index out of range");
        return one->p[0];
    }
    List *list = shell_elements(s, v);
    int64_t i = key.i < 0 ? key.i + (int64_t)list->n : key.i;
    if (i < 0 || i >= (int64_t)list->n)
        RAISE(s->cx, 500, "index_error", "list index out of range");
    return list->p[i];
}

/* --- calls */

static Value map_call(Shell *s, Value self, Str name, Args args)
{
    Value out;
    if (str_eq(name, STR("get"))) {
        if (!args.n)
            RAISE(s->cx, 500, "type_error", "get expected at least 1 argument, got 0");
        return value_item(s->cx->arena, self, args.p[0], &out) ? out : args.n > 1 ? args.p[1] : value_null();
    }
    List *list = list_new(s->cx->arena);
    MapEntry *e;
    size_t cursor = 0;
    while ((e = map_next(self.map, &cursor)) != NULL)
        list_push(s->cx->arena, list,
                  str_eq(name, STR("keys"))     ? value_str(e->key)
                  : str_eq(name, STR("values")) ? e->value
                                                : shell_tuple(s, 2, (Value[]){ value_str(e->key), e->value }));
    return value_list(list);
}

Value shell_call(Shell *s, Value callee, Args args)
{
    if (is_a(callee, &shell_function_class)) {
        const ShellFunction *f = callee.object;
        return f->call(s, f, args);
    }
    if (is_a(callee, &shell_model_class))
        return value_object(shell_new_row(s, callee.object, args), &row_class);
    if (!is_a(callee, &shell_method_class))
        RAISE(s->cx, 500, "type_error", "'%s' object is not callable", value_type_name(callee));
    const Method *m = callee.object;
    if (is_a(m->self, &row_class))
        return shell_row_call(s, (void *)m->self.object, m->name, args);
    if (value_is_text(m->self))
        return value_str(str_eq(m->name, STR("upper")) ? str_upper(s->cx->arena, m->self.s)
                                                       : str_lower(s->cx->arena, m->self.s));
    if (m->self.tag == VALUE_MAP)
        return map_call(s, m->self, m->name, args);
    const Related *related = is_a(m->self, &shell_related_class) ? m->self.object : NULL;
    QuerySet *q = related ? related_set(s->cx, related->row, related->name) : (QuerySet *)m->self.object;
    return shell_queryset_call(s, q, related, m->name, args);
}

static Value call(Shell *s, const Ast *a)
{
    Value callee = shell_eval(s, a->parts[0]);
    Value *values = NEW_ARRAY(s->cx->arena, Value, a->n);
    Keyword *keywords = NEW_ARRAY(s->cx->arena, Keyword, a->n);
    Args args = { .p = values, .keywords = keywords };
    for (size_t i = 1; i < a->n; i++)
        if (a->parts[i]->kind == AST_KEYWORD)
            keywords[args.nkeywords++] = (Keyword){ a->parts[i]->text, shell_eval(s, a->parts[i]->parts[0]) };
        else
            values[args.n++] = shell_eval(s, a->parts[i]);
    return shell_call(s, callee, args);
}

/* --- the rest */

static Value each(Shell *s, const Ast *a)
{
    List *out = list_new(s->cx->arena), *over = shell_elements(s, shell_eval(s, a->parts[1]));
    Value *before = map_get(s->variables, a->text), kept = before ? *before : value_null();
    for (size_t i = 0; i < over->n; i++) {
        map_set(s->variables, a->text, over->p[i]);
        list_push(s->cx->arena, out, shell_eval(s, a->parts[0]));
    }
    if (before)
        map_set(s->variables, a->text, kept);
    else
        map_delete(s->variables, a->text);
    return value_list(out);
}

static Value pieces(Shell *s, const Ast *a)
{
    Buf b = BUF_INIT(s->cx->arena, SHELL_TEXT_MAX);
    for (size_t i = 0; i < a->n; i++) {
        Value v = shell_call(s, value_object(shell_function(STR("str")), &shell_function_class),
                             (Args){ .p = (Value[]){ shell_eval(s, a->parts[i]) }, .n = 1 });
        buf_str(&b, v.s);
    }
    return value_str(buf_view(&b));
}

static Value binary(Shell *s, const Ast *a)
{
    bool is_and = str_eq(a->text, STR("and"));
    Value left = shell_eval(s, a->parts[0]);
    if (is_and || str_eq(a->text, STR("or")))
        return value_truth(left) == is_and ? shell_eval(s, a->parts[1]) : left;
    return shell_binary(s, a->text, left, shell_eval(s, a->parts[1]));
}

static Value assign(Shell *s, const Ast *a)
{
    const Ast *to = a->parts[0];
    Value v = shell_eval(s, a->parts[1]);
    if (to->kind == AST_NAME) {
        map_set(s->variables, str_copy(s->cx->arena, to->text), v);
        return value_null();
    }
    Value of = shell_eval(s, to->parts[0]);
    if (!is_a(of, &row_class))
        RAISE(s->cx, 500, "attribute_error", "the attributes of a %s cannot be assigned to", value_type_name(of));
    shell_row_assign(s, (void *)of.object, to->text, v);
    return value_null();
}

static Value eval(Shell *s, const Ast *a)
{
    Arena *arena = s->cx->arena;
    switch (a->kind) {
    case AST_NAME:
        return name(s, a->text);
    case AST_CONSTANT:
        return value_copy(arena, a->value);
    case AST_ATTRIBUTE:
        return attribute(s, a);
    case AST_CALL:
        return call(s, a);
    case AST_INDEX:
        return item(s, a);
    case AST_LIST:
    case AST_TUPLE: {
        List *list = list_new(arena);
        for (size_t i = 0; i < a->n; i++)
            list_push(arena, list, shell_eval(s, a->parts[i]));
        return a->kind == AST_LIST ? value_list(list) : value_object(list, &shell_tuple_class);
    }
    case AST_MAP: {
        Map *map = map_new(arena);
        for (size_t i = 0; i < a->n; i += 2) {
            Value key = shell_eval(s, a->parts[i]);
            if (!value_is_text(key))
                RAISE(s->cx, 500, "type_error", "the keys of a dict are texts here");
            map_set(map, key.s, shell_eval(s, a->parts[i + 1]));
        }
        return value_map(map);
    }
    case AST_UNARY:
        return shell_unary(s, a->text, shell_eval(s, a->parts[0]));
    case AST_BINARY:
        return binary(s, a);
    case AST_ASSIGN:
        return assign(s, a);
    case AST_EACH:
        return each(s, a);
    case AST_PIECES:
        return pieces(s, a);
    case AST_SLICE:
    case AST_KEYWORD:
        break;
    }
    RAISE(s->cx, 500, "syntax_error", "this cannot stand here");
}

Value shell_eval(Shell *s, const Ast *a)
{
    if (s->depth >= 4 * SHELL_DEPTH_MAX)
        RAISE(s->cx, 500, "syntax_error", "this is nested too deeply");
    s->depth++;
    Value v = eval(s, a);
    s->depth--;
    return v;
}

Value shell_run(Shell *s, Str text)
{
    Program program;
    Str error;
    Value last = value_null();
    s->depth = 0;
    if (!shell_parse(s->cx->arena, str_copy(s->cx->arena, text), &program, &error))
        RAISE(s->cx, 400, "syntax_error", "%.*s", STR_FMT(error));
    for (size_t i = 0; i < program.n; i++)
        last = shell_eval(s, program.p[i]);
    return last;
}
