/*
 * lookup.h: lookups and transforms of one's own, beside those of query.h and the parts of dates. An application lists
 * them, and paths may end in their names everywhere: LOOKUP, order_by, F, the shell.
 *
 *     static const Lookup not_equal = { .name = "ne", .sql = "$1 <> $2" };
 *     static const Lookup absolute = { .name = "abs", .kinds = LOOKUP_KINDS(FIELD_INTEGER, FIELD_FLOAT), .sql = "ABS($1)",
 *                                      .transform = true };
 *     const App blog_app = { .label = "blog", .models = MODELS(Post), .lookups = LOOKUPS(&not_equal, &absolute) };
 *
 *     FILTER(OBJECTS(r, Post), LOOKUP("score__abs__ne", 3));                     WHERE ABS("score") <> 3
 *
 * In the SQL $1 is the column, or what transforms made of it, $2 the value, which is always a parameter; a percent sign
 * is written twice. Django's page: "Custom lookups". Names are those of the process: of two of one name the first that
 * fits the field counts.
 */
#ifndef CLEF_ORM_LOOKUP_H
#define CLEF_ORM_LOOKUP_H

#include <clef/orm/field.h>

typedef struct Lookup {
    const char *name; /* "ne": letters, digits and single underscores */
    /*
     * LOOKUP_KINDS(...): of fields of these kinds and of those that Django derives from them (CharField: SlugField
     * too); NULL: of all.
     */
    const FieldKind *kinds;
    const char *sql;
    const char *sqlite, *postgresql, *mysql; /* where a database says it otherwise; mysql: MariaDB, too */
    bool transform;                          /* takes no value, and makes another one of the column */
    FieldKind output;                        /* of what a transform makes; FIELD_NONE: that of the column */
    /* What a lookup compares with, made of what was given; NULL: the value as the column has it. May raise. */
    Value (*prepare)(Context *cx, const Field *f, Value v);
} Lookup;

#define LOOKUPS(...)      ((const Lookup *const[]){ __VA_ARGS__, NULL })
#define LOOKUP_KINDS(...) ((const FieldKind[]){ __VA_ARGS__, FIELD_NONE })

#endif
