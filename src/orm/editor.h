/*
 * editor.h: the schema editor: changes of tables, as Django makes them on SQLite, which can alter little: most changes make
 * a new table beside the old one, copy the rows and rename it. Each call hands statements over in the order in which they
 * must run; what has to wait for the end of a migration (indexes) is kept until editor_finish or until the table is made
 * anew. Whoever owns the editor sees to the transaction, and to foreign keys not being enforced meanwhile.
 */
#ifndef ORM_EDITOR_H
#define ORM_EDITOR_H

#include "orm/ddl.h"

typedef void EditorRunFn(void *arg, Str sql);
typedef struct SchemaEditor SchemaEditor;

/* Raises "schema_error" for a kind of database that it does not know. */
CLEF_PRIVATE(SchemaEditor *, editor_create, Context *cx, Str vendor, EditorRunFn *run, void *arg);
/* In which it writes. */
CLEF_PRIVATE(const Dialect *, editor_dialect, const SchemaEditor *e);
/* Runs what was kept. */
CLEF_PRIVATE(void, editor_finish, SchemaEditor *e);
/* A statement of somebody's own. */
CLEF_PRIVATE(void, editor_run, SchemaEditor *e, Str sql);

/* With the tables between, and indexes. Nothing for a proxy or an unmanaged model, here and below. */
CLEF_PRIVATE(void, editor_create_model, SchemaEditor *e, const ModelInfo *info);
CLEF_PRIVATE(void, editor_delete_model, SchemaEditor *e, const ModelInfo *info);
/* The table's name, and that of the tables between which Django names after it. */
CLEF_PRIVATE(void, editor_rename_table, SchemaEditor *e, const ModelInfo *from, const ModelInfo *to);
/* All of RenameModel: the table, the relations to it (their fields by name in `relations`), the tables between. */
CLEF_PRIVATE(void, editor_rename_model, SchemaEditor *e, const ModelInfo *from, const ModelInfo *to,
             const ModelInfos *from_state, const ModelInfos *to_state);
/* `field` is of the model's next state. */
CLEF_PRIVATE(void, editor_add_field, SchemaEditor *e, const ModelInfo *from, const FieldInfo *field);
CLEF_PRIVATE(void, editor_remove_field, SchemaEditor *e, const ModelInfo *from, const FieldInfo *field);
CLEF_PRIVATE(void, editor_alter_field, SchemaEditor *e, const ModelInfo *from, const FieldInfo *old_field,
             const FieldInfo *new_field);
/* unique_together, or index_together. */
CLEF_PRIVATE(void, editor_alter_together, SchemaEditor *e, const ModelInfo *to, const char *const *const *old_sets,
             const char *const *const *new_sets, bool unique);
CLEF_PRIVATE(void, editor_add_index, SchemaEditor *e, const ModelInfo *info, const Index *index);
CLEF_PRIVATE(void, editor_remove_index, SchemaEditor *e, const ModelInfo *info, const Index *index);
/* Under another name, without being made anew where the database can do that. */
CLEF_PRIVATE(void, editor_rename_index, SchemaEditor *e, const ModelInfo *from, const Index *old_index,
             const ModelInfo *to, const Index *new_index);
/* db_table_comment. */
CLEF_PRIVATE(void, editor_alter_comment, SchemaEditor *e, const ModelInfo *from, const ModelInfo *to);
/* `to`: the state with (without) the constraint. */
CLEF_PRIVATE(void, editor_add_constraint, SchemaEditor *e, const ModelInfo *to, const Constraint *c);
CLEF_PRIVATE(void, editor_remove_constraint, SchemaEditor *e, const ModelInfo *to, const Constraint *c);

/* By the name of a member, of columns and of relations with a table of their own; NULL. */
CLEF_PRIVATE(const FieldInfo *, info_any_field, const ModelInfo *info, Str name);

#endif
