/* queryset.h: inside of a QuerySet. */
#ifndef ORM_QUERYSET_H
#define ORM_QUERYSET_H

#include "orm/node.h"
#include <clef/base/vec.h>
#include <clef/orm/fetch.h>
#include <clef/orm/row.h>

enum { BULK_SQL_MAX = 1 << 26, BULK_ROWS_MAX = 10000, QUERY_CHUNK = 2000 };
enum { CHUNKS = 40, CHUNK_ROWS = 8, QUERY_SQL_MAX = 1 << 20, SUBQUERY_MAX = 8 };

/*
 * What prefetch_related read for one relation of the rows of a result: for the i-th row an object, or a queryset, or
 * NULL.
 */
typedef struct Prefetched {
    struct Prefetched *next;
    Str name;
    bool single; /* rows; else ResultSets */
    void **of;
    bool *known;
    size_t n;
} Prefetched;

/*
 * The rows of one evaluation. Chunk k has room for 8 << k rows, so that rows never move. A set with a `view` has rows of
 * other sets.
 */
struct Reading;
typedef struct ResultSet {
    Context *cx;
    const ModelInfo *info;
    Str alias;
    RowState state;            /* shared by its rows */
    const struct Named *extra; /* annotations: their Values stand behind each row's struct */
    size_t nextra, row_size;
    size_t n;
    FetchMode fetch;
    const uint64_t *deferred; /* a bit for each column that was not read; NULL: all were */
    const uint64_t
        *stale;        /* those of them that were read until a save had the database compute them anew; NULL: none */
    uint64_t **loaded; /* of a row: the bits of those that were read since */
    size_t nloaded;
    Prefetched *prefetched;
    void **view;
    struct RelatedRows *related; /* what related_set found for the rows of this set */
    char *chunks[CHUNKS];
} ResultSet;

/* A term of an order: a name, or an expression. */
typedef struct OrderTerm {
    Str name;
    const Expr *expr;
} OrderTerm;

/* A relation whose rows are read with those of the queryset. */
typedef struct Related {
    const FieldInfo *field;
    bool reverse;          /* a OneToOneField from the other side */
    uint32_t join;         /* of the other side's table */
    size_t parent;         /* which Related it starts from, counted from 1; 0: the queryset's own rows */
    const ModelInfo *info; /* of the other side */
    const uint64_t *deferred;
} Related;

/* Names that only() or defer() were told; `only`: nothing else is read. */
typedef struct Deferring {
    const Str *names;
    size_t n;
    bool only;
} Deferring;

typedef struct PrefetchTerm {
    Str path; /* "books__reviews" */
    QuerySet *queryset;
    QuerySet *const *querysets; /* of a generic relation: one for each model; ends at NULL, or is NULL */
    Str to_attr;
} PrefetchTerm;

/* The relation that a queryset began with, of one row, and where the program asked for it. */
typedef struct Via {
    const ModelInfo *info;
    Str name;
    const char *file;
    int line;
} Via;

typedef enum Combinator { COMBINE_NOT, COMBINE_UNION, COMBINE_INTERSECTION, COMBINE_DIFFERENCE } Combinator;

/* An annotation, or something that values() selects. */
typedef struct Named {
    Str name;
    const Node *node;
    bool hidden; /* of alias(): not selected */
} Named;

typedef struct OuterAsked {
    const struct OuterAsked *next;
    Str name;
} OuterAsked;

typedef enum QueryMode { MODE_ROWS, MODE_MAPS, MODE_LISTS, MODE_FLAT } QueryMode;
typedef enum Grouping { GROUP_NOT, GROUP_BY_KEY, GROUP_BY_NODES } Grouping;

/*
 * Arrays are never written once a queryset has them: copies share them, and whoever adds makes a longer one.
 */
