/*
 * schema.h: tables from models, as Django's schema editor makes them: the same CREATE TABLE text on SQLite, the same
 * names of indexes and constraints, the same order. Migrations call it; tests may call it by themselves.
 */
#ifndef CLEF_ORM_SCHEMA_H
#define CLEF_ORM_SCHEMA_H

#include <clef/orm/model.h>
#include <clef/rt/context.h>

/* The statements that create the tables of these models (a list that ends at NULL): tables first, then indexes. */
CLEF_API(size_t, schema_create_sql, Context *cx, Str vendor, const Model *const *models, const Str **statements);
/* Creates the tables of an application on the database of the alias, in one transaction. */
CLEF_API(void, schema_create, Context *cx, Str alias, const App *app);

/* Django's name of an index: table_column_hash + suffix, cut to the database's length. */
CLEF_API(Str, schema_index_name, Arena *a, Str table, const Str *columns, size_t n, Str suffix);

#endif
