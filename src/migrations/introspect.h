/*
 * introspect.h: what tables a database has and what is in them, as the kinds of fields that fit: for inspectdb. By Django's
 * rules, which read a table that Django made as the fields that made it, where the database still knows them.
 */
#ifndef MIGRATIONS_INTROSPECT_H
#define MIGRATIONS_INTROSPECT_H

#include <clef/base/vec.h>
#include <clef/orm/field.h>
#include <clef/rt/context.h>

typedef struct TableColumn {
    Str name;
    Str type; /* as the database calls it, in small letters */
    Str comment, collation;
    FieldKind kind;
    bool guessed; /* no kind fits the type: a text holds it */
    bool null;
    bool is_auto; /* the database gives its values */
    int max_length, digits, places;
    bool digits_guessed;
} TableColumn;

typedef struct TableKey {
    Str column, table, to;
} TableKey;

typedef VEC(Str) TableNames;

typedef struct TableShown {
    Str name, comment;
    VEC(TableColumn) columns;
    TableNames pk;
    VEC(TableNames) unique; /* each its columns; not those over expressions or of some rows only */
    VEC(TableKey) keys;     /* foreign keys of one column */
    bool unreadable_unique; /* there are others, too */
} TableShown;

typedef struct TableListed {
    Str name;
    char kind; /* 't' table, 'v' view, 'p' partition */
} TableListed;

/* Sorted by their names. */
typedef VEC(TableListed) TablesListed;
CLEF_PRIVATE(TablesListed, tables_list, Context *cx, Str alias);
/* Raises what the database says. */
CLEF_PRIVATE(TableShown *, table_show, Context *cx, Str alias, Str name);

#endif
