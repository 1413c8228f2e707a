/*
 * value.h: rows and querysets as boxed values, for templates, JSON and contexts: VALUE(post) and VALUE(posts) work once
 * this is included. Any pointer that VALUE does not know otherwise is taken for a row of a model.
 */
#ifndef CLEF_ORM_VALUE_H
#define CLEF_ORM_VALUE_H

#include <clef/orm/field.h>

static inline Value value_row(const void *row) { return value_object(row, &row_class); }
static inline Value value_queryset(const QuerySet *q) { return value_object(q, &queryset_class); }

CLEF_BOX(queryset, void, value_queryset(*(QuerySet *const *)v))
CLEF_BOX(row, void, value_row(*(const void *const *)v))
#undef CLEF_VALUE_UPPER
#define CLEF_VALUE_UPPER QuerySet * : clef_value_of_queryset, default : clef_value_of_row,

#endif
