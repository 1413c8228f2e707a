/* bulk.h: what bulk.c and load.c share: the columns of rows that are written many at once. */
#ifndef ORM_BULK_H
#define ORM_BULK_H

#include "orm/info.h"

/* Is the column among those that are written? Not what the database computes, nor its own key when the rows bring none. */
CLEF_PRIVATE(bool, bulk_writes, const FieldInfo *field, const ModelInfo *info, bool with_key);
/* Their quoted names. */
CLEF_PRIVATE(const Str *, bulk_columns, Context *cx, const ModelInfo *info, bool with_key, size_t *n);
CLEF_PRIVATE(Value, bulk_value, Context *cx, const FieldInfo *field, void *row, bool adding);

#endif
