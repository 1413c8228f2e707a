/* migrate.c: plans, and running them: the history in django_migrations, one transaction for each migration. */
#include "migrations/graph.h"
#include "migrations/introspect.h"
#include "migrations/statements.h"
#include "orm/dialect.h"
#include <clef/base/vec.h>
#include <clef/migrations/migrate.h>
#include <clef/orm/databases.h>
#include <clef/orm/transaction.h>
#include <clef/signals/builtin.h>

/* --- history */

Str migration_vendor(Context *cx, Str alias)
{
    DbPool *pool = databases_pool(cx->databases, alias);
    return str_c(db_pool_config(pool)->driver->vendor);
}

static bool is_sqlite(Context *cx, Str alias) { return str_eq(migration_vendor(cx, alias), STR("sqlite")); }

bool table_exists(Context *cx, Str alias, Str table)
{
    Value name = value_str(table);
    Str vendor = migration_vendor(cx, alias);
    const char *sql =
        str_eq(vendor, STR("sqlite")) ? "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?"
        : str_eq(vendor, STR("postgresql"))
            ? "SELECT 1 FROM pg_catalog.pg_class c WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v') AND "
              "pg_catalog.pg_table_is_visible(c.oid) AND c.relname = ?"
            : "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?";
    return sql_query(cx, alias, str_c(sql), &name, 1).n > 0;
}

typedef struct Statements {
    Context *cx;
    Str alias;
} Statements;

static void execute_one(void *arg, Str sql)
{
    Statements *s = arg;
    sql_execute(s->cx, s->alias, sql, NULL, 0);
}

/* clang-format off */
static const Operation history = CreateModel("Migration",
    COLUMNS(BigAutoField(id, .primary_key = true), CharField(app, .max_length = 255), CharField(name, .max_length = 255),
            DateTimeField(applied)),
    .db_table = "django_migrations");
/* clang-format on */

/* The table of the history, as Django's MigrationRecorder has it. */
static void make_history(Context *cx, Str alias)
{
    if (history_exists(cx, alias))
        return;
    Statements s = { cx, alias };
    ProjectState *state = state_new(cx->arena);
    SchemaEditor *e = editor_create(cx, migration_vendor(cx, alias), execute_one, &s);
    state_apply(cx, state, "migrations", &history);
    editor_create_model(e, state_info(cx, state, "migrations", "Migration"));
    editor_finish(e);
}

bool history_exists(Context *cx, Str alias) { return table_exists(cx, alias, STR("django_migrations")); }

bool migration_is_applied(Context *cx, Str alias, Str app_label, Str name)
{
    Value params[] = { value_str(app_label), value_str(name) };
    return history_exists(cx, alias) &&
           sql_query(cx, alias, STR("SELECT 1 FROM \"django_migrations\" WHERE \"app\" = ? AND \"name\" = ?"), params,
                     2)
                   .n > 0;
}

static void record_key(Context *cx, Str alias, const char *app, const char *name, bool backwards)
{
    Value params[] = { value_str(str_c(app)), value_str(str_c(name)), value_datetime(datetime_now(), NULL) };
    if (backwards)
        sql_execute(cx, alias, STR("DELETE FROM \"django_migrations\" WHERE \"app\" = ? AND \"name\" = ?"), params, 2);
    else if (!migration_is_applied(cx, alias, params[0].s, params[1].s))
        sql_execute(cx, alias,
                    STR("INSERT INTO \"django_migrations\" (\"app\", \"name\", \"applied\") VALUES (?, ?, ?)"), params,
                    3);
}

/* A squashed migration counts as those that it replaces, and as itself. */
static void record(Context *cx, Str alias, const Migration *m, bool backwards)
{
    for (const MigrationKey *k = m->replaces; k && k->app; k++)
        record_key(cx, alias, k->app, k->name, backwards);
    record_key(cx, alias, m->app, m->name, backwards);
}

/* --- plans */

static bool is_ambiguous(Graph *g, const char *app)
{
    Node *leaves[2];
    return graph_leaves(g, app, leaves, 2) > 1;
}

