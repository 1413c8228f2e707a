/*
 * migration_update.c: makemigrations --update: changes go into the last migration of the application, which nobody has
 * applied.
 */
#define _GNU_SOURCE
#include "cli/migration_files.h"
#include "migrations/graph.h"
#include "migrations/writer.h"
#include <clef/base/vec.h>

#include <errno.h>
#include <unistd.h>

typedef VEC(MigrationKey) Keys;

static void add_key(Arena *a, Keys *keys, MigrationKey key)
{
    for (size_t i = 0; i < keys->n; i++)
        if (same_c(keys->p[i].app, key.app) && same_c(keys->p[i].name, key.name))
            return;
    VEC_PUSH(a, keys, key);
}

/* The last migration, where it may still be changed. */
static const Migration *last_of(CommandCall *c, Graph *g, const char *app)
{
    Context *cx = &c->cx;
    Node *leaf;
    if (!graph_leaves(g, app, &leaf, 1) || leaf->implicit)
        RAISE(cx, 500, "migration_error", "App %s has no migration, cannot update last migration.", app);
    const Migration *m = leaf->m;
    if (m->replaces && m->replaces->app)
        RAISE(cx, 500, "migration_error", "Cannot update squash migration '%s.%s'.", app, m->name);
    if (leaf->applied)
        RAISE(cx, 500, "migration_error", "Cannot update applied migration '%s.%s'.", app, m->name);
    Buf after = BUF_INIT(cx->arena, 1 << 14);
    for (size_t i = 0; i < g->n; i++)
        for (size_t j = 0; j < g->nodes[i].nparents; j++)
            if (g->nodes[i].parents[j] == leaf)
                buf_printf(&after, "%s'%s.%s'", after.n ? ", " : "", g->nodes[i].m->app, g->nodes[i].m->name);
    if (after.n)
        RAISE(cx, 500, "migration_error", "Cannot update migration '%s.%s' that migrations %.*s depend on.", app,
              m->name, STR_FMT(buf_view(&after)));
    return m;
}

static const char *name_of(CommandCall *c, const Migration *old, const Operation *operations)
{
    Arena *a = c->cx.arena;
    Str part = option_given(c, "name") ? option_text(c, "name") : operations_name(a, operations, old->initial);
    const char *name = str_format(a, "%.4s_%.*s", old->name, STR_FMT(part)).p;
    return same_c(name, old->name) ? str_format(a, "%s_updated", old->name).p : name;
}

static Migration *with_changes(CommandCall *c, const Migration *old, const Change *changes, const bool *chosen,
                               size_t n)
{
    Arena *a = c->cx.arena;
    VEC(Operation) operations = { 0 };
    Keys keys = { 0 };
    Migration *m = NEW(a, Migration);
    *m = *old;
    for (const Operation *op = old->operations; op && op->kind; op++)
        VEC_PUSH(a, &operations, *operation_settled(&c->cx, op));
    for (const MigrationKey *k = old->dependencies; k && k->app; k++)
        add_key(a, &keys, *k);
    for (size_t i = 0; i < n; i++) {
        if (!chosen[i] || !same_c(changes[i].app, old->app))
            continue;
        for (const Operation *op = changes[i].operations; op->kind; op++)
            VEC_PUSH(a, &operations, *op);
        for (const MigrationKey *k = changes[i].dependencies; k && k->app; k++)
            if (!same_c(k->app, old->app))
                add_key(a, &keys, *k);
    }
    VEC_PUSH(a, &operations, (Operation){ .kind = OPERATION_NONE });
    VEC_PUSH(a, &keys, (MigrationKey){ .app = NULL });
    m->operations = operations_optimize(a, old->app, operations.p);
    m->dependencies = keys.n > 1 ? keys.p : NULL;
    m->name = name_of(c, old, m->operations);
    return m;
}

static void update(CommandCall *c, Graph *g, const App *app, const Change *changes, const bool *chosen, size_t n)
{
    Arena *a = c->cx.arena;
    const Migration *old = last_of(c, g, app->label);
    Migration *m = with_changes(c, old, changes, chosen, n);
    Str source = migration_source(a, m), folder = migration_folder(c, app);
    bool quiet = option_flag(c, "dry-run") || option_flag(c, "check");
    command_say(c, "Migrations for '%s':\n  %.*s/%s.c", app->label, STR_FMT(folder), m->name);
    for (const Operation *op = m->operations; op->kind; op++)
        command_say(c, "    %c %.*s", operation_symbol(op), STR_FMT(operation_describe(a, op)));
    if (quiet) {
        if (c->verbosity >= 3)
            command_write(c, source);
        return;
    }
    (void)migration_write(c, app, m->name, source);
    const char *path = str_format(a, "%.*s/%s.c", STR_FMT(folder), old->name).p;
    migration_index_change(c, app, old->name, m->name);
    if (operations_need_hands(m->operations)) {
        command_warn(
            c,
            "Updated migration %.*s/%s.c requires manual porting.\n  Previous migration %s was kept and must be "
            "deleted after porting functions manually.",
            STR_FMT(folder), m->name, path);
    } else if (unlink(path) == 0) {
        command_say(c, "Deleted %s", path);
    } else {
        command_warn(c, "%s cannot be deleted: %s. Delete it, and build again.", path, strerror(errno));
    }
}

void migrations_update(CommandCall *c, const Change *changes, const bool *chosen, size_t n)
{
    Graph *g = graph_with_history(&c->cx, c->settings->installed_apps, (Str){ 0 });
    for (const App *const *app = g->apps; *app; app++) {
        bool any = false;
        for (size_t i = 0; i < n; i++)
            any |= chosen[i] && same_c(changes[i].app, (*app)->label);
        if (any)
            update(c, g, *app, changes, chosen, n);
    }
}