struct QuerySet {
    Context *cx;
    const ModelInfo *info;
    const Join *joins; /* the first is the model's table */
    uint32_t njoins;
    const Node *where; /* NULL: every row */
    const Named *annotations;
    size_t nannotations;
    const Filtered *filtered;
    size_t nfiltered;
    const Named *selected; /* not MODE_ROWS */
    size_t nselected;
    const Node *const *group;
    size_t ngroup;
    QueryMode mode;
    Grouping grouping;
    const OrderTerm *order; /* what counts when `ordered`; else the model's */
    size_t norder;
    const Str *distinct_on;
    size_t ndistinct_on;
    const Str *related; /* select_related: paths */
    size_t nrelated;
    Deferring deferring;
    const PrefetchTerm *prefetch;
    size_t nprefetch;
    const QuerySet *const *parts; /* of a union, intersection, difference; the first is where it began */
    size_t nparts;
    Combinator combinator;
    const struct RawQuery *raw;
    const FieldInfo *known; /* a relation of the rows that leads to known_row: author.posts */
    void *known_row;
    const OuterAsked *outer_asked;
    bool was_read; /* the rows came by prefetch_related: all() gives them again */
    bool sticky; /* the next filter() goes over the joins there are: about the same links of a many-to-many relation */
    const Via *via; /* NULL: it began with a model */
    FetchMode fetch_mode;
    Str alias;
    size_t from, to; /* a slice; to QUERY_ALL: no end */
    bool ordered;    /* `order` counts, even when empty */
    bool reversed, sliced, none, distinct, union_all, related_all, named;
    LockOptions lock;
    const struct Siblings *siblings; /* the other side of a relation of one row: read with those of its siblings */
    ResultSet *result;               /* NULL until evaluated */
    List *values;                    /* the same, of modes other than MODE_ROWS */
};

typedef enum SelectWhat { SELECT_ROWS, SELECT_COUNT, SELECT_EXISTS, SELECT_KEYS, SELECT_NODES, SELECT_ONES } SelectWhat;

typedef struct Sql {
    Str text;
    const Value *params;
    size_t nparams;
    bool empty; /* no row can match: nothing needs to be asked */
    const Related *related;
    size_t nrelated;
    const uint64_t *deferred;
} Sql;

/* The columns that a row of the model has, those of its bases among them. */
static inline size_t row_columns(const ModelInfo *info) { return info->nall; }
static inline const FieldInfo *row_column(const ModelInfo *info, size_t i) { return info->all[i]; }

/* The rows that a relation's limit_choices_to allows; one may come several times. */
CLEF_PRIVATE(QuerySet *, choices_limited, QuerySet *q, const Field *relation);
/* A queryset without the model's order, for inner use. */
CLEF_PRIVATE(QuerySet *, queryset_bare, Context *cx, const ModelInfo *info);
CLEF_PRIVATE(QuerySet *, queryset_copy, const QuerySet *q);
/* The same without an order. */
CLEF_PRIVATE(QuerySet *, queryset_unordered, const QuerySet *q);
CLEF_PRIVATE(const Node *, annotation_find, const QuerySet *q, Str name);
/* Those that are selected. */
CLEF_PRIVATE(const Named *, annotations_shown, const QuerySet *q, size_t *n);
/* Raises when the queryset is a union, an intersection or a difference. */
CLEF_PRIVATE(void, check_not_combined, const QuerySet *q, const char *method);

/* sql.c. `nodes`: of SELECT_NODES; an aggregate among them may run over `q` as a subquery (`inner`). */
CLEF_PRIVATE(Sql, queryset_compile, const QuerySet *q, SelectWhat what);
CLEF_PRIVATE(Sql, queryset_compile_nodes, const QuerySet *q, const Named *nodes, size_t n, bool over);
/* UPDATE of the rows of q; of those by key when it joins other tables. */
CLEF_PRIVATE(Sql, queryset_compile_update, const QuerySet *q, const Named *set, size_t n);

