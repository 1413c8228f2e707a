/* node.h: expressions and conditions that were understood: names as columns of joined tables, values as their column's. */
#ifndef ORM_NODE_H
#define ORM_NODE_H

#include "orm/dialect.h"
#include <clef/orm/expr.h>

/* A step over a relation: along it, or against it, from the row that is referred to to those that refer. */
typedef struct Hop {
    const FieldInfo *field;
    bool reverse;
} Hop;
static inline const ModelInfo *hop_to(Hop h) { return h.reverse ? h.field->model : h.field->to; }
static inline const FieldInfo *hop_left(Hop h) { return h.reverse ? h.field->to_field : h.field; }
static inline const FieldInfo *hop_right(Hop h) { return h.reverse ? h.field : h.field->to_field; }
/* Can it lead to several rows? To none? */
static inline bool hop_is_many(Hop h) { return h.reverse && h.field->f->kind != FIELD_ONE_TO_ONE; }
static inline bool hop_is_nullable(Hop h) { return h.reverse || h.field->f->null; }

/* A table of a query. The first is the model's own, and has no hop. */
typedef struct Join {
    uint32_t parent;
    Hop hop;
    bool left;
} Join;

typedef enum NodeKind {
    NODE_COLUMN,    /* field of join */
    NODE_VALUE,     /* a parameter */
    NODE_CALL,      /* fn of args */
    NODE_AGGREGATE, /* fn of args; where */
    NODE_CASE,      /* args: condition, result, ..., and the last result */
    NODE_COMPARE,   /* op of args[0] and the others, or of args[0] and query */
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_SUBQUERY, /* query: its first column of its first row */
    NODE_EXISTS,   /* query */
    NODE_OUTER,    /* name: a column of the query around; known when that query is written */
    NODE_INNER     /* join: a column of the subquery that an aggregate runs over */
} NodeKind;

typedef struct Node Node;
struct Node {
    NodeKind kind;
    Op op;
    uint32_t join;
    bool aggregate; /* it, or a part of it */
    bool distinct;
    bool nullable;
    const FieldInfo *out; /* whose type it has; NULL: not known */
    const FieldInfo *field;
    const struct Function *fn;
    Value value;
    const Node **args;
    size_t n;
    const Node *where;
    const QuerySet *query;
    const struct OuterName *outers; /* what query asks of the query around */
    Str name;
};

/* An OuterRef of a subquery, as the query around understands it. */
typedef struct OuterName {
    const struct OuterName *next;
    Str name;
    const Node *node;
} OuterName;

/* While a queryset takes a condition or an expression. */
typedef struct Resolving {
    QuerySet *q; /* a copy that nobody else has */
    bool *used; /* per join: made by this condition, so another part of it may go the same way; NULL: any may be used */
    size_t nused;
    bool negated;    /* under a NOT: conditions over many rows become subqueries */
    bool summarizes; /* aggregates run over a subquery, whose columns may be aggregates */
    unsigned depth;
} Resolving;

/* names.c: "author->email", "books__pk", "published__year__gte": relations, then a column, then transforms and a lookup. */
typedef struct Names {
    Hop hops[QUERY_MAX_DEPTH];
    size_t n;
    const FieldInfo *field; /* the column */
    const FieldInfo *asked; /* the relation that was named last, when the text ended there; else NULL */
    Str rest;               /* what follows the column; the NULL string: nothing */
} Names;
/* Raises "field_error" when the first name is none, or when something that is no lookup follows. */
CLEF_PRIVATE(void, names_resolve, Context *cx, const ModelInfo *info, Str text, Names *out);
CLEF_PRIVATE(bool, names_cut, Str *rest, Str *name);
CLEF_PRIVATE(void, names_unknown, Context *cx, const ModelInfo *info, Str name, const QuerySet *q) CLEF_NORETURN;
/* "product.name", where the struct has its base by value, is "name". */
CLEF_PRIVATE(Str, names_without_parts, Arena *a, Str path);
/* The ManyToManyField of this name, of the model or of a base; NULL. */
CLEF_PRIVATE(const FieldInfo *, names_between, const ModelInfo *info, Str name);
/* Puts the relation that leads to `info`, or to a base of it, under this name into *out. */
CLEF_PRIVATE(bool, names_reverse, const ModelInfo *info, Str name, const FieldInfo **out);

