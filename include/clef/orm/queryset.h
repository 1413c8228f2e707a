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
/* Of the rows that a relation leads to those that its limit_choices_to allows; each once. */
CLEF_API(QuerySet *, queryset_limit_choices, QuerySet *q, const Field *relation) CLEF_NONNULL CLEF_MUST_USE;
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
 * The rows of several querysets together, those that are in all, those of the first that are in no other. They can be
 * sorted by what is selected, sliced, counted and read; SQLite takes no order and no slice in the parts.
 */
CLEF_API(QuerySet *, queryset_union, QuerySet *q, QuerySet *const *others, size_t n, bool all) CLEF_MUST_USE;
CLEF_API(QuerySet *, queryset_intersection, QuerySet *q, QuerySet *const *others, size_t n) CLEF_MUST_USE;
CLEF_API(QuerySet *, queryset_difference, QuerySet *q, QuerySet *const *others, size_t n) CLEF_MUST_USE;
/* Django's a & b, a | b, a ^ b: CONNECT_AND, CONNECT_OR, CONNECT_XOR of the conditions of both. */
CLEF_API(QuerySet *, queryset_combine, QuerySet *a, QuerySet *b, Connector connector) CLEF_NONNULL CLEF_MUST_USE;

/*
 * Related rows read by the same statement: "author", "author__country", and the other side of a OneToOneField; the
 * pointers of the rows lead to them. An empty list: along every key that cannot be NULL. NULL: no related rows any
 * more.
 */
CLEF_API(QuerySet *, queryset_select_related, QuerySet *q, const char *const *names) CLEF_MUST_USE;
/*
 * Related rows read by one statement more for each relation: RELATED, RELATED_SET and row_prefetched find them. A Prefetch
 * names what it leads to ("posts__tags"), and may have a queryset of its own and a name to keep the rows under.
 */
typedef struct Prefetch {
    const char *path;
    QuerySet *queryset;
    const char *to_attr;
    QuerySet *const *querysets; /* QUERYSETS(...): of a GenericForeignKey, for the models that need one of their own */
} Prefetch;
#define QUERYSETS(...) ((QuerySet *const[]){ __VA_ARGS__, NULL })
CLEF_API(QuerySet *, queryset_prefetch_related, QuerySet *q, const Prefetch *terms) CLEF_MUST_USE;
/* What prefetch_related read for the row under this name, as a queryset that was asked; NULL: nothing was. */
CLEF_API(QuerySet *, row_prefetched, Context *cx, const void *row, const char *name);
/* The same where a name leads to one row: the other side of a OneToOneField. */
CLEF_API(void *, row_prefetched_one, const void *row, const char *name);
/* Only these columns, or all but these, besides the primary key. row_value reads the others when it is asked for them. */
CLEF_API(QuerySet *, queryset_only, QuerySet *q, const char *const *names) CLEF_MUST_USE;
CLEF_API(QuerySet *, queryset_defer, QuerySet *q, const char *const *names) CLEF_MUST_USE;
/*
 * A member's value, read now when it was deferred (the member has it then, too); by name, or of a relation by
 * "author_id".
 */
CLEF_API(Value, row_value, Context *cx, void *row, const char *name);
CLEF_API(bool, row_is_deferred, Context *cx, const void *row, const char *name);
/* Names of the columns that were not read. */
CLEF_API(List *, row_deferred_fields, Context *cx, const void *row);
/* Locks the rows until the transaction ends; databases without such locks (SQLite) go on without. */
typedef struct SelectForUpdate {
    bool nowait, skip_locked, no_key;
    const char *const *of; /* "self", "author": the tables whose rows are locked; NULL: all */
} SelectForUpdate;
CLEF_API(QuerySet *, queryset_select_for_update, QuerySet *q, const SelectForUpdate *options) CLEF_MUST_USE;
/* Rows of the model that a statement of your own gives, `?` for each parameter; other columns are annotations. */
CLEF_API(QuerySet *, queryset_raw, Context *cx, const Model *m, Str sql, const Value *params, size_t n) CLEF_MUST_USE;
/*
 * The same, where columns of the statement have other names than those of the model: SET("c", "color") reads the column
 * c into the member color. Ends at { .name = NULL }; copied. Django's raw(translations=...).
 */
CLEF_API(QuerySet *, queryset_raw_translated, const QuerySet *q, const NamedExpr *translations) CLEF_MUST_USE;

