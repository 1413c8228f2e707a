/* validate.h: what the parts of full_clean share. */
#ifndef ORM_VALIDATE_H
#define ORM_VALIDATE_H

#include "orm/queryset.h"
#include <clef/orm/validate.h>

typedef struct Cleaning {
    Context *cx;
    const ModelInfo *info;
    void *row;
    Str using;
    bool adding;
    const char *const *exclude;
    RowErrors *errors;
} Cleaning;

/* Is the field left out: by who asks, or because it is wrong already? */
CLEF_PRIVATE(bool, clean_excludes, const Cleaning *c, const FieldInfo *field);
/* "Title": how messages name a field, a model. */
CLEF_PRIVATE(Str, clean_label, const Cleaning *c, const FieldInfo *field);
CLEF_PRIVATE(Map *, clean_params, const Cleaning *c, const ModelInfo *info);
/* The rows of `info` but this one. */
CLEF_PRIVATE(QuerySet *, clean_others, const Cleaning *c, const ModelInfo *info);
/* "Post with this Author and Title already exists." */
CLEF_PRIVATE(ValidationError, clean_unique_error, const Cleaning *c, const ModelInfo *info,
             const FieldInfo *const *fields, size_t n);
/* validate_constraints.c */
CLEF_PRIVATE(void, clean_constraints, Cleaning *c);

#endif
