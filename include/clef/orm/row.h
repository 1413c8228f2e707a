/*
 * row.h: rows by themselves: making, saving, deleting, following relations.
 *
 *     Post *post = CREATE(r, Post, .title = STR("Hello"), .author_id = user->id);
 *     post->title = STR("Hello again");
 *     SAVE(r, post);                                    or SAVE(r, post, .update_fields = ORDER("title"))
 *     User *author = RELATED(r, post, author);          for every sibling of the same result in one query
 *     DELETE(r, post);
 *
 * A row knows its model by its row_state, which NEW_ROW, CREATE and queries set; a struct made by hand is saved with
 * model_save. Text in a row is borrowed: it must live as long as the row is used. Defaults and auto_now members are filled
 * in as Django does. Raised: 500 "integrity_error" when a constraint is violated, with the field; the payload is an
 * IntegrityError.
 */
#ifndef CLEF_ORM_ROW_H
#define CLEF_ORM_ROW_H

#include <clef/orm/model.h>
#include <clef/orm/queryset.h>

typedef struct SaveOptions {
    const char *const *update_fields; /* ORDER("title"): only these; NULL: all */
    bool force_insert, force_update;
    Str using;
} SaveOptions;

typedef struct IntegrityError {
    const Model *model;  /* NULL: another table */
    const Field *field;  /* the first of the columns; NULL: not known */
    Str columns;         /* "slug"; "a, b" */
    Str constraint;      /* its name or empty */
    const char *problem; /* "unique", "not_null", "foreign_key", "check" */
} IntegrityError;

/* A row with the model's defaults in place, not saved. */
CLEF_API(void *, model_new, Context *cx, const Model *m) CLEF_NONNULL CLEF_MUST_USE;
/* Inserts the row. Returns it. */
CLEF_API(void *, model_create, Context *cx, const Model *m, void *row) CLEF_NONNULL;
/*
 * Django's save(): updates when the row has a primary key and is in the database, else inserts; a new row's id is put in
 * place. `m` NULL: the model of the row's state. `options` may be NULL. model_save_with is what SAVE calls.
 */
CLEF_API(void, model_save, Context *cx, const Model *m, void *row, const SaveOptions *options);
/* Deletes the row and, by on_delete, what refers to it; how many rows went in all. Its id becomes 0. */
CLEF_API(size_t, model_delete, Context *cx, const Model *m, void *row);
CLEF_API(size_t, model_delete_with, Context *cx, const Model *m, void *row, const DeleteOptions *options);
/* Reads the columns of a saved row again; relations that were loaded are forgotten. Raises "does_not_exist". */
CLEF_API(void, model_refresh, Context *cx, const Model *m, void *row);
/* The related row behind the pointer member at `offset`; NULL when the key is NULL. */
CLEF_API(void *, model_related, Context *cx, void *row, size_t offset);
/* The model of a row; NULL when it has no state. */
CLEF_API(const Model *, row_model, const void *row);
/* Its primary key. */
CLEF_API(Value, row_pk, Arena *a, const Model *m, const void *row);
/* What people read: the model's str, or "Post object (1)". */
CLEF_API(Str, row_str, Context *cx, const Model *m, const void *row);

/* What annotate() computed for a row of its queryset; false when there is no such annotation. */
CLEF_API(bool, row_annotation, const void *row, const char *name, Value *out);

#define CLEF_ASSIGN(row, assignment) (void)((*(row))assignment)
#define CLEF_ROW_OF(r, T, row, ...)        \
    T *row = model_new(CX(r), &T##_model); \
    __VA_OPT__(CLEF_EACH(CLEF_ASSIGN, row, __VA_ARGS__)(void) 0;)
#define NEW_ROW(r, T, ...)                           \
    ({                                               \
        CLEF_ROW_OF(r, T, clef_new_##T, __VA_ARGS__) \
        clef_new_##T;                                \
    })
#define CREATE(r, T, ...)                                   \
    ({                                                      \
        CLEF_ROW_OF(r, T, clef_new_##T, __VA_ARGS__)        \
        (T *)model_create(CX(r), &T##_model, clef_new_##T); \
    })
/* No model; and an error when `row` is no pointer to a struct with MODEL_HEAD. */
#define CLEF_OWN_MODEL(row) ((const Model *)(uintptr_t)(0 * sizeof((row)->row_state)))
#define SAVE(r, row, ...)   model_save(CX(r), CLEF_OWN_MODEL(row), (row), &(SaveOptions){ __VA_ARGS__ })
#define DELETE(r, row, ...) model_delete_with(CX(r), CLEF_OWN_MODEL(row), (row), &(DeleteOptions){ __VA_ARGS__ })
#define REFRESH(r, row)     model_refresh(CX(r), CLEF_OWN_MODEL(row), (row))
#define RELATED(r, row, m)  ((__typeof__((row)->m))model_related(CX(r), (row), offsetof(__typeof__(*(row)), m)))

#endif
