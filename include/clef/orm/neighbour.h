/*
 * neighbour.h: the neighbours of a row, by a column or in the order that the rows of one parent have
 * (ORDER_WITH_RESPECT_TO).
 *
 *     Post *newer = NEXT_BY(r, post, "created");                      post.get_next_by_created()
 *     Post *older = PREVIOUS_BY(r, post, "created", Q(Post, published, EQ, true));
 *     Answer *next = NEXT_IN_ORDER(r, answer);                        answer.get_next_in_order()
 *     List *keys = RELATED_ORDER(r, question, Answer);                question.get_answer_order()
 *     SET_RELATED_ORDER(r, question, Answer, 3, 1, 2);                question.set_answer_order([3, 1, 2])
 *
 * A neighbour that there is not is NULL. Raised: 500 "value_error" for a row that was not saved, "field_error" for a
 * column or an order that the model has not.
 */
#ifndef CLEF_ORM_NEIGHBOUR_H
#define CLEF_ORM_NEIGHBOUR_H

#include <clef/orm/queryset.h>

/*
 * Among the rows that meet `preds` too (a list that ends, or NULL); rows with the same value are in the order of their
 * keys.
 */
CLEF_API(void *, row_next_by, Context *cx, const void *row, const char *field, bool previous, const Pred *preds);
CLEF_API(void *, row_next_in_order, Context *cx, const void *row, bool previous);
/* The keys of the rows of `of` that belong to this one, in their order. */
CLEF_API(List *, related_order, Context *cx, const void *row, const Model *of);
/* Their new order; rows that are not named keep their places. */
CLEF_API(void, related_set_order, Context *cx, const void *row, const Model *of, Values keys);

#define NEXT_BY(r, row, field, ...) \
    ((__typeof__(row))row_next_by(CX(r), (row), (field), false, CLEF_PREDS(__VA_ARGS__)))
#define PREVIOUS_BY(r, row, field, ...) \
    ((__typeof__(row))row_next_by(CX(r), (row), (field), true, CLEF_PREDS(__VA_ARGS__)))
#define NEXT_IN_ORDER(r, row)             ((__typeof__(row))row_next_in_order(CX(r), (row), false))
#define PREVIOUS_IN_ORDER(r, row)         ((__typeof__(row))row_next_in_order(CX(r), (row), true))
#define RELATED_ORDER(r, row, T)          related_order(CX(r), (row), &T##_model)
#define SET_RELATED_ORDER(r, row, T, ...) related_set_order(CX(r), (row), &T##_model, VALUES(__VA_ARGS__))

#endif