size_t migrate_plan(Graph *g, const char *app, const char *name, PlanStep **out)
{
    VEC(PlanStep) plan = { 0 };
    Arena *a = g->cx->arena;
    bool zero = same_c(name, "zero");
    Node *target = app && name && !zero ? graph_find(g, app, name) : NULL, *leaf = NULL;
    for (size_t i = 0; g->apps[i] && !target && !zero; i++)
        if ((!app || same_c(app, g->apps[i]->label)) && is_ambiguous(g, g->apps[i]->label))
            RAISE(
                g->cx, 500, "migration_error",
                "Conflicting migrations detected; multiple leaf nodes in the migration graph: (%.*s). To fix them run "
                "makemigrations --merge.",
                STR_FMT(graph_conflicts(g)));
    if (app && !target && !zero && graph_leaves(g, app, &leaf, 1) == 0)
        (void)graph_find(g, app, ""); /* says what is wrong */
    bool backwards = zero || (target && target->applied);
    if (zero && !graph_leaves(g, app, &leaf, 1))
        (void)graph_find(g, app, "zero");
    for (size_t i = g->n; i-- > 0 && backwards;) {
        Node *node = &g->nodes[i];
        bool goes = false;
        if (!node->applied)
            continue;
        if (target) {
            /* What came after the target within its application, and all that depends on that. */
            for (size_t j = 0; j < g->n && !goes; j++)
                goes = &g->nodes[j] != target && same_c(g->nodes[j].m->app, app) && g->nodes[j].applied &&
                       graph_follows(g, &g->nodes[j], target) && graph_follows(g, node, &g->nodes[j]);
        } else {
            for (size_t j = 0; j < g->n && !goes; j++)
                goes = same_c(g->nodes[j].m->app, app) && graph_follows(g, node, &g->nodes[j]);
        }
        if (goes)
            VEC_PUSH(a, &plan, (PlanStep){ node, true });
    }
    for (size_t i = 0; i < g->n && !backwards; i++) {
        Node *node = &g->nodes[i];
        bool wanted = !app;
        if (target)
            wanted = graph_follows(g, target, node);
        else if (app)
            for (size_t j = 0; j < g->n && !wanted; j++)
                wanted = same_c(g->nodes[j].m->app, app) && graph_follows(g, &g->nodes[j], node);
        if (wanted && !node->applied)
            VEC_PUSH(a, &plan, (PlanStep){ node, false });
    }
    *out = plan.p;
    return plan.n;
}

/* --- running */

typedef struct Running {
    Context *cx;
    Graph *g;
    Str alias;
    const MigrateOptions *options;
    const OperationRun *run; /* while a migration runs */
} Running;

static void execute(void *arg, Str sql)
{
    Running *r = arg;
    Str all = r->run ? operation_statement(r->run, sql) : sql;
    sql_execute(r->cx, r->alias, statement_without_placeholders(r->cx->arena, migration_vendor(r->cx, r->alias), all),
                NULL, 0);
}

/* The states before, between and behind the operations of a migration. */
static ProjectState **states_of(Context *cx, const Migration *m, ProjectState *before, size_t *n)
{
    *n = operations_count(m->operations);
    ProjectState **states = NEW_ARRAY(cx->arena, ProjectState *, *n + 1);
    states[0] = before;
    for (size_t i = 0; i < *n; i++) {
        states[i + 1] = state_clone(cx->arena, states[i]);
        state_apply(cx, states[i + 1], m->app, &m->operations[i]);
    }
    return states;
}

static void run_operations(OperationRun *run, const Migration *m, ProjectState *before, bool backwards,
                           void (*each)(void *arg, const Operation *op), void *arg)
{
    size_t n;
    ProjectState **states = states_of(run->cx, m, before, &n);
    for (size_t i = 0; i < n && backwards; i++)
        if (!operation_is_reversible(&m->operations[i]))
            RAISE(run->cx, 500, "irreversible", "Operation %.*s in %s.%s is not reversible.",
                  STR_FMT(operation_describe(run->cx->arena, &m->operations[i])), m->app, m->name);
    for (size_t i = 0; i < n; i++) {
        size_t at = backwards ? n - 1 - i : i;
        if (each)
            each(arg, &m->operations[at]);
        if (backwards)
            operation_backwards(run, &m->operations[at], states[at + 1], states[at]);
        else
            operation_forwards(run, &m->operations[at], states[at], states[at + 1]);
    }
    editor_finish(run->editor);
}

static void check_keys(Running *r, const Migration *m)
{
    if (!is_sqlite(r->cx, r->alias)) /* others check at the commit */
        return;
    SqlRows bad = sql_query(r->cx, r->alias, STR("PRAGMA foreign_key_check"), NULL, 0);
    if (bad.n)
        RAISE(r->cx, 500, "integrity_error",
              "The migration %s.%s leaves %zu row(s) of %.*s with keys that lead nowhere (the first to %.*s). Nothing "
              "was changed.",
              m->app, m->name, bad.n, STR_FMT(bad.rows[0][0].s), STR_FMT(bad.rows[0][2].s));
}

/* One migration, in a function of its own so that what it raises can be told more of. */
typedef struct Doing {
    Running *r;
    const Node *node;
    bool backwards;
    const Operation *at; /* the one that runs */
    size_t done;         /* operations before it */
} Doing;