/* join.c: the table at the end of the names, joined or found among those that are; trims what need not be joined. */
CLEF_PRIVATE(const Node *, join_column, Resolving *r, const Names *names);
CLEF_PRIVATE(uint32_t, join_add, Resolving *r, uint32_t parent, Hop hop);
/* The table of a base of the queryset's model, joined. */
CLEF_PRIVATE(uint32_t, join_base, Resolving *r, const ModelInfo *base);

/* expr.c */
CLEF_PRIVATE(const Node *, expr_resolve, Resolving *r, const Expr *e);
/* What a boxed argument stands for; text is the name of a field when `names`. `like`: whose values it is compared with, or NULL. */
CLEF_PRIVATE(const Node *, boxed_resolve, Resolving *r, const Boxed *b, bool names, const FieldInfo *like);
/* "n", "author__name", "-" not among it: an annotation or a column, with transforms. */
CLEF_PRIVATE(const Node *, name_resolve, Resolving *r, Str name);
CLEF_PRIVATE(const Node *, node_value, Context *cx, Value v, const FieldInfo *out);
CLEF_PRIVATE(Node *, node_new, Context *cx, NodeKind kind, size_t nargs);
CLEF_PRIVATE(const Node *, node_subquery, Resolving *r, NodeKind kind, const QuerySet *q);

/* functions.c: what the database can compute, by Django's name. */
struct Function {
    const char *name;
    /* "LOWER(%)": % is the list of arguments, $1 $2 single ones. "@date", "@instant", "@time": a part, or the day or the
     * time, of such a moment, whose template the dialect has. */
    const char *sql;
    FieldKind out;    /* FIELD_NONE: that of the first argument that has one */
    bool texts_stand; /* a text among the arguments is a text, not a name */
    int least, most;  /* arguments; most 0: any number */
};
/* On this database; NULL: it has none. */
CLEF_PRIVATE(const char *, function_template, Context *cx, const Dialect *d, const Function *fn);
CLEF_PRIVATE(const Function *, function_find, Str name);
CLEF_PRIVATE(const Function *, aggregate_find, Str name);
/* A transform of a lookup path ("year", "lower"); NULL. */
CLEF_PRIVATE(const Function *, transform_find, Str name, const FieldInfo *of);
CLEF_PRIVATE(const Node *, function_call, Resolving *r, const Function *fn, const Node *const *args, size_t n);
/* A field of this kind that is in no model: the type of what is computed. */
CLEF_PRIVATE(const FieldInfo *, type_field, FieldKind kind);

/* fit.c: values as columns want them; raise "value_error" with Django's sentences. */
CLEF_PRIVATE(Value, value_for_field, Context *cx, const FieldInfo *field, Value v);
CLEF_PRIVATE(Value, value_for_pattern, Context *cx, Op op, Value v);
CLEF_PRIVATE(List *, values_for_field, Context *cx, const FieldInfo *field, Op op, Value v);
/* What a database gave for something of this type, as users see it. */
CLEF_PRIVATE(Value, value_from_column, Context *cx, const FieldInfo *out, const Value *cell);

/* where.c */
CLEF_PRIVATE(const char *, op_name, Op op);
CLEF_PRIVATE(bool, op_find, Str name, Op *op);
CLEF_PRIVATE(const Node *, where_resolve, Resolving *r, const Pred *preds, Connector connector);
CLEF_PRIVATE(const Node *, node_and, Context *cx, const Node *a, const Node *b);

#endif
