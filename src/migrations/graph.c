/* graph.c: migrations and what they depend on. */
#include "migrations/graph.h"
#include <clef/base/vec.h>
#include <clef/orm/databases.h>

typedef struct Building {
    Graph *g;
    VEC(Node) all; /* as listed */
    VEC(size_t) order;
    SqlRows history; /* application and name */
} Building;

enum { UNSEEN, OPEN, CLOSED };

static const char *name_c(const Migration *m) { return m->name; }

/*
 * What a dependency means: of SWAPPABLE_DEPENDENCY the first migration of the application that the setting names. `app`
 * NULL: nothing, since it is the migration's own application.
 */
static MigrationKey settled(Context *cx, const char *own, const MigrationKey *k)
{
    if (!same_c(k->app, SWAPPABLE_APP))
        return *k;
    Str rest = str_c(label_settled(cx, str_format(cx->arena, SWAPPABLE_APP ".%s", k->name).p)), app;
    (void)str_cut(&rest, '.', &app);
    return (MigrationKey){ str_eq(app, str_c(own)) ? NULL : str_dup_c(cx->arena, app), "__first__" };
}

/* An application without migrations has what its models need, as one. */
static const Migration *implicit_migration(Context *cx, const App *app, const App *const *apps)
{
    ProjectState *none = state_new(cx->arena), *all = state_of_apps(cx, apps), *own = state_new(cx->arena);
    const Questioner nobody = { 0 };
    Change *changes;
    for (size_t i = 0; i < all->n; i++)
        state_put(same_c(all->p[i]->app, app->label) ? own : none, all->p[i]);
    /* What relations lead to must be in both states. */
    ProjectState *to = state_clone(cx->arena, none);
    for (size_t i = 0; i < own->n; i++)
        state_put(to, own->p[i]);
    size_t n = changes_detect(cx, none, to, &nobody, NULL, "initial", &changes);
    Migration *m = NEW(cx->arena, Migration);
    VEC(MigrationKey) keys = { 0 };
    if (n)
        *m = changes[0].migration;
    for (const MigrationKey *k = m->dependencies; k && k->app; k++) {
        MigrationKey key = settled(cx, app->label, k);
        for (size_t i = 0; key.app && apps[i]; i++)
            if (same_c(apps[i]->label, key.app) && !same_c(key.app, app->label))
                VEC_PUSH(cx->arena, &keys, key);
    }
    VEC_PUSH(cx->arena, &keys, (MigrationKey){ NULL, NULL });
    m->app = app->label;
    m->name = "0001_initial";
    m->initial = true;
    m->dependencies = keys.p;
    return m;
}

static size_t index_of(const Building *b, const char *app, const char *name)
{
    size_t last = STR_NPOS;
    for (size_t i = 0; i < b->all.n; i++) {
        const Migration *m = b->all.p[i].m;
        if (!same_c(m->app, app))
            continue;
        if (same_c(m->name, name) || same_c(name, "__first__"))
            return i;
        for (const MigrationKey *k = m->replaces; k && k->app; k++)
            if (same_c(k->name, name) && same_c(k->app, app))
                return i;
        last = i;
    }
    return same_c(name, "__latest__") ? last : STR_NPOS;
}

static void visit(Building *b, size_t at, unsigned depth);

static void visit_key(Building *b, size_t at, const MigrationKey *k, unsigned depth)
{
    const Migration *m = b->all.p[at].m;
    MigrationKey key = settled(b->g->cx, m->app, k);
    if (!key.app)
        return;
    k = &key;
    size_t other = index_of(b, k->app, k->name);
    bool known = false;
    for (size_t i = 0; b->g->apps[i]; i++)
        known |= same_c(b->g->apps[i]->label, k->app);
    if (other == STR_NPOS && known && same_c(k->name, "__first__"))
        return; /* an application without models */
    if (other == STR_NPOS)
        RAISE(b->g->cx, 500, "migration_error", "Migration %s.%s depends on %s.%s, which does not exist%s.", m->app,
              m->name, k->app, k->name,
              known ? ": is it in the application's list (migrations/index.c)?"
                    : ": is the application in INSTALLED_APPS?");
    visit(b, other, depth + 1);
}

static void visit(Building *b, size_t at, unsigned depth)
{
    Node *node = &b->all.p[at];
    if (node->mark == CLOSED)
        return;
    if (node->mark == OPEN || depth > 10000)
        RAISE(b->g->cx, 500, "migration_error", "The migrations depend on each other in a circle: %s.%s is part of it.",
              node->m->app, node->m->name);
    node->mark = OPEN;
    for (const MigrationKey *k = node->m->dependencies; k && k->app; k++)
        visit_key(b, at, k, depth);
    for (size_t i = 0; i < b->all.n; i++)
        for (const MigrationKey *k = b->all.p[i].m->run_before; k && k->app; k++)
            if (i != at && index_of(b, k->app, k->name) == at)
                visit(b, i, depth + 1);
    b->all.p[at].mark = CLOSED;
    VEC_PUSH(b->g->cx->arena, &b->order, at);
}