static void begins(void *arg, const Operation *op)
{
    Doing *d = arg;
    d->done += d->at != NULL;
    d->at = op;
}

/* Whoever keeps names of models has to know the new ones. */
static void tell_renamed(Running *r, const Migration *m, bool backwards)
{
    size_t n = operations_count(m->operations);
    for (size_t i = 0; i < n; i++) {
        const Operation *op = &m->operations[backwards ? n - 1 - i : i];
        ModelRenamed what = { .app_label = m->app,
                              .old_name = backwards ? op->new_name : op->model,
                              .new_name = backwards ? op->model : op->new_name,
                              .using = r->alias.n ? str_dup_c(r->cx->arena, r->alias) : "default" };
        if (op->kind == OPERATION_RENAME_MODEL)
            signal_send(r->cx, &model_renamed, NULL, &what);
    }
}

static void run_now(Context *cx, void *arg)
{
    Doing *d = arg;
    Running *r = d->r;
    const Migration *m = d->node->m;
    OperationRun run = { .cx = cx, .app = m->app, .alias = r->alias };
    ProjectState *before = graph_state(r->g, true, d->node);
    run.editor = editor_create(cx, migration_vendor(cx, r->alias), execute, r);
    run.atomic = !m->not_atomic;
    r->run = &run;
    if (m->not_atomic) {
        run_operations(&run, m, before, d->backwards, begins, d);
        tell_renamed(r, m, d->backwards);
        record(cx, r->alias, m, d->backwards);
        return;
    }
    ATOMIC(cx, .using = r->alias)
    {
        run_operations(&run, m, before, d->backwards, begins, d);
        tell_renamed(r, m, d->backwards);
        check_keys(r, m);
        record(cx, r->alias, m, d->backwards);
    }
}

/* What failed, and where the database stands: as before, where it can take changes of tables back. */
static void run_migration(Running *r, const Node *node, bool backwards)
{
    Doing d = { .r = r, .node = node, .backwards = backwards };
    const Migration *m = node->m;
    const Error *e = attempt(r->cx, run_now, &d);
    r->run = NULL;
    if (!e)
        return;
    Str message = str_copy(r->cx->arena, e->message);
    const char *code = str_dup_c(r->cx->arena, str_c(e->code));
    int status = e->status;
    bool stands = m->not_atomic || !dialect_of(r->cx, r->alias)->has.can_rollback_ddl;
    if (!stands || !d.at)
        RAISE(r->cx, status, code, "%.*s", STR_FMT(message));
    RAISE(r->cx, status, code,
          "%.*s\nThis came of operation %zu of %s.%s: %.*s. %s The migration is not recorded as %s: mend the cause and "
          "bring the tables to where a whole migration would begin, or end and record it by --fake.",
          STR_FMT(message), d.done + 1, m->app, m->name, STR_FMT(operation_describe(r->cx->arena, d.at)),
          m->not_atomic ? "It is not atomic, so that the operations before it stand."
                        : "This database cannot take changes of tables back, so that the operations before it stand.",
          backwards ? "unapplied" : "applied");
}

/* The first of its application, whether it says so or not. */
static bool is_initial(const Migration *m)
{
    for (const MigrationKey *k = m->dependencies; k && k->app; k++)
        if (same_c(k->app, m->app))
            return false;
    return true;
}

/* Has its table the column, or is the table between two models there? */
static bool field_exists(Running *r, const ModelInfo *info, const char *name)
{
    const FieldInfo *field = info_any_field(info, str_c(name));
    if (field && field->f->kind == FIELD_MANY_TO_MANY)
        return table_exists(r->cx, r->alias, field->through->table);
    if (!field || !table_exists(r->cx, r->alias, info->table))
        return false;
    TableShown *shown = table_show(r->cx, r->alias, info->table);
    for (size_t i = 0; i < shown->columns.n; i++)
        if (str_ieq(shown->columns.p[i].name, field->column))
            return true;
    return false;
}

/* Are all tables and columns of an initial migration there? */
static bool tables_exist(Running *r, const Node *node)
{
    bool any = false;
    ProjectState *s = graph_state(r->g, true, node);
    for (const Operation *op = node->m->operations; op && op->kind; op++)
        state_apply(r->cx, s, node->m->app, op);
    for (const Operation *op = node->m->operations; op && op->kind; op++) {
        const StateModel *m = op->kind == OPERATION_CREATE_MODEL || op->kind == OPERATION_ADD_FIELD
                                  ? state_find(s, node->m->app, op->model)
                                  : NULL; /* NULL also: it has another name by the end, or is gone */
        if (!m || m->m.proxy || m->m.unmanaged || swapped_for(str_c(m->app), &m->m).n)
            continue;
        const ModelInfo *info = state_info(r->cx, s, node->m->app, op->model);
        any = true;
        if (op->kind == OPERATION_CREATE_MODEL ? !table_exists(r->cx, r->alias, info->table)
                                               : !field_exists(r, info, op->field->name))
            return false;
    }
    return any;
}