CLEF_PRIVATE(Sql, queryset_compile_delete, const QuerySet *q);

/* write.c */
typedef enum Truth { UNKNOWN, ALWAYS, NEVER } Truth;
typedef struct Params {
    Value *p;
    size_t n, cap;
    bool tracked;       /* keep in `from` where each stands among the nodes; NULL: it is none of theirs */
    const Value **from; /* as long as p */
    size_t from_cap;
} Params;
typedef struct Writer {
    Context *cx;
    const Dialect *d;
    const QuerySet *q;
    const struct Writer *around; /* of the query that this one is a part of */
    const OuterName *outers;
    const Str *aliases; /* quoted, per join; NULL: columns stand alone, as in what defines their table */
    Params *params;
    unsigned level; /* of subqueries */
    bool compound;  /* a part of a union */
} Writer;
CLEF_PRIVATE(Truth, node_write, Writer *w, Buf *b, const Node *n, bool negated);
/* The conditions of a clause. */
typedef enum WhereClause { CLAUSE_WHERE, CLAUSE_HAVING, CLAUSE_QUALIFY } WhereClause;
CLEF_PRIVATE(Truth, where_write, Writer *w, Buf *b, const Node *where, WhereClause clause);
/* An expression of an order, its direction behind it; the other way round when `reversed`. */
CLEF_PRIVATE(void, order_write, Writer *w, Buf *b, const Node *n, bool reversed);
CLEF_PRIVATE(void, order_tail_write, const Writer *w, Buf *b, bool descending, NullsPlace nulls);
/* sql.c: a statement inside another; false when it can have no row. */
CLEF_PRIVATE(bool, subquery_write, Writer *around, Buf *b, const QuerySet *q, const OuterName *outers, SelectWhat what);

/* sorting.c: what a queryset is sorted by. */
typedef struct Ordering {
    const Node *node; /* NULL: by chance */
    bool descending;
    NullsPlace nulls;
} Ordering;
typedef VEC(Ordering) Orderings;
CLEF_PRIVATE(void, order_resolve, QuerySet *q, Orderings *out);
/* The places of an order by, for a lookup ("pk", "author__name"). */
CLEF_PRIVATE(const OrderTerm *, order_of_names, Context *cx, const char *const *names, size_t *n);

/* columns.c: which columns of which tables a queryset of rows reads. */
/* The table of the columns of `owner`, which is the model at `join` or a base of it; joined when it is not yet. */
CLEF_PRIVATE(uint32_t, join_to_owner, Resolving *r, uint32_t join, const ModelInfo *at, const ModelInfo *owner);
/*
 * Appends the columns that rows have, and their annotations, as nodes; joins what that needs. `plan` NULL: nothing
 * related.
 */
CLEF_PRIVATE(void, columns_of_rows, QuerySet *q, const Sql *plan, Named **columns, size_t *n, size_t *cap);
CLEF_PRIVATE(bool, is_column_deferred, const uint64_t *mask, const ModelInfo *info, const FieldInfo *field);
CLEF_PRIVATE(void, related_resolve, QuerySet *q, Sql *out);
CLEF_PRIVATE(const uint64_t *, deferred_resolve, const QuerySet *q, const ModelInfo *info, Str prefix);
static inline bool is_deferred(const uint64_t *mask, size_t column)
{
    return mask && (mask[column / 64] >> (column % 64) & 1);
}

/* A row for the next place of the set; zeroed. `expected`: how many will come at most, 0: unknown. */
CLEF_PRIVATE(void *, result_add, ResultSet *set, size_t expected);
static inline void *result_at(const ResultSet *set, size_t i)
{
    if (set->view)
        return set->view[i];
    unsigned k = 63 - (unsigned)__builtin_clzll(i / CHUNK_ROWS + 1);
    size_t first = CHUNK_ROWS * (((size_t)1 << k) - 1);
    return set->chunks[k] + (i - first) * set->row_size;
}
/*
 * Up to `most` rows of a statement in progress; `more` tells whether there may be others. In the memory of the context
 * now.
 */
