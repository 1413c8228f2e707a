/* graph.h: the migrations of all applications, in an order that their dependencies allow. */
#ifndef MIGRATIONS_GRAPH_H
#define MIGRATIONS_GRAPH_H

#include "migrations/changes.h"

typedef struct Node Node;
struct Node {
    const Migration *m;
    const App *app;
    const Node **parents; /* what comes before it */
    size_t nparents;
    bool applied;  /* by the history that was read */
    bool implicit; /* made of the models of an application without migrations */
    unsigned mark; /* of a walk */
};

typedef struct Graph {
    Context *cx;
    const App *const *apps;
    Node *nodes; /* in order */
    size_t n;
} Graph;

/* Raises "migration_error" for a dependency that is not there, and for a circle. Models must be populated. */
CLEF_PRIVATE(Graph *, graph_create, Context *cx, const App *const *apps);
/*
 * The same with what the database has had marked. A squashed migration stands for those that it replaces when all or
 * none of them were applied; else these are taken, as long as the application lists them.
 */
CLEF_PRIVATE(Graph *, graph_with_history, Context *cx, const App *const *apps, Str alias);
/* Raises "inconsistent_migration_history" for a migration that was applied before one that it depends on. */
CLEF_PRIVATE(void, graph_check_history, Graph *g, Str alias);
/* By its name or an unambiguous beginning of it. Raises "migration_error". */
CLEF_PRIVATE(Node *, graph_find, Graph *g, const char *app, const char *name);
/* Does `node` come (anywhere) after `ancestor`, or is it that? */
CLEF_PRIVATE(bool, graph_follows, Graph *g, const Node *node, const Node *ancestor);
/* The newest ones of an application: one, unless it has conflicts. */
CLEF_PRIVATE(size_t, graph_leaves, Graph *g, const char *app, Node **out, size_t max);
/* Sentences about applications with several newest ones; empty: there are none. */
CLEF_PRIVATE(Str, graph_conflicts, Graph *g);
/* What all migrations (only the applied ones) make. `until` NULL: to the end; else before that node. */
CLEF_PRIVATE(ProjectState *, graph_state, Graph *g, bool applied_only, const Node *until);

/* history of a database: migrate.c */
CLEF_PRIVATE(bool, history_exists, Context *cx, Str alias);
/* A table or a view of the database. */
CLEF_PRIVATE(bool, table_exists, Context *cx, Str alias, Str table);

/* The statements of one migration. `run` is told each; functions are left out. */
CLEF_PRIVATE(void, migration_sql, Graph *g, Str alias, const Node *node, bool backwards, EditorRunFn *run, void *arg);

/*
 * squash.c: the migrations of one application as one that replaces them. How many operations there were and are. Raises
 * "migration_error" for one that replaces others itself.
 */
CLEF_PRIVATE(Migration *, migration_squash, Graph *g, const Node *const *nodes, size_t n, const char *name,
             bool optimize, size_t *before, size_t *after);
/* Are there functions among them, which no file that is written can name? */
CLEF_PRIVATE(bool, operations_need_hands, const Operation *operations);

typedef struct PlanStep {
    Node *node;
    bool backwards;
} PlanStep;
CLEF_PRIVATE(size_t, migrate_plan, Graph *g, const char *app, const char *name, PlanStep **out);

#endif
