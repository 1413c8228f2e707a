/* info.h: what apps_populate worked out of the models' tables. Read-only afterwards; lives as long as the process. */
#ifndef ORM_INFO_H
#define ORM_INFO_H

#include <clef/orm/model.h>
#include <clef/orm/queryset.h>

typedef struct ModelInfo ModelInfo;
typedef struct FieldInfo FieldInfo;

/* A column (or, in `between`, a relation that has a table of its own). */
struct FieldInfo {
    const Field *f;
    const ModelInfo *model;
    Str name;            /* "author" */
    Str attname;         /* "author_id" */
    Str column;          /* "author_id" */
    Str quoted;          /* "\"author_id\"" */
    FieldKind kind;      /* of what is stored: of a relation, that of the key it leads to */
    const Field *stored; /* whose max_length, max_digits and decimal_places count */
    const ModelInfo *to; /* of a relation */
    const FieldInfo *to_field;
    /* Of a ManyToMany: the model between, and its relations to the field's model and to the other one. */
    const ModelInfo *through;
    const FieldInfo *through_from, *through_to;
    const FieldInfo *next_referrer; /* the next relation to the same model */
    size_t at;                      /* among the model's columns */
    /* Of a generic relation, which stands in the column of its object ids: the column that says of which model they are. */
    const FieldInfo *type;
    Str forward; /* the name by which paths follow it from there; the NULL string: they cannot */
    const FieldInfo *next_generic;
};

/* A GenericForeignKey. */
typedef struct GenericInfo {
    const Field *f;
    const FieldInfo *type, *id;
} GenericInfo;

struct ModelInfo {
    const Model *m;
    const Model *meta; /* m with what it inherits: the fields of abstract bases, options that it leaves at zero */
    const App *app;
    Str label, name, lower; /* "blog", "Post", "post" */
    Str table, quoted;
    FieldInfo *fields; /* of its own table */
    size_t n;
    const FieldInfo *const *all; /* of a row: those of the bases, from the root on, then its own */
    size_t nall;
    const ModelInfo *base;        /* whose table has the other part of its rows; NULL: none */
    const FieldInfo *parent_link; /* of its own, to base */
    const ModelInfo *concrete;    /* itself; of a proxy the model whose table it shows */
    FieldInfo *between;           /* ManyToMany */
    size_t nbetween;
    const FieldInfo *pk;
    const FieldInfo *const *keys; /* the columns of the primary key: pk, or those that a composite one is of */
    size_t nkeys;
    FieldInfo *referrers;      /* relations to this model, from any */
    const FieldInfo *generics; /* generic relations whose rows are this model's */
    GenericInfo *generic_keys; /* its GenericForeignKeys */
    size_t ngeneric_keys;
    const Model *declared;       /* meta with its generic relations, which nobody else needs to pass over */
    const char *const *ordering; /* of its rows; NULL: none */
    const FieldInfo *order;      /* the column _order; NULL: none */
    Field order_field;
    Field id;          /* the implied primary key, or the link to the base */
    Str swapped;       /* "shop.Customer": the model that stands in its place; the NULL string: none */
    bool between_only; /* made by a ManyToManyField: not in an application's list */
};

/* A model and where it belongs, to be populated. */
typedef struct ModelEntry {
    const App *app; /* what counts is the label */
    const Model *m;
} ModelEntry;
typedef struct ModelInfos {
    ModelInfo **p;
    size_t n;
} ModelInfos;
/*
 * registry.c: works out the infos of these models among themselves, and puts them in the models' slots. Complaints, one a
 * line; empty: all is well. `historical`: the models are of a migration's state, whose struct nobody wrote.
 */
CLEF_PRIVATE(ModelInfos, models_populate, Arena *a, const ModelEntry *entries, size_t n, bool historical, Str *errors);
/* Another number whenever models were populated: what is kept under addresses of infos ends then. */
CLEF_PRIVATE(uint64_t, models_generation, void);
/* layout.c: the struct of a model that has none in C: offsets, members, size. Keys of relations are as wide as any. */
CLEF_PRIVATE(void, model_layout, Model *m, Field *fields);
/* The model between, for a ManyToManyField without `through`. Its slot is empty. */
CLEF_PRIVATE(Model *, model_between, Arena *a, const ModelInfo *from, const Field *f, const ModelInfo *to);

/*
 * inherit.c: what stands in `m` and in its abstract bases, as one table: m itself where it inherits nothing. The link to a
 * parent (FIELD_PARENT) is not among the fields.
 */
CLEF_PRIVATE(const Model *, model_with_abstract, Arena *a, const App *app, const Model *m, Str *error);
/* The bases of the infos, in whatever order these stand; complaints, one a line. Fills base, all, meta. */
CLEF_PRIVATE(Str, models_link, Arena *a, ModelInfo *const *infos, size_t n, bool historical);
/* Is a row of `info` one of `of`, too? */
static inline bool info_is_a(const ModelInfo *info, const ModelInfo *of)
{
    while (info && info->concrete != of->concrete)
        info = info->base;
    return info != NULL;
}

/* Every populated model, those that are swapped out too, in order. */
CLEF_PRIVATE(const ModelInfos *, models_known, void);

