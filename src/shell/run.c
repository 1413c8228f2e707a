/* run.c: statements: assignments, loops, `with`, `try`, imports. */
#include "orm/info.h"
#include "shell/eval.h"
#include <clef/i18n/locale.h>

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

/* --- assignments */

static void unpack(Shell *s, const Ast *to, Value v)
{
    const List *list = shell_elements(s, v);
    if (list->n != to->n)
        RAISE(s->cx, 500, "value_error",
              list->n > to->n ? "too many values to unpack (expected %zu, got %zu)"
                              : "not enough values to unpack (expected %zu, got %zu)",
              to->n, list->n);
    for (size_t i = 0; i < to->n; i++)
        shell_assign(s, to->parts[i], list->p[i]);
}

static void set_item(Shell *s, const Ast *to, Value v)
{
    if (to->parts[1]->kind == AST_SLICE)
        RAISE(s->cx, 500, "type_error", "slices cannot be assigned to here");
    Value of = shell_eval(s, to->parts[0]), key = shell_eval(s, to->parts[1]);
    if (of.tag == VALUE_MAP && value_is_text(key)) {
        map_set(of.map, str_copy(s->cx->arena, key.s), v);
    } else if (is_a(of, &shell_dict_class)) {
        const Dict *d = of.object;
        for (size_t i = 0; i < d->keys->n; i++)
            if (value_eq(d->keys->p[i], key)) {
                d->values->p[i] = v;
                return;
            }
        list_push(s->cx->arena, d->keys, key);
        list_push(s->cx->arena, d->values, v);
    } else if (of.tag == VALUE_LIST && key.tag == VALUE_INT) {
        int64_t i = key.i < 0 ? key.i + (int64_t)of.list->n : key.i;
        if (i < 0 || i >= (int64_t)of.list->n)
            RAISE(s->cx, 500, "index_error", "list assignment index out of range");
        of.list->p[i] = v;
    } else {
        RAISE(s->cx, 500, "type_error", "'%s' object does not support item assignment", value_type_name(of));
    }
}

void shell_assign(Shell *s, const Ast *to, Value v)
{
    if (to->kind == AST_NAME) {
        map_set(s->variables, str_copy(s->cx->arena, to->text), v);
    } else if (to->kind == AST_TUPLE || to->kind == AST_LIST) {
        unpack(s, to, v);
    } else if (to->kind == AST_INDEX) {
        set_item(s, to, v);
    } else {
        Value of = shell_eval(s, to->parts[0]);
        if (shell_state_assign(s, of, to->text, v))
            return;
        if (!is_a(of, &row_class))
            RAISE(s->cx, 500, "attribute_error", "the attributes of a %s cannot be assigned to", value_type_name(of));
        shell_row_assign(s, (void *)of.object, to->text, v);
    }
}

static Value assign(Shell *s, const Ast *a)
{
    Value v = shell_eval(s, a->parts[a->n - 1]);
    for (size_t i = 0; i + 1 < a->n; i++)
        shell_assign(s, a->parts[i], v);
    return value_null();
}

static Value delete (Shell *s, const Ast *of)
{
    if (of->kind == AST_TUPLE) {
        for (size_t i = 0; i < of->n; i++)
            delete (s, of->parts[i]);
    } else if (of->kind == AST_NAME) {
        if (!map_delete(s->variables, of->text))
            RAISE(s->cx, 500, "name_error", "name '%.*s' is not defined", STR_FMT(of->text));
    } else if (of->kind == AST_INDEX && of->parts[1]->kind != AST_SLICE) {
        Value v = shell_eval(s, of->parts[0]), key = shell_eval(s, of->parts[1]);
        if (v.tag != VALUE_MAP || !value_is_text(key) || !map_delete(v.map, key.s))
            RAISE(s->cx, 500, "key_error", "%.*s", STR_FMT(shell_repr(s, key)));
    } else {
        RAISE(s->cx, 500, "type_error", "this cannot be deleted here");
    }
    return value_null();
}

/* --- blocks */

static Value block(Shell *s, const Ast *a)
{
    Value last = value_null();
    for (size_t i = 0; i < a->n; i++)
        last = shell_eval(s, a->parts[i]);
    return last;
}

static Value loop(Shell *s, const Ast *a)
{
    const List *over = shell_elements(s, shell_eval(s, a->parts[1]));
    for (size_t i = 0, n = over->n; i < n; i++) {
        shell_assign(s, a->parts[0], over->p[i]);
        shell_eval(s, a->parts[2]);
    }
    return value_null();
}

static Value with(Shell *s, const Ast *a)
{
    Value v = shell_eval(s, a->parts[0]), last = value_null();
    if (!is_a(v, &shell_scope_class))
        RAISE(s->cx, 500, "type_error", "'%s' object does not support the context manager protocol",
              value_type_name(v));
    const Scope *scope = v.object;
    if (a->parts[1])
        shell_assign(s, a->parts[1], value_null());
    if (scope->kind == SCOPE_ATOMIC) {
        ATOMIC(s->cx, .using = scope->text)
        last = shell_eval(s, a->parts[2]);
        return last;
    }
    const Locale *locale =
        scope->kind == SCOPE_ZONE ? locale_with_zone(s->cx, scope->zone) : locale_with_language(s->cx, scope->text);
    LOCALE_OVERRIDE(s->cx, locale)
    last = shell_eval(s, a->parts[2]);
    return last;
}

