/* queryset.h: inside of a QuerySet. */
#ifndef ORM_QUERYSET_H
#define ORM_QUERYSET_H

#include "orm/node.h"
#include <clef/orm/row.h>

enum { CHUNKS = 40, CHUNK_ROWS = 8, QUERY_SQL_MAX = 1 << 20, SUBQUERY_MAX = 8 };

/* The rows of one evaluation. Chunk k has room for 8 << k rows, so that rows never move. */
typedef struct ResultSet {
    Context *cx;
    const ModelInfo *info;
    Str alias;
    RowState state;            /* shared by its rows */
    const struct Named *extra; /* annotations: their Values stand behind each row's struct */
    size_t nextra, row_size;
    size_t n;
    char *chunks[CHUNKS];
} ResultSet;

/* An annotation, or something that values() selects. */
typedef struct Named {
    Str name;
    const Node *node;
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
    const Named *selected; /* not MODE_ROWS */
    size_t nselected;
    const Node *const *group;
    size_t ngroup;
    QueryMode mode;
    Grouping grouping;
    const char *const *order; /* NULL: the model's */
    const OuterAsked *outer_asked;
    Str alias;
    size_t from, to; /* a slice; to QUERY_ALL: no end */
    bool ordered;    /* `order` counts, even when empty */
    bool reversed, sliced, none, distinct;
    ResultSet *result; /* NULL until evaluated */
    List *values;      /* the same, of modes other than MODE_ROWS */
};

typedef enum SelectWhat { SELECT_ROWS, SELECT_COUNT, SELECT_EXISTS, SELECT_KEYS, SELECT_NODES, SELECT_ONES } SelectWhat;

typedef struct Sql {
    Str text;
    const Value *params;
    size_t nparams;
    bool empty; /* no row can match: nothing needs to be asked */
} Sql;

/* A queryset without the model's order, for inner use. */
CLEF_PRIVATE(QuerySet *, queryset_bare, Context *cx, const ModelInfo *info);
CLEF_PRIVATE(QuerySet *, queryset_copy, const QuerySet *q);
CLEF_PRIVATE(const Node *, annotation_find, const QuerySet *q, Str name);

/* sql.c. `nodes`: of SELECT_NODES; an aggregate among them may run over `q` as a subquery (`inner`). */
CLEF_PRIVATE(Sql, queryset_compile, const QuerySet *q, SelectWhat what);
CLEF_PRIVATE(Sql, queryset_compile_nodes, const QuerySet *q, const Named *nodes, size_t n, bool over);
/* UPDATE of the rows of q; of those by key when it joins other tables. */
CLEF_PRIVATE(Sql, queryset_compile_update, const QuerySet *q, const Named *set, size_t n);

/* write.c */
typedef enum Truth { UNKNOWN, ALWAYS, NEVER } Truth;
typedef struct Params {
    Value *p;
    size_t n, cap;
} Params;
typedef struct Writer {
    Context *cx;
    const Dialect *d;
    const QuerySet *q;
    const struct Writer *around; /* of the query that this one is a part of */
    const OuterName *outers;
    const Str *aliases; /* quoted, per join */
    Params *params;
    unsigned level; /* of subqueries */
} Writer;
CLEF_PRIVATE(Truth, node_write, Writer *w, Buf *b, const Node *n, bool negated);
/* The conditions of a WHERE (or of a HAVING: those with aggregates). */
CLEF_PRIVATE(Truth, where_write, Writer *w, Buf *b, const Node *where, bool aggregates);
/* sql.c: a statement inside another; false when it can have no row. */
CLEF_PRIVATE(bool, subquery_write, Writer *around, Buf *b, const QuerySet *q, const OuterName *outers, SelectWhat what);

/* A row for the next place of the set; zeroed. `expected`: how many will come at most, 0: unknown. */
CLEF_PRIVATE(void *, result_add, ResultSet *set, size_t expected);
static inline void *result_at(const ResultSet *set, size_t i)
{
    unsigned k = 63 - (unsigned)__builtin_clzll(i / CHUNK_ROWS + 1);
    size_t first = CHUNK_ROWS * (((size_t)1 << k) - 1);
    return set->chunks[k] + (i - first) * set->row_size;
}
/* Reads what `sql` selects: every column of the model, in order, and the extra ones. */
CLEF_PRIVATE(ResultSet *, result_read, QuerySet *q, const Sql *sql, size_t expected);
/* Reads rows of `nodes`: as maps, as lists, as single values. */
CLEF_PRIVATE(List *, values_read, QuerySet *q, const Sql *sql, const Named *nodes, size_t n, QueryMode mode);

#endif