/* No row twice. */
CLEF_API(QuerySet *, queryset_distinct, QuerySet *q) CLEF_NONNULL CLEF_MUST_USE;
/* Of the rows that agree in these, the first by its order (PostgreSQL). */
CLEF_API(QuerySet *, queryset_distinct_on, QuerySet *q, const char *const *names) CLEF_NONNULL CLEF_MUST_USE;
/* Each row with what these expressions compute (row_annotation); an aggregate sums up the rows that a relation leads to. */
CLEF_API(QuerySet *, queryset_annotate, QuerySet *q, const NamedExpr *exprs) CLEF_NONNULL CLEF_MUST_USE;
/* The same for conditions, orders and other annotations only: not selected. */
CLEF_API(QuerySet *, queryset_alias, QuerySet *q, const NamedExpr *exprs) CLEF_NONNULL CLEF_MUST_USE;
/*
 * Maps (lists; single values) in place of rows, of these names; an empty list: every column and annotation. What is
 * annotated afterwards by an aggregate sums up the rows whose values are the same. Read by queryset_list.
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
/* Is this row among its rows? */
CLEF_API(bool, queryset_contains, QuerySet *q, const void *row);
/* By these names, or by the model's get_latest_by; raises "does_not_exist". */
CLEF_API(void *, queryset_earliest, QuerySet *q, const Model *m, const char *const *names);
CLEF_API(void *, queryset_latest, QuerySet *q, const Model *m, const char *const *names);
/*
 * The row that meets the lookups, or a new one with their values and the defaults; `created` may be NULL.
 * update_or_create sets the defaults of a row that it finds; `create_defaults` NULL: the defaults.
 */
CLEF_API(void *, queryset_get_or_create, QuerySet *q, const NamedExpr *lookups, const NamedExpr *defaults,
         bool *created);
CLEF_API(void *, queryset_update_or_create, QuerySet *q, const NamedExpr *lookups, const NamedExpr *defaults,
         const NamedExpr *create_defaults, bool *created);
/* Pairs (lists) of a key and its row, for the keys that there are; keys NULL: all rows; name NULL: the primary key. */
CLEF_API(List *, queryset_in_bulk, QuerySet *q, const List *keys, const char *field_name);
/* The days (instants) of a column, cut down to "year", "month", "week", "day" ("hour", "minute", "second"), each once. */
CLEF_API(QuerySet *, queryset_dates, QuerySet *q, const char *field, const char *kind, bool descending) CLEF_MUST_USE;
CLEF_API(QuerySet *, queryset_datetimes, QuerySet *q, const char *field, const char *kind, bool descending,
         const TimeZone *zone)
CLEF_MUST_USE;
/* One INSERT for many rows, in batches; keys that the database gives are put in place. No signals. */
typedef struct BulkCreate {
    int batch_size; /* 0: as many as the database takes */
    bool ignore_conflicts, update_conflicts;
    const char *const *update_fields, *const *unique_fields;
    Str using;
} BulkCreate;
CLEF_API(void, model_bulk_create, Context *cx, const Model *m, void *const *rows, size_t n, const BulkCreate *options);
/*
 * Rows from a stream, by the fastest way that the database has (COPY on PostgreSQL), in constant memory and in one
 * transaction: all of them or none. next(cx, row, arg) fills a new row, which has the model's defaults, and says
 * whether there was one; what it allocates from its cx, and the row, end with the next call, and what it asks a
 * database goes by another connection. Keys that the database gives are not read back. No signals but pre_init and
 * post_init. How many rows there were.
 *
 *     static bool next_line(Context *cx, void *row, void *arg) { Post *post = row; ...; return true; }
 *     size_t n = BULK_LOAD(r, Post, next_line, &file);
 */
typedef bool NextRowFn(Context *cx, void *row, void *arg);
typedef struct BulkLoad {
    bool with_keys; /* the rows bring their automatic keys */
    Str using;
} BulkLoad;
CLEF_API(size_t, model_bulk_load, Context *cx, const Model *m, NextRowFn *next, void *arg, const BulkLoad *options);
#define BULK_LOAD(r, T, next, arg, ...) model_bulk_load(CX(r), &T##_model, (next), (arg), &(BulkLoad){ __VA_ARGS__ })
/*
 * One UPDATE that gives many rows the values of these fields, in batches; how many rows there were. `value`, when set,
 * may give another value than the member's, an expression among them: true when it does.
 */