/* swap.c: what a model of this application is swapped for; the NULL string: it is not. */
CLEF_PRIVATE(Str, swapped_for, Str app, const Model *m);
/*
 * The setting that may move relations to "app.Model" to another model: it names that one, or stands in its `swappable`;
 * NULL.
 */
CLEF_PRIVATE(const char *, swap_setting_of, const char *label);
/* Raises "attribute_error" for a model that is swapped out. */
CLEF_PRIVATE(void, info_refuse_swapped, Context *cx, const ModelInfo *info) CLEF_COLD CLEF_NORETURN;
static inline void info_check_swapped(Context *cx, const ModelInfo *info)
{
    if (CLEF_UNLIKELY(info->swapped.n != 0))
        info_refuse_swapped(cx, info);
}

/* Raises "model_not_installed". */
CLEF_PRIVATE(const ModelInfo *, model_info, Context *cx, const Model *m) CLEF_NONNULL;
/* Without a context: a panic. */
CLEF_PRIVATE(const ModelInfo *, model_info_known, const Model *m) CLEF_NONNULL;
/* By member, key member or "pk", of its own or of a base; NULL. */
CLEF_PRIVATE(const FieldInfo *, info_field, const ModelInfo *info, Str name);
CLEF_PRIVATE(const FieldInfo *, info_of_field, const ModelInfo *info, const Field *f);

/* Where a row came from. */
struct RowState {
    const ModelInfo *info;
    struct ResultSet *set; /* NULL: made, or saved, by itself */
    bool adding;           /* not in the database yet */
    Str alias;             /* of the database that it came from or was saved to */
};
static inline RowState **row_state_of(void *row) { return (RowState **)row; }

/* member.c: between a member of a struct and a boxed value. */
CLEF_PRIVATE(Value, member_load, Arena *a, const Field *f, const void *row);
/*
 * Puts a value in place, converting what a database gives (texts of dates, numbers of decimals). `stored` says how many
 * digits a decimal has. Text is copied when `copy`. False when the value does not fit.
 */
CLEF_PRIVATE(bool, member_store, Arena *a, const Field *f, const Field *stored, void *row, const Value *v, bool copy);
/* Is it the NULL of its member? A key of 0, a NULL text, an absent value. */
CLEF_PRIVATE(bool, member_is_null, const Field *f, const void *row);
CLEF_PRIVATE(size_t, member_align, MemberType type);

/* row.c: the model of a row; `m` may be NULL. Raises "row_without_model". */
CLEF_PRIVATE(const ModelInfo *, row_info, Context *cx, const Model *m, const void *row);

/*
 * save.c: relations whose pointer was set and whose key was not take the key of the row; one that was not saved raises,
 * unless `lenient`.
 */
CLEF_PRIVATE(void, row_take_keys, Context *cx, const ModelInfo *info, void *row, bool lenient);
/* generic.c: the GenericForeignKey of this member (by offset of its pointer, or by name), of the model or a base; NULL. */
CLEF_PRIVATE(const GenericInfo *, generic_at, const ModelInfo *info, size_t offset);
CLEF_PRIVATE(const GenericInfo *, generic_named, const ModelInfo *info, Str name);
/* The key that stands for the model that a generic relation leads to. */
CLEF_PRIVATE(int64_t, generic_type, Context *cx, Str alias, const FieldInfo *relation);
/* row_take_keys for GenericForeignKeys. */
CLEF_PRIVATE(void, generic_take_keys, Context *cx, const ModelInfo *info, void *row, bool lenient);
/* The row behind one; those of its siblings are read with it. NULL: none. */
CLEF_PRIVATE(void *, generic_row, Context *cx, void *row, const GenericInfo *key, const char *file, int line);
/*
 * Loads those of several rows of one model, as far as they are not loaded. `own`: querysets to read by
 * (NULL-terminated, or NULL).
 */
CLEF_PRIVATE(void, generic_load, Context *cx, Str alias, const GenericInfo *key, void *const *rows, size_t n,
             QuerySet *const *own);
/* registry.c's part: the generic fields of `info`, whose model's other relations are resolved. Complaints, one a line. */
CLEF_PRIVATE(Str, generic_resolve, Arena *a, ModelInfo *info);
/* `m` without its generic fields; m itself where it has none. */
CLEF_PRIVATE(const Model *, model_without_generic, Arena *a, const Model *m);

/* save.c: has the row a key of its own? One that the database counts is not 0. */
CLEF_PRIVATE(bool, row_key_is_set, Context *cx, const FieldInfo *key, const void *row);
/* Django's pre_save of a column: what is set at the moment of writing. */
CLEF_PRIVATE(void, row_set_now, const FieldInfo *field, void *row, bool adding);
/* router.c: do the routers, or else their databases, let these rows be related? A row of no database yet may be of any. */
CLEF_PRIVATE(bool, rows_may_relate, Context *cx, const void *a, const void *b);

/* What is written for a member: a text that is not nullable is never NULL, whether it was set or not. */
CLEF_PRIVATE(Value, row_stored_value, Context *cx, const FieldInfo *field, const void *row);

/* nearest.c: the candidate that `name` was probably meant to be, or the NULL string. */
CLEF_PRIVATE(Str, nearest_of, Str name, const Str *candidates, size_t n);

#endif
