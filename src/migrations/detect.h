/* detect.h: the inside of the autodetector: operations with what they need to come before them. */
#ifndef MIGRATIONS_DETECT_H
#define MIGRATIONS_DETECT_H

#include "migrations/changes.h"
#include <clef/base/vec.h>

typedef enum NeedKind {
    NEED_MODEL, /* must have been made */
    NEED_NO_MODEL,
    NEED_FIELD,
    NEED_NO_FIELD,
    NEED_ALTERED_FIELD,
    NEED_ORDER_UNSET,      /* no order_with_respect_to this field */
    NEED_TOGETHER_CHANGED, /* unique_together of the model */
    NEED_INDEX_REMOVED     /* indexes and constraints of the model */
} NeedKind;

typedef struct Need {
    NeedKind kind;
    const char *app, *model, *name; /* the model in lower case; a field */
    const char *setting;            /* that names the model; NULL: it is meant as such */
} Need;

typedef struct Generated {
    const char *app;
    Operation op;
    VEC(Need) needs;
    bool placed;
    size_t place; /* among those that are sorted */
} Generated;

typedef struct RenamedModel {
    const char *app, *from, *to;
} RenamedModel;
typedef struct RenamedField {
    const StateModel *model; /* as it is now */
    const char *from, *to;
} RenamedField;

typedef struct Detector {
    Context *cx;
    Arena *a;
    ProjectState *from, *to;
    const Questioner *q;
    const KnownMigrations *known;
    const StateModel **models, **old_models; /* of `to` and `from`, sorted */
    VEC(RenamedModel) renamed_models;
    VEC(RenamedField) renamed_fields;
    VEC(Generated *) first; /* models that are made: before all others */
    VEC(Generated *) all;
} Detector;

CLEF_PRIVATE(Generated *, detect_add, Detector *d, const char *app, Operation op);
CLEF_PRIVATE(void, detect_needs, Detector *d, Generated *g, Need need);
CLEF_PRIVATE(void, detect_needs_relation, Detector *d, Generated *g, const Field *f);
/* The model's name before, in lower case. */
CLEF_PRIVATE(const char *, detect_old_name, const Detector *d, const char *app, const char *lower);
CLEF_PRIVATE(const StateModel *, detect_old, const Detector *d, const StateModel *now);
CLEF_PRIVATE(const char *, detect_old_field, const Detector *d, const StateModel *now, const char *field);
CLEF_PRIVATE(bool, detect_is_renamed, const Detector *d, const StateModel *old);
CLEF_PRIVATE(Field, detect_unrenamed, const Detector *d, const Field *f);
CLEF_PRIVATE(const Field **, detect_sorted_fields, Detector *d, const StateModel *m);
/* Was it a table, and is it one still? */
CLEF_PRIVATE(bool, detect_kept, const Detector *d, const StateModel *now);

/* detect_fields.c: fields, indexes, constraints, unique_together of models that stay. */
CLEF_PRIVATE(void, detect_fields, Detector *d);
/* arrange.c: operations in an order that their needs allow, cut into migrations. */
CLEF_PRIVATE(size_t, detect_arrange, Detector *d, const char *name, Change **out);

#endif
