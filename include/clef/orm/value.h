/*
 * value.h: rows and querysets as boxed values, for templates, JSON and contexts: VALUE(post) and VALUE(posts) work once
 * this is included. A pointer that VALUE does not know otherwise must be a row's: that of a struct with MODEL_HEAD.
 * Structs that are no values, and void pointers, are errors of the compiler.
 */
#ifndef CLEF_ORM_VALUE_H
#define CLEF_ORM_VALUE_H

#include <clef/orm/field.h>

static inline Value value_row(const void *row) { return value_object(row, &row_class); }
static inline Value value_queryset(const QuerySet *q) { return value_object(q, &queryset_class); }

CLEF_BOX(queryset, void, value_queryset(*(QuerySet *const *)v))
CLEF_BOX(row, void, value_row(*(const void *const *)v))
/* Never defined: their names are the messages of the compiler. */
#define CLEF_NO_VALUE(message) \
    struct message;            \
    Value clef_##message(const struct message *v, Decimal *room)
CLEF_NO_VALUE(this_is_no_value__give_the_address_of_a_row_or_members_one_by_one);
CLEF_NO_VALUE(a_void_pointer_is_no_value__cast_it_to_its_model_or_take_value_object);
struct RowState;
struct ClefAnyRow {
    struct RowState *row_state;
};
#define CLEF_ANY_ROW(unused) (struct ClefAnyRow *)0
/* clang-format off */
#define CLEF_IF_POINTER(v, a, b) __builtin_choose_expr(__builtin_classify_type(v) == 5, a, b)
/*
 * Refused when the pointer's struct has no row_state: it is no row. What is no pointer, and pointers to other values,
 * pass.
 */
#define CLEF_ROW_STATE(v) \
    _Generic(CLEF_IF_POINTER(v, v, CLEF_ANY_ROW()), CLEF_VALUE_UPPERS(CLEF_ANY_ROW) CLEF_VALUE_POINTERS(CLEF_ANY_ROW) \
             void *: CLEF_ANY_ROW(), const void *: CLEF_ANY_ROW(), default: CLEF_IF_POINTER(v, v, CLEF_ANY_ROW()))->row_state
#undef CLEF_VALUE_UPPER
#define CLEF_VALUE_UPPER(F) QuerySet *: F(clef_value_of_queryset), const QuerySet *: F(clef_value_of_queryset),
#undef CLEF_VALUE_OTHER
#define CLEF_VALUE_OTHER(v) \
    void *: clef_a_void_pointer_is_no_value__cast_it_to_its_model_or_take_value_object, \
    const void *: clef_a_void_pointer_is_no_value__cast_it_to_its_model_or_take_value_object, \
    default: CLEF_IF_POINTER(v, __builtin_choose_expr(sizeof(CLEF_ROW_STATE(v)) != 0, clef_value_of_row, clef_value_of_row), \
                             clef_this_is_no_value__give_the_address_of_a_row_or_members_one_by_one),
/* clang-format on */

#endif
