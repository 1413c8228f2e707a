/* eval.h: what the parts of the evaluator share. */
#ifndef SHELL_EVAL_H
#define SHELL_EVAL_H

#include "shell/ast.h"
#include <clef/base/map.h>
#include <clef/orm.h>
#include <clef/shell/shell.h>

enum { SHELL_LIST_MAX = 100000 };

/*
 * b.stock = F("stock") + 5: what save() and bulk_update() shall compute; b.stock = "x": what no column can hold, as
 * save() finds.
 */
typedef struct Pending {
    const void *row;
    const Field *field;
    const Expr *expr; /* NULL: done, or `wrong` */
    const Value *wrong;
    struct Pending *next;
} Pending;

/* An instance, and what was assigned to it so far: true, or false where it was None and the member cannot say so. */
typedef struct Made {
    const void *row;
    Map *given;
    bool fresh; /* made here: what was not given and has no default is None */
    struct Made *next;
} Made;

/* JSON that an attribute gave: the instance's own, which may be changed in place. */
typedef struct Shared {
    const void *row;
    const Field *field;
    Value value;
    struct Shared *next;
} Shared;

struct Shell {
    Context *cx;
    Map *variables;
    unsigned depth;
    Pending *pending;
    Made *made;
    Shared *shared;
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

/* Things that the language has beside plain values; all are VALUE_OBJECT of one of these classes (classes.c). */
CLEF_PRIVATE_DATA(const ValueClass, shell_model_class);    /* const Model * */
CLEF_PRIVATE_DATA(const ValueClass, shell_function_class); /* const ShellFunction * */
CLEF_PRIVATE_DATA(const ValueClass, shell_method_class);   /* Method * */
CLEF_PRIVATE_DATA(const ValueClass, shell_lambda_class);   /* const Ast * of AST_LAMBDA */
CLEF_PRIVATE_DATA(const ValueClass, shell_q_class);        /* Pred * */
CLEF_PRIVATE_DATA(const ValueClass, shell_related_class);  /* RelatedManager * */
CLEF_PRIVATE_DATA(const ValueClass, shell_tuple_class);    /* List * */
CLEF_PRIVATE_DATA(const ValueClass, shell_named_class);    /* NamedTuple * */
CLEF_PRIVATE_DATA(const ValueClass, shell_set_class);      /* List *, without equals */
CLEF_PRIVATE_DATA(const ValueClass, shell_dict_class);     /* Dict *: keys of any type; those of texts only are maps */
CLEF_PRIVATE_DATA(const ValueClass, shell_module_class);   /* Module * */
CLEF_PRIVATE_DATA(const ValueClass, shell_scope_class);    /* Scope *: what `with` takes */
CLEF_PRIVATE_DATA(const ValueClass, shell_field_class);    /* FieldType * */
CLEF_PRIVATE_DATA(const ValueClass, shell_query_class);    /* QuerySet *: queryset.query */
CLEF_PRIVATE_DATA(const ValueClass, shell_error_class);    /* ErrorType *: a class of errors */
CLEF_PRIVATE_DATA(const ValueClass, shell_prefetch_class); /* Prefetch * */
CLEF_PRIVATE_DATA(const ValueClass, shell_raised_class);   /* Error *: one that was caught */

typedef struct ShellFunction {
    const char *name;
    Value (*call)(Shell *s, const struct ShellFunction *self, Args args);
} ShellFunction;

typedef struct Method {
    Value self;
    Str name;
} Method;

/* post.tags: a manager of the rows on the other side. */
typedef struct RelatedManager {
    void *row;
    const char *name; /* as paths have it: "book" of book_set */
} RelatedManager;

typedef struct NamedTuple {
    const char *const *names;
    List *values;
} NamedTuple;

typedef struct Dict {
    List *keys, *values;
} Dict;

typedef struct Module {
    Str name; /* "django.utils.timezone" */
} Module;

typedef enum ScopeKind { SCOPE_ZONE, SCOPE_LANGUAGE, SCOPE_ATOMIC } ScopeKind;
typedef struct Scope {
    ScopeKind kind;
    const TimeZone *zone; /* NULL: the settings' */
    Str text;             /* the language; the alias of the database */
} Scope;

/* IntegerField(...), as output_field. */
typedef struct FieldType {
    const char *name;
    FieldKind kind;
    int max_length, max_digits, decimal_places;
} FieldType;

typedef struct ErrorType {
    Str name;
} ErrorType;

static inline bool is_a(Value v, const ValueClass *cls) { return v.tag == VALUE_OBJECT && v.cls == cls; }
static inline bool is_list(Value v)
{
    return v.tag == VALUE_LIST || is_a(v, &shell_tuple_class) || is_a(v, &shell_set_class) ||
           is_a(v, &shell_named_class);
}
static inline List *list_of(Value v)
{
    return v.tag == VALUE_LIST           ? v.list
           : is_a(v, &shell_named_class) ? ((const NamedTuple *)v.object)->values
                                         : (List *)v.object;
}

/* eval.c */
CLEF_PRIVATE(Value, shell_eval, Shell *s, const Ast *a);
CLEF_PRIVATE(Value, shell_call, Shell *s, Value callee, Args args);
CLEF_PRIVATE(Value, shell_attribute, Shell *s, Value v, Str name);
CLEF_PRIVATE(Value, shell_item, Shell *s, Value v, Value key);
/* Raises name_error. */
CLEF_PRIVATE(Value, shell_name, Shell *s, Str name);
/* Does the name mean something without a variable of that name? */
CLEF_PRIVATE(bool, shell_global, Shell *s, Str name, Value *out);
CLEF_PRIVATE(Value, shell_comprehension, Shell *s, const Ast *a);
/* run.c: statements; the value of the last one. */
CLEF_PRIVATE(Value, shell_statement, Shell *s, const Ast *a);
CLEF_PRIVATE(void, shell_assign, Shell *s, const Ast *to, Value v);

/* tools.c */
/* Every element of a list, a tuple, a queryset, a range. */
CLEF_PRIVATE(List *, shell_elements, Shell *s, Value v);
CLEF_PRIVATE(Value, shell_tuple, Shell *s, size_t n, const Value *p);
CLEF_PRIVATE(Value, shell_method, Shell *s, Value self, Str name);
/* A set of these; a dict of these, which is a map when all keys are texts. */
CLEF_PRIVATE(Value, shell_set, Shell *s, const List *elements);
CLEF_PRIVATE(Value, shell_dict, Shell *s, List *keys, List *values);
/* Keys and values of a map or a dict; false: it is neither. */
CLEF_PRIVATE(bool, shell_pairs, Shell *s, Value v, List **keys, List **values);
CLEF_PRIVATE(bool, shell_truth, Shell *s, Value v);
/* An argument that must be a text; `what` names the call in the error. */
CLEF_PRIVATE(const char *, shell_text, Shell *s, Value v, const char *what);
CLEF_PRIVATE(Boxed, shell_boxed, Shell *s, Value v);
CLEF_PRIVATE(void, shell_no_attribute, Shell *s, const char *type, Str name, const Str *candidates, size_t n)
CLEF_NORETURN;
/* The keyword's value; `otherwise` when it is not given. */
CLEF_PRIVATE(Value, shell_keyword, Args args, const char *name, Value otherwise);
/* The i-th argument, or the keyword. */
CLEF_PRIVATE(Value, shell_argument, Args args, size_t i, const char *name, Value otherwise);
/* The same arguments without this keyword; with the entries of a map behind them. */
CLEF_PRIVATE(Args, shell_without, Shell *s, Args args, const char *name);
CLEF_PRIVATE(Args, shell_with, Shell *s, Args args, Value map);
CLEF_PRIVATE(void, shell_expect, Shell *s, const char *name, Args args, size_t least, size_t most);
CLEF_PRIVATE(Value, shell_contains, Shell *s, Value in, Value v);

/* Tables of functions: expressions.c, fieldtypes.c, builtins.c, moments.c; tools.c looks in all of them. */
CLEF_PRIVATE_DATA(const ShellFunction *const, shell_expressions);
CLEF_PRIVATE_DATA(const ShellFunction *const, shell_field_types);
CLEF_PRIVATE_DATA(const ShellFunction *const, shell_builtins);
CLEF_PRIVATE_DATA(const ShellFunction *const, shell_moments);
CLEF_PRIVATE(const ShellFunction *, shell_function, Str name);
CLEF_PRIVATE(const ShellFunction *, shell_function_at, size_t i);
CLEF_PRIVATE(Str, shell_str, Shell *s, Value v);
CLEF_PRIVATE(Str, shell_repr, Shell *s, Value v);
/* format(v, spec) */
CLEF_PRIVATE(Str, shell_format, Shell *s, Value v, Str spec);
CLEF_PRIVATE(void, shell_sort, Shell *s, List *list, Value key, bool reverse);
/* moments.c: an attribute of a class ("datetime.now") or of a moment; false: there is none. */
CLEF_PRIVATE(bool, shell_moment_attribute, Shell *s, Value v, Str name, Value *out);
CLEF_PRIVATE(bool, shell_class_attribute, Shell *s, const ShellFunction *f, Str name, Value *out);
CLEF_PRIVATE(Value, shell_moment_call, Shell *s, const Method *m, Args args);
CLEF_PRIVATE(const TimeZone *, shell_zone, Shell *s, Value v);
/* modules.c: attributes of modules; what import binds. */
CLEF_PRIVATE(Value, shell_module_attribute, Shell *s, const Module *m, Str name);
CLEF_PRIVATE(Value, shell_module, Shell *s, Str name);
CLEF_PRIVATE(Value, shell_module_call, Shell *s, const Module *m, Str name, Args args);
/* operators.c */
CLEF_PRIVATE(Value, shell_unary, Shell *s, Str sign, Value v);
CLEF_PRIVATE(Value, shell_binary, Shell *s, Str sign, Value a, Value b);
CLEF_PRIVATE(bool, shell_compare, Shell *s, Str sign, Value a, Value b);
/* Conditions combined as by & | ^ and ~. */
CLEF_PRIVATE(Value, shell_q, Shell *s, Connector connector, const Pred *const *parts, size_t n);
/* What stands for a condition, as one: a Q, an expression; false: it is none. */
CLEF_PRIVATE(bool, shell_condition, Shell *s, Value v, Pred *out);
/* values.c: methods of texts, lists, maps, sets, numbers. */
CLEF_PRIVATE(bool, shell_value_method, Value v, Str name);
CLEF_PRIVATE(Value, shell_value_call, Shell *s, const Method *m, Args args);

/* expressions.c: methods of F and other expressions. */
CLEF_PRIVATE(bool, shell_expr_method, Str name);
CLEF_PRIVATE(Value, shell_expr_call, Shell *s, const Method *m, Args args);
CLEF_PRIVATE(Value, shell_expr_slice, Shell *s, Value v, const int64_t *from, const int64_t *to);
CLEF_PRIVATE(Value, shell_expr, Shell *s, const Expr *e);

/* methods.c: of querysets and of the managers of relations. `related` NULL: a queryset of its own. */
CLEF_PRIVATE(bool, shell_has_method, Str name, bool related);
CLEF_PRIVATE(const char *, shell_method_at, size_t i);
CLEF_PRIVATE(Value, shell_queryset_call, Shell *s, QuerySet *q, const RelatedManager *related, Str name, Args args);
/* An attribute that is no method: ordered, query, db, model; false: there is none. */
CLEF_PRIVATE(bool, shell_queryset_attribute, Shell *s, QuerySet *q, Str name, Value *out);
CLEF_PRIVATE(QuerySet *, shell_related_set, Shell *s, const RelatedManager *r);
/* A queryset, that of a relation's manager; NULL: it is neither. */
CLEF_PRIVATE(QuerySet *, shell_queryset, Shell *s, Value v);
/* What a queryset gives, with rows of values_list as tuples. */
CLEF_PRIVATE(List *, shell_rows, Shell *s, QuerySet *q);
/* Conditions of positional Qs and keywords, ended. */
CLEF_PRIVATE(const Pred *, shell_conditions, Shell *s, Args args);
/* Positional texts, ended by NULL; `what` names them in an error. */
CLEF_PRIVATE(const char *const *, shell_names, Shell *s, Args args, const char *what);
/* Expressions under their keywords; of aggregates alone, under the names that they have by themselves. */
/* `method` takes expressions only, and is named when there is something else; NULL: values will do. */
CLEF_PRIVATE(const NamedExpr *, shell_named, Shell *s, Args args, const char *method);
/* Positional names and expressions as terms. */
CLEF_PRIVATE(Values, shell_terms, Shell *s, Args args);
/* plainsql.c */
CLEF_PRIVATE(QuerySet *, shell_raw, Shell *s, QuerySet *q, Args args);
CLEF_PRIVATE(QuerySet *, shell_extra, Shell *s, QuerySet *q, Args args);
/* arguments.c: raises what Django raises of the arguments of this function. */
CLEF_PRIVATE(void, shell_check_arguments, Shell *s, const char *name, const Value *values, size_t n);

/* writes.c: false when the method is none that writes. */
CLEF_PRIVATE(bool, shell_write, Shell *s, QuerySet *q, const RelatedManager *related, Str name, Args args, Value *out);

/* rows.c: of rows of models. */
CLEF_PRIVATE(Value, shell_row_attribute, Shell *s, void *row, Str name);
CLEF_PRIVATE(void, shell_row_assign, Shell *s, void *row, Str name, Value v);
CLEF_PRIVATE(Value, shell_row_call, Shell *s, void *row, Str name, Args args);
CLEF_PRIVATE(void *, shell_new_row, Shell *s, const Model *m, Args args);
/* The expression that was assigned to the field and not saved yet, or NULL. */
CLEF_PRIVATE(const Expr *, shell_pending, Shell *s, const void *row, const Field *f);
CLEF_PRIVATE(Value, shell_model_attribute, Shell *s, const Model *m, Str name);
/* Writes the row, with what was assigned to it; `update_fields` NULL: all. */
CLEF_PRIVATE(void, shell_row_save, Shell *s, void *row, const char *const *update_fields);
/* Before an INSERT or UPDATE: raises where a column that cannot be NULL was given None, or nothing. */
CLEF_PRIVATE(void, shell_check_nulls, Shell *s, const void *row);

/* objects.c: _meta, _state, classes of choices, files. */
CLEF_PRIVATE(Value, shell_meta, const struct ModelInfo *info);
CLEF_PRIVATE(Value, shell_state, void *row);
CLEF_PRIVATE(Value, shell_file, Shell *s, Value name);
CLEF_PRIVATE(bool, shell_choices, const struct ModelInfo *info, Str name, Value *out);
/* A choice as its value, a file as its name; others as they are. */
CLEF_PRIVATE(Value, shell_simple, Value v);
CLEF_PRIVATE(bool, shell_object_attribute, Shell *s, Value v, Str name, Value *out);
CLEF_PRIVATE(bool, shell_object_call, Shell *s, const Method *m, Args args, Value *out);
CLEF_PRIVATE(bool, shell_state_assign, Shell *s, Value of, Str name, Value v);

/* notation.c: as Django's repr(). */
CLEF_PRIVATE(Str, shell_q_text, Shell *s, const Pred *p);
CLEF_PRIVATE(Str, shell_expr_text, Shell *s, const Expr *e);
CLEF_PRIVATE(Value, shell_percent, Shell *s, Str format, Value v);

#endif
