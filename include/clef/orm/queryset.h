/*
 * queryset.h: what shall be read. A QuerySet is lazy, immutable and chainable: every function that narrows one gives a new
 * one and leaves the old as it was. The database is asked when rows, a count or an answer are first needed, once; the
 * rows stay with the queryset. Everything lives in the memory of the context that it began with.
 *
 *     QuerySet *posts = FILTER(OBJECTS(r, Post), Q(Post, published, EQ, true));
 *     posts = SLICE(ORDER_BY(posts, "-created", "author__name"), 0, 20);
 *     EACH (Post, post, posts)
 *         ...
 *     Post *one = GET_OR_404(posts, Post, Q(Post, slug, EQ, slug));
 *
 * Raised: 500 "field_error" for a path or lookup that does not exist (with the nearest names), "does_not_exist",
 * "multiple_objects_returned", and what databases.h says of the database. Predicates and names are copied.
 */
#ifndef CLEF_ORM_QUERYSET_H
#define CLEF_ORM_QUERYSET_H

#include <clef/orm/expr.h>
#include <clef/orm/model.h>
#include <clef/orm/query.h>
#include <clef/rt/context.h>

/* Conditions nest no deeper, joins reach no further. */
#define QUERY_MAX_DEPTH 32
/* A query reads no more tables (SQLite's own limit is 64). */
#define QUERY_MAX_JOINS 60
/* get() reads at most so many rows to say how many there are. */
#define QUERY_MAX_GET 21

CLEF_API(QuerySet *, queryset_of, Context *cx, const Model *m) CLEF_NONNULL CLEF_MUST_USE;
CLEF_API(QuerySet *, queryset_filter, QuerySet *q, const Pred *preds) CLEF_NONNULL CLEF_MUST_USE;
/* Without the rows that meet all of these. */
CLEF_API(QuerySet *, queryset_exclude, QuerySet *q, const Pred *preds) CLEF_NONNULL CLEF_MUST_USE;
/* "title", "-created", "author__name", "pk", "?" (random); replaces the order. An empty list: no order. */
CLEF_API(QuerySet *, queryset_order_by, QuerySet *q, const char *const *names) CLEF_NONNULL CLEF_MUST_USE;
/* The same of names and expressions: Lower("name"), DESC("price", .nulls_last = true). */
CLEF_API(QuerySet *, queryset_order_by_terms, QuerySet *q, Values terms) CLEF_MUST_USE;
CLEF_API(QuerySet *, queryset_reverse, QuerySet *q) CLEF_NONNULL CLEF_MUST_USE;
/* Rows [from, to) of it, as Python slices; to: QUERY_ALL for no end. */
#define QUERY_ALL SIZE_MAX
CLEF_API(QuerySet *, queryset_slice, QuerySet *q, size_t from, size_t to) CLEF_NONNULL CLEF_MUST_USE;
CLEF_API(QuerySet *, queryset_none, QuerySet *q) CLEF_NONNULL CLEF_MUST_USE;
/* The same, not read yet. */
CLEF_API(QuerySet *, queryset_all, QuerySet *q) CLEF_NONNULL CLEF_MUST_USE;
/* On the database of this alias. */
CLEF_API(QuerySet *, queryset_using, QuerySet *q, Str alias) CLEF_NONNULL CLEF_MUST_USE;

/*
 * The rows of several querysets together, those that are in all, those of the first that are in no other. They can be sorted by
 * what is selected, sliced, counted and read; SQLite takes no order and no slice in the parts.
 */
CLEF_API(QuerySet *, queryset_union, QuerySet *q, QuerySet *const *others, size_t n, bool all) CLEF_MUST_USE;
CLEF_API(QuerySet *, queryset_intersection, QuerySet *q, QuerySet *const *others, size_t n) CLEF_MUST_USE;
CLEF_API(QuerySet *, queryset_difference, QuerySet *q, QuerySet *const *others, size_t n) CLEF_MUST_USE;
/* Django's a & b, a | b, a ^ b: CONNECT_AND, CONNECT_OR, CONNECT_XOR of the conditions of both. */
CLEF_API(QuerySet *, queryset_combine, QuerySet *a, QuerySet *b, Connector connector) CLEF_NONNULL CLEF_MUST_USE;