static void run_step(Running *r, const PlanStep *step)
{
    const MigrateOptions *o = r->options;
    const Migration *m = step->node->m;
    MigrateProgress now = { .app_label = m->app, .name = m->name, .backwards = step->backwards };
    if (o->progress)
        o->progress(o->arg, &now);
    now.faked = o->fake || (o->fake_initial && is_initial(m) && !step->backwards && tables_exist(r, step->node));
    if (now.faked)
        record(r->cx, r->alias, m, step->backwards);
    else
        run_migration(r, step->node, step->backwards);
    step->node->applied = !step->backwards;
    now.done = true;
    if (o->progress)
        o->progress(o->arg, &now);
}

static void enforce_again(void *arg)
{
    Running *r = arg;
    if (is_sqlite(r->cx, r->alias))
        (void)sql_execute(r->cx, r->alias, STR("PRAGMA foreign_keys = ON"), NULL, 0);
}

static void announce(Running *r, Signal *signal)
{
    for (size_t i = 0; r->g->apps[i]; i++) {
        const App *app = r->g->apps[i];
        MigrateSignal event = { .app_label = app->label,
                                .using = r->alias.n ? str_dup_c(r->cx->arena, r->alias) : "default" };
        if (app->models && app->models[0])
            signal_send(r->cx, signal, app, &event);
    }
}

size_t migrate_to(Context *cx, const App *const *apps, const MigrateOptions *options)
{
    PlanStep *plan;
    Running *r = NEW(cx->arena, Running); /* a clean-up outlives this function's stack */
    *r = (Running){ .cx = cx, .alias = str_copy(cx->arena, options->alias), .options = options };
    r->g = graph_with_history(cx, apps, r->alias);
    make_history(cx, r->alias);
    graph_check_history(r->g, r->alias);
    size_t n = migrate_plan(r->g, options->app, options->name, &plan);
    announce(r, &pre_migrate);
    if (n) {
        /* A table that is made anew is dropped while others refer to it; within a transaction this cannot be switched. */
        if (is_sqlite(cx, r->alias))
            sql_execute(cx, r->alias, STR("PRAGMA foreign_keys = OFF"), NULL, 0);
        DEFER(cx, enforce_again, r);
        for (size_t i = 0; i < n; i++)
            run_step(r, &plan[i]);
        context_undefer(cx, enforce_again, r);
        enforce_again(r);
    }
    for (size_t i = 0; i < r->g->n; i++) /* squashed ones whose parts were all there */
        if (r->g->nodes[i].applied && r->g->nodes[i].m->replaces)
            record_key(cx, r->alias, r->g->nodes[i].m->app, r->g->nodes[i].m->name, false);
    announce(r, &post_migrate);
    return n;
}

size_t migrate(Context *cx, Str alias, const App *const *apps, MigrateProgressFn *progress, void *arg)
{
    return migrate_to(cx, apps, &(MigrateOptions){ .alias = alias, .progress = progress, .arg = arg });
}

typedef struct Told {
    EditorRunFn *run;
    void *arg;
    Arena *a;
    const OperationRun *operation;
} Told;

static void tell(void *arg, const Operation *op)
{
    Told *told = arg;
    told->run(told->arg, str_format(told->a, "--\n-- %.*s\n--", STR_FMT(operation_describe(told->a, op))));
}

static void pass_on(void *arg, Str sql)
{
    Told *told = arg;
    sql = told->operation ? operation_statement(told->operation, sql) : sql;
    told->run(told->arg, str_starts(sql, STR("--")) ? sql : str_concat(told->a, sql, STR(";")));
}

void migration_sql(Graph *g, Str alias, const Node *node, bool backwards, EditorRunFn *run_fn, void *arg)
{
    Told told = { run_fn, arg, g->cx->arena, NULL };
    OperationRun run = { .cx = g->cx, .app = node->m->app, .alias = alias, .collect = true };
    run.editor = editor_create(g->cx, migration_vendor(g->cx, alias), pass_on, &told);
    run.atomic = !node->m->not_atomic;
    told.operation = &run;
    bool in_transaction = run.atomic && dialect_of(g->cx, alias)->has.can_rollback_ddl;
    if (in_transaction)
        run_fn(arg, STR("BEGIN;"));
    run_operations(&run, node->m, graph_state(g, false, node), backwards, tell, &told);
    if (in_transaction)
        run_fn(arg, STR("COMMIT;"));
}
