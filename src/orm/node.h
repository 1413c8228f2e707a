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
static inline bool hop_is_nullable(Hop h) { return h.reverse || h.field->f->null || h.field->type; }

/* A table of a query. The first is the model's own, and has no hop. */
typedef struct Join {
    uint32_t parent;
    Hop hop;
    bool left;
    const struct Filtered *filtered; /* only the rows that meet its condition */
} Join;

/* A FilteredRelation. */
typedef struct Filtered {
    Str name;           /* of it */
    Str relation;       /* "books" */
    const QuerySet *on; /* the rows that meet its condition */
    const ModelInfo *to;
} Filtered;

typedef enum NodeKind {
    NODE_COLUMN,    /* field of join */
    NODE_VALUE,     /* a parameter */
    NODE_CALL,      /* fn of args */
    NODE_AGGREGATE, /* fn of args; where */
    NODE_CASE,      /* args: condition, result, ..., and the last result */
    NODE_COMPARE,   /* op of args[0] and the others, or of args[0] and query */
    NODE_AND,
    NODE_OR,
    NODE_XOR,
    NODE_NOT,
    NODE_SUBQUERY, /* query: its first column of its first row */
    NODE_EXISTS,   /* query */
    NODE_OUTER,    /* name: a column of the query around; known when that query is written */
    NODE_INNER,    /* join: a column of the subquery that an aggregate runs over */
    NODE_WINDOW,   /* args[0] over a window: then its partition, then its order */
    NODE_ORDER,    /* args[0], in an order */
    NODE_KEY,      /* keys of the JSON in args[0] */
    NODE_RAW,      /* detail: SQL; args: its parameters */
    NODE_ALIAS     /* name: a column of the query that this one is wrapped around */
} NodeKind;

/* What a NODE_WINDOW's arguments are, behind the first. */
typedef struct WindowParts {
    size_t npartition, norder;
    WindowFrame frame;
} WindowParts;

typedef enum NullsPlace { NULLS_ANYWHERE, NULLS_FIRST, NULLS_LAST } NullsPlace;

typedef struct Node Node;
struct Node {
    NodeKind kind;
    Op op;
    uint32_t join;
    bool aggregate; /* it, or a part of it */
    bool window;    /* the same */
    bool distinct;
    bool nullable;
    bool unguarded; /* a NULL under a NOT is left as it is: what annotations are compared with */
    bool descending;
    NullsPlace nulls;
    bool as_text;         /* a key of JSON as a text */
    bool literal;         /* a value among expressions: a decimal is cast */
    const FieldInfo *out; /* whose type it has; NULL: not known */
    Str trouble;          /* why `out` is not known, to be raised when its type is asked for */
    const FieldInfo *field;
    const struct Function *fn;
    Value value;
    const Node **args;
    size_t n;
    const Node *where;
    const QuerySet *query;
    const struct OuterName *outers; /* what query asks of the query around */
    Str name;
    Str detail;           /* Extract, Trunc: the part; Collate: the collation; Func: the function; NODE_RAW */
    const TimeZone *zone; /* Extract, Trunc */
    const Str *keys;      /* NODE_KEY, and the lookups that search for keys */
    size_t nkeys;
    const Node *guard; /* NODE_COMPARE: the column that may be NULL, under args[0] */
    const WindowParts *parts;
    const Node **sorted; /* NODE_AGGREGATE: the order of what is summed up */
    size_t nsorted;
};

/* An OuterRef of a subquery, as the query around understands it. */
typedef struct OuterName {
    const struct OuterName *next;
    Str name;
    const Node *node;
} OuterName;

/* While a queryset takes a condition or an expression. */
typedef struct Resolving {
    QuerySet *q;      /* a copy that nobody else has */
    const Dialect *d; /* whose SQL it becomes; NULL: that of the queryset's database */
    bool *used; /* per join: made by this condition, so another part of it may go the same way; NULL: any may be used */
    size_t nused;
    bool negated;    /* under a NOT: conditions over many rows become subqueries */
    bool summarizes; /* aggregates run over a subquery, whose columns may be aggregates */
    unsigned in_window;
    unsigned depth;
} Resolving;