typedef struct BulkUpdate {
    int batch_size;
    bool (*value)(void *arg, const void *row, const Field *f, Value *out);
    void *arg;
} BulkUpdate;
CLEF_API(size_t, queryset_bulk_update, QuerySet *q, void *const *rows, size_t n, const char *const *fields,
         const BulkUpdate *options);
/*
 * Every row in turn, in constant memory: rows are read by chunks (0: 2,000), and those of a chunk, with what was
 * prefetched for them, end with it. fn returns false to stop; what it allocates is the context's. How many rows it was
 * given.
 */
typedef bool RowFn(Context *cx, void *row, void *arg);
CLEF_API(size_t, queryset_iterate, QuerySet *q, size_t chunk, RowFn *fn, void *arg);
/*
 * UPDATE and delete of tables that are too large for one transaction: by chunks of so many rows (0: 2,000) in the order
 * of their keys, each in a transaction of its own (inside an ATOMIC: in that one), in constant memory. After each that
 * changed something fn (NULL: nobody) is told how many rows there were so far; false stops. The number of rows; of a
 * delete, with those that referred to them.
 */
typedef bool ProgressFn(Context *cx, size_t done, void *arg);
CLEF_API(size_t, queryset_update_chunks, QuerySet *q, const NamedExpr *set, size_t chunk, ProgressFn *fn, void *arg);
CLEF_API(size_t, queryset_delete_chunks, QuerySet *q, size_t chunk, ProgressFn *fn, void *arg);
/* How the database would go about it, as text; format NULL: its usual one. */
CLEF_API(Str, queryset_explain, QuerySet *q, const char *format);
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
/* The payload of "protected_error" and "restricted_error": the rows in the way, as objects of row_class. */
typedef struct DeleteError {
    List *rows;
} DeleteError;
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
#define SELECT_RELATED(q, ...)    queryset_select_related((q), ((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL }))
/* PREFETCH_RELATED(q, PREFETCH("posts"), PREFETCH("posts__tags", .queryset = some, .to_attr = "some_tags")) */
#define PREFETCH(path_, ...)         \
    {                                \
        .path = (path_), __VA_ARGS__ \
    }
#define PREFETCH_RELATED(q, ...)  queryset_prefetch_related((q), ((const Prefetch[]){ __VA_ARGS__, { .path = NULL } }))
#define ONLY(q, ...)              queryset_only((q), ORDER(__VA_ARGS__))
#define DEFER_FIELDS(q, ...)      queryset_defer((q), ORDER(__VA_ARGS__))
#define SELECT_FOR_UPDATE(q, ...) queryset_select_for_update((q), &(SelectForUpdate){ __VA_ARGS__ })
#define GET_OR_CREATE(q, T, lookups, defaults, created) \
    ((T *)queryset_get_or_create((q), (lookups), (defaults), (created)))
#define BULK_CREATE(r, T, rows, n, ...) \
    model_bulk_create(CX(r), &T##_model, (void *const *)(rows), (n), &(BulkCreate){ __VA_ARGS__ })
#define DISTINCT(q)           queryset_distinct(q)
#define CLEF_SETS(...)        ((QuerySet *const[]){ __VA_ARGS__ }), sizeof((QuerySet *const[]){ __VA_ARGS__ }) / sizeof(void *)
#define UNION(q, ...)         queryset_union((q), CLEF_SETS(__VA_ARGS__), false)
#define UNION_ALL(q, ...)     queryset_union((q), CLEF_SETS(__VA_ARGS__), true)
#define INTERSECTION(q, ...)  queryset_intersection((q), CLEF_SETS(__VA_ARGS__))
#define DIFFERENCE(q, ...)    queryset_difference((q), CLEF_SETS(__VA_ARGS__))
#define VALUES_OF(q, ...)     queryset_values((q), ((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL }))
#define VALUES_LIST(q, ...)   queryset_values_list((q), ((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL }), false)
#define VALUES_FLAT(q, name)  queryset_values_list((q), ORDER(name), true)
#define GET_ROW(q, T, ...)    ((T *)queryset_get((q), &T##_model, CLEF_PREDS(__VA_ARGS__)))
#define GET_OR_404(q, T, ...) ((T *)queryset_get_or_404((q), &T##_model, CLEF_PREDS(__VA_ARGS__)))
#define FIRST(q, T)           ((T *)queryset_first((q), &T##_model))
#define LAST(q, T)            ((T *)queryset_last((q), &T##_model))
#define COUNT(q)              queryset_count(q)
#define EXISTS(q)             queryset_exists(q)
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