/* No row twice. */
CLEF_API(QuerySet *, queryset_distinct, QuerySet *q) CLEF_NONNULL CLEF_MUST_USE;
/* Of the rows that agree in these, the first by its order (PostgreSQL). */
CLEF_API(QuerySet *, queryset_distinct_on, QuerySet *q, const char *const *names) CLEF_NONNULL CLEF_MUST_USE;
/* Each row with what these expressions compute (row_annotation); an aggregate sums up the rows that a relation leads to. */
CLEF_API(QuerySet *, queryset_annotate, QuerySet *q, const NamedExpr *exprs) CLEF_NONNULL CLEF_MUST_USE;
/* The same for conditions, orders and other annotations only: not selected. */
CLEF_API(QuerySet *, queryset_alias, QuerySet *q, const NamedExpr *exprs) CLEF_NONNULL CLEF_MUST_USE;
/*
 * Maps (lists; single values) in place of rows, of these names; an empty list: every column and annotation. What is annotated
 * afterwards by an aggregate sums up the rows whose values are the same. Read by queryset_list.
 */
CLEF_API(QuerySet *, queryset_values, QuerySet *q, const char *const *names) CLEF_NONNULL CLEF_MUST_USE;
CLEF_API(QuerySet *, queryset_values_list, QuerySet *q, const char *const *names, bool flat) CLEF_NONNULL CLEF_MUST_USE;
/* The same of names and expressions, and of expressions with names. VALUES_AS_NAMED: lists whose places have names. */
typedef enum ValuesShape { VALUES_AS_MAPS, VALUES_AS_LISTS, VALUES_AS_NAMED, VALUES_AS_FLAT } ValuesShape;
CLEF_API(QuerySet *, queryset_values_terms, QuerySet *q, Values terms, const NamedExpr *exprs, ValuesShape shape)
CLEF_MUST_USE;
/* The name of what a values queryset selects at this place; the NULL string past the last. */
CLEF_API(Str, queryset_value_name, const QuerySet *q, size_t i);
CLEF_API(bool, queryset_is_named, const QuerySet *q);
/* Aggregates over all its rows, by their names. */
CLEF_API(Map *, queryset_aggregate, QuerySet *q, const NamedExpr *exprs) CLEF_NONNULL;
/* UPDATE of all its rows in one statement, without signals; how many rows there were. */
CLEF_API(size_t, queryset_update, QuerySet *q, const NamedExpr *set);
/* What it gives, read now when that was not done: rows as objects, or what values() makes of them. */
CLEF_API(List *, queryset_list, QuerySet *q) CLEF_NONNULL;

CLEF_API(void *, queryset_get, QuerySet *q, const Model *m, const Pred *preds) CLEF_NONNULL;
CLEF_API(void *, queryset_get_or_404, QuerySet *q, const Model *m, const Pred *preds) CLEF_NONNULL;
/* The first (last) by its order, by the primary key when it has none; NULL when there is no row. */
CLEF_API(void *, queryset_first, QuerySet *q, const Model *m);
CLEF_API(void *, queryset_last, QuerySet *q, const Model *m);
CLEF_API(size_t, queryset_count, QuerySet *q);
CLEF_API(bool, queryset_exists, QuerySet *q);
/* How many rows it has, read now when that was not done. */
CLEF_API(size_t, queryset_length, QuerySet *q);
/* The i-th row, read now when that was not done; NULL past the end. */
CLEF_API(void *, queryset_at, QuerySet *q, const Model *m, size_t i);
CLEF_API(void *, queryset_next, QuerySet *q, const Model *m, size_t *cursor);
/* Deletes its rows, and by on_delete what refers to them, in one transaction; how many rows went in all. */
CLEF_API(size_t, queryset_delete, QuerySet *q);
typedef struct DeleteOptions {
    Map **counts;      /* how many rows of each model went: "blog.Post" and a number */
    bool keep_parents; /* of a model that inherits: only its own part goes */
    Str using;         /* of one row; empty: where it was read */
} DeleteOptions;
CLEF_API(size_t, queryset_delete_with, QuerySet *q, const DeleteOptions *options);
/* The SQL that would run, for people; parameters as `?`. */
CLEF_API(Str, queryset_sql, QuerySet *q);
CLEF_API(const Model *, queryset_model, const QuerySet *q) CLEF_NONNULL;

