/*
 * validate.h: is a row right? Django's full_clean: the fields by themselves, what the model says of them together, what
 * must be unique, the constraints; with Django's messages and codes.
 *
 *     RowErrors *errors = FULL_CLEAN(r, post);
 *     if (errors)
 *         return render_errors(r, errors);                 errors->p[i].field, errors->p[i].errors
 *
 *     static void post_clean(Context *cx, void *row, RowErrors *errors)             const Model Post_model = { .clean = post_clean }
 *     {
 *         const Post *post = row;
 *         if (post->ends.us < post->begins.us)
 *             ROW_INVALID(errors, "ends", "order", "It cannot end before it begins.");
 *     }
 *
 * Saving does not validate, as in Django; forms of models do. What is unique is asked for in the database, and may be
 * taken by another until the row is saved. A row that was read is not compared with itself. Errors live in the memory
 * of the context.
 *
 * https://docs.djangoproject.com/en/6.0/ref/models/instances/#validating-objects
 */
#ifndef CLEF_ORM_VALIDATE_H
#define CLEF_ORM_VALIDATE_H

#include <clef/orm/model.h>
#include <clef/rt/context.h>
#include <clef/validators/validator.h>

typedef struct RowErrorsOf {
    Str field; /* "__all__": of no single field */
    ValidationErrors errors;
} RowErrorsOf;

typedef struct RowErrors {
    Arena *arena;
    RowErrorsOf *p;
    size_t n, cap;
} RowErrors;

/* Names of fields that are not looked at: NULL or a list that ends at NULL. */
typedef struct CleanOptions {
    const char *const *exclude;
    bool no_fields, no_clean, no_unique, no_constraints; /* without that part */
    Str using;
} CleanOptions;

/* NULL: nothing is wrong. `m` NULL: the model of the row's state; `options` may be NULL. */
CLEF_API(RowErrors *, row_full_clean, Context *cx, const Model *m, void *row, const CleanOptions *options);
#define FULL_CLEAN(r, row, ...) row_full_clean(CX(r), CLEF_OWN_MODEL(row), (row), &(CleanOptions){ __VA_ARGS__ })

/* `field` NULL: of the row as a whole. */
CLEF_API(void, row_errors_add, RowErrors *errors, const char *field, ValidationError e);
CLEF_API(void, row_errors_format, RowErrors *errors, const char *field, const char *code, const char *format, ...)
CLEF_PRINTF(4, 5);
#define ROW_INVALID(errors, field, code, ...) row_errors_format((errors), (field), (code), __VA_ARGS__)
/* NULL: none of that field. */
CLEF_API(const ValidationErrors *, row_errors_of, const RowErrors *errors, const char *field);
/* "title" and a list of texts, for each field that is wrong: Django's message_dict. */
CLEF_API(Map *, row_errors_map, const RowErrors *errors);

#endif
