/*
 * row.h: rows by themselves: making, saving, deleting, following relations.
 *
 *     Post *post = CREATE(r, Post, .title = STR("Hello"), .author_id = user->id);
 *     post->title = STR("Hello again");
 *     SAVE(r, post);                                    or SAVE(r, post, .update_fields = ORDER("title"))
 *     User *author = RELATED(r, post, author);          for every sibling of the same result in one query
 *     DELETE(r, post);
 *
 * A row of which only() or defer() left columns out is saved without them, as if update_fields named the others: what
 * was never read is not overwritten. A member that was left out counts as set as soon as it is not zero any more (0,
 * false, NULL, no text: what it was left at); a plain struct cannot tell a zero that was assigned from one that was
 * left, so say ROW_SET(r, post, views, 0) where the value may be zero. An INSERT of such a row (force_insert, another
 * database) reads the missing columns first, and so does an update_fields that names one.
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
    /* As a fixture has it: nothing is set at the moment of writing; of a model that inherits only its own part is saved. */
    bool raw;
    Str using;
    /*
     * SETS(SET("views", ADD(F("views"), 1))): these columns get what the database computes of the expressions, or these
     * values; the row has what came of it afterwards. An INSERT takes no expression that asks for a column.
     */
    const struct NamedExpr *set;
    /*
     * What a database computed in an UPDATE and cannot return (MariaDB, MySQL) is read when row_value asks for it, as
     * Django does, and its member is zero until then. Otherwise one query more reads it at once.
     */
    bool read_later;
} SaveOptions;
#define SETS(...) ((const NamedExpr[]){ __VA_ARGS__, { .name = NULL } })

typedef struct IntegrityError {
    const Model *model;  /* NULL: another table */
    const Field *field;  /* the first of the columns; NULL: not known */
    Str columns;         /* "slug"; "a, b" */
    Str constraint;      /* its name or empty */
    const char *problem; /* "unique", "not_null", "foreign_key", "check" */
} IntegrityError;

/* A row with the model's defaults in place, not saved. Sends pre_init and post_init. */
CLEF_API(void *, model_new, Context *cx, const Model *m) CLEF_NONNULL CLEF_MUST_USE;
/* The two halves of it, between which NEW_ROW and CREATE put what is given: post_init sees the members set. */
CLEF_API(void *, model_begin, Context *cx, const Model *m) CLEF_NONNULL CLEF_MUST_USE;
CLEF_API(void *, model_made, Context *cx, const Model *m, void *row) CLEF_NONNULL;
/* Inserts the row. Returns it. */
CLEF_API(void *, model_create, Context *cx, const Model *m, void *row) CLEF_NONNULL;
/*
 * Django's save(): updates when the row has a primary key and is in the database, else inserts; a new row's id is put in
 * place. `m` NULL: the model of the row's state. `options` may be NULL. model_save_with is what SAVE calls.
 */
CLEF_API(void, model_save, Context *cx, const Model *m, void *row, const SaveOptions *options);
/* What a model's own `save` and `delete` end with: Django's super().save(). */
CLEF_API(void, model_save_base, Context *cx, const Model *m, void *row, const SaveOptions *options);
CLEF_API(size_t, model_delete_base, Context *cx, const Model *m, void *row, const DeleteOptions *options);
/* Deletes the row and, by on_delete, what refers to it; how many rows went in all. Its id becomes 0. */
CLEF_API(size_t, model_delete, Context *cx, const Model *m, void *row);
CLEF_API(size_t, model_delete_with, Context *cx, const Model *m, void *row, const DeleteOptions *options);
/*
 * Reads the columns of a saved row again, but for those that only() or defer() left out; relations that were loaded are
 * forgotten. `fields`: these columns only, deferred ones too, and of relations that were loaded or prefetched those of
 * these names. NULL: all; an empty list: none. From the database that the row came from, or what the routers say.
 * Raises "does_not_exist", "field_error".
 */