/* --- try */

typedef struct Tried {
    Shell *s;
    const Ast *a;
    Value last;
} Tried;

static void try_block(Context *cx, void *arg)
{
    Tried *t = arg;
    (void)cx;
    t->last = shell_eval(t->s, t->a);
}

static bool catches(Shell *s, Value type, const Error *e)
{
    if (is_a(type, &shell_tuple_class)) {
        for (size_t i = 0; i < list_of(type)->n; i++)
            if (catches(s, list_of(type)->p[i], e))
                return true;
        return false;
    }
    if (!is_a(type, &shell_error_class))
        RAISE(s->cx, 500, "type_error", "catching classes that do not inherit from BaseException is not allowed");
    Str name = ((const ErrorType *)type.object)->name, raised = shell_error_name(s->cx, e);
    if (str_eq(name, raised) || str_eq(name, STR("Exception")) || str_eq(name, STR("BaseException")))
        return true;
    if (str_eq(name, STR("ObjectDoesNotExist")))
        return str_ends(raised, STR("DoesNotExist"));
    bool of_database = str_eq(raised, STR("IntegrityError")) || str_eq(raised, STR("OperationalError")) ||
                       str_eq(raised, STR("DataError")) || str_eq(raised, STR("ProgrammingError")) ||
                       str_eq(raised, STR("NotSupportedError")) || str_eq(raised, STR("ProtectedError")) ||
                       str_eq(raised, STR("RestrictedError"));
    return (of_database && (str_eq(name, STR("DatabaseError")) ||
                            (str_eq(name, STR("IntegrityError")) && str_ends(raised, STR("edError"))))) ||
           (str_eq(name, STR("LookupError")) && (str_eq(raised, STR("KeyError")) || str_eq(raised, STR("IndexError"))));
}

static Value attempted(Shell *s, const Ast *a)
{
    Tried t = { .s = s, .a = a->parts[0] };
    unsigned depth = s->depth;
    const Error *e = attempt(s->cx, try_block, &t);
    if (!e)
        return t.last;
    s->depth = depth;
    Error *kept = NEW(s->cx->arena, Error);
    *kept = *e;
    kept->message = str_copy(s->cx->arena, e->message);
    for (size_t i = 1; i + 2 < a->n; i += 3) {
        if (a->parts[i] && !catches(s, shell_eval(s, a->parts[i]), kept))
            continue;
        if (a->parts[i + 1])
            shell_assign(s, a->parts[i + 1], value_object(kept, &shell_raised_class));
        return shell_eval(s, a->parts[i + 2]);
    }
    context_raise_error(s->cx, kept);
}

/* --- imports */

/* Everything that can be imported is known without; `as` gives it another name. */
static Value import(Shell *s, const Ast *a)
{
    if (!a->n) {
        Value m = shell_module(s, a->text);
        if (m.tag == VALUE_NULL && !shell_global(s, a->text, &m))
            RAISE(s->cx, 500, "import_error", "No module named '%.*s'", STR_FMT(a->text));
        map_set(s->variables, a->value.s, m);
        return value_null();
    }
    for (size_t i = 0; i < a->n; i++) {
        Value v;
        Str name = a->parts[i]->text, as = a->parts[i]->parts[0]->text;
        if (!shell_global(s, name, &v))
            RAISE(s->cx, 500, "import_error", "cannot import name '%.*s' from '%.*s'", STR_FMT(name), STR_FMT(a->text));
        map_set(s->variables, str_copy(s->cx->arena, as), v);
    }
    return value_null();
}

Value shell_statement(Shell *s, const Ast *a)
{
    switch (a->kind) {
    case AST_ASSIGN:
        return assign(s, a);
    case AST_AUGMENT:
        shell_assign(s, a->parts[0], shell_binary(s, a->text, shell_eval(s, a->parts[0]), shell_eval(s, a->parts[1])));
        return value_null();
    case AST_BLOCK:
        return block(s, a);
    case AST_FOR:
        return loop(s, a);
    case AST_IF:
        if (shell_truth(s, shell_eval(s, a->parts[0])))
            return shell_eval(s, a->parts[1]);
        return a->parts[2] ? shell_eval(s, a->parts[2]) : value_null();
    case AST_WITH:
        return with(s, a);
    case AST_TRY:
        return attempted(s, a);
    case AST_IMPORT:
        return import(s, a);
    case AST_DELETE:
        return delete (s, a->parts[0]);
    case AST_ASSERT: {
        const Ast *of = a->parts[0]->kind == AST_TUPLE && a->parts[0]->n == 2 ? a->parts[0]->parts[0] : a->parts[0];
        if (!shell_truth(s, shell_eval(s, of)))
            RAISE(s->cx, 500, "assertion_error", "the assertion failed");
        return value_null();
    }
    default:
        return value_null();
    }
}