CLEF_PRIVATE(ResultSet *, result_chunk, QuerySet *q, const Sql *sql, struct Reading *r, size_t most, bool *more);

/* prefetch.c: reads what the terms name for all rows of a set. */
CLEF_PRIVATE(void, prefetch_run, Context *cx, ResultSet *set, const PrefetchTerm *terms, size_t n);
/* What was read for this row under a name: one row (perhaps none), or several; false, NULL: nothing was read. */
CLEF_PRIVATE(bool, prefetched_row, const void *row, Str name, void **out);
CLEF_PRIVATE(ResultSet *, prefetched_set, const void *row, Str name);
CLEF_PRIVATE(void, prefetched_keep_row, Context *cx, const void *row, Str name, void *to);
/* related.c: a key as the name of a map's entry. */
CLEF_PRIVATE(Str, key_text, Arena *a, Value v);

/* What was read under this name; the NULL string: under any. */
CLEF_PRIVATE(void, prefetched_forget, const void *row, Str name);
/* fetch.c: how rows of this set (NULL: none) load what was not read. */
CLEF_PRIVATE(FetchMode, fetch_mode_of, const ResultSet *set);
CLEF_PRIVATE(void, fetch_blocked, Context *cx, const ModelInfo *info, Str member) CLEF_NORETURN;
typedef enum OneByOneKind { ONE_RELATION, ONE_SET, ONE_COLUMN } OneByOneKind;
/* A statement ran for one row. */
CLEF_PRIVATE(void, fetch_one_by_one, Context *cx, OneByOneKind kind, const Via *via);
/* row.c: the row's own database from now on. */
CLEF_PRIVATE(void, row_came_from, Context *cx, void *row, Str alias);

/* Sets a member by name; a row for a relation sets its pointer, too. */
CLEF_PRIVATE(void, row_assign, Context *cx, const ModelInfo *info, void *row, const NamedExpr *e);
/* deferred.c: was this column left out when the row was read? row_read_field reads it then. */
CLEF_PRIVATE(bool, row_is_unread, const void *row, const FieldInfo *field);
CLEF_PRIVATE(void, row_read_field, Context *cx, void *row, const FieldInfo *field);
/* The member was set by other means. */
CLEF_PRIVATE(void, row_set_read, Context *cx, const void *row, const FieldInfo *field);
/* What the row has of the column is no longer true: as if it had been left out. False: the row has no place to say so. */
CLEF_PRIVATE(bool, row_set_unread, Context *cx, void *row, const FieldInfo *field);

/* A raw statement whose rows are rows of the model. */
typedef struct RawQuery {
    Str sql;
    const Value *params;
    size_t n;
    const NamedExpr *translations; /* columns of the statement, and the names of the fields that they are */
} RawQuery;
CLEF_PRIVATE(ResultSet *, result_raw, QuerySet *q);

/* Reads what `sql` selects: every column of the model, in order, and the extra ones. */
CLEF_PRIVATE(ResultSet *, result_read, QuerySet *q, const Sql *sql, size_t expected);
/* Some of its rows. */
CLEF_PRIVATE(ResultSet *, result_view, ResultSet *of, void **rows, size_t n);
/* Which row of the set it is; SIZE_MAX: none. */
CLEF_PRIVATE(size_t, result_index, const ResultSet *set, const void *row);
/* relatedset.c: the rows of such a queryset, read together with those of the siblings; NULL where there are no siblings. */
CLEF_PRIVATE(ResultSet *, siblings_read, const QuerySet *q);
/* Reads rows of `nodes`: as maps, as lists, as single values. */
CLEF_PRIVATE(List *, values_read, QuerySet *q, const Sql *sql, const Named *nodes, size_t n, QueryMode mode);

#endif
