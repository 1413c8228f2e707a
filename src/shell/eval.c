/* eval.c: runs the trees of expressions: names, attributes, calls, indexes, comprehensions. */
#include "shell/eval.h"
#include "orm/queryset.h"
#include <clef/base/vec.h>
#include <clef/i18n/locale.h>

Shell *shell_create(Context *cx)
{
    Shell *s = NEW(cx->arena, Shell);
    *s = (Shell){ .cx = cx, .variables = map_new(cx->arena) };
    return s;
}

bool shell_is_open(Str text) { return shell_goes_on(text); }

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

bool shell_global(Shell *s, Str name, Value *out)
{
    const Model *m = model_named(s, name);
    if (m)
        return *out = value_object(m, &shell_model_class), true;
    const ShellFunction *f = shell_function(name);
    if (f)
        return *out = value_object(f, &shell_function_class), true;
    *out = shell_module(s, name);
    if (out->tag != VALUE_NULL)
        return true;
    if (str_eq(name, STR("utc")))
        return *out = value_timezone(timezone_utc()), true;
    static const char *const errors[] = { "Error", "Exception", "DoesNotExist", "MultipleObjectsReturned", NULL };
    for (size_t i = 0; errors[i]; i++)
        if (str_ends(name, str_c(errors[i]))) {
            ErrorType *e = NEW(s->cx->arena, ErrorType);
            e->name = str_copy(s->cx->arena, name);
            return *out = value_object(e, &shell_error_class), true;
        }
    return false;
}