static bool was_applied(const Building *b, const char *app, const char *name)
{
    for (size_t i = 0; i < b->history.n; i++)
        if (str_eq(b->history.rows[i][0].s, str_c(app)) && str_eq(b->history.rows[i][1].s, str_c(name)))
            return true;
    return false;
}

static bool is_listed(const Building *b, const char *app, const char *name)
{
    for (size_t i = 0; i < b->all.n; i++)
        if (same_c(b->all.p[i].m->app, app) && same_c(b->all.p[i].m->name, name))
            return true;
    return false;
}

/* Some, and not all, of what the squashed migration replaces were applied. */
static bool is_partly_applied(const Building *b, const Migration *m)
{
    size_t n = 0, had = 0;
    for (const MigrationKey *k = m->replaces; k && k->app; k++, n++)
        had += was_applied(b, k->app, k->name);
    if (!had || had == n || was_applied(b, m->app, m->name))
        return false;
    for (const MigrationKey *k = m->replaces; k && k->app; k++)
        if (!is_listed(b, k->app, k->name))
            RAISE(b->g->cx, 500, "migration_error",
                  "%s.%s replaces %zu migrations, of which the database has had %zu: apply the others first, with the "
                  "program that still has them.",
                  m->app, m->name, n, had);
    return true;
}

/* Does a squashed migration stand for this one? One that cannot stand goes itself. */
static bool is_replaced(const Building *b, const Migration *m)
{
    if (m->replaces && is_partly_applied(b, m))
        return true;
    for (size_t i = 0; i < b->all.n; i++)
        for (const MigrationKey *k = b->all.p[i].m->replaces; k && k->app; k++)
            if (same_c(k->app, m->app) && same_c(k->name, m->name) && !is_partly_applied(b, b->all.p[i].m))
                return true;
    return false;
}

static bool has_models(const App *app) { return app->models && app->models[0]; }

static Graph *build(Context *cx, const App *const *apps, SqlRows history)
{
    static const App *const none[] = { NULL };
    Arena *a = cx->arena;
    Graph *g = NEW(a, Graph);
    Building b = { .g = g, .history = history };
    *g = (Graph){ .cx = cx, .apps = apps ? apps : none };
    for (size_t i = 0; g->apps[i]; i++) {
        const App *app = g->apps[i];
        for (size_t j = 0; app->migrations && app->migrations[j]; j++) {
            if (!same_c(app->migrations[j]->app, app->label))
                RAISE(cx, 500, "migration_error",
                      "The migration %s says that it belongs to '%s', and is listed by '%s'.", app->migrations[j]->name,
                      app->migrations[j]->app, app->label);
            VEC_PUSH(a, &b.all, (Node){ .m = app->migrations[j], .app = app });
        }
        if (!app->migrations && has_models(app))
            VEC_PUSH(a, &b.all, (Node){ .m = implicit_migration(cx, app, g->apps), .app = app, .implicit = true });
    }
    /* A squashed migration stands for those that it replaces. */
    size_t kept = 0;
    for (size_t i = 0; i < b.all.n; i++)
        b.all.p[i].mark = is_replaced(&b, b.all.p[i].m);
    for (size_t i = 0; i < b.all.n; i++)
        if (!b.all.p[i].mark)
            b.all.p[kept++] = b.all.p[i];
    b.all.n = kept;
    for (size_t i = 0; i < b.all.n; i++)
        visit(&b, i, 0);
    g->nodes = NEW_ARRAY(a, Node, b.order.n);
    g->n = b.order.n;
    size_t *place = NEW_ARRAY(a, size_t, b.all.n);
    for (size_t i = 0; i < g->n; i++) {
        g->nodes[i] = b.all.p[b.order.p[i]];
        g->nodes[i].mark = 0;
        place[b.order.p[i]] = i;
    }
    for (size_t i = 0; i < g->n; i++) {
        VEC(const Node *) parents = { 0 };
        for (const MigrationKey *k = g->nodes[i].m->dependencies; k && k->app; k++) {
            MigrationKey key = settled(cx, g->nodes[i].m->app, k);
            size_t at = key.app ? index_of(&b, key.app, key.name) : STR_NPOS;
            if (at != STR_NPOS)
                VEC_PUSH(a, &parents, &g->nodes[place[at]]);
        }
        for (size_t j = 0; j < b.all.n; j++)
            for (const MigrationKey *k = b.all.p[j].m->run_before; k && k->app; k++)
                if (same_c(k->app, g->nodes[i].m->app) && same_c(k->name, g->nodes[i].m->name))
                    VEC_PUSH(a, &parents, &g->nodes[place[j]]);
        g->nodes[i].parents = parents.p;
        g->nodes[i].nparents = parents.n;
    }
    return g;
}

