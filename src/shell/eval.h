/* eval.h: what the parts of the evaluator share. */
#ifndef SHELL_EVAL_H
#define SHELL_EVAL_H

#include "shell/ast.h"
#include <clef/base/map.h>
#include <clef/orm.h>
#include <clef/shell/shell.h>

enum { SHELL_LIST_MAX = 100000 };

struct Shell {
    Context *cx;
    Map *variables;
    unsigned depth;
};

/* Arguments of a call. */
typedef struct Args {
    const Value *p;
    size_t n;
    const struct Keyword *keywords;
    size_t nkeywords;
} Args;
typedef struct Keyword {
    Str name;
    Value value;
} Keyword;

/* Things that the language has beside plain values; all are VALUE_OBJECT of one of these classes. */
CLEF_PRIVATE_DATA(const ValueClass, shell_model_class);    /* const Model * */
CLEF_PRIVATE_DATA(const ValueClass, shell_function_class); /* const ShellFunction * */
CLEF_PRIVATE_DATA(const ValueClass, shell_method_class);   /* Method * */
CLEF_PRIVATE_DATA(const ValueClass, shell_q_class);        /* Pred * */
CLEF_PRIVATE_DATA(const ValueClass, shell_related_class);  /* Related * */
CLEF_PRIVATE_DATA(const ValueClass, shell_tuple_class);    /* List * */

typedef struct ShellFunction {
    const char *name;
    Value (*call)(Shell *s, const struct ShellFunction *self, Args args);
} ShellFunction;

typedef struct Method {
    Value self;
    Str name;
} Method;

/* post.tags: a manager of the rows on the other side. */
typedef struct Related {
    void *row;
    const char *name;
} Related;

static inline bool is_a(Value v, const ValueClass *cls) { return v.tag == VALUE_OBJECT && v.cls == cls; }
static inline bool is_list(Value v) { return v.tag == VALUE_LIST || is_a(v, &shell_tuple_class); }
static inline List *list_of(Value v) { return v.tag == VALUE_LIST ? v.list : (List *)v.object; }

CLEF_PRIVATE(Value, shell_eval, Shell *s, const Ast *a);
CLEF_PRIVATE(Value, shell_call, Shell *s, Value callee, Args args);
/* Every element of a list, a tuple, a queryset, a range. */
CLEF_PRIVATE(List *, shell_elements, Shell *s, Value v);
CLEF_PRIVATE(Value, shell_tuple, Shell *s, size_t n, const Value *p);
/* An argument that must be a text; `what` names the call in the error. */
CLEF_PRIVATE(const char *, shell_text, Shell *s, Value v, const char *what);
CLEF_PRIVATE(Boxed, shell_boxed, Shell *s, Value v);
CLEF_PRIVATE(void, shell_no_attribute, Shell *s, const char *type, Str name, const Str *candidates, size_t n)
CLEF_NORETURN;
/* The keyword's value; `otherwise` when it is not given. */
CLEF_PRIVATE(Value, shell_keyword, Args args, const char *name, Value otherwise);

/* functions.c: names that are always known. */
CLEF_PRIVATE(const ShellFunction *, shell_function, Str name);
CLEF_PRIVATE(const ShellFunction *, shell_function_at, size_t i);
/* operators.c */
CLEF_PRIVATE(Value, shell_unary, Shell *s, Str sign, Value v);
CLEF_PRIVATE(Value, shell_binary, Shell *s, Str sign, Value a, Value b);

/* methods.c: of querysets and of the managers of relations. `related` NULL: a queryset of its own. */
CLEF_PRIVATE(bool, shell_has_method, Str name, bool related);
CLEF_PRIVATE(const char *, shell_method_at, size_t i);
CLEF_PRIVATE(Value, shell_queryset_call, Shell *s, QuerySet *q, const Related *related, Str name, Args args);
/* Conditions of positional Qs and keywords, ended. */
CLEF_PRIVATE(const Pred *, shell_conditions, Shell *s, Args args);

/* rows.c: of rows of models. */
CLEF_PRIVATE(Value, shell_row_attribute, Shell *s, void *row, Str name);
CLEF_PRIVATE(void, shell_row_assign, Shell *s, void *row, Str name, Value v);
CLEF_PRIVATE(Value, shell_row_call, Shell *s, void *row, Str name, Args args);
CLEF_PRIVATE(void *, shell_new_row, Shell *s, const Model *m, Args args);

#endif
