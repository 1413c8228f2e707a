/*
 * ddl.h: the pieces of which statements about tables are made, as Django's schema editor writes them for SQLite: names of
 * indexes, types, columns, literals, conditions.
 */
#ifndef ORM_DDL_H
#define ORM_DDL_H

#include "orm/dialect.h"
#include "orm/info.h"
#include <clef/orm/expr.h>
#include <clef/orm/schema.h>
#include <clef/rt/context.h>

enum { DDL_MAX = 1 << 18 };

/* The columns of a table and what its model says of them. Fields may come from two states of the model. */
typedef struct TableShape {
    const Dialect *d; /* in which it is written */
    Str table;
    const FieldInfo **fields; /* in the table's order */
    size_t n;
    const ModelInfo *meta;            /* whose indexes and constraints it has */
    const FieldInfo *plain_key;       /* a primary key that is none any more; NULL: none */
    const char *renamed, *renamed_to; /* a field that `meta` knows by its old name */
    const FieldInfo *fresh;           /* a field that the table had not before; NULL: none */
    const char *without;              /* a field that `meta` has and the table has not: nor its indexes */
} TableShape;

CLEF_PRIVATE(TableShape, ddl_shape, Arena *a, const Dialect *d, const ModelInfo *info);
/* By the name of a field, as `meta` knows it; NULL. */
CLEF_PRIVATE(const FieldInfo *, ddl_field, const TableShape *t, Str name);

CLEF_PRIVATE(Str, ddl_quoted, Arena *a, Str name);
CLEF_PRIVATE(Str, ddl_joined, Arena *a, const Str *texts, size_t n, const char *between);
/* A value as SQL. Raises "schema_error" for what has no literal form. */
CLEF_PRIVATE(Str, ddl_literal, Context *cx, const Dialect *d, Value v);
/* What rows get for a field that they have not had: its default, an empty text, now; NULL. In the form of ddl_literal. */
CLEF_PRIVATE(Value, ddl_default, Context *cx, const FieldInfo *field);
/* The type of a column of this kind, of no length. */
CLEF_PRIVATE(Str, ddl_type_of_kind, Arena *a, FieldKind kind); /* of SQLite */
/* Type, NULL, keys, checks: all behind the column's name. */
CLEF_PRIVATE(Str, ddl_column, Context *cx, const TableShape *t, const FieldInfo *field, bool plain_key);
/*
 * What stands behind DEFAULT; is it written as VAL(...), or is there none? Django adds no column with another one to a
 * table.
 */
CLEF_PRIVATE(Str, ddl_db_default, Context *cx, const TableShape *t, const FieldInfo *field);
CLEF_PRIVATE(bool, ddl_default_is_value, Context *cx, const FieldInfo *field);
/* The text of a value as JSON. */
CLEF_PRIVATE(Value, ddl_json, Context *cx, Value v);
/* The same without what names the column, for telling whether two columns differ in more than that. */
CLEF_PRIVATE(bool, ddl_same_column, Context *cx, const Dialect *d, const FieldInfo *a, const FieldInfo *b);
CLEF_PRIVATE(bool, ddl_is_unique, const FieldInfo *field);
/* Does the field have an index by itself (db_index)? */
CLEF_PRIVATE(bool, ddl_is_indexed, const FieldInfo *field);
/* A condition over the table's own columns, with its values as literals. */
CLEF_PRIVATE(Str, ddl_condition, Context *cx, const TableShape *t, const Pred *p);
/* ddl_expr.c: likewise an expression; what an index is over, with collations and directions. */
CLEF_PRIVATE(Str, ddl_expression, Context *cx, const TableShape *t, const Expr *e);
CLEF_PRIVATE(Str, ddl_indexed_expressions, Context *cx, const TableShape *t, const Expr *const *expressions);

/* expr_equal.c: are two expressions, conditions, constants the same as they are written? NULL is equal to NULL only. */
CLEF_PRIVATE(bool, expr_equal, Arena *a, const Expr *x, const Expr *y);
CLEF_PRIVATE(bool, exprs_equal, Arena *a, const Expr *const *x, const Expr *const *y);
CLEF_PRIVATE(bool, expr_boxed_equal, Arena *a, Boxed x, Boxed y);
CLEF_PRIVATE(bool, preds_equal, Arena *a, const Pred *x, const Pred *y);
/* "author__email__gt" of a condition's path and lookup. */
CLEF_PRIVATE(Str, pred_lookup, Arena *a, const Pred *p);

/* Django's name for an index of Meta that has none. */
CLEF_PRIVATE(Str, ddl_meta_index_name, Context *cx, const TableShape *t, const Index *index);
/* Does the database have such an index? */
CLEF_PRIVATE(bool, ddl_index_is_made, const Dialect *d, const Index *index);
CLEF_PRIVATE(Str, ddl_create_index, Context *cx, const TableShape *t, const Index *index);
CLEF_PRIVATE(Str, ddl_create_field_index, Context *cx, const Dialect *d, Str table, Str column);
/* A name as schema_index_name makes it, no longer than the database takes. */
CLEF_PRIVATE(Str, ddl_index_name, Arena *a, const Dialect *d, Str table, const Str *columns, size_t n, Str suffix);
/* The index of a set of unique_together (unique) or index_together. */
CLEF_PRIVATE(Str, ddl_create_together, Context *cx, const TableShape *t, const char *const *names, bool unique);
/* The quoted columns of these fields. */
CLEF_PRIVATE(Str, ddl_columns, Context *cx, const TableShape *t, const char *const *names);
CLEF_PRIVATE(Str, ddl_together_name, Context *cx, const TableShape *t, const char *const *names, bool unique);
/* A unique constraint with a condition or expressions is an index; a deferrable one cannot be had on SQLite. */
CLEF_PRIVATE(bool, ddl_constraint_is_index, const Constraint *c);
CLEF_PRIVATE(bool, ddl_constraint_is_made, const Dialect *d, const Constraint *c);
CLEF_PRIVATE(Str, ddl_constraint, Context *cx, const TableShape *t, const Constraint *c);

#endif