static bool reaches(Node *node, const Node *ancestor, unsigned mark, unsigned depth)
{
    if (node == ancestor)
        return true;
    if (node->mark == mark || depth > 10000)
        return false;
    node->mark = mark;
    for (size_t i = 0; i < node->nparents; i++)
        if (reaches((Node *)node->parents[i], ancestor, mark, depth + 1))
            return true;
    return false;
}

bool graph_follows(Graph *g, const Node *node, const Node *ancestor)
{
    static unsigned walk;
    (void)g;
    return reaches((Node *)node, ancestor, ++walk ? walk : ++walk, 0);
}

size_t graph_leaves(Graph *g, const char *app, Node **out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        Node *node = &g->nodes[i];
        bool leaf = same_c(node->m->app, app);
        for (size_t j = 0; leaf && j < g->n; j++)
            for (size_t k = 0; k < g->nodes[j].nparents; k++)
                leaf &= g->nodes[j].parents[k] != node || !same_c(g->nodes[j].m->app, app);
        if (leaf && n < max)
            out[n++] = node;
    }
    return n;
}

Str graph_conflicts(Graph *g)
{
    Buf b = BUF_INIT(g->cx->arena, 1 << 16);
    for (size_t i = 0; g->apps[i]; i++) {
        Node *leaves[16];
        size_t n = graph_leaves(g, g->apps[i]->label, leaves, CLEF_COUNT(leaves));
        if (n < 2)
            continue;
        buf_printf(&b, "%s", b.n ? "; " : "");
        for (size_t j = 0; j < n; j++)
            buf_printf(&b, "%s%s", j ? ", " : "", name_c(leaves[j]->m));
        buf_printf(&b, " in %s", g->apps[i]->label);
    }
    return buf_view(&b);
}

Node *graph_find(Graph *g, const char *app, const char *name)
{
    Node *found = NULL;
    bool several = false, any = false;
    for (size_t i = 0; i < g->n; i++) {
        Node *node = &g->nodes[i];
        if (!same_c(node->m->app, app))
            continue;
        any = true;
        if (same_c(node->m->name, name))
            return node;
        if (str_starts(str_c(node->m->name), str_c(name))) {
            several = found != NULL;
            found = node;
        }
    }
    if (several)
        RAISE(g->cx, 500, "migration_error",
              "More than one migration matches '%s' in app '%s'. Please be more specific.", name, app);
    if (!any) {
        for (size_t i = 0; g->apps[i]; i++)
            if (same_c(g->apps[i]->label, app))
                RAISE(g->cx, 500, "migration_error", "App '%s' does not have migrations.", app);
        RAISE(g->cx, 500, "migration_error", "No installed app with label '%s'.", app);
    }
    if (!found)
        RAISE(g->cx, 500, "migration_error", "Cannot find a migration matching '%s' from app '%s'.", name, app);
    return found;
}

Graph *graph_create(Context *cx, const App *const *apps) { return build(cx, apps, (SqlRows){ 0 }); }

Graph *graph_with_history(Context *cx, const App *const *apps, Str alias)
{
    SqlRows rows = { 0 };
    if (history_exists(cx, alias))
        rows = sql_query(cx, alias, STR("SELECT \"app\", \"name\" FROM \"django_migrations\""), NULL, 0);
    const Building b = { .history = rows };
    Graph *g = build(cx, apps, rows);
    for (size_t i = 0; i < g->n; i++) {
        const Migration *m = g->nodes[i].m;
        size_t replaced = 0, had = 0;
        for (const MigrationKey *k = m->replaces; k && k->app; k++, replaced++)
            had += was_applied(&b, k->app, k->name);
        g->nodes[i].applied = was_applied(&b, m->app, m->name) || (replaced && had == replaced);
    }
    return g;
}

void graph_check_history(Graph *g, Str alias)
{
    for (size_t i = 0; i < g->n; i++)
        for (size_t j = 0; j < g->nodes[i].nparents && g->nodes[i].applied; j++) {
            const Node *parent = g->nodes[i].parents[j];
            if (!parent->applied)
                RAISE(g->cx, 500, "inconsistent_migration_history",
                      "Migration %s.%s is applied before its dependency %s.%s on database '%.*s'.", g->nodes[i].m->app,
                      g->nodes[i].m->name, parent->m->app, parent->m->name, STR_FMT(alias.n ? alias : STR("default")));
        }
}

ProjectState *graph_state(Graph *g, bool applied_only, const Node *until)
{
    ProjectState *s = state_new(g->cx->arena);
    for (size_t i = 0; i < g->n && &g->nodes[i] != until; i++)
        if (!applied_only || g->nodes[i].applied)
            for (const Operation *op = g->nodes[i].m->operations; op && op->kind; op++)
                state_apply(g->cx, s, g->nodes[i].m->app, op);
    return s;
}
