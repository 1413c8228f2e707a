/*
 * shape.h: statements that were written before. Two querysets have the same shape when they differ in values only; then
 * their SQL is the same, and only the parameters are picked anew. What SQL depends on in other ways has no shape, and
 * is written each time: subqueries, unions, windows, keys of JSON, filtered relations, locks, expressions in an order.
 */
#ifndef ORM_SHAPE_H
#define ORM_SHAPE_H

#include "orm/queryset.h"

enum { SHAPE_KEY_MAX = 1536, SHAPE_VALUES_MAX = 48, SHAPE_DEPTH_MAX = 16, SHAPES_DEFAULT = 512 };

typedef struct Shape {
    size_t n, nvalues;
    bool none; /* it has no shape */
    uint64_t hash;
    const Value *values[SHAPE_VALUES_MAX]; /* where they stand in the nodes, in the order of the walk */
    char key[SHAPE_KEY_MAX];
} Shape;

CLEF_PRIVATE(void, shape_of, const QuerySet *q, SelectWhat what, Shape *out);
/* The statement with the values of this shape in their places; false when it was not written before. */
CLEF_PRIVATE(bool, shape_find, Context *cx, const Shape *shape, Sql *out);
/* `from[i]`: where parameter i stands in the nodes; NULL: it is none of theirs, and nothing is kept. */
CLEF_PRIVATE(void, shape_keep, const Shape *shape, const Sql *sql, const Value *const *from);
/* How many statements a thread keeps at most; 0: none. The setting CACHED_QUERIES. */
CLEF_PRIVATE(void, shapes_limit, size_t most);
/* How many there are, and how many were found since the last populating; for tests. */
CLEF_PRIVATE(size_t, shapes_kept, size_t *found);

#endif
