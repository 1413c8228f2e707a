/* where.h: conditions that were understood: paths as fields, values in the form that their column wants. */
#ifndef ORM_WHERE_H
#define ORM_WHERE_H

#include "orm/info.h"

/* From the queryset's model over relations to a column. */
typedef struct Path {
    const FieldInfo **hops; /* relations to join */
    size_t n;
    const FieldInfo *field; /* the column, of the last hop's model */
} Path;

typedef struct Where Where;
struct Where {
    Connector connector; /* CONNECT_NONE: one condition */
    const Where *children;
    size_t nchildren;
    Path path;
    Op op;
    Value value;              /* IN, RANGE: a list */
    const QuerySet *subquery; /* IN */
};

/*
 * Understands "author->email" or "author__email" from `info` on. With `op` not NULL the text may end in a lookup's name.
 * Raises "field_error".
 */
CLEF_PRIVATE(Path, path_resolve, Context *cx, const ModelInfo *info, Str text, Op *op);
/* Understands a list of conditions that ends; the copy is the context's. */
CLEF_PRIVATE(Where *, where_build, Context *cx, const ModelInfo *info, const Pred *preds, Connector connector);
/* The value as the column's; raises "value_error" with Django's sentence. */
CLEF_PRIVATE(Value, value_for_field, Context *cx, const FieldInfo *field, Value v);

#endif