/* names.c: "author->email", "books__pk", "published__year__gte": relations, then a column, then transforms and a lookup. */
typedef struct Names {
    Hop hops[QUERY_MAX_DEPTH];
    size_t n;
    const FieldInfo *field; /* the column */
    const FieldInfo *asked; /* the relation that was named last, when the text ended there; else NULL */
    Str rest;               /* what follows the column; the NULL string: nothing */
    uint32_t from;          /* the join that the first hop starts from */
} Names;
/* Do the names end in a relation whose rows are one hop further than the column? */
static inline bool names_end_ahead(const Names *w)
{
    const Hop *last = w->n ? &w->hops[w->n - 1] : NULL;
    bool forward = w->asked && (w->asked == w->field || w->asked->f->kind == FIELD_MANY_TO_MANY);
    return forward && w->field->to && !(last && last->reverse && last->field == w->field);
}
/* Raises "field_error" when the first name is none, or when something that is no lookup follows. */
CLEF_PRIVATE(void, names_resolve, Context *cx, const ModelInfo *info, Str text, Names *out);
CLEF_PRIVATE(bool, names_cut, Str *rest, Str *name);
/* The same of a name that can only be a column: what is set, or read later. */
CLEF_PRIVATE(void, names_no_field, Context *cx, const ModelInfo *info, Str name) CLEF_NORETURN;
CLEF_PRIVATE(void, names_unknown, Context *cx, const ModelInfo *info, Str name, const QuerySet *q) CLEF_NORETURN;
/* "product.name", where the struct has its base by value, is "name". */
CLEF_PRIVATE(Str, names_without_parts, Arena *a, Str path);
/* The ManyToManyField of this name, of the model or of a base; NULL. */
CLEF_PRIVATE(const FieldInfo *, names_between, const ModelInfo *info, Str name);
/* Puts the relation that leads to `info`, or to a base of it, under this name into *out. */
CLEF_PRIVATE(bool, names_reverse, const ModelInfo *info, Str name, const FieldInfo **out);

/* The same by the name of the attribute: "post_set". */
CLEF_PRIVATE(bool, names_accessor, const ModelInfo *info, Str name, const FieldInfo **out);
/* The name of the way back over a relation. */
CLEF_PRIVATE(Str, reverse_name_of, const FieldInfo *field);
/* Names of the OneToOneFields of others that lead to `info`; how many. */
CLEF_PRIVATE(size_t, names_of_reverse_ones, Context *cx, const ModelInfo *info, Str **out);

/* join.c: the table at the end of the names, joined or found among those that are; trims what need not be joined. */
CLEF_PRIVATE(const Node *, join_column, Resolving *r, const Names *names);
CLEF_PRIVATE(uint32_t, join_add, Resolving *r, uint32_t parent, Hop hop);
/* The table of a filtered relation, joined or found. */
CLEF_PRIVATE(uint32_t, join_filtered, Resolving *r, const Filtered *f);
CLEF_PRIVATE(const Filtered *, filtered_find, const QuerySet *q, Str name);
/* generic.c: the row at this join is of the model that the generic relation leads to. */
CLEF_PRIVATE(const Node *, generic_node, Context *cx, uint32_t join, const FieldInfo *relation);
/* Does the text begin with the name of an annotation? */
CLEF_PRIVATE(bool, annotation_begins, const QuerySet *q, Str text);

/* expr.c */
CLEF_PRIVATE(const Node *, expr_resolve, Resolving *r, const Expr *e);
/* The expression in a Value, or NULL. */
static inline const Expr *expr_of(Value v) { return v.tag == VALUE_OBJECT && v.cls == &expr_class ? v.object : NULL; }
/*
 * What a boxed argument stands for; text is the name of a field when `names`. `like`: whose values it is compared with,
 * or NULL.
 */
CLEF_PRIVATE(const Node *, boxed_resolve, Resolving *r, const Boxed *b, bool names, const FieldInfo *like);
/* "n", "author__name", "-" not among it: an annotation or a column, with transforms. */
CLEF_PRIVATE(const Node *, name_resolve, Resolving *r, Str name);
/* A term of an order: "-placed", ASC(...), any expression. */
CLEF_PRIVATE(const Node *, term_resolve, Resolving *r, const Boxed *b);
CLEF_PRIVATE(const Node *, node_value, Context *cx, Value v, const FieldInfo *out);
CLEF_PRIVATE(Node *, node_new, Context *cx, NodeKind kind, size_t nargs);
CLEF_PRIVATE(const Node *, node_subquery, Resolving *r, NodeKind kind, const QuerySet *q);

/* functions.c: what the database can compute, by Django's name. */
enum {
    FN_TEXTS = 1,     /* a text among the arguments is a text, not a name */
    FN_WINDOW = 2,    /* stands in a Window only */
    FN_FLOAT = 4,     /* a decimal of decimals, else a float */
    FN_KEEPS = 8,     /* the type of its first argument, whatever the others are */
    FN_OPERATOR = 16, /* arithmetic, whose type is that of both sides */
    FN_CUSTOM = 32    /* of custom.c */
};
struct Function {
    const char *name;
    /* "LOWER(%)": % is the list of arguments, $1 $2 single ones. "@extract": one that the dialect makes for the call. */
    const char *sql;
    FieldKind out; /* FIELD_NONE: that of the arguments */
    unsigned flags;
    int least, most; /* arguments; most 0: any number */
};
/* Of a call on this database; NULL: it has none. */
CLEF_PRIVATE(const char *, function_template, Context *cx, const Dialect *d, const Node *n);
CLEF_PRIVATE(const Function *, function_find, Str name);
CLEF_PRIVATE(const Function *, aggregate_find, Str name);
/* A call, with the options of an expression (NULL: none). */
CLEF_PRIVATE(const Node *, function_call, Resolving *r, const Function *fn, const Node *const *args, size_t n,
             const Expr *options);
