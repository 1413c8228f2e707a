/* squash.c: several migrations as one, and one in fewer operations. */
#include "migrations/graph.h"
#include <clef/base/vec.h>

static void add_key(Arena *a, MigrationKey key, MigrationKey **keys, size_t *n)
{
    for (size_t i = 0; i < *n; i++)
        if (same_c((*keys)[i].app, key.app) && same_c((*keys)[i].name, key.name))
            return;
    MigrationKey *more = NEW_ARRAY(a, MigrationKey, *n + 2);
    if (*n)
        memcpy(more, *keys, *n * sizeof *more);
    more[(*n)++] = key;
    *keys = more;
}

Migration *migration_squash(Graph *g, const Node *const *nodes, size_t n, const char *name, bool optimize,
                            size_t *before, size_t *after)
{
    Arena *a = g->cx->arena;
    VEC(Operation) ops = { 0 };
    Migration *m = NEW(a, Migration);
    MigrationKey *dependencies = NULL, *replaces = NULL;
    size_t ndependencies = 0, nreplaces = 0;
    *before = 0;
    for (size_t i = 0; i < n; i++) {
        const Migration *one = nodes[i]->m;
        if (one->replaces)
            RAISE(g->cx, 500, "migration_error",
                  "You cannot squash squashed migrations! Please transition %s.%s to a normal migration first: take "
                  ".replaces out of it, and the migrations that it replaces out of the list.",
                  one->app, one->name);
        for (const Operation *op = one->operations; op && op->kind; op++) {
            ++*before;
            if (!op->elidable)
                VEC_PUSH(a, &ops, *operation_settled(g->cx, op)); /* the writer leaves it to the setting again */
        }
        for (const MigrationKey *k = one->dependencies; k && k->app; k++)
            if (!same_c(k->app, one->app) || i == 0)
                add_key(a, *k, &dependencies, &ndependencies);
        add_key(a, (MigrationKey){ one->app, one->name }, &replaces, &nreplaces);
        m->not_atomic |= one->not_atomic;
    }
    VEC_PUSH(a, &ops, (Operation){ .kind = OPERATION_NONE });
    m->app = nodes[0]->m->app;
    m->name = name;
    m->initial = nodes[0]->m->initial;
    m->dependencies = dependencies;
    m->replaces = replaces;
    m->operations = optimize ? operations_optimize(a, m->app, ops.p) : ops.p;
    *after = operations_count(m->operations);
    return m;
}

bool operations_need_hands(const Operation *operations)
{
    for (const Operation *op = operations; op && op->kind; op++)
        if (op->kind == OPERATION_RUN_FUNCTION || operations_need_hands(op->database) ||
            operations_need_hands(op->state))
            return true;
    return false;
}