CLEF_API(void, model_refresh, Context *cx, const Model *m, void *row);
CLEF_API(void, model_refresh_fields, Context *cx, const Model *m, void *row, const char *const *fields);
/* The related row behind the pointer member at `offset`; NULL when the key is NULL. */
CLEF_API(void *, model_related, Context *cx, void *row, size_t offset);
/* The same for a place of the program, which warnings name; file NULL: not known. */
CLEF_API(void *, model_related_at, Context *cx, void *row, size_t offset, const char *file, int line);
/* The member of a row that only() or defer() left out was set by the program; by name, or "author_id". */
CLEF_API(void, row_assigned, Context *cx, void *row, const char *name);
/*
 * What GENERIC_SET calls (clef/contenttypes): the GenericForeignKey behind the pointer member at `offset` leads to
 * `to`, or NULL.
 */
CLEF_API(void, generic_set, Context *cx, void *row, size_t offset, void *to);
/* The alias of the database that the row was read from or saved to; empty: neither. */
CLEF_API(Str, row_database, const void *row);
/* A state for a row that outlives the work that read it, in the memory of `a`; the alias is borrowed. */
CLEF_API(RowState *, row_state_kept, Arena *a, const Model *m, Str alias) CLEF_NONNULL;
/* The model of a row; NULL when it has no state. */
CLEF_API(const Model *, row_model, const void *row);
/* Its primary key. */
CLEF_API(Value, row_pk, Arena *a, const Model *m, const void *row);
/* What people read: the model's str, or "Post object (1)". */
CLEF_API(Str, row_str, Context *cx, const Model *m, const void *row);

/* What annotate() computed for a row of its queryset; false when there is no such annotation. */
CLEF_API(bool, row_annotation, const void *row, const char *name, Value *out);

#define CLEF_ASSIGN(row, assignment) (void)((*(row))assignment)
#define CLEF_ROW_OF(r, T, row, ...)          \
    T *row = model_begin(CX(r), &T##_model); \
    __VA_OPT__(CLEF_EACH(CLEF_ASSIGN, row, __VA_ARGS__)(void) 0;)
#define NEW_ROW(r, T, ...)                                \
    ({                                                    \
        CLEF_ROW_OF(r, T, clef_new_##T, __VA_ARGS__)      \
        (T *)model_made(CX(r), &T##_model, clef_new_##T); \
    })
#define CREATE(r, T, ...)                                                                  \
    ({                                                                                     \
        CLEF_ROW_OF(r, T, clef_new_##T, __VA_ARGS__)                                       \
        (T *)model_create(CX(r), &T##_model, model_made(CX(r), &T##_model, clef_new_##T)); \
    })
/* No model; and an error when `row` is no pointer to a struct with MODEL_HEAD. */
#define CLEF_OWN_MODEL(row) ((const Model *)(uintptr_t)(0 * sizeof((row)->row_state)))
#define SAVE(r, row, ...)   model_save(CX(r), CLEF_OWN_MODEL(row), (row), &(SaveOptions){ __VA_ARGS__ })
#define DELETE(r, row, ...) model_delete_with(CX(r), CLEF_OWN_MODEL(row), (row), &(DeleteOptions){ __VA_ARGS__ })
/* REFRESH(r, post) reads it all again, REFRESH(r, post, "views", "author") only these. */
#define REFRESH(r, row, ...) \
    model_refresh_fields(CX(r), CLEF_OWN_MODEL(row), (row), CLEF_REFRESH_##__VA_OPT__(SOME)(__VA_ARGS__))
#define CLEF_REFRESH_()        NULL
#define CLEF_REFRESH_SOME(...) ORDER(__VA_ARGS__)
#define RELATED(r, row, m) \
    ((__typeof__((row)->m))model_related_at(CX(r), (row), offsetof(__typeof__(*(row)), m), __FILE__, __LINE__))
/* Sets a member that may have been left out, whatever the value: ROW_SET(r, post, views, 0). */
#define ROW_SET(r, row, m, ...) ((void)((row)->m = (__VA_ARGS__)), row_assigned(CX(r), (row), #m))

#endif
