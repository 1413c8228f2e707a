/* sql.h: what the files share that write a SELECT: of one queryset, of several, over windows. */
#ifndef ORM_SQL_H
#define ORM_SQL_H

#include "orm/queryset.h"

/* What a SELECT says, worked out. */
typedef struct Select {
    SelectWhat what;
    const Named *nodes; /* what is selected; NULL: the columns of rows, or a constant */
    size_t n;
    size_t first;  /* of the columns before the first node, how many: places of ORDER BY count them */
    bool numbered; /* columns are named "__col1", ... */
    Orderings order;
    const Named *more; /* what is distinct is selected with what it is sorted by */
    size_t nmore;
    const Node *where, *having, *qualify;
    Sql *out;
} Select;

/* sql.c: each false when no row can match. */
CLEF_PRIVATE(bool, select_write, Writer *w, Buf *b, Select *s);
CLEF_PRIVATE(void, limit_write, const Writer *w, const QuerySet *q, Buf *b);
CLEF_PRIVATE(bool, column_is_same, const Node *a, const Node *b);
/* Raises when the statement outgrew QUERY_SQL_MAX. */
CLEF_PRIVATE(void, sql_check_size, const Writer *w, const Buf *b);
/* sql_windows.c */
CLEF_PRIVATE(bool, qualify_write, Writer *w, Buf *b, Select *s);
/* sql_compound.c */
CLEF_PRIVATE(bool, compound_write, Writer *w, Buf *b, SelectWhat what, bool numbered);

#endif