#define OBJECTS(r, T)   queryset_of(CX(r), &T##_model)
#define FILTER(q, ...)  queryset_filter((q), CLEF_PREDS(__VA_ARGS__))
#define EXCLUDE(q, ...) queryset_exclude((q), CLEF_PREDS(__VA_ARGS__))
/* ORDER_BY(q, "-created", "author__name", DESC(Lower("title"), .nulls_last = true)); without names: no order. */
#define ORDER_BY(q, ...)           queryset_order_by_terms((q), CLEF_TERMS(__VA_ARGS__))
#define CLEF_TERMS(...)            CLEF_TERMS_PICK(__VA_OPT__(1), __VA_ARGS__)
#define CLEF_TERMS_PICK(some, ...) CLEF_TERMS_##some(__VA_ARGS__)
#define CLEF_TERMS_()              ((Values){ .n = 0 })
#define CLEF_TERMS_1(...)          VALUES(__VA_ARGS__)
#define SLICE(q, from, to)         queryset_slice((q), (from), (to))
#define ANNOTATE(q, ...)           queryset_annotate((q), CLEF_NAMED(__VA_ARGS__))
#define ALIAS(q, ...)              queryset_alias((q), CLEF_NAMED(__VA_ARGS__))
#define AGGREGATE(q, ...)          queryset_aggregate((q), CLEF_NAMED(__VA_ARGS__))
/* UPDATE(OBJECTS(r, Post), Q(Post, id, EQ, 7), SET("views", ADD(F("views"), 1))): one condition (Q_AND joins several), then
 * what is set. UPDATE_ALL has none. Both give the number of rows. */
#define UPDATE(q, condition, ...) queryset_update(FILTER((q), condition), CLEF_NAMED(__VA_ARGS__))
#define UPDATE_ALL(q, ...)        queryset_update((q), CLEF_NAMED(__VA_ARGS__))
#define DISTINCT(q)               queryset_distinct(q)
#define CLEF_SETS(...)            ((QuerySet *const[]){ __VA_ARGS__ }), sizeof((QuerySet *const[]){ __VA_ARGS__ }) / sizeof(void *)
#define UNION(q, ...)             queryset_union((q), CLEF_SETS(__VA_ARGS__), false)
#define UNION_ALL(q, ...)         queryset_union((q), CLEF_SETS(__VA_ARGS__), true)
#define INTERSECTION(q, ...)      queryset_intersection((q), CLEF_SETS(__VA_ARGS__))
#define DIFFERENCE(q, ...)        queryset_difference((q), CLEF_SETS(__VA_ARGS__))
#define VALUES_OF(q, ...)         queryset_values((q), ((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL }))
#define VALUES_LIST(q, ...)       queryset_values_list((q), ((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL }), false)
#define VALUES_FLAT(q, name)      queryset_values_list((q), ORDER(name), true)
#define GET_ROW(q, T, ...)        ((T *)queryset_get((q), &T##_model, CLEF_PREDS(__VA_ARGS__)))
#define GET_OR_404(q, T, ...)     ((T *)queryset_get_or_404((q), &T##_model, CLEF_PREDS(__VA_ARGS__)))
#define FIRST(q, T)               ((T *)queryset_first((q), &T##_model))
#define LAST(q, T)                ((T *)queryset_last((q), &T##_model))
#define COUNT(q)                  queryset_count(q)
#define EXISTS(q)                 queryset_exists(q)
/* for (each row). `break` and `continue` do what they do in a loop. */
#define EACH(T, row, queryset)                               \
    for (struct {                                            \
             QuerySet *from;                                 \
             size_t at;                                      \
             bool done;                                      \
         } clef_each_##row = { (queryset), 0, false };       \
         !clef_each_##row.done; clef_each_##row.done = true) \
        for (T * row; (row = queryset_next(clef_each_##row.from, &T##_model, &clef_each_##row.at)) != NULL;)

#endif