Value shell_name(Shell *s, Str text)
{
    Value *v = map_get(s->variables, text), found;
    if (v)
        return *v;
    if (shell_global(s, text, &found))
        return found;
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

static Value queryset_attribute(Shell *s, Value v, Str name)
{
    Value out;
    bool related = is_a(v, &shell_related_class);
    if (shell_has_method(name, related))
        return shell_method(s, v, name);
    if (shell_queryset_attribute(s, shell_queryset(s, v), name, &out))
        return out;
    VEC(Str) known = { 0 };
    for (size_t i = 0; shell_method_at(i); i++)
        VEC_PUSH(s->cx->arena, &known, str_c(shell_method_at(i)));
    shell_no_attribute(s, related ? "RelatedManager" : "QuerySet", name, known.p, known.n);
}

static bool object_attribute(Shell *s, Value v, Str name, Value *out)
{
    if (is_a(v, &shell_model_class))
        return *out = shell_model_attribute(s, v.object, name), true;
    if (is_a(v, &row_class))
        return *out = shell_row_attribute(s, (void *)v.object, name), true;
    if (is_a(v, &shell_related_class) || is_a(v, &queryset_class))
        return *out = queryset_attribute(s, v, name), true;
    if (is_a(v, &shell_module_class))
        return *out = shell_module_attribute(s, v.object, name), true;
    if (is_a(v, &shell_function_class))
        return shell_class_attribute(s, v.object, name, out);
    if (is_a(v, &shell_named_class) && value_item(s->cx->arena, v, value_str(name), out))
        return true;
    if (is_a(v, &shell_raised_class) && str_eq(name, STR("message")))
        return *out = value_str(((const Error *)v.object)->message), true;
    if (shell_object_attribute(s, v, name, out))
        return true;
    bool method = (is_a(v, &expr_class) && shell_expr_method(name)) ||
                  (is_a(v, &shell_query_class) && str_eq(name, STR("is_empty"))) || shell_value_method(v, name);
    return method && (*out = shell_method(s, v, name), true);
}

Value shell_attribute(Shell *s, Value v, Str name)
{
    Value out;
    if (object_attribute(s, v, name, &out) || shell_moment_attribute(s, v, name, &out))
        return out;
    if (str_eq(name, STR("__class__")) && is_a(v, &row_class))
        return value_object(row_model(v.object), &shell_model_class);
    shell_no_attribute(s, v.tag == VALUE_NULL ? "NoneType" : value_type_name(v), name, NULL, 0);
}

/* Book.objects is a queryset here, but has no delete(): all rows go by Book.objects.all().delete() alone. */
static void check_of_manager(Shell *s, const Ast *of, Value v, Str name)
{
    static const char *const others[] = { "delete", "ordered", "query" };
    Value model;
    for (size_t i = 0; i < CLEF_COUNT(others); i++)
        if (str_eq(name, str_c(others[i])) && is_a(v, &queryset_class) && of->kind == AST_ATTRIBUTE &&
            of->parts[0]->kind == AST_NAME && !map_get(s->variables, of->parts[0]->text) &&
            shell_global(s, of->parts[0]->text, &model) && is_a(model, &shell_model_class))
            shell_no_attribute(s, "Manager", name, NULL, 0);
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
    check_of_manager(s, of, v, a->text);
    return shell_attribute(s, v, a->text);
}

/* --- indexes */

static bool bound(Shell *s, const Ast *a, int64_t *out)
{
    Value v = a ? shell_eval(s, a) : value_null();
    if (v.tag != VALUE_INT && v.tag != VALUE_NULL)
        RAISE(s->cx, 500, "type_error", "slice indices must be integers or None");
    *out = v.i;
    return v.tag == VALUE_INT;
}

static int64_t clip(int64_t i, int64_t n, bool backwards)
{
    i = i < 0 ? i + n : i;
    return i < 0 ? (backwards ? -1 : 0) : i >= n ? (backwards ? n - 1 : n) : i;
}

static Value slice_of_query(Shell *s, QuerySet *q, const bool *given, const int64_t *at)
{
    if ((given[0] && at[0] < 0) || (given[1] && at[1] < 0))
        RAISE(s->cx, 500, "value_error", "Negative indexing is not supported.");
    if (given[2] && at[2] < 0)
        RAISE(s->cx, 500, "value_error", "Negative indexing is not supported.");
    if (q->raw) { /* its SQL stands: the rows are cut */
        List *all = shell_rows(s, q), *some = list_new(s->cx->arena);
        for (size_t i = given[0] ? (size_t)at[0] : 0; i < all->n && (!given[1] || i < (size_t)at[1]);
             i += given[2] ? (size_t)at[2] : 1)
            list_push(s->cx->arena, some, all->p[i]);
        return value_list(some);
    }
    q = SLICE(q, given[0] ? (size_t)at[0] : 0, given[1] ? (size_t)at[1] : QUERY_ALL);
    if (!given[2])
        return value_object(q, &queryset_class);
    List *of = shell_rows(s, q), *out = list_new(s->cx->arena);
    for (int64_t i = 0; i < (int64_t)of->n; i += at[2])
        list_push(s->cx->arena, out, of->p[i]);
    return value_list(out);
}

static Value slice(Shell *s, Value v, const Ast *a)
{
    int64_t at[3];
    bool given[3];
    for (size_t i = 0; i < 3; i++)
        given[i] = bound(s, a->parts[i], &at[i]);
    int64_t step = given[2] ? at[2] : 1;
    if (!step)
        RAISE(s->cx, 500, "value_error", "slice step cannot be zero");
    if (is_a(v, &expr_class) && given[2])
        RAISE(s->cx, 500, "value_error", "Step argument is not supported.");
    if (is_a(v, &expr_class))
        return shell_expr_slice(s, v, given[0] ? &at[0] : NULL, given[1] ? &at[1] : NULL);
    QuerySet *q = shell_queryset(s, v);
    if (q)
        return slice_of_query(s, q, given, at);
    List *of = shell_elements(s, v), *out = list_new(s->cx->arena);
    int64_t n = (int64_t)of->n;
    int64_t from = given[0] ? clip(at[0], n, step < 0) : step < 0 ? n - 1 : 0;
    int64_t to = given[1] ? clip(at[1], n, step < 0) : step < 0 ? -1 : n;
    for (int64_t i = from; step > 0 ? i < to : i > to; i += step)
        list_push(s->cx->arena, out, of->p[i]);
    if (value_is_text(v)) {
        Buf b = BUF_INIT(s->cx->arena, SHELL_TEXT_MAX * 4);
        for (size_t i = 0; i < out->n; i++)
            buf_str(&b, out->p[i].s);
        return value_str(buf_view(&b));
    }
    return is_a(v, &shell_tuple_class) ? value_object(out, &shell_tuple_class) : value_list(out);
}

Value shell_item(Shell *s, Value v, Value key)
{
    Value out;
    QuerySet *q = shell_queryset(s, v);
    if (v.tag == VALUE_MAP || is_a(v, &shell_dict_class)) {
        if (!value_item(s->cx->arena, v, key, &out))
            RAISE(s->cx, 500, "key_error", "%.*s", STR_FMT(shell_repr(s, key)));
        return out;
    }
    if (is_a(v, &expr_class) && key.tag == VALUE_INT)
        return shell_expr_slice(s, v, &key.i, &(int64_t){ key.i + 1 });
    if (!q && !value_is_iterable(v))
        RAISE(s->cx, 500, "type_error", "'%s' object is not subscriptable", value_type_name(v));
    if (key.tag != VALUE_INT && q)
        RAISE(s->cx, 500, "type_error", "QuerySet indices must be integers or slices, not %s.", value_type_name(key));
    if (key.tag != VALUE_INT)
        RAISE(s->cx, 500, "type_error", "indices must be integers or slices, not %s", value_type_name(key));
    if (q) {
        if (key.i < 0)
            RAISE(s->cx, 500, "value_error", "Negative indexing is not supported.");
        bool whole = q->raw || q->result; /* its rows are there already */
        const List *one = shell_rows(s, whole ? q : SLICE(q, (size_t)key.i, (size_t)key.i + 1));
        if (whole && (size_t)key.i < one->n)
            return one->p[key.i];
        if (whole)
            RAISE(s->cx, 500, "index_error", "list index out of range");
        if (!one->n)
            RAISE(s->cx, 500, "index_error", "list index out of range");
        return one->p[0];
    }
    List *list = shell_elements(s, v);
    int64_t i = key.i < 0 ? key.i + (int64_t)list->n : key.i;
    if (i < 0 || i >= (int64_t)list->n)
        RAISE(s->cx, 500, "index_error", "%s index out of range", value_type_name(v));
    return list->p[i];
}

static Value item(Shell *s, const Ast *a)
{
    Value v = shell_eval(s, a->parts[0]);
    if (a->parts[1]->kind == AST_SLICE)
        return slice(s, v, a->parts[1]);
    return shell_item(s, v, shell_eval(s, a->parts[1]));
}

/* --- calls */

static Value call_lambda(Shell *s, const Ast *a, Args args)
{
    size_t n = a->n - 1;
    Value *before = NEW_ARRAY(s->cx->arena, Value, n + 1);
    bool *had = NEW_ARRAY(s->cx->arena, bool, n + 1);
    if (args.n != n || args.nkeywords)
        RAISE(s->cx, 500, "type_error", "<lambda>() takes %zu positional arguments but %zu were given", n, args.n);
    for (size_t i = 0; i < n; i++) {
        Value *v = map_get(s->variables, a->parts[i + 1]->text);
        had[i] = v != NULL;
        before[i] = v ? *v : value_null();
        map_set(s->variables, a->parts[i + 1]->text, args.p[i]);
    }
    Value out = shell_eval(s, a->parts[0]);
    for (size_t i = n; i-- > 0;)
        had[i] ? (void)map_set(s->variables, a->parts[i + 1]->text, before[i])
               : (void)map_delete(s->variables, a->parts[i + 1]->text);
    return out;
}

static Value call_method(Shell *s, const Method *m, Args args)
{
    Value self = m->self;
    if (is_a(self, &row_class))
        return shell_row_call(s, (void *)self.object, m->name, args);
    if (is_a(self, &queryset_class))
        return shell_queryset_call(s, (QuerySet *)self.object, NULL, m->name, args);
    if (is_a(self, &shell_related_class))
        return shell_queryset_call(s, shell_related_set(s, self.object), self.object, m->name, args);
    Value out;
    if (shell_object_call(s, m, args, &out))
        return out;
    if (is_a(self, &shell_query_class))
        return value_bool(((const QuerySet *)self.object)->none);
    if (is_a(self, &expr_class))
        return shell_expr_call(s, m, args);
    if (is_a(self, &shell_module_class))
        return shell_module_call(s, self.object, m->name, args);
    if (shell_value_method(self, m->name))
        return shell_value_call(s, m, args);
    return shell_moment_call(s, m, args);
}

Value shell_call(Shell *s, Value callee, Args args)
{
    if (is_a(callee, &shell_function_class)) {
        const ShellFunction *f = callee.object;
        return f->call(s, f, args);
    }
    if (is_a(callee, &shell_model_class))
        return value_object(shell_new_row(s, callee.object, args), &row_class);
    if (is_a(callee, &shell_lambda_class))
        return call_lambda(s, callee.object, args);
    if (is_a(callee, &shell_method_class))
        return call_method(s, callee.object, args);
    RAISE(s->cx, 500, "type_error", "'%s' object is not callable", value_type_name(callee));
}

static Value call(Shell *s, const Ast *a)
{
    Arena *arena = s->cx->arena;
    Value callee = shell_eval(s, a->parts[0]);
    VEC(Value) values = { 0 };
    Keyword *keywords = NEW_ARRAY(arena, Keyword, a->n);
    Args args = { .keywords = keywords };
    for (size_t i = 1; i < a->n; i++) {
        const Ast *part = a->parts[i];
        if (part->kind == AST_KEYWORD) {
            keywords[args.nkeywords++] = (Keyword){ part->text, shell_eval(s, part->parts[0]) };
        } else if (part->kind == AST_STAR) {
            const List *list = shell_elements(s, shell_eval(s, part->parts[0]));
            for (size_t k = 0; k < list->n; k++)
                VEC_PUSH(arena, &values, list->p[k]);
        } else if (part->kind != AST_STARS) {
            VEC_PUSH(arena, &values, shell_eval(s, part));
        }
    }
    args.p = values.p;
    args.n = values.n;
    for (size_t i = 1; i < a->n; i++)
        if (a->parts[i]->kind == AST_STARS)
            args = shell_with(s, args, shell_eval(s, a->parts[i]->parts[0]));
    return shell_call(s, callee, args);
}

/* --- comprehensions */

typedef struct Each {
    const Ast *a;
    List *out;
} Each;

static void each_clause(Shell *s, const Each *e, size_t at)
{
    if (at == e->a->n) {
        if (e->out->n >= SHELL_LIST_MAX)
            RAISE(s->cx, 500, "overflow_error", "a comprehension gives at most %d elements", SHELL_LIST_MAX);
        list_push(s->cx->arena, e->out, shell_eval(s, e->a->parts[0]));
        return;
    }
    const List *over = shell_elements(s, shell_eval(s, e->a->parts[at + 1]));
    const Ast *condition = e->a->parts[at + 2];
    for (size_t i = 0, n = over->n; i < n; i++) {
        shell_assign(s, e->a->parts[at], over->p[i]);
        if (!condition || shell_truth(s, shell_eval(s, condition)))
            each_clause(s, e, at + 3);
    }
}

/* The variables of a comprehension are its own. */
static void names_in(Shell *s, const Ast *target, Map *out)
{
    Value *v = target->kind == AST_NAME ? map_get(s->variables, target->text) : NULL;
    if (target->kind == AST_NAME)
        map_set(out, target->text, v ? value_list(list_new(s->cx->arena)) : value_null());
    if (v)
        list_push(s->cx->arena, map_get(out, target->text)->list, *v);
    for (size_t i = 0; (target->kind == AST_TUPLE || target->kind == AST_LIST) && i < target->n; i++)
        names_in(s, target->parts[i], out);
}

Value shell_comprehension(Shell *s, const Ast *a)
{
    Each e = { a, list_new(s->cx->arena) };
    Map *before = map_new(s->cx->arena);
    MapEntry *was;
    for (size_t i = 1; i < a->n; i += 3)
        names_in(s, a->parts[i], before);
    each_clause(s, &e, 1);
    for (size_t at = 0; (was = map_next(before, &at)) != NULL;)
        was->value.tag == VALUE_LIST ? (void)map_set(s->variables, was->key, was->value.list->p[0])
                                     : (void)map_delete(s->variables, was->key);
    if (a->text.p[0] == '{')
        return shell_set(s, e.out);
    if (a->text.p[0] != ':')
        return value_list(e.out);
    List *keys = list_new(s->cx->arena), *values = list_new(s->cx->arena);
    for (size_t i = 0; i < e.out->n; i++) {
        list_push(s->cx->arena, keys, list_of(e.out->p[i])->p[0]);
        list_push(s->cx->arena, values, list_of(e.out->p[i])->p[1]);
    }
    return shell_dict(s, keys, values);
}

/* --- the rest */

static Value pieces(Shell *s, const Ast *a)
{
    Buf b = BUF_INIT(s->cx->arena, SHELL_TEXT_MAX * 4);
    for (size_t i = 0; i < a->n; i++) {
        const Ast *part = a->parts[i];
        if (part->kind != AST_FORMAT) {
            buf_str(&b, shell_str(s, shell_eval(s, part)));
            continue;
        }
        Value v = shell_eval(s, part->parts[0]);
        if (part->text.n)
            v = value_str(part->text.p[0] == 's' ? shell_str(s, v) : shell_repr(s, v));
        buf_str(&b, part->value.tag == VALUE_STR ? shell_format(s, v, part->value.s) : shell_str(s, v));
    }
    return value_str(buf_view(&b));
}

static Value binary(Shell *s, const Ast *a)
{
    bool is_and = str_eq(a->text, STR("and"));
    Value left = shell_eval(s, a->parts[0]);
    if (is_and || str_eq(a->text, STR("or")))
        return shell_truth(s, left) == is_and ? shell_eval(s, a->parts[1]) : left;
    return shell_binary(s, a->text, left, shell_eval(s, a->parts[1]));
}

static Value comparison(Shell *s, const Ast *a)
{
    Value left = shell_eval(s, a->parts[0]);
    for (size_t i = 1; i + 1 < a->n; i += 2) {
        Value right = shell_eval(s, a->parts[i + 1]);
        if (!shell_compare(s, a->parts[i]->text, left, right))
            return value_bool(false);
        left = right;
    }
    return value_bool(true);
}

static List *elements(Shell *s, const Ast *a)
{
    List *list = list_new(s->cx->arena);
    for (size_t i = 0; i < a->n; i++) {
        if (a->parts[i]->kind != AST_STAR) {
            list_push(s->cx->arena, list, shell_eval(s, a->parts[i]));
            continue;
        }
        const List *more = shell_elements(s, shell_eval(s, a->parts[i]->parts[0]));
        for (size_t k = 0; k < more->n; k++)
            list_push(s->cx->arena, list, more->p[k]);
    }
    return list;
}

static Value map(Shell *s, const Ast *a)
{
    List *keys = list_new(s->cx->arena), *values = list_new(s->cx->arena), *k, *v;
    for (size_t i = 0; i < a->n; i += 2) {
        if (a->parts[i]) {
            list_push(s->cx->arena, keys, shell_eval(s, a->parts[i]));
            list_push(s->cx->arena, values, shell_eval(s, a->parts[i + 1]));
            continue;
        }
        Value other = shell_eval(s, a->parts[i + 1]);
        if (!shell_pairs(s, other, &k, &v))
            RAISE(s->cx, 500, "type_error", "'%s' object is not a mapping", value_type_name(other));
        for (size_t j = 0; j < k->n; j++) {
            list_push(s->cx->arena, keys, k->p[j]);
            list_push(s->cx->arena, values, v->p[j]);
        }
    }
    return shell_dict(s, keys, values);
}

static Value eval(Shell *s, const Ast *a)
{
    switch (a->kind) {
    case AST_NAME:
        return shell_name(s, a->text);
    case AST_CONSTANT:
        return value_copy(s->cx->arena, a->value);
    case AST_ATTRIBUTE:
        return attribute(s, a);
    case AST_CALL:
        return call(s, a);
    case AST_INDEX:
        return item(s, a);
    case AST_LIST:
        return value_list(elements(s, a));
    case AST_TUPLE:
        return value_object(elements(s, a), &shell_tuple_class);
    case AST_SET:
        return shell_set(s, elements(s, a));
    case AST_MAP:
        return map(s, a);
    case AST_UNARY:
        return shell_unary(s, a->text, shell_eval(s, a->parts[0]));
    case AST_BINARY:
        return binary(s, a);
    case AST_COMPARE:
        return comparison(s, a);
    case AST_CHOICE:
        return shell_eval(s, a->parts[shell_truth(s, shell_eval(s, a->parts[0])) ? 1 : 2]);
    case AST_LAMBDA:
        return value_object(a, &shell_lambda_class);
    case AST_EACH:
        return shell_comprehension(s, a);
    case AST_PIECES:
        return pieces(s, a);
    case AST_SLICE:
    case AST_KEYWORD:
    case AST_STAR:
    case AST_STARS:
    case AST_FORMAT:
        break;
    default:
        return shell_statement(s, a);
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
