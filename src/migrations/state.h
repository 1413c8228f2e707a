/*
 * state.h: the models of a project as a history of migrations makes them, or as its code has them now. A state is a list
 * of models, never changed in place: an operation puts a new model in the place of the old, so states share what is equal.
 */
#ifndef MIGRATIONS_STATE_H
#define MIGRATIONS_STATE_H

#include "orm/editor.h"
#include <clef/migrations/migration.h>

/* The fields' to_label and through_label are "app.Model"; the primary key is always among the fields. */
typedef struct StateModel {
    const char *app;
    const char *lower; /* the name */
    Model m;           /* name, fields, Meta; no slot */
} StateModel;

struct ProjectState {
    Arena *a;
    const StateModel **p;
    size_t n, cap;
    struct Rendered *rendered; /* NULL until somebody asks for it */
};

CLEF_PRIVATE(ProjectState *, state_new, Arena *a);
CLEF_PRIVATE(ProjectState *, state_clone, Arena *a, const ProjectState *s);
/* NULL. Names in any case. */
CLEF_PRIVATE(const StateModel *, state_find, const ProjectState *s, const char *app, const char *name);
/* By "app.Model". */
CLEF_PRIVATE(const StateModel *, state_find_label, const ProjectState *s, const char *label);
/* Adds, or replaces the model of that name. */
CLEF_PRIVATE(void, state_put, ProjectState *s, const StateModel *model);
/* What the populated applications have. */
CLEF_PRIVATE(ProjectState *, state_of_apps, Context *cx, const App *const *apps);
/* "app.Model" for SWAPPABLE(...), and other labels as they are. Raises "migration_error" where the setting says nothing. */
CLEF_PRIVATE(const char *, label_settled, Context *cx, const char *label);
/* The operation with what its fields lead to settled; itself where there is nothing to settle. */
CLEF_PRIVATE(const Operation *, operation_settled, Context *cx, const Operation *op);
#define SWAPPABLE_APP "__setting__"
/* What an operation does to it. Raises 500 "migration_error" when it cannot. */
CLEF_PRIVATE(void, state_apply, Context *cx, ProjectState *s, const char *app, const Operation *op);

/* The populated infos; made once. */
CLEF_PRIVATE(const ModelInfos *, state_infos, Context *cx, ProjectState *s);
CLEF_PRIVATE(const ModelInfo *, state_info, Context *cx, ProjectState *s, const char *app, const char *name);

/* --- of models */
CLEF_PRIVATE(const Field *, state_field, const StateModel *m, const char *name);
CLEF_PRIVATE(const Index *, state_index, Context *cx, ProjectState *s, const StateModel *m, const char *name);
CLEF_PRIVATE(const Constraint *, state_constraint, const StateModel *m, const char *name);
CLEF_PRIVATE(const char *, lower_c, Arena *a, const char *text);
static inline bool same_c(const char *a, const char *b) { return str_eq(str_c(a), str_c(b)); }
static inline bool same_ic(const char *a, const char *b) { return str_ieq(str_c(a), str_c(b)); }

/* compare.c: equal in all that a migration can say. */
CLEF_PRIVATE(bool, fields_equal, Arena *a, const Field *x, const Field *y);
CLEF_PRIVATE(bool, names_equal, const char *const *x, const char *const *y);
CLEF_PRIVATE(bool, sets_equal, const char *const *const *x, const char *const *const *y);
CLEF_PRIVATE(bool, constraints_equal, Arena *a, const Constraint *x, const Constraint *y);
/* Except for what full_clean says. */
CLEF_PRIVATE(bool, constraints_match, Arena *a, const Constraint *x, const Constraint *y);
/* Except for the name. */
CLEF_PRIVATE(bool, indexes_alike, Arena *a, const Index *x, const Index *y);
CLEF_PRIVATE(bool, options_equal, const Model *x, const Model *y);

#endif
