/* queryset.h: inside of a QuerySet. */
#ifndef ORM_QUERYSET_H
#define ORM_QUERYSET_H

#include "orm/where.h"

/* Conditions that all hold, the newest first; querysets made from each other share the older ones. */
typedef struct Filter {
    const struct Filter *older;
    const Where *where;
} Filter;

enum { CHUNKS = 40, CHUNK_ROWS = 8 };

/* The rows of one evaluation. Chunk k has room for 8 << k rows, so that rows never move. */
typedef struct ResultSet {
    Context *cx;
    const ModelInfo *info;
    Str alias;
    RowState state; /* shared by its rows */
    size_t n;
    char *chunks[CHUNKS];
} ResultSet;

struct QuerySet {
    Context *cx;
    const ModelInfo *info;
    const Filter *filters;
    const char *const *order; /* NULL: the model's */
    Str alias;
    size_t from, to; /* a slice; to QUERY_ALL: no end */
    bool ordered;    /* `order` counts, even when empty */
    bool reversed, sliced, none;
    ResultSet *result; /* NULL until evaluated */
};

typedef enum SelectWhat { SELECT_ROWS, SELECT_COUNT, SELECT_EXISTS, SELECT_KEYS } SelectWhat;

typedef struct Sql {
    Str text;
    const Value *params;
    size_t nparams;
    bool empty; /* no row can match: nothing needs to be asked */
} Sql;

CLEF_PRIVATE(Sql, queryset_compile, const QuerySet *q, SelectWhat what);

/* A row for the next place of the set; zeroed. `expected`: how many will come at most, 0: unknown. */
CLEF_PRIVATE(void *, result_add, ResultSet *set, size_t expected);
static inline void *result_at(const ResultSet *set, size_t i)
{
    unsigned k = 63 - (unsigned)__builtin_clzll(i / CHUNK_ROWS + 1);
    size_t first = CHUNK_ROWS * (((size_t)1 << k) - 1);
    return set->chunks[k] + (i - first) * set->info->m->size;
}
/* Reads what `sql` selects (every column of the model, in order). */
CLEF_PRIVATE(ResultSet *, result_read, Context *cx, const ModelInfo *info, Str alias, const Sql *sql, size_t expected);

#endif