/* Extract and Trunc. */
CLEF_PRIVATE(const Node *, function_of_date, Resolving *r, const Expr *e, const Node *arg);
CLEF_PRIVATE(const Node *, function_sum_up, Resolving *r, const Function *fn, const Node *const *args, size_t n);
/* A transform of a lookup path ("year", "date"); NULL when there is none of this name for this type. */
CLEF_PRIVATE(const Node *, transform_call, Resolving *r, Str name, const Node *of);
/* Names of the transforms of a type. */
CLEF_PRIVATE(size_t, transform_names, const FieldInfo *of, Str *out, size_t max);

/* types.c: types of what is computed */
/* A field of this kind that is in no model. */
CLEF_PRIVATE(const FieldInfo *, type_field, FieldKind kind);
CLEF_PRIVATE(const FieldInfo *, type_with, Context *cx, FieldKind kind, int max_length, int max_digits, int places);
/* The type of a call whose arguments must be of one type; sets trouble where they are not. */
CLEF_PRIVATE(void, type_of_same, Context *cx, Node *n, const Node *const *args, size_t count);
CLEF_PRIVATE(void, type_of_operator, Context *cx, Node *n);
CLEF_PRIVATE(bool, kind_is_integer, FieldKind kind);
/* The type of a node; raises its trouble when there is one. NULL: not known. */
CLEF_PRIVATE(const FieldInfo *, node_type, Context *cx, const Node *n);

/* fit.c: values as columns want them; raise "value_error" with Django's sentences. */
CLEF_PRIVATE(Value, value_for_field, Context *cx, const FieldInfo *field, Value v);
CLEF_PRIVATE(Value, value_for_pattern, Context *cx, Op op, Value v);
/* As it is stored: JSON as its text. */
CLEF_PRIVATE(Value, value_for_column, Context *cx, const FieldInfo *field, Value v);
/* The same for a comparison: numbers that are no integers are rounded as Django does. */
CLEF_PRIVATE(Value, value_for_lookup, Context *cx, const FieldInfo *field, Op op, Value v);
/* The primary key of a row that is compared with a relation to it; `field` is that key's column. */
CLEF_PRIVATE(Value, value_for_related, Context *cx, const FieldInfo *field, const void *row);
/* The JSON text of a value. */
CLEF_PRIVATE(Value, value_as_json, Context *cx, Value v);
/* What a database gave for this, as users see it. */
CLEF_PRIVATE(Value, value_from_node, Context *cx, const Node *n, const Value *cell);
/* The current time zone of the work; never NULL. */
CLEF_PRIVATE(const TimeZone *, current_zone, const Context *cx);

/* lookups.c: one comparison. */
/* What a condition compares with, before it is known what it compares. */
typedef struct Right {
    const Expr *expr;
    const QuerySet *query;
    Value value;
} Right;
CLEF_PRIVATE(Right, right_side, Resolving *r, const Boxed *b);
CLEF_PRIVATE(const Node *, compare, Resolving *r, const Node *left, Op op, const FieldInfo *asked, Right right);
/* Transforms, and the lookup when `op` is not NULL, that follow a column or an annotation. */
CLEF_PRIVATE(const Node *, transformed, Resolving *r, const Node *left, Str rest, Op *op);

/* custom.c: lookups and transforms of applications. Their ops stand behind OP_COUNT. */
static inline bool op_is_custom(Op op) { return (int)op > OP_COUNT; }
CLEF_PRIVATE(void, customs_populate, Arena *a, const App *const *apps, Buf *errors);
CLEF_PRIVATE(void, customs_forget, void);
/* The lookup of this name for this type. */
CLEF_PRIVATE(bool, custom_find, Str name, const FieldInfo *type, Op *op);
CLEF_PRIVATE(const char *, custom_name, Op op);
CLEF_PRIVATE(size_t, custom_names, const FieldInfo *type, Str *out, size_t max);
CLEF_PRIVATE(const char *, custom_template, const Dialect *d, const Function *fn);
/* NULL: there is none of this name for this type. */
CLEF_PRIVATE(const Node *, custom_transform, Resolving *r, Str name, const Node *of);
CLEF_PRIVATE(const Node *, custom_compare, Resolving *r, const Node *left, Op op, Right right);
CLEF_PRIVATE(const Node *, custom_condition, Resolving *r, Op op, const Node *left, const Node *right);

/* where.c */
CLEF_PRIVATE(const char *, op_name, Op op);
CLEF_PRIVATE(bool, op_find, Str name, Op *op);
CLEF_PRIVATE(const Node *, where_resolve, Resolving *r, const Pred *preds, Connector connector);
CLEF_PRIVATE(const Node *, node_and, Context *cx, const Node *a, const Node *b);
CLEF_PRIVATE(const Node *, node_not, Context *cx, const Node *a);

#endif
