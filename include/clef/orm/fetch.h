/*
 * fetch.h: what happens when a row is asked for what was not read with it: a relation that RELATED or a template follows, a
 * column that only() or defer() left out. Django's fetch modes.
 *
 *     FETCH_PEERS  one statement reads the relation for all rows of the result: a loop costs two statements. The default.
 *     FETCH_ONE    a statement for each row, as Django's FETCH_ONE: 1 + N of them in a loop.
 *     FETCH_RAISE  500 "field_fetch_blocked": whatever a view needs must be named by SELECT_RELATED, PREFETCH_RELATED, ONLY.
 *
 *     EACH (Post, post, FETCH_MODE(OBJECTS(r, Post), FETCH_RAISE))
 *         RELATED(r, post, author);                       raises: Fetching of Post.author blocked.
 *
 * The setting FETCH_MODE says what querysets do that say nothing. Rows that are loaded this way go on in the same mode.
 * The rows on the other side of a relation (RELATED_SET) are a queryset of their own: FETCH_RAISE lets one row ask for
 * them, and blocks them in a result of several rows unless prefetch_related read them.
 *
 * What still runs a statement for each row in FETCH_PEERS (RELATED_SET narrowed by FILTER, columns that were left out, rows
 * that were each read by themselves) is counted while somebody listens: with DEBUG, a warning in the log names the
 * model, the member, the place in the program and the remedy once there are ONE_BY_ONE_LIMIT of them in a piece of work.
 * https://docs.djangoproject.com/en/6.1/topics/db/fetch-modes/
 */
#ifndef CLEF_ORM_FETCH_H
#define CLEF_ORM_FETCH_H

#include <clef/orm/queryset.h>

typedef enum FetchMode { FETCH_DEFAULT, FETCH_PEERS, FETCH_ONE, FETCH_RAISE } FetchMode;

CLEF_API(QuerySet *, queryset_fetch_mode, QuerySet *q, FetchMode mode) CLEF_NONNULL CLEF_MUST_USE;
#define FETCH_MODE(q, mode) queryset_fetch_mode((q), (mode))
/* Of querysets that say nothing; FETCH_DEFAULT: FETCH_PEERS. Set at start-up. */
CLEF_API(void, fetch_mode_install, FetchMode mode);

/* A relation or a column was read by so many statements, each for one row. */
typedef struct OneByOne {
    const Model *model; /* whose rows were asked */
    Str member;         /* "author", "posts" */
    size_t statements;
    const char *file; /* NULL: not known: a template, row_value */
    int line;
    Str remedy; /* a sentence */
} OneByOne;
typedef void OneByOneFn(void *arg, const OneByOne *what);
/*
 * Is told once for each member and place of a piece of work, at the limit-th statement. NULL: nobody is, and nothing is
 * counted. Set at start-up. fn must neither raise nor use the database.
 */
CLEF_API(void, fetch_on_one_by_one, size_t limit, OneByOneFn *fn, void *arg);

#endif
