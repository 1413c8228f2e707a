/* schema_server.h: changes of tables where the database can alter them in place: PostgreSQL, MariaDB, MySQL. */
#ifndef ORM_SCHEMA_SERVER_H
#define ORM_SCHEMA_SERVER_H

#include "orm/editor.h"
#include <clef/base/vec.h>

typedef struct Kept {
    Str table, sql;
} Kept;

struct SchemaEditor {
    Context *cx;
    Arena *a;
    const Dialect *d;
    EditorRunFn *run;
    void *arg;
    VEC(Kept) kept;
};

static inline bool editor_is_server(const SchemaEditor *e) { return e->d != &dialect_sqlite; }
/* A statement for the end of the migration; those of a table that goes. */
/*
 * Runs now what waits and names the table, and the column (the NULL string: any): before a name changes, or a
 * constraint is looked for. The other forgets it, as the column goes. Names are quoted.
 */
CLEF_PRIVATE(void, editor_run_kept, SchemaEditor *e, Str table, Str column);
CLEF_PRIVATE(void, editor_forget_column, SchemaEditor *e, Str table, Str column);
CLEF_PRIVATE(void, editor_keep, SchemaEditor *e, Str table, Str sql);
CLEF_PRIVATE(void, editor_forget, SchemaEditor *e, Str table);

CLEF_PRIVATE(void, server_create_table, SchemaEditor *e, const TableShape *t);
CLEF_PRIVATE(void, server_add_field, SchemaEditor *e, const ModelInfo *from, const FieldInfo *field);
CLEF_PRIVATE(void, server_remove_field, SchemaEditor *e, const ModelInfo *from, const FieldInfo *field);
CLEF_PRIVATE(void, server_alter_field, SchemaEditor *e, const ModelInfo *from, const FieldInfo *old_field,
             const FieldInfo *new_field);
CLEF_PRIVATE(void, server_add_together, SchemaEditor *e, const TableShape *t, const char *const *names, bool unique);
CLEF_PRIVATE(void, server_drop_together, SchemaEditor *e, const TableShape *t, const char *const *names, bool unique);
CLEF_PRIVATE(void, server_drop_index, SchemaEditor *e, Str table, Str name);
CLEF_PRIVATE(void, server_remove_index, SchemaEditor *e, const TableShape *t, const Index *index);
CLEF_PRIVATE(void, server_rename_index, SchemaEditor *e, Str table, Str old_name, Str new_name);
/* What people read about the table; NULL: nothing. `table` is quoted. */
CLEF_PRIVATE(void, server_comment_table, SchemaEditor *e, Str table, const char *text);
CLEF_PRIVATE(void, server_add_constraint, SchemaEditor *e, const ModelInfo *to, const Constraint *c);
CLEF_PRIVATE(void, server_remove_constraint, SchemaEditor *e, const ModelInfo *to, const Constraint *c);

/*
 * schema.c: CREATE TABLE under a name: the columns as `column` writes them, the key of several columns, the
 * constraints. Constraints that are indexes are kept for later.
 */
typedef Str ColumnTextFn(SchemaEditor *e, const TableShape *t, const FieldInfo *field);
CLEF_PRIVATE(void, table_create, SchemaEditor *e, const TableShape *t, Str under, ColumnTextFn *column);

#endif
